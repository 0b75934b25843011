"""Neighbours have the same vertices along the edges they share."""

from __future__ import annotations

from typing import Any

import numpy as np
import pytest
import shapely
from hypothesis import given, settings
from hypothesis import strategies as st
from shapely import MultiPolygon, Point, Polygon, box

from geo.place.edges import edges_of, node_edges
from geo.place.noding import insert_shared_vertices, node

MILLIMETRE = 0.001


def noded(*geometries: Any, tolerance: float = MILLIMETRE) -> Any:
    return insert_shared_vertices(np.array(geometries, dtype=object), tolerance=tolerance)


def left_out(polygons: Any, tolerance: float) -> int:
    """Count vertices that lie inside an edge of any polygon: slow and obvious."""
    vertices = [Point(xy) for xy in np.unique(shapely.get_coordinates(polygons), axis=0)]
    rings = shapely.get_rings(shapely.get_parts(polygons))
    edges = [
        shapely.LineString(pair) for ring in rings for pair in zip(ring.coords, ring.coords[1:], strict=False)
    ]
    return sum(
        0 < edge.distance(vertex) <= tolerance or (edge.distance(vertex) == 0 and not _ends(edge, vertex))
        for edge in edges
        for vertex in vertices
    )


def _ends(edge: Any, vertex: Point) -> bool:
    return (vertex.x, vertex.y) in list(edge.coords)


def test_a_corner_on_a_neighbours_edge_is_put_into_it() -> None:
    """A tall box beside two low ones: their common corner (1, 1) cuts its edge x = 1."""
    tall, low, high = box(0, 0, 1, 2), box(1, 0, 2, 1), box(1, 1, 2, 2)
    made = noded(tall, low, high)
    assert (1.0, 1.0) in made[0].exterior.coords
    assert len(made[0].exterior.coords) == 6
    assert made[1] is low
    assert made[2] is high
    assert made[0].equals(tall)


def test_several_corners_stand_in_order_along_the_edge() -> None:
    wall = box(0, 0, 10, 1)
    teeth = [box(x, 1, x + 1, 2) for x in (7, 1, 4)]
    top = [x for x, y in noded(wall, *teeth)[0].exterior.coords if y == 1]
    assert top in ([10, 8, 7, 5, 4, 2, 1, 0], [0, 1, 2, 4, 5, 7, 8, 10])


def test_a_corner_near_the_edge_is_taken_exactly_as_the_neighbour_has_it() -> None:
    near, off = 1.0008, 1.0012
    made = noded(box(0, 0, 1, 3), box(near, 1, 2, 2), tolerance=MILLIMETRE)
    assert (near, 1.0) in made[0].exterior.coords
    assert len(noded(box(0, 0, 1, 3), box(off, 1, 2, 2))[0].exterior.coords) == 5


def test_near_corners_become_one_and_are_not_doubled() -> None:
    made = noded(box(0, 0, 1, 1), Polygon([(1.0004, 0.0003), (2, 0), (2, 1), (1.0004, 1)]))
    assert [len(polygon.exterior.coords) for polygon in made] == [5, 5]
    assert (1.0, 0.0) in made[1].exterior.coords
    assert (1.0, 1.0) in made[1].exterior.coords


def test_a_densely_drawn_line_does_not_shrink_to_a_point() -> None:
    """Vertices every 0.6 mm: each stays within 1 mm of where it was, so the polygon keeps its length."""
    x = np.linspace(0, 0.06, 101)
    made = noded(Polygon([*np.column_stack([x, np.zeros_like(x)]), (0.06, 1), (0, 1)]))[0]
    assert made.bounds[2] - made.bounds[0] == pytest.approx(0.06)
    assert made.hausdorff_distance(box(0, 0, 0.06, 1)) <= 0.001


def test_holes_and_many_parts_are_noded_and_keep_their_shape() -> None:
    ring = Polygon(box(0, 0, 6, 6).exterior, [box(2, 2, 4, 4).exterior.coords])
    pair = MultiPolygon([box(2, 2, 3, 3), box(6, 2, 7, 3)])
    made = noded(ring, pair)
    assert {(3.0, 2.0), (2.0, 3.0)} <= set(made[0].interiors[0].coords)
    assert {(6.0, 2.0), (6.0, 3.0)} <= set(made[0].exterior.coords)
    assert made[1] is pair
    assert made[0].equals(ring)
    assert isinstance(noded(pair, box(7, 2.5, 8, 2.6))[0], MultiPolygon)


