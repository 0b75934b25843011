"""Are large grids connected, nested, balanced, and no more different from today's than asked?"""

from __future__ import annotations

from itertools import product
from typing import Any

import geopandas as gpd
import numpy as np
import pandas as pd
import pytest
import shapely
from hypothesis import given, settings
from hypothesis import strategies as st

from geo.errors import BadParameter
from geo.grid.districting.shares import webster
from geo.grid.districts import balanced_districts, district_report
from geo.place.index import neighbours

CELL = 0.01


def squares(rows: int, columns: int, households: Any = 10, *, east: float = 0.0) -> gpd.GeoDataFrame:
    """Squares of 0.01° in rows from the south, named ``rc``."""
    row, column = np.divmod(np.arange(rows * columns), columns)
    west, south = 110 + east + column * CELL, 40 + row * CELL
    return gpd.GeoDataFrame(
        {"grid_id": [f"{r}{c}" for r, c in zip(row, column, strict=True)], "households": households},
        geometry=shapely.box(west, south, west + CELL, south + CELL),
        crs="EPSG:4326",
    )


def cells(count: int, seed: int) -> gpd.GeoDataFrame:
    """Voronoi cells of random points with 50 to 300 households."""
    rng = np.random.default_rng(seed)
    side = 0.01 * np.sqrt(count)
    points = np.array([110, 40]) + rng.uniform(0, side, (count, 2))
    box = shapely.box(110, 40, 110 + side, 40 + side)
    ground = shapely.get_parts(shapely.voronoi_polygons(shapely.multipoints(points), extend_to=box, ordered=True))
    return gpd.GeoDataFrame(
        {"grid_id": [f"g{at:05d}" for at in range(count)], "households": rng.integers(50, 301, count)},
        geometry=shapely.intersection(ground, box),
        crs="EPSG:4326",
    )


def drawn(grids: gpd.GeoDataFrame, districts: pd.Series) -> list[str]:
    """The map as text, north at the top."""
    rows = pd.Series(districts.to_numpy(), index=grids["grid_id"].to_numpy())
    lines = [rows[rows.index.str.startswith(f"{r}")].str.cat(sep=" ") for r in range(10)]
    return [line for line in reversed(lines) if line]


def graph_of(grids: gpd.GeoDataFrame) -> dict[int, set[int]]:
    """Who shares an edge with whom, by position."""
    beside: dict[int, set[int]] = {at: set() for at in range(len(grids))}
    for left, right in neighbours(grids.geometry)[["left", "right"]].to_numpy().tolist():
        beside[left].add(right)
        beside[right].add(left)
    return beside


def whole(graph: dict[int, set[int]], members: set[int]) -> bool:
    """Whether the members reach each other without leaving them, walked step by step."""
    reached, rim = set(), {min(members)}
    while rim:
        reached |= rim
        rim = {other for one in rim for other in graph[one]} & members - reached
    return reached == members


def all_whole(graph: dict[int, set[int]], districts: pd.Series) -> bool:
    values = districts.to_numpy()
    return all(whole(graph, set(np.flatnonzero(values == one).tolist())) for one in set(values.tolist()))


def test_sixteen_equal_squares_into_four() -> None:
    grids = squares(4, 4)  # 160 households, mean 40; a square of 2 × 2 has 4π·4/8² = π/4
    made = balanced_districts(grids, 4)
    assert drawn(grids, made) == ["3 3 4 4", "3 3 4 4", "1 1 2 2", "1 1 2 2"]

    report = district_report(grids, made)
    assert report["load"].tolist() == [40.0] * 4
    assert report["off_mean"].tolist() == [0.0] * 4
    width, height = 0.854, 1.110  # 0.01° at 40° N, km
    expected = 4 * np.pi * (4 * width * height) / (4 * (width + height)) ** 2
    assert report["compactness"].to_numpy() == pytest.approx(expected, abs=0.002)
    assert report["within"].all()
    assert report["connected"].all()


