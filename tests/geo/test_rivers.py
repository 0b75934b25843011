"""Towns with a river: covered people are exactly those whom a plain search walks to a station in time."""

from __future__ import annotations

from typing import Any

import numpy as np
import pytest

from tests.building import built, figures
from tests.rivers import ASKED, RiverTown, river_town

TOWNS = [(seed, bridges) for seed in range(4) for bridges in (0, 1, 3)]


def asked_of_the_package(town: RiverTown) -> dict[str, Any]:
    return built(town.tables, "place-walk", "grid-walk")


@pytest.mark.parametrize(("seed", "bridges"), TOWNS)
def test_no_home_is_wrong(seed: int, bridges: int) -> None:
    town = river_town(seed, bridges)
    made = asked_of_the_package(town)
    homes = made["place-walk"]
    people = np.array(town.people)
    expected = np.array(town.seconds)
    assert homes["people"].tolist() == people.tolist()
    assert np.array_equal(homes["stations_reached"], (expected <= ASKED.limit).sum(axis=1))
    lists = [[f"s{n}" for n, seconds in enumerate(row) if seconds <= ASKED.limit] for row in town.seconds]
    assert homes["station_ids"].tolist() == lists
    two = np.sort(expected, axis=1)[:, :2]
    found = homes[["seconds", "second_seconds"]].fillna(np.inf).to_numpy()
    assert np.array_equal(np.isinf(found), np.isinf(two))
    known = np.isfinite(two)
    assert np.abs(found[known] - two[known]).max() <= 0.0301  # a leg and both places along streets round by one
    covered = figures(made["grid-walk"], "grid-walk")["people_covered"]
    assert (covered.numerator, covered.denominator) == (people[town.covered].sum(), people.sum())


@pytest.mark.parametrize("seed", range(4))
def test_nobody_wades_and_bridges_are_walked(seed: int) -> None:
    no_bridge, bridges = river_town(seed, 0), river_town(seed, 11)
    dry = asked_of_the_package(no_bridge)["place-walk"]
    assert dry["seconds"][no_bridge.south].isna().all()
    assert dry["stations_reached"][~no_bridge.south].any()
    assert no_bridge.homes == bridges.homes
    assert asked_of_the_package(bridges)["place-walk"]["stations_reached"][bridges.south].any()


@pytest.mark.parametrize("seed", range(4))
def test_circles_and_nearest_corners_get_it_wrong(seed: int) -> None:
    town = river_town(seed, 1)
    people = np.array(town.people)
    wrong = [people[town.covered != short].sum() for short in (town.covered_by_circles, town.covered_from_corners)]
    assert all(some > 0 for some in wrong)
    assert people[town.covered_by_circles].sum() > 1.2 * people[town.covered].sum()
