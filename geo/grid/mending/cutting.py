"""Outlines cut at each other where ground is held wrongly, so that every piece of it is a face of its own."""

from __future__ import annotations

from typing import Any, NamedTuple

import numpy as np
import shapely
from scipy.spatial import cKDTree

from geo.grid.mending.outline import Outline, drawn, outline_of, summed
from geo.place.edges import Edges, distinct, edges_of, one_vertex_a_place, undirected, vertices_on_edges
from geo.place.noding import LONLAT_TOLERANCE
from geo.place.rings import Floats, Ids, Mask

ZONE_DEGREES = 1e-6  # a piece, drawn in metres, lies off its edges in lon/lat by 2 cm where they are long
SAME_DEGREES = 1e-12  # what rounding may put between two ways to calculate one place
ROUNDS = 12  # cutting brings up new places to cut at; two rounds are the rule


class Cut(NamedTuple):
    """Polygons cut at each other.

    Parameters
    ----------
    xy : numpy.ndarray
        Vertices, each place once, shape (m, 2).
    outline : Outline
        Edges of the polygons, owned by their position.
    polygons : numpy.ndarray
        The polygons with the vertices that they got, shape (n,).
    altered : numpy.ndarray
        True where a polygon got a vertex or one was moved, shape (n,).
    faces : numpy.ndarray
        Polygons into which the ground near the zone is cut, shape (f,).
    rims : Outline
        Edges of the faces, owned by their position.
    """

    xy: Floats
    outline: Outline
    polygons: Any
    altered: Mask
    faces: Any
    rims: Outline


def cut(polygons: Any, zone: Any) -> Cut:
    """Cut polygons at each other near some places; elsewhere they stay as they are.

    Parameters
    ----------
    polygons : array of Polygon or MultiPolygon
        EPSG:4326 and valid, shape (n,); missing ones have no edges.
    zone : array of Polygon
        The places.

    Returns
    -------
    Cut
        In the zone two vertices within 1 mm are one, and a vertex within 1 mm of an edge is in it. Where two edges
        that touch the zone cross there is a vertex. (Whoever has such an edge touches the zone himself.)
    """
    edges = edges_of(polygons)
    low, high, pair = undirected(edges.start, edges.end, len(edges.xy))
    rows = _close(_segments(edges.xy, low, high), zone)
    ends = np.unique(np.concatenate([low[rows], high[rows]]))
    about = ends[_close(shapely.points(edges.xy[ends]), zone)]
    becomes = np.arange(len(edges.xy))
    becomes[about] = about[one_vertex_a_place(edges.xy[about], LONLAT_TOLERANCE)]
    local = np.zeros(len(edges.xy), dtype=bool)
    local[about] = True
    xy, a, b, source = _noded(edges.xy, local, becomes[low[rows]], becomes[high[rows]], zone)
    walked = _walked(edges, becomes, low, pair, a, b, rows[source])
    altered = np.zeros(len(polygons), dtype=bool)
    broken = np.bincount(rows[source], minlength=len(low)) > 1
    moved = becomes != np.arange(len(becomes))
    altered[edges.owner[broken[pair] | moved[edges.start] | moved[edges.end]]] = True
    outline = summed(walked)
    lines = _segments(xy, *undirected(a, b, len(xy))[:2])
    faces = shapely.get_parts(shapely.polygonize(lines))
    made = polygons.copy()
    made[altered] = drawn(xy, outline.of(np.flatnonzero(altered)), len(polygons))[altered]
    return Cut(xy, outline, made, altered, faces, outline_of(faces, xy))


def _close(things: Any, zone: Any) -> Ids:
    found = shapely.STRtree(things).query(zone, predicate="dwithin", distance=ZONE_DEGREES)[1]
    return np.unique(found).astype(np.int64)


def _segments(xy: Floats, a: Ids, b: Ids) -> Any:
    return shapely.linestrings(np.stack([xy[a], xy[b]], axis=1))


def _walked(edges: Edges, becomes: Ids, low: Ids, pair: Ids, a: Ids, b: Ids, of: Ids) -> Outline:
    """Walk along the pieces of every edge; ``of`` names, ascending, the pair that each piece a → b is cut from."""
    first, stop = np.searchsorted(of, pair, "left"), np.searchsorted(of, pair, "right")
    whole = np.flatnonzero(first == stop)  # those far off, and those that shrank to nothing
    count = stop - first
    piece = np.arange(count.sum()) - np.repeat(np.cumsum(count) - count - first, count)
    row = np.repeat(np.arange(len(pair)), count)
    onward = (edges.start == low[pair])[row]
    start, end = np.where(onward, a[piece], b[piece]), np.where(onward, b[piece], a[piece])
    return Outline(
        np.concatenate([edges.owner[row], edges.owner[whole]]),
        np.concatenate([start, becomes[edges.start[whole]]]),
        np.concatenate([end, becomes[edges.end[whole]]]),
    )


