"""A second computation of walks through a town, at every vertex of OpenStreetMap and in fractions of a second.

It shares with the package only what OpenStreetMap's tags mean (:mod:`geo.walk.onfoot`) and the rules that are
written down: streets cut at closed gates, the nearest street within 300 m, else within 1,600 m, real streets
before islands of less than 500 m, a slope between two corners whose heights are known. Vertices instead of
junctions, fractions of a second instead of whole centiseconds, an equidistant frame instead of an equal-area one,
scipy's Dijkstra instead of ours.
"""

from __future__ import annotations

import itertools
from collections import Counter
from dataclasses import dataclass, fields
from functools import cache
from pathlib import Path
from typing import Any, NamedTuple

import numpy as np
import osmium
import shapely
from numpy.typing import NDArray
from pyproj import Geod, Transformer
from scipy.sparse import coo_array, csr_array
from scipy.sparse.csgraph import connected_components, dijkstra

from geo.walk.onfoot import blocks, direction_of, factor_of, may_walk

Floats = NDArray[np.float64]
Longs = NDArray[np.int64]
Node = tuple[int, float, float]  # its id, longitude, latitude
GEOD = Geod(ellps="WGS84")
NEAR_M, FAR_M, ISLAND_M = 300.0, 1_600.0, 500.0
ON_IT_M = 0.01
NOTHING_S = 1e-9


@dataclass(frozen=True)
class Vertices:
    """Straight pieces between neighbouring vertices: way, ends, metres, times slower, one way or 0, slope."""

    lonlat: Floats
    way: Longs
    u: Longs
    v: Longs
    length_m: Floats
    factor: Floats
    oneway: Longs
    slope: Floats

    @property
    def part(self) -> Longs:
        """What each piece hangs together with."""
        size = len(self.lonlat)
        joined = coo_array((np.ones(len(self.u)), (self.u, self.v)), shape=(size, size))
        return np.asarray(connected_components(joined)[1], dtype=np.int64)[self.u]

    @property
    def island(self) -> NDArray[np.bool_]:
        """Whether each piece belongs to little street that is not the largest part."""
        part = self.part
        metres = np.bincount(part, weights=self.length_m)
        return np.asarray((metres[part] < ISLAND_M) & (part != metres.argmax()), dtype=bool)

    def rows(self, which: NDArray[np.bool_]) -> Vertices:
        """Some of the pieces."""
        return Vertices(self.lonlat, **{f.name: getattr(self, f.name)[which] for f in fields(self)[1:]})


class Spots(NamedTuple):
    """Where points step onto the pieces: which (-1 = none), what fraction from its u, how many metres off."""

    piece: Longs
    along: Floats
    leg_m: Floats


class _Way(NamedTuple):
    """Runs of nodes inside the extract, and what the tags say."""

    runs: list[list[Node]]
    said: tuple[int, float, int, bool]


@cache
def read(extract: Path) -> Vertices:
    """Read the ways of an extract that may be walked, vertex by vertex."""
    ways: list[_Way] = []
    closed: set[int] = set()
    height: dict[int, float] = {}
    for thing in osmium.FileProcessor(str(extract), osmium.osm.NODE | osmium.osm.WAY).with_locations():
        tags = dict(thing.tags)
        if thing.is_node():
            if blocks(tags):
                closed.add(thing.id)
            if "ele" in tags:
                height[thing.id] = float(tags["ele"])
        elif may_walk(tags):
            oneway = {"both": 0, "forward": 1, "backward": -1}[direction_of(tags)]
            ways.append(_Way(_inside(thing.nodes), (thing.id, factor_of(tags), oneway, "highway" in tags)))
    return _pieces(ways, closed, height)


def _pieces(ways: list[_Way], closed: set[int], height: dict[int, float]) -> Vertices:
    uses = Counter(node[0] for way in ways for run in way.runs for node in run)
    number: dict[Any, int] = {}
    lonlat: dict[int, tuple[float, float]] = {}
    rows: list[tuple[Any, ...]] = []
    rises: list[float] = []  # of each street between two corners
    for run, said in ((run, way.said) for way in ways for run in way.runs):
        begun = run[0][0]
        for a, b in itertools.pairwise(run):
            # whoever comes to a closed gate is at a place of his own
            keys = [(ref, len(rows)) if ref in closed else ref for ref in (a[0], b[0])]
            ends = [number.setdefault(key, len(number)) for key in keys]
            lonlat.update(zip(ends, (a[1:], b[1:]), strict=True))
            rows.append((*ends, len(rises), *said))
            if uses[b[0]] > 1 or b[0] in closed or b is run[-1]:
                rises.append(height.get(b[0], np.nan) - height.get(begun, np.nan))
                begun = b[0]
    u, v, street, way, factor, oneway, is_street = (np.array(column) for column in zip(*rows, strict=True))
    place = np.array([lonlat[at] for at in range(len(lonlat))])
    length = np.array(GEOD.inv(*place[u].T, *place[v].T)[2])
    slope = np.nan_to_num(np.array(rises) / np.bincount(street, weights=length))[street]
    made = Vertices(place, way, u, v, length, factor, oneway, slope)
    return made.rows(np.isin(made.part, made.part[is_street]))  # a platform without a street is nowhere


