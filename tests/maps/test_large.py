"""Layers with too many shapes for a page: when that is so, and what the page holds of them instead."""

from __future__ import annotations

from dataclasses import replace
from typing import Any

import geopandas as gpd
import numpy as np
import pytest
import shapely
from hypothesis import given
from hypothesis import strategies as st
from shapely.geometry import box

from maps import large, legend, page
from maps.boards import board
from maps.content import content
from maps.popup import values_of
from tests.maps.fake_build import FakeBuild, field, layer, town_build

GRIDS = 40


def squares(count: int, side: float = 1.0) -> gpd.GeoDataFrame:
    shapes = [box(side * i, -side / 2, side * (i + 1), side / 2) for i in range(count)]
    return gpd.GeoDataFrame({"grid_id": [f"g{i}" for i in range(count)]}, geometry=shapes, crs="EPSG:4326")


def area_layer() -> Any:
    return layer("grid-x", (field("grid_id"),), "area")


@pytest.fixture
def crowded(monkeypatch: pytest.MonkeyPatch) -> FakeBuild:
    """A town of 40 grids and of pages that hold 20 areas."""
    monkeypatch.setattr(large, "ROWS", 20)
    return with_parents(town_build(GRIDS))


def with_parents(town: FakeBuild) -> FakeBuild:
    """The town with a layer of walking by division: the grids' parents."""
    walk, _ = town.made["grid-walk"]
    divisions = town.frame("divisions")
    told = dict.fromkeys(("minutes", "people", "people_covered", "share", "people_unserved"), 1.0)
    frame = divisions[["division_id", "name", "level", "geometry"]].assign(**told)
    levels = town.made["divisions"][0].field("level").values
    fields = (
        *(field("division_id"), field("name"), field("level", values=levels)),
        *(walk.field(name) for name in told),
    )
    of_divisions = replace(walk, id="division-walk", fields=fields)
    record = next(one for one in town.report["layers"] if one["id"] == "divisions")
    report = {**town.report, "layers": [*town.report["layers"], {**record, "id": "division-walk", "figures": []}]}
    return replace(town, made={**town.made, "division-walk": (of_divisions, frame)}, report=report)


def test_areas_alone_are_large_above_either_limit(monkeypatch: pytest.MonkeyPatch) -> None:
    frame = squares(4)  # 5 coordinates each
    assert not large.is_large(area_layer(), frame)
    for name, limit, expected in (
        ("ROWS", 4, False),
        ("ROWS", 3, True),
        ("VERTICES", 20, False),
        ("VERTICES", 19, True),
    ):
        with monkeypatch.context() as patch:
            patch.setattr(large, name, limit)
            assert large.is_large(area_layer(), frame) is expected
            assert not large.is_large(replace(area_layer(), draw="line"), frame)


def test_areas_are_near_when_they_are_four_pixels_wide() -> None:
    # a square of 1° on the equator: 256 / 360 pixels at zoom 0, four pixels at log2(4 * 360 / 256) = 2.49
    assert large.near_zoom(squares(3)) == 2.5
    assert large.near_zoom(squares(3, side=0.125)) == 5.5  # an eighth: three zooms nearer
    missing = squares(3)
    missing.loc[1, "geometry"] = None
    assert large.near_zoom(missing) == 2.5
    assert large.near_zoom(squares(0)) == 0.0


@given(st.lists(st.integers(-1, 60)))
def test_letters_are_read_back(numbers: list[int]) -> None:
    assert [ord(letter) - 65 for letter in large.letters(numbers)] == numbers


def test_the_page_holds_what_search_legend_and_lists_need(crowded: FakeBuild) -> None:
    data: Any = content(crowded, board("planner"))  # type: ignore[arg-type]  # a build in memory
    walk = data["layers"]["grid-walk"]
    frame = crowded.frame("grid-walk")
    assert walk["rows"] == len(frame)
    assert "shape_of" not in walk
    assert set(walk["columns"]) == {"grid_id", "name"}
    assert values_of(walk["columns"]["grid_id"]) == frame["grid_id"].tolist()  # in the order that tiles count by
    _, classes = legend.classify(crowded.made["grid-walk"][0], frame, crowded.workspace.parameters)
    assert [ord(letter) - 65 for letter in walk["class"]] == classes
    assert len(walk["tone"]) == len(frame)
    assert len(walk["colourings"]["gap"]["class"]) == len(frame)
    assert walk["nowhere"] == []
    assert "class" in data["layers"]["division-walk"]
    assert isinstance(data["layers"]["division-walk"]["class"], list)


