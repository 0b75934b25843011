"""How idle was each metre over a window? Hand-made answers, laws, and an oracle by metre and by second."""

from __future__ import annotations

import math
from typing import Any

import numpy as np
import pandas as pd
import pytest
from hypothesis import given, settings
from hypothesis import strategies as st

from geo.border.idleness import credited
from geo.border.windowed import Windowed, windowed
from geo.tables.conform import conform

START = pd.Timestamp("2026-01-01T00:00Z")
METRES, SECONDS = 40, 90
DAY_S = 86_400
Row = tuple[int, int, int, int]  # start and end in metres, the second at which it ended, patrol


def moment(second: float) -> pd.Timestamp:
    return START + pd.Timedelta(seconds=second)


def visits_of(rows: list[Row]) -> pd.DataFrame:
    table = pd.DataFrame(rows, columns=["start_m", "end_m", "second", "patrol"])
    table["end_time"] = START + pd.to_timedelta(table.pop("second").astype(float), unit="s")
    table["patrol_id"] = [f"t{patrol}" if patrol else None for patrol in table.pop("patrol")]
    table["visit_id"] = [f"v{number}" for number in range(len(table))]
    return conform("visits", table.assign(evidence="gps", border_id="e"))


def over_window(
    rows: list[Row], since: float, until: float, *, observed: float | None = None, length_m: float = METRES
) -> Windowed:
    return windowed(
        credited(visits_of(rows), moment(until)),
        "e",
        length_m,
        since=moment(since),
        until=moment(until),
        observed=None if observed is None else moment(observed),
    )


def by_metre(found: Windowed) -> Any:
    return np.searchsorted(found.breaks, np.arange(METRES) + 0.5) - 1


def test_a_saw_tooth_by_hand() -> None:
    day = DAY_S
    # ten days; metres 0-20 seen on day 2 and on day 6, 10-20 on day 6 only by the second patrol, 30-40 never
    found = over_window([(0, 20, 2 * day, 1), (0, 10, 6 * day, 2), (10, 30, 6 * day, 2)], 0, 10 * day)
    assert found.breaks.tolist() == [0, 10, 20, 30, 40]
    # Σ g² / 2T: gaps 2, 4, 4: 36 / 20; a gap of 6 and one of 4: 52 / 20; one of 10: 100 / 20
    assert found.mean_days == pytest.approx([1.8, 1.8, 2.6, 5.0])
    assert found.worst_days == pytest.approx([4, 4, 6, 10])
    assert found.regularity_days == pytest.approx([math.sqrt(36 / 3)] * 2 + [math.sqrt(52 / 2), 10])
    assert found.visits.tolist() == [2, 2, 1, 0]
    last = found.seen.astype("datetime64[D]").astype(str).tolist()
    assert last == ["2026-01-07", "2026-01-07", "2026-01-07", "NaT"]


def test_a_gap_that_was_open_before_counts_whole() -> None:
    day = DAY_S
    # window days 10-20; seen on day 4 and on day 12: idleness 6 → 8, then 0 → 8
    found = over_window([(0, METRES, 4 * day, 1), (0, METRES, 12 * day, 2)], 10 * day, 20 * day, observed=0)
    assert found.mean_days == pytest.approx([((8**2 - 6**2) + 8**2) / 20])
    assert found.worst_days == pytest.approx([8])
    assert found.regularity_days == pytest.approx([8])
    assert found.visits.tolist() == [1]  # the one on day 4 is before the window
    # nobody came: from day 0 on it was idle, 10 → 20
    never = over_window([], 10 * day, 20 * day, observed=0)
    assert never.mean_days == pytest.approx([15])
    assert never.worst_days == pytest.approx([20])


def test_observation_that_starts_in_the_window_shortens_it() -> None:
    day = DAY_S
    # the first visit on record ends on day 6 of ten: four days are observed
    found = over_window([(0, 20, 6 * day, 1)], 0, 10 * day, observed=6 * day)
    assert found.mean_days == pytest.approx([2, 2])
    assert found.worst_days == pytest.approx([4, 4])
    assert found.regularity_days == pytest.approx([4, 4])
    assert found.visits.tolist() == [1, 0]  # it is a visit of the window all the same
    nothing = over_window([], 0, 10 * day, observed=10 * day)
    assert np.isnan(nothing.mean_days).all()
    assert np.isnan(nothing.worst_days).all()


def test_visits_of_one_patrol_are_one_and_those_without_are_their_own() -> None:
    rows = [(0, 30, 10, 1), (10, 40, 20, 1), (20, 40, 30, 0), (20, 40, 30, 0)]
    found = over_window(rows, 0, SECONDS)
    assert found.breaks.tolist() == [0, 10, 20, 30, 40]
    assert found.visits.tolist() == [1, 1, 3, 3]


def test_a_border_without_length_has_no_cell() -> None:
    assert len(over_window([(0, 10, 5, 1)], 0, SECONDS, length_m=0.0).mean_days) == 0


def test_visits_beyond_the_ends_are_cut_there() -> None:
    found = over_window([(-5, 10, 30, 1), (39, 80, 30, 2), (60, 80, 30, 3)], 0, SECONDS)
    assert found.breaks.tolist() == [0, 10, 39, 40]
    assert found.visits.tolist() == [1, 0, 1]


rows_of = st.lists(
    st.tuples(st.integers(0, METRES), st.integers(0, METRES), st.integers(-30, SECONDS), st.integers(0, 4)),
    max_size=14,
)
windows = st.tuples(st.integers(0, SECONDS - 2), st.integers(1, SECONDS)).map(
    lambda pair: (pair[0], min(pair[0] + pair[1], SECONDS))
)


