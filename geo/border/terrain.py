"""What does the line run on: land, a river or a lake, and can anybody get there?"""

from __future__ import annotations

from typing import Any

import geopandas as gpd
import numpy as np
import pandas as pd

from geo.border.intervals import Flags, depth, snapped
from geo.crs import Array, Floats
from geo.tables.frontier import LINE_KINDS


def kinds_of(parts: gpd.GeoDataFrame, border_id: Any, start_m: Any, end_m: Any) -> Array:
    """Say on what most of each stretch runs.

    Parameters
    ----------
    parts : geopandas.GeoDataFrame
        From :func:`geo.border.chainage.parts_in_order`.
    border_id : array-like of str
        Border of each stretch, shape (n,).
    start_m, end_m : array-like of float
        Its bounds on the line, metres, shape (n,).

    Returns
    -------
    numpy.ndarray
        ``land``, ``river`` or ``lake``, shape (n,): the one with most metres, of equals the first of these.
        None for a stretch without border, bounds or length.
    """
    border = np.asarray(border_id, dtype=object)
    start, end = np.asarray(start_m, dtype=float), np.asarray(end_m, dtype=float)
    found = np.full(len(border), None, dtype=object)
    for key, rows in parts.groupby("border_id"):
        here = np.flatnonzero((border == key) & (start < end))
        bounds = np.append(0.0, rows["end_m"].to_numpy())
        metres = np.stack([_within(rows, kind, bounds, start[here], end[here]) for kind in LINE_KINDS])
        found[here] = np.array(LINE_KINDS, dtype=object)[np.argmax(np.round(metres, 3), axis=0)]
    return found


def closed_stretches(parts: gpd.GeoDataFrame, border_id: str, length_m: float) -> tuple[Floats, Floats]:
    """List the stretches of a border that nobody can get to.

    Parameters
    ----------
    parts : geopandas.GeoDataFrame
        From :func:`geo.border.chainage.parts_in_order`.
    border_id : str
        The border.
    length_m : float
        Its length, metres.

    Returns
    -------
    tuple of numpy.ndarray
        Start and end of each part that is not accessible, whole millimetres, shape (n,).
    """
    closed = parts[(parts["border_id"] == border_id) & ~parts["accessible"].astype(bool)]
    start, end = (snapped(closed[name].to_numpy(), length_m) for name in ("start_m", "end_m"))
    return start[start < end], end[start < end]


def accessible(closed: tuple[Floats, Floats], segments: pd.DataFrame, breaks: Floats) -> Flags:
    """Tell which cells of a border people can get to (B' of M4).

    Parameters
    ----------
    closed : tuple of numpy.ndarray
        From :func:`closed_stretches`.
    segments : pandas.DataFrame
        Segments of this border: ``from_m to_m accessible``.
    breaks : numpy.ndarray
        Cell bounds, metres, shape (cells + 1,), every bound of both among them.

    Returns
    -------
    numpy.ndarray
        Shape (cells,). False where the border's part is not accessible, and where segments hold a cell and none
        of them is.
    """
    start, end = segments["from_m"].to_numpy(), segments["to_m"].to_numpy()
    open_ = segments["accessible"].to_numpy(dtype=bool)
    shut = (depth(start, end, breaks) > 0) & (depth(start[open_], end[open_], breaks) == 0)
    return np.asarray(~shut & (depth(*closed, breaks) == 0))


def _within(rows: pd.DataFrame, kind: str, bounds: Floats, start: Floats, end: Floats) -> Floats:
    """Metres of one kind between some measures."""
    own = rows["length_m"].where(rows["kind"] == kind, 0.0).to_numpy()
    before = np.append(0.0, np.cumsum(own))
    return np.asarray(np.interp(end, bounds, before) - np.interp(start, bounds, before))
