"""The code that a camera reads: which workspace, which version, and where to find it."""

from __future__ import annotations

from collections.abc import Mapping
from typing import Any

import segno
from matplotlib.patches import PathPatch
from matplotlib.path import Path

from geo.words import Lang
from maps.print.paper import Sheet

QUIET = 4  # modules left white all round, as the standard asks
DARK = "#000000"


def code_text(content: Mapping[str, Any], theme: str, lang: Lang, service: str) -> str:
    """Say what the code holds.

    Parameters
    ----------
    content : mapping
        As of :func:`maps.content.content`.
    theme : str
        Theme of the sheet.
    lang : {"zh", "en"}
        Its language.
    service : str
        Address at which the workspaces are served, or nothing.

    Returns
    -------
    str
        The address of the theme on the board, which names workspace and version; without a service these alone.

    Examples
    --------
    >>> content = {"workspace": "d", "version": "0f1e", "board": "planner", "as_of": "2026-11-20"}
    >>> code_text(content, "walk", "en", "https://grids.example/")
    'https://grids.example/d/boards/planner#theme=walk&lang=en&version=0f1e'
    >>> code_text(content, "walk", "en", "")
    'gridwalk d 0f1e planner/walk 2026-11-20'
    """
    workspace, version, board = (content[name] for name in ("workspace", "version", "board"))
    if service:
        return f"{service.rstrip('/')}/{workspace}/boards/{board}#theme={theme}&lang={lang}&version={version}"
    return f"gridwalk {workspace} {version} {board}/{theme} {content['as_of']}"


def modules(text: str) -> list[list[int]]:
    """Make the code.

    Parameters
    ----------
    text : str
        What it holds.

    Returns
    -------
    list of list of int
        1 = dark, from the top, with the quiet zone.
    """
    made = segno.make_qr(text, error="m")
    return [[int(dark) for dark in row] for row in made.matrix_iter(border=QUIET)]


def draw_code(sheet: Sheet, text: str, x: float, y: float, side: float) -> None:
    """Draw the code.

    Parameters
    ----------
    sheet : Sheet
        Paper.
    text : str
        What it holds.
    x, y : float
        Lower left corner with the quiet zone, millimetres.
    side : float
        With the quiet zone, millimetres.
    """
    rows = modules(text)
    each = side / len(rows)
    vertices: list[tuple[float, float]] = []
    for down, row in enumerate(rows):
        top = y + side - down * each
        for start, end in _runs(row):
            left, right = x + start * each, x + end * each
            vertices += [(left, top), (right, top), (right, top - each), (left, top - each), (left, top)]
    codes = [Path.MOVETO, Path.LINETO, Path.LINETO, Path.LINETO, Path.CLOSEPOLY] * (len(vertices) // 5)
    made = PathPatch(Path(vertices, codes), facecolor=DARK, linewidth=0, antialiased=False, zorder=4.0, gid="code")
    sheet.add(made)


def _runs(row: list[int]) -> list[tuple[int, int]]:
    """Stretches of dark modules, so that no hair of white is between neighbours."""
    edges = [at for at, (before, after) in enumerate(zip([0, *row], [*row, 0], strict=True)) if before != after]
    return list(zip(edges[::2], edges[1::2], strict=True))
