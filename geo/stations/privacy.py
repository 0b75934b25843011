"""What would tell of fewer than ten people, and so is not published."""

from __future__ import annotations

import numpy as np
from numpy.typing import NDArray

from geo import units
from geo.crs import Floats


def few(people: Floats) -> NDArray[np.bool_]:
    """Tell which numbers are of somebody, but of too few to publish.

    Parameters
    ----------
    people : array_like
        Numbers of people, any shape; missing = none published.

    Returns
    -------
    numpy.ndarray
        bool, the same shape.

    Examples
    --------
    >>> few(np.array([0.0, 1.0, 9.5, 10.0, np.nan])).tolist()
    [False, True, True, False, False]
    """
    number = np.asarray(people, dtype=float)
    return (number > 0) & (number < units.PUBLISHED_PEOPLE_MIN)


def telling(numbers: Floats, known: int) -> NDArray[np.bool_]:
    """Find the numbers of a place that together with its others would tell of fewer than ten people.

    Parameters
    ----------
    numbers : numpy.ndarray
        Numbers of people, shape (places, n), the most important first; a reader may take any two of a place from
        each other.
    known : int
        How many of them, from the left, are published whatever they tell.

    Returns
    -------
    numpy.ndarray
        bool, shape (places, n): True = leave empty. A number goes where it differs by 1 to 9 from one before it
        that stays, or is itself 1 to 9; people of 0 differ from nobody.

    Examples
    --------
    >>> telling(np.array([[90.0, 40.0, 38.0, 20.0, 4.0, 40.0]]), 2).tolist()
    [[False, False, True, False, True, False]]
    """
    hidden = np.zeros(numbers.shape, dtype=bool)
    for column in range(known, numbers.shape[1]):
        value = numbers[:, [column]]
        step = few(np.abs(numbers[:, :column] - value)) & ~hidden[:, :column]
        hidden[:, column] = step.any(axis=1) | few(value[:, 0])
    return hidden


def never_one_alone(hidden: NDArray[np.bool_], family: NDArray[np.int64], people: Floats) -> NDArray[np.bool_]:
    """Hide a second place wherever one alone would follow from what its parent and its siblings say.

    Parameters
    ----------
    hidden : numpy.ndarray
        bool, shape (places, n), as :func:`telling` gives it.
    family : numpy.ndarray
        Parent of each place as a number 0…, shape (places,).
    people : numpy.ndarray
        People of each place, shape (places,).

    Returns
    -------
    numpy.ndarray
        bool, shape (places, n): in a family with one hidden number, the sibling with fewest people (the first of
        several) hides its own too.
    """
    made = hidden.copy()
    order = np.lexsort((people, family))
    for column in range(hidden.shape[1]):
        count = np.bincount(family, weights=hidden[:, column])
        candidates = order[~hidden[order, column] & (count[family[order]] == 1)]
        made[candidates[np.unique(family[candidates], return_index=True)[1]], column] = True
    return made
