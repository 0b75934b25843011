"""Layers with too many shapes for a page: what the page holds of them instead, and from which zoom they are drawn.

Such a layer is *large*: in a served board its shapes come as vector tiles, in a board of one file its parents
stand for it. Of each of its rows the page holds what search, legend, filter and lists need; what else a card tells
is asked of the server when the card opens.
"""

from __future__ import annotations

from collections.abc import Iterable, Mapping
from typing import Any

import geopandas as gpd
import numpy as np
import shapely
from numpy.typing import NDArray

from geo.layer import Layer
from maps import draw, popup
from maps.offline import Form

VERTICES = 100_000  # measured on pages (docs/decisions/0017): above, decoding and drawing take more than a second
ROWS = 15_000  # the same limit for the simplest of polygons
LISTED = 1_000  # rows of a list
PARENT_VERTICES = 60_000  # of all divisions of a board that has a large layer
FAR_PX = 4.0  # an area of less is a dot: from there its parent tells more
KEPT = ("level", "tree", "scheme")  # what views and toggles choose rows by
UNITED_PX = 256 / 360  # pixels of zoom 0 in a degree of longitude


def is_large(layer: Layer, frame: gpd.GeoDataFrame) -> bool:
    """Tell whether a layer has too many shapes for a page.

    Parameters
    ----------
    layer : Layer
        Any layer; only areas can be large.
    frame : geopandas.GeoDataFrame
        Its rows as they would be drawn.

    Returns
    -------
    bool
        True above :data:`ROWS` areas or :data:`VERTICES` coordinates.
    """
    if layer.draw != "area":
        return False
    return len(frame) > ROWS or int(shapely.get_num_coordinates(np.asarray(frame.geometry)).sum()) > VERTICES


def near_zoom(frame: gpd.GeoDataFrame) -> float:
    """Say from which zoom the areas of a layer can be told from each other.

    Parameters
    ----------
    frame : geopandas.GeoDataFrame
        Areas, EPSG:4326; rows without one are passed over.

    Returns
    -------
    float
        Zoom of Web Mercator (256 pixels at 0) at which the median area is as large as a square of
        :data:`FAR_PX` pixels a side; 0 where there is none.
    """
    shapes = np.asarray(frame.geometry)
    shapes = shapes[~(shapely.is_missing(shapes) | shapely.is_empty(shapes))]
    if not len(shapes):
        return 0.0
    bounds = shapely.bounds(shapes)
    latitude = np.radians((bounds[:, 1] + bounds[:, 3]) / 2)
    side = np.median(np.sqrt(shapely.area(shapes) / np.cos(latitude)))  # degrees of longitude
    return round(max(float(np.log2(FAR_PX / (UNITED_PX * max(side, 1e-9)))), 0.0), 1)


def record(layer: Layer, frame: gpd.GeoDataFrame, scale: int, listed: Iterable[int]) -> dict[str, Any]:
    """Write down what a page holds of a large layer, besides titles and colours.

    Parameters
    ----------
    layer : Layer
        The layer.
    frame : geopandas.GeoDataFrame
        Its rows, in the order of the collection: a tile names them by number.
    scale : int
        Steps in a degree.
    listed : iterable of int
        Rows that stand in lists.

    Returns
    -------
    dict
        ``columns`` of all rows (id, name, and what views choose by); ``some``: the ``rows`` in lists and their
        other ``columns``; ``inside``, a point on each; ``nowhere``, rows without a shape; ``near``, the zoom from
        which they are drawn.
    """
    names = {field.name for field in layer.fields}
    kept = {layer.key, popup.heading(layer), *KEPT} & names
    rows = sorted(set(listed))
    shapes = np.asarray(frame.geometry)
    nowhere = np.flatnonzero(shapely.is_missing(shapes) | shapely.is_empty(shapes))
    return {
        "columns": popup.columns(layer, frame, kept),
        "some": {"rows": rows, "columns": popup.columns(layer, frame.iloc[rows], names - kept)} if rows else None,
        "inside": draw.inside(frame.geometry, scale),
        "nowhere": [int(row) for row in nowhere],
        "near": near_zoom(frame),
    }


def letters(numbers: Iterable[int]) -> str:
    """Write small numbers as one letter each.

    Parameters
    ----------
    numbers : iterable of int
        From -1 to 60.

    Returns
    -------
    str
        ``@`` for -1, ``A`` for 0 and so on.

    Examples
    --------
    >>> letters([-1, 0, 4])
    '@AE'
    """
    return bytes(number + 65 for number in numbers).decode("ascii")


