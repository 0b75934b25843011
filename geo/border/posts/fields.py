"""The columns of the layers that say how soon posts are there."""

from __future__ import annotations

from geo.border.fields import ACCESSIBLE, BORDER_ID, END, LENGTH, POST_WORDS, SEGMENT_IDS, START, SYNTHETIC
from geo.layer import Field, Title

FASTEST = Field(
    "post_id",
    "string",
    Title("最快的哨所", "First post"),
    meaning=Title("所问时刻开放的哨所中最先到达的", "Of those open at the asked hour the one that is there first"),
)
SECOND = Field("second_post_id", "string", Title("次快的哨所", "Second post"))
WITHIN = Field(
    "posts_within",
    "integer",
    Title("时限内到达的哨所数", "Posts there in time"),
    unit="posts",
    meaning=Title("在response_minutes内到达；3表示3处或更多", "Within response_minutes; 3 stands for 3 or more"),
)
MARKER_FROM = Field("marker_from", "string", Title("起碑", "From marker"))
MARKER_TO = Field("marker_to", "string", Title("止碑", "To marker"))
NEVER = Title("缺省表示一天内无人到达", "Missing where nobody is there within a day")

CELLS = (
    Field("cell_id", "string", Title("编号", "Cell")),
    BORDER_ID,
    START,
    END,
    SEGMENT_IDS,
    ACCESSIBLE,
    Field("lon", "number", Title("中点经度", "Longitude of its middle"), unit="°"),
    Field("lat", "number", Title("中点纬度", "Latitude of its middle"), unit="°"),
    FASTEST,
    Field("seconds", "number", Title("最快到达", "First there"), unit="s", meaning=NEVER),
    SECOND,
    Field("second_seconds", "number", Title("次快到达", "Second there"), unit="s", meaning=NEVER),
    WITHIN,
)
REACH = (
    Field("stretch_id", "string", Title("区段编号", "Stretch")),
    BORDER_ID,
    START,
    END,
    LENGTH,
    SEGMENT_IDS,
    ACCESSIBLE,
    FASTEST,
    Field(
        "minutes",
        "number",
        Title("最快到达（最慢处）", "First there, at the worst"),
        unit="min",
        meaning=Title(
            "区段内最慢处；含准备时间；缺省表示一天内无人到达",
            "At the worst place of the stretch, readiness included; missing where nobody is there within a day",
        ),
    ),
    Field("median_minutes", "number", Title("最快到达（中位）", "First there, median"), unit="min"),
    SECOND,
    Field(
        "second_minutes",
        "number",
        Title("次快到达（最慢处）", "Second there, at the worst"),
        unit="min",
        meaning=NEVER,
    ),
    WITHIN,
    MARKER_FROM,
    MARKER_TO,
)
BACKUP = (
    Field("post_id", "string", Title("编号", "Post")),
    Field("name", "string", Title("名称", "Name")),
    Field("kind", "string", Title("类型", "Kind"), values=POST_WORDS),
    Field(
        "open",
        "boolean",
        Title("开放", "Open"),
        meaning=Title("所问时刻开放；不开放的不计", "At the asked hour; a post that is shut is first nowhere"),
    ),
    Field("first_m", "number", Title("最快到达的边界", "Border it is first for"), unit="m"),
    Field(
        "lost_m",
        "number",
        Title("关闭后超时的边界", "Border lost when it is shut"),
        unit="m",
        meaning=Title("时限内只有它能到达", "It alone is there in time"),
    ),
    Field("opens_hole", "boolean", Title("关闭后出现空缺", "Its loss opens a hole")),
    Field("minutes", "number", Title("现最慢处", "Worst now"), unit="min"),
    Field(
        "minutes_after",
        "number",
        Title("关闭后最慢处", "Worst without it"),
        unit="min",
        meaning=Title(
            "它最先到达的边界中，关闭后最慢处；缺省表示无人到达",
            "Of the border it is first for, the worst place once it is shut; missing where nobody comes",
        ),
    ),
    BORDER_ID,
    Field("measure_m", "number", Title("关闭后最慢处里程", "Where that is"), unit="m"),
    SYNTHETIC,
)
RESPONSE = (
    Field("response_id", "string", Title("编号", "Row")),
    Field(
        "scope_id",
        "string",
        Title("范围", "Scope"),
        meaning=Title("边界编号；缺省表示全部边界", "A border; missing for all together"),
    ),
    Field("length_m", "number", Title("可到达的边界", "Accessible border"), unit="m"),
    *(
        Field(f"within_{k}_m", "number", Title(f"时限内有{k}处以上到达", f"In time by at least {k}"), unit="m")
        for k in (1, 2, 3)
    ),
    Field("never_m", "number", Title("无人到达", "Nobody comes"), unit="m"),
    Field("median_minutes", "number", Title("最快到达（中位）", "First there, median"), unit="min"),
    Field("p90_minutes", "number", Title("最快到达（九成）", "First there, 90 %"), unit="min"),
    Field("second_median_minutes", "number", Title("次快到达（中位）", "Second there, median"), unit="min"),
    Field("worst_minutes", "number", Title("最慢处", "Worst place"), unit="min", meaning=NEVER),
    Field(
        "error_minutes",
        "number",
        Title("取样误差", "Sampling error"),
        unit="min",
        meaning=Title(
            "每段以中点计；两端至多再慢半段路程（按所答哨所中最慢的方式，途中无障碍时）",
            "A piece of border is timed at its middle: elsewhere on it at most so much longer, half a piece at "
            "the slowest mode of those that answer, where no obstacle comes between",
        ),
    ),
    BORDER_ID,
    Field("measure_m", "number", Title("最慢处里程", "Where that is"), unit="m"),
    FASTEST,
    MARKER_FROM,
    MARKER_TO,
    Field("people", "number", Title("人口", "People"), unit="people"),
    Field(
        "people_within",
        "number",
        Title("时限内到达的人口", "People reached in time"),
        unit="people",
        meaning=Title("少于10人时缺省", "Missing where it would tell of fewer than 10"),
    ),
)
