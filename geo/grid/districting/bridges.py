"""Ground that touches nothing: which grids are joined so that an island belongs to some district?"""

from __future__ import annotations

from typing import Any

import numpy as np
import pandas as pd
import shapely
from scipy import sparse
from scipy.spatial import Delaunay

from geo.crs import frame_of
from geo.place.rings import Ids

FEW = 64  # so many grids are compared each with each; of more, those that lie beside each other as points


def bridges(polygons: Any, parent: Any, left: Ids, right: Ids) -> Ids:
    """Join the pieces of each parent's ground by the shortest bridges that make it one.

    Parameters
    ----------
    polygons : array of Polygon or MultiPolygon
        EPSG:4326, shape (n,).
    parent : numpy.ndarray of int
        Of each polygon, ascending.
    left, right : numpy.ndarray of int
        Pairs of polygons of one parent that share an edge.

    Returns
    -------
    numpy.ndarray of int
        Pairs of polygons, shape (b, 2): a spanning tree of the pieces, the least sum of distances from polygon to
        polygon (rounded to a metre, ties to the first pair) among pairs that lie beside each other.
    """
    nodes = len(polygons)
    graph = sparse.coo_array((np.ones(len(left), dtype=np.int8), (left, right)), shape=(nodes, nodes))
    piece = sparse.csgraph.connected_components(graph, directed=False)[1]
    table = pd.DataFrame({"parent": parent, "piece": piece})
    torn = table.groupby("parent")["piece"].nunique()
    found = []
    for one in torn.index[torn > 1]:
        low, high = np.searchsorted(parent, [one, one + 1])
        found.append(low + _joined(polygons[low:high], piece[low:high]))
    return np.concatenate(found) if found else np.zeros((0, 2), dtype=np.int64)


def _joined(polygons: Any, piece: Any) -> Ids:
    metres = frame_of(polygons).metres(polygons)
    pairs = _beside(metres)
    pairs = pairs[piece[pairs[:, 0]] != piece[pairs[:, 1]]]
    number = np.unique(piece, return_inverse=True)[1]
    ends = np.sort(number[pairs], axis=1)
    apart = shapely.distance(metres[pairs[:, 0]], metres[pairs[:, 1]]).round() + 1.0  # 0 would be no edge
    table = pd.DataFrame({"a": ends[:, 0], "b": ends[:, 1], "apart": apart, "at": np.arange(len(pairs))})
    best = table.sort_values(["a", "b", "apart", "at"]).drop_duplicates(["a", "b"])
    count = int(number.max()) + 1
    weights = sparse.csr_array((best["apart"], (best["a"], best["b"])), shape=(count, count))
    tree = sparse.csgraph.minimum_spanning_tree(weights).tocoo()
    chosen = best.set_index(["a", "b"])["at"].loc[list(zip(tree.row, tree.col, strict=True))]
    return np.asarray(pairs[np.sort(chosen.to_numpy())], dtype=np.int64)


def _beside(polygons: Any) -> Ids:
    """Pair up polygons that lie beside each other, whether or not they touch."""
    if len(polygons) <= FEW:
        return np.column_stack(np.triu_indices(len(polygons), 1)).astype(np.int64)
    points = shapely.get_coordinates(shapely.point_on_surface(polygons))
    corners = Delaunay(points - points.mean(axis=0), qhull_options="Qbb Qc QJ").simplices  # QJ: points in a row
    sides = np.concatenate([corners[:, [0, 1]], corners[:, [1, 2]], corners[:, [0, 2]]])
    return np.unique(np.sort(sides, axis=1), axis=0).astype(np.int64)
