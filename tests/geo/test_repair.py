"""What does a repair propose, who gains and who loses, and why?"""

from __future__ import annotations

from typing import Any

import geopandas as gpd
import numpy as np
import pandas as pd
import pytest
import shapely
from shapely import Polygon, box

from geo.errors import BadParameter
from geo.grid.partition import partition_findings, partition_health
from geo.grid.repair import changed_grids, propose_repair
from geo.tables.conform import conform
from tests.worlds import COMMUNITY, NEXT_COMMUNITY, TOWN, communities_of, four_grids, grids_of, square


def with_ground(grids: gpd.GeoDataFrame, **metres: Any) -> gpd.GeoDataFrame:
    """Replace the ground of grids, by the end of their id (``g001=…``), given in metres."""
    ground = np.asarray(grids.geometry).copy()
    for name, polygon in metres.items():
        ground[(grids["grid_id"] == COMMUNITY + name[1:]).to_numpy()] = TOWN.lonlat(polygon)
    return grids.set_geometry(gpd.GeoSeries(ground, crs=grids.crs))


def table_of(name: str, polygons: list[Any], **columns: Any) -> gpd.GeoDataFrame:
    ground = TOWN.lonlat(np.array(polygons, dtype=object))
    return conform(name, gpd.GeoDataFrame(columns, geometry=ground, crs="EPSG:4326"))


def lake(*polygons: Any) -> gpd.GeoDataFrame:
    return table_of("excluded", list(polygons), excluded_id=[f"x{n}" for n in range(len(polygons))], kind="lake")


def mended(
    grids: gpd.GeoDataFrame, parents: gpd.GeoDataFrame, **options: Any
) -> tuple[gpd.GeoDataFrame, gpd.GeoDataFrame]:
    """Find, repair, and see that nothing is left to find."""
    excluded = options.get("excluded")
    found = partition_findings(grids, parents, excluded=excluded)
    proposed, ledger = propose_repair(grids, parents, found, **options)
    assert len(partition_findings(proposed, parents, excluded=excluded)) == 0
    return proposed, ledger


def entries(ledger: gpd.GeoDataFrame) -> list[tuple[Any, ...]]:
    """Kind, serial of the grid, change, whole m², serial of the other side and rule of each entry."""
    return [
        (kind, _serial(grid), "" if pd.isna(change) else change, round(area), _serial(other), rule)
        for kind, grid, change, area, other, rule in ledger[
            ["kind", "grid_id", "change", "area_m2", "other_id", "rule"]
        ].itertuples(index=False)
    ]


def _serial(id: Any) -> str:
    return "" if pd.isna(id) else str(id)[-3:]


def areas(grids: gpd.GeoDataFrame) -> dict[str, float]:
    size = shapely.area(TOWN.metres(np.asarray(grids.geometry)))
    return {_serial(id): round(area) for id, area in zip(grids["grid_id"], np.nan_to_num(size), strict=True)}


# --- nothing to do -------------------------------------------------------------------------------------------


def test_clean_grids_stay_the_very_same() -> None:
    grids, parents = four_grids()
    proposed, ledger = mended(grids, parents)
    assert len(ledger) == 0
    assert list(ledger.columns) == [
        *("entry_id", "finding_id", "kind", "grid_id", "change", "area_m2", "households", "people", "other_id"),
        *("rule", "geometry"),
    ]
    assert all(new is old for new, old in zip(proposed.geometry, grids.geometry, strict=True))
    assert len(changed_grids(grids, proposed, ledger, partition_findings(grids, parents))) == 0


def test_no_grids_at_all() -> None:
    grids, parents = four_grids()
    found = partition_findings(grids.iloc[:0], parents)
    proposed, ledger = propose_repair(grids.iloc[:0], parents, found)
    assert (len(proposed), len(ledger)) == (0, 0)


# --- gaps ----------------------------------------------------------------------------------------------------


