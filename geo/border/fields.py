"""The columns of the border's layers, and the words for their codes."""

from __future__ import annotations

from geo.border.idleness import EVIDENCE, STATES
from geo.border.mandates import REASONS
from geo.border.parts import ORDERS
from geo.layer import Field, Title
from geo.tables.frontier import LINE_KINDS, MODES, POST_KINDS

STATE_WORDS = dict(
    zip(
        STATES,
        (
            Title("正常", "OK"),
            Title("到期", "Due"),
            Title("逾期", "Overdue"),
            Title("严重逾期", "Critical"),
            Title("从未巡访", "Never visited"),
            Title("无人负责", "Unassigned"),
        ),
        strict=True,
    )
)
EVIDENCE_WORDS = dict(
    zip(
        EVIDENCE,
        (Title("轨迹", "GPS track"), Title("扫码", "Code scanned"), Title("申报", "Declared")),
        strict=True,
    )
)
KIND_WORDS = {
    "unassigned": Title("无人负责", "Unassigned"),
    "no_segment": Title("未划管段", "In no segment"),
    "overlap": Title("重复负责", "Assigned twice"),
    "joint": Title("联合负责", "Held jointly"),
    "overlong": Title("管段过长", "Too long for its guards"),
    "marker_unheld": Title("界碑无管段", "Marker in no segment"),
    "marker_shared": Title("界碑在两段内", "Marker inside two segments"),
    "bad_interval": Title("起止有误", "Wrong interval"),
    "out_of_range": Title("超出边界线", "Beyond the border"),
    "length_mismatch": Title("申报长度不符", "Declared length off"),
    "assignment_lost": Title("责任落空", "Assignment that holds nothing"),
    "patrol_line_far": Title("巡逻路不在管段旁", "Patrol line not beside its segment"),
    "part_gap": Title("分段之间断开", "Gap between parts of the line"),
    "part_turned": Title("分段方向相反", "Part drawn against its neighbours"),
    "part_duplicate": Title("分段重复", "Part given twice"),
}
REASON_WORDS = dict(
    zip(
        REASONS,
        (
            Title("有效期颠倒", "Ends before it begins"),
            Title("人员不在名单", "Person not on the staff list"),
            Title("管段不存在", "No such segment"),
            Title("里程有误", "Wrong interval"),
            Title("超出边界线", "Partly beyond the border"),
        ),
        strict=True,
    )
)
SEVERITY_WORDS = {
    "fail": Title("不合格", "Fail"),
    "warning": Title("警告", "Warning"),
    "info": Title("提示", "Note"),
}
MODE_WORDS = dict(
    zip(
        MODES,
        (
            Title("步行", "On foot"),
            Title("骑马", "On horse"),
            Title("汽车", "Vehicle"),
            Title("摩托车", "Motorcycle"),
        ),
        strict=True,
    )
)
POST_WORDS = dict(
    zip(
        POST_KINDS,
        (
            Title("边境派出所", "Border police station"),
            Title("戍边警务室", "Border police room"),
            Title("蒙古包哨所", "Yurt sentry post"),
            Title("草原110", "Grassland 110"),
            Title("党员中心户", "Herder centre household"),
        ),
        strict=True,
    )
)
LINE_WORDS = dict(
    zip(LINE_KINDS, (Title("陆地", "Land"), Title("河流", "River"), Title("湖泊", "Lake")), strict=True)
)

GEODESIC = "geodesic"  # how lengths of the border are measured

