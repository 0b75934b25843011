"""Each board in a real browser, from a file, with the network watched: driven as its reader would drive it."""

from __future__ import annotations

import re
from collections.abc import Callable
from pathlib import Path
from typing import Any

import pytest
from playwright.sync_api import Browser, Page, expect

from maps.page import render
from tests.maps.browsing import PHONE, Open, address
from tests.maps.fake_build import HOSTILE, border_build, town_build

pytestmark = pytest.mark.browser

HERE = {"latitude": 43.5, "longitude": 111.2}


@pytest.fixture(scope="module")
def files(tmp_path_factory: pytest.TempPathFactory) -> dict[str, Path]:
    folder = tmp_path_factory.mktemp("boards")
    town: Any = town_build()
    frontier: Any = border_build()
    made = {
        "town-planner": render(town, "planner"),
        "border-planner": render(frontier, "planner"),
        "border-patrol": render(frontier, "patrol"),
    }
    for name, html in made.items():
        (folder / f"{name}.html").write_text(html, encoding="utf-8")
    return {name: folder / f"{name}.html" for name in made}


Show = Callable[..., Page]


@pytest.fixture
def show(visit: Open, files: dict[str, Path]) -> Show:
    """Open a board by its name."""

    def showing(name: str, *more: Any, **options: Any) -> Page:
        return visit(files[name], *more, **options)

    return showing


def fills(page: Page) -> int:
    """Areas that can be seen."""
    return page.locator('.leaflet-fill-pane path:not([fill-opacity="0"])').count()


@pytest.mark.parametrize("name", ["town-planner", "border-planner", "border-patrol"])
@pytest.mark.parametrize("lang", ["zh", "en"])
def test_a_board_opens_from_a_file_and_asks_nobody(show: Show, name: str, lang: str) -> None:
    page = show(name, f"#lang={lang}")
    expect(page.locator("h1")).to_have_text(re.compile("示例" if lang == "zh" else "Sample"))
    assert page.locator("html").get_attribute("lang") == {"zh": "zh-CN", "en": "en"}[lang]
    assert page.locator(".leaflet-fill-pane path, .leaflet-over-pane path").count() > 0


def test_the_page_itself_forbids_the_network(browser: Browser, files: dict[str, Path]) -> None:
    page = browser.new_page()
    went: list[str] = []
    page.on("requestfinished", lambda request: went.append(request.url))
    page.goto(files["town-planner"].as_uri())
    said = page.evaluate("fetch('http://127.0.0.1:9/x').then(() => 'went', () => 'stopped')")
    page.evaluate("document.body.insertAdjacentHTML('beforeend', '<img src=x onerror=window.hacked=1>')")
    page.wait_for_timeout(100)
    assert said == "stopped"
    assert page.evaluate("window.hacked") is None
    assert [url for url in went if not url.startswith("file:")] == []
    page.close()


def test_hostile_names_come_out_as_text(show: Show) -> None:
    page = show("town-planner")
    for name in HOSTILE:
        page.get_by_role("combobox", name="查找编号或名称").fill(name[:6])
        page.keyboard.press("Enter")
        heading = page.locator("#card h2")
        expect(heading).to_contain_text(name)
    assert page.evaluate("window.hacked") is None
    page.click("#show-table")
    expect(page.locator("#table tbody")).to_contain_text(HOSTILE[3])
    assert page.evaluate("document.querySelectorAll('img').length") == 0
    page.locator("#faults summary").click()
    expect(page.locator("#faults")).to_contain_text("<b>1</b>")


def test_themes_switch_and_the_address_remembers(show: Show) -> None:
    page = show("town-planner")
    page.get_by_role("button", name="网格员配备").click()
    expect(page.locator("#legend")).to_contain_text("空缺")
    page.locator("#lists button.link").first.click()
    picked = page.locator("#card h2").inner_text()
    page.get_by_role("button", name="English").click()
    expect(page.locator("#legend")).to_contain_text("Vacant")
    expect(page.locator("#themes button[aria-pressed=true]")).to_have_text("Staffing")
    told = address(page)
    assert "theme=staffing" in told and "lang=en" in told and "pick=grid-staffing:" in told

    again = show("town-planner", told)
    expect(again.locator("#card h2")).to_have_text(picked)
    expect(again.locator("#themes button[aria-pressed=true]")).to_have_text("Staffing")
    assert again.evaluate("gridwalk.running.map.getZoom()") == page.evaluate("gridwalk.running.map.getZoom()")


def test_a_pasted_address_moves_an_open_board(show: Show) -> None:
    page = show("town-planner")
    page.evaluate("location.hash = '#theme=staffing&at=13/40.80000/111.70000'")
    expect(page.locator("#themes button[aria-pressed=true]")).to_have_text("网格员配备")
    assert page.evaluate("gridwalk.running.map.getZoom()") == 13


