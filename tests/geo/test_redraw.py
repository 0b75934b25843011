"""Limits with which everybody can keep the interval: by hand, against every division there is, and a solver."""

from __future__ import annotations

from collections.abc import Callable, Iterator
from datetime import date
from itertools import combinations_with_replacement, pairwise, product
from time import perf_counter
from typing import Any

import geopandas as gpd
import numpy as np
import pandas as pd
import pytest
from hypothesis import Phase, assume, given, settings
from hypothesis import strategies as st
from scipy.optimize import linprog
from scipy.sparse import coo_array
from shapely import LineString

from geo import catalogue
from geo.border.assignment import findings_of
from geo.border.balance.ledger import ledger, slackened
from geo.border.balance.limits import Row, at_markers, fewest_guards, fitting, least_movement, movement, wishes
from geo.border.balance.openings import Open
from geo.border.balance.redraw import Proposal, redraw
from geo.border.balance.work import work_of
from geo.border.holding import Holdings, hold
from geo.engine.local import Engine
from geo.layer import Layer
from geo.parameters import Parameters
from geo.tables.conform import conform
from tests.asking import ask
from tests.worlds import at_m, six_holders

DAY = date(2026, 1, 10)
PARAMETERS = Parameters(as_of=DAY)
TO_THE_METRE = Parameters(as_of=DAY, limits_at_markers=False)


# --- limits in a row --------------------------------------------------------------------------------------------


@st.composite
def rows(draw: st.DrawFn, most: int = 4, length: int = 10) -> Row:
    count, last = draw(st.integers(1, most)), draw(st.integers(1, length))
    place = st.integers(0, last)
    today = sorted(sorted(draw(st.tuples(place, place))) for _ in range(count))
    reach = draw(st.lists(st.integers(0, length), min_size=count, max_size=count))
    kept = tuple(draw(st.integers(0, most)) for most in reach)
    return Row(0, last, tuple((low, high) for low, high in today), tuple(reach), kept)


def every_division(row: Row, allowed: Any) -> Iterator[list[int]]:
    for inner in combinations_with_replacement(range(row.first, row.last + 1), len(row.today) - 1):
        division = [row.first, *inner, row.last]
        if all(high - low <= most for low, high, most in zip(division, division[1:], allowed, strict=False)):
            yield division


def least_by_solver(row: Row, allowed: Any) -> float:
    """The same model as a linear programme: limits, then how far each end of each holder moves."""
    n = len(row.today)
    old = np.array(row.today, dtype=float).ravel()
    one = np.arange(2 * n)
    limit = one // 2 + one % 2
    move = np.ones(2 * n)
    ends = coo_array(  # ±(x - old) ≤ d
        (
            np.concatenate([move, -move, -move, -move]),
            (
                np.concatenate([one, 2 * n + one, one, 2 * n + one]),
                np.concatenate([limit, limit, n + 1 + one, n + 1 + one]),
            ),
        ),
        shape=(6 * n, 3 * n + 1),
    ).tolil()
    for k in range(n):  # 0 ≤ x - x' ≤ allowed
        ends[4 * n + k, k + 1], ends[4 * n + k, k] = 1, -1
        ends[5 * n + k, k + 1], ends[5 * n + k, k] = -1, 1
    right = np.concatenate([old, -old, np.array(allowed, dtype=float), np.zeros(n)])
    bounds = [(row.first, row.first), *[(row.first, row.last)] * (n - 1), (row.last, row.last)]
    cost = np.concatenate([np.zeros(n + 1), np.ones(2 * n)])
    solved = linprog(cost, A_ub=ends.tocsr(), b_ub=right, bounds=[*bounds, *[(0, None)] * (2 * n)])
    assert solved.status == 0
    return float(solved.fun)


@given(rows())
def test_least_movement_is_least_of_all_divisions(row: Row) -> None:
    allowed = fitting(row)
    limits = least_movement(row, allowed)
    assert limits in list(every_division(row, allowed))
    assert movement(row, limits) == min(movement(row, division) for division in every_division(row, allowed))


@settings(max_examples=30, deadline=None)
@given(rows(most=25, length=1_000))
def test_least_movement_is_what_a_solver_finds(row: Row) -> None:
    allowed = fitting(row)
    assert movement(row, least_movement(row, allowed)) == pytest.approx(least_by_solver(row, allowed), abs=1e-6)


