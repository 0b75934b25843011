"""The hour of the week in a real browser: by keyboard, by mouse, on a phone, on paper, in both languages."""

from __future__ import annotations

from collections.abc import Callable
from dataclasses import replace
from pathlib import Path
from typing import Any

import pytest
from playwright.sync_api import Page, expect

from maps.page import render
from tests.maps.browsing import PHONE, Open, address
from tests.maps.fake_build import HOSTILE, town_build

pytestmark = pytest.mark.browser

Show = Callable[..., Page]
NAVY, WHITE, PALE = "#0b4a8f", "#ffffff", "#6fa8dc"


@pytest.fixture(scope="module")
def board(tmp_path_factory: pytest.TempPathFactory) -> Path:
    path = tmp_path_factory.mktemp("week") / "planner.html"
    town: Any = town_build()
    path.write_text(render(town, "planner"), encoding="utf-8")
    return path


@pytest.fixture
def show(visit: Open, board: Path) -> Show:
    """Open the board."""

    def showing(*more: Any, **options: Any) -> Page:
        return visit(board, *more, **options)

    return showing


def fills_of(page: Page, pane: str) -> list[str]:
    paths = page.locator(f".leaflet-{pane}-pane path")
    return list(paths.evaluate_all("paths => paths.map((path) => path.getAttribute('fill'))"))


def stations(page: Page) -> dict[str, int]:
    """How many of the drawn stations are filled with which colour."""
    found = fills_of(page, "points")
    return {colour: found.count(colour) for colour in set(found)}


def counts(page: Page) -> list[str]:
    return page.locator("#legend .class .count").all_inner_texts()


def test_the_asked_hour_is_told_first(show: Show) -> None:
    page = show()
    slider = page.get_by_role("slider", name="一周中的小时")
    assert slider.input_value() == "58"
    assert slider.get_attribute("aria-valuetext") == "周三 10:00，覆盖 76.8%，开放站点 10 个"
    expect(page.locator("#week-whole")).to_have_text("覆盖 24,100 / 31,400 人")
    expect(page.locator("#week-stations")).to_have_text("开放10未开放0时间不明1")  # S003 does not count
    expect(page.locator("#week-note")).to_have_text("时间不明的站点按开放计。")
    assert "hour=" not in address(page)


@pytest.mark.parametrize(
    ("lang", "name", "told"),
    [
        ("zh", "周六 22:00", "周六 22:00，覆盖 10.0%，开放站点 1 个"),
        ("en", "Sat 22:00", "Sat 22:00: 10.0% covered, 1 stations open"),
    ],
)
def test_an_hour_is_named_in_the_readers_language(show: Show, lang: str, name: str, told: str) -> None:
    page = show(f"#lang={lang}&hour=sat-22")
    expect(page.locator("#week-hour")).to_have_text(name)
    assert page.locator("#week-slider").get_attribute("aria-valuetext") == told
    page.locator("#lang").click()
    expect(page.locator("#week-hour")).to_have_text({"zh": "Sat 22:00", "en": "周六 22:00"}[lang])


def test_the_slider_moves_by_keyboard(show: Show) -> None:
    page = show("#lang=en")
    slider = page.get_by_role("slider")
    slider.focus()
    for key, hour in (
        ("ArrowRight", "Wed 11:00"),
        ("ArrowLeft", "Wed 10:00"),
        ("PageUp", "Thu 10:00"),
        ("PageDown", "Wed 10:00"),
        ("Home", "Mon 0:00"),
        ("PageDown", "Sun 0:00"),
        ("End", "Sun 23:00"),
    ):
        page.keyboard.press(key)
        expect(page.locator("#week-hour")).to_have_text(hour)
        assert hour in (slider.get_attribute("aria-valuetext") or "")
    expect(slider).to_be_focused()
    assert "hour=sun-23" in address(page)


def test_stations_are_drawn_as_they_are_in_the_hour(show: Show) -> None:
    page = show()
    assert stations(page) == {"#12181f": 2, NAVY: 8, PALE: 1, WHITE: 1}  # S003 does not count
    page.get_by_role("button", name="最差时段").click()
    expect(page.locator("#week-hour")).to_have_text("周一 0:00")
    assert stations(page) == {"#12181f": 1, PALE: 1, WHITE: 10}  # the hub that never closes, and who knows
    page.get_by_role("button", name="所问时段").click()
    assert stations(page)[NAVY] == 8
    page.get_by_role("button", name="最差时段").click()
    page.get_by_role("button", name="网格员配备").click()
    expect(page.locator("#week")).to_be_hidden()
    assert stations(page)[NAVY] == 9  # no hour here: as at the asked moment


