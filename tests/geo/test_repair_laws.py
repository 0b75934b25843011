"""Whatever is wrong with a partition: after the repair every place is in exactly one grid; the ledger balances."""

from __future__ import annotations

from typing import Any

import geopandas as gpd
import numpy as np
import pandas as pd
import pytest
import shapely
from hypothesis import given, settings
from hypothesis import strategies as st
from pandas.testing import assert_frame_equal
from shapely import Point, Polygon
from shapely.affinity import rotate, scale, translate

from geo.grid.partition import partition_findings, partition_health
from geo.grid.repair import propose_repair
from geo.place.index import polygonal
from geo.tables.conform import conform
from tests.worlds import COMMUNITY, NEXT_COMMUNITY, TOWN

SIDE = 4
CELL_M = 100.0
RESOLUTION_M = 0.003  # grids are joined and cut within 1 mm, twice where a vertex is put into an edge that moved
Fault = tuple[str, int, float, float]
Row = tuple[str, str, Any]


def _drawn() -> tuple[list[Row], gpd.GeoDataFrame]:
    """Sixteen cells of about 100 m with crooked corners, eight in each of two communities."""
    rng = np.random.default_rng(5)
    x, y = np.meshgrid(np.arange(SIDE + 1.0), np.arange(SIDE + 1.0), indexing="ij")
    corner = CELL_M * (np.stack([x, y], axis=-1) + rng.uniform(-0.3, 0.3, (SIDE + 1, SIDE + 1, 2)))
    cells = [
        Polygon([corner[i, j], corner[i + 1, j], corner[i + 1, j + 1], corner[i, j + 1]])
        for i in range(SIDE)
        for j in range(SIDE)
    ]
    ground = TOWN.lonlat(np.array(cells, dtype=object))
    home = [COMMUNITY] * 8 + [NEXT_COMMUNITY] * 8
    parents = gpd.GeoDataFrame(
        {"division_id": [COMMUNITY, NEXT_COMMUNITY], "name": "community", "level": "community"},
        geometry=[shapely.coverage_union_all(ground[:8]), shapely.coverage_union_all(ground[8:])],
        crs="EPSG:4326",
    )
    return [(f"{n:03d}", *one) for n, one in enumerate(zip(home, cells, strict=True))], conform(
        "divisions", parents
    )


CELLS, PARENTS = _drawn()
METRES = st.floats(-60, 60).map(lambda metres: round(metres, 1))
COARSE = ("lost", "moved", "resized", "bitten", "doubled", "within", "across", "nowhere", "crossed", "misnamed")
FINE = ("nudged", "nearly_doubled", "rounded")


def faults(kinds: tuple[str, ...]) -> st.SearchStrategy[list[Fault]]:
    return st.lists(st.tuples(st.sampled_from(kinds), st.integers(0, 15), METRES, METRES), min_size=1, max_size=4)


def damaged(given: list[Fault]) -> gpd.GeoDataFrame:
    rows = list(CELLS)
    for number, (kind, at, east, north) in enumerate(given):
        at %= len(rows)
        id, home, ground = rows[at]
        if ground is None or ground.is_empty:
            continue
        changed, more = _damage(kind, ground, east, north)
        if kind == "misnamed":
            home = COMMUNITY if home == NEXT_COMMUNITY else NEXT_COMMUNITY
        rows[at] = (id, home, changed)
        if more is not None:
            rows.append((f"9{number:02d}", home, more))
        if kind == "lost":
            rows.pop(at)
    ground = TOWN.lonlat(np.array([one for _, _, one in rows], dtype=object))
    if any(kind == "rounded" for kind, *_ in given):
        ground[::2] = shapely.transform(ground[::2], lambda xy: xy.round(7))
    table = {
        "grid_id": [id for id, _, _ in rows],
        "division_id": [home for _, home, _ in rows],
        "name": [f"name of {id}" for id, _, _ in rows],
        "households": np.arange(len(rows)) % 5 * 50,
    }
    return conform("grids", gpd.GeoDataFrame(table, geometry=ground, crs="EPSG:4326"))


