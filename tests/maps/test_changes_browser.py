"""The comparison on the planner's board, driven as a planner would: what got worse, where, what it was before."""

from __future__ import annotations

import re
from dataclasses import replace
from pathlib import Path
from typing import Any

import pytest
from playwright.sync_api import Page, expect

from maps.page import render
from tests.maps.browsing import PHONE, Open, address
from tests.maps.fake_build import town_build
from tests.maps.fake_changes import BEFORE, GONE, WORSE, two_builds

pytestmark = pytest.mark.browser


@pytest.fixture(scope="module")
def files(tmp_path_factory: pytest.TempPathFactory) -> dict[str, Path]:
    folder = tmp_path_factory.mktemp("changes")
    pairs: dict[str, Any] = {"pair": two_builds(), "asked": two_builds(households_per_worker=300.0)}
    alone: Any = town_build()
    town: Any = town_build()
    pairs["same"] = (replace(town, report={**town.report, "as_of": "2026-08-20", "version": BEFORE}), town)
    pages = {name: render(now, "planner", against=before) for name, (before, now) in pairs.items()}
    for name, html in {**pages, "alone": render(alone, "planner")}.items():
        (folder / f"{name}.html").write_text(html, encoding="utf-8")
    return {name: folder / f"{name}.html" for name in (*pages, "alone")}


def shown(page: Page) -> int:
    """Areas of the map of now that can be seen."""
    return page.locator('.leaflet-fill-pane path:not([fill-opacity="0"])').count()


def counts(page: Page) -> dict[str, str]:
    """The legend as it reads."""
    lines = page.locator("#legend .class")
    return {
        lines.nth(at).locator(".name").inner_text(): lines.nth(at).locator(".count").inner_text()
        for at in range(lines.count())
    }


def test_without_an_earlier_build_nothing_is_said(visit: Open, files: dict[str, Path]) -> None:
    page = visit(files["alone"], "#compare=1")
    assert page.locator("#changes, #swipe").count() == 0
    assert "compare" not in page.evaluate("gridwalk.running.state.now") or not page.evaluate(
        "gridwalk.running.state.now.compare"
    )


def test_where_nothing_changed_one_line_says_so(visit: Open, files: dict[str, Path]) -> None:
    page = visit(files["same"], "#lang=en&compare=swipe")
    expect(page.locator("#changes")).to_have_text("Compared with 20 Aug 2026: nothing has changed")
    line = page.locator("#changes").bounding_box()
    assert line and line["height"] < 60
    assert page.locator(".modes").count() == 0
    expect(page.locator("#swipe")).to_be_hidden()
    page.click("#lang")
    expect(page.locator("#changes")).to_have_text("与 2026年8月20日 相比：没有变化")


def test_figures_say_which_way_they_went(visit: Open, files: dict[str, Path]) -> None:
    page = visit(files["pair"], "#lang=en")
    expect(page.locator("#changes h2")).to_have_text("Compared with 20 Aug 2026")
    expect(page.locator('#figures [data-figure="grid-walk.people_covered"] .moved')).to_have_text(
        re.compile("▲.*Better.*was 70.0%")
    )
    page.locator("#changes summary").click()
    expect(page.locator('#changes [data-change="worse"]')).to_contain_text("8 → 10 grids")
    page.click("#lang")
    expect(page.locator('#changes [data-change="worse"]')).to_contain_text("变差")
    expect(page.locator('#changes [data-change="worse"]')).to_be_visible()  # it stays open


def test_the_map_shows_what_changed_and_the_legend_filters_it(visit: Open, files: dict[str, Path]) -> None:
    page = visit(files["pair"], "#lang=en")
    all_of_them = shown(page)
    page.get_by_role("button", name="Changes").click()
    assert counts(page) == {"Better": "1", "Worse": "1", "New": "1", "Gone": "1", "Same": str(all_of_them - 3)}
    assert "compare=1" in address(page)
    assert shown(page) == all_of_them + 1  # what is gone, too
    page.locator("#legend .class", has_text="Same").click()
    assert shown(page) == 4
    page.get_by_role("button", name="Now", exact=True).click()
    assert shown(page) == all_of_them
    assert "compare" not in address(page)


