"""What a missing column of each table means, and codes in their one form. Each change is said."""

from __future__ import annotations

import hashlib
import re
from collections.abc import Callable

import numpy as np
import pandas as pd

from geo.io.cells import is_missing
from geo.io.raw import Ledger
from geo.tables.people import FULL_TIME_ROLES

LEVEL_OF_DIGITS = {2: "region", 4: "league", 6: "county", 9: "township", 12: "community"}
COUNTRY_CODE = "156"  # China in ISO 3166-1; the nine-digit national code is this and the six-digit one
CODE_COLUMNS = ("division_id", "parent_id")
GRID_DIGITS, COMMUNITY_DIGITS = 15, 12
TARGET_OF_HEADING = {"责任网格": "grid", "管段": "segment"}


def trim_code(code: str) -> str:
    """Bring a division's code into its one form: 2, 4, 6, 9 or 12 digits.

    Parameters
    ----------
    code : str
        As a file has it; anything but digits is left alone.

    Returns
    -------
    str
        Without the zeros that only fill up, and without the country in front.

    Examples
    --------
    >>> [trim_code(code) for code in ("150000", "150100", "156150105", "150105001000", "150105001001", "p-1")]
    ['15', '1501', '150105', '150105001', '150105001001', 'p-1']
    """
    if not code.isdigit():
        return code
    if len(code) == 9 and code.startswith(COUNTRY_CODE):
        code = code[3:]
    if len(code) == 12 and code.endswith("000"):
        code = code[:9]
    if len(code) == 9 and code.endswith("000"):
        code = code[:6]
    if len(code) == 6 and code.endswith("0000"):
        return code[:2]
    return code[:4] if len(code) == 6 and code.endswith("00") else code


def fill(name: str, frame: pd.DataFrame, ledger: Ledger, headings: dict[str, str]) -> pd.DataFrame:
    """Fill what the contract says a missing value means.

    Parameters
    ----------
    name : str
        Table.
    frame : pandas.DataFrame
        One row a record, objects; any subset of the contract's columns.
    ledger : Ledger
        Is told what was made or brought into another form.
    headings : dict of str to str
        Our column → the file's heading.

    Returns
    -------
    pandas.DataFrame
        A new frame.
    """
    frame = _trim(frame, ledger)
    filler = FILLERS.get(name)
    return filler(frame, ledger, headings) if filler else frame


def _trim(frame: pd.DataFrame, ledger: Ledger) -> pd.DataFrame:
    made = frame.copy(deep=False)
    for column in CODE_COLUMNS:
        if column in frame:
            was = frame[column]
            now = was.map(lambda code: trim_code(code) if isinstance(code, str) else code)
            changed = int((was.notna() & (was != now)).sum())
            if changed:
                ledger.note("codes_trimmed", column, "info", count=changed)
            made[column] = now
    return made


def _missing(frame: pd.DataFrame, column: str) -> pd.Series:
    return frame[column].isna() if column in frame else pd.Series(True, index=frame.index)


def _filled(frame: pd.DataFrame, column: str, values: pd.Series) -> pd.Series:
    """Take the column where it has something, else the other values."""
    values = values.astype("object")
    return frame[column].astype("object").where(frame[column].notna(), values) if column in frame else values


def _divisions(frame: pd.DataFrame, ledger: Ledger, _: dict[str, str]) -> pd.DataFrame:
    if "division_id" not in frame:
        return frame
    code = frame["division_id"]
    digits = code.map(lambda text: len(text) if isinstance(text, str) and text.isdigit() else 0)
    odd = (digits > 0) & ~digits.isin(list(LEVEL_OF_DIGITS)) & _missing(frame, "level")
    ledger.reject(np.flatnonzero(odd), "code_length", "division_id")
    return frame.assign(level=_filled(frame, "level", digits.map(LEVEL_OF_DIGITS)))


