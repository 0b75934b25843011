"""Walking on random networks: bit for bit what a plain search finds, and the laws that any such search obeys."""

from __future__ import annotations

import itertools
from typing import Any

import numpy as np
import pytest
from hypothesis import given, settings
from hypothesis import strategies as st
from numpy.typing import NDArray

from geo.errors import BadParameter
from geo.walk.network import WalkNetwork
from geo.walk.reach import Reach, catchments, nearest, nearest_at, sources_at
from tests import plain
from tests.plain import Asked, Spot, Street, Town

LENGTHS = st.one_of(
    st.sampled_from([0.0, 0.004, 1.0, 75.0, 1_200.0]), st.integers(0, 400).map(float), st.floats(0, 500)
)
ONEWAYS = st.sampled_from([0, 0, 0, 1, -1])
FACTORS = st.sampled_from([1.0, 1.0, 1.1, 2.0])
ASKED = st.builds(
    Asked,
    limit=st.sampled_from([0.0, 60.0, 300.5, 900.0, 86_400.0]),
    kmh=st.sampled_from([3.6, 4.8, 5.1]),
    in_time=st.booleans(),
)
MAIN = Asked(600.0)


@st.composite
def towns(draw: st.DrawFn, *, two_way: bool = False, whole: bool = False) -> Town:
    """Anything: parallel streets, loops, nodes alone, several parts, chains of pass-through nodes, dead ends."""
    ways, lengths = (st.just(0) if two_way else ONEWAYS), (st.integers(0, 300).map(float) if whole else LENGTHS)
    factors = st.just(1.0) if whole else FACTORS
    nodes = draw(st.integers(1, 12))
    node = st.integers(0, nodes - 1)
    streets = draw(st.lists(st.builds(Street, node, node, lengths, ways, factors), max_size=24))
    for u, v, pieces in draw(st.lists(st.tuples(node, node, st.integers(2, 8)), max_size=4)):
        chain = [u, *range(nodes, nodes + pieces - 1), v]
        nodes += pieces - 1
        for a, b in itertools.pairwise(chain):
            if draw(st.booleans()):
                a, b = b, a
            streets.append(Street(a, b, draw(lengths), draw(ways) if draw(st.booleans()) else 0, draw(factors)))
    for at in draw(st.lists(node, max_size=4)):
        streets.append(Street(at, nodes, draw(lengths), 0, 1.0))
        nodes += 1
    return Town(nodes + draw(st.integers(0, 2)), tuple(draw(st.permutations(streets))))


def spots(town: Town, legs: bool = True) -> st.SearchStrategy[Spot]:
    if not town.streets:
        return st.just(Spot(-1, float("nan")))
    along = st.one_of(st.sampled_from([0.0, 0.5, 1.0]), st.floats(0, 1))
    leg = st.sampled_from([0.0, 0.0, 12.5, 30.25]) if legs else st.just(0.0)
    street = st.integers(-1 if legs else 0, len(town.streets) - 1)
    return st.builds(Spot, street, along, leg)


@st.composite
def questions(draw: st.DrawFn) -> tuple[Town, list[Any], list[Spot], list[float]]:
    """A town, its stations on nodes or along streets, homes, delays."""
    town = draw(towns())
    on_nodes: st.SearchStrategy[Any] = st.integers(0, town.nodes - 1)
    stations = draw(st.lists(on_nodes if draw(st.booleans()) else spots(town), max_size=6))
    delay_s = [draw(st.sampled_from([0.0, 0.0, 45.0, 120.25])) for _ in stations]
    return town, stations, draw(st.lists(spots(town), max_size=8)), delay_s


def as_sources(stations: list[Any]) -> Any:
    return plain.snapped(stations) if stations and isinstance(stations[0], Spot) else stations


def found(reach: Reach) -> NDArray[np.int64]:
    return np.column_stack([reach.cost, reach.owner, reach.second_cost, reach.second_owner]).astype(np.int64)


