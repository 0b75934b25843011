"""The command as a user types it: what it writes, says and refuses, and that earlier results stay."""

from __future__ import annotations

import io
import os
import shutil
import subprocess
import sys
import time
import zipfile
from collections.abc import Callable
from itertools import pairwise
from pathlib import Path

import geopandas as gpd
import openpyxl
import orjson
import pytest
import shapely
from python_calamine import CalamineWorkbook
from typer.testing import CliRunner, Result

from api.cli import app
from geo.io.samples import samples
from geo.service import Build, open_build
from geo.workspace import open_workspace

RUN = CliRunner()
MANIFEST = """
schema = 1
id = "town"
title = {{ zh = "小镇", en = "Town" }}
as_of = 2026-11-20
[parameters]
grid_code = "^[a-z]$"
[tables.divisions]
file = "divisions.geojson"
[tables.grids]
{grids}
"""
GRIDS = 'file = "grids.geojson"'


def gridwalk(*arguments: object) -> Result:
    return RUN.invoke(app, [str(argument) for argument in arguments], env={"GRIDWALK_LANG": "en"})


def squares(count: int = 4) -> gpd.GeoDataFrame:
    """Squares of about 100 m in a row; a, b, c, …"""
    edges = [round(111.7 + 0.001 * i, 3) for i in range(count + 1)]
    boxes = [shapely.box(west, 40.8, east, 40.801) for west, east in pairwise(edges)]
    rows = {"grid_id": list("abcdefgh"[:count]), "division_id": "150105001001"}
    return gpd.GeoDataFrame(rows, geometry=boxes, crs="EPSG:4326")


def found(folder: Path) -> Path:
    """Four grids that tile their community, as a workspace."""
    folder.mkdir()
    (folder / "workspace.toml").write_text(MANIFEST.format(grids=GRIDS), encoding="utf-8")
    grids = squares()
    grids.to_file(folder / "grids.geojson")
    parent = gpd.GeoDataFrame(
        {"division_id": ["150105001001"], "name": ["一社区"], "level": ["community"], "parent_id": [None]},
        geometry=[grids.union_all()],
        crs="EPSG:4326",
    )
    parent.to_file(folder / "divisions.geojson")
    return folder


@pytest.fixture(scope="session")
def first_town(tmp_path_factory: pytest.TempPathFactory) -> Path:
    """The town, built."""
    folder = found(tmp_path_factory.mktemp("first") / "town")
    result = gridwalk("build", folder)
    assert result.exit_code == 0, result.output
    return folder


@pytest.fixture
def town(tmp_path: Path, first_town: Path) -> Path:
    """A copy of the town with its results, to be spoiled."""
    return Path(shutil.copytree(first_town, tmp_path / "town"))


def contents(folder: Path) -> dict[str, bytes]:
    paths = (path for path in folder.rglob("*") if path.is_file())
    return {path.relative_to(folder).as_posix(): path.read_bytes() for path in paths}


def published(folder: Path) -> dict[str, bytes]:
    inside = (".store/", "rejected/")
    return {name: data for name, data in contents(folder / "out").items() if not name.startswith(inside)}


def redeclare(folder: Path, lines: str) -> None:
    (folder / "workspace.toml").write_text(MANIFEST.format(grids=lines), encoding="utf-8")


def empty_file(folder: Path) -> None:
    (folder / "grids.geojson").write_bytes(b"")


def missing_column(folder: Path) -> None:
    squares().drop(columns="grid_id").to_file(folder / "grids.geojson")


def wrong_geometry_type(folder: Path) -> None:
    squares().set_geometry(squares().to_crs(3857).centroid.to_crs(4326)).to_file(folder / "grids.geojson")


def infinite_coordinates(folder: Path) -> None:
    text = (folder / "grids.geojson").read_text().replace("111.7,", "1e999,", 1)
    assert "1e999" in text
    (folder / "grids.geojson").write_text(text)


def nan_coordinates(folder: Path) -> None:
    text = (folder / "grids.geojson").read_text().replace("111.7,", "NaN,", 1)
    assert "NaN" in text
    (folder / "grids.geojson").write_text(text)


