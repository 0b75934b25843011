"""Polygons laid out as arrays of rings, for compiled loops: no object is made for a polygon that has no hole."""

from __future__ import annotations

from typing import Any, NamedTuple

import numpy as np
import shapely
from numba import njit
from numpy.typing import NDArray

JIT: dict[str, Any] = {"cache": True, "nogil": True, "error_model": "numpy"}  # sums of squares may be nought
POLYGON, MULTIPOLYGON = 3, 6  # GEOS types
EDGES_COMPARED = 64  # of one ring: a longer one is left to GEOS, which does not compare every two of its edges
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
def _side(ax: float, ay: float, bx: float, by: float, cx: float, cy: float) -> int:
    """Tell on which side of a-b lies c: 1 left, -1 right, 0 = too near to the line to be certain."""
    left, right = (bx - ax) * (cy - ay), (by - ay) * (cx - ax)
    doubt = CERTAIN * (abs(left) + abs(right))
    turn = left - right
    return 1 if turn > doubt else (-1 if turn < -doubt else 0)


@njit(**JIT)
def _may_meet(xy: Any, i: int, j: int) -> bool:
    ax, ay, bx, by = xy[i, 0], xy[i, 1], xy[i + 1, 0], xy[i + 1, 1]
    cx, cy, dx, dy = xy[j, 0], xy[j, 1], xy[j + 1, 0], xy[j + 1, 1]
    if max(ax, bx) < min(cx, dx) or max(cx, dx) < min(ax, bx):
        return False
    if max(ay, by) < min(cy, dy) or max(cy, dy) < min(ay, by):
        return False
    if _side(ax, ay, bx, by, cx, cy) * _side(ax, ay, bx, by, dx, dy) > 0:
        return False
    return _side(cx, cy, dx, dy, ax, ay) * _side(cx, cy, dx, dy, bx, by) <= 0


@njit(**JIT)
def _plainly_simple(xy: Any, first: Any) -> Any:
    """Mark rings of which no two edges touch but neighbours, which turn; for the others GEOS is to be asked."""
    simple = np.zeros(len(first) - 1, dtype=np.bool_)
    for r in range(len(first) - 1):
        begin, stop = first[r], first[r + 1] - 1
        fine = 3 <= stop - begin <= EDGES_COMPARED
        for i in range(begin, stop):
            if not fine:
                break
            after = i + 1 if i + 1 < stop else begin
            fine = _side(xy[i, 0], xy[i, 1], xy[i + 1, 0], xy[i + 1, 1], xy[after + 1, 0], xy[after + 1, 1]) != 0
            for j in range(i + 2, stop):
                if _may_meet(xy, i, j) and not (i == begin and j == stop - 1):
                    fine = False
                    break
        simple[r] = fine
    return simple
