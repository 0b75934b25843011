"""What the official OGC API - Features test suite checks, requirement by requirement, on the small service."""

from __future__ import annotations

import re
from collections.abc import Iterator
from datetime import UTC, datetime
from typing import Any
from urllib.parse import quote, urlsplit

import pytest
import shapely
from openapi_spec_validator import OpenAPIV30SpecValidator, OpenAPIV31SpecValidator
from starlette.testclient import TestClient

from tests.api.small import FRAMES, HOMES

OPENAPI = "application/vnd.oai.openapi+json;version=3.0"
GEOJSON = "application/geo+json"
CRS84 = "http://www.opengis.net/def/crs/OGC/1.3/CRS84"
PUBLIC = sorted(set(FRAMES) - {HOMES.id})
AREAS = {  # the suite's own: the collection's extent is added in the test
    "meridian": (-1.5, 50.0, 1.5, 53.0),
    "equator": (-80.0, -5.0, -70.0, 5.0),
    "180th meridian": (177.0, 65.0, -177.0, 70.0),
    "north": (-180.0, 85.0, 180.0, 90.0),
    "south": (-180.0, -90.0, 180.0, -85.0),
}


def get(client: TestClient, path: str, accept: str = "application/json", **query: str) -> Any:
    """Fetch JSON under /town, as the suite does."""
    response = client.get(f"/town{path}", params=query, headers={"Accept": accept})
    assert response.status_code == 200, response.text
    assert response.headers["content-type"].replace(" ", "") == accept
    return response.json()


def by_rel(document: dict[str, Any]) -> dict[str, list[dict[str, str]]]:
    """Sort links by relation; every link has rel, href and type."""
    found: dict[str, list[dict[str, str]]] = {}
    for link in document["links"]:
        assert link["rel"]
        assert link["type"]
        assert link["href"].startswith("http://testserver/town")
        found.setdefault(link["rel"], []).append(link)
    return found


def check_self_and_alternates(document: dict[str, Any], media: str) -> None:
    links = by_rel(document)
    assert [link["type"] for link in links["self"]] == [media]
    assert "text/html" in {link["type"] for link in links["alternate"]}


def geometries(features: list[dict[str, Any]]) -> Iterator[shapely.Geometry]:
    for feature in features:
        if feature["geometry"] is not None:
            yield shapely.geometry.shape(feature["geometry"])


def check_page(page: dict[str, Any], before: datetime) -> None:
    assert page["type"] == "FeatureCollection"
    assert page["numberReturned"] == len(page["features"]) <= page["numberMatched"]
    assert before <= datetime.fromisoformat(page["timeStamp"]) <= datetime.now(UTC)
    check_self_and_alternates(page, GEOJSON)
    ids = [feature["id"] for feature in page["features"]]
    assert len(set(ids)) == len(ids)
    for feature in page["features"]:
        assert feature["type"] == "Feature"
        assert set(feature) >= {"geometry", "properties"}
    for geometry in geometries(page["features"]):
        west, south, east, north = geometry.bounds
        assert -180 <= west <= east <= 180
        assert -90 <= south <= north <= 90


def follow(client: TestClient, page: dict[str, Any]) -> Iterator[dict[str, Any]]:
    """Give a page's features and those of all that follow."""
    while True:
        yield from page["features"]
        links = by_rel(page).get("next", [])
        if not links:
            return
        (link,) = links
        assert link["type"] == GEOJSON
        page = client.get(link["href"], headers={"Accept": GEOJSON}).json()


# --- HTTP, landing page, API definition, conformance ---


def test_landing_page(client: TestClient) -> None:
    page = get(client, "/")
    links = by_rel(page)
    check_self_and_alternates(page, "application/json")
    assert [link["type"] for link in links["service-desc"]] == [OPENAPI, OPENAPI.replace("3.0", "3.1")]
    assert set(links) >= {"service-doc", "conformance", "data"}
    assert page["title"] == "小镇"
    for link in page["links"]:
        response = client.get(link["href"], headers={"Accept": link["type"]})
        assert response.status_code == 200, link
        assert response.headers["content-type"].partition("; charset")[0] == link["type"]


