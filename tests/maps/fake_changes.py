"""The town a quarter earlier and now: what was changed is written down, so that boards can be held to it."""

from __future__ import annotations

from dataclasses import replace
from datetime import UTC, datetime
from typing import Any

import geopandas as gpd
import pandas as pd

from tests.maps.fake_build import FakeBuild, town_build

BEFORE = "aaaaaaaabbbbccccddddeeeeffff0000"
BETTER, WORSE, NEW, WIDER = 4, 7, 11, 20  # rows of grid-walk now
GONE = "150105001999999"


def two_builds(**parameters: Any) -> tuple[FakeBuild, FakeBuild]:
    """The town before and now.

    Of ``grid-walk`` one grid got better by 5 minutes, one worse by 20 (from 2), one is new, one is gone (30
    minutes, 55 people), one is smaller than it was. Of ``grid-staffing`` one met its need and is vacant now. Of
    the figures the share covered rose from 70 to 76.8 %, vacant grids from 8 to 10. Parameters given are those of
    before.
    """
    now = town_build()
    layer, walk = now.made["grid-walk"]
    then = walk.copy()
    then["minutes"] = then["minutes"].astype(float)
    then.loc[BETTER, "minutes"] += 5
    now_minutes = walk["minutes"].astype(float).copy()
    now_minutes.loc[WORSE] = 22.0
    walk = walk.assign(minutes=now_minutes)
    then.loc[WORSE, "minutes"] = 2.0
    then = then.set_geometry(
        [shape.buffer(0.002) if at == WIDER else shape for at, shape in enumerate(then.geometry)]
    )
    gone = then.iloc[[NEW]].assign(grid_id=GONE, name="模拟旧网格", minutes=30.0, people=55.0)
    then = gpd.GeoDataFrame(pd.concat([then.drop(index=NEW), gone], ignore_index=True), crs=walk.crs)
    staffing_layer, staffing = now.made["grid-staffing"]
    met = staffing.copy()
    vacant = met.index[met["status"] == "vacant"][0]
    met.loc[vacant, "status"] = "met"
    made = {**now.made, "grid-walk": (layer, walk)}
    old = {**now.made, "grid-walk": (layer, then), "grid-staffing": (staffing_layer, met)}
    report = {**now.report, "as_of": "2026-08-20", "version": BEFORE, "layers": _earlier(now.report["layers"])}
    report["parameters"] = {**report["parameters"], **parameters}
    before = FakeBuild(now.workspace, report, old, BEFORE, datetime(2026, 8, 21, 3, tzinfo=UTC))
    return before, replace(now, made=made)


def _earlier(layers: list[dict[str, Any]]) -> list[dict[str, Any]]:
    then = {"grid-walk.people_covered": 0.7, "grid-staffing.vacant": 8}
    return [
        {**layer, "figures": [{**one, "value": then.get(one["id"], one["value"])} for one in layer["figures"]]}
        for layer in layers
    ]
