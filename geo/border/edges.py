"""Which edges of a line are near a point? Cells of a grid that know the edges about them, asked by compiled loops.

A grid is drawn over degrees. Only pages (16 × 16 cells) that some edge comes near are kept, so that a line of
4,000 km needs a few megabytes.
"""

from __future__ import annotations

from typing import Any, NamedTuple

import numpy as np
from numba import njit
from numpy.typing import NDArray

from geo.crs import GEODESIC, Floats
from geo.walk.graph import JIT

_1, SHIFT, WITHIN = np.uint64(1), np.uint64(4), np.uint64(15)  # unsigned: compiled loops need not ask for signs
PAGE = 16  # cells a side of a page
PAGES = 4_000_000  # at most: over a wide land cells are larger
POLE = 89.9  # degrees of latitude: beyond it a degree of longitude is worth nothing
STEEP = 70.0  # degrees of latitude up to which METRIC_SLACK holds for grids that reach 15 km
METRIC_SLACK = 1.01  # metres a degree change by less than this within a cell and its surroundings
A, B2_A2 = float(GEODESIC.a), 1.0 - float(GEODESIC.es)
ES = float(GEODESIC.es)
DEGREE = float(np.pi / 180)
PLAIN: dict[str, Any] = {**JIT, "error_model": "numpy"}  # no edge is without length: do not ask
NOWHERE = np.uint64(2**64 - 1)


class EdgeGrid(NamedTuple):
    """Edges by cell. Cell ``c`` owns ``edge[indptr[c]:indptr[c + 1]]``, ascending.

    Parameters
    ----------
    west, south : float
        Corner, degrees.
    across, up : float
        Cells a degree of longitude, cells a degree of latitude.
    page : numpy.ndarray
        int32 (page rows, page columns): number of the page, -1 = nothing is near.
    indptr : numpy.ndarray
        int32 (pages · 256 + 1,).
    edge : numpy.ndarray
        int32: first vertex of an edge.
    reach_m : float
        Every edge within so many metres of a point of a cell is among the cell's edges, unless the grid was
        pruned: then at least the nearest of them is.
    """

    west: float
    south: float
    across: float
    up: float
    page: NDArray[np.int32]
    indptr: NDArray[np.int32]
    edge: NDArray[np.int32]
    reach_m: float


@njit(**PLAIN)
def metric(latitude: float) -> Any:
    """Tell what a degree is worth (radii of curvature of the ellipsoid).

    Parameters
    ----------
    latitude : float
        Degrees.

    Returns
    -------
    tuple of float
        Metres a degree of longitude, metres a degree of latitude, and the sine of the latitude.
    """
    sine = np.sin(latitude * DEGREE)
    bulge = 1.0 - ES * sine * sine
    east = A / np.sqrt(bulge)
    return east * np.sqrt(1.0 - sine * sine) * DEGREE, east * B2_A2 / bulge * DEGREE, sine


@njit(**PLAIN)
def foot(lonlat: Any, edge: Any, lon: float, lat: float, east: float, north: float) -> Any:
    """Find the place of an edge that is nearest to a point, on a flat drawing about the point.

    Parameters
    ----------
    lonlat : numpy.ndarray
        Vertices, degrees, shape (n, 2).
    edge : numpy.uint64
        First vertex of the edge, which has a length.
    lon, lat : float
        The point, degrees.
    east, north : float
        From :func:`metric` there.

    Returns
    -------
    tuple of float
        Squared distance, m², and how far along the edge, 0–1.
    """
    x, y = (lonlat[edge, 0] - lon) * east, (lonlat[edge, 1] - lat) * north
    dx, dy = (lonlat[edge + _1, 0] - lon) * east - x, (lonlat[edge + _1, 1] - lat) * north - y
    along = min(max(-(x * dx + y * dy) / (dx * dx + dy * dy), 0.0), 1.0)
    x, y = x + along * dx, y + along * dy
    return x * x + y * y, along


@njit(**PLAIN)
def cell_at(page: Any, frame: Any, lon: float, lat: float) -> Any:
    """Find the cell of a point.

    Parameters
    ----------
    page : numpy.ndarray
        Of a grid. Loops take its arrays out of the grid once: taking one out costs as much as a look-up.
    frame : tuple of float
        Its ``west``, ``south``, ``across`` and ``up``.
    lon, lat : float
        The point, degrees.

    Returns
    -------
    numpy.uint64
        Cell, :data:`NOWHERE` where nothing is near.
    """
    x, y = (lon - frame[0]) * frame[2], (lat - frame[1]) * frame[3]
    rows, columns = page.shape
    if not (0.0 <= x < columns * PAGE and 0.0 <= y < rows * PAGE):  # NaN is nowhere either
        return NOWHERE
    return _cell(page, np.uint64(np.int64(y)), np.uint64(np.int64(x)))


