"""Three real towns: what the package answers is what a second, independent computation finds."""

from __future__ import annotations

from dataclasses import dataclass
from pathlib import Path
from typing import Any

import geopandas as gpd
import numpy as np
import pytest
import shapely
from numpy.typing import NDArray

from geo import catalogue
from geo.service import ask
from geo.workspace import open_workspace
from tests import vertices

HERE = Path(__file__).parent / "data"
SAMPLES = Path(__file__).parents[1] / "data" / "boundaries"
NETWORKS = Path(__file__).parents[1] / "data" / "originals" / "networks"
TOWNS = ("porto-alegre", "heidelberg", "helsinki")
BUDGET_S, SPEED_KMH = 900.0, 4.8
# Each of up to 200 streets on a walk is rounded to a centisecond, by 0.003 s in the mean of squares: by 0.04 s
# together. Nothing else differs.
ROUNDING_S = 0.1
MANIFEST = """
schema = 1
id = "{town}"
title = {{ zh = "甲", en = "A" }}
as_of = 2026-11-20

[parameters]
budget_minutes = 15
speed_kmh = 4.8
at = "Wed 10:00"
unknown_hours = "open"
grid_code = ".*"

[tables.streets]
file = "streets.osm.pbf"
[tables.stations]
file = "stations.parquet"
[tables.population]
file = "population.parquet"
[tables.grids]
file = "grids.parquet"
"""


def quarters(ground: Any) -> gpd.GeoDataFrame:
    """Four grids over all of a town."""
    west, south, east, north = shapely.bounds(ground) + np.array([-0.01, -0.01, 0.01, 0.01])
    x, y = np.linspace(west, east, 3), np.linspace(south, north, 3)
    cells = [shapely.box(x[i], y[j], x[i + 1], y[j + 1]) for j in range(2) for i in range(2)]
    return gpd.GeoDataFrame({"grid_id": ["sw", "se", "nw", "ne"]}, geometry=cells, crs="EPSG:4326")


def homes_by_the_way(town: vertices.Vertices, count: int) -> gpd.GeoDataFrame:
    """Homes about 30 m off streets that are drawn by lot, one to nine people in each."""
    random = np.random.default_rng(49)
    near = town.lonlat[town.u[random.integers(0, len(town.u), count)]]
    place = near + random.normal(0, 30 / 111_320, near.shape)
    rows = {"place_id": [f"h{n:05d}" for n in range(count)], "people": random.integers(1, 10, count)}
    return gpd.GeoDataFrame(rows, geometry=gpd.points_from_xy(*place.T), crs="EPSG:4326")


def workspace_of(town: str, folder: Path) -> Path:
    """Lay down the workspace of a town; Porto Alegre's is a sample."""
    if town == "porto-alegre":
        for file in (SAMPLES / town).iterdir():
            if file.is_file():
                (folder / file.name).write_bytes(file.read_bytes())
        return folder
    name = {"helsinki": "helsinki_centre"}.get(town, town)
    (folder / "workspace.toml").write_text(MANIFEST.format(town=town), encoding="utf-8")
    (folder / "streets.osm.pbf").write_bytes((NETWORKS / f"{name}.osm.pbf").read_bytes())
    (folder / "stations.parquet").write_bytes((HERE / f"{name}_stations.parquet").read_bytes())
    if town == "helsinki":
        homes = gpd.read_parquet(HERE / "helsinki_centre_population.parquet")
    else:
        homes = homes_by_the_way(vertices.read(folder / "streets.osm.pbf"), 4_000)
    homes.to_parquet(folder / "population.parquet")
    quarters(shapely.box(*homes.total_bounds)).to_parquet(folder / "grids.parquet")
    return folder


