"""A board with a large layer in a real browser, from a real server on this machine: driven as a planner would."""

from __future__ import annotations

import re
import shutil
import socket
import threading
from collections.abc import Callable, Iterator
from contextlib import contextmanager
from dataclasses import dataclass
from pathlib import Path
from typing import Any

import geopandas as gpd
import pytest
import uvicorn
from playwright.sync_api import Browser, Page, expect

from api.app import create_app
from api.publishing import STAMP, board_file, stamp_of
from api.settings import Settings
from geo.builds import Build
from maps import large
from maps.page import both_forms
from tests.maps.browsing import PHONE
from tests.maps.fake_build import HOSTILE

pytestmark = pytest.mark.browser

NEAR = "{ const map = gridwalk.running.map; map.setView(map.getCenter(), 13.5, {animate: false}); }"
MIDDLE = """() => {
  const {map, page} = gridwalk.running;
  const layer = page.layer['grid-staffing'];
  const row = layer.within(map.getBounds())[0];
  map.setView(layer.middle(row), 14, {animate: false});
  return [row, layer.key(row)];
}"""
PIXEL = """() => {
  const {map} = gridwalk.running;
  const at = map.getSize().divideBy(2);
  const box = map.getContainer().getBoundingClientRect();
  for (const canvas of document.querySelectorAll('.leaflet-fill-pane canvas')) {
    const tile = canvas.getBoundingClientRect();
    const [x, y] = [box.left + at.x - tile.left, box.top + at.y - tile.top];
    if (x < 0 || y < 0 || x >= tile.width || y >= tile.height) continue;
    const scale = canvas.width / tile.width;
    const [column, row] = [x, y].map((part) => Math.floor(part * scale) + 4);
    return [...canvas.getContext('2d').getImageData(column, row, 1, 1).data];
  }
  return null;
}"""


@dataclass(frozen=True)
class Renamed(Build):
    """A build whose first grids have names that want to be more than text."""

    def frame(self, id: str) -> gpd.GeoDataFrame:
        frame = super().frame(id)
        if id in ("grids", "grid-walk", "grid-staffing"):
            frame = frame.assign(name=[*HOSTILE, *frame["name"].iloc[len(HOSTILE) :]])
        return frame


@contextmanager
def serving(build: Build) -> Iterator[str]:
    """Serve one build on a free port of this machine."""
    with socket.create_server(("127.0.0.1", 0)) as listener:
        app = create_app(Settings(), [build])
        server = uvicorn.Server(uvicorn.Config(app, log_level="warning"))
        thread = threading.Thread(target=server.run, kwargs={"sockets": [listener]})
        thread.start()
        try:
            yield f"http://127.0.0.1:{listener.getsockname()[1]}/{build.workspace.id}"
        finally:
            server.should_exit = True
            thread.join(30)


@pytest.fixture(scope="module")
def site(built: Callable[[str], Build], tmp_path_factory: pytest.TempPathFactory) -> Iterator[str]:
    """Saihan with pages that hold 500 areas: its 1,220 grids come as tiles."""
    made = built("saihan")
    out = tmp_path_factory.mktemp("large") / "out"
    shutil.copytree(made.out, out, ignore=shutil.ignore_patterns("*.html"))
    build = Renamed(made.workspace, out, made.report)
    with pytest.MonkeyPatch.context() as patch:
        patch.setattr(large, "ROWS", 500)
        for form, html in both_forms(build, "planner").items():
            path = board_file(build, "planner", form)
            path.parent.mkdir(parents=True, exist_ok=True)
            path.write_text(html, encoding="utf-8")
    (out / "boards" / STAMP).write_bytes(stamp_of(build))
    with serving(build) as address:
        yield address


@dataclass
class Seen:
    """A page, and what it asked for and complained about."""

    page: Page
    asked: list[str]
    wrong: list[str]


