"""Cells, codes and defaults: what is mended is said, what cannot be understood is a fault."""

from __future__ import annotations

from pathlib import Path

import openpyxl
import pandas as pd
import pytest

from tests.reading import codes, manifest, read_here, read_one


def test_ids_that_a_spreadsheet_made_numbers_are_mended(tmp_path: Path) -> None:
    book = openpyxl.Workbook()
    for row in (
        ["楼栋号", "类型", "网格编码", "户数"],
        [150105001001.0, "楼栋", "150105001001001.0", 12.0],
        ["0012", "单元", None, None],
    ):
        book.active.append(row)
    book.save(tmp_path / "u.xlsx")
    reading = read_here(manifest(tmp_path, '[tables.units]\nfile = "u.xlsx"\n'))
    assert codes(reading) == []
    units = reading.tables["units"]
    assert units["unit_id"].tolist() == ["150105001001", "0012"]
    assert units["grid_id"].tolist()[:1] == ["150105001001001"]
    assert units["kind"].tolist() == ["building", "unit"]
    assert units["households"].tolist() == [12, pd.NA]
    assert {fault.column: fault.values["count"] for fault in reading.faults if fault.code == "ids_mended"} == {
        "unit_id": 1,
        "grid_id": 1,
    }


@pytest.mark.parametrize("text", ["1.50105E+11", "1.5e14"])
def test_an_id_that_lost_digits_is_an_error(tmp_path: Path, text: str) -> None:
    assert codes(read_one(tmp_path, "staff", f"工号,岗位\n{text},网格员\n")) == ["id_rounded"]


def test_divisions_in_every_form_of_code(tmp_path: Path) -> None:
    rows = "代码,名称\n150000,区\n150100,市\n156150105,旗\n150105001000,街道\n150105001001,社区\n15,重复\n"
    reading = read_one(tmp_path, "divisions", rows)
    assert codes(reading) == ["id_repeated"]  # 150000 and 15 are one place
    divisions = reading.tables["divisions"]
    assert divisions["division_id"].tolist() == ["15", "1501", "150105", "150105001", "150105001001"]
    assert divisions["level"].tolist() == ["region", "league", "county", "township", "community"]
    assert divisions["parent_id"].tolist()[1:] == ["15", "1501", "150105", "150105001"]
    assert pd.isna(divisions["parent_id"][0])
    assert divisions.geometry.isna().all()


def test_a_parent_is_the_nearest_place_that_is_there(tmp_path: Path) -> None:
    divisions = read_one(tmp_path, "divisions", "代码,名称\n150105,区\n150105001001,社区\n").tables["divisions"]
    assert divisions["parent_id"].tolist()[1] == "150105"  # its township is not in the table
    assert pd.isna(divisions["parent_id"][0])


def test_a_code_of_an_odd_length(tmp_path: Path) -> None:
    reading = read_one(tmp_path, "divisions", "代码,名称,级别\n1501051,甲,\npol-1,乙,派出所\n15010,丙,community\n")
    assert sorted(codes(reading)) == ["code_length", "unknown_value", "value_missing"]


def test_values_are_mapped_by_the_manifest_first(tmp_path: Path) -> None:
    rows = "编号,类别,经度,纬度\na,党群服务中心,111,40\nb,驿站,111,40\n"
    more = 'datum = "wgs84"\nvalues.category = { "驿站" = "energy" }'
    assert read_one(tmp_path, "stations", rows, more=more).tables["stations"]["category"].tolist() == [
        "service_centre",
        "energy",
    ]


@pytest.mark.parametrize(
    ("text", "expected"),
    [
        ("2026-01-05", "2026-01-05"),
        ("2026/1/5", "2026-01-05"),
        ("2026年1月5日", "2026-01-05"),
        ("20260105", "2026-01-05"),
    ],
)
def test_dates(tmp_path: Path, text: str, expected: str) -> None:
    rows = f"staff_id,target_type,责任网格,起始日期\ns1,grid,150105001001001,{text}\n"
    made = read_one(tmp_path, "assignments", rows).tables["assignments"]
    assert made["valid_from"].tolist() == [pd.Timestamp(expected)]


