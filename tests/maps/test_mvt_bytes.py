"""Bytes of tiles, by hand and by the examples of the specification."""

from __future__ import annotations

from typing import Any

import mapbox_vector_tile
import numpy as np
import pytest
import shapely

from maps.tiles import mvt
from maps.tiles.paths import LINE, POINT, POLYGON, begins_of, paths_of, snapped
from maps.tiles.quad import Grid

NORTH_UP = Grid(0.0, 0.0, 1.0)  # one unit is one metre, and y is the distance south


def encoded(kind: int, shapes: list[Any], columns: dict[str, list[Any]] | None = None, name: str = "a") -> bytes:
    """Encode shapes whose y goes south, as in the specification."""
    given = shapely.transform(np.array(shapes, dtype=object), lambda xy: xy * [1, -1])
    paths = paths_of(given, kind)
    rows = np.arange(len(shapes))
    said = mvt.properties(columns or {}, len(shapes))
    return mvt.encode(name, snapped(paths, begins_of(paths, len(shapes)), rows, kind, NORTH_UP), rows, kind, said)


def decoded(tile: bytes) -> list[dict[str, Any]]:
    """Read the features of a tile, y going south, by code that is not ours."""
    (layer,) = mapbox_vector_tile.decode(tile, default_options={"y_coord_down": True}).values()
    features: list[dict[str, Any]] = layer["features"]
    return features


def test_a_square_byte_by_byte() -> None:
    # geometry: move to 0 0 is 1 << 3 | 1 = 9; three lines are 3 << 3 | 2 = 26 = 1a; +10 is 20 = 14 and
    # -10 is 19 = 13; close is 1 << 3 | 7 = 15 = 0f: together 11 bytes
    geometry = "09 00 00 1a 14 00 00 14 13 00 0f"
    # feature: id (1, number) 0; tags (2, bytes): key 0, value 0; type (3) polygon = 3; geometry (4)
    feature = f"08 00 12 02 00 00 18 03 22 0b {geometry}"  # 2 + 4 + 2 + 2 + 11 = 21 = 15
    # layer: version (15) 2; name (1) a; feature (2); key (3) k; value (4): text (1) x; extent (5) 4096 = 80 20
    layer = f"78 02 0a 01 61 12 15 {feature} 1a 01 6b 22 03 0a 01 78 28 80 20"  # 2 + 3 + 23 + 3 + 5 + 3 = 39 = 27
    square = shapely.Polygon([(0, 0), (10, 0), (10, 10), (0, 10)])
    assert encoded(POLYGON, [square], {"k": ["x"]}) == bytes.fromhex(f"1a 27 {layer}")


@pytest.mark.parametrize(
    ("kind", "shape", "commands"),
    [  # specification 2.1, section 4.3.5; multi-part ground in the order of its parts and rings
        (POINT, shapely.Point(25, 17), [9, 50, 34]),
        (POINT, shapely.MultiPoint([(5, 7), (3, 2)]), [17, 10, 14, 3, 9]),
        (LINE, shapely.LineString([(2, 2), (2, 10), (10, 10)]), [9, 4, 4, 18, 0, 16, 16, 0]),
        (
            LINE,
            shapely.MultiLineString([[(2, 2), (2, 10), (10, 10)], [(1, 1), (3, 5)]]),
            [9, 4, 4, 18, 0, 16, 16, 0, 9, 17, 17, 10, 4, 8],
        ),
        (POLYGON, shapely.Polygon([(3, 6), (8, 12), (20, 34)]), [9, 6, 12, 18, 10, 12, 24, 44, 15]),
        (
            POLYGON,
            shapely.MultiPolygon(
                [
                    ([(0, 0), (10, 0), (10, 10), (0, 10)], []),
                    ([(11, 11), (20, 11), (20, 20), (11, 20)], [[(13, 13), (13, 17), (17, 17), (17, 13)]]),
                ]
            ),
            [
                *[9, 0, 0, 26, 20, 0, 0, 20, 19, 0, 15],
                *[9, 22, 2, 26, 18, 0, 0, 18, 17, 0, 15],
                *[9, 4, 13, 26, 0, 8, 8, 0, 0, 7, 15],
            ],
        ),
    ],
    ids=lambda value: value.geom_type if isinstance(value, shapely.Geometry) else "",
)
def test_the_examples_of_the_specification(kind: int, shape: shapely.Geometry, commands: list[int]) -> None:
    tile = encoded(kind, [shape])
    expected = bytes([0x12, 0, 0x18, kind, 0x22, len(commands), *commands])  # all below 128: a byte each
    assert expected in tile
    (feature,) = decoded(tile)
    assert shapely.equals(shapely.geometry.shape(feature["geometry"]), shape)


