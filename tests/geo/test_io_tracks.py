"""Recorded tracks from every kind of file: the same fixes, with places and moments, or a fault that says why."""

from __future__ import annotations

import io
import tomllib
import zipfile
from collections.abc import Callable
from datetime import UTC, datetime
from pathlib import Path
from typing import Any

import geopandas as gpd
import gpxpy
import gpxpy.gpx
import numpy as np
import pandas as pd
import pytest
import shapely
from hypothesis import given, settings
from hypothesis import strategies as st
from shapely import Point

from geo.io.formats.gpx import DEPTH_MAX
from geo.io.guess import init_workspace
from geo.io.importer import read_tables
from geo.io.limits import Limits
from geo.io.raw import Ledger
from geo.io.times import NoTime, moment, parse_times
from geo.tables import TABLES
from tests.reading import codes, manifest, read_here, read_one

GPX = '<?xml version="1.0"?><gpx version="1.1" creator="t" xmlns="http://www.topografix.com/GPX/1/1">{}</gpx>'
TIME = TABLES["tracks"].column("time")


def walk() -> gpd.GeoDataFrame:
    """Two patrols of three fixes, one without a place."""
    points = [Point(111.0 + 0.001 * step, 42.0) for step in range(6)]
    frame = {
        "patrol_id": ["n1"] * 3 + ["n2"] * 3,
        "time": pd.to_datetime([f"2026-01-10T00:0{minute}:00Z" for minute in (0, 1, 2, 3, 4, 5)]),
    }
    return gpd.GeoDataFrame(frame, geometry=[*points[:4], None, points[5]], crs="EPSG:4326")


def as_csv(path: Path) -> None:
    rows = walk()
    table = pd.DataFrame(
        {"巡逻编号": rows["patrol_id"], "定位时间": rows["time"].dt.strftime("%Y-%m-%dT%H:%M:%SZ")}
    )
    table.assign(经度=rows.geometry.x, 纬度=rows.geometry.y).to_csv(path, index=False)


def as_gpx(path: Path) -> None:
    """Written by gpxpy, which cannot leave a place out: that fix is put in by hand."""
    file = gpxpy.gpx.GPX()
    for name, rows in walk().groupby("patrol_id"):
        track, segment = gpxpy.gpx.GPXTrack(name=name), gpxpy.gpx.GPXTrackSegment()
        for time, place in zip(rows["time"], rows.geometry, strict=True):
            lon, lat = (place.x, place.y) if place else (999.0, 99.0)
            segment.points.append(gpxpy.gpx.GPXTrackPoint(lat, lon, time=time.to_pydatetime()))
        track.segments.append(segment)
        file.tracks.append(track)
    path.write_text(file.to_xml().replace('lat="99.0" lon="999.0"', ""))


WRITERS: dict[str, Callable[[Path], Any]] = {
    "t.csv": as_csv,
    "t.geojson": lambda path: walk().to_file(path, driver="GeoJSON"),
    "t.gpkg": lambda path: walk().to_file(path),
    "t.fgb": lambda path: walk().to_file(path, SPATIAL_INDEX="NO"),
    "t.parquet": lambda path: walk().to_parquet(path),
    "t.gpx": as_gpx,
}


@pytest.mark.parametrize("name", WRITERS)
def test_every_kind_of_file_gives_the_same_fixes(tmp_path: Path, name: str) -> None:
    WRITERS[name](tmp_path / name)
    more = 'datum = "wgs84"' if name.endswith("csv") else ""
    reading = read_here(manifest(tmp_path, f'[tables.tracks]\nfile = "{name}"\n{more}\n'))
    assert codes(reading) == []
    made, meant = reading.tables["tracks"], walk()
    assert made["patrol_id"].tolist() == meant["patrol_id"].tolist()
    assert made["time"].tolist() == meant["time"].tolist()
    assert made["sequence"].tolist() == [1, 2, 3, 1, 2, 3]
    assert np.array_equal(made.geometry.isna(), meant.geometry.isna())
    assert made.geometry.dropna().geom_equals_exact(meant.geometry.dropna(), 1e-9).all()
    assert list(made.columns) == ["patrol_id", "time", "sequence", "geometry"]


