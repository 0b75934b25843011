"""A border with everything that a patrol leader may be told, by hand: what is due, points, reach, a fence."""

from __future__ import annotations

from collections.abc import Mapping
from datetime import date

import geopandas as gpd
import numpy as np
import pandas as pd
from shapely.geometry import LineString, Point

from geo.layer import Layer, Title
from geo.parameters import Parameters
from tests.maps.fake_build import (
    HOSTILE,
    SEVERITY,
    STATES,
    FakeBuild,
    FakeWorkspace,
    border,
    field,
    layer,
    number,
    report,
)

Made = tuple[Layer, gpd.GeoDataFrame]
EVIDENCE = {
    "gps": Title("轨迹", "GPS track"),
    "scan": Title("扫码", "Scanned"),
    "declared": Title("申报", "Declared"),
}
KINDS = {
    kind: Title(zh, kind)
    for kind, zh in {
        "stretch": "区段",
        "marker": "界碑",
        "village": "嘎查村",
        "stop": "停靠点",
        "fence": "围栏",
    }.items()
}
CONDITIONS = {
    "good": Title("完好", "Good"),
    "broken": Title("破损", "Broken"),
    "none": Title("无围栏", "No fence"),
}
DEFECTS = {"open": Title("未修复", "Open"), "mended": Title("已修复", "Mended")}
DUE = (  # rank: kind, name, post, state, late days, evidence, start km, end km
    ("stretch", "G003", "P1", "critical", 13.0, "gps", 30, 40),
    ("stretch", "G002", "P0", "overdue", 3.0, "scan", 20, 30),
    ("marker", "5", "P0", "overdue", 0.5, "declared", 10, 10),
    ("village", HOSTILE[3], "P1", "due", -0.25, "gps", 35, 35),
    ("fence", "围栏一", "P0", "due", -0.9, "scan", 0, 10),
    ("stretch", "km 50.0-60.0", None, "never", 30.0, None, 50, 60),
)


