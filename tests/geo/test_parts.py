"""Fragments of a border become one line again, whatever their order and however each is drawn."""

from __future__ import annotations

from itertools import permutations, product
from pathlib import Path
from typing import Any

import geopandas as gpd
import numpy as np
import pytest
from hypothesis import given, settings
from hypothesis import strategies as st
from pandas.testing import assert_frame_equal
from shapely import LineString, MultiLineString

from geo.border.chainage import chainage_of, chainages, parts_in_order
from geo.border.layers import LAYERS
from geo.border.parts import ends_of, order_by_ends, turned_round
from geo.crs import Floats, geodesic_steps
from geo.parameters import Parameters
from geo.tables.conform import conform
from tests.asking import ask
from tests.reading import codes, read_one
from tests.worlds import at_m


def border_of(*shapes: Any, **columns: Any) -> gpd.GeoDataFrame:
    rows = {"border_id": "e", "part": [f"{number:03}" for number in range(len(shapes))], **columns}
    return conform("border", gpd.GeoDataFrame(rows, geometry=list(shapes), crs="EPSG:4326"))


def stretch(start: float, end: float) -> LineString:
    return LineString(at_m(start, end))


def test_fragments_without_sequence_by_hand() -> None:
    # 0-1 km, a gap of 50 m, then 4 km that is the longest and says the direction, then 500 m drawn against it
    shapes = [stretch(5_550, 5_050), stretch(1_050, 5_050), stretch(1_000, 0)]
    made = parts_in_order(border_of(*shapes))
    assert made["part"].tolist() == ["002", "001", "000"]
    assert made["turned"].tolist() == [True, False, True]
    assert made["sequence"].tolist() == [1, 2, 3]
    assert set(made["ordered_by"]) == {"ends"}
    assert made["start_m"].to_numpy() == pytest.approx([0, 1_000, 5_000], abs=1e-6)
    assert chainages(border_of(*shapes))["e"].lonlat[:, 0].tolist() == sorted(
        x for x, _ in at_m(0, 1_000, 1_050, 5_050, 5_050, 5_550)
    )


def test_the_longest_part_says_the_direction_of_the_whole() -> None:
    shapes = [stretch(0, 1_000), stretch(3_000, 1_000), stretch(3_000, 3_500)]
    made = parts_in_order(border_of(*shapes))
    assert made["part"].tolist() == ["002", "001", "000"]
    assert made["turned"].tolist() == [True, False, True]


def test_equal_lengths_and_equal_gaps_are_decided_by_coordinates() -> None:
    shapes = [stretch(0, 1_000), stretch(3_000, 2_000), stretch(4_000, 5_000)]
    for given_order in permutations(shapes):
        made = parts_in_order(border_of(*given_order))
        assert [*made.geometry] == [*parts_in_order(border_of(*shapes)).geometry]
        assert not made["turned"].all()


def test_a_sequence_that_is_given_holds() -> None:
    shapes = [stretch(2_000, 1_000), stretch(0, 1_000), stretch(2_000, 3_000)]
    made = parts_in_order(border_of(*shapes, sequence=[7, 2, 9]))
    assert made["part"].tolist() == ["001", "000", "002"]
    assert not made["turned"].any()
    assert set(made["ordered_by"]) == {"sequence"}
    assert made["sequence"].tolist() == [2, 7, 9]


def test_a_sequence_that_is_given_for_some_parts_only_does_not() -> None:
    shapes = [stretch(1_000, 2_500), stretch(0, 1_000)]
    made = parts_in_order(border_of(*shapes, sequence=[1, None]))
    assert made["part"].tolist() == ["001", "000"]
    both = border_of(*shapes, *shapes, border_id=["e", "e", "f", "f"], sequence=[1, None, 1, 2])
    made = parts_in_order(both)
    assert made["ordered_by"].tolist() == ["ends", "ends", "sequence", "sequence"]
    assert made["part"].tolist() == ["001", "000", "002", "003"]


