"""Puts the desk into the gateway: interface, pages, event stream and static files under /desk."""

from __future__ import annotations

from aiohttp import web

from channels.desk import api, doors, pages, refusals, rendering
from channels.desk.stream import stream


def setup(app: web.Application) -> None:
    """Add the desk to `app`, which carries settings, database, streams, limits and metrics under its keys."""
    rendering.setup(app)
    app.middlewares.append(refusals.refuse)
    app.add_routes(api.routes)
    app.add_routes(doors.routes)
    app.add_routes(pages.routes)
    app.router.add_get("/desk/stream", stream, allow_head=False)
    app.router.add_static("/desk/static", rendering.STATIC)