def test_headings_of_other_systems_are_declared(tmp_path: Path) -> None:
    csv = "trip,recorded,who_carried,x,y\nT1,2026-01-10 08:00:00+08:00,somebody,111,42\n"
    reading = read_one(
        tmp_path, "tracks", csv, more='columns = { patrol_id = "trip", time = "recorded" }\ndatum = "wgs84"'
    )
    assert codes(reading) == []
    made = reading.tables["tracks"]
    assert (made.at[0, "patrol_id"], made.at[0, "time"]) == ("T1", pd.Timestamp("2026-01-10T00:00Z"))
    assert "somebody" not in made.to_csv()  # of raw tracks nothing is kept that crediting does not need


def test_an_empty_point_is_a_fix_without_a_place(tmp_path: Path) -> None:
    rows = walk()
    rows.geometry = [Point(), *rows.geometry[1:]]
    rows.to_parquet(tmp_path / "t.parquet")
    made = read_here(manifest(tmp_path, '[tables.tracks]\nfile = "t.parquet"\n')).tables["tracks"]
    assert made.geometry.isna().tolist() == [True, False, False, False, True, False]


def test_bad_rows_are_faults_and_the_others_are_read(tmp_path: Path) -> None:
    csv = (
        "patrol_id,time,lon,lat\n"
        "a,2026-01-10T00:00:00Z,111,42\n"
        "a,yesterday,111,42\n"
        "a,,111,42\n"
        ",2026-01-10T00:00:00Z,111,42\n"
        "a,2026-01-10T00:00:00Z,111,\n"
        "a,2026-13-10T00:00:00Z,111,42\n"
        "a,2026-01-10T00:00:00Z,111,999\n"
        "13800138000,2026-01-10T00:00:00Z,111,42\n"
    )
    reading = read_one(tmp_path, "tracks", csv, more='datum = "wgs84"')
    assert sorted(codes(reading)) == sorted(
        ["bad_cell", "value_missing", "value_missing", "half_a_point", "bad_cell", "out_of_range", "personal_id"]
    )
    assert len(reading.tables["tracks"]) == 1


# --- moments ----------------------------------------------------------------------------------------------------
def test_times_without_zone_are_the_workspaces_and_are_told(tmp_path: Path) -> None:
    csv = "patrol_id,time,lon,lat\na,2026-01-10 08:00:00,1,2\na,2026/01/10 09:00,1,2\na,2026-01-10T02:00:00Z,1,2\n"
    reading = read_one(tmp_path, "tracks", csv, more='datum = "wgs84"')
    assert reading.tables["tracks"]["time"].dt.hour.tolist() == [0, 1, 2]
    (told,) = [fault for fault in reading.faults if fault.code == "time_without_zone"]
    assert (told.level, told.values) == ("info", {"count": 2, "time_zone": "Asia/Shanghai"})


@pytest.mark.parametrize("name", ["t.gpkg", "t.fgb"])
def test_a_geopackage_keeps_its_zone(tmp_path: Path, name: str) -> None:
    """Its times were read without zone, and came out eight hours early."""
    rows = walk().assign(time=walk()["time"].dt.tz_convert("Asia/Shanghai"))
    rows.to_file(tmp_path / name, **({"SPATIAL_INDEX": "NO"} if name.endswith("fgb") else {}))
    reading = read_here(manifest(tmp_path, f'[tables.tracks]\nfile = "{name}"\n'))
    assert sorted(reading.tables["tracks"]["time"]) == sorted(walk()["time"])
    assert codes(reading, "info") == []


