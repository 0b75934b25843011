"""The border: its line, markers, segments, fences, posts, what is to be visited, patrols, and what these were
credited with."""

from __future__ import annotations

from geo.tables.contract import Column, Table
from geo.tables.ground import SYNTHETIC

MODES = ("foot", "horse", "vehicle", "motorcycle")
LINE_KINDS = ("land", "river", "lake")
EVIDENCE = ("gps", "scan", "declared")
TARGET_KINDS = ("village", "stop", "well", "checkpoint")
CONDITIONS = ("good", "worn", "broken", "missing")  # best first
FENCE_KINDS = ("barbed_wire", "mesh", "wall", "ditch", "other")
DEFECT_KINDS = (
    "wire",
    "post",
    "gate",
    "gap",
    "washed_out",
    "marker_dirty",
    "marker_damaged",
    "other",
)
SEVERITIES = ("minor", "major", "severe")
POST_KINDS = ("police_station", "police_room", "yurt", "point110", "herder_centre")

BORDER = Table(
    "border",
    "边界线",
    "Border",
    (
        Column("border_id", required=True, zh=("边界编号", "边界")),
        Column("part", required=True, zh=("分段",)),
        Column("sequence", "count", zh=("序号",)),
        Column("neighbour", zh=("邻国",)),
        Column("kind", values=LINE_KINDS, default="land", zh=("类型",)),
        Column("accessible", "bool", default=True, zh=("可到达",)),
        Column("source", zh=("来源",)),
        Column("length_declared_m", "float", minimum=0, zh=("申报长度",)),
        SYNTHETIC,
    ),
    shapes=("LineString",),
    key_unique=False,
)

MARKERS = Table(
    "markers",
    "界碑",
    "Markers",
    (
        Column("marker_id", required=True, zh=("界碑编号",)),
        Column("number", required=True, zh=("界碑号",)),
        Column("border_id", zh=("边界编号", "边界")),
        Column("measure_m", "float", minimum=0, zh=("里程",)),
        Column("interval_days", "float", minimum=0, zh=("巡逻间隔",)),
        SYNTHETIC,
    ),
    shapes=("Point",),
    geometry_required=False,
)

SEGMENTS = Table(
    "segments",
    "管段",
    "Segments",
    (
        Column("segment_id", required=True, zh=("管段号", "管段编号")),
        Column("border_id", zh=("边界编号", "边界")),
        Column("start_m", "float", minimum=0, zh=("起", "起点里程")),
        Column("end_m", "float", minimum=0, zh=("止", "止点里程")),
        Column("start_marker", zh=("起碑",)),
        Column("end_marker", zh=("止碑",)),
        Column("post_id", zh=("派出所",)),
        Column("length_declared_m", "float", minimum=0, zh=("长度",)),
        Column("interval_days", "float", minimum=0, zh=("巡逻间隔",)),
        Column("class", zh=("等级",)),
        Column("mode", values=MODES, default="foot", zh=("方式",)),
        Column("speed_kmh", "float", minimum=0, zh=("速度",)),
        Column("hours_per_day", "float", minimum=0, maximum=24, zh=("每日小时",)),
        Column("patrol_line", "wkb", zh=("巡逻路",)),
        Column("accessible", "bool", default=True, zh=("可到达",)),
        Column("joint", "bool", default=False, zh=("联合",)),
        SYNTHETIC,
    ),
    shapes=("LineString",),
    geometry_required=False,
)

FENCES = Table(
    "fences",
    "围栏",
    "Fences",
    (
        Column("fence_id", required=True, zh=("围栏编号", "围栏号")),
        Column("border_id", zh=("边界编号", "边界")),
        Column("start_m", "float", minimum=0, zh=("起点里程", "起")),
        Column("end_m", "float", minimum=0, zh=("止点里程", "止")),
        Column("start_marker", zh=("起碑",)),
        Column("end_marker", zh=("止碑",)),
        Column("post_id", zh=("派出所", "派出所编号")),
        Column("condition", values=CONDITIONS, zh=("完好情况", "围栏状况", "状况")),
        Column("kind", values=FENCE_KINDS, zh=("围栏类型", "类型")),
        Column("built_on", "date", zh=("修建日期", "建成日期")),
        Column("interval_days", "float", minimum=0, zh=("巡查间隔", "巡逻间隔")),
        SYNTHETIC,
    ),
    shapes=("LineString",),
    geometry_required=False,
)

