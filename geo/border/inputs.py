"""What the border's layers are made from: tables and parameters turned into holdings, visits and a moment."""

from __future__ import annotations

from collections.abc import Iterable

import geopandas as gpd
import pandas as pd

from geo.border.chainage import chainages
from geo.border.holding import Holdings, hold, place_segments
from geo.border.idleness import end_of_day
from geo.border.markers import marker_places
from geo.layer import Field, Tables
from geo.parameters import Parameters
from geo.tables.conform import conform

CREDITED = "credited-visits"  # the private layer with every visit that counts, whatever its evidence
HOLDING = ("markers", "assignments", "staff")  # optional tables of whatever asks who holds what
DAY = ("as_of", "interval_days", "seasons", "noise_m")  # parameters of the same


def table_of(tables: Tables, name: str) -> gpd.GeoDataFrame:
    """Take a table, or one of its kind without rows.

    Parameters
    ----------
    tables : mapping of str to frame
        What a layer is built from.
    name : str
        Table name.

    Returns
    -------
    geopandas.GeoDataFrame
        The table; a table that is not there has no row.
    """
    return tables[name] if name in tables else conform(name, pd.DataFrame())


def placed(tables: Tables, parameters: Parameters) -> tuple[gpd.GeoDataFrame, pd.DataFrame]:
    """Put markers and segments on the line, whoever holds them.

    Parameters
    ----------
    tables : mapping of str to frame
        ``border``, ``markers`` and ``segments``, as far as they are there.
    parameters : Parameters
        With ``noise_m``.

    Returns
    -------
    tuple of frame
        From :func:`marker_places` and :func:`place_segments`.
    """
    lines = chainages(table_of(tables, "border"))
    places = marker_places(table_of(tables, "markers"), lines, noise_m=parameters.noise_m)
    return places, place_segments(table_of(tables, "segments"), lines, places, noise_m=parameters.noise_m)


def held(tables: Tables, parameters: Parameters) -> Holdings:
    """Say who holds what on the day that a layer is asked for.

    Parameters
    ----------
    tables : mapping of str to frame
        ``border`` and ``segments``, and :data:`HOLDING` as far as they are there.
    parameters : Parameters
        With :data:`DAY`.

    Returns
    -------
    Holdings
        From :func:`hold`.
    """
    return hold(
        tables["border"],
        tables["segments"],
        tables.get("assignments"),
        tables.get("staff"),
        tables.get("markers"),
        as_of=parameters.as_of,
        interval_days=parameters.interval_days,
        seasons=parameters.seasons,
        noise_m=parameters.noise_m,
    )


def moment(parameters: Parameters) -> pd.Timestamp:
    """Find the moment for which a layer is asked: the end of its day.

    Parameters
    ----------
    parameters : Parameters
        With ``as_of`` and ``time_zone``.

    Returns
    -------
    pandas.Timestamp
        In UTC.
    """
    return end_of_day(parameters.as_of, parameters.time_zone)


def declared(rows: gpd.GeoDataFrame, fields: Iterable[Field]) -> gpd.GeoDataFrame:
    """Keep what a layer has declared, in its order.

    Parameters
    ----------
    rows : geopandas.GeoDataFrame
        With at least the declared columns.
    fields : iterable of Field
        The layer's fields.

    Returns
    -------
    geopandas.GeoDataFrame
        Those columns and the geometry.
    """
    return rows[[*(field.name for field in fields), "geometry"]]
