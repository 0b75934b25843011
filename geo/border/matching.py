"""Where on the line was a patrol, and which steps count? The inner loops of crediting, compiled by numba."""

from __future__ import annotations

from typing import Any

import numpy as np
from numba import njit

from geo.border.edges import DEGREE, ES, NOWHERE, PLAIN, A, cell_at, foot, metric

_1 = np.uint64(1)
OFF_LINE, GAP, SPEED, DETOUR, HEADING = range(1, 6)  # why a step is refused; 0 = it is credited


@njit(**PLAIN)
def find_places(
    grid: Any, line: Any, before: Any, after: Any, points: Any, tolerance_m: float, first: Any, pool: Any
) -> int:
    """Find the places of a line at which each point may have been.

    A place is a local minimum of the distance along the line, within the tolerance.

    Parameters
    ----------
    grid : EdgeGrid
        It reaches at least as far as the tolerance.
    line : tuple of numpy.ndarray
        Vertices, degrees, shape (n, 2), their measures, metres, and the skew of each edge, by its first vertex.
    before : numpy.ndarray
        int32 (n,): the edge that ends where an edge begins, -1 where none does.
    after : numpy.ndarray
        bool (n,): whether an edge begins where an edge ends.
    points : numpy.ndarray
        Degrees, shape (k, 2).
    tolerance_m : float
        How far off is on the line, metres.
    first : numpy.ndarray
        int64 (k + 1,): places of point ``i`` are ``first[i]`` to ``first[i + 1]``, ascending; written here.
    pool : tuple of numpy.ndarray
        Measures, squared offsets, m², and edges (int32) of the places, shape (room,); written here.

    Returns
    -------
    int
        How many places there are, -1 when there is no room for them.
    """
    lonlat, measure_m, skew = line
    place, square_m2, at_edge = pool
    page, indptr, edges = grid.page, grid.indptr, grid.edge
    frame = grid.west, grid.south, grid.across, grid.up
    within, count = tolerance_m * tolerance_m, 0
    first[0] = 0
    for k in range(len(points)):
        lon, lat = points[k, 0], points[k, 1]
        cell = cell_at(page, frame, lon, lat)
        if cell != NOWHERE:
            east, north, _ = metric(lat)
            for item in range(np.uint64(indptr[cell]), np.uint64(indptr[cell + _1])):
                edge = np.uint64(edges[item])
                square, share = foot(lonlat, edge, lon, lat, east, north)
                if square > within or (share == 1.0 and after[edge]):
                    continue
                came = before[edge]
                if share == 0.0 and came >= 0 and foot(lonlat, np.uint64(came), lon, lat, east, north)[1] < 1.0:
                    continue
                if count == len(place):
                    return -1
                bend, start = skew[edge], measure_m[edge]
                place[count] = start + (measure_m[edge + _1] - start) * share * (1.0 - bend + bend * share)
                square_m2[count], at_edge[count] = square, edge
                count += 1
        first[k + 1] = count
    return count


@njit(**PLAIN)
def likeliest(
    linked: Any, first: Any, place: Any, square_m2: Any, sigma_m: float, beta_m: float, cost: Any, back: Any
) -> Any:
    """Choose a place for each fix so that all of them together are most likely (Viterbi 1967).

    In each chain Σ (offset / σ)² / 2 + Σ |Δmeasure| / β is least. The second term is a distance along the line,
    so a fix that is added on the path changes nothing about the others.

    Parameters
    ----------
    linked : numpy.ndarray
        bool (n,): whether a fix goes on from the one before it.
    first, place, square_m2 : numpy.ndarray
        From :func:`find_places`.
    sigma_m, beta_m : float
        Scales of the likelihood, metres.
    cost, back : numpy.ndarray
        Room for a float and an int64 a place.

    Returns
    -------
    numpy.ndarray
        int64 (n,): place of each fix, -1 = it has none. Equally likely: the lowest measure.
    """
    chosen = np.full(len(linked), -1, dtype=np.int64)
    for k in range(len(linked)):
        for c in range(first[k], first[k + 1]):
            least, came = 0.0, -1
            if linked[k]:
                least = np.inf
                for p in range(first[k - 1], first[k]):
                    so_far = cost[p] + abs(place[c] - place[p]) / beta_m
                    if so_far < least:
                        least, came = so_far, p
            cost[c], back[c] = least + square_m2[c] / (2.0 * sigma_m * sigma_m), came
    for k in range(len(linked) - 1, -1, -1):
        if first[k] == first[k + 1]:
            continue
        if k + 1 < len(linked) and linked[k + 1]:
            chosen[k] = back[chosen[k + 1]]
        else:
            chosen[k] = first[k] + np.argmin(cost[first[k] : first[k + 1]])
    return chosen


