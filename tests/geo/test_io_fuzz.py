"""Whatever the bytes are, reading ends in rows and faults that can be said in both languages, never in a crash."""

from __future__ import annotations

import csv
import io
import json
import tempfile
import zipfile
from functools import cache
from pathlib import Path
from typing import Any

import pandas as pd
import pytest
import shapely
from hypothesis import HealthCheck, given, settings
from hypothesis import strategies as st

from geo.io.importer import Reading, read_tables
from geo.io.limits import Limits
from geo.io.wkb import count_vertices, read_wkb
from tests.reading import collection, feature, four_grids, manifest, read_one

quick = settings(max_examples=25, deadline=None, suppress_health_check=[HealthCheck.too_slow])
json_values = st.recursive(
    st.none() | st.booleans() | st.floats() | st.integers() | st.text(max_size=5),
    lambda inner: st.lists(inner, max_size=4) | st.dictionaries(st.text(max_size=4), inner, max_size=3),
    max_leaves=12,
)
mutations = st.lists(st.tuples(st.floats(0, 1), st.integers(0, 255)), min_size=1, max_size=8)
cells = st.text(max_size=12) | st.sampled_from(
    [
        "nan",
        "inf",
        "1e400",
        "-1",
        "0x10",
        "111.7",
        "40.8",
        "=1+1",
        "é",
        "\u202e",
        "150105001001.0",
        "2026-02-30",
        "，",
    ]
)


def read_bytes(table: str, content: bytes, name: str) -> Reading:
    with tempfile.TemporaryDirectory() as folder:
        return read_one(
            Path(folder), table, content, name, 'datum = "wgs84"' if name.endswith((".csv", ".xlsx")) else ""
        )


def assert_sound(reading: Reading) -> None:
    for fault in reading.faults:
        record = fault.record()
        json.dumps(record)
        assert all(record[part][lang] for part in ("problem", "remedy") for lang in ("zh", "en"))
    for name, facts in reading.files.items():
        used = sum(fact["rows_used"] for fact in facts)
        assert used == len(reading.tables.get(name, []))
        assert used <= sum(fact["rows_read"] for fact in facts)


def mutated(content: bytes, changes: list[tuple[float, int]], keep: float = 1.0) -> bytes:
    made = bytearray(content[: max(1, int(len(content) * keep))])
    for where, byte in changes:
        made[min(int(where * len(made)), len(made) - 1)] = byte
    return bytes(made)


@quick
@given(
    st.binary(max_size=400), st.sampled_from(["t.csv", "t.geojson", "t.parquet", "t.xlsx", "t.graphml", "t.zip"])
)
def test_any_bytes(content: bytes, name: str) -> None:
    assert_sound(read_bytes("streets", content, name))


@quick
@given(json_values, json_values)
def test_any_json_as_geojson(geometry: Any, properties: Any) -> None:
    document = collection(
        {"type": "Feature", "properties": properties, "geometry": geometry}, feature(None, grid_id="1")
    )
    assert_sound(read_bytes("grids", json.dumps(document).encode(), "t.geojson"))
    assert_sound(read_bytes("grids", json.dumps(geometry).encode(), "t.geojson"))


@quick
@given(st.sampled_from(["Point", "LineString", "Polygon", "MultiPolygon", "GeometryCollection"]), json_values)
def test_any_coordinates(kind: str, coordinates: Any) -> None:
    odd = feature({"type": kind, "coordinates": coordinates}, kind="lake", excluded_id="1")
    assert_sound(read_bytes("excluded", json.dumps(collection(odd)).encode(), "t.geojson"))


@quick
@given(st.lists(st.lists(cells, min_size=4, max_size=6), max_size=6))
def test_any_cells(rows: list[list[str]]) -> None:
    text = io.StringIO()
    csv.writer(text).writerows([["编号", "类别", "经度", "纬度", "开放时间", "valid_from"], *rows])
    content = text.getvalue().encode("utf-8", errors="replace")
    assert_sound(read_bytes("stations", content, "t.csv"))


@cache
def originals() -> dict[str, bytes]:
    """The four grids in each binary format."""
    made = {}
    with tempfile.TemporaryDirectory() as folder:
        home = Path(folder)
        four_grids().to_parquet(home / "g.parquet")
        four_grids().to_file(home / "g.gpkg")
        four_grids().to_file(home / "g.fgb")
        pd.DataFrame(four_grids().drop(columns="geometry")).to_excel(home / "g.xlsx", index=False)
        four_grids().to_file(home / "s.shp", encoding="gbk")
        with zipfile.ZipFile(home / "g.zip", "w") as archive:
            for part in home.glob("s.*"):
                archive.write(part, part.name)
        for file in home.glob("g.*"):
            made[file.suffix] = file.read_bytes()
    return made


@quick
@given(st.sampled_from([".parquet", ".xlsx"]), mutations, st.floats(0.1, 1))
def test_changed_bytes_of_tables(suffix: str, changes: list[tuple[float, int]], keep: float) -> None:
    assert_sound(read_bytes("grids", mutated(originals()[suffix], changes, keep), f"g{suffix}"))


@settings(max_examples=3, deadline=None, suppress_health_check=list(HealthCheck))
@given(st.data())
def test_changed_bytes_of_gdal_formats_in_the_child(data: st.DataObject) -> None:
    """Thirty broken files in one child; should one kill it, that is a fault like any other."""
    with tempfile.TemporaryDirectory() as folder:
        home, entries = Path(folder), []
        for number in range(30):
            suffix = data.draw(st.sampled_from([".gpkg", ".fgb", ".zip"]))
            name = f"{number}{suffix}"
            content = mutated(
                originals()[suffix], data.draw(mutations), data.draw(st.sampled_from([1.0, 1.0, 0.7]))
            )
            (home / name).write_bytes(content)
            entries.append(f'[[tables.grids]]\nfile = "{name}"\n')
        reading = read_tables(manifest(home, "".join(entries)), None, home / "out", limits=Limits(wall_s=30))
    for fault in reading.faults:
        assert fault.problem("zh")
    assert reading.faults


@given(st.binary(max_size=200))
def test_any_wkb(content: bytes) -> None:
    shapes, problems = read_wkb([content], Limits())
    assert (shapes[0] is None) == bool(problems)


@given(
    mutations, st.sampled_from(["POINT (1 2)", "MULTIPOLYGON (((0 0, 1 0, 1 1, 0 0)), ((3 3, 4 3, 4 4, 3 3)))"])
)
def test_changed_wkb(changes: list[tuple[float, int]], wkt: str) -> None:
    content = mutated(shapely.to_wkb(shapely.from_wkt(wkt)), changes)
    shapes, problems = read_wkb([content, None], Limits())
    assert (shapes[0] is None) == bool(problems)
    assert shapes[1] is None


@pytest.mark.parametrize(
    "wkt",
    [
        "POINT EMPTY",
        "POINT ZM (1 2 3 4)",
        "MULTIPOINT (1 1, 2 2)",
        "POLYGON ((0 0, 1 0, 1 1, 0 0), (0 0, 1 0, 1 1, 0 0))",
    ],
)
@pytest.mark.parametrize("flavor", ["iso", "extended"])
def test_vertices_are_counted_without_geos(wkt: str, flavor: str) -> None:
    shape = shapely.from_wkt(wkt)
    counted = count_vertices(shapely.to_wkb(shape, flavor=flavor, output_dimension=4))
    assert counted == max(1, shapely.get_num_coordinates(shape))
