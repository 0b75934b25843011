"""The 12 leagues and 103 banners of Inner Mongolia as they are, and copies damaged on purpose."""

from __future__ import annotations

from typing import Any

import geopandas as gpd
import numpy as np
import pandas as pd
import pytest
import shapely
from hypothesis import given, settings
from hypothesis import strategies as st

from geo.crs import area_m2, frame_of
from geo.grid.partition import partition_findings, partition_health
from geo.tables.conform import conform


def banners() -> tuple[gpd.GeoDataFrame, gpd.GeoDataFrame]:
    """The 103 banners and 12 leagues of Inner Mongolia, from the sample."""
    rows = gpd.read_parquet("data/boundaries/inner-mongolia/divisions.parquet").to_crs("EPSG:4326")
    digits = {"region": 2, "league": 4, "county": 6}
    codes = [code[: digits[level]] for code, level in zip(rows["adcode"], rows["level"], strict=True)]
    rows = rows.assign(division_id=codes, parent_id=[code[:-2] for code in codes])
    divisions = conform("divisions", rows)
    children = divisions[divisions["level"] == "county"]
    named = children.assign(grid_id=children["division_id"], division_id=children["parent_id"])
    return named.reset_index(drop=True), divisions[divisions["level"] == "league"].reset_index(drop=True)


def test_the_banners_of_inner_mongolia_tile_their_leagues() -> None:
    children, leagues = banners()
    found = partition_findings(children, leagues)
    assert len(found) == 0
    health = partition_health(children, leagues, found)
    assert (len(health), set(health["grade"]), health["children"].sum()) == (12, {"PASS"}, 103)
    assert health["area_m2"].sum() / 1e6 == pytest.approx(1_145_900, rel=1e-3)  # km²; Albers says 1,145,879


def test_a_damaged_copy_of_inner_mongolia_is_judged_rightly() -> None:
    """Three banners are taken out (one smaller than half the median of its league: an inlet), one is there twice,
    one was given to the wrong league."""
    children, leagues = banners()
    codes = children["grid_id"]
    lost, twice, strayed = ["150102", "150122", "152921"], "150424", "150823"
    table = pd.concat([children[~codes.isin(lost)], children[codes == twice].assign(grid_id="150499")])
    table.loc[table["grid_id"] == strayed, "division_id"] = "1502"
    found = partition_findings(table.reset_index(drop=True), leagues)
    km2 = pd.Series(area_m2(children.geometry) / 1e6, index=codes)
    expected = {
        ("gap", "inlet", "1501"): km2["150102"],
        ("gap", "missing_grid", "1501"): km2["150122"],
        ("gap", "missing_grid", "1529"): km2["152921"],
        ("overlap", "duplicate", "1504"): km2[twice],
        ("gap", "missing_grid", "1508"): km2[strayed],
        ("spill", "real", "1502"): km2[strayed],
    }
    seen = found.set_index(["kind", "cause", "parent_id"])["area_m2"] / 1e6
    assert dict(seen) == pytest.approx(expected, rel=1e-4)


def league(code: str) -> tuple[gpd.GeoDataFrame, gpd.GeoDataFrame]:
    """One league and its banners."""
    children, leagues = banners()
    mine = children[children["division_id"] == code].reset_index(drop=True)
    return mine, leagues[leagues["division_id"] == code].reset_index(drop=True)


def redrawn(children: gpd.GeoDataFrame, ground: Any) -> gpd.GeoDataFrame:
    return children.set_geometry(gpd.GeoSeries(np.asarray(ground, dtype=object), crs=children.crs))


def test_the_leagues_tile_the_region() -> None:
    rows = gpd.read_parquet("data/boundaries/inner-mongolia/divisions.parquet").to_crs("EPSG:4326")
    region = conform("divisions", rows[rows["level"] == "region"].assign(division_id="15", parent_id=None))
    _, leagues = banners()
    named = leagues.assign(grid_id=leagues["division_id"], division_id="15")
    assert len(partition_findings(named, region)) == 0
    lost = partition_findings(named[named["grid_id"] != "1503"], region)
    assert list(zip(lost["kind"], lost["severity"], lost["parent_id"], strict=True)) == [
        ("gap", "fail", "15")
    ] * len(lost)
    wuhai = float(area_m2(leagues.geometry[leagues["division_id"] == "1503"]).sum())
    assert lost["area_m2"].sum() == pytest.approx(wuhai, rel=1e-4)


