"""What lies over the coloured layer: stations, hubs, posts, markers, outlines; and their signs in the key."""

from __future__ import annotations

from collections.abc import Iterator, Mapping
from typing import Any

import numpy as np
from matplotlib.collections import LineCollection, PathCollection

from maps.palette import INK, MISSING, PAPER
from maps.print.dress import OUT, station_state
from maps.print.ground import draw_divisions, draw_ways
from maps.print.labels import Label
from maps.print.rows import Rows
from maps.print.scene import HOUSE, REGION, Scene
from maps.print.shapes import area_paths, line_paths, middles

Toggle = Mapping[str, Any]
ALSO = frozenset({"posts"})  # off on a screen, where one can switch them on
WRITTEN = frozenset({"names", "letters", "numbers"})
STATION, HUB, OPEN_UNKNOWN = "#0b4a8f", "#12181f", "#6fa8dc"
UNKNOWN = "unknown"
FAR = 0.6  # of the size of posts on the map of a region, where they stand close
STONE = "#c62f2f"
OUTLINES: dict[str, dict[str, Any]] = {  # colour, width in points, dash in widths, fill
    "grids": {"colour": "#4b5761", "width": 0.4, "fill": "#dcebf7"},
    "grid-walk": {"colour": "#8d949b", "width": 0.2},
    "station-catchments": {"colour": "#1d4f8c", "width": 0.6, "dash": (4, 3)},
    "unserved-areas": {"colour": "#7c2a06", "width": 0.9, "dash": (1, 2)},
    "grid-findings": {"colour": "#12181f", "width": 0.9, "fill": "#12181f66"},
    "grid-repair": {"colour": "#0b4f94", "width": 1.2, "dash": (6, 3)},
    "grid_edges": {"colour": "#70777e", "width": 0.25},
    "small_edges": {"colour": "#70777e", "width": 0.25},
    "large_edges": {"colour": INK, "width": 1.1, "dash": (6, 3)},
    "other_edges": {"colour": "#0b4f94", "width": 0.8, "dash": (5, 3)},
    "beyond": {"colour": "#b8430a", "width": 0.35, "fill": "#f9bf7a", "order": 1.5},
}
PLAIN_OUTLINE = {"colour": INK, "width": 0.5}
DOTS = {"rules": "#a63603", "moved": "#0b4f94"}
SEVERITY = {"minor": ("#fbc274", INK), "major": ("#e0751a", INK), "severe": ("#94320a", PAPER)}


def printed(scene: Scene) -> list[Toggle]:
    """Choose what is laid over on paper.

    Parameters
    ----------
    scene : Scene
        The map.

    Returns
    -------
    list of mapping
        Toggles of the theme that are on when the board opens, and those that paper shows too.
    """
    fitting = (
        one for one in scene.book.content["toggles"] if not one["themes"] or scene.theme["id"] in one["themes"]
    )
    return [one for one in fitting if one["on"] or one["id"] in ALSO]


def draw_overlays(scene: Scene) -> list[Toggle]:
    """Draw everything that is laid over but what is written.

    Parameters
    ----------
    scene : Scene
        The map.

    Returns
    -------
    list of mapping
        Toggles of which something is on the map.
    """
    drawn: list[Toggle] = []
    for one in printed(scene):
        if one["style"] not in WRITTEN and _draw(scene, one):
            drawn.append(one)
            drawn += _unknown_hours(scene, one)
    return [*drawn, *(one for one in printed(scene) if one["style"] in WRITTEN - {"names"})]


def finding_letters(scene: Scene, toggle: Toggle) -> Iterator[Label]:
    """Give the letters of findings: which kind, on the colour of how bad; mere notes have none.

    Parameters
    ----------
    scene : Scene
        The map.
    toggle : mapping
        With its layer.

    Yields
    ------
    Label
        The worst first.
    """
    rows = scene.book.layer(toggle["layer"])
    shapes = scene.ready(rows)
    classes = rows.record["legend"]["classes"]
    those = [row for row in range(rows.rows) if shapes[row] is not None and rows.get(row, "severity") != "info"]
    those.sort(key=lambda row: rows.get(row, "severity") != "fail")
    for row, at in zip(those, middles(shapes[those]), strict=True):
        one = classes[rows.record["class"][row]]
        text = letter_of(scene, rows.get(row, "kind"))
        yield scene.badge(at, text, one["fills"][-1], one["ink"], away=True)


