"""The index tells what changed since the build before, and leads to where one sees it."""

from __future__ import annotations

import re
import shutil
from pathlib import Path
from typing import Any

import geopandas as gpd
import pytest
from starlette.testclient import TestClient

from api import publishing
from api.app import create_app
from api.compared import figures_changed
from api.settings import Settings
from geo.service import Build, earlier_builds
from geo.workspace import open_workspace
from tests.api.small import SmallBuild, small_build
from tests.api.test_cli import first_town, squares, town  # noqa: F401 (fixtures)

FAULT = {
    "level": "error",
    "code": "bad",
    "table": "plots",
    "problem": {"zh": "错", "en": "wrong"},
    "remedy": {"zh": "改", "en": "mend"},
}
ASKED = {"Accept": "text/html"}


def built(folder: Path) -> Build:
    return publishing.build(open_workspace(folder))[0]


def client(made: Build) -> TestClient:
    return TestClient(create_app(Settings(), [made]), base_url="http://testserver")


def since(made: Build, lang: str) -> list[str]:
    """What the index says of the build before, with where it leads to, without its other tags."""
    page = client(made).get("/", params={"lang": lang}, headers=ASKED).text
    lines = re.findall(r'<p class="since">(.*?)</p>', page)
    return [re.sub(r"</?(?:span|i)\b[^>]*>", "", line) for line in lines]


@pytest.fixture
def changed(town: Path) -> Path:  # noqa: F811
    """The town after its second grid was lost."""
    squares().drop(index=1).to_file(town / "grids.geojson")
    return town


def test_the_index_counts_what_changed_and_leads_to_the_comparison(changed: Path) -> None:
    made = built(changed)
    (before,) = earlier_builds(made.workspace)
    counts = figures_changed(before, made)
    assert counts["worse"] > 1
    (english,) = since(made, "en")
    assert english.startswith(
        '<a href="town/boards/planner#compare=1&amp;lang=en">Figures since the build before, of the same day:'
    )
    assert f"▼ Worse {counts['worse']}" in english
    (chinese,) = since(made, "zh")
    assert chinese.startswith('<a href="town/boards/planner#compare=1">与上一次构建（同一日期）相比，指标:')
    assert f"▼ 变差 {counts['worse']}" in chinese


def test_the_index_names_the_day_of_the_build_before(changed: Path) -> None:
    manifest = changed / "workspace.toml"
    text = manifest.read_text(encoding="utf-8")
    manifest.write_text(text.replace("2026-11-20", "2026-11-21"), encoding="utf-8")
    (line,) = since(built(changed), "en")
    assert "Figures since 2026-11-20:" in line


def test_the_index_is_silent_where_no_figure_changed(town: Path) -> None:  # noqa: F811
    assert since(built(town), "en") == []  # the first build
    named = gpd.read_file(town / "divisions.geojson").assign(name="二社区")
    named.to_file(town / "divisions.geojson")
    assert since(built(town), "en") == []


def test_going_back_to_an_earlier_state_is_another_index(town: Path) -> None:  # noqa: F811
    kept = shutil.copytree(town, town.parent / "kept")
    etag = client(built(town)).get("/", headers=ASKED).headers["etag"]
    squares().drop(index=1).to_file(town / "grids.geojson")
    built(town)
    shutil.copy(kept / "grids.geojson", town / "grids.geojson")
    made = built(town)
    asked = client(made).get("/", headers={**ASKED, "If-None-Match": etag})
    assert asked.status_code == 200
    assert "compare=1" in asked.text


def test_workspaces_without_problems_take_one_line_below_the_others(tmp_path: Path) -> None:
    named: dict[str, list[Any]] = {f"w{number}": [] for number in range(5)} | {"bad": [FAULT]}
    builds = [
        small_build(tmp_path / id, id, title={"zh": id, "en": id}, faults=faults) for id, faults in named.items()
    ]
    client = TestClient(create_app(Settings(), builds), base_url="http://testserver")
    page = client.get("/", params={"lang": "en"}, headers=ASKED).text
    problems = page[page.index('id="problems"') : page.index('id="overview"')]
    assert problems.count("<article") == 1
    assert problems.index(">bad</a>") < problems.index("No faults in the files of:") < problems.index(">w0</a>")
    (line,) = [text for text in problems.splitlines() if "No faults" in text]
    assert "<p>" in line and "</p>" not in line
    assert problems.count("<p>") == problems.count("</p>")


@pytest.mark.parametrize("path", ["/", "/town/", "/town/collections/plots", "/town/collections/plots/items"])
def test_who_reads_english_gets_boards_in_english(small: SmallBuild, path: str) -> None:
    page = client(small).get(path, params={"lang": "en"}, headers=ASKED).text
    boards = re.findall(r'href="(?!http)[^"]*boards/\w+(#[^"]*)?"', page)
    assert boards
    assert set(boards) == {"#lang=en"}
