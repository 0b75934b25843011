"""Points sorted into a grid of grids, so that those in a box lie together.

Each cell of a coarse grid has a finer grid of its own, fitted to the points there: towns among pastures do no
harm, nor does a point set at (0, 0) by mistake. The cell of a number never falls when the number grows, so that
rounding makes no box miss a point.
"""

from __future__ import annotations

from typing import Any, NamedTuple

import numpy as np
from numba import njit

from geo.place.rings import JIT, Floats, Ids

COARSE, FINE = 4_096, 8  # points a cell
MIDDLE = (0.02, 0.98)  # quantiles of the points that the coarse grid is fitted to, with an eighth more around
SAMPLE = 4_096  # points that are looked at for that
W, S, E, N = range(4)


class Grids(NamedTuple):
    """Grids of cells, each row by row; what lies beyond a grid is in its outermost cells.

    Parameters
    ----------
    frame : numpy.ndarray
        West, south, cells a unit of x, cells a unit of y of each grid, shape (g, 4).
    shape : numpy.ndarray
        Its columns and rows, shape (g, 2).
    base : numpy.ndarray
        Its first cell, shape (g + 1,).
    """

    frame: Floats
    shape: Ids
    base: Ids


class Cells(NamedTuple):
    """Points by cell.

    Parameters
    ----------
    x, y : numpy.ndarray
        The points, shape (n,).
    order : numpy.ndarray
        Position of each in the order given, shape (n,).
    bounds : numpy.ndarray
        West, south, east, north of the points in each cell of the coarse grid, shape (c, 4).
    coarse : Grids
        One grid.
    fine : Grids
        A grid for each coarse cell.
    start : numpy.ndarray
        Fine cell ``f`` owns the points ``start[f]`` to ``start[f + 1] - 1``, shape (f + 1,).
    """

    x: Floats
    y: Floats
    order: Ids
    bounds: Floats
    coarse: Grids
    fine: Grids
    start: Ids


def sort_points(xy: Floats) -> Cells:
    """Sort points into cells.

    Parameters
    ----------
    xy : numpy.ndarray
        The points, shape (n, 2); those that are not finite are left out.

    Returns
    -------
    Cells
        About 4,096 points a coarse cell and 8 a fine one.
    """
    coarse = grids_over(_middle(xy), np.array([len(xy)]), COARSE)
    start, x, y, order = _in_coarse_cells(xy, coarse)
    bounds = _bounds(start, x, y)
    fine = grids_over(bounds, np.diff(start), FINE)
    start, x, y, order = _in_fine_cells(start, x, y, order, fine)
    return Cells(x, y, order, bounds, coarse, fine, start)


