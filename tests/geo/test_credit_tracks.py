"""Walks whose truth is known: what they are credited with, and what other methods make of them."""

from __future__ import annotations

import itertools

import numpy as np
import pytest

from geo.border.chainage import Chainage
from tests.crediting import credit_of, credited, metres, stretches_of, wrong_m
from tests.tracks import (
    ADVERSARIAL,
    Walk,
    along,
    beside,
    buffered_m,
    figure_eight,
    line_of,
    lonlat_of,
    meanders,
    nearest_m,
    normal,
    outage,
    perpendicular,
    record,
    shortcut,
    standing,
    stationary,
    stretch,
    switchbacks,
    wandering,
)

LITTLE_M = 300.0


@pytest.mark.parametrize("seed", range(1, 5))
@pytest.mark.parametrize("name", ADVERSARIAL)
def test_six_tracks_earn_what_was_walked(name: str, seed: int) -> None:
    line, walk = ADVERSARIAL[name](seed)
    made = credit_of(line, walk)
    earned = stretches_of(made.visits)
    assert metres(earned) <= 1.6 * made.walked["length_m"].sum() + 30
    if walk.true_length_m:
        assert metres(earned) == pytest.approx(walk.true_length_m, rel=0.05)
        assert wrong_m(earned, walk.truth) < 0.05 * walk.true_length_m
    else:
        assert metres(earned) < LITTLE_M


def test_a_buffer_around_the_track_fails() -> None:
    def scores(made: tuple[Chainage, Walk]) -> float:
        return buffered_m(*made)

    assert scores(shortcut(1, wave_m=250.0)) > 13_500  # a 7 km road earns all 14 km
    assert scores(perpendicular(1)) > 90  # a crossing earns the width of the buffer
    line, walk = stationary(1)
    assert scores((line, walk.rows(slice(None, None, 40)))) > 110  # so does standing still
    line, walk = outage(1)
    assert scores((line, walk)) > walk.true_length_m + 500  # what the straight way across the outage comes near


def test_nearest_places_fail() -> None:
    line, walk = outage(1)
    assert nearest_m(line, walk) > 2 * walk.true_length_m
    line, walk = on_switchbacks(seed=1)
    measure, _ = line.locate(walk.lonlat)
    assert 0.05 < np.mean(np.abs(measure - walk.true_m) > 100) < 0.3  # fixes on the wrong leg


@pytest.mark.parametrize("every_s", [1.0, 5.0, 30.0, 60.0, 120.0, 300.0, 600.0])
def test_the_rate_of_recording_hardly_matters(every_s: float) -> None:
    line = line_of(wandering(9_000, seed=3))
    walk = along(line, 500.0, 8_000.0, every_s=every_s, seed=4)
    earned = credited(line, walk)
    assert metres(earned) == pytest.approx(7_500, rel=0.05)
    assert wrong_m(earned, walk.truth) < 0.05 * 7_500


@pytest.mark.parametrize(("noise_m", "drift_s"), [(0.0, 0.0), (5.0, 0.0), (10.0, 60.0), (15.0, 0.0), (15.0, 60.0)])
def test_noise_within_the_tolerance_is_forgiven(noise_m: float, drift_s: float) -> None:
    line = line_of(wandering(6_000, seed=8))
    walk = along(line, 500.0, 5_500.0, noise_m=noise_m, drift_s=drift_s, seed=5)
    assert wrong_m(credited(line, walk), walk.truth) < 0.05 * 5_000


@pytest.mark.parametrize("every_s", [10.0, 60.0, 300.0])
@pytest.mark.parametrize("seed", [1, 2])
def test_a_road_across_large_meanders_earns_almost_nothing_however_fast(every_s: float, seed: int) -> None:
    for kmh, mode in ((5.0, "foot"), (40.0, "vehicle")):
        assert metres(credited(*shortcut(seed, kmh=kmh, mode=mode, every_s=every_s))) < LITTLE_M


