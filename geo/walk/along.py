"""From junctions to every node and to points along edges: inner loops compiled by numba.

What lies inside a chain, or along an edge, is reached by way of its two ends or straight from a source on it.
Labels are ``cost << 32 | source``, as in :mod:`geo.walk.kernels`.
"""

from __future__ import annotations

from typing import Any

import numpy as np
from numba import njit

from geo.walk.graph import JIT
from geo.walk.kernels import UNREACHED

_32 = np.uint64(32)


@njit(**JIT)
def at_nodes(place: Any, label: Any, inner: Any) -> Any:
    """Put values of junctions and inner nodes into the order of the nodes.

    Parameters
    ----------
    place : numpy.ndarray
        int32 (n,): junction of each node; of an inner node ``-1 - inner``.
    label, inner : numpy.ndarray
        Shapes (j,) and (i,), of one kind.

    Returns
    -------
    numpy.ndarray
        Shape (n,), of that kind.
    """
    made = np.empty(len(place), label.dtype)
    for node in range(len(place)):
        made[node] = label[place[node]] if place[node] >= 0 else inner[-1 - place[node]]
    return made


@njit(**JIT)
def seconds_of(cost: Any, unit_s: float) -> Any:
    """Turn whole costs into walking times.

    Parameters
    ----------
    cost : numpy.ndarray
        int32 (n,).
    unit_s : float
        Seconds of one unit of cost.

    Returns
    -------
    numpy.ndarray
        float64 (n,), inf where the cost is ``UNREACHED``.
    """
    made = np.empty(len(cost), np.float64)
    for at in range(len(cost)):
        made[at] = cost[at] * unit_s if cost[at] != UNREACHED else np.inf
    return made


@njit(**JIT)
def junction_rows(
    own: Any, row_start: Any, row_stop: Any, row_node: Any, row_cost: Any, indptr: Any, node: Any, cost: Any
) -> None:
    """Turn rows of junctions into rows of nodes by source, where every node is a junction.

    Parameters
    ----------
    own : numpy.ndarray
        int32 (j,): the node of each junction.
    row_start, row_stop, row_node, row_cost
        As in :func:`geo.walk.kernels.catchment_rows`.
    indptr : numpy.ndarray
        int64 (sources + 1,).
    node, cost : numpy.ndarray
        Written: int32 rows.
    """
    for source in range(len(row_start)):
        shift = indptr[source] - row_start[source]
        for row in range(row_start[source], row_stop[source]):
            node[row + shift], cost[row + shift] = own[row_node[row]], row_cost[row]


@njit(**JIT)
def node_rows(
    graph: Any, to_first: Any, to_last: Any, cost: Any, limit: int, row_start: Any, row_stop: Any, row_node: Any,
    row_cost: Any, here_start: Any, here: Any, here_cost: Any, indptr: Any, node: Any, node_cost: Any,
) -> None:  # fmt: skip
    """Turn rows of junctions into rows of nodes by source, inner ones included; count them, or write them.

    Parameters
    ----------
    graph : Graph
        Reversed graph.
    to_first, to_last : numpy.ndarray
        int32 (i,): cost from each inner node to both ends of its chain.
    cost, limit, row_start, row_stop, row_node, row_cost
        As in :func:`geo.walk.kernels.catchment_rows`, ``cost`` as that left it.
    here_start, here, here_cost : numpy.ndarray
        CSR by source, ascending: inner nodes at which it is entered, and at what cost.
    indptr : numpy.ndarray
        int64 (sources + 1,): with no room in ``node`` the number of rows is written behind each source, else read.
    node, node_cost : numpy.ndarray
        Written: int32 rows, or empty.
    """
    never = np.uint32(limit + 1)
    for source in range(len(row_start)):
        row = indptr[source] if len(node) else 0
        mine = slice(here_start[source], here_start[source + 1])
        entered, entered_cost = here[mine], here_cost[mine]
        for at in range(row_start[source], row_stop[source]):
            cost[row_node[at]] = row_cost[at]
            row = _put(node, node_cost, row, graph.node[row_node[at]], row_cost[at])
        for at in range(row_start[source], row_stop[source]):
            junction = row_node[at]
            for step in range(graph.start[junction], graph.start[junction + 1]):
                chain = graph.way[step] >> 1
                first, last = graph.chain_ends[chain]
                twice = first != last and junction == last and cost[first] != never
                if not twice and not _within(graph, entered, chain):
                    row = _chain_rows(
                        graph,
                        to_first,
                        to_last,
                        cost,
                        limit,
                        chain,
                        entered[:0],
                        entered_cost,
                        node,
                        node_cost,
                        row,
                    )
        before = -1
        for inner in entered:
            chain = graph.inner_chain[inner]
            if chain != before:
                row = _chain_rows(
                    graph, to_first, to_last, cost, limit, chain, entered, entered_cost, node, node_cost, row
                )
            before = chain
        for at in range(row_start[source], row_stop[source]):
            cost[row_node[at]] = never
        if not len(node):
            indptr[source + 1] = row


