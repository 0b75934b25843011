"""The board of data problems, used as a data clerk would: found, jumped to, saved, printed; desk and phone."""

from __future__ import annotations

import csv
import io
import json
import re
from collections.abc import Callable
from dataclasses import replace
from pathlib import Path
from typing import Any

import pypdfium2
import pytest
from playwright.sync_api import Page, expect

from maps.page import render
from tests.maps.browsing import PHONE, Open, address
from tests.maps.fake_build import HOSTILE
from tests.maps.fake_problems import NASTY_FILE, clean_build, fault, frontier_build, problems_build

pytestmark = pytest.mark.browser

Show = Callable[..., Page]
SEES = """(id) => {
  const { app, map } = { app: gridwalk.running, map: gridwalk.running.map };
  const [layer, row] = app.picked();
  return layer.key(row) === id && map.getBounds().contains(app.boundsOf(layer, row));
}"""


@pytest.fixture(scope="module")
def files(tmp_path_factory: pytest.TempPathFactory) -> dict[str, Path]:
    folder = tmp_path_factory.mktemp("boards")
    builds: dict[str, Any] = {"town": problems_build(), "frontier": frontier_build(), "clean": clean_build()}
    for name, build in builds.items():
        (folder / f"{name}.html").write_text(render(build, "problems"), encoding="utf-8")
    return {name: folder / f"{name}.html" for name in builds}


@pytest.fixture
def show(visit: Open, files: dict[str, Path]) -> Show:
    def showing(hash: str = "", name: str = "town", **options: Any) -> Page:
        return visit(files[name], hash, **options)

    return showing


def lines(page: Page) -> list[int]:
    return [
        int(one) for one in page.locator("#listed li").evaluate_all("all => all.map((one) => one.dataset.line)")
    ]


def saved(page: Page, button: str) -> tuple[str, str]:
    with page.expect_download() as download:
        page.locator(button).click()
    return download.value.suggested_filename, download.value.path().read_text("utf-8-sig")


def sheets(page: Page) -> list[str]:
    """Text of each page as it is printed."""
    document = pypdfium2.PdfDocument(page.pdf(prefer_css_page_size=True, print_background=True))
    return [one.get_textpage().get_text_range() for one in document]


def test_what_is_listed_follows_topic_file_problem_and_severity(show: Show) -> None:
    page = show()
    everything = lines(page)
    assert everything == list(range(1, len(everything) + 1))
    page.locator('[data-theme="tiling"]').click()
    expect(page.locator("#list-title")).to_contain_text(f"6 条，共 {len(everything)} 条")
    page.locator("#kind").select_option(label="重叠（1）")
    assert len(lines(page)) == 1
    expect(page.locator("#listed")).to_contain_text("几个图形几乎完全相同")
    page.locator('[data-theme="all"]').click()
    page.locator("#file").select_option(label="stations.xlsx（2）")
    expect(page.locator("#listed li")).to_have_count(2)
    page.locator('[data-class="0"]').click()  # without what must be mended
    expect(page.locator("#listed li")).to_have_count(1)
    expect(page.locator("#listed")).to_contain_text("离最近的道路太远")
    assert address(page).count("file=") == 1


def test_from_the_list_to_the_map_and_on_with_a_key(show: Show) -> None:
    page = show("#theme=tiling")
    first = page.locator("#listed li button.problem").first
    first.click()
    expect(page.locator("#card")).to_contain_text("什么不对")
    assert page.evaluate(SEES, "g1")
    assert page.locator(".leaflet-pick-pane path").count() >= 2
    page.keyboard.press("n")
    expect(page.locator("#listed li[aria-current]")).to_have_count(1)
    expect(page.locator("#steps")).to_contain_text("第 2 / 6 条")
    page.locator('#card [data-step="-1"]').click()
    assert page.evaluate(SEES, "g1")
    page.locator("#search").fill("1")  # by its number
    page.locator("#found li").first.click()
    expect(page.locator("#card .which .badge")).to_have_text("1")