@settings(max_examples=12, deadline=None)
@given(st.sets(st.integers(0, 102), min_size=1, max_size=8))
def test_banners_that_are_left_out_are_gaps_of_their_area(lost: set[int]) -> None:
    """Clumps of neighbours are one gap each; nothing else is found."""
    children, leagues = banners()
    found = partition_findings(children.drop(index=sorted(lost)), leagues)
    assert set(found["kind"]) == {"gap"}
    assert set(found["cause"]) <= {"missing_grid", "inlet", "real"}
    area = pd.Series(area_m2(children.geometry))[sorted(lost)]
    of = children["division_id"][sorted(lost)]
    assert found.groupby("parent_id")["area_m2"].sum().to_dict() == pytest.approx(
        area.groupby(of).sum().to_dict(), rel=1e-3
    )


def test_a_copy_with_more_vertices_is_as_clean() -> None:
    """Every second banner has a vertex each 500 m; GEOS flags many, since the points are off by a digit."""
    children, leagues = banners()
    ground = np.asarray(children.geometry).copy()
    ground[::2] = shapely.segmentize(ground[::2], 0.005)
    assert (~shapely.is_empty(shapely.coverage_invalid_edges(ground))).any()
    assert len(partition_findings(redrawn(children, ground), leagues)) == 0


@pytest.mark.parametrize(("digits", "kinds"), [(6, set()), (5, {"noise"}), (4, {"noise", "sliver"})])
def test_a_copy_written_with_few_digits(digits: int, kinds: set[str]) -> None:
    """The source has six digits; with fewer the banners still fit each other, but no more their leagues."""
    children, leagues = league("1503")
    ground = shapely.transform(np.asarray(children.geometry), lambda xy: xy.round(digits))
    found = partition_findings(redrawn(children, ground), leagues)
    assert set(found["cause"]) == kinds
    assert set(found["severity"]) <= {
        "info",
        "warning",
    }  # a strip 0.1 m wide and kilometres long is no lost ground
    area = found.groupby("kind")["area_m2"].sum()
    assert area.get("overlap", 0.0) <= 0.01 * area.get(
        "gap", 0.0
    )  # where rounding made a narrow neck cross itself


@pytest.mark.parametrize("code", ["1501", "1506", "1529"])
def test_a_copy_in_which_each_banner_was_simplified_by_itself(code: str) -> None:
    """Half a kilometre of tolerance each: edges no longer agree; the areas are those of slow geometry."""
    children, parents = league(code)
    simple = shapely.simplify(np.asarray(children.geometry), 0.005)
    table = redrawn(children, simple)
    found = partition_findings(table, parents)
    ground, whole = (
        frame_of(parents).metres(shapely.segmentize(np.asarray(one), 0.01))
        for one in (simple, parents.geometry.iloc[0])
    )
    left, right = np.triu_indices(len(ground), 1)
    expected = {
        "gap": shapely.area(whole - shapely.union_all(ground)),
        "overlap": shapely.area(shapely.union_all(shapely.intersection(ground[left], ground[right])) & whole),
        "spill": shapely.area(shapely.union_all(ground) - whole),
    }
    seen = found.groupby("kind")["area_m2"].sum().to_dict()
    for kind, area in expected.items():
        assert seen.get(kind, 0.0) == pytest.approx(area, rel=1e-3, abs=1e4)
    health = partition_health(table, parents, found).iloc[0]
    assert health["grade"] == "FAIL"
    assert health["covered"] == pytest.approx(1 - expected["gap"] / shapely.area(whole), abs=1e-4)


def test_a_copy_shifted_as_consumer_maps_are() -> None:
    """500 m to the north-east: gaps on one side of a league and spills on the other, and no overlap."""
    children, leagues = league("1506")
    east, north = 0.0045, 0.003
    ground = shapely.transform(np.asarray(children.geometry), lambda xy: xy + np.array([east, north]))
    found = partition_findings(redrawn(children, ground), leagues)
    assert set(found["kind"]) == {"gap", "spill"}
    by = found.groupby(["parent_id", "kind"])["area_m2"].sum().unstack()
    lost = area_m2(children.geometry) - area_m2(ground)  # further north a degree of longitude is shorter
    expected = pd.Series(lost).groupby(children["division_id"]).sum()
    assert (by["gap"] - by["spill"]).to_dict() == pytest.approx(expected.to_dict(), rel=0.02)
    assert set(partition_health(redrawn(children, ground), leagues, found)["grade"]) == {"FAIL"}
