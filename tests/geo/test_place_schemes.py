"""Other schemes and large grids on the same ground change nothing of what is told about walking."""

from __future__ import annotations

from typing import Any

import geopandas as gpd
import pandas as pd
import pytest
from pandas.testing import assert_frame_equal

from geo.place.schemes import counts_once, is_large, main_scheme
from tests.asking import ask
from tests.building import ASKED
from tests.worlds import crossroads, four_grids


def stacked(grids: gpd.GeoDataFrame) -> gpd.GeoDataFrame:
    """Lay over the grids a large one that holds them all, with the lowest id, and a copy for the police."""
    whole = grids.iloc[:1].assign(grid_id="000000000000000", scheme="large", parent_grid_id=None)
    whole = whole.set_geometry([grids.union_all()], crs=grids.crs)
    police = grids.assign(grid_id="0" + grids["grid_id"].str[1:], scheme="police", parent_grid_id=None)
    named = grids.assign(parent_grid_id="000000000000000")
    return gpd.GeoDataFrame(pd.concat([whole, police, named], ignore_index=True), crs=grids.crs)


def test_the_small_grids_of_the_main_scheme_count() -> None:
    grids, _ = four_grids()
    table = stacked(grids)
    assert table.loc[is_large(table), "grid_id"].tolist() == ["000000000000000"]
    assert table.loc[counts_once(table), "grid_id"].tolist() == grids["grid_id"].tolist()
    assert table.loc[counts_once(table, "police"), "scheme"].unique().tolist() == ["police"]
    assert (main_scheme(table["scheme"]), main_scheme(table["scheme"].iloc[:0])) == ("main", None)


@pytest.mark.parametrize("id", ["grid-walk", "division-walk", "walk-coverage", "grid-hours", "station-hours"])
def test_people_are_told_of_in_the_grids_that_count(id: str) -> None:
    world: dict[str, Any] = crossroads()
    alone = ask(id, world, ASKED)
    beside = ask(id, {**world, "grids": stacked(world["grids"])}, ASKED)
    assert len(alone)
    assert_frame_equal(pd.DataFrame(alone), pd.DataFrame(beside))
