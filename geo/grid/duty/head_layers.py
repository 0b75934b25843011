"""Which buildings and units have a head, grid by grid."""

from __future__ import annotations

import geopandas as gpd

from geo.grid.duty.heads import unit_heads
from geo.grid.fields import DIVISION_ID, GRID_ID, NAME, declared
from geo.layer import Field, Figure, Layer, Tables, Title, share
from geo.parameters import Parameters

HEADS = (
    GRID_ID,
    NAME,
    DIVISION_ID,
    Field(
        "units",
        "integer",
        Title("楼栋单元", "Buildings and units"),
        unit="units",
        meaning=Title("按其网格编码，未填则按位置", "By the grid that they name, else by place"),
    ),
    Field(
        "headed",
        "integer",
        Title("有负责人", "With a head"),
        unit="units",
        meaning=Title("当日有人负责", "Somebody is assigned to it on the day"),
    ),
    Field("share", "number", Title("有负责人的比例", "Share with a head"), unit="share"),
    Field(
        "unheaded_households",
        "integer",
        Title("无负责人的户数", "Households without a head"),
        unit="households",
        meaning=Title("不足10人不公布", "Missing where it would tell of fewer than 10 people"),
    ),
    Field("heads", "integer", Title("负责人数", "Heads"), unit="people"),
)


def _heads(tables: Tables, parameters: Parameters) -> gpd.GeoDataFrame:
    rows = unit_heads(
        tables["grids"].sort_values("grid_id"),
        tables["units"],
        tables["staff"],
        tables["assignments"],
        as_of=parameters.as_of,
    )
    return declared(rows, HEADS)


def _breaks(parameters: Parameters) -> tuple[float, ...]:  # noqa: ARG001 (Breaks)
    return (0.5, 0.8, 0.95)


def _figures(frame: gpd.GeoDataFrame, parameters: Parameters) -> tuple[Figure, ...]:  # noqa: ARG001 (Figures)
    told = frame["unheaded_households"].dropna()
    return (
        share(
            "unit-heads.headed",
            Title("有负责人的楼栋单元", "Buildings and units with a head"),
            int(frame["headed"].sum()),
            int(frame["units"].sum()),
            of="units",
            good="high",
        ),
        Figure(
            "unit-heads.unheaded_households",
            Title("无负责人的户数", "Households without a head"),
            int(told.sum()),
            "households",
            good="low",
            method=Title(
                "少于10人的网格不计，偏低", "Without grids where it would tell of fewer than 10 people: errs low"
            ),
        ),
    )


LAYERS = (
    Layer(
        id="unit-heads",
        title=Title("楼栋长单元长", "Heads of buildings and units"),
        description=Title(
            "每行一个网格：当日有负责人的楼栋、单元和中心户。",
            "One row a grid: its buildings, units and centre households that have a head on the day.",
        ),
        needs=("grids", "units", "staff", "assignments"),
        params=("as_of",),
        fields=HEADS,
        build=_heads,
        draw="area",
        measure="share",
        good="high",
        breaks=_breaks,
        figures=_figures,
    ),
)
