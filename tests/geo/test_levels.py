"""Which levels are compared, what lies above a division, and where the way up goes round in a circle."""

from __future__ import annotations

from typing import Any

import geopandas as gpd
import numpy as np
import pandas as pd
import pytest
from hypothesis import given, settings
from hypothesis import strategies as st
from pandas.testing import assert_frame_equal

from geo.grid.ancestry import ancestors, circles
from geo.grid.layers import LAYERS
from geo.grid.levels import every_level, pairs
from geo.parameters import Parameters
from geo.place.schemes import is_large, main_scheme
from geo.place.tree import lineage
from geo.tables.ground import LEVELS
from tests.worlds import COMMUNITY, NEXT_COMMUNITY, communities_of, grids_of, square

BY_ID = {layer.id: layer for layer in LAYERS}
LARGE = {"901": square(0, 0, 100, 200), "902": square(100, 0, 100, 200)}
SMALL = {"001": square(0, 0), "002": square(100, 0), "003": square(0, 100), "004": square(100, 100)}


def nested_grids(**changed: Any) -> dict[str, gpd.GeoDataFrame]:
    """A community of two large grids, 901 (001 and 003) and 902 (002 and 004), each 100 m × 200 m.

    ::

        200 ┌─────┬─────┐
            │ 003 │ 004 │
            │ 901 │ 902 │
            │ 001 │ 002 │
          0 └─────┴─────┘
            0    100   200
    """
    large = grids_of(LARGE, scheme="large", kind=None)
    small = grids_of(SMALL, parent_grid_id=[COMMUNITY + top for top in ("901", "902", "901", "902")])
    grids = pd.concat([small, large], ignore_index=True).set_index("grid_id", drop=False)
    for id, columns in changed.items():
        for name, value in columns.items():
            grids.loc[COMMUNITY + id[1:], name] = value
    return {"divisions": communities_of({COMMUNITY: square(0, 0, 200)}), "grids": grids.reset_index(drop=True)}


def found_in(tables: dict[str, gpd.GeoDataFrame], **parameters: Any) -> gpd.GeoDataFrame:
    return BY_ID["grid-findings"].build(tables, Parameters(**parameters))


def health_of(tables: dict[str, gpd.GeoDataFrame]) -> gpd.GeoDataFrame:
    return BY_ID["grid-health"].build({**tables, "grid-findings": found_in(tables)}, Parameters())


# --- large grids -------------------------------------------------------------------------------------------------


def test_large_grids_stand_between_the_community_and_its_grids() -> None:
    tables = nested_grids()
    made = [(pair.level, pair.scheme, len(pair.children), len(pair.parents)) for pair in pairs(**tables)]
    assert made == [("large_grid", "large", 2, 1), ("grid", "main", 4, 2)]
    assert len(found_in(tables)) == 0
    health = health_of(tables)
    told = health[["health_id", "parent_id", "level", "children_level", "scheme", "children", "grade"]]
    assert told.to_numpy().tolist() == [
        [COMMUNITY + "-large", COMMUNITY, "community", "large_grid", "large", 2, "PASS"],
        [COMMUNITY + "901", COMMUNITY + "901", "large_grid", "grid", "main", 2, "PASS"],
        [COMMUNITY + "902", COMMUNITY + "902", "large_grid", "grid", "main", 2, "PASS"],
    ]


def test_a_gap_is_told_on_the_level_where_it_is() -> None:
    """902 ends at 180 m: 4,000 of 40,000 m² are in no large grid; 004 there spills out of it. 001 is gone."""
    tables = nested_grids()
    ground = tables["grids"].geometry.to_numpy().copy()
    ground[5] = grids_of({"x": square(100, 0, 100, 180)}).geometry[0]
    tables["grids"] = tables["grids"].set_geometry(gpd.GeoSeries(ground, crs="EPSG:4326")).iloc[1:]
    found = found_in(tables)
    told = {(row["level"], row["kind"]): (row["parent_id"], round(row["area_m2"])) for _, row in found.iterrows()}
    assert told == {
        ("large_grid", "gap"): (COMMUNITY, 2_000),
        ("grid", "gap"): (COMMUNITY + "901", 10_000),
        ("grid", "spill"): (COMMUNITY + "902", 2_000),
        ("grid", "outside"): (COMMUNITY + "902", 2_000),
    }
    health = BY_ID["grid-health"].build({**tables, "grid-findings": found}, Parameters())
    assert set(health["grade"]) == {"FAIL"}
    figures = {figure.id: figure for figure in BY_ID["grid-health"].figures(health, Parameters())}
    covered = figures["grid-health.covered"]  # both levels lose ground, none of it twice: 40,000 - 2,000 - 10,000
    assert (round(covered.numerator or 0), round(covered.denominator or 0)) == (28_000, 40_000)


