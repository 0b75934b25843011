"""Do the parts of a border meet, run one way, and come once?"""

from __future__ import annotations

from collections.abc import Iterator
from itertools import pairwise
from typing import NamedTuple

import geopandas as gpd
import numpy as np
import shapely

from geo.border.parts import Flags, ends_of
from geo.crs import Floats, geodesic_steps

SAME_DECIMALS = 7  # degrees: a centimetre


class Joint(NamedTuple):
    """What does not fit: kind, its parts (rows), and the length of the jump between them, metres."""

    kind: str
    parts: list[int]
    jump_m: float = np.nan


def misfits(parts: gpd.GeoDataFrame, *, noise_m: float) -> Iterator[Joint]:
    """Find parts that do not fit together.

    Parameters
    ----------
    parts : geopandas.GeoDataFrame
        From :func:`geo.border.chainage.parts_in_order`.
    noise_m : float
        Ends no further apart than this meet, metres.

    Yields
    ------
    Joint
        Border by border: ``part_gap`` for each two that follow each other and do not meet; ``part_turned`` for
        each that is drawn against its neighbours, where a sequence was given (turning it round would make the
        jumps shorter by more than noise); ``part_duplicate`` for each that has the vertices of one before it, to a
        centimetre, in either direction.
    """
    shapes = parts.geometry.to_numpy()
    drawn = ~(shapely.is_missing(shapes) | shapely.is_empty(shapes))
    for at in parts[drawn].groupby("border_id").indices.values():
        rows = np.flatnonzero(drawn)[at]
        ends = ends_of(shapes[rows])
        jump = geodesic_steps(ends[:-1, 1], ends[1:, 0])
        for one in np.flatnonzero(jump > noise_m):
            yield Joint("part_gap", rows[one : one + 2].tolist(), float(jump[one]))
        if parts["ordered_by"].iat[rows[0]] == "sequence":
            for one in np.flatnonzero(against(ends, noise_m)):
                yield Joint("part_turned", [int(rows[one])])
        first: dict[bytes, int] = {}
        for row in rows.tolist():
            before = first.setdefault(_either_way(shapes[row]), row)
            if before != row:
                yield Joint("part_duplicate", [before, row])


def against(ends: Floats, noise_m: float) -> Flags:
    """Tell which lines of a row should be turned round for the jumps between them to be shortest.

    Parameters
    ----------
    ends : numpy.ndarray
        First and last vertex of each line, in their order, degrees, shape (n, 2, 2), n ≥ 1.
    noise_m : float
        Turning a line round must make the jumps shorter by more than this, metres.

    Returns
    -------
    numpy.ndarray
        Shape (n,). The choice with the least sum of jumps (dynamic programming over both ways of each line);
        of equals the one that turns the last line less.
    """
    cost = np.array([0.0, noise_m])  # of the best choice so far that leaves the line as drawn, or turns it
    back = []
    for here, there in pairwise(ends):
        leaving, entering = np.repeat(here[::-1], 2, axis=0), np.tile(there, (2, 1))
        total = cost[:, None] + geodesic_steps(leaving, entering).reshape(2, 2) + [0.0, noise_m]
        back.append(np.argmin(total, axis=0))
        cost = total.min(axis=0)
    turned = [int(np.argmin(cost))]
    for choice in reversed(back):
        turned.append(int(choice[turned[-1]]))
    return np.array(turned[::-1], dtype=bool)


def _either_way(shape: shapely.Geometry) -> bytes:
    lonlat = np.round(shapely.get_coordinates(shape), SAME_DECIMALS) + 0.0  # no -0.0
    there, back = lonlat.tobytes(), lonlat[::-1].tobytes()
    return bytes(min(there, back))
