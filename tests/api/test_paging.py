"""Pages partition a collection, whatever the limit, the box and the time; no request breaks the service."""

from __future__ import annotations

from typing import Any
from urllib.parse import parse_qsl, quote, urlsplit

import pytest
import shapely
from hypothesis import HealthCheck, example, given, settings
from hypothesis import strategies as st
from starlette.testclient import TestClient

from api.query import token
from tests.api.small import DOTS, FRAMES

quick = settings(max_examples=25, deadline=None, suppress_health_check=[HealthCheck.function_scoped_fixture])
ITEMS = "/town/collections/dots/items"
ALL = FRAMES["dots"][1]()["dot_id"].tolist()


def walk(client: TestClient, query: dict[str, Any], rel: str = "next") -> list[dict[str, Any]]:
    """Follow links from a first page; give all pages."""
    pages = [client.get(ITEMS, params=query).raise_for_status().json()]
    while following := [link["href"] for link in pages[-1]["links"] if link["rel"] == rel]:
        pages.append(client.get(following[0]).raise_for_status().json())
        assert len(pages) <= DOTS + 1, "the links go round in circles"
    return pages


def ids(pages: list[dict[str, Any]]) -> list[str]:
    return [feature["id"] for page in pages for feature in page["features"]]


@quick
@given(st.integers(1, DOTS + 5))
def test_pages_partition_a_collection(client: TestClient, limit: int) -> None:
    pages = walk(client, {"limit": limit})
    assert ids(pages) == ALL
    assert {page["numberMatched"] for page in pages} == {DOTS}
    assert [page["numberReturned"] for page in pages[:-1]] == [limit] * (len(pages) - 1)


@quick
@given(st.integers(1, 40), st.integers(0, DOTS + 5))
def test_an_offset_skips_and_links_go_on_from_there(client: TestClient, limit: int, offset: int) -> None:
    pages = walk(client, {"limit": limit, "offset": offset})
    assert ids(pages) == ALL[offset:]
    assert all(
        "offset" not in dict(parse_qsl(urlsplit(link["href"]).query))
        for page in pages
        for link in page["links"]
        if link["rel"] in ("next", "prev")
    )


@quick
@given(st.integers(1, 40))
def test_going_back_shows_the_same_pages(client: TestClient, limit: int) -> None:
    forth = walk(client, {"limit": limit})
    start = next(link["href"] for link in forth[-1]["links"] if link["rel"] == "self")
    back = walk(client, dict(parse_qsl(urlsplit(start).query)), rel="prev")
    assert [page["features"] for page in back] == [page["features"] for page in reversed(forth)]


@quick
@given(st.floats(105, 115), st.floats(105, 115), st.floats(36, 44), st.floats(36, 44), st.integers(1, 50))
@example(110.0, 110.0, 40.0, 40.0, 3)
@example(115.0, 105.0, 36.0, 44.0, 50)
def test_pages_of_a_box_are_what_a_slow_search_finds(
    client: TestClient, west: float, east: float, one: float, other: float, limit: int
) -> None:
    south, north = min(one, other), max(one, other)
    pages = walk(client, {"bbox": f"{west!r},{south!r},{east!r},{north!r}", "limit": limit})

    def inside(point: shapely.Point | None) -> bool:
        if point is None:
            return True
        if west <= east:
            return bool(west <= point.x <= east and south <= point.y <= north)
        return bool((point.x >= west or point.x <= east) and south <= point.y <= north)

    frame = FRAMES["dots"][1]()
    assert ids(pages) == [id for id, point in zip(frame["dot_id"], frame.geometry, strict=True) if inside(point)]


def test_a_page_of_an_earlier_version_is_gone(client: TestClient) -> None:
    response = client.get(ITEMS, params={"after": token("another", 5)})
    assert response.status_code == 410
    assert "begin again" in response.json()["detail"]


def test_a_page_beyond_the_end_is_empty(client: TestClient) -> None:
    page = client.get(ITEMS, params={"offset": 10**30}).json()
    assert (page["features"], page["numberReturned"], page["numberMatched"]) == ([], 0, DOTS)
    assert "next" not in {link["rel"] for link in page["links"]}


TEXT = st.text(st.characters(codec="utf-8", exclude_categories=["Cs"]), max_size=60)
NUMBERS = st.lists(st.one_of(st.floats(), st.integers(), st.just("")), max_size=7).map(
    lambda parts: ",".join(map(str, parts))
)
VALUES = st.one_of(TEXT, NUMBERS, st.sampled_from(["", "0", "-1", "../..", "P1D", "json", "html", "NaN", "1e400"]))
NAMES = st.sampled_from(
    ["limit", "bbox", "datetime", "offset", "after", "f", "lang", "crs", "filter", "_", "", "%"]
)


@quick
@given(st.sampled_from(["dots", "visits", "empty"]), st.lists(st.tuples(NAMES, VALUES), max_size=4))
def test_no_query_breaks_the_service(client: TestClient, collection: str, query: list[tuple[str, str]]) -> None:
    response = client.get(f"/town/collections/{collection}/items", params=query)
    assert response.status_code in (200, 400, 410)
    if response.status_code != 200:
        assert response.headers["content-type"] == "application/problem+json"
        assert response.json()["detail"]


@quick
@given(
    TEXT,
    st.dictionaries(
        st.sampled_from(["Accept", "Accept-Language", "Accept-Encoding", "If-None-Match", "X-API-Key", "Range"]),
        st.text(st.characters(min_codepoint=32, max_codepoint=126), max_size=40),
    ),
)
def test_no_path_or_header_breaks_the_service(client: TestClient, tail: str, headers: dict[str, str]) -> None:
    for path in (
        "/",
        "/town/",
        "/town/collections/",
        "/town/collections/plots/items/",
        "/town/files/layers/",
        "/town/boards/",
    ):
        response = client.get(path + quote(tail), headers=headers, follow_redirects=False)
        assert response.status_code in (200, 304, 308, 404, 405, 406, 400), response.text


@pytest.mark.parametrize(
    "query",
    [
        "limit=%FF%FE",
        "bbox=%00",
        "datetime=%E4%B8",
        "%C3%28=1",
        "limit=1&limit=2",
        "f=json&f=html",
        "&&&",
        "=",
        "limit",
    ],
)
def test_malformed_bytes_in_a_query(client: TestClient, query: str) -> None:
    assert client.get(f"{ITEMS}?{query}").status_code in (200, 400)
