"""Closed rings of places: as few places as a tolerance allows, their areas, and which of them hold which holes."""

from __future__ import annotations

from typing import Any

import numpy as np
from numba import njit

from geo.walk.graph import JIT

MORE = 0.02  # of a cell of the lattice: a chord shows at most 10 cm (of 5 m) beyond the rim …
LESS = 0.2  # … and leaves out at most 1 m
BAND, PARENT, START = range(3)  # columns of a ring: its band, the ring around its ground, its first place


@njit(**JIT)
def simplified(course: Any, count: int, cell: float, kept: Any, out: Any, start: int) -> int:
    """Write a closed ring with only the places that it needs; where it ends.

    As Douglas and Peucker do, but with two tolerances: a chord may pass what bulges out of the ground by more than
    what dents it.
    """
    kept[:count] = False
    anchor = 0
    for k in range(1, count):
        if course[k, 0] < course[anchor, 0]:
            anchor = k
    kept[anchor] = True
    stack = np.empty((count + 2, 2), np.int64)
    stack[0], depth = (anchor, anchor + count), 1
    while depth > 0:
        depth -= 1
        a, b = stack[depth]
        worst, at = _worst(course, count, a, b, cell)
        if worst > 1.0:
            kept[at % count] = True
            stack[depth], stack[depth + 1] = (a, at), (at, b)
            depth += 2
    n = start
    for k in range(anchor, anchor + count):
        if kept[k % count]:
            out[n] = course[k % count]
            n += 1
    out[n] = course[anchor]
    return n + 1


@njit(**JIT)
def _worst(course: Any, count: int, a: int, b: int, cell: float) -> tuple[float, int]:
    """How many tolerances a chord misses the place between its ends that it misses most, and which."""
    ax, ay = course[a % count]
    dx, dy = course[b % count, 0] - ax, course[b % count, 1] - ay
    length = np.hypot(dx, dy)
    more, less = 1.0 / (MORE * cell), 1.0 / (LESS * cell)
    worst, at = 0.0, a
    for k in range(a + 1, b):
        x, y = course[k % count, 0] - ax, course[k % count, 1] - ay
        if length > 0:
            left, on = (dx * y - dy * x) / length, (dx * x + dy * y) / length
            miss = max(left * more, -left * less, -on * more, (on - length) * more)
        else:
            miss = np.hypot(x, y) * more
        if miss > worst:
            worst, at = miss, k
    return worst, at


@njit(**JIT)
def signed_area(places: Any, start: int, stop: int) -> float:
    """Twice-signed area by the shoelace formula, halved: above 0 counterclockwise."""
    total = 0.0
    for k in range(start, stop - 1):
        total += (places[k, 0] - places[start, 0]) * (places[k + 1, 1] - places[start, 1])
        total -= (places[k + 1, 0] - places[start, 0]) * (places[k, 1] - places[start, 1])
    return total / 2


@njit(**JIT)
def settled(places: Any, n_places: int, rings: Any, first: int, last: int) -> int:
    """Find the ground around each hole: the smallest ring that has it inside. Number of rings."""
    for hole in range(first, last):
        if rings[hole, PARENT] >= 0:
            continue
        x, y = places[rings[hole, START]]
        least = np.inf
        for ring in range(first, last):
            start, stop = rings[ring, START], rings[ring + 1, START] if ring + 1 < last else n_places
            if rings[ring, PARENT] == ring and _around(places, start, stop, x, y):
                area = signed_area(places, start, stop)
                if area < least:
                    least, rings[hole, PARENT] = area, ring
    return last


@njit(**JIT)
def _around(places: Any, start: int, stop: int, x: float, y: float) -> bool:
    """Whether a place lies inside a closed ring: an odd number of edges to its right."""
    inside = False
    for k in range(start, stop - 1):
        ax, ay, bx, by = places[k, 0], places[k, 1], places[k + 1, 0], places[k + 1, 1]
        if (ay > y) != (by > y) and x < ax + (bx - ax) * (y - ay) / (by - ay):
            inside = not inside
    return inside
