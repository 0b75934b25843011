"""Which places does each grid belong to? Its large grid, its division, and all above it in every tree."""

from __future__ import annotations

from typing import Any, NamedTuple

import geopandas as gpd
import numpy as np
import pandas as pd
from numpy.typing import NDArray

from geo.crs import LONLAT
from geo.grid.nesting import parentage
from geo.parameters import StaffedGrids
from geo.place.rings import Ids
from geo.place.schemes import is_large, staffed_in
from geo.place.tree import lineage, memberships
from geo.tables.ground import LEVELS

LARGE_GRID = "large_grid"  # the level between a community and its grids
ADMIN = "admin"
STEPS = 4  # large grids above each other


class Belonging(NamedTuple):
    """Grids, places above them, and which grid lies in which place.

    Parameters
    ----------
    grids : geopandas.GeoDataFrame
        The grids that count and the large ones above them, ``counted`` and ``grid_id``, by id.
    places : geopandas.GeoDataFrame
        Divisions and those large grids: ``division_id, name, level, parent_id, tree`` and geometry, by id.
    grid, place : numpy.ndarray
        Row positions of each pair; every pair once.
    step : numpy.ndarray
        Of each place how far up it is: what lies in it has a lower step.
    """

    grids: gpd.GeoDataFrame
    places: gpd.GeoDataFrame
    grid: Ids
    place: Ids
    step: Ids


def belonging(grids: gpd.GeoDataFrame, divisions: gpd.GeoDataFrame, which: StaffedGrids = "small") -> Belonging:
    """Tell for each grid the places that it counts in.

    Parameters
    ----------
    grids, divisions : geopandas.GeoDataFrame
        The tables. Of each tree a grid lies in the division that it names (else its large grid) and in all above
        it; in the administrative tree an unknown code stands for the longest prefix that is known. Where that
        leads nowhere, it lies in the division of the lowest drawn level that holds most of it.
    which : {"small", "large"}
        Which grids count: those of :func:`geo.place.schemes.staffed_in`; a large one that does lies in itself.

    Returns
    -------
    Belonging
        Of every tree. A large grid whose id is that of a division is called ``<id>/large``.
    """
    table = grids.sort_values("grid_id", ignore_index=True)
    counted = staffed_in(table, which) == np.arange(len(table))
    chains, above = _chains(table, counted)
    rows = np.flatnonzero(counted | np.isin(np.arange(len(table)), above))
    kept = table.iloc[rows].assign(counted=counted[rows]).reset_index(drop=True)
    home = _homes(table, chains)[rows]
    places = _places(divisions, table.iloc[above])
    at_large = pd.Index(rows).get_indexer(chains["grid"]), len(divisions) + np.searchsorted(above, chains["above"])
    pairs = [pd.DataFrame(dict(zip(("grid", "place"), at_large, strict=True)))]
    whole = divisions.reset_index(drop=True)
    for tree in sorted(whole["tree"].unique()):
        some = np.flatnonzero(whole["tree"] == tree)
        grid, place = _in_tree(kept.assign(division_id=home), whole.iloc[some], prefixes=tree == ADMIN)
        pairs.append(pd.DataFrame({"grid": grid, "place": some[place]}))
    every = pd.concat(pairs, ignore_index=True).drop_duplicates()
    every = every[every["grid"] >= 0]
    order = np.argsort(places["division_id"].to_numpy(dtype=object), kind="stable")
    rank = np.argsort(order)
    high = dict(zip(LEVELS, range(STEPS + len(LEVELS), STEPS, -1), strict=True))
    depth = chains.groupby("above")["depth"].max().reindex(above).to_numpy(dtype=np.int64)
    step = np.concatenate([whole["level"].map(high).to_numpy(dtype=np.int64), depth])
    return Belonging(
        kept,
        places.iloc[order].reset_index(drop=True),
        every["grid"].to_numpy(dtype=np.int64),
        rank[every["place"]].astype(np.int64),
        step[order],
    )


