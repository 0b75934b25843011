"""The columns of the layers about divisions and grids, and the words for their codes."""

from __future__ import annotations

from geo.layer import Field, Title
from geo.place.tree import LEVEL_WORDS

CHILD_WORDS = {**{level: LEVEL_WORDS[level] for level in list(LEVEL_WORDS)[1:]}, "grid": Title("网格", "Grid")}
TREE_WORDS = {
    "admin": Title("行政", "Administrative"),
    "police": Title("公安", "Police"),
    "party": Title("党组织", "Party"),
}
GRID_KIND_WORDS = {
    "urban": Title("城区", "Urban"),
    "rural": Title("农村", "Rural"),
    "pastoral": Title("牧区", "Pastoral"),
    "border": Title("边境", "Border"),
}
BACKGROUND_WORDS = {
    "land": Title("陆地", "Land"),
    "water": Title("水系", "Water"),
    "road": Title("道路", "Road"),
    "rail": Title("铁路", "Railway"),
    "place": Title("地名", "Place"),
}
FINDING_WORDS = {
    "gap": Title("空白", "Gap"),
    "overlap": Title("重叠", "Overlap"),
    "spill": Title("越界部分", "Spill"),
    "outside": Title("超出上级范围", "Outside its parent"),
    "invalid": Title("图形无效", "Invalid geometry"),
    "empty": Title("没有图形", "No geometry"),
    "orphan": Title("上级代码不存在", "Parent unknown"),
    "skipped": Title("跨级", "Level skipped"),
    "unparented": Title("上级没有图形", "Parent without polygon"),
    "cycle": Title("上下级循环", "Circle of parents"),
}
CAUSE_WORDS = {
    "noise": Title("精度误差", "Survey noise"),
    "sliver": Title("细缝", "Sliver"),
    "duplicate": Title("重复图形", "Duplicate"),
    "contained": Title("大套小", "One inside another"),
    "missing_grid": Title("缺少网格", "Missing grid"),
    "inlet": Title("边缘缺口", "Inlet at the edge"),
    "real": Title("划分错误", "Wrongly divided"),
}
SEVERITY_WORDS = {
    "fail": Title("不合格", "Fail"),
    "warning": Title("警告", "Warning"),
    "info": Title("提示", "Note"),
}
GRADE_WORDS = {
    "PASS": Title("合格", "Pass"),
    "WARN": Title("有警告", "Warnings"),
    "FAIL": Title("不合格", "Fail"),
}
DECLARED, OVERLAP = Title("按填报的代码", "As declared"), Title("按重叠最大", "By largest overlap")
STATUS_WORDS = {
    "vacant": Title("空岗", "Vacant"),
    "short": Title("不足", "Short"),
    "met": Title("满足", "Met"),
    "surplus": Title("富余", "Surplus"),
    "not_needed": Title("无需配备", "Not needed"),
}

DIVISION_ID = Field("division_id", "string", Title("区划代码", "Division"))
NAME = Field("name", "string", Title("名称", "Name"))
GRID_ID = Field("grid_id", "string", Title("网格编码", "Grid"))
GRID_KIND = Field("kind", "string", Title("类型", "Kind"), values=GRID_KIND_WORDS)
SYNTHETIC = Field("synthetic", "boolean", Title("模拟数据", "Synthetic"))
AREA = Field("area_m2", "number", Title("面积", "Area"), unit="m²")

