"""Ground and its division: divisions, grids, excluded areas, and the background that is only drawn."""

from __future__ import annotations

from geo.tables.contract import Column, Table

SYNTHETIC = Column("synthetic", "bool", default=False, title_zh="合成", zh=("合成", "模拟"))
VALID = (
    Column("valid_from", "date", zh=("起始日期", "开始日期")),
    Column("valid_to", "date", zh=("止日期", "终止日期", "结束日期"), title_zh="终止日期"),
)
LEVELS = ("region", "league", "county", "township", "community")

DIVISIONS = Table(
    "divisions",
    "行政区划",
    "Divisions",
    (
        Column("division_id", required=True, zh=("代码", "行政区划代码", "区划代码")),
        Column("name", required=True, zh=("名称", "区划名称")),
        Column("level", required=True, values=LEVELS, zh=("级别",)),
        Column("parent_id", zh=("上级代码",)),
        Column("tree", values=("admin", "police", "party"), default="admin", zh=("体系",)),
        SYNTHETIC,
    ),
    shapes=("Polygon",),
    geometry_required=False,
)

GRIDS = Table(
    "grids",
    "网格",
    "Grids",
    (
        Column("grid_id", required=True, zh=("网格编码", "网格编号", "网格代码")),
        Column("name", zh=("网格名称", "名称")),
        Column("division_id", zh=("所属社区", "村代码", "社区代码", "所属社区代码")),
        Column("parent_grid_id", zh=("大网格", "大网格编码")),
        Column("kind", values=("urban", "pastoral", "border", "rural"), zh=("类型", "网格类型")),
        Column("households", "count", zh=("户数",)),
        Column("people", "count", zh=("人口", "人数")),
        Column("scheme", default="main", zh=("网格体系",)),
        SYNTHETIC,
    ),
    shapes=("Polygon",),
)

EXCLUDED = Table(
    "excluded",
    "排除区",
    "Excluded areas",
    (
        Column("excluded_id", required=True, zh=("编号",)),
        Column("kind", required=True, values=("lake", "closed", "reserve"), zh=("类型", "排除区")),
        Column("reason", zh=("原因",)),
        SYNTHETIC,
    ),
    shapes=("Polygon",),
)

BACKGROUND = Table(
    "background",
    "底图",
    "Background",
    (
        Column("kind", required=True, values=("road", "water", "rail", "place", "land"), zh=("类型",)),
        Column("name", zh=("名称",)),
        Column("rank", "float", zh=("级别",)),
        SYNTHETIC,
    ),
    shapes=("Point", "LineString", "Polygon"),
    key_unique=False,
)

TABLES = (DIVISIONS, GRIDS, EXCLUDED, BACKGROUND)
