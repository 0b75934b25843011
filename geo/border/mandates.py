"""Which assignments hold on a day, whom do they give each segment, and which of them hold nothing?"""

from __future__ import annotations

from collections.abc import Collection
from datetime import date
from typing import Any

import numpy as np
import pandas as pd

from geo.border.chainage import Lines
from geo.border.intervals import breaks_of, depth, overlapping, snapped
from geo.border.naming import list_column
from geo.crs import Floats
from geo.tables.conform import conform
from geo.tables.validity import valid_on

REASONS = ("wrong_dates", "unknown_staff", "unknown_target", "wrong_interval", "beyond_border")
SEGMENT, INTERVAL = "segment", "interval"


def valid_assignments(
    assignments: pd.DataFrame | None, staff: pd.DataFrame | None, *, as_of: date
) -> pd.DataFrame:
    """Keep the assignments of the border that hold on a day.

    Parameters
    ----------
    assignments, staff : pandas.DataFrame or None
        The tables of those names; see :func:`geo.border.holding.hold`.
    as_of : datetime.date
        The day: ``valid_from`` ≤ day < ``valid_to``, a missing bound is open.

    Returns
    -------
    pandas.DataFrame
        Rows with ``target_type`` segment or interval, by ``assignment_id``, index 0…n-1.
    """
    rows = _of_the_border(assignments)
    holds = valid_on(rows, as_of)
    if staff is not None:
        holds &= rows["staff_id"].isin(staff["staff_id"])
    return rows[holds].sort_values("assignment_id", kind="stable", ignore_index=True)


def lost_assignments(
    assignments: pd.DataFrame | None,
    staff: pd.DataFrame | None,
    lines: Lines,
    segment_ids: Collection[str],
    *,
    as_of: date,
    noise_m: float,
) -> pd.DataFrame:
    """Find assignments that people believe in and that hold nothing, or less than they say.

    Parameters
    ----------
    assignments, staff : pandas.DataFrame or None
        The tables of those names.
    lines : mapping of str to Chainage
        The borders.
    segment_ids : collection of str
        Segments that there are.
    as_of : datetime.date
        The day: what is over, or has not begun, is not asked about.
    noise_m : float
        An interval may overrun its border by no more than this, metres.

    Returns
    -------
    pandas.DataFrame
        ``assignment_id staff_id border_id start_m end_m reason`` by ``assignment_id``, index 0…n-1; bounds as
        given. The first reason that fits: ``wrong_dates`` (ends before it begins, whatever the day),
        ``unknown_staff``, ``unknown_target`` (no such segment), ``wrong_interval`` (start ≥ end, a bound or the
        border is missing or not known, or all of it lies beyond the border), ``beyond_border`` (a part does).
    """
    rows = _of_the_border(assignments)
    never = (rows["valid_to"] <= rows["valid_from"]).to_numpy(dtype=bool)
    rows = _lone(rows, lines)
    stretch = (rows["target_type"] == INTERVAL).to_numpy(dtype=bool)
    length = rows["border_id"].map({key: line.length_m for key, line in lines.items()}).astype(float)
    start, end = snapped(rows["start_m"], length), snapped(rows["end_m"], length)
    problems = (
        never,
        np.zeros(len(rows), dtype=bool) if staff is None else ~rows["staff_id"].isin(staff["staff_id"]),
        ~stretch & ~rows["target_id"].isin(list(segment_ids)),
        stretch & ~(start < end),
        stretch & (rows["end_m"] > length + noise_m),
    )
    reason = np.select([np.asarray(problem) for problem in problems], REASONS, "")
    asked = (reason != "") & (never | valid_on(rows, as_of).to_numpy(dtype=bool))
    lost = rows[["assignment_id", "staff_id", "border_id", "start_m", "end_m"]].assign(reason=reason)[asked]
    return lost.sort_values("assignment_id", kind="stable", ignore_index=True)


def held_intervals(valid: pd.DataFrame, lines: Lines) -> pd.DataFrame:
    """Put assigned intervals on the line.

    Parameters
    ----------
    valid : pandas.DataFrame
        From :func:`valid_assignments`.
    lines : mapping of str to Chainage
        The borders; where there is one, intervals that name none are on it.

    Returns
    -------
    pandas.DataFrame
        ``staff_id border_id start_m end_m joint``, bounds on the line, index 0…n-1; those without length on it
        are left out.
    """
    rows = _lone(valid[valid["target_type"] == INTERVAL], lines)
    length = rows["border_id"].map({key: line.length_m for key, line in lines.items()}).astype(float)
    rows = rows.assign(start_m=snapped(rows["start_m"], length), end_m=snapped(rows["end_m"], length))
    rows = rows[rows["start_m"] < rows["end_m"]]
    return rows[["staff_id", "border_id", "start_m", "end_m", "joint"]].reset_index(drop=True)