def default_parents(frame: pd.DataFrame) -> pd.Series:
    """Give each division without a parent the nearest place whose code its own begins with.

    Parameters
    ----------
    frame : pandas.DataFrame
        With ``division_id`` and perhaps ``parent_id``: all divisions of a workspace.

    Returns
    -------
    pandas.Series
        ``parent_id``; missing for the topmost and where no such place is in the table.
    """
    known = set(frame["division_id"].dropna())

    def nearest(code: object) -> str | None:
        if not isinstance(code, str):
            return None
        prefixes = (code[:digits] for digits in sorted(LEVEL_OF_DIGITS, reverse=True) if digits < len(code))
        return next((prefix for prefix in prefixes if prefix in known), None)

    return _filled(frame, "parent_id", frame["division_id"].map(nearest))


def _grids(frame: pd.DataFrame, ledger: Ledger, _: dict[str, str]) -> pd.DataFrame:
    if "division_id" in frame or "grid_id" not in frame:
        return frame
    code = frame["grid_id"]
    has = code.map(lambda text: isinstance(text, str) and text.isdigit() and len(text) == GRID_DIGITS)
    if has.any():
        ledger.note("community_from_code", "division_id", "info", count=int(has.sum()))
    return frame.assign(division_id=code.str[:COMMUNITY_DIGITS].where(has, None))


def _staff(frame: pd.DataFrame, ledger: Ledger, _: dict[str, str]) -> pd.DataFrame:
    if "role" not in frame:
        return frame
    lacking = _missing(frame, "fte")
    if lacking.any():
        ledger.note("fte_from_role", "fte", "info", count=int(lacking.sum()))
    return frame.assign(fte=_filled(frame, "fte", frame["role"].isin(FULL_TIME_ROLES).astype(float)))


def _assignments(frame: pd.DataFrame, ledger: Ledger, headings: dict[str, str]) -> pd.DataFrame:
    target = TARGET_OF_HEADING.get(re.sub(r"\s", "", headings.get("target_id", "")))
    if "target_type" not in frame and target:
        ledger.note("target_type_from_heading", "target_type", "info", kind=target)
        frame = frame.assign(target_type=target)
    columns = [column for column in frame.columns if column != "assignment_id"]
    rows = zip(*(frame[column].tolist() for column in columns), strict=True)
    made = pd.Series([_row_hash(row) for row in rows], index=frame.index, dtype="object")
    return frame.assign(assignment_id=_filled(frame, "assignment_id", made))


def _row_hash(row: tuple[object, ...]) -> str:
    text = "\x1f".join("" if is_missing(cell) else str(cell) for cell in row)
    return hashlib.blake2b(text.encode(), digest_size=8).hexdigest()


def _streets(frame: pd.DataFrame, _: Ledger, __: dict[str, str]) -> pd.DataFrame:
    number = pd.Series([str(i + 1) for i in range(len(frame))], index=frame.index)
    return frame.assign(edge_id=_filled(frame, "edge_id", number))


def _border(frame: pd.DataFrame, _: Ledger, __: dict[str, str]) -> pd.DataFrame:
    if "border_id" not in frame:
        return frame
    if "sequence" not in frame:
        frame = frame.assign(sequence=frame.groupby("border_id", dropna=False).cumcount() + 1)
    return frame.assign(part=_filled(frame, "part", frame["sequence"].astype("string")))


def _tracks(frame: pd.DataFrame, _: Ledger, __: dict[str, str]) -> pd.DataFrame:
    if "sequence" in frame or "patrol_id" not in frame:
        return frame
    return frame.assign(sequence=frame.groupby("patrol_id", dropna=False).cumcount() + 1)


FILLERS: dict[str, Callable[[pd.DataFrame, Ledger, dict[str, str]], pd.DataFrame]] = {
    "divisions": _divisions,
    "grids": _grids,
    "staff": _staff,
    "assignments": _assignments,
    "streets": _streets,
    "border": _border,
    "tracks": _tracks,
}
