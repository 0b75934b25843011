"""What people's files get wrong: each mistake is one clear fault, and the good rows come in all the same."""

from __future__ import annotations

import json
import zipfile
from pathlib import Path
from typing import Any

import geopandas as gpd
import numpy as np
import pandas as pd
import pytest
import shapely

from geo.errors import Fault
from geo.words import LANGS
from tests.reading import codes, collection, feature, four_grids, manifest, read_here, read_one

STATION = "编号,类别,经度,纬度,名称\n"
PLACE = 'datum = "wgs84"'


def only(faults: tuple[Fault, ...]) -> Fault:
    (fault,) = [fault for fault in faults if fault.level == "error"]
    for lang in LANGS:
        assert fault.problem(lang)
        assert fault.remedy(lang)
    return fault


def square(west: float, south: float = 40.0, size: float = 0.01) -> dict[str, Any]:
    return dict(shapely.box(west, south, west + size, south + size).__geo_interface__)


@pytest.mark.parametrize(
    "name", ["t.csv", "t.geojson", "t.gpkg", "t.parquet", "t.zip", "t.xlsx", "t.fgb", "t.osm.pbf"]
)
def test_an_empty_file(tmp_path: Path, name: str) -> None:
    reading = read_one(tmp_path, "streets", b"", name)
    assert only(reading.faults).code == "empty_file"
    assert reading.tables == {}


def test_a_table_with_headings_only_is_an_empty_table(tmp_path: Path) -> None:
    reading = read_one(tmp_path, "stations", STATION, more=PLACE)
    assert codes(reading) == []
    assert len(reading.tables["stations"]) == 0
    assert "opening_hours" in reading.tables["stations"]


def test_a_missing_column(tmp_path: Path) -> None:
    fault = only(read_one(tmp_path, "stations", "编号,经度,纬度\na,111,40\n", more=PLACE).faults)
    assert (fault.code, fault.column, fault.row, fault.file) == ("no_column", "category", None, "t.csv")
    assert "编号" not in fault.problem("zh")
    assert "station_id" in fault.remedy("en")


def test_a_declared_heading_that_is_not_there(tmp_path: Path) -> None:
    fault = only(
        read_one(tmp_path, "staff", "工号,岗位\na,网格员\n", more='columns = { division_id = "社区" }').faults
    )
    assert (fault.code, fault.column) == ("no_heading", "division_id")


def test_a_wrong_geometry_type(tmp_path: Path) -> None:
    point = feature({"type": "Point", "coordinates": [111, 40]}, grid_id="150105001001001")
    area = feature(square(111), grid_id="150105001001002")
    reading = read_one(tmp_path, "grids", collection(point, area), "t.geojson")
    fault = only(reading.faults)
    assert (fault.code, fault.row) == ("geometry_type", "150105001001001")
    assert reading.tables["grids"]["grid_id"].tolist() == ["150105001001002"]
    assert reading.rejected["grids"]["grid_id"].tolist() == ["150105001001001"]


@pytest.mark.parametrize("bad", ["NaN", "Infinity", "-Infinity", "1e999"])
def test_nan_or_infinite_coordinates_in_geojson_set_one_row_aside(tmp_path: Path, bad: str) -> None:
    good = feature(square(111), grid_id="150105001001001")
    broken = feature(square(112), grid_id="150105001001002")
    document = json.dumps(collection(broken, good)).replace("112.01", bad, 1)
    reading = read_one(tmp_path, "grids", document, "t.geojson")
    fault = only(reading.faults)
    assert (fault.code, fault.row) == ("coordinate_not_finite", "150105001001002")
    assert reading.tables["grids"]["grid_id"].tolist() == ["150105001001001"]


