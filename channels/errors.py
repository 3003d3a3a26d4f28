"""One way to refuse: an error that knows its status, its code and its sentence in both languages."""

from __future__ import annotations

import json
import math
from typing import Any

from aiohttp import web

from channels import texts

# code -> status. Every code has its sentence in errors.yml (a test compares).
STATUS = {
    "malformed": 400,
    "bad_request": 400,
    "not_allowed": 401,
    "forbidden": 403,
    "not_found": 404,
    "method_not_allowed": 405,
    "conflict": 409,
    "text_too_long": 413,
    "body_too_large": 413,
    "empty_text": 422,
    "text_or_payload": 422,
    "wrong_kind": 422,
    "unknown_payload": 422,
    "unknown_language": 422,
    "too_many": 429,
    "internal": 500,
    "unavailable": 503,
    "not_ready": 503,
}
RETRY_SECONDS = 3


class ApiError(Exception):
    """A refusal: `code` is a key of STATUS. `retry_after` in seconds, for 429 and 503."""

    def __init__(self, code: str, retry_after: float | None = None) -> None:
        self.code = code
        self.status = STATUS[code]
        self.retry_after = retry_after
        super().__init__(code)


def response(
    code: str,
    status: int | None = None,
    message: dict[str, str] | None = None,
    retry_after: float | None = None,
    **more: Any,
) -> web.Response:
    """The contract's error shape. 429 and 503 always say when to come again."""
    status = status or STATUS[code]
    body = {"error": {"code": code, "message": message or texts.both("errors", code)}, **more}
    answer = web.Response(
        text=json.dumps(body, ensure_ascii=False), status=status, content_type="application/json"
    )
    if status in (429, 503):
        answer.headers["Retry-After"] = str(max(1, math.ceil(retry_after or RETRY_SECONDS)))
    if status == 401:
        answer.headers["WWW-Authenticate"] = "Bearer"
    return answer


def code_for(status: int) -> str:
    """The general code for a status that the framework itself answers with."""
    known = {
        400: "bad_request",
        401: "not_allowed",
        403: "forbidden",
        404: "not_found",
        405: "method_not_allowed",
        409: "conflict",
        413: "body_too_large",
        422: "wrong_kind",
        429: "too_many",
        503: "unavailable",
    }
    return known.get(status, "bad_request" if status < 500 else "internal")