def test_an_address_of_nonsense_opens_the_board(show: Show) -> None:
    page = show("town-planner", "#theme=nonsense&view=99&pick=x:y&at=a/b/c&hide=q&lang=xx&__proto__=1")
    expect(page.locator("#themes button[aria-pressed=true]")).to_have_text("步行时间")


def test_the_legend_filters(show: Show) -> None:
    page = show("town-planner")
    whole = fills(page)
    first = page.locator("#legend .class").nth(2)
    count = int(first.locator(".count").inner_text())
    assert count > 0
    first.click()
    expect(first).to_have_attribute("aria-pressed", "false")
    assert fills(page) == whole - count
    page.click("#show-table")
    assert page.locator("#table tbody tr").count() == whole - count
    page.click("#table-close")
    page.locator("#legend .class").nth(2).click()
    assert fills(page) == whole
    expect(page.locator("#legend .limit")).to_have_text("15 分钟")


def test_search_by_id_with_the_keyboard_alone(show: Show) -> None:
    page = show("town-planner")
    page.locator("#search").fill("150105001000017")
    page.keyboard.press("ArrowDown")
    page.keyboard.press("Enter")
    expect(page.locator("#card h2")).to_contain_text("模拟第18网格")
    expect(page.locator("#card h2 small")).to_have_text("150105001000017")
    assert page.evaluate(
        "gridwalk.running.map.getBounds().contains(gridwalk.running.page.layer['grid-walk'].bounds(17))"
    )
    page.locator("#search").fill("no such grid")
    expect(page.locator("#found")).to_have_text("没有找到")


def test_the_largest_gap_is_picked_sorted_and_saved(show: Show) -> None:
    page = show("town-planner")
    before = page.evaluate("gridwalk.running.map.getZoom()")
    rows = page.locator('[data-list="unserved"] tbody tr')
    rows.first.locator("button").click()
    expect(page.locator("#card")).to_contain_text("№ 1")
    expect(page.locator(".leaflet-pick-pane path")).to_have_count(2)
    assert page.evaluate("gridwalk.running.map.getZoom()") > before
    minutes = page.locator('[data-list="unserved"] th button', has_text="minutes")
    minutes.click()
    values = page.locator('[data-list="unserved"] tbody tr td:nth-child(3)').all_inner_texts()
    assert values[0] == "走不到"  # no way at all is the longest
    assert [float(value) for value in values[1:]] == sorted(map(float, values[1:]), reverse=True)
    with page.expect_download() as saved:
        page.locator('[data-list="unserved"]').get_by_role("button", name="存为表格").click()
    text = Path(saved.value.path()).read_bytes().decode("utf-8")
    assert saved.value.suggested_filename == "fake-town-unserved-areas-2026-11-20.csv"
    assert text.startswith("\ufeffarea_id")
    assert '"\t150105001' in text  # a long id stays text in a spreadsheet


def test_cells_of_a_spreadsheet_are_never_formulas(show: Show) -> None:
    page = show("town-planner")
    cells = page.evaluate("['=1+1', '+1', '-1', '@x', '007', 'a,b', 'a\"b', 12.5, null].map(gridwalk.cell)")
    assert cells == ["'=1+1", "'+1", "'-1", "'@x", '"\t007"', '"a,b"', '"a""b"', "12.5", ""]


def test_a_click_on_the_map_opens_the_card_and_escape_closes_it(show: Show) -> None:
    page = show("town-planner")
    spot = page.evaluate("""() => {
        const { map, page } = gridwalk.running;
        const at = map.latLngToContainerPoint(page.layer["grid-walk"].bounds(20).getCenter());
        const ground = map.getContainer().getBoundingClientRect();
        return [ground.x + at.x, ground.y + at.y];
    }""")
    page.mouse.click(*spot)
    expect(page.locator("#card")).to_be_visible()
    expect(page.locator("#said")).to_contain_text("模拟第21网格")
    assert page.locator("#said").get_attribute("aria-live") == "polite"
    page.keyboard.press("Escape")
    expect(page.locator("#card")).to_be_hidden()


def test_layers_can_be_laid_over(show: Show) -> None:
    page = show("town-planner")
    before = page.locator(".leaflet-over-pane path").count()
    page.get_by_label("步行可达范围").check()
    assert page.locator(".leaflet-over-pane path").count() == before + 12
    points = page.locator(".leaflet-points-pane path").count()
    page.get_by_label("服务站点").uncheck()
    assert page.locator(".leaflet-points-pane path").count() == points - 10
    assert "off=catchments,stations" in address(page)


def test_a_station_shows_how_far_one_walks_to_it(show: Show) -> None:
    page = show("town-planner")
    before = page.locator(".leaflet-over-pane path").count()
    page.locator("#search").fill("S005")
    page.keyboard.press("Enter")
    expect(page.locator("#card h2")).to_contain_text("6号党群服务中心")
    assert page.locator(".leaflet-over-pane path").count() == before + 1


