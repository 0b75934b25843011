"""The shifted datums of consumer maps in China: GCJ-02 and BD-09, to WGS 84 and back.

Neither has an official publication. The formulas are the ones that are publicly known: GCJ-02 as described in
"Restrictions on geographic data in China" (Wikipedia, section GCJ-02) and in the documentation of *eviltransform*;
BD-09 as in the same section. Inverses are found by fixed-point iteration, so that going there and back ends within
a millimetre; the one-step inverses in common use err by up to 2 m.
"""

from __future__ import annotations

from collections.abc import Callable
from typing import Any, Literal

import numpy as np
from numpy.typing import NDArray

Floats = NDArray[np.float64]
Pair = tuple[Floats, Floats]
Shifted = Literal["gcj02", "bd09"]

KRASOVSKY_AXIS_M = 6_378_245.0
KRASOVSKY_E2 = 0.00669342162296594323
CHINA = (72.004, 0.8293, 137.8347, 55.8271)  # GCJ-02 shifts nothing outside of this box
BD_TURN = np.pi * 3000.0 / 180.0
STEPS = 30  # each step gains a factor of a thousand or more; a few are enough
CLOSE_DEG = 1e-12


def gcj02_from_wgs84(lon: Any, lat: Any) -> Pair:
    """Shift WGS 84 to GCJ-02.

    Parameters
    ----------
    lon, lat : array_like of float
        Degrees, shape (n,); NaN stays NaN, places outside of China stay where they are.

    Returns
    -------
    tuple of numpy.ndarray
        lon, lat in GCJ-02, degrees.

    Examples
    --------
    >>> lon, lat = gcj02_from_wgs84([111.7], [40.8])
    >>> round(float(lon[0]), 4), round(float(lat[0]), 4)
    (111.7069, 40.8014)
    """
    lon, lat = np.asarray(lon, dtype=float), np.asarray(lat, dtype=float)
    x, y = lon - 105.0, lat - 35.0
    north, east = _northing(x, y), _easting(x, y)
    phi = np.radians(lat)
    w2 = 1.0 - KRASOVSKY_E2 * np.sin(phi) ** 2
    meridian = KRASOVSKY_AXIS_M * (1.0 - KRASOVSKY_E2) / w2**1.5
    parallel = KRASOVSKY_AXIS_M / np.sqrt(w2) * np.cos(phi)
    inside = _in_china(lon, lat)
    with np.errstate(divide="ignore", invalid="ignore"):
        shifted = lon + np.degrees(east / parallel), lat + np.degrees(north / meridian)
    return np.where(inside, shifted[0], lon), np.where(inside, shifted[1], lat)


def _in_china(lon: Floats, lat: Floats) -> NDArray[np.bool_]:
    west, south, east, north = CHINA
    return np.asarray((lon >= west) & (lon <= east) & (lat >= south) & (lat <= north))


def _waves(t: Floats, *terms: tuple[float, float]) -> Floats:
    return np.asarray(sum(size * np.sin(np.pi * t * turn) for size, turn in terms) * 2.0 / 3.0)


def _northing(x: Floats, y: Floats) -> Floats:
    plane = -100.0 + 2.0 * x + 3.0 * y + 0.2 * y**2 + 0.1 * x * y + 0.2 * np.sqrt(np.abs(x))
    return np.asarray(
        plane
        + _waves(x, (20.0, 6.0), (20.0, 2.0))
        + _waves(y, (20.0, 1.0), (40.0, 1 / 3), (160.0, 1 / 12), (320.0, 1 / 30))
    )


def _easting(x: Floats, y: Floats) -> Floats:
    plane = 300.0 + x + 2.0 * y + 0.1 * x**2 + 0.1 * x * y + 0.1 * np.sqrt(np.abs(x))
    return np.asarray(
        plane
        + _waves(x, (20.0, 6.0), (20.0, 2.0))
        + _waves(x, (20.0, 1.0), (40.0, 1 / 3), (150.0, 1 / 12), (300.0, 1 / 30))
    )


def bd09_from_gcj02(lon: Any, lat: Any) -> Pair:
    """Shift GCJ-02 to BD-09.

    Parameters
    ----------
    lon, lat : array_like of float
        Degrees, shape (n,).

    Returns
    -------
    tuple of numpy.ndarray
        lon, lat in BD-09, degrees.
    """
    x, y = np.asarray(lon, dtype=float), np.asarray(lat, dtype=float)
    radius = np.hypot(x, y) + 0.00002 * np.sin(y * BD_TURN)
    angle = np.arctan2(y, x) + 0.000003 * np.cos(x * BD_TURN)
    return radius * np.cos(angle) + 0.0065, radius * np.sin(angle) + 0.006


def bd09_from_wgs84(lon: Any, lat: Any) -> Pair:
    """Shift WGS 84 to BD-09.

    Parameters
    ----------
    lon, lat : array_like of float
        Degrees, shape (n,).

    Returns
    -------
    tuple of numpy.ndarray
        lon, lat in BD-09, degrees.
    """
    return bd09_from_gcj02(*gcj02_from_wgs84(lon, lat))


FORWARD: dict[Shifted, Callable[[Any, Any], Pair]] = {"gcj02": gcj02_from_wgs84, "bd09": bd09_from_wgs84}


def wgs84_from(datum: Shifted, lon: Any, lat: Any) -> Pair:
    """Undo the shift of a datum.

    Parameters
    ----------
    datum : {"gcj02", "bd09"}
        What the coordinates are in.
    lon, lat : array_like of float
        Degrees, shape (n,); NaN stays NaN.

    Returns
    -------
    tuple of numpy.ndarray
        lon, lat in WGS 84, degrees; shifting them again gives the input within 1e-9 degrees (0.1 mm), except on
        the edge of the box outside which GCJ-02 shifts nothing.

    Examples
    --------
    >>> lon, lat = wgs84_from("gcj02", *gcj02_from_wgs84([111.7], [40.8]))
    >>> round(float(lon[0]), 9), round(float(lat[0]), 9)
    (111.7, 40.8)
    """
    there = FORWARD[datum]
    goal = np.asarray(lon, dtype=float), np.asarray(lat, dtype=float)
    lon, lat = goal[0].copy(), goal[1].copy()
    for _ in range(STEPS):
        x, y = there(lon, lat)
        off_x, off_y = goal[0] - x, goal[1] - y
        lon, lat = lon + off_x, lat + off_y
        if not (np.maximum(np.abs(off_x), np.abs(off_y)) > CLOSE_DEG).any():  # NaN is never further off
            break
    return lon, lat