@njit(**JIT)
def _put(node: Any, node_cost: Any, row: int, who: int, cost: int) -> int:
    """Write one row, where there is room for rows; the next row."""
    if len(node):
        node[row], node_cost[row] = who, cost
    return row + 1


@njit(**JIT)
def _chain_rows(
    graph: Any, to_first: Any, to_last: Any, cost: Any, limit: int, chain: int, entered: Any, entered_cost: Any,
    node: Any, node_cost: Any, row: int,
) -> int:  # fmt: skip
    """Put the inner nodes of a chain that are within the limit; the next row."""
    first, last = graph.chain_ends[chain]
    for inner in range(graph.chain_start[chain] - chain, graph.chain_start[chain + 1] - chain - 1):
        total = min(np.int64(cost[first]) + to_first[inner], np.int64(cost[last]) + to_last[inner])
        for at in range(len(entered)):
            if graph.inner_chain[entered[at]] == chain:
                total = min(total, entered_cost[at] + _along(to_first, to_last, inner, entered[at]))
        if total <= limit:
            row = _put(node, node_cost, row, graph.inner[inner], total)
    return row


@njit(**JIT)
def _within(graph: Any, inner: Any, chain: int) -> bool:
    """Whether any of some inner nodes lies in a chain."""
    found = False
    for one in inner:
        found |= graph.inner_chain[one] == chain
    return found


@njit(**JIT)
def _along(to_first: Any, to_last: Any, inner: int, there: int) -> Any:
    """Cost between two inner nodes of a chain, straight along it."""
    if inner <= there:
        return np.int64(to_last[inner]) - to_last[there]
    return np.int64(to_first[inner]) - to_first[there]


@njit(**JIT)
def inner_labels(graph: Any, to_first: Any, to_last: Any, first: Any, second: Any, top: Any, best: Any) -> None:
    """Find the two nearest sources of inner nodes by way of the ends of their chains.

    Parameters
    ----------
    graph : Graph
        Reversed graph.
    to_first, to_last : numpy.ndarray
        int32 (i,): cost from each inner node to both ends of its chain.
    first, second : numpy.ndarray
        uint64 (j,): labels of junctions.
    top : numpy.uint64
        What they hold where nothing is reached.
    best : numpy.ndarray
        Written: uint64 (i, 2); ``top`` or more where nothing is reached.
    """
    for inner in range(len(best)):
        ends = graph.chain_ends[graph.inner_chain[inner]]
        best[inner, 0] = best[inner, 1] = top
        for side in range(2):
            way = np.uint64(to_first[inner] if side == 0 else to_last[inner]) << _32
            for label in (first[ends[side]], second[ends[side]]):
                if label < top:
                    offer_label(best, inner, label + way)


@njit(**JIT)
def inner_offers(graph: Any, to_first: Any, to_last: Any, here: Any, here_label: Any, best: Any) -> None:
    """Let sources that lie inside a chain offer themselves to its inner nodes, straight along it.

    Parameters
    ----------
    graph, to_first, to_last, best
        As in :func:`inner_labels`.
    here, here_label : numpy.ndarray
        int32 and uint64 (s,): inner nodes at which sources are entered, and their labels there.
    """
    for at in range(len(here)):
        there = here[at]
        chain = graph.inner_chain[there]
        for inner in range(graph.chain_start[chain] - chain, graph.chain_start[chain + 1] - chain - 1):
            way = np.uint64(_along(to_first, to_last, inner, there)) << _32
            offer_label(best, inner, here_label[at] + way)


@njit(**JIT)
def offer_label(best: Any, at: int, label: Any) -> None:
    """Let one have a source, if it is nearer than one of its two, ties to the lower source.

    Parameters
    ----------
    best : numpy.ndarray
        Written: uint64 (n, 2), the two lowest labels of different sources.
    at : int
        Row.
    label : numpy.uint64
        ``cost << 32 | source``.
    """
    if label < best[at, 0]:
        if np.uint32(label) != np.uint32(best[at, 0]):
            best[at, 1] = best[at, 0]
        best[at, 0] = label
    elif label < best[at, 1] and np.uint32(label) != np.uint32(best[at, 0]):
        best[at, 1] = label


