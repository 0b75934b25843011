"""Does every grid have enough people, and the right ones?"""

from __future__ import annotations

from collections.abc import Sequence
from datetime import date
from fractions import Fraction
from typing import Any

import geopandas as gpd
import numpy as np
import pandas as pd
import pytest
import shapely
from hypothesis import given, settings
from hypothesis import strategies as st
from pandas.testing import assert_frame_equal

from geo.grid.duty.people import PARTS, on_duty, shares
from geo.grid.layers import LAYERS
from geo.grid.staffing import staffing
from geo.parameters import Parameters
from geo.tables.conform import conform
from tests.duty import duties, staff_of, together
from tests.worlds import COMMUNITY, TOWN, four_grids

DAY = date(2026, 11, 20)
LAYER = next(layer for layer in LAYERS if layer.id == "grid-staffing")


def town(households: Sequence[int | None]) -> gpd.GeoDataFrame:
    grids, _ = four_grids()
    return grids.assign(households=pd.array(households, dtype="Int64"))


def homes(*places: tuple[float, float, float, float]) -> gpd.GeoDataFrame:
    points = TOWN.lonlat(shapely.points([(x, y) for x, y, _, _ in places]))
    table: dict[str, list[Any]] = {"place_id": [f"h{n}" for n in range(len(places))]}
    table |= {"people": [p for _, _, p, _ in places], "households": [h for *_, h in places]}
    return conform("population", gpd.GeoDataFrame(table, geometry=points, crs="EPSG:4326"))


def test_staffing_by_hand() -> None:
    """500 households need ⌈500/500⌉ = 1, 501 need 2, none need 0, 1,400 need 3.

    ::

        001  500 households   w1, and half of w2    1.5 of 1   surplus 0.5   333⅓ a worker
        002  501              half of w2            0.5 of 2   short 1.5     1,002
        003  0                nobody                0 of 0     not needed
        004  1,400            a volunteer           0 of 3     vacant
    """
    made = staffing(
        town([500, 501, 0, 1_400]),
        staff_of(w1="grid_worker", w2="grid_worker", v1="volunteer"),
        duties(("w1", "001"), ("w2", "001"), ("w2", "002"), ("v1", "004")),
        as_of=DAY,
    )
    assert made["need"].tolist() == [1, 2, 0, 3]
    assert made["workers"].tolist() == [1.5, 0.5, 0.0, 0.0]
    assert made["deficit"].tolist() == [0.0, 1.5, 0.0, 3.0]
    assert made["surplus"].tolist() == [0.5, 0.0, 0.0, 0.0]
    assert made["status"].tolist() == ["surplus", "short", "not_needed", "vacant"]
    assert made["load"].tolist()[:2] == pytest.approx([1_000 / 3, 1_002])
    assert made["load"].isna().tolist() == [False, False, True, True]


def test_figures_by_hand() -> None:
    """Σ min(f, r) / Σ r = (1 + 0.5 + 0 + 0) / (1 + 2 + 0 + 3) = 0.25; 2,401 households, 2 workers."""
    tables = {
        "grids": town([500, 501, 0, 1_400]),
        "staff": staff_of(w1="grid_worker", w2="grid_worker"),
        "assignments": duties(("w1", "001"), ("w2", "001"), ("w2", "002")),
    }
    parameters = Parameters(as_of=DAY, roles={"urban": ("grid_worker",)})
    made = LAYER.build(tables, parameters)
    figures = {figure.id.partition(".")[2]: figure for figure in LAYER.figures(made, parameters)}
    assert figures["coverage"].value == pytest.approx(0.25)
    assert (figures["vacant"].numerator, figures["vacant"].denominator) == (1, 3)
    assert (figures["deficit"].value, figures["surplus"].value) == (4.5, 0.5)
    assert figures["load"].value == pytest.approx(1_200.5)
    assert (figures["complete"].numerator, figures["complete"].denominator) == (2, 4)


def test_the_day_decides_and_the_last_day_is_not_one_of_service() -> None:
    staff = staff_of(w1="grid_worker")
    for said, valid in (
        ({"valid_from": "2026-11-20"}, True),
        ({"valid_from": "2026-11-21"}, False),
        ({"valid_to": "2026-11-20"}, False),
        ({"valid_to": "2026-11-21"}, True),
    ):
        table = duties(("w1", "001", said))
        assert len(on_duty(staff, table, DAY)) == valid
        assert staffing(town([1] * 4), staff, table, as_of=DAY)["workers"].iloc[0] == float(valid)


