"""The planner's board without a mouse, enlarged, with the reader's own colours, and without motion."""

from __future__ import annotations

from itertools import pairwise
from pathlib import Path
from typing import Any

import pytest
from playwright.sync_api import Page, expect

from maps import palette
from maps.page import render
from tests.maps.browsing import Open, address, until
from tests.maps.fake_build import town_build

pytestmark = pytest.mark.browser

FOCUS = "document.activeElement"
STOPS = 60  # presses of the Tab key after which something is out of reach


@pytest.fixture(scope="module")
def board(tmp_path_factory: pytest.TempPathFactory) -> Path:
    town: Any = town_build()
    file = tmp_path_factory.mktemp("keys") / "planner.html"
    file.write_text(render(town, "planner"), encoding="utf-8")
    return file


def tab_to(page: Page, selector: str, back: bool = False) -> None:
    """Go on with the Tab key alone until something has the focus."""
    for _ in range(STOPS):
        if page.evaluate(f"{FOCUS}.matches({selector!r})"):
            return
        page.keyboard.press("Shift+Tab" if back else "Tab")
    pytest.fail(f"{selector} is not reached by Tab; focus is on {page.evaluate(f'{FOCUS}.outerHTML')[:120]}")


def visible(page: Page) -> int:
    return page.locator('.leaflet-fill-pane path:not([fill-opacity="0"])').count()


def test_the_whole_path_of_a_keyboard(visit: Open, board: Path) -> None:
    page = visit(board)
    tab_to(page, '[data-theme="gap"]')
    page.keyboard.press("Enter")
    expect(page.locator("#legend h3")).to_contain_text("people_unserved")
    assert page.evaluate(f"{FOCUS}.dataset.theme") == "gap"  # made anew, and still there

    whole = visible(page)
    tab_to(page, '.class[data-class="0"]')
    page.keyboard.press("Space")
    expect(page.locator('.class[data-class="0"]')).to_have_attribute("aria-pressed", "false")
    assert visible(page) < whole
    assert page.evaluate(f"{FOCUS}.dataset.class") == "0"
    page.keyboard.press("Space")
    assert visible(page) == whole

    tab_to(page, "#search")
    page.keyboard.type("网格")
    page.keyboard.press("ArrowDown")
    page.keyboard.press("ArrowDown")
    current = page.locator('#found [aria-selected="true"]')
    expect(current).to_have_count(1)
    assert page.locator("#search").get_attribute("aria-activedescendant") == current.get_attribute("id")
    wanted = current.locator("b").inner_text()
    page.keyboard.press("Enter")
    expect(page.locator("#card h2")).to_contain_text(wanted)
    expect(page.locator("#said")).to_contain_text(wanted)
    assert page.evaluate(f"{FOCUS} === document.querySelector('#card h2')")
    page.keyboard.press("Escape")
    expect(page.locator("#card")).to_be_hidden()
    expect(page.locator("#said")).to_have_text("")
    assert page.evaluate(f"{FOCUS}.id") == "search"

    tab_to(page, '[data-list="unserved"] tbody .link')
    page.keyboard.press("Enter")
    assert page.evaluate(f"{FOCUS}.tagName") == "H2"
    expect(page.locator('[data-list="unserved"] tr[aria-current="true"]')).to_have_count(1)
    tab_to(page, "#card .close")
    page.keyboard.press("Enter")
    assert page.evaluate(f"{FOCUS}.closest('tr').dataset.key") == page.evaluate(
        "gridwalk.running.page.layer['unserved-areas'].key(gridwalk.running.page.themes[1].lists[0].rows[0])"
    )

    tab_to(page, "#toggle-stations")
    points = page.locator(".leaflet-points-pane path").count()
    page.keyboard.press("Space")
    assert page.locator(".leaflet-points-pane path").count() < points
    assert page.evaluate(f"{FOCUS}.id") == "toggle-stations"

    tab_to(page, "#show-table")
    page.keyboard.press("Enter")
    assert page.evaluate(f"{FOCUS}.id") == "table-close"
    tab_to(page, '[data-sort="people"]')
    page.keyboard.press("Enter")
    expect(page.locator('#table th[aria-sort="descending"]')).to_have_count(1)
    assert page.evaluate(f"{FOCUS}.dataset.sort") == "people"
    page.keyboard.press("Escape")
    expect(page.locator("#table")).to_be_hidden()
    assert page.evaluate(f"{FOCUS}.id") == "show-table"


def test_links_past_the_panel_leave_the_choices_alone(visit: Open, board: Path) -> None:
    page = visit(board, "#theme=gap&lang=en")
    page.keyboard.press("Tab")
    page.keyboard.press("Tab")
    expect(page.locator("a.skip:focus")).to_have_text("Skip to the map")
    page.keyboard.press("Enter")
    assert page.evaluate(f"{FOCUS}.id") == "map_board"
    assert "theme=gap" in address(page)
    before = page.evaluate("gridwalk.running.map.getCenter().lng")
    page.keyboard.press("ArrowRight")
    until(page, "(was) => gridwalk.running.map.getCenter().lng > was", before)


