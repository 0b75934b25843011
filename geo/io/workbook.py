"""A layer as a workbook for people: headings in both languages, real numbers and dates, and what it all means."""

from __future__ import annotations

import math
import re
import unicodedata
from collections.abc import Callable, Iterator, Mapping, Sequence
from datetime import date, datetime
from io import BytesIO
from typing import Any
from urllib.parse import quote
from zoneinfo import ZoneInfo

import geopandas as gpd
import pandas as pd
from xlsxwriter import Workbook
from xlsxwriter.worksheet import Worksheet

from geo.errors import BadParameter
from geo.io.geojson import plain
from geo.io.table_text import FORMULA, table_fields, with_place
from geo.layer import Field, Layer, Title
from geo.words import LANGS, Lang, say, unit_word

ROWS_MAX = 1_048_575  # of a worksheet, below the heading
LINKS_MAX = 65_530  # of a worksheet
CELL_MAX = 32_767  # UTF-16 units that a cell holds
SHEET_MAX = 31  # characters of a sheet's name
LINE_MAX = 120  # characters of a printed page's head or foot, which with codes and doubled & holds 255
MEASURED = 200  # rows that column widths are taken from
NARROW, WIDE = 8, 50  # characters
FIRST_DAY = date(1900, 3, 1)  # spreadsheets count a 29 February 1900, so earlier days are text
HEAD = {"bold": True, "text_wrap": True, "valign": "top", "bottom": 1, "bg_color": "#E8EEF4"}
TIMES = {"date": "yyyy-mm-dd", "date-time": "yyyy-mm-dd hh:mm:ss"}
WHOLE, PARTS = "#,##0", "#,##0.00"
UNITS = {"share": "0.0%", "°": "0.000000"}
_UNSEEN = re.compile("[\x00-\x1f\x7f\ufffe\uffff]+")  # XML has no place for these
_NOT_IN_NAMES = re.compile(r"[\[\]:*?/\\']+")
Cells = list[Any]


def check_rows(layer: Layer, count: int) -> None:
    """Refuse a table that is longer than a worksheet.

    Parameters
    ----------
    layer : Layer
        Which it is.
    count : int
        Its rows.

    Raises
    ------
    BadParameter
        It has more than 1,048,575.
    """
    if count > ROWS_MAX:
        raise BadParameter.said("too_many_rows", layer=layer.id, count=f"{count:,}", most=f"{ROWS_MAX:,}")


def workbook(
    frame: gpd.GeoDataFrame, layer: Layer, report: Mapping[str, Any], lang: Lang, board: str = ""
) -> bytes:
    """Write a layer as an XLSX workbook.

    Parameters
    ----------
    frame : geopandas.GeoDataFrame
        The layer, built; some of its rows or all.
    layer : Layer
        Which it is.
    report : mapping
        Content of ``report.json``: what the workspace is, as of when, from which sources.
    lang : {"zh", "en"}
        Which language comes first, and of words for codes.
    board : str
        Address of a row on a board, up to its id; with it each row has a link.

    Returns
    -------
    bytes
        The same for the same input. The first sheet has one heading row with title and unit in both languages,
        then the rows: numbers, dates and yes/no as such, times in the workspace's time zone, codes as words, lists
        ``;``-joined, shares as percentages; all else is text that nothing evaluates, ids too. Geometry is left out
        but for longitude and latitude of a point on it. The second sheet says what the table is and what each
        column means. A missing value or a number that is not finite is an empty cell.

    Raises
    ------
    BadParameter
        There are more rows than a worksheet holds.
    """
    check_rows(layer, len(frame))
    zone = str(report["time_zone"])
    out = BytesIO()
    with Workbook(out, {"constant_memory": True}) as book:
        book.set_properties(
            {
                "title": _line((layer.title.zh, layer.title.en)),
                "author": report["made_by"],
                "created": datetime.fromisoformat(report["as_of"]),
            }
        )
        sheet = book.add_worksheet(_sheet_name(getattr(layer.title, lang), layer.id))
        ids = plain(frame[layer.key], layer.fields[0]) if board else []
        links = [board + quote(str(id), safe="") for id in ids]
        _rows(book, sheet, with_place(frame, layer), table_fields(layer), zone, lang, links)
        _printed(sheet, layer, report, lang)
        _about(book, layer, report, len(frame), lang)
    return out.getvalue()


