"""The 168 hours of the week."""

from __future__ import annotations

from typing import Any

import geopandas as gpd
import numpy as np
import pandas as pd
import pytest
from hypothesis import Phase, given, settings
from hypothesis import strategies as st
from shapely import Point

from geo import catalogue
from geo.hours.week import WEEK_HOURS, WEEKDAYS
from geo.layer import Figure
from geo.parameters import Parameters
from geo.stations.week import covered_sets, hour_id, open_sets, unpacked
from geo.tables import TABLES
from geo.tables.conform import conform
from tests import worlds

ASKED = Parameters(as_of="2026-11-20")


def built(id: str, tables: dict[str, Any], **changed: Any) -> Any:
    """Build a layer and all that it needs or can use, from tables."""
    made = catalogue.made(id)
    inputs = {name: _input(name, tables, changed) for name in catalogue.inputs(made, tables.keys())}
    return made.build(inputs, ASKED.model_copy(update=changed))


def _input(name: str, tables: dict[str, Any], changed: dict[str, Any]) -> Any:
    return tables[name] if name in TABLES else built(name, tables, **changed)


def figures(id: str, frame: gpd.GeoDataFrame, **changed: Any) -> dict[str, Figure]:
    made = catalogue.layer(id).figures(frame, ASKED.model_copy(update=changed))
    return {figure.id.removeprefix(f"{id}."): figure for figure in made}


def ratio(figure: Figure) -> tuple[float | None, float | None]:
    return figure.numerator, figure.denominator


def test_the_curve_by_hand() -> None:
    curve = built("station-hours", worlds.week_town()).set_index("hour_id")
    assert len(curve) == WEEK_HOURS
    assert curve.index[[0, 58, 167]].tolist() == ["Mon 00", "Wed 10", "Sun 23"]
    assert curve.loc["Wed 10", ["weekday", "hour", "stations_open"]].tolist() == ["wed", 10, 2]
    assert curve["open_set"].value_counts().to_dict() == {0: 92, 1: 68, 2: 2, 3: 6}
    first = curve.drop_duplicates("open_set")
    assert first.index.tolist() == ["Mon 00", "Mon 08", "Tue 09", "Fri 20"]
    assert first["people_covered"].tolist() == [20, 70, 100, 50]
    assert first["stations_open"].tolist() == [1, 2, 3, 2]
    assert curve.index[curve["open_set"] == 3].tolist() == [
        *(f"Fri {h}" for h in range(20, 24)),
        "Sat 00",
        "Sat 01",
    ]
    assert (curve["people"] == 100).all()
    assert curve["people_covered"].sum() == 7_100
    assert curve["share"].tolist() == (curve["people_covered"] / 100).tolist()


def test_figures_of_the_week_by_hand() -> None:
    tables = worlds.week_town()
    made = figures("station-hours", built("station-hours", tables))
    assert ratio(made["asked"]) == (70, 100)
    assert ratio(made["worst"]) == (20, 100)
    assert ratio(made["best"]) == (100, 100)
    assert "Tue 9:00" in made["best"].title.en
    assert "周一0:00" in made["worst"].title.zh
    assert ratio(made["week"]) == (7_100, 16_800)
    assert ratio(made["hours_under_half"]) == (92, 168)
    assert ratio(made["hours_none"]) == (0, 168)
    assert "asked" not in figures("station-hours", built("station-hours", tables), at="any")
    covered = figures("grid-walk", built("grid-walk", tables))["people_covered"]
    assert ratio(covered) == ratio(made["asked"])


def test_the_week_of_each_grid_by_hand() -> None:
    tables = worlds.week_town()
    rows = built("grid-hours", tables)
    assert rows["grid_id"].str[-1].tolist() == ["1", "2"]
    assert rows["people"].tolist() == [80, 20]
    assert rows["shares"].tolist() == [["0", "0.625", "1", "0.375"], ["1"] * 4]
    assert rows["hours"].tolist() == pytest.approx([3_740 / 80, 168])
    nowhere = {**tables, "grids": tables["grids"].iloc[1:]}
    other = built("grid-hours", nowhere).set_index("grid_id").loc["other"]
    assert (other["people"], other["shares"]) == (80, ["0", "0.625", "1", "0.375"])


