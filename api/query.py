"""What a request asks for: parameters as text become values, or a :class:`BadParameter` that says what is right.

Pure functions; nothing here knows a server.
"""

from __future__ import annotations

import base64
import binascii
import math
import re
from collections.abc import Iterable, Mapping, Sequence
from dataclasses import dataclass
from datetime import UTC, datetime, timedelta

from api.errors import DataChanged
from geo.errors import BadParameter

Box = tuple[float, float, float, float]
Moment = datetime | None
_NUMBER = re.compile(r"[+-]?(\d+\.?\d*|\.\d+)([eE][+-]?\d+)?", re.ASCII)
_WHOLE = re.compile(r"\d{1,18}", re.ASCII)
_DATE = r"\d{4}-\d\d-\d\d"
_MOMENT = re.compile(rf"{_DATE}([Tt]\d\d:\d\d:\d\d(\.\d+)?([Zz]|[+-]\d\d:\d\d))?", re.ASCII)
_PERIOD = re.compile(r"P(?:(\d{1,6})D)?(?:T(?:(\d{1,6})H)?(?:(\d{1,6})M)?(?:(\d{1,6})S)?)?", re.ASCII)
_DAY = len("2026-11-20")


@dataclass(frozen=True, slots=True)
class Interval:
    """A time span, both ends included.

    Parameters
    ----------
    start, end : datetime or None
        UTC; None = open.
    """

    start: Moment
    end: Moment


@dataclass(frozen=True, slots=True)
class Query:
    """Which features of a collection are asked for, and which page of them.

    Parameters
    ----------
    limit : int
        Features in the page.
    boxes : tuple of Box or None
        West, south, east, north; any of them. None = everywhere.
    interval : Interval or None
        When; None = always.
    offset : int
        Features to skip.
    after : int or None
        Row of the data at which the page begins.
    """

    limit: int
    boxes: tuple[Box, ...] | None = None
    interval: Interval | None = None
    offset: int = 0
    after: int | None = None


def once(pairs: Iterable[tuple[str, str]], known: Sequence[str]) -> dict[str, str]:
    """Check that each parameter is known and given once.

    Parameters
    ----------
    pairs : iterable of (str, str)
        Names and values as they came.
    known : sequence of str
        Names that the resource takes.

    Returns
    -------
    dict of str to str
        Value by name.
    """
    given: dict[str, str] = {}
    for name, value in pairs:
        if name not in known:
            raise BadParameter(f"no parameter {_short(name)}; known: {', '.join(known)}")
        if name in given:
            raise BadParameter(f"{name} is given twice")
        given[name] = value
    return given


def items_query(given: Mapping[str, str], *, default: int, most: int, version: str) -> Query:
    """Read the parameters of an items request.

    Parameters
    ----------
    given : mapping of str to str
        ``limit bbox datetime offset after``, each optional.
    default, most : int
        Features in a page when ``limit`` is not given, and at most.
    version : str
        Version of the data, to which ``after`` is bound.

    Returns
    -------
    Query
        What is asked for.

    Raises
    ------
    BadParameter
        A value is wrong.
    DataChanged
        ``after`` belongs to another version of the data.
    """
    if "offset" in given and "after" in given:
        raise BadParameter("give offset or after, not both")
    return Query(
        limit=limit(given["limit"], most) if "limit" in given else min(default, most),
        boxes=bbox(given["bbox"]) if "bbox" in given else None,
        interval=interval(given["datetime"]) if "datetime" in given else None,
        offset=_whole("offset", given["offset"]) if "offset" in given else 0,
        after=read_token(given["after"], version) if "after" in given else None,
    )


def limit(text: str, most: int) -> int:
    """Read ``limit``.

    Parameters
    ----------
    text : str
        A whole number from 1.
    most : int
        Larger numbers mean this one.

    Returns
    -------
    int
        Features in a page.

    Examples
    --------
    >>> limit("7", 10), limit("11", 10)
    (7, 10)
    """
    number = _whole("limit", text)
    if number == 0:
        raise BadParameter("limit must be at least 1")
    return min(number, most)


def bbox(text: str) -> tuple[Box, ...]:
    """Read ``bbox`` as one box, or two where it crosses the 180th meridian.

    Parameters
    ----------
    text : str
        ``west,south,east,north`` or ``west,south,lowest,east,north,highest``, degrees. Longitudes beyond ±180
        are turned back; heights are checked and make no difference, as no layer has heights.

    Returns
    -------
    tuple of Box
        West ≤ east in each.

    Examples
    --------
    >>> bbox("111,40,112,41")
    ((111.0, 40.0, 112.0, 41.0),)
    >>> bbox("177,65,-177,70")
    ((177.0, 65.0, 180.0, 70.0), (-180.0, 65.0, -177.0, 70.0))
    """
    parts = text.split(",")
    if len(parts) not in (4, 6):
        raise BadParameter(f"bbox must have 4 or 6 numbers, it has {len(parts) if text else 0}")
    numbers = [number("bbox", part) for part in parts]
    if len(numbers) == 6:
        west, south, lowest, east, north, highest = numbers
        if lowest > highest:
            raise BadParameter("bbox: the lowest height is above the highest")
    else:
        west, south, east, north = numbers
    if south > north:
        raise BadParameter("bbox: south is north of north; the order is west,south,east,north")
    if south < -90 or north > 90:
        raise BadParameter("bbox: a latitude is beyond 90; the order is west,south,east,north")
    return _boxes(west, south, east, north)


