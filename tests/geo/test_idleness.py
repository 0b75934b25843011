"""How long has nobody been here? Hand-made answers and laws against a metre-by-metre oracle."""

from __future__ import annotations

from datetime import date
from typing import Any

import geopandas as gpd
import numpy as np
import pandas as pd
import pytest
from hypothesis import given, settings
from hypothesis import strategies as st
from shapely import LineString

from geo.border.chainage import chainages
from geo.border.idleness import (
    bands,
    credited,
    end_of_day,
    idle_days,
    observed_from,
    staleness,
)
from geo.border.layers import LAYERS
from geo.border.markers import marker_places
from geo.border.patrols import declared_visits
from geo.parameters import Parameters
from geo.tables.conform import conform
from tests.asking import ask
from tests.worlds import at_m, hundred_km

DAY = date(2026, 1, 10)
MOMENT = pd.Timestamp("2026-01-10T16:00Z")
PARAMETERS = Parameters(as_of=DAY)
LAYER = {layer.id: layer for layer in LAYERS}
KM = 1_000
STRENGTH = {"gps": 3, "scan": 2, "declared": 1}


def visits_of(*rows: tuple[float, float, float, str]) -> pd.DataFrame:
    """Start, end, days before the moment at which it ended, evidence."""
    table = pd.DataFrame(rows, columns=["start_m", "end_m", "days", "evidence"])
    table["end_time"] = MOMENT - pd.to_timedelta(table.pop("days").astype(float), unit="D")
    table["visit_id"] = [str(number) for number in range(len(table))]
    return conform("visits", table)


def patrols_of(**columns: Any) -> pd.DataFrame:
    table = pd.DataFrame(columns)
    table["patrol_id"] = [f"t{number}" for number in range(len(table))]
    return conform("patrols", table)


def test_status_by_hand() -> None:
    status = ask("border-status", hundred_km(), PARAMETERS)
    told = [
        (round(start / 1_000, 6), round(end / 1_000, 6), "+".join(ids), state, None if pd.isna(proof) else proof)
        for start, end, ids, state, proof in status[
            ["start_m", "end_m", "segment_ids", "state", "evidence"]
        ].itertuples(index=False)
    ]
    assert told == [
        (0, 25, "s1", "ok", "gps"),
        (25, 30, "s1+s2", "ok", "gps"),
        (30, 40, "s2", "due", "scan"),
        (40, 45, "s2", "overdue", "declared"),
        (45, 48, "s2", "critical", "gps"),
        (48, 50, "s2", "never", None),
        (50, 75, "s3", "unassigned", None),
        (75, 80, "", "unassigned", None),
        (80, 100, "s4", "ok", "gps"),
    ]
    assert status["idle_days"].to_numpy() == pytest.approx([1, 1, 6, 8, 15, 15, 15, 15, 0.5])
    assert status["interval_days"].tolist() == [7] * 8 + [1]
    assert status["post_id"].fillna("").tolist() == ["p1", "p1", "p2", "p2", "p2", "p2", "p2", "", "p3"]
    assert status["last_visit"].isna().tolist() == [False] * 5 + [True] * 3 + [False]
    assert status["last_visit"][0] == pd.Timestamp("2026-01-09T16:00Z")
    assert status.geometry[2].equals_exact(LineString(at_m(30_000, 33_000, 40_000)), 1e-8)


def test_the_day_ends_where_the_border_is() -> None:
    assert end_of_day(DAY, "Asia/Shanghai") == MOMENT
    assert end_of_day(DAY, "UTC") == pd.Timestamp("2026-01-11T00:00Z")
    # in UTC the day has eight more hours: the visit one second past four counts, and everything was seen
    status = ask("border-status", hundred_km(), Parameters(as_of=DAY, time_zone="UTC"))
    assert set(status["state"]) == {"ok", "unassigned"}


def test_a_day_before_any_visit_knows_of_none() -> None:
    status = ask("border-status", hundred_km(), Parameters(as_of=date(2025, 12, 1)))
    assert set(status["state"]) == {"never", "unassigned"}
    assert status["idle_days"].isna().all()
    figures = {f.id: f.value for f in LAYER["border-status"].figures(status, PARAMETERS)}
    assert figures["border-status.worst_idle_days"] is None


@pytest.mark.parametrize(
    ("days", "state"),
    [
        (0.0, "ok"),
        (3.0, "ok"),
        (3.0001, "due"),
        (4.0, "due"),
        (4.0001, "overdue"),
        (8.0, "overdue"),
        (8.0001, "critical"),
        (np.nan, "never"),
    ],
)
def test_bands_of_a_four_day_interval(days: float, state: str) -> None:
    assert bands(np.array([days]), np.array([4.0])).tolist() == [state]


