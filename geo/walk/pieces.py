"""Which straight pieces of street reach a station with some of the budget to spare? Compiled loops over arrays.

With T the budget less what is spared, the pieces of an edge of cost L with costs d_u, d_v at its ends are
[L - (T - d_v), L], walked towards v, and [0, T - d_u], walked towards u.
"""

from __future__ import annotations

from typing import Any, NamedTuple

import numpy as np
from numba import njit
from numpy.typing import NDArray

from geo.crs import Floats
from geo.walk.graph import JIT, Ints
from geo.walk.kernels import UNREACHED

AX, AY, BX, BY, WIDTH, NEAR = range(6)  # columns of a piece: its ends, half of its strip's width, barriers near
FULL = -1  # what is said of a pool that is too small


class Streets(NamedTuple):
    """A network as the loops want it: steps towards nodes, costs and one-ways of edges, courses."""

    start: NDArray[np.int64]
    neighbour: Ints
    edge: Ints
    at_v: NDArray[np.bool_]
    oneway: NDArray[np.int8]
    forward: Ints
    backward: Ints
    first: NDArray[np.int64]
    x: Floats
    y: Floats


class Starts(NamedTuple):
    """Stations: where, on which edge (-1 = none) and where along it, whole costs of the leg and of the delay."""

    x: Floats
    y: Floats
    edge: NDArray[np.int64]
    along: Floats
    leg: NDArray[np.int64]
    delay: NDArray[np.int64]


class Rows(NamedTuple):
    """What a search found, CSR by station."""

    start: NDArray[np.int64]
    node: Ints
    cost: Ints


@njit(**JIT)
def pieces_within(
    streets: Any,
    stations: Any,
    rows: Any,
    cost_at: Any,
    station: int,
    limit: float,
    known: float,
    out: Any,
    n: int,
) -> int:
    """Append the pieces from which a station is reached within a limit, its own leg included.

    Parameters
    ----------
    streets, stations, rows : Streets, Starts, Rows
        What is walked, to where, and what the search found.
    cost_at : numpy.ndarray
        int32, one value a node: the rows of this station, else ``UNREACHED``.
    station : int
        Which one.
    limit : float
        Cost.
    known : float
        A lower limit: edges that are whole within it are left out; below 0 = none.
    out : numpy.ndarray
        Written: pieces, columns ``AX, AY, BX, BY`` of each.
    n : int
        How many are there already.

    Returns
    -------
    int
        How many are there now, or ``FULL``.
    """
    n = _leg(streets, stations, station, limit, out, n)
    if n < 0 or stations.edge[station] < 0:
        return n
    n = _own_edge(streets, stations, station, limit, out, n)
    for row in range(rows.start[station], rows.start[station + 1]):
        node, cost = rows.node[row], rows.cost[row]
        if cost > limit:
            continue
        for step in range(streets.start[node], streets.start[node + 1]):
            if n < 0:
                return n
            edge, at_v = np.int64(streets.edge[step]), streets.at_v[step]
            other = cost_at[streets.neighbour[step]]
            part, back = _parts(streets, edge, at_v, cost, other, limit)
            if known >= 0:
                before, behind = _parts(streets, edge, at_v, cost, other, known)
                if before + max(behind, 0.0) >= 1.0:
                    continue
            if part + max(back, 0.0) < 1.0:
                n = _course(streets, edge, 1.0 - part if at_v else 0.0, 1.0 if at_v else part, out, n)
            elif at_v or back < 0:  # whole: said once
                n = _course(streets, edge, 0.0, 1.0, out, n)
    return n


@njit(**JIT)
def _parts(streets: Any, edge: int, at_v: bool, cost: int, other: int, limit: float) -> tuple[float, float]:
    """Reached parts of an edge from this end and from the other; below 0 = not from there."""
    to_v, to_u = max(streets.forward[edge], 1), max(streets.backward[edge], 1)
    here, there = (to_v, to_u) if at_v else (to_u, to_v)
    part, back = min(1.0, (limit - cost) / here), -1.0
    way = streets.oneway[edge]
    if other != UNREACHED and other <= limit and (way == 0 or (way < 0) == at_v):
        back = min(1.0, (limit - other) / there)
    return part, back


