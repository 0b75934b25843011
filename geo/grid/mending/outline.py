"""Polygons as sums of directed edges: ground is added and taken away by adding and taking away its outline."""

from __future__ import annotations

from typing import Any, NamedTuple

import numpy as np
import shapely

from geo.place.edges import edges_of, undirected
from geo.place.rings import Floats, Ids, Mask


class Outline(NamedTuple):
    """Directed edges, the ground of their owner on the left.

    Parameters
    ----------
    owner : numpy.ndarray
        Whose edge, shape (n,).
    start, end : numpy.ndarray
        Vertices, shape (n,).
    """

    owner: Ids
    start: Ids
    end: Ids

    def of(self, owners: Any) -> Outline:
        """Pick what belongs to some owners.

        Parameters
        ----------
        owners : numpy.ndarray
            Numbers of owners.

        Returns
        -------
        Outline
            Their edges.
        """
        rows = np.isin(self.owner, owners)
        return Outline(*(column[rows] for column in self))

    def turned(self) -> Outline:
        """Walk the other way round: ground to be taken away.

        Returns
        -------
        Outline
            Every edge from its end to its start.
        """
        return Outline(self.owner, self.end, self.start)

    def given_to(self, faces: Ids, owners: Ids) -> Outline:
        """Give faces to owners, perhaps one face to several.

        Parameters
        ----------
        faces, owners : numpy.ndarray
            A face and who gets it, shape (m,); owners of the edges are faces.

        Returns
        -------
        Outline
            The faces' edges, owned by the new owners.
        """
        order = np.argsort(self.owner, kind="stable")
        first = np.searchsorted(self.owner[order], faces, "left")
        count = np.searchsorted(self.owner[order], faces, "right") - first
        rows = order[np.arange(count.sum()) - np.repeat(np.cumsum(count) - count - first, count)]
        return Outline(np.repeat(owners, count), self.start[rows], self.end[rows])


def summed(*outlines: Outline) -> Outline:
    """Add up outlines: an edge that an owner walks both ways is gone.

    Parameters
    ----------
    *outlines : Outline
        Over the same vertices.

    Returns
    -------
    Outline
        Each edge of an owner once, by owner, then by its vertices.
    """
    owner, start, end = (np.concatenate(columns) for columns in zip(*outlines, strict=True))
    low, high, pair = undirected(start, end, int(max(start.max(initial=0), end.max(initial=0))) + 1)
    pairs = max(len(low), 1)
    key, number = np.unique(owner * np.int64(pairs) + pair, return_inverse=True)
    net = np.bincount(number, weights=np.where(start < end, 1, -1), minlength=len(key))
    owner, pair, onward = key // pairs, key % pairs, net > 0
    left = (net != 0) & (low[pair] != high[pair])
    a, b = np.where(onward, low[pair], high[pair]), np.where(onward, high[pair], low[pair])
    return Outline(owner[left], a[left], b[left])


def drawn(xy: Floats, outline: Outline, owners: int) -> Any:
    """Draw the polygons that edges go round.

    Parameters
    ----------
    xy : numpy.ndarray
        Vertices, shape (m, 2).
    outline : Outline
        As :func:`summed` gives it; edges cross nowhere.
    owners : int
        How many owners there are, numbered from 0.

    Returns
    -------
    numpy.ndarray
        Polygon, or MultiPolygon of several parts, of each owner, with all its vertices; missing for one without
        edges. Shape (owners,).
    """
    made = np.full(owners, None, dtype=object)
    if not len(outline.owner):
        return made
    there, of_line = np.unique(outline.owner, return_inverse=True)
    lines = shapely.linestrings(np.stack([xy[outline.start], xy[outline.end]], axis=1))
    nets = shapely.polygonize(shapely.multilinestrings(lines, indices=of_line)[:, None])
    faces, of_face = shapely.get_parts(nets, return_index=True)
    ground = _has(outline, there[of_face], *_first_edges(faces, xy))
    faces, of_face = faces[ground], of_face[ground]
    count = np.bincount(of_face, minlength=len(there))
    single = count[of_face] == 1
    made[there[of_face[single]]] = faces[single]
    if not single.all():
        several, of_part = np.unique(of_face[~single], return_inverse=True)
        made[there[several]] = shapely.multipolygons(faces[~single], indices=of_part)
    return made


def _first_edges(faces: Any, xy: Floats) -> tuple[Ids, Ids]:
    """Take one edge of each face, its ground on the left."""
    shells = shapely.get_exterior_ring(shapely.orient_polygons(faces))
    start, end = (numbered(shapely.get_coordinates(shapely.get_point(shells, n)), xy) for n in (0, 1))
    return start, end


def _has(outline: Outline, owner: Ids, start: Ids, end: Ids) -> Mask:
    """Tell which edges are among those of an outline, walked this way by this owner."""
    a, b = np.concatenate([outline.start, start]), np.concatenate([outline.end, end])
    low, _, pair = undirected(a, b, int(max(a.max(initial=0), b.max(initial=0))) + 1)
    key = 2 * (np.concatenate([outline.owner, owner]) * np.int64(len(low)) + pair) + (a < b)
    known = len(outline.owner)
    return np.asarray(np.isin(key[known:], key[:known]))


def outline_of(faces: Any, xy: Floats) -> Outline:
    """Take faces apart into the edges that they were made of.

    Parameters
    ----------
    faces : array of Polygon
        Over vertices of ``xy``, shape (n,).
    xy : numpy.ndarray
        Vertices, each place once.

    Returns
    -------
    Outline
        Owned by faces.
    """
    edges = edges_of(faces)
    vertex = numbered(edges.xy, xy)
    return Outline(edges.owner, vertex[edges.start], vertex[edges.end])


def numbered(coords: Floats, xy: Floats) -> Ids:
    """Find the vertex at each place.

    Parameters
    ----------
    coords : numpy.ndarray
        Places that are vertices, shape (n, 2).
    xy : numpy.ndarray
        Vertices, each place once, shape (m, 2).

    Returns
    -------
    numpy.ndarray
        Shape (n,).
    """
    known, wanted = (np.ascontiguousarray(one + 0.0).view(np.complex128).ravel() for one in (xy, coords))
    order = np.argsort(known, kind="stable")
    return order[np.searchsorted(known, wanted, sorter=order)].astype(np.int64)
