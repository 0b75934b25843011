"""One row for each thing that is wrong along the border: where, whose, and between whom."""

from __future__ import annotations

from collections.abc import Iterable, Sequence
from typing import Any, NamedTuple

import geopandas as gpd
import numpy as np
import pandas as pd
import shapely

from geo import units
from geo.border.fields import KIND_WORDS
from geo.border.holding import Cells, Holdings, cells
from geo.border.intervals import overlapping
from geo.border.markers import nearest_markers
from geo.border.naming import list_column, with_ids
from geo.border.parts import ends_of
from geo.border.status import pieces
from geo.crs import Array, Floats

SEVERITY = {  # what nobody holds fails once, as unassigned; that it lies in no segment either only explains it
    "unassigned": "fail",
    "no_segment": "warning",
    "overlap": "fail",
    "joint": "info",
    "overlong": "warning",
    "marker_unheld": "warning",
    "marker_shared": "warning",
    "bad_interval": "fail",
    "out_of_range": "warning",
    "length_mismatch": "warning",
    "assignment_lost": "warning",
    "patrol_line_far": "warning",
    "part_gap": "warning",
    "part_turned": "fail",
    "part_duplicate": "fail",
}
STRETCHES = ("unassigned", "no_segment", "overlap", "joint")


class Found(NamedTuple):
    """Where something is wrong, with its rows of ``Holdings.segments``, ``markers``, ``parts`` and ``lost``."""

    kind: str
    border_id: Any
    start_m: float
    end_m: float
    rows: Sequence[int] = ()
    marker: int = -1
    parts: Sequence[int] = ()
    lost: int = -1
    length_m: float = np.nan  # where it is not that of the stretch


def findings_frame(
    every: Iterable[Found], holdings: Holdings, *, noise_m: float = units.NOISE_M
) -> gpd.GeoDataFrame:
    """Say for each thing found where it is, whom it concerns, and who holds the ground on both sides.

    Parameters
    ----------
    every : iterable of Found
        What was found, in any order.
    holdings : Holdings
        What holds the border.
    noise_m : float
        Stretches shorter than this are notes only, metres.

    Returns
    -------
    geopandas.GeoDataFrame
        Fields of the layer ``border-findings`` by border, measure and kind. ``segment_before`` is the segment
        that holds the metre before the finding, or the nearest one before that (of several the first by id; never
        the one that is found wrong itself), ``segment_after`` likewise; markers before and after are the nearest
        at or beyond its bounds, of a finding about a marker that marker itself. ``staff_ids`` are the people
        who hold any of it on the day. A finding without length on the line is a point, a gap between parts the
        straight line across it, one without a place has no geometry. Nothing found = no row.
    """
    found = _in_order(pd.DataFrame(every, columns=Found._fields))
    cut = {key: cells(holdings, key) for key in holdings.lines}
    segments, post_id = holdings.segments, holdings.segments["post_id"]
    posts = post_id.astype(object).where(post_id.notna(), None)
    markers = _markers(found, holdings, noise_m)
    before, after = _beside(found, cut)
    length = (found["end_m"] - found["start_m"]).clip(lower=0.0)
    trifle = found["kind"].isin(STRETCHES) & (length < noise_m)
    frame = pd.DataFrame(
        {
            "kind": found["kind"],
            "severity": found["kind"].map(SEVERITY).mask(trifle, "info").astype("str"),
            "border_id": found["border_id"],
            "start_m": found["start_m"],
            "end_m": found["end_m"],
            "length_m": found["length_m"].fillna(length),
            "segment_ids": _ids(segments["segment_id"], found["rows"]),
            "post_ids": list_column(sorted({*ids} - {None}) for ids in _ids(posts, found["rows"])),
            "staff_ids": _staff(found, holdings),
            "marker_from": markers["before"],
            "marker_to": markers["after"],
            "segment_before": _named(segments["segment_id"], before),
            "segment_after": _named(segments["segment_id"], after),
            "post_before": _named(post_id, before),
            "post_after": _named(post_id, after),
            "part_ids": _ids(holdings.parts["part_id"], found["parts"]),
            "assignment_id": _named(holdings.lost["assignment_id"], found["lost"].to_numpy()),
            "reason": _named(holdings.lost["reason"], found["lost"].to_numpy()),
        }
    )
    frame = with_ids(frame, "finding_id", frame["kind"], _members(found, frame, holdings))
    return gpd.GeoDataFrame(frame, geometry=_shapes(found, holdings))


def _in_order(found: pd.DataFrame) -> pd.DataFrame:
    """Sort by place and kind, then by segment, marker, part and assignment, whatever the order of the tables."""
    whole = {"marker": int, "lost": int}
    typed = found.astype({"kind": "str", "border_id": "str", "start_m": float, "end_m": float, **whole})
    typed = typed.astype({"length_m": float})
    rank = found["kind"].map({kind: rank for rank, kind in enumerate(KIND_WORDS)})
    firsts = {
        f"_{name}": pd.Series([rows[0] if len(rows) else -1 for rows in found[name]], dtype=float)
        for name in ("rows", "parts")
    }
    typed = typed.assign(_rank=rank, **firsts)
    by = ["border_id", "start_m", "end_m", "_rank", "_rows", "marker", "_parts", "lost"]
    return typed.sort_values(by, kind="stable", ignore_index=True).drop(columns=["_rank", *firsts])


