"""Does every grid have enough people, and the right ones?"""

from __future__ import annotations

from collections.abc import Mapping, Sequence
from datetime import date
from typing import Any

import geopandas as gpd
import numpy as np
import pandas as pd
import shapely

from geo.grid.concern import may_be_told
from geo.grid.duty.people import PARTS, on_duty, shares
from geo.grid.duty.pooling import NOWHERE, pools
from geo.parameters import StaffedGrids
from geo.place.index import grid_of
from geo.place.rings import Ids
from geo.place.schemes import home_ids, is_large, positions, staffed_in
from geo.units import HOUSEHOLDS_PER_WORKER, WORKERS_MIN

DECIMALS = 9  # of full-time equivalents: enough to tell their parts again
NOISE = 6  # decimals beyond which a number is what rounding made of it


def staffing(
    grids: gpd.GeoDataFrame,
    staff: pd.DataFrame,
    assignments: pd.DataFrame,
    *,
    as_of: date,
    households_per_worker: float = HOUSEHOLDS_PER_WORKER,
    workers_min: int = WORKERS_MIN,
    roles: Mapping[str, Sequence[str]] | None = None,
    population: gpd.GeoDataFrame | None = None,
    scheme: str | None = None,
    which: StaffedGrids = "small",
) -> gpd.GeoDataFrame:
    """Compare the workers that each grid has with those it needs.

    Need is r = max(``workers_min``, ⌈households / ``households_per_worker``⌉), 0 without households, and
    ``workers_min`` where nobody knows how many there are. Supply f is the sum of full-time equivalents.

    Parameters
    ----------
    grids : geopandas.GeoDataFrame
        The table, all schemes and large grids in it.
    staff, assignments : pandas.DataFrame
        The tables; see :func:`geo.grid.duty.people.shares` for what counts.
    as_of : datetime.date
        The day.
    households_per_worker : float
        Households that one full-time worker looks after.
    workers_min : int
        Least number of workers of an inhabited grid.
    roles : mapping of str to sequence of str, optional
        Roles that a grid of each kind must have filled, by anybody valid on the day, full-time or not.
    population : geopandas.GeoDataFrame, optional
        Where households live; where the table has none, the grids' own counts are used.
    scheme : str or None
        The scheme that is judged, by itself; None = ``main``, without it the first by name.
    which : {"small", "large"}
        In which grids workers are needed; see :func:`geo.place.schemes.staffed_in`. An assignment to a small
        grid is one to the large grid that it lies in: of a person's parts there the sum counts.

    Returns
    -------
    geopandas.GeoDataFrame
        The staffed grids of that scheme in the order given, with ``households``, ``need``, ``workers`` (full-time
        equivalents), ``deficit`` max(r - f, 0), ``surplus`` max(f - r, 0), ``load`` (households a worker; missing
        where nobody works), ``status`` (``vacant``: f = 0 < r, ``short``, ``met``, ``surplus``, ``not_needed``:
        r = f = 0), ``staff`` (different people with an assignment to it, in any role), ``roles_missing`` and
        ``complete`` (no role is missing). Households counted from places with fewer than 10 people in the grid are
        missing, and so is the load; the need still counts them, as one worker's at most.
    """
    home = staffed_in(grids, which, scheme)
    chosen = grids[home == np.arange(len(grids))]
    duties = on_duty(staff, assignments, as_of)
    here, called = pd.Index(chosen["grid_id"]), home_ids(grids, home)
    asked = staffed_demand(grids, home, population)
    need = needed(asked, households_per_worker, workers_min)
    given = shares(duties, elsewhere=grids["grid_id"][home < 0])
    parts = _workers(given["parts"], here.get_indexer(pd.Index(given["target_id"].map(called))), len(here))
    over = parts - need * PARTS
    serving = duties[duties["target_type"] == "grid"]
    at = here.get_indexer(pd.Index(serving["target_id"].map(called)))
    serving, at = serving[at >= 0], at[at >= 0]
    missing = _missing_roles(chosen["kind"], serving["role"], at, roles or {})
    shown = asked["households"].where(asked["told"])
    people = serving[["person"]].assign(at=at).drop_duplicates()
    return chosen.assign(
        households=shown.round().astype("Int64"),
        need=need,
        workers=workers_of(parts),
        deficit=workers_of(np.maximum(-over, 0)),
        surplus=workers_of(np.maximum(over, 0)),
        load=shown / np.where(parts > 0, parts / PARTS, np.nan),
        status=_status(need, parts, over),
        staff=np.bincount(people["at"], minlength=len(here)),
        roles_missing=missing,
        complete=missing.map(len) == 0,
    )


def demand(grids: gpd.GeoDataFrame, population: gpd.GeoDataFrame | None) -> pd.DataFrame:
    """Count the households of each grid, and say which counts may be told.

    Parameters
    ----------
    grids : geopandas.GeoDataFrame
        Grids that lie beside each other.
    population : geopandas.GeoDataFrame or None
        The table; without it, and where it has no households, the grids' own counts are used. An area counts at a
        point inside it.

    Returns
    -------
    pandas.DataFrame
        Index as of ``grids``: ``households`` (missing = unknown), ``people`` (missing for the grids' own counts)
        and ``told`` (bool: not of 1 to 9 people of ``population``).
    """
    if population is None or not population["households"].notna().any():
        own = grids["households"].astype("Float64").astype(float)
        return pd.DataFrame({"households": own, "people": np.nan, "told": True}, index=grids.index)
    holder = grid_of(grids, shapely.point_on_surface(np.asarray(population.geometry)))
    counts = population[["people", "households"]].astype(float)[holder >= 0]
    sums = counts.groupby(holder[holder >= 0]).sum().reindex(range(len(grids)), fill_value=0.0)
    return sums.assign(told=may_be_told(sums["people"])).set_index(grids.index)


