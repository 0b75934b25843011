"""Shapes as flat arrays of paths, and the same on the integer grid of a tile, in compiled loops."""

from __future__ import annotations

from collections.abc import Sequence
from typing import Any, NamedTuple

import numpy as np
import shapely
from numba import njit
from numpy.typing import NDArray

from geo.layer import Draw
from geo.place.rings import JIT, Rings, plainly_valid, rings_of
from maps.tiles.quad import Grid

POINT, LINE, POLYGON = 1, 2, 3  # geometry types of the Mapbox Vector Tile specification 2.1, section 4.3.4
KINDS: dict[Draw, int] = {"point": POINT, "line": LINE, "area": POLYGON}
_SIMPLE = {POINT: 0, LINE: 1, POLYGON: 3}  # GEOS types

Ids = NDArray[np.int64]


class Paths(NamedTuple):
    """Points, lines or closed rings, path after path.

    Parameters
    ----------
    xy : numpy.ndarray
        Vertices, shape (n, 2).
    start, stop : numpy.ndarray
        Where each path begins and ends in them, shape (p,).
    owner : numpy.ndarray
        Position of each path's shape, ascending, shape (p,). The points of a shape are one path; an outer ring
        goes before its holes.
    """

    xy: NDArray[Any]
    start: Ids
    stop: Ids
    owner: Ids


def paths_of(shapes: Any, kind: int) -> Paths:
    """Lay shapes out as paths.

    Parameters
    ----------
    shapes : array of geometry
        Shape (n,).
    kind : int
        ``POINT``, ``LINE`` or ``POLYGON``; whatever is missing, empty or of another kind has no paths.

    Returns
    -------
    Paths
        Rings are closed, outer ones anticlockwise and holes clockwise.
    """
    values = np.asarray(shapes, dtype=object)
    owner = np.arange(len(values))
    for _ in range(2):  # a collection holds multi-part shapes at the most
        values, part_of = shapely.get_parts(values, return_index=True)
        owner = owner[part_of]
    right = shapely.get_type_id(values) == _SIMPLE[kind]
    values, owner = values[right], owner[right]
    if kind == POLYGON:
        rings = rings_of(values)
        return Paths(rings.xy, rings.first[:-1], rings.first[1:], owner[rings.owner])
    xy, path = shapely.get_coordinates(values, return_index=True)
    part = owner[path] if kind == POINT else path
    start = np.flatnonzero(np.diff(part, prepend=-1))
    stop = np.append(start[1:], len(xy)).astype(np.int64) if len(start) else start
    return Paths(xy, start, stop, owner[path][start])


def joined(parts: Sequence[Paths]) -> Paths:
    """Put paths of the same shapes together.

    Parameters
    ----------
    parts : sequence of Paths
        At least one; owners are positions in one list.

    Returns
    -------
    Paths
        Ordered by owner.
    """
    if len(parts) == 1:
        return parts[0]
    before = np.cumsum([0, *(len(part.xy) for part in parts[:-1])])
    owner = np.concatenate([part.owner for part in parts])
    order = np.argsort(owner, kind="stable")
    start, stop = (
        np.concatenate([part[at] + n for part, n in zip(parts, before, strict=True)])[order] for at in (1, 2)
    )
    return Paths(np.concatenate([part.xy for part in parts]), start, stop, owner[order])


