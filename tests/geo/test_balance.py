"""Is the work shared evenly, and who has more of it than hours? By hand, and against sums over all pairs."""

from __future__ import annotations

import math
from datetime import date
from typing import Any

import numpy as np
import pandas as pd
import pytest
from hypothesis import assume, given
from hypothesis import strategies as st

from geo import catalogue
from geo.border.balance.fields import CHANGE_WORDS, LOAD_WORDS
from geo.border.balance.redraw import CHANGES
from geo.border.balance.work import LOAD_STATES, holder_of, loads, states, work_of
from geo.border.holding import Holdings, hold
from geo.evenness import evenness
from geo.parameters import Parameters
from geo.tables.conform import conform
from tests.asking import ask
from tests.worlds import six_holders

DAY = date(2026, 1, 10)
PARAMETERS = Parameters(as_of=DAY)
amounts = st.lists(st.floats(0, 1e6, allow_subnormal=False), min_size=1, max_size=30)


def holdings_of(world: dict[str, Any]) -> Holdings:
    return hold(world["border"], world["segments"], world.get("assignments"), markers=world["markers"], as_of=DAY)


# --- M7 ---------------------------------------------------------------------------------------------------------


def test_evenness_by_hand() -> None:
    even = evenness([90.0, 100.0, 110.0, 100.0])  # σ² = (100 + 0 + 100 + 0) / 4 = 50
    assert even.mean == 100.0
    assert even.variation == pytest.approx(math.sqrt(50) / 100)
    assert even.peak == pytest.approx(1.1)
    assert even.gini == pytest.approx(2 * (20 + 4 * 10) / (2 * 16 * 100))  # one pair apart by 20, four by 10
    assert even.near == 4  # 10 % off is near
    assert evenness([90.0, 100.0, 110.0, 100.0], within=0.09).near == 2


def test_one_who_has_everything() -> None:
    all_in_one = evenness([0.0, 0.0, 0.0, 8.0])
    assert (all_in_one.gini, all_in_one.peak, all_in_one.near) == (0.75, 4.0, 0)
    assert all_in_one.variation == pytest.approx(math.sqrt(3))


def test_loads_that_say_little() -> None:
    nothing = evenness([])
    assert (nothing.count, nothing.missing, nothing.near) == (0, 0, 0)
    assert (nothing.mean, nothing.variation, nothing.peak, nothing.gini) == (None, None, None, None)
    unknown = evenness([math.nan, math.nan])
    assert (unknown.count, unknown.missing, unknown.gini) == (0, 2, None)
    for given_loads in ([5.0], [0.0, 0.0, 0.0], [5.0, math.nan, 5.0]):
        alike = evenness(given_loads)
        assert (alike.variation, alike.peak, alike.gini) == (0.0, 1.0, 0.0)
        assert alike.near == alike.count


@pytest.mark.parametrize("wrong", [-1.0, math.inf])
def test_loads_that_cannot_be(wrong: float) -> None:
    with pytest.raises(ValueError, match="finite and not negative"):
        evenness([1.0, wrong])


@given(amounts)
def test_gini_is_the_sum_over_all_pairs(amount: list[float]) -> None:
    assume(max(amount) > 0)
    even = evenness(amount)
    mean = math.fsum(amount) / len(amount)
    pairs = math.fsum(abs(one - other) for one in amount for other in amount)
    assert even.gini == pytest.approx(pairs / (2 * len(amount) ** 2 * mean), abs=1e-9)
    assert even.variation == pytest.approx(np.std(amount) / mean, abs=1e-9)
    assert even.peak == pytest.approx(max(amount) / mean)


@given(amounts, st.floats(1e-6, 1e6), st.randoms(use_true_random=False))
def test_unit_and_order_do_not_matter(amount: list[float], factor: float, chance: Any) -> None:
    again = [load * factor for load in amount]
    chance.shuffle(again)
    even, other = evenness(amount), evenness(again)
    assert other.variation == pytest.approx(even.variation, abs=1e-9)
    assert other.peak == pytest.approx(even.peak)
    assert other.gini == pytest.approx(even.gini, abs=1e-9)


@given(amounts)
def test_bounds(amount: list[float]) -> None:
    even = evenness(amount)
    n = len(amount)
    assert even.gini is not None and even.variation is not None and even.peak is not None
    assert 0 <= even.gini <= 1 - 1 / n + 1e-12
    assert 0 <= even.variation <= math.sqrt(n - 1) + 1e-9
    assert 1 - 1e-12 <= even.peak <= n + 1e-9
    assert 0 <= even.near <= n


@given(amounts, st.integers(0, 29), st.integers(0, 29))
def test_giving_to_who_has_less_is_never_less_even(amount: list[float], one: int, other: int) -> None:
    rich, poor = sorted((one % len(amount), other % len(amount)), key=lambda at: -amount[at])
    given_away = (amount[rich] - amount[poor]) / 3
    fairer = list(amount)
    fairer[rich] -= given_away
    fairer[poor] += given_away
    before, after = evenness(amount), evenness(fairer)
    assert before.gini is not None and after.gini is not None
    assert after.gini <= before.gini + 1e-9


# --- the work of segments and holders ---------------------------------------------------------------------------


