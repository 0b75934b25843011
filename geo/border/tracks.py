"""Which metres of a line did patrols with a GPS track walk, and which of their steps do not count (M4)?"""

from __future__ import annotations

from collections.abc import Iterator
from concurrent.futures import ThreadPoolExecutor
from dataclasses import dataclass
from typing import NamedTuple

import geopandas as gpd
import numpy as np
import pandas as pd
import shapely
from numpy.typing import NDArray

from geo import units
from geo.border import matching
from geo.border.chainage import Chainage, chainage_of
from geo.border.course import Course, course_of
from geo.border.edges import EdgeGrid
from geo.border.fixes import Fixes, clean
from geo.crs import Floats
from geo.tables.conform import conform

REASONS = ("off_line", "gap", "speed", "detour", "heading")  # in the order of the kernel's numbers, from 1
GPS = "gps"
SIGMA_M = units.PATROL_TOLERANCE_M / 3  # how far a fix is off the line: three times that is the tolerance
BETA_M = 25.0  # a way of 50 m along the line is as unlikely as a fix two σ off it
DETOUR = 1.6  # a line winds between two fixes on it: metres along it for a metre between them (M4)
SLACK_M = 30.0  # and so many metres more: the error of two fixes
LONGEST_WINDOW = 3.0  # times the longest step; the shortest is that step
LEAP_M = 500.0  # along the line, beyond what the way walked allows: to another limb, not along small meanders
HEADING_COSINE = 0.5  # within 60° of the line
PASS_S = 43_200.0  # stretches of a patrol that touch are one visit if walked within half a day of each other
BLOCK = 500_000  # fixes at a time: what the search needs besides the tracks stays below 100 MB a thread
WORKERS = 2
Flags = NDArray[np.bool_]


@dataclass(frozen=True, eq=False)
class Credit:
    """What patrols are credited with on one line, and an account of everything else.

    Parameters
    ----------
    visits : pandas.DataFrame
        Rows of the ``visits`` table with evidence ``gps``, by patrol and place: maximal stretches with the
        first and the last time of the fixes that earned them. No fix is in them.
    refused : pandas.DataFrame
        ``patrol_id reason steps length_m``: steps between consecutive fixes that earned nothing, by the first
        reason of :data:`REASONS` that fits, and the metres between their fixes; only what occurs.
    dropped : pandas.DataFrame
        ``patrol_id reason fixes``: see :class:`geo.border.fixes.Fixes`.
    walked : pandas.DataFrame
        ``patrol_id read fixes steps length_m credited_steps credited_m``, a row for every patrol: fixes read and
        used, steps between them, metres walked, steps that earned something, metres of the line that they earned.
    """

    visits: pd.DataFrame
    refused: pd.DataFrame
    dropped: pd.DataFrame
    walked: pd.DataFrame


def credit(
    tracks: gpd.GeoDataFrame | pd.DataFrame,
    line: Chainage | shapely.LineString | shapely.MultiLineString,
    *,
    tolerance_m: float = units.PATROL_TOLERANCE_M,
    max_step_s: float = units.PATROL_STEP_S,
    mode: str = "foot",
    border_id: str = "",
) -> Credit:
    """Credit tracks with the metres of a line that they prove to have been walked (M4).

    Fixes are cleaned (:func:`geo.border.fixes.clean`). Each has as places on the line the local minima of its
    distance within the tolerance; in every chain of fixes that have one and follow each other within
    ``max_step_s`` the most likely places are chosen together (:func:`geo.border.matching.likeliest`), so that a
    fix on a switchback is not put on the wrong leg. Two fixes of a chain credit the stretch between them when
    they are at most ``max_step_s`` apart, no fix between them is off that stretch by more than 30 m, it is at
    most 1.6 times their distance + 30 m, that distance is at most what the mode's top speed allows + 30 m, and
    the way from one to the other is within 60° of the line's. The way along the line, step by step, must not be
    longer than 1.6 times the way walked + 30 m over 10 to 30 minutes about it either (or over its whole chain, if
    that is shorter): a road along small meanders is within the tolerance all the way. A stationary crowd of
    fixes credits the spot it stands on; a shortcut, an outage or a crossing earns next to nothing.

    Errs low: what is walked beyond the tolerance or between fixes too far apart is not credited. Errs high by at
    most the error of a fix at each end of a stretch, and where a parallel way lies within the tolerance.

    Parameters
    ----------
    tracks : geopandas.GeoDataFrame or pandas.DataFrame
        The ``tracks`` table: ``patrol_id``, ``time``, point geometry (EPSG:4326) or columns ``lon`` and ``lat``
        (degrees) and, where known, ``sequence``; in any order.
    line : Chainage or shapely.LineString or shapely.MultiLineString
        The line, measured or in EPSG:4326.
    tolerance_m : float
        How far off is on the line, metres.
    max_step_s : float
        How long a patrol may be out of sight, seconds.
    mode : {"foot", "horse", "motorcycle", "vehicle"}
        How they moved, which says how fast they can have been.
    border_id : str
        Name of the line in the visits.

    Returns
    -------
    Credit
        Every fix is used or dropped, every step credited or refused. Nothing in = nothing out.
    """
    top = units.PATROL_TOP_SPEEDS_KMH[mode]
    fixes = clean(tracks, top_speed_kmh=top)
    measured = line if isinstance(line, Chainage) else chainage_of(np.array([line], dtype=object))
    tops = np.full(len(fixes.patrol_ids), units.metres_per_second(top))
    course = course_of({border_id: measured})
    return credit_fixes(fixes, course, tops, tolerance_m=tolerance_m, max_step_s=max_step_s)


