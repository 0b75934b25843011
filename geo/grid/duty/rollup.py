"""What do a division's grids add up to? Need, workers, vacancies, heads and people, level by level."""

from __future__ import annotations

from collections.abc import Collection
from typing import Any

import geopandas as gpd
import numpy as np
import pandas as pd
from numpy.typing import NDArray

from geo.evenness import evenness_by
from geo.grid.duty.belonging import ADMIN, Belonging
from geo.grid.duty.people import PARTS
from geo.grid.duty.pooling import counting, pools
from geo.grid.staffing import parts_of, workers_of

SHAPES = {
    "loads": "count",
    "mean_load": "mean",
    "variation": "variation",
    "peak": "peak",
    "gini": "gini",
    "even": "near",
}


def division_staffing(
    staffed: pd.DataFrame,
    where: Belonging,
    *,
    ruled: Collection[str],
    asked: pd.DataFrame,
    active: pd.DataFrame,
    headed: pd.DataFrame | None = None,
) -> gpd.GeoDataFrame:
    """Add grids up to every place above them.

    Parameters
    ----------
    staffed : pandas.DataFrame
        As :func:`geo.grid.staffing.staffing` gives it: a row a grid that counts.
    where : Belonging
        Which grid lies in which place.
    ruled : collection of str
        Kinds of grid that have required roles.
    asked : pandas.DataFrame
        What :func:`geo.grid.staffing.demand` gives for the same grids, with ``grid_id``.
    active : pandas.DataFrame
        ``grid`` (row of ``where.grids``) and ``person`` of everybody on duty in a grid, in a large one, or in a
        unit of a grid.
    headed : pandas.DataFrame or None
        ``grid_id`` of the staffed grid, ``units`` and ``headed``; of several rows of one grid the sum.

    Returns
    -------
    geopandas.GeoDataFrame
        The places in their order with ``grids`` that count, those ``needing`` anybody, ``vacant``, ``short``; sums
        of ``need``, ``workers``, ``filled`` (grid by grid no more than its need), ``deficit``, ``surplus``;
        ``coverage`` = filled / need; ``complete`` of ``ruled`` grids; ``units`` and ``headed`` (missing without
        ``headed``): each exactly the sum of the grids', and so of any level between. ``households`` of all grids
        but ``untold`` ones; ``load``, households a worker of these grids; ``staff``, different people; how many
        grids have a load (``loads``), its ``mean_load``, ``variation``, ``peak``, ``gini``, and how many are
        ``even``. A ratio without denominator is missing.

        Households of a grid that may not be told of count from the lowest administrative place on (large grids
        among them) in which such grids are at least 10 people together, and in any other place that holds them
        all: no difference of two sums tells of fewer. Untold are the rest, and grids of which nobody knows it.
    """
    counted = where.grids["counted"].to_numpy()
    rows = _per_grid(staffed, headed, ruled).loc[where.grids["grid_id"][counted]]
    mine = counted[where.grid]
    grid, place = (np.cumsum(counted) - 1)[where.grid[mine]], where.place[mine]

    def total(values: Any, among: Any = True) -> NDArray[np.int64]:
        weights = np.where(among, np.asarray(values, dtype=float)[grid], 0.0)
        return np.bincount(place, weights=weights, minlength=len(where.places)).astype(np.int64)

    sums = {name: total(rows[name]) for name in rows.columns if name != "load"}
    exact = {name: workers_of(sums.pop(name)) for name in ("workers", "deficit", "surplus", "filled")}
    known = asked.set_index("grid_id").loc[rows.index]
    among = _counting(known, grid, place, where)
    households = total(known["households"].fillna(0.0).round(), among)
    shape = evenness_by(rows["load"].to_numpy()[grid], place, len(where.places))
    made = where.places.assign(
        **sums,
        **exact,
        coverage=_ratio(exact["filled"], sums["need"]),
        households=households,
        untold=sums["grids"] - total(np.ones(len(rows)), among),
        load=_ratio(households, total(rows["workers"], among) / PARTS),
        staff=_different(active, where),
        **{name: shape[of] for name, of in SHAPES.items()},
    )
    nothing = pd.array([pd.NA] * len(made), dtype="Int64")
    return made if headed is not None else made.assign(units=nothing, headed=nothing)


def _per_grid(staffed: pd.DataFrame, headed: pd.DataFrame | None, ruled: Collection[str]) -> pd.DataFrame:
    """What is added up, in whole numbers (of workers their parts), and the load; by ``grid_id``."""
    exact = {name: parts_of(staffed[name]) for name in ("workers", "deficit", "surplus")}
    asked = staffed["kind"].isin(list(ruled))
    rows = pd.DataFrame(
        {
            "grid_id": staffed["grid_id"],
            "grids": 1,
            "needing": staffed["need"] > 0,
            "vacant": staffed["status"] == "vacant",
            "short": staffed["status"] == "short",
            "need": staffed["need"],
            **exact,
            "filled": staffed["need"] * PARTS - exact["deficit"],
            "complete": asked & staffed["complete"],
            "ruled": asked,
            "load": staffed["load"].astype(float),
        }
    ).set_index("grid_id")
    if headed is None:
        return rows.assign(units=0, headed=0)
    return rows.join(headed.groupby("grid_id")[["units", "headed"]].sum())


def _counting(asked: pd.DataFrame, grid: NDArray[np.int64], place: NDArray[np.int64], where: Belonging) -> Any:
    """Which households may count in which places."""
    admin = (where.places["tree"] == ADMIN).to_numpy()[place]
    pool = pools(asked["told"], asked["people"].fillna(0.0), grid[admin], place[admin], where.step)
    return counting(pool, grid, place) & asked["households"].notna().to_numpy()[grid]


def _different(active: pd.DataFrame, where: Belonging) -> NDArray[np.int64]:
    """Different people on duty in each place."""
    belongs = pd.DataFrame({"grid": where.grid, "place": where.place})
    both = belongs.merge(active.drop_duplicates(), on="grid")[["place", "person"]]
    return np.bincount(both.drop_duplicates()["place"], minlength=len(where.places))


def _ratio(numerator: Any, denominator: Any) -> Any:
    return np.asarray(numerator, dtype=float) / np.where(denominator > 0, denominator, np.nan)
