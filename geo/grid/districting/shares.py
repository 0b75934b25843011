"""How many districts does each parent get?"""

from __future__ import annotations

import heapq

import numpy as np

from geo.errors import BadParameter
from geo.place.rings import Floats, Ids


def webster(load: Floats, count: int, least: Ids, most: Ids) -> Ids:
    """Share districts among parents in proportion to their load.

    Webster's (Sainte-Laguë's) method of odd divisors: each further district goes to the parent with the largest
    load / (2s + 1), s being what it has. It favours neither large nor small parents, and a district more never
    takes one from anybody (Balinski and Young, Fair Representation, 1982), which largest remainders do.

    Parameters
    ----------
    load : numpy.ndarray
        Of each parent, shape (n,). Without any load, all count the same.
    count : int
        Districts in all.
    least, most : numpy.ndarray of int
        What each parent gets at least, and at most.

    Returns
    -------
    numpy.ndarray of int
        Shape (n,), sum ``count``; ties go to the first.

    Raises
    ------
    BadParameter
        ``count`` lies below the sum of ``least`` or above that of ``most``.

    Examples
    --------
    >>> one = np.ones(3, dtype=np.int64)
    >>> webster(np.array([53.0, 24.0, 23.0]), 7, one, 9 * one).tolist()
    [3, 2, 2]
    """
    if not least.sum() <= count <= most.sum():
        raise BadParameter(
            f"{count} districts cannot be made: {len(load)} parents need at least {least.sum()} "
            f"and have grids for at most {most.sum()}"
        )
    seats = least.astype(np.int64).copy()
    weight = load if load.any() else np.ones(len(load))
    heap = [(-weight[at] / (2 * seats[at] + 1), at) for at in range(len(load)) if seats[at] < most[at]]
    heapq.heapify(heap)
    for _ in range(count - int(seats.sum())):
        at = heapq.heappop(heap)[1]
        seats[at] += 1
        if seats[at] < most[at]:
            heapq.heappush(heap, (-weight[at] / (2 * seats[at] + 1), at))
    return seats
