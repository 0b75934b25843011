"""A small build to serve: five layers with every kind of field, rows without place or time, and hostile names."""

from __future__ import annotations

from collections.abc import Mapping
from dataclasses import dataclass, field
from datetime import UTC, datetime
from pathlib import Path
from typing import Any

import geopandas as gpd
import numpy as np
import orjson
import pandas as pd
import shapely

from api.publishing import STAMP
from geo.background import Background
from geo.io.geojson import feature_collection, features
from geo.layer import Field, Figure, Layer, Title, share
from geo.parameters import Parameters
from geo.report import layer_record, markdown
from geo.sections import Words
from geo.service import Build
from geo.workspace import Workspace
from tests.tile_worlds import every, mbtiles, png

HOSTILE = "{{1111*1111}}<img src=x onerror=alert(1)></script>{% raw %}"
PRIVATE = "private-home-4711"
DOTS = 137
BACKGROUND = Background(title=Words(zh="红", en="Red"), file="red.mbtiles")


def _layer(id: str, draw: Any, *fields: Field, **more: Any) -> Layer:
    return Layer(
        id=id,
        title=Title(f"{id}（中）", id.title()),
        description=Title("一行一个。", "One row each."),
        needs=(),
        fields=fields,
        build=lambda *_: gpd.GeoDataFrame(),
        draw=draw,
        **more,
    )


def _field(name: str, kind: Any, **more: Any) -> Field:
    return Field(name, kind, Title(f"{name}（中）", name), **more)


def _figures(frame: gpd.GeoDataFrame, parameters: Parameters) -> tuple[Figure, ...]:
    count = float(frame["complete"].sum())
    total = share("plots.complete", Title("完整", "Complete"), count, len(frame), good="high")
    return (total, Figure("plots.missing", Title("缺", "Missing"), None, "grids", good="low"))


PLOTS = _layer(
    "plots",
    "area",
    _field("plot_id", "string"),
    _field("name", "string"),
    _field("households", "integer", unit="households"),
    _field("load", "number"),
    _field("kind", "string", values={"urban": Title("城", "Urban"), "rural": Title("乡", "Rural")}),
    _field("complete", "boolean"),
    _field("roles", "list"),
    figures=_figures,
)
VISITS = _layer("visits", "point", _field("visit_id", "string"), _field("seen", "date-time"))
DAYS = _layer("days", "none", _field("day_id", "string"), _field("day", "date"))
DOT = _layer("dots", "point", _field("dot_id", "string"), _field("number", "integer"))
EMPTY = _layer("empty", "point", _field("empty_id", "string"), _field("when", "date-time"))
HOMES = _layer("homes", "point", _field("home_id", "string"), private=True)


def _plots() -> gpd.GeoDataFrame:
    """Four squares of 1° in a row from 110°E, 40°N; one more at the 180th meridian; one without a place."""
    squares = [shapely.box(110 + i, 40, 111 + i, 41) for i in range(4)] + [shapely.box(179, 65, 180, 66), None]
    return gpd.GeoDataFrame(
        {
            "plot_id": ["p1", "p2", "p/3 ü", "p4", "p5", "p6"],
            "name": ["东街", HOSTILE, "=1+1", 'a "quoted" name', "日界线", None],
            "households": pd.array([300, 0, None, 12, 5, 7], dtype="Int64"),
            "load": [0.5, np.nan, 1e-9, 12345.678, 2.0, 3.0],
            "kind": ["urban", "rural", "rural", "urban", "rural", None],
            "complete": pd.array([True, False, True, True, True, None], dtype="boolean"),
            "roles": [["a", "b"], [], ["c"], [], [], []],
        },
        geometry=squares,
        crs="EPSG:4326",
    )


def _visits() -> gpd.GeoDataFrame:
    """One on each of five days at noon; then one without time, and one without a place on the last day."""
    noon = [datetime(2026, 11, day, 12, tzinfo=UTC) for day in range(16, 21)]
    place = [shapely.Point(110.5 + i, 40.5) for i in range(6)] + [None]
    return gpd.GeoDataFrame(
        {
            "visit_id": [f"v{i}" for i in range(7)],
            "seen": pd.Series([*noon, None, noon[-1]], dtype="datetime64[s, UTC]"),
        },
        geometry=place,
        crs="EPSG:4326",
    )


def _days() -> gpd.GeoDataFrame:
    days = pd.Series(["2026-11-18", "2026-11-19", None], dtype="datetime64[s]")
    return gpd.GeoDataFrame({"day_id": ["d1", "d2", "d3"], "day": days}, geometry=[None] * 3, crs="EPSG:4326")


