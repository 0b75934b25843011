"""Where a rule about people and places is broken."""

from __future__ import annotations

import geopandas as gpd

from geo.grid.duty.rules import rule_findings
from geo.grid.fields import DIVISION_ID, declared
from geo.layer import Field, Figure, Layer, Tables, Title
from geo.parameters import Parameters
from geo.tables.people import ROLES

EACH_WORDS = {
    "grids": Title("网格", "Grid"),
    "large_grids": Title("大网格", "Large grid"),
    "stations": Title("服务站", "Station"),
    "segments": Title("管段", "Segment"),
    "units": Title("楼栋单元", "Building or unit"),
    "posts": Title("哨所", "Post"),
}
ROLE_WORDS = dict(
    zip(
        ROLES,
        (
            Title("专职网格员", "Grid worker"),
            Title("包联干部", "Deputy"),
            Title("单元长", "Unit head"),
            Title("楼栋长", "Building head"),
            Title("服务小分队", "Squad"),
            Title("志愿者", "Volunteer"),
            Title("护边员", "Border guard"),
            Title("辅警", "Auxiliary police"),
            Title("联防队员", "Joint-defence member"),
        ),
        strict=True,
    )
)
STATE_WORDS = {"too_few": Title("人数不足", "Too few"), "too_many": Title("人数过多", "Too many")}
FINDINGS = (
    Field("finding_id", "string", Title("问题编号", "Finding")),
    Field(
        "rule",
        "string",
        Title("规则", "Rule"),
        meaning=Title("对象[类型] 岗位 最少..最多", "Places[kind] role least..most"),
    ),
    Field("each", "string", Title("对象", "Places"), values=EACH_WORDS),
    Field("role", "string", Title("岗位", "Role"), values=ROLE_WORDS),
    Field("target_id", "string", Title("对象编号", "Place")),
    DIVISION_ID,
    Field(
        "count",
        "integer",
        Title("人数", "People"),
        meaning=Title(
            "当日在此处任此岗位的不同人数；哨所为驻地在此的人",
            "Different people in that role there on the day; of a post those based there",
        ),
    ),
    Field("least", "integer", Title("最少", "Least")),
    Field("most", "integer", Title("最多", "Most")),
    Field("state", "string", Title("情况", "State"), values=STATE_WORDS),
)
BROKEN = Title("每条规则每处一项", "One for each rule and place")


def _findings(tables: Tables, parameters: Parameters) -> gpd.GeoDataFrame:
    return declared(rule_findings(parameters.rules, tables, as_of=parameters.as_of), FINDINGS)


def _figures(frame: gpd.GeoDataFrame, parameters: Parameters) -> tuple[Figure, ...]:  # noqa: ARG001 (Figures)
    titles = {
        "too_few": Title("人数不足的地方", "Places with too few people"),
        "too_many": Title("人数过多的地方", "Places with too many people"),
    }
    return tuple(
        Figure(
            f"rule-findings.{state}",
            title,
            int((frame["state"] == state).sum()),
            "findings",
            method=BROKEN,
            good="low",
        )
        for state, title in titles.items()
    )


LAYERS = (
    Layer(
        id="rule-findings",
        title=Title("配备规则问题", "Rules about people that are broken"),
        description=Title(
            "每行一条规则和一处不合规则的网格、大网格、服务站、管段、楼栋单元或哨所。",
            "One row a rule and a grid, large grid, station, segment, building, unit or post that breaks it.",
        ),
        needs=("staff", "assignments"),
        optional=("grids", "stations", "segments", "border-segments", "units", "posts", "divisions"),
        params=("as_of", "rules"),
        fields=FINDINGS,
        build=_findings,
        draw="point",
        measure="state",
        figures=_figures,
    ),
)