def same_as_plain(
    town: Town, stations: list[Any], homes: list[Spot], delay_s: list[float], asked: Asked
) -> plain.Answer:
    """Compare everything the public functions say with the plain search, to the bit."""
    network, sources, points = town.network(), as_sources(stations), plain.snapped(homes)
    expected = plain.answer(town, stations, homes, asked, delay_s)
    words: Any = {**asked.keywords(), "delay_s": np.array(delay_s, dtype=float)}
    reach = nearest(network, sources, **words)
    at_homes = nearest_at(network, reach, points)
    for said, rows in ((reach, expected.nodes), (at_homes, expected.homes)):
        wanted = plain.columns(plain.two_nearest(row, asked.most) for row in rows)
        np.testing.assert_array_equal(found(said), wanted)
        per_unit = 0.01 if asked.in_time else 0.036 / asked.kmh
        reached = wanted[:, 1] >= 0
        np.testing.assert_allclose(said.seconds[reached], wanted[reached, 0] * per_unit, rtol=1e-12)
        assert np.isinf(said.seconds[~reached]).all()
    rows_of = catchments(network, sources, **words)
    for number, (start, stop) in enumerate(itertools.pairwise(rows_of.indptr)):
        listed = list(zip(rows_of.node[start:stop].tolist(), rows_of.cost[start:stop].tolist(), strict=True))
        reached_from = {
            n: row[number] for n, row in enumerate(expected.nodes) if number in plain.within(row, asked.most)
        }
        assert len(listed) == len(reached_from)  # no node twice
        assert dict(listed) == reached_from
    counted = [len(plain.within(row, asked.most)) for row in expected.nodes]
    assert rows_of.coverage(town.nodes).tolist() == counted
    start_at, source = sources_at(network, rows_of, points)
    lists = [source[a:b].tolist() for a, b in itertools.pairwise(start_at)]
    assert lists == [plain.within(row, asked.most) for row in expected.homes]
    return expected


@settings(max_examples=200, deadline=None)
@given(questions(), ASKED)
def test_everything_is_what_a_plain_search_finds(question: Any, asked: Asked) -> None:
    town, stations, homes, delay_s = question
    same_as_plain(town, stations, homes, delay_s, asked)


@st.composite
def hills(draw: st.DrawFn) -> tuple[Town, list[Spot], list[Spot]]:
    """A town of streets of 20 m and more, up and down; places on them are apart by more than rounding."""
    town = draw(towns())
    streets = tuple(street._replace(length_m=20.0 + street.length_m % 400) for street in town.streets)
    heights = draw(st.lists(st.floats(-20, 20), min_size=town.nodes, max_size=town.nodes))
    along = st.sampled_from([0.0, 0.125, 0.25, 0.5, 0.75, 1.0])
    places = st.lists(
        st.builds(Spot, st.integers(0, max(0, len(streets) - 1)), along, st.just(0.0)), max_size=6 * bool(streets)
    )
    return Town(town.nodes, streets, tuple(heights)), draw(places), draw(places)


@settings(max_examples=100, deadline=None)
@given(hills(), ASKED)
def test_up_and_down_hill_everything_is_what_a_plain_search_finds(question: Any, asked: Asked) -> None:
    town, stations, homes = question
    same_as_plain(town, stations, homes, [0.0] * len(stations), asked)
    same_as_plain(town, list(range(0, town.nodes, 3)), homes, [0.0] * len(range(0, town.nodes, 3)), asked)


def big_town(seed: int, nodes: int = 2_000) -> tuple[Town, np.random.Generator]:
    """A street grid with gaps: chains of pass-through nodes between its crossings, one-ways, steps, loose ends."""
    random = np.random.default_rng(seed)
    side = int(np.sqrt(nodes / 6))
    streets, used = [], side * side
    for row, column in itertools.product(range(side), repeat=2):
        here = row * side + column
        for there in [here + 1] * (column + 1 < side) + [here + side] * (row + 1 < side):
            if random.random() < 0.2:
                continue
            pieces = int(random.integers(1, 6))
            chain = [here, *range(used, used + pieces - 1), there]
            used += pieces - 1
            way = int(random.choice([0, 0, 0, 0, 1, -1]))
            for u, v in itertools.pairwise(chain):
                factor = float(random.choice([1.0, 1.0, 1.0, 2.0]))
                streets.append(Street(u, v, float(random.choice([0.0, 20.0, random.uniform(5, 80)])), way, factor))
    for _ in range(side):
        u, v = random.integers(0, used, 2)
        streets.append(Street(int(u), int(v), float(random.uniform(100, 900))))
    return Town(used + 3, tuple(streets[i] for i in random.permutation(len(streets)))), random


