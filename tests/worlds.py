"""Worlds small enough to know by heart. Each function makes one; its docstring shows the arithmetic."""

from __future__ import annotations

import math
from collections.abc import Mapping
from typing import Any

import geopandas as gpd
import numpy as np
import pandas as pd
import shapely
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


def watched_km() -> dict[str, Any]:
    """The hundred kilometres with what else is to be visited, and fences, on 10 January 2026.

    ::

        thing       at                 interval   last visit (villages without an interval: 14 d)
        marker 1    km 0               1 d        1 d ago gps, passed                    due
        marker 2, 3 km 25, 27          30 d       1 d ago gps, passed                    ok
        marker 4    km 50              4 d        3 d ago scan, names it                 ok; patrols end at 48
        marker 5    km 77              30 d       never
        marker 6    km 100             -          0.5 d ago gps                          not judged
        village t1  km 10, 3 km off    30 d       20 d ago declared (and 40); the patrols pass too far off   ok
        village t2  km 60, 8 km off    14 d       29 d ago declared                      critical
        stop t3     km 42, 30 m off    7 d        8 d ago declared, passed (9 d ago scan) overdue
        well t4     km 90, 40 m off    -          0.5 d ago gps                          not judged
        post t5     km 49, on it       7 d        never

        km     0    10   15   20   25        50   55   60        80     95 96   98  100
        f1     |====good======|                                                           7 d, 1 d ago gps
        f4          |mis.|
        f2                         |=broken===|                   by markers, 7 d; 48-50 were never passed, but
        f6                                         |mis.|                          it was named 10 d ago: overdue
        f3                                                       |=worn=|         by geometry, 6 h; 12 h ago
        f5                                                                |==|    nobody says how it is

        fence stands on 20 + 25 + 15 + 2 = 62 km: good 20, broken 25, worn 15, not known 2.

    Defects, seen from the end of that day, days before it::

        d1  wire        km 3          found 40                    open    f1
        d2  gap         km 48-48.5    found 20, mended 10         10 d    f2
        d3  dirty       marker 2      found 12, mended 9          3 d     no fence's
        d4  post        point, km 90  found 8, mended in 2 days   open    f3
        d5  washed out  km 52         found 50, mended 35         15 d, before the last 30 days; no fence there
        d6  wire        km 5          found tomorrow              not known
        d7  gate        km 20         found 2, mended 1           1 d     f1, at its end
        the last 30 days: 1, 3, 10 and two open ones: median 10, no 90th percentile.
    """
    world = hundred_km()
    end = pd.Timestamp("2026-01-10T16:00Z")

    def ago(*days: float | None) -> list[Any]:
        return [pd.NaT if one is None else end - pd.Timedelta(days=one) for one in days]

    def off(measure: float, north_m: float) -> Point:
        return Point(at_m(measure)[0][0], north_m / 110_574.3)

    world["markers"]["interval_days"] = [1.0, 30.0, 30.0, 4.0, 30.0, None]
    named = pd.DataFrame(
        {
            "visit_id": [f"n{number}" for number in range(6)],
            "target_type": ["marker", "village", "village", "village", "stop", "fence"],
            "target_id": ["m4", "t1", "t1", "t2", "t3", "f2"],
            "time": ago(3, 20, 40, 29, 9, 10),
            "evidence": ["scan", "declared", "declared", "declared", "scan", "declared"],
        }
    )
    world["visits"] = pd.concat([world["visits"], conform("visits", named)], ignore_index=True)
    world["targets"] = gpd.GeoDataFrame(
        {
            "target_id": ["t1", "t2", "t3", "t4", "t5"],
            "kind": ["village", "village", "stop", "well", "checkpoint"],
            "name": ["甲嘎查", "乙嘎查", None, None, None],
            "post_id": ["p4", None, None, None, None],
            "interval_days": [30.0, None, 7.0, None, 7.0],
        },
        geometry=[off(10_000, 3_000), off(60_000, 8_000), off(42_000, 30), off(90_000, 40), off(49_000, 0)],
        crs="EPSG:4326",
    )
    world["fences"] = gpd.GeoDataFrame(
        {
            "fence_id": ["f1", "f2", "f3", "f4", "f5", "f6"],
            "start_m": [0.0, None, None, 10_000.0, 96_000.0, 55_000.0],
            "end_m": [20_000.0, None, None, 15_000.0, 98_000.0, 60_000.0],
            "start_marker": [None, "2", None, None, None, None],
            "end_marker": [None, "m4", None, None, None, None],
            "post_id": [None, "p2", None, None, None, None],
            "condition": ["good", "broken", "worn", "missing", None, "missing"],
            "interval_days": [7.0, 7.0, 0.25, None, None, None],
        },
        geometry=[None, None, LineString(at_m(80_000, 95_000)), None, None, None],
        crs="EPSG:4326",
    )
    world["defects"] = gpd.GeoDataFrame(
        {
            "defect_id": [f"d{number}" for number in range(1, 8)],
            "start_m": [3_000.0, 48_000.0, None, None, 52_000.0, 5_000.0, 20_000.0],
            "end_m": [None, 48_500.0, None, None, 52_000.0, None, None],
            "marker": [None, None, "2", None, None, None, None],
            "kind": ["wire", "gap", "marker_dirty", "post", "washed_out", "wire", "gate"],
            "found_at": ago(40, 20, 12, 8, 50, -1, 2),
            "mended_at": ago(None, 10, 9, -2, 35, None, 1),
        },
        geometry=[None, None, None, Point(at_m(90_000)[0]), None, None, None],
        crs="EPSG:4326",
    )
    return {name: conform(name, table) for name, table in world.items()}


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


