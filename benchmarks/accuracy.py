"""People covered in generated towns with rivers: our figure, the exact answer home by home, and common shortcuts.

Run: ``python benchmarks/accuracy.py [--towns 12]`` after ``pip install '.[peers]'``.

A town is a jittered grid of streets with some missing, a winding river that only a few bridges cross, homes off
the street and a few stations. Our figure is ``grid-walk.people_covered`` of a build of the town's files. The
exact answer shares no search and no snapping with it: each point tries all streets, nearest first, until its
straight leg meets no bank; every home and station becomes a node that splits its street; networkx walks the
graph. Streets, legs and parts of streets are rounded to whole centiseconds before the search, as the product
defines them; how many homes would differ if nothing were rounded is printed too. Streets are measured along the
ellipsoid and legs in one plane, the same for both sides.

Shortcuts, each from exact distances of junctions: *circle* (1,200 m), *nearest junction* (home and station
stand on theirs, legs free), *buffer 25 m* of streets reached from end to end, *concave hull* of the junctions
that each station reaches (shapely, ratio 0.3), *111 m cells* (0.001°) that hold a reached junction, *polygon*:
our own picture (``station-catchments``), which our figures never use.
"""

from __future__ import annotations

import argparse
import tempfile
from itertools import pairwise
from pathlib import Path
from typing import Any, NamedTuple

import geopandas as gpd
import networkx as nx
import numpy as np
import shapely
from numpy.typing import NDArray
from pyproj import Geod

from geo import service
from geo.crs import frame_of
from geo.workspace import open_workspace
from measure import machine, table

METHOD = "whole centiseconds at 4.8 km/h = 75 a metre"
CENTRE = (111.70, 40.80)
SIDE, BLOCK_M = 36, 95.0
RIVER_M = 60.0
PER_M, LIMIT, LIMIT_M = 75.0, 90_000, 1_200.0
PLAIN = Geod(ellps="WGS84")
WORKSPACE = """schema = 1
id = "town"
title = { zh = "城", en = "Town" }
as_of = 2026-11-20
[parameters]
at = "any"
grid_code = '^g[0-9]$'
"""


class Town(NamedTuple):
    """Tables of a town, EPSG:4326; ``streets`` has ends ``u``, ``v`` as positions in ``junctions``."""

    junctions: gpd.GeoSeries
    streets: gpd.GeoDataFrame
    barriers: gpd.GeoDataFrame
    stations: gpd.GeoDataFrame
    population: gpd.GeoDataFrame
    grids: gpd.GeoDataFrame


class Plane(NamedTuple):
    """The town in metres: junctions, ends of streets, river, homes, stations."""

    junction: NDArray[np.float64]
    u: NDArray[np.int64]
    v: NDArray[np.int64]
    river: Any
    home: NDArray[np.float64]
    station: NDArray[np.float64]


def town_of(seed: int, homes: int) -> Town:
    """Make a town; the seed decides everything."""
    rng = np.random.default_rng(seed)
    half = SIDE * BLOCK_M / 2
    row, column = np.divmod(np.arange(SIDE * SIDE), SIDE)
    xy = np.column_stack([column, row]) * BLOCK_M - half + rng.uniform(-22, 22, (SIDE * SIDE, 2))
    east, north = np.flatnonzero(column < SIDE - 1), np.flatnonzero(row < SIDE - 1)
    ends = np.concatenate([np.column_stack([east, east + 1]), np.column_stack([north, north + SIDE])])
    river = _river(rng, half)
    wet = shapely.intersects(shapely.linestrings(xy[ends]), river)
    dry = ends[~wet & (rng.random(len(ends)) > 0.12)]
    graph = nx.Graph([*dry.tolist(), *_bridges(rng, xy, ends[wet], river)])
    graph = graph.subgraph(max(nx.connected_components(graph), key=len))
    kept = np.array(sorted(graph.nodes))
    ends = np.searchsorted(kept, np.array(sorted(tuple(sorted(edge)) for edge in graph.edges)))
    xy = xy[kept]
    people = gpd.GeoDataFrame(
        {"place_id": [f"h{n:05d}" for n in range(homes)], "people": rng.integers(1, 6, homes).astype(float)},
        geometry=_lonlat(_beside(rng, xy[ends], river, homes, 70.0)),
        crs=4326,
    )
    count = int(rng.integers(3, 7))
    posts = gpd.GeoDataFrame(
        {"station_id": [f"s{n}" for n in range(count)], "category": "other"},
        geometry=_lonlat(_beside(rng, xy[ends], river, count, 40.0)),
        crs=4326,
    )
    streets = {"edge_id": [f"e{n:05d}" for n in range(len(ends))], "u": ends[:, 0], "v": ends[:, 1]}
    whole = half + 500.0
    corners = np.array([[-whole, -whole], [whole, -whole], [whole, whole], [-whole, whole]])
    return Town(
        gpd.GeoSeries(_lonlat(xy), crs=4326),
        gpd.GeoDataFrame(streets, geometry=shapely.linestrings(_degrees(xy[ends])), crs=4326),
        gpd.GeoDataFrame({"barrier_id": ["b"], "kind": ["river"]}, geometry=[_turned(river)], crs=4326),
        posts,
        people,
        gpd.GeoDataFrame({"grid_id": ["g1"]}, geometry=[shapely.polygons(_degrees(corners))], crs=4326),
    )