@given(rows())
def test_worst_use_is_least_of_all_divisions(row: Row) -> None:
    def worst(division: list[int]) -> float:
        lengths = [b - a + kept for a, b, kept in zip(division, division[1:], row.kept, strict=False)]
        uses = (
            most / reach if reach else np.inf if most else 0.0
            for most, reach in zip(lengths, row.reach, strict=True)
        )
        return float(max(uses))

    total = sum(row.reach)
    anyhow = [row.last] * len(row.reach)
    if not total:
        assert list(fitting(row)) == anyhow
        return
    made = worst(least_movement(row, fitting(row)))
    best = min(map(worst, every_division(row, anyhow)))
    assert (best <= 1) == (total >= row.burden) == (made <= 1)
    if total < row.burden:  # nobody does better than all alike; in whole numbers a stretch may be longer by one
        alike = row.burden / total
        assert alike - 1e-9 <= best <= made <= alike + 1 / min(reach for reach in row.reach if reach) + 1e-9


@st.composite
def rows_that_fit(draw: st.DrawFn) -> Row:
    lengths = draw(st.lists(st.integers(0, 9), min_size=1, max_size=8))
    cuts = np.concatenate([[0], np.cumsum(lengths)]).tolist()
    spare = draw(st.lists(st.integers(0, 9), min_size=len(lengths), max_size=len(lengths)))
    reach = tuple(length + more for length, more in zip(lengths, spare, strict=True))
    return Row(0, cuts[-1], tuple(pairwise(cuts)), reach)


@given(rows_that_fit(), st.sets(st.integers(0, 70)))
def test_what_is_whole_and_can_be_kept_does_not_move(row: Row, markers: set[int]) -> None:
    today = [row.first, *(end for _, end in row.today)]
    free = least_movement(row, fitting(row))
    assert free == today
    assert at_markers(row, fitting(row), free, sorted(markers)) == today


@settings(max_examples=60, deadline=None)
@given(rows(most=4, length=12), st.sets(st.integers(0, 12), max_size=4))
def test_limits_at_markers_are_best_of_all_choices(row: Row, markers: set[int]) -> None:
    allowed = fitting(row)
    free = least_movement(row, allowed)
    found = at_markers(row, allowed, free, sorted(markers))

    pairs = list(zip(row.today, row.today[1:], strict=False))
    known = [
        {place for place in (end, start, *markers) if row.first <= place <= row.last}
        for (_, end), (start, _) in pairs
    ]
    choices = [sorted(places | {at}) for places, at in zip(known, free[1:-1], strict=True)]

    def rank(division: list[int]) -> tuple[int, int, int]:
        off = sum(at not in places for at, places in zip(division[1:-1], known, strict=True))
        away = sum(abs(at - best) for at, best in zip(division, free, strict=True))
        moved = sum(
            abs(at - end) + abs(at - start)
            for at, ((_, end), (start, _)) in zip(division[1:-1], pairs, strict=True)
        )
        return off, moved, away

    divisions = [[row.first, *inner, row.last] for inner in product(*choices)]
    fit = [
        division
        for division in divisions
        if all(0 <= b - a <= most for a, b, most in zip(division, division[1:], allowed, strict=False))
    ]
    assert found in fit
    assert rank(found) == min(rank(division) for division in fit)
    assert movement(row, found) >= movement(row, free)


@settings(max_examples=60, deadline=None)
@given(rows(most=3, length=10), st.lists(st.integers(1, 6), min_size=3, max_size=3))
def test_guards_are_as_few_as_can_be(row: Row, keeps: list[int]) -> None:
    each = keeps[: len(row.reach)]
    added = fewest_guards(row, each)
    tries = product(range(11), repeat=len(each))
    enough = [
        sum(guards)
        for guards in tries
        if sum(row.reach) + sum(a * b for a, b in zip(guards, each, strict=True)) >= row.burden
    ]
    assert sum(row.reach) + sum(a * b for a, b in zip(added, each, strict=True)) >= row.burden
    assert sum(added) == min(enough)