def letter_of(scene: Scene, kind: str) -> str:
    """Give the letter of a kind of finding.

    Parameters
    ----------
    scene : Scene
        The map.
    kind : str
        Code of the kind.

    Returns
    -------
    str
        One letter, of others that of all others.
    """
    return scene.book.words.get(f"kind.{kind}", scene.book.say("kind.other"))


def marker_numbers(scene: Scene, toggle: Toggle) -> Iterator[Label]:
    """Give boundary markers with their numbers, every tenth first.

    Parameters
    ----------
    scene : Scene
        The map.
    toggle : mapping
        With its layer.

    Yields
    ------
    Label
        A red stone above its number.
    """
    rows = scene.book.layer(toggle["layer"])
    shapes = scene.ready(rows)
    size = scene.sheet.sizes.small
    order = sorted(range(rows.rows), key=lambda row: (row % 10 != 0, row % 5 != 0))
    for row in order:
        if shapes[row] is None:
            continue
        text = scene.sheet.face.clean(scene.book.name(rows, row))
        x, y = (float(one) for one in scene.view.mm(middles(shapes[row : row + 1]))[0])
        width = scene.sheet.face.width(text, size) + 0.8

        def write(cx: float, cy: float, x: float = x, y: float = y, text: str = text) -> None:
            half = 0.75 * scene.stroke
            scene.sheet.box(x - half, y - half, 2 * half, 2 * half, fill=STONE, edge=PAPER, line=0.5, order=5.3)
            scene.sheet.text(cx, cy - size * 0.02, text, size, align="center", middle=True, halo=True, order=5.3)

        yield Label((x, y), width, size * 0.42, write, ((0.0, -2.7), (0.0, 2.7)))


def sign(scene: Scene, toggle: Toggle, x: float, y: float) -> None:
    """Draw the sign of an overlay for the key.

    Parameters
    ----------
    scene : Scene
        The map.
    toggle : mapping
        The overlay.
    x, y : float
        Its middle, millimetres of the sheet.
    """
    sheet, style = scene.sheet, toggle["style"]
    if style == "background":
        pair = [("#6ea8cf", 1.2)] if toggle["id"] == "water" else [("#98a1a9", 2.2), ("#ffffff", 1.3)]
        for colour, width in pair:
            sheet.line([x - 2.6, x + 2.6], [y, y], color=colour, linewidth=width, solid_capstyle="butt")
    elif style == "divisions":
        sheet.line([x - 2.6, x + 2.6], [y, y], color="#39444e", linewidth=1.3)
    elif style == "outline":
        look = {"order": 0.0, **OUTLINES.get(toggle["id"], OUTLINES.get(toggle["layer"], PLAIN_OUTLINE))}
        dash: dict[str, Any] = {"linestyle": (0, look["dash"])} if "dash" in look else {}
        fill = look.get("fill", "none")
        width = max(look["width"], 0.5)
        sheet.box(x - 2.4, y - 1.1, 4.8, 2.2, fill=fill, edge=look["colour"], line=width, **dash)
    elif style in {"letters", "defects"}:
        sheet.box(x - 1.5, y - 1.5, 3.0, 3.0, fill="#b8430a", round=0.5)
        text = "!" if style == "defects" else letter_of(scene, "gap")
        sheet.text(x, y, text, 7.0, bold=True, colour=PAPER, align="center", middle=True)
    else:
        sheet.line([x], [y], linestyle="none", order=5.0, **_marker(scene, style, toggle["id"]))


def _marker(scene: Scene, style: str, id: str) -> dict[str, Any]:
    k = scene.stroke
    far = FAR if scene.view.scale > REGION else 1.0
    edge = {"markeredgecolor": PAPER, "markeredgewidth": 0.6 * k}
    return {
        "stations": {"marker": "o", "markersize": 4.4 * k, "markerfacecolor": STATION, **edge},
        UNKNOWN: {"marker": "o", "markersize": 4.4 * k, "markerfacecolor": OPEN_UNKNOWN, **edge},
        "hubs": {"marker": "o", "markersize": 8.4 * k, "markerfacecolor": HUB, **edge},
        "posts": {"marker": HOUSE, "markersize": 7.0 * k * far, "markerfacecolor": HUB, **edge},
        "numbers": {"marker": "s", "markersize": 4.4 * k, "markerfacecolor": STONE, **edge},
        "dots": {"marker": "o", "markersize": 4.2 * k, "markerfacecolor": DOTS.get(id, INK), **edge},
    }[style]


