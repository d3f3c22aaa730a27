"""The web client on the demo database: start, stop, look inside."""

import json
import os
import signal
import socket
import subprocess
import time
import urllib.error
import urllib.request
from pathlib import Path

from . import databases, environment, layout, postgres
from .console import Failure, locked, say

LOG = layout.LOGS / "server.log"
STATE = layout.WORK / "server.json"
CARD = layout.DEV / "card.txt"
INTERFACE = os.environ.get("HTTP_INTERFACE", "127.0.0.1")
FIRST_PORT = int(os.environ.get("PORT", "8069"))
START_TIMEOUT_SECONDS = 180
STOP_TIMEOUT_SECONDS = 20


def run():
    """Have the web client answer on an up-to-date database, and say where."""
    environment.ensure()
    with locked("server"):
        _refresh_database(force=False)
        _start_unless_running()
    _print_card()


def update():
    """Update the addon whether or not its files changed, and restart."""
    environment.ensure()
    with locked("server"):
        _refresh_database(force=True)
        _start_unless_running()
    _print_card()


def stop():
    _stop_server()
    postgres.stop()
    say("Stopped.")


def reset():
    """Forget all databases; Odoo and the Python packages stay."""
    _stop_server()
    if postgres.is_users_own():
        prefix = databases.name_for("")
        for name in postgres.query("SELECT datname FROM pg_database").split():
            if name.startswith(prefix):
                databases.drop(name)
    else:
        postgres.remove()
    _remove_data()
    say("Databases removed. `make run` starts afresh.")


def shell(arguments):
    environment.ensure()
    name = _demo_database()
    command = databases.odoo_command("shell", "-d", name, "--no-http", *arguments)
    return subprocess.run(command, env=databases.odoo_environment()).returncode


def psql(arguments):
    environment.ensure()
    command, env = postgres.psql()
    return subprocess.run([*command, "-d", _demo_database(), *arguments], env=env).returncode


def log():
    if not LOG.exists():
        raise Failure("No server log yet. Run: make run")
    return subprocess.run(["tail", "-n", "50", "-F", LOG]).returncode


def _demo_database():
    name = databases.name_for("demo")
    if not databases.exists(name):
        raise Failure("There is no demo database yet. Run: make run")
    return name


def _refresh_database(*, force):
    name = databases.name_for("demo")
    if not databases.exists(name):
        _stop_server()
        databases.installed(demo=True, purpose="demo")
        return
    fingerprint = layout.addon_fingerprint(demo=True)
    if not force and databases.read_mark(name).endswith(fingerprint):
        return
    _stop_server()
    try:
        log_path = databases.run_odoo("Updating the addon", name, "-u", layout.ADDON)
    except Failure as reason:
        raise Failure(f"{reason}\nTo start from a fresh database: make reset run") from None
    for line in databases.own_complaints(log_path):
        say(f"  {line}")
    databases.mark(name, f"updated {fingerprint}")


def _start_unless_running():
    if _running():
        return
    port = _free_port()
    _tell_address(port)
    layout.LOGS.mkdir(parents=True, exist_ok=True)
    options = ["--http-port", str(port), "--http-interface", INTERFACE]
    with open(LOG, "w", encoding="utf-8") as log_file:
        process = subprocess.Popen(
            databases.odoo_command(*options),
            stdin=subprocess.DEVNULL,
            stdout=log_file,
            stderr=subprocess.STDOUT,
            start_new_session=True,
            env=databases.odoo_environment(),
        )
    STATE.write_text(json.dumps({"pid": process.pid, "port": port}))
    _wait_until_it_answers(process, port)


def _tell_address(port):
    """Printed documents load their styles, and mails link, under the address of the server."""
    postgres.query(
        "INSERT INTO ir_config_parameter (key, value, create_date) "
        f"VALUES ('web.base.url', '{_url(port)}', now()) "
        "ON CONFLICT (key) DO UPDATE SET value = excluded.value",
        _demo_database(),
    )


def _wait_until_it_answers(process, port):
    say("Starting the web client ...")
    deadline = time.monotonic() + START_TIMEOUT_SECONDS
    while time.monotonic() < deadline:
        if process.poll() is not None:
            break
        try:
            with urllib.request.urlopen(f"{_url(port)}/web/login", timeout=60):
                return
        except (urllib.error.URLError, OSError):
            time.sleep(0.3)
    tail = "\n".join(LOG.read_text("utf-8", "replace").splitlines()[-30:])
    _stop_server()
    raise Failure(f"{tail}\n\nThe web client does not answer. The whole log: {LOG}")


def _running():
    """State of our server if it lives: process numbers are used again after a restart."""
    if not STATE.exists():
        return None
    state = json.loads(STATE.read_text())
    command_line = Path(f"/proc/{state['pid']}/cmdline")
    try:
        ours = str(layout.DEV / "odoo-bin") in command_line.read_text("utf-8", "replace")
    except OSError:
        ours = False
    return state if ours else None


def _stop_server():
    state = _running()
    if state:
        os.kill(state["pid"], signal.SIGTERM)
        deadline = time.monotonic() + STOP_TIMEOUT_SECONDS
        while _running() and not _is_zombie(state["pid"]) and time.monotonic() < deadline:
            time.sleep(0.2)
        if _running() and not _is_zombie(state["pid"]):
            os.kill(state["pid"], signal.SIGKILL)
    STATE.unlink(missing_ok=True)


def _is_zombie(pid):
    try:
        return ") Z " in Path(f"/proc/{pid}/stat").read_text()
    except OSError:
        return True


def _remove_data():
    subprocess.run(["rm", "-rf", layout.DATA_DIR], check=True)


def _free_port():
    for port in range(FIRST_PORT, FIRST_PORT + 100):
        with socket.socket() as probe:
            probe.setsockopt(socket.SOL_SOCKET, socket.SO_REUSEADDR, 1)
            try:
                probe.bind((INTERFACE, port))
            except OSError:
                continue
            return port
    raise Failure(f"No free port between {FIRST_PORT} and {FIRST_PORT + 99}. Run: make run PORT=…")


def _url(port):
    host = "localhost" if INTERFACE in ("127.0.0.1", "0.0.0.0") else INTERFACE
    return f"http://{host}:{port}"


def _print_card():
    say(CARD.read_text("utf-8").replace("{url}", _url(_running()["port"])).rstrip())
