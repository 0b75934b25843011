"""Every node within 15 minutes of each station, and how many stations each node has, beside other libraries.

Run: ``python benchmarks/k_coverage.py [small] [default]`` after ``pip install '.[peers]'``. As in `nearest.py`:
the same streets, the same whole costs, equal answers wanted.

Slow peers are asked for a sample of stations and their time is scaled to all: the table says how many were asked.
scipy makes a dense row of all nodes for each station, so its sample is asked in one call. pandana is asked for all
stations in one call, on networks whose building comes to an end (``nearest.PANDANA_NODES``).
"""

from __future__ import annotations

import argparse
from collections.abc import Callable
from typing import Any, NamedTuple

import numpy as np
from numpy.typing import NDArray

import synthetic
from geo.walk.reach import Catchments, catchments
from measure import installed, interleaved, machine, once, seconds, table
from nearest import PANDANA_NODES
from synthetic import LIMIT, LIMIT_S, ORDERS, PANDANA, SIZES, SPEED_KMH, Streets, lattice

OURS = "gridwalk"
Rows = tuple[NDArray[np.int64], NDArray[np.int64], NDArray[np.float64]]


class Candidate(NamedTuple):
    """One way to the answer: its graph, the search for some stations, and its rows (station, node, cost)."""

    package: str
    graph: Callable[[Streets], Any]
    search: Callable[[Any, Streets, NDArray[np.int64]], Any]
    rows: Callable[[Any, NDArray[np.int64]], Rows]
    sample: int | None = None
    most_nodes: float = np.inf


def _ours(network: Any, streets: Streets, stations: NDArray[np.int64]) -> Catchments:  # noqa: ARG001 (Candidate)
    found = catchments(network, stations, limit_s=LIMIT_S, speed_kmh=SPEED_KMH)
    found.cost  # noqa: B018 (read, whether it is made early or late)
    return found


def _ours_counted(network: Any, streets: Streets, stations: NDArray[np.int64]) -> Any:
    found = _ours(network, streets, stations)
    return found, np.bincount(found.node, minlength=streets.nodes)


def _our_rows(found: Catchments, stations: NDArray[np.int64]) -> Rows:
    station = np.repeat(stations, np.diff(found.indptr))
    return station, found.node.astype(np.int64), np.rint(found.seconds * 100.0)


def _pandana(graph: Any, streets: Streets, stations: NDArray[np.int64]) -> Any:  # noqa: ARG001 (Candidate)
    return graph.nodes_in_range(stations, LIMIT / PANDANA)


def _pandana_counted(graph: Any, streets: Streets, stations: NDArray[np.int64]) -> Any:
    found = _pandana(graph, streets, stations)
    return found, np.bincount(found["destination"], minlength=streets.nodes)


def _pandana_rows(found: Any, stations: NDArray[np.int64]) -> Rows:  # noqa: ARG001 (Candidate)
    station, node = (found[name].to_numpy(dtype=np.int64) for name in ("source", "destination"))
    return station, node, np.rint(found["cost"].to_numpy() * PANDANA)


def _ego(graph: Any, streets: Streets, stations: NDArray[np.int64]) -> Any:  # noqa: ARG001 (Candidate)
    import networkx

    return [networkx.ego_graph(graph, s, radius=LIMIT, distance="weight") for s in stations.tolist()]


def _ego_rows(found: Any, stations: NDArray[np.int64]) -> Rows:
    node = [np.fromiter(graph.nodes, np.int64) for graph in found]
    station = np.repeat(stations, [len(some) for some in node])
    return station, np.concatenate(node), np.full(len(station), np.nan)  # an ego graph keeps no costs


def _lengths(graph: Any, streets: Streets, stations: NDArray[np.int64]) -> Any:  # noqa: ARG001 (Candidate)
    import networkx

    search = networkx.single_source_dijkstra_path_length
    return [search(graph, s, cutoff=LIMIT, weight="weight") for s in stations.tolist()]


def _length_rows(found: Any, stations: NDArray[np.int64]) -> Rows:
    station = np.repeat(stations, [len(some) for some in found])
    node = np.concatenate([np.fromiter(some.keys(), np.int64) for some in found])
    return station, node, np.concatenate([np.fromiter(some.values(), float) for some in found])


def _scipy(graph: Any, streets: Streets, stations: NDArray[np.int64]) -> Any:  # noqa: ARG001 (Candidate)
    from scipy.sparse.csgraph import dijkstra

    return dijkstra(graph, directed=True, indices=stations, limit=LIMIT)


def _scipy_rows(found: Any, stations: NDArray[np.int64]) -> Rows:
    row, node = np.nonzero(np.isfinite(found))
    return stations[row], node, found[row, node]


def _first(rows: Callable[[Any, NDArray[np.int64]], Rows]) -> Callable[[Any, NDArray[np.int64]], Rows]:
    return lambda found, stations: rows(found[0], stations)