def snapped(paths: Paths, begins: Ids, rows: Ids, kind: int, grid: Grid) -> Paths:
    """Move paths to an integer grid.

    Parameters
    ----------
    paths : Paths
        In the units of ``grid.west``.
    begins : numpy.ndarray
        First path of each shape, and the number of paths, shape (n + 1,).
    rows : numpy.ndarray
        Shapes wanted, shape (k,).
    kind : int
        ``POINT``, ``LINE`` or ``POLYGON``.
    grid : Grid
        Where to.

    Returns
    -------
    Paths
        Whole numbers; owners are positions in ``rows``. Each vertex goes to the nearest point of the grid, so
        neighbours stay neighbours. Vertices that repeat the one before are left out, of rings also those on a
        straight line and those that only go there and back. Rings without ground, holes of outer rings without
        ground, and lines without length are left out. Outer rings have a positive area by the surveyor's formula,
        holes a negative one, and all are closed.
    """
    some = rows[begins[rows + 1] > begins[rows]]
    room = int((paths.stop[begins[some + 1] - 1] - paths.start[begins[some]]).sum())
    count = int((begins[some + 1] - begins[some]).sum())
    xy = np.empty((room, 2), dtype=np.int32)
    stop, owner = np.empty(count, dtype=np.int64), np.empty(count, dtype=np.int64)
    kept = _snap(paths, begins, rows, kind, grid, xy, stop, owner)
    stop, owner = stop[:kept], owner[:kept]
    start = np.concatenate([[0], stop[:-1]]) if kept else stop
    return Paths(xy[: stop[-1] if kept else 0], start, stop, owner)


def begins_of(paths: Paths, count: int) -> Ids:
    """Tell where the paths of each shape begin.

    Parameters
    ----------
    paths : Paths
        Of the shapes.
    count : int
        How many shapes there are.

    Returns
    -------
    numpy.ndarray
        First path of each, and the number of paths, shape (count + 1,).
    """
    return np.asarray(np.searchsorted(paths.owner, np.arange(count + 1)), dtype=np.int64)


def marked(ids: Ids, count: int) -> NDArray[np.bool_]:
    """Mark some of several.

    Parameters
    ----------
    ids : numpy.ndarray
        Which.
    count : int
        How many there are.

    Returns
    -------
    numpy.ndarray
        True at ``ids``, shape (count,).
    """
    made = np.zeros(count, dtype=bool)
    made[ids] = True
    return made


def invalid(paths: Paths, count: int) -> Ids:
    """Find polygons that snapping has made invalid.

    Parameters
    ----------
    paths : Paths
        Snapped rings, the vertices of one after those of the other.
    count : int
        How many polygons there are.

    Returns
    -------
    numpy.ndarray
        Owners, ascending. Those that are not plainly valid are looked at by GEOS.
    """
    if not len(paths.owner):
        return paths.owner
    rings = Rings(paths.xy.astype(float), np.append(paths.start, paths.stop[-1]), paths.owner)
    doubtful = np.flatnonzero(marked(paths.owner, count) & ~plainly_valid(rings, count))
    if not len(doubtful):
        return doubtful
    return np.asarray(doubtful[~shapely.is_valid(polygons_of(paths, doubtful))])


def polygons_of(paths: Paths, owners: Ids) -> Any:
    """Make polygons of snapped rings.

    Parameters
    ----------
    paths : Paths
        Snapped rings.
    owners : numpy.ndarray
        Which, ascending, each with a ring.

    Returns
    -------
    numpy.ndarray
        A MultiPolygon each.
    """
    mine = np.flatnonzero(marked(owners, int(paths.owner[-1]) + 1)[paths.owner])
    size = (paths.stop - paths.start)[mine]
    first = np.concatenate([[0], np.cumsum(size)])
    xy = paths.xy[np.repeat(paths.start[mine] - first[:-1], size) + np.arange(first[-1])].astype(float)
    cross = xy[:-1, 0] * xy[1:, 1] - xy[1:, 0] * xy[:-1, 1]
    cross[first[1:-1] - 1] = 0  # from one ring to the next there is no edge
    outer = np.flatnonzero(np.add.reduceat(cross, first[:-1]) > 0)
    polygon = np.append(outer, len(mine))
    shape = np.append(np.searchsorted(paths.owner[mine][outer], owners), len(outer))
    return shapely.from_ragged_array(shapely.GeometryType.MULTIPOLYGON, xy, (first, polygon, shape))


