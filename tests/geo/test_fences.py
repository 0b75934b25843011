"""How do the fences stand and what is broken? By hand, and against metres counted one by one."""

from __future__ import annotations

from datetime import date
from pathlib import Path
from typing import Any

import geopandas as gpd
import numpy as np
import pandas as pd
import pytest
from hypothesis import given, settings
from hypothesis import strategies as st
from shapely import LineString, Point

from geo import catalogue
from geo.border.chainage import chainages
from geo.border.markers import marker_places
from geo.border.placing import place_intervals
from geo.border.points.fences import (
    CONDITIONS,
    days_to_mend,
    fence_stretches,
    in_window,
    known_defects,
    place_defects,
)
from geo.parameters import Parameters
from geo.tables.conform import conform
from geo.tables.relations import check_relations
from tests.asking import ask
from tests.reading import read_one
from tests.worlds import at_m, watched_km

MOMENT = pd.Timestamp("2026-01-10T16:00Z")
PARAMETERS = Parameters(as_of=date(2026, 1, 10), interval_days={"default": 7.0})
METRES = 60


def figures(id: str, world: dict[str, Any], parameters: Parameters = PARAMETERS) -> dict[str, Any]:
    made = catalogue.layer(id).figures(ask(id, world, parameters), parameters)
    return {figure.id.removeprefix(f"{id}."): figure for figure in made}


def test_the_border_by_its_fences_by_hand() -> None:
    rows = ask("border-fence", watched_km(), PARAMETERS)
    told = [
        (round(start / 1_000, 6), round(end / 1_000, 6), condition, "+".join(fences), broken)
        for start, end, condition, fences, broken in rows[
            ["start_m", "end_m", "condition", "fence_ids", "open_defects"]
        ].itertuples(index=False)
    ]
    assert told == [
        (0, 10, "good", "f1", 1),
        (10, 15, "good", "f1+f4", 0),  # of two fences the better one closes the border
        (15, 20, "good", "f1", 0),
        (20, 25, "none", "", 0),
        (25, 50, "broken", "f2", 0),
        (50, 55, "none", "", 0),
        (55, 60, "missing", "f6", 0),
        (60, 80, "none", "", 0),
        (80, 95, "worn", "f3", 1),
        (95, 96, "none", "", 0),
        (96, 98, "unknown", "f5", 0),
        (98, 100, "none", "", 0),
    ]
    assert rows["segment_ids"].map("+".join).tolist()[4:8] == ["s1+s2", "s3", "s3", "s3"]
    assert rows["post_ids"].tolist()[4] == ["p1", "p2"]
    shares = {name: figure.value for name, figure in figures("border-fence", watched_km()).items()}
    assert shares == pytest.approx({"fenced": 0.62, "good": 0.20, "worn": 0.15, "broken": 0.25})


def test_spans_by_hand() -> None:
    rows = ask("fence-spans", watched_km(), PARAMETERS).set_index("fence_id")
    assert rows["state"].fillna("").tolist() == ["ok", "overdue", "overdue", "", "", ""]
    assert rows["condition"].tolist() == ["good", "broken", "worn", "missing", "unknown", "missing"]
    assert rows["open_defects"].tolist() == [1, 0, 1, 0, 0, 0]
    assert rows["oldest_defect_days"].to_numpy() == pytest.approx([40, np.nan, 8] + [np.nan] * 3, nan_ok=True)
    assert rows["length_m"].to_numpy() / 1_000 == pytest.approx([20, 25, 15, 5, 2, 5])
    assert rows["fault"].isna().all()
    overdue = figures("fence-spans", watched_km())["overdue"]
    assert overdue.value == pytest.approx((25 + 15) / (20 + 25 + 15))


def test_a_fence_without_a_place_says_so() -> None:
    world = watched_km()
    world["fences"].loc[0, ["start_m", "end_m"]] = [120_000.0, 130_000.0]
    rows = ask("fence-spans", world, PARAMETERS)
    assert rows["fault"].tolist()[0] == "out_of_range"
    assert rows.geometry[0] is None
    assert ask("border-fence", world, PARAMETERS)["fence_ids"].tolist()[0] == []


