"""Is the straight way between two places clear? Barriers in square buckets, asked by compiled loops."""

from __future__ import annotations

from typing import Any, NamedTuple

import numpy as np
import shapely
from numba import njit
from numpy.typing import NDArray

from geo import units
from geo.crs import Floats
from geo.walk.barriers import Barriers
from geo.walk.graph import JIT

BUCKET_M = 64.0
BUCKETS = 4_000_000  # at most: over a wide country buckets are wider


class Walls(NamedTuple):
    """Straight pieces of barriers, and which of them each square bucket has.

    ``ends`` (k, 4) are metres; bucket ``row * columns + column``, counted from ``x0, y0``, owns
    ``item[start[b]:start[b + 1]]``.
    """

    ends: Floats
    start: NDArray[np.int64]
    item: NDArray[np.int32]
    x0: float
    y0: float
    bucket: float
    columns: int
    rows: int


def walls_of(barriers: Barriers | None, box: tuple[float, float, float, float]) -> Walls:
    """Sort the barriers near a box into buckets.

    Parameters
    ----------
    barriers : Barriers or None
        In metres; None = there are none.
    box : tuple of float
        Least x and y, greatest x and y: what lies outside is left out.

    Returns
    -------
    Walls
        Without pieces where no barrier is in the box.
    """
    near = np.zeros(0, dtype=object)
    if barriers is not None and len(barriers.line):
        near = barriers.line[np.sort(barriers.tree.query(shapely.box(*box)))]
    ends = shapely.get_coordinates(near).reshape(-1, 4)
    wide, high = box[2] - box[0], box[3] - box[1]
    bucket = max(BUCKET_M, float(np.sqrt(wide * high / BUCKETS))) if len(ends) else max(wide, high, BUCKET_M)
    columns, rows = int(wide // bucket) + 1, int(high // bucket) + 1
    start = np.zeros(columns * rows + 1, dtype=np.int64)
    empty = Walls(ends, start, np.zeros(0, dtype=np.int32), box[0], box[1], bucket, columns, rows)
    _sort_in(empty)
    np.cumsum(start, out=start)
    full = empty._replace(item=np.zeros(start[-1], dtype=np.int32))
    _sort_in(full)
    return full


@njit(**JIT)
def _sort_in(walls: Any) -> None:
    """Count the pieces of each bucket into ``start[b + 1]``; where there is room for items, write them instead."""
    half, count = walls.bucket / 2, len(walls.item) > 0
    free = walls.start.copy()
    for k in range(len(walls.ends)):
        ax, ay, bx, by = walls.ends[k]
        i0, i1 = _bucket_range(min(ax, bx), max(ax, bx), walls.x0, walls.bucket, walls.columns)
        j0, j1 = _bucket_range(min(ay, by), max(ay, by), walls.y0, walls.bucket, walls.rows)
        for j in range(j0, j1 + 1):
            for i in range(i0, i1 + 1):
                x, y = walls.x0 + i * walls.bucket + half, walls.y0 + j * walls.bucket + half
                apart = abs((bx - ax) * (y - ay) - (by - ay) * (x - ax))
                if apart > (half + 1e-6) * (abs(bx - ax) + abs(by - ay)) + 1e-6:
                    continue
                b = j * walls.columns + i
                if count:
                    walls.item[free[b]] = k
                    free[b] += 1
                else:
                    walls.start[b + 1] += 1


@njit(**JIT)
def _bucket_range(low: float, high: float, zero: float, bucket: float, count: int) -> tuple[int, int]:
    first, last = int(np.floor((low - zero) / bucket)), int(np.floor((high - zero) / bucket))
    return max(first, 0), min(last, count - 1)


@njit(**JIT)
def beside(walls: Any, x_min: float, y_min: float, x_max: float, y_max: float) -> bool:
    """Tell whether any barrier may lie in a box.

    Parameters
    ----------
    walls : Walls
        Barriers.
    x_min, y_min, x_max, y_max : float
        The box, metres.

    Returns
    -------
    bool
        False is certain; True means that a bucket of the box has one.
    """
    if len(walls.item) == 0:
        return False
    i0, i1 = _bucket_range(x_min, x_max, walls.x0, walls.bucket, walls.columns)
    j0, j1 = _bucket_range(y_min, y_max, walls.y0, walls.bucket, walls.rows)
    for j in range(j0, j1 + 1):
        if i0 <= i1 and walls.start[j * walls.columns + i0] < walls.start[j * walls.columns + i1 + 1]:
            return True
    return False


@njit(**JIT)
def clear(walls: Any, x: float, y: float, to_x: float, to_y: float) -> bool:
    """Tell whether the straight way from a place to its street meets no barrier before its last centimetre.

    Parameters
    ----------
    walls : Walls
        Barriers.
    x, y : float
        The place, metres.
    to_x, to_y : float
        Its foot on a street, which may itself run along a barrier or cross it.

    Returns
    -------
    bool
        Touching a barrier counts as meeting it.
    """
    length = np.hypot(to_x - x, to_y - y)
    if length <= units.STREET_SNAP_M:
        return True
    short = 1.0 - units.STREET_SNAP_M / length
    to_x, to_y = x + (to_x - x) * short, y + (to_y - y) * short
    i0, i1 = _bucket_range(min(x, to_x), max(x, to_x), walls.x0, walls.bucket, walls.columns)
    j0, j1 = _bucket_range(min(y, to_y), max(y, to_y), walls.y0, walls.bucket, walls.rows)
    for j in range(j0, j1 + 1):
        for i in range(i0, i1 + 1):
            b = j * walls.columns + i
            for at in range(walls.start[b], walls.start[b + 1]):
                if meets(x, y, to_x, to_y, walls.ends[walls.item[at]]):
                    return False
    return True


@njit(**JIT)
def meets(ax: float, ay: float, bx: float, by: float, wall: Any) -> bool:
    """Tell whether two straight pieces have a point in common.

    Parameters
    ----------
    ax, ay, bx, by : float
        Ends of the one.
    wall : numpy.ndarray
        x and y of both ends of the other, shape (4,).

    Returns
    -------
    bool
        Touching counts.
    """
    cx, cy, dx, dy = wall[0], wall[1], wall[2], wall[3]
    if max(ax, bx) < min(cx, dx) or max(cx, dx) < min(ax, bx):
        return False
    if max(ay, by) < min(cy, dy) or max(cy, dy) < min(ay, by):
        return False
    c = (bx - ax) * (cy - ay) - (by - ay) * (cx - ax)
    d = (bx - ax) * (dy - ay) - (by - ay) * (dx - ax)
    if c * d > 0:
        return False
    a = (dx - cx) * (ay - cy) - (dy - cy) * (ax - cx)
    b = (dx - cx) * (by - cy) - (dy - cy) * (bx - cx)
    return bool(a * b <= 0)
