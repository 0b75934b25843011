"""Which polygons hold a point? An edge to its right is crossed an odd number of times, or it lies on one.

What floating-point numbers cannot decide for certain (a point within about 1e-16 of a slanting edge, by the edge's
length) is handed back undecided. A polygon of many vertices keeps its edges in bands of y while many points are
asked about it.
"""

from __future__ import annotations

from typing import Any, NamedTuple

import numpy as np
from numba import njit

from geo.place.cells import cell_of, gather, sort_points
from geo.place.rings import JIT, Floats, Ids, Rings

EPSILON = 3.3306690738754716e-16  # (3 + 16 u) u with u = 2⁻⁵³: Shewchuk (1997), bound A of the orientation test
UNDERFLOW = 1e-300  # more than products lose when they are too small
HUGE = 1e150  # beyond it products of coordinates may overflow
PATIENCE = 256  # points looked at in vain for each point and polygon, on average: with more a tree is better
BAND = 8  # vertices a band, and as many more as edges stand above one another
MANY_VERTICES, MANY_POINTS = 64, 16  # from which on bands are worth their making
OUTSIDE, INSIDE, UNDECIDED = 0, 1, 2


class Outlines(NamedTuple):
    """Rings by polygon.

    Parameters
    ----------
    xy : numpy.ndarray
        Vertices, ring after ring, the first of each again at its end, shape (n, 2).
    begin : numpy.ndarray
        Where each ring begins, and n, shape (r + 1,).
    ring : numpy.ndarray
        First ring of each polygon, and r, shape (p + 1,).
    """

    xy: Floats
    begin: Ids
    ring: Ids


class Runs(NamedTuple):
    """The edges of a polygon by band of y, each in all that it reaches into.

    Parameters
    ----------
    x, y : numpy.ndarray
        Vertices; NaN stands between those that no edge joins.
    start : numpy.ndarray
        Vertices ``start[b]`` to ``start[b + 1] - 1`` of each band, shape (bands + 1,).
    low : float
        Where the first band begins.
    per_y : float
        Bands a unit of y.
    """

    x: Floats
    y: Floats
    start: Ids
    low: float
    per_y: float


class Held(NamedTuple):
    """What holds points.

    Parameters
    ----------
    one : numpy.ndarray
        The first polygon that surely holds each point, shape (n,); -1 = none does.
    more : numpy.ndarray
        Further pairs of point and polygon that surely holds it, shape (m, 2).
    unsure : numpy.ndarray
        Pairs that are not decided, shape (u, 2).
    """

    one: Ids
    more: Ids
    unsure: Ids


def look_up(rings: Rings, polygons: int, xy: Floats) -> Held | None:
    """Find the polygons that hold points, their edges included.

    Parameters
    ----------
    rings : Rings
        Of valid polygons.
    polygons : int
        How many there are.
    xy : numpy.ndarray
        The points, shape (n, 2); nothing holds those that are not finite.

    Returns
    -------
    Held or None
        None where points lie so unevenly that cells are no use, or coordinates are beyond 1e150.
    """
    outlines = Outlines(rings.xy, rings.first, np.searchsorted(rings.owner, np.arange(polygons + 1)))
    cells = sort_points(xy)
    first = np.full(len(cells.x), -1, dtype=np.int64)
    pairs = np.empty((len(cells.x), 2), dtype=np.int64)
    found = find_holders(outlines, cells, first, pairs)
    if found > len(pairs):
        first[:] = -1
        pairs = np.empty((found, 2), dtype=np.int64)
        find_holders(outlines, cells, first, pairs)
    if found < 0:
        return None
    one = np.full(len(xy), -1, dtype=np.int64)
    one[cells.order] = first
    point, polygon = cells.order[pairs[:found, 0]], pairs[:found, 1]
    sure = polygon >= 0
    more = np.column_stack([point[sure], polygon[sure]])
    return Held(one, more, np.column_stack([point[~sure], ~polygon[~sure]]))