@pytest.mark.parametrize(
    ("lon", "lat", "code"),
    [
        ("nan", "40", "coordinate_not_finite"),
        ("inf", "40", "coordinate_not_finite"),
        ("east", "40", "bad_coordinate"),
        ("111", "", "half_a_point"),
        ("", "", "geometry_missing"),
        ("111°70′", "40", "bad_coordinate"),
        ("200", "40", "out_of_range"),
    ],
)
def test_a_place_that_is_none(tmp_path: Path, lon: str, lat: str, code: str) -> None:
    rows = f"{STATION}a,warm,{lon},{lat},甲\nb,warm,111,40,乙\nc,warm,111,40,丙\n"
    reading = read_one(tmp_path, "stations", rows, more=PLACE)
    fault = only(reading.faults)
    assert (fault.code, fault.row) == (code, "a")
    assert reading.tables["stations"]["station_id"].tolist() == ["b", "c"]


def test_swapped_longitude_and_latitude(tmp_path: Path) -> None:
    reading = read_one(tmp_path, "stations", f"{STATION}a,warm,40.8,111.7,甲\nb,warm,40.9,111.8,乙\n", more=PLACE)
    assert only(reading.faults).code == "swapped"
    assert reading.tables == {}


def test_repeated_ids_keep_the_first(tmp_path: Path) -> None:
    rows = f"{STATION}a,warm,111,40,甲\nb,warm,111,40,乙\na,energy,112,41,丙\n"
    reading = read_one(tmp_path, "stations", rows, more=PLACE)
    fault = only(reading.faults)
    assert (fault.code, fault.row, fault.values["id"]) == ("id_repeated", 4, "a")  # line 4 of the file
    assert reading.tables["stations"]["category"].tolist() == ["warm", "warm"]
    aside = reading.rejected["stations"]
    assert aside["name"].tolist() == ["丙"]
    assert "重复" in aside["problem_zh"][0]


def test_invalid_polygons_are_set_aside_with_the_place(tmp_path: Path) -> None:
    bow_tie = {
        "type": "Polygon",
        "coordinates": [[[111, 40], [111.01, 40.01], [111.01, 40], [111, 40.01], [111, 40]]],
    }
    features = collection(
        feature(bow_tie, grid_id="150105001001001"), feature(square(111), grid_id="150105001001002")
    )
    reading = read_one(tmp_path, "grids", features, "t.geojson")
    fault = only(reading.faults)
    assert (fault.code, fault.row) == ("geometry_invalid", "150105001001001")
    assert "111.005" in fault.problem("en")
    assert "自相交" in fault.problem("zh")
    assert fault.record()["at"] == [111.005, 40.005]  # where the two edges cross
    assert len(reading.tables["grids"]) == 1


def test_where_a_projected_polygon_is_invalid_is_told_in_degrees(tmp_path: Path) -> None:
    crossing = shapely.Polygon([[111, 40], [111.01, 40.01], [111.01, 40], [111, 40.01], [111, 40]])
    good = shapely.geometry.shape(square(111.02))
    given = {"grid_id": ["150105001001001", "150105001001002"]}
    gpd.GeoDataFrame(given, geometry=[crossing, good], crs="EPSG:4490").to_crs("EPSG:4546").to_file(
        tmp_path / "projected.gpkg"
    )
    fault = only(read_one(tmp_path, "grids", (tmp_path / "projected.gpkg").read_bytes(), "t.gpkg").faults)
    assert "111.005" not in fault.problem("en")  # the file's own metres
    assert fault.record()["at"] == pytest.approx([111.005, 40.005], abs=2e-6)


def test_an_unclosed_ring_sets_one_row_aside(tmp_path: Path) -> None:
    unclosed = {"type": "Polygon", "coordinates": [[[111, 40], [111.01, 40], [111.01, 40.01], [111, 40.01]]]}
    features = collection(
        feature(unclosed, grid_id="150105001001001"), feature(square(111), grid_id="150105001001002")
    )
    reading = read_one(tmp_path, "grids", features, "t.geojson")
    assert only(reading.faults).code == "geometry_ring"
    assert len(reading.tables["grids"]) == 1


