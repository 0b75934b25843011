"""The picture of what a station reaches shows no more than is reached, and hardly less."""

from __future__ import annotations

import math
from itertools import pairwise
from typing import Any

import numpy as np
import pytest
import shapely
from hypothesis import example, given, settings
from hypothesis import strategies as st
from scipy.spatial import cKDTree
from shapely import LineString, Point

from geo import units
from geo.errors import BadParameter
from geo.walk.barriers import Barriers
from geo.walk.catchment import catchment_bands, catchment_polygons
from geo.walk.network import WalkNetwork
from geo.walk.reach import catchments, nearest, nearest_at
from geo.walk.snap import Snapped, on_edges, snap
from geo.walk.streets import walk_streets
from tests import worlds
from tests.towns import NODES, Place, Town, towns

LESS_M = 1.0  # chords of arcs stay so far inside
CELL_M = 3.6  # half of the diagonal of a cell of the lattice: gaps and necks narrower than a cell are closed
BESIDE_M = 10.0  # beside barriers


def setting(tables: dict[str, Any]) -> tuple[WalkNetwork, Snapped, Barriers]:
    network = WalkNetwork.from_streets(walk_streets(tables["streets"]))
    place = shapely.get_coordinates(network.frame.metres(np.asarray(tables["stations"].geometry)))
    barriers = Barriers.of(tables.get("barriers"), network.frame)
    return network, snap(network, place[:, 0], place[:, 1], barriers=barriers), barriers


def drawn(
    network: WalkNetwork, at: Snapped, minutes: float, *, barriers: Barriers | None = None, delay_s: float = 0.0
) -> Any:
    found = catchments(network, at, limit_s=minutes * 60, speed_kmh=4.8, delay_s=delay_s)
    return catchment_polygons(network, at, found, barriers=barriers)


def here(network: WalkNetwork, x: float, y: float) -> Point:
    """A place in metres of the town, in the network's own metres."""
    return network.frame.metres(worlds.on_ground(Point(x, y)))


def test_the_crossroads_by_hand() -> None:
    # 400 m from (100, 30): 370 m along the street, the last 60 m of them as the width of the strip. So full strips
    # of 120 m reach 310 m: east to x = 410, and 210 m from the crossing to the west, north and south.
    network, at, _ = setting(worlds.crossroads())
    polygon = drawn(network, at, 5.0)[0]
    inside = [(410, 59), (468, 0), (-210, 59), (-268, 0), (0, 268), (59, -210), (100, 88), (100, 30)]
    outside = [(410, 61), (472, 0), (-272, 0), (0, 272), (-61, -210), (100, 91.5), (200, 61)]
    assert [polygon.covers(here(network, *place)) for place in inside] == [True] * len(inside)
    assert [polygon.covers(here(network, *place)) for place in outside] == [False] * len(outside)
    # strips of 620 m and 420 m cross in a square of 120 m; six half discs at the three free ends north, south and
    # both of the long one; the station's own strip stands out 30 m beyond the street's, as the cap of a disc
    wide = 120 * (620 + 420) - 120**2 + 4 * math.pi * 60**2 / 2
    cap = shapely.Point(0, 30).buffer(60, 64).difference(shapely.box(-70, -70, 70, 60)).area
    assert polygon.area == pytest.approx(wide + cap, rel=0.01)


def test_less_time_than_the_width_of_a_strip_leaves_a_disc() -> None:
    network, at, _ = setting(worlds.crossroads())
    polygon = drawn(network, at, 5.0, delay_s=300 - 30)[0]  # 30 s are 40 m
    assert polygon.area == pytest.approx(math.pi * 40**2, rel=0.03)
    assert polygon.centroid.distance(here(network, 100, 30)) < 0.1


def test_no_time_and_no_street_leave_nothing() -> None:
    network, at, _ = setting(worlds.crossroads())
    assert drawn(network, at, 5.0, delay_s=301).tolist() == [None]
    nowhere = snap(network, np.array([9_000.0]), np.array([9_000.0]))
    assert drawn(network, nowhere, 5.0).tolist() == [None]


@pytest.mark.parametrize("bridge", [True, False])
def test_a_river_is_crossed_only_by_the_bridge(bridge: bool) -> None:
    tables = worlds.river_town(bridge=bridge)
    tables["stations"] = worlds.stations_of({"n1": (1_300, 100)})
    network, at, barriers = setting(tables)
    polygon = drawn(network, at, 15.0, barriers=barriers)[0]
    assert polygon.covers(here(network, 900, 45))
    assert not polygon.intersects(barriers.area[0].buffer(-0.1))
    # over the bridge it is 200 + 200 m to the south street, of which all 500 m are reached
    assert polygon.covers(here(network, 1_300, -100)) == bridge
    assert polygon.covers(here(network, 1_500, -50)) == bridge


