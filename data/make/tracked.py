"""GPS tracks of some patrols, with what goes wrong on real ones; all invented, and the truth is noted."""

from __future__ import annotations

from dataclasses import dataclass
from typing import Any

import gpxpy.gpx
import numpy as np
import pandas as pd

from frontier import GEODESIC, Array, Line
from watch import SPEED_KMH

DAYS = ("2026-11-17", "2026-11-18", "2026-11-19")
ZONE = "Asia/Shanghai"
RECENT = pd.Timestamp("2026-11-15T18:00", tz=ZONE)  # three quarters of a week before the as-of day ends
MOST = 36
STEP_S = {"vehicle": 30.0, "motorcycle": 30.0, "horse": 60.0, "foot": 60.0}
NOISE_M = 4.0
DEVICE_EPOCH = pd.Timestamp("1999-08-22T00:00", tz="UTC")  # what a receiver shows before it knows the week
DEGREE_M = 111_320.0
OUTAGE_S, STAND_S, BESIDE_M, AWAY_M, CROSSING_M = 1_500.0, 5_400.0, 400.0, 30_000.0, 2_000.0
DEFECTS = {  # which patrol shows what; the last three earn nothing
    3: "duplicates",
    6: "spike",
    9: "outage",
    12: "no_place",
    15: "clock",
    18: "unsorted",
    21: "standing",
    24: "crossing",
    27: "beside",
}
UNEARNED = ("standing", "crossing", "beside")


@dataclass(frozen=True)
class Tracked:
    """Patrols with a track.

    Parameters
    ----------
    patrols : pandas.DataFrame
        Rows of the patrols table.
    files : dict of str to bytes
        GPX files by name, one a day.
    noted : list of (header, values)
        For planted.toml: what of the line each patrol walked, and what is wrong with its track.
    """

    patrols: pd.DataFrame
    files: dict[str, bytes]
    noted: list[tuple[str, dict[str, Any]]]


@dataclass(frozen=True)
class _Walk:
    """Fixes of one patrol: seconds since it set out, metres along the line, metres north of it."""

    seconds: Array
    metres: Array
    aside: Array


def tracked(line: Line, cut: pd.DataFrame, visits: pd.DataFrame, rng: np.random.Generator) -> Tracked:
    """Invent tracks along stretches that are in time anyway, so that nothing else in the sample changes its state.

    Parameters
    ----------
    line : Line
        The border.
    cut : pandas.DataFrame
        Published segments: ``start_m``, ``end_m``, ``interval_days``, ``mode``, ``post_id``.
    visits : pandas.DataFrame
        What recorded patrols were credited with: ``start_m``, ``end_m``, ``start_time``.
    rng : numpy.random.Generator
        Days, hours, directions, noise.

    Returns
    -------
    Tracked
        At most 36 patrols on three days.
    """
    rows, tracks, noted = [], [], []
    for number, segment in enumerate(_stretches(cut, visits)):
        id, mode = f"synthetic_r{number + 1:03d}", str(segment["mode"])
        defect = DEFECTS.get(number, "")
        began = pd.Timestamp(rng.choice(DAYS), tz=ZONE) + pd.Timedelta(minutes=int(rng.integers(420, 600)))
        walk = _walk(segment["start_m"] + 50.0, segment["end_m"] - 50.0, mode, defect, rng)
        fixes = _fixes(line, walk, began.tz_convert("UTC"), rng)
        rows.append(_patrol(id, segment, began.tz_convert("UTC"), float(walk.seconds[-1])))
        tracks.append((id, began.strftime("%Y-%m-%d"), _spoilt(fixes, defect)))
        noted.append(("[[track]]", _truth(id, walk, len(tracks[-1][2]), defect)))
    return Tracked(pd.DataFrame(rows), {f"{day}.gpx": _gpx(tracks, day) for day in DAYS}, noted)


def _stretches(cut: pd.DataFrame, visits: pd.DataFrame) -> list[dict[str, Any]]:
    """Choose segments visited lately and due once a week or less, from west to east, some of them twice."""
    late = visits[pd.to_datetime(visits["start_time"], utc=True) >= RECENT]
    weekly = cut[cut["interval_days"] >= 7.0]
    chosen = [
        {**segment, "start_m": max(segment["start_m"], visit.start_m), "end_m": min(segment["end_m"], visit.end_m)}
        for segment in weekly.sort_values("start_m").to_dict("records")
        for visit in late.itertuples()
        if min(segment["end_m"], visit.end_m) - max(segment["start_m"], visit.start_m) > 5_000.0
    ]
    return (2 * list({segment["segment_id"]: segment for segment in chosen}.values()))[:MOST]


