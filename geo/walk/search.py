"""Searches over junctions, proved by a sweep over the edges, and their answers carried to every node."""

from __future__ import annotations

import math
from collections.abc import Callable
from dataclasses import dataclass
from functools import cached_property
from typing import Any, NamedTuple

import numpy as np
from numpy.typing import NDArray

from geo.walk import along, kernels
from geo.walk.graph import Graph, Ints
from geo.walk.network import Costed

Longs = NDArray[np.int64]
Labels = NDArray[np.uint64]

CACHED_JUNCTIONS = 16_384  # labels and steps of these leave room in a cache of 1 MiB
BUCKETS_MAX = 1_024
ROOM_BITS = 11  # a bucket holds 2,048 junctions, to begin with; four hundred are usual
_32 = np.uint64(32)


class Seeds(NamedTuple):
    """Where sources are entered, by source.

    Parameters
    ----------
    source, junction, cost : numpy.ndarray
        int64, uint32 and int64 (s,): whose, where, and at what cost.
    inner_source, inner, inner_cost : numpy.ndarray
        int64, int32 and int64 (t,): sources that are entered inside a chain, and at which inner node.
    """

    source: Longs
    junction: NDArray[np.uint32]
    cost: Longs
    inner_source: Longs
    inner: Ints
    inner_cost: Longs


class Carried(NamedTuple):
    """Labels ``cost << 32 | source`` of junctions and of inner nodes, beyond the limit a cost above it.

    ``place`` carries them to nodes, as in a :class:`Graph`; None = they are in the order that was asked for.
    """

    label: Labels
    inner: Labels
    place: Ints | None

    def to_nodes(self, value: Callable[[Labels], NDArray[Any]] = lambda label: label) -> NDArray[Any]:
        """Carry labels to nodes, or what is made of them.

        Parameters
        ----------
        value : callable
            Made of labels before they are carried.

        Returns
        -------
        numpy.ndarray
            One value a node.
        """
        if self.place is None:
            return value(self.label)
        made: NDArray[Any] = along.at_nodes(self.place, value(self.label), value(self.inner))
        return made


def as_they_are(label: Labels) -> Carried:
    """Take labels that are in the order that was asked for.

    Parameters
    ----------
    label : numpy.ndarray
        uint64 (n,).

    Returns
    -------
    Carried
        Which need not be carried anywhere.
    """
    return Carried(label.copy(), label[:0], None)


class Queue(NamedTuple):
    """How a search queues: bits of a cost within a bucket, buckets, and junctions worked on at a time."""

    bits: int
    buckets: int
    junctions: int


def top_of(limit: int) -> np.uint64:
    """Make the first label beyond a limit.

    Parameters
    ----------
    limit : int
        Largest cost that counts.

    Returns
    -------
    numpy.uint64
        Above every label that counts.
    """
    return np.uint64(limit + 1) << _32


def indptr_of(row: NDArray[Any], count: int) -> Longs:
    """Count rows as CSR.

    Parameters
    ----------
    row : numpy.ndarray of int
        Row of each entry.
    count : int
        Number of rows.

    Returns
    -------
    numpy.ndarray
        int64 (count + 1,).
    """
    start = np.zeros(count + 1, dtype=np.int64)
    np.cumsum(np.bincount(row, minlength=count), out=start[1:])
    return start


