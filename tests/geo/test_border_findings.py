"""Assignments that hold nothing, stretches held jointly, neighbours, and parts of the line that do not fit."""

from __future__ import annotations

from datetime import date
from itertools import pairwise, product
from typing import Any

import geopandas as gpd
import numpy as np
import pandas as pd
import pytest
import shapely
from hypothesis import given, settings
from hypothesis import strategies as st
from shapely import LineString

from geo.border.assignment import assignment_findings
from geo.border.holding import hold
from geo.border.joints import against
from geo.crs import Floats, geodesic_steps
from geo.tables.conform import conform
from tests.worlds import at_m, hundred_km

DAY = date(2026, 1, 10)


def found_in(world: dict[str, Any], **changed: Any) -> gpd.GeoDataFrame:
    tables = {**world, **changed}
    return assignment_findings(
        tables["border"],
        tables["segments"],
        tables["assignments"],
        tables["staff"],
        markers=tables["markers"],
        as_of=DAY,
    )


def of_kind(found: gpd.GeoDataFrame, kind: str) -> gpd.GeoDataFrame:
    return found[found["kind"] == kind].reset_index(drop=True)


def assignments_of(*rows: dict[str, Any]) -> pd.DataFrame:
    table = pd.DataFrame(rows)
    table["assignment_id"] = [f"a{number}" for number in range(len(rows))]
    for name in ("valid_from", "valid_to"):
        if name in table:
            table[name] = pd.to_datetime(table[name])
    return conform("assignments", table.fillna({"staff_id": "g1"}) if "staff_id" in table else table)


def line_of(*bounds: tuple[float, float], **columns: Any) -> gpd.GeoDataFrame:
    """Parts of one border on the equator, from and to in metres, in this sequence."""
    rows = {
        "border_id": "east",
        "part": list("abcdefgh"[: len(bounds)]),
        "sequence": range(len(bounds)),
        **columns,
    }
    shapes = [LineString(at_m(*pair)) for pair in bounds]
    return conform("border", gpd.GeoDataFrame(rows, geometry=shapes, crs="EPSG:4326"))


def misfits_of(border: gpd.GeoDataFrame) -> gpd.GeoDataFrame:
    segments = conform("segments", gpd.GeoDataFrame({"segment_id": []}, geometry=[], crs="EPSG:4326"))
    found = assignment_findings(border, segments, None, None, as_of=DAY)
    return found[found["kind"].str.startswith("part_") | (found["kind"] == "length_mismatch")]


def test_assignments_that_hold_nothing_say_why() -> None:
    segment, interval = {"target_type": "segment"}, {"target_type": "interval"}
    rows = assignments_of(
        {**segment, "target_id": "s1"},
        {**segment, "target_id": "s9"},
        {**segment, "target_id": "s9", "valid_to": "2026-01-10"},  # over: nobody believes in it any more
        {**segment, "target_id": "s1", "staff_id": "nobody"},
        {**segment, "target_id": "s1", "valid_from": "2026-03-01", "valid_to": "2026-02-01"},
        {**interval, "start_m": 5_000, "end_m": 5_000},
        {**interval, "start_m": 5_000, "end_m": 9_000, "border_id": "west"},
        {**interval, "start_m": 101_000, "end_m": 102_000},
        {**interval, "start_m": 90_000, "end_m": 102_000},
        {**interval, "start_m": 90_000, "end_m": 100_000.9},
        {"target_type": "grid", "target_id": "x"},
    )
    lost = of_kind(found_in(hundred_km(), assignments=rows), "assignment_lost").set_index("assignment_id")
    assert lost["reason"].to_dict() == {
        "a1": "unknown_target",
        "a3": "unknown_staff",
        "a4": "wrong_dates",
        "a5": "wrong_interval",
        "a6": "wrong_interval",
        "a7": "wrong_interval",
        "a8": "beyond_border",
    }
    assert lost.loc["a3", "staff_ids"] == ["nobody"]
    assert lost.loc["a8", ["start_m", "end_m", "border_id"]].tolist() == [90_000, 102_000, "east"]
    assert lost.geometry["a8"].equals_exact(LineString(at_m(90_000, 100_000)), 1e-8)
    assert lost.geometry["a1"] is None
    assert lost["finding_id"].is_unique


def test_what_is_held_jointly_is_told_apart_from_what_is_held_twice() -> None:
    world = hundred_km()
    world["segments"]["joint"] = [True, False, False, False]
    found = found_in(world)
    joint = of_kind(found, "joint")
    assert (joint[["start_m", "end_m"]].to_numpy() / 1_000).round(6).tolist() == [[25, 30]]
    assert joint[["severity", "segment_before", "segment_after"]].iloc[0].tolist() == ["info", "s1", "s2"]
    assert joint["staff_ids"][0] == ["g1", "g2", "g6"]
    assert "overlap" not in set(found["kind"])


def test_neighbours_are_the_nearest_that_hold_anything() -> None:
    world = hundred_km()
    without = found_in(world, segments=world["segments"].iloc[[0, 3]])
    gap = of_kind(without, "no_segment")
    assert gap[["segment_before", "segment_after"]].to_numpy().tolist() == [["s1", "s4"]]
    alone = found_in(world, segments=world["segments"].iloc[[1]])
    gaps = of_kind(alone, "no_segment")
    assert gaps[["segment_before", "segment_after"]].fillna("").to_numpy().tolist() == [["", "s2"], ["s2", ""]]
    nothing = found_in(world, segments=world["segments"].iloc[:0])
    assert of_kind(nothing, "no_segment")[["segment_before", "post_after"]].isna().to_numpy().all()


