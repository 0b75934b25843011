"""Take the pictures of the docs from the served samples: ``make serve`` in one window, this in another.

Run ``python tools/pictures.py [URL [NAME ...]]``, without names for all of the samples; needs Chromium and a
Chinese font (Debian: ``apt install chromium fonts-noto-cjk``). Those of a comparison need two builds, ``python
tools/pair.py samples/pair/saihan`` served by itself; those of a large workspace the 100,000 grids of
``benchmarks/boards.py``.
"""

from __future__ import annotations

import io
import shutil
import sys
import urllib.request
from collections.abc import Mapping
from pathlib import Path
from typing import Any

from PIL import Image
from playwright.sync_api import sync_playwright

FOLDER = Path(__file__).parent.parent / "docs" / "pictures"
FLAGS = ["--no-sandbox", "--disable-gpu", "--disable-background-networking", "--disable-component-update"]
DESK, SMALL, PHONE = {"width": 1440, "height": 900}, {"width": 1100, "height": 760}, {"width": 390, "height": 844}
FINDING = "pick=grid-findings:2195958a66db"
PICTURES = {
    "planner": ("saihan/boards/planner#lang=zh", DESK),
    "planner-en": ("saihan/boards/planner#lang=en", DESK),
    "planner-phone": ("saihan/boards/planner#lang=zh", PHONE),
    "planner-phone-en": ("saihan/boards/planner#lang=en&theme=gap", PHONE),
    "planner-gap": ("saihan/boards/planner#lang=en&theme=gap", DESK),
    "planner-hours": ("saihan/boards/planner#lang=zh&theme=hours&hour=sat-10", SMALL),
    "planner-isochrones": ("saihan/boards/planner#lang=en&theme=bands&at=12.6/40.80500/111.73000", SMALL),
    "planner-findings": (f"chayouzhong/boards/planner#lang=zh&theme=partition&{FINDING}", SMALL),
    "planner-findings-en": (f"chayouzhong/boards/planner#lang=en&theme=partition&{FINDING}", SMALL),
    "planner-findings-phone": (f"chayouzhong/boards/planner#lang=zh&theme=partition&{FINDING}", PHONE),
    "planner-districts": ("chayouzhong/boards/planner#lang=en&theme=districts", SMALL),
    "planner-porto-alegre": ("porto-alegre/boards/planner#lang=en", DESK),
    "patrol": ("inner-mongolia/boards/patrol#lang=zh", DESK),
    "patrol-en": ("inner-mongolia/boards/patrol#lang=en", DESK),
    "patrol-phone": ("inner-mongolia/boards/patrol#lang=zh", PHONE),
    "patrol-phone-en": ("inner-mongolia/boards/patrol#lang=en", PHONE),
    "problems": ("chayouzhong/boards/problems#lang=zh", DESK),
    "problems-en": (f"chayouzhong/boards/problems#lang=en&theme=tiling&{FINDING}", SMALL),
    "problems-phone": ("saihan/boards/problems#lang=zh&theme=tiling", PHONE),
    "problems-phone-en": ("saihan/boards/problems#lang=en&theme=tiling", PHONE),
    "index": ("?lang=en", DESK),
    "index-zh": ("?lang=zh", DESK),
    "index-phone": ("?lang=zh", PHONE),
    "index-phone-en": ("?lang=en", PHONE),
}
OTHERS = {  # of other workspaces than the samples
    "planner-changes": ("saihan/boards/planner#lang=zh&compare=1", DESK),
    "planner-swipe": ("saihan/boards/planner#lang=en&compare=swipe&theme=bands&at=12.5/40.87/111.83", DESK),
    "planner-large": ("county100000/boards/planner#lang=zh", DESK),
    "planner-large-en": ("county100000/boards/planner#lang=en&at=11.3/40.67866/105.63999", DESK),
}
PRINTS = {
    f"{board}-print{'-en' * (lang == 'en')}": f"{place}/boards/{board}.png?paper=A3&theme={theme}&lang={lang}"
    for board, place, theme in (
        ("planner", "saihan", "walk"),
        ("patrol", "inner-mongolia", "state"),
        ("problems", "chayouzhong", "tiling"),
    )
    for lang in ("zh", "en")
}
WIDTH = 1_600  # pixels that a printed sheet has here


def main() -> None:
    """Take the pictures that are named, or all of the samples."""
    wanted = sys.argv[2:] or [*PICTURES, *PRINTS]
    base = (sys.argv[1] if len(sys.argv) > 1 else "http://127.0.0.1:8000").rstrip("/")
    FOLDER.mkdir(parents=True, exist_ok=True)
    for name in wanted:
        if name in PRINTS:
            printed(f"{base}/{PRINTS[name]}", FOLDER / f"{name}.png")
    shown = {**PICTURES, **OTHERS}
    photographed(base, {name: shown[name] for name in wanted if name in shown})


def printed(address: str, path: Path) -> None:
    """Fetch a sheet and make it smaller."""
    with urllib.request.urlopen(address) as answer:  # noqa: S310 (an address of ours)
        sheet = Image.open(io.BytesIO(answer.read()))
    small = sheet.resize((WIDTH, round(sheet.height * WIDTH / sheet.width)), Image.Resampling.LANCZOS)
    small.convert("RGB").quantize(256, Image.Quantize.MAXCOVERAGE, dither=Image.Dither.NONE).save(
        path, optimize=True
    )


def photographed(base: str, pages: Mapping[str, tuple[str, Any]]) -> None:
    """Open pages and take their pictures."""
    browser_path = shutil.which("chromium") or shutil.which("chromium-browser") or shutil.which("google-chrome")
    with sync_playwright() as play:
        browser = play.chromium.launch(executable_path=browser_path, args=FLAGS)
        for name, (way, size) in pages.items():
            page = browser.new_page(viewport=size, device_scale_factor=1)
            page.goto(f"{base}/{way}", wait_until="networkidle")  # tiles too
            page.wait_for_timeout(1_500)
            page.screenshot(path=FOLDER / f"{name}.png")
            page.close()
        browser.close()


if __name__ == "__main__":
    main()
