"""Towns drawn by lot on both banks of a river, with as many bridges as wanted; who reaches a station by hand."""

from __future__ import annotations

import itertools
from dataclasses import dataclass
from functools import cached_property
from typing import Any

import geopandas as gpd
import numpy as np
import shapely
from numpy.typing import NDArray
from shapely import LineString, Point, box

from geo.tables.conform import conform
from tests import plain, worlds
from tests.plain import Asked, Spot, Street, Town

ASKED = Asked(900.0)  # 15 minutes at 4.8 km/h: 1,200 m
SNAP_M = (300.0, 1_600.0)
ISLAND_M = 500.0
SIDE = 11  # streets each way
Place = tuple[float, float]


@dataclass(frozen=True)
class RiverTown:
    """Straight streets between corners, a river, stations on its north bank, homes on both; metres."""

    corners: NDArray[np.float64]
    streets: tuple[Street, ...]
    river: Any
    stations: tuple[Place, ...]
    homes: tuple[Place, ...]
    people: tuple[int, ...]

    @property
    def tables(self) -> dict[str, Any]:
        """The town as the package wants it, in four grids."""
        names = [f"e{number:04d}" for number in range(len(self.streets))]
        ways = {
            name: [tuple(self.corners[s.u]), tuple(self.corners[s.v])]
            for name, s in zip(names, self.streets, strict=True)
        }
        streets = worlds.streets_of(ways).assign(
            oneway_foot=[{0: "both", 1: "forward", -1: "backward"}[s.oneway] for s in self.streets],
            factor=[s.factor for s in self.streets],
        )
        homes = {"place_id": [f"h{n:04d}" for n in range(len(self.homes))], "people": self.people}
        river = {"barrier_id": ["r"], "kind": ["river"]}
        half = [box(x, y, x + 2_000, y + 2_000) for x, y in itertools.product((-2_000, 0), repeat=2)]
        grids = {"grid_id": [f"15010500100100{n}" for n in range(4)], "division_id": "150105001001"}
        places = {
            "population": (homes, [Point(home) for home in self.homes]),
            "barriers": (river, [self.river]),
            "grids": (grids, half),
        }
        made = {
            name: conform(name, gpd.GeoDataFrame(rows, geometry=worlds.on_ground(shapes), crs="EPSG:4326"))
            for name, (rows, shapes) in places.items()
        }
        stations = worlds.stations_of({f"s{n}": place for n, place in enumerate(self.stations)})
        return {"streets": conform("streets", streets), "stations": stations, **made}

    @property
    def town(self) -> Town:
        """The streets without their places."""
        return Town(len(self.corners), self.streets)

    @cached_property
    def lines(self) -> NDArray[Any]:
        """Where the streets run."""
        return np.array([LineString(self.corners[[s.u, s.v]]) for s in self.streets], dtype=object)

    @property
    def south(self) -> NDArray[np.bool_]:
        """Which homes are on the other side."""
        return np.array([home[1] < 0 for home in self.homes])

    def spot(self, place: Place) -> Spot:
        """Step onto the nearest street without wading, islands last."""
        feet = shapely.shortest_line(Point(place), self.lines)
        length = shapely.length(feet)
        almost = shapely.line_interpolate_point(
            feet, np.maximum(0, length - 0.01)
        )  # a street may run along a bank
        legs = shapely.linestrings(
            np.stack([np.broadcast_to(place, (len(feet), 2)), shapely.get_coordinates(almost)], 1)
        )
        dry = np.flatnonzero(~shapely.intersects(legs, self.river.exterior))
        for radius in SNAP_M:
            near = [(bool(self._island[n]), float(length[n]), int(n)) for n in dry if length[n] <= radius]
            if near:
                _, leg, street = min(near)
                foot = Point(feet[street].coords[-1])
                return Spot(street, self.lines[street].project(foot, normalized=True), leg)
        return Spot(-1, float("nan"))

    @cached_property
    def _island(self) -> NDArray[np.bool_]:
        together = list(range(len(self.corners)))
        for s in self.streets:
            a, b = together[s.u], together[s.v]
            together = [a if one == b else one for one in together]
        of = np.array([together[s.u] for s in self.streets])
        metres = np.bincount(of, weights=[s.length_m for s in self.streets], minlength=len(self.corners))
        return np.asarray((metres[of] < ISLAND_M) & (of != metres.argmax()))

    @cached_property
    def seconds(self) -> list[list[float]]:
        """Seconds from each home to each station, door to door, by the plain search; inf = no way."""
        homes, stations = ([self.spot(place) for place in places] for places in (self.homes, self.stations))
        found = plain.answer(self.town, stations, homes, ASKED).homes
        return [[float("inf") if cost is None else cost / 100 for cost in row] for row in found]

    @property
    def covered(self) -> NDArray[np.bool_]:
        """Which homes reach a station."""
        return np.array([min(row) <= ASKED.limit for row in self.seconds])

    @property
    def covered_by_circles(self) -> NDArray[np.bool_]:
        """Which homes have a station within 1,200 m as the crow flies."""
        apart = shapely.distance(shapely.points(self.homes)[:, None], shapely.points(self.stations))
        return np.asarray(apart.min(axis=1) <= 1_200)

    @property
    def covered_from_corners(self) -> NDArray[np.bool_]:
        """Which homes reach a station from the nearest corner to the nearest corner, the ways there for free."""
        tree = shapely.STRtree(shapely.points(self.corners))
        homes, stations = (tree.nearest(shapely.points(places)).tolist() for places in (self.homes, self.stations))
        nodes = plain.answer(self.town, stations, [], ASKED).nodes
        return np.array([bool(plain.within(nodes[home], ASKED.most)) for home in homes])


