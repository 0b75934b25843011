"""Codes of divisions and grids: well formed, used once, and those of the parents that are named."""

from __future__ import annotations

from typing import Any

import geopandas as gpd
import pandas as pd
import pytest
from hypothesis import given, settings
from hypothesis import strategies as st
from shapely import Polygon

from geo.grid.layers import LAYERS
from geo.grid.nesting import nesting_findings
from geo.grid.partition import partition_findings
from geo.parameters import Parameters, SizeBand
from geo.tables.conform import conform
from geo.tables.ground import LEVELS
from tests.worlds import COMMUNITY, NEXT_COMMUNITY, TOWN, communities_of, four_grids, grids_of, square

TOWNSHIP, COUNTY = COMMUNITY[:9], COMMUNITY[:6]
BY_ID = {layer.id: layer for layer in LAYERS}


def found_in(grids: gpd.GeoDataFrame | None, divisions: gpd.GeoDataFrame, **parameters: Any) -> gpd.GeoDataFrame:
    given = {"divisions": divisions, "grids": grids} if grids is not None else {"divisions": divisions}
    return BY_ID["grid-findings"].build(given, Parameters(**parameters))


def told(found: gpd.GeoDataFrame, *columns: str) -> list[list[Any]]:
    rows: list[list[Any]] = found[["kind", "cause", *columns]].to_numpy().tolist()
    return rows


def divided(*rows: tuple[str, str, str | None]) -> gpd.GeoDataFrame:
    """Divisions without polygons: code, level, parent."""
    table = pd.DataFrame(rows, columns=["division_id", "level", "parent_id"]).assign(name="place")
    return conform("divisions", gpd.GeoDataFrame(table, geometry=[None] * len(table), crs="EPSG:4326"))


CLEAN = (
    ("15", "region", None),
    ("1501", "league", "15"),
    (COUNTY, "county", "1501"),
    (TOWNSHIP, "township", COUNTY),
    (COMMUNITY, "community", TOWNSHIP),
    (NEXT_COMMUNITY, "community", None),
)


def test_a_code_of_the_wrong_form_is_told_and_the_grid_is_still_checked_on_the_ground() -> None:
    grids, parents = four_grids()
    grids.loc[0, "grid_id"] = "1.50105E+14"
    found = found_in(grids, parents)
    assert told(found, "detail", "grid_ids", "severity", "parent_id") == [
        ["code", "malformed", r"^\d{15}$", ["1.50105E+14"], "fail", COMMUNITY]
    ]
    own = found_in(grids, parents, grid_code=r"^[0-9.E+]+$")
    assert len(own) == 0
    health = BY_ID["grid-health"].build(
        {"divisions": parents, "grids": grids, "grid-findings": found}, Parameters()
    )
    assert health["grade"].tolist() == ["FAIL"]
    assert health["covered"].tolist() == pytest.approx([1.0])  # its ground counts


def test_a_code_that_contradicts_the_division_is_told_with_both() -> None:
    grids, parents = four_grids()
    grids.loc[2, "grid_id"] = NEXT_COMMUNITY + "003"
    found = found_in(grids, parents)
    assert told(found, "detail") == [["code", "contradiction", f"{NEXT_COMMUNITY} ≠ {COMMUNITY}"]]


def test_a_pattern_of_the_workspaces_own_names_the_division_in_it() -> None:
    grids, parents = four_grids()
    own = grids.assign(grid_id=["A-" + COMMUNITY, "B-" + TOWNSHIP, "C-" + NEXT_COMMUNITY, "D-150105002"])
    found = found_in(own, parents, grid_code=r"^[A-Z]-(?P<division>\d+)$").sort_values("detail")
    assert found["detail"].tolist() == [f"{NEXT_COMMUNITY} ≠ {COMMUNITY}", f"150105002 ≠ {COMMUNITY}"]
    assert len(found_in(own, parents, grid_code=r"^[A-Z]-\d+$")) == 0


def test_a_code_of_two_grids_is_one_finding_over_both() -> None:
    grids, parents = four_grids()
    again = grids.assign(grid_id=grids["grid_id"].where(grids.index != 3, COMMUNITY + "001"))
    found = nesting_findings(again, parents, partition_findings(again, parents))
    assert told(found, "detail", "grid_ids") == [["code_twice", "real", "2", [COMMUNITY + "001"]]]
    assert found["area_m2"].iloc[0] == pytest.approx(20_000, abs=0.1)
    turned = nesting_findings(again.iloc[::-1], parents, partition_findings(again, parents))
    assert turned["finding_id"].tolist() == found["finding_id"].tolist()
    two = pd.concat([grids, grids.assign(scheme="police")], ignore_index=True)
    assert len(found_in(two, parents)) == 0  # each scheme has codes of its own


