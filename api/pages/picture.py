"""Small pictures of boards for the index: what a board opens with, in its colours, as SVG."""

from __future__ import annotations

from collections.abc import Callable, Iterator
from dataclasses import dataclass
from typing import Any
from weakref import WeakKeyDictionary

import geopandas as gpd
import numpy as np
import shapely

from api.ogc.served import Served
from api.words import words
from geo.crs import Array, Bounds
from geo.layer import Layer, Title
from geo.words import LANGS
from maps.board import Board, Theme
from maps.boards import board
from maps.legend import Legend, classify, shade, tones
from maps.palette import MISSING
from maps.words import title

WIDTH, HEIGHT = 360, 200  # pixels
FINE = 10  # units of a drawing to the pixel, so that coordinates are whole numbers
ACROSS, DOWN, MARGIN = WIDTH * FINE, HEIGHT * FINE, 6 * FINE
MOST_BYTES = 60_000
MOST_ROWS = 6_000  # of a larger layer its parents are drawn, where there are any
COARSE = 3.0  # units that a simplified edge may be off; doubled until a picture is small enough
SPECK = 5.0  # units; what is smaller is not seen
BARE = 0.05  # areas that leave more than the rest of their ground free are drawn as dots: findings are small
UNCOLOURED = ("grids", "border", "divisions")  # where no theme can be shown; then whatever there is
GROUND = ("grids", "divisions")  # under dots
BELOW = ("divisions", "grids")  # under lines
GROUND_STYLE = 'fill="#e3e8ed" stroke="#e3e8ed" stroke-width="1.5"'
AREA = 'fill="{0}" stroke="{0}" stroke-width="1.5"'  # white lines would cover small areas on paper
LINE = 'fill="none" stroke="{}" stroke-width="30"'
DOT = 'fill="none" stroke="{}" stroke-width="50" stroke-linecap="round"'
PLAIN = "#7fa8cf"

Fit = Callable[[Array], Array]


@dataclass(frozen=True, slots=True)
class Picture:
    """A small picture, and the same in words.

    Parameters
    ----------
    svg : bytes
        North up; distances east-west and north-south have one scale in the middle.
    words : Title
        For whoever does not see it: the layer, and how many rows each class has.
    """

    svg: bytes
    words: Title


_DRAWN: WeakKeyDictionary[Served, dict[str, Picture | None]] = WeakKeyDictionary()  # forgotten with the build


@dataclass(frozen=True, slots=True)
class _Shown:
    """What stands for a board: a layer in the colours of a theme, and the rows that are drawn."""

    layer: Layer
    theme: Theme | None
    frame: gpd.GeoDataFrame


def picture(served: Served, board_id: str) -> Picture | None:
    """Draw what a board opens with.

    Parameters
    ----------
    served : Served
        The workspace.
    board_id : str
        Id of a known board.

    Returns
    -------
    Picture or None
        At most 60 kB; None where the workspace has nothing that makes a picture. Drawn once for each build.
    """
    drawn = _DRAWN.setdefault(served, {})
    if board_id not in drawn:
        drawn[board_id] = _picture(served, board_id)
    return drawn[board_id]


def _picture(served: Served, board_id: str) -> Picture | None:
    one = board(board_id)
    shown = _shown(served, one)
    if shown is None:
        return None
    legend, classes = _classes(served, shown)
    coarse = COARSE
    svg = _draw(served, shown, legend, classes, coarse)
    while len(svg) > MOST_BYTES and coarse < DOWN:
        coarse *= 2
        svg = _draw(served, shown, legend, classes, coarse)
    return Picture(svg, _said(one, shown, legend, classes))


def _shown(served: Served, one: Board) -> _Shown | None:
    """Choose the first layer of the first theme that has rows on the ground, if it is not too large."""
    themed: list[tuple[Theme | None, str]] = [(theme, id) for theme in one.themes for id in theme.layers]
    there = [
        (theme, id)
        for theme, id in [*themed, *((None, id) for id in (*UNCOLOURED, *served.layers))]
        if id in served.layers and served.records[id]["bbox"]
    ]
    there.sort(key=lambda item: served.records[item[1]]["rows"] > MOST_ROWS)
    for theme, id in there:
        layer = served.layers[id]
        frame = _one_level(served.build.frame(id))
        if len(frame):
            return _Shown(theme.colouring.of(layer) if theme and theme.colouring else layer, theme, frame)
    return None


def _one_level(frame: gpd.GeoDataFrame) -> gpd.GeoDataFrame:
    """Rows with ground; of places of several levels those of the level that has most, as others lie on them."""
    frame = frame[frame.geometry.notna() & ~frame.geometry.is_empty]
    if "level" not in frame or not len(frame):
        return frame
    return frame[frame["level"] == frame["level"].value_counts().index[0]]


def _classes(served: Served, shown: _Shown) -> tuple[Legend | None, Array]:
    if shown.layer.measure is None:
        return None, np.zeros(len(shown.frame), dtype=int)
    legend, classes = classify(shown.layer, shown.frame, served.build.workspace.parameters)
    return legend, np.asarray(classes, dtype=int)


