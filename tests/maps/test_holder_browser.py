"""The file of one holder on a phone, from a memory stick: it asks nobody, and has nobody else's work."""

from __future__ import annotations

import re
from collections.abc import Callable
from pathlib import Path
from typing import Any

import pytest
from playwright.sync_api import Page, expect

from maps import holder
from tests.maps.browsing import PHONE, Open
from tests.maps.fake_build import HOSTILE
from tests.maps.fake_patrol import patrol_build
from tests.maps.test_patrol_content import data

pytestmark = pytest.mark.browser
BAD = ("../x", "</script><script>window.hacked=1</script>{{7*7}}")
SIZES = {"tall": PHONE, "small": {"width": 360, "height": 640}, "across": {"width": 844, "height": 390}}
Show = Callable[..., Page]


def written(folder: Path, id: str, **renamed: str) -> Path:
    build: Any = patrol_build()
    for _, frame in build.made.values():
        for name in ("post_id", "name"):
            if name in frame:
                frame[name] = frame[name].replace(renamed)
    frames = holder.read(build)
    path = folder / holder.file_name(build.workspace.id, id)
    path.write_text(holder.page(build, frames, holder.find(frames, id)), encoding="utf-8")
    return path


@pytest.fixture(scope="module")
def files(tmp_path_factory: pytest.TempPathFactory) -> dict[str, Path]:
    folder = tmp_path_factory.mktemp("stick")
    made = {id: written(folder, id) for id in ("P0", "P1", "G003")}
    return made | {id: written(folder, id, P0=BAD[0], P1=BAD[1]) for id in BAD}


@pytest.fixture
def show(visit: Open, files: dict[str, Path]) -> Show:
    def showing(id: str = "P0", hash: str = "", size: str = "tall") -> Page:
        return visit(files[id], hash, size=SIZES[size], has_touch=True, is_mobile=True)

    return showing


def test_it_opens_on_the_holders_own_ground(show: Show) -> None:
    page = show()
    expect(page.locator("h1")).to_have_text("模拟甲派出所")
    expect(page.locator("#head .sub")).to_have_text("6 个管段 · 60 公里 · 2026年11月20日")
    expect(page.locator("#post")).to_be_hidden()
    expect(page.locator("#file")).to_be_hidden()  # it is the file
    assert page.locator(".stretch .what").all_inner_texts() == ["G002", "界碑 5", "围栏一"]
    assert page.locator(".state-chip > b").all_inner_texts() == ["2", "0", "2", "0", "2", "0"]
    inside = "gridwalk.running.map.getBounds().contains(gridwalk.running.whole)"
    assert page.evaluate(inside)
    page.evaluate("gridwalk.running.map.setZoom(14, { animate: false })")
    assert not page.evaluate(inside)
    page.locator("#whole").tap()
    assert page.evaluate(inside)


def test_mine_is_thick_and_the_neighbours_are_thin_and_named(show: Show) -> None:
    page = show("P1")
    widths = page.locator(".leaflet-casing-pane path").evaluate_all(
        "all => [...new Set(all.map((one) => parseFloat(getComputedStyle(one).strokeWidth)))]"
    )
    widths.sort()
    assert len(widths) == 2
    assert widths[1] > 1.4 * widths[0]
    page = show("P0")
    expect(page.locator(".label.neighbour").first).to_have_text(HOSTILE[2])  # the other post's name is text
    assert page.evaluate("window.hacked") is None
    inside = page.locator(".label.neighbour").evaluate_all(
        "all => all.map((one) => one.getBoundingClientRect()).every((box) => box.left >= 0 && box.right <= 390)"
    )
    assert inside


def test_a_segment_has_a_file_of_its_own(show: Show) -> None:
    page = show("G003", "#lang=en")
    expect(page.locator("h1")).to_have_text("Segment G003")
    assert page.locator(".stretch .what").all_inner_texts() == ["G003", HOSTILE[3]]


def test_the_list_goes_out_under_the_holders_name(show: Show) -> None:
    page = show()
    with page.expect_download() as download:
        page.locator("#gpx").tap()
    assert download.value.suggested_filename == "fake-border-P0-2026-11-20.gpx"
    page.evaluate("window.dispatchEvent(new Event('beforeprint'))")
    expect(page.locator("#paper")).to_contain_text("模拟甲派出所 · 2026年11月20日")
    expect(page.locator("#paper .whose")).to_have_count(0)
    page.evaluate("window.dispatchEvent(new Event('afterprint'))")


def test_what_is_shared_of_a_file_is_a_place_not_an_address(show: Show) -> None:
    page = show("P0", "#pick=due-list:d2")
    page.evaluate(
        "window.board = { writeText: async (text) => { window.copied = text; } };"
        "Object.defineProperty(navigator, 'clipboard', { value: window.board })"
    )
    page.locator("#share").tap()
    expect(page.locator("#told")).to_have_text("已复制")
    text = page.evaluate("window.copied")
    assert "file:" not in text
    assert text.startswith("G002\n逾期 · 逾期 3 天 · 10 公里")
    assert re.search(r"\n43\.\d{5}, 111\.\d{5}$", text)


@pytest.mark.parametrize("id", BAD)
def test_a_hostile_id_is_text_and_a_harmless_file_name(show: Show, files: dict[str, Path], id: str) -> None:
    path = files[id]
    assert re.fullmatch(r"fake-border-patrol-[\w-]+\.html", path.name)
    page = show(id)
    assert page.evaluate("window.hacked") is None
    assert page.evaluate("gridwalk.running.page.holder.id") == id
    assert page.locator(".stretch").count() == (3 if id == BAD[0] else 2)
    assert data(path.read_text(encoding="utf-8"))["holder"]["id"] == id


@pytest.mark.parametrize("size", SIZES)
@pytest.mark.parametrize("lang", ["zh", "en"])
def test_a_phone_has_room_for_map_and_list(show: Show, size: str, lang: str) -> None:
    page = show("P0", f"#lang={lang}", size)
    wide, high = SIZES[size]["width"], SIZES[size]["height"]
    ground, panel = (page.locator(id).bounding_box() for id in ("#ground", "#panel"))
    assert ground
    assert panel
    if wide < high:
        assert ground["height"] >= 0.6 * high
    else:
        assert ground["width"] >= 0.5 * wide
        assert ground["height"] == high
    first = page.locator(".stretch").first.bounding_box()
    assert first
    assert first["y"] + first["height"] <= high  # one row of the list, whole
    assert page.evaluate("document.documentElement.scrollWidth") <= wide
