"""``gridwalk compare``: what changed, in words and for programs, with which build whatever one names it by."""

from __future__ import annotations

import shutil
from pathlib import Path
from typing import Any

import geopandas as gpd
import orjson
import pytest
from typer.testing import Result

from api import compared, publishing
from api.cli import app
from geo import service
from geo.words import LANGS
from geo.workspace import open_workspace
from tests.api.test_cli import RUN, first_town, found, gridwalk, squares, town  # noqa: F401 (fixtures)


def with_a_gap(folder: Path) -> Path:
    """The town after its second grid was lost: its ground is a gap now."""
    squares().drop(index=1).to_file(folder / "grids.geojson")
    result = gridwalk("build", folder)
    assert result.exit_code == 0, result.output
    return folder


@pytest.fixture
def changed(town: Path) -> Path:  # noqa: F811
    return with_a_gap(town)


def answer(*arguments: object) -> Any:
    result = gridwalk(*arguments, "--json")
    assert result.exit_code == 0, result.output
    return orjson.loads(result.output)


def said(folder: Path, *arguments: object, lang: str = "en") -> Result:
    return RUN.invoke(app, ["compare", str(folder), *map(str, arguments)], env={"GRIDWALK_LANG": lang})


def test_it_says_what_got_worse(changed: Path) -> None:
    result = said(changed)
    assert result.exit_code == 0, result.output
    assert "▼ worse" in result.output
    health = next(
        line for line in result.output.splitlines() if "Ground covered" in line or "covered" in line.lower()
    )
    assert "100.0% → 75.0%" in health
    assert "+ new 1" in result.output  # the finding of a gap
    chinese = said(changed, lang="zh")
    assert "▼ 变差" in chinese.output and "+ 新增 1" in chinese.output


def test_programs_get_the_same(changed: Path) -> None:
    made = answer("compare", changed)
    assert set(made) == {"before", "after", "parameters", "figures", "layers"}
    grids = next(one for one in made["layers"] if one["id"] == "grid-findings")
    assert grids["counts"]["new"] == 1
    health = next(one for one in made["layers"] if one["id"] == "grid-health")
    assert health["counts"]["worse"] >= 1
    assert health["worse"][0]["before"] == "PASS" and health["worse"][0]["after"] == "FAIL"
    covered = next(one for one in made["figures"] if one["id"] == "grid-health.covered")
    assert (covered["change"], covered["before"], covered["after"]) == (
        "worse",
        1.0,
        pytest.approx(0.75, abs=1e-3),
    )


def test_builds_are_listed_and_named_by_the_beginning_of_their_version(changed: Path) -> None:
    listed = answer("compare", changed, "--list")
    assert [one["now"] for one in listed] == [True, False]
    assert all(one["published"] for one in listed)
    before = listed[1]["version"]
    assert answer("compare", changed, before[:6])["before"]["version"] == before
    assert answer("compare", changed, listed[0]["version"])["figures"][0]["change"] == "same"
    assert listed[1]["version"][:8] in said(changed, "--list").output


def test_a_results_folder_elsewhere_will_do(changed: Path, first_town: Path) -> None:  # noqa: F811
    for folder in (first_town, first_town / "out"):
        assert (
            answer("compare", changed, folder)["before"]["version"]
            == answer("compare", changed)["before"]["version"]
        )


def test_what_cannot_be_found_is_said(changed: Path, tmp_path: Path) -> None:
    assert said(changed, "nothing").exit_code == 1
    assert "kept:" in said(changed, "nothing").output
    other = shutil.copytree(changed, tmp_path / "other")
    manifest = other / "workspace.toml"
    manifest.write_text(
        manifest.read_text(encoding="utf-8").replace('id = "town"', 'id = "city"'), encoding="utf-8"
    )
    publishing.build(open_workspace(other))
    refused = said(changed, other)
    assert refused.exit_code == 1 and "another workspace" in refused.output


def test_the_first_build_has_none_before_it(town: Path) -> None:  # noqa: F811
    result = said(town)
    assert result.exit_code == 1 and "no earlier build" in result.output
    assert said(town, "--list").exit_code == 0
    unbuilt = found(town.parent / "unbuilt")
    assert said(unbuilt).exit_code == 1


def test_other_parameters_are_named(town: Path) -> None:  # noqa: F811
    manifest = town / "workspace.toml"
    manifest.write_text(
        manifest.read_text(encoding="utf-8").replace("[parameters]\n", "[parameters]\nsliver_m = 7\n")
    )
    assert gridwalk("build", town).exit_code == 0
    output = said(town).output
    assert "sliver_m 5.0 → 7.0" in output
    assert "? not comparable" in output


def test_a_board_is_drawn_anew_when_it_is_compared_with_another(changed: Path) -> None:
    board = changed / "out" / "boards" / "planner.html"
    workspace = open_workspace(changed)
    made = service.open_build(workspace)
    assert made is not None
    assert b"gridwalk.changes =" in board.read_bytes()
    assert not publishing.draw(made)
    shutil.rmtree(changed / "out" / ".store" / "builds")
    assert publishing.draw(made)
    assert b"gridwalk.changes =" not in board.read_bytes()
    assert publishing.is_drawn(made)


def test_lines_can_be_written_in_both_languages(changed: Path) -> None:
    workspace = open_workspace(changed)
    made = service.open_build(workspace)
    assert made is not None
    told = compared.summary(compared.other_build(workspace, None, None), made)
    assert all(len(compared.lines_of(told, lang)) > 5 for lang in LANGS)
    assert gpd.read_parquet(changed / "out" / "layers" / "grids.parquet").shape[0] == 3
