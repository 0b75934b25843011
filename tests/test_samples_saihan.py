"""What the saihan sample promises, checked on its files alone (nothing of ``geo`` is used)."""

from __future__ import annotations

import tomllib
from functools import cache
from pathlib import Path
from typing import Any

import geopandas as gpd
import numpy as np
import pandas as pd
import pytest
import shapely
from scipy.sparse import coo_array
from scipy.sparse.csgraph import connected_components, dijkstra

BOUNDARIES = Path(__file__).parents[1] / "data" / "boundaries"
HERE = BOUNDARIES / "saihan"
METRES = "EPSG:4546"
WALK_M = 1_200.0  # 15 minutes at 4.8 km/h
SHUT_ON_WEDNESDAY_MORNING = ("Mo,We,Fr 14:30-17:30", "周二、周四 09:00-12:00")


@cache
def grids() -> Any:
    return gpd.read_file(HERE / "grids.gpkg", layer="网格")


@cache
def divisions() -> Any:
    return gpd.read_file(HERE / "divisions.gpkg", layer="区划").set_index("行政区划代码")


@cache
def planted() -> dict[str, Any]:
    return tomllib.loads((HERE / "planted.toml").read_text(encoding="utf-8"))


@cache
def lake() -> Any:
    return gpd.read_file(HERE / "grids.gpkg", layer="排除区").geometry.iloc[0]


@cache
def stations() -> Any:
    table = pd.read_excel(HERE / "stations.xlsx", sheet_name="服务站", engine="calamine", dtype={"编号": str})
    points = gpd.points_from_xy(table["经度"], table["纬度"], crs="EPSG:4326")
    return gpd.GeoDataFrame(table, geometry=points).to_crs(METRES)


@cache
def streets() -> Any:
    return gpd.read_parquet(HERE / "streets.parquet").to_crs(METRES)


@cache
def homes() -> Any:
    return gpd.read_parquet(HERE / "population.parquet").to_crs(METRES)


@cache
def table(name: str, encoding: str = "utf-8") -> Any:
    return pd.read_csv(HERE / name, dtype=str, encoding=encoding)


def fault(cause: str, kind: str) -> dict[str, Any]:
    found = [f for f in planted()["fault"] if (f["cause"], f["kind"]) == (cause, kind)]
    assert len(found) == 1
    return dict(found[0])


def shape(fault: dict[str, Any]) -> Any:
    """The planted piece, found again on the ground by its point."""
    point = gpd.GeoSeries(gpd.points_from_xy([fault["lon"]], [fault["lat"]]), crs="EPSG:4326").to_crs(METRES)[0]
    pieces = [
        piece for piece in (gaps() if fault["kind"] == "gap" else overlaps().values()) if piece.contains(point)
    ]
    assert len(pieces) == 1
    return pieces[0]


@cache
def gaps() -> list[Any]:
    county = divisions().geometry["150105"]
    bare = county.difference(shapely.union_all(grids().geometry.to_numpy())).difference(lake())
    return list(shapely.get_parts(bare))


@cache
def overlaps() -> dict[tuple[str, ...], Any]:
    areas, ids = grids().geometry.to_numpy(), grids()["网格编码"].to_numpy()
    left, right = shapely.STRtree(areas).query(areas, predicate="intersects")
    left, right = left[left < right], right[left < right]
    both = shapely.intersection(areas[left], areas[right])
    twice = shapely.area(both) > 0
    pairs = zip(left[twice], right[twice], both[twice], strict=True)  # shared edges come along as lines
    return {
        tuple(sorted((ids[a], ids[b]))): max(shapely.get_parts(piece), key=lambda part: part.area)
        for a, b, piece in pairs
    }


def width(piece: Any) -> float:
    return float(2 * shapely.length(shapely.maximum_inscribed_circle(piece, tolerance=0.01)))


def compactness(piece: Any) -> float:
    return float(4 * np.pi * piece.area / piece.length**2)


