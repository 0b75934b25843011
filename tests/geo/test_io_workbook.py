"""Workbooks, read back with two libraries that had no part in writing them."""

from __future__ import annotations

import io
from datetime import UTC, date, datetime
from typing import Any

import geopandas as gpd
import numpy as np
import openpyxl
import pandas as pd
import pytest
import shapely
from hypothesis import given, settings
from hypothesis import strategies as st
from python_calamine import CalamineWorkbook

from geo.errors import BadParameter
from geo.io import workbook as module
from geo.io.table_text import safe_csv
from geo.io.workbook import workbook
from geo.layer import Draw, Field, Layer, Title
from geo.words import Lang

REPORT: dict[str, Any] = {
    "title": {"zh": "小镇", "en": "Town"},
    "as_of": "2026-11-20",
    "time_zone": "Asia/Shanghai",
    "made_by": "gridwalk 0.1.0",
    "version": "0123",
    "notice": {"zh": "合成数据", "en": "Synthetic data"},
    "attribution": None,
    "tables": [
        {"title": {"zh": "街道", "en": "Streets"}, "source": "OpenStreetMap", "licence": "ODbL-1.0"},
        {"title": {"zh": "网格", "en": "Grids"}, "source": "", "licence": ""},
    ],
}
FIELDS = (
    Field("id", "string", Title("编号", "Id")),
    Field("state", "string", Title("状态", "State"), values={"ok": Title("好", "good")}),
    Field("people", "integer", Title("人口", "People"), unit="people", meaning=Title("常住", "Residents")),
    Field("covered", "number", Title("覆盖率", "Share covered"), unit="share"),
    Field("walk", "number", Title("步行", "Walk"), unit="minutes"),
    Field("yes", "boolean", Title("是否", "Yes")),
    Field("day", "date", Title("日期", "Day")),
    Field("time", "date-time", Title("时间", "Time")),
    Field("parts", "list", Title("部分", "Parts")),
)


def layer(draw: Draw = "point", *fields: Field) -> Layer:
    return Layer(
        "x", Title("表[1]", "Table"), Title("一行。", "One row."), (), fields or FIELDS, lambda *_: frame(), draw
    )


def frame() -> gpd.GeoDataFrame:
    """One row of everything, one of nothing that can be missing, one of a place but no other value."""
    return gpd.GeoDataFrame(
        {
            "id": ["0012", "150105001001017", "=b"],
            "state": ["ok", None, "odd"],
            "people": pd.array([1234, None, 0], dtype="Int64"),
            "covered": [0.5, np.nan, np.inf],
            "walk": [7.25, np.nan, 15.0],
            "yes": pd.array([True, None, False], dtype="boolean"),
            "day": [pd.Timestamp("2026-01-05"), pd.NaT, pd.Timestamp("1899-12-31")],
            "time": [pd.Timestamp("2026-01-05T20:00:30.7Z"), pd.NaT, pd.Timestamp("1850-01-01T00:00:00Z")],
            "parts": [["a", "b"], [], ["=c"]],
        },
        geometry=[shapely.Point(111.123456789, 40.5), None, shapely.Point()],
        crs=4326,
    )


def read(content: bytes, sheet: int = 0) -> list[list[Any]]:
    rows: list[list[Any]] = (
        CalamineWorkbook.from_filelike(io.BytesIO(content)).get_sheet_by_index(sheet).to_python()
    )
    return rows


def test_cells_are_what_they_are() -> None:
    heading, first, second, third = read(workbook(frame(), layer(), REPORT, "zh"))
    assert len(heading) == len(first) == 11
    assert first == [
        "0012",
        "好",
        1234.0,
        0.5,
        7.25,
        True,
        date(2026, 1, 5),
        datetime(2026, 1, 6, 4, 0, 30),  # noqa: DTZ001 (20:00:30 UTC is 04:00:30 in Shanghai; a cell has no zone)
        "a;b",
        111.1234568,
        40.5,
    ]
    assert second == ["150105001001017", *[""] * 10]
    assert third[:6] == ["=b", "odd", 0.0, "", 15.0, False]
    assert third[6] == "1899-12-31"  # before a spreadsheet's calendar begins, so text
    assert third[7].startswith("1850-01-01 08:")
    assert third[8:] == ["=c", "", ""]


