"""Legends, facts and words that follow from a layer alone."""

from __future__ import annotations

import re

import geopandas as gpd
import numpy as np
import pandas as pd
import pytest
from hypothesis import given
from hypothesis import strategies as st
from shapely.geometry import box

from geo.layer import Field, Title
from geo.parameters import Parameters
from geo.words import LANGS
from maps import legend, palette, popup, words
from tests.maps.fake_build import STATES, STATUS, field, layer, number

PARAMETERS = Parameters()


def walking(values: list[float]) -> tuple[legend.Legend, list[int]]:
    made = layer(
        "grid-walk",
        (field("grid_id"), number("minutes", "minutes")),
        "area",
        measure="minutes",
        good="low",
        breaks=lambda p: (*p.bands, 25.0),
        limit=lambda p: p.budget_minutes,
    )
    return legend.classify(made, gpd.GeoDataFrame({"minutes": values}), PARAMETERS)


def test_fifteen_minutes_sharp_is_served() -> None:
    key, at = walking([0.0, 5.0, 5.01, 15.0, 15.01, 25.0, 26.0, np.inf, np.nan])
    assert at == [0, 0, 1, 2, 3, 3, 4, 4, -1]
    assert [one.label.zh for one in key.classes] == [
        "≤5 分钟",
        "5–10 分钟",
        "10–15 分钟",
        "15–25 分钟",
        ">25 分钟",
    ]
    assert [one.label.en for one in key.classes][-1] == "> 25 min"
    assert key.limit_after == 2
    assert key.limit == Title("15 分钟", "15 min")
    assert [one.fills for one in key.classes] == [(colour,) for colour in palette.ramp(3, 2)]


def test_where_much_is_good_the_best_comes_first() -> None:
    made = layer(
        "x",
        (field("id"), number("share", "share")),
        "area",
        measure="share",
        good="high",
        breaks=lambda _: (0.5, 0.9),
        limit=lambda _: 0.9,
    )
    key, at = legend.classify(made, gpd.GeoDataFrame({"share": [0.2, 0.5, 0.9, 1.0]}), PARAMETERS)
    assert [one.label.en for one in key.classes] == ["≥ 90%", "50–90%", "< 50%"]
    assert at == [2, 1, 0, 0]
    assert key.limit_after == 0
    assert key.classes[0].fills == palette.GOOD[1]


def test_states_have_colour_dash_and_letter() -> None:
    made = layer("border-status", (field("id"), field("state", values=STATES)), "line", measure="state")
    key, at = legend.classify(made, gpd.GeoDataFrame({"state": ["never", "ok", None, "unassigned"]}), PARAMETERS)
    assert at == [4, 0, -1, 5]
    assert [one.letter and one.letter.zh for one in key.classes] == list("正临逾危未无")
    assert len({one.dash for one in key.classes}) == 6


def test_codes_that_mean_good_and_bad_are_coloured_so() -> None:
    made = layer("grid-staffing", (field("id"), field("status", values=STATUS)), "area", measure="status")
    key, _ = legend.classify(made, gpd.GeoDataFrame({"status": ["met"]}), PARAMETERS)
    assert key.classes[0].fills == ("#b8430a",)  # vacant


def test_a_layer_without_a_measure_cannot_be_coloured() -> None:
    with pytest.raises(ValueError, match="no measure"):
        legend.classify(layer("x", (field("id"),), "area"), gpd.GeoDataFrame({"id": []}), PARAMETERS)


@given(st.lists(st.floats(0, 60), max_size=30))
def test_longer_walks_are_never_in_a_better_class(minutes: list[float]) -> None:
    _, at = walking(sorted(minutes))
    assert at == sorted(at)


def test_dense_ground_is_strong_and_empty_ground_pale() -> None:
    """Equal squares with 0, 10, 90 and 900 people: the first 1 % is pale, 10 % a step on, the rest dense."""
    frame = gpd.GeoDataFrame(
        {"people": [900.0, 0.0, 90.0, 10.0]}, geometry=[box(i, 0, i + 1, 1) for i in range(4)], crs="EPSG:4326"
    )
    assert legend.tones(frame, "people") == [3, 0, 1, 0]
    assert legend.tones(frame.assign(people=np.nan), "people") is None
    assert legend.tones(frame.assign(people=0.0), "people") is None


