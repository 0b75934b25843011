"""Ground that is cut into districts by itself: one parent's grids, or all of them."""

from __future__ import annotations

from typing import Any, NamedTuple

import numpy as np
from scipy import sparse

from geo.place.rings import Floats, Ids


class Block(NamedTuple):
    """Connected ground, its nodes the grids (a named tuple, since compiled code takes it apart).

    Parameters
    ----------
    indptr, indices : numpy.ndarray of int
        Neighbours of each node, as rows of a sparse matrix: ``indices[indptr[i]:indptr[i + 1]]``.
    shared : numpy.ndarray
        Length of the edge shared with each of them, metres; 0 across a bridge.
    load, area, length : numpy.ndarray
        Of each node: its load, m², and the length of its whole edge, metres.
    core : numpy.ndarray of int
        Nodes with the same number ≥ 0 stay together and belong to the district of that number; -1 = free.
    leads : numpy.ndarray of bool
        True for every free node and for one node of each core.
    fixed : numpy.ndarray of bool
        True where the node may not be given to another district.
    home : numpy.ndarray of int
        District of each node today, -1 = none; a number that no district has = one that is gone. What is not
        at home has moved.
    """

    indptr: Ids
    indices: Ids
    shared: Floats
    load: Floats
    area: Floats
    length: Floats
    core: Ids
    leads: Any
    fixed: Any
    home: Ids


class Aim(NamedTuple):
    """What is wanted of districts.

    Parameters
    ----------
    mean : float
        Load that each should have.
    slack : float
        How far off it may be, in the unit of the loads.
    unit : float
        Being this far beyond counts 1.
    budget : float
        Load that may move away from home.
    stay : float
        What moving a whole mean load away from home costs, beside (1/PP)²/4 of a district.
    """

    mean: float
    slack: float
    unit: float
    budget: float
    stay: float


def part_of(block: Block, nodes: Ids) -> Block:
    """Take some nodes out of a block.

    Parameters
    ----------
    block : Block
        The ground.
    nodes : numpy.ndarray of int
        Positions, ascending.

    Returns
    -------
    Block
        Those nodes in their order. Edges to others are its rim; ``core`` and ``home`` keep their numbers.
    """
    place = np.full(len(block.load), -1, dtype=np.int64)
    place[nodes] = np.arange(len(nodes))
    rows = rows_of(block)
    kept = (place[rows] >= 0) & (place[block.indices] >= 0)
    return Block(
        indptr_of(place[rows[kept]], len(nodes)),
        place[block.indices[kept]],
        block.shared[kept],
        load=block.load[nodes],
        area=block.area[nodes],
        length=block.length[nodes],
        core=block.core[nodes],
        leads=block.leads[nodes],
        fixed=block.fixed[nodes],
        home=block.home[nodes],
    )


def rows_of(block: Block) -> Ids:
    """Name the node that each entry of ``indices`` is a neighbour of.

    Parameters
    ----------
    block : Block
        The ground.

    Returns
    -------
    numpy.ndarray of int
        Shape of ``indices``.
    """
    return np.repeat(np.arange(len(block.load)), np.diff(block.indptr))


def indptr_of(rows: Ids, nodes: int) -> Ids:
    """Find where each row begins.

    Parameters
    ----------
    rows : numpy.ndarray of int
        Ascending.
    nodes : int
        How many rows there are.

    Returns
    -------
    numpy.ndarray of int
        Shape (nodes + 1,).
    """
    return np.concatenate([[0], np.cumsum(np.bincount(rows, minlength=nodes))]).astype(np.int64)


def pieces(block: Block, label: Ids) -> Ids:
    """Number the connected pieces of districts.

    Parameters
    ----------
    block : Block
        The ground.
    label : numpy.ndarray of int
        District of each node.

    Returns
    -------
    numpy.ndarray of int
        Piece of each node: two nodes are in one when a way within their district joins them.
    """
    rows = rows_of(block)
    same = label[rows] == label[block.indices]
    nodes = len(block.load)
    graph = sparse.coo_array(
        (np.ones(int(same.sum()), dtype=np.int8), (rows[same], block.indices[same])), shape=(nodes, nodes)
    )
    return np.asarray(sparse.csgraph.connected_components(graph, directed=False)[1], dtype=np.int64)


def totals_of(block: Block, label: Ids, count: int) -> tuple[Floats, Floats, Floats]:
    """Add up what districts hold.

    Parameters
    ----------
    block : Block
        The ground.
    label : numpy.ndarray of int
        District of each node, 0…count-1.
    count : int
        How many districts there are.

    Returns
    -------
    tuple of numpy.ndarray
        Load, area (m²) and length of the edge (metres) of each district.
    """
    rows = rows_of(block)
    same = label[rows] == label[block.indices]
    inner = np.bincount(label[rows[same]], block.shared[same], count)
    load, area, length = (
        np.bincount(label, held, count).astype(float) for held in (block.load, block.area, block.length)
    )
    return load, area, np.maximum(length - inner, 0.0)
