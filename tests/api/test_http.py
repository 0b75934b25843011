"""Caching, compression, HEAD, headers, errors and links, as HTTP has them."""

from __future__ import annotations

import gzip
import re
from datetime import datetime
from pathlib import Path
from typing import Any

import pyarrow as pa
import pytest
from starlette.testclient import TestClient

from api.app import create_app
from api.settings import Settings
from tests.api.small import HOSTILE, PRIVATE, SmallBuild, small_build

PATHS = (
    "/",
    "/town/",
    "/town/conformance",
    "/town/api",
    "/town/collections",
    "/town/collections/plots",
    "/town/collections/plots/schema",
    "/town/collections/plots/items",
    "/town/collections/plots/items/p1",
    "/town/report",
    "/town/boards/planner",
    "/town/files/layers/plots.geojson",
    "/town/files/layers/plots.csv",
    "/town/files/layers/plots.xlsx",
    "/town/files/layers/plots.parquet",
)
PAGES = tuple(path for path in PATHS if "/files/" not in path)


@pytest.mark.parametrize("path", [*PATHS, "/livez", "/readyz", "/static/page.css"])
def test_head_says_what_get_says(client: TestClient, path: str) -> None:
    plain = {"Accept-Encoding": "identity"}
    got, head = client.get(path, headers=plain), client.head(path, headers=plain)
    assert head.status_code == got.status_code == 200
    assert head.content == b""
    lasting = {name: value for name, value in got.headers.items() if name != "date"}
    assert {name: value for name, value in head.headers.items() if name != "date"} == lasting
    assert int(head.headers["content-length"]) == len(got.content) > 0


@pytest.mark.parametrize("path", PATHS)
def test_what_the_client_has_is_not_sent_again(client: TestClient, path: str) -> None:
    first = client.get(path)
    etag = first.headers["etag"]
    assert etag.startswith('"')
    for known in (etag, f'"other", {etag}', f"W/{etag}", "*"):
        again = client.get(path, headers={"If-None-Match": known})
        assert (again.status_code, again.content) == (304, b"")
        assert again.headers["etag"] == etag
    assert client.get(path, headers={"If-None-Match": '"other"'}).status_code == 200
    assert first.headers["cache-control"] == "no-cache"
    assert set(first.headers["vary"].split(", ")) >= {"Accept", "Accept-Encoding", "Accept-Language"}


def test_each_representation_has_its_own_etag(client: TestClient) -> None:
    items = "/town/collections/plots/items"
    asked: list[tuple[str, dict[str, str]]] = [
        (items, {}),
        (f"{items}?limit=2", {}),
        (f"{items}?f=html", {}),
        (f"{items}?f=html&lang=en", {}),
        (items, {"Accept": "application/json"}),
        (items, {"Accept-Language": "en"}),
        (items, {"Accept-Encoding": "gzip"}),
        (items, {"Accept-Encoding": "zstd"}),
    ]
    etags = [
        client.get(path, headers={"Accept-Encoding": "identity", **headers}).headers["etag"]
        for path, headers in asked
    ]
    assert len(set(etags)) == len(etags)


def test_a_new_version_of_the_data_has_new_etags(client: TestClient, tmp_path: Path) -> None:
    changed = TestClient(create_app(Settings(), [small_build(tmp_path, version="f" * 32)]))
    for path in PATHS:
        etag = client.get(path).headers["etag"]
        assert changed.get(path, headers={"If-None-Match": etag}).status_code == 200


def test_a_redrawn_board_has_a_new_etag(tmp_path: Path) -> None:
    build = small_build(tmp_path)
    client = TestClient(create_app(Settings(), [build]))
    etag = client.get("/town/boards/planner").headers["etag"]
    (build.out / "boards" / "planner.html").write_text("<title>redrawn</title>")
    again = client.get("/town/boards/planner", headers={"If-None-Match": etag})
    assert (again.status_code, again.text) == (200, "<title>redrawn</title>")


@pytest.mark.parametrize("coding", ["zstd", "br", "gzip"])
def test_compressed_is_the_same(client: TestClient, coding: str) -> None:
    path = "/town/collections/dots/items?limit=100"
    plain = client.get(path, headers={"Accept-Encoding": "identity"})
    assert "content-encoding" not in plain.headers
    with client.stream("GET", path, headers={"Accept-Encoding": coding}) as packed:
        raw = b"".join(packed.iter_raw())
        assert packed.headers["content-encoding"] == coding
    codec = {"zstd": "zstd", "br": "brotli", "gzip": "gzip"}[coding]
    size = len(plain.content)
    body = gzip.decompress(raw) if coding == "gzip" else pa.Codec(codec).decompress(raw, size, asbytes=True)
    assert len(raw) < size
    assert body.split(b'"features"')[1] == plain.content.split(b'"features"')[1]