def test_api_definition_is_openapi_3_0(client: TestClient) -> None:
    document = get(client, "/api", OPENAPI)
    assert document["openapi"].startswith("3.0")
    OpenAPIV30SpecValidator(document).validate()
    assert document["servers"] == [{"url": "http://testserver/town"}]
    assert all(ref.startswith("#/") for ref in re.findall(r"'\$ref': '([^']*)'", str(document)))


def test_api_definition_is_also_openapi_3_1(client: TestClient) -> None:
    document = get(client, "/api", OPENAPI.replace("3.0", "3.1"))
    assert document["openapi"].startswith("3.1")
    OpenAPIV31SpecValidator(document).validate()
    assert client.get("/town/api?f=oas31").json() == document


def test_every_path_of_the_definition_answers(client: TestClient) -> None:
    paths = get(client, "/api", OPENAPI)["paths"]
    assert {f"/collections/{name}/items" for name in PUBLIC} <= set(paths)
    first = {name: str(made()[layer.key].iloc[0]) for name, (layer, made) in FRAMES.items() if len(made())}
    for path in paths:
        collection = path.split("/")[2] if path.startswith("/collections/") else ""
        filled = path.replace("{featureId}", first.get(collection, "none")).replace("{board}", "planner")
        filled = filled.replace("{background}/{z}/{x}/{y}", "1/0/0/0").replace(
            "{tileMatrixSetId}", "WebMercatorQuad"
        )
        filled = filled.replace("{tileMatrix}/{tileRow}/{tileCol}", "0/0/0")
        expected = 404 if filled.endswith("/none") else 204 if "/empty/tiles/WebMercatorQuad/" in filled else 200
        if filled.endswith((".pdf", ".png")):
            expected = 400  # none of these layers is a theme of a board: there is nothing to print
        assert client.get(f"/town{filled}").status_code == expected, filled


def test_conformance(client: TestClient) -> None:
    classes = get(client, "/conformance")["conformsTo"]
    prefix = "http://www.opengis.net/spec/ogcapi-features-1/1.0/conf/"
    features = {uri.removeprefix(prefix) for uri in classes if uri.startswith(prefix)}
    assert features == {"core", "oas30", "html", "geojson"}


# --- collections ---


def test_collections(client: TestClient) -> None:
    document = get(client, "/collections")
    check_self_and_alternates(document, "application/json")
    assert sorted(one["id"] for one in document["collections"]) == PUBLIC
    for one in document["collections"]:
        items = {link["type"] for link in by_rel(one)["items"]}
        assert items == {GEOJSON, "text/html"}
        alone = get(client, f"/collections/{one['id']}")
        check_self_and_alternates(alone, "application/json")
        assert {name: alone[name] for name in alone if name != "links"} == {
            name: one[name] for name in one if name != "links"
        }


@pytest.mark.parametrize("collection", PUBLIC)
def test_collection(client: TestClient, collection: str) -> None:
    document = get(client, f"/collections/{collection}")
    layer, made = FRAMES[collection]
    frame = made()
    assert document["id"] == collection
    assert document["title"] == layer.title.zh
    assert document["itemType"] == "feature"
    assert document["crs"] == [CRS84]
    assert document["itemCount"] == len(frame)
    spatial = document.get("extent", {}).get("spatial")
    if frame.geometry.isna().all():
        assert spatial is None
    else:
        assert spatial["crs"] == CRS84
        assert spatial["bbox"] == [pytest.approx(list(frame.total_bounds), abs=1e-6)]


def test_temporal_extent(client: TestClient) -> None:
    def interval(collection: str) -> Any:
        return get(client, f"/collections/{collection}")["extent"]["temporal"]["interval"]

    assert interval("visits") == [["2026-11-16T12:00:00.000Z", "2026-11-20T12:00:00.000Z"]]
    assert interval("days") == [["2026-11-18T00:00:00.000Z", "2026-11-19T23:59:59.999Z"]]
    assert "extent" not in get(client, "/collections/empty")


