"""The facts of a row: which fields a card shows, in which order, and their values written small."""

from __future__ import annotations

from collections.abc import Collection, Mapping
from itertools import takewhile
from typing import Any

import geopandas as gpd
import numpy as np
import pandas as pd

from geo.comparison import DECIMALS, OTHER_DECIMALS
from geo.layer import Field, Layer

HIDDEN = frozenset({"synthetic", "x", "y", "week", "worst_lon", "worst_lat"})
NAMES = ("name", "number")
SHAPED = ("shape_of", "inside")  # of a layer's record
HEADINGS = {  # rows without a name of their own are called by what they are
    "unserved-areas": "rank",
    "data-faults": "line",
    "grid-findings": "kind",
    "border-findings": "kind",
    "border-status": "segment_ids",
    "holder-load": "post_id",
    "fence-defects": "kind",
    "rule-findings": "role",
    "scheme-conflicts": "cut_id",
    "scheme-matches": "left_id",
    "repair-ledger": "grid_id",
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
    "grid_id": "grids",
    "grid_ids": "grids",
    "neighbour_id": "grids",
    "other_id": "grids",
    "target_id": "grids",
    "cut_id": "grids",
    "left_id": "grids",
    "right_id": "grids",
    "district_id": "grids",
    "today_id": "grids",
    "parent_grid_id": "grids",
    "finding_id": "grid-findings",
    "finding_ids": "grid-findings",
}
BEGINNING = 57  # longest beginning that a text can have in common with the one before it, "A" to "z"


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
        if REFERENCES.get(field.name, layer.id) != layer.id:
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
        few values come often, ``{"after": [texts]}`` where texts begin like the one before (see :func:`after`),
        else ``{"list": [values]}``. Missing is null, an infinite number the text ``"inf"``; numbers are rounded
        as their unit deserves.
    """
    wanted = [field for field in layer.fields if names is None or field.name in names]
    return {field.name: _packed(plain(field, frame[field.name])) for field in wanted}


def written_once(layers: Mapping[str, dict[str, Any]]) -> dict[str, dict[str, Any]]:
    """Leave out what an earlier layer has too: a grid has one name, one shape and one middle in every layer.

    Parameters
    ----------
    layers : mapping of str to dict
        Records with ``columns`` as :func:`columns` writes them, ``shape_of`` and perhaps ``inside``, by layer id.

    Returns
    -------
    dict of str to dict
        The same; a column whose values are the first of those of an earlier layer's column of that name is
        ``{"like": layer id}``, one that begins with all of those ``{"like": layer id, "rows": how many, "then":
        the others}``, and so are the other two.
    """
    told: dict[str, list[tuple[str, Any]]] = {}
    made = {}

    def once(id: str, name: str, written: Any, values: Any) -> Any:
        if not values:
            return written
        for other, known in told.setdefault(name, []):
            if known[: len(values)] == values:
                return {"like": other}
            if len(known) * 2 > len(values) and values[: len(known)] == known:
                return {"like": other, "rows": len(known), "then": values[len(known) :]}
        told[name].append((id, values))
        return written

    for id, record in layers.items():
        columns = {
            name: once(id, f"columns.{name}", column, values_of(column))
            for name, column in record["columns"].items()
        }
        others = {name: once(id, name, record[name], record[name]) for name in SHAPED if name in record}
        made[id] = {**record, "columns": columns, **others}
    return made


def values_of(column: Mapping[str, Any]) -> list[Any]:
    """Read a column that has different values, as the browser does.

    Parameters
    ----------
    column : mapping
        As :func:`columns` writes it.

    Returns
    -------
    list
        One value a row; empty where all rows have the same.
    """
    if "at" in column:
        return [column["of"][at] for at in column["at"]]
    if "after" not in column:
        return list(column.get("list", ()))
    texts, before = [], ""
    for text in column["after"]:
        before = before if text is None else before[: ord(text[0]) - ord("A")] + text[1:]
        texts.append(None if text is None else before)
    return texts


def after(texts: Collection[str | None]) -> list[str | None]:
    """Write texts without what they have in common with the one before: ids in order, names of one place.

    Parameters
    ----------
    texts : collection of str or None
        In their order.

    Returns
    -------
    list of str or None
        A letter (``A`` = nothing in common, ``B`` = one sign, … ``z``), then the rest. None stays None and is
        passed over.

    Examples
    --------
    >>> after(["150105001", "150105002", "Ost"])
    ['A150105001', 'I2', 'AOst']
    """
    made: list[str | None] = []
    before = ""
    for text in texts:
        if text is None:
            made.append(None)
            continue
        common = _in_common(before, text)
        made.append(chr(ord("A") + common) + text[common:])
        before = text
    return made


def _in_common(before: str, text: str) -> int:
    """Signs that two texts begin with; a browser counts one beyond ``\\uffff`` as two, so those end it."""
    pairs = zip(before[:BEGINNING], text[:BEGINNING], strict=False)
    return sum(1 for _ in takewhile(lambda pair: pair[0] == pair[1] <= "\uffff", pairs))


def plain(field: Field, column: pd.Series) -> list[Any]:
    """Write values as JSON can hold them.

    Parameters
    ----------
    field : Field
        What they are.
    column : pandas.Series
        The values.

    Returns
    -------
    list
        One a row: missing is None, an infinite number the text ``"inf"``; numbers are rounded as their unit
        deserves.
    """
    if field.kind == "list":
        return [[str(one) for one in value] if _is_list(value) else [] for value in column]
    missing = column.isna().to_numpy()
    if field.kind in {"date", "date-time"}:
        form = "%Y-%m-%d" if field.kind == "date" else "%Y-%m-%dT%H:%M:%SZ"
        text = pd.to_datetime(column).dt.strftime(form)
        return [None if gone else str(value) for value, gone in zip(text, missing, strict=True)]
    if field.kind == "number":
        numbers = column.astype(float).round(DECIMALS.get(field.unit, OTHER_DECIMALS))
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
    if len(place) * 2 < len(values) and any(isinstance(key, str | tuple | bool) for key in place):
        return {"of": list(place), "at": [place[key] for key in keys]}
    if all(value is None or isinstance(value, str) for value in values):
        short = after(values)
        if sum(map(len, filter(None, short))) < sum(map(len, filter(None, values))):
            return {"after": short}
    return {"list": values}