# --- walking ----------------------------------------------------------------------------------------------------
# At 4.8 km/h a metre takes 75 centiseconds, so that whole metres are whole costs: 15 minutes are 1,200 m.
TOWN = Frame((111.7, 40.8, 111.7, 40.8))


def on_ground(geometry: Any) -> Any:
    """Lon/lat of geometry in metres east and north of the middle of a town."""
    return TOWN.lonlat(geometry)


def streets_of(ways: Mapping[str, list[tuple[float, float]]]) -> gpd.GeoDataFrame:
    """Street table of lines in metres, each as long as it is on paper."""
    lines = [LineString(way) for way in ways.values()]
    rows = {"edge_id": list(ways), "length_m": [line.length for line in lines]}
    return conform("streets", gpd.GeoDataFrame(rows, geometry=on_ground(lines), crs="EPSG:4326"))


def crossroads() -> dict[str, Any]:
    """Four streets of 1,000 m that meet at 0, 0, one station, six homes, two grids of one community.

    ::

        station s1 at (100, 30): 30 m to the street, 100 m to the crossing

        home   at              metres on foot                      seconds   people   grid
        h1     (-200, 0)       0 + 200 + 100 + 30       =   330      247.5       10   west
        h2     (20, 900)       20 + 900 + 100 + 30      = 1,050      787.5       20   east
        h3     (-1000, -40)    40 + 1,000 + 100 + 30    = 1,170      877.5       30   west
        h4     (100, -1000)    100 + 1,000 + 100 + 30   = 1,230      922.5       12   east   1,034 m straight
        h5     (300, 20)       20 + 200 + 30            =   250      187.5        8   east   along the same street
        h6     (2000, 2000)    2,236 m to the street: unsnapped                   5   none

        1,200 m in 15 minutes: 68 of 85 people are covered; 80 by straight line.
        west: 40 people, 30 of them take 877.5 s: median 14.625 min. All covered.
        east: 40 people, 8 take 187.5 s, 28 at most 787.5 s: median 13.125 min. 28 covered, worst 15.375 min.
    """
    homes = {
        "h1": (-200, 0, 10, 4),
        "h2": (20, 900, 20, 8),
        "h3": (-1000, -40, 30, 12),
        "h4": (100, -1000, 12, 5),
        "h5": (300, 20, 8, 3),
        "h6": (2000, 2000, 5, 2),
    }
    west, east = box(-1_200, -1_200, -10, 1_200), box(-10, -1_200, 1_200, 1_200)
    tables = {
        "streets": streets_of(
            {
                "east": [(0, 0), (1_000, 0)],
                "north": [(0, 0), (0, 1_000)],
                "south": [(0, 0), (0, -1_000)],
                "west": [(0, 0), (-1_000, 0)],
            }
        ),
        "stations": stations_of({"s1": (100, 30)}),
        "population": gpd.GeoDataFrame(
            {
                "place_id": list(homes),
                "people": [home[2] for home in homes.values()],
                "households": [home[3] for home in homes.values()],
            },
            geometry=on_ground([Point(home[:2]) for home in homes.values()]),
            crs="EPSG:4326",
        ),
        "grids": gpd.GeoDataFrame(
            {
                "grid_id": ["150105001001001", "150105001001002"],
                "name": ["西", "东"],
                "division_id": "150105001001",
            },
            geometry=on_ground([west, east]),
            crs="EPSG:4326",
        ),
        "divisions": gpd.GeoDataFrame(
            {
                "division_id": ["150105", "150105001", "150105001001"],
                "name": ["区", "街道", "社区"],
                "level": ["county", "township", "community"],
            },
            geometry=[None, None, on_ground(box(-1_200, -1_200, 1_200, 1_200))],
            crs="EPSG:4326",
        ),
    }
    return {name: conform(name, table) for name, table in tables.items()}


