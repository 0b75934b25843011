"""Findings of a sample as they reach whoever drew the file: the index, the table, the way to the map."""

from __future__ import annotations

import io
from collections.abc import Callable

import geopandas as gpd
import openpyxl
import pytest
from shapely.geometry import Point
from starlette.testclient import TestClient

from api.app import create_app
from api.settings import Settings
from geo.service import Build


@pytest.fixture(scope="module")
def made(built: Callable[[str], Build]) -> Build:
    return built("saihan")


@pytest.fixture(scope="module")
def client(made: Build) -> TestClient:
    return TestClient(create_app(Settings(), [made]))


def test_the_index_leads_from_what_is_wrong_to_the_map_and_to_the_table(client: TestClient, made: Build) -> None:
    failed = int((made.frame("grid-findings")["severity"] == "fail").sum())
    page = client.get("/", params={"f": "html", "lang": "en"}).text
    problems = page[: page.index('id="overview"')]
    assert 'href="saihan/boards/planner#theme=partition&amp;lang=en">Partition faults</a>' in problems
    assert f"<strong>{failed}" in problems
    assert 'href="saihan/files/layers/grid-findings.xlsx?lang=en">Excel</a>' in problems
    assert "border-findings" not in problems


@pytest.mark.parametrize("lang", ["zh", "en"])
def test_the_table_of_findings_is_ready_to_be_sent(client: TestClient, made: Build, lang: str) -> None:
    answer = client.get("/saihan/files/layers/grid-findings.xlsx", params={"lang": lang})
    sheet = openpyxl.load_workbook(io.BytesIO(answer.content)).worksheets[0]
    heading = [str(cell.value) for cell in sheet[1]]
    found: gpd.GeoDataFrame = made.frame("grid-findings").reset_index(drop=True)
    at = {name: heading.index(next(one for one in heading if name in one.split("\n"))) for name in HEADINGS[lang]}
    area, width, lon, lat, parent, link = at.values()
    for row, finding in found.iterrows():
        cells = sheet[int(str(row)) + 2]
        assert finding.geometry.distance(Point(cells[lon].value, cells[lat].value)) < 1e-7  # to 7 decimals
        assert (cells[area].value, cells[width].value) == (finding["area_m2"], finding["width_m"])
        assert (cells[parent].data_type, cells[parent].value) == ("s", finding["parent_id"])
        way = cells[link].hyperlink
        assert way.target == "http://testserver/saihan/boards/planner"
        assert way.location == f"theme=partition&pick=grid-findings:{finding['finding_id']}"
        assert client.get(way.target).status_code == 200
    assert sheet.freeze_panes == "B2"
    assert sheet.auto_filter.ref is not None


HEADINGS = {
    "zh": ("面积（平方米）", "宽度（米）", "经度（°）", "纬度（°）", "所在区划", "看图"),
    "en": ("Area (m²)", "Width (m)", "Longitude (°)", "Latitude (°)", "Parent", "Map"),
}


def test_the_ledger_of_the_repair_is_such_a_table_too(client: TestClient) -> None:
    answer = client.get("/saihan/files/layers/repair-ledger.xlsx", params={"lang": "en"})
    sheet = openpyxl.load_workbook(io.BytesIO(answer.content)).worksheets[0]
    assert sheet.max_row > 1
    assert all(
        row[-1].hyperlink.location.startswith("theme=partition&pick=repair-ledger:")
        for row in sheet.iter_rows(min_row=2)
    )