def credit_fixes(
    fixes: Fixes,
    course: Course,
    top_mps: Floats,
    *,
    tolerance_m: float = units.PATROL_TOLERANCE_M,
    max_step_s: float = units.PATROL_STEP_S,
) -> Credit:
    """Credit clean fixes, see :func:`credit`.

    Parameters
    ----------
    fixes : Fixes
        From :func:`geo.border.fixes.clean`.
    course : Course
        The lines.
    top_mps : numpy.ndarray
        Top speed of each patrol, m/s, shape (patrols,).
    tolerance_m, max_step_s
        As of :func:`credit`.

    Returns
    -------
    Credit
        See there.
    """
    ask = _Ask(course, course.grid(tolerance_m), tolerance_m, max_step_s)
    blocks = list(_blocks(fixes.patrol))
    with ThreadPoolExecutor(WORKERS) as threads:
        made = list(threads.map(lambda block: _match(fixes, ask, top_mps, *block), blocks))
    patrol = np.concatenate([np.zeros(0, dtype=np.int64), *(one.patrol for one in made)])
    runs = np.concatenate([np.zeros((0, 5)), *(one.runs for one in made)])
    refused = np.sum([one.refused for one in made], axis=0) if made else np.zeros((len(fixes.patrol_ids), 6, 2))
    return Credit(
        _visits(fixes, course, patrol, runs),
        _refused(fixes, refused),
        fixes.dropped,
        _walked(fixes, patrol, runs, refused),
    )


class _Ask(NamedTuple):
    """What is asked of which lines."""

    course: Course
    grid: EdgeGrid | None
    tolerance_m: float
    max_step_s: float


class _Matched(NamedTuple):
    """Runs of a block with their patrols, and steps and metres by patrol and reason (0 = credited)."""

    patrol: NDArray[np.int64]
    runs: Floats
    refused: Floats


def _blocks(patrol: NDArray[np.int32]) -> Iterator[tuple[int, int]]:
    """Cut the fixes between patrols into blocks of about :data:`BLOCK`."""
    begin = 0
    while begin < len(patrol):
        end = min(begin + BLOCK, len(patrol))
        end = int(np.searchsorted(patrol, patrol[end - 1], side="right"))
        yield begin, end
        begin = end


def _match(fixes: Fixes, ask: _Ask, top_mps: Floats, begin: int, end: int) -> _Matched:
    """Credit the fixes of some patrols."""
    patrol, time, points = fixes.patrol[begin:end], fixes.time_s[begin:end], fixes.lonlat[begin:end]
    same = np.concatenate([[False], patrol[1:] == patrol[:-1]])
    measure, on, linked = _path(ask, same, time, points)
    top = top_mps[patrol]
    rules = (DETOUR, SLACK_M, LEAP_M, HEADING_COSINE)
    covered, runs = np.zeros(len(same), dtype=np.bool_), np.empty((len(same), 5))
    step = (time, points, on, measure, top, ask.max_step_s, rules, covered)
    window = ask.max_step_s, LONGEST_WINDOW * ask.max_step_s
    until = matching.supported(linked, time, points, measure, *window, rules)
    runs = runs[: matching.credit_spans(linked, until, *step, runs)].copy()
    reason, length = np.zeros(len(same), dtype=np.uint8), np.zeros(len(same))
    matching.refusals(same, *step, reason, length)
    owner = patrol[runs[:, 4].astype(np.int64)].astype(np.int64)
    order = np.lexsort((runs[:, 1], runs[:, 0], owner))
    owner, runs = owner[order], runs[order]
    kept = matching.unite(owner, runs, PASS_S)
    owner, runs = owner[:kept], runs[:kept]
    kinds = patrol[same].astype(np.int64) * 6 + reason[same]
    size = len(fixes.patrol_ids) * 6
    counted = [np.bincount(kinds, minlength=size), np.bincount(kinds, weights=length[same], minlength=size)]
    return _Matched(owner, runs, np.stack(counted, axis=-1).reshape(-1, 6, 2).astype(float))


