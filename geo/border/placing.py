"""Where on the line do rows lie that give two measures, two markers or a geometry?"""

from __future__ import annotations

from typing import Any

import geopandas as gpd
import numpy as np
import pandas as pd
import shapely

from geo import units
from geo.border.chainage import Lines, locate_on
from geo.border.intervals import Flags, snapped
from geo.border.markers import MarkerBook
from geo.crs import LONLAT, Array, Floats

FAR_M = 2_000.0  # a patrol road runs hundreds of metres behind the line; this far off, it is another line's


def place_intervals(
    table: gpd.GeoDataFrame, key: str, lines: Lines, places: gpd.GeoDataFrame, *, noise_m: float = units.NOISE_M
) -> pd.DataFrame:
    """Find the interval of each row on its border.

    Two measures are taken as they are; two markers, and the ends of a geometry, name two places in either
    order. The first of these three ways that a row fills counts (more than one is refused when the table is
    read).

    Parameters
    ----------
    table : geopandas.GeoDataFrame
        The table ``segments`` or ``fences``: ``border_id``, ``start_m`` and ``end_m``, ``start_marker`` and
        ``end_marker``, and geometry. A missing ``border_id`` is the only border, the markers' or the nearest to
        the geometry.
    key : str
        Its id, by which the rows are sorted.
    lines : mapping of str to Chainage
        The borders.
    places : geopandas.GeoDataFrame
        From :func:`geo.border.markers.marker_places`.
    noise_m : float
        How far a row may overrun the border before that is worth saying, metres.

    Returns
    -------
    pandas.DataFrame
        The table's columns without geometry by ``key``, index 0…n-1, with ``border_id``, ``start_m``
        and ``end_m`` as found, ``from_m``, ``to_m`` and ``length_m`` of the part on the line (missing where
        there is none), and ``fault``: ``bad_interval`` (no place, or start ≥ end), ``out_of_range`` (beyond the
        ends of the border, or a geometry more than 2 km off it) or empty.
    """
    rows = table.sort_values(key, kind="stable", ignore_index=True)
    shapes = rows.geometry.to_numpy()
    placed = pd.DataFrame(rows.drop(columns="geometry"))
    border_id = placed["border_id"].to_numpy(dtype=object, copy=True)
    bounds = placed[["start_m", "end_m"]].to_numpy(dtype=float, copy=True)
    measured = ~np.isnan(bounds).any(axis=1)
    marked = ~measured & placed[["start_marker", "end_marker"]].notna().all(axis=1).to_numpy()
    drawn = ~measured & ~marked & ~(shapely.is_missing(shapes) | shapely.is_empty(shapes))
    bounds[~measured] = np.nan
    if len(lines) == 1:
        border_id[measured & pd.isna(border_id)] = next(iter(lines))
    book = MarkerBook(places)
    numbers = placed[["start_marker", "end_marker"]].to_numpy(dtype=object)
    for row in np.flatnonzero(marked):
        found = book.between(numbers[row, 0], numbers[row, 1], border_id[row])
        if found:
            border_id[row], bounds[row] = found[0], found[1:]
    far = np.zeros(len(rows), dtype=bool)
    border_id[drawn], bounds[drawn], offset = _spans(shapes[drawn], border_id[drawn], lines)
    far[drawn] = offset > FAR_M
    placed["border_id"] = pd.Series(border_id, dtype="str")
    placed["start_m"], placed["end_m"] = bounds[:, 0], bounds[:, 1]
    return _judged(placed, far, lines, noise_m)


