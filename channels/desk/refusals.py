"""How the desk's pages refuse: one sentence and a way back. The interface's errors are the gateway's."""

from __future__ import annotations

from collections.abc import Awaitable, Callable

from aiohttp import web

from casework.errors import CaseworkError
from channels import errors, logs, texts
from channels.desk import rendering
from channels.errors import ApiError

Handler = Callable[[web.Request], Awaitable[web.StreamResponse]]


def is_page(request: web.Request) -> bool:
    """Whether a person reads the answer, not a program."""
    path = request.path
    return (path == "/desk" or path.startswith("/desk/")) and not (
        path.startswith("/desk/api/") or path == "/desk/stream"
    )


@web.middleware
async def pages_refuse(request: web.Request, handler: Handler) -> web.StreamResponse:
    """Errors under the desk's pages become pages; everything else passes."""
    if not is_page(request):
        return await handler(request)
    try:
        return await handler(request)
    except CaseworkError as error:
        if error.status == 401:
            return rendering.to_login(request)
        return await rendering.refusal(request, error.status, error.message.as_json())
    except ApiError as error:
        return await rendering.refusal(request, error.status, texts.both("errors", error.code))
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
