"""Give a frame every column of its contract, with the contract's types."""

from __future__ import annotations

from typing import Any

import geopandas as gpd
import pandas as pd

from geo.crs import LONLAT
from geo.tables import TABLES
from geo.tables.contract import Column

PANDAS_DTYPES: dict[str, Any] = {
    "string": pd.StringDtype(na_value=float("nan")),
    "count": "Int64",
    "float": "float64",
    "bool": "bool",
    "date": "datetime64[s]",
    "datetime": "datetime64[us, UTC]",
    "list": "object",
    "wkb": "object",
}


def conform(name: str, frame: Any) -> Any:
    """Add the columns that a contract has and a frame lacks, and set every type.

    Values must already be right: this is for tables made in code and for the last step of reading, it reports
    nothing.

    Parameters
    ----------
    name : str
        Table name.
    frame : pandas.DataFrame or geopandas.GeoDataFrame
        Any subset of the contract's columns; others are kept at the end.

    Returns
    -------
    pandas.DataFrame or geopandas.GeoDataFrame
        A new frame, index 0…n-1, contract columns first in their order; geometry last where the contract has one,
        EPSG:4326.
    """
    contract = TABLES[name]
    plain = pd.DataFrame(frame.drop(columns="geometry", errors="ignore")).reset_index(drop=True)
    columns = {column.name: _typed(plain.get(column.name), column, len(plain)) for column in contract.columns}
    extra = {key: plain[key] for key in plain.columns if key not in columns}
    made = pd.DataFrame({**columns, **extra}, index=plain.index)
    if not contract.shapes:
        return made
    geometry = frame["geometry"].array if "geometry" in frame else [None] * len(plain)
    return gpd.GeoDataFrame(made, geometry=gpd.GeoSeries(geometry, index=plain.index, crs=LONLAT))


def _typed(values: Any, column: Column, length: int) -> Any:
    if values is None:
        values = pd.Series([None] * length, dtype="object")
    if column.dtype == "list":
        return pd.Series([list(v) if isinstance(v, (list, tuple)) or hasattr(v, "tolist") else [] for v in values])
    if column.default is not None:
        values = values.astype("object").where(values.notna(), column.default)
    return values.astype(PANDAS_DTYPES[column.dtype])