BORDER_ID = Field("border_id", "string", Title("边界", "Border"))
START = Field(
    "start_m",
    "number",
    Title("起点里程", "From"),
    unit="m",
    meaning=Title("沿边界线自起点起的椭球面距离", "Distance along the border from its start, on the ellipsoid"),
)
END = Field("end_m", "number", Title("止点里程", "To"), unit="m")
LENGTH = Field("length_m", "number", Title("长度", "Length"), unit="m")
LENGTH_DECLARED = Field("length_declared_m", "number", Title("申报长度", "Declared length"), unit="m")
SEGMENT_IDS = Field("segment_ids", "list", Title("管段", "Segments"))
POST_ID = Field("post_id", "string", Title("派出所", "Post"))
SYNTHETIC = Field("synthetic", "boolean", Title("模拟数据", "Synthetic"))
KIND = Field(
    "kind",
    "string",
    Title("类型", "Kind"),
    values=LINE_WORDS,
    meaning=Title("管段大部分所在的边界类型", "What most of it runs on"),
)
ACCESSIBLE = Field(
    "accessible",
    "boolean",
    Title("可到达", "Accessible"),
    meaning=Title("到不了的不计入逾期和巡访比例", "Shares of visits leave out where nobody can get to"),
)
STATE = Field("state", "string", Title("状态", "State"), values=STATE_WORDS)
INTERVAL = Field("interval_days", "number", Title("巡访间隔", "Required interval"), unit="days")
LAST_VISIT = Field(
    "last_visit",
    "date-time",
    Title("最近巡访", "Last visit"),
    meaning=Title("其中最久未巡访处的最近一次巡访", "Last credited visit to its stalest metre"),
)
IDLE_DAYS = Field(
    "idle_days",
    "number",
    Title("未巡访天数", "Days since"),
    unit="days",
    meaning=Title(
        "最久未巡访处的天数；从未巡访的自有记录以来计，至少如此",
        "At its stalest metre; what was never visited counts from the first visit on record, at least so long",
    ),
)
EVIDENCE_FIELD = Field("evidence", "string", Title("依据", "Evidence"), values=EVIDENCE_WORDS)

