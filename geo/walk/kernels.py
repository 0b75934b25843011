"""The inner loops of walking: searches over junctions in whole costs, compiled by numba.

Every search runs on :class:`geo.walk.graph.Graph` reversed (people walk *to* the sources), a step being one uint64
``cost << 32 | junction``. A label is one uint64 ``cost << 32 | source``: the lower label is the nearer source,
ties go to the lower source, so that the answer is the same in every order and on every machine.

Searches correct labels until none gets lower. Junctions to look at again wait in buckets of about half a block's
cost. The processor guesses badly which offers are taken up, so that nothing branches on it: every offer is
written to its bucket, and the bucket grows by one or by nothing. Sources are taken along the Hilbert curve a few
at a time, so that the labels and steps they touch stay in the processor's cache, into which they are read in one
sweep beforehand. Each of the two takes a third off the time. Nothing grows inside: where a bucket is too small a
search gives up, and the caller gives it larger ones.
"""

from __future__ import annotations

from typing import Any

import numpy as np
from numba import njit

from geo.walk.graph import JIT

SWEPT = 32  # sources whose ground is read at a time
CACHED = 65_536  # junctions: about twice what a cache of 1 MiB holds
UNREACHED = np.int32(2**31 - 1)
_LOW = np.uint64(2**32 - 1)
_32 = np.uint64(32)
_1 = np.uint64(1)
_LINE = np.uint64(8)  # words in a line of cache


@njit(**JIT)
def _warm(start: Any, step: Any, label: Any, first: Any, last: Any) -> Any:
    """Read what lies between two junctions of the curve, unless it is more than a cache holds."""
    seen = np.uint64(0)
    if last - first > CACHED:
        return seen
    for word in range(np.uint64(start[first]), np.uint64(start[last]), _LINE):
        seen ^= step[word]
    for word in range(np.uint64(first), np.uint64(last), _LINE):
        seen ^= np.uint64(label[word]) ^ np.uint64(start[word])
    return seen


@njit(**JIT)
def _warm_from(start: Any, step: Any, cost: Any, seed_start: Any, seed: Any, sources: Any) -> Any:
    """Read what lies between the first and the last of some sources along the curve."""
    first, last = seed_start[sources[0]], seed_start[sources[-1]]
    if last >= len(seed) or seed[first] >= seed[last]:
        return np.uint64(0)
    return _warm(start, step, cost, seed[first], seed[last])


@njit(**JIT)
def _settle(
    start: Any, step: Any, label: Any, other: Any, second: bool, width: Any, queue: Any, size: Any, room: Any
) -> bool:  # fmt: skip
    """Work through all buckets until no label gets lower; ``second`` labels keep off the sources of ``other``."""
    beyond = np.uint64(len(size)) - _1
    for bucket in range(beyond):
        while size[bucket] > 0:
            size[bucket] -= _1
            entry = queue[(bucket << room) + size[bucket]]
            here = np.uint32(entry)
            mine = label[here]
            if (mine ^ entry) <= _LOW:  # not improved since
                at, end = start[here], start[np.uint64(here) + _1]
                while at < end:
                    one = step[at]
                    before = np.uint32(one)
                    offer, held = mine + (one & ~_LOW), label[before]
                    lower = offer < held
                    if second:
                        lower &= np.uint32(offer) != np.uint32(other[before])
                    label[before] = offer if lower else held
                    into = min(offer >> width, beyond)
                    if size[into] >> room:
                        return False
                    queue[(into << room) + size[into]] = (offer & ~_LOW) | np.uint64(before)
                    size[into] += np.uint64(lower)
                    at += np.uint32(1)
    return True


@njit(**JIT)
def _offer(label: Any, at: Any, offer: Any, width: Any, queue: Any, size: Any, room: Any) -> bool:
    """Give a junction a lower label and queue it."""
    label[at] = offer
    into = offer >> width
    if size[into] >> room:
        return False
    queue[(into << room) + size[into]] = (offer & ~_LOW) | np.uint64(at)
    size[into] += _1
    return True


@njit(**JIT)
def nearest_labels(
    start: Any, step: Any, seed: Any, seed_label: Any, block: int, width: Any, label: Any, queue: Any, size: Any,
    room: Any,
) -> tuple[bool, Any]:  # fmt: skip
    """Find the nearest source of every junction.

    Parameters
    ----------
    start, step : numpy.ndarray
        Reversed graph: uint32 (j + 1,), uint64 ``cost << 32 | junction``.
    seed, seed_label : numpy.ndarray
        uint32 and uint64 (s,), by junction: where sources are entered, and ``cost << 32 | source`` from there.
    block : int
        Seeds that are searched from at a time.
    width : numpy.uint64
        How many bits of a label say no more than the place within its bucket.
    label : numpy.ndarray
        Written, uint64 (j,); holds ``limit + 1 << 32`` everywhere, and keeps it where nothing is reached.
    queue, size : numpy.ndarray
        uint64: buckets up to the limit and one beyond, and how much is in each.
    room : numpy.uint64
        A bucket holds ``1 << room``.

    Returns
    -------
    tuple
        False when a bucket is too small: fill ``label`` again, and call again with more room. And what the sweeps
        read, which nobody wants, but a sweep without a result would not be compiled.
    """
    size[:] = 0
    fits, seeds, done, seen = True, np.uint64(len(seed)), np.uint64(0), np.uint64(0)
    while fits and done < seeds:
        upto = min(done + np.uint64(block), seeds)
        seen ^= _warm(start, step, label, seed[done], seed[upto - _1])
        for at in range(done, upto):
            if fits and seed_label[at] < label[seed[at]]:
                fits = _offer(label, seed[at], seed_label[at], width, queue, size, room)
        fits &= _settle(start, step, label, label, False, width, queue, size, room)
        done = upto
    return fits, seen


