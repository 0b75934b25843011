"""What the planner's board shows: saved as GeoJSON, kept in the address, in the colours of its key, with names."""

from __future__ import annotations

import io
import json
import re
from collections.abc import Callable
from pathlib import Path
from typing import Any

import geopandas as gpd
import numpy as np
import pytest
import shapely
from PIL import Image
from playwright.sync_api import Page, expect

from geo.service import Build
from maps.page import render
from tests.maps.browsing import PHONE, Open, address, until
from tests.maps.fake_build import FakeBuild, border_build, town_build

pytestmark = pytest.mark.browser


@pytest.fixture(scope="module")
def town() -> FakeBuild:
    return town_build()


@pytest.fixture(scope="module")
def boards(tmp_path_factory: pytest.TempPathFactory, town: Any) -> dict[str, Path]:
    folder = tmp_path_factory.mktemp("shown")
    frontier: Any = border_build()
    for name, build in (("town", town), ("border", frontier)):
        (folder / f"{name}.html").write_text(render(build, "planner"), encoding="utf-8")
    return {name: folder / f"{name}.html" for name in ("town", "border")}


def saved(page: Page, button: str) -> dict[str, Any]:
    with page.expect_download() as waiting:
        page.locator(button).click()
    assert waiting.value.suggested_filename.endswith(".geojson")
    read: dict[str, Any] = json.loads(Path(waiting.value.path()).read_text(encoding="utf-8"))
    return read


def test_what_the_table_shows_is_saved_as_geojson(visit: Open, boards: dict[str, Path], town: FakeBuild) -> None:
    page = visit(boards["town"], "#theme=gap")
    page.locator('.class[data-class="0"]').click()  # without those where nobody is left out
    page.click("#show-table")
    found = saved(page, '#table [data-save="geojson"]')
    frame = town.frame("grid-walk").set_index("grid_id", drop=False)
    wanted = frame[frame["people_unserved"] > 0]
    made = gpd.GeoDataFrame.from_features(found, crs="EPSG:4326")
    assert sorted(one["id"] for one in found["features"]) == sorted(wanted["grid_id"])
    assert found["as_of"] == "2026-11-20"
    assert found["layer"] == "grid-walk"
    assert set(made.columns) >= {"grid_id", "name", "people", "people_unserved", "minutes"}
    rows = made.set_index("grid_id").loc[wanted["grid_id"]]
    assert rows["people_unserved"].tolist() == wanted["people_unserved"].tolist()
    for ours, theirs in zip(rows.geometry, wanted.geometry, strict=True):
        assert ours.is_valid
        assert shapely.is_ccw(shapely.get_exterior_ring(ours))
        assert shapely.symmetric_difference(ours, theirs).area < 0.02 * theirs.area
    unreached = next(one for one in found["features"] if one["id"].endswith("000000"))
    assert unreached["properties"]["minutes"] is None  # infinite


def test_a_ring_with_a_hole_turns_the_other_way_inside(visit: Open, boards: dict[str, Path]) -> None:
    page = visit(boards["town"])
    made = page.evaluate("""() => {
        const { page } = gridwalk.running;
        const shape = [[[[0, 0], [0, 4], [4, 4], [4, 0]], [[1, 1], [1, 2], [2, 2], [2, 1]]]];
        const row = { id: "x", key: () => "x", get: () => Infinity, shape: () => shape };
        return gridwalk.features(gridwalk.running, row, ["a"], [0]).features[0];
    }""")
    assert made["properties"] == {"a": None}
    outer, inner = (shapely.linearrings(ring) for ring in made["geometry"]["coordinates"])
    assert made["geometry"]["type"] == "Polygon"
    assert shapely.is_ccw(outer)
    assert not shapely.is_ccw(inner)
    assert made["geometry"]["coordinates"][0][0] == made["geometry"]["coordinates"][0][-1]


