"""Where people live whom no station reaches in time."""

from __future__ import annotations

from typing import Any

import geopandas as gpd
import numpy as np
import pandas as pd
import pytest
from hypothesis import given
from hypothesis import strategies as st
from shapely import LineString, Point, box

from geo.parameters import Parameters
from geo.stations.gaps import neighbourhoods, unserved_areas
from geo.tables.conform import conform
from geo.walk.barriers import Barriers
from tests import worlds

ASKED = Parameters()


def homes(*rows: tuple[float, float, int, float | None, str], reached: bool = False) -> gpd.GeoDataFrame:
    """Rows of ``place-walk``: x, y, people, minutes, grid."""
    x, y, people, minutes, grid = (list(column) for column in zip(*rows, strict=True))
    return gpd.GeoDataFrame(
        {
            "place_id": [f"p{number}" for number in range(len(rows))],
            "people": np.array(people, dtype=float),
            "households": np.array(people, dtype=float) / 2,
            "grid_id": grid,
            "part": "inside",
            "seconds": np.array(minutes, dtype=float) * 60,
            "station_id": ["s1" if some is not None else None for some in minutes],
            "stations_reached": int(reached),
        },
        geometry=worlds.on_ground([Point(a, b) for a, b in zip(x, y, strict=True)]),
        crs="EPSG:4326",
    )


def areas(places: gpd.GeoDataFrame, barriers: gpd.GeoDataFrame | None = None) -> gpd.GeoDataFrame:
    tables: dict[str, Any] = {"place-walk": places}
    return unserved_areas(tables if barriers is None else {**tables, "barriers": barriers}, ASKED)


def wall(x: float) -> gpd.GeoDataFrame:
    line = worlds.on_ground(LineString([(x, -500), (x, 500)]))
    return conform(
        "barriers", gpd.GeoDataFrame({"barrier_id": ["w"], "kind": ["wall"]}, geometry=[line], crs=4326)
    )


def test_neighbours_are_one_area_and_most_people_come_first() -> None:
    made = areas(
        homes((0, 0, 8, 20, "g1"), (140, 0, 7, 22, "g2"), (280, 0, 2, 30, "g1"), (2_000, 0, 40, None, "g3"))
    )
    assert made["rank"].tolist() == [1, 2]
    assert made["people"].tolist() == [40, 17]
    assert made["households"].tolist() == [20, 8.5]
    assert made["grid_ids"].tolist() == [["g3"], ["g1", "g2"]]
    assert pd.isna(made["minutes"][0])  # no way on foot at all
    assert pd.isna(made["station_id"][0])
    assert made["minutes"][1] == 22  # 8 people walk 20 minutes, 15 at most 22
    assert made["extra_minutes"][1] == 7
    assert made["station_id"][1] == "s1"


def test_an_area_is_sixty_metres_around_its_homes() -> None:
    made = areas(homes((0, 0, 10, 20, "g"), (100, 0, 10, 20, "g")))
    ground = worlds.TOWN.metres(made.geometry[0])
    assert ground.covers(box(-50, -20, 150, 20))
    assert ground.within(box(-60.1, -60.1, 160.1, 60.1))


def test_further_than_a_block_is_another_area() -> None:
    assert len(areas(homes((0, 0, 10, 20, "g"), (149, 0, 10, 20, "g")))) == 1
    assert len(areas(homes((0, 0, 10, 20, "g"), (151, 0, 10, 20, "g")))) == 2


def test_a_wall_parts_neighbours() -> None:
    places = homes((0, 0, 10, 20, "g"), (100, 0, 10, 20, "g"))
    assert len(areas(places, wall(50))) == 2
    assert len(areas(places, wall(150))) == 1