def test_the_shortest_interval_counts_where_segments_overlap() -> None:
    world = hundred_km()
    world["segments"]["interval_days"] = [None, 0.5, None, 1.0]
    status = ask("border-status", world, PARAMETERS)
    assert status["interval_days"].tolist()[:2] == [7, 0.5]
    assert status["state"].tolist()[:2] == ["ok", "overdue"]  # one day idle is two intervals of half a day


def test_evidence_of_two_visits_at_one_time_is_the_stronger() -> None:
    rows = visits_of((0, 100, 1, "gps"), (0, 100, 1, "declared"), (50, 100, 1, "scan"), (60, 100, 0.5, "declared"))
    stale = staleness(credited(rows, MOMENT), "e", 100.0, alone=True)
    assert stale.evidence.tolist()[0] == "gps"
    assert stale.evidence.tolist()[-1] == "declared"


def test_visits_of_points_and_unfinished_or_boundless_ones_do_not_count() -> None:
    rows = visits_of((10, 10, 1, "gps"), (np.nan, 20, 1, "gps"), (0, 5, -0.001, "gps"), (0, 3, np.nan, "gps"))
    assert len(credited(rows, MOMENT)) == 0
    only_start = visits_of((0, 3, np.nan, "gps")).assign(start_time=MOMENT)
    assert credited(only_start, MOMENT)["seen"].tolist() == [MOMENT]
    assert len(credited(None, MOMENT)) == 0
    assert np.isnat(observed_from(credited(None, MOMENT)))


def test_visits_belong_to_their_border() -> None:
    border = gpd.GeoDataFrame(
        {"border_id": ["a", "b"], "part": "1", "sequence": 1},
        geometry=[LineString(at_m(0, 1_000)), LineString([(100, 1), (100.01, 1)])],
        crs="EPSG:4326",
    )
    segments = conform("segments", gpd.GeoDataFrame({"geometry": []}, crs=4326))
    rows = visits_of((0, 1_000, 1, "gps"), (0, 500, 2, "gps")).assign(border_id=["a", None])
    status = ask(
        "border-status", {"border": conform("border", border), "segments": segments, "visits": rows}, PARAMETERS
    )
    assert status["border_id"].tolist() == ["a", "b"]
    assert status["last_visit"].isna().tolist() == [False, True]  # a visit of no border is of neither
    assert status["idle_days"].tolist() == [1, 2]  # but it says since when there is a record


def test_the_stalest_metre_speaks_for_a_stretch_and_for_a_segment() -> None:
    world = hundred_km()
    world["visits"] = visits_of((0, 10_000, 8, "gps"), (10_000, 20_000, 9, "scan"), (20_000, 30_000, 8.5, "gps"))
    stretch = ask("border-status", world, PARAMETERS).iloc[0]
    segment = ask("border-segments", world, PARAMETERS).iloc[0]
    assert (stretch["start_m"], stretch["end_m"]) == (0, 25_000)  # one state, three ages
    for row in (stretch, segment):
        assert row[["state", "idle_days", "evidence"]].tolist() == ["overdue", 9, "scan"]
        assert row["last_visit"] == MOMENT - pd.Timedelta(days=9)


def test_a_crumb_that_was_missed_does_not_make_a_segment_stale() -> None:
    world = hundred_km()
    world["visits"] = visits_of((0, 29_999.5, 1, "gps"))
    kept = ask("border-segments", world, PARAMETERS).set_index("segment_id")
    assert kept.loc["s1", ["state", "idle_days"]].tolist() == ["ok", 1]
    world["visits"] = visits_of((0, 29_998.5, 1, "gps"))
    missed = ask("border-segments", world, PARAMETERS).set_index("segment_id")
    assert missed.loc["s1", "state"] == "never"
    assert missed.loc["s1", "covered_km"] == pytest.approx(29.9985)


