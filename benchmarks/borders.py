"""A border of thousands of kilometres, and points near it: every candidate gets the same."""

from __future__ import annotations

import numpy as np
import shapely
from numpy.typing import NDArray

from geo.border.chainage import Chainage, chainage_of

Floats = NDArray[np.float64]
LENGTH_M = 4_200_000.0
START = (88.0, 43.5)
BEND, TURN_M = 0.7, 3_000.0  # radians by which the heading drifts about east, metres in which it forgets
DEGREE_M = 111_200.0


def long_border(vertices: int, *, seed: int = 20_261_121) -> Chainage:
    """Draw a border from west to east whose heading drifts, as mountains and rivers make it; one part."""
    rng = np.random.default_rng(seed)
    step_m = LENGTH_M / (vertices - 1)
    kept = np.exp(-step_m / TURN_M)
    heading = np.zeros(vertices - 1)
    kicks = BEND * np.sqrt(1 - kept**2) * rng.normal(size=vertices - 1)
    for at in range(1, len(heading)):
        heading[at] = kept * heading[at - 1] + kicks[at]
    latitude = START[1] + np.concatenate([[0.0], np.cumsum(np.sin(heading))]) * step_m / DEGREE_M
    east = np.cos(heading) * step_m / (DEGREE_M * np.cos(np.radians(latitude[:-1])))
    longitude = START[0] + np.concatenate([[0.0], np.cumsum(east)])
    return chainage_of(np.array([shapely.LineString(np.stack([longitude, latitude], axis=1))], dtype=object))


def scattered(lonlat: Floats, noise_m: float, rng: np.random.Generator) -> Floats:
    """Move points by so many metres on each axis."""
    degrees = noise_m / DEGREE_M * rng.normal(size=lonlat.shape)
    degrees[:, 0] /= np.cos(np.radians(lonlat[:, 1]))
    return np.asarray(lonlat + degrees)