BORDER = (
    Field("part_id", "string", Title("分段编号", "Part id")),
    BORDER_ID,
    Field("part", "string", Title("分段", "Part")),
    Field("sequence", "integer", Title("序号", "Sequence")),
    Field("neighbour", "string", Title("邻国", "Neighbour")),
    Field("kind", "string", Title("类型", "Kind"), values=LINE_WORDS),
    ACCESSIBLE,
    START,
    END,
    LENGTH,
    Field("source", "string", Title("来源", "Source")),
    Field(
        "length_method",
        "string",
        Title("量算方法", "Method of length"),
        values={
            GEODESIC: Title("WGS 84椭球面上逐点累计", "Along the WGS 84 ellipsoid, vertex to vertex"),
        },
    ),
    LENGTH_DECLARED,
    Field(
        "length_off",
        "number",
        Title("申报长度偏差", "Declared length off by"),
        unit="share",
        meaning=Title("（申报－量算）÷量算", "(declared − measured) ÷ measured"),
    ),
    Field(
        "ordered_by",
        "string",
        Title("排序依据", "Ordered by"),
        values=dict(
            zip(ORDERS, (Title("给定序号", "Sequence given"), Title("端点相接", "Nearest ends")), strict=True)
        ),
    ),
    Field(
        "turned",
        "boolean",
        Title("已反向", "Turned round"),
        meaning=Title("原文件中反向绘制", "Drawn the other way in the file"),
    ),
)
SEGMENTS = (
    Field("segment_id", "string", Title("管段号", "Segment")),
    BORDER_ID,
    START,
    END,
    LENGTH,
    LENGTH_DECLARED,
    Field("accessible_m", "number", Title("可到达长度", "Accessible length"), unit="m"),
    KIND,
    POST_ID,
    Field(
        "guards",
        "integer",
        Title("护边人数", "Guards"),
        meaning=Title("当日有效责任的不同人数", "Different people with an assignment valid on the day"),
    ),
    Field("staff_ids", "list", Title("人员编号", "Staff")),
    Field("roles", "list", Title("岗位", "Roles"), meaning=Title("其护边人员的岗位", "What its guards are")),
    Field("mode", "string", Title("方式", "Mode"), values=MODE_WORDS),
    INTERVAL,
    Field(
        "allowed_m",
        "number",
        Title("可负担长度", "Length they can keep"),
        unit="m",
        meaning=Title(
            "人数×间隔×速度×每日小时÷2（往返）；无人时缺省",
            "Guards × interval × speed × hours a day ÷ 2 (there and back); missing where nobody is",
        ),
    ),
    Field("overlong", "boolean", Title("过长", "Too long")),
    Field(
        "assigned",
        "boolean",
        Title("有人负责", "Assigned"),
        meaning=Title("全段每一米都有人负责", "Somebody holds each of its metres"),
    ),
    STATE,
    LAST_VISIT,
    IDLE_DAYS,
    EVIDENCE_FIELD,
    Field("covered_km", "number", Title("间隔内已巡访", "Visited within its interval"), unit="km"),
)
FINDINGS = (
    Field("finding_id", "string", Title("问题编号", "Finding")),
    Field("kind", "string", Title("问题", "Problem"), values=KIND_WORDS),
    Field("severity", "string", Title("程度", "Severity"), values=SEVERITY_WORDS),
    BORDER_ID,
    START,
    END,
    Field(
        "length_m",
        "number",
        Title("长度", "Length"),
        unit="m",
        meaning=Title("分段断开处为断口的直线长度", "Of a gap between parts: straight across it"),
    ),
    SEGMENT_IDS,
    Field("post_ids", "list", Title("相关派出所", "Posts concerned")),
    Field(
        "staff_ids",
        "list",
        Title("相关人员", "People concerned"),
        meaning=Title("当日负责其中任一米的人", "Whoever holds any metre of it on the day"),
    ),
    Field("marker_from", "string", Title("起碑", "From marker")),
    Field("marker_to", "string", Title("止碑", "To marker")),
    Field(
        "segment_before",
        "string",
        Title("前邻管段", "Segment before"),
        meaning=Title("紧邻其前的管段，无则为最近的", "Holds the metre before it, else the nearest before that"),
    ),
    Field("segment_after", "string", Title("后邻管段", "Segment after")),
    Field("post_before", "string", Title("前邻派出所", "Post before")),
    Field("post_after", "string", Title("后邻派出所", "Post after")),
    Field("part_ids", "list", Title("边界分段", "Parts of the line")),
    Field("assignment_id", "string", Title("责任编号", "Assignment")),
    Field("reason", "string", Title("原因", "Reason"), values=REASON_WORDS),
)
STATUS = (
    Field("stretch_id", "string", Title("区段编号", "Stretch")),
    BORDER_ID,
    START,
    END,
    LENGTH,
    SEGMENT_IDS,
    POST_ID,
    ACCESSIBLE,
    STATE,
    LAST_VISIT,
    IDLE_DAYS,
    INTERVAL,
    EVIDENCE_FIELD,
)
MARKERS = (
    Field("marker_id", "string", Title("界碑编号", "Marker")),
    Field("number", "string", Title("界碑号", "Number")),
    BORDER_ID,
    Field("measure_m", "number", Title("里程", "Measure"), unit="m", meaning=START.meaning),
    Field(
        "offset_m",
        "number",
        Title("偏离", "Off the line"),
        unit="m",
        meaning=Title("界碑到边界线上该里程处的距离", "Distance from the marker to its place on the line"),
    ),
    SEGMENT_IDS,
)
POSTS = (
    Field("post_id", "string", Title("编号", "Post")),
    Field("name", "string", Title("名称", "Name")),
    Field("kind", "string", Title("类型", "Kind"), values=POST_WORDS),
    Field("division_id", "string", Title("所属区划", "Division")),
    Field("segments", "integer", Title("管段数", "Segments")),
    Field("length_m", "number", Title("管段总长", "Length held"), unit="m"),
    SYNTHETIC,
)
VISITS = (
    Field("visit_id", "string", Title("记录编号", "Visit")),
    Field("patrol_id", "string", Title("巡逻编号", "Patrol")),
    BORDER_ID,
    START,
    END,
    Field("start_time", "date-time", Title("开始", "Began")),
    Field("end_time", "date-time", Title("结束", "Ended")),
    EVIDENCE_FIELD,
    Field("staff_id", "string", Title("人员编号", "Staff")),
    POST_ID,
    Field("joint", "boolean", Title("联合", "Joint")),
    Field("target_type", "string", Title("对象类型", "Kind of target")),
    Field("target_id", "string", Title("对象编号", "Target")),
    Field("time", "date-time", Title("时间", "Time")),
    SYNTHETIC,
)
