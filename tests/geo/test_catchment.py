"""The picture of what a station reaches shows no more than is reached, and hardly less."""

from __future__ import annotations

import math
from typing import Any

import numpy as np
import pytest
import shapely
from hypothesis import given, settings
from shapely import Point

from geo.walk.barriers import Barriers
from geo.walk.catchment import catchment_polygons
from geo.walk.network import WalkNetwork
from geo.walk.reach import catchments, nearest, nearest_at
from geo.walk.snap import Snapped, on_edges, snap
from geo.walk.streets import walk_streets
from tests import worlds
from tests.towns import NODES, Place, Town, towns

CHORDS_M = 60 * (1 - math.cos(math.pi / 16))  # how far the chords of a quarter circle in four stay inside it


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


def seconds_to(town: Town, network: WalkNetwork, at: Snapped) -> tuple[Any, Any]:
    """Places every two metres along all streets, and the metres that are left of 600 s there."""
    homes: list[Place] = [
        *town.stations,
        *((e, x) for e, (_, _, length, _) in enumerate(town.edges) for x in {*range(0, length, 2), length}),
    ]
    edge = np.array([home[0] for home in homes], dtype=np.int32)
    spots = on_edges(network, edge, np.array([home[1] for home in homes]) / network.length_m[edge])
    found = nearest_at(network, nearest(network, at, limit_s=600, speed_kmh=4.8), spots)
    left = np.where(np.isfinite(found.seconds), (600 - found.seconds) * 4.8 / 3.6, -1.0)
    return shapely.points(np.column_stack([spots.x, spots.y])), left


def straight(town: Town) -> WalkNetwork:
    """The town with every street as long as it is on paper, in whole metres or a little more."""
    u, v, _, oneway = np.array(town.edges).T
    x, y = 500_000 + np.arange(NODES) * 40.0, 4_500_000 + np.arange(NODES) ** 2 % 5 * 70.0
    length = np.ceil(np.hypot(x[u] - x[v], y[u] - y[v]) * 1.001)
    return WalkNetwork.from_edges(x, y, u, v, np.maximum(length, 1), crs="EPSG:32649", oneway=oneway)


@settings(max_examples=40, deadline=None)
@given(towns())
def test_a_polygon_is_the_union_of_discs_as_wide_as_time_is_left(town: Town) -> None:
    network = straight(town)
    real = [(u, v, int(m), way) for (u, v, _, way), m in zip(town.edges, network.length_m, strict=True)]
    stations = [(edge, min(at, real[edge][2])) for edge, at in town.stations[:1]]
    town = Town(tuple(real), tuple(stations), town.homes)
    at = town.at(network, town.stations)
    polygon = drawn(network, at, 10.0)[0]
    spots, left = seconds_to(town, network, at)
    near = left > 0
    discs = shapely.union_all(shapely.buffer(spots[near], np.minimum(left[near], 60), quad_segs=32))
    assert polygon.is_valid
    assert polygon.covers(Point(at.x[0], at.y[0]))
    assert polygon.within(discs.buffer(0.5))  # nothing more than is reached, but for the steps of two metres
    assert discs.within(polygon.buffer(CHORDS_M + 0.5))  # and less only by the chords
    corners = shapely.points(shapely.get_coordinates(polygon))
    walk = (800 - left[near])[None, :] + shapely.distance(corners[:, None], spots[near][None, :])
    assert walk.min(axis=1).max() <= 800 + 2.5  # every corner is within the budget, straight leg included


@settings(max_examples=25, deadline=None)
@given(towns())
def test_bands_nest(town: Town) -> None:
    network = straight(town)
    at = on_edges(network, np.array([town.stations[0][0]], dtype=np.int32), np.array([0.5]))
    inner, middle, outer = (drawn(network, at, minutes)[0] for minutes in (2.0, 5.0, 8.0))
    assert inner.within(middle.buffer(CHORDS_M))
    assert middle.within(outer.buffer(CHORDS_M))


@settings(max_examples=25, deadline=None)
@given(towns(oneways=False))
def test_a_street_more_never_shrinks_it(town: Town) -> None:
    fewer = Town(town.edges[:-1] or town.edges, town.stations, town.homes)
    at = np.array([0], dtype=np.int32)
    small, large = (
        drawn(network, on_edges(network, at, np.array([0.5])), 5.0)[0]
        for network in (straight(fewer), straight(town))
    )
    assert small.within(large.buffer(CHORDS_M))


def test_it_keeps_several_parts() -> None:
    tables = worlds.river_town()
    tables["stations"] = worlds.stations_of({"n1": (1_480, 100)})
    network, at, barriers = setting(tables)
    polygon = drawn(network, at, 10.0, barriers=barriers)[0]
    assert polygon.geom_type == "MultiPolygon"
    assert sorted(part.covers(here(network, 1_500, 70)) for part in polygon.geoms) == [False, True]