def _chains(table: gpd.GeoDataFrame, counted: NDArray[np.bool_]) -> tuple[pd.DataFrame, Ids]:
    """Large grids that each grid that counts is or lies in, and those above: ``grid``, ``above``, ``depth``."""
    stated = table["parent_grid_id"].notna().to_numpy()
    parent = np.full(len(table), -1)
    parent[stated] = pd.Index(table["grid_id"]).get_indexer(pd.Index(table["parent_grid_id"][stated]))
    large = is_large(table)
    parent[parent >= 0] = np.where(large[parent[parent >= 0]], parent[parent >= 0], -1)
    grid, above, found = np.arange(len(table)), parent.copy(), []
    for depth in range(1, STEPS + 1):
        grid, above = grid[above >= 0], above[above >= 0]
        found.append(pd.DataFrame({"grid": grid, "above": above, "depth": depth}))
        above = parent[above]
    chains = pd.concat(found, ignore_index=True)
    used = np.union1d(chains["above"][counted[chains["grid"]]], np.flatnonzero(counted & large)).astype(np.int64)
    itself = pd.DataFrame({"grid": used, "above": used, "depth": 0})
    return pd.concat([itself, chains[chains["above"].isin(used)]], ignore_index=True), used


def _homes(table: gpd.GeoDataFrame, chains: pd.DataFrame) -> Any:
    """The division that each grid names, else the nearest large grid above it does."""
    named = table["division_id"].to_numpy(dtype=object, na_value=None)
    of_large = named[chains["above"].to_numpy(dtype=np.int64)]
    said = chains.assign(name=of_large)[pd.notna(of_large)]
    first = said.sort_values("depth", kind="stable").drop_duplicates("grid").set_index("grid")["name"]
    nearest = first.reindex(np.arange(len(table))).to_numpy(dtype=object)
    return np.where(pd.notna(named), named, nearest)


def _places(divisions: gpd.GeoDataFrame, large: gpd.GeoDataFrame) -> gpd.GeoDataFrame:
    """Divisions in their order, then large grids as places."""
    ids = divisions["division_id"].astype("object").to_numpy()
    parents = dict(zip(ids, divisions["parent_id"], strict=True))
    above = [next((one for one in lineage(id, parents) if one != id), None) for id in ids]
    taken = np.isin(large["grid_id"].to_numpy(dtype=object), ids)
    called = large["grid_id"].where(~taken, large["grid_id"] + "/large")
    upper = large["parent_grid_id"].map(dict(zip(large["grid_id"], called, strict=True)))
    lower = large.assign(
        division_id=called, level=LARGE_GRID, parent_id=upper.fillna(large["division_id"]), tree=ADMIN
    )
    columns = ["division_id", "name", "level", "parent_id", "tree", "geometry"]
    rows = [pd.DataFrame(divisions.assign(parent_id=above)[columns]), pd.DataFrame(lower[columns])]
    return gpd.GeoDataFrame(pd.concat(rows, ignore_index=True), geometry="geometry", crs=LONLAT)


def _in_tree(grids: gpd.GeoDataFrame, divisions: gpd.GeoDataFrame, *, prefixes: bool) -> tuple[Ids, Ids]:
    """Pairs of grid and division of one tree, each the row position."""
    ids = pd.Index(divisions["division_id"])
    parents = dict(zip(ids, divisions["parent_id"], strict=True))
    named = pd.Series(grids["division_id"].to_numpy(dtype=object), dtype="str")
    if not prefixes:
        named = named.where(ids.get_indexer(pd.Index(named)) >= 0)
    found = [memberships(named, ids, parents)]
    lost = np.setdiff1d(np.arange(len(grids)), found[0][0])
    for level in reversed(LEVELS):
        drawn = divisions[(divisions["level"] == level) & divisions.geometry.notna()]
        if len(lost) and len(drawn):
            parent = parentage(grids.iloc[lost], drawn)["parent"].to_numpy()
            held = pd.Series(drawn["division_id"].array, dtype="str").reindex(parent).reset_index(drop=True)
            grid, place = memberships(held, ids, parents)
            found.append((lost[grid], place))
            lost = lost[parent < 0]
    grid, place = (np.concatenate([pair[side] for pair in found]) for side in (0, 1))
    return grid, place
