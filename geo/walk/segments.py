"""The straight pieces that edges are made of, with an index: for stepping onto the nearest one."""

from __future__ import annotations

from dataclasses import dataclass
from functools import cached_property
from typing import Any, NamedTuple

import numpy as np
import shapely
from numpy.typing import NDArray

from geo.crs import Floats
from geo.walk.graph import Ints


class Course(NamedTuple):
    """Where edges run: the vertices of edge ``e`` are ``start[e]:start[e + 1]``, from its u to its v, metres."""

    start: NDArray[np.int64]
    x: Floats
    y: Floats


@dataclass(frozen=True, eq=False)
class Segments:
    """Straight pieces of all edges.

    Parameters
    ----------
    edge : numpy.ndarray
        int32 (s,): the edge of each.
    a, b : numpy.ndarray
        Both ends, metres, (s, 2).
    start, part : numpy.ndarray
        Where on its edge each begins, and how much of it it is, as fractions of its length, (s,).
    """

    edge: Ints
    a: Floats
    b: Floats
    start: Floats
    part: Floats

    @cached_property
    def tree(self) -> shapely.STRtree:
        """Their index."""
        return shapely.STRtree(shapely.linestrings(np.stack([self.a, self.b], axis=1)))


def segments_of(course: Course) -> Segments:
    """Take edges apart.

    Parameters
    ----------
    course : Course
        Where they run.

    Returns
    -------
    Segments
        Edge by edge, in order; an edge of no length has parts of 0.
    """
    first = np.ones(len(course.x), dtype=bool)
    first[np.maximum(course.start[1:] - 1, 0)] = False  # a last vertex begins no segment
    at = np.flatnonzero(first)
    edge = np.repeat(np.arange(len(course.start) - 1), np.maximum(np.diff(course.start) - 1, 0))
    xy = np.column_stack([course.x, course.y])
    a, b = xy[at], xy[at + 1]
    length = np.hypot(*(b - a).T)
    total = np.bincount(edge, weights=length, minlength=len(course.start) - 1)
    before = np.cumsum(length) - length
    before -= before[np.searchsorted(edge, edge)]
    whole = np.where(total > 0, total, 1.0)[edge]
    return Segments(edge.astype(np.int32), a, b, before / whole, length / whole)


def place_on(course: Course, edge: NDArray[Any], along: Floats) -> tuple[Floats, Floats]:
    """Find places along edges.

    Parameters
    ----------
    course : Course
        Where edges run.
    edge : numpy.ndarray of int
        Which edge, shape (n,).
    along : numpy.ndarray
        Where on it, as a fraction of its length from u, shape (n,).

    Returns
    -------
    tuple of numpy.ndarray
        x and y, metres in the network's frame, shape (n,).
    """
    start, x, y = course
    if not len(edge):
        return np.zeros(0), np.zeros(0)
    step = np.hypot(np.diff(x), np.diff(y))
    step[start[1:-1] - 1] = 0.0  # from the end of one edge to the beginning of the next
    run = np.concatenate([[0.0], np.cumsum(step)])
    first, last = start[edge], start[edge + 1] - 1
    metres = run[first] + along * (run[last] - run[first])
    at = np.clip(np.searchsorted(run, metres, side="right") - 1, first, last - 1)
    part = np.clip((metres - run[at]) / np.where(step[at] > 0, step[at], 1.0), 0.0, 1.0)
    return x[at] + part * (x[at + 1] - x[at]), y[at] + part * (y[at + 1] - y[at])
