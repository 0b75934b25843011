"""Better districts by moving grids across their borders, one or two at a time (compiled).

What is made small is Σ (1/PP)²/4 + w · Σ excess over the districts, where PP = 4πA/p² is the compactness of Polsby
and Popper and the excess is how far a load lies beyond what is allowed. A change for the worse is taken with a
probability that falls as the search goes on (simulated annealing: Kirkpatrick, Gelatt and Vecchi 1983). A move
that is not taken may drag a second one with it, by which the district that gained gives a grid on: so loads are
exchanged that no single move could improve. No move cuts a district in two or leaves it empty.
"""

from __future__ import annotations

from typing import Any

import numba as nb
import numpy as np

from geo.grid.districting.block import Aim, Block

LOOKED_AT = 400  # nodes visited to see that a district stays in one piece; a longer way round is not looked for
STEEPER = 0.1  # large excesses weigh a little more than their sum
LOAD, AREA, LENGTH = 0, 1, 2  # columns of what nodes and districts hold


@nb.njit(cache=True, nogil=True)
def anneal(block: Block, aim: Aim, label: Any, count: int, heats: Any, weights: Any, rng: Any) -> None:
    """Improve districts in place.

    Parameters
    ----------
    block : Block
        The ground.
    aim : Aim
        What is wanted.
    label : numpy.ndarray of int
        District of each node, 0…count-1, none empty; changed in place.
    count : int
        How many districts there are.
    heats, weights : numpy.ndarray
        For each turn, in which every node is tried once: how much worse is often taken, and the weight of excess.
    rng : numpy.random.Generator
        Where chance comes from.
    """
    indptr, indices, shared, fixed, home = block.indptr, block.indices, block.shared, block.fixed, block.home
    held = np.column_stack((block.load, block.area, block.length))  # arrays: a tuple is slow to hand on
    totals, sizes = _begun(indptr, indices, shared, held, label, count)
    bounds = np.array([aim.mean, aim.slack, aim.unit])
    stay, budget = aim.stay / aim.mean, aim.budget - held[(home >= 0) & (home != label), LOAD].sum()
    seen, queue = np.zeros(len(label), dtype=np.int64), np.empty(LOOKED_AT, dtype=np.int64)
    mark = 0
    for turn in range(len(heats)):
        heat, weight = heats[turn], weights[turn]
        for one in range(len(label)):
            frm, to = label[one], label[_beside(one, indptr, indices, rng)]
            if to == frm or fixed[one] or sizes[frm] == 1:
                continue
            away = _away(held[one, LOAD], home[one], frm, to)
            cost, leaves, joins = _weighed(
                one, frm, to, indptr, indices, shared, held, label, totals, bounds, weight
            )
            cost += stay * away
            allowed = -heat * np.log(1.0 - rng.random())
            taken = cost <= allowed and away <= budget
            other = one if taken else _dragged(one, to, indptr, indices, label, rng)
            if other < 0 or fixed[other]:
                continue
            mark += 1
            if not _stays_whole(one, frm, indptr, indices, label, seen, queue, mark):
                continue
            edges = totals[frm, LENGTH], totals[to, LENGTH]
            _move(one, frm, to, leaves, joins, held, label, totals, sizes)
            budget -= away
            if taken:
                continue
            then = label[_beside(other, indptr, indices, rng)]
            if then != to:
                more = _away(held[other, LOAD], home[other], to, then)
                second, leaves, joins = _weighed(
                    other, to, then, indptr, indices, shared, held, label, totals, bounds, weight
                )
                if cost + second + stay * more <= allowed and more <= budget:
                    mark += 1
                    if _stays_whole(other, to, indptr, indices, label, seen, queue, mark):
                        _move(other, to, then, leaves, joins, held, label, totals, sizes)
                        budget -= more
                        continue
            _move(one, to, frm, edges[1], edges[0], held, label, totals, sizes)
            budget += away


@nb.njit(cache=True, nogil=True)
def _begun(indptr: Any, indices: Any, shared: Any, held: Any, label: Any, count: int) -> Any:
    """Add up what districts hold, and count their nodes."""
    totals, sizes = np.zeros((count, 3)), np.zeros(count, dtype=np.int64)
    for one in range(len(label)):
        mine = label[one]
        sizes[mine] += 1
        totals[mine] += held[one]
        for at in range(indptr[one], indptr[one + 1]):
            if label[indices[at]] == mine:
                totals[mine, LENGTH] -= shared[at]
    return totals, sizes