def test_a_patrol_line_that_is_not_beside_its_segment() -> None:
    world = hundred_km()
    away = shapely.to_wkb(LineString([(101, 3), (101.1, 3)]))
    beside = shapely.to_wkb(LineString([(100.01, 0.003), (100.1, 0.003)]))
    world["segments"]["patrol_line"] = [beside, away, None, b"scribble"]
    found = of_kind(found_in(world), "patrol_line_far")
    assert found["segment_ids"].tolist() == [["s2"], ["s4"]]


def test_parts_that_do_not_meet() -> None:
    border = line_of((0, 1_000), (1_000.9, 2_000), (2_250, 3_000))
    found = misfits_of(border)
    assert found["kind"].tolist() == ["part_gap"]  # 0.9 m is noise
    gap = found.iloc[0]
    assert gap[["part_ids", "severity", "start_m"]].tolist() == [["east-b", "east-c"], "warning", gap["end_m"]]
    assert gap["length_m"] == pytest.approx(250, abs=1e-6)
    assert gap["start_m"] == pytest.approx(1_999.1, abs=1e-6)
    assert gap["geometry"].equals_exact(LineString(at_m(2_000, 2_250)), 1e-9)


def test_gaps_are_told_where_parts_were_joined_by_their_ends_too() -> None:
    border = line_of((2_000, 1_000), (0, 900), (5_000, 2_000), sequence=None)
    found = misfits_of(border)
    assert found["kind"].tolist() == ["part_gap"]
    assert found["length_m"].iloc[0] == pytest.approx(100, abs=1e-6)


@pytest.mark.parametrize(
    ("bounds", "turned"),
    [
        ([(0, 1_000), (2_000, 1_000), (2_000, 3_000)], ["east-b"]),
        ([(0, 1_000), (2_000, 1_000)], ["east-b"]),
        ([(1_000, 0), (1_000, 2_000)], ["east-a"]),
        ([(0, 1_000), (2_000, 1_000), (3_000, 2_000), (3_000, 4_000)], ["east-b", "east-c"]),
        ([(1_000, 0), (2_000, 1_000), (3_000, 2_000)], ["east-a", "east-b", "east-c"]),
        ([(0, 1_000), (1_000, 2_000)], []),
        ([(0, 1_000)], []),
    ],
)
def test_parts_drawn_against_their_neighbours(bounds: list[tuple[float, float]], turned: list[str]) -> None:
    found = of_kind(misfits_of(line_of(*bounds)), "part_turned")
    assert [ids[0] for ids in found["part_ids"]] == turned
    assert set(found["severity"]) <= {"fail"}


def test_parts_that_come_twice_in_either_direction() -> None:
    border = line_of((0, 1_000), (1_000, 2_000), (2_000, 1_000), (2_000, 3_000))
    found = of_kind(misfits_of(border), "part_duplicate")
    assert found["part_ids"].tolist() == [["east-b", "east-c"]]
    assert found[["start_m", "end_m"]].iloc[0].tolist() == pytest.approx([2_000, 3_000], abs=1e-6)
    other = line_of((0, 1_000), (0, 1_000), border_id=["east", "west"])
    assert len(of_kind(misfits_of(other), "part_duplicate")) == 0


@pytest.mark.parametrize(("declared", "off"), [(1_050, False), (1_051, True), (949, True), (None, False)])
def test_declared_length_of_a_part(declared: float | None, off: bool) -> None:
    found = misfits_of(line_of((0, 1_000), (1_000, 3_000), length_declared_m=[declared, None]))
    assert found["part_ids"].tolist() == ([["east-a"]] if off else [])


def test_findings_have_one_id_each_whatever_the_order_of_rows() -> None:
    world = hundred_km()
    border = line_of((0, 40_000), (80_000, 40_000), (80_100, 100_100), (80_100, 100_100))
    found = found_in(world, border=border)
    assert found["finding_id"].is_unique
    shuffled = {name: table.sample(frac=1, random_state=3) for name, table in world.items()}
    again = found_in(shuffled, border=border.iloc[::-1])
    assert again["finding_id"].tolist() == found["finding_id"].tolist()


@settings(max_examples=30, deadline=None)
@given(st.integers(1, 6), st.integers(0, 10_000))
def test_turning_round_is_the_best_of_all_choices(count: int, seed: int) -> None:
    ends = np.random.default_rng(seed).uniform((110, 45), (110.02, 45.02), (count, 2, 2))

    def jumps(choice: tuple[int, ...]) -> float:
        way = np.stack([each[::-1] if turned else each for each, turned in zip(ends, choice, strict=True)])
        return float(geodesic_steps(way[:-1, 1], way[1:, 0]).sum()) + 1.0 * sum(choice)

    best: Floats = np.array([jumps(choice) for choice in product((0, 1), repeat=count)])
    assert jumps(tuple(int(each) for each in against(ends, 1.0))) == pytest.approx(best.min(), abs=1e-6)


def test_segments_drawn_on_the_line_are_placed_each_on_its_own() -> None:
    count = 300
    bounds = np.linspace(0, 100_000, count + 1).round(3)
    segments = gpd.GeoDataFrame(
        {"segment_id": [f"s{number:05}" for number in range(count)]},
        geometry=[LineString(at_m(a, b)) for a, b in pairwise(bounds)],
        crs="EPSG:4326",
    )
    held = hold(hundred_km()["border"], conform("segments", segments), as_of=DAY)
    assert held.segments["from_m"].to_numpy() == pytest.approx(bounds[:-1], abs=1e-3)
    assert held.segments["to_m"].to_numpy() == pytest.approx(bounds[1:], abs=1e-3)