@njit(**JIT)
def point_labels(
    ends: Any, off: Any, on_start: Any, on_source: Any, on_along: Any, first: Any, second: Any, top: Any
) -> Any:  # fmt: skip
    """Find the two nearest sources of points along edges.

    Parameters
    ----------
    ends : numpy.ndarray
        int64 (p, 3): edge (-1 = unsnapped), its u, its v.
    off : numpy.ndarray
        int64 (p, 5): cost off the street, cost to u, cost to v (-1 = that way is not open); cost to u and cost
        from u whichever way is open.
    on_start, on_source : numpy.ndarray
        CSR by edge: sources that lie on it.
    on_along : numpy.ndarray
        int64 (k, 5) for each of these: cost from u, cost of entering it, whether it may be walked to from its u
        side and from its v side, and cost to u.
    first, second : numpy.ndarray
        uint64 (n,): labels of nodes.
    top : numpy.uint64
        The first label beyond the limit.

    Returns
    -------
    numpy.ndarray
        uint64 (p, 2), ``top`` where nothing is reached.
    """
    best = np.empty((len(ends), 2), np.uint64)
    for p in range(len(ends)):
        best[p, 0] = best[p, 1] = top
        edge = ends[p, 0]
        if edge < 0:
            continue
        for side in range(1, 3):
            if off[p, side] >= 0:
                way = np.uint64(off[p, 0] + off[p, side]) << _32
                for label in (first[ends[p, side]], second[ends[p, side]]):
                    if label < top:
                        offer_label(best, p, label + way)
        for k in range(on_start[edge], on_start[edge + 1]):
            cost = _straight(on_along, k, off[p, 4], off[p, 3])
            if cost < UNREACHED:
                offer_label(best, p, (np.uint64(cost + off[p, 0]) << _32) | np.uint64(on_source[k]))
    return best


@njit(**JIT)
def _straight(on_along: Any, k: int, from_u: int, to_u: int) -> Any:
    """Cost of a source on the same edge for who is somewhere along it; UNREACHED against a one-way."""
    cost = np.int64(UNREACHED)
    if on_along[k, 0] >= from_u and on_along[k, 2]:
        cost = min(cost, on_along[k, 0] - from_u + on_along[k, 1])
    if on_along[k, 4] <= to_u and on_along[k, 3]:
        cost = min(cost, to_u - on_along[k, 4] + on_along[k, 1])
    return cost


@njit(**JIT)
def _next(sources: Any, at: int, end: int) -> Any:
    """Source at a place of an ascending list; UNREACHED behind its end."""
    return np.int64(sources[at]) if at < end else np.int64(UNREACHED)


@njit(**JIT)
def point_sources(
    ends: Any, off: Any, on_start: Any, on_source: Any, on_along: Any, node_start: Any, node_source: Any,
    node_cost: Any, limit: int, out_start: Any, out_source: Any,
) -> None:  # fmt: skip
    """List all sources that points along edges reach within the limit.

    Parameters
    ----------
    ends, off, on_start, on_source, on_along
        As in :func:`point_labels`.
    node_start, node_source, node_cost : numpy.ndarray
        CSR by node: the sources it reaches, ascending, and at what cost.
    limit : int
        Largest cost that counts.
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
                cost = min(cost, _straight(on_along, k, off[p, 4], off[p, 3]))
                k += 1
            if cost + off[p, 0] <= limit:
                out_source[rows] = source
                rows += 1
    out_start[len(ends)] = rows


@njit(**JIT)
def rows_by_node(indptr: Any, node: Any, cost: Any, start: Any) -> tuple[Any, Any]:
    """Turn rows by source into rows by node, sources ascending.

    Parameters
    ----------
    indptr, node, cost : numpy.ndarray
        CSR by source.
    start : numpy.ndarray
        int64 (n + 1,): rows of each node.

    Returns
    -------
    tuple of numpy.ndarray
        ``source`` and ``cost`` by node, int32.
    """
    source, by_node, filled = np.empty(len(node), np.int32), np.empty(len(node), np.int32), start[:-1].copy()
    for one in range(len(indptr) - 1):
        for row in range(indptr[one], indptr[one + 1]):
            at = filled[node[row]]
            source[at], by_node[at] = one, cost[row]
            filled[node[row]] = at + 1
    return source, by_node