def test_the_order_of_the_tab_key_is_that_of_the_eye(visit: Open, board: Path) -> None:
    page = visit(board)
    stops = [
        "a.skip",
        "[data-theme]",
        ".class",
        "#search",
        "#lists .link",
        "#toggles input",
        "#map_board",
        "#zoom-in",
    ]
    places = page.evaluate(
        """(stops) => {
            const all = [...document.querySelectorAll("a[href], button, input, select, summary, [tabindex='0']")];
            return stops.map((stop) => all.findIndex((one) => one.matches(stop)));
        }""",
        stops,
    )
    assert -1 not in places
    assert places == sorted(places)
    assert page.locator("[tabindex]:not([tabindex='0']):not([tabindex='-1'])").count() == 0


def test_headings_go_down_step_by_step(visit: Open, board: Path) -> None:
    page = visit(board, "#theme=partition&pick=grid-walk:150105001000017")
    page.click("#show-table")
    levels = page.evaluate("""[...document.querySelectorAll("h1, h2, h3, h4")]
        .filter((one) => one.offsetParent)
        .map((one) => Number(one.tagName[1]))""")
    assert levels[0] == 1
    assert levels.count(1) == 1
    assert all(after <= before + 1 for before, after in pairwise(levels))


@pytest.mark.parametrize(
    "where", ["[data-theme]", ".class", "#search", "#lists .link", "#toggles input", "#zoom-in"]
)
def test_the_focus_can_be_seen(visit: Open, board: Path, where: str) -> None:
    page = visit(board)
    tab_to(page, where)
    names = ("outlineStyle", "outlineWidth", "outlineColor")
    style, width, colour = (page.evaluate(f"getComputedStyle({FOCUS}).{name}") for name in names)
    assert style == "solid"
    assert float(width.removesuffix("px")) >= 2
    ring = "#" + "".join(f"{int(part):02x}" for part in colour[4:-1].split(","))
    for ground in ("#ffffff", "#f3f5f7", palette.GROUND, "#e9eef1"):
        assert palette.contrast(ring, ground) >= 3


def test_each_language_says_what_it_is(visit: Open, board: Path) -> None:
    page = visit(board)
    for page_lang, button in (("zh-CN", "en"), ("en", "zh-CN")):
        assert page.locator("html").get_attribute("lang") == page_lang
        assert page.locator("#lang").get_attribute("lang") == button
        page.click("#lang")


@pytest.mark.parametrize("size", [(320, 640), (640, 400), (320, 256)], ids=["narrow", "double", "fourfold"])
@pytest.mark.parametrize("lang", ["zh", "en"])
def test_nothing_is_lost_when_it_is_enlarged(visit: Open, board: Path, size: tuple[int, int], lang: str) -> None:
    """WCAG 1.4.10: 320 CSS pixels are 1280 at four times the size."""
    page = visit(board, f"#lang={lang}", size={"width": size[0], "height": size[1]})
    assert page.evaluate("document.documentElement.scrollWidth") <= size[0]
    page.evaluate(
        "for (const fold of document.querySelectorAll('details')) if (fold.id !== 'week-table') fold.open = true"
    )
    for theme in page.evaluate("gridwalk.running.page.themes.map((theme) => theme.id)"):
        page.evaluate("(theme) => gridwalk.running.state.set({ theme })", theme)
        panel = page.locator("#panel")
        assert panel.evaluate("(one) => one.scrollWidth - one.clientWidth") <= 0, theme
    page.locator("#handle").click()
    raised = page.locator("#panel").bounding_box()
    assert raised and raised["height"] > size[1] * 0.6
    page.locator("#handle").click()
    page.click("#show-table")
    box = page.locator("#table").bounding_box()
    assert box and box["width"] == size[0] and box["height"] == size[1]


def test_who_wants_no_motion_gets_none(visit: Open, board: Path) -> None:
    still = visit(board, reduced_motion="reduce")
    assert still.evaluate("gridwalk.running.map.options.zoomAnimation") is False
    assert visit(board).evaluate("gridwalk.running.map.options.zoomAnimation") is True


def test_the_readers_own_colours_leave_the_key_to_the_map(visit: Open, board: Path) -> None:
    page = visit(board, forced_colors="active")
    swatch = "getComputedStyle(document.querySelector('.class .swatch i:last-child')).backgroundColor"
    area = """(() => {
        const { layer } = gridwalk.running.page;
        return layer["grid-walk"].legend.classes[0].fills.at(-1);
    })()"""
    rgb = [int(part) for part in page.evaluate(swatch)[4:-1].split(",")]
    assert "#" + "".join(f"{part:02x}" for part in rgb) == page.evaluate(area)
    pressed, other = (
        page.evaluate(
            f"getComputedStyle(document.querySelector('#themes [aria-pressed={state}]')).backgroundColor"
        )
        for state in ("true", "false")
    )
    assert pressed != other
