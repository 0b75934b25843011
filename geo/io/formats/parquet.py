"""GeoParquet: the geometry column and its CRS are what the file's own metadata say."""

from __future__ import annotations

from typing import Any

import orjson
import pyarrow as pa
import pyarrow.parquet as pq

from geo.io.formats import Request
from geo.io.raw import Raw, Unreadable
from geo.io.wkb import read_wkb


def read_parquet(request: Request) -> Raw:
    """Read a GeoParquet or plain Parquet file.

    Parameters
    ----------
    request : Request
        The file and what is known about it.

    Returns
    -------
    Raw
        Without geometry where the file has no ``geo`` metadata.
    """
    try:
        file = pq.ParquetFile(request.path)
        _check_size(file.metadata, request)
        geo = _geo(file.schema_arrow.metadata or {})
        table = file.read()
    except (pa.ArrowException, OSError, ValueError) as error:
        raise Unreadable("broken_file", reason=str(error)[:200]) from None
    raw = Raw(frame=_plain(table, geo).to_pandas())
    if geo:
        primary = str(geo.get("primary_column"))
        column = geo.get("columns", {}).get(primary)
        if not isinstance(column, dict) or primary not in table.column_names:
            raise Unreadable("no_geo_metadata")
        if column.get("encoding") != "WKB":
            raise Unreadable("geo_encoding", encoding=str(column.get("encoding")))
        values = table.column(primary).to_pylist()
        raw.geometry, problems = read_wkb(values, request.limits)
        raw.problems += [(at, code, "geometry", more) for at, code, more in problems]
        raw.crs, raw.implied = _crs(column), "crs" not in column
    return raw


def _check_size(metadata: Any, request: Request) -> None:
    limits = request.limits
    if metadata.num_rows > limits.rows:
        raise Unreadable("too_many_rows", count=metadata.num_rows, limit=limits.rows)
    size = sum(metadata.row_group(i).total_byte_size for i in range(metadata.num_row_groups))
    if size > limits.expanded_bytes:
        raise Unreadable("file_too_large", size=size, limit=limits.expanded_bytes)


def _geo(metadata: dict[bytes, bytes]) -> dict[str, Any]:
    if b"geo" not in metadata:
        return {}
    geo = orjson.loads(metadata[b"geo"])
    if not isinstance(geo, dict) or not isinstance(geo.get("columns"), dict):
        raise Unreadable("no_geo_metadata")
    return geo


def _crs(column: dict[str, Any]) -> str:
    crs = column.get("crs")  # absent means CRS84 by the specification, null means unknown
    return orjson.dumps(crs).decode() if isinstance(crs, dict) else str(crs or "")


def _plain(table: pa.Table, geo: dict[str, Any]) -> pa.Table:
    """Leave out the geometry column and the boxes that only speed up reading."""
    columns = geo.get("columns", {})
    boxes = {
        part[0]
        for column in columns.values()
        for part in column.get("covering", {}).get("bbox", {}).values()
        if part
    }
    drop = {str(geo.get("primary_column")), *boxes} & set(table.column_names)
    keep = table.drop_columns(sorted(drop))
    structs = [f.name for f in keep.schema if pa.types.is_struct(f.type) or pa.types.is_map(f.type)]
    return keep.drop_columns(structs)
