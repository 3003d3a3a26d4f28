"""How the desk refuses: its pages with one sentence and a way back, its interface in the gateway's error shape."""

from __future__ import annotations

from collections.abc import Awaitable, Callable

from aiohttp import web

from casework.errors import CaseworkError
from channels import errors, logs, texts
from channels.desk import rendering
from channels.desk import texts as desk_texts
from channels.errors import ApiError

Handler = Callable[[web.Request], Awaitable[web.StreamResponse]]


def is_page(request: web.Request) -> bool:
    """Whether a person reads the answer, not a program."""
    path = request.path
    return (path == "/desk" or path.startswith("/desk/")) and not (
        path.startswith("/desk/api/") or path == "/desk/stream"
    )


@web.middleware
async def refuse(request: web.Request, handler: Handler) -> web.StreamResponse:
    """Errors under the desk's pages become pages. Those of the interface are the gateway's, but for the words."""
    if not is_page(request):
        return await _in_our_words(request, handler)
    try:
        return await handler(request)
    except CaseworkError as error:
        if error.status == 401:
            return rendering.to_login(request)
        return await rendering.refusal(request, error.status, error.message.as_json())
    except ApiError as error:
        return await rendering.refusal(request, error.status, _words(error.code))
    except web.HTTPException as error:
        if error.status < 400:
            raise
        message = texts.both("errors", errors.code_for(error.status))
        answer = await rendering.refusal(request, error.status, message)
        if "Allow" in error.headers:
            answer.headers["Allow"] = error.headers["Allow"]
        return answer
    except ConnectionError:
        raise
    except Exception as error:
        logs.get().error("desk_failed", **logs.failure(error))
        return await rendering.refusal(request, 500, texts.both("errors", "internal"))


async def _in_our_words(request: web.Request, handler: Handler) -> web.StreamResponse:
    try:
        return await handler(request)
    except ApiError as error:
        if not request.path.startswith("/desk/") or not desk_texts.knows(f"error.{error.code}"):
            raise
        return errors.response(error.code, message=_words(error.code), retry_after=error.retry_after)


def _words(code: str) -> dict[str, str]:
    """What the gateway says to residents, unless the desk says it otherwise to consultants."""
    if desk_texts.knows(f"error.{code}"):
        return desk_texts.both(f"error.{code}")
    return texts.both("errors", code)
