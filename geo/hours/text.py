"""Opening hours as people write them, turned into the OSM ``opening_hours`` language.

What a reader understands without doubt is mended: Chinese and English days, dashes of all kinds, hours without
minutes, full-width signs, a semicolon that is missing. Nothing is guessed: words that say something else are left
in, and the grammar of the OSM language then refuses the text.
"""

from __future__ import annotations

import re
import unicodedata

_OSM_DAYS = ("Mo", "Tu", "We", "Th", "Fr", "Sa", "Su")
_OSM_MONTHS = ("Jan", "Feb", "Mar", "Apr", "May", "Jun", "Jul", "Aug", "Sep", "Oct", "Nov", "Dec")
_DAY = r"(?:Mo|Tu|We|Th|Fr|Sa|Su|PH)"
_DAYS = rf"{_DAY}(?:[-,]{_DAY})*"
_DATE = rf"(?:{'|'.join(_OSM_MONTHS)})(?: \d{{2}})?"
_DATES = rf"{_DATE}(?:[-,]{_DATE})*"
_RANGE = r"\d{2}:\d{2}-\d{2}:\d{2}"
_TIMES = rf"{_RANGE}(?:,{_RANGE})*"
_AFTER_TIME = r"(?:(?<=\d{2}:\d{2})|(?<=\d{2}:\d{2}\+))"
_OFF = r"(?:休息|不开放|不营业|关闭|闭馆|停业|除外|休)"
_NO_BREAK = r"(?<![a-zA-Z])(?<![a-z],)(?:PH|Mo-Su|Sa,Su|中午|午间)?(?:无休|不休息?|不打烊|照常(?:营业|开放)?)"
_NUMBERS = str.maketrans("一二三四五六日天", "12345677")
_ENGLISH_DAY = re.compile(
    r"\b(Mo|Tu|We|Th|Fr|Sa|Su)(?:n|es?|d(?:nes)?|u(?:rs?)?|i|t(?:ur)?)(?:days?)?\b\.?", flags=re.IGNORECASE
)
_WEEKDAYS = r"(?:Mo|Tu|We|Th|Fr|Sa|Su)(?:-(?:Mo|Tu|We|Th|Fr|Sa|Su))?"
_PLAIN_CLAUSE = re.compile(
    rf"(?P<days>{_WEEKDAYS}(?:,{_WEEKDAYS})*)(?P<ph>,PH(?= off| closed))? (?:[\d:,\- ]+|(?P<off>off|closed))",
    flags=re.IGNORECASE,
)
_DAY_OFF = re.compile(r"(?!24/7).+\s(?:off|closed)", flags=re.IGNORECASE)
_LEADING_DAYS = re.compile(rf"(?:{_DATES} )?{_DAYS}(?![A-Za-z])")


def osm_hours(text: str) -> str:
    """Turn hours as people write them into the OSM language.

    Parameters
    ----------
    text : str
        Chinese or English days and months, dashes of all kinds, hours without minutes, full-width signs.

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
    >>> osm_hours("夏季（5月-9月）8:00-20:00，冬季（10月至次年4月）9:00-18:00")
    'May-Sep 08:00-20:00; Oct-Apr 09:00-18:00'
    >>> osm_hours("8:30-17:30（午休12:00-14:00）")
    '08:30-17:30; 12:00-14:00 off'
    >>> osm_hours("Mon - Fri 11am - 11pm, Sun 2pm - 10pm")
    'Mo-Fr 11:00-23:00; Su 14:00-22:00'
    """
    plain = unicodedata.normalize("NFKC", text).strip()
    for step in (_signs, _english, _months, _days, _hours, _breaks, _clauses):
        plain = step(plain)
    if "工作日" in text and "PH" not in plain:
        plain = f"{plain}; PH off"
    return plain


def settled(text: str) -> str:
    """Write hours so that the language's grammar means by them what people mean.

    Parameters
    ----------
    text : str
        OSM ``opening_hours``.

    Returns
    -------
    str
        The same, where the grammar's own answer would surprise: in ``Sa, Su 9:00-16:00`` Saturday has these hours
        too; a shift past midnight goes on although the next day has hours of its own; a remark without hours
        (``"by appointment"``) is unknown, and so are all other days where only days off are named.

    Examples
    --------
    >>> settled("Sa, Su 9:00-16:00")
    'Sa,Su 9:00-16:00'
    >>> settled("Fr 22:00-04:00; Sa 10:00-12:00; Su,PH off")
    'Fr 22:00-04:00, Sa 10:00-12:00; PH off'
    >>> settled('"by appointment"')
    'unknown "by appointment"'
    >>> settled("PH off")
    'Mo-Su unknown; PH off'
    """
    text = re.sub(rf"\b({_DAY})\s*,\s*(?={_DAY}\b)", r"\1,", text, flags=re.IGNORECASE)
    text = re.sub(r'(^|[;|]\s*)([^;|"\d]*?)\s*("[^"]*")(?=\s*(?:[;|]|$))', _remark, text)
    clauses = [clause.strip() for clause in text.split(";") if clause.strip()]
    if clauses and all(_DAY_OFF.fullmatch(clause) for clause in clauses):
        clauses.insert(0, "Mo-Su unknown")
    return _nights(clauses)


