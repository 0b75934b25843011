"""Is every place in exactly one grid?"""

from __future__ import annotations

from itertools import combinations
from typing import Any

import geopandas as gpd
import numpy as np
import pandas as pd
import pytest
import shapely
from hypothesis import given, settings
from hypothesis import strategies as st
from pandas.testing import assert_frame_equal
from scipy import ndimage
from shapely import Point, Polygon, box

from geo.grid.causes import compactness, width_m
from geo.grid.partition import partition_findings, partition_health
from geo.tables.conform import conform
from tests.worlds import COMMUNITY, NEXT_COMMUNITY, TOWN, communities_of, four_grids, grids_of, square

OTHER_COUNTY = "150102001001"


def with_ground(grids: gpd.GeoDataFrame, **metres: Any) -> gpd.GeoDataFrame:
    """Replace the ground of grids, by the end of their id (``g001=…``), given in metres."""
    ground = np.asarray(grids.geometry).copy()
    for name, polygon in metres.items():
        ground[(grids["grid_id"] == COMMUNITY + name[1:]).to_numpy()] = TOWN.lonlat(polygon)
    return grids.set_geometry(gpd.GeoSeries(ground, crs=grids.crs))


def serials(finding: pd.Series) -> list[str]:
    return [one[-3:] for one in finding["grid_ids"]]


def only(found: gpd.GeoDataFrame) -> pd.Series:
    assert len(found) == 1, found.drop(columns="geometry").to_string()
    return found.iloc[0]


def excluded_of(*polygons: Any) -> gpd.GeoDataFrame:
    ground = TOWN.lonlat(np.array(polygons, dtype=object))
    table = {"excluded_id": [f"x{n}" for n in range(len(polygons))], "kind": "lake"}
    return conform("excluded", gpd.GeoDataFrame(table, geometry=ground, crs="EPSG:4326"))


def homes_of(places: list[tuple[float, float, float, float | None]]) -> gpd.GeoDataFrame:
    """Population by x, y (metres), people and households."""
    points = TOWN.lonlat(np.array([Point(x, y) for x, y, _, _ in places], dtype=object))
    table = {
        "place_id": [f"h{n}" for n in range(len(places))],
        "people": [people for _, _, people, _ in places],
        "households": [households for _, _, _, households in places],
    }
    return conform("population", gpd.GeoDataFrame(table, geometry=points, crs="EPSG:4326"))


# --- by hand -----------------------------------------------------------------------------------------------


def test_grids_that_tile_their_community_give_no_finding() -> None:
    grids, parents = four_grids()
    found = partition_findings(grids, parents)
    assert len(found) == 0
    health = only(partition_health(grids, parents, found))
    assert (health["grade"], health["covered"], health["children"]) == ("PASS", 1.0, 4)
    assert health["area_m2"] == pytest.approx(40_000, abs=0.1)
    assert health["basis"] == "declared"


def test_a_missing_corner_grid() -> None:
    """Without 004 the gap is 10,000 of 40,000 m²; 002 and 003 share 100 m with it, 001 only a corner."""
    grids, parents = four_grids()
    left = grids[grids["grid_id"] != COMMUNITY + "004"]
    assert shapely.coverage_is_valid(np.asarray(left.geometry))  # a check of the grids alone cannot see it
    found = only(partition_findings(left, parents))
    assert (found["kind"], found["cause"], found["severity"]) == ("gap", "missing_grid", "fail")
    assert found["area_m2"] == pytest.approx(10_000, abs=0.1)
    assert found["width_m"] == pytest.approx(100, rel=0.01)
    assert serials(found) == ["002", "003"]
    assert found["neighbour_id"] == COMMUNITY + "002"  # 100 m each: the lower id
    assert (found["parent_id"], found["basis"]) == (COMMUNITY, "declared")
    assert pd.isna(found["households"])  # nobody's count tells who lives in a gap
    assert TOWN.metres(found["geometry"]).equals_exact(square(100, 100).normalize(), tolerance=0.01)
    health = only(partition_health(left, parents, partition_findings(left, parents)))
    assert health["covered"] == pytest.approx(0.75, abs=1e-6)
    assert (health["grade"], health["fails"], health["children"]) == ("FAIL", 1, 3)


