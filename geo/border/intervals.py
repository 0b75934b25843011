"""Which stretch of a line do some intervals cover, how often, and which came last?

Intervals are half-open, in metres from the start of a line; ``breaks`` are sorted, distinct measures that cut
the line into cells, and every bound of an interval is one of them.
"""

from __future__ import annotations

from typing import Any

import numpy as np
import shapely
from numpy.typing import NDArray

from geo.crs import Floats

SNAP_DECIMALS = (
    3  # bounds within a millimetre are one bound, as for areas: a marker and a written measure never agree
)
Ints = NDArray[np.int64]
Flags = NDArray[np.bool_]


def breaks_of(length_m: float, *bounds: Floats) -> Floats:
    """Collect the measures at which anything begins or ends.

    Parameters
    ----------
    length_m : float
        Length of the line, metres.
    *bounds : numpy.ndarray
        Measures in 0…length, metres; missing ones do not count.

    Returns
    -------
    numpy.ndarray
        0, the length, and all bounds between, sorted, each once; a line without length has the one break 0.

    Examples
    --------
    >>> breaks_of(100.0, np.array([25.0, 40.0]), np.array([40.0, np.nan]))
    array([  0.,  25.,  40., 100.])
    """
    every = np.concatenate([np.array([0.0, length_m]), *(np.asarray(b, dtype=float) for b in bounds)])
    return np.unique(every[~np.isnan(every)])


def snapped(measure_m: Any, length_m: Any) -> Floats:
    """Move bounds to whole millimetres on the line, so that what should touch does.

    Parameters
    ----------
    measure_m : array-like of float
        Measures, metres, shape (n,); missing stays missing.
    length_m : float or array-like of float
        Length of the line, or of each measure's line, metres.

    Returns
    -------
    numpy.ndarray
        Within 0…length, shape (n,); less than a millimetre from the end is the end. Missing without a length.

    Examples
    --------
    >>> snapped(np.array([-3.0, 0.0004, 24.9996, 99.9999, 120.0]), 99.99987)
    array([ 0.     ,  0.     , 25.     , 99.99987, 99.99987])
    """
    length = np.asarray(length_m, dtype=float)
    near = np.round(np.clip(np.asarray(measure_m, dtype=float), 0.0, length), SNAP_DECIMALS)
    return np.asarray(np.where(near > length - 10.0**-SNAP_DECIMALS, length, near))


def cells_of(start_m: Floats, end_m: Floats, breaks: Floats) -> tuple[Ints, Ints]:
    """Turn intervals of metres into intervals of cells.

    Parameters
    ----------
    start_m, end_m : numpy.ndarray
        Bounds, each one of the breaks, shape (n,).
    breaks : numpy.ndarray
        Cell bounds, metres, shape (cells + 1,).

    Returns
    -------
    tuple of numpy.ndarray
        First cell, and the one after the last, shape (n,); equal for an interval with start ≥ end.
    """
    first = np.searchsorted(breaks, start_m)
    return first, np.maximum(np.searchsorted(breaks, end_m), first)


def depth(start_m: Floats, end_m: Floats, breaks: Floats) -> Ints:
    """Count the intervals that cover each cell.

    Parameters
    ----------
    start_m, end_m : numpy.ndarray
        Bounds, each one of the breaks, shape (n,).
    breaks : numpy.ndarray
        Cell bounds, metres, shape (cells + 1,).

    Returns
    -------
    numpy.ndarray
        Counts, shape (cells,).
    """
    first, after = cells_of(start_m, end_m, breaks)
    change = np.bincount(first, minlength=len(breaks)) - np.bincount(after, minlength=len(breaks))
    return np.asarray(np.cumsum(change)[:-1])


def runs(flags: Flags, breaks: Floats) -> Floats:
    """Join neighbouring flagged cells.

    Parameters
    ----------
    flags : numpy.ndarray
        Which cells count, shape (cells,).
    breaks : numpy.ndarray
        Cell bounds, metres, shape (cells + 1,).

    Returns
    -------
    numpy.ndarray
        Start and end of each maximal run, metres, shape (runs, 2).
    """
    edges = np.diff(np.concatenate([[0], flags.astype(np.int8), [0]]))
    return np.stack([breaks[np.flatnonzero(edges == 1)], breaks[np.flatnonzero(edges == -1)]], axis=1)


