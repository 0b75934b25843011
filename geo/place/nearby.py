"""What may lie near a few places? A coarse picture of them, asked for a million boxes at once."""

from __future__ import annotations

from typing import Any

import numpy as np

from geo.place.rings import Floats, Mask

CELLS_A_SIDE = 16, 2_048  # at least, at most
LEAST = 1e-9  # of a side of the picture, degrees
ROUNDED_UP = 1 + 1e-9  # the last place lies in the last cell, not beyond it


def near(places: Floats, boxes: Floats) -> Mask:
    """Mark the boxes that may meet one of some places; those that do are among them.

    Parameters
    ----------
    places : numpy.ndarray
        West, south, east, north of each, shape (m, 4).
    boxes : numpy.ndarray
        The same, shape (n, 4); NaN for nothing.

    Returns
    -------
    numpy.ndarray
        Shape (n,). A box is marked when it meets a cell of a picture that a place meets; as many cells as boxes,
        so that few are marked in vain where places are small and far between.
    """
    known: Mask = np.asarray(~np.isnan(boxes).any(axis=1))
    if not len(places) or not known.any():
        return np.zeros(len(boxes), dtype=bool)
    side = int(np.clip(np.sqrt(len(boxes)), *CELLS_A_SIDE))
    low, high = places[:, :2].min(axis=0), places[:, 2:].max(axis=0)
    cell = np.maximum(high - low, LEAST) * ROUNDED_UP / side

    def cells(of: Floats) -> Any:
        corner = np.floor((of.reshape(-1, 2, 2) - low) / cell)
        return np.clip(corner, -1, side).astype(np.int64).reshape(-1, 4).T + 1

    west, south, east, north = cells(places)
    edges = np.zeros((side + 3, side + 3), dtype=np.int64)
    np.add.at(edges, (west, south), 1)
    np.add.at(edges, (east + 1, north + 1), 1)
    np.add.at(edges, (east + 1, south), -1)
    np.add.at(edges, (west, north + 1), -1)
    held = edges.cumsum(axis=0).cumsum(axis=1)[: side + 2, : side + 2] > 0
    total = np.zeros((side + 3, side + 3), dtype=np.int64)
    total[1:, 1:] = held.cumsum(axis=0).cumsum(axis=1)
    west, south, east, north = cells(np.where(known[:, None], boxes, 0.0))
    count = total[east + 1, north + 1] - total[west, north + 1] - total[east + 1, south] + total[west, south]
    return np.asarray(known & (count > 0))
