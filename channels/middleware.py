"""Around every call: a request id, the error shape, security headers, one log line without personal data."""

from __future__ import annotations

import secrets
import time
from collections.abc import Awaitable, Callable

import structlog
from aiohttp import web

from casework.errors import CaseworkError
from channels import errors, logs
from channels.errors import ApiError
from channels.metrics import METRICS

Handler = Callable[[web.Request], Awaitable[web.StreamResponse]]

REQUEST_ID: web.RequestKey[str] = web.RequestKey("request_id", str)

# Nothing from elsewhere, nothing inline, in nobody's frame.
CONTENT_SECURITY_POLICY = (
    "default-src 'self'; object-src 'none'; base-uri 'none'; form-action 'self'; frame-ancestors 'none'"
)
SECURITY_HEADERS = {
    "Content-Security-Policy": CONTENT_SECURITY_POLICY,
    "Referrer-Policy": "no-referrer",
    "X-Content-Type-Options": "nosniff",
    "X-Frame-Options": "DENY",
    "Cross-Origin-Opener-Policy": "same-origin",
    "Cross-Origin-Resource-Policy": "same-origin",
    "Permissions-Policy": "camera=(), microphone=(), geolocation=(), payment=()",
}


async def add_headers(request: web.Request, response: web.StreamResponse) -> None:
    """Signal on_response_prepare: also reaches event streams and static files."""
    for name, value in SECURITY_HEADERS.items():
        response.headers.setdefault(name, value)
    response.headers["Server"] = "navigator"
    response.headers["X-Request-Id"] = request.get(REQUEST_ID, "")
    if "/api/" in request.path:
        response.headers.setdefault("Cache-Control", "no-store")


@web.middleware
async def watch(request: web.Request, handler: Handler) -> web.StreamResponse:
    """Outermost: names the request, turns every failure into the error shape, logs one line."""
    request[REQUEST_ID] = secrets.token_hex(8)
    structlog.contextvars.clear_contextvars()
    structlog.contextvars.bind_contextvars(request_id=request[REQUEST_ID])
    started = time.perf_counter()
    try:
        response = await _answer(request, handler)
    except web.HTTPException as passed_on:  # a redirect
        _log(request, passed_on.status, started)
        raise
    _log(request, response.status, started)
    return response


async def _answer(request: web.Request, handler: Handler) -> web.StreamResponse:
    try:
        response = await handler(request)
        # A file response finds out only while it is sent that there is no such file, and then answers in plain text.
        if isinstance(response, web.FileResponse) and not response._path.is_file():
            raise ApiError("not_found")
    except ApiError as error:
        return _refuse(request, errors.response(error.code, retry_after=error.retry_after), error.code)
    except CaseworkError as error:
        refusal = errors.response(error.code, error.status, error.message.as_json())
        return _refuse(request, refusal, error.code)
    except web.HTTPException as error:
        if error.status < 400:
            raise
        code = errors.code_for(error.status)
        refusal = errors.response(code, error.status)
        if "Allow" in error.headers:
            refusal.headers["Allow"] = error.headers["Allow"]
        return _refuse(request, refusal, code)
    except ConnectionError:
        raise  # the caller has gone; there is nobody to answer
    except Exception as error:
        logs.get().error("failure", route=_route(request), **logs.failure(error))
        return _refuse(request, errors.response("internal"), "internal")
    return response


def _refuse(request: web.Request, refusal: web.Response, code: str) -> web.Response:
    request.app[METRICS].errors.labels(code).inc()
    return refusal


def _route(request: web.Request) -> str:
    """The route's pattern: an address itself may hold a conversation's id or a request's number."""
    resource = request.match_info.route.resource
    return resource.canonical if resource is not None else "unknown"


def _log(request: web.Request, status: int, started: float) -> None:
    logs.get().info(
        "request",
        method=request.method if request.method.isalpha() else "?",
        route=_route(request),
        status=status,
        ms=round((time.perf_counter() - started) * 1000, 1),
    )