def stations_of(places: Mapping[str, tuple[float, float]], **columns: Any) -> gpd.GeoDataFrame:
    """Service centres at places in metres, always open."""
    rows = {"station_id": list(places), "category": "service_centre", "opening_hours": "24/7", **columns}
    points = on_ground([Point(place) for place in places.values()])
    return conform("stations", gpd.GeoDataFrame(rows, geometry=points, crs="EPSG:4326"))


def river_town(*, bridge: bool = True) -> dict[str, Any]:
    """A river of 40 m between two streets, joined by a bridge far off; the only station is on the north bank.

    ::

        north street   y = 100    x 0 ... 1,500     station n1 at (0, 100), on it
        river          y = -20 ... 20
        south street   y = -100   x 1,000 ... 1,500
        bridge         x = 1,500

        home   at              nearest street                                   metres on foot
        dry    (400, 40)   north, 60 m                                      60 + 400                      =   460
        over   (800, -40)  north, 140 m, across the river: refused;         208.8 + 500 + 200 + 1,500     = 2,408.8
                               so the south street's end, √(200² + 60²) m
        gate   (1300, -100)on the south street                              200 + 200 + 1,500             = 1,900

        Straight lines reach all three: 404, 812 and 1,315 m (1,200 m in 15 minutes: the first two).
    """
    ways: dict[str, list[tuple[float, float]]] = {
        "north": [(0, 100), (1_500, 100)],
        "south": [(1_000, -100), (1_500, -100)],
    }
    if bridge:
        ways["over_river"] = [(1_500, -100), (1_500, 100)]
    places = {"dry": (400, 40), "over": (800, -40), "gate": (1_300, -100)}
    river = gpd.GeoDataFrame(
        {"barrier_id": ["r"], "kind": ["river"]},
        geometry=on_ground([box(-2_000, -20, 4_000, 20)]),
        crs="EPSG:4326",
    )
    homes = gpd.GeoDataFrame(
        {"place_id": list(places), "people": [100, 40, 60]},
        geometry=on_ground([Point(place) for place in places.values()]),
        crs="EPSG:4326",
    )
    return {
        "streets": streets_of(ways),
        "stations": stations_of({"n1": (0, 100)}),
        "barriers": conform("barriers", river),
        "population": conform("population", homes),
    }


def week_town() -> dict[str, Any]:
    """One street of 6,000 m, four stations with hours of their own, three homes that reach different ones.

    ::

        x        0      500            2,500     3,000           5,500   6,000
        station  day                             night, bus              always
        home            h1 (50)        h2 (30)                   h3 (20)
        grid     west: h1, h2                                    east: h3

        day     08:00-18:00                  70 hours a week
        night   周五 20:00-次日02:00           Fri 20-23 and Sat 0-1: 6 hours
        bus     a mobile stop, 周二 9:00-11:00: Tue 9 and 10; it says 24/7 as well, which is not its timetable
        always  24小时

        open sets, as they come in the week      hours   covered of 100    of west's 80
        0  always                       Mon 0       92        20                  0
        1  always, day                  Mon 8       68        70                 50
        2  always, bus, day             Tue 9        2       100                 80
        3  always, night                Fri 20       6        50                 30
        people-hours: 92 · 20 + 68 · 70 + 2 · 100 + 6 · 50 = 7,100 of 16,800
        west's:                68 · 50 + 2 · 80  + 6 · 30 = 3,740 of 13,440
    """
    homes = {"h1": (500, 0, 50), "h2": (2_500, 0, 30), "h3": (5_500, 0, 20)}
    population = gpd.GeoDataFrame(
        {"place_id": list(homes), "people": [home[2] for home in homes.values()]},
        geometry=on_ground([Point(home[:2]) for home in homes.values()]),
        crs="EPSG:4326",
    )
    grids = gpd.GeoDataFrame(
        {"grid_id": ["150105001001001", "150105001001002"], "name": ["西", "东"], "division_id": COMMUNITY},
        geometry=on_ground([box(-100, -100, 4_000, 100), box(4_000, -100, 6_100, 100)]),
        crs="EPSG:4326",
    )
    return {
        "streets": streets_of({"street": [(0, 0), (6_000, 0)]}),
        "stations": stations_of(
            {"day": (0, 0), "night": (3_000, 0), "bus": (3_000, 0), "always": (6_000, 0)},
            category=["service_centre", "service_centre", "police", "warm"],
            opening_hours=["08:00-18:00", "周五 20:00-次日02:00", "24/7", "24小时"],
            mobile_timetable=[None, None, "周二 9:00-11:00", None],
            amenities=[["饮水", "图书"], [], ["饮水"], ["饮水", "Heater"]],
        ),
        "population": conform("population", population),
        "grids": conform("grids", grids),
    }


