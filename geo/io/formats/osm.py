"""OpenStreetMap extracts: the ways one may walk on, cut where they meet."""

from __future__ import annotations

from collections import Counter
from collections.abc import Iterator, Mapping
from dataclasses import dataclass
from typing import Any

import numpy as np
import osmium
import pandas as pd
import shapely
from numpy.typing import NDArray

from geo.io.formats import Request
from geo.io.limits import Limits
from geo.io.raw import Raw, Unreadable

NEVER = frozenset(
    {"no", "private", "use_sidepath", "military", "customers", "delivery", "agricultural", "forestry"}
)
ALLOWED = frozenset({"yes", "designated", "permissive", "official"})
NOT_ON_FOOT = frozenset({"motorway", "motorway_link", "raceway", "bus_guideway", "busway"})
NOT_A_WAY = frozenset(
    {
        "construction",
        "proposed",
        "planned",
        "abandoned",
        "razed",
        "demolished",
        "rest_area",
        "services",
        "escape",
        "no",
    }
)
FAST = frozenset({"trunk", "trunk_link"})
STEPS_FACTOR = 2.0  # people climb at about half their pace on the flat: Fruin 1971, Pedestrian Planning and Design
SURFACE_FACTORS = {  # Soule & Goldman 1972, Terrain coefficients for energy cost prediction
    **dict.fromkeys(
        ("unpaved", "dirt", "earth", "ground", "gravel", "compacted", "fine_gravel", "pebblestone"), 1.1
    ),
    **dict.fromkeys(("grass", "woodchips"), 1.2),
    "mud": 1.8,
    "sand": 2.1,
}


@dataclass(frozen=True, slots=True)
class _Way:
    id: int
    tags: dict[str, str]
    nodes: list[int]
    xy: list[tuple[float, float]]


def read_pbf(request: Request) -> Raw:
    """Read the walkable ways of an extract as streets.

    Parameters
    ----------
    request : Request
        The file and what is known about it.

    Returns
    -------
    Raw
        One row a piece of way between two places where walkable ways meet or end; ``u`` and ``v`` are node ids.
        Nodes outside of the extract have no place: a way that runs out of it ends at its last node inside.
    """
    try:
        ways = list(_walkable_ways(request))
    except (RuntimeError, OSError, osmium.InvalidLocationError) as error:
        raise Unreadable("broken_file", reason=str(error)[:200]) from None
    if not ways:
        raise Unreadable("no_ways")
    uses = Counter(node for way in ways for node in way.nodes)
    rows, shapes = [], []
    pieces: Counter[int] = Counter()  # of each way: one that the extract's edge cuts goes on counting
    for way in ways:
        for start, end in _pieces(way.nodes, uses):
            rows.append(
                (f"{way.id}-{pieces[way.id]}", str(way.nodes[start]), str(way.nodes[end]), *_described(way.tags))
            )
            shapes.append(way.xy[start : end + 1])
            pieces[way.id] += 1
    frame = pd.DataFrame(
        rows, columns=["edge_id", "u", "v", "highway", "oneway_foot", "layer", "bridge", "tunnel", "factor"]
    )
    return Raw(frame=frame, geometry=_lines(shapes, request.limits), crs="OGC:CRS84")


def _walkable_ways(request: Request) -> Iterator[_Way]:
    """Give walkable ways; one that leaves the extract and comes back is several."""
    file = osmium.FileProcessor(str(request.path), osmium.osm.NODE | osmium.osm.WAY)
    for way in file.with_locations().with_filter(osmium.filter.KeyFilter("highway")):
        if not way.is_way():
            continue
        tags = dict(way.tags)
        if not may_walk(tags):
            continue
        for run in _inside(way):
            if len(run) > 1:
                yield _Way(way.id, tags, [node for node, _, _ in run], [(x, y) for _, x, y in run])


def _inside(way: Any) -> Iterator[list[tuple[int, float, float]]]:
    run: list[tuple[int, float, float]] = []
    for node in way.nodes:
        if node.location.valid():
            if not run or run[-1][0] != node.ref:
                run.append((node.ref, node.lon, node.lat))
        elif run:
            yield run
            run = []
    yield run


def may_walk(tags: Mapping[str, str]) -> bool:
    """Tell whether one may walk on a way.

    Parameters
    ----------
    tags : mapping of str to str
        OpenStreetMap tags.

    Returns
    -------
    bool
        What ``foot`` says decides; without it ``access``, then the kind of road.

    Examples
    --------
    >>> may_walk({"highway": "residential"}), may_walk({"highway": "motorway"})
    (True, False)
    >>> may_walk({"highway": "service", "access": "private", "foot": "yes"})
    True
    """
    highway, foot = tags.get("highway", "no"), tags.get("foot", "")
    if highway in NOT_A_WAY or foot in NEVER:
        return False
    if foot in ALLOWED:
        return True
    if tags.get("access", "") in NEVER or highway in NOT_ON_FOOT or tags.get("motorroad") == "yes":
        return False
    return not (highway in FAST and tags.get("sidewalk", "") in ("no", "none"))


def _described(tags: Mapping[str, str]) -> tuple[str, str, float | None, bool, bool, float]:
    return (
        tags["highway"],
        _direction(tags),
        _layer(tags.get("layer", "")),
        tags.get("bridge", "no") != "no",
        tags.get("tunnel", "no") != "no",
        STEPS_FACTOR if tags["highway"] == "steps" else SURFACE_FACTORS.get(tags.get("surface", ""), 1.0),
    )


def _direction(tags: Mapping[str, str]) -> str:
    oneway, moving = tags.get("oneway:foot", "no"), tags.get("conveying", "")
    if oneway == "yes" or moving == "forward" or tags.get("foot:backward") == "no":
        return "forward"
    if oneway == "-1" or moving == "backward" or tags.get("foot:forward") == "no":
        return "backward"
    return "both"


def _layer(text: str) -> float | None:
    try:
        return float(text)
    except ValueError:
        return None


def _pieces(nodes: list[int], uses: Mapping[int, int]) -> Iterator[tuple[int, int]]:
    """Cut a way at its ends and wherever a node is used more than once."""
    start = 0
    for at in range(1, len(nodes)):
        if at == len(nodes) - 1 or uses[nodes[at]] > 1:
            yield start, at
            start = at


def _lines(shapes: list[list[tuple[float, float]]], limits: Limits) -> NDArray[Any]:
    sizes = np.array([len(shape) for shape in shapes])
    if sizes.sum() > limits.vertices_file:
        raise Unreadable("file_too_many_vertices", count=int(sizes.sum()), limit=limits.vertices_file)
    coords = np.array([place for shape in shapes for place in shape])
    return np.asarray(shapely.linestrings(coords, indices=np.repeat(np.arange(len(shapes)), sizes)), dtype=object)
