"""Sheets as figures, and what can be read off them."""

from __future__ import annotations

from typing import Any

import matplotlib
import matplotlib.image
from matplotlib.figure import Figure
from matplotlib.text import Text

from geo.words import Lang
from maps import boards, words
from maps.content import content
from maps.print import output
from maps.print.book import Book
from maps.print.fonts import typeface
from maps.print.paper import sizes_of
from maps.print.sheet import Question, theme_sheet
from tests.maps.fake_build import HOSTILE, FakeBuild, town_build
from tests.maps.fake_patrol import patrol_build

TRICKY = (*HOSTILE, "$x^2$ \\frac{1}{2}", "a\nb\\\\", "50% _under_ #1 &co", "{0} %s ~")
TOWN = town_build(names=TRICKY)
PATROL = patrol_build()


def book(build: FakeBuild, board: str, lang: Lang) -> Book:
    return Book(content(build, boards.board(board)), build, words.book(lang), lang)  # type: ignore[arg-type]


def figure(made: Book, theme: int = 0, paper: str = "A4", portrait: bool | None = False, **more: Any) -> Figure:
    one = made.content["themes"][theme]
    asked = {"service": "", "holder": "", **more}
    with matplotlib.rc_context(output.SETTINGS):
        return theme_sheet(made, Question(one, one["views"][0], sizes_of(paper), portrait, **asked), typeface())


def texts(drawn: Figure) -> list[Text]:
    return [one for one in drawn.findobj(Text) if isinstance(one, Text) and one.get_text()]


def said(drawn: Figure) -> list[str]:
    return [one.get_text() for one in texts(drawn)]


def placed(one: Text) -> tuple[float, float, float, float]:
    """Left end and width, height of its baseline or middle, and size, of a text; millimetres and points."""
    x, y = one.get_position()
    size = float(one.get_fontsize())
    wide = typeface().width(one.get_text(), size, bold=one.get_fontweight() == "bold")
    left = x - wide * {"left": 0, "center": 0.5, "right": 1}[one.get_horizontalalignment()]
    return float(left), wide, float(y), size


def by_gid(drawn: Figure, gid: str) -> list[Any]:
    return drawn.findobj(lambda one: one.get_gid() == gid)


def map_of(drawn: Figure) -> tuple[tuple[float, float, float, float], float]:
    """Box of the map in metres, and millimetres of its left edge, bottom and width."""
    (axes,) = by_gid(drawn, "map")
    (left, right), (bottom, top) = axes.get_xlim(), axes.get_ylim()
    width = axes.get_position().width * drawn.get_figwidth() * 25.4
    return (left, bottom, right, top), (right - left) / width * 1000  # metres in a metre of paper
