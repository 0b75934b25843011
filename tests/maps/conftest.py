"""A real browser, and a way to open pages in it that watches what they ask for."""

from __future__ import annotations

import os
import re
import shutil
from collections.abc import Iterator
from pathlib import Path
from typing import Any

import pytest
from playwright.sync_api import Browser, Page, expect, sync_playwright

from tests.maps.browsing import FLAGS, Open, Opened


@pytest.fixture(scope="module")
def browser() -> Iterator[Browser]:
    path = next(
        (found for name in ("chromium", "chromium-browser", "google-chrome") if (found := shutil.which(name))),
        None,
    )
    if path is None:
        if os.environ.get("CI") == "true":
            pytest.fail("no browser: install chromium")
        pytest.skip("no browser here")
    with sync_playwright() as playwright:
        running = playwright.chromium.launch(executable_path=path, args=list(FLAGS))
        yield running
        running.close()


@pytest.fixture
def visit(browser: Browser) -> Iterator[Open]:
    """Open a board; afterwards nothing may have been asked for but its own file, and nothing have gone wrong."""
    opened: list[Opened] = []

    def visiting(path: Path, hash: str = "", size: dict[str, int] | None = None, **more: Any) -> Page:
        context = browser.new_context(viewport=size or {"width": 1440, "height": 900}, locale="zh-CN", **more)  # type: ignore[arg-type]
        one = Opened(context.new_page())
        opened.append(one)
        one.page.on("request", lambda request: one.asked.append(request.url))
        one.page.on("pageerror", lambda error: one.wrong.append(str(error)))
        one.page.on(
            "console",
            lambda message: one.wrong.append(message.text) if message.type in {"error", "warning"} else None,
        )
        one.page.goto(path.as_uri() + hash)
        expect(one.page.locator("body")).to_have_attribute("data-ready", re.compile(r"\d+"))
        return one.page

    yield visiting
    for one in opened:
        own = one.page.url.split("#")[0]
        one.page.context.close()
        assert [
            url for url in one.asked if url.split("#")[0] != own and not url.startswith(("data:", "blob:file:"))
        ] == []
        assert one.wrong == []