@njit(**PLAIN)
def places_of(lonlat: Any, points: Any, chosen: Any, edges: Any) -> Any:
    """Find the points of the line that the chosen places are.

    Parameters
    ----------
    lonlat : numpy.ndarray
        Vertices of the line, degrees, shape (m, 2).
    points : numpy.ndarray
        The fixes, degrees, shape (n, 2).
    chosen, edges : numpy.ndarray
        From :func:`likeliest` and :func:`find_places`.

    Returns
    -------
    numpy.ndarray
        Degrees, shape (n, 2); NaN for a fix without a place.
    """
    on = np.full((len(points), 2), np.nan)
    for k in range(len(points)):
        if chosen[k] >= 0:
            edge = np.uint64(edges[chosen[k]])
            east, north, _ = metric(points[k, 1])
            share = foot(lonlat, edge, points[k, 0], points[k, 1], east, north)[1]
            for axis in range(2):
                on[k, axis] = lonlat[edge, axis] * (1.0 - share) + lonlat[edge + _1, axis] * share
    return on


@njit(**PLAIN)
def _between(lonlat: Any, i: int, j: int) -> Any:
    """Metres to the east and north from one point to another, by what a degree is worth half-way."""
    east, north, sine = metric(lonlat[i, 1])
    half = (lonlat[j, 1] - lonlat[i, 1]) / 2 * DEGREE
    north, east = north * (1.0 + 3.0 * ES * sine * half * east / (A * DEGREE)), east - north * sine * half
    return (lonlat[j, 0] - lonlat[i, 0]) * east, (lonlat[j, 1] - lonlat[i, 1]) * north


@njit(**PLAIN)
def verdict(
    time_s: Any, points: Any, on: Any, measure: Any, i: int, j: int, top_mps: float, max_step_s: float, rules: Any
) -> int:
    """Judge whether what lies between two fixes of one chain was walked (M4).

    Parameters
    ----------
    time_s, points, on, measure : numpy.ndarray
        Of the fixes: time, seconds, point, place on the line, degrees, and its measure, metres.
    i, j : int
        The fixes, i < j.
    top_mps, max_step_s : float
        Nobody is faster, m/s; nobody is out of sight for longer, seconds.
    rules : tuple of float
        Most metres along the line for a metre walked, metres granted for the error of two fixes, metres beyond
        that which are a leap, cosine of the widest angle between the way and the line.

    Returns
    -------
    int
        0 or why not.
    """
    detour, slack_m, _, cosine = rules
    lasted = time_s[j] - time_s[i]
    if lasted > max_step_s:
        return GAP
    x, y = _between(points, i, j)
    walked = np.sqrt(x * x + y * y)
    if walked > top_mps * lasted + slack_m:
        return SPEED
    if abs(measure[j] - measure[i]) > detour * walked + slack_m:
        return DETOUR
    u, v = _between(on, i, j)
    if x * u + y * v < cosine * walked * np.sqrt(u * u + v * v):
        return HEADING
    return 0


@njit(**PLAIN)
def supported(
    linked: Any, time_s: Any, points: Any, measure: Any, shortest_s: float, longest_s: float, rules: Any
) -> Any:
    """Say how far from each fix the patrol is known not to have cut corners.

    A stretch is supported by a window of its chain that holds it, lasts ``shortest_s`` to ``longest_s`` (or is the
    whole of a shorter chain) and in which the way along the line, step by step, is not too long for the way
    walked. A leap from one limb of the line to another cuts a chain: it is refused by itself.

    Parameters
    ----------
    linked, time_s, points, measure : numpy.ndarray
        As in :func:`credit_spans`.
    shortest_s, longest_s : float
        Seconds.
    rules : tuple of float
        See :func:`verdict`.

    Returns
    -------
    numpy.ndarray
        int64 (n,): the last fix up to which what begins at a fix is supported, -1 where nothing is.
    """
    detour, slack_m, leap_m, _ = rules
    until = np.full(len(linked), -1, dtype=np.int64)
    excess = np.zeros(len(linked))  # along the line beyond what the way walked allows, since the chain began
    begin = 0
    while begin < len(linked):
        end = begin
        while end + 1 < len(linked) and linked[end + 1]:
            x, y = _between(points, end, end + 1)
            beyond = abs(measure[end + 1] - measure[end]) - detour * np.sqrt(x * x + y * y)
            if beyond > leap_m:
                break
            excess[end + 1] = excess[end] + beyond
            end += 1
        short = time_s[end] - time_s[begin] < shortest_s
        furthest, late = -1, begin
        for a in range(begin, end + 1):
            while late < end and time_s[late + 1] - time_s[a] <= longest_s:
                late += 1
            b = late
            while b > furthest and time_s[b] - time_s[a] >= shortest_s and excess[b] - excess[a] > slack_m:
                b -= 1
            long_enough = time_s[b] - time_s[a] >= shortest_s or (short and a == begin and b == end)
            if b > furthest and long_enough and excess[b] - excess[a] <= slack_m:
                furthest = b
            until[a] = furthest
        begin = end + 1
    return until


