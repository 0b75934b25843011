"""Words that people write where the contract has a code; recognised without being declared."""

from __future__ import annotations

from collections.abc import Mapping

ROLE = {
    "专职网格员": "grid_worker",
    "网格员": "grid_worker",
    "网格长": "grid_worker",
    "代表": "deputy",
    "人大代表": "deputy",
    "包联干部": "deputy",
    "单元长": "unit_head",
    "楼栋长": "building_head",
    "服务小分队": "squad",
    "小分队": "squad",
    "志愿者": "volunteer",
    "护边员": "border_guard",
    "辅警": "auxiliary_police",
    "联防队员": "joint_defence",
}
CATEGORY = {
    "党群服务中心": "service_centre",
    "暖心驿站": "warm",
    "快递驿站": "courier_hub",
    "快递服务点": "courier_point",
    "能量补给站": "energy",
    "能量驿站": "energy",
    "红色调解室": "mediation",
    "调解室": "mediation",
    "市场监管所": "market",
    "法官工作站": "judge",
    "警务室": "police",
    "其他": "other",
}
LEVEL = {
    "自治区": "region",
    "省": "region",
    "盟市": "league",
    "盟": "league",
    "市": "league",
    "旗县": "county",
    "旗县区": "county",
    "旗": "county",
    "县": "county",
    "区": "county",
    "苏木乡镇": "township",
    "乡镇": "township",
    "街道": "township",
    "社区": "community",
    "嘎查村": "community",
    "嘎查": "community",
    "村": "community",
    "1": "region",
    "2": "league",
    "3": "county",
    "4": "township",
    "5": "community",
}
POST_KIND = {
    "边境派出所": "police_station",
    "派出所": "police_station",
    "戍边警务室": "police_room",
    "警务室": "police_room",
    "蒙古包哨所": "yurt",
    "草原110": "point110",
    "中心户": "herder_centre",
    "党员中心户": "herder_centre",
}
MODE = {"步行": "foot", "徒步": "foot", "骑马": "horse", "车辆": "vehicle", "驾车": "vehicle", "摩托": "motorcycle"}
EVIDENCE = {"轨迹": "gps", "定位": "gps", "扫码": "scan", "打卡": "scan", "申报": "declared", "填报": "declared"}
ONEWAY = {"双向": "both", "正向": "forward", "反向": "backward"}

SYNONYMS: Mapping[tuple[str, str], Mapping[str, str]] = {
    ("divisions", "level"): LEVEL,
    ("divisions", "tree"): {"行政": "admin", "公安": "police", "党建": "party"},
    ("grids", "kind"): {"城区": "urban", "城镇": "urban", "牧区": "pastoral", "边境": "border", "农村": "rural"},
    ("excluded", "kind"): {"湖泊": "lake", "封闭区": "closed", "保护区": "reserve"},
    ("staff", "role"): ROLE,
    ("staff", "fte"): {"专职": "1", "兼职": "0", "全职": "1"},
    ("assignments", "role"): ROLE,
    ("assignments", "target_type"): {"网格": "grid", "管段": "segment", "服务站": "station", "单元": "unit"},
    ("units", "kind"): {"楼栋": "building", "单元": "unit", "中心户": "centre_household"},
    ("population", "group"): {"全部": "all", "老年": "old", "老人": "old", "儿童": "child"},
    ("population", "kind"): {"住户": "home", "楼栋": "building", "格网": "cell"},
    ("stations", "category"): CATEGORY,
    ("streets", "oneway_foot"): ONEWAY,
    ("barriers", "kind"): {
        "河流": "river",
        "铁路": "railway",
        "围墙": "wall",
        "高速": "motorway",
        "高速公路": "motorway",
        "围栏": "fence",
        "网围栏": "fence",
    },
    ("border", "kind"): {"陆地": "land", "陆": "land", "河": "river", "河流": "river", "湖": "lake", "湖泊": "lake"},
    ("segments", "mode"): MODE,
    ("posts", "kind"): POST_KIND,
    ("posts", "mode"): MODE,
    ("patrols", "mode"): MODE,
    ("patrols", "evidence"): EVIDENCE,
    ("visits", "evidence"): EVIDENCE,
}
