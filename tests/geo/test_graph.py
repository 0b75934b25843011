"""Contraction and order change no answer; slopes slow people down; a network laid down is taken up the same."""

from __future__ import annotations

from pathlib import Path
from typing import Any

import numpy as np
import pytest
from hypothesis import given, settings
from hypothesis import strategies as st

from geo.errors import BadParameter
from geo.store.arrays import read_arrays, write_arrays
from geo.walk import graph, kernels, search
from geo.walk.network import WalkNetwork
from geo.walk.pace import edge_costs, pace_of
from geo.walk.reach import Catchments, Reach, catchments, nearest

ROW = [0.0, 100.0, 200.0, 300.0, 400.0]


def street(*, height_m: list[float] | None = None) -> WalkNetwork:
    """Five nodes in a row, 100 m apart: 75 s each at 4.8 km/h."""
    return WalkNetwork.from_edges(
        ROW, [0.0] * 5, [0, 2, 2, 4], [1, 1, 3, 3], [100.0] * 4, crs="EPSG:32650", height_m=height_m
    )


def test_a_street_is_one_chain_between_its_two_ends() -> None:
    made = street().graph
    assert sorted(made.node) == [0, 4]
    assert len(made.chain_start) == 2  # one chain, from 0 to 1
    assert made.chain_edge.tolist() == [0, 1, 2, 3]
    assert made.chain_against.tolist() == [False, True, False, True]  # edges 2 → 1 and 4 → 3 are walked backwards
    assert made.inner.tolist() == [1, 2, 3]


def test_stations_inside_a_chain_serve_both_ways() -> None:
    reach = nearest(street(), [1, 3], limit_s=160)
    assert reach.seconds.tolist() == [75, 0, 75, 0, 75]
    assert reach.owner.tolist() == [0, 0, 0, 1, 1]
    assert reach.second_seconds.tolist() == [np.inf, 150, 75, 150, np.inf]
    found = catchments(street(), [1], limit_s=150)
    assert dict(zip(found.node.tolist(), found.seconds.tolist(), strict=True)) == {0: 75, 1: 0, 2: 75, 3: 150}


