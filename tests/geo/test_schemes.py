"""Do two schemes of grids divide the same ground alike?"""

from __future__ import annotations

from collections.abc import Sequence
from itertools import combinations, pairwise, product
from typing import Any

import geopandas as gpd
import numpy as np
import pandas as pd
import pytest
import shapely
from hypothesis import given, settings
from hypothesis import strategies as st
from pandas.testing import assert_frame_equal
from shapely import Point, Polygon, box

from geo.grid.layers import LAYERS
from geo.grid.schemes import conflicting_borders, correspondence, matches
from geo.grid.stacked.figures import best_matches
from geo.grid.stacked.ground import is_wide
from geo.grid.stacked.pairs import scheme_pairs, tree_pairs
from geo.grid.stacked.people import told_beside
from geo.layer import Layer, Parameters
from geo.place.index import polygonal
from geo.tables.conform import conform
from tests.worlds import COMMUNITY, TOWN, communities_of, four_grids, grids_of, square, strips


def beats_of(polygons: dict[str, Any], **columns: Any) -> gpd.GeoDataFrame:
    """Police beats by the end of their id, in metres."""
    return grids_of(polygons, **{"scheme": "police", **columns})


def homes_of(places: Sequence[tuple[float, float, float, float | None]]) -> gpd.GeoDataFrame:
    """Population by x, y (metres), people and households."""
    points = TOWN.lonlat(np.array([Point(x, y) for x, y, _, _ in places], dtype=object))
    table = {
        "place_id": [f"h{n}" for n in range(len(places))],
        "people": [people for _, _, people, _ in places],
        "households": [households for _, _, _, households in places],
    }
    return conform("population", gpd.GeoDataFrame(table, geometry=points, crs="EPSG:4326"))


def moved(grids: gpd.GeoDataFrame, x: float, y: float, **columns: Any) -> gpd.GeoDataFrame:
    """The same grids, drawn some metres away."""
    ground = TOWN.metres(np.asarray(grids.geometry))
    shifted = shapely.transform(ground, lambda xy: xy + np.array([x, y]))
    return grids.assign(**columns).set_geometry(gpd.GeoSeries(TOWN.lonlat(shifted), crs=grids.crs))


def table(rows: gpd.GeoDataFrame) -> pd.DataFrame:
    """A correspondence by the ends of both ids; nothing = in none."""
    ends = [rows[name].astype("object").str[len(COMMUNITY) :].fillna("") for name in ("left_id", "right_id")]
    return pd.DataFrame(rows).set_index(pd.MultiIndex.from_arrays(ends))


def by_hand(grids: Any, beats: Any, **options: Any) -> pd.DataFrame:
    return table(correspondence(grids, beats, **options))


def layer_of(id: str) -> Layer:
    return next(layer for layer in LAYERS if layer.id == id)


# --- by hand: four grids of 100 m × 100 m under three strips (see tests/worlds.py) -------------------------------


def test_what_four_squares_and_three_strips_share() -> None:
    """001 and s1 share 60 m × 100 m: 6,000 of 10,000 and of 12,000 m²; 6,000 / (10,000 + 12,000 - 6,000) = 3/8."""
    grids, beats = strips()
    made = by_hand(grids, beats)
    pair = made.loc[("001", "s1")]
    assert (pair["left_scheme"], pair["right_scheme"], pair["basis"]) == ("main", "police", "estimated")
    assert pair["area_m2"] == pytest.approx(6_000, abs=0.1)
    assert (pair["left_share"], pair["right_share"], pair["iou"]) == pytest.approx((0.6, 0.5, 0.375), abs=1e-5)
    expected = {
        ("001", "s1"): 6_000, ("001", "s2"): 4_000,
        ("002", "s2"): 4_000, ("002", "s3"): 5_000, ("002", ""): 1_000,
        ("003", "s1"): 6_000, ("003", "s2"): 4_000,
        ("004", "s2"): 4_000, ("004", "s3"): 5_000, ("004", ""): 1_000,
    }  # fmt: skip
    assert made["area_m2"].to_dict() == pytest.approx(expected, abs=0.1)
    assert made.loc[("002", ""), ["right_share", "iou", "right_area_m2"]].isna().all()
    assert made.loc[("002", ""), "right_scheme"] == "police"
    assert made.loc[("002", ""), "left_share"] == pytest.approx(0.1, abs=1e-5)


