"""Measures on a line: where a point is, where a measure is, what lies between two."""

from __future__ import annotations

import geopandas as gpd
import numpy as np
import pytest
import shapely
from hypothesis import assume, given, settings
from hypothesis import strategies as st
from hypothesis.extra.numpy import arrays
from shapely import LineString, MultiLineString, Point

from geo.border.chainage import Chainage, chainage_of, chainages, locate_on, parts_in_order
from geo.border.markers import MarkerBook, marker_places, nearest_markers
from geo.crs import Floats, geodesic_length, geodesic_steps
from geo.tables.conform import conform
from tests.worlds import at_m, hundred_km

steps = arrays(float, (12, 2), elements=st.floats(-0.05, 0.05, allow_subnormal=False))


def lines_of(*lines: LineString) -> Chainage:
    return chainage_of(np.array(lines, dtype=object))


def walk(vertices: int, seed: int, step_deg: float = 0.0004) -> Floats:
    """A line that wanders east like a border does: bends, but hardly ever meets itself."""
    turn = np.random.default_rng(seed).normal(0, 0.3, vertices - 1)
    heading = np.clip(np.cumsum(turn) * 0.3, -1.2, 1.2)
    east_north = step_deg * np.stack([np.cos(heading), np.sin(heading)], axis=1)
    return np.concatenate([[[97.0, 42.0]], np.array([97.0, 42.0]) + np.cumsum(east_north, axis=0)])


def border(*rows: tuple[str, str, int, LineString | None]) -> gpd.GeoDataFrame:
    keys = ("border_id", "part", "sequence", "geometry")
    table = gpd.GeoDataFrame([dict(zip(keys, row, strict=True)) for row in rows], crs="EPSG:4326")
    return conform("border", table)


def test_measures_on_the_equator_by_hand() -> None:
    line = lines_of(LineString(at_m(0, 400, 1_000)))
    assert line.measure_m == pytest.approx([0, 400, 1_000], abs=1e-6)

    measure, offset = line.locate(np.array([*at_m(250), (at_m(700)[0][0], 0.001), *at_m(-5), *at_m(1_300)]))

    assert measure == pytest.approx([250, 700, 0, 1_000], abs=1e-6)
    assert offset == pytest.approx(
        [0, 110.574, 5, 300], abs=1e-3
    )  # 0.001° of a meridian at the equator: 110.574 m


def test_a_gap_between_parts_has_no_length() -> None:
    line = lines_of(LineString(at_m(0, 1_000)), LineString(at_m(4_000, 4_500)))
    assert line.length_m == pytest.approx(1_500)
    assert line.measure_m == pytest.approx([0, 1_000, 1_000, 1_500])
    measure, offset = line.locate(
        np.array(at_m(1_900, 3_500, 4_200))
    )  # 900 m past the one, 500 m before the other
    assert measure == pytest.approx([1_000, 1_000, 1_200])
    assert offset == pytest.approx([900, 500, 0], abs=1e-6)
    assert line.point_at(line.measure_m[[2]]) == pytest.approx(np.array(at_m(4_000)))

    before, across, after, at_the_gap = line.cut(
        np.array([200, 900, 1_000, 1_000]), np.array([1_000, 1_100, 1_100, 1_000])
    )

    assert before.equals_exact(LineString(at_m(200, 1_000)), 1e-9)
    assert across.equals_exact(MultiLineString([at_m(900, 1_000), at_m(4_000, 4_100)]), 1e-9)
    assert after.equals_exact(LineString(at_m(4_000, 4_100)), 1e-9)
    assert at_the_gap is None


def test_parts_come_in_order_whatever_the_file_says() -> None:
    first, second, third = (LineString(at_m(a, a + 100)) for a in (0, 100, 200))
    table = border(("e", "b", 2, second), ("f", "a", 1, first), ("e", "c", 3, third), ("e", "a", 1, first))
    in_order = parts_in_order(table)
    assert list(in_order["border_id"] + in_order["part"]) == ["ea", "eb", "ec", "fa"]
    assert in_order["start_m"].to_numpy() == pytest.approx([0, 100, 200, 0], abs=1e-6)
    assert in_order["end_m"].to_numpy() == pytest.approx([100, 200, 300, 100], abs=1e-6)
    shuffled = chainages(table.sample(frac=1, random_state=1))
    assert [*shuffled] == ["e", "f"]
    assert (shuffled["e"].lonlat == chainages(table)["e"].lonlat).all()


