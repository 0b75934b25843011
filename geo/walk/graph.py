"""The network as the searches want it: pass-through nodes contracted, junctions numbered along a Hilbert curve.

A *junction* is a node where walking may go more than one way, or ends, or meets a one-way; a *chain* is the run of
edges between two junctions, and what lies inside it is never searched: its times follow from both ends. Costs of a
chain are sums of the edges' own whole costs, so contraction changes no answer by a single unit.
"""

from __future__ import annotations

from typing import Any, NamedTuple

import numpy as np
from numba import njit
from numpy.typing import NDArray
from scipy.sparse import coo_array
from scipy.sparse.csgraph import connected_components

JIT: dict[str, Any] = {"cache": True, "nogil": True}
WORTH_CONTRACTING = 1 / 3  # of all nodes: with fewer, carrying answers back costs more than the search saves
CURVE_LEVEL = 16  # 65,536 cells a side: neighbours in memory are neighbours on the ground
_32 = np.uint64(32)

Ints = NDArray[np.int32]


class Graph(NamedTuple):
    """Topology alone; costs come with a pace.

    ``n`` nodes, ``j`` junctions, ``i = n - j`` inner nodes, ``c`` chains of ``m`` edges in all.

    Parameters
    ----------
    node : numpy.ndarray
        int32 (j,): the node of each junction; junctions follow a Hilbert curve.
    place : numpy.ndarray
        int32 (n,): junction of each node; of an inner node ``-1 - inner``.
    start : numpy.ndarray
        uint32 (j + 1,): steps of each junction.
    before : numpy.ndarray
        uint32 (steps,): the junction from which the step's junction is walked to.
    way : numpy.ndarray
        int32 (steps,): twice the chain of the step, and one more when it is walked from its first junction to its
        last.
    chain_start, chain_edge, chain_against : numpy.ndarray
        CSR by chain, (c + 1,) and (m,): its edges in order, and whether an edge is walked from its v to its u.
    chain_ends : numpy.ndarray
        int32 (c, 2): its first and last junction. Chains follow the curve by the lower of the two.
    chain_way : numpy.ndarray
        int8 (c,): 0 walked both ways, 1 first to last, -1 last to first.
    inner, inner_chain : numpy.ndarray
        int32 (i,): node of each inner node and its chain, chain by chain in order; inner node ``k`` of chain ``c``
        is number ``chain_start[c] - c + k``.
    """

    node: Ints
    place: Ints
    start: NDArray[np.uint32]
    before: NDArray[np.uint32]
    way: Ints
    chain_start: Ints
    chain_edge: Ints
    chain_against: NDArray[np.bool_]
    chain_ends: Ints
    chain_way: NDArray[np.int8]
    inner: Ints
    inner_chain: Ints


def graph_of(x: NDArray[np.float64], y: NDArray[np.float64], u: Ints, v: Ints, oneway: NDArray[np.int8]) -> Graph:
    """Contract and order a network; where few nodes are passed through, all are junctions.

    Parameters
    ----------
    x, y : numpy.ndarray
        Nodes, metres, shape (n,).
    u, v : numpy.ndarray
        Ends of each edge, int32, shape (m,).
    oneway : numpy.ndarray
        0 both ways, 1 only u → v, -1 only v → u, shape (m,). Nodes at a one-way stay junctions.

    Returns
    -------
    Graph
        The same for the same input; a ring without any junction keeps its lowest node as one.
    """
    through, crossed = _pass_through(len(x), u, v, oneway)
    if through.sum() < WORTH_CONTRACTING * len(x):
        through[:] = False
    chain_start, chain_edge, chain_against, chain_ends = _chains(u, v, through, crossed)
    node = np.flatnonzero(~through).astype(np.int32)
    node = node[np.argsort(_curve(x[node], y[node]), kind="stable")]
    place = np.empty(len(x), dtype=np.int32)
    place[node] = np.arange(len(node), dtype=np.int32)
    ends = place[chain_ends]
    order = np.argsort(ends.min(axis=1, initial=len(node)), kind="stable")
    chain_start, chain_edge, chain_against = _in_order(order, chain_start, chain_edge, chain_against)
    ends, chain_way = ends[order], oneway[chain_edge[chain_start[:-1]]]  # a one-way is a chain alone
    inner, inner_chain = _inner(chain_start, chain_edge, chain_against, u, v, place)
    chains = chain_start, chain_edge, chain_against, ends, chain_way
    start, before, way = _steps(len(node), ends, chain_way)
    return Graph(node, place, start, before, way, *chains, inner, inner_chain)


