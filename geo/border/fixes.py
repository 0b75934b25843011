"""Fixes of patrols in order, without those that cannot be true; every fix left out is counted with its reason."""

from __future__ import annotations

from collections.abc import Mapping
from dataclasses import dataclass
from typing import Any

import geopandas as gpd
import numpy as np
import pandas as pd
import shapely
from numpy.typing import NDArray

from geo import units
from geo.border.spikes import clock_jumps, spikes
from geo.crs import Array, Floats

NO_GEOMETRY, NO_TIME, DUPLICATE, SAME_TIME, OUTSIDE, SPIKE, CLOCK = REASONS = (
    "no_geometry",
    "no_time",
    "duplicate",
    "same_time",
    "outside_patrol",
    "spike",
    "clock_jump",
)
MICROSECONDS = 1_000_000.0
Mask = NDArray[np.bool_]


@dataclass(frozen=True, eq=False)
class Fixes:
    """The fixes that can be credited, and an account of the others.

    Parameters
    ----------
    patrol_ids : numpy.ndarray
        Every patrol that has rows, as text, shape (k,), sorted; one may have no fix left.
    patrol : numpy.ndarray
        Index into ``patrol_ids``, int32, shape (n,), ascending.
    time_s : numpy.ndarray
        Seconds since 1970 UTC, float64, shape (n,), strictly ascending inside a patrol.
    lonlat : numpy.ndarray
        Degrees, float64, shape (n, 2).
    dropped : pandas.DataFrame
        ``patrol_id reason fixes``, only what occurs, by patrol and :data:`REASONS`.
    reordered : pandas.DataFrame
        ``patrol_id fixes``: fixes used that stood behind a later one (by ``sequence``, where the table has it,
        else by row), only what occurs.
    read : pandas.DataFrame
        ``patrol_id fixes``, each patrol: fixes read, of which each is used or dropped.
    """

    patrol_ids: Array
    patrol: NDArray[np.int32]
    time_s: Floats
    lonlat: Floats
    dropped: pd.DataFrame
    reordered: pd.DataFrame
    read: pd.DataFrame


def clean(
    tracks: gpd.GeoDataFrame | pd.DataFrame,
    patrols: pd.DataFrame | None = None,
    *,
    top_speed_kmh: float | Mapping[str, float] = units.PATROL_TOP_SPEEDS_KMH,
    slack_s: float = units.PATROL_SLACK_S,
) -> Fixes:
    """Put the fixes of each patrol in order and leave out those that cannot be true.

    A fix is left out for the first reason that fits: ``no_geometry`` (no point, or one that is not on the globe,
    or at 0° 0°, which is what a device without satellites writes), ``no_time``, ``duplicate`` (the patrol has a
    fix at that time and place), ``same_time`` (it has one at that time elsewhere: the one with the lowest
    sequence stays, then the westernmost, then the southernmost), ``outside_patrol`` (before the patrol's start or
    after its end: the clock was wrong), ``spike`` (see :func:`geo.border.spikes.spikes`), ``clock_jump`` (patrols
    without times only: a few fixes more than a day from the others, see
    :func:`geo.border.spikes.clock_jumps`). Errs towards keeping: what stays is looked at again, step by step,
    when it is credited.

    Parameters
    ----------
    tracks : geopandas.GeoDataFrame or pandas.DataFrame
        The ``tracks`` table, in any order; its places as geometry, or as columns ``lon`` and ``lat`` (degrees),
        which take far less memory.
    patrols : pandas.DataFrame or None
        The ``patrols`` table: times and mode. A patrol that is not in it goes on foot.
    top_speed_kmh : float or mapping of str to float
        Nobody is faster, km/h; by mode (one that is not named has no limit), or for all.
    slack_s : float
        How long before its start and after its end a patrol may have fixes, seconds.

    Returns
    -------
    Fixes
        The same for every order of rows; cleaning what is clean leaves out nothing.
    """
    code, patrol_ids = pd.factorize(tracks["patrol_id"], sort=True)
    patrol_ids = np.asarray(patrol_ids, dtype=object)
    code = code.astype(np.int32)
    time = tracks["time"].dt.as_unit("us").astype("int64").to_numpy()
    lonlat = _lonlat(tracks)
    reason = np.zeros(len(code), dtype=np.uint8)  # 0 = used, else 1 + the number of the reason
    _drop(reason, tracks["time"].isna().to_numpy(), NO_TIME)
    _drop(reason, ~_on_globe(lonlat), NO_GEOMETRY)
    sequence = _sequence(tracks)
    order = _ordered(np.flatnonzero(reason == 0), code, time, sequence, lonlat)
    _drop_twins(reason, order, code, time, lonlat)
    known = _patrols(patrol_ids, patrols)
    early = time < (known["start"].to_numpy() - slack_s * MICROSECONDS)[code]
    late = time > (known["end"].to_numpy() + slack_s * MICROSECONDS)[code]
    _drop(reason, (early | late) & (reason == 0), OUTSIDE)
    del early, late
    order = order[reason[order] == 0]
    used = _Used(code[order], time[order] / MICROSECONDS, lonlat[order], len(patrol_ids))
    _drop_impossible(reason, order, used, known, top_speed_kmh)
    keep = reason[order] == 0
    order = order[keep]
    fixes = _Used(used.patrol[keep], used.time_s[keep], used.lonlat[keep], len(patrol_ids))
    return Fixes(
        patrol_ids,
        fixes.patrol,
        fixes.time_s,
        fixes.lonlat,
        _dropped(reason, code, patrol_ids),
        _counted(_out_of_order(fixes, sequence[order]), patrol_ids, drop_zeros=True),
        _counted(np.bincount(code, minlength=len(patrol_ids)), patrol_ids),
    )