def test_guards_that_lack_by_hand() -> None:
    # 100 to keep, 40 kept: 60 lack. Three guards who keep 20 each do, one of 10 among three does not.
    row = Row(0, 100, ((0, 40), (40, 100)), (10, 30))
    assert fitting(row) == (25, 75)
    assert least_movement(row, fitting(row)) == [0, 25, 100]
    assert fewest_guards(row, [10, 20]) == [0, 3]
    # 50 lack: 10 + 20 + 20 is as few. Most lack in the first: 40 - 10 = 3 guards of 10, against 1.5 of 20
    assert fewest_guards(Row(0, 90, ((0, 40), (40, 90)), (10, 30)), [10, 20]) == [1, 2]
    assert fewest_guards(Row(0, 40, ((0, 40), (40, 40)), (10, 30)), [10, 20]) == [0, 0]


def test_where_movement_does_not_decide() -> None:
    gap = Row(0, 100, ((0, 40), (60, 100)), (30, 90))  # equally used at 25: the gap begins at 40
    assert wishes(gap) == [40]
    assert wishes(Row(0, 100, ((0, 40), (60, 100)), (50, 50))) == [50]
    nobody_between = Row(0, 100, ((0, 40), (40, 60), (60, 100)), (90, 0, 60))
    assert wishes(nobody_between) == [60, 60]  # x / 90 = (100 - x) / 60
    assert least_movement(nobody_between, fitting(nobody_between)) == [0, 60, 60, 100]
    assert wishes(Row(0, 100, ((0, 40), (60, 100)), (0, 0))) == [50]


def test_twenty_thousand_cost_little_more_than_in_proportion() -> None:
    def seconds(count: int) -> float:
        chance = np.random.default_rng(count)
        cuts = np.concatenate([[0], np.sort(chance.integers(0, count * 20_000, count - 1)), [count * 20_000]])
        reach = chance.integers(10_000, 60_000, count)
        row = Row(
            0, count * 20_000, tuple(zip(cuts.tolist(), cuts[1:].tolist(), strict=False)), tuple(reach.tolist())
        )
        began = perf_counter()
        free = least_movement(row, fitting(row))
        at_markers(row, fitting(row), free, list(range(0, row.last, 11_000)))
        return perf_counter() - began

    small = min(seconds(500) for _ in range(3))
    assert seconds(20_000) < 40 * small * 4


# --- ground that nobody can get to ------------------------------------------------------------------------------


@given(st.lists(st.booleans(), min_size=1, max_size=30))
def test_squeezing_counts_open_metres(shut: list[bool]) -> None:
    closed = np.flatnonzero(np.diff(np.concatenate([[0], np.array(shut, dtype=int), [0]]))).reshape(-1, 2)
    ground = Open(closed[:, 0], closed[:, 1], len(shut))
    at = np.arange(len(shut) + 1)
    slow = [sum(not one for one in shut[:place]) for place in at]
    assert ground.squeeze(at).tolist() == slow
    assert ground.stretch(slow, at).tolist() == at.tolist()  # every place is nearest to itself
    for near in (0, len(shut)):
        back = ground.stretch(slow, np.full(len(at), near))
        assert ground.squeeze(back).tolist() == slow


# --- a border ---------------------------------------------------------------------------------------------------


def holdings_of(world: dict[str, Any]) -> Holdings:
    return hold(
        world["border"], world["segments"], world.get("assignments"), markers=world.get("markers"), as_of=DAY
    )


def km(rows: gpd.GeoDataFrame, *names: str) -> list[list[float]]:
    return (rows[list(names)].to_numpy(dtype=float) / 1_000).round(6).tolist()  # type: ignore[no-any-return]


