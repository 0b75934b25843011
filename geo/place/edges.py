"""Edges of polygons as integer pairs, and what puts a vertex wherever a neighbour has one."""

from __future__ import annotations

from dataclasses import dataclass
from typing import Any

import numpy as np
import shapely
from numba import njit
from scipy.spatial import cKDTree

from geo.place.rings import JIT, Floats, Ids, rings_of


@dataclass(frozen=True, slots=True)
class Edges:
    """Directed edges of polygons; the ground of the owner lies on the left.

    Parameters
    ----------
    xy : numpy.ndarray
        Vertices, each place once, in ascending order of x, then y, shape (m, 2).
    start, end : numpy.ndarray
        Vertex of each edge's ends, shape (n,), along each ring in its order.
    ring, owner : numpy.ndarray
        Ring, and polygon as its position in the array given, of each edge, shape (n,).
    """

    xy: Floats
    start: Ids
    end: Ids
    ring: Ids
    owner: Ids


def edges_of(polygons: Any) -> Edges:
    """Take polygons apart into directed edges.

    Parameters
    ----------
    polygons : array of Polygon or MultiPolygon
        Shape (n,); missing and empty ones, and other geometry, have no edges.

    Returns
    -------
    Edges
        Outer rings run anticlockwise and holes clockwise, whatever way they were drawn.
    """
    rings = rings_of(polygons)
    xy, vertex = distinct(rings.xy)
    at = rings.edges()
    ring = np.repeat(np.arange(len(rings.owner)), np.diff(rings.first) - 1)
    return Edges(xy, vertex[at], vertex[at + 1], ring, rings.owner[ring])


def distinct(coords: Floats) -> tuple[Floats, Ids]:
    """Give each place one number.

    Parameters
    ----------
    coords : numpy.ndarray
        Shape (n, 2).

    Returns
    -------
    tuple of numpy.ndarray
        The places in ascending order of x, then y, shape (m, 2), and the place of each row, shape (n,).
    """
    flat = np.ascontiguousarray(coords + 0.0, dtype=float).view(np.complex128).ravel()
    places, number = np.unique(flat, return_inverse=True)
    return places.view(np.float64).reshape(-1, 2), number.astype(np.int64)


def undirected(start: Ids, end: Ids, vertices: int) -> tuple[Ids, Ids, Ids]:
    """Give each pair of ends one number, whichever way it is run.

    Parameters
    ----------
    start, end : numpy.ndarray
        Vertices of the ends, shape (n,).
    vertices : int
        How many vertices there are.

    Returns
    -------
    tuple of numpy.ndarray
        Lower and higher end of each pair, shape (p,), and the pair of each row, shape (n,).
    """
    low, high = np.minimum(start, end), np.maximum(start, end)
    pairs, number = np.unique(low * np.int64(vertices) + high, return_inverse=True)
    return pairs // max(vertices, 1), pairs % max(vertices, 1), number.astype(np.int64)


def one_vertex_a_place(xy: Floats, tolerance: float) -> Ids:
    """Let vertices that lie within a tolerance of each other coincide.

    The first in the order of ``xy`` stays where it is and takes the others; none moves further than the
    tolerance, however dense a line is drawn.

    Parameters
    ----------
    xy : numpy.ndarray
        Vertices in ascending order of x, then y, shape (n, 2).
    tolerance : float
        In the units of ``xy``.

    Returns
    -------
    numpy.ndarray
        The vertex that each becomes, shape (n,).
    """
    becomes = np.arange(len(xy), dtype=np.int64)
    if len(xy) < 2:
        return becomes
    pairs = cKDTree(xy).query_pairs(tolerance, output_type="ndarray")
    _join(becomes, pairs[np.lexsort((pairs[:, 1], pairs[:, 0]))])
    return becomes


@njit(**JIT)
def _join(becomes: Any, pairs: Any) -> None:
    for n in range(len(pairs)):
        stays, goes = pairs[n, 0], pairs[n, 1]
        if becomes[stays] == stays and becomes[goes] == goes:
            becomes[goes] = stays


def vertices_on_edges(xy: Floats, start: Ids, end: Ids, tolerance: float) -> tuple[Ids, Ids]:
    """Find the vertices that lie on the inside of an edge.

    Parameters
    ----------
    xy : numpy.ndarray
        Vertices, shape (m, 2).
    start, end : numpy.ndarray
        Ends of each edge, shape (n,); only vertices that end some edge are looked for.
    tolerance : float
        How far off the edge a vertex may lie, in the units of ``xy``.

    Returns
    -------
    tuple of numpy.ndarray
        Edge and vertex of each find, by edge, then from start to end.
    """
    vertices = np.unique(np.concatenate([start, end]))
    tree = shapely.STRtree(shapely.points(xy[vertices]))
    a, b = xy[start], xy[end]
    low, high = np.minimum(a, b) - tolerance, np.maximum(a, b) + tolerance
    edge, found = tree.query(shapely.box(low[:, 0], low[:, 1], high[:, 0], high[:, 1]))
    vertex = vertices[found]
    inner = (vertex != start[edge]) & (vertex != end[edge])
    edge, vertex = edge[inner], vertex[inner]
    along, off = (b - a)[edge], xy[vertex] - a[edge]
    length = np.hypot(along[:, 0], along[:, 1])
    place = (along * off).sum(axis=1) / length**2
    distance = np.abs(along[:, 0] * off[:, 1] - along[:, 1] * off[:, 0]) / length
    on = (place > 0) & (place < 1) & (distance <= tolerance)
    edge, vertex, place = edge[on], vertex[on], place[on]
    order = np.lexsort((vertex, place, edge))
    return edge[order].astype(np.int64), vertex[order]


def node_edges(xy: Floats, start: Ids, end: Ids, *, tolerance: float) -> tuple[Ids, Ids, Ids]:
    """Cut edges at every vertex that lies on them, and let near vertices coincide.

    Edges that cross without a vertex are left crossing.

    Parameters
    ----------
    xy : numpy.ndarray
        Vertices in ascending order of x, then y, shape (m, 2).
    start, end : numpy.ndarray
        Ends of each edge, shape (n,).
    tolerance : float
        In the units of ``xy``.

    Returns
    -------
    tuple of numpy.ndarray
        Start and end of the pieces, and the edge that each is a piece of: edges in their order, pieces from
        start to end. Edges whose ends coincide are gone.
    """
    becomes = one_vertex_a_place(xy, tolerance)
    a, b = becomes[start], becomes[end]
    source = np.flatnonzero(a != b)
    a, b = a[source], b[source]
    low, high, pair = undirected(a, b, len(xy))
    edge, vertex = vertices_on_edges(xy, low, high, tolerance)
    inserted = np.bincount(edge, minlength=len(low))
    first = np.cumsum(inserted) - inserted
    count = inserted[pair]
    row = np.repeat(np.arange(len(a)), count + 1)
    step = np.arange(len(row)) - np.repeat(np.cumsum(count + 1) - (count + 1), count + 1)
    forward = (a < b)[row]
    padded = np.append(vertex, 0)

    def passed(nth: Ids) -> Ids:
        place = np.where(forward, nth, count[row] - 1 - nth)
        return np.asarray(padded[np.clip(first[pair[row]] + place, 0, len(vertex))], dtype=np.int64)

    begins = np.where(step == 0, a[row], passed(step - 1))
    ends = np.where(step == count[row], b[row], passed(step))
    return begins, ends, source[row]
