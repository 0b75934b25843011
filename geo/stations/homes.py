"""Where people are: each home at its own place, people of an area at buildings or along streets inside it."""

from __future__ import annotations

from dataclasses import dataclass
from typing import Any

import geopandas as gpd
import numpy as np
import pandas as pd
import shapely
from numpy.typing import NDArray

from geo.crs import LONLAT, Floats, Frame
from geo.parameters import Parameters
from geo.place.index import grid_of, holders, named, polygonal
from geo.place.schemes import once
from geo.stations.serving import Service, snap_table
from geo.tables.ground import LEVELS
from geo.walk.snap import Snapped, on_edges, standing
from geo.walk.spread import apportion, stubs_in

PIECE = "#"  # stands between the id of an area and the number of an address inside it
FACTS = ["place_id", "group", "people", "households"]

Longs = NDArray[np.int64]


@dataclass(frozen=True, eq=False)
class Homes:
    """Addresses with people.

    Parameters
    ----------
    rows : geopandas.GeoDataFrame
        ``place_id, group, people, households`` and a point each, EPSG:4326.
    at : Snapped
        Where they step onto the streets, one value a row.
    """

    rows: gpd.GeoDataFrame
    at: Snapped


def homes_of(
    population: gpd.GeoDataFrame,
    service: Service,
    parameters: Parameters,
    buildings: gpd.GeoDataFrame | None = None,
) -> Homes:
    """Give all people an address.

    A point is a home, and so is the footprint of a building (``kind``), at its representative point. People of any
    other area are spread in whole people, as addresses ``<place_id>#<n>``: over the buildings inside it by their
    people, else their households, else their footprints, else evenly; where there are none, over the metres of
    street inside it. An area with neither stands at its representative point, and so does a row whose people are
    none.

    Parameters
    ----------
    population : geopandas.GeoDataFrame
        Table ``population``.
    service : Service
        With the streets.
    parameters : Parameters
        Snapping limits.
    buildings : geopandas.GeoDataFrame or None
        Table ``units``; rows without a place are passed over.

    Returns
    -------
    Homes
        By ``place_id``. People and households of an area add up to what it has.
    """
    table = population.sort_values("place_id", kind="stable").reset_index(drop=True)
    frame = service.network.frame
    shape = polygonal(table.geometry)
    shape[~(table["people"].to_numpy(dtype=float) > 0) | (table["kind"] == "building").to_numpy(dtype=bool)] = None
    of_building, building, weight = _buildings_in(shape, buildings, frame)
    shape[of_building] = None
    stubs = stubs_in(service.network, frame.metres(shape))
    alone = np.ones(len(table), dtype=bool)
    alone[of_building] = alone[stubs.area] = False
    built, in_building = _addresses(table, of_building, weight)
    along, on_street = _addresses(table, stubs.area, stubs.length_m)
    at = on_edges(service.network, stubs.edge[on_street], stubs.along[on_street])
    off_street = pd.concat([table.loc[alone, FACTS], built], ignore_index=True)
    doors = np.concatenate([standing(table.geometry[alone]), building[in_building]])
    points = gpd.GeoDataFrame(geometry=doors, crs=LONLAT)
    snapped = snap_table(service.network, service.barriers, points, parameters)
    both = pd.concat([off_street, along], ignore_index=True)
    order = np.argsort(both["place_id"].to_numpy(dtype=object), kind="stable")
    point = np.concatenate([doors, frame.lonlat(shapely.points(np.column_stack([at.x, at.y])))])
    rows = gpd.GeoDataFrame(both.iloc[order].reset_index(drop=True), geometry=point[order], crs=LONLAT)
    return Homes(rows, _joined(snapped, at, order))


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
        ``grid_id`` (of those that count once; the lowest of overlapping ones) and ``division_id`` (the grid's own
        where it says so, else the smallest administrative division that holds the point), shape (n,); None where
        there is none.
    """
    nobody = np.full(len(points), None, dtype=object)
    grid, division = nobody.copy(), nobody.copy()
    if grids is not None and len(grids):
        ours = once(grids)
        at = grid_of(ours, points)
        grid, division = (named(ours[name].to_numpy(dtype=object), at) for name in ("grid_id", "division_id"))
    if divisions is not None and len(divisions):
        ours = divisions[divisions["tree"] == "admin"]
        for level in reversed(LEVELS):
            open_ = np.flatnonzero(pd.isna(division))
            some = ours[ours["level"] == level]
            at = grid_of(some, points[open_], key="division_id")
            division[open_] = named(some["division_id"].to_numpy(dtype=object), at)
    return grid, division


def _buildings_in(
    areas: NDArray[Any], buildings: gpd.GeoDataFrame | None, frame: Frame
) -> tuple[Longs, NDArray[Any], Floats]:
    """Buildings inside areas as area, point and weight, by area, then building; those of several areas in each."""
    if buildings is None or shapely.is_missing(areas).all():
        return np.zeros(0, dtype=np.int64), np.zeros(0, dtype=object), np.zeros(0)
    known = buildings[buildings.geometry.notna() & ~buildings.geometry.is_empty]
    known = known.sort_values("unit_id", kind="stable")
    point = standing(known.geometry)
    unit, area = holders(areas, point)
    order = np.lexsort((unit, area))
    unit, area = unit[order], area[order]
    weight, open_ = np.ones(len(unit)), np.ones(len(areas), dtype=bool)
    footprint = shapely.area(frame.metres(np.asarray(known.geometry, dtype=object)))
    for each in (known["people"], known["households"], footprint):
        value = np.nan_to_num(np.asarray(each, dtype=float)[unit])
        says = open_ & (np.bincount(area, weights=value, minlength=len(areas)) > 0)
        weight = np.where(says[area], value, weight)
        open_ &= ~says
    return area, point[unit], weight


def _addresses(table: gpd.GeoDataFrame, area: Longs, weight: Floats) -> tuple[pd.DataFrame, NDArray[np.bool_]]:
    """Addresses of spread areas, and which of their places have anybody."""
    people, households = (
        apportion(table[column].to_numpy(dtype=float), area, weight) for column in ("people", "households")
    )
    first = np.flatnonzero(np.diff(area, prepend=-1))
    number = np.arange(len(area)) - np.repeat(first, np.diff(first, append=len(area)))
    lived = (people > 0) | (households > 0)
    ids = table["place_id"].to_numpy(dtype=object)[area]
    rows = pd.DataFrame(
        {
            "place_id": pd.array(
                [f"{id}{PIECE}{n:05d}" for id, n in zip(ids[lived], number[lived], strict=True)], dtype="str"
            ),
            "group": table["group"].to_numpy(dtype=object)[area[lived]],
            "people": people[lived],
            "households": households[lived],
        }
    )
    return rows.astype({"group": "str"}), lived


def _joined(first: Snapped, second: Snapped, order: Longs) -> Snapped:
    names = Snapped.__dataclass_fields__
    return Snapped(**{n: np.concatenate([getattr(first, n), getattr(second, n)])[order] for n in names})
