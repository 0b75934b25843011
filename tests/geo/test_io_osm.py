"""Walkable ways of an extract: which, cut where, and what happens at its edge."""

from __future__ import annotations

from collections import Counter
from collections.abc import Mapping
from itertools import pairwise
from pathlib import Path
from typing import Any

import geopandas as gpd
import numpy as np
import osmium
import pandas as pd
import pytest
import shapely
from osmium.osm.mutable import Node, Relation, Way
from scipy.sparse import coo_array
from scipy.sparse.csgraph import connected_components

from geo.io.limits import Limits
from geo.walk.network import WalkNetwork
from geo.walk.onfoot import blocks, direction_of, may_walk
from geo.walk.streets import walk_streets
from tests.reading import codes, manifest, read_here

NETWORKS = Path(__file__).parents[2] / "data" / "originals" / "networks"
Tags = Mapping[str, str]


def write(
    path: Path,
    places: Mapping[int, tuple[float, float]],
    ways: Mapping[int, tuple[list[int], Tags]],
    tags: Mapping[int, Tags] | None = None,
) -> None:
    """Write an extract; places are thousandths of a degree from 111, 40."""
    with osmium.SimpleWriter(str(path)) as writer:
        for number, (x, y) in places.items():
            place = (111 + x / 1000, 40 + y / 1000)
            writer.add_node(Node(id=number, location=place, tags=(tags or {}).get(number, {})))
        for number, (nodes, more) in ways.items():
            writer.add_way(Way(id=number, nodes=nodes, tags=more))


def parts(network: gpd.GeoDataFrame) -> int:
    """Count the parts of a network that are joined to nothing else."""
    return len(np.unique(WalkNetwork.from_streets(network).component))


def streets_of(folder: Path, *written: Any, table: str = "streets") -> pd.DataFrame:
    """Write an extract and read it."""
    write(folder / "s.osm.pbf", *written)
    reading = read_here(manifest(folder, f'[tables.{table}]\nfile = "s.osm.pbf"\n'))
    assert codes(reading) == []
    return reading.tables[table]


def extract(path: Path) -> None:
    """A crossroads at node 3, a motorway, a private drive, and a way whose node 9 lies outside the extract.

    ::

              5
              |  way 2 (steps, up)
        1--2--3--4   way 1 (residential, bridge on layer 1)
              |
              6--9(outside)--7--8   way 3 (path)
    """
    places = {1: (0, 0), 2: (1, 0), 3: (2, 0), 4: (3, 0), 5: (2, 1), 6: (2, -1), 7: (4, -1), 8: (5, -1)}
    with osmium.SimpleWriter(str(path)) as writer:
        for number, (x, y) in places.items():
            writer.add_node(Node(id=number, location=(111 + x / 1000, 40 + y / 1000)))
        residential = {"highway": "residential", "bridge": "yes", "layer": "1"}
        writer.add_way(Way(id=1, nodes=[1, 2, 3, 4], tags=residential))
        writer.add_way(Way(id=2, nodes=[3, 5], tags={"highway": "steps", "oneway:foot": "yes"}))
        writer.add_way(Way(id=3, nodes=[3, 6, 9, 7, 8], tags={"highway": "path", "surface": "sand"}))
        writer.add_way(Way(id=4, nodes=[1, 5], tags={"highway": "motorway"}))
        writer.add_way(Way(id=5, nodes=[4, 5], tags={"highway": "service", "access": "private"}))
        writer.add_way(Way(id=6, nodes=[4, 8], tags={"building": "yes"}))


def test_ways_are_cut_where_they_meet_and_survive_the_edge(tmp_path: Path) -> None:
    extract(tmp_path / "s.osm.pbf")
    reading = read_here(manifest(tmp_path, '[tables.streets]\nfile = "s.osm.pbf"\n'))
    assert codes(reading) == []
    streets = reading.tables["streets"].set_index("edge_id")
    assert dict(zip(streets.index, zip(streets["u"], streets["v"], strict=True), strict=True)) == {
        "1-0": ("1", "3"),
        "1-1": ("3", "4"),
        "2-0": ("3", "5"),
        "3-0": ("3", "6"),
        "3-1": ("7", "8"),
    }
    assert streets.loc["1-0"].geometry.wkt == "LINESTRING (111 40, 111.001 40, 111.002 40)"
    assert bool(streets.loc["1-0", "bridge"])
    assert streets.loc["1-0", "layer"] == 1
    assert streets.loc["2-0", "oneway_foot"] == "forward"
    assert streets.loc["2-0", "factor"] == 2.0
    assert streets["factor"].tolist().count(2.1) == 2  # sand, on both sides of the edge


