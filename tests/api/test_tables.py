"""Any collection as CSV and as a workbook: the query's rows, in a form that a spreadsheet opens without harm."""

from __future__ import annotations

import csv
import io
from pathlib import Path
from typing import Any

import openpyxl
import pytest
from python_calamine import CalamineWorkbook
from starlette.testclient import TestClient

from api.app import create_app
from api.settings import Settings
from geo.io import workbook
from tests.api.small import DOTS, FRAMES, HOMES, HOSTILE, PRIVATE, small_build

XLSX = "application/vnd.openxmlformats-officedocument.spreadsheetml.sheet"
PUBLIC = [name for name, (layer, _) in FRAMES.items() if layer is not HOMES]


def get(client: TestClient, path: str, **query: str) -> bytes:
    response = client.get(f"/town/{path}", params=query)
    assert response.status_code == 200, response.text
    content: bytes = response.content
    return content


def from_csv(content: bytes) -> list[list[str]]:
    return list(csv.reader(io.StringIO(content.decode("utf-8-sig"))))


def from_xlsx(content: bytes) -> list[list[Any]]:
    rows: list[list[Any]] = CalamineWorkbook.from_filelike(io.BytesIO(content)).get_sheet_by_index(0).to_python()
    return rows


@pytest.mark.parametrize("name", PUBLIC)
def test_every_collection_is_a_table_with_all_its_rows(client: TestClient, name: str) -> None:
    layer, made = FRAMES[name]
    ids = made()[layer.key].tolist()
    place = [] if layer.draw == "none" else ["lon", "lat"]
    heading, *rows = from_csv(get(client, f"collections/{name}/items", f="csv"))
    assert heading == [*(field.name for field in layer.fields), *place]
    assert [row[0] for row in rows] == ids
    said, *cells = from_xlsx(get(client, f"collections/{name}/items", f="xlsx", lang="zh"))
    assert said[0] == f"{layer.fields[0].title.zh}\n{layer.fields[0].title.en}"
    assert said[len(layer.fields) :] == ["经度（°）\nLongitude (°)", "纬度（°）\nLatitude (°)"][: len(place)]
    assert [row[0] for row in cells] == ids


def test_a_table_has_no_pages_unless_they_are_asked_for(tmp_path: Path) -> None:
    few = TestClient(create_app(Settings(limit_default=3, limit_max=5), [small_build(tmp_path)]))
    path = "/town/collections/dots/items"
    assert few.get(path).json()["numberReturned"] == 3
    whole = few.get(path, params={"f": "csv"})
    assert len(from_csv(whole.content)) == 1 + DOTS
    assert 'rel="next"' not in whole.headers["link"]
    seen: list[str] = []
    page = few.get(path, params={"f": "csv", "limit": "50"})
    while True:
        seen += [row[0] for row in from_csv(page.content)[1:]]
        links = {link["rel"]: link["url"] for link in page.links.values()}
        if "next" not in links:
            break
        page = few.get(links["next"])
    assert seen == FRAMES["dots"][1]()["dot_id"].tolist()


@pytest.mark.parametrize(
    "query", [{"bbox": "109.5,39.5,110.5,40.5"}, {"offset": "130"}, {"limit": "7", "offset": "5"}]
)
def test_a_table_has_the_rows_of_the_query(client: TestClient, query: dict[str, str]) -> None:
    asked = [one["id"] for one in client.get("/town/collections/dots/items", params=query).json()["features"]]
    for f, read in (("csv", from_csv), ("xlsx", from_xlsx)):
        rows = read(get(client, "collections/dots/items", f=f, **query))
        assert [row[0] for row in rows[1:]] == asked, f
    assert 0 < len(asked) < DOTS


def test_a_time_narrows_a_table_down_to_its_heading(client: TestClient) -> None:
    query = {"datetime": "2026-11-18/2026-11-18"}
    assert [row[0] for row in from_csv(get(client, "collections/visits/items", f="csv", **query))[1:]] == [
        "v2",
        "v5",
    ]
    assert len(from_xlsx(get(client, "collections/empty/items", f="xlsx", **query))) == 1


@pytest.mark.parametrize(
    ("accept", "media"),
    [
        ("text/csv", "text/csv; charset=utf-8"),
        (XLSX, XLSX),
        (f"{XLSX};q=0.5, text/csv;q=0.4, application/pdf", XLSX),
        ("text/html, text/csv;q=0.9", "text/html; charset=utf-8"),
        ("*/*", "application/geo+json"),
    ],
)
def test_a_table_is_asked_for_as_clients_ask(client: TestClient, accept: str, media: str) -> None:
    response = client.get("/town/collections/days/items", headers={"Accept": accept})
    assert response.headers["content-type"] == media


def test_cells_are_harmless_and_ids_whole_in_both(client: TestClient) -> None:
    rows = from_csv(get(client, "collections/plots/items", f="csv"))
    assert [row[1] for row in rows[1:4]] == ["东街", HOSTILE, "'=1+1"]
    assert rows[1][:7] == ["p1", "东街", "300", "0.5", "urban", "true", "a;b"]
    content = get(client, "collections/plots/items", f="xlsx", lang="en")
    sheet = openpyxl.load_workbook(io.BytesIO(content)).worksheets[0]
    assert (sheet["B4"].value, sheet["B4"].data_type, sheet["B4"].quotePrefix) == ("=1+1", "s", True)
    assert [cell.value for cell in sheet[2]][:7] == ["p1", "东街", 300, 0.5, "Urban", True, "a;b"]


