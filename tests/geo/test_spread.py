"""People of areas: at the buildings inside, along the streets inside, in whole people, none lost."""

from __future__ import annotations

from typing import Any

import geopandas as gpd
import numpy as np
import pytest
import shapely
from hypothesis import given, settings
from hypothesis import strategies as st
from shapely import Point, box

from geo.errors import BadParameter
from geo.parameters import Parameters
from geo.stations.study import study_area
from geo.tables.conform import conform
from geo.walk.network import WalkNetwork
from geo.walk.segments import place_on
from geo.walk.spread import apportion
from geo.walk.streets import walk_streets
from tests import worlds
from tests.building import built, figures


def cells(areas: dict[str, Any], **columns: Any) -> gpd.GeoDataFrame:
    """Population of areas in metres."""
    rows = {"place_id": list(areas), **columns}
    return conform(
        "population", gpd.GeoDataFrame(rows, geometry=worlds.on_ground(list(areas.values())), crs="EPSG:4326")
    )


def units_of(places: dict[str, Any], **columns: Any) -> gpd.GeoDataFrame:
    """Buildings in metres; None = without a place."""
    rows = {"unit_id": list(places), "kind": "building", **columns}
    ground = [None if place is None else worlds.on_ground(place) for place in places.values()]
    return conform("units", gpd.GeoDataFrame(rows, geometry=ground, crs="EPSG:4326"))


def street(**tables: Any) -> dict[str, Any]:
    """A street of 2,000 m with the station at its west end."""
    return {
        "streets": worlds.streets_of({"street": [(0, 0), (2_000, 0)]}),
        "stations": worlds.stations_of({"s": (0, 0)}),
        **tables,
    }


CELL = {"c": box(0, 10, 1_000, 200)}
HOUSES = {"a": Point(100, 50), "b": box(290, 40, 310, 60), "c": box(590, 30, 610, 70), "out": Point(1_500, 50)}


def test_people_of_a_cell_live_in_its_buildings_as_these_say() -> None:
    people = units_of(HOUSES, people=[1, None, 3, 50], households=[9, 9, 9, 9])
    homes = built(street(population=cells(CELL, people=[40], households=[8]), units=people), "place-walk")
    rows = homes["place-walk"]
    assert rows["place_id"].tolist() == ["c#00000", "c#00002"]  # b has nobody
    assert rows["people"].tolist() == [10, 30]
    assert rows["households"].tolist() == [2, 6]
    assert rows["leg_m"].tolist() == pytest.approx([50, 50], abs=0.01)
    assert rows["seconds"].tolist() == pytest.approx([150 * 0.75, 650 * 0.75], abs=0.02)


def test_without_their_people_buildings_have_households_ground_or_nothing() -> None:
    table = cells(CELL, people=[40])
    by_households = units_of(HOUSES, households=[1, 1, 2, 5])
    assert built(street(population=table, units=by_households), "place-walk")["place-walk"]["people"].tolist() == [
        10,
        10,
        20,
    ]
    by_ground = units_of(HOUSES)  # 400 m² and 800 m²; a point has none
    rows = built(street(population=table, units=by_ground), "place-walk")["place-walk"]
    assert rows["people"].tolist() == [13, 27]
    evenly = units_of({"a": Point(100, 50), "b": Point(300, 50), "n": None})
    assert built(street(population=table, units=evenly), "place-walk")["place-walk"]["people"].tolist() == [20, 20]


def test_a_footprint_is_one_address_and_a_cell_without_buildings_has_its_streets() -> None:
    areas = {"f": box(480, 20, 520, 60), "x": box(1_000, -20, 1_100, 20)}
    table = cells(areas, people=[30, 50], kind=["building", "cell"])
    rows = built(street(population=table, units=units_of(HOUSES)), "place-walk")["place-walk"].set_index(
        "place_id"
    )
    assert rows.loc["f", ["people", "leg_m"]].tolist() == pytest.approx([30, 40], abs=0.01)
    assert rows.drop(index="f")["people"].tolist() == [10.0] * 5
    assert rows.drop(index="f")["leg_m"].tolist() == [0.0] * 5


def test_the_grids_own_people_live_in_their_buildings_too() -> None:
    grid = worlds.grids_of({"001": CELL["c"]}, people=40, households=None)
    tables = street(grids=grid, units=units_of(HOUSES, people=[1, None, 3, 50]))
    row = built(tables, "grid-walk", budget_minutes=5)["grid-walk"].iloc[0]
    assert (row["people"], row["people_covered"]) == (40, 10)  # 150 m and 650 m; 5 minutes are 400 m


some_areas = st.lists(
    st.tuples(st.one_of(st.none(), st.integers(0, 60)), st.lists(st.integers(1, 9), min_size=1, max_size=9)),
    max_size=6,
)


def plainly(total: int, weights: list[int]) -> list[int]:
    """Running sums in whole numbers, halves upwards."""
    whole, run, before, parts = sum(weights), 0, 0, []
    for weight in weights:
        run += weight
        upto = (2 * run * total + whole) // (2 * whole)
        parts.append(upto - before)
        before = upto
    return parts


