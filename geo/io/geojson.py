"""A built layer as GeoJSON, feature by feature: pages and files are put together from the same bytes."""

from __future__ import annotations

from collections.abc import Callable, Iterable
from typing import Any

import geopandas as gpd
import numpy as np
import orjson
import pandas as pd
import shapely

from geo.layer import Field, Layer
from geo.words import Lang

DIGITS = 7  # of a degree: 1 cm
TIME_KINDS = ("date", "date-time")
CONVERT: dict[str, Callable[[Any], Any]] = {"string": str, "integer": int, "number": float, "boolean": bool}


def features(frame: gpd.GeoDataFrame, layer: Layer, lang: Lang | None = None) -> list[bytes]:
    """Write each row as a GeoJSON feature.

    Parameters
    ----------
    frame : geopandas.GeoDataFrame
        The layer, built: its fields and geometry in EPSG:4326.
    layer : Layer
        Which fields there are; the first is the feature's id too.
    lang : {"zh", "en"} or None
        With a language, codes are written as their words in it.

    Returns
    -------
    list of bytes
        UTF-8, one feature each, in row order: coordinates rounded to 7 decimals, polygons' outer rings
        counter-clockwise (RFC 7946); missing values and missing or empty geometry are null; lists are arrays;
        dates and times as RFC 3339, times in UTC.
    """
    columns = {field.name: plain(frame[field.name], field, lang) for field in layer.fields}
    geometry = _geometry(frame)
    ids = plain(frame[layer.key], layer.fields[0])
    names = list(columns)
    return [
        orjson.dumps(
            {
                "type": "Feature",
                "id": id,
                "geometry": None if shape is None else orjson.Fragment(shape),
                "properties": dict(zip(names, row, strict=True)),
            }
        )
        for id, shape, row in zip(ids, geometry, zip(*columns.values(), strict=True), strict=True)
    ]


def feature_collection(parts: Iterable[bytes], **members: Any) -> bytes:
    """Put features together.

    Parameters
    ----------
    parts : iterable of bytes
        Of :func:`features`.
    **members : Any
        Further members of the collection, such as ``links`` or ``numberReturned``.

    Returns
    -------
    bytes
        A GeoJSON feature collection.

    Examples
    --------
    >>> feature_collection([], numberReturned=0)
    b'{"type":"FeatureCollection","numberReturned":0,"features":[]}'
    """
    head = orjson.dumps({"type": "FeatureCollection", **members})
    return head[:-1] + b',"features":[' + b",".join(parts) + b"]}"


def plain(values: pd.Series, field: Field, lang: Lang | None = None) -> list[Any]:
    """Turn a column into plain values that JSON knows.

    Parameters
    ----------
    values : pandas.Series
        The column.
    field : Field
        What it is.
    lang : {"zh", "en"} or None
        With a language, codes become their words in it.

    Returns
    -------
    list
        Strings, numbers, booleans and lists of strings; dates and times as RFC 3339, times in UTC. What is missing
        is None, a missing list empty.
    """
    if field.kind == "list":
        return [
            [str(item) for item in cell] if isinstance(cell, (list, tuple, np.ndarray)) else [] for cell in values
        ]
    missing = values.isna().to_numpy()
    if field.kind in TIME_KINDS:
        return [None if gone else _moment(cell, field.kind) for cell, gone in zip(values, missing, strict=True)]
    words = {code: title.record()[lang] for code, title in field.values.items()} if lang else {}
    convert = CONVERT[field.kind]
    plain = [None if gone else convert(cell) for cell, gone in zip(values.tolist(), missing, strict=True)]
    return [None if cell is None else words.get(cell, cell) for cell in plain] if words else plain


def _geometry(frame: gpd.GeoDataFrame) -> list[bytes | None]:
    shapes = np.array(frame.geometry, dtype=object)
    shapes[shapely.is_empty(shapes)] = None
    rounded = shapely.transform(shapes, lambda xy: np.round(xy, DIGITS))
    texts = shapely.to_geojson(shapely.orient_polygons(rounded, exterior_cw=False))
    return [None if text is None else text.encode() for text in texts]


def _moment(cell: Any, kind: str) -> str:
    stamp = pd.Timestamp(cell)
    if kind == "date":
        return str(stamp.date().isoformat())
    zoned = stamp.tz_localize("UTC") if stamp.tzinfo is None else stamp.tz_convert("UTC")
    return str(zoned.isoformat(timespec="seconds")).replace("+00:00", "Z")
