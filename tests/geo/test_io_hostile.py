"""Files made to do harm: they are refused, or their process is ended, and the other tables are read."""

from __future__ import annotations

import io
import json
import os
import sqlite3
import struct
import zipfile
from pathlib import Path
from typing import Any

import openpyxl
import orjson
import pytest
import shapely

from geo.io import process
from geo.io.importer import fingerprint, read_tables
from geo.io.limits import MIB, Limits
from geo.workspace import Workspace
from tests.reading import codes, collection, feature, four_grids, manifest, read_here, read_one

VRT = "<OGRVRTDataSource><OGRVRTLayer><SrcDataSource>{path}</SrcDataSource></OGRVRTLayer></OGRVRTDataSource>"


@pytest.mark.parametrize("name", ["g.geojson", "g.gpkg", "g.shp", "g.csv", "g.parquet", "g.json"])
def test_a_vrt_under_another_name_is_refused(tmp_path: Path, name: str) -> None:
    four_grids().to_file(tmp_path / "secret.gpkg")
    reading = read_one(tmp_path, "grids", VRT.format(path=tmp_path / "secret.gpkg"), name)
    assert codes(reading) == ["wrong_kind"]


def test_the_child_knows_three_drivers_and_no_other(tmp_path: Path) -> None:
    """A VRT inside a zip or beside a shapefile could otherwise be opened by what it contains."""
    events: list[dict[str, Any]] = []
    code = b'{"peek":[],"limits":{},"scratch":""}'
    ending = process.run_child(code, tmp_path, Limits(), [Path("x.gpkg")], events.append)
    assert ending.why == "done"
    environment = process._environment(tmp_path, [Path("x.gpkg")])
    assert not {"OGR_VRT", "WFS", "HTTP", "CSV", "GeoJSON"} - set(environment["GDAL_SKIP"].split(","))
    assert not process.GDAL_DRIVERS & set(environment["GDAL_SKIP"].split(","))
    assert not any(name for name in environment if "KEY" in name or "TOKEN" in name or "SECRET" in name)


@pytest.mark.parametrize("depth", [60_000, 900])
def test_deeply_nested_json(tmp_path: Path, depth: int) -> None:
    text = '{"type":"FeatureCollection","features":[{"type":"Feature","properties":{"grid_id":"1"},"geometry":'
    reading = read_one(tmp_path, "grids", f"{text}{'[' * depth}{']' * depth}}}]}}", "g.geojson")
    assert codes(reading) == (["json_depth"] if depth > 1000 else ["geometry_kind"])


def test_a_deep_geometry_collection_in_geojson(tmp_path: Path) -> None:
    geometry: dict[str, Any] = {"type": "Point", "coordinates": [111, 40]}
    for _ in range(200):
        geometry = {"type": "GeometryCollection", "geometries": [geometry]}
    document = json.dumps(collection(feature(geometry, grid_id="1")))
    assert codes(read_one(tmp_path, "grids", document, "g.geojson")) == ["geometry_kind"]


def test_deep_wkt_and_collections_are_no_places(tmp_path: Path) -> None:
    deep = "GEOMETRYCOLLECTION (" * 20_000 + "POINT (1 1)" + ")" * 20_000
    rows = f'grid_id,wkt\n150105001001001,"{deep}"\n150105001001002,"POLYGON {"(" * 20_000}"\n'
    reading = read_one(tmp_path, "grids", rows, more='datum = "wgs84"')
    assert codes(reading) == ["bad_wkt", "bad_wkt"]


