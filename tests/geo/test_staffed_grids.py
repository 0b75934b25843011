"""Workers that serve large grids: what is asked of them and given to them, small grids and all, each once."""

from __future__ import annotations

from collections.abc import Mapping, Sequence
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

from geo import catalogue
from geo.grid.staffing import parts_of, staffing
from geo.parameters import Parameters
from geo.place.schemes import counts_once, staffed_in
from geo.tables.conform import conform
from tests.duty import duties, staff_of
from tests.worlds import COMMUNITY, NEXT_COMMUNITY, TOWN, grids_of, square, staffed_town

DAY = date(2026, 11, 20)
LARGE = Parameters(as_of=DAY, roles={"urban": ("grid_worker",)}, staffed_grids="large")
SUMS: tuple[str, ...] = (
    "grids",
    "needing",
    "vacant",
    "short",
    "need",
    "workers",
    "filled",
    "deficit",
    "surplus",
    "complete",
)
SUMS += ("ruled", "units", "headed")
Small = Sequence[tuple[str, str | None, int | None]]


def land(
    small: Small, large: Mapping[str, int | None], above: Mapping[str, str] | None = None
) -> gpd.GeoDataFrame:
    """Small grids (end of the id, large grid, households) in a row, 100 m each; large ones off them."""
    above = above or {}
    parents = [*(parent for _, parent, _ in small), *(above.get(one) for one in large)]
    here = {id: square(100.0 * k, 0) for k, (id, *_) in enumerate(small)}
    return grids_of(
        here | {id: square(100.0 * k, 900) for k, id in enumerate(large)},
        parent_grid_id=pd.array([None if one is None else COMMUNITY + one for one in parents], dtype="str"),
        households=pd.array([*(count for *_, count in small), *large.values()], dtype="Int64"),
        scheme=["main"] * len(small) + ["large"] * len(large),
    )


def judged(grids: gpd.GeoDataFrame, staff: Any, given: Any, **said: Any) -> pd.DataFrame:
    """The rows of large grids by the end of their id."""
    made = staffing(grids, staff, given, as_of=DAY, which="large", **said)
    return pd.DataFrame(made.assign(end=made["grid_id"].str[12:]).set_index("end"))


def both(tables: dict[str, Any], parameters: Parameters = LARGE) -> tuple[pd.DataFrame, pd.DataFrame]:
    """Rows of grids and of divisions, by id."""
    made = {name: catalogue.layer(name).build(tables, parameters) for name in ("grid-staffing", "unit-heads")}
    rolled = catalogue.layer("division-staffing").build({**tables, **made}, parameters)
    return pd.DataFrame(made["grid-staffing"]).set_index("grid_id"), pd.DataFrame(rolled).set_index("division_id")


def urban_town() -> dict[str, Any]:
    """``staffed_town`` whose large grids are urban."""
    tables = staffed_town()
    grids = tables["grids"]
    tables["grids"] = grids.assign(kind=grids["kind"].where(grids["scheme"] != "large", "urban"))
    return tables


def test_large_grids_of_a_town_by_hand() -> None:
    """What is given to 001 and 002 counts for L1, to 003 and 004 for L2; 011 and 012 lie in no large grid.

    ::

        L1   1,001 households need ⌈1001/500⌉ = 3   w1 1, half of w2, w3 1   2.5   short 0.5
        L2   1,400            need 3                v1, a volunteer          0     vacant
        011  300              need 1                half of w2               0.5   short 0.5
        012  unknown          need 1                w4, whose time is over   0     vacant
    """
    rows, _ = both(urban_town())
    assert rows.index.tolist() == [COMMUNITY + end for end in ("011", "012", "L1", "L2")]
    assert rows["need"].tolist() == [1, 1, 3, 3]
    assert rows["workers"].tolist() == [0.5, 0.0, 2.5, 0.0]
    assert rows["deficit"].tolist() == [0.5, 1.0, 0.5, 3.0]
    assert rows["status"].tolist() == ["short", "vacant", "short", "vacant"]
    assert rows["households"].tolist()[2:] == [1_001, 1_400]
    assert rows["load"].tolist()[2] == 1_001 / 2.5
    assert rows["staff"].tolist() == [1, 0, 4, 2]  # L1: w1 w2 w3 and the deputy; L2: v1 and the deputy
    assert rows["roles_missing"].tolist() == [[], ["grid_worker"], [], ["grid_worker"]]


