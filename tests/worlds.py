"""Worlds small enough to know by heart. Each function makes one; its docstring shows the arithmetic."""

from __future__ import annotations

import math
from typing import Any

import geopandas as gpd
import numpy as np
import pandas as pd
from shapely import LineString, Point, Polygon, box

from geo.crs import Frame
from geo.tables.conform import conform

# --- the border -------------------------------------------------------------------------------------------------
# On the equator a degree of longitude is π/180 · 6,378,137 m = 111,319.49 m along the ellipsoid, so that
# measures can be read off longitudes.
EQUATOR_M = math.pi / 180 * 6_378_137.0


def at_m(*measures: float) -> list[tuple[float, float]]:
    """Points on the equator, so many metres east of 100°E."""
    return [(100.0 + measure / EQUATOR_M, 0.0) for measure in measures]


def hundred_km() -> dict[str, Any]:
    """A hundred kilometres of border in four segments, on 10 January 2026.

    ::

        km      0        25  30        50          75  80        100
        s1      |=============|                                        by measures, held by g1 (and g5, who left)
        s2               |=============|                               by markers, held by g2 and g6
        s3                             |===========|                   by geometry; g3's time ended on that day
        s4                                             |==========|    daily, held by g4; declared as 22 km
        markers 1        2 27          4            77            6    (3 stands at 27 km, 5 at 77 km)

        unassigned 50-80 (30 km), no segment 75-80 (5 km), twice 25-30 (5 km).
        g4 alone on foot, daily: 1 · 1 d · 3.5 km/h · 8 h/d / 2 = 14 km < 20 km: overlong.
        Marker 3 stands inside s1 and s2, marker 5 in none. 22 km declared is 10 % more than 20 km.

    Visits, seen from the end of that day in China (16:00 UTC), R = 7 d (5.25 d is 0.75 R, 14 d is 2 R), s4 1 d::

        km 0-30    1 d ago    gps         ok
        km 20-40   6 d ago    scan        due where it is the last: 30-40
        km 40-45   8 d ago    declared    overdue
        km 45-48   15 d ago   gps         critical; the first visit on record
        km 48-50   never
        km 80-100  0.5 d ago  gps         ok
        km 0-100   1 s after the day      does not count
    """
    segments = gpd.GeoDataFrame(
        {
            "segment_id": ["s1", "s2", "s3", "s4"],
            "border_id": ["east", None, None, "east"],
            "start_m": [0.0, None, None, 80_000.0],
            "end_m": [30_000.0, None, None, 100_000.0],
            "start_marker": [None, "2", None, None],
            "end_marker": [None, "m4", None, None],
            "post_id": ["p1", "p2", "p2", "p3"],
            "length_declared_m": [30_500.0, None, None, 22_000.0],
            "interval_days": [None, None, None, 1.0],
        },
        geometry=[None, None, LineString(at_m(50_000, 60_000, 75_000)), None],
        crs="EPSG:4326",
    )
    days_ago = [1.0, 6.0, 8.0, 15.0, 0.5, -1 / 86_400]
    ended = [pd.Timestamp("2026-01-10T16:00Z") - pd.Timedelta(days=days) for days in days_ago]
    visits = pd.DataFrame(
        {
            "visit_id": [f"v{number}" for number in range(6)],
            "border_id": "east",
            "start_m": [0.0, 40_000.0, 40_000.0, 45_000.0, 80_000.0, 0.0],
            "end_m": [30_000.0, 20_000.0, 45_000.0, 48_000.0, 100_000.0, 100_000.0],
            "start_time": [end - pd.Timedelta(hours=3) for end in ended],
            "end_time": ended,
            "evidence": ["gps", "scan", "declared", "gps", "gps", "gps"],
        }
    )
    assignments = pd.DataFrame(
        {
            "assignment_id": ["a1", "a2", "a3", "a4", "a5", "a6"],
            "staff_id": ["g1", "g2", "g3", "g4", "g5", "g6"],
            "target_type": "segment",
            "target_id": ["s1", "s2", "s3", "s4", "s1", "s2"],
            "valid_from": pd.to_datetime([None, "2026-01-10", None, None, None, None]),
            "valid_to": pd.to_datetime(["2026-01-11", None, "2026-01-10", None, None, None]),
        }
    )
    markers = gpd.GeoDataFrame(
        {
            "marker_id": ["m1", "m2", "m3", "m4", "m5", "m6"],
            "number": ["1", "2", "3", "4", "5", "6"],
            "measure_m": [None, None, None, None, 77_000.0, None],
        },
        geometry=[Point(xy) if xy else None for xy in at_m(0, 25_000, 27_000, 50_000)]
        + [None, Point(at_m(100_000)[0])],
        crs="EPSG:4326",
    )
    tables = {
        "border": gpd.GeoDataFrame(
            {"border_id": ["east"], "part": ["1"], "sequence": [1], "neighbour": ["MNG"]},
            geometry=[LineString(at_m(0, 33_000, 100_000))],
            crs="EPSG:4326",
        ),
        "segments": segments,
        "assignments": assignments,
        "staff": pd.DataFrame({"staff_id": ["g1", "g2", "g3", "g4", "g6"], "role": "border_guard"}),
        "markers": markers,
        "visits": visits,
        "posts": gpd.GeoDataFrame(
            {"post_id": ["p1", "p2", "p3", "p4"], "kind": "police_station"},
            geometry=[Point(xy) for xy in at_m(10_000, 40_000, 90_000, 95_000)],
            crs="EPSG:4326",
        ),
    }
    return {name: conform(name, table) for name, table in tables.items()}


