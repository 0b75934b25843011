"""What the chayouzhong sample promises: checked on its files, and then what is found of it."""

from __future__ import annotations

import tomllib
from collections import Counter
from collections.abc import Callable
from functools import cache
from pathlib import Path
from typing import Any

import geopandas as gpd
import numpy as np
import pandas as pd
import pytest
import shapely
from shapely import Point

from geo.service import Build

Built = Callable[[str], Build]
BOUNDARIES = Path(__file__).parents[1] / "data" / "boundaries"
HERE = BOUNDARIES / "chayouzhong"
METRES = "EPSG:4546"
AS_OF = "2026-11-20"
UNKNOWN = "150927103299"  # the village that an orphan names


@cache
def grids(scheme: str) -> Any:
    every = gpd.read_parquet(HERE / "grids.parquet")
    return every[every["网格体系"] == scheme].set_index("网格编码")


@cache
def divisions(tree: str = "行政") -> Any:
    every = gpd.read_parquet(HERE / "divisions.parquet").set_index("行政区划代码")
    return every[every["体系"] == tree]


@cache
def lake() -> Any:
    return gpd.read_parquet(HERE / "excluded.parquet").geometry.iloc[0]


@cache
def table(name: str, encoding: str = "utf-8") -> Any:
    return pd.read_csv(HERE / name, dtype=str, encoding=encoding)


@cache
def planted() -> dict[str, Any]:
    return tomllib.loads((HERE / "planted.toml").read_text(encoding="utf-8"))


@cache
def duties() -> Any:
    """Assignments that hold on the day, with the role of their person."""
    given = table("assignments.csv")
    held = given[given["valid_to"].isna() | (given["valid_to"] > AS_OF)]
    return held.assign(role=held["staff_id"].map(table("staff.csv").set_index("staff_id")["role"]))


def real() -> Any:
    every = (
        gpd.read_parquet(BOUNDARIES / "inner-mongolia" / "divisions.parquet").set_index("adcode").to_crs(METRES)
    )
    return every.geometry["150927"]


# --- the files ---


def test_counts_are_those_of_the_banner() -> None:
    assert divisions()["级别"].value_counts().to_dict() == {
        "社区村": 177,
        "街道乡镇": 12,
        "旗县区": 1,
        "盟市": 1,
        "自治区": 1,
    }
    assert {scheme: len(grids(scheme)) for scheme in ("main", "large", "police")} == {
        "main": 2_924,
        "large": 184,
        "police": planted()["grids"]["police"],
    }
    assert 300 <= len(grids("police")) <= 600
    roles = duties().groupby("role")["staff_id"].nunique()
    assert roles["grid_worker"] > 480
    assert roles["deputy"] == 236
    based = table("staff.csv").loc[lambda rows: rows["role"] == "deputy", "division_id"].str.len()
    assert based.value_counts().to_dict() == {12: 140, 9: 66, 6: 30}
    assert 150_000 < grids("main")["人口"].sum() < 300_000
    assert set(grids("main")["类型"]) == {"城区", "农村", "牧区"}


def test_codes_names_and_outline_are_the_real_ones() -> None:
    codes = pd.read_parquet(BOUNDARIES / "inner-mongolia" / "codes.parquet").set_index("code")["name"]
    below = divisions()[divisions()["级别"].isin(["街道乡镇", "社区村"])]
    names = codes[codes.index.str.startswith("150927")]
    assert set(below.index) == set(names.index)
    assert (below["名称"] == "模拟·" + names.loc[below.index]).all()
    ours = divisions().geometry["150927"]
    assert real().symmetric_difference(ours).area < 500.0  # of 4,188 km²: corners rounded to 1 mm
    assert shapely.hausdorff_distance(real().boundary, ours.boundary) < 0.002


@pytest.mark.parametrize("tree", ["行政", "公安"])
def test_each_level_tiles_the_banner_and_is_in_one_piece(tree: str) -> None:
    whole = divisions().geometry["150927"]
    for level in ("街道乡镇", "社区村"):
        rows = divisions(tree)[divisions(tree)["级别"] == level]
        assert (rows.geom_type == "Polygon").all()
        assert shapely.coverage_is_valid(rows.geometry.to_numpy())
        assert shapely.coverage_union_all(rows.geometry.to_numpy()).equals(whole)
        above = rows.groupby("上级代码")["geometry"].agg(
            lambda areas: shapely.coverage_union_all(areas.to_numpy())
        )
        parents = divisions(tree).geometry.loc[above.index]
        assert all(one.equals(other) for one, other in zip(above, parents, strict=True))


