"""Backgrounds as served: the list, tiles of files, the page's policy, and where the key is and is not."""

from __future__ import annotations

import logging
import sys
from collections.abc import Iterator
from pathlib import Path
from typing import Any

import pytest
from starlette.testclient import TestClient

import api.boards
from api.app import create_app
from api.background import TIANDITU, choices
from api.errors import BadSetting
from api.headers import served_policy
from api.ogc.served import Served
from api.serving import run
from api.settings import Settings, environment, read_settings
from api.words import words
from geo.background import Background
from geo.io.tile_files import MVT
from geo.sections import Words
from geo.workspace import Workspace
from tests.api.small import SmallBuild, small_build
from tests.tile_worlds import JPEG, every, mbtiles, pmtiles, png

KEY = "d1a7d1a70badc0de0badc0ded1a7d1a7"
TITLE = Words(zh="图", en="Map")
FAR = "https://{s}.tiles.example.org:8443/{z}/{x}/{y}.png?style=quiet"


def town(root: Path, *backgrounds: Background, **settings: Any) -> tuple[TestClient, SmallBuild]:
    """The small service with these backgrounds instead of its own."""
    made = small_build(root)
    given = {**{name: getattr(made.workspace, name) for name in Workspace.__slots__}, "backgrounds": backgrounds}
    changed = SmallBuild(Workspace(**given), made.out, made.report, frames=made.frames)
    return TestClient(create_app(Settings(**settings), [changed]), base_url="http://testserver"), changed


def listed(client: TestClient) -> list[dict[str, Any]]:
    response = client.get("/town/backgrounds")
    assert response.status_code == 200
    assert response.headers["cache-control"] == "no-store"
    found: list[dict[str, Any]] = response.json()["backgrounds"]
    return found


def test_nothing_is_offered_where_nothing_is_set(tmp_path: Path) -> None:
    client, _ = town(tmp_path)
    assert listed(client) == []


def test_the_list_says_what_a_page_needs(tmp_path: Path) -> None:
    file = mbtiles(tmp_path / "a.mbtiles", every(range(3), png()), bounds="110,40,114,41")
    client, _ = town(
        tmp_path,
        Background(title=TITLE, url=FAR, subdomains=("a", "b"), attribution=TITLE, max_zoom=16, datum="gcj02"),
        Background(title=TITLE, file=file.name, min_zoom=1),
    )
    far, near = listed(client)
    both = {"zh": "图", "en": "Map"}
    assert far == {
        "id": "1",
        "title": both,
        "attribution": both,
        "kind": "raster",
        "tiles": [FAR],
        "subdomains": ["a", "b"],
        "min_zoom": 0,
        "max_zoom": 16,
        "bounds": None,
        "datum": "gcj02",
        "problem": None,
    }
    assert (near["id"], near["min_zoom"], near["max_zoom"], near["datum"]) == ("2", 1, 2, "wgs84")
    assert near["bounds"] == [110, 40, 114, 41]
    assert near["tiles"][0].startswith("backgrounds/2/{z}/{x}/{y}?v=")
    tile = client.get("/town/" + near["tiles"][0].format(z=2, x=1, y=3))
    assert (tile.status_code, tile.headers["content-type"], tile.content) == (200, "image/png", png())


@pytest.mark.parametrize("make", [mbtiles, pmtiles])
def test_tiles_of_a_file(tmp_path: Path, make: Any) -> None:
    file = make(tmp_path / f"a.{make.__name__}", {(1, 0, 0): png(1), (1, 1, 1): JPEG})
    client, _ = town(tmp_path, Background(title=TITLE, file=file.name))
    north = client.get("/town/backgrounds/1/1/0/0")
    assert north.content == png(1)
    assert north.headers["content-type"] == "image/png"
    assert north.headers["x-content-type-options"] == "nosniff"
    assert client.get("/town/backgrounds/1/1/1/1").headers["content-type"] == "image/jpeg"
    assert client.get("/town/backgrounds/1/1/1/0").status_code == 204
    assert client.head("/town/backgrounds/1/1/0/0").status_code == 200
    for path in (
        "2/1/0/0",
        "1/1/2/0",
        "1/1/0/2",
        "1/-1/0/0",
        "1/99/0/0",
        "1/1/0/0.png",
        "1/1/٣/0",
        "x/1/0/0",
        "1/1/1e1/0",
    ):
        missing = client.get(f"/town/backgrounds/{path}")
        assert (missing.status_code, missing.headers["content-type"]) == (404, "application/problem+json"), path
    assert client.get("/town/backgrounds/1/1/0/0?tk=1").status_code == 400
    assert client.get("/town/backgrounds/1/1/0/0?f=gif").status_code == 400


