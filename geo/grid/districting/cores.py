"""Locked grids: what must stay together, joined to one piece each before districts are cut."""

from __future__ import annotations

from typing import Any

import numpy as np
from scipy import sparse

from geo.errors import BadParameter
from geo.grid.districting.block import Block, pieces, rows_of
from geo.place.rings import Ids


def with_cores(block: Block, held: Ids, names: Any) -> Block:
    """Join the locked nodes of each district to one piece.

    Locked nodes that lie apart are joined along a way with the fewest nodes through ground that is not locked; the
    nodes on the way may move again afterwards.

    Parameters
    ----------
    block : Block
        Connected ground.
    held : numpy.ndarray of int
        District that each node is locked to, -1 = free.
    names : sequence of str
        What those districts are called.

    Returns
    -------
    Block
        With ``core``, ``leads`` and ``fixed``.

    Raises
    ------
    BadParameter
        Nothing joins the locked nodes of a district without passing through those of another.
    """
    core = held.copy()
    fixed = held >= 0
    for district in np.unique(held[fixed]):
        _joined(block, core, int(district), names)
    leads = core < 0
    _, first = np.unique(core, return_index=True)
    leads[first] = True
    return block._replace(core=core, leads=leads, fixed=fixed)


def _joined(block: Block, core: Ids, district: int, names: Any) -> None:
    """Take ways between the parts of one core into it, nearest part first."""
    rows = rows_of(block)
    while True:
        nodes = np.flatnonzero(core == district)
        piece = pieces(block, np.where(core == district, district, -2 - np.arange(len(core))))[nodes]
        if (piece == piece[0]).all():
            return
        open_ = (core < 0) | (core == district)
        way = open_[rows] & open_[block.indices]
        graph = sparse.csr_array(
            (np.ones(int(way.sum()), dtype=np.int8), (rows[way], block.indices[way])), shape=(len(core), len(core))
        )
        order, before = sparse.csgraph.breadth_first_order(graph, nodes[0], directed=False)
        first, others = set(nodes[piece == piece[0]].tolist()), set(nodes[piece != piece[0]].tolist())
        at = next((int(one) for one in order if int(one) in others), -1)
        if at < 0:
            raise BadParameter(
                f"the grids locked to {names[district]} cannot be joined: those of other districts lie between"
            )
        while at not in first:
            core[at] = district
            at = int(before[at])