def test_a_list_is_saved_as_it_is_narrowed_down(visit: Open, boards: dict[str, Path]) -> None:
    page = visit(boards["town"], "#theme=partition&only=findings.severity.fail")
    found = saved(page, '[data-list="findings"] [data-save="geojson"]')
    assert {one["properties"]["severity"] for one in found["features"]} == {"fail"}
    assert len(found["features"]) == page.locator('[data-list="findings"] tbody tr').count()


def test_lines_are_saved_as_lines(visit: Open, boards: dict[str, Path]) -> None:
    page = visit(boards["border"], "#theme=border")
    page.click("#show-table")
    found = saved(page, '#table [data-save="geojson"]')
    assert {one["geometry"]["type"] for one in found["features"]} <= {"LineString", "MultiLineString"}
    longest = max(shapely.length(shapely.geometry.shape(one["geometry"])) for one in found["features"])
    assert longest > 0


def test_a_theme_colours_by_another_number_and_back(visit: Open, boards: dict[str, Path], town: FakeBuild) -> None:
    page = visit(boards["town"])
    colours = "[...document.querySelectorAll('.leaflet-fill-pane path')].map((one) => one.getAttribute('fill'))"
    walking = page.evaluate(colours)
    page.locator('[data-theme="gap"]').click()
    expect(page.locator("#legend .limit")).to_have_text("0 人")
    counts = page.locator("#legend .class .count").all_inner_texts()
    unserved = town.frame("grid-walk")["people_unserved"]
    wanted = np.bincount([sum(value > limit for limit in (0, 50, 200, 500)) for value in unserved], minlength=5)
    assert [int(count) for count in counts] == wanted.tolist()
    assert page.evaluate(colours) != walking
    page.evaluate("gridwalk.running.pick('grid-walk', 7)")
    expect(page.locator("#said")).to_contain_text("people_unserved")
    at = sum(unserved[7] > limit for limit in (0, 50, 200, 500))
    expect(page.locator("#card .status")).to_have_text(["无", "0–50", "50–200", "200–500", "> 500"][at])
    page.locator('[data-theme="walk"]').click()
    assert page.evaluate(colours) == walking


STATES = {
    "lang": "en",
    "theme": "gap",
    "view": "1",
    "hide": ["0", "2"],
    "off": ["catchments", "stations"],
    "only": ["findings.severity.fail"],
    "pick": "grid-walk:150105001000007",
    "hour": "sat-22",
    "at": "12.5/40.81000/111.69000",
}


def test_every_choice_has_its_case(visit: Open, boards: dict[str, Path]) -> None:
    known = visit(boards["town"]).evaluate("Object.keys(gridwalk.running.state.now)")
    assert set(known) - {"compare", "back"} == set(STATES)  # comparing and backgrounds have tests of their own


@pytest.mark.parametrize("name", STATES)
def test_the_address_keeps_each_choice(visit: Open, boards: dict[str, Path], name: str) -> None:
    value: Any = STATES[name]
    theme = {"theme": "partition"} if name in {"view", "only"} else {}
    page = visit(boards["town"])
    page.evaluate("(given) => gridwalk.running.state.set(given)", {**theme, name: value})
    until(page, "(name) => location.hash.includes(name + '=')", name)
    again = visit(boards["town"], address(page))
    assert again.evaluate("(name) => gridwalk.running.state.now[name]", name) == value
    page.evaluate("location.hash = ''")
    until(page, "(name) => !gridwalk.running.state.now[name].includes('x')", name)
    assert page.evaluate("(name) => gridwalk.running.state.now[name]", name) != value


def overlaps(page: Page) -> list[list[str]]:
    """Pairs of labels that lie on each other, by their boxes on the screen."""
    found: list[list[str]] = page.evaluate("""() => {
        const placed = (one) => [one.textContent, one.getBoundingClientRect()];
        const all = [...document.querySelectorAll(".label")].map(placed);
        const within = (a, b) => a.left < b.right - 0.5 && a.top < b.bottom - 0.5;
        const met = ([, a], [, b]) => within(a, b) && within(b, a);
        const others = (one, at) => all.slice(at + 1).filter((other) => met(one, other));
        return all.flatMap((one, at) => others(one, at).map((other) => [one[0], other[0]]));
    }""")
    return found


