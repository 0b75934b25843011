"""Streets: blocks in town, lanes in villages, roads between them; few ways over the rivers and the railway."""

from __future__ import annotations

from dataclasses import dataclass

import geopandas as gpd
import numpy as np
import pandas as pd
import shapely
from scipy.sparse import coo_array
from scipy.sparse.csgraph import connected_components, minimum_spanning_tree
from scipy.spatial import Delaunay, cKDTree
from shapely.geometry import LineString, Polygon, box
from shapely.geometry.base import BaseGeometry
from shapely.ops import split

from bending import Array
from cells import Weighted, divide, sample
from ground import CRS, Ground, bend, straighten, to_drawing, to_map
from nesting import AVENUES_NORTH, Plan, avenues

BLOCK_M2 = 24_000.0
LANE_BLOCK_M2 = 7_500.0
CENTIMETRE = 0.01
BEYOND_M = 1_300.0
OVERSHOOT_M = 3.0  # lines that should meet run past each other, and the stubs are dropped
BANK_M = 32.0  # middle of the street along a brook's bank
CLASSES = ("primary", "secondary", "tertiary", "unclassified", "residential", "living_street")
CROSS_NORTH = (0, 1, 3, 4)  # avenues (by position) that have a bridge or an underpass
CROSS_EAST = (1, 3)


@dataclass(frozen=True)
class Settled:
    """Where homes stand: the blocks of each grid (drawing metres) and the middle of each village.

    Parameters
    ----------
    blocks : list of list of Polygon
        Blocks of each grid, in the order of the grids.
    hamlets : ndarray, shape (n, 2)
        Middle of each rural grid's homes, drawing metres; NaN for grids in town.
    """

    blocks: list[list[Polygon]]
    hamlets: Array


def settle(ground: Ground, drawn: Plan, seed: int) -> Settled:
    """Cut town grids into blocks and lay out a village in each rural grid.

    Parameters
    ----------
    ground : Ground
        Villages keep away from water and railway.
    drawn : Plan
        The grids.
    seed : int
        Seed.

    Returns
    -------
    Settled
        Blocks and middles.
    """
    rng = np.random.default_rng(seed)
    shy = to_drawing(shapely.union_all([ground.water, ground.lake, ground.railway]).buffer(230.0))
    shapely.prepare(shy)
    blocks: list[list[Polygon]] = []
    hamlets = np.full((len(drawn.grids), 2), np.nan)
    for k, (grid, built) in enumerate(zip(drawn.grids, drawn.built, strict=True)):
        even = sample(grid, lambda xy: np.ones(len(xy)), float(np.sqrt(grid.area / 900)), rng)
        if built:
            count = max(1, round(grid.area / BLOCK_M2))
            blocks.append(divide(grid, even, count, rng, wobble=0.015, uneven=0.15))
            continue
        hamlets[k] = _middle(grid, even, shy, rng)
        blocks.append(_village(grid, hamlets[k], rng))
    return Settled(blocks, hamlets)


def _middle(grid: Polygon, even: Weighted, shy: BaseGeometry, rng: np.random.Generator) -> Array:
    """Pick the sample point that lies well inside and away from water, with some luck."""
    points = shapely.points(even.xy)
    depth = np.minimum(shapely.distance(points, grid.boundary), 450.0)
    depth -= 600.0 * shapely.contains_xy(shy, even.xy[:, 0], even.xy[:, 1])
    return even.xy[int(np.argmax(depth + rng.uniform(0, 160, len(depth))))]


def _village(grid: Polygon, middle: Array, rng: np.random.Generator) -> list[Polygon]:
    """Lay out lanes around a middle: a turned rectangle cut into small blocks."""
    long, short = rng.uniform(240, 470), rng.uniform(150, 290)
    shape = shapely.affinity.rotate(box(-long / 2, -short / 2, long / 2, short / 2), rng.normal(0.0, 9.0))
    shape = shapely.affinity.translate(shape, *middle).intersection(grid.buffer(-25.0))
    shape = max(shapely.get_parts(shape), key=lambda p: p.area)
    even = sample(shape, lambda xy: np.ones(len(xy)), 12.0, rng)
    return divide(shape, even, max(2, round(shape.area / LANE_BLOCK_M2)), rng, wobble=0.05, uneven=0.2)


