"""Which grid holds a point: hand-made cases, and both ways of looking up beside asking every polygon."""

from __future__ import annotations

from typing import Any
from unittest.mock import patch

import geopandas as gpd
import numpy as np
import pytest
import shapely
from hypothesis import given, settings
from hypothesis import strategies as st
from shapely import MultiPoint, MultiPolygon, Point, Polygon, box

from geo.place import cells, index, within
from geo.place.cells import sort_points
from geo.place.index import grid_of, holders, polygonal
from geo.place.rings import plainly_valid, rings_of, valid

BOTH = pytest.mark.parametrize("few", [0, 10**9], ids=["cells", "tree"])
Pairs = list[tuple[int, int]]


def pairs_of(polygons: Any, points: Any, few: int) -> Pairs:
    """Look up in cells (0) or by tree (a large number)."""
    with patch.object(index, "FEW", few):
        point, polygon = holders(np.array(polygons, dtype=object), np.array(points, dtype=object))
    assert point.dtype == polygon.dtype == np.int64
    return list(zip(point.tolist(), polygon.tolist(), strict=True))


def asked_of_all(polygons: Any, points: Any) -> Pairs:
    """Ask every polygon about every point."""
    made = polygonal(np.array(polygons, dtype=object))
    with np.errstate(all="ignore"):  # of coordinates as large as can be
        held = shapely.intersects(np.array(points, dtype=object)[:, None], made[None, :])
    return [(int(point), int(polygon)) for point, polygon in np.argwhere(held)]


def check(polygons: Any, points: Any) -> Pairs:
    """All three agree."""
    expected = asked_of_all(polygons, points)
    assert pairs_of(polygons, points, 0) == expected
    assert pairs_of(polygons, points, 10**9) == expected
    return expected


def named(ids: list[str], polygons: list[Any]) -> gpd.GeoDataFrame:
    return gpd.GeoDataFrame({"grid_id": ids}, geometry=polygons)


# --- by hand --------------------------------------------------------------------------------------------------


@BOTH
def test_ties_go_to_the_lowest_id_on_edges_corners_and_in_overlaps(few: int) -> None:
    """b | a share x = 1, c lies over both from y = 0.5; ids as texts: "10" is lower than "9"."""
    rows = named(["9", "10", "95"], [box(0, 0, 1, 1), box(1, 0, 2, 1), box(0, 0.5, 2, 3)])
    points = shapely.points([[0.2, 0.2], [1, 0.2], [1, 0.7], [1.5, 0.7], [0.5, 0.7], [0.5, 2], [2, 1], [2.1, 1]])
    with patch.object(index, "FEW", few):
        assert grid_of(rows, points).tolist() == [0, 1, 1, 1, 0, 2, 1, -1]


@BOTH
def test_equal_ids_go_to_the_first_row_and_another_key_decides(few: int) -> None:
    rows = named(["a", "a"], [box(0, 0, 2, 1), box(1, 0, 3, 1)]).assign(division_id=["2", "1"])
    with patch.object(index, "FEW", few):
        assert grid_of(rows, shapely.points([[1.5, 0.5]])).tolist() == [0]
        assert grid_of(rows, shapely.points([[1.5, 0.5]]), key="division_id").tolist() == [1]


def test_holes_hold_nothing_but_their_edges_do() -> None:
    ring = box(0, 0, 6, 6) - box(2, 2, 4, 4)
    island = MultiPolygon([box(2.5, 2.5, 3.5, 3.5), box(8, 0, 9, 1)])
    points = shapely.points([[1, 1], [3, 3], [2, 3], [2.2, 3], [4, 4], [3.5, 3], [8.5, 0.5], [7, 0.5], [6, 6]])
    assert check([ring, island], points) == [(0, 0), (1, 1), (2, 0), (4, 0), (5, 1), (6, 1), (8, 0)]