@njit(**PLAIN)
def _cell(page: Any, row: Any, column: Any) -> Any:
    number = page[row >> SHIFT, column >> SHIFT]
    if number < 0:
        return NOWHERE
    return (((np.uint64(number) << SHIFT) | (row & WITHIN)) << SHIFT) | (column & WITHIN)


def edge_grid(
    lonlat: Floats, edges: NDArray[np.int64], *, cell_m: float, reach_m: float, pruned: bool = False
) -> EdgeGrid | None:
    """Sort the edges of a line into the cells that they come near.

    Parameters
    ----------
    lonlat : numpy.ndarray
        Vertices, degrees, shape (n, 2).
    edges : numpy.ndarray
        First vertex of each edge, ascending.
    cell_m : float
        Size of a cell, metres; larger where the line's box is so wide that the grid would be.
    reach_m : float
        How near is near, metres.
    pruned : bool
        True = of each cell only edges are kept that are the nearest to one of its points.

    Returns
    -------
    EdgeGrid or None
        None without edges; pruned, none for a line that reaches beyond 70° of latitude either.
    """
    if not len(edges) or (pruned and np.abs(lonlat[:, 1]).max() > STEEP):
        return None
    low, high = lonlat.min(axis=0), lonlat.max(axis=0)
    far = min(np.abs([low[1], high[1]]).max() + reach_m / 100_000, POLE)  # where a metre is worth most degrees
    margin = np.array([reach_m / metric(far)[0], reach_m / metric(0.0)[1]]) * METRIC_SLACK
    middle = np.array(metric((low[1] + high[1]) / 2)[:2])
    box = (high - low + 2 * margin) * middle
    wide, tall = max(cell_m, float(np.sqrt(box.prod() / PAGES)) / PAGE) / middle
    west, south = low - margin - (wide / 2, tall / 2)
    columns, rows = (np.ceil((high + margin - (west, south)) / (wide, tall)) // PAGE + 1).astype(int)
    page = np.full((rows, columns), -1, dtype=np.int32)
    empty = EdgeGrid(
        float(west),
        float(south),
        float(1 / wide),
        float(1 / tall),
        page,
        np.zeros(1, dtype=np.int32),
        np.zeros(0, dtype=np.int32),
        float(reach_m),
    )
    _visit(empty, lonlat, edges, margin[0], margin[1], 0)
    used = page >= 0
    page[used] = np.arange(used.sum())
    counted = empty._replace(indptr=np.zeros(used.sum() * PAGE * PAGE + 1, dtype=np.int32))
    _visit(counted, lonlat, edges, margin[0], margin[1], 1)
    np.cumsum(counted.indptr, out=counted.indptr)
    full = counted._replace(edge=np.empty(counted.indptr[-1], dtype=np.int32))
    _visit(full, lonlat, edges, margin[0], margin[1], 2)
    if pruned:
        kept = _prune(full, lonlat, METRIC_SLACK)
        return full._replace(edge=full.edge[:kept].copy())
    return full


@njit(**PLAIN)
def _visit(grid: Any, lonlat: Any, edges: Any, margin_x: float, margin_y: float, phase: int) -> None:
    """Go through the cells that each edge comes near: mark pages (0), count edges (1), write them (2)."""
    rows, columns = grid.page.shape
    free = grid.indptr[:-1].copy() if phase == 2 else grid.indptr[:0].copy()
    for k in range(len(edges)):
        edge = edges[k]
        ax, ay, bx, by = lonlat[edge, 0], lonlat[edge, 1], lonlat[edge + 1, 0], lonlat[edge + 1, 1]
        if ay > by:
            ax, ay, bx, by = bx, by, ax, ay
        first = max(int((ay - margin_y - grid.south) * grid.up), 0)
        last = min(int((by + margin_y - grid.south) * grid.up), rows * PAGE - 1)
        for row in range(first, last + 1):
            low = max(ay, grid.south + row / grid.up - margin_y)
            high = min(by, grid.south + (row + 1) / grid.up + margin_y)
            left = right = ax
            if by > ay:  # the part of the edge in this row and what it comes near
                left = ax + (bx - ax) * min(max((low - ay) / (by - ay), 0.0), 1.0)
                right = ax + (bx - ax) * min(max((high - ay) / (by - ay), 0.0), 1.0)
            else:
                right = bx
            if left > right:
                left, right = right, left
            begin = max(int((left - margin_x - grid.west) * grid.across), 0)
            end = min(int((right + margin_x - grid.west) * grid.across), columns * PAGE - 1)
            for column in range(begin, end + 1):
                if phase == 0:
                    grid.page[row // PAGE, column // PAGE] = 0
                    continue
                cell = _cell(grid.page, np.uint64(row), np.uint64(column))
                if phase == 1:
                    grid.indptr[cell + _1] += 1
                else:
                    grid.edge[free[cell]] = edge
                    free[cell] += 1


@njit(**PLAIN)
def _prune(grid: Any, lonlat: Any, slack: float) -> int:
    """Drop edges that are further from a cell's middle than the nearest one by more than its diagonal."""
    rows, columns = grid.page.shape
    kept = 0
    distance = np.empty(64)
    for page_row in range(rows):  # pages are numbered in this order, so what is kept moves forward only
        for page_column in range(columns):
            page = grid.page[page_row, page_column]
            if page < 0:
                continue
            for inner in range(PAGE * PAGE):
                cell = page * PAGE * PAGE + inner
                lon = grid.west + (page_column * PAGE + inner % PAGE + 0.5) / grid.across
                lat = grid.south + (page_row * PAGE + inner // PAGE + 0.5) / grid.up
                begin, end = grid.indptr[cell], grid.indptr[cell + 1]
                if end - begin > len(distance):
                    distance = np.empty(2 * (end - begin))
                east, north, _ = metric(lat)
                diagonal = np.hypot(east / grid.across, north / grid.up)
                nearest = np.inf
                for k in range(begin, end):
                    distance[k - begin] = np.sqrt(foot(lonlat, np.uint64(grid.edge[k]), lon, lat, east, north)[0])
                    nearest = min(nearest, distance[k - begin])
                grid.indptr[cell] = kept
                for k in range(begin, end):
                    if distance[k - begin] <= (nearest + diagonal) * slack:
                        grid.edge[kept] = grid.edge[k]
                        kept += 1
    grid.indptr[-1] = kept
    return kept


@njit(**PLAIN)
def locate_near(
    grid: Any, lonlat: Any, measure_m: Any, skew: Any, points: Any, tie_m: float, measure: Any, offset: Any
) -> None:
    """Find the nearest place on a line of each point that is near it.

    Parameters
    ----------
    grid : EdgeGrid
        It answers for points within its reach.
    lonlat, measure_m, skew : numpy.ndarray
        Of the line's vertices, shapes (n, 2), (n,) and (n - 1,), see :class:`geo.border.chainage.Chainage`.
    points : numpy.ndarray
        Degrees, shape (k, 2).
    tie_m : float
        Edges that are nearer by less than this are equally near, metres: the first wins.
    measure, offset : numpy.ndarray
        Shape (k,): the measure of the nearest place, judged in the point's own metric, and its distance are
        written here, metres. Points that have a measure are left alone, and so are those beyond the reach: NaN.
    """
    reach = grid.reach_m * grid.reach_m
    page, indptr, edges = grid.page, grid.indptr, grid.edge
    frame = grid.west, grid.south, grid.across, grid.up
    for k in range(len(points)):
        if not np.isnan(measure[k]):
            continue
        lon, lat = points[k, 0], points[k, 1]
        cell = cell_at(page, frame, lon, lat)
        if cell == NOWHERE:
            continue
        begin, end = np.uint64(indptr[cell]), np.uint64(indptr[cell + _1])
        east, north, sine = metric(lat)
        found: Any = begin
        best, share, before = np.inf, 0.0, np.inf  # kept in registers, without a branch
        for item in range(begin, end):
            square, t = foot(lonlat, np.uint64(edges[item]), lon, lat, east, north)
            nearer = square < best
            before = best if nearer else before
            share = t if nearer else share
            found = item if nearer else found
            best = square if nearer else best
        if best > reach:
            continue
        limit = (np.sqrt(best) + tie_m) ** 2
        if before <= limit:  # an earlier edge is as near
            for item in range(begin, found):
                square, t = foot(lonlat, np.uint64(edges[item]), lon, lat, east, north)
                if square <= limit:
                    found, share = item, t
                    break
        edge = np.uint64(edges[found])
        bend = skew[edge]
        start = measure_m[edge]
        measure[k] = start + (measure_m[edge + _1] - start) * share * (1.0 - bend + bend * share)
        away_x = lonlat[edge, 0] * (1.0 - share) + lonlat[edge + _1, 0] * share - lon
        away_y = lonlat[edge, 1] * (1.0 - share) + lonlat[edge + _1, 1] * share - lat
        # metres a degree at the middle latitude, from those at the point: to 1 cm at 15 km, to 1e-5 m at 1 km
        half = away_y / 2 * DEGREE
        north, east = north * (1.0 + 3.0 * ES * sine * half * east / (A * DEGREE)), east - north * sine * half
        offset[k] = np.sqrt((away_x * east) ** 2 + (away_y * north) ** 2)
