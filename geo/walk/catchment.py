"""The picture of what a station reaches: strips along the streets, never wider than the time that is left.

A strip's half-width at a place is min(60 m, what is left of the budget there, in metres). What is left shrinks at
least as fast as one walks on, so wherever less than 60 m are left, the disc lies inside the disc around the place
where 60 m were left. The union of all strips is therefore the *full-width* strip along the pieces that are reached
60 m before the budget ends: no tapering. Only where a barrier cuts discs apart do narrower strips count; they are
drawn in steps of 10 m. (On a gentle descent one walks faster than on level ground: there up to 12 m may be missing
at the far end of a street.)

A lattice of 5 m finds which pieces of street bound the ground; where its rim runs is then computed from these. How
far that is from the truth (of 60 m; strips of less are drawn on a finer lattice):

* more than is reached: at most 10 cm (chords across inner corners), except that gaps between strips narrower
  than a cell of the lattice and holes of less than ``units.HOLE_M2`` are closed: no place shown is further than
  3.6 m from ground that is reached, in a hole 5.7 m;
* less than is reached: at most 1 m (chords of arcs) and 3.6 m in necks narrower than a cell; beside a barrier
  strips narrower than 10 m, and ground that is in sight of less than 10 m of street.

Figures about people never come from here.
"""

from __future__ import annotations

from collections.abc import Iterator
from concurrent.futures import ThreadPoolExecutor
from itertools import pairwise
from typing import Any

import numpy as np
import shapely
from numpy.typing import ArrayLike, NDArray

from geo import units
from geo.crs import Floats
from geo.errors import BadParameter
from geo.walk.barriers import Barriers
from geo.walk.network import WalkNetwork
from geo.walk.outline import Tasks, outlines
from geo.walk.pieces import FULL, Rows, Starts, Streets
from geo.walk.reach import Catchments
from geo.walk.rings import BAND, PARENT, START
from geo.walk.sight import Walls, walls_of
from geo.walk.snap import Snapped

CELL = 1 / 12.0  # of a half-width: 5 m of 60 m
ACROSS = 5_000.0  # cells of a lattice at most: beyond 25 km across they are wider
FINER = (1.0, 1 / 4, 1 / 16)  # how much a lattice is finer where barriers hem a station in
BLOCK = 64  # tasks that one thread draws at once

Objects = NDArray[Any]
Longs = NDArray[np.int64]


