"""Who watches the border and when they last did: guards, assignments, patrols, visits. All invented."""

from __future__ import annotations

from typing import Any

import numpy as np
import pandas as pd

NOW = pd.Timestamp("2026-11-21", tz="Asia/Shanghai")  # the end of the as-of day
WINDOW_DAYS = 60
UNASSIGNED = 5  # segments that nobody is assigned to; of one of them the assignments have ended
OVERLONG = 4
# share of segments by how long ago the last patrol was, in required intervals
AGES = ((0.06, 0.70, 0.74), (0.77, 0.98, 0.10), (1.05, 1.90, 0.09), (2.1, 3.6, 0.04), (None, None, 0.03))
SPEED_KMH = {"foot": 3.5, "horse": 7.0, "vehicle": 28.0, "motorcycle": 22.0}


def guards(cut: pd.DataFrame, rng: np.random.Generator) -> tuple[pd.DataFrame, pd.DataFrame, dict[str, list[str]]]:
    """Assign border guards, auxiliary police and joint-defence members to segments.

    Parameters
    ----------
    cut : pandas.DataFrame
        Published segments with ``post_id``, ``joint`` and ``interval_days``.
    rng : numpy.random.Generator
        Numbers of people.

    Returns
    -------
    (pandas.DataFrame, pandas.DataFrame, dict)
        staff, assignments, and which segments are ``unassigned`` and ``overlong``.
    """
    plain = cut.index[~cut["joint"] & (cut["end_m"] - cut["start_m"] > 16_000.0)].to_numpy()
    chosen = rng.choice(plain, UNASSIGNED + OVERLONG, replace=False)
    empty, alone = np.sort(chosen[:UNASSIGNED]), np.sort(chosen[UNASSIGNED:])
    people: list[tuple[str, str, float, bool, Any]] = []
    for row in cut.index:
        target, joint = cut["segment_id"][row], bool(cut["joint"][row])
        if row in alone:
            people.append((target, "border_guard", 1.0, joint, row))
            continue
        counts = {
            "border_guard": int(rng.integers(1, 4)),
            "auxiliary_police": 1,
            "joint_defence": int(rng.random() < 0.6),
        }
        if row in empty and row != empty[0]:
            continue
        people += [
            (target, role, 0.0 if role == "joint_defence" else 1.0, joint, row)
            for role, n in counts.items()
            for _ in range(n)
        ]
    frame = pd.DataFrame(people, columns=["target_id", "role", "fte", "joint", "row"])
    frame.insert(0, "staff_id", [f"synthetic_u{k:04d}" for k in range(1, len(frame) + 1)])
    staff = frame[["staff_id", "role", "fte"]].assign(
        post_id=cut["post_id"].loc[frame["row"]].to_numpy(), synthetic=True
    )
    given = frame[["staff_id", "target_id", "role", "joint"]].assign(
        target_type="segment", valid_from="2024-01-01"
    )
    given["valid_to"] = np.where(frame["row"] == empty[0], "2026-09-01", None)
    given.insert(0, "assignment_id", [f"synthetic_a{k:04d}" for k in range(1, len(given) + 1)])
    ids = cut["segment_id"]
    columns = ["assignment_id", "staff_id", "target_type", "target_id", "role", "joint", "valid_from", "valid_to"]
    return (
        staff,
        given[columns].assign(synthetic=True),
        {"unassigned": list(ids[empty]), "overlong": list(ids[alone])},
    )


def _days_back(required: float, rng: np.random.Generator) -> list[float]:
    """Days before the end of the as-of day on which a segment was patrolled, latest first; empty = never."""
    low, high, _ = AGES[int(rng.choice(len(AGES), p=[share for *_, share in AGES]))]
    if low is None:
        return []
    days = [required * rng.uniform(low, high)]
    while days[-1] < WINDOW_DAYS:
        days.append(days[-1] + required * rng.uniform(0.5, 0.95))
    return [d for d in days if d < WINDOW_DAYS]