def test_figures_of_the_report_stand_on_the_collection(client: TestClient) -> None:
    (complete, missing) = get(client, "/collections/plots", lang="en")["figures"]
    assert (complete["id"], complete["title"]) == ("plots.complete", "Complete")
    assert (complete["numerator"], complete["denominator"]) == (4, 6)  # p1 p3 p4 p5 of six
    assert missing["value"] is None


# --- items ---


@pytest.mark.parametrize("collection", PUBLIC)
def test_items(client: TestClient, collection: str) -> None:
    before = datetime.now(UTC)
    page = get(client, f"/collections/{collection}/items", GEOJSON)
    check_page(page, before)
    layer, made = FRAMES[collection]
    assert [feature["id"] for feature in page["features"]] == made()[layer.key].tolist()


@pytest.mark.parametrize("name", ["limit", "bbox", "datetime"])
@pytest.mark.parametrize("collection", PUBLIC)
def test_parameter_definitions(client: TestClient, collection: str, name: str) -> None:
    document = get(client, "/api", OPENAPI)
    references = document["paths"][f"/collections/{collection}/items"]["get"]["parameters"]
    assert {"$ref": f"#/components/parameters/{name}"} in references
    parameter = document["components"]["parameters"][name]
    assert (parameter["name"], parameter["in"], parameter["required"]) == (name, "query", False)
    assert (parameter["style"], parameter["explode"]) == ("form", False)
    schema = parameter["schema"]
    if name == "limit":
        assert schema == {"type": "integer", "minimum": 1, "maximum": 10_000, "default": 1_000}
    elif name == "bbox":
        assert (schema["type"], schema["items"]["type"]) == ("array", "number")
        assert [(one["minItems"], one["maxItems"]) for one in schema["oneOf"]] == [(4, 4), (6, 6)]
    else:
        assert schema == {"type": "string"}


@pytest.mark.parametrize("limit", [1, 100, 10_000])
@pytest.mark.parametrize("collection", PUBLIC)
def test_limit(client: TestClient, collection: str, limit: int) -> None:
    before = datetime.now(UTC)
    page = get(client, f"/collections/{collection}/items", GEOJSON, limit=str(limit))
    check_page(page, before)
    assert page["numberReturned"] == min(limit, page["numberMatched"])
    assert len(list(follow(client, page))) == page["numberMatched"]


@pytest.mark.parametrize("area", ["extent", *AREAS])
@pytest.mark.parametrize("collection", PUBLIC)
def test_bbox(client: TestClient, collection: str, area: str) -> None:
    extent = get(client, f"/collections/{collection}").get("extent", {}).get("spatial")
    if area == "extent" and extent is None:
        extent = {"bbox": [[-180, -90, 180, 90]]}
    west, south, east, north = AREAS[area] if area in AREAS else extent["bbox"][0]
    before = datetime.now(UTC)
    bbox = f"{west},{south},{east},{north}"
    page = get(client, f"/collections/{collection}/items", GEOJSON, bbox=bbox)
    check_page(page, before)
    boxes = [shapely.box(west, south, east, north)]
    if west > east:
        boxes = [shapely.box(west, south, 180, north), shapely.box(-180, south, east, north)]
    assert all(any(one.intersects(box) for box in boxes) for one in geometries(page["features"]))
    layer, made = FRAMES[collection]
    frame = made()
    placeless = set(frame[layer.key][frame.geometry.isna()])
    inside = {
        id
        for id, one in zip(frame[layer.key], frame.geometry, strict=True)
        if one and any(map(one.intersects, boxes))
    }
    assert {feature["id"] for feature in page["features"]} == placeless | inside
    wide = get(client, f"/collections/{collection}/items", GEOJSON, bbox=f"{west},{south},0,{east},{north},9")
    assert wide["features"] == page["features"]


