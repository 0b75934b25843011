"""How long does everybody walk to the nearest open station, and who gets there in time?

Each home has its own time on the network. Reached means: a station within the budget. A walking time of more than
a day, or none at all, is missing.
"""

from __future__ import annotations

from collections.abc import Iterable
from typing import Any

import geopandas as gpd
import numpy as np
import pandas as pd
import shapely
from numpy.typing import NDArray
from scipy.spatial import cKDTree

from geo import units
from geo.crs import GEODESIC, LONLAT, Floats
from geo.layer import Tables
from geo.parameters import Parameters
from geo.place.index import named
from geo.stations.homes import homes_of, places_of
from geo.stations.paces import asked_speeds, own_speeds
from geo.stations.serving import Service, point_metres, service_of
from geo.stations.study import OUTSIDE, parts_of
from geo.walk.reach import nearest_at, sources_at
from geo.walk.snap import Snapped, standing

CANDIDATES = 3  # stations nearest in the flat frame, of which the nearest along the ellipsoid is taken


def place_walk(tables: Tables, parameters: Parameters) -> gpd.GeoDataFrame:
    """Build the layer ``place-walk``: one row an address.

    Parameters
    ----------
    tables : mapping
        ``walk-network``, ``stations``, ``population``; ``grids``, ``divisions``, ``units``, ``barriers`` where
        they are there.
    parameters : Parameters
        Moment, categories, speeds, budget, snapping limits, study area.

    Returns
    -------
    geopandas.GeoDataFrame
        By ``place_id``, with the snap verdict, the street stepped onto, seconds on foot to the nearest and
        second-nearest station (missing: no way on foot within a day), the stations within the budget, and whether
        a straight line would reach one, all at the speed of the row's own ``group``; beside it ``pace_kmh``, the
        slowest of the asked speeds that is fast enough. Time counts from the home's door, the leg to the street
        included. Rows beyond the study area are there (``part``) and counted nowhere: :func:`in_order`.
    """
    service = service_of(tables, parameters)
    homes = homes_of(tables["population"], service, parameters, tables.get("units"))
    point = np.asarray(homes.rows.geometry, dtype=object)
    grid, division = places_of(point, tables.get("grids"), tables.get("divisions"))
    rows = pd.DataFrame(homes.rows.drop(columns="geometry"))
    speed_kmh = own_speeds(rows["group"], parameters)
    walk = _at_own_speed(service, homes.at, speed_kmh)
    # whoever walks there in time has the straight line too, whatever the last centimetre says
    straight = straight_covered(service, homes.rows, speed_kmh) | (walk["stations_reached"] > 0)
    rows = rows.assign(
        grid_id=_strings(grid),
        division_id=_strings(division),
        part=pd.array(parts_of(point, service, tables, parameters), dtype="str"),
        verdict=pd.array(homes.at.verdict, dtype="str"),
        leg_m=homes.at.leg_m,
        edge_id=_strings(named(service.network.edge_id, homes.at.edge)),
        speed_kmh=speed_kmh,
        pace_kmh=slowest_pace(service, homes.at, asked_speeds(parameters)),
        **walk,
        straight_covered=straight,
    )
    return gpd.GeoDataFrame(rows, geometry=point, crs=LONLAT)


def walk_to_stations(service: Service, points: Snapped) -> pd.DataFrame:
    """Time the walk of snapped points to the stations.

    Parameters
    ----------
    service : Service
        Streets and stations.
    points : Snapped
        Where people step onto the streets.

    Returns
    -------
    pandas.DataFrame
        A row a point: ``seconds, station_id, second_seconds, second_station_id, stations_reached, station_ids``.
    """
    ids = service.stations["station_id"].to_numpy(dtype=object)
    reach = nearest_at(service.network, service.nearest(), points)
    start, within = sources_at(service.network, service.catchments(), points)
    lists = [list(some) for some in np.split(ids[within], start[1:-1])] if len(start) > 1 else []
    return pd.DataFrame(
        {
            "seconds": _finite(reach.seconds),
            "station_id": _strings(named(ids, reach.owner)),
            "second_seconds": _finite(reach.second_seconds),
            "second_station_id": _strings(named(ids, reach.second_owner)),
            "stations_reached": np.diff(start),
            "station_ids": pd.Series(lists, dtype=object),
        }
    )


