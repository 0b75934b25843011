"""Why is a piece of ground held wrongly? Width, cause and severity of gaps, overlaps and spills."""

from __future__ import annotations

from typing import Any

import numpy as np
import pandas as pd
import shapely

from geo.crs import Frame
from geo.grid.multiplicity import SNAPPED_DEGREES
from geo.place.rings import Floats, Ids, rings_of
from geo.units import CHILD_OUTSIDE_SHARE, DUPLICATE_IOU, SLIVER_COMPACTNESS

PRECISE = 0.01
HALF = 0.4999  # of a usual grid: what is drawn as half is half, whatever snapping did
TINY = 1e-12
SEVERITIES = {"noise": "info", "sliver": "warning"}


def width_m(polygons: Any) -> Floats:
    """Measure how wide polygons are: the diameter of the largest circle inside.

    Of a long strip (4πA/p² below 0.1) its radius is the depth at which nothing is left when the strip is worn off
    from its edge, found by halving: to look for the circle everywhere along the strip takes ten times as long.

    Parameters
    ----------
    polygons : array of Polygon
        In metres, shape (n,).

    Returns
    -------
    numpy.ndarray
        Metres, within 1 % (10 % for widths of a few centimetres), shape (n,).

    Examples
    --------
    >>> width_m(np.array([shapely.box(0, 0, 100, 8), shapely.box(0, 0, 9, 8)])).round(1).tolist()
    [8.0, 8.0]
    """
    strip = compactness(polygons) < SLIVER_COMPACTNESS
    width = np.empty(len(polygons))
    width[strip] = 2 * _depth(polygons[strip])
    round_ones = polygons[~strip]
    least = shapely.area(round_ones) / np.maximum(shapely.length(round_ones), TINY)  # of the radius
    width[~strip] = 2 * shapely.length(shapely.maximum_inscribed_circle(round_ones, tolerance=least * PRECISE))
    return width


def _depth(strips: Any) -> Floats:
    """Wear strips off until nothing is left; those not wider than area / length are done at once."""
    low = shapely.area(strips) / np.maximum(shapely.length(strips), TINY)  # of the radius, for any polygon
    high = np.sqrt(shapely.area(strips) / np.pi)
    at = np.minimum(low * (1 + PRECISE), high)
    open_ones = np.flatnonzero(high > low)
    while len(open_ones):
        gone = shapely.is_empty(shapely.buffer(strips[open_ones], -at[open_ones]))
        high[open_ones] = np.where(gone, at[open_ones], high[open_ones])
        low[open_ones] = np.where(gone, low[open_ones], at[open_ones])
        open_ones = open_ones[high[open_ones] > low[open_ones] * (1 + PRECISE) + TINY]
        at[open_ones] = np.sqrt(low[open_ones] * high[open_ones])
    return np.asarray(low)


def compactness(polygons: Any) -> Floats:
    """Measure how compact polygons are: 4πA/p² (Polsby and Popper 1991).

    Parameters
    ----------
    polygons : array of Polygon
        In metres, shape (n,).

    Returns
    -------
    numpy.ndarray
        1 for a circle, near 0 for a strip, shape (n,).
    """
    return np.asarray(4 * np.pi * shapely.area(polygons) / np.maximum(shapely.length(polygons) ** 2, TINY))


