"""The patrol board in the field, in a real browser: where one stands, what is hidden, what is handed on."""

from __future__ import annotations

from collections.abc import Callable
from pathlib import Path
from typing import Any

import pytest
from playwright.sync_api import Page, expect

from maps.page import render
from tests.maps.browsing import PHONE, Open, until
from tests.maps.fake_patrol import DUE, patrol_build

pytestmark = pytest.mark.browser
Show = Callable[..., Page]


@pytest.fixture(scope="module")
def board(tmp_path_factory: pytest.TempPathFactory) -> Path:
    build: Any = patrol_build()
    path = tmp_path_factory.mktemp("field") / "board.html"
    path.write_text(render(build, "patrol"), encoding="utf-8")
    return path


@pytest.fixture
def show(visit: Open, board: Path) -> Show:
    """Open the board on a phone."""
    return lambda at="", **more: visit(board, at, size=PHONE, has_touch=True, is_mobile=True, **more)


def listed(page: Page) -> list[str]:
    return page.locator(".stretch .what").all_inner_texts()


def test_what_is_hidden_is_not_called_done(show: Show) -> None:
    page = show()
    page.locator('[data-state="due"]').tap()
    expect(page.locator("#stretch-count")).to_contain_text("另有 2 处按状态隐藏")
    for state in ("overdue", "critical", "never"):
        page.locator(f'[data-state="{state}"]').tap()
    nothing = page.locator("#stretches .none")
    expect(nothing).to_contain_text(f"另有 {len(DUE)} 处按状态隐藏")
    expect(nothing).not_to_contain_text("没有待巡的")
    page.evaluate("window.dispatchEvent(new Event('beforeprint'))")
    expect(page.locator("#paper")).to_contain_text(f"另有 {len(DUE)} 处按状态隐藏")
    page.evaluate("window.dispatchEvent(new Event('afterprint'))")
    nothing.get_by_role("button", name="全部显示").tap()
    assert len(listed(page)) == len(DUE)


def test_a_sheet_that_covers_the_map_gives_way_to_what_is_picked(show: Show) -> None:
    page = show()
    page.locator("#handle").tap()
    for id in ("theme", "zoom", "north"):
        expect(page.locator(f"#{id}")).to_be_hidden()  # there is no room for them
    expect(page.locator("#search")).to_be_visible()
    page.locator(".stretch").first.tap()
    card, search = page.locator("#card").bounding_box(), page.locator("#search").bounding_box()
    assert card
    assert search
    assert card["y"] > search["y"] + search["height"] + 100  # what was picked can be seen between


def test_a_post_is_chosen_while_the_sheet_covers_the_map(show: Show) -> None:
    page = show(geolocation={"latitude": 43.5, "longitude": 111.2}, permissions=["geolocation"])
    for lowered in (False, True):
        page.locator("#handle").tap()  # up
        if lowered:
            page.locator("#locate").tap()
            expect(page.locator("#card")).to_be_visible()
            card = page.locator("#card").bounding_box()
            assert card
            assert card["height"] > 150
        page.locator("#post").select_option("P0" if lowered else "P1")
        assert page.evaluate("gridwalk.running.map.getBounds().intersects(gridwalk.running.framed())")


SEEN = """() => {
    const { map, picked } = gridwalk.running;
    const [layer, row] = picked();
    const over = ["finder", "card"].map((id) => document.getElementById(id).getBoundingClientRect());
    const y = map.latLngToContainerPoint(gridwalk.middle(layer, row)).y;
    const seen = y + map.getContainer().getBoundingClientRect().top;
    return over[0].bottom < seen && seen < over[1].top;
}"""
ON_MAP = """() => {
    const { map, me, chainage } = gridwalk.running;
    const at = me.getLayers()[1].getLatLng();
    const near = chainage.nearest(at);
    const ground = map.getContainer().getBoundingClientRect();
    return [at, L.latLng(chainage.place(near.border, near.metres))]
        .map((one) => map.latLngToContainerPoint(one)).map(({ x, y }) => [x, y + ground.top]);
}"""


@pytest.mark.parametrize("place", [(43.5, 111.2), (38.0, 111.2)], ids=["near", "far"])
def test_one_sees_where_one_stands_and_the_border_there(show: Show, place: tuple[float, float]) -> None:
    here = {"latitude": place[0], "longitude": place[1], "accuracy": 30}
    page = show(geolocation=here, permissions=["geolocation"])
    page.locator("#locate").tap()
    expect(page.locator("#told")).to_contain_text("误差约 30 米")
    card, search, width = page.locator("#card"), page.locator("#search").bounding_box(), PHONE["width"]
    assert search
    top = search["y"] + search["height"]
    box = card.bounding_box() if card.is_visible() else page.locator("#credit").bounding_box()
    assert box
    for x, y in page.evaluate(ON_MAP):
        assert 0 < x < width
        assert top < y < box["y"]


def test_whose_place_is_known_roughly_is_told_no_stretch(show: Show) -> None:
    here = {"latitude": 43.5, "longitude": 111.2, "accuracy": 60_000}
    page = show(geolocation=here, permissions=["geolocation"])
    page.locator("#locate").tap()
    expect(page.locator("#told")).to_contain_text("误差约 60 公里，不能确定在哪一段")
    expect(page.locator("#card")).to_be_hidden()


