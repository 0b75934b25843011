"""Which ground lies within a strip along pieces of street? Distances stamped onto a lattice, its rim traced.

The lattice only finds what lies where: which pieces bound the ground, and in which order. Where the rim itself
runs is computed from the pieces (:mod:`geo.walk.outline`).
"""

from __future__ import annotations

from typing import Any, NamedTuple

import numpy as np
from numba import njit
from numpy.typing import NDArray

from geo.walk.graph import JIT
from geo.walk.pieces import AX, AY, BX, BY, NEAR, WIDTH
from geo.walk.sight import clear

F0, F1 = np.float32(0.0), np.float32(1.0)
EXACT_M = 1e-3
EAST, NORTH, WEST, SOUTH = range(4)  # ways from a node of the lattice to its neighbours


class Raster(NamedTuple):
    """A lattice: squared distance to the nearest piece, and which piece that is (-1 = none), by row and column.

    Distances to a piece of a narrower strip are longer by what it is narrower than ``width``.
    """

    square: NDArray[np.float32]
    who: NDArray[np.int32]
    x0: float
    y0: float
    cell: float
    width: float


@njit(**JIT)
def raster_around(pieces: Any, count: int, cell: float, width: float) -> Any:
    """Make an empty lattice with room for the strips of some pieces and a rim of two nodes around them.

    Parameters
    ----------
    pieces : numpy.ndarray
        Pieces.
    count : int
        How many of them there are.
    cell : float
        Metres between nodes; these lie at multiples of it.
    width : float
        Half of the widest strip, metres.

    Returns
    -------
    Raster
        Nothing is stamped yet.
    """
    x_min = y_min = np.inf
    x_max = y_max = -np.inf
    for k in range(count):
        x_min, x_max = min(x_min, pieces[k, AX], pieces[k, BX]), max(x_max, pieces[k, AX], pieces[k, BX])
        y_min, y_max = min(y_min, pieces[k, AY], pieces[k, BY]), max(y_max, pieces[k, AY], pieces[k, BY])
    x0, y0 = (np.floor((x_min - width) / cell) - 2) * cell, (np.floor((y_min - width) / cell) - 2) * cell
    columns, rows = int((x_max + width - x0) / cell) + 3, int((y_max + width - y0) / cell) + 3
    square = np.full((rows, columns), np.inf, np.float32)
    return Raster(square, np.full((rows, columns), -1, np.int32), x0, y0, cell, width)


@njit(**JIT)
def _window(low: float, high: float, zero: float, cell: float) -> tuple[int, int]:
    return int(np.ceil((low - zero) / cell)), int(np.floor((high - zero) / cell)) + 1


@njit(error_model="numpy", **JIT)
def stamp(raster: Any, pieces: Any, k: int) -> None:
    """Write the distance to a piece wherever it is the nearest so far, up to a cell beyond its strip.

    Parameters
    ----------
    raster : Raster
        Written.
    pieces : numpy.ndarray
        Pieces; the strip of this one is as wide as the raster's.
    k : int
        Which piece.
    """
    cell, reach = raster.cell, raster.width + raster.cell
    ax, ay = pieces[k, AX] - raster.x0, pieces[k, AY] - raster.y0
    dx, dy = pieces[k, BX] - pieces[k, AX], pieces[k, BY] - pieces[k, AY]
    i0, i1 = _window(min(ax, ax + dx) - reach, max(ax, ax + dx) + reach, 0.0, cell)
    j0, j1 = _window(min(ay, ay + dy) - reach, max(ay, ay + dy) + reach, 0.0, cell)
    i0, j0 = max(i0, 0), max(j0, 0)
    i1, j1 = min(i1, raster.square.shape[1]), min(j1, raster.square.shape[0])
    long = dx * dx + dy * dy
    per = np.float32(1.0 / long) if long > 0 else F0
    dx, dy, piece = np.float32(dx), np.float32(dy), np.int32(k)
    step, first = np.float32(cell), np.float32(i0 * cell - ax)
    for j in range(j0, j1):
        y = np.float32(j * cell - ay)
        square, who = raster.square[j, i0:i1], raster.who[j, i0:i1]
        for i in range(len(square)):
            x = first + np.float32(np.int32(i)) * step
            t = (x * dx + y * dy) * per
            t = max(t, F0)
            t = min(t, F1)
            away, aside = x - t * dx, y - t * dy
            d = away * away + aside * aside
            old = square[i]
            square[i] = min(old, d)
            who[i] = piece if d < old else who[i]


