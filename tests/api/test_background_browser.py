"""Backgrounds in a real browser: what is asked of whom, where GCJ-02 tiles lie, and that nothing is waited for."""

from __future__ import annotations

import re
import shutil
import socket
import threading
from collections.abc import Iterator
from contextlib import contextmanager
from http.server import BaseHTTPRequestHandler, ThreadingHTTPServer
from pathlib import Path
from typing import Any
from urllib.parse import urlsplit

import numpy as np
import pytest
import uvicorn
from playwright.sync_api import Browser, Page, Route, expect, sync_playwright
from starlette.types import ASGIApp

import api.boards
from api.app import create_app
from api.settings import Settings
from geo.background import Background
from geo.datum import gcj02_from_wgs84, wgs84_from
from geo.sections import Words
from geo.workspace import Workspace
from maps.page import both_forms
from tests.api.small import SmallBuild, small_build
from tests.maps.browsing import FLAGS, address, until
from tests.maps.fake_build import town_build
from tests.tile_worlds import every, mbtiles, png

pytestmark = pytest.mark.browser
TOWN = "#at=15/40.82000/111.70000"


class Tiles(BaseHTTPRequestHandler):
    """A server of tiles that remembers who asked."""

    asked: list[tuple[str, str | None]] = []  # noqa: RUF012 (of the one server of this module)

    def do_GET(self) -> None:
        Tiles.asked.append((self.path, self.headers.get("Referer")))
        missing = self.path.startswith("/gone/")
        self.send_response(404 if missing else 200)
        self.send_header("Content-Type", "image/png")
        self.end_headers()
        self.wfile.write(b"" if missing else png(90, 140, 200))

    def log_message(self, *_: Any) -> None:
        """Say nothing."""


@contextmanager
def running(app: ASGIApp) -> Iterator[str]:
    """Serve an application in a thread."""
    with socket.create_server(("127.0.0.1", 0)) as listener:
        server = uvicorn.Server(uvicorn.Config(app, log_level="warning"))
        thread = threading.Thread(target=server.run, kwargs={"sockets": [listener]})
        thread.start()
        try:
            yield f"http://127.0.0.1:{listener.getsockname()[1]}"
        finally:
            server.should_exit = True
            thread.join(10)


@pytest.fixture(scope="module")
def tiles() -> Iterator[str]:
    """Address of a foreign server."""
    server = ThreadingHTTPServer(("127.0.0.1", 0), Tiles)
    threading.Thread(target=server.serve_forever, daemon=True).start()
    yield f"http://127.0.0.1:{server.server_address[1]}"
    server.shutdown()


@pytest.fixture(scope="module")
def root(tmp_path_factory: pytest.TempPathFactory) -> Iterator[Path]:
    """A workspace whose planner board is a real one of a town."""
    folder = tmp_path_factory.mktemp("town")
    small_build(folder)
    forms = both_forms(town_build(), "planner")  # type: ignore[arg-type]  # a build in all that boards need
    (folder / "out" / "boards" / "served").mkdir()
    (folder / "out" / "boards" / "served" / "planner.html").write_text(forms["served"], encoding="utf-8")
    (folder / "taken.html").write_text(forms["file"], encoding="utf-8")
    mbtiles(folder / "near.mbtiles", every(range(3), png(30, 160, 60)), maxzoom="2")
    (folder / "bad.pmtiles").write_bytes(b"no")
    with pytest.MonkeyPatch.context() as patch:
        patch.setattr(api.boards, "is_drawn", lambda _: True)
        yield folder


def service(root: Path, *backgrounds: Background) -> ASGIApp:
    made = small_build(root)
    given = {**{name: getattr(made.workspace, name) for name in Workspace.__slots__}, "backgrounds": backgrounds}
    return create_app(Settings(), [SmallBuild(Workspace(**given), made.out, made.report, frames=made.frames)])


