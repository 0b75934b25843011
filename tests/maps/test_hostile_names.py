"""Names that want to be more than text: on every board, wherever a name is written, they come out as they are."""

from __future__ import annotations

from dataclasses import replace
from pathlib import Path
from typing import Any

import pytest
from playwright.sync_api import Page, expect

from maps.boards import BOARDS, available
from maps.page import render
from tests.maps.browsing import Open
from tests.maps.fake_build import FakeBuild, border_build, town_build

pytestmark = pytest.mark.browser

NAMES = {
    "template": "{{7*7}}",
    "block": "{% raw %}",
    "comment": "{# x #}",
    "script": "</script><script>window.hacked=1</script>",
    "image": "<img src=x onerror=window.hacked=1>",
    "pattern": "$1$&",
    "placeholder": "{count}",
    "turned": "\u202eabc",
    "long": "长" * 499 + "z",
}
LONGEST = 24  # letters of a name on the map


def with_names(build: FakeBuild, name: str) -> Any:
    """Call everything by one name."""
    made = {
        id: (layer, frame.assign(name=name) if "name" in frame else frame)
        for id, (layer, frame) in build.made.items()
    }
    return replace(build, made=made)


def written(page: Page, selector: str, name: str) -> bool:
    """Whether a name stands somewhere as it is."""
    texts = page.locator(selector).evaluate_all("(all) => all.map((one) => one.textContent)")
    return any(name in text for text in texts)


def nothing_happened(page: Page) -> None:
    assert page.evaluate("window.hacked") is None
    assert page.evaluate("document.querySelectorAll('img, iframe, object').length") == 0


def fits(page: Page) -> bool:
    return bool(page.evaluate("document.documentElement.scrollWidth <= innerWidth"))


@pytest.mark.parametrize("name", NAMES.values(), ids=NAMES)
@pytest.mark.parametrize("board", [one.id for one in BOARDS])
def test_a_name_is_text_on_every_board(visit: Open, tmp_path: Path, board: str, name: str) -> None:
    worlds = [with_names(build(), name) for build in (town_build, border_build)]
    there = [world for world in worlds if board in available(world)]
    assert there
    for number, world in enumerate(there):
        file = tmp_path / f"{number}.html"
        file.write_text(render(world, board), encoding="utf-8")
        page = visit(file)
        page.evaluate("for (const fold of document.querySelectorAll('details')) fold.open = true")
        assert fits(page)
        page.evaluate("window.dispatchEvent(new Event('beforeprint'))")
        nothing_happened(page)


@pytest.mark.parametrize("name", NAMES.values(), ids=NAMES)
def test_a_name_is_text_wherever_the_planner_reads_it(visit: Open, tmp_path: Path, name: str) -> None:
    file = tmp_path / "planner.html"
    file.write_text(render(with_names(town_build(), name), "planner"), encoding="utf-8")
    page = visit(file)
    label = name if len(name) <= LONGEST else name[: LONGEST - 1] + "…"
    assert written(page, ".label", label)
    assert written(page, "#lists td, #lists .link", name)

    page.get_by_role("combobox", name="查找编号或名称").fill(name[:9])
    assert written(page, "#found b", name)
    page.keyboard.press("Enter")
    expect(page.locator("#card h2")).to_be_focused()
    assert written(page, "#card h2", name)
    assert written(page, "#said", name)
    assert page.evaluate(
        "(({ scrollWidth, clientWidth }) => scrollWidth <= clientWidth)(document.querySelector('#card'))"
    )
    assert fits(page)

    page.click("#show-table")
    assert written(page, "#table tbody th", name)
    assert page.locator("#table .scroll").evaluate("(one) => one.getBoundingClientRect().right <= innerWidth")
    page.click("#table-close")
    saved = page.evaluate("""() => {
        const { page: { layer } } = gridwalk.running;
        return gridwalk.features(gridwalk.running, layer["grid-walk"], ["name"], [0]).features[0].properties.name;
    }""")
    assert saved == name

    page.evaluate("window.dispatchEvent(new Event('beforeprint'))")
    assert written(page, "#card h2", name)
    assert written(page, ".label", label)
    nothing_happened(page)


def test_a_name_that_turns_the_writing_turns_nothing_else(visit: Open, tmp_path: Path) -> None:
    file = tmp_path / "planner.html"
    file.write_text(render(with_names(town_build(), NAMES["turned"]), "planner"), encoding="utf-8")
    page = visit(file, "#pick=grid-walk:150105001000017")
    left = "document.querySelector('#card h2 bdi').getBoundingClientRect().right"
    assert page.evaluate(f"document.querySelector('#card h2 small').getBoundingClientRect().left >= {left}")
    said = page.evaluate("gridwalk.running.words.say('value.more', { list: '\u202eabc', count: 3 })")
    assert said.startswith("\u2068\u202eabc\u2069")