def _draw(scene: Scene, toggle: Toggle) -> bool:
    style = toggle["style"]
    if style == "background":
        return draw_ways(scene, toggle["id"])
    if style == "divisions":
        return draw_divisions(scene)
    rows = scene.book.layer(toggle["layer"])
    shapes = scene.ready(rows)
    those = [row for row in range(rows.rows) if shapes[row] is not None and _kept(rows, toggle, row)]
    if style in {"stations", "hubs"}:
        hubs = set(rows.record["hubs"])
        those = [row for row in those if (row in hubs) == (style == "hubs")]
        _stations(scene, toggle, rows, those)
    elif style == "outline":
        _outlines(scene, toggle, shapes[those])
    elif style == "defects":
        those = [row for row in those if rows.get(row, "state") == "open"]
        scene.room.place(_defects(scene, rows, those))
    elif those:
        scene.points(middles(shapes[those]), 4.8, **_marker(scene, style, toggle["id"]))
    return bool(those)


def _unknown_hours(scene: Scene, toggle: Toggle) -> list[Toggle]:
    """One more sign where stations have no hours that are known."""
    if toggle["style"] != "stations":
        return []
    rows = scene.book.layer(toggle["layer"])
    if all(station_state(scene.book, scene.theme, rows, row) != UNKNOWN for row in range(rows.rows)):
        return []
    title = {lang: scene.book.say("week.unknown") for lang in ("zh", "en")}
    return [{**toggle, "id": UNKNOWN, "style": UNKNOWN, "title": title}]


def _kept(rows: Rows, toggle: Toggle, row: int) -> bool:
    keep, drop = toggle["keep"], toggle["drop"]
    if keep and rows.get(row, keep[0]) not in keep[1]:
        return False
    return not (drop and rows.get(row, drop[0]) in drop[1])


def _stations(scene: Scene, toggle: Toggle, rows: Rows, those: list[int]) -> None:
    base = _marker(scene, toggle["style"], toggle["id"])
    shapes = scene.ready(rows)
    states = np.array([station_state(scene.book, scene.theme, rows, row) for row in those])
    shut = {
        "markeredgecolor": base["markerfacecolor"],
        "markerfacecolor": PAPER,
        "markeredgewidth": 0.9 * scene.stroke,
    }
    looks = {"open": {}, UNKNOWN: {"markerfacecolor": OPEN_UNKNOWN}, "closed": shut, OUT: shut}
    lift = 0.1 if toggle["style"] == "hubs" else 0.0
    for state, more in looks.items():
        own = np.asarray(those)[states == state] if len(those) else np.zeros(0, dtype=int)
        scene.points(middles(shapes[own]), 4.7 + lift + (state == "open") / 20, **{**base, **more})
    if toggle["style"] == "hubs":
        for x, y in scene.view.mm(middles(shapes[those])) if those else ():
            scene.room.take((x - 1.4, y - 1.4, x + 1.4, y + 1.4))


def _outlines(scene: Scene, toggle: Toggle, shapes: Any) -> None:
    look = OUTLINES.get(toggle["id"], OUTLINES.get(toggle["layer"], PLAIN_OUTLINE))
    order = look.get("order", 3.8)
    if "fill" in look:
        paths = [path for _, path in area_paths(shapes)]
        fill = PathCollection(paths, facecolor=look["fill"], edgecolor="none", zorder=order)
        scene.axes.add_collection(fill, autolim=False)
    lines = LineCollection(
        [line for _, line in line_paths(shapes)],
        colors=look["colour"],
        linewidths=look["width"] * scene.stroke,
        linestyles=[(0, look["dash"])] if "dash" in look else "solid",
        zorder=order + 0.01,
    )
    scene.axes.add_collection(lines, autolim=False)


def _defects(scene: Scene, rows: Rows, those: list[int]) -> Iterator[Label]:
    grades = list(SEVERITY)
    those = sorted(
        those,
        key=lambda row: -grades.index(rows.get(row, "severity")) if rows.get(row, "severity") in grades else 1,
    )
    for row, at in zip(those, middles(scene.ready(rows)[those]), strict=True):
        fill, ink = SEVERITY.get(rows.get(row, "severity"), (MISSING, INK))
        yield scene.badge(at, "!", fill, ink)
