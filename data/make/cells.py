"""Cutting ground into pieces of equal weight: streets with a ruler in town, Voronoi cells in the country."""

from __future__ import annotations

from collections.abc import Callable
from dataclasses import dataclass

import numpy as np
import shapely
from scipy.spatial import cKDTree
from shapely.geometry import LineString, MultiPoint, Polygon
from shapely.geometry.base import BaseGeometry

from bending import Array

Density = Callable[[Array], Array]


@dataclass(frozen=True)
class Weighted:
    """Sample points that stand for weight (households) spread over the ground.

    Parameters
    ----------
    xy : ndarray, shape (n, 2)
        Where, drawing metres.
    weight : ndarray, shape (n,)
        How much each stands for.
    """

    xy: Array
    weight: Array

    def within(self, area: BaseGeometry) -> Weighted:
        """Keep the points inside an area.

        Parameters
        ----------
        area : geometry
            Polygon in the same metres.

        Returns
        -------
        Weighted
            The points inside.
        """
        shapely.prepare(area)
        inside = shapely.contains_xy(area, self.xy[:, 0], self.xy[:, 1])
        return Weighted(self.xy[inside], self.weight[inside])


def sample(area: BaseGeometry, density: Density, step_m: float, rng: np.random.Generator) -> Weighted:
    """Spread jittered sample points over an area.

    Parameters
    ----------
    area : geometry
        Where.
    density : callable
        Weight per square metre at points (n, 2).
    step_m : float
        Spacing.
    rng : numpy.random.Generator
        Source of the jitter.

    Returns
    -------
    Weighted
        About area / step² points.
    """
    west, south, east, north = area.bounds
    x, y = np.meshgrid(np.arange(west, east, step_m), np.arange(south, north, step_m))
    xy = np.column_stack([x.ravel(), y.ravel()])
    xy += rng.uniform(-0.4, 0.4, xy.shape) * step_m
    shapely.prepare(area)
    xy = xy[shapely.contains_xy(area, xy[:, 0], xy[:, 1])]
    return Weighted(xy, density(xy) * step_m**2)


def _sides(area: Polygon, angle: float, offset: float) -> tuple[Polygon, Polygon] | None:
    """Cut an area along a line; scraps go to the other side. None when the line misses it."""
    normal = np.array([np.cos(angle), np.sin(angle)])
    along = np.array([-normal[1], normal[0]])
    middle = np.asarray(area.centroid.coords[0])
    foot = middle + (offset - middle @ normal) * normal
    reach = 2.0 * np.hypot(*np.subtract(area.bounds[2:], area.bounds[:2])) + 1.0
    ruler = LineString([foot - reach * along, foot + reach * along])
    pieces = shapely.get_parts(shapely.polygonize([shapely.union_all([area.boundary, ruler])]))
    pieces = [p for p in pieces if area.contains(p.representative_point())]
    low: list[Polygon] = []
    high: list[Polygon] = []
    for piece in pieces:
        below = np.asarray(piece.representative_point().coords[0]) @ normal < offset
        (low if below else high).append(piece)
    if not low or not high:
        return None
    low.sort(key=lambda p: p.area)
    high.sort(key=lambda p: p.area)
    first = shapely.union_all([low[-1], *high[:-1]])
    second = shapely.union_all([high[-1], *low[:-1]])
    if first.geom_type != "Polygon" or second.geom_type != "Polygon":
        return None
    return first, second


def _axis(area: Polygon, stretch: float) -> int:
    """Say which way an area is longer: 0 along x, 1 along y."""
    west, south, east, north = area.bounds
    return int((north - south) * stretch > east - west)


def halve(
    area: Polygon, people: Weighted, share: float, rng: np.random.Generator, *, wobble: float
) -> tuple[Polygon, Polygon]:
    """Cut an area in two by a straight line across its longer side.

    Parameters
    ----------
    area : Polygon
        What to cut.
    people : Weighted
        The weight inside it.
    share : float
        Share of the weight for the first part.
    rng : numpy.random.Generator
        Source of the wobble.
    wobble : float
        Standard deviation of the line's direction, radians.

    Returns
    -------
    (Polygon, Polygon)
        The two parts; the one with lower coordinates first.
    """
    axis = _axis(area, rng.uniform(0.85, 1.15))
    for turn in (axis, 1 - axis):
        for nudge in (0.0, 0.05, -0.05, 0.1, -0.1, 0.2, -0.2):
            angle = turn * np.pi / 2 + rng.normal(0.0, wobble)
            at = people.xy @ np.array([np.cos(angle), np.sin(angle)])
            order = np.argsort(at)
            total = np.cumsum(people.weight[order])
            goal = np.clip(share + nudge, 0.05, 0.95) * total[-1]
            parts = _sides(area, angle, float(at[order][np.searchsorted(total, goal)]))
            if parts is not None and min(p.area for p in parts) > 0.02 * area.area:
                return parts
    raise ValueError(f"no straight cut found for an area of {area.area:.0f} m2")


