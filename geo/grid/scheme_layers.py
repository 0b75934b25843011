"""Do several divisions of the same ground fit? What corresponds, which borders conflict, what could be one."""

from __future__ import annotations

import geopandas as gpd
import pandas as pd

from geo.grid.fields import AREA, TREE_WORDS, declared
from geo.grid.schemes import (
    conflicting_borders,
    correspondence,
    longest_first,
    matches,
    pair_ids,
    ranked,
)
from geo.grid.stacked.figures import conflict_figures, correspondence_figures, match_figures
from geo.grid.stacked.pairs import scheme_pairs, tree_pairs
from geo.layer import Field, Layer, Tables, Title
from geo.parameters import Parameters
from geo.place.tree import LEVEL_WORDS

BASIS_WORDS = {
    "counted": Title("按人口点计", "Counted where people live"),
    "mixed": Title("人按人口点计，户按面积估算", "People counted, households by share of area"),
    "estimated": Title("按网格自报数与面积估算", "The grids' own counts by share of area"),
}
IOU = Field(
    "iou",
    "number",
    Title("重合度（交并比）", "Overlap (intersection over union)"),
    unit="share",
    meaning=Title(
        "共有面积除以两者合起来的面积；1为完全相同", "Shared area over the area of both together; 1 = the same"
    ),
)
HOUSEHOLDS = Field(
    "households",
    "integer",
    Title("户数", "Households"),
    unit="households",
    meaning=Title(
        "住在该处的；按人口点计时，本数或与网格总数之差为1至9人的不公布",
        "That live on this ground; not told where a count is, or differs from that of its grid by, 1 to 9 people",
    ),
)
PEOPLE = Field("people", "integer", Title("人口", "People"), unit="people")
SHARED_AREA = Field(
    AREA.name,
    AREA.kind,
    AREA.title,
    unit=AREA.unit,
    meaning=Title(
        "共有的面积；缺一方时为不属于另一体系任何一个的面积。窄于细缝界限的不计",
        "Of the shared ground; where one side is missing, of what lies in none of the other. Slivers do not count",
    ),
)


def _shares(of: Title, other: Title) -> tuple[Field, ...]:
    return (
        SHARED_AREA,
        Field("left_share", "number", Title(f"占左方{of.zh}比例", f"Share of the left {of.en}"), unit="share"),
        Field("right_share", "number", Title(f"占右方{of.zh}比例", f"Share of the right {of.en}"), unit="share"),
        IOU,
        HOUSEHOLDS,
        PEOPLE,
        Field("basis", "string", Title("户数人口依据", "Counts by"), values=BASIS_WORDS),
        Field(
            "best",
            "boolean",
            Title("互为最佳", "Best of both"),
            meaning=Title("双方重合度都最高", f"Each overlaps with no {other.en} more than with this one"),
        ),
        Field("left_area_m2", "number", Title(f"左方{of.zh}面积", f"Area of the left {of.en}"), unit="m²"),
        Field("right_area_m2", "number", Title(f"右方{of.zh}面积", f"Area of the right {of.en}"), unit="m²"),
    )