def test_findings_are_listed_with_their_letters(show: Show) -> None:
    page = show("town-planner", "#theme=partition&view=1")
    expect(page.locator('[data-list="findings"] tbody tr')).to_have_count(3)
    expect(page.locator("#legend .class .count").first).to_have_text("0")  # the county itself fails
    page.locator('[data-list="findings"] button.link').first.click()
    expect(page.locator("#card")).to_contain_text("不合格")
    expect(page.locator(".label.state").first).to_have_text("空")


@pytest.mark.parametrize("name", ["town-planner", "border-planner", "border-patrol"])
def test_a_board_fits_a_phone(show: Show, name: str) -> None:
    page = show(name, size=PHONE, has_touch=True, is_mobile=True)
    assert page.evaluate("document.documentElement.scrollWidth") <= 390
    ground = page.locator("#ground").bounding_box()
    panel = page.locator("#panel").bounding_box()
    assert ground and panel
    assert ground["height"] >= (0.6 if name == "border-patrol" else 0.48) * 844
    page.locator("#handle").tap()
    raised = page.locator("#panel").bounding_box()
    assert raised and raised["height"] > panel["height"]


def test_everything_on_the_patrol_board_can_be_hit_with_a_glove(show: Show) -> None:
    page = show("border-patrol", size=PHONE, has_touch=True, is_mobile=True)
    small = page.evaluate("""() => [...document.querySelectorAll("button, select")]
        .filter((one) => one.offsetParent && one.id !== "handle")
        .map((one) => [one.textContent, one.getBoundingClientRect()])
        .filter(([, box]) => box.height < 47.5 || box.width < 40)
        .map(([text, box]) => [text, box.width, box.height])""")
    assert small == []


def test_a_patrol_leader_finds_what_is_overdue(show: Show) -> None:
    page = show("border-patrol", size=PHONE, has_touch=True, is_mobile=True)
    first = page.locator(".stretch").first
    expect(first).to_contain_text("危")
    expect(first).to_contain_text("逾期 13 天")
    expect(first).to_contain_text("界碑 13–17")
    expect(page.locator(".stretch")).to_have_count(12)
    before = page.evaluate("gridwalk.running.map.getZoom()")
    first.tap()
    assert page.evaluate("gridwalk.running.map.getZoom()") > before
    expect(page.locator("#card")).to_contain_text("严重逾期")
    page.locator("#card .close").tap()
    page.locator('[data-state="critical"]').tap()
    expect(page.locator(".stretch")).to_have_count(10)
    expect(page.locator(".stretch").first).to_contain_text("逾")
    page.locator('[data-state="critical"]').tap()
    page.select_option("#post", "P1")
    expect(page.locator(".stretch")).to_have_count(4)  # 1, 3, 7 and 9; 5 and 11 are nobody's
    assert "post=P1" in address(page)


def test_locating_and_sharing_say_what_came_of_it(show: Show) -> None:
    page = show(
        "border-patrol",
        size=PHONE,
        geolocation={"latitude": 43.5, "longitude": 111.2},
        permissions=["geolocation"],
    )
    page.click("#locate")
    expect(page.locator("#told")).to_contain_text("已定位")
    page.click("#share")
    expect(page.locator("#told")).to_have_text(re.compile("链接|复制"))


@pytest.mark.parametrize("name", ["town-planner", "border-planner"])
def test_paper_gets_one_sheet_and_the_screen_is_as_before(show: Show, name: str) -> None:
    page = show(name)
    before = page.evaluate("[gridwalk.running.map.getZoom(), gridwalk.running.map.getSize().x]")
    pdf = page.pdf(prefer_css_page_size=True, print_background=True)
    assert len(re.findall(rb"/Type\s*/Page\b", pdf)) == 1
    assert re.search(rb"/MediaBox\s*\[0 0 1190\.\d+ 841\.\d+\]|/MediaBox\s*\[0 0 1191[.\d]* 84[12][.\d]*\]", pdf)
    page.evaluate("window.dispatchEvent(new Event('beforeprint'))")
    width = page.evaluate("gridwalk.running.map.getSize().x")
    assert width > 1100  # the map is laid out for A3, not for the screen
    expect(page.locator("#colophon")).to_be_visible()
    expect(page.locator("#north")).to_be_visible()
    expect(page.locator(".leaflet-control-scale-line")).to_be_visible()
    expect(page.locator("#tools")).to_be_hidden()
    page.evaluate("window.dispatchEvent(new Event('afterprint'))")
    assert page.evaluate("[gridwalk.running.map.getZoom(), gridwalk.running.map.getSize().x]") == before