def test_a_gap_at_the_edge_is_an_inlet_and_one_inside_is_real() -> None:
    """20 m × 20 m bitten out of 001: at the community's edge, then in its middle."""
    grids, parents = four_grids()
    inlet = with_ground(grids, g001=square(0, 0) - square(40, 0, 20))
    inside = with_ground(grids, g001=square(0, 0) - square(40, 40, 20))
    for table, cause in ((inlet, "inlet"), (inside, "real")):
        found = only(partition_findings(table, parents))
        assert (found["kind"], found["cause"], found["severity"]) == ("gap", cause, "fail")
        assert found["area_m2"] == pytest.approx(400, abs=0.1)
        assert found["neighbour_id"] == COMMUNITY + "001"


@pytest.mark.parametrize(
    ("width", "cause", "severity", "grade"),
    [(0.5, "noise", "info", "PASS"), (3.0, "sliver", "warning", "WARN"), (20.0, "real", "fail", "FAIL")],
)
def test_narrow_gaps_are_noise_or_slivers(width: float, cause: str, severity: str, grade: str) -> None:
    """A strip so wide between 001 and 002, from y = 10 (at the edge it would be an inlet) to 80."""
    grids, parents = four_grids()
    table = with_ground(grids, g001=square(0, 0) - box(100 - width, 10, 100, 80))
    found = only(partition_findings(table, parents))
    assert (found["cause"], found["severity"]) == (cause, severity)
    assert found["width_m"] == pytest.approx(width, rel=0.02)
    assert found["area_m2"] == pytest.approx(70 * width, rel=1e-3)
    assert serials(found) == ["001", "002"]
    assert only(partition_health(table, parents, partition_findings(table, parents)))["grade"] == grade
    assert only(partition_findings(table, parents, noise_m=0.1, sliver_m=0.2))["cause"] in ("real", "sliver")


def test_a_wide_but_long_gap_is_a_sliver() -> None:
    """6 m × 300 m: 4π · 1,800 / 612² = 0.06 < 0.1, though it is wider than 5 m."""
    grids = grids_of({"001": square(0, 0, 400) - box(50, 50, 350, 56)})
    found = only(partition_findings(grids, communities_of({COMMUNITY: square(0, 0, 400)})))
    assert (found["cause"], round(found["width_m"])) == ("sliver", 6)


def test_an_overlap_concerns_both_grids() -> None:
    """001 reaches 40 m into 002, over 100 m: 4,000 m². By their own counts 300 · 4,000/14,000 = 85.7 and
    300 · 4,000/10,000 = 120 households live there: 103 in the mean."""
    grids, parents = four_grids()
    found = only(partition_findings(with_ground(grids, g001=square(0, 0, 140, 100)), parents))
    assert (found["kind"], found["cause"], found["severity"]) == ("overlap", "real", "fail")
    assert found["area_m2"] == pytest.approx(4_000, abs=0.1)
    assert serials(found) == ["001", "002"]
    assert found["households"] == 103
    # around the piece: 001 along its west side and 002 along its east, 100 m each; 004 above it, 40 m
    assert found["neighbour_id"] == COMMUNITY + "001"


def test_three_grids_on_one_spot_are_one_overlap() -> None:
    """001, 002 and 003 all reach 30 m × 30 m around the middle: one piece, not three."""
    grids, parents = four_grids()
    middle = square(85, 85, 30)
    table = with_ground(
        grids, g001=square(0, 0) | middle, g002=square(100, 0) | middle, g003=square(0, 100) | middle
    )
    found = only(partition_findings(table, parents))
    assert found["area_m2"] == pytest.approx(900, abs=0.1)
    assert serials(found) == ["001", "002", "003", "004"]