def _walk(start_m: float, end_m: float, mode: str, defect: str, rng: np.random.Generator) -> _Walk:
    step = STEP_S[mode]
    if defect == "standing":
        seconds = np.arange(0.0, STAND_S, step)
        return _Walk(seconds, np.full(len(seconds), start_m), np.zeros(len(seconds)))
    pace = SPEED_KMH[mode] / 3.6 * step * rng.uniform(0.85, 1.15, size=100_000)
    length = 2 * CROSSING_M if defect == "crossing" else end_m - start_m
    gone = np.concatenate([[0.0], np.cumsum(pace)])
    gone = gone[gone < length]
    seconds = step * np.arange(len(gone))
    if defect == "crossing":
        return _Walk(seconds, np.full(len(gone), (start_m + end_m) / 2), gone - CROSSING_M)
    if defect == "outage":
        there = np.abs(seconds - seconds[len(seconds) // 2]) > OUTAGE_S / 2
        gone, seconds = gone[there], seconds[there]
    metres = end_m - gone if rng.random() < 0.5 else start_m + gone
    return _Walk(seconds, metres, np.full(len(gone), -BESIDE_M if defect == "beside" else rng.uniform(-8.0, 8.0)))


def _fixes(line: Line, walk: _Walk, began: pd.Timestamp, rng: np.random.Generator) -> pd.DataFrame:
    """Lay a walk on the ground: aside of the line at a right angle to it, with noise, written to six decimals."""
    place = line.at(walk.metres)
    before, after = line.at(walk.metres - 50.0), line.at(walk.metres + 50.0)
    azimuth, _, _ = GEODESIC.inv(before[:, 0], before[:, 1], after[:, 0], after[:, 1])
    lon, lat, _ = GEODESIC.fwd(place[:, 0], place[:, 1], azimuth - 90.0, walk.aside)
    east, north = rng.normal(0.0, NOISE_M, (2, len(lon)))
    time = began + pd.to_timedelta(walk.seconds, unit="s")
    lon = lon + east / (DEGREE_M * np.cos(np.radians(lat)))
    return pd.DataFrame({"time": time, "lon": np.round(lon, 6), "lat": np.round(lat + north / DEGREE_M, 6)})


def _spoilt(fixes: pd.DataFrame, defect: str) -> pd.DataFrame:
    """Put one defect into a track: none changes what was walked."""
    made, middle = fixes.copy(), len(fixes) // 2
    if defect == "duplicates":
        return pd.concat([made, made.iloc[middle : middle + 5]]).sort_values("time", kind="stable")
    if defect == "unsorted":
        return pd.concat([made.iloc[middle:], made.iloc[:middle]])
    if defect == "spike":
        made.iloc[middle, 2] += AWAY_M / DEGREE_M
    if defect == "no_place":
        made.iloc[middle : middle + 3, 1:] = 0.0
    if defect == "clock":
        made.iloc[:4, 0] = DEVICE_EPOCH + pd.to_timedelta(np.arange(4), unit="s")
    return made


def _truth(id: str, walk: _Walk, fixes: int, defect: str) -> dict[str, Any]:
    """Say which stretches were walked in sight: those between fixes at most ten minutes apart."""
    seen = walk.metres[4:] if defect == "clock" else walk.metres
    seconds = walk.seconds[4:] if defect == "clock" else walk.seconds
    parts = np.split(seen, np.flatnonzero(np.diff(seconds) > 600.0) + 1)
    walked = [] if defect in UNEARNED else sorted([float(part.min()), float(part.max())] for part in parts)
    return {
        "patrol_id": id,
        "fixes": fixes,
        "defect": defect,
        "start_m": [round(low, 1) for low, _ in walked],
        "end_m": [round(high, 1) for _, high in walked],
    }


def _patrol(id: str, segment: dict[str, Any], began: pd.Timestamp, seconds: float) -> dict[str, Any]:
    form = "%Y-%m-%dT%H:%M:%SZ"
    return {
        "patrol_id": id,
        "evidence": "gps",
        "post_id": segment["post_id"],
        "start_time": began.strftime(form),
        "end_time": (began + pd.Timedelta(seconds=seconds)).strftime(form),
        "border_id": "nm",
        "start_marker": None,
        "end_marker": None,
        "mode": segment["mode"],
        "synthetic": True,
    }


def _gpx(tracks: list[tuple[str, str, pd.DataFrame]], day: str) -> bytes:
    """Write the tracks of one day the way a device does."""
    file = gpxpy.gpx.GPX()
    file.creator = "gridwalk sample (synthetic)"
    for id, on, fixes in tracks:
        if on == day:
            points = [
                gpxpy.gpx.GPXTrackPoint(lat, lon, time=time.to_pydatetime())
                for time, lon, lat in fixes.itertuples(index=False)
            ]
            track = gpxpy.gpx.GPXTrack(name=id)
            track.segments.append(gpxpy.gpx.GPXTrackSegment(points))
            file.tracks.append(track)
    return file.to_xml(version="1.1").encode()