def test_counts_are_those_of_the_district() -> None:
    level = divisions()["级别"].value_counts()
    assert level.to_dict() == {"社区村": 223, "街道乡镇": 11, "旗县区": 1, "盟市": 1, "自治区": 1}
    assert len(grids()) == 1_220
    assert stations()["类别"].value_counts().to_dict() == {
        "党群服务中心": 137,
        "快递服务点": 23,
        "暖心驿站": 14,
        "快递驿站总站": 1,
    }
    assert table("staff.csv")["role"].value_counts().to_dict() == {"unit_head": 9_018, "grid_worker": 1_644}
    assert len(homes()) == 24_000


def test_codes_and_names_are_the_real_ones() -> None:
    codes = pd.read_parquet(BOUNDARIES / "inner-mongolia" / "codes.parquet").set_index("code")["name"]
    real = codes[codes.index.str.startswith("150105")]
    below = divisions()[divisions()["级别"].isin(["街道乡镇", "社区村"])]
    assert (below["名称"] == "模拟·" + real.loc[below.index]).all()
    assert set(below.index) == set(real.index)
    assert set(divisions()["上级代码"].dropna()) <= set(divisions().index)  # no orphan

    ids = grids()["网格编码"]
    assert ids.is_unique
    assert ids.str.fullmatch(r"\d{15}").all()
    assert (ids.str[:12] == grids()["所属社区"]).all()
    assert set(grids()["所属社区"]) == set(below.index[below.index.str.len() == 12])


def test_the_outline_is_the_real_one() -> None:
    real = gpd.read_parquet(BOUNDARIES / "inner-mongolia" / "divisions.parquet").set_index("adcode").to_crs(METRES)
    ours = divisions().geometry["150105"]
    assert real.geometry["150105"].symmetric_difference(ours).area < 100.0  # of 1,019 km²: corners rounded to 1 mm
    assert shapely.hausdorff_distance(real.geometry["150105"].boundary, ours.boundary) < 0.002


def test_each_level_tiles_the_one_above_and_is_in_one_piece() -> None:
    county = divisions().geometry["150105"]
    for level in ("街道乡镇", "社区村"):
        areas = divisions().loc[divisions()["级别"] == level, "geometry"]
        assert shapely.coverage_is_valid(areas.to_numpy())
        assert areas.area.sum() == pytest.approx(county.area, abs=1e-3)
        assert (areas.geom_type == "Polygon").all()
        assert shapely.coverage_union_all(areas.to_numpy()).equals(county)


def test_untouched_communities_are_tiled_to_the_square_millimetre() -> None:
    touched = {f["division_id"] for f in planted()["fault"]}
    clean = grids()[~grids()["所属社区"].isin(touched)]
    assert shapely.coverage_is_valid(clean.geometry.to_numpy())
    covered = clean.dissolve("所属社区", method="coverage").geometry
    whole = divisions().geometry.loc[covered.index].difference(lake())
    assert (whole.area - covered.area).abs().max() < 1e-3
    assert len(covered) == 223 - len(touched)


def test_the_ground_adds_up_with_the_planted_faults() -> None:
    signed = sum(f["area_m2"] * (1 if f["kind"] == "gap" else -1) for f in planted()["fault"])
    county = divisions().geometry["150105"].area
    assert grids().area.sum() + signed + lake().area == pytest.approx(county, abs=0.5)  # areas noted to 0.1 m²


def test_exactly_the_planted_faults_are_on_the_ground() -> None:
    noted = planted()["fault"]
    assert sorted(round(piece.area, 1) for piece in gaps()) == sorted(
        f["area_m2"] for f in noted if f["kind"] == "gap"
    )
    assert set(overlaps()) == {tuple(f["grid_ids"]) for f in noted if f["kind"] == "overlap"}
    spill = shapely.union_all(grids().geometry.to_numpy()).difference(divisions().geometry["150105"])
    assert spill.area == 0.0
    places = gpd.GeoSeries([shape(f).centroid for f in noted])
    assert all(places.drop(k).distance(place).min() > 1_000.0 for k, place in places.items())


@pytest.mark.parametrize("kind", ["gap", "overlap"])
def test_real_faults_are_broad_compact_and_inside_their_community(kind: str) -> None:
    noted = fault("real", kind)
    piece = shape(noted)
    own = grids().loc[grids()["所属社区"] == noted["division_id"], "geometry"].area
    assert width(piece) >= 20.0
    assert compactness(piece) > 0.25
    assert piece.area < 0.3 * min(own.median(), grids().area.median())
    assert piece.distance(divisions().geometry[noted["division_id"]].boundary) > 20.0


