"""The patrol board of a post by the command and by the service: which files, which names, what is refused."""

from __future__ import annotations

import shutil
from collections.abc import Callable
from pathlib import Path

import pytest
from starlette.testclient import TestClient
from typer.testing import CliRunner, Result

from api.app import create_app
from api.board_files import write_holders
from api.cli import app
from api.settings import Settings
from geo.errors import GridwalkError
from geo.io.samples import copy_sample
from geo.service import Build
from maps import holder
from tests.api.small import SmallBuild

RUN = CliRunner()
POST = "synthetic_p067"
PAGE = f"/inner-mongolia/boards/patrol/holders/{POST}.html"


@pytest.fixture(scope="module")
def build(built: Callable[[str], Build]) -> Build:
    return built("inner-mongolia")


@pytest.fixture(scope="module")
def service(build: Build) -> TestClient:
    return TestClient(create_app(Settings(), [build]), base_url="http://testserver")


def maps(build: Build, *arguments: object, lang: str = "en") -> Result:
    given = ["maps", str(build.workspace.root), "--out", str(build.out), *map(str, arguments)]
    return RUN.invoke(app, given, env={"GRIDWALK_LANG": lang})


def test_each_holder_that_is_named_gets_a_file(build: Build, tmp_path: Path) -> None:
    made = maps(
        build, "--holder", POST, "--holder", "synthetic_g090", "--holder", POST, "--to", tmp_path / "stick"
    )
    assert made.exit_code == 0, made.output
    assert f"2 files in {tmp_path / 'stick'}" in made.output
    names = sorted(path.name for path in (tmp_path / "stick").iterdir())
    assert names == [f"inner-mongolia-patrol-{id}.html" for id in ("synthetic_g090", POST)]
    assert all(path.stat().st_size < holder.LIMIT for path in (tmp_path / "stick").iterdir())


