"""Every visit that counts, whatever its evidence."""

from __future__ import annotations

import geopandas as gpd
import pandas as pd

from geo.border.patrols import declared_visits
from geo.tables.conform import conform


def every_visit(
    visits: pd.DataFrame | None, patrols: pd.DataFrame | None, places: gpd.GeoDataFrame
) -> pd.DataFrame:
    """Bring imported visits and credited patrols together.

    Parameters
    ----------
    visits, patrols : pandas.DataFrame or None
        The tables of those names.
    places : geopandas.GeoDataFrame
        From :func:`geo.border.markers.marker_places`.

    Returns
    -------
    pandas.DataFrame
        Rows of the ``visits`` table by ``visit_id``: the imported ones, and those that declared patrols are
        credited with.
    """
    imported = conform("visits", pd.DataFrame()) if visits is None else visits
    credited = [] if patrols is None else [declared_visits(patrols, places).visits]
    every = pd.concat([imported, *credited], ignore_index=True)
    return every.sort_values("visit_id", kind="stable", ignore_index=True)
