"""What must hold of crediting whatever is walked, and the same answer from a second, slow computation."""

from __future__ import annotations

import itertools
import math
from typing import Any

import numpy as np
import pandas as pd
import pytest
from hypothesis import assume, event, given, settings
from hypothesis import strategies as st

from geo import units
from geo.border import tracks
from geo.border.chainage import Chainage
from geo.border.fixes import clean
from geo.border.intervals import uncovered_runs
from geo.border.tracks import Credit, credit
from geo.crs import Floats
from tests.crediting import ONE, credit_of, credited, metres, seconds_of, stretches_of
from tests.plain_credit import DETOUR, REASONS, SLACK_M, Credited, Rules, distance_m, plain_credit
from tests.tracks import (
    HOME,
    START,
    Walk,
    along,
    figure_eight,
    headed,
    line_of,
    lonlat_of,
    meanders,
    switchbacks,
    table,
    wandering,
)

SAME_M = 1e-3
CLEAR = 1e-6  # nearer to a limit than this, two right answers may differ
GAPS_S = [5.0, 20.0, 60.0, 120.0, 299.0, 600.0, 601.0]

bent = st.tuples(
    st.lists(st.floats(-3.0, 3.0, width=16), min_size=2, max_size=12), st.sampled_from([8.0, 40.0, 150.0])
).map(lambda made: headed(np.array(made[0]), made[1]))
folded = st.builds(
    switchbacks,
    st.integers(2, 7),
    leg_m=st.sampled_from([60.0, 300.0]),
    apart_m=st.sampled_from([12.0, 40.0, 70.0]),
)
curved = st.builds(
    meanders, st.just(1_200.0), wave_m=st.sampled_from([150.0, 500.0]), bend=st.sampled_from([1.0, 1.9, 2.3])
)
crossed = st.builds(figure_eight, st.sampled_from([60.0, 400.0]), vertices=st.just(24))
shapes = st.one_of(bent, folded, curved, crossed)


@st.composite
def lines(draw: st.DrawFn) -> Chainage:
    """One part, two that touch, or two with a gap between."""
    xy = draw(shapes)
    cut = draw(st.integers(0, len(xy) - 1))
    kind = draw(st.sampled_from(["one", "one", "touching", "apart"]))
    if kind == "one" or not 1 <= cut <= len(xy) - 3:
        return line_of(xy)
    return line_of(xy[: cut + 1], xy[cut if kind == "touching" else cut + 1 :])


@st.composite
def walks_on(draw: st.DrawFn, line: Chainage, mode: str) -> Walk:
    """Fixes about a line that go forwards more often than back, now and then too far off or too late."""
    reach = draw(st.sampled_from([30.0, 120.0, 400.0]))
    side = draw(st.sampled_from([3.0, 25.0, 48.0, 60.0]))
    fix = st.tuples(st.floats(-0.5, 1, width=16), st.floats(-1, 1, width=16), st.floats(-1, 1, width=16))
    fixes = np.array(draw(st.lists(fix, min_size=2, max_size=14)))
    gaps = draw(st.lists(st.sampled_from(GAPS_S), min_size=len(fixes), max_size=len(fixes)))
    begin = draw(st.floats(0, 1, width=16)) * line.length_m
    measure = np.clip(begin + np.cumsum(fixes[:, 0] * reach), 0, line.length_m)
    ties = 0.7 * np.modf(np.outer(np.arange(1, len(fixes) + 1), [math.sqrt(2), math.sqrt(3)]))[0]
    xy = np.asarray(HOME.xy(*line.point_at(measure).T)).T + side * fixes[:, 1:] + ties
    return Walk(lonlat_of(xy), np.cumsum(gaps), np.full(len(fixes), np.nan), [], mode)


@st.composite
def teams(draw: st.DrawFn, most: int = 4) -> tuple[Chainage, dict[str, Walk]]:
    """A line and some patrols about it."""
    line = draw(lines().filter(lambda made: made.length_m > 1))
    mode = draw(st.sampled_from(["foot", "foot", "vehicle"]))
    walks = draw(st.lists(walks_on(line, mode), min_size=1, max_size=most))
    return line, {f"p{at}": walk for at, walk in enumerate(walks)}


worlds = teams(1).map(lambda made: (made[0], made[1]["p0"]))


