"""The planner's panel as a reader finds it: figures stand level, words are whole, lists hold what they say."""

from __future__ import annotations

from collections.abc import Callable
from dataclasses import replace
from pathlib import Path
from typing import Any

import pytest
from playwright.sync_api import expect

from geo.service import Build
from maps.boards import board
from maps.content import content
from maps.page import render
from tests.conftest import SAMPLES
from tests.maps.browsing import PHONE, Open, until
from tests.maps.fake_build import town_build

Built = Callable[[str], Build]


@pytest.fixture(scope="module")
def town(tmp_path_factory: pytest.TempPathFactory) -> Path:
    made: Any = town_build()
    file = tmp_path_factory.mktemp("panel") / "planner.html"
    file.write_text(render(made, "planner"), encoding="utf-8")
    return file


@pytest.mark.browser
@pytest.mark.parametrize("size", [None, PHONE], ids=["desk", "phone"])
@pytest.mark.parametrize("lang", ["zh", "en"])
def test_figures_stand_level(built: Built, visit: Open, lang: str, size: dict[str, int] | None) -> None:
    page = visit(built("saihan").out / "boards" / "planner.html", f"#lang={lang}", size=size)
    tops = page.locator("#figures strong").evaluate_all(
        "(all) => all.map((one) => one.getBoundingClientRect().top)"
    )
    heights = page.locator(".figure").evaluate_all("(all) => all.map((one) => one.offsetHeight)")
    assert tops[0] == tops[1] < tops[2] == tops[3]
    assert heights[0] == heights[1] and heights[2] == heights[3]


@pytest.mark.browser
def test_how_figures_are_counted_is_read_whole_without_a_mouse(visit: Open, town: Path) -> None:
    page = visit(town, "#lang=en")
    ways = page.evaluate("""() => {
        const { figures, headline } = gridwalk.running.page;
        const shown = headline.map(({ figure }) => figures.find((one) => one.id === figure));
        return [...new Set(shown.filter((one) => one.method).map((one) => one.method.en))];
    }""")
    assert ways
    page.locator("#methods summary").focus()
    page.keyboard.press("Enter")
    told = page.locator("#methods dd")
    expect(told).to_have_text(ways)
    assert all(told.evaluate_all("(all) => all.map((one) => one.scrollWidth <= one.clientWidth)"))
    page.click("#lang")
    expect(told.first).to_be_visible()  # it stays open
    expect(page.locator("#methods summary")).to_have_text("指标口径")


WHOLE = """() => [...document.querySelectorAll(".ranking .coded, .ranking thead button")].flatMap((one) => {
    const broken = [];
    for (const node of one.childNodes) {
        if (node.nodeType !== Node.TEXT_NODE) continue;
        for (const { index, 0: word } of node.data.matchAll(/[A-Za-z]+/g)) {
            const range = document.createRange();
            range.setStart(node, index);
            range.setEnd(node, index + word.length);
            if (range.getClientRects().length > 1) broken.push(word);
        }
    }
    return broken;
})"""


@pytest.mark.browser
@pytest.mark.parametrize("name", ["saihan", "chayouzhong", "inner-mongolia"])
def test_words_of_lists_are_whole_and_no_column_is_cut(built: Built, visit: Open, name: str) -> None:
    page = visit(built(name).out / "boards" / "planner.html", "#lang=en")
    for theme in page.evaluate("gridwalk.running.page.themes.map((theme) => theme.id)"):
        page.evaluate("(theme) => gridwalk.running.state.set({ theme })", theme)
        assert page.evaluate(WHOLE) == [], theme
        cut = page.locator(".ranking > div:last-child").evaluate_all(
            "(all) => all.filter((one) => one.scrollWidth > one.clientWidth).map((one) => one.textContent)"
        )
        assert cut == [], theme


@pytest.mark.browser
def test_a_unit_that_its_heading_says_is_not_said_again(built: Built, visit: Open) -> None:
    page = visit(built("saihan").out / "boards" / "planner.html", "#lang=en")
    heads = page.locator('[data-list="unserved"] thead button')
    expect(heads.nth(2)).to_have_text("Minutes over the budget")
    page.locator('[data-theme="staffing"]').click()
    expect(page.locator('[data-sort="deficit"] small').first).to_have_text("FTE")
    cells = page.locator('[data-list="coverage"] tbody td:nth-child(3)').all_inner_texts()
    assert cells and all(cell.isdigit() for cell in cells)  # "Vacant grids": 1, not "1 grids"


@pytest.mark.browser
def test_an_empty_list_is_not_gone_through(built: Built, visit: Open) -> None:
    page = visit(built("saihan").out / "boards" / "planner.html", "#theme=staffing&lang=en")
    rules = page.locator('[data-list="rules"]')
    expect(rules).to_contain_text("None.")
    assert rules.locator("[data-step]").count() == 0


@pytest.mark.browser
def test_themes_that_lack_the_same_are_told_in_one_line(built: Built, visit: Open) -> None:
    page = visit(built("chayouzhong").out / "boards" / "planner.html")
    lines = page.locator("#missing li").all_inner_texts()
    assert "步行时间、缺口大小、等时圈：暂不可用：缺少 服务站、道路" in lines
    reasons = [line.split("：", 1)[1] for line in lines]
    assert len(set(reasons)) == len(reasons)