def _middle(xy: Floats) -> Floats:
    """Find where most points lie, shape (1, 4)."""
    some = xy[:: max(len(xy) // SAMPLE, 1)]
    some = some[np.isfinite(some).all(axis=1)]
    if not len(some):
        return np.zeros((1, 4))
    low, high = np.quantile(some, MIDDLE, axis=0)
    wider = (high - low) / 8
    bounds = np.maximum(low - wider, some.min(axis=0)), np.minimum(high + wider, some.max(axis=0))
    return np.concatenate(bounds)[None]


@njit(**JIT)
def grids_over(bounds: Any, points: Any, each: int) -> Any:
    """Lay grids over boxes, their cells about as wide as tall.

    Parameters
    ----------
    bounds : numpy.ndarray
        West, south, east, north, shape (g, 4).
    points : numpy.ndarray
        How many points are in each, shape (g,).
    each : int
        Points a cell.

    Returns
    -------
    Grids
        A single cell where there is no point; a single column or row where all points are in line.
    """
    frame, shape = np.zeros((len(bounds), 4)), np.ones((len(bounds), 2), np.int64)
    base = np.zeros(len(bounds) + 1, np.int64)
    for g in range(len(bounds)):
        cells = max(points[g] / each, 1.0)
        wide, tall = bounds[g, E] - bounds[g, W], bounds[g, N] - bounds[g, S]
        shape[g] = _parts(wide, tall, cells), _parts(tall, wide, cells)
        frame[g] = bounds[g, W], bounds[g, S], shape[g, 0] / wide, shape[g, 1] / tall
        base[g + 1] = base[g] + shape[g, 0] * shape[g, 1]
    return Grids(frame, shape, base)


@njit(**JIT)
def _parts(length: float, other: float, cells: float) -> int:
    """Find how many cells lie along one side of a box."""
    if not 0.0 < length < np.inf:
        return 1
    wanted = np.sqrt(cells * (length / other))
    parts = int(np.ceil(min(wanted, cells))) if wanted >= 1.0 else 1
    return parts if parts / length < np.inf else 1


@njit(**JIT)
def cell_of(value: float, low: float, scale: float, cells: int) -> int:
    """Find the column or row of a number.

    Parameters
    ----------
    value : float
        The number.
    low : float
        Where the first cell begins; lower numbers are in it, too.
    scale : float
        Cells a unit; anything where there is one cell.
    cells : int
        How many there are; greater numbers are in the last.

    Returns
    -------
    int
        From 0. A greater number is never in an earlier cell.
    """
    return int(min(max((value - low) * scale, 0.0), cells - 1.0)) if cells > 1 else 0


@njit(**JIT)
def _cell(grids: Any, g: int, x: float, y: float) -> Any:
    """Find the cell of a point in a grid, counted through all grids."""
    return grids.base[g] + _row(grids, g, y) * grids.shape[g, 0] + _column(grids, g, x)


@njit(**JIT)
def _in_coarse_cells(xy: Any, grids: Any) -> Any:
    """Sort points by counting: where each cell starts, then x, y and order."""
    cell = np.full(len(xy), -1, np.int32)
    start = np.zeros(grids.base[-1] + 1, np.int64)
    for k in range(len(xy)):
        if np.isfinite(xy[k, 0]) and np.isfinite(xy[k, 1]):
            cell[k] = _cell(grids, 0, xy[k, 0], xy[k, 1])
            start[cell[k] + 1] += 1
    start = np.cumsum(start)
    free = start[:-1].copy()
    x, y, order = np.empty(start[-1]), np.empty(start[-1]), np.empty(start[-1], np.int64)
    for k in range(len(xy)):
        if cell[k] >= 0:
            at = free[cell[k]]
            free[cell[k]] = at + 1
            x[at], y[at], order[at] = xy[k, 0], xy[k, 1], k
    return start, x, y, order


@njit(**JIT)
def _bounds(start: Any, x: Any, y: Any) -> Any:
    """Find the box of the points in each coarse cell; of none inf and -inf."""
    bounds = np.empty((len(start) - 1, 4))
    for cell in range(len(bounds)):
        west = south = np.inf
        east = north = -np.inf
        for k in range(start[cell], start[cell + 1]):
            west, east = min(west, x[k]), max(east, x[k])
            south, north = min(south, y[k]), max(north, y[k])
        bounds[cell] = west, south, east, north
    return bounds


@njit(**JIT)
def _in_fine_cells(before: Any, x: Any, y: Any, order: Any, grids: Any) -> Any:
    """Sort points that stand by coarse cell by fine cell: where each starts, then x, y and order."""
    cell = np.empty(len(x), np.int32)
    start = np.zeros(grids.base[-1] + 1, np.int64)
    for g in range(len(before) - 1):
        for k in range(before[g], before[g + 1]):
            cell[k] = _cell(grids, g, x[k], y[k])
            start[cell[k] + 1] += 1
    start = np.cumsum(start)
    free = start[:-1].copy()
    sorted_x, sorted_y, sorted_order = np.empty(len(x)), np.empty(len(x)), np.empty(len(x), np.int64)
    for k in range(len(x)):
        at = free[cell[k]]
        free[cell[k]] = at + 1
        sorted_x[at], sorted_y[at], sorted_order[at] = x[k], y[k], order[k]
    return start, sorted_x, sorted_y, sorted_order


@njit(**JIT)
def gather(cells: Any, box: Any, found: Any) -> Any:
    """Find the points in a box.

    Parameters
    ----------
    cells : Cells
        The points.
    box : tuple of float
        West, south, east, north.
    found : numpy.ndarray
        int64 (n,): they are written here, as positions among the sorted.

    Returns
    -------
    tuple of int
        How many they are, and how many were looked at.
    """
    x, y, start, fine, coarse = cells.x, cells.y, cells.start, cells.fine, cells.coarse
    west, south, east, north = box
    count = looked = 0
    columns = coarse.shape[0, 0]
    for row in range(_row(coarse, 0, south), _row(coarse, 0, north) + 1):
        for g in range(row * columns + _column(coarse, 0, west), row * columns + _column(coarse, 0, east) + 1):
            left, low, right, high = cells.bounds[g]
            if not (left <= east and west <= right and low <= north and south <= high):
                continue
            width = fine.shape[g, 0]
            line = fine.base[g] + _row(fine, g, south) * width + _column(fine, g, west)
            last = fine.base[g] + _row(fine, g, north) * width + _column(fine, g, west)
            across = _column(fine, g, east) - _column(fine, g, west) + 1
            for cell in range(line, last + 1, width):
                begin, end = start[cell], start[cell + across]
                looked += end - begin
                for k in range(begin, end):  # without a branch
                    found[count] = k
                    count += 1 if (west <= x[k]) & (x[k] <= east) & (south <= y[k]) & (y[k] <= north) else 0
    return count, looked


@njit(**JIT)
def _column(grids: Any, g: int, x: float) -> Any:
    return cell_of(x, grids.frame[g, W], grids.frame[g, E], grids.shape[g, 0])


@njit(**JIT)
def _row(grids: Any, g: int, y: float) -> Any:
    return cell_of(y, grids.frame[g, S], grids.frame[g, N], grids.shape[g, 1])
