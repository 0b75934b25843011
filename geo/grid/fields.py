"""The columns of the layers about divisions and grids, and the words for their codes."""

from __future__ import annotations

from collections.abc import Iterable

import geopandas as gpd

from geo.layer import Field, Title
from geo.place.tree import LEVEL_WORDS
from geo.tables.conform import PANDAS_DTYPES

PARENT_WORDS = {**LEVEL_WORDS, "large_grid": Title("大网格", "Large grid")}
CHILD_WORDS = {**PARENT_WORDS, "grid": Title("网格", "Grid")}
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

DIVISION_ID = Field("division_id", "string", Title("区划代码", "Division"))
NAME = Field("name", "string", Title("名称", "Name"))
GRID_ID = Field("grid_id", "string", Title("网格编码", "Grid"))
GRID_KIND = Field("kind", "string", Title("类型", "Kind"), values=GRID_KIND_WORDS)
SCHEME = Field("scheme", "string", Title("网格体系", "Scheme"))
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
    SCHEME,
    SYNTHETIC,
)
BACKGROUND = (
    Field("background_id", "string", Title("编号", "Id")),
    Field("kind", "string", Title("类型", "Kind"), values=BACKGROUND_WORDS),
    NAME,
    Field("rank", "number", Title("级别", "Rank")),
)


def declared(rows: gpd.GeoDataFrame, declared: Iterable[Field]) -> gpd.GeoDataFrame:
    """Keep the columns that a layer declares, its text as text.

    Parameters
    ----------
    rows : geopandas.GeoDataFrame
        With those columns, and perhaps others.
    declared : iterable of Field
        What the layer declares.

    Returns
    -------
    geopandas.GeoDataFrame
        The declared columns in their order, and the geometry; index 0…n-1.
    """
    text = {field.name: PANDAS_DTYPES["string"] for field in declared if field.kind == "string"}
    return rows[[*(field.name for field in declared), "geometry"]].reset_index(drop=True).astype(text)