def test_best_matches_are_mutual_and_ties_go_to_the_lowest_id() -> None:
    """001 and 003 overlap with s1 alike (3/8), 002 and 004 with s3 (5,000 / 15,000 = 1/3)."""
    made = by_hand(*strips())
    assert made.index[made["best"]].tolist() == [("001", "s1"), ("002", "s3")]


def test_households_are_estimated_by_area_from_both_sides() -> None:
    """001 says 0.6 × 300 = 180 households for what it shares with s1, s1 says 0.5 × 300 = 150; the mean is 165."""
    made = by_hand(*strips())
    assert made.loc[("001", "s1"), "households"] == 165
    assert made.loc[("001", "s1"), "people"] == 385  # (0.6 × 700 + 0.5 × 700) / 2
    assert made.loc[("002", ""), "households"] == 30


def test_one_side_that_knows_is_enough_and_nobody_knowing_is_said() -> None:
    grids, beats = strips()
    made = by_hand(grids, beats.assign(households=pd.NA, people=pd.NA))
    assert made.loc[("001", "s1"), "households"] == 180
    none = {"households": pd.NA, "people": pd.NA}
    made = by_hand(grids.assign(**none), beats.assign(**none))
    assert made[["households", "people", "basis"]].isna().all().all()
    bare = by_hand(grids[["grid_id", "geometry"]], beats[["grid_id", "geometry"]])
    assert bare["area_m2"].tolist() == made["area_m2"].tolist()
    assert bare[["left_scheme", "right_scheme"]].isna().all().all()


def test_people_are_counted_where_they_live_and_fewer_than_ten_are_not_told() -> None:
    """30 + 12 people live in 003 ∩ s1, 15 in 003 ∩ s2, 20 in the part of 002 in no beat; in 001 ∩ s1 30, in
    001 ∩ s2 9, who must not be told, nor what would tell of them: 30 of the 39 of 001, 15 of the 24 of s2.
    """
    homes = [(10, 110, 30, 10), (50, 190, 12, 4), (70, 150, 15, 5), (195, 50, 20, 7), (999, 999, 50, 20)]
    made = by_hand(*strips(), population=homes_of(homes))
    assert made.loc[("003", "s1"), ["people", "households", "basis"]].tolist() == [42, 14, "counted"]
    assert made.loc[("003", "s2"), ["people", "households"]].tolist() == [15, 5]
    assert made.loc[("002", "s3"), ["people", "households"]].tolist() == [0, 0]
    assert made.loc[("002", ""), ["people", "households"]].tolist() == [20, 7]
    made = by_hand(*strips(), population=homes_of([*homes, (10, 10, 30, 10), (70, 50, 9, 3)]))
    for pair in (("001", "s1"), ("001", "s2"), ("003", "s2")):
        assert made.loc[pair, ["people", "households"]].isna().all()
    assert made.loc[("003", "s1"), "people"] == 42


def test_everybody_counts_once_even_on_borders_and_in_overlaps() -> None:
    """A home on the corner of all four grids, and on the edge of two beats, is in 001 and s1."""
    homes = homes_of([(100, 100, 40, 15), (60, 20, 25, 9)])
    beats = beats_of({"s1": box(0, 0, 120, 200), "s2": box(80, 0, 200, 200)})  # overlap from 80 to 120
    made = by_hand(four_grids()[0], beats, population=homes)
    assert made.loc[("001", "s1"), "people"] == 65
    assert made["people"].sum() == 65


def test_people_without_households_are_counted_and_households_estimated() -> None:
    made = by_hand(*strips(), population=homes_of([(10, 10, 30, None)]))
    assert made.loc[("001", "s1"), ["people", "households", "basis"]].tolist() == [30, 165, "mixed"]