def test_a_clean_tree_without_polygons_has_no_finding() -> None:
    assert len(found_in(None, divided(*CLEAN))) == 0
    assert len(found_in(None, divided(*CLEAN[3:]))) == 0  # it may begin at the townships
    assert len(found_in(None, divided(CLEAN[2], *CLEAN[4:5]))) == 0  # and have no townships


@pytest.mark.parametrize(
    ("at", "row", "expected"),
    [
        (3, ("15010500", "township", COUNTY), ["code", "malformed", r"^\d{9}$"]),
        (4, ("150105001", "community", "150105001"), None),  # below: it lies above itself
        (5, ("150105002002", "community", TOWNSHIP), ["code", "contradiction", f"150105002002 ≠ {TOWNSHIP}"]),
        (5, (NEXT_COMMUNITY, "community", "150105003"), ["orphan", "real", "150105003"]),
        (5, (NEXT_COMMUNITY, "community", COUNTY), ["skipped", "real", COUNTY]),
        (5, ("150109001001", "community", None), ["skipped", "real", "1501"]),
        (5, ("160109001001", "community", None), ["orphan", "real", None]),
        (5, (NEXT_COMMUNITY, "community", COMMUNITY), ["skipped", "real", COMMUNITY]),
    ],
)
def test_each_fault_of_the_tree_is_found_once(at: int, row: tuple[str, str, str | None], expected: Any) -> None:
    rows = [*CLEAN]
    if expected is None:
        rows[2] = (COUNTY, "county", COMMUNITY)
        found = found_in(None, divided(*rows))
        assert told(found, "grid_ids") == [["cycle", "real", [COUNTY, TOWNSHIP, COMMUNITY]]]
        return
    rows[at] = row
    if at == 3:
        rows = rows[:4]
    found = found_in(None, divided(*rows))
    (kind, cause, detail) = found[["kind", "cause", "detail"]].astype("object").to_numpy()[0]
    assert len(found) == 1
    assert [kind, cause, None if pd.isna(detail) else detail] == expected
    assert found["level"].iloc[0] == row[1]


def test_codes_of_other_trees_have_their_own_form() -> None:
    police = divided(("P1", "county", None), ("P1-7", "township", "P1")).assign(tree="police")
    assert len(found_in(None, pd.concat([divided(*CLEAN), police], ignore_index=True))) == 0
    orphan = divided(("P1", "county", None), ("P1-7", "township", COUNTY)).assign(tree="police")
    found = found_in(None, pd.concat([divided(*CLEAN), orphan], ignore_index=True))
    assert (found["kind"].tolist(), found["tree"].tolist()) == (["orphan"], ["police"])  # its own tree has none


# --- size --------------------------------------------------------------------------------------------------------

BAND = {"urban": SizeBand(households=(300, 500), area_km2=(0.005, 0.02))}


def test_size_is_judged_where_a_band_is_declared() -> None:
    """301 and 500 are within 300–500, 299 and 501 not; every grid has 0.01 km²."""
    grids, parents = four_grids()
    grids["households"] = pd.array([299, 300, 500, 501], dtype="Int64")
    assert len(found_in(grids, parents)) == 0
    found = found_in(grids, parents, size_bands=BAND).sort_values("detail")
    assert set(found["cause"]) == {"households"}
    assert found["detail"].tolist() == ["299 (300–500)", "501 (300–500)"]
    assert set(found["severity"]) == {"fail"}
    assert len(found_in(grids.assign(kind="rural"), parents, size_bands=BAND)) == 0
    small = found_in(grids, parents, size_bands={"urban": SizeBand(area_km2=(0.02, 1), people=(0, 600))})
    assert small["cause"].value_counts().to_dict() == {"people": 4, "area_km2": 4}
    assert set(small["detail"]) == {"700 (0–600)", "0.01 (0.02–1)"}
    unknown = grids.assign(households=pd.array([None] * 4, dtype="Int64"))
    assert len(found_in(unknown, parents, size_bands=BAND)) == 0


def test_households_of_the_population_table_are_told_from_ten_people() -> None:
    """001 has 400 households; 002 has 2 with 7 people: fewer than 10 are not told, but they are below 300."""
    grids, parents = four_grids()
    places = {"place_id": ["a", "b", "c", "d"], "households": [400, 2, 350, 600], "people": [900, 7, 800, 1_500]}
    at = TOWN.lonlat(gpd.points_from_xy([50, 150, 50, 150], [50, 50, 150, 150]))
    homes = conform("population", gpd.GeoDataFrame(places, geometry=at, crs="EPSG:4326"))
    tables = {"divisions": parents, "grids": grids, "population": homes}
    found = BY_ID["grid-findings"].build(tables, Parameters(size_bands=BAND)).sort_values("detail")
    assert found["detail"].tolist() == ["600 (300–500)", "< 10 (300–500)"]
    low = {"urban": SizeBand(households=(3, 500))}
    found = BY_ID["grid-findings"].build(tables, Parameters(size_bands=low))
    assert found["detail"].tolist() == ["600 (3–500)"]  # whether 2 is less than 3 would tell