def swapped_axes(folder: Path) -> None:
    swapped = shapely.transform(squares().geometry.to_numpy(), lambda xy: xy[:, ::-1])
    squares().set_geometry(list(swapped), crs=4326).to_file(folder / "grids.geojson")


def duplicate_ids(folder: Path) -> None:
    squares().assign(grid_id=["a", "b", "b", "d"]).to_file(folder / "grids.geojson")


def invalid_polygons(folder: Path) -> None:
    grids = squares()
    bow = shapely.Polygon([(111.7, 40.8), (111.701, 40.801), (111.701, 40.8), (111.7, 40.801)])
    grids.loc[0, "geometry"] = bow
    grids.to_file(folder / "grids.geojson")


def shapefile(folder: Path, *, prj: bool = True, encoding: str = "UTF-8") -> None:
    squares().rename(columns={"grid_id": "网格编码", "division_id": "所属社区"}).to_file(
        folder / "grids.shp", encoding=encoding
    )
    if not prj:
        (folder / "grids.prj").unlink()


def missing_prj(folder: Path) -> None:
    shapefile(folder, prj=False)
    redeclare(folder, 'file = "grids.shp"')


def contradicting_crs(folder: Path) -> None:
    squares().to_file(folder / "grids.gpkg")
    redeclare(folder, 'file = "grids.gpkg"\ncrs = "EPSG:4546"')


def zero_byte_archive(folder: Path) -> None:
    (folder / "grids.zip").write_bytes(b"")
    redeclare(folder, 'file = "grids.zip"')


def truncated_archive(folder: Path) -> None:
    shapefile(folder)
    packed = io.BytesIO()
    with zipfile.ZipFile(packed, "w", zipfile.ZIP_DEFLATED) as archive:
        for path in folder.glob("grids.[sdpc]*"):
            archive.write(path, path.name)
    (folder / "grids.zip").write_bytes(packed.getvalue()[:-200])
    redeclare(folder, 'file = "grids.zip"')


def zip_bomb(folder: Path) -> None:
    with zipfile.ZipFile(folder / "grids.zip", "w", zipfile.ZIP_DEFLATED) as archive:
        archive.writestr("grids.shp", b"\0" * 200_000_000)
    redeclare(folder, 'file = "grids.zip"')


def file_outside(folder: Path) -> None:
    squares().to_file(folder.parent / "grids.geojson")
    redeclare(folder, 'file = "../grids.geojson"')


def unknown_key(folder: Path) -> None:
    redeclare(folder, GRIDS + '\ncollumns = { grid_id = "x" }')


BAD = {
    empty_file: "empty",
    missing_column: "grid_id",
    wrong_geometry_type: "Point",
    infinite_coordinates: "grids.geojson",
    nan_coordinates: "grids.geojson",
    swapped_axes: "look exchanged",
    duplicate_ids: "the id b is repeated",
    invalid_polygons: "intersection",
    missing_prj: "write a line under [tables.grids]",
    contradicting_crs: "EPSG:4546",
    zero_byte_archive: "grids.zip",
    truncated_archive: "grids.zip",
    zip_bomb: "grids.zip",
    file_outside: "../grids.geojson",
    unknown_key: "collumns",
}


@pytest.mark.parametrize(("spoil", "said"), BAD.items(), ids=[spoil.__name__ for spoil in BAD])
def test_bad_input_is_a_clear_fault_and_leaves_earlier_results(
    town: Path, spoil: Callable[[Path], None], said: str
) -> None:
    before = published(town)
    assert {"report.json", "report.md", "layers/grids.geojson", "boards/planner.html"} <= set(before)

    spoil(town)
    result = gridwalk("build", town)

    assert result.exit_code == 1, result.output
    assert said in result.output, result.output
    assert "→" in result.output  # what to do about it
    assert "Traceback" not in result.output
    assert published(town) == before
    assert gridwalk("check", town).exit_code == 1