def test_faults_are_jumped_to_by_their_place_or_their_row(show: Show) -> None:
    page = show("#theme=faults&lang=en")
    page.locator("#listed li", has_text="geometry_invalid").locator("button").click()
    middle = page.evaluate("gridwalk.running.map.getCenter()")
    assert (round(middle["lng"], 3), round(middle["lat"], 3)) == (111.7, 40.8)
    expect(page.locator("#card")).to_contain_text("grids.gpkg · id 150105001999 · column geometry")
    page.locator("#listed li", has_text="reference_unknown").locator("button").click()
    page.locator("#card summary").click()
    page.locator("#card dl button.link").first.click()
    assert page.evaluate("gridwalk.running.state.now.pick").startswith("grids:")


def test_hostile_text_is_text(show: Show) -> None:
    page = show("#theme=faults")
    expect(page.locator("#listed")).to_contain_text(NASTY_FILE)
    page.locator("#listed li", has_text=HOSTILE[2]).locator("button").click()
    for text in (NASTY_FILE, HOSTILE[3], HOSTILE[0], HOSTILE[1]):
        expect(page.locator("#card")).to_contain_text(text)
    assert page.locator("img").count() == 0
    name, text = saved(page, "#csv")
    assert name == "fake-town-problems-2026-11-20.csv"
    assert any(HOSTILE[3] in row[7] for row in csv.reader(io.StringIO(text)))
    assert page.evaluate("window.hacked") is None


def test_the_spreadsheet_has_what_its_reader_needs(show: Show) -> None:
    page = show("#lang=en")
    page.locator("#file").select_option(label="grids.gpkg (10)")
    name, text = saved(page, "#csv")
    assert name == "fake-town-problems-grids.gpkg-2026-11-20.csv"
    table = list(csv.reader(io.StringIO(text)))
    assert table[0][:10] == [
        "No.",
        "Topic",
        "Kind of problem",
        "Severity",
        "File",
        "Table",
        "Id of",
        "Id or row",
        "Column",
        "Longitude",
    ]
    assert len(table) == 11
    fault = next(row for row in table if row[12] == "geometry_invalid")
    assert fault[6:11] == ["Grids", "\t150105001999", "geometry", "111.7", "40.8"]
    assert fault[13] == "mend it"
    assert any(row[14] == "grid-findings:o1" and ";" in row[7] for row in table)


def test_map_data_hold_shapes_and_places(show: Show) -> None:
    page = show("#theme=tiling&lang=en")
    _, text = saved(page, "#geojson")
    features = json.loads(text)["features"]
    kinds = {feature["id"]: (feature["geometry"] or {}).get("type") for feature in features}
    assert kinds["grid-findings:o1"] == "Polygon"
    assert kinds["grid-findings:e1"] is None
    assert features[0]["properties"]["severity"] == "fail"
    page = show("", "frontier")
    _, text = saved(page, "#geojson")
    kinds = {one["id"]: one["geometry"]["type"] for one in json.loads(text)["features"]}
    assert kinds == {"border-findings:u": "LineString", "border-findings:m": "Point"}


def test_each_file_is_a_list_of_its_own_on_paper(show: Show) -> None:
    page = show()
    pages = sheets(page)
    assert all(re.sub(r"\s|\d+ / \d+", "", text) for text in pages)  # none is blank
    covers = [text for text in pages if "致：" in text]
    assert len(covers) == 5  # all but that of notes
    assert "致：a.csv; b.csv 的绘制人或填报人" in covers[0]
    assert not any("encoding_used" in text for text in pages)
    for text in pages:
        assert "版本 0f1e2d3c4b5a" in text  # the heading is on every page
        assert "怎么改" in text or "位置" in text
    ticks = page.evaluate("(gridwalk.running.sheets(), document.querySelectorAll('#paper .tick').length)")
    notes = 2  # noise in the partition, and an encoding
    assert ticks == len(lines(page)) - notes


def test_one_file_alone_is_printed_with_its_numbers_on_a_map(show: Show) -> None:
    page = show("#lang=en")
    page.locator("#file").select_option(label="grids.gpkg (10)")
    pages = sheets(page)
    assert "To: whoever drew or filled in grids.gpkg" in pages[0]
    assert "Grids; 10 in this file" in pages[0]
    page.evaluate("gridwalk.running.sheets()")
    shown = {
        int(text.split()[0])
        for text in page.locator("#paper svg text").all_text_contents()
        if re.match(r"\d+( \+\d+)?$", text)
    }
    assert shown <= set(lines(page))
    assert len(shown) >= 3