def test_an_overlap_names_every_grid_that_holds_some_of_it() -> None:
    """On 001, 005 lies in the upper half and 006 in the lower: one piece, though no place is held three times."""
    grids, parents = four_grids()
    halves = grids_of({"005": box(20, 50, 60, 80), "006": box(20, 20, 60, 50)})
    found = only(partition_findings(pd.concat([grids, halves], ignore_index=True), parents))
    assert found["area_m2"] == pytest.approx(2_400, abs=0.1)
    assert serials(found) == ["001", "005", "006"]


def test_a_duplicate_and_a_grid_within_another() -> None:
    grids, parents = four_grids()
    more = grids_of({"005": square(100, 100)}, households=400)
    twice = only(partition_findings(pd.concat([grids, more], ignore_index=True), parents))
    assert (twice["kind"], twice["cause"], twice["severity"]) == ("overlap", "duplicate", "fail")
    assert twice["area_m2"] == pytest.approx(10_000, abs=0.1)
    assert serials(twice) == ["004", "005"]
    assert twice["households"] == 350  # one says 300, the other 400
    within = pd.concat([grids, grids_of({"005": square(120, 120, 30)})], ignore_index=True)
    found = only(partition_findings(within, parents))
    assert (found["cause"], serials(found)) == ("contained", ["004", "005"])
    assert found["area_m2"] == pytest.approx(900, abs=0.1)


def test_a_spill_names_whose_ground_it_takes() -> None:
    """002 reaches 30 m into the next community, where 101 lies: a spill of 3,000 m² beside 101."""
    grids, _ = four_grids()
    next_door = grids_of({"101": square(200, 0, 100, 200)}, division_id=NEXT_COMMUNITY)
    both = communities_of({COMMUNITY: square(0, 0, 200), NEXT_COMMUNITY: square(200, 0, 100, 200)})
    table = pd.concat([with_ground(grids, g002=square(100, 0, 130, 100)), next_door], ignore_index=True)
    assert len(partition_findings(pd.concat([grids, next_door], ignore_index=True), both)) == 0
    found = only(partition_findings(table, both))
    assert (found["kind"], found["cause"], found["severity"]) == ("spill", "real", "fail")
    assert found["area_m2"] == pytest.approx(3_000, abs=0.1)
    assert (found["parent_id"], serials(found)) == (COMMUNITY, ["002"])
    assert found["neighbour_id"][-3:] == "101"
    assert found["households"] == 69  # 300 · 3,000 / 13,000
    health = partition_health(table, both, partition_findings(table, both))
    assert health["grade"].tolist() == ["FAIL", "PASS"]
    assert health["spill_area_m2"].round().tolist() == [3_000, 0]


@pytest.mark.parametrize("width", [700.0, 1_150.0, 1_500.0, 2_300.0])
def test_a_neighbour_along_a_long_edge_does_not_hold_what_lies_twice(width: float) -> None:
    """Between corners a kilometre apart an edge bends by centimetres on its way into the projection."""
    upper = Polygon([(0, 0), (width, 200), (width, 900), (0, 900)])
    lower = Polygon([(0, -900), (width, -900), (width, 200), (0, 0)])
    grids = grids_of({"001": upper, "002": lower, "003": upper})
    found = only(partition_findings(grids, communities_of({COMMUNITY: box(0, -900, width, 900)})))
    assert (found["cause"], serials(found)) == ("duplicate", ["001", "003"])


def test_a_duplicate_that_spills_is_an_overlap_inside_and_a_spill_outside() -> None:
    """Both copies cross the community's edge along one edge of a third: the walks along that edge cancel out."""
    parents = communities_of({COMMUNITY: square(0, 0, 100)})
    grids = grids_of({"001": square(0, 0), "002": box(50, 0, 150, 100)})
    found = partition_findings(grids, parents)
    assert sorted(zip(found["kind"], found["area_m2"].round(), strict=True)) == [
        ("overlap", 5_000), ("spill", 5_000),
    ]  # fmt: skip


# --- the known traps -----------------------------------------------------------------------------------------


