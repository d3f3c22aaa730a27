"""The JSON endpoint for messengers and other systems; docs/messenger.md describes it."""

import base64
import binascii
import json

from psycopg2 import IntegrityError, OperationalError
from werkzeug.exceptions import HTTPException

from odoo.exceptions import ConcurrencyError, UserError
from odoo.http import Controller, request, route
from odoo.tools import email_normalize

from ..models.request.aftersales_request import KINDS

ROOT_URL = "/aftersales/messenger/v1"
BASE_URL = f"{ROOT_URL}/requests"
MAX_PAYLOAD_SIZE = 20 * 1024 * 1024
MAX_FILES = 5
MAX_FILE_SIZE = 5 * 1024 * 1024
# Name of a text → its greatest length; every other field of a call is refused.
TEXTS = {
    "reference": 128, "user": 128, "nickname": 64, "subject": 200, "text": 10_000, "kind": 16,
    "serial": 64, "phone": 32, "email": 254,
}
REQUIRED = ("reference", "user", "text")
MESSAGE_FIELDS = ("reference", "user", "nickname", "text", "files")


class ApiError(Exception):
    """What is wrong with a call, in words and as an HTTP code."""

    def __init__(self, status, code, *details):
        super().__init__(code)
        self.status, self.code, self.details = status, code, details


