"""How long is the walk to the nearest station, to the second-nearest, and to all within a limit?

Answers are for nodes; :func:`nearest_at` and :func:`sources_at` carry them to points along edges, so that people
are reached at their own place and not at the next junction. Costs are whole and rounded before the search.
"""

from __future__ import annotations

from collections.abc import Callable
from dataclasses import dataclass
from functools import cached_property

import numpy as np
from numpy.typing import ArrayLike

from geo.crs import Floats
from geo.errors import BadParameter
from geo.walk import along
from geo.walk.graph import Ints
from geo.walk.kernels import UNREACHED
from geo.walk.network import BOTH, WalkNetwork
from geo.walk.pace import Pace, pace_of
from geo.walk.search import (
    Carried,
    Labels,
    Longs,
    Search,
    as_they_are,
    catchment_rows,
    indptr_of,
    seeds_of,
    top_of,
)
from geo.walk.snap import Snapped


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
        side, cost to u``.
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
    first : Carried
        Labels of the nearest. Ties go to the lower source.
    find_second : callable
        Gives those of the second-nearest, which is never the nearest once more; called when it is asked for.
    """

    sources: Sources
    first: Carried
    find_second: Callable[[], Carried]

    @cached_property
    def second(self) -> Carried:
        """Labels of the second-nearest."""
        return self.find_second()

    @property
    def cost(self) -> Ints:
        """Whole cost to the nearest, ``UNREACHED`` beyond the limit."""
        return _cost(self.first, self.sources.pace)

    @property
    def owner(self) -> Ints:
        """Position of the nearest, -1 beyond the limit."""
        return _owner(self.first, self.sources.pace)

    @property
    def seconds(self) -> Floats:
        """Walking time to the nearest, inf beyond the limit."""
        return _seconds(self.cost, self.sources.pace)

    @property
    def second_cost(self) -> Ints:
        """Whole cost to the second-nearest, ``UNREACHED`` beyond the limit."""
        return _cost(self.second, self.sources.pace)

    @property
    def second_owner(self) -> Ints:
        """Position of the second-nearest, -1 beyond the limit."""
        return _owner(self.second, self.sources.pace)

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
        int32; rows of a source in no promised order, the same every time.
    """

    sources: Sources
    indptr: Longs
    node: Ints
    cost: Ints

    @property
    def seconds(self) -> Floats:
        """Walking time of each row."""
        return self.cost.astype(float) * self.sources.pace.seconds_per_unit

    def coverage(self, nodes: int) -> Ints:
        """Count the sources within the limit of every node.

        Parameters
        ----------
        nodes : int
            Nodes of the network.

        Returns
        -------
        numpy.ndarray
            int32, shape (nodes,): k-coverage.
        """
        return np.bincount(self.node, minlength=nodes).astype(np.int32)


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
        Not exactly one limit, an impossible limit or speed, an unknown profile, a source that is no node.
    """
    pace = pace_of(limit_s=limit_s, limit_m=limit_m, profile=profile, speed_kmh=speed_kmh)
    entered, costed = _sources(network, sources, pace, delay_s), network.costed(pace)
    seeds = seeds_of(network.graph, costed, pace.limit, entered.start, entered.node, entered.cost)
    search = Search(network.graph, costed, pace.limit, seeds)
    return Reach(entered, search.nearest(), search.second_nearest)


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
    costed = network.costed(pace)
    seeds = seeds_of(network.graph, costed, pace.limit, entered.start, entered.node, entered.cost)
    return Catchments(entered, *catchment_rows(network.graph, costed, pace.limit, seeds, len(entered.delay)))


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
    on = reach.sources.on_start, reach.sources.on_source, reach.sources.on_along
    labels = reach.first.to_nodes(), reach.second.to_nodes()
    best = along.point_labels(ends, off, *on, *labels, top_of(reach.sources.pace.limit))
    return Reach(reach.sources, as_they_are(best[:, 0]), lambda: as_they_are(best[:, 1]))


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
    node_start = indptr_of(found.node, network.nodes)
    source, cost = along.rows_by_node(found.indptr, found.node, found.cost, node_start)
    on = found.sources.on_start
    here = ends[ends[:, 0] >= 0]
    bound = (np.diff(node_start)[here[:, 1:]].sum() if len(here) else 0) + np.diff(on)[here[:, 0]].sum()
    indptr, pool = np.zeros(len(ends) + 1, dtype=np.int64), np.empty(int(bound), dtype=np.int64)
    along.point_sources(
        ends,
        off,
        on,
        found.sources.on_source,
        found.sources.on_along,
        node_start,
        source,
        cost,
        found.sources.pace.limit,
        indptr,
        pool,
    )
    return indptr, pool[: indptr[-1]]


def _sources(network: WalkNetwork, sources: ArrayLike | Snapped, pace: Pace, delay_s: ArrayLike) -> Sources:
    if isinstance(sources, Snapped):
        count = len(sources.edge)
    else:
        node = _as_nodes(network, sources)
        count = len(node)
    delay = np.rint(np.broadcast_to(np.asarray(delay_s, dtype=float), count) * 100 * pace.in_time).astype(np.int64)
    if not isinstance(sources, Snapped):
        none = np.zeros(0, dtype=np.int64)
        on_start = np.zeros(len(network.u) + 1, dtype=np.int64)
        start = np.arange(count + 1, dtype=np.int64)
        return Sources(pace, delay, start, node, delay, on_start, none, none.reshape(0, 5))
    ends, off = _approach(network, sources, pace, leaving=True)
    enter = off[:, 0] + delay
    row, side = np.nonzero((off[:, 1:3] >= 0) & (ends[:, :1] >= 0))
    placed = np.flatnonzero(ends[:, 0] >= 0)
    placed = placed[np.argsort(ends[placed, 0], kind="stable")]
    way = network.oneway[ends[placed, 0]]
    return Sources(
        pace,
        delay,
        indptr_of(row, count),
        ends[row, 1 + side].astype(np.int32),
        enter[row] + off[row, 1 + side],
        indptr_of(ends[placed, 0], len(network.u)),
        placed,
        np.column_stack([off[placed, 4], enter[placed], way >= BOTH, way <= BOTH, off[placed, 3]]).astype(
            np.int64
        ),
    )


def _as_nodes(network: WalkNetwork, sources: ArrayLike) -> Ints:
    node = np.asarray(sources)
    if not len(node):
        return np.zeros(0, dtype=np.int32)
    if node.dtype.kind not in "iu" or node.min() < 0 or node.max() >= network.nodes:
        raise BadParameter(f"sources: positions of nodes, 0 to {network.nodes - 1}, are wanted")
    return node.astype(np.int32)


def _approach(network: WalkNetwork, points: Snapped, pace: Pace, *, leaving: bool = False) -> tuple[Longs, Longs]:
    """What :func:`along.point_labels` wants to know of points; ``leaving`` asks for the way *from* the ends."""
    edge = points.edge.astype(np.int64)
    there = edge >= 0
    at = np.where(there, edge, 0)
    if not len(network.u):
        return np.full((len(edge), 3), -1, dtype=np.int64), np.full((len(edge), 5), -1, dtype=np.int64)
    forward, backward = (cost[at].astype(np.int64) for cost in network.costed(pace).edge)
    part = np.where(there, points.along, 0.0)
    from_u, to_u = (np.rint(part * whole).astype(np.int64) for whole in (forward, backward))
    leg = np.rint(np.where(there, points.leg_m, 0.0) * pace.per_m).astype(np.int64)
    way = network.oneway[at] * (-1 if leaving else 1)
    by_u, by_v = (from_u, backward - to_u) if leaving else (to_u, forward - from_u)
    by_u = np.where((way <= BOTH) | (by_u == 0), by_u, -1)  # at the very end of a one-way one is there already
    by_v = np.where((way >= BOTH) | (by_v == 0), by_v, -1)
    ends = np.column_stack([edge, network.u[at], network.v[at]])
    return ends, np.column_stack([leg, by_u, by_v, to_u, from_u])


def _cost(found: Carried, pace: Pace) -> Ints:
    def cost(label: Labels) -> Ints:
        whole = (label >> np.uint64(32)).astype(np.int32)
        whole[whole > pace.limit] = UNREACHED
        return whole

    return found.to_nodes(cost)


def _owner(found: Carried, pace: Pace) -> Ints:
    def owner(label: Labels) -> Ints:
        source = label.astype(np.uint32).view(np.int32)
        source[label >= top_of(pace.limit)] = -1
        return source

    return found.to_nodes(owner)


def _seconds(cost: Ints, pace: Pace) -> Floats:
    seconds: Floats = along.seconds_of(cost, pace.seconds_per_unit)
    return seconds