def test_defects_by_hand() -> None:
    rows = ask("fence-defects", watched_km(), PARAMETERS).set_index("defect_id")
    assert rows.index.tolist() == ["d1", "d2", "d3", "d4", "d5", "d7"]  # d6 is found tomorrow
    assert rows["state"].tolist() == ["open", "mended", "mended", "open", "mended", "mended"]
    assert rows["days_open"].tolist() == pytest.approx([40, 10, 3, 8, 15, 1])
    assert rows["mended_at"].notna().tolist() == [False, True, True, False, True, True]
    assert rows["start_m"].tolist() == pytest.approx([3_000, 48_000, 25_000, 90_000, 52_000, 20_000])
    assert rows["length_m"].tolist() == pytest.approx([0, 500, 0, 0, 0, 0])
    assert rows["fence_ids"].tolist() == [["f1"], ["f2"], [], ["f3"], [], ["f1"]]
    assert rows["segment_ids"].tolist() == [["s1"], ["s2"], ["s1", "s2"], ["s4"], ["s3"], ["s1"]]
    assert rows["post_id"].tolist() == ["p1", "p2", "p1", "p3", "p2", "p1"]
    between = rows[["marker_from", "marker_to"]].fillna("").agg("-".join, axis=1)
    assert between.tolist() == ["1-2", "3-4", "2-2", "5-6", "4-5", "1-2"]
    assert rows.geom_type.tolist() == ["Point", "LineString", "Point", "Point", "Point", "Point"]
    told = figures("fence-defects", watched_km())
    assert told["open"].value == 2
    assert told["oldest_days"].value == pytest.approx(40)
    assert (told["mended"].numerator, told["mended"].denominator) == (3, 5)  # d5 was mended before the month
    assert told["median_days_to_mend"].value == pytest.approx(10)  # of 1, 3, 10 and two open ones
    assert told["p90_days_to_mend"].value is None
    longer = PARAMETERS.model_copy(update={"window_days": 40.0})
    assert figures("fence-defects", watched_km(), longer)["mended"].denominator == 6


def test_the_past_knows_nothing_of_what_came_later() -> None:
    then = PARAMETERS.model_copy(update={"as_of": date(2025, 12, 27)})
    rows = ask("fence-defects", watched_km(), then).set_index("defect_id")
    assert rows["state"].to_dict() == {"d1": "open", "d2": "open", "d5": "mended"}
    assert rows["days_open"].tolist() == pytest.approx([26, 6, 15])


def test_defects_without_a_place() -> None:
    world = watched_km()
    table = gpd.GeoDataFrame(
        {
            "defect_id": ["far", "lost", "beyond", "over", "back"],
            "kind": "wire",
            "marker": [None, "99", None, None, None],
            "start_m": [None, None, 100_500.0, 99_900.0, 9.0],
            "end_m": [None, None, None, 100_500.0, 5.0],
            "found_at": MOMENT,
        },
        geometry=[Point(100.5, 0.1), None, None, None, None],
        crs="EPSG:4326",
    )
    lines = chainages(world["border"])
    places = marker_places(world["markers"], lines)
    placed = place_defects(conform("defects", table), lines, places).set_index("defect_id")
    assert placed["fault"].to_dict() == {
        "back": "bad_interval",
        "beyond": "out_of_range",
        "far": "out_of_range",
        "lost": "bad_interval",
        "over": "out_of_range",
    }
    assert placed["from_m"].notna().to_dict() == {id: id == "over" for id in placed.index}
    assert placed["to_m"]["over"] == lines["east"].length_m
    rows = ask("fence-defects", {**world, "defects": conform("defects", table)}, PARAMETERS)
    assert rows["fault"].notna().all()
    assert rows.geometry.isna().sum() == 4
    alone = ask("fence-defects", {"border": world["border"], "defects": world["defects"]}, PARAMETERS)
    assert alone["fault"].fillna("").tolist() == ["", "", "bad_interval", "", "", ""]  # no markers, so no marker 2


metre = st.integers(0, METRES)
spans = st.lists(
    st.tuples(st.lists(metre, min_size=2, max_size=2, unique=True).map(sorted), st.sampled_from(CONDITIONS[:-1])),
    max_size=8,
)


@settings(max_examples=30, deadline=None)
@given(spans)
def test_conditions_metre_by_metre(made: list[tuple[list[int], str]]) -> None:
    border = gpd.GeoDataFrame(
        {"border_id": ["e"], "part": ["1"], "sequence": [1]},
        geometry=[LineString(at_m(0, METRES))],
        crs="EPSG:4326",
    )
    lines = chainages(conform("border", border))
    table = pd.DataFrame(
        {
            "fence_id": [str(row) for row in range(len(made))],
            "start_m": [float(bounds[0]) for bounds, _ in made],
            "end_m": [float(bounds[1]) for bounds, _ in made],
            "condition": [None if condition == "unknown" else condition for _, condition in made],
        }
    )
    places = marker_places(conform("markers", pd.DataFrame()), lines)
    placed = place_intervals(conform("fences", table), "fence_id", lines, places)
    rows = fence_stretches(placed, lines)

    slow = ["none"] * METRES  # metre by metre
    inside: list[set[str]] = [set() for _ in range(METRES)]
    for row, ((start, end), condition) in enumerate(made):
        for place in range(start, end):
            slow[place] = min(slow[place], condition, key=CONDITIONS.index)
            inside[place].add(str(row))

    assert rows["start_m"].tolist()[1:] == rows["end_m"].tolist()[:-1]
    assert rows["length_m"].sum() == pytest.approx(METRES)
    at = np.searchsorted(rows["start_m"], np.arange(METRES) + 0.5) - 1
    assert rows["condition"].to_numpy()[at].tolist() == slow
    assert [set(placed["fence_id"][rows["fences"][cell]]) for cell in at] == inside