def test_a_clean_partition_that_was_densified_stays_clean() -> None:
    """Points put along crooked edges of half the grids are off by the last digit: GEOS flags them, wrongly."""
    grids, parents = wavering()
    dense = np.asarray(grids.geometry).copy()
    dense[::2] = shapely.segmentize(dense[::2], 7e-5)
    flagged = shapely.coverage_invalid_edges(dense)
    assert (~shapely.is_empty(flagged)).any()
    table = grids.set_geometry(gpd.GeoSeries(dense, crs=grids.crs))
    assert len(partition_findings(table, parents)) == 0


def wavering(side: int = 4) -> tuple[gpd.GeoDataFrame, gpd.GeoDataFrame]:
    """Sixteen cells of 0.001° with crooked corners, and their union."""
    rng = np.random.default_rng(5)
    x, y = np.meshgrid(np.arange(side + 1.0), np.arange(side + 1.0), indexing="ij")
    corners = np.stack([x, y], axis=-1) + rng.uniform(-0.3, 0.3, (side + 1, side + 1, 2))
    at = corners / 1000 + [111.7, 40.8]
    cells = np.array(
        [
            Polygon([at[i, j], at[i + 1, j], at[i + 1, j + 1], at[i, j + 1]])
            for i in range(side)
            for j in range(side)
        ],
        dtype=object,
    )
    grids = grids_of({f"{n:03d}": square(0, 0) for n in range(side**2)})
    parents = communities_of({COMMUNITY: square(0, 0)})
    whole = shapely.coverage_union_all(cells)
    return (
        grids.set_geometry(gpd.GeoSeries(cells, crs=grids.crs)),
        parents.set_geometry(gpd.GeoSeries([whole], crs=grids.crs)),
    )


def test_a_corner_on_a_long_straight_edge_opens_no_gap() -> None:
    """A parent of 20 km drawn with four corners, its grids with corners every 2 km: projected, the parent's
    northern edge alone would lie 6 m off."""
    west, south, step = 111.0, 40.5, 0.024
    cells = [box(west + n * step, south, west + (n + 1) * step, south + 0.1) for n in range(10)]
    grids = grids_of({f"{n:03d}": square(0, 0) for n in range(10)}).set_geometry(
        gpd.GeoSeries(cells, crs="EPSG:4326")
    )
    parents = communities_of({COMMUNITY: square(0, 0)}).set_geometry(
        gpd.GeoSeries([box(west, south, west + 10 * step, south + 0.1)], crs="EPSG:4326")
    )
    assert len(partition_findings(grids, parents)) == 0
    lost = partition_findings(grids.iloc[1:], parents)
    health = only(partition_health(grids.iloc[1:], parents, lost))
    assert health["covered"] == pytest.approx(0.9, abs=1e-5)
    assert health["gap_area_m2"] == pytest.approx(health["area_m2"] / 10, rel=1e-5)


def test_a_deliberate_hole_is_neither_gap_nor_area_to_cover() -> None:
    """A lake of 60 m × 60 m in the middle: 36,400 m² are left to cover; grids may stop at it or run into it."""
    grids, parents = four_grids()
    lake = square(70, 70, 60)
    around = {f"g{n}": p - lake for n, p in (("001", square(0, 0)), ("004", square(100, 100)))}
    table = with_ground(grids, **around)
    assert (
        only(partition_findings(table, parents).assign(n=1).groupby("kind").size().reset_index())["kind"] == "gap"
    )
    found = partition_findings(table, parents, excluded=excluded_of(lake))
    assert len(found) == 0
    health = only(partition_health(table, parents, found, excluded=excluded_of(lake)))
    assert (health["grade"], health["covered"]) == ("PASS", 1.0)
    assert health["area_m2"] == pytest.approx(40_000 - 3_600, abs=0.1)


def test_a_gap_that_reaches_beyond_a_lake_is_what_lies_off_it() -> None:
    """The hole is 60 m × 60 m, the lake covers its western 40 m: a gap of 20 m × 60 m stays."""
    grids, parents = four_grids()
    hole = {f"g{n}": square(x, y) - square(70, 70, 60) for n, x, y in _four()}
    found = only(
        partition_findings(with_ground(grids, **hole), parents, excluded=excluded_of(box(70, 70, 110, 130)))
    )
    assert (found["kind"], found["cause"]) == ("gap", "real")
    assert found["area_m2"] == pytest.approx(1_200, abs=0.1)