def test_a_strip_does_not_reach_through_a_wall() -> None:
    tables = worlds.crossroads()
    wall = worlds.river_town()["barriers"].assign(
        kind="wall", geometry=worlds.on_ground([shapely.LineString([(-2_000, -25), (-5, -25)])])
    )
    network, at, barriers = setting({**tables, "barriers": wall})
    polygon = drawn(network, at, 10.0, barriers=barriers)[0]
    assert polygon.covers(here(network, -300, 50))
    assert polygon.covers(here(network, -300, -24))
    assert not polygon.intersects(here(network, -300, -26).buffer(0.5))
    assert polygon.covers(here(network, 300, -50))


def walled(lines: list[Any]) -> Any:
    """Table of walls along lines in metres of the town."""
    river = worlds.river_town()["barriers"]
    rows = river.loc[river.index.repeat(len(lines))].reset_index(drop=True)
    return rows.assign(
        kind="wall", barrier_id=[f"w{n}" for n in range(len(lines))], geometry=worlds.on_ground(lines)
    )


def test_a_station_between_two_walls_lies_inside() -> None:
    # an alley of 1.4 m: a cell of the lattice is wider
    alley = [LineString([(-500, y), (600, y)]) for y in (-0.7, 0.7)]
    tables = {
        "streets": worlds.streets_of({"way": [(-400, 0), (400, 0)]}),
        "stations": worlds.stations_of({"s1": (100, 0)}),
        "barriers": walled(alley),
    }
    network, at, barriers = setting(tables)
    polygon = drawn(network, at, 5.0, barriers=barriers)[0]
    assert polygon.covers(Point(at.x[0], at.y[0]))
    assert polygon.area < 800 * 1.5


def test_behind_a_gap_in_a_wall_the_strip_is_as_wide_as_time_is_left() -> None:
    # 400 m from (100, 0) end at (500, 0); the wall stands at x = 460 with a gap of 4 m for the street: 40 m are
    # left there and 30 m at x = 470, whose disc reaches (470, 29), drawn in steps of 10 m
    tables = worlds.crossroads()
    tables["stations"] = worlds.stations_of({"s1": (100, 0)})
    wall = [LineString([(460, side * 2), (460, side * 300)]) for side in (-1, 1)]
    network, at, barriers = setting({**tables, "barriers": walled(wall)})
    polygon = drawn(network, at, 5.0, barriers=barriers)[0]
    inside, outside = [(452, 55), (465, 20), (485, 5), (480, -9)], [(465, 45), (502, 0), (485, 40)]
    assert [polygon.covers(here(network, *place)) for place in inside] == [True] * len(inside)
    assert [polygon.covers(here(network, *place)) for place in outside] == [False] * len(outside)


@pytest.mark.parametrize(("side", "kept"), [(9, False), (12, True), (30, True)])
def test_holes_are_filled_by_their_area_alone(side: int, kept: bool) -> None:
    # four streets around a square that leaves side x side metres beyond 60 m of each: 81, 144 and 900 m²
    far = 120 + side
    corners: list[tuple[float, float]] = [(0, 0), (far, 0), (far, far), (0, far), (0, 0)]
    tables = {
        "streets": worlds.streets_of({f"way{n}": corners[n : n + 2] for n in range(4)}),
        "stations": worlds.stations_of({"s1": (0, 0)}),
    }
    network, at, _ = setting(tables)
    polygon = drawn(network, at, 15.0)[0]
    assert len(polygon.interiors) == kept
    if kept:
        assert shapely.Polygon(polygon.interiors[0]).area == pytest.approx(side**2, rel=0.01)
        assert side**2 > units.HOLE_M2


def test_uphill_reaches_less_far_than_downhill() -> None:
    # 1,000 m of street that rise 100 m: Tobler's function makes the climb exp(3.5 (0.15 - 0.05)) = 1.419 times as
    # slow as level ground, the descent exactly as slow. 340 m of 400 are walked, the last 60 m are the strip.
    network = WalkNetwork.from_edges(
        [500_000, 501_000], [4_500_000] * 2, [0], [1], [1_000.0], crs="EPSG:32649", height_m=[0.0, 100.0]
    )
    at = on_edges(network, np.array([0], dtype=np.int32), np.array([0.5]))
    middle = at.x[0]
    west, _, east, _ = drawn(network, at, 5.0)[0].bounds
    assert middle - west == pytest.approx(60 + 340 / math.exp(0.35), abs=0.5)  # from the foot one climbs
    assert east - middle == pytest.approx(400, abs=0.5)


