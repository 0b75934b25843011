"""Is a station open at the asked hour of the week? A station that is closed covers nobody.

Hours come in the OSM ``opening_hours`` language or as people write them in spreadsheets (08:00–18:00,
周一至周五 8点半到17点, 24小时); the latter are turned into the former, and a well-kept library does the judging.
"""

from __future__ import annotations

import re
import unicodedata
from collections.abc import Iterable
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

from geo.errors import BadParameter

Open = Literal["yes", "no", "unknown"]
ANY = "any"
WEEKDAYS = ("mon", "tue", "wed", "thu", "fri", "sat", "sun")
_OSM_DAYS = ("Mo", "Tu", "We", "Th", "Fr", "Sa", "Su")
_AT = re.compile(r"([A-Za-z]{3}) +(\d{1,2}):(\d{2})")
_STATES: dict[object, Open] = {State.OPEN: "yes", State.CLOSED: "no", State.UNKNOWN: "unknown"}

_DAY = r"(?:Mo|Tu|We|Th|Fr|Sa|Su|PH)"
_DAYS = rf"{_DAY}(?:[-,]{_DAY})*"
_TIMES = r"\d{2}:\d{2}-\d{2}:\d{2}(?:,\d{2}:\d{2}-\d{2}:\d{2})*"
_OFF = r"(?:休息|不开放|不营业|关闭|闭馆|停业|除外|休)"
_NUMBERS = str.maketrans("一二三四五六日天", "12345677")


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


def read_hours(text: str, holidays: str = "") -> OpeningHours | None:
    """Read opening hours as the OSM language, else as people write them.

    Parameters
    ----------
    text : str
        The hours.
    holidays : str
        ISO code of a country, or empty.

    Returns
    -------
    OpeningHours or None
        None = they cannot be read.

    Raises
    ------
    BadParameter
        No such country.
    """
    for form in (text, osm_hours(text)):
        try:
            return OpeningHours(form, country=holidays or None)
        except ParserError:
            continue
        except UnknownCountryError as error:
            raise BadParameter(f"holidays: no public holidays are known for {holidays!r}") from error
    return None


def osm_hours(text: str) -> str:
    """Turn hours as people write them into the OSM language.

    Parameters
    ----------
    text : str
        Chinese days, dashes of all kinds, hours without minutes, full-width signs.

    Returns
    -------
    str
        OSM ``opening_hours`` where every word was understood, else something that its grammar refuses.

    Examples
    --------
    >>> osm_hours("周一至周五 8:00–12:00，14:30～18:00；周六、日休息")
    'Mo-Fr 08:00-12:00,14:30-18:00; Sa,Su off'
    >>> osm_hours("每天上午9点到下午5点半（节假日除外）")
    'Mo-Su 09:00-17:30; PH off'
    """
    plain = unicodedata.normalize("NFKC", text).strip()
    for step in (_signs, _days, _hours, _clauses):
        plain = step(plain)
    if "工作日" in text and "PH" not in plain:
        plain = f"{plain}; PH off"
    days_off_only = all(clause.endswith(" off") for clause in plain.split("; "))
    return f"Mo-Su unknown; {plain}" if days_off_only else plain


@lru_cache(maxsize=4096)
def _open(text: str, when: datetime | None, holidays: str) -> Open:
    if when is None:
        return "yes"
    hours = read_hours(text, holidays) if text else None
    return "unknown" if hours is None else _STATES[hours.state(when)[0]]


def _text(value: object) -> str:
    return "" if value is None or pd.isna(value) else str(value).strip()


def _signs(text: str) -> str:
    """One dash, one comma, one semicolon; brackets part clauses."""
    text = re.sub(r"\s*(?:[-‐‑‒–—―−~∼〜～]+|至|到)\s*", "-", text)
    text = re.sub(r"\s*[、,和及与]\s*", ",", text)
    return re.sub(r"\s*[;。()\[\]]\s*|\s*\n\s*", ";", text)