def _boxes(west: float, south: float, east: float, north: float) -> tuple[Box, ...]:
    if east - west >= 360:
        return ((-180.0, south, 180.0, north),)
    west, east = _turned(west), _turned(east)
    if west <= east:
        return ((west, south, east, north),)
    return ((west, south, 180.0, north), (-180.0, south, east, north))


def _turned(longitude: float) -> float:
    return longitude if -180 <= longitude <= 180 else (longitude + 180) % 360 - 180


def interval(text: str) -> Interval:
    """Read ``datetime``.

    Parameters
    ----------
    text : str
        An RFC 3339 time or a date, or two of them with ``/`` between. ``..`` or nothing opens one end; the
        second may be a period (``P2D``, ``PT12H``). A date is the whole day, UTC.

    Returns
    -------
    Interval
        Both ends included.

    Examples
    --------
    >>> interval("2026-11-20/..").start.isoformat()
    '2026-11-20T00:00:00+00:00'
    """
    parts = text.split("/")
    if len(parts) > 2:
        raise BadParameter("datetime must be one time, or two with / between")
    if len(parts) == 1:
        return Interval(*_moment(text))
    first, second = parts
    if first in ("", "..") and second in ("", ".."):
        raise BadParameter("datetime: one end must be a time")
    start = None if first in ("", "..") else _moment(first)[0]
    end = None if second in ("", "..") else _period_or_moment(start, second)
    if start and end and start > end:
        raise BadParameter("datetime: the interval ends before it begins")
    return Interval(start, end)


def _period_or_moment(start: Moment, text: str) -> datetime:
    if not text.startswith("P"):
        return _moment(text)[1]
    found = _PERIOD.fullmatch(text)
    if start is None or found is None or not any(found.groups()):
        raise BadParameter(f"datetime: {_short(text)} is not a period like P2D after a time")
    days, hours, minutes, seconds = (int(part or 0) for part in found.groups())
    try:
        return start + timedelta(days=days, hours=hours, minutes=minutes, seconds=seconds)
    except OverflowError:
        raise BadParameter(f"datetime: {_short(text)} is too long") from None


def _moment(text: str) -> tuple[datetime, datetime]:
    """Read a time or a date as its first and last moment."""
    try:
        if _MOMENT.fullmatch(text) is None:
            raise ValueError
        if len(text) == _DAY:
            day = datetime.fromisoformat(text).replace(tzinfo=UTC)
            return day, day.replace(hour=23, minute=59, second=59, microsecond=999_999)
        moment = datetime.fromisoformat(text.upper()).astimezone(UTC)
    except (ValueError, OverflowError):
        raise BadParameter(f"datetime: {_short(text)} is not a time like 2026-11-20T08:00:00Z") from None
    return moment, moment


def token(version: str, row: int) -> str:
    """Name the page that begins at a row of one version of the data.

    Parameters
    ----------
    version : str
        Version of the data.
    row : int
        Row, counted from 0.

    Returns
    -------
    str
        What ``after`` takes; only this service reads it.
    """
    return base64.urlsafe_b64encode(f"{row}.{version}".encode()).decode().rstrip("=")


def read_token(text: str, version: str) -> int:
    """Read a :func:`token`.

    Parameters
    ----------
    text : str
        The token.
    version : str
        Version of the data that is there now.

    Returns
    -------
    int
        Row.

    Raises
    ------
    BadParameter
        It is no token.
    DataChanged
        It belongs to another version: rows may have moved, so the reader must begin again.
    """
    try:
        row, _, bound = base64.urlsafe_b64decode(text + "=" * (-len(text) % 4)).decode("ascii").partition(".")
    except (binascii.Error, ValueError):
        raise BadParameter("after must be taken from a link") from None
    if not bound or not _WHOLE.fullmatch(row):
        raise BadParameter("after must be taken from a link")
    if bound != version:
        raise DataChanged("the data has changed since that page was linked; begin again without after")
    return int(row)


def number(name: str, text: str) -> float:
    """Read a number.

    Parameters
    ----------
    name : str
        Name of the parameter.
    text : str
        As given.

    Returns
    -------
    float
        Finite.

    Raises
    ------
    BadParameter
        It is none.
    """
    read = float(text) if _NUMBER.fullmatch(text) else math.nan
    if not math.isfinite(read):
        raise BadParameter(f"{name}: {_short(text)} is not a number")
    return read


def _whole(name: str, text: str) -> int:
    if re.fullmatch(r"\d+", text, re.ASCII) is None:
        raise BadParameter(f"{name} must be a whole number, not {_short(text)}")
    return int(text[-18:]) if len(text.lstrip("0")) <= 18 else 10**18


def _short(text: str) -> str:
    return repr(text if len(text) <= 40 else text[:40] + "…")
