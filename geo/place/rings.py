"""Polygons laid out as arrays of rings, for compiled loops: no object is made for a polygon that has no hole."""

from __future__ import annotations

from typing import Any, NamedTuple

import numpy as np
import shapely
from numba import njit
from numpy.typing import NDArray

JIT: dict[str, Any] = {"cache": True, "nogil": True, "error_model": "numpy"}  # sums of squares may be nought
POLYGON, MULTIPOLYGON = 3, 6  # GEOS types
EDGES_COMPARED = 128  # of one ring: a longer one is left to GEOS, which does not compare every two of its edges
CERTAIN = 4e-16  # of the sum of the products in an orientation: the sign of less may be the rounding's

Ids = NDArray[np.int64]
Floats = NDArray[np.float64]
Mask = NDArray[np.bool_]


class Rings(NamedTuple):
    """Closed rings, the ground of their owner on the left: outer rings run anticlockwise, holes clockwise.

    Parameters
    ----------
    xy : numpy.ndarray
        Vertices, ring after ring, the first of each again at its end, shape (n, 2).
    first : numpy.ndarray
        Where each ring begins, and n, shape (r + 1,).
    owner : numpy.ndarray
        Position of each ring's polygon in the array given, ascending, shape (r,).
    """

    xy: Floats
    first: Ids
    owner: Ids

    def edges(self) -> Ids:
        """List the edges.

        Returns
        -------
        numpy.ndarray
            Vertex at which each edge begins; it ends at the next one. Edges without length are among them.
        """
        inner = np.ones(len(self.xy), dtype=bool)
        inner[self.first[1:] - 1] = False
        return np.flatnonzero(inner)

    def areas(self, xy: Floats, polygons: int) -> Floats:
        """Measure the ground of each polygon.

        Parameters
        ----------
        xy : numpy.ndarray
            Its vertices in an equal-area frame, metres, shape (n, 2).
        polygons : int
            How many polygons there are.

        Returns
        -------
        numpy.ndarray
            m², shape (polygons,); 0 for those without rings.
        """
        return np.bincount(self.owner, weights=_areas(xy, self.first), minlength=polygons).astype(float)


def rings_of(polygons: Any) -> Rings:
    """Lay polygons out as rings.

    Parameters
    ----------
    polygons : array of Polygon or MultiPolygon
        Shape (n,); missing and empty ones, and other geometry, have no rings.

    Returns
    -------
    Rings
        In the order of the polygons, their parts and rings; whatever way they were drawn, ground is on the left.
    """
    values = np.asarray(polygons, dtype=object)
    plain = _plain(values)
    rows = np.flatnonzero(plain)
    other = np.flatnonzero(np.isin(shapely.get_type_id(values), (POLYGON, MULTIPOLYGON)) & ~plain)
    parts, row_of_part = shapely.get_parts(values[other], return_index=True)
    rings, part_of_ring = shapely.get_rings(parts, return_index=True)
    owner = np.concatenate([rows, other[row_of_part[part_of_ring]]])
    drawn = np.concatenate([values[rows], rings])
    hole = np.concatenate([np.zeros(len(rows), dtype=bool), ~_begins(part_of_ring)])
    if len(rings):
        order = np.argsort(owner, kind="stable")
        owner, drawn, hole = owner[order], drawn[order], hole[order]
    count = shapely.get_num_coordinates(drawn).astype(np.int64)
    first = np.concatenate([[0], np.cumsum(count)])
    xy = shapely.get_coordinates(drawn) + 0.0
    _ground_on_the_left(xy, first, hole)
    return Rings(xy, first, owner)


def valid(polygons: Any) -> Mask:
    """Tell which polygons are valid; the same answer as ``shapely.is_valid``, sooner where rings are short.

    Parameters
    ----------
    polygons : array of geometry
        Shape (n,).

    Returns
    -------
    numpy.ndarray
        Shape (n,); False for missing ones, as in shapely.
    """
    values = np.asarray(polygons, dtype=object)
    rows = np.flatnonzero(_plain(values))
    xy, ring = shapely.get_coordinates(values[rows], return_index=True)
    count = np.bincount(ring, minlength=len(rows))
    fine = np.zeros(len(values), dtype=bool)
    fine[rows] = _plainly_simple(xy, np.concatenate([[0], np.cumsum(count)]))
    doubtful = np.flatnonzero(~fine)
    fine[doubtful] = shapely.is_valid(values[doubtful])
    return fine


def plainly_valid(rings: Rings, polygons: int) -> Mask:
    """Tell which polygons are seen to be valid without asking GEOS.

    Parameters
    ----------
    rings : Rings
        Of the polygons.
    polygons : int
        How many there are.

    Returns
    -------
    numpy.ndarray
        Shape (polygons,). False = they may be invalid, or have several rings or none.
    """
    single = np.bincount(rings.owner, minlength=polygons) == 1
    fine = np.zeros(polygons, dtype=bool)
    fine[rings.owner] = _plainly_simple(rings.xy, rings.first)
    return np.asarray(fine & single)


def _plain(values: Any) -> Mask:
    """Mark polygons of a single ring."""
    one_ring = shapely.get_num_interior_rings(values) == 0
    return np.asarray(
        (shapely.get_type_id(values) == POLYGON) & one_ring & (shapely.get_num_coordinates(values) > 0)
    )


def _begins(sorted_ids: Any) -> Mask:
    begins = np.ones(len(sorted_ids), dtype=bool)
    begins[1:] = sorted_ids[1:] != sorted_ids[:-1]
    return begins


