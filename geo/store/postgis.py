"""Layers as tables of a PostGIS database, replaced in one transaction.

A table is known as ours by the last line of its comment, which also says how it was made: one that would be made
the same way keeps its place (and its views, grants and statistics) and only its rows change.
"""

from __future__ import annotations

import re
from collections.abc import Callable, Iterable, Mapping, Sequence
from typing import Any

import geopandas as gpd
import numpy as np
import pandas as pd
import psycopg
import shapely
import sqlalchemy as sql
from geoalchemy2 import Geometry
from sqlalchemy.dialects import postgresql
from sqlalchemy.exc import ArgumentError, SQLAlchemyError
from sqlalchemy.schema import CreateSchema, CreateTable, DropTable, SetColumnComment, SetTableComment

from geo.errors import BadParameter, GridwalkError
from geo.layer import Field, Layer, Title
from geo.store.files import digest

SRID = 4326
NAME_BYTES = 63  # PostgreSQL cuts longer identifiers off
MARK = re.compile(r"\ngridwalk ([0-9a-f]{32})\Z")
SHAPES = {
    "area": ("MULTIPOLYGON", {"Polygon", "MultiPolygon"}),
    "line": ("MULTILINESTRING", {"LineString", "MultiLineString"}),
    "point": ("POINT", {"Point"}),
}
TYPES: dict[str, sql.types.TypeEngine[Any]] = {
    "string": sql.Text(),
    "integer": sql.BigInteger(),
    "number": sql.Double(),
    "boolean": sql.Boolean(),
    "date": sql.Date(),
    "date-time": sql.DateTime(timezone=True),
    "list": postgresql.ARRAY(sql.Text()),
}
PLAIN: dict[str, Callable[[Any], Any]] = {
    "string": str,
    "integer": int,
    "number": float,
    "boolean": bool,
    "date": lambda cell: pd.Timestamp(cell).date(),
    "date-time": lambda cell: _moment(pd.Timestamp(cell)),
}
FIGURE = (
    Field("id", "string", Title("编号", "Id"), meaning=Title("图层编号.指标名", "layer id.name of the figure")),
    Field("title_zh", "string", Title("中文名称", "Chinese title")),
    Field("title_en", "string", Title("英文名称", "English title")),
    Field("value", "number", Title("数值", "Value"), meaning=Title("空 = 不可得", "null = not available")),
    Field("unit", "string", Title("单位", "Unit"), meaning=Title("share = 占比 0–1", "share = 0–1")),
    Field("numerator", "number", Title("分子", "Numerator")),
    Field("denominator", "number", Title("分母", "Denominator")),
    Field("method_zh", "string", Title("方法（中文）", "Method, in Chinese")),
    Field("method_en", "string", Title("方法（英文）", "Method, in English")),
    Field("as_of", "date", Title("数据日期", "As of")),
    Field("version", "string", Title("成果版本", "Version of the build")),
)
FIGURES = Title("报告中的指标", "Figures of the report")
Rows = Sequence[Mapping[str, Any]]


def publish(
    url: str,
    schema: str,
    layers: Iterable[tuple[Layer, gpd.GeoDataFrame]],
    figures: Rows,
) -> tuple[str, ...]:
    """Write layers and figures into a schema of a PostGIS database, all in one transaction.

    Parameters
    ----------
    url : str
        ``postgresql://user@host/database``; what it leaves out, libpq finds as it does for ``psql``.
    schema : str
        Made when it is not there.
    layers : iterable of (Layer, geopandas.GeoDataFrame)
        Public layers with their rows in EPSG:4326; read one at a time. ``-`` in an id becomes ``_``.
    figures : sequence of mapping
        Rows of table ``figures``, by the names in ``FIGURE``; may be empty.

    Returns
    -------
    tuple of str
        Names of the tables. Tables that an earlier call made and this one does not are dropped. Missing values and
        missing or empty geometry are null; areas and lines are multi-part; a layer whose geometry is not all of
        its kind has a column of any geometry. Moments without a zone are UTC.

    Raises
    ------
    BadParameter
        The address or the schema's name is wrong, or a layer is private.
    GridwalkError
        The server is not reached, refuses, or has no PostGIS; or a table of that name is not ours. The database
        is then as it was.
    """
    if not 1 <= len(schema.encode()) <= NAME_BYTES:
        raise BadParameter(f"a schema's name has 1 to {NAME_BYTES} bytes: {schema!r}")
    try:
        with _engine(url).begin() as connection:
            there = _enter(connection, schema)
            written: list[str] = []
            for layer, frame in layers:
                if layer.private:
                    raise BadParameter(f"layer {layer.id!r} is private")
                table = _layer_table(layer, frame, schema)
                _write(connection, table, _rows(layer, frame), there)
                written.append(table.name)
            table = _table("figures", FIGURE, FIGURES, schema)
            _write(connection, table, figures, there)
            written.append(table.name)
            ours = {name for name, mark in there.items() if mark}
            for stale in sorted(ours - set(written)):
                connection.execute(DropTable(sql.Table(stale, sql.MetaData(schema=schema))))
    except SQLAlchemyError as error:
        raise GridwalkError(f"PostgreSQL: {getattr(error, 'orig', None) or error}") from error
    return tuple(written)


