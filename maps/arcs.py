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
    distinct, id = np.unique(places, axis=0, return_inverse=True)
    ends = np.append(np.flatnonzero(np.diff(ring)) + 1, len(ring))
    walks = [_open(walk) for walk in np.split(id.ravel(), ends[:-1])]
    junction = _junctions(walks, len(distinct))
    known: dict[bytes, int] = {}
    arcs: list[NDArray[Any]] = []
    rings: list[Ring] = []
    for walk in walks:
        rings.append([])
        for piece in _pieces(walk, junction):
            turned = piece[::-1]
            back = tuple(turned[:2]) < tuple(piece[:2])
            one = turned if back else piece
            number = known.setdefault(one.tobytes(), len(arcs))
            if number == len(arcs):
                arcs.append(one)
            rings[-1].append((number, back))
    lengths = [len(one) for one in arcs]
    return distinct[np.concatenate(arcs)], np.repeat(np.arange(len(arcs)), lengths), rings


def _open(walk: NDArray[Any]) -> NDArray[Any]:
    """A ring in which no place follows itself: close ones may have become one by rounding."""
    kept = walk[np.append(walk[:1] != walk[-1:], walk[1:] != walk[:-1])]
    return kept if len(kept) else walk[:1]


def _junctions(walks: list[NDArray[Any]], count: int) -> NDArray[np.bool_]:
    one = np.concatenate(walks)
    other = np.concatenate([part for walk in walks for part in (walk[1:], walk[:1])])
    edges = np.unique(np.sort(np.column_stack([one, other]), axis=1), axis=0)
    met: NDArray[np.bool_] = np.bincount(edges.ravel(), minlength=count) != 2
    return met


def _pieces(walk: NDArray[Any], junction: NDArray[np.bool_]) -> list[NDArray[Any]]:
    """A ring cut at its junctions, or as a whole from its least place."""
    cuts = np.flatnonzero(junction[walk]) if len(walk) > 1 else np.array([], dtype=int)
    start = cuts[0] if len(cuts) else walk.argmin()
    closed = np.concatenate([walk[start:], walk[: start + 1]])
    stops = [*(cuts - start), len(walk)] if len(cuts) else [0, len(walk)]
    return [closed[first : last + 1] for first, last in pairwise(stops)]