# --- the grids --------------------------------------------------------------------------------------------------
# Ground is drawn in metres and put at 111.7°E, 40.8°N in an equal-area frame, so that areas can be done by hand.
TOWN = Frame((111.7, 40.8, 111.7, 40.8))
COMMUNITY = "150105001001"
NEXT_COMMUNITY = "150105001002"


def square(x: float, y: float, side: float = 100.0, height: float | None = None) -> Polygon:
    """A square (or a rectangle) by its lower left corner, metres."""
    return box(x, y, x + side, y + (side if height is None else height))


def grids_of(polygons: dict[str, Any], **columns: Any) -> gpd.GeoDataFrame:
    """Grids by the end of their id (three digits are added to the community's), in metres; 300 households each."""
    table = {
        "grid_id": [COMMUNITY + serial for serial in polygons],
        "division_id": COMMUNITY,
        "kind": "urban",
        "households": 300,
        "people": 700,
        **columns,
    }
    ground = TOWN.lonlat(np.array(list(polygons.values()), dtype=object))
    return conform("grids", gpd.GeoDataFrame(table, geometry=ground, crs="EPSG:4326"))


def communities_of(polygons: dict[str, Any], **columns: Any) -> gpd.GeoDataFrame:
    """Communities by their id, in metres."""
    table = {
        "division_id": list(polygons),
        "name": "community",
        "level": "community",
        "parent_id": [code[:9] for code in polygons],
        **columns,
    }
    ground = TOWN.lonlat(np.array(list(polygons.values()), dtype=object))
    return conform("divisions", gpd.GeoDataFrame(table, geometry=ground, crs="EPSG:4326"))


def four_grids() -> tuple[gpd.GeoDataFrame, gpd.GeoDataFrame]:
    """Four grids of 100 m × 100 m that tile their community of 200 m × 200 m: 10,000 of 40,000 m² each.

    ::

        200 ┌─────┬─────┐
            │ 003 │ 004 │
        100 ├─────┼─────┤
            │ 001 │ 002 │
          0 └─────┴─────┘
            0    100   200
    """
    squares = {"001": square(0, 0), "002": square(100, 0), "003": square(0, 100), "004": square(100, 100)}
    return grids_of(squares), communities_of({COMMUNITY: square(0, 0, 200)})
