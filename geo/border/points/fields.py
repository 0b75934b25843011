"""The columns of what is to be visited, fences and defects, and the words for their codes."""

from __future__ import annotations

from geo.border import fields
from geo.border.points.fences import CONDITIONS, MENDED, OPEN
from geo.border.points.visited import KINDS
from geo.layer import Field, Title
from geo.tables.frontier import DEFECT_KINDS, FENCE_KINDS, SEVERITIES

POINT_WORDS = dict(
    zip(
        KINDS,
        (
            Title("界碑", "Marker"),
            Title("嘎查村", "Village"),
            Title("停靠点", "Stop of a mobile service"),
            Title("水井", "Well"),
            Title("卡点", "Checkpoint"),
            Title("围栏", "Fence"),
        ),
        strict=True,
    )
)
CONDITION_WORDS = dict(
    zip(
        CONDITIONS,
        (
            Title("完好", "Good"),
            Title("老化", "Worn"),
            Title("状况不明", "Not known"),
            Title("破损", "Broken"),
            Title("缺失", "Missing"),
            Title("无围栏", "No fence"),
        ),
        strict=True,
    )
)
FENCE_WORDS = dict(
    zip(
        FENCE_KINDS,
        (
            Title("刺丝围栏", "Barbed wire"),
            Title("网围栏", "Wire mesh"),
            Title("围墙", "Wall"),
            Title("壕沟", "Ditch"),
            Title("其他", "Other"),
        ),
        strict=True,
    )
)
DEFECT_WORDS = dict(
    zip(
        DEFECT_KINDS,
        (
            Title("断丝", "Wire broken"),
            Title("立柱损坏", "Post down"),
            Title("门损坏", "Gate broken"),
            Title("缺口", "Gap"),
            Title("冲毁", "Washed out"),
            Title("界碑污损", "Marker dirty or faded"),
            Title("界碑损坏", "Marker damaged"),
            Title("其他", "Other"),
        ),
        strict=True,
    )
)
SEVERITY_WORDS = dict(
    zip(SEVERITIES, (Title("轻微", "Minor"), Title("较重", "Major"), Title("严重", "Severe")), strict=True)
)
DEFECT_STATE_WORDS = {OPEN: Title("未修复", "Open"), MENDED: Title("已修复", "Mended")}
PLACE_WORDS = {kind: fields.KIND_WORDS[kind] for kind in ("bad_interval", "out_of_range")}

OWN_STATE = Field(
    "state",
    "string",
    fields.STATE.title,
    values={code: words for code, words in fields.STATE_WORDS.items() if code != "unassigned"},
    meaning=Title("没有间隔的不评定", "Without a required interval it is not judged"),
)
OWN_INTERVAL = Field(
    "interval_days",
    "number",
    Title("走访间隔", "Required interval"),
    unit="days",
    meaning=Title(
        "当季对该类的规定，否则自身的，否则该类的；缺省为不要求",
        "That of a season for its kind, else its own, else its kind's; missing = it is never due",
    ),
)
IDLE_DAYS = Field(
    "idle_days",
    "number",
    fields.IDLE_DAYS.title,
    unit="days",
    meaning=Title(
        "从未走访的自有记录以来计，至少如此",
        "What was never visited counts from the first visit on record, at least so long",
    ),
)
PLACE_FAULT = Field("fault", "string", Title("位置问题", "Problem of its place"), values=PLACE_WORDS)

VISITED = (
    Field("point_id", "string", Title("编号", "Id")),
    Field("kind", "string", Title("类型", "Kind"), values=POINT_WORDS),
    Field("target_id", "string", Title("对象编号", "Target")),
    Field("name", "string", Title("名称", "Name")),
    fields.BORDER_ID,
    Field(
        "measure_m",
        "number",
        Title("里程", "Measure"),
        unit="m",
        meaning=Title("边界线上离它最近处的里程", "Of the place on the line that is nearest to it"),
    ),
    Field("offset_m", "number", Title("偏离", "Off the line"), unit="m"),
    fields.SEGMENT_IDS,
    fields.POST_ID,
    OWN_STATE,
    Field("last_visit", "date-time", Title("最近走访", "Last visit")),
    IDLE_DAYS,
    OWN_INTERVAL,
    fields.EVIDENCE_FIELD,
    Field("mobile_timetable", "string", Title("停靠时间", "Timetable")),
    fields.SYNTHETIC,
)
SPANS = (
    Field("fence_id", "string", Title("围栏编号", "Fence")),
    Field("kind", "string", Title("围栏类型", "Kind of fence"), values=FENCE_WORDS),
    Field(
        "condition",
        "string",
        Title("围栏状况", "Condition"),
        values={code: words for code, words in CONDITION_WORDS.items() if code != "none"},
    ),
    Field("built_on", "date", Title("修建日期", "Built on")),
    fields.BORDER_ID,
    fields.START,
    fields.END,
    fields.LENGTH,
    fields.SEGMENT_IDS,
    fields.POST_ID,
    OWN_STATE,
    fields.LAST_VISIT,
    IDLE_DAYS,
    OWN_INTERVAL,
    fields.EVIDENCE_FIELD,
    Field("open_defects", "integer", Title("未修复缺陷", "Open defects"), unit="defects"),
    Field("oldest_defect_days", "number", Title("最久未修复", "Oldest open defect"), unit="days"),
    PLACE_FAULT,
    fields.SYNTHETIC,
)
ALONG = (
    Field("stretch_id", "string", Title("区段编号", "Stretch")),
    fields.BORDER_ID,
    fields.START,
    fields.END,
    fields.LENGTH,
    Field(
        "condition",
        "string",
        Title("围栏状况", "Condition of the fence"),
        values=CONDITION_WORDS,
        meaning=Title("多道围栏重叠处取最好的一道", "Where fences overlap, that of the best one"),
    ),
    Field("fence_ids", "list", Title("围栏", "Fences")),
    fields.SEGMENT_IDS,
    Field("post_ids", "list", Title("相关派出所", "Posts concerned")),
    Field("open_defects", "integer", Title("未修复缺陷", "Open defects"), unit="defects"),
)
DEFECTS = (
    Field("defect_id", "string", Title("缺陷编号", "Defect")),
    Field("kind", "string", Title("缺陷类型", "Kind"), values=DEFECT_WORDS),
    Field("severity", "string", Title("严重程度", "Severity"), values=SEVERITY_WORDS),
    Field("state", "string", Title("状态", "State"), values=DEFECT_STATE_WORDS),
    Field("found_at", "date-time", Title("发现时间", "Found")),
    Field("mended_at", "date-time", Title("修复时间", "Mended")),
    Field(
        "days_open",
        "number",
        Title("未修复天数", "Days open"),
        unit="days",
        meaning=Title("自发现到修复，未修复的到当日为止", "From found to mended, or to the day where it is open"),
    ),
    fields.BORDER_ID,
    fields.START,
    fields.END,
    fields.LENGTH,
    Field("fence_ids", "list", Title("围栏", "Fences")),
    fields.SEGMENT_IDS,
    fields.POST_ID,
    Field("marker_from", "string", Title("起碑", "From marker")),
    Field("marker_to", "string", Title("止碑", "To marker")),
    PLACE_FAULT,
    fields.SYNTHETIC,
)