def test_metres_are_drawn_as_minutes_are() -> None:
    network, at, _ = setting(worlds.crossroads())
    by_metres = catchment_polygons(network, at, catchments(network, at, limit_m=800))[0]
    by_minutes = drawn(network, at, 10.0)[0]
    assert shapely.symmetric_difference(by_metres, by_minutes).area < 1e-6 * by_minutes.area


def test_a_band_beyond_the_search_is_refused() -> None:
    network, at, _ = setting(worlds.crossroads())
    found = catchments(network, at, limit_s=600, speed_kmh=4.8)
    with pytest.raises(BadParameter, match="601 is beyond the 600 of the search"):
        catchment_bands(network, at, found, (300, 601))


def places_left(town: Town, network: WalkNetwork, at: Snapped, limit_s: float) -> tuple[Any, Any]:
    """Places every two metres along all streets, and the metres that are left there."""
    homes: list[Place] = [
        *town.stations,
        *((e, x) for e, (_, _, length, _) in enumerate(town.edges) for x in {*range(0, length, 2), length}),
    ]
    edge = np.array([home[0] for home in homes], dtype=np.int32)
    spots = on_edges(network, edge, np.array([home[1] for home in homes]) / network.length_m[edge])
    found = nearest_at(network, nearest(network, at, limit_s=limit_s, speed_kmh=4.8), spots)
    left = np.where(np.isfinite(found.seconds), (limit_s - found.seconds) * 4.8 / 3.6, -1.0)
    return shapely.points(np.column_stack([spots.x, spots.y])), left


def straight(town: Town) -> WalkNetwork:
    """The town with every street as long as it is on paper, in whole metres or a little more."""
    u, v, _, oneway = np.array(town.edges).T
    x, y = 500_000 + np.arange(NODES) * 40.0, 4_500_000 + np.arange(NODES) ** 2 % 5 * 70.0
    length = np.ceil(np.hypot(x[u] - x[v], y[u] - y[v]) * 1.001)
    return WalkNetwork.from_edges(x, y, u, v, np.maximum(length, 1), crs="EPSG:32649", oneway=oneway)


def straightened(town: Town) -> tuple[Town, WalkNetwork]:
    """The town with its first station only and its streets straight, and its network."""
    network = straight(town)
    real = [(u, v, int(m), way) for (u, v, _, way), m in zip(town.edges, network.length_m, strict=True)]
    stations = [(edge, min(at, real[edge][2])) for edge, at in town.stations[:1]]
    return Town(tuple(real), tuple(stations), town.homes), network


def filled(shape: Any) -> Any:
    """A shape without its holes of less than a house and its yard."""
    parts = [
        shapely.Polygon(part.exterior, [r for r in part.interiors if shapely.Polygon(r).area >= units.HOLE_M2])
        for part in shapely.get_parts(shape)
    ]
    return shapely.union_all(parts)


@settings(max_examples=40, deadline=None)
@given(towns())
def test_bands_are_the_unions_of_discs_as_wide_as_time_is_left(given_town: Town) -> None:
    town, network = straightened(given_town)
    at = town.at(network, town.stations)
    found = catchments(network, at, limit_s=600, speed_kmh=4.8)
    for limit_s, polygon in zip(
        (40, 300, 600), catchment_bands(network, at, found, (40, 300, 600))[0], strict=True
    ):
        spots, left = places_left(town, network, at, limit_s)
        near = left > 0
        discs = shapely.union_all(shapely.buffer(spots[near], np.minimum(left[near], 60), quad_segs=32))
        assert polygon.is_valid
        assert polygon.covers(Point(at.x[0], at.y[0]))
        assert polygon.within(filled(discs).buffer(CELL_M + 0.5))  # the steps of two metres are worth half a metre
        assert polygon.difference(filled(discs).buffer(0.6)).area <= 0.002 * discs.area
        assert discs.within(polygon.buffer(CELL_M + 0.5))
        assert discs.difference(polygon.buffer(LESS_M + 0.5)).area <= 0.002 * discs.area
        corners = shapely.points(shapely.get_coordinates(polygon))
        walk = (limit_s / 0.75 - left[near])[None, :] + shapely.distance(corners[:, None], spots[near][None, :])
        assert walk.min(axis=1).max() <= limit_s / 0.75 + 2.5  # every corner is in time, straight leg included


