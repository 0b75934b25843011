"""Who says what, and whether it may be published: heading and notice, projection and method, version, sources."""

from __future__ import annotations

from collections.abc import Sequence

from maps.print.book import Book
from maps.print.code import draw_code
from maps.print.fonts import MM
from maps.print.paper import SOFT, Sheet, leading
from maps.print.projection import degrees_text
from maps.print.scene import Scene
from maps.print.strip import Strip

NOTICE = "#fff1d6"
ON_FOOT = frozenset({"grid-walk", "division-walk", "walk-bands", "grid-hours"})
CODE = 21.0  # side of the code, millimetres
TABLES = 4  # named of one source


def heading(sheet: Sheet, book: Book, width: float, lines: Sequence[str]) -> Strip:
    """Lay out title and subtitle, date and notice.

    Parameters
    ----------
    sheet : Sheet
        Paper.
    book : Book
        The board.
    width : float
        Millimetres.
    lines : sequence of str
        What the sheet is about, from the general to the special.

    Returns
    -------
    Strip
        The heading.
    """
    strip = Strip(sheet, width)
    sizes = sheet.sizes
    strip.paragraph(book.title(book.content["title"]), sizes.title, bold=True, most=3)
    strip.skip(0.4)
    strip.paragraph(book.say("legend.and").join(lines), sizes.head, bold=True, colour="#0b4a8f", most=4)
    strip.skip(0.3)
    strip.paragraph(book.say("sheet.as_of", date=book.day(book.content["as_of"])), sizes.body, colour=SOFT)
    if book.content["notice"]:
        _notice(strip, book.title(book.content["notice"]))
    return strip


def imprint(scene: Scene, width: float, code: str, service: str) -> Strip:
    """Lay out how the map was made, and whether it may be published.

    Parameters
    ----------
    scene : Scene
        The map.
    width : float
        Millimetres.
    code : str
        What the code holds.
    service : str
        Address of the service, or nothing.

    Returns
    -------
    Strip
        The small print, with the code.
    """
    sheet, book, content = scene.sheet, scene.book, scene.book.content
    size = sheet.sizes.small
    strip = Strip(sheet, width)
    strip.rule()
    strip.skip(1.2)
    side = CODE * scene.stroke
    beside = width - side - 3.0
    strip.draw(lambda x, top: draw_code(sheet, code, x + width - side, top - 1.0 - side, side))
    number = content["map_review_number"]
    review = book.say("panel.review", number=number) if number else book.say("panel.unreviewed")
    strip.paragraph(review, size, bold=True, width=beside)
    strip.paragraph(_projection(scene), size, colour=SOFT, width=beside)
    if scene.rows.id in ON_FOOT or any(one["layer"] in ON_FOOT for one in scene.theme["views"]):
        parameters = {**content["parameters"], "at": book.title(content["parameters"]["at"])}
        strip.paragraph(book.say("panel.method", **parameters), size, colour=SOFT, width=beside)
    made = book.say("sheet.made", by=content["made_by"])
    strip.paragraph(made, size, colour=SOFT, width=beside)
    version = book.say("sheet.version", workspace=content["workspace"], version=content["version"][:12])
    strip.paragraph(version, size, colour=SOFT, width=beside)
    told = sheet.face.clean(book.say("sheet.scan_board" if service else "sheet.scan"))
    strip.at(width, side + 2.6 + size * MM, told, size, colour=SOFT, align="right")
    strip.depth = max(strip.depth, side + 2.6 + leading(size) * 1.1)
    return strip


def sources(sheet: Sheet, book: Book, width: float, most: int) -> Strip:
    """Lay out how the main figures were made, and where everything comes from, under which licence.

    Parameters
    ----------
    sheet : Sheet
        Paper.
    book : Book
        The board.
    width : float
        Millimetres.
    most : int
        Lines of sources at most.

    Returns
    -------
    Strip
        A paragraph of each.
    """
    strip = Strip(sheet, width)
    if said := _methods(book):
        text = book.say("sheet.methods", list=book.say("sheet.also").join(said))
        strip.paragraph(text, sheet.sizes.small, colour=SOFT)
    attribution = book.title(book.content["attribution"])
    said = [*([attribution] if attribution else []), *_sources(book)]
    text = book.say("sheet.sources", list=book.say("sheet.also").join(said))
    strip.paragraph(text, sheet.sizes.small, colour=SOFT, most=most)
    return strip


def _notice(strip: Strip, text: str) -> None:
    sheet = strip.sheet
    strip.skip(1.0)
    start = strip.depth
    strip.skip(0.9)
    strip.paragraph(text, sheet.sizes.body, bold=True, colour="#7c2a06", indent=2.0, width=strip.width - 2.0)
    strip.skip(0.5)
    deep = strip.depth - start

    def ground(x: float, top: float) -> None:
        sheet.box(x, top - start - deep, strip.width, deep, fill=NOTICE, edge="#e8a33d", line=0.5, round=0.8)

    strip.draw(ground)


def _projection(scene: Scene) -> str:
    lon, lat = scene.view.frame.centre
    return scene.book.say("sheet.crs", lon=degrees_text(lon, upright=True), lat=degrees_text(lat, upright=False))


def _methods(book: Book) -> list[str]:
    """One line a method, with the figures that were made by it."""
    of: dict[str, list[str]] = {}
    for one, _ in book.headline():
        if method := book.title(one["method"]):
            of.setdefault(method, []).append(book.title(one["title"]))
    comma = book.say("value.comma")
    return [book.say("sheet.method", figures=comma.join(of[method]), method=method) for method in of]


def _sources(book: Book) -> list[str]:
    """One line a source and licence, with the tables that come from it."""
    tables: dict[tuple[str, str], list[str]] = {}
    for one in book.content["sources"]:
        key = (str(one["source"] or "—"), str(one["licence"] or "—"))
        tables.setdefault(key, []).append(book.title(one["title"]))
    made = []
    for (source, licence), titles in tables.items():
        named = book.say("value.comma").join(titles[:TABLES])
        if len(titles) > TABLES:
            named = book.say("value.more", list=named, count=len(titles))
        made.append(book.say("panel.source", table=named, source=source, licence=licence))
    return made
