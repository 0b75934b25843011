"""Earlier builds are kept, whole or not at all, whatever interrupts; what is private is not kept with them."""

from __future__ import annotations

import shutil
from collections.abc import Callable, Mapping
from dataclasses import replace
from pathlib import Path
from typing import Any

import geopandas as gpd
import orjson
import pytest

from geo import builds as opened
from geo import catalogue, service
from geo.builds import history_of
from geo.engine.local import DATA
from geo.errors import BadParameter
from geo.service import Build, build_before, earlier_builds, open_build
from geo.store.files import Snapshots
from geo.store.history import KEPT_BUILDS, History
from geo.workspace import Workspace, open_workspace
from tests.worlds import four_grids

MANIFEST = """schema = 1
id = "town"
title = {{ zh = "镇", en = "Town" }}
as_of = 2026-11-20

[tables.grids]
file = "grids.parquet"

[tables.divisions]
file = "divisions.parquet"

[parameters]
sliver_m = {sliver}
"""


class Stopped(BaseException):
    """The power went."""


def town(folder: Path) -> Workspace:
    """Four grids of a community as files."""
    folder.mkdir()
    grids, communities = four_grids()
    grids.to_parquet(folder / "grids.parquet")
    communities.to_parquet(folder / "divisions.parquet")
    (folder / "workspace.toml").write_text(MANIFEST.format(sliver=5), encoding="utf-8")
    return open_workspace(folder)


def asked(workspace: Workspace, sliver: int) -> Workspace:
    """The town with that width of a sliver: another snapshot of its health, while no table is read again."""
    (workspace.root / "workspace.toml").write_text(MANIFEST.format(sliver=sliver), encoding="utf-8")
    return open_workspace(workspace.root)


def built(workspace: Workspace, sliver: int, *others: str) -> Build:
    return service.build(asked(workspace, sliver), only=["grid-health", *others])


def told(workspace: Workspace) -> list[int]:
    """With what the published build and those before it were made, of those that can be read."""
    made = service.builds(open_workspace(workspace.root))
    assert all(len(one.frame("grid-health")) for one in made)
    return [int(one.report["parameters"]["sliver_m"]) for one in made]


@pytest.fixture(scope="module")
def first(tmp_path_factory: pytest.TempPathFactory) -> Workspace:
    workspace = town(tmp_path_factory.mktemp("towns") / "town")
    built(workspace, 300)
    return workspace


@pytest.fixture
def workspace(first: Workspace, tmp_path: Path) -> Workspace:
    return open_workspace(shutil.copytree(first.root, tmp_path / "town"))


def test_builds_before_can_be_read(workspace: Workspace) -> None:
    assert earlier_builds(workspace) == ()
    before = open_build(workspace)
    assert before is not None
    now = built(workspace, 301)
    assert told(workspace) == [301, 300]
    assert [one.version for one in earlier_builds(workspace)] == [before.version]
    assert earlier_builds(workspace)[0].published is not None
    assert open_build(workspace, version=before.version[:6]) == earlier_builds(workspace)[0]
    assert open_build(workspace, version=now.version) is not None
    assert open_build(workspace, version="no such") is None
    with pytest.raises(BadParameter, match="several versions"):
        open_build(workspace, version="")


def test_what_an_older_gridwalk_left_out_is_named(workspace: Workspace) -> None:
    made = open_build(workspace)
    assert made
    assert made.lacking() == ()
    frame = made.frame("grid-health")
    frame.drop(columns=["grade"]).to_parquet(made.snapshots["grid-health"] / DATA)
    assert made.lacking() == ("grid-health.grade",)


def test_building_the_same_again_is_no_new_build(workspace: Workspace) -> None:
    built(workspace, 301)
    made = [one.published for one in service.builds(workspace)]
    built(workspace, 301)
    assert told(workspace) == [301, 300]
    assert [one.published for one in service.builds(workspace)] == made


def test_going_back_leaves_the_later_build_behind(workspace: Workspace) -> None:
    built(workspace, 301)
    built(workspace, 300)
    assert told(workspace) == [300, 301]
    built(workspace, 302)
    assert told(workspace) == [302, 300, 301]


