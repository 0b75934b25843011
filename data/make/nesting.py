"""Township > community > grid: who contains whom, drawn first, then bent onto the map to the millimetre."""

from __future__ import annotations

from dataclasses import dataclass

import geopandas as gpd
import numpy as np
import shapely
from shapely.geometry import LineString, Polygon
from shapely.geometry.base import BaseGeometry

import tiling
from bending import Array
from cells import Weighted, divide, relax, sample, voronoi
from ground import CRS, Ground, straighten, to_drawing, to_map
from tiling import shares
from townships import SEATS, gather

GRIDS = 1_220
TOWN_GRIDS = 888
SEAT_GRIDS = 8  # a community in the seat of a rural town
# avenues through the whole town: position across, drawing metres
AVENUES_NORTH = (-4_350.0, -1_950.0, 350.0, 2_550.0, 4_900.0)
AVENUES_EAST = (-5_000.0, -2_350.0, 450.0, 3_000.0, 5_900.0)


def town_density(drawn: Array) -> Array:
    """Households per square metre in town: a crowded old core, two newer centres, thin edges.

    Parameters
    ----------
    drawn : ndarray, shape (n, 2)
        Drawing metres.

    Returns
    -------
    ndarray, shape (n,)
        Relative density.
    """
    core = np.exp(-((np.hypot(drawn[:, 0] + 3_200, drawn[:, 1] - 1_800) / 2_300) ** 2))
    east = np.exp(-((np.hypot(drawn[:, 0] - 3_600, drawn[:, 1] - 3_200) / 1_700) ** 2))
    south = np.exp(-((np.hypot(drawn[:, 0] + 1_300, drawn[:, 1] + 3_600) / 1_600) ** 2))
    return 0.22 + 1.6 * core + 0.75 * east + 0.8 * south


def country_density(drawn: Array) -> Array:
    """Villages per square metre outside: close on the plain by the town, sparse in the eastern hills.

    Parameters
    ----------
    drawn : ndarray, shape (n, 2)
        Drawing metres.

    Returns
    -------
    ndarray, shape (n,)
        Relative density.
    """
    plain = np.exp(-np.clip(np.hypot(drawn[:, 0], drawn[:, 1]) - 6_000, 0, None) / 9_000)
    return 0.10 + plain


@dataclass(frozen=True)
class Plan:
    """The drawing: one row a grid, not yet bent.

    Parameters
    ----------
    grids : list of Polygon
        Cells in drawing metres, a little beyond the outline.
    community : ndarray of int
        Community of each grid.
    built : ndarray of bool
        True in town and in the seats of rural towns.
    township : list of str
        Township code of each community.
    """

    grids: list[Polygon]
    community: np.ndarray
    built: np.ndarray
    township: list[str]


def _quarters(area: Polygon, lines: list[BaseGeometry], people: Weighted, least: float) -> list[Polygon]:
    """Cut the town along avenues, brook and railway; a quarter with too few people joins its longest neighbour."""
    parts = list(
        shapely.get_parts(shapely.polygonize([shapely.union_all([area.boundary, *lines], grid_size=1e-4)]))
    )
    parts = [p for p in parts if area.contains(p.representative_point())]
    weight = [float(people.within(p).weight.sum()) for p in parts]
    while min(weight) < least:
        small = int(np.argmin(weight))
        shared = [
            -1.0 if k == small else float(shapely.length(shapely.intersection(parts[small].boundary, p.boundary)))
            for k, p in enumerate(parts)
        ]
        into = int(np.argmax(shared))
        parts[into] = shapely.union_all([parts[into], parts[small]], grid_size=1e-4)
        weight[into] += weight[small]
        del parts[small], weight[small]
    return parts


def avenues(area: Polygon) -> list[LineString]:
    """List the avenues that run through the whole town.

    Parameters
    ----------
    area : Polygon
        The town in drawing metres.

    Returns
    -------
    list of LineString
        North-south ones first.
    """
    west, south, east, north = area.buffer(3_000).bounds
    return [
        *(LineString([(a, south), (a, north)]) for a in AVENUES_NORTH),
        *(LineString([(west, b), (east, b)]) for b in AVENUES_EAST),
    ]


