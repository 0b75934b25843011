"""Street lines that were drawn without junctions: cut where they cross or touch on the same level.

Lines are taken apart into straight segments. Of two segments, each end that lies on the other (within 0.01 m) and
the point where they cross are junctions; junctions within 0.01 m of each other are one. Then every line is cut at
its junctions.

All this happens in degrees stretched to metres, since a table's lines are straight in degrees: a junction then
lies on its lines exactly. Far north or south of the middle an east-west centimetre is a few hundredths off.
"""

from __future__ import annotations

from dataclasses import dataclass
from functools import cached_property
from typing import Any, NamedTuple

import geopandas as gpd
import numpy as np
import pandas as pd
import shapely
from numpy.typing import NDArray
from scipy.sparse import coo_array
from scipy.sparse.csgraph import connected_components
from scipy.spatial import cKDTree

from geo import units
from geo.crs import GEODESIC, LONLAT, Floats, geodesic_length
from geo.place.polyline import Ids, counted, draw_pieces, pieces_between

# sine of the angle below which segments run alongside: their ends tell where they meet (degrees err by 1e-11)
PARALLEL = 1e-9


@dataclass(frozen=True)
class _Lines:
    """Vertices of all lines below each other; segment i runs from vertex ``first[i]`` to the next."""

    lonlat: Floats
    per_degree: Floats
    line: Ids
    first: Ids

    @cached_property
    def xy(self) -> Floats:
        return np.asarray((self.lonlat - self.lonlat[0]) * self.per_degree)

    @cached_property
    def start(self) -> Floats:
        return self.xy[self.first]

    @cached_property
    def way(self) -> Floats:
        return self.xy[self.first + 1] - self.start

    @cached_property
    def length_m(self) -> Floats:
        return np.asarray(np.hypot(*self.way.T))

    @cached_property
    def before_m(self) -> Floats:
        """Metres from anywhere before to the start of each segment; within a line, differences mean something."""
        return np.cumsum(self.length_m) - self.length_m


class _Meetings(NamedTuple):
    """Where segments ``a`` and ``b`` meet: ``at_a`` and ``at_b`` (0…1) along them, and the place in metres."""

    a: Ids
    at_a: Floats
    b: Ids
    at_b: Floats
    xy: Floats


def planarise(lines: gpd.GeoDataFrame) -> gpd.GeoDataFrame:
    """Cut lines where they cross or touch on the same level.

    A level is ``layer`` (missing = 0) with ``bridge`` and ``tunnel``: what crosses on another layer, or a bridge
    over a street that is none, stays uncrossed.

    Parameters
    ----------
    lines : geopandas.GeoDataFrame
        ``edge_id, u, v, length_m, rise_m, layer, bridge, tunnel`` and LineStrings of one part, EPSG:4326; more
        columns are carried along.

    Returns
    -------
    geopandas.GeoDataFrame
        Lines that nothing cuts are as they were. Of the others each piece is a row, ``<edge_id>/0``, ``…/1`` from
        the start on; the first keeps ``u``, the last ``v``, ends between have no id. ``length_m`` and ``rise_m``
        are shared out by the pieces' lengths. Where lines run over each other each keeps its own pieces. A line
        that crosses itself is cut there too. Vertices at junctions move by up to 0.01 m.
    """
    rows = lines.reset_index(drop=True)
    if not len(rows):
        return rows
    flat = _flatten(np.asarray(rows.geometry, dtype=object))
    met = _meetings(flat, _level(rows)[flat.line[flat.first]])
    if not len(met.a):
        return rows
    lonlat, line, junction = _with_junctions(flat, met)
    start, end = pieces_between(line, junction >= 0)
    piece = draw_pieces(lonlat, start, end)
    along = geodesic_length(piece)
    round_trip = (junction[start] == junction[end]) & (junction[start] >= 0)
    leftover = round_trip & (along <= 2 * units.STREET_SNAP_M)  # of moving vertices to a junction
    real = (along > 0) & ~leftover
    return _rows(rows, line[start][real], piece[real], along[real])


def _level(rows: gpd.GeoDataFrame) -> Ids:
    layer = rows["layer"].fillna(0.0)
    level = pd.MultiIndex.from_arrays([layer, rows["bridge"].astype(bool), rows["tunnel"].astype(bool)])
    return np.asarray(pd.factorize(level)[0], dtype=np.int64)


def _flatten(shape: NDArray[Any]) -> _Lines:
    lonlat, line = shapely.get_coordinates(shape, return_index=True)
    keep = np.r_[True, (line[1:] != line[:-1]) | (np.diff(lonlat, axis=0) != 0).any(axis=1)]
    lonlat, line = lonlat[keep], line[keep]
    middle = np.radians((lonlat[:, 1].min() + lonlat[:, 1].max()) / 2)
    per_degree = np.radians(GEODESIC.a) * np.array([np.cos(middle), 1.0])
    return _Lines(lonlat, per_degree, line, np.flatnonzero(line[1:] == line[:-1]))


