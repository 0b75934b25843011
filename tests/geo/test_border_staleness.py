"""How stale is the border, and how well was it covered? By hand, and metre by metre."""

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

from geo.border.coverage import by_evidence, by_holder
from geo.border.holding import cells
from geo.border.idleness import credited, on_line
from geo.border.inputs import held
from geo.border.staleness_layers import LAYERS
from geo.parameters import Parameters
from geo.tables.conform import conform
from tests.asking import ask
from tests.worlds import at_m, hundred_km

MOMENT = pd.Timestamp("2026-01-10T16:00Z")
PARAMETERS = Parameters(as_of=date(2026, 1, 10), window_days=10)
HOLDINGS = held(hundred_km(), PARAMETERS)
HELD = cells(HOLDINGS, "east")


def visits_of(rows: list[dict[str, Any]]) -> Any:
    """Kilometres and days before the moment; gps unless said."""
    table = pd.DataFrame(
        rows, columns=["km", "to_km", "days", "evidence", "patrol_id", "post_id", "staff_id", "joint"]
    )
    table["start_m"], table["end_m"] = table.pop("km") * 1000.0, table.pop("to_km") * 1000.0
    table["end_time"] = MOMENT - pd.to_timedelta(table.pop("days").astype(float), unit="D")
    table["visit_id"] = [str(number) for number in range(len(table))]
    table["evidence"] = table["evidence"].astype(object).fillna("gps")
    return conform("visits", table.assign(border_id="east", joint=table["joint"].eq(True)))


def rows_of(world: dict[str, Any], parameters: Parameters = PARAMETERS) -> Any:
    frame = ask("border-staleness", world, parameters)
    names = frame["segment_ids"].str.join("+").where(frame["kind"] != "border", "border")
    return frame.set_index(names.where(names != "", "nobody"))


def test_idleness_now_by_hand() -> None:
    found = rows_of(hundred_km())
    assert found.index.tolist() == ["border", "s1", "s2", "s3", "nobody", "s4"]
    # 30 km · 1 d, 10 · 6, 5 · 8, 3 · 15, never 32 · 15 (the first visit on record), 20 · 0.5: 665 km·d of 100 km
    assert found["mean_idle_days"].to_numpy() == pytest.approx(
        [6.65, 1, (5 + 60 + 40 + 45 + 30) / 25, 15, 15, 0.5]
    )
    # half of the border is idle for at most a day (20 + 30 km), 95 % for at most 15 days
    assert found["p50_idle_days"].tolist() == [1, 1, 6, 15, 15, 0.5]
    assert found["p95_idle_days"].tolist() == [15, 1, 15, 15, 15, 0.5]
    assert found.loc["border", ["worst_idle_days", "worst_border_id"]].tolist() == [15, "east"]
    assert found.loc["border", ["worst_start_m", "worst_end_m", "marker_from", "marker_to"]].tolist() == [
        45_000,
        80_000,
        "3",
        "6",
    ]
    assert found["never_m"].to_numpy() == pytest.approx([32_000, 0, 2_000, 25_000, 5_000, 0])
    assert found["overdue_m"].to_numpy() == pytest.approx([8_000, 0, 8_000, 0, 0, 0])
    # beyond a week: 5 km by 1 d, 3 by 8, never 2 + 25 + 5 by 8
    assert found["severity_km_days"].to_numpy() == pytest.approx([285, 0, 45, 200, 40, 0])


