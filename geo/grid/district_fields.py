"""The columns of the layers about balanced large grids, and the words for their codes."""

from __future__ import annotations

from geo.grid.fields import DIVISION_ID, GRID_ID, NAME
from geo.layer import Field, Title

STATE_WORDS = {
    "within": Title("均衡", "In balance"),
    "over": Title("偏多", "Too many"),
    "under": Title("偏少", "Too few"),
}
BASIS_WORDS = {"post": Title("驻点", "Post"), "division": Title("区划", "Division")}

DISTRICT_ID = Field(
    "district_id",
    "string",
    Title("建议大网格", "Proposed large grid"),
    meaning=Title(
        "沿用保留户数最多的现有大网格编码，其余为区划代码加序号",
        "Called as today's large grid of which it keeps the most households; others by division and number",
    ),
)
PARENT_ID = Field(
    "parent_id",
    "string",
    Title("不跨的区划", "Division not crossed"),
    meaning=Title(
        "每个区划平均至少有两个大网格的最低一级；没有则不限",
        "Of the lowest level at which each has two large grids on average; missing = no limit",
    ),
)
OFF_MEAN = Field(
    "off_mean",
    "number",
    Title("与平均之差", "Off the mean"),
    unit="share",
    meaning=Title(
        "户数 ÷ 所属区划内大网格平均户数 - 1", "Households / mean of the large grids of its division - 1"
    ),
)
OFF_ALL = Field(
    "off_all",
    "number",
    Title("与总平均之差", "Off the mean of all"),
    unit="share",
    meaning=Title("与全部大网格平均户数相比", "Beside the mean of all large grids"),
)
STATE = Field("state", "string", Title("是否均衡", "Balance"), values=STATE_WORDS)
COMPACTNESS = Field(
    "compactness",
    "number",
    Title("紧凑度", "Compactness"),
    meaning=Title("4πA/p²，圆为1（Polsby-Popper 1991）", "4πA/p², 1 for a circle (Polsby and Popper 1991)"),
)

PROPOSAL = (
    GRID_ID,
    NAME,
    DIVISION_ID,
    DISTRICT_ID,
    PARENT_ID,
    Field("today_id", "string", Title("现大网格", "Large grid today")),
    Field("moved", "boolean", Title("更换大网格", "Changes large grid")),
    Field(
        "locked",
        "boolean",
        Title("锁定", "Locked"),
        meaning=Title("参数 locked_grids 列出，保持现大网格", "Stays where it is: listed in locked_grids"),
    ),
    Field(
        "households",
        "integer",
        Title("户数", "Households"),
        unit="households",
        meaning=Title(
            "有人口表则汇总，否则用网格自报；不足10人不公布，按0户计",
            "From the population table where it has them, else its own; below 10 people not told, and counted 0",
        ),
    ),
    Field(
        "district_households", "integer", Title("大网格户数", "Households of the large grid"), unit="households"
    ),
    OFF_MEAN,
    OFF_ALL,
    STATE,
    COMPACTNESS,
    Field("today_off_mean", "number", Title("现大网格与平均之差", "Off the mean today"), unit="share"),
    Field("today_off_all", "number", Title("现大网格与总平均之差", "Off the mean of all today"), unit="share"),
    Field("today_compactness", "number", Title("现大网格紧凑度", "Compactness today")),
)
DISTRICTS = (
    DISTRICT_ID,
    DIVISION_ID,
    Field("grids", "integer", Title("小网格", "Grids"), unit="grids"),
    Field("households", "integer", Title("户数", "Households"), unit="households"),
    OFF_MEAN,
    OFF_ALL,
    STATE,
    Field("within", "boolean", Title("在容差内", "Within the tolerance")),
    COMPACTNESS,
    Field(
        "moved_households",
        "integer",
        Title("划入户数", "Households that come to it"),
        unit="households",
        meaning=Title("现属其他大网格", "That are in another large grid today"),
    ),
    Field("deputy_ids", "list", Title("代表委员编号", "Deputies")),
)
DEPUTIES = (
    Field("assignment_id", "string", Title("安排编号", "Assignment")),
    Field("district_id", "string", Title("建议大网格", "Proposed large grid")),
    Field("staff_id", "string", Title("人员编号", "Staff")),
    Field("basis", "string", Title("驻地依据", "Based at"), values=BASIS_WORDS),
    Field("post_id", "string", Title("驻点编号", "Post")),
    DIVISION_ID,
    Field(
        "distance_m",
        "number",
        Title("距离", "Distance"),
        unit="m",
        meaning=Title("驻地到大网格内一点", "From where the deputy is based to a point inside the large grid"),
    ),
    Field("today_ids", "list", Title("现联系网格", "Grids today")),
    Field("changed", "boolean", Title("与现状不同", "Differs from today")),
)