def test_what_conflicts_between_squares_and_strips() -> None:
    """The border of s1 and s2 at x = 60 cuts 001 and 003 over 100 m each, of which the 5 m at both ends do not
    count; so do that of s2 and s3 at x = 140, and the rim of s3 at x = 190. The squares' border at x = 100 cuts s2
    from y = 5 to 195, in two stretches that meet at y = 100; that at y = 100 cuts each strip across.
    """
    made = conflicting_borders(*strips())
    rows = {
        tuple(id[len(COMMUNITY) :] for id in (row.cut_id, *row.grid_ids)): row.length_m
        for row in made.itertuples()
    }
    assert rows == pytest.approx(
        {
            ("001", "s1", "s2"): 90, ("003", "s1", "s2"): 90,
            ("002", "s2", "s3"): 90, ("004", "s2", "s3"): 90,
            ("002", "s3"): 90, ("004", "s3"): 90,
            ("s2", "001", "002"): 95, ("s2", "003", "004"): 95,
            ("s1", "001", "003"): 50,
            ("s2", "001", "003"): 35, ("s2", "002", "004"): 35,
            ("s3", "002", "004"): 40,
        },
        abs=0.02,
    )  # fmt: skip
    assert made["length_m"].is_monotonic_decreasing
    assert set(made.loc[made["scheme"] == "police", "other_scheme"]) == {"main"}
    assert made["households"].tolist() == [300] * 12
    assert made["conflict_id"].is_unique


def test_households_of_a_grid_that_is_cut_are_counted_where_they_live() -> None:
    made = conflicting_borders(*strips(), population=homes_of([(10, 10, 30, 10), (150, 10, 9, 3)]))
    told = made.set_index(made["cut_id"].str[len(COMMUNITY) :])["households"]
    assert told["001"] == 10
    assert pd.isna(told["002"]).all()
    assert told["003"] == 0


def test_grids_that_could_be_one_are_listed_best_first_with_what_still_differs() -> None:
    """b1 is 001 less 10 m × 100 m (iou 0.9), b2 is 002 less 5 m × 100 m at its edge to b1 (0.95).

    Apart from what is shared: 0.1 × 300 households of 001 and none of b1, 0.05 × 300 = 15 of 002 and none of b2.
    """
    grids = four_grids()[0].iloc[:2]
    beats = beats_of({"b1": box(0, 0, 90, 100), "b2": box(105, 0, 200, 100)}, households=[270, 400])
    pairs = correspondence(grids, beats)
    made = matches(pairs, grids, beats)
    assert made[["rank", "left_id", "right_id"]].to_numpy().tolist() == [
        [1, COMMUNITY + "002", COMMUNITY + "b2"],
        [2, COMMUNITY + "001", COMMUNITY + "b1"],
    ]
    assert made["iou"].tolist() == pytest.approx([0.95, 0.9], abs=1e-5)
    assert made["differing_m2"].tolist() == pytest.approx([500, 1_000], abs=0.1)
    assert made["differing_households"].tolist() == [15, 30]
    assert made["households"].tolist() == [round((285 + 400) / 2), 270]
    assert shapely.area(TOWN.metres(np.asarray(made.geometry))) == pytest.approx([10_000, 10_000], abs=0.1)
    assert matches(pairs, grids, beats, least=0.92)["left_id"].tolist() == [COMMUNITY + "002"]
    assert len(matches(pairs, grids, beats, least=0.96)) == 0


def test_what_differs_is_counted_where_people_live_and_not_told_below_ten() -> None:
    """In 001 but not in b1 live 12 people in 5 households, in 002 but not in b2 9: 200 of 209 would tell."""
    grids = four_grids()[0].iloc[:2]
    beats = beats_of({"b1": box(0, 0, 90, 100), "b2": box(105, 0, 200, 100)})
    homes = homes_of([(50, 50, 300, 100), (95, 50, 12, 5), (150, 50, 200, 70), (102, 50, 9, 3)])
    made = matches(correspondence(grids, beats, population=homes), grids, beats, population=homes)
    assert [id[-3:] for id in made["left_id"]] == ["002", "001"]
    assert made[["households", "differing_households"]].isna().to_numpy().tolist() == [
        [True, True],
        [False, False],
    ]
    assert made[["households", "differing_households"]].iloc[1].tolist() == [100, 5]


def test_several_matches_that_overlap_alike_are_ranked_by_households_then_id() -> None:
    grids = four_grids()[0].assign(households=[100, 300, 300, 200])
    twins = grids.assign(grid_id=grids["grid_id"].str.replace(COMMUNITY, "p"), scheme="police")
    made = matches(correspondence(grids, twins), grids, twins)
    assert [id[-3:] for id in made["left_id"]] == ["002", "003", "004", "001"]
    assert made["rank"].tolist() == [1, 2, 3, 4]
    assert made["differing_m2"].tolist() == [0.0] * 4
    assert made["differing_households"].tolist() == [0] * 4


