"""A straight border by hand, with who holds it: what of it a holder's file may tell.

::

    km       0      10      20      30 32      42      52        other border
    segment  |  A   |   B   |   C   |  |   D   |   E   |         |  X  |
    post        PA      PB      PB   –     PC      PD               PX
"""

from __future__ import annotations

import geopandas as gpd
import pandas as pd
from shapely.geometry import LineString, Point, box

CUT = (  # segment, border, start km, end km, post
    ("A", "n", 0, 10, "PA"),
    ("B", "n", 10, 20, "PB"),
    ("C", "n", 20, 30, "PB"),
    ("D", "n", 32, 42, "PC"),
    ("E", "n", 42, 52, "PD"),
    ("X", "m", 0, 10, "PX"),
)
STRETCHES = (*CUT[:3], (None, "n", 30, 32, None), *CUT[3:])
DEGREE_KM = 81.3  # along the parallel of 43° north
OF_POINTS = ("PB", "PA", "PD", None)


def at(border: str, km: float) -> tuple[float, float]:
    return (111.0 + km / DEGREE_KM, 43.0 if border == "n" else 46.0)


def line(border: str, start: float, end: float) -> LineString:
    return LineString([at(border, start), at(border, (start + end) / 2), at(border, end)])


def stretches(key: str, rows: tuple[tuple[str | None, str, int, int, str | None], ...]) -> gpd.GeoDataFrame:
    return gpd.GeoDataFrame(
        {
            key: [f"{key}-{border}-{start}" for _, border, start, _, _ in rows],
            "border_id": [row[1] for row in rows],
            "start_m": [row[2] * 1000.0 for row in rows],
            "end_m": [row[3] * 1000.0 for row in rows],
            "segment_ids": [[row[0]] if row[0] else [] for row in rows],
            "post_id": pd.array([row[4] for row in rows], dtype="str"),
        },
        geometry=[line(row[1], row[2], row[3]) for row in rows],
        crs="EPSG:4326",
    )


def points(key: str) -> gpd.GeoDataFrame:
    """One on C for PB, one on A for PA, one on E for PD, and one on the ground of PB that is nobody's to visit."""
    return gpd.GeoDataFrame(
        {
            key: [f"{key}{i}" for i in range(4)],
            "border_id": "n",
            "measure_m": [25_000.0, 5_000.0, 45_000.0, 12_000.0],
            "segment_ids": [["C"], ["A"], ["E"], ["B"]],
            "post_id": pd.array(OF_POINTS, dtype="str"),
        },
        geometry=[Point(at("n", km)) for km in (25, 5, 45, 12)],
        crs="EPSG:4326",
    )


def frontier() -> dict[str, gpd.GeoDataFrame]:
    """All layers that a holder's file may have."""
    segments = stretches("segment_id", CUT).drop(columns="segment_ids")
    segments["segment_id"] = [row[0] for row in CUT]
    segments["staff_ids"] = [["U1"], ["U2", "U3"], ["U3"], ["U4"], [], []]
    reach = stretches("stretch_id", STRETCHES)
    reach["post_id"] = ["PA", "PB", "Y", None, "PC", "PD", "PX"]  # who comes first, not who holds
    reach["second_post_id"] = ["PB", "PD", "PB", None, "PD", "PC", None]
    work = points("due_id").drop(columns="measure_m").assign(start_m=[25e3, 5e3, 45e3, 12e3])
    findings = gpd.GeoDataFrame(
        {
            "finding_id": ["gap", "far"],
            "border_id": "n",
            "start_m": [30_000.0, 45_000.0],
            "end_m": [32_000.0, 46_000.0],
            "segment_ids": [["C", "D"], ["E"]],
            "post_ids": [["PB", "PC"], ["PD"]],
            "segment_after": ["D", None],
            "post_after": ["PC", "PX"],
        },
        geometry=[line("n", 30, 32), line("n", 45, 46)],
        crs="EPSG:4326",
    )
    posts = gpd.GeoDataFrame(
        {
            "post_id": ["PA", "PB", "PC", "PD", "PX", "Y", "Z"],
            "name": ["甲所", "乙所", "丙所", "丁所", "远所", "近包", "远包"],
            "division_id": ["150923", "150924", "150924", "150924", "150925", "150924", "150924"],
        },
        geometry=[
            *(Point(at("n", km)[0], 42.95) for km in (5, 20, 37, 47)),
            Point(at("m", 5)),
            Point(at("n", 22)[0], 42.9),
            Point(114.0, 42.9),
        ],
        crs="EPSG:4326",
    )
    load = posts.iloc[:5].assign(guards=2, used=0.5)
    divisions = gpd.GeoDataFrame(
        {
            "division_id": ["15", "150923", "150924", "150925"],
            "name": ["区", "西旗", "东旗", "远旗"],
            "level": ["region", "county", "county", "county"],
            "parent_id": [None, "15", "15", "15"],
        },
        geometry=[
            box(105, 38, 118, 47),
            box(110, 42, 111.12, 43),
            box(111.12, 42, 112, 43),
            box(117, 45, 118, 46),
        ],
        crs="EPSG:4326",
    )
    background = gpd.GeoDataFrame(
        {
            "background_id": ["road", "near", "far"],
            "kind": ["road", "place", "place"],
            "name": [None, "近镇", "远镇"],
            "rank": [1, 2, 2],
        },
        geometry=[LineString([(105, 42.9), (118, 42.9)]), Point(111.3, 42.9), Point(117.5, 45.5)],
        crs="EPSG:4326",
    )
    return {
        "border-status": stretches("stretch_id", STRETCHES),
        "border-segments": segments,
        "border-staleness": stretches("staleness_id", CUT),
        "border-fence": stretches("stretch_id", CUT).drop(columns=["segment_ids", "post_id"]),
        "post-reach": reach,
        "visited-points": points("point_id"),
        "markers": points("marker_id").drop(columns="post_id"),
        "posts": posts,
        "due-list": work.assign(end_m=work["start_m"]),
        "border-findings": findings,
        "fence-defects": points("defect_id"),
        "holder-load": load,
        "post-backup": load,
        "divisions": divisions,
        "background": background,
        "staff": gpd.GeoDataFrame({"staff_id": ["U1"]}, geometry=[None], crs="EPSG:4326"),
    }