def test_level_edges_and_vertices_level_with_a_point() -> None:
    """Teeth whose tips, notches and level edges lie at y = 1, with points at that height."""
    teeth = Polygon(
        [(0, 0), (9, 0), (9, 1), (8, 1), (7, 2), (6, 1), (5, 0.5), (4, 1), (3, 1), (2, 2), (1, 1), (0, 2)]
    )
    points = shapely.points([(x / 2, 1) for x in range(-2, 22)])
    outside = {-1.0, -0.5, 9.5, 10.0, 10.5, 4.5, 5.0, 5.5}
    inside = [n for n in range(24) if -1 + n / 2 not in outside]
    assert check([teeth], points) == [(n, 0) for n in inside]


def test_a_slanting_edge_that_numbers_only_nearly_meet() -> None:
    """Points a step of rounding beside a slanting edge: what cannot be told for certain GEOS decides."""
    a, b = np.array([0.1, 0.1]), np.array([7.3, 3.7])
    t = np.linspace(0, 1, 400)[:, None]
    on = a * (1 - t) + b * t
    near = np.concatenate([on, np.nextafter(on, 9.0), np.nextafter(on, -9.0)])
    above, below = Polygon([a, b, (0.1, 3.7)]), Polygon([a, (7.3, 0.1), b])
    found = check([above, below], shapely.points(near))
    assert {polygon for _, polygon in found} == {0, 1}
    held = within.look_up(rings_of(np.array([above, below])), 2, near)
    assert held is not None
    assert len(held.unsure) > 400


def test_points_and_polygons_that_are_missing_empty_or_not_finite() -> None:
    points = [None, Point(), Point(0.5, 0.5), Point(float("nan"), 0.5), Point(0.5, float("nan"))]
    points += [Point(float("inf"), 0.5), Point(float("inf"), float("-inf"))]
    polygons = [
        None,
        Polygon(),
        MultiPolygon(),
        box(0, 0, 1, 1),
        Point(0.5, 0.5),
        shapely.LineString([(0, 0), (1, 1)]),
    ]
    assert check(polygons, points) == [(2, 3)]


@BOTH
def test_nothing_in_nothing_out(few: int) -> None:
    none: list[Any] = []
    assert pairs_of([box(0, 0, 1, 1)], none, few) == []
    assert pairs_of(none, [Point(0, 0)], few) == []
    assert pairs_of([None], [Point(0, 0)], few) == []
    assert pairs_of([box(0, 0, 1, 1)], [None, Point()], few) == []
    with patch.object(index, "FEW", few):
        rows = named(["a"], [box(0, 0, 1, 1)])
        assert grid_of(rows, none).tolist() == []
        assert grid_of(rows.iloc[:0], [Point(0, 0)]).tolist() == [-1]
        assert grid_of(rows, gpd.GeoSeries([Point(1, 1)], index=[7])).tolist() == [0]


def test_invalid_polygons_hold_what_they_hold_once_made_valid() -> None:
    """A bow tie, a multipolygon of twice the same, and a spike."""
    bow = Polygon([(0, 0), (2, 2), (2, 0), (0, 2)])
    twice = MultiPolygon([box(3, 0, 5, 2), box(3, 0, 5, 2)])
    spike = Polygon([(6, 0), (8, 0), (8, 2), (8, 4), (8, 2), (6, 2)])
    points = shapely.points([[0.2, 1], [1, 1], [1, 0.2], [4, 1], [3, 1], [7, 1], [8, 3], [8, 1]])
    assert check([bow, twice, spike], points) == [(0, 0), (1, 0), (3, 1), (4, 1), (5, 2), (7, 2)]


def test_what_is_no_point_is_still_looked_up() -> None:
    rows = [box(0, 0, 1, 1), box(2, 0, 3, 1)]
    assert check(rows, [MultiPoint([(0.5, 0.5), (2.5, 0.5)]), Point(2, 0), MultiPoint([(1, 1)])]) == [
        (0, 0),
        (0, 1),
        (1, 1),
        (2, 0),
    ]