# --- slips of digitising -----------------------------------------------------------------------------------------


def test_the_same_scheme_drawn_two_metres_away_is_matched_and_does_not_conflict() -> None:
    """iou = 98 × 98 / (2 × 10,000 - 98 × 98); strips of 2 m beside neighbours are no shared ground."""
    grids = four_grids()[0]
    other = moved(grids, 2, 2, scheme="police")
    made = by_hand(grids, other)
    assert made.index.tolist() == [(id, id) for id in ("001", "002", "003", "004")]
    assert made["best"].all()
    assert made["iou"].tolist() == pytest.approx([9_604 / 10_396] * 4, abs=1e-4)
    assert len(conflicting_borders(grids, other)) == 0


def test_beyond_the_width_of_a_sliver_a_shift_is_a_conflict() -> None:
    grids = four_grids()[0]
    other = moved(grids, 8, 0, scheme="police")
    made = by_hand(grids, other)
    assert made.loc[("002", "001"), "area_m2"] == pytest.approx(800, abs=0.1)
    assert made.loc[("001", ""), "area_m2"] == pytest.approx(800, abs=0.1)
    assert (
        len(conflicting_borders(grids, other)) == 8
    )  # six vertical edges of each: four cut a grid, two are outside
    assert len(conflicting_borders(grids, other, sliver_m=8.0)) == 0
    assert len(by_hand(grids, other, sliver_m=8.5)) == 4


def test_narrow_pieces_count_where_they_are_most_of_a_grid() -> None:
    """A dyke 3 m wide is a grid of its own: all of it lies in s1, which shares no other ground with it."""
    dyke = grids_of({"001": box(0, 0, 3, 100), "002": box(3, 0, 100, 100)})
    made = by_hand(dyke, beats_of({"s1": box(0, 0, 100, 100)}))
    assert made.loc[("001", "s1"), "left_share"] == pytest.approx(1.0, abs=1e-4)
    assert made.index.tolist() == [("001", "s1"), ("002", "s1")]
    made = by_hand(dyke.iloc[:1], beats_of({"s1": box(-50, -9, 1.4, 109), "s2": box(1.4, -9, 50, 109)}))
    assert made.index.tolist() == [("001", "s2"), ("", "s1"), ("", "s2")]  # 1.6 of its 3 m are more than half


def test_every_grid_with_ground_has_a_row() -> None:
    """A dyke 3 m wide lies in three beats by a third each: it shares ground with none, all of it is slivers."""
    dyke = grids_of({"001": box(0, 0, 3, 300)})
    beats = beats_of({f"s{n}": square(-50, 100 * n) for n in range(3)})
    made = by_hand(dyke, beats)
    assert made.index[0] == ("001", "")
    assert made.loc[("001", ""), ["area_m2", "left_share", "households"]].tolist() == [0.0, 0.0, 0]
    assert made.loc[("001", ""), "geometry"] is None
    assert made.index.tolist() == [("001", ""), ("", "s0"), ("", "s1"), ("", "s2")]


def test_a_beat_made_of_whole_grids_does_not_conflict() -> None:
    """The grids' borders only divide it further; a border that leaves a grid in two beats is one."""
    grids = four_grids()[0]
    assert len(conflicting_borders(grids, beats_of({"s1": square(0, 0, 200)}))) == 0
    halves = beats_of({"s1": box(0, 0, 100, 200), "s2": box(100, 0, 200, 200)})
    assert len(conflicting_borders(grids, halves)) == 0
    drawn_roughly = beats_of({"s1": box(-2, -2, 103, 202), "s2": box(103, -2, 201, 202)})
    assert len(conflicting_borders(grids, drawn_roughly)) == 0


def test_a_border_with_more_vertices_is_the_same_border() -> None:
    grids = four_grids()[0]
    dense = grids.set_geometry(gpd.GeoSeries(shapely.segmentize(np.asarray(grids.geometry), 1e-4), crs=grids.crs))
    assert by_hand(grids, dense)["iou"].tolist() == pytest.approx([1.0] * 4, abs=1e-5)
    assert len(conflicting_borders(grids, dense)) == 0