def beside(
    stretches: pd.DataFrame, border_id: Any, start_m: Any, end_m: Any, *, noise_m: float = units.NOISE_M
) -> list[list[int]]:
    """Find the stretches at each of some places or pieces of border.

    Parameters
    ----------
    stretches : pandas.DataFrame
        From :func:`place_intervals`.
    border_id : array-like of str
        Border of each piece, shape (n,).
    start_m, end_m : array-like of float
        Bounds, start ≤ end, metres, shape (n,).
    noise_m : float
        How far bounds that are meant to be one may lie apart, metres: a stretch is at a piece that it shares more
        than this with, and at a place (a piece that is no longer than this) that it holds or comes this near to.

    Returns
    -------
    list of list of int
        Positions in ``stretches``, ascending; none for a piece without a place.
    """
    low, high = stretches["from_m"].to_numpy(), stretches["to_m"].to_numpy()
    border = stretches["border_id"].to_numpy(dtype=object)
    found = []
    for key, start, end in zip(border_id, np.asarray(start_m), np.asarray(end_m), strict=True):
        shared = np.minimum(high, end) - np.maximum(low, start)
        near = shared > noise_m if end - start > noise_m else shared >= -noise_m
        found.append(np.flatnonzero((border == key) & near).tolist())
    return found


def cut_on(lines: Lines, border_id: Any, start_m: Any, end_m: Any) -> gpd.GeoSeries:
    """Cut pieces out of several borders, and find places on them.

    Parameters
    ----------
    lines : mapping of str to Chainage
        The borders.
    border_id : array-like of str
        Border of each piece, shape (n,).
    start_m, end_m : array-like of float
        Bounds, metres, shape (n,).

    Returns
    -------
    geopandas.GeoSeries
        As :meth:`geo.border.chainage.Chainage.cut`, and the point where both bounds are one, index 0…n-1; missing
        without a known border or a bound on it.
    """
    border = pd.Series(np.asarray(border_id, dtype=object))
    start, end = np.asarray(start_m, dtype=float), np.asarray(end_m, dtype=float)
    shapes = np.full(len(border), None, dtype=object)
    for key, line in lines.items():
        here = np.flatnonzero(border == key)
        shapes[here] = line.cut(start[here], end[here])
        spots = here[start[here] == end[here]]
        places = line.point_at(start[spots])
        on = ~np.isnan(places).any(axis=1)
        shapes[spots[on]] = shapely.points(places[on])
    return gpd.GeoSeries(shapes, crs=LONLAT)


def _spans(shapes: Array, border_id: Array, lines: Lines) -> tuple[Array, Floats, Floats]:
    """Border, lowest and highest measure, and greatest offset of the ends of the parts of each line."""
    parts, row = shapely.get_parts(shapes, return_index=True)
    ends = np.stack([shapely.get_point(parts, 0), shapely.get_point(parts, -1)], axis=1).ravel()
    there = ~shapely.is_missing(ends)  # a part may be empty
    row, lonlat = np.repeat(row, 2)[there], shapely.get_coordinates(ends[there])
    first = np.searchsorted(row, np.arange(len(shapes)))
    border, measure, offset = locate_on(lines, border_id[row], lonlat)
    nearest = np.lexsort((offset, row))[first]
    border = np.where(pd.isna(border_id), border[nearest], border_id)
    elsewhere = np.flatnonzero(pd.isna(border_id)[row])  # both ends on the border of the nearer one
    _, measure[elsewhere], offset[elsewhere] = locate_on(lines, border[row[elsewhere]], lonlat[elsewhere])
    if not len(shapes):
        return border, np.zeros((0, 2)), np.zeros(0)
    low, high, furthest = (
        extreme.reduceat(values, first)
        for extreme, values in ((np.minimum, measure), (np.maximum, measure), (np.maximum, offset))
    )
    return border, np.stack([low, high], axis=1), furthest


def _judged(placed: pd.DataFrame, far: Flags, lines: Lines, noise_m: float) -> pd.DataFrame:
    length = placed["border_id"].map({key: line.length_m for key, line in lines.items()}).astype(float)
    start, end = placed["start_m"], placed["end_m"]
    low, high = snapped(start, length), snapped(end, length)
    outside = (start < end) & (far | (end > length + noise_m))
    on = (start < end) & ~far & (low < high)
    return placed.assign(
        from_m=np.where(on, low, np.nan),
        to_m=np.where(on, high, np.nan),
        length_m=np.where(on, high - low, np.nan),
        fault=np.select([outside, ~on], ["out_of_range", "bad_interval"], ""),
    )
