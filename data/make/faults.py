"""Real-life faults, put into a clean partition on purpose and written down."""

from __future__ import annotations

from typing import Any

import geopandas as gpd
import numpy as np
import pandas as pd
import shapely
from shapely.geometry import LineString, Polygon

# what is cut between two neighbours: METRICS kind, cause, depth m, pieces of the shared edge (least, most)
CUTS = {
    "gap": ("gap", "real", 46.0, (1, 2)),
    "overlap": ("overlap", "real", 38.0, (1, 2)),
    "sliver": ("gap", "sliver", 2.6, (1, 3)),
}


def shared_edge(a: Polygon, b: Polygon, *, least: int = 4) -> LineString | None:
    """Find the edge of two neighbours.

    Parameters
    ----------
    a, b : Polygon
        With every vertex of the edge in both.
    least : int
        How many vertices it must have.

    Returns
    -------
    LineString or None
        In order; None when it has fewer, or lies in several places.
    """
    line = shapely.line_merge(shapely.intersection(a.boundary, b.boundary))
    return line if line.geom_type == "LineString" and len(line.coords) >= least else None


def bite(edge: LineString, into: Polygon, depth_m: float, first: int, last: int) -> Polygon:
    """Outline a piece of one grid along a part of its edge.

    Parameters
    ----------
    edge : LineString
        Shared with a neighbour.
    into : Polygon
        The grid.
    depth_m : float
        How deep.
    first, last : int
        Vertices of the edge from which and to which.

    Returns
    -------
    Polygon
        The piece; one that does not fit is a :class:`ValueError`.
    """
    base = LineString(list(edge.coords)[first : last + 1])
    for side in (depth_m, -depth_m):
        inner = shapely.set_precision(base.offset_curve(side, join_style="mitre"), 0.001)
        ends = np.asarray(inner.coords)
        if side < 0 and np.hypot(*(ends[0] - np.asarray(base.coords[0]))) > 2 * depth_m:
            ends = ends[::-1]
        piece = Polygon([*base.coords, *ends[::-1]])
        if piece.is_valid and into.contains(piece.representative_point()) and into.covers(piece):
            return piece
    raise ValueError("the piece does not fit into its grid")


def _pairs(grids: gpd.GeoDataFrame, communities: list[int]) -> list[tuple[int, int, LineString]]:
    """Neighbours inside one community whose shared edge stays off the community's own edge at both chosen ends."""
    found = []
    for community in communities:
        mine = grids[grids["community"] == community]
        for a in mine.index:
            for b in mine.index[mine.index > a]:
                edge = shared_edge(grids.geometry[a], grids.geometry[b])
                if edge is not None:
                    found.append((int(a), int(b), edge))
    return sorted(found, key=lambda pair: -pair[2].length)


def _cut(
    grids: gpd.GeoDataFrame, community: int, depth_m: float, spans: tuple[int, int]
) -> tuple[int, int, Polygon]:
    """Find a piece between two grids of a community that touches no third grid and no edge of the community."""
    rest = shapely.union_all(grids.geometry[grids["community"] == community]).boundary
    for a, b, edge in _pairs(grids, [community]):
        count = len(edge.coords)
        for width in range(spans[1], spans[0] - 1, -1):
            first = (count - width) // 2
            if first < 1 or first + width > count - 2:
                continue
            try:
                piece = bite(edge, grids.geometry[a], depth_m, first, first + width)
            except ValueError:
                continue
            if piece.distance(rest) > 25.0:
                return a, b, piece
    raise ValueError(f"no room for a fault in community {community}")


def has_room(grids: gpd.GeoDataFrame, community: int, name: str) -> bool:
    """Say whether a fault fits between two grids of a community.

    Parameters
    ----------
    grids : geopandas.GeoDataFrame
        Clean grids.
    community : int
        Number of the community.
    name : str
        Key of :data:`CUTS`.

    Returns
    -------
    bool
        True when :func:`plant` would find a place.
    """
    try:
        _cut(grids, community, *CUTS[name][2:])
    except ValueError:
        return False
    return True


