"""Is the ground rightly divided? Findings about neighbouring levels, and the health of each division."""

from __future__ import annotations

from typing import Any

import geopandas as gpd
import pandas as pd

from geo.grid.fields import AREA, CHILD_WORDS, NAME, PARENT_WORDS, SCHEME, TREE_WORDS, declared
from geo.grid.findings import worst_first
from geo.grid.levels import every_level, pairs
from geo.grid.nesting import nesting_findings
from geo.grid.partition import partition_findings, partition_health
from geo.grid.whole import circular, health_id, in_scheme
from geo.layer import Field, Figure, Layer, Tables, Title, share
from geo.parameters import Parameters
from geo.place.schemes import is_large, main_scheme

FINDING_WORDS = {
    "gap": Title("空白", "Gap"),
    "overlap": Title("重叠", "Overlap"),
    "spill": Title("越界部分", "Spill"),
    "outside": Title("超出上级范围", "Outside its parent"),
    "invalid": Title("图形无效", "Invalid geometry"),
    "empty": Title("没有图形", "No geometry"),
    "orphan": Title("上级代码不存在", "Parent unknown"),
    "skipped": Title("跨级", "Level skipped"),
    "unparented": Title("上级没有图形", "Parent without polygon"),
    "cycle": Title("上下级循环", "Circle of parents"),
    "multipart": Title("分成几块", "In several parts"),
    "code": Title("编码错误", "Wrong code"),
    "code_twice": Title("编码重复", "Code used twice"),
    "size": Title("规模超出范围", "Size outside its band"),
}
CAUSE_WORDS = {
    "noise": Title("精度误差", "Survey noise"),
    "sliver": Title("细缝", "Sliver"),
    "duplicate": Title("重复图形", "Duplicate"),
    "contained": Title("大套小", "One inside another"),
    "missing_grid": Title("缺少网格", "Missing grid"),
    "inlet": Title("边缘缺口", "Inlet at the edge"),
    "real": Title("划分错误", "Wrongly divided"),
    "malformed": Title("格式不符", "Malformed"),
    "contradiction": Title("与上级不符", "Contradicts its parent"),
    "households": Title("户数", "Households"),
    "people": Title("人口", "People"),
    "area_km2": Title("面积（平方千米）", "Area (km²)"),
}
SEVERITY_WORDS = {
    "fail": Title("不合格", "Fail"),
    "warning": Title("警告", "Warning"),
    "info": Title("提示", "Note"),
}
GRADE_WORDS = {
    "PASS": Title("合格", "Pass"),
    "WARN": Title("有警告", "Warnings"),
    "FAIL": Title("不合格", "Fail"),
}
DECLARED, OVERLAP = Title("按填报的代码", "As declared"), Title("按重叠最大", "By largest overlap")
TREE = Field(
    "tree",
    "string",
    Title("体系", "Tree"),
    meaning=Title("被检查的下级所属的体系", "Of the children that were checked"),
    values=TREE_WORDS,
)
FINDINGS = (
    Field("finding_id", "string", Title("问题编号", "Finding")),
    Field(
        "kind",
        "string",
        Title("问题", "Kind"),
        meaning=Title(
            "空白：无人管；重叠：多于一个；越界：伸出上级范围；其余为单个网格自身的问题",
            "Gap: held by none; overlap: by more than one; spill: beyond the parent; the others concern one grid",
        ),
        values=FINDING_WORDS,
    ),
    Field(
        "cause",
        "string",
        Title("原因", "Cause"),
        meaning=Title("依次判断，取第一个符合的", "The first that fits, in this order"),
        values=CAUSE_WORDS,
    ),
    Field("severity", "string", Title("严重程度", "Severity"), values=SEVERITY_WORDS),
    Field(
        "level",
        "string",
        Title("层级", "Level"),
        meaning=Title("被检查的下级", "Level of the children that were checked"),
        values=CHILD_WORDS,
    ),
    TREE,
    SCHEME,
    Field("parent_id", "string", Title("所在区划", "Parent")),
    Field(
        "grid_ids",
        "list",
        Title("涉及网格", "Grids concerned"),
        meaning=Title(
            "占有此处的网格或区划；空白处为本区划内与其相邻的",
            "Grids or divisions that hold it; around a gap, those of the parent along its edge",
        ),
    ),
    Field(
        "neighbour_id",
        "string",
        Title("最长邻边", "Neighbour"),
        meaning=Title("与此处共边最长的网格或区划", "Grid or division with the longest shared edge"),
    ),
    AREA,
    Field(
        "width_m",
        "number",
        Title("宽度", "Width"),
        unit="m",
        meaning=Title("最大内切圆直径", "Diameter of the largest circle inside"),
    ),
    Field(
        "households",
        "integer",
        Title("涉及户数", "Households"),
        unit="households",
        meaning=Title(
            "有人口点则计点，否则按网格户数与面积估算；人口点不足10人不公布",
            "Counted where it is known who lives where, else by share of area; not told below 10 people",
        ),
    ),
    Field("people", "integer", Title("涉及人口", "People"), unit="people"),
    Field(
        "basis",
        "string",
        Title("归属依据", "Basis"),
        meaning=Title("网格归到上级的依据", "How the grids were given to their parent"),
        values={"declared": DECLARED, "overlap": OVERLAP, "none": Title("无法归属", "Nowhere")},
    ),
    Field(
        "detail",
        "string",
        Title("说明", "Detail"),
        meaning=Title(
            "图形无效的原因与位置；填报的上级；超出的比例；块数与面积；编码应符合的格式；数值与范围",
            "Reason and place of invalid geometry; the parent named; the share outside; how many parts and their "
            "area; the pattern of codes; the number and its band",
        ),
    ),
)
HEALTH = (
    Field(
        "health_id",
        "string",
        Title("编号", "Id"),
        meaning=Title(
            "区划代码或大网格编码；下级属于其他网格体系时加其名称",
            "Of the division or large grid; with the scheme of its children where that is not main",
        ),
    ),
    Field("parent_id", "string", Title("区划代码", "Division")),
    NAME,
    Field("level", "string", Title("级别", "Level"), values=PARENT_WORDS),
    Field("children_level", "string", Title("下级", "Children"), values=CHILD_WORDS),
    TREE,
    SCHEME,
    Field("children", "integer", Title("下级个数", "Number of children")),
    Field(
        "area_m2",
        "number",
        Title("应覆盖面积", "Area to cover"),
        unit="m²",
        meaning=Title("区划面积减去排除区，等积投影", "Less excluded ground, in an equal-area frame"),
    ),
    Field("covered_area_m2", "number", Title("已覆盖面积", "Covered area"), unit="m²"),
    Field("covered", "number", Title("覆盖率", "Covered"), unit="share"),
    Field("gap_area_m2", "number", Title("空白面积", "Gaps"), unit="m²"),
    Field("overlap_area_m2", "number", Title("重叠面积", "Overlaps"), unit="m²"),
    Field("spill_area_m2", "number", Title("越界面积", "Spills"), unit="m²"),
    Field("fails", "integer", Title("不合格项", "Fails")),
    Field("warnings", "integer", Title("警告项", "Warnings")),
    Field("grade", "string", Title("评定", "Grade"), values=GRADE_WORDS),
    Field(
        "basis",
        "string",
        Title("归属依据", "Basis"),
        values={"declared": DECLARED, "overlap": OVERLAP, "mixed": Title("两者皆有", "Both")},
    ),
)
EQUAL_AREA = Title(
    "等积投影，吸附到1毫米；只计最下一级的主体系（分大小网格时两级合计），各级合计不重复",
    "In an equal-area frame, snapped to 1 mm; the lowest level of the main scheme only (large and small grids "
    "together), so that no ground counts twice",
)


