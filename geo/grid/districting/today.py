"""Districts that change little: where the search starts when today's are to be kept as far as possible."""

from __future__ import annotations

from typing import Any

import numpy as np
import pandas as pd

from geo.grid.districting.block import Block, part_of, pieces, rows_of
from geo.grid.districting.trees import cut_into
from geo.place.rings import Ids


def start_from(block: Block, today: Ids, count: int, slack: float, rng: Any) -> Ids:
    """Make whole districts of today's.

    Of a district in several pieces the one with its core, else the heaviest, keeps its name. Of too many districts
    those with the least load are given up; of too few the heaviest is cut, and its lighter side is new. Grids that
    belong to none join the lightest district beside them.

    Parameters
    ----------
    block : Block
        Connected ground.
    today : numpy.ndarray of int
        District of each node today, below ``count`` for those that have a core; -1 = none.
    count : int
        How many districts there will be.
    slack : float
        As for :func:`geo.grid.districting.trees.cut_into`.
    rng : numpy.random.Generator
        Where chance comes from.

    Returns
    -------
    numpy.ndarray of int
        District of each node: ``count`` different numbers, those of today where they still stand for it, larger
        ones for new districts.
    """
    label = np.where(block.core >= 0, block.core, today)
    piece = pieces(block, label)
    table = pd.DataFrame({"label": label, "piece": piece, "load": block.load, "core": block.core >= 0, "node": 1})
    whole = table[table["label"] >= 0].groupby(["label", "piece"], as_index=False).sum()
    whole = whole.sort_values(["core", "load", "node", "piece"], ascending=[False, False, False, True])
    kept = whole.drop_duplicates("label").head(count)
    if kept.empty:
        return np.asarray(cut_into(block, count, slack, rng))
    label = np.where(np.isin(piece, kept["piece"]), label, -1)
    _grown(block, label)
    for new in range(int(label.max()) + 1, int(label.max()) + 1 + count - len(kept)):
        _halved(block, label, new, slack, rng)
    return np.asarray(label, dtype=np.int64)


def _grown(block: Block, label: Ids) -> None:
    """Let every free node join the lightest district beside it, ring by ring."""
    rows = rows_of(block)
    load = np.bincount(label[label >= 0], block.load[label >= 0], int(label.max()) + 1)
    while (label < 0).any():
        rim = (label[rows] < 0) & (label[block.indices] >= 0)
        pairs = pd.DataFrame({"node": rows[rim], "to": label[block.indices[rim]]})
        pairs["load"] = load[pairs["to"]]
        best = pairs.sort_values(["node", "load", "to"]).drop_duplicates("node")
        label[best["node"]] = best["to"]
        np.add.at(load, best["to"].to_numpy(), block.load[best["node"]])


def _halved(block: Block, label: Ids, new: int, slack: float, rng: Any) -> None:
    """Cut the heaviest district that can be cut; its core, else its heavier side, keeps the name."""
    load = np.bincount(label, block.load)
    leads = np.bincount(label, block.leads, len(load))
    heaviest = int(np.argmax(np.where(leads > 1, load, -1.0)))
    nodes = np.flatnonzero(label == heaviest)
    part = part_of(block, nodes)
    side = cut_into(part, 2, slack, rng)
    weight = np.bincount(side, part.load + (part.core >= 0) * block.load.sum(), 2)
    label[nodes[side == np.argmin(weight)]] = new
