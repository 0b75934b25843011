"""Where on the line is it? Beside asking every edge, on lines drawn to make two places equally near."""

from __future__ import annotations

import itertools
import math
from collections.abc import Iterator

import numpy as np
import pytest
import shapely
from hypothesis import HealthCheck, assume, event, given, settings
from hypothesis import strategies as st

from geo.border import chainage
from geo.border.chainage import Chainage, chainage_of
from geo.border.edges import PAGES, edge_grid
from geo.crs import Floats, geodesic_length, geodesic_steps
from tests.plain_credit import LonLat, distance_m, foot_of, metres_per_degree
from tests.tracks import line_of, meanders, switchbacks, wandering

SAME_M = 1e-6
ORIGIN = np.array([112.0, 43.5])

corner = st.tuples(st.integers(-4, 4), st.integers(-4, 4))
part = st.lists(corner, min_size=2, max_size=8)
anywhere = st.tuples(st.floats(-6, 6, width=32), st.floats(-6, 6, width=32))
half = st.tuples(st.integers(-12, 12), st.integers(-12, 12)).map(lambda xy: (xy[0] / 2, xy[1] / 2))
points = st.lists(st.one_of(corner, half, anywhere), min_size=1, max_size=12)


def chainage_through(parts: list[list[tuple[int, int]]], step_deg: float) -> Chainage:
    return chainage_of(
        np.array([shapely.LineString(ORIGIN + step_deg * np.array(p)) for p in parts], dtype=object)
    )


def edges_of(line: Chainage) -> list[tuple[float, LonLat, LonLat]]:
    """Every edge with the measure at which it begins; the step from one part to the next is none."""
    parts = np.split(np.column_stack([line.measure_m, line.lonlat]), line.offsets[1:-1])
    return [(m, (x, y), (u, v)) for part in parts for (m, x, y), (_, u, v) in itertools.pairwise(part.tolist())]


def by_every_edge(point: LonLat, line: Chainage) -> tuple[float, float]:
    """Distance to the line in the point's own metres, and the lowest measure at which it is that near."""
    asked = [(foot_of(point, start, end), start_m, start, end) for start_m, start, end in edges_of(line)]
    least = min(offset for (_, offset), *_ in asked)
    (share, _), start_m, start, end = next(row for row in asked if row[0][1] <= least + 1e-9)
    there = (start[0] + share * (end[0] - start[0]), start[1] + share * (end[1] - start[1]))
    return least, start_m + distance_m(start, there)


@pytest.fixture(params=["few points", "many points"])
def either_way(request: pytest.FixtureRequest) -> Iterator[None]:
    """A call with many points looks edges up in a grid, one with few in a tree: either answers every call here."""
    with pytest.MonkeyPatch.context() as patch:
        patch.setattr(chainage, "MANY", 10**9 if request.param == "few points" else 1)
        yield


@pytest.mark.usefixtures("either_way")
@settings(max_examples=60, deadline=None, suppress_health_check=[HealthCheck.function_scoped_fixture])
@given(st.lists(part, min_size=1, max_size=3), points, st.sampled_from([1e-6, 2e-4, 4e-3]))
def test_the_nearest_place_is_what_every_edge_says(
    parts: list[list[tuple[int, int]]], asked: list[tuple[float, float]], step_deg: float
) -> None:
    line = chainage_through(parts, step_deg)
    assume(line.length_m > 0)
    lonlat = ORIGIN + step_deg * np.array(asked, dtype=float)

    measure, offset = line.locate(lonlat)

    there = line.point_at(measure)
    for at, point in enumerate(lonlat.tolist()):
        least, lowest = by_every_edge(tuple(point), line)
        away = (there[at] - point) * metres_per_degree(point[1])
        joint = np.abs(line.measure_m[line.offsets[1:-1]] - measure[at]).min(initial=np.inf)
        if joint > SAME_M:  # where two parts meet, a measure is a place on either
            assert math.hypot(*away) == pytest.approx(least, abs=2 * SAME_M)
            assert offset[at] == pytest.approx(
                distance_m(tuple(point), tuple(there[at].tolist())), abs=SAME_M, rel=1e-7
            )
        assert measure[at] <= lowest + 5e-4  # a kilometre straight in degrees is not quite a geodesic
        assert offset[at] == pytest.approx(least, abs=SAME_M + 1e-3 * least)
        if measure[at] < lowest - 5e-4:
            event("a lower measure, less than a micrometre further")