@njit(**JIT)
def _ground_on_the_left(xy: Any, first: Any, hole: Any) -> None:
    for r in range(len(hole)):
        begin, stop = first[r], first[r + 1]
        twice = 0.0
        for i in range(begin + 1, stop - 1):
            east, north = xy[i, 0] - xy[begin, 0], xy[i, 1] - xy[begin, 1]
            twice += east * (xy[i + 1, 1] - xy[begin, 1]) - north * (xy[i + 1, 0] - xy[begin, 0])
        if (twice < 0) != hole[r]:
            for i in range((stop - begin) // 2):
                for axis in range(2):
                    kept = xy[begin + i, axis]
                    xy[begin + i, axis] = xy[stop - 1 - i, axis]
                    xy[stop - 1 - i, axis] = kept


@njit(**JIT)
def _areas(xy: Any, first: Any) -> Any:
    """Measure rings, those that run clockwise negative."""
    area = np.zeros(len(first) - 1)
    for r in range(len(area)):
        x, y = xy[first[r], 0], xy[first[r], 1]  # sums stay small
        for i in range(first[r], first[r + 1] - 1):
            area[r] += ((xy[i, 0] - x) * (xy[i + 1, 1] - y) - (xy[i, 1] - y) * (xy[i + 1, 0] - x)) / 2
    return area


@njit(**JIT)
def _side(ax: float, ay: float, bx: float, by: float, cx: float, cy: float) -> int:
    """Tell on which side of a-b lies c: 1 left, -1 right, 0 = too near to the line to be certain."""
    left, right = (bx - ax) * (cy - ay), (by - ay) * (cx - ax)
    doubt = CERTAIN * (abs(left) + abs(right))
    turn = left - right
    return 1 if turn > doubt else (-1 if turn < -doubt else 0)


@njit(**JIT)
def _apart(xy: Any, i: int, j: int) -> bool:
    """Tell whether two edges certainly do not touch, though their boxes do."""
    ax, ay, bx, by = xy[i, 0], xy[i, 1], xy[i + 1, 0], xy[i + 1, 1]
    cx, cy, dx, dy = xy[j, 0], xy[j, 1], xy[j + 1, 0], xy[j + 1, 1]
    if _side(ax, ay, bx, by, cx, cy) * _side(ax, ay, bx, by, dx, dy) > 0:
        return True
    return bool(_side(cx, cy, dx, dy, ax, ay) * _side(cx, cy, dx, dy, bx, by) > 0)


@njit(**JIT)
def _boxes(xy: Any, begin: int, stop: int, west: Any, south: Any, east: Any, north: Any) -> None:
    for i in range(begin, stop):
        west[i - begin], east[i - begin] = min(xy[i, 0], xy[i + 1, 0]), max(xy[i, 0], xy[i + 1, 0])
        south[i - begin], north[i - begin] = min(xy[i, 1], xy[i + 1, 1]), max(xy[i, 1], xy[i + 1, 1])


@njit(**JIT)
def _goes_round(ring: Any) -> bool:
    """Tell whether all of a ring is certainly seen from the mean of its vertices: then it cannot touch itself."""
    edges = len(ring) - 1
    x = y = 0.0
    for i in range(edges):
        x += ring[i, 0] / edges
        y += ring[i, 1] / edges
    lefts = rights = passes = 0
    for i in range(edges):  # every edge turns the same way about the mean, and together they go round it once
        ax, ay, bx, by = ring[i, 0] - x, ring[i, 1] - y, ring[i + 1, 0] - x, ring[i + 1, 1] - y
        turn, doubt = ax * by - bx * ay, CERTAIN * (abs(ax * by) + abs(bx * ay))
        lefts += 1 if turn > doubt else 0
        rights += 1 if turn < -doubt else 0
        passes += 1 if (ay > 0.0) != (by > 0.0) else 0
    return bool((lefts == edges or rights == edges) and passes == 2)


@njit(**JIT)
def _plainly_simple(xy: Any, first: Any) -> Any:
    """Mark rings of which no two edges touch but neighbours; for the others GEOS is to be asked."""
    simple = np.zeros(len(first) - 1, dtype=np.bool_)
    west, south, east, north = (
        np.empty(EDGES_COMPARED),
        np.empty(EDGES_COMPARED),
        np.empty(EDGES_COMPARED),
        np.empty(EDGES_COMPARED),
    )
    for r in range(len(first) - 1):
        begin, stop = first[r], first[r + 1] - 1
        count = stop - begin
        simple[r] = count >= 3 and _goes_round(xy[begin : stop + 1])
        if simple[r] or not 3 <= count <= EDGES_COMPARED:
            continue
        _boxes(xy, begin, stop, west, south, east, north)
        simple[r] = True
        for i in range(count):
            a, b = begin + i, begin + (i + 1) % count
            if _side(xy[a, 0], xy[a, 1], xy[a + 1, 0], xy[a + 1, 1], xy[b + 1, 0], xy[b + 1, 1]) == 0:
                simple[r] = False
                break
            last = count - 1 if i == 0 else count  # the first and the last edge are neighbours
            met = 0
            for j in range(i + 2, last):  # without a branch: several at once
                met += (
                    (west[j] <= east[i]) & (west[i] <= east[j]) & (south[j] <= north[i]) & (south[i] <= north[j])
                )
            if not met:
                continue
            for j in range(i + 2, last):
                if (west[j] <= east[i]) & (west[i] <= east[j]) & (south[j] <= north[i]) & (south[i] <= north[j]):
                    simple[r] &= _apart(xy, a, begin + j)
    return simple
