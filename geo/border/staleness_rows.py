"""How stale is each border and each segment, and how well was it covered in a window (M4, M5, M6)?"""

from __future__ import annotations

from dataclasses import dataclass
from typing import Any

import geopandas as gpd
import numpy as np
import pandas as pd

from geo.border.coverage import by_evidence, by_holder
from geo.border.holding import Holdings
from geo.border.idleness import credited, idle_days, observed_from, on_line
from geo.border.intervals import Flags, Ints, runs
from geo.border.markers import nearest_markers
from geo.border.naming import list_column, with_ids
from geo.border.status import NOWHERE, Ground, ground, pieces, shortest
from geo.border.windowed import windowed
from geo.crs import Floats

ALL, BORDER, SEGMENT, NO_SEGMENT = KINDS = ("all", "border", "segment", "no_segment")
SEPARATE = {"covered": 1, "covered_twice": 2, "covered_thrice": 3}  # by at least so many separate visits
QUANTILES = {"p50_idle_days": 0.5, "p95_idle_days": 0.95}


@dataclass(frozen=True, eq=False)
class Strip:
    """Every metre of one border as of a moment and over a window.

    Parameters
    ----------
    border_id : str
        The border.
    land : Ground
        The border, cut.
    width : numpy.ndarray
        Accessible metres of each cell, shape (cells,): its width, or 0.
    idle_days : numpy.ndarray
        Idleness at the moment, since the start of observation where it was never visited; NaN without record.
    worst_days : numpy.ndarray
        The widest gap that touches the window, days.
    means : dict of str to numpy.ndarray
        What is averaged over accessible metres, by column.
    metres : dict of str to numpy.ndarray
        Flags that are counted in accessible metres, by column.
    """

    border_id: str
    land: Ground
    width: Floats
    idle_days: Floats
    worst_days: Floats
    means: dict[str, Floats]
    metres: dict[str, Flags]


def strip_of(
    holdings: Holdings,
    visits: pd.DataFrame,
    border_id: str,
    *,
    moment: pd.Timestamp,
    window_days: float,
    default_days: float,
) -> Strip:
    """Lay everything that is known of visits over one border.

    Parameters
    ----------
    holdings : Holdings
        What holds it.
    visits : pandas.DataFrame
        From :func:`credited` at the moment.
    border_id : str
        The border; one that is not there has no cell.
    moment : pandas.Timestamp
        As of when, and the end of the window.
    window_days : float
        Its length, days.
    default_days : float
        Required interval where no segment says one, days.

    Returns
    -------
    Strip
        ``means`` and ``metres`` by columns of :func:`staleness_rows`.
    """
    there = border_id in holdings.lines
    length_m, alone = holdings.lines[border_id].length_m if there else 0.0, len(holdings.lines) == 1
    land = ground(holdings, visits, border_id) if there else NOWHERE
    since, observed = moment - pd.Timedelta(days=window_days), observed_from(visits)
    opened = moment if np.isnat(observed) else pd.Timestamp(observed, tz="UTC")
    window = windowed(visits, border_id, length_m, since=since, until=moment, observed=opened, alone=alone)
    at = np.searchsorted(window.breaks, land.breaks[:-1], side="right") - 1
    inside = on_line(visits[visits["seen"] > since], border_id, length_m, alone=alone)
    flags = by_evidence(inside, land.breaks) | by_holder(inside, holdings, land.held, land.breaks)
    flags |= {name: window.visits[at] >= least for name, least in SEPARATE.items()}
    required = shortest(land.held, holdings.segments["interval_days"].to_numpy(), default_days)[land.holder]
    never = np.isnat(land.seen)
    idle = idle_days(np.where(never, observed, land.seen), moment)
    means = {
        "mean_idle_days": idle,
        "severity_km_days": np.maximum(idle - required, 0.0),
        "window_mean_days": window.mean_days[at],
        "regularity_days": window.regularity_days[at],
        "visits": window.visits[at].astype(float),
        **{name: flag.astype(float) for name, flag in flags.items()},
    }
    metres = {"never_m": never, "overdue_m": ~never & (idle > required)}
    width = np.diff(land.breaks) * land.accessible
    return Strip(border_id, land, width, idle, window.worst_days[at], means, metres)


