"""Is a station open, at the asked hour and at every hour of the week? A station that is closed covers nobody.

Hours come in the OSM ``opening_hours`` language or as people write them in spreadsheets (08:00–18:00,
周一至周五 8点半到17点, 24小时); ``text`` turns the latter into the former, and a well-kept library does the
judging. Holidays are the public ones of a country; working days moved to a weekend (调休) are not known.
"""

from __future__ import annotations

import re
from collections.abc import Iterable
from dataclasses import dataclass
from datetime import date, datetime, time, timedelta
from functools import lru_cache
from typing import Literal

import numpy as np
import pandas as pd
from numpy.typing import NDArray
from opening_hours import (  # type: ignore[attr-defined]  # its stub forgets the errors
    OpeningHours,
    ParserError,
    State,
    UnknownCountryError,
)

from geo import units
from geo.errors import BadParameter
from geo.hours.text import clauses_of, osm_hours, settled

Open = Literal["yes", "no", "unknown"]
ANY = "any"
WEEKDAYS = ("mon", "tue", "wed", "thu", "fri", "sat", "sun")
WEEK_HOURS = 7 * 24
SHUT, OPEN, UNKNOWN = 0, 1, 2  # states of an hour
_AT = re.compile(r"([A-Za-z]{3}) +(\d{1,2}):(\d{2})")
_STATES: dict[object, Open] = {State.OPEN: "yes", State.CLOSED: "no", State.UNKNOWN: "unknown"}
_CODES: dict[object, int] = {State.OPEN: OPEN, State.CLOSED: SHUT, State.UNKNOWN: UNKNOWN}
_MINUTES = 24 * 60


@dataclass(frozen=True, eq=False)
class Week:
    """When stations are open, Monday to Sunday.

    Parameters
    ----------
    state : numpy.ndarray
        uint8 (n, 168), Monday 0:00 first: ``SHUT``, ``OPEN`` or ``UNKNOWN``, as it is when the hour begins.
    minutes : numpy.ndarray
        int64 (n, 7): minutes of each day that are known to be open, exact. What is open past midnight counts on
        both days.
    known : numpy.ndarray
        bool (n,): the hours were there and could be read.
    """

    state: NDArray[np.uint8]
    minutes: NDArray[np.int64]
    known: NDArray[np.bool_]


def moment(at: str, as_of: date) -> datetime | None:
    """Resolve an hour of the week to the first such moment on or after a day.

    Parameters
    ----------
    at : str
        ``"Wed 10:00"``, English weekday of three letters; or ``"any"``.
    as_of : date
        The day.

    Returns
    -------
    datetime or None
        Local time of the workspace; None = the hour does not matter.

    Raises
    ------
    BadParameter
        The text is neither.

    Examples
    --------
    >>> moment("Wed 10:00", date(2026, 11, 20))
    datetime.datetime(2026, 11, 25, 10, 0)
    >>> moment("any", date(2026, 11, 20)) is None
    True
    """
    if at == ANY:
        return None
    match = _AT.fullmatch(at.strip())
    if not match or match[1].lower() not in WEEKDAYS or int(match[2]) > 23 or int(match[3]) > 59:
        raise BadParameter(f"at: {at!r} is no hour of the week; write it like 'Wed 10:00', or 'any'")
    ahead = (WEEKDAYS.index(match[1].lower()) - as_of.weekday()) % 7
    return datetime.combine(as_of + timedelta(days=ahead), time(int(match[2]), int(match[3])))


def open_at(texts: Iterable[object], when: datetime | None, *, holidays: str = "") -> NDArray[np.object_]:
    """Tell which stations are open.

    Parameters
    ----------
    texts : iterable of str or missing
        Opening hours, one a station.
    when : datetime or None
        Local time; None = the hour does not matter, and every station counts as open.
    holidays : str
        ISO code of the country whose public holidays ``PH`` means; empty = none.

    Returns
    -------
    numpy.ndarray of str
        ``yes``, ``no`` or ``unknown``, shape (n,). Missing hours and hours that cannot be read are unknown.

    Raises
    ------
    BadParameter
        No such country.

    Examples
    --------
    >>> open_at(["周一至周五 8:00～18:00", "24小时", "请来电", None], datetime(2026, 11, 25, 10)).tolist()
    ['yes', 'yes', 'unknown', 'unknown']
    """
    return np.array([_open(_text(text), when, holidays) for text in texts], dtype=object)


