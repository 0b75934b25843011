"""Which township does a community belong to? As many as it really has, near its seat, and all in one piece."""

from __future__ import annotations

from collections.abc import Mapping

import numpy as np
import shapely
from scipy.optimize import linear_sum_assignment
from scipy.sparse import coo_array
from scipy.sparse.csgraph import connected_components
from shapely.geometry.base import BaseGeometry

from bending import Array

# saihan: map position about which a township's communities gather
SEATS = {
    "150105001": (558_700, 4_519_300),
    "150105002": (560_300, 4_521_600),
    "150105003": (563_000, 4_523_300),
    "150105004": (562_300, 4_520_500),
    "150105005": (566_300, 4_525_500),
    "150105006": (561_500, 4_515_000),
    "150105007": (573_500, 4_526_500),
    "150105008": (568_500, 4_519_500),
    "150105101": (591_000, 4_527_500),
    "150105103": (585_500, 4_511_500),
    "150105104": (567_000, 4_505_500),
}
TRIES = 400
LEAST_SHARED_M = 60.0  # communities that share less than this are not neighbours


def gather(
    areas: list[BaseGeometry],
    given: list[str],
    rooms: list[dict[str, int]],
    about: Mapping[str, tuple[float, float]],
    seed: int,
) -> list[str]:
    """Give each community a township.

    Least total squared distance to the seats, with the number of communities each township has; the seats are
    moved about until every township is in one piece.

    Parameters
    ----------
    areas : list of geometry
        Communities in map metres: those of each room in turn, then those whose township is given.
    given : list of str
        Townships of the last communities.
    rooms : list of dict of str to int
        Communities each township takes, for one kind of community after the other.
    about : mapping of str to (x, y)
        Map position about which a township's communities gather, by code.
    seed : int
        Seed of the moves.

    Returns
    -------
    list of str
        Township code of each community.
    """
    rng = np.random.default_rng(seed)
    middles = shapely.get_coordinates(shapely.centroid(np.array(areas, dtype=object)))
    edges = _neighbours(areas)
    for attempt in range(TRIES):
        seats = {code: np.array(at) + rng.normal(0.0, 6.0 * attempt, 2) for code, at in about.items()}
        township: list[str] = []
        for room in rooms:
            share = middles[len(township) : len(township) + sum(room.values())]
            township += _nearest(share, room, seats)
        township += given
        if _in_one_piece(np.array(township), edges):
            return township
    raise ValueError("no township arrangement in one piece was found")


def _nearest(middles: Array, room: dict[str, int], seats: dict[str, Array]) -> list[str]:
    slots = [code for code, count in room.items() for _ in range(count)]
    goal = np.array([seats[code] for code in slots])
    cost = ((middles[:, None, :] - goal[None, :, :]) ** 2).sum(axis=2)
    return [slots[k] for k in linear_sum_assignment(cost)[1]]


def _neighbours(areas: list[BaseGeometry]) -> np.ndarray:
    """Pairs of communities with a shared edge, shape (n, 2)."""
    grown = shapely.buffer(np.array(areas, dtype=object), 1.0)
    left, right = shapely.STRtree(grown).query(grown, predicate="intersects")
    left, right = left[left < right], right[left < right]
    overlap = shapely.area(shapely.intersection(grown[left], grown[right]))  # a strip 2 m wide
    return np.column_stack([left, right])[overlap > 2.0 * LEAST_SHARED_M]


def _in_one_piece(township: np.ndarray, edges: np.ndarray) -> bool:
    inner = edges[township[edges[:, 0]] == township[edges[:, 1]]]
    links = coo_array((np.ones(len(inner)), (inner[:, 0], inner[:, 1])), shape=(len(township),) * 2)
    return connected_components(links, directed=False)[0] == len(set(township))
