"""Geometry for the browser: one function for areas, one for lines, one for points.

A path is one string: whole numbers (degrees × scale), each but the first as the step from the one before, in the
encoded polyline format (zigzag, five bits a character); a quarter of the bytes of plain GeoJSON. A shape that two
layers share is written once, and so is an edge that two areas share (:mod:`maps.arcs`).
"""

from __future__ import annotations

from collections.abc import Callable, Iterable
from itertools import groupby
from typing import Any

import geopandas as gpd
import numpy as np
import shapely
from numpy.typing import NDArray

from geo.crs import Bounds
from maps.arcs import shared_arcs

FINE = 1_000_000  # 6 decimals: 0.1 m
COARSE = 100_000  # 5 decimals: 1 m, a pixel of the closest zoom; finer over a wide place is only a larger file
WIDE_DEGREES = 0.2
FIRST_TOLERANCE = 0.00005  # 5 m
DOUBLINGS = 12
AREA = 2  # dimensions
CHARACTERS = 7  # 35 bits hold 180° × FINE, doubled

Shape = Any  # nested lists of paths
Geometries = Iterable[Any]
Integers = NDArray[np.int64]


def scale_of(bounds: Bounds) -> int:
    """Choose how finely to write coordinates.

    Parameters
    ----------
    bounds : tuple of float
        West, south, east, north, degrees.

    Returns
    -------
    int
        Steps in a degree.
    """
    west, south, east, north = bounds
    return COARSE if max(east - west, north - south) > WIDE_DEGREES else FINE


def area(geometries: Geometries, scale: int) -> list[Shape]:
    """Write polygons.

    Parameters
    ----------
    geometries : iterable of shapely geometry or None
        EPSG:4326; lines and points in them are left out.
    scale : int
        Steps in a degree.

    Returns
    -------
    list
        For each a list of polygons, each a list of rings (outer first), each a path without its closing point;
        empty for nothing.
    """
    whole = _array(geometries)
    shapes: list[Shape] = [[] for _ in whole]
    polygons, owner = _parts(whole, shapely.GeometryType.POLYGON)
    rings, polygon = shapely.get_rings(polygons, return_index=True)
    paths = encoded(*_steps(rings, scale, closed=True))
    for number, together in groupby(zip(polygon, paths, strict=True), key=lambda pair: pair[0]):
        shapes[owner[number]].append([path for _, path in together])
    return shapes


def line(geometries: Geometries, scale: int) -> list[Shape]:
    """Write lines; a point is a path of one point.

    Parameters
    ----------
    geometries : iterable of shapely geometry or None
        EPSG:4326; areas in them are left out.
    scale : int
        Steps in a degree.

    Returns
    -------
    list
        For each a list of paths; empty for nothing.
    """
    whole = _array(geometries)
    shapes: list[Shape] = [[] for _ in whole]
    parts, owner = _parts(whole, shapely.GeometryType.LINESTRING, shapely.GeometryType.POINT)
    for number, path in zip(owner, encoded(*_steps(parts, scale)), strict=True):
        shapes[number].append(path)
    return shapes


def point(geometries: Geometries, scale: int) -> list[Shape]:
    """Write places.

    Parameters
    ----------
    geometries : iterable of shapely geometry or None
        EPSG:4326; of a line or an area a point on it is taken.
    scale : int
        Steps in a degree.

    Returns
    -------
    list
        For each a path of one point; empty for nothing.
    """
    whole = _array(geometries)
    there = ~(shapely.is_missing(whole) | shapely.is_empty(whole))
    shapes: list[Shape] = [""] * len(whole)
    paths = encoded(*_steps(shapely.point_on_surface(whole[there]), scale))
    for number, path in zip(np.flatnonzero(there), paths, strict=True):
        shapes[number] = path
    return shapes


def inside(geometries: Geometries, scale: int) -> str:
    """Write a point on each area, where its name can stand: the middle of a bent one lies in the neighbour's.

    Parameters
    ----------
    geometries : iterable of shapely geometry or None
        EPSG:4326; a missing or empty one has its name at 0, 0, where nothing is drawn.
    scale : int
        Steps in a degree.

    Returns
    -------
    str
        One path with a point for each.
    """
    whole = _array(geometries)
    there = np.flatnonzero(~(shapely.is_missing(whole) | shapely.is_empty(whole)))
    places = np.zeros((len(whole), 2))
    places[there] = shapely.get_coordinates(shapely.point_on_surface(whole[there]))
    return "".join(encoded(*_steps(shapely.multipoints(places), scale)))


