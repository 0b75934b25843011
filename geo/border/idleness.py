"""How long has each metre gone unvisited (M5), and is that too long (M6)?

Exact over intervals: a border is cut wherever a visit begins or ends, and nothing changes inside a cell.
"""

from __future__ import annotations

from dataclasses import dataclass
from datetime import date, datetime, time, timedelta
from typing import Any
from zoneinfo import ZoneInfo

import numpy as np
import pandas as pd

from geo.border.intervals import breaks_of, latest, snapped
from geo.crs import Array, Floats
from geo.tables.conform import conform

EVIDENCE = ("gps", "scan", "declared")  # strongest first
STATES = ("ok", "due", "overdue", "critical", "never", "unassigned")  # mildest first
UNASSIGNED = "unassigned"
DUE_FROM = 0.75  # of the interval, M6
CRITICAL_FROM = 2.0
DAY_S = 86_400.0
TIME = "datetime64[us, UTC]"
WHERE_AND_WHOSE = ("border_id", "start_m", "end_m", "seen", "evidence", "patrol", "post_id", "staff_id", "joint")
TARGET = ("target_type", "target_id")


@dataclass(frozen=True, eq=False)
class Staleness:
    """The last credited visit of every metre of one border at one moment.

    Parameters
    ----------
    breaks : numpy.ndarray
        Measures, metres, shape (cells + 1,).
    seen : numpy.ndarray
        When the last visit ended, datetime64[us] in UTC, shape (cells,); NaT = never.
    evidence : numpy.ndarray
        Its evidence, shape (cells,); None = never.
    """

    breaks: Floats
    seen: Array
    evidence: Array


def end_of_day(as_of: date, time_zone: str) -> pd.Timestamp:
    """Find the moment at which a local day is over.

    Parameters
    ----------
    as_of : datetime.date
        The day.
    time_zone : str
        IANA name.

    Returns
    -------
    pandas.Timestamp
        In UTC.

    Examples
    --------
    >>> end_of_day(date(2026, 11, 20), "Asia/Shanghai")
    Timestamp('2026-11-20 16:00:00+0000', tz='UTC')
    """
    midnight = datetime.combine(as_of + timedelta(days=1), time(), tzinfo=ZoneInfo(time_zone))
    return pd.Timestamp(midnight).tz_convert("UTC")


def bands(idle_days: Floats, interval_days: Floats) -> Array:
    """Judge idle times against the required interval (M6).

    Parameters
    ----------
    idle_days : numpy.ndarray
        Days since the last visit, shape (n,); NaN = never visited.
    interval_days : numpy.ndarray
        Required interval R, days, shape (n,).

    Returns
    -------
    numpy.ndarray
        ``ok`` ≤ 0.75 R < ``due`` ≤ R < ``overdue`` ≤ 2 R < ``critical``; ``never``. Shape (n,).

    Examples
    --------
    >>> bands(np.array([3.0, 4.0, 4.5, 8.5, np.nan]), np.full(5, 4.0)).tolist()
    ['ok', 'due', 'overdue', 'critical', 'never']
    """
    idle, required = np.asarray(idle_days, dtype=float), np.asarray(interval_days, dtype=float)
    limits = (idle <= DUE_FROM * required, idle <= required, idle <= CRITICAL_FROM * required, ~np.isnan(idle))
    return np.select(limits, STATES[:4], STATES[4])


def over(visits: pd.DataFrame | None, moment: pd.Timestamp) -> pd.DataFrame:
    """Keep the visits that were over at a moment, the oldest first.

    Parameters
    ----------
    visits : pandas.DataFrame or None
        The ``visits`` table, None = no visit.
    moment : pandas.Timestamp
        The moment; a visit that ends at it counts.

    Returns
    -------
    pandas.DataFrame
        ``border_id start_m end_m seen evidence patrol post_id staff_id joint target_type target_id``, bounds in
        order whichever way was walked, by ``seen`` (its end; its start or ``time`` where no end is known), then
        from the weakest to the strongest evidence. ``patrol`` is the ``patrol_id``, or the ``visit_id`` where none
        is named: visits of one patrol are no separate visits.
    """
    rows = conform("visits", pd.DataFrame()) if visits is None else visits
    seen = rows["end_time"].fillna(rows["start_time"]).fillna(rows["time"]).astype(TIME)
    rows = rows.assign(
        start_m=rows[["start_m", "end_m"]].min(axis=1, skipna=False),
        end_m=rows[["start_m", "end_m"]].max(axis=1, skipna=False),
        seen=seen,
        patrol=rows["patrol_id"].fillna(rows["visit_id"]),
    )
    rows = pd.DataFrame(rows.loc[seen <= moment, [*WHERE_AND_WHOSE, *TARGET]])
    return rows.iloc[_in_order(rows)].reset_index(drop=True)