def spokes() -> dict[str, Any]:
    """A street of 4,000 m with a hub at its west end, a river, a street beyond it; 1 + N all along.

    ::

        street   y = 0     x 0 ... 4,000          hub h at (0, 40): 40 m to the street
        beyond   y = -300  x 0 ... 4,000          no bridge: joined to nothing

        point    at             names   metres on foot                 verdict, 1,000 m
        a        (500, 30)      h       30 + 500 + 40 =   570          ok; √(500² + 10²) = 500.1 m straight
        b        (3000, 0)      h       3,000 + 40 = 3,040             far
        c        (100, -300)    h       no way; √(100² + 340²) = 354.4 unreachable
        d        (200, 0)       -                                      no_hub
        e        (300, 0)       z                                      unknown_hub
        f        (400, 0)       a       100 + 30 = 130                 wrong_hub: a point is no hub
        g        (600, 0)       g       -                              wrong_hub: itself
        w        (700, 0)       a       200 + 30 = 230, a warm station ok: any station may be its hub
        h names itself and is no point; x closed in 2025.
    """
    rows = {
        "a": ((500, 30), "courier_point", "h"),
        "b": ((3_000, 0), "courier_point", "h"),
        "c": ((100, -300), "courier_point", "h"),
        "d": ((200, 0), "courier_point", None),
        "e": ((300, 0), "courier_point", "z"),
        "f": ((400, 0), "courier_point", "a"),
        "g": ((600, 0), "courier_point", "g"),
        "h": ((0, 40), "courier_hub", "h"),
        "s": ((800, 0), "service_centre", None),
        "w": ((700, 0), "warm", "a"),
        "x": ((900, 0), "courier_point", "h"),
    }
    return {
        "streets": streets_of({"street": [(0, 0), (4_000, 0)], "beyond": [(0, -300), (4_000, -300)]}),
        "stations": stations_of(
            {id: row[0] for id, row in rows.items()},
            category=[row[1] for row in rows.values()],
            hub_id=[row[2] for row in rows.values()],
            valid_to=["2025-12-31" if id == "x" else None for id in rows],
        ),
    }


def slow_and_fast() -> dict[str, Any]:
    """One street of 3,000 m with the station at its west end; adults, old people and children along it.

    ::

                                        minutes at               reached at 3.6 km/h (900 m),
        home   at      group   people   own speed                4.8 (1,200 m), 5.1 (1,275 m)
        p1     300     all         50     3.75  (4.8 km/h)         yes  yes  yes
        p2     700     old         30    11.67  (3.6 km/h)         yes  yes  yes
        p3     850     child       40    14.17  (3.6 km/h)         yes  yes  yes
        p4     950     all         60    11.875                    no   yes  yes
        p5     1,000   old         12    16.67                     no   yes  yes
        p6     1,000   all         20    12.5                      no   yes  yes
        p7     1,250   all         25    15.625                    no   no   yes
        p8     2,000   all         13    25                        no   no   no

        250 people. At their own speed 50 + 30 + 40 + 60 + 20 = 200 are covered; if everybody walked at 3.6 km/h
        120, at 4.8 212, at 5.1 237. Within 5 minutes 50, within 10 the same 50. Of 42 old people 30, of 40
        children all. west, up to 900 m: 120 people, all reached at every speed. east: 130 people, reached slowly
        0, at their own speed 80, fast 117.
    """
    homes = {
        "p1": (300, "all", 50),
        "p2": (700, "old", 30),
        "p3": (850, "child", 40),
        "p4": (950, "all", 60),
        "p5": (1_000, "old", 12),
        "p6": (1_000, "all", 20),
        "p7": (1_250, "all", 25),
        "p8": (2_000, "all", 13),
    }
    population = gpd.GeoDataFrame(
        {
            "place_id": list(homes),
            "group": [home[1] for home in homes.values()],
            "people": [home[2] for home in homes.values()],
        },
        geometry=on_ground([Point(home[0], 0) for home in homes.values()]),
        crs="EPSG:4326",
    )
    grids = gpd.GeoDataFrame(
        {"grid_id": ["150105001001001", "150105001001002"], "name": ["西", "东"], "division_id": COMMUNITY},
        geometry=on_ground([box(-100, -100, 900, 100), box(900, -100, 3_100, 100)]),
        crs="EPSG:4326",
    )
    return {
        "streets": streets_of({"street": [(0, 0), (3_000, 0)]}),
        "stations": stations_of({"s": (0, 0)}),
        "population": conform("population", population),
        "grids": conform("grids", grids),
        "divisions": communities_of({COMMUNITY: square(-100, -100, 3_200, 200)}),
    }