@pytest.mark.parametrize("scheme", ["large", "police"])
def test_the_other_schemes_tile_the_ground_off_the_lake(scheme: str) -> None:
    areas = grids(scheme).geometry
    assert (areas.geom_type == "Polygon").all()
    dry = divisions().geometry["150927"].area - lake().area
    assert areas.area.sum() == pytest.approx(dry, abs=0.1)
    assert shapely.union_all(areas.to_numpy(), grid_size=0.001).area == pytest.approx(dry, abs=1.0)


def test_large_grids_are_made_of_their_small_ones_but_for_the_faults() -> None:
    villages = {fault["division_id"] for fault in (*planted()["fault"], *planted()["structure"])}
    villages |= {fault["over"][:12] for fault in planted()["fault"] if "over" in fault}
    small = grids("main")[~grids("main")["所属社区"].isin({*villages, UNKNOWN})]
    together = small.dissolve("大网格", aggfunc={"户数": "sum", "人口": "sum"}, method="coverage")
    large = grids("large").loc[together.index]
    assert len(together) > 150
    assert (together[["户数", "人口"]] == large[["户数", "人口"]]).all(axis=None)
    between = shapely.symmetric_difference(together.geometry.to_numpy(), large.geometry.to_numpy())
    assert (
        shapely.area(between).max() < 1.0
    )  # where a fault next door put a corner into an edge, to the millimetre
    assert (small["大网格"].str[:12] == small["所属社区"]).all()


def test_large_grids_of_today_are_of_very_different_size() -> None:
    households = grids("large")["户数"]
    assert 0.3 < households.std() / households.mean() < 0.6


def test_the_police_follow_villages_mostly_and_not_always() -> None:
    villages = divisions()[divisions()["级别"] == "社区村"].geometry
    beats = divisions("公安")[divisions("公安")["级别"] == "社区村"].geometry
    assert len(beats) == 58
    village, beat = shapely.STRtree(beats.to_numpy()).query(villages.to_numpy(), predicate="intersects")
    shared = shapely.area(shapely.intersection(villages.to_numpy()[village], beats.to_numpy()[beat]))
    most = pd.Series(shared).groupby(village).max().to_numpy() / villages.area.to_numpy()
    assert 0.75 < (most > 0.999).mean() < 0.95


def test_some_police_grids_are_other_grids_and_some_cut_through_them() -> None:
    large = {shapely.normalize(one).wkb for one in grids("large").geometry}
    same = sum(shapely.normalize(one).wkb in large for one in grids("police").geometry)
    assert same >= 40
    cells, police = grids("main").geometry, grids("police").geometry.to_numpy()
    edges = shapely.boundary(police)
    cut = planted()["grids"]["small_cut_by_police"]
    assert len(cut) == 40
    inner = cells.buffer(-20.0)
    near, _ = shapely.STRtree(edges).query(inner.to_numpy(), predicate="intersects")
    through = set(cells.index[np.unique(near)])
    extra = {fault.get("extra_grid_id") for fault in planted()["fault"]}
    shaped = {id for fault in planted()["fault"] for id in fault["grid_ids"]}
    moved = {id for fault in planted()["structure"] if fault["kind"] == "multipart" for id in fault["grid_ids"]}
    assert set(cut) <= through
    assert through - set(cut) <= extra | shaped | moved  # police grids were drawn before the faults


