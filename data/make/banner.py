"""The invented ground of a banner: a small town, villages on the plain, gachas on the grassland, a lake."""

from __future__ import annotations

from dataclasses import dataclass

import numpy as np
import pandas as pd
import shapely
from shapely.geometry import Polygon
from shapely.geometry.base import BaseGeometry

from bending import Array, displacement, smooth_ring, undone
from cells import Weighted, divide, relax, sample, voronoi
from tiling import shares
from townships import gather

CRS = "EPSG:4546"  # CGCS2000 / 3-degree Gauss-Kruger CM 111E
SMALL = 2_923  # the faults take one away and add two
TOWN_SMALL = 300
LARGE = 184
LEAST = 6  # small grids of a village
BEYOND_M = 900.0  # what is drawn goes on beyond the outline, further than the bend moves it
WITHIN_M = 120.0  # no small grid's middle lies nearer to the outline
SEAT = "150927103"  # the town is in this township
TOWN = [
    (625_000, 4_574_300),
    (627_300, 4_573_100),
    (629_700, 4_573_500),
    (631_200, 4_575_200),
    (630_900, 4_577_300),
    (629_000, 4_578_500),
    (626_500, 4_578_300),
    (624_900, 4_576_700),
]
LAKE = (606_300.0, 4_567_900.0)
# position about which a township's villages gather
ABOUT = {
    "150927103": (628_000, 4_576_000),
    "150927104": (640_500, 4_563_500),
    "150927105": (646_000, 4_582_500),
    "150927106": (642_000, 4_600_500),
    "150927107": (612_500, 4_600_500),
    "150927216": (587_500, 4_576_500),
    "150927217": (612_500, 4_584_500),
    "150927218": (629_500, 4_612_500),
    "150927219": (641_500, 4_625_500),
    "150927220": (599_500, 4_605_500),
    "150927221": (624_500, 4_556_500),
    "150927400": (605_500, 4_566_500),
}
_WAVES = (
    (260.0, 11_000.0, 0.5, 0.2),
    (190.0, 7_900.0, 2.0, 1.1),
    (95.0, 4_300.0, 1.2, 3.9),
    (60.0, 2_700.0, 2.7, 5.0),
)


def _displacement(drawn: Array) -> Array:
    return displacement(drawn, ((_WAVES, np.ones(len(drawn))),))


def bend(shape: BaseGeometry) -> BaseGeometry:
    """Take a drawn shape to the map; its straight pieces stay straight.

    Parameters
    ----------
    shape : geometry
        As drawn, metres.

    Returns
    -------
    geometry
        On the map.
    """
    return shapely.transform(shape, lambda drawn: drawn + _displacement(drawn))


def unbend(mapped: Array) -> Array:
    """Undo :func:`bend`.

    Parameters
    ----------
    mapped : ndarray, shape (n, 2)
        On the map, metres.

    Returns
    -------
    ndarray, shape (n, 2)
        As drawn.
    """
    return undone(mapped, _displacement)


def lake() -> Polygon:
    """Draw the lake.

    Returns
    -------
    Polygon
        On the map.
    """
    turn = np.linspace(0.0, 2 * np.pi, 18, endpoint=False)
    shore = 1.0 + 0.15 * np.sin(2 * turn + 0.4) + 0.08 * np.sin(3 * turn + 1.0)
    ring = np.column_stack([1_500 * shore * np.cos(turn), 850 * shore * np.sin(turn)])
    return Polygon(np.round(ring + np.array(LAKE), 3))


def density(xy: Array) -> Array:
    """Villages per square metre: close by the town and in the south, sparse on the grassland of the north.

    Parameters
    ----------
    xy : ndarray, shape (n, 2)
        Metres.

    Returns
    -------
    ndarray, shape (n,)
        Relative density.
    """
    town = np.exp(-((np.hypot(xy[:, 0] - 628_000, xy[:, 1] - 4_576_000) / 21_000) ** 2))
    north = 1.0 / (1.0 + np.exp(-(xy[:, 1] - 4_608_000) / 5_000))
    meadow = np.exp(-((np.hypot(xy[:, 0] - 605_500, xy[:, 1] - 4_566_500) / 7_500) ** 2))
    return (0.45 + town) * (1.0 - 0.72 * north) * (1.0 - 0.6 * meadow)


@dataclass(frozen=True)
class Drawing:
    """The drawing: one row a small grid, not yet bent.

    Parameters
    ----------
    cells : list of Polygon
        A little beyond the outline.
    community, large : ndarray of int
        Community and large grid of each cell.
    township, sort : list of str
        Township of each community; ``urban``, ``rural`` or ``pastoral``.
    """

    cells: list[Polygon]
    community: np.ndarray
    large: np.ndarray
    township: list[str]
    sort: list[str]