def test_loads_decide_not_counts() -> None:
    grids = squares(1, 6, [50, 10, 10, 10, 10, 10])  # 100 in two: 50 | 50
    assert drawn(grids, balanced_districts(grids, 2)) == ["1 2 2 2 2 2"]


def test_a_grid_heavier_than_the_mean_is_named() -> None:
    grids = squares(1, 4, [90, 10, 10, 10])  # mean 60: the first alone is 50 % beyond it
    made = balanced_districts(grids, 2)
    report = district_report(grids, made)
    assert drawn(grids, made) == ["1 2 2 2"]
    assert report["too_heavy"].tolist() == [["00"], []]
    assert report["off_mean"].tolist() == pytest.approx([0.5, -0.5])
    assert not report["within"].any()


def test_districts_stay_in_their_parent_and_are_shared_by_load() -> None:
    grids = squares(2, 6, [30, 30, 30, 30, 10, 10] * 2).assign(
        division_id=["a"] * 4 + ["b"] * 2 + ["a"] * 4 + ["b"] * 2
    )
    made = balanced_districts(grids, 4, parents="division_id")  # a has 240 of 280: 3.43 of 4; b 0.57
    assert set(made[grids["division_id"] == "a"]) == {"a-01", "a-02", "a-03"}
    assert set(made[grids["division_id"] == "b"]) == {"b-01"}
    report = district_report(grids, made, parents="division_id").set_index("district_id")
    assert report["nested"].all()
    assert report.loc["b-01", "off_mean"] == 0  # it is the only one of its parent
    assert report.loc["b-01", "off_all"] == pytest.approx(40 / 70 - 1)


def test_webster_shares_by_odd_divisors() -> None:
    load = np.array([100.0, 80.0, 30.0])  # 33.3 26.7 10 | 20 16 6 | 14.3 11.4: the fourth and fifth go to a, b
    one = np.ones(3, dtype=np.int64)
    assert webster(load, 5, one, 9 * one).tolist() == [2, 2, 1]
    assert webster(load, 5, one, np.array([1, 9, 9])).tolist() == [1, 3, 1]
    with pytest.raises(BadParameter, match="at least 3"):
        webster(load, 2, one, one)


def test_locked_grids_keep_their_district() -> None:
    grids = squares(4, 4)
    made = balanced_districts(grids, 4, locked={"00": "A", "30": "A", "33": "B"})
    named = dict(zip(grids["grid_id"], made, strict=True))
    assert named["00"] == named["30"] == "A"
    assert named["33"] == "B"
    assert all_whole(graph_of(grids), made)
    assert district_report(grids, made)["within"].all()


def test_what_cannot_be_is_said() -> None:
    grids = squares(2, 2)
    cross = {"00": "A", "11": "A", "01": "B", "10": "B"}
    asked: list[tuple[int, dict[str, Any], str]] = [
        (5, {}, "at most 4"),
        (0, {}, "at least 1"),
        (2, {"locked": {"99": "A"}}, "99"),
        (2, {"locked": cross}, "cannot be joined"),
        (2, {"locked": {"00": "A", "11": "A"}, "parents": pd.Series(["a", "a", "b", "b"])}, "A"),
        (4, {"locked": {"00": "A", "01": "A"}}, "locked together"),
        (2, {"moves": 1.5}, "moves"),
        (2, {"load": "people"}, "people"),
        (2, {"parents": "township"}, "township"),
    ]
    for k, options, words in asked:
        with pytest.raises(BadParameter, match=words):
            balanced_districts(grids, k, **options)
    with pytest.raises(BadParameter, match="not negative"):
        balanced_districts(grids.assign(households=[-1, 1, 1, 1]), 2)
    with pytest.raises(BadParameter, match="unique"):
        balanced_districts(grids.assign(grid_id="a"), 2)