def test_proposal_to_the_metre_by_hand() -> None:
    rows = ask("segment-proposal", six_holders(), TO_THE_METRE).set_index("segment_id")
    # a millimetre less than 14 km: what is read back from rounded limits is never too much
    assert [[round(at, 2) for at in both] for both in km(rows, "new_start_m", "new_end_m")] == [
        [0, 14],
        [14, 40],
        [40, 40],
        [40, 65],
        [65, 88],
        [88, 100],
    ]
    assert rows["change"].tolist() == ["moved", "moved", "emptied", "moved", "moved", "same"]
    assert rows["new_state"].fillna("").tolist() == ["strained", "strained", "", "ok", "ok", "ok"]
    assert rows["length_m"].tolist() == pytest.approx([20_000, 10_000, 13_000, 15_000, 20_000, 12_000])
    assert rows["new_length_m"].tolist() == pytest.approx([14_000, 26_000, 0, 20_000, 18_000, 12_000], abs=0.01)
    assert rows["start_moved_m"].tolist() == pytest.approx([0, -6_000, 8_000, -5_000, 0, 0], abs=0.01)
    assert rows["end_moved_m"].tolist() == pytest.approx([-6_000, 10_000, -5_000, 0, -2_000, 0], abs=0.01)
    assert rows["new_used"].tolist() == pytest.approx(
        [1, 26 / 28, np.nan, 20 / 28, 18 / 21, 12 / 21], nan_ok=True, abs=1e-6
    )
    assert rows["new_used"].max() <= 1
    assert rows["gained_m"].tolist() == pytest.approx([0, 14_000, 0, 5_000, 0, 0], abs=0.01)
    assert rows["claimed_m"].tolist() == pytest.approx([0, 2_000, 0, 0, 0, 0])
    assert rows["lost_m"].tolist() == pytest.approx([6_000, 0, 13_000, 0, 2_000, 0], abs=0.01)
    assert rows["extra_m"].tolist() == [0] * 6
    assert rows.loc["d", "geometry"].geom_type == "MultiLineString"  # it runs on into the lake
    assert rows.loc["c", "geometry"] is None
    made = redraw_of(six_holders(), to_markers=False).rows.iloc[0]
    assert made[["status", "segments", "guards_missing", "off_markers"]].tolist() == ["fits", 6, 0, 1]  # a|b
    assert made["moved_m"] == pytest.approx(42_000, abs=0.01)


def test_proposal_at_markers_by_hand() -> None:
    rows = ask("segment-proposal", six_holders(), PARAMETERS).set_index("segment_id")
    assert km(rows, "new_start_m", "new_end_m") == [[0, 10], [10, 35], [35, 35], [35, 65], [65, 88], [88, 100]]
    assert rows["at_markers"].tolist() == [True, True, True, True, False, False]
    assert rows["marker_from"].tolist() == ["0", "10", "35", "35", "65", "85"]
    assert rows["marker_to"].tolist() == ["10", "35", "35", "65", "90", "100"]
    assert rows["extra_m"].sum() == pytest.approx(8_000, abs=0.01)
    made = redraw_of(six_holders()).rows.iloc[0]
    assert made[["status", "off_markers"]].tolist() == ["fits", 0]
    assert made["moved_m"] == 50_000
    assert made["extra_m"] == pytest.approx(8_000, abs=0.01)
    assert made["worst"] == pytest.approx(25 / 28)


def redraw_of(world: dict[str, Any], **options: Any) -> Proposal:
    holdings = holdings_of(world)
    return redraw(holdings, work_of(holdings), **options)


def test_figures_of_the_proposal_by_hand() -> None:
    layer = catalogue.layer("segment-proposal")
    made = layer.figures(ask("segment-proposal", six_holders(), PARAMETERS), PARAMETERS)
    figures = {figure.id.partition(".")[2]: figure for figure in made}
    assert (figures["changed"].numerator, figures["changed"].denominator) == (5, 6)
    assert figures["worst_before"].value == pytest.approx(20 / 14)
    assert figures["worst"].value == pytest.approx(25 / 28)
    assert figures["gained_m"].value == pytest.approx(10_000 + 3_000 + 10_000)  # b of a, b of c, d of c
    assert figures["claimed_m"].value == pytest.approx(2_000)
    assert figures["guards_missing"].value == 0
    assert figures["slower_m"].value == 0


def test_too_few_guards_by_hand() -> None:
    world = six_holders()
    world["assignments"] = world["assignments"][world["assignments"]["staff_id"].isin(["g1", "g2", "g3", "g6"])]
    rows = ask("segment-proposal", world, TO_THE_METRE).set_index("segment_id")
    # a keeps 14, b 28, e 14 = 56 of 90 km: everybody at 90/56, a 22.5, b 45, e 22.5; 34 km lack: 3 guards of 14
    assert rows["new_length_m"].tolist() == pytest.approx([22_500, 45_000, 0, 0, 22_500, 0], abs=0.01)
    assert rows["new_used"].dropna().tolist() == pytest.approx([90 / 56] * 3, abs=1e-6)
    assert rows["guards_missing"].sum() == 3
    # within today's limits 15/14 guards lack in d, 13/14 in c, 12/14 in f
    assert rows["guards_missing"].tolist() == [0, 0, 1, 1, 0, 1]
    assert redraw_of(world).rows["status"].tolist() == ["short"]
    none = {**world, "assignments": None}
    alone = ask("segment-proposal", none, TO_THE_METRE).set_index("segment_id")
    assert alone["new_state"].tolist() == ["nobody"] * 6  # gaps and overlaps are resolved all the same
    assert km(alone, "new_start_m", "new_end_m") == [[0, 20], [20, 31], [31, 45], [45, 65], [65, 89], [89, 100]]
    assert alone["guards_missing"].sum() == 7  # 90 / 14
    assert redraw_of(none).rows["status"].tolist() == ["nobody"]


