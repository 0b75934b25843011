"""When was each marker, village, stop and fence last visited? By hand, and against metres counted one by one."""

from __future__ import annotations

from datetime import date
from typing import Any

import geopandas as gpd
import numpy as np
import pandas as pd
import pytest
from hypothesis import given, settings
from hypothesis import strategies as st
from shapely import LineString, Point

from geo import catalogue
from geo.border.chainage import chainages
from geo.border.points.visited import KINDS, last_visits, visited_points
from geo.parameters import Parameters, Season
from geo.tables.conform import conform
from tests.asking import ask
from tests.worlds import at_m, watched_km

MOMENT = pd.Timestamp("2026-01-10T16:00Z")
PARAMETERS = Parameters(as_of=date(2026, 1, 10), interval_days={"default": 7.0, "village": 14.0})
STRENGTH = {"gps": 3, "scan": 2, "declared": 1}
METRES = 200


def points(world: dict[str, Any], parameters: Parameters = PARAMETERS) -> Any:
    given = {**world, "credited-visits": ask("credited-visits", world, parameters)}
    return visited_points(given, parameters).set_index("target_id")


def test_everything_to_be_visited_by_hand() -> None:
    rows = points(watched_km())
    told = {
        id: (row.kind, row.evidence if isinstance(row.evidence, str) else "")
        for id, row in zip(rows.index, rows.itertuples(), strict=True)
    }
    assert told == {
        "m1": ("marker", "gps"),
        "m2": ("marker", "gps"),
        "m3": ("marker", "gps"),
        "m4": ("marker", "scan"),
        "m5": ("marker", ""),
        "m6": ("marker", "gps"),
        "t1": ("village", "declared"),
        "t2": ("village", "declared"),
        "t3": ("stop", "declared"),
        "t4": ("well", "gps"),
        "t5": ("checkpoint", ""),
        "f1": ("fence", "gps"),
        "f2": ("fence", "declared"),
        "f3": ("fence", "gps"),
        "f4": ("fence", "gps"),
        "f5": ("fence", "gps"),
        "f6": ("fence", ""),
    }
    days = (MOMENT - rows["last_visit"]) / pd.Timedelta(days=1)
    nan = np.nan
    assert days.to_numpy() == pytest.approx(
        [1, 1, 1, 3, nan, 0.5, 20, 29, 8, 0.5, nan, 1, 10, 0.5, 1, 0.5, nan], nan_ok=True
    )
    assert rows["interval_days"].to_numpy() == pytest.approx(
        [1, 30, 30, 4, 30, nan, 30, 14, 7, nan, 7, 7, 7, 0.25, nan, nan, nan], nan_ok=True
    )
    km = rows[["start_m", "end_m"]].to_numpy() / 1_000
    assert km[:6, 0] == pytest.approx([0, 25, 27, 50, 77, 100], abs=1e-6)
    assert (km[:11, 0] == km[:11, 1]).all()
    assert km[6:11, 0] == pytest.approx([10, 60, 42, 90, 49], abs=1e-6)
    assert km[11:] == pytest.approx(
        np.array([[0, 20], [25, 50], [80, 95], [10, 15], [96, 98], [55, 60]]), abs=1e-6
    )
    assert rows["offset_m"].to_numpy()[6:11] == pytest.approx([3_000, 8_000, 30, 40, 0], abs=0.1)
    assert rows["segment_ids"].map("+".join).tolist() == [
        *("s1", "s1+s2", "s1+s2", "s2+s3", "", "s4"),
        *("s1", "s3", "s2", "s4", "s2"),
        *("s1", "s1+s2", "s4", "s1", "s4", "s3"),
    ]
    assert rows["post_id"].fillna("").tolist() == [
        *("p1", "p1", "p1", "p2", "", "p3"),
        *("p4", "", "p2", "p3", "p2"),  # t1 names its own; t2 stands too far off for the segment's post
        *("p1", "p2", "p3", "p1", "p3", "p2"),
    ]
    assert rows["name"].tolist()[5:9] == ["6", "甲嘎查", "乙嘎查", "t3"]
    assert set(rows["kind"]) == set(KINDS)
    assert rows.geometry["t1"].y > 0
    assert rows.geometry["f3"].equals_exact(LineString(at_m(80_000, 95_000)), 1e-8)


