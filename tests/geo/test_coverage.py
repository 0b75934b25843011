"""Who gets to a station in time: by home, grid, division and station."""

from __future__ import annotations

from typing import Any

import geopandas as gpd
import numpy as np
import pandas as pd
import pytest
from hypothesis import Phase, given, settings
from hypothesis import strategies as st
from pandas.testing import assert_frame_equal
from shapely import Point, box

from geo.layer import Figure
from geo.place.tree import lineage
from geo.stations.coverage import weighted_median
from geo.tables.conform import conform
from geo.walk.spread import apportion
from tests import worlds
from tests.building import ASKED, LAYERS, built, figures


def ratio(figure: Figure) -> tuple[float | None, float | None]:
    return figure.numerator, figure.denominator


WALKS = ("place-walk", "grid-walk", "division-walk", "station-backup")


def test_every_home_of_the_crossroads() -> None:
    homes = built(worlds.crossroads(), "place-walk")["place-walk"].set_index("place_id")
    assert homes["seconds"].tolist()[:5] == pytest.approx([247.5, 787.5, 877.5, 922.5, 187.5], abs=0.02)
    assert homes["stations_reached"].tolist() == [1, 1, 1, 0, 1, 0]
    assert homes["station_ids"].tolist() == [["s1"], ["s1"], ["s1"], [], ["s1"], []]
    assert homes["straight_covered"].tolist() == [True] * 5 + [False]
    assert homes["verdict"].tolist() == ["ok"] * 5 + ["unsnapped"]
    assert homes["leg_m"].tolist()[:5] == pytest.approx([0, 20, 40, 100, 20], abs=0.01)
    assert homes.loc["h6", ["seconds", "station_id", "grid_id", "division_id"]].isna().all()
    assert homes.loc["h1", ["station_id", "grid_id", "division_id"]].tolist() == [
        "s1",
        "150105001001001",
        "150105001001",
    ]


def test_the_grids_of_the_crossroads() -> None:
    rows = built(worlds.crossroads(), "place-walk", "grid-walk")["grid-walk"]
    assert rows["grid_id"].tolist() == ["150105001001001", "150105001001002", "other"]
    assert rows["minutes"].tolist()[:2] == pytest.approx([14.625, 13.125], abs=1e-3)
    assert rows["worst_minutes"].tolist()[:2] == pytest.approx([14.625, 15.375], abs=1e-3)
    assert rows["people"].tolist() == [40, 40, 5]
    assert rows["people_covered"].tolist() == [40, 28, 0]
    assert rows["people_unserved"].tolist() == [0, 12, 5]  # 40 − 40, 40 − 28, 5 − 0
    assert rows["people_unsnapped"].tolist() == [0, 0, 5]
    assert rows["share"].tolist() == [1.0, 0.7, 0.0]
    assert rows["straight_share"].tolist() == [1.0, 1.0, 0.0]
    assert rows["basis"].tolist() == ["people"] * 3
    assert rows["station_id"].tolist()[:2] == ["s1", "s1"]
    assert pd.isna(rows["station_id"][2])
    assert rows.geometry.isna().tolist() == [False, False, True]


def test_the_figures_of_the_crossroads_agree_everywhere() -> None:
    made = built(worlds.crossroads(), *WALKS, "unserved-areas")
    grid = figures(made["grid-walk"], "grid-walk")
    division = figures(made["division-walk"], "division-walk")
    for found in (grid, division):
        assert ratio(found["people_covered"]) == (68, 85)
        assert ratio(found["straight_line"]) == (80, 85)
        assert found["people_unserved"].value == 17
        assert found["people_unsnapped"].value == 5
        assert ratio(found["two_stations"]) == (0, 85)
    assert grid["people_covered"].value == 0.8
    assert ratio(grid["grids_unserved"]) == (1, 2)
    assert grid["people_elsewhere"].value == 5
    gaps = figures(made["unserved-areas"], "unserved-areas")
    assert (gaps["people"].value, gaps["people_scattered"].value) == (12, 5)


def test_people_count_in_every_division_above_them() -> None:
    rows = built(worlds.crossroads(), "place-walk", "division-walk")["division-walk"]
    assert rows["division_id"].tolist() == ["150105", "150105001", "150105001001", "other"]
    assert rows["people"].tolist() == [80, 80, 80, 5]
    assert rows["people_covered"].tolist() == [68, 68, 68, 0]
    assert rows["people_unserved"].tolist() == [12, 12, 12, 5]
    # 187.5 s (8), 247.5 (18), 787.5 (38), 877.5 (68): half of 80 people walk at most 877.5 s
    assert rows["minutes"].tolist()[:3] == pytest.approx([14.625] * 3, abs=1e-3)


