"""Tables as text or spreadsheet: CSV in any usual encoding, XLSX and XLS."""

from __future__ import annotations

import csv
import io
from typing import Any

import numpy as np
import pandas as pd
from python_calamine import CalamineError, load_workbook

from geo.io.formats import Request, kind_of
from geo.io.formats.archive import check_archive
from geo.io.formats.text import decode
from geo.io.raw import Raw, Unreadable

DELIMITERS = ",;\t|"


def read_csv(request: Request) -> Raw:
    """Read a CSV file; every cell stays text.

    Parameters
    ----------
    request : Request
        The file and what is known about it.

    Returns
    -------
    Raw
        Empty lines are left out; a row with too many cells is a problem of that row.
    """
    text, encoding = decode(request.path.read_bytes(), request.source.encoding)
    if "\0" in text:
        raise Unreadable("not_text")
    header = text.lstrip().split("\n", 1)[0]
    delimiter = max(DELIMITERS, key=header.count)
    csv.field_size_limit(request.limits.cell_characters)
    try:
        lines = list(csv.reader(io.StringIO(text, newline=""), delimiter=delimiter))
    except csv.Error as error:
        raise Unreadable("broken_file", reason=str(error)) from None
    raw = _table(lines, request)
    raw.encoding = encoding
    if encoding not in ("utf-8", "utf-8-sig"):
        reason = "workspace.toml" if request.source.encoding else "content"
        raw.notes.append(("encoding_used", "info", {"encoding": encoding, "reason": reason}))
    return raw


def read_workbook(request: Request) -> Raw:
    """Read one sheet of a spreadsheet; numbers and dates stay what they are.

    Parameters
    ----------
    request : Request
        The file and what is known about it.

    Returns
    -------
    Raw
        The declared sheet, else the one named like the table, else the first.
    """
    if kind_of(request.path) == "zip":
        check_archive(request.path, request.limits)
    try:
        book = load_workbook(str(request.path))
        names = list(book.sheet_names)
        wanted = request.source.sheet
        if wanted and wanted not in names:
            raise Unreadable("no_sheet", name=wanted, known=", ".join(names))
        named = [name for name in names if name in (request.table.title_zh, request.table.name)]
        rows = book.get_sheet_by_name(wanted or (named or names)[0]).to_python(skip_empty_area=False)
    except (CalamineError, OSError, ValueError, IndexError) as error:
        raise Unreadable("broken_file", reason=str(error)[:200]) from None
    return _table(rows, request)


def _table(lines: list[list[Any]], request: Request) -> Raw:
    """Take the first filled line as headings and the filled ones below as rows."""
    filled = [i for i, line in enumerate(lines) if any(_filled(cell) for cell in line)]
    if not filled:
        raise Unreadable("empty_file")
    limits = request.limits
    headings = [str(cell).strip() if _filled(cell) else "" for cell in lines[filled[0]]]
    width = max((i + 1 for i, name in enumerate(headings) if name), default=0)
    if width > limits.columns:
        raise Unreadable("too_many_columns", count=width, limit=limits.columns)
    if len(filled) - 1 > limits.rows:
        raise Unreadable("too_many_rows", count=len(filled) - 1, limit=limits.rows)
    headings = headings[:width]
    problems: list[tuple[int, str, str | None, dict[str, Any]]] = []
    rows = []
    for position, number in enumerate(filled[1:]):
        line = lines[number]
        if any(_filled(cell) for cell in line[width:]):
            problems.append((position, "too_many_cells", None, {"count": len(line), "headings": width}))
        rows.append([*line[:width], *[None] * (width - len(line))])
    frame = pd.DataFrame(rows, columns=headings, dtype="object")
    frame = frame.loc[:, [bool(name) for name in headings]]
    return Raw(frame=frame, numbers=np.array(filled[1:]) + 1, problems=problems)


def _filled(cell: Any) -> bool:
    return cell is not None and str(cell).strip() != ""