def seeds_of(graph: Graph, costed: Costed, limit: int, start: Longs, node: Ints, cost: Longs) -> Seeds:
    """Bring the entrances of sources to junctions.

    Parameters
    ----------
    graph, costed : Graph, Costed
        What is searched.
    limit : int
        Largest cost that counts.
    start, node, cost : numpy.ndarray
        CSR by source: nodes where it is entered, and the cost from there.

    Returns
    -------
    Seeds
        An entrance inside a chain is one at both of its ends, and one at its inner node.
    """
    source = np.repeat(np.arange(len(start) - 1), np.diff(start))
    near = cost <= limit
    source, cost, place = source[near], np.asarray(cost)[near], graph.place[node[near]].astype(np.int64)
    within = place < 0
    inner = (-1 - place[within]).astype(np.int32)
    chain = graph.inner_chain[inner]
    ends = graph.chain_ends[chain]
    from_first = costed.total[2 * chain + 1].astype(np.int64) - costed.to_last[inner]
    from_last = costed.total[2 * chain].astype(np.int64) - costed.to_first[inner]
    whose, entered = source[within], cost[within]
    at = np.concatenate([place[~within], ends[:, 0], ends[:, 1]])
    total = np.concatenate([cost[~within], entered + from_first, entered + from_last])
    of = np.concatenate([source[~within], whose, whose])
    kept = np.flatnonzero(total <= limit)
    kept = kept[np.argsort(of[kept], kind="stable")]
    by_inner = np.lexsort((inner, whose))
    return Seeds(
        of[kept],
        at[kept].astype(np.uint32),
        total[kept],
        whose[by_inner],
        inner[by_inner],
        entered[by_inner],
    )


@dataclass(frozen=True, eq=False)
class Search:
    """The two nearest sources of everything, found when they are asked for.

    Parameters
    ----------
    graph, costed : Graph, Costed
        What is searched.
    limit : int
        Largest cost that counts.
    seeds : Seeds
        Where sources are entered.
    """

    graph: Graph
    costed: Costed
    limit: int
    seeds: Seeds

    def nearest(self) -> Carried:
        """Find the nearest source of every node, now.

        Returns
        -------
        Carried
            Its labels.
        """
        return Carried(self.first, self._inner(self.first, self.first)[:, 0].copy(), self.graph.place)

    def second_nearest(self) -> Carried:
        """Find the second-nearest source of every node.

        Returns
        -------
        Carried
            Its labels.
        """
        return Carried(self.second, self._inner(self.first, self.second)[:, 1].copy(), self.graph.place)

    @cached_property
    def first(self) -> Labels:
        """The nearest source of every junction."""
        block = math.ceil(len(self.seeds.junction) * self._queue.junctions / max(1, len(self.graph.node)))
        label = self._settled(lambda *queue: kernels.nearest_labels(*self._steps, *self._sown, block, *queue)[0])
        return _proved(label, kernels.lower_offers(*self._chains, *self._sown, label))

    @cached_property
    def second(self) -> Labels:
        """The second-nearest source of every junction."""
        first, top, block = self.first, top_of(self.limit), self._queue.junctions
        label = self._settled(
            lambda *queue: kernels.second_labels(*self._steps, *self._sown, first, top, block, *queue)
        )
        return _proved(label, kernels.lower_second_offers(*self._chains, *self._sown, first, label))

    @property
    def _steps(self) -> tuple[NDArray[np.uint32], NDArray[np.uint64]]:
        return self.graph.start, self.costed.step

    @property
    def _chains(self) -> tuple[Ints, Ints]:
        return self.graph.chain_ends, self.costed.total

    @cached_property
    def _sown(self) -> tuple[NDArray[np.uint32], Labels]:
        """Seeds along the curve, with their labels."""
        order = np.argsort(self.seeds.junction, kind="stable")
        return self.seeds.junction[order], _labels(self.seeds.cost, self.seeds.source)[order]

    @cached_property
    def _queue(self) -> Queue:
        return queue_of(self.costed, self.limit)

    def _settled(self, search: Any) -> Labels:
        room = ROOM_BITS
        while True:
            label = np.full(len(self.graph.node), top_of(self.limit))
            if search(np.uint64(32 + self._queue.bits), label, *_buckets(self._queue, room)):
                return label
            room += 2

    def _inner(self, first: Labels, second: Labels) -> Labels:
        best = np.empty((len(self.graph.inner), 2), dtype=np.uint64)
        if len(best):
            ways = self.graph, self.costed.to_first, self.costed.to_last
            along.inner_labels(*ways, first, second, top_of(self.limit), best)
            along.inner_offers(
                *ways, self.seeds.inner, _labels(self.seeds.inner_cost, self.seeds.inner_source), best
            )
        return best


