"""Layers cut into tiles, read back by decoders that are not ours."""

from __future__ import annotations

from collections.abc import Sequence
from itertools import pairwise
from pathlib import Path
from typing import Any

import geopandas as gpd
import mapbox_vector_tile
import numpy as np
import pandas as pd
import pyogrio
import pytest
import shapely
from hypothesis import HealthCheck, given, settings
from hypothesis import strategies as st

from geo.layer import Draw, Field, Layer, Title
from maps.tiles import source
from maps.tiles.quad import EXTENT, Tile, mercator
from maps.tiles.source import TileSource

HERE = (111.64, 40.82)
ZOOM = 14
UNIT_DEG = 360 / 2**ZOOM / EXTENT  # of longitude
WHOLE = shapely.box(0, 0, EXTENT, EXTENT)
HOSTILE = '</script>{{7*7}}{% raw %}"\\\x00'


def layer(draw: Draw, *fields: Field) -> Layer:
    title = Title("层", "Layer")
    key = Field("id", "string", title)
    return Layer("things", title, title, (), (key, *fields), lambda *_: gpd.GeoDataFrame(), draw)


def made(draw: Draw, shapes: Sequence[Any]) -> TileSource:
    """Index shapes in degrees; ids are a b c …"""
    ids = [f"t{i}" for i in range(len(shapes))]
    return TileSource(layer(draw), gpd.GeoDataFrame({"id": ids}, geometry=list(shapes), crs="EPSG:4326"))


def features(tile: bytes) -> list[dict[str, Any]]:
    if not tile:
        return []
    decoded = mapbox_vector_tile.decode(tile, default_options={"y_coord_down": True})
    assert list(decoded) == ["things"]
    assert decoded["things"]["extent"] == EXTENT
    assert decoded["things"]["version"] == 2
    found: list[dict[str, Any]] = decoded["things"]["features"]
    return found


def shape(feature: dict[str, Any]) -> shapely.Geometry:
    return shapely.geometry.shape(feature["geometry"])


def in_units(shapes: Sequence[Any], zoom: int) -> Any:
    """Where shapes in degrees are on the grid of a zoom, from the corner of the world."""
    west, north, unit = Tile(zoom, 0, 0).grid
    return shapely.transform(
        np.array(shapes, dtype=object), lambda xy: (mercator(xy) - [west, north]) / [unit, -unit]
    )


def check_rings(feature: dict[str, Any]) -> None:
    """Outer rings have positive areas by the surveyor's formula with y going south, holes negative ones."""
    geometry = shape(feature)
    if "Polygon" not in geometry.geom_type:
        return
    assert shapely.is_valid(geometry), shapely.is_valid_reason(geometry)
    coordinates = feature["geometry"]["coordinates"]
    polygons = [coordinates] if feature["geometry"]["type"] == "Polygon" else coordinates
    for outer, *holes in polygons:
        assert shapely.LinearRing(outer).is_ccw
        assert not any(shapely.LinearRing(hole).is_ccw for hole in holes)


def collected(tiles: TileSource, zoom: int) -> dict[int, Any]:
    """Put every feature together from the tiles' own ground, on the grid of the zoom."""
    parts: dict[int, list[Any]] = {}
    for row, column in tiles.tiles(zoom).tolist():
        found = features(tiles.tile(zoom, row, column))
        ids = [feature["id"] for feature in found]
        assert ids == sorted(set(ids))
        for feature in found:
            assert feature["properties"] == {"id": f"t{feature['id']}"}
            check_rings(feature)
            own = shapely.intersection(shape(feature), WHOLE)
            moved = shapely.transform(own, lambda xy, by=(column, row): xy + np.array(by) * EXTENT)
            parts.setdefault(feature["id"], []).append(moved)
    return {id: shapely.union_all(pieces) for id, pieces in parts.items()}


# --- laws ---


@st.composite
def blots(draw: st.DrawFn) -> Any:
    """Ground of any form, also very thin, with holes and several parts, a few units to some hundred across."""
    size = draw(st.sampled_from([0.4, 1.0, 3.0, 40.0]))
    ring = st.lists(st.tuples(st.integers(0, 14), st.integers(0, 14)), min_size=4, max_size=9)
    crossed = [shapely.Polygon(draw(ring)), shapely.Polygon(draw(ring))]
    valid = shapely.union_all(shapely.make_valid(crossed, method="structure", keep_collapsed=False))
    corner = np.array([draw(st.floats(-300, 300)), draw(st.floats(-300, 300))]) * UNIT_DEG
    ground = shapely.transform(valid, lambda xy: HERE + corner + xy * size * UNIT_DEG)
    return shapely.MultiPolygon([part for part in shapely.get_parts(ground) if part.geom_type == "Polygon"])


