#!/usr/bin/env python3
"""What `make` runs: one command per target."""

import os
import shlex
import sys

from devenv import ci, console, lint, server, tests, translations

COMMANDS = {
    "run": lambda arguments: server.run(),
    "update": lambda arguments: server.update(),
    "stop": lambda arguments: server.stop(),
    "reset": lambda arguments: server.reset(),
    "log": lambda arguments: server.log(),
    "shell": server.shell,
    "psql": server.psql,
    "test": tests.run,
    "bench": tests.bench,
    "lint": lambda arguments: lint.run(),
    "pot": lambda arguments: translations.run(),
    "ci": lambda arguments: ci.run(),
}


def main():
    name = sys.argv[1] if len(sys.argv) == 2 else ""
    if name not in COMMANDS:
        sys.exit(f"usage: {sys.argv[0]} {'|'.join(COMMANDS)}")
    try:
        sys.exit(COMMANDS[name](shlex.split(os.environ.get("ARGS", ""))))
    except console.Failure as reason:
        sys.exit(f"\n{reason}")
    except KeyboardInterrupt:
        sys.exit(130)


if __name__ == "__main__":
    main()
