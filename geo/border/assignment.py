"""Is every metre of the border somebody's, and nobody's twice (M3)?"""

from __future__ import annotations

from collections.abc import Iterator, Mapping
from datetime import date
from typing import Any, NamedTuple

import geopandas as gpd
import numpy as np
import pandas as pd
import shapely

from geo import units
from geo.border.fields import KIND_WORDS
from geo.border.holding import Holdings, around_markers, cells, hold
from geo.border.idleness import end_of_day
from geo.border.intervals import runs
from geo.border.markers import nearest_markers
from geo.border.naming import list_column, with_ids
from geo.border.status import pieces, segment_rows

SEVERITY = {  # what nobody holds fails once, as unassigned; that it lies in no segment either only explains it
    "unassigned": "fail",
    "no_segment": "warning",
    "overlap": "fail",
    "overlong": "warning",
    "marker_unheld": "warning",
    "marker_shared": "warning",
    "bad_interval": "fail",
    "out_of_range": "warning",
    "length_mismatch": "warning",
}
STRETCHES = ("unassigned", "no_segment", "overlap")


class Found(NamedTuple):
    """Where something is wrong, with its rows of ``Holdings.segments`` and its row of ``Holdings.markers``."""

    kind: str
    border_id: Any
    start_m: float
    end_m: float
    rows: list[int]
    marker: int = -1


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
    revisit it within R days: length > n·R·v·h/2.

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
        Fields of the layer ``border-findings`` by border, measure and kind. Stretches are maximal; their
        segments and posts are those that cover them, for uncovered ones also those that touch them. A finding
        about a marker is a point and names that marker twice. A finding without length on the line is a
        point, one without a place has no geometry. Nothing wrong = no row.
    """
    every = [*_stretches(holdings), *_segment_faults(holdings), *_marker_faults(holdings, noise_m)]
    found = _in_order(pd.DataFrame(every, columns=Found._fields))
    segment_id, post_id = holdings.segments["segment_id"], holdings.segments["post_id"]
    before, after = _neighbours(found, holdings, noise_m)
    length = (found["end_m"] - found["start_m"]).clip(lower=0.0)
    trifle = found["kind"].isin(STRETCHES) & (length < noise_m)
    frame = pd.DataFrame(
        {
            "kind": found["kind"],
            "severity": found["kind"].map(SEVERITY).mask(trifle, "info").astype("str"),
            "border_id": found["border_id"],
            "start_m": found["start_m"],
            "end_m": found["end_m"],
            "length_m": length,
            "segment_ids": list_column(segment_id[rows] for rows in found["rows"]),
            "post_ids": list_column(sorted(set(post_id[rows].dropna())) for rows in found["rows"]),
            "marker_from": before,
            "marker_to": after,
        }
    )
    frame = with_ids(frame, "finding_id", frame["kind"], _members(found, holdings))
    return gpd.GeoDataFrame(frame, geometry=_shapes(found, holdings))


def _stretches(holdings: Holdings) -> Iterator[Found]:
    for border_id in holdings.lines:
        held = cells(holdings, border_id)
        bare = np.array([not rows for rows in held.segments], dtype=bool)
        for kind, flags in zip(STRETCHES, (~held.assigned, bare, held.doubled), strict=True):
            for start, end in runs(flags, held.breaks):
                rows = _segments_at(holdings, border_id, start, end, touching=kind != "overlap")
                yield Found(kind, border_id, start, end, rows)


def _segments_at(holdings: Holdings, border_id: str, start: float, end: float, *, touching: bool) -> list[int]:
    low, high = holdings.segments["from_m"], holdings.segments["to_m"]
    near = (low <= end) & (high >= start) if touching else (low < end) & (high > start)
    return list(holdings.segments.index[near & (holdings.segments["border_id"] == border_id)])


def _segment_faults(holdings: Holdings) -> Iterator[Found]:
    segments = holdings.segments
    measured = segments["end_m"] - segments["start_m"]
    off = (segments["length_declared_m"] - measured).abs() > units.DECLARED_LENGTH_TOLERANCE * measured
    faults = {
        "overlong": segments["overlong"],
        "bad_interval": segments["fault"] == "bad_interval",
        "out_of_range": segments["fault"] == "out_of_range",
        "length_mismatch": off & (segments["fault"] != "bad_interval"),
    }
    for kind, flags in faults.items():
        for row in segments[flags].itertuples():
            yield Found(kind, row.border_id, row.start_m, row.end_m, [row.Index])


def _marker_faults(holdings: Holdings, noise_m: float) -> Iterator[Found]:
    joint = holdings.segments["joint"].to_numpy(dtype=bool)
    around = around_markers(holdings.segments, holdings.markers, noise_m=noise_m)
    for marker, (near, inside) in zip(holdings.markers.itertuples(), around, strict=True):
        alone = [row for row in inside if not joint[row]]
        at = marker.measure_m
        if not near and not np.isnan(at):
            yield Found("marker_unheld", marker.border_id, at, at, [], marker.Index)
        if len(alone) > 1:
            yield Found("marker_shared", marker.border_id, at, at, alone, marker.Index)


def _in_order(found: pd.DataFrame) -> pd.DataFrame:
    """Sort by place and kind, then by segment and marker, so that the order of the tables does not matter."""
    typed = found.astype({"kind": "str", "border_id": "str", "start_m": float, "end_m": float, "marker": int})
    rank = found["kind"].map({kind: rank for rank, kind in enumerate(KIND_WORDS)})
    first = [rows[0] if rows else -1 for rows in found["rows"]]
    typed = typed.assign(_rank=rank, _first=first)
    by = ["border_id", "start_m", "end_m", "_rank", "_first", "marker"]
    return typed.sort_values(by, kind="stable", ignore_index=True).drop(columns=["_rank", "_first"])


def _members(found: pd.DataFrame, holdings: Holdings) -> pd.Series:
    segment_id, marker_id = holdings.segments["segment_id"], holdings.markers["marker_id"]
    return list_column(
        [marker_id[marker]] if marker >= 0 else segment_id[rows]
        for marker, rows in zip(found["marker"], found["rows"], strict=True)
    )


def _bounds(found: pd.DataFrame) -> tuple[pd.Series, pd.Series]:
    both = found[["start_m", "end_m"]]
    return both.min(axis=1), both.max(axis=1)


def _neighbours(found: pd.DataFrame, holdings: Holdings, noise_m: float) -> tuple[pd.Series, pd.Series]:
    """Markers before and after each finding; that of a marker itself lies at this marker."""
    names = pd.DataFrame(None, index=found.index, columns=["before", "after"], dtype="str")
    low, high = _bounds(found)
    for border_id, index in found.groupby("border_id").groups.items():
        before, after = nearest_markers(
            holdings.markers, border_id, low[index].to_numpy() + noise_m, high[index].to_numpy() - noise_m
        )
        names.loc[index, "before"], names.loc[index, "after"] = before, after
    own = found["marker"][found["marker"] >= 0]
    number = holdings.markers["number"][own].to_numpy()
    names.loc[own.index, "before"], names.loc[own.index, "after"] = number, number
    return names["before"], names["after"]


def _shapes(found: pd.DataFrame, holdings: Holdings) -> gpd.GeoSeries:
    """Pieces of the border, whichever way the bounds are given; points where there is no length."""
    low, high = _bounds(found)
    shapes = pieces(holdings, found["border_id"], low, high).to_numpy(copy=True)
    for row in np.flatnonzero(shapely.is_missing(shapes) & found["border_id"].isin(list(holdings.lines))):
        point = holdings.lines[found["border_id"][row]].point_at(low[[row]].to_numpy())
        shapes[row] = None if np.isnan(point).any() else shapely.points(point[0])
    own = np.flatnonzero(found["marker"] >= 0)
    shapes[own] = holdings.markers.geometry.to_numpy()[found["marker"].to_numpy()[own]]
    return gpd.GeoSeries(shapes, index=found.index, crs=holdings.markers.crs)