def plan(ground: Ground, room_town: dict[str, int], room_country: dict[str, int], seed: int) -> Plan:
    """Draw communities and grids.

    Parameters
    ----------
    ground : Ground
        What lies underneath.
    room_town : dict of str to int
        Communities in town by township.
    room_country : dict of str to int
        Villages by township.
    seed : int
        Seed.

    Returns
    -------
    Plan
        1,220 grids in their communities; seats of rural towns last.
    """
    rng = np.random.default_rng(seed)
    district = to_drawing(ground.outline.buffer(40.0))
    town = to_drawing(ground.town).intersection(district)
    seats = {code: to_drawing(seat) for code, seat in ground.seats.items()}
    in_town = _plan_town(ground, town, sum(room_town.values()), rng)
    country = shapely.difference(district, shapely.union_all([town, *seats.values()]))
    country = max(shapely.get_parts(country), key=lambda part: part.area)  # without shavings along the town
    left = GRIDS - TOWN_GRIDS - SEAT_GRIDS * (1 + 2)
    outside = _plan_country(country, to_drawing(ground.river), sum(room_country.values()), left, rng)
    people = {code: sample(seat, lambda xy: np.ones(len(xy)), 30.0, rng) for code, seat in seats.items()}
    small = [
        divide(part, people[code], SEAT_GRIDS, rng, uneven=0.15)
        for code, count in (("150105101", 1), ("150105103", 2))
        for part in divide(seats[code], people[code], count, rng)
    ]
    communities = [*in_town, *outside, *small]
    areas = [to_map(shapely.union_all(c, grid_size=1e-4)) for c in communities]
    of_seats = ["150105101", "150105103", "150105103"]
    built = np.repeat([True, False, True], [len(in_town), len(outside), len(small)])
    sizes = [len(c) for c in communities]
    return Plan(
        grids=[g for c in communities for g in c],
        community=np.repeat(np.arange(len(communities)), sizes),
        built=np.repeat(built, sizes),
        township=gather(areas, of_seats, [room_town, room_country], SEATS, seed),
    )


def _plan_town(ground: Ground, town: Polygon, count: int, rng: np.random.Generator) -> list[list[Polygon]]:
    people = sample(town, town_density, 40.0, rng)
    lines = [to_drawing(ground.brook), to_drawing(ground.railway), *avenues(town)]
    quarters = _quarters(town, lines, people, 0.55 * people.weight.sum() / count)
    weights = np.array([people.within(q).weight.sum() for q in quarters])
    communities = [
        part
        for quarter, n in zip(quarters, shares(weights, count, 1), strict=True)
        for part in divide(quarter, people, int(n), rng, wobble=0.035, uneven=0.18)
    ]
    weights = np.array([people.within(c).weight.sum() for c in communities])
    return [
        divide(part, people, int(n), rng, wobble=0.02, uneven=0.12)
        for part, n in zip(communities, shares(weights, TOWN_GRIDS, 2), strict=True)
    ]


def _plan_country(
    country: BaseGeometry, river: BaseGeometry, count: int, grids: int, rng: np.random.Generator
) -> list[list[Polygon]]:
    land = sample(country, country_density, 90.0, rng)
    seeds = relax(land, count, rng)
    banks = shapely.get_parts(
        shapely.polygonize([shapely.union_all([country.boundary, river.intersection(country)], grid_size=1e-4)])
    )
    banks = [b for b in banks if b.area > 50_000.0 and country.contains(b.representative_point())]
    villages = []
    for bank in banks:
        mine = seeds[shapely.contains_xy(bank, seeds[:, 0], seeds[:, 1])]
        if len(mine):
            villages += voronoi(bank, mine)
    weights = np.array([np.sqrt(v.area) for v in villages])
    out = []
    for village, n in zip(villages, shares(weights, grids, 2), strict=True):
        inside = sample(village, lambda xy: np.ones(len(xy)), float(np.sqrt(village.area / 400)), rng)
        out.append(voronoi(village, relax(inside, int(n), rng, rounds=8)))
    return out


def tile(ground: Ground, drawn: Plan) -> gpd.GeoDataFrame:
    """Bend the plan onto the map so that the grids tile the outline exactly.

    Parameters
    ----------
    ground : Ground
        Outline and lake.
    drawn : Plan
        The drawing.

    Returns
    -------
    geopandas.GeoDataFrame
        One row a grid in the plan's order (EPSG:4546): ``community``, ``built``, ``whole`` (its ground with the
        lake) and ``geometry`` (without it).
    """
    tiled = tiling.tile(
        drawn.grids, drawn.community, ground.outline, ground.lake, bend=to_map, unbend=straighten, crs=CRS
    )
    return tiled.assign(built=drawn.built)
