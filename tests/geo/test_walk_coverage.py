"""Who is covered at which speed and within which time, and what is never told of it."""

from __future__ import annotations

from functools import partial
from typing import Any

import geopandas as gpd
import numpy as np
import pandas as pd
import pytest
from hypothesis import Phase, assume, given, settings
from hypothesis import strategies as st
from pydantic import ValidationError
from shapely import Point

from geo.layer import Figure
from geo.parameters import Parameters
from geo.stations.paces import asked_speeds, main_speed, speed_band
from geo.stations.privacy import never_one_alone, telling
from geo.tables.conform import conform
from tests import building, worlds

ASKED = Parameters(as_of="2026-11-20", profiles={"winter": 4.2})  # 4.0 reaches 1,000 m to the centimetre
WALKS = ("place-walk", "grid-walk", "division-walk", "walk-coverage")
built = partial(building.built, asked=ASKED)


def figures(frame: gpd.GeoDataFrame) -> dict[str, Figure]:
    return building.figures(frame, "walk-coverage", asked=ASKED)


def covered(frame: pd.DataFrame, place: str, who: str = "all") -> dict[tuple[str, float], float]:
    """People covered by (speed, minutes), missing left out."""
    rows = frame[(frame["place_id"] == place) & (frame["who"] == who) & frame["people_covered"].notna()]
    speed = ["own" if np.isnan(kmh) else f"{kmh:g}" for kmh in rows["speed_kmh"]]
    return dict(zip(zip(speed, rows["minutes"], strict=True), rows["people_covered"], strict=True))


def test_everybody_walks_at_their_own_speed() -> None:
    homes = built(worlds.slow_and_fast(), "place-walk")["place-walk"].set_index("place_id")
    minutes = (homes["seconds"] / 60).tolist()
    assert minutes == pytest.approx([3.75, 11.667, 14.167, 11.875, 16.667, 12.5, 15.625, 25], abs=1e-3)
    assert homes["speed_kmh"].tolist() == [4.8, 3.6, 3.6, 4.8, 3.6, 4.8, 4.8, 4.8]
    assert homes["stations_reached"].tolist() == [1, 1, 1, 1, 0, 1, 0, 0]
    assert homes["pace_kmh"].tolist()[:7] == [3.6, 3.6, 3.6, 4.2, 4.2, 4.2, 5.1]
    assert np.isnan(homes["pace_kmh"].iloc[7])
    assert homes["straight_covered"].tolist() == [True, True, True, True, False, True, False, False]
    assert homes["edge_id"].unique().tolist() == ["street"]


def test_coverage_by_speed_time_and_group() -> None:
    rows = built(worlds.slow_and_fast(), *WALKS)["walk-coverage"]
    assert covered(rows, "all") == {
        ("own", 15): 200,
        ("3.6", 15): 120,
        ("5.1", 15): 237,
        ("own", 5): 50,
        ("own", 10): 50,
        ("4.2", 15): 212,
        ("4.8", 15): 212,
    }
    assert covered(rows, "all", "old") == {("own", 15): 30}
    assert covered(rows, "all", "child") == {("own", 15): 40}
    assert rows["level"].unique().tolist() == ["all", "community", "grid"]
    assert covered(rows, worlds.COMMUNITY) == covered(rows, "all")
    east = covered(rows, "150105001001002")
    assert (east["3.6", 15], east["own", 15], east["5.1", 15]) == (0, 80, 117)
    whole = rows[(rows["level"] == "all") & (rows["who"] == "all") & rows["speed_kmh"].isna()]
    assert whole["street_m"].tolist() == pytest.approx([3_000] * 3)
    assert whole.set_index("minutes")["street_m_covered"].to_dict() == pytest.approx({15: 1_200, 5: 400, 10: 800})


def test_the_figures_are_a_band() -> None:
    frame = built(worlds.slow_and_fast(), *WALKS)["walk-coverage"]
    made = figures(frame)
    told = {name: (figure.numerator, figure.denominator) for name, figure in made.items()}
    assert told["people_covered"] == (200, 250)
    assert (told["share_slow"], told["share_fast"]) == ((120, 250), (237, 250))
    assert (told["within_5"], told["within_15"]) == ((50, 250), (200, 250))
    assert (told["profile_old"], told["profile_winter"]) == ((120, 250), (212, 250))
    assert (told["group_old"], told["group_child"]) == ((30, 42), (40, 40))
    assert made["streets"].value == pytest.approx(0.4)
    assert made["share_slow"].title.en == "Covered if everybody walks at 3.6 km/h"


