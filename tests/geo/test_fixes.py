"""Which fixes of a patrol are used, and why are the others not? By hand, by laws, and beside a slow oracle."""

from __future__ import annotations

import math
from collections.abc import Sequence
from typing import Any

import geopandas as gpd
import numpy as np
import pandas as pd
import pytest
from hypothesis import given, settings
from hypothesis import strategies as st
from shapely import LineString, MultiPoint, Point

from geo import units
from geo.border.fixes import REASONS, Fixes, clean
from geo.tables.conform import conform
from tests.worlds import at_m

DAWN = pd.Timestamp("2026-01-10T00:00Z")
Row = tuple[str, float, float | None]  # patrol, seconds after dawn, metres along the equator (None = no place)


def tracks_of(rows: Sequence[Row], sequence: Sequence[int | None] | None = None) -> gpd.GeoDataFrame:
    """Fixes on the equator."""
    frame = gpd.GeoDataFrame(
        {
            "patrol_id": pd.Series([row[0] for row in rows], dtype="str"),
            "time": pd.to_datetime([DAWN + pd.Timedelta(seconds=row[1]) for row in rows], utc=True),
            "sequence": sequence,
        },
        geometry=[None if row[2] is None else Point(at_m(row[2])[0]) for row in rows],
        crs="EPSG:4326",
    )
    return conform("tracks", frame)


def left_of(fixes: Fixes) -> list[tuple[str, float, float]]:
    """Patrol, seconds after dawn, metres along the equator of the fixes used."""
    metres = (fixes.lonlat[:, 0] - 100.0) / (at_m(1.0)[0][0] - 100.0)
    seconds = fixes.time_s - DAWN.timestamp()
    return [
        (str(fixes.patrol_ids[patrol]), round(float(when), 3), round(float(where), 3))
        for patrol, when, where in zip(fixes.patrol, seconds, metres, strict=True)
    ]


def dropped(fixes: Fixes) -> dict[tuple[str, str], int]:
    return {(row.patrol_id, row.reason): int(row.fixes) for row in fixes.dropped.itertuples()}


def walk(patrol: str, minutes: Sequence[int], start_m: float = 0.0) -> list[Row]:
    """A fix a minute, 60 m apart (3.6 km/h)."""
    return [(patrol, 60.0 * minute, start_m + 60.0 * minute) for minute in minutes]


def test_one_of_each_defect() -> None:
    # a walks minutes 0-9, 60 m a minute. With it in the file:
    #   minute 4 once more                                          duplicate
    #   minute 5 at 5,000 m                                         same_time (300 m comes first by sequence)
    #   minute 6.5 at 9,000 m: 8.6 km in 30 s, and back             spike
    #   minute 7.5 without a place                                  no_geometry
    #   two hours before it set out                                 outside_patrol (slack: half an hour)
    #   minutes 9 and 8 the wrong way round                         reordered: one stood behind a later one
    good = walk("a", range(10))
    rows = [*good[:8], good[9], good[8], good[4], ("a", 300.0, 5_000.0), ("a", 390.0, 9_000.0),
            ("a", 450.0, None), ("a", -7_200.0, 0.0)]  # fmt: skip
    patrols = conform(
        "patrols",
        pd.DataFrame(
            {
                "patrol_id": ["a"],
                "start_time": [DAWN],
                "end_time": [DAWN + pd.Timedelta(minutes=10)],
                "mode": "foot",
            }
        ),
    )
    fixes = clean(tracks_of(rows, range(len(rows))), patrols)
    assert left_of(fixes) == [("a", second, metre) for _, second, metre in good]
    assert dropped(fixes) == {("a", reason): 1 for reason in REASONS if reason not in ("no_time", "clock_jump")}
    assert fixes.read.to_dict("records") == [{"patrol_id": "a", "fixes": 15}]
    assert fixes.reordered.to_dict("records") == [{"patrol_id": "a", "fixes": 1}]


