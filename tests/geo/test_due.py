"""What is due next, by when and by whom? By hand, and against an hour-by-hour look."""

from __future__ import annotations

from datetime import date, timedelta
from typing import Any

import geopandas as gpd
import numpy as np
import pandas as pd
import pytest
from hypothesis import given, settings
from hypothesis import strategies as st
from shapely import Point

from geo.border.due import Clock, clock_of, due_list, due_moments
from geo.border.due_layers import LAYERS
from geo.border.idleness import credited, observed_from
from geo.border.inputs import held
from geo.border.seasons import Rule
from geo.parameters import Parameters, Season
from geo.tables.conform import conform
from tests.asking import ask
from tests.worlds import at_m, hundred_km

DAY = date(2026, 1, 10)
MOMENT = pd.Timestamp("2026-01-10T16:00Z")
PARAMETERS = Parameters(as_of=DAY)


def told(frame: Any) -> list[tuple[Any, ...]]:
    return [
        (round(start / 1000, 6), round(end / 1000, 6), "+".join(ids), state, None if pd.isna(days) else days)
        for start, end, ids, state, days in frame[
            ["start_m", "end_m", "segment_ids", "state", "late_days"]
        ].itertuples(index=False)
    ]


def at(days: float) -> pd.Timestamp:
    return MOMENT + pd.Timedelta(days=days)


def test_the_list_by_hand() -> None:
    due = ask("due-list", hundred_km(), PARAMETERS)
    # nobody's stretches count too; never = since the first visit on record, 15 d ago: 8 d late under 7 d
    assert told(due) == [
        (48, 50, "s2", "never", 8),
        (50, 75, "s3", "never", 8),
        (75, 80, "", "never", 8),
        (45, 48, "s2", "critical", 8),
        (40, 45, "s2", "overdue", 1),
        (30, 40, "s2", "due", -1),  # seen 6 d ago: in a day; that is just within 24 h
        (80, 100, "s4", "due", -0.5),  # seen 12 h ago, daily
    ]
    assert due["rank"].tolist() == list(range(1, 8))
    assert due["due_at"].tolist() == [at(-8)] * 4 + [at(-1), at(1), at(0.5)]
    assert due["last_visit"].tolist()[3:] == [at(-15), at(-8), at(-6), at(-0.5)]
    assert due["evidence"].tolist()[3:] == ["gps", "declared", "scan", "gps"]
    assert due["post_id"].fillna("").tolist() == ["p2", "p2", "", "p2", "p2", "p2", "p3"]
    assert due["guards"].tolist() == [2, 0, 0, 2, 2, 2, 1]
    assert due["marker_from"].tolist() == ["3", "4", "4", "3", "3", "3", "5"]
    assert due["marker_to"].tolist() == ["4", "5", "6", "4", "4", "4", "6"]
    assert due["name"].tolist()[:3] == ["s2", "s3", "km 75.0-80.0"]
    assert due["target_id"].fillna("").tolist()[:3] == ["s2", "s3", ""]
    assert due["length_m"].to_numpy() == pytest.approx([2_000, 25_000, 5_000, 3_000, 5_000, 10_000, 20_000])
    assert due["interval_days"].tolist() == [7] * 6 + [1]
    assert due["due_id"].is_unique


def test_figures_by_hand() -> None:
    due = ask("due-list", hundred_km(), PARAMETERS)
    (layer,) = LAYERS
    figures = {figure.id: figure.value for figure in layer.figures(due, PARAMETERS)}
    assert figures["due-list.late_km"] == pytest.approx(40)
    assert figures["due-list.soon_km"] == pytest.approx(30)
    assert figures["due-list.late_points"] == figures["due-list.soon_points"] == 0


@pytest.mark.parametrize(("hours", "rows"), [(0, 5), (11.9, 5), (12, 6), (23.9, 6), (24, 7), (30 * 24, 8)])
def test_how_far_ahead(hours: float, rows: int) -> None:
    due = ask("due-list", hundred_km(), PARAMETERS.model_copy(update={"due_hours": hours}))
    # in a month everything falls due: 0-25 in s1, 25-30 in s1 and s2 as well, and 30-40 was there
    assert len(due) == rows + (hours > 24)
    assert (due["late_days"] >= -hours / 24).all()