def test_browsers_keep_tiles_until_the_file_is_another(tmp_path: Path) -> None:
    file = mbtiles(tmp_path / "a.mbtiles", {(0, 0, 0): png(1)})
    client, _ = town(tmp_path, Background(title=TITLE, file=file.name))
    before = listed(client)[0]["tiles"][0].format(z=0, x=0, y=0)
    first = client.get(f"/town/{before}")
    assert first.headers["cache-control"] == "public, max-age=31536000, immutable"
    assert client.get("/town/backgrounds/1/0/0/0").headers["cache-control"] == "no-cache"
    etag = {"If-None-Match": first.headers["etag"]}
    assert client.get(f"/town/{before}", headers=etag).status_code == 304
    file.unlink()
    mbtiles(file, {(0, 0, 0): JPEG})
    after = listed(client)[0]["tiles"][0].format(z=0, x=0, y=0)
    assert after != before
    assert client.get(f"/town/{before}", headers=etag).content == JPEG


def test_a_file_that_cannot_be_read_is_named_and_the_others_work(tmp_path: Path) -> None:
    (tmp_path / "bad.pmtiles").write_bytes(b"PMTiles\x03" + bytes(200))
    mbtiles(tmp_path / "good.mbtiles", every(range(1), png()))
    vector = mbtiles(tmp_path / "vector.mbtiles", every(range(1), b"\x1a\x02\x78\x02"), format="pbf")
    names = ("bad.pmtiles", "good.mbtiles", vector.name, "gone.mbtiles")
    client, _ = town(tmp_path, *(Background(title=TITLE, file=name) for name in names))
    bad, good, drawn, gone = listed(client)
    assert good["problem"] is None
    for one, name in ((bad, "bad.pmtiles"), (gone, "gone.mbtiles")):
        assert one["tiles"] == []
        assert name in one["problem"]["zh"]
        assert one["problem"]["en"].startswith("cannot be shown")
    assert drawn["tiles"] == []
    assert drawn["problem"] == {lang: words(lang)["background_vector"] for lang in ("zh", "en")}
    assert client.get("/town/backgrounds/1/0/0/0").status_code == 404
    assert client.get("/town/backgrounds/2/0/0/0").status_code == 200
    assert client.get("/town/backgrounds/3/0/0/0").headers["content-type"] == MVT  # for others who can draw it
    assert client.get("/town/backgrounds/4/0/0/0").status_code == 404


def test_a_link_put_in_place_of_a_file_leads_nowhere(tmp_path: Path) -> None:
    outside = mbtiles(tmp_path / "secret.mbtiles", every(range(1), png()))
    root = tmp_path / "town"
    root.mkdir()
    client, _ = town(root, Background(title=TITLE, file="a.mbtiles"))
    (root / "a.mbtiles").symlink_to(outside)
    assert "not a file in the workspace" in listed(client)[0]["problem"]["en"]
    assert client.get("/town/backgrounds/1/0/0/0").status_code == 404


# --- Tianditu, and its key ---


def test_tianditu_is_offered_by_key_alone_and_only_in_web_mercator(tmp_path: Path) -> None:
    client, _ = town(tmp_path, tianditu_key=KEY)
    found = listed(client)
    assert [one["id"] for one in found] == [f"tianditu-{name}" for name in TIANDITU]
    for one in found:
        assert len(one["tiles"]) == 2  # the map and its names
        assert all(
            "_w/wmts?" in url and "TILEMATRIXSET=w&" in url and url.endswith(f"&tk={KEY}") for url in one["tiles"]
        )
        assert one["subdomains"] == list("01234567")
        assert one["datum"] == "wgs84"  # CGCS2000, which is the same within decimetres
        assert "天地图" in one["attribution"]["zh"]


def _texts(folder: Path) -> Iterator[tuple[str, bytes]]:
    for path in folder.rglob("*"):
        if path.is_file():
            yield str(path), path.read_bytes()


def test_the_key_is_in_one_answer_and_in_no_file(
    tmp_path: Path, caplog: pytest.LogCaptureFixture, capfd: pytest.CaptureFixture[str]
) -> None:
    caplog.set_level(logging.DEBUG)
    client, made = town(tmp_path, tianditu_key=KEY)
    with_key = []
    paths = [
        "/",
        "/livez",
        "/readyz",
        "/town/boards/planner",
        "/town/boards/planner.html",
        "/town/pictures/planner.svg",
    ]
    paths += [f"/town{path}" for path in client.get("/town/api").json()["paths"] if "{" not in path]
    for path in paths:
        response = client.get(path)
        if KEY in response.text + str(response.headers):
            with_key.append(path)
    assert with_key == ["/town/backgrounds"]
    assert "/town/report" in paths
    assert [name for name, content in _texts(made.workspace.root) if KEY.encode() in content] == []
    said = capfd.readouterr()
    assert KEY not in caplog.text + said.out + said.err
    assert KEY not in repr(Settings(tianditu_key=KEY)) + str(Settings(tianditu_key=KEY))
    assert KEY not in Settings(tianditu_key=KEY).model_dump_json()


