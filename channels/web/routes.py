"""The resident's page: the page itself, its texts, its files, and the names of the facts in words."""

from __future__ import annotations

import json
from functools import cache
from pathlib import Path
from typing import Any

from aiohttp import web
from jinja2 import Environment, FileSystemLoader

from channels.api import answer, preferred_language
from channels.errors import ApiError
from policies_kb import knowledge

HERE = Path(__file__).parent
HTML_LANGUAGE = {"zh": "zh-Hans", "en": "en"}

_templates = Environment(loader=FileSystemLoader(HERE / "templates"), autoescape=True)


def setup(app: web.Application) -> None:
    app.router.add_get("/", show)
    app.router.add_get("/texts.json", words)
    app.router.add_get("/labels.json", labels)
    app.router.add_get("/static/{name}", file)
    app.on_response_prepare.append(_revalidate)


@cache
def texts() -> dict[str, dict[str, str]]:
    """What the page says: key -> {"zh", "en"}."""
    loaded: dict[str, dict[str, str]] = json.loads((HERE / "texts.json").read_text(encoding="utf-8"))
    return loaded


async def show(request: web.Request) -> web.Response:
    """The page, readable before any script has come: in `?lang=`, or in the browser's own language."""
    language = request.query.get("lang", "")
    if language not in HTML_LANGUAGE:
        language = preferred_language(request)
    html = _templates.get_template("index.html").render(
        t=lambda key: texts()[key][language], language=language, html_language=HTML_LANGUAGE[language]
    )
    response = web.Response(text=html, content_type="text/html", charset="utf-8")
    response.headers["Vary"] = "Accept-Language"
    response.enable_compression()
    return response


async def file(request: web.Request) -> web.FileResponse:
    """One of the page's files; nothing but what lies there under that very name."""
    path = _files().get(request.match_info["name"])
    if path is None:
        raise ApiError("not_found")
    return web.FileResponse(path)


@cache
def _files() -> dict[str, Path]:
    return {path.name: path for path in (HERE / "static").iterdir() if path.is_file()}


async def words(request: web.Request) -> web.Response:
    return answer(texts())


async def labels(request: web.Request) -> web.Response:
    """Every fact's name in words, for what a programme still misses: fact key -> {"zh", "en"}."""
    return answer(_labels())


@cache
def _labels() -> dict[str, Any]:
    return {key: fact.label.as_json() for key, fact in knowledge.load().facts.items()}


async def _revalidate(request: web.Request, response: web.StreamResponse) -> None:
    """Files may change with any update: the browser keeps them, but asks (they carry an ETag)."""
    if not request.path.startswith("/api/"):
        response.headers.setdefault("Cache-Control", "no-cache")