# --- parts -------------------------------------------------------------------------------------------------------


def parted(*ground: Any, parent: Any = None, lakes: Any = ()) -> gpd.GeoDataFrame:
    """Grid 001 of the given parts; all else of the parent is 002."""
    whole = square(0, 0, 300) if parent is None else parent
    mine = ground[0]
    for part in ground[1:]:
        mine = mine | part
    grids = grids_of({"001": mine, "002": whole - mine})
    table = {"excluded_id": [str(row) for row in range(len(lakes))], "kind": "lake"}
    excluded = gpd.GeoDataFrame(table, geometry=TOWN.lonlat(pd.Series(lakes, dtype="object").to_numpy()), crs=4326)
    parents = communities_of({COMMUNITY: whole})
    pieces = partition_findings(grids, parents, excluded=conform("excluded", excluded))
    return nesting_findings(grids, parents, pieces, excluded=conform("excluded", excluded))


def test_separate_parts_are_unexpected() -> None:
    """100 × 100 m and 50 × 40 m apart: the smaller 2,000 m² are told."""
    found = parted(square(0, 0), square(200, 200, 50, 40))
    assert told(found, "detail", "grid_ids") == [["multipart", "real", "2: 2000 m²", [COMMUNITY + "001"]]]
    assert found["area_m2"].iloc[0] == pytest.approx(2_000, abs=0.1)
    assert found["parent_id"].iloc[0] == COMMUNITY
    three = parted(square(0, 0), square(200, 200, 50, 40), square(0, 200, 10))
    assert three["detail"].tolist() == ["3: 2100 m²"]


def test_parts_that_meet_in_a_corner_are_separate_parts_on_two_sides_of_a_lake_are_not() -> None:
    assert parted(square(0, 0), square(100, 100))["kind"].tolist() == ["multipart"]
    lake = square(100, 0, 50, 100)
    across = (square(0, 0), square(150, 0, 50, 100))
    assert parted(*across, lakes=[lake])["kind"].tolist() == []
    halves = [square(100, 0, 25, 100), square(125, 0, 25, 100)]
    assert parted(*across, lakes=halves)["kind"].tolist() == []  # a lake drawn in two parts
    other = [square(100, 200, 50, 100)]
    assert parted(*across, lakes=other)["kind"].tolist() == ["multipart"]


def test_parts_in_different_parts_of_the_parent_are_expected() -> None:
    island = square(0, 0, 300) | square(500, 0)
    assert len(parted(square(0, 0), square(500, 0), parent=island)) == 0
    found = parted(square(0, 0), square(200, 200), square(500, 0), parent=island)
    assert found["detail"].tolist() == ["2: 10000 m²"]


def test_an_invalid_outline_is_told_as_that_alone() -> None:
    bow = Polygon([(0, 0), (100, 100), (100, 0), (0, 100)])
    grids, parents = four_grids()
    ground = grids.geometry.to_numpy().copy()
    ground[0] = TOWN.lonlat(bow)
    made = grids.set_geometry(gpd.GeoSeries(ground, crs="EPSG:4326"))
    found = nesting_findings(made, parents, partition_findings(made, parents))
    assert found["kind"].tolist() == ["invalid"]


# --- laws --------------------------------------------------------------------------------------------------------


def grown(widths: list[int]) -> list[tuple[str, str, str | None]]:
    """A tree of divisions by how many lie in each: region, leagues, counties, townships, communities."""
    rows: list[tuple[str, str, str | None]] = [("15", "region", None)]
    level = [("15", "region")]
    for name, digits, width in zip(LEVELS[1:], (2, 2, 3, 3), widths, strict=True):
        level = [(f"{code}{n + 1:0{digits}d}", name) for code, _ in level for n in range(width)]
        rows += [(code, one, code[: -{"league": 2, "county": 2}.get(one, 3)]) for code, one in level]
    return rows


@settings(max_examples=8, deadline=None)
@given(st.lists(st.integers(1, 2), min_size=4, max_size=4), st.data())
def test_whatever_is_wrong_with_a_tree_is_found_once_and_nothing_else(widths: list[int], data: Any) -> None:
    rows = grown(widths)
    assert len(found_in(None, divided(*rows))) == 0
    at = data.draw(st.integers(2, len(rows) - 1).filter(lambda row: rows[row][1] != "league"))
    code, level, parent = rows[at]
    above = rows[[one for one, _, _ in rows].index(parent or "")][2]
    kind, detail, changed = data.draw(
        st.sampled_from(
            [
                ("orphan", "999", (code, level, "999")),
                ("skipped", above, (code, level, above)),
                ("cycle", code, (code, level, code)),
            ]
        )
    )
    faulty = [*rows[:at], changed, *rows[at + 1 :]]
    found = found_in(None, divided(*data.draw(st.permutations(faulty))))
    assert told(found, "detail", "grid_ids", "level") == [[kind, "real", detail, [code], level]]
