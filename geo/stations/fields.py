"""The columns of the stations' layers, and the words for their codes."""

from __future__ import annotations

from geo.layer import Field, Title
from geo.place.tree import LEVEL_WORDS
from geo.tables.walking import CATEGORIES
from geo.walk.layers import VERDICT_VALUES

CATEGORY_WORDS = dict(
    zip(
        CATEGORIES,
        (
            Title("党群服务中心", "Service centre"),
            Title("暖心驿站", "Warm station"),
            Title("快递驿站总站", "Courier hub"),
            Title("快递服务点", "Courier point"),
            Title("能量驿站", "Energy station"),
            Title("调解室", "Mediation room"),
            Title("市场监管站", "Market supervision"),
            Title("法官工作站", "Judge's station"),
            Title("派出所", "Police station"),
            Title("其他", "Other"),
        ),
        strict=True,
    )
)
OPEN_WORDS = {
    "yes": Title("开放", "Open"),
    "no": Title("未开放", "Closed"),
    "unknown": Title("时间不明", "Hours unknown"),
}
BASIS_WORDS = {
    "people": Title("按人口", "its people"),
    "streets": Title("按道路", "its streets"),
    "none": Title("无人无路", "neither people nor streets"),
}

VERDICT_WORDS = {
    "always": Title("快慢都在时限内", "Within the budget at every speed"),
    "depends": Title("取决于步速", "Depends on the speed"),
    "never": Title("快慢都超时", "Beyond it at every speed"),
}
GROUP_WORDS = {
    "all": Title("所有人", "Everybody"),
    "old": Title("老年人", "The old"),
    "child": Title("儿童", "Children"),
}
WHO_WORDS = {
    **GROUP_WORDS,
    "outside": Title("研究范围外", "Beyond the study area"),
    "rim": Title("研究范围边缘、路网未及", "At an edge beyond which no street is known"),
}

TEN = Title("不足10人不公布", "Not published for fewer than 10 people")
MEDIAN = Title(
    "半数人口步行到最近开放站点不超过此时间；全天走不到的按无穷大计，结果为无穷大时留空",
    "Half of the people walk no longer than this to the nearest open station; who has no way within a day counts "
    "as infinite, and an infinite median is left empty",
)
STRAIGHT = Title(
    "同样距离按直线计算，不计道路与障碍，偏高",
    "The same distance as the crow flies, streets and barriers ignored: flatters",
)
STATION = Field("station_id", "string", Title("站点编号", "Station"))
NAME = Field("name", "string", Title("名称", "Name"))
CATEGORY = Field("category", "string", Title("类别", "Category"), values=CATEGORY_WORDS)
NEAREST = Field(
    "station_id",
    "string",
    Title("最近站点", "Nearest station"),
    meaning=Title("多数人口最近的站点", "The nearest of most of the people"),
)
PEOPLE = Field("people", "number", Title("人口", "People"), unit="people", meaning=TEN)
REACHED = (
    PEOPLE,
    Field("people_covered", "number", Title("覆盖人口", "People covered"), unit="people", meaning=TEN),
    Field(
        "people_unserved",
        "number",
        Title("未覆盖人口", "People not covered"),
        unit="people",
        meaning=Title("人口减覆盖人口", "People less those covered"),
    ),
    Field("share", "number", Title("覆盖率", "Share covered"), unit="share"),
    Field(
        "straight_share", "number", Title("直线覆盖率", "Share by straight line"), unit="share", meaning=STRAIGHT
    ),
    Field(
        "people_unsnapped",
        "number",
        Title("未上路网人口", "People not on the streets"),
        unit="people",
        meaning=Title("计入分母，不算覆盖", "In the denominator, not covered"),
    ),
)
BACKED = (
    Field("people_covered_2", "number", Title("两站以上覆盖人口", "People with two stations"), unit="people"),
    Field("people_covered_3", "number", Title("三站以上覆盖人口", "People with three stations"), unit="people"),
)
MINUTES = Field("minutes", "number", Title("步行时间", "Walking time"), unit="minutes", meaning=MEDIAN)
WORST = Field(
    "worst_minutes",
    "number",
    Title("最远步行时间", "Longest walk"),
    unit="minutes",
    meaning=Title("最远的一处；有人走不到时留空", "Of its worst place; empty where somebody has no way"),
)
VERDICT = Field(
    "verdict",
    "string",
    Title("步速影响", "Within the budget at which speed"),
    meaning=Title(
        "至少一半人口（无人处按道路长度）在时限内：慢行也是，快行才是，快行也不是",
        "Whether at least half of the people (without people, of the street metres) are within the budget: even "
        "slowly, only fast, not even fast",
    ),
    values=VERDICT_WORDS,
)