def test_staffing_is_as_noted() -> None:
    noted = planted()["staffing"]
    on_grids = duties()[duties()["target_type"] == "grid"]
    workers = on_grids[on_grids["role"] == "grid_worker"]
    each = workers["target_id"].value_counts().reindex(grids("large").index, fill_value=0)
    assert each.sum() == len(workers)  # small grids have none
    assert sorted(each.index[each == 0]) == noted["vacant_grid_ids"]
    assert len(noted["vacant_grid_ids"]) == 8
    short = (each > 0) & (each < np.ceil(grids("large")["户数"] / 500))
    assert set(noted["short_grid_ids"]) - set(noted["shared_grid_ids"]) == set(each.index[short])
    assert each.isin([2, 3]).mean() > 0.75
    assert (
        sorted(workers.loc[workers["staff_id"] == noted["shared_worker"], "target_id"]) == noted["shared_grid_ids"]
    )
    assert workers["staff_id"].nunique() == noted["grid_workers"] - noted["workers_left"]
    assert sorted(grids("main").index[~grids("main")["大网格"].isin(each.index)]) == noted["in_no_large_grid"]
    deputies = on_grids[on_grids["role"] == "deputy"]["target_id"].value_counts()
    deputies = deputies.reindex(grids("large").index, fill_value=0)
    assert sorted(deputies.index[deputies == 0]) == noted["large_without_deputy"]
    assert sorted(deputies.index[deputies == 3]) == noted["large_with_three_deputies"]
    assert deputies.max() == 3
    town = grids("main").index[grids("main")["类型"] == "城区"]
    squads = on_grids[on_grids["role"] == "squad"]["target_id"].value_counts().reindex(town, fill_value=0)
    assert sorted(squads.index[squads == 0]) == noted["without_squad"]
    assert sorted(squads.index[squads == 2]) == noted["with_two_squads"]
    units = table("units.csv", "gbk")
    headed = set(duties().loc[duties()["target_type"] == "unit", "target_id"])
    for kind, role in (("楼栋", "building_head"), ("中心户", "unit_head")):
        mine = units.loc[units["类型"] == kind, "楼栋号"]
        assert sorted(set(mine) - headed) == noted[f"without_{role}"]
        assert mine.isin(headed).sum() == noted[f"{role}s"]
    of_grid = units[units["类型"] == "楼栋"].astype({"户数": int}).groupby("网格编码")["户数"].sum()
    assert (of_grid == grids("main").loc[of_grid.index, "户数"]).all()


def test_everything_invented_says_so_and_nothing_names_a_person() -> None:
    assert all(grids(scheme)["synthetic"].all() for scheme in ("main", "large", "police"))
    assert all(grids(scheme)["网格名称"].str.startswith("模拟·").all() for scheme in ("main", "large", "police"))
    assert divisions("公安")["synthetic"].all()
    assert (divisions()["synthetic"] == divisions()["级别"].isin(["街道乡镇", "社区村"])).all()
    assert table("staff.csv")["staff_id"].str.startswith("synthetic_").all()
    assert table("units.csv", "gbk")["楼栋号"].str.startswith("synthetic_").all()
    for name, encoding in (("staff.csv", "utf-8"), ("assignments.csv", "utf-8"), ("units.csv", "gbk")):
        assert (table(name, encoding)["synthetic"] == "1").all()


def test_the_sample_is_small() -> None:
    assert sum(path.stat().st_size for path in HERE.iterdir()) < 1_000_000


# --- what is found ---


def test_exactly_the_planted_pieces_of_ground_are_found(built: Built) -> None:
    found = built("chayouzhong").frame("grid-findings")
    pieces = found[found["kind"].isin(["gap", "overlap", "spill"])]
    faults = planted()["fault"]
    assert Counter(pieces["kind"]) == Counter(fault["kind"] for fault in faults)
    for fault in faults:
        (row,) = pieces[pieces.contains(Point(fault["lon"], fault["lat"]))].to_dict("records")
        assert (row["kind"], row["cause"]) == (fault["kind"], fault["cause"])
        assert list(row["grid_ids"]) == fault["grid_ids"]
        assert row["parent_id"][:12] == fault["division_id"]  # the village, or its large grid
        assert row["area_m2"] == pytest.approx(fault["area_m2"], rel=1e-3)


def test_exactly_the_planted_faults_of_single_grids_are_found(built: Built) -> None:
    found = built("chayouzhong").frame("grid-findings")
    alone = found[~found["kind"].isin(["gap", "overlap", "spill"])]
    noted = planted()["structure"]
    expected = {(fault["kind"], fault.get("cause", "real"), *fault["grid_ids"]) for fault in noted}
    assert {(row.kind, row.cause, *row.grid_ids) for row in alone.itertuples()} == expected
    areas = {row.kind: row.area_m2 for row in alone.itertuples()}
    for fault in noted:
        if "area_m2" in fault:
            assert areas[fault["kind"]] == pytest.approx(fault["area_m2"], rel=1e-3)


def test_households_of_staffed_grids_are_those_that_large_grids_say(built: Built) -> None:
    made = built("chayouzhong").frame("grid-staffing").set_index("grid_id")["households"]
    alone = planted()["staffing"]["in_no_large_grid"]
    said = pd.concat([grids("large")["户数"], grids("main").loc[alone, "户数"]])
    assert made.to_dict() == said.to_dict()


