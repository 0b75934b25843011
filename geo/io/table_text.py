"""Tables for spreadsheets: they open with the right letters, keep ids whole, and run no formula."""

from __future__ import annotations

import csv
import io
import math
from typing import Any

import geopandas as gpd
import numpy as np
import pandas as pd
import shapely

from geo.io.geojson import DIGITS, plain
from geo.layer import Field, Layer, Title

BOM = "\ufeff"
FORMULA = ("=", "+", "-", "@", "\t", "\r")
NUMBERS = (int, float, np.integer, np.floating)
DIGITS_SHOWN = 15  # a spreadsheet keeps no more
WGS84 = Title("WGS 84，度", "WGS 84, degrees")
ON_IT = Title(
    "WGS 84，度；区域或线上的一点，便于查找", "WGS 84, degrees; a point on the area or line, to find it by"
)


def _place(meaning: Title) -> tuple[Field, Field]:
    return (
        Field("lon", "number", Title("经度", "Longitude"), unit="°", meaning=meaning),
        Field("lat", "number", Title("纬度", "Latitude"), unit="°", meaning=meaning),
    )


PLACE = {"point": _place(WGS84), "line": _place(ON_IT), "area": _place(ON_IT), "none": ()}  # by what is drawn


def safe_csv(frame: pd.DataFrame, layer: Layer | None = None) -> bytes:
    """Write a table as CSV that a spreadsheet opens without harm.

    Parameters
    ----------
    frame : pandas.DataFrame
        Any table; geometry is left out.
    layer : Layer or None
        What the table is: its columns in their order, and those of :data:`PLACE`; None = any table.

    Returns
    -------
    bytes
        UTF-8 with byte-order mark, CRLF; headings are names, cells codes. Missing cells are empty, lists
        ``;``-joined, dates and times as RFC 3339, times in UTC. Text that a spreadsheet would run as a formula
        gets an apostrophe in front; text of digits that it would round or strip of leading zeros gets a tab
        behind, which keeps it text.
    """
    if layer is None:
        columns = {str(name): frame[name].tolist() for name in frame.columns if name != "geometry"}
    else:
        placed = with_place(frame, layer)
        columns = {field.name: plain(placed[field.name], field) for field in table_fields(layer)}
    out = io.StringIO()
    writer = csv.writer(out, lineterminator="\r\n")
    writer.writerow([safe_cell(name) for name in columns])
    writer.writerows(zip(*([safe_cell(cell) for cell in cells] for cells in columns.values()), strict=True))
    return (BOM + out.getvalue()).encode("utf-8")


def table_fields(layer: Layer) -> tuple[Field, ...]:
    """List the columns of a layer as a table.

    Parameters
    ----------
    layer : Layer
        The layer.

    Returns
    -------
    tuple of Field
        Its fields; after them those of :data:`PLACE` where it has geometry, unless it has a field of that name.
    """
    own = {field.name for field in layer.fields}
    return (*layer.fields, *(field for field in PLACE[layer.draw] if field.name not in own))


def with_place(frame: gpd.GeoDataFrame, layer: Layer) -> pd.DataFrame:
    """Write where the rows are as columns.

    Parameters
    ----------
    frame : geopandas.GeoDataFrame
        The layer, built, EPSG:4326.
    layer : Layer
        Which it is.

    Returns
    -------
    pandas.DataFrame
        Its :func:`table_fields`; degrees to 7 decimals, of an area or a line those of a point on it; missing where
        there is no geometry.
    """
    shapes = np.array(frame.geometry, dtype=object)
    shapes[shapely.is_empty(shapes)] = None
    shapes = shapes if layer.draw == "point" else shapely.point_on_surface(shapes)
    lonlat = {"lon": shapely.get_x(shapes), "lat": shapely.get_y(shapes)}
    names = [field.name for field in table_fields(layer)]
    return pd.DataFrame(
        {name: frame[name] if name in frame.columns else np.round(lonlat[name], DIGITS) for name in names},
        index=frame.index,
    )


def safe_cell(cell: Any) -> str:
    """Write one cell as text that a spreadsheet neither runs nor rounds.

    Parameters
    ----------
    cell : object
        Any value.

    Returns
    -------
    str
        Numbers stay numbers.

    Examples
    --------
    >>> safe_cell("=1+1"), safe_cell(-3), safe_cell(None), safe_cell(["a", "b"])
    ("'=1+1", '-3', '', 'a;b')
    """
    if isinstance(cell, (list, tuple, np.ndarray)):
        cell = ";".join(str(part) for part in cell)
    if cell is None or cell is pd.NaT or cell is pd.NA:
        return ""
    if isinstance(cell, (bool, np.bool_)):
        return str(bool(cell)).lower()
    if isinstance(cell, NUMBERS):
        return "" if isinstance(cell, (float, np.floating)) and math.isnan(cell) else f"{cell}"
    if isinstance(cell, bytes):
        return cell.hex()
    text = cell.isoformat() if hasattr(cell, "isoformat") else str(cell)
    if text.startswith(FORMULA):
        return f"'{text}"
    rounds = text.isdigit() and (len(text) > DIGITS_SHOWN - 4 or (text.startswith("0") and len(text) > 1))
    return f"{text}\t" if rounds else text