def hidden(page: Page) -> list[str]:
    """Names that the edge of the map cuts, or that a button lies on."""
    found: list[str] = page.evaluate("""() => {
        const box = (one) => one.getBoundingClientRect();
        const map = box(document.querySelector("#map_board"));
        const over = [...document.querySelectorAll("#zoom, #tools, #north")].map(box);
        const meet = (a, b) => a.left < b.right && b.left < a.right && a.top < b.bottom && b.top < a.bottom;
        const cut = (a) => a.left < map.left || a.right > map.right || a.top < map.top || a.bottom > map.bottom;
        const names = [...document.querySelectorAll(".leaflet-labels-pane .label")];
        const bad = names.filter((one) => cut(box(one)) || over.some((other) => meet(box(one), other)));
        return bad.map((one) => one.textContent);
    }""")
    return found


@pytest.mark.parametrize("size", [None, PHONE], ids=["desk", "phone"])
@pytest.mark.parametrize("name", ["saihan", "inner-mongolia"])
def test_names_on_the_map_never_meet(
    built: Callable[[str], Build], visit: Open, name: str, size: dict[str, int] | None
) -> None:
    page = visit(built(name).out / "boards" / "planner.html", size=size)
    seen = 0
    for theme in page.evaluate("gridwalk.running.page.themes.map((theme) => theme.id)"):
        page.evaluate("(theme) => gridwalk.running.state.set({ theme })", theme)
        for closer in (0, 0.7, 1.5, 3, 4.5):
            page.evaluate(
                """(closer) => {
                    const { map, whole } = gridwalk.running;
                    map.setView(whole.getCenter(), map.getBoundsZoom(whole) + closer, { animate: false });
                }""",
                closer,
            )
            assert overlaps(page) == [], (theme, closer)
            assert hidden(page) == [], (theme, closer)
            seen += page.locator(".label").count()
    assert seen > 50


def pixel(page: Page, places: list[list[float]]) -> list[str]:
    picture = Image.open(io.BytesIO(page.screenshot())).convert("RGB")
    return ["#{:02x}{:02x}{:02x}".format(*picture.getpixel((round(x), round(y)))) for x, y in places]  # type: ignore[misc]


@pytest.mark.parametrize("theme", ["walk", "gap", "staffing"])
def test_the_map_has_the_colours_of_its_key(visit: Open, boards: dict[str, Path], theme: str) -> None:
    """Value by alpha is blended beforehand: what the key shows is what the map shows, to the last bit."""
    page = visit(boards["town"], f"#theme={theme}&off=stations,hubs,road,water,names,divisions,letters")
    page.add_style_tag(content=".leaflet-labels-pane, .leaflet-signs-pane, .leaflet-ways-pane { display: none; }")
    spots = page.evaluate("""() => {
        const { map, viewNow, layerOf, rowsOf } = gridwalk.running;
        const layer = layerOf(viewNow());
        const across = (place) => map.latLngToContainerPoint(place).x;
        const ground = map.getContainer().getBoundingClientRect();
        return rowsOf(viewNow()).map((row) => {
            const at = map.latLngToContainerPoint(layer.middle(row));
            const box = layer.bounds(row);
            const wide = across(box.getNorthEast()) - across(box.getSouthWest());
            return [ground.x + at.x, ground.y + at.y, layer.class[row], layer.tone[row], wide];
        }).filter(([, , at, , wide]) => at >= 0 && wide > 30);
    }""")
    assert len({(at, tone) for _, _, at, tone, _ in spots}) >= 4
    key = page.locator("#legend .class .swatch:not(.missing)").evaluate_all(
        "(all) => all.map((one) => [...one.querySelectorAll('i')].map((i) => getComputedStyle(i).backgroundColor))"
    )
    swatches = [["#" + "".join(f"{int(part):02x}" for part in one[4:-1].split(",")) for one in row] for row in key]
    shown = pixel(page, [spot[:2] for spot in spots])
    assert shown == [swatches[at][tone] for _, _, at, tone, _ in spots]