def _river(rng: np.random.Generator, half: float) -> Any:
    x = np.linspace(-half - 400, half + 400, 60)
    y = rng.uniform(-0.35, 0.35) * half + rng.uniform(80, 260) * np.sin(
        x / rng.uniform(300, 700) + rng.uniform(0, 6)
    )
    return shapely.simplify(
        shapely.buffer(shapely.linestrings(np.column_stack([x, y])), RIVER_M / 2, quad_segs=4), 1.0
    )


def _bridges(rng: np.random.Generator, xy: NDArray[Any], wet: NDArray[Any], river: Any) -> list[list[int]]:
    """Two or three of the streets that cross from bank to bank."""
    across = wet[~shapely.intersects(shapely.points(xy[wet]), river).any(axis=1)]
    return rng.permutation(across)[: rng.integers(2, 4)].tolist()


def _beside(rng: np.random.Generator, streets: NDArray[Any], river: Any, count: int, far_m: float) -> NDArray[Any]:
    """Points within some metres of streets, not in the river."""
    street = streets[rng.integers(0, len(streets), 4 * count)]
    at = street[:, 0] + rng.random((4 * count, 1)) * (street[:, 1] - street[:, 0])
    point = at + rng.uniform(-far_m, far_m, (4 * count, 2))
    return point[~shapely.intersects(shapely.points(point), shapely.buffer(river, 1.0))][:count]


def _degrees(xy: NDArray[Any]) -> NDArray[Any]:
    """Metres around the centre as longitude and latitude; only to place a town, nothing is measured by it."""
    return np.asarray(CENTRE) + xy / np.array([111_320 * np.cos(np.radians(CENTRE[1])), 110_950.0])


def _lonlat(xy: NDArray[Any]) -> NDArray[Any]:
    return shapely.points(_degrees(xy))


def _turned(shape: Any) -> Any:
    return shapely.transform(shape, _degrees)


def exact(town: Town, plane: Plane, *, rounded: bool) -> NDArray[np.bool_]:
    """Tell which homes have a station in time, by a plain search on a graph with every home and station in it."""
    line = np.asarray(town.streets.geometry)
    start, stop = (shapely.get_coordinates(shapely.get_point(line, end)) for end in (0, -1))
    length = PLAIN.inv(start[:, 0], start[:, 1], stop[:, 0], stop[:, 1])[2]
    whole_number = round if rounded else float
    cost = [whole_number(metres * PER_M) for metres in length]
    on_street: dict[int, list[tuple[Any, Any]]] = {edge: [(0, ("j", int(u)))] for edge, u in enumerate(plane.u)}
    graph = nx.Graph()
    for kind, points in (("h", plane.home), ("s", plane.station)):
        for number, point in enumerate(points):
            edge, along, leg = _step(plane, point)
            graph.add_edge((kind, number), (kind, number, "foot"), weight=whole_number(leg * PER_M))
            on_street[edge].append((whole_number(along * cost[edge]), (kind, number, "foot")))
    for edge, stops in on_street.items():
        ordered = [*sorted(stops, key=lambda stop: stop[0]), (cost[edge], ("j", int(plane.v[edge])))]
        for (before, one), (behind, other) in pairwise(ordered):
            graph.add_edge(one, other, weight=behind - before)
    stations = {("s", number) for number in range(len(plane.station))}
    found = nx.multi_source_dijkstra_path_length(graph, stations, cutoff=LIMIT)
    return np.array([("h", number) in found for number in range(len(plane.home))])


def _step(plane: Plane, point: NDArray[Any]) -> tuple[int, float, float]:
    """Nearest street whose leg stays off the river: which, where on it, how far."""
    a, b = plane.junction[plane.u], plane.junction[plane.v]
    way = b - a
    t = np.clip(((point - a) * way).sum(axis=1) / (way * way).sum(axis=1), 0.0, 1.0)
    foot = a + t[:, None] * way
    leg = np.hypot(*(point - foot).T)
    for edge in np.argsort(leg, kind="stable"):
        if not shapely.intersects(shapely.linestrings([point, foot[edge]]), plane.river):
            return int(edge), float(t[edge]), float(leg[edge])
    raise ValueError("a point that no leg leads from")