@nb.njit(cache=True, nogil=True)
def _beside(one: int, indptr: Any, indices: Any, rng: Any) -> Any:
    """Choose a neighbour; a node without any is its own."""
    low, high = indptr[one], indptr[one + 1]
    return one if low == high else indices[low + int(rng.random() * (high - low))]


@nb.njit(cache=True, nogil=True)
def _dragged(one: int, to: int, indptr: Any, indices: Any, label: Any, rng: Any) -> Any:
    """Choose another node nearby in the district that this one would join; -1 = none was found."""
    other = _beside(one, indptr, indices, rng)
    if label[other] != to or rng.random() < 0.5:
        other = _beside(other, indptr, indices, rng)
    return other if label[other] == to and other != one else -1


@nb.njit(cache=True, nogil=True)
def _away(load: float, home: int, frm: int, to: int) -> float:
    """Load that leaves home by a move; negative = comes back."""
    if home < 0 or frm == to:
        return 0.0
    return load if home == frm else -load if home == to else 0.0


@nb.njit(cache=True, nogil=True)
def _weighed(
    one: int,
    frm: int,
    to: int,
    indptr: Any,
    indices: Any,
    shared: Any,
    held: Any,
    label: Any,
    totals: Any,
    bounds: Any,
    weight: float,
) -> tuple[float, float, float]:
    """Weigh what it costs to give a node to another district, and the edges that both then have."""
    with_frm, with_to = 0.0, 0.0
    for at in range(indptr[one], indptr[one + 1]):
        beside = label[indices[at]]
        if beside == frm:
            with_frm += shared[at]
        elif beside == to:
            with_to += shared[at]
    load, area, length = held[one, LOAD], held[one, AREA], held[one, LENGTH]
    leaves = totals[frm, LENGTH] - length + 2 * with_frm
    joins = totals[to, LENGTH] + length - 2 * with_to
    cost = _shape(leaves, totals[frm, AREA] - area) + _shape(joins, totals[to, AREA] + area)
    cost -= _shape(totals[frm, LENGTH], totals[frm, AREA]) + _shape(totals[to, LENGTH], totals[to, AREA])
    excess = _excess(totals[frm, LOAD] - load, bounds) + _excess(totals[to, LOAD] + load, bounds)
    excess -= _excess(totals[frm, LOAD], bounds) + _excess(totals[to, LOAD], bounds)
    return cost + weight * excess, leaves, joins


@nb.njit(cache=True, nogil=True)
def _shape(length: float, area: float) -> Any:
    """(1/PP)²/4, so that the least compact districts weigh most."""
    inverse = length * length / (4 * np.pi * area)
    return inverse * inverse / 4


@nb.njit(cache=True, nogil=True)
def _excess(load: float, bounds: Any) -> Any:
    beyond = max(abs(load - bounds[0]) - bounds[1], 0.0) / bounds[2]
    return beyond + STEEPER * beyond * beyond


@nb.njit(cache=True, nogil=True)
def _move(
    one: int, frm: int, to: int, leaves: float, joins: float, held: Any, label: Any, totals: Any, sizes: Any
) -> None:
    """Give a node to another district; both edges are known."""
    label[one] = to
    for column in (LOAD, AREA):
        totals[frm, column] -= held[one, column]
        totals[to, column] += held[one, column]
    totals[frm, LENGTH], totals[to, LENGTH] = leaves, joins
    sizes[frm] -= 1
    sizes[to] += 1


@nb.njit(cache=True, nogil=True)
def _joins(one: int, other: int, indptr: Any, indices: Any) -> int:
    for at in range(indptr[one], indptr[one + 1]):
        if indices[at] == other:
            return 1
    return 0


@nb.njit(cache=True, nogil=True)
def _stays_whole(
    gone: int, mine: int, indptr: Any, indices: Any, label: Any, seen: Any, queue: Any, mark: int
) -> bool:
    """Tell whether a district is in one piece without a node: do its neighbours there still reach each other?"""
    left, first = 0, -1
    for at in range(indptr[gone], indptr[gone + 1]):
        if label[indices[at]] == mine:
            left += 1
            first = indices[at]
    if left <= 1:
        return left == 1
    seen[gone], seen[first] = mark, mark
    queue[0] = first
    done, end = 0, 1
    left -= 1
    while done < end:
        one = queue[done]
        done += 1
        for at in range(indptr[one], indptr[one + 1]):
            other = indices[at]
            if label[other] != mine or seen[other] == mark:
                continue
            seen[other] = mark
            left -= _joins(other, gone, indptr, indices)
            if left == 0:
                return True
            if end == len(queue):
                return False
            queue[end] = other
            end += 1
    return False