@pytest.fixture
def look(browser: Browser, site: str) -> Iterator[Callable[..., Seen]]:
    """Open the board; afterwards nothing may have been asked of anybody else, and nothing have gone wrong."""
    opened: list[Seen] = []

    def looking(hash: str = "", **more: Any) -> Seen:
        context = browser.new_context(**{"viewport": {"width": 1440, "height": 900}, **more})
        seen = Seen(context.new_page(), [], [])
        opened.append(seen)
        seen.page.on("request", lambda request: seen.asked.append(request.url))
        seen.page.on("pageerror", lambda error: seen.wrong.append(str(error)))
        seen.page.on("console", lambda said: seen.wrong.append(said.text) if said.type == "error" else None)
        seen.page.goto(f"{site}/boards/planner{hash}")
        expect(seen.page.locator("body")).to_have_attribute("data-ready", re.compile(r"\d+"))
        return seen

    yield looking
    for seen in opened:
        assert seen.page.evaluate("window.hacked") is None
        seen.page.context.close()
        root = site.rpartition("/")[0]
        assert [url for url in seen.asked if not url.startswith((root, "data:", "blob:"))] == []
        assert seen.wrong == []


def drawn(page: Page) -> None:
    """Wait until every tile in view is drawn."""
    expect(page.locator("#map_board")).to_have_attribute("data-tiles", "loaded", timeout=30_000)


def colour(page: Page) -> tuple[int, ...]:
    """Colour of a pixel near the middle of the map."""
    found = page.evaluate(PIXEL)
    assert found
    return tuple(found)


def test_tiles_come_from_the_board_s_own_server_once_areas_can_be_seen(look: Callable[..., Seen]) -> None:
    seen = look("#theme=staffing&at=8/40.8/111.8")
    page = seen.page
    assert not [url for url in seen.asked if "/tiles/" in url]
    assert page.locator(".leaflet-fill-pane path").count() > 100  # the communities
    expect(page.locator("#notice")).to_have_text("放大可见各网格")
    far = page.locator("#legend h3").inner_text()
    page.evaluate(NEAR)
    drawn(page)
    assert page.locator("#legend h3").inner_text() != far  # what is shown is another measure
    expect(page.locator("#notice")).to_be_hidden()
    assert page.locator(".leaflet-fill-pane path").count() == 0
    tiles = [url for url in seen.asked if "/collections/grid-staffing/tiles/WebMercatorQuad/" in url]
    assert 0 < len(tiles) < 16


def test_a_board_that_the_browser_has_kept_opens_again(look: Callable[..., Seen], site: str) -> None:
    page = look().page
    page.goto("about:blank")
    page.goto(f"{site}/boards/planner")
    expect(page.locator("body")).to_have_attribute("data-ready", re.compile(r"\d+"))
    expect(page.locator("#legend h3")).to_be_visible()


def test_theme_and_filter_colour_the_same_tiles(look: Callable[..., Seen]) -> None:
    seen = look("#theme=walk")
    page = seen.page
    page.evaluate(MIDDLE)
    drawn(page)
    asked = len([url for url in seen.asked if "/tiles/" in url])
    before = colour(page)
    assert before[3] == 255
    for button in page.locator("#legend button.class").all():
        button.click()
    assert colour(page)[3] < 60  # an edge may be left
    for button in page.locator("#legend button.class").all():
        button.click()
    assert colour(page) == before
    page.locator('#themes [data-theme="gap"]').click()  # the same layer in other colours
    drawn(page)
    assert colour(page)[3] == 255
    assert len([url for url in seen.asked if "/tiles/" in url]) == asked


def test_a_click_picks_the_grid_that_is_there(look: Callable[..., Seen]) -> None:
    seen = look("#theme=staffing")
    page = seen.page
    _, key = page.evaluate(MIDDLE)
    drawn(page)
    box = page.locator("#map_board").bounding_box()
    assert box
    page.mouse.click(box["x"] + box["width"] / 2 + 3, box["y"] + box["height"] / 2 + 3)
    expect(page.locator("#card h2 small")).to_have_text(key)
    expect(page.locator("#card dl dt").first).to_be_visible()  # facts from the server
    expect(page.locator("#card .quiet")).to_have_count(0)
    expect(page.locator(".leaflet-pick-pane path")).to_have_count(2)  # and its outline
    assert [url for url in seen.asked if f"/collections/grid-staffing/items/{key}?f=json" in url]
    page.locator("#lang").click()
    expect(page.locator("#card .card-kind span").first).to_have_text(re.compile("[A-Z]"))


def test_a_grid_is_found_by_a_name_that_wants_to_be_more_than_text(look: Callable[..., Seen]) -> None:
    page = look("#theme=staffing&lang=en").page
    page.locator("#search").fill(HOSTILE[3][:8])
    page.locator("#found li").first.click()
    expect(page.locator("#card h2")).to_contain_text(HOSTILE[3])
    drawn(page)
    expect(page.locator(".leaflet-pick-pane path")).to_have_count(2)
    assert page.locator("img").count() == 0


