"""Is every metre of the border somebody's, and nobody's twice (M3)?"""

from __future__ import annotations

from collections.abc import Iterator, Mapping
from datetime import date

import geopandas as gpd
import numpy as np
import pandas as pd

from geo import units
from geo.border.alongside import patrol_lines
from geo.border.findings import STRETCHES, Found, findings_frame
from geo.border.holding import Cells, Holdings, around_markers, cells, hold
from geo.border.idleness import end_of_day
from geo.border.intervals import runs
from geo.border.joints import misfits
from geo.border.status import segment_rows


def assignment_findings(
    border: gpd.GeoDataFrame,
    segments: gpd.GeoDataFrame,
    assignments: pd.DataFrame | None,
    staff: pd.DataFrame | None,
    *,
    as_of: date,
    markers: gpd.GeoDataFrame | None = None,
    interval_days: Mapping[str, float] | None = None,
    noise_m: float = units.NOISE_M,
) -> gpd.GeoDataFrame:
    """Find what is wrong with the division of the border among its holders on a day.

    A metre is assigned when a segment covers it and either somebody is assigned to that segment or somebody's
    interval covers the metre. It is assigned twice when two segments, or the intervals of two people, cover
    it and nobody flagged them as joint; one that is flagged does not count, and a segment counts as flagged
    when each assignment to it is. A segment is overlong when n guards, moving at v for h hours a day, cannot
    revisit it within R days: length > n·R·v·h/2. Assignments that hold nothing, and parts of the line that do not
    fit together, are found too.

    Parameters
    ----------
    border, segments : geopandas.GeoDataFrame
        The tables of those names.
    assignments, staff : pandas.DataFrame or None
        The tables of those names. Without assignments everything is unassigned; with staff, only people on
        that list count.
    as_of : datetime.date
        The day on which assignments must be valid.
    markers : geopandas.GeoDataFrame or None
        The table.
    interval_days : mapping of str to float, optional
        Required interval by segment class, days, with ``default``; a segment's own comes first.
    noise_m : float
        Shorter stretches, and overruns at markers, are survey noise, metres.

    Returns
    -------
    geopandas.GeoDataFrame
        As :func:`findings_of`.
    """
    holdings = hold(
        border,
        segments,
        assignments,
        staff,
        markers,
        as_of=as_of,
        interval_days=interval_days,
        noise_m=noise_m,
    )
    return findings_of(holdings, noise_m=noise_m)


def segment_status(
    border: gpd.GeoDataFrame,
    segments: gpd.GeoDataFrame,
    assignments: pd.DataFrame | None,
    visits: pd.DataFrame | None,
    *,
    as_of: date,
    staff: pd.DataFrame | None = None,
    markers: gpd.GeoDataFrame | None = None,
    interval_days: Mapping[str, float] | None = None,
    time_zone: str = "Asia/Shanghai",
    noise_m: float = units.NOISE_M,
) -> gpd.GeoDataFrame:
    """Say for each segment who holds it, whether they can, and how stale it is at the end of a day.

    Parameters
    ----------
    border, segments : geopandas.GeoDataFrame
        The tables of those names.
    assignments, visits, staff : pandas.DataFrame or None
        The tables of those names; see :func:`assignment_findings`.
    as_of : datetime.date
        The day; visits that were over when it ended count.
    markers : geopandas.GeoDataFrame or None
        The table.
    interval_days : mapping of str to float, optional
        Required interval by segment class, days, with ``default``; a segment's own comes first.
    time_zone : str
        IANA name, in which the day is meant.
    noise_m : float
        Shorter places do not make a segment stale, metres.

    Returns
    -------
    geopandas.GeoDataFrame
        As :func:`geo.border.status.segment_rows`.
    """
    holdings = hold(
        border,
        segments,
        assignments,
        staff,
        markers,
        as_of=as_of,
        interval_days=interval_days,
        noise_m=noise_m,
    )
    return segment_rows(holdings, visits, moment=end_of_day(as_of, time_zone), noise_m=noise_m)


