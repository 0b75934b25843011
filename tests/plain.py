"""Walking the plain slow way: a textbook search over whole Python numbers, one station at a time.

Nothing of ``geo`` computes here. A street between two nodes is given by hand; people and stations stand on nodes,
or along streets, where a street is really cut into pieces. Costs are centiseconds, or centimetres.
"""

from __future__ import annotations

import heapq
import itertools
import math
from collections.abc import Iterable, Sequence
from dataclasses import dataclass, replace
from typing import NamedTuple

import numpy as np
from numpy.typing import NDArray

from geo.walk.network import WalkNetwork
from geo.walk.snap import Snapped

NOBODY = (2**31 - 1, -1)  # cost and owner where nothing is reached


class Street(NamedTuple):
    """A piece of street: its ends, metres, 0 both ways or 1 only u → v or -1 only v → u, times slower."""

    u: int
    v: int
    length_m: float
    oneway: int = 0
    factor: float = 1.0


class Spot(NamedTuple):
    """A place along a street, as a fraction from its u, that many metres off it; -1 = on no street."""

    street: int
    along: float
    leg_m: float = 0.0


class Asked(NamedTuple):
    """How fast people walk, and how long (seconds) or how far (metres) at most."""

    limit: float
    kmh: float = 4.8
    in_time: bool = True

    @property
    def per_m(self) -> float:
        """Units of cost a metre."""
        return 360.0 / self.kmh if self.in_time else 100.0

    @property
    def most(self) -> int:
        """The limit as a cost."""
        return round(self.limit * 100)

    def of(self, street: Street, rise_m: float = 0.0) -> tuple[int, int]:
        """Cost of a street from u to v, and from v to u; uphill by Tobler's hiking function (1993)."""
        if not self.in_time:
            return (round(street.length_m * self.per_m),) * 2
        there, back = (
            math.exp(3.5 * (abs(way * rise_m / street.length_m + 0.05) - 0.05)) if rise_m else 1.0
            for way in (1, -1)
        )
        level = street.length_m * street.factor
        return round(level * there * self.per_m), round(level * back * self.per_m)

    def leg(self, spot: Spot) -> int:
        """Cost of the way from a place to its street."""
        return round(spot.leg_m * self.per_m)

    def delay(self, seconds: float) -> int:
        """Cost of waiting for a station."""
        return round(seconds * 100) if self.in_time else 0

    def keywords(self) -> dict[str, float]:
        """The same as the package wants it."""
        return {"limit_s" if self.in_time else "limit_m": self.limit, "speed_kmh": self.kmh}


@dataclass(frozen=True)
class Town:
    """Numbered nodes, streets between them and, on hills, the nodes' heights in metres."""

    nodes: int
    streets: tuple[Street, ...]
    heights: tuple[float, ...] = ()

    def costs(self, number: int, asked: Asked) -> tuple[int, int]:
        """Cost of a street from u to v, and from v to u."""
        street = self.streets[number]
        rise_m = self.heights[street.v] - self.heights[street.u] if self.heights else 0.0
        return asked.of(street, rise_m)

    def network(self) -> WalkNetwork:
        """The same as the package wants it; where nodes lie decides nothing."""
        place = np.random.default_rng(self.nodes).uniform(0, 3_000, (2, self.nodes))
        u, v, length_m, oneway, factor = zip(*self.streets, strict=True) if self.streets else ((),) * 5
        return WalkNetwork.from_edges(
            500_000 + place[0],
            4_500_000 + place[1],
            np.array(u, dtype=int),
            np.array(v, dtype=int),
            np.array(length_m, dtype=float),
            crs="EPSG:32649",
            oneway=np.array(oneway, dtype=int),
            factor=np.array(factor, dtype=float),
            height_m=self.heights or None,
        )

    def with_street(self, *more: Street) -> Town:
        """The town with some streets more."""
        return replace(self, streets=(*self.streets, *more))


def snapped(spots: Sequence[Spot]) -> Snapped:
    """Places as the package gets them from its own snapping."""
    edge = np.array([spot.street for spot in spots], dtype=np.int32)
    off = edge < 0
    nowhere = np.full(len(spots), np.nan)
    return Snapped(
        x=nowhere,
        y=nowhere,
        edge=edge,
        along=np.where(off, np.nan, [spot.along for spot in spots]),
        leg_m=np.where(off, np.nan, [spot.leg_m for spot in spots]),
        component=np.where(off, -1, 0).astype(np.int32),
        verdict=np.where(off, "unsnapped", "ok"),
        reason=np.where(off, "distance", ""),
    )


