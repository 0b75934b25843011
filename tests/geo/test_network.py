"""Streets become a network that does not depend on how they were written down."""

from __future__ import annotations

import geopandas as gpd
import numpy as np
import pytest
import shapely
from hypothesis import given
from hypothesis import strategies as st
from pandas.testing import assert_frame_equal
from shapely import LineString, MultiLineString

from geo.errors import BadParameter
from geo.tables.conform import conform
from geo.walk.network import WalkNetwork
from geo.walk.pace import edge_costs, pace_of
from geo.walk.streets import walk_streets
from tests import worlds


def rows(ways: list[list[tuple[float, float]]], **columns: object) -> gpd.GeoDataFrame:
    ids = [f"e{number}" for number in range(len(ways))]
    lines = worlds.on_ground([LineString(way) for way in ways])
    return conform("streets", gpd.GeoDataFrame({"edge_id": ids, **columns}, geometry=lines, crs="EPSG:4326"))


def test_four_streets_meet_at_one_crossing() -> None:
    made = walk_streets(worlds.crossroads()["streets"])
    assert made["edge_id"].tolist() == ["east", "north", "south", "west"]
    assert made["u"].nunique() == 1
    assert sorted({*made["u"], *made["v"]}) == [0, 1, 2, 3, 4]
    assert made["length_m"].tolist() == pytest.approx([1_000.0] * 4)
    assert WalkNetwork.from_streets(made).component.tolist() == [0, 0, 0, 0]


def test_ends_within_a_centimetre_are_one_junction_and_no_further() -> None:
    made = walk_streets(rows([[(0, 0), (100, 0)], [(100.009, 0), (200, 0)], [(200.02, 0), (300, 0)]]))
    assert made["v"][0] == made["u"][1]
    assert made["v"][1] != made["u"][2]
    assert WalkNetwork.from_streets(made).component.tolist() == [
        0,
        0,
        1,
    ]  # 199.99 m of street hang together, 99.98 m stand alone


def test_a_bridge_crosses_a_street_without_joining_it() -> None:
    made = walk_streets(rows([[(-50, 0), (50, 0)], [(0, -50), (0, 50)]]))
    assert len({*made["u"], *made["v"]}) == 4


def test_given_ids_join_ends_that_lie_apart_and_keep_apart_what_lies_together() -> None:
    made = walk_streets(
        rows(
            [[(0, 0), (100, 0)], [(103, 0), (200, 0)], [(100, 0), (100, 90)]],
            u=["a", "b", "lift"],
            v=["b", "c", "d"],
        )
    )
    assert made["v"][0] == made["u"][1]
    assert made["u"][2] not in {made["v"][0], made["u"][1]}


def test_an_end_without_id_meets_what_lies_there() -> None:
    made = walk_streets(rows([[(0, 0), (100, 0)], [(100, 0), (200, 0)]], u=["a", None], v=["b", "c"]))
    assert made["v"][0] == made["u"][1]


@pytest.mark.parametrize("kind", ["motorway", "motorway_link", "construction", "disused", "busway", "raceway"])
def test_nobody_walks_on_a_motorway(kind: str) -> None:
    ways: list[list[tuple[float, float]]] = [[(0, 0), (100, 0)], [(0, 0), (0, 100)], [(0, 0), (0, -100)]]
    made = walk_streets(rows(ways, highway=[kind, "residential", None]))
    assert made["edge_id"].tolist() == ["e1", "e2"]


def test_a_line_in_several_parts_is_several_edges_that_share_its_length() -> None:
    line = MultiLineString([[(0, 0), (100, 0)], [(100, 0), (100, 300)]])
    table = gpd.GeoDataFrame(
        {"edge_id": ["m"], "u": ["a"], "v": ["b"], "length_m": [800.0]},
        geometry=[worlds.on_ground(line)],
        crs="EPSG:4326",
    )
    made = walk_streets(conform("streets", table))
    assert made["edge_id"].tolist() == ["m/0", "m/1"]
    assert made["length_m"].tolist() == pytest.approx([200.0, 600.0], rel=1e-6)  # 100 : 300 of 800
    assert made["v"][0] == made["u"][1]


def test_a_missing_length_is_measured_along_the_ellipsoid_and_nothing_without_length_is_kept() -> None:
    made = walk_streets(rows([[(0, 0), (30, 40)], [(5, 5), (5, 5)]], length_m=[None, 7.0]))
    assert made["length_m"].tolist() == pytest.approx([50.0], abs=2e-3)