def test_tone_compares_places_of_one_level() -> None:
    frame = gpd.GeoDataFrame(
        {"people": [1000.0, 10.0, 990.0], "level": ["county", "community", "community"]},
        geometry=[box(0, 0, 9, 9), box(0, 0, 1, 1), box(1, 1, 2, 2)],
        crs="EPSG:4326",
    )
    assert legend.tones(frame, "people", "level") == [3, 0, 3]


def test_swatches_are_what_the_map_shows() -> None:
    key, _ = walking([1.0])
    shaded = legend.shade(key)
    for one, pale in zip(key.classes, shaded.classes, strict=True):
        assert pale.fills == tuple(palette.blend(one.fills[0], tone) for tone in palette.TONES)
        assert pale.fills[-1] == one.fills[0]


FIELDS = (
    Field("grid_id", "string", Title("网格", "Grid")),
    Field("name", "string", Title("名称", "Name")),
    Field("minutes", "number", Title("分钟", "Minutes"), unit="minutes"),
    Field("grid_ids", "list", Title("网格", "Grids")),
    Field("open", "boolean", Title("开放", "Open")),
    Field("seen", "date-time", Title("时间", "Time")),
    Field("rank", "integer", Title("名次", "Rank")),
    Field("synthetic", "boolean", Title("模拟", "Synthetic")),
)


def test_values_are_written_small_and_nothing_is_lost() -> None:
    made = layer("x", FIELDS, "area")
    frame = gpd.GeoDataFrame(
        {
            "grid_id": ["001", "002", "003", "004", "005"],
            "name": ["甲", "甲", "甲", "乙", None],
            "minutes": [12.345, np.inf, np.nan, 3.0, 4.0],
            "grid_ids": [["1", "2"], [], np.array(["3"]), None, ["4"]],
            "open": pd.array([True, False, pd.NA, True, True], dtype="boolean"),
            "seen": pd.to_datetime(["2026-11-20T01:02:03Z", None, None, None, None]),
            "rank": pd.array([1, 2, None, 4, 5], dtype="Int64"),
            "synthetic": [True] * 5,
        }
    )
    made_of = popup.columns(made, frame)
    assert made_of["grid_id"] == {"after": ["A001", "C2", "C3", "C4", "C5"]}
    assert made_of["name"] == {"list": ["甲", "甲", "甲", "乙", None]}
    assert made_of["minutes"] == {"list": [12.3, "inf", None, 3, 4]}
    assert made_of["grid_ids"] == {"list": [["1", "2"], [], ["3"], [], ["4"]]}
    assert made_of["open"] == {"list": [True, False, None, True, True]}
    assert made_of["seen"] == {"of": ["2026-11-20T01:02:03Z", None], "at": [0, 1, 1, 1, 1]}
    assert made_of["rank"] == {"list": [1, 2, None, 4, 5]}
    assert made_of["synthetic"] == {"all": True}
    assert popup.columns(made, frame.head(0))["name"] == {"list": []}


def test_a_text_that_comes_often_is_written_once() -> None:
    made = layer("x", (field("id"),), "area")
    frame = gpd.GeoDataFrame({"id": ["a", "b", "a", "b", "a", None, "a"]})
    assert popup.columns(made, frame)["id"] == {"of": ["a", "b", None], "at": [0, 1, 0, 1, 0, 2, 0]}


def test_the_card_says_what_its_heading_does_not() -> None:
    made = layer("x", FIELDS, "area")
    assert popup.heading(made) == "name"
    assert popup.facts(made) == ["minutes", "grid_ids", "open", "seen", "rank"]
    assert popup.heading(layer("unserved-areas", (field("area_id"), field("rank", "integer")), "area")) == "rank"
    assert popup.heading(layer("y", (field("area_id"),), "area")) == "area_id"


def test_every_word_is_said_in_both_languages() -> None:
    zh, en = (words.book(lang) for lang in LANGS)
    assert set(zh) == set(en)
    for key in zh:
        assert zh[key].strip() and en[key].strip(), key
        assert set(re.findall(r"{(\w+)}", zh[key])) == set(re.findall(r"{(\w+)}", en[key])), key


def test_a_word_within_a_word_is_said_in_its_own_language() -> None:
    made = words.title(
        "class.up_to", limit=words.title("class.quantity", number="15", unit=words.title("unit.minutes"))
    )
    assert made == Title("≤15 分钟", "≤ 15 min")
    with pytest.raises(KeyError):
        words.title("class.nonsense")