def test_a_station_that_is_not_ready_is_waited_for() -> None:
    tables = worlds.crossroads()
    tables["stations"] = worlds.stations_of({"s1": (100, 30)}, readiness_minutes=2.0)
    homes = built(tables, "place-walk")["place-walk"]
    assert homes["seconds"].tolist()[:2] == pytest.approx([247.5 + 120, 787.5 + 120], abs=0.02)
    assert homes["stations_reached"].tolist() == [1, 0, 0, 0, 1, 0]


def test_a_closed_station_and_one_of_another_kind_cover_nobody() -> None:
    tables = worlds.crossroads()
    tables["stations"] = worlds.stations_of({"s1": (100, 30)}, opening_hours="周一 8-9")
    assert built(tables, "place-walk")["place-walk"]["stations_reached"].sum() == 0
    assert built(tables, "place-walk", at="any")["place-walk"]["stations_reached"].sum() == 4
    assert built(tables, "place-walk", at="any", categories=("warm",))["place-walk"]["seconds"].isna().all()


def test_backup_is_what_shutting_each_station_shows() -> None:
    tables = worlds.crossroads()
    places = {"s1": (100, 30), "s2": (0, 800), "s3": (-600, 0), "s4": (5_000, 5_000)}
    tables["stations"] = worlds.stations_of(places)
    made = built(tables, *WALKS)
    backup = made["station-backup"].set_index("station_id")
    everybody = figures(made["grid-walk"], "grid-walk")["people_covered"].numerator
    lost = []
    for shut in places:
        left = {**tables, "stations": worlds.stations_of({k: v for k, v in places.items() if k != shut})}
        found = figures(built(left, "place-walk", "grid-walk")["grid-walk"], "grid-walk")
        lost.append((everybody or 0) - (found["people_covered"].numerator or 0))
    assert backup["people_lost"].tolist() == lost
    assert backup["sole"].tolist() == [number > 0 for number in lost]
    assert backup["people_nearest"].sum() == everybody
    twice = figures(made["grid-walk"], "grid-walk")["two_stations"].numerator
    assert backup["people_backed_up"].sum() == twice
    assert twice


def test_catchments_count_people_home_by_home() -> None:
    tables = worlds.crossroads()
    tables["stations"] = worlds.stations_of({"s1": (100, 30), "s2": (-600, 0), "s3": (9_000, 9_000)})
    rows = built(tables, "place-walk", "station-catchments")["station-catchments"]
    # s2: h1 400 m, h3 440 m, h5 920 m; h2 at 1,520 m and h4 at 1,700 m are beyond it
    assert rows["people"].tolist() == [68, 48, 0]
    assert rows["minutes"].tolist() == [15.0] * 3
    assert rows.geometry.isna().tolist() == [False, False, True]
    assert rows["area_m2"][2] == 0


def long_street(**population: Any) -> dict[str, Any]:
    """A street of 2,400 m with the station at its west end; 15 minutes reach 1,200 m."""
    cell = worlds.on_ground(box(600, -50, 1_800, 50))
    rows = {"place_id": ["c"], "people": [120], "households": [48], **population}
    return {
        "streets": worlds.streets_of({"long": [(0, 0), (2_400, 0)]}),
        "stations": worlds.stations_of({"s": (0, 0)}),
        "population": conform("population", gpd.GeoDataFrame(rows, geometry=[cell], crs="EPSG:4326")),
    }


def test_a_street_half_walked_is_half_covered() -> None:
    homes = built(long_street(), "place-walk")["place-walk"]
    assert len(homes) == 60  # 1,200 m of street in the cell, an address every 20 m, two people at each
    assert homes["people"].tolist() == [2.0] * 60
    assert homes["households"].sum() == 48
    assert homes.loc[homes["stations_reached"] > 0, "people"].sum() == 60
    assert homes["place_id"].is_unique
    assert homes["leg_m"].tolist() == [0.0] * 60
    assert homes["seconds"].tolist() == pytest.approx([(610 + 20 * n) * 0.75 for n in range(60)], abs=0.02)


def test_an_area_without_a_street_stands_at_one_place() -> None:
    tables = long_street()
    tables["population"] = tables["population"].set_geometry(
        [worlds.on_ground(box(0, 10, 400, 30))], crs="EPSG:4326"
    )
    homes = built(tables, "place-walk")["place-walk"]
    assert homes["place_id"].tolist() == ["c"]
    assert homes["people"].tolist() == [120]
    assert homes["leg_m"].tolist() == pytest.approx([20.0], abs=0.01)