def test_the_sliver_is_one_to_five_metres_wide() -> None:
    assert 1.5 < width(shape(fault("sliver", "gap"))) < 4.0


def test_the_missing_corner_is_a_whole_grid_on_the_outline() -> None:
    noted = fault("missing_grid", "gap")
    piece = shape(noted)
    own = grids().loc[grids()["所属社区"] == noted["division_id"], "geometry"].area
    assert noted["missing_grid_id"] not in set(grids()["网格编码"])
    assert piece.area > 0.8 * max(own.median(), grids().area.median())
    assert piece.boundary.intersection(divisions().geometry["150105"].boundary).length > 100.0
    real = gpd.read_parquet(BOUNDARIES / "inner-mongolia" / "divisions.parquet").set_index("adcode").to_crs(METRES)
    turns = shapely.points(shapely.get_coordinates(real.geometry["150105"]))
    assert shapely.distance(piece, turns).min() < 0.01  # one of the outline's own corners


def test_the_duplicate_is_one_grid_under_two_ids() -> None:
    first, second = fault("duplicate", "overlap")["grid_ids"]
    by_id = grids().set_index("网格编码").geometry
    assert by_id[first].equals(by_id[second])


def test_grids_hold_the_households_of_their_buildings() -> None:
    skip = {*fault("real", "gap")["grid_ids"], *fault("real", "overlap")["grid_ids"]}
    skip |= {*fault("duplicate", "overlap")["grid_ids"], *fault("sliver", "gap")["grid_ids"]}
    some = grids()[~grids()["网格编码"].isin(skip)]
    inside = gpd.sjoin(homes(), some[["网格编码", "geometry"]], predicate="within")
    for ours, theirs in (("households", "户数"), ("people", "人口")):
        counted = inside.groupby("网格编码")[ours].sum()
        assert (some.set_index("网格编码")[theirs] == counted).all()
    town = grids()[grids()["类型"] == "城区"]
    assert 0.85 < town["户数"].between(300, 500).mean() < 1.0


def test_people_are_as_many_as_in_the_readme() -> None:
    assert homes()["people"].sum() == pytest.approx(750_000, rel=0.01)
    assert homes()["households"].sum() == pytest.approx(357_000, rel=0.01)
    assert homes().within(divisions().geometry["150105"]).all()


def test_staffing_is_as_noted() -> None:
    noted, given = planted()["staffing"], table("assignments.csv")
    active = given[given["valid_to"].isna()]
    served = active.loc[active["target_type"] == "grid", "target_id"]
    assert (~grids()["网格编码"].isin(served)).sum() == noted["vacant_grids"] == 20
    on = active[active["target_type"] == "grid"].groupby("staff_id")["target_id"].nunique()
    assert len(on) == noted["grid_workers"] == 1_644
    assert (on == 2).sum() == noted["workers_on_two_grids"]
    heads = active[active["target_type"] == "unit"]
    assert len(heads) == heads["staff_id"].nunique() == heads["target_id"].nunique() == 9_018
    assert set(given["staff_id"]) == set(table("staff.csv")["staff_id"])
    known = {*grids()["网格编码"], *table("units.csv", "gbk")["楼栋号"]}
    assert set(given["target_id"]) <= known


def junctions() -> tuple[Any, Any, int]:
    lines = streets().geometry.to_numpy()
    ends = [shapely.get_coordinates(shapely.get_point(lines, k)).round(2) for k in (0, -1)]
    _, index = np.unique(np.vstack(ends), axis=0, return_inverse=True)
    start, end = index.reshape(2, -1)
    return start, end, int(index.max()) + 1


def test_streets_are_one_network_that_meets_only_at_ends() -> None:
    start, end, count = junctions()
    links = coo_array((np.ones(len(start)), (start, end)), shape=(count, count))
    assert connected_components(links, directed=False)[0] == 1
    assert not (streets()["highway"] == "").any()
    lines = streets().geometry.to_numpy()
    left, _ = shapely.STRtree(lines).query(lines, predicate="crosses")
    assert len(left) == 0


