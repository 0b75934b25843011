"""Cut a parent's ground into districts: a first cut along trees, moves of grids, and mending what is left.

Each step is linear in the number of grids but for the trees (n log n), so a hundred thousand grids cost about what
their number says.
"""

from __future__ import annotations

from typing import Any

import numpy as np

from geo.grid.districting.block import Aim, Block, part_of, pieces, rows_of, totals_of
from geo.grid.districting.moves import anneal
from geo.grid.districting.trees import cut_into
from geo.place.rings import Floats, Ids

TURNS = 3_000  # of the search: every grid is tried so often
MENDED = 1_500  # turns, when what is not balanced is searched again, hotter
HOTTER = 2.0
HOT, COLD = 0.15, 0.02  # how much worse in (1/PP)²/4, for districts of 16 grids; smaller grids change less each
GRIDS_HOT = 16
LIGHT, HEAVY = (
    0.05,
    100.0,
)  # weight of a load that is one tolerance beyond, first and last: first shape, then balance
STRICT = 0.99  # the search aims at a little less than the tolerance
COARSE = 0.3  # a grid's share of its district: no finer tolerance can be felt while moving grids
STAY = 0.3  # what it costs, in (1/PP)²/4 of one district, to move a whole mean load from where it is today
SMALL = 100  # grids: in larger ground only what lies around the unbalanced is searched again
SEARCHES = 8  # of ground as a whole, until one is balanced
SEARCHED = 2_000  # grids in all searches; larger ground is searched once
RINGS = (
    1,
    1,
    2,
    2,
    2,
    3,
    3,
    3,
    4,
    4,
    6,
    6,
)  # districts around the unbalanced ones that are searched again with them


def aim_of(block: Block, count: int, tolerance: float, budget: float = np.inf) -> Aim:
    """Say what is wanted of the districts of a block.

    Parameters
    ----------
    block : Block
        The ground.
    count : int
        How many districts it gets.
    tolerance : float
        How far a load may be off the block's own mean, as a share of it.
    budget : float
        Load that may move away from home.

    Returns
    -------
    Aim
        In the unit of the loads.
    """
    mean = float(block.load.sum()) / count
    unit = max(tolerance, COARSE * count / len(block.load)) * mean
    return Aim(mean, STRICT * tolerance * mean, unit, float(budget), STAY if np.isfinite(budget) else 0.0)


def solve(block: Block, aim: Aim, count: int, rng: Any, start: Ids | None = None) -> Ids:
    """Cut a block into districts.

    Parameters
    ----------
    block : Block
        Connected ground.
    aim : Aim
        What is wanted.
    count : int
        How many districts; at least as many as cores, at most as many as ``leads``.
    rng : numpy.random.Generator
        Where chance comes from.
    start : numpy.ndarray of int or None
        Districts to begin with, each in one piece and none empty; None = a first cut along trees.

    Returns
    -------
    numpy.ndarray of int
        District of each node, 0…count-1; the best found, balanced or not. Never worse than ``start``.
    """
    if count == 1:
        return np.zeros(len(block.load), dtype=np.int64)
    best = start
    least = (np.inf, np.inf) if start is None else judged(block, aim, start, count)
    for _ in range(max(1, min(SEARCHES, SEARCHED // len(block.load)))):
        begun = start if start is not None else cut_into(block, count, max(aim.slack, 1e-9 * aim.mean), rng)
        label = _improved(block, aim, begun, count, rng)
        badness = judged(block, aim, label, count)
        if best is None or badness < least:
            best, least = label, badness
        if not least[0]:
            break
    return np.asarray(best, dtype=np.int64)


def _improved(block: Block, aim: Aim, begun: Ids, count: int, rng: Any) -> Ids:
    label = begun.copy()
    anneal(block, aim, label, count, *_schedule(block, count, TURNS, HOT), rng)
    for rings in RINGS if len(label) > SMALL else ():
        excess = _excess(block, aim, label, count)
        if not excess.any():
            break
        label = _mended(block, aim, label, count, excess > 0, rings, rng)
    return label


def _schedule(block: Block, count: int, turns: int, hot: float) -> tuple[Floats, Floats]:
    finer = np.sqrt(GRIDS_HOT * count / len(block.load))
    return np.geomspace(hot, COLD, turns) * finer, np.geomspace(LIGHT, HEAVY, turns)


def _mended(block: Block, aim: Aim, label: Ids, count: int, bad: Any, rings: int, rng: Any) -> Ids:
    """Search again around districts that are not balanced; what comes of it is taken where it is better."""
    rows = rows_of(block)
    for _ in range(rings):
        near = np.zeros(count, dtype=bool)
        near[label[block.indices[bad[label[rows]]]]] = True
        bad = bad | near
    nodes = np.flatnonzero(bad[label])
    part = part_of(block, nodes)
    number = np.cumsum(bad) - 1
    now = number[label[nodes]]
    where = np.where(bad, number, int(bad.sum()))
    home = np.where(part.home < 0, -1, np.append(where, int(bad.sum()))[np.minimum(part.home, count)])
    part = part._replace(home=home)
    spent = float(block.load[(block.home >= 0) & (block.home != label)].sum())
    inside = float(part.load[(home >= 0) & (home != now)].sum())
    local = aim._replace(budget=aim.budget - spent + inside)
    tried, districts = now.copy(), int(bad.sum())
    anneal(part, local, tried, districts, *_schedule(part, districts, MENDED, HOT * HOTTER), rng)
    cluster = np.zeros(districts, dtype=np.int64)
    if np.isinf(aim.budget):  # each place by itself; what may move is shared by all of them
        cluster[now] = pieces(part, np.zeros(len(nodes), dtype=np.int64))
    before, after = (_judged(part, local, which, districts, cluster) for which in (now, tried))
    better = np.array([new < old for new, old in zip(after, before, strict=True)])
    taken = better[cluster[now]]
    label = label.copy()
    label[nodes[taken]] = np.flatnonzero(bad)[tried[taken]]
    return label


def judged(block: Block, aim: Aim, label: Ids, count: int) -> tuple[float, float]:
    """Say how bad districts are.

    Parameters
    ----------
    block : Block
        The ground.
    aim : Aim
        What is wanted.
    label : numpy.ndarray of int
        District of each node.
    count : int
        How many districts there are.

    Returns
    -------
    tuple of float
        Sum of what loads are beyond the aim, as shares of the mean, and Σ 1/PP²; less is better, the first counts
        first.
    """
    return _judged(block, aim, label, count, np.zeros(count, dtype=np.int64))[0]


def _judged(block: Block, aim: Aim, label: Ids, count: int, cluster: Ids) -> list[tuple[float, float]]:
    _, area, length = totals_of(block, label, count)
    shape = np.bincount(cluster, (length**2 / (4 * np.pi * np.maximum(area, 1e-12))) ** 2)
    excess = np.bincount(cluster, _excess(block, aim, label, count)).round(9)
    return list(zip(excess.tolist(), shape.tolist(), strict=True))


def _excess(block: Block, aim: Aim, label: Ids, count: int) -> Floats:
    load = np.bincount(label, block.load, count)
    return np.asarray(np.maximum(np.abs(load - aim.mean) - aim.slack, 0.0) / aim.mean)
