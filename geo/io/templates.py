"""Blank spreadsheets with Chinese headings, one for each table that people fill in by hand."""

from __future__ import annotations

from pathlib import Path
from typing import Any

from xlsxwriter import Workbook

from geo.io.synonyms import SYNONYMS
from geo.tables import TABLES
from geo.tables.contract import Column, Table
from geo.words import say

BY_HAND = [
    "divisions",
    "grids",
    "excluded",
    "staff",
    "assignments",
    "units",
    "population",
    "stations",
    "barriers",
    "markers",
    "segments",
    "fences",
    "defects",
    "targets",
    "posts",
    "patrols",
    "visits",
]
LON_LAT = ("经度", "纬度")
WKT = "WKT"
ROWS = 2_000
HEADING, REQUIRED = {"bold": True}, {"bold": True, "bg_color": "#FFF2CC"}
TEXT, WRAPPED = {"num_format": "@"}, {"text_wrap": True, "valign": "top"}


def write_templates(folder: Path) -> list[Path]:
    """Write a blank spreadsheet for each table.

    Parameters
    ----------
    folder : Path
        Made when missing; spreadsheets of the same name are replaced.

    Returns
    -------
    list of Path
        The spreadsheets: headings and text cells on the first sheet, what each column means on the second.
    """
    folder.mkdir(parents=True, exist_ok=True)
    written = []
    for name in BY_HAND:
        table = TABLES[name]
        written.append(folder / f"{name}.xlsx")
        with Workbook(written[-1]) as book:
            _blank(book, book.add_worksheet(table.title_zh), table)
            _explained(book, book.add_worksheet(say("template.sheet", "zh")), table)
    return written


def _columns(table: Table) -> list[Column]:
    return [column for column in table.columns if column.name != "synthetic" and column.dtype != "wkb"]


def _places(table: Table) -> tuple[str, ...]:
    if not table.shapes:
        return ()
    return LON_LAT if table.shapes == ("Point",) else (WKT,)


def _blank(book: Workbook, sheet: Any, table: Table) -> None:
    columns = _columns(table)
    text, plain, needed = (book.add_format(look) for look in (TEXT, HEADING, REQUIRED))
    headings = [(column.heading, column.required) for column in columns]
    headings += [(place, False) for place in _places(table)]
    for at, (heading, required) in enumerate(headings):
        as_text = at < len(columns) and columns[at].dtype == "string"
        sheet.set_column(at, at, max(12, 3 * len(heading)), text if as_text else None)
        sheet.write_string(0, at, heading, needed if required else plain)
    for at, column in enumerate(columns):
        if words := _words(table, column):
            sheet.data_validation(1, at, ROWS - 1, at, {"validate": "list", "source": words})
    sheet.freeze_panes(1, 0)


def _words(table: Table, column: Column) -> list[str]:
    """Give one Chinese word for each code, the code itself where there is none."""
    known = SYNONYMS.get((table.name, column.name), {})
    first: dict[str, str] = {}
    for word, code in known.items():
        first.setdefault(code, word)
    return [first.get(code, code) for code in column.values]


def _explained(book: Workbook, sheet: Any, table: Table) -> None:
    heading, wrapped = book.add_format(HEADING), book.add_format(WRAPPED)
    for at, key in enumerate(("heading", "name", "required", "kind", "values")):
        sheet.set_column(at, at, 60 if key == "values" else 20)
        sheet.write_string(0, at, say(f"template.{key}", "zh"), heading)
    rows = [_explanation(table, column) for column in _columns(table)]
    rows += [(place, "", "", say("template.place", "zh"), "") for place in _places(table)]
    for row, cells in enumerate(rows, start=1):
        for at, text in enumerate(cells):
            sheet.write_string(row, at, text, wrapped)


def _explanation(table: Table, column: Column) -> tuple[str, ...]:
    words, codes = _words(table, column), column.values
    pairs = [word if word == code else f"{word}（{code}）" for word, code in zip(words, codes, strict=True)]
    required = say("template.yes", "zh") if column.required else ""
    return column.heading, column.name, required, say(f"template.{column.dtype}", "zh"), "；".join(pairs)
