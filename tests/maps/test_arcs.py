"""Edges that neighbours share: written once, and every ring comes back as it was."""

from __future__ import annotations

from typing import Any

import numpy as np
import shapely
from hypothesis import given
from hypothesis import strategies as st
from shapely.geometry import MultiPolygon, Polygon, box

from maps import draw
from maps.arcs import shared_arcs
from maps.popup import after, values_of

SCALE = 10


def numbers(text: str) -> list[int]:
    """Read whole numbers as the browser does, a letter at a time."""
    values, value, size = [], 0, 0
    for letter in text:
        code = ord(letter) - 63
        value |= (code & 31) << size
        size += 5
        if code < 32:
            values.append(value)
            value = size = 0
    return values


def signed(value: int) -> int:
    return ~(value >> 1) if value & 1 else value >> 1


def read(shapes: draw.Shapes) -> list[MultiPolygon]:
    """Put areas together again, as the browser does."""
    records, (counts, all_places) = shapes.records()
    xy = [signed(value) for value in numbers(all_places)]
    places = np.column_stack([np.cumsum(xy[::2]), np.cumsum(xy[1::2])])
    arcs = np.split(places, np.cumsum(numbers(counts))[:-1]) if counts else []

    def ring(text: str) -> list[Any]:
        assert text[0] == "!"
        which, points = 0, []
        for number in numbers(text[1:]):
            which += signed(number >> 1)
            points += [*(arcs[which][::-1] if number & 1 else arcs[which])[:-1]]
        return points

    return [
        MultiPolygon([Polygon(ring(rings[0]), [ring(hole) for hole in rings[1:]]) for rings in record])
        for record in records
    ]


def arcs_of(areas: list[Any]) -> int:
    shapes = draw.Shapes(SCALE)
    shapes.add(areas, "area")
    return len(numbers(shapes.records()[1][0]))


def test_two_squares_share_one_edge() -> None:
    """Side by side: the edge between, the rest of the left one, the rest of the right one."""
    squares = [box(0, 0, 1, 1), box(1, 0, 2, 1)]
    assert arcs_of(squares) == 3
    assert arcs_of([box(0, 0, 1, 1), box(3, 0, 4, 1)]) == 2  # apart: a closed arc each


def test_four_squares_have_eight_outer_edges_less_two_at_each_corner() -> None:
    """Nine corners; junctions are the middle and the four middles of the sides: 4 arcs inside, 4 outside."""
    assert arcs_of([box(x, y, x + 1, y + 1) for x in (0, 1) for y in (0, 1)]) == 8


def test_a_whole_of_its_parts_costs_no_new_edge() -> None:
    parts = [box(x, y, x + 1, y + 1) for x in (0, 1) for y in (0, 1)]
    assert arcs_of([*parts, shapely.union_all(parts)]) == 8


def test_a_hole_and_what_fills_it_are_one_arc() -> None:
    around = Polygon(box(0, 0, 4, 4).exterior, [box(1, 1, 2, 2).exterior])
    assert arcs_of([around, box(1, 1, 2, 2)]) == 2


def test_a_ring_that_rounding_leaves_nothing_of_is_a_place() -> None:
    shapes = draw.Shapes(SCALE)
    shapes.add([Polygon([(0, 0), (0.01, 0), (0, 0.01)]), box(0, 0, 1, 1)], "area")
    records, (counts, _) = shapes.records()
    assert len(records) == 2
    assert numbers(counts)[0] == 2  # there and back


def test_nothing_has_no_arcs() -> None:
    places, arc, rings = shared_arcs(np.zeros((0, 2), dtype=np.int64), np.zeros(0, dtype=np.int64))
    assert (len(places), len(arc), rings) == (0, 0, [])
    shapes = draw.Shapes(SCALE)
    assert shapes.add([None, Polygon()], "area") == [-1, -1]
    assert shapes.records() == ([], ("", ""))


def test_a_small_area_keeps_its_decimetres() -> None:
    shapes = draw.Shapes(draw.COARSE)
    shapes.add([box(111.7, 40.8, 111.700002, 40.9)], "fine")
    ((((path,),),), _) = shapes.records()
    assert path.startswith("*")
    x = np.cumsum([signed(value) for value in numbers(path[1:])][::2])
    assert sorted(set(x.tolist())) == [111_700_000, 111_700_002]


@given(
    st.lists(st.tuples(st.integers(0, 7), st.integers(0, 7), st.integers(1, 3), st.integers(1, 3)), max_size=12),
    st.lists(st.tuples(st.integers(1, 70), st.integers(1, 70)), min_size=3, max_size=9, unique=True),
)
def test_every_area_comes_back_whole(boxes: list[tuple[int, int, int, int]], seeds: list[tuple[int, int]]) -> None:
    """A torn, overlapping pile of boxes, and a partition of the same ground."""
    cells = shapely.get_parts(shapely.voronoi_polygons(shapely.multipoints(np.array(seeds) / SCALE)))
    cells = shapely.set_precision(shapely.intersection(cells, box(0, 0, 8, 8)), 1 / SCALE)
    areas = [box(x, y, x + w, y + h) for x, y, w, h in boxes] + [cell for cell in cells if cell.area]
    distinct = list({shapely.to_wkb(area): area for area in areas}.values())
    shapes = draw.Shapes(SCALE)
    shapes.add(areas, "area")
    for given_area, back in zip(distinct, read(shapes), strict=True):
        assert shapely.symmetric_difference(shapely.transform(given_area, lambda xy: xy * SCALE), back).area < 1e-6


def test_signs_that_browsers_count_twice_end_what_texts_share() -> None:
    assert after(["𠮷野1", "𠮷野2"]) == ["A𠮷野1", "A𠮷野2"]
    assert after(["东𠮷1", "东𠮷2"]) == ["A东𠮷1", "B𠮷2"]


@given(st.lists(st.one_of(st.none(), st.text(max_size=70))))
def test_texts_come_back_from_what_they_share(texts: list[str | None]) -> None:
    assert values_of({"after": after(texts)}) == texts
    assert all(text is None or "A" <= text[0] <= "z" for text in after(texts))
