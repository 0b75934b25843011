"""Where do rings, walked along with signs, not cancel out? Exactly equal edges are paired up by hashing."""

from __future__ import annotations

from typing import Any, NamedTuple

import numpy as np
from numba import njit

from geo.place.rings import JIT, Floats, Ids, Rings

_0, _1, _29, _32 = np.uint64(0), np.uint64(1), np.uint64(29), np.uint64(32)
_X, _Y, _PLANE = np.uint64(0x9E3779B97F4A7C15), np.uint64(0xC2B2AE3D27D4EB4F), np.uint64(0x165667B19E3779F9)
INDEX = np.uint64(2**32 - 1)  # the lower half of a slot: the edge it holds, from 1; the upper half is of its hash
SPARE = 1.5  # slots an edge: a table that is fuller is slower


class Walks(NamedTuple):
    """Edges with how often more they are walked from start to end than back, by plane.

    Parameters
    ----------
    start, end : numpy.ndarray
        Shape (n, 2).
    plane : numpy.ndarray
        Walks of different planes do not cancel out, shape (n,).
    weight : numpy.ndarray
        Not 0, shape (n,).
    """

    start: Floats
    end: Floats
    plane: Ids
    weight: Ids


def remainder(rings: Rings, plane: Ids, weight: Ids) -> Walks:
    """Walk along rings and find what does not cancel out.

    Only edges with exactly the same ends are one edge. Two million edges take about a tenth of a second.

    Parameters
    ----------
    rings : Rings
        What is walked along.
    plane : numpy.ndarray
        Of each polygon; -1 = not walked, shape (polygons,).
    weight : numpy.ndarray
        Of one walk along each polygon, -1 = backwards, shape (polygons,).

    Returns
    -------
    Walks
        In the order of the rings. What walks around some ground as often one way as the other is gone.
    """
    slots = 1 << max(4, int(SPARE * len(rings.xy)).bit_length())
    slot, net = np.zeros(slots, dtype=np.uint64), np.zeros(slots, dtype=np.int32)
    planes = plane[rings.owner]
    _walk(rings.xy.view(np.uint64), rings.first, planes, weight[rings.owner], slot, net)
    kept = np.flatnonzero(net)
    edge = (slot[kept] & INDEX).astype(np.int64) - 1
    order = np.argsort(edge)
    edge, kept = edge[order], kept[order]
    ring = np.searchsorted(rings.first, edge, side="right") - 1
    return Walks(rings.xy[edge], rings.xy[edge + 1], planes[ring], net[kept].astype(np.int64))


@njit(**JIT)
def _mixed(number: Any) -> Any:
    number ^= number >> _32
    number *= _X
    return number ^ (number >> _29)


@njit(**JIT)
def _same(bits: Any, i: Any, j: Any) -> bool:
    return bool(bits[i, 0] == bits[j, 0] and bits[i, 1] == bits[j, 1])


@njit(**JIT)
def _walk(bits: Any, first: Any, plane: Any, weight: Any, slot: Any, net: Any) -> None:
    mask = np.uint64(len(slot) - 1)
    for r in range(len(plane)):
        if plane[r] < 0:
            continue
        of_plane = np.uint64(plane[r]) * _PLANE
        begin = first[r]
        after = _mixed(bits[begin, 0] * _X + bits[begin, 1] * _Y)
        for i in range(begin, first[r + 1] - 1):
            before, after = after, _mixed(bits[i + 1, 0] * _X + bits[i + 1, 1] * _Y)
            if before == after and _same(bits, i, i + 1):
                continue
            hashed = _mixed(before + after + of_plane)  # the same whichever way it is walked
            at = hashed & mask
            while True:
                held = slot[at]
                if held == _0:
                    slot[at] = (hashed & ~INDEX) | np.uint64(i + 1)
                    net[at] = weight[r]
                    break
                if (held ^ hashed) <= INDEX:
                    j = np.int64(held & INDEX) - 1
                    if _same(bits, i, j) and _same(bits, i + 1, j + 1):
                        net[at] += weight[r]
                        break
                    if _same(bits, i, j + 1) and _same(bits, i + 1, j):
                        net[at] -= weight[r]
                        break
                at = (at + _1) & mask