def test_chinese_is_sent_as_utf_8(client: TestClient) -> None:
    assert "东街".encode() in client.get("/town/collections/plots/items").content
    assert b"\\u" not in client.get("/town/").content


@pytest.mark.parametrize("path", [*PATHS, "/nothing", "/town/collections/nothing", "/static/page.css"])
def test_every_response_is_guarded(client: TestClient, path: str) -> None:
    headers = client.get(path, headers={"Accept": "text/html, */*;q=0.1"}).headers
    assert headers["x-content-type-options"] == "nosniff"
    assert "default-src 'none'" in headers["content-security-policy"]
    assert headers["referrer-policy"] == "same-origin"
    assert "access-control-allow-origin" not in headers


def test_scripts_run_in_boards_only(client: TestClient) -> None:
    for path in PAGES:
        policy = client.get(path, headers={"Accept": "text/html"}).headers["content-security-policy"]
        assert ("script-src" in policy) == ("/boards/" in path)
        assert "http" not in policy


@pytest.mark.parametrize(
    ("path", "status", "said"),
    [
        ("/nothing", 404, "known: town"),
        ("/nothing/deeper", 404, ""),
        ("/town/nothing", 404, ""),
        ("/town/collections/nothing", 404, "known: plots"),
        ("/town/collections/nothing/items", 404, "known: plots"),
        ("/town/collections/plots/items/nothing", 404, "has no feature 'nothing'"),
        ("/town/boards/nothing", 404, "known: planner"),
        ("/town/collections?limit=1", 400, "no parameter 'limit'"),
        ("/town/?f=xml", 400, "f must be json or html"),
        ("/town/?lang=fr", 400, "lang must be zh or en"),
        ("/livez?x=1", 400, "no parameter 'x'"),
    ],
)
def test_errors_are_problem_documents(client: TestClient, path: str, status: int, said: str) -> None:
    response = client.get(path)
    assert response.headers["content-type"] == "application/problem+json"
    assert response.headers["cache-control"] == "no-store"
    document = response.json()
    assert (response.status_code, document["status"]) == (status, status)
    assert document["title"]
    assert said in document.get("detail", "")


def test_an_impossible_accept_is_406(client: TestClient) -> None:
    for path in ("/town/", "/town/collections/plots/items", "/town/api"):
        response = client.get(path, headers={"Accept": "image/png"})
        assert response.status_code == 406
        assert "application/" in response.json()["detail"]


@pytest.mark.parametrize("method", ["POST", "PUT", "PATCH", "DELETE"])
@pytest.mark.parametrize(
    "path", ["/", "/town/", "/town/collections/plots/items", "/town/collections/plots/items/p1"]
)
def test_nothing_can_be_written(client: TestClient, method: str, path: str) -> None:
    response = client.request(method, path, content=b"{}")
    assert response.status_code == 405
    assert response.headers["allow"] == "GET, HEAD"
    assert response.headers["content-type"] == "application/problem+json"


