"""The picture of what a station reaches: strips along the streets, never wider than the time that is left.

A strip's half-width at a place is min(60 m, what is left of the budget there, in metres). What is left shrinks at
least as fast as one walks on, so wherever less than 60 m are left, the disc lies inside the disc around the place
where 60 m were left. The union of all strips is therefore the *full-width* strip along the pieces that are reached
60 m before the budget ends: one buffer, no tapering. Only where a barrier cuts discs apart do narrower strips
count.

Arcs are drawn with chords inside them: a polygon never shows more than is reached, and at most 1.2 m less
(60 m · (1 - cos 11.25°)); beside a barrier, where a strip narrower than 10 m is left out, at most 10 m less. Where
a barrier ends inside a strip, the way round its end counts as straight (for 30 m of street). Figures about people
never come from here.
"""

from __future__ import annotations

from concurrent.futures import ThreadPoolExecutor
from itertools import repeat
from typing import Any, NamedTuple

import numpy as np
import shapely
from numpy.typing import NDArray

from geo import units
from geo.crs import Floats
from geo.walk.barriers import Barriers
from geo.walk.network import WalkNetwork, edge_costs
from geo.walk.reach import Catchments
from geo.walk.snap import Snapped

QUADRANT_CHORDS = 4  # a quarter circle in four chords
NARROWER = (1.0, 1 / 2, 1 / 6)  # beside barriers: strips of 60, 30 and 10 m
BIT_M = 30.0  # beside barriers streets are drawn in pieces no longer than this
SLIT_M = 0.05  # half of the line that a barrier leaves open in the picture
SHORTEST_M = 0.01

Objects = NDArray[Any]


class _Pieces(NamedTuple):
    """Reached pieces of edges: whose, which edge, from and to as fractions from u."""

    source: NDArray[np.int64]
    edge: NDArray[np.int64]
    start: Floats
    stop: Floats


def catchment_polygons(
    network: WalkNetwork,
    stations: Snapped,
    found: Catchments,
    *,
    barriers: Barriers | None = None,
    half_width_m: float = units.STRIP_HALF_WIDTH_M,
) -> Objects:
    """Draw what each station reaches.

    Parameters
    ----------
    network : WalkNetwork
        The streets.
    stations : Snapped
        The sources of the search.
    found : Catchments
        What it found.
    barriers : Barriers or None
        Cut strips: what lies across one from its piece of street is not shown.
    half_width_m : float
        Widest half of a strip, metres.

    Returns
    -------
    numpy.ndarray
        Polygon or MultiPolygon in the network's metres, one a station; None for an unsnapped one and for one whose
        delay leaves no time.
    """
    pace = found.sources.pace
    free_m = (pace.limit - found.sources.delay) / pace.per_m
    width = np.minimum(half_width_m, np.where(stations.edge >= 0, free_m, 0.0))
    solid = barriers if barriers is not None and len(barriers.line) else None
    made = np.full(len(width), None, dtype=object)
    near = np.zeros(len(width), dtype=bool)
    if not (width > 0).any():
        return made
    with ThreadPoolExecutor() as pool:  # GEOS gives the interpreter free while it unites
        for part in NARROWER if solid is not None else NARROWER[:1]:
            chosen = np.flatnonzero((width > 0) & (near | (part == 1.0)))
            streets = _by_source(network, stations, found, width * part)
            drawn = pool.map(
                _widened, made[chosen], [streets[i] for i in chosen], width[chosen], repeat(part), repeat(solid)
            )
            for source, (shape, cut) in zip(chosen, drawn, strict=True):
                made[source] = shape
                near[source] |= cut
    return made


def _widened(shape: Any, lines: Objects, width: float, part: float, solid: Barriers | None) -> tuple[Any, bool]:
    """A shape with the strips of a part of the full width along some lines, and whether a barrier cut any."""
    if part < 1.0:  # a disc that narrower ones stand in for was cut, so a barrier is within two widths
        lines = lines[_near(lines, 2 * width, solid)]
    strips, cut = _strips(lines, width * part, solid)
    before = [] if shape is None else [shape]
    return shapely.union_all(np.array([*before, *strips], dtype=object)), cut


