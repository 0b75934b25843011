"""What the division of ground answers: places, grids, what is wrong with them, and who works there."""

from __future__ import annotations

import hashlib
from collections.abc import Iterable
from typing import Any

import geopandas as gpd
import numpy as np
import pandas as pd
import shapely

from geo.grid import fields
from geo.grid.findings import findings, worst_first
from geo.grid.levels import in_circles, pairs
from geo.grid.nesting import nesting_findings
from geo.grid.partition import partition_findings, partition_health
from geo.grid.staffing import staffing
from geo.layer import Field, Figure, Layer, Parameters, Tables, Title, share
from geo.tables.conform import PANDAS_DTYPES

EQUAL_AREA = Title(
    "等积投影，吸附到1毫米；只计最下一级，各级合计不重复",
    "In an equal-area frame, snapped to 1 mm; the lowest level only, so that no ground counts twice",
)
CAPPED = Title(
    "每格按应配数封顶，富余不能抵消空岗",
    "Capped at each grid's need, so that surplus in one cannot hide a vacancy in another",
)
WITH_NEED = Title("只计应配人数大于零的网格", "Of the grids that need anybody")


def _divisions(tables: Tables, parameters: Parameters) -> gpd.GeoDataFrame:  # noqa: ARG001 (Build)
    return _declared(tables["divisions"].sort_values("division_id"), fields.DIVISIONS)


def _grids(tables: Tables, parameters: Parameters) -> gpd.GeoDataFrame:  # noqa: ARG001 (Build)
    return _declared(tables["grids"].sort_values("grid_id"), fields.GRIDS)


def _background(tables: Tables, parameters: Parameters) -> gpd.GeoDataFrame:  # noqa: ARG001 (Build)
    rows = tables["background"]
    texts = zip(rows["kind"], rows["name"].fillna(""), shapely.to_wkb(np.asarray(rows.geometry)), strict=True)
    prints = pd.Series([_fingerprint(*text) for text in texts], index=rows.index, dtype="str")
    again = prints.groupby(prints).cumcount()
    ids = prints.where(again == 0, prints + "-" + (again + 1).astype("str"))
    return _declared(rows.assign(background_id=ids).sort_values("background_id"), fields.BACKGROUND)


def _fingerprint(kind: str, name: str, geometry: bytes | None) -> str:
    return hashlib.blake2b(f"{kind}|{name}|".encode() + (geometry or b""), digest_size=6).hexdigest()


def _findings(tables: Tables, parameters: Parameters) -> gpd.GeoDataFrame:
    divisions = tables["divisions"]
    found = [_circles(divisions)]
    for pair in pairs(divisions, tables.get("grids")):
        pieces = partition_findings(
            pair.children,
            pair.parents,
            excluded=tables.get("excluded"),
            noise_m=parameters.noise_m,
            sliver_m=parameters.sliver_m,
            population=tables.get("population"),
        )
        nesting = nesting_findings(pair.children, pair.parents, pieces, divisions=divisions)
        found += [rows.assign(level=pair.level) for rows in (pieces, nesting) if len(rows)]
    together = gpd.GeoDataFrame(pd.concat(found, ignore_index=True), crs=divisions.crs)
    return _declared(worst_first(together), fields.FINDINGS)


def _circles(divisions: gpd.GeoDataFrame) -> gpd.GeoDataFrame:
    rows = divisions[in_circles(divisions)]
    found = findings(
        rows.assign(kind="cycle", cause="real", severity="fail", grid_ids=[[one] for one in rows["division_id"]])
    )
    level = divisions.set_index("division_id")["level"]
    return found.assign(level=found["grid_ids"].str[0].astype("str").map(level).astype("str"))