def slowest_pace(service: Service, points: Snapped, speeds_kmh: Iterable[float]) -> Floats:
    """Find how slowly points may be walked from and still reach a station within the budget.

    Parameters
    ----------
    service : Service
        Streets, stations and budget.
    points : Snapped
        Where people step onto the streets.
    speeds_kmh : iterable of float
        Speeds to try, each searched for itself.

    Returns
    -------
    numpy.ndarray
        km/h, shape (n,); missing where none of them is fast enough. Who reaches a station at a speed reaches it at
        any higher one, but for the last centisecond of a walk along one piece of street, which rounding decides.
    """
    slowest = np.full(len(points.edge), np.nan)
    for speed_kmh in sorted(speeds_kmh, reverse=True):
        there = service.at_speed(speed_kmh)
        reach = nearest_at(there.network, there.nearest(there.budget_s), points)
        slowest[reach.owner >= 0] = speed_kmh
    return slowest


def straight_covered(service: Service, points: gpd.GeoDataFrame, speed_kmh: Floats) -> NDArray[np.bool_]:
    """Tell which points have a station within budget × speed as the crow flies.

    Parameters
    ----------
    service : Service
        Stations and budget.
    points : geopandas.GeoDataFrame
        EPSG:4326, shape (n,).
    speed_kmh : numpy.ndarray
        How fast each walks, shape (n,).

    Returns
    -------
    numpy.ndarray
        bool, shape (n,). Streets, barriers and delays are ignored: this flatters coverage.
    """
    reached = np.zeros(len(points), dtype=bool)
    here = np.column_stack(point_metres(service.network.frame, points))
    there = np.column_stack(point_metres(service.network.frame, service.stations))
    placed, known = np.isfinite(here).all(axis=1), np.isfinite(there).all(axis=1)
    if not known.any() or not placed.any():
        return reached
    count = min(CANDIDATES, int(known.sum()))
    near = cKDTree(there[known]).query(here[placed], k=list(range(1, count + 1)))[1]
    lonlat = shapely.get_coordinates(np.asarray(service.stations.geometry, dtype=object)[known])[near]
    home = standing(points.geometry)[placed]
    x, y = (np.repeat(get(home), count) for get in (shapely.get_x, shapely.get_y))
    metres = GEODESIC.inv(x, y, lonlat[..., 0].ravel(), lonlat[..., 1].ravel())[2].reshape(-1, count)
    reached[placed] = metres.min(axis=1) <= service.budget_s * speed_kmh[placed] / units.KMH_PER_MPS
    return reached


def weighted_median(group: NDArray[np.int64], value: Floats, weight: Floats, groups: int) -> Floats:
    """Find the lower weighted median of each group.

    Parameters
    ----------
    group : numpy.ndarray
        Group of each value, 0…groups-1; negative = in no group. Shape (n,).
    value : numpy.ndarray
        Values; missing stands for infinite. Shape (n,).
    weight : numpy.ndarray
        Weights ≥ 0, shape (n,).
    groups : int
        Number of groups.

    Returns
    -------
    numpy.ndarray
        Shape (groups,): the least value up to which at least half of the weight lies; missing where that is
        infinite and where there is no weight.

    Examples
    --------
    >>> weighted_median(np.array([0, 0, 0]), np.array([5.0, np.nan, 9.0]), np.array([1.0, 1.0, 2.0]), 2)
    array([ 9., nan])
    """
    counts = (group >= 0) & (weight > 0)
    group, value, weight = group[counts], value[counts], weight[counts]
    order = np.lexsort((value, group))  # missing values sort last
    group, value, weight = group[order], value[order], weight[order]
    total = np.bincount(group, weights=weight, minlength=groups)
    run = np.cumsum(weight)
    before = np.concatenate([[0.0], np.cumsum(total)])[group]
    enough = np.flatnonzero(run - before >= total[group] / 2 * (1 - 1e-12))
    at = enough[np.unique(group[enough], return_index=True)[1]]
    median = np.full(groups, np.nan)
    median[group[at]] = value[at]
    return median


