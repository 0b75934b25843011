"""What can be driven: roads as straight pieces between nodes, which may be cut where somebody steps onto them."""

from __future__ import annotations

from dataclasses import dataclass
from functools import cached_property

import geopandas as gpd
import numpy as np
import pandas as pd
import shapely
from numpy.typing import NDArray
from scipy.spatial import cKDTree

from geo import units
from geo.border.posts.overland import earth_xyz
from geo.crs import Floats, geodesic_steps
from geo.walk.network import ONEWAY

NODE_DEG = 1e-7  # about a centimetre: vertices closer than this are one
CLOSED = ("motorway", "motorway_link")  # fenced: entered and left where they meet another road only
Ints = NDArray[np.int64]


@dataclass(frozen=True, eq=False)
class Roads:
    """Straight pieces of road.

    Parameters
    ----------
    lonlat : numpy.ndarray
        Nodes, degrees, shape (n, 2).
    u, v : numpy.ndarray
        Ends of each piece, int64, shape (m,).
    length_m : numpy.ndarray
        Metres of road in each piece: along the ellipsoid, or its portion of what the table declares.
    speed_kmh : numpy.ndarray
        Of cars, shape (m,).
    oneway : numpy.ndarray
        0 both ways, 1 only u → v, -1 only v → u, shape (m,).
    closed : numpy.ndarray
        bool (m,): entered and left at its nodes only.
    """

    lonlat: Floats
    u: Ints
    v: Ints
    length_m: Floats
    speed_kmh: Floats
    oneway: NDArray[np.int8]
    closed: NDArray[np.bool_]

    @cached_property
    def xyz(self) -> Floats:
        """Nodes in space, metres, shape (n, 3)."""
        return earth_xyz(self.lonlat)

    @cached_property
    def straight_m(self) -> Floats:
        """Straight metres between the ends of each piece."""
        return np.asarray(np.sqrt(((self.xyz[self.v] - self.xyz[self.u]) ** 2).sum(axis=1)))

    @cached_property
    def open(self) -> Ints:
        """Pieces that may be entered and left anywhere."""
        return np.flatnonzero(~self.closed & (self.straight_m > 0))

    @cached_property
    def tree(self) -> cKDTree:
        """Index of the middles of the open pieces."""
        return cKDTree((self.xyz[self.u[self.open]] + self.xyz[self.v[self.open]]) / 2)

    def cut(self, piece: Ints, part: Floats) -> tuple[Roads, Ints]:
        """Put nodes into pieces.

        Parameters
        ----------
        piece : numpy.ndarray
            Which pieces, shape (k,); one may be named often.
        part : numpy.ndarray
            Where, as a portion from u, 0–1, shape (k,). 0 and 1 are its ends and cut nothing.

        Returns
        -------
        tuple of Roads and numpy.ndarray
            The same roads in more pieces, and the node of each cut, shape (k,). Nodes keep their numbers.
        """
        node = np.where(part <= 0, self.u[piece], self.v[piece])
        inside = np.flatnonzero((part > 0) & (part < 1))
        wanted, of_wanted = np.unique(np.column_stack([piece[inside], part[inside]]), axis=0, return_inverse=True)
        at, where = wanted[:, 0].astype(np.int64), wanted[:, 1]
        new = len(self.lonlat) + np.arange(len(wanted))
        node[inside] = new[of_wanted]
        first, last = self.lonlat[self.u[at]], self.lonlat[self.v[at]]
        whole = np.arange(len(self.u))
        begin = pd.DataFrame({"piece": np.concatenate([whole, at]), "part": np.concatenate([0.0 * whole, where])})
        begin["node"] = np.concatenate([self.u, new])
        begin = begin.sort_values(["piece", "part"], kind="stable", ignore_index=True)
        own, after = begin["piece"].to_numpy(), begin["piece"].shift(-1).to_numpy()
        stops = own != after
        end = np.where(stops, self.v[own], np.roll(begin["node"].to_numpy(), -1))
        portion = np.where(stops, 1.0, np.roll(begin["part"].to_numpy(), -1)) - begin["part"].to_numpy()
        made = Roads(
            np.concatenate([self.lonlat, first + where[:, None] * (last - first)]),
            begin["node"].to_numpy(),
            end,
            self.length_m[own] * portion,
            self.speed_kmh[own],
            self.oneway[own],
            self.closed[own],
        )
        return made, node