def test_divisions_of_a_town_by_hand() -> None:
    """The police's south has L1 and 011, its north L2 (all but a fifth) and 012."""
    _, rows = both(urban_town())
    expected = {
        #                grids needing vacant short need workers filled deficit surplus complete ruled units headed
        COMMUNITY + "L1": (1, 1, 0, 1, 3, 2.5, 2.5, 0.5, 0.0, 1, 1, 2, 2),
        COMMUNITY + "L2": (1, 1, 1, 0, 3, 0.0, 0.0, 3.0, 0.0, 0, 1, 1, 0),
        COMMUNITY: (2, 2, 1, 1, 6, 2.5, 2.5, 3.5, 0.0, 1, 2, 3, 2),
        NEXT_COMMUNITY: (2, 2, 1, 1, 2, 0.5, 0.5, 1.5, 0.0, 1, 2, 1, 1),
        "150105001": (4, 4, 2, 2, 8, 3.0, 3.0, 5.0, 0.0, 2, 4, 4, 3),
        "150105": (4, 4, 2, 2, 8, 3.0, 3.0, 5.0, 0.0, 2, 4, 4, 3),
        "990105": (4, 4, 2, 2, 8, 3.0, 3.0, 5.0, 0.0, 2, 4, 4, 3),
        "990105001": (2, 2, 0, 2, 4, 3.0, 3.0, 1.0, 0.0, 2, 2, 3, 3),
        "990105002": (2, 2, 2, 0, 4, 0.0, 0.0, 4.0, 0.0, 0, 2, 1, 0),
    }
    assert {id: tuple(rows.loc[id, list(SUMS)]) for id in rows.index} == expected
    assert rows["households"][[COMMUNITY + "L1", COMMUNITY, NEXT_COMMUNITY, "150105"]].tolist() == [
        1_001,
        2_401,
        300,
        2_701,
    ]
    people = rows["staff"][[COMMUNITY + "L1", COMMUNITY + "L2", COMMUNITY, NEXT_COMMUNITY, "150105001"]]
    assert people.tolist() == [5, 2, 6, 2, 7]  # as where small grids are staffed: with the heads of units


def test_parts_given_to_small_grids_add_up_in_their_large_grid() -> None:
    """x: ¼ for each of 001, 002, 003 and 004; y: ⅓ for each of three; z: half and half; v: ½ of L1, ½ of 001.

    ::

        L1 (001-003)   x ¾, y 1, z ½, v 1   3¼ of 1, four people
        L2 (004, 005)  x ¼, z ½             ¾ of 1, two people
    """
    grids = land(
        [("001", "L1", 40), ("002", "L1", 30), ("003", "L1", 0), ("004", "L2", 9), ("005", "L2", 8)],
        {"L1": None, "L2": None},
    )
    given = [("x", end) for end in ("001", "002", "003", "004")] + [("y", end) for end in ("001", "002", "003")]
    given += [("z", "L1"), ("z", "L2"), ("v", "L1"), ("v", "001")]
    made = judged(grids, staff_of(**dict.fromkeys("xyzv", "grid_worker")), duties(*given))
    assert made["workers"].to_dict() == {"L1": 3.25, "L2": 0.75}
    assert made["surplus"].to_dict() == {"L1": 2.25, "L2": 0.0}
    assert made["staff"].to_dict() == {"L1": 4, "L2": 2}
    assert made["households"].to_dict() == {"L1": 70, "L2": 17}  # they say none: the sums of their small grids
    assert made["roles_missing"].tolist() == [[], []]


def test_a_large_grids_own_count_goes_before_the_sum_and_half_a_sum_is_none() -> None:
    """L1 says 600; of L2's small ones one is unknown; 004 names a large grid that is not there; L3 has none."""
    small = [("001", "L1", 40), ("002", "L2", 30), ("003", "L2", None), ("004", "L9", 9)]
    made = judged(land(small, {"L1": 600, "L2": None, "L3": 800}), staff_of(), duties())
    assert made["need"].to_dict() == {"004": 1, "L1": 2, "L2": 1}
    assert made["households"].isna().to_dict() == {"004": False, "L1": False, "L2": True}
    assert made["households"][["004", "L1"]].tolist() == [9, 600]


def test_a_large_grid_around_another_counts_only_what_lies_in_it_directly() -> None:
    """X says 900 households, of which L1 has 600: of X only 002's 290 are left, and no household counts twice."""
    small = [("001", "L1", 610), ("002", "X", 290)]
    made = judged(land(small, {"L1": 600, "X": 900}, {"L1": "X"}), staff_of(), duties())
    assert made["households"].to_dict() == {"L1": 600, "X": 290}


def homes(*places: tuple[float, float, float, float]) -> gpd.GeoDataFrame:
    points = TOWN.lonlat(shapely.points([(x, y) for x, y, *_ in places]))
    table = {"place_id": [f"h{n}" for n in range(len(places))], "people": [p for *_, p, _ in places]}
    table["households"] = [h for *_, h in places]
    return conform("population", gpd.GeoDataFrame(table, geometry=points, crs="EPSG:4326"))


