"""Which fixes of a patrol cannot be where or when they say? Two passes in time order, compiled by numba."""

from __future__ import annotations

import math
from typing import Any

import numpy as np
from numba import njit

from geo.walk.graph import JIT

EARTH_M = 6_371_008.8  # mean radius (IUGG); a speed needs no ellipsoid
RADIANS = math.pi / 180.0


@njit(**JIT)
def _apart_m(lonlat: Any, one: Any, other: Any) -> float:
    """Great circle between two fixes (haversine)."""
    south, north = lonlat[one, 1] * RADIANS, lonlat[other, 1] * RADIANS
    east = math.sin(0.5 * (lonlat[other, 0] - lonlat[one, 0]) * RADIANS)
    up = math.sin(0.5 * (north - south))
    half = up * up + math.cos(south) * math.cos(north) * east * east
    return 2.0 * EARTH_M * math.asin(min(1.0, math.sqrt(half)))


@njit(**JIT)
def _reached(time_s: Any, lonlat: Any, one: Any, other: Any, speed: float, slack_m: float) -> Any:
    return _apart_m(lonlat, one, other) <= speed * (time_s[other] - time_s[one]) + slack_m


@njit(**JIT)
def spikes(
    start: Any, time_s: Any, lonlat: Any, top_mps: Any, slack_m: float, longest: int, memory_s: float, bad: Any
) -> None:
    """Mark short runs of fixes that nobody can have reached, between fixes that agree with each other.

    Fixes are put on a stack in time order. One that cannot be reached from the top, but from a fix a few below,
    proves what lies between to be a spike, and takes its place: every fix is put down once, and is compared with
    at most ``longest`` others. What is below a fix that stays never changes, so that a second pass finds nothing.

    Parameters
    ----------
    start : numpy.ndarray
        int64 (k + 1,): where the fixes of each patrol begin.
    time_s, lonlat : numpy.ndarray
        float64 (n,) and (n, 2): seconds, ascending inside a patrol, and degrees.
    top_mps : numpy.ndarray
        float64 (k,): top speed of each patrol, m/s.
    slack_m : float
        What two fixes may be off together, metres.
    longest : int
        Fixes in a spike at most; the run before it, each fix of which was reached from the last, must have as
        many as the spike, so that a few false fixes never outvote more that are right.
    memory_s : float
        Fixes further apart than this say nothing about each other, seconds.
    bad : numpy.ndarray
        Written, bool (n,).
    """
    most = np.int64(0)
    for patrol in range(len(start) - 1):
        most = max(most, start[patrol + 1] - start[patrol])
    stack, chain = np.empty(most, np.int64), np.empty(most, np.int64)  # a fix, and how many were reached up to it
    for patrol in range(len(start) - 1):
        height, speed = np.int64(0), top_mps[patrol]
        for fix in range(start[patrol], start[patrol + 1]):
            reached = False
            if height > 0 and time_s[fix] - time_s[stack[height - 1]] <= memory_s:
                reached = _reached(time_s, lonlat, stack[height - 1], fix, speed, slack_m)
                if not reached:
                    below = min(longest, height - 1)
                    run = _run_before(stack, chain, height, below, fix, time_s, lonlat, speed, slack_m, memory_s)
                    for _ in range(run):
                        height -= 1
                        bad[stack[height]] = True
                    reached = run > 0
            stack[height] = fix
            chain[height] = chain[height - 1] + 1 if reached else 1
            height += 1


@njit(**JIT)
def _run_before(
    stack: Any, chain: Any, height: Any, below: Any, fix: Any, time_s: Any, lonlat: Any, speed: float,
    slack_m: float, memory_s: float,
) -> int:  # fmt: skip
    """Count the fixes on top of the stack that a fix proves to be a spike."""
    for run in range(1, below + 1):
        at = height - 1 - run
        if time_s[fix] - time_s[stack[at]] > memory_s:
            return 0
        if (
            chain[at] >= run
            and not _reached(time_s, lonlat, stack[at], stack[at + 1], speed, slack_m)
            and _reached(time_s, lonlat, stack[at], fix, speed, slack_m)
        ):
            return run
    return 0


@njit(**JIT)
def clock_jumps(start: Any, time_s: Any, ask: Any, gap_s: float, share: float, bad: Any) -> None:
    """Mark the few fixes of a patrol that stand far in time from its bulk.

    Parameters
    ----------
    start, time_s
        As in :func:`spikes`.
    ask : numpy.ndarray
        bool (k,): which patrols are looked at.
    gap_s : float
        Fixes further apart than this are in two blocks, seconds.
    share : float
        A block with no more than this share of the largest one's fixes is marked; two that are as large keep
        each other.
    bad : numpy.ndarray
        Written, bool (n,).
    """
    for patrol in range(len(start) - 1):
        low, high = start[patrol], start[patrol + 1]
        if not ask[patrol] or high == low:
            continue
        most, begun = np.int64(0), low
        for fix in range(low, high):
            if fix > low and time_s[fix] - time_s[fix - 1] > gap_s:
                begun = fix
            most = max(most, fix + 1 - begun)
        begun = low
        for fix in range(low, high):
            if fix + 1 == high or time_s[fix + 1] - time_s[fix] > gap_s:
                if fix + 1 - begun <= share * most:
                    bad[begun : fix + 1] = True
                begun = fix + 1