def along(frame: gpd.GeoDataFrame, start: int, end: int) -> LineString | Point:
    """The stretch between two multiples of 10 km, or the middle of one."""
    if start == end:
        return Point(frame.geometry.iloc[start // 10].coords[2])
    return frame.geometry.iloc[start // 10]


def due_list(status: gpd.GeoDataFrame) -> Made:
    rows = pd.DataFrame(DUE, columns=["kind", "name", "post_id", "state", "late_days", "evidence", "start", "end"])
    segments = [
        [f"G{start // 10:03d}"] if post else [] for start, post in zip(rows["start"], rows["post_id"], strict=True)
    ]
    frame = gpd.GeoDataFrame(
        {
            "due_id": [f"d{rank}" for rank in range(1, len(rows) + 1)],
            "rank": np.arange(1, len(rows) + 1),
            "post_id": rows["post_id"],
            "kind": rows["kind"],
            "name": rows["name"],
            "state": rows["state"],
            "due_at": pd.Timestamp("2026-11-20T16:00:00Z") - pd.to_timedelta(rows["late_days"], unit="D"),
            "late_days": rows["late_days"],
            "last_visit": pd.to_datetime(
                [None if pd.isna(e) else "2026-11-07T16:30:00Z" for e in rows["evidence"]], utc=True
            ),
            "evidence": rows["evidence"],
            "interval_days": 7.0,
            "marker_from": ["13", "9", None, None, "1", "21"],
            "marker_to": ["17", "13", None, None, "5", "25"],
            "border_id": "n",
            "start_m": rows["start"] * 1000.0,
            "end_m": rows["end"] * 1000.0,
            "length_m": (rows["end"] - rows["start"]) * 1000.0,
            "guards": pd.array([2, 1, pd.NA, pd.NA, pd.NA, 0], dtype="Int64"),
            "segment_ids": segments,
            "target_id": [f"t{i}" for i in range(len(rows))],
        },
        geometry=[along(status, start, end) for start, end in zip(rows["start"], rows["end"], strict=True)],
        crs="EPSG:4326",
    ).sample(frac=1, random_state=3, ignore_index=True)  # the board goes by rank, not by row
    fields = (
        field("due_id"),
        field("rank", "integer"),
        field("post_id"),
        field("kind", values=KINDS),
        field("name"),
        field("state", values={code: STATES[code] for code in ("due", "overdue", "critical", "never")}),
        field("due_at", "date-time"),
        number("late_days", "days"),
        field("last_visit", "date-time"),
        field("evidence", values=EVIDENCE),
        number("interval_days", "days"),
        field("marker_from"),
        field("marker_to"),
        field("border_id"),
        number("start_m", "m"),
        number("end_m", "m"),
        number("length_m", "m"),
        field("guards", "integer"),
        field("segment_ids", "list"),
        field("target_id"),
    )
    return layer("due-list", fields, "line", measure="state"), frame


def segments(status: gpd.GeoDataFrame) -> Made:
    """One segment a stretch, each with people whose ids belong to the station."""
    held = status[status["post_id"].notna()].reset_index(drop=True)
    frame = gpd.GeoDataFrame(
        {
            "segment_id": [ids[0] for ids in held["segment_ids"]],
            "border_id": held["border_id"],
            "start_m": held["start_m"],
            "end_m": held["end_m"],
            "post_id": held["post_id"],
            "guards": 2,
            "staff_ids": [["U-0001", "U-0002"]] * len(held),
            "state": held["state"],
        },
        geometry=held.geometry,
        crs="EPSG:4326",
    )
    fields = (
        field("segment_id"),
        field("border_id"),
        number("start_m", "m"),
        number("end_m", "m"),
        field("post_id"),
        field("guards", "integer"),
        field("staff_ids", "list"),
        field("state", values=STATES),
    )
    return layer("border-segments", fields, "line", measure="state"), frame


def reach(status: gpd.GeoDataFrame) -> Made:
    """The further along, the later; at the far end nobody."""
    frame = gpd.GeoDataFrame(
        {
            "stretch_id": [f"r{i}" for i in range(len(status))],
            "border_id": "n",
            "start_m": status["start_m"],
            "end_m": status["end_m"],
            "length_m": status["length_m"],
            "post_id": "P0",
            "minutes": [*(10.0 * np.arange(len(status) - 1)), np.nan],
            "median_minutes": 1.0,
        },
        geometry=status.geometry,
        crs="EPSG:4326",
    )
    fields = (
        field("stretch_id"),
        field("border_id"),
        number("start_m", "m"),
        number("end_m", "m"),
        number("length_m", "m"),
        field("post_id"),
        number("minutes", "min"),
        number("median_minutes", "min"),
    )
    return layer(
        "post-reach", fields, "line", measure="minutes", good="low", breaks=lambda _: (15.0, 30.0, 60.0)
    ), frame


def points(status: gpd.GeoDataFrame) -> Made:
    """A marker, a village and a stop; the stop has no interval and so no state."""
    frame = gpd.GeoDataFrame(
        {
            "point_id": ["a", "b", "c"],
            "kind": ["marker", "village", "stop"],
            "name": ["5", "模拟嘎查", "模拟停靠点"],
            "border_id": "n",
            "measure_m": [10_000.0, 35_000.0, 55_000.0],
            "segment_ids": [["G001"], ["G003"], []],
            "post_id": ["P0", "P1", None],
            "state": ["overdue", "due", None],
            "last_visit": pd.to_datetime(["2026-11-07T16:30:00Z", "2026-11-07T16:30:00Z", None], utc=True),
            "idle_days": [7.5, 6.75, np.nan],
            "interval_days": [7.0, 7.0, np.nan],
            "evidence": ["declared", "gps", None],
        },
        geometry=[along(status, km, km) for km in (10, 30, 50)],
        crs="EPSG:4326",
    )
    fields = (
        field("point_id"),
        field("kind", values=KINDS),
        field("name"),
        field("border_id"),
        number("measure_m", "m"),
        field("segment_ids", "list"),
        field("post_id"),
        field("state", values={code: title for code, title in STATES.items() if code != "unassigned"}),
        field("last_visit", "date-time"),
        number("idle_days", "days"),
        number("interval_days", "days"),
        field("evidence", values=EVIDENCE),
    )
    return layer("visited-points", fields, "point", measure="state"), frame


def fence(status: gpd.GeoDataFrame) -> Made:
    frame = gpd.GeoDataFrame(
        {
            "stretch_id": ["f0", "f1", "f2"],
            "border_id": "n",
            "start_m": [0.0, 10_000.0, 20_000.0],
            "end_m": [10_000.0, 20_000.0, 30_000.0],
            "length_m": 10_000.0,
            "condition": ["good", "broken", "none"],
            "post_ids": [["P0"], ["P0", "P1"], []],
        },
        geometry=list(status.geometry[:3]),
        crs="EPSG:4326",
    )
    names = (field("stretch_id"), field("border_id"))
    metres = (number("start_m", "m"), number("end_m", "m"), number("length_m", "m"))
    fields = (*names, *metres, field("condition", values=CONDITIONS), field("post_ids", "list"))
    return layer("border-fence", fields, "line", measure="condition"), frame


def defects(status: gpd.GeoDataFrame) -> Made:
    frame = gpd.GeoDataFrame(
        {
            "defect_id": ["x1", "x2"],
            "severity": ["warning", "fail"],
            "state": ["open", "mended"],
            "days_open": [12.0, 3.0],
            "post_id": ["P0", "P0"],
        },
        geometry=[along(status, 10, 10), along(status, 20, 20)],
        crs="EPSG:4326",
    )
    fields = (
        field("defect_id"),
        field("severity", values=SEVERITY),
        field("state", values=DEFECTS),
        number("days_open", "days"),
        field("post_id"),
    )
    return layer("fence-defects", fields, "line", measure="state"), frame


def patrol_build(*without: str) -> FakeBuild:
    """The border of :func:`tests.maps.fake_build.border` with all that may come to it, save what is named."""
    made: dict[str, Made] = border()
    status = made["border-status"][1]
    posts = made["posts"][1]
    posts["name"] = ["模拟甲派出所", HOSTILE[2]]
    for make in (segments, due_list, reach, points, fence, defects):
        one = make(status)
        made[one[0].id] = one
    kept: Mapping[str, Made] = {id: one for id, one in made.items() if id not in without}
    workspace = FakeWorkspace(
        "fake-border",
        Title("示例边境", "Sample border"),
        Parameters(as_of=date(2026, 11, 20)),
        notice=Title("合成数据", "synthetic data"),
    )
    return FakeBuild(workspace, report(workspace, kept, []), kept)