def rules(walk: Walk, *, tolerance_m: float = units.PATROL_TOLERANCE_M, max_step_s: float = 600.0) -> Rules:
    top = units.PATROL_TOP_SPEEDS_KMH[walk.mode] / units.KMH_PER_MPS
    sigma = tracks.SIGMA_M * tolerance_m / units.PATROL_TOLERANCE_M  # who asks for less expects less noise
    return Rules(top, sigma, tracks.BETA_M, tolerance_m, max_step_s)


def kept(walk: Walk) -> Walk:
    """The fixes that cleaning keeps."""
    fixes = clean(table({ONE: walk}), top_speed_kmh=units.PATROL_TOP_SPEEDS_KMH[walk.mode])
    seconds = fixes.time_s - START.timestamp()
    return Walk(fixes.lonlat, seconds, np.full(len(seconds), np.nan), [], walk.mode)


def plainly(line: Chainage, walk: Walk, **how: float) -> Credited:
    """Credit what cleaning keeps the slow way."""
    parts = [[tuple(xy) for xy in part.tolist()] for part in np.split(line.lonlat, line.offsets[1:-1])]
    fixes = [tuple(xy) for xy in walk.lonlat.tolist()]
    return plain_credit(fixes, walk.seconds.tolist(), parts, rules(walk, **how))


def refusals(made: Credit, patrol: str = ONE) -> dict[str, tuple[int, float]]:
    """Steps and metres of a patrol by reason."""
    rows = made.refused[made.refused["patrol_id"] == patrol]
    each = rows[["reason", "steps", "length_m"]].itertuples(index=False)
    return {reason: (steps, length) for reason, steps, length in each}


def steps_by_reason(refused: dict[str, tuple[int, float]]) -> dict[str, int]:
    return {reason: steps for reason, (steps, _) in refused.items()}


def together(line: Chainage, walks: dict[str, Walk], **how: Any) -> Credit:
    """Credit some patrols that move in one way."""
    return credit(table(walks), line, mode=next(iter(walks.values())).mode, **how)


def longer(stretches: list[tuple[float, float]]) -> list[tuple[float, float]]:
    return [(start, end) for start, end in stretches if end - start > SAME_M]


def inside(some: list[tuple[float, float]], others: list[tuple[float, float]]) -> bool:
    """Whether each stretch lies within one of the others."""
    return all(any(low - SAME_M <= start and end <= high + SAME_M for low, high in others) for start, end in some)


@settings(max_examples=40, deadline=None)
@given(teams(), st.sampled_from([50.0, 25.0]), st.sampled_from([600.0, 130.0]))
def test_the_slow_way_credits_the_same(
    team: tuple[Chainage, dict[str, Walk]], tolerance_m: float, max_step_s: float
) -> None:
    line, walks = team
    for seen in same_answers(line, walks, tolerance_m=tolerance_m, max_step_s=max_step_s):
        event(seen)


@pytest.mark.parametrize(
    ("xy", "parts"),
    [
        (wandering(3_000, seed=1, bend=0.9, turn_m=100.0), 1),
        (meanders(3_000, wave_m=300.0, bend=1.6), 3),
        (meanders(2_000, wave_m=500.0, bend=2.3), 1),
        (switchbacks(12, leg_m=150.0, apart_m=40.0), 1),
        (switchbacks(40, leg_m=40.0, apart_m=9.0), 2),
        (figure_eight(200.0, vertices=40), 1),
    ],
    ids=["wandering", "meanders in parts", "crossing itself", "switchbacks", "tight switchbacks", "figure eight"],
)
def test_the_slow_way_credits_many_walks_the_same(xy: Floats, parts: int) -> None:
    line = line_of(*np.array_split(xy, parts))
    rng = np.random.default_rng(11)
    walks = {f"p{at:02d}": strolling(line, rng) for at in range(50)}
    seen = same_answers(line, walks)
    assert {"1 visits", "off_line", "heading", "gap"} <= set(seen)


def strolling(line: Chainage, rng: np.random.Generator) -> Walk:
    """A dozen fixes that go on along the line, or turn back, by as much as can just be credited."""
    steps = rng.normal(rng.choice([10.0, 60.0, 200.0]), 60.0, 12)
    measure = np.clip(rng.uniform(0, line.length_m) + np.cumsum(steps), 0, line.length_m)
    xy = np.asarray(HOME.xy(*line.point_at(measure).T)).T + rng.normal(0, rng.choice([4.0, 18.0]), (12, 2))
    return Walk(lonlat_of(xy), np.cumsum(rng.choice(GAPS_S, 12)), np.full(12, np.nan), [], "vehicle")


