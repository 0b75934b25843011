"""From what a cell says to a moment in UTC; whole columns at once where they are written the usual way."""

from __future__ import annotations

from datetime import UTC, datetime
from typing import Any
from zoneinfo import ZoneInfo

import numpy as np
import pandas as pd
from numpy.typing import NDArray

from geo.io.raw import Ledger
from geo.tables.contract import Column

MOMENT = pd.DatetimeTZDtype("us", "UTC")
USUAL = r"\d{4}-\d\d-\d\d[T ]\d\d:\d\d:\d\d(?:\.\d{1,6})?"
ZONED = r"(?:Z|[+-]\d\d:\d\d)"


class NoTime(ValueError):
    """A cell holds no moment."""


def moment(cell: Any, time_zone: str) -> tuple[datetime, bool]:
    """Read one moment.

    Parameters
    ----------
    cell : object
        Text as ISO 8601 has it (slashes may stand for dashes), or a date with a time.
    time_zone : str
        What a time without a zone is in.

    Returns
    -------
    tuple
        The moment in UTC, and whether it had no zone. Anything else raises :class:`NoTime`.

    Examples
    --------
    >>> moment("2026/1/10 8:00", "Asia/Shanghai")
    Traceback (most recent call last):
    geo.io.times.NoTime: 2026/1/10 8:00
    >>> moment("2026/01/10 08:00", "Asia/Shanghai")
    (datetime.datetime(2026, 1, 10, 0, 0, tzinfo=datetime.timezone.utc), True)
    """
    try:
        if isinstance(cell, (datetime, np.datetime64)):
            stamp: datetime = pd.Timestamp(cell).to_pydatetime(warn=False)
        else:
            stamp = datetime.fromisoformat(str(cell).strip().replace("/", "-"))
        zoned = stamp if stamp.tzinfo else stamp.replace(tzinfo=ZoneInfo(time_zone))
        return zoned.astimezone(UTC), stamp.tzinfo is None
    except (ValueError, OverflowError):
        raise NoTime(str(cell)) from None


def parse_times(values: pd.Series, column: Column, ledger: Ledger, time_zone: str) -> pd.Series:
    """Turn a column of a file into moments.

    Parameters
    ----------
    values : pandas.Series
        As the file has them, index 0…n-1.
    column : Column
        What is meant.
    ledger : Ledger
        Is told about each cell that holds no moment, and how many had no zone.
    time_zone : str
        What a time without a zone is in.

    Returns
    -------
    pandas.Series
        ``datetime64[us, UTC]``, missing = NaT; same index.
    """
    made, naive, rest = _at_once(values, time_zone)
    count = int(naive.sum())
    found: list[tuple[int, datetime]] = []
    cells = values.to_numpy(dtype=object)
    for at in rest:
        cell = cells[at]
        if cell is None or cell is pd.NaT or cell is pd.NA or cell != cell or not str(cell).strip():
            continue
        try:
            stamp, zoneless = moment(cell, time_zone)
        except NoTime:
            ledger.reject([at], "bad_cell", column.name, given=str(cell)[:60], kind=column.dtype)
            continue
        found.append((at, stamp))
        count += zoneless
    if found:
        rows, stamps = zip(*found, strict=True)
        made.iloc[list(rows)] = pd.Series(stamps, dtype=MOMENT).array
    if count:
        ledger.note("time_without_zone", column.name, "info", count=count, time_zone=time_zone)
    return made


def _at_once(values: pd.Series, time_zone: str) -> tuple[pd.Series, NDArray[np.bool_], list[int]]:
    """Read what is written the usual way: the moments, which had no zone, and the rows still to be looked at."""
    nothing = np.zeros(len(values), dtype=bool)
    if isinstance(values.dtype, pd.DatetimeTZDtype):
        return values.dt.tz_convert("UTC").astype(MOMENT), nothing, []
    if pd.api.types.is_datetime64_dtype(values.dtype):
        made = _in_zone(values, time_zone)
        rest = values.notna() & made.isna()
        return made, (values.notna() & ~rest).to_numpy(), np.flatnonzero(rest).tolist()
    made = pd.Series(pd.NaT, index=values.index, dtype=MOMENT)
    text = values.where(values.map(lambda cell: isinstance(cell, str))).astype("str")
    zoned = text.str.fullmatch(USUAL + ZONED).fillna(False).to_numpy(dtype=bool)
    naive = text.str.fullmatch(USUAL).fillna(False).to_numpy(dtype=bool)
    if zoned.any():
        made[zoned] = pd.to_datetime(text[zoned], format="ISO8601", utc=True, errors="coerce").astype(MOMENT)
    if naive.any():
        made[naive] = _in_zone(pd.to_datetime(text[naive], format="ISO8601", errors="coerce"), time_zone)
    done = made.notna().to_numpy()
    return made, naive & done, np.flatnonzero(~done).tolist()


def _in_zone(values: pd.Series, time_zone: str) -> pd.Series:
    """Give moments a zone; of an hour that comes twice the first, as :mod:`datetime` does."""
    first = np.ones(len(values), dtype=bool)
    made = values.dt.tz_localize(time_zone, ambiguous=first, nonexistent="NaT")  # type: ignore[arg-type, unused-ignore]
    return made.dt.tz_convert("UTC").astype(MOMENT)
