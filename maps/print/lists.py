"""The ranked lists beside the map, as far as there is room, each row with its number on the map."""

from __future__ import annotations

from collections.abc import Iterator, Mapping, Sequence
from dataclasses import dataclass
from typing import Any

import numpy as np
import shapely

from maps.palette import INK, PAPER
from maps.print.fonts import MM, shortened, wrapped
from maps.print.labels import Label, around
from maps.print.paper import RULE, SOFT, Align, leading
from maps.print.rows import Rows
from maps.print.scene import Scene
from maps.print.shapes import middles
from maps.print.strip import Strip

OWN_UNITS = frozenset({"minutes", "days", "FTE"})  # said once, in the heading
BARE = OWN_UNITS | {"people", "households"}
RANK = "rank"
LINE = "line"  # field with the number that a row has on the board, where rows are numbered there
TOLD = "problem"  # field with a sentence
SENTENCE = 4  # lines of it at most
LENGTH = "length_m"  # of what is at one point there is none
MOST = 30  # rows of one list
FIRST = 6  # rows of the first list, before there is room for a second
FEWEST = 3  # rows for which a heading is worth its room
NUMBER = 6.0  # width of the column of numbers, millimetres
LEAD = 0.36  # of the width for the name, at least
WIDEST = 0.3  # share of the width for a column of text
HEADING = 2  # lines, and one more where a wider column does not help
SHORT = 5  # characters of a heading without blanks that stay in one line


@dataclass(frozen=True, slots=True)
class Listed:
    """A list and how much of it is printed.

    Parameters
    ----------
    given : mapping
        One of the theme's lists.
    first : int
        Number of its first row on the map.
    rows : tuple of int
        Rows of its layer that are printed.
    """

    given: Mapping[str, Any]
    first: int
    rows: tuple[int, ...]


def chosen(
    scene: Scene, lists: Sequence[Mapping[str, Any]], width: float, room: float
) -> list[tuple[Listed, Strip]]:
    """Lay out as much of the lists as there is room for.

    Parameters
    ----------
    scene : Scene
        The map.
    lists : sequence of mapping
        ``layer title columns rows``, most important first; those without rows are passed over.
    width, room : float
        Millimetres to the right and down.

    Returns
    -------
    list of (Listed, Strip)
        Each with its table; the rows of all are numbered on.
    """
    filled = [one for one in lists if one["rows"]]
    fits = [min(FEWEST if at else FIRST, len(one["rows"])) for at, one in enumerate(filled)]
    made = _tables(scene, filled, fits, width)
    while made and _depth(scene, made) > room:
        fits = [FEWEST] if len(fits) == 1 and fits[0] > FEWEST else fits[:-1]
        made = _tables(scene, filled, fits, width)
    for at, one in enumerate(filled[: len(fits)]):
        while fits[at] < min(len(one["rows"]), MOST):
            more = [*fits[:at], fits[at] + 1, *fits[at + 1 :]]
            longer = _tables(scene, filled, more, width)
            if _depth(scene, longer) > room:
                break
            fits, made = more, longer
    return made


def _tables(
    scene: Scene, lists: Sequence[Mapping[str, Any]], fits: Sequence[int], width: float
) -> list[tuple[Listed, Strip]]:
    made, first = [], 1
    for one, count in zip(lists, fits, strict=False):
        listed = Listed(one, first, tuple(one["rows"][:count]))
        made.append((listed, _table(scene, listed, width)))
        first += count
    return made


def _depth(scene: Scene, made: Sequence[tuple[Listed, Strip]]) -> float:
    return sum(strip.depth + scene.sheet.sizes.gap for _, strip in made)


def numbers(scene: Scene, lists: Sequence[Listed]) -> Iterator[Label]:
    """Give the numbers of listed rows for the map.

    Parameters
    ----------
    scene : Scene
        The map.
    lists : sequence of Listed
        What is printed.

    Yields
    ------
    Label
        On its place, or beside it with a line to it.
    """
    for one in lists:
        rows = scene.book.layer(one.given["layer"])
        those = list(one.rows)
        shapes = scene.ready(rows)[those]
        small = _hidden(scene, shapes)
        for at, (number, place) in enumerate(zip(_numbered(rows, one), middles(shapes), strict=True)):
            if not np.isnan(place).any():
                yield _number(scene, str(number), place, beside=bool(small[at]))


def _numbered(rows: Rows, listed: Listed) -> list[int]:
    """Numbers of the printed rows: those that they have on the board, else one after the other."""
    if rows.has(LINE):
        return [int(rows.get(row, LINE)) for row in listed.rows]
    return [*range(listed.first, listed.first + len(listed.rows))]


def _radius(scene: Scene) -> float:
    return max(2.05 * scene.stroke, 1.85)


def _hidden(scene: Scene, shapes: Any) -> Any:
    """Which areas are so small that a disc would hide them."""
    west, south, east, north = shapely.bounds(shapes).T
    wide = np.maximum(east - west, north - south) * 1000 / scene.view.scale
    return (shapely.get_dimensions(shapes) == 2) & (wide < 2 * _radius(scene))


def _number(scene: Scene, text: str, place: Any, *, beside: bool) -> Label:
    radius = _radius(scene)
    x, y = (float(one) for one in scene.view.mm(place[None, :])[0])

    def write(cx: float, cy: float) -> None:
        if np.hypot(cx - x, cy - y) > radius:
            scene.sheet.line([x, cx], [y, cy], color=INK, linewidth=0.6, order=5.6)
            scene.sheet.disc(x, y, 0.45, fill=INK, line=0.3, order=5.6)
        scene.sheet.disc(cx, cy, radius, fill=INK, line=0.7, order=5.7)
        scene.sheet.text(cx, cy, text, 7.0, bold=True, colour=PAPER, align="center", middle=True, order=5.8)

    moves = around(radius + 0.6, 2 * radius, 2 * radius)[1 if beside else 0 :]
    return Label((x, y), 2 * radius + 0.3, 2 * radius + 0.3, write, moves)


