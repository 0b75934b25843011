"""Onto which street a point steps, and what is said about it."""

from __future__ import annotations

from typing import Any

import geopandas as gpd
import numpy as np
import pytest
import shapely
from hypothesis import given, settings
from hypothesis import strategies as st
from shapely import LineString, Point, box

from geo.walk.barriers import Barriers
from geo.walk.network import WalkNetwork
from geo.walk.snap import Snapped, on_edges, snap
from geo.walk.streets import walk_streets
from tests import worlds

Way = list[tuple[float, float]]


def snapped(
    ways: dict[str, Way], *points: tuple[float, float], barriers: dict[str, Any] | None = None, **limits: float
) -> tuple[WalkNetwork, Snapped]:
    """Snap points to streets, both in metres of the town."""
    network = WalkNetwork.from_streets(walk_streets(worlds.streets_of(ways)))
    place = network.frame.metres(worlds.on_ground([Point(point) for point in points]))
    table = gpd.GeoDataFrame(
        {"kind": list(barriers or {}), "passable": [kind == "gate" for kind in barriers or {}]},
        geometry=worlds.on_ground(list((barriers or {}).values())),
        crs="EPSG:4326",
    )
    x, y = shapely.get_coordinates(place).T
    return network, snap(network, x, y, barriers=Barriers.of(table, network.frame), **limits)


STREET: dict[str, Way] = {"main": [(0, 0), (1_000, 0)]}


def said(made: Snapped) -> list[tuple[int, str, str]]:
    return list(zip(made.edge.tolist(), made.verdict.tolist(), made.reason.tolist(), strict=True))


def test_a_point_steps_onto_the_street_and_not_to_the_junction() -> None:
    _, made = snapped(STREET, (250, 30), (1_030, 40))
    assert said(made) == [(0, "ok", ""), (0, "ok", "")]
    assert made.along.tolist() == pytest.approx([0.25, 1.0], abs=1e-6)
    assert made.leg_m.tolist() == pytest.approx([30.0, 50.0], abs=1e-3)  # √(30² + 40²) to the end


def test_places_on_a_bent_street_are_measured_along_it() -> None:
    _, made = snapped({"bent": [(0, 0), (300, 0), (300, 100)]}, (310, 50))
    assert made.along.tolist() == pytest.approx([350 / 400], abs=1e-6)


def test_far_points_are_marked_and_further_ones_are_nowhere() -> None:
    _, made = snapped(STREET, (500, 299.9), (500, 301), (500, 1_599), (500, 1_601))
    assert [verdict for _, verdict, _ in said(made)] == ["ok", "far", "far", "unsnapped"]
    assert said(made)[3] == (-1, "unsnapped", "distance")
    assert np.isnan(made.leg_m[3])
    assert np.isnan(made.along[3])


def test_limits_are_the_askers() -> None:
    _, made = snapped(STREET, (500, 99), (500, 150), snap_m=100, snap_max_m=140)
    assert [verdict for _, verdict, _ in said(made)] == ["ok", "unsnapped"]


RIVER = {"river": box(-5_000, 20, 5_000, 60)}
BANKS: dict[str, Way] = {"north": [(0, 100), (1_000, 100)], "south": [(0, -200), (1_000, -200)]}


def test_nobody_wades_to_the_nearer_street() -> None:
    network, made = snapped(BANKS, (500, 0), barriers=RIVER)
    assert said(made) == [(1, "barrier_detour", "barrier")]  # 200 m to the south, not 100 m over the river
    assert network.edge_id[made.edge[0]] == "south"
    assert made.leg_m.tolist() == pytest.approx([200.0], abs=1e-3)


def test_a_far_street_on_this_side_is_better_than_a_near_one_on_the_other() -> None:
    ways: dict[str, Way] = {"north": [(0, 100), (1_000, 100)], "south": [(0, -800), (1_000, -800)]}
    _, made = snapped(ways, (500, 0), barriers=RIVER)
    assert said(made) == [(1, "far", "barrier")]


def test_who_is_shut_in_is_nowhere_and_is_told_why() -> None:
    ring = {"wall": LineString([(450, 10), (550, 10), (550, 90), (450, 90), (450, 10)])}
    _, made = snapped(STREET, (500, 50), barriers=ring)
    assert said(made) == [(-1, "unsnapped", "barrier")]


def test_a_gate_is_no_barrier() -> None:
    _, made = snapped(STREET, (500, 50), barriers={"gate": LineString([(0, 20), (1_000, 20)])})
    assert said(made) == [(0, "ok", "")]


def test_inside_a_walled_yard_one_walks_to_the_street_of_the_yard() -> None:
    ways: dict[str, Way] = {
        "outer": [(0, 0), (1_000, 0)],
        "yard": [(450, 200), (550, 200)],
        "lane": [(450, 200), (450, 700)],
    }
    _, made = snapped(ways, (500, 80), (500, 40), barriers={"wall": box(400, 60, 600, 260)})
    assert said(made) == [(2, "barrier_detour", "barrier"), (1, "ok", "")]