@njit(**JIT)
def find_holders(outlines: Any, cells: Any, one: Any, pairs: Any) -> int:
    """Find the polygons that hold points.

    Parameters
    ----------
    outlines : Outlines
        Of the polygons.
    cells : Cells
        The points.
    one : numpy.ndarray
        int64 (n,), all -1: the first polygon that surely holds each of the sorted points is written here.
    pairs : numpy.ndarray
        int64 (m, 2): point and polygon of further pairs are written here; of undecided ones ``~polygon``.

    Returns
    -------
    int
        How many further pairs there are, also beyond those that there was room for; -1 = too many points had to be
        looked at, or coordinates are too large to be multiplied, and nothing is known.
    """
    most = _most(outlines)
    own_x, own_y, own_start = np.empty(most), np.empty(most), np.zeros(2, np.int64)
    asked, state = np.empty(len(cells.x) + 1, np.int64), np.empty(len(cells.x), np.int8)
    looked = found = 0
    for p in range(len(outlines.ring) - 1):
        if outlines.ring[p] == outlines.ring[p + 1]:
            continue
        box = _box(outlines, p)
        if max(-box[0], -box[1], box[2], box[3]) > HUGE:
            return -1
        count, seen = gather(cells, box, asked)
        looked += seen - count
        if looked > PATIENCE * (len(cells.x) + p):
            return -1
        if count == 0:
            continue
        if count > MANY_POINTS and _vertices(outlines, p) > MANY_VERTICES:
            runs = _bands(outlines, p, box)
        else:
            own_start[1] = _copy(outlines, p, own_x, own_y)
            runs = Runs(own_x, own_y, own_start, box[1], 0.0)
        _count(runs, cells.x, cells.y, asked[:count], state)
        for i in range(count):
            k = asked[i]
            if state[i] == UNDECIDED:
                state[i] = _decide(runs, cells.x[k], cells.y[k])
            if state[i] != OUTSIDE:
                found = _note(k, p, state[i] == INSIDE, one, pairs, found)
    return found


@njit(**JIT)
def _note(k: int, p: int, sure: bool, one: Any, pairs: Any, found: int) -> int:
    """Write down that polygon p holds point k, or may, and count the pairs that are not the point's first."""
    if sure and one[k] < 0:
        one[k] = p
        return found
    if found < len(pairs):
        pairs[found, 0], pairs[found, 1] = k, p if sure else ~p
    return found + 1


@njit(**JIT)
def _count(runs: Any, points_x: Any, points_y: Any, asked: Any, state: Any) -> None:
    """Count the edges to the right of points; where one may run through the point, that is undecided."""
    x, y, start, low, per_y = runs
    for i in range(len(asked)):
        px, py = points_x[asked[i]], points_y[asked[i]]
        run = cell_of(py, low, per_y, len(start) - 1)
        first, end = start[run], start[run + 1]
        from_x, from_y, to_x, to_y = x[first : end - 1], y[first : end - 1], x[first + 1 : end], y[first + 1 : end]
        odd = doubt = 0
        for v in range(len(from_x)):  # without a branch: several edges at once
            ax, ay, bx, by = from_x[v] - px, from_y[v] - py, to_x[v] - px, to_y[v] - py
            left, right = ax * by, bx * ay
            turn = left - right
            up = by > 0.0
            over = (ay > 0.0) != up
            odd += 1 if over & (((turn > 0.0) & up) | ((turn < 0.0) & (not up))) else 0  # NaN is neither
            unsure = abs(turn) <= EPSILON * (abs(left) + abs(right)) + UNDERFLOW
            doubt += 1 if (ay == 0.0) | (over & unsure) else 0
        state[i] = odd & 1 if doubt == 0 else UNDECIDED


@njit(**JIT)
def _decide(runs: Any, px: float, py: float) -> int:
    """Decide about a point level with a vertex, or by an edge, as far as that is certain."""
    x, y, start, low, per_y = runs
    run = cell_of(py, low, per_y, len(start) - 1)
    state = OUTSIDE
    for v in range(start[run], start[run + 1] - 1):
        ax, ay, bx, by = x[v] - px, y[v] - py, x[v + 1] - px, y[v + 1] - py
        if np.isnan(ay + by):
            continue
        if _on_it(ax, ay, bx, by):
            return INSIDE
        if (ay > 0.0) == (by > 0.0):
            continue
        left, right = ax * by, bx * ay
        turn = left - right
        if not abs(turn) > EPSILON * (abs(left) + abs(right)) + UNDERFLOW:
            state = UNDECIDED
        elif state != UNDECIDED and (turn > 0.0) == (by > 0.0):
            state = INSIDE - state
    return state


