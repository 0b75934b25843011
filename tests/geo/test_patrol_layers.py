"""From tracks, scans and declarations to visits, and the account of what did not count."""

from __future__ import annotations

from datetime import date
from typing import Any

import geopandas as gpd
import numpy as np
import pandas as pd
import pytest
import shapely
from shapely import Point

from geo.border.chainage import chainages
from geo.border.course import APART_M, course_of
from geo.border.tracks import credit
from geo.parameters import Parameters
from geo.tables.conform import conform
from tests.asking import ask
from tests.worlds import at_m, hundred_km

PARAMETERS = Parameters(as_of=date(2026, 1, 10))
START = pd.Timestamp("2026-01-09T00:00:00Z")
BEHIND_M = 600.0  # the patrol road runs so far south of the line
DEGREE_M = 111_000.0


def fixes(
    patrol: str, start_m: float, end_m: float, *, south_m: float = 0.0, every_m: float = 100.0
) -> pd.DataFrame:
    """A walk at 1 m/s along the border of the hundred kilometres, or beside it."""
    measure = np.arange(start_m, end_m + 1, every_m)
    lonlat = np.array(at_m(*measure)) - (0.0, south_m / DEGREE_M)
    time = START + pd.to_timedelta(np.abs(measure - start_m), unit="s")
    return pd.DataFrame({"patrol_id": patrol, "time": time, "geometry": [Point(*xy) for xy in lonlat]})


def patrolled(**more: Any) -> dict[str, Any]:
    """The hundred kilometres with two tracks, a declaration without a marker, and a patrol without a track.

    a walks 11-14 km on the line; b walks 30-32 km on a road 600 m behind it; c declares no marker; d has no track.
    """
    rows = [fixes("a", 11_000, 14_000), fixes("b", 30_000, 32_000, south_m=BEHIND_M)]
    stray = rows[0].iloc[[0]].assign(geometry=[None])
    tracks = conform("tracks", gpd.GeoDataFrame(pd.concat([*rows, stray]), geometry="geometry", crs="EPSG:4326"))
    patrols = conform(
        "patrols",
        pd.DataFrame(
            {
                "patrol_id": ["a", "b", "c", "d"],
                "evidence": ["gps", "gps", "declared", "gps"],
                "post_id": ["p1", "p2", "p1", "p3"],
                "start_time": START,
                "end_time": START + pd.Timedelta(hours=2),
            }
        ),
    )
    return (
        hundred_km() | {"tracks": tracks, "patrols": patrols, "visits": conform("visits", pd.DataFrame())} | more
    )


def with_road(world: dict[str, Any]) -> dict[str, Any]:
    """The segment about kilometre 31 has a patrol road 600 m behind the line."""
    segments = world["segments"].copy()
    row = segments.index[(segments["segment_id"] == "s2")][0]
    road = shapely.LineString(np.array(at_m(*np.arange(25_000.0, 50_001.0, 500.0))) - (0.0, BEHIND_M / DEGREE_M))
    segments["patrol_line"] = segments["patrol_line"].astype(object)
    segments.at[row, "patrol_line"] = shapely.to_wkb(road)
    return world | {"segments": segments}


def credits(world: dict[str, Any]) -> pd.DataFrame:
    return pd.DataFrame(ask("patrol-credits", world, PARAMETERS)).set_index("patrol_id")


def test_a_walk_on_the_line_is_a_visit_and_the_road_behind_it_is_not() -> None:
    visits = ask("patrol-visits", patrolled(), PARAMETERS)
    assert visits["patrol_id"].tolist() == ["a"]
    row = visits.iloc[0]
    assert [row["start_m"], row["end_m"], row["length_m"]] == pytest.approx([11_000, 14_000, 3_000], abs=0.01)
    assert row["evidence"] == "gps"
    assert row["post_id"] == "p1"
    assert (row["end_time"] - row["start_time"]).total_seconds() == pytest.approx(3_000)
    assert "staff_id" not in visits


