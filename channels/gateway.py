"""The gateway: the one process that faces the public. `python -m channels.gateway` runs it.

It puts the channels together and nothing more: what a turn is, who may do what, how one refuses is elsewhere.
"""

from __future__ import annotations

import asyncio
import sys
from importlib import import_module

from aiohttp import web

from casework.database import Database
from casework.errors import CaseworkError
from casework.settings import Settings, SettingsError, load_settings
from channels import api, health, logs, middleware
from channels.auth import DATABASE
from channels.conversation import CONVERSATIONS, Conversations
from channels.health import RASA
from channels.limits import LIMITS, Limits
from channels.metrics import METRICS, Metrics
from channels.rasa_client import RasaClient
from channels.relay import relaying
from channels.settings import SETTINGS
from channels.streams import STREAMS, Streams
from channels.web import routes as page
from policies_kb import screening

LARGEST_BODY = 64 * 1024  # bytes
SHUTDOWN_SECONDS = 5.0


def create_app(settings: Settings, db: Database, rasa: RasaClient) -> web.Application:
    """The application. Closes neither `db` nor `rasa`: whoever made them does."""
    app = web.Application(middlewares=[middleware.watch], client_max_size=LARGEST_BODY)
    streams, metrics = Streams(), Metrics()
    app[SETTINGS] = settings
    app[DATABASE] = db
    app[RASA] = rasa
    app[STREAMS] = streams
    app[METRICS] = metrics
    app[LIMITS] = Limits(on=settings.rate_limit)
    app[CONVERSATIONS] = Conversations(db, rasa, streams, metrics)
    app.on_response_prepare.append(middleware.add_headers)
    app.on_shutdown.append(_end_streams)
    app.add_routes(api.routes)
    app.add_routes(health.routes)
    page.setup(app)
    _set_up_desk(app)
    return app


async def _end_streams(app: web.Application) -> None:
    app[STREAMS].close()


def _set_up_desk(app: web.Application) -> None:
    """The desk is a channel of its own; the gateway also stands without it."""
    try:
        desk = import_module("channels.desk.routes")
    except ModuleNotFoundError as missing:
        if missing.name not in {"channels.desk.routes", "channels.desk"}:
            raise
        return
    desk.setup(app)


async def _serving(settings: Settings) -> web.Application:
    db = Database(settings.database_url)
    await db.migrate()
    rasa = RasaClient(settings.rasa_url, settings.rasa_token, settings.actions_url)
    app = create_app(settings, db, rasa)

    async def close(app: web.Application) -> None:
        await rasa.close()
        await db.close()

    app.on_cleanup.append(close)
    if settings.redis_url:
        app.cleanup_ctx.append(relaying(settings.redis_url))
    return app


def main() -> None:
    """Serve until told to stop. What cannot be started is said in one sentence, with exit status 1."""
    logs.configure()
    try:
        settings = load_settings()
        screening.prepare()
        web.run_app(
            _serving(settings),
            host="0.0.0.0",  # noqa: S104 - the one public listener
            port=settings.port,
            access_log=None,
            print=lambda *_: None,
            shutdown_timeout=SHUTDOWN_SECONDS,
            loop=_loop(),
        )
    except SettingsError as error:
        sys.exit(f"gateway: {error}")
    except CaseworkError as error:
        sys.exit(f"gateway: {error.message.en}")
    except OSError as error:
        sys.exit(f"gateway: port {settings.port} cannot be opened ({error.strerror}); change NAVIGATOR_PORT.")


def _loop() -> asyncio.AbstractEventLoop:
    if sys.platform == "win32":
        return asyncio.new_event_loop()
    import uvloop  # noqa: PLC0415 - not made for Windows

    return uvloop.new_event_loop()


if __name__ == "__main__":
    main()
