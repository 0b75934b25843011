"""Where people are: each home at its own place, people of an area along the streets inside it."""

from __future__ import annotations

import itertools
from dataclasses import dataclass
from typing import Any

import geopandas as gpd
import numpy as np
import pandas as pd
import shapely
from numpy.typing import NDArray

from geo.crs import LONLAT, Floats
from geo.layer import Parameters
from geo.place.index import grid_of, polygonal
from geo.stations.serving import Service, snap_table
from geo.tables.ground import LEVELS
from geo.walk.reach import named
from geo.walk.snap import Snapped, on_edges, standing
from geo.walk.spread import Stubs, apportion, stubs_in

PIECE = "#"  # stands between the id of an area and the number of an address inside it


@dataclass(frozen=True, eq=False)
class Homes:
    """Addresses with people.

    Parameters
    ----------
    rows : geopandas.GeoDataFrame
        ``place_id, people, households`` and a point each, EPSG:4326.
    at : Snapped
        Where they step onto the streets, one value a row.
    """

    rows: gpd.GeoDataFrame
    at: Snapped


def homes_of(population: gpd.GeoDataFrame, service: Service, parameters: Parameters) -> Homes:
    """Give all people an address.

    A point is a home. People of an area are spread over the metres of street inside it, in whole people, as
    addresses ``<place_id>#<n>``; an area without a street inside stands at its representative point, and so does a
    row whose people are none.

    Parameters
    ----------
    population : geopandas.GeoDataFrame
        Table ``population``.
    service : Service
        With the streets.
    parameters : Parameters
        Snapping limits.

    Returns
    -------
    Homes
        By ``place_id``. People and households of an area add up to what it has.
    """
    table = population.sort_values("place_id", kind="stable").reset_index(drop=True)
    shape = polygonal(service.network.frame.metres(np.asarray(table.geometry, dtype=object)))
    shape[~(table["people"].to_numpy(dtype=float) > 0)] = None
    stubs = stubs_in(service.network, shape)
    spread = np.zeros(len(table), dtype=bool)
    spread[stubs.area] = True
    homes = table.loc[~spread, ["place_id", "people", "households", "geometry"]].reset_index(drop=True)
    rows, at = _addresses(table, stubs, service)
    both = pd.concat([homes.drop(columns="geometry"), rows], ignore_index=True)
    order = np.argsort(both["place_id"].to_numpy(dtype=object), kind="stable")
    point = np.concatenate(
        [
            standing(homes.geometry),
            service.network.frame.lonlat(shapely.points(np.column_stack([at.x, at.y]))),
        ]
    )
    frame = gpd.GeoDataFrame(both.iloc[order].reset_index(drop=True), geometry=point[order], crs=LONLAT)
    snapped = snap_table(service.network, service.barriers, homes, parameters)
    return Homes(frame, _joined(snapped, at, order))


def places_of(
    points: NDArray[Any], grids: gpd.GeoDataFrame | None, divisions: gpd.GeoDataFrame | None
) -> tuple[NDArray[Any], NDArray[Any]]:
    """Find the grid and the division of each point.

    Parameters
    ----------
    points : numpy.ndarray of Point
        EPSG:4326, shape (n,).
    grids, divisions : geopandas.GeoDataFrame or None
        The tables; None = there is none.

    Returns
    -------
    tuple of numpy.ndarray of str
        ``grid_id`` (the lowest of overlapping ones) and ``division_id`` (the grid's own where it says so, else the
        smallest administrative division that holds the point), shape (n,); None where there is none.
    """
    nobody = np.full(len(points), None, dtype=object)
    grid, division = nobody.copy(), nobody.copy()
    if grids is not None and len(grids):
        grid, said = (_looked_up(grids, points, "grid_id", column) for column in ("grid_id", "division_id"))
        division = said
    if divisions is not None and len(divisions):
        ours = divisions[divisions["tree"] == "admin"]
        for level in reversed(LEVELS):
            open_ = np.flatnonzero(pd.isna(division))
            division[open_] = _looked_up(ours[ours["level"] == level], points[open_], "division_id", "division_id")
    return grid, division


def _looked_up(areas: gpd.GeoDataFrame, points: NDArray[Any], key: str, column: str) -> NDArray[Any]:
    return named(areas[column].to_numpy(dtype=object), grid_of(areas, points, key=key))


def _addresses(table: gpd.GeoDataFrame, stubs: Stubs, service: Service) -> tuple[pd.DataFrame, Snapped]:
    """Addresses of spread areas that have anybody, and where they are."""
    start = np.flatnonzero(np.diff(stubs.area, prepend=-1))
    people, households = (
        _divided(table[column].to_numpy(dtype=float), stubs, start) for column in ("people", "households")
    )
    number = np.arange(len(stubs.area)) - np.repeat(start, np.diff(start, append=len(stubs.area)))
    lived = (people > 0) | (households > 0)
    ids = table["place_id"].to_numpy(dtype=object)[stubs.area]
    rows = pd.DataFrame(
        {
            "place_id": pd.array(
                [f"{id}{PIECE}{n:05d}" for id, n in zip(ids[lived], number[lived], strict=True)], dtype="str"
            ),
            "people": people[lived],
            "households": households[lived],
        }
    )
    return rows, on_edges(service.network, stubs.edge[lived], stubs.along[lived])


def _divided(total: Floats, stubs: Stubs, start: NDArray[np.int64]) -> Floats:
    parts = []
    for first, last in itertools.pairwise(np.append(start, len(stubs.area))):
        whole, metres = total[stubs.area[first]], stubs.length_m[first:last]
        parts.append(np.full(len(metres), np.nan) if np.isnan(whole) else apportion(whole, metres))
    return np.concatenate(parts) if parts else np.zeros(0)


def _joined(first: Snapped, second: Snapped, order: NDArray[np.int64]) -> Snapped:
    names = Snapped.__dataclass_fields__
    return Snapped(**{n: np.concatenate([getattr(first, n), getattr(second, n)])[order] for n in names})