STATIONS = (
    STATION,
    NAME,
    CATEGORY,
    Field("opening_hours", "string", Title("开放时间", "Opening hours")),
    Field(
        "open",
        "string",
        Title("此刻是否开放", "Open at the asked hour"),
        meaning=Title("时间缺失或读不懂为不明", "Unknown where hours are missing or cannot be read"),
        values=OPEN_WORDS,
    ),
    Field(
        "counted",
        "boolean",
        Title("是否计入", "Counted"),
        meaning=Title(
            "类别和设施符合所问且当日有效",
            "It is of an asked category, holds the asked amenities and exists on the day",
        ),
    ),
    Field("amenities", "list", Title("设施", "Amenities")),
    Field("hub_id", "string", Title("中心站", "Hub")),
    Field("capacity", "integer", Title("容量", "Capacity")),
    Field("synthetic", "boolean", Title("合成", "Synthetic")),
    Field(
        "hours_a_day",
        "number",
        Title("每天至少开放", "Open at least, a day"),
        unit="h",
        meaning=Title(
            "一周中开放最短的一天，精确到分钟；时间缺失或读不懂时留空",
            "On the day of the week with least of them, to the minute; empty where hours are unknown",
        ),
    ),
    Field(
        "week",
        "string",
        Title("一周开放", "Open when"),
        meaning=Title(
            "周一0时起168位：1开放，0未开放，?不明", "168 signs from Monday 0:00: 1 open, 0 closed, ? not known"
        ),
    ),
)

PLACE_WALK = (
    Field("place_id", "string", Title("住处", "Place")),
    Field("group", "string", Title("人群", "Group"), values=GROUP_WORDS),
    Field("people", "number", Title("人口", "People"), unit="people"),
    Field("households", "number", Title("户数", "Households"), unit="households"),
    Field("grid_id", "string", Title("网格", "Grid")),
    Field("division_id", "string", Title("区划", "Division")),
    Field(
        "part",
        "string",
        Title("研究范围", "Study area"),
        values={"inside": Title("内", "Inside"), "rim": WHO_WORDS["rim"], "outside": Title("外", "Outside")},
    ),
    Field("verdict", "string", Title("上路网结论", "Verdict"), values=VERDICT_VALUES),
    Field("leg_m", "number", Title("到道路的直线距离", "Straight way to the street"), unit="m"),
    Field("edge_id", "string", Title("路段", "Street")),
    Field("speed_kmh", "number", Title("步速", "Walking speed"), unit="km/h"),
    Field(
        "pace_kmh",
        "number",
        Title("时限内最慢步速", "Slowest speed in time"),
        unit="km/h",
        meaning=Title("所问步速中时限内走得到的最慢者", "Of the speeds asked, the slowest that is fast enough"),
    ),
    Field("seconds", "number", Title("步行时间", "Walking time"), unit="s"),
    STATION,
    Field("second_seconds", "number", Title("到次近站点", "To the second-nearest"), unit="s"),
    Field("second_station_id", "string", Title("次近站点", "Second-nearest station")),
    Field("stations_reached", "integer", Title("可达站点数", "Stations within the budget")),
    Field("station_ids", "list", Title("可达站点", "Which stations")),
    Field("straight_covered", "boolean", Title("直线是否覆盖", "Covered by straight line"), meaning=STRAIGHT),
)

GRID_WALK = (
    Field("grid_id", "string", Title("网格", "Grid")),
    NAME,
    Field("division_id", "string", Title("所属社区", "Division")),
    MINUTES,
    Field(
        "basis",
        "string",
        Title("时间依据", "Time taken over"),
        meaning=Title(
            "无人或不足10人的网格按道路长度", "A grid of nobody, or of fewer than 10 people, over its streets"
        ),
        values=BASIS_WORDS,
    ),
    *REACHED,
    NEAREST,
    WORST,
    Field(
        "worst_street",
        "string",
        Title("最远处所在路段", "Street of the longest walk"),
        meaning=Title("从该路段进入，不是住址", "The street it is entered from, no address"),
    ),
    Field("worst_lon", "number", Title("该路段中点经度", "Longitude of its middle"), unit="°"),
    Field("worst_lat", "number", Title("该路段中点纬度", "Latitude of its middle"), unit="°"),
    VERDICT,
    *BACKED,
)

DIVISION_WALK = (
    Field("division_id", "string", Title("区划代码", "Division")),
    NAME,
    Field("level", "string", Title("级别", "Level"), values=LEVEL_WORDS),
    Field(
        "parent_id",
        "string",
        Title("上级", "Parent"),
        meaning=Title("最近的已列上级", "The next above it that is listed"),
    ),
    *REACHED,
    MINUTES,
    VERDICT,
    *BACKED,
)

