"""Parameters as text become values, or say what would be right."""

from __future__ import annotations

from datetime import UTC, datetime, timedelta

import pytest
from hypothesis import given
from hypothesis import strategies as st

from api.errors import DataChanged
from api.query import bbox, interval, items_query, limit, once, read_token, token
from geo.errors import BadParameter

latitudes = st.floats(-90, 90)


@pytest.mark.parametrize(
    ("text", "boxes"),
    [
        ("110,40,111,41", ((110, 40, 111, 41),)),
        ("110,40,5,111,41,9", ((110, 40, 111, 41),)),
        ("-1e1,+.5,1.,2", ((-10, 0.5, 1, 2),)),
        ("177,65,-177,70", ((177, 65, 180, 70), (-180, 65, -177, 70))),
        ("-180,-90,180,90", ((-180, -90, 180, 90),)),
        ("-400,0,400,1", ((-180, 0, 180, 1),)),
        ("170,0,190,1", ((170, 0, 180, 1), (-180, 0, -170, 1))),
        ("110,40,110,40", ((110, 40, 110, 40),)),
    ],
)
def test_boxes(text: str, boxes: tuple[tuple[float, ...], ...]) -> None:
    assert bbox(text) == boxes


@pytest.mark.parametrize(
    "text",
    [
        *("", ",,,", "1,2,3", "1,2,3,4,5", "1,2,3,4,5,6,7", "a,b,c,d", "nan,0,1,1", "0,0,inf,1", "1e999,0,1,1"),
        *("0,2,1,1", "0,0,9,1,1,8", "40,110,41,111", "0,-91,1,1", "1 ,2,3,4", "١,2,3,4", "0x1,2,3,4", "1_0,2,3,4"),
    ],
)
def test_wrong_boxes(text: str) -> None:
    with pytest.raises(BadParameter, match="bbox"):
        bbox(text)


@given(st.floats(-720, 720), st.floats(0.001, 359), latitudes, latitudes)
def test_a_box_keeps_its_width_across_the_180th_meridian(
    west: float, width: float, one: float, other: float
) -> None:
    boxes = bbox(f"{west!r},{min(one, other)!r},{west + width!r},{max(one, other)!r}")
    assert sum(box[2] - box[0] for box in boxes) == pytest.approx(width, abs=1e-9)
    assert all(-180 <= box[0] <= box[2] <= 180 for box in boxes)


@pytest.mark.parametrize(
    ("text", "start", "end"),
    [
        ("2026-11-20T08:00:00Z", "2026-11-20T08:00:00", "2026-11-20T08:00:00"),
        ("2026-11-20t08:00:00+08:00", "2026-11-20T00:00:00", "2026-11-20T00:00:00"),
        ("2026-11-20", "2026-11-20T00:00:00", "2026-11-20T23:59:59.999999"),
        ("2026-11-19/2026-11-20", "2026-11-19T00:00:00", "2026-11-20T23:59:59.999999"),
        ("../2026-11-20T08:00:00.5Z", None, "2026-11-20T08:00:00.5"),
        ("/2026-11-20T08:00:00Z", None, "2026-11-20T08:00:00"),
        ("2026-11-20T08:00:00Z/..", "2026-11-20T08:00:00", None),
        ("2026-11-20T08:00:00Z/", "2026-11-20T08:00:00", None),
        ("2026-11-20T00:00:00Z/P2D", "2026-11-20T00:00:00", "2026-11-22T00:00:00"),
        ("2026-11-20T00:00:00Z/PT12H", "2026-11-20T00:00:00", "2026-11-20T12:00:00"),
    ],
)
def test_intervals(text: str, start: str | None, end: str | None) -> None:
    found = interval(text)
    assert found.start == (datetime.fromisoformat(start).replace(tzinfo=UTC) if start else None)
    assert found.end == (datetime.fromisoformat(end).replace(tzinfo=UTC) if end else None)


@pytest.mark.parametrize(
    "text",
    [
        *("", "/", "../..", "..", "now", "2026", "2026-13-01", "2026-02-30", "2026-11-20T08:00:00", "1/2/3"),
        *("2026-11-20T25:00:00Z", "2026-11-21/2026-11-20", "P2D/2026-11-20", "2026-11-20/P", "2026-11-20/PT"),
        *("0001-01-01T00:00:00+14:00", "9999-12-31/P999999D", "../P2D", "2026-11-20T08:00:00Z\n", "20261120"),
    ],
)
def test_wrong_times(text: str) -> None:
    with pytest.raises(BadParameter, match="datetime"):
        interval(text)


@given(st.datetimes(timezones=st.just(UTC)), st.timedeltas())
def test_an_interval_is_read_as_it_was_written(start: datetime, length: timedelta) -> None:
    try:
        end = start + abs(length)
    except OverflowError:
        return
    found = interval(f"{start.isoformat()}/{end.isoformat()}")
    assert (found.start, found.end) == (start, end)


@pytest.mark.parametrize("text", ["0", "-1", "", " 1", "1.0", "1e3", "x", "+1", "１"])
def test_wrong_limits(text: str) -> None:
    with pytest.raises(BadParameter, match="limit"):
        limit(text, 10)


@pytest.mark.parametrize(("text", "number"), [("1", 1), ("10", 10), ("11", 10), ("0007", 7), ("9" * 5000, 10)])
def test_limits_above_the_maximum_mean_the_maximum(text: str, number: int) -> None:
    assert limit(text, 10) == number


@given(st.integers(0, 10**9))
def test_a_token_is_read_back_by_its_own_version_only(row: int) -> None:
    assert read_token(token("v1", row), "v1") == row
    with pytest.raises(DataChanged, match="changed"):
        read_token(token("v1", row), "v2")


@pytest.mark.parametrize("text", ["", "x", "====", "MQ", "é", "-1", token("v", -1), token("", 1), "a" * 10_000])
def test_wrong_tokens(text: str) -> None:
    with pytest.raises(BadParameter, match="after"):
        read_token(text, "v")


def test_parameters_are_known_and_given_once() -> None:
    assert once([("f", "json"), ("limit", "1")], ("f", "limit")) == {"f": "json", "limit": "1"}
    with pytest.raises(BadParameter, match="no parameter 'crs'; known: f, limit"):
        once([("crs", "x")], ("f", "limit"))
    with pytest.raises(BadParameter, match="limit is given twice"):
        once([("limit", "1"), ("limit", "1")], ("f", "limit"))


def test_defaults_and_contradictions() -> None:
    query = items_query({}, default=1000, most=10_000, version="v")
    assert (query.limit, query.boxes, query.interval, query.offset, query.after) == (1000, None, None, 0, None)
    assert items_query({}, default=1000, most=10, version="v").limit == 10
    with pytest.raises(BadParameter, match="not both"):
        items_query({"offset": "1", "after": token("v", 1)}, default=1, most=1, version="v")