@pytest.fixture(scope="module")
def server(root: Path, tiles: str) -> Iterator[str]:
    """Address of a service that offers a file, a server (also in GCJ-02), a broken file, and one without tiles."""

    def named(name: str, **more: Any) -> Background:
        return Background(title=Words(zh=f"{name}图", en=f"{name} map"), **more)

    offered = (
        named("near", file="near.mbtiles", attribution=Words(zh="测绘院", en="Survey")),
        named("far", url=f"{tiles}/{{z}}/{{x}}/{{y}}.png"),
        named("shifted", url=f"{tiles}/{{z}}/{{x}}/{{y}}.png", datum="gcj02"),
        named("bad", file="bad.pmtiles"),
        named("gone", url=f"{tiles}/gone/{{z}}/{{x}}/{{y}}.png"),
    )
    with running(service(root, *offered)) as url:
        yield url


@pytest.fixture(scope="module")
def browser() -> Iterator[Browser]:
    found = next(
        (path for name in ("chromium", "chromium-browser", "google-chrome") if (path := shutil.which(name))), None
    )
    assert found, "no Chromium: apt install chromium"
    with sync_playwright() as playwright:
        opened = playwright.chromium.launch(executable_path=found, args=list(FLAGS))
        yield opened
        opened.close()


@contextmanager
def opened(browser: Browser, url: str, **more: Any) -> Iterator[tuple[Page, list[str], list[str]]]:
    """A page, what it asks for and what goes wrong in it."""
    context = browser.new_context(viewport=more.pop("viewport", {"width": 1280, "height": 800}), **more)
    page = context.new_page()
    asked: list[str] = []
    wrong: list[str] = []
    page.on("request", lambda request: asked.append(request.url))
    page.on("pageerror", lambda error: wrong.append(str(error)))
    page.on(
        "console", lambda message: wrong.append(message.text) if message.type in ("error", "warning") else None
    )
    page.goto(url)
    expect(page.locator("body")).to_have_attribute("data-ready", re.compile(r"\d+"))
    yield page, asked, wrong
    context.close()


def foreign(asked: list[str], url: str) -> set[str]:
    return {urlsplit(url).netloc for url in asked if url.startswith("http")} - {urlsplit(url).netloc}


def test_by_default_nobody_is_asked_but_the_own_server(browser: Browser, root: Path, server: str) -> None:
    with (
        running(service(root)) as bare,
        opened(browser, f"{bare}/town/boards/planner{TOWN}") as (page, asked, wrong),
    ):
        page.wait_for_load_state("networkidle")
        assert page.locator("#background").count() == 0
        assert (foreign(asked, bare), wrong) == (set(), [])
        assert f"{bare}/town/backgrounds" in asked
    with opened(browser, f"{server}/town/boards/planner{TOWN}") as (page, asked, wrong):
        expect(page.locator("#background")).to_have_value("")  # offered, not taken
        assert (foreign(asked, server), wrong) == (set(), [])
        assert page.locator(".leaflet-tile").count() == 0


def test_the_file_form_knows_nothing_of_backgrounds(browser: Browser, root: Path) -> None:
    url = (root / "taken.html").as_uri() + TOWN + "&back=1"
    with opened(browser, url) as (page, asked, wrong):
        assert page.locator("#background").count() == 0
        assert [url for url in asked if url.startswith("http")] == []
        assert wrong == []