def components(u: Ints, v: Ints, length_m: NDArray[np.float64]) -> Ints:
    """Label what hangs together.

    Parameters
    ----------
    u, v : numpy.ndarray
        Ends of each edge, shape (m,).
    length_m : numpy.ndarray
        Metres, shape (m,).

    Returns
    -------
    numpy.ndarray
        int32, shape (m,): 0 is the component with most metres; ties by lowest node.

    Examples
    --------
    >>> components(np.array([0, 2, 3]), np.array([1, 3, 4]), np.array([10.0, 20.0, 30.0])).tolist()
    [1, 0, 0]
    """
    if not len(u):
        return np.zeros(0, dtype=np.int32)
    nodes = int(max(u.max(), v.max())) + 1
    joined = coo_array((np.ones(len(u), dtype=np.int8), (u, v)), shape=(nodes, nodes))
    count, label = connected_components(joined, directed=False)
    metres = np.bincount(label[u], weights=length_m, minlength=count)
    lowest = np.full(count, nodes)
    lowest[label[::-1]] = np.arange(nodes)[::-1]
    bare = np.ones(count, dtype=bool)  # nodes without edges are no component
    bare[label[u]] = False
    rank = np.empty(count, dtype=np.int32)
    rank[np.lexsort((lowest, -metres, bare))] = np.arange(count, dtype=np.int32)
    of_edge: Ints = rank[label[u]]
    return of_edge


def _curve(x: NDArray[np.float64], y: NDArray[np.float64]) -> NDArray[np.uint64]:
    if not len(x):
        return np.zeros(0, dtype=np.uint64)
    side = max(np.ptp(x), np.ptp(y), 1.0) * (1 + 1e-9)
    scale = 2**CURVE_LEVEL / side
    along: NDArray[np.uint64] = _hilbert(x, y, x.min(), y.min(), scale)
    return along


@njit(**JIT)
def _hilbert(x: Any, y: Any, west: float, south: float, scale: float) -> Any:
    """Distance along the Hilbert curve of each point (Warren, Hacker's Delight, 2nd ed., 16-3)."""
    along = np.empty(len(x), np.uint64)
    for point in range(len(x)):
        column, row = np.int64((x[point] - west) * scale), np.int64((y[point] - south) * scale)
        distance = np.int64(0)
        side = np.int64(1 << (CURVE_LEVEL - 1))
        while side > 0:
            right, up = np.int64((column & side) > 0), np.int64((row & side) > 0)
            distance += side * side * ((3 * right) ^ up)
            column, row = column & (side - 1), row & (side - 1)
            if up == 0:
                if right == 1:
                    column, row = side - 1 - column, side - 1 - row
                column, row = row, column
            side >>= 1
        along[point] = distance
    return along


@njit(**JIT)
def _pass_through(nodes: int, u: Any, v: Any, oneway: Any) -> tuple[Any, Any]:
    """Whether just two edges, both two-way, meet at each node; and the exclusive or of the edges at it."""
    degree, crossed = np.zeros(nodes, np.uint8), np.zeros(nodes, np.int32)
    for edge in range(len(u)):
        often = 1 if oneway[edge] == 0 else 3  # a one-way's ends are never passed through
        for end in (u[edge], v[edge]):
            degree[end] = min(3, degree[end] + often)
            crossed[end] ^= edge
        if u[edge] == v[edge]:
            degree[u[edge]] = 3
    return degree == 2, crossed


@njit(**JIT)
def _chains(u: Any, v: Any, through: Any, crossed: Any) -> tuple[Any, Any, Any, Any]:
    """Runs of edges between junctions, by their lowest edge that touches one; then rings, by lowest node."""
    edges = len(u)
    start, edge_of = np.empty(edges + 1, np.int32), np.empty(edges, np.int32)
    against, ends = np.empty(edges, np.bool_), np.empty((edges, 2), np.int32)
    done = np.zeros(edges, np.bool_)
    chains = 0
    size = 0
    for ring in range(2):
        for first in range(edges):
            if done[first]:
                continue
            if ring:
                lowest, edge, here = min(u[first], v[first]), first, v[first]
                while here != u[first]:
                    lowest = min(lowest, here)
                    edge = crossed[here] ^ edge
                    here = u[edge] if v[edge] == here else v[edge]
                through[lowest] = False
                here = lowest
                edge = _touching(first, u, v, crossed, lowest)
            elif not through[u[first]]:
                edge, here = first, u[first]
            elif not through[v[first]]:
                edge, here = first, v[first]
            else:
                continue
            start[chains], ends[chains, 0] = size, here
            while True:
                edge_of[size], against[size], done[edge] = edge, u[edge] != here, True
                size += 1
                here = u[edge] if u[edge] != here else v[edge]
                if not through[here]:
                    break
                edge = crossed[here] ^ edge
            ends[chains, 1] = here
            chains += 1
    start[chains] = size
    return start[: chains + 1].copy(), edge_of, against, ends[:chains].copy()