def test_borders_of_neighbours_with_different_corners_are_drawn_once() -> None:
    """001 is 200 m high, beside it are 002 and 003: each half of its edge lies between it and one of them."""
    grids = grids_of({"001": box(0, 0, 100, 200), "002": square(100, 0), "003": square(100, 100)})
    made = conflicting_borders(grids, beats_of({"s1": box(50, -50, 150, 250)}))
    mine = made[made["scheme"] == "main"]
    inner = {
        tuple(id[-3:] for id in row.grid_ids): row.length_m for row in mine.itertuples() if len(row.grid_ids) > 1
    }
    assert inner == pytest.approx({("001", "002"): 100, ("001", "003"): 100, ("002", "003"): 45}, abs=0.02)


def test_beside_the_border_of_an_overlapping_grid_there_is_no_conflict() -> None:
    """s1 and s2 overlap from x = 80 to 120: a border at x = 100 is far from theirs, one at x = 82 is not."""
    beats = beats_of({"s1": box(0, 0, 120, 100), "s2": box(80, 0, 200, 100)})
    for x, stretches in ((100, 2), (82, 0), (118, 0)):
        grids = grids_of({"001": box(0, 0, x, 100), "002": box(x, 0, 200, 100)})
        made = conflicting_borders(grids, beats)
        assert (made["scheme"] == "main").sum() == stretches, x


# --- what real files hold ----------------------------------------------------------------------------------------


def test_missing_and_empty_polygons_hold_nothing_and_invalid_ones_what_they_hold() -> None:
    """The bow tie of 001 is two triangles of 2,500 m² each."""
    grids, beats = strips()
    bow = Polygon([(0, 0), (100, 0), (0, 100), (100, 100)])
    ground = np.array([TOWN.lonlat(bow), None, Polygon(), np.asarray(grids.geometry)[3]], dtype=object)
    made = by_hand(grids.set_geometry(gpd.GeoSeries(ground, crs=grids.crs)), beats)
    left = made[made["left_id"].notna()].groupby(level=0)["area_m2"].sum()
    assert left.to_dict() == pytest.approx({"001": 5_000, "004": 10_000}, abs=0.1)
    assert made.loc["001", "left_area_m2"].tolist() == pytest.approx([5_000, 5_000], abs=0.1)
    assert len(conflicting_borders(grids.set_geometry(gpd.GeoSeries(ground, crs=grids.crs)), beats))


def test_nothing_to_compare_with() -> None:
    grids = four_grids()[0]
    made = by_hand(grids, grids.iloc[:0])
    assert made.index.tolist() == [(id, "") for id in ("001", "002", "003", "004")]
    assert made["area_m2"].tolist() == pytest.approx([10_000] * 4, abs=0.1)
    for left, right in ((grids, grids.iloc[:0]), (grids.iloc[:0], grids), (grids.iloc[:0], grids.iloc[:0])):
        assert len(conflicting_borders(left, right)) == 0
        assert len(matches(correspondence(left, right), left, right)) == 0


def test_grids_of_pastures_tens_of_kilometres_wide() -> None:
    """Edges of 30 km bend by metres when they are projected: the two halves' corners lie on the whole's edge."""
    whole = grids_of({"001": square(0, 0)}).set_geometry([box(111.0, 42.0, 111.4, 42.3)], crs="EPSG:4326")
    halves = beats_of({"s1": square(0, 0), "s2": square(0, 0)}).set_geometry(
        [box(111.0, 42.0, 111.17, 42.3), box(111.17, 42.0, 111.4, 42.3)], crs="EPSG:4326"
    )
    made = by_hand(whole, halves)
    assert made.index.tolist() == [("001", "s1"), ("001", "s2")]
    assert made["left_share"].sum() == pytest.approx(1.0, abs=1e-6)
    assert made["right_share"].tolist() == pytest.approx([1.0, 1.0], abs=1e-6)
    assert len(conflicting_borders(whole, halves)) == 0
    beside = beats_of({"s9": square(0, 0)}).set_geometry([box(111.17, 42.1, 111.3, 42.2)], crs="EPSG:4326")
    made = conflicting_borders(halves, beside)  # its western edge is the halves' common one
    assert made["cut_id"].tolist() == [COMMUNITY + "s2"]
    assert made["length_m"].iloc[0] == pytest.approx(2 * 10_730 + 11_108 - 10, rel=0.01)


