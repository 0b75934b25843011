"""What do neighbours hold jointly on purpose, and which holders' limits hang together besides?

Bounds are integers (accessible millimetres), one holder a row of ``today``, shape (n, 2).
"""

from __future__ import annotations

from collections.abc import Iterator
from typing import NamedTuple

import numpy as np

from geo.border.balance.limits import Row
from geo.border.chainage import Ints
from geo.border.intervals import Flags, depth


class Hanging(NamedTuple):
    """Holders whose limits hang together, without the stretches they share with the holders before and after.

    Parameters
    ----------
    row : Row
        The holders.
    who : numpy.ndarray
        Which they are.
    before, after : int
        How much the first shares with the holder before it, and the last with the one after it.
    """

    row: Row
    who: Ints
    before: int
    after: int


def inside_others(today: Ints, joint: Flags) -> Flags:
    """Find the holders each metre of whom somebody else shares by intention.

    Parameters
    ----------
    today : numpy.ndarray
        Their bounds.
    joint : numpy.ndarray
        Whether a holder's stretch is meant to overlap with others, shape (n,).

    Returns
    -------
    numpy.ndarray
        Shape (n,). Of two who share everything the shorter, of equals one that is joint, then the later.
    """
    start, end = today.astype(float).T
    breaks = np.unique(today.astype(float))
    count = depth(start, end, breaks)
    alone = depth(start[~joint], end[~joint], breaks)
    inside = np.zeros(len(today), dtype=bool)
    for one in np.lexsort((-np.arange(len(today)), ~joint, end - start)):
        own = slice(*np.searchsorted(breaks, today[one]))
        if (count[own] > 1).all() and (joint[one] or (alone[own] <= 1).all()):
            inside[one] = True
            count[own] -= 1
            alone[own] -= not joint[one]
    return inside


def hanging(today: Ints, joint: Flags, which: Ints, reach: Ints, length: int) -> Iterator[Hanging]:
    """Part holders in order where two neighbours share a stretch by intention.

    A stretch is shared by intention when it is held by two neighbours, one of them joint, and nobody else; it
    stays with both if both can keep it. Any other overlap counts as a slip.

    Parameters
    ----------
    today, joint : numpy.ndarray
        Bounds and flags of all holders, shapes (n, 2) and (n,).
    which : numpy.ndarray
        Those that take part, shape (k,).
    reach : numpy.ndarray
        What each can keep, shape (n,).
    length : int
        Of the whole line.

    Yields
    ------
    Hanging
        In order; together they hold the line from 0 to its length but for the shared stretches, which lie
        between one and the next. Holders that begin together: the shorter first.
    """
    order = which[np.lexsort((which, today[which, 1], today[which, 0]))]
    if not len(order):
        return
    start, end = today[order].T
    overlap = end[:-1] - start[1:]
    furthest = np.maximum.accumulate(end)
    alone = (np.append(0, furthest[:-2]) <= start[1:]) & (np.append(start[2:], length) >= end[:-1])
    proper = (start[:-1] < start[1:]) & (end[:-1] < end[1:])
    meant = (overlap > 0) & alone[: len(overlap)] & proper & (joint[order][:-1] | joint[order][1:])
    kept = np.zeros(len(order), dtype=np.int64)
    shared = np.zeros(len(order) + 1, dtype=np.int64)  # before each holder, and after the last
    for k in np.flatnonzero(meant):
        if (kept[k : k + 2] + overlap[k] <= reach[order[k : k + 2]]).all():
            kept[k : k + 2] += overlap[k]
            shared[k + 1] = overlap[k]
    low, high = start + shared[:-1], end - shared[1:]
    parted = np.flatnonzero(shared[1:-1]) + 1
    for who in np.split(np.arange(len(order)), parted):
        first, last = who[0], who[-1]
        row = Row(
            int(low[first]) if first else 0,
            int(high[last]) if last < len(order) - 1 else length,
            tuple(zip(low[who].tolist(), high[who].tolist(), strict=True)),
            tuple(reach[order[who]].tolist()),
            tuple(kept[who].tolist()),
        )
        yield Hanging(row, order[who], int(shared[first]), int(shared[last + 1]))
