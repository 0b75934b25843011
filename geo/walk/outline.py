"""Outlines of what stations reach: exact rims of strips, with the inner corners where two strips meet.

One compiled loop a block of stations: pieces, lattice, rims, rings. Rings go out ready for shapely: around ground
counterclockwise, around holes clockwise.
"""

from __future__ import annotations

from typing import Any, NamedTuple

import numpy as np
from numba import njit
from numpy.typing import NDArray

from geo.crs import Floats
from geo.walk.graph import JIT
from geo.walk.kernels import UNREACHED
from geo.walk.pieces import AX, AY, BX, BY, FULL, NEAR, WIDTH, pieces_within
from geo.walk.raster import foot, passage, raster_around, rim, stamp, stamp_in_sight, within
from geo.walk.rings import BAND, PARENT, START, settled, signed_area, simplified
from geo.walk.sight import beside

BIT = 1 / 6.0  # beside barriers pieces are seen from every sixth of a half-width (10 m)
NARROWER = 6  # beside barriers: strips of 60, 50 … 10 m towards where the budget ends
STEPS = 12  # halvings until a place is known to a few millimetres
ZERO: Any = np.int64(0)  # a plain 0 is a type of its own, for which loops would be compiled once more


class Tasks(NamedTuple):
    """What to draw: bands of one station with strips of one width, CSR by task.

    ``limit`` is the whole cost of each band, least first; ``band`` says which one it is.
    """

    station: NDArray[np.int64]
    width: Floats
    cell: Floats
    start: NDArray[np.int64]
    limit: NDArray[np.int64]
    band: NDArray[np.int64]


@njit(**JIT)
def outlines(
    streets: Any,
    stations: Any,
    rows: Any,
    walls: Any,
    tasks: Any,
    first: int,
    last: int,
    per_m: float,
    hole: float,
    pieces: Any,
    places: Any,
    rings: Any,
) -> tuple[int, int]:
    """Draw the bands of some tasks.

    Parameters
    ----------
    streets, stations, rows, walls, tasks
        What is walked, to where, what the search found, what stands in the way, what is asked.
    first, last : int
        Which tasks: ``first … last - 1``.
    per_m : float
        Cost of a metre.
    hole : float
        Holes of less than this are filled, square metres.
    pieces, places, rings : numpy.ndarray
        Pools: float64 (p, 6), float64 (q, 2), int64 (r, 3); the last two are written.

    Returns
    -------
    tuple of int
        Number of places and of rings; ``FULL`` when a pool is too small: double them and call again.
    """
    cost_at = np.full(len(streets.start) - 1, UNREACHED, np.int32)
    n_places = n_rings = ZERO
    for task in range(first, last):
        station = tasks.station[task]
        for row in range(rows.start[station], rows.start[station + 1]):
            cost_at[rows.node[row]] = rows.cost[row]
        ends, total = _task_pieces(streets, stations, rows, cost_at, walls, tasks, task, per_m, pieces)
        for row in range(rows.start[station], rows.start[station + 1]):
            cost_at[rows.node[row]] = UNREACHED
        if total < 0:
            return FULL, FULL
        raster = raster_around(pieces, total, tasks.cell[task], tasks.width[task])
        done, spare = ZERO, total
        for at in range(tasks.start[task], tasks.start[task + 1]):
            stop = ends[at - tasks.start[task]]
            spare = _stamp_all(raster, pieces, done, stop, spare, walls)
            if spare < 0:
                return FULL, FULL
            done = stop
            before = n_rings
            n_places, n_rings = _rings(raster, pieces, walls, hole, places, n_places, rings, n_rings)
            if n_rings < 0:
                return FULL, FULL
            for ring in range(before, n_rings):
                rings[ring, BAND] = at
    return n_places, n_rings