def test_grids_take_the_colour_of_the_hour(show: Show) -> None:
    page = show("#theme=hours")
    lived = int(page.evaluate("gridwalk.running.page.week.grids.at.filter((at) => at >= 0).length"))
    empty = int(page.evaluate("gridwalk.running.page.week.grids.at.length")) - lived
    expect(page.locator("#legend h3")).to_have_text("周三 10:00 · share（中）")
    none = [str(empty)] if empty else []
    assert counts(page) == [str(lived - 2), "1", "0", "1", *none]
    page.locator("#week-worst").click()
    assert counts(page) == ["1", "0", "0", str(lived - 2), str(empty + 1)]  # the third is not told
    expect(page.locator("#legend .class .name").last).to_have_text("不公布（人少）")
    fills = page.locator(".leaflet-fill-pane path").evaluate_all(
        "all => all.map((one) => one.getAttribute('fill'))"
    )
    assert fills.count("#b4b0aa") == empty + 1
    first = page.locator("#legend .class").nth(0)
    first.click()
    assert page.locator('.leaflet-fill-pane path[fill-opacity="0"]').count() == 1
    page.locator("#week-asked").click()  # what is hidden follows the hour
    assert page.locator('.leaflet-fill-pane path[fill-opacity="0"]').count() == lived - 2


def test_a_grids_card_and_table_follow_the_hour(show: Show) -> None:
    page = show("#theme=hours&lang=en&pick=grid-walk:150105001000001")
    card = page.locator("#card")
    expect(card).to_contain_text("Share covered at this hour62 %")
    expect(card.locator(".status")).to_have_text("50–75%")
    page.locator("#week-worst").click()
    expect(card).to_contain_text("Share covered at this hour0 %")
    page.click("#show-table")
    expect(page.locator('#table tr[data-key="150105001000004"]')).to_contain_text("100 %")
    page.click("#table-close")
    page.locator("#themes button").first.click()
    expect(card).not_to_contain_text("at this hour")


def test_the_address_keeps_the_hour(show: Show) -> None:
    page = show("#hour=sat-22&theme=hours&lang=en")
    expect(page.locator("#week-hour")).to_have_text("Sat 22:00")
    page.evaluate("location.hash = '#hour=fri-09&theme=bands'")
    expect(page.locator("#week-hour")).to_have_text("周五 9:00")
    for nonsense in ("sat-24", "xyz-01", "7", "sat", "__proto__-01"):
        page.evaluate(f"location.hash = '#hour={nonsense}'")
        expect(page.locator("#week-hour")).to_have_text("周三 10:00")


def test_the_curve_has_every_hour_and_can_be_clicked(show: Show) -> None:
    page = show("#lang=en")
    path = page.locator("#week-curve .curve").get_attribute("d") or ""
    assert path.count("H") == 168
    box = page.locator("#week-curve svg").bounding_box()
    assert box
    page.mouse.click(box["x"] + box["width"] * (5 * 24 + 22.5) / 168, box["y"] + 10)
    expect(page.locator("#week-hour")).to_have_text("Sat 22:00")
    expect(page.locator("#week-curve .now")).to_have_attribute("d", "M285 0V50")  # hour 142, two units wide
    thumb = page.evaluate("document.getElementById('week-slider').value")
    assert thumb == "142"


def test_the_curve_is_a_table_too(show: Show) -> None:
    page = show("#lang=en&hour=tue-09")
    table = page.locator("#week-table")
    table.locator("summary").click()
    expect(table.locator("td button")).to_have_count(168)
    expect(table.locator("[aria-current]")).to_have_attribute("aria-label", "Tue 9:00: 76.8%")
    table.get_by_role("button", name="Sun 23:00: 10.0%").click()
    expect(page.locator("#week-hour")).to_have_text("Sun 23:00")
    expect(table.locator("[aria-current]")).to_have_attribute("aria-label", "Sun 23:00: 10.0%")
    expect(table.get_by_role("button", name="Sun 23:00: 10.0%")).to_be_focused()


