"""Which post is at each place first, which second, and which are there in time?

A post sets out when it is ready. It goes straight across the land at the speed of its mode, or drives up on a road
near it, along roads, and leaves them once for the place. On foot and on horse a road is no faster than the land
(but it has bridges). Each way that is named can be gone; a way that changes more than once between land and road
may be faster still, so times err high.
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
from geo.border.overland import Obstacles, earth_xyz, leave_road, over_ground
from geo.border.roads import Roads
from geo.crs import LONLAT, Floats
from geo.walk.network import FORWARD, WalkNetwork
from geo.walk.reach import catchments, nearest

MODE = "vehicle"  # of a post that says none
DRIVEN = ("vehicle", "motorcycle")  # modes that are faster on a road
PIECES_FIRST, PIECES_MORE = 32, 4  # pieces of road looked at around a place at first, and how many times more then
BLOCK = 1_000_000  # ways held at once
Ints = NDArray[np.int64]
Flags = NDArray[np.bool_]


@dataclass(frozen=True, eq=False)
class Arrivals:
    """The first and the second post at each place, and all within a limit.

    Parameters
    ----------
    first, second : numpy.ndarray
        Positions of posts, int64 (n,); -1 = none. Ties go to the lower position; the second is another post.
    seconds, second_seconds : numpy.ndarray
        When they are there, shape (n,); inf = never.
    indptr, within : numpy.ndarray
        CSR by place, (n + 1,) and positions of the posts that are there within the limit, ascending.
    """

    first: Ints
    second: Ints
    seconds: Floats
    second_seconds: Floats
    indptr: Ints
    within: Ints


class _Best(NamedTuple):
    """Positions and seconds of the first and the second, shape (n, 2) each."""

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
    best: _Best
    start: Ints  # CSR by node: posts that are there within the limit
    post: Ints
    seconds: Floats


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
    best = _Best(np.full((len(lonlat), 2), -1), np.full((len(lonlat), 2), np.inf))
    codes = [np.zeros(0, dtype=np.int64)]
    banks = obstacles.beside(lonlat, on_bank)
    wanted = min(2, len(posts))
    for one in by_top_speed:
        mine = np.flatnonzero(mode == one)
        search = _search(posts, mine, one, roads, obstacles, within_s)
        for rows in _blocks(len(lonlat), len(mine) + 2 * PIECES_FIRST):
            found, in_time = _reached(search, obstacles, banks, lonlat, rows, best.seconds[rows], wanted, within_s)
            post = np.where(found.post >= 0, mine[found.post], -1)
            best.post[rows], best.seconds[rows] = _two_best(
                np.concatenate([best.seconds[rows], found.seconds], axis=1),
                np.concatenate([best.post[rows], post], axis=1),
            )
            codes.append(in_time[0] * len(posts) + mine[in_time[1]])
    place, within = np.divmod(np.unique(np.concatenate(codes)), max(len(posts), 1))
    indptr = np.searchsorted(place, np.arange(len(lonlat) + 1))
    return Arrivals(best.post[:, 0], best.post[:, 1], best.seconds[:, 0], best.seconds[:, 1], indptr, within)


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
    caught = catchments(network, at, limit_s=within_s, **how)
    order = np.argsort(caught.node, kind="stable")
    return _Search(
        roads,
        _paces(roads, mode),
        land,
        lonlat,
        xyz,
        at,
        _Best(
            np.column_stack([reach.owner, reach.second_owner]).astype(np.int64),
            np.column_stack([reach.seconds, reach.second_seconds]),
        ),
        np.searchsorted(caught.node[order], np.arange(len(lonlat) + 1)),
        np.repeat(np.arange(len(mine)), np.diff(caught.indptr))[order],
        caught.seconds[order],
    )


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
    wanted: int,
    within_s: float,
) -> tuple[_Best, tuple[Ints, Ints]]:
    """First and second post of a mode at some places; and which posts are where in time.

    More roads are looked at around a place until none that is further off could change the answer.
    """
    found = _Best(np.full((len(rows), 2), -1), np.full((len(rows), 2), np.inf))
    places: list[Ints] = []
    posts: list[Ints] = []
    todo, several = np.arange(len(rows)), PIECES_FIRST
    while len(todo):
        several = min(several, len(search.roads.open))
        more: list[Ints] = []
        for part in _blocks(len(todo), len(search.posts) + 2 * several):
            here = todo[part]
            ways = _ways(search, lonlat[rows[here]], several)
            lead = _unblocked(ways, search, obstacles, banks, lonlat[rows[here]], rows[here], within_s)
            best = _offers(search, ways.node, lead)
            both = np.sort(np.concatenate([so_far[here], best.seconds], axis=1), axis=1)[:, wanted - 1]
            settled = ways.horizon_s >= np.minimum(np.maximum(both, within_s), units.FAR_S)
            found.post[here[settled]], found.seconds[here[settled]] = best.post[settled], best.seconds[settled]
            place, post = _in_time(search, ways.node[settled], lead[settled], within_s)
            places.append(rows[here[settled]][place])
            posts.append(post)
            more.append(here[~settled])
        todo, several = np.concatenate(more), several * PIECES_MORE
    nowhere = found.seconds > units.FAR_S
    found.post[nowhere], found.seconds[nowhere] = -1, np.inf
    return found, (np.concatenate([*places, []]).astype(np.int64), np.concatenate([*posts, []]).astype(np.int64))


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
    post = search.best.post[node]
    return _two_best(seconds.reshape(len(node), -1), post.reshape(len(node), -1))


def _two_best(seconds: Floats, post: Ints) -> _Best:
    """Best two different posts of each row of offers; ties go to the lower post."""
    made = _Best(np.full((len(seconds), 2), -1), np.full((len(seconds), 2), np.inf))
    left = np.where(post >= 0, seconds, np.inf)
    for rank in (0, 1):
        least = left.min(axis=1, initial=np.inf)
        equal = (left == least[:, None]) & np.isfinite(left)
        chosen = np.where(equal, post, np.iinfo(np.int64).max).min(axis=1, initial=np.iinfo(np.int64).max)
        some = np.isfinite(least)
        made.post[some, rank], made.seconds[:, rank] = chosen[some], least
        left = np.where(post == made.post[:, [rank]], np.inf, left)
    return made


def _unblocked(
    ways: _Ways,
    search: _Search,
    obstacles: Obstacles,
    banks: Ints,
    lonlat: Floats,
    rows: Ints,
    within_s: float,
) -> Floats:
    """Seconds of the ways, inf for those found to cross an obstacle: judged are all in time, and the fastest."""
    lead = ways.seconds.copy()
    if not len(obstacles):
        return lead
    judged = np.zeros(lead.shape, dtype=bool)
    first = search.best.seconds[ways.node]
    asked = first[:, :, 0] + lead <= within_s
    often = 1
    while asked.any() or often == 1:
        row, way = np.nonzero(asked)
        blocked = obstacles.cross(_starts(search, ways, row, way), lonlat[row], rows[row], banks)
        judged[row, way] = True
        lead[row[blocked], way[blocked]] = np.inf
        often *= 2
        asked = _doubtful(_offers(search, ways.node, lead), first + lead[:, :, None], judged, often)
    return lead


def _doubtful(best: _Best, seconds: Floats, judged: Flags, often: int) -> Flags:
    """Ways not yet judged that may be the fastest or the second: the best few where there are such."""
    open_ = np.isfinite(seconds[:, :, 0]) & ~judged
    may = open_ & (seconds.min(axis=2) <= best.seconds[:, [1]])
    unsure = may.any(axis=1)
    asked = np.zeros_like(may)
    if unsure.any():
        order = np.argsort(np.where(may[unsure], seconds[unsure, :, 0], np.inf), axis=1)[:, :often]
        some = np.zeros((int(unsure.sum()), may.shape[1]), dtype=bool)
        np.put_along_axis(some, order, True, axis=1)
        asked[unsure] = some & may[unsure]
    return np.asarray(asked)


def _starts(search: _Search, ways: _Ways, row: Ints, way: Ints) -> Floats:
    """Where last legs begin, degrees."""
    node, piece, part = ways.node[row, way], ways.piece[row, way], ways.part[row, way][:, None]
    start = search.lonlat[node]
    on = piece >= 0
    begin, end = (search.roads.lonlat[ends[piece[on]]] for ends in (search.roads.u, search.roads.v))
    start[on] = begin + part[on] * (end - begin)
    return start


def _in_time(search: _Search, node: Ints, lead: Floats, within_s: float) -> tuple[Ints, Ints]:
    """Pairs of places and posts that are there within the limit; pairs may repeat."""
    place, way = np.nonzero(lead <= within_s)
    from_node = node[place, way]
    many = search.start[from_node + 1] - search.start[from_node]
    at = np.repeat(np.arange(len(many)), many)
    row = np.arange(len(at)) - np.repeat(np.cumsum(many) - many, many) + search.start[from_node][at]
    kept = search.seconds[row] + lead[place, way][at] <= within_s
    return place[at[kept]], search.post[row[kept]]