def test_every_holder_gets_a_file(build: Build, tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setattr(holder, "page", lambda _build, _frames, one: one.id)  # what is in them, others ask
    made = maps(build, "--board", "patrol", "--each-holder", "--to", tmp_path, lang="zh")
    assert made.exit_code == 0, made.output
    ids = holder.holders(holder.read(build))
    assert {path.name: path.read_text() for path in tmp_path.iterdir()} == {
        f"inner-mongolia-patrol-{id}.html": id for id in ids
    }
    assert f"已写入 {len(ids)} 个文件" in made.output


def test_one_post_without_ground_does_not_keep_the_others_from_their_files(
    build: Build, tmp_path: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    first, *others = holder.holders(holder.read(build))

    def page(_build: Build, _frames: object, one: holder.Holder) -> str:
        if one.id == first:
            raise holder.NoFile("no_ground", one.id)
        return one.id

    monkeypatch.setattr(holder, "page", page)
    made = maps(build, "--each-holder", "--holder", "152923", "--to", tmp_path)
    assert made.exit_code == 1
    names = {path.name for path in tmp_path.iterdir()}
    assert names == {f"inner-mongolia-patrol-{id}.html" for id in (*others, "152923")}
    assert f"{len(names)} files are in {tmp_path}, but not these:" in made.output
    assert f"{first} holds nothing that has a place on the map" in made.output


def test_a_file_is_no_folder_for_files(build: Build, tmp_path: Path) -> None:
    (tmp_path / "x").write_text("mine")
    for arguments in (("--holder", POST), ("--board", "patrol")):
        made = maps(build, *arguments, "--to", tmp_path / "x")
        assert made.exit_code == 1
        assert f"{tmp_path / 'x'} is a file; name a folder" in made.output
    assert (tmp_path / "x").read_text() == "mine"


def test_who_carries_away_what_is_out_of_date_is_told(build: Build, tmp_path: Path) -> None:
    copy = tmp_path / "border"
    shutil.copytree(build.workspace.root, copy, ignore=shutil.ignore_patterns("out"))
    arguments = ["maps", str(copy), "--out", str(build.out), "--holder", POST, "--to", str(tmp_path)]
    fresh = RUN.invoke(app, arguments, env={"GRIDWALK_LANG": "en"})
    assert (fresh.exit_code, "have changed since" in fresh.output) == (0, False)
    segments = copy / "segments.csv"
    segments.write_text(segments.read_text("utf-8").replace("horse", "vehicle"), "utf-8")
    stale = RUN.invoke(app, arguments, env={"GRIDWALK_LANG": "en"})
    assert (stale.exit_code, "have changed since" in stale.output) == (0, True)


def test_whole_boards_are_copied_as_they_were_drawn(build: Build, tmp_path: Path) -> None:
    assert maps(build, "--board", "patrol", "--to", tmp_path).exit_code == 0
    (path,) = tmp_path.iterdir()
    assert path.name == "inner-mongolia-patrol.html"
    assert path.read_bytes() == (build.out / "boards" / "patrol.html").read_bytes()
    assert maps(build, "--to", tmp_path).exit_code == 0
    boards = {path.name.removeprefix("inner-mongolia-") for path in tmp_path.iterdir()}
    assert boards == {path.name for path in (build.out / "boards").glob("*.html")}


@pytest.mark.parametrize(
    ("arguments", "told"),
    [
        (
            ("--holder", POST, "--holder", "synthetic_p6"),
            ("nobody of id synthetic_p6", "相近的有", "synthetic_p06"),
        ),
        (("--holder", "../../etc/passwd"), ("nobody of id ../../etc/passwd",)),
        (("--board", "patrol", "--board", "planner", "--holder", POST), ("leave out --board planner",)),
        (("--board", "nothing"), ("no board nothing in this build; known: planner", "patrol")),
    ],
)
def test_what_is_refused_is_told_and_nothing_is_written(
    build: Build, tmp_path: Path, arguments: tuple[str, ...], told: tuple[str, ...]
) -> None:
    made = maps(build, *arguments, "--to", tmp_path)
    assert made.exit_code == 1
    assert all(text in made.output for text in told), made.output
    assert list(tmp_path.iterdir()) == []


def test_where_no_border_is_held_there_is_nothing_to_make(small: SmallBuild, tmp_path: Path) -> None:
    with pytest.raises(GridwalkError, match="no patrol board"):
        write_holders(small, (), tmp_path, "en")


def test_what_is_not_built_says_so(tmp_path: Path) -> None:
    copy_sample("inner-mongolia", tmp_path / "new")
    made = RUN.invoke(app, ["maps", str(tmp_path / "new"), "--each-holder"], env={"GRIDWALK_LANG": "en"})
    assert made.exit_code == 1
    assert f"gridwalk build {tmp_path / 'new'}" in made.output


def test_the_service_makes_the_file_of_a_post(build: Build, service: TestClient) -> None:
    frames = holder.read(build)
    response = service.get(PAGE)
    assert response.status_code == 200
    assert response.text == holder.page(build, frames, holder.find(frames, POST))
    assert response.headers["content-disposition"] == (
        f"attachment; filename*=UTF-8''inner-mongolia-patrol-{POST}.html"
    )
    assert "default-src 'none'" in response.headers["content-security-policy"]
    again = service.get(PAGE, headers={"If-None-Match": response.headers["etag"]})
    assert again.status_code == 304


@pytest.mark.parametrize("id", ["synthetic_u0003", "152923", "synthetic_g090", "..%2F..%2Freport", "x" * 300])
def test_the_service_has_files_of_posts_alone(service: TestClient, id: str) -> None:
    response = service.get(f"/inner-mongolia/boards/patrol/holders/{id}.html")
    assert response.status_code == 404
    assert len(response.text) < 600


def test_a_workspace_without_a_border_has_none(client: TestClient) -> None:
    assert client.get(f"/town/boards/patrol/holders/{POST}.html").status_code == 404
    assert not any("holders" in path for path in client.get("/town/api").json()["paths"])
