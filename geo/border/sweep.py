"""The inner loop of idleness over a window: one sweep along the border, compiled by numba.

The times at which visits ended are taken in blocks, and the blocks are the leaves of a segment tree. A node knows
the first and the last of its times that are on, the sum of the squared gaps between them, and the widest; two
neighbours join into their parent in a few operations. Where a visit begins or ends along the line its time is
switched, which changes one node of each level: an event costs the logarithm of the number of times, and the root
always tells of the whole window. Sums are made anew from the nodes below, never by taking away: nothing drifts.
"""

from __future__ import annotations

from typing import Any

import numpy as np
from numba import njit

JIT: dict[str, Any] = {"cache": True, "nogil": True}
FIRST, LAST, SQUARES, WIDEST = range(4)
BLOCK = 32  # times below one node: the tree then fits the processor's cache, and few of a block are on at once


@njit(**JIT)
def _renew(tree: Any, block: Any, visits_at: Any, time: Any) -> None:
    """Read the times of one block again, and join its nodes up to the root."""
    node = np.uint64(len(tree) // 2 + block)
    one = np.uint64(1)
    first, last, squares, widest = np.inf, -np.inf, 0.0, 0.0
    for leaf in range(block * BLOCK, min(block * BLOCK + BLOCK, len(time))):
        if visits_at[leaf]:
            gap = time[leaf] - last if last > -np.inf else 0.0
            first, last = min(first, time[leaf]), time[leaf]
            squares += gap * gap
            widest = max(widest, gap)
    tree[node, FIRST], tree[node, LAST], tree[node, SQUARES], tree[node, WIDEST] = first, last, squares, widest
    node >>= one
    while node:
        left = node << one
        right = left | one
        gap = tree[right, FIRST] - tree[left, LAST]
        gap = gap if gap < np.inf else 0.0  # infinite where one of the two has no time that is on
        tree[node, FIRST] = min(tree[left, FIRST], tree[right, FIRST])
        tree[node, LAST] = max(tree[left, LAST], tree[right, LAST])
        tree[node, SQUARES] = tree[left, SQUARES] + tree[right, SQUARES] + gap * gap
        tree[node, WIDEST] = max(gap, tree[left, WIDEST], tree[right, WIDEST])
        node >>= one


@njit(**JIT)
def _by_cell(cell: Any, cells: int) -> tuple[Any, Any]:
    """Sort visits by a cell each: where each cell's begin, and the visits."""
    start = np.zeros(cells + 2, dtype=np.int64)
    for one in cell:
        start[one + 1] += 1
    for at in range(cells + 1):
        start[at + 1] += start[at]
    fill, order = start[:-1].copy(), np.empty(len(cell), dtype=np.int64)
    for visit in range(len(cell)):
        order[fill[cell[visit]]] = visit
        fill[cell[visit]] += 1
    return start, order


@njit(**JIT)
def _tell(tree: Any, origin: float, span: float, into: Any) -> None:
    """Write the integral, the sum of the squared gaps and the widest gap; those at the window's ends included."""
    first, last = tree[1, FIRST], tree[1, LAST]
    if first > last:
        into[0] = span * (span - 2 * origin) / 2
        into[1] = (span - origin) ** 2
        into[2] = span - origin
    else:
        tail = span - last
        into[0] = (first * (first - 2 * origin) + tree[1, SQUARES] + tail * tail) / 2
        into[1] = (first - origin) ** 2 + tree[1, SQUARES] + tail * tail
        into[2] = max(first - origin, tree[1, WIDEST], tail)


@njit(**JIT)
def sweep(
    first: Any, after: Any, leaf: Any, patrol: Any, patrols: int, time: Any, origin: Any, span: float
) -> tuple[Any, Any, Any, Any]:
    """Tell of every cell of a line how idle it was over a window.

    Parameters
    ----------
    first, after : numpy.ndarray
        int64 (n,): first cell of each visit, and the one after its last.
    leaf, patrol : numpy.ndarray
        int64 (n,): which of the times it ended at, and whose it was.
    patrols : int
        One more than the highest patrol.
    time : numpy.ndarray
        float64 (times,): seconds from the window's start, ascending, each once, in 0…``span``.
    origin : numpy.ndarray
        float64 (cells,): when the gap began that is open as the window begins, seconds from its start, ≤ 0.
    span : float
        Length of the window, seconds.

    Returns
    -------
    tuple of numpy.ndarray
        float64 (cells, 3): integral of idleness over the window, s²; sum of the squared gaps, s²; widest gap, s. A
        gap counts whole where it began before the window. int64 (cells,): different patrols; number of gaps longer
        than nothing. float64 (cells,): the last of the times, -inf without one.
    """
    cells = len(origin)
    blocks = 1
    while blocks * BLOCK < len(time):
        blocks *= 2
    tree = np.zeros((2 * blocks, 4))
    tree[:, FIRST], tree[:, LAST] = np.inf, -np.inf
    begun, opening = _by_cell(first, cells)
    ended, closing = _by_cell(after, cells)
    visits_at, of_patrol = np.zeros(len(time), dtype=np.int64), np.zeros(patrols, dtype=np.int64)
    told, last = np.empty((cells, 3)), np.empty(cells)
    visits, gaps = np.empty(cells, dtype=np.int64), np.empty(cells, dtype=np.int64)
    times, separate = 0, 0
    for cell in range(cells):
        for visit in opening[begun[cell] : begun[cell + 1]]:
            visits_at[leaf[visit]] += 1
            of_patrol[patrol[visit]] += 1
            separate += of_patrol[patrol[visit]] == 1
            if visits_at[leaf[visit]] == 1:
                times += 1
                _renew(tree, leaf[visit] // BLOCK, visits_at, time)
        for visit in closing[ended[cell] : ended[cell + 1]]:
            visits_at[leaf[visit]] -= 1
            of_patrol[patrol[visit]] -= 1
            separate -= of_patrol[patrol[visit]] == 0
            if visits_at[leaf[visit]] == 0:
                times -= 1
                _renew(tree, leaf[visit] // BLOCK, visits_at, time)
        _tell(tree, origin[cell], span, told[cell])
        last[cell] = tree[1, LAST]
        visits[cell] = separate
        gaps[cell] = times + (tree[1, LAST] < span) - (tree[1, FIRST] == origin[cell])
    return told, visits, gaps, last