DEFECTS = Table(
    "defects",
    "缺陷",
    "Defects",
    (
        Column("defect_id", required=True, zh=("缺陷编号",)),
        Column("border_id", zh=("边界编号", "边界")),
        Column("start_m", "float", minimum=0, zh=("起点里程", "里程")),
        Column("end_m", "float", minimum=0, zh=("止点里程",)),
        Column("marker", zh=("界碑号", "界碑")),
        Column("kind", required=True, values=DEFECT_KINDS, zh=("缺陷类型", "缺陷", "类型")),
        Column("severity", values=SEVERITIES, zh=("严重程度", "程度")),
        Column("found_at", "datetime", required=True, zh=("发现时间", "发现日期")),
        Column("mended_at", "datetime", zh=("修复时间", "修复日期")),
        Column("patrol_id", zh=("巡逻编号",)),
        SYNTHETIC,
    ),
    shapes=("Point",),
    geometry_required=False,
)

TARGETS = Table(
    "targets",
    "走访对象",
    "Targets to be visited",
    (
        Column("target_id", required=True, zh=("对象编号", "走访对象编号")),
        Column("kind", required=True, values=TARGET_KINDS, zh=("对象类型", "类型")),
        Column("name", zh=("名称", "对象名称")),
        Column("border_id", zh=("边界编号", "边界")),
        Column("post_id", zh=("派出所", "派出所编号")),
        Column("division_id", zh=("所属区划",)),
        Column("interval_days", "float", minimum=0, zh=("走访间隔", "巡逻间隔")),
        Column("mobile_timetable", zh=("停靠时间",)),
        SYNTHETIC,
    ),
    shapes=("Point",),
)

POSTS = Table(
    "posts",
    "哨所",
    "Posts",
    (
        Column("post_id", required=True, zh=("派出所编号", "编号")),
        Column("kind", required=True, values=POST_KINDS, zh=("派出所", "警务室", "类型")),
        Column("name", zh=("名称",)),
        Column("division_id", zh=("所属区划",)),
        Column("opening_hours", zh=("开放时间",)),
        Column("mode", values=MODES, zh=("方式",)),
        Column("readiness_minutes", "float", minimum=0, default=0.0, zh=("准备分钟",)),
        SYNTHETIC,
    ),
    shapes=("Point",),
)

PATROLS = Table(
    "patrols",
    "巡逻",
    "Patrols",
    (
        Column("patrol_id", required=True, zh=("巡逻编号",)),
        Column("evidence", required=True, values=EVIDENCE, zh=("依据",)),
        Column("staff_id", zh=("人员编号",)),
        Column("team_id", zh=("队伍编号",)),
        Column("post_id", zh=("派出所编号",)),
        Column("start_time", "datetime", required=True, zh=("开始", "开始时间")),
        Column("end_time", "datetime", required=True, zh=("结束时间", "结束")),
        Column("border_id", zh=("边界编号", "边界")),
        Column("start_marker", zh=("起碑",)),
        Column("end_marker", zh=("止碑",)),
        Column("mode", values=MODES, default="foot", zh=("方式",)),
        SYNTHETIC,
    ),
)

TRACKS = Table(
    "tracks",
    "轨迹",
    "Tracks",
    (
        Column("patrol_id", required=True, zh=("巡逻编号", "巡逻名称", "patrol_name", "track_name")),
        Column("time", "datetime", required=True, zh=("时间", "定位时间", "采集时间", "fixtime", "timestamp")),
        Column("sequence", "count", zh=("序号",)),
    ),
    shapes=("Point",),
    geometry_required=False,
    key_unique=False,
    published=False,
)

VISITS = Table(
    "visits",
    "巡访记录",
    "Visits",
    (
        Column("visit_id", required=True, zh=("记录编号",)),
        Column("patrol_id", zh=("巡逻编号",)),
        Column("border_id", zh=("边界编号", "边界")),
        Column("start_m", "float", minimum=0, zh=("起点里程",)),
        Column("end_m", "float", minimum=0, zh=("止点里程",)),
        Column("start_time", "datetime", zh=("开始时间",)),
        Column("end_time", "datetime", zh=("结束时间",)),
        Column("evidence", required=True, values=EVIDENCE, zh=("依据",)),
        Column("staff_id", zh=("人员编号",)),
        Column("post_id", zh=("派出所编号",)),
        Column("joint", "bool", default=False, zh=("联合",)),
        Column("target_type", values=("marker", "fence", *TARGET_KINDS), zh=("对象类型",)),
        Column("target_id", zh=("对象编号",)),
        Column("time", "datetime", zh=("时间",)),
        SYNTHETIC,
    ),
)

TABLES = (BORDER, MARKERS, SEGMENTS, FENCES, DEFECTS, TARGETS, POSTS, PATROLS, TRACKS, VISITS)
