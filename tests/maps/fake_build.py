"""A small finished build to draw: a town of grids, a line of border, and names that want to be more than text."""

from __future__ import annotations

import dataclasses
from collections.abc import Mapping, Sequence
from dataclasses import dataclass
from datetime import date, datetime
from typing import Any

import geopandas as gpd
import numpy as np
import pandas as pd
import shapely
from shapely.geometry import LineString, Point, Polygon, box

from geo.grid.partition_layers import LAYERS as PARTITION_LAYERS
from geo.layer import Field, Kind, Layer, Title
from geo.parameters import Parameters

HOSTILE = (
    "{{7*7}}",
    "{% raw %}{# x #}",
    "</script><script>window.hacked=1</script>",
    "<img src=x onerror=window.hacked=1>",
)
STATES = {
    "ok": Title("正常", "OK"),
    "due": Title("到期", "Due"),
    "overdue": Title("逾期", "Overdue"),
    "critical": Title("严重逾期", "Critical"),
    "never": Title("从未巡访", "Never visited"),
    "unassigned": Title("无人负责", "Unassigned"),
}
LEVELS = {"county": Title("旗县区", "County"), "community": Title("社区", "Community")}
SEVERITY = {"fail": Title("不合格", "Fail"), "warning": Title("警告", "Warning"), "info": Title("提示", "Note")}
STATUS = {
    "vacant": Title("空缺", "Vacant"),
    "short": Title("不足", "Short"),
    "met": Title("满足", "Met"),
    "surplus": Title("富余", "Surplus"),
    "not_needed": Title("不需要", "Not needed"),
}
DAYS = {
    day: Title(zh, day.title())
    for day, zh in zip(
        ("mon", "tue", "wed", "thu", "fri", "sat", "sun"),
        ("周一", "周二", "周三", "周四", "周五", "周六", "周日"),
        strict=True,
    )
}
WORKDAY = ("0" * 8 + "1" * 10 + "0" * 6) * 5 + "0" * 48  # Monday to Friday 8:00 to 18:00
WEEKS = {0: "1" * 168, 3: "0" * 168, 4: "?" * 168}  # of stations by number; all others keep WORKDAY
GRADES = {"PASS": Title("通过", "Pass"), "WARN": Title("提醒", "Warning"), "FAIL": Title("不合格", "Fail")}


@dataclass(frozen=True)
class FakeWorkspace:
    id: str
    title: Title
    parameters: Parameters
    notice: Title | None = None
    map_review_number: str = ""
    attribution: Title | None = None
    sources: Mapping[str, Any] = dataclasses.field(default_factory=dict)


@dataclass(frozen=True)
class FakeBuild:
    workspace: FakeWorkspace
    report: Mapping[str, Any]
    made: Mapping[str, tuple[Layer, gpd.GeoDataFrame]]
    version: str = "0f1e2d3c4b5a69788796a5b4c3d2e1f0"
    published: datetime | None = None

    def layers(self) -> tuple[Layer, ...]:
        return tuple(layer for layer, _ in self.made.values())

    def frame(self, id: str) -> gpd.GeoDataFrame:
        return self.made[id][1]


def field(name: str, kind: Kind = "string", unit: str = "", values: Mapping[str, Title] | None = None) -> Field:
    return Field(name, kind, Title(f"{name}（中）", name), unit=unit, values=values or {})


def layer(id: str, fields: Sequence[Field], draw: Any, **more: Any) -> Layer:
    def build(tables: Any, parameters: Any) -> gpd.GeoDataFrame:
        raise NotImplementedError(id)

    title = Title(f"{id}（中）", id)
    return Layer(
        id=id, title=title, description=title, needs=(), fields=tuple(fields), build=build, draw=draw, **more
    )


def number(name: str, unit: str = "") -> Field:
    return field(name, "number", unit)


