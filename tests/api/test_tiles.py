"""Vector tiles over HTTP, as OGC API - Tiles 1.0 has them."""

from __future__ import annotations

import gzip
from pathlib import Path
from typing import Any

import mapbox_vector_tile
import pytest
import shapely
from starlette.testclient import TestClient

from api.app import create_app
from api.settings import Settings
from maps.tiles import source
from tests.api.small import DOTS, HOSTILE, PRIVATE, small_build

MVT = "application/vnd.mapbox-vector-tile"
TILES = "/town/collections/plots/tiles"
QUAD = f"{TILES}/WebMercatorQuad"
WHERE = f"{QUAD}/6/24/51"  # of plots 0 to 3, 110° to 114° E, 40° to 41° N
DRAWN = ("plots", "visits", "dots", "empty")
RELATION = "http://www.opengis.net/def/rel/ogc/1.0"
MERCATOR = "http://www.opengis.net/def/crs/EPSG/0/3857"


def linked(document: dict[str, Any], rel: str) -> list[dict[str, Any]]:
    return [link for link in document["links"] if link["rel"] == rel]


def decoded(content: bytes) -> dict[str, Any]:
    made: dict[str, Any] = mapbox_vector_tile.decode(content, default_options={"y_coord_down": True})
    return made


def test_a_tile_holds_the_rows_that_are_there(client: TestClient) -> None:
    response = client.get(WHERE)
    assert (response.status_code, response.headers["content-type"]) == (200, MVT)
    (name,) = decoded(response.content)
    features = decoded(response.content)[name]["features"]
    assert name == "plots"
    # column 51 of 64 goes from 106.875° to 112.5° E: p1 p2, half of p3
    assert [feature["id"] for feature in features] == [0, 1, 2]
    assert [feature["properties"] for feature in features] == [
        {"plot_id": "p1", "name": "东街"},
        {"plot_id": "p2", "name": HOSTILE},
        {"plot_id": "p/3 ü", "name": "=1+1"},
    ]
    west, _, east, _ = shapely.geometry.shape(features[0]["geometry"]).bounds
    # 5.625° wide: 110° is 3.125° / 5.625° × 4096 = 2275.6, 111° is 3003.7
    assert (west, east) == (2276, 3004)
    assert shapely.geometry.shape(features[2]["geometry"]).bounds[2] == 4096 + 64


def test_an_empty_tile_is_204(client: TestClient) -> None:
    for path in (f"{QUAD}/6/0/0", f"{QUAD}/24/0/0", "/town/collections/empty/tiles/WebMercatorQuad/0/0/0"):
        response = client.get(path)
        assert (response.status_code, response.content) == (204, b"")
        assert response.headers["etag"]
        assert "content-type" not in response.headers
        assert client.get(path, headers={"If-None-Match": response.headers["etag"]}).status_code == 304


@pytest.mark.parametrize(
    ("path", "said"),
    [
        (f"{QUAD}/25/0/0", "there are 0 to 24"),
        (f"{QUAD}/x/0/0", "no tile matrix 'x'"),
        (f"{QUAD}/-1/0/0", "no tile matrix '-1'"),
        (f"{QUAD}/01/0/0", "no tile matrix '01'"),
        (f"{QUAD}/3/8/0", "no row '8' in tile matrix 3; there are 0 to 7"),
        (f"{QUAD}/3/0/8", "no column '8'"),
        (f"{QUAD}/3/0/1.0", "no column '1.0'"),
        (f"{QUAD}/3/%EF%BC%91/0", "no row '１'"),  # a digit, but not of ASCII
        (f"{QUAD}/3/{'9' * 5000}/0", "no row '9999"),
        (f"{TILES}/WorldCRS84Quad/0/0/0", "known: WebMercatorQuad"),
        (f"{TILES}/WorldCRS84Quad", "known: WebMercatorQuad"),
        ("/town/tileMatrixSets/X", "known: WebMercatorQuad"),
        ("/town/collections/days/tiles", "days has no geometry"),
        ("/town/collections/days/tiles/WebMercatorQuad/0/0/0", "days has no geometry"),
        ("/town/collections/homes/tiles", "no collection 'homes'"),
        ("/town/collections/homes/tiles/WebMercatorQuad/0/0/0", "no collection 'homes'"),
    ],
)
def test_what_is_not_there_is_404(client: TestClient, path: str, said: str) -> None:
    response = client.get(path)
    assert response.status_code == 404
    assert response.headers["content-type"] == "application/problem+json"
    assert said in response.json()["detail"]


@pytest.mark.parametrize("query", ["x=1", "f=png", "lang=fr", "f=mvt&f=mvt", "limit=1"])
def test_wrong_parameters_are_400(client: TestClient, query: str) -> None:
    for path in (WHERE, QUAD, TILES, "/town/tileMatrixSets"):
        assert client.get(f"{path}?{query}").status_code == 400


