"""Who holds what: segments placed on the line, the assignments that are valid on a day, and the guards of each.

Every answer about assignment and staleness starts from one :class:`Holdings`.
"""

from __future__ import annotations

from collections.abc import Mapping, Sequence
from dataclasses import dataclass
from datetime import date
from typing import Any

import geopandas as gpd
import numpy as np
import pandas as pd

from geo import units
from geo.border.chainage import Lines, measured, parts_in_order
from geo.border.intervals import Flags, breaks_of, depth, members, overlapping
from geo.border.mandates import guarded, held_intervals, lost_assignments, roles_of, valid_assignments
from geo.border.markers import marker_places
from geo.border.naming import list_column
from geo.border.placing import place_intervals
from geo.border.seasons import Rule
from geo.border.terrain import accessible, closed_stretches, kinds_of
from geo.crs import Floats
from geo.parameters import Season
from geo.tables.conform import conform


@dataclass(frozen=True, eq=False)
class Holdings:
    """The border with everything that holds it on one day.

    Parameters
    ----------
    parts : geopandas.GeoDataFrame
        From :func:`geo.border.chainage.parts_in_order`.
    lines : dict of str to Chainage
        The borders.
    markers : geopandas.GeoDataFrame
        From :func:`geo.border.markers.marker_places`.
    segments : pandas.DataFrame
        From :func:`place_segments`, with ``kind own_days interval_days guards staff_ids allowed_m overlong held
        assigned joint``: ``kind`` = land, river or lake, which is the ``class`` (``border_river``) of a
        row that names none; ``own_days`` = the interval that the row itself names, ``interval_days`` = what is
        required on the day; ``roles`` = roles of its guards; the others as in
        :func:`geo.border.mandates.guarded`.
    intervals : pandas.DataFrame
        Valid assignments to intervals: ``staff_id border_id start_m end_m joint``, bounds on the line.
    lost : pandas.DataFrame
        From :func:`geo.border.mandates.lost_assignments`.
    """

    parts: gpd.GeoDataFrame
    lines: Lines
    markers: gpd.GeoDataFrame
    segments: pd.DataFrame
    intervals: pd.DataFrame
    lost: pd.DataFrame


@dataclass(frozen=True, eq=False)
class Cells:
    """One border cut at every bound of a segment or an assigned interval.

    Parameters
    ----------
    breaks : numpy.ndarray
        Measures, metres, shape (cells + 1,).
    segments : list of tuple of int
        Rows of ``Holdings.segments`` that cover each cell, by ``segment_id``.
    assigned : numpy.ndarray
        Whether a segment and a valid assignment cover the cell, shape (cells,).
    doubled : numpy.ndarray
        Whether two segments, or the intervals of two people, that nobody flagged as joint cover the cell.
    shared : numpy.ndarray
        Whether two do, flagged or not.
    accessible : numpy.ndarray
        Whether people can get to the cell (B' of M4), see :func:`geo.border.terrain.accessible`.
    """

    breaks: Floats
    segments: list[tuple[int, ...]]
    assigned: Flags
    doubled: Flags
    shared: Flags
    accessible: Flags


def hold(
    border: gpd.GeoDataFrame,
    segments: gpd.GeoDataFrame,
    assignments: pd.DataFrame | None = None,
    staff: pd.DataFrame | None = None,
    markers: gpd.GeoDataFrame | None = None,
    *,
    as_of: date,
    interval_days: Mapping[str, float] | None = None,
    seasons: Sequence[Season] = (),
    noise_m: float = units.NOISE_M,
) -> Holdings:
    """Put segments on the line and people on segments.

    Parameters
    ----------
    border, segments : geopandas.GeoDataFrame
        The tables of those names.
    assignments, staff : pandas.DataFrame or None
        The tables of those names. Without assignments nobody holds anything; with staff, only people on that
        list count.
    markers : geopandas.GeoDataFrame or None
        The table; without it, segments given by markers have no place.
    as_of : datetime.date
        The day.
    interval_days : mapping of str to float, optional
        Required interval by segment class, days, with ``default``.
    seasons : sequence of Season
        Days of the year with intervals of their own; see :class:`geo.border.seasons.Rule`.
    noise_m : float
        What is shorter is not missing, metres.

    Returns
    -------
    Holdings
        Whatever the order of the rows given.
    """
    parts = parts_in_order(border)
    lines = measured(parts)
    points = conform("markers", pd.DataFrame()) if markers is None else markers
    places = marker_places(points, lines, noise_m=noise_m)
    placed = _on_ground(place_segments(segments, lines, places, noise_m=noise_m), parts)
    valid = valid_assignments(assignments, staff, as_of=as_of)
    intervals = held_intervals(valid, lines)
    manned = guarded(placed, valid, intervals, noise_m)
    roles = roles_of(valid, staff)
    kinds = [sorted(set().union(*(roles.get(id, set()) for id in ids))) for ids in manned["staff_ids"]]
    manned = manned.assign(roles=list_column(kinds, manned.index))
    lost = lost_assignments(assignments, staff, lines, set(placed["segment_id"]), as_of=as_of, noise_m=noise_m)
    return Holdings(
        parts, lines, places, _work(manned, Rule(interval_days or {}, seasons), as_of), intervals, lost
    )