def test_tiles_of_a_file_lie_under_the_grids_and_are_named(browser: Browser, server: str) -> None:
    with opened(browser, f"{server}/town/boards/planner#at=2/40.8/111.7&lang=en") as (page, asked, wrong):
        page.locator("#background").select_option("1")
        expect(page.locator(".leaflet-tile-loaded").first).to_be_visible()
        expect(page.locator("#credit")).to_contain_text("Survey")
        assert "back=1" in address(page)
        assert page.evaluate("getComputedStyle(document.querySelector('.leaflet-ways-pane')).display") == "none"
        assert float(page.evaluate("getComputedStyle(document.querySelector('.leaflet-fill-pane')).opacity")) < 1
        page.locator("#lang").click()
        expect(page.locator("#credit")).to_contain_text("测绘院")
        expect(page.locator("#background option").nth(4)).to_be_disabled()  # the broken one, which says why
        expect(page.locator("#background option").nth(4)).to_contain_text("bad.pmtiles")
        page.locator("#background").select_option("")
        assert page.locator(".leaflet-tile").count() == 0
        assert "测绘院" not in page.locator("#credit").inner_text()
        assert page.evaluate("getComputedStyle(document.querySelector('.leaflet-ways-pane')).display") != "none"
        assert (foreign(asked, server), wrong) == (set(), [])


def test_a_foreign_server_is_told_the_origin_and_no_more(browser: Browser, server: str, tiles: str) -> None:
    Tiles.asked.clear()
    with opened(browser, f"{server}/town/boards/planner{TOWN}&back=2&pick=grids:g1") as (page, asked, wrong):
        expect(page.locator(".leaflet-tile-loaded").first).to_be_visible()
        assert foreign(asked, server) == {urlsplit(tiles).netloc}
        assert {referrer for _, referrer in Tiles.asked} == {f"{server}/"}
        refused = page.evaluate(
            "new Promise(done => { const i = new Image(); i.onload = () => done(false);"
            "i.onerror = () => done(true);"
            f"i.src = '{tiles.replace('127.0.0.1', 'localhost')}/0/0/0.png'; }})"
        )
        assert refused  # the same server under a name that is not set
        assert [text for text in wrong if "localhost" not in text] == []


def test_a_background_that_cannot_be_reached_is_said_once_and_the_board_goes_on(
    browser: Browser, server: str
) -> None:
    with opened(browser, f"{server}/town/boards/planner{TOWN}&back=5&lang=en") as (page, _, wrong):
        expect(page.locator("#background-note")).to_have_text(
            "This background cannot be reached, or has nothing here."
        )
        page.locator("#zoom-in").click()
        expect(page.locator("#background-note")).to_have_text(
            "This background cannot be reached, or has nothing here."
        )
        assert page.locator("#background-note").count() == 1
        assert all("404" in text for text in wrong)
        page.locator("#background").select_option("2")
        expect(page.locator("#background-note")).to_have_text("")


def test_a_server_that_keeps_silent_is_said_until_it_answers(browser: Browser, server: str, tiles: str) -> None:
    with opened(browser, f"{server}/town/boards/planner{TOWN}&lang=en") as (page, _, _wrong):
        held: list[Route] = []
        page.route(f"{tiles}/**", lambda route: held.append(route))
        page.clock.install()
        page.locator("#background").select_option("2")
        note = page.locator("#background-note")
        expect(note).to_have_text("")
        page.clock.fast_forward(10_000)
        expect(note).to_have_text("The server of this background has not answered yet.")
        held[0].continue_()
        expect(note).to_have_text("")


def test_the_shift_in_the_page_is_that_of_the_datum(browser: Browser, server: str) -> None:
    lon, lat = np.meshgrid(np.linspace(71.5, 138.5, 15), np.linspace(0.5, 56.0, 15))
    places = np.column_stack([lat.ravel(), lon.ravel()])
    x, y = gcj02_from_wgs84(places[:, 1], places[:, 0])
    with opened(browser, f"{server}/town/boards/planner") as (page, _, _wrong):
        there = np.array(
            page.evaluate("places => places.map(([lat, lng]) => gridwalk.gcj02(lat, lng))", places.tolist())
        )
    assert np.abs(there - np.column_stack([y, x])).max() < 1e-9
    assert np.abs(there - places).max() > 1e-3