class _Used:
    """Fixes in order, with the bounds of each patrol."""

    def __init__(self, patrol: NDArray[np.int32], time_s: Floats, lonlat: Floats, patrols: int) -> None:
        self.patrol, self.time_s, self.lonlat = patrol, time_s, lonlat
        self.start = np.searchsorted(patrol, np.arange(patrols + 1)).astype(np.int64)


def _lonlat(tracks: gpd.GeoDataFrame | pd.DataFrame) -> Floats:
    """Take the place of each row, NaN where there is none; a multi-point of one point is that point."""
    if not isinstance(tracks, gpd.GeoDataFrame):
        return np.asarray(tracks[["lon", "lat"]], dtype=float)
    shapes = tracks.geometry.to_numpy()
    odd = np.flatnonzero((shapely.get_type_id(shapes) != shapely.GeometryType.POINT) | shapely.is_empty(shapes))
    if len(odd):
        parts = shapely.get_geometry(shapes[odd], 0)
        single = (shapely.get_num_geometries(shapes[odd]) == 1) & (shapely.get_num_coordinates(shapes[odd]) == 1)
        shapes = shapes.copy()
        shapes[odd] = np.where(single, parts, None)
    lonlat = np.empty((len(shapes), 2))
    lonlat[:, 0], lonlat[:, 1] = shapely.get_x(shapes), shapely.get_y(shapes)  # NaN for what is missing
    return lonlat


def _on_globe(lonlat: Floats) -> Mask:
    lon, lat = lonlat[:, 0], lonlat[:, 1]
    on: Mask = (np.abs(lon) <= 180.0) & (np.abs(lat) <= 90.0) & ((lon != 0.0) | (lat != 0.0))
    return on


def _sequence(tracks: pd.DataFrame) -> NDArray[np.int64]:
    """Take the place of each fix in its file: its number, else its row after all numbers."""
    row = np.arange(len(tracks), dtype=np.int64)
    if "sequence" not in tracks:
        return row
    given = tracks["sequence"].to_numpy(dtype=np.float64, na_value=np.nan)
    return np.where(np.isnan(given), row + 2**53, given).astype(np.int64)


def _ordered(rows: Any, code: Any, time: Any, sequence: Any, lonlat: Floats) -> Any:
    """Sort rows by patrol and time; rows of one time by sequence, where numbered, then by place."""
    patrol, when = code[rows], time[rows]
    step, later = np.diff(patrol), np.diff(when)
    if not ((step > 0) | ((step == 0) & (later >= 0))).all():
        rows = rows[np.lexsort((when, patrol))]
        step, later = np.diff(code[rows]), np.diff(time[rows])
    tied = (step == 0) & (later == 0)
    if tied.any():
        some = np.flatnonzero(np.append(tied, False) | np.append(False, tied))
        twins = rows[some]
        number = np.minimum(sequence[twins], 2**53)  # a row is no number: it says nothing in a tie
        place = (lonlat[twins, 1], lonlat[twins, 0], number)
        rows[some] = twins[np.lexsort((*place, time[twins], code[twins]))]
    return rows


