"""Do two schemes of grids divide the same ground alike?"""

from __future__ import annotations

from collections.abc import Sequence
from typing import Any

import geopandas as gpd
import numpy as np
import pandas as pd
import pytest
import shapely
from shapely import Point, Polygon, box

from geo.grid.schemes import conflicting_borders, correspondence, matches
from geo.tables.conform import conform
from tests.worlds import COMMUNITY, TOWN, beats_of, four_grids, grids_of, moved, square, strips


def homes_of(places: Sequence[tuple[float, float, float, float | None]]) -> gpd.GeoDataFrame:
    """Population by x, y (metres), people and households."""
    points = TOWN.lonlat(np.array([Point(x, y) for x, y, _, _ in places], dtype=object))
    table = {
        "place_id": [f"h{n}" for n in range(len(places))],
        "people": [people for _, _, people, _ in places],
        "households": [households for _, _, _, households in places],
    }
    return conform("population", gpd.GeoDataFrame(table, geometry=points, crs="EPSG:4326"))


def table(rows: gpd.GeoDataFrame) -> pd.DataFrame:
    """A correspondence by the ends of both ids; nothing = in none."""
    ends = [rows[name].astype("object").str[len(COMMUNITY) :].fillna("") for name in ("left_id", "right_id")]
    return pd.DataFrame(rows).set_index(pd.MultiIndex.from_arrays(ends))


def by_hand(grids: Any, beats: Any, **options: Any) -> pd.DataFrame:
    return table(correspondence(grids, beats, **options))


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
