"""One parent after the other: how many districts it gets, where they begin, and what they are called."""

from __future__ import annotations

from dataclasses import dataclass
from itertools import pairwise
from typing import Any

import numpy as np
import pandas as pd
from scipy import sparse

from geo.errors import BadParameter
from geo.grid.districting.block import Block, part_of, pieces
from geo.grid.districting.cores import with_cores
from geo.grid.districting.ground import Ground
from geo.grid.districting.shares import webster
from geo.grid.districting.solve import aim_of, solve
from geo.grid.districting.today import start_from
from geo.place.rings import Ids

ELSEWHERE = -2  # today's district lies in another parent


@dataclass(frozen=True, slots=True)
class Wish:
    """What is asked of districts, besides their number.

    Parameters
    ----------
    locked, today : numpy.ndarray of object
        Name of the district that each node must be in, and is in today; "" = none.
    moves : float
        Share of the load that may move; 1 = all.
    tolerance : float
        Share of the mean.
    seed : int
        Of what is left to chance.
    """

    locked: Any
    today: Any
    moves: float
    tolerance: float
    seed: int


def group(ground: Ground, count: int, wish: Wish) -> Any:
    """Group nodes into districts.

    Parameters
    ----------
    ground : Ground
        With bridges.
    count : int
        Districts in all.
    wish : Wish
        What is asked of them.

    Returns
    -------
    numpy.ndarray of object
        Name of each node's district.
    """
    limits, load = ground.limits(), ground.block.load
    held = pd.DataFrame({"parent": ground.parent, "name": wish.locked})[wish.locked != ""].drop_duplicates()
    torn = held["name"][held["name"].duplicated()]
    if len(torn):
        raise BadParameter(f"grids of different parents are locked to {torn.min()}")
    cores = held.groupby("parent").size().reindex(range(len(ground.parents)), fill_value=0).to_numpy()
    by_parent = np.add.reduceat(load, limits[:-1])
    seats = webster(by_parent, count, np.maximum(cores, 1), np.diff(limits))
    of = _parent_of(ground, wish)
    taken = set(wish.locked) | set(wish.today)
    made = np.full(len(load), "", dtype=object)
    for at, (low, high) in enumerate(pairwise(limits)):
        nodes = np.arange(low, high)
        block = part_of(ground.block, nodes)
        names = [*sorted(set(wish.locked[nodes]) - {""})]
        names += sorted(name for name, parent in of.items() if parent == at and name not in names)
        label = _grouped(block, int(seats[at]), names, wish, nodes, at)
        made[nodes] = _called(label, names, ground.ids[nodes], ground.parents[at], taken, len(str(count)))
    return made


def _parent_of(ground: Ground, wish: Wish) -> dict[str, int]:
    """Say in which parent each of today's districts has most of its load, of two alike the first."""
    known = wish.today != ""
    table = pd.DataFrame({"name": wish.today, "parent": ground.parent, "load": ground.block.load, "node": 1})[
        known
    ]
    sums = table.groupby(["name", "parent"], as_index=False).sum()
    best = sums.sort_values(["load", "node", "parent"], ascending=[False, False, True]).drop_duplicates("name")
    locked = set(wish.locked)
    return {name: parent for name, parent in zip(best["name"], best["parent"], strict=True) if name not in locked}


def _grouped(block: Block, count: int, names: list[str], wish: Wish, nodes: Ids, at: int) -> Ids:
    """Group one parent's nodes: numbers below ``len(names)`` are those names, larger ones are new."""
    number = {name: position for position, name in enumerate(names)}
    held = np.array([number.get(name, -1) if name else -1 for name in wish.locked[nodes]], dtype=np.int64)
    today = np.array([number.get(name, ELSEWHERE) if name else -1 for name in wish.today[nodes]], dtype=np.int64)
    block = with_cores(block, held, names)
    if block.leads.sum() < count:
        raise BadParameter(f"{count} districts cannot be made: too many grids are locked together")
    known = block.load
    if not block.load.any():
        block = block._replace(load=np.ones(len(nodes)))
    rng = np.random.default_rng([wish.seed, at])
    if wish.moves < 1.0 and (today != -1).any():
        return _little_changed(block, count, today, wish, rng)
    label = solve(block, aim_of(block, count, wish.tolerance), count, rng)
    return _matched(block._replace(load=known), label, today, held, count, len(names))


def _little_changed(block: Block, count: int, today: Ids, wish: Wish, rng: Any) -> Ids:
    aim = aim_of(block, count, wish.tolerance)
    start = start_from(block, np.maximum(today, -1), count, max(aim.slack, 1e-9 * aim.mean), rng)
    numbers, label = np.unique(start, return_inverse=True)
    place = np.searchsorted(numbers, today)
    stands = (today >= 0) & (numbers[np.minimum(place, count - 1)] == today)
    home = np.where(stands, place, np.where(today == -1, -1, count))
    block = block._replace(home=home)
    needed = float(block.load[(home >= 0) & (home != label)].sum())
    budget = max(wish.moves * float(block.load.sum()), needed)
    aim = aim_of(block, count, wish.tolerance, budget)
    return np.asarray(numbers[solve(block, aim, count, rng, label.astype(np.int64))], dtype=np.int64)


def _matched(block: Block, label: Ids, today: Ids, held: Ids, count: int, names: int) -> Ids:
    """Give districts the numbers of today's so that the most load keeps its number; locked ones have theirs."""
    becomes = np.full(count, -1, dtype=np.int64)
    becomes[label[held >= 0]] = held[held >= 0]
    free = (becomes[label] < 0) & (today >= 0) & ~np.isin(today, held[held >= 0])
    if free.any():
        pairs = pd.DataFrame({"label": label, "name": today, "load": block.load + 1e-6})[free]
        kept = pairs.groupby(["label", "name"], as_index=False)["load"].sum()
        own = np.arange(count)
        weights = sparse.csr_array(
            (
                np.concatenate([kept["load"] + 1.0, np.ones(count)]),
                (np.concatenate([kept["label"], own]), np.concatenate([kept["name"], names + own])),
            ),
            shape=(count, names + count),
        )
        row, column = sparse.csgraph.min_weight_full_bipartite_matching(weights, maximize=True)
        found = (column < names) & (becomes[row] < 0)
        becomes[row[found]] = column[found]
    becomes = np.where(becomes < 0, names + np.arange(count), becomes)
    return np.asarray(becomes[label], dtype=np.int64)


def _called(label: Ids, names: list[str], ids: Any, parent: str, taken: set[str], digits: int) -> Any:
    """Call new districts by their parent and a number, in the order of their lowest grid id."""
    lowest = pd.Series(ids).groupby(label).min()
    called = {number: names[number] for number in lowest.index if number < len(names)}
    serial = 0
    for number in lowest[lowest.index >= len(names)].sort_values().index:
        name = ""
        while not name or name in taken:
            serial += 1
            name = f"{parent}-{serial:02d}" if parent else f"{serial:0{digits}d}"
        called[number] = name
    return np.array([called[number] for number in label], dtype=object)


def parts(block: Block, label: Ids) -> Ids:
    """Count the pieces of each district.

    Parameters
    ----------
    block : Block
        The ground.
    label : numpy.ndarray of int
        District of each node, 0…n-1.

    Returns
    -------
    numpy.ndarray of int
        Shape (n,).
    """
    table = pd.DataFrame({"label": label, "piece": pieces(block, label)}).drop_duplicates()
    return np.bincount(table["label"]).astype(np.int64)
