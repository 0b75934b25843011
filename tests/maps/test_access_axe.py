"""Boards as axe-core sees them: every theme, both languages, desk and phone, with what can be opened open."""

from __future__ import annotations

from pathlib import Path
from typing import Any

import pytest
from axe_playwright_python.sync_playwright import Axe
from playwright.sync_api import Page

from maps.boards import BOARDS, available
from maps.page import render
from tests.maps.browsing import PHONE, Open
from tests.maps.fake_build import border_build, town_build

pytestmark = pytest.mark.browser

SEVERE = {"serious", "critical"}
WORLDS = {"town": town_build, "border": border_build}


@pytest.fixture(scope="module")
def files(tmp_path_factory: pytest.TempPathFactory) -> dict[tuple[str, str], Path]:
    """Every board of both worlds."""
    folder = tmp_path_factory.mktemp("access")
    made: dict[tuple[str, str], Path] = {}
    for world, build in WORLDS.items():
        one: Any = build()
        for board in available(one):
            made[world, board] = folder / f"{world}-{board}.html"
            made[world, board].write_text(render(one, board), encoding="utf-8")
    return made


def violations(page: Page) -> list[str]:
    """What hinders somebody, where."""
    found = Axe().run(page).response["violations"]
    return [
        f"{one['id']}: {node['html'][:160]} ({node['failureSummary']})"
        for one in found
        if one["impact"] in SEVERE
        for node in one["nodes"]
    ]


def all_open(page: Page) -> None:
    """Unfold every list and every fold; pick the first row that can be picked."""
    page.evaluate("""() => {
        for (const fold of document.querySelectorAll("details")) fold.open = true;
        for (const more of document.querySelectorAll("[data-more]")) more.click();
        const first = document.querySelector("#lists button.link, #stretches button, #findings button.link");
        if (first) first.click();
    }""")


def test_the_yardstick_sees_a_button_without_a_name(visit: Open, files: dict[tuple[str, str], Path]) -> None:
    page = visit(files["town", "planner"])
    page.evaluate("document.querySelector('#tools').append(document.createElement('button'))")
    assert any(one.startswith("button-name") for one in violations(page))


@pytest.mark.parametrize("board", [one.id for one in BOARDS])
@pytest.mark.parametrize("lang", ["zh", "en"])
@pytest.mark.parametrize("size", [None, PHONE], ids=["desk", "phone"])
@pytest.mark.parametrize("world", WORLDS)
def test_nothing_hinders_anybody(
    visit: Open, files: dict[tuple[str, str], Path], world: str, size: dict[str, int] | None, lang: str, board: str
) -> None:
    if (world, board) not in files:
        pytest.skip(f"{world} has no {board}")
    page = visit(files[world, board], f"#lang={lang}", size=size)
    themes = page.evaluate("gridwalk.running.page.themes.map((theme) => theme.id)")
    for theme in themes or [""]:
        page.evaluate("(theme) => gridwalk.running.state.set({ theme, pick: '' })", theme)
        assert violations(page) == [], theme
        all_open(page)
        assert violations(page) == [], f"{theme}, all open"


@pytest.mark.parametrize("lang", ["zh", "en"])
@pytest.mark.parametrize("size", [None, PHONE], ids=["desk", "phone"])
def test_the_table_hinders_nobody(
    visit: Open, files: dict[tuple[str, str], Path], size: dict[str, int] | None, lang: str
) -> None:
    page = visit(files["town", "planner"], f"#lang={lang}", size=size)
    page.click("#show-table")
    assert violations(page) == []
