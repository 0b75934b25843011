"""A board with thousands of embedded areas in a real browser: drawn on canvases, as elements on paper."""

from __future__ import annotations

from pathlib import Path
from typing import Any

import pytest
from playwright.sync_api import Page, expect

from maps.page import render
from tests.maps.browsing import Open
from tests.maps.fake_build import town_build

pytestmark = pytest.mark.browser

MANY = 3_200
SHARE_DRAWN = """() => [...document.querySelectorAll('.leaflet-fill-pane canvas')].map((canvas) => {
  const pen = new OffscreenCanvas(canvas.width, canvas.height).getContext('2d', {willReadFrequently: true});
  pen.drawImage(canvas, 0, 0);
  const dots = pen.getImageData(0, 0, canvas.width, canvas.height).data;
  let solid = 0;
  for (let at = 3; at < dots.length; at += 4) solid += dots[at] > 200;
  return solid;
}).reduce((a, b) => a + b, 0)"""


@pytest.fixture(scope="module")
def file(tmp_path_factory: pytest.TempPathFactory) -> Path:
    town: Any = town_build(MANY)
    path = tmp_path_factory.mktemp("many") / "planner.html"
    path.write_text(render(town, "planner"), encoding="utf-8")
    return path


@pytest.fixture
def page(visit: Open, file: Path) -> Page:
    opened = visit(file, "#theme=staffing")
    expect(opened.locator("#map_board")).to_have_attribute("data-tiles", "loaded")
    return opened


def paths(page: Page) -> int:
    return page.locator(".leaflet-fill-pane path").count()


def test_areas_are_drawn_filtered_and_coloured_without_an_element_each(page: Page) -> None:
    assert paths(page) == 0
    whole = page.evaluate(SHARE_DRAWN)
    assert whole > 50_000
    page.locator("#legend button.class").first.click()
    assert 0.5 * whole < page.evaluate(SHARE_DRAWN) < 0.9 * whole  # a quarter are vacant
    page.locator("#legend button.class").first.click()
    assert page.evaluate(SHARE_DRAWN) == whole
    page.locator('#themes [data-theme="walk"]').click()
    expect(page.locator("#map_board")).to_have_attribute("data-tiles", "loaded")
    assert page.evaluate(SHARE_DRAWN) > 50_000


def test_what_is_clicked_is_picked(page: Page) -> None:
    key = page.evaluate(
        """() => {
          const {map, page} = gridwalk.running;
          const layer = page.layer['grid-staffing'];
          map.setView(layer.middle(1234), 15, {animate: false});
          return layer.key(1234);
        }"""
    )
    expect(page.locator("#map_board")).to_have_attribute("data-tiles", "loaded")
    box = page.locator("#map_board").bounding_box()
    assert box
    page.mouse.click(box["x"] + box["width"] / 2, box["y"] + box["height"] / 2)
    expect(page.locator("#card h2 small")).to_have_text(key)


def test_on_paper_areas_are_elements(page: Page) -> None:
    page.evaluate("window.dispatchEvent(new Event('beforeprint'))")
    assert paths(page) >= MANY
    page.evaluate("window.dispatchEvent(new Event('afterprint'))")
    assert paths(page) == 0
    assert page.pdf(format="A3", landscape=True).startswith(b"%PDF")
