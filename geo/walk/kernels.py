"""The inner loops of walking: searches over CSR arrays in whole costs, compiled by numba.

Every search runs on :class:`geo.walk.network.Steps` (the graph reversed: people walk *to* the sources), a step
being one uint64 ``cost << 32 | neighbour``. Labels leave the heap by (cost, source), so ties go to the lowest
source and the answer is the same in every order and on every machine. Heaps hold each push once (a superseded one
is skipped when it comes up), which bounds them beforehand: nothing grows inside.
"""

from __future__ import annotations

from typing import Any

import numpy as np
from numba import njit

from geo.walk.network import UNREACHED

JIT: dict[str, Any] = {"cache": True, "nogil": True}
_LOW = np.uint64(0xFFFFFFFF)
_32 = np.uint64(32)


@njit(**JIT)
def _push(keys: Any, loads: Any, size: int, key: Any, load: Any) -> int:
    """Put one entry into a binary heap of ``size`` entries."""
    here = size
    while here > 0:
        above = (here - 1) >> 1
        if keys[above] <= key:
            break
        keys[here], loads[here] = keys[above], loads[above]
        here = above
    keys[here], loads[here] = key, load
    return size + 1


@njit(**JIT)
def _drop(keys: Any, loads: Any, size: int) -> int:
    """Take the least entry off a binary heap of ``size`` entries; it was read from position 0."""
    size -= 1
    key, load = keys[size], loads[size]
    here = 0
    while True:
        below = 2 * here + 1
        if below >= size:
            break
        if below + 1 < size and keys[below + 1] < keys[below]:
            below += 1
        if keys[below] >= key:
            break
        keys[here], loads[here] = keys[below], loads[below]
        here = below
    keys[here], loads[here] = key, load
    return size


@njit(**JIT)
def nearest_two(
    start: Any, step: Any, seed_start: Any, seed_node: Any, seed_cost: Any, limit: int
) -> tuple[Any, Any, Any, Any]:
    """Find the nearest and the second-nearest source of every node.

    A node takes at most two labels, of different sources, in the order (cost, source); only these travel on. That
    loses nothing: a label that is third at a node is at best third at whatever lies behind it.

    Parameters
    ----------
    start, step : numpy.ndarray
        Reversed graph: int64 (n + 1,), uint64 ``cost << 32 | neighbour``.
    seed_start, seed_node, seed_cost : numpy.ndarray
        CSR by source: where each source is entered and what that costs.
    limit : int
        Largest cost that counts.

    Returns
    -------
    tuple of numpy.ndarray
        ``cost, source, second_cost, second_source``, int32 (n,); ``UNREACHED`` and -1 beyond the limit.
    """
    n = len(start) - 1
    cost, second_cost = np.full(n, UNREACHED, np.int32), np.full(n, UNREACHED, np.int32)
    owner, second_owner = np.full(n, -1, np.int32), np.full(n, -1, np.int32)
    keys = np.empty(2 * len(step) + len(seed_node) + 1, np.uint64)
    nodes = np.empty(len(keys), np.int32)
    size = 0
    for source in range(len(seed_start) - 1):
        for seed in range(seed_start[source], seed_start[source + 1]):
            if seed_cost[seed] <= limit:
                key = (np.uint64(seed_cost[seed]) << _32) | np.uint64(source)
                size = _push(keys, nodes, size, key, seed_node[seed])
    while size > 0:
        key, node = keys[0], nodes[0]
        size = _drop(keys, nodes, size)
        who = np.int32(key & _LOW)
        so_far = np.int64(key >> _32)
        if owner[node] == who or second_owner[node] >= 0:
            continue
        if owner[node] < 0:
            cost[node], owner[node] = so_far, who
        else:
            second_cost[node], second_owner[node] = so_far, who
        for i in range(start[node], start[node + 1]):
            before = np.int64(step[i] & _LOW)
            total = so_far + np.int64(step[i] >> _32)
            if total <= limit and owner[before] != who and second_owner[before] < 0:
                size = _push(keys, nodes, size, (np.uint64(total) << _32) | np.uint64(who), np.int32(before))
    return cost, owner, second_cost, second_owner


@njit(**JIT)
def catchment_rows(
    start: Any,
    step: Any,
    seed_start: Any,
    seed_node: Any,
    seed_cost: Any,
    limit: int,
    row_start: Any,
    row_node: Any,
    row_cost: Any,
) -> int:
    """Find every node from which each source is reached within the limit.

    Parameters
    ----------
    start, step, seed_start, seed_node, seed_cost, limit
        As in :func:`nearest_two`.
    row_start : numpy.ndarray
        Written: int64 (sources + 1,).
    row_node, row_cost : numpy.ndarray
        Written: int32 pools; rows of a source by (cost, node).

    Returns
    -------
    int
        Number of rows, or -1 when the pools are too small: double them and call again.
    """
    cost = np.full(len(start) - 1, UNREACHED, np.int32)
    keys = np.empty(len(step) + len(seed_node) + 1, np.uint64)
    empty = np.empty(len(keys), np.int8)
    rows = 0
    for source in range(len(seed_start) - 1):
        row_start[source] = rows
        size = 0
        first = rows
        for seed in range(seed_start[source], seed_start[source + 1]):
            if seed_cost[seed] <= limit and seed_cost[seed] < cost[seed_node[seed]]:
                cost[seed_node[seed]] = seed_cost[seed]
                key = (np.uint64(seed_cost[seed]) << _32) | np.uint64(seed_node[seed])
                size = _push(keys, empty, size, key, np.int8(0))
        while size > 0:
            node, so_far = np.int64(keys[0] & _LOW), np.int64(keys[0] >> _32)
            size = _drop(keys, empty, size)
            if so_far != cost[node]:
                continue
            if rows == len(row_node):
                return -1
            row_node[rows], row_cost[rows] = node, so_far
            rows += 1
            for i in range(start[node], start[node + 1]):
                before = np.int64(step[i] & _LOW)
                total = so_far + np.int64(step[i] >> _32)
                if total <= limit and total < cost[before]:
                    cost[before] = total
                    size = _push(keys, empty, size, (np.uint64(total) << _32) | np.uint64(before), np.int8(0))
        for row in range(first, rows):
            cost[row_node[row]] = UNREACHED
    row_start[len(seed_start) - 1] = rows
    return rows