def test_a_gbk_shapefile_is_read_and_the_guess_is_said(town: Path) -> None:
    shapefile(town, encoding="GBK")
    (town / "grids.cpg").unlink()
    redeclare(town, 'file = "grids.shp"')
    result = gridwalk("check", town)
    assert result.exit_code == 0, result.output
    assert "gb18030" in result.output


def test_set_aside_goes_on_without_the_rows_and_says_so(town: Path) -> None:
    invalid_polygons(town)
    assert gridwalk("build", town).exit_code == 1
    assert "intersection" in (town / "out" / "rejected" / "grids.csv").read_text(encoding="utf-8-sig").lower()
    result = gridwalk("build", town, "--set-aside")
    assert result.exit_code == 0, result.output
    report = orjson.loads((town / "out" / "report.json").read_bytes())
    grids = next(table for table in report["tables"] if table["name"] == "grids")
    assert (grids["rows_read"], grids["rows_used"]) == (4, 3)
    assert report["verdict"] == "FAIL"


def test_a_second_build_does_nothing_and_says_so(town: Path) -> None:
    before = {path: path.stat().st_mtime_ns for path in (town / "out").rglob("*")}
    result = gridwalk("build", town)
    assert "Nothing has changed" in result.output
    assert {path: path.stat().st_mtime_ns for path in (town / "out").rglob("*")} == before


def test_a_changed_parameter_is_built_anew(town: Path) -> None:
    manifest = town / "workspace.toml"
    manifest.write_text(manifest.read_text(encoding="utf-8").replace("2026-11-20", "2026-11-21"), encoding="utf-8")
    assert "Nothing has changed" not in gridwalk("build", town).output
    assert orjson.loads((town / "out" / "report.json").read_bytes())["as_of"] == "2026-11-21"


@pytest.mark.skipif(os.name == "nt", reason="kill -9 is POSIX")
def test_a_killed_build_leaves_whole_results_and_the_next_one_finishes(town: Path) -> None:
    manifest = town / "workspace.toml"
    for day, life_s in enumerate((0.7, 1.4, 2.1, 2.8), start=21):
        manifest.write_text(
            manifest.read_text(encoding="utf-8").replace(f"2026-11-{day - 1}", f"2026-11-{day}"), encoding="utf-8"
        )
        run = subprocess.Popen(
            [sys.executable, "-c", "from api.cli import main; main()", "build", str(town)],
            stdout=subprocess.DEVNULL,
        )
        time.sleep(life_s)
        run.kill()
        run.wait()
        build = open_build(open_workspace(town))
        assert build is not None
        for record in build.report["layers"]:
            assert len(build.frame(record["id"])) == record["rows"]
            collection = orjson.loads((town / "out" / "layers" / f"{record['id']}.geojson").read_bytes())
            assert len(collection["features"]) == record["rows"]
    assert gridwalk("build", town).exit_code == 0
    assert orjson.loads((town / "out" / "report.json").read_bytes())["as_of"] == "2026-11-24"


def test_builds_at_the_same_time_wait_for_each_other(town: Path) -> None:
    shutil.rmtree(town / "out")
    command = [sys.executable, "-c", "from api.cli import main; main()", "build", str(town)]
    runs = [subprocess.Popen(command, stdout=subprocess.PIPE, text=True) for _ in range(3)]
    said = [run.communicate()[0] for run in runs]
    assert [run.returncode for run in runs] == [0, 0, 0]
    assert sum("Nothing has changed" not in one for one in said) >= 1
    assert published(town)


def test_a_lost_file_is_published_again(town: Path) -> None:
    (town / "out" / "layers" / "grids.geojson").unlink()
    assert gridwalk("build", town).exit_code == 0
    assert (town / "out" / "layers" / "grids.geojson").is_file()


def test_only_builds_just_that(town: Path) -> None:
    assert gridwalk("build", town, "--only", "grids").exit_code == 0
    assert {path.name for path in (town / "out" / "layers").iterdir()} == {"grids.parquet", "grids.geojson"}