Ways = dict[object, list[tuple[object, int]]]


def ways_back(town: Town, spots: Iterable[Spot], asked: Asked) -> Ways:
    """From where each place is walked to: all streets turned round and cut at the given places."""
    cuts: dict[int, set[tuple[int, int]]] = {}
    for spot in spots:
        if spot.street >= 0:
            cuts.setdefault(spot.street, set()).add(_cut(town, spot, asked))
    back: Ways = {}
    for number, street in enumerate(town.streets):
        costs = town.costs(number, asked)
        inner = sorted(cuts.get(number, set()) - {(0, 0), costs})
        places: list[tuple[object, tuple[int, int]]] = [
            (street.u, (0, 0)),
            *(((number, at), at) for at in inner),
            (street.v, costs),
        ]
        for (here, start), (there, end) in itertools.pairwise(places):
            if street.oneway >= 0:
                back.setdefault(there, []).append((here, end[0] - start[0]))
            if street.oneway <= 0:
                back.setdefault(here, []).append((there, end[1] - start[1]))
    return back


def costs_to(back: Ways, begin: Iterable[tuple[object, int]]) -> dict[object, int]:
    """Cost from everywhere to a station that is entered at some places, by Dijkstra's search."""
    done: dict[object, int] = {}
    queue = [(cost, number, place) for number, (place, cost) in enumerate(begin)]
    heapq.heapify(queue)
    pushed = len(queue)
    while queue:
        cost, _, here = heapq.heappop(queue)
        if here in done:
            continue
        done[here] = cost
        for before, more in back.get(here, ()):
            if before not in done:
                pushed += 1
                heapq.heappush(queue, (cost + more, pushed, before))
    return done


class Answer(NamedTuple):
    """What the plain search says: cost from each node and from each home to each station, None = no way."""

    nodes: list[list[int | None]]
    homes: list[list[int | None]]


def answer(
    town: Town,
    stations: Sequence[int | Spot],
    homes: Sequence[Spot],
    asked: Asked,
    delay_s: Sequence[float] | None = None,
) -> Answer:
    """Walk from everywhere to each station by itself."""
    on_streets = [station for station in stations if isinstance(station, Spot)]
    back = ways_back(town, [*on_streets, *homes], asked)
    by_node: list[list[int | None]] = [[] for _ in range(town.nodes)]
    by_home: list[list[int | None]] = [[] for _ in homes]
    for number, station in enumerate(stations):
        wait = asked.delay(delay_s[number] if delay_s else 0.0)
        if isinstance(station, Spot):
            wait += asked.leg(station) if station.street >= 0 else 0
            begin = [(place, wait) for place in _places(town, station, asked)]
        else:
            begin = [(station, wait)]
        cost = costs_to(back, begin)
        for node in range(town.nodes):
            by_node[node].append(cost.get(node))
        for at, home in enumerate(homes):
            ways = [cost[place] for place in _places(town, home, asked) if place in cost]
            by_home[at].append(min(ways) + asked.leg(home) if ways else None)
    return Answer(by_node, by_home)


def two_nearest(costs: Sequence[int | None], most: int) -> tuple[int, int, int, int]:
    """Cost and owner of the nearest station and of the next one within the limit; ties to the lower number."""
    ranked = sorted((cost, number) for number, cost in enumerate(costs) if cost is not None and cost <= most)
    first, second = [*ranked, NOBODY, NOBODY][:2]
    return (*first, *second)


def within(costs: Sequence[int | None], most: int) -> list[int]:
    """Stations within the limit."""
    return [number for number, cost in enumerate(costs) if cost is not None and cost <= most]


def columns(rows: Iterable[tuple[int, int, int, int]]) -> NDArray[np.int64]:
    """Rows as an array of four columns, also where there are none."""
    return np.array(list(rows), dtype=np.int64).reshape(-1, 4)


def _cut(town: Town, spot: Spot, asked: Asked) -> tuple[int, int]:
    """Cost from a street's u to a place on it, and back."""
    there, back = town.costs(spot.street, asked)
    return round(spot.along * there), round(spot.along * back)


def _places(town: Town, spot: Spot, asked: Asked) -> list[object]:
    """Where a place is on the cut streets; on a street that costs nothing it is at both ends."""
    if spot.street < 0:
        return []
    street, cut = town.streets[spot.street], _cut(town, spot, asked)
    costs = town.costs(spot.street, asked)
    ends: list[object] = [end for end, at in ((street.u, (0, 0)), (street.v, costs)) if cut == at]
    return ends or [(spot.street, cut)]