def test_an_hour_out_of_reach_earns_nothing_between() -> None:
    line = line_of(wandering(16_000, seed=2))
    walk = along(line, 500.0, 14_500.0, seed=2)
    seen = walk.rows((walk.true_m < 3_500) | (walk.true_m > 11_500))
    assert wrong_m(credited(line, seen), [(500.0, 3_500.0), (11_500.0, 14_500.0)]) < 300
    ends = walk.rows([0, -1])
    assert credited(line, ends) == []


def test_out_and_back_earns_the_way_once() -> None:
    line = line_of(wandering(6_000, seed=9))
    out = along(line, 1_000.0, 4_000.0, seed=1)
    walk = out.then(along(line, 4_000.0, 2_000.0, seed=2), pause_s=60.0)
    assert wrong_m(credited(line, walk), [(1_000.0, 4_000.0)]) < 60


def test_who_leaves_the_line_earns_what_he_walked_of_it() -> None:
    line = line_of(wandering(9_000, seed=10))
    away = beside(line, 2_500.0, 5_500.0, off_m=500.0)
    detour = np.concatenate([line.point_at(np.array([2_000.0])), away, line.point_at(np.array([6_000.0]))])
    walk = along(line, 500.0, 2_000.0, seed=1).then(record(detour, seed=2), pause_s=10.0)
    walk = walk.then(along(line, 6_000.0, 8_000.0, seed=3), pause_s=10.0)
    assert wrong_m(credited(line, walk), [(500.0, 2_000.0), (6_000.0, 8_000.0)]) < 0.05 * 3_500


def test_a_parallel_road_earns_what_is_within_the_tolerance() -> None:
    line = line_of(wandering(8_000, seed=11, bend=0.3))
    near, far = (record(beside(line, 1_000.0, 7_000.0, off_m=off), noise_m=1.0, seed=1) for off in (45.0, 56.0))
    assert metres(credited(line, near)) == pytest.approx(6_000, rel=0.05)
    assert metres(credited(line, far)) < LITTLE_M
    assert metres(credited(line, far, tolerance_m=60.0)) == pytest.approx(6_000, rel=0.05)


def test_a_border_of_parts_is_walked_across_its_gaps() -> None:
    xy = wandering(9_000, seed=12)
    line = line_of(xy[:120], xy[119:200], xy[220:])  # the first two touch, then half a kilometre is nobody's
    way = np.concatenate([stretch(line, 500.0, 4_900.0), stretch(line, 5_100.0, 8_000.0)])
    walk = record(way, seed=3)
    assert wrong_m(credited(line, walk), [(500.0, 8_000.0)]) < 0.02 * 7_500


@pytest.mark.parametrize("bounds", [(0.0, 1.0), (0.05, 0.45), (0.55, 0.95), (0.3, 0.8)])
def test_a_line_that_crosses_itself_is_credited_where_it_was_walked(bounds: tuple[float, float]) -> None:
    line = line_of(figure_eight(800.0))
    start_m, end_m = (share * line.length_m for share in bounds)
    walk = along(line, start_m, end_m, seed=6)
    assert wrong_m(credited(line, walk), walk.truth) < 0.04 * walk.true_length_m


def test_a_walk_through_the_neck_of_a_meander_does_not_earn_the_loop() -> None:
    line = line_of(meanders(9_000, wave_m=1_500.0, bend=2.1))
    around = along(line, 1_000.0, 8_000.0, seed=7)
    assert wrong_m(credited(line, around), around.truth) < 0.03 * 7_000
    one, other = neck_of(line, around.truth[0])
    short = along(line, one - 400.0, one, seed=8).then(along(line, other, other + 400.0, seed=9), pause_s=60.0)
    earned = credited(line, short)
    assert wrong_m(earned, short.truth) < 150  # some of either leg beyond the neck, never the loop between