def test_the_order_of_rows_does_not_matter() -> None:
    streets = worlds.river_town()["streets"]
    for seed in range(3):
        assert_frame_equal(walk_streets(streets.sample(frac=1, random_state=seed)), walk_streets(streets))


def test_one_way_edges_are_walked_one_way() -> None:
    network = WalkNetwork.from_edges(
        [0, 100, 200], [0, 0, 0], [0, 1], [1, 2], [100, 100], crs="EPSG:32649", oneway=[1, -1]
    )
    start, neighbour, edge, at_v = network.toward
    assert start.tolist() == [0, 0, 2, 2]  # only node 1 can be walked to, from 0 and from 2
    assert neighbour.tolist() == [0, 2]
    assert edge.tolist() == [0, 1]
    assert at_v.tolist() == [True, False]


def test_costs_are_rounded_once_and_distance_knows_no_steps() -> None:
    network = WalkNetwork.from_edges(
        [0, 0.01], [40, 40], [0, 0], [1, 1], [100.004, 33.336], crs="EPSG:4326", factor=[1.0, 2.0]
    )
    # 100.004 m · 75 cs/m = 7500.3; 33.336 m · 2 · 75 = 5000.4
    assert edge_costs(network, pace_of(limit_s=900, speed_kmh=4.8)).forward.tolist() == [7_500, 5_000]
    assert edge_costs(network, pace_of(limit_m=1_200)).forward.tolist() == [10_000, 3_334]
    assert edge_costs(network, pace_of(limit_s=900, profile="old")).backward.tolist() == [10_000, 6_667]


@pytest.mark.parametrize(
    ("wrong", "says"),
    [
        ({"length_m": [1.0, 2.0]}, "one value an edge"),
        ({"v": [7]}, "not one of the 2 nodes"),
        ({"length_m": [-1.0]}, "negative"),
        ({"length_m": [np.nan]}, "missing"),
        ({"factor": [0.5]}, "faster"),
        ({"oneway": [3]}, "oneway"),
    ],
)
def test_impossible_edges_are_refused_by_name(wrong: dict[str, list[float]], says: str) -> None:
    given_ = {"x": [0.0, 1.0], "y": [0.0, 0.0], "u": [0], "v": [1], "length_m": [1.0], **wrong}
    with pytest.raises(BadParameter, match=says):
        WalkNetwork.from_edges(**given_, crs="EPSG:32649")  # type: ignore[arg-type]  # wrong on purpose


@pytest.mark.parametrize(
    "wrong",
    [{}, {"limit_s": 1.0, "limit_m": 1.0}, {"limit_s": 1.0, "profile": "horse"}, {"limit_m": 1, "speed_kmh": 0}],
)
def test_a_search_has_one_limit_and_a_speed(wrong: dict[str, float]) -> None:
    with pytest.raises(BadParameter):
        pace_of(**wrong)  # type: ignore[arg-type]  # wrong on purpose


nodes = st.integers(0, 6)


@given(st.lists(st.tuples(nodes, nodes), min_size=1, max_size=8))
def test_components_hang_together_and_the_first_is_the_longest(pairs: list[tuple[int, int]]) -> None:
    u, v = np.array(pairs).T
    network = WalkNetwork.from_edges(np.arange(7) * 10, np.zeros(7), u, v, u + v + 1, crs="EPSG:32649")
    label = {node: node for node in range(7)}  # slow and obvious: hand the lowest label on until nothing changes
    for _ in range(7):
        for a, b in pairs:
            label[a] = label[b] = min(label[a], label[b])
    same = [[label[a] == label[b] for b in u] for a in u]
    assert (network.component[:, None] == network.component[None, :]).tolist() == same
    assert (np.diff(network.component_m) <= 0).all()


def test_an_empty_table_is_an_empty_network() -> None:
    network = WalkNetwork.from_streets(walk_streets(conform("streets", gpd.GeoDataFrame(geometry=[], crs=4326))))
    assert network.nodes == 0
    assert network.component_m.tolist() == []


def test_node_places_are_where_streets_end() -> None:
    network = WalkNetwork.from_streets(walk_streets(worlds.crossroads()["streets"]))
    ends = shapely.points(np.column_stack([network.x[network.v], network.y[network.v]]))
    assert shapely.distance(ends, shapely.get_point(network.line, -1)).max() < 1e-6