def same_answers(line: Chainage, walks: dict[str, Walk], **how: float) -> list[str]:
    """Hold what patrols are credited with against the slow way; say what was seen."""
    made, seen = together(line, walks, **how), []
    for patrol, walk in walks.items():
        plain = plainly(line, kept(walk), **how)
        if plain.doubt < CLEAR:
            seen.append("too close to call")
            continue
        expected = [visit for visit in plain.visits if visit.end_m - visit.start_m > SAME_M]
        seen += [f"{min(len(expected), 3)} visits", *plain.refused]
        visits = made.visits[made.visits["patrol_id"] == patrol]
        found = np.column_stack(
            [visits["start_m"], visits["end_m"], seconds_of(visits["start_time"]), seconds_of(visits["end_time"])]
        )
        found = found[found[:, 1] - found[:, 0] > SAME_M]
        assert found == pytest.approx(np.array(expected).reshape(-1, 4), abs=SAME_M)
        mine = refusals(made, patrol)
        assert steps_by_reason(mine) == steps_by_reason(plain.refused)
        for reason, (_, length_m) in plain.refused.items():
            assert mine[reason][1] == pytest.approx(length_m, rel=1e-4, abs=SAME_M)
        account = made.walked.set_index("patrol_id").loc[patrol]
        assert account["credited_steps"] == plain.credited_steps
        assert account["credited_m"] == pytest.approx(sum(v.end_m - v.start_m for v in plain.visits), abs=SAME_M)
    return seen


@settings(max_examples=40, deadline=None)
@given(teams())
def test_every_step_is_credited_or_refused_and_no_more_is_credited_than_can_have_been_walked(
    team: tuple[Chainage, dict[str, Walk]],
) -> None:
    """At most twice the detour and thrice the slack of its steps.

    Fewest spans that take in all credited steps share each step between two at most, and no fix is more than the
    slack outside of a span that it lies in.
    """
    line, walks = team
    made = together(line, walks)
    for patrol, walk in walks.items():
        found = stretches_of(made.visits[made.visits["patrol_id"] == patrol])
        assert all(0 <= start < end <= line.length_m + SAME_M for start, end in found)
        assert all(end < start for (_, end), (start, _) in itertools.pairwise(found))
        account = made.walked.set_index("patrol_id").loc[patrol]
        refused = refusals(made, patrol)
        assert set(refused) <= set(REASONS)
        clear = kept(walk)
        steps_m = [distance_m(one, other) for one, other in itertools.pairwise(clear.lonlat.tolist())]
        assert account["read"] == len(walk.seconds)
        assert account["fixes"] == len(clear.seconds)
        assert account["steps"] == len(steps_m)
        assert account["credited_steps"] + sum(steps for steps, _ in refused.values()) == len(steps_m)
        assert account["length_m"] == pytest.approx(sum(steps_m), rel=1e-4, abs=SAME_M)
        walked_m = sum(steps_m) - sum(length for _, length in refused.values())
        assert account["credited_m"] == pytest.approx(metres(found), abs=SAME_M)
        slack_m = SLACK_M * account["credited_steps"]
        assert metres(found) <= 2 * DETOUR * walked_m + 3 * slack_m + SAME_M


@settings(max_examples=40, deadline=None)
@given(worlds, st.integers(0, 12), st.floats(0.05, 0.95), st.floats(0.05, 0.95))
def test_a_fix_added_on_the_credited_path_never_credits_less(
    world: tuple[Chainage, Walk], at: int, share: float, when: float
) -> None:
    line, walk = world
    clear = kept(walk)
    before = plainly(line, clear)
    assume(at + 1 < len(clear.seconds) and before.doubt > CLEAR)
    one, other = before.measure_m[at], before.measure_m[at + 1]
    assume(one is not None and other is not None)
    assert one is not None
    assert other is not None
    assume(clear.seconds[at + 1] - clear.seconds[at] <= 600)
    point = line.point_at(np.array([one + share * (other - one)]))
    second = clear.seconds[at] + when * (clear.seconds[at + 1] - clear.seconds[at])
    more = Walk(
        np.insert(clear.lonlat, at + 1, point, axis=0),
        np.insert(clear.seconds, at + 1, second),
        np.full(len(clear.seconds) + 1, np.nan),
        [],
        walk.mode,
    )
    assume(len(kept(more).seconds) == len(more.seconds))
    assume(plainly(line, more).doubt > CLEAR)
    assert inside(credited(line, clear), credited(line, more))


