"""Small grids into large ones of equal load: 2,924 cells into 184, beside GerryChain and spopt; and growth.

Usage: python benchmarks/districts.py [--sizes N …] [--limit SECONDS] [--seeds N]

Everybody gets the same cells, the same neighbours and the same households (50 to 300 a cell), and whoever is not
done within the limit is stopped. Compactness (Polsby-Popper) and balance are measured by one function for all.
spopt's region solvers make compact regions of like places; balance is not what they aim at.
"""

from __future__ import annotations

import argparse
import random
import signal
import warnings
from collections.abc import Callable, Iterator
from contextlib import contextmanager
from typing import Any

import geopandas as gpd
import numpy as np
import pandas as pd
import shapely

from geo.crs import frame_at
from geo.grid.districts import balanced_districts, district_report
from geo.place.index import neighbours
from measure import installed, machine, once, seconds, table

BANNER, LARGE = 2_924, 184
GROWTH = (BANNER, 20_000, 100_000)
SPACING_M = 1_000.0
PEERS = ("gerrychain", "spopt", "scipy")
HEAD = ("", "seconds", "CPU", "furthest off", "within 2 %", "mean compactness", "least", "connected")

Grouping = Callable[[], Any]


def cells(count: int, seed: int = 20_261_121) -> gpd.GeoDataFrame:
    """Voronoi cells of random points in a square, with 50 to 300 households each."""
    rng = np.random.default_rng(seed)
    side = SPACING_M * count**0.5
    points = rng.uniform(0, side, (count, 2))
    square = shapely.box(0, 0, side, side)
    ground = shapely.voronoi_polygons(shapely.multipoints(points), extend_to=square, ordered=True)
    cut = shapely.intersection(shapely.get_parts(ground), square)
    lonlat = frame_at(113.0, 41.0).lonlat(shapely.transform(cut, lambda xy: xy - side / 2))
    ids = [f"g{at:06d}" for at in range(count)]
    return gpd.GeoDataFrame(
        {"grid_id": ids, "households": rng.integers(50, 301, count)}, geometry=lonlat, crs="EPSG:4326"
    )


@contextmanager
def stopped_after(limit_s: float) -> Iterator[None]:
    """Stop what runs too long."""

    def stop(*_: object) -> None:
        raise TimeoutError

    before = signal.signal(signal.SIGALRM, stop)
    signal.setitimer(signal.ITIMER_REAL, limit_s)
    try:
        yield
    finally:
        signal.setitimer(signal.ITIMER_REAL, 0)
        signal.signal(signal.SIGALRM, before)


def gerrychain(grids: gpd.GeoDataFrame, pairs: pd.DataFrame, epsilon: float, seed: int) -> Grouping:
    """Recursive bisection on random spanning trees, as GerryChain makes its first plans."""
    import networkx as nx
    from gerrychain import Graph
    from gerrychain.partition import recursive_tree_part

    graph = nx.Graph()
    for at, households in enumerate(grids["households"].tolist()):
        graph.add_node(at, households=households)
    graph.add_edges_from(pairs[["left", "right"]].to_numpy().tolist())
    wrapped = Graph.from_networkx(graph)
    target = float(grids["households"].sum()) / LARGE

    def run() -> Any:
        made = recursive_tree_part(wrapped, range(LARGE), target, "households", epsilon, rng=random.Random(seed))
        return [made[at] for at in range(len(grids))]

    return run