MOMENTS = st.datetimes(min_value=datetime(1900, 1, 1), max_value=datetime(2100, 1, 1))  # noqa: DTZ001 (no zone meant)
FORMS = ("%Y-%m-%dT%H:%M:%S", "%Y-%m-%d %H:%M:%S.%f", "%Y/%m/%d %H:%M", "%Y-%m-%d", "%Y%m%dT%H%M%S", "%H:%M")
CELLS = st.one_of(
    st.builds(
        lambda when, form, zone: when.strftime(form) + zone,
        MOMENTS,
        st.sampled_from(FORMS),
        st.sampled_from(["", "Z", "+08:00", "-09:30", "+0800", "+25:00"]),
    ),
    st.sampled_from(
        [None, "", " ", "x", "1986-05-04 00:30:00", "1986-09-14 00:30:00", "2026-02-30T00:00:00Z", 20260110]
    ),
    MOMENTS,
    MOMENTS.map(lambda when: when.replace(tzinfo=UTC)),
)


@settings(deadline=None)
@given(st.lists(CELLS, max_size=12), st.sampled_from(["Asia/Shanghai", "Europe/Berlin", "UTC"]))
def test_columns_of_times_are_read_as_cell_by_cell(cells: list[Any], time_zone: str) -> None:
    ledger = Ledger("tracks", "t.csv")
    made = parse_times(pd.Series(cells, dtype="object"), TIME, ledger, time_zone)
    bad, naive = set(), 0
    for at, cell in enumerate(cells):
        if cell is None or not str(cell).strip():
            assert pd.isna(made[at])
            continue
        try:
            meant, zoneless = moment(cell, time_zone)
        except NoTime:
            bad.add(at)
            continue
        assert made[at] == meant
        naive += zoneless
    assert {at for at, *_ in ledger.rows} == bad
    assert sum(fault.values["count"] for fault in ledger.whole) == naive


# --- GPX --------------------------------------------------------------------------------------------------------
def point(second: int, attributes: str = 'lat="42" lon="111"', time: str = "") -> str:
    return f"<trkpt {attributes}><ele>1</ele><time>{time or f'2026-01-10T00:00:{second:02d}Z'}</time></trkpt>"


def track(*points: str, name: str = "") -> str:
    return f"<trk>{f'<name>{name}</name>' if name else ''}<trkseg>{''.join(points)}</trkseg></trk>"


def read_gpx(folder: Path, *parts: str, name: str = "东线.gpx") -> Any:
    return read_one(folder, "tracks", GPX.format("".join(parts)), name)


def test_tracks_are_patrols(tmp_path: Path) -> None:
    way = '<wpt lat="42" lon="111"><time>2026-01-10T00:00:00Z</time><name>camp</name></wpt>'
    route = '<rte><name>plan</name><rtept lat="42" lon="111"/><rtept lat="42" lon="111"/></rte>'
    twice = f"<trk><name> n 1\n</name><trkseg>{point(1)}</trkseg><trkseg>{point(2)}</trkseg></trk>"
    reading = read_gpx(tmp_path, way, route, twice, track(point(3)), track(point(4), name="n2"))
    assert codes(reading) == []
    made = reading.tables["tracks"]
    assert made["patrol_id"].tolist() == ["n 1", "n 1", "东线-2", "n2"]
    assert made["time"].dt.second.tolist() == [1, 2, 3, 4]
    assert made["sequence"].tolist() == [1, 2, 1, 1]
    assert [fault.values for fault in reading.faults if fault.code == "gpx_ignored"] == [{"count": 3}]


def test_the_only_track_of_a_file_is_named_after_it(tmp_path: Path) -> None:
    assert read_gpx(tmp_path, track(point(1))).tables["tracks"]["patrol_id"].tolist() == ["东线"]


def test_gpx_times_without_zone_are_utc(tmp_path: Path) -> None:
    reading = read_gpx(
        tmp_path, track(point(0, time="2026-01-10T08:00:00"), point(0, time="2026-01-10T08:00:00+08:00"))
    )
    assert reading.tables["tracks"]["time"].dt.hour.tolist() == [8, 0]
    assert codes(reading, "info") == []


