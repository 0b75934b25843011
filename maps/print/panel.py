"""What stands beside the map: figures, legend with counts, and signs."""

from __future__ import annotations

from collections.abc import Iterable, Mapping
from typing import Any

from maps.palette import INK, MISSING
from maps.print.book import Book
from maps.print.coloured import stretch
from maps.print.fonts import MM
from maps.print.lists import LINE
from maps.print.overlays import letter_of, sign
from maps.print.paper import ALARM, SOFT, Sheet, leading
from maps.print.scene import Scene
from maps.print.strip import Mark, Strip

CARD = "#f1f4f6"
LIMIT = "#b8430a"
ACROSS = 2  # figures, and signs, in a row
SIGN = 6.8  # millimetres for a sign and the blank behind it


def figures(sheet: Sheet, book: Book, width: float) -> Strip:
    """Lay out the main figures, each with what it is a share of and by which engine.

    Parameters
    ----------
    sheet : Sheet
        Paper.
    book : Book
        The board.
    width : float
        Millimetres.

    Returns
    -------
    Strip
        Without depth where there are none.
    """
    strip = Strip(sheet, width)
    gap = 2.0
    each = (width - gap * (ACROSS - 1)) / ACROSS
    chosen = book.headline()
    for start in range(0, len(chosen), ACROSS):
        cards = [_card(sheet, book, one, beside, each) for one, beside in chosen[start : start + ACROSS]]
        deep = max(card.depth for card in cards)
        for number, card in enumerate(cards):
            _place_card(strip, card, number * (each + gap), deep)
        strip.skip(deep + gap)
    strip.depth = max(strip.depth - gap, 0.0)
    return strip


def legend(scene: Scene, width: float) -> Strip:
    """Lay out the key to the colours: every class with how many there are, and the break that decides.

    Parameters
    ----------
    scene : Scene
        The map.
    width : float
        Millimetres.

    Returns
    -------
    Strip
        The legend.
    """
    sheet, book, dress = scene.sheet, scene.book, scene.dress
    strip = Strip(sheet, width)
    counted = scene.rows.record.get("counted")
    own = book.title(scene.rows.fields[counted]["title"]) if counted else ""
    head = [dress.hour, book.title(dress.legend["title"]), own]
    counts = class_counts(scene)
    total = book.say("sheet.total", count=book.number(sum(counts), 0))
    strip.at(width, sheet.sizes.head * MM, total, sheet.sizes.small, colour=SOFT, align="right")
    text = book.say("legend.and").join(part for part in head if part)
    strip.paragraph(
        text, sheet.sizes.head, bold=True, width=width - sheet.face.width(total, sheet.sizes.small) - 2.0
    )
    strip.skip(0.5)
    most = max(*counts, 1)
    for at, one in enumerate(dress.legend["classes"]):
        _class_line(strip, scene, one, book.title(one["label"]), counts[at], most)
        if dress.legend["limit_after"] == at:
            _limit(strip, book.title(dress.legend["limit"]))
    if counts[-1]:
        _class_line(strip, scene, None, book.say(dress.missing), counts[-1], most)
    if dress.tones is not None:
        strip.skip(0.6)
        text = book.say("sheet.tones", few=book.say("legend.few"), many=book.say("legend.many"))
        strip.paragraph(text, sheet.sizes.small, colour=SOFT)
    return strip


def class_counts(scene: Scene) -> list[float]:
    """Count what is in each class of the legend.

    Parameters
    ----------
    scene : Scene
        The map.

    Returns
    -------
    list of float
        One a class, then those without: rows of the view, or the sum of what the layer counts; of a holder's
        sheet their own; where rows are read one by one, also those without a place.
    """
    counts = [0.0] * (len(scene.dress.legend["classes"]) + 1)
    counted = scene.rows.record.get("counted")
    for row in range(scene.rows.rows) if scene.rows.has(LINE) else scene.shown:
        if scene.is_own(row):
            counts[scene.dress.classes[row]] += scene.rows.get(row, counted) or 0 if counted else 1
    return counts