def findings_of(holdings: Holdings, *, noise_m: float = units.NOISE_M) -> gpd.GeoDataFrame:
    """Find what is wrong with the division of the border, see :func:`assignment_findings`.

    Parameters
    ----------
    holdings : Holdings
        What holds the border.
    noise_m : float
        Shorter stretches, and overruns at markers, are survey noise, metres.

    Returns
    -------
    geopandas.GeoDataFrame
        As :func:`geo.border.findings.findings_frame`. Stretches are maximal; their segments and posts are those
        that cover them, for uncovered ones also those that touch them. Nothing wrong = no row.
    """
    every = (
        *_stretches(holdings),
        *_segment_faults(holdings),
        *_marker_faults(holdings, noise_m),
        *_lost(holdings),
        *_part_faults(holdings, noise_m),
    )
    return findings_frame(every, holdings, noise_m=noise_m)


def _stretches(holdings: Holdings) -> Iterator[Found]:
    for border_id in holdings.lines:
        held = cells(holdings, border_id)
        bare = np.array([not rows for rows in held.segments], dtype=bool)
        flags_of = (~held.assigned, bare, held.doubled, held.shared & ~held.doubled)
        for kind, flags in zip(STRETCHES, flags_of, strict=True):
            for start, end in runs(flags, held.breaks):
                rows = _segments_at(held, start, end, touching=kind in ("unassigned", "no_segment"))
                yield Found(kind, border_id, start, end, rows)


def _segments_at(held: Cells, start: float, end: float, *, touching: bool) -> list[int]:
    first, after = np.searchsorted(held.breaks, [start, end]) + (np.array([-1, 1]) if touching else 0)
    return sorted(set().union(*held.segments[max(first, 0) : after]))


def _segment_faults(holdings: Holdings) -> Iterator[Found]:
    segments = holdings.segments
    faults = {
        "overlong": segments["overlong"],
        "bad_interval": segments["fault"] == "bad_interval",
        "out_of_range": segments["fault"] == "out_of_range",
        "length_mismatch": _off(segments["length_declared_m"], segments["end_m"] - segments["start_m"])
        & (segments["fault"] != "bad_interval"),
        "patrol_line_far": segments["patrol_line"].notna()
        & segments["from_m"].notna()
        & ~segments["segment_id"].isin(patrol_lines(segments, holdings.lines)),
    }
    for kind, flags in faults.items():
        for row in segments[flags].itertuples():
            yield Found(kind, row.border_id, row.start_m, row.end_m, [row.Index])


def _off(declared_m: pd.Series, measured_m: pd.Series) -> pd.Series:
    return (declared_m - measured_m).abs() > units.DECLARED_LENGTH_TOLERANCE * measured_m


def _marker_faults(holdings: Holdings, noise_m: float) -> Iterator[Found]:
    joint = holdings.segments["joint"].to_numpy(dtype=bool)
    around = around_markers(holdings.segments, holdings.markers, noise_m=noise_m)
    for marker, (near, inside) in zip(holdings.markers.itertuples(), around, strict=True):
        alone = [row for row in inside if not joint[row]]
        at = marker.measure_m
        if not near and not np.isnan(at):
            yield Found("marker_unheld", marker.border_id, at, at, marker=marker.Index)
        if len(alone) > 1:
            yield Found("marker_shared", marker.border_id, at, at, alone, marker.Index)


def _lost(holdings: Holdings) -> Iterator[Found]:
    for row in holdings.lost.itertuples():
        yield Found("assignment_lost", row.border_id, row.start_m, row.end_m, lost=row.Index)


def _part_faults(holdings: Holdings, noise_m: float) -> Iterator[Found]:
    parts = holdings.parts
    for kind, rows, jump in misfits(parts, noise_m=noise_m):
        border_id, start, end = parts.loc[rows[-1], ["border_id", "start_m", "end_m"]]
        if kind == "part_gap":
            yield Found(kind, border_id, start, start, parts=rows, length_m=jump)
        else:
            yield Found(kind, border_id, start, end, parts=rows)
    for row in parts[_off(parts["length_declared_m"], parts["length_m"])].itertuples():
        yield Found("length_mismatch", row.border_id, row.start_m, row.end_m, parts=[row.Index])
