"""Whose kilometre is this, and when was somebody last there? From the published layers alone."""

from __future__ import annotations

from collections.abc import Mapping
from dataclasses import dataclass
from typing import Any

import geopandas as gpd
import numpy as np
import pandas as pd

from geo.border.chainage import SNAP_M, Lines, measured
from geo.border.idleness import TIME, credited, idle_days, staleness
from geo.border.intervals import overlapping, snapped
from geo.border.markers import nearest_markers
from geo.crs import LONLAT, Floats
from geo.tables.conform import conform

NEEDS = ("border", "border-segments", "border-status", "border-findings")  # layers that the answers come from
MARKERS, VISITS = "markers", "patrol-visits"  # used where they are there
LATE = ("overdue", "critical", "never")
OF_SEGMENT = ("post_id", "staff_ids", "roles", "guards", "assigned", "overlong", "mode")
COLUMNS = (
    "border_id", "measure_m", "segment_id", *OF_SEGMENT, "accessible", "state", "last_visit", "idle_days",
    "evidence", "interval_days", "marker_before", "marker_after",
)  # fmt: skip


@dataclass(frozen=True, eq=False)
class Frontier:
    """The published layers that say who holds the border.

    Parameters
    ----------
    lines : mapping of str to Chainage
        The borders.
    segments, stretches, findings, markers : geopandas.GeoDataFrame
        The layers ``border-segments``, ``border-status``, ``border-findings`` and ``markers``.
    visits : pandas.DataFrame or None
        The layer ``patrol-visits``; without it the last visit is that of the stalest metre of a stretch.
    """

    lines: Lines
    segments: gpd.GeoDataFrame
    stretches: gpd.GeoDataFrame
    findings: gpd.GeoDataFrame
    markers: gpd.GeoDataFrame
    visits: pd.DataFrame | None


def frontier_of(layers: Mapping[str, gpd.GeoDataFrame]) -> Frontier:
    """Take what is needed from published layers.

    Parameters
    ----------
    layers : mapping of str to geopandas.GeoDataFrame
        :data:`NEEDS`, and :data:`MARKERS` and :data:`VISITS` where they are there.

    Returns
    -------
    Frontier
        Ready to be asked.
    """
    visits = layers.get(VISITS)
    return Frontier(
        measured(layers["border"]),
        layers["border-segments"],
        layers["border-status"],
        layers["border-findings"],
        layers[MARKERS] if MARKERS in layers else conform("markers", pd.DataFrame()),
        None if visits is None else conform("visits", pd.DataFrame(visits.drop(columns="geometry"))),
    )


def holders_at(frontier: Frontier, border_id: str, measure_m: Any, *, moment: pd.Timestamp) -> gpd.GeoDataFrame:
    """Say who holds some places of a border, and how stale they are.

    Parameters
    ----------
    frontier : Frontier
        From :func:`frontier_of`.
    border_id : str
        The border.
    measure_m : array-like of float
        Metres along it; to a millimetre.
    moment : pandas.Timestamp
        As of when; visits after it do not count.

    Returns
    -------
    geopandas.GeoDataFrame
        A row for each place and each segment that holds it, by place as given, measure of the segment and id:
        :data:`COLUMNS` and the point. At a bound, both sides; where segments overlap, all of them; where there
        is none, a row without ``segment_id``. ``state`` is that of the border there, ``interval_days`` the
        shortest of the segments. A place beyond the ends of the border, or on no known border, has no row.
    """
    asked = np.asarray(measure_m, dtype=float).reshape(-1)
    line = frontier.lines.get(border_id)
    length = line.length_m if line else np.nan
    inside = np.flatnonzero((asked > -SNAP_M) & (asked < length + SNAP_M))
    place_m = snapped(asked[inside], length)
    here = frontier.stretches[frontier.stretches["border_id"] == border_id].reset_index(drop=True)
    place, stretch = overlapping(
        place_m, place_m, here["start_m"].to_numpy(), here["end_m"].to_numpy(), touching=True
    )
    rows = here.iloc[stretch].reset_index(drop=True).assign(_place=inside[place], measure_m=place_m[place])
    rows = rows.assign(segment_id=[ids or [None] for ids in rows["segment_ids"].map(list)])
    rows = pd.DataFrame(rows.drop(columns=["post_id", "geometry"])).explode("segment_id", ignore_index=True)
    rows = rows.drop_duplicates(["_place", "segment_id"], keep="last")  # of two stretches that meet, the second
    rows["segment_id"] = rows["segment_id"].astype("str")
    facts = frontier.segments.set_index("segment_id")[[*OF_SEGMENT]]
    rows = rows.join(facts, on="segment_id").sort_values(["_place", "start_m", "segment_id"], ignore_index=True)
    rows = _seen(rows, frontier, border_id, moment)
    at = rows["measure_m"].to_numpy()
    rows["marker_before"], rows["marker_after"] = nearest_markers(
        frontier.markers, border_id, at + SNAP_M, at - SNAP_M
    )
    points = line.point_at(at) if line else np.zeros((0, 2))
    return gpd.GeoDataFrame(rows[[*COLUMNS]], geometry=gpd.points_from_xy(*points.T), crs=LONLAT)


