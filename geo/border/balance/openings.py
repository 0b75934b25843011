"""A line without the stretches that nobody can get to, in whole millimetres."""

from __future__ import annotations

from dataclasses import dataclass
from typing import Any

import numpy as np

from geo.border.chainage import Ints


@dataclass(frozen=True, eq=False)
class Open:
    """A border without the stretches that nobody can get to, in whole millimetres.

    Parameters
    ----------
    start, end : numpy.ndarray
        The closed stretches, disjoint and ascending, shape (n,).
    length : int
        Length of the border, closed stretches included.
    """

    start: Ints
    end: Ints
    length: int

    def squeeze(self, at: Any) -> Ints:
        """Count the accessible millimetres before some places.

        Parameters
        ----------
        at : array-like of int
            Places on the border, shape (n,).

        Returns
        -------
        numpy.ndarray
            Shape (n,); the same for all of a closed stretch.
        """
        place = np.asarray(at, dtype=np.int64)
        before = np.concatenate([[0], np.cumsum(self.end - self.start)])
        inside = np.searchsorted(self.start, place)
        last = np.concatenate([[0], self.end])[inside]
        return np.asarray(place - before[inside] + np.maximum(last - place, 0))

    def stretch(self, at: Any, near: Any) -> Ints:
        """Find places by the accessible millimetres before them.

        Parameters
        ----------
        at : array-like of int
            Accessible millimetres, shape (n,).
        near : array-like of int
            Where a closed stretch leaves the choice, the place nearest to this one, shape (n,).

        Returns
        -------
        numpy.ndarray
            Places on the border, shape (n,).
        """
        place = np.asarray(at, dtype=np.int64)
        before = np.concatenate([[0], np.cumsum(self.end - self.start)])
        shut = self.squeeze(self.start)
        lowest = place + before[np.searchsorted(shut, place, side="left")]
        highest = place + before[np.searchsorted(shut, place, side="right")]
        return np.asarray(np.clip(np.asarray(near, dtype=np.int64), lowest, highest))