def _by_source(network: WalkNetwork, stations: Snapped, found: Catchments, spare_m: Floats) -> list[Objects]:
    """Lines from which each source is reached with some metres of the budget to spare, its own leg included."""
    pieces = _reached(network, found, spare_m)
    lines = _substrings(network.line[pieces.edge], pieces.start, pieces.stop)
    order = np.argsort(pieces.source, kind="stable")
    streets = np.split(lines[order], np.searchsorted(pieces.source[order], np.arange(1, len(spare_m))))
    pace = found.sources.pace
    left_m = (pace.limit - found.sources.delay) / pace.per_m - spare_m
    return [
        np.append(street, _leg(network, stations, source, left_m[source])) for source, street in enumerate(streets)
    ]


def _leg(network: WalkNetwork, stations: Snapped, source: int, left_m: float) -> Any:
    """The straight way from a station towards its street as far as the metres go; else a point."""
    here = np.array([stations.x[source], stations.y[source]])
    if stations.edge[source] < 0 or stations.leg_m[source] < SHORTEST_M or left_m < SHORTEST_M:
        return shapely.Point(here) if np.isfinite(here).all() else shapely.Point()
    line, along = network.line[stations.edge[source]], stations.along[source]
    foot = shapely.get_coordinates(shapely.line_interpolate_point(line, along, normalized=True))[0]
    part = min(1.0, left_m / stations.leg_m[source])
    return shapely.LineString([here, here + (foot - here) * part])


def _reached(network: WalkNetwork, found: Catchments, spare_m: Floats) -> _Pieces:
    """Pieces of edges with metres to spare: [0, (T - d_u)·v] and [L - (T - d_v)·v, L], T less what is spared."""
    pace, steps = found.sources.pace, network.toward
    cost_of = np.maximum(edge_costs(network, pace), 1).astype(float)
    limit = pace.limit - spare_m * pace.per_m
    source = np.repeat(np.arange(len(found.indptr) - 1), np.diff(found.indptr))
    row = np.flatnonzero(found.cost <= limit[source])
    degree = np.diff(steps.start)[found.node[row]]
    row_of = np.repeat(row, degree)
    step = np.arange(len(row_of)) + np.repeat(steps.start[found.node[row]] - np.cumsum(degree) + degree, degree)
    edge, at_v = steps.edge[step].astype(np.int64), steps.at_v[step]
    part = np.minimum(1.0, (limit[source[row_of]] - found.cost[row_of]) / cost_of[edge])
    ends = _joined(source[row_of], edge, at_v, part)
    own = _own_edge(found, cost_of, limit)
    return _Pieces(*(np.concatenate(columns) for columns in zip(ends, own, strict=True)))


def _joined(source: NDArray[np.int64], edge: NDArray[np.int64], at_v: NDArray[np.bool_], part: Floats) -> _Pieces:
    """Pieces from either end; where the two of an edge meet, they are one whole edge."""
    order = np.lexsort((at_v, edge, source))
    source, edge, at_v, part = source[order], edge[order], at_v[order], part[order]
    pair = np.zeros(len(order), dtype=bool)
    pair[:-1] = (source[1:] == source[:-1]) & (edge[1:] == edge[:-1]) & (part[1:] + part[:-1] >= 1.0)
    start, stop = np.where(at_v, 1.0 - part, 0.0), np.where(at_v, 1.0, part)
    stop[pair] = 1.0
    kept = np.ones(len(order), dtype=bool)
    kept[1:] = ~pair[:-1]
    return _Pieces(source[kept], edge[kept], start[kept], stop[kept])


def _own_edge(found: Catchments, cost_of: Floats, limit: Floats) -> _Pieces:
    """Pieces of the edge that a source lies on, walked straight along it."""
    sources = found.sources
    edge = np.repeat(np.arange(len(sources.on_start) - 1), np.diff(sources.on_start))
    source, (head, enter, from_u, from_v) = sources.on_source, sources.on_along.T
    left = limit[source] - enter
    there = left >= 0
    start = np.where(from_u, np.maximum(0.0, (head - left) / cost_of[edge]), head / cost_of[edge])
    stop = np.where(from_v, np.minimum(1.0, (head + left) / cost_of[edge]), head / cost_of[edge])
    return _Pieces(source[there], edge[there], start[there], np.minimum(stop[there], 1.0))