# --- laws ------------------------------------------------------------------------------------------------------
Rectangle = tuple[int, int, int, int]  # west, south, east, north, metres
SIDE = 120
TOLERANCE_M = 4.5  # between whole metres: no width is a tie
lines = st.lists(st.integers(1, SIDE - 1), max_size=2, unique=True).map(sorted)
lattices = st.tuples(lines, lines)


def cells_of(lattice: tuple[list[int], list[int]]) -> list[Rectangle]:
    """Cut a square of 120 m by lines from edge to edge."""
    xs, ys = ([0, *cut, SIDE] for cut in lattice)
    return [(w, s, e, n) for (w, e), (s, n) in product(pairwise(xs), pairwise(ys))]


def drawn(cells: list[Rectangle], prefix: str, **columns: Any) -> gpd.GeoDataFrame:
    return grids_of({f"{prefix}{n}": box(*cell) for n, cell in enumerate(cells)}, **columns)


def area_of(cell: Rectangle) -> int:
    return max(0, cell[2] - cell[0]) * max(0, cell[3] - cell[1])


def common(one: Rectangle, other: Rectangle) -> Rectangle:
    return (max(one[0], other[0]), max(one[1], other[1]), min(one[2], other[2]), min(one[3], other[3]))


def counts(piece: Rectangle, *wholes: Rectangle) -> bool:
    wide = min(piece[2] - piece[0], piece[3] - piece[1]) >= TOLERANCE_M
    return area_of(piece) > 0 and (wide or any(area_of(piece) > area_of(whole) / 2 for whole in wholes))


@settings(max_examples=40, deadline=None)
@given(lattices, lattices, st.data())
def test_agrees_with_arithmetic_on_rectangles(
    left: tuple[list[int], list[int]], right: tuple[list[int], list[int]], data: st.DataObject
) -> None:
    one, other = cells_of(left), cells_of(right)
    kept = data.draw(st.lists(st.sampled_from(range(len(other))), unique=True), label="beats that are there")
    made = correspondence(drawn(one, "a"), drawn(other, "b").iloc[kept], sliver_m=TOLERANCE_M)
    pairs = made[made["left_id"].notna() & made["right_id"].notna()]
    found = {
        (int(row.left_id[len(COMMUNITY) + 1 :]), int(row.right_id[len(COMMUNITY) + 1 :])): row.iou
        for row in pairs.itertuples()
    }
    expected = {}
    for (i, a), j in product(enumerate(one), kept):
        shared = common(a, other[j])
        if counts(shared, a, other[j]):
            expected[i, j] = area_of(shared) / (area_of(a) + area_of(other[j]) - area_of(shared))
    assert found == pytest.approx(expected, abs=1e-3)


@settings(max_examples=25, deadline=None)
@given(lattices, lattices)
def test_shares_add_up_where_the_other_scheme_covers_all(
    left: tuple[list[int], list[int]], right: tuple[list[int], list[int]]
) -> None:
    """But for slivers: along each side of a grid one of at most the tolerance."""
    grids, beats = drawn(cells_of(left), "a"), drawn(cells_of(right), "b")
    made = correspondence(grids, beats, sliver_m=TOLERANCE_M)
    assert made["iou"].dropna().between(0, 1).all()
    sums = made.groupby("left_id")["left_share"].sum()
    for (w, s, e, n), share in zip(cells_of(left), sums[sorted(sums.index, key=_number)], strict=True):
        slivers = sum(
            area_of(piece)
            for other in cells_of(right)
            if not counts(piece := common((w, s, e, n), other), (w, s, e, n), other)
        )
        assert share == pytest.approx(1 - slivers / area_of((w, s, e, n)), abs=1e-3)


def _number(id: str) -> int:
    return int(id[len(COMMUNITY) + 1 :])


