"""People of an area live along the streets inside it: one address every few metres, each with its share."""

from __future__ import annotations

from typing import Any, NamedTuple

import numpy as np
import shapely
from numpy.typing import NDArray

from geo import units
from geo.crs import Floats
from geo.walk.graph import Ints
from geo.walk.network import WalkNetwork

HALF_UP = 1e-7  # of a person: running sums of floats end this little below a half that they mean


class Stubs(NamedTuple):
    """Short pieces of street, each standing at its middle, by area, edge and place on it."""

    area: NDArray[np.int64]
    edge: Ints
    along: Floats
    length_m: Floats


def stubs_in(network: WalkNetwork, areas: NDArray[Any], *, stub_m: float = units.STUB_M) -> Stubs:
    """Cut the streets inside areas into short pieces.

    Every edge is cut into equal pieces of at most ``stub_m``; a piece belongs to the areas that hold its middle
    (an area's rim counts), so what an area gets errs by at most half a piece at each place where a street leaves
    it.

    Nobody lives on islands (:attr:`WalkNetwork.island`).

    Parameters
    ----------
    network : WalkNetwork
        The streets.
    areas : numpy.ndarray of Polygon or MultiPolygon
        Metres in the network's frame, shape (n,); missing ones hold nothing.
    stub_m : float
        Longest piece, metres.

    Returns
    -------
    Stubs
        A piece in overlapping areas appears once in each.
    """
    if not len(network.u) or not len(areas):
        none = np.zeros(0, dtype=np.int64)
        return Stubs(none, none.astype(np.int32), none.astype(float), none.astype(float))
    touched = np.unique(shapely.STRtree(network.line).query(areas, predicate="intersects")[1])
    touched = touched[~network.island[touched]]
    pieces = np.maximum(1, np.ceil(network.length_m[touched] / stub_m)).astype(np.int64)
    edge = np.repeat(touched, pieces)
    number = np.arange(len(edge)) - np.repeat(np.cumsum(pieces) - pieces, pieces)
    along = (number + 0.5) / np.repeat(pieces, pieces)
    middle = shapely.points(np.column_stack(place_on(network, edge, along)))
    area, stub = shapely.STRtree(middle).query(areas, predicate="intersects")
    order = np.lexsort((stub, area))
    area, stub = area[order], stub[order]
    length = network.length_m[edge] / np.repeat(pieces, pieces)
    return Stubs(area, edge[stub].astype(np.int32), along[stub], length[stub])


def place_on(network: WalkNetwork, edge: NDArray[Any], along: Floats) -> tuple[Floats, Floats]:
    """Find places along edges.

    Parameters
    ----------
    network : WalkNetwork
        The streets.
    edge : numpy.ndarray of int
        Which edge, shape (n,).
    along : numpy.ndarray
        Where on it, as a fraction of its length from u, shape (n,).

    Returns
    -------
    tuple of numpy.ndarray
        x and y, metres in the network's frame, shape (n,).
    """
    start, x, y = network.course
    step = np.hypot(np.diff(x), np.diff(y))
    step[start[1:-1] - 1] = 0.0  # from the end of one edge to the beginning of the next
    run = np.concatenate([[0.0], np.cumsum(step)])
    first, last = start[edge], start[edge + 1] - 1
    metres = run[first] + along * (run[last] - run[first])
    at = np.clip(np.searchsorted(run, metres, side="right") - 1, first, last - 1)
    part = np.clip((metres - run[at]) / np.where(step[at] > 0, step[at], 1.0), 0.0, 1.0)
    return x[at] + part * (x[at + 1] - x[at]), y[at] + part * (y[at + 1] - y[at])


def apportion(total: Floats, area: NDArray[np.int64], weight: Floats) -> Floats:
    """Divide the people of areas among their addresses in whole people.

    Running sums are rounded, halves upwards, so that people are spread evenly along the order of the addresses
    instead of crowding where remainders are largest; what is not a whole person stays with the first address.

    Parameters
    ----------
    total : numpy.ndarray
        People of each area, ≥ 0; missing where nobody knows. Shape (areas,).
    area : numpy.ndarray
        Area of each address as a position in ``total``, ascending, shape (n,).
    weight : numpy.ndarray
        Shares of the addresses in any unit, shape (n,); each area's sum is > 0.

    Returns
    -------
    numpy.ndarray
        Shape (n,); each area's sum is its total, and missing where that is.

    Examples
    --------
    >>> apportion(np.array([3.0, 1.5]), np.array([0, 0, 0, 0, 1]), np.ones(5)).tolist()
    [1.0, 1.0, 0.0, 1.0, 1.5]
    """
    if not len(area):
        return np.zeros(0)
    first = np.flatnonzero(np.diff(area, prepend=-1))
    last = np.append(first[1:], len(area)) - 1
    part = weight / np.bincount(area, weights=weight)[area]
    run = np.cumsum(part)
    run -= np.repeat(run[first] - part[first], last - first + 1)
    whole = np.floor(total)
    edges = np.floor(run * whole[area] + 0.5 + HALF_UP)
    edges[last] = whole[area[last]]
    parts: Floats = np.diff(edges, prepend=0.0)
    parts[first] = edges[first] + (total - whole)[area[first]]
    return parts