# --- the balance of the border ----------------------------------------------------------------------------------
def six_holders() -> dict[str, Any]:
    """A hundred kilometres held by six segments of three posts, with a lake at km 60-70 that nobody can get to.

    Daily, on foot, 8 h: one guard keeps 1 d · 3.5 km/h · 8 h / 2 = 14 km; l km need 2·l/3.5 h a day.

    ::

        segment  post  km      open   guards               keeps   hours needed    used
        a        p1    0-20    20 km  g1                   14 km   11.43 of  8     1.43    overloaded
        b        p1    20-30   10 km  g2 g3                28 km    5.71 of 16     0.36    30-32 is nobody's
        c        p2    32-45   13 km  -                     0 km    7.43 of  0     -       nobody
        d        p2    45-65   15 km  g4 g5                28 km    8.57 of 16     0.54    60-65 is lake
        e        p3    65-90   20 km  g6 and half of g7    21 km   11.43 of 12     0.95    strained; 65-70 is lake
        f        p3    88-100  12 km  g8 and half of g7    21 km    6.86 of 12     0.57    88-90 is held twice

        p1: 30 km, 17.14 of 24 h = 5/7 used.  p2: 28 km, 16 of 16 h: strained.  p3: 32 km, 18.29 of 24 h = 16/21.

    Proposed to the metre: a keeps 14 km, so a|b moves from 20 to 14 (both ends 6 km). c cannot keep anything:
    wherever b and d meet between 32 and 45, ends move as far; equally used they meet at 40 (20 km each: 20-40
    and 40-60). b then has 26 km, d 20 km. e|f would be equally used at open km 75, outside the overlap, so it
    is drawn where that begins, km 88. Moved: 6 + 6, b 10, c 8 + 5, d 5, e 2: 42 km in all.

    Markers stand every 5 km. At markers: a|b at 10 (b then has 30 km to 40: too much for 28), so b|d at 35. Ends
    move 10 + 10, 5 + 3 + 10 + 10, 2: 50 km, 8 km more. e|f stays where f begins today.
    """
    letters = list("abcdef")
    starts, ends = [0, 20, 32, 45, 65, 88], [20, 30, 45, 65, 90, 100]
    people = {"g1": "a", "g2": "b", "g3": "b", "g4": "d", "g5": "d", "g6": "e", "g7": "ef", "g8": "f"}
    duties = [(guard, letter) for guard, letters in people.items() for letter in letters]
    km = [number * 5_000.0 for number in range(21)]
    tables = {
        "border": gpd.GeoDataFrame(
            {
                "border_id": "south",
                "part": ["1", "2", "3"],
                "sequence": [1, 2, 3],
                "accessible": [True, False, True],
            },
            geometry=[LineString(at_m(*ends)) for ends in ((0, 60_000), (60_000, 70_000), (70_000, 100_000))],
            crs="EPSG:4326",
        ),
        "segments": gpd.GeoDataFrame(
            {
                "segment_id": letters,
                "border_id": "south",
                "start_m": [start * 1_000.0 for start in starts],
                "end_m": [end * 1_000.0 for end in ends],
                "post_id": ["p1", "p1", "p2", "p2", "p3", "p3"],
                "interval_days": 1.0,
            },
            geometry=[None] * 6,
            crs="EPSG:4326",
        ),
        "assignments": pd.DataFrame(duties, columns=["staff_id", "target_id"]).assign(
            assignment_id=[f"{guard}{letter}" for guard, letter in duties], target_type="segment"
        ),
        "markers": gpd.GeoDataFrame(
            {
                "marker_id": [f"m{at:03.0f}" for at in range(0, 101, 5)],
                "number": [f"{at}" for at in range(0, 101, 5)],
            },
            geometry=[Point(xy) for xy in at_m(*km)],
            crs="EPSG:4326",
        ),
        "posts": gpd.GeoDataFrame(
            {"post_id": ["p1", "p2", "p3"], "kind": "police_station"},
            geometry=[Point(xy) for xy in at_m(15_000, 45_000, 85_000)],
            crs="EPSG:4326",
        ),
    }
    return {name: conform(name, table) for name, table in tables.items()}


