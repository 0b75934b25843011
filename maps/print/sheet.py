"""One theme on one sheet: the map as large as it goes, the panel beside it, or below it where the sheet stands."""

from __future__ import annotations

from collections.abc import Iterable, Mapping, Sequence
from dataclasses import dataclass
from typing import Any

import numpy as np
import shapely
from matplotlib.figure import Figure

from geo.crs import frame_of
from maps.palette import INK
from maps.print import coloured, ground, imprint, lists, overlays, panel
from maps.print.book import POSTS, Book
from maps.print.code import code_text
from maps.print.dress import dressed
from maps.print.fonts import Typeface
from maps.print.furniture import draw_furniture
from maps.print.labels import Room
from maps.print.paper import Sheet, Sizes
from maps.print.projection import SMALLEST, Rect, View, fitted
from maps.print.rows import Rows
from maps.print.scene import Scene
from maps.print.strip import Strip, stacked

HOLDER = "post_id"
HOLDERS = (HOLDER, "post_ids")
COLUMNS = 3  # of the panel below an upright map
LOWEST = 0.24  # of an upright sheet, for the panel at least
AROUND = 0.1  # of the board's ground is on a map at least, so that one sees where a small place lies
SOURCES = {"A3": 6, "A4": 7}  # lines under the map
ABOVE = 1.2  # millimetres between the sources and what stands above them
NO_BOX = (0.0, 0.0, 0.0, 0.0)


@dataclass(frozen=True, slots=True)
class Question:
    """What is to be printed.

    Parameters
    ----------
    theme : mapping
        One theme of the board.
    view : mapping
        One of its views.
    sizes : Sizes
        Paper.
    portrait : bool or None
        Whether the sheet stands; None = as the map becomes larger.
    service : str
        Address of the service, or nothing.
    holder : str
        Id of a post whose sheet it is; empty = for everybody.
    """

    theme: Mapping[str, Any]
    view: Mapping[str, Any]
    sizes: Sizes
    portrait: bool | None
    service: str
    holder: str


def theme_sheet(book: Book, asked: Question, face: Typeface) -> Figure:
    """Draw one theme.

    Parameters
    ----------
    book : Book
        The board.
    asked : Question
        What is to be printed.
    face : Typeface
        What texts are set in.

    Returns
    -------
    matplotlib.figure.Figure
        As large as the paper.
    """
    plans = [_plan(book, asked, face, portrait=one) for one in (False, True) if asked.portrait in (None, one)]
    best = min(plans, key=lambda plan: plan.scene.view.scale)
    _draw(best, asked)
    return best.scene.sheet.figure


@dataclass
class _Plan:
    """A sheet that is laid out but for what depends on the map."""

    scene: Scene
    heading: Strip
    sources: Strip
    below: float  # depth of the panel under an upright map


def _plan(book: Book, asked: Question, face: Typeface, *, portrait: bool) -> _Plan:
    sheet = Sheet(asked.sizes, portrait=portrait, face=face)
    sizes = asked.sizes
    inner = sheet.width - 2 * sizes.margin
    rows = book.layer(asked.view["layer"])
    shown = rows.at(asked.view["level"], asked.view["tree"])
    own = _own(rows, asked.holder)
    head = imprint.heading(sheet, book, inner if portrait else sizes.panel, _subtitle(book, asked))
    beside = inner - sizes.panel - sizes.gap
    foot = imprint.sources(sheet, book, inner if portrait else beside, SOURCES[sizes.name])
    low = sizes.margin + foot.depth + ABOVE
    room = sheet.height - sizes.margin - low
    rect: Rect = (sizes.margin + sizes.panel + sizes.gap, low, beside, room)
    whole = shapely.box(*np.array([book.content["bounds"]]).T)
    framed = rows.shapes[sorted(own) if own else shown]
    if not len(framed):  # none of them has ground: the map shows what the board is about
        framed = whole
    least = SMALLEST if own else max(AROUND * _width(whole), SMALLEST)
    scene = Scene(
        sheet,
        book,
        asked.theme,
        rows,
        shown,
        dressed(book, asked.theme, rows),
        fitted(framed, rect, least),
        sheet.axes,
        Room(NO_BOX),
        own,
    )
    below = 0.0
    if portrait:
        below = _below(scene, asked)
        high = room - head.depth - below - 2 * sizes.gap
        rect = (sizes.margin, low + below + sizes.gap, inner, high)
        scene.view = fitted(framed, rect, least)
    return _Plan(scene, head, foot, below)


def _width(shapes: Any) -> float:
    """The longer side of some ground, metres."""
    west, south, east, north = shapely.total_bounds(frame_of(shapes).metres(shapes))
    return float(max(east - west, north - south))


def _below(scene: Scene, asked: Question) -> float:
    """How deep the panel under an upright map is: as its deepest column, lists aside."""
    sizes = scene.sheet.sizes
    width = _column(scene.sheet)
    first = panel.figures(scene.sheet, scene.book, width).depth + sizes.gap + panel.legend(scene, width).depth
    last = _signs_and_imprint(scene, asked, overlays.printed(scene), width)
    deep = max(first, sum(strip.depth for strip in last) + sizes.gap)
    return max(deep, LOWEST * scene.sheet.height)


def _column(sheet: Sheet) -> float:
    inner = sheet.width - 2 * sheet.sizes.margin
    return (inner - (COLUMNS - 1) * sheet.sizes.gap * 1.4) / COLUMNS


def _signs_and_imprint(
    scene: Scene, asked: Question, drawn: Sequence[Mapping[str, Any]], width: float
) -> list[Strip]:
    code = code_text(scene.book.content, asked.theme["id"], scene.book.lang, asked.service)
    return [panel.signs(scene, drawn, width), imprint.imprint(scene, width, code, asked.service)]