def test_declared_patrols_by_hand() -> None:
    world = hundred_km()
    places = marker_places(world["markers"], chainages(world["border"]))
    morning, noon = pd.Timestamp("2026-01-10T00:10Z"), pd.Timestamp("2026-01-10T03:40Z")
    patrols = patrols_of(
        evidence=["declared", "declared", "gps", "declared", "declared", "declared", "declared"],
        start_marker=["2", "4", "1", "2", None, "2", "2"],
        end_marker=["4", "m3", "2", "99", "2", "m2", "4"],
        start_time=[morning, morning, morning, morning, morning, morning, noon],
        end_time=[noon, noon, noon, noon, noon, noon, morning],
    )
    declared = declared_visits(patrols.sample(frac=1, random_state=2), places)
    assert declared.visits["patrol_id"].tolist() == ["t0", "t1"]
    assert declared.visits["start_m"].to_numpy() == pytest.approx([25_000, 27_000], abs=1e-6)
    assert declared.visits["end_m"].to_numpy() == pytest.approx([50_000, 50_000], abs=1e-6)
    assert set(declared.visits["evidence"]) == {"declared"}
    assert dict(declared.refused.itertuples(index=False)) == {
        "t3": "unknown_marker",
        "t4": "no_marker",
        "t5": "no_length",
        "t6": "time_order",
    }

    status = ask("border-status", {**world, "patrols": patrols}, PARAMETERS)
    late = status[status["start_m"] >= 30_000]
    assert late["state"].tolist()[:2] == ["ok", "unassigned"]  # the whole of s2 was walked on that morning
    assert late["evidence"].tolist()[0] == "declared"
    assert late["idle_days"].tolist()[0] == pytest.approx((MOMENT - noon) / pd.Timedelta(days=1))


spans = st.lists(
    st.tuples(st.integers(0, KM), st.integers(0, KM), st.integers(0, 30), st.sampled_from(sorted(STRENGTH))),
    max_size=15,
)


@settings(max_examples=60, deadline=None)
@given(spans, st.integers(1, 10))
def test_idleness_metre_by_metre(rows: list[tuple[int, int, int, str]], required: int) -> None:
    found = staleness(credited(visits_of(*rows), MOMENT), "e", float(KM), alone=True)
    idle = idle_days(found.seen, MOMENT)

    last: list[tuple[int, int] | None] = [None] * KM  # days before, strength, metre by metre
    for one, other, days, proof in rows:
        for metre in range(min(one, other), max(one, other)):
            told = (-days, STRENGTH[proof])
            last[metre] = max(last[metre] or told, told)
    slow_idle = np.array([np.nan if told is None else -told[0] for told in last])

    cell = np.searchsorted(found.breaks, np.arange(KM) + 0.5) - 1
    assert idle[cell] == pytest.approx(slow_idle, nan_ok=True)
    proofs = [None if told is None else told[1] for told in last]
    assert [STRENGTH.get(found.evidence[i]) for i in cell] == proofs
    width = np.diff(found.breaks)
    assert width.sum() == KM
    states = bands(idle, np.full(len(idle), float(required)))
    slow_states = bands(slow_idle, np.full(KM, float(required)))
    for state in ("ok", "due", "overdue", "critical", "never"):
        assert width[states == state].sum() == (slow_states == state).sum()


@settings(max_examples=15, deadline=None)
@given(spans)
def test_a_visit_more_never_makes_a_metre_staler(rows: list[tuple[int, int, int, str]]) -> None:
    def idle(some: list[tuple[int, int, int, str]]) -> Any:
        found = staleness(credited(visits_of(*some), MOMENT), "e", float(KM), alone=True)
        cell = np.searchsorted(found.breaks, np.arange(KM) + 0.5) - 1
        return np.nan_to_num(idle_days(found.seen, MOMENT)[cell], nan=np.inf)

    assert (idle(rows) <= idle(rows[:-1])).all()


@settings(max_examples=10, deadline=None)
@given(spans, st.randoms(use_true_random=False))
def test_the_state_of_the_border_is_whole_and_does_not_depend_on_order(
    rows: list[tuple[int, int, int, str]], chance: Any
) -> None:
    world = hundred_km()
    scaled = [(100.0 * one, 100.0 * other, days, proof) for one, other, days, proof in rows]
    status = ask("border-status", {**world, "visits": visits_of(*scaled)}, PARAMETERS)
    chance.shuffle(scaled)
    again = ask("border-status", {**world, "visits": visits_of(*scaled)}, PARAMETERS)
    assert status["stretch_id"].tolist() == again["stretch_id"].tolist()
    assert status["state"].tolist() == again["state"].tolist()
    assert status["start_m"].tolist()[1:] == status["end_m"].tolist()[:-1]
    assert status["length_m"].sum() == pytest.approx(100_000)
    told = list(zip(status["state"], status["segment_ids"], strict=True))
    assert all(one != other for one, other in zip(told[1:], told[:-1], strict=True))  # maximal