def test_deep_wkb_in_parquet(tmp_path: Path) -> None:
    """A collection nested 20,000 deep crashes a process that gives it to GEOS."""
    deep = struct.pack("<BII", 1, 7, 1) * 20_000 + shapely.to_wkb(shapely.Point(1, 1))
    multi = struct.pack("<BII", 1, 4, 1) * 20_000 + shapely.to_wkb(shapely.Point(1, 1))
    huge = struct.pack("<BII", 1, 2, 0xFFFFFFFF)
    write_parquet(tmp_path / "g.parquet", [deep, multi, huge, shapely.to_wkb(shapely.box(111, 40, 111.1, 40.1))])
    reading = read_here(manifest(tmp_path, '[tables.grids]\nfile = "g.parquet"\n'))
    assert codes(reading) == ["geometry_kind", "geometry_kind", "geometry_truncated"]
    assert len(reading.tables["grids"]) == 1


def write_parquet(path: Path, shapes: list[bytes]) -> None:
    import pyarrow as pa
    import pyarrow.parquet as pq

    geo = {"version": "1.1.0", "primary_column": "geometry", "columns": {"geometry": {"encoding": "WKB"}}}
    ids = [f"15010500100100{i}" for i in range(len(shapes))]
    table = pa.table({"grid_id": ids, "geometry": shapes}).replace_schema_metadata({"geo": orjson.dumps(geo)})
    pq.write_table(table, path)


def test_repeated_json_keys(tmp_path: Path) -> None:
    twice = '{"type":"Feature","properties":{"grid_id":"1","grid_id":"2"},"geometry":null}'
    text = f'{{"type":"FeatureCollection","features":[{twice}]}}'
    assert codes(read_one(tmp_path, "grids", text, "g.geojson")) == ["json_duplicate_key"]


@pytest.mark.parametrize("name", ["../../etc/evil.shp", "/etc/evil.shp", "..\\evil.shp", "C:\\evil.shp"])
def test_an_archive_that_points_outside(tmp_path: Path, name: str) -> None:
    with zipfile.ZipFile(tmp_path / "g.zip", "w") as archive:
        archive.writestr(name, b"x")
    reading = read_here(manifest(tmp_path, '[tables.grids]\nfile = "g.zip"\n'))
    assert codes(reading) == ["archive_path"]


def bomb(size: int, name: str = "g.shp") -> bytes:
    packed = io.BytesIO()
    with zipfile.ZipFile(packed, "w", zipfile.ZIP_DEFLATED) as archive:
        archive.writestr(name, b"\0" * size)
    return packed.getvalue()


@pytest.mark.parametrize(("name", "inner"), [("g.zip", "g.shp"), ("g.xlsx", "xl/workbook.xml")])
def test_a_zip_bomb(tmp_path: Path, name: str, inner: str) -> None:
    reading = read_one(tmp_path, "grids", bomb(64 * MIB, inner), name)
    assert codes(reading) == ["archive_ratio"]


def test_an_archive_that_lies_about_its_size(tmp_path: Path) -> None:
    content = bytearray(bomb(6 * MIB))
    at = content.rindex(b"PK\x01\x02")
    content[at + 24 : at + 28] = struct.pack("<I", 1000)
    (tmp_path / "g.zip").write_bytes(bytes(content))
    reading = read_here(manifest(tmp_path, '[tables.grids]\nfile = "g.zip"\n'))
    assert codes(reading)[0] in ("archive_size", "broken_archive", "shapefile_part")
    assert not any(file.stat().st_size > MIB for file in (tmp_path / "scratch").rglob("*.shp"))


def test_too_many_entries_and_too_large(tmp_path: Path) -> None:
    with zipfile.ZipFile(tmp_path / "g.zip", "w") as archive:
        for i in range(30):
            archive.writestr(f"{i}.txt", os.urandom(100))
    workspace = manifest(tmp_path, '[tables.grids]\nfile = "g.zip"\n')
    assert codes(read_here(workspace, Limits(entries=20))) == ["archive_entries"]
    assert codes(read_here(workspace, Limits(expanded_bytes=1000))) == ["archive_size"]
    assert codes(read_here(workspace, Limits(file_bytes=1000))) == ["file_too_large"]


