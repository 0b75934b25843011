"""A second computation of what a patrol is credited with: from the words, one thing at a time, slowly.

It shares no code with the package. Lengths come from the ellipsoid, nearest places from the metric of the fix
itself, candidates from every edge, the most likely path from every pair of candidates, spans from every pair of
fixes, and the union from asking every span about every piece.
"""

from __future__ import annotations

import itertools
import math
from collections import defaultdict
from collections.abc import Sequence
from dataclasses import dataclass
from typing import NamedTuple

from pyproj import Geod

GEOD = Geod(ellps="WGS84")
SLACK_M, DETOUR, HEADING_DEG, LEAP_M = 30.0, 1.6, 60.0, 500.0
REASONS = ("off_line", "gap", "speed", "detour", "heading")
LonLat = tuple[float, float]


@dataclass(frozen=True)
class Rules:
    """What may be different: metres, seconds, metres a second, and the two scales of the likelihood."""

    top_mps: float
    sigma_m: float
    beta_m: float
    tolerance_m: float = 50.0
    max_step_s: float = 600.0


class Place(NamedTuple):
    """A place on the line: measure, metres to it from a fix, and where it is."""

    measure_m: float
    offset_m: float
    lonlat: LonLat


class Visit(NamedTuple):
    """A credited interval, and the first and the last time of the fixes that earned it."""

    start_m: float
    end_m: float
    start_s: float
    end_s: float


@dataclass(frozen=True)
class Credited:
    """What is credited, what is refused by reason (steps, metres walked), where each fix is on the line.

    ``doubt`` is how near any decision was to going the other way (a share of what it was held against): below
    rounding, two right answers may differ.
    """

    visits: list[Visit]
    refused: dict[str, tuple[int, float]]
    credited_steps: int
    credited_walked_m: float
    measure_m: list[float | None]
    doubt: float


def metres_per_degree(latitude: float) -> tuple[float, float]:
    """What a degree of longitude and one of latitude are worth on the WGS 84 ellipsoid."""
    a, e2 = 6_378_137.0, 0.0066943799901413165
    root = math.sqrt(1 - e2 * math.sin(math.radians(latitude)) ** 2)
    east, north = a / root * math.cos(math.radians(latitude)), a * (1 - e2) / root**3
    return math.radians(east), math.radians(north)


def distance_m(one: LonLat, other: LonLat) -> float:
    """Length of the straight way along the ellipsoid."""
    return float(GEOD.inv(*one, *other)[2])


def measured(parts: Sequence[Sequence[LonLat]]) -> list[list[tuple[float, LonLat]]]:
    """Give every vertex its measure; a gap between two parts has no length, parts that touch go on."""
    done = 0.0
    made: list[list[tuple[float, LonLat]]] = []
    for part in parts:
        vertices = [(done, part[0])]
        for before, after in itertools.pairwise(part):
            if before != after:
                done += distance_m(before, after)
                vertices.append((done, after))
        if made and made[-1][-1][1] == part[0]:
            made[-1] += vertices[1:]
        elif len(vertices) > 1:
            made.append(vertices)
    return made


def foot_of(fix: LonLat, start: LonLat, end: LonLat) -> tuple[float, float]:
    """How far along one edge the place nearest to a fix is, 0-1, and how far away, metres."""
    east, north = metres_per_degree(fix[1])
    x, y = (start[0] - fix[0]) * east, (start[1] - fix[1]) * north
    dx, dy = (end[0] - start[0]) * east, (end[1] - start[1]) * north
    share = min(max(-(x * dx + y * dy) / (dx * dx + dy * dy), 0.0), 1.0)
    return share, math.hypot(x + share * dx, y + share * dy)


def candidates(fix: LonLat, line: list[list[tuple[float, LonLat]]], tolerance_m: float) -> list[Place]:
    """Every place within the tolerance from which the distance grows in both directions along the line."""
    found = []
    for part in line:
        feet = [foot_of(fix, start, end) for (_, start), (_, end) in itertools.pairwise(part)]
        for at, (share, offset) in enumerate(feet):
            falls_before = share == 0 and at > 0 and feet[at - 1][0] < 1
            falls_after = share == 1 and at + 1 < len(feet)  # the next edge has it as its start, or is nearer
            if offset <= tolerance_m and not falls_before and not falls_after:
                (start_m, start), (end_m, end) = part[at], part[at + 1]
                there = (start[0] + share * (end[0] - start[0]), start[1] + share * (end[1] - start[1]))
                measure = end_m if share == 1 else start_m + distance_m(start, there)
                found.append(Place(measure, offset, there))
    return sorted(found)


