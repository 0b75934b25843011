"""Where does the border of one scheme run through the inside of a polygon of another?"""

from __future__ import annotations

from dataclasses import dataclass
from typing import Any

import numpy as np
import pandas as pd
import shapely

from geo.crs import Frame, geodesic_length
from geo.grid.multiplicity import RESOLUTION_M
from geo.grid.stacked.ground import STEP_DEGREES, crowded, in_metres
from geo.place.edges import Edges, edges_of, node_edges, undirected
from geo.place.noding import LONLAT_TOLERANCE
from geo.place.rings import Ids


@dataclass(frozen=True, slots=True)
class Borders:
    """Lines between polygons of one scheme, or at its rim.

    Parameters
    ----------
    line : array of LineString
        EPSG:4326, shape (n,).
    one, other : numpy.ndarray
        The two lowest positions of the polygons whose border it is, shape (n,); the same twice at the rim.
    """

    line: Any
    one: Ids
    other: Ids


def cuts(ground: Any, others: Any, frame: Frame, *, tolerance_m: float) -> pd.DataFrame:
    """Find where borders of one scheme run through the inside of polygons of the other.

    A border between two polygons that both lie within the one it runs through only divides that further, and is
    left out.

    Parameters
    ----------
    ground, others : array of Polygon or MultiPolygon
        Both schemes, EPSG:4326 and valid, shape (n,) and (m,); missing ones have no border and no inside.
    frame : geo.crs.Frame
        Where distances are measured.
    tolerance_m : float
        A border this near to one of the other scheme is another drawing of it; stretches no longer than this are
        left out.

    Returns
    -------
    pandas.DataFrame
        One row a stretch: ``one``, ``other`` (positions in ``ground``; see :class:`Borders`), ``cut`` (position in
        ``others``), ``length_m`` along the ellipsoid, and ``geometry`` (LineString, EPSG:4326).
    """
    mine = borders_beside(ground, others)
    line = frame.metres(shapely.segmentize(mine.line, STEP_DEGREES))
    whole = in_metres(others, frame)
    reached = np.unique(shapely.STRtree(line).query(whole)[0])
    inner = np.full(len(whole), None, dtype=object)
    inner[reached] = shapely.buffer(whole[reached], -(tolerance_m + RESOLUTION_M))
    cut, at = shapely.STRtree(line).query(inner, predicate="intersects")
    across = ~_only_divide(mine, in_metres(ground, frame), whole, cut, at, tolerance_m)
    cut, at = cut[across], at[across]
    inside = shapely.intersection(line[at], inner[cut])
    inside = _off_overlapping(inside, cut, whole, tolerance_m)
    stretch, row = shapely.get_parts(shapely.line_merge(inside), return_index=True)
    lonlat = shapely.normalize(frame.lonlat(stretch))
    made = pd.DataFrame(
        {
            "one": mine.one[at[row]],
            "other": mine.other[at[row]],
            "cut": cut[row],
            "length_m": geodesic_length(lonlat),
            "geometry": lonlat,
        }
    )
    return made[made["length_m"] > tolerance_m].reset_index(drop=True)


def borders_beside(ground: Any, others: Any) -> Borders:
    """Draw the borders of a scheme, without the edges that the other scheme has exactly.

    Parameters
    ----------
    ground, others : array of Polygon or MultiPolygon
        Both schemes, EPSG:4326 and valid.

    Returns
    -------
    Borders
        Each border once, however many polygons have it; in one piece as long as it lies between the same two.
    """
    edges = edges_of(np.concatenate([ground, others]))
    low, high, pair = undirected(edges.start, edges.end, len(edges.xy))
    theirs = np.zeros(len(low), dtype=bool)
    theirs[pair[edges.owner >= len(ground)]] = True
    rows = ~theirs[pair]
    start, end, one, other = _with_owners(edges, low[pair[rows]], high[pair[rows]], edges.owner[rows])
    order = np.lexsort((end, start, other, one))
    start, end, one, other = start[order], end[order], one[order], other[order]
    new = np.ones(len(one), dtype=bool)
    new[1:] = (one[1:] != one[:-1]) | (other[1:] != other[:-1])
    group = np.cumsum(new) - 1
    segments = shapely.linestrings(np.stack([edges.xy[start], edges.xy[end]], axis=1))
    whole = shapely.multilinestrings(segments, indices=group) if len(group) else segments
    lines, of_group = shapely.get_parts(shapely.line_merge(whole), return_index=True)
    return Borders(lines, one[new][of_group], other[new][of_group])