def test_lists_of_what_changed_lead_to_it(visit: Open, files: dict[str, Path]) -> None:
    page = visit(files["pair"], "#lang=en&compare=1")
    page.locator('[data-list="changes_worse"] button.link').click()
    card = page.locator("#card")
    expect(card.locator(".change")).to_contain_text("Worse")
    expect(card.locator(".change b")).to_have_text("2 min → 22 min")
    expect(card.locator(".status")).to_have_text("Worse")
    assert page.locator('[data-list="changes_worse"] tr[aria-current]').count() == 1
    page.locator('[data-list="changes_gone"] button.link').click()
    expect(card.locator("h2")).to_contain_text("模拟旧网格")
    expect(card.locator(".change")).to_contain_text("30 min")
    assert f"pick=grid-walk:{GONE}" in address(page)
    expect(card.locator("dl")).not_to_contain_text("—")

    again = visit(files["pair"], address(page))
    expect(again.locator("#card h2")).to_contain_text("模拟旧网格")


def test_the_card_tells_before_and_after_whatever_the_map_shows(visit: Open, files: dict[str, Path]) -> None:
    _, now = two_builds()
    id = now.frame("grid-walk")["grid_id"].iloc[WORSE]
    page = visit(files["pair"], f"#lang=zh&pick=grid-walk:{id}")
    expect(page.locator("#card .change b")).to_have_text("2 分钟 → 22 分钟")
    page = visit(files["pair"], f"#lang=zh&pick=grid-walk:{now.frame('grid-walk')['grid_id'].iloc[0]}")
    assert page.locator("#card .change").count() == 0


def test_themes_without_change_say_so_and_those_by_the_hour_cannot_be_compared(
    visit: Open, files: dict[str, Path]
) -> None:
    page = visit(files["pair"], "#lang=en&theme=hours&compare=1")
    expect(page.locator("#changes .why")).to_contain_text("hour by hour")
    expect(page.get_by_role("button", name="Changes")).to_be_disabled()
    page.locator('[data-theme="staffing"]').click()
    assert counts(page)["Worse"] == "1"
    expect(page.locator('[data-list="changes_worse"]')).to_contain_text("Vacant")


def test_other_parameters_are_told_above_everything(visit: Open, files: dict[str, Path]) -> None:
    page = visit(files["asked"], "#lang=en")
    expect(page.locator("#changes [role=note]")).to_contain_text("households per worker 300 → 500")


def test_the_divider_is_moved_by_keys_and_by_hand(visit: Open, files: dict[str, Path]) -> None:
    page = visit(files["pair"], "#lang=en")
    areas = shown(page)
    page.get_by_role("button", name="Before | now").click()
    assert "compare=swipe" in address(page)
    slider = page.get_by_role("slider", name="Divider")
    expect(slider).to_have_attribute("aria-valuenow", "50")
    slider.press("ArrowLeft")
    expect(slider).to_have_attribute("aria-valuenow", "48")
    slider.press("PageUp")
    expect(slider).to_have_attribute("aria-valuenow", "58")
    slider.press("Home")
    expect(slider).to_have_attribute("aria-valuenow", "0")
    slider.press("End")
    expect(slider).to_have_attribute("aria-valuetext", "100% of the map as before")
    box = page.locator("#map_board").bounding_box()
    assert box is not None
    page.mouse.move(box["x"] + box["width"] - 3, box["y"] + box["height"] / 2)
    page.mouse.down()
    page.mouse.move(box["x"] + box["width"] * 0.25, box["y"] + box["height"] / 2, steps=4)
    page.mouse.up()
    expect(slider).to_have_attribute("aria-valuenow", re.compile("2[456]"))
    assert page.locator(".leaflet-was-fill-pane path").count() == areas  # one is new, one is gone
    assert shown(page) == areas
    clips = page.evaluate("['fill', 'was-fill'].map((name) => gridwalk.running.map.getPane(name).style.clipPath)")
    assert all(clip.startswith("polygon") for clip in clips)
    expect(page.locator("#changes .why")).to_contain_text("stand on the right alone")
    page.get_by_role("button", name="Now", exact=True).click()
    assert page.locator(".leaflet-was-fill-pane path").count() == 0
    assert page.evaluate("gridwalk.running.map.getPane('fill').style.clipPath") == ""
    expect(page.locator("#swipe")).to_be_hidden()