def test_dates_are_dates_and_times_are_local_to_the_workspace(client: TestClient) -> None:
    days = from_xlsx(get(client, "collections/days/items", f="xlsx"))
    assert [str(row[1]) for row in days[1:]] == ["2026-11-18", "2026-11-19", ""]
    heading, first, *_ = from_xlsx(get(client, "collections/visits/items", f="xlsx", lang="en"))
    assert heading[1] == "seen (Asia/Shanghai)\nseen（中）（Asia/Shanghai）"
    assert (str(first[1]), first[2], first[3]) == ("2026-11-16 20:00:00", 110.5, 40.5)  # noon UTC
    assert from_csv(get(client, "collections/visits/items", f="csv"))[1][1] == "2026-11-16T12:00:00Z"


def test_files_and_items_are_the_same_tables(client: TestClient) -> None:
    for f in ("csv", "xlsx"):
        file = client.get(f"/town/files/layers/plots.{f}")
        items = client.get("/town/collections/plots/items", params={"f": f})
        assert file.content == items.content
        for response in (file, items):
            assert response.headers["content-disposition"] == f'attachment; filename="town-plots.{f}"'


def test_a_workbook_is_not_packed_twice(client: TestClient) -> None:
    packed = {"Accept-Encoding": "gzip"}
    assert "content-encoding" not in client.get("/town/files/layers/dots.xlsx", headers=packed).headers
    assert client.get("/town/files/layers/dots.csv", headers=packed).headers["content-encoding"] == "gzip"


def test_a_workbook_that_would_be_too_long_is_refused(client: TestClient, monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setattr(workbook, "ROWS_MAX", 100)
    for path in ("/town/collections/dots/items?f=xlsx", "/town/files/layers/dots.xlsx"):
        response = client.get(path)
        assert response.status_code == 400
        assert response.headers["content-type"] == "application/problem+json"
        assert "137 rows are more than a worksheet holds" in response.json()["detail"]
    assert len(from_xlsx(get(client, "collections/dots/items", f="xlsx", limit="100"))) == 101
    assert len(from_csv(get(client, "collections/dots/items", f="csv"))) == 1 + DOTS


def test_a_private_layer_is_no_table(client: TestClient) -> None:
    for path in ("collections/homes/items?f=csv", "collections/homes/items?f=xlsx", "files/layers/homes.xlsx"):
        response = client.get(f"/town/{path}")
        assert response.status_code == 404
        assert PRIVATE not in response.text


def test_tables_need_the_key_as_all_else_does(tmp_path: Path) -> None:
    locked = TestClient(create_app(Settings(api_key_hashes=("0" * 64,)), [small_build(tmp_path)]))
    for path in ("collections/plots/items?f=csv", "files/layers/plots.xlsx"):
        assert locked.get(f"/town/{path}").status_code == 401


def test_the_definition_and_the_links_name_the_tables(client: TestClient) -> None:
    paths = client.get("/town/api").json()["paths"]
    content = paths["/collections/plots/items"]["get"]["responses"]["200"]["content"]
    assert content["text/csv"] == {"schema": {"type": "string"}}
    assert content[XLSX] == {"schema": {"type": "string", "format": "binary"}}
    asked = next(one for one in paths["/collections/plots/items"]["get"]["parameters"] if one.get("name") == "f")
    assert asked["schema"]["enum"] == ["json", "html", "csv", "xlsx", "gpx"]
    page = client.get("/town/collections/plots/items?limit=2&lang=en").json()
    others = {link["type"]: link["href"] for link in page["links"] if link["rel"] == "alternate"}
    assert others["text/csv"].endswith("limit=2&lang=en&f=csv")
    collection = client.get("/town/collections/plots?lang=en").json()
    files = {link["title"]: link for link in collection["links"] if link["rel"] == "enclosure"}
    assert files["Excel"]["type"] == XLSX
    assert client.get(files["Excel"]["href"]).status_code == 200
    assert list(files) == ["GeoJSON", "CSV", "Excel", "Parquet"]


@pytest.mark.parametrize("path", ["collections", "collections/plots", "report", "collections/plots/items"])
def test_pages_link_the_tables(client: TestClient, path: str) -> None:
    page = client.get(f"/town/{path}", params={"f": "html", "lang": "en"}).text
    assert ">CSV</a>" in page
    assert ">Excel</a>" in page


def test_a_page_of_features_links_the_table_of_all_of_them(client: TestClient) -> None:
    page = client.get("/town/collections/dots/items?f=html&limit=10&offset=20&bbox=109,39,111,41&lang=en").text
    assert "items?f=csv&amp;bbox=109,39,111,41&amp;lang=en" in page


def test_a_layer_without_geometry_says_so(client: TestClient) -> None:
    assert "geometry" not in client.get("/town/collections/days/schema").json()["properties"]
    feature = client.get("/town/collections/days/schemas/feature").json()
    assert feature["properties"]["geometry"] == {"type": "null"}
    assert {one["geometry"] for one in client.get("/town/collections/days/items").json()["features"]} == {None}
    assert "2026-11-18" in client.get("/town/collections/days/items?f=html").text
    described = client.get("/town/collections/days").json()
    assert "spatial" not in described["extent"]
