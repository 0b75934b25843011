"""North arrow, scale bar and numeric scale, in the emptiest corner of the map."""

from __future__ import annotations

import math

import numpy as np
import shapely
from matplotlib.patches import Polygon

from maps.palette import INK, PAPER
from maps.print.projection import bar_length, north
from maps.print.scene import Scene

ARROW = 12.0  # millimetres high
INSET = 2.5  # from the edge of the map
PARTS = 4  # of the scale bar
TRIED = (7, 4)  # places that are looked at in a corner


def draw_furniture(scene: Scene) -> None:
    """Draw what a map is measured with.

    Parameters
    ----------
    scene : Scene
        The map; its room is taken.
    """
    sheet, view = scene.sheet, scene.view
    k = scene.stroke
    size = sheet.sizes.small
    length = bar_length(view.scale, 46.0 * k)
    bar = length * 1000 / view.scale
    texts = _ground(scene, length)
    ends = sheet.face.width(texts[PARTS], size) / 2
    scale = scene.book.say("sheet.scale", scale=f"{view.scale:,}", paper=sheet.sizes.name)
    wide = max(bar + ends, sheet.face.width(scale, size, bold=True)) + 22.0 * k
    high = (ARROW + 5.0) * k
    x, y = _corner(scene, wide, high)
    sheet.box(x, y, wide, high, fill=PAPER, edge="#c3cad0", line=0.4, round=1.0, order=5.7, alpha=0.93)
    scene.room.take((x - 0.8, y - 0.8, x + wide + 0.8, y + high + 0.8))
    _arrow(scene, x + 7.5 * k, y + high / 2)
    left, foot = x + 16.0 * k, y + high * 0.48
    _bar(scene, left, foot, bar, texts)
    sheet.text(left, y + 2.4 * k, scale, size, bold=True, order=6.0)


def _ground(scene: Scene, length: float) -> dict[int, str]:
    """What is written at the beginning, in the middle and at the end of the bar."""
    unit, name = (1000, "km") if length >= 1000 else (1, "m")
    texts = {part: f"{length * part / PARTS / unit:g}" for part in (0, PARTS // 2, PARTS)}
    return {**texts, PARTS: scene.book.say("unit.with", number=texts[PARTS], unit=scene.book.say(f"unit.{name}"))}


def _bar(scene: Scene, left: float, foot: float, bar: float, texts: dict[int, str]) -> None:
    sheet = scene.sheet
    high = 1.3 * scene.stroke
    size = sheet.sizes.small
    for part in range(PARTS):
        fill = INK if part % 2 == 0 else PAPER
        sheet.box(
            left + bar * part / PARTS, foot, bar / PARTS, high, fill=fill, edge=INK, line=0.5, order=6.0, gid="bar"
        )
    for part, text in texts.items():
        sheet.text(left + bar * part / PARTS, foot + high + 1.0, text, size, align="center", order=6.0)


def _arrow(scene: Scene, x: float, y: float) -> None:
    k = scene.stroke
    turn = math.radians(north(scene.view, x, y))
    up = np.array([math.sin(turn), math.cos(turn)])
    side = np.array([up[1], -up[0]])
    middle = np.array([x, y - 1.6 * k])
    tip, foot = middle + up * ARROW * 0.42 * k, middle - up * ARROW * 0.38 * k
    notch = middle - up * ARROW * 0.2 * k
    for hand, fill in ((1.0, INK), (-1.0, PAPER)):
        wing = foot + side * hand * 3.0 * k
        scene.sheet.add(
            Polygon([tip, wing, notch], facecolor=fill, edgecolor=INK, linewidth=0.6, zorder=6.0, gid="north")
        )
    at = tip + up * 2.0 * k
    text = scene.book.say("map.n")
    scene.sheet.text(at[0], at[1], text, scene.sheet.sizes.body, bold=True, align="center", middle=True, order=6.0)


def _corner(scene: Scene, wide: float, high: float) -> tuple[float, float]:
    """The corner in which the least of what the map is about would be hidden; among equals the lower right one."""
    left, bottom, width, height = scene.view.rect
    corners = [
        (left + width - INSET - wide, bottom + INSET),
        (left + INSET + 3.0, bottom + INSET + 3.0),
        (left + width - INSET - wide, bottom + height - INSET - high),
        (left + INSET, bottom + height - INSET - high),
    ]
    corners[0] = (
        corners[0][0],
        corners[0][1] + 3.0,
    )  # the graticule's degrees stand along the left and lower edge
    shapes = scene.ready(scene.rows)[scene.shown]
    tree = shapely.STRtree([shape for shape in shapes if shape is not None])
    hidden = [_hidden(scene, tree, corner, wide, high) for corner in corners]
    return corners[int(np.argmin(hidden))]


def _hidden(scene: Scene, tree: shapely.STRtree, corner: tuple[float, float], wide: float, high: float) -> int:
    xs, ys = np.meshgrid(np.linspace(0, wide, TRIED[0]), np.linspace(0, high, TRIED[1]))
    metres = (np.column_stack([xs.ravel(), ys.ravel()]) + corner - scene.view.rect[:2]) * scene.view.scale / 1000
    places = shapely.points(metres + scene.view.box[:2])
    near = tree.query(places, predicate="dwithin", distance=wide / TRIED[0] * scene.view.scale / 1000)
    return len(np.unique(near[0]))
