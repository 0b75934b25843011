"""Which post is at each place first, which second, and how many are there in time?

A post sets out when it is ready. It goes straight across the land at the speed of its mode, or drives up on a road
near it, along roads, and leaves them once for the place. On foot and on horse a road is no faster than the land
(but it has bridges). Each way that is named can be gone. A way that changes more than once between land and road,
or that takes another than the ``units.STEP_ON_PIECES`` pieces of road nearest to the post or the
``units.STEP_OFF_PIECES`` nearest to the place, may be faster still: times err high.
"""

from __future__ import annotations

from collections.abc import Iterator
from dataclasses import dataclass
from typing import Any, NamedTuple

import geopandas as gpd
import numpy as np
import shapely
from numpy.typing import NDArray

from geo import units
from geo.border.posts.overland import Obstacles, earth_xyz, leave_road, over_ground
from geo.border.posts.roads import Roads
from geo.crs import LONLAT, Floats
from geo.walk.network import FORWARD, WalkNetwork
from geo.walk.reach import Catchments, catchments, nearest

MODE = "vehicle"  # of a post that says none
DRIVEN = ("vehicle", "motorcycle")  # modes that are faster on a road
RANKS = 3  # posts that are told apart at each place: k-coverage asks for three
PIECES_FIRST, PIECES_MORE = 32, 4  # pieces of road looked at around a place at first, and how many times more then
BLOCK = 250_000  # ways held at once
Ints = NDArray[np.int64]
Flags = NDArray[np.bool_]


@dataclass(frozen=True, eq=False)
class Arrivals:
    """The first and the second post at each place, and how many are there within a limit.

    Parameters
    ----------
    first, second : numpy.ndarray
        Positions of posts, int64 (n,); -1 = none. Ties go to the lower position; the second is another post.
    seconds, second_seconds : numpy.ndarray
        When they are there, shape (n,); inf = never.
    within : numpy.ndarray
        int64 (n,): posts that are there within the limit; ``RANKS`` stands for that many or more.
    """

    first: Ints
    second: Ints
    seconds: Floats
    second_seconds: Floats
    within: Ints


class _Best(NamedTuple):
    """Positions and seconds of the first, the second and the third, shape (n, RANKS) each."""

    post: Ints
    seconds: Floats


@dataclass(frozen=True, eq=False)
class _Search:
    """What one mode reaches by road: labels of nodes (of roads, then of posts), and ways off the roads."""

    roads: Roads
    pace: Floats  # (m, 2): seconds a straight metre from u to v, and from v to u; inf = not that way
    land: float
    lonlat: Floats
    xyz: Floats
    posts: Ints  # nodes of the posts
    best: _Best  # the third as far as it is there within the limit


def arrivals(
    posts: gpd.GeoDataFrame,
    roads: Roads,
    obstacles: Obstacles,
    lonlat: Floats,
    on_bank: Flags,
    *,
    within_s: float,
) -> Arrivals:
    """Time the ways of posts to places.

    Parameters
    ----------
    posts : geopandas.GeoDataFrame
        Those that answer: ``mode`` (missing = vehicle), ``readiness_minutes`` and a point, index 0…p-1.
    roads : Roads
        What is driven.
    obstacles : Obstacles
        What straight ways may not cross.
    lonlat : numpy.ndarray
        Places, degrees, shape (n, 2).
    on_bank : numpy.ndarray
        bool (n,): places that are reached on the bank of a water within ``units.BANK_M``.
    within_s : float
        The limit, seconds.

    Returns
    -------
    Arrivals
        One value a place. Posts that need more than ``units.FAR_S`` do not come.
    """
    mode = posts["mode"].fillna(MODE).astype(str).to_numpy()
    by_top_speed = sorted(set(mode), key=lambda one: (-units.PATROL_SPEEDS_KMH[one], one))
    best = _none(len(lonlat))
    banks = obstacles.beside(lonlat, on_bank)
    asked = _Asked(within_s, min(2, len(posts)), len(posts) >= RANKS)
    for one in by_top_speed:
        mine = np.flatnonzero(mode == one)
        search = _search(posts, mine, one, roads, obstacles, within_s)
        for rows in _blocks(len(lonlat), len(mine) + 2 * PIECES_FIRST):
            found = _reached(search, obstacles, banks, lonlat, rows, best.seconds[rows], asked)
            post = np.where(found.post >= 0, mine[found.post], -1)
            best.post[rows], best.seconds[rows] = _first_of(
                np.concatenate([best.seconds[rows], found.seconds], axis=1),
                np.concatenate([best.post[rows], post], axis=1),
            )
    return Arrivals(
        first=best.post[:, 0],
        second=best.post[:, 1],
        seconds=best.seconds[:, 0],
        second_seconds=best.seconds[:, 1],
        within=(best.seconds <= within_s).sum(axis=1),
    )