# --- the reach of posts -----------------------------------------------------------------------------------------
# Near the equator a degree of latitude is 110,574.28 m along the ellipsoid.
MERIDIAN_M = 110_574.28


def beside_m(*places: tuple[float, float]) -> list[tuple[float, float]]:
    """Points so many metres east of 100°E along the equator, and so many north of it."""
    return [(100.0 + east / EQUATOR_M, north / MERIDIAN_M) for east, north in places]


def posts_of(places: Mapping[str, tuple[float, float]], **columns: Any) -> gpd.GeoDataFrame:
    """The ``posts`` table: police rooms at some places, metres east and north."""
    points = [Point(at) for at in beside_m(*places.values())]
    rows = {"post_id": list(places), "kind": "police_room", **columns}
    return conform("posts", gpd.GeoDataFrame(rows, geometry=points, crs="EPSG:4326"))


def roads_of(ways: Mapping[str, list[tuple[float, float]]], **columns: Any) -> gpd.GeoDataFrame:
    """The ``roads`` table: lines through some places, metres east and north."""
    lines = [LineString(beside_m(*way)) for way in ways.values()]
    rows = {"edge_id": list(ways), **columns}
    return conform("roads", gpd.GeoDataFrame(rows, geometry=lines, crs="EPSG:4326"))


def one_road() -> dict[str, Any]:
    """Twenty kilometres of border, a post ten kilometres away at the end of a road, and one on foot.

    ::

        north 10 km  car
                      |  road, 125/3 km/h
                      |                                    walker, 0.7 km north of km 20, ready in 3 min
        border  km 0  +----------------------------------+ 20

        The car drives 25 km/h across the land: sin θ = 25 / (125/3) = 3/5, tan θ = 3/4, cos θ = 4/5. For a place
        at x km it leaves the road 3/4·x km before the border and drives 5/4·x km across the land.
        x = 0:  10 km of road                        14.4 min
        x = 4:  7 km of road, 5 km of land           10.08 + 12.00 = 22.08 min
        x = 20: would leave 15 km before: straight   √(10² + 20²) / 25 h = 53.666 min
        The walker at x = 20: 0.7 km at 3.5 km/h     12 + 3 = 15 min
        at x = 4: √(16² + 0.7²) / 3.5 h              274.55 + 3 = 277.55 min
    """
    border = gpd.GeoDataFrame(
        {"border_id": ["b"], "part": ["1"], "sequence": [1]},
        geometry=[LineString(at_m(0, 20_000))],
        crs="EPSG:4326",
    )
    return {
        "border": conform("border", border),
        "posts": posts_of(
            {"car": (0, 10_000), "walker": (20_000, 700)}, mode=["vehicle", "foot"], readiness_minutes=[0.0, 3.0]
        ),
        "roads": roads_of({"road": [(0, 10_000), (0, 0)]}, speed_kmh=125 / 3),
    }


