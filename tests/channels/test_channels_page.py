"""The resident's page as files: complete in both languages, small, and fit for the strict policy."""

from __future__ import annotations

import json
import re
from html.parser import HTMLParser
from pathlib import Path

import pytest
from aiohttp import web
from aiohttp.test_utils import TestClient

from channels import errors, inbound, texts
from channels.web import routes as page

Http = TestClient[web.Request, web.Application]
STATIC = page.HERE / "static"
SCRIPTS = sorted(STATIC.glob("*.js"))


class Page(HTMLParser):
    """Collects what the page's markup holds."""

    def __init__(self, html: str) -> None:
        super().__init__()
        self.tags: list[tuple[str, dict[str, str | None]]] = []
        self.feed(html)

    def handle_starttag(self, tag: str, attrs: list[tuple[str, str | None]]) -> None:
        self.tags.append((tag, dict(attrs)))


@pytest.mark.parametrize(
    ("accept", "query", "lang"),
    [
        ("zh-CN", "", "zh-Hans"),
        ("en-US,zh", "", "en"),
        ("en", "?lang=zh", "zh-Hans"),
        ("", "?lang=xx", "zh-Hans"),
    ],
)
async def test_the_first_screen_is_readable_before_any_script(
    http: Http, accept: str, query: str, lang: str
) -> None:
    answer = await http.get("/" + query, headers={"Accept-Language": accept})
    html = await answer.text()
    assert f'<html lang="{lang}"' in html
    language = "en" if lang == "en" else "zh"
    for key in ("welcome_title", "welcome_free", "welcome_decide", "starter_illness", "human", "send"):
        assert page.texts()[key][language] in html


async def test_nothing_in_the_page_needs_an_exception_from_the_policy(http: Http) -> None:
    html = await (await http.get("/")).text()
    for tag, attributes in Page(html).tags:
        assert tag not in ("style", "iframe", "object")
        assert not any(name.startswith("on") or name == "style" for name in attributes), (tag, attributes)
        if tag == "script":
            assert attributes["src"]
        for name in ("src", "href"):
            assert not re.match(r"(https?:)?//|javascript:|data:", attributes.get(name) or "")
    for script in SCRIPTS:
        source = script.read_text(encoding="utf-8")
        assert not re.search(
            r"innerHTML|outerHTML|insertAdjacentHTML|document\.write|eval\(|new Function", source
        )
        assert "https://" not in source.replace("https?:", "")
        assert "http://" not in source


async def test_every_part_of_the_page_is_served_and_the_whole_is_small(http: Http) -> None:
    html = await (await http.get("/")).read()
    total = len(html)
    for file in STATIC.iterdir():
        answer = await http.get(f"/static/{file.name}")
        assert answer.status == 200
        assert answer.headers["Cache-Control"] == "no-cache"
        again = await http.get(f"/static/{file.name}", headers={"If-None-Match": answer.headers["ETag"]})
        assert again.status == 304
        total += len(await answer.read())
    for path in ("/texts.json", "/labels.json"):
        total += len(await (await http.get(path)).read())
    assert total < 100_000


def test_every_text_is_there_in_both_languages() -> None:
    for key, text in page.texts().items():
        assert set(text) == {"zh", "en"}, key
        assert all(words.strip() for words in text.values()), key
        places = [set(re.findall(r"\{(\w+)\}", words)) for words in text.values()]
        assert places[0] == places[1], key


def test_every_text_the_page_asks_for_exists_and_none_lies_about() -> None:
    source = (page.HERE / "templates" / "index.html").read_text(encoding="utf-8")
    source += "".join(script.read_text(encoding="utf-8") for script in SCRIPTS)
    asked = set(re.findall(r"""\b[tw]\(["']([a-z_-]+)["']""", source))
    asked |= set(re.findall(r'data-t(?:-label)?="([a-z_]+)"', source))
    assert asked - set(page.texts()) == set()
    unused = {key for key in page.texts() if key not in source}
    made_up = ("status_", "verdict_", "state_", "person_", "from_", "apply_", "confidence_")
    assert {key for key in unused if not key.startswith(made_up)} == set()


def test_every_refusal_and_fallback_is_there_in_both_languages() -> None:
    everything = texts._all()
    assert set(everything["errors"]) == set(errors.STATUS)
    assert set(everything["payloads"]) == set(inbound.PAYLOADS)
    for section in ("errors", "fallback", "buttons", "payloads"):
        for key, text in everything[section].items():
            assert set(text) == {"zh", "en"}, (section, key)
            assert re.search("[\u4e00-\u9fff]", text["zh"]), (section, key)
            assert not re.search("[\u4e00-\u9fff]", text["en"]), (section, key)
            assert set(re.findall(r"\{\w+\}", text["zh"])) == set(re.findall(r"\{\w+\}", text["en"]))


async def test_the_facts_have_names_for_what_is_missing(http: Http) -> None:
    labels = json.loads(await (await http.get("/labels.json")).text())
    assert {"zh", "en"} == set(labels["household.size"])


def test_modules_stay_readable() -> None:
    folder = Path(texts.__file__).parent
    for file in [*folder.glob("*.py"), *(folder / "web").glob("*.py"), *SCRIPTS]:
        assert len(file.read_text(encoding="utf-8").splitlines()) <= 300, file.name