def test_without_a_population_table_the_grids_own_people_live_along_their_streets() -> None:
    tables = long_street()
    grid = {"grid_id": ["g"], "people": [120], "division_id": ["150105001001"]}
    tables["grids"] = conform(
        "grids", gpd.GeoDataFrame(grid, geometry=tables["population"].geometry.to_numpy(), crs="EPSG:4326")
    )
    del tables["population"]
    row = built(tables, "grid-walk")["grid-walk"].iloc[0]
    assert (row["people"], row["people_covered"], row["basis"]) == (120, 60, "people")


def test_grids_without_people_have_the_time_of_their_streets() -> None:
    tables = long_street()
    shapes = [box(600, -50, 1_800, 50), box(1_900, -50, 2_100, 50), box(0, 200, 100, 300)]
    tables["grids"] = conform(
        "grids",
        gpd.GeoDataFrame({"grid_id": ["a", "b", "c"]}, geometry=worlds.on_ground(shapes), crs="EPSG:4326"),
    )
    rows = built(tables, "place-walk", "grid-walk")["grid-walk"]
    assert rows["basis"].tolist() == ["people", "streets", "none"]
    # ten stubs of 20 m from 1,900 m on; the lower median is the fifth, 1,990 m
    assert rows["minutes"][1] == pytest.approx(1_990 / 80, abs=1e-3)
    assert rows["worst_minutes"][1] == pytest.approx(2_090 / 80, abs=1e-3)
    assert pd.isna(rows["minutes"][2])
    assert rows["people"].tolist() == [120, 0, 0]
    del tables["population"]
    alone = built(tables, "grid-walk")["grid-walk"]
    assert alone[["people", "people_unserved"]].isna().all(axis=None)
    assert alone["basis"].tolist() == ["streets", "streets", "none"]
    assert figures(alone, "grid-walk")["people_covered"].value is None
    assert figures(alone, "grid-walk")["grids_unserved"].value is None


def test_nothing_is_said_of_fewer_than_ten_people_but_totals_hold() -> None:
    tables = worlds.crossroads()
    small = tables["population"].assign(people=[4.0, 20.0, 5.0, 12.0, 8.0, 5.0])  # west has 9 people now
    tables["population"] = small
    made = built(tables, "place-walk", "grid-walk", "division-walk", "station-backup")
    west = made["grid-walk"].iloc[0]
    hidden = ["people", "people_covered", "people_unserved", "share", "straight_share", "people_unsnapped"]
    assert west[hidden].isna().all()
    assert west["basis"] == "streets"
    other = made["grid-walk"].iloc[2]
    assert (other["people"], other["people_covered"]) == (14, 9)
    assert ratio(figures(made["grid-walk"], "grid-walk")["people_covered"]) == (37, 54)
    assert ratio(figures(made["division-walk"], "division-walk")["people_covered"]) == (37, 54)
    tables["population"] = small.assign(people=[1.0, 1.0, 1.0, 1.0, 1.0, 0.0])
    few = built(tables, "place-walk", "grid-walk", "division-walk", "station-backup")
    assert few["station-backup"][["people_nearest", "people_lost", "people_backed_up"]].isna().all(axis=None)
    assert few["division-walk"]["people"].tolist()[-1] == 5
    assert few["division-walk"]["people"].isna().tolist() == [True, True, True, False]
    assert few["grid-walk"].iloc[-1][["minutes", "worst_minutes", "station_id"]].isna().all()


def test_a_river_makes_the_way_long_and_the_ruler_does_not_see_it() -> None:
    made = built(worlds.river_town(), "place-walk", "snap-verdicts")
    homes = made["place-walk"].set_index("place_id")
    assert homes["verdict"].to_dict() == {"dry": "ok", "gate": "ok", "over": "barrier_detour"}
    walked = homes["seconds"] * 4.8 / 3.6
    assert walked[["dry", "over", "gate"]].tolist() == pytest.approx([460, 2_408.8, 1_900], abs=0.05)
    assert homes["straight_covered"].to_dict() == {"dry": True, "gate": False, "over": True}
    assert homes["stations_reached"].to_dict() == {"dry": 1, "gate": 0, "over": 0}
    verdicts = made["snap-verdicts"].set_index("verdict_id")
    assert verdicts["people"].dropna().to_dict() == {"people:ok": 160, "people:barrier_detour": 40}
    assert verdicts.loc["station:n1", ["verdict", "edge_id", "subject_id"]].tolist() == ["ok", "north", "n1"]


def test_without_the_bridge_there_is_no_way_and_no_time() -> None:
    homes = built(worlds.river_town(bridge=False), "place-walk")["place-walk"].set_index("place_id")
    assert homes["seconds"].isna().to_dict() == {"dry": False, "gate": True, "over": True}


