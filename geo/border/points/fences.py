"""Where does a fence stand, in what condition, and what is wrong with it?

Fences are stretches of border, defects are events on it: a place or a stretch, from when it was found until it was
mended. Everything is laid over the line exactly, cut where a fence begins or ends.
"""

from __future__ import annotations

from typing import Any

import geopandas as gpd
import numpy as np
import pandas as pd
import shapely

from geo import units
from geo.border.chainage import Lines, locate_on
from geo.border.idleness import TIME
from geo.border.intervals import Flags, breaks_of, depth, members, snapped
from geo.border.markers import MarkerBook
from geo.border.placing import FAR_M
from geo.crs import Floats

UNKNOWN, MISSING, BARE = "unknown", "missing", "none"
CONDITIONS = ("good", "worn", UNKNOWN, "broken", MISSING, BARE)  # best first; nothing stands at the last two
OPEN, MENDED = "open", "mended"
OF_MARKERS = ("marker_dirty", "marker_damaged")
DAY_S = 86_400.0


def fence_stretches(spans: pd.DataFrame, lines: Lines) -> pd.DataFrame:
    """Cut the whole border wherever a fence begins or ends.

    Parameters
    ----------
    spans : pandas.DataFrame
        Fences from :func:`geo.border.placing.place_intervals`, with ``fence_id`` and ``condition``.
    lines : mapping of str to Chainage
        The borders.

    Returns
    -------
    pandas.DataFrame
        ``border_id start_m end_m length_m condition fences`` by place, index 0…n-1: each metre of each border in
        exactly one row. ``fences`` are the rows of ``spans`` there; the condition is the best of theirs (one good
        fence of two closes the border), ``unknown`` where none is said, ``none`` without a fence.
    """
    made = [_cells(spans[(spans["border_id"] == key) & spans["from_m"].notna()], key, lines[key]) for key in lines]
    columns = ["border_id", "start_m", "end_m", "length_m", "condition", "fences"]
    rows = [row for border in made for row in border]
    return pd.DataFrame(rows, columns=columns).astype(
        {"border_id": "str", "start_m": float, "end_m": float, "length_m": float, "condition": "str"}
    )


def _cells(spans: pd.DataFrame, border_id: str, line: Any) -> list[tuple[Any, ...]]:
    start, end = spans["from_m"].to_numpy(), spans["to_m"].to_numpy()
    breaks = breaks_of(line.length_m, start, end)
    condition = np.full(len(breaks) - 1, BARE, dtype=object)
    own = spans["condition"].fillna(UNKNOWN).to_numpy(dtype=object)
    for code in reversed(CONDITIONS[:-1]):
        condition[depth(start[own == code], end[own == code], breaks) > 0] = code
    rows = spans.index.to_numpy()
    fences = [rows[list(inside)].tolist() for inside in members(start, end, breaks)]
    return [
        (border_id, low, high, high - low, code, inside)
        for low, high, code, inside in zip(breaks[:-1], breaks[1:], condition, fences, strict=True)
    ]


def place_defects(
    defects: gpd.GeoDataFrame, lines: Lines, places: gpd.GeoDataFrame, *, noise_m: float = units.NOISE_M
) -> pd.DataFrame:
    """Find the place or stretch of each defect on its border.

    Parameters
    ----------
    defects : geopandas.GeoDataFrame
        The ``defects`` table: one or two measures, a marker or a point; the first of these ways that a row fills
        counts. A missing ``border_id`` is the only border, the marker's, or the nearest to the point.
    lines : mapping of str to Chainage
        The borders.
    places : geopandas.GeoDataFrame
        From :func:`geo.border.markers.marker_places`.
    noise_m : float
        How far a measure may overrun the border, metres.

    Returns
    -------
    pandas.DataFrame
        The table's columns without geometry by ``defect_id``, index 0…n-1, with ``border_id start_m end_m`` as
        found, ``from_m to_m`` of the part on the line (equal = a place; missing where there is none) and
        ``fault``: ``bad_interval`` (no place, or start > end), ``out_of_range`` (beyond the end of the border, or
        a point more than 2 km off it) or empty.
    """
    rows = defects.sort_values("defect_id", kind="stable", ignore_index=True)
    shapes = rows.geometry.to_numpy()
    border_id = rows["border_id"].to_numpy(dtype=object, copy=True)
    start = rows["start_m"].to_numpy(dtype=float, copy=True)
    end = rows["end_m"].fillna(rows["start_m"]).to_numpy(dtype=float, copy=True)
    measured = ~np.isnan(start)
    marked = ~measured & rows["marker"].notna().to_numpy()
    drawn = ~measured & ~marked & ~(shapely.is_missing(shapes) | shapely.is_empty(shapes))
    end[~measured] = np.nan
    if len(lines) == 1:
        border_id[measured & pd.isna(border_id)] = next(iter(lines))
    book = MarkerBook(places)
    for row in np.flatnonzero(marked):
        found = book.between(rows["marker"][row], rows["marker"][row], border_id[row])
        if found:
            border_id[row], start[row], end[row] = found
    lonlat = np.stack([shapely.get_x(shapes[drawn]), shapely.get_y(shapes[drawn])], axis=1)
    border_id[drawn], start[drawn], offset = locate_on(lines, border_id[drawn], lonlat)
    end[drawn] = start[drawn]
    far = np.zeros(len(rows), dtype=bool)
    far[drawn] = offset > FAR_M
    placed = pd.DataFrame(rows.drop(columns="geometry")).assign(
        border_id=pd.Series(border_id, dtype="str"), start_m=start, end_m=end
    )
    return _judged(placed, far, lines, noise_m)