@dataclass(frozen=True)
class Both:
    """What the package says of a town, and the second computation's seconds from each address to each station."""

    folder: Path
    places: gpd.GeoDataFrame
    stations: NDArray[Any]
    seconds: NDArray[np.float64]

    @property
    def sure(self) -> NDArray[np.bool_]:
        """Walks that are not within rounding of the budget."""
        return np.abs(self.seconds - BUDGET_S) > ROUNDING_S


def both_of(town: str, folder: Path) -> Both:
    """Ask the package, and compute again."""
    workspace = open_workspace(workspace_of(town, folder))
    places = ask(workspace, "place-walk").sort_values("place_id", ignore_index=True)
    stations = ask(workspace, "stations").sort_values("station_id", ignore_index=True)
    stations = stations[stations["open"] != "no"]
    ground = vertices.read(folder / "streets.osm.pbf")
    # an address along a street is said to be on it: another may pass above, below or in the same place
    of_way = places["edge_id"].str.partition("-")[0].where(places["place_id"].str.contains("#"), "-1")
    at_home = vertices.step_onto(ground, shapely.get_coordinates(places.geometry), of_way.astype(int).to_numpy())
    at_station = vertices.step_onto(ground, shapely.get_coordinates(stations.geometry))
    found = vertices.seconds_between(ground, at_home, at_station, speed_kmh=SPEED_KMH, limit_s=BUDGET_S + 10)
    return Both(folder, places, stations["station_id"].to_numpy(dtype=object), found)


@pytest.mark.parametrize("town", TOWNS)
def test_a_second_computation_of_a_town_agrees(town: str, tmp_path: Path) -> None:
    both = both_of(town, tmp_path)
    the_same_stations_are_reached_from_every_address(both)
    the_walks_to_the_two_nearest_take_as_long(both)
    as_many_people_are_covered(both)
    if town != "heidelberg":  # where homes are points
        people_of_a_cell_live_in_it_and_are_all_there(both)


def the_same_stations_are_reached_from_every_address(both: Both) -> None:
    ours = np.array([[id in ids for id in both.stations] for ids in map(set, both.places["station_ids"])])
    wrong = (ours != (both.seconds <= BUDGET_S)) & both.sure
    assert both.places["place_id"][wrong.any(axis=1)].tolist() == []
    assert ours.any()


def the_walks_to_the_two_nearest_take_as_long(both: Both) -> None:
    two = np.sort(both.seconds, axis=1)[:, :2]
    ours = both.places[["seconds", "second_seconds"]].to_numpy(dtype=float)
    near = two <= BUDGET_S
    gap = np.abs(ours - two)[near]
    assert near.any()
    assert gap.max() < ROUNDING_S
    assert gap.mean() < 0.02


def as_many_people_are_covered(both: Both) -> None:
    people = both.places["people"].to_numpy(dtype=float)
    near = both.seconds.min(axis=1)
    covered, decided = near <= BUDGET_S, np.abs(near - BUDGET_S) > ROUNDING_S
    workspace = open_workspace(both.folder)
    figures = catalogue.layer("grid-walk").figures(ask(workspace, "grid-walk"), workspace.parameters)
    said = next(figure for figure in figures if figure.id == "grid-walk.people_covered")
    assert said.denominator == people.sum()
    assert (~decided).sum() <= 5  # addresses that a few centiseconds decide
    assert abs((said.numerator or 0) - people[covered].sum()) <= people[~decided].sum()
    assert 0 < people[covered].sum() <= people.sum()


def people_of_a_cell_live_in_it_and_are_all_there(both: Both) -> None:
    cells = gpd.read_parquet(both.folder / "population.parquet").set_index("place_id").sort_index()
    home = both.places["place_id"].str.partition("#")[0]
    people = both.places.groupby(home)["people"].sum()
    assert people.to_dict() == cells["people"].astype(float).to_dict()
    own = np.asarray(cells.geometry.loc[home], dtype=object)
    assert shapely.distance(own, np.asarray(both.places.geometry, dtype=object)).max() < 1e-7  # a centimetre