@njit(**JIT)
def stamp_in_sight(raster: Any, pieces: Any, k: int, walls: Any) -> None:
    """Write the distance to a piece where it is the nearest so far and the straight way to it is clear.

    Parameters
    ----------
    raster : Raster
        Written.
    pieces : numpy.ndarray
        Pieces.
    k : int
        Which piece.
    walls : Walls
        Barriers.
    """
    width, cell = pieces[k, WIDTH], raster.cell
    narrower = raster.width - width
    deep = max(raster.width - 1.5 * cell, 0.0) ** 2  # no node beside such a one is outside: it may stay as it is
    i0, i1 = _window(
        min(pieces[k, AX], pieces[k, BX]) - width, max(pieces[k, AX], pieces[k, BX]) + width, raster.x0, cell
    )
    j0, j1 = _window(
        min(pieces[k, AY], pieces[k, BY]) - width, max(pieces[k, AY], pieces[k, BY]) + width, raster.y0, cell
    )
    for j in range(j0, j1):
        for i in range(i0, i1):
            old = raster.square[j, i]
            if old <= deep:
                continue
            x, y = raster.x0 + i * cell, raster.y0 + j * cell
            foot_x, foot_y = foot(pieces, k, x, y)
            d = np.hypot(foot_x - x, foot_y - y)
            if d <= width and (d + narrower) ** 2 < old and clear(walls, x, y, foot_x, foot_y):
                raster.square[j, i], raster.who[j, i] = (d + narrower) ** 2, k


@njit(**JIT)
def foot(pieces: Any, k: int, x: float, y: float) -> tuple[float, float]:
    """Find the place of a piece that is nearest.

    Parameters
    ----------
    pieces : numpy.ndarray
        Pieces.
    k : int
        Which piece.
    x, y : float
        From where, metres.

    Returns
    -------
    tuple of float
        x and y, metres.
    """
    ax, ay = pieces[k, AX], pieces[k, AY]
    dx, dy = pieces[k, BX] - ax, pieces[k, BY] - ay
    long = dx * dx + dy * dy
    t = ((x - ax) * dx + (y - ay) * dy) / long if long > 0 else 0.0
    t = min(max(t, 0.0), 1.0)
    return ax + t * dx, ay + t * dy


@njit(**JIT)
def rim(raster: Any, seen: Any, j: int, i: int, way: int, node: Any, ways: Any) -> int:
    """Walk once along the rim of the ground, the ground on the left.

    Nodes that touch at a corner only are apart: less is shown, not more.

    Parameters
    ----------
    raster : Raster
        Stamped; a node within ``width`` is ground.
    seen : numpy.ndarray
        Written: a bit for each way out of each node that was passed, uint8 by row and column.
    j, i, way : int
        Where to start: a node of the ground, and the way to a neighbour that is none.
    node, ways : numpy.ndarray
        Written: node ``row * columns + column`` and way of each passage, in order.

    Returns
    -------
    int
        Number of passages.
    """
    limit = np.float32(raster.width * raster.width)
    start_j, start_i, start_way = j, i, way
    n = 0
    while True:
        seen[j, i] |= 1 << way
        node[n], ways[n] = j * raster.square.shape[1] + i, way
        n += 1
        on = (way + 1) % 4
        ahead_j, ahead_i = j + _up(on), i + _right(on)
        if raster.square[ahead_j, ahead_i] > limit:
            way = on
        else:
            j, i = ahead_j, ahead_i
            beyond_j, beyond_i = j + _up(way), i + _right(way)
            if raster.square[beyond_j, beyond_i] <= limit:
                j, i, way = beyond_j, beyond_i, (on + 2) % 4
        if j == start_j and i == start_i and way == start_way:
            return n