def hours_of_week(texts: Iterable[object], as_of: date, *, holidays: str = "") -> Week:
    """Tell when stations are open in each hour of the week.

    The week is the seven days from ``as_of`` on, put in order from Monday: each hour is the very one that ``at``
    would mean (:func:`moment`), with that day's holidays and season.

    Parameters
    ----------
    texts : iterable of str or missing
        Opening hours, one a station. Each different text is judged once.
    as_of : date
        The day.
    holidays : str
        ISO code of the country whose public holidays ``PH`` means; empty = none.

    Returns
    -------
    Week
        One row a station. Missing hours and hours that cannot be read are unknown throughout.

    Raises
    ------
    BadParameter
        No such country.

    Examples
    --------
    >>> week = hours_of_week(["Mo 22:30-02:00", None], date(2026, 11, 20))
    >>> np.flatnonzero(week.state[0]).tolist(), week.minutes[0].tolist()
    ([23, 24, 25], [90, 120, 0, 0, 0, 0, 0])
    >>> week.known.tolist()
    [True, False]
    """
    code, distinct = pd.factorize(pd.Series([_text(text) for text in texts], dtype=object))
    weeks = [_week(text, as_of, holidays) for text in distinct]
    state = np.array([state for state, _, _ in weeks], dtype=np.uint8).reshape(-1, WEEK_HOURS)
    minutes = np.array([minutes for _, minutes, _ in weeks], dtype=np.int64).reshape(-1, 7)
    known = np.array([known for _, _, known in weeks], dtype=bool)
    return Week(state[code], minutes[code], known[code])


def days_of_week(as_of: date) -> tuple[date, ...]:
    """List the days that the hours of the week stand for.

    Parameters
    ----------
    as_of : date
        The day.

    Returns
    -------
    tuple of date
        Monday to Sunday, each the first on or after ``as_of``.

    Examples
    --------
    >>> [day.day for day in days_of_week(date(2026, 11, 20))]
    [23, 24, 25, 26, 20, 21, 22]
    """
    return tuple(as_of + timedelta(days=(weekday - as_of.weekday()) % 7) for weekday in range(7))


def read_hours(text: str, holidays: str = "") -> OpeningHours | None:
    """Read opening hours as the OSM language, else as people write them, else the days that can be read.

    Parameters
    ----------
    text : str
        The hours.
    holidays : str
        ISO code of a country, or empty.

    Returns
    -------
    OpeningHours or None
        None = they cannot be read. Where some days can and others cannot, the others are unknown.

    Raises
    ------
    BadParameter
        No such country.

    Examples
    --------
    >>> str(read_hours("Mo-Fr 8-02;Sa 8-02 Su 8"))
    'Mo-Fr 08:00-02:00, Sa 08:00-02:00; Su unknown'
    >>> read_hours("summer only") is None
    True
    """
    mended = osm_hours(text)
    whole = _parsed(text, holidays) or _parsed(mended, holidays)
    if whole is not None:
        return whole
    parts = [
        (clause if _parsed(clause, holidays) is not None else f"{days} unknown")
        for clause, days in clauses_of(mended)
    ]
    said = any(not part.endswith(" unknown") for part in parts)
    return _parsed("; ".join(parts), holidays) if said else None


def _parsed(text: str, holidays: str) -> OpeningHours | None:
    if not text:
        return None
    try:
        return OpeningHours(settled(text), country=holidays or None)
    except ParserError:
        return None
    except UnknownCountryError as error:
        raise BadParameter(f"holidays: no public holidays are known for {holidays!r}") from error


@lru_cache(maxsize=4096)
def _week(text: str, as_of: date, holidays: str) -> tuple[NDArray[np.uint8], NDArray[np.int64], bool]:
    hours = read_hours(text, holidays) if text else None
    if hours is None:
        return np.full(WEEK_HOURS, UNKNOWN, dtype=np.uint8), np.zeros(7, dtype=np.int64), False
    start = datetime.combine(as_of, time())
    minute = np.zeros(7 * _MINUTES, dtype=np.uint8)
    for since, until, state, _ in hours.intervals(start, start + timedelta(days=7)):
        first, last = (_minutes(start, moment) for moment in (since, until))
        minute[max(first, 0) : last] = _CODES[state]
    minute = np.roll(minute, as_of.weekday() * _MINUTES)
    return minute[:: units.MINUTES_PER_HOUR], (minute == OPEN).reshape(7, _MINUTES).sum(axis=1), True


def _minutes(start: datetime, moment: datetime) -> int:
    return int((moment - start).total_seconds() // units.SECONDS_PER_MINUTE)


@lru_cache(maxsize=4096)
def _open(text: str, when: datetime | None, holidays: str) -> Open:
    if when is None:
        return "yes"
    hours = read_hours(text, holidays) if text else None
    return "unknown" if hours is None else _STATES[hours.state(when)[0]]


def _text(value: object) -> str:
    return "" if value is None or pd.isna(value) else str(value).strip()