def _health(tables: Tables, parameters: Parameters) -> gpd.GeoDataFrame:  # noqa: ARG001 (Build)
    found = tables["grid-findings"]
    made = [
        partition_health(
            pair.children,
            pair.parents,
            found[found["level"] == pair.level],
            excluded=tables.get("excluded"),
        ).assign(children_level=pair.level)
        for pair in pairs(tables["divisions"], tables.get("grids"))
    ]
    if not made:
        made = [_no_health(tables["divisions"], found)]
    together = gpd.GeoDataFrame(pd.concat(made, ignore_index=True), crs=found.crs)
    return _declared(together.sort_values("parent_id"), fields.HEALTH)


def _no_health(divisions: gpd.GeoDataFrame, found: gpd.GeoDataFrame) -> gpd.GeoDataFrame:
    """No two levels have polygons: nothing can be compared."""
    none = divisions.iloc[:0]
    children = none.assign(grid_id=none["division_id"])
    return partition_health(children, none, found.iloc[:0]).assign(children_level=none["level"].to_numpy())


def _staffing(tables: Tables, parameters: Parameters) -> gpd.GeoDataFrame:
    rows = staffing(
        tables["grids"].sort_values("grid_id"),
        tables["staff"],
        tables["assignments"],
        as_of=parameters.as_of,
        households_per_worker=parameters.households_per_worker,
        workers_min=parameters.workers_min,
        roles=parameters.roles,
        population=tables.get("population"),
    )
    return _declared(rows, fields.STAFFING)


def _declared(rows: gpd.GeoDataFrame, declared: Iterable[Field]) -> gpd.GeoDataFrame:
    text = {field.name: PANDAS_DTYPES["string"] for field in declared if field.kind == "string"}
    return rows[[*(field.name for field in declared), "geometry"]].reset_index(drop=True).astype(text)


def _finding_figures(frame: gpd.GeoDataFrame, parameters: Parameters) -> tuple[Figure, ...]:  # noqa: ARG001
    titles = {
        "fail": Title("划分不合格项", "Partition faults"),
        "warning": Title("划分警告项", "Partition warnings"),
        "info": Title("划分提示项", "Partition notes"),
    }
    return tuple(
        Figure(f"grid-findings.{one}", title, int((frame["severity"] == one).sum()), "findings", good="low")
        for one, title in titles.items()
    )


def _health_figures(frame: gpd.GeoDataFrame, parameters: Parameters) -> tuple[Figure, ...]:  # noqa: ARG001
    levels = [level for level in fields.CHILD_WORDS if (frame["children_level"] == level).any()]
    lowest = frame[frame["children_level"] == levels[-1]] if levels else frame

    def graded(grade: str, title: Title, good: Any) -> Figure:
        count = int((frame["grade"] == grade).sum())
        return share(f"grid-health.{grade.lower()}", title, count, len(frame), good=good)

    def area(name: str, title: Title) -> Figure:
        total = float(lowest[f"{name}_area_m2"].sum())
        return Figure(f"grid-health.{name}_area", title, total, "m²", method=EQUAL_AREA, good="low")

    return (
        share(
            "grid-health.covered",
            Title("网格覆盖面积", "Ground covered by grids"),
            lowest["covered_area_m2"].sum(),
            lowest["area_m2"].sum(),
            of="m²",
            good="high",
            method=EQUAL_AREA,
        ),
        graded("PASS", Title("划分合格的区划", "Divisions rightly divided"), "high"),
        graded("WARN", Title("划分有警告的区划", "Divisions with warnings"), "low"),
        graded("FAIL", Title("划分不合格的区划", "Divisions wrongly divided"), "low"),
        area("gap", Title("空白面积", "Area of gaps")),
        area("overlap", Title("重叠面积", "Area of overlaps")),
        area("spill", Title("越界面积", "Area of spills")),
    )


