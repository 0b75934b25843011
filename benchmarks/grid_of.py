"""Which grid holds each of a million points? Beside `geopandas.sjoin` and shapely's tree.

Run: ``python benchmarks/grid_of.py [--grids N] [--points N] [--repeats N]``.

Grids of 21 coordinates, 0.5 % of which leave gaps or overlap; points lie evenly, in no order and along a Hilbert
curve.
Everybody starts from the same frames of grids and points and builds what it needs. Candidates:

- gridwalk: ``grid_of``; takes grids apart, sees whether they are valid, sorts the points, looks them up; the
  lowest id where several hold a point.
- sjoin, lowest id: ``geopandas.sjoin``, of its rows the lowest id of each point. The same answer.
- sjoin: the rows alone; a point in two grids has two.
- sjoin, tree at hand: the same where the grids' tree was built before.
- STRtree of grids, STRtree of points: the tree alone, asked by the others; pairs of positions.

Answers are held against each other: of pairs and rows the lowest id of each point is taken first, outside the
timing.
"""

from __future__ import annotations

import argparse
from collections.abc import Callable
from typing import Any

import geopandas as gpd
import numpy as np
import pandas as pd
import shapely

from divided import divided
from geo.place.cells import sort_points
from geo.place.index import grid_of
from geo.place.rings import plainly_valid, rings_of
from geo.place.within import look_up
from measure import interleaved, machine, peak_of, seconds, table

OURS = "gridwalk"


class World:
    """Grids and points."""

    def __init__(self, grids: gpd.GeoDataFrame, xy: Any) -> None:
        self.grids, self.points = grids, gpd.GeoDataFrame(geometry=gpd.points_from_xy(*xy.T, crs=grids.crs))
        self.polygon, self.point = np.asarray(grids.geometry), np.asarray(self.points.geometry)
        self.ready = self.fresh()
        self.ready.sindex.query(self.point[:1])

    def fresh(self) -> gpd.GeoDataFrame:
        """Copy the grids, without the tree that geopandas keeps with them."""
        return gpd.GeoDataFrame(
            {"grid_id": self.grids["grid_id"]}, geometry=self.polygon.copy(), crs=self.grids.crs
        )

    def ours(self) -> Any:
        """Ask ourselves."""
        return grid_of(self.grids, self.points.geometry)

    def joined(self, grids: gpd.GeoDataFrame) -> Any:
        """Join as geopandas does."""
        return gpd.sjoin(self.points, grids, how="left", predicate="intersects")

    def lowest(self) -> Any:
        """Join, and keep the lowest id of each point, as its row position."""
        return self.one_each(self.joined(self.fresh()))

    def one_each(self, rows: gpd.GeoDataFrame) -> Any:
        """Keep of each point the row with the lowest id."""
        twice = rows.index.duplicated(keep=False)
        tied = rows[twice].sort_values("grid_id", kind="stable")
        kept = pd.concat([rows[~twice], tied[~tied.index.duplicated()]])["index_right"]
        return kept.reindex(self.points.index).fillna(-1).to_numpy(dtype=np.int64)

    def pairs(self, *, of_grids: bool) -> Any:
        """Ask a tree of the grids about points, or one of the points about grids."""
        if of_grids:
            return shapely.STRtree(self.polygon).query(self.point, predicate="intersects")
        return shapely.STRtree(self.point).query(self.polygon, predicate="intersects")[::-1]

    def jobs(self) -> dict[str, Callable[[], Any]]:
        """List the candidates."""
        return {
            OURS: self.ours,
            "sjoin, lowest id": self.lowest,
            "sjoin": lambda: self.joined(self.fresh()),
            "sjoin, tree at hand": lambda: self.joined(self.ready),
            "STRtree of grids": lambda: self.pairs(of_grids=True),
            "STRtree of points": lambda: self.pairs(of_grids=False),
        }

    def parts(self) -> dict[str, Callable[[], Any]]:
        """List what ours consists of, and what a tree does."""
        rings, xy = rings_of(self.polygon), shapely.get_coordinates(self.point)
        tree = shapely.STRtree(self.polygon)
        tree.query(self.point[:1])
        nothing = shapely.Point()
        return {
            "gridwalk, build: coordinates of points": lambda: shapely.get_coordinates(
                self.point, return_index=True
            ),
            "gridwalk, build: grids as rings": lambda: rings_of(self.polygon),
            "gridwalk, build: are they valid?": lambda: plainly_valid(rings, len(self.polygon)),
            "gridwalk, build: points into cells": lambda: sort_points(xy),
            "gridwalk, cells and query": lambda: look_up(rings, len(self.polygon), xy),
            "STRtree of grids, build": lambda: shapely.STRtree(self.polygon).query(nothing),
            "STRtree of grids, query": lambda: tree.query(self.point, predicate="intersects"),
        }

    def differing(self, made: Any, true: Any) -> int:
        """Count the points whose grid is another one than it should be."""
        if isinstance(made, gpd.GeoDataFrame):
            made = self.one_each(made)
        elif isinstance(made, np.ndarray) and made.ndim == 2:
            ids = self.grids["grid_id"].to_numpy()[made[1]]
            made = self.one_each(pd.DataFrame({"grid_id": ids, "index_right": made[1]}, index=made[0]))
        return int((made != true).sum())


def printed(title: str, world: World, repeats: int) -> None:
    """Time all candidates in turns."""
    jobs = world.jobs()
    answers, peaks = {}, {}
    for name, job in jobs.items():  # once before it is timed: this compiles
        answers[name], peaks[name] = peak_of(job)
    true = answers["sjoin, lowest id"]
    times = interleaved(jobs, repeats=repeats, patience_s=60)
    head = ["", "median", "CPU", "runs", "ns a point", "ratio", "differ", "MiB above inputs"]
    rows = [
        [
            name,
            seconds(one.median),
            seconds(one.median_cpu),
            str(len(one.wall)),
            f"{one.median * 1e9 / len(true):,.0f}",
            f"{one.median / times[OURS].median:.1f}",
            f"{world.differing(answers[name], true):,}",
            "-" if peaks[name] is None else f"{peaks[name] / 2**20:,.0f}",
        ]
        for name, one in times.items()
    ]
    print(f"\n## {title}\n\n{table(head, rows)}")
    print(f"\n{int((true >= 0).sum()):,} of {len(true):,} points in a grid.")


def main() -> None:
    """Measure points in no order and in the order of a curve."""
    parser = argparse.ArgumentParser(description=__doc__, formatter_class=argparse.RawDescriptionHelpFormatter)
    parser.add_argument("--grids", type=int, default=100_000)
    parser.add_argument("--points", type=int, default=1_000_000)
    parser.add_argument("--repeats", type=int, default=5)
    asked = parser.parse_args()
    print(machine("geopandas", "shapely", "pandas"))
    grids = divided(asked.grids).grids
    west, south, east, north = grids.total_bounds
    xy = np.random.default_rng(1).uniform((west, south), (east, north), (asked.points, 2))
    world = World(grids, xy)
    size = f"{len(grids):,} grids, {asked.points:,} points"
    printed(f"{size} in no order", world, asked.repeats)
    parts = interleaved(world.parts(), repeats=asked.repeats, patience_s=30)
    rows = [[name, seconds(one.median), seconds(one.median_cpu)] for name, one in parts.items()]
    print(f"\n{table(['', 'median', 'CPU'], rows)}")
    curve = np.argsort(world.points.hilbert_distance().to_numpy())
    printed(f"{size} along a curve", World(grids, xy[curve]), asked.repeats)


if __name__ == "__main__":
    main()