def _with_owners(edges: Edges, start: Ids, end: Ids, owner: Ids) -> tuple[Ids, Ids, Ids, Ids]:
    """Give each edge its two lowest owners; edges of one alone are first cut where a neighbour has a corner."""
    ends, one, other = _owners(start, end, owner, len(edges.xy))
    alone = one == other
    begins, stops, source = node_edges(edges.xy, ends[0][alone], ends[1][alone], tolerance=LONLAT_TOLERANCE)
    pieces, first, second = _owners(begins, stops, one[alone][source], len(edges.xy))
    made = [
        np.concatenate([column[~alone], more])
        for column, more in zip((*ends, one, other), (*pieces, first, second), strict=True)
    ]
    return made[0], made[1], made[2], made[3]


def _owners(start: Ids, end: Ids, owner: Ids, vertices: int) -> tuple[tuple[Ids, Ids], Ids, Ids]:
    """Find the lowest two owners of each undirected edge; one that has a single owner names it twice."""
    low, high, pair = undirected(start, end, vertices)
    order = np.lexsort((owner, pair))
    by_pair, owners = pair[order], owner[order]
    new = np.ones(len(by_pair), dtype=bool)
    new[1:] = by_pair[1:] != by_pair[:-1]
    first = np.flatnonzero(new)
    last = np.append(first[1:], len(by_pair))
    one = owners[first]
    second = owners[np.minimum(first + 1, last - 1)] if len(first) else one
    return (low, high), one, second


def _only_divide(mine: Borders, own: Any, others: Any, cut: Ids, at: Ids, tolerance_m: float) -> Any:
    """Mark borders between two polygons of which nothing is further than the tolerance from the one they cut."""
    one, other = mine.one[at], mine.other[at]
    room = shapely.bounds(others)[cut] + tolerance_m * np.array([-1, -1, 1, 1])
    within = one != other
    for side in (one, other):
        box = shapely.bounds(own)[side]
        within &= (box[:, :2] >= room[:, :2]).all(axis=1) & (box[:, 2:] <= room[:, 2:]).all(axis=1)
    asked = np.unique(cut[within])
    grown = np.full(len(others), None, dtype=object)
    grown[asked] = shapely.buffer(others[asked], tolerance_m)
    shapely.prepare(grown)
    for side in (one, other):
        rows = np.flatnonzero(within)
        within[rows] = shapely.covers(grown[cut[rows]], own[side[rows]])
    return within


def _off_overlapping(stretches: Any, cut: Ids, polygons: Any, tolerance_m: float) -> Any:
    """Take away what runs beside the border of a third polygon, one that overlaps the one that is cut."""
    near = np.unique(shapely.STRtree(polygons).query(polygons[np.unique(cut)])[1])
    overlapping = near[crowded(polygons[near])]
    rims = shapely.boundary(polygons[overlapping])
    row, rim = shapely.STRtree(rims).query(stretches, predicate="dwithin", distance=tolerance_m)
    third = overlapping[rim] != cut[row]
    row, rim = row[third], rim[third]
    made = stretches.copy()
    for one in np.unique(row):
        beside = shapely.union_all(shapely.buffer(rims[rim[row == one]], tolerance_m))
        made[one] = shapely.difference(stretches[one], beside)
    return made