def test_a_gap_goes_to_the_longest_shared_edge() -> None:
    """20 m × 40 m are missing where 001 and 002 meet, 15 m of it on the side of 001. 001 shares 15 + 15 + 40 m
    with it, 002 shares 5 + 5 + 40."""
    grids, parents = four_grids()
    hole = box(85, 30, 105, 70)
    table = with_ground(grids, g001=square(0, 0) - hole, g002=square(100, 0) - hole)
    proposed, ledger = mended(table, parents)
    assert entries(ledger) == [("gap", "001", "gains", 800, "", "longest_edge")]
    assert areas(proposed) == {"001": 10_200, "002": 9_800, "003": 10_000, "004": 10_000}
    assert pd.isna(ledger["households"].iloc[0])  # nobody's count tells who lives in a gap
    assert ledger["finding_id"].tolist() == partition_findings(table, parents)["finding_id"].tolist()
    made = changed_grids(table, proposed, ledger, partition_findings(table, parents)).set_index("grid_id")
    assert made.index.tolist() == [COMMUNITY + "001"]
    only = made.iloc[0]
    assert (only["change"], only["gained_m2"], only["lost_m2"]) == ("gains", pytest.approx(800, abs=0.1), 0)
    assert only["area_m2"] - only["area_before_m2"] == pytest.approx(800, abs=0.1)
    assert (only["households_before"], pd.isna(only["households"])) == (300, True)


def test_a_gap_may_go_to_the_fewest_households() -> None:
    """The same hole; 001 has 300 households, 002 only 120: with it the loads come nearer to each other. A grid
    whose number nobody knows comes last."""
    grids, parents = four_grids()
    hole = box(85, 30, 105, 70)
    table = with_ground(grids, g001=square(0, 0) - hole, g002=square(100, 0) - hole)
    for counts, winner in (([300, 120, 300, 300], "002"), ([300, None, 300, 300], "001")):
        counted = table.assign(households=pd.array(counts, dtype="Int64"))
        _, ledger = mended(counted, parents, by="households")
        assert entries(ledger) == [("gap", winner, "gains", 800, "", "fewest_households")]


def test_a_sliver_goes_by_its_edge_whoever_has_fewest_households() -> None:
    grids, parents = four_grids()
    table = with_ground(grids, g001=square(0, 0) - box(99, 10, 100, 60)).assign(
        households=pd.array([300, 10, 300, 300], dtype="Int64")
    )
    _, ledger = mended(table, parents, by="households")
    assert entries(ledger) == [("gap", "001", "gains", 50, "", "longest_edge")]  # 52 m against 50 m


def test_equal_edges_go_to_the_lowest_id() -> None:
    """Without 004, 002 and 003 share 100 m each with the gap. That a grid is missing is said."""
    grids, parents = four_grids()
    proposed, ledger = mended(grids.iloc[[2, 1, 0]], parents)
    assert entries(ledger) == [("gap", "002", "gains", 10_000, "", "missing_grid")]
    assert areas(proposed) == {"003": 10_000, "002": 20_000, "001": 10_000}


def test_an_inlet_stops_at_the_edge_of_the_parent() -> None:
    grids, parents = four_grids()
    proposed, _ = mended(with_ground(grids, g001=square(0, 0) - square(40, 0, 20)), parents)
    assert areas(proposed)["001"] == 10_000


def test_a_deliberate_hole_stays_and_the_ground_beside_it_is_filled() -> None:
    """Hole of 60 m × 60 m around the middle, a lake in its western 40 m: 1,200 m² go to 002 and 004 or one of
    them; 002 and 004 share 20 + 30 m with it each."""
    grids, parents = four_grids()
    hole = square(70, 70, 60)
    ground = {n: square(x, y) - hole for n, x, y in (("g001", 0, 0), ("g002", 100, 0), ("g003", 0, 100))}
    table = with_ground(grids, **ground, g004=square(100, 100) - hole)
    water = lake(box(70, 70, 110, 130))
    proposed, ledger = mended(table, parents, excluded=water)
    assert entries(ledger) == [("gap", "002", "gains", 1_200, "", "longest_edge")]
    assert areas(proposed) == {"001": 9_100, "002": 10_300, "003": 9_100, "004": 9_100}
    whole = partition_health(
        proposed, parents, partition_findings(proposed, parents, excluded=water), excluded=water
    )
    assert (whole["covered"].iloc[0], whole["grade"].iloc[0]) == (1.0, "PASS")


