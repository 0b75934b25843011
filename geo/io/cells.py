"""From what a cell says to what the contract needs: text, counts, numbers, dates, lists."""

from __future__ import annotations

import re
from collections.abc import Callable, Iterable, Mapping
from datetime import date, datetime
from typing import Any

import numpy as np
import pandas as pd

from geo.io.raw import Ledger
from geo.io.times import parse_times
from geo.tables.contract import Column

YES = frozenset({"true", "t", "yes", "y", "1", "1.0", "是", "有", "√"})
NO = frozenset({"false", "f", "no", "n", "0", "0.0", "否", "无", "×"})
SEPARATORS = re.compile(r"[;；、|]")
SPREADSHEET_ID = re.compile(r"^\d+\.0+$")
ROUNDED_ID = re.compile(r"^\d(\.\d+)?[eE]\+?\d+$")
CONTROL = re.compile(r"[\x00-\x08\x0b\x0c\x0e-\x1f\x7f]")
THOUSANDS = re.compile(r"^[+-]?\d{1,3}(,\d{3})+(\.\d+)?$")
DATE_ZH = re.compile(r"^(\d{4})[年/.\-](\d{1,2})[月/.\-](\d{1,2})日?$")
DATE_PLAIN = re.compile(r"^(\d{4})(\d{2})(\d{2})$")
PLAIN = r"[0-9]+|[0-9A-Za-z_|:/-]*[A-DF-Za-df-z_|:/-][0-9A-Za-z_|:/-]*"  # text that means what it says
EXACT_WHOLE = 2.0**53  # beyond it a spreadsheet has already lost the last digits of an id


class BadCell(ValueError):
    """A cell cannot mean what its column needs; its argument is the fault's code."""


def is_id(name: str) -> bool:
    """Tell whether a column holds ids, which spreadsheets turn into numbers.

    Parameters
    ----------
    name : str
        Column name.

    Returns
    -------
    bool
        True for ``…_id``, marker numbers and the ends of a street.
    """
    return name.endswith("_id") or name in ("number", "marker", "start_marker", "end_marker", "u", "v")


def parse(values: pd.Series, column: Column, ledger: Ledger, time_zone: str) -> pd.Series:
    """Turn one column of a file into what the contract says.

    Parameters
    ----------
    values : pandas.Series
        As the file has them, index 0…n-1.
    column : Column
        What is meant.
    ledger : Ledger
        Is told about each cell that cannot be understood, and how many ids were mended.
    time_zone : str
        What a time without a zone is in.

    Returns
    -------
    pandas.Series
        Of objects (``str``, ``float``, ``bool``, ``datetime``, ``list``), missing = None; of times, moments in
        UTC; same index.
    """
    if column.dtype == "datetime":
        return parse_times(values, column, ledger, time_zone)
    ready = _ready(values, column)
    if ready is not None:
        return ready
    mended: list[int] = []
    read = _reader(column, mended)
    cells = values.tolist()
    out: list[Any] = list(cells)
    memory: dict[str, Any] = {}
    for at in _not_plain(values, column):
        cell = cells[at]
        try:
            out[at] = read(cell) if column.dtype == "string" else _remembered(cell, read, memory)
        except BadCell as bad:
            out[at] = None
            ledger.reject([at], str(bad), column.name, given=str(cell)[:60], kind=column.dtype)
    if mended:
        ledger.note("ids_mended", column.name, "info", count=sum(mended))
    return pd.Series(out, index=values.index, dtype="object")


def _ready(values: pd.Series, column: Column) -> pd.Series | None:
    """Take numbers that are numbers already, and truth that is truth, as they are."""
    if column.dtype == "bool" and values.dtype == np.bool_:
        return values.astype("object")
    if column.dtype != "float" or not pd.api.types.is_float_dtype(values.dtype) or np.isinf(values).any():
        return None
    return values.astype("float64")


def _not_plain(values: pd.Series, column: Column) -> Iterable[int]:
    """Say which cells must be looked at one by one: all, but text that is plainly what it says."""
    if column.dtype != "string" or pd.api.types.infer_dtype(values, skipna=False) != "string":
        return range(len(values))
    plain = values.astype("str").str.fullmatch(PLAIN).fillna(False)
    return np.flatnonzero(~plain.to_numpy(dtype=bool)).tolist()


def _remembered(cell: Any, read: Callable[[Any], Any], memory: dict[str, Any]) -> Any:
    if not isinstance(cell, str):
        return read(cell)
    if cell not in memory:
        memory[cell] = read(cell)
    made = memory[cell]
    return list(made) if isinstance(made, list) else made


