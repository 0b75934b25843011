"""Which grids are large ones, that small ones lie in?"""

from __future__ import annotations

import geopandas as gpd
import numpy as np
import pandas as pd
from numpy.typing import NDArray


def large(grids: gpd.GeoDataFrame) -> NDArray[np.bool_]:
    """Mark the large grids.

    Parameters
    ----------
    grids : geopandas.GeoDataFrame
        The table: ``grid_id``, ``parent_grid_id``, ``scheme``.

    Returns
    -------
    numpy.ndarray of bool
        True for a grid that another names in ``parent_grid_id``, and for all grids of a scheme in which some are
        named so and none names one itself, shape (n,). Without any that is named, nothing is large.
    """
    above, ids = grids["parent_grid_id"].astype("object"), grids["grid_id"].astype("object")
    named = ids.isin(above[above.notna() & (above != ids)]).to_numpy()
    scheme = grids["scheme"].astype("object")
    small = pd.Series(above.notna().to_numpy() & ~named).groupby(scheme.to_numpy()).any()
    some = pd.Series(named).groupby(scheme.to_numpy()).any()
    whole = some[some].index.difference(small[small].index)
    return named | (scheme.isin(whole) & above.isna()).to_numpy()
