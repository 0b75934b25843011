"""Ids that point nowhere, and tables that lie some hundred metres off."""

from __future__ import annotations

from typing import Any

import geopandas as gpd
import numpy as np
import pandas as pd
import pytest
import shapely

from geo.datum import FORWARD, Shifted
from geo.tables.conform import conform
from geo.tables.relations import check_relations
from geo.tables.shift import check_shift

WEST, SOUTH, CELL = 111.6, 40.6, 0.02  # a cell is about 1.7 by 2.2 km


def shift(frame: gpd.GeoDataFrame, datum: Shifted) -> gpd.GeoDataFrame:
    move = FORWARD[datum]
    shapes = shapely.transform(np.asarray(frame.geometry), lambda x, y: move(x, y), interleaved=False)
    return frame.assign(geometry=gpd.GeoSeries(shapes, index=frame.index, crs=4326))


def ground() -> dict[str, Any]:
    """Sixteen communities in a square, four grids in each, a station and a home at every grid's centre."""
    communities, grids, centres = [], [], []
    for i in range(4):
        for j in range(4):
            west, south = WEST + i * CELL, SOUTH + j * CELL
            communities.append(shapely.box(west, south, west + CELL, south + CELL))
            for a in range(2):
                for b in range(2):
                    corner = (west + a * CELL / 2, south + b * CELL / 2)
                    grids.append(shapely.box(*corner, corner[0] + CELL / 2, corner[1] + CELL / 2))
    rim = np.linspace(0.0005, 4 * CELL - 0.0005, 40)  # homes 50 m inside of the outer edge
    for t in rim:
        centres += [shapely.Point(WEST + t, SOUTH + 0.0005), shapely.Point(WEST + 4 * CELL - 0.0005, SOUTH + t)]
    code = [f"1501050010{i:02d}" for i in range(16)]
    return {
        "divisions": conform(
            "divisions",
            gpd.GeoDataFrame({"division_id": code, "name": code, "level": "community"}, geometry=communities),
        ),
        "grids": conform(
            "grids",
            gpd.GeoDataFrame(
                {"grid_id": [f"{code[i // 4]}{i % 4:03d}" for i in range(64)], "division_id": np.repeat(code, 4)},
                geometry=grids,
            ),
        ),
        "population": conform(
            "population",
            gpd.GeoDataFrame({"place_id": [str(i) for i in range(80)], "people": 1.0}, geometry=centres),
        ),
    }


def test_a_table_that_fits_is_not_suspected() -> None:
    assert check_shift(ground()) == ()


@pytest.mark.parametrize("datum", ["gcj02", "bd09"])
@pytest.mark.parametrize("table", ["grids", "population"])
def test_a_shifted_table_is_named_with_its_datum(table: str, datum: Shifted) -> None:
    tables = ground()
    tables[table] = shift(tables[table], datum)
    (fault,) = check_shift(tables)
    assert (fault.table, fault.code, fault.level) == (table, "layer_shifted", "warning")
    assert fault.values["datum"] == datum
    assert datum in fault.remedy("zh")


def test_shifted_divisions_are_blamed_themselves() -> None:
    tables = ground()
    tables["divisions"] = shift(tables["divisions"], "gcj02")
    assert {fault.table for fault in check_shift(tables)} == {"divisions"}


def test_row_order_changes_nothing() -> None:
    tables = ground()
    tables["grids"] = shift(tables["grids"], "gcj02")
    shuffled = {
        name: frame.sample(frac=1, random_state=3).reset_index(drop=True) for name, frame in tables.items()
    }
    assert check_shift(shuffled) == check_shift(tables)


def test_without_divisions_it_cannot_be_told() -> None:
    tables = {"population": ground()["population"]}
    (fault,) = check_shift(tables)
    assert (fault.code, fault.level) == ("shift_no_reference", "info")


def test_in_the_middle_it_cannot_be_told() -> None:
    tables = ground()
    middle = shapely.Point(WEST + 2.5 * CELL, SOUTH + 2.5 * CELL)
    tables["population"] = tables["population"].assign(geometry=gpd.GeoSeries([middle] * 80, crs=4326))
    (fault,) = check_shift(tables)
    assert (fault.table, fault.code, fault.level) == ("population", "shift_unknown", "info")


def test_outside_of_china_nothing_is_asked() -> None:
    tables = {name: frame.assign(geometry=frame.geometry.translate(-160, -70)) for name, frame in ground().items()}
    assert check_shift(tables) == ()


def test_units_are_compared_with_the_grid_they_name() -> None:
    tables = ground()
    grids = tables["grids"]
    units = gpd.GeoDataFrame(
        {"unit_id": grids["grid_id"], "kind": "building", "grid_id": grids["grid_id"]},
        geometry=shapely.points(shapely.bounds(np.asarray(grids.geometry))[:, 2:] - 0.001),  # GCJ-02: 0.007 east
    )
    tables["units"] = shift(conform("units", units), "gcj02")
    assert [(fault.table, fault.values["other"]) for fault in check_shift(tables)] == [("units", "grids")]


def test_ids_that_point_nowhere() -> None:
    tables = {
        **ground(),
        "staff": conform("staff", pd.DataFrame({"staff_id": ["s1"], "role": ["deputy"], "division_id": ["999"]})),
        "assignments": conform(
            "assignments",
            pd.DataFrame(
                {
                    "assignment_id": ["a1", "a2", "a3"],
                    "staff_id": ["s1", "s9", None],
                    "target_type": ["grid", "grid", "station"],
                    "target_id": ["150105001000000", "nowhere", "not asked: no stations"],
                }
            ),
        ),
    }
    tables["grids"].loc[5, "division_id"] = "150105009999"
    found = [(fault.table, fault.row, fault.column, fault.values["id"]) for fault in check_relations(tables)]
    assert found == [
        ("grids", tables["grids"]["grid_id"][5], "division_id", "150105009999"),
        ("staff", "s1", "division_id", "999"),
        ("assignments", "a2", "staff_id", "s9"),
        ("assignments", "a2", "target_id", "nowhere"),
    ]
    assert {fault.level for fault in check_relations(tables)} == {"warning"}