def test_a_time_without_a_zone_is_in_the_workspaces(tmp_path: Path) -> None:
    rows = (
        "patrol_id,evidence,开始时间,结束时间\n"
        "p1,填报,2026-01-05 08:10,2026-01-05T12:40:00+08:00\n"
        "p2,gps,2026/01/05 09:00:00,2026-01-05 08:00\n"
    )
    reading = read_one(tmp_path, "patrols", rows)
    assert codes(reading) == ["end_before_start"]
    patrol = reading.tables["patrols"].iloc[0]
    assert patrol["start_time"] == pd.Timestamp("2026-01-05T00:10Z")
    assert patrol["end_time"] == pd.Timestamp("2026-01-05T04:40Z")
    assert patrol["evidence"] == "declared"


def test_lists_and_yes_and_no(tmp_path: Path) -> None:
    rows = (
        "编号,类别,经度,纬度,设施,合成\n"
        "a,warm,111,40,饮水；微波炉;饮水、充电,是\nb,warm,111,40,,否\nc,warm,111,40,,或许\n"
    )
    reading = read_one(tmp_path, "stations", rows, more='datum = "wgs84"')
    assert codes(reading) == ["bad_cell"]
    stations = reading.tables["stations"]
    assert stations["amenities"].tolist() == [["饮水", "微波炉", "充电"], []]
    assert stations["synthetic"].tolist() == [True, False]


def test_assignments_take_their_target_from_the_heading_and_hash_their_id(tmp_path: Path) -> None:
    reading = read_one(
        tmp_path, "assignments", "人员编号,责任网格\ns1,150105001001001\ns1,150105001001002\ns1,150105001001001\n"
    )
    assert codes(reading) == ["id_repeated"]  # the very same row twice
    made = reading.tables["assignments"]
    assert made["target_type"].tolist() == ["grid", "grid"]
    assert made["assignment_id"].is_unique


def test_an_interval_needs_its_ends(tmp_path: Path) -> None:
    rows = (
        "staff_id,target_type,target_id,border_id,start_m,end_m\n"
        "s1,interval,,b,0,100\ns1,interval,,,0,\ns1,grid,,,,\n"
    )
    reading = read_one(tmp_path, "assignments", rows)
    assert sorted((fault.code, fault.column) for fault in reading.faults if fault.level == "error") == [
        ("interval_needs", "border_id"),
        ("interval_needs", "end_m"),
        ("value_missing", "target_id"),
    ]


def test_a_segment_says_in_exactly_one_way_where_it_runs(tmp_path: Path) -> None:
    rows = (
        "segment_id,border_id,start_m,end_m,起碑,止碑\n"
        "measures,b,0,100,,\nmarkers,b,,,3,7\nboth,b,0,100,3,7\nnone,b,,,,\nhalf,b,5,,,\nback,b,9,5,,\n"
    )
    reading = read_one(tmp_path, "segments", rows)
    assert {fault.row: fault.code for fault in reading.faults} == {
        "both": "stretch_twice",
        "none": "stretch_nowhere",
        "half": "stretch_half",
        "back": "end_before_start",
    }
    assert reading.tables["segments"]["segment_id"].tolist() == ["measures", "markers"]
    assert reading.tables["segments"]["start_marker"].tolist()[1] == "3"


def test_a_grid_code_that_does_not_fit_is_no_fault_of_the_row_but_a_finding(tmp_path: Path) -> None:
    rows = 'grid_id,wkt\nA-1,"POLYGON ((111 40, 111.1 40, 111.1 40.1, 111 40))"\n'
    reading = read_one(tmp_path, "grids", rows, more='datum = "wgs84"')
    assert codes(reading) == codes(reading, "warning") == []
    assert reading.tables["grids"]["grid_id"].tolist() == ["A-1"]  # it is still checked on the ground


def test_extra_columns_are_kept_as_text(tmp_path: Path) -> None:
    made = read_one(tmp_path, "staff", "工号,岗位,班次,编组\ns1,网格员,早,3\n").tables["staff"]
    assert made[["x_班次", "x_编组"]].values.tolist() == [["早", "3"]]
