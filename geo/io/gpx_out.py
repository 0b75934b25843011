"""A layer of lines or points as GPX, for handheld receivers and phones."""

from __future__ import annotations

from collections.abc import Iterator, Mapping
from datetime import UTC, datetime, time
from typing import Any
from zoneinfo import ZoneInfo

import geopandas as gpd
import pandas as pd
import shapely
from gpxpy.gpx import GPX, GPXTrack, GPXTrackPoint, GPXTrackSegment, GPXWaypoint

from geo.errors import BadParameter
from geo.io.geojson import DIGITS, plain
from geo.layer import Draw, Field, Layer
from geo.words import Lang, say, unit_word

DRAWN: tuple[Draw, ...] = ("line", "point")
NAME = "name"


def check_drawn(layer: Layer) -> None:
    """Refuse a layer that GPX has no form for.

    Parameters
    ----------
    layer : Layer
        Which it is.

    Raises
    ------
    BadParameter
        It is neither of lines nor of points.
    """
    if layer.draw not in DRAWN:
        raise BadParameter.said("no_gpx", layer=layer.id)


def gpx(frame: gpd.GeoDataFrame, layer: Layer, report: Mapping[str, Any], lang: Lang) -> bytes:
    """Write a layer as GPX 1.1.

    Parameters
    ----------
    frame : geopandas.GeoDataFrame
        The layer, built; some of its rows or all, EPSG:4326.
    layer : Layer
        Which it is.
    report : mapping
        Content of ``report.json``: what the workspace is, as of when.
    lang : {"zh", "en"}
        Language of titles and of words for codes.

    Returns
    -------
    bytes
        The same for the same input. A row is a waypoint, or a track with a segment for each part of its line; rows
        without geometry are left out. Its name is that of the layer's field ``name``, else its id; its description
        has every other cell that is not empty, a line each, times in the workspace's time zone.

    Raises
    ------
    BadParameter
        The layer is neither of lines nor of points.
    """
    check_drawn(layer)
    made = GPX()
    made.creator = str(report["made_by"])
    made.name = f"{report['title'][lang]} · {getattr(layer.title, lang)} · {report['as_of']}"
    made.description = "\n".join(report[name][lang] for name in ("notice", "attribution") if report[name])
    day = datetime.fromisoformat(str(report["as_of"])).date()
    made.time = datetime.combine(day, time(), ZoneInfo(str(report["time_zone"]))).astimezone(UTC)
    names, texts = _names(frame, layer, lang), _texts(frame, layer, str(report["time_zone"]), lang)
    for shape, name, text in zip(frame.geometry, names, texts, strict=True):
        for part in shapely.get_parts([shape]) if shapely.get_dimensions(shape) == 0 else ():
            lon, lat = (round(float(degrees), DIGITS) for degrees in (part.x, part.y))
            made.waypoints.append(GPXWaypoint(latitude=lat, longitude=lon, name=name, description=text))
        if shapely.get_dimensions(shape) == 1 and not shape.is_empty:
            track = GPXTrack(name=name, description=text)
            track.segments = [GPXTrackSegment(list(_points(part))) for part in shapely.get_parts([shape])]
            made.tracks.append(track)
    return str(made.to_xml(version="1.1")).encode("utf-8")


def _points(line: Any) -> Iterator[GPXTrackPoint]:
    for lon, lat in shapely.get_coordinates(line).round(DIGITS).tolist():
        yield GPXTrackPoint(latitude=lat, longitude=lon)


def _names(frame: gpd.GeoDataFrame, layer: Layer, lang: Lang) -> list[str]:
    """Name of each row, or its id where it has none."""
    ids = [str(one) for one in frame[layer.key]]
    if NAME not in {field.name for field in layer.fields}:
        return ids
    return [name or id for name, id in zip(plain(frame[NAME], layer.field(NAME), lang), ids, strict=True)]


def _texts(frame: gpd.GeoDataFrame, layer: Layer, zone: str, lang: Lang) -> list[str]:
    """What else is known of each row, a line a cell."""
    fields = [field for field in layer.fields if field.name not in (layer.key, NAME)]
    columns = [_column(frame[field.name], field, ZoneInfo(zone), lang) for field in fields]
    return ["\n".join(cell for cell in cells if cell) for cells in zip(*columns, strict=True)]


def _column(values: pd.Series, field: Field, zone: ZoneInfo, lang: Lang) -> list[str]:
    def said(cell: Any) -> str:
        if field.kind == "date-time":
            stamp = pd.Timestamp(cell)
            return (
                f"{(stamp.tz_localize('UTC') if stamp.tzinfo is None else stamp).tz_convert(zone):%Y-%m-%d %H:%M}"
            )
        if field.kind == "list":
            return say("gpx.comma", lang).join(cell)
        if isinstance(cell, bool):
            return say("gpx.yes" if cell else "gpx.no", lang)
        if field.kind == "number":
            number = f"{cell * 100:.3g}%" if field.unit == "share" else f"{cell:,.1f}".removesuffix(".0")
            return number if field.unit in ("", "share") else f"{number} {unit_word(field.unit, lang)}"
        return str(cell)

    title = getattr(field.title, lang)
    cells = (
        values.where(values.notna(), None).tolist() if field.kind == "date-time" else plain(values, field, lang)
    )
    return [
        ""
        if cell is None or cell is pd.NaT or cell == []
        else say("gpx.cell", lang, title=title, value=said(cell))
        for cell in cells
    ]
