"""Nearest station of every node of a street network, 15 minutes on foot, beside other libraries.

Run: ``python benchmarks/nearest.py [small] [default] [large]`` after ``pip install '.[peers]'``.

Everybody gets the same edges with the same whole costs, so answers must be equal; nodes that differ are counted
and printed. Networks are built outside the timing, and so are stations where a library wants them in its graph
(networkit, igraph, rustworkx: a super source, since they search from one node only and know no cut-off; pandana:
``set_pois``). Our network keeps what its first search prepares; that first search is outside the timing too and
printed. Peak memory comes from fresh child processes, one a candidate: growth of resident memory (``VmHWM``) above
the inputs, for building, for the first search and for a later one.
"""

from __future__ import annotations

import argparse
import json
import os
import subprocess
import sys
import tempfile
from collections.abc import Callable
from pathlib import Path
from typing import Any, NamedTuple

import numpy as np
from numpy.typing import NDArray

import synthetic
from geo.walk.reach import Reach, nearest
from measure import MALLOC, Timing, installed, interleaved, machine, once, peak_of, seconds, table
from synthetic import LIMIT, LIMIT_S, ORDERS, PANDANA, SIZES, SPEED_KMH, Streets, lattice

OURS = "gridwalk"
PANDANA_NODES = 300_000  # beyond it pandana builds for a quarter of an hour and more
WARM = (400, 4)


class Candidate(NamedTuple):
    """One way to the answer: what makes its graph, the search, and its costs as an array (inf = not reached)."""

    package: str
    graph: Callable[[Streets], Any]
    search: Callable[[Any, Streets], Any]
    costs: Callable[[Any], NDArray[np.float64]]
    most_nodes: float = np.inf


def _scipy(graph: Any, streets: Streets) -> Any:
    from scipy.sparse.csgraph import dijkstra

    return dijkstra(graph, directed=True, indices=streets.stations, min_only=True, limit=LIMIT)


def _scipy_owner(graph: Any, streets: Streets) -> Any:
    from scipy.sparse.csgraph import dijkstra

    return dijkstra(
        graph, directed=True, indices=streets.stations, min_only=True, limit=LIMIT, return_predecessors=True
    )


def _networkit(graph: Any, streets: Streets) -> Any:
    import networkit

    return networkit.distance.Dijkstra(graph, streets.nodes, storePaths=False).run().getDistances(asarray=True)


def _igraph(graph: Any, streets: Streets) -> Any:
    return graph.distances(source=[streets.nodes], weights="cost", algorithm="dijkstra")[0]


def _rustworkx(graph: Any, streets: Streets) -> Any:
    import rustworkx

    return rustworkx.dijkstra_shortest_path_lengths(graph, streets.nodes, float), streets.nodes


def _networkx(graph: Any, streets: Streets) -> Any:
    import networkx

    stations = streets.stations.tolist()
    return networkx.multi_source_dijkstra_path_length(
        graph, stations, cutoff=LIMIT, weight="weight"
    ), streets.nodes


def _pandana(graph: Any, streets: Streets) -> Any:  # noqa: ARG001 (Candidate)
    limit = LIMIT / PANDANA
    return graph.nearest_pois(limit, "stations", num_pois=1, max_distance=limit + 1)


def _from_pandana(found: Any) -> NDArray[np.float64]:
    return np.rint(found[1].to_numpy() * PANDANA)


def _from_map(found: tuple[Any, int]) -> NDArray[np.float64]:
    lengths, nodes = found
    costs = np.full(nodes + 1, np.inf)
    costs[np.fromiter(lengths.keys(), np.int64, len(lengths))] = np.fromiter(lengths.values(), float, len(lengths))
    return costs[:nodes]


def _from_all(found: Any) -> NDArray[np.float64]:
    return np.asarray(found, dtype=float)[:-1]  # the last one is the super source


def _from_reach(found: Reach) -> NDArray[np.float64]:
    return np.rint(found.seconds * 100.0)


def _ours(network: Any, streets: Streets) -> Reach:
    reach = nearest(network, streets.stations, limit_s=LIMIT_S, speed_kmh=SPEED_KMH)
    reach.owner  # noqa: B018 (read, whether it is made early or late)
    return reach