def _rows(
    book: Workbook,
    sheet: Worksheet,
    frame: pd.DataFrame,
    fields: Sequence[Field],
    zone: str,
    lang: Lang,
    links: Sequence[str],
) -> None:
    headings = ["\n".join(_heading(field, one, zone) for one in _first(lang)) for field in fields]
    columns = [_cells(frame[field.name], field, zone, lang) for field in fields]
    writers = [_writer(book, sheet, field, cells) for field, cells in zip(fields, columns, strict=True)]
    if links:
        headings.append("\n".join(say("workbook.map", one) for one in _first(lang)))
        columns.append([*links[:LINKS_MAX], *[None] * (len(links) - LINKS_MAX)])
        shown = say("workbook.show", lang)
        writers.append(lambda row, at, link: sheet.write_url(row, at, link, string=shown))
    head = book.add_format(HEAD)
    sheet.set_row(0, 48)
    for at, (heading, cells) in enumerate(zip(headings, columns, strict=True)):
        sheet.set_column(at, at, _width([heading, *cells[:MEASURED]]) if at < len(fields) else NARROW)
        sheet.write_string(0, at, heading, head)
    for row, line in enumerate(zip(*columns, strict=True), start=1):
        for at, (cell, write) in enumerate(zip(line, writers, strict=True)):
            if cell is not None:
                write(row, at, cell)
    sheet.autofilter(0, 0, len(frame), len(fields) - 1)
    sheet.freeze_panes(1, 1)
    sheet.ignore_errors({"number_stored_as_text": "A1:XFD1048576"})  # ids are meant to be text


def _cells(values: pd.Series, field: Field, zone: str, lang: Lang) -> Cells:
    """Turn a column into what its cells hold; None = empty."""
    if field.kind in TIMES:
        local = ZoneInfo(zone)
        return [None if pd.isna(cell) else _moment(pd.Timestamp(cell), field, local) for cell in values]
    cells = plain(values, field, lang)
    if field.kind == "list":
        return [";".join(cell) or None for cell in cells]
    if field.kind == "number":
        return [cell if cell is not None and math.isfinite(cell) else None for cell in cells]
    return [None if cell == "" else cell for cell in cells]


def _moment(stamp: pd.Timestamp, field: Field, zone: ZoneInfo) -> date | datetime | str:
    if field.kind == "date":
        day: date = stamp.date()
        return day if day >= FIRST_DAY else day.isoformat()
    utc = stamp.tz_localize("UTC") if stamp.tzinfo is None else stamp
    local: datetime = utc.tz_convert(zone).tz_localize(None).floor("s").to_pydatetime()
    return local if local.date() >= FIRST_DAY else local.isoformat(" ")


def _writer(book: Workbook, sheet: Worksheet, field: Field, cells: Cells) -> Callable[[int, int, Any], object]:
    """Choose how the cells of a column are written."""
    text, quoted = book.add_format({"num_format": "@"}), book.add_format({"num_format": "@", "quote_prefix": True})

    def write_text(row: int, at: int, cell: str) -> object:
        return sheet.write_string(row, at, _clipped(cell), quoted if cell.startswith(FORMULA) else text)

    shown = book.add_format({"num_format": _number_format(field, cells)})
    if field.kind in TIMES:
        return lambda row, at, cell: (
            write_text(row, at, cell) if isinstance(cell, str) else sheet.write_datetime(row, at, cell, shown)
        )
    if field.kind in ("integer", "number"):
        return lambda row, at, cell: sheet.write_number(row, at, cell, shown)
    return sheet.write_boolean if field.kind == "boolean" else write_text


def _number_format(field: Field, cells: Cells) -> str:
    """Choose how numbers and times look; what is in the cell is exact."""
    if field.kind in TIMES:
        return TIMES[field.kind]
    if not field.unit:
        return "General"  # it may be a name, such as a year
    whole = all(cell is None or cell == int(cell) for cell in cells) if field.kind == "number" else True
    return UNITS.get(field.unit, WHOLE if whole else PARTS)


def _heading(field: Field, lang: Lang, zone: str) -> str:
    title = field.title.record()[lang]
    unit = zone if field.kind == "date-time" else unit_word(field.unit, lang) if field.unit != "share" else ""
    if not unit:
        return title
    return f"{title}（{unit}）" if lang == "zh" else f"{title} ({unit})"


def _first(lang: Lang) -> tuple[Lang, ...]:
    return (lang, *(other for other in LANGS if other != lang))


