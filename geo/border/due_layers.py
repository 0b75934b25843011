"""The layer that says what must be visited next."""

from __future__ import annotations

from typing import Any

import geopandas as gpd

from geo.border import fields
from geo.border.due import DUE as DUE_STATE
from geo.border.due import LISTED, STRETCH, clock_of, due_list
from geo.border.idleness import observed_from, over
from geo.border.inputs import CREDITED, DAY, HOLDING, declared, held, moment
from geo.border.points import visited
from geo.border.points.fields import POINT_WORDS
from geo.border.seasons import rule_of
from geo.layer import Field, Figure, Layer, Tables, Title
from geo.parameters import Parameters

KIND_WORDS = {STRETCH: Title("边界区段", "Stretch of border"), **POINT_WORDS}
DUE = (
    Field("due_id", "string", Title("事项编号", "Due item")),
    Field("rank", "integer", Title("次序", "Rank"), meaning=Title("1为最急", "1 is the most urgent")),
    Field("post_id", "string", Title("派出所", "Post")),
    Field("kind", "string", Title("对象", "What"), values=KIND_WORDS),
    Field("name", "string", Title("名称", "Name")),
    Field(
        "state",
        "string",
        Title("状态", "State"),
        values={state: fields.STATE_WORDS[state] for state in LISTED},
        meaning=Title("尚未逾期、将在时限内到期的为到期", "What is not late yet, but falls due in time, is due"),
    ),
    Field(
        "due_at",
        "date-time",
        Title("到期时间", "Due at"),
        meaning=Title(
            "自此连续逾期，或将逾期的时刻；从未巡访的自有记录以来计；无任何记录时缺省",
            "Since when it has been late without a break, or when it will be; what was never visited counts from "
            "the first visit on record; missing where nothing is on record",
        ),
    ),
    Field(
        "late_days",
        "number",
        Title("逾期天数", "Days late"),
        unit="days",
        meaning=Title("负数为尚余时间", "Negative = time left"),
    ),
    fields.LAST_VISIT,
    fields.EVIDENCE_FIELD,
    fields.INTERVAL,
    Field("marker_from", "string", Title("起碑", "From marker")),
    Field("marker_to", "string", Title("止碑", "To marker")),
    fields.BORDER_ID,
    fields.START,
    fields.END,
    fields.LENGTH,
    Field(
        "guards",
        "integer",
        Title("护边人数", "Guards"),
        meaning=Title("这些管段的不同人数；点状对象缺省", "Different people of its segments; missing for points"),
    ),
    fields.SEGMENT_IDS,
    Field("target_id", "string", Title("对象编号", "Target")),
)


def _due_list(tables: Tables, parameters: Parameters) -> gpd.GeoDataFrame:
    rule, visits = rule_of(parameters), tables[CREDITED]
    asked, points = moment(parameters), visited.visited_points(tables, parameters)
    clock = clock_of(
        rule,
        observed_from(over(visits, asked)),
        asked,
        due_hours=parameters.due_hours,
        time_zone=parameters.time_zone,
    )
    rows = due_list(
        held(tables, parameters),
        visits,
        rule,
        clock,
        noise_m=parameters.noise_m,
        points=points,
        points_required=lambda day: visited.required_on(points, parameters, day),
    )
    return declared(rows, DUE)


def _due_figures(frame: gpd.GeoDataFrame, parameters: Parameters) -> tuple[Figure, ...]:
    late, stretch = frame["state"] != DUE_STATE, frame["kind"] == STRETCH
    ahead = Title(
        f"当日结束后{parameters.due_hours:g}小时内到期",
        f"Falls due within {parameters.due_hours:g} h of the end of the day",
    )

    def figure(name: str, title: Title, value: Any, unit: str, method: Title) -> Figure:
        return Figure(f"due-list.{name}", title, float(value), unit, good="low", method=method)

    by_now = Title("空闲时间超过当日要求的间隔", "Idle for longer than the interval required on the day")
    length = frame["length_m"] / 1000.0
    return (
        figure("late_km", Title("逾期的边界", "Border that is late"), length[stretch & late].sum(), "km", by_now),
        figure(
            "soon_km", Title("即将到期的边界", "Border that falls due"), length[stretch & ~late].sum(), "km", ahead
        ),
        figure(
            "late_points",
            Title("逾期的点和围栏", "Points and fences that are late"),
            (~stretch & late).sum(),
            "",
            by_now,
        ),
        figure(
            "soon_points",
            Title("即将到期的点和围栏", "Points and fences that fall due"),
            (~stretch & ~late).sum(),
            "",
            ahead,
        ),
    )


LAYERS = (
    Layer(
        id="due-list",
        title=Title("待巡清单", "Due list"),
        description=Title(
            "已逾期和即将到期的区段、界碑、嘎查村、服务点和围栏，最急者在前。一行为一项。",
            "Stretches, markers, villages, stops and fences that are late or fall due, most urgent first. "
            "A row is one.",
        ),
        needs=("border", "segments", CREDITED),
        optional=tuple(dict.fromkeys((*HOLDING, *visited.USED))),
        params=tuple(dict.fromkeys((*DAY, "time_zone", "due_hours", *visited.PARAMETERS))),
        fields=DUE,
        build=_due_list,
        draw="line",
        measure="state",
        figures=_due_figures,
    ),
)