def staleness_rows(
    holdings: Holdings,
    visits: pd.DataFrame | None,
    points: pd.DataFrame,
    *,
    moment: pd.Timestamp,
    window_days: float,
    default_days: float,
    noise_m: float,
) -> gpd.GeoDataFrame:
    """Sum idleness and coverage up for each border, each segment and each stretch in no segment.

    Parameters
    ----------
    holdings : Holdings
        What holds the border.
    visits : pandas.DataFrame or None
        The ``visits`` table.
    points : pandas.DataFrame
        Markers with ``border_id start_m last_visit``, from :func:`geo.border.visited.visited_points`.
    moment : pandas.Timestamp
        As of when, and the end of the window.
    window_days : float
        Length of the window, days.
    default_days : float
        Required interval where no segment says one, days.
    noise_m : float
        How far beyond the end of a row a marker may stand and still be at it, metres.

    Returns
    -------
    geopandas.GeoDataFrame
        Fields of the layer ``border-staleness``: a row for all borders together where there are several, one a
        border (both without geometry), then by border and measure one a segment with a place and one a stretch in
        no segment. All but lengths is told of accessible metres alone, and missing where there are none.
    """
    rows = credited(visits, moment)
    strips = {
        key: strip_of(holdings, rows, key, moment=moment, window_days=window_days, default_days=default_days)
        for key in holdings.lines or ("",)
    }
    places = _places(holdings, strips)
    frame = places.join(_sums(list(strips.values()), places))
    near = np.full((2, len(frame)), None, dtype=object)
    for key in holdings.lines:
        here = ((frame["worst_border_id"] == key) & frame["worst_start_m"].notna()).to_numpy()
        start, end = (frame.loc[here, name].to_numpy() for name in ("worst_start_m", "worst_end_m"))
        near[:, here] = nearest_markers(holdings.markers, key, start, end)
    frame["marker_from"], frame["marker_to"] = (pd.Series(one, dtype="str", index=frame.index) for one in near)
    counted = _marker_counts(frame, points, moment - pd.Timedelta(days=window_days), noise_m)
    frame = with_ids(frame.join(counted), "staleness_id", frame["kind"], frame["segment_ids"])
    drawn = frame["border_id"].where(frame["kind"].isin([SEGMENT, NO_SEGMENT]))
    return gpd.GeoDataFrame(frame, geometry=pieces(holdings, drawn, frame["start_m"], frame["end_m"]))


def _places(holdings: Holdings, strips: dict[str, Strip]) -> pd.DataFrame:
    """Rows with their bounds, and the cells (of all strips end to end) that they consist of."""
    every: list[tuple[Any, ...]] = []
    offset = 0
    for key in holdings.lines:
        land = strips[key].land
        cells, length_m = len(land.holder), float(land.breaks[-1])
        every.append((BORDER, key, 0.0, length_m, [], None, offset, offset + cells))
        own = holdings.segments[(holdings.segments["border_id"] == key) & holdings.segments["from_m"].notna()]
        bounds = [(SEGMENT, row.from_m, row.to_m, [row.segment_id], row.post_id) for row in own.itertuples()]
        nobody = np.array([not rows for rows in land.held.segments], dtype=bool)
        bounds += [(NO_SEGMENT, start, end, [], None) for start, end in runs(nobody, land.held.breaks).tolist()]
        for kind, start, end, ids, post in sorted(bounds, key=lambda one: (one[1], one[2], one[3])):
            first, after = np.searchsorted(land.breaks, [start, end]).tolist()
            every.append((kind, key, start, end, ids, post, offset + first, offset + after))
        offset += cells
    if len(holdings.lines) > 1:
        every.insert(0, (ALL, None, np.nan, np.nan, [], None, 0, offset))
    names = ["kind", "border_id", "start_m", "end_m", "segment_ids", "post_id", "first", "after"]
    frame = pd.DataFrame(every, columns=names).astype({"start_m": float, "end_m": float})
    frame["segment_ids"] = list_column(frame["segment_ids"])
    return frame.astype({"kind": "str", "border_id": "str", "post_id": "str", "first": int, "after": int})


