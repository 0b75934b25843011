"""Who covers ground and how many live on it: staff, assignments, units, population. Never a person's name."""

from __future__ import annotations

from geo.tables.contract import Column, Table
from geo.tables.ground import SYNTHETIC, VALID

ROLES = (
    "grid_worker",
    "deputy",
    "unit_head",
    "building_head",
    "squad",
    "volunteer",
    "border_guard",
    "auxiliary_police",
    "joint_defence",
)
FULL_TIME_ROLES = ("grid_worker", "border_guard", "auxiliary_police")

STAFF = Table(
    "staff",
    "人员",
    "Staff",
    (
        Column("staff_id", required=True, zh=("编号", "工号", "人员编号")),
        Column("role", required=True, values=ROLES, zh=("岗位", "职务")),
        Column("fte", "float", minimum=0, maximum=1, zh=("专兼职", "折合全职")),
        Column("post_id", zh=("所属派出所",)),
        Column("division_id", zh=("所属社区", "所属区划")),
        SYNTHETIC,
    ),
)

ASSIGNMENTS = Table(
    "assignments",
    "责任",
    "Assignments",
    (
        Column("assignment_id", required=True, title_zh="责任编号", zh=("责任编号",)),
        Column("staff_id", required=True, zh=("人员编号", "工号")),
        Column(
            "target_type",
            required=True,
            values=("grid", "segment", "interval", "station", "unit"),
            zh=("对象类型",),
        ),
        Column("target_id", zh=("责任网格", "管段", "责任对象", "对象编号")),
        Column("role", values=ROLES, zh=("责任", "岗位")),
        Column("start_m", "float", minimum=0, zh=("起点里程",)),
        Column("end_m", "float", minimum=0, zh=("止点里程",)),
        Column("border_id", zh=("边界编号",)),
        Column("share", "float", minimum=0, maximum=1, zh=("份额",)),
        Column("joint", "bool", default=False, zh=("联合",)),
        *VALID,
        SYNTHETIC,
    ),
)

UNITS = Table(
    "units",
    "楼栋单元",
    "Units",
    (
        Column("unit_id", required=True, zh=("楼栋号", "单元", "楼栋单元编号")),
        Column("kind", required=True, values=("building", "unit", "centre_household"), zh=("类型",)),
        Column("grid_id", zh=("网格编码", "网格编号")),
        Column("households", "count", zh=("户数",)),
        Column("people", "count", zh=("人口", "人数")),
        SYNTHETIC,
    ),
    shapes=("Point", "Polygon"),
    geometry_required=False,
)

POPULATION = Table(
    "population",
    "人口",
    "Population",
    (
        Column("place_id", required=True, zh=("编号", "楼栋编号")),
        Column("people", "float", required=True, minimum=0, zh=("人口", "人数")),
        Column("households", "float", minimum=0, zh=("户数",)),
        Column("group", values=("all", "old", "child"), default="all", zh=("人群",)),
        Column("kind", values=("home", "building", "cell"), zh=("类型",)),
        SYNTHETIC,
    ),
    shapes=("Point", "Polygon"),
    published=False,
)

TABLES = (STAFF, ASSIGNMENTS, UNITS, POPULATION)