def _days(text: str) -> str:
    """Chinese days as Mo…Su and PH."""
    text = re.sub(r"(?:法定)?(?:公众|公共)?节?假日|节日", "PH", text)
    text = re.sub(r"工作日", "Mo-Fr", text)
    text = re.sub(r"双休日|周末", "Sa,Su", text)
    text = re.sub(r"每天|每日|全周|天天|全年", "Mo-Su", text)
    text = re.sub(r"()(?:周|星期|礼拜)([一二三四五六日天])", _osm_day, text)
    for _ in _OSM_DAYS:  # 周六、日 and 周六日: the second day goes without its 周
        text = re.sub(rf"({_DAY}[-,]?)([一二三四五六日天])(?!\d|点)", _osm_day, text)
    return text


def _osm_day(match: re.Match[str]) -> str:
    before = f"{match[1]}," if match[1] and match[1][-1] not in "-," else match[1]
    return before + _OSM_DAYS[int(match[2].translate(_NUMBERS)) - 1]


def _hours(text: str) -> str:
    """Clock times as HH:MM; afternoon hours from twelve on; whole days as 00:00-24:00."""
    text = re.sub(
        r"(?:全天)?(?:24|二十四)\s*(?:小时|h\b|H\b)(?:营业|开放|服务)?|全天(?:候)?(?:营业|开放|服务)?",
        "00:00-24:00",
        text,
    )
    text = re.sub(r"(\d{1,2})\s*[点时]\s*半", r"\1:30", text)
    text = re.sub(r"(\d{1,2})\s*[点时]\s*(\d{1,2})\s*分?", r"\1:\2", text)
    text = re.sub(r"(\d{1,2})\s*[点时]整?", r"\1:00", text)
    text = re.sub(r"次日|第二天|翌日", "", text)
    text = re.sub(r"(\d{1,2})[.](\d{2})(?!\d)", r"\1:\2", text)
    text = re.sub(r"(?<![\d:])(\d{1,2})-(\d{1,2})(?![\d:])", r"\1:00-\2:00", text)
    text = re.sub(
        r"(上午|早上|早|凌晨|中午|下午|傍晚|晚上|晚)\s*(\d{1,2}):(\d{2})(?:-(\d{1,2}):(\d{2}))?", _half_day, text
    )
    return re.sub(r"(?<!\d)(\d):(\d{2})", r"0\1:\2", text)


def _half_day(match: re.Match[str]) -> str:
    late = match[1] in ("下午", "傍晚", "晚上", "晚")
    first, last = (int(hour) if hour else None for hour in (match[2], match[4]))
    shown = [f"{_late(first, late):02d}:{match[3]}"] if first is not None else []
    if last is not None:
        shown.append(f"{_late(last, late):02d}:{match[5]}")
    return "-".join(shown)


def _late(hour: int, late: bool) -> int:
    return hour + 12 if late and hour < 12 else hour


def _clauses(text: str) -> str:
    """Days before times, no comma between them, a semicolon before the next days."""
    text = re.sub(_OFF, " off", text)
    text = re.sub(r"(?:营业|开放|服务)?时间[::]?|开放$|营业$", "", text)
    text = re.sub(r"(?<=\d{2}:\d{2})\s+(?=\d{2}:\d{2}-)", ",", text)
    text = re.sub(rf"({_DAYS})[\s,:]*(?=\d{{2}}:\d{{2}}|off)", r"\1 ", text)
    text = re.sub(rf"(?<=\d{{2}}:\d{{2}})[\s,;]*(?={_DAY}[^;]*(?:\d{{2}}:\d{{2}}|off))", "; ", text)
    text = re.sub(rf"^({_TIMES})[\s;,]*({_DAYS});*$", r"\2 \1", text)
    text = re.sub(r"\s*;[\s;]*", "; ", text)
    return re.sub(r"\s+", " ", text).strip("; ")
