"""A real Chromium (Debian's), which may speak to this service and to nobody else."""

from __future__ import annotations

import shutil
from collections.abc import AsyncIterator
from pathlib import Path

import pytest
from playwright.async_api import Browser, BrowserContext, Page, Request, async_playwright

ROOT = Path(__file__).resolve().parent.parent.parent
SCREENSHOTS = ROOT / "var" / "reports" / "screenshots"
FLAGS = [
    *("--headless=new", "--no-sandbox", "--disable-gpu", "--disable-background-networking"),
    *("--disable-component-update", "--disable-sync"),
]
PHONE = {"width": 390, "height": 844}
DESKTOP = {"width": 1280, "height": 900}


@pytest.fixture
async def browser() -> AsyncIterator[Browser]:
    chromium = shutil.which("chromium")
    assert chromium, "Chromium is missing: tests/browser/install.sh installs it"
    async with async_playwright() as playwright:
        running = await playwright.chromium.launch(executable_path=chromium, args=FLAGS)
        yield running
        await running.close()


class Visitor:
    """A browser of one person: a fresh profile, and a record of every request that leaves this machine."""

    def __init__(self, context: BrowserContext, page: Page) -> None:
        self.context = context
        self.page = page
        self.foreign: list[str] = []
        self.errors: list[str] = []
        context.on("request", self._see)
        page.on("pageerror", lambda error: self.errors.append(str(error)))
        page.on("console", lambda line: self.errors.append(line.text) if line.type == "error" else None)

    def _see(self, request: Request) -> None:
        if not request.url.startswith(("http://127.0.0.1:", "data:", "blob:")):
            self.foreign.append(request.url)

    async def picture(self, name: str) -> None:
        SCREENSHOTS.mkdir(parents=True, exist_ok=True)
        # caret: hiding it would take an inline style, which the page rightly forbids.
        await self.page.screenshot(path=SCREENSHOTS / f"{name}.png", caret="initial")


async def visit(browser: Browser, address: str, size: dict[str, int], locale: str) -> Visitor:
    context = await browser.new_context(viewport=size, locale=locale)  # type: ignore[arg-type]
    page = await context.new_page()
    visitor = Visitor(context, page)
    await page.goto(address)
    return visitor
