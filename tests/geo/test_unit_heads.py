"""Heads of buildings and units, grid by grid."""

from __future__ import annotations

from datetime import date
from typing import Any

import pandas as pd
import pytest
from hypothesis import given, settings
from hypothesis import strategies as st

from geo import catalogue
from geo.grid.duty.heads import unit_heads
from geo.parameters import Parameters
from geo.tables.conform import conform
from tests.duty import duties, staff_of
from tests.worlds import COMMUNITY, four_grids, staffed_town

DAY = date(2026, 11, 20)
LAYER = catalogue.layer("unit-heads")


def heads_of(tables: dict[str, Any]) -> pd.DataFrame:
    made = LAYER.build(tables, Parameters(as_of=DAY))
    return pd.DataFrame(made).set_index(made["grid_id"].str[-3:])


def test_a_town_by_hand() -> None:
    """h1 heads both units of 001, h2 the one that stands in 011, nobody that of 004; u5 stands nowhere."""
    rows = heads_of(staffed_town())
    assert rows["units"].to_dict() == {"001": 2, "002": 0, "003": 0, "004": 1, "011": 1, "012": 0}
    assert rows["headed"].tolist() == [2, 0, 0, 0, 1, 0]
    assert rows["heads"].tolist() == [1, 0, 0, 0, 1, 0]
    assert rows["share"].fillna(-1.0).tolist() == [1.0, -1.0, -1.0, 0.0, 1.0, -1.0]
    assert rows["unheaded_households"].tolist() == [0, 0, 0, 8, 0, 0]  # of 20 people


def test_figures_by_hand() -> None:
    parameters = Parameters(as_of=DAY)
    figures = {one.id: one for one in LAYER.figures(LAYER.build(staffed_town(), parameters), parameters)}
    headed = figures["unit-heads.headed"]
    assert (headed.numerator, headed.denominator) == (3, 4)
    assert figures["unit-heads.unheaded_households"].value == 8


def test_a_head_whose_time_is_over_heads_nothing() -> None:
    tables = staffed_town()
    ended = pd.Timestamp("2026-11-20")
    over = tables["assignments"]["staff_id"] == "h1"
    tables["assignments"] = tables["assignments"].assign(
        valid_to=tables["assignments"]["valid_to"].where(~over, ended)
    )
    assert heads_of(tables)["headed"].tolist() == [0, 0, 0, 0, 1, 0]


@pytest.mark.parametrize(
    ("headed", "bare", "told"),
    [
        (50, 9, False),  # nine people without a head
        (50, 10, True),
        (9, 50, False),  # all but nine people: the grid's total would tell of them
        (9, 0, True),  # nobody is without
        (0, 50, True),
    ],
)
def test_fewer_than_ten_people_are_not_told_of(headed: int, bare: int, told: bool) -> None:
    tables = staffed_town()
    tables["units"] = tables["units"].assign(people=pd.array([headed, 0, bare, 0, 0], dtype="Int64"))
    tables["units"] = tables["units"].assign(grid_id=COMMUNITY + "004", households=3)
    assert heads_of(tables)["unheaded_households"].notna()["004"] == told


def test_a_unit_that_says_no_people_has_as_many_as_households() -> None:
    tables = staffed_town()
    unknown = pd.array([pd.NA] * 5, dtype="Int64")
    tables["units"] = tables["units"].assign(people=unknown)
    assert heads_of(tables)["unheaded_households"].isna()["004"]  # eight households, perhaps eight people


pairs = st.lists(st.tuples(st.integers(0, 3), st.integers(0, 7), st.booleans()), max_size=12)


@settings(max_examples=25, deadline=None)
@given(st.lists(st.integers(0, 3), min_size=8, max_size=8), pairs)
def test_same_as_counting_on_fingers(where: list[int], rows: list[tuple[int, int, bool]]) -> None:
    grids, _ = four_grids()
    units = conform(
        "units",
        grids.iloc[[0] * 8][["geometry"]].assign(
            unit_id=[f"u{n}" for n in range(8)],
            kind="unit",
            grid_id=[f"{COMMUNITY}00{at + 1}" for at in where],
            households=20,
            people=50,
        ),
    )
    staff = staff_of(p0="unit_head", p1="volunteer", p2="building_head")  # p3 is not on the list
    table = duties(
        *((f"p{w}", f"u{u}", {"valid_to": "2026-11-20"} if over else {}) for w, u, over in rows), target="unit"
    )
    made = unit_heads(grids, units, staff, table, as_of=DAY)
    heads = [{w for w, u, over in rows if u == unit and not over and w < 3} for unit in range(8)]
    for at in range(4):
        mine = [heads[unit] for unit in range(8) if where[unit] == at]
        row = made.iloc[at]
        assert (row["units"], row["headed"]) == (len(mine), sum(bool(one) for one in mine))
        assert row["heads"] == len(set().union(*mine))
        assert row["unheaded_households"] == 20 * sum(not one for one in mine)
