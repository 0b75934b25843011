"""In which order, and which way round, do the parts of a border follow each other?

Border files come as hundreds of fragments in no order, some drawn the other way. Where a file says their sequence
that holds; where it does not, parts are joined end to end, the nearest ends first.
"""

from __future__ import annotations

from typing import Any

import geopandas as gpd
import numpy as np
import pandas as pd
import shapely
from numpy.typing import NDArray
from scipy.spatial import KDTree

from geo.crs import Array, Floats, geodesic_length

Ints = NDArray[np.int64]
Flags = NDArray[np.bool_]
ORDERS = ("sequence", "ends")  # ways in which an order was found
NEIGHBOURS = 16  # ends looked at around each end before the next round


def ordered(border: gpd.GeoDataFrame) -> gpd.GeoDataFrame:
    """Put the parts of each border in order, and turn round those that run against it.

    Parameters
    ----------
    border : geopandas.GeoDataFrame
        The ``border`` table.

    Returns
    -------
    geopandas.GeoDataFrame
        Its rows by ``border_id`` and order, index 0…n-1. With ``ordered_by`` ``sequence`` where each row of a
        border says its sequence: by ``sequence``, ``part`` and shape, as drawn. Else ``ends``: as
        :func:`order_by_ends` has them, ``sequence`` 1…n. ``turned`` = drawn the other way in the table;
        ``part_id`` is unique. The order of the rows given does not matter.
    """
    shape = shapely.to_wkb(shapely.force_2d(border.geometry.to_numpy()), hex=True)
    rows = border.assign(_shape=pd.Series(shape, index=border.index, dtype=object).fillna(""))
    rows = rows.sort_values(["border_id", "sequence", "part", "_shape"], kind="stable", ignore_index=True)
    said = rows["sequence"].notna().groupby(rows["border_id"]).transform("all").astype(bool)
    rows = rows.drop(columns="_shape").assign(ordered_by=np.where(said, *ORDERS), turned=False)
    order, turned = np.arange(len(rows)), np.zeros(len(rows), dtype=bool)
    for at in rows[~said].groupby("border_id").indices.values():
        place = np.flatnonzero(~said)[at]
        found, turned[place] = order_by_ends(rows.geometry.to_numpy()[place])
        order[place] = place[found]
        rows.loc[place[found], "sequence"] = np.arange(1, len(place) + 1)
    rows["turned"] = turned
    rows.loc[turned, "geometry"] = turned_round(rows.geometry.to_numpy()[turned])
    return _named(rows.iloc[order].reset_index(drop=True))


def order_by_ends(shapes: Array) -> tuple[Ints, Flags]:
    """Join lines end to end into one, the nearest two free ends first.

    The greedy rule of shortest edges: of all pairs of ends that are still free and whose lines do not hang
    together yet, the nearest is joined, until one chain is left. It runs the way in which its longest line is
    drawn.

    Parameters
    ----------
    shapes : numpy.ndarray
        LineString or MultiLineString, EPSG:4326, shape (n,). Missing and empty ones come last, as they are.

    Returns
    -------
    tuple of numpy.ndarray
        Positions in their order, shape (n,), and whether each position's line must be turned round, shape (n,).
        Equally near pairs, and equally long lines, are told apart by their coordinates, so the order in which
        lines are given does not matter.
    """
    drawn = np.flatnonzero(~(shapely.is_missing(shapes) | shapely.is_empty(shapes)))
    rest = np.setdiff1d(np.arange(len(shapes)), drawn)
    turned = np.zeros(len(shapes), dtype=bool)
    if not len(drawn):
        return rest, turned
    drawn = drawn[_canonical(shapes[drawn])]
    chain, flipped = _walk(_joints(ends_of(shapes[drawn]).reshape(-1, 2)))
    length = geodesic_length(shapes[drawn[chain]])
    longest = np.lexsort((chain, -np.round(length, 3)))[0]
    if flipped[longest]:
        chain, flipped = chain[::-1], ~flipped[::-1]
    turned[drawn[chain]] = flipped
    return np.concatenate([drawn[chain], rest]), turned


