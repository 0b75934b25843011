"""Grids added up to every place above them: exact sums, evenness, and no sum that tells of few people."""

from __future__ import annotations

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

from geo import catalogue
from geo.evenness import evenness_by
from geo.grid.duty.pooling import ALONE, NOWHERE, counting, pools
from geo.grid.staffing import parts_of, staffing
from geo.parameters import Parameters
from geo.place.schemes import counts_once
from geo.tables.conform import conform
from tests.worlds import COMMUNITY, NEXT_COMMUNITY, TOWN, staffed_town

DAY = date(2026, 11, 20)
PARAMETERS = Parameters(as_of=DAY, roles={"urban": ("grid_worker",)})
LAYER = catalogue.layer("division-staffing")
SUMS: tuple[str, ...] = ("grids", "needing", "vacant", "short", "need", "workers", "filled", "deficit", "surplus")
WORK = ("workers", "filled", "deficit", "surplus")
SUMS += ("complete", "ruled", "units", "headed")


def built(tables: dict[str, Any], parameters: Parameters = PARAMETERS) -> Any:
    """The layer by division, and its inputs made first."""
    made = {name: catalogue.layer(name).build(tables, parameters) for name in ("grid-staffing", "unit-heads")}
    return LAYER.build({**tables, **made}, parameters)


def by_id(tables: dict[str, Any]) -> pd.DataFrame:
    return pd.DataFrame(built(tables)).set_index("division_id")


def test_a_town_by_hand() -> None:
    rows = by_id(staffed_town())
    expected = {
        #                grids needing vacant short need workers filled deficit surplus complete ruled units headed
        COMMUNITY + "L1": (2, 2, 0, 1, 3, 2.5, 2.0, 1.0, 0.5, 2, 2, 2, 2),
        COMMUNITY + "L2": (2, 1, 1, 0, 3, 0.0, 0.0, 3.0, 0.0, 0, 1, 1, 0),
        COMMUNITY: (4, 3, 1, 1, 6, 2.5, 2.0, 4.0, 0.5, 2, 3, 3, 2),
        NEXT_COMMUNITY: (2, 2, 1, 1, 2, 0.5, 0.5, 1.5, 0.0, 1, 2, 1, 1),
        "150105001": (6, 5, 2, 2, 8, 3.0, 2.5, 5.5, 0.5, 3, 5, 4, 3),
        "150105": (6, 5, 2, 2, 8, 3.0, 2.5, 5.5, 0.5, 3, 5, 4, 3),
        "990105": (6, 5, 2, 2, 8, 3.0, 2.5, 5.5, 0.5, 3, 5, 4, 3),
        "990105001": (3, 3, 0, 2, 4, 3.0, 2.5, 1.5, 0.5, 3, 3, 3, 3),
        "990105002": (3, 2, 2, 0, 4, 0.0, 0.0, 4.0, 0.0, 0, 2, 1, 0),
    }
    assert {id: tuple(rows.loc[id, list(SUMS)]) for id in rows.index} == expected
    assert rows["coverage"][["150105", COMMUNITY, NEXT_COMMUNITY]].tolist() == [2.5 / 8, 2 / 6, 0.25]
    assert rows["parent_id"].fillna("").to_dict() == {
        COMMUNITY + "L1": COMMUNITY,
        COMMUNITY + "L2": COMMUNITY,
        COMMUNITY: "150105001",
        NEXT_COMMUNITY: "150105001",  # by its code
        "150105001": "150105",
        "150105": "",
        "990105": "",
        "990105001": "990105",
        "990105002": "990105",
    }
    assert rows["level"][COMMUNITY + "L1"] == "large_grid"


def test_households_and_loads_by_hand() -> None:
    """Nobody knows how many live in 012. Township: (500 + 501 + 0 + 1,400 + 300) / 3 workers."""
    rows = by_id(staffed_town())
    assert rows["households"][[COMMUNITY + "L1", COMMUNITY, NEXT_COMMUNITY, "150105"]].tolist() == [
        1001,
        2401,
        300,
        2701,
    ]
    assert rows["untold"][[COMMUNITY, NEXT_COMMUNITY, "990105002"]].tolist() == [0, 1, 1]
    assert rows["load"][[COMMUNITY + "L1", NEXT_COMMUNITY, "150105"]].tolist() == [1001 / 2.5, 600.0, 2701 / 3]
    assert pd.isna(rows["load"][COMMUNITY + "L2"])  # nobody works there


