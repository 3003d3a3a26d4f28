"""What a body or a query of the desk's interface says, checked. Raises ApiError with the contract's codes."""

from __future__ import annotations

from typing import Any

from aiohttp import web

from channels import inbound
from channels.errors import ApiError

BODY_LIMIT = 64 * 1024


async def body_of(request: web.Request) -> dict[str, Any]:
    """A JSON object; an absent body is an empty one."""
    if (request.content_length or 0) > BODY_LIMIT:
        raise ApiError("body_too_large")
    content = await request.read()
    if len(content) > BODY_LIMIT:
        raise ApiError("body_too_large")
    if not content.strip():
        return {}
    found = inbound.read_json(content)
    if not isinstance(found, dict):
        raise ApiError("wrong_kind")
    return found


def text_of(body: dict[str, Any], field: str) -> str:
    """A text that must be there, trimmed."""
    if field not in body:
        raise ApiError("wrong_kind")
    return inbound.read_text(body[field])


def note_of(body: dict[str, Any], field: str = "note") -> str | None:
    """A text that may be left out; blank is the same as absent."""
    found = body.get(field)
    if found is None or (isinstance(found, str) and not found.strip()):
        return None
    return inbound.read_text(found)


def number_of(request: web.Request, field: str) -> int:
    """A whole number of the query, 0 where it is absent."""
    found = request.query.get(field, "")
    if not found:
        return 0
    if not (found.isascii() and found.isdigit() and len(found) < 18):
        raise ApiError("wrong_kind")
    return int(found)
