"""What a planner is shown of balanced large grids, on a small world counted by hand."""

from __future__ import annotations

from datetime import date
from typing import Any

import geopandas as gpd
import pandas as pd
import pytest
import shapely

from geo import catalogue
from geo.errors import BadParameter
from geo.grid.proposed import nested_in
from geo.layer import Figure
from geo.parameters import Parameters
from geo.tables.conform import conform

TOWN = "150105001"
VILLAGES = (f"{TOWN}001", f"{TOWN}002")


def village_tables() -> dict[str, Any]:
    """Eight grids in a row, four a village, and three deputies.

    ::

        village     1                     2
        grid        1    2    3    4      1    2    3    4
        today       A    A    A    A      B    B    B    C       C is in no table
        households  10   10   10   10     20   20   20   20
        deputies    d1                    d2                     inside a village; d3 has no base
    """
    names = [village + f"00{serial}" for village in VILLAGES for serial in range(1, 5)]
    grids = gpd.GeoDataFrame(
        {
            "grid_id": names,
            "division_id": [name[:12] for name in names],
            "parent_grid_id": list("AAAABBBC"),
            "households": [10] * 4 + [20] * 4,
        },
        geometry=[shapely.box(110 + at / 100, 40, 110.01 + at / 100, 40.01) for at in range(8)],
        crs="EPSG:4326",
    )
    divisions = gpd.GeoDataFrame(
        {
            "division_id": [TOWN, *VILLAGES],
            "name": ["town", "v1", "v2"],
            "level": ["township", "community", "community"],
            "parent_id": [None, TOWN, TOWN],
        },
        geometry=[None, shapely.box(110, 40, 110.04, 40.01), shapely.box(110.04, 40, 110.08, 40.01)],
        crs="EPSG:4326",
    )
    staff = pd.DataFrame(
        {
            "staff_id": ["d1", "d2", "d3", "w"],
            "role": ["deputy", "deputy", "deputy", "grid_worker"],
            "division_id": [*VILLAGES, None, None],
        }
    )
    assignments = pd.DataFrame(
        {
            "assignment_id": ["1", "2", "3"],
            "staff_id": ["d1", "d2", "d2"],
            "target_type": "grid",
            "target_id": ["A", "A", "B"],
            "valid_to": pd.to_datetime([None, "2025-01-01", None]),
        }
    )
    made = {"grids": grids, "divisions": divisions, "staff": staff, "assignments": assignments}
    return {name: conform(name, table) for name, table in made.items()}


def built(tables: dict[str, Any], **parameters: Any) -> tuple[dict[str, gpd.GeoDataFrame], dict[str, Figure]]:
    """The three layers, and their figures by id."""
    asked = Parameters(**parameters)
    given = dict(tables)
    figures = {}
    for id in ("district-proposal", "districts", "deputy-proposal"):
        layer = catalogue.layer(id)
        given[id] = layer.build(given, asked)
        figures.update({figure.id: figure for figure in layer.figures(given[id], asked)})
    return given, figures


def test_two_large_grids_a_village() -> None:
    made, figures = built(village_tables(), large_grids=4)  # 120 households: village 1 has 40, village 2 has 80
    rows = made["district-proposal"]
    # Webster: after one each 40/3 and 80/3, then 40/3 and 80/5: village 2 gets three
    assert rows["parent_id"].tolist() == [VILLAGES[0]] * 4 + [VILLAGES[1]] * 4
    assert rows["district_id"].iloc[:4].tolist() == ["A"] * 4
    assert rows["district_id"].iloc[4:].nunique() == 3
    assert rows["off_mean"].iloc[:4].tolist() == [0.0] * 4
    assert sorted(made["districts"]["households"]) == [20, 20, 40, 40]  # mean of village 2: 26.7
    assert sorted(made["districts"]["state"]) == ["over", "under", "under", "within"]
    assert figures["district-proposal.worst"].value == pytest.approx(0.5)
    assert figures["district-proposal.within"].numerator == 1
    assert figures["districts.count"].value == 4


