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
from geo.walk.segments import place_on

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
    every = _cut(network, touched[~network.island[touched]], stub_m)
    middle = shapely.points(np.column_stack(place_on(network.course, every.edge, every.along)))
    area, stub = shapely.STRtree(middle).query(areas, predicate="intersects")
    order = np.lexsort((stub, area))
    area, stub = area[order], stub[order]
    return Stubs(area, every.edge[stub], every.along[stub], every.length_m[stub])


def stubs_everywhere(network: WalkNetwork, *, stub_m: float = units.STUB_M) -> Stubs:
    """Cut all streets into short pieces, but for islands.

    Parameters
    ----------
    network : WalkNetwork
        The streets.
    stub_m : float
        Longest piece, metres.

    Returns
    -------
    Stubs
        As :func:`stubs_in` one area around everything.
    """
    return _cut(network, np.flatnonzero(~network.island), stub_m)


def _cut(network: WalkNetwork, edges: NDArray[np.int64], stub_m: float) -> Stubs:
    """Equal pieces of edges, all in area 0."""
    pieces = np.maximum(1, np.ceil(network.length_m[edges] / stub_m)).astype(np.int64)
    edge, whole = np.repeat(edges, pieces), np.repeat(pieces, pieces)
    number = np.arange(len(edge)) - np.repeat(np.cumsum(pieces) - pieces, pieces)
    area = np.zeros(len(edge), dtype=np.int64)
    return Stubs(area, edge.astype(np.int32), (number + 0.5) / whole, network.length_m[edge] / whole)


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
