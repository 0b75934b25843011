"""The patrol board in a real browser, driven as a leader in the field would: network off, from a file."""

from __future__ import annotations

import re
from collections.abc import Callable
from pathlib import Path
from typing import Any

import pytest
from defusedxml import ElementTree
from playwright.sync_api import Page, expect
from pyproj import Geod

from maps import palette
from maps.page import render
from tests.maps.browsing import PHONE, Open, address
from tests.maps.fake_build import HOSTILE, border
from tests.maps.fake_patrol import DUE, patrol_build

pytestmark = pytest.mark.browser

GPX = "{http://www.topografix.com/GPX/1/1}"
IN_VIEW = """(() => {
    const { map, page } = gridwalk.running;
    return map.getBounds().contains(page.layer["border-status"].bounds(2));
})()"""
TEXTS = """() => {
    const hex = (colour) => "#" + colour.match(/[\\d.]+/g).slice(0, 3)
        .map((v) => Math.round(v).toString(16).padStart(2, "0")).join("");
    const clear = (one) => / 0\\)$/.test(getComputedStyle(one).backgroundColor);
    const under = (one) => {
        while (one && clear(one)) one = one.parentElement;
        return one ? getComputedStyle(one).backgroundColor : "rgb(255, 255, 255)";
    };
    const shown = (one) => one.getClientRects().length && getComputedStyle(one).visibility === "visible"
        && !one.closest(".leaflet-container");
    const own = (one) => [...one.childNodes].some((node) => node.nodeType === 3 && node.data.trim());
    return [...document.querySelectorAll("body *")].filter((one) => shown(one) && own(one)).map((one) => {
        const style = getComputedStyle(one);
        return [one.textContent, hex(style.color), hex(under(one)), Number(style.opacity)];
    });
}"""
Show = Callable[..., Page]
Size = tuple[int, int]


@pytest.fixture(scope="module")
def files(tmp_path_factory: pytest.TempPathFactory) -> dict[str, Path]:
    folder = tmp_path_factory.mktemp("patrol")
    for name, without in (("whole", ()), ("no-list", ("due-list",)), ("bare", ("due-list", "posts", "markers"))):
        build: Any = patrol_build(*without)
        (folder / f"{name}.html").write_text(render(build, "patrol"), encoding="utf-8")
    return {path.stem: path for path in folder.iterdir()}


@pytest.fixture
def show(visit: Open, files: dict[str, Path]) -> Show:
    """Open the board on a phone, or at a desk."""

    def showing(hash: str = "", *, name: str = "whole", desk: bool = False, **more: Any) -> Page:
        phone: dict[str, Any] = {} if desk else {"size": PHONE, "has_touch": True, "is_mobile": True}
        return visit(files[name], hash, **phone, **more)

    return showing


def listed(page: Page) -> list[str]:
    return page.locator(".stretch .what").all_inner_texts()


@pytest.mark.parametrize("name", ["whole", "no-list", "bare"])
@pytest.mark.parametrize("lang", ["zh", "en"])
@pytest.mark.parametrize("desk", [True, False], ids=["desk", "phone"])
def test_it_opens_with_whatever_a_build_has(show: Show, name: str, lang: str, desk: bool) -> None:
    page = show(f"#lang={lang}", name=name, desk=desk)
    assert page.locator(".stretch").count() == (len(DUE) if name == "whole" else 12)
    assert page.evaluate("document.documentElement.scrollWidth") <= (1440 if desk else 390)
    assert page.evaluate("window.hacked") is None
    assert page.locator("img").count() == 0


@pytest.mark.parametrize("lang", ["zh", "en"])
@pytest.mark.parametrize("desk", [True, False], ids=["desk", "phone"])
def test_no_word_of_a_state_is_cut(show: Show, lang: str, desk: bool) -> None:
    page = show(f"#lang={lang}", desk=desk)
    cut = """chips => chips.flatMap(chip => [...chip.querySelectorAll(".what, small")].filter(text =>
        text.scrollWidth > text.clientWidth + 0.5 ||
        text.getBoundingClientRect().right > chip.getBoundingClientRect().right - 1
        ).map(text => text.textContent))"""
    assert page.locator(".state-chip").evaluate_all(cut) == []