@pytest.mark.parametrize(
    ("tags", "yes"),
    [
        ({"highway": "footway"}, True),
        ({"highway": "motorway", "foot": "designated"}, True),
        ({"highway": "trunk"}, True),
        ({"highway": "trunk", "sidewalk": "no"}, False),
        ({"highway": "primary", "sidewalk": "no"}, True),
        ({"highway": "residential", "foot": "no"}, False),
        ({"highway": "track", "access": "no"}, False),
        ({"highway": "primary", "motorroad": "yes"}, False),
        ({"highway": "primary", "motorroad": "yes", "sidewalk": "both"}, True),
        ({"highway": "trunk_link"}, True),
        ({"highway": "trunk", "sidewalk": "separate"}, False),
        ({"highway": "trunk", "sidewalk:both": "no"}, False),
        ({"highway": "cycleway"}, True),
        ({"highway": "cycleway", "foot": "no"}, False),
        ({"highway": "service", "service": "parking_aisle"}, True),
        ({"highway": "service", "access": "customers"}, True),
        ({"highway": "service", "access": "delivery"}, False),
        ({"highway": "service", "access": "private", "foot": "destination"}, True),
        ({"highway": "path", "foot": "use_sidepath"}, False),
        ({"highway": "path", "foot:forward": "no", "foot:backward": "no"}, False),
        ({"highway": "busway"}, False),
        ({"highway": "busway", "sidewalk": "both"}, False),
        ({"highway": "via_ferrata"}, False),
        ({"highway": "trail"}, True),
        ({"highway": "proposed"}, False),
        ({"highway": "construction", "foot": "yes"}, False),
        ({"highway": "pedestrian", "area": "yes"}, True),
        ({"railway": "platform"}, True),
        ({"public_transport": "platform", "access": "private"}, False),
        ({"man_made": "pier"}, True),
        ({"railway": "rail"}, False),
        ({"route": "ferry", "foot": "yes"}, False),
        ({"highway": "path", "route": "ferry"}, False),
        ({"building": "yes", "foot": "yes"}, False),
        ({}, False),
    ],
)
def test_who_may_walk_where(tags: dict[str, str], yes: bool) -> None:
    assert may_walk(tags) is yes


@pytest.mark.parametrize(
    ("tags", "way"),
    [
        ({"highway": "residential", "oneway": "yes"}, "both"),
        ({"highway": "steps", "oneway": "yes"}, "forward"),
        ({"highway": "steps", "conveying": "yes"}, "both"),
        ({"highway": "steps", "conveying": "backward"}, "backward"),
        ({"highway": "footway", "oneway:foot": "-1"}, "backward"),
        ({"highway": "footway", "foot:backward": "no"}, "forward"),
        ({"highway": "footway", "foot:forward": "no"}, "backward"),
        ({"highway": "steps", "oneway": "yes", "oneway:foot": "no"}, "both"),
    ],
)
def test_in_which_direction_one_may_walk(tags: Tags, way: str) -> None:
    assert direction_of(tags) == way


@pytest.mark.parametrize(
    ("tags", "stops"),
    [
        ({"barrier": "gate"}, False),
        ({"barrier": "bollard"}, False),
        ({"barrier": "kerb"}, False),
        ({"barrier": "gate", "access": "private"}, True),
        ({"barrier": "gate", "access": "private", "foot": "yes"}, False),
        ({"barrier": "gate", "foot": "no"}, True),
        ({"barrier": "lift_gate", "locked": "yes"}, True),
        ({"barrier": "wall"}, True),
        ({"barrier": "fence", "access": "yes"}, False),
        ({"barrier": "no", "access": "no"}, False),
        ({"railway": "level_crossing", "access": "no"}, False),
        ({"highway": "crossing"}, False),
    ],
)
def test_what_stops_people_on_a_way(tags: Tags, stops: bool) -> None:
    assert blocks(tags) is stops


LINE = {1: (0, 0), 2: (1, 0), 3: (2, 0)}