days = st.integers(0, 20)


@settings(max_examples=50, deadline=None)
@given(st.lists(st.tuples(days, st.none() | days), max_size=12), days, days)
def test_open_defects_day_by_day(events: list[tuple[int, int | None]], now: int, window: int) -> None:
    begin = pd.Timestamp("2026-01-01T00:00Z")
    events = [(found, None if mended is None else found + mended) for found, mended in events]
    table = pd.DataFrame(
        {
            "defect_id": [str(row) for row in range(len(events))],
            "found_at": pd.to_datetime([begin + pd.Timedelta(days=one) for one, _ in events], utc=True),
            "mended_at": pd.to_datetime(
                [pd.NaT if one is None else begin + pd.Timedelta(days=one) for _, one in events], utc=True
            ),
        }
    )
    known = known_defects(conform("defects", table.assign(kind="wire")), begin + pd.Timedelta(days=now))
    recent = in_window(known, begin + pd.Timedelta(days=now - window))

    still = [found <= now and (mended is None or now < mended) for found, mended in events]
    assert (known["state"] == "open").sum() == sum(still)
    slow = [
        np.inf if mended is None or mended > now else mended - found
        for found, mended in events
        if found <= now and (mended is None or mended > now - window)
    ]
    assert len(recent) == len(slow)
    for share in (0.5, 0.9):
        within = [day for day in range(41) if slow and np.mean(np.array(slow) <= day) >= share]
        assert days_to_mend(recent, share) == (within[0] if within else None)


def test_tables_read_as_people_write_them(tmp_path: Path) -> None:
    fences = (
        "围栏编号,起碑,止碑,围栏状况,围栏类型,修建日期\n"
        "a,3,7,破损,刺丝围栏,2019-06-01\nb,3,,完好,网围栏,\nc,,,老化,,\nd,7,3,旧,,\n"
    )
    reading = read_one(tmp_path, "fences", fences)
    assert {fault.row: fault.code for fault in reading.faults if fault.level == "error"} == {
        "b": "stretch_half",
        "c": "stretch_nowhere",
        "d": "unknown_value",
    }
    row = reading.tables["fences"].iloc[0]
    assert (row["condition"], row["kind"], row["start_marker"]) == ("broken", "barbed_wire", "3")


def test_a_defect_says_in_exactly_one_way_where_it_is(tmp_path: Path) -> None:
    defects = (
        "缺陷编号,里程,止点里程,界碑号,缺陷类型,严重程度,发现时间,修复时间\n"
        "a,120,,,断丝,轻微,2026-01-03 08:00,\nb,,,12,界碑污损,,2026-01-03,2026-01-05\n"
        "c,120,,12,断丝,,2026-01-03,\nd,,,,缺口,,2026-01-03,\ne,,90,,缺口,,2026-01-03,\n"
        "f,1,,,缺口,,2026-01-03,2026-01-01\ng,1,,,缺口,,,\n"
    )
    reading = read_one(tmp_path, "defects", defects)
    assert {fault.row: fault.code for fault in reading.faults if fault.level == "error"} == {
        "c": "stretch_twice",
        "d": "stretch_nowhere",
        "e": "stretch_half",
        "f": "end_before_start",
        "g": "value_missing",
    }
    rows = reading.tables["defects"]
    assert rows["kind"].tolist() == ["wire", "marker_dirty"]
    assert rows["marker"].tolist()[1] == "12"
    assert rows["found_at"][0] == pd.Timestamp("2026-01-03T00:00Z")  # eight in the morning in China


def test_what_is_named_and_nowhere_is_told() -> None:
    world = watched_km()
    assert not [fault for fault in check_relations(world) if fault.column == "target_id"]
    world["visits"].loc[world["visits"]["target_id"] == "t2", "target_id"] = "t9"
    world["defects"].loc[2, "marker"] = "99"
    world["fences"].loc[1, "start_marker"] = "98"
    told = {(fault.table, fault.column, fault.values["id"]) for fault in check_relations(world)}
    assert {("visits", "target_id", "t9"), ("defects", "marker", "99"), ("fences", "start_marker", "98")} <= told