def test_the_hour_of_the_week_colours_tiles(look: Callable[..., Seen]) -> None:
    seen = look("#theme=hours&hour=wed-10")
    page = seen.page
    page.evaluate(MIDDLE.replace("grid-staffing", "grid-walk"))
    drawn(page)
    asked = len(seen.asked)
    counts = page.locator("#legend .count").all_inner_texts()
    page.locator("#week-slider").fill("3")
    page.locator("#week-slider").dispatch_event("input")
    assert page.locator("#legend .count").all_inner_texts() != counts
    assert len(seen.asked) == asked


def test_the_table_tells_what_the_page_holds_and_hands_out_the_rest(look: Callable[..., Seen]) -> None:
    page = look("#theme=staffing&lang=en&at=13.50/40.83/111.75").page
    drawn(page)
    page.locator("#show-table").click()
    expect(page.locator("#table tbody tr")).to_have_count(300)
    assert page.locator("#table thead th").count() == 2
    with page.expect_download() as got:
        page.get_by_role("link", name="All (CSV)").click()
    assert got.value.suggested_filename.endswith("grid-staffing.csv")


def test_a_server_that_does_not_answer_is_told_in_words(look: Callable[..., Seen]) -> None:
    seen = look("#theme=staffing&lang=en")
    page = seen.page
    page.route("**/collections/**", lambda route: route.abort())
    page.evaluate(MIDDLE)
    expect(page.locator("#notice")).to_contain_text("The server does not answer")
    page.locator(".ranking tbody button.link").first.click()
    page.evaluate("gridwalk.running.pick('grid-staffing', 700, false)")
    expect(page.locator("#card .quiet")).to_contain_text("The server does not answer")
    page.unroute("**/collections/**")
    page.locator("#notice button").click()
    drawn(page)
    expect(page.locator("#notice")).to_be_hidden()
    seen.wrong[:] = [text for text in seen.wrong if "net::ERR_FAILED" not in text]  # the browser's own note


def test_a_page_of_an_older_build_says_so_and_mixes_nothing(look: Callable[..., Seen]) -> None:
    seen = look("#lang=en")
    page = seen.page
    page.evaluate("gridwalk.running.page.version = 'older'")
    page.evaluate(NEAR)
    notice = page.locator("#notice")
    expect(notice).to_contain_text("newer build")
    key = page.evaluate("gridwalk.running.page.layer['grid-staffing'].key(7)")
    page.evaluate("(key) => gridwalk.running.state.set({ pick: 'grid-staffing:' + key })", key)
    expect(page.locator("#card")).to_contain_text("newer build")
    notice.get_by_role("button").click()
    expect(notice).to_be_hidden()  # loaded again, the page is that of the server
    drawn(page)
    assert all("410" in text for text in seen.wrong)
    seen.wrong.clear()


def test_a_phone_shows_tiles_and_card(look: Callable[..., Seen]) -> None:
    page = look("#theme=staffing", viewport=PHONE, has_touch=True).page
    page.evaluate(MIDDLE)
    drawn(page)
    assert page.evaluate("document.documentElement.scrollWidth") <= PHONE["width"]


def test_the_file_shows_parents_and_asks_nobody(browser: Browser, site: str, tmp_path: Path) -> None:
    context = browser.new_context(locale="zh-CN")
    page = context.new_page()
    with page.expect_download() as got:
        page.evaluate(f"location.href = '{site}/boards/planner.html'")
    got.value.save_as(tmp_path / "planner.html")
    asked: list[str] = []
    wrong: list[str] = []
    page.on("request", lambda request: asked.append(request.url))
    page.on("pageerror", lambda error: wrong.append(str(error)))
    page.goto((tmp_path / "planner.html").as_uri() + "#theme=staffing")
    expect(page.locator("body")).to_have_attribute("data-ready", re.compile(r"\d+"))
    expect(page.locator("#notice")).to_contain_text("单文件版只画上级区划；网格")
    assert page.locator(".leaflet-fill-pane path").count() > 100
    page.locator("#search").fill("150105")
    page.locator("#found li").first.click()
    expect(page.locator("#card h2")).to_be_visible()
    assert [url for url in asked if not url.startswith(("file:", "data:", "blob:"))] == []
    assert wrong == []
    context.close()