@settings(max_examples=40, deadline=None, suppress_health_check=[HealthCheck.too_slow])
@given(st.lists(blots(), min_size=1, max_size=4))
def test_the_tiles_together_are_the_ground(shapes: list[Any]) -> None:
    tiles = made("area", shapes)
    for zoom in (ZOOM - 2, ZOOM):  # of which the rings are checked, too
        found = collected(tiles, zoom)
        for id, ground in enumerate(in_units(shapes, zoom)):
            drawn = found.get(id, shapely.Polygon())
            # a vertex moves by √½, or a little more where lines that met are mended: what is a unit inside stays,
            # and what is a unit off stays free
            assert ground.buffer(-1).difference(drawn).area < 1e-9
            assert drawn.difference(ground.buffer(1)).area < 1e-9


places = st.tuples(st.floats(-2000, 2000), st.floats(-2000, 2000))


@settings(max_examples=25, deadline=None)
@given(st.lists(places, min_size=1, max_size=20))
def test_every_point_is_in_one_tile(at: list[tuple[float, float]]) -> None:
    shapes = shapely.points(HERE + np.array(at) * UNIT_DEG)
    found = collected(made("point", shapes), ZOOM)
    for id, point in enumerate(in_units(shapes, ZOOM)):
        assert found[id].distance(point) < 0.75


@settings(max_examples=25, deadline=None)
@given(st.lists(st.lists(places, min_size=2, max_size=6, unique=True), min_size=1, max_size=4))
def test_lines_stay_where_they_are(lines: list[list[tuple[float, float]]]) -> None:
    shapes = [shapely.LineString(HERE + np.array(line) * UNIT_DEG) for line in lines]
    found = collected(made("line", shapes), ZOOM)
    for id, line in enumerate(in_units(shapes, ZOOM)):
        if id in found:
            assert line.buffer(0.75, quad_segs=32).covers(found[id])
            assert found[id].buffer(0.75 + 1e-6, quad_segs=32).covers(line)
        else:
            assert line.length < 2  # both ends at one place


def crooked(side: int, size: float, seed: int) -> list[Any]:
    """Cells that divide a square between them, each edge bent the same way for both neighbours, in degrees."""
    rng = np.random.default_rng(seed)
    corner = np.stack(np.meshgrid(np.arange(side + 1.0), np.arange(side + 1.0)), axis=-1)
    corner[1:-1, 1:-1] += rng.uniform(-0.3, 0.3, (side - 1, side - 1, 2))
    shares = [(x, y) for y in range(side) for x in range(side)]
    bends = {
        tuple(sorted([a, b])): rng.uniform(-0.1, 0.1, (3, 2))
        for a, b in [((x, y), (x + 1, y)) for x in range(side) for y in range(side + 1)]
        + [((x, y), (x, y + 1)) for x in range(side + 1) for y in range(side)]
    }

    def edge(a: tuple[int, int], b: tuple[int, int]) -> list[Any]:
        first, last = sorted([a, b])
        t = np.array([0.25, 0.5, 0.75])[:, None]
        ends = corner[first[1], first[0]], corner[last[1], last[0]]
        line = [ends[0], *(ends[0] * (1 - t) + ends[1] * t + bends[first, last]), ends[1]]
        return line if a == first else line[::-1]

    cells = []
    for x, y in shares:
        corners = [(x, y), (x + 1, y), (x + 1, y + 1), (x, y + 1), (x, y)]
        ring = [p for a, b in pairwise(corners) for p in edge(a, b)[:-1]]
        cells.append(shapely.Polygon(HERE + np.array(ring) * size * UNIT_DEG))
    return cells