def test_the_order_of_rows_does_not_matter() -> None:
    tables = worlds.crossroads()
    ids = (*WALKS, "unserved-areas", "station-catchments", "snap-verdicts")
    made = built(tables, *ids)
    shuffled = built({name: table.sample(frac=1, random_state=3) for name, table in tables.items()}, *ids)
    for id in ids:
        assert_frame_equal(pd.DataFrame(made[id]), pd.DataFrame(shuffled[id]), check_dtype=False)


metres = st.integers(-1_100, 1_100)
spots = st.tuples(metres, metres)


some_stations = st.lists(spots, min_size=1, max_size=3, unique=True)
some_homes = st.lists(st.tuples(spots, st.integers(0, 30)), max_size=6)


@settings(max_examples=8, deadline=None, phases=(Phase.explicit, Phase.generate))  # whole towns shrink too slowly
@given(some_stations, some_homes)
def test_everybody_is_counted_once_and_a_station_more_covers_no_fewer(
    stations: list[tuple[int, int]], homes: list[tuple[tuple[int, int], int]]
) -> None:
    tables = worlds.crossroads()
    rows = {"place_id": [f"p{n}" for n in range(len(homes))], "people": [people for _, people in homes]}
    points = worlds.on_ground([Point(place) for place, _ in homes])
    tables["population"] = conform("population", gpd.GeoDataFrame(rows, geometry=points, crs="EPSG:4326"))
    everybody = sum(people for _, people in homes)
    before = 0.0
    for some in range(1, len(stations) + 1):
        places = {f"s{n}": stations[n] for n in range(some)}
        made = built({**tables, "stations": worlds.stations_of(places)}, *WALKS, "unserved-areas")
        grid = figures(made["grid-walk"], "grid-walk")
        covered = grid["people_covered"].numerator or 0.0
        assert grid["people_covered"].denominator == everybody
        assert ratio(figures(made["division-walk"], "division-walk")["people_covered"]) == (covered, everybody)
        assert made["unserved-areas"]["people"].sum() == everybody - covered
        assert (grid["straight_line"].numerator or 0) >= covered >= before
        before = covered


values = st.one_of(st.just(float("nan")), st.integers(0, 5).map(float))


@given(st.lists(st.tuples(st.integers(-1, 2), values, st.integers(0, 4)), max_size=12))
def test_the_median_is_the_middle_one_of_all_people_in_a_row(rows: list[tuple[int, float, int]]) -> None:
    group, value, weight = (np.array(column) for column in zip(*rows, strict=True)) if rows else [np.zeros(0)] * 3
    made = weighted_median(group.astype(np.int64), value.astype(float), weight.astype(float), 3)
    for number in range(3):
        line = sorted(np.nan_to_num(v, nan=99.0) for g, v, w in rows if g == number for _ in range(w))
        middle = line[(len(line) - 1) // 2] if line else 99.0
        assert np.nan_to_num(made[number], nan=99.0) == middle


@given(st.integers(0, 500), st.lists(st.floats(0.1, 20), min_size=1, max_size=30))
def test_people_are_divided_whole_evenly_and_all(people: int, lengths: list[float]) -> None:
    parts = apportion(np.array([float(people)]), np.zeros(len(lengths), dtype=np.int64), np.array(lengths))
    assert parts.sum() == people
    assert (parts == np.floor(parts)).all()
    assert (parts >= 0).all()
    fair = np.cumsum(lengths) / np.sum(lengths) * people
    assert np.abs(np.cumsum(parts) - fair).max() <= 0.5 + 1e-6


def test_part_of_a_person_stays_at_the_first_address() -> None:
    parts = apportion(np.array([2.4]), np.zeros(2, dtype=np.int64), np.ones(2))
    assert parts.tolist() == pytest.approx([1.4, 1.0])


def test_the_way_up_ends_even_in_a_circle() -> None:
    assert lineage("a", {"a": "b", "b": "a"}) == ["a", "b"]
    assert lineage("150105001001003", {"150105001": None, "15": None}) == ["150105001", "15"]


def test_breaks_are_four_and_hold_the_budget() -> None:
    breaks = LAYERS["grid-walk"].breaks
    assert breaks is not None
    assert breaks(ASKED) == (5.0, 10.0, 15.0, 25.0)
    assert breaks(ASKED.model_copy(update={"bands": (5, 10, 15, 20, 30), "budget_minutes": 12})) == (
        12,
        15,
        20,
        30,
    )
    assert breaks(ASKED.model_copy(update={"bands": (), "budget_minutes": 40})) == (40,)


def test_nobody_is_spread_over_streets_joined_to_nothing() -> None:
    tables = long_street()
    lost = worlds.streets_of({"lost": [(700, 20), (900, 20)]})
    tables["streets"] = conform("streets", pd.concat([tables["streets"], lost], ignore_index=True))
    homes = built(tables, "place-walk")["place-walk"]
    assert len(homes) == 60
    assert homes["seconds"].notna().all()