def country_roads(ground: Ground, settled: Settled, seed: int) -> list[tuple[LineString, bool]]:
    """Join villages, the edge of town and the land beyond the outline by roads.

    Candidate roads are the Gabriel graph (Gabriel & Sokal 1969) of all places; those of the relative
    neighbourhood graph (Toussaint 1980) are built. A road over water or rail is built only where nothing else
    would join the two sides, and then every few kilometres.

    Parameters
    ----------
    ground : Ground
        Water and railway.
    settled : Settled
        Where villages are.
    seed : int
        Seed.

    Returns
    -------
    list of (LineString, bool)
        Map metres; True where the road may cross water or railway.
    """
    rng = np.random.default_rng(seed)
    nodes, gate = _places(ground, settled, rng)
    edges = Delaunay(nodes).simplices[:, [0, 1, 1, 2, 2, 0]].reshape(-1, 2)
    edges = np.unique(np.sort(edges, axis=1), axis=0)
    length = np.hypot(*(nodes[edges[:, 0]] - nodes[edges[:, 1]]).T)
    keep = (length < 9_000) & ~(gate[edges[:, 0]] & gate[edges[:, 1]])
    edges, length = edges[keep], length[keep]
    lines = np.array([to_map(LineString(nodes[e])) for e in edges], dtype=object)
    wet = shapely.intersects(lines, shapely.union(ground.water, ground.lake).buffer(12.0))
    rail = shapely.intersects(lines, ground.railway.buffer(16.0))
    cost = length + 25_000.0 * wet + 9_000.0 * rail
    tree = minimum_spanning_tree(coo_array((cost, (edges[:, 0], edges[:, 1])), shape=(len(nodes),) * 2).tocsr())
    trunk = {(int(min(a, b)), int(max(a, b))) for a, b in zip(*tree.nonzero(), strict=True)}
    in_trunk = np.array([(int(a), int(b)) in trunk for a, b in edges])
    neighbourly, gabriel = _proximity(nodes, edges)
    dry = ~wet & ~rail
    built = in_trunk | (dry & neighbourly) | (dry & gabriel & (rng.random(len(edges)) < 0.3))
    crossing = ~dry & gabriel & ~shapely.intersects(lines, ground.lake.buffer(12.0))
    built |= _spaced(ground, lines, crossing, in_trunk & ~dry)
    return [(line, bool(over)) for line, over in zip(lines[built], ~dry[built], strict=True)]


def _places(ground: Ground, settled: Settled, rng: np.random.Generator) -> tuple[Array, np.ndarray]:
    """List villages, seats of towns, gates of the town and places beyond the outline (drawing metres)."""
    villages = settled.hamlets[~np.isnan(settled.hamlets[:, 0])]
    seats = np.array([to_drawing(s).centroid.coords[0] for s in ground.seats.values()])
    town_edge = ground.town.boundary.intersection(ground.outline.buffer(-20.0))
    town_edge = shapely.line_merge(town_edge)
    gates = shapely.line_interpolate_point(town_edge, np.arange(300.0, town_edge.length - 200.0, 900.0))
    gates = shapely.get_coordinates(gates)
    wet = shapely.union(ground.water, ground.railway).buffer(120.0)
    gates = straighten(gates[~shapely.contains_xy(wet, gates[:, 0], gates[:, 1])])
    ring = ground.outline.buffer(3_200.0).difference(ground.outline.buffer(500.0)).difference(ground.town)
    beyond = sample(ring, lambda xy: np.ones(len(xy)), 1_900.0, rng).xy
    nodes = np.vstack([villages, seats, gates, straighten(beyond)])
    gate = np.zeros(len(nodes), dtype=bool)
    gate[len(villages) + len(seats) : len(villages) + len(seats) + len(gates)] = True
    return nodes, gate