@pytest.mark.parametrize("layer", ["grid-loads", "grid-walk"])
def test_a_layer_that_cannot_be_had_is_refused_with_the_reason(town: Path, layer: str) -> None:
    result = gridwalk("build", town, "--only", layer)
    assert result.exit_code == 1
    assert layer in result.output
    assert ("known: " in result.output) or ("needs " in result.output)


def test_check_speaks_json_and_fails_on_a_gap(town: Path) -> None:
    squares().drop(index=3).to_file(town / "grids.geojson")
    result = gridwalk("check", town, "--json")
    said = orjson.loads(result.stdout)
    assert result.exit_code == 1
    assert said["verdict"] == "FAIL"
    (finding,) = said["findings"]["grid-findings"]
    assert (finding["kind"], finding["cause"]) == ("gap", "missing_grid")


def test_check_speaks_chinese(town: Path) -> None:
    result = RUN.invoke(app, ["check", str(town)], env={"GRIDWALK_LANG": "zh"})
    assert "结论：通过" in result.output


@pytest.mark.parametrize(("format", "magic"), [("xlsx", b"PK"), ("csv", b"\xef\xbb\xbf"), ("geojson", b"{")])
def test_export_writes_every_layer_of_the_build(town: Path, format: str, magic: bytes) -> None:
    target = town / "for them" / format
    made = open_build(open_workspace(town))
    assert made is not None
    ids = [layer.id for layer in made.layers()]
    result = gridwalk("export", town, "--to", target, "--format", format)
    assert result.output == f"{len(ids)} files in {target}\n"
    files = {path.name: path.read_bytes() for path in target.iterdir()}
    assert set(files) == {f"town-{id}.{format}" for id in ids}
    assert all(content.startswith(magic) for content in files.values())


def test_export_links_the_rows_of_a_workbook_to_the_boards_of_a_service(town: Path) -> None:
    for service in ("https://grids.example/", ""):
        gridwalk("export", town, "grid-health", "grids", "--to", town / "x", "--service", service)
        sheet = openpyxl.load_workbook(town / "x" / "town-grid-health.xlsx").worksheets[0]
        links = [cell.hyperlink for cell in sheet[2] if cell.hyperlink]
        assert [f"{link.target}#{link.location}" for link in links] == (
            [f"https://grids.example/town/boards/planner#theme=partition&pick=grid-health:{sheet['A2'].value}"]
            if service
            else []
        )
        sheet = openpyxl.load_workbook(town / "x" / "town-grids.xlsx").worksheets[0]  # no theme's, no list's
        assert not any(cell.hyperlink for cell in sheet[2])


def test_export_writes_workbooks_of_just_what_is_named_in_the_language_of_the_command(town: Path) -> None:
    target = town / "表"
    arguments = ["export", str(town), "grids", "divisions", "grids", "--to", str(target)]
    result = RUN.invoke(app, arguments, env={"GRIDWALK_LANG": "zh"})
    assert result.output == f"已将 2 个文件写入 {target}\n"
    assert sorted(path.name for path in target.iterdir()) == ["town-divisions.xlsx", "town-grids.xlsx"]
    book = CalamineWorkbook.from_path(str(target / "town-grids.xlsx"))
    assert book.sheet_names == ["网格", "说明"]
    rows = book.get_sheet_by_index(0).to_python()
    assert rows[0][0].split("\n")[0] == "网格编码"
    assert [row[0] for row in rows[1:]] == list("abcd")


@pytest.mark.parametrize("layer", ["no-such-layer", "place-walk"])
def test_export_refuses_what_the_build_does_not_publish(town: Path, layer: str) -> None:
    result = gridwalk("export", town, "grids", layer, "--to", town / "new")
    assert result.exit_code == 1
    assert f"no layer '{layer}' in this build; known: divisions, grids" in result.output
    assert not (town / "new").exists()