def test_the_world_beside_tiny_grids_and_a_typing_error() -> None:
    """A grid drawn at (0, 0), the whole world, slivers, and 400 grids of a metre in a town far away."""
    x, y = (side.ravel() for side in np.meshgrid(np.arange(20) * 1e-5 + 111, np.arange(20) * 1e-5 + 41))
    town = shapely.box(x, y, x + 1e-5, y + 1e-5)
    sliver = Polygon([(111, 41), (111 + 2e-4, 41 + 1e-12), (111 + 2e-4, 41)])
    polygons = [*town, box(-180, -90, 180, 90), box(0, 0, 1e-5, 1e-5), sliver]
    rng = np.random.default_rng(1)
    xy = np.concatenate([np.column_stack([x, y]), rng.uniform((111, 41), (111.0002, 41.0002), (600, 2)), [(0, 0)]])
    found = check(polygons, shapely.points(np.concatenate([xy, rng.uniform(-200, 200, (50, 2))])))
    assert {polygon for _, polygon in found} == set(range(403))


def test_coordinates_of_any_size() -> None:
    """Ground of 1e-300, 1e-160, 1e15, 1e160 and 1e300 a side, corners, edges and middles."""
    for size in (1e-300, 1e-160, 1e-9, 1e15, 1e160, 1e300):
        level = shapely.LineString([(0, 2 * size), (size, 2 * size)])  # no polygon
        polygons = [box(0, 0, size, size), Polygon([(size, 0), (2 * size, size), (size, size)]), level]
        steps = np.linspace(-0.25, 2.25, 11) * size
        found = check(polygons, shapely.points(*np.meshgrid(steps, steps)).ravel())
        assert len(found) > 16, size


def test_polygons_of_many_vertices_use_bands() -> None:
    """A comb of 300 teeth with holes, and a coast of 5,000 vertices, asked about 2,000 points each."""
    teeth = [(x, y) for n in range(300) for x, y in ((n, 1), (n, 90), (n + 0.5, 90), (n + 0.5, 1))]
    comb = Polygon([(0, 0), *teeth, (300, 0)], [[(n + 0.1, 40), (n + 0.2, 41), (n + 0.1, 42)] for n in range(300)])
    rng = np.random.default_rng(2)
    angle = np.linspace(0, 2 * np.pi, 5_000, endpoint=False)
    radius = 50 + rng.uniform(-1, 1, 5_000) + 20 * np.sin(9 * angle)
    coast = Polygon(np.column_stack([150 + radius * np.cos(angle), 50 + radius * np.sin(angle)]))
    lattice = shapely.points(rng.integers((0, 0), (600, 180), (1_500, 2)) / 2)
    corners = shapely.points(shapely.get_coordinates(coast)[::10])
    found = check(
        [comb, coast], np.concatenate([lattice, corners, shapely.points(rng.uniform(0, 300, (2_000, 2)))])
    )
    assert min(np.bincount([polygon for _, polygon in found])) > 500


def test_polygons_upon_each_other_need_more_room_for_pairs() -> None:
    """Every one of 30 points in all 40 boxes: 1,200 pairs, of which 1,170 are not the first of a point."""
    polygons, points = [box(-n, -n, 9, 9) for n in range(40)], shapely.points(np.linspace(0, 9, 30), 1.0)
    assert check(polygons, points) == [(point, polygon) for point in range(30) for polygon in range(40)]