def late_runs(frontier: Frontier) -> pd.DataFrame:
    """Join stretches that are late into maximal ones.

    Parameters
    ----------
    frontier : Frontier
        From :func:`frontier_of`.

    Returns
    -------
    pandas.DataFrame
        ``border_id start_m end_m length_m state segment_ids idle_days`` by border and measure: neighbouring
        stretches that people can get to and that are ``overdue``, ``critical`` or ``never``; of these the worst,
        all segments, and the longest time.
    """
    late = frontier.stretches[frontier.stretches["accessible"] & frontier.stretches["state"].isin(LATE)]
    late = late.sort_values(["border_id", "start_m"], kind="stable", ignore_index=True)
    fresh = (late["border_id"] != late["border_id"].shift()) | (late["start_m"] > late["end_m"].shift())
    rank = late["state"].map({state: at for at, state in enumerate(LATE)}).astype(float)
    runs = late.assign(_rank=rank).groupby(fresh.cumsum().to_numpy(dtype=int))
    made = runs.agg(
        border_id=("border_id", "first"),
        start_m=("start_m", "first"),
        end_m=("end_m", "last"),
        length_m=("length_m", "sum"),
        state=("_rank", "max"),
        segment_ids=("segment_ids", lambda lists: sorted(set().union(*lists))),
        idle_days=("idle_days", "max"),
    )
    return made.assign(state=[LATE[int(rank)] for rank in made["state"]]).reset_index(drop=True)


def _seen(rows: pd.DataFrame, frontier: Frontier, border_id: str, moment: pd.Timestamp) -> pd.DataFrame:
    """Replace the last visit of the stalest metre of a stretch by that of the place itself."""
    if frontier.visits is None or border_id not in frontier.lines:
        return rows
    length = frontier.lines[border_id].length_m
    own = staleness(credited(frontier.visits, moment), border_id, length, alone=len(frontier.lines) == 1)
    at, end = rows["measure_m"].to_numpy(), rows["end_m"].to_numpy()
    before = np.searchsorted(own.breaks, at, side="left") - 1
    after = np.searchsorted(own.breaks, at, side="right") - 1
    cell: Any = np.clip(np.where(at >= end, before, after), 0, max(len(own.seen) - 1, 0))
    seen: Any = own.seen[cell]
    days: Floats = idle_days(seen, moment)
    return rows.assign(
        last_visit=pd.Series(seen).dt.tz_localize("UTC").astype(TIME),
        idle_days=np.where(np.isnan(days), rows["idle_days"], days),
        evidence=pd.Series(own.evidence[cell], dtype="str"),
    )