def test_a_grid_never_tells_of_fewer_than_ten_people() -> None:
    tables = worlds.week_town()
    # 55 people in the west: 50 by day; 55 with the bus would tell of the 5 whom only the bus serves
    tables["population"] = tables["population"].assign(people=[50.0, 5.0, 9.0])
    rows = built("grid-hours", tables)
    assert rows["people"].tolist() == [55]
    assert rows["shares"].tolist() == [["0", "0.909091", "", ""]]
    assert rows["hours"].isna().all()
    tables["population"] = tables["population"].assign(people=[3.0, 5.0, 1.0])
    assert len(built("grid-hours", tables)) == 0
    curve = built("station-hours", tables)
    assert curve[["people", "people_covered", "share"]].isna().all(axis=None)
    assert all(figure.value is None for figure in figures("station-hours", curve).values())


def test_stations_tell_their_week_and_who_keeps_long_hours() -> None:
    rows = built("stations", worlds.week_town())
    assert rows["station_id"].tolist() == ["always", "bus", "day", "night"]
    assert rows["hours_a_day"].tolist() == [24, 0, 10, 0]
    week = rows.set_index("station_id")["week"]
    assert week["always"] == "1" * 168
    assert [k for k, sign in enumerate(week["bus"]) if sign == "1"] == [33, 34]
    assert week["day"] == ("0" * 8 + "1" * 10 + "0" * 6) * 7
    assert ratio(figures("stations", rows)["open_long"]) == (1, 4)
    tables = {"stations": worlds.stations_of({"a": (0, 0), "b": (0, 0)}, opening_hours=[None, "06:00-22:00"])}
    rows = built("stations", tables)
    assert rows["week"][0] == "?" * 168
    assert rows["hours_a_day"].isna().tolist() == [True, False]
    assert ratio(figures("stations", rows)["open_long"]) == (1, 2)  # sixteen hours, exactly


def test_only_stations_with_the_amenities_count() -> None:
    tables = worlds.week_town()
    rows = built("stations", tables, amenities=("饮水", "heater "))
    assert rows.loc[rows["counted"], "station_id"].tolist() == ["always"]
    curve = built("station-hours", tables, amenities=("饮水",)).set_index("hour_id")
    assert curve.loc[["Mon 08", "Fri 20"], "people_covered"].tolist() == [70, 20]  # night has no water
    made = figures("grid-walk", built("grid-walk", tables, amenities=("图书",)), amenities=("图书",))
    assert ratio(made["people_covered"]) == (50, 100)
    assert made["people_covered"].method is not None
    assert "图书" in made["people_covered"].method.zh
    assert "图书" in made["people_covered"].method.en
    assert (built("station-hours", tables, amenities=("游泳池",))["people_covered"] == 0).all()


def test_unknown_hours_and_stations_that_come_and_go() -> None:
    tables = worlds.week_town()
    tables["stations"] = worlds.stations_of(
        {"lost": (0, 0), "new": (6_000, 0)},
        opening_hours=[None, "24/7"],
        valid_from=[None, "2026-11-24"],  # a Tuesday: Friday to Monday it is not there
    )
    curve = built("station-hours", tables).set_index("hour_id")
    assert curve.loc[["Mon 23", "Tue 00", "Thu 23", "Fri 00"], "people_covered"].tolist() == [50, 70, 70, 50]
    shut = built("station-hours", tables, unknown_hours="closed").set_index("hour_id")
    assert shut.loc[["Mon 23", "Tue 00", "Thu 23", "Fri 00"], "people_covered"].tolist() == [0, 20, 20, 0]
    assert shut.loc["Mon 00", "stations_open"] == 0


def test_always_open_is_flat_and_equals_any_hour() -> None:
    tables = worlds.crossroads()
    curve = built("station-hours", tables)
    assert curve["open_set"].nunique() == 1
    covered = figures("grid-walk", built("grid-walk", tables, at="any"), at="any")["people_covered"]
    assert set(curve["people_covered"]) == {covered.numerator}
    assert set(curve["people"]) == {covered.denominator}


