"""What lies above a division, a hundred thousand at once; and where the way up goes round in a circle."""

from __future__ import annotations

import geopandas as gpd
import numpy as np
import pandas as pd
from numpy.typing import NDArray

from geo.place.index import named
from geo.place.rings import Ids
from geo.place.schemes import positions
from geo.place.tree import CODE_LENGTHS


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
        Division ids, index as of ``ids``; missing where the way up does not pass the level. A parent that is
        missing or not known is found by prefix (:func:`geo.place.tree.lineage`); a circle of parents is gone round
        once.
    """
    rows = _each_once(divisions)
    known = pd.Index(rows["division_id"].astype("object"))
    there = np.append((rows["level"] == level).to_numpy(), False)
    reached = np.append(np.where(there[:-1], np.arange(len(known)), _upward(rows, known)), -1)
    for _ in range(len(known).bit_length()):  # each round goes twice as far as the one before
        reached = reached[reached]
    code, distinct = pd.factorize(ids.astype("object"))
    start = prefixed(pd.Series(distinct, dtype="object"), known)
    found = np.append(np.where(there[reached[start]], reached[start], -1), -1)[code]
    return pd.Series(named(known, found), index=ids.index, dtype="object")


def prefixed(codes: pd.Series, known: pd.Index, *, proper: bool = False) -> Ids:
    """Find codes in a table, or the longest of their prefixes that it knows.

    Parameters
    ----------
    codes : pandas.Series
        Codes, may be missing, shape (n,).
    known : pandas.Index
        Division ids, each once.
    proper : bool
        True = a code is not its own prefix.

    Returns
    -------
    numpy.ndarray
        Position in ``known``, -1 = none, shape (n,).
    """
    given = codes.notna().to_numpy()
    length = codes.astype("str").str.len().fillna(0).to_numpy()
    found = np.full(len(codes), -1, dtype=np.int64)
    if not proper:
        found[given] = known.get_indexer(codes[given])
    for size in CODE_LENGTHS:
        open_ = np.flatnonzero(given & (found < 0) & (length > size))
        found[open_] = known.get_indexer(codes.iloc[open_].astype("str").str[:size].astype("object"))
    return found


def circles(ids: pd.Series, above: pd.Series) -> Ids:
    """Find where the way up leads back to where it began.

    Parameters
    ----------
    ids, above : pandas.Series
        Id of each row and of the one above it, which may be missing or unknown, shape (n,).

    Returns
    -------
    numpy.ndarray
        The lowest row position of the circle that a row belongs to; -1 = in none, though the way up may end in
        one. Shape (n,).
    """
    return _rounds(positions(above, ids))


def _rounds(up: Ids) -> Ids:
    """Number the circles of a map in which each place leads to one other, or to none (-1)."""
    nowhere = len(up)
    jump = np.append(np.where(up < 0, nowhere, up), nowhere)
    lowest = np.arange(nowhere + 1)
    for _ in range(nowhere.bit_length()):
        lowest = np.minimum(lowest, lowest[jump])
        jump = jump[jump]
    upon: NDArray[np.bool_] = np.zeros(nowhere + 1, dtype=bool)
    upon[jump] = True  # after so many steps whoever is still on the way is in a circle, at each of its places
    return np.where(upon[:-1], lowest[:-1], -1).astype(np.int64)


def _each_once(divisions: gpd.GeoDataFrame) -> pd.DataFrame:
    """Take one row an id, the same whatever the order of rows."""
    rows = pd.DataFrame(divisions[["division_id", "parent_id", "level"]]).dropna(subset="division_id")
    if rows["division_id"].is_unique:
        return rows
    return rows.sort_values(["division_id", "parent_id", "level"]).drop_duplicates("division_id")


def _upward(rows: pd.DataFrame, known: pd.Index) -> Ids:
    """Find the row above each: the parent that it names, else by the prefix of that, else of its own code."""
    above = rows["parent_id"].astype("object").reset_index(drop=True)
    own = rows["division_id"].astype("object").reset_index(drop=True)
    found = np.where(above.notna(), prefixed(above, known), prefixed(own, known, proper=True))
    return np.asarray(found, dtype=np.int64)
