"""Catchment polygons beside the recipes people use, on the same reached pieces of street, in one run.

``osmnx recipe`` buffers each fully or partly reached edge by 60 m and unites (OSMnx's own example);
``one buffer`` buffers one MultiLineString. Both as GEOS has it by default (8 chords a quarter circle, OSMnx too).
The pieces of street are at hand for both; ours includes finding them. Run: ``python benchmarks/catchments.py``.
"""

from __future__ import annotations

import argparse
import statistics
from collections.abc import Callable
from pathlib import Path
from tempfile import TemporaryDirectory
from typing import Any

import numpy as np
import shapely
import shapely.ops
from numpy.typing import NDArray

from geo import catalogue, units
from geo.engine.local import Engine
from geo.service import store_of
from geo.stations.serving import service_of
from geo.walk.catchment import catchment_bands
from geo.walk.network import WalkNetwork
from geo.walk.reach import Catchments, catchments
from geo.walk.snap import Snapped, snap
from geo.workspace import open_workspace
from measure import interleaved, machine, table
from synthetic import lattice

MINUTES = (5.0, 10.0, 15.0)
SPEED_KMH = 4.8
WIDTH_M = units.STRIP_HALF_WIDTH_M
TRUE_SEGMENTS = 64  # a quarter circle in so many chords stands for the truth: 5 mm
OURS = "gridwalk, 15 min"
SAMPLE = Path(__file__).parent.parent / "data" / "boundaries" / "porto-alegre"
Pieces = NDArray[Any]


def reached_pieces(network: WalkNetwork, at: Snapped, found: Catchments, station: int, minutes: float) -> Pieces:
    """Lines from which a station is reached 60 m before the budget ends, an edge each; slow and plain."""
    pace = found.sources.pace
    cost, limit = network.costed(pace).edge, minutes * 6_000 - WIDTH_M * pace.per_m
    rows = slice(found.indptr[station], found.indptr[station + 1])
    left = dict(zip(found.node[rows].tolist(), (limit - found.cost[rows]).tolist(), strict=True))
    spans: dict[int, list[tuple[float, float]]] = {}
    for edge in np.flatnonzero(np.isin(network.u, list(left)) | np.isin(network.v, list(left))).tolist():
        to_u, to_v = (left.get(end, -1.0) for end in (int(network.u[edge]), int(network.v[edge])))
        if network.oneway[edge] <= 0 and to_u >= 0:
            spans.setdefault(edge, []).append((0.0, min(1.0, to_u / max(cost.backward[edge], 1))))
        if network.oneway[edge] >= 0 and to_v >= 0:
            spans.setdefault(edge, []).append((max(0.0, 1.0 - to_v / max(cost.forward[edge], 1)), 1.0))
    own, along = int(at.edge[station]), float(at.along[station])
    over = limit - at.leg_m[station] * pace.per_m
    if over >= 0:
        before = over / max(cost.forward[own], 1) if network.oneway[own] >= 0 else 0.0
        behind = over / max(cost.backward[own], 1) if network.oneway[own] <= 0 else 0.0
        spans.setdefault(own, []).append((max(0.0, along - before), min(1.0, along + behind)))
    lines = [_part(network.line[edge], *span) for edge, some in spans.items() for span in _joined(some)]
    foot = shapely.line_interpolate_point(network.line[own], along, normalized=True)
    leg = shapely.linestrings([[(at.x[station], at.y[station]), (foot.x, foot.y)]])[0]
    return np.array([*lines, leg], dtype=object)


def _joined(spans: list[tuple[float, float]]) -> list[tuple[float, float]]:
    made: list[tuple[float, float]] = []
    for start, stop in sorted(spans):
        if made and start <= made[-1][1]:
            made[-1] = (made[-1][0], max(stop, made[-1][1]))
        else:
            made.append((start, stop))
    return made


def _part(line: Any, start: float, stop: float) -> Any:
    return line if (start, stop) == (0.0, 1.0) else shapely.ops.substring(line, start, stop, normalized=True)


def recipe(pieces: Pieces) -> Any:
    """Buffer each edge, unite."""
    return shapely.union_all(shapely.buffer(pieces, WIDTH_M))


def one_buffer(pieces: Pieces) -> Any:
    """Buffer all edges as one geometry."""
    return shapely.buffer(shapely.multilinestrings(pieces), WIDTH_M)