@njit(**JIT)
def _task_pieces(
    streets: Any,
    stations: Any,
    rows: Any,
    cost_at: Any,
    walls: Any,
    tasks: Any,
    task: int,
    per_m: float,
    pieces: Any,
) -> tuple[Any, int]:
    """All pieces of a task, band after band; where each band ends, and how many they are.

    Beside barriers narrower strips follow those of full width, towards where the budget ends.
    """
    station, width = tasks.station[task], tasks.width[task]
    bands = tasks.start[task + 1] - tasks.start[task]
    ends, n, known = np.zeros(bands, np.int64), ZERO, -1.0
    for band in range(bands):
        limit = tasks.limit[tasks.start[task] + band]
        kept, known_narrower = n, known
        for narrower in range(NARROWER if len(walls.item) else 1):
            part = width * (NARROWER - narrower) / NARROWER
            at = max(np.floor(limit - part * per_m + 1e-6), float(stations.delay[station]))
            last = pieces_within(streets, stations, rows, cost_at, station, at, known_narrower, pieces, n)
            if last < 0:
                return ends, FULL
            known_narrower = at
            if narrower == 0:
                known = at
            n = kept
            for k in range(kept, last):
                _copy(pieces, k, n)
                pieces[n, WIDTH] = part
                pieces[n, NEAR] = _is_near(walls, pieces, n, part + tasks.cell[task])
                if narrower == 0 or pieces[n, NEAR] > 0:
                    n += 1
            kept = n
        ends[band] = n
    return ends, n


@njit(**JIT)
def _copy(pieces: Any, k: int, to: int) -> None:
    for column in range(pieces.shape[1]):
        pieces[to, column] = pieces[k, column]


@njit(**JIT)
def _is_near(walls: Any, pieces: Any, k: int, width: float) -> float:
    ax, ay, bx, by = pieces[k, AX], pieces[k, AY], pieces[k, BX], pieces[k, BY]
    near = beside(walls, min(ax, bx) - width, min(ay, by) - width, max(ax, bx) + width, max(ay, by) + width)
    return 1.0 if near else 0.0


@njit(**JIT)
def _stamp_all(raster: Any, pieces: Any, first: int, last: int, spare: int, walls: Any) -> int:
    """Stamp pieces; those near barriers also bit by bit, put behind all pieces. Where these end, or ``FULL``."""
    for k in range(first, last):
        if pieces[k, NEAR] == 0.0:
            stamp(raster, pieces, k)
    for k in range(first, last):
        if pieces[k, NEAR] == 0.0:
            continue
        stamp_in_sight(raster, pieces, k, walls)
        dx, dy = pieces[k, BX] - pieces[k, AX], pieces[k, BY] - pieces[k, AY]
        bits = int(np.ceil(np.hypot(dx, dy) / (raster.width * BIT)))
        if bits < 2:
            continue
        if spare + bits > len(pieces):
            return FULL
        for bit in range(bits):
            _copy(pieces, k, spare)
            pieces[spare, AX], pieces[spare, AY] = pieces[k, AX] + dx * bit / bits, pieces[k, AY] + dy * bit / bits
            pieces[spare, BX] = pieces[k, AX] + dx * (bit + 1) / bits
            pieces[spare, BY] = pieces[k, AY] + dy * (bit + 1) / bits
            stamp_in_sight(raster, pieces, spare, walls)
            spare += 1
    return spare


@njit(**JIT)
def _rings(
    raster: Any, pieces: Any, walls: Any, hole: float, places: Any, n_places: int, rings: Any, n_rings: int
) -> tuple[int, int]:
    """Append the rings around all ground on a lattice; -1 rings when a pool is too small."""
    rows, columns = raster.square.shape
    limit = np.float32(raster.width * raster.width)
    seen = np.zeros((rows, columns), np.uint8)
    length = _rim_length(raster, limit)
    node, ways = np.empty(length, np.int64), np.empty(length, np.int64)
    corners, kept = np.empty((2 * length + 2, 2)), np.empty(2 * length + 2, np.bool_)
    first = n_rings
    for j in range(1, rows - 1):
        for i in range(1, columns - 1):
            ground = raster.square[j, i] <= limit
            if not ground or raster.square[j, i + 1] <= limit or seen[j, i] & 1:
                continue
            n = rim(raster, seen, j, i, ZERO, node, ways)
            n = _course_of(raster, pieces, walls, node, ways, n, corners)
            if n_rings == len(rings) or n_places + n + 1 > len(places):
                return n_places, FULL
            stop = simplified(corners, n, raster.cell, kept, places, n_places)
            area = signed_area(places, n_places, stop)
            if stop - n_places >= 4 and (area > 0 or area < -hole):
                rings[n_rings, START], rings[n_rings, PARENT] = n_places, n_rings if area > 0 else -1
                n_places, n_rings = stop, n_rings + 1
    return n_places, settled(places, n_places, rings, first, n_rings)


