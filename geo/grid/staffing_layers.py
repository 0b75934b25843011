"""Is every grid staffed? Workers needed and there, and the roles that must be filled."""

from __future__ import annotations

import geopandas as gpd
import pandas as pd

from geo.grid.fields import DIVISION_ID, GRID_ID, GRID_KIND, NAME, declared
from geo.grid.staffing import parts_of, staffing, workers_of
from geo.layer import Field, Figure, Layer, Tables, Title, share
from geo.parameters import Parameters

STATUS_WORDS = {
    "vacant": Title("空岗", "Vacant"),
    "short": Title("不足", "Short"),
    "met": Title("满足", "Met"),
    "surplus": Title("富余", "Surplus"),
    "not_needed": Title("无需配备", "Not needed"),
}
STAFFING = (
    GRID_ID,
    NAME,
    DIVISION_ID,
    GRID_KIND,
    Field(
        "households",
        "integer",
        Title("户数", "Households"),
        unit="households",
        meaning=Title(
            "有人口表则汇总，否则用网格自报，大网格未填则小网格合计；不足10人不公布",
            "From the population table where it has them, else the grid's own, of a large grid that says none "
            "its small ones'; not told below 10 people",
        ),
    ),
    Field("need", "integer", Title("应配", "Needed"), unit="FTE"),
    Field(
        "workers",
        "number",
        Title("在岗（折合全职）", "Workers"),
        unit="FTE",
        meaning=Title(
            "当日有效的全职岗位；一人多格按格数均分或按填报份额；大网格配人时小网格的计入其大网格",
            "Full-time roles valid on the day; a person on n grids gives each 1/n, or the share stated; where "
            "large grids are staffed, what is given to small ones counts for them",
        ),
    ),
    Field("deficit", "number", Title("缺额", "Deficit"), unit="FTE"),
    Field("surplus", "number", Title("富余", "Surplus"), unit="FTE"),
    Field("load", "number", Title("每名网格员户数", "Households per worker"), unit="households"),
    Field("status", "string", Title("配备情况", "Status"), values=STATUS_WORDS),
    Field("roles_missing", "list", Title("缺少的岗位", "Roles missing")),
    Field("complete", "boolean", Title("岗位齐全", "Roles complete")),
    Field(
        "staff",
        "integer",
        Title("在岗人数", "People on duty"),
        unit="people",
        meaning=Title(
            "当日对本网格有责任的不同人数，不论岗位",
            "Different people with an assignment to it on the day, in any role",
        ),
    ),
)
CAPPED = Title(
    "每格按应配数封顶，富余不能抵消空岗",
    "Capped at each grid's need, so that surplus in one cannot hide a vacancy in another",
)
WITH_NEED = Title("只计应配人数大于零的网格", "Of the grids that need anybody")


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
        which=parameters.staffed_grids,
    )
    return declared(rows, STAFFING)


def _staffing_figures(frame: gpd.GeoDataFrame, parameters: Parameters) -> tuple[Figure, ...]:
    needing = frame[frame["need"] > 0]
    told = frame[frame["households"].notna()]
    households, workers = int(told["households"].sum()), _sum(told["workers"])
    ruled = frame[frame["kind"].isin(list(parameters.roles))]
    return (
        share(
            "grid-staffing.coverage",
            Title("人员配备率", "Staffing coverage"),
            float(frame["need"].sum()) - _sum(frame["deficit"]),
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
            round(_sum(frame["deficit"]), 2),
            "FTE",
            good="low",
        ),
        Figure(
            "grid-staffing.surplus",
            Title("人员富余", "Workers beyond need"),
            round(_sum(frame["surplus"]), 2),
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


def _sum(workers: pd.Series) -> float:
    return float(workers_of(parts_of(workers).sum()))


LAYERS = (
    Layer(
        id="grid-staffing",
        title=Title("网格配备", "Grid staffing"),
        description=Title(
            "每行一个主体系的小网格（或按设定为大网格）：当日应配与在岗人员、每名网格员户数、缺少的岗位。",
            "One row a small grid of the main scheme (or a large one, where the workspace staffs these): workers "
            "needed and there on the day, households per worker, roles missing.",
        ),
        needs=("grids", "staff", "assignments"),
        optional=("population",),
        params=("as_of", "households_per_worker", "workers_min", "roles", "staffed_grids"),
        fields=STAFFING,
        build=_staffing,
        draw="area",
        measure="status",
        figures=_staffing_figures,
    ),
)