def _judged(placed: pd.DataFrame, far: Flags, lines: Lines, noise_m: float) -> pd.DataFrame:
    length = placed["border_id"].map({key: line.length_m for key, line in lines.items()}).astype(float)
    start, end = placed["start_m"], placed["end_m"]
    somewhere = (start <= end) & length.notna()
    on = somewhere & ~far & (start <= length + noise_m)
    return placed.assign(
        from_m=np.where(on, snapped(start, length), np.nan),
        to_m=np.where(on, snapped(end, length), np.nan),
        fault=np.select([somewhere & (far | (end > length + noise_m)), ~on], ["out_of_range", "bad_interval"], ""),
    )


def known_defects(defects: pd.DataFrame, moment: pd.Timestamp) -> pd.DataFrame:
    """Say which defects were open at a moment, and for how long.

    Parameters
    ----------
    defects : pandas.DataFrame
        With ``found_at`` and ``mended_at``.
    moment : pandas.Timestamp
        As of when: what was not yet found is not known, what was mended later is open.

    Returns
    -------
    pandas.DataFrame
        Rows known by then, index 0…n-1, ``mended_at`` missing where it is open, with ``state`` (``open`` where
        found ≤ moment < mended, else ``mended``) and ``days_open``: from found to mended, or to the moment.
    """
    rows = defects[defects["found_at"] <= moment].reset_index(drop=True)
    mended = rows["mended_at"].where(rows["mended_at"] <= moment).astype(TIME)
    until = mended.fillna(moment)
    return rows.assign(
        mended_at=mended,
        state=pd.Series(np.where(mended.isna(), OPEN, MENDED), index=rows.index, dtype="str"),
        days_open=(until - rows["found_at"]).dt.total_seconds() / DAY_S,
    )


def in_window(defects: pd.DataFrame, since: pd.Timestamp) -> pd.DataFrame:
    """Keep the defects that were open at some time since a moment.

    Parameters
    ----------
    defects : pandas.DataFrame
        From :func:`known_defects`.
    since : pandas.Timestamp
        Begin of the window; what was mended at it is before it.

    Returns
    -------
    pandas.DataFrame
        Those rows.
    """
    return defects[(defects["state"] == OPEN) | (defects["mended_at"] > since)]


def days_to_mend(defects: pd.DataFrame, share: float) -> float | None:
    """Find the days within which a share of defects was mended, open ones counted as still open.

    Parameters
    ----------
    defects : pandas.DataFrame
        From :func:`known_defects`.
    share : float
        0.5 = the median.

    Returns
    -------
    float or None
        The least number of days within which at least this share of all was mended; None where less is mended
        yet, and without rows.

    Examples
    --------
    >>> rows = pd.DataFrame({"state": ["mended", "mended", "open", "mended"], "days_open": [2.0, 9.0, 4.0, 3.0]})
    >>> days_to_mend(rows, 0.5), days_to_mend(rows, 0.9)
    (3.0, None)
    """
    if not len(defects):
        return None
    days: Floats = np.where(defects["state"] == OPEN, np.inf, defects["days_open"])
    found = float(np.quantile(days, share, method="inverted_cdf"))
    return found if np.isfinite(found) else None
