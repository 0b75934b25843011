"""The coloured layer of a theme: areas, lines with casing, dash and letter, points."""

from __future__ import annotations

from collections.abc import Iterator
from typing import Any

import numpy as np
import shapely
from matplotlib.collections import LineCollection, PathCollection

from maps.palette import INK, MISSING, PAPER
from maps.print.labels import Label
from maps.print.scene import COUNTY, REGION, Scene
from maps.print.shapes import area_paths, line_paths, middles

EDGE = "#1b2530"
BORDER = 3.6  # width of a stretch of border, points
CASING = 1.3
SLIM = frozenset({"scheme-conflicts"})  # lines among areas, not the border
HEAVY = 400_000  # vertices above which areas are printed as a picture
URGENCY = ("critical", "overdue", "never", "unassigned", "due", "ok")


def draw_coloured(scene: Scene) -> None:
    """Draw what the theme is about.

    Parameters
    ----------
    scene : Scene
        The map.
    """
    {"area": _areas, "line": _lines}.get(scene.rows.draw, _points)(scene)


def letters(scene: Scene) -> Iterator[Label]:
    """Give the letters of stretches and points that are not as they should be, the most urgent first.

    Parameters
    ----------
    scene : Scene
        The map.

    Yields
    ------
    Label
        A letter on the colour of its state.
    """
    classes, record = scene.dress.classes, scene.dress.legend["classes"]
    if scene.rows.draw == "area" or not any(one["letter"] for one in record):
        return
    shapes = scene.ready(scene.rows)
    codes = list(scene.rows.fields[scene.rows.record["measure"]].get("values", {}))
    those = [row for row in scene.shown if classes[row] > 0 and shapes[row] is not None and scene.is_own(row)]
    those.sort(
        key=lambda row: URGENCY.index(codes[classes[row]]) if codes[classes[row]] in URGENCY else len(URGENCY)
    )
    at = middles(shapes[those])
    for row, place in zip(those, at, strict=True):
        one = record[classes[row]]
        yield scene.badge(place, scene.book.title(one["letter"]), one["fills"][0], one["ink"], away=True)


def stretch(axes: Any, lines: list[Any], one: Any, width: float, casing: float, order: float) -> None:
    """Draw stretches of the border: a dark casing, the colour between dashes, and the dashes.

    Parameters
    ----------
    axes : matplotlib.axes.Axes
        On which.
    lines : list of numpy.ndarray
        Places along each.
    one : mapping or None
        Their class; None = without.
    width : float
        Of the line, points.
    casing : float
        Of its edges together, points.
    order : float
        What is higher lies above.
    """
    dash = tuple(float(part) for part in one["dash"].split()) if one and one["dash"] else None
    for colour, wide, above, dashes in (
        (INK, width + casing, 0.0, None),
        (one["gap"] if one else PAPER, width, 0.02, None),
        (one["fills"][0] if one else MISSING, width, 0.04, dash),
    ):
        made = LineCollection(
            lines,
            colors=colour,
            linewidths=wide,
            linestyles="solid" if dashes is None else [(0, dashes)],
            capstyle="butt" if dashes else "round",
            joinstyle="round",
            zorder=order + above,
        )
        axes.add_collection(made, autolim=False)


def _areas(scene: Scene) -> None:
    those = sorted(
        scene.shown, key=lambda row: -scene.dress.classes[row]
    )  # the best on top: bands hold the shorter
    shapes = scene.ready(scene.rows)[those]
    paths, colours, grey = [], [], []
    for at, path in area_paths(shapes):
        if scene.dress.classes[those[at]] < 0:
            grey.append(path)
        else:
            paths.append(path)
            colours.append(scene.dress.fill(those[at]))
    heavy = bool(shapely.get_num_coordinates(shapes).sum() > HEAVY)
    edge: dict[str, Any] = {
        "edgecolor": (*_rgb(EDGE), 0.4),
        "linewidth": _edge_width(scene, len(those)),
        "rasterized": heavy,
    }
    scene.axes.add_collection(PathCollection(paths, facecolor=colours, zorder=2.0, **edge), autolim=False)
    if grey:
        none = PathCollection(grey, facecolor="#e3e1de", hatch="/////", hatchcolor=MISSING, zorder=2.1, **edge)
        scene.axes.add_collection(none, autolim=False)


def _edge_width(scene: Scene, count: int) -> float:
    each = scene.view.rect[2] * scene.view.rect[3] / max(count, 1)  # square millimetres of map
    return float(np.clip(0.05 * np.sqrt(each), 0.1, 0.35))


def _lines(scene: Scene) -> None:
    slim = scene.rows.id in SLIM
    far = 0.8 if scene.view.scale > REGION else 0.9 if scene.view.scale > COUNTY else 1.0
    width = BORDER * scene.stroke * far * (0.5 if slim else 1.0)
    shapes = scene.ready(scene.rows)
    record = scene.dress.legend["classes"]
    for mine in (False, True):
        those = [row for row in scene.shown if scene.is_own(row) == mine]
        for order, at in enumerate(sorted({scene.dress.classes[row] for row in those})):
            lines = [line for _, line in line_paths(shapes[[r for r in those if scene.dress.classes[r] == at]])]
            thick = width if mine else width * 0.5
            one = record[at] if at >= 0 else None
            stretch(scene.axes, lines, one, thick, CASING * (0.5 if slim else 1.0), 4.0 + order / 20 + mine / 2)


def _points(scene: Scene) -> None:
    shapes = scene.ready(scene.rows)
    for at in sorted({scene.dress.classes[row] for row in scene.shown}):
        those = [row for row in scene.shown if scene.dress.classes[row] == at and shapes[row] is not None]
        one = scene.dress.legend["classes"][at] if at >= 0 else None
        scene.points(
            middles(shapes[those]),
            4.6 + at / 100,
            marker="o",
            markersize=5.0 * scene.stroke,
            markerfacecolor=one["fills"][-1] if one else MISSING,
            markeredgecolor=INK,
            markeredgewidth=0.7,
        )


def _rgb(colour: str) -> tuple[float, ...]:
    return tuple(int(colour[at : at + 2], 16) / 255 for at in (1, 3, 5))
