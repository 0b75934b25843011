"""OpenStreetMap extracts: the ways one may walk on, cut where they meet and where something stops people."""

from __future__ import annotations

from itertools import chain
from typing import Any

import numpy as np
import osmium
import pandas as pd
import shapely
from numpy.typing import NDArray
from scipy.sparse import coo_array
from scipy.sparse.csgraph import connected_components

from geo.io.formats import Request
from geo.io.limits import Limits
from geo.io.raw import Raw, Unreadable
from geo.place.polyline import Ids, counted, draw_pieces, pieces_between
from geo.walk.onfoot import ALSO_WALKED, Tags, blocks, direction_of, factor_of, is_there, may_walk

BROKEN = (RuntimeError, OSError, UnicodeDecodeError, osmium.InvalidLocationError)
NOWHERE = (np.nan, np.nan)
WAY_KEYS = ("highway", *dict.fromkeys(key for key, _ in ALSO_WALKED))
HEIGHTS_M = (-500.0, 9_000.0)  # what lies beyond is no height of a street


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
        Platforms and piers are there where they hang together with a street.
        Where a node stops people (a locked gate), each piece ends for itself, its end named after the piece.
        ``rise_m`` where both ends carry ``ele``. What may be walked: :mod:`geo.walk.onfoot`.
    """
    found = _Found(request.limits)
    keys = osmium.filter.KeyFilter
    file = osmium.FileProcessor(str(request.path), osmium.osm.NODE | osmium.osm.WAY).with_locations()
    file.with_filter(keys("barrier", "ele").enable_for(osmium.osm.NODE))
    file.with_filter(keys(*WAY_KEYS).enable_for(osmium.osm.WAY))
    try:
        for thing in file:
            (found.way if thing.is_way() else found.node)(thing)
    except BROKEN as error:
        raise Unreadable("broken_file", reason=str(error)[:200]) from None
    frame, lines = _streets(found)
    if not len(frame):
        raise Unreadable("no_ways")
    return Raw(frame=frame, geometry=lines, crs="OGC:CRS84")


class _Found:
    """What is kept of a file while it passes by: the nodes of walkable ways, one below the other."""

    def __init__(self, limits: Limits) -> None:
        self.limits = limits
        self.described: list[tuple[Any, ...]] = []  # of each way
        self.is_street: list[bool] = []
        self.refs: list[list[int]] = []
        self.wkb: list[str | None] = []  # None: a node has no place, see ``places``
        self.places: dict[int, list[tuple[float, float]]] = {}
        self.blocked: list[int] = []
        self.height: dict[int, float] = {}
        self.vertices = 0
        self._draw = osmium.geom.WKBFactory().create_linestring

    def node(self, node: Any) -> None:
        tags = dict(node.tags)
        if blocks(tags):
            self.blocked.append(node.id)
        height = _number(tags.get("ele", ""))
        if height is not None and HEIGHTS_M[0] <= height <= HEIGHTS_M[1]:
            self.height[node.id] = height

    def way(self, way: Any) -> None:
        tags = dict(way.tags)
        if not may_walk(tags):
            return
        refs = [node.ref for node in way.nodes]
        self.vertices += len(refs)
        if self.vertices > self.limits.vertices_file:
            raise Unreadable("file_too_many_vertices", count=self.vertices, limit=self.limits.vertices_file)
        if len(self.refs) >= self.limits.rows:
            raise Unreadable("too_many_rows", count=len(self.refs) + 1, limit=self.limits.rows)
        try:
            self.wkb.append(self._draw(way.nodes, osmium.geom.use_nodes.ALL))
        except (osmium.InvalidLocationError, RuntimeError):  # cut by the extract's edge, or a single node
            self.places[len(self.refs)] = places_of(way)
            self.wkb.append(None)
        self.refs.append(refs)
        self.described.append((way.id, *_described(tags)))
        self.is_street.append("highway" in tags)

    def xy(self) -> NDArray[np.float64]:
        """Lon/lat of each node of each way, NaN outside of the extract."""
        drawn = shapely.from_wkb(np.array(self.wkb, dtype=object))
        size = np.array([len(refs) for refs in self.refs])
        xy = np.full((int(size.sum()), 2), np.nan)
        whole = np.repeat(~shapely.is_missing(drawn), size)
        xy[whole] = shapely.get_coordinates(drawn)
        if self.places:
            xy[~whole] = np.concatenate([np.array(places).reshape(-1, 2) for places in self.places.values()])
        return xy


def places_of(way: Any) -> list[tuple[float, float]]:
    """List where the nodes of a way are.

    Parameters
    ----------
    way : osmium.osm.Way
        With locations.

    Returns
    -------
    list of (float, float)
        Lon, lat; NaN outside of the extract.
    """
    return [(node.lon, node.lat) if node.location.valid() else NOWHERE for node in way.nodes]


def _described(tags: Tags) -> tuple[Any, ...]:
    highway = tags.get("highway") or next(value for key, value in ALSO_WALKED if tags.get(key) == value)
    layer = _number(tags.get("layer", ""))
    bridge, tunnel = is_there(tags, "bridge"), is_there(tags, "tunnel")
    return highway, direction_of(tags), layer, bridge, tunnel, factor_of(tags)


def _number(text: str) -> float | None:
    try:
        number = float(text.removesuffix("m"))
    except ValueError:
        return None
    return number if np.isfinite(number) else None


def _streets(found: _Found) -> tuple[pd.DataFrame, NDArray[Any]]:
    """Cut ways at their ends, where a node is used more than once, and where one is blocked."""
    if not found.refs:
        return pd.DataFrame(), np.zeros(0, dtype=object)
    way = np.repeat(np.arange(len(found.refs)), [len(refs) for refs in found.refs])
    ref = np.fromiter(chain.from_iterable(found.refs), dtype=np.int64, count=len(way))
    xy = found.xy()
    inside = np.asarray(np.isfinite(xy).all(axis=1), dtype=bool)
    run = np.cumsum(np.r_[False, (way[1:] != way[:-1]) | (inside[1:] != inside[:-1])])  # outside, a run ends
    keep = inside & np.r_[True, (ref[1:] != ref[:-1]) | (run[1:] != run[:-1])]
    keep &= _hangs_on_streets(way, ref, np.array(found.is_street, dtype=bool))[way]
    way, ref, xy, run = way[keep], ref[keep], xy[keep], run[keep]
    _, code, uses = np.unique(ref, return_inverse=True, return_counts=True)
    blocked = np.isin(ref, np.array(found.blocked, dtype=np.int64))
    start, end = pieces_between(run, (uses[code] > 1) | blocked)
    return _frame(found, way[start], ref, (start, end), blocked), draw_pieces(xy, start, end)


def _hangs_on_streets(way: Ids, ref: Ids, is_street: NDArray[np.bool_]) -> NDArray[np.bool_]:
    """Mark the ways that hang together with some street: of platforms and piers, few do."""
    node = np.unique(ref, return_inverse=True)[1] + len(is_street)
    size = int(node.max()) + 1
    joined = coo_array((np.ones(len(way), dtype=np.int8), (way, node)), shape=(size, size))
    group = connected_components(joined, directed=False)[1]
    of_way = group[: len(is_street)]
    return np.asarray(np.isin(of_way, of_way[is_street]), dtype=bool)


def _frame(found: _Found, way: Ids, ref: Ids, piece: tuple[Ids, Ids], blocked: NDArray[np.bool_]) -> pd.DataFrame:
    names = ("way", "highway", "oneway_foot", "layer", "bridge", "tunnel", "factor")
    ways = pd.DataFrame(found.described, columns=list(names))
    frame = ways.iloc[way].reset_index(drop=True)
    number = pd.Series(counted(way)).astype(str)  # of each way: one that the extract's edge cuts goes on counting
    edge_id = frame.pop("way").astype(str) + "-" + number
    ends = {}
    for name, at in zip(("u", "v"), piece, strict=True):
        node = pd.Series(ref[at]).astype(str)
        ends[name] = node.mask(blocked[at], node + "|" + edge_id + name)
    height = np.array([found.height.get(int(node), np.nan) for node in ref]) if found.height else None
    rise = np.full(len(way), np.nan) if height is None else height[piece[1]] - height[piece[0]]
    return pd.DataFrame({"edge_id": edge_id, **ends, **frame, "foot": "yes", "rise_m": rise})