@njit(**JIT)
def _touching(first: int, u: Any, v: Any, crossed: Any, node: int) -> int:
    """The lower of a ring's two edges at one of its nodes."""
    edge, here = first, v[first]
    while here != node:
        edge = crossed[here] ^ edge
        here = u[edge] if v[edge] == here else v[edge]
    return int(min(edge, crossed[node] ^ edge))


@njit(**JIT)
def _in_order(order: Any, start: Any, edge: Any, against: Any) -> tuple[Any, Any, Any]:
    """Chains in another order."""
    new_start, new_edge, new_against = np.empty_like(start), np.empty_like(edge), np.empty_like(against)
    size = 0
    for number, chain in enumerate(order):
        new_start[number] = size
        for at in range(start[chain], start[chain + 1]):
            new_edge[size], new_against[size] = edge[at], against[at]
            size += 1
    new_start[len(order)] = size
    return new_start, new_edge, new_against


@njit(**JIT)
def _inner(start: Any, edge: Any, against: Any, u: Any, v: Any, place: Any) -> tuple[Any, Any]:
    """Inner nodes chain by chain; ``place`` is filled for them."""
    chains = len(start) - 1
    inner, inner_chain = np.empty(len(edge) - chains, np.int32), np.empty(len(edge) - chains, np.int32)
    for chain in range(chains):
        for at in range(start[chain], start[chain + 1] - 1):
            number = at - chain
            node = u[edge[at]] if against[at] else v[edge[at]]
            inner[number], inner_chain[number], place[node] = node, chain, -1 - number
    return inner, inner_chain


@njit(**JIT)
def _steps(junctions: int, ends: Any, way: Any) -> tuple[Any, Any, Any]:
    """Steps by the junction they lead to."""
    start = np.zeros(junctions + 1, np.uint32)
    for chain in range(len(ends)):
        if way[chain] <= 0:
            start[ends[chain, 0] + 1] += 1
        if way[chain] >= 0 and ends[chain, 0] != ends[chain, 1]:
            start[ends[chain, 1] + 1] += 1
    for junction in range(junctions):
        start[junction + 1] += start[junction]
    before, by = np.empty(start[junctions], np.uint32), np.empty(start[junctions], np.int32)
    filled = start[:-1].copy()
    for chain in range(len(ends)):
        first, last = ends[chain, 0], ends[chain, 1]
        if way[chain] <= 0:
            before[filled[first]], by[filled[first]] = last, 2 * chain
            filled[first] += 1
        if way[chain] >= 0 and first != last:
            before[filled[last]], by[filled[last]] = first, 2 * chain + 1
            filled[last] += 1
    return start, before, by


@njit(**JIT)
def packed_steps(before: Any, way: Any, total: Any) -> Any:
    """Put each step into one word: ``cost << 32 | junction``.

    Parameters
    ----------
    before, way : numpy.ndarray
        Of a :class:`Graph`.
    total : numpy.ndarray
        int32 (2 c,): cost of each chain from last to first, and from first to last.

    Returns
    -------
    numpy.ndarray
        uint64 (steps,).
    """
    steps = np.empty(len(before), np.uint64)
    for step in range(len(before)):
        steps[step] = (np.uint64(total[way[step]]) << _32) | np.uint64(before[step])
    return steps


@njit(**JIT)
def chain_costs(
    start: Any, edge: Any, against: Any, way: Any, forward: Any, backward: Any
) -> tuple[Any, Any, Any]:
    """Sum up what chains cost, and what the ways from their inner nodes to both ends cost.

    Parameters
    ----------
    start, edge, against, way : numpy.ndarray
        Chains of a :class:`Graph`.
    forward, backward : numpy.ndarray
        int32 (m,): cost of each edge from u to v, and from v to u.

    Returns
    -------
    tuple of numpy.ndarray
        ``total`` int32 (2 c,), as :func:`packed_steps` wants it; ``to_first`` and ``to_last`` int32 (i,). Sums
        stop at 2³¹ - 2: no search goes that far, and so much is a way that is not open.
    """
    chains, most = len(start) - 1, np.int64(2**31 - 2)
    total = np.empty(2 * chains, np.int32)
    to_first, to_last = np.empty(len(edge) - chains, np.int32), np.empty(len(edge) - chains, np.int32)
    for chain in range(chains):
        ahead, back = np.int64(0), np.int64(0)
        for at in range(start[chain], start[chain + 1]):
            if at > start[chain]:
                to_first[at - 1 - chain] = min(back, most)
            back += forward[edge[at]] if against[at] else backward[edge[at]]
        for at in range(start[chain + 1] - 1, start[chain] - 1, -1):
            if at < start[chain + 1] - 1:
                to_last[at - chain] = min(ahead, most)
            ahead += backward[edge[at]] if against[at] else forward[edge[at]]
        total[2 * chain] = min(back, most) if way[chain] <= 0 else most
        total[2 * chain + 1] = min(ahead, most) if way[chain] >= 0 else most
    return total, to_first, to_last
