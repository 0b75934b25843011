"""Polygons as arrays: rings, validity, what does not cancel out, what is near."""

from __future__ import annotations

from collections import Counter
from typing import Any

import numpy as np
import pytest
import shapely
from hypothesis import given, settings
from hypothesis import strategies as st
from shapely import MultiPolygon, Point, Polygon, box

from geo.place.nearby import near
from geo.place.rings import rings_of, valid
from geo.place.walks import remainder

lattice = st.tuples(st.integers(0, 6), st.integers(0, 6))
loops = st.lists(lattice, min_size=3, max_size=9)


def drawn(corners: list[tuple[int, int]]) -> Polygon:
    return Polygon(corners)


def test_rings_have_their_ground_on_the_left() -> None:
    """A box drawn clockwise with a hole drawn anticlockwise, beside a pair of boxes, a point and nothing."""
    hole = box(1, 1, 2, 2).exterior.coords
    holed = Polygon(box(0, 0, 4, 4).exterior.coords[::-1], [hole])
    pair = MultiPolygon([box(5, 0, 6, 1), box(7, 0, 8, 2)])
    rings = rings_of([holed, None, pair, Point(0, 0), Polygon(), box(9, 0, 12, 1)])
    assert rings.owner.tolist() == [0, 0, 2, 2, 5]
    assert np.diff(rings.first).tolist() == [5] * 5
    assert rings.areas(rings.xy, 6).tolist() == [15.0, 0.0, 3.0, 0.0, 0.0, 3.0]
    signs = [shapely.is_ccw(shapely.linearrings(part)) for part in np.split(rings.xy, rings.first[1:-1])]
    assert signs == [True, False, True, True, True]
    assert len(rings.edges()) == 20
    assert len(rings_of([]).owner) == 0


@settings(max_examples=200, deadline=None)
@given(st.lists(loops, max_size=4))
def test_validity_is_what_geos_says(corners: list[list[tuple[int, int]]]) -> None:
    """Loops on a small lattice cross, touch and fold back on themselves in every way."""
    polygons = np.array([*map(drawn, corners), None, Polygon(), box(0, 0, 1, 1)], dtype=object)
    assert valid(polygons).tolist() == shapely.is_valid(polygons).tolist()


@settings(max_examples=100, deadline=None)
@given(st.integers(3, 300), st.floats(0, 0.99), st.integers(0, 2**32))
def test_validity_of_stars(count: int, depth: float, seed: int) -> None:
    """Short and long rings, the spikes of some crossing each other."""
    rng = np.random.default_rng(seed)
    angle = np.sort(rng.uniform(0, 2 * np.pi, count)) + rng.choice([0.0, 0.02]) * rng.normal(size=count)
    reach = 1 - depth * rng.uniform(size=count)
    polygons = np.array([Polygon(np.column_stack([np.cos(angle), np.sin(angle)]) * reach[:, None])], dtype=object)
    assert valid(polygons).tolist() == shapely.is_valid(polygons).tolist()


def test_coordinates_that_are_no_numbers_are_not_valid() -> None:
    polygon = shapely.polygons([[(0, 0), (1, 0), (np.nan, 1), (0, 0)]])
    assert not valid(polygon).any()


@settings(max_examples=100, deadline=None)
@given(st.lists(st.tuples(loops, st.integers(-1, 2), st.sampled_from([1, -1, 2])), max_size=6))
def test_what_remains_is_what_counting_says(walks: list[tuple[list[tuple[int, int]], int, int]]) -> None:
    polygons = np.array([drawn(corners) for corners, _, _ in walks], dtype=object)
    rings = rings_of(polygons)
    plane = np.array([plane for _, plane, _ in walks], dtype=np.int64)
    weight = np.array([weight for _, _, weight in walks], dtype=np.int64)
    counted: Counter[Any] = Counter()
    for at in rings.edges():
        owner = rings.owner[np.searchsorted(rings.first, at, side="right") - 1]
        a, b = tuple(rings.xy[at]), tuple(rings.xy[at + 1])
        if plane[owner] >= 0 and a != b:
            counted[(plane[owner], *sorted((a, b)))] += weight[owner] * (1 if a < b else -1)
    found = remainder(rings, plane, weight)
    seen = {
        (p, *sorted((tuple(a), tuple(b)))): w * (1 if tuple(a) < tuple(b) else -1)
        for a, b, p, w in zip(found.start, found.end, found.plane, found.weight, strict=True)
    }
    assert seen == {edge: count for edge, count in counted.items() if count}
    assert len(found.plane) == len(seen)


def test_two_boxes_with_a_common_edge_leave_their_outline() -> None:
    rings = rings_of([box(0, 0, 1, 1), box(1, 0, 2, 1)])
    one = np.ones(2, dtype=np.int64)
    assert len(remainder(rings, np.zeros(2, dtype=np.int64), one).plane) == 6
    assert len(remainder(rings, np.arange(2), one).plane) == 8  # not on one plane: nothing cancels out


boxes = st.lists(
    st.tuples(st.floats(-180, 180), st.floats(-90, 90), st.floats(0, 30), st.floats(0, 30)), max_size=30
)


def sides(given: list[tuple[float, float, float, float]]) -> Any:
    made = np.array(given, dtype=float).reshape(-1, 4)
    made[:, 2:] += made[:, :2]
    return made


@settings(max_examples=200, deadline=None)
@given(boxes, boxes)
def test_no_box_that_meets_a_place_is_missed(places: Any, asked: Any) -> None:
    there, mine = sides(places), np.vstack([sides(asked), np.full((1, 4), np.nan)])
    marked = near(there, mine)
    for row, one in enumerate(mine):
        meets = ((there[:, :2] <= one[2:]) & (one[:2] <= there[:, 2:])).all(axis=1).any()
        assert marked[row] or not meets
    assert not marked[-1]


def test_boxes_far_from_every_place_are_left_out() -> None:
    x, y = np.meshgrid(np.arange(100.0), np.arange(100.0))
    mine = np.column_stack([x.ravel(), y.ravel(), x.ravel() + 0.9, y.ravel() + 0.9])
    places = np.array([[10.2, 10.2, 10.4, 10.4], [90.2, 40.2, 90.4, 40.4]])
    assert near(places, mine).sum() == pytest.approx(2, abs=10)