def some_spots(town: Town, random: np.random.Generator, count: int) -> list[Spot]:
    street = random.integers(0, len(town.streets), count)
    along = np.where(random.random(count) < 0.2, random.integers(0, 2, count), random.random(count))
    leg = random.choice([0.0, 17.3, 60.0], count)
    return [Spot(int(s), float(t), float(m)) for s, t, m in zip(street, along, leg, strict=True)]


@pytest.mark.parametrize("seed", range(4))
@pytest.mark.parametrize("asked", [Asked(900.0), Asked(1_000.0, 3.6, in_time=False), Asked(86_400.0, 5.1)])
def test_two_thousand_nodes_are_what_a_plain_search_finds(seed: int, asked: Asked) -> None:
    town, random = big_town(seed)
    on_nodes = [int(node) for node in random.integers(0, town.nodes, 12)]
    stations: list[Any] = on_nodes if seed % 2 else some_spots(town, random, 12)
    delay_s = random.choice([0.0, 30.0, 200.0], len(stations)).tolist()
    expected = same_as_plain(town, stations, some_spots(town, random, 150), delay_s, asked)
    reached = sum(plain.two_nearest(row, asked.most)[3] >= 0 for row in expected.nodes)
    assert reached > 100  # two stations each, so that there was something to compare