@pytest.mark.parametrize("size", [2.0, 6.0, 300.0])
def test_neighbours_do_not_gape(size: float) -> None:
    shapes = crooked(12, size, seed=4)
    found = collected(made("area", shapes), ZOOM)
    together = shapely.union_all(list(found.values()))
    ground = shapely.union_all(in_units(shapes, ZOOM))
    gaps = shapely.difference(ground.buffer(-1.0), together)
    assert gaps.buffer(-0.5 + 1e-6).is_empty  # nowhere wider than a unit
    assert gaps.area < 1e-3 * ground.area


# --- by hand ---


def test_properties_and_ids_by_hand() -> None:
    square = shapely.box(0, 0, 0.01, 0.01)
    moved = [
        shapely.transform(square, lambda xy, n=n: xy + np.array([HERE[0] + 0.02 * n, HERE[1]])) for n in range(3)
    ]
    frame = gpd.GeoDataFrame(
        {
            "id": ["一", HOSTILE, "c", "d"],
            "name": pd.Series([None, HOSTILE, "n", "gone"], dtype="object"),
            "load": [1.5, np.nan, np.inf, 0.0],
            "people": pd.array([1, None, -3, 9], dtype="Int64"),
            "level": ["county", "community", None, ""],
            "day": pd.to_datetime(["2026-11-20", None, "2026-11-21", None]),
            "roles": [["a", "b"], [], [HOSTILE], []],
        },
        geometry=[moved[0], moved[1], moved[2], None],
        crs="EPSG:4326",
    )
    title = Title("列", "Column")
    kinds = {
        "name": "string",
        "load": "number",
        "people": "integer",
        "level": "string",
        "day": "date",
        "roles": "list",
    }
    fields = [Field(name, kind, title) for name, kind in kinds.items()]  # type: ignore[arg-type]
    described = layer("area", *fields)
    row, column = 24, 51  # of zoom 6: 51.8 tiles east, 24.1 south
    lean = features(TileSource(described, frame).tile(6, row, column))
    assert [feature["properties"] for feature in lean] == [
        {"id": "一", "level": "county"},
        {"id": HOSTILE, "name": HOSTILE, "level": "community"},
        {"id": "c", "name": "n"},
    ]
    whole = features(TileSource(described, frame, ["id", *kinds]).tile(6, row, column))
    assert [feature["id"] for feature in whole] == [0, 1, 2]  # the fourth is nowhere
    assert [feature["properties"] for feature in whole] == [
        {"id": "一", "load": 1.5, "people": 1, "level": "county", "day": "2026-11-20", "roles": "a;b"},
        {"id": HOSTILE, "name": HOSTILE, "level": "community"},
        {"id": "c", "name": "n", "people": -3, "day": "2026-11-21", "roles": HOSTILE},
    ]


def test_a_square_is_where_it_should_be() -> None:
    # zoom 1: a unit is 360 / 2 / 4096 degrees of longitude, and the equator is at 4096 of row 0 and 0 of row 1
    degree = 1 / (360 / 2 / EXTENT)
    square = shapely.box(10, -20, 40, 0)
    (feature,) = features(made("area", [square]).tile(1, 1, 1))
    # 20° south is 20037508.34 × ln(tan(45° + 10°)) / π = 2273030.9 m, of units of 20037508.34 / 4096 m
    south = round(2_273_030.927 / (20_037_508.3428 / EXTENT))
    assert shape(feature).bounds == (round(10 * degree), 0, round(40 * degree), south)
    assert shape(feature).bounds == (228, 0, 910, 465)


def test_what_sticks_out_is_cut_at_the_buffer() -> None:
    world = shapely.box(-170, -80, 170, 80)
    (feature,) = features(made("area", [world]).tile(3, 3, 3))
    assert shape(feature).bounds == (-64, -64, EXTENT + 64, EXTENT + 64)
    hole = shapely.box(-30, 10, -25, 15)  # inside this tile: 360 / 8 = 45° wide, from -45° to 0°
    (feature,) = features(made("area", [world.difference(hole)]).tile(3, 3, 3))
    check_rings(feature)
    assert len(feature["geometry"]["coordinates"]) == 2
    line = shapely.LineString([(-100, 5), (100, 5)])
    (feature,) = features(made("line", [line]).tile(3, 3, 3))
    assert [x for x, _ in feature["geometry"]["coordinates"]] == [-64, EXTENT + 64]


