"""Which schemes and trees are compared, and what is said of them."""

from __future__ import annotations

from typing import Any

import geopandas as gpd
import pandas as pd
import pytest
from shapely import box

from geo.grid.layers import LAYERS
from geo.grid.stacked.figures import best_matches
from geo.grid.stacked.pairs import scheme_pairs, tree_pairs
from geo.layer import Layer
from geo.parameters import Parameters
from geo.tables.conform import conform
from tests.worlds import COMMUNITY, communities_of, four_grids, grids_of, moved, square, strips


def layer_of(id: str) -> Layer:
    return next(layer for layer in LAYERS if layer.id == id)


# --- which schemes and which trees -----------------------------------------------------------------------------


def stacked() -> gpd.GeoDataFrame:
    """Small grids in a large one, beats in a patrol area, and party grids by themselves."""
    small = four_grids()[0].assign(parent_grid_id="L")
    large = grids_of({"L": square(0, 0, 200)}, scheme="large").assign(grid_id="L")
    beats = strips()[1].assign(parent_grid_id="A")
    area = grids_of({"A": box(0, 0, 190, 200)}, scheme="areas").assign(grid_id="A")
    party = grids_of({"p1": square(0, 0), "p2": square(100, 0)}, scheme="party")
    return conform("grids", pd.concat([small, large, beats, area, party], ignore_index=True))


def compared(grids: gpd.GeoDataFrame) -> list[tuple[str, str]]:
    return [(left["scheme"].min(), right["scheme"].min()) for left, right in scheme_pairs(grids)]


def test_a_scheme_is_not_compared_with_the_large_grids_it_is_made_into() -> None:
    assert compared(stacked()) == [
        ("areas", "large"), ("areas", "main"), ("areas", "party"),
        ("large", "party"), ("large", "police"),
        ("main", "party"), ("main", "police"),
        ("party", "police"),
    ]  # fmt: skip


def test_one_slip_in_the_parents_does_not_hide_a_comparison() -> None:
    grids = stacked()
    grids.loc[0, "parent_grid_id"] = COMMUNITY + "s1"
    assert ("main", "police") in compared(grids)
    assert ("large", "main") not in compared(grids)


def test_large_grids_in_the_scheme_of_small_ones_are_left_out() -> None:
    grids = stacked()
    pairs = list(scheme_pairs(grids.assign(scheme=grids["scheme"].replace({"large": "main"}))))
    main = next(
        right for left, right in pairs if left["scheme"].min() == "areas" and "main" in set(right["scheme"])
    )
    assert len(main) == 4


def test_one_scheme_is_compared_with_nothing() -> None:
    assert compared(four_grids()[0]) == []
    assert compared(four_grids()[0].iloc[:0]) == []


def trees() -> gpd.GeoDataFrame:
    """A township of two communities, and a police district (drawn at two levels) over the same ground."""
    admin = communities_of({"150105001001": box(0, 0, 100, 200), "150105001002": box(100, 0, 200, 200)})
    town = communities_of({"150105001": square(0, 0, 200)}, level="township")
    police = communities_of(
        {"P1": box(0, 0, 100, 200), "P2": box(100, 0, 190, 200)}, level="township", tree="police"
    )
    return conform("divisions", pd.concat([admin, town, police], ignore_index=True))


def test_trees_are_compared_level_by_level_and_lowest_with_lowest() -> None:
    levels = [(left["level"].min(), right["level"].min()) for left, right in tree_pairs(trees())]
    assert levels == [("township", "township"), ("community", "township")]
    assert list(tree_pairs(trees().query("tree == 'admin'"))) == []
    undrawn = trees()
    undrawn = undrawn.set_geometry(undrawn.geometry.where(undrawn["tree"] == "admin", None))
    assert list(tree_pairs(undrawn)) == []


def test_divisions_have_the_households_of_their_grids() -> None:
    """001 and 003 are of the first community, 300 households each; the township has all 1,200."""
    grids = four_grids()[0].assign(division_id=["150105001001", "150105001002"] * 2)
    made = layer_of("tree-correspondence").build({"divisions": trees(), "grids": grids}, Parameters())
    rows = made.set_index(["left_id", "right_id"])
    assert rows.loc[("150105001001", "P1"), "households"] == 600
    assert rows.loc[("150105001", "P1"), "households"] == 600
    assert rows.loc[("150105001002", "P2"), ["households", "iou"]].tolist() == pytest.approx([540, 0.9], abs=1e-4)
    assert rows.loc[("150105001002", "P2"), ["left_level", "right_level"]].tolist() == ["community", "township"]
    assert rows.loc[("150105001", "P1"), ["left_tree", "right_tree", "best"]].tolist() == ["admin", "police", True]
    assert made["pair_id"].is_unique
    figure = layer_of("tree-correspondence").figures(made, Parameters())[0]
    # township and P1, P2: 0.5, 0.5, 0.45; communities and P1, P2: 1, 0.9, 1, 0.9
    assert (figure.numerator, figure.denominator) == pytest.approx((0.5 + 0.5 + 0.45 + 3.8, 7), abs=1e-3)


# --- layers and their figures ----------------------------------------------------------------------------------