def _in_order(rows: pd.DataFrame) -> Any:
    """Positions by time; of one time from weak to strong, then by whatever tells them apart."""
    seen = rows["seen"].dt.as_unit("us").astype("int64").to_numpy()
    order = np.argsort(seen, kind="stable")
    same = seen[order[1:]] == seen[order[:-1]]
    tied = np.flatnonzero(np.append(same, False) | np.insert(same, 0, False)) if len(order) else order
    if len(tied):
        at_once = rows.iloc[order[tied]]
        strength = at_once["evidence"].map(dict(zip(EVIDENCE, (3, 2, 1), strict=True))).to_numpy(dtype=float)
        names = [pd.factorize(at_once[name], sort=True)[0] for name in ("patrol", "border_id")]
        keys = (*names, at_once["end_m"], at_once["start_m"], strength, seen[order[tied]])
        order[tied] = order[tied][np.lexsort(keys)]
    return order


def credited(visits: pd.DataFrame | None, moment: pd.Timestamp) -> pd.DataFrame:
    """Keep the visits of stretches that were over at a moment, the oldest first.

    Parameters
    ----------
    visits : pandas.DataFrame or None
        The ``visits`` table, None = no visit.
    moment : pandas.Timestamp
        The moment; a visit that ends at it counts.

    Returns
    -------
    pandas.DataFrame
        From :func:`over`, without ``target_type`` and ``target_id``: those with a length.
    """
    rows = over(visits, moment).drop(columns=list(TARGET))
    return rows[rows["start_m"] < rows["end_m"]].reset_index(drop=True)


def on_line(visits: pd.DataFrame, border_id: str, length_m: float, *, alone: bool = False) -> pd.DataFrame:
    """Keep the visits of one border, with bounds on it.

    Parameters
    ----------
    visits : pandas.DataFrame
        From :func:`credited`.
    border_id : str
        The border.
    length_m : float
        Its length, metres.
    alone : bool
        True = it is the only border, and visits that name none are its own.

    Returns
    -------
    pandas.DataFrame
        Those rows in their order, index 0…n-1; bounds in 0…length to whole millimetres, so that a visit that lies
        beyond the ends has no length.
    """
    mine = visits["border_id"] == border_id
    rows = visits[mine | visits["border_id"].isna()] if alone else visits[mine]
    bounds = {name: snapped(rows[name].to_numpy(), length_m) for name in ("start_m", "end_m")}
    return rows.assign(**bounds).reset_index(drop=True)


def staleness(visits: pd.DataFrame, border_id: str, length_m: float, *, alone: bool = False) -> Staleness:
    """Find the last visit of every metre of a border.

    Parameters
    ----------
    visits : pandas.DataFrame
        From :func:`credited`. What lies beyond the ends of the border does not count.
    border_id : str
        The border.
    length_m : float
        Its length, metres.
    alone : bool
        True = it is the only border, and visits that name none are its own.

    Returns
    -------
    Staleness
        From 0 to the length without gap.
    """
    rows = on_line(visits, border_id, length_m, alone=alone)
    start, end = rows["start_m"].to_numpy(), rows["end_m"].to_numpy()
    breaks = breaks_of(length_m, start, end)
    last = latest(start, end, breaks)
    seen = np.append(
        rows["seen"].dt.tz_localize(None).to_numpy(dtype="datetime64[us]"), np.datetime64("NaT", "us")
    )
    evidence = np.array([*rows["evidence"], None], dtype=object)
    return Staleness(breaks, seen[last], evidence[last])


def idle_days(seen: Array, moment: pd.Timestamp) -> Floats:
    """Count days from visits to a moment.

    Parameters
    ----------
    seen : numpy.ndarray
        Times, datetime64[us] in UTC, shape (n,).
    moment : pandas.Timestamp
        The moment.

    Returns
    -------
    numpy.ndarray
        Days, shape (n,); NaN for NaT.
    """
    return np.asarray((moment.tz_localize(None).to_datetime64() - seen) / np.timedelta64(1, "s") / DAY_S)


def stalest(idle: Floats, width: Floats, *, noise_m: float) -> int:
    """Find the cell beyond which hardly anything is staler.

    Parameters
    ----------
    idle : numpy.ndarray
        Days since the last visit of some cells, shape (cells,), at least one; NaN = never, stalest of all.
    width : numpy.ndarray
        Their widths, metres, shape (cells,).
    noise_m : float
        Staler cells that are no longer than this together do not count, metres.

    Returns
    -------
    int
        Position of the cell, of equally stale ones the first.
    """
    order = np.lexsort((np.arange(len(idle)), -np.nan_to_num(idle, nan=np.inf)))
    staler = int(np.searchsorted(np.cumsum(width[order]), noise_m, side="right"))
    return int(order[min(staler, len(order) - 1)])


def observed_from(visits: pd.DataFrame) -> Any:
    """Tell since when there are visits at all: what was never visited has been idle at least since then (M5).

    Parameters
    ----------
    visits : pandas.DataFrame
        From :func:`credited`.

    Returns
    -------
    numpy.datetime64
        End of the first visit of any border, UTC; NaT without visits.
    """
    return visits["seen"].dt.tz_localize(None).min().to_datetime64() if len(visits) else np.datetime64("NaT", "us")
