"""How soon is one there straight across the land, and where does one leave a road for it?

Distances are taken between places in space (geocentric metres) and bent onto the ground: over 500 km they err by
less than three parts in a million, whatever the longitude: no map projection has to serve the whole border.
"""

from __future__ import annotations

from dataclasses import dataclass
from functools import cached_property

import geopandas as gpd
import numpy as np
import shapely
from numpy.typing import NDArray

from geo import units
from geo.border.posts.crossing import Buckets, buckets_of, crossed
from geo.crs import GEODESIC, Array, Floats

WATER = ("river",)  # barriers on whose bank a border may run
EARTH_M = 6_371_008.8  # mean radius: it only bends chords
SHORT_DEG = 1e-7  # about a centimetre: a way may begin and end on a barrier
BANK_DEG = units.BANK_M / 111_132.0  # a degree of latitude, metres
Ints = NDArray[np.int64]
Flags = NDArray[np.bool_]


def earth_xyz(lonlat: Floats) -> Floats:
    """Put places into space.

    Parameters
    ----------
    lonlat : numpy.ndarray
        Degrees, shape (n, 2).

    Returns
    -------
    numpy.ndarray
        Geocentric metres on the WGS 84 ellipsoid, shape (n, 3).

    Examples
    --------
    >>> earth_xyz(np.array([[0.0, 0.0], [90.0, 0.0]])).round(1).tolist()
    [[6378137.0, 0.0, 0.0], [0.0, 6378137.0, 0.0]]
    """
    lon, lat = np.radians(np.asarray(lonlat, dtype=float).reshape(-1, 2)).T
    across = GEODESIC.a / np.sqrt(1 - GEODESIC.es * np.sin(lat) ** 2)
    level = across * np.cos(lat)
    return np.column_stack([level * np.cos(lon), level * np.sin(lon), across * (1 - GEODESIC.es) * np.sin(lat)])


def over_ground(chord_m: Floats) -> Floats:
    """Bend straight distances in space onto the ground.

    Parameters
    ----------
    chord_m : numpy.ndarray
        Metres through the earth.

    Returns
    -------
    numpy.ndarray
        Metres along it, same shape.

    Examples
    --------
    >>> over_ground(np.array([0.0, 100_000.0])).round(1).tolist()
    [0.0, 100001.0]
    """
    return np.asarray(2 * EARTH_M * np.arcsin(np.minimum(chord_m / (2 * EARTH_M), 1.0)))


def leave_road(
    end: Floats, other: Floats, place: Floats, road_s_per_m: Floats, land_s_per_m: float
) -> tuple[Floats, Floats]:
    """Find where a straight piece of road is best left for a place beside it.

    Time along the road plus time across the land is least where the land is entered at the angle θ from the
    perpendicular with sin θ = speed on land / speed on the road (Snell's law), or at an end of the piece. The
    same holds for stepping onto it.

    Parameters
    ----------
    end, other : numpy.ndarray
        From which end and towards which one drives, geocentric metres, shape (…, 3).
    place : numpy.ndarray
        Where one is going, same shape.
    road_s_per_m : numpy.ndarray
        Seconds a straight metre of the road, shape (…); inf = not driven that way, it is left at ``end``.
    land_s_per_m : float
        Seconds a metre of land.

    Returns
    -------
    tuple of numpy.ndarray
        Part of the piece that is driven, 0–1, and seconds from ``end`` to the place, each shape (…).

    Examples
    --------
    >>> end, other, place = np.array([[0.0, 0, 0]]), np.array([[1000.0, 0, 0]]), np.array([[800.0, 300, 0]])
    >>> part, seconds = leave_road(end, other, place, np.array([0.06]), 0.1)
    >>> part.round(3).tolist(), seconds.round(3).tolist()  # tan θ = 0.75: left at 800 - 225 m; 34.5 + 37.5 s
    ([0.575], [72.0])
    """
    course, to = other - end, place - end
    length = np.sqrt((course**2).sum(axis=-1))
    foot = (course * to).sum(axis=-1) / length
    aside = np.sqrt(np.maximum((to**2).sum(axis=-1) - foot**2, 0.0))
    sine = road_s_per_m / land_s_per_m
    steep = sine < 1
    lead = aside * np.where(steep, sine, 0.0) / np.sqrt(1 - np.where(steep, sine, 0.0) ** 2)
    along = np.where(steep, np.clip(foot - lead, 0.0, length), 0.0)
    driven = along * np.where(steep, road_s_per_m, 0.0)
    return along / length, driven + over_ground(np.hypot(aside, foot - along)) * land_s_per_m