def test_someone_who_left_one_grid_gives_all_to_the_other() -> None:
    table = duties(("w1", "001"), ("w1", "002", {"valid_to": "2026-01-01"}))
    made = staffing(town([1] * 4), staff_of(w1="grid_worker"), table, as_of=DAY)
    assert made["workers"].tolist() == [1.0, 0.0, 0.0, 0.0]


def test_three_thirds_are_one_worker() -> None:
    people = {f"w{n}": "grid_worker" for n in range(3)}
    table = duties(*((who, grid) for who in people for grid in ("001", "002", "003")))
    made = staffing(town([500, 500, 500, 0]), staff_of(**people), table, as_of=DAY)
    assert made["workers"].tolist() == [1.0, 1.0, 1.0, 0.0]
    assert made["status"].tolist() == ["met", "met", "met", "not_needed"]


def test_shares_and_part_time_are_taken_as_stated() -> None:
    """w3 gives 0.8 to 003; of the half that 004 would get, 0.2 is left."""
    staff = staff_of(w1=("grid_worker", 0.5), w2="grid_worker", w3="grid_worker")
    table = duties(
        ("w1", "001"),
        ("w2", "001", {"share": 0.7}),
        ("w2", "002", {"share": 0.3}),
        ("w3", "003", {"share": 0.8}),
        ("w3", "004"),
    )
    made = staffing(town([1] * 4), staff, table, as_of=DAY)
    assert made["workers"].tolist() == [1.2, 0.3, 0.8, 0.2]


def test_two_assignments_to_one_grid_count_once() -> None:
    staff = staff_of(w1="grid_worker")
    table = duties(("w1", "001", {"role": "grid_worker"}), ("w1", "001", {"role": "border_guard"}), ("w1", "002"))
    assert (shares(on_duty(staff, table, DAY))["parts"] / PARTS).tolist() == [0.5, 0.5]


def test_only_roles_that_count_and_people_who_are_known() -> None:
    """The assignment's role goes before the person's own."""
    staff = staff_of(v1="volunteer", w1="grid_worker")
    table = duties(("v1", "001", {"role": "grid_worker"}), ("w1", "002", {"role": "volunteer"}), ("nobody", "003"))
    made = staffing(town([1] * 4), staff, table, as_of=DAY)
    assert made["workers"].tolist() == [1.0, 0.0, 0.0, 0.0]


def test_assignments_to_anything_else_do_not_count() -> None:
    table = duties(("w1", "001")).assign(target_type="unit")
    assert staffing(town([1] * 4), staff_of(w1="grid_worker"), table, as_of=DAY)["workers"].sum() == 0


def test_required_roles_by_kind_of_grid() -> None:
    """A border grid needs three roles; a pastoral grid, and one of unknown kind, has no such rule."""
    staff = staff_of(p="auxiliary_police", g="border_guard", j="joint_defence", gone="joint_defence")
    table = duties(
        ("p", "001"), ("g", "001"), ("j", "001"), ("p", "002"), ("gone", "002", {"valid_to": "2026-01-01"})
    )
    grids = town([1] * 4).assign(kind=["border", "border", "pastoral", None])
    rule = {"border": ("auxiliary_police", "border_guard", "joint_defence")}
    made = staffing(grids, staff, table, as_of=DAY, roles=rule)
    assert made["roles_missing"].tolist() == [[], ["border_guard", "joint_defence"], [], []]
    assert made["complete"].tolist() == [True, False, True, True]


def test_unknown_demand_needs_at_least_the_least() -> None:
    made = staffing(town([None, 0, 1, 1]), staff_of(), duties(), as_of=DAY, workers_min=2)
    assert made["need"].tolist() == [2, 0, 2, 2]
    assert made["status"].tolist() == ["vacant", "not_needed", "vacant", "vacant"]
    assert made["households"].isna().tolist() == [True, False, False, False]


def test_households_come_from_where_people_live() -> None:
    """Points add up to 501 in 001; on the edge of 001 and 002 the lower id counts; 004 has nobody."""
    where = homes((10, 10, 900, 300), (100, 50, 400, 201), (150, 50, 9, 4), (50, 150, 10, 5), (900, 900, 99, 99))
    made = staffing(town([1] * 4), staff_of(), duties(), as_of=DAY, population=where)
    assert made["need"].tolist() == [2, 1, 1, 0]
    assert made["households"].tolist()[0] == 501
    assert pd.isna(made["households"].iloc[1])  # nine people are too few to be told
    assert made["households"].tolist()[2:] == [5, 0]


