"""Raw tracks go in and never come out; once credited they can be deleted, and the border looks the same."""

from __future__ import annotations

import io
import re
import shutil
import zipfile
from pathlib import Path
from urllib.parse import urljoin, urlparse

import geopandas as gpd
import numpy as np
import orjson
import pandas as pd
import pytest
import shapely
from fastapi.testclient import TestClient
from typer.testing import CliRunner, Result

from api import publishing
from api.app import create_app
from api.cli import app
from api.settings import Settings
from api.terminal import Format
from geo import forget, service
from geo.errors import DataFault
from geo.store.files import replace
from geo.tables import TABLES
from geo.workspace import Workspace, open_workspace
from tests.worlds import at_m, hundred_km

ODD = (at_m(6_234.5)[0][0], 0.000123457)  # 13.7 m off the line, in the middle of a walk
ODD_TIME = pd.Timestamp("2026-01-09T01:20:45.678Z")
HEAD = """# our border
schema = 1
id = "east"
title = { zh = "东线", en = "East" }
as_of = 2026-01-10  # a Saturday

"""


def tracks() -> pd.DataFrame:
    """Two patrols, a fix a minute: t1 walks 5-8 km (72 m a minute), t2 80-81 km; t1 has one odd fix between."""
    parts = []
    for patrol, start, end in (("t1", 5_000.0, 8_000.0), ("t2", 80_000.0, 81_000.0)):
        metres = np.arange(start, end, 72.0)
        lonlat = np.array(at_m(*metres))
        time = pd.Timestamp("2026-01-09T01:00Z") + pd.to_timedelta(np.arange(len(metres)), unit="min")
        parts.append(pd.DataFrame({"patrol_id": patrol, "time": time, "lon": lonlat[:, 0], "lat": lonlat[:, 1]}))
    odd = pd.DataFrame({"patrol_id": ["t1"], "time": [ODD_TIME], "lon": [ODD[0]], "lat": [ODD[1]]})
    return pd.concat([*parts, odd], ignore_index=True)


def border(folder: Path) -> Workspace:
    """The hundred kilometres as files, with tracks."""
    folder.mkdir()
    entries = []
    world = {name: table for name, table in hundred_km().items() if name not in ("markers", "posts")}
    world["segments"] = world["segments"].iloc[[0, 3]]  # those given by their measures
    world["visits"] = world["visits"].iloc[1:]  # nobody but t1 was between 0 and 20 km
    ends = world["visits"][["start_m", "end_m"]]
    world["visits"][["start_m", "end_m"]] = np.sort(ends, axis=1)  # the other way round is a fault of a file
    world["patrols"] = pd.DataFrame(
        {
            "patrol_id": ["t1", "t2"],
            "evidence": "gps",
            "start_time": pd.Timestamp("2026-01-09T01:00Z"),
            "end_time": pd.Timestamp("2026-01-09T02:00Z"),
            "mode": "foot",
        }
    )
    for name, table in world.items():
        table.to_parquet(folder / f"{name}.parquet")
        entries.append(f'# {name}, by hand\n[tables.{name}]\nfile = "{name}.parquet"\n')
    tracks().to_csv(folder / "tracks.csv", index=False)
    entries.append('# raw\n[tables.tracks]\nfile = "tracks.csv"  # secret\ndatum = "wgs84"\n')
    (folder / "workspace.toml").write_text(HEAD + "\n".join(entries), encoding="utf-8")
    return open_workspace(folder)


@pytest.fixture(scope="session")
def built(tmp_path_factory: pytest.TempPathFactory) -> service.Build:
    return publishing.build(border(tmp_path_factory.mktemp("border") / "w"))[0]


@pytest.fixture
def workspace(tmp_path: Path, built: service.Build) -> Workspace:
    """A copy of the border with its results, to be changed."""
    return open_workspace(shutil.copytree(built.workspace.root, tmp_path / "w"))


def gives_away(content: bytes, name: str = "") -> bool:
    """Tell whether the odd fix is in some content, by its place or its moment, in whatever form."""
    if content.startswith(b"PK"):
        with zipfile.ZipFile(io.BytesIO(content)) as archive:
            return any(gives_away(archive.read(entry)) for entry in archive.namelist())
    if content.startswith(b"PAR1") or name.endswith(".parquet"):
        return gives_away_parquet(content)
    text = content.decode("utf-8", errors="replace")
    marks = [f"{ODD[0]:.7f}", f"{ODD[0]:.6f}", f"{ODD[1]:.7f}", f"{ODD[1]:.9f}", "01:20:45", "09:20:45"]
    return any(mark in text for mark in marks)