def test_evenness_by_hand() -> None:
    """Loads of the community: 1000/3 and 501, mean 417⅙, off by 83⅚ each; of the town 1000/3, 501, 600."""
    rows = by_id(staffed_town())
    mean, off = (1000 / 3 + 501) / 2, (501 - 1000 / 3) / 2
    mine = rows.loc[COMMUNITY]
    assert (mine["loads"], mine["even"]) == (2, 0)
    assert mine[["mean_load", "variation", "peak", "gini"]].tolist() == pytest.approx(
        [mean, off / mean, 501 / mean, off / mean / 2]
    )
    assert (rows["loads"]["150105"], rows["even"]["150105"]) == (3, 1)  # 501 is near 478
    assert rows["loads"][COMMUNITY + "L2"] == 0
    assert pd.isna(rows["gini"][COMMUNITY + "L2"])


def test_people_on_duty_count_once_in_each_place() -> None:
    """Township: w1 w2 w3 v1 d1 h1 h2; w2 works in both communities, d1 in both large grids, w4's time is over."""
    rows = by_id(staffed_town())
    staff = rows["staff"].to_dict()
    assert (staff[COMMUNITY + "L1"], staff[COMMUNITY + "L2"]) == (5, 2)  # w1 w2 w3 d1 h1; v1 d1
    assert (staff[COMMUNITY], staff[NEXT_COMMUNITY], staff["150105001"]) == (6, 2, 7)


def test_figures_by_hand() -> None:
    frame = built(staffed_town())
    figures = {figure.id.partition(".")[2]: figure for figure in LAYER.figures(frame, PARAMETERS)}
    assert (figures["manned"].numerator, figures["manned"].denominator) == (0, 2)
    assert (figures["even"].numerator, figures["even"].denominator) == (1, 3)
    assert figures["peak"].value == pytest.approx(600 / ((1000 / 3 + 501 + 600) / 3))


def test_no_units_are_unknown_units() -> None:
    tables = staffed_town()
    del tables["units"]
    made = {"grid-staffing": catalogue.layer("grid-staffing").build(tables, PARAMETERS)}
    rows = LAYER.build({**tables, **made}, PARAMETERS).set_index("division_id")
    assert rows["units"].isna().all()
    assert rows["staff"]["150105"] == 5  # without the two heads


def test_a_grid_that_names_no_division_lies_where_most_of_it_is() -> None:
    """011 names a code that nobody knows: the township is its longest known prefix. 012 names none."""
    tables = staffed_town()
    home = tables["grids"]["division_id"].where(tables["grids"]["grid_id"] != COMMUNITY + "011", "150105001009")
    tables["grids"]["division_id"] = home.where(tables["grids"]["grid_id"] != COMMUNITY + "012", None)
    rows = by_id(tables)
    assert rows["grids"][[COMMUNITY, NEXT_COMMUNITY, "150105001"]].tolist() == [4, 1, 6]
    assert rows["need"][NEXT_COMMUNITY] == 1  # 012's


def test_a_small_grid_without_a_division_lies_in_its_large_grids() -> None:
    tables = staffed_town()
    tables["grids"].loc[:3, "division_id"] = None
    tables["grids"]["geometry"] = None
    rows = by_id(tables)
    assert rows["grids"][[COMMUNITY, NEXT_COMMUNITY, "150105"]].tolist() == [4, 2, 6]
    assert rows["grids"]["990105"] == 0  # no ground, no police


def test_large_grids_above_large_grids_and_ids_that_divisions_have() -> None:
    """L1 is called as its community; it lies in the larger X, which names L1 as its own parent: a circle."""
    tables = staffed_town()
    grids = tables["grids"].replace({COMMUNITY + "L1": COMMUNITY, COMMUNITY + "P1": "X"})
    grids["scheme"] = grids["scheme"].replace("police", "large")
    grids["parent_grid_id"] = grids["parent_grid_id"].where(grids["grid_id"] != COMMUNITY, "X")
    rows = by_id({**tables, "grids": grids})
    assert rows["parent_id"][COMMUNITY + "/large"] == "X"
    assert rows["grids"][[COMMUNITY + "/large", "X", COMMUNITY]].tolist() == [2, 2, 4]
    grids["parent_grid_id"] = grids["parent_grid_id"].where(grids["grid_id"] != "X", COMMUNITY)
    rows = by_id({**tables, "grids": grids})
    assert rows["grids"][[COMMUNITY + "/large", "X", COMMUNITY]].tolist() == [2, 2, 4]


def test_each_scheme_is_judged_by_itself() -> None:
    """Large grids and the police grid are not staffed as well; of the police scheme w3 is the one worker."""
    tables = staffed_town()
    grids = tables["grids"]
    assert grids["grid_id"][counts_once(grids)].str[-3:].tolist() == ["001", "002", "003", "004", "011", "012"]
    asked = (grids, tables["staff"], tables["assignments"])
    mine = staffing(*asked, as_of=DAY)
    assert mine["workers"].sum() == 3.0
    assert mine["need"].sum() == 8
    police = staffing(*asked, as_of=DAY, scheme="police")
    assert police[["need", "workers", "staff"]].to_numpy().tolist() == [[6, 1.0, 1]]


