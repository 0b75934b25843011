"""Buildings with households and people: rows of flats in town blocks, courtyards in villages."""

from __future__ import annotations

import geopandas as gpd
import numpy as np
import pandas as pd
import shapely
from shapely.geometry import Polygon

from bending import Array
from ground import CRS, Ground, bend
from nesting import Plan
from roads import Settled

BUILDINGS = 24_000
TOWN_BUILDINGS = 20_300
ROW_M, GAP_M = 44.0, 31.0  # along and across a row of flats
EDGE_M = 11.0  # a building stands back this far from the middle of its street
PEOPLE_PER_HOUSEHOLD = 2.1


def households(drawn: Plan, seed: int) -> np.ndarray:
    """Draw how many households each grid has: 300-500 in town with a tail, dozens in the country.

    Parameters
    ----------
    drawn : Plan
        The grids.
    seed : int
        Seed.

    Returns
    -------
    ndarray of int, shape (n,)
        Households of each grid.
    """
    rng = np.random.default_rng(seed)
    town = np.clip(rng.normal(335.0, 60.0, len(drawn.grids)), 300.0, 500.0)
    busy = rng.random(len(drawn.grids)) < 0.08  # new estates that outgrew their grid
    town = np.where(busy, rng.uniform(500.0, 690.0, len(drawn.grids)), town)
    country = np.clip(rng.lognormal(4.25, 0.45, len(drawn.grids)), 18.0, 260.0)
    return np.where(drawn.built, town, country).round().astype(int)


def _spots(blocks: list[Polygon], built: bool, rng: np.random.Generator) -> Array:
    """List where buildings may stand in a grid's blocks (drawing metres), emptier blocks first left out."""
    found: list[Array] = []
    for block in blocks:
        if built and len(blocks) > 3 and rng.random() < 0.18:
            continue  # a school, a park, a market
        core = block.buffer(-EDGE_M)
        if core.is_empty:
            continue
        west, south, east, north = core.bounds
        row, gap = (ROW_M, GAP_M) if built else (24.0, 19.0)
        x, y = np.meshgrid(
            np.arange(west + (east - west) % row / 2, east + 0.1, row),
            np.arange(south + (north - south) % gap / 2, north + 0.1, gap),
        )
        xy = np.column_stack([x.ravel(), y.ravel()]) + rng.normal(0.0, 2.0, (x.size, 2))
        shapely.prepare(core)
        found.append(xy[shapely.contains_xy(core, xy[:, 0], xy[:, 1])])
    return np.vstack(found) if found else np.empty((0, 2))


def _split(total: int, count: int, rng: np.random.Generator) -> np.ndarray:
    """Share households among buildings, at least one each."""
    share = rng.gamma(2.5, 1.0, count)
    units = 1 + np.floor(share / share.sum() * (total - count)).astype(int)
    units[: total - units.sum()] += 1
    return units


def buildings(
    ground: Ground, drawn: Plan, grids: gpd.GeoDataFrame, settled: Settled, seed: int
) -> gpd.GeoDataFrame:
    """Put buildings into blocks and share each grid's households among them.

    Parameters
    ----------
    ground : Ground
        No building stands in water, on the railway or outside.
    drawn : Plan
        The grids as drawn.
    grids : geopandas.GeoDataFrame
        The grids on the map, in the same order.
    settled : Settled
        Blocks of each grid.
    seed : int
        Seed.

    Returns
    -------
    geopandas.GeoDataFrame
        EPSG:4546: ``grid`` (row of its grid), ``households``, ``people``; 24,000 rows in the order of grids.
    """
    rng = np.random.default_rng(seed)
    shut = shapely.union_all([ground.water.buffer(22.0), ground.railway.buffer(24.0), ground.lake.buffer(15.0)])
    shapely.prepare(shut)
    total = households(drawn, seed + 1)
    spots: list[Array] = []
    for blocks, built, area in zip(settled.blocks, drawn.built, grids.geometry, strict=True):
        xy = bend(_spots(blocks, bool(built), rng))
        within = shapely.contains_xy(area.buffer(-2.0), xy[:, 0], xy[:, 1])
        xy = xy[within & ~shapely.contains_xy(shut, xy[:, 0], xy[:, 1])]
        spots.append(xy if len(xy) else shapely.get_coordinates(area.representative_point()))
    wanted = _wanted(total, drawn.built, np.array([len(s) for s in spots]))
    rows = []
    for grid, (xy, count) in enumerate(zip(spots, wanted, strict=True)):
        chosen = np.sort(rng.choice(len(xy), count, replace=False))
        rows.append(
            pd.DataFrame(
                {
                    "grid": grid,
                    "x": xy[chosen, 0],
                    "y": xy[chosen, 1],
                    "households": _split(int(total[grid]), count, rng),
                }
            )
        )
    table = pd.concat(rows, ignore_index=True)
    size = rng.normal(PEOPLE_PER_HOUSEHOLD, 0.18, len(table)).clip(1.4, 3.2)
    table["people"] = (table["households"] * size).round().clip(lower=1).astype("int64")
    points = gpd.points_from_xy(table["x"].round(3), table["y"].round(3), crs=CRS)
    return gpd.GeoDataFrame(table.drop(columns=["x", "y"]), geometry=points)


def _wanted(total: np.ndarray, built: np.ndarray, room: np.ndarray) -> np.ndarray:
    """Share 24,000 buildings among grids by households, within the room each has."""
    out = np.zeros(len(total), dtype=int)
    for mine, count in ((built, TOWN_BUILDINGS), (~built, BUILDINGS - TOWN_BUILDINGS)):
        where = np.flatnonzero(mine)
        limit = np.minimum(room[where], total[where])
        part = np.minimum(np.maximum((total[where] / total[where].sum() * count).astype(int), 1), limit)
        while part.sum() < count and (part < limit).any():
            free = np.flatnonzero(part < limit)
            more = free[np.argsort(part[free] / total[where][free], kind="stable")][: count - part.sum()]
            part[more] += 1
        out[where] = part
    return out