def three_posts() -> dict[str, Any]:
    """Fifty kilometres of border, posts on it at km 10, 30, 34 and, open late only, 49; 25 km/h across the land.

    Within 24 min a post is 10 km away. In pieces of 1 km, each timed at its middle (0.5, 1.5, …)::

        km       0         10         20    24      30  32  34       40    44        50
        a        |==========*==========|
        b                              |=============*================|
        c                                    |==============*================|
        first    |          a          |         b       |         c                  |

        in time: at least one 44 km, two 24-40 = 16 km, three 0; alone a 20, b 20-24 = 4, c 40-44 = 4 km.
        Pieces by distance to the first: 0.5 and 1.5 km six each, 2.5 … 9.5 four each, 10.5 … 15.5 one each.
        The 25th of 50 is 5.5 km = 13.2 min, the 45th 10.5 km = 25.2 min, the worst 15.5 km at 49.5 = 37.2 min.
        Without a, 0.5 is 29.5 km from b: 70.8 min. Half a piece is 0.5 km = 1.2 min.
    """
    border = gpd.GeoDataFrame(
        {"border_id": ["b"], "part": ["1"], "sequence": [1]},
        geometry=[LineString(at_m(0, 50_000))],
        crs="EPSG:4326",
    )
    return {
        "border": conform("border", border),
        "posts": posts_of(
            {"a": (10_000, 0), "b": (30_000, 0), "c": (34_000, 0), "late": (49_000, 0)},
            opening_hours=[None, None, None, "22:00-23:00"],
        ),
    }


# --- schemes of grids -------------------------------------------------------------------------------------------
def beats_of(polygons: dict[str, Any], **columns: Any) -> gpd.GeoDataFrame:
    """Police beats by the end of their id, in metres."""
    return grids_of(polygons, **{"scheme": "police", **columns})


def moved(grids: gpd.GeoDataFrame, x: float, y: float, **columns: Any) -> gpd.GeoDataFrame:
    """The same grids, drawn some metres away."""
    ground = TOWN.metres(np.asarray(grids.geometry))
    shifted = shapely.transform(ground, lambda xy: xy + np.array([x, y]))
    return grids.assign(**columns).set_geometry(gpd.GeoSeries(TOWN.lonlat(shifted), crs=grids.crs))


def strips() -> tuple[gpd.GeoDataFrame, gpd.GeoDataFrame]:
    """Four grids of 100 m × 100 m, and three police beats across them; x from 190 to 200 is in no beat.

    ::

        200 ┌────┬─┬─┬───┬┐
            │  003 │ 004 ││
        100 │ s1 │s2 │s3 ││
            │  001 │ 002 ││
          0 └────┴─┴─┴───┴┘
            0   60 100 140 190
    """
    beats = {"s1": box(0, 0, 60, 200), "s2": box(60, 0, 140, 200), "s3": box(140, 0, 190, 200)}
    return four_grids()[0], beats_of(beats)


