"""Staffing of every division: what its grids add up to, and how evenly they are loaded."""

from __future__ import annotations

from collections.abc import Mapping
from typing import Any

import geopandas as gpd
import numpy as np
import pandas as pd

from geo.grid.duty.belonging import LARGE_GRID, belonging
from geo.grid.duty.heads import grid_of_units
from geo.grid.duty.people import on_duty
from geo.grid.duty.rollup import division_staffing
from geo.grid.fields import NAME, PARENT_WORDS, TREE_WORDS, declared
from geo.grid.staffing import staffed_demand
from geo.layer import Field, Figure, Layer, Tables, Title, share
from geo.parameters import Parameters
from geo.place.schemes import home_ids, once, staffed_in


def _count(name: str, zh: str, en: str, unit: str = "grids", meaning: Title | None = None) -> Field:
    return Field(name, "integer", Title(zh, en), unit=unit, meaning=meaning)


def _number(name: str, zh: str, en: str, unit: str = "", meaning: Title | None = None) -> Field:
    return Field(name, "number", Title(zh, en), unit=unit, meaning=meaning)


OVER_LOADS = Title(
    "网格之间的每名网格员户数；只计有人且户数已知的网格", "Over the households per worker of its grids"
)
STAFFING = (
    Field("division_id", "string", Title("区划代码", "Division")),
    NAME,
    Field("level", "string", Title("级别", "Level"), values=PARENT_WORDS),
    Field("parent_id", "string", Title("上级代码", "Parent")),
    Field("tree", "string", Title("体系", "Tree"), values=TREE_WORDS),
    _count(
        "grids",
        "网格数",
        "Grids",
        meaning=Title(
            "主体系的小网格（或按设定为大网格），每户只计一次",
            "Small grids of the main scheme, or large ones where the workspace staffs these: nobody counts twice",
        ),
    ),
    _count("needing", "应配人的网格", "Grids that need anybody"),
    _count("vacant", "空岗网格", "Vacant grids"),
    _count("short", "人手不足的网格", "Grids that are short"),
    _count("need", "应配", "Needed", "FTE"),
    _number("workers", "在岗（折合全职）", "Workers", "FTE"),
    _number(
        "filled",
        "已配",
        "Filled",
        "FTE",
        Title("每格按应配数封顶后合计", "Each grid's workers, at most its need"),
    ),
    _number("coverage", "人员配备率", "Staffing coverage", "share", Title("已配÷应配", "Filled / needed")),
    _number("deficit", "缺额", "Deficit", "FTE"),
    _number("surplus", "富余", "Surplus", "FTE"),
    _count(
        "households",
        "户数",
        "Households",
        "households",
        Title(
            "不足10人的网格合并满10人后才计入",
            "Grids of fewer than 10 people count where such grids are together at least 10",
        ),
    ),
    _count(
        "untold",
        "户数未计入的网格",
        "Grids not in the households",
        meaning=Title("户数未知，或合并后仍不足10人", "Not known, or together fewer than 10 people"),
    ),
    _number(
        "load",
        "每名网格员户数",
        "Households per worker",
        "households",
        Title("户数÷这些网格的在岗人数", "Households over the workers of the grids they are from"),
    ),
    _count(
        "staff",
        "在岗人数",
        "People on duty",
        "people",
        Title(
            "当日在其网格、大网格或楼栋单元有责任的不同人数；一人在多处时各处都计，不可相加",
            "Different people with an assignment to a grid, large grid or unit there, in any role: "
            "whoever works in two places counts in both, so they do not add up",
        ),
    ),
    _count("complete", "岗位齐全的网格", "Grids with every role filled"),
    _count("ruled", "有岗位要求的网格", "Grids with required roles"),
    _count("units", "楼栋单元", "Buildings and units", "units"),
    _count("headed", "有负责人的楼栋单元", "Units with a head", "units"),
    _count(
        "loads",
        "有负荷的网格",
        "Grids with a load",
        meaning=Title(
            "有人且户数已知；其余不参与均衡比较", "With a worker and known households; others are left out"
        ),
    ),
    _number("mean_load", "平均负荷", "Mean load", "households", OVER_LOADS),
    _number("variation", "变异系数", "Coefficient of variation", meaning=OVER_LOADS),
    _number("peak", "最大与平均之比", "Largest over mean", meaning=OVER_LOADS),
    _number("gini", "基尼系数", "Gini coefficient", meaning=OVER_LOADS),
    _count(
        "even",
        "负荷均衡的网格",
        "Evenly loaded grids",
        meaning=Title("与平均相差不超过10%", "Within 10 % of the mean"),
    ),
)