def _ours_second(network: Any, streets: Streets) -> Reach:
    reach = _ours(network, streets)
    reach.second_owner  # noqa: B018
    return reach


CANDIDATES = {
    OURS: Candidate("gridwalk", Streets.network, _ours, _from_reach),
    "gridwalk, with second-nearest": Candidate("gridwalk", Streets.network, _ours_second, _from_reach),
    "scipy": Candidate("scipy", synthetic.scipy_graph, _scipy, np.asarray),
    "scipy, with owner": Candidate("scipy", synthetic.scipy_graph, _scipy_owner, lambda found: found[0]),
    "networkit": Candidate("networkit", synthetic.networkit_graph, _networkit, _from_all),
    "igraph": Candidate("igraph", synthetic.igraph_graph, _igraph, _from_all, 4e6),
    "rustworkx": Candidate("rustworkx", synthetic.rustworkx_graph, _rustworkx, _from_map, 4e6),
    "networkx": Candidate("networkx", synthetic.networkx_graph, _networkx, _from_map, 4e6),
    "pandana": Candidate("pandana", synthetic.pandana_graph, _pandana, _from_pandana, PANDANA_NODES),
}


def main() -> None:
    """Measure the asked sizes."""
    asked = _asked()
    if asked.child:
        print(json.dumps(_memory(CANDIDATES[asked.child], Streets.load(asked.folder))))
        return
    chosen = {name: c for name, c in CANDIDATES.items() if name.startswith(OURS) or c.package in asked.peers}
    missing = sorted({c.package for c in chosen.values() if not installed(c.package)})
    chosen = {name: c for name, c in chosen.items() if c.package not in missing}
    print(machine(*sorted({c.package for c in chosen.values()} - {"gridwalk"})))
    print("".join(f"not installed, left out: {name}\n" for name in missing), end="")
    warm_up()
    for size in asked.sizes:
        _one_size(size, chosen, asked)
    if len(asked.sizes) > 1:
        _scaling(asked)


def warm_up() -> None:
    """Compile the kernels on a small town."""
    town = lattice(*WARM)
    _ours_second(town.network(), town)