@pytest.mark.parametrize(
    ("tags", "edges", "components"),
    [
        ({"barrier": "gate"}, 1, 1),
        ({"barrier": "gate", "access": "private"}, 2, 2),
        ({"railway": "crossing"}, 1, 1),
    ],
)
def test_a_private_gate_cuts_a_way_in_two(tmp_path: Path, tags: Tags, edges: int, components: int) -> None:
    streets = streets_of(tmp_path, LINE, {7: ([1, 2, 3], {"highway": "path"})}, {2: tags})
    network = walk_streets(streets)
    assert len(network) == edges
    assert parts(network) == components


def test_a_junction_at_a_gate_is_none(tmp_path: Path) -> None:
    """Three ways meet at the gate 2: nobody gets from one to another."""
    ways = {7: ([1, 2], {"highway": "path"}), 8: ([2, 3], {"highway": "path"}), 9: ([4, 2], {"highway": "path"})}
    streets = streets_of(tmp_path, {**LINE, 4: (1, 1)}, ways, {2: {"barrier": "gate", "foot": "no"}})
    assert parts(walk_streets(streets)) == 3


def test_streets_cross_railways_at_level_crossings_and_rise_with_ele(tmp_path: Path) -> None:
    """From 1,050 m at node 1 up to 1,052.5 m at node 3; node 2, a junction, says nothing, node 4 nonsense."""
    ways = {
        1: ([1, 3], {"highway": "residential"}),
        2: ([3, 2], {"highway": "path"}),
        3: ([2, 4], {"highway": "path"}),
        4: ([2, 5], {"railway": "rail"}),
    }
    tags = {1: {"ele": "1050"}, 3: {"ele": "1052.5 m", "railway": "level_crossing"}, 4: {"ele": "-9999"}}
    streets = streets_of(tmp_path, {**LINE, 4: (1, 1), 5: (1, -1)}, ways, tags)
    assert streets["highway"].tolist() == ["residential", "path", "path"]
    assert streets["rise_m"].tolist()[0] == pytest.approx(2.5)
    assert streets["rise_m"].isna().tolist() == [False, True, True]
    network = walk_streets(streets)
    assert network["rise_m"].tolist() == [2.5, 0, 0]
    assert parts(network) == 1


def test_squares_and_platforms_are_walked_along_their_rim_where_a_street_leads_to_them(tmp_path: Path) -> None:
    """Square 1-2-3-4 by the path 9-1; a platform at the square's corner 3; another that nothing leads to."""
    places = {1: (0, 0), 2: (1, 0), 3: (1, 1), 4: (0, 1), 5: (2, 1), 6: (5, 5), 7: (6, 5), 9: (-1, 0)}
    ways = {
        1: ([1, 2, 3, 4, 1], {"highway": "pedestrian", "area": "yes"}),
        2: ([9, 1], {"highway": "path"}),
        3: ([3, 5], {"railway": "platform"}),
        4: ([6, 7], {"public_transport": "platform"}),
    }
    streets = streets_of(tmp_path, places, ways)
    pairs = list(zip(streets["edge_id"], streets["highway"], streets["u"], streets["v"], strict=True))
    assert pairs == [
        ("1-0", "pedestrian", "1", "3"),
        ("1-1", "pedestrian", "3", "1"),
        ("2-0", "path", "9", "1"),
        ("3-0", "platform", "3", "5"),
    ]


def test_extracts_hold_to_the_limits(tmp_path: Path) -> None:
    write(tmp_path / "s.osm.pbf", LINE, {7: ([1, 2, 3], {"highway": "path", "barrier": "wall"})})
    for table in ("streets", "barriers"):
        workspace = manifest(tmp_path, f'[tables.{table}]\nfile = "s.osm.pbf"\n')
        assert codes(read_here(workspace, Limits(vertices_file=2))) == ["file_too_many_vertices"]
    assert codes(read_here(manifest(tmp_path, '[tables.grids]\nfile = "s.osm.pbf"\n'))) == ["pbf_table"]