@settings(max_examples=25, deadline=None)
@given(lattices, lattices)
def test_conflicts_agree_with_arithmetic_on_rectangles(
    left: tuple[list[int], list[int]], right: tuple[list[int], list[int]]
) -> None:
    """A border at x between two grids runs through a beat where west + tolerance < x < east - tolerance."""
    one, other = cells_of(left), cells_of(right)
    made = conflicting_borders(drawn(one, "a"), drawn(other, "b", scheme="police"), sliver_m=TOLERANCE_M)
    made = made[made["scheme"] == "main"]
    found = {(*sorted(map(_number, row.grid_ids)), _number(row.cut_id)): row.length_m for row in made.itertuples()}
    expected = {}
    for ((i, a), (j, b)), (k, beat) in product(combinations(enumerate(one), 2), enumerate(other)):
        for axis in (0, 1):
            across = 1 - axis
            low, high = max(a[across], b[across]), min(a[across + 2], b[across + 2])
            x = a[axis + 2] if a[axis + 2] == b[axis] else b[axis + 2] if b[axis + 2] == a[axis] else None
            inside = x is not None and beat[axis] + TOLERANCE_M < x < beat[axis + 2] - TOLERANCE_M
            length = min(high, beat[across + 2] - TOLERANCE_M) - max(low, beat[across] + TOLERANCE_M)
            if inside and length > TOLERANCE_M and not all(_within(grid, beat) for grid in (a, b)):
                expected[i, j, k] = length
    assert found == pytest.approx(expected, abs=0.02)


def _within(grid: Rectangle, beat: Rectangle) -> bool:
    return all(grid[at] >= beat[at] - TOLERANCE_M for at in (0, 1)) and all(
        grid[at] <= beat[at] + TOLERANCE_M for at in (2, 3)
    )


@settings(max_examples=8, deadline=None)
@given(lattices, lattices, st.randoms(use_true_random=False))
def test_row_order_and_sides_make_no_difference(
    left: tuple[list[int], list[int]], right: tuple[list[int], list[int]], random: Any
) -> None:
    grids, beats = drawn(cells_of(left), "a"), drawn(cells_of(right), "b", scheme="police")
    made = correspondence(grids, beats)
    stretches = conflicting_borders(grids, beats)
    seed = random.randint(0, 999)
    mixed = grids.sample(frac=1, random_state=seed), beats.sample(frac=1, random_state=seed)
    assert_frame_equal(correspondence(*mixed), made)
    assert_frame_equal(conflicting_borders(*mixed), stretches)
    turned = correspondence(beats, grids).rename(
        columns=lambda name: name.replace("left", "x").replace("right", "left").replace("x", "right")
    )
    columns = [name for name in made.columns if name != "geometry"]
    again = pd.DataFrame(turned[columns]).set_index("pair_id").loc[made["pair_id"]].reset_index()
    assert_frame_equal(again, pd.DataFrame(made[columns]), rtol=1e-6)
    assert_frame_equal(conflicting_borders(beats, grids), stretches)


@settings(max_examples=15, deadline=None)
@given(lattices)
def test_a_scheme_matches_itself(lattice: tuple[list[int], list[int]]) -> None:
    grids = drawn(cells_of(lattice), "a")
    twin = grids.assign(scheme="police")
    made = correspondence(grids, twin)
    assert made["left_id"].tolist() == made["right_id"].tolist() == sorted(grids["grid_id"])
    assert made["best"].all()
    assert made["iou"].tolist() == [1.0] * len(grids)
    assert len(conflicting_borders(grids, twin)) == 0
    assert len(matches(made, grids, twin)) == len(grids)


def scattered(seed: int, count: int) -> Any:
    """Polygons of any form that overlap and leave ground free, in metres."""
    rng = np.random.default_rng(seed)
    angle = np.sort(rng.uniform(0, 2 * np.pi, (count, 7)), axis=1)
    radius = rng.uniform(8, 70, (count, 7))
    centre = rng.uniform(0, 200, (count, 1, 2))
    return shapely.polygons(centre + radius[..., None] * np.stack([np.cos(angle), np.sin(angle)], axis=-1))


def slow(one: Any, other: Any, sliver_m: float) -> tuple[dict[tuple[int, int], float], dict[int, float]]:
    """Ground of each pair, and what of each of the first no other holds: one by one, by the largest circle."""

    def kept(ground: Any, *wholes: Any) -> float:
        parts = [part for part in shapely.get_parts(ground) if isinstance(part, Polygon) and part.area > 1e-6]
        wide = [
            part.area
            for part in parts
            if 2 * shapely.length(shapely.maximum_inscribed_circle(part, tolerance=0.01)) >= sliver_m
            or any(part.area > whole.area / 2 for whole in wholes)
        ]
        return float(sum(wide))

    pairs = {(i, j): kept(a.intersection(b), a, b) for (i, a), (j, b) in product(enumerate(one), enumerate(other))}
    alone = {i: kept(a.difference(shapely.union_all(other)), a) for i, a in enumerate(one)}
    return {at: area for at, area in pairs.items() if area}, {at: area for at, area in alone.items() if area}


