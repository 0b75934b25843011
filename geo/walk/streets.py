"""Street rows become edges between nodes: what may be walked, where it meets, how long it is."""

from __future__ import annotations

from typing import Any

import geopandas as gpd
import numpy as np
import pandas as pd
import shapely
from numpy.typing import NDArray
from scipy.sparse import coo_array
from scipy.sparse.csgraph import connected_components
from scipy.spatial import cKDTree

from geo import units
from geo.crs import LONLAT, Floats, frame_of, geodesic_length
from geo.walk.network import components

# no pavement, not built, or no longer there; a street without a class is taken as walkable
NOT_WALKED = frozenset(
    {
        "motorway",
        "motorway_link",
        "trunk_link",
        "construction",
        "proposed",
        "planned",
        "abandoned",
        "disused",
        "razed",
        "raceway",
        "bus_guideway",
        "busway",
        "escape",
    }
)


def walk_streets(streets: gpd.GeoDataFrame) -> gpd.GeoDataFrame:
    """Turn street lines into a walkable network.

    Streets that are not walked (``NOT_WALKED``), without geometry or without length are left out. Ends meet where
    they share an id; ends without an id meet what lies within 0.01 m. Lines that cross without a common end stay
    uncrossed (a bridge over a street).

    Parameters
    ----------
    streets : geopandas.GeoDataFrame
        Table ``streets``; a line in several parts becomes one edge a part (``<edge_id>/0``, ``…/1``).

    Returns
    -------
    geopandas.GeoDataFrame
        ``edge_id, u, v, length_m, factor, oneway, component`` and geometry, by ``edge_id``. Nodes are numbered
        along a Hilbert curve, so that neighbours lie close in memory; the input's row order does not matter.
    """
    lines = _single_lines(streets)
    node = _nodes(lines)
    u, v = node[: len(lines)], node[len(lines) :]
    length_m = lines["length_m"].to_numpy(dtype=float)
    made = {
        "edge_id": lines["edge_id"].to_numpy(),
        "u": u.astype(np.int64),
        "v": v.astype(np.int64),
        "length_m": length_m,
        "factor": lines["factor"].to_numpy(dtype=float),
        "oneway": lines["oneway_foot"].to_numpy(),
        "component": components(u, v, length_m).astype(np.int64),
    }
    frame = gpd.GeoDataFrame(made, geometry=lines.geometry.to_numpy(), crs=LONLAT)
    return frame.astype({"edge_id": "str", "oneway": "str"})


def _single_lines(streets: gpd.GeoDataFrame) -> gpd.GeoDataFrame:
    """Walkable lines of one part and some length, by edge id, each with its length in metres."""
    shape = streets.geometry
    walked = streets[~streets["highway"].isin(NOT_WALKED) & shape.notna() & ~shape.is_empty]
    lines = walked.sort_values("edge_id", kind="stable").reset_index(drop=True)
    whole = geodesic_length(lines.geometry)
    parts, row = shapely.get_parts(np.asarray(lines.geometry, dtype=object), return_index=True)
    measured = geodesic_length(parts)
    declared = lines["length_m"].to_numpy(dtype=float, na_value=np.nan)[row]
    with np.errstate(divide="ignore", invalid="ignore"):
        length = np.where(declared > 0, declared * measured / whole[row], measured)
    several = np.bincount(row, minlength=len(lines))[row] > 1
    number = np.arange(len(row)) - np.searchsorted(row, row)
    split = lines.iloc[row].reset_index(drop=True)
    ids = [f"{id}/{n}" if many else id for id, n, many in zip(split["edge_id"], number, several, strict=True)]
    split = split.assign(edge_id=pd.Series(ids, dtype="str"), length_m=length).set_geometry(parts, crs=LONLAT)
    split.loc[several, ["u", "v"]] = np.nan  # ids are those of the whole line's ends
    return split[measured > 0].sort_values("edge_id", kind="stable").reset_index(drop=True)


def _nodes(lines: gpd.GeoDataFrame) -> NDArray[np.int32]:
    """Node of each end, first all u, then all v: ends that share an id or (without one) a place are one node."""
    if not len(lines):
        return np.zeros(0, dtype=np.int32)
    shape = np.asarray(lines.geometry, dtype=object)
    ends = np.concatenate([shapely.get_point(shape, 0), shapely.get_point(shape, -1)])
    id = np.concatenate([lines["u"].to_numpy(dtype=object), lines["v"].to_numpy(dtype=object)])
    known = ~pd.isna(id)
    xy = shapely.get_coordinates(frame_of(ends).metres(ends))
    pairs = np.concatenate([_same_id(id, known), _same_place(xy, known)])
    both = coo_array((np.ones(len(pairs)), (pairs[:, 0], pairs[:, 1])), shape=(len(ends), len(ends)))
    label = connected_components(both, directed=False)[1]
    _, first, code = np.unique(label, return_index=True, return_inverse=True)
    curve = gpd.GeoSeries(ends[first]).hilbert_distance(level=16).to_numpy()
    rank = np.empty(len(first), dtype=np.int32)
    rank[np.lexsort((first, curve))] = np.arange(len(first), dtype=np.int32)
    return rank[code]


def _same_id(id: NDArray[Any], known: NDArray[np.bool_]) -> NDArray[np.int64]:
    """Pairs of ends, each end with the first that carries its id."""
    row = np.flatnonzero(known)
    code, _ = pd.factorize(id[row])
    first = row[np.unique(code, return_index=True)[1]] if len(row) else row
    return np.column_stack([row, first[code]])


def _same_place(xy: Floats, known: NDArray[np.bool_]) -> NDArray[np.int64]:
    """Pairs of ends within 0.01 m of which at least one has no id."""
    if known.all():
        return np.zeros((0, 2), dtype=np.int64)
    place, first, code = np.unique(xy, axis=0, return_index=True, return_inverse=True)
    nameless = np.zeros(len(place), dtype=bool)
    nameless[code[~known]] = True
    exact = np.column_stack([np.arange(len(xy)), first[code]])[nameless[code]]
    near = cKDTree(place).query_pairs(units.STREET_SNAP_M, output_type="ndarray")
    near = near[nameless[near].any(axis=1)]
    return np.concatenate([exact, first[near]])
