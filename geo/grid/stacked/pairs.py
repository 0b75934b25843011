"""Which schemes of grids, and which levels of which trees of divisions, are compared with each other?"""

from __future__ import annotations

from collections.abc import Iterator
from itertools import combinations

import geopandas as gpd
import pandas as pd

from geo.place.schemes import counts_once, is_large
from geo.place.tree import memberships
from geo.tables.ground import LEVELS

MOST = 0.5
COUNTS = ["households", "people"]


def scheme_pairs(grids: gpd.GeoDataFrame) -> Iterator[tuple[gpd.GeoDataFrame, gpd.GeoDataFrame]]:
    """Pair up schemes that divide the same ground, each with each.

    Parameters
    ----------
    grids : geopandas.GeoDataFrame
        The table.

    Yields
    ------
    tuple of geopandas.GeoDataFrame
        Grids of two schemes, in the order of their names. A scheme is not compared with the one that its grids'
        parents are of (``parent_grid_id``; that of most where they name several), nor with what lies above that.
        Large grids that share a scheme with small ones are left out.
    """
    above = _parent_schemes(grids)
    small = ~is_large(grids)
    for one, other in combinations(sorted(grids["scheme"].dropna().unique()), 2):
        if other not in _upward(one, above) and one not in _upward(other, above):
            rows = [(grids["scheme"] == scheme).to_numpy() for scheme in (one, other)]
            left, right = (grids[mine & small] if (mine & small).any() else grids[mine] for mine in rows)
            yield left, right


def _parent_schemes(grids: gpd.GeoDataFrame) -> dict[str, str]:
    """Find the scheme that lies above each, where there is one."""
    scheme_of = grids.drop_duplicates("grid_id").set_index("grid_id")["scheme"].astype("object")
    links = pd.DataFrame(
        {
            "scheme": grids["scheme"].astype("object").to_numpy(),
            "above": grids["parent_grid_id"].astype("object").map(scheme_of).to_numpy(),
        }
    ).dropna()
    counts = links[links["scheme"] != links["above"]].value_counts(sort=False).reset_index(name="grids")
    whole = counts.groupby("scheme")["grids"].transform("sum")
    most = counts[counts["grids"] > MOST * whole]
    return dict(zip(most["scheme"], most["above"], strict=True))


def _upward(scheme: str, above: dict[str, str]) -> set[str]:
    """List what lies above a scheme; a circle is gone round once."""
    seen: set[str] = set()
    while scheme in above and above[scheme] not in seen:
        scheme = above[scheme]
        seen.add(scheme)
    return seen


def tree_pairs(
    divisions: gpd.GeoDataFrame, grids: gpd.GeoDataFrame | None = None
) -> Iterator[tuple[gpd.GeoDataFrame, gpd.GeoDataFrame]]:
    """Pair up the levels at which two trees divide the same ground.

    Parameters
    ----------
    divisions : geopandas.GeoDataFrame
        The table.
    grids : geopandas.GeoDataFrame or None
        The table, for the households and people of the divisions that grids name, and of all above them.

    Yields
    ------
    tuple of geopandas.GeoDataFrame
        Divisions of one level of a tree each, trees in the order of their names, with ``households`` and
        ``people`` (missing = unknown). Compared are the levels of which both trees have polygons, and the lowest
        drawn level of the one with the lowest of the other.
    """
    trees = {tree: _counted(rows, grids) for tree, rows in divisions.groupby("tree", sort=True)}
    for one, other in combinations(trees.values(), 2):
        drawn = [
            [level for level in LEVELS if rows.geometry[rows["level"] == level].notna().any()]
            for rows in (one, other)
        ]
        if all(drawn):
            same = [(level, level) for level in drawn[0] if level in drawn[1]]
            for upper, lower in dict.fromkeys([*same, (drawn[0][-1], drawn[1][-1])]):
                yield one[one["level"] == upper], other[other["level"] == lower]


def _counted(tree: gpd.GeoDataFrame, grids: gpd.GeoDataFrame | None) -> gpd.GeoDataFrame:
    """Add up the grids' own counts in the divisions of one tree."""
    if grids is None:
        return tree.assign(**dict.fromkeys(COUNTS))
    ids = pd.Index(tree["division_id"])
    named = grids[grids["division_id"].isin(ids)]
    named = named[counts_once(named)]
    parents = dict(zip(tree["division_id"], tree["parent_id"], strict=True))
    place, member = memberships(named["division_id"], ids, parents)
    counts = named[COUNTS].astype("Float64").iloc[place].groupby(member).sum(min_count=1)
    return tree.assign(**counts.reindex(range(len(tree))).set_axis(tree.index))