def _width(cells: Sequence[Any]) -> int:
    lines = (line for cell in cells if cell is not None for line in str(cell).split("\n"))
    longest = max(sum(1 + (unicodedata.east_asian_width(sign) in "WF") for sign in line[:WIDE]) for line in lines)
    return min(max(longest + 2, NARROW), WIDE)


def _clipped(text: str) -> str:
    """Shorten what a cell cannot hold, visibly."""
    if 2 * len(text) <= CELL_MAX:
        return text
    units = text.encode("utf-16-le")
    return text if len(units) <= 2 * CELL_MAX else units[: 2 * CELL_MAX - 2].decode("utf-16-le", "ignore") + "…"


def _sheet_name(title: str, id: str) -> str:
    name = _NOT_IN_NAMES.sub(" ", _line((title,))).strip() or id
    units = name.encode("utf-16-le")[: 2 * SHEET_MAX]  # spreadsheets count in these; half a sign goes
    return units.decode("utf-16-le", errors="ignore").strip()


def _printed(sheet: Worksheet, layer: Layer, report: Mapping[str, Any], lang: Lang) -> None:
    """Say on every printed page what it is, as of when, and from whom."""
    what = (report["title"][lang], getattr(layer.title, lang), report["as_of"])
    whose = (report[name][lang] for name in ("notice", "attribution") if report[name])
    sheet.set_header("&L" + _line(what).replace("&", "&&"))
    sheet.set_footer("&L" + _line(whose).replace("&", "&&") + "&R&P / &N")
    sheet.repeat_rows(0)
    sheet.set_landscape()
    sheet.set_paper(9)  # A4
    sheet.fit_to_pages(1, 0)


def _line(parts: Iterator[str] | Sequence[str]) -> str:
    return _UNSEEN.sub(" ", " · ".join(parts))[:LINE_MAX]


def _about(book: Workbook, layer: Layer, report: Mapping[str, Any], count: int, lang: Lang) -> None:
    """Write the second sheet: facts about the table, then one line a column."""
    sheet = book.add_worksheet(say("workbook.about", lang))
    bold, wrapped = book.add_format(HEAD), book.add_format({"num_format": "@", "text_wrap": True, "valign": "top"})
    sheet.set_column(0, 0, 24)
    sheet.set_column(1, 4, 36, None)
    lines = [(_both(f"workbook.{key}"), zh, en) for key, zh, en in _facts(layer, report, count)]
    for row, line in enumerate(lines):
        for at, text in enumerate(line):
            sheet.write_string(row, at, _clipped(text), wrapped if at else bold)
    top = len(lines) + 1
    for at, heading in enumerate(("column", "title_zh", "title_en", "meaning", "values")):
        sheet.write_string(top, at, _both(f"workbook.{heading}"), bold)
    for row, field in enumerate(table_fields(layer), start=top + 1):
        for at, text in enumerate(_described(field, report["time_zone"])):
            sheet.write_string(row, at, _clipped(text), wrapped)


def _facts(layer: Layer, report: Mapping[str, Any], count: int) -> Iterator[tuple[str, str, str]]:
    """Tell key, Chinese and English of each fact about the table."""
    titled = {
        "workspace": report["title"],
        "layer": layer.title.record(),
        "description": layer.description.record(),
    }
    titled |= {name: report[name] for name in ("notice", "attribution") if report[name]}
    for key, title in titled.items():
        yield key, title["zh"], title["en"]
    for key in ("as_of", "time_zone", "made_by", "version"):
        yield key, str(report[key]), ""
    yield "rows", f"{count:,}", ""
    for table in report["tables"]:
        told = "; ".join(table[name] for name in ("source", "licence") if table[name])
        if told:
            yield "source", f"{table['title']['zh']}：{told}", f"{table['title']['en']}: {told}"


def _described(field: Field, zone: str) -> tuple[str, ...]:
    """Tell name, both headings, meaning and words for codes of a column."""
    meaning = field.meaning or Title("", "")
    kind = _both(f"workbook.{field.kind}")
    values = (f"{code} = {title.zh} / {title.en}" for code, title in field.values.items())
    return (
        field.name,
        _heading(field, "zh", zone),
        _heading(field, "en", zone),
        "\n".join(part for part in (kind, meaning.zh, meaning.en) if part),
        "\n".join(values),
    )


def _both(key: str) -> str:
    return " ".join(say(key, lang) for lang in LANGS)
