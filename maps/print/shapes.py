"""Geometry as matplotlib draws it: in metres of the map, cut to it, no finer than paper shows."""

from __future__ import annotations

from collections.abc import Iterator
from typing import Any

import numpy as np
import shapely
from matplotlib.path import Path
from numpy.typing import NDArray

from maps.clipped import clipped
from maps.print.projection import View

Shapes = NDArray[Any]
FINE = 0.03  # millimetres of paper: a tenth of a point
BEYOND = 3.0  # millimetres round the map, so that no edge of the cut is seen


def on_map(view: View, shapes: Shapes) -> Shapes:
    """Make geometry ready to draw.

    Parameters
    ----------
    view : View
        The map.
    shapes : numpy.ndarray
        EPSG:4326; None where there is none.

    Returns
    -------
    numpy.ndarray
        In the frame's metres, cut to the map; None where nothing is left.
    """
    made = view.frame.metres(shapes)
    more = BEYOND * view.scale / 1000
    left, bottom, right, top = view.box
    made = clipped(made, (left - more, bottom - more, right + more, top + more))
    light = shapely.simplify(made, FINE * view.scale / 1000)
    made = np.where(shapely.is_empty(light), made, light)
    made[shapely.is_empty(made)] = None
    return np.asarray(made, dtype=object)


def area_paths(shapes: Shapes) -> Iterator[tuple[int, Path]]:
    """Turn polygons into paths.

    Parameters
    ----------
    shapes : numpy.ndarray
        In metres; what is no area is passed over.

    Yields
    ------
    tuple of int and matplotlib.path.Path
        Which shape, and all of its rings, outer ones and holes turned against each other.
    """
    outer, owner = shapely.get_parts(shapes, return_index=True)
    parts, nested = shapely.get_parts(outer, return_index=True)
    areal = shapely.get_type_id(parts) == shapely.GeometryType.POLYGON
    polygons, owner = shapely.orient_polygons(parts[areal]), owner[nested][areal]
    rings, polygon = shapely.get_rings(polygons, return_index=True)
    of = owner[polygon]
    starts = np.flatnonzero(np.r_[True, of[1:] != of[:-1]][: len(of)])
    for start, end in zip(starts, [*starts[1:], len(of)], strict=False):
        yield int(of[start]), _closed(rings[start:end])


def line_paths(shapes: Shapes) -> Iterator[tuple[int, NDArray[np.float64]]]:
    """Turn lines, and edges of areas, into places.

    Parameters
    ----------
    shapes : numpy.ndarray
        In metres; points are passed over.

    Yields
    ------
    tuple of int and numpy.ndarray
        Which shape, and x and y along one line of it.
    """
    for at, shape in enumerate(shapes):
        if shape is None or shapely.get_dimensions(shape) < 1:
            continue
        edge = shape.boundary if shapely.get_dimensions(shape) == 2 else shape
        for part in shapely.get_parts(edge):
            if shapely.get_dimensions(part) == 1:
                yield at, shapely.get_coordinates(part)


def middles(shapes: Shapes) -> NDArray[np.float64]:
    """Choose a place on each shape for its number or name.

    Parameters
    ----------
    shapes : numpy.ndarray
        In metres.

    Returns
    -------
    numpy.ndarray
        x and y: the middle of the longest part of a line, a point on an area; nan for nothing. Shape (n, 2).
    """
    made = np.full((len(shapes), 2), np.nan)
    for at, shape in enumerate(shapes):
        if shape is None:
            continue
        if shapely.get_dimensions(shape) == 1:
            lines = shapely.get_parts(shapely.line_merge(shape))
            longest = lines[int(np.argmax(shapely.length(lines)))]
            point = shapely.line_interpolate_point(longest, 0.5, normalized=True)
        else:
            point = shapely.point_on_surface(shape)
        made[at] = point.x, point.y
    return made


def _closed(rings: Shapes) -> Path:
    places, ring = shapely.get_coordinates(rings, return_index=True)
    codes = np.full(len(places), Path.LINETO, dtype=Path.code_type)
    first = np.r_[True, ring[1:] != ring[:-1]]
    codes[first] = Path.MOVETO
    codes[np.r_[first[1:], True]] = Path.CLOSEPOLY
    return Path(places, codes)