def catchment_rows(
    graph: Graph, costed: Costed, limit: int, seeds: Seeds, sources: int
) -> tuple[Longs, Ints, Ints]:
    """Find every node from which each source is reached.

    Parameters
    ----------
    graph, costed : Graph, Costed
        What is searched.
    limit : int
        Largest cost that counts.
    seeds : Seeds
        Where sources are entered.
    sources : int
        Number of sources.

    Returns
    -------
    tuple of numpy.ndarray
        CSR by source: int64 ``indptr``, int32 ``node`` and ``cost``.
    """
    start = indptr_of(seeds.source, sources)
    first = np.full(sources, len(graph.node), dtype=np.int64)
    np.minimum.at(first, seeds.source, seeds.junction.astype(np.int64))
    order, never = np.argsort(first, kind="stable"), np.uint32(limit + 1)
    row_start, row_stop = np.zeros(sources, dtype=np.int64), np.zeros(sources, dtype=np.int64)
    queue, room, most = queue_of(costed, limit), ROOM_BITS, max(1_024, len(graph.node))
    while True:
        cost = np.full(len(graph.node), never)
        row_node, row_cost = np.empty(most, np.int32), np.empty(most, np.int32)
        rows, lower, _ = kernels.catchment_rows(
            graph.start, costed.step, start, seeds.junction, seeds.cost, order, never, np.uint64(queue.bits), cost,
            *_buckets(queue, room), row_start, row_stop, row_node, row_cost,
        )  # fmt: skip
        if rows >= 0:
            break
        room, most = (room + 2, most) if rows == -1 else (room, most * 2)
    found = row_start, row_stop, row_node, _proved(row_cost, lower)
    indptr = np.zeros(sources + 1, dtype=np.int64)
    inner = indptr_of(seeds.inner_source, sources), seeds.inner, seeds.inner_cost
    asked = graph, costed.to_first, costed.to_last, cost, limit, *found, *inner, indptr
    if len(graph.inner):
        along.node_rows(*asked, np.empty(0, np.int32), np.empty(0, np.int32))
    else:
        indptr[1:] = row_stop - row_start
    np.cumsum(indptr, out=indptr)
    node, total = np.empty(indptr[-1], np.int32), np.empty(indptr[-1], np.int32)
    if len(graph.inner) and len(node):
        along.node_rows(*asked, node, total)
    else:
        along.junction_rows(graph.node, *found, indptr, node, total)
    return indptr, node, total


def queue_of(costed: Costed, limit: int) -> Queue:
    """Choose how a search queues.

    Buckets are about half a block wide. A search works on as many junctions at a time as stay in the cache; but
    where the limit reaches far beyond them, taking sources a few at a time would label the same ground over and
    over, so it takes more, in the end all.

    Parameters
    ----------
    costed : Costed
        What is searched.
    limit : int
        Largest cost that counts.

    Returns
    -------
    Queue
        Bits, buckets, junctions at a time.
    """
    block = costed.block
    bits = max(0, int(math.log2(block)) - 1)
    bits += max(0, math.ceil(math.log2((limit + 1) / BUCKETS_MAX)) - bits)
    return Queue(bits, (limit >> bits) + 1, max(CACHED_JUNCTIONS, int((4 * limit / block) ** 2)))


def _buckets(queue: Queue, room: int) -> tuple[Labels, Labels, np.uint64]:
    return (
        np.empty((queue.buckets + 1) << room, np.uint64),
        np.empty(queue.buckets + 1, np.uint64),
        np.uint64(room),
    )


def _labels(cost: Longs, source: Longs) -> Labels:
    return cost.astype(np.uint64) << _32 | source.astype(np.uint64)


def _proved(found: NDArray[Any], lower: int) -> NDArray[Any]:
    if lower:
        raise RuntimeError(
            f"a walking search is wrong: {lower} streets offer less than it found; please report it"
        )
    return found