def _own(rows: Rows, holder: str) -> frozenset[int] | None:
    if not holder:
        return None
    return frozenset(row for row in _held(rows, range(rows.rows), holder) if rows.shapes[row] is not None) or None


def _subtitle(book: Book, asked: Question) -> list[str]:
    lines = [book.title(book.content["board_title"]), book.title(asked.theme["title"])]
    if len(asked.theme["views"]) > 1:
        lines.append(book.title(asked.view["title"]))
    if asked.holder:
        lines.append(book.say("sheet.holder", post=book.named(POSTS, asked.holder)))
    return lines


def _draw(plan: _Plan, asked: Question) -> None:
    scene = plan.scene
    drawn = _draw_map(scene)
    panel_of = _panel_below if scene.sheet.portrait else _panel_beside
    printed = panel_of(plan, asked, drawn)
    scene.room.place(lists.numbers(scene, printed))
    for toggle in overlays.printed(scene):
        if toggle["style"] == "letters":
            scene.room.place(overlays.finding_letters(scene, toggle))
    scene.room.place(coloured.letters(scene))
    if any(toggle["style"] == "names" for toggle in overlays.printed(scene)):
        scene.room.place(ground.names(scene), ground.most_names(scene))
    for toggle in overlays.printed(scene):
        if toggle["style"] == "numbers":
            scene.room.place(overlays.marker_numbers(scene, toggle))


def _draw_map(scene: Scene) -> list[Mapping[str, Any]]:
    view: View = scene.view
    left, bottom, width, height = view.rect
    scene.axes = scene.sheet.map_axes(view.rect, view.box)
    scene.axes.set_gid("map")
    for side in scene.axes.spines.values():
        side.set_linewidth(0.8)
        side.set_edgecolor(INK)
    scene.room = Room((left + 0.4, bottom + 0.4, left + width - 0.4, bottom + height - 0.4))
    ground.draw_land(scene)
    coloured.draw_coloured(scene)
    drawn = overlays.draw_overlays(scene)
    draw_furniture(scene)
    ground.draw_graticule(scene)
    return drawn


def _panel_beside(plan: _Plan, asked: Question, drawn: Sequence[Mapping[str, Any]]) -> list[lists.Listed]:
    scene = plan.scene
    sheet, sizes = scene.sheet, scene.sheet.sizes
    width = sizes.panel
    top = sheet.height - sizes.margin
    upper = [plan.heading, panel.figures(sheet, scene.book, width), panel.legend(scene, width)]
    used = sum(strip.depth + sizes.gap for strip in upper)
    whole = top - sizes.margin
    signs, colophon = _signs_and_imprint(scene, asked, drawn, width)
    room = whole - used - signs.depth - colophon.depth - 2 * sizes.gap
    plan.sources.onto(sizes.margin + width + sizes.gap, sizes.margin + plan.sources.depth)
    down = stacked([*upper, signs], sizes.margin, top, sizes.gap)
    found = lists.chosen(scene, _lists(scene, asked), width, max(room, 0.0))
    stacked([strip for _, strip in found], sizes.margin, down, sizes.gap)
    colophon.onto(sizes.margin, sizes.margin + colophon.depth)
    return [listed for listed, _ in found]


def _panel_below(plan: _Plan, asked: Question, drawn: Sequence[Mapping[str, Any]]) -> list[lists.Listed]:
    scene = plan.scene
    sheet, sizes = scene.sheet, scene.sheet.sizes
    width = _column(sheet)
    xs = [sizes.margin + at * (width + sizes.gap * 1.4) for at in range(COLUMNS)]
    plan.heading.onto(sizes.margin, sheet.height - sizes.margin)
    plan.sources.onto(sizes.margin, sizes.margin + plan.sources.depth)
    low = sizes.margin + plan.sources.depth + ABOVE
    top = low + plan.below
    stacked([panel.figures(sheet, scene.book, width), panel.legend(scene, width)], xs[0], top, sizes.gap)
    found = lists.chosen(scene, _lists(scene, asked), width, plan.below)
    stacked([strip for _, strip in found], xs[1], top, sizes.gap)
    signs, colophon = _signs_and_imprint(scene, asked, drawn, width)
    signs.onto(xs[2], top)
    colophon.onto(xs[2], low + colophon.depth)
    return [listed for listed, _ in found]


def _lists(scene: Scene, asked: Question) -> list[Mapping[str, Any]]:
    """Lists of the theme; of a board with work, that first. Of a holder's sheet only their rows."""
    content = scene.book.content
    found: list[Mapping[str, Any]] = list(scene.theme["lists"])
    if content["work"] and scene.theme["id"] == content["themes"][0]["id"]:
        rows = scene.book.layer(content["work"]["layer"])
        columns = [name for name in ("state", "late_days", "length_m") if rows.has(name)]
        work = {"layer": rows.id, "columns": [rows.heading, *columns], "rows": content["work"]["rows"]}
        found.insert(0, {**work, "title": {lang: scene.book.say("patrol.list") for lang in ("zh", "en")}})
    if not asked.holder:
        return found
    return [{**one, "rows": _held(scene.book.layer(one["layer"]), one["rows"], asked.holder)} for one in found]


def _held(rows: Rows, those: Iterable[int], holder: str) -> list[int]:
    """Those that name the holder, alone or among others."""
    alone, among = (rows.values(name) for name in HOLDERS)
    return [row for row in those if alone[row] == holder or holder in (among[row] or ())]
