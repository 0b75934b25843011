"""The walk to the nearest stations, against a plain search on a graph that is really split, and by its laws."""

from __future__ import annotations

import heapq
import itertools
from typing import Any

import numpy as np
import pytest
from hypothesis import given, settings
from hypothesis import strategies as st

from geo.place.index import named
from geo.walk.network import WalkNetwork
from geo.walk.reach import Reach, catchments, nearest, nearest_at, sources_at
from geo.walk.snap import Snapped, on_edges, snap
from geo.walk.streets import walk_streets
from tests import worlds
from tests.towns import NODES, Place, Town, towns

LIMIT_S = 600.0  # 800 m: some are reached and some are not
INF = float("inf")


def plain_seconds(town: Town) -> list[list[float]]:
    """Seconds from each home to each station, by cutting edges where anybody is and a textbook search."""
    ways: dict[Any, list[tuple[Any, int]]] = {}
    for number, (u, v, length, oneway) in enumerate(town.edges):
        cuts = sorted({0, length, *(at for edge, at in (*town.stations, *town.homes) if edge == number)})
        spots: list[Any] = [u if at == 0 else v if at == length else (number, at) for at in cuts]
        for (here, there), metres in zip(itertools.pairwise(spots), np.diff(cuts), strict=True):
            if oneway >= 0:
                ways.setdefault(here, []).append((there, 75 * int(metres)))
            if oneway <= 0:
                ways.setdefault(there, []).append((here, 75 * int(metres)))

    def spot(place: Place) -> Any:
        u, v, length, _ = town.edges[place[0]]
        return u if place[1] == 0 else v if place[1] == length else place

    found = []
    for home in town.homes:
        done: dict[Any, int] = {}
        queue: list[tuple[int, str, Any]] = [(0, "", spot(home))]
        while queue:
            cost, _, here = heapq.heappop(queue)
            if here not in done:
                done[here] = cost
                for there, more in ways.get(here, []):
                    heapq.heappush(queue, (cost + more, str(there), there))
        found.append([done[spot(s)] / 100 if spot(s) in done else INF for s in town.stations])
    return found


def two_best(seconds: list[float], limit: float = LIMIT_S) -> tuple[float, int, float, int]:
    ranked = sorted((s, number) for number, s in enumerate(seconds) if s <= limit)
    first, second, *_ = [*ranked, (INF, -1), (INF, -1)]
    return (*first, *second)


def answers(reach: Reach) -> list[tuple[float, int, float, int]]:
    columns = reach.seconds, reach.owner, reach.second_seconds, reach.second_owner
    return list(zip(*(column.tolist() for column in columns), strict=True))


def walks(town: Town, network: WalkNetwork | None = None) -> list[tuple[float, int, float, int]]:
    network = network or town.network()
    found = nearest(network, town.at(network, town.stations), limit_s=LIMIT_S, speed_kmh=4.8)
    return answers(nearest_at(network, found, town.at(network, town.homes)))


def first_seconds(town: Town) -> list[float]:
    return [walk[0] for walk in walks(town)]


@settings(max_examples=200, deadline=None)
@given(towns())
def test_every_home_finds_what_a_plain_search_finds(town: Town) -> None:
    assert walks(town) == [two_best(seconds) for seconds in plain_seconds(town)]


@settings(max_examples=100, deadline=None)
@given(towns())
def test_all_stations_within_the_limit_are_listed(town: Town) -> None:
    network = town.network()
    found = catchments(network, town.at(network, town.stations), limit_s=LIMIT_S, speed_kmh=4.8)
    start, source = sources_at(network, found, town.at(network, town.homes))
    listed = [source[a:b].tolist() for a, b in itertools.pairwise(start)]
    assert listed == [[n for n, s in enumerate(home) if s <= LIMIT_S] for home in plain_seconds(town)]