def _substrings(lines: Objects, start: Floats, stop: Floats) -> Objects:
    """Parts of lines between two fractions of their length; points where both are one place."""
    made = lines.copy()
    part = np.flatnonzero((start > 0.0) | (stop < 1.0))
    if not len(part):
        return made
    xy, line = shapely.get_coordinates(lines[part], return_index=True)
    step = np.hypot(*np.diff(xy, axis=0).T) * (line[1:] == line[:-1])
    run = np.concatenate([[0.0], np.cumsum(step)])
    run -= run[np.searchsorted(line, line)]
    total = shapely.length(lines[part])
    low, high = start[part] * total, stop[part] * total
    inner = (run > low[line]) & (run < high[line])
    tips = [
        shapely.get_coordinates(shapely.line_interpolate_point(lines[part], at, normalized=True))
        for at in (start[part], stop[part])
    ]
    number = np.arange(len(part))
    owner = np.concatenate([number, line[inner], number])
    order = np.lexsort((np.concatenate([low, run[inner], high]), owner))
    made[part] = shapely.linestrings(np.concatenate([tips[0], xy[inner], tips[1]])[order], indices=owner[order])
    short = part[high - low < SHORTEST_M]
    made[short] = shapely.get_point(made[short], 0)
    return made


def _strips(lines: Objects, width: float, barriers: Barriers | None) -> tuple[Objects, bool]:
    """Strips along lines, cut by barriers, and whether any was near one."""
    tracks = _chains(lines)
    touched = _near(tracks, width, barriers)
    if barriers is None or not touched.any():
        return _buffers(tracks, width), False
    bits = _bits(tracks[touched])
    beside = _near(bits, width, barriers)
    clear = _chains(np.concatenate([tracks[~touched], bits[~beside]]))
    return np.concatenate([_buffers(clear, width), _cut(bits[beside], width, barriers)]), True


def _chains(lines: Objects) -> Objects:
    """Lines joined where just two meet, so that there is less to unite; points as they are."""
    flat = shapely.get_dimensions(lines) == 1
    chains = shapely.get_parts(shapely.line_merge(shapely.multilinestrings(lines[flat])))
    return np.concatenate([chains, lines[~flat]])


def _bits(tracks: Objects) -> Objects:
    """Tracks cut into short pieces, so that a strip does not run on behind a barrier from where that ends."""
    count = np.maximum(1, np.ceil(shapely.length(tracks) / BIT_M)).astype(int)
    track = np.repeat(np.arange(len(tracks)), count)
    number = np.arange(len(track)) - np.repeat(np.cumsum(count) - count, count)
    whole = count[track]
    made = tracks[track]
    flat = shapely.get_dimensions(made) == 1
    made[flat] = _substrings(made[flat], (number / whole)[flat], ((number + 1) / whole)[flat])
    return made


def _near(tracks: Objects, width: float, barriers: Barriers | None) -> NDArray[np.bool_]:
    touched = np.zeros(len(tracks), dtype=bool)
    if barriers is not None:
        touched[barriers.tree.query(tracks, predicate="dwithin", distance=width)[0]] = True
    return touched


def _cut(bits: Objects, width: float, barriers: Barriers) -> Objects:
    """Strips along bits without what lies across the walls beside them; nothing is walked on water."""
    near, hurdle = barriers.tree.query(bits, predicate="dwithin", distance=width)
    order = np.argsort(near, kind="stable")
    walls = np.asarray(shapely.multilinestrings(barriers.line[hurdle[order]], indices=near[order]), dtype=object)
    bit, origin = shapely.get_parts(shapely.difference(bits, walls), return_index=True)
    if len(barriers.area):
        wet = np.zeros(len(bit), dtype=bool)
        wet[shapely.STRtree(_middles(bit)).query(barriers.area, predicate="contains")[1]] = True
        bit, origin = bit[~wet], origin[~wet]
    slits = shapely.buffer(walls, SLIT_M, cap_style="flat", join_style="mitre")
    side, of_bit = shapely.get_parts(shapely.difference(_buffers(bit, width), slits[origin]), return_index=True)
    return np.asarray(side[shapely.intersects(side, bit[of_bit])], dtype=object)


def _middles(bits: Objects) -> Objects:
    flat = shapely.get_dimensions(bits) == 1
    made = bits.copy()
    made[flat] = shapely.line_interpolate_point(bits[flat], 0.5, normalized=True)
    return made


def _buffers(lines: Objects, width: float) -> Objects:
    return np.asarray(shapely.buffer(lines, width, quad_segs=QUADRANT_CHORDS), dtype=object)