def _engine(url: str) -> sql.Engine:
    try:
        address = sql.make_url(url)
    except (ArgumentError, ValueError) as error:
        raise BadParameter("the address is not like postgresql://user@host/database") from error
    if address.get_backend_name() not in ("postgresql", "postgres"):
        raise BadParameter(f"the address is {address.get_backend_name()}://…, not postgresql://…")
    address = address.set(drivername="postgresql+psycopg")
    return sql.create_engine(address, module=psycopg, poolclass=sql.NullPool)


def _enter(connection: sql.Connection, schema: str) -> dict[str, str | None]:
    """Make the schema, keep other publishers out of it, and list what is there: None = not ours."""
    if not connection.scalar(sql.text("SELECT 1 FROM pg_extension WHERE extname = 'postgis'")):
        raise GridwalkError("the database has no PostGIS; its owner can add it: CREATE EXTENSION postgis")
    connection.execute(
        sql.text("SELECT pg_advisory_xact_lock(hashtext('gridwalk ' || :schema))"), {"schema": schema}
    )
    if not sql.inspect(connection).has_schema(schema):  # IF NOT EXISTS would ask for a right that is not needed
        connection.execute(CreateSchema(schema))
    found = connection.execute(
        sql.text(
            "SELECT relname, obj_description(c.oid, 'pg_class') "
            "FROM pg_class c JOIN pg_namespace n ON n.oid = relnamespace "
            "WHERE nspname = :schema AND relkind IN ('r', 'p', 'v', 'm', 'f')"
        ),
        {"schema": schema},
    )
    return {name: mark[1] if (mark := MARK.search(comment or "")) else None for name, comment in found}


def _write(connection: sql.Connection, table: sql.Table, rows: Rows, found: Mapping[str, str | None]) -> None:
    made = digest(str(CreateTable(table).compile(dialect=connection.dialect)))
    if table.name in found and found[table.name] is None:
        raise GridwalkError(
            f"{table.fullname} is not a table that gridwalk made; rename it or publish into another schema"
        )
    table.comment = f"{table.comment}\ngridwalk {made}"
    if found.get(table.name) == made:
        connection.execute(sql.delete(table))
        connection.execute(SetTableComment(table))
        for column in table.columns:
            connection.execute(SetColumnComment(column))
    else:
        if table.name in found:
            connection.execute(DropTable(table))
        table.create(connection, checkfirst=False)
    if rows:
        connection.execute(_insert(table), rows)


def _insert(table: sql.Table) -> sql.Insert:
    if "geometry" not in table.columns:
        return sql.insert(table)
    shape = sql.func.ST_GeomFromWKB(sql.bindparam("wkb", type_=sql.LargeBinary()), SRID)
    kind: Any = table.columns["geometry"].type
    multi = kind.geometry_type.startswith("MULTI")
    return sql.insert(table).values(geometry=sql.func.ST_Multi(shape) if multi else shape)


def _layer_table(layer: Layer, frame: gpd.GeoDataFrame, schema: str) -> sql.Table:
    wanted, parts = SHAPES.get(layer.draw, ("GEOMETRY", set()))
    kind = wanted if set(frame.geom_type.dropna()) <= parts else "GEOMETRY"
    geometry = sql.Column("geometry", Geometry(kind, SRID, spatial_index=True), comment="EPSG:4326")
    return _table(
        layer.id.replace("-", "_"), layer.fields, layer.title, schema, geometry, description=layer.description
    )


def _table(
    name: str,
    fields: Sequence[Field],
    title: Title,
    schema: str,
    *geometry: sql.Column[Any],
    description: Title | None = None,
) -> sql.Table:
    columns = [
        sql.Column(
            field.name,
            TYPES[field.kind],
            primary_key=field is fields[0],
            autoincrement=False,
            index=field is not fields[0] and field.name.endswith("_id"),  # what tables are joined by
            comment=_comment(field),
        )
        for field in fields
    ]
    comment = "\n".join(_both(words) for words in (title, description) if words)
    return sql.Table(name, sql.MetaData(schema=schema), *columns, *geometry, comment=comment)


def _both(words: Title) -> str:
    return f"{words.zh} · {words.en}"


def _comment(field: Field) -> str:
    heading = _both(field.title) + (f" [{field.unit}]" if field.unit else "")
    codes = [f"{code} = {_both(words)}" for code, words in field.values.items()]
    return "\n".join([heading, *([_both(field.meaning)] if field.meaning else []), *codes])


def _rows(layer: Layer, frame: gpd.GeoDataFrame) -> list[dict[str, Any]]:
    shapes = np.array(frame.geometry, dtype=object)
    shapes[shapely.is_empty(shapes)] = None
    columns = {field.name: _column(frame[field.name], field.kind) for field in layer.fields}
    columns["wkb"] = shapely.to_wkb(shapes, output_dimension=2).tolist()
    return [dict(zip(columns, row, strict=True)) for row in zip(*columns.values(), strict=True)]


def _column(values: pd.Series, kind: str) -> list[Any]:
    if kind == "list":
        return [[str(item) for item in cell] if np.iterable(cell) else [] for cell in values]
    plain, missing = PLAIN[kind], values.isna()
    return [None if gone else plain(cell) for cell, gone in zip(values.tolist(), missing, strict=True)]


def _moment(stamp: pd.Timestamp) -> Any:
    return (stamp.tz_localize("UTC") if stamp.tzinfo is None else stamp).to_pydatetime()
