"""Which levels of the tree can be compared? Every level that has polygons with the next above that has."""

from __future__ import annotations

from collections.abc import Iterator
from dataclasses import dataclass

import geopandas as gpd
import numpy as np
import pandas as pd

from geo.crs import LONLAT
from geo.grid.ancestry import ancestors, circles, prefixed
from geo.place.index import named
from geo.place.schemes import is_large, positions
from geo.tables.ground import LEVELS

CHILD_COLUMNS = [
    *("grid_id", "division_id", "named", "looped", "own", "of_large", "kind", "households", "people", "geometry"),
]
MAIN_TREE = "admin"
PLACE_COLUMNS = ["division_id", "name", "level", "parent_id", "tree", "geometry"]


@dataclass(frozen=True, slots=True)
class Pair:
    """Two neighbouring levels of one tree.

    Parameters
    ----------
    level : str
        Level of the children: a level of divisions, ``large_grid`` or ``grid``.
    children : geopandas.GeoDataFrame
        ``grid_id``, ``division_id`` (their ancestor at the parents' level; what they name themselves where that
        leads nowhere), ``named`` (what they name as their parent), ``own`` and ``of_large`` (division that a grid
        names, and that its large grid names), ``kind``, ``households``, ``people`` and geometry. A row in a circle
        of parents names nothing.
    parents : geopandas.GeoDataFrame
        All places of the level above, with or without polygon: divisions, or large grids with the same columns.
    places : geopandas.GeoDataFrame
        All places of the tree that may be named as a parent.
    tree : str
        ``admin``, ``police`` or ``party``.
    scheme : str or None
        Of grids.
    """

    level: str
    children: gpd.GeoDataFrame
    parents: gpd.GeoDataFrame
    places: gpd.GeoDataFrame
    tree: str
    scheme: str | None = None

    @property
    def drawn(self) -> bool:
        """Both levels have polygons."""
        return bool(self.children.geometry.notna().any() and self.parents.geometry.notna().any())


def pairs(divisions: gpd.GeoDataFrame, grids: gpd.GeoDataFrame | None = None) -> Iterator[Pair]:
    """Pair up the levels that have polygons, from the top down.

    Parameters
    ----------
    divisions : geopandas.GeoDataFrame
        The table. Each tree (admin, police, party) is followed by itself.
    grids : geopandas.GeoDataFrame or None
        The table. Each scheme is compared by itself: large grids with the lowest level of the tree that most of
        them name, small grids with the large ones of the schemes that they name some of in ``parent_grid_id``,
        with the lowest level of divisions where they name none.

    Yields
    ------
    Pair
        A level of which no place has a polygon is passed over.
    """
    return (pair for pair in every_level(divisions, grids) if pair.drawn)


def every_level(divisions: gpd.GeoDataFrame, grids: gpd.GeoDataFrame | None = None) -> Iterator[Pair]:
    """Pair up every level with the next above that has polygons, whether or not it has any itself.

    Parameters
    ----------
    divisions, grids : geopandas.GeoDataFrame
        As for :func:`pairs`.

    Yields
    ------
    Pair
        Each division and each grid is a child in exactly one. Where no level above has polygons, the parents are
        of the next level above; those of the topmost are none.
    """
    divisions = divisions.reset_index(drop=True)
    trees = {tree: divisions[divisions["tree"] == tree] for tree in sorted(divisions["tree"].unique())}
    for tree, rows in trees.items():
        for level in LEVELS:
            if (rows["level"] == level).any():
                yield _division_pair(rows, tree, level)
    if grids is not None and len(grids):
        yield from _grid_pairs(trees, divisions.iloc[:0], grids.reset_index(drop=True))


def _division_pair(rows: gpd.GeoDataFrame, tree: str, level: str) -> Pair:
    looped = circles(rows["division_id"], rows["parent_id"]) >= 0
    known = pd.Index(rows["division_id"].astype("object").dropna().unique())
    prefix = named(known, prefixed(rows["division_id"], known, proper=True))
    upper = rows["parent_id"].astype("object").where(rows["parent_id"].notna(), prefix).where(~looped, None)
    parents = _lowest(rows, list(LEVELS[: LEVELS.index(level)]))
    above = ancestors(upper, rows, _level_of(parents))
    children = rows.assign(
        grid_id=rows["division_id"],
        division_id=above.where(above.notna(), upper),
        named=upper,
        looped=looped,
        own=upper.where(upper.isin(known), None),
        of_large=None,
        kind=None,
        households=pd.NA,
        people=pd.NA,
    )
    return _pair(level, children[rows["level"] == level], parents, rows, tree)