def test_what_is_held_jointly_on_purpose_stays() -> None:
    world = six_holders()
    world["segments"] = world["segments"].assign(joint=[False, False, False, False, True, False])
    made = redraw_of(world, to_markers=False)
    assert made.rows["segments"].tolist() == [5, 1]
    assert made.segments["change"].tolist()[-2:] == ["same", "same"]
    assert made.segments["new_end_m"].iloc[4] == 90_000
    assert made.segments["new_start_m"].iloc[5] == 88_000
    nested = six_holders()
    nested["segments"] = pd.concat(
        [
            nested["segments"],
            nested["segments"].iloc[[1]].assign(segment_id="team", start_m=16_000.0, end_m=28_000.0, joint=True),
        ],
        ignore_index=True,
    )
    rows = redraw_of(nested, to_markers=False).segments.set_index("segment_id")
    assert rows.loc["team", ["change", "new_start_m", "new_end_m"]].tolist() == ["joint", 16_000, 28_000]
    assert rows.loc["a", "new_end_m"] == pytest.approx(14_000, abs=0.01)


def test_what_has_no_place_or_cannot_be_reached_is_left_alone() -> None:
    world = six_holders()
    world["segments"] = world["segments"].assign(
        accessible=[True, True, True, True, True, False],
        start_m=[None, 20_000.0, 32_000.0, 45_000.0, 65_000.0, 88_000.0],
    )
    rows = ask("segment-proposal", world, TO_THE_METRE).set_index("segment_id")
    # open are km 0-60 and 70-90 (f says that nobody can get to 90-100): b keeps 28, d 28, e (all of g7 now) 28
    assert rows["change"].tolist() == ["unplaced", "moved", "emptied", "moved", "moved", "closed"]
    assert rows["new_length_m"].tolist() == pytest.approx([0, 28_000, 0, 28_000, 24_000, 0], abs=0.01)
    assert rows.loc["a", ["change", "length_m", "new_length_m"]].tolist() == ["unplaced", 0, 0]
    assert rows.loc["f", ["change", "new_start_m", "new_end_m"]].tolist() == [
        "closed",
        88_000,
        pytest.approx(100_000),
    ]
    assert rows.loc["b", "new_start_m"] == 0


def test_ground_that_is_kept_less_often_is_told() -> None:
    world = six_holders()
    world["segments"] = world["segments"].assign(interval_days=[1.0, 2.0, 1.0, 1.0, 1.0, 1.0])
    holdings = holdings_of(world)
    proposal = redraw(holdings, work_of(holdings), to_markers=False)
    slower = slackened(proposal, holdings.segments["interval_days"])
    gained = ledger(proposal, holdings.segments["segment_id"]).set_index("holder")["gained_m"]
    assert slower.tolist() == pytest.approx([0, gained["b"], 0, 0, 0, 0])  # all that b takes of a and c
    assert gained["b"] > 0


def test_no_segments_no_proposal() -> None:
    world = six_holders()
    world["segments"] = world["segments"].iloc[:0]
    made = redraw_of(world)
    assert (len(made.rows), len(made.segments)) == (0, 0)


# --- laws on a kilometre, metre by metre ------------------------------------------------------------------------

metres = st.integers(0, 1_000)
cuts = st.tuples(metres, metres, st.booleans(), st.sampled_from([True, True, True, False]), st.integers(0, 2))