def _meetings(flat: _Lines, level: Ids) -> _Meetings:
    """Find where segments on one level meet, but for a line that goes on from segment to segment."""
    segments = shapely.linestrings(np.stack([flat.start, flat.start + flat.way], axis=1))
    tree = shapely.STRtree(segments)
    a, b = tree.query(segments, predicate="dwithin", distance=units.STREET_SNAP_M)
    pair = (a < b) & (level[a] == level[b])
    a, b = a[pair], b[pair]
    found = [
        _end_on_other(flat, a, b, 0.0),
        _end_on_other(flat, a, b, 1.0),
        _end_on_other(flat, b, a, 0.0),
        _end_on_other(flat, b, a, 1.0),
        _crossings(flat, a, b),
    ]
    met = _Meetings(*(np.concatenate(parts) for parts in zip(*found, strict=True)))
    way_m = flat.before_m[met.a] + met.at_a * flat.length_m[met.a]
    way_m -= flat.before_m[met.b] + met.at_b * flat.length_m[met.b]
    same = flat.line[flat.first[met.a]] == flat.line[flat.first[met.b]]
    real = ~(same & (np.abs(way_m) <= 2 * units.STREET_SNAP_M))
    return _Meetings(*(part[real] for part in met))


def _end_on_other(flat: _Lines, own: Ids, other: Ids, end: float) -> _Meetings:
    """Find the segments of which an end (0 or 1) lies on another."""
    place = flat.start[own] + end * flat.way[own]
    along = ((place - flat.start[other]) * flat.way[other]).sum(axis=1) / flat.length_m[other] ** 2
    along = np.clip(along, 0.0, 1.0)
    apart = np.hypot(*(flat.start[other] + along[:, None] * flat.way[other] - place).T)
    on = apart <= units.STREET_SNAP_M
    return _Meetings(own[on], np.full(int(on.sum()), end), other[on], along[on], place[on])


def _crossings(flat: _Lines, a: Ids, b: Ids) -> _Meetings:
    """Find the segments that cross; of those that run alongside each other the ends tell."""
    between = flat.start[b] - flat.start[a]
    turn = _cross(flat.way[a], flat.way[b])
    slanted = np.abs(turn) > PARALLEL * flat.length_m[a] * flat.length_m[b]
    with np.errstate(divide="ignore", invalid="ignore"):
        at_a, at_b = _cross(between, flat.way[b]) / turn, _cross(between, flat.way[a]) / turn
    meet = slanted & (at_a >= 0) & (at_a <= 1) & (at_b >= 0) & (at_b <= 1)
    a, b, at_a, at_b = a[meet], b[meet], at_a[meet], at_b[meet]
    return _Meetings(a, at_a, b, at_b, flat.start[a] + at_a[:, None] * flat.way[a])


def _cross(a: Floats, b: Floats) -> Floats:
    return np.asarray(a[:, 0] * b[:, 1] - a[:, 1] * b[:, 0])


def _with_junctions(flat: _Lines, met: _Meetings) -> tuple[Floats, Ids, Ids]:
    """Put junctions among the vertices: lon/lat, line and junction (-1 = none) of each vertex."""
    place, number = _merged(met.xy)
    segment, at, number = np.r_[met.a, met.b], np.r_[met.at_a, met.at_b], np.tile(number, 2)
    from_start = at * flat.length_m[segment]
    on_start = from_start <= units.STREET_SNAP_M
    on_end = ~on_start & (flat.length_m[segment] - from_start <= units.STREET_SNAP_M)
    junction = np.full(len(flat.line), -1, dtype=np.int64)
    junction[flat.first[segment[on_start]]] = number[on_start]
    junction[flat.first[segment[on_end]] + 1] = number[on_end]
    inside = pd.DataFrame({"segment": segment, "at": at, "number": number})[~(on_start | on_end)]
    inside = inside.drop_duplicates(["segment", "number"])
    vertex = np.r_[np.arange(len(flat.line)), flat.first[inside["segment"]]]
    order = np.lexsort((np.r_[np.zeros(len(flat.line)), inside["at"]], vertex))
    junction = np.r_[junction, inside["number"]][order]
    lonlat = flat.lonlat[vertex[order]]
    known = place / flat.per_degree + flat.lonlat[0]
    lonlat[junction >= 0] = known[junction[junction >= 0]]
    return lonlat, flat.line[vertex[order]], junction


def _merged(xy: Floats) -> tuple[Floats, Ids]:
    """Take places within 0.01 m of each other, however linked, as one: the westernmost, then southernmost."""
    order = np.lexsort((xy[:, 1], xy[:, 0]))
    near = cKDTree(xy[order]).query_pairs(units.STREET_SNAP_M, output_type="ndarray")
    joined = coo_array((np.ones(len(near)), (near[:, 0], near[:, 1])), shape=(len(xy), len(xy)))
    label = connected_components(joined, directed=False)[1]
    _, first, code = np.unique(label, return_index=True, return_inverse=True)
    number = np.empty(len(xy), dtype=np.int64)
    number[order] = code
    return xy[order][first], number


def _rows(rows: gpd.GeoDataFrame, row: Ids, piece: NDArray[Any], along: Floats) -> gpd.GeoDataFrame:
    """Give each piece its row; a line of one piece keeps its own."""
    number, last = counted(row), np.r_[row[1:] != row[:-1], True]
    several = np.bincount(row, minlength=len(rows))[row] > 1
    portion = along / np.bincount(row, weights=along, minlength=len(rows))[row]
    made = rows.iloc[row].reset_index(drop=True)
    shape = np.where(several, piece, np.asarray(made.geometry, dtype=object))
    made = made.set_geometry(gpd.GeoSeries(shape, crs=LONLAT))
    made["edge_id"] = made["edge_id"].where(~several, made["edge_id"] + "/" + pd.Series(number).astype(str))
    made["u"] = made["u"].mask(number > 0)
    made["v"] = made["v"].mask(~last)
    return made.assign(length_m=made["length_m"] * portion, rise_m=made["rise_m"] * portion)
