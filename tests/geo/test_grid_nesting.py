"""Does each child stand rightly in the tree? And the layers that say so."""

from __future__ import annotations

from typing import Any

import geopandas as gpd
import numpy as np
import pandas as pd
import pytest
from pandas.testing import assert_frame_equal
from shapely import LineString, Point, Polygon

from geo.grid.ancestry import ancestors, circles
from geo.grid.layers import LAYERS
from geo.grid.levels import pairs
from geo.grid.nesting import nesting_findings, parentage
from geo.grid.partition import partition_findings
from geo.parameters import Parameters
from geo.tables.conform import conform
from tests.worlds import COMMUNITY, NEXT_COMMUNITY, TOWN, communities_of, four_grids, grids_of, square

TOWNSHIP, COUNTY = "150105001", "150105"
BY_ID = {layer.id: layer for layer in LAYERS}


def nested(grids: gpd.GeoDataFrame, parents: gpd.GeoDataFrame, **more: Any) -> gpd.GeoDataFrame:
    return nesting_findings(grids, parents, partition_findings(grids, parents), **more)


def tree(**grounds: Any) -> gpd.GeoDataFrame:
    """County, township and two communities; ground in metres by level, else missing."""
    rows = [
        (COUNTY, "county", "1501", grounds.get("county")),
        (TOWNSHIP, "township", COUNTY, grounds.get("township")),
        (COMMUNITY, "community", TOWNSHIP, grounds.get("community")),
        (NEXT_COMMUNITY, "community", TOWNSHIP, None),
    ]
    table = pd.DataFrame(rows, columns=["division_id", "level", "parent_id", "ground"]).assign(name="place")
    ground = TOWN.lonlat(table.pop("ground").to_numpy(dtype=object))
    return conform("divisions", gpd.GeoDataFrame(table, geometry=ground, crs="EPSG:4326"))


# --- children by themselves ----------------------------------------------------------------------------------


def test_grids_that_stand_rightly_give_no_finding() -> None:
    assert len(nested(*four_grids())) == 0


def test_a_grid_outside_its_parent_is_measured() -> None:
    """002 reaches 30 m × 100 m beyond: 3,000 of 13,000 m² = 23.1 %; 3 m × 3 m of 10,009 are below 0.1 %."""
    grids, parents = four_grids()
    ground = np.asarray(grids.geometry).copy()
    ground[1] = TOWN.lonlat(square(100, 0, 130, 100))
    found = nested(grids.set_geometry(gpd.GeoSeries(ground, crs=grids.crs)), parents)
    assert found["kind"].tolist() == ["outside"]
    assert (found["severity"].iloc[0], found["detail"].iloc[0]) == ("fail", "23.1%")
    assert found["grid_ids"].iloc[0] == [COMMUNITY + "002"]
    assert found["area_m2"].iloc[0] == pytest.approx(3_000, abs=0.1)
    ground[1] = TOWN.lonlat(square(100, 0) | square(200, 0, 3))
    assert len(nested(grids.set_geometry(gpd.GeoSeries(ground, crs=grids.crs)), parents)) == 0


def test_codes_that_nobody_knows_levels_skipped_and_parents_without_polygon() -> None:
    grids, _ = four_grids()
    divisions = tree(community=square(0, 0, 200))
    named = grids.assign(division_id=["150105999999", TOWNSHIP, NEXT_COMMUNITY, None])
    parents = divisions[divisions["level"] == "community"]
    found = nested(named, parents, divisions=divisions).sort_values("kind")
    assert found["kind"].tolist() == ["orphan", "skipped", "unparented"]
    assert [ids[0][-3:] for ids in found["grid_ids"]] == ["001", "002", "003"]
    assert found["severity"].tolist() == ["fail", "fail", "warning"]
    assert found["detail"].tolist() == ["150105999999", TOWNSHIP, NEXT_COMMUNITY]
    assert found["basis"].tolist() == ["overlap", "overlap", "declared"]
    assert parentage(named, parents)["parent"].tolist() == [0, 0, 1, 0]


def test_a_grid_that_names_no_parent_and_lies_in_none_is_an_orphan() -> None:
    grids, parents = four_grids()
    far = grids_of({"009": square(5_000, 5_000)}, division_id=None)
    found = nested(pd.concat([grids, far], ignore_index=True), parents)
    assert (found["kind"].tolist(), found["basis"].tolist()) == (["orphan"], ["none"])
    assert found["parent_id"].isna().all()


def test_the_larger_part_decides_and_a_tie_goes_to_the_lower_id() -> None:
    both = communities_of({NEXT_COMMUNITY: square(100, 0), COMMUNITY: square(0, 0)})
    across = grids_of({"001": square(70, 0, 80), "002": square(50, 0)}, division_id=None)
    assert parentage(across, both)["parent"].tolist() == [0, 1]


def test_invalid_ground_says_why_and_where() -> None:
    grids, parents = four_grids()
    bow = TOWN.lonlat(Polygon([(0, 0), (100, 100), (100, 0), (0, 100)]))
    ground = np.asarray(grids.geometry).copy()
    ground[0], ground[3] = bow, None
    found = nested(grids.set_geometry(gpd.GeoSeries(ground, crs=grids.crs)), parents).sort_values("kind")
    assert found["kind"].tolist() == ["empty", "invalid"]
    reason, _, place = found["detail"].iloc[1].rpartition(" 111")
    assert reason == "Self-intersection"
    at = Point(*(float(number) for number in ("111" + place).split(", ")))
    assert TOWN.metres(at).distance(Point(50, 50)) < 0.01
    assert found.geometry.iloc[0] is None


# --- levels --------------------------------------------------------------------------------------------------


