"""Has every building and unit a head?"""

from __future__ import annotations

from datetime import date

import geopandas as gpd
import numpy as np
import pandas as pd
import shapely

from geo.grid.duty.people import on_duty
from geo.place.index import grid_of
from geo.place.rings import Ids
from geo.place.schemes import counts_once
from geo.units import PUBLISHED_PEOPLE_MIN


def unit_heads(
    grids: gpd.GeoDataFrame,
    units: gpd.GeoDataFrame,
    staff: pd.DataFrame,
    assignments: pd.DataFrame,
    *,
    as_of: date,
) -> gpd.GeoDataFrame:
    """Count the buildings and units of each grid that have a head.

    Parameters
    ----------
    grids, units : geopandas.GeoDataFrame
        The tables. A unit belongs to the grid it names, else to the one that holds it (:func:`grid_of_units`).
    staff, assignments : pandas.DataFrame
        The tables: a head is whoever has an assignment to the unit, in whatever role.
    as_of : datetime.date
        The day.

    Returns
    -------
    geopandas.GeoDataFrame
        The grids that :func:`~geo.place.schemes.counts_once` keeps, in the order given: ``units``, ``headed``,
        ``share`` (missing without units), ``unheaded_households`` (of units whose count is known) and ``heads``,
        different people. Households are missing where those without a head, or those with one beside them, are of
        fewer than 10 people (of a unit that says no people: as many as it has households).
    """
    chosen = grids[counts_once(grids)]
    duties = on_duty(staff, assignments, as_of)
    serving = duties[duties["target_type"] == "unit"]
    at = grid_of_units(units, chosen)
    there = units[at >= 0]
    rows = pd.DataFrame(
        {
            "at": at[at >= 0],
            "headed": there["unit_id"].isin(serving["target_id"]).to_numpy(),
            "households": there["households"].fillna(0).to_numpy(dtype=np.int64),
            "people": there["people"].fillna(there["households"]).fillna(0).to_numpy(dtype=np.int64),
        }
    )
    count, headed = _sums(rows, len(chosen)), _sums(rows[rows["headed"]], len(chosen))
    without = count - headed
    few = _few(without["people"]) | (_few(headed["people"]) & (without["people"] > 0))
    position = pd.Index(units["unit_id"]).get_indexer(pd.Index(serving["target_id"]))
    pairs = pd.DataFrame({"at": np.append(at, -1)[position], "person": serving["person"].to_numpy()})
    heads = pairs[pairs["at"] >= 0].drop_duplicates()
    return chosen.assign(
        units=count["units"].to_numpy(),
        headed=headed["units"].to_numpy(),
        share=(headed["units"] / count["units"].where(count["units"] > 0)).to_numpy(),
        unheaded_households=without["households"].astype("Int64").mask(few).array,
        heads=np.bincount(heads["at"], minlength=len(chosen)),
    )


def grid_of_units(units: gpd.GeoDataFrame, grids: gpd.GeoDataFrame) -> Ids:
    """Find the grid of each unit.

    Parameters
    ----------
    units : geopandas.GeoDataFrame
        The table.
    grids : geopandas.GeoDataFrame
        Grids that lie beside each other.

    Returns
    -------
    numpy.ndarray
        Row position in ``grids``, shape (n,): of the grid that the unit names, else of the one that holds a point
        in it; -1 for a unit that does neither.
    """
    at: Ids = pd.Index(grids["grid_id"]).get_indexer(pd.Index(units["grid_id"])).astype(np.int64)
    lost = np.flatnonzero(at < 0)
    if len(lost):
        at[lost] = grid_of(grids, shapely.point_on_surface(np.asarray(units.geometry)[lost]))
    return at


def _sums(rows: pd.DataFrame, grids: int) -> pd.DataFrame:
    sums = rows.assign(units=1).groupby("at")[["units", "households", "people"]].sum()
    return sums.reindex(range(grids), fill_value=0)


def _few(people: pd.Series) -> pd.Series:
    return (people > 0) & (people < PUBLISHED_PEOPLE_MIN)
