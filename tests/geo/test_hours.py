"""Opening hours as people write them."""

from __future__ import annotations

from datetime import date, datetime, timedelta
from pathlib import Path

import numpy as np
import pytest
from hypothesis import given
from hypothesis import strategies as st
from opening_hours import OpeningHours, ParserError  # type: ignore[attr-defined]  # its stub forgets the errors

from geo.errors import BadParameter
from geo.hours.text import osm_hours
from geo.hours.week import (
    OPEN,
    SHUT,
    UNKNOWN,
    WEEKDAYS,
    days_of_week,
    hours_of_week,
    moment,
    open_at,
    read_hours,
)
from geo.parameters import Parameters
from geo.stations.layers import LAYERS
from geo.stations.serving import judge, judge_serving
from tests import worlds

local = datetime.fromisoformat  # the workspace's own time
MONDAY = local("2026-11-23")
WEDNESDAY, SATURDAY = local("2026-11-25 10:00"), local("2026-11-28 10:00")
NATIONAL_DAY = local("2026-10-01 10:00")  # a Thursday


@pytest.mark.parametrize(
    ("text", "wednesday", "saturday"),
    [
        ("08:00–18:00", "yes", "yes"),
        ("08：00～18：00", "yes", "yes"),
        ("8:00至18:00", "yes", "yes"),
        ("8-18", "yes", "yes"),
        ("8.30-17.30", "yes", "yes"),
        ("8点半到17点", "yes", "yes"),
        ("周一至周五", "yes", "no"),
        ("周一至周五 08:30-17:30", "yes", "no"),
        ("周一—周五，8:00-18:00", "yes", "no"),
        ("星期一到星期五 9:00至17:00，星期六 11:00-16:00", "yes", "no"),
        ("周一至周四8:30-17:30,周五8:30-12:00", "yes", "no"),
        ("08:00-18:00（周一至周五）", "yes", "no"),
        ("周二、周四 09:00-12:00", "no", "no"),
        ("周一、三、五 09:30-17:30", "yes", "no"),
        ("周六日 10:00-16:00", "no", "yes"),
        ("工作日 9点-17点", "yes", "no"),
        ("周末 9:00-17:00", "no", "yes"),
        ("上午8:30-9:30 下午2:30-5:30", "no", "no"),
        ("上午8:30-12:00，下午14:30-17:30", "yes", "yes"),
        ("每天上午9点到晚上9点", "yes", "yes"),
        ("周一至周五 8:00-12:00，14:30-18:00；周六、日休息", "yes", "no"),
        ("24小时", "yes", "yes"),
        ("全天24小时营业", "yes", "yes"),
        ("周一至周五全天", "yes", "no"),
        ("营业时间：08:00-22:00", "yes", "yes"),
        ("20:00-次日02:00", "no", "no"),
        ("Mo-Fr 08:30-12:00,14:30-17:30", "yes", "no"),
        ("24/7", "yes", "yes"),
        ("周六、周日不开放", "unknown", "no"),
        ("08:00-12:00/14:00-18:00", "yes", "yes"),
        ("每周一、三、五 9:00-11:00", "yes", "no"),
        ("周一至周五（9:00-17:00）", "yes", "no"),
        ("周一至周五（节假日除外）9:00-17:00", "yes", "no"),
        ("8:30-17:30（午休 9:30-14:00）", "no", "no"),
        ("8:30-17:30，9:30-14:00休息", "no", "no"),
        ("8:00-18:00 全年无休", "yes", "yes"),
        ("周一至周日 8:00-18:00 节假日不休", "yes", "yes"),
        ("早8点至晚10点", "yes", "yes"),
        ("夏季（5月-9月）8:00-20:00，冬季（10月至次年4月）11:00-18:00", "no", "no"),
        ("5月1日至10月31日 11:00-19:00；11月1日至次年4月30日 9:00-17:00", "yes", "yes"),
        ("夏季8:00-20:00 冬季9:00-18:00", "unknown", "unknown"),  # which months?
        ("Weekdays 9-17, Sat 11am to 2pm", "yes", "no"),
        ("周一至周五 8:00-18:00，周六不休", "yes", "unknown"),  # what hours?
        ('"by appointment"', "unknown", "unknown"),
        ("PH off", "unknown", "unknown"),
        ("closed", "no", "no"),
        ("Mo-Fr 09:00-18:00; Sa, Su 09:00-16:00", "yes", "yes"),
        ("请来电", "unknown", "unknown"),
        ("", "unknown", "unknown"),
        (None, "unknown", "unknown"),
        (float("nan"), "unknown", "unknown"),
    ],
)
def test_hours_in_spreadsheets(text: object, wednesday: str, saturday: str) -> None:
    assert open_at([text], WEDNESDAY).tolist() == [wednesday]
    assert open_at([text], SATURDAY).tolist() == [saturday]


