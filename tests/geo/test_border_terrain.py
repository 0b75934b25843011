"""Rivers, lakes, and ground that nobody can get to."""

from __future__ import annotations

from datetime import date
from itertools import pairwise
from typing import Any

import geopandas as gpd
import numpy as np
import pytest
from hypothesis import given, settings
from hypothesis import strategies as st
from shapely import LineString

from geo.border.assignment import segment_status
from geo.border.chainage import parts_in_order
from geo.border.holding import cells, hold
from geo.border.layers import LAYERS
from geo.border.terrain import kinds_of
from geo.parameters import Parameters
from geo.tables.conform import conform
from tests.asking import ask
from tests.worlds import at_m, hundred_km

DAY = date(2026, 1, 10)
PARAMETERS = Parameters(as_of=DAY)


def parts_of(*parts: tuple[int, int, str, bool]) -> gpd.GeoDataFrame:
    """Parts of the border ``east`` on the equator: from and to (km), kind, accessible."""
    start, end, kind, open_ = zip(*parts, strict=True)
    table = gpd.GeoDataFrame(
        {
            "border_id": "east",
            "part": [str(number) for number in range(len(parts))],
            "sequence": range(len(parts)),
            "kind": kind,
            "accessible": open_,
        },
        geometry=[LineString(at_m(a * 1_000, b * 1_000)) for a, b in zip(start, end, strict=True)],
        crs="EPSG:4326",
    )
    return conform("border", table)


def closed_river() -> dict[str, Any]:
    """The hundred kilometres: land to 40 km, a river to 85 km of which 45-48 km is closed, land."""
    parts = parts_of(
        (0, 40, "land", True), (40, 45, "river", True), (45, 48, "river", False), (48, 85, "river", True),
        (85, 100, "land", True),
    )  # fmt: skip
    return {**hundred_km(), "border": parts}


def test_most_of_a_segment_says_what_it_runs_on() -> None:
    # s2 25-50 km: 15 km land, 10 km river; s3 50-75 river; s4 80-100: 5 km river, 15 km land
    made = ask("border-segments", closed_river(), PARAMETERS).set_index("segment_id")
    assert made["kind"].to_dict() == {"s1": "land", "s2": "land", "s3": "river", "s4": "land"}


def test_a_segment_without_a_class_takes_the_interval_of_what_it_runs_on() -> None:
    world = closed_river()
    asked = Parameters(as_of=DAY, interval_days={"default": 5, "border_river": 14, "steep": 3})
    assert ask("border-segments", world, asked)["interval_days"].tolist() == [5, 5, 14, 1]  # s4 says 1 itself
    world["segments"]["class"] = ["steep", None, "steep", None]
    assert ask("border-segments", world, asked)["interval_days"].tolist() == [3, 5, 3, 1]


def test_equal_lengths_are_land_before_river_before_lake() -> None:
    parts = parts_in_order(parts_of((0, 10, "lake", True), (10, 20, "river", True), (20, 30, "land", True)))
    found = kinds_of(
        parts, ["east", "east", "east", "west", None], [5e3, 5e3, 15e3, 0, 0], [15e3, 25e3, 25e3, 1, 1]
    )
    assert found.tolist() == ["river", "river", "land", None, None]
    assert kinds_of(parts, ["east"], [np.nan], [np.nan]).tolist() == [None]


def test_what_nobody_can_get_to_is_left_out_of_shares_of_visits() -> None:
    # 3 km of 100 are closed: those that were critical. Overdue: 40-45 km of 97; never: 48-50 km
    world = closed_river()
    made = ask("border-status", world, PARAMETERS)
    closed = made[~made["accessible"]]
    assert (closed[["start_m", "end_m"]].to_numpy() / 1_000).round(6).tolist() == [[45, 48]]
    layer = next(layer for layer in LAYERS if layer.id == "border-status")
    figures = {figure.id: figure for figure in layer.figures(made, PARAMETERS)}
    assert figures["border-status.accessible"].value == pytest.approx(0.97)
    assert figures["border-status.overdue"].numerator == pytest.approx(5_000)
    assert figures["border-status.overdue"].denominator == pytest.approx(97_000)
    assert figures["border-status.never"].numerator == pytest.approx(2_000)
    assert figures["border-status.assigned"].denominator == pytest.approx(100_000)
    segments = ask("border-segments", world, PARAMETERS).set_index("segment_id")
    assert segments.loc["s2", "accessible_m"] == pytest.approx(22_000)
    assert segments.loc["s2", "covered_km"] == pytest.approx(15)


def test_a_segment_that_nobody_can_get_to_has_no_state() -> None:
    world = hundred_km()
    world["segments"]["accessible"] = [True, False, False, True]
    made = segment_status(
        world["border"], world["segments"], world["assignments"], world["visits"],
        staff=world["staff"], markers=world["markers"], as_of=DAY,
    ).set_index("segment_id")  # fmt: skip
    # s1 still holds 25-30 km of s2; s3 is unassigned whether or not
    assert made["accessible_m"].to_numpy() == pytest.approx([30_000, 5_000, 0, 20_000])
    assert made["state"].fillna("").tolist() == ["ok", "ok", "unassigned", "ok"]
    alone = segment_status(
        world["border"], world["segments"].iloc[1:], world["assignments"], world["visits"],
        markers=world["markers"], as_of=DAY,
    ).set_index("segment_id")  # fmt: skip
    assert alone["state"].isna().to_dict() == {"s2": True, "s3": False, "s4": False}
    assert alone["covered_km"].tolist()[:2] == [0, 0]


kilometres = st.integers(0, 100)
stretches = st.lists(st.tuples(kilometres, kilometres).map(sorted), max_size=6)


@settings(max_examples=15, deadline=None)
@given(stretches, stretches, st.lists(st.integers(1, 99), max_size=4, unique=True), st.integers(0, 31))
def test_cells_are_accessible_as_kilometre_by_kilometre(
    opened: list[list[int]], shut: list[list[int]], cuts: list[int], mask: int
) -> None:
    bounds = [0, *sorted(cuts), 100]
    parts = [(a, b, "land", bool(mask >> i & 1)) for i, (a, b) in enumerate(pairwise(bounds))]
    table = gpd.GeoDataFrame(
        {
            "segment_id": [f"s{number}" for number in range(len(opened) + len(shut))],
            "border_id": "east",
            "start_m": [low * 1_000.0 for low, _ in opened + shut],
            "end_m": [high * 1_000.0 for _, high in opened + shut],
            "accessible": [True] * len(opened) + [False] * len(shut),
        },
        geometry=[None] * (len(opened) + len(shut)),
        crs="EPSG:4326",
    )
    made = cells(hold(parts_of(*parts), conform("segments", table), as_of=DAY), "east")
    expected = np.zeros(100, dtype=bool)
    for low, high, _, part_open in parts:
        for km in range(low, high):
            holds = [any(a <= km < b for a, b in some) for some in (opened, shut)]
            expected[km] = part_open and (holds[0] or not holds[1])
    cell = np.searchsorted(made.breaks, np.arange(100) * 1_000 + 500) - 1
    assert made.accessible[cell].tolist() == expected.tolist()
