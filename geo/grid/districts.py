"""Which small grids make a large one? Connected districts of equal load, and how good districts are (M12)."""

from __future__ import annotations

from collections.abc import Mapping
from typing import Any

import geopandas as gpd
import numpy as np
import pandas as pd

from geo.errors import BadParameter
from geo.grid.districting.block import totals_of
from geo.grid.districting.ground import Ground, ground_of, names_of
from geo.grid.districting.grouping import Wish, group, parts
from geo.units import DISTRICT_TOLERANCE

ROUNDING = 1e-9  # a load that is exactly 2 % off is within 2 %, whatever the last bit says


def balanced_districts(
    grids: gpd.GeoDataFrame,
    k: int,
    *,
    load: str = "households",
    parents: str | pd.Series | None = None,
    locked: Mapping[str, str] | pd.Series | None = None,
    today: str | pd.Series | None = None,
    moves: float = 1.0,
    tolerance: float = DISTRICT_TOLERANCE,
    seed: int = 0,
) -> pd.Series:
    """Group small grids into ``k`` large ones of about the same load.

    Each district is connected and lies in one parent; its load is to be within ``tolerance`` of the mean of its
    parent's districts; of such groupings a compact one is looked for: small Σ (1/PP)² with PP = 4πA/p² (Polsby and
    Popper 1991). The first cut follows random spanning trees (DeFord, Duchin and Solomon, Recombination, 2019),
    then grids change districts one or two at a time (simulated annealing), and what is still not balanced is
    searched again with its surroundings. This is no proof: where the tolerance cannot be met, or was not, the best
    found comes back, and :func:`district_report` says how far off it is.

    Parameters
    ----------
    grids : geopandas.GeoDataFrame
        ``grid_id``, polygons (EPSG:4326) and the columns named below.
    k : int
        How many districts.
    load : str
        Column of what is balanced, ≥ 0; missing counts 0. Where a parent has none at all, its grids are counted.
    parents : str, Series or None
        Column, or value by index of ``grids``, that no district crosses; None = no limit. ``k`` is shared among
        parents by load with Webster's method, at least one each. Grids without a parent are one together.
    locked : mapping of str to str, or Series
        ``grid_id`` → district that the grid must be in.
    today : str or Series
        Column, or value by index of ``grids``: today's districts. New ones are called as those of which they
        keep the most load; others by their parent and a number.
    moves : float
        Share of each parent's load that may come to another district than today's. Below 1 the search
        starts from today's; what has to move anyway (pieces that are cut off, a district that lies in two
        parents, more or fewer districts) counts, and may be more.
    tolerance : float
        Share of the mean.
    seed : int
        Of what is left to chance: the same seed gives the same districts.

    Returns
    -------
    pandas.Series
        ``district_id`` by index of ``grids``, independent of their order; missing for grids without ground.

    Raises
    ------
    BadParameter
        ``k`` does not lie between the number of parents and that of grids; a locked grid is not there, one
        district is locked in two parents, or locked grids cannot be joined; ``moves`` or ``tolerance`` is not a
        share; a load is negative.

    Notes
    -----
    Neighbours share an edge. Ground that shares none with the rest of its parent is joined by the shortest bridge,
    so that it belongs to a district as well: such districts are not ``connected`` in the report.
    """
    if not (0.0 <= moves <= 1.0 and 0.0 <= tolerance <= 1.0):
        raise BadParameter(f"moves and tolerance are shares from 0 to 1, not {moves} and {tolerance}")
    ground = ground_of(grids, load=load, parents=parents)
    made = pd.Series(None, index=grids.index, dtype="str", name="district_id")
    if not len(ground.rows):
        return made
    wish = Wish(_locked(ground, grids, locked), names_of(grids, today)[ground.rows], moves, tolerance, seed)
    made.iloc[ground.rows] = group(ground, k, wish)
    return made