def test_a_season_that_begins_makes_things_due_on_its_first_day() -> None:
    strict = Season(name="严", starts="01-12", ends="02-01", interval_days={"default": 0.5})
    parameters = PARAMETERS.model_copy(update={"seasons": (strict,)})
    due = ask("due-list", hundred_km(), parameters).set_index("start_m")
    # the 12th begins in China at 16:00 UTC of the 11th, 24 h from the moment: 0-30 km, seen a day ago, is then due
    assert due.loc[0.0, "due_at"] == at(1)
    assert due.loc[0.0, ["state", "interval_days", "late_days"]].tolist() == ["due", 0.5, -1]
    assert due.loc[80_000.0, "due_at"] == at(0.5)  # s4 has an interval of its own
    # and on the day itself it has been late since the season began, not since half a day after the visit
    later = ask("due-list", hundred_km(), parameters.model_copy(update={"as_of": date(2026, 1, 12)}))
    assert later.set_index("start_m").loc[30_000.0, "due_at"] == at(1)  # all was seen a second after the 10th


def test_a_season_that_ends_makes_what_was_late_fine_again() -> None:
    strict = Season(name="严", starts="12-01", ends="01-10", interval_days={"default": 0.5})
    parameters = PARAMETERS.model_copy(update={"seasons": (strict,)})
    assert "critical" in ask("due-list", hundred_km(), parameters)["state"].tolist()
    after = ask("due-list", hundred_km(), parameters.model_copy(update={"as_of": date(2026, 1, 11)}))
    assert after["segment_ids"].str.join("+").tolist() == ["s4"]  # only the daily one: all were seen on the 10th


def test_markers_of_their_own_interval_are_in_the_list() -> None:
    world = hundred_km()
    world["markers"]["interval_days"] = [0.5, None, None, None, 3.0, 30.0]
    due = ask("due-list", world, PARAMETERS)
    points = due[due["kind"] == "marker"].set_index("target_id")
    assert points.index.tolist() == ["m5", "m1"]  # 6 is fine for another 29 days; the others are never due
    assert points.loc["m5", ["name", "state", "late_days", "length_m"]].tolist() == ["5", "never", 12, 0]
    assert points.loc["m1", ["state", "late_days", "interval_days"]].tolist() == ["overdue", 0.5, 0.5]
    assert points["guards"].isna().all()
    assert points.geometry.geom_type.tolist() == ["Point", "Point"]
    assert due["rank"].tolist() == list(range(1, len(due) + 1))
    assert due["state"].tolist() == sorted(due["state"], key=["never", "critical", "overdue", "due"].index)


def test_a_season_of_markers_is_for_markers() -> None:
    world = hundred_km()
    season = Season(name="检碑", starts="01-11", ends="01-11", interval_days={"marker": 1.5, "default": 9.0})
    due = ask("due-list", world, PARAMETERS.model_copy(update={"seasons": (season,)}))
    # tomorrow only: 1, 2 and 3, seen a day ago, fall due half a day into it; nobody ever was at 4 and 5
    points = due[due["kind"] == "marker"].set_index("name")
    assert points.loc["1", ["state", "late_days", "interval_days"]].tolist() == ["due", -0.5, 1.5]
    assert points.loc["4", ["state", "late_days", "interval_days"]].tolist() == ["never", 0, 1.5]
    assert points.index.tolist() == ["4", "5", "1", "2", "3"]  # 6 was seen half a day ago


def test_nobody_can_be_sent_where_nobody_can_get_to() -> None:
    world = hundred_km()
    world["segments"]["accessible"] = [True, False, True, True]
    due = ask("due-list", world, PARAMETERS)
    assert "s2" not in due["segment_ids"].str.join("+").tolist()


def test_without_any_visit_everything_is_listed_without_a_time() -> None:
    due = ask("due-list", {**hundred_km(), "visits": None}, PARAMETERS)
    assert set(due["state"]) == {"never"}
    assert due["due_at"].isna().all()
    assert due["late_days"].isna().all()
    assert due["length_m"].sum() == pytest.approx(100_000)


def test_crumbs_are_not_listed() -> None:
    world = hundred_km()
    rows = pd.DataFrame({"start_m": [0.0, 10_000.8], "end_m": [10_000.0, 100_000.0], "visit_id": ["a", "b"]})
    world["visits"] = conform("visits", rows.assign(end_time=MOMENT, evidence="gps", border_id="east"))
    assert ask("due-list", world, PARAMETERS)["segment_ids"].str.join("+").tolist() == ["s4"]


def test_two_borders_and_points_without_one() -> None:
    world = hundred_km()
    targets = gpd.GeoDataFrame(
        {"target_id": ["v1"], "kind": ["village"], "name": ["嘎查"], "interval_days": [2.0]},
        geometry=[Point(at_m(500_000)[0])],
        crs="EPSG:4326",
    )
    due = ask("due-list", {**world, "targets": conform("targets", targets)}, PARAMETERS)
    village = due[due["kind"] == "village"].iloc[0]
    assert village[["name", "state", "target_id"]].tolist() == ["嘎查", "never", "v1"]
    assert village["late_days"] == 13


