"""Is it alive, is it ready, how is it doing: for whoever runs the service."""

from __future__ import annotations

import asyncio

from aiohttp import web

from casework import handoffs
from casework.errors import CaseworkError
from channels import errors
from channels.auth import DATABASE
from channels.metrics import CONTENT_TYPE, METRICS
from channels.rasa_client import RasaClient

RASA: web.AppKey[RasaClient] = web.AppKey("rasa", RasaClient)

routes = web.RouteTableDef()


@routes.get("/healthz")
async def alive(request: web.Request) -> web.Response:
    """This process answers; nothing else is asked."""
    return web.json_response({"status": "ok"})


@routes.get("/readyz")
async def ready(request: web.Request) -> web.Response:
    """200 {"status": "ok", "checks": {"database", "rasa", "actions"}} where all three answer, else 503."""
    rasa = request.app[RASA]
    database, bot, actions = await asyncio.gather(
        _database_answers(request), rasa.is_up(), rasa.actions_are_up()
    )
    checks = {
        name: "ok" if up else "down"
        for name, up in (("database", database), ("rasa", bot), ("actions", actions))
    }
    if database and bot and actions:
        return web.json_response({"status": "ok", "checks": checks})
    return errors.response("not_ready", checks=checks)


@routes.get("/metrics")
async def metrics(request: web.Request) -> web.Response:
    """Prometheus text. Where the database does not answer, the queue's length is the last one known."""
    counted = request.app[METRICS]
    try:
        async with request.app[DATABASE].session(write=False) as s:
            counted.queue_length.set(len(await handoffs.queue(s)))
    except CaseworkError:
        counted.errors.labels("unavailable").inc()
    return web.Response(body=counted.text(), headers={"Content-Type": CONTENT_TYPE})


async def _database_answers(request: web.Request) -> bool:
    try:
        await request.app[DATABASE].ping()
    except CaseworkError:
        return False
    return True
