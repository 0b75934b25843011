"""Where should the limits between holders in a row lie? In whole numbers, so that the answers are exact.

Holders k = 1…n stand in a row on a line from ``first`` to ``last``. Holder k can keep ``reach[k]`` of it and
holds ``today[k]`` = [start, end]. Limits x₀ = first ≤ x₁ ≤ … ≤ xₙ = last give holder k the stretch [xₖ₋₁, xₖ].
All positions and lengths are integers (millimetres).
"""

from __future__ import annotations

from bisect import bisect_left
from collections.abc import Sequence
from dataclasses import dataclass
from heapq import heappush, heappushpop

import numpy as np
from numpy.typing import NDArray

Ints = NDArray[np.int64]
UNREACHED = np.iinfo(np.int64).max // 4
MARKERS_NEAR = 8  # on either side of a limit's best place: were all allowed, one limit could drag all others along


@dataclass(frozen=True, slots=True)
class Row:
    """Holders in a row.

    Parameters
    ----------
    first, last : int
        Ends of their stretch of line; these two do not move.
    today : tuple of tuple of int
        Start and end of each holder today, in order, at least one; they may leave gaps and overlap.
    reach : tuple of int
        What each can keep, ≥ 0, shape (n,).
    kept : tuple of int
        What each keeps besides, outside this stretch, ≤ its reach, shape (n,); nothing where not given.
    """

    first: int
    last: int
    today: tuple[tuple[int, int], ...]
    reach: tuple[int, ...]
    kept: tuple[int, ...] = ()

    @property
    def besides(self) -> tuple[int, ...]:
        """What each keeps besides."""
        return self.kept or tuple(0 for _ in self.reach)

    @property
    def burden(self) -> int:
        """What all together have to keep."""
        return self.last - self.first + sum(self.kept)


def movement(row: Row, limits: Sequence[int]) -> int:
    """Add up how far the ends of all holders move.

    Parameters
    ----------
    row : Row
        The holders.
    limits : sequence of int
        x₀…xₙ.

    Returns
    -------
    int
        Σ |new start - start| + |new end - end|; a limit that two holders share today counts for both.
    """
    return sum(
        abs(low - start) + abs(high - end)
        for (start, end), low, high in zip(row.today, limits[:-1], limits[1:], strict=True)
    )