@njit(**JIT)
def _rim_length(raster: Any, limit: Any) -> int:
    """Number of ways from ground to what is none."""
    square = raster.square
    count = 0
    for j in range(1, square.shape[0]):
        for i in range(1, square.shape[1]):
            ground = square[j, i] <= limit
            count += (ground != (square[j, i - 1] <= limit)) + (ground != (square[j - 1, i] <= limit))
    return count


@njit(**JIT)
def _course_of(raster: Any, pieces: Any, walls: Any, node: Any, ways: Any, count: int, out: Any) -> int:
    """Places of a rim in order, inner corners between the strips of two pieces included; how many."""
    n = 0
    first_x, first_y, first_who = passage(raster, pieces, walls, node[0], ways[0])
    x, y, who = first_x, first_y, first_who
    for k in range(count):
        out[n, 0], out[n, 1] = x, y
        n += 1
        if k + 1 < count:
            to_x, to_y, to_who = passage(raster, pieces, walls, node[k + 1], ways[k + 1])
        else:
            to_x, to_y, to_who = first_x, first_y, first_who
        if pieces[who, NEAR] > 0 or pieces[to_who, NEAR] > 0:
            n = _rim_between(raster, pieces, walls, x, y, to_x, to_y, out, n)
        elif who != to_who:
            n = _inner_corner(raster, pieces, who, to_who, x, y, to_x, to_y, out, n)
        x, y, who = to_x, to_y, to_who
    return n


@njit(**JIT)
def _inner_corner(
    raster: Any, pieces: Any, k: int, m: int, ax: float, ay: float, bx: float, by: float, out: Any, n: int
) -> int:
    """Append the place where the rims of two strips cross, if it lies to the left of a chord and close to it."""
    x, y = (ax + bx) / 2, (ay + by) / 2
    start_x, start_y = x, y
    for _ in range(3):  # Newton
        foot_x, foot_y = foot(pieces, k, x, y)
        other_x, other_y = foot(pieces, m, x, y)
        d, e = np.hypot(x - foot_x, y - foot_y), np.hypot(x - other_x, y - other_y)
        if d == 0.0 or e == 0.0:
            return n
        kx, ky, mx, my = (x - foot_x) / d, (y - foot_y) / d, (x - other_x) / e, (y - other_y) / e
        turn = kx * my - ky * mx
        if abs(turn) < 0.02:
            return n
        over, more = pieces[k, WIDTH] - d, pieces[m, WIDTH] - e
        x, y = x + (over * my - more * ky) / turn, y + (more * kx - over * mx) / turn
    left = (bx - ax) * (y - ay) - (by - ay) * (x - ax)
    if left > 0 and np.hypot(x - start_x, y - start_y) < 1.5 * raster.cell:
        out[n, 0], out[n, 1] = x, y
        n += 1
    return n


@njit(**JIT)
def _rim_between(
    raster: Any, pieces: Any, walls: Any, ax: float, ay: float, bx: float, by: float, out: Any, n: int
) -> int:
    """Append the place of the rim abreast of the middle of a chord, beside barriers, at most half a cell away."""
    length = np.hypot(bx - ax, by - ay)
    if length < raster.cell / 100:
        return n
    x, y = (ax + bx) / 2, (ay + by) / 2
    to_left_x, to_left_y = (ay - by) / length, (bx - ax) / length
    inside = _shown(raster, pieces, walls, x, y)
    low, high = (-raster.cell / 2, 0.0) if inside else (0.0, raster.cell / 2)
    for _ in range(STEPS):  # from low (outside) to high (inside)
        middle = (low + high) / 2
        if _shown(raster, pieces, walls, x + middle * to_left_x, y + middle * to_left_y):
            high = middle
        else:
            low = middle
    out[n, 0], out[n, 1] = x + high * to_left_x, y + high * to_left_y
    return n + 1


@njit(**JIT)
def _shown(raster: Any, pieces: Any, walls: Any, x: float, y: float) -> bool:
    """Whether a place lies in the strip of a piece that is nearest to one of the four nodes around it."""
    j, i = int(np.floor((y - raster.y0) / raster.cell)), int(np.floor((x - raster.x0) / raster.cell))
    for row in range(j, j + 2):
        for column in range(i, i + 2):
            k = np.int64(raster.who[row, column])
            if k >= 0 and within(pieces, k, x, y, walls):
                return True
    return False
