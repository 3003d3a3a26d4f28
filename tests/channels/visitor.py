"""A resident's browser: Chromium, the page in it, and what is read off the page."""

from __future__ import annotations

import os
import shutil

from playwright.async_api import BrowserContext, Page, expect

CHROMIUM = os.environ.get("NAVIGATOR_CHROMIUM") or shutil.which("chromium") or "/usr/bin/chromium"
ARGUMENTS = [
    "--headless=new",
    "--no-sandbox",
    "--disable-gpu",
    "--disable-background-networking",
    "--disable-component-update",
    "--disable-sync",
]


class Visitor:
    """One resident's browser. Whatever the page complains of, or fetches from elsewhere, is kept."""

    def __init__(self, context: BrowserContext, address: str) -> None:
        self.context = context
        self.address = address
        self.complaints: list[str] = []

    async def open(self) -> Page:
        page = await self.context.new_page()
        page.on("pageerror", lambda error: self.complaints.append(str(error)))
        page.on(
            "console",
            lambda line: self.complaints.append(line.text) if "Content Security" in line.text else None,
        )
        page.on("request", lambda request: self._is_ours(request.url))
        await page.goto(self.address)
        await expect(page.locator("#main")).to_have_attribute("data-loading", "no")
        return page

    def _is_ours(self, url: str) -> None:
        if not url.startswith(self.address):
            self.complaints.append(f"fetched {url}")


async def write(page: Page, text: str) -> None:
    await page.fill("#text", text)
    await page.press("#text", "Enter")


async def said(page: Page) -> list[str]:
    return await page.locator("#log > li .bubble").all_inner_texts()