def test_where_nothing_is_wrong_that_is_said(show: Show) -> None:
    page = show("#lang=en", "clean")
    expect(page.locator("#listed")).to_have_text("No problems found.")
    expect(page.locator("#missing")).to_contain_text("Partition of grids: 10 rows checked, no problem found")
    expect(page.locator("#csv")).to_be_disabled()
    assert "No problems found." in sheets(page)[0]


def test_language_changes_everything_and_keeps_the_pick(show: Show) -> None:
    page = show("#pick=grid-findings:o1")
    expect(page.locator("#card")).to_contain_text("只保留其中一个")
    page.locator("#lang").click()
    expect(page.locator("#card")).to_contain_text("Compare the codes and keep one of them.")
    expect(page.locator("#card")).to_contain_text("grids.gpkg · id")
    expect(page.locator("#chosen")).to_contain_text("To be mended")


def test_a_phone_shows_the_list_in_its_sheet(show: Show) -> None:
    page = show("#theme=tiling", size=PHONE)
    assert page.evaluate("document.documentElement.scrollWidth") <= PHONE["width"]
    item = page.locator("#listed li button.problem").first
    item.scroll_into_view_if_needed()
    box = item.bounding_box()
    assert box
    assert box["height"] >= 48
    item.click()
    expect(page.locator("#card")).to_be_visible()
    assert page.evaluate(SEES, "g1")


def test_a_sheet_that_covers_the_map_gives_way_to_what_is_picked(show: Show) -> None:
    page = show("#theme=tiling", size=PHONE)
    page.locator("#handle").click()
    covered = page.locator("#ground").bounding_box()
    page.locator("#listed li button.problem").first.click()
    card, ground = page.locator("#card").bounding_box(), page.locator("#ground").bounding_box()
    assert covered
    assert card
    assert ground
    assert ground["height"] > covered["height"] + 100
    assert card["height"] > 150
    assert page.evaluate(SEES, "g1")


def test_nothing_on_paper_lies_over_anything_else(show: Show) -> None:
    page = show("#lang=en")
    page.emulate_media(media="print")
    page.evaluate("window.dispatchEvent(new Event('beforeprint'))")
    over = page.locator(".cover").evaluate_all("""all => all.flatMap((cover) => {
        const parts = [...cover.children].map((one) => [one, one.getBoundingClientRect(), one.scrollHeight]);
        return parts.slice(1).filter(([, box], at) => box.top < parts[at][1].top + parts[at][2] - 1)
            .map(([one]) => one.className || one.tagName);
    })""")
    assert page.locator(".cover").count() > 2
    assert over == []
    signs = page.locator(".by-whom").first.bounding_box()
    assert signs
    assert signs["width"] > 400


def test_what_a_table_lacks_is_told_by_what_it_lacks_it_for(show: Show) -> None:
    page = show("#lang=en&theme=duties")
    page.locator("#listed li", has_text="Grids with nobody").first.locator("button").click()
    expect(page.locator("#card")).to_contain_text("a.csv; b.csv · Grids ")
    page.locator("#file").select_option(index=1)
    _, text = saved(page, "#csv")
    assert {row[6] for row in list(csv.reader(io.StringIO(text)))[1:]} == {"Grids"}


def test_what_to_do_is_not_written_twice_in_a_row(visit: Open, tmp_path: Path) -> None:
    remedies = ("fill it in", "fill it in", "draw it")
    told = [fault("value_missing", row=f"{at}", remedy={"zh": one, "en": one}) for at, one in enumerate(remedies)]
    base = problems_build()
    build: Any = replace(base, report={**base.report, "faults": told})
    path = tmp_path / "board.html"
    path.write_text(render(build, "problems"), encoding="utf-8")
    page = visit(path, "#lang=en&theme=faults")
    page.evaluate("window.dispatchEvent(new Event('beforeprint'))")
    assert page.locator(".sheet tr:not(.of-kind) .todo").all_text_contents() == [
        "What to do: fill it in",
        "What to do: as above",
        "What to do: draw it",
    ]
