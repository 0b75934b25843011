"""Which straight ways cross which lines? Lines in square buckets; ways are followed through them."""

from __future__ import annotations

from typing import Any, NamedTuple

import numpy as np
from numba import njit
from numpy.typing import NDArray

from geo.crs import Floats
from geo.walk.graph import JIT
from geo.walk.sight import meets

WIDER = 1e-9  # of a bucket: what runs along its rim is looked for on both sides


class Buckets(NamedTuple):
    """Straight pieces of lines, and which of them may be in each square bucket.

    ``ends`` (k, 4) and ``owner`` (k,) are the pieces and whose they are; bucket ``row * columns + column``,
    counted from ``x0, y0``, owns ``item[start[b]:start[b + 1]]``.
    """

    ends: Floats
    owner: NDArray[np.int64]
    start: NDArray[np.int64]
    item: NDArray[np.int32]
    x0: float
    y0: float
    size: float
    columns: int
    rows: int


def buckets_of(ends: Floats, owner: NDArray[np.int64]) -> Buckets:
    """Sort straight pieces into about as many buckets as there are pieces.

    Parameters
    ----------
    ends : numpy.ndarray
        x and y of both ends of each piece, shape (k, 4), k > 0.
    owner : numpy.ndarray
        Whose each is, int64 (k,).

    Returns
    -------
    Buckets
        That cover the pieces.
    """
    x0, y0 = ends[:, 0::2].min(), ends[:, 1::2].min()
    wide, high = ends[:, 0::2].max() - x0, ends[:, 1::2].max() - y0
    size = max(float(np.sqrt(wide * high / len(ends))), max(wide, high) / (len(ends) + 1), 1e-9)
    columns, rows = int(wide / size) + 1, int(high / size) + 1
    start = np.zeros(columns * rows + 1, dtype=np.int64)
    nothing = np.zeros(0, dtype=np.int32)
    empty = Buckets(ends, owner, start, nothing, float(x0), float(y0), size, columns, rows)
    _fill(empty)
    np.cumsum(start, out=start)
    full = empty._replace(item=np.zeros(start[-1], dtype=np.int32))
    _fill(full)
    return full


@njit(**JIT)
def _fill(buckets: Any) -> None:
    """Count the pieces of each bucket into ``start[b + 1]``; where there is room for items, write them instead."""
    free, write = buckets.start.copy(), len(buckets.item) > 0
    for piece in range(len(buckets.ends)):
        ax, ay, bx, by = buckets.ends[piece]
        i0, i1 = _range(min(ax, bx), max(ax, bx), buckets.x0, buckets.size, buckets.columns)
        j0, j1 = _range(min(ay, by), max(ay, by), buckets.y0, buckets.size, buckets.rows)
        for j in range(j0, j1 + 1):
            for i in range(i0, i1 + 1):
                b = j * buckets.columns + i
                if write:
                    buckets.item[free[b]] = piece
                    free[b] += 1
                else:
                    buckets.start[b + 1] += 1


@njit(**JIT)
def _range(low: float, high: float, zero: float, size: float, count: int) -> tuple[int, int]:
    first, last = int(np.floor((low - zero) / size - WIDER)), int(np.floor((high - zero) / size + WIDER))
    return max(first, 0), min(last, count - 1)


@njit(**JIT)
def crossed(buckets: Any, ways: Any, place: Any, owners: int, ignored: Any) -> Any:
    """Tell which straight ways meet a piece.

    Parameters
    ----------
    buckets : Buckets
        The pieces.
    ways : numpy.ndarray
        x and y of both ends of each way, shape (n, 4).
    place : numpy.ndarray
        Number of the place each way leads to, int64 (n,).
    owners : int
        More than any owner.
    ignored : numpy.ndarray
        Sorted codes ``place * owners + owner``: owners that do not count for some places.

    Returns
    -------
    numpy.ndarray
        bool (n,); touching counts.
    """
    hit = np.zeros(len(ways), np.bool_)
    for way in range(len(ways)):
        hit[way] = _meets_any(buckets, ways[way], place[way] * owners, ignored)
    return hit


@njit(**JIT)
def _meets_any(buckets: Any, way: Any, first_code: int, ignored: Any) -> bool:
    ax, ay, bx, by = way[0], way[1], way[2], way[3]
    j0, j1 = _range(min(ay, by), max(ay, by), buckets.y0, buckets.size, buckets.rows)
    for j in range(j0, j1 + 1):
        low, high = _inside(ax, ay, bx, by, buckets.y0 + j * buckets.size, buckets.size)
        i0, i1 = _range(low, high, buckets.x0, buckets.size, buckets.columns)
        for b in range(j * buckets.columns + i0, j * buckets.columns + i1 + 1):
            for at in range(buckets.start[b], buckets.start[b + 1]):
                piece = buckets.item[at]
                if not meets(ax, ay, bx, by, buckets.ends[piece]):
                    continue
                code = first_code + buckets.owner[piece]
                found = np.searchsorted(ignored, code)
                if found == len(ignored) or ignored[found] != code:
                    return True
    return False


@njit(**JIT)
def _inside(ax: float, ay: float, bx: float, by: float, bottom: float, size: float) -> tuple[float, float]:
    """Least and greatest x of a way within a row of buckets."""
    bottom, top = bottom - WIDER * size, bottom + size + WIDER * size
    if ay == by:
        return min(ax, bx), max(ax, bx)
    one = min(max((bottom - ay) / (by - ay), 0.0), 1.0)
    other = min(max((top - ay) / (by - ay), 0.0), 1.0)
    x_one, x_other = ax + one * (bx - ax), ax + other * (bx - ax)
    return min(x_one, x_other), max(x_one, x_other)