def test_the_list_is_grouped_by_holder_the_most_urgent_first(show: Show) -> None:
    page = show()
    assert page.locator(".holder b").all_inner_texts() == [HOSTILE[2], "模拟甲派出所", "未定派出所"]
    assert listed(page) == ["G003", HOSTILE[3], "G002", "界碑 5", "围栏一", "km 50.0-60.0"]
    late = page.locator(".stretch .late").all_inner_texts()
    assert late == ["逾期 13 天", "还有 6 小时", "逾期 3 天", "逾期 12 小时", "还有 22 小时", "从未巡访"]
    expect(page.locator("#stretch-count")).to_have_text("待巡 6 处，30 公里")


def test_evidence_has_a_sign_and_a_word(show: Show) -> None:
    page = show()
    rows = page.locator(".stretch")
    for row, evidence, word in ((0, "gps", "轨迹"), (2, "scan", "扫码"), (3, "declared", "申报")):
        expect(rows.nth(row).locator(f'.seen [data-glyph="{evidence}"]')).to_have_count(1)
        expect(rows.nth(row).locator(".seen")).to_have_text(f"{word} 11月8日")  # half past midnight there
    expect(rows.nth(5).locator(".seen")).to_have_text("无巡访记录")
    kinds = page.locator(".stretch .what [data-glyph]").evaluate_all("all => all.map(one => one.dataset.glyph)")
    assert kinds == ["village", "marker", "fence"]


def test_the_address_remembers_the_holder(show: Show) -> None:
    page = show()
    page.locator(".holder", has_text="模拟甲派出所").tap()
    assert listed(page) == ["G002", "界碑 5", "围栏一"]
    expect(page.locator(".holder")).to_have_count(0)
    told = address(page)
    assert "post=P0" in told
    again = show(told)
    assert listed(again) == ["G002", "界碑 5", "围栏一"]
    expect(again.locator("#post")).to_have_value("P0")
    assert again.evaluate(IN_VIEW)


def test_a_state_can_be_left_out(show: Show) -> None:
    page = show()
    page.locator('[data-state="due"]').tap()
    assert listed(page) == ["G003", "G002", "界碑 5", "km 50.0-60.0"]
    expect(page.locator('[data-state="due"]')).to_have_attribute("aria-pressed", "false")
    page.locator('[data-state="due"]').tap()
    assert len(listed(page)) == len(DUE)


def test_a_tap_on_a_row_goes_there_and_tells_all(show: Show) -> None:
    page = show()
    before = page.evaluate("gridwalk.running.map.getZoom()")
    page.locator(".stretch").first.tap()
    assert page.evaluate("gridwalk.running.map.getZoom()") > before
    card = page.locator("#card")
    for text in (
        "严重逾期",
        "逾期 13 天",
        HOSTILE[2],
        "2 人",
        "轨迹 11月8日 00:30",
        "20 天前",
        "界碑 13–17",
        "30–40 公里",
    ):
        expect(card).to_contain_text(text)
    page.locator("#card .close").tap()
    expect(card).to_be_hidden()
    page.locator(".stretch", has_text="界碑 5").tap()
    expect(card).to_contain_text("逾期 12 小时")
    expect(card).to_contain_text("10 公里处")


