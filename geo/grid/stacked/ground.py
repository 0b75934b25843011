"""Which ground do polygons of two schemes share, and which do only those of one hold?

Only pairs whose insides meet need an intersection. What is certain without one is settled first: boxes that hardly
overlap, polygons drawn alike (by hash), one inside another, neighbours that share no more than an edge.
"""

from __future__ import annotations

from dataclasses import dataclass
from typing import Any

import numpy as np
import pandas as pd
import shapely

from geo.crs import Frame
from geo.place.index import polygonal
from geo.place.rings import Floats, Ids
from geo.units import NOISE_M

INSIDES_MEET = "T********"  # DE-9IM
POLYGON = 3
STEP_DEGREES = 0.01  # longer edges are cut before projecting, so that they bend by less than 3 cm
MOST = 0.501  # a narrow piece of more than half a grid is that grid, no slip of the pen; half itself is not


@dataclass(frozen=True, slots=True)
class Shared:
    """Ground that is shared, and ground that is not.

    Parameters
    ----------
    left, right : numpy.ndarray
        Positions of the two polygons of each pair that shares ground, shape (n,), by left, then right.
    ground : array of Polygon or MultiPolygon
        What they share, in metres, shape (n,).
    left_alone, right_alone : array of Polygon or MultiPolygon
        Of each polygon given, what no polygon of the other side holds; missing = nothing that counts.
    """

    left: Ids
    right: Ids
    ground: Any
    left_alone: Any
    right_alone: Any


def in_metres(polygons: Any, frame: Frame) -> Any:
    """Put polygons into a metric frame.

    Parameters
    ----------
    polygons : array of geometry
        EPSG:4326, shape (n,).
    frame : geo.crs.Frame
        Where areas are measured. Long edges are cut before projecting, so that they bend by less than 2 cm.

    Returns
    -------
    numpy.ndarray
        Valid polygons, shape (n,); missing where there is no ground.
    """
    made = polygonal(polygons)
    west, south, east, north = shapely.bounds(made).T
    long = np.maximum(east - west, north - south) > STEP_DEGREES  # others have no edge that needs cutting
    made[long] = shapely.segmentize(made[long], STEP_DEGREES)
    return polygonal(frame.metres(made))


def overlay(left: Any, right: Any, *, sliver_m: float) -> Shared:
    """Find the ground that polygons of two sides share.

    A connected piece counts when it is at least ``sliver_m`` wide (diameter of its largest inscribed circle), or
    more than half of a polygon it is a piece of.

    Parameters
    ----------
    left, right : array of Polygon or MultiPolygon
        In metres and valid, shape (n,) and (m,); missing ones hold nothing.
    sliver_m : float
        Narrower pieces are slips of digitising.

    Returns
    -------
    Shared
        The pieces that count.
    """
    at, of, whole = _meetings(left, right, narrower_than=sliver_m)
    smaller = np.minimum(shapely.area(left)[at], shapely.area(right)[of])
    ground = counted(whole, MOST * smaller, sliver_m)
    area = shapely.area(whole)
    some = ~shapely.is_missing(ground)
    return Shared(
        at[some],
        of[some],
        ground[some],
        _alone(left, right, at, of, area, sliver_m),
        _alone(right, left, of, at, area, sliver_m),
    )


def counted(ground: Any, enough_m2: Floats, sliver_m: float) -> Any:
    """Keep the connected pieces of each row that are no slivers.

    Parameters
    ----------
    ground : array of geometry
        In metres, shape (n,); lines and points among it are no ground.
    enough_m2 : numpy.ndarray
        Pieces larger than this count however narrow they are, m², shape (n,).
    sliver_m : float
        Pieces at least as wide count.

    Returns
    -------
    numpy.ndarray
        Polygons and multipolygons, shape (n,); missing where nothing is left.
    """
    parts, row = shapely.get_parts(ground, return_index=True)
    areal = shapely.get_type_id(parts) == POLYGON
    parts, row = parts[areal], row[areal]
    keep = is_wide(parts, sliver_m) | (shapely.area(parts) > enough_m2[row])
    parts, row = parts[keep], row[keep]
    made = np.full(len(ground), None, dtype=object)
    pieces = np.bincount(row, minlength=len(ground))
    single = pieces[row] == 1
    made[row[single]] = parts[single]
    several, number = np.unique(row[~single], return_inverse=True)
    if len(several):
        made[several] = shapely.multipolygons(parts[~single], indices=number)
    return made


def is_wide(polygons: Any, width_m: float) -> Any:
    """Tell whether a circle of a diameter fits into polygons.

    Parameters
    ----------
    polygons : array of Polygon
        In metres, shape (n,).
    width_m : float
        The diameter, metres.

    Returns
    -------
    numpy.ndarray of bool
        Shape (n,). Of a polygon with area A and perimeter P the largest circle has a radius between A/P and
        √(A/π); only where that leaves it open is the polygon worn off from its edge.

    Examples
    --------
    >>> is_wide(np.array([shapely.box(0, 0, 100, 8), shapely.box(0, 0, 100, 3)]), 5.0).tolist()
    [True, False]
    """
    area, length = shapely.area(polygons), shapely.length(polygons)
    wide = 2 * area >= width_m * length
    unsure = np.flatnonzero(~wide & (4 * area >= np.pi * width_m**2))
    wide[unsure] = ~shapely.is_empty(shapely.buffer(polygons[unsure], -width_m / 2))
    return wide & (area > 0)


