"""Patrols as EarthRanger exports them, from the file to the credit: every fix and every step is accounted for."""

from __future__ import annotations

import shutil
from pathlib import Path
from typing import Any

import geopandas as gpd
import numpy as np
import pandas as pd
import pytest
from pyproj import Geod
from shapely import LineString

from geo.border.fixes import Fixes, clean
from geo.border.tracks import REASONS, Credit, credit
from tests.reading import codes, manifest, read_here

DATA = Path(__file__).parents[1] / "data" / "earthranger"
OBSERVATIONS, EVENTS = "er_patrol_observations.parquet", "er_patrol_events.parquet"
TABLES = f"""
[[tables.tracks]]
file = "{OBSERVATIONS}"
columns = {{ patrol_id = "patrol_id", time = "fixtime" }}

[[tables.tracks]]
file = "{EVENTS}"
"""
STEP_S = 600.0
EARTH = Geod(ellps="WGS84")


@pytest.fixture(scope="module")
def tracks(tmp_path_factory: pytest.TempPathFactory) -> gpd.GeoDataFrame:
    """Fixes and events of all patrols, read as a workspace's table."""
    folder = tmp_path_factory.mktemp("earthranger")
    for name in (OBSERVATIONS, EVENTS):
        shutil.copyfile(DATA / name, folder / name)
    reading = read_here(manifest(folder, TABLES))
    assert codes(reading) == []
    return reading.tables["tracks"]


@pytest.fixture(scope="module")
def fixes(tracks: gpd.GeoDataFrame) -> gpd.GeoDataFrame:
    """The fixes alone: what stands before the events."""
    return tracks.iloc[:8_621]


def reasons(dropped: pd.DataFrame) -> dict[str, int]:
    return {reason: int(count) for reason, count in dropped.groupby("reason")["fixes"].sum().items()}


def account(tracks: gpd.GeoDataFrame, cleaned: Fixes) -> None:
    """Each patrol's rows are used or dropped for a reason."""
    rows = tracks["patrol_id"].value_counts()
    used = pd.Series(cleaned.patrol_ids[cleaned.patrol]).value_counts()
    lost = cleaned.dropped.groupby("patrol_id")["fixes"].sum()
    sums = pd.DataFrame({"rows": rows, "used": used, "lost": lost}).fillna(0)
    assert (sums["rows"] == sums["used"] + sums["lost"]).all()
    assert cleaned.read.set_index("patrol_id")["fixes"].to_dict() == rows.to_dict()


def test_what_is_read(tracks: gpd.GeoDataFrame, fixes: gpd.GeoDataFrame) -> None:
    assert (len(tracks), len(fixes), tracks["patrol_id"].nunique()) == (8_621 + 118, 8_621, 59)
    assert (int(tracks.geometry.isna().sum()), int(fixes.geometry.isna().sum())) == (13, 0)
    original = gpd.read_parquet(DATA / OBSERVATIONS)
    assert fixes["time"].tolist() == original["fixtime"].tolist()
    assert fixes.geometry.geom_equals(original.geometry).all()


def test_fixes_by_car_are_all_used(fixes: gpd.GeoDataFrame) -> None:
    cleaned = clean(fixes, top_speed_kmh={"foot": 130.0})
    account(fixes, cleaned)
    assert (len(cleaned.time_s), len(cleaned.dropped), len(cleaned.reordered)) == (8_621, 0, 0)
    inside = np.diff(cleaned.patrol) == 0
    assert set(np.diff(cleaned.time_s)[inside]) == {STEP_S}


def test_events_without_a_place_are_counted(tracks: gpd.GeoDataFrame) -> None:
    cleaned = clean(tracks)
    account(tracks, cleaned)
    assert reasons(cleaned.dropped)["no_geometry"] == 13


# --- against a line ---------------------------------------------------------------------------------------------
def path_of(cleaned: Fixes, patrol: int) -> Any:
    return cleaned.lonlat[cleaned.patrol == patrol]