def test_the_layer_judges_what_has_an_interval() -> None:
    layer = catalogue.layer("visited-points")
    rows = ask("visited-points", watched_km(), PARAMETERS)
    assert dict(zip(rows["point_id"], rows["state"].fillna(""), strict=True)) == {
        "marker-m1": "due",
        "marker-m2": "ok",
        "marker-m3": "ok",
        "marker-m4": "ok",
        "marker-m5": "never",
        "marker-m6": "",
        "village-t1": "ok",
        "village-t2": "critical",
        "stop-t3": "overdue",
        "well-t4": "",
        "checkpoint-t5": "never",
    }
    assert rows["idle_days"].tolist()[4] == pytest.approx(40)  # since the first visit on record, of t1
    figures = {figure.id: figure for figure in layer.figures(rows, PARAMETERS)}
    markers, villages = figures["visited-points.markers_in_time"], figures["visited-points.villages_overdue"]
    assert (markers.numerator, markers.denominator) == (4, 5)
    assert (villages.numerator, villages.denominator) == (1, 2)
    assert figures["visited-points.overdue"].value == 4


def test_a_season_may_ask_for_villages_but_its_default_is_for_stretches() -> None:
    season = Season(name="w", starts="01-01", ends="01-31", interval_days={"default": 1.0, "village": 3.0})
    rows = points(watched_km(), PARAMETERS.model_copy(update={"seasons": (season,)}))
    assert rows["interval_days"]["t1"] == 3
    assert rows["interval_days"]["m4"] == 4
    assert np.isnan(rows["interval_days"]["t4"])


def test_what_stands_within_the_tolerance_is_passed_and_no_further() -> None:
    for tolerance, seen in ((40.5, True), (39.5, False)):
        rows = points(watched_km(), PARAMETERS.model_copy(update={"patrol_tolerance_m": tolerance}))
        assert pd.notna(rows["last_visit"]["t4"]) == seen


def test_a_patrol_that_stops_at_a_marker_has_passed_it_and_a_crowd_of_fixes_too() -> None:
    world = watched_km()
    for metres, seen in ((50_000.0, True), (49_999.5, True), (49_998.0, False)):
        visit = {"visit_id": ["v"], "border_id": ["east"], "evidence": ["gps"], "end_time": [MOMENT]}
        one = pd.DataFrame({**visit, "start_m": [48_000.0], "end_m": [metres]})
        assert pd.notna(points({**world, "visits": conform("visits", one)})["last_visit"]["m4"]) == seen
        spot = one.assign(start_m=metres)
        rows = points({**world, "visits": conform("visits", spot)})
        assert pd.notna(rows["last_visit"]["m4"]) == seen
        assert pd.isna(rows["last_visit"]["f2"])  # a spot is no stretch of fence


def test_things_without_a_place_are_visited_by_name_only() -> None:
    world = watched_km()
    world["fences"].loc[0, "end_m"] = 0.0
    world["targets"].loc[2, "border_id"] = "west"
    rows = points(world)
    assert rows.loc[["f1", "t3"], "start_m"].isna().all()
    assert pd.isna(rows["last_visit"]["f1"])
    assert rows["evidence"]["t3"] == "scan"
    assert rows["segment_ids"]["f1"] == []
    assert rows.geometry["f1"] is None


def test_a_border_alone_asks_for_nothing() -> None:
    world = watched_km()
    rows = points({name: world[name] for name in ("border", "visits")})
    assert len(rows) == 0
    assert str(rows["last_visit"].dtype) == "datetime64[us, UTC]"


