"""The columns of the layers about balance, and the words for their codes."""

from __future__ import annotations

from geo.border import fields
from geo.border.balance.redraw import CHANGES
from geo.border.balance.work import LOAD_STATES
from geo.layer import Field, Title

LOAD_WORDS = dict(
    zip(
        LOAD_STATES,
        (
            Title("正常", "OK"),
            Title("吃紧", "Strained"),
            Title("超负荷", "Overloaded"),
            Title("无人", "Nobody"),
        ),
        strict=True,
    )
)
CHANGE_WORDS = dict(
    zip(
        CHANGES,
        (
            Title("不变", "Same"),
            Title("调整", "Moved"),
            Title("并入相邻管段", "Taken over by neighbours"),
            Title("联合管段，不动", "Joint, left as it is"),
            Title("不可到达，不动", "Not accessible, left as it is"),
            Title("位置不明", "Not on the line"),
        ),
        strict=True,
    )
)
NEEDED = Title(
    "每日所需工时＝2×长度÷（间隔×速度），往返；只计可到达的边界",
    "Hours a day = 2 × length ÷ (interval × speed), there and back; accessible border only",
)
FULL_TIME = Field(
    "full_time",
    "number",
    Title("折合全职人数", "Full-time guards"),
    unit="FTE",
    meaning=Title("一人负责n个管段，各计1/n", "A guard of n segments counts 1/n in each"),
)
USED = Field(
    "used",
    "number",
    Title("工时利用率", "Hours used"),
    unit="share",
    meaning=Title(
        "所需工时÷可用工时；超过1即不能按间隔巡完；无人时缺省",
        "Hours needed ÷ available; above 1 the interval cannot be kept; missing where nobody is",
    ),
)
NEW_USED = Field(
    "new_used", "number", Title("拟议工时利用率", "Hours used as proposed"), unit="share", meaning=USED.meaning
)
LENGTH = Field(
    "length_m",
    "number",
    Title("可到达长度", "Accessible length"),
    unit="m",
    meaning=Title("联合的区段在各管段中都计", "What two segments share counts in each"),
)
NEW_LENGTH = Field("new_length_m", "number", Title("拟议长度", "Length as proposed"), unit="m")
LEDGER = (
    Field("gained_m", "number", Title("自他人接收", "Taken from others"), unit="m"),
    Field("claimed_m", "number", Title("接收无人管段", "Taken of what was nobody's"), unit="m"),
    Field("lost_m", "number", Title("移交", "Given away"), unit="m"),
)
LOADS = (
    Field(
        "holder_id",
        "string",
        Title("负责方", "Holder"),
        meaning=Title("派出所；无派出所的管段自成一方", "The post; a segment without a post stands for itself"),
    ),
    fields.POST_ID,
    Field("segments", "integer", Title("管段数", "Segments")),
    Field("guards", "integer", Title("护边人数", "Guards"), meaning=Title("不同的人", "Different people")),
    FULL_TIME,
    LENGTH,
    Field("hours_needed", "number", Title("每日所需工时", "Hours needed a day"), unit="h", meaning=NEEDED),
    Field("hours_available", "number", Title("每日可用工时", "Hours available a day"), unit="h"),
    USED,
    Field("state", "string", Title("负荷", "Load"), values=LOAD_WORDS),
    Field(
        "deviation",
        "number",
        Title("与平均利用率之差", "Off the mean"),
        unit="share",
        meaning=Title("利用率÷各方平均利用率－1", "Hours used ÷ mean of all holders − 1"),
    ),
    NEW_LENGTH,
    NEW_USED,
    *LEDGER,
)
PROPOSAL = (
    Field("segment_id", "string", Title("管段号", "Segment")),
    fields.BORDER_ID,
    fields.POST_ID,
    Field("change", "string", Title("变动", "Change"), values=CHANGE_WORDS),
    fields.START,
    fields.END,
    Field("new_start_m", "number", Title("拟议起点里程", "From, as proposed"), unit="m"),
    Field("new_end_m", "number", Title("拟议止点里程", "To, as proposed"), unit="m"),
    Field(
        "start_moved_m",
        "number",
        Title("起点移动", "Start moves"),
        unit="m",
        meaning=Title(
            "可到达的米数，正值向里程增大方向", "Accessible metres, positive = further along the border"
        ),
    ),
    Field("end_moved_m", "number", Title("止点移动", "End moves"), unit="m"),
    Field("marker_from", "string", Title("拟议起碑", "From marker")),
    Field("marker_to", "string", Title("拟议止碑", "To marker")),
    Field(
        "at_markers",
        "boolean",
        Title("两端在界碑处", "Both ends at markers"),
        meaning=Title("拟议两端都在界碑处或边界端点", "Each new end is at a marker or at the end of the border"),
    ),
    LENGTH,
    NEW_LENGTH,
    Field("guards", "integer", Title("护边人数", "Guards")),
    FULL_TIME,
    Field(
        "reach_m",
        "number",
        Title("可负担长度", "Length they can keep"),
        unit="m",
        meaning=Title(
            "折合全职人数×间隔×速度×每日小时÷2；接收的边界按接收方的间隔和方式巡访",
            "Full-time guards × interval × speed × hours ÷ 2; ground taken over is kept as its new holder does",
        ),
    ),
    USED,
    NEW_USED,
    Field("new_state", "string", Title("拟议负荷", "Load as proposed"), values=LOAD_WORDS),
    *LEDGER,
    Field(
        "slower_m",
        "number",
        Title("间隔变长", "Kept less often"),
        unit="m",
        meaning=Title("接收后间隔比现在要求的长", "Ground whose new holder has a longer interval than today's"),
    ),
    Field(
        "guards_missing",
        "integer",
        Title("尚缺人数", "Guards missing"),
        meaning=Title(
            "全线可按间隔巡完至少须增加的人数，放在缺口最大处",
            "The fewest more guards with whom all can keep the interval, put where most are lacking",
        ),
    ),
    Field(
        "extra_m",
        "number",
        Title("为落在界碑处多移动", "Moved further for markers"),
        unit="m",
        meaning=Title("两端移动之和减去不限界碑时的", "Movement of both ends less that without regard to markers"),
    ),
)
