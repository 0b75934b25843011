"""Who holds kilometre 27, and which are late? From published layers, by hand and against a slow look."""

from __future__ import annotations

from datetime import date
from functools import cache
from typing import Any

import numpy as np
import pandas as pd
import pytest
from hypothesis import given, settings
from hypothesis import strategies as st

from geo.border.chainage import chainages
from geo.border.holder import MARKERS, NEEDS, VISITS, Frontier, frontier_of, holders_at, late_runs
from geo.parameters import Parameters
from tests.asking import ask
from tests.worlds import EQUATOR_M, hundred_km

MOMENT = pd.Timestamp("2026-01-10T16:00Z")
PARAMETERS = Parameters(as_of=date(2026, 1, 10))


@cache
def layers() -> dict[str, Any]:
    return {id: ask(id, hundred_km(), PARAMETERS) for id in (*NEEDS, MARKERS)}


@cache
def frontier(with_visits: bool = False) -> Frontier:
    visits = {VISITS: ask(VISITS, hundred_km(), PARAMETERS)} if with_visits else {}
    return frontier_of({**layers(), **visits})


def held(*km: float, with_visits: bool = False) -> pd.DataFrame:
    return holders_at(frontier(with_visits), "east", np.array(km) * 1_000, moment=MOMENT)


def test_one_kilometre_by_hand() -> None:
    (row,) = held(10).to_dict("records")
    assert (row["segment_id"], row["post_id"], list(row["staff_ids"])) == ("s1", "p1", ["g1"])
    assert list(row["roles"]) == ["border_guard"]
    assert (row["state"], row["evidence"], row["interval_days"]) == ("ok", "gps", 7)
    assert row["last_visit"] == MOMENT - pd.Timedelta(days=1)
    assert (row["marker_before"], row["marker_after"]) == ("1", "2")
    assert row["geometry"].x == pytest.approx(100 + 10_000 / EQUATOR_M)


def test_in_an_overlap_both_at_a_bound_both_sides_and_nobody_where_nobody_is() -> None:
    assert held(27)["segment_id"].tolist() == ["s1", "s2"]
    assert held(27)[["marker_before", "marker_after"]].iloc[0].tolist() == ["3", "3"]
    meeting = held(50)
    assert meeting["segment_id"].tolist() == ["s2", "s3"]
    assert meeting["state"].tolist() == ["never", "unassigned"]
    edge = held(75)
    assert edge["segment_id"].fillna("").tolist() == ["s3", ""]
    nobody = held(77).iloc[0]
    assert nobody[["segment_id", "post_id"]].isna().all()
    assert nobody["state"] == "unassigned"
    assert held(80, 100)["segment_id"].fillna("").tolist() == ["", "s4", "s4"]


def test_where_the_state_changes_inside_a_segment_it_is_named_once() -> None:
    both = held(40)  # 30-40 km are due, 40-45 overdue
    assert both[["segment_id", "state"]].to_numpy().tolist() == [["s2", "overdue"]]


def test_places_that_are_not_on_the_border() -> None:
    assert len(held(-0.001, 100.001, np.nan)) == 0
    assert len(holders_at(frontier(), "west", [5.0], moment=MOMENT)) == 0
    assert held(5, 200, 10)["measure_m"].tolist() == [5_000, 10_000]


def test_visits_tell_the_last_visit_of_the_place_itself() -> None:
    # the stretch 0-25 km was last seen a day ago; 20-25 km six days ago too, which is older
    stretch, own = held(48.5), held(48.5, with_visits=True)
    assert stretch["state"].tolist() == own["state"].tolist() == ["never"]
    assert own["last_visit"].isna().all()
    assert own["idle_days"].tolist() == stretch["idle_days"].tolist() == [pytest.approx(15)]
    assert held(45, with_visits=True)["evidence"].tolist() == ["gps"]  # the part after the bound
    assert held(42, with_visits=True)["last_visit"].iloc[0] == MOMENT - pd.Timedelta(days=8)
    assert held(100, with_visits=True)["last_visit"].iloc[0] == MOMENT - pd.Timedelta(days=0.5)


def test_late_kilometres_are_joined() -> None:
    runs = late_runs(frontier())
    # overdue 40-45, critical 45-48, never 48-50
    assert runs[["start_m", "end_m"]].to_numpy().tolist() == [[40_000, 50_000]]
    assert runs[["state", "length_m"]].iloc[0].tolist() == ["never", pytest.approx(10_000)]
    assert runs["segment_ids"].iloc[0] == ["s2"]
    empty = {id: frame.iloc[:0] for id, frame in layers().items()}
    assert len(late_runs(frontier_of(empty))) == 0
    assert frontier_of(empty).lines == chainages(hundred_km()["border"].iloc[:0])


@settings(max_examples=30, deadline=None)
@given(st.lists(st.integers(0, 100_000), max_size=8))
def test_each_place_is_held_as_a_slow_look_says(metres: list[int]) -> None:
    segments = layers()["border-segments"].set_index("segment_id")
    bounds = {id: (round(row["start_m"], 3), round(row["end_m"], 3)) for id, row in segments.iterrows()}
    made = holders_at(frontier(True), "east", metres, moment=MOMENT)
    expected = []
    for at in metres:
        holding = [id for id, (low, high) in bounds.items() if low <= at <= high]
        bare = at in (75_000, 80_000) or 75_000 < at < 80_000
        expected += [*holding, *([""] if bare else [])]
    assert sorted(made["segment_id"].fillna("")) == sorted(expected)
    visits = hundred_km()["visits"]
    for row in made.to_dict("records"):
        at = row["measure_m"]
        over = visits[visits["end_time"] <= MOMENT]
        low, high = over[["start_m", "end_m"]].min(axis=1), over[["start_m", "end_m"]].max(axis=1)
        times = [over["end_time"][(low <= at + step) & (high >= at + step)].max() for step in (-0.5, 0.5)]
        assert row["last_visit"] in times or (pd.isna(row["last_visit"]) and any(pd.isna(time) for time in times))