def built(id: str, tables: dict[str, Any], **parameters: Any) -> gpd.GeoDataFrame:
    return layer_of(id).build(tables, Parameters(**parameters))


def test_the_layers_tell_of_every_comparison() -> None:
    tables: dict[str, Any] = {"grids": stacked()}
    tables["scheme-correspondence"] = built("scheme-correspondence", tables)
    shared = tables["scheme-correspondence"]
    assert shared["pair_id"].is_unique
    assert len(shared.groupby(["left_scheme", "right_scheme"])) == 8
    could_be_one = built("scheme-matches", tables)
    assert could_be_one["rank"].tolist() == list(range(1, len(could_be_one) + 1))
    assert could_be_one["iou"].is_monotonic_decreasing
    first = could_be_one.iloc[:2]
    assert first["left_id"].tolist() == [COMMUNITY + "001", COMMUNITY + "002"]
    assert first["right_id"].tolist() == [COMMUNITY + "p1", COMMUNITY + "p2"]
    assert could_be_one.iloc[2][["left_id", "right_id"]].tolist() == ["A", "L"]
    conflicts = built("scheme-conflicts", tables)
    assert conflicts["conflict_id"].is_unique
    assert conflicts["length_m"].round().is_monotonic_decreasing


def test_figures_of_the_correspondence() -> None:
    """Best overlap of 001, 003 and s1: 3/8; of 002, 004 and s3: 1/3; of s2: 4,000 / 22,000 = 2/11."""
    grids, beats = strips()
    frame = built("scheme-correspondence", {"grids": pd.concat([grids, beats], ignore_index=True)})
    best = best_matches(frame, "scheme").set_index("id")["iou"]
    assert best[COMMUNITY + "001"] == pytest.approx(3 / 8, abs=1e-4)
    figures = {
        figure.id.split(".", 1)[1]: figure
        for figure in layer_of("scheme-correspondence").figures(frame, Parameters())
    }
    plain = figures["jaccard"]
    assert (plain.numerator, plain.denominator) == pytest.approx((3 * 3 / 8 + 3 / 3 + 2 / 11, 7), abs=1e-3)
    # households told on all of its ground: 001 165 + 98, 002 150 + 98 + 30, s1 2 × 165, s2 2 × 97.5 + 2 × 98, …
    weights = (
        frame.groupby("left_id")["households"].sum().sum() + frame.groupby("right_id")["households"].sum().sum()
    )
    assert figures["jaccard_households"].denominator == weights
    alone = figures["alone"]
    assert (alone.numerator, alone.denominator) == pytest.approx((2_000, 78_000), abs=1)
    assert figures["slivers"].value == pytest.approx(0, abs=1e-6)
    assert set(figures) == {"jaccard", "jaccard_households", "alone", "slivers"}


def test_what_is_left_out_as_slivers_is_said() -> None:
    grids = four_grids()[0]
    tables = {"grids": pd.concat([grids, moved(grids, 2, 0, scheme="police", grid_id=["a", "b", "c", "d"])])}
    frame = built("scheme-correspondence", tables)
    figure = layer_of("scheme-correspondence").figures(frame, Parameters())[-1]
    assert (figure.numerator, figure.denominator) == pytest.approx((8 * 200, 80_000), abs=1)


def test_figures_of_each_comparison_where_there_are_several() -> None:
    frame = built("scheme-correspondence", {"grids": stacked()})
    figures = {figure.id: figure for figure in layer_of("scheme-correspondence").figures(frame, Parameters())}
    assert figures["scheme-correspondence.main-party.jaccard"].numerator == pytest.approx(4, abs=1e-4)
    assert figures["scheme-correspondence.main-party.jaccard"].denominator == 6
    assert "（main与党组织）" in figures["scheme-correspondence.main-party.jaccard"].title.zh


@pytest.mark.parametrize("id", ["scheme-correspondence", "scheme-conflicts", "scheme-matches"])
def test_one_scheme_gives_no_row_and_figures_without_value(id: str) -> None:
    tables: dict[str, Any] = {"grids": four_grids()[0]}
    tables["scheme-correspondence"] = built("scheme-correspondence", tables)
    made = built(id, tables)
    assert len(made) == 0
    figures = layer_of(id).figures(made, Parameters())
    assert figures
    assert all(figure.value is None for figure in figures)


def test_figures_of_conflicts_and_matches() -> None:
    grids, beats = strips()
    tables: dict[str, Any] = {"grids": pd.concat([grids, beats], ignore_index=True)}
    tables["scheme-correspondence"] = built("scheme-correspondence", tables)
    conflicts = layer_of("scheme-conflicts")
    length, cut = conflicts.figures(conflicts.build(tables, Parameters()), Parameters())
    assert length.value == pytest.approx(6 * 90 + 2 * 95 + 50 + 2 * 35 + 40, abs=0.2)
    assert cut.value == 7
    chosen = Parameters(scheme_match=0.35)
    pairs, households = layer_of("scheme-matches").figures(
        built("scheme-matches", tables, scheme_match=0.35), chosen
    )
    assert (pairs.value, households.value) == (1, 165)