def river_town(seed: int, bridges: int) -> RiverTown:
    """Draw a town of about 2 km by 2 km; the river bends along y = 0."""
    random = np.random.default_rng(seed)
    axis = np.linspace(-1_000, 1_000, SIDE)
    corners = np.array(list(itertools.product(axis, axis + 60.0))) + random.uniform(-40, 40, (SIDE * SIDE, 2))
    bends = np.column_stack([np.linspace(-2_500, 2_500, 26), random.uniform(-25, 25, 26)])
    river = LineString(bends).buffer(float(random.uniform(15, 30)))
    dry = [tuple(place) for place in random.uniform(-1_050, 1_050, (500, 2)) if not Point(place).intersects(river)]
    homes, north = dry[:400], sorted((place for place in dry[400:] if place[1] > 0), key=lambda place: place[1])
    people = tuple(int(number) for number in random.integers(1, 10, len(homes)))
    pairs = [(n, n + 1) for n in range(SIDE * SIDE - 1) if (n + 1) % SIDE]
    pairs += [(n, n + SIDE) for n in range(SIDE * (SIDE - 1))]
    crossing = [pair for pair in pairs if LineString(corners[list(pair)]).intersects(river)]
    over = [crossing[k] for k in random.permutation(len(crossing))]
    kept = [pair for pair in pairs if pair not in crossing and random.random() < 0.85] + over[:bridges]
    streets = []
    for u, v in kept:
        way = 0 if (u, v) in crossing else int(random.choice([0, 0, 0, 0, 1, -1]))
        length = float(np.hypot(*(corners[u] - corners[v])))
        streets.append(Street(u, v, length, way, float(random.choice([1.0, 1.0, 1.0, 2.0]))))
    used = sorted({end for s in streets for end in (s.u, s.v)})
    number = {old: new for new, old in enumerate(used)}
    streets = [s._replace(u=number[s.u], v=number[s.v]) for s in streets]
    stations = north[0], north[len(north) // 2], north[-1]  # one by the river
    return RiverTown(corners[used], tuple(streets), river, stations, tuple(homes), people)