class _Asked(NamedTuple):
    """What must be right: posts that come at all, as many as there are up to two, and the third in time."""

    within_s: float
    several: int
    third: bool

    def bound(self, seconds: Floats) -> Floats:
        """Time from which on nothing changes the answer, given the best three so far."""
        last = seconds[:, self.several - 1] if self.several else np.zeros(len(seconds))
        if self.third:
            last = np.maximum(last, np.minimum(seconds[:, RANKS - 1], self.within_s))
        return np.asarray(np.minimum(last, units.FAR_S))


def _none(count: int) -> _Best:
    return _Best(np.full((count, RANKS), -1), np.full((count, RANKS), np.inf))


def _blocks(count: int, ways: int) -> Iterator[Ints]:
    """Positions 0…count-1 in blocks of a bounded number of ways."""
    size = max(1, BLOCK // max(ways, 1))
    for begin in range(0, count, size):
        yield np.arange(begin, min(begin + size, count))


def _search(
    posts: gpd.GeoDataFrame, mine: Ints, mode: str, roads: Roads, obstacles: Obstacles, within_s: float
) -> _Search:
    """Search the roads from all posts of one mode."""
    on_land = units.PATROL_SPEEDS_KMH[mode]
    land = 1.0 / units.metres_per_second(on_land)
    home = shapely.get_coordinates(np.asarray(posts.geometry, dtype=object)[mine])
    roads, node, owner = _stepped_on(roads, home, mode, land, obstacles)
    lonlat, at = np.concatenate([roads.lonlat, home]), len(roads.lonlat) + np.arange(len(mine))
    xyz = earth_xyz(lonlat)
    leg_m = over_ground(_apart(xyz[node], xyz[at[owner]]))
    speed = np.concatenate([_speed(roads, mode), np.full(len(node), on_land)])
    top = float(speed.max(initial=on_land))
    network = WalkNetwork.from_edges(  # of ways to posts, so that roads run against their direction
        lonlat[:, 0],
        lonlat[:, 1],
        np.concatenate([roads.u, node]),
        np.concatenate([roads.v, at[owner]]),
        np.concatenate([roads.length_m, leg_m]),
        crs=LONLAT,
        oneway=np.concatenate([-roads.oneway, np.full(len(node), FORWARD, dtype=np.int8)]),
        factor=top / speed,
    )
    how: dict[str, Any] = {
        "speed_kmh": top,
        "delay_s": posts["readiness_minutes"].to_numpy(dtype=float)[mine] * units.SECONDS_PER_MINUTE,
    }
    reach = nearest(network, at, limit_s=units.FAR_S, **how)
    third, seconds = _third(catchments(network, at, limit_s=within_s, **how), len(lonlat))
    best = _Best(
        np.column_stack([reach.owner, reach.second_owner, third]).astype(np.int64),
        np.column_stack([reach.seconds, reach.second_seconds, seconds]),
    )
    return _Search(roads, _paces(roads, mode), land, lonlat, xyz, at, best)


def _third(caught: Catchments, nodes: int) -> tuple[Ints, Floats]:
    """The third source of each node and its seconds; -1 and inf where fewer are within the limit."""
    source = np.repeat(np.arange(len(caught.indptr) - 1), np.diff(caught.indptr))
    order = np.lexsort((source, caught.cost, caught.node))
    start = np.searchsorted(caught.node[order], np.arange(nodes + 1))
    some = np.flatnonzero(np.diff(start) >= RANKS)
    row = order[start[some] + RANKS - 1]
    third, seconds = np.full(nodes, -1), np.full(nodes, np.inf)
    third[some], seconds[some] = source[row], caught.seconds[row]
    return third, seconds


def _stepped_on(
    roads: Roads, home: Floats, mode: str, land: float, obstacles: Obstacles
) -> tuple[Roads, Ints, Ints]:
    """Cut roads where posts drive up on them; the node of each such place, and the post."""
    several = min(units.STEP_ON_PIECES, len(roads.open))
    if not several:
        return roads, np.zeros(0, dtype=np.int64), np.zeros(0, dtype=np.int64)
    xyz, pace = earth_xyz(home), _paces(roads, mode)
    near = roads.tree.query(xyz, k=several)[1].reshape(len(home), several)
    piece, owner = roads.open[near].ravel(), np.repeat(np.arange(len(home)), several)
    begin, end = roads.xyz[roads.u[piece]], roads.xyz[roads.v[piece]]
    to_u, _ = leave_road(begin, end, xyz[owner], pace[piece, 1], land)
    to_v, _ = leave_road(end, begin, xyz[owner], pace[piece, 0], land)
    roads, node = roads.cut(np.tile(piece, 2), np.concatenate([to_u, 1.0 - to_v]))
    node, owner = np.unique(np.column_stack([node, np.tile(owner, 2)]), axis=0).T
    free = ~obstacles.cross(home[owner], roads.lonlat[node], owner, np.zeros(0, dtype=np.int64))
    return roads, node[free], owner[free]


def _speed(roads: Roads, mode: str) -> Floats:
    return roads.speed_kmh if mode in DRIVEN else np.full(len(roads.u), units.PATROL_SPEEDS_KMH[mode])


def _paces(roads: Roads, mode: str) -> Floats:
    """Seconds a straight metre of each piece from u to v, and from v to u; what is not driven that way has inf."""
    seconds = roads.length_m / units.metres_per_second(1.0) / _speed(roads, mode)
    pace = seconds / np.maximum(roads.straight_m, np.finfo(float).tiny)
    return np.column_stack([np.where(roads.oneway * way >= 0, pace, np.inf) for way in (1, -1)])


def _apart(one: Floats, other: Floats) -> Floats:
    return np.asarray(np.sqrt(((one - other) ** 2).sum(axis=-1)))


def _reached(
    search: _Search,
    obstacles: Obstacles,
    banks: Ints,
    lonlat: Floats,
    rows: Ints,
    so_far: Floats,
    asked: _Asked,
) -> _Best:
    """Best posts of a mode at some places, of which other modes' ``so_far`` seconds are known.

    More roads are looked at around a place until none that is further off could change the answer.
    """
    found = _none(len(rows))
    most = min(units.STEP_OFF_PIECES, len(search.roads.open))
    todo, several = np.arange(len(rows)), min(PIECES_FIRST, most)
    while len(todo):
        more: list[Ints] = []
        for part in _blocks(len(todo), len(search.posts) + 2 * several):
            here = todo[part]
            ways = _ways(search, lonlat[rows[here]], several)
            lead = _unblocked(ways, search, obstacles, banks, lonlat[rows[here]], rows[here], asked)
            best = _offers(search, ways.node, lead)
            every = np.sort(np.concatenate([so_far[here], best.seconds], axis=1), axis=1)
            settled = (ways.horizon_s >= asked.bound(every)) | (several == most)
            found.post[here[settled]], found.seconds[here[settled]] = best.post[settled], best.seconds[settled]
            more.append(here[~settled])
        todo, several = np.concatenate(more), min(several * PIECES_MORE, most)
    nowhere = found.seconds > units.FAR_S
    found.post[nowhere], found.seconds[nowhere] = -1, np.inf
    return found


class _Ways(NamedTuple):
    """Last legs: from which node, how long from there, where the road is left; and beyond what none was sought."""

    node: Ints
    seconds: Floats
    piece: Ints  # -1 = straight from the post
    part: Floats
    horizon_s: Floats


def _ways(search: _Search, lonlat: Floats, several: int) -> _Ways:
    xyz = earth_xyz(lonlat)
    direct = over_ground(_apart(search.xyz[search.posts], xyz[:, None])) * search.land
    node = np.broadcast_to(search.posts, direct.shape)
    nowhere = np.full(direct.shape, -1)
    if not several:
        return _Ways(node, direct, nowhere, np.zeros(direct.shape), np.full(len(xyz), np.inf))
    roads = search.roads
    apart, near = (one.reshape(len(xyz), several) for one in roads.tree.query(xyz, k=several))
    piece = roads.open[near]
    ends = roads.u[piece], roads.v[piece]
    begin, end = (roads.xyz[one] for one in ends)
    from_u, by_u = leave_road(begin, end, xyz[:, None], search.pace[piece, 0], search.land)
    from_v, by_v = leave_road(end, begin, xyz[:, None], search.pace[piece, 1], search.land)
    beyond = np.maximum(apart[:, -1] - units.ROAD_PIECE_M / 2, 0.0) * search.land
    return _Ways(
        np.concatenate([node, *ends], axis=1),
        np.concatenate([direct, by_u, by_v], axis=1),
        np.concatenate([nowhere, piece, piece], axis=1),
        np.concatenate([np.zeros(direct.shape), from_u, 1.0 - from_v], axis=1),
        beyond if several < len(roads.open) else np.full(len(xyz), np.inf),
    )


def _offers(search: _Search, node: Ints, lead: Floats) -> _Best:
    seconds = search.best.seconds[node] + lead[:, :, None]
    return _first_of(seconds.reshape(len(node), -1), search.best.post[node].reshape(len(node), -1))


def _first_of(seconds: Floats, post: Ints) -> _Best:
    """Best different posts of each row of offers; ties go to the lower post."""
    made, nobody = _none(len(seconds)), np.iinfo(np.int64).max
    left = np.where(post >= 0, seconds, np.inf)
    for rank in range(RANKS):
        least = left.min(axis=1, initial=np.inf)
        some = np.isfinite(least)
        chosen = np.where(left == least[:, None], post, nobody).min(axis=1, initial=nobody)
        made.post[some, rank], made.seconds[:, rank] = chosen[some], least
        left[post == made.post[:, [rank]]] = np.inf
    return made


def _unblocked(
    ways: _Ways,
    search: _Search,
    obstacles: Obstacles,
    banks: Ints,
    lonlat: Floats,
    rows: Ints,
    asked: _Asked,
) -> Floats:
    """Seconds of the ways, inf for those found to cross an obstacle: judged are those that make the answer."""
    lead = ways.seconds.copy()
    if not len(obstacles):
        return lead
    judged = np.zeros(lead.shape, dtype=bool)
    unsure, several = np.arange(len(lead)), 4
    while True:
        fastest = search.best.seconds[ways.node[unsure], 0] + lead[unsure]
        open_ = ~judged[unsure] & np.isfinite(fastest)
        bound = asked.bound(_offers(search, ways.node[unsure], lead[unsure]).seconds)
        still = (open_ & (fastest <= bound[:, None])).any(axis=1)
        unsure = unsure[still]
        if not len(unsure):
            return lead
        place, way = _fastest(np.where(open_, fastest, np.inf)[still], several)
        row = unsure[place]
        blocked = obstacles.cross(_starts(search, ways, row, way), lonlat[row], rows[row], banks)
        judged[row, way] = True
        lead[row[blocked], way[blocked]] = np.inf
        several *= 2


def _fastest(seconds: Floats, several: int) -> tuple[Ints, Ints]:
    """Rows and columns of the least few of each row, what is infinite left out."""
    column = np.argsort(seconds, axis=1)[:, :several]
    row = np.broadcast_to(np.arange(len(seconds))[:, None], column.shape)
    finite = np.isfinite(np.take_along_axis(seconds, column, axis=1))
    return row[finite], column[finite]


def _starts(search: _Search, ways: _Ways, row: Ints, way: Ints) -> Floats:
    """Where last legs begin, degrees."""
    node, piece, part = ways.node[row, way], ways.piece[row, way], ways.part[row, way][:, None]
    start = search.lonlat[node]
    on = piece >= 0
    begin, end = (search.roads.lonlat[ends[piece[on]]] for ends in (search.roads.u, search.roads.v))
    start[on] = begin + part[on] * (end - begin)
    return start