def test_a_hostile_grid_is_text_at_every_hour(show: Show) -> None:
    page = show("#theme=hours&hour=mon-00")
    page.locator('[data-list="hours"]').get_by_role("button", name="全部").click()
    page.locator('[data-list="hours"] button.link', has_text=HOSTILE[3]).click()
    expect(page.locator("#card h2")).to_contain_text(HOSTILE[3])
    page.locator("#week-asked").click()
    assert page.evaluate("window.hacked") is None
    assert page.locator("img").count() == 0


def test_bands_lie_under_outlines_and_stations_and_count_people(show: Show) -> None:
    page = show("#theme=bands")
    assert page.locator(".leaflet-fill-pane path").count() == 3
    assert counts(page) == ["4,100", "9,000", "11,000"]
    expect(page.locator("#legend .limit")).to_have_text("15 分钟")
    expect(page.locator("#legend .key")).to_have_text("未覆盖片区")
    fills = page.locator(".leaflet-fill-pane path").evaluate_all(
        "all => all.map((one) => one.getAttribute('fill'))"
    )
    assert fills == ["#3f85c0", "#8fbde3", "#dcebf7"]  # the longest first, the shortest on top
    order = page.evaluate("""['fill', 'over', 'points'].map(
        (name) => Number(document.querySelector(`.leaflet-${name}-pane`).style.zIndex))""")
    assert order == sorted(order)
    assert page.locator(".leaflet-over-pane path").count() == 40
    page.get_by_label("网格界线").uncheck()
    assert page.locator(".leaflet-over-pane path").count() == 0
    page.get_by_role("checkbox", name="未覆盖片区").uncheck()
    expect(page.locator("#legend .key")).to_have_count(0)


def test_a_stations_card_tells_its_hour_and_its_hub(show: Show) -> None:
    page = show("#lang=en&pick=stations:S005&hour=sat-22")
    expect(page.locator("#card .status")).to_have_text("Sat 22:00 Closed")
    expect(page.locator("#card")).to_contain_text("Its hubToo far from its hub")


def test_a_phone_has_room_for_the_week(show: Show) -> None:
    page = show("#theme=hours&hour=sun-23", size=PHONE, has_touch=True, is_mobile=True)
    assert page.evaluate("document.documentElement.scrollWidth") <= 390
    slider = page.locator("#week-slider")
    slider.scroll_into_view_if_needed()
    box = slider.bounding_box()
    assert box
    assert box["height"] >= 44
    assert box["x"] >= 0
    assert box["x"] + box["width"] <= 390
    page.locator("#week-worst").tap()
    expect(page.locator("#week-hour")).to_have_text("周一 0:00")


def test_paper_tells_the_chosen_hour(show: Show) -> None:
    page = show("#theme=hours&hour=sat-22")
    page.evaluate("window.dispatchEvent(new Event('beforeprint'))")
    for part in ("#week-hour", "#week-share", "#week-whole", "#week-curve", "#week-stations"):
        expect(page.locator(part)).to_be_visible()
    for part in ("#week-slider", "#week-worst", "#week-asked"):
        expect(page.locator(part)).to_be_hidden()
    expect(page.locator("#legend h3")).to_contain_text("周六 22:00")


def test_without_the_week_the_control_is_absent(visit: Open, tmp_path: Path) -> None:
    town = town_build()
    made = {id: one for id, one in town.made.items() if id not in {"station-hours", "grid-hours"}}
    layers = [one for one in town.report["layers"] if one["id"] in made]
    bare: Any = replace(town, made=made, report={**town.report, "layers": layers})
    path = tmp_path / "bare.html"
    path.write_text(render(bare, "planner"), encoding="utf-8")
    page = visit(path, "#hour=sat-22&theme=hours")
    expect(page.locator("#week")).to_be_hidden()
    expect(page.locator("#themes button[aria-pressed=true]")).to_have_text("步行时间")
    assert stations(page)[WHITE] == 1
    expect(page.locator("#missing")).to_contain_text("各时段")


def test_where_the_hour_does_not_matter_nothing_is_called_asked(visit: Open, tmp_path: Path) -> None:
    town = town_build()
    parameters = town.workspace.parameters.model_copy(update={"at": "any"})
    anytime: Any = replace(town, workspace=replace(town.workspace, parameters=parameters))
    path = tmp_path / "any.html"
    path.write_text(render(anytime, "planner"), encoding="utf-8")
    page = visit(path)
    expect(page.locator("#week-asked")).to_be_hidden()
    expect(page.locator("#week-hour")).to_have_text("周一 0:00")  # the worst
    expect(page.locator("#week-note")).to_contain_text("颜色不分时段。")
