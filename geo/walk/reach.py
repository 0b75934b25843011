"""How long is the walk to the nearest station, to the second-nearest, and to all within a limit?

Answers are for nodes; :func:`nearest_at` and :func:`sources_at` carry them to points along edges, so that people
are reached at their own place and not at the next junction. Costs are whole and rounded before the search.
"""

from __future__ import annotations

from dataclasses import dataclass
from typing import Any

import numpy as np
import pandas as pd
from numpy.typing import ArrayLike, NDArray

from geo.crs import Floats
from geo.walk import kernels
from geo.walk.network import BOTH, UNREACHED, Ints, Pace, WalkNetwork, edge_costs, pace_of
from geo.walk.snap import Snapped

Longs = NDArray[np.int64]


@dataclass(frozen=True, eq=False)
class Sources:
    """Where stations are entered and what that costs.

    Parameters
    ----------
    pace : Pace
        Of the search.
    delay : numpy.ndarray
        Cost before each source serves, int64, one a source.
    start, node, cost : numpy.ndarray
        CSR by source: nodes through which it is entered, and the cost from there.
    on_start, on_source, on_along : numpy.ndarray
        CSR by edge: sources that lie on it, and for each ``cost from u, cost of entering, from u side, from v
        side``.
    """

    pace: Pace
    delay: Longs
    start: Longs
    node: Ints
    cost: Longs
    on_start: Longs
    on_source: Longs
    on_along: Longs


@dataclass(frozen=True, eq=False)
class Reach:
    """The nearest and the second-nearest source of every node or point.

    Parameters
    ----------
    sources : Sources
        What was searched for.
    cost, owner, second_cost, second_owner : numpy.ndarray
        Whole costs and positions of the sources; ``UNREACHED`` and -1 beyond the limit. The second-nearest is
        never the nearest once more; ties go to the lower position.
    """

    sources: Sources
    cost: Ints
    owner: Ints
    second_cost: Ints
    second_owner: Ints

    @property
    def seconds(self) -> Floats:
        """Walking time to the nearest, inf beyond the limit."""
        return _seconds(self.cost, self.sources.pace)

    @property
    def second_seconds(self) -> Floats:
        """Walking time to the second-nearest, inf beyond the limit."""
        return _seconds(self.second_cost, self.sources.pace)


@dataclass(frozen=True, eq=False)
class Catchments:
    """Every node from which each source is reached within the limit, as CSR rows by source.

    Parameters
    ----------
    sources : Sources
        What was searched for.
    indptr : numpy.ndarray
        int64 (sources + 1,).
    node, cost : numpy.ndarray
        int32; rows of a source by (cost, node).
    """

    sources: Sources
    indptr: Longs
    node: Ints
    cost: Ints

    @property
    def seconds(self) -> Floats:
        """Walking time of each row."""
        return _seconds(self.cost, self.sources.pace)


def nearest(
    network: WalkNetwork,
    sources: ArrayLike | Snapped,
    *,
    limit_s: float | None = None,
    limit_m: float | None = None,
    profile: str = "adult",
    speed_kmh: float | None = None,
    delay_s: ArrayLike = 0.0,
) -> Reach:
    """Find the nearest and the second-nearest source of every node, on foot.

    Parameters
    ----------
    network : WalkNetwork
        The streets.
    sources : array_like of int or Snapped
        Nodes, or snapped points (a point that is nowhere reaches nobody).
    limit_s, limit_m : float or None
        Exactly one: how long, or how far, one may walk; a node exactly on the limit is reached.
    profile : {"adult", "old", "child", "winter"}
        Whose speed.
    speed_kmh : float or None
        Speed, km/h, instead of the profile's.
    delay_s : array_like
        Seconds that each source needs before it serves; counts in time, not in distance.

    Returns
    -------
    Reach
        One value a node, in the network's node order.

    Raises
    ------
    BadParameter
        Not exactly one limit, an unknown profile, an impossible speed.
    """
    pace = pace_of(limit_s=limit_s, limit_m=limit_m, profile=profile, speed_kmh=speed_kmh)
    entered = _sources(network, sources, pace, delay_s)
    found = kernels.nearest_two(
        network.toward.start, _packed(network, pace), entered.start, entered.node, entered.cost, pace.limit
    )
    return Reach(entered, *found)


