"""One hub and N points."""

from __future__ import annotations

from typing import Any

import geopandas as gpd
import pandas as pd
import pytest
from hypothesis import given, settings
from hypothesis import strategies as st

from geo import catalogue
from geo.parameters import Parameters
from geo.tables import TABLES
from tests import worlds

ASKED = Parameters(as_of="2026-11-20", hub_m=1_000)
LAYER = catalogue.layer("station-hubs")


def built(tables: dict[str, Any], asked: Parameters = ASKED) -> gpd.GeoDataFrame:
    made = {name: catalogue.made(name).build(tables, asked) for name in LAYER.needs if name not in TABLES}
    return LAYER.build({**tables, **made}, asked)


def test_points_and_their_hubs_by_hand() -> None:
    rows = built(worlds.spokes()).set_index("station_id")
    assert rows["verdict"].to_dict() == {
        "a": "ok",
        "b": "far",
        "c": "unreachable",
        "d": "no_hub",
        "e": "unknown_hub",
        "f": "wrong_hub",
        "g": "wrong_hub",
        "w": "ok",
    }
    assert rows["walk_m"].dropna().to_dict() == pytest.approx({"a": 570, "b": 3_040, "f": 130, "w": 230}, abs=0.05)
    straight = {"a": 500.1, "b": 3_000.27, "c": 354.4, "f": 104.4, "w": 202.24}
    assert rows["straight_m"].dropna().to_dict() == pytest.approx(straight, abs=0.1)
    made = {figure.id: figure for figure in LAYER.figures(rows, ASKED)}
    assert (made["station-hubs.within"].numerator, made["station-hubs.within"].denominator) == (2, 8)
    assert made["station-hubs.without"].value == 4
    assert made["station-hubs.far"].value == 2


def test_a_point_exactly_at_the_limit_is_within_it() -> None:
    rows = built(worlds.spokes(), ASKED.model_copy(update={"hub_m": 3_040.01})).set_index("station_id")
    assert rows.loc["b", "verdict"] == "ok"
    rows = built(worlds.spokes(), ASKED.model_copy(update={"hub_m": 3_039.9})).set_index("station_id")
    assert rows.loc["b", "verdict"] == "far"


def test_a_hub_that_has_closed_is_unknown_and_a_lost_one_is_not_reached() -> None:
    tables = worlds.spokes()
    stations = tables["stations"]
    hub = stations["station_id"] == "h"
    closed = stations.assign(valid_to=stations["valid_to"].mask(hub, pd.Timestamp("2026-11-20")))
    assert built({**tables, "stations": closed}).set_index("station_id")["verdict"]["a"] == "unknown_hub"
    lost = stations.copy()
    lost.loc[hub, "geometry"] = None
    rows = built({**tables, "stations": lost}).set_index("station_id")
    assert rows["verdict"]["a"] == "unreachable"
    assert pd.isna(rows["straight_m"]["a"])


@settings(max_examples=20, deadline=None)
@given(st.permutations(list("abcdefghswx")), st.integers(10, 4_000))
def test_order_does_not_matter_and_a_longer_way_allows_more(order: list[str], hub_m: int) -> None:
    tables = worlds.spokes()
    tables["stations"] = tables["stations"].set_index("station_id", drop=False).loc[order].reset_index(drop=True)
    rows, wider = (built(tables, ASKED.model_copy(update={"hub_m": m})) for m in (hub_m, 2 * hub_m))
    assert rows["station_id"].tolist() == list("abcdefgw")
    assert (rows["walk_m"].isna() | (rows["walk_m"] >= rows["straight_m"] - 0.1)).all()
    assert set(rows.index[rows["verdict"] == "ok"]) <= set(wider.index[wider["verdict"] == "ok"])
