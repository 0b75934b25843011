"""The ground of the map, from the user's own data: land, water, roads, outlines of divisions, names, graticule."""

from __future__ import annotations

import math
from collections.abc import Iterator
from dataclasses import replace
from typing import Any

import numpy as np
import shapely
from matplotlib.collections import LineCollection, PathCollection
from shapely.geometry import LineString

from maps.palette import INK
from maps.print.labels import Label, around
from maps.print.paper import SOFT
from maps.print.projection import degrees_text, graticule
from maps.print.rows import Rows
from maps.print.scene import COUNTY, REGION, Scene
from maps.print.shapes import area_paths, line_paths, middles

LEVELS = ("region", "league", "county", "township", "community")
BEYOND = "#e4e9ec"
LAND = "#fbfbf9"
LAKE, SHORE = "#bcd8ea", "#6ea8cf"
CASING, RAIL = "#98a1a9", "#6d7882"
OUTLINE = "#39444e"
WAYS = {1: (2.0, 1.25), 2: (1.5, 0.9), 3: (1.05, 0.6), 4: (0.7, 0.35)}  # casing and way by rank, points
AGAIN = 25.0  # millimetres after which a name may be said again: a town and its division have one name
TOWN = 2  # rank up to which a place is written large
SPREAD = (5.0, 3.4)  # millimetres round small names
NAME_ROOM = 430.0  # square millimetres of map for one name
MANY, SOME, FEW = 400, 150, 20  # divisions of a level: the more, the finer their outlines


def draw_land(scene: Scene) -> None:
    """Draw what lies beyond the place, and the place itself.

    Parameters
    ----------
    scene : Scene
        The map.
    """
    scene.axes.set_facecolor(BEYOND)
    for rows in _levels(scene)[:1]:
        paths = [path for _, path in area_paths(scene.ready(rows[0])[rows[1]])]
        scene.axes.add_collection(PathCollection(paths, facecolor=LAND, edgecolor="none", zorder=1), autolim=False)


def draw_ways(scene: Scene, kind: str) -> bool:
    """Draw water or roads.

    Parameters
    ----------
    scene : Scene
        The map.
    kind : {"water", "road"}
        Which; railways belong to roads.

    Returns
    -------
    bool
        Whether there were any on the map.
    """
    rows = scene.book.layer("background")
    kinds, ranks = rows.values("kind"), rows.values("rank")
    shapes = scene.ready(rows)
    k = scene.stroke * (0.6 if scene.view.scale > REGION else 0.7 if scene.view.scale > COUNTY else 1.0)
    wanted = np.array([one == kind for one in kinds], dtype=bool) & ~shapely.is_missing(shapes)
    if kind == "water":
        _water(scene, shapes[wanted], k)
        return bool(wanted.any())
    of_rank = np.array([min(max(round(rank or 3), 1), 4) for rank in ranks])
    most = 2 if scene.view.scale > REGION else 3 if scene.view.scale > COUNTY else 4
    for part, colour in enumerate((CASING, "#ffffff")):
        for rank in range(most, 0, -1):
            lines = [line for _, line in line_paths(shapes[wanted & (of_rank == rank)])]
            _lines(scene, lines, colour, WAYS[rank][part] * k, 3.2 + part / 10)
    rails = np.array([one == "rail" for one in kinds], dtype=bool)
    _lines(scene, [line for _, line in line_paths(shapes[rails])], RAIL, 0.8 * k, 3.4, (5.0, 4.0))
    return bool((wanted & (of_rank <= most)).any())


def draw_divisions(scene: Scene) -> bool:
    """Draw outlines of divisions, the fewer there are of a level the thicker.

    Parameters
    ----------
    scene : Scene
        The map.

    Returns
    -------
    bool
        Whether there were any.
    """
    levels = _levels(scene)
    for depth, (rows, those) in enumerate(levels):
        if len(those) > MANY and depth > 1 and scene.view.scale > COUNTY:
            continue
        width = 1.7 if depth == 0 else 0.9 if len(those) <= FEW else 0.6 if len(those) <= SOME else 0.42
        dash = (4.0, 3.0) if depth and len(those) > SOME else None
        lines = [line for _, line in line_paths(scene.ready(rows)[those])]
        _lines(scene, lines, OUTLINE, width * scene.stroke, 3.7 - depth / 100, dash)
    return bool(levels)


def names(scene: Scene) -> Iterator[Label]:
    """Give the names that can be written, most important first.

    Parameters
    ----------
    scene : Scene
        The map.

    Yields
    ------
    Label
        Each name once in a neighbourhood: places of the background, then divisions, then the coloured areas, each
        only where it is wide enough.
    """
    said: dict[str, list[tuple[float, float]]] = {}
    for text, label in _all_names(scene):
        before = said.setdefault(text, [])
        if all(math.dist(label.at, other) > AGAIN for other in before):
            before.append(label.at)
            yield label


def _all_names(scene: Scene) -> Iterator[tuple[str, Label]]:
    yield from ((text, label) for _, text, label in sorted(_place_names(scene), key=lambda one: one[0]))
    for rows, those in _levels(scene):
        yield from _own_names(scene, rows, those)
    if scene.rows.draw == "area" and scene.rows.heading != scene.rows.key_field and len(scene.shown) <= MANY:
        yield from _own_names(scene, scene.rows, scene.shown)


def most_names(scene: Scene) -> int:
    """Say how many names a map can bear.

    Parameters
    ----------
    scene : Scene
        The map.

    Returns
    -------
    int
        By its size.
    """
    return int(scene.view.rect[2] * scene.view.rect[3] / NAME_ROOM)