def roles_of(assignments: pd.DataFrame, staff: pd.DataFrame | None) -> dict[str, set[str]]:
    """Look up what people are.

    Parameters
    ----------
    assignments : pandas.DataFrame
        From :func:`valid_assignments`.
    staff : pandas.DataFrame or None
        The table.

    Returns
    -------
    dict of str to set of str
        Roles by ``staff_id``: of the assignment where it names one, else of the staff list.
    """
    said = assignments[["staff_id", "role"]]
    listed = said.iloc[:0] if staff is None else staff[["staff_id", "role"]]
    known = {id: set(roles) for id, roles in listed.dropna().groupby("staff_id")["role"]}
    return {**known, **{id: set(roles) for id, roles in said.dropna().groupby("staff_id")["role"]}}


def guarded(placed: pd.DataFrame, valid: pd.DataFrame, intervals: pd.DataFrame, noise_m: float) -> pd.DataFrame:
    """Say who is assigned to each segment.

    Parameters
    ----------
    placed : pandas.DataFrame
        From :func:`geo.border.holding.place_segments`.
    valid : pandas.DataFrame
        From :func:`valid_assignments`.
    intervals : pandas.DataFrame
        From :func:`held_intervals`.
    noise_m : float
        Metres in all that nobody's interval covers and that do not count.

    Returns
    -------
    pandas.DataFrame
        The segments with ``own_ids`` (people assigned to it as such), ``staff_ids`` (these and everybody whose
        interval reaches into it), both sorted, ``guards`` (how many those are), ``held`` (somebody is assigned to
        it as such), ``assigned`` (somebody is, at each of its metres) and ``joint`` (it is flagged so, or each
        assignment to it is).
    """
    own = valid[valid["target_type"] == SEGMENT]
    people = own.groupby("target_id")["staff_id"].agg(set).to_dict()
    all_joint = own.groupby("target_id")["joint"].all().to_dict()
    ids = [people.get(id, set()) for id in placed["segment_id"]]
    reaching, bare = _reaching(placed, intervals)
    everybody = [sorted(one | other) for one, other in zip(ids, reaching, strict=True)]
    held = placed["segment_id"].isin(people)
    some = np.array([len(other) > 0 for other in reaching], dtype=bool)
    return placed.assign(
        own_ids=list_column((sorted(one) for one in ids), placed.index),
        staff_ids=list_column(everybody, placed.index),
        guards=np.array([len(each) for each in everybody], dtype=np.int64),
        held=held,
        assigned=placed["from_m"].notna() & (held | (some & (bare <= noise_m))),
        joint=placed["joint"].astype(bool) | placed["segment_id"].map(all_joint).eq(True),
    )


def _reaching(placed: pd.DataFrame, intervals: pd.DataFrame) -> tuple[list[set[str]], Floats]:
    """People with an interval in each segment, and the metres of it that no interval covers."""
    people: list[set[str]] = [set() for _ in placed.index]
    bare = placed["length_m"].to_numpy(copy=True)
    for border_id, rows in intervals.groupby("border_id"):
        here = np.flatnonzero((placed["border_id"] == border_id) & placed["from_m"].notna())
        low, high = (placed[name].to_numpy()[here] for name in ("from_m", "to_m"))
        start, end, staff = rows["start_m"].to_numpy(), rows["end_m"].to_numpy(), rows["staff_id"].tolist()
        for segment, person in zip(*overlapping(low, high, start, end), strict=True):
            people[here[segment]].add(staff[person])
        breaks = breaks_of(0.0, low, high, start, end)
        covered = np.append(0.0, np.cumsum(np.diff(breaks) * (depth(start, end, breaks) > 0)))
        bare[here] -= np.interp(high, breaks, covered) - np.interp(low, breaks, covered)
    return people, bare


def _of_the_border(assignments: pd.DataFrame | None) -> Any:
    rows = conform("assignments", pd.DataFrame()) if assignments is None else assignments
    return rows[rows["target_type"].isin([SEGMENT, INTERVAL])]


def _lone(rows: pd.DataFrame, lines: Lines) -> pd.DataFrame:
    if len(lines) != 1:
        return rows
    return rows.assign(border_id=rows["border_id"].fillna(next(iter(lines))))
