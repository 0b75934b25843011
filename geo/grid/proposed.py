"""What a planner is shown of balanced large grids: the proposal grid by grid, the large ones, their deputies."""

from __future__ import annotations

from collections.abc import Sequence
from typing import Any

import geopandas as gpd
import numpy as np
import pandas as pd
import shapely

from geo.crs import LONLAT
from geo.errors import BadParameter
from geo.grid.ancestry import ancestors
from geo.grid.districts import balanced_districts, district_report
from geo.grid.nesting import parentage
from geo.grid.staffing import demand
from geo.place.index import named, polygonal
from geo.place.schemes import counts_once
from geo.tables.ground import LEVELS

LEAST = 2  # districts that a division gets on average: of one each there would be nothing to balance
DECIMALS = 6


def proposal(
    grids: gpd.GeoDataFrame,
    *,
    large_grids: int,
    tolerance: float,
    moves: float,
    locked: Sequence[str] = (),
    divisions: gpd.GeoDataFrame | None = None,
    population: gpd.GeoDataFrame | None = None,
) -> gpd.GeoDataFrame:
    """Propose balanced large grids for the small ones there are, beside today's.

    Parameters
    ----------
    grids : geopandas.GeoDataFrame
        The table; the small grids of the main scheme are grouped.
    large_grids : int
        How many large ones; 0 = as many as the small ones name today.
    tolerance, moves : float
        As for :func:`geo.grid.districts.balanced_districts`.
    locked : sequence of str
        Grids that stay in the large grid that they name today.
    divisions : geopandas.GeoDataFrame or None
        The table; see :func:`nested_in`.
    population : geopandas.GeoDataFrame or None
        Where households live; where the table has none, the grids' own counts are used. Grids whose count may not
        be told, and those without one, count 0.

    Returns
    -------
    geopandas.GeoDataFrame
        One row a grid with ground, by ``grid_id``: ``name, division_id, district_id, parent_id, today_id, moved,
        locked, households``, and of its district ``district_households, off_mean, off_all, state`` (``within``,
        ``over``, ``under``), ``compactness`` and of today's ``today_off_mean, today_off_all, today_compactness``.
        No row when nothing says how many large grids there shall be.
    """
    table = grids[counts_once(grids)].sort_values("grid_id", ignore_index=True)
    asked = demand(table, population)
    today = table["parent_grid_id"].astype("object")
    small = table.assign(households=asked["households"].where(asked["told"]))
    count = large_grids or today.nunique()
    if not count or not len(small):
        return _rows(small.iloc[:0], today.iloc[:0].astype("str"), today.iloc[:0], None, locked, tolerance)
    parents = nested_in(small, divisions, count)
    made = balanced_districts(
        small,
        count,
        parents=parents,
        locked=_locked(small, today, locked),
        today=today,
        moves=moves,
        tolerance=tolerance,
    )
    here = made.notna()
    above = None if parents is None else parents[here]
    return _rows(small[here], made[here], today[here], above, locked, tolerance)


def _locked(small: gpd.GeoDataFrame, today: pd.Series, locked: Sequence[str]) -> dict[str, str]:
    names = dict(zip(small["grid_id"], today, strict=True))
    lost = sorted(one for one in locked if pd.isna(names.get(one)))
    if lost:
        raise BadParameter(f"locked_grids: {lost[0]} is no small grid that names a large one")
    return {one: names[one] for one in locked}


def _rows(
    small: gpd.GeoDataFrame,
    made: pd.Series,
    today: pd.Series,
    parents: pd.Series | None,
    locked: Sequence[str],
    tolerance: float,
) -> gpd.GeoDataFrame:
    new = district_report(small, made, parents=parents, tolerance=tolerance).set_index("district_id")
    old = district_report(small, today, parents=parents, tolerance=tolerance).set_index("district_id")
    off = made.map(new["off_mean"]).astype(float)
    return small.assign(
        district_id=made,
        parent_id=made.map(new["parent_id"]),
        today_id=today,
        moved=today.notna() & (today != made.astype("object")),
        locked=small["grid_id"].isin(list(locked)),
        households=small["households"].round().astype("Int64"),
        district_households=made.map(new["load"]).astype(float).round().astype("Int64"),
        off_mean=off.round(DECIMALS),
        off_all=made.map(new["off_all"]).astype(float).round(DECIMALS),
        state=np.where(made.map(new["within"]).astype("boolean"), "within", np.where(off > 0, "over", "under")),
        compactness=made.map(new["compactness"]).astype(float),
        today_off_mean=today.map(old["off_mean"]).astype(float).round(DECIMALS),
        today_off_all=today.map(old["off_all"]).astype(float).round(DECIMALS),
        today_compactness=today.map(old["compactness"]).astype(float),
    )