def _asked() -> Any:
    parser = argparse.ArgumentParser(description=__doc__, formatter_class=argparse.RawDescriptionHelpFormatter)
    parser.add_argument("sizes", nargs="*", choices=[[], *SIZES], help="default: default")
    parser.add_argument("--nodes", type=int, help="a size of your own, with --stations")
    parser.add_argument("--stations", type=int)
    parser.add_argument("--order", choices=ORDERS, default=ORDERS[0], help="how nodes are numbered")
    parser.add_argument("--peers", nargs="*", default=[c.package for c in CANDIDATES.values()])
    parser.add_argument("--repeats", type=int, default=7)
    parser.add_argument("--patience", type=float, default=60.0, help="seconds for the runs of one candidate")
    parser.add_argument("--no-memory", action="store_true")
    parser.add_argument("--child", help=argparse.SUPPRESS)
    parser.add_argument("--folder", type=Path, help=argparse.SUPPRESS)
    asked = parser.parse_args()
    if asked.nodes:
        SIZES["own"] = asked.nodes, asked.stations or max(1, asked.nodes // 400)
        asked.sizes = [*asked.sizes, "own"]
    asked.sizes = asked.sizes or ["default"]
    return asked


def _one_size(size: str, chosen: dict[str, Candidate], asked: Any) -> None:
    town = lattice(*SIZES[size], order=asked.order)
    fit = {name: c for name, c in chosen.items() if town.nodes <= c.most_nodes}
    counts = f"{town.nodes:,} nodes ({asked.order}), {len(town.u):,} edges, {len(town.stations):,} stations"
    print(f"\n## {size}: {counts}\n")
    for name in chosen.keys() - fit.keys():
        print(f"{name} left out: more than {chosen[name].most_nodes:,.0f} nodes")
    graphs, built = {}, {}
    for candidate in fit.values():
        if candidate.graph not in graphs:
            graphs[candidate.graph], built[candidate.graph], _ = once(lambda make=candidate.graph: make(town))
    first = {name: once(lambda c=c: c.search(graphs[c.graph], town)) for name, c in fit.items()}
    costs = {name: fit[name].costs(run[0]) for name, run in first.items()}
    early = {name: run[1] for name, run in first.items()}
    first.clear()
    jobs = {name: (lambda c=c: c.search(graphs[c.graph], town)) for name, c in fit.items()}
    times = interleaved(jobs, repeats=asked.repeats, patience_s=asked.patience)
    reached = int((costs[OURS] <= LIMIT).sum())
    print(f"reached: {reached:,} nodes ({reached / town.nodes:.1%})\n")
    memory = {} if asked.no_memory else _memories(town, fit)
    head = ["", "median", "CPU", "runs", "ns a reached node", "ratio", "differ", "build", "first search"]
    rows = [
        [
            name,
            seconds(times[name].median),
            seconds(times[name].median_cpu),
            str(len(times[name].wall)),
            f"{times[name].median / reached * 1e9:,.0f}",
            f"{times[name].median / times[OURS].median:,.1f}",
            _differ(costs[OURS], costs[name]),
            seconds(built[fit[name].graph]),
            seconds(early[name]),
        ]
        for name in fit
    ]
    print(table(head, rows))
    if memory:
        print("\nPeak memory above the inputs, bytes a node:\n")
        print(table(["", "build", "first search", "later search"], [[n, *m] for n, m in memory.items()]))


def _differ(ours: NDArray[np.float64], theirs: NDArray[np.float64]) -> str:
    """Count the nodes whose costs differ; beyond the limit is not reached, whatever a library says there."""
    a, b = (np.where(costs <= LIMIT, costs, np.inf) for costs in (ours, theirs))
    wrong = a != b
    both = wrong & np.isfinite(a) & np.isfinite(b)
    most = f", most {np.abs(a - b)[both].max():.3g} cs" if both.any() else ""
    return f"{int(wrong.sum())}{most}"


def _memories(town: Streets, fit: dict[str, Candidate]) -> dict[str, list[str]]:
    made = {}
    with tempfile.TemporaryDirectory() as base:
        town.save(Path(base))
        for name in fit:
            command = [sys.executable, __file__, "--child", name, "--folder", base]
            run = subprocess.run(command, env={**os.environ, **MALLOC}, check=True, capture_output=True)
            peaks = json.loads(run.stdout.splitlines()[-1])
            made[name] = ["n/a" if peak is None else f"{peak / town.nodes:,.0f}" for peak in peaks]
    return made


def _memory(candidate: Candidate, town: Streets) -> list[int | None]:
    """Peaks of building, of the first and of the second search, bytes; imports and compiling are done before."""
    small = lattice(*WARM)
    candidate.search(candidate.graph(small), small)
    graph, build = peak_of(lambda: candidate.graph(town))
    found, first = peak_of(lambda: candidate.search(graph, town))
    del found
    return [build, first, peak_of(lambda: candidate.search(graph, town))[1]]


def _scaling(asked: Any) -> None:
    """Our cost for a reached node at each size, in one interleaved run."""
    towns = {size: lattice(*SIZES[size], order=asked.order) for size in asked.sizes}
    networks = {size: town.network() for size, town in towns.items()}
    reached = {s: int((_from_reach(_ours(networks[s], towns[s])) <= LIMIT).sum()) for s in towns}
    jobs = {s: (lambda s=s: _ours(networks[s], towns[s])) for s in towns}
    times: dict[str, Timing] = interleaved(jobs, repeats=asked.repeats, patience_s=asked.patience)
    least = min(towns, key=lambda s: towns[s].nodes)
    each = {s: times[s].median / reached[s] * 1e9 for s in towns}
    print("\n## gridwalk, all sizes interleaved\n")
    head = ["", "nodes", "median", "ns a reached node", f"ratio to {least}"]
    rows = [
        [s, f"{towns[s].nodes:,}", seconds(times[s].median), f"{each[s]:,.0f}", f"{each[s] / each[least]:.2f}"]
        for s in towns
    ]
    print(table(head, rows))


if __name__ == "__main__":
    main()
