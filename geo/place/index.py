"""Which polygon holds a point, and which polygons share an edge: the one look-up that others use."""

from __future__ import annotations

from typing import Any

import geopandas as gpd
import numpy as np
import pandas as pd
import shapely

from geo.crs import geodesic_steps
from geo.place.edges import Edges, edges_of, node_edges, undirected
from geo.place.noding import LONLAT_TOLERANCE, insert_shared_vertices
from geo.place.rings import Floats, Ids, Mask, Rings, plainly_valid, rings_of, valid
from geo.place.within import look_up

MISSING, POINT = -1, 0  # GEOS types
POLYGONAL = (3, 6)  # of Polygon and MultiPolygon
FEW = 20_000  # points and polygons: with fewer a tree answers before loops are at hand


def grid_of(grids: gpd.GeoDataFrame, points: Any, *, key: str = "grid_id") -> Ids:
    """Find the grid, or any other polygon, that holds each point.

    Parameters
    ----------
    grids : geopandas.GeoDataFrame
        One row a polygon, with the column ``key``; rows without geometry hold nothing, invalid polygons hold what
        they hold once made valid.
    points : GeoSeries or array of Point
        In the system of ``grids``, shape (n,).
    key : str
        Column with the id that decides ties.

    Returns
    -------
    numpy.ndarray
        Row position in ``grids``, shape (n,); -1 outside, and for missing and empty points. A point on a shared
        edge, or in polygons that overlap, belongs to the one with the lowest id.

    Examples
    --------
    >>> boxes = shapely.box([0, 1], 0, [1, 2], 1)
    >>> row = gpd.GeoDataFrame({"grid_id": ["b", "a"]}, geometry=boxes)
    >>> grid_of(row, shapely.points([[0.5, 0.5], [1.0, 0.5], [9.0, 9.0]])).tolist()
    [0, 1, -1]
    """
    one, more = _held(np.asarray(grids.geometry, dtype=object), np.asarray(points, dtype=object))
    tied = np.unique(more[:, 0])
    also = tied[one[tied] >= 0]
    point, polygon = np.concatenate([more, np.column_stack([also, one[also]])]).T
    among, number = np.unique(polygon, return_inverse=True)
    order = np.argsort(np.asarray(grids[key].iloc[among].astype(str)), kind="stable")
    rank = np.empty(len(order), dtype=np.int64)
    rank[order] = np.arange(len(order))
    lowest = np.full(len(one), len(order), dtype=np.int64)
    np.minimum.at(lowest, point, rank[number])
    one[tied] = among[order[lowest[tied]]]
    return one


def holders(polygons: Any, points: Any) -> tuple[Ids, Ids]:
    """Find all polygons that hold each point, their edges included.

    Parameters
    ----------
    polygons : array of Polygon or MultiPolygon
        Shape (m,); missing ones hold nothing.
    points : GeoSeries or array of Point
        In the same system, shape (n,).

    Returns
    -------
    tuple of numpy.ndarray
        Positions of point and polygon of each pair, by point, then polygon.
    """
    one, more = _held(np.asarray(polygons, dtype=object), np.asarray(points, dtype=object))
    found = np.flatnonzero(one >= 0)
    point, polygon = np.concatenate([np.column_stack([found, one[found]]), more]).T
    order = np.lexsort((polygon, point)) if len(more) else slice(None)
    return point[order], polygon[order]


def _held(polygons: Any, points: Any) -> tuple[Ids, Ids]:
    """Find a polygon of each point, or -1, and further pairs of point and polygon, shape (m, 2)."""
    coords, row = shapely.get_coordinates(points, return_index=True)
    if len(points) + len(polygons) < FEW or (row[1:] == row[:-1]).any():
        return _by_tree(polygonal(polygons), points)
    xy = coords
    if len(coords) < len(points):
        xy = np.full((len(points), 2), np.nan)
        xy[row] = coords
    rings, made = _laid_out(polygons)
    held = look_up(rings, len(made), xy)
    if held is None:
        return _by_tree(polygonal(made), points)
    point, polygon = (np.unique(column) for column in held.unsure.T)
    near = _by_tree(made[polygon], points[point])[1]
    pairs = np.column_stack([point[near[:, 0]], polygon[near[:, 1]]])
    asked, holding = (each[:, 0] * len(made) + each[:, 1] for each in (held.unsure, pairs))
    return held.one, np.concatenate([held.more, pairs[np.isin(holding, asked)]])


def _laid_out(polygons: Any) -> tuple[Rings, Any]:
    """Take polygons apart, and give them as they are once made valid."""
    rings = rings_of(polygons)
    doubtful = np.flatnonzero(~plainly_valid(rings, len(polygons)))
    broken = doubtful[~valid(polygons[doubtful]) & ~shapely.is_missing(polygons[doubtful])]
    if not len(broken):
        return rings, polygons
    made = polygons.copy()
    made[broken] = polygonal(polygons[broken])
    return rings_of(made), made


def _by_tree(polygons: Any, points: Any) -> tuple[Ids, Ids]:
    """Ask GEOS, which decides whatever floating-point numbers leave open, and needs no compiling."""
    polygon, point = shapely.STRtree(points).query(polygons, predicate="intersects")
    return np.full(len(points), -1, dtype=np.int64), np.column_stack([point, polygon]).astype(np.int64)