SHAPES = {
    "a single loop": Town(1, (Street(0, 0, 100.0),)),
    "a ring without a crossing": Town(5, tuple(Street(n, (n + 1) % 5, 40.0 + n) for n in range(5))),
    "a ring one way": Town(5, tuple(Street(n, (n + 1) % 5, 40.0 + n, 1) for n in range(5))),
    "a ring one way, drawn both ways": Town(
        4, (Street(0, 1, 10, 1), Street(2, 1, 20, -1), Street(2, 3, 30, 1), Street(0, 3, 40, -1))
    ),
    "an eight": Town(5, tuple(Street(*ends, 50.0) for ends in ((0, 1), (1, 2), (2, 0), (0, 3), (3, 4), (4, 0)))),
    "a lollipop": Town(5, tuple(Street(*ends, 50.0) for ends in ((0, 1), (1, 2), (2, 3), (3, 4), (4, 2)))),
    "two rings, no bridge": Town(6, tuple(Street(n, n // 3 * 3 + (n + 1) % 3, 30.0) for n in range(6))),
    "a chain that meets itself one way": Town(3, (Street(0, 1, 9, 1), Street(2, 1, 9, 1), Street(0, 2, 5))),
    "a way in that nobody leaves": Town(3, (Street(0, 1, 9, 1), Street(1, 2, 9, -1))),
    "parallel chains": Town(6, tuple(Street(*e, 25.0) for e in ((0, 2), (2, 1), (0, 3), (3, 4), (4, 1), (0, 1)))),
    "all at one place": Town(4, tuple(Street(u, v, 0.0) for u in range(4) for v in range(4))),
    "a chain of nothing": Town(6, tuple(Street(n, n + 1, 0.0, 1) for n in range(5))),
    "no streets": Town(3, ()),
}


@pytest.mark.parametrize("shape", SHAPES)
@pytest.mark.parametrize("kind", ["nodes", "spots"])
@pytest.mark.parametrize("asked", [Asked(0.0), Asked(60.0), Asked(86_400.0)])
def test_awkward_shapes_are_what_a_plain_search_finds(shape: str, kind: str, asked: Asked) -> None:
    town = SHAPES[shape]
    along = (0.0, 0.25, 0.25, 0.75, 1.0)
    places = [Spot(street, t) for street in range(len(town.streets)) for t in along]
    stations: list[Any] = [*range(town.nodes), 0] if kind == "nodes" else places[1::3]
    same_as_plain(town, stations, places, [0.0] * len(stations), asked)


# --- sizes ----------------------------------------------------------------------------------------------------


def test_thousands_of_stations_in_one_place_each_sooner_ready_than_the_last() -> None:
    town = Town(3, (Street(0, 1, 100.0), Street(1, 2, 100.0)))
    delay_s = np.arange(2_500, 0, -1.0).tolist()
    same_as_plain(town, [1] * 2_500, [Spot(0, 0.5)], delay_s, Asked(86_400.0))
    same_as_plain(town, [Spot(0, 0.3, 2.0)] * 2_500, [Spot(0, 0.3), Spot(1, 0.5)], delay_s, Asked(3_000.0))


def test_thousands_of_dead_ends_all_as_far_as_each_other() -> None:
    town = Town(12_001, tuple(Street(0, n, 80.0) for n in range(1, 12_001)))
    expected = same_as_plain(town, [5, 9, 5], [Spot(3, 0.5), Spot(4, 0.5)], [0.0, 0.0, 0.0], Asked(900.0))
    assert expected.nodes[77] == [12_000, 12_000, 12_000]


def test_thousands_of_streets_of_no_length_between_two_places() -> None:
    side_by_side = [Street(n % 3, (n + 1) % 3, 0.0) for n in range(20_000)]
    town = Town(4, (*side_by_side, Street(2, 3, 75.0)))
    same_as_plain(town, [3, 0], [Spot(7, 0.5), Spot(20_000, 0.2)], [10.0, 0.0], Asked(60.0))


def test_streets_of_thirty_kilometres_walked_for_a_day() -> None:
    far = Town(40, tuple(Street(n, n + 1, 30_000.0 + n / 7, 0, 2.0 if n == 3 else 1.0) for n in range(39)))
    homes = [Spot(n, 0.123) for n in range(39)]
    expected = same_as_plain(far, [0, 20], homes, [0.0, 0.0], Asked(86_400.0))
    # 86,400 s at 4.8 km/h are 115.2 km: three streets and a half of the fourth, which counts double
    assert [plain.within(row, 8_640_000) for row in expected.nodes[:5]] == [[0]] * 4 + [[]]
    same_as_plain(far, [Spot(0, 0.5), Spot(0, 0.5)], homes, [0.0, 0.0], Asked(115_200.0, in_time=False))


def test_a_long_chain_of_pass_through_nodes() -> None:
    town = Town(6_000, tuple(Street(n, n + 1, 1.0 + n % 3) for n in range(5_999)))
    same_as_plain(town, [3_000, 10, 5_999], [Spot(2_999, 0.4), Spot(17, 1.0)], [0.0] * 3, Asked(900.0))


def test_no_stations_no_streets_no_homes() -> None:
    town = Town(3, (Street(0, 1, 10.0),))
    for stations in ([], [Spot(-1, float("nan"))]):
        same_as_plain(town, stations, [Spot(0, 0.5), Spot(-1, float("nan"))], [0.0] * len(stations), MAIN)
    same_as_plain(town, [0], [], [0.0], MAIN)
    same_as_plain(Town(0, ()), [], [], [], MAIN)


def test_a_limit_of_nothing_reaches_the_station_itself_and_what_costs_nothing() -> None:
    town = Town(4, (Street(0, 1, 0.0), Street(1, 2, 0.004), Street(2, 3, 1.0)))
    expected = same_as_plain(town, [0], [Spot(0, 0.5)], [0.0], Asked(0.0))
    assert [plain.within(row, 0) for row in expected.nodes] == [[0], [0], [0], []]  # 0.004 m cost 0.3: nothing


def test_exactly_one_limit_is_asked_for() -> None:
    network = Town(2, (Street(0, 1, 10.0),)).network()
    both: dict[str, Any] = {"limit_s": 1.0, "limit_m": 1.0}
    for words in ({}, both):
        with pytest.raises(BadParameter):
            nearest(network, [0], **words)
        with pytest.raises(BadParameter):
            catchments(network, [0], **words)


# --- laws ----------------------------------------------------------------------------------------------------


@st.composite
def served(draw: st.DrawFn, *, two_way: bool = False, whole: bool = False) -> tuple[Town, list[Spot], list[Spot]]:
    """A town with at least one street, station and home."""
    town = draw(towns(two_way=two_way, whole=whole).filter(lambda town: bool(town.streets)))
    places = spots(town, legs=False)
    return town, draw(st.lists(places, min_size=1, max_size=4)), draw(st.lists(places, min_size=1, max_size=6))


def walked(
    town: Town, stations: list[Spot], homes: list[Spot], asked: Asked = MAIN, network: WalkNetwork | None = None
) -> tuple[NDArray[np.int64], NDArray[np.int64]]:
    """What nodes and homes are told."""
    network = network or town.network()
    words: Any = asked.keywords()
    reach = nearest(network, plain.snapped(stations), **words)
    return found(reach), found(nearest_at(network, reach, plain.snapped(homes)))


@settings(max_examples=50, deadline=None)
@given(served(), ASKED)
def test_many_stations_are_the_two_best_of_each_alone(question: Any, asked: Asked) -> None:
    town, stations, homes = question
    network = town.network()
    together = walked(town, stations, homes, asked, network)
    alone = [walked(town, [one], homes, asked, network) for one in stations]
    for said, ours in zip(together, zip(*alone, strict=True), strict=True):
        costs = [[int(one[row, 0]) if one[row, 1] == 0 else None for one in ours] for row in range(len(said))]
        np.testing.assert_array_equal(said, plain.columns(plain.two_nearest(row, asked.most) for row in costs))


@settings(max_examples=50, deadline=None)
@given(served(), ASKED)
def test_one_more_station_never_covers_fewer(question: Any, asked: Asked) -> None:
    town, stations, homes = question
    network = town.network()
    more = walked(town, stations, homes, asked, network)
    fewer = walked(town, stations[:-1], homes, asked, network)
    for after, before in zip(more, fewer, strict=True):
        assert (after[:, [0, 2]] <= before[:, [0, 2]]).all()
        kept = after[:, 1] != len(stations) - 1
        np.testing.assert_array_equal(after[kept, :2], before[kept, :2])


@settings(max_examples=50, deadline=None)
@given(served(), st.data())
def test_one_more_street_takes_nobody_longer(question: Any, data: st.DataObject) -> None:
    town, stations, homes = question
    node = st.integers(0, town.nodes - 1)
    more = town.with_street(data.draw(st.builds(Street, node, node, LENGTHS, ONEWAYS, FACTORS)))
    for after, before in zip(walked(more, stations, homes), walked(town, stations, homes), strict=True):
        assert (after[:, [0, 2]] <= before[:, [0, 2]]).all()


@settings(max_examples=50, deadline=None)
@given(served(whole=True), st.data())
def test_dummy_nodes_in_a_street_change_nothing(question: Any, data: st.DataObject) -> None:
    town, stations, homes = question
    number = data.draw(st.integers(0, len(town.streets) - 1))
    street = town.streets[number]
    cuts = sorted(data.draw(st.lists(st.integers(0, int(street.length_m)), min_size=1, max_size=5)))
    stops = [0, *cuts, int(street.length_m)]
    nodes = [street.u, *range(town.nodes, town.nodes + len(cuts)), street.v]
    pieces = [
        street._replace(u=u, v=v, length_m=float(b - a))
        for (u, v), (a, b) in zip(itertools.pairwise(nodes), itertools.pairwise(stops), strict=True)
    ]
    rest = [one for at, one in enumerate(town.streets) if at != number]
    split = Town(town.nodes + len(cuts), (*rest, *pieces))

    def moved(spot: Spot) -> Spot:
        if spot.street != number:
            return spot._replace(street=spot.street - (spot.street > number))
        metres = round(spot.along * (street.length_m * 75))  # in centiseconds, as the search rounds it
        piece = next(k for k, b in enumerate(stops[1:]) if metres <= b * 75)
        cost = (stops[piece + 1] - stops[piece]) * 75
        return Spot(len(rest) + piece, (metres - stops[piece] * 75) / cost if cost else 0.0)

    def is_open(spot: Spot) -> bool:  # on a one-way of no length one is at both ends, on its pieces at one
        return spot.street != number or street.length_m > 0 or street.oneway == 0

    stations, homes = [s for s in stations if is_open(s)], [h for h in homes if is_open(h)]
    before = walked(town, stations, homes)
    after = walked(split, [moved(spot) for spot in stations], [moved(spot) for spot in homes])
    np.testing.assert_array_equal(after[0][: town.nodes], before[0])
    np.testing.assert_array_equal(after[1], before[1])


@settings(max_examples=50, deadline=None)
@given(served(two_way=True, whole=True))
def test_turning_two_way_streets_round_changes_nothing(question: Any) -> None:
    town, stations, homes = question
    turned = Town(town.nodes, tuple(street._replace(u=street.v, v=street.u) for street in town.streets))

    def at_cost(spot: Spot, back: bool) -> Spot:  # whole centiseconds, so that both directions round alike
        cost = MAIN.of(town.streets[spot.street])[0]
        at = round(spot.along * cost)
        return spot._replace(along=(cost - at if back else at) / cost if cost else 0.0)

    before, after = (
        walked(ours, [at_cost(s, way) for s in stations], [at_cost(h, way) for h in homes])
        for ours, way in ((town, False), (turned, True))
    )
    for one, other in zip(before, after, strict=True):
        np.testing.assert_array_equal(one, other)


@settings(max_examples=50, deadline=None)
@given(served())
def test_turning_every_one_way_and_everybody_round_swaps_homes_and_stations(question: Any) -> None:
    town, stations, homes = question
    turned = Town(town.nodes, tuple(street._replace(oneway=-street.oneway) for street in town.streets))
    asked = Asked(86_400.0)
    there = [[row[0] for row in walked(town, [s], homes, asked)[1]] for s in stations]
    back = [[row[0] for row in walked(turned, [h], stations, asked)[1]] for h in homes]
    np.testing.assert_array_equal(np.array(there), np.array(back).T)


@settings(max_examples=50, deadline=None)
@given(served(), st.data())
def test_other_numbers_for_nodes_and_streets_change_nothing_else(question: Any, data: st.DataObject) -> None:
    town, stations, homes = question
    node = np.array(data.draw(st.permutations(range(town.nodes))))
    order = data.draw(st.permutations(range(len(town.streets))))
    new = {old: at for at, old in enumerate(order)}
    streets = (
        town.streets[old]._replace(u=int(node[town.streets[old].u]), v=int(node[town.streets[old].v]))
        for old in order
    )
    there, here = ([spot._replace(street=new[spot.street]) for spot in some] for some in (stations, homes))
    after, before = walked(Town(town.nodes, tuple(streets)), there, here), walked(town, stations, homes)
    np.testing.assert_array_equal(after[0][node], before[0])
    np.testing.assert_array_equal(after[1], before[1])


@settings(max_examples=50, deadline=None)
@given(served(), st.integers(0, 1_500))
def test_by_distance_is_by_time_at_a_metre_a_second_where_nothing_is_slower(question: Any, limit: int) -> None:
    town, stations, homes = question
    level = Town(town.nodes, tuple(street._replace(factor=1.0) for street in town.streets))
    network = level.network()
    by_time = walked(level, stations, homes, Asked(limit, 3.6), network)
    by_distance = walked(town, stations, homes, Asked(limit, 3.6, in_time=False))
    for time, distance in zip(by_time, by_distance, strict=True):
        np.testing.assert_array_equal(distance, time)
    metres = nearest(
        network, plain.snapped(stations), limit_m=limit, speed_kmh=7.2
    )  # 2 m/s: half a second a metre
    np.testing.assert_allclose(metres.seconds, np.where(metres.owner >= 0, metres.cost / 200, np.inf))


@settings(max_examples=50, deadline=None)
@given(served(), st.floats(1, 8), st.floats(1, 8))
def test_who_is_slower_never_reaches_more(question: Any, one: float, other: float) -> None:
    town, stations, homes = question
    network, (slow, fast) = town.network(), sorted((one, other))
    nodes, at_homes = walked(town, stations, homes, Asked(300.0, slow), network)
    nodes_fast, _ = walked(town, stations, homes, Asked(300.0, fast), network)
    assert (nodes_fast[:, [0, 2]] <= nodes[:, [0, 2]]).all()
    # both ends of a walk along one street are rounded, each for itself: a centisecond may come of it
    _, allowed = walked(town, stations, homes, Asked(300.01, fast), network)
    assert (
        allowed[:, [0, 2]] <= np.where(at_homes[:, [1, 3]] >= 0, at_homes[:, [0, 2]] + 1, plain.NOBODY[0])
    ).all()


@settings(max_examples=50, deadline=None)
@given(served())
def test_a_limit_exactly_on_a_cost_reaches_it_and_one_below_does_not(question: Any) -> None:
    town, stations, homes = question
    network = town.network()
    everywhere = walked(town, stations, homes, Asked(86_400.0), network)
    for cost in sorted({int(c) for said in everywhere for c in said[said[:, 1] >= 0, 0]})[:6]:
        on = walked(town, stations, homes, Asked(cost / 100), network)
        below = walked(town, stations, homes, Asked((cost - 1) / 100), network) if cost else on
        for far, at, less in zip(everywhere, on, below, strict=True):
            here = (far[:, 0] == cost) & (far[:, 1] >= 0)
            np.testing.assert_array_equal(at[here, :2], far[here, :2])
            assert not cost or (less[here, 1] == -1).all()


@settings(max_examples=40, deadline=None)
@given(served(), st.integers(0, 900), st.integers(0, 900))
def test_bands_nest_and_agree_where_both_reach(question: Any, one: int, other: int) -> None:
    town, stations, _ = question
    network, sources = town.network(), plain.snapped(stations)
    short, long = (catchments(network, sources, limit_s=limit, speed_kmh=4.8) for limit in sorted((one, other)))
    for source in range(len(stations)):
        inner, outer = (
            dict(
                zip(
                    some.node[some.indptr[source] : some.indptr[source + 1]].tolist(),
                    some.cost[some.indptr[source] : some.indptr[source + 1]].tolist(),
                    strict=True,
                )
            )
            for some in (short, long)
        )
        assert inner == {node: cost for node, cost in outer.items() if cost <= min(one, other) * 100}


@settings(max_examples=40, deadline=None)
@given(served())
def test_asked_twice_the_answer_is_the_same(question: Any) -> None:
    town, stations, homes = question
    network = town.network()
    again = [walked(town, stations, homes, asked, network) for asked in (MAIN, Asked(600.0, 3.6), MAIN)]
    fresh = walked(town, stations, homes)
    for first, last, new in zip(again[0], again[2], fresh, strict=True):
        np.testing.assert_array_equal(first, last)
        np.testing.assert_array_equal(first, new)


def test_a_slope_is_climbed_slower_than_it_is_descended() -> None:
    # Tobler (1993): 6·exp(-3.5·|s + 0.05|) km/h, relative to level ground; s = 10/100 up, -10/100 down
    network = WalkNetwork.from_edges([0, 100], [0, 0], [0], [1], [100.0], crs="EPSG:32649", height_m=[0.0, 10.0])
    up, down = 7_500 * np.exp(3.5 * (0.15 - 0.05)), 7_500 * np.exp(3.5 * (0.05 - 0.05))
    at = plain.snapped([Spot(0, 0.25)])
    from_below = nearest(network, [1], limit_s=900, speed_kmh=4.8)  # people walk up to the station
    from_above = nearest(network, [0], limit_s=900, speed_kmh=4.8)
    assert from_below.cost.tolist() == [round(up), 0]
    assert from_above.cost.tolist() == [0, round(down)]
    assert nearest_at(network, from_below, at).cost.tolist() == pytest.approx([0.75 * up], abs=1)
    assert nearest_at(network, from_above, at).cost.tolist() == pytest.approx([0.25 * down], abs=1)
    assert nearest(network, [1], limit_m=900).cost.tolist() == [10_000, 0]  # metres are metres
