"""Findings of a partition, beside what one would otherwise do: `python benchmarks/partition.py [GRIDS …]`.

Grids of 21 coordinates tile parents of 64; 0.5 % are faulty. Ours finds and explains what is wrong; the others
say where they see something.
"""

from __future__ import annotations

import sys
from collections.abc import Callable
from typing import Any

import geopandas as gpd
import numpy as np
import shapely

from divided import KINDS, Divided, divided
from geo.grid.partition import partition_findings
from measure import interleaved, machine, peak_of, seconds, table

SIZES = (1_000, 20_000, 100_000)
OVERLAP_DEG2 = 1e-12  # about a hundredth of a square metre


def ours(world: Divided) -> Any:
    """Find and explain everything."""
    return np.asarray(partition_findings(world.grids, world.parents).geometry)


def invalid_edges(world: Divided) -> Any:
    """Ask GEOS which edges break the coverage."""
    flagged = shapely.coverage_invalid_edges(np.asarray(world.grids.geometry))
    return flagged[~shapely.is_empty(flagged)]


def pairwise(world: Divided) -> Any:
    """Intersect every two grids that touch: overlaps only."""
    grids = np.asarray(world.grids.geometry)
    left, right = shapely.STRtree(grids).query(grids, predicate="intersects")
    left, right = left[left < right], right[left < right]
    shared = shapely.intersection(grids[left], grids[right])
    return shared[shapely.area(shared) > OVERLAP_DEG2]


def union(world: Divided) -> Any:
    """Take the union of all grids from the union of all parents: gaps only."""
    whole = shapely.coverage_union_all(np.asarray(world.parents.geometry))
    return shapely.get_parts(shapely.difference(whole, shapely.union_all(np.asarray(world.grids.geometry))))


CANDIDATES: dict[str, Callable[[Divided], Any]] = {
    "gridwalk": ours,
    "coverage_invalid_edges": invalid_edges,
    "intersection of neighbours": pairwise,
    "union, then difference": union,
}


def found(faults: gpd.GeoDataFrame, seen: Any) -> dict[str, int]:
    """Count the planted faults, by kind, on the inside of whose ground something was seen."""
    inside = shapely.STRtree(seen).query(np.asarray(faults.geometry), predicate="intersects")[0]
    area = shapely.area(np.asarray(faults.geometry))
    hit = np.zeros(len(faults), dtype=bool)
    hit[inside] = True
    return {kind: int((hit & (faults["kind"] == kind).to_numpy() & (area > 0)).sum()) for kind in KINDS}


def measured(grids: int) -> list[list[str]]:
    """Time every candidate on so many grids."""
    world = divided(grids)
    answers, peaks = {}, {}
    for name, job in CANDIDATES.items():  # once before it is timed: this compiles
        answers[name], peaks[name] = peak_of(lambda job=job: job(world))  # type: ignore[misc]
    timing = interleaved(
        {name: lambda job=job: job(world) for name, job in CANDIDATES.items()},  # type: ignore[misc]
        repeats=5,
        patience_s=30,
    )
    best = timing["gridwalk"].median
    rows = []
    for name, one in timing.items():
        seen = found(world.faults, answers[name])
        peak = peaks[name]
        rows.append(
            [
                name,
                f"{len(world.grids):,}",
                seconds(one.median),
                seconds(one.median_cpu),
                str(len(one.wall)),
                f"{one.median / best:.1f}",
                f"{one.median * 1e6 / len(world.grids):.1f}",
                *(f"{seen[kind]} of {(world.faults['kind'] == kind).sum()}" for kind in KINDS),
                "-" if peak is None else f"{peak / 2**20:,.0f}",
            ]
        )
    return rows


def main() -> None:
    """Print a table."""
    print(machine("shapely", "geopandas"), f"GEOS {shapely.geos_version_string}")
    head = ["", "grids", "median", "CPU", "runs", "ratio", "µs a grid", *KINDS, "MiB above inputs"]
    sizes = [int(size) for size in sys.argv[1:]] or SIZES
    print(table(head, [row for size in sizes for row in measured(size)]))


if __name__ == "__main__":
    main()
