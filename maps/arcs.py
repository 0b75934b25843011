"""Edges that neighbours share, written once: the outlines of a partition take half the bytes.

Places are whole numbers already. Where more or fewer than two edges meet is a junction; rings are cut there, and
a piece that two rings have in common, in whichever direction, is one arc. A ring without a junction is one closed
arc.
"""

from __future__ import annotations

from itertools import pairwise
from typing import Any

import numpy as np
from numpy.typing import NDArray

Integers = NDArray[np.int64]
Ring = list[tuple[int, bool]]  # arcs in order, each by number, and whether it is walked backwards


def shared_arcs(places: Integers, ring: Integers) -> tuple[Integers, Integers, list[Ring]]:
    """Cut rings into arcs.

    Parameters
    ----------
    places : numpy.ndarray
        x and y, shape (n, 2): rings without their closing places.
    ring : numpy.ndarray
        Which ring each belongs to, shape (n,), ascending from 0 without a hole.

    Returns
    -------
    places : numpy.ndarray
        Of the arcs, shape (m, 2); both ends of each arc are among them.
    arc : numpy.ndarray
        Which arc each belongs to, shape (m,), in the order in which rings meet them.
    rings : list of list of (int, bool)
        One a ring; its places are those of its arcs, each without its last.
    """
    if not len(places):
        return places.reshape(0, 2), ring, []
    keys, id = np.unique((places[:, 0] << 32) + places[:, 1], return_inverse=True)  # whole numbers below 2**31
    distinct = np.column_stack([(keys + (1 << 31)) >> 32, ((keys + (1 << 31)) & 0xFFFFFFFF) - (1 << 31)])
    id, ring = _open(id, ring)
    junction = _junctions(id, ring, len(distinct))
    walks = np.split(id, np.flatnonzero(np.diff(ring)) + 1)
    known: dict[bytes, int] = {}
    arcs: list[NDArray[Any]] = []
    rings: list[Ring] = []
    for walk in walks:
        rings.append([])
        for piece in _pieces(walk, junction):
            back = (piece[-1], piece[-2]) < (piece[0], piece[1])
            one = piece[::-1] if back else piece
            number = known.setdefault(one.tobytes(), len(arcs))
            if number == len(arcs):
                arcs.append(one)
            rings[-1].append((number, back))
    lengths = [len(one) for one in arcs]
    return distinct[np.concatenate(arcs)], np.repeat(np.arange(len(arcs)), lengths), rings


def _before(id: Integers, ring: Integers) -> Integers:
    """The place before each on its ring; before the first the last."""
    before = np.roll(id, 1)
    first = np.flatnonzero(np.diff(ring, prepend=-1))
    before[first] = id[np.append(first[1:], len(id)) - 1]
    return before


def _open(id: Integers, ring: Integers) -> tuple[Integers, Integers]:
    """Rings in which no place follows itself: rounding may make close ones one. Of each something stays."""
    kept = id != _before(id, ring)
    lost = np.bincount(ring, weights=kept)[ring] == 0
    kept |= lost & (np.diff(ring, prepend=-1) > 0)
    return id[kept], ring[kept]


def _junctions(id: Integers, ring: Integers, count: int) -> NDArray[np.bool_]:
    before = _before(id, ring)
    edges = np.unique(np.minimum(id, before) * count + np.maximum(id, before))
    met: NDArray[np.bool_] = np.bincount(np.r_[edges // count, edges % count], minlength=count) != 2
    return met


def _pieces(walk: NDArray[Any], junction: NDArray[np.bool_]) -> list[NDArray[Any]]:
    """A ring cut at its junctions, or as a whole from its least place."""
    cuts = junction[walk].nonzero()[0].tolist() if len(walk) > 1 else []
    start = cuts[0] if cuts else int(walk.argmin())
    closed = np.concatenate([walk[start:], walk[: start + 1]])
    stops = [*(cut - start for cut in cuts), len(walk)] if cuts else [0, len(walk)]
    return [closed[first : last + 1] for first, last in pairwise(stops)]