def _proximity(nodes: Array, edges: np.ndarray) -> tuple[np.ndarray, np.ndarray]:
    """Say which edges belong to the relative neighbourhood graph and which to the Gabriel graph."""
    tree = cKDTree(nodes)
    a, b = nodes[edges[:, 0]], nodes[edges[:, 1]]
    length = np.hypot(*(a - b).T)
    gabriel = np.array(
        [len(tree.query_ball_point((p + q) / 2, r / 2 - 1e-6)) == 0 for p, q, r in zip(a, b, length, strict=True)]
    )
    lune = np.array(
        [
            set(tree.query_ball_point(p, r - 1e-6)).intersection(tree.query_ball_point(q, r - 1e-6)) == set()
            for p, q, r in zip(a, b, length, strict=True)
        ]
    )
    return lune, gabriel


def _spaced(ground: Ground, lines: np.ndarray, wanted: np.ndarray, given: np.ndarray) -> np.ndarray:
    """Pick crossings at least some kilometres from those already there, in order along river and railway."""
    chosen = np.zeros(len(lines), dtype=bool)
    for barrier, apart in ((ground.river, 4_500.0), (ground.brook, 2_500.0), (ground.railway, 3_000.0)):
        hits = shapely.intersects(lines, barrier)
        taken = [barrier.project(line.intersection(barrier).centroid) for line in lines[hits & (given | chosen)]]
        order = [
            (barrier.project(lines[k].intersection(barrier).centroid), k) for k in np.flatnonzero(hits & wanted)
        ]
        for at, k in sorted(order):
            if all(abs(at - other) > apart for other in taken):
                chosen[k] = True
                taken.append(at)
    return chosen


def _ruled(ground: Ground, drawn: Plan, settled: Settled) -> list[tuple[str, BaseGeometry]]:
    """Streets that are drawn with a ruler, noded in the drawing before they are bent, by class."""
    built = np.flatnonzero(drawn.built)
    grids = np.array(drawn.grids, dtype=object)
    edges = [
        shapely.union_all(grids[(drawn.community == k) & drawn.built], grid_size=1e-4).boundary
        for k in np.unique(drawn.community[built])
    ]
    town = to_drawing(ground.town)
    sources = [
        *(("primary", way) for way in avenues(town)),
        ("secondary", town.boundary),
        *(("tertiary", edge) for edge in edges),
        *(("residential", grids[k].boundary) for k in built),
        *(("residential", block.boundary) for k in np.flatnonzero(~drawn.built) for block in settled.blocks[k]),
        *(("living_street", block.boundary) for k in built for block in settled.blocks[k]),
    ]
    kinds, lines = _parts(sources)
    noded = shapely.get_parts(shapely.union_all(lines, grid_size=CENTIMETRE))
    found = _classify(noded, kinds, lines)
    near = ground.outline.buffer(OVERSHOOT_M)
    bent = {kind: to_map(shapely.multilinestrings(noded[found == kind])) for kind in CLASSES}
    return [(kind, _clip(kind, line, ground.town, near)) for kind, line in bent.items()]


def _clip(kind: str, line: BaseGeometry, town: Polygon, near: Polygon) -> BaseGeometry:
    """Keep avenues up to the edge of the cut-out, everything else inside the district."""
    if kind == "primary":
        return line.intersection(near.buffer(BEYOND_M).intersection(town.buffer(OVERSHOOT_M)))
    return line.intersection(near)


