"""A small picture of a workspace for the index: one layer in the colours of the boards, as SVG."""

from __future__ import annotations

from collections.abc import Callable, Iterator
from functools import cache
from typing import Any

import geopandas as gpd
import numpy as np
import shapely

from api.ogc.served import Served
from geo.crs import Array, Bounds, Floats
from geo.layer import Layer
from maps.legend import classify
from maps.palette import MISSING

WIDTH, HEIGHT, MARGIN = 360, 200, 6
COARSE = 0.35  # pixels that a simplified edge may be off
SHOWN = ("grid-walk", "border-status", "grid-staffing", "grids", "border", "divisions")  # the first there is
BELOW = "divisions"  # the ground under a line
GROUND = 'fill="#e3e8ed" stroke="#ffffff" stroke-width="0.5"'
AREA = 'fill="{}" stroke="#ffffff" stroke-width="0.15"'
LINE = 'fill="none" stroke="{}" stroke-width="3"'
PLAIN = "#7fa8cf"


def shown(served: Served) -> Layer | None:
    """Choose the layer that stands for a workspace.

    Parameters
    ----------
    served : Served
        The workspace.

    Returns
    -------
    Layer or None
        None when it has none that makes a picture.
    """
    return next((served.layers[id] for id in SHOWN if id in served.layers and served.records[id]["bbox"]), None)


@cache
def picture(served: Served, id: str) -> bytes:
    """Draw one layer of a workspace.

    Parameters
    ----------
    served : Served
        The workspace.
    id : str
        Id of one of its layers.

    Returns
    -------
    bytes
        SVG, north up; distances east-west and north-south have one scale in the middle.
    """
    layer = served.layers[id]
    frame = served.build.frame(id)
    ground = served.build.frame(BELOW) if layer.draw == "line" and BELOW in served.layers else frame
    fit = _fit(tuple(ground.total_bounds))
    paths = [(_outline(ground, fit), GROUND)] if ground is not frame else []
    style = LINE if layer.draw == "line" else AREA
    paths += [(_outline(rows, fit), style.format(colour)) for colour, rows in _by_colour(served, layer, frame)]
    drawn = "".join(f'<path d="{data}" {how}/>' for data, how in paths if data)
    size = f'viewBox="0 0 {WIDTH} {HEIGHT}" width="{WIDTH}" height="{HEIGHT}"'
    return f'<svg xmlns="http://www.w3.org/2000/svg" {size}>{drawn}</svg>'.encode()


def _fit(bounds: Bounds) -> Callable[[Array], Array]:
    """Make the way from degrees to pixels."""
    west, south, east, north = bounds
    narrow = np.cos(np.radians((south + north) / 2))
    wide, high = max((east - west) * narrow, 1e-9), max(north - south, 1e-9)
    scale = min((WIDTH - 2 * MARGIN) / wide, (HEIGHT - 2 * MARGIN) / high)
    corner = np.array([(WIDTH - wide * scale) / 2, (HEIGHT - high * scale) / 2])
    return lambda lonlat: (lonlat - [west, north]) * [narrow * scale, -scale] + corner


def _by_colour(served: Served, layer: Layer, frame: gpd.GeoDataFrame) -> Iterator[tuple[str, gpd.GeoDataFrame]]:
    if layer.measure is None:
        yield PLAIN, frame
        return
    legend, classes = classify(layer, frame, served.build.workspace.parameters)
    colours = [one.fills[-1] for one in legend.classes] + [MISSING]
    for number in np.unique(classes):
        yield colours[number], frame[np.asarray(classes) == number]


def _outline(frame: gpd.GeoDataFrame, fit: Callable[[Array], Array]) -> str:
    """Write geometry as SVG path data; what is smaller than a pixel falls away."""
    pixels = shapely.transform(np.asarray(frame.geometry.array), fit)
    parts: Any = shapely.get_parts(shapely.simplify(pixels[~shapely.is_missing(pixels)], COARSE))
    areas = shapely.get_dimensions(parts) == 2
    rings = shapely.get_rings(parts[areas])
    closed = "".join(f"M{_points(shapely.get_coordinates(ring)[:-1])}Z" for ring in rings)
    lines = parts[~areas & (shapely.get_dimensions(parts) == 1)]
    return closed + "".join(f"M{_points(shapely.get_coordinates(line))}" for line in lines)


def _points(xy: Floats) -> str:
    return "L".join(f"{x:.1f} {y:.1f}" for x, y in xy)