NONE_OF = Title("缺省表示不属于该体系任何一个", "Missing = in none of this one's")
LEFT_SCHEME = Field("left_scheme", "string", Title("左方体系", "Left scheme"))
LEFT_GRID = Field("left_id", "string", Title("左方网格", "Left grid"), meaning=NONE_OF)
RIGHT_SCHEME = Field("right_scheme", "string", Title("右方体系", "Right scheme"))
RIGHT_GRID = Field("right_id", "string", Title("右方网格", "Right grid"), meaning=NONE_OF)
GRID, DIVISION = Title("网格", "grid"), Title("区划", "division")
CORRESPONDENCE = (
    Field("pair_id", "string", Title("对应编号", "Pair")),
    LEFT_SCHEME,
    LEFT_GRID,
    RIGHT_SCHEME,
    RIGHT_GRID,
    *_shares(GRID, GRID),
)
TREES = (
    Field("pair_id", "string", Title("对应编号", "Pair")),
    Field("left_tree", "string", Title("左方体系", "Left tree"), values=TREE_WORDS),
    Field("left_id", "string", Title("左方区划", "Left division"), meaning=NONE_OF),
    Field("left_level", "string", Title("左方级别", "Left level"), values=LEVEL_WORDS),
    Field("right_tree", "string", Title("右方体系", "Right tree"), values=TREE_WORDS),
    Field("right_id", "string", Title("右方区划", "Right division"), meaning=NONE_OF),
    Field("right_level", "string", Title("右方级别", "Right level"), values=LEVEL_WORDS),
    *_shares(DIVISION, DIVISION),
)
CONFLICTS = (
    Field("conflict_id", "string", Title("冲突编号", "Conflict")),
    Field("scheme", "string", Title("边界所属体系", "Scheme of the border")),
    Field("other_scheme", "string", Title("被切体系", "Scheme that is cut")),
    Field(
        "grid_ids",
        "list",
        Title("边界两侧网格", "Grids beside the border"),
        meaning=Title("一个的为该体系外缘", "One alone at the rim of its scheme"),
    ),
    Field("cut_id", "string", Title("被切网格", "Grid that is cut")),
    Field(
        "length_m",
        "number",
        Title("长度", "Length"),
        unit="m",
        meaning=Title(
            "距另一体系各边界都超过细缝界限的部分",
            "Of what runs further than a sliver's width from every border of the other scheme",
        ),
    ),
    Field(
        "households",
        "integer",
        Title("被切网格户数", "Households of the grid that is cut"),
        unit="households",
    ),
)
MATCHES = (
    Field("match_id", "string", Title("编号", "Match")),
    Field("rank", "integer", Title("名次", "Rank"), meaning=Title("重合度最高者为1", "1 = overlaps most")),
    LEFT_SCHEME,
    Field("left_id", "string", Title("左方网格", "Left grid")),
    RIGHT_SCHEME,
    Field("right_id", "string", Title("右方网格", "Right grid")),
    IOU,
    Field("area_m2", "number", Title("共有面积", "Shared area"), unit="m²"),
    Field("households", "integer", Title("共有户数", "Shared households"), unit="households"),
    Field(
        "differing_m2",
        "number",
        Title("尚不一致的面积", "Area that still differs"),
        unit="m²",
        meaning=Title("只属于其中一个的面积", "In one of the two but not in both"),
    ),
    Field(
        "differing_households",
        "integer",
        Title("尚不一致的户数", "Households that still differ"),
        unit="households",
        meaning=Title("只属于其中一个的；人口点不足10人不公布", "In one only; not told below 10 people counted"),
    ),
)
IOU_BREAKS = (0.25, 0.5, 0.8, 0.95)
MATCH_BREAKS = (0.85, 0.9, 0.95, 0.99)
LENGTH_BREAKS = (50.0, 200.0, 500.0, 1_000.0)


def _correspondence(tables: Tables, parameters: Parameters) -> gpd.GeoDataFrame:
    grids = tables["grids"]

    def compared(left: gpd.GeoDataFrame, right: gpd.GeoDataFrame) -> gpd.GeoDataFrame:
        return correspondence(left, right, population=tables.get("population"), sliver_m=parameters.sliver_m)

    made = [compared(grids.iloc[:0], grids.iloc[:0]), *(compared(*pair) for pair in scheme_pairs(grids))]
    return declared(_together(made), CORRESPONDENCE)


def _conflicts(tables: Tables, parameters: Parameters) -> gpd.GeoDataFrame:
    grids = tables["grids"]

    def compared(left: gpd.GeoDataFrame, right: gpd.GeoDataFrame) -> gpd.GeoDataFrame:
        return conflicting_borders(left, right, population=tables.get("population"), sliver_m=parameters.sliver_m)

    made = [compared(grids.iloc[:0], grids.iloc[:0]), *(compared(*pair) for pair in scheme_pairs(grids))]
    return declared(longest_first(_together(made)), CONFLICTS)


def _matches(tables: Tables, parameters: Parameters) -> gpd.GeoDataFrame:
    grids, shared = tables["grids"], tables["scheme-correspondence"]

    def compared(left: gpd.GeoDataFrame, right: gpd.GeoDataFrame) -> gpd.GeoDataFrame:
        between = (shared["left_scheme"] == left["scheme"].min()) & (
            shared["right_scheme"] == right["scheme"].min()
        )
        return matches(
            shared[between], left, right, least=parameters.scheme_match, population=tables.get("population")
        )

    made = [compared(grids.iloc[:0], grids.iloc[:0]), *(compared(*pair) for pair in scheme_pairs(grids))]
    return declared(ranked(_together(made)), MATCHES)