def place_segments(
    segments: gpd.GeoDataFrame, lines: Lines, places: gpd.GeoDataFrame, *, noise_m: float = units.NOISE_M
) -> pd.DataFrame:
    """Find each segment's interval on its border, see :func:`geo.border.placing.place_intervals`.

    Parameters
    ----------
    segments : geopandas.GeoDataFrame
        The ``segments`` table.
    lines : mapping of str to Chainage
        The borders.
    places : geopandas.GeoDataFrame
        From :func:`geo.border.markers.marker_places`.
    noise_m : float
        How far a segment may overrun the border before that is worth saying, metres.

    Returns
    -------
    pandas.DataFrame
        By ``segment_id``.
    """
    return place_intervals(segments, "segment_id", lines, places, noise_m=noise_m)


def around_markers(
    placed: pd.DataFrame, places: gpd.GeoDataFrame, *, noise_m: float
) -> list[tuple[list[int], list[int]]]:
    """Find the segments at each marker.

    Parameters
    ----------
    placed : pandas.DataFrame
        From :func:`place_segments`.
    places : geopandas.GeoDataFrame
        From :func:`geo.border.markers.marker_places`.
    noise_m : float
        How far a bound may lie from a marker that it is meant to be at, metres.

    Returns
    -------
    list of tuple
        For each marker the rows of the segments that hold or touch it, and of those that hold it well inside; two
        segments that meet at a marker touch it. Nothing for a marker without a measure.
    """
    low, high = placed["from_m"].to_numpy(), placed["to_m"].to_numpy()
    at = places["measure_m"].to_numpy()
    border, own = (table["border_id"].to_numpy(dtype=object) for table in (placed, places))
    near: list[list[int]] = [[] for _ in at]
    inside: list[list[int]] = [[] for _ in at]
    for border_id in pd.unique(own[~np.isnan(at)]):
        some, rows = np.flatnonzero(~np.isnan(at) & (own == border_id)), np.flatnonzero(border == border_id)
        rows = rows[~np.isnan(low[rows])]
        pairs = overlapping(at[some] - noise_m, at[some] + noise_m, low[rows], high[rows], touching=True)
        for marker, row in zip(some[pairs[0]], rows[pairs[1]], strict=True):
            near[marker].append(int(placed.index[row]))
            if low[row] < at[marker] - noise_m and high[row] > at[marker] + noise_m:
                inside[marker].append(int(placed.index[row]))
    return list(zip(near, inside, strict=True))


def cells(holdings: Holdings, border_id: str) -> Cells:
    """Cut one border at every bound and say what holds each cell.

    Parameters
    ----------
    holdings : Holdings
        Everything that holds the border.
    border_id : str
        A border among ``holdings.lines``.

    Returns
    -------
    Cells
        From 0 to the length without gap; no cell on a border without length.
    """
    segments = holdings.segments[
        (holdings.segments["border_id"] == border_id) & holdings.segments["from_m"].notna()
    ]
    people = holdings.intervals[holdings.intervals["border_id"] == border_id]
    start, end = segments["from_m"].to_numpy(), segments["to_m"].to_numpy()
    begun, done = people["start_m"].to_numpy(), people["end_m"].to_numpy()
    length = holdings.lines[border_id].length_m
    closed = closed_stretches(holdings.parts, border_id, length)
    breaks = breaks_of(length, start, end, begun, done, *closed)
    held, alone = segments["held"].to_numpy(dtype=bool), ~segments["joint"].to_numpy(dtype=bool)
    together = people["joint"].to_numpy(dtype=bool)
    covered = depth(start, end, breaks) > 0
    rows = segments.index.to_numpy()
    return Cells(
        breaks,
        [tuple(int(rows[i]) for i in inside) for inside in members(start, end, breaks)],
        (depth(start[held], end[held], breaks) > 0) | (covered & (depth(begun, done, breaks) > 0)),
        (depth(start[alone], end[alone], breaks) > 1) | (_people(people[~together], breaks) > 1),
        (depth(start, end, breaks) > 1) | (_people(people, breaks) > 1),
        accessible(closed, segments, breaks),
    )


def _people(intervals: pd.DataFrame, breaks: Floats) -> Any:
    """Count the different people whose intervals cover each cell."""
    alone = intervals.sort_values(["staff_id", "start_m"], kind="stable")
    reached = alone.groupby("staff_id")["end_m"].cummax()
    fresh = ~(alone["start_m"] <= reached.groupby(alone["staff_id"]).shift())
    runs = alone.groupby(fresh.cumsum().to_numpy())
    return depth(runs["start_m"].min().to_numpy(), runs["end_m"].max().to_numpy(), breaks)


def _on_ground(placed: pd.DataFrame, parts: gpd.GeoDataFrame) -> pd.DataFrame:
    """Say on what each segment runs; that is its class where it names none."""
    kind = pd.Series(kinds_of(parts, placed["border_id"], placed["from_m"], placed["to_m"]), dtype="str")
    return placed.assign(kind=kind, **{"class": placed["class"].fillna("border_" + kind)})


def _work(manned: pd.DataFrame, rule: Rule, as_of: date) -> pd.DataFrame:
    """Length that n guards, sharing it and shuttling, can walk within the required interval (M3): n·R·v·h/2."""
    own = manned["interval_days"]
    required = rule.required(own, manned["class"], as_of)
    speed = manned["speed_kmh"].where(manned["speed_kmh"] > 0)
    speed = speed.fillna(manned["mode"].map(units.PATROL_SPEEDS_KMH).astype(float))
    hours = manned["hours_per_day"].where(manned["hours_per_day"] > 0).fillna(units.PATROL_HOURS_PER_DAY)
    allowed = (manned["guards"] * required * speed * hours / 2 * 1000.0).where(manned["guards"] > 0)
    manned = manned.assign(own_days=own, interval_days=required, speed_kmh=speed, hours_per_day=hours)
    return manned.assign(allowed_m=allowed, overlong=manned["length_m"] > allowed)
