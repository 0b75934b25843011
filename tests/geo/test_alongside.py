"""What is walked behind the border counts for the border beside it: by hand, and laws."""

from __future__ import annotations

from typing import Any

import numpy as np
import pandas as pd
import pytest
import shapely
from hypothesis import given, settings
from hypothesis import strategies as st
from hypothesis.extra.numpy import arrays
from shapely import LineString, MultiLineString

from geo.border.alongside import Alongside, alongside, patrol_lines
from geo.border.chainage import Chainage, chainage_of
from geo.crs import Floats
from tests.worlds import at_m

NORTH_M = 110_574.3885  # a degree of a meridian at the equator


def behind(metres_north: float, *measures: float) -> list[tuple[float, float]]:
    """Points so many metres north of the equator."""
    return [(x, metres_north / NORTH_M) for x, _ in at_m(*measures)]


def straight(*measures: float) -> Chainage:
    return chainage_of(np.array([LineString(at_m(*(measures or (0, 20_000))))]))


def beside(shape: Any, start: float = 0.0, end: float = 20_000.0, **options: float) -> Alongside:
    made = alongside(shape, straight(), start, end, **options)
    assert made is not None
    return made


def ascending(numbers: Floats) -> bool:
    return bool((np.diff(numbers) >= 0).all())


def test_a_parallel_line_is_the_border_itself() -> None:
    road = beside(LineString(behind(300, 0, 7_000, 20_000)))
    asked = np.linspace(0, 20_000, 101)
    assert road.line.length_m == pytest.approx(20_000, abs=1e-3)  # 300 m from the equator: 22 µm shorter
    assert road.to_border(asked) == pytest.approx(asked, abs=1e-3)
    assert road.to_patrol(asked) == pytest.approx(asked, abs=1e-3)


def test_drawn_against_the_border_it_runs_down() -> None:
    road = beside(LineString(behind(300, 20_000, 0)))
    asked = np.linspace(0, 20_000, 101)
    assert road.to_border(asked) == pytest.approx(20_000 - asked, abs=1e-3)
    assert road.to_patrol(asked) == pytest.approx(20_000 - asked, abs=1e-3)


def test_a_detour_stands_for_the_place_it_starts_from() -> None:
    # 1 km along, 500 m away from the border and back on the same way, 1 km on: 3 km for 2 km of border
    line = LineString([*behind(100, 0, 1_000), *behind(600, 1_000), *behind(100, 1_000, 2_000)])
    road = beside(line, 0, 2_000)
    asked = np.array([0.0, 500, 1_000, 1_300, 2_000, 2_500, 3_000])
    assert road.to_border(asked) == pytest.approx([0, 500, 1_000, 1_000, 1_000, 1_500, 2_000], abs=0.01)
    either_side = np.array([500.0, 999, 1_001, 1_500])
    assert road.to_patrol(either_side) == pytest.approx([500, 999, 2_001, 2_500], abs=0.01)
    against = beside(line.reverse(), 0, 2_000)
    assert against.to_patrol(either_side) == pytest.approx([2_500, 2_001, 999, 500], abs=0.01)


def test_of_a_stretch_that_stands_for_one_place_the_end_towards_the_start() -> None:
    line = straight(0, 1_000)
    flat = np.array([0.0, 400, 600, 1_000]), np.array([0.0, 500, 500, 900])
    assert Alongside(line, *flat).to_patrol(np.array([500.0])).tolist() == [400]
    against = Alongside(line, flat[0], flat[1][::-1])
    assert against.to_patrol(np.array([500.0])).tolist() == [600]


def test_what_runs_back_is_pooled() -> None:
    # 0-3 km, back to 2 km, on to 6 km: between, the measures meet in the middle
    road = beside(LineString(behind(200, 0, 3_000, 2_000, 6_000)), 0, 6_000)
    border = road.to_border(np.array([0.0, 1_900, 3_500, 6_100, 8_000]))
    assert border[[0, 1, 3, 4]] == pytest.approx([0, 1_900, 4_100, 6_000], abs=0.01)
    assert 2_000 < border[2] < 3_000
    assert ascending(road.border_m)


def test_ends_within_reach_are_the_segments_ends_and_others_are_not() -> None:
    near = beside(LineString(behind(300, 5_050, 9_950)), 5_000, 10_000)
    assert near.border_m[[0, -1]].tolist() == [5_000, 10_000]
    assert near.to_border(np.array([1_000.0])) == pytest.approx([6_050], abs=0.01)
    short = beside(LineString(behind(300, 5_051, 9_949)), 5_000, 10_000)
    assert short.border_m[[0, -1]] == pytest.approx([5_051, 9_949], abs=0.01)
    assert np.isnan(short.to_patrol(np.array([5_000.0, 10_000.0, np.nan]))).all()
    assert np.isnan(short.to_border(np.array([np.nan]))).all()
    assert short.to_border(np.array([-5.0, 1e6])) == pytest.approx([5_051, 9_949], abs=0.01)