def test_what_is_no_polygon_passes_through_in_its_place() -> None:
    broken = shapely.transform(box(3, 3, 4, 4), lambda xy: np.where(xy == [3, 4], np.nan, xy))
    given = [None, Polygon(), Point(1, 1), box(0, 0, 1, 2), broken, box(1, 1, 2, 2)]
    made = noded(*given)
    assert all(made[row] is given[row] for row in (0, 1, 2, 4, 5))
    assert len(made[3].exterior.coords) == 6
    assert len(insert_shared_vertices([], tolerance=MILLIMETRE)) == 0


def test_a_polygon_smaller_than_the_tolerance_stays_as_it_is() -> None:
    speck = box(0, 0, 0.0004, 0.0004)
    assert noded(speck, box(5, 5, 6, 6))[0] is speck


def test_a_change_that_would_break_a_polygon_is_not_made() -> None:
    """The spike's tip lies 0.5 mm below its own top edge: put into it, the ring would touch itself."""
    spiked = Polygon([(0, 0), (4, 0), (4, 4), (0, 4), (0, 1), (2, 3.9995), (0.5, 0.5)])
    assert shapely.is_valid(spiked)
    assert noded(spiked)[0] is spiked


def test_tables_are_noded_together_and_handed_back_apart() -> None:
    one, two = node([box(0, 0, 1, 2)], [box(1, 0, 2, 1), box(1, 1, 2, 2)], tolerance=MILLIMETRE)
    assert (len(one), len(two)) == (1, 2)
    assert len(one[0].exterior.coords) == 6


def test_edges_run_with_the_ground_on_the_left() -> None:
    clockwise = Polygon([(0, 0), (0, 2), (2, 2), (2, 0)], [[(0.5, 0.5), (1, 0.5), (1, 1), (0.5, 1)]])
    edges = edges_of(np.array([None, clockwise], dtype=object))
    a, b = edges.xy[edges.start], edges.xy[edges.end]
    assert (a[:, 0] * b[:, 1] - b[:, 0] * a[:, 1]).sum() / 2 == pytest.approx(4 - 0.25)
    assert set(edges.owner) == {1}


def test_an_edge_is_cut_alike_in_both_directions() -> None:
    xy = np.array([[0.0, 0.0], [1.0, 0.0], [2.0, 0.0], [3.0, 0.0]])
    start, end, source = node_edges(xy, np.array([0, 3, 1]), np.array([3, 0, 2]), tolerance=MILLIMETRE)
    assert list(zip(start, end, source, strict=True)) == [
        (0, 1, 0), (1, 2, 0), (2, 3, 0), (3, 2, 1), (2, 1, 1), (1, 0, 1), (1, 2, 2),
    ]  # fmt: skip


lattice = st.integers(0, 6)
boxes = st.lists(st.tuples(lattice, lattice, st.integers(1, 4), st.integers(1, 4)), min_size=1, max_size=8)


@settings(max_examples=60, deadline=None)
@given(boxes, st.integers(0, 2**32 - 1))
def test_afterwards_no_vertex_lies_inside_an_edge_and_no_ground_has_moved(
    corners: list[tuple[int, int, int, int]], seed: int
) -> None:
    """Boxes on a lattice, each corner up to 0.1 mm off."""
    exact = np.array([box(x, y, x + w, y + h) for x, y, w, h in corners], dtype=object)
    rng = np.random.default_rng(seed)
    drawn = np.array([_shaken(polygon, rng) for polygon in exact], dtype=object)
    made = insert_shared_vertices(drawn, tolerance=MILLIMETRE)
    assert shapely.is_valid(made).all()
    assert (shapely.hausdorff_distance(made, exact) < 2 * MILLIMETRE).all()
    assert left_out(made, MILLIMETRE / 10) == 0
    again = insert_shared_vertices(made, tolerance=MILLIMETRE)
    assert all(shapely.equals_exact(again, made, normalize=True))


def _shaken(polygon: Polygon, rng: np.random.Generator) -> Polygon:
    return Polygon(np.asarray(polygon.exterior.coords)[:-1] + rng.uniform(-1e-4, 1e-4, (4, 2)))