def test_a_grid_says_whether_its_verdict_hangs_on_the_speed() -> None:
    made = built(worlds.slow_and_fast(), *WALKS)
    grids = made["grid-walk"]
    assert grids["verdict"].tolist() == ["always", "depends"]
    assert made["division-walk"]["verdict"].tolist() == ["depends"]  # 120 of 250 slowly, 237 fast
    slower = built(worlds.slow_and_fast(), *WALKS, budget_minutes=10.0)["grid-walk"]
    assert slower["verdict"].tolist() == ["depends", "never"]  # 600 m slowly: 50 of 120; 850 m fast: 120; east 0
    tables = worlds.slow_and_fast()
    del tables["population"]
    streets = built(tables, "grid-walk")["grid-walk"]  # west 0-900 m; east 900-3,000: 375 m of 2,100 even fast
    assert streets["verdict"].tolist() == ["always", "never"]


def test_the_worst_address_is_told_as_the_middle_of_its_street() -> None:
    tables = worlds.crossroads()
    grids = built(tables, "place-walk", "grid-walk")["grid-walk"]
    # h3 walks longest of west, h4 of east; h6, elsewhere, is on no street
    assert grids["worst_street"].tolist()[:2] == ["west", "south"]
    assert pd.isna(grids["worst_street"][2])
    x, y = worlds.TOWN.xy(grids["worst_lon"], grids["worst_lat"])
    assert x[:2] == pytest.approx([-500, 0], abs=0.01)
    assert y[:2] == pytest.approx([0, -500], abs=0.01)


def test_winter_slows_everybody_without_a_speed_of_their_own() -> None:
    winter: dict[str, Any] = {"profile": "winter"}
    homes = built(worlds.slow_and_fast(), "place-walk", **winter)["place-walk"]
    assert homes["speed_kmh"].tolist() == [4.2, 3.6, 3.6, 4.2, 3.6, 4.2, 4.2, 4.2]
    made = built(worlds.slow_and_fast(), *WALKS, **winter)["walk-coverage"]
    assert covered(made, "all")["own", 15] == 200
    assert main_speed(ASKED.model_copy(update=winter)) == 4.2


def test_the_band_holds_every_speed_that_anybody_walks_at() -> None:
    assert speed_band(Parameters()) == (3.6, 5.1)
    assert speed_band(Parameters(speed_kmh=6, profiles={"old": 2.5})) == (2.5, 6)
    assert asked_speeds(Parameters(speed_kmh=6, profiles={"old": 2.5})) == (2.5, 3.6, 4, 6)
    with pytest.raises(ValidationError, match="adult"):
        Parameters(profiles={"adult": 5})


def test_without_people_the_streets_are_told() -> None:
    tables = worlds.slow_and_fast()
    del tables["population"]
    made = figures(built(tables, "walk-coverage")["walk-coverage"])
    assert list(made) == ["streets"]
    assert (made["streets"].numerator, made["streets"].denominator) == pytest.approx((1_200, 3_000))


def test_no_two_numbers_of_a_place_tell_of_fewer_than_ten() -> None:
    tables = worlds.slow_and_fast()
    people = {"p4": 62.0, "p5": 4.0, "p7": 7.0}
    table = tables["population"]
    tables["population"] = table.assign(people=table["place_id"].map(people).fillna(table["people"]))
    rows = built(tables, *WALKS)["walk-coverage"]
    east = "150105001001002"  # p4 62, p5 4 old, p6 20, p7 7, p8 13: own 82 of 106, fast 93, at 4.8 86
    assert covered(rows, east) == {("own", 15): 82, ("3.6", 15): 0, ("5.1", 15): 93, ("own", 5): 0, ("own", 10): 0}
    old = rows[(rows["place_id"] == east) & (rows["who"] == "old")]
    assert old[["people", "people_covered"]].isna().all(axis=None)
    # of the other grid, and of the district's only community, the same case could be subtracted
    west = "150105001001001"
    assert ("4.8", 15) not in covered(rows, west)
    assert covered(rows, "all")["4.8", 15] == 206  # the whole is told