def nested_in(grids: gpd.GeoDataFrame, divisions: gpd.GeoDataFrame | None, count: int) -> pd.Series | None:
    """Choose the divisions that no district crosses.

    Parameters
    ----------
    grids : geopandas.GeoDataFrame
        ``division_id`` and polygons.
    divisions : geopandas.GeoDataFrame or None
        The table; its administrative tree counts.
    count : int
        Districts in all.

    Returns
    -------
    pandas.Series or None
        Division of each grid by the index of ``grids``: of the lowest level whose divisions get at least two
        districts on average. A grid that names none there lies in the one that holds most of it. None = districts
        may cross every division.
    """
    if divisions is None:
        return None
    admin = divisions[divisions["tree"] == "admin"]
    for level in reversed(LEVELS):
        above = admin[admin["level"] == level].sort_values("division_id", ignore_index=True)
        if not len(above):
            continue
        children = grids.assign(division_id=ancestors(grids["division_id"], admin, level))
        at = parentage(children, above)["parent"].to_numpy()
        if (at >= 0).any() and LEAST * len(np.unique(at)) <= count:
            return pd.Series(named(above["division_id"].to_numpy(dtype=object), at), index=grids.index)
    return None


def dissolved(rows: gpd.GeoDataFrame) -> gpd.GeoDataFrame:
    """Make the large grids of a proposal.

    Parameters
    ----------
    rows : geopandas.GeoDataFrame
        As :func:`proposal` gives them.

    Returns
    -------
    geopandas.GeoDataFrame
        One row a district, by ``district_id``: ``division_id`` (which it does not cross), ``grids, households,
        off_mean, off_all, state, within, compactness, moved_households`` and the united ground.
    """
    load = rows["households"].astype("Float64").fillna(0.0)
    table = pd.DataFrame(rows.drop(columns="geometry")).assign(
        grids=1, moved_households=load.where(rows["moved"], 0.0), geometry=polygonal(rows.geometry)
    )
    made = table.groupby("district_id", as_index=False).agg(
        division_id=("parent_id", "first"),
        grids=("grids", "sum"),
        households=("district_households", "first"),
        off_mean=("off_mean", "first"),
        off_all=("off_all", "first"),
        state=("state", "first"),
        compactness=("compactness", "first"),
        moved_households=("moved_households", "sum"),
        geometry=("geometry", _united),
    )
    made["moved_households"] = made["moved_households"].round().astype("Int64")
    made["within"] = made["state"] == "within"
    return gpd.GeoDataFrame(made, geometry="geometry", crs=LONLAT)


def _united(polygons: pd.Series) -> Any:
    return shapely.union_all(polygons.to_numpy())


def bases(
    staff: pd.DataFrame, posts: gpd.GeoDataFrame | None, divisions: gpd.GeoDataFrame | None
) -> gpd.GeoDataFrame:
    """Find where deputies are based.

    Parameters
    ----------
    staff : pandas.DataFrame
        The table; people in the role ``deputy`` count.
    posts, divisions : geopandas.GeoDataFrame or None
        The tables.

    Returns
    -------
    geopandas.GeoDataFrame
        One row a deputy, by ``staff_id``: ``basis`` (``post``, ``division``; missing = nobody knows where), the
        ``post_id`` and ``division_id`` named, and the point: of the post, else inside the division.
    """
    deputies = staff[staff["role"] == "deputy"].drop_duplicates("staff_id").sort_values("staff_id")
    deputies = deputies[["staff_id", "post_id", "division_id"]].reset_index(drop=True)
    there = {"post": (posts, "post_id"), "division": (divisions, "division_id")}
    points, basis = np.full(len(deputies), None, dtype=object), np.full(len(deputies), None, dtype=object)
    for name, (table, key) in there.items():
        if table is None:
            continue
        places = table[table.geometry.notna()].drop_duplicates(key)
        at = pd.Index(places[key]).get_indexer(deputies[key])
        found = (at >= 0) & (basis == None) & deputies[key].notna().to_numpy()  # noqa: E711 (of each element)
        points[found] = shapely.point_on_surface(np.asarray(places.geometry))[at[found]]
        basis[found] = name
    return gpd.GeoDataFrame(deputies.assign(basis=basis), geometry=points, crs=LONLAT)