def test_export_that_cannot_write_leaves_what_was_there(town: Path, monkeypatch: pytest.MonkeyPatch) -> None:
    target = town / "new"
    assert gridwalk("export", town, "grids", "--to", target, "--format", "csv").exit_code == 0
    before = contents(target)

    def full(*_: object) -> None:
        raise OSError("no space left")

    monkeypatch.setattr("geo.store.files.os.fsync", full)
    result = gridwalk("export", town, "grids", "--to", target, "--format", "csv")
    assert (result.exit_code, result.output) == (1, "error: no space left\n")
    assert contents(target) == before


def test_export_refuses_too_many_rows_before_it_writes(town: Path, monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setattr("geo.io.workbook.ROWS_MAX", 3)
    result = gridwalk("export", town, "divisions", "grids", "--to", town / "new")
    assert result.exit_code == 1
    assert "grids: 4 rows are more than a worksheet holds (3)" in result.output
    assert not (town / "new").exists()


@pytest.mark.parametrize("arguments", [["export", "--to", "x"], ["publish", "postgresql://x/y"]])
def test_without_a_build_it_is_said_how_to_get_one(tmp_path: Path, arguments: list[str]) -> None:
    folder = found(tmp_path / "bare")
    result = gridwalk(arguments[0], folder, *arguments[1:])
    assert result.exit_code == 1
    assert f"nothing has been built here yet: gridwalk build {folder}" in result.output


def test_what_an_older_gridwalk_built_is_not_handed_on(tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> None:
    folder = found(tmp_path / "town")
    assert gridwalk("build", folder).exit_code == 0
    monkeypatch.setattr(Build, "lacking", lambda _: ("grids.name",))
    result = gridwalk("export", folder, "--to", tmp_path / "files")
    assert result.exit_code == 1
    assert "without grids.name" in " ".join(result.output.split())
    assert not (tmp_path / "files").exists()


def test_demo_copies_every_sample_and_no_result(tmp_path: Path) -> None:
    for name in samples():
        assert gridwalk("demo", name, tmp_path / name).exit_code == 0
        assert (tmp_path / name / "workspace.toml").is_file()
    assert gridwalk("demo", "atlantis", tmp_path / "x").exit_code == 1
    assert gridwalk("demo", "saihan", tmp_path / "saihan").exit_code == 1  # never writes over a folder


def test_init_then_check(tmp_path: Path) -> None:
    squares().rename(columns={"grid_id": "网格编码", "division_id": "所属社区"}).to_file(
        tmp_path / "我的网格.gpkg"
    )
    assert gridwalk("init", tmp_path / "mine", tmp_path / "我的网格.gpkg").exit_code == 0
    written = (tmp_path / "mine" / "workspace.toml").read_text(encoding="utf-8")
    assert "[tables.grids]" in written
    assert "网格编码" in written or "grid_id" in written


def test_templates_are_spreadsheets(tmp_path: Path) -> None:
    assert gridwalk("templates", tmp_path / "blank").exit_code == 0
    assert list((tmp_path / "blank").glob("*.xlsx"))


def test_layers_lists_the_public_catalogue() -> None:
    result = gridwalk("layers")
    assert "grid-findings" in result.output
    assert "place-walk" not in result.output


def test_figures_are_the_same_in_report_and_layers(built: Callable[[str], Build]) -> None:
    made = built("saihan")
    report = orjson.loads((made.out / "report.json").read_bytes())
    text = (made.out / "report.md").read_text(encoding="utf-8")
    for layer in report["layers"]:
        frame = gpd.read_parquet(made.out / "layers" / f"{layer['id']}.parquet")
        collection = orjson.loads((made.out / "layers" / f"{layer['id']}.geojson").read_bytes())
        assert len(frame) == len(collection["features"]) == layer["rows"]
        told = any(figure["value"] is not None for figure in layer["figures"])
        assert all((f"| {figure['title']['zh']} |" in text) == told for figure in layer["figures"])


def test_help_imports_nothing_heavy() -> None:
    code = (
        "import sys, api.cli; print([m for m in ('geopandas', 'numba', 'folium', 'fastapi') if m in sys.modules])"
    )
    done = subprocess.run([sys.executable, "-c", code], capture_output=True, text=True, check=True)
    assert done.stdout.strip() == "[]"