@dataclass(frozen=True, eq=False)
class Obstacles:
    """What a straight way across the land may not cross; roads may.

    Parameters
    ----------
    shape : numpy.ndarray of geometry
        Barriers and lakes, EPSG:4326.
    water : numpy.ndarray
        bool: which of them are rivers and lakes.
    """

    shape: Array
    water: Flags

    @classmethod
    def of(cls, barriers: gpd.GeoDataFrame | None, excluded: gpd.GeoDataFrame | None) -> Obstacles:
        """Take the impassable barriers and the lakes.

        Parameters
        ----------
        barriers, excluded : geopandas.GeoDataFrame or None
            The tables of those names; None = there are none.

        Returns
        -------
        Obstacles
            Barriers that are not ``passable``, and excluded areas of kind ``lake``.
        """
        shape, water = np.zeros(0, dtype=object), np.zeros(0, dtype=bool)
        if barriers is not None:
            solid = barriers[~barriers["passable"].astype(bool) & barriers.geometry.notna()]
            shape, water = np.asarray(solid.geometry, dtype=object), solid["kind"].isin(WATER).to_numpy()
        if excluded is not None:
            lakes = np.asarray(excluded.geometry[(excluded["kind"] == "lake") & excluded.geometry.notna()])
            shape = np.concatenate([shape, lakes.astype(object)])
            water = np.concatenate([water, np.ones(len(lakes), dtype=bool)])
        return cls(shape, water)

    def __len__(self) -> int:
        """Count them."""
        return len(self.shape)

    @cached_property
    def _buckets(self) -> Buckets | None:
        """Straight pieces of lines and rims in buckets; None where there are none."""
        part, owner = shapely.get_parts(self.shape, return_index=True)
        area = shapely.get_dimensions(part) == 2
        rim, of_area = shapely.get_rings(part[area], return_index=True)
        lines, whose = np.concatenate([part[~area], rim]), np.concatenate([owner[~area], owner[area][of_area]])
        xy, line = shapely.get_coordinates(lines, return_index=True)
        same = line[1:] == line[:-1]
        ends = np.column_stack([xy[:-1][same], xy[1:][same]])
        return buckets_of(ends, whose[line[1:][same]].astype(np.int64)) if len(ends) else None

    def beside(self, lonlat: Floats, on_bank: Flags) -> Ints:
        """Find the waters on whose bank places of a river or lake border lie.

        Parameters
        ----------
        lonlat : numpy.ndarray
            Places, degrees, shape (n, 2).
        on_bank : numpy.ndarray
            bool (n,): which of them belong to a river or lake stretch, and are reached on its bank.

        Returns
        -------
        numpy.ndarray
            Sorted codes ``place * len(self) + obstacle`` of waters within ``units.BANK_M``.
        """
        bank, wet = np.flatnonzero(on_bank), np.flatnonzero(self.water)
        tree = shapely.STRtree(self.shape[wet])
        place, water = tree.query(shapely.points(lonlat[bank]), predicate="dwithin", distance=BANK_DEG)
        return np.sort(bank[place] * len(self) + wet[water])

    def cross(self, start: Floats, end: Floats, place: Ints, banks: Ints) -> Flags:
        """Tell which straight ways cross an obstacle between their ends.

        Parameters
        ----------
        start, end : numpy.ndarray
            Degrees, shape (n, 2); a way is straight in lon/lat.
        place : numpy.ndarray
            Number of the place each way leads to, shape (n,).
        banks : numpy.ndarray
            From :meth:`beside`: waters that do not count for some places.

        Returns
        -------
        numpy.ndarray
            bool, shape (n,); touching counts, but for the last centimetre at either end.
        """
        buckets = self._buckets
        if buckets is None:
            return np.zeros(len(start), dtype=bool)
        way = end - start
        short = np.minimum(SHORT_DEG / np.maximum(np.hypot(*way.T), SHORT_DEG), 0.5)[:, None] * way
        ways = np.column_stack([start + short, end - short])
        return np.asarray(crossed(buckets, ways, place.astype(np.int64), len(self), banks))
