"""What must hold between the columns of one row."""

from __future__ import annotations

import re
from collections.abc import Callable

import numpy as np
import pandas as pd
from numpy.typing import NDArray

from geo.io.raw import Ledger

Mask = NDArray[np.bool_]
PHONE = re.compile(r"^1[3-9]\d{9}$")
RESIDENT_ID = re.compile(r"^\d{17}[\dXx]$")
ID_WEIGHTS = (7, 9, 10, 5, 8, 4, 2, 1, 6, 3, 7, 9, 10, 5, 8, 4, 2)
ID_CHECK = "10X98765432"  # GB 11643-1999


def check_rows(name: str, frame: pd.DataFrame, ledger: Ledger, has_geometry: Mask) -> None:
    """Check rules between the columns of a row.

    Parameters
    ----------
    name : str
        Table.
    frame : pandas.DataFrame
        Parsed values; any subset of the contract's columns.
    ledger : Ledger
        Is told.
    has_geometry : numpy.ndarray of bool
        Which rows have geometry.
    """
    _intervals(frame, ledger)
    if name in RULES:
        RULES[name](frame, ledger, has_geometry)


def _there(frame: pd.DataFrame, column: str) -> Mask:
    if column not in frame:
        return np.zeros(len(frame), dtype=bool)
    return np.asarray(frame[column].notna(), dtype=bool)


def _intervals(frame: pd.DataFrame, ledger: Ledger) -> None:
    """Report periods and stretches that end before they begin."""
    pairs_of = (
        ("valid_from", "valid_to"),
        ("start_time", "end_time"),
        ("start_m", "end_m"),
        ("found_at", "mended_at"),
    )
    for first, last in pairs_of:
        both = _there(frame, first) & _there(frame, last)
        if both.any():
            rows = np.flatnonzero(both)
            pairs = zip(frame[first].iloc[rows], frame[last].iloc[rows], strict=True)
            wrong = [at for at, (start, end) in zip(rows, pairs, strict=True) if start > end]
            ledger.reject(wrong, "end_before_start", last, first=first, last=last)


def _assignments(frame: pd.DataFrame, ledger: Ledger, _: Mask) -> None:
    kind = frame["target_type"] if "target_type" in frame else pd.Series("", index=frame.index)
    interval = np.asarray(kind == "interval", dtype=bool)
    named = np.asarray(kind.notna(), dtype=bool) & ~interval
    ledger.reject(np.flatnonzero(named & ~_there(frame, "target_id")), "value_missing", "target_id")
    for column in ("border_id", "start_m", "end_m"):
        ledger.reject(np.flatnonzero(interval & ~_there(frame, column)), "interval_needs", column)


def _border(frame: pd.DataFrame, ledger: Ledger, _: Mask) -> None:
    """Report parts without a sequence on a border whose other parts have one."""
    given = _there(frame, "sequence")
    if given.any() and "border_id" in frame:
        partly = pd.Series(given, index=frame.index).groupby(frame["border_id"]).transform("any")
        ledger.reject(np.flatnonzero(partly & ~given), "sequence_partly", "sequence", "warning")


def _markers(frame: pd.DataFrame, ledger: Ledger, has_geometry: Mask) -> None:
    nowhere = ~has_geometry & ~_there(frame, "measure_m")
    ledger.reject(np.flatnonzero(nowhere), "marker_nowhere", "measure_m")


def _stretches(frame: pd.DataFrame, ledger: Ledger, has_geometry: Mask) -> None:
    """Report segments and fences that do not say in exactly one way where they run."""
    ways = np.zeros(len(frame), dtype=int) + has_geometry
    half = np.zeros(len(frame), dtype=bool)
    for first, last in (("start_m", "end_m"), ("start_marker", "end_marker")):
        start, end = _there(frame, first), _there(frame, last)
        ways += start & end
        half |= start ^ end
    _in_one_way(ledger, ways, half)


def _defects(frame: pd.DataFrame, ledger: Ledger, has_geometry: Mask) -> None:
    """Report defects that do not say in exactly one way where they are; a single measure is a place."""
    start = _there(frame, "start_m")
    ways = np.zeros(len(frame), dtype=int) + has_geometry + start + _there(frame, "marker")
    _in_one_way(ledger, ways, _there(frame, "end_m") & ~start)


def _in_one_way(ledger: Ledger, ways: NDArray[np.int64], half: Mask) -> None:
    ledger.reject(np.flatnonzero(half), "stretch_half", "start_m")
    ledger.reject(np.flatnonzero(~half & (ways == 0)), "stretch_nowhere", "start_m")
    ledger.reject(np.flatnonzero(~half & (ways > 1)), "stretch_twice", "start_m")


def _visits(frame: pd.DataFrame, ledger: Ledger, _: Mask) -> None:
    """Report visits of something that do not say of what."""
    unnamed = _there(frame, "target_type") & ~_there(frame, "target_id")
    ledger.reject(np.flatnonzero(unnamed), "value_missing", "target_id")


def _staff(frame: pd.DataFrame, ledger: Ledger, _: Mask) -> None:
    if "staff_id" in frame:
        private = frame["staff_id"].map(is_personal)
        ledger.reject(np.flatnonzero(private), "personal_id", "staff_id")


def _patrolled(frame: pd.DataFrame, ledger: Ledger, _: Mask) -> None:
    """Report patrols named after the telephone that recorded them, or after a person's number."""
    if "patrol_id" in frame:
        private = [id for id in frame["patrol_id"].unique() if is_personal(id)]
        ledger.reject(np.flatnonzero(frame["patrol_id"].isin(private)), "personal_id", "patrol_id")


def is_personal(value: object) -> bool:
    """Tell whether a text is a mobile telephone number or a resident identity number of China.

    Parameters
    ----------
    value : object
        A cell; anything but text is not.

    Returns
    -------
    bool
        Identity numbers count with their check digit only (GB 11643-1999).

    Examples
    --------
    >>> is_personal("13800138000"), is_personal("11010519491231002X"), is_personal("150105001001001")
    (True, True, False)
    """
    if not isinstance(value, str):
        return False
    if PHONE.match(value):
        return True
    if not RESIDENT_ID.match(value):
        return False
    total = sum(int(digit) * weight for digit, weight in zip(value[:17], ID_WEIGHTS, strict=True))
    return ID_CHECK[total % 11] == value[17].upper()


RULES: dict[str, Callable[[pd.DataFrame, Ledger, Mask], None]] = {
    "assignments": _assignments,
    "border": _border,
    "defects": _defects,
    "fences": _stretches,
    "markers": _markers,
    "patrols": _patrolled,
    "segments": _stretches,
    "staff": _staff,
    "tracks": _patrolled,
    "visits": _visits,
}