def walked_m(lonlat: Any) -> float:
    return float(EARTH.line_length(lonlat[:, 0], lonlat[:, 1]))


@pytest.fixture(scope="module")
def cleaned(fixes: gpd.GeoDataFrame) -> Fixes:
    return clean(fixes)


@pytest.fixture(scope="module")
def longest(cleaned: Fixes) -> int:
    """The patrol that went furthest."""
    return int(np.argmax([walked_m(path_of(cleaned, patrol)) for patrol in range(len(cleaned.patrol_ids))]))


@pytest.fixture(scope="module")
def line(cleaned: Fixes, longest: int) -> LineString:
    """Its way, 20 m further east: what the others touch of it is chance."""
    return LineString(path_of(cleaned, longest) + np.array([20.0 / 111_319.5, 0.0]))


@pytest.fixture(scope="module")
def credited(fixes: gpd.GeoDataFrame, line: LineString) -> Credit:
    return credit(fixes, line, border_id="path")


def test_every_step_is_credited_or_refused(credited: Credit, cleaned: Fixes) -> None:
    walked = credited.walked.set_index("patrol_id")
    refused = credited.refused.groupby("patrol_id")[["steps", "length_m"]].sum().reindex(walked.index).fillna(0)
    assert walked.index.tolist() == cleaned.patrol_ids.tolist()
    assert (walked["credited_steps"] + refused["steps"] == walked["steps"]).all()
    for number, patrol in enumerate(walked.index):
        path = path_of(cleaned, number)
        assert (walked.at[patrol, "fixes"], walked.at[patrol, "steps"]) == (len(path), len(path) - 1)
        assert walked.at[patrol, "length_m"] == pytest.approx(walked_m(path), rel=1e-3)
        assert refused.at[patrol, "length_m"] <= walked.at[patrol, "length_m"] * (1 + 1e-9)
    assert set(credited.refused["reason"]) <= set(REASONS)
    assert int(walked["steps"].sum()) == len(cleaned.time_s) - 59
    pd.testing.assert_frame_equal(credited.dropped, cleaned.dropped)


def test_who_walked_along_the_line_is_credited(
    fixes: gpd.GeoDataFrame, line: LineString, credited: Credit, cleaned: Fixes, longest: int
) -> None:
    """On foot all but seven steps of 20 km/h; by car those, too."""
    patrol = str(cleaned.patrol_ids[longest])
    walked = credited.walked.set_index("patrol_id").loc[patrol]
    refused = credited.refused[credited.refused["patrol_id"] == patrol].set_index("reason")
    assert refused.at["speed", "steps"] == 7
    assert walked["credited_m"] == pytest.approx(walked["length_m"] - refused.at["speed", "length_m"], rel=0.01)
    by_car = credit(fixes, line, mode="vehicle").walked.set_index("patrol_id").loc[patrol]
    assert by_car["credited_m"] == pytest.approx(walked["length_m"], rel=0.01)
    visits = credited.visits
    assert (visits["start_m"] <= visits["end_m"]).all() and (visits["start_time"] <= visits["end_time"]).all()
    assert set(visits["evidence"]) == {"gps"} and set(visits["border_id"]) == {"path"}


def test_ten_minutes_between_fixes_still_count(
    fixes: gpd.GeoDataFrame, line: LineString, credited: Credit
) -> None:
    """Every step takes exactly 600 s: at most that is allowed, a tenth of a second less allows none."""
    gaps = credited.refused[credited.refused["reason"] == "gap"]
    dropped_between = credited.dropped["patrol_id"].unique()
    assert set(gaps["patrol_id"]) <= set(dropped_between)  # only where a fix in between was dropped
    assert credited.walked["credited_m"].sum() > 0
    none = credit(fixes, line, max_step_s=STEP_S - 0.1)
    assert (len(none.visits), none.walked["credited_steps"].sum()) == (0, 0)
    assert set(none.refused["reason"]) == {"off_line", "gap"}