@pytest.mark.parametrize(
    "shapes",
    [
        [],
        [None],
        [LineString()],
        [MultiLineString()],
        [LineString([(110, 42), (110, 42)])],
    ],
    ids=["none", "missing", "empty", "empty multi", "no length"],
)
def test_a_line_without_length_holds_nothing(shapes: list[LineString | None]) -> None:
    line = chainage_of(np.array(shapes, dtype=object))
    assert line.length_m == 0
    assert np.isnan(line.locate(np.array([[110.0, 42.0]]))).all()
    assert np.isnan(line.point_at(np.array([0.0]))).all()
    assert line.cut(np.array([0.0]), np.array([1.0])).tolist() == [None]


def test_repeated_vertices_and_parts_without_length_change_nothing() -> None:
    plain = lines_of(LineString(at_m(0, 300)), LineString(at_m(500, 900)))
    stuttering = chainage_of(
        np.array(
            [
                LineString(at_m(0, 0, 300, 300)),
                LineString(at_m(400, 400)),
                None,
                MultiLineString([at_m(500, 900, 900)]),
            ]
        )
    )
    assert (stuttering.lonlat == plain.lonlat).all()
    assert (stuttering.measure_m == plain.measure_m).all()
    assert (stuttering.offsets == plain.offsets).all()


def test_missing_coordinates_and_measures_stay_missing() -> None:
    line = lines_of(LineString(at_m(0, 100)))
    measure, offset = line.locate(np.array([[np.nan, 0.0], *at_m(40)]))
    assert np.isnan([measure[0], offset[0]]).all()
    assert measure[1] == pytest.approx(40)
    assert np.isnan(line.point_at(np.array([np.nan, -1.0, 101.0]))).all()
    assert line.cut(np.array([np.nan, 60.0]), np.array([50.0, 50.0])).tolist() == [None, None]


def test_equally_near_legs_give_the_lower_measure() -> None:
    ring = lines_of(LineString([(100, 0), (100.01, 0), (100.01, 0.01), (100, 0.01), (100, 0)]))
    measure, _ = ring.locate(np.array([[100.0, 0.0], [100.005, 0.0]]))
    assert measure == pytest.approx([0, 0.005 * 111_319.4908], abs=1e-3)


@settings(max_examples=40, deadline=None)
@given(steps, steps, st.floats(0, 1), st.floats(0, 1))
def test_cut_pieces_are_the_whole_and_points_come_back(
    first: Floats, second: Floats, one: float, two: float
) -> None:
    line = lines_of(
        LineString(np.array([110, 45]) + np.cumsum(first, 0)),
        LineString(np.array([111, 46]) + np.cumsum(second, 0)),
    )
    assume(line.length_m > 0)
    bounds = np.unique([0, one * line.length_m, two * line.length_m, line.length_m])

    pieces = line.cut(bounds[:-1], bounds[1:])
    lengths = np.nan_to_num(geodesic_length(pieces))  # a crumb of less than a millimetre is left out

    assert lengths == pytest.approx(np.diff(bounds), abs=0.01)  # straight in lon/lat: a few ppm of a 5 km edge
    assert lengths.sum() == pytest.approx(line.length_m, abs=0.01)
    points = line.point_at(bounds)
    again, offset = line.locate(points)
    assert offset == pytest.approx(0, abs=1e-6)
    assert (again <= bounds + 1e-5).all()  # where the line crosses itself, the first time
    assert line.point_at(again) == pytest.approx(points, abs=1e-10)


@settings(max_examples=25, deadline=None)
@given(steps, arrays(float, (20, 2), elements=st.floats(-0.2, 0.2, allow_subnormal=False)))
def test_nothing_on_the_line_is_nearer_than_what_was_found(bends: Floats, away: Floats) -> None:
    line = lines_of(LineString(np.array([110, 45]) + np.cumsum(bends, 0)))
    assume(line.length_m > 0)
    points = away + np.array([110, 45])
    measure, offset = line.locate(points)
    sampled = line.point_at(np.linspace(0, line.length_m, 2_000))
    for point, found in zip(points, offset, strict=True):
        nearest = geodesic_steps(np.broadcast_to(point, sampled.shape), sampled).min()
        assert found <= nearest * 1.005 + 1e-6
    foot = geodesic_steps(points, line.point_at(measure))
    assert foot == pytest.approx(offset, abs=1e-3)