def catchment_polygons(
    network: WalkNetwork,
    stations: Snapped,
    found: Catchments,
    *,
    barriers: Barriers | None = None,
    half_width_m: float = units.STRIP_HALF_WIDTH_M,
) -> Objects:
    """Draw what each station reaches within the limit of the search.

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
    limit = found.sources.pace.limit / 100
    return catchment_bands(network, stations, found, (limit,), barriers=barriers, half_width_m=half_width_m)[:, 0]


def catchment_bands(
    network: WalkNetwork,
    stations: Snapped,
    found: Catchments,
    limits: ArrayLike,
    *,
    barriers: Barriers | None = None,
    half_width_m: float = units.STRIP_HALF_WIDTH_M,
) -> Objects:
    """Draw what each station reaches within each of some limits, from one search, in one pass.

    Parameters
    ----------
    network, stations, found, barriers, half_width_m
        As for :func:`catchment_polygons`.
    limits : array_like
        Seconds, or metres where the search was by distance; none beyond its limit. In any order.

    Returns
    -------
    numpy.ndarray
        Shape (stations, limits), as :func:`catchment_polygons`; what a smaller limit shows, a larger one shows too
        (but for the rounding of coordinates).

    Raises
    ------
    BadParameter
        A limit is beyond that of the search.
    """
    pace = found.sources.pace
    whole = np.rint(np.asarray(limits, dtype=float) * 100).astype(np.int64)
    if (whole > pace.limit).any():
        raise BadParameter(f"limits: {whole.max() / 100:g} is beyond the {pace.limit / 100:g} of the search")
    made = np.full((len(stations.edge), len(whole)), None, dtype=object)
    tasks = _tasks(stations, found, whole, half_width_m)
    if not len(tasks.station):
        return made
    walls = walls_of(barriers, _box(network, found, half_width_m))
    for finer in FINER if len(walls.item) else FINER[:1]:
        shapes = _drawn(network, stations, found, walls, tasks._replace(cell=tasks.cell * finer))
        made[np.repeat(tasks.station, np.diff(tasks.start)), tasks.band] = shapes
        tasks = _hemmed_in(tasks, shapes, stations)
        if not len(tasks.station):
            break
    drawn = ~shapely.is_missing(made)
    made[drawn] = _dry(made[drawn], barriers)
    return _nested(made, np.argsort(whole, kind="stable"))


def _tasks(stations: Snapped, found: Catchments, limits: Longs, half_width_m: float) -> Tasks:
    """Bands of each station that is on the streets, least first, those with strips of one width together."""
    pace, delay = found.sources.pace, found.sources.delay
    width = np.minimum(half_width_m, (limits[None, :] - delay[:, None]) / pace.per_m)
    station, band = np.nonzero((width > 0) & (stations.edge >= 0)[:, None])
    order = np.lexsort((limits[band], station))
    station, band = station[order], band[order]
    widths = np.asarray(width[station, band], dtype=float)
    new = np.ones(len(station), dtype=bool)
    new[1:] = (station[1:] != station[:-1]) | (widths[1:] != widths[:-1])
    first = np.flatnonzero(new)
    cell = np.maximum(widths[first] * CELL, 2 * limits.max(initial=0) / pace.per_m / ACROSS)
    return Tasks(station[first], widths[first], cell, np.append(first, len(station)), limits[band], band)


def _box(network: WalkNetwork, found: Catchments, half_width_m: float) -> tuple[float, float, float, float]:
    """Bounds of all streets that were reached, and of strips along them."""
    steps, course = network.toward, network.course
    near = np.zeros(network.nodes, dtype=bool)
    near[found.node] = True
    touched = np.zeros(len(network.u), dtype=bool)
    touched[steps.edge[np.repeat(near, np.diff(steps.start))]] = True
    touched[np.flatnonzero(np.diff(found.sources.on_start))] = True
    vertex = np.repeat(touched, np.diff(course.start))
    x, y = course.x[vertex], course.y[vertex]
    return x.min() - half_width_m, y.min() - half_width_m, x.max() + half_width_m, y.max() + half_width_m


def _drawn(network: WalkNetwork, stations: Snapped, found: Catchments, walls: Walls, tasks: Tasks) -> Objects:
    """Shapes of all bands of all tasks, in their order; None where nothing is reached."""
    pace = found.sources.pace
    course = network.course
    streets = Streets(
        *_read_only(*network.toward, network.oneway, *network.costed(pace).edge, course.start, course.x, course.y)
    )
    leg = np.rint(np.nan_to_num(stations.leg_m) * pace.per_m).astype(np.int64)
    edge = stations.edge.astype(np.int64)
    starts = Starts(*_read_only(stations.x, stations.y, edge, stations.along, leg, found.sources.delay))
    rows = Rows(*_read_only(found.indptr, found.node, found.cost))

    def block(first: int) -> Objects:
        last = min(first + BLOCK, len(tasks.station))
        room = 1
        while True:
            pieces, places = np.empty((16_384 * room, 6)), np.empty((131_072 * room, 2))
            rings = np.empty((8_192 * room, 3), dtype=np.int64)
            n, count = outlines(
                streets, starts, rows, walls, tasks, first, last, pace.per_m, units.HOLE_M2, pieces, places, rings
            )
            if count != FULL:
                return _shapes(places[:n], rings[:count], tasks.start[first], tasks.start[last])
            room *= 4

    with ThreadPoolExecutor() as pool:
        return np.concatenate(list(pool.map(block, range(0, len(tasks.station), BLOCK))))


def _read_only(*arrays: NDArray[Any]) -> Iterator[NDArray[Any]]:
    """The arrays as they are, not to be written: mapped into memory or not, loops are compiled for them once."""
    for array in arrays:
        view = np.asarray(array).view()
        view.flags.writeable = False
        yield view


def _shapes(places: Floats, rings: Longs, first: int, last: int) -> Objects:
    """Shapes ``first … last - 1`` of rings; None where one has none."""
    made = np.full(last - first, None, dtype=object)
    size = np.diff(rings[:, START], append=len(places))
    order = np.lexsort((np.arange(len(rings)), rings[:, PARENT], rings[:, BAND]))
    order = order[rings[order, PARENT] >= 0]
    if not len(order):
        return made
    size, shape, parent = size[order], rings[order, BAND], rings[order, PARENT]
    ring_start = np.append(0, np.cumsum(size))
    place = np.arange(ring_start[-1]) + np.repeat(rings[order, START] - ring_start[:-1], size)
    part = np.flatnonzero(np.diff(parent, prepend=-1))
    whole = np.flatnonzero(np.diff(shape[part], prepend=-1))
    offsets = (ring_start, np.append(part, len(order)), np.append(whole, len(part)))
    drawn = shapely.from_ragged_array(shapely.GeometryType.MULTIPOLYGON, places[place], offsets)
    single = shapely.get_num_geometries(drawn) == 1
    drawn[single] = shapely.get_geometry(drawn[single], 0)
    odd = ~shapely.is_valid(drawn)
    drawn[odd] = shapely.buffer(drawn[odd], 0.0)
    made[shape[part[whole]] - first] = drawn
    return made


def _hemmed_in(tasks: Tasks, shapes: Objects, stations: Snapped) -> Tasks:
    """Tasks whose station a lattice missed: it stands between barriers that are closer than a cell."""
    here = shapely.points(stations.x[tasks.station], stations.y[tasks.station])
    missed = ~shapely.covers(shapes, np.repeat(here, np.diff(tasks.start)))
    again = np.flatnonzero(np.logical_or.reduceat(missed, tasks.start[:-1]))
    count = np.diff(tasks.start)[again]
    row = np.arange(count.sum()) + np.repeat(tasks.start[again] - np.cumsum(count) + count, count)
    start = np.append(0, np.cumsum(count))
    return Tasks(
        tasks.station[again], tasks.width[again], tasks.cell[again], start, tasks.limit[row], tasks.band[row]
    )


def _nested(made: Objects, order: Longs) -> Objects:
    """Bands with all that smaller ones show: on a common rim the chords of a larger one may lie further inside."""
    for inner, outer in pairwise(order):
        both = ~shapely.is_missing(made[:, inner])
        made[both, outer] = shapely.union(made[both, inner], made[both, outer])
    return made


def _dry(shapes: Objects, barriers: Barriers | None) -> Objects:
    """Shapes without water; None where nothing is left."""
    if barriers is None or not len(barriers.area):
        return shapes
    made = shapes.copy()
    row, water = shapely.STRtree(barriers.area).query(shapes, predicate="intersects")
    for at in np.unique(row):
        near = shapely.clip_by_rect(barriers.area[water[row == at]], *shapely.bounds(shapes[at]))
        dry = shapely.difference(shapes[at], shapely.union_all(near))
        made[at] = None if dry.is_empty else dry
    return made
