"""The hour of the week and facts of other layers, as a board's data tells them."""

from __future__ import annotations

from dataclasses import replace
from datetime import date
from typing import Any

import numpy as np
import pytest
from hypothesis import given
from hypothesis import strategies as st

from geo.parameters import Parameters
from maps import joined, palette, popup
from maps.content import content
from maps.planner import PLANNER
from maps.week import percent, week
from tests.maps.fake_build import WORKDAY, FakeBuild, town_build

ASKED = 58  # Wednesday 10:00


@pytest.fixture(scope="module")
def town() -> FakeBuild:
    return town_build()


def told(build: Any, **parameters: Any) -> dict[str, Any] | None:
    known = {layer.id: layer for layer in build.layers()}
    frames = {id: build.frame(id) for id in known}
    return week(known, frames, Parameters(as_of=date(2026, 11, 20), **parameters))


def without(build: FakeBuild, *ids: str) -> FakeBuild:
    made = {id: one for id, one in build.made.items() if id not in ids}
    layers = [one for one in build.report["layers"] if one["id"] not in ids]
    return replace(build, made=made, report={**build.report, "layers": layers})


def test_the_week_is_written_once_a_set_of_open_stations(town: FakeBuild) -> None:
    record = told(town)
    assert record
    assert record["sets"] == [int(sign) for sign in WORKDAY]
    assert record["covered"] == [3_140, 24_100]
    assert record["people"] == 31_400
    assert (record["asked"], record["worst"]) == (ASKED, 0)
    assert list(record["days"]) == ["mon", "tue", "wed", "thu", "fri", "sat", "sun"]
    assert record["unknown_open"]


def test_no_hour_is_asked_where_the_hour_does_not_matter(town: FakeBuild) -> None:
    record = told(town, at="any", unknown_hours="closed")
    assert record
    assert record["asked"] is None
    assert not record["unknown_open"]


def test_where_too_few_people_live_the_week_has_hours_but_no_shares(town: FakeBuild) -> None:
    layer, frame = town.made["station-hours"]
    few = frame.assign(people_covered=np.nan, people=np.nan, share=np.nan)
    record = told(replace(town, made={**town.made, "station-hours": (layer, few)}))
    assert record
    assert (record["covered"], record["people"], record["worst"]) == ([None, None], None, None)


def test_without_the_week_there_is_no_hour_to_choose(town: FakeBuild) -> None:
    for build in (without(town, "station-hours"), without(town, "station-hours", "grid-hours")):
        data = content(build, PLANNER)  # type: ignore[arg-type]
        assert data["week"] is None
        assert "hours" not in [theme["id"] for theme in data["themes"]]
    nobody = without(town, "grid-hours")
    layer, frame = nobody.made["station-hours"]
    assert told(replace(nobody, made={**nobody.made, "station-hours": (layer, frame.iloc[:0])})) is None


def test_grids_have_percents_for_each_set(town: FakeBuild) -> None:
    record = told(town)
    assert record
    grids, rows = record["grids"], town.frame("grid-walk")
    assert len(grids["at"]) == len(rows)
    of = [grids["of"][at] if at >= 0 else None for at in grids["at"]]
    lived = (rows["people"] >= 10).tolist()
    assert [one is not None for one in of] == lived
    assert of[:5] == ["0,0", "0,62", ",100", "0,100", "100,100"]


def test_classes_of_percents_follow_the_breaks_of_the_layer(town: FakeBuild) -> None:
    record = told(town)
    assert record
    classes = record["grids"]["class"]
    assert len(classes) == 101
    assert [classes[at] for at in (0, 24, 25, 49, 50, 74, 75, 100)] == [3, 3, 2, 2, 1, 1, 0, 0]
    labels = [one["label"]["zh"] for one in record["grids"]["legend"]["classes"]]
    assert labels == ["≥75%", "50–75%", "25–50%", "<25%"]
    assert all(len(one["fills"]) == len(palette.TONES) for one in record["grids"]["legend"]["classes"])


@given(st.floats(0, 1).map(lambda share: f"{share:.6g}"))
def test_percents_are_never_more_and_never_nothing(share: str) -> None:
    """Also as the layer writes shares: six digits, perhaps with an exponent."""
    whole, value = int(percent(share)), float(share)
    assert (whole == 0) == (value == 0)
    assert (whole == 100) == (value == 1)
    assert whole <= max(1, value * 100 + 1e-6) and whole > value * 100 - 1 - 1e-6


def test_bands_have_the_classes_of_walking_times_and_none_beyond(town: FakeBuild) -> None:
    data = content(town, PLANNER)  # type: ignore[arg-type]
    layer, grids = data["layers"]["walk-bands"], data["layers"]["grid-walk"]
    assert layer["class"] == [0, 1, 2]
    assert len(layer["legend"]["classes"]) == 3 == layer["legend"]["limit_after"] + 1
    assert layer["counted"] == "people"
    full = [one["fills"][-1] for one in grids["legend"]["classes"]]
    assert [one["fills"][-1] for one in layer["legend"]["classes"]] == full[:3]  # one colour, one meaning


def test_a_station_is_told_with_its_way_to_its_hub(town: FakeBuild) -> None:
    data = content(town, PLANNER)  # type: ignore[arg-type]
    stations = data["layers"]["stations"]
    assert stations["facts"][-2:] == ["verdict", "walk_m"]
    assert next(one for one in stations["fields"] if one["name"] == "verdict")["title"]["en"] == "Its hub"
    column = stations["columns"]["verdict"]
    verdicts = [column["of"][at] for at in column["at"]]
    assert verdicts[:2] == [None, None]  # hubs themselves
    assert verdicts[5] == "far"
    assert verdicts.count("ok") == 9
    assert "week" not in stations["facts"]  # 168 signs are for the map, not for a reader


def test_facts_are_joined_row_by_row_and_nothing_is_lost(town: FakeBuild) -> None:
    known = {layer.id: layer for layer in town.layers()}
    frames = {id: town.frame(id) for id in known}
    made = joined.frames(joined.layers(known), frames)
    hours = frames["grid-hours"].set_index("grid_id")["hours"]
    for id, value in zip(made["grid-walk"]["grid_id"], made["grid-walk"]["hours"], strict=True):
        assert value == hours.get(id) or (np.isnan(value) and np.isnan(hours.get(id, np.nan)))
    assert [*made["grid-walk"]["grid_id"]] == [*frames["grid-walk"]["grid_id"]]
    alone = {id: layer for id, layer in known.items() if id not in {"grid-hours", "station-hubs"}}
    assert joined.layers(alone) == alone


def test_a_column_that_an_earlier_layer_has_is_written_once() -> None:
    rows: dict[str, dict[str, Any]] = {
        "one": {"columns": {"name": {"list": ["a", "b", "c"]}, "kind": {"all": "x"}}},
        "two": {"columns": {"name": {"list": ["a", "b"]}, "kind": {"all": "x"}}},
        "three": {"columns": {"name": {"list": ["b", "a"]}}},
        "four": {"columns": {"name": {"list": ["b"]}, "other": {"list": []}}},
    }
    made = popup.written_once(rows)
    assert made["one"] == rows["one"]
    assert made["two"]["columns"] == {"name": {"like": "one"}, "kind": {"all": "x"}}
    assert made["three"] == rows["three"]
    assert made["four"]["columns"] == {"name": {"like": "three"}, "other": {"list": []}}