def short(classes: Mapping[str, Any]) -> dict[str, Any]:
    """Write the classes and tones of many rows small.

    Parameters
    ----------
    classes : mapping
        With ``class`` and ``tone``, lists of numbers (or None), and the same by theme under ``colourings``.

    Returns
    -------
    dict
        The same with texts as of :func:`letters` for the lists.
    """
    made = dict(classes)
    for name in ("class", "tone"):
        if made.get(name) is not None:
            made[name] = letters(made[name])
    if "colourings" in made:
        made["colourings"] = {theme: short(one) for theme, one in made["colourings"].items()}
    return made


def with_parents(themes: Iterable[Mapping[str, Any]], large: Mapping[str, float]) -> list[dict[str, Any]]:
    """Tell each view of a large layer which view stands for it from afar, and cut its lists.

    Parameters
    ----------
    themes : iterable of mapping
        As :func:`maps.themes.themes_of` makes them: views of a theme from fine to coarse.
    large : mapping of str to float
        Large layers, with the zoom from which they are drawn.

    Returns
    -------
    list of dict
        The same themes; a view of a large layer also has ``near``, and ``parent``: the number of the next view
        whose layer is not large, or None.
    """
    made = []
    for theme in themes:
        embedded = [number for number, view in enumerate(theme["views"]) if view["layer"] not in large]
        views = [
            {
                **view,
                "near": large[view["layer"]],
                "parent": next((other for other in embedded if other > number), None),
            }
            if view["layer"] in large
            else view
            for number, view in enumerate(theme["views"])
        ]
        lists = [
            {**one, "rows": one["rows"][:LISTED], "total": len(one["rows"])} if one["layer"] in large else one
            for one in theme["lists"]
        ]
        made.append({**theme, "views": views, "lists": lists})
    return made


def in_form(data: Mapping[str, Any], form: Form, reason: Mapping[str, str]) -> Mapping[str, Any]:
    """Leave out of a page in one file what only a server can show.

    Parameters
    ----------
    data : mapping
        What a board says, with the views of :func:`with_parents`.
    form : {"file", "served"}
        Which form the page has.
    reason : mapping of str to str
        By language: why a theme without any parents cannot be shown in one file.

    Returns
    -------
    mapping
        The data themselves where nothing is left out. Else without views of large layers: their theme names them
        under ``left_out``; one without another view is among the ``missing``.
    """
    large = {id for id, layer in data["layers"].items() if "near" in layer}
    if form == "served" or not large:
        return data
    themes, missing = [], list(data["missing"])
    for theme in data["themes"]:
        views = [view for view in theme["views"] if view["layer"] not in large]
        if not views:
            missing.append({"title": theme["title"], "reason": reason})
            continue
        left = [view["title"] for view in theme["views"] if view["layer"] in large]
        themes.append({**theme, "views": views, "left_out": left})
    return {**data, "themes": themes, "missing": missing}


def lighter(
    frames: Mapping[str, gpd.GeoDataFrame], vertices: int = PARENT_VERTICES
) -> dict[str, gpd.GeoDataFrame]:
    """Draw divisions with fewer points; each level still fits together, and layers still share their shapes.

    Parameters
    ----------
    frames : mapping of str to geopandas.GeoDataFrame
        By layer id; those whose areas are divisions (with ``division_id`` as first column) are made lighter.
    vertices : int
        As many as may stay in the divisions, about.

    Returns
    -------
    dict of str to geopandas.GeoDataFrame
        All frames. Levels are simplified together (coverage simplification, GEOS), with a tolerance doubled from
        that of :func:`maps.draw.lighter` until they are light enough.
    """
    made = dict(frames)
    divisions = frames.get("divisions")
    if divisions is None or not len(divisions):
        return made
    light = _simplified(divisions, vertices)
    if light is None:
        return made
    place = dict(zip(shapely.to_wkb(np.asarray(divisions.geometry)), light, strict=True))
    for id, frame in frames.items():
        if frame.columns[0] == "division_id":
            shapes = np.asarray(frame.geometry)
            known = [place.get(wkb, shape) for wkb, shape in zip(shapely.to_wkb(shapes), shapes, strict=True)]
            made[id] = frame.set_geometry(gpd.GeoSeries(known, frame.index, frame.crs))
    return made


def _simplified(divisions: gpd.GeoDataFrame, vertices: int) -> NDArray[Any] | None:
    whole = np.asarray(divisions.geometry)
    light, tolerance = whole, draw.FIRST_TOLERANCE
    levels = divisions["level"].to_numpy() if "level" in divisions else np.zeros(len(divisions))
    for _ in range(draw.DOUBLINGS):
        if int(shapely.get_num_coordinates(light).sum()) <= vertices:
            break
        light = whole.copy()
        for level in dict.fromkeys(levels):
            rows = np.flatnonzero((levels == level) & ~shapely.is_missing(whole))
            light[rows] = shapely.coverage_simplify(whole[rows], tolerance)
        light = np.where(shapely.is_empty(light), whole, light)
        tolerance *= 2
    return None if light is whole else light