def test_a_gap_that_no_grid_touches_stays_and_is_told() -> None:
    """An island of the community without a grid, and a community that has none at all beside one that has."""
    grids, _ = four_grids()
    island = square(0, 0, 200) | square(400, 0, 50)
    parents = communities_of({COMMUNITY: island, NEXT_COMMUNITY: square(200, 0, 100, 200)})
    found = partition_findings(grids, parents)
    proposed, ledger = propose_repair(grids, parents, found)
    assert sorted(entries(ledger)) == [
        ("gap", "", "", 2_500, "", "no_neighbour"),
        ("gap", "", "", 20_000, "", "no_neighbour"),
    ]
    assert set(ledger["finding_id"]) == set(found["finding_id"])
    assert (
        shapely.area(TOWN.metres(np.asarray(ledger.geometry))).round().tolist()
        == ledger["area_m2"].round().tolist()
    )
    assert all(new is old for new, old in zip(proposed.geometry, grids.geometry, strict=True))


# --- overlaps ------------------------------------------------------------------------------------------------


def test_an_overlap_stays_with_the_larger() -> None:
    """001 reaches 40 m into 002: 14,000 against 10,000 m². 002 gives 4,000 of its 10,000 m² up and with them 120
    of its 300 households, 280 of its 700 people."""
    grids, parents = four_grids()
    table = with_ground(grids, g001=square(0, 0, 140, 100))
    proposed, ledger = mended(table, parents)
    assert entries(ledger) == [("overlap", "002", "loses", 4_000, "001", "larger")]
    assert ledger[["households", "people"]].iloc[0].tolist() == [120, 280]
    assert areas(proposed) == {"001": 14_000, "002": 6_000, "003": 10_000, "004": 10_000}
    made = changed_grids(table, proposed, ledger, partition_findings(table, parents)).set_index("grid_id")
    assert made.loc[COMMUNITY + "002", ["households", "households_before"]].tolist() == [180, 300]


def test_an_overlap_stays_with_the_older_where_dates_are_known() -> None:
    grids, parents = four_grids()
    table = with_ground(grids, g001=square(0, 0, 140, 100))
    for column, dates, loser, rule in (
        ("valid_from", ["2026-03-01", "2024-01-01", None, None], "001", "older"),
        ("x_valid_from", ["2026-03-01", None, None, None], "002", "older"),  # unknown counts as younger
        ("valid_from", ["2024-01-01", "2024-01-01", None, None], "002", "larger"),
    ):
        dated = table.assign(**{column: pd.to_datetime(dates)})
        _, ledger = mended(dated, parents)
        assert entries(ledger) == [("overlap", loser, "loses", 4_000, {"001": "002", "002": "001"}[loser], rule)]


def test_more_than_two_grids_on_one_spot() -> None:
    """All four hold the 30 m × 30 m around the middle; 004 holds 15 m × 15 m of 002 more and is the largest:
    10,000 + 675 + 15 · 15 = 10,900 m². It keeps all of it: a quarter of the spot, 225 m², was each one's own."""
    grids, parents = four_grids()
    middle = square(85, 85, 30)
    parts = {"g001": square(0, 0) | middle, "g002": square(100, 0) | middle, "g003": square(0, 100) | middle}
    table = with_ground(grids, **parts, g004=square(100, 100) | middle | box(115, 85, 130, 100))
    proposed, ledger = mended(table, parents)
    assert areas(proposed) == {"001": 9_775, "002": 9_550, "003": 9_775, "004": 10_900}
    assert {(kind, other, rule) for kind, _, _, _, other, rule in entries(ledger)} == {
        ("overlap", "004", "larger")
    }
    # 900 m² of the spot from each of three, and 225 more from 002
    assert ledger.groupby("grid_id")["area_m2"].sum().round().tolist() == [900, 1_125, 900]