def _locked(ground: Ground, grids: gpd.GeoDataFrame, locked: Mapping[str, str] | pd.Series | None) -> Any:
    asked = {str(grid): str(name) for grid, name in dict({} if locked is None else locked).items()}
    lost = sorted(set(asked) - set(grids["grid_id"].astype(str)))
    if lost:
        raise BadParameter(f"{len(lost)} locked grids are not there, the first: {lost[0]}")
    return np.array([asked.get(one, "") for one in ground.ids], dtype=object)


def district_report(
    grids: gpd.GeoDataFrame,
    districts: str | pd.Series,
    *,
    load: str = "households",
    parents: str | pd.Series | None = None,
    today: str | pd.Series | None = None,
    tolerance: float = DISTRICT_TOLERANCE,
) -> pd.DataFrame:
    """Say how good districts are, whoever made them.

    Parameters
    ----------
    grids : geopandas.GeoDataFrame
        As for :func:`balanced_districts`.
    districts : str or Series
        Column, or value by index of ``grids``; grids without one, and without ground, are left out.
    load, parents, today, tolerance : optional
        As for :func:`balanced_districts`.

    Returns
    -------
    pandas.DataFrame
        One row a district, by ``district_id``: ``parent_id`` (where most of its load lies; missing without
        parents), ``nested`` (all of it lies there), ``grids``, ``load``, ``off_mean`` (load / mean - 1, the mean
        being that of the districts of its parent; missing where that is 0), ``off_all`` (of the mean of all),
        ``within`` (the tolerance; a mean of 0 is met), ``compactness`` (4πA/p²; p is the geodesic length of what
        its grids do not share), ``connected`` (by shared edges), ``too_heavy`` (grids that weigh more than mean
        and tolerance by themselves: no grouping helps) and ``moved`` (load that is in another district today).
    """
    names = names_of(grids, districts)
    ground = ground_of(grids[names != ""], load=load, joined=False)
    at = np.flatnonzero(names != "")[ground.rows]
    ids, label = np.unique(names[at], return_inverse=True)
    sums, area, length = totals_of(ground.block, label, len(ids))
    above, nested = _parent_of(names_of(grids, parents)[at], label, ground.block.load)
    mean = pd.Series(sums).groupby(above).transform("mean").to_numpy()
    was = names_of(grids, today)[at]
    away = (was != "") & (was != ids[label])
    off, off_all = _off(sums, mean), _off(sums, np.full(len(ids), sums.mean() if len(ids) else 0.0))
    heavy = ground.block.load > mean[label] * (1 + tolerance + ROUNDING)
    heavy_ids = pd.Series(ground.ids[heavy]).groupby(label[heavy]).agg(sorted)
    return pd.DataFrame(
        {
            "district_id": pd.Series(ids, dtype="str"),
            "parent_id": pd.Series(above, dtype="str").where(above != ""),
            "nested": nested,
            "grids": np.bincount(label, minlength=len(ids)),
            "load": sums,
            "off_mean": off,
            "off_all": off_all,
            "within": ~(np.abs(off) > tolerance + ROUNDING),
            "compactness": 4 * np.pi * area / np.maximum(length, ROUNDING) ** 2,
            "connected": parts(ground.block, label) == 1,
            "too_heavy": [heavy_ids.get(one, []) for one in range(len(ids))],
            "moved": np.bincount(label, ground.block.load * away, len(ids)),
        }
    )


def _parent_of(parent: Any, label: Any, load: Any) -> tuple[Any, Any]:
    """Find where most of each district's load lies, of two alike the first, and whether all of it does."""
    table = pd.DataFrame({"label": label, "parent": parent, "load": load, "node": 1})
    sums = table.groupby(["label", "parent"], as_index=False).sum()
    best = sums.sort_values(["label", "load", "node", "parent"], ascending=[True, False, False, True])
    nested = best.groupby("label").size().to_numpy() == 1
    return best.drop_duplicates("label")["parent"].to_numpy(dtype=object), nested


def _off(load: Any, mean: Any) -> Any:
    return np.divide(load, mean, out=np.full(len(load), np.nan), where=mean > 0) - 1.0