@pytest.mark.parametrize("seed", range(6))
def test_agrees_with_looking_at_every_pair(seed: int) -> None:
    """Schemes that overlap themselves and leave holes; areas differ by the frame they are measured in."""
    one, other = scattered(seed, 9), scattered(seed + 100, 12)
    names = [f"a{n:02d}" for n in range(9)], [f"b{n:02d}" for n in range(12)]
    made = correspondence(
        grids_of(dict(zip(names[0], one, strict=True))), beats_of(dict(zip(names[1], other, strict=True)))
    )
    pairs, left = slow(polygonal(one), polygonal(other), 5.0)
    _, right = slow(polygonal(other), polygonal(one), 5.0)
    found = {
        (row.left_id if pd.notna(row.left_id) else "", row.right_id if pd.notna(row.right_id) else ""): row.area_m2
        for row in made.itertuples()
    }
    expected = {(COMMUNITY + names[0][i], COMMUNITY + names[1][j]): area for (i, j), area in pairs.items()}
    expected |= {(COMMUNITY + names[0][i], ""): area for i, area in left.items()}
    expected |= {("", COMMUNITY + names[1][j]): area for j, area in right.items()}
    assert found == pytest.approx(expected, rel=1e-3, abs=0.5)


@pytest.mark.parametrize("seed", range(3))
def test_conflicts_lie_inside_and_off_every_border(seed: int) -> None:
    """Half a metre at a time along borders of schemes that overlap themselves: how much is inside and far off?"""
    one, other = polygonal(scattered(seed, 5)), polygonal(scattered(seed + 50, 6))
    grids = grids_of({f"a{n}": polygon for n, polygon in enumerate(one)})
    beats = beats_of({f"b{n}": polygon for n, polygon in enumerate(other)})
    made = conflicting_borders(grids, beats)
    lengths = made[made["scheme"] == "main"].groupby("cut_id")["length_m"].sum()
    rims = shapely.boundary(other)
    for n, beat in enumerate(other):
        metres = 0.0
        for grid in one:
            rim = grid.boundary
            at = shapely.line_interpolate_point(rim, np.arange(0.25, rim.length, 0.5))
            far = (shapely.distance(at[:, None], rims[None, :]) > 5.0).all(axis=1)
            metres += 0.5 * (far & shapely.contains(beat, at)).sum()
        assert lengths.get(f"{COMMUNITY}b{n}", 0.0) == pytest.approx(metres, rel=0.02, abs=12)


@given(st.floats(2, 8), st.floats(10, 60))
@settings(max_examples=30, deadline=None)
def test_width_is_that_of_the_largest_circle(width: float, length: float) -> None:
    strip = shapely.affinity.rotate(box(0, 0, length, width), 31)
    bent = shapely.union_all(
        [box(0, 0, length, width), box(0, 0, width, length)]
    )  # its corner holds a wider circle
    circle = 2 * shapely.length(shapely.maximum_inscribed_circle(np.array([strip, bent]), tolerance=1e-4))
    for wide, diameter in zip((strip, bent), circle, strict=True):
        for asked in (diameter * 0.98, diameter * 1.02):
            assert is_wide(np.array([wide]), asked).tolist() == [bool(diameter >= asked)]


@given(
    st.dictionaries(st.tuples(st.integers(-1, 3), st.integers(-1, 3)), st.integers(0, 30), min_size=1), st.data()
)
def test_what_is_told_never_tells_of_fewer_than_ten(
    counts: dict[tuple[int, int], int], data: st.DataObject
) -> None:
    """Whoever knows the people of every grid and takes away what is told finds nobody, or at least ten."""
    index = pd.MultiIndex.from_tuples(counts, names=["at", "of"])
    people = pd.Series(list(counts.values()), index=index, dtype=float)
    listed = np.array([data.draw(st.booleans()) for _ in counts])
    told = told_beside(people, listed)
    assert not told[~listed].any()
    assert not people[told].between(1, 9).any()
    for side in ("at", "of"):
        for grid, own in people.groupby(level=side):
            kept_back = own[~told[own.index]].sum()
            if grid != -1 and own.sum() > 9:
                assert not 1 <= kept_back <= 9


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