def test_http_as_everywhere(client: TestClient) -> None:
    plain = client.get(WHERE, headers={"Accept-Encoding": "identity"})
    assert plain.headers["cache-control"] == "no-cache"
    assert "Accept-Encoding" in plain.headers["vary"]
    assert plain.headers["x-content-type-options"] == "nosniff"
    head = client.head(WHERE, headers={"Accept-Encoding": "identity"})
    assert (head.status_code, head.content) == (200, b"")
    assert int(head.headers["content-length"]) == len(plain.content)
    for headers in ({"Accept": MVT}, {"Accept": "*/*"}, {"Accept": "image/png"}):  # what has one form is sent
        assert client.get(WHERE, headers={**headers, "Accept-Encoding": "identity"}).content == plain.content
    assert client.get(f"{WHERE}?f=mvt", headers={"Accept-Encoding": "identity"}).content == plain.content
    again = client.get(WHERE, headers={"If-None-Match": plain.headers["etag"], "Accept-Encoding": "identity"})
    assert (again.status_code, again.content) == (304, b"")
    assert client.post(WHERE).status_code == 405


def test_a_large_tile_is_compressed(client: TestClient) -> None:
    path = "/town/collections/dots/tiles/WebMercatorQuad/5/12/25"
    plain = client.get(path, headers={"Accept-Encoding": "identity"}).content
    with client.stream("GET", path, headers={"Accept-Encoding": "gzip"}) as packed:
        raw = b"".join(packed.iter_raw())
        assert packed.headers["content-encoding"] == "gzip"
    assert gzip.decompress(raw) == plain
    assert len(raw) < len(plain)


def test_other_data_other_etag(client: TestClient, tmp_path: Path) -> None:
    changed = TestClient(create_app(Settings(), [small_build(tmp_path, version="f" * 32)]))
    known = client.get(WHERE).headers["etag"]
    assert changed.get(WHERE, headers={"If-None-Match": known}).status_code == 200


def test_the_matrix_set_is_the_registered_one(client: TestClient) -> None:
    (known,) = client.get("/town/tileMatrixSets").json()["tileMatrixSets"]
    document = client.get(linked(known, "self")[0]["href"]).json()
    assert document["id"] == known["id"] == "WebMercatorQuad"
    assert document["uri"] == known["uri"] == "http://www.opengis.net/def/tilematrixset/OGC/1.0/WebMercatorQuad"
    assert (document["crs"], document["orderedAxes"]) == (MERCATOR, ["X", "Y"])
    matrices = document["tileMatrices"]
    assert [matrix["id"] for matrix in matrices] == [str(zoom) for zoom in range(25)]
    registered = {  # OGC 17-083r4, annex D.1, and the definition server: scale, size of a cell, width
        0: (559082264.028717, 156543.033928041, 1),
        1: (279541132.014358, 78271.5169640204, 2),
        12: (136494.693366386, 38.2185141425881, 4096),
        24: (33.3238997476528, 0.0093306919293428, 16777216),
    }
    for zoom, (scale, cell, width) in registered.items():
        matrix = matrices[zoom]
        assert matrix["scaleDenominator"] == pytest.approx(scale, rel=1e-14)
        assert matrix["cellSize"] == pytest.approx(cell, rel=1e-14)
        assert matrix["pointOfOrigin"] == pytest.approx([-20037508.3427892, 20037508.3427892])
        assert (matrix["matrixWidth"], matrix["matrixHeight"]) == (width, width)
        assert (matrix["tileWidth"], matrix["tileHeight"]) == (256, 256)


def test_from_the_landing_page_to_a_tile(client: TestClient) -> None:
    landing = client.get("/town/?f=json").json()
    (schemes,) = linked(landing, f"{RELATION}/tiling-schemes")
    assert client.get(schemes["href"]).status_code == 200
    collection = client.get("/town/collections/plots?f=json").json()
    (tilesets,) = linked(collection, f"{RELATION}/tilesets-vector")
    (listed,) = client.get(tilesets["href"]).json()["tilesets"]
    assert (listed["dataType"], listed["crs"]) == ("vector", MERCATOR)
    assert client.get(linked(listed, f"{RELATION}/tiling-scheme")[0]["href"]).status_code == 200
    tileset = client.get(linked(listed, "self")[0]["href"]).json()
    (template,) = linked(tileset, "item")
    assert (template["templated"], template["type"]) == (True, MVT)
    limits = next(one for one in tileset["tileMatrixSetLimits"] if one["tileMatrix"] == "2")
    # 90° a column: 110° to 180° is 3 alone; rows of 66.5°: 40° to 66° north is 1, and 66.51° is the edge to 0
    assert limits == {"tileMatrix": "2", "minTileRow": 1, "maxTileRow": 1, "minTileCol": 3, "maxTileCol": 3}
    filled = template["href"].format(tileMatrix="2", tileRow=limits["minTileRow"], tileCol=limits["minTileCol"])
    assert [feature["id"] for feature in decoded(client.get(filled).content)["plots"]["features"]] == [
        0,
        1,
        2,
        3,
        4,
    ]