def test_limits_of_vertices_hold_before_geometry_is_built(tmp_path: Path) -> None:
    four_grids().to_file(tmp_path / "g.gpkg")
    workspace = manifest(tmp_path, '[tables.grids]\nfile = "g.gpkg"\n')
    assert codes(read_here(workspace, Limits(vertices_feature=4))) == ["too_many_vertices"] * 4
    assert codes(read_here(workspace, Limits(vertices_file=19))) == ["file_too_many_vertices"]
    assert codes(read_here(workspace, Limits(rows=3))) == ["too_many_rows"]
    assert codes(read_here(workspace, Limits(columns=2))) == ["too_many_columns"]


@pytest.mark.parametrize(
    "text",
    [
        '<?xml version="1.0"?><!DOCTYPE l [<!ENTITY a "aaaa"><!ENTITY b "&a;&a;&a;">]><graphml>&b;</graphml>',
        '<?xml version="1.0"?><!DOCTYPE l SYSTEM "file:///etc/passwd"><graphml></graphml>',
        "<graphml><graph>",
    ],
)
def test_xml_with_entities(tmp_path: Path, text: str) -> None:
    assert codes(read_one(tmp_path, "streets", text, "s.graphml")) == ["bad_xml"]


def test_a_geopackage_with_a_virtual_table(tmp_path: Path) -> None:
    four_grids().to_file(tmp_path / "g.gpkg", layer="grids")
    with sqlite3.connect(tmp_path / "g.gpkg") as base:
        base.execute("pragma writable_schema = on")
        sql = "CREATE VIRTUAL TABLE x USING VirtualOGR('/etc/passwd')"
        base.execute(
            "insert into sqlite_master (type, name, tbl_name, rootpage, sql) values ('table','x','x',0,?)", (sql,)
        )
    base.close()
    assert codes(read_here(manifest(tmp_path, '[tables.grids]\nfile = "g.gpkg"\n'))) == ["virtual_table"]


def test_control_characters_and_nul(tmp_path: Path) -> None:
    assert codes(read_one(tmp_path, "staff", "工号,岗位\ns\x07,网格员\n")) == ["control_character"]
    assert codes(read_one(tmp_path, "staff", "工号,岗位\ns\x001,网格员\n")) == ["wrong_kind"]
    assert codes(read_one(tmp_path, "staff", "工号,岗位\n" + "s1,网格员\n" * 2000 + "s\x002,网格员\n")) == [
        "not_text"
    ]


def test_people_are_not_read(tmp_path: Path) -> None:
    rows = "工号,岗位,姓名,备注,班次\ns1,网格员,张三,13800138000,早\ns2,网格员,李四,13900139000,晚\n"
    reading = read_one(tmp_path, "staff", rows)
    assert codes(reading) == []
    refused = [fault.values["heading"] for fault in reading.faults if fault.code == "private_heading"]
    assert refused == ["姓名", "备注"]  # the second by what it holds
    assert [name for name in reading.tables["staff"] if name.startswith("x_")] == ["x_班次"]
    assert codes(read_one(tmp_path, "staff", rows, more='columns = { staff_id = "姓名" }')) == ["private_declared"]
    assert codes(read_one(tmp_path, "staff", "工号,岗位\n13800138000,网格员\n")) == ["personal_id"]


# --- the child ---------------------------------------------------------------------------------------------------


def two_tables(folder: Path) -> Workspace:
    four_grids().to_file(folder / "g.gpkg")
    (folder / "s.csv").write_text("工号,岗位\ns1,网格员\n")
    return manifest(folder, '[tables.grids]\nfile = "g.gpkg"\n[tables.staff]\nfile = "s.csv"\n')


def test_the_child_reads_as_this_process_does(tmp_path: Path) -> None:
    workspace = two_tables(tmp_path)
    told: list[str] = []
    reading = read_tables(workspace, None, tmp_path / "out", progress=told.append)
    here = read_here(workspace)
    assert told == ["grids", "staff"]
    assert all(reading.tables[name].equals(here.tables[name]) for name in ("grids", "staff"))
    assert reading.faults == here.faults
    assert reading.files == here.files