def _sources(
    ground: Ground, drawn: Plan, settled: Settled, seed: int
) -> tuple[list[tuple[str, BaseGeometry]], list[tuple[str, BaseGeometry]]]:
    """List what streets are drawn from (class, lines): those that stop at water and rail, and those that cross."""
    town, inside = ground.town, ground.outline
    around = town.intersection(inside.buffer(BEYOND_M)).difference(inside.buffer(-OVERSHOOT_M))
    built_up = shapely.union_all([town, *ground.seats.values()]).buffer(-OVERSHOOT_M)
    roads = country_roads(ground, settled, seed)
    ways = avenues(to_drawing(town))
    over = [ways[k] for k in (*CROSS_NORTH, *(len(AVENUES_NORTH) + k for k in CROSS_EAST))]
    banks = town.intersection(inside)
    stop = [
        *_ruled(ground, drawn, settled),
        ("secondary", inside.boundary.intersection(town)),
        ("residential", _lattice(around, seed)),
        ("tertiary", ground.water.buffer(BANK_M).boundary.intersection(banks)),
        ("residential", ground.railway.buffer(BANK_M).boundary.intersection(banks)),
        *(("unclassified", road.difference(built_up)) for road, crosses in roads if not crosses),
    ]
    gap = shapely.union_all([ground.water.buffer(BANK_M + 9), ground.railway.buffer(BANK_M + 9)])
    cross = [
        *(("primary", to_map(way).intersection(gap).intersection(banks)) for way in over),
        *(("tertiary", road.difference(built_up)) for road, crosses in roads if crosses),
    ]
    return stop, cross


def _lattice(area: BaseGeometry, seed: int) -> BaseGeometry:
    """Fill the neighbouring districts' town with a plain pattern of streets."""
    rng = np.random.default_rng(seed + 1)
    drawn = to_drawing(area)
    west, south, east, north = drawn.bounds
    across = np.arange(west, east, 310.0) + rng.uniform(-50, 50, len(np.arange(west, east, 310.0)))
    up = np.arange(south, north, 240.0) + rng.uniform(-40, 40, len(np.arange(south, north, 240.0)))
    lines = [
        *(LineString([(a, south), (a, north)]) for a in across),
        *(LineString([(west, b), (east, b)]) for b in up),
    ]
    return to_map(shapely.union_all(lines)).intersection(area)


def streets(ground: Ground, drawn: Plan, settled: Settled, seed: int) -> gpd.GeoDataFrame:
    """Build the street network, noded: streets that meet share an end point.

    Parameters
    ----------
    ground : Ground
        Water, railway, town.
    drawn : Plan
        The grids.
    settled : Settled
        Blocks and villages.
    seed : int
        Seed.

    Returns
    -------
    geopandas.GeoDataFrame
        EPSG:4546: ``edge_id``, ``highway``, ``bridge``, ``layer``; one connected network.
    """
    stop, cross = _sources(ground, drawn, settled, seed)
    shut = shapely.union_all([ground.water.buffer(10.0), ground.railway.buffer(14.0), ground.lake.buffer(10.0)])
    sources = [(kind, shapely.difference(line, shut)) for kind, line in stop] + cross
    kinds, lines = _parts(sources)
    noded = shapely.get_parts(shapely.union_all(lines, grid_size=CENTIMETRE))
    noded = noded[shapely.length(noded) > 0]
    table = gpd.GeoDataFrame({"highway": _classify(noded, kinds, lines)}, geometry=noded, crs=CRS)
    table = _tidy(table)
    table = _set_bridges(table, ground)
    table.insert(0, "edge_id", np.arange(1, len(table) + 1))
    return table[["edge_id", "highway", "bridge", "layer", "geometry"]]


def _parts(sources: list[tuple[str, BaseGeometry]]) -> tuple[np.ndarray, np.ndarray]:
    kinds: list[int] = []
    lines: list[BaseGeometry] = []
    for kind, geometry in sources:
        for part in shapely.get_parts(geometry):
            if part.geom_type == "LineString" and part.length > 0.5:
                kinds.append(CLASSES.index(kind))
                lines.append(part)
    return np.array(kinds), np.array(lines, dtype=object)


def _classify(edges: np.ndarray, kinds: np.ndarray, lines: np.ndarray) -> np.ndarray:
    """Give each noded edge the highest class of the lines it lies on."""
    middle = shapely.line_interpolate_point(edges, 0.5, normalized=True)
    edge, line = shapely.STRtree(lines).query(middle, predicate="dwithin", distance=0.1)
    best = np.full(len(edges), len(CLASSES) - 1)
    np.minimum.at(best, edge, kinds[line])
    return np.array(CLASSES)[best]


