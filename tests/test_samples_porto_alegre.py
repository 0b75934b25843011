"""What the porto-alegre sample promises, and what all of them promise; nothing of ``geo`` is used."""

from __future__ import annotations

import re
import tomllib
from pathlib import Path
from typing import Any

import geopandas as gpd
import pandas as pd
import pytest

DATA = Path(__file__).parents[1] / "data"
BOUNDARIES = DATA / "boundaries"
HERE = BOUNDARIES / "porto-alegre"
SAMPLES = ("chayouzhong", "inner-mongolia", "porto-alegre", "saihan")
PRIVATE = re.compile("姓名|电话|手机|身份证|phone|surname|passport", re.IGNORECASE)


def manifest(sample: str) -> dict[str, Any]:
    return tomllib.loads((BOUNDARIES / sample / "workspace.toml").read_text(encoding="utf-8"))


def sources(sample: str) -> list[dict[str, Any]]:
    tables = manifest(sample)["tables"].values()
    return [one for given in tables for one in (given if isinstance(given, list) else [given])]


def test_hexagons_are_grids_and_people_at_once() -> None:
    grids, homes = gpd.read_file(HERE / "grids.fgb"), gpd.read_parquet(HERE / "population.parquet")
    assert len(grids) == len(homes) == 1_227
    assert homes["people"].sum() == 812_935
    assert grids["grid_id"].str.fullmatch("[0-9a-f]{15}").all()
    assert set(grids["grid_id"]) == set(homes["place_id"])
    assert (homes["kind"] == "cell").all()


def test_stations_are_health_care_schools_and_services() -> None:
    stations = gpd.read_file(HERE / "stations.geojson")
    kind = stations["station_id"].str.split("-").str[0]
    assert kind.value_counts().to_dict() == {"school": 177, "health": 117, "osm": 60}
    assert stations["station_id"].is_unique
    assert (stations["category"] == "other").all()
    assert not stations["kind"].isin(["bench", "waste basket", "parking", "telephone"]).any()
    cells = gpd.read_file(HERE / "grids.fgb").set_index("grid_id").geometry
    in_cells = stations[kind != "osm"]
    own = cells.loc[in_cells["station_id"].str.split("-").str[1]].reset_index(drop=True)
    assert own.contains(in_cells.geometry.reset_index(drop=True)).all()


def test_streets_are_the_extract_as_supplied() -> None:
    original = DATA / "originals" / "networks" / "porto_alegre.osm.pbf"
    assert (HERE / "streets.osm.pbf").read_bytes() == original.read_bytes()


def test_background_is_only_roads_rail_and_water() -> None:
    drawn = gpd.read_parquet(HERE / "background.parquet")
    assert set(drawn["kind"]) == {"road", "rail", "water"}
    assert drawn.is_valid.all()


@pytest.mark.parametrize("sample", SAMPLES)
def test_every_table_has_a_file_a_source_and_a_licence(sample: str) -> None:
    for one in sources(sample):
        assert (BOUNDARIES / sample / one["file"]).is_file()
        assert one["source"]
        assert one["licence"]
    assert manifest(sample)["as_of"].isoformat() == "2026-11-20"
    assert (BOUNDARIES / sample / "README.md").is_file()


@pytest.mark.parametrize("sample", ["chayouzhong", "inner-mongolia", "saihan"])
def test_chinese_boundaries_carry_a_notice_and_no_review_number(sample: str) -> None:
    given = manifest(sample)
    assert given["map_review_number"] == ""
    assert "合成数据" in given["notice"]["zh"]
    assert "synthetic" in given["notice"]["en"]


@pytest.mark.parametrize("sample", SAMPLES)
def test_no_file_is_unused_and_no_column_names_a_person(sample: str) -> None:
    used = {one["file"] for one in sources(sample)}
    there = {path.name for path in (BOUNDARIES / sample).iterdir()}
    assert there - used <= {"README.md", "workspace.toml", "planted.toml"}
    for name in used:
        path = BOUNDARIES / sample / name
        if path.suffix == ".csv":
            text = path.read_bytes().split(b"\n", 1)[0].decode("gbk" if name == "units.csv" else "utf-8-sig")
            assert not PRIVATE.search(text)
        elif path.suffix == ".parquet":
            assert not PRIVATE.search(" ".join(pd.read_parquet(path).columns))


def test_the_samples_are_small_enough_to_ship() -> None:
    size = sum(path.stat().st_size for path in BOUNDARIES.rglob("*") if path.is_file())
    assert size < 15_000_000