@njit(**JIT)
def _sow_borders(
    start: Any, step: Any, first: Any, top: Any, done: Any, upto: Any, width: Any, label: Any, queue: Any,
    size: Any, room: Any,
) -> bool:  # fmt: skip
    """Let junctions offer their nearest source to neighbours that have another."""
    fits = True
    for here in range(done, upto):
        if first[here] < top:
            for at in range(start[here], start[here + _1]):
                before = np.uint32(step[at])
                offer = first[here] + (step[at] & ~_LOW)
                if offer < label[before] and np.uint32(offer) != np.uint32(first[before]):
                    fits = fits and _offer(label, before, offer, width, queue, size, room)
    return fits


@njit(**JIT)
def second_labels(
    start: Any, step: Any, seed: Any, seed_label: Any, first: Any, top: Any, block: int, width: Any, label: Any,
    queue: Any, size: Any, room: Any,
) -> bool:  # fmt: skip
    """Find the second-nearest source of every junction, from the nearest.

    Where two neighbours have different nearest sources, each offers its own to the other; a second label travels
    on until it meets junctions that have its source as their first. A source that is third somewhere is at best
    third behind it, so nothing is lost.

    Parameters
    ----------
    start, step, seed, seed_label, width, queue, size, room
        As in :func:`nearest_labels`.
    first : numpy.ndarray
        uint64 (j,): what that found.
    top : numpy.uint64
        What it holds where nothing is reached.
    block : int
        Junctions whose borders are searched from at a time.
    label : numpy.ndarray
        As in :func:`nearest_labels`.

    Returns
    -------
    bool
        False when a bucket is too small.
    """
    size[:] = 0
    fits, junctions, done, sown = True, np.uint64(len(label)), np.uint64(0), np.uint64(0)
    while fits and done < junctions:
        upto = min(done + np.uint64(block), junctions)
        fits &= _sow_borders(start, step, first, top, done, upto, width, label, queue, size, room)
        while sown < np.uint64(len(seed)) and seed[sown] < upto:
            at, offer = seed[sown], seed_label[sown]
            if offer < label[at] and np.uint32(offer) != np.uint32(first[at]):
                fits = fits and _offer(label, at, offer, width, queue, size, room)
            sown += _1
        fits &= _settle(start, step, label, first, True, width, queue, size, room)
        done = upto
    return fits


@njit(**JIT)
def lower_offers(ends: Any, total: Any, seed: Any, seed_label: Any, label: Any) -> int:
    """Count streets and seeds that offer less than what is recorded: none, if a search is right.

    Parameters
    ----------
    ends, total : numpy.ndarray
        Chains of a graph, and their costs from last to first and from first to last.
    seed, seed_label, label
        As in :func:`nearest_labels`, after it.

    Returns
    -------
    int
        0 proves the labels: a search only ever records what somebody offered.
    """
    lower = np.uint64(0)
    for at in range(np.uint64(len(seed))):
        lower += np.uint64(seed_label[at] < label[seed[at]])
    for chain in range(np.uint64(len(ends))):
        first, last = label[np.uint32(ends[chain, 0])], label[np.uint32(ends[chain, 1])]
        to_first, to_last = np.uint64(total[chain + chain]) << _32, np.uint64(total[chain + chain + _1]) << _32
        lower += np.uint64(first + to_first < last) + np.uint64(last + to_last < first)
    return int(lower)


@njit(**JIT)
def lower_second_offers(ends: Any, total: Any, seed: Any, seed_label: Any, first: Any, label: Any) -> int:
    """Count streets and seeds that offer less than a recorded second label; see :func:`lower_offers`.

    Parameters
    ----------
    ends, total
        As in :func:`lower_offers`.
    seed, seed_label, first, label
        As in :func:`second_labels`, after it.

    Returns
    -------
    int
        0 proves the labels.
    """
    lower = np.uint64(0)
    for at in range(np.uint64(len(seed))):
        offer, here = seed_label[at], seed[at]
        lower += np.uint64((offer < label[here]) & (np.uint32(offer) != np.uint32(first[here])))
    for chain in range(np.uint64(len(ends))):
        for side in range(np.uint64(2)):
            here, there = np.uint32(ends[chain, side]), np.uint32(ends[chain, _1 - side])
            cost = np.uint64(total[chain + chain + side]) << _32
            for mine in (first[here], label[here]):
                other = np.uint32(mine) != np.uint32(first[there])
                lower += np.uint64(other & (mine + cost < label[there]))
    return int(lower)