def _nights(clauses: list[str]) -> str:
    """Join clauses; those of other weekdays than all before are added to them and do not cut their nights off."""
    joined: list[str] = []
    seen: set[int] = set()
    for at, clause in enumerate(clauses):
        plain = _PLAIN_CLAUSE.fullmatch(clause)
        days = _weekdays(plain["days"]) if plain else set()
        if plain is None or days & seen or (plain["off"] and not joined):
            return "; ".join([part for part in (", ".join(joined), *clauses[at:]) if part])
        if plain["ph"]:
            return "; ".join([", ".join(joined), "PH off", *clauses[at + 1 :]])
        seen |= days
        joined += [] if plain["off"] else [clause]  # days that no clause names are off anyway
    return ", ".join(joined)


def _weekdays(text: str) -> set[int]:
    days: set[int] = set()
    for part in text.title().split(","):
        first, last = (_OSM_DAYS.index(day) for day in (part.split("-") * 2)[:2])
        days |= {day % 7 for day in range(first, last + 1 + 7 * (last < first))}
    return days


def clauses_of(text: str) -> list[tuple[str, str]]:
    """Part hours that name their days first into clauses.

    Parameters
    ----------
    text : str
        As :func:`osm_hours` gives them.

    Returns
    -------
    list of (str, str)
        Each clause with the days it begins with; empty where a clause begins with anything else, for then it is
        not certain which hours belong to which days.

    Examples
    --------
    >>> clauses_of("Mo-Sa 08:00-02:00; Su 8")
    [('Mo-Sa 08:00-02:00', 'Mo-Sa'), ('Su 8', 'Su')]
    >>> clauses_of("09:00-17:00; Su 8")
    []
    """
    clauses = text.split("; ")
    days = [_LEADING_DAYS.match(clause) for clause in clauses]
    return [(clause, day[0]) for clause, day in zip(clauses, days, strict=True) if day] if all(days) else []


def _remark(match: re.Match[str]) -> str:
    before, days, remark = match.groups()
    if re.search(r"\b(?:open|off|closed|unknown)$", days):
        return match[0]
    return f"{before}{days} unknown {remark}" if days else f"{before}unknown {remark}"


def _signs(text: str) -> str:
    """One dash, one comma, one semicolon; brackets part clauses, but not a season from its months."""
    text = re.sub(r"[春夏秋冬旺淡][季令]时?间?\s*[(:]?\s*(\d{1,2}月[^):]*)[):]", r"\1 ", text)
    text = re.sub(r"\s*(?:[-‐‑‒–—―−~∼〜～]+|至|到)\s*", "-", text)
    text = re.sub(r"\s*[、,和及与]\s*|(?<=\d)\s*/\s*(?=\d{1,2}[:点时])", ",", text)
    return re.sub(r"\s*[;。()\[\]]\s*|\s*\n\s*", ";", text)


def _english(text: str) -> str:
    """Mon…Sunday as Mo…Su; 9 am, 5.30 pm as 9:00, 17:30. 12 am is left: many mean noon by it."""
    text = _ENGLISH_DAY.sub(lambda match: match[1].title(), text)
    for word, days in (("daily|every ?day", "Mo-Su"), ("weekdays", "Mo-Fr"), ("weekends?", "Sa,Su")):
        text = re.sub(rf"\b(?:{word})\b", days, text, flags=re.IGNORECASE)
    text = re.sub(r"(?<=\d|m)\s+to\s+(?=\d)", "-", text)
    return re.sub(r"\b(\d{1,2})(?:[:.](\d{2}))?\s*([ap])\.?m\b\.?", _noon, text, flags=re.IGNORECASE)


def _noon(match: re.Match[str]) -> str:
    hour, late = int(match[1]), match[3].lower() == "p"
    if not 1 <= hour <= 12 or (hour == 12 and not late):
        return match[0]
    return f"{hour % 12 + 12 * late}:{match[2] or '00'}"


def _months(text: str) -> str:
    """Months and days of the year as Jan…Dec, May 01."""
    text = re.sub(r"次年|翌年|来年", "", text)
    text = re.sub(r"(?<!\d)(\d{1,2})-(?=\d{1,2}月)", r"\1月-", text)
    return re.sub(r"(?<!\d)(1[0-2]|0?[1-9])月份?(?:(\d{1,2})[日号])?", _osm_date, text)