def staffed_demand(grids: gpd.GeoDataFrame, home: Ids, population: gpd.GeoDataFrame | None) -> pd.DataFrame:
    """Count the households of each grid that is staffed, each household once.

    Parameters
    ----------
    grids : geopandas.GeoDataFrame
        The table.
    home : numpy.ndarray
        As :func:`geo.place.schemes.staffed_in` gives it.
    population : geopandas.GeoDataFrame or None
        As for :func:`demand`.

    Returns
    -------
    pandas.DataFrame
        As :func:`demand` gives it, of the staffed grids in their order. A large grid has its own count where it
        says one, unless it holds another that is staffed; else the sum of its small grids', missing where one is
        missing. By ``population`` it has those of its small grids; of these, ones with fewer than 10 people count
        where they are together at least 10 in it, so that nothing told of the others tells of them.
    """
    small = np.flatnonzero((home >= 0) & ~is_large(grids))
    staffed = np.flatnonzero(home == np.arange(len(grids)))
    asked = demand(grids.iloc[small], population)
    if np.array_equal(small, staffed):
        return asked
    large, count = np.searchsorted(staffed, home[small]), len(staffed)
    known = asked["households"].to_numpy()
    if asked["people"].isna().any():
        rows = grids.iloc[staffed]
        own = rows["households"].astype("Float64").to_numpy(dtype=float, na_value=np.nan)
        inner = positions(rows["parent_grid_id"], rows["grid_id"])
        own[inner[inner >= 0]] = np.nan
        households = np.where(np.isnan(own), np.bincount(large, known, count), own)
        return pd.DataFrame({"households": households, "people": np.nan, "told": True}, index=rows.index)
    one = np.zeros(count, dtype=np.int64)
    pool = pools(asked["told"], asked["people"], np.arange(len(small)), large, one)
    people = pd.Series(np.bincount(large, asked["people"], count), index=grids.index[staffed])
    told = may_be_told(people)
    some = np.bincount(large, np.where(pool == NOWHERE, 0.0, known), count)
    households = np.where(told, some, np.bincount(large, known, count))
    return pd.DataFrame({"households": households, "people": people, "told": told})


def needed(asked: pd.DataFrame, households_per_worker: float, workers_min: int) -> Any:
    """Say how many workers each grid needs.

    Parameters
    ----------
    asked : pandas.DataFrame
        As :func:`demand` gives it.
    households_per_worker, workers_min
        As for :func:`staffing`.

    Returns
    -------
    numpy.ndarray of int
        Shape (n,). Households that may not be told count as one worker's at most, so that no need tells them.
    """
    households = asked["households"].fillna(0.0)
    least = asked["households"].isna() | (households > 0)
    counted = households.where(asked["told"], np.minimum(households, households_per_worker))
    wanted = np.ceil((counted / households_per_worker).round(NOISE))
    return np.where(least, np.maximum(wanted, workers_min), 0).astype(np.int64)


def _workers(given: pd.Series, at: Any, count: int) -> Any:
    """Parts of a full-time worker in each grid."""
    parts = np.zeros(count, dtype=np.int64)
    np.add.at(parts, at[at >= 0], given.to_numpy()[at >= 0])
    whole = (parts + PARTS // 2) // PARTS * PARTS
    return np.where(np.abs(parts - whole) <= PARTS // 10**NOISE, whole, parts)  # seventeenths too add up to one


def workers_of(parts: Any) -> Any:
    """Turn parts into full-time equivalents.

    Parameters
    ----------
    parts : numpy.ndarray of int
        Of which ``PARTS`` make a full-time worker.

    Returns
    -------
    numpy.ndarray of float
        To nine decimals, from which :func:`parts_of` tells the parts again.
    """
    return (np.asarray(parts) / PARTS).round(DECIMALS)


def parts_of(workers: Any) -> Any:
    """Turn full-time equivalents into parts, which add up exactly.

    Parameters
    ----------
    workers : array-like of float
        Full-time equivalents.

    Returns
    -------
    numpy.ndarray of int
        Of which ``PARTS`` make a full-time worker.

    Examples
    --------
    >>> int(parts_of(workers_of(240_240_000)) * 3) == PARTS
    True
    """
    return np.rint(np.asarray(workers, dtype=float) * PARTS).astype(np.int64)


def _missing_roles(kind: pd.Series, role: pd.Series, at: Any, roles: Mapping[str, Sequence[str]]) -> pd.Series:
    """Roles that each grid's kind must have filled and nobody fills; a list a grid."""
    missing: list[list[str]] = [[] for _ in range(len(kind))]
    for one, asked in roles.items():
        concerned = (kind == one).to_numpy(dtype=bool)
        for name in dict.fromkeys(asked):
            lacks = concerned.copy()
            lacks[at[(role == name).to_numpy(dtype=bool)]] = False
            for row in np.flatnonzero(lacks):
                missing[row].append(name)
    return pd.Series(missing, index=kind.index, dtype="object")


def _status(need: Any, parts: Any, over: Any) -> Any:
    tests = [(need == 0) & (parts == 0), parts == 0, over < 0, over > 0]
    return np.select(tests, ["not_needed", "vacant", "short", "surplus"], "met").astype(object)
