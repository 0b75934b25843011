"""What holds for any two schemes of grids, and what a slow look at every pair says."""

from __future__ import annotations

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
from shapely import Polygon, box

from geo.grid.schemes import conflicting_borders, correspondence, matches
from geo.grid.stacked.ground import is_wide
from geo.grid.stacked.people import told_beside
from geo.place.index import polygonal
from tests.worlds import COMMUNITY, beats_of, grids_of

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


@settings(max_examples=60, deadline=None)
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