def _four() -> list[tuple[str, int, int]]:
    return [("001", 0, 0), ("002", 100, 0), ("003", 0, 100), ("004", 100, 100)]


def test_missing_and_empty_geometry_moves_no_row() -> None:
    grids, parents = four_grids()
    none = grids_of({"000": Polygon(), "0005": None, "0006": None})
    table = pd.concat([none.iloc[:2], grids.iloc[:2], none.iloc[2:], grids.iloc[2:]], ignore_index=True)
    assert len(partition_findings(table, parents)) == 0
    found = only(partition_findings(table[table["grid_id"] != COMMUNITY + "003"], parents))
    assert serials(found) == ["001", "004"]
    assert only(partition_health(table, parents, partition_findings(table, parents)))["children"] == 4


def test_a_grid_drawn_across_itself_holds_what_it_holds_once_made_valid() -> None:
    """A bow-tie in 001's place holds two triangles of 2,500 m²: 5,000 m² of gap in two pieces."""
    grids, parents = four_grids()
    found = partition_findings(with_ground(grids, g001=Polygon([(0, 0), (100, 100), (100, 0), (0, 100)])), parents)
    assert found["kind"].tolist() == ["gap", "gap"]
    assert found["area_m2"].to_numpy() == pytest.approx([2_500, 2_500], abs=0.1)


def test_the_order_of_rows_does_not_matter() -> None:
    grids, parents = four_grids()
    table = pd.concat(
        [
            with_ground(grids, g001=square(0, 0) - square(40, 0, 20), g002=square(100, 0, 130)),
            grids_of({"005": square(100, 100)}),
        ],
        ignore_index=True,
    )
    found = partition_findings(table, parents)
    assert sorted(found["kind"]) == ["gap", "overlap", "spill"]
    for seed in range(3):
        again = partition_findings(table.sample(frac=1, random_state=seed), parents)
        assert_frame_equal(pd.DataFrame(found), pd.DataFrame(again))
    assert found["finding_id"].is_unique


def test_inputs_are_left_alone() -> None:
    grids, parents = four_grids()
    before = grids.copy(deep=True), parents.copy(deep=True)
    partition_health(grids, parents, partition_findings(grids.iloc[:3], parents))
    assert_frame_equal(pd.DataFrame(grids), pd.DataFrame(before[0]))
    assert_frame_equal(pd.DataFrame(parents), pd.DataFrame(before[1]))


# --- which parent --------------------------------------------------------------------------------------------


def test_a_grid_without_a_known_community_belongs_where_most_of_it_lies() -> None:
    grids, parents = four_grids()
    unknown = grids.assign(division_id=[None, "150105999999", COMMUNITY, COMMUNITY])
    assert len(partition_findings(unknown, parents)) == 0
    found = only(partition_findings(with_ground(unknown, g001=square(0, 0) - square(40, 40, 20)), parents))
    assert found["basis"] == "overlap"
    assert only(partition_health(unknown, parents, partition_findings(unknown, parents)))["basis"] == "mixed"


def test_a_community_without_grids_is_missing_them_when_the_county_has_grids() -> None:
    grids, _ = four_grids()
    parents = communities_of(
        {
            COMMUNITY: square(0, 0, 200),
            NEXT_COMMUNITY: square(200, 0, 100, 200),
            "150105002001": square(300, 0, 100, 200),
            OTHER_COUNTY: square(400, 0, 100, 200),
            "150105002002": Polygon(),
        }
    )
    found = partition_findings(grids, parents)
    assert found["cause"].tolist() == ["missing_grid", "missing_grid"]
    assert sorted(found["parent_id"]) == [NEXT_COMMUNITY, "150105002001"]
    assert found["grid_ids"].tolist() == [[], []]
    assert found["neighbour_id"].isna().all()
    health = partition_health(grids, parents, found)
    assert health["parent_id"].tolist() == sorted([COMMUNITY, NEXT_COMMUNITY, "150105002001"])
    assert health["covered"].to_numpy() == pytest.approx([1, 0, 0], abs=1e-6)