def test_points_too_uneven_for_cells_are_left_to_the_tree() -> None:
    """Each grid half as large as the one before and beside it: no two levels of cells can part them all."""
    size = 2.0 ** -np.arange(900.0)
    polygons = shapely.box(size, size, 2 * size, 2 * size)
    points = shapely.points(np.repeat(size * 1.5, 12), np.repeat(size * 1.25, 12))
    assert within.look_up(rings_of(polygons), len(polygons), shapely.get_coordinates(points)) is None
    assert check(polygons, points) == [(n, n // 12) for n in range(len(points))]


# --- laws -----------------------------------------------------------------------------------------------------

steps = st.integers(0, 6)
ring = st.lists(st.tuples(steps, steps), min_size=3, max_size=9).map(Polygon)
ground = st.one_of(
    st.none(),
    ring,
    st.tuples(ring, ring).map(lambda pair: polygonal(list(pair))).map(lambda pair: shapely.difference(*pair)),
    st.lists(ring, max_size=3).map(MultiPolygon),
)
places = st.one_of(st.none(), st.tuples(st.integers(0, 12), st.integers(0, 12)))


@settings(max_examples=300, deadline=None)
@given(st.lists(ground, max_size=6), st.lists(places, max_size=40), st.sampled_from([1.0, 0.1, 1 / 3, 1e-7]))
def test_agrees_with_asking_every_polygon_about_every_point(polygons: Any, halves: Any, unit: float) -> None:
    """Points of a lattice twice as fine as the polygons': on vertices and edges more often than not."""
    made = shapely.transform(np.array(polygons, dtype=object), lambda xy: xy * unit)
    points = np.array(
        [place and Point(place[0] / 2 * unit, place[1] / 2 * unit) for place in halves], dtype=object
    )
    with patch.object(cells, "COARSE", 5), patch.object(cells, "FINE", 1):
        check(made, points)


@settings(max_examples=100, deadline=None)
@given(st.lists(ground, max_size=6), st.lists(places, max_size=30), st.randoms(use_true_random=False))
def test_both_ways_give_the_lowest_id_whatever_the_order_of_rows(polygons: Any, halves: Any, random: Any) -> None:
    points = np.array([place and Point(place[0] / 2, place[1] / 2) for place in halves], dtype=object)
    rows = named([f"{7 * n % 11}" for n in range(len(polygons))], polygons)
    held = asked_of_all(polygons, points)
    lowest = [
        min((rows["grid_id"][n] for p, n in held if p == point), default=None) for point in range(len(points))
    ]
    shuffled = rows.iloc[random.sample(range(len(rows)), len(rows))]
    ids = [*shuffled["grid_id"], None]
    for few in (0, 10**9):
        with patch.object(index, "FEW", few):
            assert [ids[at] for at in grid_of(shuffled, points)] == lowest


@settings(max_examples=150, deadline=None)
@given(st.lists(st.one_of(st.none(), ring, ring.map(lambda one: one.buffer(1, 2))), max_size=8))
def test_what_is_seen_to_be_valid_is_valid(polygons: Any) -> None:
    given_ = np.array(polygons, dtype=object)
    says = shapely.is_valid(given_)
    assert valid(given_).tolist() == says.tolist()
    assert not (plainly_valid(rings_of(given_), len(given_)) & ~says).any()


@settings(max_examples=100, deadline=None)
@given(
    st.lists(st.tuples(st.floats(-1e3, 1e3), st.sampled_from([0.0, 1e-9, 5.0, 180.0, float("nan")])), max_size=60),
    st.tuples(*[st.floats(-1e3, 1e3)] * 4),
)
def test_the_points_in_a_box_are_found_wherever_cells_lie(xy: Any, sides: Any) -> None:
    places = np.array(xy, dtype=float).reshape(-1, 2)
    (west, east), (south, north) = sorted(sides[:2]), sorted(sides[2:])
    with patch.object(cells, "COARSE", 5), patch.object(cells, "FINE", 1):
        made = sort_points(places)
    found = np.empty(len(places) + 1, dtype=np.int64)
    count, looked = cells.gather(made, (west, south, east, north), found)
    x, y = places.T
    inside = np.flatnonzero((west <= x) & (x <= east) & (south <= y) & (y <= north))
    assert sorted(made.order[found[:count]].tolist()) == inside.tolist()
    assert count <= looked <= len(places)