def test_nodes_at_a_one_way_and_the_lowest_node_of_a_ring_are_junctions(monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setattr(graph, "WORTH_CONTRACTING", 0.0)
    one_way = WalkNetwork.from_edges(
        ROW, [0.0] * 5, [0, 1, 2, 3], [1, 2, 3, 4], [100.0] * 4, crs="EPSG:32650", oneway=[0, 0, 1, 0]
    )
    assert sorted(one_way.graph.node) == [0, 2, 3, 4]
    ring = WalkNetwork.from_edges(
        [0, 90, 90, 0], [0, 0, 90, 90], [1, 2, 3, 0], [2, 3, 0, 1], [90.0] * 4, crs="EPSG:32650"
    )
    assert ring.graph.node.tolist() == [0]
    assert nearest(ring, [2], limit_s=900).seconds.tolist() == [135, 67.5, 0, 67.5]


def test_where_few_nodes_are_passed_through_all_are_junctions() -> None:
    star = WalkNetwork.from_edges(
        [0, 90, -90, 0, 0], [0, 0, 0, 90, 180], [0, 0, 0, 3], [1, 2, 3, 4], [90.0] * 4, crs="EPSG:32650"
    )
    assert len(star.graph.node) == 5  # one of five is passed through


def test_junctions_follow_the_curve() -> None:
    side = np.arange(16)
    x, y = (axis.ravel() for axis in np.meshgrid(side, side))
    along = graph._hilbert(x * 1.0, y * 1.0, 0.0, 0.0, 4096.0)
    order = np.argsort(along)
    steps = np.abs(np.diff(x[order])) + np.abs(np.diff(y[order]))
    assert len(np.unique(along)) == 256
    assert (steps == 1).all()  # each cell is next to the one before


def test_uphill_is_slower_by_toblers_function() -> None:
    network = street(height_m=[0, 10, 0, 0, 5])
    cost = edge_costs(network, pace_of(limit_s=900))
    # 10 % up: exp(3.5 · (0.15 - 0.05)) = 1.4191; 10 % down: exp(3.5 · (0.05 - 0.05)) = 1
    assert cost.forward[0] == round(7_500 * np.exp(0.35))
    assert cost.backward[0] == 7_500
    # 5 % down is the fastest: exp(3.5 · (0 - 0.05)) = 0.8395; edge 3 runs 4 → 3, downhill
    assert cost.forward[3] == round(7_500 * np.exp(-0.175))
    assert edge_costs(network, pace_of(limit_m=1_200)).backward.tolist() == [10_000] * 4
    up, down = nearest(network, [1], limit_s=900), nearest(network, [0], limit_s=900)
    assert (up.cost[0], down.cost[1]) == (10_643, 7_500)


def test_a_missing_height_is_level() -> None:
    level = street(height_m=[np.nan, 10, np.nan, 0, 0])
    assert level.rise_m.tolist() == [0, 0, 0, 0]


def test_a_network_laid_down_is_taken_up_the_same(tmp_path: Path) -> None:
    rng = np.random.default_rng(3)
    x, y = rng.uniform(4e5, 4.1e5, (2, 6_000))
    u, v = rng.integers(0, 6_000, (2, 9_000))
    network = WalkNetwork.from_edges(x, y, u, v, rng.uniform(5, 90, 9_000), crs="EPSG:32650")
    write_arrays(tmp_path, network.arrays())
    again = WalkNetwork.from_arrays(read_arrays(tmp_path))
    assert again.frame.crs == network.frame.crs
    assert again.graph.node.base is not None  # mapped, not read
    for name, array in network.arrays().items():
        assert np.array_equal(again.arrays()[name], array), name
    both = [nearest(one, [5, 17, 900], limit_s=900) for one in (network, again)]
    assert np.array_equal(both[0].first.to_nodes(), both[1].first.to_nodes())
    assert np.array_equal(both[0].second.to_nodes(), both[1].second.to_nodes())


def same(one: tuple[Reach, Catchments], other: tuple[Reach, Catchments]) -> bool:
    rows = [
        sorted(zip(np.repeat(np.arange(len(c.indptr) - 1), np.diff(c.indptr)), c.node, c.cost, strict=True))
        for _, c in (one, other)
    ]
    reach = all(
        np.array_equal(getattr(one[0], name).to_nodes(), getattr(other[0], name).to_nodes())
        for name in ("first", "second")
    )
    return reach and rows[0] == rows[1]


@given(seed=st.integers(0, 10_000), limit_s=st.sampled_from([60.0, 900.0, 86_400.0]))
@settings(max_examples=25, deadline=None)
def test_contraction_small_buckets_and_blocks_change_nothing(seed: int, limit_s: float) -> None:
    rng = np.random.default_rng(seed)
    x, y = rng.uniform(4e5, 4.02e5, (2, 300))
    u = np.arange(400) % 300
    v = np.where(rng.random(400) < 0.15, rng.integers(0, 300, 400), (u + 1) % 300)
    length, sources = rng.uniform(5, 90, 400), rng.integers(0, 300, 12)

    def found() -> tuple[Reach, Catchments]:
        network = WalkNetwork.from_edges(x, y, u, v, length, crs="EPSG:32650")
        reach = nearest(network, sources, limit_s=limit_s)
        assert len(reach.second.to_nodes()) == 300  # is found here, while things are changed
        return reach, catchments(network, sources, limit_s=limit_s)

    usual = found()
    with pytest.MonkeyPatch.context() as changed:
        changed.setattr(graph, "WORTH_CONTRACTING", 2.0)
        assert same(found(), usual)
        changed.setattr(search, "ROOM_BITS", 0)
        changed.setattr(search, "CACHED_JUNCTIONS", 3)
        assert same(found(), usual)


def test_a_search_that_is_wrong_is_found_out() -> None:
    network = street()
    costed = network.costed(pace_of(limit_s=900))
    seeds = search.seeds_of(network.graph, costed, 90_000, np.array([0, 1]), np.array([0]), np.array([0]))
    made = search.Search(network.graph, costed, 90_000, seeds)
    too_high = made.first.copy()
    too_high[network.graph.place[4]] += np.uint64(1) << np.uint64(32)
    with pytest.raises(RuntimeError, match="1 streets offer less"):
        search._proved(too_high, kernels.lower_offers(*made._chains, *made._sown, too_high))


@pytest.mark.parametrize(
    ("asked", "says"),
    [
        ({"limit_s": -1.0}, "limit_s: -1.0 is no limit"),
        ({"limit_m": float("nan")}, "limit_m: nan is no limit"),
        ({"sources": [5], "limit_s": 9.0}, "sources: positions of nodes, 0 to 4"),
        ({"sources": [-1], "limit_s": 9.0}, "sources"),
        ({"sources": [0.5], "limit_s": 9.0}, "sources"),
    ],
)
def test_what_cannot_be_searched_is_said(asked: dict[str, Any], says: str) -> None:
    with pytest.raises(BadParameter, match=says):
        nearest(street(), **{"sources": [0], **asked})


def test_a_limit_beyond_all_limits_is_no_limit() -> None:
    assert nearest(street(), [0], limit_s=1e12).seconds.tolist() == [0, 75, 150, 225, 300]


def test_a_node_without_a_place_is_refused() -> None:
    with pytest.raises(BadParameter, match="x, y"):
        WalkNetwork.from_edges([0.0, float("nan")], [0.0, 1.0], [0], [1], [5.0], crs="EPSG:4326")


def test_nothing_is_searched_from_nothing() -> None:
    empty = WalkNetwork.from_edges([], [], [], [], [], crs="EPSG:4326")
    assert len(nearest(empty, [], limit_s=900).second_seconds) == 0
    assert catchments(empty, [], limit_s=900).indptr.tolist() == [0]
    alone = WalkNetwork.from_edges([0.0, 1.0], [0.0, 1.0], [], [], [], crs="EPSG:4326")
    assert nearest(alone, [1], limit_s=900).owner.tolist() == [-1, 0]


def test_catchments_that_are_wrong_are_found_out() -> None:
    made = street().graph
    costed = street().costed(pace_of(limit_s=900))
    first, last = made.start[0], made.start[1]
    assert last - first == 1  # one step leads to junction 0
    cost = np.array([0, 90_001], dtype=np.uint32)  # junction 1 is recorded as never reached
    lower = kernels._lower_costs(made.start, costed.step, cost, np.array([0], dtype=np.int32), 0, 1)
    assert lower == 1