def test_stays_exact_on_four_thousand_kilometres_and_a_hundred_thousand_vertices() -> None:
    line = chainage_of(np.array([LineString(walk(100_000, seed=1))]))
    assert 3_000_000 < line.length_m < 5_000_000
    measures = np.sort(np.random.default_rng(2).uniform(0, line.length_m, 20_000))
    again, offset = line.locate(line.point_at(measures))
    assert np.abs(again - measures).max() < 1e-6
    assert offset.max() < 1e-6
    bounds = np.concatenate([[0], measures, [line.length_m]])
    lengths = geodesic_length(line.cut(bounds[:-1], bounds[1:]))
    assert np.abs(lengths - np.diff(bounds)).max() < 1e-6
    assert lengths.sum() == pytest.approx(line.length_m, abs=1e-3)


def test_locating_agrees_with_the_slow_way() -> None:
    vertices = walk(2_000, seed=3)
    line = chainage_of(np.array([LineString(vertices)]))
    points = vertices[::17] + np.random.default_rng(4).normal(0, 0.0005, (len(vertices[::17]), 2))
    measure, offset = line.locate(points)
    stretch = np.array([np.cos(np.radians(42.0)), 1.0])  # one metric for all is good enough at 50 m
    flat = LineString(vertices * stretch)
    slow = shapely.line_interpolate_point(flat, shapely.line_locate_point(flat, shapely.points(points * stretch)))
    there = shapely.get_coordinates(slow) / stretch
    assert np.abs(geodesic_steps(line.point_at(measure), there)).max() < 1.0
    assert np.abs(geodesic_steps(points, there) - offset).max() < 0.1


def test_points_far_away_find_a_rough_place() -> None:
    line = lines_of(LineString(at_m(0, 100_000)))
    measure, offset = line.locate(np.array([[100.4, 1.0], [100.4, 0.1]]))
    assert measure == pytest.approx([0.4 * 111_319.49] * 2, abs=1)
    assert offset == pytest.approx([110_574, 11_057], abs=1)


def test_points_find_the_nearest_border_where_they_name_none() -> None:
    north = lines_of(LineString([(100, 1), (101, 1)]))
    lines = {"north": north, "south": lines_of(LineString([(100, 0), (101, 0)]))}
    lonlat = np.array([[100.5, 0.9], [100.5, 0.1], [100.5, 0.1], [100.5, 0.1]])
    border_id, measure, offset = locate_on(lines, [None, None, "north", "west"], lonlat)
    assert border_id.tolist() == ["north", "south", "north", None]
    assert measure[:3] == pytest.approx([north.length_m / 2, 0.5 * 111_319.49, north.length_m / 2], rel=1e-6)
    assert offset[:3] == pytest.approx([11_057, 11_057, 99_517], rel=1e-3)
    assert np.isnan(measure[3])


def test_markers_and_measures_by_hand() -> None:
    world = hundred_km()
    places = marker_places(world["markers"].sample(frac=1, random_state=3), chainages(world["border"]))
    assert places["measure_m"].to_numpy() == pytest.approx([0, 25_000, 27_000, 50_000, 77_000, 100_000], abs=1e-6)
    assert places["border_id"].tolist() == ["east"] * 6
    assert places.geometry[4].equals_exact(Point(at_m(77_000)[0]), 1e-9)  # no point of its own: where it should be
    before, after = nearest_markers(places, "east", np.array([26_000.0, 0.0]), np.array([30_000.0, 99_999.0]))
    assert before.tolist() == ["2", "1"]
    assert after.tolist() == ["4", "6"]


def test_a_number_that_stands_at_two_places_means_neither() -> None:
    table = gpd.GeoDataFrame(
        {"marker_id": ["a", "b", "c"], "number": ["7", "7", "8"]},
        geometry=[Point(xy) for xy in at_m(100, 200, 300)],
        crs="EPSG:4326",
    )
    lines = {"e": lines_of(LineString(at_m(0, 1_000)))}
    book = MarkerBook(marker_places(conform("markers", table), lines))
    assert book.between("7", "8") is None
    assert book.between("a", "nobody's") is None
    border_id, low, high = book.between("8", "b") or ("", 0.0, 0.0)
    assert (border_id, round(low), round(high)) == ("e", 200, 300)


def test_a_marker_beyond_the_line_has_no_measure() -> None:
    table = gpd.GeoDataFrame(
        {"marker_id": ["a", "b"], "number": ["1", "2"], "measure_m": [5_000.0, 1_000.4]},
        geometry=[None, None],
        crs="EPSG:4326",
    )
    line = lines_of(LineString(at_m(0, 1_000)))
    places = marker_places(conform("markers", table), {"e": line})
    assert places["border_id"].tolist() == ["e", "e"]
    assert np.isnan(places["measure_m"][0])
    assert places.geometry[0] is None
    assert places["measure_m"][1] == line.length_m  # written to the nearest metre, it stands at the end