@pytest.mark.parametrize(
    ("lang", "people", "when"),
    [
        ("zh", "人口（人）\nPeople (people)", "时间（Asia/Shanghai）\nTime (Asia/Shanghai)"),
        ("en", "People (people)\n人口（人）", "Time (Asia/Shanghai)\n时间（Asia/Shanghai）"),
    ],
)
def test_headings_have_both_languages_and_units(lang: Lang, people: str, when: str) -> None:
    heading = read(workbook(frame(), layer(), REPORT, lang))[0]
    assert (heading[2], heading[7]) == (people, when)
    covered = {"zh": "覆盖率\nShare covered", "en": "Share covered\n覆盖率"}
    assert heading[3] == covered[lang]  # shown in per cent


def test_nothing_is_a_formula_and_ids_stay_text_when_edited() -> None:
    sheet = openpyxl.load_workbook(io.BytesIO(workbook(frame(), layer(), REPORT, "zh"))).worksheets[0]
    assert {cell.data_type for row in sheet.iter_rows() for cell in row} <= {"s", "n", "b", "d"}
    assert [cell.number_format for cell in sheet["A"][1:]] == ["@", "@", "@"]
    assert [cell.quotePrefix for cell in sheet["A"][1:]] == [False, False, True]
    assert (sheet["D2"].number_format, sheet["C2"].number_format) == ("0.0%", "#,##0")
    assert sheet["E2"].number_format == "#,##0.00"


def test_the_sheet_is_ready_to_be_used_and_printed() -> None:
    sheet = openpyxl.load_workbook(io.BytesIO(workbook(frame(), layer(), REPORT, "zh"))).worksheets[0]
    assert sheet.title == "表 1"  # brackets may not be in a sheet's name
    assert sheet.freeze_panes == "B2"
    assert sheet.auto_filter.ref == "A1:K4"
    assert sheet.print_title_rows == "$1:$1"
    assert sheet.oddFooter.left.text == "合成数据"
    assert sheet.column_dimensions["A"].width > 15  # the longest id


def test_the_second_sheet_explains_the_table_and_each_column() -> None:
    rows = read(workbook(frame(), layer(), REPORT, "en"), 1)
    facts = {row[0]: row[1:3] for row in rows}
    assert facts["工作区 Workspace"] == ["小镇", "Town"]
    assert facts["数据日期 As of"][0] == "2026-11-20"
    assert facts["注意 Notice"] == ["合成数据", "Synthetic data"]
    assert facts["行数 Rows"][0] == "3"
    assert [row[2] for row in rows if row[0] == "来源与许可 Source and licence"] == [
        "Streets: OpenStreetMap; ODbL-1.0"
    ]
    assert "署名 Attribution" not in facts
    top = next(at for at, row in enumerate(rows) if row[0] == "列名 Column")
    assert [row[0] for row in rows[top + 1 :]] == [*(field.name for field in FIELDS), "lon", "lat"]
    assert rows[top + 3] == ["people", "人口（人）", "People (people)", "整数 whole number\n常住\nResidents", ""]
    assert rows[top + 2][4] == "ok = 好 / good"


def test_an_empty_table_has_its_headings() -> None:
    rows = read(workbook(frame().iloc[:0], layer(), REPORT, "zh"))
    assert len(rows) == 1
    assert rows[0][0] == "编号\nId"


def test_the_same_table_gives_the_same_bytes() -> None:
    assert workbook(frame(), layer(), REPORT, "zh") == workbook(frame(), layer(), REPORT, "zh")


def test_every_row_with_ground_can_be_found_by_its_longitude_and_latitude() -> None:
    assert safe_csv(frame(), layer()).decode("utf-8-sig").splitlines()[1].endswith(",111.1234568,40.5")
    bent = shapely.Polygon([(0, 0), (4, 0), (4, 4), (3, 4), (3, 1), (0, 1)])  # its middle is not on it
    shapes = [bent, None, shapely.LineString([(7, 7), (8, 8), (9, 9)])]
    made = frame().set_geometry(gpd.GeoSeries(shapes, crs=4326))
    for draw in ("area", "line"):
        heading, *rows = read(workbook(made, layer(draw), REPORT, "zh"))
        assert heading[-2:] == ["经度（°）\nLongitude (°)", "纬度（°）\nLatitude (°)"]
        assert bent.covers(shapely.Point(rows[0][-2:]))
        assert rows[1][-2:] == ["", ""]
        assert rows[2][-2:] == [8, 8]
    assert len(read(workbook(frame(), layer("none"), REPORT, "zh"))[0]) == len(FIELDS)