def test_today_stands_beside() -> None:
    made, figures = built(
        village_tables()
    )  # as many as today: A, B, C; too few for two a village, enough for a town
    rows = made["district-proposal"]
    assert rows["parent_id"].tolist() == [TOWN] * 8
    assert sorted(made["districts"]["households"]) == [40, 40, 40]
    assert rows["district_id"].tolist() == ["A", "A", "A", "A", "B", "B", "C", "C"]
    assert rows["moved"].tolist() == [False] * 6 + [True, False]
    assert rows["today_off_mean"].round(3).tolist() == [0.0] * 4 + [0.5] * 3 + [-0.5]
    assert figures["district-proposal.moved"].numerator == 20
    assert figures["district-proposal.moved"].denominator == 120
    assert (figures["district-proposal.within"].value, figures["district-proposal.worst"].value) == (1.0, 0.0)
    assert figures["district-proposal.within_today"].value == pytest.approx(1 / 3)
    assert figures["district-proposal.worst_today"].value == pytest.approx(0.5)
    ground = made["districts"].geometry
    assert shapely.area(ground.to_numpy()) == pytest.approx([0.0004, 0.0002, 0.0002])


def test_deputies_go_to_the_nearest_large_grid() -> None:
    tables = village_tables()  # d1 in village 1: A; d2 in the middle of village 2; d3 anywhere
    made, figures = built(tables, as_of=date(2026, 1, 1))
    rows = made["deputy-proposal"].set_index("staff_id")
    assert rows.loc["d1", "district_id"] == "A"
    assert set(rows.loc[["d2", "d3"], "district_id"]) == {"B", "C"}
    assert rows["basis"].isna().tolist() == [one == "d3" for one in rows.index]
    assert rows.loc["d1", "today_ids"] == ["A"]
    assert rows.loc["d2", "today_ids"] == ["B"]
    assert not rows.loc["d1", "changed"]
    assert made["districts"]["deputy_ids"].map(len).tolist() == [1, 1, 1]
    assert figures["districts.served"].value == 1.0
    assert rows.loc["d3", "geometry"] is None


def test_locked_grids_stay_and_few_households_move() -> None:
    locked = f"{VILLAGES[1]}003"
    made, _ = built(village_tables(), locked_grids=(locked,))
    rows = made["district-proposal"].set_index("grid_id")
    assert rows.loc[locked, "district_id"] == "B"
    assert rows["locked"].sum() == 1
    kept, figures = built(village_tables(), district_moves=0.1)  # 12 of 120: no grid of 20 may move
    assert not kept["district-proposal"]["moved"].any()
    assert figures["district-proposal.moved"].value == 0
    with pytest.raises(BadParameter, match="locked_grids"):
        built(village_tables(), locked_grids=("nobody",))


def test_without_a_number_there_is_nothing_to_propose() -> None:
    tables = village_tables()
    tables["grids"]["parent_grid_id"] = pd.Series(pd.NA, index=tables["grids"].index, dtype="str")
    made, figures = built(tables)
    assert not len(made["district-proposal"])
    assert figures["district-proposal.worst"].value is None
    method = figures["district-proposal.worst"].method
    assert method is not None
    assert "large_grids" in method.en


def test_few_people_are_counted_as_none() -> None:
    tables = village_tables()
    homes = gpd.GeoDataFrame(
        {"place_id": list("abc"), "people": [30, 9, 30], "households": [10, 3, 10]},
        geometry=shapely.points([[110.005, 40.005], [110.015, 40.005], [110.045, 40.005]]),
        crs="EPSG:4326",
    )
    tables["population"] = conform("population", homes)
    made, _ = built(tables, large_grids=2)
    rows = made["district-proposal"]
    assert rows["households"].fillna(-1).tolist() == [10, -1, 0, 0, 10, 0, 0, 0]
    assert made["districts"]["households"].tolist() == [10, 10]


def test_grids_that_name_no_division_lie_where_most_of_them_does() -> None:
    tables = village_tables()
    grids = tables["grids"].assign(division_id=tables["grids"]["division_id"].where(tables["grids"].index != 1))
    parents = nested_in(grids, tables["divisions"], 4)
    assert parents is not None
    assert parents.tolist() == [VILLAGES[0]] * 4 + [VILLAGES[1]] * 4
    assert nested_in(grids, None, 4) is None
    assert nested_in(grids, tables["divisions"], 1) is None