@settings(max_examples=40, deadline=None)
@given(
    towns(), st.lists(st.sampled_from([30, 70, 120, 300, 480, 600]), min_size=2, max_size=4), st.integers(0, 90)
)
def test_bands_nest_in_any_order_and_after_any_delay(town: Town, limits: list[int], delay_s: int) -> None:
    network = straight(town)
    at = town.at(network, tuple((edge, 0) for edge, _ in town.stations))
    found = catchments(network, at, limit_s=600, speed_kmh=4.8, delay_s=delay_s)
    made = catchment_bands(network, at, found, limits)
    rank = np.argsort(limits, kind="stable")
    for inner, outer in pairwise(rank):
        for small, large in made[:, [inner, outer]]:
            assert small is None or small.difference(large).area < 1e-6
    assert [[shape is None for shape in row] for row in made] == [[some <= delay_s for some in limits]] * len(made)


@settings(max_examples=25, deadline=None)
@given(towns(oneways=False))
def test_a_street_more_never_shrinks_it(town: Town) -> None:
    fewer = Town(town.edges[:-1] or town.edges, town.stations, town.homes)
    at = np.array([0], dtype=np.int32)
    small, large = (
        drawn(network, on_edges(network, at, np.array([0.5])), 5.0)[0]
        for network in (straight(fewer), straight(town))
    )
    assert small.within(large.buffer(LESS_M + 0.1))


wall_ends = st.tuples(st.integers(-9, 9), st.integers(-9, 9)).map(lambda at: (at[0] * 20 + 5.0, at[1] * 20 + 5.0))


@settings(max_examples=15, deadline=None)
@example(walls=[((5.0, 45.0), (-75.0, 25.0))])
@given(st.lists(st.tuples(wall_ends, wall_ends).filter(lambda ends: ends[0] != ends[1]), min_size=1, max_size=4))
def test_nothing_behind_a_wall_is_shown_and_little_before_it_is_missing(walls: list[Any]) -> None:
    tables = worlds.crossroads()
    tables["stations"] = worlds.stations_of({"s1": (0, 0)})
    fence = shapely.linestrings(walls)
    network, at, barriers = setting({**tables, "barriers": walled(fence)})
    with pytest.MonkeyPatch.context() as changed:
        changed.setattr(units, "HOLE_M2", 0.0)  # a wall's shadow may be a hole that is small enough to be filled
        polygon = drawn(network, at, 3.0, barriers=barriers)[0]
    xy, true, sure = reached_in_sight(fence)
    ground = network.frame.metres(worlds.on_ground(shapely.points(xy)))
    assert true[shapely.covers(polygon.buffer(-CELL_M), ground)].all()
    inner = np.array([sure[some].all() for some in cKDTree(xy).query_ball_point(xy, BESIDE_M)])
    assert shapely.covers(polygon, ground[inner]).all()


def reached_in_sight(fence: Any) -> tuple[Any, Any, Any]:
    """Places every 9 m around the crossroads: which are reached in 240 m from (0, 0), and which certainly are.

    At most the last 60 m are straight, from any metre of street. Certain are places in sight of more than 10 m of
    street on end, with 10 m to spare.
    """
    along = np.arange(-239.0, 240.0)
    street = np.concatenate([np.column_stack([along, along * 0]), np.column_stack([along * 0, along])])
    left = 240.0 - np.abs(street).max(axis=1)
    x, y = np.meshgrid(np.arange(-248.3, 248.0, 9.0), np.arange(-247.1, 248.0, 9.0))  # none on a wall
    xy = np.column_stack([x.ravel(), y.ravel()])
    apart = np.hypot(*(xy[:, None] - street).transpose(2, 0, 1))
    place, start = np.nonzero(apart <= np.minimum(60.0, left))
    walls = shapely.multilinestrings(fence)
    shapely.prepare(walls)
    seen = ~shapely.intersects(walls, shapely.linestrings(np.stack([xy[place], street[start]], axis=1)))
    true, sure = np.zeros(len(xy), dtype=bool), np.zeros(len(xy), dtype=bool)
    true[place[seen]] = True
    sure_of = np.flatnonzero(seen & (apart[place, start] <= np.minimum(59.0, left[start] - BESIDE_M)))
    run = np.column_stack([place[sure_of], start[sure_of] - np.arange(len(sure_of))])
    runs, metres = np.unique(run, axis=0, return_counts=True)
    sure[runs[metres > BESIDE_M + 1, 0]] = True
    return xy, true, sure


def test_it_keeps_several_parts() -> None:
    tables = worlds.river_town()
    tables["stations"] = worlds.stations_of({"n1": (1_480, 100)})
    network, at, barriers = setting(tables)
    polygon = drawn(network, at, 10.0, barriers=barriers)[0]
    assert polygon.geom_type == "MultiPolygon"
    assert sorted(part.covers(here(network, 1_500, 70)) for part in polygon.geoms) == [False, True]