def draw_graticule(scene: Scene) -> None:
    """Draw meridians and parallels, and write their degrees along the left and lower edge.

    Parameters
    ----------
    scene : Scene
        The map.
    """
    lines = graticule(scene.view)
    _lines(scene, [shapely.get_coordinates(one.line) for one in lines], "#5b6770", 0.3, 3.75, alpha=0.5)
    size = scene.sheet.sizes.small
    for one in lines:
        foot = _foot(one.line, upright=one.upright)
        x, y = scene.view.mm(foot)[0]
        text = degrees_text(one.degrees, upright=one.upright)
        half = scene.sheet.face.width(text, size) / 2 + 0.6
        x, y = (x, y + 2.0) if one.upright else (x + 2.0, y)
        box = (x - half, y - 1.5, x + half, y + 1.5) if one.upright else (x - 1.5, y - half, x + 1.5, y + half)
        if scene.room.free(box):
            scene.room.take(box)
            turn = 0.0 if one.upright else 90.0
            scene.sheet.text(
                x, y, text, size, colour=SOFT, align="center", middle=True, turn=turn, halo=True, order=5.0
            )


def _foot(line: LineString, *, upright: bool) -> Any:
    ends = shapely.get_coordinates(line)[[0, -1]]
    return ends[np.argmin(ends[:, 1 if upright else 0])][None, :]


def _levels(scene: Scene) -> list[tuple[Rows, list[int]]]:
    if not scene.book.there("divisions"):
        return []
    rows = scene.book.layer("divisions")
    found = ((rows, rows.at(level)) for level in LEVELS)
    return [(rows, those) for rows, those in found if those]


def _water(scene: Scene, shapes: Any, k: float) -> None:
    lakes = [path for _, path in area_paths(shapes)]
    scene.axes.add_collection(
        PathCollection(lakes, facecolor=LAKE, edgecolor=SHORE, linewidth=0.3 * k, zorder=3.0), autolim=False
    )
    streams = [line for _, line in line_paths(shapes[shapely.get_dimensions(shapes) == 1])]
    _lines(scene, streams, SHORE, 0.9 * k, 3.1)


def _lines(
    scene: Scene,
    lines: list[Any],
    colour: str,
    width: float,
    order: float,
    dash: tuple[float, float] | None = None,
    alpha: float = 1.0,
) -> None:
    if lines:
        made = LineCollection(
            lines,
            colors=colour,
            linewidths=width,
            alpha=alpha,
            linestyles="solid" if dash is None else [(0, dash)],
            capstyle="butt" if dash else "round",
            joinstyle="round",
            zorder=order,
        )
        scene.axes.add_collection(made, autolim=False)


def _place_names(scene: Scene) -> list[tuple[float, str, Label]]:
    if not scene.book.there("background"):
        return []
    rows = scene.book.layer("background")
    there = scene.ready(rows)
    inside = _inside(scene, there)
    made = []
    for row, (kind, name, rank) in enumerate(
        zip(rows.values("kind"), rows.values("name"), rows.values("rank"), strict=True)
    ):
        if kind == "place" and name and there[row] is not None:
            large = (rank or 5) <= TOWN and (inside is None or bool(inside[row]))
            size = scene.sheet.sizes.body if large else scene.sheet.sizes.small
            at = shapely.get_coordinates(there[row])[:1]
            label = _name(scene, at, name, size, bold=large, colour=INK if large else SOFT)
            made.append((float(rank or 5) + (0 if large else 10), name, label if large else _spread(label)))
    return made


def _inside(scene: Scene, shapes: Any) -> Any:
    """Which lie in the place that the map is about; None where it has no outline."""
    levels = _levels(scene)
    if not levels:
        return None
    land = shapely.union_all([one for one in scene.ready(levels[0][0])[levels[0][1]] if one is not None])
    shapely.prepare(land)
    return shapely.intersects(land, shapes)


def _own_names(scene: Scene, rows: Rows, those: list[int]) -> Iterator[tuple[str, Label]]:
    shapes = scene.ready(rows)[those]
    at = middles(shapes)
    wide = (shapely.bounds(shapes)[:, 2] - shapely.bounds(shapes)[:, 0]) * 1000 / scene.view.scale
    size = scene.sheet.sizes.body if len(those) <= SOME else scene.sheet.sizes.small
    for place in np.argsort(-np.nan_to_num(wide), kind="stable"):
        if shapes[place] is None:
            continue
        text = scene.book.name(rows, those[place])
        label = _name(scene, at[place][None, :], text, size, bold=False, colour="#3f4b56")
        if label.width <= wide[place]:
            yield text, label if len(those) <= FEW else _spread(label)


def _spread(label: Label) -> Label:
    """Keep others further away: what is small and many must not cover the colours."""
    return replace(label, width=label.width + SPREAD[0], height=label.height + SPREAD[1])


def _name(scene: Scene, at: Any, text: str, size: float, *, bold: bool, colour: str) -> Label:
    x, y = (float(one) for one in scene.view.mm(at)[0])
    face = scene.sheet.face
    clean = face.clean(text)

    def write(cx: float, cy: float) -> None:
        scene.sheet.text(
            cx, cy, clean, size, bold=bold, colour=colour, align="center", middle=True, halo=True, order=5.2
        )

    width, height = face.width(clean, size, bold=bold) + 1.0, size * 0.42
    return Label((x, y), width, height, write, around(1.2, 0.0, height)[:9])