@njit(**JIT)
def _on_it(ax: float, ay: float, bx: float, by: float) -> bool:
    """Tell whether the origin surely lies on an edge: at its ends, or where it is upright or level."""
    if (ax == 0.0 and ay == 0.0) or (bx == 0.0 and by == 0.0):
        return True
    if ay == 0.0 and by == 0.0:
        return min(ax, bx) < 0.0 < max(ax, bx)
    return ax == 0.0 and bx == 0.0 and min(ay, by) < 0.0 < max(ay, by)


@njit(**JIT)
def _vertices(outlines: Any, p: int) -> int:
    """Vertices of a polygon and one between its rings."""
    count = 0
    for r in range(outlines.ring[p], outlines.ring[p + 1]):
        count += outlines.begin[r + 1] - outlines.begin[r] + 1
    return count


@njit(**JIT)
def _most(outlines: Any) -> int:
    """Vertices of the largest polygon and one between its rings."""
    most = 0
    for p in range(len(outlines.ring) - 1):
        most = max(most, _vertices(outlines, p))
    return most


@njit(**JIT)
def _box(outlines: Any, p: int) -> tuple[float, float, float, float]:
    """Box of a polygon; without vertices inf and -inf."""
    xy = outlines.xy
    west = south = np.inf
    east = north = -np.inf
    for r in range(outlines.ring[p], outlines.ring[p + 1]):
        for v in range(outlines.begin[r], outlines.begin[r + 1]):
            west, east = min(west, xy[v, 0]), max(east, xy[v, 0])
            south, north = min(south, xy[v, 1]), max(north, xy[v, 1])
    return west, south, east, north


@njit(**JIT)
def _copy(outlines: Any, p: int, x: Any, y: Any) -> int:
    """Write the rings of a polygon one after the other, NaN between them, and count what is written."""
    at = 0
    for r in range(outlines.ring[p], outlines.ring[p + 1]):
        if at:
            x[at] = y[at] = np.nan
            at += 1
        for v in range(outlines.begin[r], outlines.begin[r + 1]):
            x[at], y[at] = outlines.xy[v, 0], outlines.xy[v, 1]
            at += 1
    return at


@njit(**JIT)
def _bands(outlines: Any, p: int, box: Any) -> Any:
    """Lay the edges of a polygon out by band: so many bands that together they are not four outlines long."""
    xy, tall = outlines.xy, box[3] - box[1]
    rise = 0.0
    for r in range(outlines.ring[p], outlines.ring[p + 1]):
        for v in range(outlines.begin[r], outlines.begin[r + 1] - 1):
            rise += abs(xy[v + 1, 1] - xy[v, 1])
    bands = max(int(_vertices(outlines, p) / max(rise / tall, float(BAND))), 1)
    if not bands / tall < np.inf:
        bands = 1
    per_y = bands / tall
    start = np.zeros(bands + 1, np.int64)
    _lay(outlines, p, box[1], per_y, start, np.empty(0), np.empty(0))
    start = np.cumsum(start)
    x, y = np.empty(start[-1]), np.empty(start[-1])
    _lay(outlines, p, box[1], per_y, start, x, y)
    return Runs(x, y, start, box[1], per_y)


@njit(**JIT)
def _lay(outlines: Any, p: int, low: float, per_y: float, start: Any, x: Any, y: Any) -> None:
    """Count the vertices of each band in the place after it in ``start``, or write them from there."""
    xy, bands, write = outlines.xy, len(start) - 1, len(x) > 0
    at = start[:-1].copy()
    last = np.full(bands, -1, np.int64)  # vertex that a band ends in so far
    for r in range(outlines.ring[p], outlines.ring[p + 1]):
        for v in range(outlines.begin[r], outlines.begin[r + 1] - 1):
            one, other = cell_of(xy[v, 1], low, per_y, bands), cell_of(xy[v + 1, 1], low, per_y, bands)
            for band in range(min(one, other), max(one, other) + 1):
                here = at[band]
                if last[band] != v:
                    gap = 1 if last[band] >= 0 else 0
                    if write:
                        x[here], y[here] = np.nan, np.nan
                        x[here + gap], y[here + gap] = xy[v, 0], xy[v, 1]
                    here += gap + 1
                if write:
                    x[here], y[here] = xy[v + 1, 0], xy[v + 1, 1]
                at[band], last[band] = here + 1, v + 1
    if not write:
        start[1:] = at
