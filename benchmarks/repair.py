"""Repairing a partition, beside what one would otherwise use: `python benchmarks/repair.py [GRIDS …]`.

Grids of 21 coordinates tile parents of 64; 0.5 % are faulty. The candidates get the same grids; each answer is
judged by our own findings, and by the areas of unions, of which none of them knows.

- gridwalk: ``propose_repair``, without the findings that it starts from, and with them.
- ``shapely.coverage_clean`` of all grids, closing gaps up to any width, overlaps to the larger.
- ``maup.smart_repair`` within the parents, in metres, filling gaps of any size; only up to 1,220 grids.
"""

from __future__ import annotations

import sys
import warnings
from collections.abc import Callable
from contextlib import redirect_stderr, redirect_stdout
from functools import partial
from io import StringIO
from typing import Any

import geopandas as gpd
import numpy as np
import shapely

from divided import Divided, divided
from geo.crs import LONLAT, frame_of
from geo.grid.partition import partition_findings
from geo.grid.repair import propose_repair
from measure import installed, machine, once, seconds, table

SIZES = (1_220, 20_000, 100_000)
MAUP_AT_MOST, CLEAN_AT_MOST = 1_220, 20_000
ANY_WIDTH_DEG = 1.0
NOTHING_M2 = 1.0  # less is put down to overlay with floating-point numbers


def mend(world: Divided, found: gpd.GeoDataFrame) -> Any:
    """Repair what was found."""
    return np.asarray(propose_repair(world.grids, world.parents, found)[0].geometry)


def find_and_mend(world: Divided, found: gpd.GeoDataFrame) -> Any:  # noqa: ARG001 (found anew)
    """Find what is wrong, and repair it."""
    return mend(world, partition_findings(world.grids, world.parents))


def clean(world: Divided, found: gpd.GeoDataFrame) -> Any:  # noqa: ARG001 (a candidate)
    """Let GEOS clean the coverage."""
    grids = np.asarray(world.grids.geometry)
    with np.errstate(invalid="ignore"):
        return shapely.coverage_clean(grids, gap_width=ANY_WIDTH_DEG, merge_strategy="max_area")


def maup(world: Divided, found: gpd.GeoDataFrame) -> Any:  # noqa: ARG001 (a candidate)
    """Let maup repair them within the parents."""
    from maup import smart_repair

    frame = frame_of(world.parents)
    grids, parents = (table.set_crs(LONLAT).to_crs(frame.crs) for table in (world.grids, world.parents))
    with warnings.catch_warnings(), redirect_stderr(StringIO()), redirect_stdout(StringIO()):
        warnings.simplefilter("ignore")
        made = smart_repair(grids, nest_within_regions=parents, fill_gaps_threshold=None)
    return frame.lonlat(np.asarray(made.geometry.loc[grids.index]))


def candidates(grids: int) -> dict[str, Callable[[Divided, gpd.GeoDataFrame], Any]]:
    """Choose who takes part."""
    made: dict[str, Callable[[Divided, gpd.GeoDataFrame], Any]] = {
        "gridwalk, repair": mend,
        "gridwalk, findings and repair": find_and_mend,
    }
    if grids <= CLEAN_AT_MOST:
        made["coverage_clean"] = clean
    if grids <= MAUP_AT_MOST and installed("maup"):
        made["maup.smart_repair"] = maup
    return made


def judged(world: Divided, polygons: Any) -> list[str]:
    """Say what is left: findings, ground of no grid, of two, and beyond the parents, rows lost, objects kept."""
    made = world.grids.set_geometry(gpd.GeoSeries(polygons, index=world.grids.index, crs=LONLAT))
    frame = frame_of(world.parents)
    ground = frame.metres(shapely.make_valid(polygons))
    parents = world.parents.set_index("division_id").geometry
    above = frame.metres(np.asarray(parents.reindex(world.grids["division_id"])))
    whole, limit = shapely.union_all(ground), shapely.union_all(frame.metres(np.asarray(parents)))
    left = (
        shapely.area(shapely.difference(limit, whole)),
        np.nansum(shapely.area(ground)) - shapely.area(whole),
        np.nansum(shapely.area(shapely.difference(ground, above))),
    )
    same = sum(new is old for new, old in zip(polygons, world.grids.geometry, strict=True))
    return [
        f"{len(partition_findings(made, world.parents)):,}",
        *(f"{area:,.0f}" if area > NOTHING_M2 else "0" for area in left),
        f"{same / len(polygons):.1%}",
    ]


def main(sizes: tuple[int, ...]) -> None:
    """Print the table."""
    print(machine("shapely", *(["maup"] if installed("maup") else [])), "\n")
    if not installed("maup"):
        print("maup is not installed and left out (it is in the extra `peers`)\n")
    rows = []
    for size in sizes:
        world = divided(size)
        found = partition_findings(world.grids, world.parents)
        mend(world, found)  # compiles
        for name, job in candidates(size).items():
            again = partial(job, world, found)
            runs = [once(again) for _ in range(1 if job is maup else 3)]
            took = sorted(wall for _, wall, _ in runs)[len(runs) // 2]
            rows.append([f"{len(world.grids):,}", name, seconds(took), *judged(world, runs[0][0])])
    head = ["grids", "candidate", "time", "findings left", "gap m²", "overlap m²", "beyond m²", "left alone"]
    print(table(head, rows))


if __name__ == "__main__":
    main(tuple(int(one) for one in sys.argv[1:]) or SIZES)