metre = st.integers(0, METRES)
told = st.tuples(st.integers(0, 9), st.sampled_from(sorted(STRENGTH)))
walks = st.lists(st.tuples(metre, metre, told), max_size=10)
calls = st.lists(st.tuples(st.sampled_from(["a", "b", "f"]), told), max_size=4)


@settings(max_examples=60, deadline=None)
@given(walks, calls, metre, metre, st.lists(metre, min_size=2, max_size=2, unique=True).map(sorted))
def test_last_visits_metre_by_metre(
    walked: list[Any], called: list[Any], marker: int, stop: int, fence: list[int]
) -> None:
    visits = pd.DataFrame(
        [(start, end, days, proof, None, None) for start, end, (days, proof) in walked]
        + [(None, None, days, proof, "fence" if id == "f" else "marker", id) for id, (days, proof) in called],
        columns=["start_m", "end_m", "days", "evidence", "target_type", "target_id"],
    )
    visits["end_time"] = MOMENT - pd.to_timedelta(visits.pop("days").astype(float), unit="D")
    visits["visit_id"] = [str(number) for number in range(len(visits))]
    lines = chainages(
        conform(
            "border",
            gpd.GeoDataFrame(
                {"border_id": ["e"], "part": ["1"], "sequence": [1]},
                geometry=[LineString(at_m(0, METRES))],
                crs="EPSG:4326",
            ),
        )
    )
    things = pd.DataFrame(
        [("marker", "a", marker, marker), ("marker", "b", stop, stop), ("fence", "f", *fence)],
        columns=["kind", "target_id", "start_m", "end_m"],
    ).assign(border_id="e", on_line=True)
    seen, evidence = last_visits(things, conform("visits", visits), lines, MOMENT, noise_m=0.25)

    never = (-np.inf, 0)

    def named(id: str) -> tuple[float, int]:
        return max([(-days, STRENGTH[proof]) for name, (days, proof) in called if name == id], default=never)

    def passed(place: float) -> tuple[float, int]:
        over = [t for start, end, t in walked if min(start, end) <= place <= max(start, end)]
        return max([(-days, STRENGTH[proof]) for days, proof in over], default=never)

    metres = [passed(place + 0.5) for place in range(*fence)]  # of a fence, metre by metre
    stalest = next(one for one in metres if one[0] == min(metres)[0])
    slow = [max(passed(marker), named("a")), max(passed(stop), named("b")), max(stalest, named("f"))]
    ages = (np.datetime64(MOMENT.tz_localize(None), "us") - seen) / np.timedelta64(1, "D")
    assert np.nan_to_num(ages, nan=np.inf).tolist() == [-days for days, _ in slow]
    assert [STRENGTH.get(proof, 0) for proof in evidence] == [strength for _, strength in slow]


@settings(max_examples=15, deadline=None)
@given(walks, st.randoms(use_true_random=False))
def test_a_visit_more_makes_nothing_staler_whatever_the_order(walked: list[Any], chance: Any) -> None:
    world = watched_km()

    def last(some: list[Any]) -> Any:
        rows = pd.DataFrame(
            {
                "visit_id": [str(row) for row in range(len(some))],
                "border_id": "east",
                "start_m": [500.0 * start for start, _, _ in some],
                "end_m": [500.0 * end for _, end, _ in some],
                "end_time": [MOMENT - pd.Timedelta(days=days) for _, _, (days, _) in some],
                "evidence": [proof for _, _, (_, proof) in some],
            }
        )
        return points({**world, "visits": conform("visits", rows)})

    rows = last(walked)
    assert (rows["last_visit"] < last(walked[:-1])["last_visit"]).sum() == 0
    mixed = list(walked)
    chance.shuffle(mixed)
    pd.testing.assert_frame_equal(pd.DataFrame(last(mixed)), pd.DataFrame(rows))


def test_targets_are_points_of_their_own() -> None:
    far = watched_km()
    far["targets"] = far["targets"].set_geometry([Point(100, 45)] * 5)
    rows = points(far)
    assert rows["last_visit"][["t4", "t5"]].isna().all()
    assert rows["evidence"]["t3"] == "scan"