@given(some_areas)
def test_many_areas_are_divided_as_each_alone(areas: list[tuple[int | None, list[int]]]) -> None:
    total = np.array([np.nan if people is None else people for people, _ in areas], dtype=float)
    area = np.repeat(np.arange(len(areas)), [len(weights) for _, weights in areas]).astype(np.int64)
    weight = np.array([weight for _, weights in areas for weight in weights], dtype=float)
    parts = apportion(total, area, weight)
    for number, (people, weights) in enumerate(areas):
        mine = parts[area == number]
        assert np.isnan(mine).all() if people is None else mine.tolist() == plainly(people, weights)


spots = st.tuples(st.integers(-50, 50), st.integers(-50, 50))
ways = st.lists(spots, min_size=2, max_size=5, unique=True)


@settings(max_examples=30, deadline=None)
@given(st.lists(st.tuples(ways, st.floats(0, 1)), min_size=1, max_size=5))
def test_places_along_streets_are_where_the_line_says(
    given_: list[tuple[list[tuple[float, float]], float]],
) -> None:
    network = WalkNetwork.from_streets(
        walk_streets(worlds.streets_of({f"w{k}": way for k, (way, _) in enumerate(given_)}))
    )
    edge, along = np.arange(len(given_)), np.array([part for _, part in given_])
    there = shapely.get_coordinates(shapely.line_interpolate_point(network.line[edge], along, normalized=True))
    assert np.column_stack(place_on(network.course, edge, along)) == pytest.approx(there, abs=1e-6)


# --- the study area ---------------------------------------------------------------------------------------------


def two_counties() -> dict[str, Any]:
    """A street of 4,000 m through two counties that meet at 2,000; the station is at 2,100, in the second.

    ::

        home   at        people   county    to the station   straight to the edge
        near   1,500         30   150105           600                        500
        far      300         20   150105         1,800                      1,700
        over   2,500         40   150106           400                          -
    """
    homes = {"near": (1_500, 30), "far": (300, 20), "over": (2_500, 40)}
    ground = {
        "150105": box(0, -500, 2_000, 500),
        "150106": box(2_000, -500, 4_000, 500),
    }
    divisions = gpd.GeoDataFrame(
        {
            "division_id": ["15", *ground],
            "name": ["区", "甲", "乙"],
            "level": ["region", "county", "county"],
        },
        geometry=[None, *worlds.on_ground(list(ground.values()))],
        crs="EPSG:4326",
    )
    return {
        "streets": worlds.streets_of({"street": [(0, 0), (1_900, 0)], "over": [(1_900, 0), (4_000, 0)]}),
        "stations": worlds.stations_of({"s": (2_100, 0)}),
        "divisions": conform("divisions", divisions),
        "population": cells(
            {name: Point(home[0], 0) for name, home in homes.items()}, people=[home[1] for home in homes.values()]
        ),
    }


WALKS = ("place-walk", "division-walk", "unserved-areas", "snap-verdicts", "walk-coverage")


def test_people_beyond_the_study_area_are_left_out_and_said_to_be() -> None:
    made = built(two_counties(), *WALKS, study_area="divisions:150105")
    assert made["place-walk"].set_index("place_id")["part"].to_dict() == {
        "far": "inside",
        "near": "inside",
        "over": "outside",
    }
    roots = made["division-walk"].set_index("division_id")
    assert roots.loc["15", ["people", "people_covered"]].tolist() == [50, 30]  # by the street beyond the edge
    assert roots.loc["150106", "people"] == 0
    assert made["unserved-areas"]["people"].sum() == 20
    verdicts = made["snap-verdicts"].set_index("verdict_id")["people"].dropna()
    assert verdicts.to_dict() == {"people:ok": 50}
    told = figures(made["walk-coverage"], "walk-coverage")
    assert told["people_outside"].value == 40
    assert (told["people_covered"].numerator, told["people_covered"].denominator) == (
        30,
        50,
    )
    assert "people_rim" not in told
    assert told["streets"].denominator == pytest.approx(2_000)  # of the study area alone


def test_who_lives_at_an_edge_without_streets_beyond_is_said() -> None:
    tables = two_counties()
    tables["streets"] = tables["streets"].iloc[:1]
    tables["stations"] = worlds.stations_of({"s": (1_800, 0)})
    made = built(tables, *WALKS, study_area="divisions:150105")
    assert made["place-walk"].set_index("place_id")["part"].to_dict() == {
        "far": "inside",  # 1,700 m from the edge: no station beyond it is within 1,200 m
        "near": "rim",
        "over": "outside",
    }
    told = figures(made["walk-coverage"], "walk-coverage")
    assert told["people_rim"].value == 30
    assert told["people_covered"].denominator == 50


def test_a_division_without_a_polygon_is_what_lies_below_it() -> None:
    tables = two_counties()
    whole = study_area(tables, Parameters(study_area="divisions:15"))
    assert worlds.TOWN.metres(whole).area == pytest.approx(4_000_000, rel=1e-6)
    assert study_area(tables, Parameters()) is None


@pytest.mark.parametrize("name", ["divisions:99", "posts:1", "grids:1"])
def test_a_study_area_that_is_not_there_is_refused(name: str) -> None:
    with pytest.raises(BadParameter, match=name):
        study_area(two_counties(), Parameters(study_area=name))


def test_a_study_area_without_ground_is_refused() -> None:
    tables = two_counties()
    bare = tables["divisions"].set_geometry(gpd.GeoSeries([None] * 3, crs="EPSG:4326"))
    with pytest.raises(BadParameter, match="polygon"):
        study_area({"divisions": bare}, Parameters(study_area="divisions:150105"))