def signs(scene: Scene, drawn: Iterable[Mapping[str, Any]], width: float) -> Strip:
    """Lay out the key to signs.

    Parameters
    ----------
    scene : Scene
        The map.
    drawn : iterable of mapping
        Overlays that are on it.
    width : float
        Millimetres.

    Returns
    -------
    Strip
        Without depth where there are none.
    """
    sheet = scene.sheet
    strip = Strip(sheet, width)
    each = width / ACROSS
    row = leading(sheet.sizes.small) * 1.2
    place = 0  # of those in a row
    for toggle in drawn:
        text = sheet.face.clean(_sign_text(scene, toggle))
        wide = SIGN + sheet.face.width(text, sheet.sizes.small) > each - 1.0
        if place and (wide or place == ACROSS):
            strip.skip(row)
            place = 0
        strip.draw(_sign_at(scene, toggle, place * each, strip.depth + row * 0.45))
        words = Strip(sheet, width - SIGN if wide else each - SIGN)
        words.paragraph(text, sheet.sizes.small)
        strip.draw(_moved(words, place * each + SIGN, strip.depth + row * 0.08))
        if wide:
            strip.skip(max(row, words.depth + row - leading(sheet.sizes.small)))
        place = 0 if wide else place + 1
    strip.skip(row if place else 0.0)
    return strip


def _sign_at(scene: Scene, toggle: Mapping[str, Any], x: float, down: float) -> Mark:
    return lambda left, top: sign(scene, toggle, left + x + 2.8, top - down)


def _moved(words: Strip, x: float, down: float) -> Mark:
    return lambda left, top: words.onto(left + x, top - down)


def _card(
    sheet: Sheet, book: Book, one: Mapping[str, Any], beside: Mapping[str, Any] | None, width: float
) -> Strip:
    card = Strip(sheet, width)
    sizes = sheet.sizes
    alarm = one["good"] == "low" and (one["value"] or 0) > 0
    number, unit = book.measure(one["value"], one["unit"])
    large = sizes.title * 0.86
    card.skip(1.4)
    colour = ALARM if alarm else INK
    card.at(2.0, card.depth + large * MM * 0.9, number, large, bold=True, colour=colour)
    if unit:
        clean = sheet.face.clean(number)
        x = 2.0 + sheet.face.width(clean, large, bold=True) + 1.2
        card.at(x, card.depth + large * MM * 0.9, unit, sizes.small, colour=colour)
    card.skip(large * MM * 1.25)
    engine = book.say("sheet.engine", engine=book.say("figure.network")) if beside else ""
    texts = [(engine + book.title(one["title"]), INK), (_whole(book, one), SOFT)]
    if beside:
        ruler = book.say(
            "sheet.beside",
            engine=book.say("figure.straight"),
            value=book.quantity(beside["value"], beside["unit"]),
        )
        texts.append((ruler, SOFT))
    for text, ink in texts:
        card.paragraph(text, sizes.small, colour=ink, indent=2.0, width=width - 1.2, most=2)
    card.skip(0.6)
    return card


def _place_card(strip: Strip, card: Strip, x: float, deep: float) -> None:
    down = strip.depth

    def mark(left: float, top: float) -> None:
        strip.sheet.box(left + x, top - down - deep, card.width, deep, fill=CARD, round=1.0, order=1.0)
        card.onto(left + x, top - down)

    strip.draw(mark)


def _whole(book: Book, one: Mapping[str, Any]) -> str:
    if one["denominator"] is None:
        return ""
    denominator, unit = book.measure(one["denominator"], one["of"], one["denominator"])
    numerator, _ = book.measure(one["numerator"], one["of"], one["denominator"])
    return book.say("figure.of", numerator=numerator, denominator=denominator, unit=unit).strip()