def _noded(xy: Floats, local: Mask, a: Ids, b: Ids, zone: Any) -> tuple[Floats, Ids, Ids, Ids]:
    """Cut edges at the local vertices that lie on them and where they cross, until there is nothing to cut.

    Only within the zone are all edges at hand: elsewhere one that is bent a little might cross another unseen.
    """
    source = np.flatnonzero(a != b)
    a, b = a[source], b[source]
    for _ in range(ROUNDS):
        edge, vertex = vertices_on_edges(xy, a, b, LONLAT_TOLERANCE)
        edge, vertex = edge[local[vertex]], vertex[local[vertex]]
        a, b, of = _split(xy, a, b, edge, vertex)
        source = source[of]
        more, crossed, at, near = _crossings(xy, np.flatnonzero(local), a, b, zone)
        xy, local = np.concatenate([xy, more]), np.concatenate([local, near])
        a, b, of = _split(xy, a, b, crossed, at)
        source = source[of]
        if not len(edge) and not len(crossed):
            break
    return xy, a, b, source


def _split(xy: Floats, a: Ids, b: Ids, edge: Ids, vertex: Ids) -> tuple[Ids, Ids, Ids]:
    """Cut edges at vertices: start and end of the pieces, and their edge, from start to end."""
    rows = np.arange(len(a))
    along = xy[b[edge]] - xy[a[edge]]
    place = (along * (xy[vertex] - xy[a[edge]])).sum(axis=1) / (along**2).sum(axis=1)
    of = np.concatenate([rows, edge, rows])
    passed = np.concatenate([a, vertex, b])
    far = np.full(len(a), np.inf)
    order = np.lexsort((np.concatenate([-far, place, far]), of))
    of, passed = of[order], passed[order]
    real = (of[1:] == of[:-1]) & (passed[1:] != passed[:-1])
    return passed[:-1][real], passed[1:][real], of[1:][real]


def _crossings(xy: Floats, local: Ids, a: Ids, b: Ids, zone: Any) -> tuple[Floats, Ids, Ids, Mask]:
    """Find where edges cross: new vertices, edges to be cut and each one's vertex, which of the new are local."""
    i, j, at = _crossing(xy, a, b)
    place, number = distinct(at)
    near = np.zeros(len(place), dtype=bool)
    near[_close(shapely.points(place), zone)] = True
    vertex = np.full(len(place), -1, dtype=np.int64)
    becomes = np.arange(len(place))
    for rows, known, tolerance in (
        (np.flatnonzero(near), local, LONLAT_TOLERANCE),
        (np.flatnonzero(~near), np.arange(len(xy)), SAME_DEGREES),
    ):
        becomes[rows] = rows[one_vertex_a_place(place[rows], tolerance)]
        if len(rows) and len(known):
            distance, nearest = cKDTree(xy[known]).query(place[rows], distance_upper_bound=tolerance)
            there = np.isfinite(distance)
            vertex[rows[there]] = known[nearest[there]]
    new = np.flatnonzero((becomes == np.arange(len(place))) & (vertex < 0))
    vertex[new] = len(xy) + np.arange(len(new))
    cutter, edge = np.tile(vertex[becomes][number], 2), np.concatenate([i, j])
    inner = (a[edge] != cutter) & (b[edge] != cutter)
    return place[new], edge[inner], cutter[inner], near[new]


def _crossing(xy: Floats, a: Ids, b: Ids) -> tuple[Ids, Ids, Floats]:
    """Pair up the edges that cross, and say where."""
    lines = _segments(xy, a, b)
    i, j = shapely.STRtree(lines).query(lines)
    apart = (i < j) & (a[i] != a[j]) & (a[i] != b[j]) & (b[i] != a[j]) & (b[i] != b[j])
    i, j = i[apart], j[apart]
    along, other, between = xy[b[i]] - xy[a[i]], xy[b[j]] - xy[a[j]], xy[a[j]] - xy[a[i]]
    turn = _cross(along, other)
    with np.errstate(divide="ignore", invalid="ignore"):
        t, u = _cross(between, other) / turn, _cross(between, along) / turn
    cross = (t > 0) & (t < 1) & (u > 0) & (u < 1)
    return i[cross], j[cross], xy[a[i[cross]]] + t[cross, None] * along[cross]


def _cross(a: Floats, b: Floats) -> Floats:
    return np.asarray(a[:, 0] * b[:, 1] - a[:, 1] * b[:, 0], dtype=float)