DIVISIONS = (
    DIVISION_ID,
    NAME,
    Field("level", "string", Title("级别", "Level"), values=LEVEL_WORDS),
    Field("parent_id", "string", Title("上级代码", "Parent")),
    Field("tree", "string", Title("体系", "Tree"), values=TREE_WORDS),
    SYNTHETIC,
)
GRIDS = (
    GRID_ID,
    NAME,
    DIVISION_ID,
    Field("parent_grid_id", "string", Title("大网格", "Large grid")),
    GRID_KIND,
    Field("households", "integer", Title("户数", "Households"), unit="households"),
    Field("people", "integer", Title("人口", "People"), unit="people"),
    Field("scheme", "string", Title("网格体系", "Scheme")),
    SYNTHETIC,
)
BACKGROUND = (
    Field("background_id", "string", Title("编号", "Id")),
    Field("kind", "string", Title("类型", "Kind"), values=BACKGROUND_WORDS),
    NAME,
    Field("rank", "number", Title("级别", "Rank")),
)
FINDINGS = (
    Field("finding_id", "string", Title("问题编号", "Finding")),
    Field(
        "kind",
        "string",
        Title("问题", "Kind"),
        meaning=Title(
            "空白：无人管；重叠：多于一个；越界：伸出上级范围；其余为单个网格自身的问题",
            "Gap: held by none; overlap: by more than one; spill: beyond the parent; the others concern one grid",
        ),
        values=FINDING_WORDS,
    ),
    Field(
        "cause",
        "string",
        Title("原因", "Cause"),
        meaning=Title("依次判断，取第一个符合的", "The first that fits, in this order"),
        values=CAUSE_WORDS,
    ),
    Field("severity", "string", Title("严重程度", "Severity"), values=SEVERITY_WORDS),
    Field(
        "level",
        "string",
        Title("层级", "Level"),
        meaning=Title("被检查的下级", "Level of the children that were checked"),
        values=CHILD_WORDS,
    ),
    Field("parent_id", "string", Title("所在区划", "Parent")),
    Field(
        "grid_ids",
        "list",
        Title("涉及网格", "Grids concerned"),
        meaning=Title(
            "占有此处的网格或区划；空白处为本区划内与其相邻的",
            "Grids or divisions that hold it; around a gap, those of the parent along its edge",
        ),
    ),
    Field(
        "neighbour_id",
        "string",
        Title("最长邻边", "Neighbour"),
        meaning=Title("与此处共边最长的网格或区划", "Grid or division with the longest shared edge"),
    ),
    AREA,
    Field(
        "width_m",
        "number",
        Title("宽度", "Width"),
        unit="m",
        meaning=Title("最大内切圆直径", "Diameter of the largest circle inside"),
    ),
    Field(
        "households",
        "integer",
        Title("涉及户数", "Households"),
        unit="households",
        meaning=Title(
            "有人口点则计点，否则按网格户数与面积估算；人口点不足10人不公布",
            "Counted where it is known who lives where, else by share of area; not told below 10 people",
        ),
    ),
    Field("people", "integer", Title("涉及人口", "People"), unit="people"),
    Field(
        "basis",
        "string",
        Title("归属依据", "Basis"),
        meaning=Title("网格归到上级的依据", "How the grids were given to their parent"),
        values={"declared": DECLARED, "overlap": OVERLAP, "none": Title("无法归属", "Nowhere")},
    ),
    Field(
        "detail",
        "string",
        Title("说明", "Detail"),
        meaning=Title(
            "图形无效的原因与位置；不存在的上级代码；超出的比例",
            "Reason and place of invalid geometry; the parent that is unknown; the share outside",
        ),
    ),
)
HEALTH = (
    Field("parent_id", "string", Title("区划代码", "Division")),
    NAME,
    Field("level", "string", Title("级别", "Level"), values=LEVEL_WORDS),
    Field("children_level", "string", Title("下级", "Children"), values=CHILD_WORDS),
    Field("children", "integer", Title("下级个数", "Number of children")),
    Field(
        "area_m2",
        "number",
        Title("应覆盖面积", "Area to cover"),
        unit="m²",
        meaning=Title("区划面积减去排除区，等积投影", "Less excluded ground, in an equal-area frame"),
    ),
    Field("covered_area_m2", "number", Title("已覆盖面积", "Covered area"), unit="m²"),
    Field("covered", "number", Title("覆盖率", "Covered"), unit="share"),
    Field("gap_area_m2", "number", Title("空白面积", "Gaps"), unit="m²"),
    Field("overlap_area_m2", "number", Title("重叠面积", "Overlaps"), unit="m²"),
    Field("spill_area_m2", "number", Title("越界面积", "Spills"), unit="m²"),
    Field("fails", "integer", Title("不合格项", "Fails")),
    Field("warnings", "integer", Title("警告项", "Warnings")),
    Field("grade", "string", Title("评定", "Grade"), values=GRADE_WORDS),
    Field(
        "basis",
        "string",
        Title("归属依据", "Basis"),
        values={"declared": DECLARED, "overlap": OVERLAP, "mixed": Title("两者皆有", "Both")},
    ),
)
STAFFING = (
    GRID_ID,
    NAME,
    DIVISION_ID,
    GRID_KIND,
    Field(
        "households",
        "integer",
        Title("户数", "Households"),
        unit="households",
        meaning=Title(
            "有人口表则汇总，否则用网格自报；不足10人不公布",
            "From the population table where it has them, else the grid's own; not told below 10 people",
        ),
    ),
    Field("need", "integer", Title("应配", "Needed"), unit="FTE"),
    Field(
        "workers",
        "number",
        Title("在岗（折合全职）", "Workers"),
        unit="FTE",
        meaning=Title(
            "当日有效的全职岗位；一人多格按格数均分或按填报份额",
            "Full-time roles valid on the day; a person on n grids gives each 1/n, or the share stated",
        ),
    ),
    Field("deficit", "number", Title("缺额", "Deficit"), unit="FTE"),
    Field("surplus", "number", Title("富余", "Surplus"), unit="FTE"),
    Field("load", "number", Title("每名网格员户数", "Households per worker"), unit="households"),
    Field("status", "string", Title("配备情况", "Status"), values=STATUS_WORDS),
    Field("roles_missing", "list", Title("缺少的岗位", "Roles missing")),
    Field("complete", "boolean", Title("岗位齐全", "Roles complete")),
)