def ends_of(shapes: Array) -> Floats:
    """Take the first and the last vertex of each line.

    Parameters
    ----------
    shapes : numpy.ndarray
        LineString or MultiLineString, none missing or empty, shape (n,).

    Returns
    -------
    numpy.ndarray
        Degrees, shape (n, 2, 2): line, end, lon/lat.
    """
    lonlat, line = shapely.get_coordinates(shapes, return_index=True)
    lines = np.arange(len(shapes))
    first, after = (np.searchsorted(line, lines, side=side) for side in ("left", "right"))
    return np.stack([lonlat[first], lonlat[after - 1]], axis=1)


def turned_round(shapes: Array) -> Array:
    """Draw lines the other way.

    Parameters
    ----------
    shapes : numpy.ndarray
        LineString or MultiLineString, shape (n,).

    Returns
    -------
    numpy.ndarray
        Those lines from their last vertex to their first, shape (n,); of several parts the last comes first.
    """
    made = np.array([None, *(_turned(shape) for shape in shapes)], dtype=object)
    return made[1:]


def _turned(shape: Any) -> Any:
    back = shapely.reverse(shape)
    return back if back.geom_type == "LineString" else shapely.multilinestrings(shapely.get_parts(back)[::-1])


def _named(rows: gpd.GeoDataFrame) -> gpd.GeoDataFrame:
    names = rows["border_id"] + "-" + rows["part"]
    again = names.groupby(names).cumcount()
    return rows.assign(part_id=names.where(again == 0, names + "~" + (again + 1).astype("str")))


def _canonical(shapes: Array) -> Ints:
    """An order that depends on the lines alone."""
    return np.asarray(np.argsort(shapely.to_wkb(shapely.force_2d(shapes), hex=True).astype(str), kind="stable"))


def _joints(ends: Floats) -> Ints:
    """Partner of each end, -1 for the two that stay free; line i has ends 2i and 2i + 1."""
    partner = np.full(len(ends), -1)
    root = np.arange(len(ends) // 2)
    space = _in_space(ends)
    while (free := np.flatnonzero(partner < 0)).size > 2:
        for one, other in _nearest_pairs(space, free):
            if partner[one] < 0 and partner[other] < 0:
                here, there = _root(root, one // 2), _root(root, other // 2)
                if here != there:
                    partner[one], partner[other], root[there] = other, one, here
    return partner


def _nearest_pairs(space: Floats, free: Ints) -> Ints:
    """Pairs of free ends of different lines, the nearest first, equally near ones in the order of the ends.

    Of the 16 ends that are nearest to an end, at most one more is of its own chain, so that each round joins at
    least two chains.
    """
    distance, found = KDTree(space[free]).query(space[free], k=min(NEIGHBOURS, len(free)))
    one, other = np.repeat(free, found.shape[1]), free[found.ravel()]
    pairs = np.stack([np.minimum(one, other), np.maximum(one, other)], axis=1)
    order = np.lexsort((pairs[:, 1], pairs[:, 0], np.round(distance.ravel(), 12)))
    return np.asarray(pairs[order][(pairs[:, 0] // 2 != pairs[:, 1] // 2)[order]])


def _root(root: Ints, line: int) -> int:
    """Name of the chain that a line hangs in."""
    while root[line] != line:
        root[line] = root[root[line]]
        line = root[line]
    return line


def _walk(partner: Ints) -> tuple[Ints, Flags]:
    """Lines from one free end to the other, and whether each is entered at its last vertex."""
    entered = []
    end = int(np.flatnonzero(partner < 0)[0])
    while end >= 0:
        entered.append(end)
        end = int(partner[end ^ 1])
    entries = np.array(entered, dtype=np.int64)
    return entries // 2, entries % 2 == 1


def _in_space(lonlat: Floats) -> Floats:
    """Points on a unit sphere, so that near ends are near across the antimeridian too."""
    lon, lat = np.radians(lonlat).T
    return np.stack([np.cos(lat) * np.cos(lon), np.cos(lat) * np.sin(lon), np.sin(lat)], axis=1)