def test_the_double_of_a_grid_gives_all_up() -> None:
    """005 is 004 again: the lower id keeps all, the other has no ground left, and that is said."""
    grids, parents = four_grids()
    twice = pd.concat([grids_of({"005": square(100, 100)}), grids], ignore_index=True)
    proposed, ledger = mended(twice, parents)
    assert entries(ledger) == [("overlap", "005", "loses", 10_000, "004", "lowest_id")]
    assert proposed.geometry.isna().tolist() == [True, False, False, False, False]
    assert all(new is old for new, old in zip(proposed.geometry[1:], grids.geometry, strict=True))
    made = changed_grids(twice, proposed, ledger, partition_findings(twice, parents)).iloc[0]
    assert (made["change"], made["area_m2"], made["households"]) == ("loses", 0, 0)


def test_a_grid_within_another_is_left_its_ground() -> None:
    """005 of 30 m × 30 m lies within 004, and 006 of 10 m × 10 m within 005: the inner ones would be gone."""
    grids, parents = four_grids()
    inner = grids_of({"005": square(120, 120, 30), "006": square(130, 130, 10)})
    proposed, ledger = mended(pd.concat([grids, inner], ignore_index=True), parents)
    assert sorted(entries(ledger)) == [
        ("overlap", "004", "loses", 100, "006", "only_ground"),
        ("overlap", "004", "loses", 800, "005", "only_ground"),
        ("overlap", "005", "loses", 100, "006", "only_ground"),
    ]
    assert areas(proposed) == {"001": 10_000, "002": 10_000, "003": 10_000, "004": 9_100, "005": 800, "006": 100}


def test_a_grid_across_two_larger_ones_is_left_its_ground() -> None:
    grids, parents = four_grids()
    across = grids_of({"005": box(80, 20, 120, 60)})
    proposed, ledger = mended(pd.concat([grids, across], ignore_index=True), parents)
    assert sorted(entries(ledger)) == [
        ("overlap", "001", "loses", 800, "005", "only_ground"),
        ("overlap", "002", "loses", 800, "005", "only_ground"),
    ]
    assert areas(proposed)["005"] == 1_600


def test_an_overlap_on_excluded_ground_is_nobodys_business() -> None:
    grids, parents = four_grids()
    table = with_ground(grids, g001=square(0, 0, 140, 100))
    proposed, ledger = mended(table, parents, excluded=lake(box(100, 0, 140, 100)))
    assert len(ledger) == 0
    assert proposed.geometry.iloc[0] is table.geometry.iloc[0]


# --- spills --------------------------------------------------------------------------------------------------


def test_a_spill_is_cut_off_and_the_neighbour_keeps_its_own_gap() -> None:
    """002 reaches 30 m into the next community, whose 101 begins 30 m off its western edge: 101 gets the strip."""
    grids, _ = four_grids()
    next_door = grids_of({"101": square(230, 0, 70, 200)}, division_id=NEXT_COMMUNITY)
    both = communities_of({COMMUNITY: square(0, 0, 200), NEXT_COMMUNITY: square(200, 0, 100, 200)})
    table = pd.concat([with_ground(grids, g002=square(100, 0, 130, 100)), next_door], ignore_index=True)
    proposed, ledger = mended(table, both)
    assert sorted(entries(ledger)) == [
        ("gap", "101", "gains", 6_000, "", "longest_edge"),
        ("spill", "002", "loses", 3_000, "", "inside_parent"),
    ]
    assert areas(proposed) == {"001": 10_000, "002": 10_000, "003": 10_000, "004": 10_000, "101": 20_000}


