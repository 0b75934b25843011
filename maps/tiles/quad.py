"""Where tiles are: the tile matrix set WebMercatorQuad (OGC 17-083r4, annex D.1), and how degrees come into it."""

from __future__ import annotations

from typing import Any, NamedTuple

import numpy as np
import shapely
from numpy.typing import NDArray

from maps.clipped import clipped

EXTENT = 4096  # units along the side of a tile
BUFFER = 64  # units round a tile that are in it too: what is drawn wide has no seams
PIXELS = 256  # along the side of a tile, where scales are compared
DEEPEST = 24  # matrix of the registered definition
WORLD_M = 20_037_508.342789244  # half the side of the world: π × 6,378,137 m
LATITUDE = 85.0511287798066  # at which the square world ends
RADIUS_M = 6_378_137.0

Box = tuple[float, float, float, float]


class Grid(NamedTuple):
    """An integer grid on the ground.

    Parameters
    ----------
    west, north : float
        Where (0, 0) is; x goes east, y goes south.
    unit : float
        How far it is to (1, 0).
    """

    west: float
    north: float
    unit: float


class Tile(NamedTuple):
    """One place of the set.

    Parameters
    ----------
    zoom, row, column : int
        Tile matrix; rows are counted from the north, columns from the west.
    """

    zoom: int
    row: int
    column: int

    @property
    def grid(self) -> Grid:
        """Its units, Web Mercator metres."""
        side = 2 * WORLD_M / 2**self.zoom
        return Grid(side * self.column - WORLD_M, WORLD_M - side * self.row, side / EXTENT)

    def box(self, buffer: int = 0) -> Box:
        """Tell where it is.

        Parameters
        ----------
        buffer : int
            Units round it.

        Returns
        -------
        tuple of float
            West, south, east, north, Web Mercator metres.
        """
        west, north, unit = self.grid
        more, most = buffer * unit, (EXTENT + buffer) * unit
        return west - more, north - most, west + most, north + more


class Limits(NamedTuple):
    """The tiles of one matrix that may hold something, both ends included.

    Parameters
    ----------
    first_row, last_row, first_column, last_column : int
        Rows from the north, columns from the west.
    """

    first_row: int
    last_row: int
    first_column: int
    last_column: int


def limits(box: Box, zoom: int) -> Limits:
    """List the tiles under a box.

    Parameters
    ----------
    box : tuple of float
        West, south, east, north, Web Mercator metres; what is beyond the square world counts as its rim.
    zoom : int
        Tile matrix.

    Returns
    -------
    Limits
        The tiles whose own ground, without buffer, meets the box.

    Examples
    --------
    >>> limits((1.0, 1.0, 2.0, 2.0), 1)
    Limits(first_row=0, last_row=0, first_column=1, last_column=1)
    """
    side = 2 * WORLD_M / 2**zoom
    west, south, east, north = box
    columns = np.floor((np.array([west, east]) + WORLD_M) / side)
    rows = np.floor((WORLD_M - np.array([north, south])) / side)
    first_row, last_row, first_column, last_column = (int(at) for at in np.clip([*rows, *columns], 0, 2**zoom - 1))
    return Limits(first_row, last_row, first_column, last_column)


def mercator(lonlat: NDArray[np.float64]) -> NDArray[np.float64]:
    """Project degrees.

    Parameters
    ----------
    lonlat : numpy.ndarray
        Longitude and latitude, degrees, shape (n, 2); latitudes within ±85.0511.

    Returns
    -------
    numpy.ndarray
        Web Mercator metres (EPSG:3857), shape (n, 2).
    """
    lon, lat = np.radians(lonlat[:, 0]), np.radians(lonlat[:, 1])
    return np.column_stack([lon * RADIUS_M, np.arctanh(np.sin(lat)) * RADIUS_M])


def degrees(x: float, y: float) -> tuple[float, float]:
    """Project back.

    Parameters
    ----------
    x, y : float
        Web Mercator metres.

    Returns
    -------
    tuple of float
        Longitude and latitude, degrees, to 1e-9.
    """
    lon, lat = np.degrees([x / RADIUS_M, np.arctan(np.sinh(y / RADIUS_M))])
    return round(float(lon), 9), round(float(lat), 9)


def in_the_square(shapes: Any) -> Any:
    """Bring shapes into the world that tiles show.

    Parameters
    ----------
    shapes : array of geometry
        Degrees, shape (n,).

    Returns
    -------
    numpy.ndarray
        The same objects but for those that reach beyond: latitudes beyond ±85.0511 are cut off, and what lies
        beyond the 180th meridian (longitude 181) is on its other side.
    """
    made = np.array(shapes, dtype=object)
    west, south, east, north = shapely.bounds(made).T
    with np.errstate(invalid="ignore"):
        beyond = np.flatnonzero((west < -180) | (east > 180) | (south < -LATITUDE) | (north > LATITUDE))
    if not len(beyond):
        return made
    turns = [
        clipped(
            shapely.transform(made[beyond], lambda xy, by=turn: xy + np.array([by, 0])),
            (-180, -LATITUDE, 180, LATITUDE),
        )
        for turn in (-360.0, 0.0, 360.0)
    ]
    made[beyond] = [_together(parts) for parts in zip(*turns, strict=True)]
    return made


def _together(shapes: Any) -> Any:
    parts = shapely.get_parts(np.array(shapes, dtype=object))
    parts = parts[~shapely.is_empty(parts)]
    if not len(parts):
        return None
    return parts[0] if len(parts) == 1 else shapely.geometrycollections(parts)