class AftersalesMessengerController(Controller):

    # -------------------------------------------------------------------------
    # Open, add, query
    # -------------------------------------------------------------------------

    @route(
        BASE_URL, type="http", auth="public", methods=["POST"], csrf=False, save_session=False,
    )
    def open_request(self, **_query):
        return self._answer(self._open_request)

    @route(
        f"{BASE_URL}/<string:reference>/messages", type="http", auth="public", methods=["POST"],
        csrf=False, save_session=False,
    )
    def add_message(self, reference, **_query):
        return self._answer(lambda messenger: self._add_message(messenger, reference))

    @route(
        f"{BASE_URL}/<string:reference>", type="http", auth="public", methods=["GET"],
        csrf=False, save_session=False, readonly=True,
    )
    def query_request(self, reference, after="0", **_query):
        return self._answer(lambda messenger: self._query_request(messenger, reference, after))

    @route(
        f"{ROOT_URL}/updates", type="http", auth="public", methods=["GET"], csrf=False,
        save_session=False,
    )
    def query_updates(self, after="0", **_query):
        return self._answer(lambda messenger: self._query_updates(messenger, after))

    @route(
        [ROOT_URL, f"{ROOT_URL}/<path:_rest>"], type="http", auth="public", csrf=False,
        save_session=False, readonly=True,
        methods=["GET", "POST", "PUT", "PATCH", "DELETE"],
    )
    def refuse_unknown(self, _rest="", **_query):
        """Say in JSON, too, that there is nothing at this address, or not by this method."""
        return self._answer(self._refuse_unknown)

    def _refuse_unknown(self, _messenger):
        raise ApiError(
            404, "no_such_call", "There is no such call. Look up address and method.")

    def _query_updates(self, messenger, after):
        told = messenger._tell_updates(self._read_cursor(after))
        if told is None:
            raise ApiError(
                409, "cursor_unknown", "We have not told so much. Ask again with after=0.")
        return 200, told

    @staticmethod
    def _read_cursor(after):
        if not (after.isascii() and after.isdigit() and len(after) < 10):
            raise ApiError(400, "bad_field", "after: a number that we have told is expected.")
        return int(after)

    def _open_request(self, messenger):
        data = self._read_call((*TEXTS, "files"))
        self._check_limit(messenger)
        opened, is_new = messenger._open_request(data)
        if opened.messenger_account_id.external_user != data["user"]:
            raise ApiError(409, "reference_taken", "This reference belongs to another user.")
        return (201 if is_new else 200), {"created": is_new, **messenger._tell(opened)}

    def _add_message(self, messenger, reference):
        data = self._read_call(MESSAGE_FIELDS)
        found = self._find_request(messenger, reference)
        self._check_limit(messenger)
        is_new = messenger._add_message(found.duplicate_of_id or found, data)
        if is_new is None:
            raise ApiError(403, "not_theirs", "Another user has opened this request.")
        return (201 if is_new else 200), {"created": is_new, **messenger._tell(found)}

    def _query_request(self, messenger, reference, after):
        after = self._read_cursor(after)
        return 200, messenger._tell(self._find_request(messenger, reference), after)

    def _find_request(self, messenger, reference):
        if found := messenger._find_request(reference):
            return found
        raise ApiError(
            404, "not_found", "This connection has opened no request with this reference.")

    @staticmethod
    def _check_limit(messenger):
        if messenger._is_over_limit():
            raise ApiError(
                429, "too_many", "Too many messages within the hour. Try again later.")

    # -------------------------------------------------------------------------
    # The frame of a call
    # -------------------------------------------------------------------------

    def _answer(self, method):
        """Return the JSON answer of a call; nothing is kept of one that fails."""
        try:
            status, body = self._call(method)
        except ApiError as error:
            request.env.cr.rollback()
            status = error.status
            body = {"error": error.code, "details": list(error.details)}
        except UserError as error:
            request.env.cr.rollback()
            status, body = 422, {"error": "refused", "details": [str(error)]}
        except (ConcurrencyError, IntegrityError, OperationalError, HTTPException):
            raise  # the server tries again, or answers itself
        headers = [("Content-Type", "application/json; charset=utf-8"),
                   ("Cache-Control", "no-store")]
        if status == 401:
            headers.append(("WWW-Authenticate", "Bearer"))
        if status == 429:
            headers.append(("Retry-After", "600"))
        return request.make_response(json.dumps(body, ensure_ascii=False), headers, status=status)

    def _call(self, method):
        scheme, _space, key = request.httprequest.headers.get("Authorization", "").partition(" ")
        messenger = request.env["aftersales.messenger"]._authenticate(
            key.strip() if scheme.lower() == "bearer" else "")
        if not messenger:
            raise ApiError(
                401, "unauthorized", "Send the access key: Authorization: Bearer <key>.")
        # The work is the connection's, done by nobody who is logged in.
        request.update_env(user=1)
        return method(messenger.with_user(1))

    def _read_call(self, allowed):
        """Return the checked values of a call's JSON body; all that is wrong is said at once."""
        length = request.httprequest.content_length
        if length is None:
            raise ApiError(411, "length_required", "Send a Content-Length.")
        if length > MAX_PAYLOAD_SIZE:
            raise ApiError(413, "too_large", "At most 20 MB come in with one call.")
        if request.httprequest.mimetype != "application/json":
            raise ApiError(415, "not_json", "Send Content-Type: application/json.")
        try:
            data = json.loads(request.httprequest.get_data().decode())
        except (ValueError, RecursionError):
            raise ApiError(400, "bad_json", "The body is no JSON in UTF-8.") from None
        if not isinstance(data, dict):
            raise ApiError(400, "bad_json", "A JSON object is expected.")
        problems = self._get_problems(data, allowed)
        files = self._read_files(data.get("files"), problems)
        if problems:
            raise ApiError(400, "bad_field", *problems)
        return {**data, "files": files}

    def _get_problems(self, data, allowed):
        problems = [f"{str(name)[:64]}: unknown field." for name in list(data)[:50]
                    if name not in allowed]
        problems += [f"{name}: required." for name in REQUIRED if data.get(name) in (None, "")]
        for name, length in TEXTS.items():
            value = data.get(name)
            if value is None:
                continue
            if not isinstance(value, str):
                problems.append(f"{name}: a text is expected.")
            elif len(value) > length:
                problems.append(f"{name}: at most {length} characters.")
            elif "\x00" in value or any("\ud800" <= char <= "\udfff" for char in value):
                problems.append(f"{name}: holds characters that are no text.")
            elif name in REQUIRED and value and not value.strip():
                problems.append(f"{name}: required.")
        return problems + self._get_word_problems(data)

    @staticmethod
    def _get_word_problems(data):
        problems = []
        kinds = dict(KINDS)
        if isinstance(data.get("kind"), str) and data["kind"] not in kinds:
            problems.append(f"kind: one of {', '.join(kinds)}.")
        if isinstance(data.get("email"), str) and not email_normalize(data["email"]):
            problems.append("email: an e-mail address is expected.")
        if isinstance(data.get("reference"), str) and "/" in data["reference"]:
            problems.append("reference: must not hold a slash.")
        return problems

    @staticmethod
    def _read_files(files, problems):
        """Return name and content of the files of a call; what is wrong goes to ``problems``."""
        if files is None:
            return []
        if not isinstance(files, list):
            problems.append("files: a list is expected.")
            return []
        if len(files) > MAX_FILES:
            problems.append(f"files: at most {MAX_FILES}.")
            return []
        read = []
        for number, file in enumerate(files, 1):
            if not isinstance(file, dict) or set(file) != {"name", "data"} or not all(
                isinstance(value, str) for value in file.values()
            ) or not 0 < len(file["name"]) <= 128:
                problems.append(f"files: number {number} needs name and data (base64), no more.")
                continue
            try:
                content = base64.b64decode(file["data"], validate=True)
            except (binascii.Error, ValueError):
                problems.append(f"files: the data of number {number} is no base64.")
                continue
            if len(content) > MAX_FILE_SIZE:
                problems.append(f"files: number {number} is larger than 5 MB.")
            read.append((file["name"], content))
        return read