@njit(**JIT)
def _offer(best: Any, at: int, cost: int, source: int) -> None:
    """Let a point have a source, if it is nearer than one of its two, ties to the lower source."""
    if source < 0:
        return
    first, owner, second, second_owner = best[at, 0], best[at, 1], best[at, 2], best[at, 3]
    if cost < first or (cost == first and source < owner):
        if source != owner:
            best[at, 2], best[at, 3] = first, owner
        best[at, 0], best[at, 1] = cost, source
    elif source != owner and (cost < second or (cost == second and source < second_owner)):
        best[at, 2], best[at, 3] = cost, source


@njit(**JIT)
def _straight(on_along: Any, k: int, head: int) -> Any:
    """Cost of a source on the same edge for who is ``head`` from its u; UNREACHED against a one-way."""
    ahead = on_along[k, 0] - head
    if (ahead >= 0 and on_along[k, 2]) or (ahead <= 0 and on_along[k, 3]):
        return abs(ahead) + on_along[k, 1]
    return np.int64(UNREACHED)


@njit(**JIT)
def _next(sources: Any, at: int, end: int) -> Any:
    """Source at a place of an ascending list; UNREACHED behind its end."""
    return np.int64(sources[at]) if at < end else np.int64(UNREACHED)


@njit(**JIT)
def points_two(ends: Any, off: Any, on_start: Any, on_source: Any, on_along: Any, label: Any, limit: int) -> Any:
    """Find the nearest and the second-nearest source of points along edges.

    Parameters
    ----------
    ends : numpy.ndarray
        int64 (p, 3): edge, its u, its v; edge -1 = a point that is nowhere.
    off : numpy.ndarray
        int64 (p, 4): cost off the street, cost to u, cost to v (-1 = that way is not open), cost from u whichever
        way is open.
    on_start, on_source : numpy.ndarray
        CSR by edge: sources that lie on it.
    on_along : numpy.ndarray
        int64 (k, 4) for each of these: cost from u, cost of entering it, and whether it may be walked to from its
        u side and from its v side.
    label : numpy.ndarray
        int64 (n, 4): what :func:`nearest_two` found.
    limit : int
        Largest cost that counts.

    Returns
    -------
    numpy.ndarray
        int64 (p, 4) as ``label``.
    """
    best = np.empty((len(ends), 4), np.int64)
    for p in range(len(ends)):
        best[p, 0], best[p, 1], best[p, 2], best[p, 3] = UNREACHED, -1, UNREACHED, -1
        edge = ends[p, 0]
        if edge < 0:
            continue
        for side in range(1, 3):
            if off[p, side] >= 0:
                node, extra = ends[p, side], off[p, 0] + off[p, side]
                _offer(best, p, label[node, 0] + extra, label[node, 1])
                _offer(best, p, label[node, 2] + extra, label[node, 3])
        for k in range(on_start[edge], on_start[edge + 1]):
            cost = _straight(on_along, k, off[p, 3])
            if cost < UNREACHED:
                _offer(best, p, cost + off[p, 0], on_source[k])
        for rank in range(2, -1, -2):
            if best[p, rank] > limit:
                best[p, rank], best[p, rank + 1] = UNREACHED, -1
    return best


@njit(**JIT)
def points_sources(
    ends: Any,
    off: Any,
    on_start: Any,
    on_source: Any,
    on_along: Any,
    node_start: Any,
    node_source: Any,
    node_cost: Any,
    limit: int,
    out_start: Any,
    out_source: Any,
) -> None:
    """List all sources that points along edges reach within the limit.

    Parameters
    ----------
    ends, off, on_start, on_source, on_along, limit
        As in :func:`points_two`.
    node_start, node_source, node_cost : numpy.ndarray
        CSR by node: the sources it reaches, ascending, and at what cost.
    out_start, out_source : numpy.ndarray
        Written: CSR by point, sources ascending; the pool holds all rows of both ends and of the edge.
    """
    rows = 0
    for p in range(len(ends)):
        out_start[p] = rows
        edge = ends[p, 0]
        if edge < 0:
            continue
        i, i_end = node_start[ends[p, 1]], node_start[ends[p, 1] + 1] if off[p, 1] >= 0 else -1
        j, j_end = node_start[ends[p, 2]], node_start[ends[p, 2] + 1] if off[p, 2] >= 0 else -1
        k, k_end = on_start[edge], on_start[edge + 1]
        while True:
            next_u, next_v = _next(node_source, i, i_end), _next(node_source, j, j_end)
            source = min(next_u, next_v, _next(on_source, k, k_end))
            if source == UNREACHED:
                break
            cost = np.int64(UNREACHED)
            if next_u == source:
                cost = node_cost[i] + off[p, 1]
                i += 1
            if next_v == source:
                cost = min(cost, node_cost[j] + off[p, 2])
                j += 1
            if _next(on_source, k, k_end) == source:
                cost = min(cost, _straight(on_along, k, off[p, 3]))
                k += 1
            if cost + off[p, 0] <= limit:
                out_source[rows] = source
                rows += 1
    out_start[len(ends)] = rows