def test_a_population_without_households_leaves_the_grids_own_count() -> None:
    where = homes((10, 10, 900, np.nan))
    made = staffing(town([700, 1, 1, 1]), staff_of(), duties(), as_of=DAY, population=where)
    assert made["households"].tolist() == [700, 1, 1, 1]


people = st.lists(st.tuples(st.integers(0, 5), st.integers(0, 3)), max_size=20)
counts = st.lists(st.integers(0, 3_000), min_size=4, max_size=4)


@settings(max_examples=20, deadline=None)
@given(people, counts, st.integers(100, 900), st.integers(0, 2))
def test_nobody_is_lost_and_surplus_hides_no_vacancy(
    pairs: list[tuple[int, int]], households: list[int], reference: int, least: int
) -> None:
    staff = staff_of(**{f"w{n}": "grid_worker" for n in range(6)})
    table = duties(*((f"w{who}", f"00{grid + 1}") for who, grid in pairs))
    made = staffing(town(households), staff, table, as_of=DAY, households_per_worker=reference, workers_min=least)
    need, workers = made["need"], made["workers"]
    assert workers.sum() == pytest.approx(len({who for who, _ in pairs}), abs=1e-4)
    assert (workers + made["deficit"]).to_numpy() == pytest.approx((need + made["surplus"]).to_numpy(), abs=1e-5)
    assert ((made["deficit"] == 0) | (made["surplus"] == 0)).all()
    assert (need * reference >= np.array(households)).all()
    assert ((need == 0) == (np.array(households) == 0)).all() or least == 0
    vacant = (need > 0) & (workers == 0)
    assert ((made["status"] == "vacant") == vacant).all()
    assert made["load"].isna().tolist() == (workers == 0).tolist()
    more = staffing(
        town(households),
        staff_of(**{f"w{n}": "grid_worker" for n in range(7)}),
        pd.concat([table, duties(("w6", "001"))], ignore_index=True),
        as_of=DAY,
        households_per_worker=reference,
        workers_min=least,
    )
    assert more["deficit"].sum() <= made["deficit"].sum() + 1e-9


@settings(max_examples=20, deadline=None)
@given(people, st.randoms(use_true_random=False))
def test_shuffled_rows_give_the_same_answer(pairs: list[tuple[int, int]], random: Any) -> None:
    staff = staff_of(**{f"w{n}": "grid_worker" for n in range(6)})
    table = duties(*((f"w{who}", f"00{grid + 1}") for who, grid in pairs))
    tables = {"grids": town([500, 1, 0, 900]), "staff": staff, "assignments": table}
    seed = random.randrange(1_000)
    shuffled = {name: rows.sample(frac=1, random_state=seed) for name, rows in tables.items()}
    made = LAYER.build(tables, Parameters(as_of=DAY))
    assert_frame_equal(pd.DataFrame(made), pd.DataFrame(LAYER.build(shuffled, Parameters(as_of=DAY))))


stated = st.lists(
    st.tuples(
        st.integers(0, 5),
        st.integers(0, 4),
        st.sampled_from([None, None, 0.2, 0.5, 0.7]),
        st.sampled_from([None, "grid_worker", "volunteer"]),
        st.booleans(),
    ),
    max_size=20,
)
KINDS = ["urban", "border", "pastoral", None]
REQUIRED = {"urban": ("grid_worker", "volunteer"), "border": ("border_guard",)}


