"""Schemes of grids lie upon the same ground, large grids upon small ones: which are large, which count once?"""

from __future__ import annotations

import geopandas as gpd
import numpy as np
import pandas as pd

from geo.parameters import StaffedGrids
from geo.place.rings import Ids, Mask

MAIN, LARGE = "main", "large"  # names of schemes


def positions(asked: pd.Series, ids: pd.Series) -> Ids:
    """Find the rows that are named.

    Parameters
    ----------
    asked : pandas.Series
        Ids that are looked for, may be missing, shape (n,).
    ids : pandas.Series
        Id of each row; of one that several rows have the first is meant.

    Returns
    -------
    numpy.ndarray
        Row position, -1 = missing or unknown, shape (n,).
    """
    if asked.isna().all():
        return np.full(len(asked), -1, dtype=np.int64)
    code, known = pd.factorize(ids.astype("object"))
    first = np.full(len(known) + 1, -1, dtype=np.int64)
    first[code[::-1]] = np.arange(len(code))[::-1]
    first[-1] = -1  # where missing ids were written, and where unknown ones lead
    at = pd.Index(known).get_indexer(pd.Index(asked.astype("object").where(asked.notna(), None)))
    return np.asarray(first[at], dtype=np.int64)


def is_large(grids: gpd.GeoDataFrame) -> Mask:
    """Tell which grids are large ones, made of small ones.

    Parameters
    ----------
    grids : geopandas.GeoDataFrame
        The table: ``grid_id``, ``parent_grid_id``, ``scheme``.

    Returns
    -------
    numpy.ndarray
        bool, shape (n,): those of the scheme ``large``, those that lie above another grid by ``parent_grid_id``,
        and the other grids of a scheme in which some do and none lies below one. Grids that only name each other
        in a circle are not large.
    """
    parent = positions(grids["parent_grid_id"], grids["grid_id"])
    scheme = grids["scheme"].astype("object").to_numpy()
    above = _above_others(parent)
    large = above | (scheme == LARGE)
    table = pd.DataFrame({"above": above, "below": grids["parent_grid_id"].notna().to_numpy() & ~above})
    some = table.groupby(scheme).any()
    return np.asarray(large | np.isin(scheme, list(some.index[some["above"] & ~some["below"]])), dtype=bool)


def main_scheme(schemes: pd.Series) -> str | None:
    """Name the scheme that the workspace is about.

    Parameters
    ----------
    schemes : pandas.Series
        Of some grids, may be missing.

    Returns
    -------
    str or None
        ``main``; without it, the first by name; None without any.
    """
    some = schemes.dropna()
    return MAIN if (some == MAIN).any() else min(some, default=None)


def _above_others(parent: Ids) -> Mask:
    """Go up from those that nobody names."""
    named = np.zeros(len(parent), dtype=bool)
    named[parent[parent >= 0]] = True
    above = np.zeros(len(parent), dtype=bool)
    here = np.flatnonzero(~named)
    while len(here):
        upper = np.unique(parent[here])
        here = upper[(upper >= 0) & ~above[upper]]
        above[here] = True
    return above


def counts_once(grids: gpd.GeoDataFrame, scheme: str | None = None) -> Mask:
    """Tell which grids hold each household once.

    Parameters
    ----------
    grids : geopandas.GeoDataFrame
        The table.
    scheme : str or None
        The scheme that is asked about; None = ``main``, without it the first by name.

    Returns
    -------
    numpy.ndarray
        bool, shape (n,): grids of that scheme that are not large.
    """
    small = ~is_large(grids)
    chosen = scheme or main_scheme(grids["scheme"][small])
    return np.asarray(small & (grids["scheme"] == chosen).to_numpy(dtype=bool), dtype=bool)


def once(grids: gpd.GeoDataFrame) -> gpd.GeoDataFrame:
    """Keep the grids that count once.

    Parameters
    ----------
    grids : geopandas.GeoDataFrame
        The table.

    Returns
    -------
    geopandas.GeoDataFrame
        Those of :func:`counts_once`.
    """
    return grids[counts_once(grids)]


def staffed_in(grids: gpd.GeoDataFrame, which: StaffedGrids = "small", scheme: str | None = None) -> Ids:
    """Tell in which grid the full-time workers of each grid are needed.

    Parameters
    ----------
    grids : geopandas.GeoDataFrame
        The table.
    which : {"small", "large"}
        ``small``: workers serve the grids of :func:`counts_once`; ``large``: the large grids that these name as
        the one they lie in, and those of them that lie in none, so that every household counts once.
    scheme : str or None
        As for :func:`counts_once`.

    Returns
    -------
    numpy.ndarray
        Row position, shape (n,): of itself for a grid that is staffed, of its large grid for a small one whose
        large grid is; -1 for all others (other schemes, large grids that no such small one names).
    """
    rows = np.arange(len(grids))
    counted = counts_once(grids, scheme)
    home: Ids = np.where(counted, rows, -1)
    if which == "large":
        parent = positions(grids["parent_grid_id"], grids["grid_id"])
        inner = counted & (parent >= 0) & is_large(grids)[parent]
        home[inner] = parent[inner]
        home[parent[inner]] = parent[inner]
    return home


def home_ids(grids: gpd.GeoDataFrame, home: Ids) -> dict[str, str]:
    """Name the grid in which each grid's workers are needed.

    Parameters
    ----------
    grids : geopandas.GeoDataFrame
        The table.
    home : numpy.ndarray
        As :func:`staffed_in` gives it.

    Returns
    -------
    dict of str to str
        By ``grid_id``; grids that need none are left out.
    """
    ids = grids["grid_id"].to_numpy(dtype=object)
    some = np.flatnonzero(home >= 0)
    return dict(zip(ids[some], ids[home[some]], strict=True))