def causes_of(
    pieces: pd.DataFrame,
    width: Floats,
    members: pd.Series,
    children: Any,
    parents: Any,
    usual_area: Floats,
    frame: Frame,
    *,
    noise_m: float,
    sliver_m: float,
) -> Any:
    """Give each piece the first cause that fits.

    Parameters
    ----------
    pieces : pandas.DataFrame
        As :func:`geo.grid.multiplicity.pieces` gives them.
    width : numpy.ndarray
        Width of each piece, metres.
    members : pandas.Series of numpy.ndarray
        Positions of the children that hold each piece.
    children, parents : array of Polygon or MultiPolygon
        EPSG:4326.
    usual_area : numpy.ndarray
        Median area of a child of each parent, m²; NaN = unknown.
    frame : geo.crs.Frame
        Of the pieces.
    noise_m, sliver_m : float
        Narrower pieces are noise, slivers.

    Returns
    -------
    numpy.ndarray
        ``noise``, ``sliver`` (narrow, or 4πA/p² < 0.1), ``duplicate`` (two of the children are one:
        intersection over union at least 0.95), ``contained`` (one child within another), ``missing_grid`` (a gap
        of at least half the usual child), ``inlet`` (a gap that touches the parent's edge) or ``real``,
        shape (n,).
    """
    geometry = pieces["geometry"].to_numpy()
    kind = pieces["kind"].to_numpy()
    parent = pieces["parent"].to_numpy(dtype=np.int64)
    gap = kind == "gap"
    sliver = (width < sliver_m) | (compactness(geometry) < SLIVER_COMPACTNESS)
    twins = np.full(len(pieces), "", dtype=object)
    for row in np.flatnonzero((kind == "overlap") & ~sliver):
        twins[row] = _twins(frame.metres(children[members.iloc[row]]))
    with np.errstate(invalid="ignore"):
        large = gap & (shapely.area(geometry) >= HALF * usual_area[parent])
    inlet = gap.copy()
    inlet[gap] = shapely.dwithin(
        shapely.boundary(parents[parent[gap]]), frame.lonlat(geometry[gap]), SNAPPED_DEGREES
    )
    tests = [width < noise_m, sliver, twins == "duplicate", twins == "contained", large, inlet]
    names = ["noise", "sliver", "duplicate", "contained", "missing_grid", "inlet"]
    return np.select(tests, names, "real").astype(object)


def severity_of(cause: Any) -> Any:
    """Say how bad a cause is.

    Parameters
    ----------
    cause : numpy.ndarray
        Causes, shape (n,).

    Returns
    -------
    numpy.ndarray
        ``info`` for noise, ``warning`` for slivers, else ``fail``, shape (n,).
    """
    return np.array([SEVERITIES.get(one, "fail") for one in cause], dtype=object)


def _twins(members: Any) -> str:
    """Compare every two of the children that hold a piece."""
    left, right = np.triu_indices(len(members), 1)
    shared = shapely.area(shapely.intersection(members[left], members[right]))
    area = shapely.area(members)
    if (shared >= DUPLICATE_IOU * (area[left] + area[right] - shared)).any():
        return "duplicate"
    within = shared >= (1 - CHILD_OUTSIDE_SHARE) * np.minimum(area[left], area[right])
    return "contained" if within.any() else ""


def usual_areas(children: Any, parent_of: Ids, wanted: Ids, parents: int, frame: Frame) -> Floats:
    """Find the median area of the children of some parents.

    Parameters
    ----------
    children : array of Polygon or MultiPolygon
        EPSG:4326; missing ones do not count.
    parent_of : numpy.ndarray
        Parent of each child, -1 = none, shape (n,).
    wanted : numpy.ndarray
        Parents that are asked about.
    parents : int
        How many parents there are.
    frame : geo.crs.Frame
        Where areas are measured.

    Returns
    -------
    numpy.ndarray
        m², shape (parents,): of a wanted parent without children the median of all; NaN for parents that are not
        wanted, and when there is no child at all.
    """
    here = ~shapely.is_missing(children)
    rows = np.flatnonzero(here & np.isin(parent_of, wanted))
    median = pd.Series(areas_m2(children[rows], frame)).groupby(parent_of[rows]).median().reindex(wanted)
    if median.isna().any() and here.any():
        median = median.fillna(float(np.median(areas_m2(children[here], frame))))
    return np.asarray(median.reindex(range(parents)), dtype=float)


def areas_m2(polygons: Any, frame: Frame) -> Floats:
    """Measure many polygons without making projected ones.

    Parameters
    ----------
    polygons : array of Polygon or MultiPolygon
        EPSG:4326, shape (n,).
    frame : geo.crs.Frame
        Where areas are measured.

    Returns
    -------
    numpy.ndarray
        m², shape (n,); NaN where a polygon is missing.
    """
    rings = rings_of(polygons)
    area = rings.areas(np.column_stack(frame.xy(*rings.xy.T)), len(polygons))
    return np.where(shapely.is_missing(polygons), np.nan, area)
