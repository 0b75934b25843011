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
from geo.grid.findings import texts
from geo.place.index import grid_of
from geo.tables.people import FULL_TIME_ROLES
from geo.units import HOUSEHOLDS_PER_WORKER, WORKERS_MIN

DECIMALS = 6  # thirds of a worker add up to one


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
) -> gpd.GeoDataFrame:
    """Compare the workers that each grid has with those it needs.

    Need is r = max(``workers_min``, ⌈households / ``households_per_worker``⌉), 0 without households, and
    ``workers_min`` where nobody knows how many there are. Supply f is the sum of full-time equivalents.

    Parameters
    ----------
    grids : geopandas.GeoDataFrame
        The table.
    staff, assignments : pandas.DataFrame
        The tables; see :func:`shares` for what counts.
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

    Returns
    -------
    geopandas.GeoDataFrame
        The grids in the order given, with ``households``, ``need``, ``workers`` (full-time equivalents),
        ``deficit`` max(r - f, 0), ``surplus`` max(f - r, 0), ``load`` (households a worker; missing where nobody
        works), ``status`` (``vacant``: f = 0 < r, ``short``, ``met``, ``surplus``, ``not_needed``: r = f = 0),
        ``roles_missing`` and ``complete`` (no role is missing). Households counted from places with fewer than 10
        people in the grid are missing, and so is the load; the need still counts them.
    """
    valid = on_duty(assignments, as_of)
    ids = pd.Series(texts(grids["grid_id"]), index=grids.index)
    households, told = _demand(grids, population)
    least = households.isna() | (households > 0)
    wanted = np.ceil((households.fillna(0.0) / households_per_worker).round(DECIMALS))
    need = np.where(least, np.maximum(wanted, workers_min), 0).astype(np.int64)
    workers = ids.map(shares(staff, valid).groupby("grid_id")["fte"].sum()).fillna(0.0).round(DECIMALS)
    missing = _missing_roles(ids, grids["kind"], valid, staff, roles or {})
    shown = households.where(told)
    return grids.assign(
        households=shown.round().astype("Int64"),
        need=need,
        workers=workers,
        deficit=np.maximum(need - workers, 0.0).round(DECIMALS),
        surplus=np.maximum(workers - need, 0.0).round(DECIMALS),
        load=shown / workers.where(workers > 0),
        status=_status(need, workers.to_numpy()),
        roles_missing=missing,
        complete=missing.map(len) == 0,
    )


def on_duty(assignments: pd.DataFrame, as_of: date) -> pd.DataFrame:
    """Pick the assignments to grids that hold on a day.

    Parameters
    ----------
    assignments : pandas.DataFrame
        The table.
    as_of : datetime.date
        The day; ``valid_from`` ≤ day < ``valid_to``, a missing end is open.

    Returns
    -------
    pandas.DataFrame
        Those rows.
    """
    day = pd.Timestamp(as_of)
    begun = assignments["valid_from"].isna() | (assignments["valid_from"] <= day)
    lasting = assignments["valid_to"].isna() | (assignments["valid_to"] > day)
    return assignments[(assignments["target_type"] == "grid") & begun & lasting]


def shares(staff: pd.DataFrame, valid: pd.DataFrame) -> pd.DataFrame:
    """Share each person's working time among their grids.

    Parameters
    ----------
    staff : pandas.DataFrame
        The table. Full-time equivalents that are missing count 1.
    valid : pandas.DataFrame
        Assignments to grids that hold. Only roles that are full-time count (grid worker, border guard, auxiliary
        policeman; the assignment's role, else the person's own); so do only people that ``staff`` knows.

    Returns
    -------
    pandas.DataFrame
        One row a person and grid: ``staff_id, grid_id, fte``. A person on n grids gives each 1/n of themselves, or
        the ``share`` that the assignment states; two assignments of one person to one grid count once, with
        the larger stated share.
    """
    person = staff.drop_duplicates("staff_id").set_index("staff_id")
    known = valid[valid["staff_id"].isin(person.index)]
    known = known[_role(known, person).isin(FULL_TIME_ROLES)]
    each = known.groupby(["staff_id", "target_id"], as_index=False)["share"].max()
    grids_of = each.groupby("staff_id")["target_id"].transform("size")
    fte = each["staff_id"].map(person["fte"]).astype(float).fillna(1.0)
    made = each.assign(fte=fte * each["share"].astype(float).fillna(1 / grids_of))
    return made.rename(columns={"target_id": "grid_id"})[["staff_id", "grid_id", "fte"]]


def _role(valid: pd.DataFrame, person: pd.DataFrame) -> pd.Series:
    return valid["role"].astype("object").fillna(valid["staff_id"].map(person["role"].astype("object")))


def _demand(grids: gpd.GeoDataFrame, population: gpd.GeoDataFrame | None) -> tuple[pd.Series, Any]:
    """Count the households of each grid, and say which counts may be told."""
    own = grids["households"].astype("Float64").astype(float)
    if population is None or not population["households"].notna().any():
        return own, np.ones(len(grids), dtype=bool)
    holder = grid_of(grids, shapely.point_on_surface(np.asarray(population.geometry)))
    counts = population[["people", "households"]].astype(float)[holder >= 0]
    sums = counts.groupby(holder[holder >= 0]).sum().reindex(range(len(grids)), fill_value=0.0)
    households = pd.Series(sums["households"].to_numpy(), index=grids.index)
    return households, may_be_told(sums["people"]).to_numpy()


def _missing_roles(
    ids: pd.Series,
    kind: pd.Series,
    valid: pd.DataFrame,
    staff: pd.DataFrame,
    roles: Mapping[str, Sequence[str]],
) -> pd.Series:
    person = staff.drop_duplicates("staff_id").set_index("staff_id")
    known = valid[valid["staff_id"].isin(person.index)]
    filled = _role(known, person).groupby(known["target_id"]).agg(set).to_dict()
    nobody: set[str] = set()
    missing = [
        [role for role in roles.get(str(one), ()) if role not in filled.get(grid, nobody)]
        for grid, one in zip(ids, kind, strict=True)
    ]
    return pd.Series(missing, index=ids.index, dtype="object")


def _status(need: Any, workers: Any) -> Any:
    tests = [(need == 0) & (workers == 0), workers == 0, workers < need, workers > need]
    return np.select(tests, ["not_needed", "vacant", "short", "surplus"], "met").astype(object)
