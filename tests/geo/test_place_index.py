"""Which polygon holds a point, and who lies beside whom."""

from __future__ import annotations

import geopandas as gpd
import numpy as np
import pytest
import shapely
from hypothesis import given, settings
from hypothesis import strategies as st
from shapely import MultiPolygon, Point, Polygon, box

from geo.crs import geodesic_length
from geo.place.index import grid_of, holders, neighbours, polygonal, shared_edge_m
from tests.worlds import COMMUNITY, TOWN, four_grids, square


def frame(ids: list[str], polygons: list[Polygon | None]) -> gpd.GeoDataFrame:
    return gpd.GeoDataFrame({"grid_id": ids}, geometry=polygons, crs="EPSG:4326")


def test_a_point_on_a_shared_edge_belongs_to_the_lowest_id_whatever_the_row_order() -> None:
    grids, _ = four_grids()
    points = TOWN.lonlat(shapely.points([[50, 50], [150, 150], [100, 100], [100, 150], [300, 0]]))
    expected = [COMMUNITY + serial for serial in ("001", "004", "001", "003")]
    for order in ([0, 1, 2, 3], [3, 2, 1, 0], [2, 0, 3, 1]):
        rows = grids.iloc[order]
        found = grid_of(rows, points)
        assert rows["grid_id"].iloc[found[:4]].tolist() == expected
        assert found[4] == -1


def test_where_grids_overlap_the_lowest_id_holds() -> None:
    rows = frame(["b", "a", "c"], [box(0, 0, 2, 2), box(1, 1, 3, 3), box(0, 0, 3, 3)])
    assert grid_of(rows, shapely.points([[1.5, 1.5], [0.5, 0.5], [2.5, 0.5]])).tolist() == [1, 0, 2]


def test_missing_rows_hold_nothing_and_do_not_move_the_others() -> None:
    rows = frame(["a", "b", "c"], [None, Polygon(), box(0, 0, 1, 1)])
    points = np.array([Point(0.5, 0.5), None, Point()], dtype=object)
    assert grid_of(rows, points).tolist() == [2, -1, -1]
    assert grid_of(rows.iloc[:0], points).tolist() == [-1, -1, -1]
    assert grid_of(rows, []).tolist() == []


def test_an_invalid_polygon_holds_what_it_holds_once_made_valid() -> None:
    bow = Polygon([(0, 0), (2, 2), (2, 0), (0, 2)])
    assert grid_of(frame(["a"], [bow]), shapely.points([[0.2, 1.0], [1.0, 0.2]])).tolist() == [0, -1]


def test_making_valid_keeps_ground_only() -> None:
    tail = Polygon([(0, 0), (1, 0), (1, 1), (0, 1), (0, 0), (-1, -1), (0, 0)])
    made = polygonal([tail, Point(0, 0), None, Polygon(), Polygon([(0, 0), (1, 1), (2, 2)])])
    assert made[0].equals(box(0, 0, 1, 1))
    assert all(one is None for one in made[1:])


cells = st.tuples(st.integers(0, 8), st.integers(0, 8), st.integers(1, 5), st.integers(1, 5))


@settings(max_examples=80, deadline=None)
@given(st.lists(cells, max_size=8), st.lists(st.tuples(st.integers(0, 26), st.integers(0, 26)), max_size=30))
def test_agrees_with_asking_every_polygon_about_every_point(
    corners: list[tuple[int, int, int, int]], halves: list[tuple[int, int]]
) -> None:
    polygons = [box(x, y, x + w, y + h) for x, y, w, h in corners]
    ids = [f"{(7 * number) % 11:02d}{number}" for number in range(len(polygons))]
    points = [Point(x / 2, y / 2) for x, y in halves]
    rows = frame(ids, polygons)
    slow = [
        min((n for n in range(len(ids)) if polygons[n].intersects(point)), key=lambda n: ids[n], default=-1)
        for point in points
    ]
    assert grid_of(rows, np.array(points, dtype=object)).tolist() == slow
    pairs = [(p, n) for p, point in enumerate(points) for n in range(len(ids)) if polygons[n].intersects(point)]
    assert (
        list(zip(*holders(np.array(polygons, dtype=object), np.array(points, dtype=object)), strict=True)) == pairs
    )


def test_four_grids_have_four_neighbourly_pairs_of_a_hundred_metres() -> None:
    """001|002, 001|003, 002|004 and 003|004 share 100 m; 001 and 004 meet in a corner only."""
    grids, _ = four_grids()
    pairs = neighbours(grids.geometry)
    assert pairs[["left", "right"]].to_numpy().tolist() == [[0, 1], [0, 2], [1, 3], [2, 3]]
    assert pairs["shared_m"].to_numpy() == pytest.approx([100.0] * 4, abs=0.01)


def test_neighbours_across_t_junctions_and_missing_rows() -> None:
    """A tall grid of 300 m beside three of 100 m: 100 m with each, though no edge is the same."""
    ground = [square(0, 0, 100, 300), None, *(square(100, y) for y in (0, 100, 200))]
    pairs = neighbours(TOWN.lonlat(np.array(ground, dtype=object)))
    mine = pairs[pairs["left"] == 0]
    assert mine["right"].tolist() == [2, 3, 4]
    assert mine["shared_m"].to_numpy() == pytest.approx([100.0] * 3, abs=0.01)


def test_grids_upon_each_other_are_no_neighbours() -> None:
    assert len(neighbours([box(0, 0, 1, 1), box(0, 0, 1, 1)])) == 0
    assert len(neighbours([])) == 0


@settings(max_examples=40, deadline=None)
@given(st.sets(st.tuples(st.integers(0, 4), st.integers(0, 4)), min_size=1, max_size=12), st.integers(1, 4))
def test_shared_edges_are_as_long_as_pairwise_intersection_says(taken: set[tuple[int, int]], groups: int) -> None:
    """Lattice cells joined into a few multipolygons, which never overlap."""
    owners: dict[int, list[Polygon]] = {}
    for number, (x, y) in enumerate(sorted(taken)):
        owners.setdefault(number % groups, []).append(box(x / 100, y / 100, (x + 1) / 100, (y + 1) / 100))
    polygons = np.array([shapely.union_all(parts) for parts in owners.values()], dtype=object)
    found = {(row.left, row.right): row.shared_m for row in neighbours(polygons).itertuples()}
    for left in range(len(polygons)):
        for right in range(left + 1, len(polygons)):
            line = shapely.intersection(polygons[left].boundary, polygons[right].boundary)
            parts = [part for part in shapely.get_parts(line) if part.geom_type == "LineString"]
            length = geodesic_length(np.array(parts, dtype=object)).sum() if parts else 0.0
            assert found.get((left, right), 0.0) == pytest.approx(length, abs=0.01)
            both = shared_edge_m(polygons[[left, right]], polygons[[right, left]])
            assert both == pytest.approx([length, length], abs=0.01)


def test_shared_edge_of_missing_rows_is_nothing() -> None:
    left = np.array([None, box(0, 0, 1, 1)], dtype=object)
    right = np.array([box(0, 0, 1, 1), MultiPolygon([box(5, 5, 6, 6)])], dtype=object)
    assert shared_edge_m(left, right).tolist() == [0.0, 0.0]
    assert shared_edge_m([], []).tolist() == []