def cells(outline: Polygon, count: int, seed: int) -> list[Polygon]:
    """Voronoi cells inside an outline, denser towards its middle."""
    chance = np.random.default_rng(seed)
    west, south, east, north = outline.bounds
    middle = np.array([(west + east) / 2, (south + north) / 2])
    size = np.array([east - west, north - south])
    town = middle + chance.normal(0, 0.09, (count * 2 // 3, 2)) * size
    wide = np.column_stack([chance.uniform(west, east, count), chance.uniform(south, north, count)])
    points = shapely.points(np.vstack([town, wide]))
    points = points[shapely.contains(outline, points)][:count]
    made = shapely.get_parts(shapely.voronoi_polygons(shapely.multipoints(points), extend_to=outline))
    return [cell for cell in shapely.intersection(made, outline) if not cell.is_empty]


def grids(outline: Polygon, count: int, names: Sequence[str], seed: int = 7) -> gpd.GeoDataFrame:
    polygons = cells(outline, count, seed)
    chance = np.random.default_rng(seed + 1)
    n = len(polygons)
    middle = outline.centroid
    away = np.array([cell.centroid.distance(middle) for cell in polygons]) * 90
    people = np.maximum(0, (900 - away * 40 + chance.normal(0, 150, n))).round()
    minutes = np.round(np.abs(chance.normal(6, 4, n)) + away * 0.9, 2)
    minutes[0] = np.inf
    own = [names[i] if i < len(names) else f"模拟第{i + 1}网格" for i in range(n)]
    return gpd.GeoDataFrame(
        {
            "grid_id": [f"150105001{i:06d}" for i in range(n)],
            "name": own,
            "division_id": [f"150105001{i % 9:03d}" for i in range(n)],
            "people": people,
            "households": (people / 2.6).round(),
            "minutes": minutes,
        },
        geometry=polygons,
        crs="EPSG:4326",
    )


def walk(town: gpd.GeoDataFrame) -> tuple[Layer, gpd.GeoDataFrame]:
    minutes = town["minutes"]
    covered = np.clip((22 - minutes) / 14, 0, 1)
    frame = town.assign(
        basis="people",
        people_covered=(covered * town["people"]).round(),
        people_unserved=town["people"] - (covered * town["people"]).round(),
        share=covered,
        straight_share=np.clip(covered + 0.1, 0, 1),
        people_unsnapped=0.0,
        station_id=[f"S{i % 12:03d}" for i in range(len(town))],
        worst_minutes=minutes * 1.4,
    )
    fields = (
        field("grid_id"),
        field("name"),
        field("division_id"),
        number("minutes", "minutes"),
        field("basis"),
        number("people", "people"),
        number("people_covered", "people"),
        number("people_unserved", "people"),
        number("share", "share"),
        number("straight_share", "share"),
        number("people_unsnapped", "people"),
        field("station_id"),
        number("worst_minutes", "minutes"),
    )
    made = layer(
        "grid-walk",
        fields,
        "area",
        measure="minutes",
        good="low",
        breaks=lambda p: (*p.bands, p.budget_minutes * 5 / 3),
        limit=lambda p: p.budget_minutes,
    )
    return made, frame[[*(one.name for one in fields), "geometry"]]


def staffing(town: gpd.GeoDataFrame) -> tuple[Layer, gpd.GeoDataFrame]:
    need = np.ceil(town["households"] / 300).astype("int64")
    workers = np.array([(0.0, 1.0, 1.0, 2.0)[i % 4] for i in range(len(town))])
    status = np.select([workers == 0, workers < need, workers == need], ["vacant", "short", "met"], "surplus")
    frame = town.assign(
        need=need,
        workers=workers,
        deficit=np.maximum(need - workers, 0),
        load=town["households"] / np.where(workers, workers, np.nan),
        status=status,
        roles_missing=[["grid_worker"] if w == 0 else [] for w in workers],
        complete=workers > 0,
        kind="urban",
    )
    fields = (
        field("grid_id"),
        field("name"),
        field("division_id"),
        field("kind"),
        number("households", "households"),
        field("need", "integer"),
        number("workers", "FTE"),
        number("deficit", "FTE"),
        number("load", "households"),
        field("status", values=STATUS),
        field("roles_missing", "list"),
        field("complete", "boolean"),
    )
    return layer("grid-staffing", fields, "area", measure="status"), frame[
        [*(one.name for one in fields), "geometry"]
    ]


def stations(town: gpd.GeoDataFrame) -> tuple[Layer, gpd.GeoDataFrame]:
    places = [town.geometry.iloc[i * len(town) // 12].representative_point() for i in range(12)]
    frame = gpd.GeoDataFrame(
        {
            "station_id": [f"S{i:03d}" for i in range(12)],
            "name": [f"{i + 1}号党群服务中心" for i in range(12)],
            "category": ["courier_hub" if i == 0 else "service_centre" for i in range(12)],
            "open": ["no" if i == 3 else "yes" for i in range(12)],
            "counted": [i != 3 for i in range(12)],
            "amenities": [["water", "heater"]] * 12,
            "hub_id": [None if i < 2 else "S001" for i in range(12)],
            "synthetic": True,
            "week": [WEEKS.get(i, WORKDAY) for i in range(12)],
        },
        geometry=places,
        crs="EPSG:4326",
    )
    fields = (
        field("station_id"),
        field("name"),
        field("category"),
        field("open"),
        field("counted", "boolean"),
        field("amenities", "list"),
        field("hub_id"),
        field("synthetic", "boolean"),
        field("week"),
    )
    return layer("stations", fields, "point"), frame


def station_hubs(points: gpd.GeoDataFrame) -> tuple[Layer, gpd.GeoDataFrame]:
    """The way of every station that names a hub; that of S005 is too far."""
    spokes = points[points["hub_id"].notna()]
    frame = gpd.GeoDataFrame(
        {
            "station_id": spokes["station_id"],
            "verdict": ["far" if id == "S005" else "ok" for id in spokes["station_id"]],
            "walk_m": 1_250.0,
        },
        geometry=spokes.geometry,
        crs="EPSG:4326",
    )
    verdicts = {"ok": Title("正常", "Within reach"), "far": Title("离中心站过远", "Too far from its hub")}
    fields = (field("station_id"), field("verdict", values=verdicts), number("walk_m", "m"))
    return layer("station-hubs", fields, "point", measure="verdict"), frame


def station_hours() -> tuple[Layer, gpd.GeoDataFrame]:
    """Two sets of open stations: 0 by night and at weekends, 1 on workdays by day."""
    busy = np.array([int(sign) for sign in WORKDAY])
    hour = np.arange(168)
    frame = gpd.GeoDataFrame(
        {
            "hour_id": [f"{list(DAYS)[k // 24].title()} {k % 24:02d}" for k in hour],
            "weekday": [list(DAYS)[k // 24] for k in hour],
            "hour": hour % 24,
            "open_set": busy,
            "stations_open": np.where(busy, 11, 2),
            "people_covered": np.where(busy, 24_100.0, 3_140.0),
            "people": 31_400.0,
            "share": np.where(busy, 24_100.0, 3_140.0) / 31_400,
        },
        geometry=np.full(168, None),
        crs="EPSG:4326",
    )
    fields = (
        field("hour_id"),
        field("weekday", values=DAYS),
        field("hour", "integer", "h"),
        field("open_set", "integer"),
        field("stations_open", "integer", "stations"),
        number("people_covered", "people"),
        number("people", "people"),
        number("share", "share"),
    )
    breaks = (0.25, 0.5, 0.75)
    return layer("station-hours", fields, "none", measure="share", good="high", breaks=lambda _: breaks), frame


def grid_hours(town: gpd.GeoDataFrame) -> tuple[Layer, gpd.GeoDataFrame]:
    """By night the fifth grid alone is covered, by day all but the first; the third is not told by night."""
    lived = town[town["people"] >= 10].reset_index(drop=True)
    night = ["1" if id.endswith("004") else "" if id.endswith("002") else "0" for id in lived["grid_id"]]
    day = ["0" if id.endswith("000") else "0.62" if id.endswith("001") else "1" for id in lived["grid_id"]]
    told = list(zip(night, day, strict=True))
    frame = gpd.GeoDataFrame(
        {
            "grid_id": lived["grid_id"],
            "people": lived["people"],
            "hours": [np.nan if n == "" else 118 * float(n) + 50 * float(d) for n, d in told],
            "shares": [list(pair) for pair in told],
        },
        geometry=np.full(len(lived), None),
        crs="EPSG:4326",
    )
    fields = (field("grid_id"), number("people", "people"), number("hours", "h"), field("shares", "list"))
    return layer("grid-hours", fields, "none", measure="hours", good="high", breaks=lambda _: (42.0, 84.0)), frame


def bands(points: gpd.GeoDataFrame) -> tuple[Layer, gpd.GeoDataFrame]:
    """Discs round the stations, each band with the shorter ones inside."""
    at = points.geometry.to_numpy()
    frame = gpd.GeoDataFrame(
        {"band_id": ["5", "10", "15"], "minutes": [5.0, 10.0, 15.0], "people": [4_100.0, 9_000.0, 11_000.0]},
        geometry=[shapely.union_all(shapely.buffer(at, 0.003 * step)) for step in (1, 2, 3)],
        crs="EPSG:4326",
    )
    fields = (field("band_id"), number("minutes", "minutes"), number("people", "people"))
    return layer(
        "walk-bands",
        fields,
        "area",
        measure="minutes",
        good="low",
        breaks=lambda p: (*p.bands, p.budget_minutes * 5 / 3),
        limit=lambda p: p.budget_minutes,
    ), frame


def catchments(points: gpd.GeoDataFrame, radius: float) -> tuple[Layer, gpd.GeoDataFrame]:
    frame = gpd.GeoDataFrame(
        {"station_id": points["station_id"], "name": points["name"], "area_m2": 1.0e6},
        geometry=shapely.buffer(points.geometry.to_numpy(), radius),
        crs="EPSG:4326",
    )
    fields = (field("station_id"), field("name"), number("area_m2", "m²"))
    return layer("station-catchments", fields, "area"), frame


def unserved(town: gpd.GeoDataFrame) -> tuple[Layer, gpd.GeoDataFrame]:
    worst = town[town["minutes"] > 15].sort_values("people", ascending=False).head(12).reset_index(drop=True)
    frame = gpd.GeoDataFrame(
        {
            "area_id": [f"a{i:03d}" for i in range(len(worst))],
            "rank": np.arange(1, len(worst) + 1),
            "people": worst["people"],
            "households": worst["households"],
            "minutes": worst["minutes"],
            "extra_minutes": worst["minutes"] - 15,
            "station_id": "S002",
            "grid_ids": [[one] for one in worst["grid_id"]],
        },
        geometry=worst.geometry.values,
        crs="EPSG:4326",
    )
    fields = (
        field("area_id"),
        field("rank", "integer"),
        number("people", "people"),
        number("households", "households"),
        number("minutes", "minutes"),
        number("extra_minutes", "minutes"),
        field("station_id"),
        field("grid_ids", "list"),
    )
    return layer("unserved-areas", fields, "area"), frame


def divisions(town: gpd.GeoDataFrame, outline: Polygon) -> tuple[Layer, gpd.GeoDataFrame]:
    parts = town.dissolve("division_id").reset_index()
    frame = gpd.GeoDataFrame(
        {
            "division_id": ["150105", *parts["division_id"]],
            "name": ["示例区", *(f"模拟{i + 1}社区" for i in range(len(parts)))],
            "level": ["county", *["community"] * len(parts)],
            "parent_id": [None, *["150105"] * len(parts)],
        },
        geometry=[outline, *parts.geometry],
        crs="EPSG:4326",
    )
    fields = (field("division_id"), field("name"), field("level", values=LEVELS), field("parent_id"))
    return layer("divisions", fields, "area"), frame


def health(places: gpd.GeoDataFrame) -> tuple[Layer, gpd.GeoDataFrame]:
    grades = ["FAIL" if i in (0, 3) else "WARN" if i == 5 else "PASS" for i in range(len(places))]
    frame = gpd.GeoDataFrame(
        {
            "parent_id": places["division_id"],
            "name": places["name"],
            "level": places["level"],
            "covered": 0.999,
            "grade": grades,
        },
        geometry=places.geometry,
        crs="EPSG:4326",
    )
    fields = (
        field("parent_id"),
        field("name"),
        field("level", values=LEVELS),
        number("covered", "share"),
        field("grade", values=GRADES),
    )
    return layer("grid-health", fields, "area", measure="grade"), frame


def findings(town: gpd.GeoDataFrame) -> tuple[Layer, gpd.GeoDataFrame]:
    """A gap, an overlap and a spill of the third, sixth and tenth grid, as the layer itself has them."""
    made = next(one for one in PARTITION_LAYERS if one.id == "grid-findings")
    ids = town["grid_id"].tolist()
    frame = gpd.GeoDataFrame(
        {
            "finding_id": ["f1", "f2", "f3"],
            "kind": ["gap", "overlap", "spill"],
            "cause": ["real", "sliver", "noise"],
            "severity": ["fail", "warning", "info"],
            "level": "grid",
            "scheme": "main",
            "parent_id": "150105001000",
            "grid_ids": [[ids[1]], ids[2:4], []],
            "area_m2": [12_000.0, 800.0, 3.0],
            "width_m": [80.0, 2.0, 0.4],
            "people": pd.array([120, 0, None], dtype="Int64"),
            "households": pd.array([44, 0, None], dtype="Int64"),
        },
        geometry=[town.geometry.iloc[i].buffer(-0.0004) for i in (2, 5, 9)],
        crs="EPSG:4326",
    )
    return made, frame.reindex(columns=[*(one.name for one in made.fields), "geometry"])


def background(outline: Polygon) -> tuple[Layer, gpd.GeoDataFrame]:
    west, south, east, north = outline.bounds
    x, y = (west + east) / 2, (south + north) / 2
    frame = gpd.GeoDataFrame(
        {
            "background_id": ["b1", "b2", "b3", "b4"],
            "kind": ["road", "water", "place", "place"],
            "name": [None, "大黑河", "中心城区", "示例镇"],
            "rank": [1.0, np.nan, 1.0, 3.0],
        },
        geometry=[
            LineString([(west, y), (x, y), (east, north)]),
            LineString([(west, south), (x, y - 0.01), (east, y - 0.02)]),
            Point(x, y),
            Point((x + east) / 2, y),
        ],
        crs="EPSG:4326",
    )
    return layer(
        "background", (field("background_id"), field("kind"), field("name"), number("rank")), "none"
    ), frame


def border(
    count: int = 12, start: tuple[float, float] = (111.0, 43.5)
) -> dict[str, tuple[Layer, gpd.GeoDataFrame]]:
    """A line of 10 km stretches, one state after the other, a marker every 2.5 km, two posts."""
    x = start[0] + np.arange(count * 4 + 1) * 0.0309
    y = start[1] + 0.05 * np.sin(np.arange(len(x)) / 3)
    line = list(zip(x, y, strict=True))
    state = [list(STATES)[i % 6] for i in range(count)]
    idle = [
        {"ok": 2.0, "due": 6.5, "overdue": 10.0, "critical": 20.0, "never": 90.0}.get(s, np.nan) for s in state
    ]
    status = gpd.GeoDataFrame(
        {
            "stretch_id": [f"n-{i * 10_000}" for i in range(count)],
            "border_id": "n",
            "start_m": np.arange(count) * 10_000.0,
            "end_m": np.arange(1, count + 1) * 10_000.0,
            "length_m": 10_000.0,
            "segment_ids": [[] if s == "unassigned" else [f"G{i:03d}"] for i, s in enumerate(state)],
            "post_id": [None if s == "unassigned" else f"P{i % 2}" for i, s in enumerate(state)],
            "state": state,
            "last_visit": pd.to_datetime(["2026-11-10T04:00:00Z"] * count),
            "idle_days": idle,
            "interval_days": 7.0,
            "evidence": "declared",
        },
        geometry=[LineString(line[i * 4 : i * 4 + 5]) for i in range(count)],
        crs="EPSG:4326",
    )
    fields = (
        field("stretch_id"),
        field("border_id"),
        number("start_m", "m"),
        number("end_m", "m"),
        number("length_m", "m"),
        field("segment_ids", "list"),
        field("post_id"),
        field("state", values=STATES),
        field("last_visit", "date-time"),
        number("idle_days", "days"),
        number("interval_days", "days"),
        field("evidence"),
    )
    found = gpd.GeoDataFrame(
        {
            "finding_id": ["u", "m"],
            "kind": ["unassigned", "marker_unheld"],
            "severity": ["fail", "warning"],
            "length_m": [10_000.0, 0.0],
            "segment_ids": [[], []],
            "marker_from": ["21", "23"],
        },
        geometry=[LineString(line[20:25]), Point(line[22])],
        crs="EPSG:4326",
    )
    kinds = {
        "unassigned": Title("无人负责", "Unassigned"),
        "marker_unheld": Title("界碑无管段", "Marker in no segment"),
    }
    finding_fields = (
        field("finding_id"),
        field("kind", values=kinds),
        field("severity", values=SEVERITY),
        number("length_m", "m"),
        field("segment_ids", "list"),
        field("marker_from"),
    )
    stones = gpd.GeoDataFrame(
        {
            "marker_id": [f"m{i}" for i in range(len(x))],
            "number": [str(i + 1) for i in range(len(x))],
            "border_id": "n",
            "measure_m": np.arange(len(x)) * 2_500.0,
        },
        geometry=[Point(p) for p in line],
        crs="EPSG:4326",
    )
    houses = gpd.GeoDataFrame(
        {"post_id": ["P0", "P1"], "name": ["模拟甲派出所", "模拟乙派出所"], "kind": "police_station"},
        geometry=[Point(x[6], y[6] - 0.08), Point(x[-8], y[-8] - 0.08)],
        crs="EPSG:4326",
    )
    return {
        "border-status": (layer("border-status", fields, "line", measure="state"), status),
        "border-findings": (layer("border-findings", finding_fields, "line", measure="kind"), found),
        "markers": (
            layer(
                "markers",
                (field("marker_id"), field("number"), field("border_id"), number("measure_m", "m")),
                "point",
            ),
            stones,
        ),
        "posts": (layer("posts", (field("post_id"), field("name"), field("kind")), "point"), houses),
    }


def figure(
    id: str,
    zh: str,
    value: float,
    unit: str,
    part: float | None = None,
    whole: float | None = None,
    good: str | None = None,
) -> dict[str, Any]:
    method = {"zh": "沿路网步行", "en": "Along the street network"} if id.startswith("grid-walk") else None
    return {
        "id": id,
        "title": {"zh": zh, "en": id},
        "value": value,
        "unit": unit,
        "numerator": part,
        "denominator": whole,
        "of": "people" if unit == "share" and id.startswith("grid-walk") else "" if unit == "share" else unit,
        "method": method,
        "good": good,
    }


def report(
    workspace: FakeWorkspace,
    made: Mapping[str, tuple[Layer, gpd.GeoDataFrame]],
    figures: Sequence[Mapping[str, Any]],
) -> dict[str, Any]:
    needs = {
        "grid-walk": "stations, streets",
        "grid-staffing": "staff",
        "grid-health": "divisions",
        "border-status": "border, segments",
        "walk-bands": "stations, streets",
        "grid-hours": "population, stations",
    }
    return {
        "schema": 1,
        "workspace": workspace.id,
        "title": workspace.title.record(),
        "as_of": "2026-11-20",
        "time_zone": "Asia/Shanghai",
        "made_by": "gridwalk 0.1.0",
        "version": FakeBuild.version,
        "notice": workspace.notice.record() if workspace.notice else None,
        "map_review_number": workspace.map_review_number,
        "attribution": workspace.attribution.record() if workspace.attribution else None,
        "parameters": workspace.parameters.model_dump(mode="json"),
        "verdict": "FAIL",
        "layers": [
            {
                "id": id,
                "title": one.title.record(),
                "rows": len(frame),
                "bbox": list(frame.total_bounds),
                "figures": [f for f in figures if f["id"].startswith(id + ".")],
            }
            for id, (one, frame) in made.items()
        ],
        "unavailable": [
            {"id": id, "title": {"zh": id, "en": id}, "reason": {"zh": f"需要 {tables}", "en": f"needs {tables}"}}
            for id, tables in needs.items()
            if id not in made
        ],
        "faults": [
            {
                "level": "warning",
                "code": "x",
                "file": "grids.gpkg",
                "table": "grids",
                "row": "<b>1</b>",
                "column": None,
                "problem": {"zh": "名称为空。", "en": "No name."},
                "remedy": {"zh": "请补填。", "en": "Fill it in."},
            }
        ],
        "tables": [
            {
                "name": "grids",
                "title": {"zh": "网格", "en": "Grids"},
                "files": ["grids.gpkg"],
                "rows_read": 10,
                "rows_used": 10,
                "source": "合成",
                "licence": "CC0",
                "crs": "EPSG:4490",
            }
        ],
    }


def town_build(count: int = 40, outline: Polygon | None = None, names: Sequence[str] = HOSTILE) -> FakeBuild:
    """A town with walking times, staffing and a partition; its first grids have hostile names."""
    outline = outline or box(111.60, 40.75, 111.80, 40.90)
    town = grids(outline, count, names)
    points = stations(town)
    places = divisions(town, outline)
    made = {
        one[0].id: one
        for one in (
            places,
            background(outline),
            findings(town),
            health(places[1]),
            staffing(town),
            walk(town),
            unserved(town),
            points,
            catchments(points[1], 0.012),
            bands(points[1]),
            station_hubs(points[1]),
            station_hours(),
            grid_hours(town),
        )
    }
    workspace = FakeWorkspace(
        "fake-town",
        Title("示例区网格（模拟）", "Sample town (synthetic)"),
        Parameters(as_of=date(2026, 11, 20)),
        notice=Title("合成数据", "synthetic data"),
        attribution=Title("© OpenStreetMap 贡献者", "© OpenStreetMap contributors"),
    )
    figures = [
        figure("grid-walk.people_covered", "居民覆盖率", 0.768, "share", 24_100, 31_400, "high"),
        figure("grid-walk.straight_line", "直线覆盖率", 0.842, "share", 26_430, 31_400, "high"),
        figure("grid-walk.grids_unserved", "有未覆盖居民的网格", 14, "grids", 14, 40, "low"),
        figure("grid-walk.people_unserved", "未覆盖居民", 7_300, "people", 7_300, 31_400, "low"),
        figure("grid-staffing.vacant", "无人网格", 10, "grids", 10, 40, "low"),
        figure("grid-health.covered", "划分覆盖率", 0.999, "share", 999, 1000, "high"),
    ]
    return FakeBuild(workspace, report(workspace, made, figures), made)


def border_build(count: int = 12) -> FakeBuild:
    """A border alone, without grids, stations or divisions."""
    made = border(count)
    workspace = FakeWorkspace(
        "fake-border", Title("示例边境", "Sample border"), Parameters(as_of=date(2026, 11, 20))
    )
    figures = [figure("border-status.assigned", "有人负责的边界", 0.83, "share", 100_000, 120_000, "high")]
    return FakeBuild(workspace, report(workspace, made, figures), made)
