"""GeoPackage, FlatGeobuf and shapefiles through GDAL, in a process whose GDAL knows no other driver."""

from __future__ import annotations

import sqlite3
from collections.abc import Iterator
from pathlib import Path
from typing import Any

import numpy as np
import pandas as pd
import pyogrio
import pyogrio.raw
from numpy.typing import NDArray
from pyogrio.errors import DataSourceError, FieldError, GeometryError

from geo.io.formats import Request
from geo.io.raw import Raw, Unreadable
from geo.io.wkb import read_wkb

BROKEN = (DataSourceError, FieldError, GeometryError, UnicodeDecodeError, RuntimeError, ValueError)
HARMLESS_VIRTUAL = ("rtree", "fts3", "fts4", "fts5")


def read_gdal(request: Request, kind: str) -> Raw:
    """Read one layer of a GeoPackage or FlatGeobuf file.

    Parameters
    ----------
    request : Request
        The file and what is known about it.
    kind : str
        ``gpkg`` or ``flatgeobuf``.

    Returns
    -------
    Raw
        Rows in the file's order.
    """
    if kind == "gpkg":
        _refuse_virtual_tables(request.path)
    return read_layer(request.path, request, choose_layer(request))


def _refuse_virtual_tables(path: Path) -> None:
    """Refuse a database whose tables are programs that may open other files."""
    try:
        with sqlite3.connect(f"{path.as_uri()}?mode=ro&immutable=1", uri=True) as base:
            sql = "select sql from sqlite_master where sql like '%virtual%table%'"
            made = [str(row[0]).lower() for row in base.execute(sql)]
    except sqlite3.Error as error:
        raise Unreadable("broken_file", reason=str(error)) from None
    if any(not any(f"using {name}" in " ".join(text.split()) for name in HARMLESS_VIRTUAL) for text in made):
        raise Unreadable("virtual_table")


def choose_layer(request: Request) -> str:
    """Choose the layer of a file that may have several.

    Parameters
    ----------
    request : Request
        The file and what is known about it.

    Returns
    -------
    str
        The declared one, else the only one, else the one named like the table; otherwise a fault that lists them.
    """
    try:
        layers = [str(name) for name, _ in pyogrio.list_layers(request.path)]
    except BROKEN as error:
        raise Unreadable("broken_file", reason=_short(error)) from None
    wanted = request.source.layer
    if wanted and wanted not in layers:
        raise Unreadable("no_layer", name=wanted, known=", ".join(layers))
    named = [name for name in layers if name in (request.table.name, request.table.title_zh)]
    chosen = [wanted] if wanted else layers if len(layers) == 1 else named
    if len(chosen) != 1:
        raise Unreadable("which_layer", known=", ".join(layers))
    return chosen[0]


def read_layer(path: Path, request: Request, layer: str, *, encoding: str | None = None) -> Raw:
    """Read the rows of one layer; one that cannot be read does not sink the others.

    Parameters
    ----------
    path : Path
        The file.
    request : Request
        For its limits.
    layer : str
        Which layer.
    encoding : str or None
        Of a shapefile's text.

    Returns
    -------
    Raw
        Rows in the file's order.
    """
    try:
        info = pyogrio.read_info(path, layer=layer, encoding=encoding, force_feature_count=True)
    except BROKEN as error:
        raise Unreadable("broken_file", reason=_short(error)) from None
    count, limits = int(info["features"]), request.limits
    if count > limits.rows:
        raise Unreadable("too_many_rows", count=count, limit=limits.rows)
    if len(info["fields"]) > limits.columns:
        raise Unreadable("too_many_columns", count=len(info["fields"]), limit=limits.columns)
    frames, shapes = [], []
    lost: list[tuple[int, str, str | None, dict[str, Any]]] = []
    for start, size, part in _parts(path, layer, encoding, 0, count):
        if part is None:
            lost += [(at, "row_unreadable", None, {}) for at in range(start, start + size)]
        frame, shape = (_nothing(info, size)) if part is None else part
        frames.append(frame)
        shapes.append(shape)
    frame = pd.concat(frames, ignore_index=True) if frames else _nothing(info, 0)[0]
    wkb = np.concatenate(shapes) if shapes else np.empty(0, dtype=object)
    raw = Raw(frame=frame, crs=str(info["crs"] or ""), problems=lost)
    if info["geometry_type"] is not None:
        raw.geometry, problems = read_wkb(wkb, limits)
        raw.problems += [(at, code, "geometry", more) for at, code, more in problems]
    return raw


Part = tuple[pd.DataFrame, NDArray[Any]]


def _parts(
    path: Path, layer: str, encoding: str | None, start: int, count: int
) -> Iterator[tuple[int, int, Part | None]]:
    """Read rows in one go; where that fails, in halves, down to the single row that is broken."""
    if not count:
        return
    try:
        meta, _, wkb, fields = pyogrio.raw.read(
            path,
            layer=layer,
            encoding=encoding,
            skip_features=start,
            max_features=count,
            datetime_as_string=True,  # as numbers they lose their zone
        )
        got = max(len(fields[0]) if fields else 0, 0 if wkb is None else len(wkb))
        whole = got == count  # a truncated file may simply end early
    except BROKEN:
        whole = False
    if whole:
        names = (str(name) for name in meta["fields"])
        frame = pd.DataFrame(dict(zip(names, fields, strict=True)), index=range(count))
        yield start, count, (frame, np.empty(count, dtype=object) if wkb is None else wkb)
    elif count == 1:
        yield start, 1, None
    else:
        half = count // 2
        yield from _parts(path, layer, encoding, start, half)
        yield from _parts(path, layer, encoding, start + half, count - half)


def _nothing(info: dict[str, Any], size: int) -> Part:
    names = [str(name) for name in info["fields"]]
    return pd.DataFrame(None, index=range(size), columns=names, dtype="object"), np.empty(size, dtype=object)


def _short(error: Exception) -> str:
    return str(error).replace("\n", " ")[:200]