def test_who_may_not_be_found_is_told_what_to_do(show: Show) -> None:
    page = show()
    page.locator("#locate").tap()
    expect(page.locator("#told")).to_contain_text("定位未获允许")


COPIED = """() => {
    navigator.clipboard.writeText = () => Promise.reject(new DOMException("no", "NotAllowedError"));
    document.execCommand = () => { window.copied = document.activeElement.value; return true; };
}"""


def test_the_list_is_shared_where_a_browser_shares_nothing(show: Show) -> None:
    page = show("#post=P0")
    page.evaluate("() => { delete Navigator.prototype.share; }")
    page.evaluate(COPIED)
    page.locator("#share").tap()
    expect(page.locator("#told")).to_have_text("已复制")
    lines = page.evaluate("window.copied").split("\n")
    assert "模拟甲派出所" in lines[0]
    assert "待巡 3 处，10 公里" in lines[1]
    assert [line.split(" · ")[0] for line in lines[2:]] == ["1. G002", "2. 界碑 5", "3. 围栏一"]
    page.locator(".stretch").first.tap()
    page.locator("#share").tap()
    expect(page.locator("#told")).to_have_text("已复制")
    assert page.evaluate("window.copied").startswith("G002\n")


def test_what_is_shared_has_the_last_choice_in_its_address(show: Show) -> None:
    page = show()
    page.evaluate(COPIED)
    hash_now = page.evaluate("""() => {
        gridwalk.running.state.set({ post: "P0" });
        gridwalk.share(gridwalk.running);
        return location.hash;
    }""")
    assert "post=P0" in hash_now


def test_no_letter_is_cut_at_the_edge_of_the_map(show: Show) -> None:
    page = show()
    for _ in range(2):
        page.locator("#zoom-in").tap()
        page.wait_for_timeout(400)
        boxes = page.locator(".label.state").evaluate_all(
            "all => all.map(one => one.getBoundingClientRect()).map(({ left, right }) => [left, right])"
        )
        assert boxes
        assert all(left >= 0 and right <= PHONE["width"] for left, right in boxes)


def test_paper_keeps_what_few_rows_a_holder_has_together_and_counts_its_pages(show: Show) -> None:
    page = show()
    page.emulate_media(media="print")
    kept = "all => all.map(one => getComputedStyle(one).breakInside)"
    page.evaluate("window.dispatchEvent(new Event('beforeprint'))")
    assert page.locator("#paper tbody").evaluate_all(kept) == ["avoid"] * 3
    page = show("#post=P0")
    page.emulate_media(media="print")
    page.evaluate("window.dispatchEvent(new Event('beforeprint'))")
    assert page.locator("#paper tbody").evaluate_all(kept) == ["auto"]  # one holder: as many pages as it takes
    rules = page.evaluate(
        "[...document.styleSheets].flatMap((one) => [...one.cssRules]).map((one) => one.cssText).join()"
    )
    assert "counter(pages)" in rules


def test_a_phone_that_is_turned_shows_what_it_showed(show: Show) -> None:
    page = show()
    across, upright = {"width": PHONE["height"], "height": PHONE["width"]}, PHONE
    inside = "gridwalk.running.map.getBounds().contains(gridwalk.running.whole)"
    for size in (across, upright):
        page.set_viewport_size(size)  # type: ignore[arg-type]
        until(page, inside)
    page.set_viewport_size(across)  # type: ignore[arg-type]
    page.locator(".stretch").first.tap()
    page.set_viewport_size(upright)  # type: ignore[arg-type]
    until(page, SEEN)


def test_a_tap_on_a_letter_leaves_it_in_sight(show: Show) -> None:
    page = show()
    for at in range(page.locator(".label.state").count()):
        page.locator(".label.state").nth(at).click()
        expect(page.locator("#card")).to_be_visible()
        assert page.evaluate(SEEN)
        page.locator("#card .close").click()
        page.locator("#whole").click()


@pytest.mark.parametrize("size", [PHONE, {"width": 360, "height": 640}], ids=["tall", "small"])
def test_all_that_is_ones_own_is_seen_between_the_buttons(visit: Open, board: Path, size: dict[str, int]) -> None:
    page = visit(board, "#post=P0", size=size, has_touch=True, is_mobile=True)
    over, under = page.locator("#theme").bounding_box(), page.locator("#zoom").bounding_box()
    assert over
    assert under
    ends = page.evaluate("""() => {
        const { map, mine, line } = gridwalk.running;
        const rows = [...Array(line.rows).keys()].filter((row) => line.shape(row) && mine(line, row));
        const top = map.getContainer().getBoundingClientRect().top;
        return rows.flatMap((row) => line.shape(row).flat()).map((at) => map.latLngToContainerPoint(at).y + top);
    }""")
    assert over["y"] + over["height"] < min(ends)
    assert max(ends) < under["y"]


def test_nothing_to_save_makes_no_file(show: Show) -> None:
    page = show("#hide=0,1,2,3,4,5")
    files: list[Any] = []
    page.on("download", lambda one: files.append(one))
    page.locator("#gpx").tap()
    expect(page.locator("#told")).to_have_text("清单里没有可存的")
    page.wait_for_timeout(300)
    assert files == []