def test_a_line_that_overruns_its_segment_earns_nothing_beyond() -> None:
    road = beside(LineString(behind(300, 4_000, 11_000)), 5_000, 10_000)
    asked = np.array([0.0, 900, 1_500, 6_000, 7_000])
    assert road.to_border(asked) == pytest.approx([5_000, 5_000, 5_500, 10_000, 10_000], abs=1)


def test_a_line_in_two_parts_leaves_out_what_it_leaves_out() -> None:
    parts = MultiLineString([behind(300, 0, 4_000), behind(300, 6_000, 10_000)])
    road = beside(parts, 0, 10_000)
    assert road.line.length_m == pytest.approx(8_000, abs=1e-3)
    assert road.to_border(np.array([3_999.0, 4_001.0])) == pytest.approx([3_999, 6_001], abs=2)


@pytest.mark.parametrize(
    "shape",
    [
        None,
        LineString(),
        LineString(behind(300, 50, 50)),
        LineString(behind(2_100, 0, 20_000)),
        LineString(behind(0, 22_100, 23_000)),
    ],
    ids=["missing", "empty", "no length", "behind another border", "beside another segment"],
)
def test_what_is_no_patrol_line_of_the_segment(shape: LineString | None) -> None:
    assert alongside(shape, straight(), 0.0, 20_000.0) is None


def test_patrol_lines_of_segments() -> None:
    road = shapely.to_wkb(LineString(behind(300, 0, 5_000)))
    placed = pd.DataFrame(
        {
            "segment_id": ["a", "b", "c", "d"],
            "border_id": ["e", "e", None, "e"],
            "from_m": [0.0, 5_000.0, np.nan, 0.0],
            "to_m": [5_000.0, 10_000.0, np.nan, 5_000.0],
            "patrol_line": [road, None, road, b"no geometry"],
        }
    )
    found = patrol_lines(placed, {"e": straight()})
    assert list(found) == ["a"]
    assert found["a"].to_border(np.array([2_500.0])) == pytest.approx([2_500], abs=0.01)
    assert patrol_lines(placed.iloc[:0], {}) == {}


bends = arrays(float, (8, 2), elements=st.floats(-800, 800, allow_subnormal=False))


@settings(max_examples=40, deadline=None)
@given(bends, bends, st.booleans())
def test_whatever_is_drawn_measures_run_one_way_and_come_back(
    border_bends: Floats, road_bends: Floats, against: bool
) -> None:
    east = np.arange(8)[:, None] * np.array([1_500.0, 0.0])
    border = chainage_of(np.array([LineString((east + border_bends) / NORTH_M + (100, 0))]))
    drawn = LineString((east + road_bends + (0, 400)) / NORTH_M + (100, 0))
    start, end = 0.1 * border.length_m, 0.8 * border.length_m
    road = alongside(drawn.reverse() if against else drawn, border, start, end)
    if road is None:
        return
    assert ascending(road.border_m) or ascending(-road.border_m)
    assert (np.diff(road.patrol_m) > 0).all()
    assert road.patrol_m[[0, -1]].tolist() == [0, road.line.length_m]
    low, high = np.sort(road.border_m[[0, -1]])
    assert start - 1e-6 <= low <= high <= end + 1e-6
    asked = np.linspace(low, high, 50)
    assert road.to_border(road.to_patrol(asked)) == pytest.approx(asked, abs=1e-4)
    walked = np.linspace(0, road.line.length_m, 50)
    again = road.to_border(road.to_patrol(road.to_border(walked)))
    assert again == pytest.approx(road.to_border(walked), abs=1e-4)  # a flat stretch comes back to its end


@settings(max_examples=30, deadline=None)
@given(st.lists(st.floats(-300, 300), min_size=5, max_size=5), st.booleans())
def test_vertices_that_run_one_way_are_exact(offsets: list[float], against: bool) -> None:
    """Nearest places of a line that always runs on beside a straight border need no mending."""
    measures = [0.0, 2_000, 4_500, 5_000, 9_000]
    vertices = [behind(metres, along)[0] for metres, along in zip(offsets, measures, strict=True)]
    drawn = LineString(vertices[::-1] if against else vertices)
    road = beside(drawn, 0, 9_000)
    there = road.to_border(road.line.measure_m)
    assert there == pytest.approx(measures[::-1] if against else measures, abs=0.05)
