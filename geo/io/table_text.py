"""Tables for spreadsheets: they open with the right letters, keep ids whole, and run no formula."""

from __future__ import annotations

import csv
import io
import math
from typing import Any

import numpy as np
import pandas as pd

from geo.layer import Layer
from geo.words import Lang

BOM = "\ufeff"
FORMULA = ("=", "+", "-", "@", "\t", "\r")
NUMBERS = (int, float, np.integer, np.floating)
DIGITS_SHOWN = 15  # a spreadsheet keeps no more


def safe_csv(frame: pd.DataFrame, layer: Layer | None = None, lang: Lang | None = None) -> bytes:
    """Write a table as CSV that a spreadsheet opens without harm.

    Parameters
    ----------
    frame : pandas.DataFrame
        Any table; geometry is left out.
    layer : Layer or None
        Which columns, in which order; None = all.
    lang : {"zh", "en"} or None
        Headings for people in that language; None = field names. Needs a layer.

    Returns
    -------
    bytes
        UTF-8 with byte-order mark, CRLF. Missing cells are empty, lists ``;``-joined, times RFC 3339. Text that
        a spreadsheet would run as a formula gets an apostrophe in front; text of digits that it would round or
        strip of leading zeros gets a tab behind, which keeps it text.
    """
    if layer is None:
        names = [str(name) for name in frame.columns if name != "geometry"]
        headings = names
    else:
        names = [field.name for field in layer.fields]
        headings = [field.title.record()[lang] for field in layer.fields] if lang else names
    out = io.StringIO()
    writer = csv.writer(out, lineterminator="\r\n")
    writer.writerow([safe_cell(heading) for heading in headings])
    columns = [[safe_cell(cell) for cell in frame[name].tolist()] for name in names]
    writer.writerows(zip(*columns, strict=True))
    return (BOM + out.getvalue()).encode("utf-8")


def safe_cell(cell: Any) -> str:
    """Write one cell as text that a spreadsheet neither runs nor rounds.

    Parameters
    ----------
    cell : object
        Any value.

    Returns
    -------
    str
        Numbers stay numbers.

    Examples
    --------
    >>> safe_cell("=1+1"), safe_cell(-3), safe_cell(None), safe_cell(["a", "b"])
    ("'=1+1", '-3', '', 'a;b')
    """
    if isinstance(cell, (list, tuple, np.ndarray)):
        cell = ";".join(str(part) for part in cell)
    if cell is None or cell is pd.NaT or cell is pd.NA:
        return ""
    if isinstance(cell, (bool, np.bool_)):
        return str(bool(cell)).lower()
    if isinstance(cell, NUMBERS):
        return "" if isinstance(cell, (float, np.floating)) and math.isnan(cell) else f"{cell}"
    if isinstance(cell, bytes):
        return cell.hex()
    text = cell.isoformat() if hasattr(cell, "isoformat") else str(cell)
    if text.startswith(FORMULA):
        return f"'{text}"
    rounds = text.isdigit() and (len(text) > DIGITS_SHOWN - 4 or (text.startswith("0") and len(text) > 1))
    return f"{text}\t" if rounds else text
