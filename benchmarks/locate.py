"""Where on the border is it? Locating points on 4,200 km, beside what shapely offers.

Run: ``python benchmarks/locate.py [--points N] [--vertices N …]``.

Points lie 30 m (on each axis) around places on the border, in the order of tracks (each follows the one before it
along the line) and in no order. Candidates:

- gridwalk: ``Chainage.locate``, from degrees to measures and geodesic offsets. Its index is outside the timing, as
  are the others'.
- STRtree: ``nearest`` over the edges, ``line_locate_point`` on the one found; on a flat map with one metre for all
  (degrees of longitude squeezed for the middle latitude). Its points are given as ready geometries, and it tells
  no offset. What a user would pick.
- STRtree, exact: the edge that the tree finds, the one before and the one after, drawn in the point's own metres
  per degree, ``line_locate_point`` on each, and the ellipsoid's length from the edge's first vertex to the nearest
  place. What gives the same answers, as "nearest" on a flat map of 4,200 km is not quite nearest on the ground.
- ``line_locate_point`` on the whole line, flat map; a few points only, as it looks at every edge.

Answers are held against the exact one; for points on the line, too, where the map does not matter.
"""

from __future__ import annotations

import argparse
from collections.abc import Callable
from typing import Any

import numpy as np
import shapely

from borders import Floats, long_border, scattered
from geo.border.chainage import Chainage
from geo.crs import GEODESIC, geodesic_steps
from measure import interleaved, machine, seconds, table

OURS, TREE, WHOLE = "gridwalk", "STRtree, line_locate_point", "line_locate_point on the whole line"
EXACT = "STRtree, exact"
FEW, SOME = 500, 100_000
NOISE_M = 30.0
EQUAL_M = 1e-6


class Flat:
    """The border on a flat map: its edges with a tree, and the whole line."""

    def __init__(self, line: Chainage) -> None:
        self.line = line
        self.squeeze = np.array([np.cos(np.radians(line.lonlat[:, 1].mean())), 1.0])
        drawn = line.lonlat * self.squeeze
        self.edges = shapely.linestrings(np.stack([drawn[:-1], drawn[1:]], axis=1))
        self.tree = shapely.STRtree(self.edges)
        self.whole = shapely.linestrings(drawn)
        shapely.prepare(self.whole)
        self.drawn_at = np.concatenate([[0.0], np.cumsum(np.hypot(*np.diff(drawn, axis=0).T))])

    def points(self, lonlat: Floats) -> Any:
        """Draw points."""
        return shapely.points(lonlat * self.squeeze)

    def by_tree(self, drawn: Any) -> Floats:
        """Find measures with the tree."""
        edge = self.tree.nearest(drawn)
        share = shapely.line_locate_point(self.edges[edge], drawn, normalized=True)
        return np.asarray(self.line.measure_m[edge] + share * np.diff(self.line.measure_m)[edge])

    def by_line(self, drawn: Any) -> Floats:
        """Find measures with the whole line."""
        along = shapely.line_locate_point(self.whole, drawn)
        return np.asarray(np.interp(along, self.drawn_at, self.line.measure_m))


def exact(flat: Flat, lonlat: Floats) -> Floats:
    """Find measures in each point's own metres: the edge that the tree finds, the one before, the one after."""
    found = flat.tree.nearest(flat.points(lonlat))
    best, measure = np.full(len(lonlat), np.inf), np.full(len(lonlat), np.nan)
    sine = np.sin(np.radians(lonlat[:, 1]))
    root = np.sqrt(1 - GEODESIC.es * sine**2)
    metres = np.stack([np.cos(np.radians(lonlat[:, 1])) / root, (1 - GEODESIC.es) / root**3], axis=1)
    metres *= np.radians(GEODESIC.a)
    vertex, here = flat.line.lonlat, shapely.points(np.zeros((len(lonlat), 2)))
    for beside in (-1, 0, 1):
        edge = np.clip(found + beside, 0, len(flat.edges) - 1)
        ends = (np.stack([vertex[edge], vertex[edge + 1]], axis=1) - lonlat[:, None]) * metres[:, None]
        drawn = shapely.linestrings(ends)
        share = shapely.line_locate_point(drawn, here, normalized=True)[:, None]
        away = np.hypot(*(ends[:, 0] * (1 - share) + ends[:, 1] * share).T)
        there = vertex[edge] * (1 - share) + vertex[edge + 1] * share
        nearer = away < best - EQUAL_M
        best[nearer] = away[nearer]
        measure[nearer] = (flat.line.measure_m[edge] + geodesic_steps(vertex[edge], there))[nearer]
    return measure


