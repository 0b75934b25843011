"""Opening hours as people write them."""

from __future__ import annotations

from datetime import date, datetime, timedelta

import pytest
from hypothesis import given
from hypothesis import strategies as st

from geo.errors import BadParameter
from geo.layer import Parameters
from geo.stations.hours import moment, open_at, osm_hours, read_hours
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