@pytest.mark.parametrize("query", ["km 12.5", "12.5", "K12+500", "１２．５公里", "里程 12.5"])
def test_a_kilometre_is_found_and_who_holds_it(show: Show, query: str) -> None:
    page = show()
    page.locator("#search").fill(query)
    hit = page.locator("#found li").first
    expect(hit).to_contain_text("12.5 公里处")
    expect(hit).to_contain_text("G001")
    page.keyboard.press("Enter")
    expect(page.locator("#card h2")).to_have_text("G00112.5 公里处")
    assert "km=n/12.500" in address(page)

    lat, lng = page.evaluate("gridwalk.running.chainage.place('n', 12500)")
    geod = Geod(ellps="WGS84")
    line = border()["border-status"][1].geometry.iloc[1]  # km 10 to 20: a quarter of its own length from its start
    steps = [geod.inv(*a, *b) for a, b in zip(line.coords, line.coords[1:], strict=False)]
    wanted, at = sum(step[2] for step in steps) / 4, 0
    while wanted > steps[at][2]:
        wanted, at = wanted - steps[at][2], at + 1
    x, y, _ = geod.fwd(*line.coords[at], steps[at][0], wanted)
    assert geod.inv(x, y, lng, lat)[2] < 20


def test_a_place_in_the_address_opens_with_its_card(show: Show) -> None:
    page = show()
    page.evaluate("gridwalk.running.goTo('n', 33300)")
    again = show(address(page))
    expect(again.locator("#card h2")).to_contain_text("33.3 公里处")
    expect(again.locator(".leaflet-pick-pane path")).to_have_count(2)  # the ring


def test_what_is_beyond_the_border_is_not_found(show: Show) -> None:
    page = show()
    page.locator("#search").fill("km 1234")
    expect(page.locator("#found")).to_have_text("没有找到")


def test_a_marker_a_segment_and_a_post_are_found(show: Show) -> None:
    page = show()
    box = page.locator("#search")
    box.fill("界碑 13")
    page.keyboard.press("Enter")
    page.get_by_role("button", name="所在地段").click()
    expect(page.locator("#card h2")).to_contain_text("G003")
    box.fill("g007")
    page.keyboard.press("Enter")
    expect(page.locator("#card h2")).to_contain_text("G007")
    box.fill("模拟甲")
    page.keyboard.press("Enter")
    page.get_by_role("button", name="只看此处的清单").click()
    expect(page.locator("#post")).to_have_value("P0")


def test_the_leader_is_told_whose_stretch_is_near(show: Show) -> None:
    here = {"latitude": 43.5, "longitude": 111.2}
    page = show(geolocation=here, permissions=["geolocation"])
    page.locator("#locate").tap()
    expect(page.locator("#told")).to_contain_text(
        re.compile(r"已定位：\d+(\.\d)? 公里处，距边界 [\d.,]+ (米|公里)")
    )
    expect(page.locator("#card")).to_contain_text("G001")
    far = show(geolocation={"latitude": 40.0, "longitude": 111.2}, permissions=["geolocation"])
    far.locator("#locate").tap()
    expect(far.locator("#told")).to_contain_text("已定位，")
    expect(far.locator("#card")).to_be_hidden()


def saved(page: Page) -> tuple[str, Any]:
    with page.expect_download() as download:
        page.locator("#gpx").click()
    return download.value.suggested_filename, ElementTree.parse(download.value.path()).getroot()


def test_the_list_of_a_holder_is_saved_as_gpx(show: Show) -> None:
    page = show("#post=P1")
    name, root = saved(page)
    assert name == "fake-border-P1-2026-11-20.gpx"
    assert (root.tag, root.get("version")) == (GPX + "gpx", "1.1")
    assert [one.findtext(GPX + "name") for one in root.findall(GPX + "wpt")] == [HOSTILE[3]]
    tracks = root.findall(GPX + "trk")
    assert [one.findtext(GPX + "name") for one in tracks] == ["G003"]
    assert "逾期 13 天" in tracks[0].findtext(GPX + "desc")
    line = border()["border-status"][1].geometry.iloc[3]
    read = [(float(p.get("lon")), float(p.get("lat"))) for p in tracks[0].iter(GPX + "trkpt")]
    assert read == [pytest.approx(place, abs=1e-5) for place in line.coords]
    assert root.findtext(f"{GPX}metadata/{GPX}desc") == "合成数据"  # the notice goes where the data goes
    order = [child.tag.removeprefix(GPX) for child in root]
    assert order == ["metadata", "wpt", "trk"]  # as the schema asks
    expect(page.locator("#told")).to_have_text("已存 2 处")