def test_work_of_segments_by_hand() -> None:
    work = work_of(holdings_of(six_holders()))
    assert work["open_m"].tolist() == pytest.approx([20_000, 10_000, 13_000, 15_000, 20_000, 12_000])
    assert work["full_time"].tolist() == [1.0, 2.0, 0.0, 2.0, 1.5, 1.5]
    assert work["keeps_m"].tolist() == [14_000.0] * 6
    assert work["reach_m"].tolist() == [14_000, 28_000, 0, 28_000, 21_000, 21_000]
    assert work["hours_needed"].tolist() == pytest.approx([2 * km / 3.5 for km in (20, 10, 13, 15, 20, 12)])
    assert work["hours_available"].tolist() == [8, 16, 0, 16, 12, 12]
    expected = [20 / 14, 10 / 28, math.nan, 15 / 28, 20 / 21, 12 / 21]
    assert work["used"].tolist() == pytest.approx(expected, nan_ok=True)


def test_load_of_holders_by_hand() -> None:
    rows = ask("holder-load", six_holders(), PARAMETERS).set_index("holder_id")
    assert rows["segments"].tolist() == [2, 2, 2]
    assert rows["guards"].tolist() == [3, 2, 3]
    assert rows["full_time"].tolist() == [3.0, 2.0, 3.0]
    assert rows["length_m"].tolist() == pytest.approx([30_000, 28_000, 32_000])
    assert rows["hours_needed"].tolist() == pytest.approx([120 / 7, 16, 128 / 7])
    assert rows["used"].tolist() == pytest.approx([5 / 7, 1, 16 / 21])
    assert rows["state"].tolist() == ["ok", "strained", "ok"]
    mean = (5 / 7 + 1 + 16 / 21) / 3
    assert rows["deviation"].tolist() == pytest.approx([5 / 7 / mean - 1, 1 / mean - 1, 16 / 21 / mean - 1])
    # at markers p1 has a 0-10 and b 10-35, p2 has d 35-60, p3 open km 60-90
    assert rows["new_length_m"].tolist() == pytest.approx([35_000, 25_000, 30_000])
    assert rows["new_used"].tolist() == pytest.approx([35 / 42, 25 / 28, 30 / 42])
    assert rows[["gained_m", "claimed_m", "lost_m"]].to_numpy() == pytest.approx(
        np.array([[3_000, 2_000, 0], [0, 0, 3_000], [0, 0, 0]])
    )
    assert rows.geometry["p2"].x == pytest.approx(100 + 45_000 / 111_319.49, abs=1e-6)


def test_figures_of_load_by_hand() -> None:
    world = six_holders()
    layer = catalogue.layer("holder-load")
    figures = {figure.id: figure for figure in layer.figures(ask("holder-load", world, PARAMETERS), PARAMETERS)}
    used = figures["holder-load.used"]
    assert used.numerator == pytest.approx(2 * 90 / 3.5)
    assert used.denominator == 64
    assert figures["holder-load.beyond"].numerator == 0
    mean = (15 + 21 + 16) / 3 / 21  # 15/21, 21/21, 16/21
    assert figures["holder-load.gini"].value == pytest.approx(2 * (6 + 5 + 1) / 21 / (2 * 9 * mean))
    assert figures["holder-load.peak"].value == pytest.approx(1 / mean)
    assert figures["holder-load.near"].numerator == 1  # 16/21 is 8 % below the mean; 15/21 is 13 % below


def test_a_segment_without_post_stands_for_itself() -> None:
    world = six_holders()
    world["segments"] = world["segments"].assign(
        post_id=pd.Series(["p1", "p1", None, "p2", "p3", "p3"], dtype="str")
    )
    rows = ask("holder-load", world, PARAMETERS).set_index("holder_id")
    assert rows.index.tolist() == ["p1", "p2", "p3", "segment-c"]
    assert rows.loc["segment-c", ["state", "guards", "hours_needed"]].tolist() == [
        "nobody",
        0,
        pytest.approx(2 * 13 / 3.5),
    ]
    assert rows["post_id"].isna().tolist() == [False, False, False, True]
    assert rows["used"].isna().tolist() == [False, False, False, True]
    assert rows.geometry.isna().tolist() == [False, False, False, True]


def test_ground_that_nobody_can_get_to_is_no_work() -> None:
    world = six_holders()
    world["segments"] = world["segments"].assign(accessible=[True, True, True, True, True, False])
    work = work_of(holdings_of(world))
    assert work["open_m"].tolist() == pytest.approx([20_000, 10_000, 13_000, 15_000, 20_000, 0])
    assert work["full_time"].tolist() == [1, 2, 0, 2, 2, 0]  # g7 has only e to look after


def test_people_with_an_interval_help_the_segments_they_reach_into() -> None:
    world = six_holders()
    helper = pd.DataFrame(
        {
            "assignment_id": ["h"],
            "staff_id": ["g9"],
            "target_type": ["interval"],
            "border_id": ["south"],
            "start_m": [10_000.0],
            "end_m": [40_000.0],
        }
    )
    world["assignments"] = conform("assignments", pd.concat([world["assignments"], helper]))
    work = work_of(holdings_of(world))
    assert work["full_time"].tolist() == pytest.approx([1 + 1 / 3, 2 + 1 / 3, 1 / 3, 2, 1.5, 1.5])
    assert work["full_time"].sum() == pytest.approx(9)  # nobody works twice


def test_nobody_on_no_ground() -> None:
    world = six_holders()
    world["segments"] = world["segments"].iloc[:0]
    holdings = holdings_of(world)
    assert len(loads(holdings, work_of(holdings))) == 0
    assert len(holder_of(holdings.segments)) == 0


def test_every_state_and_change_has_words() -> None:
    assert tuple(LOAD_WORDS) == LOAD_STATES
    assert tuple(CHANGE_WORDS) == CHANGES
    assert states([0.0, 0.9, 0.900001, 1.0, 1.000001]).tolist() == [
        "ok",
        "ok",
        "strained",
        "strained",
        "overloaded",
    ]