def small_world(rows: list[tuple[int, int, bool, bool, int]], lake: tuple[int, int]) -> dict[str, Any]:
    """A kilometre with segments of which each guard keeps 0.1 d · 3.5 km/h · 1 h / 2 = 175 m; ids s0, s1, …"""
    low, high = sorted(lake)
    bounds = sorted({0, low, high, 1_000})
    border = gpd.GeoDataFrame(
        {
            "border_id": "e",
            "part": [str(at) for at in bounds[1:]],
            "sequence": range(1, len(bounds)),
            "accessible": [not (low <= at < high) for at in bounds[:-1]],
        },
        geometry=[LineString(at_m(*both)) for both in pairwise(bounds)],
        crs="EPSG:4326",
    )
    segments = gpd.GeoDataFrame(
        {
            "segment_id": [f"s{number}" for number in range(len(rows))],
            "start_m": [float(min(row[:2])) for row in rows],
            "end_m": [float(max(row[:2])) for row in rows],
            "joint": [row[2] for row in rows],
            "accessible": [row[3] for row in rows],
            "interval_days": 0.1,
            "hours_per_day": 1.0,
        },
        geometry=[None] * len(rows),
        crs="EPSG:4326",
    )
    duties = [(f"g{number}-{one}", f"s{number}") for number, row in enumerate(rows) for one in range(row[4])]
    people = pd.DataFrame(duties, columns=["staff_id", "target_id"]).assign(target_type="segment")
    people["assignment_id"] = people["staff_id"]
    tables = {"border": border, "segments": segments, "assignments": people}
    return {name: conform(name, table) for name, table in tables.items()}


def metre_by_metre(starts: Any, ends: Any) -> Any:
    """Which segment holds which metre of the kilometre, judged at its middle; shape (segments, 1000)."""
    middle = np.arange(1_000) + 0.5
    return (np.asarray(starts)[:, None] < middle) & (middle < np.asarray(ends)[:, None])


@settings(
    max_examples=20, deadline=None, phases=(Phase.explicit, Phase.reuse, Phase.generate)
)  # shrinking is slow
@given(st.lists(cuts, min_size=1, max_size=7), st.tuples(metres, metres), st.booleans())
def test_every_open_metre_has_one_holder(
    cut: list[tuple[int, int, bool, bool, int]], lake: tuple[int, int], to_markers: bool
) -> None:
    world = small_world(cut, lake)
    world["markers"] = conform(
        "markers",
        gpd.GeoDataFrame(
            {"marker_id": [f"{at}" for at in range(0, 1_001, 100)], "number": "1"},
            geometry=gpd.points_from_xy(*np.array(at_m(*range(0, 1_001, 100))).T),
            crs="EPSG:4326",
        ),
    )
    holdings = holdings_of(world)
    work = work_of(holdings)
    made = redraw(holdings, work, to_markers=to_markers)
    new = made.segments

    walked = world["segments"]["accessible"].to_numpy(dtype=bool)
    today = metre_by_metre(world["segments"]["start_m"], world["segments"]["end_m"])
    open_ = ~metre_by_metre([min(lake)], [max(lake)])[0] & (today[walked].any(axis=0) | ~today.any(axis=0))
    works = (today & open_).any(axis=1) & walked
    assert work["open_m"].tolist() == pytest.approx((today & open_)[:, :].sum(axis=1) * walked, abs=0.01)
    if not works.any():
        assert len(made.rows) == 0
        return
    # limits that are not whole metres lie within one: judge at the middle of metres without a limit inside
    ends = np.concatenate([new["new_start_m"], new["new_end_m"]])
    ends = ends[~np.isnan(ends)]
    split = (
        {int(at) for at in ends if abs(at - round(at)) > 0.002}
        | {round(at) for at in ends}
        | {round(at) - 1 for at in ends}
    )
    judged = open_ & ~np.isin(np.arange(1_000), list(split))
    then = metre_by_metre(new["new_start_m"].fillna(-1), new["new_end_m"].fillna(-1)) & works[:, None]
    joint = world["segments"]["joint"].to_numpy(dtype=bool)
    shared = ((today & works[:, None]).sum(axis=0) > 1) & (today & works[:, None] & joint[:, None]).any(axis=0)
    count = then.sum(axis=0)
    assert (count[judged] >= 1).all()
    assert (count[judged & ~shared] == 1).all()

    chain = new[works & new["change"].isin(["same", "moved", "emptied"]).to_numpy()]
    order = np.lexsort((chain.index, chain["_end"], chain["_start"]))
    assert (np.diff(chain["_new_start"].to_numpy()[order]) >= 0).all()
    assert (np.diff(chain["_new_end"].to_numpy()[order]) >= 0).all()
    if (made.rows["status"] == "fits").all():
        assert (chain["new_used"].dropna() <= 1).all()
        assert (chain["new_length_m"][work["reach_m"][chain.index] == 0] == 0).all()
    assert made.rows["moved_m"].sum() == pytest.approx(
        (new["start_moved_m"].abs() + new["end_moved_m"].abs()).sum()
    )
    assert (made.rows["extra_m"] >= -1e-9).all()

    book = ledger(made, holdings.segments["segment_id"]).set_index("holder").reindex(new["segment_id"])
    gain = book["gained_m"] + book["claimed_m"] - book["lost_m"]
    assert (book["length_m"] + gain).tolist() == pytest.approx(book["new_length_m"].tolist(), abs=1e-6)
    bare = open_ & ~(today & works[:, None]).any(axis=0)
    assert book["claimed_m"].sum() == pytest.approx((then & bare).sum(), abs=len(split) + 1)
    kept = (today & then & works[:, None] & open_).sum(axis=1)
    assert book["lost_m"].tolist() == pytest.approx(
        ((today & works[:, None] & open_).sum(axis=1) - kept).tolist(), abs=2.1
    )