def test_fewer_than_ten_people_are_no_area_but_are_counted() -> None:
    made = areas(homes((0, 0, 12, 20, "g"), (1_000, 0, 9, 30, "g"), (3_000, 0, 8, 40, "h")))
    assert made["area_id"].tolist()[1:] == ["scattered"]
    assert made["people"].tolist() == [12, 17]
    assert made["rank"].tolist() == [1, 2]
    assert made.geometry.isna().tolist() == [False, True]
    assert made["minutes"][1] == 30
    few = areas(homes((0, 0, 12, 20, "g"), (1_000, 0, 9, 30, "g")))
    assert few["people"].tolist() == [12, 9]
    assert few.loc[1, ["minutes", "extra_minutes", "station_id"]].isna().all()


def test_who_is_reached_or_nobody_at_all_is_in_no_area() -> None:
    reached = homes((0, 0, 50, 5, "g"), reached=True)
    empty = homes((1_000, 0, 0, 50, "g"))
    both = gpd.GeoDataFrame(pd.concat([reached, empty.assign(place_id="q")], ignore_index=True), crs="EPSG:4326")
    assert len(areas(both)) == 0


def test_an_area_keeps_its_name_when_rows_move_and_when_another_goes() -> None:
    places = homes((0, 0, 12, 20, "g"), (100, 0, 12, 20, "g"), (2_000, 0, 40, 30, "h"))
    made = areas(places)
    assert areas(places.sample(frac=1, random_state=1))["area_id"].tolist() == made["area_id"].tolist()
    assert areas(places.iloc[:2])["area_id"].tolist() == [made["area_id"][1]]
    assert made["area_id"].str.fullmatch("[0-9a-f]{12}").all()


spot = st.tuples(st.integers(0, 600), st.integers(0, 600))


@given(st.lists(spot, max_size=12), st.booleans())
def test_neighbourhoods_are_what_walking_from_home_to_home_finds(
    places: list[tuple[int, int]], walled: bool
) -> None:
    xy = np.array(places, dtype=float).reshape(-1, 2)
    line = LineString([(300.5, -10), (300.5, 610)])
    none = np.zeros(0, dtype=object)
    label = neighbourhoods(xy, Barriers(np.array([line], dtype=object) if walled else none, none))
    seen = list(range(len(xy)))  # slow and obvious: hand the lowest number on until nothing changes
    for _ in xy:
        for a in range(len(xy)):
            for b in range(len(xy)):
                apart = walled and (xy[a, 0] < 300.5) != (xy[b, 0] < 300.5)
                if not apart and np.hypot(*(xy[a] - xy[b])) <= 150:
                    seen[a] = seen[b] = min(seen[a], seen[b])
    order = {first: number for number, first in enumerate(dict.fromkeys(seen))}
    assert label.tolist() == [order[first] for first in seen]


def test_a_crowd_is_grouped_without_looking_at_every_pair() -> None:
    chance = np.random.default_rng(5)
    crowd = chance.uniform(0, 120, (30_000, 2))  # 450 million pairs within a block
    far = np.array(
        [[1_000.0, 0.0], [1_100.0, 0.0], [1_200.0, 0.0], [1_200.0, 0.0]]
    )  # on one line, two at one place
    nothing = Barriers.of(None, worlds.TOWN)
    label = neighbourhoods(np.concatenate([crowd, far]), nothing)
    assert set(label[:-4]) == {0}
    assert label[-4:].tolist() == [1] * 4


def test_no_homes_no_areas() -> None:
    made = areas(homes((0, 0, 1, 20, "g")).iloc[:0])
    assert len(made) == 0
    assert made.columns.tolist()[:3] == ["area_id", "rank", "people"]
    assert neighbourhoods(np.zeros((0, 2)), Barriers.of(None, worlds.TOWN)).tolist() == []


def test_extra_minutes_are_over_the_asked_budget() -> None:
    places = homes((0, 0, 12, 20, "g"))
    made = unserved_areas({"place-walk": places}, Parameters(budget_minutes=5))
    assert made["extra_minutes"].tolist() == pytest.approx([15.0])