def test_the_whole_list_is_saved_as_it_is_shown(show: Show) -> None:
    page = show()
    page.locator('[data-state="due"]').tap()
    name, root = saved(page)
    assert name == "fake-border-all-2026-11-20.gpx"
    kinds = [one.findtext(GPX + "type") for one in root if one.tag != GPX + "metadata"]
    assert kinds == ["marker", "stretch", "stretch", "stretch"]


def test_without_a_due_list_what_is_in_order_is_not_saved(show: Show) -> None:
    _, root = saved(show(name="no-list"))
    assert len(root.findall(GPX + "trk")) == 10  # 12 stretches, 2 of them ok


@pytest.mark.parametrize("theme", ["state", "reach", "places", "fence"])
def test_each_theme_is_drawn_with_its_key(show: Show, theme: str) -> None:
    page = show()
    page.locator("#theme").select_option(theme)
    chips = {"state": 6, "reach": 5, "places": 6, "fence": 3}  # nobody comes, no interval: a class too
    expect(page.locator(".state-chip")).to_have_count(chips[theme])
    assert sum(int(text) for text in page.locator(".state-chip > b").all_inner_texts()) == {
        "places": 3,
        "fence": 3,
    }.get(theme, 12)
    assert page.locator(".leaflet-over-pane path").count() >= 3
    assert len(listed(page)) == len(DUE)  # the list stays
    assert (f"theme={theme}" in address(page)) is (theme != "state")
    expect(page.locator('.label.point [data-glyph="defect"]')).to_have_count(1 if theme == "fence" else 0)
    if theme == "places":
        page.locator('.label.point:has([data-glyph="stop"])').click()
        expect(page.locator("#card")).to_contain_text("未规定间隔")


@pytest.mark.parametrize("theme", ["state", "reach", "places", "fence"])
@pytest.mark.parametrize("size", [(390, 844), (360, 640), (844, 390)], ids=["tall", "small", "across"])
@pytest.mark.parametrize("lang", ["zh", "en"])
def test_a_glove_hits_everything(visit: Open, files: dict[str, Path], theme: str, size: Size, lang: str) -> None:
    phone = {"width": size[0], "height": size[1]}
    page = visit(files["whole"], f"#theme={theme}&lang={lang}&pick=due-list:d1", size=phone, is_mobile=True)
    page.locator("#search").fill("1")
    small = page.evaluate("""() =>
        [...document.querySelectorAll("button, select, input, summary, a, [role=option]")]
        .filter((one) => one.offsetParent && !one.matches(".skip"))
        .map((one) => [one.id || one.textContent, one.getBoundingClientRect()])
        .filter(([, box]) => box.height < 47.5 || box.width < 47.5)
        .map(([text, box]) => [text, box.width, box.height])""")
    assert small == []
    cut = page.evaluate("""() => [...document.querySelectorAll(".state-chip .what")]
        .map((one) => [one.textContent, one, one.closest("button")].map((part) => part.getBoundingClientRect ?
            part.getBoundingClientRect() : part))
        .filter(([, text, chip]) => text.right > chip.right - 1).map(([text]) => text)""")
    assert cut == []
    ground = page.locator("#ground").bounding_box()
    assert ground
    assert ground["height"] >= (0.6 if size[0] < size[1] else 1) * size[1]