def _cell(scene: Scene, rows: Rows, row: int, name: str) -> str:
    value = rows.get(row, name)
    if name == LENGTH and not value:
        return scene.book.say("value.missing")
    if isinstance(value, int | float) and not isinstance(value, bool) and rows.fields[name]["unit"] in BARE:
        return scene.book.number(value)
    return scene.book.value(rows, row, name)


def _table(scene: Scene, listed: Listed, width: float) -> Strip:
    sheet, book, given = scene.sheet, scene.book, listed.given
    rows = book.layer(given["layer"])
    strip = Strip(sheet, width)
    size, small = sheet.sizes.body, sheet.sizes.small
    strip.paragraph(book.title(given["title"]), sheet.sizes.head, bold=True, most=1)
    strip.skip(0.4)
    first, *others = _leading(rows, given["columns"])
    columns = [_Column(scene, rows, listed.rows, name, width) for name in others]
    while columns and sum(one.width + 2.0 for one in columns) > (width - NUMBER) * (1 - LEAD):
        columns.pop()
    lead = width - NUMBER - sum(one.width + 2.0 for one in columns)
    start = strip.depth
    deep = max([len(one.heading) for one in columns], default=1) * leading(small)
    _headings(strip, columns, width, start + deep, small)
    title = book.title(rows.fields[first]["title"])
    strip.at(
        NUMBER, start + deep - 0.9, shortened(sheet.face, sheet.face.clean(title), small, lead), small, colour=SOFT
    )
    strip.skip(deep + 0.4)
    strip.rule()
    for at, (number, row) in enumerate(zip(_numbered(rows, listed), listed.rows, strict=True)):
        told = first == TOLD
        name = book.name(rows, row) if first == rows.heading else book.value(rows, row, first)
        lines = wrapped(
            sheet.face, sheet.face.clean(name), small if told else size, lead, most=SENTENCE if told else 1
        )
        base = strip.depth + leading(small if told else size * 1.06) - size * MM * 0.28
        strip.at(NUMBER - 2.0, base, str(number), size, bold=True, align="right")
        for down, line in enumerate(lines):
            strip.at(NUMBER, base + down * leading(small), line, small if told else size)
        strip.skip(max(len(lines), 1) * leading(small) + 0.9 if told else leading(size) * 1.06)
        right = width
        for one in reversed(columns):
            text = one.texts[at]
            strip.at(right if one.numeric else right - one.width, base, text, size, align=one.align)
            right -= one.width + 2.0
    total = len(given["rows"])
    if total > len(listed.rows):
        strip.skip(leading(small))
        more = book.say("sheet.more", count=book.number(total - len(listed.rows), 0))
        strip.at(NUMBER, strip.depth - 0.5, more, small, colour=SOFT)
    strip.draw(lambda x, top: sheet.line([x, x + width], [top - strip.depth - 0.4] * 2, color=RULE, linewidth=0.4))
    return strip


def _leading(rows: Rows, columns: Sequence[str]) -> list[str]:
    """Columns, one with words first: a rank would only say the row's number again, as a line of a board does."""
    if rows.has(TOLD):
        return [TOLD]
    first, *others = columns
    worded = next((name for name in others if rows.fields[name]["kind"] == "string"), None)
    if first != RANK or worded is None:
        return [first, *others]
    return [worded, *(name for name in others if name != worded)]


class _Column:
    """One column behind the name: its heading in lines, its texts, and how wide they are."""

    def __init__(self, scene: Scene, rows: Rows, those: Sequence[int], name: str, width: float) -> None:
        face, sizes = scene.sheet.face, scene.sheet.sizes
        field = rows.fields[name]
        self.numeric = field["kind"] in {"number", "integer"}
        self.align: Align = "right" if self.numeric else "left"
        texts = [face.clean(_cell(scene, rows, row, name)) for row in those]
        widest = max((face.width(text, sizes.body) for text in texts), default=0.0)
        title = face.clean(scene.book.title(field["title"]))
        told = field["unit"] in title.lower()  # "days late (days)"
        unit = scene.book.words.get(f"unit.{field['unit']}", "") if field["unit"] in OWN_UNITS and not told else ""
        whole = title.split() if title.isascii() else [title[:SHORT]]
        word = max((face.width(word, sizes.small) for word in whole), default=0.0)
        self.width = min(max(widest, word - 0.6, 10.0), width * WIDEST)
        bracketed = unit if "（" in unit else f"({unit})"
        said = f"{title} {bracketed}" if unit else title
        if len(wrapped(face, said, sizes.small, self.width + 0.6)) > HEADING:
            self.width = min(self.width * 1.35, width * WIDEST)
        self.heading = wrapped(face, said, sizes.small, self.width + 0.6, most=HEADING + 1)
        self.texts = [shortened(face, text, sizes.body, self.width) for text in texts]


def _headings(strip: Strip, columns: Sequence[_Column], width: float, foot: float, size: float) -> None:
    right = width
    for one in reversed(columns):
        for up, line in enumerate(reversed(one.heading)):
            x = right if one.numeric else right - one.width
            strip.at(x, foot - 0.9 - up * leading(size), line, size, colour=SOFT, align=one.align)
        right -= one.width + 2.0
