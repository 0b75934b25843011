"""The ground within 5, 10, 15 minutes of any station, and who lives there."""

from __future__ import annotations

from typing import Any

import geopandas as gpd
import pandas as pd
import pytest
from shapely import Point

from tests import worlds
from tests.building import built


def bands(tables: dict[str, Any], **changed: Any) -> gpd.GeoDataFrame:
    return built(tables, "place-walk", "walk-bands", **changed)["walk-bands"]


def test_the_bands_of_the_crossroads() -> None:
    # h5 and h1 walk 187.5 and 247.5 s, h2 and h3 787.5 and 877.5 s, h4 922.5 s; h6 not at all: 85 people
    rows = bands(worlds.crossroads())
    assert rows["band_id"].tolist() == ["5", "10", "15"]
    assert rows["minutes"].tolist() == [5.0, 10.0, 15.0]
    assert rows["from_minutes"].tolist() == [0.0, 5.0, 10.0]
    assert rows["people"].tolist() == [8 + 10, 0, 20 + 30]
    assert rows["people_within"].tolist() == [18, 18, 68]
    assert rows["share"].tolist() == pytest.approx([18 / 85, 18 / 85, 68 / 85])
    assert rows["area_m2"].is_monotonic_increasing
    five, ten, fifteen = rows.geometry
    assert five.difference(ten).area + ten.difference(fifteen).area < 1e-15  # square degrees
    # 400 m from (100, 30): 30 m to the street, 310 m along it, 60 m as the width of the strip
    assert [five.covers(worlds.on_ground(Point(x, 0))) for x in (465, 475, -265, -275)] == [
        True,
        False,
        True,
        False,
    ]


def test_numbers_that_would_tell_of_few_people_are_empty() -> None:
    # within 5 minutes 18 people, then h2 alone, whose walk of 787.5 s falls between 12 and 14 minutes
    tables = worlds.crossroads()
    tables["population"].loc[tables["population"]["place_id"] == "h2", "people"] = 6
    rows = bands(tables, bands=(5.0, 12.0, 14.0), budget_minutes=15.0)
    assert rows["band_id"].tolist() == ["5", "12", "14", "15"]
    # 54 within 15 minutes and 24 within 14 stay; 18 within 12 and within 5 would tell of the 6
    assert rows["people_within"].tolist()[2:] == [24, 54]
    assert rows["people_within"].isna().tolist()[:2] == [True, True]
    assert rows["people"].isna().tolist() == [True, True, True, False]
    assert rows["people"].iloc[3] == 30


def test_two_stations_share_their_ground() -> None:
    tables = worlds.crossroads()
    tables["stations"] = worlds.stations_of({"s1": (900, 0), "s2": (-900, 0)})
    rows = bands(tables).set_index("band_id")
    assert rows.geometry.geom_type.tolist() == ["MultiPolygon", "MultiPolygon", "Polygon"]  # they meet at 900 m
    five = rows.to_crs("EPSG:32649").area["5"]
    alone = {**tables, "stations": tables["stations"].iloc[:1]}
    assert five == pytest.approx(2 * bands(alone).to_crs("EPSG:32649").area.iloc[0], rel=1e-3)


def test_without_people_there_is_the_ground_alone() -> None:
    tables = {name: table for name, table in worlds.crossroads().items() if name != "population"}
    rows = built(tables, "walk-bands")["walk-bands"]
    assert len(rows) == 3
    assert rows[["people", "people_within", "share"]].isna().all(axis=None)
    assert (rows["area_m2"] > 0).all()


def test_a_station_off_the_streets_has_no_ground() -> None:
    tables = {**worlds.crossroads(), "stations": worlds.stations_of({"s1": (9_000, 9_000)})}
    rows = bands(tables)
    assert rows.geometry.isna().all()
    assert rows["area_m2"].tolist() == [0.0, 0.0, 0.0]
    assert rows["people"].tolist() == [0, 0, 0]
    assert pd.api.types.is_float_dtype(rows["people"])
