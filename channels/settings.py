"""The settings' place in the application; what they are is casework's."""

from __future__ import annotations

from aiohttp import web

from casework.settings import Settings

SETTINGS: web.AppKey[Settings] = web.AppKey("settings", Settings)
