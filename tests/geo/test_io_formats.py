"""The same four grids, written in every format and system, read equal."""

from __future__ import annotations

import zipfile
from collections.abc import Callable
from pathlib import Path

import geopandas as gpd
import numpy as np
import pandas as pd
import pytest
import shapely

from geo.crs import area_m2
from geo.io.importer import Reading
from tests.reading import codes, four_grids, manifest, read_here

Write = Callable[[gpd.GeoDataFrame, Path], str]


def gpkg(frame: gpd.GeoDataFrame, folder: Path) -> str:
    frame.to_file(folder / "g.gpkg", layer="网格")
    return 'file = "g.gpkg"\nlayer = "网格"'


def flatgeobuf(frame: gpd.GeoDataFrame, folder: Path) -> str:
    frame.to_file(folder / "g.fgb", driver="FlatGeobuf")
    return 'file = "g.fgb"'


def parquet(frame: gpd.GeoDataFrame, folder: Path) -> str:
    frame.to_parquet(folder / "g.parquet", write_covering_bbox=True)
    return 'file = "g.parquet"'


def geojson(frame: gpd.GeoDataFrame, folder: Path) -> str:
    (folder / "g.geojson").write_text(frame.to_json(drop_id=True, show_bbox=False), encoding="utf-8")
    return 'file = "g.geojson"' + ("" if frame.crs.is_geographic else f'\ncrs = "EPSG:{frame.crs.to_epsg()}"')


def shapefile_folder(frame: gpd.GeoDataFrame, folder: Path) -> str:
    (folder / "g").mkdir()
    frame.to_file(folder / "g" / "网格.shp", encoding="gbk")
    return 'file = "g"'


def shapefile_zip(frame: gpd.GeoDataFrame, folder: Path) -> str:
    shapefile_folder(frame, folder)
    with zipfile.ZipFile(folder / "g.zip", "w") as archive:
        for part in (folder / "g").iterdir():
            archive.write(part, f"inner/{part.stem}{part.suffix.upper()}")
    return 'file = "g.zip"'


def csv_with_wkt(frame: gpd.GeoDataFrame, folder: Path) -> str:
    plain = pd.DataFrame(frame.drop(columns="geometry")).assign(几何=frame.geometry.to_wkt(rounding_precision=12))
    plain.to_csv(folder / "g.csv", index=False, encoding="gbk")
    return f'file = "g.csv"\ncrs = "EPSG:{frame.crs.to_epsg()}"'


def xlsx_with_wkt(frame: gpd.GeoDataFrame, folder: Path) -> str:
    plain = pd.DataFrame(frame.drop(columns="geometry")).assign(WKT=frame.geometry.to_wkt(rounding_precision=12))
    plain["网格编码"] = plain["网格编码"].astype("int64")  # as a spreadsheet has it
    plain.to_excel(folder / "g.xlsx", sheet_name="网格", index=False)
    return f'file = "g.xlsx"\nsheet = "网格"\ncrs = "EPSG:{frame.crs.to_epsg()}"'


WRITERS = (gpkg, flatgeobuf, parquet, geojson, shapefile_folder, shapefile_zip, csv_with_wkt, xlsx_with_wkt)
SYSTEMS = ("EPSG:4326", "EPSG:4490", "EPSG:4546", "EPSG:4525", "EPSG:32649", "EPSG:3857")


def assert_the_four_grids(reading: Reading) -> None:
    assert codes(reading) == []
    grids = reading.tables["grids"].sort_values("grid_id", ignore_index=True)
    assert grids["grid_id"].tolist() == [f"15010500100100{i}" for i in range(1, 5)]
    assert grids["name"].tolist() == ["东一", "东二", "东三", "东四"]
    assert grids["division_id"].tolist() == ["150105001001"] * 4  # the first 12 digits
    assert grids["households"].tolist() == [10, 20, 30, 40]
    assert grids["people"].isna().all()
    assert grids.crs.to_epsg() == 4326
    expected = four_grids("EPSG:4326").geometry
    apart = shapely.hausdorff_distance(np.asarray(grids.geometry), np.asarray(expected))
    assert apart.max() < 1e-8  # 1 mm
    assert reading.files["grids"][0]["rows_used"] == 4


@pytest.mark.parametrize("write", WRITERS)
def test_every_format_reads_equal(tmp_path: Path, write: Write) -> None:
    assert_the_four_grids(read_here(manifest(tmp_path, f"[tables.grids]\n{write(four_grids(), tmp_path)}\n")))


@pytest.mark.parametrize("crs", SYSTEMS)
@pytest.mark.parametrize("write", [gpkg, geojson, csv_with_wkt])
def test_every_system_reads_equal(tmp_path: Path, crs: str, write: Write) -> None:
    entry = write(four_grids(crs), tmp_path)
    assert_the_four_grids(read_here(manifest(tmp_path, f"[tables.grids]\n{entry}\n")))


def test_a_point_in_columns_is_the_same_as_one_in_a_geopackage(tmp_path: Path) -> None:
    places = four_grids("EPSG:4326").set_geometry(four_grids().centroid.to_crs("EPSG:4326"))
    people = gpd.GeoDataFrame(
        {"编号": list("abcd"), "人口": [1, 2, 3, 4]}, geometry=places.geometry, crs="EPSG:4326"
    )
    people.to_file(tmp_path / "p.gpkg")
    flat = pd.DataFrame(people.drop(columns="geometry")).assign(经度=people.geometry.x, 纬度=people.geometry.y)
    flat.to_csv(tmp_path / "p.csv", index=False)
    made = read_here(manifest(tmp_path, '[tables.population]\nfile = "p.gpkg"\n'))
    other = read_here(manifest(tmp_path, '[tables.population]\nfile = "p.csv"\ndatum = "cgcs2000"\n'))
    assert made.tables["population"].equals(other.tables["population"])