def test_a_shift_past_midnight_counts_on_both_days() -> None:
    night = ["22:00-06:00", "Mo 22:00-06:00", "周一 22:00-次日6:00"]
    assert open_at(night, local("2026-11-23 23:00")).tolist() == ["yes"] * 3  # Monday
    assert open_at(night, local("2026-11-24 05:00")).tolist() == ["yes"] * 3
    assert open_at(night, local("2026-11-24 06:00")).tolist() == ["no"] * 3
    assert open_at(night, local("2026-11-24 23:00")).tolist() == ["yes", "no", "no"]


def test_a_night_goes_on_into_a_day_with_hours_of_its_own() -> None:
    bar = ["Mo-Th 11:00-24:00; Fr 11:00-03:00; Sa 12:00-03:00; Su off", "周五 11:00-次日3:00；周六 12:00-次日3:00"]
    assert open_at(bar, local("2026-11-28 02:00")).tolist() == ["yes"] * 2  # Saturday: Friday's night
    assert open_at(bar, local("2026-11-28 11:00")).tolist() == ["no"] * 2  # and not yet its own day
    assert open_at(bar, local("2026-11-29 02:00")).tolist() == ["yes"] * 2


REAL = [
    line.split("\t", 2)
    for line in (Path(__file__).parent / "opening_hours.tsv").read_text("utf-8").splitlines()
    if not line.startswith("#")
]


def refused(text: str) -> bool:
    try:
        OpeningHours(text)
    except ParserError:
        return True
    return False


def test_real_hours_are_read_as_people_read_them() -> None:
    assert sum(int(count) for _, count, _ in REAL) == 685
    assert sum(int(count) for place, count, _ in REAL if place == "helsinki") == 601
    lost = {text: read_hours(text, "FI") for *_, text in REAL if refused(text)}
    assert {text: str(hours) if hours else None for text, hours in lost.items()} == {
        "Seasonal, only summer time": None,
        "Mo-Fr 09:30 - 15:00. Lunch Mo-Fr 11:00 - 13:30": None,  # lunch is served, or everybody is at lunch
        "Mo-Fr 8-02;Sa 8-02 Su 8": "Mo-Fr 08:00-02:00, Sa 08:00-02:00; Su unknown",
        "Mo-Fr 9-20;Sa 9-20 Su 9": "Mo-Fr 09:00-20:00, Sa 09:00-20:00; Su unknown",
        "Mon - Fri 11am - 11pm, Sat 12am - 11pm, Sun 2pm - 10pm": "Mo-Fr 11:00-23:00; Sa unknown; Su 14:00-22:00",
        "Mo-Fr 16:00-, Sa 14:00-": "Mo-Fr 16:00+; Sa 14:00+",
        "Mo-Fr 7:00-21; Sa-Su 12:00-18:00": "Mo-Fr 07:00-21:00, Sa-Su 12:00-18:00",
        "Su-Th 15-00; Fr-Sa 15-02": "Su-Th 15:00-00:00, Fr-Sa 15:00-02:00",
        "We-Fr 13:00-18:00 Sa 12:00-18:00": "We-Fr 13:00-18:00, Sa 12:00-18:00",
        "Mo-Fr 10:00-20:00, Sa 10-18, Su 12-18": "Mo-Fr 10:00-20:00, Sa 10:00-18:00, Su 12:00-18:00",
        "Mo-Fr 08:00-19:00 Sa 09:00-19:00 Su 12:00-18:00": "Mo-Fr 08:00-19:00, Sa 09:00-19:00, Su 12:00-18:00",
        "Mo-Th 11:00-23:00; Fr11:00-24:00; Sa 12:00-24:00; Su 12:00-21:00": (
            "Mo-Th 11:00-23:00, Fr 11:00-24:00, Sa 12:00-24:00, Su 12:00-21:00"
        ),
    }


