"""What people walk to, and walk and drive along: stations, streets, roads, barriers."""

from __future__ import annotations

from geo.tables.contract import Column, Table
from geo.tables.ground import SYNTHETIC, VALID

CATEGORIES = (
    "service_centre",
    "warm",
    "courier_hub",
    "courier_point",
    "energy",
    "mediation",
    "market",
    "judge",
    "police",
    "other",
)

STATIONS = Table(
    "stations",
    "服务站",
    "Stations",
    (
        Column("station_id", required=True, zh=("编号", "站点编号")),
        Column("category", required=True, values=CATEGORIES, zh=("类别", "类型")),
        Column("name", zh=("名称", "站点名称")),
        Column("opening_hours", zh=("开放时间", "营业时间")),
        Column("amenities", "list", zh=("设施",)),
        Column("hub_id", zh=("中心站",)),
        Column("capacity", "count", zh=("容量",)),
        Column("readiness_minutes", "float", minimum=0, default=0.0, zh=("准备分钟",)),
        Column("mobile_timetable", zh=("停靠时间",)),
        *VALID,
        SYNTHETIC,
    ),
    shapes=("Point",),
)

STREETS = Table(
    "streets",
    "道路",
    "Streets",
    (
        Column("edge_id", required=True, title_zh="路段编号", zh=("路段编号",)),
        Column("u", zh=("起点", "起点编号", "起始节点", "from", "source", "from_node")),
        Column("v", zh=("终点", "终点编号", "终止节点", "to", "target", "to_node")),
        Column("highway", zh=("道路等级",)),
        Column("length_m", "float", minimum=0, zh=("长度",)),
        Column("oneway_foot", values=("both", "forward", "backward"), default="both", zh=("单行", "步行单行")),
        Column("layer", "float", zh=("层",)),
        Column("bridge", "bool", default=False, zh=("桥",)),
        Column("tunnel", "bool", default=False, zh=("隧道",)),
        Column("factor", "float", minimum=1, default=1.0, zh=("系数",)),
        Column("foot", zh=("步行", "可步行")),
        Column("rise_m", "float", zh=("起止高差", "高差")),
        SYNTHETIC,
    ),
    shapes=("LineString",),
)

ROADS = Table(
    "roads",
    "公路",
    "Roads",
    (
        Column("edge_id", required=True, title_zh="公路编号", zh=("公路编号", "路段编号")),
        Column("highway", zh=("道路等级", "公路等级")),
        Column("speed_kmh", "float", minimum=0, zh=("车速", "速度")),
        Column("oneway", values=("both", "forward", "backward"), default="both", zh=("单行",)),
        Column("length_m", "float", minimum=0, zh=("长度",)),
        SYNTHETIC,
    ),
    shapes=("LineString",),
)

BARRIERS = Table(
    "barriers",
    "障碍",
    "Barriers",
    (
        Column("barrier_id", required=True, zh=("编号", "障碍编号")),
        Column(
            "kind",
            required=True,
            values=("river", "railway", "wall", "motorway", "fence"),
            zh=("障碍", "类型"),
        ),
        Column("passable", "bool", default=False, zh=("可通行",)),
        SYNTHETIC,
    ),
    shapes=("LineString", "Polygon"),
)

TABLES = (STATIONS, STREETS, ROADS, BARRIERS)