def _class_line(strip: Strip, scene: Scene, one: Any, label: str, count: float, most: float) -> None:
    sheet = strip.sheet
    size = sheet.sizes.body
    row = leading(size) * 1.12
    down = strip.depth + row / 2
    text = scene.book.number(count, 0)
    counts = max(sheet.face.width(scene.book.number(most, 0), size, bold=True), 6.0)
    swatch = 15.0 if scene.rows.draw == "line" else 13.0
    bar = max(strip.width * 0.2, 8.0)
    name = strip.width - swatch - 2.0 - bar - 3.0 - counts

    def mark(left: float, top: float) -> None:
        _swatch(scene, one, left, top - down, row, swatch)
        at = left + strip.width - counts - 2.0 - bar
        sheet.box(at, top - down - 0.7, bar, 1.4, fill="#e8ecef", round=0.6, order=1.0)
        if count:
            sheet.box(at, top - down - 0.7, max(bar * count / most, 0.5), 1.4, fill="#7d8b97", order=1.1)
        sheet.text(left + strip.width, top - down - size * MM * 0.36, text, size, bold=True, align="right")

    strip.draw(mark)
    lines = Strip(sheet, name)
    lines.paragraph(label, size, most=2)
    offset = down - row / 2 + (row - leading(size)) / 2
    strip.draw(lambda left, top: lines.onto(left + swatch + 2.0, top - offset))
    strip.skip(max(row, lines.depth + 0.5))


def _swatch(scene: Scene, one: Any, left: float, y: float, row: float, width: float) -> None:
    sheet = scene.sheet
    high = row * 0.72
    if scene.rows.draw == "line":
        xs = [left + 1.0, left + width - 4.6]
        stretch(sheet.axes, [[(xs[0], y), (xs[1], y)]], one, 4.2 * scene.stroke, 1.3, 3.0)
        if one and one["letter"]:
            text = scene.book.title(one["letter"])
            sheet.box(left + width - 3.2, y - 1.6, 3.2, 3.2, fill=one["fills"][0], edge=INK, line=0.3, round=0.6)
            sheet.text(left + width - 1.6, y, text, 7.0, bold=True, colour=one["ink"], align="center", middle=True)
        return
    if one is None:
        sheet.box(
            left,
            y - high / 2,
            width,
            high,
            fill="#e3e1de",
            edge=MISSING,
            line=0.4,
            hatch="/////",
            hatchcolor=MISSING,
        )
        return
    fills = one["fills"]
    for at, fill in enumerate(fills):
        sheet.box(left + width * at / len(fills), y - high / 2, width / len(fills), high, fill=fill)
    sheet.box(left, y - high / 2, width, high, edge="#8d949b", line=0.3)


def _limit(strip: Strip, text: str) -> None:
    sheet = strip.sheet
    size = sheet.sizes.small
    row = leading(size) * 1.02
    down = strip.depth + row / 2
    clean = sheet.face.clean(text)
    wide = sheet.face.width(clean, size, bold=True) + 1.4

    def mark(left: float, top: float) -> None:
        xs = [left, left + strip.width - wide]
        sheet.line(xs, [top - down] * 2, color=LIMIT, linewidth=1.1, linestyle=(0, (4, 2)))
        sheet.text(
            left + strip.width, top - down, clean, size, bold=True, colour=LIMIT, align="right", middle=True
        )

    strip.draw(mark)
    strip.skip(row)


def _sign_text(scene: Scene, toggle: Mapping[str, Any]) -> str:
    text = scene.book.title(toggle["title"])
    if toggle["style"] != "letters":
        return text
    rows = scene.book.layer(toggle["layer"])
    kinds = dict.fromkeys(rows.get(row, "kind") for row in rows.at(None) if rows.get(row, "severity") != "info")
    told: dict[str, str] = {}
    for kind in kinds:
        told.setdefault(letter_of(scene, kind), scene.book.named(rows.fields["kind"], kind))
    listed = scene.book.say("value.comma").join(f"{letter} {name}" for letter, name in told.items())
    return scene.book.say("sheet.letters", title=text, list=listed) if told else text