def test_tags_that_are_no_text_break_the_file_not_the_reading(tmp_path: Path) -> None:
    plain_pbf = osmium.io.File(str(tmp_path / "s.osm.pbf"), "pbf,pbf_compression=none")
    with osmium.SimpleWriter(plain_pbf) as writer:
        for number, (x, y) in LINE.items():
            writer.add_node(Node(id=number, location=(111 + x / 1000, 40 + y / 1000)))
        writer.add_way(Way(id=1, nodes=[1, 2], tags={"highway": "footway"}))
    written = (tmp_path / "s.osm.pbf").read_bytes()
    assert b"footway" in written
    (tmp_path / "s.osm.pbf").write_bytes(written.replace(b"footway", b"foot\xff\xfey"))
    assert codes(read_here(manifest(tmp_path, '[tables.streets]\nfile = "s.osm.pbf"\n'))) == ["broken_file"]


def test_barriers_lie_on_the_ground(tmp_path: Path) -> None:
    """A river 1-2-3-4 that leaves the extract at node 9, railways, motorways, a wall, a pond in a fenced yard."""
    corners = dict(enumerate([(0, 5), (4, 5), (4, 9), (0, 9)], start=10))
    places = {i: (i, 0) for i in range(1, 7)} | corners
    yard = [10, 11, 12, 13, 10]
    ways: dict[int, tuple[list[int], Tags]] = {
        1: ([1, 2, 9, 3, 4], {"waterway": "river"}),
        2: ([1, 3], {"waterway": "river", "tunnel": "culvert"}),
        3: ([1, 3], {"waterway": "stream"}),
        4: ([2, 4], {"railway": "rail"}),
        5: ([2, 4], {"railway": "rail", "bridge": "yes"}),
        6: ([2, 4], {"railway": "tram"}),
        7: ([3, 5], {"highway": "motorway"}),
        8: ([3, 5], {"highway": "motorway", "tunnel": "yes"}),
        9: ([5, 6], {"barrier": "wall"}),
        10: (yard, {"barrier": "fence"}),
        11: (yard, {"natural": "water"}),
        12: ([1, 6], {"route": "ferry"}),
    }
    write(tmp_path / "s.osm.pbf", places, ways, {11: {"barrier": "gate"}})
    barriers = read_here(manifest(tmp_path, '[tables.barriers]\nfile = "s.osm.pbf"\n')).tables["barriers"]
    made = {id: (kind, passable) for id, kind, passable in barriers[["barrier_id", "kind", "passable"]].to_numpy()}
    assert made == {
        "w1-0": ("river", False),
        "w1-1": ("river", False),
        "w4-0": ("railway", False),
        "w7-0": ("motorway", False),
        "w9-0": ("wall", False),
        "w10-0": ("fence", True),
        "a22": ("river", False),  # libosmium numbers the area of a way twice the way
    }
    assert shapely.get_dimensions(barriers.geometry[barriers["barrier_id"] == "a22"]).tolist() == [2]


def test_lakes_of_several_ways_are_polygons_with_their_islands(tmp_path: Path) -> None:
    shore, island = [(0, 5), (4, 5), (4, 9), (0, 9)], [(1, 6), (2, 6), (2, 7), (1, 7)]
    places = dict(enumerate(shore + island, start=1))
    with osmium.SimpleWriter(str(tmp_path / "s.osm.pbf")) as writer:
        for number, (x, y) in places.items():
            writer.add_node(Node(id=number, location=(111 + x / 1000, 40 + y / 1000)))
        for number, nodes in {1: [1, 2, 3], 2: [3, 4, 1], 3: [5, 6, 7, 8, 5]}.items():
            writer.add_way(Way(id=number, nodes=nodes))
        members = [("w", 1, "outer"), ("w", 2, "outer"), ("w", 3, "inner")]
        writer.add_relation(Relation(id=5, members=members, tags={"type": "multipolygon", "natural": "water"}))
    barriers = read_here(manifest(tmp_path, '[tables.barriers]\nfile = "s.osm.pbf"\n')).tables["barriers"]
    assert barriers["kind"].tolist() == ["river"]
    assert shapely.area(barriers.geometry[0]) == pytest.approx((16 - 1) * 1e-6)


def test_an_extract_without_barriers_has_none(tmp_path: Path) -> None:
    assert len(streets_of(tmp_path, LINE, {7: ([1, 2], {"highway": "path"})}, table="barriers")) == 0


NOT_IN_FIGURE = {
    *("motorway", "motorway_link", "construction", "proposed", "raceway", "bus_guideway", "abandoned"),
    *("platform", "corridor", "elevator"),
}