def test_households_of_few_people_are_in_no_large_grid_that_would_tell_of_them() -> None:
    """People 90 in 001, 4 in 002 (L1); 6 in 003, 5 in 004 and 30 in 005 (L2); 7 in 006 (L3).

    L1: 002's household would be L1 less 001, so it is left out. L2: 003 and 004 are 11 together, so they count.
    L3 has 7 people: not told, and needs one worker whatever they are.
    """
    small = [("001", "L1", 1), ("002", "L1", 1), ("003", "L2", 1), ("004", "L2", 1), ("005", "L2", 1)]
    grids = land([*small, ("006", "L3", 1)], {"L1": 5_000, "L2": 5_000, "L3": 5_000})
    people = [(90, 30), (4, 1), (6, 2), (5, 3), (30, 11), (7, 60)]
    where = homes(*((100.0 * k + 50, 50, *said) for k, said in enumerate(people)))
    made = judged(grids, staff_of(), duties(), population=where, households_per_worker=10)
    assert made["households"][["L1", "L2"]].tolist() == [30, 16]
    assert pd.isna(made["households"]["L3"])
    assert made["need"].to_dict() == {"L1": 3, "L2": 2, "L3": 1}


def test_without_large_grids_nothing_is_different() -> None:
    """And in the other schemes, which have none, either."""
    tables = urban_town()
    given = (tables["staff"], tables["assignments"])
    bare = tables["grids"].assign(parent_grid_id=pd.array([None] * len(tables["grids"]), dtype="str"))
    for grids, scheme in ((bare, None), (tables["grids"], "police")):
        made = [staffing(grids, *given, as_of=DAY, scheme=scheme, which=one) for one in ("small", "large")]
        pd.testing.assert_frame_equal(pd.DataFrame(made[0]), pd.DataFrame(made[1]))


def test_small_grids_that_name_each_other_have_no_large_grid() -> None:
    """001 and 002 each say that they lie in the other, 003 in itself; 002 may be another scheme's."""
    grids = land([("001", "002", 5), ("002", "001", 6), ("003", "003", 7)], {})
    assert judged(grids, staff_of(), duties())["households"].to_dict() == {"001": 5, "002": 6, "003": 7}
    apart = grids.assign(scheme=["main", "police", "main"])
    assert judged(apart, staff_of(), duties())["households"].to_dict() == {"001": 5, "003": 7}


def test_no_grids_need_nobody() -> None:
    made = judged(land([], {"L1": 40}), staff_of(w="grid_worker"), duties(("w", "L1")))
    assert len(made) == 0


towns = st.lists(
    st.tuples(st.sampled_from([None, "L0", "L1", "L2"]), st.integers(0, 900)), min_size=1, max_size=10
)
owns = st.lists(st.one_of(st.none(), st.integers(0, 3_000)), min_size=3, max_size=3)
work = st.lists(
    st.tuples(st.integers(0, 4), st.integers(0, 12), st.sampled_from([None, None, 0.2, 0.5])), max_size=16
)