@njit(**JIT)
def _settle_rows(
    start: Any, step: Any, never: Any, width: Any, cost: Any, queue: Any, size: Any, room: Any, row_node: Any,
    rows: Any,
) -> tuple[bool, Any]:  # fmt: skip
    """Work through all buckets until no cost gets lower; what is reached first becomes a row."""
    beyond, most = np.uint64(len(size)) - _1, np.uint64(len(row_node))
    for bucket in range(beyond):
        while size[bucket] > 0:
            size[bucket] -= _1
            entry = queue[(bucket << room) + size[bucket]]
            here, so_far = np.uint32(entry), entry >> _32
            if cost[here] == so_far:
                step_at, end = start[here], start[np.uint64(here) + _1]
                if rows + np.uint64(end - step_at) > most:
                    return False, most
                while step_at < end:
                    one = step[step_at]
                    before, total = np.uint32(one), so_far + (one >> _32)
                    held, into = cost[before], min(total >> width, beyond)
                    lower = total < held
                    row_node[rows] = before
                    rows += np.uint64(lower and held == never)
                    cost[before] = total if lower else held
                    if size[into] >> room:
                        return False, rows - rows
                    queue[(into << room) + size[into]] = (total << _32) | np.uint64(before)
                    size[into] += np.uint64(lower)
                    step_at += np.uint32(1)
    return True, rows


@njit(**JIT)
def _lower_costs(start: Any, step: Any, cost: Any, row_node: Any, first: Any, last: Any) -> Any:
    """Count steps of some rows that offer less than what is recorded."""
    lower = np.uint64(0)
    for row in range(first, last):
        here = np.uint32(row_node[row])
        for at in range(start[here], start[np.uint64(here) + _1]):
            one = step[at]
            lower += np.uint64(np.uint64(cost[here]) + (one >> _32) < cost[np.uint32(one)])
    return lower


@njit(**JIT)
def catchment_rows(
    start: Any, step: Any, seed_start: Any, seed: Any, seed_cost: Any, order: Any, never: Any, width: Any,
    cost: Any, queue: Any, size: Any, room: Any, row_start: Any, row_stop: Any, row_node: Any, row_cost: Any,
) -> tuple[int, int, Any]:  # fmt: skip
    """Find every junction from which each source is reached within the limit.

    Parameters
    ----------
    start, step
        As in :func:`nearest_labels`.
    seed_start, seed, seed_cost : numpy.ndarray
        CSR by source: junctions where it is entered, and at what cost.
    order : numpy.ndarray
        Sources along the curve.
    never : numpy.uint32
        The limit and one.
    width : numpy.uint64
        How many bits of a cost say no more than the place within its bucket.
    cost : numpy.ndarray
        uint32 (j,), ``never`` everywhere before and after.
    queue, size, room
        As in :func:`nearest_labels`.
    row_start, row_stop : numpy.ndarray
        Written: int64 (sources,), rows of each.
    row_node, row_cost : numpy.ndarray
        Written: int32 pools of junctions and costs.

    Returns
    -------
    tuple
        Number of rows, -1 when a bucket is too small, -2 when there are too many rows; how many streets offer less
        than what is recorded, as of :func:`lower_offers`; and what the sweeps read.
    """
    size[:] = 0
    rows, most, lower, seen = np.uint64(0), np.uint64(len(row_node)), np.uint64(0), np.uint64(0)
    for turn, source in enumerate(order):
        first = rows
        if turn % SWEPT == 0:
            seen ^= _warm_from(start, step, cost, seed_start, seed, order[turn : turn + SWEPT])
        for at in range(seed_start[source], seed_start[source + 1]):
            here, total = seed[at], np.uint64(seed_cost[at])
            if total < cost[here]:
                if rows == most or size[total >> width] >> room:
                    return (-2 if rows == most else -1), int(lower), seen
                row_node[rows] = here
                rows += np.uint64(cost[here] == never)
                cost[here] = total
                queue[((total >> width) << room) + size[total >> width]] = (total << _32) | np.uint64(here)
                size[total >> width] += _1
        fits, rows = _settle_rows(start, step, never, width, cost, queue, size, room, row_node, rows)
        if not fits:
            return (-2 if rows == most else -1), int(lower), seen
        lower += _lower_costs(start, step, cost, row_node, first, rows)
        for row in range(first, rows):
            row_cost[row] = cost[row_node[row]]
            cost[row_node[row]] = never
        row_start[source], row_stop[source] = first, rows
    return int(rows), int(lower), seen