def _damage(kind: str, ground: Any, east: float, north: float) -> tuple[Any, Any]:
    """What becomes of a grid, and another that is added."""
    share = 1 + east / 150  # 0.6 to 1.4
    tiny = east / 1e4, north / 1e4  # up to 6 mm
    corners = shapely.get_coordinates(ground)
    bow = Polygon(corners[[0, 2, 1, 3, 0]]) if len(corners) == 5 else ground
    centre = ground.centroid
    hole = Point(centre.x + east, centre.y + north).buffer(10 + abs(east) / 2, 4)
    whole = ground.buffer(0)  # a grid may be damaged twice
    made: dict[str, tuple[Any, Any]] = {
        "moved": (translate(ground, east, north), None),
        "resized": (scale(ground, share, share), None),
        "bitten": (max(shapely.get_parts(whole - hole), key=shapely.area, default=None), None),
        "doubled": (ground, ground),
        "within": (ground, scale(ground, 0.3, 0.3)),
        "across": (ground, rotate(scale(ground, 2, 0.3), 3 * east)),
        "nowhere": (None if east < 0 else Polygon(), None),
        "crossed": (bow, None),
        "nudged": (translate(ground, *tiny), None),
        "nearly_doubled": (ground, translate(ground, *tiny)),
    }
    return made.get(kind, (ground, None))


def lakes(given: list[tuple[float, float, int]]) -> gpd.GeoDataFrame:
    ground = TOWN.lonlat(
        np.array([Point(200 + 3 * x, 200 + 3 * y).buffer(r, 8) for x, y, r in given], dtype=object)
    )
    table = {"excluded_id": [f"x{n}" for n in range(len(given))], "kind": "lake"}
    return conform("excluded", gpd.GeoDataFrame(table, geometry=ground, crs="EPSG:4326"))


LAKES = st.lists(st.tuples(METRES, METRES, st.floats(5, 120).map(round)), max_size=2).map(lakes)


def _area(grids: gpd.GeoDataFrame) -> Any:
    return np.nan_to_num(shapely.area(TOWN.metres(polygonal(grids.geometry))))


def _stays(found: gpd.GeoDataFrame, ledger: gpd.GeoDataFrame) -> Any:
    """Mark findings that the ledger says must stay."""
    left = np.asarray(ledger.geometry[ledger["rule"] == "no_neighbour"])
    inside = shapely.point_on_surface(np.asarray(found.geometry))
    return shapely.dwithin(inside[:, None], left[None, :], 1e-7).any(axis=1) & (found["kind"] == "gap").to_numpy()


@settings(max_examples=30, deadline=None)
@given(faults(COARSE + FINE), LAKES, st.sampled_from(["edge", "households"]))
def test_every_place_is_in_exactly_one_grid_and_the_ledger_balances(
    given: list[Fault], excluded: gpd.GeoDataFrame, by: Any
) -> None:
    grids = damaged(given)
    found = partition_findings(grids, PARENTS, excluded=excluded)
    proposed, ledger = propose_repair(grids, PARENTS, found, excluded=excluded, by=by)

    after = partition_findings(proposed, PARENTS, excluded=excluded)
    left = after[~_stays(after, ledger)]
    assert len(left) == 0, left.drop(columns="geometry").to_string()
    ground = np.asarray(proposed.geometry)
    assert (shapely.is_valid(ground) | shapely.is_missing(ground) | shapely.is_empty(ground)).all()

    sign = ledger["change"].map({"gains": 1, "loses": -1}).fillna(0).astype(int)
    net = (ledger["area_m2"] * sign).groupby(ledger["grid_id"]).sum().reindex(grids["grid_id"]).fillna(0)
    rim = np.nan_to_num(shapely.length(TOWN.metres(polygonal(grids.geometry))))
    assert (np.abs(_area(proposed) - _area(grids) - net.to_numpy()) < 0.05 + RESOLUTION_M * rim).all()

    assert set(found["finding_id"]) <= set(ledger["finding_id"])
    assert ledger["entry_id"].is_unique
    plain = [pd.DataFrame(table.drop(columns="geometry")) for table in (proposed, grids)]
    assert_frame_equal(*plain)

    again, nothing = propose_repair(proposed, PARENTS, after, excluded=excluded, by=by)
    assert set(nothing["rule"]) <= {"no_neighbour"}
    assert all(new is old for new, old in zip(again.geometry, proposed.geometry, strict=True))