def test_a_window_by_hand() -> None:
    found = rows_of(hundred_km())
    # ten days: 0-30 a day ago, 20-40 six, 40-45 eight, 80-100 half a day ago; 45-48 fifteen days ago is before
    assert found["covered"].to_numpy() == pytest.approx([0.65, 1, 20 / 25, 0, 0, 1])
    assert found["covered_twice"].to_numpy() == pytest.approx([0.1, 10 / 30, 5 / 25, 0, 0, 0])
    assert found["covered_thrice"].tolist() == [0] * 6
    assert found.loc["border", ["gps", "scan", "declared"]].tolist() == pytest.approx([0.5, 0.2, 0.05])
    assert found.loc["border", ["best_scan", "best_declared"]].tolist() == pytest.approx([0.1, 0.05])
    assert found["markers"].tolist() == [6, 3, 3, 1, 1, 1]  # 2, 3 and 4 in s2, which ends at 4; s3 begins there
    assert found["markers_visited"].tolist() == [4, 3, 2, 0, 0, 1]
    # what happened before the window is known: 45-48 idle 5 → 15, as what was never visited since the first record
    assert found.loc["s3", ["window_mean_days", "window_worst_days"]].tolist() == [10, 15]
    # s4: idle 5 → 14.5, then 0 → 0.5
    mean = ((14.5**2 - 5**2) + 0.5**2) / 20
    assert found.loc["s4", "window_mean_days"] == pytest.approx(mean)
    assert found.loc["s4", "regularity_days"] == pytest.approx(np.sqrt((14.5**2 + 0.5**2) / 2))
    assert found.loc["s4", "visits"] == 1
    assert found.geometry.isna().tolist() == [True] + [False] * 5
    assert found.geometry["nobody"].equals_exact(LineString(at_m(75_000, 80_000)), 1e-8)


def test_figures_by_hand() -> None:
    frame = ask("border-staleness", hundred_km(), PARAMETERS)
    (layer,) = LAYERS
    figures = {figure.id.removeprefix("border-staleness."): figure for figure in layer.figures(frame, PARAMETERS)}
    assert figures["covered"].value == pytest.approx(0.65)
    assert figures["covered"].denominator == pytest.approx(100_000)
    assert figures["gps"].value == pytest.approx(0.5)
    assert figures["markers_visited"].value == pytest.approx(4 / 6)
    assert figures["mean_idle_days"].value == pytest.approx(6.65)
    assert figures["severity_km_days"].value == pytest.approx(285)
    assert figures["overdue"].value == pytest.approx(0.08)
    worst = figures["worst_idle_days"]
    assert worst.value == 15
    assert worst.method is not None
    assert worst.method.en == "east km 45.000–80.000, markers 3–6"


def test_whose_visits_by_hand() -> None:
    world = hundred_km()
    world["visits"] = visits_of(
        [
            {"km": 0, "to_km": 30, "days": 1, "post_id": "p1"},  # its own on s1, and so on 25-30, which s2 has too
            {"km": 30, "to_km": 50, "days": 1, "staff_id": "g6"},  # a guard of s2, whatever the post
            {"km": 50, "to_km": 60, "days": 1, "post_id": "p1", "joint": True},
            {"km": 55, "to_km": 80, "days": 1, "post_id": "p1"},  # others on s3; nobody's ground is others' too
            {"km": 80, "to_km": 90, "days": 1, "post_id": "p3", "joint": True},  # its own, although jointly
        ]
    )
    found = rows_of(world)
    assert found["own"].to_numpy() == pytest.approx([0.6, 1, 1, 0, 0, 0.5])
    assert found["joint"].to_numpy() == pytest.approx([0.1, 0, 0, 0.4, 0, 0])
    assert found["other"].to_numpy() == pytest.approx([0.25, 0, 0, 0.8, 1, 0])


def test_one_patrol_is_one_visit() -> None:
    world = hundred_km()
    one = {"km": 0, "to_km": 100, "days": 2, "patrol_id": "t1"}
    world["visits"] = visits_of([one, {**one, "days": 1.9, "evidence": "declared"}, {**one, "patrol_id": "t2"}])
    found = rows_of(world).loc["border"]
    assert found[["covered", "covered_twice", "covered_thrice", "visits"]].tolist() == [1, 1, 0, 2]
    assert found[["gps", "declared", "best_declared"]].tolist() == [1, 1, 0]