def test_a_grid_in_the_wrong_parent_is_told_apart() -> None:
    """101 lies in the next community, but names this one: all of it is cut off, and the rule says look at the
    code. Nobody of the next community is there to take its ground."""
    grids, _ = four_grids()
    astray = grids_of({"101": square(200, 0, 100, 200)})
    both = communities_of({COMMUNITY: square(0, 0, 200), NEXT_COMMUNITY: square(200, 0, 100, 200)})
    table = pd.concat([grids, astray], ignore_index=True)
    proposed, ledger = propose_repair(table, both, partition_findings(table, both))
    assert sorted(entries(ledger)) == [
        ("gap", "", "", 20_000, "", "no_neighbour"),
        ("spill", "101", "loses", 20_000, "", "wrong_parent"),
    ]
    assert proposed.geometry.isna().tolist() == [False, False, False, False, True]


# --- people --------------------------------------------------------------------------------------------------


def test_households_are_counted_where_it_is_known_who_lives_where() -> None:
    """In the gap of 20 m × 40 m live 12 people in 5 households; in the overlap of 001 and 002 live 9 people in 4:
    too few to be told."""
    grids, parents = four_grids()
    hole = box(40, 40, 60, 80)
    table = with_ground(
        grids, g003=square(0, 100) - shapely.affinity.translate(hole, 0, 100), g001=square(0, 0, 110, 100)
    )
    homes = table_of(
        "population",
        [shapely.Point(50, 160), shapely.Point(105, 50)],
        place_id=["a", "b"],
        people=[12, 9],
        households=[5, 4],
    )
    proposed, ledger = mended(table, parents, population=homes)
    told = ledger.set_index("kind")[["people", "households"]]
    assert told.loc["gap"].tolist() == [12, 5]
    assert told.loc["overlap"].isna().all()
    made = changed_grids(table, proposed, ledger, partition_findings(table, parents)).set_index("grid_id")
    assert made.loc[COMMUNITY + "003", "households"] == 305
    assert pd.isna(made.loc[COMMUNITY + "002", "households"])


# --- narrow ones ---------------------------------------------------------------------------------------------


@pytest.mark.parametrize("water", [None, (1_000, 250, 100), (1_000, 520, 90)])
@pytest.mark.parametrize("off", [0.1, 0.012, 0.006])
def test_two_edges_that_cross_under_a_small_angle(off: float, water: tuple[float, float, float] | None) -> None:
    """Between two grids of 1 km, the edge of 002 begins so many metres east of that of 001 and ends as far west
    of it: a narrow gap in the south, an overlap in the north, each told only where it is wider than 2 mm. A lake
    may lie on a part of them."""
    grids = grids_of(
        {
            "001": box(0, 0, 1_000, 1_000),
            "002": Polygon([(1_000 + off, 0), (2_000, 0), (2_000, 1_000), (1_000 - off, 1_000)]),
        }
    )
    rim = [(0, 0), (1_000, 0), (1_000 + off, 0), (2_000, 0), (2_000, 1_000), (1_000, 1_000), (1_000 - off, 1_000)]
    parents = communities_of({COMMUNITY: Polygon([*rim, (0, 1_000)])})
    excluded = lake(shapely.Point(water[:2]).buffer(water[2])) if water else None
    found = partition_findings(grids, parents, excluded=excluded)
    proposed, ledger = mended(grids, parents, excluded=excluded)
    assert len(ledger) >= len(found) >= 1
    assert shapely.is_valid(np.asarray(proposed.geometry)).all()
    assert abs(sum(areas(proposed).values()) - 2_000_000) <= 2 * off * 1_000


# --- rows and shapes -----------------------------------------------------------------------------------------


