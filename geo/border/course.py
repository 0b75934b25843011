"""Where a patrol can earn metres: the borders, and the patrol lines beside them, as one line of many parts.

Every vertex has the measure of the border that it stands for, so that a patrol may change between a line and the
road behind it.
"""

from __future__ import annotations

from collections.abc import Iterable, Mapping
from dataclasses import dataclass

import numpy as np
from numpy.typing import NDArray

from geo.border.alongside import Alongside
from geo.border.chainage import Chainage
from geo.border.edges import EdgeGrid, edge_grid
from geo.crs import Floats

APART_M = 1e8  # measures of two borders differ by more than anybody walks: no stretch leads from one to the other


@dataclass(frozen=True, eq=False)
class Course:
    """Lines to be walked, as arrays.

    Parameters
    ----------
    names : tuple of str
        The borders; what stands for metre x of border ``i`` has measure ``i · 100,000 km + x``.
    lonlat, measure_m : numpy.ndarray
        Vertices of all lines, degrees, and their measures, metres; shapes (n, 2) and (n,).
    skew : numpy.ndarray
        As of :class:`Chainage`, by first vertex of an edge, shape (n,).
    edges : numpy.ndarray
        First vertex of each edge, ascending.
    before : numpy.ndarray
        int32 (n,): the edge that ends where an edge begins, -1 where none does.
    after : numpy.ndarray
        bool (n,): whether an edge begins where an edge ends.
    """

    names: tuple[str, ...]
    lonlat: Floats
    measure_m: Floats
    skew: Floats
    edges: NDArray[np.int64]
    before: NDArray[np.int32]
    after: NDArray[np.bool_]

    def grid(self, tolerance_m: float) -> EdgeGrid | None:
        """Lay a grid over the edges.

        Parameters
        ----------
        tolerance_m : float
            How far off is on a line, metres.

        Returns
        -------
        EdgeGrid or None
            It reaches as far as the tolerance; None without edges.
        """
        spacing = np.abs(np.diff(self.measure_m))[self.edges]
        cell_m = max(tolerance_m, float(spacing.mean()) / 2 if len(spacing) else 0.0)
        return edge_grid(self.lonlat, self.edges, cell_m=cell_m, reach_m=tolerance_m * 1.001)

    def border_of(self, measure_m: Floats) -> tuple[NDArray[np.int64], Floats]:
        """Turn measures of the course into measures of the borders.

        Parameters
        ----------
        measure_m : numpy.ndarray
            Metres, shape (n,).

        Returns
        -------
        tuple of numpy.ndarray
            Number of the border and the measure on it, metres, each shape (n,).
        """
        border = (measure_m / APART_M).astype(np.int64)
        return border, measure_m - border * APART_M


def course_of(lines: Mapping[str, Chainage], beside: Iterable[tuple[str, Alongside]] = ()) -> Course:
    """Bring borders and patrol lines together.

    Parameters
    ----------
    lines : mapping of str to Chainage
        The borders.
    beside : iterable of (str, Alongside)
        Patrol lines, each with the border that it stands for.

    Returns
    -------
    Course
        First the borders by name, then the patrol lines in the order given.
    """
    names = tuple(sorted(lines))
    parts = [
        _part(lines[name].lonlat, lines[name].measure_m + i * APART_M, lines[name]) for i, name in enumerate(names)
    ]
    for name, road in beside:
        bends = np.union1d(road.patrol_m, road.line.measure_m)  # the measure grows evenly between two of these
        points = road.line.point_at(bends)
        moves = np.append((np.diff(points, axis=0) != 0).any(axis=1), True)  # every edge has a length
        measure = road.to_border(bends) + names.index(name) * APART_M
        parts.append(_part(points[moves], measure[moves], None))
    starts = np.cumsum([0, *(len(part[0]) for part in parts)])[:-1]
    shift = list(zip(starts, parts, strict=True))
    empty = np.zeros(0, dtype=np.int64)
    before = [np.where(part[4] >= 0, part[4] + start, -1).astype(np.int32) for start, part in shift]
    ahead = np.concatenate([empty.astype(np.int32), *before])
    after = np.zeros(len(ahead), dtype=np.bool_)
    after[ahead[ahead >= 0]] = True
    return Course(
        names,
        np.concatenate([np.zeros((0, 2)), *(part[0] for part in parts)]),
        np.concatenate([np.zeros(0), *(part[1] for part in parts)]),
        np.concatenate([np.zeros(0), *(part[2] for part in parts)]),
        np.concatenate([empty, *(part[3] + start for start, part in shift)]),
        ahead,
        after,
    )


_Part = tuple[Floats, Floats, Floats, NDArray[np.int64], NDArray[np.int64]]


def _part(lonlat: Floats, measure_m: Floats, line: Chainage | None) -> _Part:
    """One line: vertices, measures, skew, edges, and the edge before each edge; parts that touch go on."""
    before = np.full(len(lonlat), -1, dtype=np.int64)
    if line is None:
        edges = np.arange(max(len(lonlat) - 1, 0))
        before[edges[1:]] = edges[:-1]
        return lonlat, measure_m, np.zeros(len(lonlat)), edges, before
    edges = line.edges
    before[edges[1:]] = np.where(np.diff(edges) == 1, edges[:-1], -1)
    starts = line.offsets[1:-1]
    touching = starts[(lonlat[starts] == lonlat[starts - 1]).all(axis=1)]
    before[touching] = touching - 2
    return lonlat, measure_m, np.append(line.skew, 0.0)[: len(lonlat)], edges, before
