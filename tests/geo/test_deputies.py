"""Is every large grid given its nearest deputies, as far as they go round?"""

from __future__ import annotations

from itertools import permutations

import geopandas as gpd
import numpy as np
import pandas as pd
import pytest
import shapely
from hypothesis import given, settings
from hypothesis import strategies as st

from geo.errors import BadParameter
from geo.grid.deputies import assign_deputies


def places(east: list[float], households: list[int] | None = None) -> gpd.GeoDataFrame:
    """Large grids A, B, … of 0.01° centred so many hundredths of a degree east of 110°."""
    west = 110 + np.array(east) / 100 - 0.005
    return gpd.GeoDataFrame(
        {"district_id": list("ABCDEFGH"[: len(east)]), "households": households or [100] * len(east)},
        geometry=shapely.box(west, 39.995, west + 0.01, 40.005),
        crs="EPSG:4326",
    )


def people(east: list[float | None]) -> gpd.GeoDataFrame:
    """Deputies a, b, … based so many hundredths of a degree east of 110°; None = nobody knows where."""
    points = [None if one is None else shapely.Point(110 + one / 100, 40) for one in east]
    return gpd.GeoDataFrame({"staff_id": list("abcdefgh"[: len(east)])}, geometry=points, crs="EPSG:4326")


def pairs(made: pd.DataFrame) -> list[str]:
    return [one + two for one, two in zip(made["staff_id"], made["district_id"], strict=True)]


def test_the_sum_of_distances_decides_not_who_comes_first() -> None:
    made = assign_deputies(people([4, 6]), places([5, 3]))  # a-A b-B 1 + 3, a-B b-A 1 + 1
    assert pairs(made) == ["bA", "aB"]
    assert made["distance_m"].to_numpy() == pytest.approx(853.9, abs=0.5)  # 0.01° at 40° N


def test_the_rest_goes_where_the_load_per_deputy_is_highest() -> None:
    made = assign_deputies(people([0, 0, 0, 0, 0]), places([1, 2], [900, 250]))
    assert made["district_id"].tolist() == ["A", "A", "A", "A", "B"]  # 900 450 300 > 250: three more to A


def test_few_deputies_have_several_or_serve_the_heaviest() -> None:
    three = places([0, 1, 10], [10, 20, 30])
    assert pairs(assign_deputies(people([0, 10]), three, most=2)) == ["aA", "aB", "bC"]
    assert pairs(assign_deputies(people([0, 10]), three)) == ["aB", "bC"]
    assert pairs(assign_deputies(people([0, 0]), places([0, 1]), most=2)) == ["aA", "bB"]  # nobody stands by


def test_what_is_kept_stays() -> None:
    kept = pd.DataFrame({"staff_id": ["a", "z"], "district_id": ["B", "A"]})
    made = assign_deputies(people([0, 1]), places([0, 1]), kept=kept)
    assert pairs(made) == ["bA", "aB"]
    assert made["kept"].tolist() == [False, True]


def test_without_a_base_no_distance_is_known() -> None:
    made = assign_deputies(people([None, 0]), places([0, 5]))
    assert pairs(made) == ["bA", "aB"]
    assert made["distance_m"].isna().tolist() == [False, True]
    assert assign_deputies(people([None, None]), places([0, 5]))["distance_m"].isna().all()


def test_nobody_or_nothing() -> None:
    assert assign_deputies(people([]), places([0])).empty
    assert assign_deputies(people([0]), places([])).empty
    with pytest.raises(BadParameter, match="at least one"):
        assign_deputies(people([0]), places([0]), most=0)
    with pytest.raises(BadParameter, match="unique"):
        assign_deputies(people([0, 1]).assign(staff_id="a"), places([0]))


spots = st.integers(-50, 50)


@settings(max_examples=40, deadline=None)
@given(
    st.lists(spots, min_size=1, max_size=4),
    st.lists(spots, min_size=1, max_size=4),
    st.integers(1, 2),
    st.randoms(),
)
def test_no_other_assignment_is_shorter(bases: list[int], centres: list[int], most: int, random: object) -> None:
    deputies, large = people(list(bases)), places(list(centres))
    made = assign_deputies(deputies, large, most=most)

    per_deputy = made["staff_id"].value_counts()
    assert per_deputy.max() <= most
    assert len(per_deputy) == min(len(bases), len(made))
    assert len(made) == min(max(len(bases), len(centres)), most * len(bases))
    assert made["district_id"].nunique() == min(len(centres), most * len(bases))
    again = assign_deputies(deputies.iloc[::-1], large.iloc[::-1], most=most)
    pd.testing.assert_frame_equal(made, again)

    seats = made["district_id"].map(dict(zip(large["district_id"], centres, strict=True))).tolist()
    slots = [base for base in bases for _ in range(most)]
    owner = [one for one in range(len(bases)) for _ in range(most)]
    width = min(len(bases), len(seats))
    best = min(
        sum(abs(slots[at] - seat) for at, seat in zip(chosen, seats, strict=True))
        for chosen in permutations(range(len(slots)), len(seats))
        if len({owner[at] for at in chosen}) == width
    )
    assert made["distance_m"].sum() == pytest.approx(best * 853.9, abs=5 * len(made))
