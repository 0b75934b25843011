"""Synthetic street networks: every candidate gets the same nodes, edges, costs and stations."""

from __future__ import annotations

from dataclasses import asdict, dataclass
from pathlib import Path
from typing import Any

import numpy as np
from numpy.typing import NDArray

from geo.walk.network import WalkNetwork
from measure import quiet

BLOCK_M = 90.0
JITTER_M = 20.0
WAY = 8  # junctions along a street that was drawn in one go
ORDERS = ("ways", "rows", "random")
KEPT = 0.75  # of a lattice's streets: mean degree 3, nearly all of it hangs together
SPEED_KMH = 4.8
LIMIT_S = 900.0  # 15 minutes = 1,200 m
LIMIT = 90_000  # the same in whole centiseconds
PANDANA = 1_000.0
PER_M = 75.0  # centiseconds a metre at 4.8 km/h
CRS = "EPSG:32650"
SIZES = {"small": (250_000, 500), "default": (2_000_000, 5_000), "large": (10_000_000, 50_000)}


@dataclass(frozen=True)
class Streets:
    """Nodes, edges and stations; ``cost`` is in whole centiseconds, rounded once, the same for everybody."""

    x: NDArray[np.float64]
    y: NDArray[np.float64]
    u: NDArray[np.int32]
    v: NDArray[np.int32]
    length_m: NDArray[np.float64]
    stations: NDArray[np.int64]

    @property
    def nodes(self) -> int:
        """Number of nodes."""
        return len(self.x)

    @property
    def cost(self) -> NDArray[np.float64]:
        """Centiseconds of each edge: whole numbers, exact in float64."""
        return np.rint(self.length_m * PER_M)

    def network(self) -> WalkNetwork:
        """Build our network."""
        return WalkNetwork.from_edges(self.x, self.y, self.u, self.v, self.length_m, crs=CRS)

    def save(self, folder: Path) -> None:
        """Write the arrays for a child process."""
        for name, array in asdict(self).items():
            np.save(folder / f"{name}.npy", array)

    @classmethod
    def load(cls, folder: Path) -> Streets:
        """Read what :meth:`save` wrote."""
        return cls(**{name: np.load(folder / f"{name}.npy") for name in cls.__dataclass_fields__})


def lattice(nodes: int, stations: int, *, order: str = "ways", seed: int = 20_261_120) -> Streets:
    """Make a jittered lattice of blocks with a quarter of its streets removed.

    ``order`` numbers the nodes. ``ways``: eight in a row follow each other, as along a street drawn in one go, and
    such streets come in no order. So 44 % of edges join numbers at most 16 apart, and most others are far apart;
    numbered by OpenStreetMap id, junctions of Heidelberg, Porto Alegre and Helsinki give 43, 44 and 36 %. ``rows``
    goes along the whole lattice, which favours whoever keeps the caller's order; ``random`` favours nobody.
    """
    rng = np.random.default_rng(seed)
    side = round(nodes**0.5)
    row, column = np.divmod(np.arange(side * side), side)
    x, y = (BLOCK_M * at + rng.uniform(-JITTER_M, JITTER_M, side * side) for at in (column, row))
    east, north = np.flatnonzero(column < side - 1), np.flatnonzero(row < side - 1)
    u, v = np.concatenate([east, north]), np.concatenate([east + 1, north + side])
    kept = np.sort(rng.permutation(len(u))[: round(KEPT * len(u))])
    u, v = u[kept], v[kept]
    by_node = np.argsort(u, kind="stable")
    u, v = u[by_node], v[by_node]
    if order != "rows":
        way = row * side + column // WAY if order == "ways" else np.arange(side * side)
        place = np.lexsort((column, rng.permutation(side * side)[way]))
        number = np.argsort(place)
        x, y, u, v = x[place], y[place], number[u], number[v]
    length = np.hypot(x[u] - x[v], y[u] - y[v])
    chosen = np.sort(rng.choice(side * side, stations, replace=False))
    return Streets(
        500_000.0 + x, 4_500_000.0 + y, u.astype(np.int32), v.astype(np.int32), length, chosen.astype(np.int64)
    )


def scipy_graph(streets: Streets) -> Any:
    """Build a symmetric CSR matrix, so that searches can say ``directed=True`` and need no transpose."""
    from scipy.sparse import coo_array

    ends = np.concatenate([streets.u, streets.v]), np.concatenate([streets.v, streets.u])
    cost = np.concatenate([streets.cost, streets.cost])
    return coo_array((cost, ends), shape=(streets.nodes, streets.nodes)).tocsr()


def networkit_graph(streets: Streets) -> Any:
    """Build a graph with a super source, joined to each station at no cost, as networkit has one source."""
    import networkit

    u, v, cost = with_super_source(streets)
    return networkit.GraphFromCoo((cost, (u, v)), n=streets.nodes + 1, weighted=True, directed=False)


def igraph_graph(streets: Streets) -> Any:
    """Build a graph with a super source, for the same reason."""
    import igraph

    u, v, cost = with_super_source(streets)
    return igraph.Graph(n=streets.nodes + 1, edges=np.column_stack([u, v]), edge_attrs={"cost": cost})


def rustworkx_graph(streets: Streets) -> Any:
    """Build a graph with a super source, for the same reason; edges carry their cost."""
    import rustworkx

    u, v, cost = with_super_source(streets)
    graph = rustworkx.PyGraph(multigraph=False, node_count_hint=streets.nodes + 1, edge_count_hint=len(u))
    graph.add_nodes_from(range(streets.nodes + 1))
    graph.add_edges_from(list(zip(u.tolist(), v.tolist(), cost.tolist(), strict=True)))
    return graph


def networkx_graph(streets: Streets) -> Any:
    """Build an undirected graph; edges carry ``weight``."""
    import networkx

    graph = networkx.Graph()
    graph.add_nodes_from(range(streets.nodes))
    graph.add_weighted_edges_from(zip(streets.u.tolist(), streets.v.tolist(), streets.cost.tolist(), strict=True))
    return graph


def pandana_graph(streets: Streets) -> Any:
    """Build a network, which makes its contraction hierarchy, and put the stations on it.

    pandana cuts costs to whole thousandths; given in thousands, half a thousandth up, they stay what they are.
    """
    import pandana
    import pandas as pd

    x, y = pd.Series(streets.x), pd.Series(streets.y)
    u, v = pd.Series(streets.u.astype(np.int64)), pd.Series(streets.v.astype(np.int64))
    cost = pd.DataFrame({"cost": (streets.cost + 0.5) / PANDANA})
    with quiet():
        network = pandana.Network(x, y, u, v, cost, twoway=True)
    network.set_pois("stations", LIMIT / PANDANA, 1, x.iloc[streets.stations], y.iloc[streets.stations])
    return network


def with_super_source(streets: Streets) -> tuple[NDArray[np.int64], NDArray[np.int64], NDArray[np.float64]]:
    """List the edges, and one more of no cost from node ``n`` to each station."""
    u = np.concatenate([streets.u, np.full(len(streets.stations), streets.nodes)])
    v = np.concatenate([streets.v, streets.stations])
    return u, v, np.concatenate([streets.cost, np.zeros(len(streets.stations))])