def crowded(polygons: Any) -> Any:
    """Mark polygons that overlap another of their own side.

    Parameters
    ----------
    polygons : array of Polygon or MultiPolygon
        In metres and valid, shape (n,).

    Returns
    -------
    numpy.ndarray of bool
        Shape (n,); overlaps of up to 1 m² are survey noise.
    """
    marked = np.zeros(len(polygons), dtype=bool)
    at, of, whole = _meetings(polygons, polygons, narrower_than=0.0, once=True)
    more = shapely.area(whole) > NOISE_M**2
    marked[at[more]] = marked[of[more]] = True
    return marked


def _meetings(left: Any, right: Any, *, narrower_than: float, once: bool = False) -> tuple[Ids, Ids, Any]:
    """Pair polygons whose insides meet, and intersect them; ``once``: both lists are one, each pair once."""
    at, of = shapely.STRtree(right).query(left)
    if once:
        at, of = at[at < of], of[at < of]
    roomy = _roomy(left, right, at, of, narrower_than)
    at, of = at[roomy], of[roomy]
    order = np.lexsort((of, at))
    at, of = at[order], of[order]
    swap = shapely.get_num_coordinates(left)[at] < shapely.get_num_coordinates(right)[of]
    large, small = np.where(swap, right[of], left[at]), np.where(swap, left[at], right[of])
    whole = np.full(len(at), None, dtype=object)
    shapely.prepare(large)
    settled = _alike(left, right, at, of)
    settled[~settled] = shapely.covers(large[~settled], small[~settled])
    whole[settled] = small[settled]
    open_ = np.flatnonzero(~settled)
    meet = open_[shapely.relate_pattern(large[open_], small[open_], INSIDES_MEET)]
    whole[meet] = shapely.intersection(large[meet], small[meet])
    shapely.destroy_prepared(large)
    some = ~shapely.is_missing(whole)
    return at[some].astype(np.int64), of[some].astype(np.int64), whole[some]


def _roomy(left: Any, right: Any, at: Ids, of: Ids, narrower_than: float) -> Any:
    """Leave out pairs of which the boxes overlap too little for a piece that could count."""
    one, other = shapely.bounds(left)[at], shapely.bounds(right)[of]
    width, height = (np.minimum(one[:, 2:], other[:, 2:]) - np.maximum(one[:, :2], other[:, :2])).T
    smaller = np.minimum(shapely.area(left)[at], shapely.area(right)[of])
    return (np.minimum(width, height) >= narrower_than) | (width * height > MOST * smaller)


def _alike(left: Any, right: Any, at: Ids, of: Ids) -> Any:
    """Mark pairs that are drawn vertex by vertex alike, wherever their rings begin and whichever way they run."""
    prints = shapely.to_wkb(shapely.normalize(np.concatenate([left, right])))
    code, _ = pd.factorize(prints)
    return code[at] == code[len(left) + of]


def _alone(mine: Any, others: Any, at: Ids, of: Ids, shared_m2: Floats, sliver_m: float) -> Any:
    """Take from each polygon what the others hold; where areas add up there is nothing to look for."""
    made = np.full(len(mine), None, dtype=object)
    area = shapely.area(mine)
    held = np.bincount(at, weights=shared_m2, minlength=len(mine))
    lacking = area - held > np.minimum(np.pi / 4 * sliver_m**2, MOST * area)
    rows = np.flatnonzero((lacking | _doubled(others, at, of, lacking)) & ~shapely.is_missing(mine))
    enough = MOST * area
    left_over = counted(_less_the_best(mine, others, at, of, shared_m2, rows), enough[rows], sliver_m)
    rows = rows[~shapely.is_missing(left_over)]
    near, other = shapely.STRtree(others).query(mine[rows])
    groups = np.split(other[np.argsort(near, kind="stable")], np.cumsum(np.bincount(near, minlength=len(rows))))
    held_there = np.array([shapely.union_all(others[group]) for group in groups[: len(rows)]], dtype=object)
    made[rows] = counted(shapely.difference(mine[rows], held_there), enough[rows], sliver_m)
    return made


def _doubled(others: Any, at: Ids, of: Ids, lacking: Any) -> Any:
    """Mark polygons on which several of the others may hold the same ground: there, areas prove nothing."""
    marked = np.zeros(len(lacking), dtype=bool)
    several = np.bincount(at, minlength=len(lacking))[at] > 1
    asked = several & ~lacking[at]
    who, number = np.unique(of[asked], return_inverse=True)
    if len(who):
        marked[at[asked][crowded(others[who])[number]]] = True
    return marked


def _less_the_best(mine: Any, others: Any, at: Ids, of: Ids, shared_m2: Floats, rows: Ids) -> Any:
    """Take from polygons the one that holds most of each: often nothing is left that counts."""
    order = np.argsort(shared_m2, kind="stable")
    best = np.full(len(mine), -1, dtype=np.int64)
    best[at[order]] = of[order]
    made, some = mine[rows], best[rows] >= 0
    made[some] = shapely.difference(made[some], others[best[rows][some]])
    return made
