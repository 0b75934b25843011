"""Shapes cut to a box."""

from __future__ import annotations

from typing import Any

import numpy as np
import shapely


def clipped(shapes: Any, box: tuple[float, float, float, float]) -> Any:
    """Cut shapes to a box.

    Parameters
    ----------
    shapes : array of geometry
        Shape (n,); None stays None.
    box : tuple of float
        Left, bottom, right, top.

    Returns
    -------
    numpy.ndarray
        What of each lies in the box; nothing is an empty geometry. By GEOS's quick cut, which gives up on slivers
        narrower than rounding: those are cut by the thorough one.
    """
    try:
        return shapely.clip_by_rect(shapes, *box)
    except shapely.GEOSException:
        return np.array([_one(shape, box) for shape in shapes], dtype=object)


def _one(shape: Any, box: tuple[float, float, float, float]) -> Any:
    try:
        return shapely.clip_by_rect(shape, *box)
    except shapely.GEOSException:
        return shapely.intersection(shapely.make_valid(shape), shapely.box(*box))