def test_rows_of_lists_have_all_their_facts(crowded: FakeBuild) -> None:
    data: Any = content(crowded, board("planner"))  # type: ignore[arg-type]  # a build in memory
    listed = {
        row
        for theme in data["themes"]
        for one in theme["lists"]
        if one["layer"] == "grid-staffing"
        for row in one["rows"]
    }
    staffing = data["layers"]["grid-staffing"]
    assert staffing["some"]["rows"] == sorted(listed) != []
    deficits = crowded.frame("grid-staffing")["deficit"].to_numpy()[sorted(listed)]
    column = staffing["some"]["columns"]["deficit"]
    assert (values_of(column) or [column["all"]] * len(deficits)) == list(deficits)


def test_lists_are_cut_and_say_so(crowded: FakeBuild, monkeypatch: pytest.MonkeyPatch) -> None:
    whole: Any = content(crowded, board("planner"))  # type: ignore[arg-type]  # a build in memory
    monkeypatch.setattr(large, "LISTED", 3)
    cut: Any = content(crowded, board("planner"))  # type: ignore[arg-type]
    before, after = (
        next(one for theme in data["themes"] for one in theme["lists"] if one["layer"] == "grid-staffing")
        for data in (whole, cut)
    )
    assert after["rows"] == before["rows"][:3]  # the worst
    assert after["total"] == len(before["rows"]) > 3


def test_a_view_knows_who_stands_for_it_from_afar(crowded: FakeBuild) -> None:
    data: Any = content(crowded, board("planner"))  # type: ignore[arg-type]  # a build in memory
    walk = next(theme for theme in data["themes"] if theme["id"] == "walk")
    first, *others = walk["views"]
    assert first["layer"] == "grid-walk"
    assert first["near"] == large.near_zoom(crowded.frame("grid-walk"))
    assert walk["views"][first["parent"]]["layer"] == "division-walk"
    assert all("near" not in view for view in others)
    staffing = next(theme for theme in data["themes"] if theme["id"] == "staffing")
    assert staffing["views"][0]["parent"] is None


def test_nothing_draws_shapes_that_are_not_there(crowded: FakeBuild) -> None:
    data: Any = content(crowded, board("planner"))  # type: ignore[arg-type]  # a build in memory
    crowd = {id for id, one in data["layers"].items() if "near" in one}
    assert crowd == {"grid-walk", "grid-staffing"}
    assert not [toggle for toggle in data["toggles"] if toggle["layer"] in crowd]


def test_one_file_shows_the_parents_and_says_what_is_left_out(crowded: FakeBuild) -> None:
    data: Any = content(crowded, board("planner"))  # type: ignore[arg-type]  # a build in memory
    reason = {"zh": "见服务器", "en": "see the server"}
    assert large.in_form(data, "served", reason) is data
    file: Any = large.in_form(data, "file", reason)
    walk = next(theme for theme in file["themes"] if theme["id"] == "walk")
    assert {view["layer"] for view in walk["views"]} == {"division-walk"}
    assert walk["left_out"] == [{"zh": "网格", "en": "Grids"}]
    assert "staffing" not in {theme["id"] for theme in file["themes"]}  # it has no parents
    staffing = next(theme for theme in data["themes"] if theme["id"] == "staffing")
    assert {"title": staffing["title"], "reason": reason} in file["missing"]
    assert "WebMercatorQuad" not in page.render(crowded, "planner")  # type: ignore[arg-type]


def test_a_small_town_is_told_as_ever() -> None:
    town: Any = town_build(GRIDS)
    data = content(town, board("planner"))
    assert not [id for id, one in data["layers"].items() if "near" in one]
    assert large.in_form(data, "file", {}) is data


def test_divisions_get_lighter_and_still_fit_together() -> None:
    angle = np.linspace(0, np.pi, 400)
    wave = np.column_stack([112 + angle / 10, 41 + np.sin(40 * angle) / 400])
    below = shapely.polygons([*wave, (112.32, 40.9), (112, 40.9)])
    above = shapely.polygons([*wave, (112.32, 41.1), (112, 41.1)])
    levels = {"division_id": ["a", "b", "c"], "level": ["town", "town", "county"]}
    divisions = gpd.GeoDataFrame(
        levels, geometry=[below, above, shapely.union_all([below, above])], crs="EPSG:4326"
    )
    other = gpd.GeoDataFrame({"division_id": ["b"]}, geometry=[above], crs="EPSG:4326")
    grids = gpd.GeoDataFrame({"grid_id": ["x"]}, geometry=[above], crs="EPSG:4326")
    made = large.lighter({"divisions": divisions, "division-x": other, "grids": grids}, vertices=200)
    light = made["divisions"].geometry.to_numpy()
    assert shapely.get_num_coordinates(light).sum() <= 200 < shapely.get_num_coordinates(divisions.geometry).sum()
    assert shapely.coverage_is_valid(light[:2])
    assert shapely.equals_exact(made["division-x"].geometry.iloc[0], light[1])  # one shape, written once
    assert made["grids"] is grids
    assert large.lighter({"divisions": divisions}, vertices=10_000)["divisions"] is divisions
    assert large.lighter({}) == {}