def road_pieces(roads: gpd.GeoDataFrame | None) -> Roads:
    """Cut roads into straight pieces of at most ``units.ROAD_PIECE_M``; vertices at one place are one node.

    Parameters
    ----------
    roads : geopandas.GeoDataFrame or None
        The table ``roads``: a ``speed_kmh`` that is given holds, else that of its ``highway`` class in
        ``units.ROAD_SPEEDS_KMH``, else ``units.ROAD_SPEED_KMH``; a ``length_m`` that is given holds. None = there
        are none.

    Returns
    -------
    Roads
        Whatever the order of the rows; rows without geometry or length are left out.
    """
    if roads is None or not len(roads):
        return _empty()
    rows = roads[roads.geometry.notna()].sort_values("edge_id", kind="stable", ignore_index=True)
    parts, row = shapely.get_parts(np.asarray(rows.geometry, dtype=object), return_index=True)
    xy, part = shapely.get_coordinates(parts, return_index=True)
    same = part[1:] == part[:-1]
    begin, end, owner = xy[:-1][same], xy[1:][same], row[part[1:][same]]
    code = np.round(np.concatenate([begin, end]) / NODE_DEG).astype(np.int64)
    _, first, node = np.unique(code, axis=0, return_index=True, return_inverse=True)
    moves = np.flatnonzero(node[: len(begin)] != node[len(begin) :])
    lonlat, u, v, piece = _short(
        np.concatenate([begin, end])[first], node[: len(begin)][moves], node[len(begin) :][moves]
    )
    owner = owner[moves][piece]
    measured = geodesic_steps(lonlat[u], lonlat[v])
    declared = rows["length_m"].to_numpy(dtype=float, na_value=np.nan)
    whole = np.bincount(owner, weights=measured, minlength=len(rows))
    scale = np.divide(declared, whole, out=np.ones(len(rows)), where=(declared > 0) & (whole > 0))
    highway = rows["highway"].fillna("").astype(str)
    return Roads(
        lonlat,
        u,
        v,
        measured * scale[owner],
        _speed(rows, highway)[owner],
        np.array([ONEWAY[way] for way in rows["oneway"]], dtype=np.int8)[owner],
        highway.isin(CLOSED).to_numpy()[owner],
    )


def _short(lonlat: Floats, u: Ints, v: Ints) -> tuple[Floats, Ints, Ints, Ints]:
    """Cut straight pieces evenly where they are too long: nodes, ends, and which piece each was."""
    often = np.maximum(np.ceil(geodesic_steps(lonlat[u], lonlat[v]) / units.ROAD_PIECE_M).astype(np.int64), 1)
    piece = np.repeat(np.arange(len(u)), often)
    number = np.arange(len(piece)) - np.repeat(np.cumsum(often) - often, often)
    inner = np.flatnonzero(number > 0)
    begin, end = u[piece].astype(np.int64), v[piece].astype(np.int64)
    begin[inner] = end[inner - 1] = len(lonlat) + np.arange(len(inner))  # no other road meets it there
    part = (number[inner] / often[piece[inner]])[:, None]
    first, last = lonlat[u[piece[inner]]], lonlat[v[piece[inner]]]
    return np.concatenate([lonlat, first + part * (last - first)]), begin, end, piece


def _speed(rows: gpd.GeoDataFrame, highway: pd.Series) -> Floats:
    usual = highway.str.removesuffix("_link").map(units.ROAD_SPEEDS_KMH).fillna(units.ROAD_SPEED_KMH)
    own = rows["speed_kmh"].astype(float)
    return np.asarray(own.where(own > 0).fillna(usual), dtype=float)


def _empty() -> Roads:
    none, some = np.zeros(0, dtype=np.int64), np.zeros(0)
    return Roads(np.zeros((0, 2)), none, none, some, some, np.zeros(0, dtype=np.int8), np.zeros(0, dtype=bool))