def corner(path: str) -> tuple[float, float]:
    """Longitude and latitude of the north-western corner of a tile, by the definition of the scheme."""
    z, x, y = (int(part) for part in re.findall(r"\d+", path)[:3])
    return x / 2**z * 360 - 180, float(np.degrees(np.arctan(np.sinh(np.pi * (1 - 2 * y / 2**z)))))


@pytest.mark.parametrize("start", [TOWN, "#at=17/40.82000/111.70000"])
def test_gcj02_tiles_lie_where_their_ground_is(browser: Browser, server: str, start: str) -> None:
    with opened(browser, f"{server}/town/boards/planner{start}&back=3&lang=en") as (page, _, wrong):
        for step in ((0, 0), (300, 200), (-900, 400)):
            page.evaluate("([x, y]) => gridwalk.running.map.panBy([x, y], {animate: false})", step)
            expect(page.locator(".leaflet-tile:not(.leaflet-tile-loaded)")).to_have_count(0)
            found = page.evaluate(
                """() => { const map = gridwalk.running.map, box = map.getContainer().getBoundingClientRect();
                const size = map.getSize();
                return [...document.querySelectorAll('.leaflet-tile-loaded')].map((tile) => {
                  const place = tile.getBoundingClientRect();
                  return [new URL(tile.src).pathname, place.left - box.left, place.top - box.top, place.width];
                }).concat([[String(size.x), size.y, map.getCenter().lat, map.getCenter().lng]]); }"""
            )
            *shown, (width, height, lat, lon) = found
            covered = np.array([[left, top, left + size, top + size] for _, left, top, size in shown])
            assert covered[:, 0].min() <= 1  # no bare strip at the side from which the tiles came
            assert covered[:, 1].min() <= 1
            assert covered[:, 2].max() >= float(width) - 1
            assert covered[:, 3].max() >= height - 1
            corners = np.array([corner(path) for path, *_ in shown])
            x, y = wgs84_from("gcj02", corners[:, 0], corners[:, 1])
            ground = np.array(
                page.evaluate(
                    """places => places.map((place) => {
                        const at = gridwalk.running.map.latLngToContainerPoint(place);
                        return [at.x, at.y];
                    })""",
                    np.column_stack([y, x]).tolist(),
                )
            )
            assert np.abs(covered[:, :2] - ground).max() <= 4  # the shift of the middle serves the whole view
            metres = int(
                re.findall(r"shifted back by ([\d,]+) m", page.locator("#credit").inner_text())[0].replace(",", "")
            )
            x, y = gcj02_from_wgs84([lon], [lat])
            north, east = (y[0] - lat) * 111_200, (x[0] - lon) * 111_200 * np.cos(np.radians(lat))
            assert metres == pytest.approx(float(np.hypot(north, east)), rel=0.01)
        assert wrong == []


def test_paper_gets_its_tiles_before_it_is_printed(browser: Browser, server: str) -> None:
    with opened(browser, f"{server}/town/boards/planner{TOWN}&back=2") as (page, _, wrong):
        expect(page.locator(".leaflet-tile-loaded").first).to_be_visible()
        page.evaluate(
            """() => { window.print = () => {
                const there = [...document.querySelectorAll(".leaflet-tile")].every((one) => one.complete);
                window.printed = there && document.body.className;
            }; }"""
        )
        page.locator("#print").click()
        until(page, "() => window.printed !== undefined")
        assert "printing" in page.evaluate("window.printed")
        page.evaluate("window.dispatchEvent(new Event('afterprint'))")
        assert "printing" not in page.evaluate("document.body.className")
        assert wrong == []


def test_a_phone_offers_backgrounds_too(browser: Browser, server: str) -> None:
    with opened(browser, f"{server}/town/boards/planner{TOWN}", viewport={"width": 390, "height": 844}) as (
        page,
        _,
        wrong,
    ):
        page.locator("#background").select_option("2")
        expect(page.locator(".leaflet-tile-loaded").first).to_be_visible()
        assert page.evaluate("document.documentElement.scrollWidth") <= 390
        assert wrong == []