def test_attributes_stay_with_their_rows_beside_missing_and_empty_geometry() -> None:
    grids, parents = four_grids()
    none = grids_of({"000": Polygon(), "0005": None})
    table = pd.concat([none.iloc[:1], grids.iloc[:2], none.iloc[1:], grids.iloc[3:]], ignore_index=True)
    table = table.assign(x_note=list("abcde")).set_index(pd.Index([7, 3, 3, 9, 1]))
    proposed, _ = mended(table, parents)
    pd.testing.assert_frame_equal(
        pd.DataFrame(proposed.drop(columns="geometry")), pd.DataFrame(table.drop(columns="geometry"))
    )
    assert proposed.crs == table.crs
    assert proposed.geometry.iloc[0].is_empty
    assert proposed.geometry.iloc[3] is None
    assert [round(area) for area in shapely.area(TOWN.metres(np.asarray(proposed.geometry.iloc[[1, 2, 4]])))] == [
        *(20_000, 10_000, 10_000),
    ]


def test_a_grid_drawn_across_itself_comes_back_valid() -> None:
    """001 is a bow tie of two triangles of 2,500 m² each: the other 5,000 m² are two gaps."""
    grids, parents = four_grids()
    bow = Polygon([(0, 0), (100, 100), (100, 0), (0, 100)])
    table = with_ground(grids, g001=bow)
    proposed, ledger = mended(table, parents)
    assert shapely.is_valid(np.asarray(proposed.geometry)).all()
    assert ledger["area_m2"].sum() == pytest.approx(5_000, abs=0.1)
    other, nothing = four_grids()
    far = with_ground(other, g001=bow)
    untouched, none = propose_repair(far, nothing, partition_findings(other, nothing))
    assert len(none) == 0
    assert shapely.is_valid(np.asarray(untouched.geometry)).all()


def test_multipolygons_stay_multipolygons() -> None:
    grids, parents = four_grids()
    many = shapely.multipolygons(np.array([square(0, 0) - square(40, 0, 20)])[:, None])[0]
    proposed, _ = mended(with_ground(grids, g001=many), parents)
    assert proposed.geometry.iloc[0].geom_type == "MultiPolygon"


def test_a_neighbour_gets_the_corners_into_its_edge() -> None:
    """001 gets a strip along 003 that ends in the middle of the edge of 003, so 003 gets the two corners; written
    with 7 decimals nothing opens between them."""
    grids, parents = four_grids()
    table = with_ground(grids, g001=square(0, 0) - box(20, 90, 61, 100))
    proposed, ledger = mended(table, parents)
    made = changed_grids(table, proposed, ledger, partition_findings(table, parents)).set_index("grid_id")[
        "change"
    ]
    assert made.to_dict() == {COMMUNITY + "001": "gains", COMMUNITY + "003": "reshaped"}
    rounded = shapely.transform(np.asarray(proposed.geometry), lambda xy: xy.round(7))
    assert shapely.coverage_is_valid(rounded)
    assert shapely.get_num_interior_rings(shapely.union_all(rounded)) == 0


def test_grids_far_from_a_fault_stay_the_very_same() -> None:
    squares = {f"{n:03d}": square(100 * (n % 10), 100 * (n // 10)) for n in range(100)}
    grids = grids_of(squares)
    whole = shapely.coverage_union_all(np.asarray(grids.geometry))
    parents = communities_of({COMMUNITY: TOWN.metres(whole)})
    proposed, _ = mended(grids.drop(index=55), parents)
    left = grids.drop(index=55)
    same = [new is old for new, old in zip(proposed.geometry, left.geometry, strict=True)]
    assert left["grid_id"][~np.array(same)].str[-3:].tolist() == ["045"]


def test_an_unknown_way_to_choose_is_refused() -> None:
    grids, parents = four_grids()
    with pytest.raises(BadParameter, match="edge, households"):
        propose_repair(grids, parents, partition_findings(grids, parents), by="people")  # type: ignore[arg-type]