def _dots() -> gpd.GeoDataFrame:
    """A spiral of points round 110°E, 40°N, and every tenth without a place."""
    n = np.arange(DOTS)
    points = shapely.points(110 + n / 50 * np.cos(n), 40 + n / 50 * np.sin(n))
    points[::10] = None
    ids = [f"dot-{i:03}" for i in n]
    return gpd.GeoDataFrame({"dot_id": ids, "number": n.astype("int64")}, geometry=points, crs="EPSG:4326")


def _empty() -> gpd.GeoDataFrame:
    when = pd.Series([], dtype="datetime64[s, UTC]")
    return gpd.GeoDataFrame(
        {"empty_id": pd.Series([], dtype="str"), "when": when}, geometry=gpd.GeoSeries([]), crs="EPSG:4326"
    )


def _homes() -> gpd.GeoDataFrame:
    return gpd.GeoDataFrame({"home_id": [PRIVATE]}, geometry=[shapely.Point(110.2, 40.2)], crs="EPSG:4326")


FRAMES = {
    "plots": (PLOTS, _plots),
    "visits": (VISITS, _visits),
    "days": (DAYS, _days),
    "dots": (DOT, _dots),
    "empty": (EMPTY, _empty),
    "homes": (HOMES, _homes),
}


@dataclass(frozen=True)
class SmallBuild(Build):
    """A build whose frames are in memory."""

    frames: Mapping[str, gpd.GeoDataFrame] = field(default_factory=dict)

    def layers(self) -> tuple[Layer, ...]:
        return tuple(FRAMES[made["id"]][0] for made in self.report["layers"])

    def frame(self, id: str) -> gpd.GeoDataFrame:
        return self.frames[id]


def small_build(root: Path, id: str = "town", **changed: Any) -> SmallBuild:
    """Publish the small build in a folder."""
    workspace = Workspace(root, id, Title("小镇", "Town"), Parameters(), {}, backgrounds=(BACKGROUND,))
    root.mkdir(parents=True, exist_ok=True)
    if not (root / BACKGROUND.file).exists():
        mbtiles(root / BACKGROUND.file, every(range(3), png()))
    frames = {name: made() for name, (_, made) in FRAMES.items()}
    public = [layer for layer, _ in FRAMES.values() if not layer.private]
    report = {
        "schema": 1,
        "workspace": id,
        "title": workspace.title.record(),
        "as_of": "2026-11-20",
        "time_zone": "Asia/Shanghai",
        "made_by": "gridwalk 0.1.0",
        "version": "0123456789abcdef0123456789abcdef",
        "notice": {"zh": "合成数据", "en": "Synthetic data"},
        "map_review_number": "",
        "attribution": {"zh": "来源：测试", "en": "Source: tests"},
        "parameters": Parameters().model_dump(mode="json"),
        "verdict": "FAIL",
        "layers": [layer_record(layer, frames[layer.id], Parameters()) for layer in public],
        "unavailable": [
            {
                "id": "border",
                "title": {"zh": "边界", "en": "Border"},
                "reason": {"zh": "缺少 border", "en": "needs border"},
            }
        ],
        "faults": [_fault(row) for row in range(3)],
        "tables": [
            {
                "name": "plots",
                "title": {"zh": "地块", "en": "Plots"},
                "files": ["plots.gpkg"],
                "rows_read": 7,
                "rows_used": 6,
                "source": HOSTILE,
                "licence": "CC0",
                "crs": "EPSG:4490",
            }
        ],
        **changed,
    }
    out = root / "out"
    for name in ("layers", "boards", "private"):
        (out / name).mkdir(parents=True, exist_ok=True)
    for layer in public:
        (out / "layers" / f"{layer.id}.geojson").write_bytes(feature_collection(features(frames[layer.id], layer)))
        frames[layer.id].to_parquet(out / "layers" / f"{layer.id}.parquet")
    (out / "layers" / "homes.geojson").write_bytes(feature_collection(features(frames["homes"], HOMES)))
    (out / "private" / "homes.geojson").write_bytes(feature_collection(features(frames["homes"], HOMES)))
    board = "<!doctype html><title>b</title><script>document.title='drawn'</script>规划"
    (out / "boards" / "planner.html").write_text(board, encoding="utf-8")
    (out / "boards" / STAMP).write_text(f"{report['version']}\nanother gridwalk\n", encoding="utf-8")
    (out / "report.json").write_bytes(orjson.dumps(report))
    (out / "report.md").write_text(markdown(report), encoding="utf-8")
    return SmallBuild(workspace, out, report, frames=frames)


def _fault(row: int) -> dict[str, Any]:
    return {
        "level": "error",
        "code": "not_a_count",
        "file": "plots.gpkg",
        "table": "plots",
        "row": f"{row}{HOSTILE}",
        "column": "households",
        "problem": {"zh": f"{HOSTILE} 不是数目", "en": f"{HOSTILE} is not a count"},
        "remedy": {"zh": "改正", "en": "correct it"},
    }