@settings(max_examples=60, deadline=None)
@given(towns())
def test_many_stations_are_the_minimum_of_each_alone(town: Town) -> None:
    network, stations = town.network(), [(station,) for station in town.stations]
    together = nearest(network, town.at(network, town.stations), limit_s=LIMIT_S, speed_kmh=4.8)
    alone = [nearest(network, town.at(network, one), limit_s=LIMIT_S, speed_kmh=4.8).seconds for one in stations]
    assert together.seconds.tolist() == np.min(alone, axis=0).tolist()
    rows = catchments(network, town.at(network, town.stations), limit_s=LIMIT_S, speed_kmh=4.8)
    for number, seconds in enumerate(alone):
        mine = slice(rows.indptr[number], rows.indptr[number + 1])
        inside = np.full(NODES, INF)
        inside[rows.node[mine]] = rows.seconds[mine]
        assert inside.tolist() == seconds.tolist()


@settings(max_examples=60, deadline=None)
@given(towns(), st.tuples(st.integers(0, NODES - 1), st.integers(0, NODES - 1), st.integers(1, 400)))
def test_a_street_more_takes_nobody_longer(town: Town, street: tuple[int, int, int]) -> None:
    more = Town((*town.edges, (*street, 0)), town.stations, town.homes)
    assert all(after <= before for after, before in zip(first_seconds(more), first_seconds(town), strict=True))


@settings(max_examples=60, deadline=None)
@given(towns())
def test_a_station_more_takes_nobody_longer(town: Town) -> None:
    fewer = Town(town.edges, town.stations[:-1] or town.stations, town.homes)
    assert all(after <= before for after, before in zip(first_seconds(town), first_seconds(fewer), strict=True))


@settings(max_examples=60, deadline=None)
@given(towns(), st.data())
def test_a_dummy_node_in_a_street_changes_nothing(town: Town, data: st.DataObject) -> None:
    number = data.draw(st.integers(0, len(town.edges) - 1))
    u, v, length, way = town.edges[number]
    cut = data.draw(st.integers(0, length))
    halves = ((u, NODES, cut, way), (NODES, v, length - cut, way))
    ends = (*town.edges[:number], halves[0], *town.edges[number + 1 :], halves[1])

    def moved(place: Place) -> Place:
        edge, at = place
        return (len(town.edges), at - cut) if edge == number and at > cut else place

    split = Town(ends, tuple(map(moved, town.stations)), tuple(map(moved, town.homes)))
    u_, v_, length_, way_ = np.array(split.edges).T
    place = np.arange(NODES + 1) * 30.0
    network = WalkNetwork.from_edges(
        500_000 + place, 4_500_000 + place, u_, v_, length_, crs="EPSG:32649", oneway=way_
    )

    def at(places: tuple[Place, ...]) -> Snapped:
        edge = np.array([place[0] for place in places], dtype=np.int32)
        metres = np.array([place[1] for place in places], dtype=float)
        return on_edges(network, edge, metres / np.maximum(network.length_m[edge], 1))

    found = nearest(network, at(split.stations), limit_s=LIMIT_S, speed_kmh=4.8)
    assert answers(nearest_at(network, found, at(split.homes))) == walks(town)


@settings(max_examples=60, deadline=None)
@given(towns(oneways=False))
def test_reversing_a_two_way_network_changes_nothing(town: Town) -> None:
    def turned(place: Place) -> Place:
        return place[0], town.edges[place[0]][2] - place[1]

    edges = tuple((v, u, length, way) for u, v, length, way in town.edges)
    back = Town(edges, tuple(map(turned, town.stations)), tuple(map(turned, town.homes)))
    assert walks(back) == walks(town)


@settings(max_examples=60, deadline=None)
@given(towns(), st.integers(0, 600), st.integers(0, 600))
def test_a_longer_limit_reaches_all_that_a_shorter_one_does(town: Town, one: int, other: int) -> None:
    network = town.network()
    at = town.at(network, town.stations)
    short, long = (nearest(network, at, limit_s=limit, speed_kmh=4.8) for limit in sorted((one, other)))
    reached = np.isfinite(short.seconds)
    assert (short.seconds[reached] == long.seconds[reached]).all()
    assert (short.owner[reached] == long.owner[reached]).all()


