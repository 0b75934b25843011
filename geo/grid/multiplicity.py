"""How many children hold each place? Finds the pieces of a parent that are not held exactly once.

Walk along all edges of a parent's children with the ground on the left, then along the parent's own edge the other
way round: where children tile their parent, every edge has been walked as often one way as the other. What is left
over is the boundary of the places where the number of children differs from one inside the parent, or from none
outside (the boundary of a sum of areas is the sum of their boundaries). Only that remainder needs geometry, so a
clean partition costs a sort, and a faulty one as much as it has faults.
"""

from __future__ import annotations

from dataclasses import dataclass
from typing import Any

import numpy as np
import pandas as pd
import shapely

from geo.crs import Frame
from geo.place.edges import Edges, Floats, Ids, distinct, edges_of, node_edges
from geo.place.index import holders
from geo.place.noding import LONLAT_TOLERANCE

RESOLUTION_M = 0.001  # vertices are snapped to this; a strip on average no wider than two of it says nothing
SNAPPED_DEGREES = 3e-8  # between a piece once snapped and the edge that it came from
STEP_DEGREES = 0.01  # longer edges are cut before projecting, so that they bend by less than 2 cm


@dataclass(frozen=True, slots=True)
class Chain:
    """Edges with how often they are walked from start to end, per parent.

    Parameters
    ----------
    parent : numpy.ndarray
        Parent that each edge is counted for, shape (n,).
    start, end : numpy.ndarray
        Vertices, shape (n,).
    weight : numpy.ndarray
        Walks of children minus walks of the parent, shape (n,).
    kept : numpy.ndarray
        True = a line to cut the ground along even where its weight is 0, shape (n,).
    """

    parent: Ids
    start: Ids
    end: Ids
    weight: Ids
    kept: Ids

    def at(self, rows: Any) -> Chain:
        """Pick edges.

        Parameters
        ----------
        rows : numpy.ndarray
            Positions or a mask.

        Returns
        -------
        Chain
            Those edges.
        """
        return Chain(*(column[rows] for column in self._columns()))

    def summed(self, vertices: int) -> Chain:
        """Add up the walks along each edge, both ways.

        Parameters
        ----------
        vertices : int
            How many vertices there are.

        Returns
        -------
        Chain
            One row an edge and parent, from its lower to its higher vertex; edges without length, and those
            that neither have a weight nor are kept, are gone.
        """
        low, high = np.minimum(self.start, self.end), np.maximum(self.start, self.end)
        size = np.int64(max(vertices, 1))
        key, number = np.unique((self.parent * size + low) * size + high, return_inverse=True)
        signed = np.where(self.start == low, self.weight, -self.weight)
        weight = np.bincount(number, weights=signed, minlength=len(key)).astype(np.int64)
        kept = np.bincount(number, weights=self.kept, minlength=len(key)) > 0
        low, high = key // size % size, key % size
        made = Chain(key // size**2, low, high, weight, kept.astype(np.int64))
        return made.at((low != high) & ((weight != 0) | kept))

    def followed_by(self, other: Chain) -> Chain:
        """Put two chains one after the other.

        Parameters
        ----------
        other : Chain
            Over the same vertices.

        Returns
        -------
        Chain
            All edges.
        """
        pairs = zip(self._columns(), other._columns(), strict=True)
        return Chain(*(np.concatenate(pair) for pair in pairs))

    def _columns(self) -> tuple[Ids, ...]:
        return (self.parent, self.start, self.end, self.weight, self.kept)


def pieces(children: Any, parent_of: Ids, parents: Any, excluded: Any, frame: Frame) -> pd.DataFrame:
    """Find every connected piece that children miss, hold more than once, or hold outside their parent.

    Parameters
    ----------
    children : array of Polygon or MultiPolygon
        EPSG:4326 and valid, shape (n,); missing ones hold nothing.
    parent_of : numpy.ndarray
        Position of each child's parent, shape (n,); -1 = none.
    parents : array of Polygon or MultiPolygon
        EPSG:4326 and valid, shape (p,); a missing one is not looked at, nor are its children.
    excluded : array of Polygon or MultiPolygon
        EPSG:4326 and valid: ground that nobody needs to hold.
    frame : geo.crs.Frame
        Where areas are measured.

    Returns
    -------
    pandas.DataFrame
        One row a piece: ``kind`` (``gap``, ``overlap`` inside the parent and off the excluded ground, ``spill``
        outside), ``parent`` (position), ``members`` (positions of the children that hold it, ascending) and
        ``geometry`` (a Polygon in metres of ``frame``). Pieces not wider than the snapping are left out.
    """
    edges = edges_of(np.concatenate([children, parents, excluded]))
    chain = _walks(edges, len(children), parent_of, parents).summed(len(edges.xy))
    dirty = np.unique(chain.parent)
    lines = chain.followed_by(_cutting_lines(edges, len(children), parents, excluded, dirty))
    faces, parent = _faces(edges.xy, lines, frame)
    return _sorted_out(faces, parent, children, parent_of, parents, excluded, frame)


def _walks(edges: Edges, children: int, parent_of: Ids, parents: Any) -> Chain:
    """Walk along children once forwards, along looked-at parents once backwards."""
    looked_at = ~shapely.is_missing(parents)
    own = np.arange(len(parents), dtype=np.int64)
    of_owner = np.concatenate([parent_of, own])
    mine = edges.owner < len(of_owner)
    parent = of_owner[edges.owner[mine]]
    wanted = (
        (parent >= 0) & looked_at[np.maximum(parent, 0)] if len(parents) else np.zeros(len(parent), dtype=bool)
    )
    rows = np.flatnonzero(mine)[wanted]
    weight = np.where(edges.owner[rows] < children, 1, -1).astype(np.int64)
    return Chain(parent[wanted], edges.start[rows], edges.end[rows], weight, np.zeros_like(weight))


def _cutting_lines(edges: Edges, children: int, parents: Any, excluded: Any, dirty: Ids) -> Chain:
    """Take the edges of parents that are not clean, and those of excluded ground near them."""
    first_excluded = children + len(parents)
    at = np.argsort(edges.owner, kind="stable")
    begin, stop = (np.searchsorted(edges.owner[at], np.arange(first_excluded + len(excluded)), s) for s in _SIDES)
    near, found = shapely.STRtree(excluded).query(parents[dirty])
    owner = np.concatenate([dirty + children, found + first_excluded])
    parent = np.concatenate([dirty, dirty[near]])
    count = (stop - begin)[owner]
    within = np.arange(count.sum()) - np.repeat(np.cumsum(count) - count, count)
    rows = at[np.repeat(begin[owner], count) + within]
    zero = np.zeros(len(rows), dtype=np.int64)
    return Chain(np.repeat(parent, count), edges.start[rows], edges.end[rows], zero, zero + 1)


_SIDES: tuple[Any, Any] = ("left", "right")


def _faces(xy: Floats, lines: Chain, frame: Frame) -> tuple[Any, Ids]:
    """Cut the ground of each parent along its lines; parents of which nothing remains after noding are clean."""
    start, end, source = node_edges(xy, lines.start, lines.end, tolerance=LONLAT_TOLERANCE)
    noded = Chain(lines.parent[source], start, end, lines.weight[source], lines.kept[source]).summed(len(xy))
    coords, noded = _in_metres(xy, noded, frame)
    noded = noded.at(np.isin(noded.parent, noded.parent[noded.weight != 0]))
    segments = shapely.linestrings(np.stack([coords[noded.start], coords[noded.end]], axis=1))
    order = np.argsort(noded.parent, kind="stable")
    owners, first = np.unique(noded.parent[order], return_index=True)
    found, parent = [np.empty(0, dtype=object)], [np.empty(0, dtype=np.int64)]
    for owner, rows in zip(owners, np.split(order, first[1:]), strict=False):
        ruled = shapely.union_all(segments[rows], grid_size=RESOLUTION_M)
        faces = shapely.get_parts(shapely.polygonize([ruled]))
        faces = faces[~_below_resolution(faces)]
        found.append(faces)
        parent.append(np.full(len(faces), owner, dtype=np.int64))
    return np.concatenate(found), np.concatenate(parent)


def _in_metres(xy: Floats, lines: Chain, frame: Frame) -> tuple[Floats, Chain]:
    """Project lines, long ones in steps, and snap them to the lattice."""
    a, b = xy[lines.start], xy[lines.end]
    steps = np.ceil(np.hypot(*(b - a).T) / STEP_DEGREES).astype(np.int64)
    row = np.repeat(np.arange(len(a)), steps)
    nth = np.arange(len(row)) - np.repeat(np.cumsum(steps) - steps, steps)
    ends = [_between(a[row], b[row], n / steps[row]) for n in (nth, nth + 1)]
    x, y = frame.xy(*np.concatenate(ends).T)
    coords, vertex = distinct(np.round(np.column_stack([x, y]) / RESOLUTION_M) * RESOLUTION_M)
    start, end = np.split(vertex, 2)
    cut = Chain(lines.parent[row], start, end, lines.weight[row], lines.kept[row])
    return coords, cut.summed(len(coords))


def _between(a: Floats, b: Floats, t: Floats) -> Floats:
    """Go from a to b, and arrive exactly."""
    return np.where(t[:, None] == 1, b, a + (b - a) * t[:, None])


def _below_resolution(polygons: Any) -> Any:
    return shapely.area(polygons) <= RESOLUTION_M * shapely.length(polygons)


def _sorted_out(
    faces: Any, parent: Ids, children: Any, parent_of: Ids, parents: Any, excluded: Any, frame: Frame
) -> pd.DataFrame:
    """Count the children on each face, unite faces of one kind, and name those that hold the whole."""
    marks = frame.lonlat(_marks(faces))
    kin = np.flatnonzero(np.isin(parent_of, parent))
    face, child = holders(children[kin], marks)
    count = np.bincount(face[parent_of[kin[child]] == parent[face]], minlength=len(faces))
    inside, above = np.zeros(len(faces), dtype=bool), np.unique(parent)
    face, holder = holders(parents[above], marks)
    inside[face[above[holder] == parent[face]]] = True
    needed = inside.copy()
    needed[holders(excluded, marks)[0]] = False
    kind = np.select(
        [needed & (count == 0), needed & (count > 1), ~inside & (count > 0)], ["gap", "overlap", "spill"], ""
    )
    groups = pd.DataFrame({"kind": kind, "parent": parent})[kind != ""].groupby(["kind", "parent"]).groups
    rows = [(one, at, piece) for (one, at), group in groups.items() for piece in _united(faces[group])]
    found = pd.DataFrame(rows, columns=["kind", "parent", "geometry"])
    return found.assign(members=_members(found, children[kin], parent_of[kin], frame).map(kin.__getitem__))


def _members(found: pd.DataFrame, children: Any, parent_of: Ids, frame: Frame) -> pd.Series:
    """Find the children that hold some of each piece, not only its edge."""
    lonlat = frame.lonlat(found["geometry"].to_numpy(dtype=object))
    piece, child = shapely.STRtree(children).query(lonlat, predicate="intersects")
    own = (parent_of[child] == found["parent"].to_numpy(dtype=np.int64)[piece]) & (found["kind"] != "gap")[piece]
    piece, child = piece[own], child[own]
    shared = frame.metres(shapely.intersection(children[child], lonlat[piece]))
    some = ~_below_resolution(shared)
    held = pd.Series(child[some]).groupby(piece[some]).agg(lambda rows: np.sort(rows.to_numpy()))
    return held.reindex(range(len(found))).map(lambda rows: rows if isinstance(rows, np.ndarray) else NOBODY)


NOBODY = np.empty(0, dtype=np.int64)


def _marks(faces: Any) -> Any:
    """Put a point well inside each face: its edges were snapped, and the children are asked as they were drawn."""
    least = shapely.area(faces) / shapely.length(faces)  # the radius of the largest circle inside is not less
    inner = shapely.buffer(faces, -least / 2)
    return shapely.point_on_surface(np.where(shapely.is_empty(inner), faces, inner))


def _united(faces: Any) -> Any:
    whole = shapely.union_all(faces, grid_size=RESOLUTION_M) if len(faces) > 1 else faces[0]
    parts = shapely.normalize(shapely.get_parts(whole))
    return parts[~_below_resolution(parts)]