def test_rows_lead_to_their_place_on_a_board() -> None:
    board = "https://grids.example/town/boards/planner#theme=partition&pick=x:"
    sheet = openpyxl.load_workbook(io.BytesIO(workbook(frame(), layer(), REPORT, "zh", board))).worksheets[0]
    assert [cell.value for cell in sheet["L"]] == ["看图\nMap", "打开", "打开", "打开"]
    targets = [f"{cell.hyperlink.target}#{cell.hyperlink.location}" for cell in sheet["L"][1:]]
    assert targets == [board + id for id in ("0012", "150105001001017", "%3Db")]
    assert sheet.auto_filter.ref == "A1:K4"  # nobody sorts by it


def test_a_sheet_has_no_more_links_than_it_holds(monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setattr(module, "LINKS_MAX", 2)
    sheet = openpyxl.load_workbook(io.BytesIO(workbook(frame(), layer(), REPORT, "zh", "https://x/#"))).worksheets[
        0
    ]
    assert [cell.value for cell in sheet["L"][1:]] == ["打开", "打开", None]
    own = (FIELDS[0], Field("lon", "number", Title("经", "x")))
    given_own = frame().assign(lon=[1.0, 2.0, 3.0])
    lines = safe_csv(given_own, layer("point", *own)).decode("utf-8-sig").splitlines()
    assert lines[:2] == ["id,lon,lat", "0012\t,1.0,40.5"]


def test_more_rows_than_a_worksheet_are_refused(monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setattr(module, "ROWS_MAX", 2)
    with pytest.raises(BadParameter, match=r"x: 3 rows are more than a worksheet holds \(2\); ask for csv"):
        workbook(frame(), layer(), REPORT, "zh")
    assert len(read(workbook(frame().iloc[:2], layer(), REPORT, "zh"))) == 3


def test_what_a_cell_cannot_hold_is_cut_where_one_sees_it() -> None:
    def cell(text: str) -> str:
        one = gpd.GeoDataFrame({"id": [text]}, geometry=[None], crs=4326)
        return str(read(workbook(one, layer("none", FIELDS[0]), REPORT, "zh"))[1][0])

    assert cell("a" * 32_767) == "a" * 32_767
    assert cell("a" * 32_768) == "a" * 32_766 + "…"
    assert cell("🏠" * 16_384) == "🏠" * 16_383 + "…"  # each counts twice


PRINTED = st.characters(blacklist_categories=["Cs", "Cc"], blacklist_characters="_\ufffe\uffff")


@settings(max_examples=60, deadline=None)
@given(st.lists(st.text(PRINTED, min_size=1), min_size=1, max_size=5))
def test_text_comes_back_as_it_went_in(texts: list[str]) -> None:
    made = gpd.GeoDataFrame({"id": texts}, geometry=[None] * len(texts), crs=4326)
    content = workbook(made, layer("none", FIELDS[0]), REPORT, "zh")
    assert [row[0] for row in read(content)[1:]] == texts
    sheet = openpyxl.load_workbook(io.BytesIO(content)).worksheets[0]
    assert {cell.data_type for cell in sheet["A"]} == {"s"}


@settings(max_examples=60, deadline=None)
@given(st.text(min_size=1))
def test_any_text_makes_a_workbook_that_opens(text: str) -> None:
    text = text.encode("utf-8", "replace").decode()
    fields = (Field("id", "string", Title(text, text), meaning=Title(text, text)),)
    made = gpd.GeoDataFrame({"id": [text]}, geometry=[None], crs=4326)
    named = Layer("x", Title(text, text), Title(text, text), (), fields, lambda *_: made, "none")
    content = workbook(made, named, {**REPORT, "notice": {"zh": text, "en": text}}, "zh")
    assert len(CalamineWorkbook.from_filelike(io.BytesIO(content)).sheet_names) == 2
    assert openpyxl.load_workbook(io.BytesIO(content)).worksheets[0]["A2"].data_type == "s"


def test_times_without_a_zone_are_utc() -> None:
    fields = (FIELDS[0], FIELDS[7])
    stamp = datetime(2026, 1, 1, 12, tzinfo=UTC).replace(tzinfo=None)
    made = gpd.GeoDataFrame({"id": ["a"], "time": [stamp]}, geometry=[None], crs=4326)
    assert read(workbook(made, layer("none", *fields), REPORT, "zh"))[1][1] == stamp.replace(hour=20)