def test_water_and_railway_are_crossed_on_few_bridges_only() -> None:
    barriers = gpd.read_file(HERE / "barriers.geojson").to_crs(METRES)
    assert sorted(barriers["kind"]) == ["railway", "river", "river"]
    for barrier in barriers.geometry:
        over = streets()[streets().intersects(barrier)]
        assert over["bridge"].all()
        inside = over[over.intersects(divisions().geometry["150105"])]
        assert 4 <= len(inside) <= 25
    bridges = streets()[streets()["bridge"]]
    assert (bridges["layer"] == 1).all()
    assert bridges.intersects(barriers.union_all()).all()


def test_hubs_and_hours_are_usable() -> None:
    hub = stations().loc[stations()["类别"] == "快递驿站总站", "编号"].item()
    spokes = stations()[stations()["类别"] == "快递服务点"]
    assert (spokes["中心站"] == hub).all()
    centres = stations()[stations()["类别"] == "党群服务中心"]
    assert centres["开放时间"].isin(SHUT_ON_WEDNESDAY_MORNING).sum() in range(3, 12)
    assert 1 <= centres["开放时间"].isna().sum() <= 6
    assert stations().within(divisions().geometry["150105"]).all()


def walked(points: Any) -> tuple[Any, Any, Any]:
    """Nearest street of each point: its number, the way to it, the way along it (metres)."""
    lines = streets().geometry.to_numpy()
    _, street = shapely.STRtree(lines).query_nearest(points, all_matches=False)
    return street, shapely.distance(points, lines[street]), shapely.line_locate_point(lines[street], points)


def test_a_ruler_flatters_the_fifteen_minutes() -> None:
    centres = stations()[stations()["类别"] == "党群服务中心"]
    centres = centres[~centres["开放时间"].isin(SHUT_ON_WEDNESDAY_MORNING)]
    start, end, count = junctions()
    length = streets().length.to_numpy()
    street, leg, along = walked(centres.geometry.to_numpy())
    source = np.full(2 * len(street), count)
    ways = pd.DataFrame(
        {
            "a": np.concatenate([start, end[street], start[street]]),
            "b": np.concatenate([end, source]),
            "m": np.concatenate([length, leg + length[street] - along, leg + along]),
        }
    )
    low, high = np.minimum(ways["a"], ways["b"]), np.maximum(ways["a"], ways["b"])
    best = ways.assign(a=low, b=high).groupby(["a", "b"])["m"].min().reset_index()
    graph = coo_array((best["m"], (best["a"], best["b"])), shape=(count + 1, count + 1)).tocsr()
    far = dijkstra(graph, directed=False, indices=count, limit=2 * WALK_M)
    street, leg, along = walked(homes().geometry.to_numpy())
    home_m = leg + np.minimum(far[start[street]] + along, far[end[street]] + length[street] - along)
    tree = shapely.STRtree(centres.geometry.to_numpy())
    _, ruler_m = tree.query_nearest(homes().geometry.to_numpy(), all_matches=False, return_distance=True)
    people = homes()["people"].to_numpy()
    on_foot = people[home_m <= WALK_M].sum() / people.sum()
    by_ruler = people[ruler_m <= WALK_M].sum() / people.sum()
    assert on_foot == pytest.approx(0.755, abs=0.01)  # the README says so
    assert by_ruler == pytest.approx(0.886, abs=0.01)


def test_everything_invented_says_so() -> None:
    assert (divisions()["synthetic"] == divisions()["级别"].isin(["街道乡镇", "社区村"])).all()
    assert grids()["synthetic"].all()
    assert grids()["网格名称"].str.startswith("模拟·").all()
    assert stations()["synthetic"].all()
    assert stations()["名称"].str.startswith("模拟·").all()
    assert stations()["编号"].str.startswith("synthetic_").all()
    assert table("staff.csv")["staff_id"].str.startswith("synthetic_").all()
    for name, encoding in (("staff.csv", "utf-8"), ("assignments.csv", "utf-8"), ("units.csv", "gbk")):
        assert (table(name, encoding)["synthetic"] == "True").all()
    for name in ("population", "streets", "background"):
        assert gpd.read_parquet(HERE / f"{name}.parquet")["synthetic"].all()
