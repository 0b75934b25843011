"""Two schemes of grids compared, beside what one would otherwise do: `python benchmarks/schemes.py [GRIDS …]`.

Grids of 21 coordinates. The other scheme is drawn alike, drawn two metres away, made of whole grids (64 each), or
has other borders altogether. GeoPandas only cuts; ours says besides which grids match, what is in none of the
other, and leaves slivers out.
"""

from __future__ import annotations

import sys
from collections.abc import Callable, Iterator
from functools import partial

import geopandas as gpd

from divided import divided
from geo.crs import frame_of
from geo.grid.schemes import conflicting_borders, correspondence
from measure import interleaved, machine, seconds, table

SIZES = (1_000, 5_000, 20_000)
SHIFT_DEG = 2.3e-5  # two metres east


def cut(left: gpd.GeoDataFrame, right: gpd.GeoDataFrame) -> gpd.GeoDataFrame:
    """Intersect two schemes in a metric system."""
    crs = frame_of(left, right).crs
    one, other = (side[["geometry"]].to_crs(crs) for side in (left, right))
    return gpd.overlay(one, other, how="intersection", keep_geom_type=True)


CANDIDATES: dict[str, Callable[[gpd.GeoDataFrame, gpd.GeoDataFrame], gpd.GeoDataFrame]] = {
    "correspondence": correspondence,
    "conflicting_borders": conflicting_borders,
    "geopandas.overlay": cut,
}


def others(grids: int) -> Iterator[tuple[str, gpd.GeoDataFrame, gpd.GeoDataFrame]]:
    """Make a scheme, and others over the same ground."""
    world, apart = divided(grids, faulty=0), divided(grids, faulty=0, seed=5)
    mine = world.grids
    yield "drawn alike", mine, mine.copy()
    yield "two metres away", mine, mine.set_geometry(mine.geometry.translate(SHIFT_DEG))
    yield "of whole grids", mine, world.parents.assign(grid_id=world.parents["division_id"])
    yield "other borders", mine, apart.grids


def measured(grids: int) -> list[list[str]]:
    """Time every candidate on so many grids."""
    rows = []
    for name, left, right in others(grids):
        answers = {job: len(run(left, right)) for job, run in CANDIDATES.items()}  # once before it is timed
        jobs = {job: partial(run, left, right) for job, run in CANDIDATES.items()}
        timing = interleaved(jobs, repeats=3, patience_s=15)
        best = timing["correspondence"].median_cpu
        rows += [
            [
                f"{name}: {job}",
                f"{len(left):,}",
                seconds(one.median),
                seconds(one.median_cpu),
                f"{one.median_cpu / best:.1f}",
                f"{one.median_cpu * 1e6 / len(left):.0f}",
                f"{answers[job]:,}",
            ]
            for job, one in timing.items()
        ]
    return rows


def main() -> None:
    """Print a table."""
    print(machine("shapely", "geopandas"))
    sizes = [int(size) for size in sys.argv[1:]] or SIZES
    head = ["", "grids", "median", "CPU", "ratio of CPU", "µs a grid", "rows"]
    print(table(head, [row for size in sizes for row in measured(size)]))


if __name__ == "__main__":
    main()