@pytest.mark.parametrize("lang", ["zh", "en"])
@pytest.mark.parametrize("desk", [True, False], ids=["desk", "phone"])
def test_every_text_can_be_read_in_sunlight(show: Show, lang: str, desk: bool) -> None:
    page = show(f"#lang={lang}&pick=due-list:d1&hide=1", desk=desk)
    page.locator("#search").fill("1")
    texts = page.evaluate(TEXTS)
    assert len(texts) > 60
    poor = [(text, ink, paper) for text, ink, paper, _ in texts if palette.contrast(ink, paper) < 4.5]
    assert poor == []
    assert {opacity for *_, opacity in texts} == {1}


def test_everything_is_done_with_the_keyboard_alone(show: Show) -> None:
    page = show(desk=True)
    page.locator("#search").focus()
    page.keyboard.type("g003")
    page.keyboard.press("ArrowDown")
    page.keyboard.press("Enter")
    expect(page.locator("#card h2")).to_contain_text("G003")
    page.keyboard.type("x")
    page.keyboard.press("Escape")
    expect(page.locator("#found")).to_be_hidden()
    page.locator("#share").focus()
    page.keyboard.press("Tab")
    assert page.evaluate("document.activeElement.className") == "holder"
    page.keyboard.press("Tab")
    page.keyboard.press("Enter")
    expect(page.locator("#card")).to_contain_text("逾期 13 天")
    page.locator("#post").focus()
    page.keyboard.press("ArrowDown")
    expect(page.locator("#post")).to_have_value("P0")
    assert listed(page) == ["G002", "界碑 5", "围栏一"]


def test_paper_is_an_order_to_be_signed(show: Show) -> None:
    page = show("#post=P0", desk=True)
    before = page.evaluate("[gridwalk.running.map.getZoom(), gridwalk.running.map.getSize().x]")
    pdf = page.pdf(prefer_css_page_size=True, print_background=True)
    assert len(re.findall(rb"/Type\s*/Page\b", pdf)) == 1
    assert re.search(rb"/MediaBox\s*\[0 0 59[45][.\d]* 84[12][.\d]*\]", pdf)  # A4 upright
    page.emulate_media(media="print")
    page.evaluate("window.dispatchEvent(new Event('beforeprint'))")
    paper = page.locator("#paper")
    expect(paper).to_be_visible()
    for text in ("巡边任务单", "模拟甲派出所", "2026年11月20日", "3 处，10 公里", "带队人", "签字"):
        expect(paper).to_contain_text(text)
    rows = paper.locator("tbody tr")
    expect(rows).to_have_count(3)
    expect(rows.first).to_contain_text("G002")
    expect(rows.first).to_contain_text("扫码")
    expect(rows.first.locator("td").last).to_have_text("")
    for id in ("ground", "north", "credit", "states"):
        expect(page.locator(f"#{id}")).to_be_visible()
    for id in ("stretches", "choose", "finder", "theme", "zoom", "tools", "lang"):
        expect(page.locator(f"#{id}")).to_be_hidden()
    assert page.evaluate(IN_VIEW)
    page.evaluate("window.dispatchEvent(new Event('afterprint'))")
    page.emulate_media(media="screen")
    assert page.evaluate("[gridwalk.running.map.getZoom(), gridwalk.running.map.getSize().x]") == before
    expect(paper).to_be_hidden()


def test_paper_of_all_has_a_heading_a_holder(show: Show) -> None:
    page = show()
    page.evaluate("window.dispatchEvent(new Event('beforeprint'))")
    assert page.locator("#paper .whose b").all_inner_texts() == [HOSTILE[2], "模拟甲派出所", "未定派出所"]
    expect(page.locator("#paper td.number")).to_have_count(len(DUE))
    page.evaluate("window.dispatchEvent(new Event('afterprint'))")


def test_an_address_of_nonsense_opens_the_board(show: Show) -> None:
    page = show("#theme=nonsense&post=nobody&pick=x:y&km=n/abc&hide=99&at=a/b/c&lang=xx&__proto__=1")
    expect(page.locator("h1")).to_have_text("示例边境")
    expect(page.locator("#stretches .none")).to_have_text("没有待巡的。")