def _grid_pairs(
    trees: dict[str, gpd.GeoDataFrame], none: gpd.GeoDataFrame, grids: gpd.GeoDataFrame
) -> Iterator[Pair]:
    """Compare the large grids of each scheme with divisions, its small ones with the large ones that they name."""
    looped = circles(grids["grid_id"], grids["parent_grid_id"]) >= 0
    large = is_large(grids)
    top = positions(grids["parent_grid_id"], grids["grid_id"])
    top = np.where((top >= 0) & np.append(large, False)[top] & ~looped, top, -1)
    own = grids["division_id"].astype("object").where(grids["division_id"].notna(), None)
    rows = grids.assign(looped=looped, own=own, of_large=np.where(large, None, named(own, top)))
    under = grids["parent_grid_id"].astype("object").where(grids["parent_grid_id"].notna(), rows["own"])
    under = under.where(~looped, None)
    scheme = grids["scheme"].astype("object").to_numpy()
    for one in sorted({*scheme}):
        tree, places = _tree_of(grids["division_id"][scheme == one], trees, none)
        lowest = _lowest(places, list(LEVELS))
        home = ancestors(rows["own"], places, _level_of(lowest))
        home = home.where(home.notna(), rows["own"])
        mine, above = (scheme == one) & large, _as_places(grids[large], tree)
        if mine.any():
            children = rows.assign(division_id=home, named=under)[mine]
            yield _pair("large_grid", children, lowest, pd.concat([places, above]), tree, one)
        mine = (scheme == one) & ~large
        tops = large & np.isin(scheme, [*{*scheme[top[mine & (top >= 0)]]}])
        if tops.any():
            above = _as_places(grids[tops], tree)
            children = rows.assign(division_id=grids["parent_grid_id"], named=under)[mine]
            yield _pair("grid", children, above, pd.concat([places, above]), tree, one)
        elif mine.any():
            children = rows.assign(division_id=home, named=rows["own"].where(~looped, None))[mine]
            yield _pair("grid", children, lowest, places, tree, one)


def _pair(
    level: str,
    children: gpd.GeoDataFrame,
    parents: gpd.GeoDataFrame,
    places: pd.DataFrame,
    tree: str,
    scheme: str | None = None,
) -> Pair:
    made = gpd.GeoDataFrame(children[CHILD_COLUMNS], geometry="geometry", crs=LONLAT)
    return Pair(level, made.reset_index(drop=True), parents.reset_index(drop=True), places, tree, scheme)


def _lowest(rows: gpd.GeoDataFrame, levels: list[str]) -> gpd.GeoDataFrame:
    """Pick the lowest level that has polygons, else the lowest that has rows, else nothing."""
    for some in (rows[rows.geometry.notna()], rows):
        there = [level for level in levels if (some["level"] == level).any()]
        if there:
            return rows[rows["level"] == there[-1]]
    return rows.iloc[:0]


def _level_of(rows: gpd.GeoDataFrame) -> str:
    return str(rows["level"].iloc[0]) if len(rows) else ""


def _as_places(large: gpd.GeoDataFrame, tree: str) -> gpd.GeoDataFrame:
    """Present large grids as divisions."""
    made = large.assign(
        division_id=large["grid_id"], parent_id=large["division_id"], level="large_grid", tree=tree
    )
    return made[PLACE_COLUMNS]


def _tree_of(
    named: pd.Series, trees: dict[str, gpd.GeoDataFrame], none: gpd.GeoDataFrame
) -> tuple[str, gpd.GeoDataFrame]:
    """Find the tree of which a scheme's grids name most divisions; the administrative one where they name none."""
    known = {tree: int(named.isin(rows["division_id"]).sum()) for tree, rows in trees.items()}
    best = max(sorted(known, key=lambda tree: (tree != MAIN_TREE, tree)), key=known.__getitem__, default=MAIN_TREE)
    return best, trees.get(best, none)
