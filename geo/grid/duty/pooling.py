"""Where do households of grids with fewer than ten people count, so that no difference of sums tells of them?"""

from __future__ import annotations

from typing import Any

import numpy as np
from numpy.typing import NDArray

from geo.place.rings import Ids
from geo.units import PUBLISHED_PEOPLE_MIN

ALONE, NOWHERE = -1, -2  # pools of grids that are told of by themselves, and of those that are nowhere


def pools(told: Any, people: Any, grid: Ids, place: Ids, step: Ids) -> Ids:
    """Put grids that may not be told of together until they are at least 10 people.

    Parameters
    ----------
    told : array-like of bool
        Grids that may be told of by themselves, shape (n,).
    people : array-like of float
        People of each grid, shape (n,).
    grid, place : numpy.ndarray
        Which grid lies in which place, of places that lie in each other.
    step : numpy.ndarray
        How far up each place is.

    Returns
    -------
    numpy.ndarray
        Pool of each grid, shape (n,): ``ALONE``, else the lowest place in which the grids that were in no pool
        below are at least 10 people together, ``NOWHERE`` without one.

    Examples
    --------
    >>> told, people, villages = [False, True, False, False], [4.0, 30.0, 7.0, 9.0], np.array([0, 0, 0, 1])
    >>> pools(told, people, np.arange(4), villages, np.array([0, 0])).tolist()
    [0, -1, 0, -2]
    """
    pool = np.where(told, ALONE, NOWHERE).astype(np.int64)
    number = np.asarray(people, dtype=float)
    for level in np.unique(step):
        here = np.flatnonzero((step[place] == level) & (pool[grid] == NOWHERE))
        here = here[np.lexsort((place[here], grid[here]))]
        once = here[np.unique(grid[here], return_index=True)[1]]
        some, where = grid[once], place[once]
        full = np.bincount(where, weights=number[some], minlength=len(step)) >= PUBLISHED_PEOPLE_MIN
        pool[some[full[where]]] = where[full[where]]
    return pool


def counting(pool: Ids, grid: Ids, place: Ids) -> NDArray[np.bool_]:
    """Tell which grids count in which places: those told of by themselves, and pools that lie there as a whole.

    Parameters
    ----------
    pool : numpy.ndarray
        As :func:`pools` gives it.
    grid, place : numpy.ndarray
        Which grid lies in which place, every pair once; places may be others than those of the pools.

    Returns
    -------
    numpy.ndarray
        bool, one a pair.
    """
    of_pair = pool[grid]
    counts = np.asarray(of_pair == ALONE)
    pooled = np.flatnonzero(of_pair >= 0)
    if len(pooled):
        size = np.bincount(pool[pool >= 0])
        key = place[pooled] * len(size) + of_pair[pooled]
        _, number, there = np.unique(key, return_inverse=True, return_counts=True)
        counts[pooled] = there[number] == size[of_pair[pooled]]
    return counts