def likeliest(chain: list[list[Place]], rules: Rules) -> tuple[list[Place], float]:
    """The path of least Σ (offset/σ)²/2 + Σ |Δm|/β, and how much worse the best path with another place is."""
    here = [[(place.offset_m / rules.sigma_m) ** 2 / 2 for place in places] for places in chain]
    ahead = [list(costs) for costs in here]  # least cost up to and with each place
    for at in range(1, len(chain)):
        for k, place in enumerate(chain[at]):
            steps = (
                ahead[at - 1][j] + abs(place.measure_m - last.measure_m) / rules.beta_m
                for j, last in enumerate(chain[at - 1])
            )
            ahead[at][k] += min(steps)
    behind = [list(costs) for costs in here]
    for at in range(len(chain) - 2, -1, -1):
        for k, place in enumerate(chain[at]):
            steps = (
                behind[at + 1][j] + abs(place.measure_m - after.measure_m) / rules.beta_m
                for j, after in enumerate(chain[at + 1])
            )
            behind[at][k] += min(steps)
    path, doubt = [], math.inf
    for at, places in enumerate(chain):
        through = sorted((ahead[at][k] + behind[at][k] - here[at][k], k) for k in range(len(places)))
        path.append(places[through[0][1]])
        if len(through) > 1:
            doubt = min(doubt, through[1][0] - through[0][0])
    return path, doubt


def bearing(start: LonLat, end: LonLat) -> float | None:
    """Direction of a straight way, degrees; None where there is no way."""
    return float(GEOD.inv(*start, *end)[0]) if start != end else None


def judged(
    fixes: Sequence[LonLat], seconds: Sequence[float], i: int, j: int, here: Place, there: Place, rules: Rules
) -> tuple[str | None, float]:
    """Why two fixes with a place each would not be credited with what lies between; None = they would be."""
    lasts, gone, moved = (
        seconds[j] - seconds[i],
        distance_m(fixes[i], fixes[j]),
        abs(there.measure_m - here.measure_m),
    )
    limits = [
        ("gap", lasts, rules.max_step_s),
        ("speed", gone, rules.top_mps * lasts + SLACK_M),
        ("detour", moved, DETOUR * gone + SLACK_M),
    ]
    doubt = min(abs(value - limit) / max(limit, 1e-9) for name, value, limit in limits if name != "gap")
    for name, value, limit in limits:
        if value > limit:
            return name, doubt
    headings = bearing(fixes[i], fixes[j]), bearing(here.lonlat, there.lonlat)
    if headings[0] is None or headings[1] is None:
        return None, doubt
    apart = abs((headings[0] - headings[1] + 180) % 360 - 180)
    doubt = min(doubt, abs(apart - HEADING_DEG) / HEADING_DEG, max(gone, 1e-9), max(moved, 1e-9))
    return ("heading" if apart > HEADING_DEG else None), doubt


def surrounded(
    fixes: Sequence[LonLat],
    seconds: Sequence[float],
    chain: list[int],
    best: list[Place],
    i: int,
    j: int,
    rules: Rules,
) -> tuple[bool, float]:
    """Whether some window of 10 to 30 minutes (or the whole of a shorter chain) about a span cuts no corner."""
    kept = False
    beyond = {
        k: abs(best[k + 1 - chain[0]].measure_m - best[k - chain[0]].measure_m)
        - DETOUR * distance_m(fixes[k], fixes[k + 1])
        for k in chain[:-1]
    }
    doubt = min((abs(excess - LEAP_M) / LEAP_M for excess in beyond.values()), default=math.inf)
    leaps = [k for k, excess in beyond.items() if excess > LEAP_M]
    if any(i <= k < j for k in leaps):
        return False, doubt
    first = max((k + 1 for k in leaps if k < i), default=chain[0])
    last = min((k for k in leaps if k >= j), default=chain[-1])
    for a, b in itertools.product(range(first, i + 1), range(j, last + 1)):
        lasts = seconds[b] - seconds[a]
        whole = (a, b) == (first, last) and lasts < rules.max_step_s
        if not whole and not rules.max_step_s <= lasts <= 3 * rules.max_step_s:
            continue
        moved = sum(abs(best[k + 1 - chain[0]].measure_m - best[k - chain[0]].measure_m) for k in range(a, b))
        limit = DETOUR * sum(distance_m(fixes[k], fixes[k + 1]) for k in range(a, b)) + SLACK_M
        doubt = min(doubt, abs(moved - limit) / limit)
        kept = kept or moved <= limit
    return kept, doubt