def adopted(world: dict[str, Any], proposal: Proposal) -> dict[str, Any]:
    """The world in which a proposal was carried out; what is left without length is no segment any more."""
    new = proposal.segments.set_index("segment_id")
    segments = world["segments"]
    start, end = segments["segment_id"].map(new["new_start_m"]), segments["segment_id"].map(new["new_end_m"])
    changed = segments.assign(start_m=start.round(3), end_m=end.round(3))
    return {**world, "segments": changed[(start < end).to_numpy()]}


@settings(max_examples=10, deadline=None, phases=(Phase.explicit, Phase.reuse, Phase.generate))
@given(st.lists(cuts, min_size=3, max_size=6))
def test_who_adopts_a_proposal_needs_no_other(cut: list[tuple[int, int, bool, bool, int]]) -> None:
    world = small_world([(*row[:2], False, True, row[4] + 3) for row in cut], (0, 0))
    made = redraw_of(world)
    assume(len(made.rows) > 0 and (made.rows["status"] == "fits").all())
    after = adopted(world, made)
    again = redraw_of(after)
    assert (again.segments["change"] == "same").all()
    found = findings_of(holdings_of(after))
    assert not found["kind"].isin(["overlong", "overlap", "no_segment", "unassigned"]).any()


# --- the sample -------------------------------------------------------------------------------------------------


def test_inner_mongolia_can_be_kept(sample_of: Callable[[Layer], Engine]) -> None:
    engine = sample_of(catalogue.layer("segment-proposal"))
    world = engine.inputs(catalogue.layer("segment-proposal"))
    asked = engine.parameters
    holdings = hold(
        world["border"],
        world["segments"],
        world["assignments"],
        world["staff"],
        world["markers"],
        as_of=asked.as_of,
        interval_days=asked.interval_days,
        seasons=asked.seasons,
    )
    assert holdings.segments["overlong"].sum() == 4
    work = work_of(holdings)
    proposal = redraw(holdings, work)
    assert (proposal.rows["status"] == "fits").all()
    assert proposal.rows["segments"].tolist() == [63, 85, 36]  # two joint stretches stay where they are
    assert proposal.rows["off_markers"].sum() == 0
    assert proposal.segments["new_used"].max() <= 1
    overlong = holdings.segments["overlong"]
    assert (proposal.segments["change"][overlong] == "moved").all()
    assert (proposal.segments["new_length_m"][overlong] <= 14_000).all()
    changed = proposal.segments["change"].value_counts()
    assert changed["same"] > 150  # the rest of 184 stays as it is
    assert changed["emptied"] == 5  # those that nobody is assigned to

    after = adopted({**world}, proposal)
    then = hold(
        after["border"],
        after["segments"],
        after["assignments"],
        after["staff"],
        after["markers"],
        as_of=asked.as_of,
        interval_days=asked.interval_days,
        seasons=asked.seasons,
    )
    kinds = set(findings_of(then)["kind"])
    assert not kinds & {"overlong", "overlap", "no_segment", "unassigned"}
    assert len(then.segments) == 179