def slowly(households: Sequence[int | None], people: Any, rows: Any) -> list[dict[str, Any]]:
    """M2 by dictionaries and fractions; grid 4 is one that the table does not know."""
    time: dict[int, dict[int, Fraction | None]] = {}
    present: list[set[str]] = [set() for _ in range(5)]
    for who, grid, part, acts, over in rows:
        role = acts or people[who][0]
        if over:
            continue
        present[grid].add(role)
        if role in ("grid_worker", "border_guard", "auxiliary_police"):
            before = time.setdefault(who, {}).get(grid)
            said = None if part is None else Fraction(part).limit_denominator(10)
            time[who][grid] = before if said is None else max(said, before or Fraction(0))
    given = [Fraction(0)] * 5
    for who, parts in time.items():
        spoken = sum((part for part in parts.values() if part is not None), Fraction(0))
        silent = sum(part is None for part in parts.values())
        for grid, part in parts.items():
            default = (
                min(Fraction(1, len(parts)), max(1 - spoken, Fraction(0)) / silent) if silent else Fraction(0)
            )
            mine = default if part is None else part
            given[grid] += mine / max(spoken, Fraction(1)) * Fraction(people[who][1]).limit_denominator(10)
    made = []
    for grid, count in enumerate(households):
        need = 0 if count == 0 else max(1, -(-(count or 0) // 500))
        supply = given[grid]
        status = "not_needed" if not need and not supply else "vacant" if not supply else "met"
        status = status if status != "met" or supply == need else "short" if supply < need else "surplus"
        asked = REQUIRED.get(str(KINDS[grid]), ())
        made.append(
            {
                "need": need,
                "workers": float(supply),
                "deficit": float(max(need - supply, Fraction(0))),
                "surplus": float(max(supply - need, Fraction(0))),
                "status": status,
                "roles_missing": [role for role in asked if role not in present[grid]],
                "staff": len({who for who, at, _, _, over in rows if at == grid and not over}),
            }
        )
    return made


@settings(max_examples=40, deadline=None)
@given(stated, st.lists(st.one_of(st.none(), st.integers(0, 1_600)), min_size=4, max_size=4))
def test_same_as_by_dictionaries(rows: Any, households: list[int | None]) -> None:
    roles = ("grid_worker", "volunteer", "border_guard", "grid_worker", "squad", "grid_worker")
    people = list(zip(roles, (1.0, 1.0, 0.5, 0.8, 1.0, 1.0), strict=True))
    staff = staff_of(**{f"w{n}": said for n, said in enumerate(people)})
    table = duties(
        *(
            (f"w{w}", f"00{g + 1}", {"share": s, "role": r, **({"valid_to": "2026-11-20"} if over else {})})
            for w, g, s, r, over in rows
        )
    )
    made = staffing(town(households).assign(kind=KINDS), staff, table, as_of=DAY, roles=REQUIRED)
    for row, plain in zip(made.to_dict("records"), slowly(households, people, rows), strict=True):
        for name, value in plain.items():
            assert row[name] == (pytest.approx(value, abs=1e-8) if isinstance(value, float) else value), name


@pytest.mark.parametrize("count", [1, 3, 16, 17, 49])
def test_a_person_on_many_grids_is_one_worker(count: int) -> None:
    """And as many such people are one worker in each, nothing short by a rounding."""
    table = duties(*((f"w{who}", f"{grid:03d}") for who in range(count) for grid in range(count)))
    parts = shares(on_duty(staff_of(**{f"w{n}": "grid_worker" for n in range(count)}), table, DAY))
    of_person = parts.groupby("person")["parts"].sum() / PARTS
    assert of_person.tolist() == (pytest.approx([1.0] * count, abs=1e-6) if count > 16 else [1.0] * count)
    grids, _ = four_grids()
    many = grids.iloc[[0] * count].assign(grid_id=[f"{COMMUNITY}{n:03d}" for n in range(count)], households=1)
    made = staffing(many, staff_of(**{f"w{n}": "grid_worker" for n in range(count)}), table, as_of=DAY)
    assert set(made["status"]) == {"met"}


@settings(max_examples=20, deadline=None)
@given(stated, counts, st.integers(0, 3))
def test_another_worker_never_lowers_the_coverage(rows: Any, households: list[int], at: int) -> None:
    """Nor does surplus hide a vacancy: coverage is 1 only where no grid lacks anybody."""
    staff = staff_of(**{f"w{n}": "grid_worker" for n in range(7)})
    table = duties(*((f"w{w}", f"00{g + 1}", {"share": s}) for w, g, s, _, _ in rows))

    def coverage(assignments: pd.DataFrame) -> float | None:
        tables = {"grids": town(households), "staff": staff, "assignments": assignments}
        made = LAYER.build(tables, Parameters(as_of=DAY))
        value = LAYER.figures(made, Parameters(as_of=DAY))[0].value
        assert value is None or 0 <= value <= 1
        assert (value in (None, 1)) == (made["deficit"].sum() == 0)
        return value

    before, after = coverage(table), coverage(together(table, duties(("w6", f"00{at + 1}"))))
    assert (before is None and after is None) or after >= before  # type: ignore[operator]  # both are numbers


def test_a_need_tells_nothing_of_few_people() -> None:
    """Nine people in 40 households need one worker, as one household would, whatever the yardstick."""
    where = homes((10, 10, 9, 40), (150, 50, 900, 40))
    made = staffing(
        town([1] * 4), staff_of(), duties(), as_of=DAY, population=where, households_per_worker=10, workers_min=0
    )
    assert made["need"].tolist() == [1, 4, 0, 0]