def mixed(geometries: Geometries, scale: int) -> list[Shape]:
    """Write each as what it is: the background has points, lines and areas.

    Parameters
    ----------
    geometries : iterable of shapely geometry or None
        EPSG:4326.
    scale : int
        Steps in a degree.

    Returns
    -------
    list
        As :func:`area`, :func:`line` or :func:`point` writes it.
    """
    whole = _array(geometries)
    dimension = shapely.get_dimensions(whole)
    shapes: list[Shape] = [[] for _ in whole]
    for number, write in enumerate((point, line, area)):
        rows = np.flatnonzero(dimension == number)
        for row, shape in zip(rows, write(whole[rows], scale), strict=True):
            shapes[row] = shape
    return shapes


BY_KIND: dict[str, Callable[[Geometries, int], list[Shape]]] = {
    "area": area,
    "line": line,
    "point": point,
    "none": mixed,
}


def encoded(steps: Integers, path: Integers) -> list[str]:
    """Write paths as strings (encoded polyline format).

    Parameters
    ----------
    steps : numpy.ndarray
        x and y, shape (n, 2); of each path first a place, then the steps to the next places.
    path : numpy.ndarray
        Which path each belongs to, shape (n,), ascending from 0 without a hole.

    Returns
    -------
    list of str
        One a path.

    Examples
    --------
    >>> encoded(np.array([[3850000, -12020000], [220000, -75000]]), np.array([0, 0]))  # the format's own example
    ['_p~iF~ps|U_ulLnnqC']
    """
    text, length = _written((steps << 1) ^ (steps >> 63))
    return _cut(text, np.bincount(np.repeat(path, 2), weights=length))


def _written(numbers: Integers) -> tuple[str, NDArray[Any]]:
    """Whole numbers from 0 on as letters, five bits each, and how many letters each took."""
    shifted = numbers.reshape(-1, 1) >> (5 * np.arange(CHARACTERS + 1))
    more = shifted[:, 1:] > 0
    letters = ((shifted[:, :-1] & 31) + 32 * more + 63).astype(np.uint8)
    kept = np.column_stack([np.ones(len(letters), dtype=bool), more[:, :-1]])
    return letters[kept].tobytes().decode("ascii"), kept.sum(axis=1)


def _cut(text: str, lengths: Any) -> list[str]:
    ends = np.cumsum(lengths).astype(int)
    return [text[start:end] for start, end in zip([0, *ends], ends, strict=False)]


class Shapes:
    """The shapes of one page, each written once.

    Parameters
    ----------
    scale : int
        Steps in a degree.
    """

    def __init__(self, scale: int) -> None:
        self.scale = scale
        self._known: dict[tuple[str, bytes], int] = {}
        self._given: list[tuple[str, Any]] = []

    def add(self, geometries: Geometries, draw: str) -> list[int]:
        """Take geometries in.

        Parameters
        ----------
        geometries : iterable of shapely geometry or None
            EPSG:4326.
        draw : {"area", "line", "point", "none", "fine"}
            What they are; ``fine`` areas are small and written to 0.1 m.

        Returns
        -------
        list of int
            Where each one will stand among the shapes; -1 for a missing or empty one.
        """
        whole = _array(geometries)
        there = ~(shapely.is_missing(whole) | shapely.is_empty(whole))
        keys = [(draw, wkb) if here else None for wkb, here in zip(shapely.to_wkb(whole), there, strict=True)]
        for key, one in zip(keys, whole, strict=True):
            if key and key not in self._known:
                self._known[key] = len(self._given)
                self._given.append((draw, one))
        return [self._known[key] if key else -1 for key in keys]

    def records(self) -> tuple[list[Shape], tuple[str, str]]:
        """Write everything down.

        Returns
        -------
        list
            Shapes, as the function of their kind writes them; a ring of arcs begins with ``!``, a path in steps of
            :data:`FINE` with ``*``.
        tuple of str and str
            Arcs: how many places each has (whole numbers, five bits a letter), and all of their places as one
            path. A ring is a string of whole numbers: twice the zigzagged step from the arc before (at first
            from arc 0), and one more where the arc is walked backwards; the last place of an arc is the first of
            the next one.
        """
        made: list[Shape] = [None] * len(self._given)
        by_kind: dict[str, list[int]] = {}
        for at, (kind, _) in enumerate(self._given):
            by_kind.setdefault(kind, []).append(at)
        arcs = ("", "")
        for kind, rows in by_kind.items():
            whole = _array(self._given[at][1] for at in rows)
            if kind == "area":
                written, arcs = _of_arcs(whole, self.scale)
            elif kind == "fine":
                written = [[[f"*{path}" for path in rings] for rings in one] for one in area(whole, FINE)]
            else:
                written = BY_KIND[kind](whole, self.scale)
            for at, one in zip(rows, written, strict=True):
                made[at] = one
        return made, arcs