def _ids(names: pd.Series, lists: Iterable[Sequence[int]]) -> pd.Series:
    known = names.to_numpy(dtype=object)
    return list_column([known[row] for row in rows] for rows in lists)


def _named(names: pd.Series, rows: Array) -> pd.Series:
    known = np.array([*names, None], dtype=object)
    return pd.Series(known[rows], dtype="str")


def _members(found: pd.DataFrame, frame: pd.DataFrame, holdings: Holdings) -> pd.Series:
    marker_id = holdings.markers["marker_id"]
    return list_column(
        [marker_id[marker]] if marker >= 0 else [lost] if isinstance(lost, str) else [*segments, *parts]
        for marker, lost, segments, parts in zip(
            found["marker"], frame["assignment_id"], frame["segment_ids"], frame["part_ids"], strict=True
        )
    )


def _bounds(found: pd.DataFrame) -> tuple[pd.Series, pd.Series]:
    both = found[["start_m", "end_m"]]
    return both.min(axis=1), both.max(axis=1)


def _markers(found: pd.DataFrame, holdings: Holdings, noise_m: float) -> pd.DataFrame:
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
    return names


def _beside(found: pd.DataFrame, cut: dict[str, Cells]) -> tuple[Array, Array]:
    """Rows of the segments that hold the ground before and after each finding, -1 without one."""
    before, after = np.full(len(found), -1), np.full(len(found), -1)
    low, high = _bounds(found)
    kind, concerned = found["kind"].tolist(), found["rows"].tolist()
    for border_id, index in found[low.notna()].groupby("border_id").indices.items():
        if border_id not in cut:
            continue
        land, rows = cut[str(border_id)], np.flatnonzero(low.notna())[index]
        filled = [cell for cell, inside in enumerate(land.segments) if inside]
        first = np.searchsorted(land.breaks, low.to_numpy()[rows], side="left") - 1
        last = np.searchsorted(land.breaks, high.to_numpy()[rows], side="right") - 1
        for row, down, up in zip(
            rows, np.searchsorted(filled, first, side="right") - 1, np.searchsorted(filled, last), strict=True
        ):
            own = set() if kind[row] in STRETCHES else set(concerned[row])
            before[row] = _first_other(land, (filled[at] for at in range(down, -1, -1)), own)
            after[row] = _first_other(land, (filled[at] for at in range(up, len(filled))), own)
    return before, after


def _first_other(land: Cells, filled: Iterable[int], own: set[int]) -> int:
    """First segment of the first cell that holds another than some."""
    for cell in filled:
        for row in land.segments[cell]:
            if row not in own:
                return row
    return -1


def _staff(found: pd.DataFrame, holdings: Holdings) -> pd.Series:
    """People who hold any of it: those of its segments where these reach into it, and those of intervals."""
    segments, people = holdings.segments, holdings.intervals
    start, end, own = (segments[name].to_numpy() for name in ("from_m", "to_m", "own_ids"))
    low, high = (each.to_numpy() for each in _bounds(found))
    staff: list[set[str]] = [
        {
            id
            for row in rows
            if (start[row] < high[at] and end[row] > low[at]) or low[at] == high[at]
            for id in own[row]
        }
        for at, rows in enumerate(found["rows"])
    ]
    for border_id, rows in people.groupby("border_id"):
        here = np.flatnonzero((found["border_id"] == border_id) & ~np.isnan(low))
        begun, done, ids = rows["start_m"].to_numpy(), rows["end_m"].to_numpy(), rows["staff_id"].tolist()
        for at, person in zip(*overlapping(low[here], high[here], begun, done), strict=True):
            staff[here[at]].add(ids[person])
    lost = holdings.lost["staff_id"].to_numpy()
    for at, row in enumerate(found["lost"]):
        if row >= 0:
            staff[at] = {lost[row]}
    return list_column(sorted(ids) for ids in staff)


def _shapes(found: pd.DataFrame, holdings: Holdings) -> gpd.GeoSeries:
    """Pieces of the border, whichever way the bounds are given; points where there is no length."""
    low, high = _bounds(found)
    shapes = pieces(holdings, found["border_id"], low, high).to_numpy(copy=True)
    for border_id, rows in found[shapely.is_missing(shapes)].groupby("border_id").groups.items():
        if border_id in holdings.lines:
            points = holdings.lines[border_id].point_at(low[rows].to_numpy())
            stands = ~np.isnan(points).any(axis=1)
            shapes[rows[stands]] = shapely.points(points[stands])
    own = np.flatnonzero(found["marker"] >= 0)
    shapes[own] = holdings.markers.geometry.to_numpy()[found["marker"].to_numpy()[own]]
    for row in np.flatnonzero(found["kind"] == "part_gap"):
        shapes[row] = shapely.linestrings(_across(holdings.parts, found["parts"].iat[row]))
    return gpd.GeoSeries(shapes, index=found.index, crs=holdings.markers.crs)


def _across(parts: gpd.GeoDataFrame, rows: Sequence[int]) -> Floats:
    ends = ends_of(parts.geometry.to_numpy()[[*rows]])
    return np.stack([ends[0, 1], ends[1, 0]])