@pytest.mark.parametrize("collection", DRAWN)
def test_a_tileset_says_what_is_in_it(client: TestClient, collection: str) -> None:
    document = client.get(f"/town/collections/{collection}/tiles/WebMercatorQuad?f=json&lang=en").json()
    assert document["dataType"] == "vector"
    assert document["tileMatrixSetURI"].endswith("/WebMercatorQuad")
    (layer,) = document["layers"]
    assert layer["id"] == collection
    assert layer["geometryType"] == ("polygons" if collection == "plots" else "points")
    if collection == "empty":
        assert document["tileMatrixSetLimits"] == []
        assert "boundingBox" not in document
    else:
        assert [one["tileMatrix"] for one in document["tileMatrixSetLimits"]] == [str(zoom) for zoom in range(15)]
        assert document["boundingBox"]["crs"].endswith("CRS84")
    if collection == "plots":
        assert document["boundingBox"]["lowerLeft"] == [110, 40]
        assert document["boundingBox"]["upperRight"] == [180, 66]
        said = layer["propertiesSchema"]["properties"]
        assert {name: one["type"] for name, one in said.items()} == {"plot_id": "string", "name": "string"}


def test_tilejson(client: TestClient) -> None:
    response = client.get(f"{QUAD}?f=tilejson&lang=en")
    assert response.headers["content-type"] == "application/vnd.mapbox.tile+json"
    document = response.json()
    assert (document["tilejson"], document["scheme"], document["name"]) == ("3.0.0", "xyz", "Plots")
    assert (document["minzoom"], document["maxzoom"], document["bounds"]) == (0, 14, [110, 40, 180, 66])
    assert document["attribution"] == "Source: tests"
    (layer,) = document["vector_layers"]
    assert (layer["id"], layer["fields"]) == ("plots", {"plot_id": "plot_id", "name": "name"})
    address = document["tiles"][0].format(z=6, y=24, x=51)
    assert client.get(address).content == client.get(WHERE).content
    assert client.get(QUAD, headers={"Accept": "application/vnd.mapbox.tile+json"}).json()["tilejson"] == "3.0.0"


def test_zooms_whose_tiles_would_hold_too_much_are_not_listed(
    tmp_path: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    monkeypatch.setattr(source, "MOST", 20)
    client = TestClient(create_app(Settings(), [small_build(tmp_path)]))
    address = "/town/collections/dots/tiles/WebMercatorQuad"
    document = client.get(address).json()
    first = int(document["tileMatrixSetLimits"][0]["tileMatrix"])
    assert first > 0
    assert document["layers"][0]["minTileMatrix"] == str(first)
    limits = document["tileMatrixSetLimits"][0]
    ids = set()
    for row in range(limits["minTileRow"], limits["maxTileRow"] + 1):
        for column in range(limits["minTileCol"], limits["maxTileCol"] + 1):
            found = client.get(f"{address}/{first}/{row}/{column}").content
            ids |= {feature["id"] for feature in decoded(found)["dots"]["features"]} if found else set()
    assert ids == {row for row in range(DOTS) if row % 10}  # every tenth has no place
    above = decoded(client.get(f"{address}/0/0/0").content)["dots"]["features"]
    assert 0 < len(above) < len(ids)


def test_private_layers_are_in_no_tile_and_no_list(client: TestClient) -> None:
    paths = client.get("/town/api").json()["paths"]
    tiled = {path.split("/")[2] for path in paths if path.startswith("/collections/") and path.endswith("/tiles")}
    assert tiled == set(DRAWN)
    assert PRIVATE.encode() not in b"".join(
        client.get(f"/town/collections/{id}/tiles/WebMercatorQuad/0/0/0").content for id in DRAWN
    )


def test_conformance_and_names_of_operations(client: TestClient) -> None:
    classes = client.get("/town/conformance?f=json").json()["conformsTo"]
    for name in ("core", "tileset", "tilesets-list", "geodata-tilesets", "mvt", "oas30"):
        assert f"http://www.opengis.net/spec/ogcapi-tiles-1/1.0/conf/{name}" in classes
    paths = client.get("/town/api").json()["paths"]
    ids = [operation["operationId"] for path in paths.values() for operation in path.values()]
    assert len(set(ids)) == len(ids)
    for end in ("getTileSetsList", "getTileSet", "getTile"):  # requirement class oas30: how ids end
        assert f"plots.collection.vector.{end}" in ids
    tile = paths["/collections/plots/tiles/{tileMatrixSetId}/{tileMatrix}/{tileRow}/{tileCol}"]["get"]
    named = {reference["$ref"].rpartition("/")[2] for reference in tile["parameters"] if "$ref" in reference}
    assert named >= {"tileMatrixSetId", "tileMatrix", "tileRow", "tileCol"}