@pytest.mark.parametrize("encoding", ["gbk", "gb18030", "utf-8", "utf-8-sig", "utf-16"])
def test_text_in_any_usual_encoding(tmp_path: Path, encoding: str) -> None:
    content = f"{STATION}a,暖心驿站,111,40,额尔敦街驿站\n".encode(encoding)
    reading = read_one(tmp_path, "stations", content, more=PLACE)
    assert codes(reading) == []
    assert reading.tables["stations"][["name", "category"]].values.tolist() == [["额尔敦街驿站", "warm"]]
    assert ("encoding_used" in codes(reading, "info")) == (not encoding.startswith("utf-8"))


def test_text_in_no_encoding(tmp_path: Path) -> None:
    content = STATION.encode("gbk") + b"a,\xff\xff\xff,111,40,x\n"
    assert only(read_one(tmp_path, "stations", content, more=PLACE).faults).code == "undecodable"


@pytest.mark.parametrize(("cpg", "told_by"), [("936", ".cpg"), ("", "content")])
def test_a_gbk_shapefile_with_cut_headings(tmp_path: Path, cpg: str, told_by: str) -> None:
    frame = (
        four_grids().rename(columns={"网格编码": "网格编码", "户数": "户数"}).assign(所属社区代码="150105001001")
    )
    frame.to_file(tmp_path / "g.shp", encoding="gbk")
    (tmp_path / "g.cpg").unlink()
    if cpg:
        (tmp_path / "g.cpg").write_text(cpg)
    reading = read_here(manifest(tmp_path, '[tables.grids]\nfile = "g.shp"\n'))
    assert codes(reading) == []
    assert reading.tables["grids"]["name"].tolist() == ["东一", "东二", "东三", "东四"]
    assert reading.tables["grids"]["division_id"].tolist() == ["150105001001"] * 4  # heading cut to 所属社区代
    (note,) = [fault for fault in reading.faults if fault.code == "encoding_used"]
    assert (note.values["encoding"], note.values["reason"]) == ("gb18030", told_by)


def test_a_shapefile_without_prj_names_the_line_to_write(tmp_path: Path) -> None:
    four_grids("EPSG:4525").to_file(tmp_path / "g.shp", encoding="utf-8")
    (tmp_path / "g.prj").unlink()
    fault = only(read_here(manifest(tmp_path, '[tables.grids]\nfile = "g.shp"\n')).faults)
    assert (fault.code, fault.file) == ("crs_missing", "g.shp")
    assert 'crs = "EPSG:4525"' in fault.remedy("zh")  # the zone number in front of the eastings tells
    assert "[tables.grids]" in fault.remedy("en")
    declared = read_here(manifest(tmp_path, '[tables.grids]\nfile = "g.shp"\ncrs = "EPSG:4525"\n'))
    assert codes(declared) == []


def test_a_file_and_a_manifest_that_disagree_about_the_system(tmp_path: Path) -> None:
    four_grids("EPSG:4546").to_file(tmp_path / "g.gpkg")
    fault = only(read_here(manifest(tmp_path, '[tables.grids]\nfile = "g.gpkg"\ncrs = "EPSG:4547"\n')).faults)
    assert fault.code == "crs_conflict"
    assert "EPSG:4546" in fault.problem("en")


def test_files_in_different_systems_are_one_table(tmp_path: Path) -> None:
    four_grids("EPSG:4546").iloc[:2].to_file(tmp_path / "a.gpkg")
    four_grids("EPSG:4490").iloc[2:].to_file(tmp_path / "b.gpkg")
    reading = read_here(
        manifest(tmp_path, '[[tables.grids]]\nfile = "a.gpkg"\n[[tables.grids]]\nfile = "b.gpkg"\n')
    )
    assert codes(reading) == []
    assert len(reading.tables["grids"]) == 4
    assert [fact["crs"] for fact in reading.files["grids"]] == ["EPSG:4546", "EPSG:4490"]