def _trees(tables: Tables, parameters: Parameters) -> gpd.GeoDataFrame:
    divisions = tables["divisions"]

    def compared(left: gpd.GeoDataFrame, right: gpd.GeoDataFrame) -> gpd.GeoDataFrame:
        rows = correspondence(
            left, right, key="division_id", population=tables.get("population"), sliver_m=parameters.sliver_m
        )
        whose = {
            f"{side}_{name}": rows_of[name].min() if len(rows_of) else None
            for side, rows_of in (("left", left), ("right", right))
            for name in ("tree", "level")
        }
        return rows.assign(**whose)

    made = [compared(divisions.iloc[:0], divisions.iloc[:0])]
    made += [compared(*pair) for pair in tree_pairs(divisions, tables.get("grids"))]
    rows = _together(made)
    sides = [[f"{side}_{name}" for name in ("tree", "level", "id")] for side in ("left", "right")]
    return declared(rows.assign(pair_id=pair_ids(rows, *sides)), TREES)


def _together(made: list[gpd.GeoDataFrame]) -> gpd.GeoDataFrame:
    return gpd.GeoDataFrame(pd.concat(made, ignore_index=True), crs=made[0].crs)


LAYERS = (
    Layer(
        id="scheme-correspondence",
        title=Title("网格体系对应", "Schemes of grids, compared"),
        description=Title(
            "同一地面有几套网格时，每行一对共有地面的网格；只属于一套的地面也各成一行。",
            "Where several schemes of grids divide the same ground: one row a pair of grids that share ground, "
            "and one a grid with ground that only its own scheme holds.",
        ),
        needs=("grids",),
        optional=("population",),
        params=("sliver_m",),
        fields=CORRESPONDENCE,
        build=_correspondence,
        draw="area",
        measure="iou",
        good="high",
        breaks=lambda _: IOU_BREAKS,
        figures=correspondence_figures("scheme-correspondence", "scheme", "grids"),
    ),
    Layer(
        id="scheme-conflicts",
        title=Title("网格体系边界冲突", "Conflicting borders of schemes"),
        description=Title(
            "每行一段：一套网格的边界从另一套某个网格的内部穿过。",
            "One row a stretch: the border of one scheme runs through the inside of a grid of another.",
        ),
        needs=("grids",),
        optional=("population",),
        params=("sliver_m",),
        fields=CONFLICTS,
        build=_conflicts,
        draw="line",
        measure="length_m",
        good="low",
        breaks=lambda _: LENGTH_BREAKS,
        figures=conflict_figures,
    ),
    Layer(
        id="scheme-matches",
        title=Title("可合并的网格", "Grids that could be one"),
        description=Title(
            "每行两套网格中互为最佳对应、重合度达到要求的一对，最相合者在前；图形为两者之和。",
            "One row a pair of grids of two schemes that are each other's best match and overlap enough, best "
            "first; drawn is the ground of both.",
        ),
        needs=("grids", "scheme-correspondence"),
        optional=("population",),
        params=("scheme_match",),
        fields=MATCHES,
        build=_matches,
        draw="area",
        measure="iou",
        good="high",
        breaks=lambda _: MATCH_BREAKS,
        figures=match_figures,
    ),
    Layer(
        id="tree-correspondence",
        title=Title("区划体系对应", "Trees of divisions, compared"),
        description=Title(
            "行政、公安、党组织等几套区划同级相比，最低一级相比；每行一对共有地面的区划，只属于一套的地面也各成一行。",
            "Two trees of divisions compared level by level, and lowest with lowest: one row a pair of divisions "
            "that share ground, and one a division with ground that only its own tree holds.",
        ),
        needs=("divisions",),
        optional=("grids", "population"),
        params=("sliver_m",),
        fields=TREES,
        build=_trees,
        draw="area",
        measure="iou",
        good="high",
        breaks=lambda _: IOU_BREAKS,
        figures=correspondence_figures("tree-correspondence", "tree", "divisions"),
    ),
)
