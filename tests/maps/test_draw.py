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


def decoded(path: list[int], scale: int) -> list[tuple[float, float]]:
    """Read a path as the browser does, one step at a time."""
    x = y = 0
    points = []
    for dx, dy in zip(path[::2], path[1::2], strict=True):
        x, y = x + dx, y + dy
        points.append((x / scale, y / scale))
    return points


def test_a_square_with_a_hole_by_hand() -> None:
    square = Polygon([(0, 0), (2, 0), (2, 2), (0, 2)], [[(0.5, 0.5), (1, 0.5), (1, 1)]])
    assert draw.area(square, 10) == [[[0, 0, 20, 0, 0, 20, -20, 0], [5, 5, 5, 0, 0, 5]]]


def test_a_line_and_a_marker_by_hand() -> None:
    assert draw.line(LineString([(1, 1), (1.5, 1), (1.5, 0)]), 10) == [[10, 10, 5, 0, 0, -10]]
    assert draw.line(Point(1, 2), 10) == [[10, 20]]
    assert draw.point(Point(-1.26, 2), 10) == [-13, 20]


def test_an_area_is_a_point_on_itself() -> None:
    bent = Polygon([(0, 0), (4, 0), (4, 4), (3, 4), (3, 1), (0, 1)])
    x, y = draw.point(bent, 100)
    assert bent.covers(Point(x / 100, y / 100))


@pytest.mark.parametrize("nothing", [None, Polygon(), LineString(), GeometryCollection()])
def test_nothing_is_drawn_of_nothing(nothing: Any) -> None:
    assert (
        draw.area(nothing, 10)
        == draw.line(nothing, 10)
        == draw.point(nothing, 10)
        == draw.mixed(nothing, 10)
        == []
    )


def test_a_collection_gives_what_was_asked_for() -> None:
    everything = GeometryCollection([box(0, 0, 1, 1), LineString([(0, 0), (1, 1)]), MultiPoint([(3, 3), (4, 4)])])
    assert len(draw.area(everything, 1)) == 1
    assert draw.line(everything, 1) == [[0, 0, 1, 1], [3, 3], [4, 4]]


def test_background_is_drawn_as_what_it_is() -> None:
    assert draw.mixed(Point(1, 1), 1) == [1, 1]
    assert draw.mixed(LineString([(0, 0), (1, 1)]), 1) == [[0, 0, 1, 1]]
    assert draw.mixed(MultiPolygon([box(0, 0, 1, 1), box(5, 5, 6, 6)]), 1) == [
        [[1, 0, 0, 1, -1, 0, 0, -1]],
        [[6, 5, 0, 1, -1, 0, 0, -1]],
    ]


degrees = st.floats(-179, 179, allow_nan=False)


@given(st.lists(st.tuples(degrees, st.floats(-89, 89)), min_size=2, max_size=40))
def test_steps_add_up_to_the_rounded_places(points: list[tuple[float, float]]) -> None:
    (path,) = draw.line(LineString(points), draw.FINE)
    back = np.array(decoded(path, draw.FINE))
    assert np.abs(back - np.array(points)).max() <= 0.5 / draw.FINE + 1e-12  # no step adds to the error of another


def test_a_shape_is_written_once() -> None:
    shapes = draw.Shapes(100)
    assert shapes.add([box(0, 0, 1, 1), None, box(1, 0, 2, 1)], "area") == [0, -1, 1]
    assert shapes.add([box(1, 0, 2, 1), Polygon(), box(0, 0, 3, 3)], "area") == [1, -1, 2]
    assert len(shapes.records) == 3
    assert shapes.add([box(0, 0, 1, 1)], "line") == [3]  # the same shape drawn otherwise is another record


def test_a_region_is_written_coarser_than_a_town() -> None:
    assert draw.scale_of((111.6, 40.6, 112.2, 41.0)) == draw.FINE
    assert draw.scale_of((97.0, 37.0, 126.0, 53.0)) == draw.COARSE


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