@njit(**PLAIN)
def credit_spans(
    linked: Any, until: Any, time_s: Any, points: Any, on: Any, measure: Any, top_mps: Any, max_step_s: float,
    rules: Any, covered: Any, runs: Any,
) -> int:  # fmt: skip
    """Credit every span of two fixes of a chain between which the patrol stayed on the line.

    Parameters
    ----------
    linked, time_s, points, on, measure : numpy.ndarray
        Of the fixes, shape (n,) or (n, 2).
    until : numpy.ndarray
        From :func:`supported`.
    top_mps : numpy.ndarray
        Top speed of each fix's patrol, m/s, shape (n,).
    max_step_s : float
        See :func:`verdict`.
    rules : tuple of float
        See :func:`verdict`.
    covered : numpy.ndarray
        bool (n,): whether the step to a fix from the one before it lies in a credited span; written here.
    runs : numpy.ndarray
        Room for start and end, metres, first and last time, seconds, and first fix of each run of credited spans,
        shape (n, 5); written here.

    Returns
    -------
    int
        How many runs there are.
    """
    slack_m = rules[1]
    count, done = 0, 0  # ``done``: fix up to which steps are covered
    for i in range(len(linked)):
        if measure[i] != measure[i]:
            continue
        going = count > 0 and i <= done and i > 0 and linked[i]  # inside the run that was written last
        low = high = measure[i]
        lowest, highest, j = np.inf, -np.inf, i + 1
        last = i
        while j <= until[i] and linked[j] and time_s[j] - time_s[i] <= max_step_s:
            here = measure[j]
            least, most = min(here, measure[i]), max(here, measure[i])
            known = going and j <= done and runs[count - 1, 0] <= least and most <= runs[count - 1, 1]
            stayed = lowest >= least - slack_m and highest <= most + slack_m
            if (
                not known
                and stayed
                and verdict(time_s, points, on, measure, i, j, top_mps[i], max_step_s, rules) == 0
            ):
                low, high, last = min(low, here), max(high, here), j
            lowest, highest = min(lowest, here), max(highest, here)
            j += 1
        if last == i:
            continue
        covered[i + 1 : last + 1] = True
        if going and runs[count - 1, 0] <= high and low <= runs[count - 1, 1]:
            runs[count - 1, 0], runs[count - 1, 1] = min(low, runs[count - 1, 0]), max(high, runs[count - 1, 1])
            runs[count - 1, 3] = max(runs[count - 1, 3], time_s[last])
        else:
            runs[count, 0], runs[count, 1], runs[count, 2], runs[count, 3] = low, high, time_s[i], time_s[last]
            runs[count, 4] = i
            count += 1
        done = max(done, last)
    return count


@njit(**PLAIN)
def refusals(
    same: Any, time_s: Any, points: Any, on: Any, measure: Any, top_mps: Any, max_step_s: float, rules: Any,
    covered: Any, reason: Any, length_m: Any,
) -> None:  # fmt: skip
    """Say of every step how long it is and why it is refused, 0 = it is not.

    Parameters
    ----------
    same : numpy.ndarray
        bool (n,): whether a fix is of the same patrol as the one before it.
    time_s, points, on, measure, top_mps, max_step_s, rules, covered
        As in :func:`credit_spans`.
    reason, length_m : numpy.ndarray
        Of the step to each fix from the one before it, uint8 and metres, shape (n,); written here.
    """
    for k in range(1, len(same)):
        if not same[k]:
            continue
        x, y = _between(points, k - 1, k)
        length_m[k] = np.sqrt(x * x + y * y)
        if covered[k]:
            continue
        if measure[k] != measure[k] or measure[k - 1] != measure[k - 1]:
            reason[k] = OFF_LINE
        else:
            found = verdict(time_s, points, on, measure, k - 1, k, top_mps[k], max_step_s, rules)
            reason[k] = found if found > 0 else DETOUR  # only what surrounds the step tells


@njit(**PLAIN)
def unite(group: Any, runs: Any, apart_s: float) -> int:
    """Unite the runs of each group that touch and are not far apart in time, in place.

    Parameters
    ----------
    group : numpy.ndarray
        int64 (n,), ascending; inside a group runs are by their start.
    runs : numpy.ndarray
        Start, end, first and last time, in the first four columns; shape (n, 5).
    apart_s : float
        How far apart two runs may be, seconds: more than that and both stay.

    Returns
    -------
    int
        How many are left, at the beginning.
    """
    kept = -1
    for k in range(len(group)):
        near = kept >= 0 and runs[k, 2] - runs[kept, 3] <= apart_s and runs[kept, 2] - runs[k, 3] <= apart_s
        if near and group[k] == group[kept] and runs[k, 0] <= runs[kept, 1]:
            runs[kept, 1] = max(runs[kept, 1], runs[k, 1])
            runs[kept, 2], runs[kept, 3] = min(runs[kept, 2], runs[k, 2]), max(runs[kept, 3], runs[k, 3])
        else:
            kept += 1
            group[kept] = group[k]
            runs[kept] = runs[k]
    return kept + 1