def shortcuts(town: Town, plane: Plane, picture: gpd.GeoDataFrame) -> dict[str, NDArray[np.bool_]]:
    """Tell which homes each shortcut calls covered."""
    home = shapely.points(plane.home)
    gaps = plane.home[:, None] - plane.station[None]
    graph = nx.Graph()
    length = np.hypot(*(plane.junction[plane.u] - plane.junction[plane.v]).T)
    graph.add_weighted_edges_from(zip(plane.u.tolist(), plane.v.tolist(), length.tolist(), strict=True))
    tree = shapely.STRtree(shapely.points(plane.junction))
    stands = [int(tree.nearest(point)) for point in shapely.points(plane.station)]
    each = [nx.single_source_dijkstra_path_length(graph, s, cutoff=LIMIT_M, weight="weight") for s in stands]
    reached = np.isin(np.arange(len(plane.junction)), [node for some in each for node in some])
    ends = plane.junction[np.column_stack([plane.u, plane.v])]
    strips = shapely.union_all(
        shapely.buffer(shapely.linestrings(ends[reached[plane.u] & reached[plane.v]]), 25.0)
    )
    hulls = [shapely.concave_hull(shapely.multipoints(plane.junction[list(some)]), ratio=0.3) for some in each]
    cell, lived = (
        np.floor(shapely.get_coordinates(points) * 1_000) for points in (town.junctions, town.population.geometry)
    )
    known = {tuple(some) for some in cell[reached].tolist()}
    drawn = shapely.union_all(np.asarray(picture.geometry))
    return {
        "circle": (np.hypot(gaps[..., 0], gaps[..., 1]) <= LIMIT_M).any(axis=1),
        "nearest junction": reached[tree.nearest(home)],
        "buffer 25 m": shapely.intersects(home, strips),
        "concave hull": shapely.intersects(home, shapely.union_all(hulls)),
        "111 m cells": np.array([tuple(some) in known for some in lived.tolist()]),
        "polygon (our picture)": shapely.intersects(np.asarray(town.population.geometry), drawn),
    }


def built(town: Town, folder: Path) -> tuple[float, NDArray[np.bool_], gpd.GeoDataFrame]:
    """Build the town with gridwalk: people covered by its figure, each home's verdict, the catchments' picture."""
    tables = {**town._asdict(), "streets": town.streets.astype({"u": str, "v": str})}
    listed = WORKSPACE
    for name in ("streets", "barriers", "stations", "population", "grids"):
        tables[name].to_parquet(folder / f"{name}.parquet")
        listed += f'[tables.{name}]\nfile = "{name}.parquet"\n'
    (folder / "workspace.toml").write_text(listed, encoding="utf-8")
    workspace = open_workspace(folder)
    made = service.build(workspace, only=("grid-walk", "station-catchments"))
    figures = {f["id"]: f for layer in made.report["layers"] for f in layer["figures"]}
    homes = service.ask(workspace, "place-walk").sort_values("place_id", kind="stable")
    reached = homes["stations_reached"].to_numpy() > 0
    return figures["grid-walk.people_covered"]["numerator"], reached, made.frame("station-catchments")


def main() -> None:
    """Compare over several towns."""
    parser = argparse.ArgumentParser(description=__doc__, formatter_class=argparse.RawDescriptionHelpFormatter)
    parser.add_argument("--towns", type=int, default=12)
    parser.add_argument("--homes", type=int, default=4_000)
    parser.add_argument("--seed", type=int, default=1)
    asked = parser.parse_args()
    print(machine("networkx", "shapely"))
    errors: dict[str, list[tuple[float, float, float]]] = {}
    unrounded = 0
    for seed in range(asked.seed, asked.seed + asked.towns):
        town = town_of(seed, asked.homes)
        with tempfile.TemporaryDirectory() as folder:
            figure, ours, picture = built(town, Path(folder))
        plane = _plane(town)
        people = town.population["people"].to_numpy()
        truth = exact(town, plane, rounded=True)
        unrounded += int((truth != exact(town, plane, rounded=False)).sum())
        total = float(people[truth].sum())
        errors.setdefault("gridwalk, figure", []).append(_error(figure, people[ours != truth].sum(), total))
        for name, covered in shortcuts(town, plane, picture).items():
            said, wrong = people[covered].sum(), people[covered != truth].sum()
            errors.setdefault(name, []).append(_error(said, wrong, total))
    print(f"\n{asked.towns} towns of {asked.homes:,} homes; {METHOD}")
    print(f"homes of all towns that differ where nothing is rounded: {unrounded}\n")
    head = ["people covered", "error, mean", "least", "most", "towns exact", "people told wrongly"]
    rows = []
    for name, some in errors.items():
        off, wrong, exactly = (np.array(column) for column in zip(*some, strict=True))
        spread = [f"{value:+.2%}" for value in (off.mean(), off.min(), off.max())]
        rows.append([name, *spread, f"{int(exactly.sum())} of {len(some)}", f"{wrong.mean():.2%}"])
    print(table(head, rows))


def _error(said: float, wrong: float, truth: float) -> tuple[float, float, float]:
    return (said - truth) / truth, wrong / truth, float(said == truth and wrong == 0)


def _plane(town: Town) -> Plane:
    frame = frame_of(town.streets)
    junction, home, station = (
        shapely.get_coordinates(frame.metres(np.asarray(points)))
        for points in (town.junctions, town.population.geometry, town.stations.geometry)
    )
    u, v = (town.streets[end].to_numpy() for end in ("u", "v"))
    return Plane(junction, u, v, frame.metres(np.asarray(town.barriers.geometry))[0], home, station)


if __name__ == "__main__":
    main()
