"""A workspace is built anew while it is served: the service goes over to it, and no page mixes two builds."""

from __future__ import annotations

import gc
import weakref
from pathlib import Path

import pytest
from starlette.testclient import TestClient

from api import publishing
from api.app import create_app, from_environment
from api.latest import HEADER
from api.ogc.served import Served
from api.pages.picture import picture
from api.publishing import STAMP
from api.settings import Settings, environment
from geo import service
from geo.service import Build, open_build
from geo.workspace import open_workspace
from tests.api.small import SmallBuild
from tests.api.test_cli import first_town, squares, town  # noqa: F401 (fixtures)

BOARD, FILE, ITEMS = "/town/boards/planner", "/town/files/layers/grids.geojson", "/town/collections/grids/items"


def opened(folder: Path) -> Build:
    made = open_build(open_workspace(folder))
    assert made is not None
    return made


def spoil(folder: Path) -> None:
    squares().drop(index=1).to_file(folder / "grids.geojson")


@pytest.fixture
def running(town: Path, monkeypatch: pytest.MonkeyPatch) -> TestClient:  # noqa: F811
    """The town's service, started as a server process starts it."""
    publishing.build(open_workspace(town))
    for name, value in environment(Settings(workspaces=(town,))).items():
        monkeypatch.setenv(name, value)
    return TestClient(from_environment(), base_url="http://testserver")


def test_a_new_build_is_served_as_soon_as_it_is_drawn(running: TestClient, town: Path) -> None:  # noqa: F811
    before = running.get("/town/report").json()["version"]
    etag = running.get(BOARD).headers["etag"]
    spoil(town)
    made, _ = publishing.build(open_workspace(town))
    assert made.version != before
    assert running.get("/town/report").json()["version"] == made.version
    assert running.get(ITEMS).json()["numberMatched"] == 3
    shown = running.get(BOARD, headers={"If-None-Match": etag})
    assert shown.status_code == 200
    assert made.version in shown.text
    assert "compare=1" in running.get("/", headers={"Accept": "text/html"}).text


def test_until_boards_are_drawn_the_old_build_is_served_and_says_what_is_gone(
    running: TestClient,
    town: Path,  # noqa: F811
) -> None:
    before = running.get("/town/report").json()["version"]
    drawn = running.get(BOARD).text
    spoil(town)
    service.build(open_workspace(town))  # published, not drawn
    assert running.get("/town/report").json()["version"] == before
    assert running.get(ITEMS).json()["numberMatched"] == 4
    assert running.get(BOARD).text == drawn
    for path in (FILE, "/town/report?f=md"):
        refused = running.get(path)
        assert (refused.status_code, refused.headers["retry-after"]) == (503, "30"), path
        assert "made anew" in refused.json()["detail"]
    (town / "out" / "boards" / STAMP).unlink()  # now they are being drawn
    for path in (BOARD, f"{BOARD}.html"):
        assert "drawn anew" in running.get(path).json()["detail"]


def test_a_service_of_one_build_never_shows_boards_of_another(town: Path) -> None:  # noqa: F811
    publishing.build(open_workspace(town))
    client = TestClient(create_app(Settings(), [opened(town)]), base_url="http://testserver")
    assert client.get(BOARD).status_code == 200
    spoil(town)
    publishing.build(open_workspace(town))
    assert [client.get(path).status_code for path in (BOARD, f"{BOARD}.html", FILE, ITEMS)] == [503, 503, 503, 200]


def test_boards_are_nobody_s_while_they_are_drawn(town: Path, monkeypatch: pytest.MonkeyPatch) -> None:  # noqa: F811
    made, _ = publishing.build(open_workspace(town))
    assert publishing.has_boards(made)
    seen = []
    spoil(town)
    publishing.build(
        open_workspace(town), progress=lambda *_: seen.append((town / "out" / "boards" / STAMP).exists())
    )
    assert seen[-1] is False
    assert not publishing.has_boards(made)
    assert publishing.has_boards(opened(town))


def test_a_new_build_that_cannot_be_opened_leaves_the_old_one(
    running: TestClient,
    town: Path,  # noqa: F811
    caplog: pytest.LogCaptureFixture,
) -> None:
    spoil(town)
    publishing.build(open_workspace(town))
    (town / "workspace.toml").write_text("id = [", encoding="utf-8")
    assert running.get(ITEMS).json()["numberMatched"] == 4
    assert running.get(BOARD).status_code == 503
    assert [record.message.partition(":")[0] for record in caplog.records if record.name == "uvicorn.error"] == [
        "the new build is not served"
    ]


def test_a_page_of_another_build_gets_nothing_that_would_not_fit(small: SmallBuild) -> None:
    client = TestClient(create_app(Settings(), [small]), base_url="http://testserver")
    path = "/town/collections/plots/items/p1?f=json"
    assert client.get(path, headers={HEADER: small.version}).status_code == 200
    refused = client.get(path, headers={HEADER: "0" * 32})
    assert (refused.status_code, refused.headers["cache-control"]) == (410, "no-store")
    assert "load the page again" in refused.json()["detail"]


def test_what_was_drawn_of_a_build_is_forgotten_with_it(small: SmallBuild) -> None:
    served = Served(small, Settings())
    assert picture(served, "planner") is picture(served, "planner")
    gone = weakref.ref(served)
    del served
    gc.collect()
    assert gone() is None


def test_files_are_kept_for_ever_only_under_the_address_that_names_their_content(small: SmallBuild) -> None:
    client = TestClient(create_app(Settings(), [small]), base_url="http://testserver")
    page = client.get("/", headers={"Accept": "text/html"}).text
    tag = page.partition("static/page.css?v=")[2].partition('"')[0]
    kept = {v: client.get("/static/page.css", params=v).headers["cache-control"] for v in (f"v={tag}", "v=0", "")}
    assert "immutable" in kept.pop(f"v={tag}")
    assert set(kept.values()) == {"no-cache"}