def slow(rows: list[Row], since: int, until: int, observed: int) -> dict[str, Any]:
    """Walk through every second of every metre."""
    begin = max(since, observed)
    told: dict[str, Any] = {name: np.full(METRES, np.nan) for name in ("mean", "worst", "regularity", "visits")}
    for metre in range(METRES):
        here = [(t, p or -n - 1) for n, (a, b, t, p) in enumerate(rows) if min(a, b) <= metre < max(a, b)]
        told["visits"][metre] = len({patrol for t, patrol in here if since < t <= until})
        if begin >= until:
            continue
        last = max((t for t, _ in here if t <= begin), default=min(observed, begin))
        total, worst, gaps = 0.0, 0, []
        for second in range(begin, until):
            total += (second - last) + 0.5  # idleness rises by one in the second
            worst = max(worst, second + 1 - last)
            if any(t == second + 1 for t, _ in here):
                gaps.append(second + 1 - last)
                last = second + 1
        gaps += [until - last] if until > last else []
        told["mean"][metre] = total / (until - begin)
        told["worst"][metre] = worst
        told["regularity"][metre] = math.sqrt(sum(gap**2 for gap in gaps) / len(gaps))
    return told


@settings(max_examples=60, deadline=None)
@given(rows_of, windows, st.integers(-40, SECONDS))
def test_windows_second_by_second(rows: list[Row], window: tuple[int, int], observed: int) -> None:
    # nobody has a record of what was before the start of observation
    known = [row for row in rows if row[2] >= observed]
    found = over_window(known, *window, observed=observed)
    expected = slow(known, *window, observed)
    cell = by_metre(found)
    assert found.mean_days[cell] * DAY_S == pytest.approx(expected["mean"], nan_ok=True)
    assert found.worst_days[cell] * DAY_S == pytest.approx(expected["worst"], nan_ok=True)
    assert found.regularity_days[cell] * DAY_S == pytest.approx(expected["regularity"], nan_ok=True)
    assert found.visits[cell].tolist() == expected["visits"].tolist()
    for metre in range(METRES):
        ended = [t for a, b, t, _ in known if min(a, b) <= metre < max(a, b) and t <= window[1]]
        last = found.seen[cell[metre]]
        assert np.isnat(last) if not ended else pd.Timestamp(last, tz="UTC") == moment(max(ended))


@settings(max_examples=20, deadline=None)
@given(rows_of, st.lists(st.integers(0, SECONDS), min_size=3, max_size=3, unique=True))
def test_disjoint_windows_add_up(rows: list[Row], bounds: list[int]) -> None:
    first, middle, last = sorted(bounds)

    def integral(since: int, until: int) -> Any:
        found = over_window(rows, since, until, observed=-40)
        return found.mean_days[by_metre(found)] * (until - since), found.visits[by_metre(found)]

    (one, before), (other, after), (whole, both) = (
        integral(first, middle),
        integral(middle, last),
        integral(first, last),
    )
    assert one + other == pytest.approx(whole)
    assert (before + after >= both).all()  # a patrol may have visited in both


@settings(max_examples=20, deadline=None)
@given(rows_of, st.data())
def test_a_visit_more_never_raises_the_mean(rows: list[Row], data: Any) -> None:
    more = [*rows, data.draw(rows_of.filter(len))[0]]
    without, with_it = over_window(rows, 0, SECONDS, observed=-40), over_window(more, 0, SECONDS, observed=-40)
    assert (with_it.mean_days[by_metre(with_it)] <= without.mean_days[by_metre(without)] + 1e-12).all()
    assert (with_it.visits[by_metre(with_it)] >= without.visits[by_metre(without)]).all()


@settings(max_examples=20, deadline=None)
@given(rows_of, st.integers(1, 500))
def test_a_metre_that_nobody_visits_raises_the_mean(rows: list[Row], more_m: int) -> None:
    def mean(length_m: float) -> float:
        found = over_window(rows, 0, SECONDS, length_m=length_m)
        return float(np.average(found.mean_days, weights=np.diff(found.breaks)))

    rows = [row for row in rows if row[2] >= 0]  # observation starts with the window
    short = mean(METRES)
    assert mean(METRES + more_m) >= short * (1 - 1e-12)
    if any(0 < t < SECONDS and a != b for a, b, t, _ in rows):
        assert mean(METRES + more_m) > short


@settings(max_examples=20, deadline=None)
@given(rows_of, st.randoms(use_true_random=False))
def test_the_order_of_rows_does_not_matter(rows: list[Row], chance: Any) -> None:
    shuffled = list(rows)
    chance.shuffle(shuffled)
    one, other = over_window(rows, 0, SECONDS), over_window(shuffled, 0, SECONDS)
    for name in ("breaks", "mean_days", "regularity_days", "worst_days", "visits"):
        assert getattr(one, name).tolist() == getattr(other, name).tolist()


def test_many_visits_as_the_sum_of_squares_of_each_metre() -> None:
    rng = np.random.default_rng(4)
    count, length, span = 3_000, 500, 10_000
    start = rng.integers(0, length, count)
    end = np.minimum(start + rng.integers(1, 60, count), length)
    rows = np.stack([start, end, rng.integers(1, span, count), np.zeros(count, dtype=int)], axis=1).tolist()
    found = over_window(rows, 0, span, length_m=length)
    cell = np.searchsorted(found.breaks, np.arange(length) + 0.5) - 1
    for metre in range(length):
        times = sorted({0, span, *(t for a, b, t, _ in rows if a <= metre < b)})
        gaps = np.diff(times)
        assert found.mean_days[cell[metre]] * DAY_S == pytest.approx((gaps**2).sum() / 2 / span)
        assert found.worst_days[cell[metre]] * DAY_S == pytest.approx(gaps.max())