def _draw(served: Served, shown: _Shown, legend: Legend | None, classes: Array, coarse: float) -> bytes:
    draw, frame = shown.layer.draw, shown.frame
    ground = _ground(served, BELOW if draw == "line" else GROUND)
    dots = draw == "point" or (draw == "area" and _sparse(frame, ground))
    if draw == "area" and not dots:
        ground = None
    fit = _fit(tuple((frame if ground is None else ground).total_bounds))
    paths = []
    if ground is not None:
        paths.append((_outline(_simpler(ground, fit, coarse), coarse), GROUND_STYLE))
    shapes = _simpler(frame, fit, 0.0 if dots else coarse)
    style = DOT if dots else LINE if draw == "line" else AREA
    for colour, rows in _by_colour(shown, legend, classes):
        data = _dots(shapes[rows]) if dots else _outline(shapes[rows], coarse)
        paths.append((data, style.format(colour)))
    drawn = "".join(f'<path d="{data}" {how}/>' for data, how in paths if data)
    size = f'viewBox="0 0 {ACROSS} {DOWN}" width="{WIDTH}" height="{HEIGHT}"'
    return f'<svg xmlns="http://www.w3.org/2000/svg" {size}>{drawn}</svg>'.encode()


def _ground(served: Served, ids: tuple[str, ...]) -> gpd.GeoDataFrame | None:
    """The first layer of these that has areas, and not too many."""
    for id in ids:
        if id in served.layers and served.records[id]["bbox"]:
            frame = _one_level(served.build.frame(id))
            if 0 < len(frame) <= MOST_ROWS:
                return frame
    return None


def _sparse(frame: gpd.GeoDataFrame, ground: gpd.GeoDataFrame | None) -> bool:
    """Whether areas leave nearly all of the ground free; square degrees will do for a share."""
    if ground is None:
        return False
    areas = [float(shapely.area(np.asarray(one.geometry.array)).sum()) for one in (frame, ground)]
    return areas[0] < BARE * areas[1]


def _simpler(frame: gpd.GeoDataFrame, fit: Fit, coarse: float) -> Array:
    """Shapes in units of the drawing; neighbours keep the edge that they share."""
    shapes = np.asarray(shapely.transform(np.asarray(frame.geometry.array), fit))
    if not coarse:
        return shapes
    areas = shapely.get_dimensions(shapes) == 2
    shapes[areas] = shapely.coverage_simplify(shapes[areas], coarse)
    shapes[~areas] = shapely.simplify(shapes[~areas], coarse)
    return shapes


def _fit(bounds: Bounds) -> Fit:
    """Make the way from degrees to units of the drawing."""
    west, south, east, north = bounds
    narrow = np.cos(np.radians((south + north) / 2))
    wide, high = max((east - west) * narrow, 1e-9), max(north - south, 1e-9)
    scale = min((ACROSS - 2 * MARGIN) / wide, (DOWN - 2 * MARGIN) / high)
    corner = np.array([(ACROSS - wide * scale) / 2, (DOWN - high * scale) / 2])
    return lambda lonlat: (lonlat - [west, north]) * [narrow * scale, -scale] + corner


def _by_colour(shown: _Shown, legend: Legend | None, classes: Array) -> Iterator[tuple[str, Array]]:
    """Rows of each colour, as a mask; the best first, so that the worst lies on top."""
    if legend is None:
        yield PLAIN, np.ones(len(classes), dtype=bool)
        return
    weight = shown.theme.weight if shown.theme else None
    steps = tones(shown.frame, weight) if weight and weight in shown.frame else None
    full = np.full(len(classes), -1) if steps is None else np.asarray(steps)
    fills = (shade(legend) if steps is not None else legend).classes
    for at, step in sorted({(int(at), int(step)) for at, step in zip(classes, full, strict=True)}):
        yield (MISSING if at < 0 else fills[at].fills[step]), (classes == at) & (full == step)


def _outline(shapes: Array, coarse: float) -> str:
    """Write geometry as SVG path data; what is too small to be seen falls away."""
    parts: Any = shapely.get_parts(shapes)
    if not len(parts):
        return ""
    west, south, east, north = shapely.bounds(parts).T
    parts = parts[np.maximum(east - west, north - south) >= max(SPECK, coarse)]
    areas = shapely.get_dimensions(parts) == 2
    closed = "".join(f"{_path(ring)}z" for ring in shapely.get_rings(parts[areas]))
    return closed + "".join(_path(line) for line in parts[~areas & (shapely.get_dimensions(parts) == 1)])


def _dots(shapes: Array) -> str:
    """A dot is a line without length and with round ends; those on the same pixel are one."""
    middle = np.round(shapely.get_coordinates(shapely.centroid(shapes)) / FINE) * FINE
    return "".join(f"M{x:.0f} {y:.0f}h0" for x, y in np.unique(middle, axis=0))


def _path(line: Any) -> str:
    """The first point, then steps; a step that goes nowhere is left out."""
    places = np.round(shapely.get_coordinates(line)).astype(int)
    steps = np.diff(places, axis=0)
    steps = steps[steps.any(axis=1)]
    if line.geom_type == "LinearRing":
        steps = steps[:-1]
    return f"M{places[0, 0]} {places[0, 1]}l" + " ".join(f"{x} {y}" for x, y in steps) if len(steps) else ""


def _said(one: Board, shown: _Shown, legend: Legend | None, classes: Array) -> Title:
    said = {}
    for lang in LANGS:
        say = words(lang)
        counts = [f"{getattr(label, lang)} {count:,}" for label, count in _counted(legend, classes)]
        titles = {"board": getattr(one.title, lang), "layer": getattr(shown.layer.title, lang)}
        text = say["picture"].format(**titles, count=f"{len(shown.frame):,}")
        said[lang] = text + (say["classes"].format(classes=say["list"].join(counts)) if counts else "")
    return Title(**said)


def _counted(legend: Legend | None, classes: Array) -> Iterator[tuple[Title, int]]:
    if legend is None:
        return
    for at, one in enumerate(legend.classes):
        if count := int((classes == at).sum()):
            yield one.label, count
    if missing := int((classes < 0).sum()):
        yield title("legend.missing"), missing