def _staffing(tables: Tables, parameters: Parameters) -> gpd.GeoDataFrame:
    grids = tables["grids"].sort_values("grid_id", ignore_index=True)
    where = belonging(grids, tables["divisions"], parameters.staffed_grids)
    home = staffed_in(grids, parameters.staffed_grids)
    called = home_ids(grids, home)
    asked = staffed_demand(grids, home, tables.get("population"))
    duties = on_duty(tables["staff"], tables["assignments"], parameters.as_of)
    heads = tables.get("unit-heads")
    rows = division_staffing(
        tables["grid-staffing"],
        where,
        ruled=parameters.roles,
        asked=asked.assign(grid_id=grids["grid_id"]),
        active=_active(duties, where.grids["grid_id"], once(grids), called, tables.get("units")),
        headed=None if heads is None else heads.assign(grid_id=heads["grid_id"].map(called)),
    )
    return declared(rows, STAFFING)


def _active(
    duties: pd.DataFrame,
    known: pd.Series,
    small: gpd.GeoDataFrame,
    called: Mapping[str, str],
    units: gpd.GeoDataFrame | None,
) -> pd.DataFrame:
    """Who is on duty in which of the known grids; in a unit is in its grid, in a grid where that is staffed."""
    on_grid, in_unit = duties[duties["target_type"] == "grid"], duties[duties["target_type"] == "unit"]
    rows = [pd.DataFrame({"grid": on_grid["target_id"].to_numpy(), "person": on_grid["person"].to_numpy()})]
    if units is not None:
        unit = pd.Index(units["unit_id"]).get_indexer(pd.Index(in_unit["target_id"]))
        at = np.append(grid_of_units(units, small), -1)[unit]
        of_unit = np.array([*small["grid_id"], None], dtype=object)[at]
        rows.append(pd.DataFrame({"grid": of_unit, "person": in_unit["person"].to_numpy()}))
    together = pd.concat(rows, ignore_index=True)
    there = together["grid"].map(called).fillna(together["grid"])
    grid = pd.Index(known).get_indexer(pd.Index(there))
    return together.assign(grid=grid)[grid >= 0]


def _breaks(parameters: Parameters) -> tuple[float, ...]:  # noqa: ARG001 (Breaks)
    return (0.5, 0.8, 0.95)


def _figures(frame: gpd.GeoDataFrame, parameters: Parameters) -> tuple[Figure, ...]:  # noqa: ARG001 (Figures)
    admin = frame[(frame["tree"] == "admin") & (frame["grids"] > 0)]
    top = admin[~admin["parent_id"].isin(admin["division_id"])]
    divisions = admin[admin["level"] != LARGE_GRID]
    lowest = divisions[~divisions["division_id"].isin(divisions["parent_id"]) & (divisions["need"] > 0)]
    alone: Any = top.iloc[0] if len(top) == 1 else None

    def shape(name: str, title: Title) -> Figure:
        value = None if alone is None or pd.isna(alone[name]) else float(alone[name])
        return Figure(f"division-staffing.{name}", title, value, "", good="low", method=OVER_LOADS)

    return (
        share(
            "division-staffing.manned",
            Title("无空岗的最下级区划", "Lowest divisions without a vacant grid"),
            int((lowest["vacant"] == 0).sum()),
            len(lowest),
            of="divisions",
            good="high",
            method=Title("只计有网格应配人的", "Of those in which a grid needs anybody"),
        ),
        share(
            "division-staffing.even",
            Title("负荷均衡的网格", "Evenly loaded grids"),
            int(top["even"].sum()),
            int(top["loads"].sum()),
            of="grids",
            good="high",
            method=Title(
                "每名网格员户数与最上级区划的平均相差不超过10%",
                "Households per worker within 10 % of the mean of the topmost division",
            ),
        ),
        shape("variation", Title("负荷变异系数", "Variation of loads")),
        shape("peak", Title("最大负荷与平均之比", "Largest load over the mean")),
        shape("gini", Title("负荷基尼系数", "Gini coefficient of loads")),
    )


LAYERS = (
    Layer(
        id="division-staffing",
        title=Title("区划配备", "Staffing of divisions"),
        description=Title(
            "每行一个大网格或区划（各级、各体系）：其网格的应配、在岗、空岗、负责人合计，及负荷是否均衡。",
            "One row a large grid or division of any level and tree: need, workers, vacancies and heads of its "
            "grids added up, and how evenly they are loaded.",
        ),
        needs=("divisions", "grids", "staff", "assignments", "grid-staffing"),
        optional=("unit-heads", "units", "population"),
        params=("as_of", "roles", "staffed_grids"),
        fields=STAFFING,
        build=_staffing,
        draw="area",
        measure="coverage",
        good="high",
        breaks=_breaks,
        figures=_figures,
    ),
)
