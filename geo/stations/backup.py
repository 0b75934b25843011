"""What each station reaches, and who is left without one when it is shut."""

from __future__ import annotations

import geopandas as gpd
import numpy as np
import pandas as pd

from geo import units
from geo.crs import LONLAT
from geo.layer import Tables
from geo.parameters import Parameters
from geo.stations.coverage import in_order
from geo.stations.serving import Service, judge_serving, service_of
from geo.walk.catchment import catchment_polygons


def station_catchments(tables: Tables, parameters: Parameters) -> gpd.GeoDataFrame:
    """Build the layer ``station-catchments``: one row a station that serves.

    Parameters
    ----------
    tables : mapping
        ``walk-network``, ``stations``; ``place-walk`` and ``barriers`` where they are there.
    parameters : Parameters
        As for ``place-walk``.

    Returns
    -------
    geopandas.GeoDataFrame
        By ``station_id``, with the ground from which it is reached within the budget (missing for a station that
        is not on the streets) and the people for whom it is; these are counted home by home, not by the polygon,
        and missing where there are fewer than ``units.PUBLISHED_PEOPLE_MIN`` or no population.
    """
    service = service_of(tables, parameters)
    rows = service.stations[["station_id", "name", "category"]].copy()
    shapes = catchment_polygons(service.network, service.at, service.catchments(), barriers=service.barriers)
    drawn = gpd.GeoSeries(shapes, index=rows.index)
    places = tables.get("place-walk")
    people = _reaching(in_order(places), service) if places is not None else np.nan
    rows = rows.assign(minutes=parameters.budget_minutes, area_m2=drawn.area.fillna(0.0), people=people)
    geometry = service.network.frame.lonlat(np.asarray(drawn, dtype=object))
    return gpd.GeoDataFrame(rows, geometry=np.asarray(geometry, dtype=object), crs=LONLAT)


def station_backup(tables: Tables, parameters: Parameters) -> gpd.GeoDataFrame:
    """Build the layer ``station-backup``: what is lost when a station is shut, for each in turn.

    Nothing is searched again: whoever has a second station within the budget keeps one.

    Parameters
    ----------
    tables : mapping
        ``stations``, ``place-walk``.
    parameters : Parameters
        Moment and categories.

    Returns
    -------
    geopandas.GeoDataFrame
        A row a station that serves, by ``station_id``: covered people who have it nearest, of these who would have
        none (lost) or another (backed up) within the budget, and whether anybody would be lost. Numbers that would
        tell of fewer than ``units.PUBLISHED_PEOPLE_MIN`` are missing.
    """
    stations, places = judge_serving(tables["stations"], parameters), in_order(tables["place-walk"])
    covered = places[places["stations_reached"] >= 1]
    lost = covered[covered["stations_reached"] == 1]
    ids = stations["station_id"]
    nearest, alone = (some.groupby("station_id")["people"].sum() for some in (covered, lost))
    people, gone = (ids.map(count).fillna(0.0).astype(float) for count in (nearest, alone))
    few = _few(gone) | _few(people - gone)  # the one would tell the other
    rows = stations[["station_id", "name"]].assign(
        people_nearest=people.mask(_few(people)),
        people_lost=gone.mask(few),
        people_backed_up=(people - gone).mask(few),
        sole=gone > 0,
    )
    return gpd.GeoDataFrame(rows, geometry=stations.geometry.to_numpy(), crs=LONLAT)


def _reaching(places: pd.DataFrame, service: Service) -> pd.Series:
    pairs = places[["people", "station_ids"]].explode("station_ids")
    people = pairs.groupby("station_ids")["people"].sum()
    count = service.stations["station_id"].map(people).fillna(0.0).astype(float)
    return count.mask(_few(count))


def _few(people: pd.Series) -> pd.Series:
    return (people > 0) & (people < units.PUBLISHED_PEOPLE_MIN)
