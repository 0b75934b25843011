"""Walkable ways of an extract: which, cut where, and what happens at its edge."""

from __future__ import annotations

from pathlib import Path

import osmium
import pytest
from osmium.osm.mutable import Node, Way

from geo.walk.onfoot import may_walk
from tests.reading import codes, manifest, read_here


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
        ({"highway": "construction", "foot": "yes"}, False),
        ({}, False),
    ],
)
def test_who_may_walk_where(tags: dict[str, str], yes: bool) -> None:
    assert may_walk(tags) is yes
