"""The reports of the samples find exactly what their scripts put in, and say the same everywhere."""

from __future__ import annotations

import tomllib
from collections import Counter
from collections.abc import Callable
from typing import Any

import geopandas as gpd
import numpy as np
import pytest
from shapely import Point

from geo.io.samples import samples
from geo.service import Build
from geo.words import keys

Built = Callable[[str], Build]


def planted(name: str) -> dict[str, Any]:
    return tomllib.loads((samples()[name] / "planted.toml").read_text(encoding="utf-8"))


def figure(made: Build, id: str) -> dict[str, Any]:
    figures = {figure["id"]: figure for layer in made.report["layers"] for figure in layer["figures"]}
    return dict(figures[id])


def test_saihan_finds_exactly_the_planted_faults(built: Built) -> None:
    found = built("saihan").frame("grid-findings")
    faults = planted("saihan")["fault"]
    assert len(found) == len(faults)
    for fault in faults:
        (row,) = found[found.contains(Point(fault["lon"], fault["lat"]))].to_dict("records")
        assert (row["kind"], row["cause"]) == (fault["kind"], fault["cause"])
        assert sorted(row["grid_ids"]) == fault["grid_ids"]
        assert row["parent_id"] == fault["division_id"]
        assert row["area_m2"] == pytest.approx(fault["area_m2"], rel=1e-3)


def test_saihan_counts_its_people_and_workers_once(built: Built) -> None:
    made = built("saihan")
    staffing = planted("saihan")["staffing"]
    assert figure(made, "grid-staffing.load")["denominator"] == staffing["grid_workers"]
    people = {figure(made, f"{layer}.people_covered")["denominator"] for layer in ("grid-walk", "division-walk")}
    assert people == {750_644}


def test_network_never_flatters_more_than_the_ruler(built: Built) -> None:
    for name in ("saihan", "porto-alegre"):
        made = built(name)
        network, ruler = (
            figure(made, f"grid-walk.{which}")["value"] for which in ("people_covered", "straight_line")
        )
        assert 0 < network <= ruler <= 1


def test_inner_mongolia_tiles_and_its_border_has_just_the_planted_faults(built: Built) -> None:
    made = built("inner-mongolia")
    assert len(made.frame("grid-findings")) == 0
    assert set(made.frame("grid-health")["grade"]) == {"PASS"}
    found = made.frame("border-findings")
    faults = planted("inner-mongolia")["fault"]
    bare = found[found["kind"] == "no_segment"]
    expected = [fault for fault in faults if fault["kind"] == "gap"]
    assert np.allclose(
        bare[["start_m", "end_m"]], [[fault["start_m"], fault["end_m"]] for fault in expected], atol=0.5
    )
    kinds = Counter(found["kind"])
    said = Counter(fault["kind"] for fault in faults)
    assert kinds["overlap"] == said["overlap"]
    assert kinds["length_mismatch"] == said["declared_length"]
    assert kinds["unassigned"] == said["gap"] + len(planted("inner-mongolia")["segments"]["unassigned"])
    segments = made.frame("border-segments").set_index("segment_id")
    for state, ids in planted("inner-mongolia")["segments"].items():
        told = segments["overlong"] if state == "overlong" else segments["state"] == state
        assert sorted(segments.index[told]) == ids


def test_stretches_add_up_to_the_border(built: Built) -> None:
    made = built("inner-mongolia")
    border, status = made.frame("border"), made.frame("border-status")
    assert status["length_m"].sum() == pytest.approx(border["length_m"].sum(), abs=1)
    assert (status["length_m"] > 0).all()


def test_porto_alegre_has_no_partition_and_says_why(built: Built) -> None:
    made = built("porto-alegre")
    reasons = {record["id"]: record["reason"] for record in made.report["unavailable"]}
    assert "divisions" in reasons["grid-health"]["en"]
    assert "行政区划" in reasons["grid-findings"]["zh"]
    assert figure(made, "grid-walk.people_covered")["denominator"] == 812_935


@pytest.mark.parametrize("name", sorted(samples()))
def test_no_home_is_published(built: Built, name: str) -> None:
    made = built(name)
    homes = "population" in made.workspace.sources  # without them, counts are those that grids tell of themselves
    names = {path.stem for path in (made.out / "layers").iterdir()}
    assert not names & {"place-walk", "walk-network", "population", "tracks"}
    computed = [layer for layer in made.layers() if layer.id != "grids"]  # what a grid file counts is its own
    for layer in computed if homes else ():
        frame = gpd.read_parquet(made.out / "layers" / f"{layer.id}.parquet")
        for column in set(frame.columns) & {"people", "people_nearest", "people_lost"}:
            shown = frame[column].dropna()
            assert not ((shown > 0) & (shown < 10)).any(), (layer.id, column)


@pytest.mark.parametrize("name", sorted(samples()))
def test_every_unit_of_a_report_has_a_word(built: Built, name: str) -> None:
    known = keys("zh")
    figures = [figure for layer in built(name).report["layers"] for figure in layer["figures"]]
    units = {figure[part] for figure in figures for part in ("unit", "of")} - {"", "share"}
    assert {f"unit.{unit}" for unit in units} - known == set()