UNSERVED = (
    Field("area_id", "string", Title("编号", "Area")),
    Field("rank", "integer", Title("排名", "Rank"), meaning=Title("按未覆盖人口", "By people not covered")),
    Field("people", "number", Title("未覆盖人口", "People not covered"), unit="people"),
    Field("households", "number", Title("户数", "Households"), unit="households"),
    MINUTES,
    Field("extra_minutes", "number", Title("超出时间", "Minutes over the budget"), unit="minutes"),
    NEAREST,
    Field("grid_ids", "list", Title("所在网格", "Grids")),
)

COVERAGE = (
    Field("coverage_id", "string", Title("编号", "Row")),
    Field(
        "place_id", "string", Title("地方", "Place"), meaning=Title("网格、区划或all", "A grid, a division or all")
    ),
    Field(
        "level",
        "string",
        Title("级别", "Level"),
        values={"all": Title("全部", "The whole"), **LEVEL_WORDS, "grid": Title("网格", "Grid")},
    ),
    Field("who", "string", Title("人群", "Who"), values=WHO_WORDS),
    Field(
        "speed_kmh",
        "number",
        Title("步速", "Walking speed"),
        unit="km/h",
        meaning=Title("人人按此步速；空为各人群自己的步速", "Everybody at it; empty = each group at its own"),
    ),
    Field("minutes", "number", Title("步行时限", "Within"), unit="minutes"),
    Field("people", "number", Title("人口", "People"), unit="people", meaning=TEN),
    Field(
        "people_covered",
        "number",
        Title("覆盖人口", "People covered"),
        unit="people",
        meaning=Title(
            "与同一地方的其他数字相减会透露1至9人时留空",
            "Empty where it would, taken from another number of the place, tell of 1 to 9 people",
        ),
    ),
    Field("share", "number", Title("覆盖率", "Share covered"), unit="share"),
    Field(
        "street_m",
        "number",
        Title("道路长度", "Street"),
        unit="m",
        meaning=Title("仅全部一级", "Of the whole only"),
    ),
    Field("street_m_covered", "number", Title("时限内道路长度", "Street within the time"), unit="m"),
)

CATCHMENTS = (
    STATION,
    NAME,
    CATEGORY,
    Field("minutes", "number", Title("步行时限", "Walking budget"), unit="minutes"),
    Field(
        "area_m2",
        "number",
        Title("面积", "Area"),
        unit="m²",
        meaning=Title("沿可达道路两侧各至多60米", "At most 60 m on each side of the streets reached"),
    ),
    Field(
        "people",
        "number",
        Title("可达人口", "People who reach it"),
        unit="people",
        meaning=Title(
            "逐户按路网计算，不按多边形；不足10人不公布", "Home by home, not by the polygon; none of fewer than 10"
        ),
    ),
)

WALK_BANDS = (
    Field("band_id", "string", Title("时间圈", "Band"), meaning=Title("分钟数", "Its minutes")),
    Field("minutes", "number", Title("步行至多", "Walk of at most"), unit="minutes"),
    Field("from_minutes", "number", Title("步行超过", "Walk of more than"), unit="minutes"),
    Field(
        "people",
        "number",
        Title("本圈人口", "People in the band"),
        unit="people",
        meaning=Title(
            "逐户按各自步速计算，不按多边形；会透露不足10人时留空",
            "Home by home at their own speed, not by the polygon; empty where it would tell of fewer than 10",
        ),
    ),
    Field(
        "people_within",
        "number",
        Title("本圈及以内人口", "People up to it"),
        unit="people",
        meaning=Title("步行不超过本圈分钟数的人口", "Whose walk is no longer than the band's minutes"),
    ),
    Field("share", "number", Title("本圈及以内占比", "Share up to it"), unit="share"),
    Field(
        "area_m2",
        "number",
        Title("面积", "Area"),
        unit="m²",
        meaning=Title(
            "本圈及以内，沿可达道路两侧各至多60米", "Up to it, at most 60 m on each side of the streets reached"
        ),
    ),
)

BACKUP = (
    STATION,
    NAME,
    Field(
        "people_nearest",
        "number",
        Title("以其为最近的覆盖人口", "People covered who have it nearest"),
        unit="people",
        meaning=TEN,
    ),
    Field("people_lost", "number", Title("关闭后失去服务", "Lost if it shuts"), unit="people"),
    Field("people_backed_up", "number", Title("关闭后仍有他站", "Backed up by another"), unit="people"),
    Field("sole", "boolean", Title("不可替代", "Nobody else backs it up")),
)