def divide(
    area: Polygon,
    people: Weighted,
    count: int,
    rng: np.random.Generator,
    *,
    wobble: float = 0.0,
    uneven: float = 0.0,
) -> list[Polygon]:
    """Cut an area into a number of parts of about equal weight by halving again and again.

    Parameters
    ----------
    area : Polygon
        What to cut.
    people : Weighted
        Weight inside it (points outside are ignored).
    count : int
        How many parts.
    rng : numpy.random.Generator
        Source of wobble and unevenness.
    wobble : float
        See :func:`halve`.
    uneven : float
        Half-width of the jitter on the share of the weight.

    Returns
    -------
    list of Polygon
        ``count`` parts that tile the area.
    """
    if count == 1:
        return [area]
    inside = people.within(area)
    if len(inside.xy) < 4 * count:
        inside = sample(area, lambda xy: np.ones(len(xy)), float(np.sqrt(area.area / (40 * count))), rng)
    first = count // 2 if rng.random() < 0.5 else count - count // 2
    share = first / count * (1.0 + rng.uniform(-uneven, uneven))
    low, high = halve(area, inside, share, rng, wobble=wobble)
    return [
        *divide(low, inside, first, rng, wobble=wobble, uneven=uneven),
        *divide(high, inside, count - first, rng, wobble=wobble, uneven=uneven),
    ]


def relax(people: Weighted, count: int, rng: np.random.Generator, rounds: int = 25) -> Array:
    """Place seeds by Lloyd's rounds on weighted points.

    Parameters
    ----------
    people : Weighted
        Where weight lies.
    count : int
        How many seeds.
    rng : numpy.random.Generator
        First guess.
    rounds : int
        Rounds of moving each seed to the middle of its points.

    Returns
    -------
    ndarray, shape (count, 2)
        The seeds, each one of the points (so none falls outside a bent area).
    """
    share = people.weight / people.weight.sum()
    seeds = people.xy[rng.choice(len(people.xy), count, replace=False, p=share)]
    for _ in range(rounds):
        nearest = cKDTree(seeds).query(people.xy)[1]
        mass = np.bincount(nearest, people.weight, count)
        sums = np.column_stack([np.bincount(nearest, people.weight * people.xy[:, k], count) for k in (0, 1)])
        moved = mass > 0
        seeds[moved] = sums[moved] / mass[moved, None]
    return people.xy[cKDTree(people.xy).query(seeds)[1]]


def voronoi(area: BaseGeometry, seeds: Array) -> list[Polygon]:
    """Cut an area into the cells of seeds; scraps cut off by a bend of the edge join a neighbour.

    Parameters
    ----------
    area : geometry
        Polygon or MultiPolygon.
    seeds : ndarray, shape (n, 2)
        One a cell, inside the area.

    Returns
    -------
    list of Polygon
        Cell of each seed, in the order of the seeds.
    """
    if len(seeds) == 1:
        return [area]
    raw = shapely.get_parts(shapely.voronoi_polygons(MultiPoint(seeds), extend_to=area.buffer(5_000.0)))
    tree = shapely.STRtree(raw)
    home = np.empty(len(seeds), dtype=int)
    point, cell = tree.query(shapely.points(seeds), predicate="within")
    home[point] = cell
    pieces = [shapely.get_parts(shapely.intersection(raw[k], area)) for k in home]
    mains = [max((p for p in ps if p.geom_type == "Polygon"), key=lambda p: p.area) for ps in pieces]
    scraps = [p for ps, main in zip(pieces, mains, strict=True) for p in ps if p is not main and p.area > 0]
    for scrap in sorted(scraps, key=lambda p: -p.area):
        shared = [shapely.length(shapely.intersection(scrap.buffer(0.01), m.boundary)) for m in mains]
        best = int(np.argmax(shared))
        mains[best] = shapely.union_all([mains[best], scrap], grid_size=1e-4)
    return mains