def test_an_island_is_joined_by_a_bridge_and_reported() -> None:
    grids = pd.concat([squares(1, 4), squares(1, 2, east=0.1).assign(grid_id=["x", "y"])], ignore_index=True)
    made = balanced_districts(grids, 2)
    report = district_report(grids, made)
    assert report["load"].tolist() == [30, 30]
    assert report["connected"].tolist() == [True, False]  # 03 is with x and y, eight squares away
    assert made.iloc[3] == made.iloc[4] == made.iloc[5]


def test_a_row_of_many_islands_is_cut_along_the_row() -> None:
    one = squares(1, 100)
    apart = one.set_geometry(
        one.geometry.map(lambda box: shapely.box(*(np.array([0, 0, -0.001, 0]) + box.bounds)))
    )
    made = balanced_districts(apart, 10)
    assert (made.value_counts() == 10).all()
    assert (made != made.shift()).sum() == 10


def test_without_any_load_grids_are_counted() -> None:
    grids = squares(4, 4, pd.NA)
    made = balanced_districts(grids, 4)
    assert sorted(made.value_counts()) == [4, 4, 4, 4]
    report = district_report(grids, made)
    assert report["off_mean"].isna().all()
    assert report["within"].all()


def test_grids_without_ground_belong_to_no_district() -> None:
    grids = squares(2, 2)
    grids.loc[1, "geometry"] = None
    made = balanced_districts(grids, 1)
    assert made.isna().tolist() == [False, True, False, False]
    assert balanced_districts(grids.iloc[:0], 3).empty
    assert district_report(grids.iloc[:0], "grid_id").empty


def test_districts_keep_the_names_of_those_they_hold_most_of() -> None:
    grids = squares(4, 4)
    today = pd.Series(list("wwweswwe" + "sseessee"))  # nearly the four quarters
    made = balanced_districts(grids, 4, today=today)
    assert set(made) - {"w", "e", "s"} == {"1"}
    report = district_report(grids, made, today=today).set_index("district_id")
    assert report["moved"].sum() == (made != today).sum() * 10


def test_no_more_moves_than_allowed() -> None:
    grids = squares(1, 10)
    today = pd.Series(list("aaaaaaabbb"))  # 70 | 30: two of ten must move to be even
    for moves, expected in [(0.0, "aaaaaaabbb"), (0.1, "aaaaaabbbb"), (0.2, "aaaaabbbbb"), (0.5, "aaaaabbbbb")]:
        made = balanced_districts(grids, 2, today=today, moves=moves)
        assert "".join(made) == expected, moves


def test_todays_pieces_are_joined_even_when_nothing_may_move() -> None:
    grids = squares(1, 6)
    made = balanced_districts(grids, 2, today=pd.Series(list("aabbab")), moves=0.0)
    assert "".join(made) == "aabbbb"  # a's other piece is cut off by b
    halved = balanced_districts(grids, 3, today=pd.Series(list("aaaabb")), moves=0.0)
    assert "".join(halved) in {"aa11bb", "11aabb"}
    fewer = balanced_districts(grids, 1, today=pd.Series(list("aaaabb")), moves=0.0)
    assert "".join(fewer) == "aaaaaa"


def test_todays_district_in_two_parents_stays_where_most_of_it_is() -> None:
    grids = squares(1, 6)
    parents = pd.Series(list("ppppqq"))
    made = balanced_districts(grids, 2, parents=parents, today=pd.Series(["a"] * 6), moves=0.0)
    assert made.tolist() == ["a", "a", "a", "a", "q-01", "q-01"]


