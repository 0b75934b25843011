"""The list of work as a table to be signed: what is late or falls due, by holder, the most urgent first."""

from __future__ import annotations

from collections.abc import Iterator, Sequence
from dataclasses import dataclass

from matplotlib.figure import Figure

from geo.words import Lang
from maps.palette import INK, PAPER, STATES
from maps.print.book import MARKER, POSTS, Book
from maps.print.code import code_text, draw_code
from maps.print.fonts import MM, Typeface, shortened, wrapped
from maps.print.paper import RULE, SOFT, Sheet, Sizes, leading
from maps.print.rows import Rows

HEADS = ("number", "state", "what", "between", "measure", "seen", "late", "signature")
SHARES = (0.035, 0.11, 0.2, 0.085, 0.13, 0.165, 0.13, 0.145)  # of the width
HOURS_FROM = 2  # days; a shorter time is told in hours
EXACT = 1000  # metres: ends of what is shorter are told to the metre
CODE = 17.0
OK = "ok"


@dataclass(frozen=True, slots=True)
class _Line:
    """A row of the table, or a holder's name above theirs."""

    row: int
    number: int = 0
    holder: str = ""
    summary: str = ""


def order_sheets(book: Book, sizes: Sizes, face: Typeface, holder: str, service: str) -> Iterator[Figure]:
    """Draw the table.

    Parameters
    ----------
    book : Book
        A board with work.
    sizes : Sizes
        Paper; it stands upright.
    face : Typeface
        What texts are set in.
    holder : str
        Id of a post; empty = all, each under its name.
    service : str
        Address of the service, or nothing.

    Yields
    ------
    matplotlib.figure.Figure
        One a page; one that says so where nothing is due.
    """
    rows = book.layer(book.content["work"]["layer"])
    first = Sheet(sizes, portrait=True, face=face)
    most = int((first.height - 2 * sizes.margin - _head_depth(sizes) - CODE - 4.0) // _row(sizes))
    pages = list(_paged(_groups(book, rows, holder), most)) or [[]]
    for number, page in enumerate(pages, 1):
        sheet = first if number == 1 else Sheet(sizes, portrait=True, face=face)
        _head(sheet, book, holder)
        _table(sheet, book, page)
        _foot(sheet, book, service, number, len(pages))
        yield sheet.figure


def pressing(book: Book, holder: str = "") -> list[int]:
    """List the rows of work that are printed.

    Parameters
    ----------
    book : Book
        A board with work.
    holder : str
        Id of a post; empty = all.

    Returns
    -------
    list of int
        Rows of the work's layer, the most urgent first: all of what is due; of a list of everything what is not as
        it should be.
    """
    work = book.content["work"]
    rows = book.layer(work["layer"])
    those = (row for row in work["rows"] if not holder or rows.get(row, "post_id") == holder)
    return [row for row in those if rows.has("late_days") or rows.get(row, "state") != OK]


def late_text(book: Book, rows: Rows, row: int) -> str:
    """Say how late a row is.

    Parameters
    ----------
    book : Book
        The board.
    rows : Rows
        Layer of the work.
    row : int
        Row number.

    Returns
    -------
    str
        Days, or hours where they are few; the state's name where no day can be told.
    """
    state = rows.get(row, "state")
    days = _late(rows, row)
    if state in ("never", "unassigned") or days is None:
        return book.value(rows, row, "state") if state else book.say("patrol.unjudged")
    key = "patrol.late" if days > 0 else "patrol.left"
    if abs(days) < HOURS_FROM:
        return book.say(f"{key}_hours", hours=book.number(abs(days) * 24, 0))
    return book.say(key, days=book.number(abs(days), 0))


def _late(rows: Rows, row: int) -> float | None:
    if rows.has("late_days"):
        late: float | None = rows.get(row, "late_days")
        return late
    idle, interval = rows.get(row, "idle_days"), rows.get(row, "interval_days")
    return None if idle is None or interval is None else float(idle - interval)


def _groups(book: Book, rows: Rows, holder: str) -> list[list[_Line]]:
    """Rows by holder, the holder's name above them; of one holder's sheet no name."""
    groups: dict[str, list[int]] = {}
    for row in pressing(book, holder):
        groups.setdefault(rows.get(row, "post_id") or "", []).append(row)
    made = []
    for post, those in groups.items():
        name = [] if holder else [_Line(-1, holder=_post(book, post), summary=_summary(book, rows, those))]
        made.append([*name, *(_Line(row, number) for number, row in enumerate(those, 1))])
    return made


def _paged(groups: Sequence[Sequence[_Line]], most: int) -> Iterator[list[_Line]]:
    """Lines of each page; a holder's name never stands last on one, and again where their rows go on."""
    page: list[_Line] = []
    for group in groups:
        name = [line for line in group if line.row < 0]
        for line in group:
            needed = 2 if line.row < 0 else 1
            if len(page) + needed > most:
                yield page
                page = [] if line.row < 0 else [*name]
            page.append(line)
    if page:
        yield page


def _post(book: Book, id: str) -> str:
    return book.named(POSTS, id) if id else book.say("patrol.no_post")


def _summary(book: Book, rows: Rows, those: Sequence[int]) -> str:
    stretches = [row for row in those if not rows.has("kind") or rows.get(row, "kind") == "stretch"]
    metres = sum(rows.get(row, "length_m") or 0.0 for row in stretches)
    key = "patrol.summary" if metres >= EXACT / 2 else "patrol.count"
    return book.say(key, count=book.number(len(those), 0), km=book.number(metres / 1000, 0))


def _row(sizes: Sizes) -> float:
    return 2 * leading(sizes.small) + 2.2


def _head_depth(sizes: Sizes) -> float:
    return leading(sizes.title) + 3 * leading(sizes.body) + leading(sizes.small) + 14.0


def _head(sheet: Sheet, book: Book, holder: str) -> None:
    sizes = sheet.sizes
    left, y = sizes.margin, sheet.height - sizes.margin - sizes.title * MM
    sheet.text(left, y, book.say("sheet.order"), sizes.title, bold=True)
    whose = _post(book, holder) if holder else book.say("patrol.everyone")
    y -= leading(sizes.head) * 1.15
    rows = book.layer(book.content["work"]["layer"])
    parts = [
        whose,
        book.title(book.content["title"]),
        book.say("sheet.as_of", date=book.day(book.content["as_of"])),
    ]
    sheet.text(left, y, book.say("legend.and").join(parts), sizes.head, bold=True)
    y -= leading(sizes.body)
    notice = book.title(book.content["notice"]) if book.content["notice"] else ""
    total = _summary(book, rows, pressing(book, holder))
    told = [total, notice] if notice else [total]
    sheet.text(left, y, book.say("legend.and").join(told), sizes.body, colour="#7c2a06" if notice else SOFT)
    y -= leading(sizes.body) + 4.0
    half = (sheet.width - 2 * sizes.margin) / 2
    for at, name in enumerate(("leader", "walked_on")):
        text = book.say(f"patrol.paper_{name}")
        x = left + at * half
        sheet.text(x, y, text, sizes.body)
        start = x + sheet.face.width(sheet.face.clean(text), sizes.body) + 2.0
        sheet.line([start, x + half - 6.0], [y - 0.6] * 2, color=INK, linewidth=0.5)


def _table(sheet: Sheet, book: Book, lines: Sequence[_Line]) -> None:
    sizes = sheet.sizes
    left, right = sizes.margin, sheet.width - sizes.margin
    wide = right - left
    xs = [left + wide * sum(SHARES[:at]) for at in range(len(SHARES) + 1)]
    y = sheet.height - sizes.margin - _head_depth(sizes)
    for at, name in enumerate(HEADS):
        text = sheet.face.clean(book.say(f"patrol.paper_{name}"))
        text = shortened(sheet.face, text, sizes.small, xs[at + 1] - xs[at] - 1.0, bold=True)
        sheet.text(xs[at] + 0.8, y + 1.2, text, sizes.small, bold=True)
    sheet.line([left, right], [y, y], color=INK, linewidth=1.0)
    if not lines:
        sheet.text(left, y - leading(sizes.body) * 1.4, book.say("sheet.none"), sizes.body)
    deep = _row(sizes)
    for line in lines:
        if line.row < 0:
            sheet.box(left, y - deep, wide, deep, fill="#eef1f3", order=1.0)
            base = y - deep / 2 - sizes.head * MM * 0.35
            sheet.text(left + 0.8, base, line.holder, sizes.head, bold=True)
            sheet.text(right - 0.8, base, line.summary, sizes.body, colour=SOFT, align="right")
        else:
            _work(sheet, book, line, xs, y)
        y -= deep
        sheet.line([left, right], [y, y], color=RULE, linewidth=0.5)


def _work(sheet: Sheet, book: Book, line: _Line, xs: Sequence[float], top: float) -> None:
    rows = book.layer(book.content["work"]["layer"])
    sizes, deep = sheet.sizes, _row(sheet.sizes)
    cells = _cells(book, rows, line)
    for at, texts in enumerate(cells):
        x = xs[at] + 0.8 + (4.4 if at == 1 else 0.0)
        room = xs[at + 1] - x - 0.8
        lines = _lines(sheet, texts, room, bold=at == 2)
        down = deep / 2 - (len(lines) - 1) * leading(sizes.small) / 2
        for number, text in enumerate(lines):
            y = top - down - number * leading(sizes.small)
            colour = INK if number == 0 else SOFT
            sheet.text(x, y, text, sizes.small, bold=at == 2 and not number, colour=colour, middle=True)
    state = rows.get(line.row, "state")
    if state in STATES:
        _letter(sheet, book, state, xs[1] + 0.8, top - deep / 2)
    for x in (xs[-2], xs[-1]):
        sheet.line([x, x], [top, top - deep], color=RULE, linewidth=0.5)


def _lines(sheet: Sheet, texts: Sequence[str], room: float, *, bold: bool) -> list[str]:
    """At most two lines; where the first text is too long it goes on in the second, before what stands there."""
    face, size = sheet.face, sheet.sizes.small
    first, *others = [face.clean(text) for text in texts] or [""]
    begun = wrapped(face, first, size, room, bold=bold, most=1)
    if begun != [first]:
        begun = wrapped(face, first, size, room, bold=bold)[:1]
    second = " ".join(text for text in (first.removeprefix(*begun).strip(), *others) if text) if begun else ""
    return [*begun, shortened(face, second, size, room)] if second else begun


def _letter(sheet: Sheet, book: Book, state: str, x: float, y: float) -> None:
    stroke = STATES[state]
    dark = stroke.colour in {"#2f6fb5", "#a63603", "#2d2a32"}
    sheet.box(x, y - 1.7, 3.4, 3.4, fill=stroke.colour, edge=INK, line=0.4, round=0.6)
    letter = book.say(f"letter.{state}")
    sheet.text(x + 1.7, y, letter, 7.0, bold=True, colour=PAPER if dark else INK, align="center", middle=True)


def _cells(book: Book, rows: Rows, line: _Line) -> list[list[str]]:
    row = line.row
    state = book.value(rows, row, "state") if rows.get(row, "state") else book.say("patrol.unjudged")
    late = late_text(book, rows, row)
    due = rows.get(row, "due_at") if rows.has("due_at") else None
    made = [
        [str(line.number)],
        [state],
        _what(book, rows, row),
        [_span(rows, row)],
        [
            _kilometres(book, rows, row),
            book.quantity(rows.get(row, "length_m"), "m") if rows.get(row, "length_m") else "",
        ],
        _seen(book, rows, row),
        ["" if late == state else late, _moment(book, due) if due else ""],
    ]
    return [[text for text in texts if text] for texts in made]


def _what(book: Book, rows: Rows, row: int) -> list[str]:
    """Its name, and what it is where the name does not tell."""
    name = book.name(rows, row)
    kind = rows.get(row, "kind") if rows.has("kind") else "stretch"
    said = "" if kind in {"stretch", MARKER} else book.named(rows.fields["kind"], kind)
    return [name] if said in name else [name, said]


def _span(rows: Rows, row: int) -> str:
    spans = rows.record.get("spans")
    pair = (spans[row] or (None, None)) if spans else [rows.get(row, "marker_from"), rows.get(row, "marker_to")]
    return _range(*pair)


def _range(start: str | None, end: str | None) -> str:
    if not start:
        return ""
    return start if not end or start == end else f"{start}–{end}"


def _kilometres(book: Book, rows: Rows, row: int) -> str:
    start, end = (rows.get(row, name) for name in ("start_m", "end_m"))
    if start is None or end is None:
        return ""
    digits = 3 if 0 < end - start < EXACT else 1
    return _range(book.number(start / 1000, digits), book.number(end / 1000, digits))


def _seen(book: Book, rows: Rows, row: int) -> list[str]:
    at = rows.get(row, "last_visit")
    if not at:
        return [book.say("patrol.unseen")]
    evidence = book.value(rows, row, "evidence") if rows.get(row, "evidence") else ""
    idle, interval, late = (
        rows.get(row, name) if rows.has(name) else None for name in ("idle_days", "interval_days", "late_days")
    )
    since = idle if idle is not None else interval + late if interval is not None and late is not None else None
    ago = ""
    if since is not None and since < HOURS_FROM:
        ago = book.say("patrol.ago_hours", hours=book.number(since * 24, 0))
    elif since is not None:
        ago = book.say("patrol.ago", days=book.number(since, 1 if since < 10 else 0))
    return [_moment(book, at), f"{evidence} {ago}".strip()]


def _moment(book: Book, text: str) -> str:
    at = book.moment(text)
    clock = f" {at:%H:%M}" if "T" in text else ""
    day = f"{at.day} {at:%b}" if book.lang == "en" else f"{at.month}月{at.day}日"
    return f"{day}{clock}"


def _foot(sheet: Sheet, book: Book, service: str, page: int, pages: int) -> None:
    sizes, content = sheet.sizes, book.content
    right, foot = sheet.width - sizes.margin, sizes.margin
    lang: Lang = book.lang
    code = code_text(content, content["themes"][0]["id"] if content["themes"] else "", lang, service)
    draw_code(sheet, code, right - CODE, foot, CODE)
    number = content["map_review_number"]
    lines = [
        book.say("sheet.page", page=page, pages=pages),
        book.say("sheet.version", workspace=content["workspace"], version=content["version"][:12]),
        book.say("sheet.made", by=content["made_by"]),
        book.say("panel.review", number=number) if number else book.say("panel.unreviewed"),
    ]
    for at, text in enumerate(reversed(lines)):
        sheet.text(sizes.margin, foot + 0.8 + at * leading(sizes.small), text, sizes.small, colour=SOFT)
