"""Whom does a piece of ground concern? The children around it, and the people and households in it."""

from __future__ import annotations

from typing import Any

import geopandas as gpd
import numpy as np
import pandas as pd
import shapely

from geo.grid.findings import METRES_PER_DEGREE
from geo.grid.multiplicity import SNAPPED_DEGREES, below_resolution
from geo.place.index import holders, shared_edge_m
from geo.place.noding import node
from geo.place.rings import Floats, Ids
from geo.units import PUBLISHED_PEOPLE_MIN

LEAST_EDGE_M = 0.01


def holding(pieces: pd.DataFrame, lonlat: Any, children: Any, parent_of: Ids) -> pd.Series:
    """Find the children that hold some of each piece, not only its edge.

    Parameters
    ----------
    pieces : pandas.DataFrame
        ``kind`` and ``parent`` of each piece.
    lonlat : array of Polygon
        The pieces, EPSG:4326, shape (n,).
    children : array of Polygon or MultiPolygon
        EPSG:4326; missing ones hold nothing.
    parent_of : numpy.ndarray
        Parent of each child.

    Returns
    -------
    pandas.Series of numpy.ndarray
        Positions of children of the same parent, ascending; none for a gap. Shape (n,).
    """
    piece, child = shapely.STRtree(children).query(lonlat, predicate="intersects")
    parent, gap = pieces["parent"].to_numpy(dtype=np.int64), (pieces["kind"] == "gap").to_numpy()
    own = (parent_of[child] == parent[piece]) & ~gap[piece]
    piece, child = piece[own], child[own]
    some = ~below_resolution(_flat(shapely.intersection(children[child], lonlat[piece])))
    return of_pieces(piece[some], child[some], len(pieces))


def of_pieces(piece: Any, child: Any, rows: int) -> pd.Series:
    """Gather the children of each piece.

    Parameters
    ----------
    piece, child : array of int
        Positions, a pair each.
    rows : int
        How many pieces there are.

    Returns
    -------
    pandas.Series of numpy.ndarray
        Positions of children, ascending; none where a piece has none. Shape (rows,).
    """
    order = np.lexsort((child, piece))
    begin = np.searchsorted(np.asarray(piece)[order], np.arange(1, rows))
    return pd.Series(np.split(np.asarray(child, dtype=np.int64)[order], begin)[:rows], dtype="object")


def _flat(strips: Any) -> Any:
    """Take degrees for metres, as many in a degree each way: what is straight stays so, and a strip narrow."""
    return shapely.transform(strips, lambda xy: xy * METRES_PER_DEGREE)


def around(pieces: pd.DataFrame, lonlat: Any, children: Any, parent_of: Ids) -> pd.DataFrame:
    """Find the children that share an edge with each piece.

    Parameters
    ----------
    pieces : pandas.DataFrame
        ``kind`` and ``parent`` of each piece.
    lonlat : array of Polygon
        The pieces, EPSG:4326, shape (n,).
    children : array of Polygon or MultiPolygon
        EPSG:4326; missing ones share nothing.
    parent_of : numpy.ndarray
        Parent of each child.

    Returns
    -------
    pandas.DataFrame
        One row a piece and child: ``piece``, ``child`` (positions) and ``shared_m``. Around gaps and overlaps
        stand children of the same parent, around spills those of others; what a child holds of the piece itself
        is left aside.
    """
    piece, child = shapely.STRtree(children).query(lonlat, predicate="dwithin", distance=SNAPPED_DEGREES)
    kind = pieces["kind"].to_numpy()[piece]
    same = parent_of[child] == pieces["parent"].to_numpy(dtype=np.int64)[piece]
    wanted = np.where(kind == "spill", ~same, same)
    piece, child = piece[wanted], child[wanted]
    ground, rest = lonlat[piece], children[child]
    upon = kind[wanted] != "gap"
    ground[upon], rest[upon] = node(ground[upon], rest[upon], tolerance=SNAPPED_DEGREES)
    rest[upon] = shapely.difference(rest[upon], ground[upon])
    shared = shared_edge_m(ground, rest, tolerance=SNAPPED_DEGREES)
    table = pd.DataFrame({"piece": piece, "child": child, "shared_m": shared})
    return table[table["shared_m"] > LEAST_EDGE_M].reset_index(drop=True)


def nearest_neighbour(beside: pd.DataFrame, ids: Any, rows: int) -> Any:
    """Name the child with the longest edge along each piece.

    Parameters
    ----------
    beside : pandas.DataFrame
        As :func:`around` gives it.
    ids : numpy.ndarray
        Id of each child.
    rows : int
        How many pieces there are.

    Returns
    -------
    numpy.ndarray
        Ids, shape (rows,); missing where no child shares an edge, the lowest id when lengths tie to the
        centimetre.
    """
    named = beside.assign(id=ids[beside["child"].to_numpy()], cm=(beside["shared_m"] * 100).round())
    best = named.sort_values(["cm", "id"], ascending=[False, True]).drop_duplicates("piece")
    return best.set_index("piece")["id"].reindex(range(rows)).to_numpy(dtype=object)


def counted(lonlat: Any, population: gpd.GeoDataFrame) -> pd.DataFrame:
    """Count the people and households that live in each piece.

    Parameters
    ----------
    lonlat : array of Polygon
        EPSG:4326, shape (n,).
    population : geopandas.GeoDataFrame
        The table; an area counts at a point inside it.

    Returns
    -------
    pandas.DataFrame
        ``people`` and ``households`` (missing where the table has none), shape (n,). Fewer than 10 people are not
        told: both are missing.
    """
    piece_of = pd.DataFrame(
        {name: population[name].to_numpy(dtype=float) for name in ("people", "households")},
        index=pd.RangeIndex(len(population)),
    )
    points = shapely.point_on_surface(np.asarray(population.geometry))
    place, piece = holders(lonlat, points)
    sums = piece_of.iloc[place].groupby(piece).sum().reindex(range(len(lonlat)), fill_value=0.0)
    if not population["households"].notna().any():
        sums["households"] = np.nan
    return sums.where(may_be_told(sums["people"])).round()


def may_be_told(people: pd.Series) -> pd.Series:
    """Say which counts of people are large enough to be published.

    Parameters
    ----------
    people : pandas.Series
        People of each place.

    Returns
    -------
    pandas.Series of bool
        True for none, and for 10 or more.
    """
    return (people == 0) | (people >= PUBLISHED_PEOPLE_MIN)


def estimated(members: pd.Series, area: Floats, counts: pd.DataFrame, child_area: Floats) -> pd.DataFrame:
    """Estimate people and households from the children's own counts, spread evenly over each.

    Parameters
    ----------
    members : pandas.Series of numpy.ndarray
        Positions of the children that hold each piece.
    area : numpy.ndarray
        Of each piece, m².
    counts : pandas.DataFrame
        ``people`` and ``households`` of each child, missing = unknown.
    child_area : numpy.ndarray
        Of each child, m².

    Returns
    -------
    pandas.DataFrame
        ``people`` and ``households`` of each piece. Where several children hold a piece, the mean of what each
        would say (the people live there once); missing in a gap, which no child counts, and where no child
        knows.
    """
    density = counts.to_numpy(dtype=float, na_value=np.nan) / child_area[:, None]
    table = pd.DataFrame(density, columns=counts.columns)
    held = members.reset_index(drop=True).explode().dropna().astype(np.int64)
    mean = table.iloc[held.to_numpy()].groupby(held.index).mean().reindex(range(len(members)))
    return mean.mul(area, axis=0).round()