def plain(tags: Tags) -> bool:
    """The rule of the published figures: no motorway, no foot=no, not private, not to be built, not indoors."""
    return (
        "highway" in tags
        and tags["highway"] not in NOT_IN_FIGURE
        and tags.get("foot") not in ("no", "private")
        and tags.get("access") not in ("no", "private")
    )


def why(tags: Tags) -> str:
    if not tags.get("highway") or tags["highway"] == "platform":
        return "platforms and piers"
    if tags["highway"] in ("corridor", "elevator"):
        return "indoors"
    if tags["highway"] == "rest_area":
        return "rest area"
    if tags.get("motorroad") == "yes":
        return "motorroad"
    return "foot overrides access" if tags.get("foot") else "closed to the public"


@pytest.mark.parametrize(
    ("name", "figure", "differences", "islands"),
    [
        ("helsinki_centre", (7_834, 6_546), {"platforms and piers": 712, "indoors": 24}, 20),
        (
            "porto_alegre",
            (45_163, 38_036),
            {"platforms and piers": 312, "foot overrides access": 174, "rest area": -4},
            0,
        ),
        (
            "heidelberg",
            (179_978, 170_222),
            {
                "platforms and piers": 1_417,
                "indoors": 123,
                "foot overrides access": 307,
                "closed to the public": -392,
                "motorroad": -147,
                "rest area": -8,
            },
            357,
        ),
    ],
)
def test_node_for_node_as_many_edges_as_others_count(
    tmp_path: Path, name: str, figure: tuple[int, int], differences: dict[str, int], islands: int
) -> None:
    """Count steps from node to node, way by way, in plain Python, and say where each difference comes from.

    ``islands`` are steps of platforms and piers that no street leads to: they are left out.
    """
    theirs, nodes, ours, found = 0, set(), 0, Counter[str]()
    for way in osmium.FileProcessor(NETWORKS / f"{name}.osm.pbf").with_locations().with_filter(ways_only()):
        tags = dict(way.tags)
        refs = [node.ref if node.location.valid() else None for node in way.nodes]
        steps = [(a, b) for a, b in pairwise(refs) if None not in (a, b)]
        if plain(tags):
            theirs += len(steps)
            nodes |= {node for step in steps for node in step}
        if may_walk(tags):
            ours += len(steps)
        if plain(tags) != may_walk(tags):
            found[why(tags)] += len(steps) if may_walk(tags) else -len(steps)
    assert (theirs, len(nodes)) == figure
    assert found == differences
    (tmp_path / "s.osm.pbf").write_bytes((NETWORKS / f"{name}.osm.pbf").read_bytes())
    streets = read_here(manifest(tmp_path, '[tables.streets]\nfile = "s.osm.pbf"\n')).tables["streets"]
    read = int((shapely.get_num_coordinates(streets.geometry) - 1).sum())
    assert read == ours - islands == theirs + sum(differences.values()) - islands


def ways_only() -> Any:
    return osmium.filter.EntityFilter(osmium.osm.WAY)


@pytest.mark.parametrize(
    ("name", "nodes", "components", "largest"),
    [
        ("helsinki_centre", 6_984, 22, 6_835),
        ("porto_alegre", 38_403, 70, 37_717),
        ("heidelberg", 170_983, 236, 166_154),
    ],
)
def test_how_the_nodes_of_an_extract_hang_together(
    tmp_path: Path, name: str, nodes: int, components: int, largest: int
) -> None:
    """Every vertex is a node; one at a closed gate counts once for each piece that ends there."""
    (tmp_path / "s.osm.pbf").write_bytes((NETWORKS / f"{name}.osm.pbf").read_bytes())
    streets = read_here(manifest(tmp_path, '[tables.streets]\nfile = "s.osm.pbf"\n')).tables["streets"]
    end, code = np.unique(np.concatenate([streets["u"], streets["v"]]).astype(str), return_inverse=True)
    u, v = code.reshape(2, -1)
    group = connected_components(coo_array((np.ones(len(u)), (u, v)), shape=(len(end), len(end))), directed=False)[
        1
    ]
    between = shapely.get_num_coordinates(streets.geometry) - 2
    size = np.bincount(group) + np.bincount(group[u], weights=between, minlength=group.max() + 1)
    assert (len(end) + int(between.sum()), len(size), int(size.max())) == (nodes, components, largest)
