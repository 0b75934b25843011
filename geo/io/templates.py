"""Blank spreadsheets with Chinese headings, one for each table that people fill in by hand."""

from __future__ import annotations

from pathlib import Path

from openpyxl import Workbook
from openpyxl.styles import Alignment, Font, PatternFill
from openpyxl.utils import get_column_letter
from openpyxl.worksheet.datavalidation import DataValidation
from openpyxl.worksheet.worksheet import Worksheet

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
    "posts",
    "patrols",
    "visits",
]
LON_LAT = ("经度", "纬度")
WKT = "WKT"
ROWS = 2_000
REQUIRED_FILL = PatternFill("solid", fgColor="FFF2CC")
TEXT, PLAIN = "@", "General"


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
        book = Workbook()
        sheet = book.active
        sheet.title = table.title_zh
        _blank(sheet, table)
        _explained(book.create_sheet(say("template.sheet", "zh")), table)
        written.append(folder / f"{name}.xlsx")
        book.save(written[-1])
    return written


def _columns(table: Table) -> list[Column]:
    return [column for column in table.columns if column.name != "synthetic" and column.dtype != "wkb"]


def _places(table: Table) -> tuple[str, ...]:
    if not table.shapes:
        return ()
    return LON_LAT if table.shapes == ("Point",) else (WKT,)


def _blank(sheet: Worksheet, table: Table) -> None:
    columns = _columns(table)
    headings = [*(column.heading for column in columns), *_places(table)]
    for at, heading in enumerate(headings, start=1):
        cell = sheet.cell(1, at, heading)
        cell.font = Font(bold=True)
        sheet.column_dimensions[get_column_letter(at)].width = max(12, 3 * len(heading))
    for at, column in enumerate(columns, start=1):
        letter = get_column_letter(at)
        if column.required:
            sheet.cell(1, at).fill = REQUIRED_FILL
        sheet.column_dimensions[letter].number_format = TEXT if column.dtype == "string" else PLAIN
        words = _words(table, column)
        if words:
            choice = DataValidation(type="list", formula1=f'"{",".join(words)}"', allow_blank=True)
            choice.add(f"{letter}2:{letter}{ROWS}")
            sheet.add_data_validation(choice)
    sheet.freeze_panes = "A2"


def _words(table: Table, column: Column) -> list[str]:
    """Give one Chinese word for each code, the code itself where there is none."""
    known = SYNONYMS.get((table.name, column.name), {})
    first: dict[str, str] = {}
    for word, code in known.items():
        first.setdefault(code, word)
    return [first.get(code, code) for code in column.values]


def _explained(sheet: Worksheet, table: Table) -> None:
    keys = ("heading", "name", "required", "kind", "values")
    for at, key in enumerate(keys, start=1):
        sheet.cell(1, at, say(f"template.{key}", "zh")).font = Font(bold=True)
        sheet.column_dimensions[get_column_letter(at)].width = 60 if key == "values" else 20
    for row, column in enumerate(_columns(table), start=2):
        words, codes = _words(table, column), column.values
        pairs = [word if word == code else f"{word}（{code}）" for word, code in zip(words, codes, strict=True)]
        cells = (
            column.heading,
            column.name,
            say("template.yes", "zh") if column.required else "",
            say(f"template.{column.dtype}", "zh"),
            "；".join(pairs),
        )
        for at, text in enumerate(cells, start=1):
            sheet.cell(row, at, text).alignment = Alignment(wrap_text=True, vertical="top")
    last = len(_columns(table)) + 2
    for offset, heading in enumerate(_places(table)):
        sheet.cell(last + offset, 1, heading)
        sheet.cell(last + offset, 4, say("template.place", "zh"))