def _tidy(table: gpd.GeoDataFrame) -> gpd.GeoDataFrame:
    """Drop stubs shorter than a house and everything not joined to the main network; merge runs of one class."""
    for _ in range(3):
        ends, degree = _nodes(table)
        stub = (np.minimum(degree[ends[:, 0]], degree[ends[:, 1]]) == 1) & (table.length.to_numpy() < 30.0)
        table = table[~stub].reset_index(drop=True)
    ends, degree = _nodes(table)
    links = coo_array((np.ones(len(ends)), (ends[:, 0], ends[:, 1])), shape=(len(degree),) * 2)
    label = connected_components(links, directed=False)[1]
    main = np.bincount(label).argmax()
    table = table[label[ends[:, 0]] == main].reset_index(drop=True)
    return _merge_runs(table)


def _nodes(table: gpd.GeoDataFrame) -> tuple[np.ndarray, np.ndarray]:
    lines = table.geometry.to_numpy()
    ends = np.vstack(
        [
            shapely.get_coordinates(shapely.get_point(lines, 0)),
            shapely.get_coordinates(shapely.get_point(lines, -1)),
        ]
    ).round(2)
    _, index = np.unique(ends, axis=0, return_inverse=True)
    pairs = index.reshape(2, -1).T
    return pairs, np.bincount(pairs.ravel())


def _merge_runs(table: gpd.GeoDataFrame) -> gpd.GeoDataFrame:
    """Join pieces that meet end to end where nothing else ends; a run takes the class of most of its metres."""
    pieces = table.geometry.to_numpy()
    merged = shapely.get_parts(shapely.line_merge(shapely.union_all(pieces)))
    middle = shapely.line_interpolate_point(pieces, 0.5, normalized=True)
    piece, run = shapely.STRtree(merged).query(middle, predicate="dwithin", distance=1e-6)
    metres = pd.DataFrame(
        {"run": run, "class": table["highway"].to_numpy()[piece], "m": shapely.length(pieces)[piece]}
    )
    most = (
        metres.groupby(["run", "class"])["m"].sum().reset_index().sort_values("m").groupby("run")["class"].last()
    )
    out = gpd.GeoDataFrame({"highway": most.to_numpy()}, geometry=merged, crs=CRS)
    order = shapely.get_coordinates(shapely.line_interpolate_point(merged, 0.5, normalized=True)).round(0)
    return out.iloc[np.lexsort(order.T)].reset_index(drop=True)


def _set_bridges(table: gpd.GeoDataFrame, ground: Ground) -> gpd.GeoDataFrame:
    """Cut the ways over water and rail out of their roads and mark them."""
    barrier = shapely.union_all([ground.water, ground.railway])
    ramps = shapely.union_all([ground.water.buffer(18.0), ground.railway.buffer(18.0)]).boundary
    over = shapely.intersects(table.geometry.to_numpy(), barrier)
    rows = [table[~over].assign(bridge=False)]
    for kind, line in zip(table["highway"][over], table.geometry[over], strict=True):
        parts = shapely.get_parts(split(line, ramps))
        parts = shapely.set_precision(parts, 0.001)
        bridge = shapely.intersects(parts, barrier)
        rows.append(gpd.GeoDataFrame({"highway": kind, "bridge": bridge}, geometry=parts, crs=CRS))
    out = gpd.GeoDataFrame(pd.concat(rows, ignore_index=True), crs=CRS)
    out["layer"] = out["bridge"].astype("int64")
    return out


def village_points(settled: Settled) -> Array:
    """Middles of villages on the map.

    Parameters
    ----------
    settled : Settled
        Villages of the drawing.

    Returns
    -------
    ndarray, shape (n, 2)
        Map metres; NaN in town.
    """
    out = np.full_like(settled.hamlets, np.nan)
    known = ~np.isnan(settled.hamlets[:, 0])
    out[known] = bend(settled.hamlets[known])
    return out