def gives_away_parquet(content: bytes) -> bool:
    try:
        frame = gpd.read_parquet(io.BytesIO(content))
        coords = shapely.get_coordinates(frame.geometry)
        if (np.abs(coords - ODD) < 1e-6).all(axis=1).any():
            return True
    except ValueError:
        frame = pd.read_parquet(io.BytesIO(content))
    return gives_away(pd.DataFrame(frame).drop(columns="geometry", errors="ignore").to_csv().encode())


def test_the_search_would_find_it(built: service.Build) -> None:
    raw = built.workspace.root / "tracks.csv"
    (stored,) = (built.out / ".store" / "tables" / "tracks").glob("*/data.parquet")
    assert gives_away(raw.read_bytes())
    assert gives_away(stored.read_bytes())
    assert gives_away(gpd.read_parquet(stored).to_csv().encode())


def test_no_result_holds_a_fix(built: service.Build) -> None:
    inside = (built.out / ".store" / "tables" / "tracks", built.out / ".store" / "private")
    files = [path for path in built.out.rglob("*") if path.is_file() and not path.is_relative_to(inside[0])]
    assert len([path for path in files if path.suffix == ".html"]) >= 1
    assert [path for path in files if gives_away(path.read_bytes(), path.name)] == []
    assert not any(layer.private for layer in built.layers())
    assert not TABLES["tracks"].published


@pytest.mark.parametrize("kind", ["csv", "xlsx", "geojson"])
def test_no_export_holds_a_fix(built: service.Build, tmp_path: Path, kind: Format) -> None:
    written = publishing.export(built, (), tmp_path, kind, "zh")
    assert len(written) == len(built.layers())
    assert [path.name for path in written if gives_away(path.read_bytes(), path.name)] == []


def test_nothing_that_is_served_holds_a_fix(built: service.Build) -> None:
    """Follow every link of the service, in one language; then ask for what is not linked."""
    client = TestClient(create_app(Settings(), [built]))
    waiting, seen = ["/", "/east/"], {"/", "/east/"}
    while waiting:
        address = waiting.pop()
        answer = client.get(address)
        assert not gives_away(answer.content, address), address
        text = answer.text if not answer.content.startswith((b"PK", b"PAR1")) else ""
        for link in re.findall(r'href"?\s*[=:]\s*"([^"#]+)"', text):
            target = urlparse(urljoin(f"http://testserver{address}", link.replace("&amp;", "&")))
            path = target.path + (f"?{target.query}" if target.query else "")
            if target.netloc == "testserver" and not ({path} & seen or "/items/" in path or "lang=" in path):
                seen.add(path)
                waiting.append(path)
    assert len(seen) > 50
    for path in (
        "collections/tracks",
        "collections/tracks/items",
        "collections/credited-visits/items",
        "files/layers/tracks.parquet",
        "files/layers/credited-visits.geojson",
        "files/layers/..%2f..%2f.store%2ftables%2ftracks",
        "tracks.csv",
    ):
        assert client.get(f"/east/{path}").status_code == 404, path


def test_faults_of_tracks_are_told_without_their_cells(workspace: Workspace) -> None:
    bad = "13800138000,2026-01-09T01:00:00Z,111,42\nt1,at 01:20:45 or so,111,42\n"
    bad += f"t1,2026-01-09T01:00:00Z,{ODD[0]}x,0\n"
    with (workspace.root / "tracks.csv").open("a") as file:
        file.write(bad)
    made = service.build(workspace, set_aside=True)
    told = orjson.dumps(made.report).decode() + (made.out / "report.md").read_text(encoding="utf-8")
    assert "13800138000" not in told and not gives_away(told.encode())
    assert sorted(fault["code"] for fault in made.report["faults"] if fault["table"] == "tracks") == [
        "bad_cell",
        "bad_coordinate",
        "personal_id",
    ]


# --- deleting them ----------------------------------------------------------------------------------------------
def gridwalk(*arguments: object, typed: str = "") -> Result:
    return CliRunner().invoke(app, [str(argument) for argument in arguments], input=typed)