def test_a_street_along_a_wall_is_entered_from_its_side() -> None:
    _, made = snapped(STREET, (500, 50), barriers={"wall": LineString([(0, 0), (1_000, 0)])})
    assert said(made) == [(0, "ok", "")]


ISLAND: dict[str, Way] = {**STREET, "yard": [(400, 100), (500, 100)]}


def test_a_few_metres_joined_to_nothing_are_passed_over() -> None:
    network, made = snapped(ISLAND, (450, 90))
    assert said(made) == [(0, "ok", "island")]
    assert made.leg_m.tolist() == pytest.approx([90.0], abs=1e-3)
    assert network.component[made.edge].tolist() == made.component.tolist() == [0]


def test_an_island_is_better_than_nothing_near_and_says_so() -> None:
    ways: dict[str, Way] = {**STREET, "yard": [(400, 700), (500, 700)]}
    _, made = snapped(ways, (450, 690))
    assert said(made) == [(1, "island", "island")]


def test_the_largest_network_is_never_an_island() -> None:
    _, made = snapped({"lane": [(0, 0), (100, 0)]}, (50, 10))
    assert said(made) == [(0, "ok", "")]


def test_at_a_junction_the_first_of_its_streets_is_taken() -> None:
    _, made = snapped({"b": [(0, 0), (100, 0)], "a": [(0, 0), (0, 600)]}, (-30, -40))
    assert (made.edge.tolist(), made.along.tolist()) == ([0], [0.0])  # "a" is before "b"
    assert made.leg_m.tolist() == pytest.approx([50.0], abs=1e-3)


def test_no_point_and_no_street_are_said() -> None:
    network, _ = snapped(STREET, (0, 0))
    assert said(snap(network, np.array([np.nan]), np.array([1.0]))) == [(-1, "unsnapped", "no_geometry")]
    empty = WalkNetwork.from_streets(walk_streets(worlds.streets_of(STREET).iloc[:0]))
    assert said(snap(empty, np.array([0.0]), np.array([1.0]))) == [(-1, "unsnapped", "distance")]


def test_points_known_to_be_on_a_street_have_no_leg() -> None:
    network, _ = snapped(STREET, (0, 0))
    made = on_edges(network, np.array([0], dtype=np.int32), np.array([0.3]))
    assert (made.leg_m[0], made.along[0], made.verdict[0]) == (0.0, 0.3, "ok")
    assert np.hypot(made.x - network.x[0], made.y - network.y[0]) == pytest.approx([300.0], abs=1e-2)


metre = st.integers(-400, 400)
spot = st.tuples(metre, metre)


@settings(max_examples=60, deadline=None)
@given(
    st.lists(st.tuples(spot, spot), min_size=1, max_size=8), st.lists(spot, min_size=1, max_size=8), st.booleans()
)
def test_the_nearest_street_that_can_be_walked_to_is_taken(ways: Any, points: Any, walled: bool) -> None:
    streets = {f"e{n}": [a, (b[0] + 0.5, b[1])] for n, (a, b) in enumerate(ways)}
    wall = LineString([(-50.25, -500), (-50.25, 500)])
    network, made = snapped(
        streets, *points, barriers={"wall": wall} if walled else None, snap_m=2_000, snap_max_m=2_000
    )
    wall = network.frame.metres(worlds.on_ground(wall))
    tiny = network.component_m[network.component] < 500
    tiny[network.component == 0] = False
    for number in range(len(points)):
        here = Point(made.x[number], made.y[number])
        feet = [shapely.shortest_line(here, line) for line in network.line]  # one street after the other
        open_ = [not walled or not foot.intersects(wall) for foot in feet]
        ranked = sorted((bool(tiny[e]), feet[e].length) for e in range(len(feet)) if open_[e])
        if ranked:
            assert made.leg_m[number] == pytest.approx(ranked[0][1], abs=1e-6)
        else:
            assert made.verdict[number] == "unsnapped"


def test_water_is_an_area_and_a_yard_is_not() -> None:
    table = gpd.GeoDataFrame(
        {"kind": ["river", "wall", "railway"], "passable": [False, False, False]},
        geometry=worlds.on_ground([box(0, 0, 10, 10), box(20, 0, 30, 10), LineString([(0, 50), (9, 50)])]),
        crs="EPSG:4326",
    )
    made = Barriers.of(table, worlds.TOWN)
    assert len(made.line) == 9  # twice four sides, and the railway
    assert [area.symmetric_difference(box(0, 0, 10, 10)).area < 0.1 for area in made.area] == [True]
    assert len(Barriers.of(None, worlds.TOWN).line) == 0