def test_the_key_reaches_server_processes(monkeypatch: pytest.MonkeyPatch) -> None:
    for name, value in environment(Settings(tianditu_key=KEY)).items():
        monkeypatch.setenv(name, value)
    assert read_settings().tianditu_key.get_secret_value() == KEY


@pytest.mark.parametrize("wrong", ["short", "'; script-src *", KEY + " ", f"{KEY}&T=x"])
def test_a_wrong_key_is_refused_without_repeating_it(monkeypatch: pytest.MonkeyPatch, wrong: str) -> None:
    monkeypatch.setenv("GRIDWALK_TIANDITU_KEY", wrong)
    with pytest.raises(BadSetting, match="GRIDWALK_TIANDITU_KEY") as caught:
        read_settings()
    assert wrong not in str(caught.value)


def test_starting_says_nothing_of_the_key(
    monkeypatch: pytest.MonkeyPatch, capsys: pytest.CaptureFixture[str]
) -> None:
    monkeypatch.setenv("GRIDWALK_TIANDITU_KEY", KEY)
    monkeypatch.setitem(sys.modules, "uvicorn", type("none", (), {"run": staticmethod(lambda *_, **__: None)}))
    run([], host="127.0.0.1", port=0, workers=1)
    said = capsys.readouterr()
    assert KEY not in said.out + said.err


def test_backgrounds_are_behind_the_keys_of_readers(tmp_path: Path) -> None:
    client, _ = town(tmp_path, tianditu_key=KEY, api_key_hashes=("0" * 64,))
    assert client.get("/town/backgrounds").status_code == 401
    assert client.get("/town/backgrounds/1/0/0/0").status_code == 401


# --- the policy of the page ---


def policy(client: TestClient) -> dict[str, str]:
    header = client.get("/town/boards/planner").headers["content-security-policy"]
    return {part.split()[0]: part.partition(" ")[2] for part in header.split("; ")}


@pytest.fixture
def drawn(tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> Path:
    """A folder whose planner board is there in its served form."""
    (tmp_path / "out" / "boards" / "served").mkdir(parents=True)
    (tmp_path / "out" / "boards" / "served" / "planner.html").write_text("<!doctype html><title>served</title>")
    monkeypatch.setattr(api.boards, "is_drawn", lambda _: True)
    return tmp_path


def test_a_page_may_ask_only_its_own_server_by_default(drawn: Path) -> None:
    client, _ = town(drawn)
    assert policy(client)["img-src"] == "'self' data: blob:"
    assert policy(client)["connect-src"] == "'self'"
    assert policy(client)["default-src"] == "'none'"
    assert "http" not in served_policy()


def test_a_page_may_show_pictures_of_exactly_the_hosts_that_are_set(drawn: Path) -> None:
    client, made = town(
        drawn,
        Background(title=TITLE, url=FAR, subdomains=("a", "b")),
        Background(title=TITLE, url="http://10.0.0.5/{z}/{x}/{-y}.png"),
        tianditu_key=KEY,
    )
    found = policy(client)
    tianditu = " ".join(f"https://t{n}.tianditu.gov.cn" for n in range(8))
    own = "https://a.tiles.example.org:8443 https://b.tiles.example.org:8443 http://10.0.0.5"
    assert found["img-src"] == f"'self' data: blob: {tianditu} {own}"
    assert [name for name, value in found.items() if "http" in value] == ["img-src"]
    assert KEY not in str(found)
    assert len(choices(Served(made, Settings()))) == 2


def test_what_a_browser_kept_goes_with_its_policy(drawn: Path) -> None:
    before, _ = town(drawn)
    etag = {"If-None-Match": before.get("/town/boards/planner").headers["etag"]}
    assert before.get("/town/boards/planner", headers=etag).status_code == 304
    after, _ = town(drawn, Background(title=TITLE, url=FAR))
    assert after.get("/town/boards/planner", headers=etag).status_code == 200


def test_no_page_tells_foreign_servers_where_its_reader_is(drawn: Path) -> None:
    client, _ = town(drawn, tianditu_key=KEY)
    assert client.get("/town/boards/planner").headers["referrer-policy"] == "same-origin"