def _findings(tables: Tables, parameters: Parameters) -> gpd.GeoDataFrame:
    divisions, grids = tables["divisions"], tables.get("grids")
    shared: dict[str, Any] = {"excluded": tables.get("excluded"), "population": tables.get("population")}
    small = grids[~is_large(grids)] if grids is not None else None
    judged = main_scheme(small["scheme"]) if small is not None else None
    found = [circular(divisions, grids)]
    for pair in every_level(divisions, grids):
        pieces = partition_findings(
            pair.children if pair.drawn else pair.children.iloc[:0],
            pair.parents,
            noise_m=parameters.noise_m,
            sliver_m=parameters.sliver_m,
            **shared,
        )
        nesting = nesting_findings(
            pair.children,
            pair.parents,
            pieces,
            divisions=pair.places,
            level=pair.level,
            grid_code=parameters.grid_code if pair.scheme or pair.tree == "admin" else None,
            size_bands=parameters.size_bands if pair.level == "grid" and pair.scheme == judged else None,
            **shared,
        )
        found += [in_scheme(rows, pair) for rows in (pieces, nesting) if len(rows)]
    together = gpd.GeoDataFrame(pd.concat(found, ignore_index=True), crs=divisions.crs)
    return declared(worst_first(together), FINDINGS)


