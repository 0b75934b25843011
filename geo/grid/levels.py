"""Which levels of the tree can be compared? Every level that has polygons with the next above that has."""

from __future__ import annotations

from collections.abc import Iterator
from dataclasses import dataclass
from itertools import pairwise

import geopandas as gpd
import pandas as pd

from geo.crs import LONLAT
from geo.place.tree import lineage
from geo.tables.ground import LEVELS

CHILD_COLUMNS = ["grid_id", "division_id", "households", "people", "geometry"]


@dataclass(frozen=True, slots=True)
class Pair:
    """Two neighbouring levels.

    Parameters
    ----------
    level : str
        Level of the children: a level of divisions, or ``grid``.
    children : geopandas.GeoDataFrame
        ``grid_id``, ``division_id`` (their ancestor at the parents' level; what they name themselves where that
        leads nowhere), ``households``, ``people`` and geometry.
    parents : geopandas.GeoDataFrame
        All divisions of the level above, with or without polygon.
    """

    level: str
    children: gpd.GeoDataFrame
    parents: gpd.GeoDataFrame


def pairs(divisions: gpd.GeoDataFrame, grids: gpd.GeoDataFrame | None = None) -> Iterator[Pair]:
    """Pair up the levels that have polygons, from the top down.

    Parameters
    ----------
    divisions : geopandas.GeoDataFrame
        The table. Each tree (admin, police, party) is followed by itself.
    grids : geopandas.GeoDataFrame or None
        The table; compared with the lowest level of the admin tree. Of several schemes only ``main`` is (without
        it, the first by name): schemes lie upon each other on purpose.

    Yields
    ------
    Pair
        A level of which no division has a polygon is passed over.
    """
    for tree in sorted(divisions["tree"].unique()):
        rows = divisions[divisions["tree"] == tree]
        drawn = [level for level in LEVELS if rows.geometry[rows["level"] == level].notna().any()]
        for upper, lower in pairwise(drawn):
            children = rows[(rows["level"] == lower) & rows.geometry.notna()]
            named = children.assign(grid_id=children["division_id"], households=pd.NA, people=pd.NA)
            yield _pair(lower, upper, named, rows)
        if tree == "admin" and drawn and grids is not None and len(grids):
            yield _pair("grid", drawn[-1], one_scheme(grids), rows)


def _pair(lower: str, upper: str, children: gpd.GeoDataFrame, divisions: gpd.GeoDataFrame) -> Pair:
    above = ancestors(children["division_id"], divisions, upper)
    named = children.assign(division_id=above.where(above.notna(), children["division_id"]))
    parents = divisions[divisions["level"] == upper]
    made = gpd.GeoDataFrame(named[CHILD_COLUMNS], geometry="geometry", crs=LONLAT)
    return Pair(lower, made.reset_index(drop=True), parents.reset_index(drop=True))


def one_scheme(grids: gpd.GeoDataFrame) -> gpd.GeoDataFrame:
    """Pick the grids of the scheme that is compared with divisions.

    Parameters
    ----------
    grids : geopandas.GeoDataFrame
        The table.

    Returns
    -------
    geopandas.GeoDataFrame
        Those of ``main``; without it, of the first scheme by name.
    """
    schemes = grids["scheme"]
    chosen = "main" if (schemes == "main").any() else schemes.min()
    return grids[schemes == chosen]


def ancestors(ids: pd.Series, divisions: gpd.GeoDataFrame, level: str) -> pd.Series:
    """Walk up the tree to one level.

    Parameters
    ----------
    ids : pandas.Series
        Division ids to start from; one that the table does not know starts from the longest known prefix of its
        code.
    divisions : geopandas.GeoDataFrame
        One tree.
    level : str
        Where to stop.

    Returns
    -------
    pandas.Series
        Division ids, index as of ``ids``; missing where the way up does not pass the level.
    """
    parents = dict(zip(divisions["division_id"], divisions["parent_id"], strict=True))
    there = set(divisions["division_id"][divisions["level"] == level])
    found = {id: next((one for one in lineage(id, parents) if one in there), None) for id in ids.dropna().unique()}
    return ids.map(found).astype("object")


def in_circles(divisions: gpd.GeoDataFrame) -> pd.Series:
    """Find divisions from which the way up never ends.

    Parameters
    ----------
    divisions : geopandas.GeoDataFrame
        The table.

    Returns
    -------
    pandas.Series of bool
        Index as of ``divisions``.
    """
    above = divisions.set_index("division_id")["parent_id"].astype("object")
    at = divisions["parent_id"].astype("object")
    for _ in range(len(LEVELS)):
        at = at.map(above)
    return at.notna()
