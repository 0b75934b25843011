"""Every visit that counts, whatever its evidence, and what the public may know of it."""

from __future__ import annotations

import geopandas as gpd
import pandas as pd

from geo.border.crediting import gps_visits
from geo.border.patrols import declared_visits, scanned_visits
from geo.tables.conform import conform


def every_visit(
    visits: pd.DataFrame | None,
    patrols: pd.DataFrame | None,
    entries: pd.DataFrame | None,
    places: gpd.GeoDataFrame,
) -> pd.DataFrame:
    """Bring imported visits and credited patrols together.

    Parameters
    ----------
    visits, patrols : pandas.DataFrame or None
        The tables of those names.
    entries : pandas.DataFrame or None
        From :func:`geo.border.crediting.track_entries`.
    places : geopandas.GeoDataFrame
        From :func:`geo.border.markers.marker_places`.

    Returns
    -------
    pandas.DataFrame
        Rows of the ``visits`` table by ``visit_id``: the imported ones, and those that tracks, scanned markers and
        declared patrols are credited with.
    """
    imported = conform("visits", pd.DataFrame()) if visits is None else visits
    every = [imported, scanned_visits(imported, patrols, places)]
    if entries is not None:
        every.append(gps_visits(entries, patrols))
    if patrols is not None:
        every.append(declared_visits(patrols, places).visits)
    return pd.concat(every, ignore_index=True).sort_values("visit_id", kind="stable", ignore_index=True)