@njit(**JIT)
def _right(way: int) -> int:
    return 1 if way == EAST else (-1 if way == WEST else 0)


@njit(**JIT)
def _up(way: int) -> int:
    return 1 if way == NORTH else (-1 if way == SOUTH else 0)


@njit(**JIT)
def passage(raster: Any, pieces: Any, walls: Any, node: int, way: int) -> tuple[float, float, int]:
    """Find where the rim passes between a node of the ground and its neighbour outside.

    Parameters
    ----------
    raster : Raster
        Stamped.
    pieces : numpy.ndarray
        Pieces.
    walls : Walls
        Barriers.
    node, way : int
        As :func:`rim` gave them.

    Returns
    -------
    tuple
        x and y (on the ground's side by less than a thousandth of a cell), and the piece in whose strip that is.
    """
    j, i = node // raster.square.shape[1], node % raster.square.shape[1]
    right, up = _right(way), _up(way)
    x, y = raster.x0 + i * raster.cell, raster.y0 + j * raster.cell
    near, far = np.int64(raster.who[j, i]), np.int64(raster.who[j + up, i + right])
    if pieces[near, NEAR] > 0 or (far >= 0 and pieces[far, NEAR] > 0):
        off, who = _last_in_sight(pieces, near, far, x, y, right, up, raster.cell, walls)
    else:
        off, who = _exit(pieces, near, x, y, right, up, raster.cell), near
        if far >= 0 and far != near and within(pieces, far, x + off * right, y + off * up, walls):
            off, who = _exit(pieces, far, x, y, right, up, raster.cell), far
    return x + off * right, y + off * up, who


@njit(**JIT)
def _exit(pieces: Any, k: int, x: float, y: float, right: int, up: int, cell: float) -> float:
    """Metres to where one leaves a strip before the next node: Newton from there, the distance being convex."""
    off = cell
    for _ in range(8):
        foot_x, foot_y = foot(pieces, k, x + off * right, y + off * up)
        away, aside = x + off * right - foot_x, y + off * up - foot_y
        d = np.hypot(away, aside)
        over, slope = d - pieces[k, WIDTH], away * right + aside * up
        if over < EXACT_M or slope <= 0:
            break
        off -= over * d / slope
    return max(off, 0.0)


@njit(**JIT)
def _last_in_sight(
    pieces: Any, near: int, far: int, x: float, y: float, right: int, up: int, cell: float, walls: Any
) -> tuple[float, int]:
    """Metres to where neither of two pieces is in sight any more, and which was the last."""
    low, high, holds = 0.0, cell, near
    while high - low > cell / 1024:
        middle = (low + high) / 2
        if within(pieces, near, x + middle * right, y + middle * up, walls):
            low, holds = middle, near
        elif far >= 0 and far != near and within(pieces, far, x + middle * right, y + middle * up, walls):
            low, holds = middle, far
        else:
            high = middle
    return low, holds


@njit(**JIT)
def within(pieces: Any, k: int, x: float, y: float, walls: Any) -> bool:
    """Tell whether a place lies in the strip of a piece and the straight way there is clear.

    Parameters
    ----------
    pieces : numpy.ndarray
        Pieces.
    k : int
        Which piece.
    x, y : float
        The place, metres.
    walls : Walls
        Barriers; looked at only where the piece says that some are near.

    Returns
    -------
    bool
        The edge of the strip is in it.
    """
    foot_x, foot_y = foot(pieces, k, x, y)
    away, aside, width = x - foot_x, y - foot_y, pieces[k, WIDTH]
    if away * away + aside * aside > width * width:
        return False
    return bool(pieces[k, NEAR] == 0.0 or clear(walls, x, y, foot_x, foot_y))