def test_nothing_in_gives_nothing_out() -> None:
    grids, parents = four_grids()
    for some, above in ((grids.iloc[:0], parents), (grids, parents.iloc[:0]), (grids.iloc[:0], parents.iloc[:0])):
        found = partition_findings(some, above)
        assert len(found) == 0
        assert list(found.columns) == list(partition_findings(grids.iloc[:3], parents).columns)
        assert len(partition_health(some, above, found)) == 0


# --- whom it concerns ----------------------------------------------------------------------------------------


def test_people_in_a_gap_are_counted_where_it_is_known_who_lives_where() -> None:
    grids, parents = four_grids()
    homes = homes_of([(150, 150, 40, 16), (120, 180, 9, 4), (50, 50, 500, 200)])
    found = only(partition_findings(grids.iloc[:3], parents, population=homes))
    assert (found["people"], found["households"]) == (49, 20)


def test_fewer_than_ten_people_are_not_told() -> None:
    grids, parents = four_grids()
    few = only(partition_findings(grids.iloc[:3], parents, population=homes_of([(150, 150, 9, 4)])))
    assert pd.isna(few["people"])
    assert pd.isna(few["households"])
    nobody = only(partition_findings(grids.iloc[:3], parents, population=homes_of([(50, 50, 9, 4)])))
    assert (nobody["people"], nobody["households"]) == (0, 0)


def test_households_are_estimated_where_the_population_has_none() -> None:
    grids, parents = four_grids()
    table = with_ground(grids, g001=square(0, 0, 140, 100))
    found = only(partition_findings(table, parents, population=homes_of([(120, 50, 33, None)])))
    assert (found["people"], found["households"]) == (33, 103)


# --- laws and oracles ----------------------------------------------------------------------------------------

rectangles = st.tuples(st.integers(-2, 9), st.integers(-2, 9), st.integers(1, 8), st.integers(1, 8))


@settings(max_examples=50, deadline=None)
@given(st.lists(rectangles, max_size=6), st.lists(rectangles, max_size=1))
def test_pieces_are_what_counting_cells_says(
    drawn: list[tuple[int, int, int, int]], lakes: list[tuple[int, int, int, int]]
) -> None:
    """Rectangles on cells of 10 m in a parent of 100 m × 100 m: μ counted cell by cell, pieces by flood fill."""
    grids = grids_of({f"{n:03d}": box(*_metres(one)) for n, one in enumerate(drawn)})
    parents = communities_of({COMMUNITY: square(0, 0)})
    lake = excluded_of(*(box(*_metres(one)) for one in lakes))
    count = sum((_cells(one).astype(int) for one in drawn), np.zeros((20, 20), dtype=int))
    inside, wet = _cells((0, 0, 10, 10)), np.any([_cells(one) for one in lakes], axis=0) if lakes else False
    expected = {
        "gap": inside & ~wet & (count == 0),
        "overlap": inside & ~wet & (count > 1),
        "spill": ~inside & (count > 0),
    }
    found = partition_findings(grids, parents, excluded=lake)
    if not drawn:
        assert len(found) == 0
        return
    for kind, cells in expected.items():
        mine = found[found["kind"] == kind]
        labels, pieces = ndimage.label(cells)
        sizes = np.bincount(labels.ravel())[1:] * 100.0
        assert sorted(mine["area_m2"]) == pytest.approx(sorted(sizes), abs=0.1)
        assert len(mine) == pieces
    for _, one in found.iterrows():
        at = shapely.point_on_surface(TOWN.metres(one["geometry"]).buffer(-1))
        holders = [
            f"{n:03d}" for n, (x, y, w, h) in enumerate(drawn) if box(*_metres((x, y, w, h))).intersects(at)
        ]
        assert one["kind"] == "gap" or set(holders) <= set(serials(one))
    health = only(partition_health(grids, parents, found, excluded=lake))
    assert health["covered_area_m2"] + health["gap_area_m2"] == pytest.approx(health["area_m2"], abs=0.1)
    assert health["area_m2"] == pytest.approx((inside & ~wet).sum() * 100.0, abs=0.1)


