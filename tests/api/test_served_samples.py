"""The samples as they are served: every feature of every layer, with the figures of the report."""

from __future__ import annotations

import csv
import io
from collections.abc import Callable
from pathlib import Path

import orjson
import pytest
from openapi_spec_validator import OpenAPIV30SpecValidator
from python_calamine import CalamineWorkbook
from starlette.testclient import TestClient

from api.app import from_environment
from api.errors import BadSetting
from api.settings import Settings, environment
from geo import catalogue
from geo.service import Build
from tests.conftest import SAMPLES


@pytest.fixture
def client(built: Callable[[str], Build], monkeypatch: pytest.MonkeyPatch) -> TestClient:
    """A service of all samples, started as a server process starts it."""
    folders = tuple(built(name).workspace.root for name in SAMPLES)
    for name, value in environment(Settings(workspaces=folders, limit_default=500)).items():
        monkeypatch.setenv(name, value)
    return TestClient(from_environment())


def test_samples_are_served_whole(client: TestClient, built: Callable[[str], Build]) -> None:
    for name in SAMPLES:
        made = built(name)
        listed = client.get(f"/{name}/collections").json()["collections"]
        assert [one["id"] for one in listed] == [one["id"] for one in made.report["layers"]]
        assert not {one["id"] for one in listed} & {layer.id for layer in catalogue.LAYERS if layer.private}
        for one in listed:
            features, url = [], f"/{name}/collections/{one['id']}/items"
            while url:
                page = client.get(url).json()
                features += page["features"]
                url = next((link["href"] for link in page["links"] if link["rel"] == "next"), "")
            file = orjson.loads((made.out / "layers" / f"{one['id']}.geojson").read_bytes())
            assert features == file["features"], one["id"]
            assert len(features) == one["itemCount"] == page["numberMatched"]


def test_figures_are_those_of_the_report(client: TestClient, built: Callable[[str], Build]) -> None:
    for name in SAMPLES:
        reported = {one["id"]: one["figures"] for one in built(name).report["layers"]}
        for one in client.get(f"/{name}/collections?lang=en").json()["collections"]:
            numbers = ("id", "value", "unit", "numerator", "denominator")
            assert [[figure[key] for key in numbers] for figure in one["figures"]] == [
                [figure[key] for key in numbers] for figure in reported[one["id"]]
            ]


def test_every_layer_of_a_sample_is_a_table(client: TestClient, built: Callable[[str], Build]) -> None:
    for name in SAMPLES:
        for layer in built(name).layers():
            ids = built(name).frame(layer.id)[layer.key].tolist()
            path = f"/{name}/collections/{layer.id}/items"
            lines = csv.reader(io.StringIO(client.get(path, params={"f": "csv"}).content.decode("utf-8-sig")))
            assert [row[0].strip("\t'") for row in lines] == [layer.key, *ids], layer.id
            book = client.get(path, params={"f": "xlsx", "limit": "20"}).content
            rows = CalamineWorkbook.from_filelike(io.BytesIO(book)).get_sheet_by_index(0).to_python()
            assert [row[0] for row in rows[1:]] == ids[:20], layer.id


def test_definitions_of_samples_are_valid(client: TestClient) -> None:
    for name in SAMPLES:
        OpenAPIV30SpecValidator(client.get(f"/{name}/api").json()).validate()


def test_every_page_of_a_sample_opens(client: TestClient) -> None:
    for name in SAMPLES:
        for one in client.get(f"/{name}/collections").json()["collections"]:
            for path in ("", "/schema", "/items?limit=3"):
                response = client.get(f"/{name}/collections/{one['id']}{path}", headers={"Accept": "text/html"})
                assert response.status_code == 200
        for path in ("/", f"/{name}/report", f"/{name}/pictures/planner.svg", f"/{name}/boards/planner"):
            assert client.get(path).status_code == 200, path
    assert client.get("/readyz").json()["status"] == "ready"


def test_a_workspace_without_a_build_is_not_served(tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> None:
    folder = tmp_path / "bare"
    folder.mkdir()
    (folder / "workspace.toml").write_text('schema = 1\nid = "bare"\ntitle = { zh = "空", en = "Bare" }\n')
    for name, value in environment(Settings(workspaces=(folder,))).items():
        monkeypatch.setenv(name, value)
    with pytest.raises(BadSetting, match="gridwalk build"):
        from_environment()
