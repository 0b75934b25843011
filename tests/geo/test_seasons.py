"""Which interval is required on a day? By hand, and against a look at every day."""

from __future__ import annotations

from datetime import date, timedelta
from pathlib import Path

import pytest
from hypothesis import given, settings
from hypothesis import strategies as st
from pydantic import ValidationError

from geo.border.seasons import Rule, is_on, rule_of
from geo.parameters import Parameters, Season
from geo.workspace import open_workspace
from tests.asking import ask
from tests.worlds import hundred_km

MUSHROOMS = Season(name="蘑菇季", starts="07-01", ends="09-15", interval_days={"default": 3.0})
ICE = Season(name="冰封期", starts="11-15", ends="03-31", interval_days={"river": 5.0, "default": 10.0})
PATROLS = Season(name="严管期", starts="12-20", ends="01-10", interval_days={"river": 2.0})
RULE = Rule({"default": 7.0, "river": 14.0}, (PATROLS, ICE, MUSHROOMS))


@pytest.mark.parametrize(
    ("day", "expected"),
    [
        # own interval and class of the five:            8 d, river   8 d, -   none, river   none, land   none, -
        (date(2026, 5, 1), [8, 8, 14, 7, 7]),  # no season
        (
            date(2026, 8, 1),
            [8, 8, 3, 3, 3],
        ),  # only a default: it goes before the class, not before an own interval
        (date(2026, 11, 20), [5, 8, 5, 10, 10]),  # river is named: it goes before an own interval
        (date(2026, 1, 1), [2, 8, 2, 10, 10]),  # two seasons: the first that names the class, then any default
    ],
)
def test_what_is_required_by_hand(day: date, expected: list[float]) -> None:
    own, classes = [8.0, 8.0, None, None, None], ["river", None, "river", "land", None]
    assert RULE.required(own, classes, day).tolist() == expected
    assert RULE.without_class(day) == expected[-1]


def test_without_any_rule_it_is_a_week() -> None:
    assert Rule().required([None, 0.0, 3.0], [None, "river", None], date(2026, 1, 1)).tolist() == [7, 7, 3]
    assert Rule().required([], [], date(2026, 1, 1)).tolist() == []
    assert Rule().changes(date(2026, 1, 1), date(2027, 1, 1)) == []


def test_a_year_has_these_changes() -> None:
    changes = RULE.changes(date(2026, 1, 1), date(2026, 12, 31))
    told = [day.isoformat()[5:] for day in changes]
    assert told == ["01-11", "04-01", "07-01", "09-16", "11-15", "12-20"]
    assert RULE.changes(date(2026, 1, 11), date(2026, 1, 11)) == []


def test_the_leap_day() -> None:
    spring = Season(name="s", starts="02-29", ends="03-02", interval_days={"default": 1.0})
    winter = Season(name="w", starts="02-01", ends="02-29", interval_days={"default": 1.0})
    assert [is_on(spring, date(2026, *day)) for day in ((2, 28), (3, 1))] == [False, True]
    assert [is_on(winter, date(2026, *day)) for day in ((2, 28), (3, 1))] == [True, False]
    assert [is_on(one, date(2028, 2, 29)) for one in (spring, winter)] == [True, True]


days_of_year = st.dates(date(2024, 1, 1), date(2024, 12, 31)).map(lambda day: day.strftime("%m-%d"))
seasons = st.tuples(days_of_year, days_of_year).map(
    lambda ends: Season(name="s", starts=ends[0], ends=ends[1], interval_days={"default": 1.0})
)


@settings(max_examples=30, deadline=None)
@given(st.lists(seasons, max_size=3), st.dates(date(2024, 1, 1), date(2027, 1, 1)), st.integers(0, 500))
def test_nothing_changes_between_changes(some: list[Season], first: date, days: int) -> None:
    rule = Rule({}, some)
    changes = set(rule.changes(first, first + timedelta(days=days)))
    for number in range(1, days + 1):
        day = first + timedelta(days=number)
        before = [is_on(one, day - timedelta(days=1)) for one in some]
        assert (day in changes) == (before != [is_on(one, day) for one in some])


def test_a_workspace_says_its_seasons(tmp_path: Path) -> None:
    (tmp_path / "workspace.toml").write_text(
        """schema = 1
id = "w"
title = { zh = "边", en = "Border" }
[parameters]
seasons = [
  { name = "冰封期", from = "11-15", to = "03-31", interval_days = { border_river = 5 } },
]
""",
        encoding="utf-8",
    )
    parameters = open_workspace(tmp_path).parameters
    assert rule_of(parameters).seasons[0].interval_days == {"border_river": 5.0}
    assert Parameters(**parameters.model_dump()) == parameters


@pytest.mark.parametrize(
    "wrong",
    [
        {"from": "13-01"},
        {"to": "02-30"},
        {"to": "3-1"},
        {"interval_days": {"default": 0}},
        {"name": ""},
        {"until": "1"},
    ],
)
def test_what_is_no_season_is_refused(wrong: dict[str, object]) -> None:
    fine = {"name": "s", "from": "01-01", "to": "02-01", "interval_days": {"default": 1}}
    assert Season(**fine)
    with pytest.raises(ValidationError):
        Season(**{**fine, **wrong})


def test_a_season_changes_the_state_and_the_length_they_can_keep() -> None:
    winter = Season(name="w", starts="11-15", ends="03-31", interval_days={"default": 2.0})
    plain, snowed = (Parameters(as_of=date(2026, 1, 10), seasons=some) for some in ((), (winter,)))
    world = hundred_km()
    before, after = (ask("border-segments", world, one).set_index("segment_id") for one in (plain, snowed))
    assert before["interval_days"].tolist() == [7, 7, 7, 1]
    assert after["interval_days"].tolist() == [2, 2, 2, 1]  # s4 says a day itself
    assert after.loc["s1", "allowed_m"] == pytest.approx(before.loc["s1", "allowed_m"] * 2 / 7)
    status = ask("border-status", world, snowed)
    assert status.loc[status["start_m"] == 30_000, "state"].tolist() == ["critical"]  # idle for six days
    assert status.loc[status["start_m"] == 75_000, "interval_days"].tolist() == [2]  # in no segment