def fitting(row: Row) -> tuple[int, ...]:
    """Say how long each holder's stretch may be so that the worst use is as small as can be.

    Use is what a holder has to keep / reach. In a row that hangs together the worst use is never below what all
    have to keep / Σ reach, and with everybody at that use the stretch is covered; so this is the least.

    Parameters
    ----------
    row : Row
        The holders.

    Returns
    -------
    tuple of int
        Their reach, where it is enough together; else that times the worst use, rounded up; less what they keep
        besides. Where nobody can keep anything: the whole length for each, as no division is better than another.
    """
    total = sum(row.reach)
    if total == 0:
        return tuple(row.last - row.first for _ in row.reach)
    worst = max(row.burden, total)  # over total
    return tuple(
        -(-reach * worst // total) - besides for reach, besides in zip(row.reach, row.besides, strict=True)
    )


def least_movement(row: Row, allowed: Sequence[int]) -> list[int]:
    """Place the limits so that every stretch is short enough and the ends move as little as possible.

    Minimises Σ |xₖ₋₁ - startₖ| + |xₖ - endₖ| subject to 0 ≤ xₖ - xₖ₋₁ ≤ allowedₖ. The cost of the first k
    holders as a function of xₖ is convex and piecewise linear; its corners are kept in two heaps, and letting
    holder k's stretch grow by up to allowedₖ shifts those on the right ("slope trick"), so that n holders cost
    n·log n. Walking back, each limit takes the best place that the one after it leaves open.

    Parameters
    ----------
    row : Row
        The holders.
    allowed : sequence of int
        Greatest length of each, together at least the length of the row, shape (n,).

    Returns
    -------
    list of int
        x₀…xₙ. Of equally good places for a limit, counted from the last: the one nearest to where its
        holders would be equally used (see :func:`wishes`), which is where it is today if they agree today.
    """
    flats: list[tuple[int, int]] = []  # where the cost of the first k holders is least
    left: list[int] = []  # corners on the left of it, negated
    right: list[int] = []  # corners on the right of it, less ``shift``
    shift = 0
    for (_, end), (start, _), most in zip(row.today, row.today[1:], allowed, strict=False):
        shift += most
        for old in (end, start):
            corner = min(max(old, row.first), row.first + shift)  # beyond reach, the cost only grows by a constant
            heappush(right, -heappushpop(left, -corner) - shift)
            heappush(left, -heappushpop(right, corner - shift) - shift)
        flats.append((-left[0], right[0] + shift))
    limits = [row.last]
    for (low, high), wish, most in zip(flats[::-1], wishes(row)[::-1], allowed[:0:-1], strict=True):
        best = min(max(wish, low), high)
        limits.append(min(max(best, limits[-1] - most), limits[-1]))
    return [row.first, *limits[::-1]]


def wishes(row: Row) -> list[int]:
    """Find where limits are best drawn when movement does not decide.

    Parameters
    ----------
    row : Row
        The holders.

    Returns
    -------
    list of int
        For each of the n - 1 limits the place where the nearest holders before and after it that can keep
        anything would be equally used, as far as it lies in the gap or overlap between those two; where no
        holder on one side can, the middle between the two at the limit.
    """
    able = [k for k, reach in enumerate(row.reach) if reach]
    made = []
    for k in range(len(row.today) - 1):
        at = bisect_left(able, k + 1)
        both = 0 < at < len(able)
        before, after = (able[at - 1], able[at]) if both else (k, k + 1)
        (start, end), (begin, final) = row.today[before], row.today[after]
        low, high = sorted((end, begin))
        one, other = row.reach[before], row.reach[after]
        even = (one * final + other * start) // (one + other) if both else (low + high) // 2
        made.append(min(max(even, low), high))
    return made


def at_markers(row: Row, allowed: Sequence[int], free: Sequence[int], markers: Sequence[int]) -> list[int]:
    """Move limits to markers, as many as the lengths allow.

    Each limit may lie at one of the :data:`MARKERS_NEAR` markers on either side of its free place, where one of
    its two holders ends today, or at its free place. Among all divisions of that kind whose stretches are short
    enough, the one with the fewest limits that lie neither at a marker nor where they are today, then the least
    movement, then the least distance from the free places: exactly, by dynamic programming over the limits.

    Parameters
    ----------
    row : Row
        The holders.
    allowed : sequence of int
        Greatest length of each, shape (n,).
    free : sequence of int
        x₀…xₙ from :func:`least_movement`.
    markers : sequence of int
        Positions of markers, ascending.

    Returns
    -------
    list of int
        x₀…xₙ. Of equally good divisions the one whose limits, from the last on, are lowest.
    """
    places = [np.array([row.first])]
    cost = np.zeros((3, 1), dtype=np.int64)  # to get there: limits off markers, movement, distance
    before: list[Ints] = []
    for k in range(len(row.today) - 1):
        at, off, moved = _choices(row, k, free[k + 1], markers)
        back, cost = _step(places[-1], cost, at, allowed[k])
        cost += np.stack([off, moved, np.abs(at - free[k + 1])])
        places.append(at)
        before.append(back)
    here = int(_step(places[-1], cost, np.array([row.last]), allowed[-1])[0][0])
    limits = [row.last]
    for k in range(len(before), 0, -1):
        limits.append(int(places[k][here]))
        here = int(before[k - 1][here])
    return [row.first, *limits[::-1]]


def _choices(row: Row, k: int, free: int, markers: Sequence[int]) -> tuple[Ints, Ints, Ints]:
    """Places for the limit after holder k, ascending; whether each wants a marker; how far its two ends move."""
    (_, end), (start, _) = row.today[k], row.today[k + 1]
    middle = bisect_left(markers, free)
    near = markers[max(middle - MARKERS_NEAR, 0) : middle + MARKERS_NEAR]
    good = {place for place in (end, start, *near) if row.first <= place <= row.last}
    at = np.array(sorted(good | {free}), dtype=np.int64)
    off = np.array([place not in good for place in at.tolist()], dtype=np.int64)
    return at, off, np.abs(at - end) + np.abs(at - start)


def _step(at: Ints, cost: Ints, to: Ints, most: int) -> tuple[Ints, Ints]:
    """Cheapest way from the places of one limit to each place of the next, and what it costs."""
    length = to[:, None] - at[None, :]
    best = (length >= 0) & (length <= most)
    least = np.empty((len(cost), len(to)), dtype=np.int64)
    for level, spent in enumerate(cost):
        offered = np.where(best, spent, UNREACHED)
        least[level] = offered.min(axis=1)
        best &= offered == least[level][:, None]
    return best.argmax(axis=1), least


def fewest_guards(row: Row, keeps: Sequence[int]) -> list[int]:
    """Say how many more guards are needed at the least, and where they are best put.

    As holders stand in a row, limits that let everybody keep up exist exactly when all together can keep its
    length; so what is lacking / what one guard keeps, rounded up, of those who keep most, is the least number.

    Parameters
    ----------
    row : Row
        The holders.
    keeps : sequence of int
        What one more guard of each holder would keep, > 0, shape (n,).

    Returns
    -------
    list of int
        Guards for each holder; all 0 where their reach is enough. Each is put, as far as the least number
        allows, where most guards are lacking within today's limits; of equals the first.
    """
    lacking = row.burden - sum(row.reach)
    added = np.zeros(len(keeps), dtype=np.int64)
    most = max(keeps)
    each = np.array(keeps, dtype=np.int64)
    today = np.array([end - start for start, end in row.today]) + np.array(row.besides)
    short = today - np.array(row.reach)
    for left in range(max(-(-lacking // most), 0) - 1, -1, -1):
        enough = lacking - each <= left * most
        want = np.where(enough, (short - added * each) / each, -np.inf)
        here = int(want.argmax())
        added[here] += 1
        lacking -= int(each[here])
    return [int(guards) for guards in added]