def union(spans: list[Visit]) -> list[Visit]:
    """Maximal intervals; a spot is an interval too."""
    ends = sorted({bound for span in spans for bound in (span.start_m, span.end_m)})
    runs: list[list[float]] = []
    for at, bound in enumerate(ends):
        middle = (ends[at - 1] + bound) / 2
        if at and any(span.start_m <= middle <= span.end_m for span in spans):
            runs[-1].append(bound)
        else:
            runs.append([bound])
    made = []
    for run in runs:
        inside = [span for span in spans if run[0] <= span.start_m and span.end_m <= run[-1]]
        times = min(span.start_s for span in inside), max(span.end_s for span in inside)
        made.append(Visit(run[0], run[-1], *times))
    return made


def plain_credit(
    fixes: Sequence[LonLat], seconds: Sequence[float], parts: Sequence[Sequence[LonLat]], rules: Rules
) -> Credited:
    """Credit one patrol, whose fixes are clean and in order, on a line of some parts."""
    line = measured(parts)
    around = [candidates(fix, line, rules.tolerance_m + 1.0) for fix in fixes]
    places = [[place for place in found if place.offset_m <= rules.tolerance_m] for found in around]
    path: list[Place | None] = [None] * len(fixes)
    spans: list[Visit] = []
    covered = [False] * max(len(fixes) - 1, 0)
    doubt = min((abs(p.offset_m - rules.tolerance_m) for found in around for p in found), default=math.inf)
    for chain in chains(places, seconds, rules):
        best, unsure = likeliest([places[at] for at in chain], rules)
        doubt = min(doubt, unsure)
        path[chain[0] : chain[-1] + 1] = best
        for i, j in itertools.combinations(chain, 2):
            if seconds[j] - seconds[i] > rules.max_step_s:
                continue
            here, there = best[i - chain[0]], best[j - chain[0]]
            low, high = sorted((here.measure_m, there.measure_m))
            between = [best[k - chain[0]].measure_m for k in range(i + 1, j)]
            inside = all(low - SLACK_M <= measure <= high + SLACK_M for measure in between)
            reason, near = judged(fixes, seconds, i, j, here, there, rules)
            edges = (abs(m - end) for m in between for end in (low - SLACK_M, high + SLACK_M))
            doubt = min(doubt, near, *edges) if between else min(doubt, near)
            kept, unsure = surrounded(fixes, seconds, chain, best, i, j, rules)
            doubt = min(doubt, unsure)
            if inside and reason is None and kept:
                spans.append(Visit(low, high, seconds[i], seconds[j]))
                covered[i:j] = [True] * (j - i)
    refused: dict[str, tuple[int, float]] = defaultdict(lambda: (0, 0.0))
    done, walked = 0, 0.0
    for at, yes in enumerate(covered):
        step_m = distance_m(fixes[at], fixes[at + 1])
        if yes:
            done, walked = done + 1, walked + step_m
            continue
        start, end = path[at], path[at + 1]
        reason = (
            "off_line"
            if start is None or end is None
            else judged(fixes, seconds, at, at + 1, start, end, rules)[0]
        )
        reason = reason or "detour"  # on its own it would count: what surrounds it is too long for the way walked
        refused[reason] = refused[reason][0] + 1, refused[reason][1] + step_m
    measures = [None if place is None else place.measure_m for place in path]
    return Credited(union(spans), dict(refused), done, walked, measures, doubt)


def chains(places: list[list[Place]], seconds: Sequence[float], rules: Rules) -> list[list[int]]:
    """Runs of fixes that have a place each and are not too long apart."""
    runs: list[list[int]] = []
    for at, found in enumerate(places):
        if not found:
            continue
        goes_on = runs and runs[-1][-1] == at - 1 and seconds[at] - seconds[at - 1] <= rules.max_step_s
        if goes_on:
            runs[-1].append(at)
        else:
            runs.append([at])
    return runs