def draw(outline: Polygon, known: pd.DataFrame, seed: int) -> Drawing:
    """Draw communities, large and small grids.

    Parameters
    ----------
    outline : Polygon
        The banner on the map.
    known : pandas.DataFrame
        Its communities: ``township`` and ``sort``.
    seed : int
        Seed.

    Returns
    -------
    Drawing
        2,923 cells; the town last.
    """
    rng = np.random.default_rng(seed)
    town = smooth_ring(TOWN).simplify(60.0)
    country = shapely.difference(outline.buffer(BEYOND_M, join_style="mitre"), town)
    home = shapely.transform(outline, unbend).buffer(-WITHIN_M)
    room = known[known["sort"] != "urban"]["township"].value_counts().sort_index().to_dict()
    villages, small = _country(country, home, sum(room.values()), rng)
    quarters = _town(town, int((known["sort"] == "urban").sum()), LARGE - len(villages), rng)
    areas = [*villages, *(shapely.union_all([c for large in q for c in large], grid_size=1e-4) for q in quarters)]
    township = gather([bend(area) for area in areas], [SEAT] * len(quarters), [room], ABOUT, seed)
    sort = [*_sorts(villages, township, known), *("urban" for _ in quarters)]
    community = [k for k, cells in enumerate(small) for _ in cells]
    large = list(community)
    cells = [cell for village in small for cell in village]
    number = len(villages)
    for k, quarter in enumerate(quarters):
        for part in quarter:
            cells += part
            community += [len(villages) + k] * len(part)
            large += [number] * len(part)
            number += 1
    return Drawing(cells, np.array(community), np.array(large), township, sort)


def _country(
    country: Polygon, home: Polygon, count: int, rng: np.random.Generator
) -> tuple[list[Polygon], list[list[Polygon]]]:
    """Villages, and the cells of each: one pattern over all of the country, so that no edge is a ruler's."""
    dry = shapely.difference(shapely.intersection(country, home), lake().buffer(300.0))
    land = sample(dry, density, 420.0, rng)
    plots = voronoi(country, relax(land, count, rng))
    weight = np.array([np.sqrt(p.area) * rng.uniform(0.8, 1.25) for p in plots])
    rooms = shares(weight, SMALL - TOWN_SMALL, LEAST)
    seeds = [_spread(shapely.intersection(p, dry), int(n), rng) for p, n in zip(plots, rooms, strict=True)]
    cells = iter(voronoi(country, np.vstack(seeds)))
    small = [[next(cells) for _ in mine] for mine in seeds]
    return [shapely.union_all(village, grid_size=1e-4) for village in small], small


def _spread(plot: BaseGeometry, count: int, rng: np.random.Generator) -> Array:
    inside = sample(plot, lambda xy: np.ones(len(xy)), float(np.sqrt(plot.area / (30 * count))), rng)
    return relax(inside, count, rng, rounds=6)


def _town(town: Polygon, count: int, large: int, rng: np.random.Generator) -> list[list[list[Polygon]]]:
    """Communities of the town, their large grids (one or two each), their small ones."""
    people = sample(town, lambda xy: np.ones(len(xy)), 60.0, rng)
    communities = divide(town, people, count, rng, wobble=0.05, uneven=0.12)
    twice = set(np.argsort([-c.area for c in communities])[: large - count].tolist())
    halves = [divide(c, people, 2 if k in twice else 1, rng, wobble=0.05) for k, c in enumerate(communities)]
    rooms = iter(shares(np.array([h.area for c in halves for h in c]), TOWN_SMALL, LEAST))
    return [[_blocks(half, people, int(next(rooms)), rng) for half in c] for c in halves]


def _blocks(area: Polygon, people: Weighted, count: int, rng: np.random.Generator) -> list[Polygon]:
    return divide(area, people, count, rng, wobble=0.02, uneven=0.15)


def _sorts(villages: list[Polygon], township: list[str], known: pd.DataFrame) -> list[str]:
    """Say which villages are gachas: the largest of a township, as many as it really has."""
    gachas = known[known["sort"] == "pastoral"]["township"].value_counts()
    sort = ["rural"] * len(villages)
    for town, count in gachas.items():
        mine = [k for k in range(len(villages)) if township[k] == town]
        for k in sorted(mine, key=lambda k: -villages[k].area)[:count]:
            sort[k] = "pastoral"
    return sort
