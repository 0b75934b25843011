"""The facts of a row: which fields a card shows, in which order, and their values written small."""

from __future__ import annotations

from collections.abc import Collection, Mapping
from typing import Any

import geopandas as gpd
import numpy as np
import pandas as pd

from geo.layer import Field, Layer

HIDDEN = frozenset({"synthetic", "x", "y", "week", "worst_lon", "worst_lat"})
NAMES = ("name", "number")
HEADINGS = {  # rows without a name of their own are called by what they are
    "unserved-areas": "rank",
    "grid-findings": "kind",
    "border-findings": "kind",
    "border-status": "segment_ids",
    "holder-load": "post_id",
    "fence-defects": "kind",
}
REFERENCES = {  # fields that hold the id of a row of another layer
    "station_id": "stations",
    "second_station_id": "stations",
    "hub_id": "stations",
    "division_id": "divisions",
    "parent_id": "divisions",
    "post_id": "posts",
    "second_post_id": "posts",
    "post_ids": "posts",
    "segment_ids": "border-segments",
    "segment_id": "border-segments",
}
DECIMALS = {"share": 4, "minutes": 1, "m": 1, "m²": 1, "days": 2, "h": 1, "FTE": 2}


def facts(layer: Layer) -> list[str]:
    """Choose what the card of a row says.

    Parameters
    ----------
    layer : Layer
        Any layer.

    Returns
    -------
    list of str
        Field names in the layer's own order, without what stands in the card's heading (id and name) and
        what is only bookkeeping.
    """
    hidden = HIDDEN | {layer.key, heading(layer)}
    return [field.name for field in layer.fields if field.name not in hidden]


def heading(layer: Layer) -> str:
    """Choose the field that a card is headed with.

    Parameters
    ----------
    layer : Layer
        Any layer.

    Returns
    -------
    str
        ``name`` or ``number`` where there is one, else what :data:`HEADINGS` says, else the id.
    """
    names = [field.name for field in layer.fields]
    return next((name for name in (*NAMES, HEADINGS.get(layer.id, "")) if name in names), layer.key)


def describe(layer: Layer) -> list[dict[str, Any]]:
    """Describe a layer's fields for the browser.

    Parameters
    ----------
    layer : Layer
        Any layer.

    Returns
    -------
    list of dict
        ``name title kind unit``, ``values`` where a string is a code, ``refers`` where it is the id of another
        layer's row.
    """
    described = []
    for field in layer.fields:
        record: dict[str, Any] = {
            "name": field.name,
            "title": field.title.record(),
            "kind": field.kind,
            "unit": field.unit,
        }
        if field.values:
            record["values"] = {code: label.record() for code, label in field.values.items()}
        if field.name in REFERENCES and field.name != layer.key:
            record["refers"] = REFERENCES[field.name]
        described.append(record)
    return described


def columns(
    layer: Layer, frame: gpd.GeoDataFrame, names: Collection[str] | None = None
) -> dict[str, dict[str, Any]]:
    """Write a layer's values small.

    Parameters
    ----------
    layer : Layer
        Any layer.
    frame : geopandas.GeoDataFrame
        Its rows.
    names : collection of str or None
        Fields that are wanted; None = all.

    Returns
    -------
    dict
        By field: ``{"all": value}`` where every row has the same, ``{"of": [values], "at": [which]}`` where
        few values come often, else ``{"list": [values]}``. Missing is null, an infinite number the text
        ``"inf"``; numbers are rounded as their unit deserves.
    """
    wanted = [field for field in layer.fields if names is None or field.name in names]
    return {field.name: _packed(_plain(field, frame[field.name])) for field in wanted}


def written_once(layers: Mapping[str, dict[str, Any]]) -> dict[str, dict[str, Any]]:
    """Leave out columns that an earlier layer has too: a grid has one name in every layer.

    Parameters
    ----------
    layers : mapping of str to dict
        Records with ``columns`` as :func:`columns` writes them, by layer id.

    Returns
    -------
    dict of str to dict
        The same; a column whose values are the first of those of an earlier layer's column of that name is
        ``{"like": layer id}``.
    """
    told: dict[str, list[tuple[str, list[Any]]]] = {}
    made = {}
    for id, record in layers.items():
        kept = dict(record["columns"])
        for name, column in record["columns"].items():
            values = column.get("list", [])
            like = next((other for other, long in told.get(name, ()) if long[: len(values)] == values), None)
            if values and like:
                kept[name] = {"like": like}
            elif values:
                told.setdefault(name, []).append((id, values))
        made[id] = {**record, "columns": kept}
    return made


def _plain(field: Field, column: pd.Series) -> list[Any]:
    if field.kind == "list":
        return [[str(one) for one in value] if _is_list(value) else [] for value in column]
    missing = column.isna().to_numpy()
    if field.kind in {"date", "date-time"}:
        form = "%Y-%m-%d" if field.kind == "date" else "%Y-%m-%dT%H:%M:%SZ"
        text = pd.to_datetime(column).dt.strftime(form)
        return [None if gone else str(value) for value, gone in zip(text, missing, strict=True)]
    if field.kind == "number":
        numbers = column.astype(float).round(DECIMALS.get(field.unit, 2))
        return [None if gone else _number(value) for value, gone in zip(numbers, missing, strict=True)]
    turn: Any = {"integer": int, "boolean": bool}.get(field.kind, str)
    return [None if gone else turn(value) for value, gone in zip(column, missing, strict=True)]


def _number(value: float) -> Any:
    if np.isinf(value):
        return "inf"
    return int(value) if value == int(value) else float(value)


def _is_list(value: Any) -> bool:
    return isinstance(value, list | tuple | np.ndarray)


def _packed(values: list[Any]) -> dict[str, Any]:
    keys = [tuple(value) if isinstance(value, list) else value for value in values]
    place = {key: number for number, key in enumerate(dict.fromkeys(keys))}
    if len(place) == 1 and not isinstance(values[0], list):
        return {"all": values[0]}
    if len(place) * 2 < len(values) and any(isinstance(key, str | tuple) for key in place):
        return {"of": list(place), "at": [place[key] for key in keys]}
    return {"list": values}