def test_parts_of_several_lines_are_turned_as_a_whole() -> None:
    several = MultiLineString([at_m(2_000, 1_500), at_m(1_400, 1_000)])
    made = parts_in_order(border_of(several, stretch(0, 1_000)))
    assert made["part"].tolist() == ["001", "000"]
    assert made.geometry[1].equals_exact(MultiLineString([at_m(1_000, 1_400), at_m(1_500, 2_000)]), 1e-12)
    assert ends_of(np.array([several], dtype=object))[0].tolist() == [list(xy) for xy in at_m(2_000, 1_000)]
    again = turned_round(turned_round(np.array([several], dtype=object)))
    assert again[0].equals(several)


def test_nothing_missing_and_empty_parts_come_last() -> None:
    shapes = np.array([None, stretch(1_000, 0), LineString(), stretch(1_000, 3_000)], dtype=object)
    order, turned = order_by_ends(shapes)
    assert order.tolist() == [1, 3, 0, 2]
    assert turned.tolist() == [False, True, False, False] or turned.tolist() == [False, False, False, False]
    assert [each.tolist() for each in order_by_ends(np.array([None], dtype=object))] == [[0], [False]]
    assert [each.tolist() for each in order_by_ends(np.array([], dtype=object))] == [[], []]
    assert len(parts_in_order(border_of())) == 0


def test_a_ring_is_cut_where_its_ends_are_furthest_apart() -> None:
    corners = [(100.0, 0.0), (100.1, 0.0), (100.1, 0.1), (100.0, 0.1)]
    sides = [LineString([corners[i], corners[(i + 1) % 4]]) for i in range(4)]
    sides[2] = LineString([(100.099, 0.1), (100.0, 0.1)])  # 111 m short of its corner
    made = parts_in_order(border_of(*sides))
    assert sorted(made["part"][:2]) == ["002", "003"] or sorted(made["part"][:2]) == ["000", "001"]
    ends = ends_of(made.geometry.to_numpy())
    assert (ends[1:, 0] == ends[:-1, 1]).all()


def test_across_the_antimeridian() -> None:
    east, west = LineString([(179.0, 60), (179.99, 60)]), LineString([(-179.99, 60), (-179.5, 60)])
    far = LineString([(-179.5, 60), (-178.0, 60)])
    made = parts_in_order(border_of(far, east, west))
    assert made["part"].tolist() == ["001", "002", "000"]
    assert not made["turned"].any()


def wander(bends: Floats) -> LineString:
    """A line that always runs on eastwards, a kilometre and a half at a time."""
    steps = np.stack([np.full(len(bends), 1_500.0), bends], axis=1) / 111_000
    return LineString(np.cumsum([(110.0, 45.0), *steps], axis=0))


@settings(max_examples=25, deadline=None)
@given(
    st.lists(st.floats(-900, 900), min_size=20, max_size=20),
    st.sets(st.integers(1, 99), min_size=1, max_size=15),
    st.floats(0, 100),
    st.randoms(use_true_random=False),
)
def test_a_cut_line_comes_back(bends: list[float], cuts: set[int], gap: float, random: Any) -> None:
    """Gaps up to 100 m are less than any other two ends can be apart (300 m of line)."""
    line = chainage_of(np.array([wander(np.array(bends))]))
    at = np.array([0, *sorted(cuts), 100]) / 100 * line.length_m
    pieces = line.cut(at[:-1], np.append(at[1:-1] - gap, line.length_m))
    shuffled = list(range(len(pieces)))
    random.shuffle(shuffled)
    drawn = np.array([pieces[i].reverse() if random.random() < 0.5 else pieces[i] for i in shuffled], dtype=object)

    order, turned = order_by_ends(drawn)

    found = [shuffled[at] for at in order]
    assert found in (sorted(found), sorted(found, reverse=True))
    whole = np.where(turned, turned_round(drawn), drawn)[order]
    longest = np.argmax([shape.length for shape in drawn[order]])
    assert not turned[order][longest] or len({round(shape.length, 9) for shape in drawn}) < len(drawn)
    ends = ends_of(whole)
    jumps = geodesic_steps(ends[:-1, 1], ends[1:, 0])
    assert (jumps <= gap + 0.01).all()
    assert (jumps >= 0.85 * gap - 0.01).all()  # straight across a bend of at most 62°: cos 31° = 0.857


