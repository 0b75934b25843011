"""Bending what was drawn with a ruler, and rounding it, so that it looks surveyed."""

from __future__ import annotations

from collections.abc import Callable, Sequence

import numpy as np
from numpy.typing import NDArray
from shapely.geometry import LineString, Polygon

Array = NDArray[np.float64]
Wave = tuple[float, float, float, float]  # amplitude m, wavelength m, direction, phase


def displacement(drawn: Array, groups: Sequence[tuple[Sequence[Wave], Array]]) -> Array:
    """Move points across waves.

    Parameters
    ----------
    drawn : ndarray, shape (n, 2)
        Metres.
    groups : sequence of (waves, weight)
        Waves, with how much of their amplitude each point gets, shape (n,). While the sum of
        2*pi*amplitude/wavelength stays below 0.9, the bend can be undone.

    Returns
    -------
    ndarray, shape (n, 2)
        How far each point is moved.
    """
    moved = np.zeros_like(drawn)
    for waves, weight in groups:
        for amplitude, length, direction, phase in waves:
            along = drawn @ np.array([np.cos(direction), np.sin(direction)])
            shift = amplitude * weight * np.sin(2 * np.pi * along / length + phase)
            moved += shift[:, None] * np.array([-np.sin(direction), np.cos(direction)])
    return moved


def undone(goal: Array, moved: Callable[[Array], Array]) -> Array:
    """Find the points that a displacement takes to others (fixed-point iteration, to well below a millimetre).

    Parameters
    ----------
    goal : ndarray, shape (n, 2)
        Where they come to lie.
    moved : callable
        Displacement of points.

    Returns
    -------
    ndarray, shape (n, 2)
        Where they were.
    """
    drawn = goal.copy()
    for _ in range(60):
        drawn = goal - moved(drawn)
    return drawn


def smooth(points: list[tuple[float, float]], times: int = 3) -> LineString:
    """Round the corners of a line (Chaikin 1974), keeping its ends.

    Parameters
    ----------
    points : list of (x, y)
        Corners.
    times : int
        Rounds of corner cutting.

    Returns
    -------
    LineString
        The rounded line.
    """
    line = np.array(points)
    for _ in range(times):
        near = 0.75 * line[:-1] + 0.25 * line[1:]
        far = 0.25 * line[:-1] + 0.75 * line[1:]
        line = np.vstack([line[:1], np.column_stack([near, far]).reshape(-1, 2), line[-1:]])
    return LineString(line)


def smooth_ring(points: list[tuple[float, float]]) -> Polygon:
    """Round the corners of a ring.

    Parameters
    ----------
    points : list of (x, y)
        Corners, not closed.

    Returns
    -------
    Polygon
        The rounded area.
    """
    line = np.array(points)
    for _ in range(3):
        after = np.roll(line, -1, axis=0)
        line = np.column_stack([0.75 * line + 0.25 * after, 0.25 * line + 0.75 * after]).reshape(-1, 2)
    return Polygon(line)