def _osm_date(match: re.Match[str]) -> str:
    month = _OSM_MONTHS[int(match[1]) - 1]
    return f"{month} {int(match[2]):02d}" if match[2] else month


def _days(text: str) -> str:
    """Chinese days as Mo…Su and PH."""
    text = re.sub(r"(?:法定)?(?:公众|公共)?节?假日|节日", "PH", text)
    text = re.sub(r"工作日", "Mo-Fr", text)
    text = re.sub(r"双休日|周末", "Sa,Su", text)
    text = re.sub(r"每天|每日|全周|天天|全年", "Mo-Su", text)
    text = re.sub(r"()每?(?:周|星期|礼拜)([一二三四五六日天])", _osm_day, text)
    for _ in _OSM_DAYS:  # 周六、日 and 周六日: the second day goes without its 周
        text = re.sub(rf"({_DAY}[-,]?)([一二三四五六日天])(?!\d|点)", _osm_day, text)
    return text


def _osm_day(match: re.Match[str]) -> str:
    before = f"{match[1]}," if match[1] and match[1][-1] not in "-," else match[1]
    return before + _OSM_DAYS[int(match[2].translate(_NUMBERS)) - 1]


def _hours(text: str) -> str:
    """Clock times as HH:MM; afternoon hours from twelve on; whole days as 00:00-24:00; an open end as +."""
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
    text = re.sub(r"(\d{1,2}:\d{2})-(\d{1,2})(?![\d:])", r"\1-\2:00", text)
    text = re.sub(r"(?<![\d:])(\d{1,2})-(\d{1,2}:\d{2})", r"\1:00-\2", text)
    text = re.sub(
        r"(上午|早上|早|凌晨|中午|下午|傍晚|晚上|晚)\s*(\d{1,2}):(\d{2})(?:-(\d{1,2}):(\d{2}))?", _half_day, text
    )
    text = re.sub(r"(?<!\d)(\d):(\d{2})", r"0\1:\2", text)
    return re.sub(r"(\d{2}:\d{2})-(?=\s*(?:[,;]|$))", r"\1+", text)


def _half_day(match: re.Match[str]) -> str:
    late = match[1] in ("下午", "傍晚", "晚上", "晚")
    first, last = (int(hour) if hour else None for hour in (match[2], match[4]))
    shown = [f"{_late(first, late):02d}:{match[3]}"] if first is not None else []
    if last is not None:
        shown.append(f"{_late(last, late):02d}:{match[5]}")
    return "-".join(shown)


def _late(hour: int, late: bool) -> int:
    return hour + 12 if late and hour < 12 else hour


def _breaks(text: str) -> str:
    """A rest at noon as hours off, and words that say there is none as nothing."""
    text = re.sub(_NO_BREAK, "", text)
    text = re.sub(rf"[\s,;]*(?:午休|午间休息|中午休息)(?:时间)?[\s:]*({_RANGE})", r"; \1 off", text)
    return re.sub(rf"(?<=\d{{2}}:\d{{2}})[\s,;]+({_RANGE})\s*(?:午休|{_OFF})", r"; \1 off", text)


def _clauses(text: str) -> str:
    """Days before times, no comma between them, a semicolon before the next days."""
    text = re.sub(_OFF, " off", text)
    text = re.sub(r"(?:营业|开放|服务)?时间[::]?|开放$|营业$", "", text)
    text = re.sub(r"(?<=\d{2}:\d{2})\s+(?=\d{2}:\d{2}-)", ",", text)
    text = re.sub(rf"({_DAYS})[\s,:;]*(?=\d{{2}}:\d{{2}}|off)", r"\1 ", text)
    text = re.sub(rf"({_DATES})[\s,:]*(?=\d{{2}}:\d{{2}}|off|{_DAY})", r"\1 ", text)
    ahead = rf"{_DAY}[^;]*(?:\d{{2}}:\d{{2}}|off)|{_DAYS} \d{{1,2}}(?=;|$)|{_DATE}[^;]*(?:\d{{2}}:\d{{2}}|off)"
    text = re.sub(rf"{_AFTER_TIME}[\s,;]*(?={ahead})", "; ", text)
    text = re.sub(rf"^({_TIMES})[\s;,]*({_DAYS});*$", r"\2 \1", text)
    text = re.sub(r"\s*;[\s;]*", "; ", text)
    text = re.sub(rf"({_DAYS}); PH off[; ]+({_TIMES})", r"\1 \2; PH off", text)
    return re.sub(r"\s+", " ", text).strip("; ,")
