"""What a finding about the division of ground looks like: one row each, named and ordered."""

from __future__ import annotations

from typing import Any

import geopandas as gpd
import numpy as np
import pandas as pd
import shapely

from geo.crs import LONLAT
from geo.errors import finding_id
from geo.tables.conform import PANDAS_DTYPES

COLUMNS = {
    "finding_id": "string",
    "kind": "string",
    "cause": "string",
    "severity": "string",
    "grid_ids": "list",
    "parent_id": "string",
    "neighbour_id": "string",
    "area_m2": "float",
    "width_m": "float",
    "households": "count",
    "people": "count",
    "basis": "string",
    "detail": "string",
}
SEVERITY_ORDER = {"fail": 0, "warning": 1, "info": 2}
METRES_PER_DEGREE = 111_320.0


def findings(rows: pd.DataFrame) -> gpd.GeoDataFrame:
    """Name findings, type their columns and put them in order.

    Parameters
    ----------
    rows : pandas.DataFrame
        Any of the columns but the id, and ``geometry`` (EPSG:4326, may be missing).

    Returns
    -------
    geopandas.GeoDataFrame
        Every column; worst severity first, then largest area, then id. A finding's id depends on its kind, grids,
        parent and place to 1 m; where those agree, on its rank by area as well.
    """
    made = rows.reset_index(drop=True).reindex(columns=[*COLUMNS, "geometry"])
    made["grid_ids"] = [
        sorted(ids) if isinstance(ids, (list, tuple, np.ndarray)) else [] for ids in made["grid_ids"]
    ]
    made["area_m2"] = made["area_m2"].astype(float).round(2)
    made["width_m"] = made["width_m"].astype(float).round(3)
    made = (
        made.sort_values("area_m2", ascending=False, kind="stable")
        .assign(finding_id=_names)
        .reset_index(drop=True)
    )
    for name, dtype in COLUMNS.items():
        made[name] = made[name].astype(PANDAS_DTYPES[dtype])
    return worst_first(gpd.GeoDataFrame(made, geometry="geometry", crs=LONLAT))


def worst_first(found: gpd.GeoDataFrame) -> gpd.GeoDataFrame:
    """Put findings in order.

    Parameters
    ----------
    found : geopandas.GeoDataFrame
        ``severity``, ``area_m2`` and ``finding_id``.

    Returns
    -------
    geopandas.GeoDataFrame
        Worst severity first, then largest area (to 1 m²), then id; index 0…n-1.
    """
    severity = found["severity"].map(SEVERITY_ORDER).astype(float)
    area = found["area_m2"].fillna(0.0).round()
    order = np.lexsort((texts(found["finding_id"]), -area, severity))
    return found.iloc[order].reset_index(drop=True)


def _names(rows: pd.DataFrame) -> list[str]:
    centre = shapely.centroid(np.asarray(rows["geometry"], dtype=object))
    x, y = np.nan_to_num(shapely.get_x(centre)), np.nan_to_num(shapely.get_y(centre))
    east = x * METRES_PER_DEGREE * np.cos(np.radians(y))
    parent = rows["parent_id"].astype("object").where(rows["parent_id"].notna(), "")
    alike: dict[str, int] = {}
    names = []
    for kind, ids, of, e, n in zip(
        rows["kind"], rows["grid_ids"], parent, east, y * METRES_PER_DEGREE, strict=True
    ):
        name = finding_id(kind, ids, of, e, n)
        alike[name] = alike.get(name, 0) + 1
        names.append(name if alike[name] == 1 else finding_id(f"{kind} {alike[name]}", ids, of, e, n))
    return names


def texts(values: Any) -> Any:
    """Turn ids into plain text.

    Parameters
    ----------
    values : pandas.Series
        Ids, may be missing.

    Returns
    -------
    numpy.ndarray of object
        Text, empty where missing.
    """
    return values.astype("object").where(values.notna(), "").astype(str).to_numpy(dtype=object)
