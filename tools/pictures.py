"""Take the pictures of the README from the served samples: ``make serve`` in one window, this in another.

Run ``python tools/pictures.py [URL [NAME ...]]``, without names for all of them; needs Chromium and a Chinese font
(Debian: ``apt install chromium fonts-noto-cjk``).
"""

from __future__ import annotations

import shutil
import sys
from pathlib import Path

from playwright.sync_api import sync_playwright

FOLDER = Path(__file__).parent.parent / "docs" / "pictures"
FLAGS = ["--no-sandbox", "--disable-gpu", "--disable-background-networking", "--disable-component-update"]
DESK, SMALL, PHONE = {"width": 1440, "height": 900}, {"width": 1100, "height": 760}, {"width": 390, "height": 844}
PICTURES = {
    "planner": ("saihan/boards/planner#lang=zh", DESK),
    "planner-en": ("saihan/boards/planner#lang=en", DESK),
    "planner-hours": ("saihan/boards/planner#lang=zh&theme=hours&hour=sat-10", SMALL),
    "planner-isochrones": ("saihan/boards/planner#lang=en&theme=bands&at=12.6/40.80500/111.73000", SMALL),
    "planner-phone": ("saihan/boards/planner#lang=zh", PHONE),
    "planner-findings": (
        "chayouzhong/boards/planner#lang=zh&theme=partition&pick=grid-findings:2195958a66db",
        SMALL,
    ),
    "planner-findings-en": (
        "chayouzhong/boards/planner#lang=en&theme=partition&pick=grid-findings:2195958a66db",
        SMALL,
    ),
    "planner-districts": ("chayouzhong/boards/planner#lang=en&theme=districts", SMALL),
    "planner-findings-phone": (
        "chayouzhong/boards/planner#lang=zh&theme=partition&pick=grid-findings:2195958a66db",
        PHONE,
    ),
    "planner-porto-alegre": ("porto-alegre/boards/planner#lang=en", DESK),
    "patrol": ("inner-mongolia/boards/patrol#lang=zh", DESK),
    "patrol-phone": ("inner-mongolia/boards/patrol#lang=zh", PHONE),
    "index": ("?lang=en", DESK),
    "index-zh": ("?lang=zh", DESK),
    "index-phone": ("?lang=zh", PHONE),
}


def main() -> None:
    """Take the pictures that are named, or all."""
    wanted = sys.argv[2:] or list(PICTURES)
    base = (sys.argv[1] if len(sys.argv) > 1 else "http://127.0.0.1:8000").rstrip("/")
    browser_path = shutil.which("chromium") or shutil.which("chromium-browser") or shutil.which("google-chrome")
    FOLDER.mkdir(parents=True, exist_ok=True)
    with sync_playwright() as play:
        browser = play.chromium.launch(executable_path=browser_path, args=FLAGS)
        for name in wanted:
            way, size = PICTURES[name]
            page = browser.new_page(viewport=size, device_scale_factor=1)
            page.goto(f"{base}/{way}")
            page.wait_for_timeout(1_500)
            page.screenshot(path=FOLDER / f"{name}.png")
            page.close()
        browser.close()


if __name__ == "__main__":
    main()
