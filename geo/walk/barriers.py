"""What a straight leg may not cross: rivers, railways, walls. Streets may (a bridge)."""

from __future__ import annotations

from dataclasses import dataclass
from functools import cached_property
from typing import Any

import geopandas as gpd
import numpy as np
import shapely
from numpy.typing import NDArray

from geo.crs import Frame

ENCLOSING = ("wall", "fence")  # a polygon of these is a yard: its rim is the barrier, its inside is walked


@dataclass(frozen=True, eq=False)
class Barriers:
    """Barriers in metres.

    Parameters
    ----------
    line : numpy.ndarray of LineString
        Straight pieces of all barrier lines and of the rims of barrier polygons.
    area : numpy.ndarray of Polygon
        Ground that is itself barrier (water), without walled yards.
    """

    line: NDArray[Any]
    area: NDArray[Any]

    @classmethod
    def of(cls, table: gpd.GeoDataFrame | None, frame: Frame) -> Barriers:
        """Take the impassable barriers of a table.

        Parameters
        ----------
        table : geopandas.GeoDataFrame or None
            Table ``barriers``; None = there are none.
        frame : Frame
            The metric frame wanted.

        Returns
        -------
        Barriers
            Empty where nothing is impassable.
        """
        nothing = np.zeros(0, dtype=object)
        if table is None or not len(table):
            return cls(nothing, nothing)
        solid = table[~table["passable"].astype(bool) & table.geometry.notna()]
        shape = np.asarray(frame.metres(np.asarray(solid.geometry, dtype=object)), dtype=object)
        part, row = shapely.get_parts(shape, return_index=True)
        surface = shapely.get_dimensions(part) == 2
        yard = solid["kind"].isin(ENCLOSING).to_numpy()[row]
        rims = shapely.get_rings(part[surface])
        return cls(_straight(np.concatenate([part[~surface], rims])), part[surface & ~yard])

    @cached_property
    def tree(self) -> shapely.STRtree:
        """Index of ``line``."""
        return shapely.STRtree(self.line)

    def crossed(self, legs: NDArray[Any]) -> NDArray[np.bool_]:
        """Tell which straight legs meet a barrier.

        Parameters
        ----------
        legs : numpy.ndarray of LineString
            Metres, shape (n,).

        Returns
        -------
        numpy.ndarray
            bool, shape (n,); touching counts.
        """
        hit = np.zeros(len(legs), dtype=bool)
        if len(self.line) and len(legs):
            hit[self.tree.query(legs, predicate="intersects")[0]] = True
        return hit


def _straight(lines: NDArray[Any]) -> NDArray[Any]:
    """Lines and rings as straight pieces, so that an index finds them by their own small boxes."""
    xy, line = shapely.get_coordinates(lines, return_index=True)
    same = line[1:] == line[:-1]
    return np.asarray(shapely.linestrings(np.stack([xy[:-1][same], xy[1:][same]], axis=1)), dtype=object)