def test_the_old_are_covered_at_their_own_speed() -> None:
    tables = worlds.week_town()
    tables["stations"] = worlds.stations_of({"day": (0, 0)}, opening_hours="08:00-18:00")
    # 1,000 m is 12.5 minutes at 4.8 km/h and 16.7 at 3.6
    rows = {"place_id": ["young", "old"], "people": [30, 40], "group": ["all", "old"]}
    tables["population"] = conform(
        "population",
        gpd.GeoDataFrame(rows, geometry=worlds.on_ground([Point(1_000, 0)] * 2), crs="EPSG:4326"),
    )
    curve = built("station-hours", tables).set_index("hour_id")
    assert curve.loc[["Mon 07", "Mon 08"], "people_covered"].tolist() == [0, 30]


texts = st.sampled_from(
    [
        "24/7",
        "08:00-18:00",
        "Mo-Fr 09:00-17:00",
        "周六、日 10:00-16:00",
        "20:00-次日02:00",
        "Fr 22:00-04:00",
        None,
        "请来电",
    ]
)
spots = st.tuples(st.integers(-1_000, 1_000), st.just(0)) | st.tuples(st.just(0), st.integers(-1_000, 1_000))


@settings(max_examples=6, deadline=None, phases=(Phase.explicit, Phase.generate))  # whole towns shrink too slowly
@given(
    st.lists(st.tuples(spots, texts), min_size=1, max_size=5),
    st.lists(st.tuples(spots, st.integers(1, 30)), min_size=1, max_size=5),
    st.lists(st.integers(0, 167), min_size=4, max_size=4),
    st.sampled_from(["open", "closed"]),
)
def test_each_hour_is_what_only_its_open_stations_cover(
    stations: list[tuple[tuple[int, int], str | None]],
    homes: list[tuple[tuple[int, int], int]],
    hours: list[int],
    unknown_hours: str,
) -> None:
    tables = worlds.crossroads()
    tables["stations"] = worlds.stations_of(
        {f"s{n}": spot for n, (spot, _) in enumerate(stations)}, opening_hours=[text for _, text in stations]
    )
    rows: dict[str, Any] = {
        "place_id": [f"p{n}" for n in range(len(homes))],
        "people": [10 + people for _, people in homes],
    }
    points = worlds.on_ground([Point(spot) for spot, _ in homes])
    tables["population"] = conform("population", gpd.GeoDataFrame(rows, geometry=points, crs="EPSG:4326"))
    curve = built("station-hours", tables, unknown_hours=unknown_hours)
    for hour in hours:
        at = f"{WEEKDAYS[hour // 24].title()} {hour % 24}:00"
        walk = built("place-walk", tables, at=at, unknown_hours=unknown_hours)  # searched anew, only what is open
        plain = walk.loc[walk["stations_reached"] > 0, "people"].sum()
        assert curve["people_covered"][hour] == plain
        share = figures("station-hours", curve, at=at)["asked"].value
        assert share == plain / sum(rows["people"])


@given(st.data())
def test_words_of_bits_say_what_sets_of_stations_say(data: st.DataObject) -> None:
    stations, sets = data.draw(st.integers(1, 6)), data.draw(st.sampled_from([1, 7, 63, 64, 65, 130]))
    member = np.random.default_rng(data.draw(st.integers(0, 99))).random((stations, sets)) < 0.2
    near = data.draw(st.lists(st.sets(st.integers(0, stations - 1)), max_size=8))
    indptr = np.cumsum([0, *(len(some) for some in near)])
    source = np.array([one for some in near for one in sorted(some)], dtype=np.int64)
    found = unpacked(covered_sets(member, indptr, source), sets)
    assert found.tolist() == [[any(member[one, k] for one in some) for k in range(sets)] for some in near]


def test_sets_are_numbered_as_they_come_and_tell_open_stations() -> None:
    stations = worlds.week_town()["stations"]
    sets = open_sets(stations.sample(frac=1, random_state=1), ASKED)
    assert sets.stations["station_id"].tolist() == ["always", "bus", "day", "night"]
    assert sets.member.T.tolist() == [
        [True, False, False, False],
        [True, False, True, False],
        [True, True, True, False],
        [True, False, False, True],
    ]
    assert pd.unique(sets.of_hour).tolist() == [0, 1, 2, 3]
    assert len({hour_id(hour) for hour in range(WEEK_HOURS)}) == WEEK_HOURS
    none = open_sets(stations.iloc[:0], ASKED)
    assert none.member.shape == (0, 1)
    assert (none.of_hour == 0).all()