def crossroads() -> tuple[WalkNetwork, Snapped, Snapped]:
    tables = worlds.crossroads()
    network = WalkNetwork.from_streets(walk_streets(tables["streets"]))
    place = [network.frame.metres(np.asarray(tables[name].geometry)) for name in ("stations", "population")]
    stations, homes = (
        snap(network, np.array([p.x for p in points]), np.array([p.y for p in points])) for points in place
    )
    return network, stations, homes


def test_the_crossroads_by_hand() -> None:
    network, stations, homes = crossroads()
    found = nearest_at(network, nearest(network, stations, limit_s=3_600, speed_kmh=4.8), homes)
    assert found.seconds[:5].tolist() == pytest.approx([247.5, 787.5, 877.5, 922.5, 187.5], abs=0.02)
    assert found.seconds[5] == INF
    assert found.owner.tolist() == [0, 0, 0, 0, 0, -1]
    assert (found.second_owner == -1).all()


def test_the_crossroads_in_metres() -> None:
    network, stations, homes = crossroads()
    found = nearest_at(network, nearest(network, stations, limit_m=1_200), homes)
    metres = found.cost[:5] / 100
    assert metres[[0, 1, 2, 4]].tolist() == pytest.approx([330, 1_050, 1_170, 250], abs=0.02)
    assert found.owner.tolist() == [0, 0, 0, -1, 0, -1]  # h4 is 1,230 m away
    assert found.seconds[0] == pytest.approx(330 / (4.8 / 3.6), abs=0.02)


def test_a_delay_is_waited_for_by_all_and_can_make_the_further_station_nearer() -> None:
    network = WalkNetwork.from_edges([0, 100, 300], [0, 0, 0], [0, 1], [1, 2], [100, 200], crs="EPSG:32649")
    reach = nearest(network, [0, 2], limit_s=900, speed_kmh=4.8, delay_s=[100.0, 0.0])
    # node 1: 75 s + 100 s to source 0, 150 s to source 1
    assert reach.seconds.tolist() == [100.0, 150.0, 0.0]
    assert reach.owner.tolist() == [0, 1, 1]
    assert reach.second_seconds.tolist() == [225.0, 175.0, 325.0]


def test_ties_go_to_the_lower_station_and_both_are_known() -> None:
    network = WalkNetwork.from_edges([0, 100, 200], [0, 0, 0], [0, 1], [1, 2], [100, 100], crs="EPSG:32649")
    reach = nearest(network, [2, 0], limit_s=900, speed_kmh=4.8)
    assert (reach.owner[1], reach.second_owner[1]) == (0, 1)
    assert reach.seconds[1] == reach.second_seconds[1] == 75.0


def test_exactly_on_the_limit_is_reached() -> None:
    network = WalkNetwork.from_edges([0, 1_200, 1_201], [0, 0, 0], [0, 1], [1, 2], [1_200, 1], crs="EPSG:32649")
    assert nearest(network, [0], limit_s=900, speed_kmh=4.8).owner.tolist() == [0, 0, -1]
    assert catchments(network, [0], limit_s=900, speed_kmh=4.8).node.tolist() == [0, 1]


def test_no_sources_reach_nobody_and_an_unsnapped_one_does_not_either() -> None:
    network = WalkNetwork.from_edges([0, 100], [0, 0], [0], [1], [100], crs="EPSG:32649")
    assert nearest(network, [], limit_s=900).owner.tolist() == [-1, -1]
    nowhere = snap(network, np.array([np.nan]), np.array([np.nan]))
    assert nearest(network, nowhere, limit_s=900).owner.tolist() == [-1, -1]
    assert catchments(network, nowhere, limit_s=900).indptr.tolist() == [0, 0]


def test_catchments_outgrow_their_pool() -> None:
    x = np.arange(400.0)
    network = WalkNetwork.from_edges(
        x, np.zeros(400), np.arange(399), np.arange(1, 400), np.ones(399), crs="EPSG:32649"
    )
    found = catchments(network, np.arange(0, 400, 20), limit_s=900, speed_kmh=4.8)
    assert np.diff(found.indptr).tolist() == [400] * 20  # 8,000 rows; the pool began with 1,600


def test_names_of_nothing_are_none() -> None:
    assert named(np.array(["a", np.nan], dtype=object), np.array([0, 1, -1])).tolist() == ["a", None, None]