def status(workspace: Workspace) -> gpd.GeoDataFrame:
    return service.ask(workspace, "border-status")


def everything(folder: Path) -> dict[str, bytes]:
    return {
        path.relative_to(folder).as_posix(): path.read_bytes()
        for path in folder.rglob("*")
        if path.is_file() and ".store" not in path.parts
    }


def test_the_border_looks_the_same_without_its_tracks(workspace: Workspace) -> None:
    before = status(workspace)
    walked = before[before["start_m"].round(-2) == 5_000.0]
    assert walked["evidence"].tolist() == ["gps"]
    assert walked["end_m"].round().tolist() == [7_952.0]  # 5,000 + 41 · 72
    result = gridwalk("forget-tracks", workspace.root, "--yes")
    assert result.exit_code == 0, result.output
    assert "2 次巡逻" in result.output and "2 patrols" in result.output and "tracks.csv" in result.output
    after = open_workspace(workspace.root)
    assert "tracks" not in after.sources
    pd.testing.assert_frame_equal(pd.DataFrame(status(after)), pd.DataFrame(before), check_exact=True)
    publishing.build(after)
    left = [
        path for path in workspace.root.rglob("*") if path.is_file() and gives_away(path.read_bytes(), path.name)
    ]
    assert left == []  # not in the store either
    assert not (workspace.root / forget.NOTE).exists()


def test_the_manifest_keeps_its_comments(workspace: Workspace) -> None:
    before = (workspace.root / "workspace.toml").read_text(encoding="utf-8")
    forget.forget_tracks(workspace)
    after = (workspace.root / "workspace.toml").read_text(encoding="utf-8")
    gone = {"# raw", "[tables.tracks]", 'file = "tracks.csv"  # secret', 'datum = "wgs84"', "[tables.visits]"}
    assert set(before.splitlines()) - set(after.splitlines()) <= gone
    assert [line for line in after.splitlines() if line.startswith("#")] == [
        line for line in before.splitlines() if line.startswith("#")
    ]
    assert [source.file for source in open_workspace(workspace.root).sources["visits"]] == [
        "visits.parquet",
        "visits-of-tracks-1.csv",
    ]


def test_it_asks_first(workspace: Workspace) -> None:
    before = everything(workspace.root)
    result = gridwalk("forget-tracks", workspace.root, typed="n\n")
    assert result.exit_code == 1 and "tracks.csv" in result.output
    assert everything(workspace.root) == before
    assert gridwalk("forget-tracks", workspace.root, typed="y\n").exit_code == 0


STEPS = ("put visits", "put note", "put manifest", "unlink file")


@pytest.mark.parametrize("stop", range(len(STEPS)))
def test_an_interruption_loses_nothing(workspace: Workspace, stop: int, monkeypatch: pytest.MonkeyPatch) -> None:
    """Stop before each step that changes the disk; then run it again."""
    before = status(workspace)
    done = 0

    def until(step: object) -> None:
        nonlocal done
        if done == stop:
            raise KeyboardInterrupt
        done += 1

    def put(content: bytes, target: Path) -> None:
        until(target)
        replace(content, target)

    unlink = Path.unlink

    def delete(path: Path, missing_ok: bool = False) -> None:
        if path.name == "tracks.csv" and path.parent == workspace.root:
            until(path)
        unlink(path, missing_ok=missing_ok)

    with monkeypatch.context() as patched:
        patched.setattr(forget, "put", put)
        patched.setattr(Path, "unlink", delete)
        with pytest.raises(KeyboardInterrupt):
            forget.forget_tracks(workspace)
    half = open_workspace(workspace.root)
    pd.testing.assert_frame_equal(pd.DataFrame(status(half)), pd.DataFrame(before), check_exact=True)
    assert ("tracks" in half.sources) == (stop < len(STEPS) - 1)
    forget.forget_tracks(half)
    whole = open_workspace(workspace.root)
    pd.testing.assert_frame_equal(pd.DataFrame(status(whole)), pd.DataFrame(before), check_exact=True)
    assert not (workspace.root / "tracks.csv").exists() and not (workspace.root / forget.NOTE).exists()
    assert [source.file for source in whole.sources["visits"]] == ["visits.parquet", "visits-of-tracks-1.csv"]