CANDIDATES = {
    OURS: Candidate("gridwalk", Streets.network, _ours, _our_rows),
    "gridwalk, k-coverage": Candidate("gridwalk", Streets.network, _ours_counted, _first(_our_rows)),
    "pandana nodes_in_range": Candidate(
        "pandana", synthetic.pandana_graph, _pandana, _pandana_rows, most_nodes=PANDANA_NODES
    ),
    "pandana, k-coverage": Candidate(
        "pandana", synthetic.pandana_graph, _pandana_counted, _first(_pandana_rows), most_nodes=PANDANA_NODES
    ),
    "networkx ego_graph": Candidate("networkx", synthetic.networkx_graph, _ego, _ego_rows, 100, 4e6),
    "networkx path lengths": Candidate("networkx", synthetic.networkx_graph, _lengths, _length_rows, 100, 4e6),
    "scipy dijkstra(limit)": Candidate("scipy", synthetic.scipy_graph, _scipy, _scipy_rows, 20),
}


def main() -> None:
    """Measure the asked sizes."""
    parser = argparse.ArgumentParser(description=__doc__, formatter_class=argparse.RawDescriptionHelpFormatter)
    parser.add_argument("sizes", nargs="*", choices=[[], *SIZES], help="default: default")
    parser.add_argument("--nodes", type=int, help="a size of your own, with --stations")
    parser.add_argument("--stations", type=int)
    parser.add_argument("--order", choices=ORDERS, default=ORDERS[0], help="how nodes are numbered")
    parser.add_argument("--peers", nargs="*", default=[c.package for c in CANDIDATES.values()])
    parser.add_argument("--repeats", type=int, default=7)
    parser.add_argument("--patience", type=float, default=60.0, help="seconds for the runs of one candidate")
    asked = parser.parse_args()
    sizes = [SIZES[size] for size in asked.sizes or ([] if asked.nodes else ["default"])]
    if asked.nodes:
        sizes.append((asked.nodes, asked.stations or max(1, asked.nodes // 400)))
    wanted = {name: c for name, c in CANDIDATES.items() if name.startswith(OURS) or c.package in asked.peers}
    chosen = {name: c for name, c in wanted.items() if installed(c.package)}
    print(machine(*sorted({c.package for c in chosen.values()} - {"gridwalk"})))
    for name in wanted.keys() - chosen.keys():
        print(f"not installed, left out: {name}")
    town = lattice(400, 4)
    _ours(town.network(), town, town.stations)  # compile the kernels
    for size in sizes:
        _one_size(lattice(*size, order=asked.order), chosen, asked)


def _one_size(town: Streets, chosen: dict[str, Candidate], asked: Any) -> None:
    print(f"\n## {town.nodes:,} nodes ({asked.order}), {len(town.u):,} edges, {len(town.stations):,} stations\n")
    fit = {name: c for name, c in chosen.items() if town.nodes <= c.most_nodes}
    for name in chosen.keys() - fit.keys():
        print(f"{name} left out: more than {chosen[name].most_nodes:,.0f} nodes")
    rng = np.random.default_rng(len(town.stations))
    sample = {
        name: np.sort(rng.permutation(town.stations)[: c.sample or len(town.stations)]) for name, c in fit.items()
    }
    graphs, built, differ = {}, {}, {}
    for candidate in fit.values():
        if candidate.graph not in graphs:
            graphs[candidate.graph], built[candidate.graph], _ = once(lambda make=candidate.graph: make(town))
    truth = _ours(graphs[Streets.network], town, town.stations)
    ours = _our_rows(truth, town.stations)
    for name, c in fit.items():
        theirs = c.rows(c.search(graphs[c.graph], town, sample[name]), sample[name])
        differ[name] = _differ(ours, theirs, sample[name], town.nodes)
    jobs = {name: (lambda c=c, s=sample[name]: c.search(graphs[c.graph], town, s)) for name, c in fit.items()}
    times = interleaved(jobs, repeats=asked.repeats, patience_s=asked.patience)
    rows = len(truth.node)
    print(f"\nrows: {rows:,}, {rows / len(town.stations):,.0f} a station\n")
    scaled = {name: times[name].median * len(town.stations) / len(sample[name]) for name in fit}
    head = ["", "stations asked", "median", "CPU", "runs", "all stations", "ns a row", "ratio", "differ", "build"]
    lines = [
        [
            name,
            f"{len(sample[name]):,}",
            seconds(times[name].median),
            seconds(times[name].median_cpu),
            str(len(times[name].wall)),
            seconds(scaled[name]),
            f"{scaled[name] / rows * 1e9:,.0f}",
            f"{scaled[name] / scaled[OURS]:,.1f}",
            differ[name],
            seconds(built[fit[name].graph]),
        ]
        for name in fit
    ]
    print(table(head, lines))


def _differ(ours: Rows, theirs: Rows, stations: NDArray[np.int64], nodes: int) -> str:
    """Count rows that only one of both has, and rows of both whose costs differ."""
    asked = np.isin(ours[0], stations)
    key, other = (rows[0] * nodes + rows[1] for rows in (tuple(column[asked] for column in ours), theirs))
    order, there = np.argsort(key), np.argsort(other)
    alone = len(np.setxor1d(key, other))
    _, a, b = np.intersect1d(key[order], other[there], return_indices=True)
    gap = np.abs(ours[2][asked][order][a] - theirs[2][there][b])
    most = f", most {np.nanmax(gap):.3g} cs" if (gap > 0).any() else ""
    return f"{alone + int((gap > 0).sum())} of {len(key):,}{most}"


if __name__ == "__main__":
    main()
