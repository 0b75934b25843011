"""What leaves: GeoJSON, spreadsheets, templates, samples, and the manifest that init guesses."""

from __future__ import annotations

import csv
import io
from pathlib import Path

import geopandas as gpd
import numpy as np
import openpyxl
import orjson
import pandas as pd
import pytest
import shapely
from hypothesis import given
from hypothesis import strategies as st

from geo.errors import DataFault
from geo.io.geojson import feature_collection, features
from geo.io.guess import init_workspace
from geo.io.samples import copy_sample, samples
from geo.io.table_text import safe_cell, safe_csv
from geo.io.templates import BY_HAND, write_templates
from geo.layer import Field, Layer, Title
from geo.tables import TABLES
from geo.workspace import open_workspace
from tests.reading import codes, four_grids, read_here

T = Title("甲", "A")


def layer() -> Layer:
    fields = (
        Field("id", "string", Title("编号", "Id")),
        Field("state", "string", T, values={"ok": Title("好", "good")}),
        Field("count", "integer", T),
        Field("share", "number", T),
        Field("yes", "boolean", T),
        Field("day", "date", T),
        Field("time", "date-time", T),
        Field("parts", "list", T),
    )
    return Layer("x", T, T, (), fields, lambda *_: frame(), "area")


def frame() -> gpd.GeoDataFrame:
    return gpd.GeoDataFrame(
        {
            "id": ["0012", "=b</script>"],
            "state": ["ok", None],
            "count": pd.array([3, None], dtype="Int64"),
            "share": [0.5, np.nan],
            "yes": pd.array([True, None], dtype="boolean"),
            "day": pd.to_datetime(["2026-01-05", None]),
            "time": pd.to_datetime(["2026-01-05T08:00+08:00", None], utc=True),
            "parts": [["a", "b"], []],
        },
        geometry=[shapely.box(111, 40, 111.123456789, 40.5), None],
        crs=4326,
    )


def test_features_are_plain_values() -> None:
    first, second = (orjson.loads(part) for part in features(frame(), layer()))
    assert first["id"] == "0012"
    assert first["properties"] == {
        "id": "0012",
        "state": "ok",
        "count": 3,
        "share": 0.5,
        "yes": True,
        "day": "2026-01-05",
        "time": "2026-01-05T00:00:00Z",
        "parts": ["a", "b"],
    }
    assert [111.1234568, 40.0] in first["geometry"]["coordinates"][0]
    assert shapely.is_ccw(shapely.LinearRing(first["geometry"]["coordinates"][0]))
    assert second["geometry"] is None
    assert [second["properties"][name] for name in ("state", "count", "share", "yes", "day", "time")] == [None] * 6
    assert second["properties"]["parts"] == []


def test_codes_become_words_in_a_language() -> None:
    assert orjson.loads(features(frame(), layer(), "zh")[0])["properties"]["state"] == "好"


def test_a_collection_is_valid_and_keeps_its_members() -> None:
    made = orjson.loads(feature_collection(features(frame(), layer()), numberReturned=2))
    assert made["type"] == "FeatureCollection"
    assert made["numberReturned"] == 2
    assert len(made["features"]) == 2
    assert orjson.loads(feature_collection([]))["features"] == []


def test_a_spreadsheet_export_is_harmless() -> None:
    content = safe_csv(frame(), layer())
    assert content.startswith(b"\xef\xbb\xbf")
    rows = list(csv.reader(io.StringIO(content.decode("utf-8-sig"))))
    assert rows[0] == ["id", "state", "count", "share", "yes", "day", "time", "parts", "lon", "lat"]
    assert rows[1][:8] == [
        "0012\t",
        "ok",
        "3",
        "0.5",
        "true",
        "2026-01-05",
        "2026-01-05T00:00:00Z",
        "a;b",
    ]
    assert rows[2] == ["'=b</script>", *[""] * 9]


@given(st.text())
def test_no_cell_begins_a_formula(text: str) -> None:
    assert not safe_cell(text).startswith(("=", "+", "-", "@", "\t", "\r"))


