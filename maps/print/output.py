"""From figures to files: which sheets are wanted, one PDF of all or one PNG each, the same bytes every time."""

from __future__ import annotations

import io
import logging
from collections.abc import Iterator, Mapping, Sequence
from threading import Lock
from typing import TYPE_CHECKING, Any

from geo.errors import BadParameter
from geo.words import LANGS, Lang
from maps import boards, words
from maps.content import content
from maps.print import FORMATS, Format

_quiet = logging.getLogger("matplotlib")
_level = _quiet.level
_quiet.setLevel(logging.ERROR)  # that its folder of settings cannot be written is no concern of whoever prints
import matplotlib as mpl  # noqa: E402 (after its logger)
from matplotlib.backends.backend_agg import FigureCanvasAgg  # noqa: E402
from matplotlib.backends.backend_pdf import PdfPages  # noqa: E402
from matplotlib.figure import Figure  # noqa: E402

from maps.print.book import Book  # noqa: E402
from maps.print.fonts import Typeface, typeface  # noqa: E402
from maps.print.order import order_sheets  # noqa: E402
from maps.print.paper import Sizes, sizes_of  # noqa: E402
from maps.print.sheet import HOLDER, Question, theme_sheet  # noqa: E402

_quiet.setLevel(_level)

if TYPE_CHECKING:
    from geo.service import Build
    from maps.board import Board

LIST = "list"  # the table of work, among the themes
RASTER_DPI = 300  # of what is too heavy for lines
_one_at_a_time = Lock()  # matplotlib's fonts and settings are shared by all threads
SETTINGS: dict[Any, Any] = {
    "pdf.fonttype": 3,  # outlines, which every reader takes; as TrueType it would embed CFF fonts wrongly
    "pdf.compression": 6,
    "hatch.linewidth": 0.35,
    "path.simplify": False,
    "text.hinting": "no_hinting",
    "axes.unicode_minus": False,
    "svg.hashsalt": "gridwalk",
}


def printed(
    build: Build,
    board_id: str,
    *,
    paper: str,
    lang: Lang,
    themes: Sequence[str],
    view: str,
    format: Format,
    portrait: bool | None,
    service: str,
    holder: str,
    first: bool,
) -> dict[str, bytes]:
    """Print a board; see :func:`maps.print.sheets`.

    Parameters
    ----------
    build, board_id, paper, lang, themes, view, format, portrait, service, holder, first
        As there.

    Returns
    -------
    dict of str to bytes
        As there.
    """
    if format not in FORMATS:
        raise BadParameter.said("bad_choice", name="format", given=format[:40], known=", ".join(FORMATS))
    if lang not in LANGS:
        raise BadParameter.said("bad_choice", name="lang", given=lang[:40], known=", ".join(LANGS))
    if service and not service.startswith(("https://", "http://")):
        raise BadParameter.said("bad_service", given=service[:80])
    sizes = sizes_of(paper)
    board = _board(build, board_id)
    with _one_at_a_time, mpl.rc_context({**mpl.rcParamsDefault, **SETTINGS}):
        book = Book(content(build, board), board.seen(build), words.book(lang), lang)
        _check_holder(book, holder)
        wanted = _wanted(book, themes)[: 1 if first else None]
        views = _views(book, wanted, view)
        named = [build.workspace.id, board_id, *([_safe(holder)] if holder else [])]
        drawn = _drawn(book, wanted, views, sizes, portrait, service, holder, typeface())
        if format == "pdf":
            alone = [wanted[0]] if len(wanted) == 1 else []
            return {"-".join([*named, *alone, paper, lang]) + ".pdf": _pdf(book, [figure for _, figure in drawn])}
        return {
            "-".join([*named, name, paper, lang]) + ".png": _png(book, figure, sizes.dpi) for name, figure in drawn
        }


def themes_of(build: Build, board_id: str) -> list[str]:
    """List what can be printed of a board.

    Parameters
    ----------
    build : Build
        A finished build.
    board_id : str
        One of :func:`maps.boards.available`.

    Returns
    -------
    list of str
        Theme ids, and ``list`` where there is work.
    """
    return _there(content(build, _board(build, board_id)))