def test_vacancies_and_roles_roll_up_to_the_banner(built: Built) -> None:
    made = built("chayouzhong").frame("division-staffing").set_index("division_id").loc["150927"]
    noted = planted()["staffing"]
    alone = noted["in_no_large_grid"]
    rows, vacant = 184 + len(alone), len(noted["vacant_grid_ids"]) + len(alone)
    assert (made["grids"], made["ruled"]) == (rows, rows)
    assert (made["vacant"], made["short"]) == (vacant, len(noted["short_grid_ids"]))
    assert made["complete"] == rows - vacant  # each large grid of the town has squads
    assert made["workers"] == noted["grid_workers"] - noted["workers_left"]
    assert made["households"] == grids("large")["户数"].sum() + grids("main").loc[alone, "户数"].sum()


def test_broken_rules_are_those_that_were_broken_on_purpose(built: Built) -> None:
    found = built("chayouzhong").frame("rule-findings")
    noted = planted()["staffing"]
    expected = {
        ("squad", "too_few"): noted["without_squad"],
        ("squad", "too_many"): noted["with_two_squads"],
        ("deputy", "too_few"): noted["large_without_deputy"],
        ("deputy", "too_many"): noted["large_with_three_deputies"],
        ("building_head", "too_few"): noted["without_building_head"],
        ("unit_head", "too_few"): noted["without_unit_head"],
    }
    assert {key: sorted(rows["target_id"]) for key, rows in found.groupby(["role", "state"])} == expected


def test_units_without_a_head_are_counted_in_their_grids(built: Built) -> None:
    made = built("chayouzhong").frame("unit-heads")
    noted = planted()["staffing"]
    assert made["units"].sum() == noted["units"]
    assert made["headed"].sum() == noted["building_heads"] + noted["unit_heads"]


def test_police_borders_cut_the_small_grids_that_they_were_drawn_through(built: Built) -> None:
    found = built("chayouzhong").frame("scheme-conflicts")
    through = found[(found["scheme"] == "police") & (found["other_scheme"] == "main")]
    assert sorted(set(through["cut_id"])) == planted()["grids"]["small_cut_by_police"]


def test_police_grids_that_are_large_grids_match_wholly(built: Built) -> None:
    large = {shapely.normalize(one).wkb: id for id, one in grids("large").geometry.items()}
    police = {id: large.get(shapely.normalize(one).wkb) for id, one in grids("police").geometry.items()}
    same = {(id, other) for other, id in police.items() if id}
    found = built("chayouzhong").frame("scheme-matches")
    found = found[(found["left_scheme"] == "large") & (found["iou"] > 1 - 1e-9)]
    assert set(zip(found["left_id"], found["right_id"], strict=True)) == same


def test_villages_correspond_to_the_beats_that_they_lie_in(built: Built) -> None:
    made = built("chayouzhong").frame("tree-correspondence")
    pairs = made[(made["left_level"] == "community") & (made["right_level"] == "community")]
    assert pairs["left_id"].nunique() == 177
    assert pairs["right_id"].nunique() == 58
    several = (pairs.groupby("left_id").size() > 1).mean()
    assert 0.05 < several < 0.25
    (whole,) = made[made["left_id"] == "150927"].to_dict("records")
    assert (whole["right_id"], round(whole["iou"], 9)) == ("GA150927", 1.0)


def test_the_repair_gives_and_takes_the_planted_ground(built: Built) -> None:
    ledger = built("chayouzhong").frame("repair-ledger")
    areas = sorted(fault["area_m2"] for fault in planted()["fault"])
    assert sorted(ledger["area_m2"]) == pytest.approx(areas, rel=1e-3)  # one entry each: no fault touches another
    assert (ledger["change"] == ledger["kind"].map({"gap": "gains", "overlap": "loses", "spill": "loses"})).all()
    assert set(ledger["grid_id"]) <= {id for fault in planted()["fault"] for id in fault["grid_ids"]}


def test_proposed_large_grids_are_more_even_than_those_of_today(built: Built) -> None:
    proposed = built("chayouzhong").frame("districts")
    assert len(proposed) == 184
    assert proposed["within"].mean() > 0.95
    grid = built("chayouzhong").frame("district-proposal")
    loads = grid.groupby("district_id")["households"].sum()
    today = grids("large")["户数"]
    assert loads.sum() == grids("main")["户数"].sum()
    assert loads.std() / loads.mean() < 0.5 * today.std() / today.mean()


def test_each_deputy_gets_a_large_grid_and_each_large_grid_a_deputy(built: Built) -> None:
    deputies = built("chayouzhong").frame("deputy-proposal")
    assert deputies["staff_id"].nunique() == 236
    assert deputies["district_id"].nunique() == 184


def test_the_planner_board_is_small_enough_to_mail(built: Built) -> None:
    assert (built("chayouzhong").out / "boards" / "planner.html").stat().st_size < 1_200_000
