"""From where is any station reached within 5, 10, 15 minutes? The ground, and who lives there."""

from __future__ import annotations

from dataclasses import replace
from typing import Any

import geopandas as gpd
import numpy as np
import pandas as pd
import shapely
from numpy.typing import NDArray

from geo import units
from geo.crs import LONLAT
from geo.layer import Tables
from geo.parameters import Parameters
from geo.stations.coverage import in_order
from geo.stations.privacy import few, telling
from geo.stations.serving import Service, service_of
from geo.walk.catchment import catchment_bands


def walk_bands(tables: Tables, parameters: Parameters) -> gpd.GeoDataFrame:
    """Build the layer ``walk-bands``: one row a band of minutes, the shortest first.

    Parameters
    ----------
    tables : mapping
        ``walk-network``, ``stations``; ``place-walk`` and ``barriers`` where they are there.
    parameters : Parameters
        ``bands`` and ``budget_minutes`` say which bands; else as for ``station-catchments``.

    Returns
    -------
    geopandas.GeoDataFrame
        By ``band_id`` (its minutes), with the ground from which any serving station is reached within the minutes,
        all shorter bands included (missing where none is), and how many people walk that long: in the band alone
        (longer than ``from_minutes``) and up to it. These are counted home by home at everybody's own speed,
        never by the polygon; numbers that would tell of fewer than ``units.PUBLISHED_PEOPLE_MIN`` are missing, and
        all are without population. No rows where no station serves.
    """
    service = service_of(tables, parameters)
    minutes = np.array(sorted({*parameters.bands, parameters.budget_minutes} if len(service.stations) else ()))
    ground = _ground(service, minutes)
    places = tables.get("place-walk")
    rows = pd.DataFrame(
        {
            "band_id": pd.array([f"{some:g}" for some in minutes], dtype="str"),
            "minutes": minutes.astype(float),
            "from_minutes": np.append(0.0, minutes)[: len(minutes)].astype(float),
            "area_m2": np.nan_to_num(shapely.area(ground)),
            **_people(None if places is None else in_order(places), minutes),
        }
    )
    return gpd.GeoDataFrame(rows, geometry=_lonlat(service, ground), crs=LONLAT)


def _ground(service: Service, minutes: NDArray[Any]) -> NDArray[Any]:
    """What any station's bands show, each with all that is in a shorter one."""
    made = np.full(len(minutes), None, dtype=object)
    if not len(minutes):
        return made
    limits = minutes * units.SECONDS_PER_MINUTE
    found = replace(service, budget_s=float(limits[-1])).catchments()
    shapes = catchment_bands(service.network, service.at, found, limits, barriers=service.barriers)
    within: Any = None
    for band in range(len(minutes)):
        whole = shapely.union_all(np.append(shapes[:, band], within))
        made[band] = within = None if whole.is_empty else whole
    return made


def _people(places: pd.DataFrame | None, minutes: NDArray[Any]) -> dict[str, Any]:
    """People up to each band and in it, none of whose differences tells of few; and their share of all."""
    nobody = np.full(len(minutes), np.nan)
    if places is None or not len(places) or not len(minutes):
        return {"people": nobody, "people_within": nobody, "share": nobody}
    people, cost = places["people"].to_numpy(dtype=float), np.rint(places["seconds"].to_numpy(dtype=float) * 100)
    limits = np.rint(minutes * units.SECONDS_PER_MINUTE * 100)
    within = np.array([people[cost <= limit].sum() for limit in limits])
    everybody = people.sum()
    numbers = np.append(everybody, within[::-1])[None, :]  # the longest band matters most
    within = np.where(telling(numbers, 1)[0, 1:] | few(everybody), np.nan, numbers[0, 1:])[::-1]
    share = within / everybody if everybody > 0 else nobody
    return {"people": np.diff(within, prepend=0.0), "people_within": within, "share": share}


def _lonlat(service: Service, shapes: NDArray[Any]) -> NDArray[Any]:
    return np.asarray(service.network.frame.lonlat(shapes), dtype=object)
