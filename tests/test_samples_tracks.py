"""Tracks of the inner-mongolia sample: patrols are credited with what they walked, and defects are counted."""

from __future__ import annotations

import tomllib
from pathlib import Path
from typing import Any

import numpy as np
import pandas as pd
import pytest

from geo import units
from geo.border.chainage import chainages
from geo.border.course import course_of
from geo.border.fixes import Fixes, clean
from geo.border.tracks import Credit, credit_fixes
from geo.io.importer import Reading, read_tables
from geo.workspace import open_workspace

HERE = Path(__file__).parents[1] / "data" / "boundaries" / "inner-mongolia"
LOST = {  # of each kind of defect the fixes that go, and why
    "duplicates": ("duplicate", 5),
    "spike": ("spike", 1),
    "no_place": ("no_geometry", 3),
    "clock": ("outside_patrol", 4),
}
ERROR_M = 50.0  # of both ends together: fixes are 4 m off on each axis, spans reach 30 m


@pytest.fixture(scope="module")
def reading(tmp_path_factory: pytest.TempPathFactory) -> Reading:
    return read_tables(open_workspace(HERE), ["tracks", "patrols", "border"], tmp_path_factory.mktemp("read"))


@pytest.fixture(scope="module")
def fixes(reading: Reading) -> Fixes:
    return clean(reading.tables["tracks"], reading.tables["patrols"])


@pytest.fixture(scope="module")
def credit(reading: Reading, fixes: Fixes) -> Credit:
    modes = reading.tables["patrols"].set_index("patrol_id").loc[fixes.patrol_ids, "mode"]
    tops = modes.map(units.PATROL_TOP_SPEEDS_KMH).to_numpy(dtype=float) / units.KMH_PER_MPS
    return credit_fixes(fixes, course_of(chainages(reading.tables["border"])), tops)


def planted() -> list[dict[str, Any]]:
    return list(tomllib.loads((HERE / "planted.toml").read_text(encoding="utf-8"))["track"])


def test_files_are_small_and_name_no_other_patrol(reading: Reading) -> None:
    assert reading.faults == ()
    sizes = [(HERE / name).stat().st_size for name in ("tracks.zip", "patrols_tracked.csv")]
    assert sum(sizes) < 600_000
    tracked = pd.read_csv(HERE / "patrols_tracked.csv", encoding="utf-8-sig")["patrol_id"]
    others = pd.read_csv(HERE / "patrols.csv", encoding="utf-8-sig")["patrol_id"]
    assert tracked.tolist() == [track["patrol_id"] for track in planted()]
    assert (len(tracked), len(set(tracked) & set(others))) == (36, 0)
    rows = reading.tables["tracks"]["patrol_id"].value_counts().to_dict()
    assert rows == {track["patrol_id"]: track["fixes"] for track in planted()}


def test_every_defect_is_found_and_no_other(fixes: Fixes) -> None:
    dropped = {row.patrol_id: (row.reason, row.fixes) for row in fixes.dropped.itertuples()}
    assert dropped == {track["patrol_id"]: LOST[track["defect"]] for track in planted() if track["defect"] in LOST}
    unsorted = [track["patrol_id"] for track in planted() if track["defect"] == "unsorted"]
    assert fixes.reordered["patrol_id"].tolist() == unsorted


@pytest.mark.parametrize("track", planted(), ids=lambda track: track["patrol_id"])
def test_who_walked_is_credited_with_that(track: dict[str, Any], credit: Credit) -> None:
    mine = credit.visits[credit.visits["patrol_id"] == track["patrol_id"]].sort_values("start_m")
    truth = np.array([track["start_m"], track["end_m"]]).T.reshape(-1, 2)
    if not len(truth):
        assert float((mine["end_m"] - mine["start_m"]).sum()) < ERROR_M  # standing, crossing, beside the line
        return
    assert len(mine) == len(truth)
    assert np.abs(mine[["start_m", "end_m"]].to_numpy() - truth).max() < ERROR_M
    assert set(mine["border_id"]) == {"nm"}


def test_tracks_change_no_promise(reading: Reading) -> None:
    """They run where a recorded patrol went within three quarters of a week: what is in time stays in time."""
    visits = pd.read_parquet(HERE / "visits.parquet")
    late = visits[visits["start_time"].dt.tz_convert("Asia/Shanghai") >= pd.Timestamp("2026-11-15T18:00+08:00")]
    for track in planted():
        for start, end in zip(track["start_m"], track["end_m"], strict=True):
            assert ((late["start_m"] <= start) & (late["end_m"] >= end)).any(), track["patrol_id"]