def test_what_is_no_place() -> None:
    rows = tracks_of([("a", 60.0 * n, 0.0) for n in range(8)])
    shapes = [None, Point(), Point(0, 0), Point(181, 0), Point(0, -91), LineString([(1, 1), (2, 2)]),
              MultiPoint([(100, 0), (101, 0)]), MultiPoint([(100, 0)])]  # fmt: skip
    fixes = clean(rows.set_geometry(gpd.GeoSeries(shapes, crs="EPSG:4326")))
    assert dropped(fixes) == {("a", "no_geometry"): 7}
    assert left_of(fixes) == [("a", 420.0, 0.0)]  # a multi-point of one point is that point


def test_a_fix_without_a_time() -> None:
    rows = tracks_of(walk("a", range(3)))
    rows.loc[1, "time"] = pd.NaT
    fixes = clean(rows)
    assert dropped(fixes) == {("a", "no_time"): 1}
    assert len(fixes.time_s) == 2


def test_no_rows() -> None:
    fixes = clean(tracks_of([]))
    assert [len(part) for part in (fixes.patrol_ids, fixes.patrol, fixes.time_s, fixes.lonlat, fixes.read)] == [
        0
    ] * 5
    assert len(fixes.dropped) == len(fixes.reordered) == 0


def test_patrols_without_any_good_fix_are_still_there() -> None:
    fixes = clean(tracks_of([("b", 0.0, 0.0), ("a", 0.0, None)]))
    assert list(fixes.patrol_ids) == ["a", "b"]
    assert fixes.patrol.tolist() == [1]


def test_at_one_time_the_lowest_number_stays_then_the_westernmost() -> None:
    rows: list[Row] = [("a", 0.0, 30.0), ("a", 0.0, 10.0), ("a", 0.0, 20.0), ("a", 0.0, 20.0)]
    assert left_of(clean(tracks_of(rows, [2, 3, 1, 4]))) == [("a", 0.0, 20.0)]
    assert dropped(clean(tracks_of(rows, [2, 3, 1, 4]))) == {("a", "duplicate"): 1, ("a", "same_time"): 2}
    assert left_of(clean(tracks_of(rows))) == [("a", 0.0, 10.0)]


@pytest.mark.parametrize(
    ("length", "is_spike"), [(1, True), (units.SPIKE_FIXES, True), (units.SPIKE_FIXES + 1, False)]
)
def test_a_spike_is_short(length: int, is_spike: bool) -> None:
    # ten fixes on the line, some 50 km away, ten on the line
    rows = walk("a", range(10)) + walk("a", range(10, 10 + length), 50_000.0) + walk("a", range(20, 30))
    assert dropped(clean(tracks_of(rows))) == ({("a", "spike"): length} if is_spike else {})


def test_a_few_false_fixes_do_not_outvote_more() -> None:
    # a place of yesterday at minute 0 and again at minute 4: the three good fixes between are no spike of it
    false: list[Row] = [("a", 0.0, 90_000.0), ("a", 240.0, 90_000.0)]
    rows = [*false, *walk("a", [1, 2, 3, 5, 6, 7])]
    assert dropped(clean(tracks_of(rows))) == {("a", "spike"): 1}
    assert [fix for fix in left_of(clean(tracks_of(rows))) if fix[2] < 1_000.0] == left_of(
        clean(tracks_of(walk("a", [1, 2, 3, 5, 6, 7])))
    )


def test_noise_is_no_spike() -> None:
    # a fix a second, every other one 60 m aside: 216 km/h on paper, but each may be 50 m off
    rows: list[Row] = [("a", float(second), 60.0 * (second % 2)) for second in range(20)]
    assert dropped(clean(tracks_of(rows))) == {}


def test_a_vehicle_is_faster_than_a_man() -> None:
    rows: list[Row] = [("a", 0.0, 0.0), ("a", 60.0, 1_500.0), ("a", 120.0, 0.0)]  # 90 km/h
    by_car = conform("patrols", pd.DataFrame({"patrol_id": ["a"], "mode": ["vehicle"]}))
    assert dropped(clean(tracks_of(rows))) == {("a", "spike"): 1}
    assert dropped(clean(tracks_of(rows), by_car)) == {}
    assert dropped(clean(tracks_of(rows), top_speed_kmh=90.0)) == {}
    assert dropped(clean(tracks_of(rows), by_car, top_speed_kmh={"foot": 5.0})) == {}  # nothing said of vehicles