def test_a_line_that_comes_back_has_parts() -> None:
    zigzag = shapely.LineString([(-44, 5), (20, 10), (-44, 15)])
    (feature,) = features(made("line", [zigzag]).tile(3, 3, 3))
    assert feature["geometry"]["type"] == "MultiLineString"
    assert len(feature["geometry"]["coordinates"]) == 2


def test_kinds_that_the_layer_does_not_draw_are_left_out() -> None:
    mixed = shapely.geometrycollections([shapely.box(1, 1, 9, 9), shapely.Point(20, 20)])
    found = features(made("area", [shapely.Point(1, 1), mixed, None, shapely.Polygon()]).tile(0, 0, 0))
    assert [(feature["id"], feature["geometry"]["type"]) for feature in found] == [(1, "Polygon")]


def test_an_invalid_polygon_is_made_valid() -> None:
    bow_tie = shapely.Polygon([(0, 0), (20, 20), (20, 0), (0, 20)])
    (feature,) = features(made("area", [bow_tie]).tile(2, 1, 2))
    check_rings(feature)
    assert feature["geometry"]["type"] == "MultiPolygon"


def test_beyond_the_poles_and_the_180th_meridian() -> None:
    everything = made("area", [shapely.box(170, 60, 190, 90), shapely.box(-10, -90, 10, -86)])
    west, east = features(everything.tile(2, 0, 0)), features(everything.tile(2, 0, 3))
    assert [feature["id"] for feature in (*west, *east)] == [0, 0]  # what is south of 85.05° S is nowhere
    ninth = EXTENT / 9  # 10° of 90°
    assert shape(west[0]).bounds[::2] == (-64, round(ninth))  # with its buffer
    assert shape(east[0]).bounds[::2] == (EXTENT - round(ninth), EXTENT + 64)
    assert shape(east[0]).bounds[1] == 0
    assert everything.box == pytest.approx((-180, 60, 180, 85.0511287798))
    assert everything.tile(2, 3, 1) == b""


def test_slivers_at_the_rim_are_cut_like_everything_else() -> None:
    x, y = -134.08681469060605, -85.0518426928738
    sliver = shapely.Polygon([(x, y), (-134.0851645842838, -85.05101763971268), (x + 3e-14, y), (x, y)])
    with pytest.raises(shapely.GEOSException):  # else there is nothing to show
        shapely.clip_by_rect(sliver, -180, -85.0511287798066, 180, 85.0511287798066)
    tiles = made("area", [sliver, None, shapely.box(-135, -86, -134, -84)])
    assert [feature["id"] for feature in features(tiles.tile(0, 0, 0))] == [2]


def test_parts_of_a_collection_do_not_overlap_when_they_are_snapped() -> None:
    slivers = [  # units of zoom 14: they meet in no point, and in one when their vertices are moved to the grid
        [(0.4, 0.4), (0.6, 40.4), (-1.6, 40.4)],
        [(-0.4, 12.4), (10.6, 6.4), (10.4, 30.4), (5.6, 38.4), (0.7, 26.6)],
    ]
    grounds = [shapely.transform(shapely.Polygon(one), lambda xy: HERE + xy * UNIT_DEG) for one in slivers]
    tiles = made("area", [shapely.GeometryCollection(grounds)])
    for row, column in tiles.tiles(ZOOM).tolist():
        for feature in features(tiles.tile(ZOOM, row, column)):
            check_rings(feature)


@pytest.mark.parametrize("draw", ["area", "line", "point"])
def test_the_buffer_goes_on_over_the_180th_meridian(draw: Draw) -> None:
    shapes = {
        "area": [shapely.box(178, 60, 182, 61), shapely.box(-179.9, 70, -179.8, 70.1)],
        "line": [shapely.LineString([(178, 60), (182, 61)]), shapely.LineString([(-179.9, 70), (-179.8, 70)])],
        "point": [shapely.MultiPoint([(179.5, 60), (-179.5, 60)]), shapely.Point(-179.9, 70)],
    }[draw]
    tiles = made(draw, shapes)
    for zoom, row in ((2, 1), (3, 2)):  # 64 units: 1.4° and 0.7°
        more = 64 if draw != "point" else round(0.5 / 360 * 2**zoom * EXTENT)
        west, east = features(tiles.tile(zoom, row, 0)), features(tiles.tile(zoom, row, 2**zoom - 1))
        assert [feature["id"] for feature in (*west, *east)] == [0, 0]
        assert shape(west[0]).bounds[0] == -more
        assert shape(east[0]).bounds[2] == EXTENT + more
        for feature in (*west, *east):
            check_rings(feature)
    assert [feature["id"] for feature in features(tiles.tile(3, 1, 7))] == [1]  # all of it lies in the buffer
    (whole,) = (feature for feature in features(tiles.tile(0, 0, 0)) if feature["id"] == 0)
    left, _, right, _ = shape(whole).bounds
    assert left < 0 and right > EXTENT