@pytest.mark.usefixtures("either_way")
@pytest.mark.parametrize(
    "xy",
    [
        wandering(40_000, seed=5),
        meanders(30_000, wave_m=900.0, bend=2.05),  # necks
        meanders(30_000, wave_m=900.0, bend=2.3),  # crosses itself
        switchbacks(40, leg_m=700.0, apart_m=40.0),
    ],
    ids=["wandering", "necks", "crossing", "switchbacks"],
)
def test_points_around_long_lines_are_where_every_edge_says(xy: Floats) -> None:
    line = line_of(*np.split(xy, [len(xy) // 3, len(xy) // 2]))
    rng = np.random.default_rng(6)
    spread = np.repeat([3e-6, 3e-4, 2e-2], 40)[:, None] * rng.normal(size=(120, 2))
    lonlat = line.point_at(rng.uniform(0, line.length_m, 120)) + spread
    measure, offset = line.locate(lonlat)
    start, end = (np.array([edge[at] for edge in edges_of(line)]) for at in (1, 2))
    for at, point in enumerate(lonlat):
        metres = np.array(metres_per_degree(point[1]))
        near, span = (start - point) * metres, (end - start) * metres
        share = np.clip(-(near * span).sum(axis=1) / (span**2).sum(axis=1), 0, 1)
        every = np.hypot(*(near + share[:, None] * span).T)
        least, lowest = by_every_edge(tuple(point.tolist()), line)
        assert every.min() == pytest.approx(least, abs=1e-9)
        assert measure[at] == pytest.approx(lowest, abs=5e-4)
        assert offset[at] == pytest.approx(least, rel=1e-4)


@pytest.mark.usefixtures("either_way")
def test_order_and_company_of_points_do_not_matter() -> None:
    line = line_of(meanders(30_000, wave_m=900.0, bend=2.05))
    rng = np.random.default_rng(7)
    lonlat = line.point_at(np.linspace(0, line.length_m, 500)) + rng.normal(0, 4e-4, (500, 2))
    together = line.locate(lonlat)
    mixed = rng.permutation(500)
    for one, other in zip(together, line.locate(lonlat[mixed]), strict=True):
        assert (one[mixed] == other).all()
    alone = np.array([line.locate(point) for point in lonlat[:60]]).reshape(-1, 2)
    assert (alone == np.stack(together, axis=1)[:60]).all()


def test_four_thousand_kilometres_in_forty_parts_come_back_to_a_micrometre() -> None:
    bends = np.cumsum(np.random.default_rng(8).normal(0, 0.09, 100_000))
    heading = 1.2 * np.sin(bends)
    vertices = np.array([95.0, 44.0]) + np.cumsum(
        4.2e-4 * np.stack([np.cos(heading), np.sin(heading)], axis=1), axis=0
    )
    kept = vertices[(np.abs(vertices[:, 1]) < 80)]
    line = chainage_of(np.array([shapely.LineString(part) for part in np.array_split(kept, 40)], dtype=object))
    assert len(line.lonlat) == 100_000
    assert line.length_m > 3_500_000
    rng = np.random.default_rng(9)
    measures = np.concatenate([rng.uniform(0, line.length_m, 30_000), line.measure_m[::50]])

    points = line.point_at(measures)
    again, offset = line.locate(points)

    joint = np.isin(
        measures, line.measure_m[line.offsets[1:-1]]
    )  # the place of the second part, the first's measure
    assert offset.max() < SAME_M
    assert np.abs(geodesic_steps(line.point_at(again)[~joint], points[~joint])).max() < SAME_M
    assert (again <= measures + SAME_M).all()
    assert np.mean(np.abs(again - measures) < SAME_M) > 0.999  # where the line meets itself, the first time
    beside = points + rng.normal(0, 3e-4, points.shape)
    first, _ = line.locate(beside)
    second, _ = line.locate(line.point_at(first))
    assert (second <= first + SAME_M).all()
    bounds = np.unique(np.concatenate([[0.0], measures, [line.length_m]]))
    lengths = np.nan_to_num(geodesic_length(line.cut(bounds[:-1], bounds[1:])))
    assert np.abs(lengths - np.diff(bounds)).max() < 1.1e-3  # a crumb of a millimetre beside a joint is left out
    assert lengths.sum() == pytest.approx(line.length_m, abs=0.01)


@pytest.mark.usefixtures("either_way")
def test_a_point_on_the_other_side_of_the_world_has_a_place() -> None:
    line = line_of(wandering(3_000, seed=2))
    measure, offset = line.locate(np.array([[-68.0, -43.5], [112.0, 89.0], [112.0, -89.0], [179.9, 0.0]]))
    assert ((measure >= 0) & (measure <= line.length_m)).all()
    assert (offset > 1_000_000).all()


def test_few_points_and_many_are_in_the_same_places() -> None:
    line = line_of(meanders(60_000, wave_m=900.0, bend=2.3))
    rng = np.random.default_rng(10)
    lonlat = (
        line.point_at(rng.uniform(0, line.length_m, 30_000))
        + rng.normal(0, 1, (30_000, 2)) * np.geomspace(1e-9, 1.0, 30_000)[:, None]
    )
    lonlat[::1_000] = np.nan
    assert len(lonlat) >= chainage.MANY
    measure, offset = line.locate(lonlat)
    few = [line.locate(some) for some in np.array_split(lonlat, 40)]
    place, away = (np.concatenate([found[at] for found in few]) for at in (0, 1))
    assert np.isnan(measure[::1_000]).all()
    assert measure == pytest.approx(place, abs=SAME_M, nan_ok=True)
    assert offset == pytest.approx(away, abs=SAME_M, rel=1e-7, nan_ok=True)


@pytest.mark.parametrize("latitude", [69.9, 75.0, 84.0, 89.5, -80.0])
def test_lines_far_north_and_south_are_located_and_credited(latitude: float) -> None:
    """Where degrees of longitude are worth little, many points are placed as few are, and the grid stays small."""
    line = chainage_of(np.array([shapely.LineString([(10, latitude), (11, latitude + 0.2), (12, latitude)])]))
    on_line = line.point_at(np.linspace(0, line.length_m, chainage.MANY))
    points = on_line + np.array([0.0, 2e-3])
    measure, offset = line.locate(points)
    some = np.arange(0, len(points), 1_000)
    expected = line.locate(points[some])
    assert np.abs(measure[some] - expected[0]).max() < 1e-6
    assert offset[some] == pytest.approx(expected[1], rel=1e-6)
    grid = edge_grid(line.lonlat, line.edges, cell_m=50.0, reach_m=50.0)
    assert grid is not None
    assert grid.page.size <= 2 * PAGES