def catchments(
    network: WalkNetwork,
    sources: ArrayLike | Snapped,
    *,
    limit_s: float | None = None,
    limit_m: float | None = None,
    profile: str = "adult",
    speed_kmh: float | None = None,
    delay_s: ArrayLike = 0.0,
) -> Catchments:
    """Find every node from which each source is reached within the limit, on foot.

    Parameters
    ----------
    network, sources, limit_s, limit_m, profile, speed_kmh, delay_s
        As in :func:`nearest`.

    Returns
    -------
    Catchments
        CSR rows by source.

    Raises
    ------
    BadParameter
        As in :func:`nearest`.
    """
    pace = pace_of(limit_s=limit_s, limit_m=limit_m, profile=profile, speed_kmh=speed_kmh)
    entered = _sources(network, sources, pace, delay_s)
    steps, indptr = _packed(network, pace), np.zeros(len(entered.start), dtype=np.int64)
    pool = max(1024, 4 * network.nodes)
    while True:
        node, cost = np.empty(pool, np.int32), np.empty(pool, np.int32)
        rows = kernels.catchment_rows(
            network.toward.start, steps, entered.start, entered.node, entered.cost, pace.limit, indptr, node, cost
        )
        if rows >= 0:
            return Catchments(entered, indptr, node[:rows].copy(), cost[:rows].copy())
        pool *= 2


def nearest_at(network: WalkNetwork, reach: Reach, points: Snapped) -> Reach:
    """Find the nearest and the second-nearest source of points along edges.

    Parameters
    ----------
    network : WalkNetwork
        The streets.
    reach : Reach
        Of its nodes.
    points : Snapped
        Where people are.

    Returns
    -------
    Reach
        One value a point: the straight leg to the street, then the shorter way over the edge's ends, or straight
        along the edge to a source on it.
    """
    ends, off = _approach(network, points, reach.sources.pace)
    label = np.column_stack([reach.cost, reach.owner, reach.second_cost, reach.second_owner]).astype(np.int64)
    best = kernels.points_two(
        ends,
        off,
        reach.sources.on_start,
        reach.sources.on_source,
        reach.sources.on_along,
        label,
        reach.sources.pace.limit,
    ).astype(np.int32)
    return Reach(reach.sources, best[:, 0], best[:, 1], best[:, 2], best[:, 3])


def sources_at(network: WalkNetwork, found: Catchments, points: Snapped) -> tuple[Longs, Longs]:
    """List all sources within the limit of points along edges.

    Parameters
    ----------
    network : WalkNetwork
        The streets.
    found : Catchments
        Of the sources.
    points : Snapped
        Where people are.

    Returns
    -------
    tuple of numpy.ndarray
        CSR by point: ``indptr`` (p + 1,) and the positions of the sources, ascending.
    """
    ends, off = _approach(network, points, found.sources.pace)
    order = np.argsort(found.node, kind="stable")  # rows go by source, so sources stay ascending at each node
    node_start = _indptr(found.node, network.nodes)
    source = np.repeat(np.arange(len(found.indptr) - 1), np.diff(found.indptr))[order]
    on = found.sources.on_start
    here = ends[ends[:, 0] >= 0]
    bound = (np.diff(node_start)[here[:, 1:]].sum() if len(here) else 0) + np.diff(on)[here[:, 0]].sum()
    indptr, pool = np.zeros(len(ends) + 1, dtype=np.int64), np.empty(int(bound), dtype=np.int64)
    kernels.points_sources(
        ends,
        off,
        on,
        found.sources.on_source,
        found.sources.on_along,
        node_start,
        source,
        found.cost[order].astype(np.int64),
        found.sources.pace.limit,
        indptr,
        pool,
    )
    return indptr, pool[: indptr[-1]]