@settings(max_examples=60, deadline=None)
@given(st.integers(0, 1_000), st.floats(5, 60), st.floats(1.05, 4), st.sampled_from([3.0, 10.0, 25.0]))
def test_more_tolerance_never_credits_less_on_a_line_with_one_candidate(
    seed: int, tolerance_m: float, more: float, noise_m: float
) -> None:
    line = line_of(wandering(3_000, seed=seed, bend=0.15, turn_m=900.0))
    walk = along(line, 200.0, 2_800.0, every_s=(5.0, 400.0), noise_m=noise_m, drift_s=0.0, seed=seed)
    little = credited(line, walk, tolerance_m=tolerance_m)
    much = credited(line, walk, tolerance_m=tolerance_m * more)
    assert inside(little, much)


@settings(max_examples=40, deadline=None)
@given(worlds, st.lists(st.floats(0, 1), max_size=5))
def test_segments_that_do_not_overlap_add_up(world: tuple[Chainage, Walk], cuts: list[float]) -> None:
    line, walk = world
    visits = credit_of(line, walk).visits
    start, end = visits["start_m"].to_numpy(), visits["end_m"].to_numpy()
    whole = line.length_m - np.diff(uncovered_runs(start, end, length_m=line.length_m)).sum()
    bounds = np.unique(np.array([0, *cuts, 1]) * line.length_m)
    parts = [
        (np.minimum(end, high) - np.maximum(start, low)).clip(0).sum() for low, high in itertools.pairwise(bounds)
    ]
    assert sum(parts) == pytest.approx(whole, abs=SAME_M)
    assert metres(stretches_of(visits)) == pytest.approx(whole, abs=SAME_M)


@settings(max_examples=25, deadline=None)
@given(teams(), st.integers(0, 2**31))
def test_order_and_company_do_not_matter(team: tuple[Chainage, dict[str, Walk]], seed: int) -> None:
    line, walks = team
    every, mode = table(walks), walks["p0"].mode
    made = credit(every, line, mode=mode)
    mixed = credit(every.sample(frac=1, random_state=seed), line, mode=mode)
    for name in ("visits", "refused", "dropped", "walked"):
        pd.testing.assert_frame_equal(getattr(made, name), getattr(mixed, name))
    for patrol, walk in walks.items():
        alone = credit(table({patrol: walk}), line, mode=mode)
        for name in ("visits", "refused", "dropped", "walked"):
            of_it = getattr(made, name).query("patrol_id == @patrol").reset_index(drop=True)
            pd.testing.assert_frame_equal(of_it, getattr(alone, name), check_dtype=False)


@settings(max_examples=30, deadline=None)
@given(worlds, st.integers(-(10**9), 10**9))
def test_a_later_day_changes_times_and_nothing_else(world: tuple[Chainage, Walk], later_s: int) -> None:
    line, walk = world
    now = credit_of(line, walk)
    then = credit_of(line, Walk(walk.lonlat, walk.seconds + later_s, walk.true_m, [], walk.mode))
    moved = now.visits.assign(
        start_time=now.visits["start_time"] + pd.Timedelta(seconds=later_s),
        end_time=now.visits["end_time"] + pd.Timedelta(seconds=later_s),
    )
    pd.testing.assert_frame_equal(moved, then.visits)
    pd.testing.assert_frame_equal(now.refused, then.refused)


@settings(max_examples=40, deadline=None)
@given(worlds)
def test_the_way_back_credits_the_same_stretch(world: tuple[Chainage, Walk]) -> None:
    line, walk = world
    clear = kept(walk)
    assume(len(kept(clear.backwards()).seconds) == len(clear.seconds))
    assume(plainly(line, clear).doubt > CLEAR)
    there, back = credit_of(line, clear), credit_of(line, clear.backwards())
    assert np.array(stretches_of(back.visits)) == pytest.approx(np.array(stretches_of(there.visits)), abs=SAME_M)
    assert steps_by_reason(refusals(there)) == steps_by_reason(refusals(back))