def _metres(cells: tuple[int, int, int, int]) -> tuple[float, float, float, float]:
    x, y, w, h = cells
    return 10 * x, 10 * y, 10 * (x + w), 10 * (y + h)


def _cells(one: tuple[int, int, int, int]) -> Any:
    x, y, w, h = one
    made = np.zeros((20, 20), dtype=bool)
    made[x + 2 : x + 2 + w, y + 2 : y + 2 + h] = True
    return made


@settings(max_examples=30, deadline=None)
@given(st.sets(st.integers(0, 15), max_size=5), st.randoms(use_true_random=False))
def test_taking_grids_away_opens_gaps_of_their_area(taken: set[int], random: Any) -> None:
    """Gaps are as large together as what was taken, and as many as the taken grids have clumps."""
    grids, parents = wavering()
    rows = [row for row in range(16) if row not in taken]
    random.shuffle(rows)
    found = partition_findings(grids.iloc[rows], parents)
    area = shapely.area(TOWN.metres(np.asarray(grids.geometry)[sorted(taken)])).sum() if taken else 0.0
    assert found["area_m2"].sum() == pytest.approx(area, abs=0.5)  # edges are snapped to 1 mm
    _, links = ndimage.label(np.isin(np.arange(16), list(taken)).reshape(4, 4))
    assert len(found) == links
    assert set(found["kind"]) <= {"gap"}
    health = only(partition_health(grids.iloc[rows], parents, found))
    assert health["covered_area_m2"] + health["gap_area_m2"] == pytest.approx(health["area_m2"], abs=0.05)


@settings(max_examples=30, deadline=None)
@given(st.integers(0, 15), st.floats(-60, 60), st.floats(-60, 60))
def test_a_grid_that_moved_agrees_with_pairwise_geometry(row: int, east: float, north: float) -> None:
    """Every two grids intersected, and the union taken: slow, and only as good as floating overlay."""
    grids, parents = wavering()
    ground = TOWN.metres(np.asarray(grids.geometry))
    ground[row] = shapely.affinity.translate(ground[row], east, north)
    table = grids.set_geometry(gpd.GeoSeries(TOWN.lonlat(ground), crs=grids.crs))
    whole, parent = shapely.union_all(ground), TOWN.metres(parents.geometry.iloc[0])
    twice = shapely.union_all([shapely.intersection(a, b) for a, b in combinations(ground, 2)])
    expected = {
        "gap": (parent - whole).area,
        "overlap": (twice & parent).area,
        "spill": (whole - parent).area,
    }
    found = partition_findings(table, parents).groupby("kind")["area_m2"].sum()
    for kind, area in expected.items():
        assert found.get(kind, 0.0) == pytest.approx(area, abs=1.0)


@settings(max_examples=60, deadline=None)
@given(st.floats(0.2, 40), st.floats(1, 400), st.floats(0, 180))
def test_width_is_the_diameter_of_the_largest_circle_inside(short: float, long: float, turn: float) -> None:
    polygon = shapely.affinity.rotate(box(0, 0, short, long), turn)
    assert width_m(np.array([polygon]))[0] == pytest.approx(min(short, long), rel=0.02)


def test_width_agrees_with_geos_on_crooked_ground() -> None:
    grids, _ = wavering()
    ground = TOWN.metres(np.asarray(grids.geometry))
    circles = 2 * shapely.length(shapely.maximum_inscribed_circle(ground, tolerance=0.01))
    assert width_m(ground) == pytest.approx(circles, rel=0.01)
    assert compactness(np.array([Point(0, 0).buffer(9, 64)])) == pytest.approx([1.0], abs=1e-3)
    assert len(width_m(np.array([], dtype=object))) == 0