@settings(max_examples=15, deadline=None)
@given(st.integers(12, 60), st.integers(0, 10_000), st.data())
def test_every_grouping_obeys_the_laws(count: int, seed: int, data: st.DataObject) -> None:
    grids = cells(count, seed)
    graph = graph_of(grids)
    middle = grids.geometry.representative_point().x
    parents = pd.Series(np.where(middle < 110 + 0.005 * np.sqrt(count), "p", "q"))
    nested = data.draw(st.booleans())
    if nested:  # connected parents, as those of real grids are
        nested = parents.nunique() == 2 and all_whole(graph, parents)
    k = data.draw(st.integers(2 if nested else 1, max(2, count // 4)))
    locked = {}
    if k > 2 and data.draw(st.booleans()):
        locked = {grids["grid_id"].iloc[at]: f"L{at}" for at in data.draw(st.sets(st.integers(0, 11), max_size=1))}
    options: dict[str, Any] = {"parents": parents if nested else None, "locked": locked, "seed": 3}

    made = balanced_districts(grids, k, **options)

    assert made.notna().all()
    assert made.nunique() == k
    assert all_whole(graph, made)
    named = dict(zip(grids["grid_id"], made, strict=True))
    assert all(named[grid] == name for grid, name in locked.items())
    if nested:
        assert pd.DataFrame({"made": made, "parent": parents}).drop_duplicates()["made"].is_unique
    shuffled = grids.sample(frac=1, random_state=seed)
    assert balanced_districts(shuffled, k, **options).reindex(grids.index).equals(made)

    report = district_report(grids, made, parents=options["parents"])
    assert report["load"].sum() == grids["households"].sum()
    union = grids.dissolve(made).geometry
    local = union.to_crs(union.estimate_utm_crs())
    compact = 4 * np.pi * local.area / local.length**2
    assert report["compactness"].to_numpy() == pytest.approx(compact.to_numpy(), rel=0.005)


@settings(max_examples=10, deadline=None)
@given(st.integers(20, 60), st.integers(0, 10_000), st.sampled_from([0.0, 0.1, 0.3]))
def test_the_limit_of_moves_is_kept_where_today_is_sound(count: int, seed: int, moves: float) -> None:
    grids = cells(count, seed)
    today = balanced_districts(grids, 4, seed=1)
    changed = grids.assign(households=np.random.default_rng(seed).permutation(grids["households"].to_numpy()))

    made = balanced_districts(changed, 4, today=today, moves=moves)

    before = district_report(changed, today)["off_mean"].abs()
    report = district_report(changed, made, today=today)
    assert report["moved"].sum() <= moves * changed["households"].sum()
    assert set(made) == set(today)
    assert all_whole(graph_of(changed), made)
    after = report["off_mean"].abs()
    assert after.clip(lower=0.02).sum() <= before.clip(lower=0.02).sum() + 1e-9


def best_possible(grids: gpd.GeoDataFrame, k: int) -> float:
    """The least Σ of what loads are beyond 2 %, by trying every grouping."""
    graph, load = graph_of(grids), grids["households"].to_numpy(dtype=float)
    mean, best = load.sum() / k, np.inf
    for labels in product(range(k), repeat=len(grids)):
        value = np.array(labels)
        if value[0] != 0 or len(set(labels)) < k:
            continue
        off = np.abs(np.bincount(value, load, k) / mean - 1)
        beyond = float(np.maximum(off - 0.02, 0).sum())
        if beyond < best and all_whole(graph, pd.Series(value)):
            best = beyond
    return best


@pytest.mark.parametrize(("count", "k", "seed"), [(8, 2, 1), (9, 3, 2), (9, 2, 3), (8, 3, 4), (7, 4, 5)])
def test_no_grouping_of_a_few_grids_is_better(count: int, k: int, seed: int) -> None:
    grids = cells(count, seed)
    off = district_report(grids, balanced_districts(grids, k))["off_mean"].abs()
    assert float((off - 0.02).clip(lower=0).sum()) == pytest.approx(best_possible(grids, k), abs=1e-6)


def test_a_banner_is_balanced_and_compact() -> None:
    grids = cells(2_924, 7)
    report = district_report(grids, balanced_districts(grids, 184))
    assert report["off_mean"].abs().max() <= 0.02
    assert report["connected"].all()
    assert report["compactness"].mean() > 0.5
    assert report["compactness"].min() > 0.2