def homes(*places: tuple[float, float, float, float]) -> gpd.GeoDataFrame:
    points = TOWN.lonlat(shapely.points([(x, y) for x, y, _, _ in places]))
    table = {"place_id": [f"h{n}" for n in range(len(places))], "people": [p for *_, p, _ in places]}
    table["households"] = [h for *_, h in places]
    return conform("population", gpd.GeoDataFrame(table, geometry=points, crs="EPSG:4326"))


def test_nobody_can_work_out_how_many_live_in_a_small_grid() -> None:
    """People 90 in 001, 4 in 002, 7 in 003, 5 in 011, 4 in 012; households a third of them (1 in 002).

    002 is told of in no large grid: with 003 it has 11 people, so both count in the community. 011 and 012 are
    9 people together: no place has more who may not be told of, so they count nowhere. South of 120 m
    the police have 001, 002 and 011, but not 003: only 001 counts there.
    """
    where = homes((50, 50, 90, 30), (150, 50, 4, 1), (50, 150, 7, 2), (250, 50, 5, 2), (250, 150, 4, 1))
    rows = by_id({**staffed_town(), "population": where})
    assert rows["households"].to_dict() == {
        COMMUNITY + "L1": 30,
        COMMUNITY + "L2": 0,
        COMMUNITY: 33,
        NEXT_COMMUNITY: 0,
        "150105001": 33,
        "150105": 33,
        "990105": 33,
        "990105001": 30,
        "990105002": 0,
    }
    assert rows["untold"][[COMMUNITY + "L1", COMMUNITY, NEXT_COMMUNITY, "150105"]].tolist() == [1, 0, 2, 2]
    assert rows["need"]["150105"] == 5  # all five are inhabited; nobody lives in 004


people = st.lists(st.sampled_from([0, 1, 4, 6, 9, 10, 30]), min_size=1, max_size=12)