def test_a_clock_that_was_not_set() -> None:
    # two fixes of 1980 before forty of today; of five they would be too many to be an error
    epoch = (pd.Timestamp("1980-01-06T00:00Z") - DAWN).total_seconds()
    early: list[Row] = [("a", epoch, 0.0), ("a", epoch + 60.0, 60.0)]
    assert dropped(clean(tracks_of([*early, *walk("a", range(40))]))) == {("a", "clock_jump"): 2}
    assert dropped(clean(tracks_of([*early, *walk("a", range(5))]))) == {}


def test_known_times_decide_alone() -> None:
    # fixes up to 30 minutes before the start and after the end count; a day later they do not, however many
    hour = pd.Timedelta(hours=1)
    patrols = conform(
        "patrols", pd.DataFrame({"patrol_id": ["a"], "start_time": [DAWN + hour], "end_time": [DAWN + 2 * hour]})
    )
    rows: list[Row] = [("a", 60.0 * minute, 0.0) for minute in (29, 30, 150, 151)]
    rows += [("a", 86_400.0 * 2 + 60.0 * minute, 0.0) for minute in range(100)]
    fixes = clean(tracks_of(rows), patrols)
    assert [when / 60.0 for _, when, _ in left_of(fixes)] == [30.0, 150.0]
    assert dropped(fixes) == {("a", "outside_patrol"): 102}


# --- laws -------------------------------------------------------------------------------------------------------
STEPS = st.tuples(
    st.sampled_from(["a", "b", "c"]),
    st.sampled_from([0, 1, 2, 3, 4, 5, 6, 7, 8, 9, 10, 11, 12, 3_000, 3_001, 6_000]),  # minutes: days apart too
    st.sampled_from([None, 0.0, 40.0, 500.0, 900.0, 20_000.0, 20_050.0, 80_000.0]),
)
FILES = st.lists(STEPS.map(lambda step: (step[0], step[1] * 60.0, step[2])), max_size=40)


def same(one: Fixes, other: Fixes) -> None:
    assert left_of(one) == left_of(other)
    pd.testing.assert_frame_equal(one.dropped, other.dropped)
    pd.testing.assert_frame_equal(one.read, other.read)
    pd.testing.assert_frame_equal(one.reordered, other.reordered)


def as_tracks(fixes: Fixes) -> gpd.GeoDataFrame:
    frame = {
        "patrol_id": fixes.patrol_ids[fixes.patrol],
        "time": pd.to_datetime(np.round(fixes.time_s * 1e6).astype("datetime64[us]"), utc=True),
    }
    points = gpd.points_from_xy(*fixes.lonlat.T, crs="EPSG:4326")
    return conform("tracks", gpd.GeoDataFrame(frame, geometry=points))


@settings(deadline=None)
@given(FILES)
def test_every_fix_is_used_or_counted(rows: list[Row]) -> None:
    fixes = clean(tracks_of(rows))
    used = pd.Series(fixes.patrol_ids[fixes.patrol]).value_counts()
    lost = fixes.dropped.groupby("patrol_id")["fixes"].sum()
    for patrol, read in fixes.read.itertuples(index=False):
        assert read == used.get(patrol, 0) + lost.get(patrol, 0) == sum(row[0] == patrol for row in rows)
    inside = np.diff(fixes.patrol) == 0
    assert (np.diff(fixes.patrol) >= 0).all() and (np.diff(fixes.time_s)[inside] > 0).all()


@settings(deadline=None)
@given(FILES)
def test_places_in_columns_are_the_same(rows: list[Row]) -> None:
    tracks = tracks_of(rows)
    plain = pd.DataFrame(tracks.drop(columns="geometry")).assign(lon=tracks.geometry.x, lat=tracks.geometry.y)
    same(clean(plain), clean(tracks))