def spopt(grids: gpd.GeoDataFrame, pairs: pd.DataFrame) -> dict[str, Grouping]:
    """Region solvers that take the number of regions; what is alike is where a cell lies."""
    from libpysal.weights import W
    from spopt.region import RegionKMeansHeuristic, Skater, WardSpatial

    beside: dict[int, list[int]] = {at: [] for at in range(len(grids))}
    for left, right in pairs[["left", "right"]].to_numpy().tolist():
        beside[left].append(right)
        beside[right].append(left)
    weights = W(beside, silence_warnings=True)
    points = shapely.get_coordinates(frame_at(113.0, 41.0).metres(shapely.centroid(np.asarray(grids.geometry))))
    placed = grids.assign(x=points[:, 0], y=points[:, 1])

    def solved(model: Any) -> Any:
        model.solve()
        return np.asarray(model.labels_)

    return {
        "spopt RegionKMeansHeuristic": lambda: solved(RegionKMeansHeuristic(points, LARGE, weights)),
        "spopt WardSpatial": lambda: solved(WardSpatial(placed, weights, ["x", "y"], LARGE)),
        "spopt Skater": lambda: solved(Skater(placed, weights, ["x", "y"], LARGE)),
    }


def row(name: str, grids: gpd.GeoDataFrame, made: Any, wall: float, cpu: float) -> tuple[str, ...]:
    """Measure one grouping."""
    report = district_report(grids, pd.Series(made, index=grids.index).astype(str))
    return (
        name,
        seconds(wall),
        seconds(cpu),
        f"{report['off_mean'].abs().max():.1%}",
        f"{report['within'].mean():.1%}",
        f"{report['compactness'].mean():.3f}",
        f"{report['compactness'].min():.3f}",
        f"{report['connected'].mean():.0%} of {len(report)}",
    )


def beside_peers(limit_s: float, seeds: int) -> list[tuple[str, ...]]:
    """The banner: ours, then whoever is installed."""
    grids = cells(BANNER)
    pairs = neighbours(grids.geometry)
    jobs: dict[str, Grouping] = {
        f"gridwalk ±2 %, seed {seed}": lambda seed=seed: balanced_districts(grids, LARGE, seed=seed)  # type: ignore[misc]
        for seed in range(seeds)
    }
    jobs["gridwalk ±10 %"] = lambda: balanced_districts(grids, LARGE, tolerance=0.1)
    if installed("gerrychain"):
        for epsilon in (0.1, 0.02):
            for seed in range(seeds if epsilon > 0.05 else 1):
                jobs[f"GerryChain ±{epsilon:.0%}, seed {seed}"] = gerrychain(grids, pairs, epsilon, seed)
    if installed("spopt"):
        jobs.update(spopt(grids, pairs))
    rows = []
    for name, job in jobs.items():
        try:
            with stopped_after(limit_s), warnings.catch_warnings():
                warnings.simplefilter("ignore")
                made, wall, cpu = once(job)
            rows.append(row(name, grids, made, wall, cpu))
        except TimeoutError:
            rows.append((name, f"none in {limit_s:.0f} s", *["-"] * 6))
        except Exception as error:  # noqa: BLE001 (a peer that gives up says so in its row)
            rows.append((name, f"{type(error).__name__}", *["-"] * 6))
    return rows


def main() -> None:
    parser = argparse.ArgumentParser(description=(__doc__ or "").splitlines()[0])
    parser.add_argument("--sizes", type=int, nargs="*", default=GROWTH)
    parser.add_argument("--limit", type=float, default=60.0, help="seconds for each candidate")
    parser.add_argument("--seeds", type=int, default=3)
    asked = parser.parse_args()
    balanced_districts(cells(200), 12)  # compiles
    print(machine(*(name for name in PEERS if installed(name))), "\n")
    print(f"{BANNER:,} cells into {LARGE}. Compiling is not timed; finding neighbours is, in ours only.\n")
    print(table(HEAD, beside_peers(asked.limit, asked.seeds)), "\n")
    print("Not installed: " + (", ".join(name for name in PEERS if not installed(name)) or "none") + "\n")
    rows = []
    for count in asked.sizes:
        grids, large = cells(count), round(count * LARGE / BANNER)
        made, wall, cpu = once(lambda grids=grids, large=large: balanced_districts(grids, large))  # type: ignore[misc]
        rows.append((*row(f"{count:,} into {large:,}", grids, made, wall, cpu), f"{cpu / count * 1e6:.0f}"))
    print(table((*HEAD, "CPU µs a grid"), rows))


if __name__ == "__main__":
    main()