def test_what_the_language_reads_stays_as_it_is_but_for_nights_lists_and_remarks() -> None:
    start = local("2026-01-01")
    changed, year = [], {"start": start, "end": start + timedelta(days=365)}
    for text in {text for *_, text in REAL if not refused(text)}:
        ours, bare = read_hours(text, "FI"), OpeningHours(text, country="FI")
        assert ours is not None, text
        if list(ours.intervals(**year)) != list(bare.intervals(**year)):
            changed.append(text)
            for minute in range(0, 7 * 24 * 60, 30):
                at = local("2026-11-23") + timedelta(minutes=minute)
                if bare.is_open(at) and "," not in text and "for request" not in text:
                    assert ours.is_open(at), (text, at)  # only ever longer into the night
    assert sorted(text for text in changed if ":00-0" not in text and ":30-0" not in text) == [
        '"for request only"',
        "2017 Jul 1 - 2017 Aug 8 off; PH off",
        "Mo-Fr 07:00-19:00; Sa, Su 09:00-16:00",
        "Mo-Fr 11:00-23:00; Sa-Su 12:00-10:00",
        "Tu, Th, Fr 12:00-17:00; Fr 12:00-15:00",
    ]
    assert len(changed) == 45


def test_public_holidays_are_those_of_the_country() -> None:
    texts = ["09:00-17:00; PH off", "工作日 9:00-17:00", "每天9:00-17:00（节假日除外）"]
    assert open_at(texts, NATIONAL_DAY, holidays="CN").tolist() == ["no"] * 3
    assert open_at(texts, NATIONAL_DAY).tolist() == ["yes"] * 3
    with pytest.raises(BadParameter, match="'XX'"):
        open_at(["24/7"], NATIONAL_DAY, holidays="XX")


def test_any_hour_finds_every_station_open() -> None:
    assert open_at(["周一 8-9", "请来电", None], None).tolist() == ["yes"] * 3


days = st.integers(0, 6)
clock = st.integers(0, 23 * 60 + 58)


@given(days, days, clock, st.integers(1, 600), days, clock)
def test_chinese_and_osm_say_the_same(
    first: int, last: int, start: int, length: int, day: int, minute: int
) -> None:
    end = min(start + length, 24 * 60 - 1)
    times = [f"{t // 60:02d}:{t % 60:02d}" for t in (start, end)]
    chinese = f"周{'一二三四五六日'[first]}至周{'一二三四五六日'[last]} {times[0].lstrip('0')}～{times[1]}"
    if times[0].startswith("00"):
        chinese = chinese.replace(" :", " 0:")
    when = MONDAY + timedelta(days=day, minutes=minute)
    inside = (first <= day <= last if first <= last else day >= first or day <= last) and start <= minute < end
    assert open_at([chinese], when).tolist() == ["yes" if inside else "no"], osm_hours(chinese)


@given(
    st.text(
        alphabet="周一二三四五六日至到、，；:：-–~ 0123456789点半时小全天休息MoTuFr上下午节假工作", max_size=24
    )
)
def test_no_text_breaks_the_reader(text: str) -> None:
    assert open_at([text], WEDNESDAY, holidays="CN")[0] in ("yes", "no", "unknown")


def test_the_week_by_hand() -> None:
    """From Friday 20 November: Monday is the 23rd, Sunday the 22nd."""
    texts = [
        "08:00-18:00",
        "周五 22:30-次日06:00",
        "24小时",
        None,
        "Mo 09:00-12:00; Tu unknown",
        "Mo-Su 06:00-22:00",
    ]
    week = hours_of_week(texts, date(2026, 11, 20), holidays="CN")
    day = np.repeat(np.arange(7), 24)
    hour = np.tile(np.arange(24), 7)
    assert (week.state[0] == np.where((hour >= 8) & (hour < 18), OPEN, SHUT)).all()
    # half past ten is not yet open at ten; the window begins on Friday, but a week goes round
    assert np.flatnonzero(week.state[1] == OPEN).tolist() == [4 * 24 + 23, *range(5 * 24, 5 * 24 + 6)]
    assert (week.state[2] == OPEN).all()
    assert (week.state[3] == UNKNOWN).all()
    assert (week.state[4][day == 1] == UNKNOWN).all()
    assert np.flatnonzero(week.state[4] == OPEN).tolist() == [9, 10, 11]
    assert week.known.tolist() == [True, True, True, False, True, True]
    assert week.minutes.tolist() == [
        [600] * 7,
        [0, 0, 0, 0, 90, 360, 0],
        [1_440] * 7,
        [0] * 7,
        [180, 0, 0, 0, 0, 0, 0],
        [960] * 7,
    ]