@settings(deadline=None)
@given(FILES)
def test_clean_fixes_stay(rows: list[Row]) -> None:
    once = clean(tracks_of(rows))
    twice = clean(as_tracks(once))
    assert left_of(twice) == left_of(once)
    assert len(twice.dropped) == len(twice.reordered) == 0


@settings(deadline=None)
@given(FILES, st.randoms(use_true_random=False))
def test_the_order_of_rows_is_nothing(rows: list[Row], random: Any) -> None:
    numbered = list(enumerate(rows))
    shuffled = random.sample(numbered, len(numbered))
    apart = tracks_of([row for _, row in shuffled], [number for number, _ in shuffled])
    same(clean(tracks_of(rows, range(len(rows)))), clean(apart))


class Slowly:
    """Look for the first short run that a later fix proves false, take it out, begin again."""

    def __init__(self, seconds: list[float], metres: list[float]) -> None:
        self.left = list(zip(seconds, metres, strict=True))
        while (found := next(filter(None, map(self.proven, range(2, len(self.left)))), None)) is not None:
            del self.left[found]

    def near(self, one: int, other: int) -> bool:
        return self.left[other][0] - self.left[one][0] <= units.CLOCK_GAP_S

    def reached(self, one: int, other: int) -> bool:
        seconds, metres = np.subtract(self.left[other], self.left[one])
        return bool(abs(metres) <= units.PATROL_TOP_SPEEDS_KMH["foot"] / 3.6 * seconds + units.SPIKE_M)

    def agreeing(self, at: int) -> int:
        back = at
        while back and self.near(back - 1, back) and self.reached(back - 1, back):
            back -= 1
        return at - back + 1

    def proven(self, after: int) -> slice | None:
        if self.reached(after - 1, after):
            return None
        for run in range(1, min(units.SPIKE_FIXES, after - 1) + 1):
            before = after - 1 - run
            if (
                self.near(before, after)
                and self.reached(before, after)
                and not self.reached(before, before + 1)
                and self.agreeing(before) >= run
            ):
                return slice(before + 1, after)
        return None


@settings(deadline=None)
@given(st.lists(st.tuples(st.integers(1, 5_000), st.integers(0, 40)), max_size=30))
def test_spikes_are_those_of_a_slow_search(steps: list[tuple[int, int]]) -> None:
    seconds = np.cumsum([step[0] * 20.0 for step in steps]).tolist()
    metres = [step[1] * 700.0 for step in steps]
    fixes = clean(tracks_of([("a", *fix) for fix in zip(seconds, metres, strict=True)]))
    stay = [round(when, 3) for when, _ in Slowly(seconds, metres).left]
    clocks = int(fixes.dropped.loc[fixes.dropped["reason"] == "clock_jump", "fixes"].sum())
    assert len(fixes.time_s) + clocks == len(stay)
    assert {round(float(when), 3) for when in fixes.time_s - DAWN.timestamp()} <= set(stay)


def test_speed_is_measured_on_the_globe() -> None:
    # one degree of longitude at 60° N is half of one at the equator: 55.8 km; in 4 h a man runs 60 km, no 111 km
    frame = {"patrol_id": "a", "time": DAWN + pd.to_timedelta([0, 4, 8], unit="h")}
    at_60 = gpd.GeoDataFrame(frame, geometry=gpd.points_from_xy([110, 111, 110], [60] * 3), crs="EPSG:4326")
    at_0 = gpd.GeoDataFrame(frame, geometry=gpd.points_from_xy([110, 111, 110], [0] * 3), crs="EPSG:4326")
    assert dropped(clean(conform("tracks", at_60))) == {}
    assert dropped(clean(conform("tracks", at_0))) == {("a", "spike"): 1}
    over = gpd.GeoDataFrame(
        frame, geometry=gpd.points_from_xy([179.99, -179.99, 179.99], [0] * 3), crs="EPSG:4326"
    )
    assert dropped(clean(conform("tracks", over))) == {}  # 2.2 km across the line of the date
    assert math.isclose(2 * math.pi * 6_371_008.8 / 360, 111_195.1, abs_tol=0.1)