def test_how_far_one_walks_is_shown_on_demand(visit: Open, boards: dict[str, Path]) -> None:
    page = visit(boards["town"], "#pick=stations:S005")
    outline = page.locator('.leaflet-over-pane path[stroke="#0b4a8f"]')
    expect(outline).to_have_count(1)
    page.keyboard.press("Escape")
    expect(outline).to_have_count(0)


def test_themes_stand_in_their_groups_on_a_phone(visit: Open, boards: dict[str, Path]) -> None:
    for lang in ("zh", "en"):
        page = visit(boards["town"], f"#lang={lang}", size=PHONE)
        boxes = page.locator("#themes button").evaluate_all(
            "(all) => all.map((one) => one.getBoundingClientRect())"
        )
        assert all(box["right"] <= PHONE["width"] - 10 for box in boxes)
        assert all(box["height"] >= 43.5 for box in boxes)
        names = page.locator("#themes .kind").evaluate_all(
            "(all) => all.map((one) => document.getElementById(one.getAttribute('aria-labelledby')).textContent)"
        )
        assert names == {"zh": ["步行", "人员", "地面"], "en": ["Walking", "Staff", "Ground"]}[lang]


SHEETS = {
    "A3 landscape": (420, 297),
    "A3 portrait": (297, 420),
    "A4 landscape": (297, 210),
    "A4 portrait": (210, 297),
}


@pytest.mark.parametrize("sheet", SHEETS)
@pytest.mark.parametrize("lang", ["zh", "en"])
def test_a_sheet_of_each_size_holds_everything(
    visit: Open, boards: dict[str, Path], sheet: str, lang: str
) -> None:
    page = visit(boards["town"], f"#theme=gap&lang={lang}")
    page.select_option("#sheet-size", sheet)
    pdf = page.pdf(prefer_css_page_size=True, print_background=True)
    assert len(re.findall(rb"/Type\s*/Page\b", pdf)) == 1
    found = re.search(rb"/MediaBox\s*\[0 0 ([\d.]+) ([\d.]+)\]", pdf)
    assert found
    assert [round(float(side) / 72 * 25.4) for side in found.groups()] == list(SHEETS[sheet])

    page.evaluate("window.dispatchEvent(new Event('beforeprint'))")
    whole = page.locator("body").bounding_box()
    assert whole
    parts = (
        "#head h1",
        "#head .sub",
        "#legend .class >> nth=-1",
        "#legend .limit",
        "#north",
        ".leaflet-control-scale",
    )
    for part in (*parts, "#credit", "#colophon .review", "#colophon p >> nth=-1", "#lists tbody tr >> nth=0"):
        box = page.locator(part).bounding_box()
        assert box, part
        assert box["x"] >= whole["x"], part
        assert box["y"] >= whole["y"], part
        assert box["x"] + box["width"] <= whole["width"] + 1, part
        assert box["y"] + box["height"] <= whole["height"] + 1, part
        on_top = page.locator(part).evaluate(
            """(one) => {
                const at = one.getBoundingClientRect();
                const panel = document.querySelector("#panel").getBoundingClientRect();
                return !one.closest("#panel") || at.bottom <= panel.bottom + 1;
            }"""
        )
        assert on_top, part
    assert "2026" in page.locator("#head .sub").inner_text()
    assert "CGCS2000" in page.locator("#colophon").inner_text()
    page.evaluate("window.dispatchEvent(new Event('afterprint'))")
    assert page.evaluate("document.body.className") == ""