@pytest.mark.parametrize("as_of", [date(2026, 9, 29), date(2026, 11, 20), date(2026, 11, 23), date(2026, 3, 28)])
def test_each_hour_of_the_week_is_what_at_would_mean(as_of: date) -> None:
    texts = [*(text for *_, text in REAL[::9]), "工作日 9:00-17:00", "20:00-次日02:00", "5-9月 8:00-20:00", None]
    week = hours_of_week(texts, as_of, holidays="CN")
    says = np.array(["no", "yes", "unknown"], dtype=object)
    for hour in range(0, 168, 5):
        when = moment(f"{WEEKDAYS[hour // 24]} {hour % 24}:00", as_of)
        assert when is not None
        assert when.date() == days_of_week(as_of)[hour // 24]
        assert says[week.state[:, hour]].tolist() == open_at(texts, when, holidays="CN").tolist()


@given(
    st.integers(0, 23 * 60),
    st.integers(1, 1_439),
    st.sets(days, min_size=1),
    st.dates(date(2026, 1, 1), date(2027, 1, 1)),
)
def test_the_minutes_of_a_week_are_those_of_its_shifts(
    start: int, length: int, weekdays: set[int], as_of: date
) -> None:
    end = (start + length) % 1_440
    names = ",".join(WEEKDAYS[day][:2].title() for day in sorted(weekdays))
    text = f"{names} {start // 60:02d}:{start % 60:02d}-{end // 60:02d}:{end % 60:02d}"
    week = hours_of_week([text], as_of)
    plain = np.zeros(7 * 1_440, dtype=bool)  # minute by minute, round the week
    for day in weekdays:
        plain[(np.arange(length) + day * 1_440 + start) % len(plain)] = True
    assert week.minutes[0].tolist() == plain.reshape(7, 1_440).sum(axis=1).tolist()
    assert (week.state[0] == plain[::60]).all()


def test_hours_that_cannot_be_read_are_none() -> None:
    assert read_hours("随缘") is None
    assert str(read_hours("周一至周五 8-18")) == "Mo-Fr 08:00-18:00"


@pytest.mark.parametrize("as_of", [date(2026, 11, 19), date(2026, 11, 25)])
def test_the_hour_of_the_week_is_the_next_one(as_of: date) -> None:
    assert moment("Wed 10:00", as_of) == WEDNESDAY
    assert moment("wed  9:05", as_of) == WEDNESDAY.replace(hour=9, minute=5)


@pytest.mark.parametrize("at", ["Wednesday 10:00", "Wed 24:00", "Wed 10:60", "10:00", "周三 10:00", ""])
def test_an_hour_that_is_none_is_refused(at: str) -> None:
    with pytest.raises(BadParameter, match="Wed 10:00"):
        moment(at, date(2026, 11, 20))


def test_stations_serve_when_counted_and_open() -> None:
    places = dict.fromkeys(("open", "shut", "lost", "warm", "gone", "stop"), (0.0, 0.0))
    stations = worlds.stations_of(
        places,
        category=["service_centre"] * 3 + ["warm"] + ["service_centre"] * 2,
        opening_hours=["24小时", "周一 8-9", "随缘", "24/7", "24/7", "24/7"],
        mobile_timetable=[None] * 5 + ["周二 9:00-11:00"],
        valid_to=[None, None, None, None, "2026-11-25", None],
    )
    asked = Parameters(as_of=date(2026, 11, 20), categories=("service_centre",))
    judged = judge(stations, asked).set_index("station_id")
    assert judged["open"].to_dict() == {
        "open": "yes",
        "shut": "no",
        "lost": "unknown",
        "warm": "yes",
        "gone": "yes",
        "stop": "no",  # a mobile stop keeps its timetable
    }
    assert judged.index[~judged["counted"]].tolist() == ["gone", "warm"]
    assert judge_serving(stations, asked)["station_id"].tolist() == ["lost", "open"]
    closed = asked.model_copy(update={"unknown_hours": "closed"})
    assert judge_serving(stations, closed)["station_id"].tolist() == ["open"]
    everything = asked.model_copy(update={"categories": (), "at": "any"})
    # on the 20th, a Friday without an hour, the one that closes for good on the 25th is still there
    assert judge_serving(stations, everything)["station_id"].tolist() == [
        "gone",
        "lost",
        "open",
        "shut",
        "stop",
        "warm",
    ]


def test_the_stations_layer_counts_what_is_not_known() -> None:
    layer = next(layer for layer in LAYERS if layer.id == "stations")
    places = dict.fromkeys("abcd", (0.0, 0.0))
    stations = worlds.stations_of(places, opening_hours=["24/7", None, "随缘", "周一 8-9"])
    asked = Parameters(as_of=date(2026, 11, 20))
    figures = {figure.id: figure for figure in layer.figures(layer.build({"stations": stations}, asked), asked)}
    assert (figures["stations.open"].numerator, figures["stations.open"].denominator) == (1, 4)
    assert figures["stations.hours_missing"].value == 1
    assert figures["stations.hours_unread"].value == 1
