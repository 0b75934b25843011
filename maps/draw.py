"""Geometry for the browser: one function for areas, one for lines, one for points.

A path is one string: whole numbers (degrees × scale), each but the first as the step from the one before, in the
encoded polyline format (zigzag, five bits a character); a quarter of the bytes of plain GeoJSON. A shape that two
layers share is written once.
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

FINE = 1_000_000  # 6 decimals: 0.1 m
COARSE = 100_000  # 5 decimals: 1 m, a pixel of the closest zoom; finer over a wide place is only a larger file
WIDE_DEGREES = 0.2
FIRST_TOLERANCE = 0.00005  # 5 m
DOUBLINGS = 12
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
    zigzag = (steps << 1) ^ (steps >> 63)
    shifted = zigzag.reshape(-1, 1) >> (5 * np.arange(CHARACTERS + 1))
    more = shifted[:, 1:] > 0
    letters = ((shifted[:, :-1] & 31) + 32 * more + 63).astype(np.uint8)
    kept = np.column_stack([np.ones(len(letters), dtype=bool), more[:, :-1]])
    text = letters[kept].tobytes().decode("ascii")
    length = np.bincount(np.repeat(path, 2), weights=kept.sum(axis=1))
    ends = np.cumsum(length).astype(int)
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
        self.records: list[Shape] = []
        self._known: dict[tuple[str, bytes], int] = {}

    def add(self, geometries: Geometries, draw: str) -> list[int]:
        """Write geometries down.

        Parameters
        ----------
        geometries : iterable of shapely geometry or None
            EPSG:4326.
        draw : {"area", "line", "point", "none"}
            Which function writes them.

        Returns
        -------
        list of int
            Where each one stands in ``records``; -1 for a missing or empty one.
        """
        whole = _array(geometries)
        there = ~(shapely.is_missing(whole) | shapely.is_empty(whole))
        keys = [(draw, wkb) if here else None for wkb, here in zip(shapely.to_wkb(whole), there, strict=True)]
        new = {key: row for row, key in enumerate(keys) if key and key not in self._known}
        self._known |= {key: len(self.records) + number for number, key in enumerate(new)}
        self.records += BY_KIND[draw](whole[list(new.values())], self.scale)
        return [self._known[key] if key else -1 for key in keys]


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
        The frame itself when it is light enough; else its picture (Douglas-Peucker), first with a tolerance of
        5 m and doubled until it is. What a tolerance would make vanish stays whole.
    """
    whole = np.asarray(frame.geometry)
    light, tolerance = whole, FIRST_TOLERANCE
    for _ in range(DOUBLINGS):
        if shapely.get_num_coordinates(light).sum() <= vertices:
            break
        light = shapely.simplify(whole, tolerance, preserve_topology=False)
        light = np.where(shapely.is_empty(light), whole, light)
        tolerance *= 2
    return frame if light is whole else frame.set_geometry(gpd.GeoSeries(light, frame.index, frame.crs))


def _array(geometries: Geometries) -> NDArray[Any]:
    return np.array([*geometries], dtype=object)


def _parts(whole: NDArray[Any], *kinds: shapely.GeometryType) -> tuple[NDArray[Any], NDArray[Any]]:
    """Simple parts of the wanted kinds, and which geometry each is from; a collection may hold multi-parts."""
    outer, owner = shapely.get_parts(whole, return_index=True)
    parts, nested = shapely.get_parts(outer, return_index=True)
    wanted = np.isin(shapely.get_type_id(parts), kinds) & ~shapely.is_empty(parts)
    return parts[wanted], owner[nested][wanted]


def _steps(paths: NDArray[Any], scale: int, *, closed: bool = False) -> tuple[Integers, Integers]:
    places, path = shapely.get_coordinates(paths, return_index=True)
    first = np.r_[True, path[1:] != path[:-1]][: len(path)]
    if closed:
        kept = ~np.r_[first[1:], True][: len(path)]
        places, path, first = places[kept], path[kept], first[kept]
    whole = np.rint(places * scale).astype(np.int64)
    steps = whole - np.vstack([np.zeros((1, 2), dtype=np.int64), whole[:-1]])[: len(whole)]
    steps[first] = whole[first]
    return steps, path