def named(ids: NDArray[Any], at: NDArray[Any]) -> NDArray[Any]:
    """Turn positions into ids.

    Parameters
    ----------
    ids : numpy.ndarray
        Ids, shape (n,).
    at : numpy.ndarray of int
        Positions; -1 = none.

    Returns
    -------
    numpy.ndarray
        Ids as objects; None for -1 and for a missing id.

    Examples
    --------
    >>> named(np.array(["a", "b"], dtype=object), np.array([1, -1])).tolist()
    ['b', None]
    """
    names = pd.Series([*ids, None], dtype=object)
    found: NDArray[Any] = np.asarray(names.where(names.notna(), None), dtype=object)[at]
    return found


def _sources(network: WalkNetwork, sources: ArrayLike | Snapped, pace: Pace, delay_s: ArrayLike) -> Sources:
    if isinstance(sources, Snapped):
        count = len(sources.edge)
    else:
        node = np.asarray(sources, dtype=np.int32)
        count = len(node)
    delay = np.rint(np.broadcast_to(np.asarray(delay_s, dtype=float), count) * 100 * pace.in_time).astype(np.int64)
    if not isinstance(sources, Snapped):
        none = np.zeros(0, dtype=np.int64)
        on_start = np.zeros(len(network.u) + 1, dtype=np.int64)
        start = np.arange(count + 1, dtype=np.int64)
        return Sources(pace, delay, start, node, delay, on_start, none, none.reshape(0, 4))
    ends, off = _approach(network, sources, pace, leaving=True)
    enter = off[:, 0] + delay
    row, side = np.nonzero((off[:, 1:3] >= 0) & (ends[:, :1] >= 0))
    placed = np.flatnonzero(ends[:, 0] >= 0)
    placed = placed[np.argsort(ends[placed, 0], kind="stable")]
    way = network.oneway[ends[placed, 0]]
    return Sources(
        pace,
        delay,
        _indptr(row, count),
        ends[row, 1 + side].astype(np.int32),
        enter[row] + off[row, 1 + side],
        _indptr(ends[placed, 0], len(network.u)),
        placed,
        np.column_stack([off[placed, 3], enter[placed], way >= BOTH, way <= BOTH]).astype(np.int64),
    )


def _approach(network: WalkNetwork, points: Snapped, pace: Pace, *, leaving: bool = False) -> tuple[Longs, Longs]:
    """What :func:`kernels.points_two` wants to know of points; ``leaving`` asks for the way *from* the ends."""
    edge = points.edge.astype(np.int64)
    there = edge >= 0
    at = np.where(there, edge, 0)
    if not len(network.u):
        return np.full((len(edge), 3), -1, dtype=np.int64), np.full((len(edge), 4), -1, dtype=np.int64)
    whole = edge_costs(network, pace)[at].astype(np.int64)
    head = np.rint(np.where(there, points.along, 0.0) * whole).astype(np.int64)
    leg = np.rint(np.where(there, points.leg_m, 0.0) * pace.per_m).astype(np.int64)
    way = network.oneway[at] * (-1 if leaving else 1)
    to_u = np.where((way <= BOTH) | (head == 0), head, -1)  # at the very end of a one-way one is there already
    to_v = np.where((way >= BOTH) | (head == whole), whole - head, -1)
    ends = np.column_stack([edge, network.u[at], network.v[at]])
    return ends, np.column_stack([leg, to_u, to_v, head])


def _packed(network: WalkNetwork, pace: Pace) -> NDArray[np.uint64]:
    steps = network.toward
    cost = edge_costs(network, pace)[steps.edge].astype(np.uint64)
    return (cost << np.uint64(32)) | steps.neighbour.astype(np.uint64)


def _indptr(row: NDArray[Any], count: int) -> Longs:
    start = np.zeros(count + 1, dtype=np.int64)
    np.cumsum(np.bincount(row, minlength=count), out=start[1:])
    return start


def _seconds(cost: Ints, pace: Pace) -> Floats:
    return np.where(cost == UNREACHED, np.inf, cost * pace.seconds_per_unit)
