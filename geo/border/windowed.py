"""How idle was each metre over a span of time (M5)? Exact over intervals and over time."""

from __future__ import annotations

from dataclasses import dataclass

import numpy as np
import pandas as pd

from geo.border.idleness import DAY_S, on_line
from geo.border.intervals import Ints, latest
from geo.border.sweep import sweep
from geo.crs import Array, Floats

MICROSECONDS = 1e6


@dataclass(frozen=True, eq=False)
class Windowed:
    """Idleness of every metre of one border over a window.

    Parameters
    ----------
    breaks : numpy.ndarray
        Measures, metres, shape (cells + 1,).
    mean_days : numpy.ndarray
        Mean of idleness over the window, days, shape (cells,). NaN when nothing was observed in it.
    regularity_days : numpy.ndarray
        Root of the mean square of the gaps that touch the window, days: the more even the visits, the nearer it is
        to their mean interval.
    worst_days : numpy.ndarray
        The widest of them, days: how idle the metre ever was in the window.
    visits : numpy.ndarray
        Separate visits that ended in the window, shape (cells,); those of one patrol are one.
    seen : numpy.ndarray
        When the last visit before the window's end was over, datetime64[us] in UTC; NaT = never.
    """

    breaks: Floats
    mean_days: Floats
    regularity_days: Floats
    worst_days: Floats
    visits: Ints
    seen: Array


def windowed(
    visits: pd.DataFrame,
    border_id: str,
    length_m: float,
    *,
    since: pd.Timestamp,
    until: pd.Timestamp,
    observed: pd.Timestamp | None = None,
    alone: bool = False,
) -> Windowed:
    """Integrate the idleness of every metre of a border over a window (M5).

    At a metre with visits at t₁ < … < tₙ in the window and the one before it at t₀, idleness is a saw-tooth: the
    integral is ((t₁ - t₀)² - (since - t₀)² + Σ(tᵢ₊₁ - tᵢ)² + (until - tₙ)²) / 2, and the mean is that over the
    window's length. What was never visited before counts from the start of observation; when that is the start of
    the window, the mean is Σ g² / 2T over all gaps g, the first and the still open one included.

    Parameters
    ----------
    visits : pandas.DataFrame
        From :func:`geo.border.idleness.credited` at ``until`` or later.
    border_id : str
        The border.
    length_m : float
        Its length, metres.
    since, until : pandas.Timestamp
        The window; a visit that ends at ``since`` is before it, one at ``until`` in it.
    observed : pandas.Timestamp or None
        Start of observation; None = ``since``. When it lies in the window, idleness is told from there on.
    alone : bool
        True = it is the only border, and visits that name none are its own.

    Returns
    -------
    Windowed
        From 0 to the length without gap. Gaps count whole, also where they began before the window.
    """
    rows = on_line(visits[visits["seen"] <= until], border_id, length_m, alone=alone)
    start, end = rows["start_m"].to_numpy(), rows["end_m"].to_numpy()
    breaks, cell = np.unique(np.concatenate([[0.0, length_m], start, end]), return_inverse=True)
    opened = since if observed is None else observed
    begin = max(since, opened)
    span = (until - begin).total_seconds()
    seconds = _seconds(rows["seen"], begin)
    inside = (rows["seen"] > since).to_numpy()
    before = latest(start[~inside], end[~inside], breaks)
    ended = np.append(seconds[~inside], np.nan)[before]
    origin = np.minimum(np.where(np.isnan(ended), (opened - begin).total_seconds(), ended), 0.0)
    first, after = (cells[inside] for cells in np.split(cell[2:], 2))
    time, leaf = np.unique(seconds[inside], return_inverse=True)
    patrol, names = pd.factorize(rows["patrol"].to_numpy()[inside])
    told, count, gaps, last = sweep(first, after, leaf, patrol.astype(np.int64), len(names), time, origin, span)
    day, length = (DAY_S, span) if span > 0 else (np.nan, np.nan)
    return Windowed(
        breaks,
        told[:, 0] / length / day,
        np.sqrt(told[:, 1] / np.maximum(gaps, 1)) / day,
        told[:, 2] / day,
        count,
        _moments(np.where(np.isfinite(last), last, ended), begin),
    )


def _seconds(moments: pd.Series, origin: pd.Timestamp) -> Floats:
    return np.asarray((moments - origin).dt.as_unit("us").astype("int64") / MICROSECONDS, dtype=float)


def _moments(seconds: Floats, origin: pd.Timestamp) -> Array:
    zero = origin.tz_localize(None).to_datetime64().astype("datetime64[us]")
    known = np.where(np.isnan(seconds), 0.0, seconds)
    made = zero + np.round(known * MICROSECONDS).astype("timedelta64[us]")
    made[np.isnan(seconds)] = np.datetime64("NaT", "us")
    return np.asarray(made)