def neck_of(line: Chainage, within: tuple[float, float]) -> tuple[float, float]:
    """Two places near each other with half a kilometre and more of line between."""
    measures = np.arange(within[0], within[1], 10.0)
    points = line.point_at(measures) * [np.cos(np.radians(43.5)), 1.0] * 111_200
    apart = np.hypot(*(points[:, None] - points[None]).transpose(2, 0, 1))
    apart[np.abs(measures[:, None] - measures[None]) < 500] = np.inf
    one, other = np.unravel_index(apart.argmin(), apart.shape)
    assert apart.min() < 150
    return float(measures[min(one, other)]), float(measures[max(one, other)])


def on_switchbacks(seed: int, **how: float) -> tuple[Chainage, Walk]:
    """Up a slope of twelve legs, 40 m apart, with 15 m of noise on each axis that is forgotten at once."""
    line = line_of(switchbacks(12, leg_m=500.0, apart_m=40.0))
    how = {"noise_m": 15.0, "drift_s": 0.0} | how
    return line, along(line, 30.0, line.length_m - 30.0, seed=seed, **how)


@pytest.mark.parametrize("every_s", [10.0, 60.0])
def test_switchbacks_are_credited_leg_by_leg(every_s: float) -> None:
    """Wrong metres of six walks together, the noise at their ends included; none of them is far off."""
    line = line_of(switchbacks(24, leg_m=500.0, apart_m=40.0))
    wrong, true = [], []
    for seed, legs in itertools.product((1, 2), [(0.0, 24.0), (4.1, 15.8), (20.5, 8.2)]):
        start_m, end_m = (leg * line.length_m / 24 for leg in legs)
        walk = along(line, start_m, end_m, noise_m=15.0, drift_s=0.0, every_s=every_s, seed=seed)
        wrong.append(wrong_m(credited(line, walk), walk.truth))
        true.append(walk.true_length_m)
    assert sum(wrong) < 0.01 * sum(true)
    assert max(np.array(wrong) / true) < 0.03


def test_standing_anywhere_for_hours_earns_a_spot() -> None:
    line = line_of(switchbacks(12, leg_m=500.0, apart_m=40.0))
    for seed in range(4):
        spot = line.point_at(np.array([700.0 + 500 * seed]))
        walk = standing(spot, minutes=200.0, every_s=10.0, noise_m=10.0, seed=seed)
        assert metres(credited(line, walk)) < LITTLE_M


def test_visits_carry_the_times_at_their_ends() -> None:
    line, walk = normal(1)
    visits = credit_of(line, walk).visits
    assert len(stretches_of(visits)) == 1
    gone = (visits["end_time"] - visits["start_time"]).dt.total_seconds()
    assert gone.tolist() == pytest.approx([10_000 / (4 / 3.6)], rel=0.02)
    assert set(visits["evidence"]) == {"gps"}


def test_nothing_and_a_single_fix_earn_nothing() -> None:
    line, walk = normal(1)
    for rows in ([], [5]):
        assert len(credit_of(line, walk.rows(rows)).visits) == 0
    nowhere = line_of()
    assert len(credit_of(nowhere, walk).visits) == 0
    far = record(lonlat_of([(0.0, 90_000.0), (5_000.0, 90_000.0)]))
    assert len(credit_of(line, far).visits) == 0


def test_a_road_along_small_meanders_earns_next_to_nothing() -> None:
    """It stays within the tolerance all the way, and each short step could be one along the line."""
    for wave_m in (120.0, 250.0, 400.0):
        for made in (shortcut(1, wave_m=wave_m), shortcut(1, wave_m=wave_m, mode="foot", kmh=4.0, every_s=30.0)):
            assert metres(credited(*made)) < LITTLE_M


def test_a_stretch_walked_again_days_later_does_not_make_the_first_day_fresher() -> None:
    line = line_of([(0.0, 0.0), (5_000.0, 0.0)])
    days = along(line, 100.0, 2_000.0, seed=1).then(along(line, 1_800.0, 4_000.0, seed=2), pause_s=2 * 86_400.0)
    made = credit_of(line, days)
    first = made.visits.sort_values("start_m").iloc[0]
    assert (first["end_time"] - first["start_time"]).total_seconds() < 3_600
    assert made.walked["credited_m"].tolist() == pytest.approx([3_900.0], abs=60.0)