def slowly(small: Small, large: Mapping[str, int | None], given: Any) -> dict[str, dict[str, Any]]:
    """M2 for large grids by dictionaries and fractions; ``given``: person, end of the id, stated share."""
    home = {end: parent or end for end, parent, _ in small}
    home |= {parent: parent for _, parent, _ in small if parent}
    counts: dict[str, int] = {}
    for end, _, count in small:
        counts[home[end]] = counts.get(home[end], 0) + (count or 0)
    counts |= {id: own for id, own in large.items() if own is not None and id in home}
    time: dict[str, dict[str, Fraction | None]] = {}
    for who, end, share in given:
        if end in home:
            before = time.setdefault(who, {}).get(end)
            said = None if share is None else Fraction(share).limit_denominator(10)
            time[who][end] = before if said is None else max(said, before or Fraction(0))
    supply = dict.fromkeys(counts, Fraction(0))
    for parts in time.values():
        spoken = sum((part for part in parts.values() if part is not None), Fraction(0))
        silent = sum(part is None for part in parts.values())
        for end, part in parts.items():
            even = min(Fraction(1, len(parts)), max(1 - spoken, Fraction(0)) / silent) if silent else Fraction(0)
            supply[home[end]] += (even if part is None else part) / max(spoken, Fraction(1))
    return {
        id: {
            "households": count,
            "need": max(1, -(-count // 500)) if count else 0,
            "workers": round(float(supply[id]), 9),
            "staff": len({who for who, end, _ in given if home.get(end) == id}),
        }
        for id, count in counts.items()
    }


def random_land(town: Any, own: Any) -> tuple[Small, dict[str, int | None], gpd.GeoDataFrame]:
    small = [(f"{k:03d}", parent, count) for k, (parent, count) in enumerate(town)]
    large = {f"L{k}": count for k, count in enumerate(own)}
    return small, large, land(small, large)


def random_work(small: Small, rows: Any, *, to_large: bool) -> list[tuple[str, str, float | None]]:
    ends = [end for end, *_ in small] + (["L0", "L1", "L2"] if to_large else [])
    return [(f"w{who}", ends[at % len(ends)], share) for who, at, share in rows]


def duties_of(given: Any) -> Any:
    return duties(*((who, end, {"share": share}) for who, end, share in given))


WORKERS = staff_of(**{f"w{n}": "grid_worker" for n in range(5)})


@settings(max_examples=40, deadline=None)
@given(towns, owns, work, st.integers(0, 99))
def test_same_as_by_dictionaries(town: Any, own: Any, rows: Any, seed: int) -> None:
    """In whatever order the rows are given."""
    small, large, grids = random_land(town, own)
    given = random_work(small, rows, to_large=True)
    made = judged(grids.sample(frac=1, random_state=seed), WORKERS, duties_of(given))
    assert made[["households", "need", "workers", "staff"]].to_dict("index") == slowly(small, large, given)


@settings(max_examples=40, deadline=None)
@given(towns, work)
def test_nobody_and_no_household_is_lost_between_small_and_large(town: Any, rows: Any) -> None:
    """Where large grids say no count of their own, and people are assigned to small grids."""
    small, _, grids = random_land(town, [None] * 3)
    given = duties_of(random_work(small, rows, to_large=False))
    of_small = staffing(grids, WORKERS, given, as_of=DAY)
    of_large = staffing(grids, WORKERS, given, as_of=DAY, which="large")
    assert parts_of(of_small["workers"]).sum() == parts_of(of_large["workers"]).sum()
    assert of_small["households"].sum() == of_large["households"].sum()
    assert of_small["need"].sum() >= of_large["need"].sum()  # what rounds up once rounds up less


@settings(max_examples=60, deadline=None)
@given(towns, st.lists(st.sampled_from([None, "L0", "L1", "L2"]), min_size=3, max_size=3))
def test_every_grid_that_counts_is_staffed_in_exactly_one(town: Any, above: Any) -> None:
    """Whatever large grids say of each other, circles too."""
    small, large, _ = random_land(town, [None] * 3)
    grids = land(small, large, {id: parent for id, parent in zip(large, above, strict=True) if parent})
    home = staffed_in(grids, "large")
    assert (home[counts_once(grids)] >= 0).all()
    staffed = np.unique(home[home >= 0])
    assert (home[staffed] == staffed).all()
    assert (staffed_in(grids)[counts_once(grids)] == np.flatnonzero(counts_once(grids))).all()


@settings(max_examples=12, deadline=None)
@given(towns, owns, work)
def test_divisions_and_large_grids_are_the_sums_of_the_rows(town: Any, own: Any, rows: Any) -> None:
    small, _, grids = random_land(town, own)
    ids = {"150105": "county", "150105001": "township", COMMUNITY: "community", NEXT_COMMUNITY: "community"}
    next_door = grids["grid_id"].isin([COMMUNITY + "L2", COMMUNITY + "000"])
    divisions = gpd.GeoDataFrame(
        {"division_id": list(ids), "name": list(ids), "level": list(ids.values())}, geometry=[None] * 4, crs=4326
    )
    tables = {
        "grids": grids.assign(division_id=grids["division_id"].where(~next_door, NEXT_COMMUNITY)),
        "divisions": conform("divisions", divisions),
        "staff": WORKERS,
        "assignments": duties_of(random_work(small, rows, to_large=True)),
        "units": conform("units", gpd.GeoDataFrame({"geometry": []}, crs="EPSG:4326")),
    }
    of_grid, made = both(tables)
    for level, among in made.groupby("level"):
        mine = of_grid[of_grid.index.str[12:].str.startswith("L")] if level == "large_grid" else of_grid
        for name in ("need", "households"):
            assert among[name].sum() == mine[name].sum()
        for name in ("workers", "deficit", "surplus"):
            assert parts_of(among[name]).sum() == parts_of(mine[name]).sum()
        assert among["grids"].sum() == len(mine)
        assert among["vacant"].sum() == (mine["status"] == "vacant").sum()
    large = made[made["level"] == "large_grid"]
    assert large.index.tolist() == of_grid.index[of_grid.index.str[12:].str.startswith("L")].tolist()
    alone = of_grid.loc[large.index]
    assert large[["need", "workers"]].to_numpy().tolist() == alone[["need", "workers"]].to_numpy().tolist()


@pytest.mark.parametrize("said", ["both", "", "Large"])
def test_another_word_is_refused(said: str) -> None:
    with pytest.raises(ValueError, match="staffed_grids"):
        Parameters.model_validate({"staffed_grids": said})
