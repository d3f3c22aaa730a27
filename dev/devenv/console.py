"""Talking to the person at the terminal, and running commands for them."""

import collections
import contextlib
import fcntl
import os
import queue
import re
import subprocess
import sys
import threading
import time

from . import layout

HEARTBEAT_SECONDS = 30
_MODULE_PROGRESS = re.compile(r"Loading module (\S+) \((\d+)/(\d+)\)")
_NOISE = re.compile(r"^WARNING: Location .* is ignored| \d+ INFO \S+ odoo\S*: ")


class Failure(Exception):
    """What is missing and what to do, for the person who typed `make`."""


def say(text):
    print(text, flush=True)


def is_root():
    return os.geteuid() == 0


def output(*command, **options):
    """Standard output of a command that must succeed."""
    result = subprocess.run(command, capture_output=True, text=True, **options)
    if result.returncode:
        raise Failure(f"{command[0]} failed:\n{result.stderr.strip() or result.stdout.strip()}")
    return result.stdout.strip()


@contextlib.contextmanager
def locked(name):
    """One `make` at a time prepares `name`; the others wait for it."""
    layout.WORK.mkdir(exist_ok=True)
    with open(layout.WORK / f"{name}.lock", "w") as handle:
        try:
            fcntl.flock(handle, fcntl.LOCK_EX | fcntl.LOCK_NB)
        except BlockingIOError:
            say(f"Another make is preparing the {name}; waiting for it ...")
            fcntl.flock(handle, fcntl.LOCK_EX)
        yield


def run_step(title, command, log_name, **options):
    """Run a long command with visible progress; its output goes to a log file."""
    layout.LOGS.mkdir(parents=True, exist_ok=True)
    log_path = layout.LOGS / f"{log_name}.log"
    meter = _Meter(title)
    with open(log_path, "w", encoding="utf-8") as log:
        process = subprocess.Popen(
            [str(part) for part in command],
            stdin=subprocess.DEVNULL,
            stdout=subprocess.PIPE,
            stderr=subprocess.STDOUT,
            encoding="utf-8",
            errors="replace",
            **options,
        )
        tail = _follow(process, log, meter)
    meter.close(succeeded=process.returncode == 0)
    if process.returncode:
        shown = "\n".join(tail)
        raise Failure(f"{shown}\n\n{title}: failed. The whole log: {log_path}")
    return log_path


def _follow(process, log, meter):
    """Copy the output to the log until the process ends; return its last lines."""
    lines = queue.Queue()
    reader = threading.Thread(target=lambda: [*map(lines.put, process.stdout), lines.put(None)])
    reader.start()
    tail = collections.deque(maxlen=20)
    while True:
        try:
            line = lines.get(timeout=1)
        except queue.Empty:
            meter.tick()
            continue
        if line is None:
            break
        log.write(line)
        if not _NOISE.match(line):
            tail.append(line.rstrip())
        meter.tick(_MODULE_PROGRESS.search(line))
    reader.join()
    process.wait()
    return tail


class _Meter:
    """One line on a terminal, rewritten; a sign of life now and then elsewhere."""

    def __init__(self, title):
        self.title, self.detail = title, ""
        self.started = self.last_shown = time.monotonic()
        self.terminal = sys.stdout.isatty()
        print(f"{title} ...", end="" if self.terminal else "\n", flush=True)

    def tick(self, module=None):
        if module:
            self.detail = f" {module[2]}/{module[3]} {module[1]}"
        now = time.monotonic()
        if now - self.last_shown < (0.5 if self.terminal else HEARTBEAT_SECONDS):
            return
        self.last_shown = now
        line = f"{self.title} ... {now - self.started:.0f} s{self.detail}"
        print(f"\r\033[K{line[:110]}" if self.terminal else line, end="", flush=True)
        if not self.terminal:
            print(flush=True)

    def close(self, *, succeeded):
        ending = "done" if succeeded else "FAILED"
        start = "\r\033[K" if self.terminal else ""
        seconds = time.monotonic() - self.started
        print(f"{start}{self.title}: {ending} ({seconds:.0f} s)", flush=True)
