"""Words for opening pages in a real browser."""

from __future__ import annotations

import time
from dataclasses import dataclass, field
from pathlib import Path
from typing import Any, Protocol

from playwright.sync_api import Page

PATIENCE_S = 20
PHONE = {"width": 390, "height": 844}
FLAGS = (
    "--headless",
    "--no-sandbox",
    "--disable-gpu",
    "--disable-quic",
    "--no-first-run",
    "--disable-background-networking",
    "--disable-component-update",
    "--disable-sync",
)


class Open(Protocol):
    """Opens the page of a file."""

    def __call__(self, path: Path, hash: str = "", size: dict[str, int] | None = None, **more: Any) -> Page: ...


@dataclass
class Opened:
    """A page and everything that it asked for or complained about."""

    page: Page
    asked: list[str] = field(default_factory=list)
    wrong: list[str] = field(default_factory=list)


def until(page: Page, test: str, arg: Any = None) -> None:
    """Wait until an expression holds; our pages forbid the ``eval`` with which Playwright would ask again."""
    deadline = time.monotonic() + PATIENCE_S
    while not page.evaluate(test, arg):
        assert time.monotonic() < deadline, test
        page.wait_for_timeout(50)


def address(page: Page) -> str:
    """What the address bar holds, without waiting for the hand to be still, which boards do."""
    told: str = page.evaluate("() => (gridwalk.running.state.settle(), location.hash)")
    return told