def test_a_bad_point_is_a_row_of_its_own(tmp_path: Path) -> None:
    reading = read_gpx(
        tmp_path,
        track(
            point(0),
            point(1, 'lat="42"'),
            point(2, 'lat="x" lon="111"'),
            point(3, time="noon"),
            '<trkpt lat="42" lon="111"/>',
            point(5, 'lat="99" lon="111"'),
            point(6, ""),
            name="a",
        ),
    )
    assert codes(reading) == ["half_a_point", "bad_coordinate", "bad_cell", "value_missing", "out_of_range"]
    made = reading.tables["tracks"]
    assert made["sequence"].tolist() == [1, 7]
    assert made.geometry.isna().tolist() == [False, True]


def zipped(**files: str) -> bytes:
    packed = io.BytesIO()
    with zipfile.ZipFile(packed, "w", zipfile.ZIP_DEFLATED) as archive:
        for name, text in files.items():
            archive.writestr(name.replace("__", "/").replace("_gpx", ".gpx"), text)
    return packed.getvalue()


@pytest.mark.parametrize("kind", ["zip", "folder"])
def test_several_files_at_once(tmp_path: Path, kind: str) -> None:
    files = {
        "b_gpx": GPX.format(track(point(2), name="log") + track(point(3), name="west")),
        "a_gpx": GPX.format(track(point(1), name="log")),
        "c_gpx": GPX.format(track(point(4))),
        "readme.txt": "x",
        ".hidden_gpx": "x",
    }
    if kind == "zip":
        (tmp_path / "t.zip").write_bytes(zipped(**files))
    else:
        (tmp_path / "t").mkdir()
        for name, text in files.items():
            (tmp_path / "t" / name.replace("_gpx", ".gpx")).write_text(text)
    workspace = manifest(tmp_path, f'[tables.tracks]\nfile = "{"t.zip" if kind == "zip" else "t"}"\n')
    reading = read_here(workspace)
    assert codes(reading) == []
    assert reading.tables["tracks"]["patrol_id"].tolist() == ["a-log", "b-log", "west", "c"]
    assert codes(reading, "warning") == ["track_names_repeated"]


def test_names_in_archives_of_chinese_programs(tmp_path: Path) -> None:
    content = zipped(xx_gpx=GPX.format(track(point(1)))).replace(b"xx.gpx", "东".encode("gbk") + b".gpx")
    (tmp_path / "t.zip").write_bytes(content)
    reading = read_here(manifest(tmp_path, '[tables.tracks]\nfile = "t.zip"\n'))
    assert reading.tables["tracks"]["patrol_id"].tolist() == ["东"]


BOMB = "".join(f'<!ENTITY e{n} "{f"&e{n - 1};" * 10}">' for n in range(1, 12))
HOSTILE = {
    "entities": f'<!DOCTYPE gpx [<!ENTITY e0 "aaaaaaaaaa">{BOMB}]><gpx><trk><name>&e11;</name></trk></gpx>',
    "outside": '<!DOCTYPE gpx [<!ENTITY x SYSTEM "file:///etc/passwd">]><gpx><trk><name>&x;</name></trk></gpx>',
    "dtd": '<?xml version="1.0"?><!DOCTYPE gpx SYSTEM "http://localhost:1/gpx.dtd"><gpx></gpx>',
    "deep": "<gpx>" + "<a>" * 100_000 + "</a>" * 100_000 + "</gpx>",
    "cut": GPX.format(track(point(1)))[:-30],
    "unknown encoding": '<?xml version="1.0" encoding="no-such"?><gpx></gpx>',
    "another encoding": '<?xml version="1.0" encoding="cp037"?><gpx></gpx>',
    "undeclared": GPX.format("<trk><name>&x;</name></trk>"),
}


@pytest.mark.parametrize("name", HOSTILE)
def test_hostile_gpx_is_refused(tmp_path: Path, name: str) -> None:
    reading = read_one(tmp_path, "tracks", HOSTILE[name], "t.gpx")
    assert codes(reading) == ["bad_xml"]
    assert "root:" not in str([fault.record() for fault in reading.faults])