def timed(
    group: NDArray[np.int64], groups: int, weight: Floats, seconds: Floats, station: pd.Series
) -> pd.DataFrame:
    """Sum up the walks of each group.

    Parameters
    ----------
    group : numpy.ndarray
        Group of each walk, 0…groups-1; negative = in no group. Shape (n,).
    groups : int
        Number of groups.
    weight : numpy.ndarray
        People, or metres of street, shape (n,).
    seconds : numpy.ndarray
        Walking time, missing = no way, shape (n,).
    station : pandas.Series of str
        Nearest station, shape (n,).

    Returns
    -------
    pandas.DataFrame
        A row a group: ``minutes`` (lower weighted median), ``worst_minutes`` (missing where anybody has no way)
        and ``station_id`` (the nearest of most; ties to the lower id).
    """
    median = weighted_median(group, seconds, weight, groups)
    counts = (group >= 0) & (weight > 0)
    worst = np.full(groups, -np.inf)
    np.maximum.at(worst, group[counts], np.where(np.isnan(seconds[counts]), np.inf, seconds[counts]))
    worst[np.isinf(worst)] = np.nan
    votes = pd.DataFrame({"group": group, "station": station.to_numpy(dtype=object), "weight": weight})[counts]
    votes = votes.groupby(["group", "station"], as_index=False)["weight"].sum()
    votes = votes.sort_values(["group", "weight", "station"], ascending=[True, False, True])
    first = votes.drop_duplicates("group")
    main = pd.Series(None, index=range(groups), dtype="str")
    main.loc[first["group"]] = first["station"].to_numpy()
    minute = units.SECONDS_PER_MINUTE
    return pd.DataFrame({"minutes": median / minute, "worst_minutes": worst / minute, "station_id": main})


def worst_of(group: NDArray[np.int64], groups: int, weight: Floats, seconds: Floats) -> NDArray[np.int64]:
    """Find the longest walk of each group.

    Parameters
    ----------
    group, groups, weight, seconds
        As for :func:`timed`.

    Returns
    -------
    numpy.ndarray
        Position of the walk, shape (groups,); no way at all is the longest, ties go to the first; -1 in a group
        without weight.
    """
    rows = np.flatnonzero((group >= 0) & (weight > 0))
    order = rows[np.lexsort((rows, -np.nan_to_num(seconds[rows], nan=np.inf), group[rows]))]
    worst = np.full(groups, -1, dtype=np.int64)
    first = np.unique(group[order], return_index=True)[1]
    worst[group[order[first]]] = order[first]
    return worst


def in_order(places: gpd.GeoDataFrame) -> gpd.GeoDataFrame:
    """Take the rows of ``place-walk`` that count, sorted, so that sums do not depend on where they came from.

    Parameters
    ----------
    places : geopandas.GeoDataFrame
        Rows of the layer, in any order.

    Returns
    -------
    geopandas.GeoDataFrame
        Those inside the study area, by ``place_id``, index 0…n-1.
    """
    inside = places[places["part"] != OUTSIDE]
    return inside.sort_values("place_id", kind="stable").reset_index(drop=True)


def _at_own_speed(service: Service, points: Snapped, speed_kmh: Floats) -> pd.DataFrame:
    """Walks of points that differ in speed, each speed searched once."""
    position = [np.flatnonzero(speed_kmh == speed) for speed in np.unique(speed_kmh)]
    if len(position) == 1:
        return walk_to_stations(service.at_speed(speed_kmh[0]), points)
    walks = [walk_to_stations(service.at_speed(speed_kmh[some[0]]), points.rows(some)) for some in position]
    if not walks:
        return walk_to_stations(service, points)
    return pd.concat([walk.set_index(some) for walk, some in zip(walks, position, strict=True)]).sort_index()


def _finite(seconds: Floats) -> Floats:
    return np.where(np.isfinite(seconds), seconds, np.nan)


def _strings(values: NDArray[Any]) -> Any:
    return pd.array(values, dtype=pd.StringDtype(na_value=np.nan))