def test_what_is_of_now_alone_is_not_left_of_the_divider(visit: Open, files: dict[str, Path]) -> None:
    page = visit(files["pair"], "#lang=en&compare=swipe")
    cut = "(name) => getComputedStyle(gridwalk.running.map.getPane(name)).clipPath"
    of_now = page.evaluate(cut, "fill")
    assert [page.evaluate(cut, name) for name in ("beyond", "points", "signs", "labels")] == [
        *[of_now] * 3,
        "none",
    ]
    assert page.locator(".leaflet-points-pane path").count()
    page.locator('[data-theme="bands"]').click()
    assert page.locator(".leaflet-beyond-pane path").count()
    page.locator('[data-theme="partition"]').click()
    expect(page.locator(".leaflet-signs-pane .label.state").first).to_be_visible()
    assert page.locator(".leaflet-labels-pane .label.state").count() == 0


def test_a_class_that_is_hidden_is_hidden_on_both_sides(visit: Open, files: dict[str, Path]) -> None:
    page = visit(files["pair"], "#lang=en&compare=swipe")
    before = page.locator('.leaflet-was-fill-pane path:not([fill-opacity="0"])').count()
    page.locator("#legend .class").first.click()
    assert page.locator('.leaflet-was-fill-pane path:not([fill-opacity="0"])').count() < before


def test_the_table_has_what_it_was(visit: Open, files: dict[str, Path]) -> None:
    page = visit(files["pair"], "#lang=en&compare=1&hide=4")
    page.click("#show-table")
    heads = page.locator("#table thead").inner_text()
    assert "Change" in heads and "minutes, before" in heads
    expect(page.locator("#table tbody")).to_contain_text("Gone")


@pytest.mark.parametrize("mode", ["1", "swipe"])
def test_it_fits_a_phone(visit: Open, files: dict[str, Path], mode: str) -> None:
    page = visit(files["pair"], f"#lang=zh&compare={mode}", size=PHONE)
    assert page.evaluate("document.documentElement.scrollWidth") <= PHONE["width"]
    heights = [page.locator(".modes button").nth(at).bounding_box() for at in range(3)]
    assert all(box and box["height"] >= 44 for box in heights)
    if mode == "swipe":
        handle = page.locator("#swipe i").bounding_box()
        assert handle is not None and min(handle["width"], handle["height"]) >= 44


@pytest.mark.parametrize("sheet", ["A3 landscape", "A3 portrait", "A4 landscape", "A4 portrait"])
def test_a_printed_comparison_keeps_its_imprint_and_some_of_its_list(
    visit: Open, files: dict[str, Path], sheet: str
) -> None:
    page = visit(files["pair"], "#lang=en&compare=1")
    page.select_option("#sheet-size", sheet)
    page.evaluate("window.dispatchEvent(new Event('beforeprint'))")
    whole = page.locator("body").bounding_box()
    imprint = page.locator("#colophon p >> nth=-1").bounding_box()
    assert whole and imprint
    assert imprint["y"] + imprint["height"] <= whole["height"] + 1
    assert page.locator("#lists tbody tr:not(.beyond)").count()
    expect(page.locator("#lists .steps").first).to_be_hidden()


def test_nonsense_in_the_address_is_dropped(visit: Open, files: dict[str, Path]) -> None:
    page = visit(files["pair"], "#compare=nonsense")
    expect(page.locator('.modes [aria-pressed="true"]')).to_have_text("现状")