def test_places_of_few_people_are_not_listed() -> None:
    tables = worlds.slow_and_fast()
    tables["population"] = tables["population"].iloc[:1].assign(people=9.0)
    rows = built(tables, *WALKS)["walk-coverage"]
    assert rows["place_id"].unique().tolist() == ["all"]


numbers = st.lists(st.integers(0, 60), min_size=3, max_size=7)


@given(st.lists(numbers, min_size=1, max_size=4).filter(lambda rows: len({len(row) for row in rows}) == 1))
def test_what_stays_never_differs_by_one_to_nine(rows: list[list[int]]) -> None:
    table = np.array(rows, dtype=float)
    hidden = telling(table, 2)
    assert not hidden[:, :2].any()
    for row, gone in zip(table, hidden, strict=True):
        left = [value for value, away in zip(row, gone, strict=True) if not away]
        for k, value in enumerate(left[2:], start=2):
            assert not 0 < value < 10
            assert all(not 0 < abs(value - other) < 10 for other in left[:k])


families = st.lists(st.tuples(st.integers(0, 3), st.integers(10, 30), st.booleans()), min_size=1, max_size=12)


@given(families)
def test_no_sibling_is_hidden_alone(rows: list[tuple[int, int, bool]]) -> None:
    family, people, gone = (np.array(column) for column in zip(*rows, strict=True))
    hidden = never_one_alone(gone[:, None], family.astype(np.int64), people.astype(float))[:, 0]
    assert (hidden | ~gone).all()
    for one in set(family):
        count = hidden[family == one].sum()
        assert count != 1 or (family == one).sum() == 1


places = st.tuples(st.sampled_from(["east", "north", "south", "west"]), st.integers(0, 999))
WAY = {"east": (1, 0), "north": (0, 1), "south": (0, -1), "west": (-1, 0)}


def metres(a: tuple[str, int], b: tuple[str, int]) -> int:
    return abs(a[1] - b[1]) if a[0] == b[0] else a[1] + b[1]


@settings(max_examples=12, deadline=None, phases=(Phase.explicit, Phase.generate))  # whole towns shrink too slowly
@given(
    st.lists(places, min_size=1, max_size=3, unique=True),
    st.lists(st.tuples(places, st.sampled_from(["all", "old", "child"]), st.integers(1, 30)), max_size=8),
)
def test_coverage_is_what_a_ruler_along_the_streets_finds(
    stations: list[tuple[str, int]], homes: list[tuple[tuple[str, int], str, int]]
) -> None:
    ways = [min(metres(home, station) for station in stations) for home, _, _ in homes]
    own = [{"all": 4.8}.get(group, 3.6) for _, group, _ in homes]
    speeds, minutes = (3.6, 4.2, 4.8, 5.1), (5.0, 10.0, 15.0)
    edges = [speed / 60 * 1_000 * time for speed in speeds for time in minutes]
    assume(all(abs(way - edge) > 1 for way in ways for edge in edges))
    tables = worlds.crossroads()
    tables["stations"] = worlds.stations_of(
        {f"s{k}": (WAY[arm][0] * m, WAY[arm][1] * m) for k, (arm, m) in enumerate(stations)}
    )
    points = [Point(WAY[arm][0] * m, WAY[arm][1] * m) for (arm, m), _, _ in homes]
    table = {
        "place_id": [f"h{k}" for k in range(len(homes))],
        "group": [group for _, group, _ in homes],
        "people": [people for _, _, people in homes],
    }
    ground = gpd.GeoDataFrame(table, geometry=worlds.on_ground(points), crs="EPSG:4326")
    tables["population"] = conform("population", ground)
    rows = built(tables, *WALKS)["walk-coverage"]
    found = covered(rows, "all")
    if not homes:
        assert not found
        return

    def count(speed: list[float], time: float) -> int:
        within = [way <= kmh / 60 * 1_000 * time for way, kmh in zip(ways, speed, strict=True)]
        return sum(people for (_, _, people), there in zip(homes, within, strict=True) if there)

    for time in minutes:
        assert found["own", time] == count(own, time)
    for speed in speeds:
        assert found[f"{speed:g}", 15] == count([speed] * len(homes), 15)
    assert found["own", 5] <= found["own", 10] <= found["own", 15]
    assert found["3.6", 15] <= found["own", 15] <= found["5.1", 15]
