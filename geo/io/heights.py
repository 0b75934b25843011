"""How high the ends of streets are: from the third coordinate of lines and points, or from a column of nodes."""

from __future__ import annotations

from typing import Any

import numpy as np
import pandas as pd
import shapely
from numpy.typing import ArrayLike, NDArray

from geo.io.raw import Geometries, Raw

HEIGHT_HEADINGS = ("height_m", "elevation", "ele", "高程", "海拔")
LOWEST_M, HIGHEST_M = -500.0, 9_000.0  # no street lies beyond: such numbers stand for "unknown"
Floats = NDArray[np.float64]


def plausible(height: ArrayLike) -> Floats:
    """Take heights that a street can have.

    Parameters
    ----------
    height : array_like of float
        Metres.

    Returns
    -------
    numpy.ndarray
        The same, NaN for those that cannot be (-9999 and the like).

    Examples
    --------
    >>> plausible([1050.0, -9999.0])
    array([1050.,   nan])
    """
    given = np.asarray(height, dtype=float)
    return np.where((given >= LOWEST_M) & (given <= HIGHEST_M), given, np.nan)


def read_heights(texts: Any) -> Floats:
    """Read heights from cells.

    Parameters
    ----------
    texts : sequence
        Numbers, or text such as ``1050`` or ``1050 m``.

    Returns
    -------
    numpy.ndarray
        Metres; NaN for what is empty, no number, or no height of a street.
    """
    text = pd.Series(list(texts), dtype="object").astype("str").str.removesuffix("m").str.strip()
    return plausible(pd.to_numeric(text, errors="coerce").to_numpy(dtype=float))


def rise_of(lines: Geometries) -> Floats:
    """Measure how far lines rise from their first to their last vertex.

    Parameters
    ----------
    lines : numpy.ndarray of LineString or MultiLineString
        Shape (n,).

    Returns
    -------
    numpy.ndarray
        Metres, shape (n,); NaN where an end has no height.

    Examples
    --------
    >>> rise_of(np.array([shapely.LineString([(0, 0, 10), (1, 0, 40), (2, 0, 12)])]))
    array([2.])
    """
    first, last = (shapely.get_point(shapely.get_geometry(lines, end), end) for end in (0, -1))
    return plausible(shapely.get_z(last)) - plausible(shapely.get_z(first))


def flatten(raw: Raw) -> None:
    """Keep of a third coordinate only how far lines rise; everything else here is in two dimensions.

    Parameters
    ----------
    raw : Raw
        Changed in place: ``geometry``, and ``rise`` where the file has heights.
    """
    if raw.geometry is None:
        return
    if shapely.has_z(raw.geometry).any():
        rise = rise_of(raw.geometry)
        raw.rise = rise if raw.rise is None else np.where(np.isnan(rise), raw.rise, rise)
    if (shapely.get_coordinate_dimension(raw.geometry) > 2).any():
        raw.geometry = np.asarray(shapely.force_2d(raw.geometry), dtype=object)


def fill_rise(frame: pd.DataFrame, rise: Floats | None) -> pd.DataFrame:
    """Fill the column ``rise_m`` where the file itself does not say it.

    Parameters
    ----------
    frame : pandas.DataFrame
        Streets; perhaps with ``rise_m``.
    rise : numpy.ndarray or None
        Of :func:`flatten` or of nodes.

    Returns
    -------
    pandas.DataFrame
        A new frame; the same one where nothing is known.
    """
    if rise is None:
        return frame
    said = pd.to_numeric(frame["rise_m"]) if "rise_m" in frame else pd.Series(np.nan, index=frame.index)
    return frame.assign(rise_m=said.astype("float64").where(said.notna(), rise))