def polygonal(geometry: Any) -> Any:
    """Make polygons valid and leave everything else out.

    Parameters
    ----------
    geometry : array of geometry
        Shape (n,).

    Returns
    -------
    numpy.ndarray
        Shape (n,): valid polygons and multipolygons; missing where there was none, where it was empty, or where
        making it valid left no ground.
    """
    made = np.asarray(geometry, dtype=object).copy()
    broken = ~valid(made) & ~shapely.is_missing(made)
    if broken.any():
        parts, row = shapely.get_parts(shapely.make_valid(made[broken]), return_index=True)
        flat, part = shapely.get_parts(parts, return_index=True)
        ground = np.isin(shapely.get_type_id(flat), POLYGONAL)
        mended = np.full(int(broken.sum()), None, dtype=object)
        rows, of_row = np.unique(row[part][ground], return_inverse=True)
        if len(rows):
            mended[rows] = shapely.multipolygons(flat[ground], indices=of_row)
        made[broken] = mended
    made[shapely.is_empty(made) | ~np.isin(shapely.get_type_id(made), POLYGONAL)] = None
    return made


def neighbours(polygons: Any) -> pd.DataFrame:
    """Pair up polygons that lie on the two sides of an edge.

    Parameters
    ----------
    polygons : GeoSeries or array of Polygon or MultiPolygon
        EPSG:4326, shape (n,); missing ones have no neighbours.

    Returns
    -------
    pandas.DataFrame
        One row a pair, by ``left``, then ``right`` (positions, left < right), with ``shared_m``, the length of
        their common edge along the ellipsoid. Polygons that meet in a corner only, or lie upon each other, are no
        pair.

    Examples
    --------
    >>> row = [shapely.box(0, 0, 0.1, 0.1), shapely.box(0.1, 0, 0.2, 0.1), shapely.box(0.2, 0.1, 0.3, 0.2)]
    >>> neighbours(row).round(1).values.tolist()
    [[0.0, 1.0, 11057.4]]
    """
    made = insert_shared_vertices(np.asarray(polygons, dtype=object), tolerance=LONLAT_TOLERANCE)
    edges = edges_of(made)
    low, high, pair = undirected(edges.start, edges.end, len(edges.xy))
    onward = edges.start < edges.end
    sides = pd.DataFrame({"pair": pair, "owner": edges.owner})
    both = sides[onward].merge(sides[~onward], on="pair", suffixes=("_a", "_b"))
    both = both[both["owner_a"] != both["owner_b"]]
    step = geodesic_steps(edges.xy[low], edges.xy[high])
    shared = pd.DataFrame(
        {
            "left": both[["owner_a", "owner_b"]].min(axis=1),
            "right": both[["owner_a", "owner_b"]].max(axis=1),
            "shared_m": step[both["pair"].to_numpy()],
        }
    )
    return shared.groupby(["left", "right"], as_index=False)["shared_m"].sum()


def shared_edge_m(left: Any, right: Any, *, tolerance: float = LONLAT_TOLERANCE) -> Floats:
    """Measure the edge that the polygons of each row share from opposite sides.

    Parameters
    ----------
    left, right : array of Polygon or MultiPolygon
        EPSG:4326, shape (n,).
    tolerance : float
        How far apart two edges may run and still be one, degrees.

    Returns
    -------
    numpy.ndarray
        Metres along the ellipsoid, shape (n,); 0 where they share none or one is missing.
    """
    rows = len(left)
    edges = edges_of(np.concatenate([left, right]))
    row, mine = edges.owner % max(rows, 1), edges.owner < rows
    near = _near_the_other(edges, row, mine, left, right, tolerance)
    row, mine = row[near], mine[near]
    start, end, source = node_edges(edges.xy, edges.start[near], edges.end[near], tolerance=tolerance)
    low, high, pair = undirected(start, end, len(edges.xy))
    table = pd.DataFrame({"row": row[source], "pair": pair, "onward": start < end})
    of_left, of_right = table[mine[source]], table[~mine[source]]
    shared = of_left.merge(of_right.assign(onward=~of_right["onward"]), on=["row", "pair", "onward"])
    weights = geodesic_steps(edges.xy[low], edges.xy[high])[shared["pair"].to_numpy()]
    return np.bincount(shared["row"], weights=weights, minlength=rows).astype(float)


def _near_the_other(edges: Edges, row: Ids, mine: Mask, left: Any, right: Any, tolerance: float) -> Mask:
    """Mark edges that reach the box of the other polygon of their row: no other can be shared."""
    a, b = edges.xy[edges.start], edges.xy[edges.end]
    other = np.where(mine[:, None], shapely.bounds(right)[row], shapely.bounds(left)[row])
    above = np.maximum(a, b) >= other[:, :2] - tolerance
    return np.asarray((above & (np.minimum(a, b) <= other[:, 2:] + tolerance)).all(axis=1))


def named(ids: Any, at: Any) -> Any:
    """Turn positions into ids.

    Parameters
    ----------
    ids : numpy.ndarray
        Ids, shape (n,).
    at : numpy.ndarray of int
        Positions; -1 = none.

    Returns
    -------
    numpy.ndarray
        Ids as objects; None for -1 and for a missing id.

    Examples
    --------
    >>> named(np.array(["a", "b"], dtype=object), np.array([1, -1])).tolist()
    ['b', None]
    """
    found = np.full(len(at), None, dtype=object)
    known = np.flatnonzero(np.asarray(at) >= 0)
    names = np.asarray(ids[np.asarray(at)[known]], dtype=object)
    found[known] = np.where(pd.notna(names), names, np.full(len(names), None))
    return found