SABOTAGE = """
import os
if os.environ["GDAL_SKIP"]:  # the child that opens the GeoPackage, not the next one
    import geo.io.formats.gdal as gdal
    def read_gdal(*_):
        {what}
    gdal.read_gdal = read_gdal
"""


@pytest.mark.parametrize(
    ("what", "code", "limits"),
    [
        ("import os; os.abort()", "import_failed", Limits()),
        ("raise RuntimeError('surprise')", "import_failed", Limits()),
        ("import time; time.sleep(60)", "import_slow", Limits(wall_s=3)),
        ("x = b'1' * (8 << 30)", "import_memory", Limits()),
        ("while True: pass", "import_slow", Limits(cpu_s=1)),
    ],
)
def test_a_child_that_dies_costs_one_table(
    tmp_path: Path, monkeypatch: pytest.MonkeyPatch, what: str, code: str, limits: Limits
) -> None:
    """The reader of GeoPackages is replaced in the child by one that misbehaves."""
    workspace = two_tables(tmp_path)
    (tmp_path / "evil").mkdir()
    (tmp_path / "evil" / "sitecustomize.py").write_text(
        "import importlib.abc, sys\n"
        "class Late(importlib.abc.MetaPathFinder):\n"
        "    def find_spec(self, name, path, target=None):\n"
        "        if name == 'geo.io.draft':\n"
        "            sys.meta_path.remove(self)\n"
        f"            exec({SABOTAGE.format(what=what)!r})\n"
        "sys.meta_path.insert(0, Late())\n"
    )
    usual = process._environment

    def environment(scratch: Path, files: list[Path]) -> dict[str, str]:
        made = usual(scratch, files)
        return {**made, "PYTHONPATH": os.pathsep.join((str(tmp_path / "evil"), made["PYTHONPATH"]))}

    monkeypatch.setattr(process, "_environment", environment)
    reading = read_tables(workspace, None, tmp_path / "out", limits=limits)
    (fault,) = [fault for fault in reading.faults if fault.level == "error"]
    assert (fault.code, fault.table, fault.file) == (code, "grids", "g.gpkg")
    assert list(reading.tables) == ["staff"]


def test_wanting_one_partition_table_reads_its_neighbours_beside(tmp_path: Path) -> None:
    workspace = two_tables(tmp_path)
    reading = read_tables(workspace, ["grids"], tmp_path / "out")
    assert list(reading.tables) == ["grids"]


def test_a_fingerprint_changes_with_what_is_read(tmp_path: Path) -> None:
    workspace = two_tables(tmp_path)
    before = {name: fingerprint(workspace, name) for name in ("grids", "staff")}
    assert before == {name: fingerprint(two_tables_again(tmp_path), name) for name in ("grids", "staff")}
    (tmp_path / "s.csv").write_text("工号,岗位\ns2,网格员\n")
    assert fingerprint(workspace, "grids") == before["grids"]
    assert fingerprint(workspace, "staff") != before["staff"]
    declared = manifest(
        tmp_path, '[tables.grids]\nfile = "g.gpkg"\ncrs = "EPSG:4546"\n[tables.staff]\nfile = "s.csv"\n'
    )
    assert fingerprint(declared, "grids") != before["grids"]


def two_tables_again(folder: Path) -> Workspace:
    return manifest(folder, '[tables.grids]\nfile = "g.gpkg"\n[tables.staff]\nfile = "s.csv"\n')


def test_a_spreadsheet_with_formulas_gives_text(tmp_path: Path) -> None:
    book = openpyxl.Workbook()
    book.active.append(["工号", "岗位", "x"])
    book.active.append(["s1", "网格员", "=cmd|'/c calc'!A0"])
    book.save(tmp_path / "s.xlsx")
    reading = read_here(manifest(tmp_path, '[tables.staff]\nfile = "s.xlsx"\n'))
    assert codes(reading) == []
    assert "=cmd" not in reading.tables["staff"].to_csv()