@pytest.mark.parametrize("share", [0.3, 0.6, 0.95])
@pytest.mark.parametrize("name", ["t.gpkg", "t.parquet", "t.zip", "t.xlsx", "t.fgb"])
def test_a_truncated_file(tmp_path: Path, name: str, share: float) -> None:
    frame = four_grids()
    frame = pd.concat([frame] * 50, ignore_index=True).assign(网格编码=[f"1501050010{i:05d}" for i in range(200)])
    whole = tmp_path / f"whole{Path(name).suffix}"
    if name.endswith("parquet"):
        frame.to_parquet(whole)
    elif name.endswith("xlsx"):
        pd.DataFrame(frame.drop(columns="geometry")).to_excel(whole, index=False)
    elif name.endswith("zip"):
        frame.to_file(tmp_path / "g.shp")
        with zipfile.ZipFile(whole, "w") as archive:
            for part in tmp_path.glob("g.*"):
                archive.write(part, part.name)
    else:
        gpd.GeoDataFrame(frame, crs=4546).to_file(whole)
    content = whole.read_bytes()
    reading = read_one(tmp_path, "grids", content[: int(len(content) * share)], name)
    assert codes(reading)
    used = sum(fact.get("rows_used", 0) for fact in reading.files["grids"])
    assert used < 200


def test_a_ring_round_the_globe(tmp_path: Path) -> None:
    wide = {"type": "Polygon", "coordinates": [[[-170, 40], [170, 40], [170, 41], [-170, 41], [-170, 40]]]}
    assert codes(read_one(tmp_path, "grids", collection(feature(wide, grid_id="1")), "t.geojson")) == [
        "round_the_globe"
    ]


def test_forty_mistakes_are_forty_faults(tmp_path: Path) -> None:
    rows = "".join(f"s{i},{'队长' if i % 2 else 'grid_worker'},{'' if i % 4 else 3}\n" for i in range(40))
    reading = read_one(tmp_path, "staff", f"工号,岗位,fte\n{rows}")
    assert sorted(codes(reading)) == ["too_large"] * 10 + ["unknown_value"] * 20
    assert len(reading.tables["staff"]) == 10
    assert len(reading.rejected["staff"]) == 30


@pytest.mark.parametrize(
    ("households", "code"), [("十", "bad_cell"), ("1.5", "not_whole"), ("-1", "too_small"), ("inf", "not_finite")]
)
def test_a_count_that_is_none(tmp_path: Path, households: str, code: str) -> None:
    text = f'unit_id,kind,户数\nu1,building,{households}\nu2,building,\nu3,building,"1,220"\n'
    reading = read_one(tmp_path, "units", text)
    fault = only(reading.faults)
    assert (fault.code, fault.row, fault.column) == (code, "u1", "households")
    assert reading.tables["units"]["households"].isna().tolist() == [True, False]
    assert reading.tables["units"]["households"][1] == 1220


def test_a_row_with_a_cell_too_many(tmp_path: Path) -> None:
    reading = read_one(tmp_path, "staff", "工号,岗位\ns1,网格员\n\ns2,网格,员\n")
    assert sorted(codes(reading)) == ["too_many_cells", "unknown_value"]
    assert reading.rejected["staff"]["row"].tolist() == ["4"]  # the empty line counts: it is there in the file


def test_repeated_headings(tmp_path: Path) -> None:
    assert only(read_one(tmp_path, "staff", "工号,岗位,工号\ns1,网格员,s2\n").faults).code == "heading_repeated"


def test_infinite_and_empty_geometry_in_a_geopackage(tmp_path: Path) -> None:
    frame = four_grids("EPSG:4326")
    shapes = np.array(frame.geometry, dtype=object)
    shapes[0] = shapely.Polygon()
    shapes[1] = None
    frame.set_geometry(gpd.GeoSeries(shapes, crs=4326)).to_file(tmp_path / "g.gpkg")
    reading = read_here(manifest(tmp_path, '[tables.grids]\nfile = "g.gpkg"\n'))
    assert sorted(codes(reading)) == ["geometry_empty", "geometry_missing"]
    assert len(reading.tables["grids"]) == 2