def test_templates_read_back_when_filled_in(tmp_path: Path) -> None:
    written = write_templates(tmp_path)
    assert [file.stem for file in written] == BY_HAND
    book = openpyxl.load_workbook(tmp_path / "stations.xlsx")
    sheet = book[TABLES["stations"].title_zh]
    headings = [cell.value for cell in sheet[1]]
    row = {"编号": "0012", "类别": "暖心驿站", "名称": "甲", "设施": "饮水；充电", "经度": 111.7, "纬度": 40.8}
    sheet.append([row.get(str(heading)) for heading in headings])
    book.save(tmp_path / "stations.xlsx")
    head = 'schema = 1\nid = "w"\ntitle = { zh = "甲", en = "A" }\n'
    (tmp_path / "workspace.toml").write_text(f'{head}[tables.stations]\nfile = "stations.xlsx"\ndatum = "wgs84"\n')
    reading = read_here(open_workspace(tmp_path))
    assert codes(reading) == []
    station = reading.tables["stations"].iloc[0]
    assert (station["station_id"], station["category"], station["amenities"]) == ("0012", "warm", ["饮水", "充电"])


def test_every_template_has_a_heading_for_every_column_and_words_for_codes(tmp_path: Path) -> None:
    write_templates(tmp_path)
    for name in BY_HAND:
        book = openpyxl.load_workbook(tmp_path / f"{name}.xlsx")
        blank, notes = book.worksheets
        headings = [cell.value for cell in blank[1]]
        assert len(set(headings)) == len(headings), name
        listed = [row[1].value for row in notes.iter_rows(min_row=2) if row[1].value]
        assert listed == [c.name for c in TABLES[name].columns if c.name != "synthetic" and c.dtype != "wkb"]


def test_init_guesses_a_workspace_that_reads(tmp_path: Path) -> None:
    mine, folder = tmp_path / "mine", tmp_path / "社区 工作"
    mine.mkdir()
    four_grids().to_file(mine / "a.gpkg", layer="网格")
    four_grids("EPSG:4525").to_file(mine / "b.shp", encoding="gbk")
    (mine / "b.prj").unlink()
    text = '编号,人口,经度,纬度,联系电话,备"注\nh1,3,111.0,40.8,1,x\n'
    (mine / "户.csv").write_text(text, encoding="gbk")
    (mine / "s.csv").write_text("工号,岗位\ns1,网格员\ns2,看门人\n")
    (mine / "other.csv").write_text("foo,bar\n1,2\n")
    (mine / "broken.gpkg").write_bytes(b"SQLite format 3\0" + b"x" * 200)
    files = [mine / name for name in ("a.gpkg", "b.shp", "户.csv", "s.csv", "other.csv", "broken.gpkg")]
    text = init_workspace(folder, files).read_text(encoding="utf-8")
    assert 'datum = "wgs84"' in text
    assert 'crs = "EPSG:4525"' in text
    assert 'encoding = "gb18030"' in text
    assert 'grid_id = "网格编码"' in text
    assert '"看门人" = "…"' in text
    assert "foo, bar" in text
    assert "broken.gpkg" in text
    opened = open_workspace(folder)
    assert set(opened.sources) == {"grids", "population", "staff"}
    assert len(opened.sources["grids"]) == 2
    reading = read_here(opened)
    assert set(codes(reading)) == {"id_repeated", "unknown_value"}  # the grids came twice
    with pytest.raises(DataFault):
        init_workspace(folder, files)


def test_a_heading_cannot_write_into_the_manifest(tmp_path: Path) -> None:
    (tmp_path / "s.csv").write_text('工号,岗位,"x\nid = ""evil"""\ns1,网格员,1\n')
    text = init_workspace(tmp_path / "w", [tmp_path / "s.csv"]).read_text(encoding="utf-8")
    assert open_workspace(tmp_path / "w").id == "w"
    assert not any(line.startswith("id") and "evil" in line for line in text.splitlines())


def test_samples_are_listed_and_copied(tmp_path: Path) -> None:
    assert {"chayouzhong", "inner-mongolia", "porto-alegre", "saihan"} <= set(samples())
    copied = copy_sample("saihan", tmp_path / "s")
    assert open_workspace(copied).id == "saihan"
    for name, folder in (("nowhere", tmp_path / "n"), ("saihan", tmp_path / "s")):
        with pytest.raises(DataFault):
            copy_sample(name, folder)
