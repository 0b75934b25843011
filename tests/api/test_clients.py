"""Clients that people have, unpatched, against a real server: GDAL (which QGIS and geopandas use) and OWSLib."""

from __future__ import annotations

import http.client
import json
import socket
from collections.abc import Iterator
from pathlib import Path
from typing import Any
from urllib.parse import urlsplit

import geopandas as gpd
import numpy as np
import owslib.ogcapi.features
import pandas as pd
import pyogrio
import pytest
import shapely

from geo.layer import Layer
from tests.api.live import NOTES, serving
from tests.api.small import DOTS, FRAMES

PUBLIC = [name for name, (layer, _) in FRAMES.items() if not layer.private]


@pytest.fixture(scope="module")
def folder(tmp_path_factory: pytest.TempPathFactory) -> Path:
    """Folder of the server."""
    return tmp_path_factory.mktemp("live")


@pytest.fixture(scope="module")
def server(folder: Path) -> Iterator[str]:
    """Address of a server process."""
    with serving(folder) as address:
        yield address


def plain(value: Any) -> Any:
    """Make a cell comparable: what is missing is None, a list is a list, a number a float, a time UTC."""
    if isinstance(value, (list, np.ndarray)):
        return list(value)
    if pd.isna(value):
        return None
    if isinstance(value, pd.Timestamp):
        return value.tz_localize("UTC") if value.tzinfo is None else value.tz_convert("UTC")
    return value if isinstance(value, str) else float(value)


def same(read: gpd.GeoDataFrame, layer: Layer, frame: gpd.GeoDataFrame) -> None:
    """Compare what a client read with what was published, feature by feature."""
    assert len(read) == len(frame)
    for field in layer.fields:
        assert list(map(plain, read[field.name])) == list(map(plain, frame[field.name])), field.name
    for one, other in zip(read.geometry, frame.geometry, strict=True):
        assert (one is None) == (other is None)
        if one is not None:
            assert shapely.equals_exact(one.normalize(), other.normalize(), tolerance=1e-7)


@pytest.mark.parametrize("collection", [name for name in PUBLIC if name != "empty"])
def test_gdal_reads_every_feature(server: str, collection: str) -> None:
    layer, made = FRAMES[collection]
    read = pyogrio.read_dataframe(f"OAPIF:{server}/town", layer=collection)
    same(read, layer, made())
    assert read.crs.to_epsg() == 4326 or read.crs.to_authority() == ("OGC", "CRS84")


def test_gdal_lists_the_collections(server: str) -> None:
    assert [name for name, _ in pyogrio.list_layers(f"OAPIF:{server}/town")] == PUBLIC
    assert [name for name, _ in pyogrio.list_layers(f"OAPIF:{server}/town/")] == PUBLIC


def test_gdal_knows_the_fields_of_an_empty_collection(server: str) -> None:
    read = pyogrio.read_info(f"OAPIF:{server}/town", layer="empty")
    assert read["features"] == 0
    assert dict(zip(read["fields"], read["ogr_types"], strict=True)) == {
        "empty_id": "OFTString",
        "when": "OFTDateTime",
    }


def test_gdal_takes_types_from_the_schema(server: str) -> None:
    read = pyogrio.read_info(f"OAPIF:{server}/town", layer="plots")
    types = dict(zip(read["fields"], read["ogr_types"], strict=True))
    assert types["households"] == "OFTInteger"
    assert types["load"] == "OFTReal"
    assert types["roles"] == "OFTStringList"


def test_gdal_asks_for_a_box(server: str) -> None:
    read = pyogrio.read_dataframe(f"OAPIF:{server}/town", layer="dots", bbox=(109, 39, 110, 40))
    frame = FRAMES["dots"][1]()
    box = shapely.box(109, 39, 110, 40)
    assert read["dot_id"].tolist() == frame["dot_id"][frame.geometry.intersects(box)].tolist()


def test_gdal_pages_are_as_long_as_the_definition_says(server: str, folder: Path) -> None:
    (folder / NOTES).write_text("")
    assert len(pyogrio.read_dataframe(f"OAPIF:{server}/town", layer="dots")) == DOTS
    asked = [line for line in (folder / NOTES).read_text().splitlines() if "/items?" in line]
    full = [line for line in asked if "limit=60" in line]
    assert len(full) == 3  # 60 + 60 + 17, after a small page for the types
    assert ["after=" in line for line in full] == [False, True, True]


def test_owslib(server: str) -> None:
    api = owslib.ogcapi.features.Features(f"{server}/town")
    assert api.api()["openapi"].startswith("3.0")
    assert "http://www.opengis.net/spec/ogcapi-features-1/1.0/conf/core" in api.conformance()["conformsTo"]
    assert api.feature_collections() == PUBLIC
    assert api.collection("plots")["id"] == "plots"
    assert api.collection_schema("plots")["properties"]["plot_id"]["type"] == "string"
    page = api.collection_items("dots", limit=7, bbox=[-180, -90, 180, 90])
    assert (page["numberReturned"], page["numberMatched"]) == (7, DOTS)
    assert api.collection_item("plots", "p1")["properties"]["name"] == "东街"


def raw(server: str, request: bytes) -> tuple[int, bytes]:
    """Send bytes as they are; give status and body."""
    host = urlsplit(server)
    with socket.create_connection((str(host.hostname), int(host.port or 0)), timeout=10) as connection:
        connection.sendall(request)
        response = http.client.HTTPResponse(connection)
        response.begin()
        return response.status, response.read()


@pytest.mark.parametrize(
    "target",
    [
        *(
            b"/town/%ff%fe",
            b"/town/collections/%C3%28/items",
            b"/%00",
            b"//town/",
            b"/town//",
            b"/town/./collections",
        ),
        *(b"/town/collections/plots/items?%zz", b"/town/collections/plots/items?bbox=%E5%8C%97", b"/\xe5\x8c\x97"),
        *(
            b"/town/../../etc/passwd",
            b"/town/files/layers/..%5c..%5chomes.geojson",
            b"*",
            b"http://evil.example/town/",
        ),
    ],
)
def test_malformed_targets_are_the_clients_fault(server: str, target: bytes) -> None:
    host = urlsplit(server).netloc.encode()
    status, body = raw(server, b"GET " + target + b" HTTP/1.1\r\nHost: " + host + b"\r\nConnection: close\r\n\r\n")
    assert 400 <= status < 500, body
    assert b"private" not in body


def test_a_forged_host_does_not_reach_links(server: str) -> None:
    forged = (
        b"GET /town/ HTTP/1.1\r\nHost: evil.example\r\nX-Forwarded-Host: evil.example\r\nConnection: close\r\n\r\n"
    )
    status, body = raw(server, forged)
    assert status == 400
    status, body = raw(server, forged.replace(b"Host: evil.example", b"Host: localhost", 1))
    assert status == 200
    assert "evil" not in json.dumps(json.loads(body))
