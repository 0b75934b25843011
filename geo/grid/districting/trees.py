"""Cut connected ground into districts along random spanning trees (compiled).

A spanning tree makes the question simple: cutting one of its edges leaves two connected sides, and one walk from
the leaves up knows the load of each. Of several random trees the shortest of the balanced cuts is taken,
and each side is cut again (recursive bisection on the trees of DeFord, Duchin and Solomon, Recombination, 2019).
"""

from __future__ import annotations

from typing import Any

import numba as nb
import numpy as np

from geo.grid.districting.block import Block

TREES = 8  # drawn for each cut; the moves that follow mend what more trees would find
EDGES_DRAWN = 200_000  # large ground gets fewer trees: there one tree offers enough cuts
NEAR = 0.5  # a side is balanced when its districts would be off by less than this share of the tolerance
OFF_COST = 10.0  # of being off by one tolerance more, beside 1 for a cut that takes off a single district


@nb.njit(cache=True, nogil=True)
def cut_into(block: Block, count: int, slack: float, rng: Any) -> Any:
    """Cut connected ground into ``count`` connected districts of about equal load.

    Parameters
    ----------
    block : Block
        The ground; its sum of loads > 0. No two cores come into one district.
    count : int
        Districts; at least as many as cores, at most as many as ``leads``.
    slack : float
        How far a district may be off, in the unit of the loads, > 0.
    rng : numpy.random.Generator
        Where the trees come from.

    Returns
    -------
    numpy.ndarray
        District of each node, 0…count-1.
    """
    nodes = len(block.load)
    label = np.zeros(nodes, dtype=np.int64)
    members = np.arange(nodes)
    side, slot = np.zeros(nodes, dtype=np.bool_), np.empty(nodes, dtype=np.int64)
    stack = [(0, nodes, count, 0)]
    while len(stack):
        low, high, wanted, first = stack.pop()
        label[members[low:high]] = first
        if wanted == 1:
            continue
        part = members[low:high].copy()
        starts, ends, lengths = _edges(block, part, first, label, slot)
        taken = _best_cut(block, part, starts, ends, lengths, wanted, slack, rng, side)
        middle = low
        for one in part:
            if side[one]:
                members[middle] = one
                middle += 1
        back = middle
        for one in part:
            if not side[one]:
                members[back] = one
                back += 1
        label[members[middle:high]] = first + taken
        stack.append((low, middle, taken, first))
        stack.append((middle, high, wanted - taken, first + taken))
    return label


@nb.njit(cache=True, nogil=True)
def _edges(block: Block, part: Any, first: int, label: Any, slot: Any) -> Any:
    """List the edges inside one part, by the positions of their ends in it."""
    room = 0
    for at, one in enumerate(part):
        slot[one] = at
        room += block.indptr[one + 1] - block.indptr[one]
    starts, ends = np.empty(room // 2 + 1, dtype=np.int64), np.empty(room // 2 + 1, dtype=np.int64)
    lengths = np.empty(room // 2 + 1)
    found = 0
    for one in part:
        for at in range(block.indptr[one], block.indptr[one + 1]):
            other = block.indices[at]
            if one < other and label[other] == first:
                starts[found], ends[found], lengths[found] = slot[one], slot[other], block.shared[at]
                found += 1
    return starts[:found], ends[:found], lengths[:found]


@nb.njit(cache=True, nogil=True)
def _best_cut(
    block: Block,
    part: Any,
    starts: Any,
    ends: Any,
    lengths: Any,
    wanted: int,
    slack: float,
    rng: Any,
    side: Any,
) -> int:
    """Mark one side of the best cut of several trees, and say how many districts it gets."""
    trees = max(2, min(TREES, EDGES_DRAWN // len(starts)))
    usual = max(lengths.mean() * np.sqrt(len(part)), 1e-12)
    best, taken = np.inf, 0
    for _ in range(trees):
        up, order = _tree(block.core, part, starts, ends, rng)
        cost, cut, number = _cut_of(block, part, up, order, wanted, slack)
        if number == 0:
            continue
        below = np.zeros(len(part), dtype=np.bool_)
        below[cut] = True
        for one in order[1:]:
            below[one] |= below[up[one]]
        for at in range(len(starts)):
            if below[starts[at]] != below[ends[at]]:
                cost += lengths[at] / usual
        if cost < best:
            best, taken = cost, number
            side[part] = below
    return taken


@nb.njit(cache=True, nogil=True)
def _tree(core: Any, part: Any, starts: Any, ends: Any, rng: Any) -> Any:
    """Draw a spanning tree by random weights, cores first: the parent of each node, and an order from the root."""
    nodes = len(part)
    weight = rng.random(len(starts))
    for at in range(len(starts)):
        mine = core[part[starts[at]]]
        if mine >= 0 and mine == core[part[ends[at]]]:
            weight[at] = -1.0
    joined = np.arange(nodes)
    first, after = np.full(nodes, -1), np.empty(2 * nodes, dtype=np.int64)
    other = np.empty(2 * nodes, dtype=np.int64)
    count = 0
    for at in np.argsort(weight):
        a, b = _root(joined, starts[at]), _root(joined, ends[at])
        if a != b:
            joined[a] = b
            for one, two in ((starts[at], ends[at]), (ends[at], starts[at])):
                other[count], after[count] = two, first[one]
                first[one] = count
                count += 1
    up, order = np.full(nodes, -1), np.zeros(nodes, dtype=np.int64)
    done = 1
    for place in range(nodes):
        one = order[place]
        at = first[one]
        while at >= 0:
            if other[at] != up[one]:
                up[other[at]] = one
                order[done] = other[at]
                done += 1
            at = after[at]
    return up, order


@nb.njit(cache=True, nogil=True)
def _root(joined: Any, at: int) -> int:
    while joined[at] != at:
        joined[at] = joined[joined[at]]
        at = joined[at]
    return at


@nb.njit(cache=True, nogil=True)
def _cut_of(block: Block, part: Any, up: Any, order: Any, wanted: int, slack: float) -> Any:
    """Choose the edge of a tree to cut: its cost, the node below it, and how many districts that side gets."""
    nodes = len(part)
    below, heads, cores = np.empty(nodes), np.empty(nodes, dtype=np.int64), np.empty(nodes, dtype=np.int64)
    for at in range(nodes):
        one = part[at]
        below[at] = block.load[one]
        heads[at] = 1 if block.leads[one] else 0
        cores[at] = 1 if block.leads[one] and block.core[one] >= 0 else 0
    for place in range(nodes - 1, 0, -1):
        one = order[place]
        below[up[one]] += below[one]
        heads[up[one]] += heads[one]
        cores[up[one]] += cores[one]
    root = order[0]
    mean = max(below[root] / wanted, 1e-12)
    best, cut, number = np.inf, 0, 0
    for one in order[1:]:
        mine = block.core[part[one]]
        if mine >= 0 and mine == block.core[part[up[one]]]:
            continue
        least = max(1, cores[one], wanted - (heads[root] - heads[one]))
        most = min(heads[one], wanted - max(1, cores[root] - cores[one]))
        if least > most:
            continue
        share = min(max(int(np.rint(below[one] / mean)), least), most)
        off = abs(below[one] - share * mean) / min(share, wanted - share)
        cost = OFF_COST * max(off / slack - NEAR, 0.0) + abs(2 * share - wanted) / wanted
        if cost < best:
            best, cut, number = cost, one, share
    return best, cut, number