def test_without_large_grids_nothing_changes() -> None:
    tables = nested_grids()
    tables["grids"] = tables["grids"].iloc[:4]
    (pair,) = pairs(**tables)
    assert (pair.level, pair.parents["level"].tolist()) == ("grid", ["community"])
    assert len(found_in(tables)) == 0


def test_a_grid_right_under_the_community_skips_its_large_grid() -> None:
    found = found_in(nested_grids(_001={"parent_grid_id": None}))
    (row,) = found.to_dict("records")
    assert (row["kind"], row["detail"], row["parent_id"]) == ("skipped", COMMUNITY, COMMUNITY + "901")
    (row,) = found_in(nested_grids(_001={"parent_grid_id": COMMUNITY + "999"})).to_dict("records")
    assert (row["kind"], row["detail"], row["basis"]) == ("orphan", COMMUNITY + "999", "overlap")


def test_a_large_grid_below_another_is_on_the_wrong_level() -> None:
    (row,) = found_in(nested_grids(_901={"parent_grid_id": COMMUNITY + "902"})).to_dict("records")
    assert (row["kind"], row["level"], row["grid_ids"]) == ("skipped", "large_grid", [COMMUNITY + "901"])


def test_a_circle_of_grids_is_one_finding() -> None:
    above = {"_901": {"parent_grid_id": COMMUNITY + "902"}, "_902": {"parent_grid_id": COMMUNITY + "901"}}
    (row,) = found_in(nested_grids(**above)).to_dict("records")
    assert (row["kind"], row["level"], row["scheme"]) == ("cycle", "large_grid", "large")
    assert row["grid_ids"] == [COMMUNITY + "901", COMMUNITY + "902"]


def test_a_large_grid_without_small_ones_belongs_to_its_scheme() -> None:
    grids = nested_grids()["grids"]
    assert is_large(grids).tolist() == [False] * 4 + [True] * 2
    one = grids.assign(parent_grid_id=[COMMUNITY + "901", None, None, None, None, None])
    assert is_large(one).tolist() == [False] * 4 + [True] * 2
    assert not is_large(grids.iloc[:4]).any()  # nobody knows the large grids that they name


def test_a_large_grid_whose_small_ones_lack_is_a_gap_even_alone_in_its_community() -> None:
    """904 is all of another community of the county: 10,000 m² for which there is no small grid."""
    tables = nested_grids()
    lonely = grids_of({"904": square(200, 0)}, scheme="large", kind=None, division_id=NEXT_COMMUNITY)
    lonely["grid_id"] = NEXT_COMMUNITY + "904"
    tables["divisions"] = communities_of({COMMUNITY: square(0, 0, 200), NEXT_COMMUNITY: square(200, 0)})
    tables["grids"] = pd.concat([tables["grids"], lonely], ignore_index=True)
    (row,) = found_in(tables).to_dict("records")
    assert (row["kind"], row["level"], row["parent_id"]) == ("gap", "grid", NEXT_COMMUNITY + "904")
    assert row["area_m2"] == pytest.approx(10_000, abs=0.1)


# --- schemes and trees -------------------------------------------------------------------------------------------


def test_every_scheme_is_judged_by_itself() -> None:
    """In the police scheme 002 lacks: a gap of 10,000 m², in main nothing does."""
    main = grids_of(SMALL)
    others = {"p" + serial: ground for serial, ground in SMALL.items() if serial != "002"}
    police = grids_of(others, scheme="police")
    tables = {
        "divisions": communities_of({COMMUNITY: square(0, 0, 200)}),
        "grids": pd.concat([police, main], ignore_index=True),
    }
    found = found_in(tables, grid_code=r"^\d{12}p?\d{3}$")
    (row,) = found.to_dict("records")
    assert (row["kind"], row["scheme"], row["parent_id"]) == ("gap", "police", COMMUNITY)
    health = BY_ID["grid-health"].build({**tables, "grid-findings": found}, Parameters())
    assert health[["health_id", "scheme", "grade"]].to_numpy().tolist() == [
        [COMMUNITY, "main", "PASS"],
        [COMMUNITY + "-police", "police", "FAIL"],
    ]
    figures = {figure.id: figure.value for figure in BY_ID["grid-health"].figures(health, Parameters())}
    assert figures["grid-health.covered"] == pytest.approx(1.0)
    assert main_scheme(tables["grids"]["scheme"]) == "main"


