"""What the browser decodes is what was drawn, to the last written digit."""

from __future__ import annotations

from typing import Any

import geopandas as gpd
import numpy as np
import pytest
import shapely
from hypothesis import given
from hypothesis import strategies as st
from shapely.geometry import GeometryCollection, LineString, MultiPoint, MultiPolygon, Point, Polygon, box

from maps import draw
from maps.spans import marker_spans


def decoded(shape: Any, scale: int) -> Any:
    """Read shapes as the browser does, a letter at a time."""
    if isinstance(shape, list):
        return [decoded(part, scale) for part in shape]
    values, value, size = [], 0, 0
    for letter in shape:
        code = ord(letter) - 63
        value |= (code & 31) << size
        size += 5
        if code < 32:
            values.append(~(value >> 1) if value & 1 else value >> 1)
            value = size = 0
    x, y = np.cumsum(values[::2]) / scale, np.cumsum(values[1::2]) / scale
    return list(zip(x.tolist(), y.tolist(), strict=True))


def test_the_format_is_the_one_that_others_know() -> None:
    """The example with which the encoded polyline format is published."""
    line = LineString([(38.5, -120.2), (40.7, -120.95), (43.252, -126.453)])
    assert draw.line([line], draw.COARSE) == [["_p~iF~ps|U_ulLnnqC_mqNvxq`@"]]


def test_a_square_with_a_hole_by_hand() -> None:
    square = Polygon([(0, 0), (2, 0), (2, 2), (0, 2)], [[(0.5, 0.5), (1, 0.5), (1, 1)]])
    assert decoded(draw.area([square], 10), 10) == [
        [[[(0, 0), (2, 0), (2, 2), (0, 2)], [(0.5, 0.5), (1, 0.5), (1, 1)]]]
    ]


def test_a_line_and_a_marker_by_hand() -> None:
    shapes = draw.line([LineString([(1, 1), (1.5, 1), (1.5, 0)]), Point(1, 2)], 10)
    assert decoded(shapes, 10) == [[[(1, 1), (1.5, 1), (1.5, 0)]], [[(1, 2)]]]
    assert decoded(draw.point([Point(-1.26, 2)], 10), 10) == [[(-1.3, 2)]]


def test_an_area_is_a_point_on_itself() -> None:
    bent = Polygon([(0, 0), (4, 0), (4, 4), (3, 4), (3, 1), (0, 1)])
    ((place,),) = decoded(draw.point([bent], 100), 100)
    assert bent.covers(Point(place))


@pytest.mark.parametrize("nothing", [None, Polygon(), LineString(), GeometryCollection()])
def test_nothing_is_drawn_of_nothing(nothing: Any) -> None:
    for write in draw.BY_KIND.values():
        empty, full = write([nothing, box(0, 0, 1, 1)], 10)
        assert not empty
        assert full or write is draw.line
        assert write([], 10) == []


def test_a_collection_gives_what_was_asked_for() -> None:
    everything = GeometryCollection([box(0, 0, 1, 1), LineString([(0, 0), (1, 1)]), MultiPoint([(3, 3), (4, 4)])])
    assert len(draw.area([everything], 1)[0]) == 1
    assert decoded(draw.line([everything], 1), 1) == [[[(0, 0), (1, 1)], [(3, 3)], [(4, 4)]]]


def test_background_is_drawn_as_what_it_is() -> None:
    two = MultiPolygon([box(0, 0, 1, 1), box(5, 5, 6, 6)])
    shapes = draw.mixed([Point(1, 1), two, LineString([(0, 0), (1, 1)])], 1)
    assert decoded(shapes, 1) == [
        [(1, 1)],
        [[[(1, 0), (1, 1), (0, 1), (0, 0)]], [[(6, 5), (6, 6), (5, 6), (5, 5)]]],
        [[(0, 0), (1, 1)]],
    ]


def test_a_name_stands_on_its_own_ground() -> None:
    bent = Polygon([(0, 0), (4, 0), (4, 4), (3, 4), (3, 1), (0, 1)])  # the middle of its box is not on it
    places = decoded(draw.inside([bent, None, box(8, 8, 9, 9)], 100), 100)
    assert bent.covers(Point(places[0])) and box(8, 8, 9, 9).covers(Point(places[2]))
    assert places[1] == (0, 0)
    assert draw.inside([], 100) == ""


degrees = st.floats(-179, 179, allow_nan=False)


@given(st.lists(st.tuples(degrees, st.floats(-89, 89)), min_size=2, max_size=40), st.integers(1, 3))
def test_steps_add_up_to_the_rounded_places(points: list[tuple[float, float]], copies: int) -> None:
    for (path,) in decoded(draw.line([LineString(points)] * copies, draw.FINE), draw.FINE):
        assert np.abs(np.array(path) - np.array(points)).max() <= 0.5 / draw.FINE + 1e-9  # errors do not add up


@given(st.lists(st.tuples(st.integers(-9, 9), st.integers(-9, 9), st.integers(1, 4)), max_size=6))
def test_areas_come_back_in_order_and_whole(squares: list[tuple[int, int, int]]) -> None:
    areas = [box(x, y, x + size, y + size) for x, y, size in squares]
    back = [Polygon(rings[0], rings[1:]) for shape in decoded(draw.area(areas, 10), 10) for rings in shape]
    assert all(one.equals(other) for one, other in zip(areas, back, strict=True))


def test_a_shape_is_written_once() -> None:
    shapes = draw.Shapes(100)
    assert shapes.add([box(0, 0, 1, 1), None, box(1, 0, 2, 1)], "area") == [0, -1, 1]
    assert shapes.add([box(1, 0, 2, 1), Polygon(), box(0, 0, 3, 3)], "area") == [1, -1, 2]
    assert len(shapes.records()[0]) == 3
    assert shapes.add([box(0, 0, 1, 1)], "line") == [3]  # the same shape drawn otherwise is another record


def test_a_district_is_written_coarser_than_a_quarter() -> None:
    assert draw.scale_of((111.60, 40.75, 111.75, 40.85)) == draw.FINE
    assert draw.scale_of((111.6, 40.6, 112.2, 41.0)) == draw.COARSE  # a metre on a map 50 km wide


def test_heavy_outlines_become_light_and_light_ones_stay() -> None:
    frame = gpd.GeoDataFrame(geometry=[Point(111, 41).buffer(0.02, quad_segs=200)], crs="EPSG:4326")
    light = draw.lighter(frame, vertices=60)
    assert shapely.get_num_coordinates(light.geometry.iloc[0]) <= 60
    assert light.geometry.iloc[0].hausdorff_distance(frame.geometry.iloc[0]) < 0.0004
    assert draw.lighter(frame, vertices=10_000) is frame


def test_stretches_are_named_by_their_markers() -> None:
    """Markers every 1,000 m, numbered 1 to 4 from 0 m: [0, 1500] holds 1 and 2, [1500, 1900] none."""
    markers = gpd.GeoDataFrame(
        {"border_id": ["n"] * 4, "measure_m": [3000.0, 0.0, 1000.0, 2000.0], "number": ["4", "1", "2", "3"]}
    )
    stretches = gpd.GeoDataFrame(
        {
            "border_id": ["n", "n", "n", "x"],
            "start_m": [0.0, 1500.0, 2000.0, 0.0],
            "end_m": [1500.0, 1900.0, 2000.0, 9.0],
        }
    )
    assert marker_spans(stretches, markers) == [("1", "2"), None, ("3", "3"), None]
    assert marker_spans(stretches, None) == [None] * 4
    assert marker_spans(stretches, markers.head(0)) == [None] * 4