def test_the_last_few_are_kept_with_just_their_snapshots(workspace: Workspace) -> None:
    for households in range(301, 301 + KEPT_BUILDS):
        built(workspace, households)
    last = 300 + KEPT_BUILDS
    assert told(workspace) == list(range(last, last - KEPT_BUILDS, -1))
    shelf = workspace.root / "out" / ".store" / "layers" / "grid-health"
    assert len(list(shelf.iterdir())) == KEPT_BUILDS
    assert len(list(history_of(workspace.root / "out").root.iterdir())) == KEPT_BUILDS


def test_a_day_of_the_data_outlives_an_afternoon_of_builds(tmp_path: Path) -> None:
    history = History(tmp_path / "builds")
    for day, versions in (("2026-05-01", "ab"), ("2026-08-01", "c"), ("2026-11-01", "defgh")):
        for version in versions:
            history.remember({"version": version, "as_of": day})
    assert [record.version for record in history.keep(3)] == ["h", "g", "f", "c", "b"]


def test_a_build_is_compared_with_the_day_before_else_with_other_figures(workspace: Workspace) -> None:
    def other(made: Build) -> str | None:
        before = build_before(made)
        return before.version if before else None

    def on(day: str, sliver: int) -> Build:
        text = MANIFEST.format(sliver=sliver).replace("2026-11-20", day)
        (workspace.root / "workspace.toml").write_text(text, encoding="utf-8")
        return service.build(open_workspace(workspace.root), only=["grid-health"])

    first = open_build(workspace)
    assert first
    assert other(first) is None
    same = built(workspace, 301)  # another parameter; the figures are as they were
    assert other(same) is None
    lost = gpd.read_parquet(workspace.root / "grids.parquet").iloc[1:]
    lost.to_parquet(workspace.root / "grids.parquet")
    now = built(workspace, 301)
    assert other(now) == same.version
    assert [other(on("2026-12-20", sliver)) for sliver in (301, 302)] == [now.version, now.version]


def test_an_unchanged_layer_is_kept_once(workspace: Workspace) -> None:
    built(workspace, 300, "grids")
    built(workspace, 301, "grids")
    shelves = workspace.root / "out" / ".store" / "layers"
    assert [len(list((shelves / id).iterdir())) for id in ("grids", "grid-health")] == [1, 2]


def test_an_earlier_build_has_the_parameters_of_then(workspace: Workspace) -> None:
    built(workspace, 7)
    now = open_workspace(workspace.root)
    assert earlier_builds(now)[0].workspace.parameters.sliver_m == 300
    assert now.parameters.sliver_m == 7


def test_a_build_that_is_not_whole_is_passed_over(workspace: Workspace) -> None:
    before = built(workspace, 301)
    built(workspace, 302)
    shutil.rmtree(before.snapshots["grid-health"])
    assert told(workspace) == [302, 300]


@pytest.mark.parametrize("spoil", ["{", "[]", '{"number": 1}', "\x00"])
def test_a_file_that_is_no_record_is_passed_over(workspace: Workspace, spoil: str) -> None:
    built(workspace, 301)
    record = history_of(workspace.root / "out").root / f"{earlier_builds(workspace)[0].version}.json"
    record.write_text(spoil)
    assert told(workspace) == [301]
    built(workspace, 302)
    assert told(workspace) == [302, 301]
    assert not record.exists()


def test_a_report_of_unknown_layers_or_parameters_is_passed_over(workspace: Workspace) -> None:
    built(workspace, 301)
    history = history_of(workspace.root / "out")
    before = earlier_builds(workspace)[0]
    wrongs: list[dict[str, Any]] = [{"layers": [{"id": "no-such", "key": "k"}]}, {"parameters": {"no_such": 1}}]
    for wrong in wrongs:

        def spoiled(report: Mapping[str, Any], wrong: dict[str, Any] = wrong) -> Mapping[str, Any]:
            return {**report, **wrong} if report["version"] == before.version else report

        history.change(spoiled)
        assert told(workspace) == [301]
    built(workspace, 302)
    assert told(workspace) == [302, 301]