def patrols(
    cut: pd.DataFrame, clean: pd.DataFrame, marks: pd.DataFrame, rng: np.random.Generator
) -> tuple[pd.DataFrame, pd.DataFrame, list[str]]:
    """Invent the patrols of the sixty days before the as-of date.

    Parameters
    ----------
    cut : pandas.DataFrame
        Published segments: ``segment_id``, ``post_id``, ``interval_days``, ``mode``.
    clean : pandas.DataFrame
        Segments before the faults; their ends carry markers.
    marks : pandas.DataFrame
        Markers: ``number``, ``measure_m``.
    rng : numpy.random.Generator
        Days and hours.

    Returns
    -------
    (pandas.DataFrame, pandas.DataFrame, list of str)
        patrols (declared, from marker to marker; or gps), visits credited to the gps ones, and the segments
        that no patrol visited.
    """
    number = dict(zip(marks["measure_m"], marks["number"], strict=True))
    bounds = clean.set_index("segment_id").loc[cut["segment_id"]]
    days = [_days_back(required, rng) for required in cut["interval_days"]]
    rows = [
        _walk(segment, start, end, back, rng)
        for segment, start, end, past in zip(
            cut.itertuples(), bounds["start_m"], bounds["end_m"], days, strict=True
        )
        for back in past
    ]
    frame = pd.DataFrame(rows).sort_values(["start_time", "from_m"], kind="stable").reset_index(drop=True)
    frame.insert(0, "patrol_id", [f"synthetic_t{k:04d}" for k in range(1, len(frame) + 1)])
    first, last = frame["from_m"].map(number), frame["to_m"].map(number)
    table = pd.DataFrame(
        {
            "patrol_id": frame["patrol_id"],
            "evidence": np.where(frame["gps"], "gps", "declared"),
            "post_id": frame["post_id"],
            "start_time": _utc(frame["start_time"]),
            "end_time": _utc(frame["end_time"]),
            "border_id": "nm",
            "start_marker": last.where(frame["back"], first).where(~frame["gps"]),
            "end_marker": first.where(frame["back"], last).where(~frame["gps"]),
            "mode": frame["mode"],
            "synthetic": True,
        }
    )
    never = [id for id, past in zip(cut["segment_id"], days, strict=True) if not past]
    return table, _visits(frame[frame["gps"]]), never


def _walk(segment: Any, start_m: float, end_m: float, back: float, rng: np.random.Generator) -> dict[str, Any]:
    """One patrol along a whole segment, some days back, begun between 7 and 10 in the morning."""
    hours = (end_m - start_m) / 1000.0 / SPEED_KMH[segment.mode] * rng.uniform(1.0, 1.25)
    day = (NOW - pd.Timedelta(days=back)).normalize()
    began = day + pd.Timedelta(minutes=int(rng.integers(7 * 60, 10 * 60)))
    return {
        "start_time": began,
        "end_time": began + pd.Timedelta(minutes=round(hours * 60)),
        "post_id": segment.post_id,
        "mode": segment.mode,
        "gps": rng.random() < 0.22,
        "from_m": start_m,
        "to_m": end_m,
        "back": rng.random() < 0.5,
        "short": rng.uniform(0.0, 600.0) if rng.random() < 0.4 else 0.0,
    }


def _utc(local: pd.Series) -> pd.Series:
    return local.dt.tz_convert("UTC").dt.strftime("%Y-%m-%dT%H:%M:%SZ")


def _visits(walked: pd.DataFrame) -> pd.DataFrame:
    """Turn recorded patrols into rows of the visits table; some stop short of the end."""
    return pd.DataFrame(
        {
            "visit_id": [f"synthetic_v{k:04d}" for k in range(1, len(walked) + 1)],
            "patrol_id": walked["patrol_id"].to_numpy(),
            "border_id": "nm",
            "start_m": walked["from_m"].to_numpy(),
            "end_m": (walked["to_m"] - walked["short"]).round(1).to_numpy(),
            "start_time": pd.to_datetime(walked["start_time"]).dt.tz_convert("UTC").to_numpy(),
            "end_time": pd.to_datetime(walked["end_time"]).dt.tz_convert("UTC").to_numpy(),
            "evidence": "gps",
            "post_id": walked["post_id"].to_numpy(),
            "synthetic": True,
        }
    )
