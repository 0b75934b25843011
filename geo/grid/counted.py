"""Which grids count once? The small grids of one scheme: schemes and large grids lie upon the same ground."""

from __future__ import annotations

import geopandas as gpd
import numpy as np
from numpy.typing import NDArray

from geo.grid.large import is_large, main_scheme


def counts_once(grids: gpd.GeoDataFrame, scheme: str | None = None) -> NDArray[np.bool_]:
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