def _staffing_figures(frame: gpd.GeoDataFrame, parameters: Parameters) -> tuple[Figure, ...]:
    needing = frame[frame["need"] > 0]
    told = frame[frame["households"].notna()]
    households, workers = int(told["households"].sum()), float(told["workers"].sum())
    ruled = frame[frame["kind"].isin(list(parameters.roles))]
    return (
        share(
            "grid-staffing.coverage",
            Title("人员配备率", "Staffing coverage"),
            float((frame["need"] - frame["deficit"]).sum()),
            float(frame["need"].sum()),
            of="FTE",
            good="high",
            method=CAPPED,
        ),
        share(
            "grid-staffing.vacant",
            Title("空岗网格", "Vacant grids"),
            int((frame["status"] == "vacant").sum()),
            len(needing),
            of="grids",
            good="low",
            method=WITH_NEED,
        ),
        Figure(
            "grid-staffing.deficit",
            Title("人员缺额", "Workers lacking"),
            round(float(frame["deficit"].sum()), 2),
            "FTE",
            good="low",
        ),
        Figure(
            "grid-staffing.surplus",
            Title("人员富余", "Workers beyond need"),
            round(float(frame["surplus"].sum()), 2),
            "FTE",
        ),
        Figure(
            "grid-staffing.load",
            Title("每名网格员户数", "Households per worker"),
            households / workers if workers else None,
            "households",
            households if workers else None,
            workers or None,
            good="low",
        ),
        share(
            "grid-staffing.complete",
            Title("岗位齐全的网格", "Grids with every role filled"),
            int(ruled["complete"].sum()),
            len(ruled),
            of="grids",
            good="high",
            method=Title("只计有岗位要求的网格类型", "Of the grids of a kind that has required roles"),
        ),
    )


LAYERS = (
    Layer(
        id="divisions",
        title=Title("行政区划", "Divisions"),
        description=Title(
            "每行一个区划：自治区、盟市、旗县区、苏木乡镇街道或社区嘎查村。",
            "One row a place, from the region down to the community or village.",
        ),
        needs=("divisions",),
        fields=fields.DIVISIONS,
        build=_divisions,
        draw="area",
    ),
    Layer(
        id="grids",
        title=Title("网格", "Grids"),
        description=Title("每行一个网格，户数人口为网格自报。", "One row a grid, with its own counts."),
        needs=("grids",),
        fields=fields.GRIDS,
        build=_grids,
        draw="area",
    ),
    Layer(
        id="background",
        title=Title("底图", "Background"),
        description=Title("只用于绘图的道路、水系和地名。", "Roads, water and names that are only drawn."),
        needs=("background",),
        fields=fields.BACKGROUND,
        build=_background,
        draw="none",
    ),
    Layer(
        id="grid-findings",
        title=Title("划分问题", "Partition findings"),
        description=Title(
            "每行一处：相邻两级之间的空白、重叠、越界，以及单个网格自身的问题。",
            "One row a place where two neighbouring levels do not fit: gaps, overlaps, spills, "
            "and what is wrong with a grid by itself.",
        ),
        needs=("divisions",),
        optional=("grids", "excluded", "population"),
        params=("noise_m", "sliver_m"),
        fields=fields.FINDINGS,
        build=_findings,
        draw="area",
        measure="severity",
        figures=_finding_figures,
    ),
    Layer(
        id="grid-health",
        title=Title("划分评定", "Partition health"),
        description=Title(
            "每行一个有下级图形的区划：下级是否不重不漏。",
            "One row a division whose children have polygons: do they tile it?",
        ),
        needs=("divisions", "grid-findings"),
        optional=("grids", "excluded"),
        fields=fields.HEALTH,
        build=_health,
        draw="area",
        measure="grade",
        figures=_health_figures,
    ),
    Layer(
        id="grid-staffing",
        title=Title("网格配备", "Grid staffing"),
        description=Title(
            "每行一个网格：当日应配与在岗人员、每名网格员户数、缺少的岗位。",
            "One row a grid: workers needed and there on the day, households per worker, roles missing.",
        ),
        needs=("grids", "staff", "assignments"),
        optional=("population",),
        params=("as_of", "households_per_worker", "workers_min", "roles"),
        fields=fields.STAFFING,
        build=_staffing,
        draw="area",
        measure="status",
        figures=_staffing_figures,
    ),
)