def uncovered_runs(start_m: Floats, end_m: Floats, *, length_m: float) -> Floats:
    """Find the stretches that no interval covers.

    Parameters
    ----------
    start_m, end_m : numpy.ndarray
        Bounds in 0…length, metres, shape (n,); an interval with start ≥ end covers nothing.
    length_m : float
        Length of the line, metres.

    Returns
    -------
    numpy.ndarray
        Start and end of each maximal stretch, metres, shape (runs, 2).

    Examples
    --------
    >>> uncovered_runs(np.array([0.0, 40.0]), np.array([25.0, 90.0]), length_m=100.0)
    array([[ 25.,  40.],
           [ 90., 100.]])
    """
    breaks = breaks_of(length_m, start_m, end_m)
    return runs(depth(start_m, end_m, breaks) == 0, breaks)


def members(start_m: Floats, end_m: Floats, breaks: Floats) -> list[tuple[int, ...]]:
    """List the intervals that cover each cell.

    Parameters
    ----------
    start_m, end_m : numpy.ndarray
        Bounds, each one of the breaks, shape (n,).
    breaks : numpy.ndarray
        Cell bounds, metres, shape (cells + 1,).

    Returns
    -------
    list of tuple of int
        Positions of the intervals, ascending, one tuple a cell.
    """
    inside: list[list[int]] = [[] for _ in breaks[1:]]
    for position, (first, after) in enumerate(zip(*cells_of(start_m, end_m, breaks), strict=True)):
        for cell in range(first, after):
            inside[cell].append(position)
    return [tuple(cell) for cell in inside]


def overlapping(
    start_m: Floats, end_m: Floats, other_start_m: Floats, other_end_m: Floats, *, touching: bool = False
) -> tuple[Ints, Ints]:
    """Find the pairs of intervals of two lists that share length.

    Parameters
    ----------
    start_m, end_m : numpy.ndarray
        The first list, metres, start ≤ end, none missing, shape (n,).
    other_start_m, other_end_m : numpy.ndarray
        The second, shape (k,).
    touching : bool
        True = also those that share no more than a place.

    Returns
    -------
    tuple of numpy.ndarray
        Positions in the first list and in the second, sorted by both, each shape (pairs,).

    Examples
    --------
    >>> one, other = np.array([[0.0, 5.0], [5.0, 9.0]]), np.array([[4.0, 5.0]])
    >>> overlapping(*one.T, *other.T)
    (array([0]), array([0]))
    >>> overlapping(*one.T, *other.T, touching=True)
    (array([0, 1]), array([0, 0]))
    """
    flat = np.zeros(len(other_start_m))
    tree = shapely.STRtree(shapely.box(other_start_m, flat, other_end_m, flat))
    asked = shapely.box(start_m, np.zeros(len(start_m)), end_m, np.zeros(len(start_m)))
    one, other = tree.query(asked)  # by bounds, which are the intervals
    if not touching:
        shared = (start_m[one] < other_end_m[other]) & (end_m[one] > other_start_m[other])
        one, other = one[shared], other[shared]
    order = np.lexsort((other, one))
    return one[order], other[order]


def latest(start_m: Floats, end_m: Floats, breaks: Floats) -> Ints:
    """Find the last of the intervals that cover each cell.

    Each interval is written as two blocks of 2^k cells (which may overlap); then every block hands its answer
    down to its halves, so the cost is n + cells · log(cells) however long the intervals are.

    Parameters
    ----------
    start_m, end_m : numpy.ndarray
        Bounds, each one of the breaks, shape (n,), the later interval after the earlier.
    breaks : numpy.ndarray
        Cell bounds, metres, shape (cells + 1,).

    Returns
    -------
    numpy.ndarray
        Position of the last interval, -1 where none covers the cell; shape (cells,).

    Examples
    --------
    >>> latest(np.array([0.0, 2.0]), np.array([3.0, 4.0]), np.array([0.0, 2.0, 3.0, 4.0, 5.0]))
    array([ 0,  1,  1, -1])
    """
    first, after = cells_of(start_m, end_m, breaks)
    cells = len(breaks) - 1
    some = np.flatnonzero(after > first)
    size = np.zeros(len(first), dtype=np.int64)
    size[some] = np.frexp(after[some] - first[some])[1] - 1  # the largest k with 2^k ≤ cells covered
    answer = np.full(cells, -1)
    for k in range(int(size.max(initial=0)), -1, -1):
        here = some[size[some] == k]
        np.maximum.at(answer, first[here], here)
        np.maximum.at(answer, after[here] - (1 << k), here)
        if k:
            half = 1 << (k - 1)
            down = answer.copy()
            np.maximum(down[half:], answer[:-half], out=down[half:])
            answer = down
    return answer