@njit(**JIT)
def _twice_the_ground(xy: Any, start: int, stop: int) -> Any:
    """Measure a closed ring by the surveyor's formula, twice, from its first vertex so that sums stay small."""
    twice = 0.0
    for i in range(start + 1, stop - 1):
        x, y = xy[i, 0] - xy[start, 0], xy[i, 1] - xy[start, 1]
        twice += x * (xy[i + 1, 1] - xy[start, 1]) - y * (xy[i + 1, 0] - xy[start, 0])
    return twice


@njit(**JIT)
def _straight(xy: Any, a: int, b: int, x: int, y: int) -> bool:
    """Tell whether going from a over b to (x, y) encloses nothing."""
    ax, ay = np.int64(xy[a, 0]), np.int64(xy[a, 1])
    return bool((xy[b, 0] - ax) * (y - ay) == (xy[b, 1] - ay) * (x - ax))


@njit(**JIT)
def _on(grid: Any, scale: float, x: float, y: float) -> Any:
    east, south = (x - grid.west) * scale, (grid.north - y) * scale
    return np.int64(np.floor(east + 0.5)), np.int64(np.floor(south + 0.5))


@njit(**JIT)
def _ring(given: Any, start: int, stop: int, grid: Any, xy: Any, at: int) -> int:
    """Write a closed ring backwards, as y turns round; tell where it ends, ``at`` when nothing is left of it."""
    n = at
    scale = 1 / grid.unit
    for i in range(stop - 1, start, -1):
        x, y = _on(grid, scale, given[i, 0], given[i, 1])
        while n - at >= 2 and _straight(xy, n - 2, n - 1, x, y):
            n -= 1
        if n == at or xy[n - 1, 0] != x or xy[n - 1, 1] != y:
            xy[n, 0], xy[n, 1] = x, y
            n += 1
    lead = at
    while n - lead >= 3:
        if _straight(xy, n - 2, n - 1, xy[lead, 0], xy[lead, 1]):
            n -= 1
        elif _straight(xy, n - 1, lead, xy[lead + 1, 0], xy[lead + 1, 1]):
            lead += 1
        else:
            break
    if n - lead < 3:
        return at
    for i in range(lead, n):
        xy[at + i - lead, 0], xy[at + i - lead, 1] = xy[i, 0], xy[i, 1]
    n += at - lead
    xy[n, 0], xy[n, 1] = xy[at, 0], xy[at, 1]
    return n + 1


@njit(**JIT)
def _line(given: Any, start: int, stop: int, grid: Any, xy: Any, at: int) -> int:
    """Write points or a line; tell where it ends."""
    n = at
    scale = 1 / grid.unit
    for i in range(start, stop):
        x, y = _on(grid, scale, given[i, 0], given[i, 1])
        if n == at or xy[n - 1, 0] != x or xy[n - 1, 1] != y:
            xy[n, 0], xy[n, 1] = x, y
            n += 1
    return n


@njit(**JIT)
def _snap(paths: Any, begins: Any, rows: Any, kind: int, grid: Any, xy: Any, ends: Any, owner: Any) -> int:
    n = kept = 0
    for at in range(len(rows)):
        ground = False  # whether the outer ring that the holes belong to is there
        for path in range(begins[rows[at]], begins[rows[at] + 1]):
            start, stop = paths.start[path], paths.stop[path]
            if kind == POLYGON:
                outer = _twice_the_ground(paths.xy, start, stop) > 0
                if not outer and not ground:
                    continue
                end = _ring(paths.xy, start, stop, grid, xy, n)
                there = end > n and (_twice_the_ground(xy, n, end) > 0) == outer
                ground = there if outer else ground
            else:
                end = _line(paths.xy, start, stop, grid, xy, n)
                there = end - n >= kind  # one point, or two of a line
            if there:
                n = end
                ends[kept], owner[kept] = n, at
                kept += 1
    return kept