def test_levels_without_polygons_are_passed_over() -> None:
    grids, _ = four_grids()
    made = list(pairs(tree(county=square(0, 0, 200)), grids))
    assert [pair.level for pair in made] == ["grid"]
    assert set(made[0].children["division_id"]) == {COUNTY}
    all_three = tree(county=square(0, 0, 200), township=square(0, 0, 200), community=square(0, 0, 200))
    assert [pair.level for pair in pairs(all_three, grids)] == ["township", "community", "grid"]
    assert [pair.level for pair in pairs(all_three)] == ["township", "community"]
    assert list(pairs(tree(), grids)) == []
    assert list(pairs(all_three.iloc[:0], grids)) == []


def test_a_code_that_the_table_lacks_leads_up_by_its_digits() -> None:
    divisions = tree()
    ids = pd.Series([COMMUNITY, "150105001777", "150105888888", "999", None], dtype="str")
    assert ancestors(ids, divisions, "county").tolist()[:3] == [COUNTY, COUNTY, COUNTY]
    assert ancestors(ids, divisions, "township").tolist()[:2] == [TOWNSHIP, TOWNSHIP]
    assert ancestors(ids, divisions, "county").isna().tolist() == [False, False, False, True, True]
    assert ancestors(ids, divisions, "league").isna().all()


def test_schemes_that_lie_upon_each_other_are_compared_one_by_one() -> None:
    grids, _ = four_grids()
    second = grids.assign(grid_id=grids["grid_id"] + "x", scheme="police")
    both = pd.concat([second, grids], ignore_index=True)
    divisions = tree(community=square(0, 0, 200))
    assert [(pair.scheme, len(pair.children)) for pair in pairs(divisions, both)] == [("main", 4), ("police", 4)]
    assert [pair.children["grid_id"].iloc[0][-1] for pair in pairs(divisions, second)] == ["x"]


def test_a_circle_of_parents_ends_and_is_told() -> None:
    divisions = tree(community=square(0, 0, 200))
    divisions.loc[divisions["division_id"] == COUNTY, "parent_id"] = TOWNSHIP
    assert circles(divisions["division_id"], divisions["parent_id"]).tolist() == [0, 0, -1, -1]
    assert ancestors(divisions["division_id"], divisions, "league").isna().all()
    found = BY_ID["grid-findings"].build({"divisions": divisions}, Parameters())
    (row,) = found.to_dict("records")
    assert (row["kind"], row["level"], row["parent_id"]) == ("cycle", "county", TOWNSHIP)
    assert row["grid_ids"] == [COUNTY, TOWNSHIP]
    assert (circles(tree()["division_id"], tree()["parent_id"]) == -1).all()


# --- layers --------------------------------------------------------------------------------------------------


def test_every_pair_of_levels_is_found_and_judged() -> None:
    """The township is 200 m × 200 m of a county of 300 m × 200 m (20,000 m² lack), a grid of 10,000 m² lacks."""
    grids, _ = four_grids()
    tables: dict[str, gpd.GeoDataFrame] = {
        "divisions": tree(county=square(0, 0, 300, 200), township=square(0, 0, 200), community=square(0, 0, 200)),
        "grids": grids.iloc[:3],
    }
    found = BY_ID["grid-findings"].build(tables, Parameters())
    told = found[["level", "kind", "cause", "parent_id"]].to_numpy().tolist()
    assert told == [
        ["township", "gap", "missing_grid", COUNTY],
        ["grid", "gap", "missing_grid", COMMUNITY],
    ]
    tables["grid-findings"] = found
    health = BY_ID["grid-health"].build(tables, Parameters())
    assert health[["parent_id", "children_level", "grade"]].to_numpy().tolist() == [
        [COUNTY, "township", "FAIL"],
        [TOWNSHIP, "community", "PASS"],
        [COMMUNITY, "grid", "FAIL"],
    ]
    figures = {figure.id: figure for figure in BY_ID["grid-health"].figures(health, Parameters())}
    assert figures["grid-health.covered"].value == pytest.approx(0.75, abs=1e-6)  # the lowest level only
    assert figures["grid-health.gap_area"].value == pytest.approx(10_000, abs=0.1)
    assert (figures["grid-health.fail"].numerator, figures["grid-health.fail"].denominator) == (2, 3)
    counts = {figure.id: figure.value for figure in BY_ID["grid-findings"].figures(found, Parameters())}
    assert counts == {"grid-findings.fail": 2, "grid-findings.warning": 0, "grid-findings.info": 0}


def test_background_rows_that_are_the_same_get_ids_that_differ() -> None:
    line = LineString([(111.7, 40.8), (111.8, 40.8)])
    table = gpd.GeoDataFrame(
        {"kind": ["road", "road", "water"], "name": ["a", "a", None]}, geometry=[line] * 3, crs="EPSG:4326"
    )
    rows = conform("background", table)
    made = BY_ID["background"].build({"background": rows}, Parameters())
    assert made["background_id"].is_unique
    again = BY_ID["background"].build({"background": rows.iloc[[2, 0, 1]]}, Parameters())
    assert_frame_equal(pd.DataFrame(made), pd.DataFrame(again))


@pytest.mark.parametrize("id", ["divisions", "grids"])
def test_places_are_told_by_id_whatever_the_order(id: str) -> None:
    grids, _ = four_grids()
    tables = {"divisions": tree(county=square(0, 0, 200)), "grids": grids}
    made = BY_ID[id].build(tables, Parameters())
    assert made[BY_ID[id].key].is_monotonic_increasing
    turned = {name: rows.iloc[::-1] for name, rows in tables.items()}
    assert_frame_equal(pd.DataFrame(made), pd.DataFrame(BY_ID[id].build(turned, Parameters())))