def record(
    kind: str, cause: str, ids: list[str], parent: str, piece: Polygon, crs: Any, **more: Any
) -> dict[str, Any]:
    """Write a fault down.

    Parameters
    ----------
    kind, cause : str
        As the findings will say.
    ids : list of str
        Grids concerned.
    parent : str
        Division that is not tiled.
    piece : Polygon
        The ground.
    crs : CRS
        Of the piece, in metres.
    **more : str, float or bool
        What else there is to say.

    Returns
    -------
    dict
        With the area in m² and a point on the ground.
    """
    point = gpd.GeoSeries([piece.representative_point()], crs=crs).to_crs("EPSG:4326").iloc[0]
    return {
        "kind": kind,
        "cause": cause,
        "grid_ids": ids,
        "division_id": parent,
        "area_m2": round(piece.area, 1),
        "lon": round(point.x, 7),
        "lat": round(point.y, 7),
        **more,
    }


def corner(grids: gpd.GeoDataFrame, outline: Polygon) -> int:
    """Choose the corner grid to lose: on the outline, the largest of its community, in town.

    Parameters
    ----------
    grids : geopandas.GeoDataFrame
        ``community``, ``built``.
    outline : Polygon
        The district.

    Returns
    -------
    int
        Row of the grid that holds most of the outline's turn and is at least half the median grid, be it of its
        community or of the district.
    """
    area = grids.area
    edge = shapely.length(shapely.intersection(grids.geometry.to_numpy(), outline.boundary))
    own = area.groupby(grids["community"]).transform("median")
    fits = grids["built"] & (area > 0.8 * own) & (area > 0.8 * area.median()) & (edge > 0)
    size = grids.groupby("community")["grid_id"].transform("size")
    corners = shapely.points(np.asarray(outline.exterior.coords)[:-1])
    holds = np.array([any(g.touches(c) for c in corners) for g in grids.geometry[fits]])
    rows = np.flatnonzero(fits)[holds]
    rows = rows[size.to_numpy()[rows] >= 5]
    return int(rows[np.argmax(edge[rows])])


def plant(
    grids: gpd.GeoDataFrame, outline: Polygon, picks: dict[str, int]
) -> tuple[gpd.GeoDataFrame, list[dict[str, Any]]]:
    """Put a gap, an overlap, a sliver, a missing corner and a duplicate into a clean partition.

    Parameters
    ----------
    grids : geopandas.GeoDataFrame
        Clean: ``grid_id``, ``division_id``, ``community``, ``built``, geometry in EPSG:4546.
    outline : Polygon
        The district.
    picks : dict of str to int
        Community (number) in which ``gap``, ``overlap``, ``sliver`` and ``duplicate`` go.

    Returns
    -------
    (geopandas.GeoDataFrame, list of dict)
        As many rows as before (one less, one twice), and what was done.
    """
    shapes = grids.geometry.to_numpy().copy()
    ids, parents = grids["grid_id"], grids["division_id"]
    records = []
    for name, (kind, cause, depth, spans) in CUTS.items():
        a, b, piece = _cut(grids, picks[name], depth, spans)
        changed = a if kind == "gap" else b
        cut = shapely.difference if kind == "gap" else shapely.union
        shapes[changed] = cut(shapes[changed], piece)
        pair = sorted([ids[a], ids[b]])
        records.append(record(kind, cause, pair, parents[a], piece, grids.crs, changed=ids[changed]))
    lost, twin = corner(grids, outline), _twin(grids, picks["duplicate"])
    near = sorted(ids[grids.index[grids.touches(shapes[lost]) & (parents == parents[lost])]])
    records.append(
        record("gap", "missing_grid", near, parents[lost], shapes[lost], grids.crs, missing_grid_id=ids[lost])
    )
    copy = f"{parents[twin]}{int(ids[parents == parents[twin]].str[-3:].max()) + 1:03d}"
    both = [ids[twin], copy]
    records.append(
        record("overlap", "duplicate", both, parents[twin], shapes[twin], grids.crs, extra_grid_id=copy)
    )
    out = grids.set_geometry(gpd.GeoSeries(shapes, index=grids.index, crs=grids.crs))
    kept = pd.concat([out.drop(index=lost), out.loc[[twin]].assign(grid_id=copy)])
    return kept.sort_values("grid_id", kind="stable").reset_index(drop=True), records


def _twin(grids: gpd.GeoDataFrame, community: int) -> int:
    """Choose the grid in the middle of a community's list."""
    mine = grids.index[grids["community"] == community]
    return int(mine[len(mine) // 2])