def _reader(column: Column, mended: list[int]) -> Callable[[Any], Any]:
    def text(cell: Any) -> str | None:
        return _text(cell, is_id(column.name), mended)

    readers: Mapping[str, Callable[[Any], Any]] = {
        "string": text,
        "count": _count,
        "float": _number,
        "bool": _bool,
        "date": _date,
        "list": _list,
        "wkb": lambda cell: None if is_missing(cell) else cell,
    }
    return readers[column.dtype]


def is_missing(cell: Any) -> bool:
    """Tell whether a cell is empty.

    Parameters
    ----------
    cell : object
        Any value, a list among them.

    Returns
    -------
    bool
        True for None, NaN, NaT, NA and blank text.
    """
    if cell is None or cell is pd.NaT or cell is pd.NA:
        return True
    if isinstance(cell, str):
        return not cell.strip()
    return isinstance(cell, float) and np.isnan(cell)


def plain_text(cell: Any) -> str:
    """Write a cell as text, whole numbers without a point.

    Parameters
    ----------
    cell : object
        Any value that is not missing.

    Returns
    -------
    str
        Lists ``;``-joined, bytes as their number.
    """
    if isinstance(cell, (float, np.floating)) and float(cell).is_integer():
        return str(int(cell))
    if isinstance(cell, (list, tuple, np.ndarray)):
        return ";".join(str(part) for part in cell)
    return f"{len(cell)} B" if isinstance(cell, bytes) else str(cell)


def _text(cell: Any, an_id: bool, mended: list[int]) -> str | None:
    if isinstance(cell, str):
        return _clean(cell.strip(), an_id, mended) or None
    if is_missing(cell):
        return None
    if isinstance(cell, (bool, np.bool_)):
        return str(bool(cell)).lower()
    if isinstance(cell, (int, np.integer)):
        return str(int(cell))
    if isinstance(cell, (float, np.floating)):
        if not float(cell).is_integer():
            return repr(float(cell))
        if an_id and abs(float(cell)) >= EXACT_WHOLE:
            raise BadCell("id_rounded")
        mended.append(1)
        return str(int(cell))
    if isinstance(cell, (datetime, date)):
        return cell.isoformat()
    if isinstance(cell, bytes):
        raise BadCell("bad_cell")
    return _clean(str(cell).strip(), an_id, mended)


def _clean(text: str, an_id: bool, mended: list[int]) -> str:
    if CONTROL.search(text):
        raise BadCell("control_character")
    if an_id and ROUNDED_ID.match(text) and len(text) > len("1e9"):
        raise BadCell("id_rounded")
    if an_id and SPREADSHEET_ID.match(text):
        mended.append(1)
        return text.split(".")[0]
    return text


def _number(cell: Any) -> float | None:
    if is_missing(cell):
        return None
    if isinstance(cell, str):
        text = cell.strip()
        cell = text.replace(",", "") if THOUSANDS.match(text) else text
    try:
        number = float(cell)
    except (TypeError, ValueError, OverflowError):
        raise BadCell("bad_cell") from None
    if np.isnan(number):
        return None
    if np.isinf(number):
        raise BadCell("not_finite")
    return number


def _count(cell: Any) -> int | None:
    number = _number(cell)
    if number is None:
        return None
    if not number.is_integer() or abs(number) >= EXACT_WHOLE:
        raise BadCell("not_whole")
    return int(number)


def _bool(cell: Any) -> bool | None:
    if is_missing(cell):
        return None
    word = str(cell).strip().lower()
    if word in YES:
        return True
    if word in NO:
        return False
    raise BadCell("bad_cell")


def _date(cell: Any) -> datetime | None:
    if is_missing(cell):
        return None
    if isinstance(cell, date):  # datetime and Timestamp are dates too
        return datetime(cell.year, cell.month, cell.day)  # noqa: DTZ001 (a day has no zone)
    text = str(cell).strip()
    found = DATE_ZH.match(text) or DATE_PLAIN.match(text.removesuffix(".0"))
    try:
        if found:
            return datetime(*(int(part) for part in found.groups()))  # type: ignore[arg-type]  # noqa: DTZ001
        stamp = datetime.fromisoformat(text)
    except ValueError:
        raise BadCell("bad_cell") from None
    return datetime(stamp.year, stamp.month, stamp.day)  # noqa: DTZ001


def _list(cell: Any) -> list[str] | None:
    if isinstance(cell, (list, tuple, np.ndarray)):
        parts = [str(part) for part in cell if not is_missing(part)]
    elif is_missing(cell):
        return None
    else:
        parts = SEPARATORS.split(str(cell))
    return list(dict.fromkeys(part.strip() for part in parts if part.strip()))
