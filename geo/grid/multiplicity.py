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
from numba import njit
from scipy.sparse import coo_array
from scipy.sparse.csgraph import connected_components

from geo.crs import Frame
from geo.place.edges import distinct, node_edges
from geo.place.index import holders
from geo.place.nearby import near
from geo.place.noding import LONLAT_TOLERANCE
from geo.place.rings import JIT, Floats, Ids, rings_of
from geo.place.walks import Walks, remainder

RESOLUTION_M = 0.001  # vertices are snapped to this; a strip on average no wider than two of it says nothing
SNAPPED_DEGREES = 3e-8  # between a piece once snapped and the edge that it came from
STEP_DEGREES = 0.002  # longer edges are cut before projecting, so that they bend by less than a millimetre


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
        return Chain(*(column[rows] for column in self.columns()))

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

    def columns(self) -> tuple[Ids, ...]:
        """List what it is made of.

        Returns
        -------
        tuple of numpy.ndarray
            In the order of the fields.
        """
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
        outside), ``parent`` (position) and ``geometry`` (a Polygon in metres of ``frame``). Pieces not wider than
        the snapping are left out.
    """
    looked_at = ~shapely.is_missing(parents)
    of_child = np.where(np.append(looked_at, False)[parent_of], parent_of, -1)
    own = np.arange(len(parents), dtype=np.int64)
    weight = np.repeat(np.array([1, -1], dtype=np.int64), [len(children), len(parents)])
    walks = remainder(rings_of(np.concatenate([children, parents])), np.concatenate([of_child, own]), weight)
    xy, lines = _lines(walks, parents, excluded)
    start, end, source = node_edges(xy, lines.start, lines.end, tolerance=LONLAT_TOLERANCE)
    noded = Chain(lines.parent[source], start, end, lines.weight[source], lines.kept[source]).summed(len(xy))
    coords, noded = _in_metres(xy, noded, frame)
    noded = noded.at(np.isin(noded.parent, noded.parent[noded.weight != 0]))
    faces, parent = _faces(coords, noded)
    return _sorted_out(faces, parent, coords, noded, parents, excluded, frame)


def _lines(walks: Walks, parents: Any, excluded: Any) -> tuple[Floats, Chain]:
    """Number the vertices of what remains, and add the edges of parents and excluded ground about it."""
    zero = np.zeros(len(walks.plane), dtype=np.int64)
    ends = [walks.start, walks.end]
    mine = [Chain(walks.plane, zero, zero, walks.weight, zero)]
    dirty = np.unique(walks.plane)
    boxes = _boxes(walks)
    within, ground = shapely.STRtree(excluded).query(parents[dirty])
    for polygons, of in ((parents[dirty], dirty), (excluded[ground], dirty[within])):
        rings = rings_of(polygons)
        at = rings.edges()
        a, b = rings.xy[at], rings.xy[at + 1]
        close = near(boxes, np.hstack([np.minimum(a, b), np.maximum(a, b)]))
        parent = of[np.repeat(rings.owner, np.diff(rings.first) - 1)][close]
        zero = np.zeros(len(parent), dtype=np.int64)
        ends = [np.concatenate(pair) for pair in zip(ends, (a[close], b[close]), strict=True)]
        mine.append(Chain(parent, zero, zero, zero, zero + 1))
    xy, vertex = distinct(np.concatenate(ends))
    start, end = np.split(vertex, 2)
    joined = [np.concatenate(columns) for columns in zip(*(one.columns() for one in mine), strict=True)]
    return xy, Chain(joined[0], start, end, joined[3], joined[4]).summed(len(xy))


def _boxes(walks: Walks) -> Floats:
    """Draw a box about each connected part of what remains: nothing outside them is held wrongly."""
    count = len(walks.plane)
    xy, vertex = distinct(np.concatenate([walks.start, walks.end]))
    start, end = np.split(vertex, 2)
    graph = coo_array((np.ones(count, dtype=np.int8), (start, end)), shape=(len(xy), len(xy)))
    parts, part = connected_components(graph, directed=False)
    low, high = np.full((parts, 2), np.inf), np.full((parts, 2), -np.inf)
    np.minimum.at(low, part, xy)
    np.maximum.at(high, part, xy)
    return np.hstack([low - SNAPPED_DEGREES, high + SNAPPED_DEGREES])


def _faces(coords: Floats, lines: Chain) -> tuple[Any, Ids]:
    """Cut the ground of each parent along its lines."""
    segments = shapely.linestrings(np.stack([coords[lines.start], coords[lines.end]], axis=1))
    owners, group = np.unique(lines.parent, return_inverse=True)
    drawn = np.empty(len(owners), dtype=object)
    shapely.multilinestrings(segments, indices=group, out=drawn)
    crossed = np.unique(group[_touching(coords, segments, lines)])
    drawn[crossed] = shapely.union_all(drawn[crossed, None], grid_size=RESOLUTION_M, axis=1)
    faces, at = shapely.get_parts(shapely.polygonize(drawn[:, None], axis=1), return_index=True)
    wide = ~below_resolution(faces)
    return faces[wide], owners[at[wide]]


def _touching(coords: Floats, segments: Any, lines: Chain) -> Ids:
    """Find lines that come as near as the lattice to another of their parent, other than in a common end."""
    one, other = shapely.STRtree(segments).query(segments, predicate="dwithin", distance=RESOLUTION_M)
    kin = (one != other) & (lines.parent[one] == lines.parent[other])
    one, other = one[kin], other[kin]
    begins_there, ends_there = (
        (end[one] == lines.start[other]) | (end[one] == lines.end[other]) for end in (lines.start, lines.end)
    )
    far = shapely.points(coords[np.where(begins_there, lines.end[one], lines.start[one])])
    folded = shapely.dwithin(far, segments[other], RESOLUTION_M)
    return np.asarray(one[~(begins_there | ends_there) | folded], dtype=np.int64)


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


def _sorted_out(
    faces: Any, parent: Ids, coords: Floats, lines: Chain, parents: Any, excluded: Any, frame: Frame
) -> pd.DataFrame:
    """Count how many children more than rightly hold each face, and unite faces of one kind."""
    marks = shapely.point_on_surface(faces)
    lonlat = frame.lonlat(marks)
    above = parents[parent]
    shapely.prepare(above)
    inside = np.asarray(shapely.intersects(above, lonlat), dtype=bool)
    needed = inside.copy()
    needed[holders(excluded, lonlat)[0]] = False
    owners, first = np.unique(lines.parent, return_index=True)  # summed chains run by parent
    span = np.append(first, len(lines.parent))
    more = _windings(
        shapely.get_coordinates(marks),
        np.searchsorted(owners, parent),
        coords,
        lines.start,
        lines.end,
        lines.weight,
        span,
    )
    kind = np.select(
        [needed & (more < 0), needed & (more > 0), ~inside & (more > 0)], ["gap", "overlap", "spill"], ""
    )
    wrong = pd.DataFrame({"kind": kind, "parent": parent})[kind != ""]
    group = wrong.groupby(["kind", "parent"]).ngroup()
    order = np.argsort(group.to_numpy(), kind="stable")
    named = wrong.iloc[order].drop_duplicates()
    whole, at = _united(faces[wrong.index[order]], group.to_numpy()[order])
    return named.iloc[at].reset_index(drop=True).assign(geometry=whole)


@njit(**JIT)
def _windings(marks: Any, group: Any, coords: Any, start: Any, end: Any, weight: Any, span: Any) -> Any:
    """Add up how often the lines of its group go round each mark: what is held once too often counts 1."""
    total = np.zeros(len(marks), dtype=np.int64)
    for n in range(len(marks)):
        x, y = marks[n, 0], marks[n, 1]
        for i in range(span[group[n]], span[group[n] + 1]):
            a, b = coords[start[i]], coords[end[i]]
            if weight[i] != 0 and (a[1] <= y) != (b[1] <= y):
                if (x - a[0]) * (b[1] - a[1]) < (y - a[1]) * (b[0] - a[0]) and b[1] > a[1]:
                    total[n] += weight[i]
                elif (x - a[0]) * (b[1] - a[1]) > (y - a[1]) * (b[0] - a[0]) and b[1] < a[1]:
                    total[n] -= weight[i]
    return total


def _united(faces: Any, group: Ids) -> tuple[Any, Ids]:
    """Unite the faces of each group, given in ascending order; what is not connected stays apart."""
    together = np.empty(len(np.unique(group)), dtype=object)
    shapely.geometrycollections(faces, indices=group, out=together)
    whole = shapely.union_all(together[:, None], grid_size=RESOLUTION_M, axis=1)
    parts, at = shapely.get_parts(whole, return_index=True)
    wide = ~below_resolution(parts)
    return shapely.normalize(parts[wide]), at[wide]


def below_resolution(polygons: Any) -> Any:
    """Mark polygons that snapping may have made.

    Parameters
    ----------
    polygons : array of Polygon or MultiPolygon
        In metres, shape (n,).

    Returns
    -------
    numpy.ndarray of bool
        Shape (n,).
    """
    return shapely.area(polygons) <= RESOLUTION_M * shapely.length(polygons)
