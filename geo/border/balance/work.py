"""Who has more to walk than hours to walk it in (M3, M7)? The work of segments and of those who hold them."""

from __future__ import annotations

from typing import Any

import numpy as np
import pandas as pd

from geo import units
from geo.border.holding import Holdings, cells
from geo.crs import Array, Floats

LOAD_STATES = ("ok", "strained", "overloaded", "nobody")
ROUNDING = 1e-9  # a holder who is used to exactly the limit is not beyond it


def work_of(holdings: Holdings) -> pd.DataFrame:
    """Set the work of each segment against the hours of its guards.

    A guard who moves at v km/h for h hours a day keeps R·v·h/2 km when everything is to be seen within R days,
    there and back; so l km need 2·l/(R·v) hours a day. A guard of n segments gives 1/n of the day to each, so
    that nobody works twice; M3's ``allowed_m`` counts everybody whole in each segment, and is never less.

    Parameters
    ----------
    holdings : Holdings
        What holds the border. Only accessible metres are work.

    Returns
    -------
    pandas.DataFrame
        A row a segment, index as ``Holdings.segments``: ``open_m`` accessible metres (0 for a segment that is
        not accessible, or not on the line), ``full_time`` guards, ``keeps_m`` what one full-time guard
        keeps, ``reach_m`` what all of them keep, ``hours_needed`` and ``hours_available`` a day, ``used`` =
        hours needed / available = ``open_m / reach_m`` (missing without guards).
    """
    segments = holdings.segments
    open_m = _open_metres(holdings)
    keeps = segments["interval_days"] * segments["speed_kmh"] * segments["hours_per_day"] / 2 * 1000.0
    full_time = _full_time(segments["staff_ids"], open_m > 0)
    reach = full_time * keeps
    return pd.DataFrame(
        {
            "open_m": open_m,
            "full_time": full_time,
            "keeps_m": keeps,
            "reach_m": reach,
            "hours_needed": 2 * open_m / 1000.0 / (segments["interval_days"] * segments["speed_kmh"]),
            "hours_available": full_time * segments["hours_per_day"],
            "used": (open_m / reach).where(reach > 0),
        }
    )


def holder_of(segments: pd.DataFrame) -> pd.Series:
    """Name the holder of each segment: its post, or where it has none, the segment itself.

    Parameters
    ----------
    segments : pandas.DataFrame
        With ``segment_id`` and ``post_id``.

    Returns
    -------
    pandas.Series
        ``post_id``, else ``segment-`` and the ``segment_id``; same index.
    """
    return segments["post_id"].fillna("segment-" + segments["segment_id"])


def loads(holdings: Holdings, work: pd.DataFrame) -> pd.DataFrame:
    """Pool the work of all segments of a holder.

    Parameters
    ----------
    holdings : Holdings
        What holds the border.
    work : pandas.DataFrame
        From :func:`work_of`.

    Returns
    -------
    pandas.DataFrame
        A row a holder of accessible ground, by ``holder_id``: ``holder_id post_id segments guards`` (different
        people) ``full_time length_m`` (accessible metres; what two segments share counts in each)
        ``hours_needed hours_available used state deviation`` (used / mean use of all - 1). ``used`` is missing
        where there is nobody.
    """
    rows = holdings.segments[["segment_id", "post_id", "staff_ids"]].join(work)
    rows = rows.assign(holder_id=holder_of(rows))[work["open_m"] > 0]
    by = rows.groupby("holder_id", sort=True)
    people = rows[["holder_id", "staff_ids"]].explode("staff_ids").groupby("holder_id")["staff_ids"].nunique()
    made = by[["full_time", "open_m", "hours_needed", "hours_available"]].sum()
    made = made.rename(columns={"open_m": "length_m"}).assign(
        post_id=by["post_id"].first(), segments=by.size(), guards=people.astype("int64")
    )
    available = made["hours_available"]
    used = (made["hours_needed"] / available).where(available > 0)
    made = made.assign(used=used, state=states(used), deviation=used / used.mean() - 1)
    made["segments"] = made["segments"].astype("int64")
    return made.reset_index()


def states(used: Any) -> Array:
    """Say what a use of working hours means.

    Parameters
    ----------
    used : array-like of float
        Hours needed / hours available, shape (n,); missing = nobody is there.

    Returns
    -------
    numpy.ndarray
        One of :data:`LOAD_STATES`, shape (n,): ``ok`` ≤ 0.9 < ``strained`` ≤ 1 < ``overloaded``.

    Examples
    --------
    >>> states([0.9, 0.95, 1.0, 1.2, float("nan")]).tolist()
    ['ok', 'strained', 'strained', 'overloaded', 'nobody']
    """
    use = np.asarray(used, dtype=float)
    bounds = np.array([units.STRAINED_SHARE, 1.0]) + ROUNDING
    return np.array(LOAD_STATES, dtype=object)[np.where(np.isnan(use), 3, np.searchsorted(bounds, use))]


def _open_metres(holdings: Holdings) -> Floats:
    """Accessible metres of each segment."""
    segments = holdings.segments
    found = np.zeros(len(segments))
    works = segments["from_m"].notna() & segments["accessible"].astype(bool)
    for key in holdings.lines:
        here = np.flatnonzero(works & (segments["border_id"] == key))
        held = cells(holdings, key)
        before = np.concatenate([[0.0], np.cumsum(np.diff(held.breaks) * held.accessible)])
        low, high = (np.searchsorted(held.breaks, segments[name].to_numpy()[here]) for name in ("from_m", "to_m"))
        found[here] = before[high] - before[low]
    return found


def _full_time(staff_ids: pd.Series, works: Array) -> pd.Series:
    """Guards of each segment where somebody who is on n of those that are work counts 1/n."""
    serves = staff_ids[works].explode().dropna()
    part = 1.0 / serves.map(serves.value_counts()).astype(float)
    return part.groupby(level=0).sum().reindex(staff_ids.index, fill_value=0.0)