def _sums(strips: list[Strip], places: pd.DataFrame) -> pd.DataFrame:
    """Sum the cells of each row up."""
    first, after = places["first"].to_numpy(), places["after"].to_numpy()
    width = np.concatenate([one.width for one in strips])
    whole = np.concatenate([np.diff(one.land.breaks) for one in strips])
    total = _slices(width, first, after)
    told = {"length_m": _slices(whole, first, after), "accessible_m": total}
    share = np.where(total > 0, total, np.nan)
    for name in strips[0].means:
        sums = _slices(np.concatenate([one.means[name] for one in strips]) * width, first, after)
        told[name] = sums / 1000.0 if name == "severity_km_days" else sums / share
    for name in strips[0].metres:
        told[name] = _slices(np.concatenate([one.metres[name] for one in strips]) * width, first, after)
    idle = np.concatenate([one.idle_days for one in strips])
    widest = np.concatenate([one.worst_days for one in strips])
    open_ = [begun + np.flatnonzero(width[begun:done] > 0) for begun, done in zip(first, after, strict=True)]
    told["window_worst_days"] = np.array([widest[at].max() if len(at) else np.nan for at in open_])
    for name, part in QUANTILES.items():
        told[name] = np.array([_quantile(idle[at], width[at], part) for at in open_])
    frame = pd.DataFrame(told, index=places.index)
    return frame.join(_worst(strips, idle, open_).set_axis(places.index))


def _slices(values: Floats, first: Ints, after: Ints) -> Floats:
    """Sum values[first:after] of each row; the same numbers in the same order give the same sum."""
    return np.array([values[begun:done].sum() for begun, done in zip(first, after, strict=True)], dtype=float)


def _quantile(values: Floats, weights: Floats, part: float) -> float:
    """Smallest value that at least a part of the weight does not exceed; NaN without weight."""
    if not len(values) or np.isnan(values).any():
        return np.nan
    order = np.argsort(values, kind="stable")
    reached = np.cumsum(weights[order])
    at = np.searchsorted(reached, part * reached[-1] * (1 - 1e-12))
    return float(values[order[min(at, len(order) - 1)]])


def _worst(strips: list[Strip], idle: Floats, open_: list[Ints]) -> pd.DataFrame:
    """Find the stalest metres of each row: idleness, and the first stretch that has it."""
    border = np.repeat(np.arange(len(strips)), [len(one.width) for one in strips])
    start = np.concatenate([one.land.breaks[:-1] for one in strips])
    end = np.concatenate([one.land.breaks[1:] for one in strips])
    made = []
    for at in open_:
        if not len(at) or np.isnan(idle[at]).any():
            made.append((np.nan, np.nan, np.nan, -1))
            continue
        oldest = at[int(np.argmax(idle[at]))]
        beyond = at[at > oldest]
        stays = (idle[beyond] == idle[oldest]) & (border[beyond] == border[oldest])
        stays &= beyond == oldest + 1 + np.arange(len(beyond))
        last = oldest + (int(np.argmin(stays)) if not stays.all() else len(stays))
        made.append((idle[oldest], start[oldest], end[last], border[oldest]))
    frame = pd.DataFrame(made, columns=["worst_idle_days", "worst_start_m", "worst_end_m", "_border"])
    keys = [*(one.border_id for one in strips), None]
    named = pd.Series([keys[at] for at in frame["_border"]], dtype="str")
    return frame.assign(worst_border_id=named).drop(columns="_border")


def _marker_counts(frame: pd.DataFrame, points: pd.DataFrame, since: pd.Timestamp, noise_m: float) -> pd.DataFrame:
    """Count the markers of each row, and those that were visited in the window."""
    border, at = points["border_id"].to_numpy(dtype=object), points["start_m"].to_numpy()
    seen = (points["last_visit"] > since).to_numpy()
    made = []
    for kind, key, start, end in frame[["kind", "border_id", "start_m", "end_m"]].itertuples(index=False):
        here = ~np.isnan(at) & ((kind == ALL) | (border == key))
        if kind != ALL:
            here &= (at >= start - noise_m) & (at <= end + noise_m)
        made.append((int(here.sum()), int((here & seen).sum())))
    return pd.DataFrame(made, columns=["markers", "markers_visited"], index=frame.index, dtype="int64")