def test_a_patrol_road_is_credited_to_the_border_beside_it() -> None:
    visits = ask("patrol-visits", with_road(patrolled()), PARAMETERS).set_index("patrol_id")
    assert visits.loc["b", ["start_m", "end_m"]].tolist() == pytest.approx([30_000, 32_000], abs=1.0)
    assert visits.loc["b", "segment_ids"] == ["s2"]


def test_every_fix_and_step_is_accounted_for() -> None:
    rows = credits(patrolled())
    assert rows.index.tolist() == ["a", "b", "c", "d"]
    assert rows.loc["a", ["fixes", "used", "dropped_no_geometry", "steps", "credited_steps"]].tolist() == [
        32,
        31,
        1,
        30,
        30,
    ]
    assert rows.loc["a", ["walked_km", "refused_km", "credited_km"]].tolist() == pytest.approx([3, 0, 3], rel=1e-4)
    assert rows.loc["b", ["fixes", "used", "steps", "credited_steps", "refused_off_line"]].tolist() == [
        21,
        21,
        20,
        0,
        20,
    ]
    assert rows.loc["b", ["walked_km", "refused_km", "credited_km"]].tolist() == pytest.approx([2, 2, 0], rel=1e-3)
    assert rows["problem"].fillna("").tolist() == ["", "", "no_marker", "no_track"]


def test_the_status_of_the_border_knows_what_was_walked() -> None:
    status = ask("border-status", patrolled(), PARAMETERS)
    walked = status[status["evidence"] == "gps"]
    assert walked["length_m"].sum() == pytest.approx(3_000, abs=0.1)


def test_two_markers_scanned_one_after_the_other_credit_what_lies_between() -> None:
    world = hundred_km()
    markers = world["markers"].sort_values("measure_m").reset_index(drop=True)
    first, second = markers["marker_id"][1], markers["marker_id"][2]
    scans = pd.DataFrame(
        {
            "visit_id": ["x1", "x2", "x3"],
            "patrol_id": ["e", "e", "f"],
            "evidence": "scan",
            "target_type": "marker",
            "target_id": [first, second, first],
            "time": [START, START + pd.Timedelta(hours=1), START],
        }
    )
    on_horse = conform(
        "patrols",
        pd.DataFrame(
            {"patrol_id": ["e"], "evidence": "scan", "mode": "vehicle", "start_time": START, "end_time": START}
        ),
    )
    world |= {"visits": conform("visits", scans), "patrols": on_horse}
    visits = ask("patrol-visits", world, PARAMETERS)
    low, high = np.sort(ask("markers", world, PARAMETERS).set_index("marker_id").loc[[first, second], "measure_m"])
    assert visits["evidence"].tolist() == ["scan"]
    assert visits.iloc[0][["start_m", "end_m"]].tolist() == pytest.approx([low, high])
    late = conform("visits", scans.assign(time=[START, START + pd.Timedelta(hours=3), START]))
    assert len(ask("patrol-visits", world | {"visits": late}, PARAMETERS)) == 0
    on_foot = on_horse.assign(mode="foot")  # 20 km in an hour
    assert len(ask("patrol-visits", world | {"patrols": on_foot}, PARAMETERS)) == int(high - low <= 15_000)


def test_a_course_keeps_borders_apart_and_leads_along_roads() -> None:
    world = with_road(patrolled())
    lines = chainages(world["border"])
    (border,) = lines
    course = course_of(lines)
    assert course.names == (border,)
    number, measure = course.border_of(np.array([5.0, APART_M + 7.0]))
    assert (number.tolist(), measure.tolist()) == ([0, 1], [5.0, 7.0])
    assert len(course.edges) == len(lines[border].edges)
    nothing = course_of({})
    assert nothing.grid(50.0) is None


def test_credit_takes_a_line_of_shapely() -> None:
    world = patrolled()
    line = world["border"].geometry.iloc[0]
    made = credit(world["tracks"], line, border_id="x")
    assert made.visits["border_id"].tolist() == ["x"]
    assert made.visits[["start_m", "end_m"]].to_numpy() == pytest.approx(np.array([[11_000, 14_000]]), abs=0.01)