def _of_arcs(whole: NDArray[Any], scale: int) -> tuple[list[Shape], tuple[str, str]]:
    shapes: list[Shape] = [[] for _ in whole]
    polygons, owner = _parts(whole, shapely.GeometryType.POLYGON)
    rings, polygon = shapely.get_rings(polygons, return_index=True)
    places, ring = _places(rings, scale, closed=True)
    places, arc, made = shared_arcs(places, ring)
    numbers = np.array([number for one in made for number, _ in one], dtype=np.int64)
    back = np.array([back for one in made for _, back in one], dtype=np.int64)
    of = np.repeat(np.arange(len(made)), [len(one) for one in made])
    steps = _from_the_last(numbers.reshape(-1, 1), _firsts(of)).ravel()
    text, length = _written((((steps << 1) ^ (steps >> 63)) << 1) + back)
    texts = _cut(text, np.bincount(of, weights=length))
    for number, together in groupby(zip(polygon, texts, strict=True), key=lambda pair: pair[0]):
        shapes[owner[number]].append([f"!{one}" for _, one in together])
    one = np.zeros(len(places), dtype=np.int64)
    return shapes, (_written(np.bincount(arc))[0], "".join(encoded(_from_the_last(places, _firsts(one)), one)))


def lighter(frame: gpd.GeoDataFrame, *, vertices: int) -> gpd.GeoDataFrame:
    """Draw outlines with fewer points, where there are too many for a page.

    Parameters
    ----------
    frame : geopandas.GeoDataFrame
        Outlines or lines that do not have to fit together; EPSG:4326.
    vertices : int
        As many as may stay, about.

    Returns
    -------
    geopandas.GeoDataFrame
        The frame itself when it is light enough; else its picture (Douglas-Peucker), with a tolerance of 5 m or
        as often doubled as it needs to be: off by no more than that. What would vanish stays whole.
    """
    whole = np.asarray(frame.geometry)
    # of areas the edges: what a tolerance leaves of them is soon known, which of areas is made valid each time
    lines = np.where(shapely.get_dimensions(whole) == AREA, shapely.boundary(whole), whole)
    tolerance = 0.0
    for doubled in range(DOUBLINGS):
        if shapely.get_num_coordinates(lines).sum() <= vertices:
            break
        tolerance = FIRST_TOLERANCE * 2**doubled
        lines = shapely.simplify(lines, tolerance, preserve_topology=False)
    if not tolerance:
        return frame
    light = shapely.simplify(whole, tolerance, preserve_topology=False)
    light = np.where(shapely.is_empty(light), whole, light)
    return frame.set_geometry(gpd.GeoSeries(light, frame.index, frame.crs))


def _array(geometries: Geometries) -> NDArray[Any]:
    return np.array([*geometries], dtype=object)


def _parts(whole: NDArray[Any], *kinds: shapely.GeometryType) -> tuple[NDArray[Any], NDArray[Any]]:
    """Simple parts of the wanted kinds, and which geometry each is from; a collection may hold multi-parts."""
    outer, owner = shapely.get_parts(whole, return_index=True)
    parts, nested = shapely.get_parts(outer, return_index=True)
    wanted = np.isin(shapely.get_type_id(parts), kinds) & ~shapely.is_empty(parts)
    return parts[wanted], owner[nested][wanted]


def _steps(paths: NDArray[Any], scale: int, *, closed: bool = False) -> tuple[Integers, Integers]:
    places, path = _places(paths, scale, closed=closed)
    return _from_the_last(places, _firsts(path)), path


def _places(paths: NDArray[Any], scale: int, *, closed: bool) -> tuple[Integers, Integers]:
    """Places of paths as whole numbers, and the path of each; closed ones without their last place."""
    places, path = shapely.get_coordinates(paths, return_index=True)
    if closed:
        kept = ~np.r_[_firsts(path)[1:], True][: len(path)]
        places, path = places[kept], path[kept]
    return np.rint(places * scale).astype(np.int64), path


def _firsts(path: Integers) -> NDArray[np.bool_]:
    first: NDArray[np.bool_] = np.r_[True, path[1:] != path[:-1]][: len(path)]
    return first


def _from_the_last(places: Integers, first: NDArray[np.bool_]) -> Integers:
    """Each as the step from the one before; the first of a path as it is."""
    steps = places - np.vstack([np.zeros((1, places.shape[1]), dtype=np.int64), places[:-1]])[: len(places)]
    steps[first] = places[first]
    return steps