@pytest.mark.parametrize(
    ("datetime_", "ids"),
    [  # v5 has no time; v6 is at the time of v4
        ("2026-11-18T12:00:00Z", ["v2", "v5"]),
        ("2026-11-18T20:00:00+08:00", ["v2", "v5"]),
        ("2026-11-18", ["v2", "v5"]),
        ("2026-11-17T12:00:00Z/2026-11-18T12:00:00Z", ["v1", "v2", "v5"]),
        ("2026-11-19T12:00:00Z/..", ["v3", "v4", "v5", "v6"]),
        ("/2026-11-17", ["v0", "v1", "v5"]),
        ("2026-11-17T00:00:00Z/P1D", ["v1", "v5"]),
        ("1999-01-01", ["v5"]),
    ],
)
def test_datetime(client: TestClient, datetime_: str, ids: list[str]) -> None:
    before = datetime.now(UTC)
    page = get(client, "/collections/visits/items", GEOJSON, datetime=datetime_)
    check_page(page, before)
    assert [feature["id"] for feature in page["features"]] == ids
    assert page["numberMatched"] == len(ids)


def test_a_date_is_the_whole_day(client: TestClient) -> None:
    page = get(client, "/collections/days/items", GEOJSON, datetime="2026-11-18T23:00:00Z/2026-11-18T23:30:00Z")
    assert [feature["id"] for feature in page["features"]] == ["d1", "d3"]


def test_layers_without_time_are_always_included(client: TestClient) -> None:
    assert get(client, "/collections/dots/items", GEOJSON, datetime="1999-01-01")["numberMatched"] == 137


def test_bbox_datetime_and_limit_and_together(client: TestClient) -> None:
    query = {"bbox": "111,40,113.4,41", "datetime": "2026-11-18/..", "limit": "1"}
    page = get(client, "/collections/visits/items", GEOJSON, **query)
    # at 110.5 + i east: v1 v2 in the box and v6 nowhere; from the 18th on: v2 and v6
    assert page["numberMatched"] == 2
    assert [feature["id"] for feature in follow(client, page)] == ["v2", "v6"]


@pytest.mark.parametrize(
    "query", ["limit=unlimited", "unknownQueryParameter1=1", "crs=x", "bbox=1,2,3", "datetime=x"]
)
@pytest.mark.parametrize("collection", PUBLIC)
def test_invalid_and_unknown_parameters(client: TestClient, collection: str, query: str) -> None:
    response = client.get(f"/town/collections/{collection}/items?{query}", headers={"Accept": GEOJSON})
    assert response.status_code == 400
    assert response.headers["content-type"] == "application/problem+json"


# --- one feature ---


@pytest.mark.parametrize("collection", [name for name in PUBLIC if name != "empty"])
def test_features(client: TestClient, collection: str) -> None:
    page = get(client, f"/collections/{collection}/items", GEOJSON, limit="7")
    for listed in page["features"]:
        feature = get(client, f"/collections/{collection}/items/{quote(listed['id'], safe='')}", GEOJSON)
        check_self_and_alternates(feature, GEOJSON)
        (up,) = by_rel(feature)["collection"]
        assert urlsplit(up["href"]).path == f"/town/collections/{collection}"
        assert {name: feature[name] for name in listed} == listed
        again = client.get(by_rel(feature)["self"][0]["href"], headers={"Accept": GEOJSON}).json()
        assert again == feature


def test_axis_order_and_crs_are_said(client: TestClient) -> None:
    for path in ("/town/collections/plots/items", "/town/collections/plots/items/p1"):
        assert client.get(path).headers["content-crs"] == f"<{CRS84}>"


def test_schema_describes_every_property(client: TestClient) -> None:
    schema = get(client, "/collections/plots/schema", "application/schema+json")
    assert schema["additionalProperties"] is False
    assert schema["properties"]["plot_id"]["x-ogc-role"] == "id"
    assert schema["properties"]["households"]["x-ogc-unit"] == "households"
    assert schema["properties"]["kind"]["enum"] == ["urban", "rural"]
    feature = get(client, "/collections/plots/items/p1", GEOJSON)
    assert set(feature["properties"]) <= set(schema["properties"])
    kinds: dict[str, Any] = {"string": str, "integer": int, "number": (int, float), "boolean": bool, "array": list}
    for name, value in feature["properties"].items():
        assert isinstance(value, kinds[schema["properties"][name]["type"]]), name