hours = st.integers(-60 * 24, 0)


@settings(max_examples=150, deadline=None)
@given(
    hours,
    st.lists(st.integers(1, 30), min_size=1, max_size=5),
    st.lists(st.integers(-60, 12), max_size=4, unique=True),
    st.integers(1, 10 * 24),
)
def test_due_moments_hour_by_hour(last: int, required: list[int], changes: list[int], ahead: int) -> None:
    begins = [24 * day for day in sorted(changes)][: len(required) - 1]
    required = required[: len(begins) + 1]
    clock = Clock(
        MOMENT, ahead * 3600.0, (DAY,) * len(required), np.array([-np.inf, *(h * 3600.0 for h in begins)])
    )
    due, late = due_moments(np.array([last * 3600.0]), np.array(required, dtype=float)[:, None], clock)

    def is_late(hour: float) -> bool:  # in the middle of an hour, so that nothing is at a bound
        return hour - last > 24 * required[int(np.searchsorted(begins, hour))]

    horizon = 12 * 24 + 31 * 24
    assert late[0] == is_late(-0.5 if last < 0 else 0.5)
    if late[0]:
        hour = -1
        while hour > last and is_late(hour - 0.5):
            hour -= 1
        expected: float = hour
    else:
        expected = next((hour for hour in range(horizon) if is_late(hour + 0.5)), np.inf)
    assert due[0] / 3600 == expected


def test_the_clock_knows_the_days_of_the_place() -> None:
    strict = Season(name="s", starts="01-11", ends="01-12", interval_days={"default": 1.0})
    first = np.datetime64("2026-01-01T00:00", "us")
    clock = clock_of(Rule({}, (strict,)), first, MOMENT, due_hours=72, time_zone="Asia/Shanghai")
    assert clock.days[1:] == (date(2026, 1, 11), date(2026, 1, 13))
    assert clock.begins.tolist() == [-np.inf, 0, 2 * 86_400]
    assert clock.now == 0  # the moment is the end of the 10th, judged by the 10th
    east = clock_of(Rule({}, (strict,)), first, MOMENT, due_hours=72, time_zone="Asia/Tokyo")
    assert east.begins.tolist() == [-np.inf, -3600, 2 * 86_400 - 3600]
    assert len(clock_of(Rule(), np.datetime64("NaT"), MOMENT, due_hours=1, time_zone="UTC").days) == 1


HOLDINGS = held(hundred_km(), PARAMETERS)
spans = st.lists(st.tuples(st.integers(0, 100), st.integers(0, 100), st.integers(0, 20)), max_size=10)


@settings(max_examples=10, deadline=None)
@given(spans, st.integers(0, 10), st.randoms(use_true_random=False))
def test_the_list_metre_by_metre_whatever_the_order(rows: list[Any], ahead: int, chance: Any) -> None:
    def listed(some: list[Any]) -> Any:
        table = pd.DataFrame(some, columns=["start_m", "end_m", "days"])
        table["end_time"] = MOMENT - pd.to_timedelta(table.pop("days").astype(float), unit="D")
        table[["start_m", "end_m"]] *= 1000.0
        table["visit_id"] = [str(number) for number in range(len(table))]
        visits = conform("visits", table.assign(evidence="gps", border_id="east"))
        since = observed_from(credited(visits, MOMENT))
        clock = clock_of(Rule(), since, MOMENT, due_hours=24.0 * ahead, time_zone="UTC")
        return due_list(HOLDINGS, visits, Rule(), clock, noise_m=1.0)

    due = listed(rows)
    shuffled = list(rows)
    chance.shuffle(shuffled)
    assert due["due_id"].tolist() == listed(shuffled)["due_id"].tolist()
    required = np.where(np.arange(100) >= 80, 1, 7)
    since = max((days for a, b, days in rows if a != b), default=0)
    for km in range(100):
        ages = [days for a, b, days in rows if min(a, b) <= km < max(a, b)]
        here = due[(due["start_m"] < km * 1000 + 500) & (due["end_m"] > km * 1000 + 500)]
        age = min(ages, default=since)
        if ages and age + ahead < required[km]:
            assert len(here) == 0
            continue
        (row,) = here.itertuples()
        if ages:
            assert row.state == (
                "due" if age <= required[km] else "overdue" if age <= 2 * required[km] else "critical"
            )
            assert row.late_days >= age - required[km]
        else:
            assert row.state == "never"
    days = [timedelta(days=float(days)) for days in due["late_days"].dropna()]
    assert (due["due_at"].dropna().to_numpy() == (MOMENT - pd.to_timedelta(days)).to_numpy()).all()
