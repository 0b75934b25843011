"""The straight pieces that edges are made of, with an index: for stepping onto the nearest one."""

from __future__ import annotations

from typing import NamedTuple

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


class Segments(NamedTuple):
    """Straight pieces of all edges.

    Parameters
    ----------
    tree : shapely.STRtree
        Their index.
    edge : numpy.ndarray
        int32 (s,): the edge of each.
    a, b : numpy.ndarray
        Both ends, metres, (s, 2).
    start, part : numpy.ndarray
        Where on its edge each begins, and how much of it it is, as fractions of its length, (s,).
    """

    tree: shapely.STRtree
    edge: Ints
    a: Floats
    b: Floats
    start: Floats
    part: Floats


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
    lines = shapely.linestrings(np.stack([a, b], axis=1))
    return Segments(shapely.STRtree(lines), edge.astype(np.int32), a, b, before / whole, length / whole)