def _path(ask: _Ask, same: Flags, time: Floats, points: Floats) -> tuple[Floats, Floats, Flags]:
    """Measures of fixes on their most likely path, the places, and whether each goes on from the one before."""
    if ask.grid is None:
        return np.full(len(time), np.nan), np.full((len(time), 2), np.nan), np.zeros(len(time), dtype=np.bool_)
    course = ask.course
    line = course.lonlat, course.measure_m, course.skew
    first, room, found = np.zeros(len(time) + 1, dtype=np.int64), 2 * len(time), -1
    while found < 0:
        pool = np.empty(room), np.empty(room), np.empty(room, dtype=np.int32)
        found = matching.find_places(
            ask.grid, line, course.before, course.after, points, ask.tolerance_m, first, pool
        )
        room *= 2
    place, square, edge = (values[:found] for values in pool)
    some = np.diff(first) > 0
    linked = same.copy()
    linked[1:] &= some[1:] & some[:-1] & (np.diff(time) <= ask.max_step_s)
    sigma = ask.tolerance_m / units.PATROL_TOLERANCE_M * SIGMA_M
    chosen = matching.likeliest(
        linked, first, place, square, sigma, BETA_M, np.empty(found), np.empty(found, dtype=np.int64)
    )
    measure = np.full(len(time), np.nan)
    measure[some] = place[chosen[some]]
    return measure, matching.places_of(course.lonlat, points, chosen, edge), linked


def _visits(fixes: Fixes, course: Course, patrol: NDArray[np.int64], runs: Floats) -> pd.DataFrame:
    long = runs[:, 1] > runs[:, 0]
    owner, runs = patrol[long], runs[long]
    names = pd.Series(fixes.patrol_ids[owner], dtype="str")
    border, start = course.border_of(runs[:, 0])
    border_id = pd.Series(np.array(course.names, dtype=object)[border], dtype="str")
    rank = names.groupby(owner).cumcount().astype("str") if len(names) else names
    stamps = {
        name: pd.Series(pd.to_datetime(np.round(runs[:, column] * 1e6), unit="us", utc=True))
        for name, column in (("start_time", 2), ("end_time", 3))
    }
    rows = {
        "visit_id": GPS + "-" + names + "-" + border_id + "-" + rank,
        "patrol_id": names,
        "border_id": border_id,
    }
    return conform(
        "visits",
        pd.DataFrame(
            {**rows, "start_m": start, "end_m": start + runs[:, 1] - runs[:, 0], **stamps, "evidence": GPS}
        ),
    )


def _refused(fixes: Fixes, refused: Floats) -> pd.DataFrame:
    patrol, reason = np.nonzero(refused[:, 1:, 0])
    return pd.DataFrame(
        {
            "patrol_id": pd.Series(fixes.patrol_ids[patrol], dtype="str"),
            "reason": pd.Series(np.array(REASONS, dtype=object)[reason], dtype="str"),
            "steps": refused[patrol, reason + 1, 0].astype(np.int64),
            "length_m": refused[patrol, reason + 1, 1],
        }
    )


def _walked(fixes: Fixes, patrol: NDArray[np.int64], runs: Floats, refused: Floats) -> pd.DataFrame:
    patrols = len(fixes.patrol_ids)
    once, earned = patrol.copy(), runs.copy()  # each metre once, whenever it was walked
    united = matching.unite(once, earned, np.inf)
    once, earned = once[:united], earned[:united]
    return pd.DataFrame(
        {
            "patrol_id": pd.Series(fixes.patrol_ids, dtype="str"),
            "read": fixes.read.set_index("patrol_id")["fixes"].reindex(fixes.patrol_ids).to_numpy(),
            "fixes": np.bincount(fixes.patrol, minlength=patrols),
            "steps": refused[:, :, 0].sum(axis=1).astype(np.int64),
            "length_m": refused[:, :, 1].sum(axis=1),
            "credited_steps": refused[:, 0, 0].astype(np.int64),
            "credited_m": np.bincount(once, weights=earned[:, 1] - earned[:, 0], minlength=patrols),
        }
    )
