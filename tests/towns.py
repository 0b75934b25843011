"""Random small towns for the laws of walking: whole metres of street, stations and homes at whole metres."""

from __future__ import annotations

from dataclasses import dataclass

import numpy as np
from hypothesis import strategies as st

from geo.walk.network import WalkNetwork
from geo.walk.snap import Snapped, on_edges

NODES = 7
Place = tuple[int, int]  # edge, metres from its u


@dataclass(frozen=True)
class Town:
    """Edges of whole metres (u, v, length, oneway), stations and homes at whole metres along them."""

    edges: tuple[tuple[int, int, int, int], ...]
    stations: tuple[Place, ...]
    homes: tuple[Place, ...]

    def network(self) -> WalkNetwork:
        u, v, length, oneway = np.array(self.edges).T
        x, y = np.arange(NODES) * 40.0, np.arange(NODES) ** 2 % 5 * 70.0
        return WalkNetwork.from_edges(500_000 + x, 4_500_000 + y, u, v, length, crs="EPSG:32649", oneway=oneway)

    def at(self, network: WalkNetwork, places: tuple[Place, ...]) -> Snapped:
        edge = np.array([place[0] for place in places], dtype=np.int32)
        metres = np.array([place[1] for place in places], dtype=float)
        return on_edges(network, edge, metres / network.length_m[edge])


@st.composite
def towns(draw: st.DrawFn, *, oneways: bool = True) -> Town:
    node = st.integers(0, NODES - 1)
    way = st.sampled_from([0, 0, 1, -1]) if oneways else st.just(0)
    edges = draw(st.lists(st.tuples(node, node, st.integers(1, 400), way), min_size=1, max_size=12))
    places = st.integers(0, len(edges) - 1).flatmap(
        lambda edge: st.tuples(st.just(edge), st.integers(0, edges[edge][2]))
    )
    stations = draw(st.lists(places, min_size=1, max_size=4))
    homes = draw(st.lists(places, min_size=1, max_size=6))
    return Town(tuple(edges), tuple(stations), tuple(homes))