def test_long_steps_and_many_features() -> None:
    # zigzag of 4160 is 8320 = 0b1000001_0000000: bytes 80 41; of -64 it is 127 = 7f
    tile = encoded(LINE, [shapely.LineString([(4160, -64), (-64, 4160)])])
    assert bytes([9, 0x80, 0x41, 0x7F]) in tile
    shapes = [shapely.Point(i, 2 * i) for i in range(1000)]
    found = decoded(encoded(POINT, shapes, {"n": list(range(1000))}))
    assert [feature["id"] for feature in found] == list(range(1000))
    assert [feature["properties"]["n"] for feature in found] == list(range(1000))
    assert [tuple(feature["geometry"]["coordinates"]) for feature in found] == [(i, 2 * i) for i in range(1000)]


def test_what_properties_say() -> None:
    columns: dict[str, list[Any]] = {
        "text": ["东街", "{{7*7}}<img src=x onerror=alert(1)>\x00\n", "", None],
        "whole": [0, -1, 2**62, -(2**62)],
        "real": [0.5, float("nan"), float("inf"), 1e300],
        "yes": [True, False, None, True],
        "list": [["a", "b;c"], [], ["ü"], None],
        "名": [1, 1.0, True, "1"],
    }
    found = decoded(encoded(POINT, [shapely.Point(i, 0) for i in range(4)], columns))
    expected = [
        {"text": "东街", "whole": 0, "real": 0.5, "yes": True, "list": "a;b;c", "名": 1},
        {"text": columns["text"][1], "whole": -1, "yes": False, "名": 1.0},
        {"text": "", "whole": 2**62, "list": "ü", "名": True},
        {"whole": -(2**62), "real": 1e300, "yes": True, "名": "1"},
    ]
    assert [feature["properties"] for feature in found] == expected
    kinds = [type(feature["properties"]["名"]) for feature in found]
    assert kinds == [int, float, bool, str]


def test_equal_values_are_written_once() -> None:
    columns = {"a": ["same"] * 50, "b": ["same"] * 50}
    tile = encoded(POINT, [shapely.Point(i, 0) for i in range(50)], columns)
    assert tile.count(b"same") == 1


def test_nothing_makes_no_bytes() -> None:
    assert encoded(POLYGON, []) == b""
    assert encoded(POLYGON, [None, shapely.Polygon(), shapely.Point(1, 1)]) == b""


@pytest.mark.parametrize(
    ("given", "left"),
    [  # all to the nearest whole number first
        ([(0, 0), (0.2, 0.1), (9.6, 0), (10, 0), (10, 10), (10, 10.4)], [(0, 0), (10, 0), (10, 10)]),
        ([(0, 0), (5, 0), (10, 0), (10, 10)], [(0, 0), (10, 0), (10, 10)]),  # (5, 0) is on the way
        ([(0, 0), (10, 0), (10, 10), (10.1, 30), (10.2, 10.3)], [(0, 0), (10, 0), (10, 10)]),  # a spike of width 0
        ([(5, 0), (10, 0), (10, 10), (0, 0)], [(10, 0), (10, 10), (0, 0)]),  # the first vertex is on the way
        ([(0, 0), (10, 0.3), (20, 0.4)], None),  # flat
        ([(0.1, 0.1), (0.4, 0.1), (0.3, 0.4)], None),  # all at one place
    ],
)
def test_what_encloses_nothing_is_left_out(
    given: list[tuple[float, float]], left: list[tuple[int, int]] | None
) -> None:
    paths = paths_of(shapely.transform(np.array([shapely.Polygon(given)]), lambda xy: xy * [1, -1]), POLYGON)
    made = snapped(paths, begins_of(paths, 1), np.array([0]), POLYGON, NORTH_UP)
    if left is None:
        assert len(made.owner) == 0
    else:
        assert shapely.equals(shapely.Polygon(made.xy), shapely.Polygon(left))
        assert len(made.xy) == len(left) + 1


def test_a_hole_goes_with_its_ring_and_a_ring_without_its_hole() -> None:
    far = [(100, 100), (120, 100), (120, 120), (100, 120)]
    flat = shapely.Polygon([(0, 0), (50, 0), (50, 0.45)], [[(20, 0.05), (30, 0.05), (30, 0.1)]])
    small_hole = shapely.Polygon(far, [[(110, 110), (110.2, 110), (110.1, 110.2)]])
    (feature,) = decoded(encoded(POLYGON, [flat, small_hole]))
    assert feature["id"] == 1
    assert shapely.equals(shapely.geometry.shape(feature["geometry"]), shapely.Polygon(far))


def test_a_line_or_points_at_one_place() -> None:
    lines = [shapely.LineString([(1, 1), (1.2, 1.3)]), shapely.LineString([(1, 1), (1.2, 1.3), (3, 3)])]
    (feature,) = decoded(encoded(LINE, lines))
    assert (feature["id"], feature["geometry"]["coordinates"]) == (1, [[1, 1], [3, 3]])
    (point,) = decoded(encoded(POINT, [shapely.MultiPoint([(4, 4), (4.3, 4.2), (9, 9)])]))
    assert sorted(map(tuple, point["geometry"]["coordinates"])) == [(4, 4), (9, 9)]
