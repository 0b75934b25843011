"""Geometry for the browser: one function for areas, one for lines, one for points.

Coordinates are whole numbers (degrees × scale), each but the first of a path as the step from the one before: half
the bytes of plain GeoJSON. A shape that two layers share is written once.
"""

from __future__ import annotations

from collections.abc import Callable, Iterable
from typing import Any

import geopandas as gpd
import numpy as np
import shapely

FINE = 1_000_000  # 6 decimals: 0.1 m
COARSE = 100_000  # 5 decimals: 1 m; over a whole region a finer picture is only a larger file
WIDE_DEGREES = 3.0

Path = list[int]
Shape = list[Any]


def scale_of(bounds: tuple[float, float, float, float]) -> int:
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


def area(geometry: Any, scale: int) -> Shape:
    """Write a polygon, or several.

    Parameters
    ----------
    geometry : shapely geometry or None
        EPSG:4326; lines and points in it are left out.
    scale : int
        Steps in a degree.

    Returns
    -------
    list
        A list of polygons, each a list of rings (outer first), each a path without its closing point;
        empty for nothing.
    """
    polygons = _parts(geometry, shapely.GeometryType.POLYGON)
    return [[_path(ring, scale)[:-2] for ring in (polygon.exterior, *polygon.interiors)] for polygon in polygons]


def line(geometry: Any, scale: int) -> Shape:
    """Write a line, or several; a point is a path of one point.

    Parameters
    ----------
    geometry : shapely geometry or None
        EPSG:4326; areas in it are left out.
    scale : int
        Steps in a degree.

    Returns
    -------
    list
        A list of paths; empty for nothing.
    """
    parts = _parts(geometry, shapely.GeometryType.LINESTRING, shapely.GeometryType.POINT)
    return [_path(part, scale) for part in parts]


def point(geometry: Any, scale: int) -> Shape:
    """Write a place.

    Parameters
    ----------
    geometry : shapely geometry or None
        EPSG:4326; of a line or an area a point on it is taken.
    scale : int
        Steps in a degree.

    Returns
    -------
    list
        x and y; empty for nothing.
    """
    if geometry is None or geometry.is_empty:
        return []
    place = geometry if geometry.geom_type == "Point" else geometry.representative_point()
    return _path(place, scale)


def mixed(geometry: Any, scale: int) -> Shape:
    """Write whatever it is: the background has points, lines and areas.

    Parameters
    ----------
    geometry : shapely geometry or None
        EPSG:4326.
    scale : int
        Steps in a degree.

    Returns
    -------
    list
        As :func:`area`, :func:`line` or :func:`point` writes it.
    """
    if geometry is None or geometry.is_empty:
        return []
    kinds = {"Polygon": area, "MultiPolygon": area, "Point": point}
    return kinds.get(geometry.geom_type, line)(geometry, scale)


BY_KIND: dict[str, Callable[[Any, int], Shape]] = {"area": area, "line": line, "point": point, "none": mixed}


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

    def add(self, geometries: Iterable[Any], draw: str) -> list[int]:
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
        return [self._place(geometry, draw) for geometry in geometries]

    def _place(self, geometry: Any, draw: str) -> int:
        if geometry is None or geometry.is_empty:
            return -1
        key = draw, shapely.to_wkb(geometry)
        if key not in self._known:
            self._known[key] = len(self.records)
            self.records.append(BY_KIND[draw](geometry, self.scale))
        return self._known[key]


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
        The frame itself when it is light enough; else its picture, first with a tolerance of 0.00005° (5 m) and
        doubled until it is (at most 12 times).
    """
    tolerance = 0.00005
    light = frame
    for _ in range(12):
        if shapely.get_num_coordinates(np.asarray(light.geometry)).sum() <= vertices:
            break
        light = frame.set_geometry(frame.geometry.simplify(tolerance, preserve_topology=True))
        tolerance *= 2
    return light


def _parts(geometry: Any, *kinds: shapely.GeometryType) -> list[Any]:
    if geometry is None or geometry.is_empty:
        return []
    parts = shapely.get_parts(shapely.get_parts(geometry))  # a collection may hold multi-parts
    return [part for part in parts if shapely.get_type_id(part) in kinds and not part.is_empty]


def _path(geometry: Any, scale: int) -> Path:
    steps = np.rint(shapely.get_coordinates(geometry) * scale).astype(np.int64)
    steps[1:] = np.diff(steps, axis=0)
    return [int(value) for value in steps.ravel()]