@njit(**JIT)
def _own_edge(streets: Any, stations: Any, station: int, limit: float, out: Any, n: int) -> int:
    """Piece of the edge that a station lies on, walked straight along it."""
    if n < 0:
        return n
    edge, along = stations.edge[station], stations.along[station]
    left = limit - stations.delay[station] - stations.leg[station]
    if left < 0:
        return n
    start = stop = along
    if streets.oneway[edge] >= 0:
        start = max(0.0, along - left / max(streets.forward[edge], 1))
    if streets.oneway[edge] <= 0:
        stop = min(1.0, along + left / max(streets.backward[edge], 1))
    return int(_course(streets, edge, start, stop, out, n))


@njit(**JIT)
def _leg(streets: Any, stations: Any, station: int, limit: float, out: Any, n: int) -> int:
    """The straight way from a station towards its street as far as the limit goes."""
    left = limit - stations.delay[station]
    if left < 0:
        return n
    x, y, edge = stations.x[station], stations.y[station], stations.edge[station]
    to_x, to_y = x, y
    if edge >= 0:
        part = min(1.0, left / max(stations.leg[station], 1))
        foot_x, foot_y = _place(streets, edge, stations.along[station])
        to_x, to_y = x + (foot_x - x) * part, y + (foot_y - y) * part
    return int(_put(x, y, to_x, to_y, out, n))


@njit(**JIT)
def _put(ax: float, ay: float, bx: float, by: float, out: Any, n: int) -> int:
    if n == len(out):
        return FULL
    out[n, AX], out[n, AY], out[n, BX], out[n, BY] = ax, ay, bx, by
    return n + 1


@njit(**JIT)
def _length(streets: Any, edge: int) -> float:
    total = 0.0
    for k in range(streets.first[edge] + 1, streets.first[edge + 1]):
        total += np.hypot(streets.x[k] - streets.x[k - 1], streets.y[k] - streets.y[k - 1])
    return total


@njit(**JIT)
def _place(streets: Any, edge: int, along: float) -> tuple[float, float]:
    """A place on an edge, by its fraction from u."""
    left = along * _length(streets, edge)
    for k in range(streets.first[edge] + 1, streets.first[edge + 1]):
        ax, ay, bx, by = streets.x[k - 1], streets.y[k - 1], streets.x[k], streets.y[k]
        length = np.hypot(bx - ax, by - ay)
        if left <= length and length > 0:
            return ax + (bx - ax) * left / length, ay + (by - ay) * left / length
        left -= length
    last = streets.first[edge + 1] - 1
    return streets.x[last], streets.y[last]


@njit(**JIT)
def _course(streets: Any, edge: int, start: float, stop: float, out: Any, n: int) -> int:
    """Append the straight pieces of an edge between two fractions; a point where both are one place."""
    total = _length(streets, edge)
    low, high, before = start * total, stop * total, 0.0
    first = n
    for k in range(streets.first[edge] + 1, streets.first[edge + 1]):
        ax, ay, bx, by = streets.x[k - 1], streets.y[k - 1], streets.x[k], streets.y[k]
        length = np.hypot(bx - ax, by - ay)
        here, there = max(low - before, 0.0), min(high - before, length)
        if length > 0 and here < there and n >= 0:
            from_x, from_y = ax + (bx - ax) * here / length, ay + (by - ay) * here / length
            to_x, to_y = ax + (bx - ax) * there / length, ay + (by - ay) * there / length
            n = _put(from_x, from_y, to_x, to_y, out, n)
        before += length
    if n == first:
        x, y = _place(streets, edge, start)
        n = _put(x, y, x, y, out, n)
    return n