def test_only_accessible_ground_counts() -> None:
    world = hundred_km()
    world["segments"]["accessible"] = [True, True, False, True]
    found = rows_of(world)
    assert found["accessible_m"].to_numpy() == pytest.approx([75_000, 30_000, 25_000, 0, 5_000, 20_000])
    assert found.loc["border", "covered"] == pytest.approx(65 / 75)
    assert found.loc["border", "mean_idle_days"] == pytest.approx((665 - 25 * 15) / 75)
    assert found.loc["s3", ["covered", "mean_idle_days", "worst_idle_days"]].isna().all()
    assert found.loc["s3", ["never_m", "overdue_m"]].tolist() == [0, 0]


def test_several_borders_have_a_row_for_all() -> None:
    world = hundred_km()
    more = gpd.GeoDataFrame(
        {"border_id": ["west"], "part": ["1"], "sequence": [1]},
        geometry=[LineString([(90.0, 0.0), (90.0 + 100_000 / 111_319.490793, 0.0)])],
        crs="EPSG:4326",
    )
    world["border"] = conform("border", pd.concat([world["border"], more], ignore_index=True))
    frame = ask("border-staleness", world, PARAMETERS)
    assert frame["kind"].tolist()[:2] == ["all", "border"]
    assert frame.loc[0, "length_m"] == pytest.approx(200_000)
    assert frame.loc[0, "covered"] == pytest.approx(0.325)
    assert frame.loc[0, "p50_idle_days"] == 15
    assert frame.loc[0, "worst_border_id"] == "east"
    (layer,) = LAYERS
    figures = {figure.id: figure.value for figure in layer.figures(frame, PARAMETERS)}
    assert figures["border-staleness.covered"] == pytest.approx(0.325)


def test_without_visits_nothing_is_known_of_idleness() -> None:
    found = rows_of({**hundred_km(), "visits": None})
    assert found.loc["border", ["mean_idle_days", "p50_idle_days", "window_mean_days"]].isna().all()
    assert found.loc["border", ["covered", "gps", "own"]].tolist() == [0, 0, 0]
    assert found.loc["border", "never_m"] == pytest.approx(100_000)


who = st.sampled_from([None, "p1", "p2", "p3", "p9"])
guard = st.sampled_from([None, "g1", "g6", "g9"])
rows = st.lists(
    st.tuples(
        st.integers(0, 100),
        st.integers(0, 100),
        st.sampled_from(["gps", "scan", "declared"]),
        who,
        guard,
        st.booleans(),
    ),
    max_size=8,
)


@settings(max_examples=25, deadline=None)
@given(rows)
def test_evidence_and_whose_kilometre_by_kilometre(drawn: list[Any]) -> None:
    names = ["km", "to_km", "evidence", "post_id", "staff_id", "joint"]
    table = visits_of([{**dict(zip(names, row, strict=True)), "days": 1} for row in drawn])
    length_m = HOLDINGS.lines["east"].length_m
    visits = on_line(credited(table, MOMENT), "east", length_m)
    breaks = np.append(np.arange(0.0, 100_000.0, 1_000.0), length_m)
    proofs, whose = by_evidence(visits, breaks), by_holder(visits, HOLDINGS, HELD, breaks)
    posts = {"s1": "p1", "s2": "p2", "s3": "p2", "s4": "p3"}
    people = {"s1": {"g1"}, "s2": {"g2", "g6"}, "s3": set(), "s4": {"g4"}}
    bounds = {"s1": (0, 30), "s2": (25, 50), "s3": (50, 75), "s4": (80, 100)}
    for km in range(100):
        here = [row for row in drawn if min(row[:2]) <= km < max(row[:2])]
        there = [name for name, (low, high) in bounds.items() if low <= km < high]
        told = {
            "own"
            if any(posts[name] == post or person in people[name] for name in there)
            else "joint"
            if joint
            else "other"
            for _, _, _, post, person, joint in here
        }
        assert {name for name, flags in whose.items() if flags[km]} == told
        seen = {row[2] for row in here}
        assert {name for name in ("gps", "scan", "declared") if proofs[name][km]} == seen
        best = next((name for name in ("gps", "scan", "declared") if name in seen), None)
        assert [name for name in ("gps", "scan", "declared") if proofs[f"best_{name}"][km]] == (
            [best] if best else []
        )