def test_an_empty_layer_has_no_tiles() -> None:
    for nothing in ([], [None]):
        tiles = made("area", nothing)
        assert tiles.tile(0, 0, 0) == b""
        assert tiles.box is None
        assert tiles.limits(3) is None
        assert len(tiles.tiles(3)) == 0


def test_tiles_that_hold_something_are_listed() -> None:
    tiles = made("area", [shapely.box(-100, 1, -80, 80), shapely.Point(1, 1), shapely.box(91, -1, 92, 1)])
    # zoom 2: columns of 90°: -100 to -80 is 0 and 1, 91 is 3; 80° north is in row 0, 1° in row 1, -1° in row 2
    assert tiles.tiles(2).tolist() == [[0, 0], [0, 1], [1, 0], [1, 1], [1, 3], [2, 3]]
    diagonal = made("line", [shapely.LineString([(-179, 80), (-1, 1)])])  # of the box of which most is empty
    assert [len(at) for _, at in zip(range(4), (at for _, at in diagonal.pyramid()), strict=False)] == [1, 1, 3, 7]
    limits = tiles.limits(2)
    assert limits is not None
    assert tuple(limits) == (0, 2, 0, 3)


def test_small_ground_is_left_out_where_there_is_too_much(monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setattr(source, "MOST", 3)
    # half a pixel of zoom 0 is 360 / 512 = 0.7°; of zoom 1 0.35°
    cells = [shapely.box(20 + n, 10, 20 + n + side, 10 + side) for n, side in enumerate((0.9, 0.5, 0.2, 0.9))]
    tiles = made("area", [*cells, shapely.box(-170, -80, -169.9, -79.9)])
    assert tiles.whole_from == 4  # middles at 20.45 21.25 22.1 23.45: one tile of 45° at zoom 3, 22.5 between at 4
    assert [feature["id"] for feature in features(tiles.tile(0, 0, 0))] == [0, 3]
    assert [feature["id"] for feature in features(tiles.tile(1, 0, 1))] == [0, 1, 3]
    assert tiles.zooms == range(4, 15)


def test_points_in_one_place_are_left_out_where_there_are_too_many(monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setattr(source, "MOST", 3)
    points = [shapely.Point(10.1 + n / 100, 10.1) for n in range(4)] + [shapely.Point(50, 50)]
    tiles = made("point", points)
    assert [feature["id"] for feature in features(tiles.tile(0, 0, 0))] == [0, 4]
    assert len(collected(tiles, tiles.whole_from)) == 5


def test_gdal_reads_a_tile(tmp_path: Path) -> None:
    shapes = [
        shapely.box(111.6, 40.8, 111.61, 40.81).difference(shapely.box(111.603, 40.803, 111.605, 40.805)),
        shapely.multipolygons(
            [shapely.box(111.62, 40.8, 111.625, 40.81), shapely.box(111.63, 40.8, 111.635, 40.81)]
        ),
    ]
    tiles = made("area", shapes)
    zoom, row, column = 10, 384, 829
    file = tmp_path / str(zoom) / str(column) / f"{row}.pbf"  # GDAL takes the place from these names
    file.parent.mkdir(parents=True)
    file.write_bytes(tiles.tile(zoom, row, column))
    read = pyogrio.read_dataframe(file, layer="things", fid_as_index=False)
    assert read["mvt_id"].tolist() == [0, 1]
    assert read["id"].tolist() == ["t0", "t1"]
    assert read.crs.to_epsg() == 3857
    unit = Tile(zoom, row, column).grid.unit
    expected = shapely.transform(np.array(shapes), mercator)
    for one, other in zip(read.geometry, expected, strict=True):
        assert shapely.is_valid(one)
        assert shapely.hausdorff_distance(one, other) < unit