# --- staffing ---------------------------------------------------------------------------------------------------
def staffed_town() -> dict[str, Any]:
    """Six small grids in two large ones, two communities and two police districts, on 20 November 2026.

    ::

        200 ┌─────┬─────┬─────┐
            │ 003 │ 004 │ 012 │   001, 002 in large grid L1; 003, 004 in L2; 011 and 012 in none
        120 │┄┄┄┄┄┼┄┄┄┄┄┼┄┄┄┄┄│   police: south of 120 m 990105001, north of it 990105002
        100 ├─────┼─────┼─────┤
            │ 001 │ 002 │ 011 │   community 150105001001: 001-004; 150105001002: 011, 012
          0 └─────┴─────┴─────┘
            0    100   200   300

        grid  kind      households  need  people                              workers  filled  load
        001   urban     500         1     w1, half of w2                      1.5      1       333⅓
        002   urban     501         2     w3                                  1        1       501
        003   pastoral  0           0                                         0        0
        004   urban     1,400       3     v1, a volunteer                     0        0
        011   urban     300         1     half of w2                          0.5      0.5     600
        012   urban     unknown     1     w4, whose time is over              0        0

        The deputy d1 looks after L1 and L2. Units: u1, u2 in 001 have the head h1, u3 (8 households) in 004 has
        none, u4 stands in 011 and has h2, u5 stands nowhere. A police grid lies over the whole town: it counts
        nowhere.
    """
    grids = grids_of(
        {
            "001": square(0, 0),
            "002": square(100, 0),
            "003": square(0, 100),
            "004": square(100, 100),
            "011": square(200, 0),
            "012": square(200, 100),
            "L1": square(0, 0, 200, 100),
            "L2": square(0, 100, 200, 100),
            "P1": square(0, 0, 300, 200),
        },
        division_id=[COMMUNITY] * 4 + [NEXT_COMMUNITY] * 2 + [COMMUNITY] * 2 + ["990105001"],
        parent_grid_id=[COMMUNITY + "L1"] * 2 + [COMMUNITY + "L2"] * 2 + [None] * 5,
        kind=["urban", "urban", "pastoral", "urban", "urban", "urban", None, None, None],
        households=pd.array([500, 501, 0, 1_400, 300, None, 1_001, 1_400, 2_701], dtype="Int64"),
        people=pd.NA,
        scheme=["main"] * 6 + ["large"] * 2 + ["police"],
    )
    ids = ["150105", "150105001", COMMUNITY, NEXT_COMMUNITY, "990105", "990105001", "990105002"]
    ground = [None, None, square(0, 0, 200), square(200, 0, 100, 200), None]
    ground += [square(0, 0, 300, 120), square(0, 120, 300, 80)]
    divisions = gpd.GeoDataFrame(
        {
            "division_id": ids,
            "name": ids,
            "level": ["county", "township", "community", "community", "county", "township", "township"],
            "parent_id": [None, "150105", "150105001", None, None, "990105", "990105"],
            "tree": ["admin"] * 4 + ["police"] * 3,
        },
        geometry=[TOWN.lonlat(np.array([one], dtype=object))[0] if one else None for one in ground],
        crs="EPSG:4326",
    )
    roles = {"w1": "grid_worker", "w2": "grid_worker", "w3": "grid_worker", "w4": "grid_worker", "v1": "volunteer"}
    roles |= {"d1": "deputy", "h1": "building_head", "h2": "unit_head"}
    targets = [
        ("w1", "grid", COMMUNITY + "001"),
        ("w2", "grid", COMMUNITY + "001"),
        ("w2", "grid", COMMUNITY + "011"),
        ("w3", "grid", COMMUNITY + "002"),
        ("w3", "grid", COMMUNITY + "P1"),
        ("v1", "grid", COMMUNITY + "004"),
        ("d1", "grid", COMMUNITY + "L1"),
        ("d1", "grid", COMMUNITY + "L2"),
        ("h1", "unit", "u1"),
        ("h1", "unit", "u2"),
        ("h2", "unit", "u4"),
        ("w4", "grid", COMMUNITY + "012"),
    ]
    assignments = pd.DataFrame(targets, columns=["staff_id", "target_type", "target_id"])
    assignments["assignment_id"] = [f"a{number}" for number in range(len(targets))]
    assignments["valid_to"] = pd.to_datetime([None] * 11 + ["2026-11-20"])
    units = gpd.GeoDataFrame(
        {
            "unit_id": ["u1", "u2", "u3", "u4", "u5"],
            "kind": "building",
            "grid_id": [COMMUNITY + "001", COMMUNITY + "001", COMMUNITY + "004", None, None],
            "households": [100, 100, 8, 30, 9],
            "people": [220, 210, 20, 70, 20],
        },
        geometry=[None, None, None, TOWN.lonlat(np.array([Point(250, 50)], dtype=object))[0], None],
        crs="EPSG:4326",
    )
    tables = {"grids": grids, "divisions": divisions, "assignments": assignments, "units": units}
    tables["staff"] = pd.DataFrame({"staff_id": list(roles), "role": list(roles.values())})
    return {name: conform(name, table) for name, table in tables.items()}


def two_quarters() -> tuple[gpd.GeoDataFrame, gpd.GeoDataFrame]:
    """Six grids in a row at two times, by their walking minutes; of people × minutes the sums are easy.

    | grid | before    | now        | people  |                                                 |
    | a    | 10.0 min  | 7.0 min    | 100     | better, 3 min × 100 = 300                       |
    | b    | 10.0      | 14.0       | 50      | worse, 4 × 50 = 200                             |
    | c    | 8.00      | 8.04       | 70      | same: 6 seconds are the finest that is told     |
    | d    | no way    | 20.0       | 10      | better; the longest way is 20: at least 0.1 × 10 |
    | e    | 9.0       | not known  | 30      | changed                                         |
    | f    | 5.0       | –          | 40 then | gone                                            |
    | g    | –         | 6.0        | 60      | new                                             |
    """
    before = grids_of({name: square(100.0 * at, 0.0) for at, name in enumerate("abcdef")})
    before["grid_id"] = list("abcdef")
    before["minutes"] = [10.0, 10.0, 8.0, np.inf, 9.0, 5.0]
    before["people"] = pd.array([90, 50, 70, 10, 30, 40], dtype="Int64")
    after = grids_of({name: square(100.0 * at, 0.0) for at, name in enumerate("abcdeg")})
    after["grid_id"] = list("abcdeg")
    after["minutes"] = [7.0, 14.0, 8.04, 20.0, np.nan, 6.0]
    after["people"] = pd.array([100, 50, 70, 10, 30, 60], dtype="Int64")
    return before, after