def _inside(nodes: Any) -> list[list[Node]]:
    """Runs of a way's nodes that the extract holds, each node once."""
    runs: list[list[Node]] = [[]]
    for node in nodes:
        if not node.location.valid():
            runs.append([])
        elif not runs[-1] or runs[-1][-1][0] != node.ref:
            runs[-1].append((node.ref, node.lon, node.lat))
    return [run for run in runs if len(run) > 1]


def step_onto(town: Vertices, lonlat: Floats, way: Longs | None = None) -> Spots:
    """Project points onto the nearest street; those that are known to be on a way, onto that."""
    middle = lonlat.mean(axis=0)
    flat = Transformer.from_crs("EPSG:4326", f"+proj=aeqd +lon_0={middle[0]} +lat_0={middle[1]}", always_xy=True)
    here, ends = np.column_stack(flat.transform(*lonlat.T)), np.column_stack(flat.transform(*town.lonlat.T))
    lines = shapely.linestrings(np.stack([ends[town.u], ends[town.v]], axis=1))
    point, piece = shapely.points(here), np.full(len(here), -1)
    if way is not None:
        at, line = shapely.STRtree(lines).query(point, predicate="dwithin", distance=ON_IT_M)
        at, line = at[town.way[line] == way[at]], line[town.way[line] == way[at]]
        nearest = np.lexsort((shapely.distance(point[at], lines[line]), at))[::-1]
        piece[at[nearest]] = line[nearest]  # of several the last written, so the nearest, stays
    island = town.island
    for radius, some in itertools.product((NEAR_M, FAR_M), (np.flatnonzero(~island), np.flatnonzero(island))):
        left = np.flatnonzero(piece < 0)
        at, line = shapely.STRtree(lines[some]).query_nearest(point[left], max_distance=radius, all_matches=False)
        piece[left[at]] = some[line]
    there = piece >= 0
    along, leg = np.full(len(here), np.nan), np.full(len(here), np.nan)
    along[there] = shapely.line_locate_point(lines[piece[there]], point[there], normalized=True)
    leg[there] = shapely.distance(point[there], lines[piece[there]])
    return Spots(piece, along, leg)


def seconds_between(town: Vertices, homes: Spots, stations: Spots, *, speed_kmh: float, limit_s: float) -> Floats:
    """Seconds from each home (row) to each station (column), inf where its entrance is beyond the limit."""
    metres_s = speed_kmh / 3.6
    spots = Spots(*(np.concatenate(both) for both in zip(homes, stations, strict=True)))
    back = _cut(town, spots, metres_s).T.tocsr()  # people walk to stations
    made = np.full((len(homes.piece), len(stations.piece)), np.inf)
    first = len(town.lonlat)
    ours = first + np.flatnonzero(homes.piece >= 0)
    for column in np.flatnonzero(stations.piece >= 0):
        seconds = dijkstra(back, indices=first + len(homes.piece) + column, limit=limit_s)
        made[homes.piece >= 0, column] = seconds[ours]
    return made + (homes.leg_m[:, None] + stations.leg_m) / metres_s


def _cut(town: Vertices, spots: Spots, metres_s: float) -> csr_array:
    """Seconds between neighbours, each spot a vertex of its own in its piece."""
    first, on = len(town.lonlat), np.flatnonzero(spots.piece >= 0)
    every = np.arange(len(town.u))
    piece = np.concatenate([every, spots.piece[on], every])
    along = np.concatenate([np.zeros(len(every)), spots.along[on], np.ones(len(every))])
    rank = np.repeat([0, 1, 2], [len(every), len(on), len(every)])
    node = np.concatenate([town.u, first + on, town.v])
    order = np.lexsort((rank, along, piece))
    piece, along, node = piece[order], along[order], node[order]
    same = piece[1:] == piece[:-1]
    a, b, of = node[:-1][same], node[1:][same], piece[1:][same]
    level = np.diff(along)[same] * (town.length_m * town.factor)[of] / metres_s
    level = np.maximum(level, NOTHING_S)  # a zero is no entry of a sparse matrix
    up, down = (level * np.exp(3.5 * (abs(slope + 0.05) - 0.05)) for slope in (town.slope[of], -town.slope[of]))
    there, back = town.oneway[of] >= 0, town.oneway[of] <= 0
    row, column = np.concatenate([a[there], b[back]]), np.concatenate([b[there], a[back]])
    cost = np.concatenate([up[there], down[back]])  # Tobler 1993
    order = np.lexsort((cost, column, row))  # of parallel pieces the shorter counts; a sparse matrix adds them up
    row, column, cost = row[order], column[order], cost[order]
    once = np.r_[True, (np.diff(row) != 0) | (np.diff(column) != 0)]
    size = first + len(spots.piece)
    return coo_array((cost[once], (row[once], column[once])), shape=(size, size)).tocsr()