def refused(workspace: Workspace) -> list[str]:
    before = everything(workspace.root)
    with pytest.raises(DataFault) as error:
        forget.forget_tracks(workspace)
    assert everything(workspace.root) == before
    return [fault.code for fault in error.value.faults if fault.level == "error"]


def test_what_is_refused_deletes_nothing(workspace: Workspace) -> None:
    manifest = workspace.root / "workspace.toml"
    text = manifest.read_text(encoding="utf-8")
    shared = text.replace('file = "visits.parquet"', 'file = "tracks.csv"')
    manifest.write_text(shared, encoding="utf-8")
    assert refused(open_workspace(workspace.root)) == ["tracks_shared"]
    manifest.write_text(text[: text.index("# raw")], encoding="utf-8")
    assert refused(open_workspace(workspace.root)) == ["no_tracks"]
    manifest.write_text(text, encoding="utf-8")
    with (workspace.root / "tracks.csv").open("a") as file:
        file.write("t1,never,100,0\n")
    assert refused(workspace) == ["bad_cell"]


def test_a_note_that_points_outside_deletes_nothing_there(workspace: Workspace) -> None:
    precious = workspace.root.parent / "precious.txt"
    precious.write_text("x")
    (workspace.root / forget.NOTE).write_bytes(orjson.dumps(["../precious.txt", "border.parquet", "old.gpx"]))
    (workspace.root / "old.gpx").write_text("left by an interrupted deletion")
    assert forget.files_to_forget(workspace) == ("old.gpx", "tracks.csv")
    forget.forget_tracks(workspace)
    assert precious.exists() and (workspace.root / "border.parquet").exists()
    assert not (workspace.root / "old.gpx").exists()


def test_a_folder_of_files_goes_whole(workspace: Workspace) -> None:
    (workspace.root / "logs").mkdir()
    point = '<trkpt lat="0" lon="100.5"><time>2026-01-09T01:00:00Z</time></trkpt>'
    for name in ("a.gpx", "b.gpx"):
        (workspace.root / "logs" / name).write_text(
            f"<gpx><trk><name>t1</name><trkseg>{point}</trkseg></trk></gpx>"
        )
    manifest = workspace.root / "workspace.toml"
    text = manifest.read_text(encoding="utf-8")
    text = text.replace('file = "tracks.csv"  # secret\ndatum = "wgs84"', 'file = "logs"')
    manifest.write_text(text, encoding="utf-8")
    done = forget.forget_tracks(open_workspace(workspace.root))
    assert done.files == ("logs/a.gpx", "logs/b.gpx")
    assert not (workspace.root / "logs").exists()
    assert (workspace.root / "tracks.csv").exists()  # named by nobody, so not ours to delete


def test_no_earlier_build_keeps_the_account_of_fixes(workspace: Workspace) -> None:
    """What earlier builds know of each patrol's fixes goes when the tracks go."""
    manifest = workspace.root / "workspace.toml"
    dated = manifest.read_text(encoding="utf-8")
    for day in ("2026-01-11", "2026-01-12"):
        manifest.write_text(dated.replace("2026-01-10", day), encoding="utf-8")
        publishing.build(open_workspace(workspace.root))
    earlier = service.earlier_builds(open_workspace(workspace.root))
    assert len(earlier) == 2
    assert all("patrol-credits" in one.snapshots for one in earlier)
    forget.forget_tracks(open_workspace(workspace.root))
    after = open_workspace(workspace.root)
    assert [
        len(service.earlier_builds(after)),
        *("patrol-credits" in one.snapshots for one in service.earlier_builds(after)),
    ] == [
        2,
        False,
        False,
    ]
    publishing.build(after)
    shelf = workspace.root / "out" / ".store" / "layers" / "patrol-credits"
    published = service.open_build(after)
    assert published is not None
    kept = {published.snapshots["patrol-credits"]} if "patrol-credits" in published.snapshots else set()
    for one in service.earlier_builds(after):
        assert "patrol-credits" not in one.snapshots
        assert len(one.frame("border-status"))
    publishing.build(after)
    assert set(shelf.iterdir() if shelf.is_dir() else ()) == kept
    left = [
        path for path in workspace.root.rglob("*") if path.is_file() and gives_away(path.read_bytes(), path.name)
    ]
    assert left == []