def test_results_of_a_gridwalk_without_records_begin_them(workspace: Workspace) -> None:
    shutil.rmtree(history_of(workspace.root / "out").root)
    assert told(workspace) == [300]
    built(workspace, 301)
    assert told(workspace) == [301, 300]


STEPS: dict[str, tuple[object, str]] = {
    "while publishing": (service, "_publish"),
    "before it is noted": (History, "remember"),
    "before old records go": (History, "keep"),
    "before old snapshots go": (Snapshots, "keep"),
}


@pytest.mark.parametrize("step", STEPS)
@pytest.mark.parametrize("nth", [1, 2])
def test_whatever_is_interrupted_nothing_is_lost(
    workspace: Workspace, monkeypatch: pytest.MonkeyPatch, step: str, nth: int
) -> None:
    """Stopped at the nth call of a step: what can be read then can be read, and the next build puts all right."""
    built(workspace, 301)
    owner, name = STEPS[step]
    whole: Callable[..., object] = getattr(owner, name)
    calls = iter(range(1, 100))

    def stopping(*given: object, **more: object) -> object:
        if next(calls) == nth:
            raise Stopped
        return whole(*given, **more)

    monkeypatch.setattr(owner, name, stopping)
    try:
        built(workspace, 302)
    except Stopped:
        assert told(workspace) in ([301, 300], [302, 301, 300])
    monkeypatch.undo()
    built(workspace, 303)
    seen = told(workspace)
    assert seen in ([303, 301, 300], [303, 302, 301, 300])
    for one in service.builds(workspace):
        assert all((folder / "data.parquet").is_file() for folder in one.snapshots.values())


def test_going_back_interrupted_before_it_is_noted(workspace: Workspace, monkeypatch: pytest.MonkeyPatch) -> None:
    built(workspace, 301)
    calls = iter(range(100))
    remember = History.remember

    def stopping(self: History, *given: object, **more: object) -> None:
        if next(calls) == 1:
            raise Stopped
        remember(self, *given, **more)  # type: ignore[arg-type]

    monkeypatch.setattr(History, "remember", stopping)
    with pytest.raises(Stopped):
        built(workspace, 300)
    monkeypatch.undo()
    assert told(workspace) == [300, 301]
    built(workspace, 302)
    assert told(workspace) == [302, 300, 301]


def test_history_names_no_private_snapshot(workspace: Workspace) -> None:
    service.build(workspace)
    service.build(asked(workspace, 301))
    out = workspace.root / "out"
    private = {path.parent.name for path in (out / ".store").glob("private/*/*")}
    for record in history_of(out).records():
        assert not private & {made["id"] for made in record.report["layers"]}
        assert all(folder.parts[-3] == "layers" for folder in opened.folders(record.report, out))


def test_a_layer_that_has_become_private_is_not_kept(
    workspace: Workspace, monkeypatch: pytest.MonkeyPatch
) -> None:
    before = built(workspace, 301)
    built(workspace, 302)
    hidden = tuple(replace(one, private=True) if one.id == "grid-health" else one for one in catalogue.LAYERS)
    monkeypatch.setattr(catalogue, "LAYERS", hidden)
    monkeypatch.setattr(catalogue, "_BY_ID", {one.id: one for one in hidden})
    assert earlier_builds(workspace) == ()
    assert opened.folders(before.report, workspace.root / "out") == set()


def test_records_are_ordered_by_publication_not_by_clocks(tmp_path: Path) -> None:
    history = History(tmp_path / "builds")
    for version in "abc":
        history.remember({"version": version})
    history.remember({"version": "a"})
    assert [record.version for record in history.records()] == ["a", "c", "b"]
    assert [record.version for record in history.keep(2)] == ["a", "c"]
    assert [record.number for record in history.records()] == [4, 3]
    assert orjson.loads((tmp_path / "builds" / "a.json").read_bytes())["report"] == {"version": "a"}