def _board(build: Build, id: str) -> Board:
    known = boards.available(build)
    if id not in known:
        raise BadParameter.said("no_board", given=id[:80], known=", ".join(known))
    return boards.board(id)


def _there(made: Mapping[str, Any]) -> list[str]:
    return [*(theme["id"] for theme in made["themes"]), *([LIST] if made["work"] else [])]


def _wanted(book: Book, themes: Sequence[str]) -> list[str]:
    there = _there(book.content)
    for theme in themes:
        if theme not in there:
            raise BadParameter.said("no_theme", given=theme[:80], known=", ".join(there) or "-")
    if not there:
        raise BadParameter.said("nothing_to_print")
    return [theme for theme in there if theme in themes] or there


def _views(book: Book, wanted: Sequence[str], view: str) -> dict[str, Mapping[str, Any]]:
    """Which view each theme shows."""
    found: dict[str, Mapping[str, Any]] = {}
    known: dict[str, None] = {}
    matched = not view
    for theme in book.content["themes"]:
        if theme["id"] not in wanted:
            continue
        names = {name: one for at, one in reversed([*enumerate(theme["views"], 1)]) for name in _names(at, one)}
        known |= dict.fromkeys(reversed(names))
        matched = matched or view in names
        found[theme["id"]] = names.get(view, theme["views"][0])
    if not matched:
        raise BadParameter.said("no_view", given=view[:80], known=", ".join(known))
    return found


def _names(at: int, view: Mapping[str, Any]) -> list[str]:
    return [name for name in (str(at), view["level"], view["layer"]) if name]


def _check_holder(book: Book, holder: str) -> None:
    if not holder:
        return
    work = book.content["work"]
    if not work:
        raise BadParameter.said("no_sheets_of_holder")
    held = book.layer(work["layer"]).values(HOLDER)
    posts = book.layer("posts").keys if book.there("posts") else []
    known = dict.fromkeys(str(id) for id in [*posts, *held] if id)
    if holder not in known:
        raise BadParameter.said("no_holder", given=holder[:80], known=", ".join(list(known)[:20]))


def _drawn(
    book: Book,
    wanted: Sequence[str],
    views: Mapping[str, Mapping[str, Any]],
    sizes: Sizes,
    portrait: bool | None,
    service: str,
    holder: str,
    face: Typeface,
) -> Iterator[tuple[str, Figure]]:
    for theme in book.content["themes"]:
        if theme["id"] in wanted:
            asked = Question(theme, views[theme["id"]], sizes, portrait, service, holder)
            yield theme["id"], theme_sheet(book, asked, face)
    if LIST in wanted:
        for number, figure in enumerate(order_sheets(book, sizes, face, holder, service), 1):
            yield LIST if number == 1 else f"{LIST}-{number}", figure


def _about(book: Book) -> dict[str, Any]:
    made = book.content
    title = f"{book.title(made['title'])} · {book.title(made['board_title'])}"
    return {"Title": title, "Author": book.title(made["attribution"]), "Creator": made["made_by"]}


def _pdf(book: Book, figures: Sequence[Figure]) -> bytes:
    held = io.BytesIO()
    about = {name: text for name, text in _about(book).items() if text}
    with PdfPages(held, metadata={**about, "Producer": "matplotlib", "CreationDate": None}) as pages:
        for figure in figures:
            pages.savefig(figure, dpi=RASTER_DPI)
    return held.getvalue()


def _png(book: Book, figure: Figure, dpi: int) -> bytes:
    held = io.BytesIO()
    about = _about(book)
    FigureCanvasAgg(figure)
    figure.savefig(held, format="png", dpi=dpi, metadata={"Software": None, "Title": about["Title"]})
    return held.getvalue()


def _safe(name: str) -> str:
    return "".join(one if one.isalnum() or one in "_-" else "_" for one in name)