def true_strip(pieces: Pieces) -> Any:
    """The exact union, but for 5 mm, with holes below ``units.HOLE_M2`` filled as ours are."""
    whole = shapely.union_all(shapely.buffer(pieces, WIDTH_M, quad_segs=TRUE_SEGMENTS))
    parts = []
    for part in shapely.get_parts(whole):
        holes = [ring for ring in part.interiors if shapely.Polygon(ring).area >= units.HOLE_M2]
        parts.append(shapely.Polygon(part.exterior, holes))
    return shapely.union_all(parts)


def compare(network: WalkNetwork, at: Snapped, rounds: int) -> str:
    """Time all candidates in turn; a table of medians of CPU time, ratios, size and distance from the truth."""
    found = catchments(network, at, limit_s=MINUTES[-1] * 60, speed_kmh=SPEED_KMH)
    count = len(at.edge)
    pieces = [reached_pieces(network, at, found, station, MINUTES[-1]) for station in range(count)]
    jobs: dict[str, Callable[[], Any]] = {
        OURS: lambda: catchment_bands(network, at, found, [MINUTES[-1] * 60])[:, 0],
        "gridwalk, 5 + 10 + 15 min": lambda: catchment_bands(network, at, found, [m * 60 for m in MINUTES])[:, -1],
        "buffer each edge, unite (OSMnx)": lambda: [recipe(some) for some in pieces],
        "one MultiLineString.buffer": lambda: [one_buffer(some) for some in pieces],
    }
    for job in jobs.values():
        job()
    timing = interleaved(jobs, repeats=rounds, patience_s=60.0)
    truth = [true_strip(some) for some in pieces]
    rows = []
    for name, job in jobs.items():
        shapes, ms = job(), timing[name].median_cpu / count * 1e3
        ratio = timing[name].median_cpu / timing[OURS].median_cpu
        places = statistics.mean(shapely.get_num_coordinates(shapes))
        rows.append([name, f"{ms:.2f}", f"{ratio:.1f}", f"{places:.0f}", *_errors(shapes, truth)])
    edges = statistics.mean(len(some) for some in pieces)
    head = ["15 min", "CPU ms a station", "times ours", "vertices", "area more", "area less", "m more", "m less"]
    return f"{count} stations, {edges:.0f} pieces each, medians of {rounds} rounds\n\n{table(head, rows)}"


def _errors(shapes: Any, truth: list[Any]) -> list[str]:
    """Area shown too much and too little, as shares of the truth, and how far it lies from it at most, metres."""
    more = [shapely.difference(shape, real) for shape, real in zip(shapes, truth, strict=True)]
    less = [shapely.difference(real, shape) for shape, real in zip(shapes, truth, strict=True)]
    area = sum(real.area for real in truth)
    shares = [f"{sum(some.area for some in parts) / area:.4%}" for parts in (more, less)]
    far = [
        max(_furthest(*pair) for pair in zip(parts, others, strict=True))
        for parts, others in ((more, truth), (less, shapes))
    ]
    return [*shares, *(f"{metres:.2f}" for metres in far)]


def _furthest(part: Any, shape: Any) -> float:
    return float(shapely.distance(shapely.points(shapely.get_coordinates(part)), shape).max(initial=0.0))


def town(stations: int) -> tuple[WalkNetwork, Snapped]:
    """A jittered lattice of 90 m blocks, mean degree 3, and stations beside its streets."""
    network = lattice(10_000, 1).network()  # 9 km across
    rng = np.random.default_rng(7)
    margin = 1_300.0
    x = rng.uniform(network.x.min() + margin, network.x.max() - margin, stations)
    y = rng.uniform(network.y.min() + margin, network.y.max() - margin, stations)
    return network, snap(network, x, y)


def sample(stations: int) -> tuple[WalkNetwork, Snapped]:
    """The streets and the first stations of the Porto Alegre sample, no barriers."""
    workspace = open_workspace(SAMPLE)
    with TemporaryDirectory() as folder:
        engine = Engine(workspace, workspace.parameters, store_of(Path(folder)))
        engine.read_all()
        service = service_of(engine.inputs(catalogue.layer("station-catchments")), engine.parameters)
    placed = np.flatnonzero(service.at.edge >= 0)[:stations]
    return service.network, Snapped(*(getattr(service.at, name)[placed] for name in Snapped.__dataclass_fields__))


def main() -> None:
    """Print both tables."""
    ask = argparse.ArgumentParser(description=__doc__)
    ask.add_argument("--stations", type=int, default=40)
    ask.add_argument("--rounds", type=int, default=5)
    asked = ask.parse_args()
    print(machine("shapely"), "\n")
    print("Synthetic town:", compare(*town(asked.stations), asked.rounds), "\n")
    if SAMPLE.exists():
        print("Porto Alegre:", compare(*sample(asked.stations), asked.rounds))


if __name__ == "__main__":
    main()
