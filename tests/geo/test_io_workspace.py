"""A manifest is checked whole: all that is wrong with it comes at once, each with its key."""

from __future__ import annotations

from datetime import date
from pathlib import Path

import pytest

from geo.errors import DataFault, Fault
from geo.workspace import open_workspace
from tests.reading import HEAD, manifest


def faults_of(folder: Path, tables: str, head: str = HEAD) -> dict[str | None, Fault]:
    with pytest.raises(DataFault) as caught:
        manifest(folder, tables, head)
    return {fault.column: fault for fault in caught.value.faults}


def test_a_manifest_says_what_is_assumed(tmp_path: Path) -> None:
    (tmp_path / "g.csv").write_text("a")
    opened = manifest(
        tmp_path,
        "[parameters]\nspeed_kmh = 3.6\ninterval_days = { default = 7, border_river = 14 }\n"
        '[roles]\nurban = ["grid_worker"]\n[[rules]]\neach = "grids"\nhas = "squad"\ncount = "1..1"\n'
        '[tables.grids]\nfile = "g.csv"\ndatum = "gcj02"\n'
        'columns = { grid_id = "编码" }\nvalues.kind = { "甲" = "urban" }\n',
    )
    assert opened.parameters.as_of == date(2026, 1, 10)
    assert opened.parameters.speed_kmh == 3.6
    assert opened.parameters.interval_days == {"default": 7, "border_river": 14}
    assert opened.parameters.roles == {"urban": ("grid_worker",)}
    assert opened.parameters.rules[0].has == "squad"
    (grids,) = opened.sources["grids"]
    assert (grids.datum, grids.columns, grids.values) == ("gcj02", {"grid_id": "编码"}, {"kind": {"甲": "urban"}})
    assert opened.path(grids) == tmp_path.resolve() / "g.csv"


def test_today_is_taken_when_the_day_is_left_out(tmp_path: Path) -> None:
    (tmp_path / "workspace.toml").write_text(HEAD.replace("as_of = 2026-01-10\n", ""))
    assert open_workspace(tmp_path, today=date(2026, 3, 4)).parameters.as_of == date(2026, 3, 4)


def test_a_table_may_have_several_files(tmp_path: Path) -> None:
    for name in ("a.csv", "b.csv"):
        (tmp_path / name).write_text("x")
    opened = manifest(tmp_path, '[[tables.staff]]\nfile = "a.csv"\n[[tables.staff]]\nfile = "b.csv"\n')
    assert [source.file for source in opened.sources["staff"]] == ["a.csv", "b.csv"]


def test_everything_wrong_comes_at_once(tmp_path: Path) -> None:
    (tmp_path / "g.csv").write_text("a")
    found = faults_of(
        tmp_path,
        '[parameters]\nspeed_kmh = -1\nspead = 3\nas_of = 2026-01-01\n[tables.grdis]\nfile = "g.csv"\n'
        '[tables.grids]\nfile = "nowhere.gpkg"\ncolumns = { gird_id = "x" }\n'
        '[[tables.staff]]\nfile = "g.csv"\n[[tables.staff]]\nfile = "g.csv"\nlon = "x"\n',
    )
    assert {key: fault.code for key, fault in found.items()} == {
        "tables.grdis": "unknown_table",
        "tables.grids.file": "no_file",
        "tables.grids.columns.gird_id": "unknown_column",
        "tables.staff.2": "half_a_place",
        "parameters.spead": "unknown_key",
        "parameters.speed_kmh": "bad_key",
        "parameters.as_of": "misplaced_key",
    }
    assert all(fault.table == "workspace.toml" for fault in found.values())


def test_unknown_and_missing_keys_are_named(tmp_path: Path) -> None:
    found = faults_of(tmp_path, '[tables.grids]\nfle = "g.csv"\n', head='schema = 1\nid = "W!"\n')
    assert {key: fault.code for key, fault in found.items()} == {
        "id": "bad_key",
        "title": "missing_key",
        "tables.grids.file": "missing_key",
        "tables.grids.fle": "unknown_key",
    }


@pytest.mark.parametrize(
    "name", ["../secret.csv", "/etc/passwd", "a/../../secret.csv", "link.csv", "folder/secret.csv"]
)
def test_a_file_outside_the_workspace_is_refused(tmp_path: Path, name: str) -> None:
    inside = tmp_path / "w"
    inside.mkdir()
    (tmp_path / "secret.csv").write_text("x")
    (inside / "link.csv").symlink_to(tmp_path / "secret.csv")
    (inside / "folder").symlink_to(tmp_path)
    found = faults_of(inside, f'[tables.grids]\nfile = "{name}"\n')
    assert found["tables.grids.file"].code == "outside_workspace"


@pytest.mark.parametrize(
    ("text", "code"),
    [
        ("schema = ", "bad_manifest"),
        (HEAD + 'time_zone = "Mars/Olympus"\n', "unknown_time_zone"),
        (HEAD + 'study_area = "everywhere"\n', "bad_key"),
        (HEAD + '[parameters]\ngrid_code = "("\n', "bad_key"),
    ],
)
def test_a_broken_manifest_is_explained(tmp_path: Path, text: str, code: str) -> None:
    (tmp_path / "workspace.toml").write_text(text)
    with pytest.raises(DataFault) as caught:
        open_workspace(tmp_path)
    assert code in [fault.code for fault in caught.value.faults]


def test_a_folder_without_manifest_is_no_workspace(tmp_path: Path) -> None:
    with pytest.raises(DataFault) as caught:
        open_workspace(tmp_path)
    assert caught.value.faults[0].code == "no_manifest"
