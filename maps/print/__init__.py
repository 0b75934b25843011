"""A board as sheets of paper, by matplotlib alone: PDF to be printed, PNG to be shown."""

from __future__ import annotations

from collections.abc import Sequence
from typing import TYPE_CHECKING, Literal

from maps.print.missing import NoFont

if TYPE_CHECKING:
    from geo.service import Build
    from geo.words import Lang

Format = Literal["pdf", "png"]
PAPERS = ("A3", "A4")
FORMATS = ("pdf", "png")

__all__ = ["FORMATS", "PAPERS", "Format", "NoFont", "sheets"]


def sheets(
    build: Build,
    board_id: str,
    *,
    paper: str = "A3",
    lang: Lang = "zh",
    themes: Sequence[str] = (),
    view: str = "",
    format: Format = "pdf",
    portrait: bool | None = None,
    service: str = "",
    holder: str = "",
    first: bool = False,
) -> dict[str, bytes]:
    """Print a board.

    Parameters
    ----------
    build : Build
        A finished build.
    board_id : str
        One of :func:`maps.boards.available`.
    paper : {"A3", "A4"}
        Size of the sheets.
    lang : {"zh", "en"}
        Language of everything on them.
    themes : sequence of str
        Which themes, one sheet each, in the board's order; ``list`` is the patrol list to be signed. Empty = all
        that the build has.
    view : str
        What is coloured where a theme has several views: a level, a layer id, or its number from 1; themes without
        it show their first.
    format : {"pdf", "png"}
        One PDF, or one PNG a sheet.
    portrait : bool or None
        Whether sheets stand upright; None = as the map becomes larger.
    service : str
        Address at which the workspaces are served; the code on the sheet then leads to the board.
    holder : str
        Of the patrol board, the id of a post: only what it holds is thick, framed, counted and listed.
    first : bool
        Only the first sheet of those: for whoever wants one picture.

    Returns
    -------
    dict of str to bytes
        Content by file name. The same build gives the same bytes on a machine with the same fonts.

    Raises
    ------
    BadParameter
        Paper, theme, view, format or holder is none of those that there are, or the service has no web address.
    NoFont
        A character that would be printed is in no installed font.
    """
    from maps.print.output import printed  # matplotlib is slow to import

    return printed(
        build,
        board_id,
        paper=paper,
        lang=lang,
        themes=themes,
        view=view,
        format=format,
        portrait=portrait,
        service=service,
        holder=holder,
        first=first,
    )
