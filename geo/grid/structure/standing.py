"""Does each child name a parent that exists, on the level right above?"""

from __future__ import annotations

from typing import Any

import geopandas as gpd
import numpy as np
import pandas as pd

from geo.grid.ancestry import circles, prefixed
from geo.grid.findings import findings
from geo.grid.structure.marks import marks
from geo.place.index import named as told
from geo.place.rings import Ids
from geo.tables.ground import LEVELS

CHILD_LEVELS = (*LEVELS, "large_grid", "grid")  # from the top of the tree to its foot
CODE_DIGITS = {"region": 2, "league": 4, "county": 6, "township": 9, "community": 12}
LEVEL_OF_DIGITS = {digits: CHILD_LEVELS.index(level) for level, digits in CODE_DIGITS.items()}


def standing(named: pd.Series, level: str, divisions: gpd.GeoDataFrame, nowhere: Any) -> pd.DataFrame:
    """Mark children that name no parent, an unknown one, or one that is not right above.

    The level right above is the next one that the tree has rows of; children of its topmost level need no parent.
    An unknown code of a level that the tree does not list stands for what is listed above it.

    Parameters
    ----------
    named : pandas.Series
        What each child names as its parent; missing = nothing.
    level : str
        Level of the children: one of ``CHILD_LEVELS``.
    divisions : geopandas.GeoDataFrame
        All places that may be named: ``division_id`` and ``level``.
    nowhere : numpy.ndarray of bool
        Children of which no parent could be found on the ground either.

    Returns
    -------
    pandas.DataFrame
        Marks: ``orphan`` (nobody knows the parent; ``detail``: what is named), ``skipped`` (the parent is of
        another level; ``detail``: what is named).
    """
    rank = divisions["level"].map(CHILD_LEVELS.index).to_numpy(dtype=np.int64)
    own = CHILD_LEVELS.index(level)
    listed = np.unique(rank)
    above = listed[listed < own]
    if not len(above):
        return marks(np.empty(0, dtype=np.int64), "orphan")
    code, distinct = pd.factorize(named.astype("object"))
    state = _states(pd.Series(distinct, dtype="object"), divisions["division_id"], rank, listed, above[-1])
    of_child = np.where(code < 0, "unnamed", told(state, code))
    orphan = (of_child == "orphan") | ((of_child == "unnamed") & nowhere)
    said = told(distinct, code)
    return pd.concat(
        [
            marks(np.flatnonzero(orphan), "orphan", detail=said[orphan]),
            marks(np.flatnonzero(of_child == "skipped"), "skipped", detail=said[of_child == "skipped"]),
        ]
    )


def _states(codes: pd.Series, ids: pd.Series, rank: Ids, listed: Ids, above: int) -> Any:
    """Judge each code that is named."""
    first = pd.Series(rank, index=ids.astype("object").to_numpy()).groupby(level=0).max()
    places, ranks = first.index, np.append(first.to_numpy(), -1)
    exact = places.get_indexer(codes)
    length = codes.astype("str").str.len().to_numpy()
    meant = np.where(codes.astype("str").str.isdigit(), [LEVEL_OF_DIGITS.get(digits, -1) for digits in length], -1)
    unlisted = (meant >= 0) & ~np.isin(meant, listed)
    at = np.where(exact >= 0, exact, np.where(unlisted, prefixed(codes, places, proper=True), -1))
    return np.select([at < 0, ranks[at] != above], ["orphan", "skipped"], "").astype(object)


def circle_findings(table: gpd.GeoDataFrame, *, key: str, above: str, belongs: str) -> gpd.GeoDataFrame:
    """Find rows that lie above themselves.

    Parameters
    ----------
    table : geopandas.GeoDataFrame
        Divisions or grids, with their ``level``.
    key, above, belongs : str
        Columns of the row's id, of the one above it, and of the tree or scheme that it belongs to.

    Returns
    -------
    geopandas.GeoDataFrame
        One row a circle, as :func:`geo.grid.findings.findings` gives them, with ``level`` and ``belongs``:
        ``grid_ids`` are its members; all else is of the topmost of them (the lowest id of several): ``parent_id``
        is what it names, ``detail`` itself.
    """
    circle = circles(table[key], table[above])
    rows = table[circle >= 0].assign(circle=circle[circle >= 0])
    members = rows.groupby("circle")[key].agg(lambda ids: sorted(ids.astype(str)))
    rank = rows["level"].map(CHILD_LEVELS.index)
    top = rows.assign(rank=rank).sort_values(["rank", key, above]).drop_duplicates("circle").reset_index(drop=True)
    given = {"kind": "cycle", "cause": "real", "severity": "fail", "grid_ids": top["circle"].map(members)}
    of_top = {"parent_id": top[above], "detail": top[key], "geometry": top.geometry}
    found = findings(pd.DataFrame({**given, **of_top}))
    said = top.set_index(top[key].astype("object"))
    at = found["detail"].astype("object")
    return found.assign(
        **{
            name: at.map(said[column].astype("object"))
            for name, column in (("level", "level"), ("belongs", belongs))
        }
    )
