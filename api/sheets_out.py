"""Printed boards as files: where the command was told to put them."""

from __future__ import annotations

from collections.abc import Sequence
from pathlib import Path

from geo.errors import BadParameter
from geo.service import Build
from geo.store.files import replace
from geo.words import Lang
from maps.print import FORMATS, Format, sheets


def write_sheets(
    made: Build,
    board: str,
    to: Path,
    *,
    paper: str,
    format: Format,
    themes: Sequence[str],
    view: str,
    lang: Lang,
    portrait: bool | None,
    holder: str,
    service: str,
) -> list[Path]:
    """Print a board into files.

    Parameters
    ----------
    made : Build
        A published build.
    board : str
        Board id.
    to : Path
        A file (its name ends like the format) or a folder; made when missing, files of the same name are replaced.
    paper, format, themes, view, lang, portrait, holder, service
        As of :func:`maps.print.sheets`.

    Returns
    -------
    list of Path
        What was written.

    Raises
    ------
    BadParameter
        As there, or one file is asked for and there are several sheets; nothing is written.
    NoFont
        As there.
    """
    ending = to.suffix.lower().removeprefix(".")
    if ending in FORMATS and ending != format:
        raise BadParameter.said("wrong_ending", file=to.name, format=format, ending=ending)
    printed = sheets(
        made,
        board,
        paper=paper,
        lang=lang,
        themes=themes,
        view=view,
        format=format,
        portrait=portrait,
        service=service,
        holder=holder,
    )
    one_file = ending == format and not to.is_dir()
    if one_file and len(printed) > 1:
        raise BadParameter.said("one_file", count=len(printed), format=format)
    written = [to if one_file else to / name for name in printed]
    for path, content in zip(written, printed.values(), strict=True):
        replace(content, path)
    return written