@pytest.mark.parametrize("name", SAMPLES)
def test_only_grids_that_lack_heads_are_listed_so(built: Built, name: str) -> None:
    made = built(name)
    themes = content(made, board("planner"), None)["themes"]
    lists = [one for theme in themes for one in theme["lists"] if one["id"] == "heads"]
    for one in lists:
        share = made.frame("unit-heads")["share"].astype(float)
        assert sorted(one["rows"]) == sorted(share.index[share < 1])
    assert bool(lists) == (name in {"saihan", "chayouzhong"})


def alone(tmp_path: Path, *ids: str) -> Path:
    """The town's board when these are all the layers that there are."""
    town = town_build()
    layers = [one for one in town.report["layers"] if one["id"] in ids]
    made: Any = replace(town, made={id: town.made[id] for id in ids}, report={**town.report, "layers": layers})
    file = tmp_path / "planner.html"
    file.write_text(render(made, "planner"), encoding="utf-8")
    return file


@pytest.mark.browser
@pytest.mark.parametrize(
    ("id", "drawn"), [("stations", ".leaflet-points-pane path"), ("divisions", ".leaflet-outline-pane path")]
)
def test_where_nothing_can_be_coloured_what_is_there_is_shown(
    visit: Open, tmp_path: Path, id: str, drawn: str
) -> None:
    page = visit(alone(tmp_path, id), "#lang=en")
    assert page.locator(drawn).count()
    assert page.locator("#panel :is(section, label, select):visible:not(:has(*))").count() == 0  # nothing empty
    expect(page.locator("#views")).to_be_hidden()
    page.click("#show-table")
    rows = page.evaluate("(id) => gridwalk.running.page.layer[id].rows", id)
    expect(page.locator("#table tbody tr")).to_have_count(min(rows, 300))
    page.keyboard.press("Escape")
    page.click("#lang")
    expect(page.locator("#missing")).to_contain_text("边境巡护")


@pytest.mark.browser
def test_a_board_with_nothing_at_all_says_what_it_lacks(visit: Open, tmp_path: Path) -> None:
    page = visit(alone(tmp_path), "#lang=en")
    expect(page.locator("#missing")).to_contain_text("Walking time")
    expect(page.locator("#show-table")).to_be_hidden()


@pytest.mark.browser
def test_parts_of_the_panel_have_names_and_words_do_not_run_together(built: Built, visit: Open) -> None:
    page = visit(built("saihan").out / "boards" / "planner.html", "#lang=en")
    covered = page.get_by_role("group", name="People covered", exact=True)
    expect(covered).to_contain_text("75.5% network")
    gap = page.get_by_role("table", name="Largest unserved areas")
    expect(gap.get_by_role("rowheader").first).to_have_text("№ 1")
    saving = page.get_by_role("group", name="Largest unserved areas").get_by_role("button", name="Save as CSV")
    expect(saving).to_have_count(1)
    page.locator('[data-theme="staffing"]').click()
    expect(page.get_by_role("columnheader", name="Deficit FTE").first).to_be_visible()


@pytest.mark.browser
def test_a_browser_that_cannot_print_leaves_the_screen_as_it_was(visit: Open, town: Path) -> None:
    page = visit(town)
    before = page.evaluate("[gridwalk.running.map.getZoom(), gridwalk.running.map.getSize().x]")
    page.evaluate("window.print = () => { window.asked = document.body.className; }")
    page.click("#print")
    until(page, "() => window.asked")
    assert "printing" in page.evaluate("window.asked")
    assert page.evaluate("document.body.className") == ""
    assert page.evaluate("[gridwalk.running.map.getZoom(), gridwalk.running.map.getSize().x]") == before
    expect(page.locator("#tools")).to_be_visible()


@pytest.mark.browser
def test_the_table_of_a_phone_is_read_along_its_lines(built: Built, visit: Open) -> None:
    page = visit(built("saihan").out / "boards" / "planner.html", size=PHONE, is_mobile=True, has_touch=True)
    page.click("#show-table")
    row = page.locator("#table tbody tr").first
    box = row.bounding_box()
    assert box and box["height"] < 110  # a name on two lines or three, not a letter a line
    name, code = row.locator("th").inner_text(), row.locator("td").first.inner_text()
    assert "网格" in name and code.isdigit()
    page.locator("#table .scroll").evaluate("(one) => one.scrollBy(600, 0)")
    held = row.locator("th").bounding_box()
    assert held and 0 <= held["x"] < 30  # whose line it is stays in sight


@pytest.mark.browser
def test_ids_are_not_written_on_the_map_as_names(built: Built, visit: Open) -> None:
    page = visit(built("porto-alegre").out / "boards" / "planner.html", "#at=15.5/-30.03000/-51.20000")
    assert page.locator('.leaflet-fill-pane path:not([d="M0 0"])').count()
    assert page.locator(".label.own").count() == 0