@settings(max_examples=15, deadline=None)
@given(faults(COARSE))
def test_another_geometry_engine_agrees(given: list[Fault]) -> None:
    """Areas of unions: nothing is uncovered, held twice or beyond; no two grids have edges that nearly match."""
    grids = damaged(given)
    proposed, ledger = propose_repair(grids, PARENTS, partition_findings(grids, PARENTS))
    ground = polygonal(proposed.geometry)
    for parent in range(2):
        mine = ground[(grids["division_id"] == PARENTS["division_id"].iloc[parent]).to_numpy()]
        whole, parts = shapely.union_all(TOWN.metres(mine)), shapely.area(TOWN.metres(mine))
        limit = TOWN.metres(PARENTS.geometry.iloc[parent])
        uncovered = (limit - whole).area
        assert uncovered < 0.5 or (ledger["rule"] == "no_neighbour").any()
        assert (whole - limit).area < 0.5
        assert np.nansum(parts) == pytest.approx(whole.area, abs=0.5)
    assert shapely.coverage_is_valid(ground[~shapely.is_missing(ground)])
    rounded = shapely.transform(ground[~shapely.is_missing(ground)], lambda xy: xy.round(7))
    assert shapely.coverage_is_valid(rounded)  # 1 cm: nothing opens when the proposal is written


@settings(max_examples=12, deadline=None)
@given(faults(COARSE), st.randoms(use_true_random=False), st.sampled_from(["edge", "households"]))
def test_the_order_of_rows_changes_nothing(given: list[Fault], random: Any, by: Any) -> None:
    grids = damaged(given)
    rows = list(range(len(grids)))
    random.shuffle(rows)
    mixed = grids.iloc[rows]
    found = partition_findings(grids, PARENTS)
    proposed, ledger = propose_repair(grids, PARENTS, found, by=by)
    other, same = propose_repair(mixed, PARENTS.iloc[::-1], found.iloc[::-1], by=by)
    assert_frame_equal(pd.DataFrame(ledger), pd.DataFrame(same))
    assert (
        shapely.equals_identical(np.asarray(other.geometry), np.asarray(proposed.geometry.iloc[rows])).all()
        or (other.geometry.isna().to_numpy() == proposed.geometry.iloc[rows].isna().to_numpy()).all()
    )


@settings(max_examples=12, deadline=None)
@given(st.sets(st.integers(0, 15), min_size=1, max_size=7))
def test_the_ledger_of_lost_grids_is_their_area(lost: set[int]) -> None:
    """What is gained, and what nobody could get, is together what was taken out."""
    grids = damaged([("none", 0, 0, 0)])
    left = grids.drop(index=sorted(lost))
    found = partition_findings(left, PARENTS)
    proposed, ledger = propose_repair(left, PARENTS, found)
    taken = _area(grids.iloc[sorted(lost)]).sum()
    assert ledger["area_m2"].sum() == pytest.approx(taken, abs=0.5)
    assert set(ledger["kind"]) == {"gap"}
    health = partition_health(proposed, PARENTS, partition_findings(proposed, PARENTS))
    assert (health["covered"] == 1.0).all()
