"""Bringing drawn cells onto the map so that they tile an outline to the millimetre."""

from __future__ import annotations

from collections.abc import Callable

import geopandas as gpd
import numpy as np
import pandas as pd
import shapely
from scipy.sparse import coo_array
from scipy.sparse.csgraph import connected_components
from shapely.geometry import Polygon
from shapely.geometry.base import BaseGeometry

from bending import Array

MILLIMETRE = 0.001


def shares(weights: Array, total: int, least: int) -> np.ndarray:
    """Hand out whole units in proportion to weights (largest remainder).

    Parameters
    ----------
    weights : ndarray, shape (n,)
        Claims.
    total : int
        Units to hand out.
    least : int
        Each gets at least this many.

    Returns
    -------
    ndarray of int, shape (n,)
        Sums to ``total``; ties go to the earlier row.
    """
    free = total - least * len(weights)
    claim = weights / weights.sum() * free
    units = np.floor(claim).astype(int)
    order = np.argsort(-(claim - units), kind="stable")
    units[order[: free - units.sum()]] += 1
    return units + least


def tile(
    cells: list[Polygon],
    community: np.ndarray,
    outline: Polygon,
    lake: Polygon,
    *,
    bend: Callable[[BaseGeometry], BaseGeometry],
    unbend: Callable[[Array], Array],
    crs: str,
) -> gpd.GeoDataFrame:
    """Bend drawn cells onto the map so that they tile the outline exactly.

    All lines are laid over each other at once and noded on a 1 mm lattice, so that neighbours share every
    vertex; the outline's own line is used as it is.

    Parameters
    ----------
    cells : list of Polygon
        As drawn, a little beyond the outline.
    community : ndarray of int
        Community of each cell.
    outline, lake : Polygon
        On the map; nobody holds the lake.
    bend : callable
        Takes a shape from the drawing to the map.
    unbend : callable
        Takes points (n, 2) of the map back to the drawing.
    crs : str
        Of the map.

    Returns
    -------
    geopandas.GeoDataFrame
        One row a cell in the order given: ``community``, ``whole`` (its ground with the lake) and ``geometry``
        (without it).
    """
    ruled = shapely.union_all([shapely.boundary(np.array(cells, dtype=object))], grid_size=MILLIMETRE)
    lines = shapely.union_all([bend(ruled), outline.boundary, lake.boundary], grid_size=MILLIMETRE)
    faces = shapely.get_parts(shapely.polygonize([lines]))
    marks = shapely.point_on_surface(faces)
    shapely.prepare(outline)
    keep = shapely.contains(outline, marks)
    faces, marks = faces[keep], marks[keep]
    wet = shapely.contains(lake, marks)
    drawn_marks = shapely.points(unbend(shapely.get_coordinates(marks)))
    _, cell = shapely.STRtree(cells).query_nearest(drawn_marks, all_matches=False)
    cell = join_scraps(faces, cell, community)
    table = gpd.GeoDataFrame({"cell": cell, "wet": wet}, geometry=faces, crs=crs)
    whole = table.dissolve("cell", method="coverage").geometry
    dry = table[~table["wet"]].dissolve("cell", method="coverage").geometry
    if len(dry) != len(cells):
        raise ValueError(f"{len(cells) - len(dry)} grids lost all their ground")
    order = np.arange(len(cells))
    return gpd.GeoDataFrame(
        {"community": community, "whole": whole.loc[order]}, geometry=dry.loc[order], crs=crs
    ).reset_index(drop=True)


def join_scraps(faces: np.ndarray, grid: np.ndarray, community: np.ndarray) -> np.ndarray:
    """Let every face that is not joined to the largest part of its grid join the neighbour it shares most with.

    Parameters
    ----------
    faces : ndarray of Polygon, shape (n,)
        They tile some ground.
    grid : ndarray of int, shape (n,)
        Grid of each face.
    community : ndarray of int
        Community of each grid: a neighbour in the same one is preferred.

    Returns
    -------
    ndarray of int, shape (n,)
        Grid of each face; every grid in one piece.
    """
    grid = grid.copy()
    tree = shapely.STRtree(faces)
    left, right = tree.query(faces, predicate="touches")
    shared = shapely.length(shapely.intersection(shapely.boundary(faces[left]), shapely.boundary(faces[right])))
    edges = pd.DataFrame({"a": left, "b": right, "m": shared})
    edges = edges[edges["m"] > 0.05]
    area = shapely.area(faces)
    for _ in range(6):
        same = edges[grid[edges["a"]] == grid[edges["b"]]]
        cluster = clusters(len(faces), same)
        size = np.bincount(cluster, area)
        best = pd.Series(size[cluster]).groupby(grid).transform("max").to_numpy()
        stray = np.flatnonzero(size[cluster] < best - 1e-9)
        if not len(stray):
            return grid
        for face in stray:
            near = edges[(edges["a"] == face) & ~np.isin(edges["b"], stray)]
            if len(near):
                home = community[grid[near["b"]]] == community[grid[face]]
                grid[face] = grid[
                    near.iloc[int(np.argmax(near["m"].to_numpy() * (1 + 9 * home)))]["b"].astype(int)
                ]
    raise ValueError("faces without a grid are left")


def clusters(count: int, edges: pd.DataFrame) -> np.ndarray:
    """Number the connected groups.

    Parameters
    ----------
    count : int
        How many things.
    edges : pandas.DataFrame
        ``a`` and ``b``: pairs that are joined.

    Returns
    -------
    ndarray of int, shape (count,)
        Group of each.
    """
    links = coo_array((np.ones(len(edges)), (edges["a"], edges["b"])), shape=(count, count))
    return connected_components(links, directed=False)[1]
