"""Boards on paper over HTTP, and by the command."""

from __future__ import annotations

import os
from pathlib import Path
from typing import Any, cast

import pytest
from starlette.testclient import TestClient
from typer.testing import CliRunner

from api import cli, prints
from api.app import create_app
from api.settings import Settings
from geo.service import Build
from maps.print import NoFont
from tests.api.small import SmallBuild, small_build

DRAWN: list[dict[str, Any]] = []


def drawn(build: Build, board: str, **given: Any) -> dict[str, bytes]:
    """Stand in for the drawing, which has tests of its own: say what was asked for."""
    DRAWN.append({"board": board, **given})
    if given["themes"] == ["fontless"]:
        raise NoFont({"赛"})
    head = b"%PDF-" if given["format"] == "pdf" else b"\x89PNG"
    return {f"a.{given['format']}": head + repr(sorted(given.items())).encode()}


@pytest.fixture
def printing(tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> tuple[TestClient, SmallBuild]:
    monkeypatch.setattr(prints, "sheets", drawn)
    DRAWN.clear()
    build = small_build(tmp_path)
    return TestClient(create_app(Settings(), [build]), base_url="http://testserver"), build


def test_a_board_as_pdf_and_png(printing: tuple[TestClient, SmallBuild]) -> None:
    client, _ = printing
    paper = client.get("/town/boards/planner.pdf?lang=en")
    assert paper.status_code == 200 and paper.headers["content-type"] == "application/pdf"
    assert paper.content.startswith(b"%PDF-") and "planner-A3-en.pdf" in paper.headers["content-disposition"]
    assert DRAWN[-1]["service"] == "http://testserver" and not DRAWN[-1]["first"] and not DRAWN[-1]["themes"]
    picture = client.get(
        "/town/boards/planner.png?theme=walk&paper=A4&view=community", headers={"Accept-Language": "zh"}
    )
    assert picture.headers["content-type"] == "image/png" and picture.content.startswith(b"\x89PNG")
    assert DRAWN[-1] | {"board": "planner"} == DRAWN[-1]
    wanted = {"paper": "A4", "lang": "zh", "themes": ["walk"], "view": "community", "format": "png", "first": True}
    assert wanted.items() <= DRAWN[-1].items()


def test_a_second_request_is_a_file_read_and_a_third_not_even_that(
    printing: tuple[TestClient, SmallBuild],
) -> None:
    client, build = printing
    one, two = (client.get("/town/boards/planner.pdf?paper=A4") for _ in range(2))
    assert one.content == two.content and len(DRAWN) == 1
    assert len(list((build.out / "prints").iterdir())) == 1
    same = client.get("/town/boards/planner.pdf?paper=A4", headers={"If-None-Match": one.headers["etag"]})
    assert same.status_code == 304 and not same.content
    other = client.get("/town/boards/planner.pdf?paper=A3")
    assert other.headers["etag"] != one.headers["etag"] and len(DRAWN) == 2


@pytest.mark.parametrize(
    ("address", "status", "says"),
    [
        ("/town/boards/nope.pdf", 404, "known: planner"),
        ("/town/boards/planner.svg", 404, "planner"),
        ("/town/boards/planner.pdf?paper=A5", 400, "A3, A4"),
        ("/town/boards/planner.pdf?dpi=9000", 400, "known: paper, theme, view"),
        ("/town/boards/planner.pdf?theme=a&theme=b", 400, "twice"),
        ("/town/boards/planner.pdf?theme=fontless", 503, "fonts-noto-cjk"),
    ],
)
def test_what_is_wrong_is_said(
    printing: tuple[TestClient, SmallBuild], address: str, status: int, says: str
) -> None:
    answer = printing[0].get(address)
    assert answer.status_code == status and answer.headers["content-type"] == "application/problem+json"
    assert says in answer.json()["detail"]


def test_an_unknown_theme_is_refused(tmp_path: Path) -> None:
    client = TestClient(create_app(Settings(), [small_build(tmp_path)]), base_url="http://testserver")
    answer = client.get("/town/boards/planner.pdf?theme=nope")
    assert answer.status_code == 400 and "no theme 'nope'" in answer.json()["detail"]


def test_a_folder_that_cannot_be_written_to_is_no_hindrance(printing: tuple[TestClient, SmallBuild]) -> None:
    client, build = printing
    (build.out / "prints").write_text("in the way")
    assert client.get("/town/boards/planner.pdf").status_code == 200


def test_prints_are_in_the_definition(printing: tuple[TestClient, SmallBuild]) -> None:
    paths = printing[0].get("/town/api?f=json").json()["paths"]
    operation = paths["/boards/{board}.pdf"]["get"]
    assert "application/pdf" in operation["responses"]["200"]["content"]
    named = [one.get("$ref", "").rpartition("/")[2] for one in operation["parameters"]]
    assert {"board", "paper", "theme", "view", "lang"} <= set(named)


def test_the_oldest_prints_go_when_there_are_too_many(tmp_path: Path) -> None:
    for at, name in enumerate(("c.pdf", "a.png", "b.pdf")):
        (tmp_path / name).write_bytes(b"x" * 100)
        os.utime(tmp_path / name, (at, at))
    assert prints.kept(tmp_path, "new.pdf", most=250) == tmp_path / "new.pdf"
    assert sorted(path.name for path in tmp_path.iterdir()) == ["a.png", "b.pdf"]
    prints.kept(tmp_path, "new.pdf", most=0)
    assert not list(tmp_path.iterdir())
    assert prints.kept(tmp_path / "not-yet", "new.pdf") == tmp_path / "not-yet" / "new.pdf"


def test_the_command_writes_a_file_or_into_a_folder(tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> None:
    from api import sheets_out

    def two(build: Build, board: str, **given: Any) -> dict[str, bytes]:
        names = given["themes"] or ["walk", "border"]
        return {
            f"{name}.{given['format']}": name.encode() for name in (names if given["format"] == "png" else ["all"])
        }

    monkeypatch.setattr(sheets_out, "sheets", two)
    monkeypatch.setattr(cli, "_built", lambda *_: cast("Any", None))
    run = CliRunner().invoke
    place = str(tmp_path)
    assert run(cli.app, ["print", place, "--to", str(tmp_path / "wall.pdf")]).exit_code == 0
    assert (tmp_path / "wall.pdf").read_bytes() == b"all"
    assert run(cli.app, ["print", place, "--format", "png", "--to", str(tmp_path / "sheets")]).exit_code == 0
    assert sorted(path.name for path in (tmp_path / "sheets").iterdir()) == ["border.png", "walk.png"]
    several = run(cli.app, ["print", place, "--format", "png", "--to", str(tmp_path / "one.png")])
    assert several.exit_code == 1 and "name a folder" in several.output
    wrong = run(cli.app, ["print", place, "--to", str(tmp_path / "one.png")])
    assert wrong.exit_code == 1 and "--format png" in wrong.output
    assert run(cli.app, ["print", place, "--paper", "A5"]).exit_code == 2
    assert not (tmp_path / "one.png").exists()
