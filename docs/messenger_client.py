#!/usr/bin/env python3
"""A small client of the messenger endpoint (docs/messenger.md), with nothing but Python itself.

    export AFTERSALES_URL=https://service.example AFTERSALES_KEY=7.abc…
    python3 messenger_client.py open m-1 nora88 "The pump stands still." photo.jpg
    python3 messenger_client.py add m-1 m-2 nora88 "Now it smokes."
    python3 messenger_client.py query m-1
    python3 messenger_client.py updates 0
"""

import base64
import json
import os
import sys
import time
from pathlib import Path
from urllib.error import HTTPError, URLError
from urllib.parse import quote
from urllib.request import Request, urlopen

PATH = "/aftersales/messenger/v1"
TRIES = 4


class Refused(Exception):
    """The endpoint has refused a call, and says why."""

    def __init__(self, status, answer):
        super().__init__(f"{status} {answer.get('error')}: {' '.join(answer.get('details', []))}")
        self.status, self.answer = status, answer


class Messenger:
    """Opens requests, adds to them and asks how they stand.

    Every call may be repeated: the same reference never opens or adds twice. That is why a call
    that got no answer is simply made again.
    """

    def __init__(self, url, key, send=urlopen, wait=time.sleep):
        self.url, self.key, self.send, self.wait = url.rstrip("/"), key, send, wait

    def open(self, reference, user, text, files=(), **more):
        """Open a request. ``more``: nickname, subject, kind, serial, phone, email."""
        return self._call("/requests", {
            "reference": reference, "user": user, "text": text,
            "files": [self._read(path) for path in files], **more,
        })

    def add(self, request, reference, user, text, files=(), **more):
        """Add a message to the request that was opened under the reference ``request``."""
        return self._call(f"/requests/{quote(request, safe='')}/messages", {
            "reference": reference, "user": user, "text": text,
            "files": [self._read(path) for path in files], **more,
        })

    def query(self, request, after=0):
        """Ask how a request stands; of the messages those after the id ``after``."""
        return self._call(f"/requests/{quote(request, safe='')}?after={after}")

    def updates(self, cursor=0):
        """Ask what is new in all requests of the connection after a cursor.

        Pass on what it tells, then keep its "cursor" for the next time; while "more" is true,
        ask again at once.
        """
        return self._call(f"/updates?after={cursor}")

    @staticmethod
    def _read(path):
        content = base64.b64encode(Path(path).read_bytes()).decode()
        return {"name": Path(path).name, "data": content}

    def _call(self, path, data=None):
        for tries_left in reversed(range(TRIES)):
            try:
                return self._send(path, data)
            except Refused as refusal:
                if not tries_left or refusal.status not in (429, 500, 502, 503, 504):
                    raise
            except URLError:
                if not tries_left:
                    raise
            self.wait(2 ** (TRIES - tries_left))
        raise AssertionError("a last try returns or raises")

    def _send(self, path, data):
        request = Request(
            f"{self.url}{PATH}{path}",
            data=None if data is None else json.dumps(data).encode(),
            headers={"Authorization": f"Bearer {self.key}", "Content-Type": "application/json"},
        )
        try:
            with self.send(request, timeout=60) as response:
                return json.load(response)
        except HTTPError as error:
            with error:
                body = error.read()
            try:
                answer = json.loads(body)
            except ValueError:
                answer = {"error": "no_json", "details": []}
            raise Refused(error.code, answer) from None


def main(arguments):
    commands = {
        "open": Messenger.open, "add": Messenger.add, "query": Messenger.query,
        "updates": Messenger.updates,
    }
    lengths = {"open": 3, "add": 4, "query": 1, "updates": 1}
    name = arguments[0] if arguments else ""
    if name not in commands or len(arguments) - 1 < lengths[name]:
        return __doc__
    words, files = arguments[1:lengths[name] + 1], arguments[lengths[name] + 1:]
    messenger = Messenger(os.environ["AFTERSALES_URL"], os.environ["AFTERSALES_KEY"])
    answer = commands[name](messenger, *words, **({"files": files} if files else {}))
    return json.dumps(answer, indent=2, ensure_ascii=False)


if __name__ == "__main__":
    print(main(sys.argv[1:]))