def _drop(reason: NDArray[np.uint8], rows: Any, why: str) -> None:
    reason[rows] = REASONS.index(why) + 1


def _drop_twins(reason: Any, order: Any, code: Any, time: Any, lonlat: Floats) -> None:
    """Of the fixes of one patrol at one time leave the first."""
    if not len(order):
        return
    twin = np.append(False, (np.diff(code[order]) == 0) & (np.diff(time[order]) == 0))
    if not twin.any():
        return
    first = np.maximum.accumulate(np.where(twin, 0, np.arange(len(order))))[twin]
    rows = order[twin]
    same = (lonlat[rows] == lonlat[order[first]]).all(axis=1)
    _drop(reason, rows[same], DUPLICATE)
    _drop(reason, rows[~same], SAME_TIME)


def _patrols(patrol_ids: Array, patrols: pd.DataFrame | None) -> pd.DataFrame:
    """Look up when each patrol began and ended, microseconds (infinitely early or late = not known), and how."""
    known = pd.DataFrame({"start": -np.inf, "end": np.inf, "mode": "foot"}, index=pd.Index(patrol_ids))
    if patrols is None or not len(patrols):
        return known
    rows = patrols.set_index("patrol_id").reindex(known.index)
    for column, name in (("start", "start_time"), ("end", "end_time")):
        when = rows[name].dt.as_unit("us")
        known[column] = known[column].where(when.isna(), when.astype("int64").astype("float64"))
    return known.assign(mode=rows["mode"].astype("object").where(rows["mode"].notna(), "foot"))


def _drop_impossible(
    reason: Any, order: Any, used: _Used, known: pd.DataFrame, top_speed_kmh: float | Mapping[str, float]
) -> None:
    """Drop spikes, then the few fixes of another time."""
    if isinstance(top_speed_kmh, Mapping):
        top = known["mode"].map(top_speed_kmh).fillna(np.inf).to_numpy(dtype=np.float64)
    else:
        top = np.full(len(known), float(top_speed_kmh))
    bad = np.zeros(len(order), dtype=np.bool_)
    limits = (units.SPIKE_M, units.SPIKE_FIXES, units.CLOCK_GAP_S)
    spikes(used.start, used.time_s, used.lonlat, top / units.KMH_PER_MPS, *limits, bad)
    _drop(reason, order[bad], SPIKE)
    timeless = np.isinf(known["start"].to_numpy()) & np.isinf(known["end"].to_numpy())
    if not timeless.any():
        return
    good = np.flatnonzero(~bad)
    left = _Used(used.patrol[good], used.time_s[good], used.lonlat[:0], len(known))
    bad = np.zeros(len(good), dtype=np.bool_)
    clock_jumps(left.start, left.time_s, timeless, units.CLOCK_GAP_S, units.CLOCK_SHARE, bad)
    _drop(reason, order[good[bad]], CLOCK)


def _out_of_order(fixes: _Used, sequence: NDArray[np.int64]) -> NDArray[np.int64]:
    """Count for each patrol the fixes whose number is above that of a later one."""
    counts = np.zeros(len(fixes.start) - 1, dtype=np.int64)
    if (np.diff(sequence) > 0)[np.diff(fixes.patrol) == 0].all():
        return counts
    for patrol, (low, high) in enumerate(zip(fixes.start[:-1], fixes.start[1:], strict=True)):
        mine = sequence[low:high]
        lowest = np.minimum.accumulate(mine[::-1])[::-1]
        counts[patrol] = int((mine[:-1] > lowest[1:]).sum())
    return counts


def _counted(counts: Any, patrol_ids: Array, *, drop_zeros: bool = False) -> pd.DataFrame:
    frame = pd.DataFrame({"patrol_id": pd.Series(patrol_ids, dtype="str"), "fixes": counts})
    return frame[frame["fixes"] > 0].reset_index(drop=True) if drop_zeros else frame


def _dropped(reason: Any, code: Any, patrol_ids: Array) -> pd.DataFrame:
    rows = np.flatnonzero(reason)
    key, counts = np.unique(code[rows].astype(np.int64) * len(REASONS) + reason[rows] - 1, return_counts=True)
    return pd.DataFrame(
        {
            "patrol_id": pd.Series(patrol_ids[key // len(REASONS)], dtype="str"),
            "reason": pd.Series(np.array(REASONS, dtype=object)[key % len(REASONS)], dtype="str"),
            "fixes": counts,
        }
    )