@settings(max_examples=150, deadline=None)
@given(people, st.data())
def test_grids_of_few_people_are_told_of_only_together(number: list[int], data: Any) -> None:
    """Villages 0-3 lie in townships 4-5, and these in county 6; police districts 7 and 8 lie across."""
    count = len(number)
    village = np.array(data.draw(st.lists(st.integers(0, 3), min_size=count, max_size=count)))
    police = np.array(data.draw(st.lists(st.integers(7, 8), min_size=count, max_size=count)))
    chains = np.column_stack([village, 4 + village // 2, np.full(count, 6)])
    grid, place = np.repeat(np.arange(count), 3), chains.ravel()
    told = np.array([one == 0 or one >= 10 for one in number])
    step = np.array([1] * 4 + [2] * 2 + [3] + [2] * 2)
    pool = pools(told, number, grid, place, step)
    assert ((pool == ALONE) == told).all()
    for one in {*pool} - {ALONE, NOWHERE}:
        assert sum(number[k] for k in np.flatnonzero(pool == one)) >= 10
    for at in range(7):  # no place keeps back as many as could be told of
        inside = {*grid[place == at]}
        assert (
            sum(number[k] for k in inside if pool[k] == NOWHERE) < 10
            or any(pool[k] == NOWHERE and not told[k] for k in inside) is False
        )
    every = np.concatenate([grid, np.arange(count)]), np.concatenate([place, police])
    counts = counting(pool, *every)
    for at in range(9):
        mine = {int(k) for k in every[0][(every[1] == at) & counts]}
        for one in {*pool} - {ALONE, NOWHERE}:
            members = {int(k) for k in np.flatnonzero(pool == one)}
            assert members <= mine or not members & mine  # all or none: an atom that no difference can split
        assert not mine & {int(k) for k in np.flatnonzero(pool == NOWHERE)}
        assert {int(k) for k in every[0][(every[1] == at)] if told[k]} <= mine


grid_rows = st.lists(
    st.tuples(st.integers(1, 4), st.integers(0, 2_000), st.sampled_from(["urban", "rural"])),
    min_size=1,
    max_size=10,
)
work = st.lists(st.tuples(st.integers(0, 4), st.integers(0, 9)), max_size=15)


@settings(max_examples=12, deadline=None)
@given(grid_rows, work, st.integers(0, 9))
def test_every_level_is_the_sum_of_the_one_below(
    rows: list[tuple[int, int, str]], pairs: list[tuple[int, int]], seed: int
) -> None:
    """Random grids in four communities of two townships; the same by dictionaries, whatever the order of rows."""
    communities = [f"15010500{1 + n // 2}00{n % 2 + 1}" for n in range(4)]
    grids = conform(
        "grids",
        gpd.GeoDataFrame(
            {
                "grid_id": [f"{communities[at - 1]}{n:03d}" for n, (at, _, _) in enumerate(rows)],
                "division_id": [communities[at - 1] for at, _, _ in rows],
                "households": [count for _, count, _ in rows],
                "kind": [kind for *_, kind in rows],
            },
            geometry=[None] * len(rows),
            crs="EPSG:4326",
        ),
    )
    ids = ["150105", "150105001", "150105002", *communities]
    levels = ["county", "township", "township"] + ["community"] * 4
    divisions = gpd.GeoDataFrame({"division_id": ids, "name": ids, "level": levels}, geometry=[None] * 7, crs=4326)
    tables = {
        "grids": grids,
        "divisions": conform("divisions", divisions),
        "staff": conform("staff", pd.DataFrame({"staff_id": [f"w{n}" for n in range(5)], "role": "grid_worker"})),
        "assignments": conform(
            "assignments",
            pd.DataFrame(
                {
                    "assignment_id": [f"a{n}" for n in range(len(pairs))],
                    "staff_id": [f"w{who}" for who, _ in pairs],
                    "target_type": "grid",
                    "target_id": [grids["grid_id"][at % len(grids)] for _, at in pairs],
                }
            ),
        ),
        "units": conform("units", gpd.GeoDataFrame({"geometry": []}, crs="EPSG:4326")),
    }
    made = built(tables)
    of_grid = catalogue.layer("grid-staffing").build(tables, PARAMETERS)
    plain: dict[str, dict[str, Any]] = {
        id: dict.fromkeys(("need", "workers", "filled", "households"), 0) for id in ids
    }
    for row in of_grid.to_dict("records"):
        for id in ids:
            if str(row["grid_id"]).startswith(id):
                plain[id]["need"] += row["need"]
                plain[id]["workers"] += Fraction(row["workers"]).limit_denominator(1000)
                plain[id]["filled"] += min(Fraction(row["workers"]).limit_denominator(1000), row["need"])
                plain[id]["households"] += row["households"]
    for row in made.to_dict("records"):
        mine = plain[row["division_id"]]
        assert (row["need"], row["households"]) == (mine["need"], mine["households"])
        assert (row["workers"], row["filled"]) == (
            round(float(mine["workers"]), 9),
            round(float(mine["filled"]), 9),
        )
        assert pd.isna(row["coverage"]) if not row["need"] else 0 <= row["coverage"] <= 1
        below = made[made["parent_id"] == row["division_id"]]
        if len(below):
            for name in set(SUMS) - set(WORK):
                assert row[name] == below[name].sum(), name
            for name in WORK:  # in whole parts of a worker: nothing is lost to rounding
                assert parts_of(row[name]) == parts_of(below[name]).sum(), name
    shuffled = {name: table.sample(frac=1, random_state=seed) for name, table in tables.items()}
    assert_frame_equal(pd.DataFrame(made), pd.DataFrame(built(shuffled)))


loads = st.lists(st.one_of(st.floats(1e-3, 1e6), st.just(float("nan")), st.just(0.0)), max_size=20)


@given(loads, st.data())
def test_evenness_of_many_groups_is_that_of_each(values: list[float], data: Any) -> None:
    """Against the definitions, pair by pair."""
    group = data.draw(st.lists(st.integers(0, 3), min_size=len(values), max_size=len(values)))
    rows = evenness_by(values, group, 4)
    for at in range(4):
        mine = [value for value, of in zip(values, group, strict=True) if of == at]
        known = [value for value in mine if not np.isnan(value)]
        made = {name: rows[name][at] for name in rows}
        assert (made["count"], made["missing"]) == (len(known), len(mine) - len(known))
        if not known:
            assert all(np.isnan(made[name]) for name in ("mean", "variation", "peak", "gini"))
            continue
        mean = sum(known) / len(known)
        assert made["mean"] == pytest.approx(mean)
        if mean == 0:
            assert [made[name] for name in ("variation", "peak", "gini", "near")] == [0, 1, 0, len(known)]
            continue
        assert made["variation"] == pytest.approx(np.std(known) / mean, abs=1e-9)
        assert made["peak"] == pytest.approx(max(known) / mean)
        pairs = sum(abs(one - other) for one in known for other in known)
        assert made["gini"] == pytest.approx(pairs / (2 * len(known) ** 2 * mean), abs=1e-9)
        off = [abs(value - mean) / mean for value in known]
        assert sum(one < 0.1 - 1e-7 for one in off) <= made["near"] <= sum(one < 0.1 + 1e-7 for one in off)