def test_hostile_gpx_in_the_child(tmp_path: Path) -> None:
    """The same in the process that opens foreign files, beside a table that is read all the same."""
    (tmp_path / "t.gpx").write_text(HOSTILE["entities"])
    (tmp_path / "p.csv").write_text("patrol_id,evidence,start_time,end_time\na,gps,2026-01-10,2026-01-10\n")
    workspace = manifest(tmp_path, '[tables.tracks]\nfile = "t.gpx"\n[tables.patrols]\nfile = "p.csv"\n')
    reading = read_tables(workspace, None, tmp_path / "read")
    assert codes(reading) == ["bad_xml"]
    assert list(reading.tables) == ["patrols"]


def test_limits_hold_while_gpx_is_read(tmp_path: Path) -> None:
    (tmp_path / "t.gpx").write_text(GPX.format(track(*[point(second) for second in range(20)])))
    workspace = manifest(tmp_path, '[tables.tracks]\nfile = "t.gpx"\n')
    assert codes(read_here(workspace, Limits(rows=19))) == ["too_many_rows"]
    (tmp_path / "t.gpx").write_text(GPX.format("<trk/>" * 20))
    assert codes(read_here(workspace, Limits(rows=19))) == ["too_many_rows"]
    (tmp_path / "t.zip").write_bytes(zipped(a_gpx=GPX.format(" " * 6_000_000)))
    workspace = manifest(tmp_path, '[tables.tracks]\nfile = "t.zip"\n')
    assert codes(read_here(workspace)) == ["archive_ratio"]


def test_as_deep_as_devices_go(tmp_path: Path) -> None:
    deep = DEPTH_MAX - 4  # gpx, trk, trkseg and trkpt are above it
    fine = point(0).replace("</trkpt>", f"{'<a>' * deep}{'</a>' * deep}</trkpt>")
    assert codes(read_gpx(tmp_path, track(fine))) == []


@settings(deadline=None, max_examples=25)
@given(
    st.lists(
        st.lists(
            st.tuples(
                st.floats(-90, 90).map(lambda degrees: round(degrees, 6)),
                st.floats(-180, 180).map(lambda degrees: round(degrees, 6)),
                st.integers(0, 2_000_000_000),
            ),
            max_size=4,
        ),
        max_size=4,
    )
)
def test_gpx_is_read_as_gpxpy_reads_it(tmp_path_factory: pytest.TempPathFactory, tracks: list[Any]) -> None:
    file = gpxpy.gpx.GPX()
    for number, fixes in enumerate(tracks):
        segment = gpxpy.gpx.GPXTrackSegment(
            [gpxpy.gpx.GPXTrackPoint(lat, lon, time=datetime.fromtimestamp(when, UTC)) for lat, lon, when in fixes]
        )
        file.tracks.append(gpxpy.gpx.GPXTrack(name=f"t{number}"))
        file.tracks[-1].segments.append(segment)
    text = file.to_xml()
    made = read_one(tmp_path_factory.mktemp("gpx"), "tracks", text, "t.gpx").tables["tracks"]
    meant = [
        (each.name, point.longitude, point.latitude, point.time)
        for each in gpxpy.parse(text).tracks
        for point in each.segments[0].points
    ]
    lonlat = shapely.get_coordinates(made.geometry)
    assert list(zip(made["patrol_id"], *lonlat.T, made["time"], strict=True)) == meant


# --- a first look -----------------------------------------------------------------------------------------------
@pytest.mark.parametrize("name", ["log.gpx", "log.zip", "轨迹.csv", "points.csv"])
def test_a_file_of_tracks_is_recognised(tmp_path: Path, name: str) -> None:
    source = tmp_path / name
    if name.endswith("gpx"):
        as_gpx(source)
    elif name.endswith("zip"):
        source.write_bytes(zipped(a_gpx=GPX.format(track(point(1)))))
    elif name == "points.csv":
        source.write_text("patrol_id,fixtime,longitude,latitude\na,2026-01-10T00:00:00Z,111,42\n")
    else:
        as_csv(source)
    written = init_workspace(tmp_path / "w", [source]).read_text(encoding="utf-8")
    assert list(tomllib.loads(written)["tables"]) == ["tracks"]
    reading = read_here(manifest(tmp_path / "w", written, head=""))
    assert codes(reading) == [] and len(reading.tables["tracks"])