def test_several_files_are_one_table_and_ids_stay_unique_across_them(tmp_path: Path) -> None:
    (tmp_path / "a.csv").write_text("工号,岗位\ns1,grid_worker\ns2,网格员\n")
    (tmp_path / "b.csv").write_text("staff_id,role\ns2,deputy\ns3,楼栋长\n")
    reading = read_here(manifest(tmp_path, '[[tables.staff]]\nfile = "a.csv"\n[[tables.staff]]\nfile = "b.csv"\n'))
    (fault,) = [fault for fault in reading.faults if fault.level == "error"]
    assert (fault.code, fault.file, fault.row, fault.values["id"]) == ("id_repeated", "b.csv", 2, "s2")
    assert reading.tables["staff"]["role"].tolist() == ["grid_worker", "grid_worker", "building_head"]
    assert reading.tables["staff"]["fte"].tolist() == [1.0, 1.0, 0.0]  # full-time roles are 1, others 0
    assert [fact["rows_used"] for fact in reading.files["staff"]] == [2, 1]


def test_t_junctions_of_projected_files_leave_no_gap(tmp_path: Path) -> None:
    """One cell of 10 km beside two of 5 km: in lon/lat the long edge would bend away from their corner."""
    east, north = 300_000.0, 4_500_000.0
    tall = shapely.box(east, north, east + 10_000, north + 10_000)
    low = shapely.box(east + 10_000, north, east + 20_000, north + 5_000)
    high = shapely.box(east + 10_000, north + 5_000, east + 20_000, north + 10_000)
    whole = shapely.box(east, north, east + 20_000, north + 10_000)
    ids = [f"15010500100100{i}" for i in range(3)]
    gpd.GeoDataFrame({"grid_id": ids}, geometry=[tall, low, high], crs=4546).to_file(tmp_path / "g.gpkg")
    gpd.GeoDataFrame({"代码": ["150105001001"], "名称": ["甲"]}, geometry=[whole], crs=4546).to_parquet(
        tmp_path / "d.parquet"
    )
    reading = read_here(
        manifest(tmp_path, '[tables.divisions]\nfile = "d.parquet"\n[tables.grids]\nfile = "g.gpkg"\n')
    )
    union = shapely.union_all(np.asarray(reading.tables["grids"].geometry))
    apart = shapely.symmetric_difference(union, reading.tables["divisions"].geometry[0])
    assert area_m2(np.array([apart]))[0] < 1.0
    assert shapely.get_num_interior_rings(union) == 0


def test_streets_may_be_nodes_and_edges(tmp_path: Path) -> None:
    (tmp_path / "n.csv").write_text("node_id,lon,lat\n1,111.0,40.0\n2,111.001,40.0\n3,111.001,40.001\n")
    (tmp_path / "e.csv").write_text("u,v,highway\n1,2,footway\n2,3,steps\n3,9,path\n")
    entries = '[[tables.streets]]\nfile = "n.csv"\ndatum = "wgs84"\n[[tables.streets]]\nfile = "e.csv"\n'
    reading = read_here(manifest(tmp_path, entries))
    assert codes(reading) == ["edge_without_node"]
    streets = reading.tables["streets"]
    assert streets["edge_id"].tolist() == ["1", "2"]
    assert streets.geometry[1].wkt == "LINESTRING (111.001 40, 111.001 40.001)"


GRAPHML = """<?xml version='1.0' encoding='utf-8'?>
<graphml xmlns="http://graphml.graphdrawing.org/xmlns">
<key id="d0" for="node" attr.name="x" attr.type="string"/>
<key id="d1" for="node" attr.name="y" attr.type="string"/>
<key id="d2" for="edge" attr.name="highway" attr.type="string"/>
<key id="d3" for="graph" attr.name="crs" attr.type="string"/>
<key id="d4" for="edge" attr.name="geometry" attr.type="string"/>
<graph edgedefault="directed"><data key="d3">epsg:4326</data>
<node id="1"><data key="d0">111.0</data><data key="d1">40.0</data></node>
<node id="2"><data key="d0">111.001</data><data key="d1">40.0</data></node>
<edge source="1" target="2"><data key="d2">['footway', 'path']</data></edge>
<edge source="2" target="1"><data key="d2">['footway', 'path']</data></edge>
<edge source="1" target="2"><data key="d2">motorway</data></edge>
<edge source="2" target="2"><data key="d2">path</data>
<data key="d4">LINESTRING (111.001 40, 111.002 40, 111.001 40)</data></edge>
</graph></graphml>"""


def test_graphml_is_read_without_motorways_and_reverses(tmp_path: Path) -> None:
    (tmp_path / "s.graphml").write_text(GRAPHML)
    streets = read_here(manifest(tmp_path, '[tables.streets]\nfile = "s.graphml"\n')).tables["streets"]
    assert streets[["u", "v", "highway"]].values.tolist() == [["1", "2", "footway"], ["2", "2", "path"]]
    assert streets.geometry[0].wkt == "LINESTRING (111 40, 111.001 40)"
