"""What the division of ground answers: places, grids, what is wrong with them, and who works there."""

from __future__ import annotations

import hashlib

import geopandas as gpd
import numpy as np
import pandas as pd
import shapely

from geo.grid import district_layers, fields, partition_layers, repair_layers, scheme_layers, staffing_layers
from geo.grid.duty import layers as duty_layers
from geo.grid.fields import declared
from geo.layer import Layer, Tables, Title
from geo.parameters import Parameters


def _divisions(tables: Tables, parameters: Parameters) -> gpd.GeoDataFrame:  # noqa: ARG001 (Build)
    return declared(tables["divisions"].sort_values("division_id"), fields.DIVISIONS)


def _grids(tables: Tables, parameters: Parameters) -> gpd.GeoDataFrame:  # noqa: ARG001 (Build)
    return declared(tables["grids"].sort_values("grid_id"), fields.GRIDS)


def _background(tables: Tables, parameters: Parameters) -> gpd.GeoDataFrame:  # noqa: ARG001 (Build)
    rows = tables["background"]
    texts = zip(rows["kind"], rows["name"].fillna(""), shapely.to_wkb(np.asarray(rows.geometry)), strict=True)
    prints = pd.Series([_fingerprint(*text) for text in texts], index=rows.index, dtype="str")
    again = prints.groupby(prints).cumcount()
    ids = prints.where(again == 0, prints + "-" + (again + 1).astype("str"))
    return declared(rows.assign(background_id=ids).sort_values("background_id"), fields.BACKGROUND)


def _fingerprint(kind: str, name: str, geometry: bytes | None) -> str:
    return hashlib.blake2b(f"{kind}|{name}|".encode() + (geometry or b""), digest_size=6).hexdigest()


LAYERS: tuple[Layer, ...] = (
    Layer(
        id="divisions",
        title=Title("行政区划", "Divisions"),
        description=Title(
            "每行一个区划：自治区、盟市、旗县区、苏木乡镇街道或社区嘎查村。",
            "One row a place, from the region down to the community or village.",
        ),
        needs=("divisions",),
        fields=fields.DIVISIONS,
        build=_divisions,
        draw="area",
    ),
    Layer(
        id="grids",
        title=Title("网格", "Grids"),
        description=Title("每行一个网格，户数人口为网格自报。", "One row a grid, with its own counts."),
        needs=("grids",),
        fields=fields.GRIDS,
        build=_grids,
        draw="area",
    ),
    Layer(
        id="background",
        title=Title("底图", "Background"),
        description=Title("只用于绘图的道路、水系和地名。", "Roads, water and names that are only drawn."),
        needs=("background",),
        fields=fields.BACKGROUND,
        build=_background,
        draw="none",
    ),
    *partition_layers.LAYERS,
    *repair_layers.LAYERS,
    *scheme_layers.LAYERS,
    *staffing_layers.LAYERS,
    *duty_layers.LAYERS,
    *district_layers.LAYERS,
)
