"""Figures do not depend on where on its parallel a town lies, how rows are ordered, or how homes are cut."""

from __future__ import annotations

from collections.abc import Callable
from typing import Any

import geopandas as gpd
import numpy as np
import pandas as pd
import pytest
import shapely
from pandas.testing import assert_frame_equal
from shapely import Point

from tests import worlds
from tests.building import built, figures
from tests.rivers import river_town

Tables = dict[str, Any]
LAYERS = ("place-walk", "grid-walk", "station-backup", "unserved-areas")
WITHOUT_NUMBERS_OF_PLACE = [
    "place_id",
    "station_id",
    "station_ids",
    "second_station_id",
    "stations_reached",
    "verdict",
]


def tables_of(seed: int) -> Tables:
    """A river town with two bridges, a station more on the south bank, and people of a cell."""
    tables = river_town(seed, 2).tables
    homes, stations = tables["population"], tables["stations"]
    cell = homes.iloc[[0]].assign(place_id="cell", kind="cell", people=333.0)
    cell = cell.set_geometry([worlds.on_ground(Point(500, 500).buffer(250))], crs="EPSG:4326")
    south = stations.iloc[[0]].assign(station_id="south")
    south = south.set_geometry([worlds.on_ground(Point(-300, -400))], crs="EPSG:4326")
    return {**tables, "population": stacked(homes, cell), "stations": stacked(stations, south)}


def stacked(*tables: gpd.GeoDataFrame) -> gpd.GeoDataFrame:
    return gpd.GeoDataFrame(pd.concat(tables, ignore_index=True), crs="EPSG:4326")


def moved(tables: Tables) -> Tables:
    """The town one degree further east on its parallel, where the ellipsoid is the same."""

    def shift(xy: Any) -> Any:
        return xy + np.array([1.0, 0.0])

    return {
        name: table.set_geometry(
            gpd.GeoSeries(shapely.transform(table.geometry.to_numpy(), shift), crs="EPSG:4326")
        )
        for name, table in tables.items()
    }


def shuffled(tables: Tables) -> Tables:
    """The rows of every table in another order."""
    return {name: table.sample(frac=1.0, random_state=49).reset_index(drop=True) for name, table in tables.items()}


def said(tables: Tables) -> tuple[gpd.GeoDataFrame, dict[str, dict[str, Any]]]:
    """Every home's walk, and every figure."""
    made = built(tables, *LAYERS)
    numbers = {
        id: {n: f.record() for n, f in figures(made[id], id).items()} for id in LAYERS if id != "place-walk"
    }
    return made["place-walk"], numbers


def without_length(tables: Tables) -> Tables:
    return {**tables, "streets": tables["streets"].assign(length_m=np.nan)}  # so that streets are measured


@pytest.mark.parametrize("seed", range(2))
@pytest.mark.parametrize("change", [moved, shuffled])
def test_the_same_town_has_the_same_figures(seed: int, change: Callable[[Tables], Tables]) -> None:
    tables = without_length(tables_of(seed))
    homes, numbers = said(tables)
    again, numbers_again = said(change(tables))
    assert_frame_equal(
        pd.DataFrame(again[WITHOUT_NUMBERS_OF_PLACE]), pd.DataFrame(homes[WITHOUT_NUMBERS_OF_PLACE])
    )
    np.testing.assert_allclose(again["seconds"], homes["seconds"], atol=0.0201)
    np.testing.assert_allclose(again["leg_m"], homes["leg_m"], atol=1e-3)
    assert numbers["grid-walk"].keys() == numbers_again["grid-walk"].keys()
    for id, name in [(layer, name) for layer, some in numbers.items() for name in some]:
        mine, other = numbers[id][name], numbers_again[id][name]
        for part in ("value", "numerator", "denominator"):
            assert other[part] == pytest.approx(mine[part], abs=1e-3), (id, name)
    if change is shuffled:
        assert numbers_again == numbers
        assert_frame_equal(pd.DataFrame(again), pd.DataFrame(homes))


@pytest.mark.parametrize("seed", range(2))
def test_people_counted_in_two_rows_of_one_address_are_as_many(seed: int) -> None:
    tables = tables_of(seed)
    whole = tables["population"]
    points = whole["place_id"] != "cell"
    first = np.floor(whole["people"] / 3)
    halves = stacked(
        whole.assign(people=whole["people"].where(~points, first)),
        whole[points].assign(people=(whole["people"] - first)[points], place_id=whole["place_id"][points] + "b"),
    )
    one, two = said(tables), said({**tables, "population": halves})
    assert len(two[0]) == len(one[0]) + points.sum()
    grids = one[1]["grid-walk"], two[1]["grid-walk"]
    assert grids[0] == grids[1]
    lost = (
        [(name, figure["value"]) for name, figure in numbers["station-backup"].items()]
        for _, numbers in (one, two)
    )
    assert next(lost) == next(lost)


def test_a_street_named_twice_changes_nobodys_walk() -> None:
    tables = tables_of(0)
    streets = tables["streets"]
    twice = stacked(streets, streets.assign(edge_id=streets["edge_id"] + "z"))
    one, two = (built({**tables, "streets": some}, "place-walk")["place-walk"] for some in (streets, twice))
    points = ~one["place_id"].str.startswith("cell").to_numpy()
    ours, theirs = one[points], two[~two["place_id"].str.startswith("cell").to_numpy()]
    assert ours["seconds"].tolist() == pytest.approx(theirs["seconds"].tolist(), nan_ok=True, abs=0)
    assert ours["station_ids"].tolist() == theirs["station_ids"].tolist()