def main() -> None:
    """Measure the asked borders."""
    parser = argparse.ArgumentParser(description=__doc__, formatter_class=argparse.RawDescriptionHelpFormatter)
    parser.add_argument("--points", type=int, default=1_000_000)
    parser.add_argument("--vertices", type=int, nargs="*", default=[21_000, 100_000])
    parser.add_argument("--repeats", type=int, default=5)
    parser.add_argument("--patience", type=float, default=60.0, help="seconds for the runs of one candidate")
    asked = parser.parse_args()
    print(machine("shapely"))
    for vertices in asked.vertices:
        flat = Flat(long_border(vertices))
        rng = np.random.default_rng(1)
        on_line = flat.line.point_at(np.sort(rng.uniform(0, flat.line.length_m, asked.points)))
        tracks = scattered(on_line, NOISE_M, rng)
        _one(f"{vertices:,} vertices, points in the order of tracks", flat, tracks, asked)
        mixed = rng.permutation(asked.points)
        _one(f"{vertices:,} vertices, points in no order", flat, tracks[mixed], asked)
        _agreement(flat, {f"{NOISE_M:.0f} m around the line": tracks, "on the line": on_line})


def _one(title: str, flat: Flat, lonlat: Floats, asked: Any) -> None:
    """Time all candidates in turns."""
    drawn = flat.points(lonlat)
    few = drawn[:: max(1, len(drawn) // FEW)]
    some = lonlat[:SOME]
    jobs: dict[str, Callable[[], Any]] = {
        OURS: lambda: flat.line.locate(lonlat),
        TREE: lambda: flat.by_tree(drawn),
        EXACT: lambda: exact(flat, some),
        WHOLE: lambda: flat.by_line(few),
    }
    for job in jobs.values():
        job()
    times = interleaved(jobs, repeats=asked.repeats, patience_s=asked.patience)
    counts = {OURS: len(lonlat), TREE: len(lonlat), EXACT: len(some), WHOLE: len(few)}
    each = {name: times[name].median / counts[name] for name in jobs}
    head = ["", "points", "median", "CPU", "runs", "ns a point", "ratio"]
    rows = [
        [
            name,
            f"{counts[name]:,}",
            seconds(times[name].median),
            seconds(times[name].median_cpu),
            str(len(times[name].wall)),
            f"{each[name] * 1e9:,.0f}",
            f"{each[name] / each[OURS]:,.1f}",
        ]
        for name in jobs
    ]
    print(f"\n## {title}\n\n{table(head, rows)}")


def _agreement(flat: Flat, sets: dict[str, Floats]) -> None:
    """Hold the answers against the exact ones."""
    rows = []
    for name, lonlat in sets.items():
        true = exact(flat, lonlat)
        drawn = flat.points(lonlat)
        every = max(1, len(drawn) // FEW)
        made = {
            OURS: flat.line.locate(lonlat)[0] - true,
            TREE: flat.by_tree(drawn) - true,
            WHOLE: flat.by_line(drawn[::every]) - true[::every],
        }
        for who, error in made.items():
            wrong = np.abs(error) > EQUAL_M
            middle, most = np.quantile(np.abs(error), [0.5, 1.0])
            rows.append(
                [f"{who}, {name}", f"{len(error):,}", f"{int(wrong.sum()):,}", f"{middle:.1e}", f"{most:.1e}"]
            )
    head = ["", "points", "further than 1 µm from the exact place", "median, m", "most, m"]
    print(f"\n{table(head, rows)}")


if __name__ == "__main__":
    main()
