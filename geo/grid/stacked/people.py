"""How many live where two grids agree, and where they differ? Counted where it is known, else estimated."""

from __future__ import annotations

from typing import Any

import geopandas as gpd
import numpy as np
import pandas as pd
import shapely

from geo.grid.concern import may_be_told
from geo.place.index import grid_of
from geo.place.rings import Floats, Ids

COUNTS = ["people", "households"]
NOBODY = -1  # position of the grid where there is none
DECIMALS = 6  # of people: weights are sums of fractions


def inhabitants(
    left: gpd.GeoDataFrame,
    right: gpd.GeoDataFrame,
    at: Ids,
    of: Ids,
    shares: tuple[Floats, Floats],
    *,
    key: str,
    population: gpd.GeoDataFrame | None,
) -> pd.DataFrame:
    """Count the people and households on ground that is held by two grids, or by one only.

    Parameters
    ----------
    left, right : geopandas.GeoDataFrame
        Grids, with ``people`` and ``households`` where known.
    at, of : numpy.ndarray
        Positions of the left and right grid of each piece of ground, shape (n,); -1 = in none.
    shares : tuple of numpy.ndarray
        Share of the left and of the right grid that the ground is, shape (n,); NaN where there is none.
    key : str
        Column with ids.
    population : geopandas.GeoDataFrame or None
        Where people live.

    Returns
    -------
    pandas.DataFrame
        ``people`` and ``households`` (whole numbers, missing = unknown or not told, see :func:`told_beside`) and
        ``basis``: ``counted`` (where people live), ``estimated`` (the grids' own counts by share of area; the mean
        of two), ``mixed`` (people counted, households estimated), missing where nobody knows.
    """
    guess = _estimated(left, right, at, of, shares)
    if population is None:
        known = guess.notna().any(axis=1)
        return guess.round().astype("Int64").assign(basis=known.map({True: "estimated", False: None}))
    sums = _lives(left, right, key, population).groupby(["at", "of"])[COUNTS].sum()
    rows = pd.MultiIndex.from_arrays([at, of], names=["at", "of"])
    told = told_beside(sums["people"], sums.index.isin(rows)).reindex(rows, fill_value=True)
    counts = sums.reindex(rows, fill_value=0.0).where(told).reset_index(drop=True)
    counted = _with_households(population)
    if not counted:
        counts["households"] = guess["households"]
    return counts.round().astype("Int64").assign(basis="counted" if counted else "mixed")


def told_beside(people: pd.Series, listed: Any) -> pd.Series:
    """Say which counts can be published beside those of whole grids, and of the other ground of a grid.

    Parameters
    ----------
    people : pandas.Series
        People by position of the left and the right grid (``at``, ``of``; -1 = in none).
    listed : numpy.ndarray of bool
        False where there is no row that would tell, shape (n,).

    Returns
    -------
    pandas.Series of bool
        False where a count is, or differs from that of one of its grids by, 1 to 9 people; and for the smallest
        of a grid, where what is not told of that grid would come to 1 to 9 people.
    """
    told = may_be_told(people) & listed
    grids = {side: people.index.get_level_values(side) != NOBODY for side in ("at", "of")}
    for side, in_grid in grids.items():
        rest = (people.groupby(level=side).transform("sum") - people).round(DECIMALS)
        told &= may_be_told(rest) | ~in_grid
    for side, in_grid in grids.items():
        kept_back = people.where(~told, 0.0).groupby(level=side).transform("sum").round(DECIMALS)
        least = people.where(told & (people > 0)).groupby(level=side).rank(method="min") == 1
        told &= may_be_told(kept_back) | ~least | ~in_grid
    return told


def households_of(grids: gpd.GeoDataFrame, *, key: str, population: gpd.GeoDataFrame | None) -> pd.Series:
    """Count the households of each grid.

    Parameters
    ----------
    grids : geopandas.GeoDataFrame
        With ``households`` where known.
    key : str
        Column with ids.
    population : geopandas.GeoDataFrame or None
        Where households live; where the table has none, the grids' own counts are given.

    Returns
    -------
    pandas.Series
        Whole numbers, index 0…n-1; missing where unknown or counted from fewer than 10 people.
    """
    if population is None or not _with_households(population):
        return _own(grids)["households"].round().astype("Int64")
    sums = _lives(grids, grids.iloc[:0], key, population).groupby("at")[COUNTS].sum()
    sums = sums.reindex(range(len(grids)), fill_value=0.0)
    return sums["households"].where(may_be_told(sums["people"])).round().astype("Int64")


def differing_households(
    left: gpd.GeoDataFrame,
    right: gpd.GeoDataFrame,
    at: Ids,
    of: Ids,
    shares: tuple[Floats, Floats],
    *,
    key: str,
    population: gpd.GeoDataFrame | None,
) -> pd.Series:
    """Count the households that are in one grid of a pair, but not in both.

    Parameters
    ----------
    left, right, at, of, shares, key, population
        As in :func:`inhabitants`; each pair has both grids.

    Returns
    -------
    pandas.Series
        Whole numbers, shape (n,); missing where one of the two is unknown, or fewer than 10 people were counted.
    """
    if population is None or not _with_households(population):
        mine, theirs = (_own(side)["households"].to_numpy() for side in (left, right))
        differ = pd.Series(mine[at] * (1 - shares[0]) + theirs[of] * (1 - shares[1]))
        return differ.round().astype("Int64")
    lives = _lives(left, right, key, population)
    whole = [lives.groupby(side)[COUNTS].sum() for side in ("at", "of")]
    both = lives.groupby(["at", "of"])[COUNTS].sum()
    wanted: tuple[Any, ...] = (at, of, pd.MultiIndex.from_arrays([at, of]))
    one, other, shared = (
        sums.reindex(index, fill_value=0.0).to_numpy() for sums, index in zip((*whole, both), wanted, strict=True)
    )
    differ = pd.DataFrame(one + other - 2 * shared, columns=COUNTS)
    return differ["households"].where(may_be_told(differ["people"])).round().astype("Int64")


def _lives(
    left: gpd.GeoDataFrame, right: gpd.GeoDataFrame, key: str, population: gpd.GeoDataFrame
) -> pd.DataFrame:
    """Find the left and the right grid of each place, once each."""
    points = shapely.point_on_surface(np.asarray(population.geometry))
    places = {name: population[name].astype(float).fillna(0.0).to_numpy() for name in COUNTS}
    return pd.DataFrame({"at": grid_of(left, points, key=key), "of": grid_of(right, points, key=key), **places})


def _with_households(population: gpd.GeoDataFrame) -> bool:
    return bool(population["households"].notna().any())


def _own(grids: gpd.GeoDataFrame) -> pd.DataFrame:
    unknown = pd.Series(np.nan, index=grids.index)
    counts = {name: grids.get(name, unknown).astype("Float64") for name in COUNTS}
    return pd.DataFrame({name: one.to_numpy(dtype=float, na_value=np.nan) for name, one in counts.items()})


def _estimated(
    left: gpd.GeoDataFrame, right: gpd.GeoDataFrame, at: Ids, of: Ids, shares: tuple[Floats, Floats]
) -> pd.DataFrame:
    """Spread each grid's own counts evenly over it; two that know are averaged."""
    guesses = [
        _own(side).reindex(rows).reset_index(drop=True).mul(share, axis=0)
        for side, rows, share in zip((left, right), (at, of), shares, strict=True)
    ]
    one, other = guesses
    return (one + other).div(2).fillna(one).fillna(other)