def slow(shapes: Any) -> float:
    """Length of all jumps when each time the nearest two free ends of all are joined."""
    ends = ends_of(shapes).reshape(-1, 2)
    chains = [{2 * i, 2 * i + 1} for i in range(len(shapes))]
    free, jumps = set(range(len(ends))), 0.0
    while len(free) > 2:
        pairs = [
            (geodesic_steps(ends[[a]], ends[[b]])[0], a, b)
            for one, other in product(chains, chains)
            if one is not other
            for a, b in product(one & free, other & free)
        ]
        jump, a, b = min(pairs)
        jumps += jump
        free -= {a, b}
        joined = [chain for chain in chains if a in chain or b in chain]
        chains = [chain for chain in chains if chain not in joined] + [joined[0] | joined[1]]
    return jumps


@settings(max_examples=15, deadline=None)
@given(st.integers(2, 7), st.integers(0, 10_000))
def test_it_is_the_slow_greedy_rule(count: int, seed: int) -> None:
    points = np.random.default_rng(seed).uniform((110, 45), (110.5, 45.5), (count, 2, 2))
    shapes = np.array([LineString(pair) for pair in points], dtype=object)
    order, turned = order_by_ends(shapes)
    ends = ends_of(np.where(turned, turned_round(shapes), shapes)[order])
    assert geodesic_steps(ends[:-1, 1], ends[1:, 0]).sum() == pytest.approx(slow(shapes), rel=1e-9)


def test_two_thousand_fragments_of_four_thousand_kilometres() -> None:
    rng = np.random.default_rng(5)
    line = chainage_of(np.array([wander(rng.uniform(-900, 900, 2_600))]))
    cuts = np.concatenate([[0], np.sort(rng.uniform(0, line.length_m, 1_999)), [line.length_m]])
    pieces = line.cut(cuts[:-1], cuts[1:])
    kept = rng.permutation(np.flatnonzero(rng.random(2_000) > 0.1))
    order, _ = order_by_ends(pieces[kept])
    step = np.diff(kept[order])
    assert (step > 0).all() or (step < 0).all()


def test_the_layer_says_how_a_length_was_found_and_how_far_the_declared_one_is_off() -> None:
    shapes = [stretch(1_000, 3_000), stretch(0, 1_000)]
    tables = {"border": border_of(*shapes, source=["survey 2019", None], length_declared_m=[2_200.0, None])}
    made = ask("border", tables, Parameters())
    assert made["length_method"].tolist() == ["geodesic", "geodesic"]
    assert made["length_off"].tolist() == [pytest.approx(np.nan, nan_ok=True), pytest.approx(0.1)]
    assert made["part_id"].tolist() == ["e-001", "e-000"]
    layer = next(layer for layer in LAYERS if layer.id == "border")
    figures = {figure.id: figure for figure in layer.figures(made, Parameters())}
    assert figures["border.length"].value == pytest.approx(3_000)
    assert "survey 2019" in figures["border.length"].method.en  # type: ignore[union-attr]
    assert figures["border.length_declared"].value == 2_200
    assert figures["border.length_off"].value == pytest.approx(0.1)
    again = ask("border", {"border": tables["border"].iloc[::-1]}, Parameters())
    assert_frame_equal(again, made)


def test_a_sequence_on_some_rows_only_is_told_when_the_table_is_read(tmp_path: Path) -> None:
    lines = [f'"LINESTRING (11{at} 45, 11{at + 1} 45)"' for at in range(4)]
    rows = f"border_id,part,sequence,wkt\ne,a,1,{lines[0]}\ne,b,,{lines[1]}\nf,a,,{lines[2]}\ng,a,1,{lines[3]}\n"
    reading = read_one(tmp_path, "border", rows, more='crs = "EPSG:4326"')
    assert [(fault.code, fault.row, fault.level) for fault in reading.faults] == [
        ("sequence_partly", "e", "warning")
    ]
    assert len(reading.tables["border"]) == 4
    bare = read_one(tmp_path, "border", f"border_id,part,wkt\ne,a,{lines[0]}\n", more='crs = "EPSG:4326"')
    assert codes(bare) == []
