"""Which grids are large ones, that small ones lie in? And which scheme is the workspace about?"""

from __future__ import annotations

import geopandas as gpd
import numpy as np
import pandas as pd
from numpy.typing import NDArray

from geo.grid.ancestry import positions

MAIN, LARGE = "main", "large"  # names of schemes


def is_large(grids: gpd.GeoDataFrame) -> NDArray[np.bool_]:
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


def _above_others(parent: NDArray[np.int64]) -> NDArray[np.bool_]:
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