def test_the_same_ground_lacking_in_two_schemes_is_two_findings() -> None:
    first, second = (
        grids_of({serial: square(500, 0)}, scheme=one) for one, serial in (("a", "001"), ("b", "002"))
    )
    grids = pd.concat([first, second], ignore_index=True).assign(division_id=COMMUNITY[:-1] + "9")
    codes = {COMMUNITY: square(0, 0, 200), COMMUNITY[:-1] + "9": square(500, 0)}
    found = found_in({"divisions": communities_of(codes), "grids": grids}, grid_code="(?P<division>)")
    gaps = found[found["kind"] == "gap"]
    assert sorted(gaps["scheme"]) == ["a", "b"]
    assert found["finding_id"].is_unique


def test_trees_lie_upon_each_other_and_each_is_checked_by_itself() -> None:
    """A police station holds the western half of the community only; its grids name it, not the community."""
    admin = communities_of({COMMUNITY: square(0, 0, 200)})
    police = communities_of({"P1": square(0, 0, 100, 200)}, tree="police", parent_id=None)
    beats = grids_of({"b1": square(0, 0), "b3": square(0, 100)}, scheme="beats", division_id="P1")
    tables = {
        "divisions": pd.concat([admin, police], ignore_index=True),
        "grids": pd.concat([grids_of(SMALL), beats], ignore_index=True),
    }
    assert [(pair.tree, pair.scheme) for pair in pairs(**tables)] == [("police", "beats"), ("admin", "main")]
    assert len(found_in(tables, grid_code="")) == 0
    health = health_of(tables)
    assert health[["health_id", "tree"]].to_numpy().tolist() == [[COMMUNITY, "admin"], ["P1-beats", "police"]]


def test_every_row_is_a_child_once_whether_or_not_it_is_drawn() -> None:
    tables = nested_grids()
    codes: dict[str, Any] = {"150105001": None, "150105": None}
    above = communities_of(codes, level=["township", "county"], parent_id=["150105", None])
    divisions = pd.concat([tables["divisions"], above], ignore_index=True)
    rows = pd.concat([pair.children["grid_id"] for pair in every_level(divisions, tables["grids"])])
    assert sorted(rows) == sorted([*divisions["division_id"], *tables["grids"]["grid_id"]])
    assert found_in({**tables, "divisions": divisions}).empty


def test_the_order_of_rows_does_not_matter() -> None:
    tables = nested_grids(_001={"parent_grid_id": None}, _003={"division_id": "150105001777"})
    made = found_in(tables)
    turned = found_in({name: table.iloc[::-1] for name, table in tables.items()})
    assert len(made)
    assert_frame_equal(pd.DataFrame(made), pd.DataFrame(turned))


# --- the way up --------------------------------------------------------------------------------------------------

CODES = ["15", "1501", "1502", "150105", "150205", "150105001", "150105002", "150105001001"]
tables_of_codes = st.dictionaries(
    st.sampled_from(CODES), st.none() | st.sampled_from([*CODES, "150105999", "x"]), min_size=1
)


@settings(deadline=None)
@given(tables_of_codes, st.lists(st.sampled_from([*CODES, "150105001777", "y", None])), st.data())
def test_ancestors_are_those_of_the_slow_walk(table: dict[str, str | None], ids: list[Any], data: Any) -> None:
    levels = {code: data.draw(st.sampled_from(LEVELS)) for code in table}
    divisions = gpd.GeoDataFrame(
        {"division_id": list(table), "parent_id": list(table.values()), "level": list(levels.values())}
    )
    level = data.draw(st.sampled_from(LEVELS))
    slow = [
        next((one for one in (lineage(id, table) if id else []) if levels.get(one) == level), None) for id in ids
    ]
    fast = ancestors(pd.Series(ids, dtype="object"), divisions, level)
    assert [None if pd.isna(one) else one for one in fast] == slow


@settings(deadline=None)
@given(st.lists(st.integers(-1, 30), max_size=30))
def test_circles_are_those_of_the_slow_walk(up: list[int]) -> None:
    """Whoever comes back to where they began is in a circle; one name each: its first row."""
    ids = pd.Series([f"g{row}" for row in range(len(up))], dtype="object")
    above = pd.Series([None if to < 0 else f"g{to}" for to in up], dtype="object")

    def walk(row: int) -> int:
        seen, here = [row], up[row]
        while 0 <= here < len(up) and here not in seen:
            seen.append(here)
            here = up[here]
        return min(seen) if here == row else -1

    assert circles(ids, above).tolist() == [walk(row) for row in range(len(up))]
    order = np.random.default_rng(7).permutation(len(up))
    turned = circles(ids.iloc[order], above.iloc[order]) >= 0
    assert sorted(ids.iloc[order][turned]) == sorted(ids[circles(ids, above) >= 0])