def _health(tables: Tables, parameters: Parameters) -> gpd.GeoDataFrame:  # noqa: ARG001 (Build)
    found = tables["grid-findings"]
    made = []
    for pair in pairs(tables["divisions"], tables.get("grids")):
        about = found[found["scheme"] == pair.scheme] if pair.scheme else found[found["scheme"].isna()]
        health = partition_health(pair.children, pair.parents, about, excluded=tables.get("excluded"))
        made.append(
            health.assign(
                health_id=[health_id(one, pair.scheme) for one in health["parent_id"]],
                children_level=pair.level,
                tree=pair.tree,
                scheme=pair.scheme,
            )
        )
    if not made:
        made = [_no_health(tables["divisions"], found)]
    together = gpd.GeoDataFrame(pd.concat(made, ignore_index=True), crs=found.crs)
    return declared(together.sort_values("health_id"), HEALTH)


def _no_health(divisions: gpd.GeoDataFrame, found: gpd.GeoDataFrame) -> gpd.GeoDataFrame:
    """No two levels have polygons: nothing can be compared."""
    none = divisions.iloc[:0]
    children = none.assign(grid_id=none["division_id"])
    empty = partition_health(children, none, found.iloc[:0])
    text = none["level"].to_numpy()
    return empty.assign(health_id=text, children_level=text, tree=text, scheme=text)


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
    whole, found = _counted_once(frame)

    def graded(grade: str, title: Title, good: Any) -> Figure:
        count = int((frame["grade"] == grade).sum())
        return share(f"grid-health.{grade.lower()}", title, count, len(frame), good=good)

    def area(name: str, title: Title) -> Figure:
        total = float(found[f"{name}_area_m2"].sum())
        return Figure(f"grid-health.{name}_area", title, total, "m²", method=EQUAL_AREA, good="low")

    return (
        share(
            "grid-health.covered",
            Title("网格覆盖面积", "Ground covered by grids"),
            max(whole["area_m2"].sum() - found["gap_area_m2"].sum(), 0.0),
            whole["area_m2"].sum(),
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


def _counted_once(frame: gpd.GeoDataFrame) -> tuple[gpd.GeoDataFrame, gpd.GeoDataFrame]:
    """Pick the divisions that cover the ground once, and all levels at which some of that ground may be lost.

    These are the lowest divisions; their large grids too, where small ones lie in those. Of several schemes the
    main one counts, of several trees without grids the administrative one.
    """
    at = {level: frame[frame["children_level"] == level] for level in CHILD_WORDS}
    main = {level: rows[(rows["scheme"] == main_scheme(rows["scheme"])).to_numpy()] for level, rows in at.items()}
    grids, large = main["grid"], main["large_grid"]
    if len(grids) and (grids["level"] == "large_grid").all() and len(large):
        return large, gpd.GeoDataFrame(pd.concat([large, grids]))
    divisions = (rows[rows["tree"] == rows["tree"].min()] for rows in reversed(at.values()))
    lowest = next((rows for rows in (grids, large, *divisions) if len(rows)), frame)
    return lowest, lowest


LAYERS = (
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
        params=("noise_m", "sliver_m", "grid_code", "size_bands"),
        fields=FINDINGS,
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
        fields=HEALTH,
        build=_health,
        draw="area",
        measure="grade",
        figures=_health_figures,
    ),
)
