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
from geo.place.polyline import counted
from geo.walk.onfoot import may_walk
from geo.walk.planar import planarise as cut_where_they_cross


def walk_streets(streets: gpd.GeoDataFrame, *, planarise: bool = False) -> gpd.GeoDataFrame:
    """Turn street lines into a walkable network.

    Streets that are not walked (:func:`geo.walk.onfoot.may_walk` of ``highway`` and ``foot``; one without a class
    is), without geometry or without length are left out. Ends meet where they share an id; ends without an id meet
    what lies within 0.01 m. Lines that cross without a common end stay uncrossed (a bridge over a street).

    Parameters
    ----------
    streets : geopandas.GeoDataFrame
        Table ``streets``; a line in several parts becomes one edge a part (``<edge_id>/0``, ``…/1``), which share
        its length and its rise.
    planarise : bool
        True = lines that cross or touch on the same level are cut there first: :mod:`geo.walk.planar`.

    Returns
    -------
    geopandas.GeoDataFrame
        ``edge_id, u, v, length_m, factor, oneway, rise_m`` (0 where unknown) and geometry, by
        ``edge_id``. Nodes are numbered along a Hilbert curve, so that neighbours lie close in memory; the input's
        row order does not matter.
    """
    lines = _single_lines(streets[_is_walked(streets)])
    if planarise:
        lines = cut_where_they_cross(lines).sort_values("edge_id", kind="stable").reset_index(drop=True)
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
        "rise_m": lines["rise_m"].fillna(0.0).to_numpy(dtype=float),
    }
    frame = gpd.GeoDataFrame(made, geometry=lines.geometry.to_numpy(), crs=LONLAT)
    return frame.astype({"edge_id": "str", "oneway": "str"})


def _is_walked(streets: gpd.GeoDataFrame) -> NDArray[np.bool_]:
    """Judge each kind of street once."""
    said = pd.DataFrame({"highway": streets["highway"].fillna("road"), "foot": streets["foot"].fillna("")})
    kind = said.drop_duplicates()
    walked = {tuple(tags): may_walk(dict(zip(said.columns, tags, strict=True))) for tags in kind.to_numpy()}
    judged = pd.MultiIndex.from_frame(said).map(walked).to_numpy(dtype=bool)
    return np.asarray(judged & streets.geometry.notna() & ~streets.geometry.is_empty, dtype=bool)


def _single_lines(walked: gpd.GeoDataFrame) -> gpd.GeoDataFrame:
    """Lines of one part and some length, by edge id, each with its length in metres."""
    lines = walked.sort_values("edge_id", kind="stable").reset_index(drop=True)
    shape = np.asarray(lines.geometry, dtype=object)
    size = shapely.get_num_geometries(shape)
    row = np.repeat(np.arange(len(lines)), size)
    parts = shapely.get_parts(shape) if (size != 1).any() else shape
    measured = geodesic_length(parts)
    whole = np.bincount(row, weights=measured, minlength=len(lines))[row]
    with np.errstate(divide="ignore", invalid="ignore"):
        portion = np.where(whole > 0, measured / whole, 0.0)
    split = lines.iloc[row].reset_index(drop=True).set_geometry(parts, crs=LONLAT)
    declared = split["length_m"].to_numpy(dtype=float, na_value=np.nan)
    split["length_m"] = np.where(declared > 0, declared * portion, measured)
    split["rise_m"] *= portion
    several = size[row] > 1
    if several.any():
        number = pd.Series(counted(row)[several]).astype(str).to_numpy()
        split.loc[several, "edge_id"] = split.loc[several, "edge_id"] + "/" + number
        split.loc[several, ["u", "v"]] = np.nan  # ids are those of the whole line's ends
    return split[measured > 0].sort_values("edge_id", kind="stable").reset_index(drop=True)


def _nodes(lines: gpd.GeoDataFrame) -> NDArray[np.int32]:
    """Node of each end, first all u, then all v: ends that share an id or (without one) a place are one node."""
    if not len(lines):
        return np.zeros(0, dtype=np.int32)
    place, line = shapely.get_coordinates(np.asarray(lines.geometry, dtype=object), return_index=True)
    begins = np.flatnonzero(np.r_[True, line[1:] != line[:-1]])
    ends = place[np.concatenate([begins, np.r_[begins[1:], len(line)] - 1])]
    id = np.concatenate([lines["u"].to_numpy(dtype=object), lines["v"].to_numpy(dtype=object)])
    known = ~pd.isna(id)
    pairs = _same_id(id, known)
    if not known.all():
        corners = shapely.points(np.stack([ends.min(axis=0), ends.max(axis=0)]))
        xy = np.column_stack(frame_of(corners).xy(ends[:, 0], ends[:, 1]))
        pairs = np.concatenate([pairs, _same_place(xy, known)])
    both = coo_array((np.ones(len(pairs)), (pairs[:, 0], pairs[:, 1])), shape=(len(ends), len(ends)))
    label = connected_components(both, directed=False)[1]
    _, first, code = np.unique(label, return_index=True, return_inverse=True)
    curve = gpd.GeoSeries(shapely.points(ends[first])).hilbert_distance(level=16).to_numpy()
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
    order = np.lexsort((xy[:, 1], xy[:, 0]))  # stable: of equal places the first stands first
    new = np.r_[True, (np.diff(xy[order], axis=0) != 0).any(axis=1)]
    code = np.empty(len(xy), dtype=np.int64)
    code[order] = np.cumsum(new) - 1
    first = order[new]
    place = xy[first]
    nameless = np.zeros(len(place), dtype=bool)
    nameless[code[~known]] = True
    exact = np.column_stack([np.arange(len(xy)), first[code]])[nameless[code]]
    near = cKDTree(place).query_pairs(units.STREET_SNAP_M, output_type="ndarray")
    near = near[nameless[near].any(axis=1)]
    return np.concatenate([exact, first[near]])