def test_a_fault_of_the_service_tells_nothing(tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> None:
    client = TestClient(create_app(Settings(), [small_build(tmp_path)]), raise_server_exceptions=False)
    monkeypatch.setattr(SmallBuild, "frame", lambda *_: (tmp_path / "gone").read_bytes())
    response = client.get("/town/collections/plots/items")
    assert response.status_code == 500
    assert response.headers["content-type"] == "application/problem+json"
    assert str(tmp_path) not in response.text


def test_a_workspace_without_its_slash_is_found(client: TestClient) -> None:
    response = client.get("/town?f=json&lang=en", follow_redirects=False)
    assert response.status_code == 308
    assert response.headers["location"] == "http://testserver/town/?f=json&lang=en"


# --- hosts and links ---


@pytest.mark.parametrize("host", ["localhost", "localhost:9000", "127.0.0.1:8000", "[::1]:8000", "testserver"])
def test_links_name_the_host_that_was_asked(client: TestClient, host: str) -> None:
    links = client.get("/town/", headers={"Host": host}).json()["links"]
    assert all(link["href"].startswith(f"http://{host}/town") for link in links)


@pytest.mark.parametrize(
    "host",
    [
        *("evil.example", "localhost.evil.example", "localhost@evil.example", "evil.example:80", "localhost:x"),
        *("localhost/path", "localhost#", "", "user@localhost", "[::1", "localhost:99999", "127.0.0.1:8000?x"),
    ],
)
def test_a_host_that_is_not_ours_is_refused(client: TestClient, host: str) -> None:
    response = client.get("/town/", headers={"Host": host})
    assert response.status_code == 400
    assert "GRIDWALK_ALLOWED_HOSTS" in response.json()["detail"]
    assert "href" not in response.text


def test_links_begin_with_the_configured_address(tmp_path: Path) -> None:
    settings = Settings(base_url="https://maps.example.org/gridwalk/", allowed_hosts=("inner.example",))
    client = TestClient(create_app(settings, [small_build(tmp_path)]))
    for host in ("maps.example.org", "inner.example", "localhost"):
        links = client.get("/town/collections/plots/items?limit=1", headers={"Host": host}).json()["links"]
        assert all(link["href"].startswith("https://maps.example.org/gridwalk/town/") for link in links)
    served = client.get("/town/api").json()["servers"]
    assert served == [{"url": "https://maps.example.org/gridwalk/town"}]
    assert client.get("/town/", headers={"Host": "evil.example"}).status_code == 400


def test_origins_are_allowed_by_settings_only(tmp_path: Path) -> None:
    origin = {"Origin": "https://dashboard.example"}
    open_to_it = Settings(cors_origins=("https://dashboard.example",))
    client = TestClient(create_app(open_to_it, [small_build(tmp_path)]))
    assert client.get("/town/", headers=origin).headers["access-control-allow-origin"] == origin["Origin"]
    other = client.get("/town/", headers={"Origin": "https://evil.example"})
    assert "access-control-allow-origin" not in other.headers


# --- what must never be seen, and what must stay text ---


def test_private_layers_are_nowhere(client: TestClient) -> None:
    for path in PATHS:
        for accept in ("*/*", "text/html"):
            text = client.get(path, headers={"Accept": accept}).text
            assert "homes" not in text
            assert PRIVATE not in text


@pytest.mark.parametrize(
    "path",
    [
        "/town/collections/homes",
        "/town/collections/homes/items",
        f"/town/collections/homes/items/{PRIVATE}",
        "/town/collections/homes/schema",
        "/town/files/layers/homes.geojson",
        "/town/files/layers/homes.csv",
        "/town/files/layers/homes.xlsx",
        "/town/files/layers/homes.parquet",
        "/town/files/private/homes.geojson",
        "/town/private/homes.geojson",
        "/town/files/layers/../private/homes.geojson",
        "/town/files/layers/%2e%2e%2fprivate%2fhomes.geojson",
        "/town/files/layers/..%2f..%2freport.geojson",
        "/town/boards/..%2f..%2freport",
        "/town/boards/%2e%2e%2freport",
        "/town/files/layers/plots.geojson/../../../private/homes.geojson",
        "/town/../out/private/homes.geojson",
    ],
)
def test_private_and_foreign_files_cannot_be_reached(client: TestClient, path: str) -> None:
    response = client.get(path)
    assert response.status_code == 404
    assert PRIVATE not in response.text


@pytest.mark.parametrize("lang", ["zh", "en"])
@pytest.mark.parametrize("path", [path for path in PAGES if "/boards/" not in path])
def test_hostile_names_stay_text(client: TestClient, path: str, lang: str) -> None:
    page = client.get(path, params={"f": "html", "lang": lang}).text
    assert all('src="town/pictures/' in tag for tag in re.findall(r"<img[^>]*>", page))
    assert "<script" not in page
    assert "</script" not in page
    assert str(1111 * 1111) not in page


def test_hostile_names_are_shown_as_they_are(client: TestClient) -> None:
    page = client.get("/town/collections/plots/items?f=html").text
    assert "{{1111*1111}}&lt;img src=x onerror=alert(1)&gt;&lt;/script&gt;{% raw %}" in page
    names = [one["properties"]["name"] for one in client.get("/town/collections/plots/items").json()["features"]]
    assert names[1] == HOSTILE


def test_spreadsheets_do_not_run_cells(client: TestClient) -> None:
    response = client.get("/town/files/layers/plots.csv")
    assert response.content.startswith(b"\xef\xbb\xbf")
    assert response.headers["content-disposition"] == 'attachment; filename="town-plots.csv"'
    assert ",=1+1" not in response.text
    assert "=1+1" in response.text


def test_files_are_what_the_build_wrote(client: TestClient, small: Any) -> None:
    for ending in ("geojson", "parquet"):
        body = client.get(f"/town/files/layers/dots.{ending}").content
        assert body == (small.out / "layers" / f"dots.{ending}").read_bytes()
    assert client.get("/town/report").json() == small.report
    assert client.get("/town/report", headers={"Accept": "text/markdown"}).text.startswith("# 小镇")


def test_items_and_files_have_the_same_features(client: TestClient) -> None:
    items = client.get("/town/collections/plots/items").json()["features"]
    assert items == client.get("/town/files/layers/plots.geojson").json()["features"]


def test_report_shows_when_it_is_as_of(client: TestClient) -> None:
    page = client.get("/town/report?f=html&lang=en").text
    assert "As of 2026-11-20" in page
    assert datetime.fromisoformat(client.get("/town/report").json()["as_of"])
