"""From degrees to millimetres of paper: the map's frame, its scale, its north, its scale bar and its graticule."""

from __future__ import annotations

import math
from dataclasses import dataclass

import numpy as np
import shapely
from numpy.typing import NDArray
from shapely.geometry import LineString

from geo.crs import Bounds, Frame, frame_of

Rect = tuple[float, float, float, float]
EDGE = 1.05  # of the ground, left free all round
STEPS = (1, 2, 5)
DEGREES = (10.0, 5.0, 2.0, 1.0, 0.5, 0.2, 0.1, 0.05, 0.02, 0.01, 0.005, 0.002, 0.001)
APART = 62.0  # millimetres between lines of the graticule, at least
DENSE = 33  # places along a line of the graticule
SMALLEST = 200.0  # metres: no map of less
LITTLE = 0.001  # degrees, for the direction of a meridian


@dataclass(frozen=True, slots=True)
class View:
    """How the ground lies on the paper.

    Parameters
    ----------
    frame : Frame
        Metric frame of the place.
    rect : tuple of float
        Left, bottom, width, height of the map, millimetres of the sheet.
    middle : tuple of float
        x and y of the middle of the map, metres of the frame.
    scale : int
        Metres of ground in a metre of paper.
    """

    frame: Frame
    rect: Rect
    middle: tuple[float, float]
    scale: int

    @property
    def box(self) -> Rect:
        """Left, bottom, right and top of the map, metres of the frame."""
        half_x, half_y = (side * self.scale / 2000 for side in self.rect[2:])
        x, y = self.middle
        return x - half_x, y - half_y, x + half_x, y + half_y

    def mm(self, xy: NDArray[np.float64]) -> NDArray[np.float64]:
        """Place points on the sheet.

        Parameters
        ----------
        xy : numpy.ndarray
            Metres of the frame, shape (n, 2).

        Returns
        -------
        numpy.ndarray
            Millimetres of the sheet, shape (n, 2).
        """
        left, bottom = self.box[:2]
        return (np.asarray(xy, dtype=float) - (left, bottom)) * (1000 / self.scale) + self.rect[:2]

    def lonlat(self, x: float, y: float) -> tuple[float, float]:
        """Say which place a point of the sheet shows.

        Parameters
        ----------
        x, y : float
            Millimetres of the sheet.

        Returns
        -------
        tuple of float
            Longitude and latitude.
        """
        left, bottom = self.box[:2]
        metres = ((x - self.rect[0]) * self.scale / 1000 + left, (y - self.rect[1]) * self.scale / 1000 + bottom)
        place = self.frame.lonlat(shapely.Point(metres))
        return place.x, place.y


def fitted(shapes: NDArray[np.object_], rect: Rect, least: float = SMALLEST) -> View:
    """Show some ground as large as it fits.

    Parameters
    ----------
    shapes : numpy.ndarray
        What must be on the map, EPSG:4326; nothing at all is shown as a place at 0, 0.
    rect : tuple of float
        Left, bottom, width, height of the map, millimetres.
    least : float
        Metres of ground from edge to edge at least.

    Returns
    -------
    View
        Of a scale with two figures.
    """
    frame = frame_of(shapes)
    west, south, east, north = shapely.total_bounds(frame.metres(shapes))
    if math.isnan(west):
        west = south = east = north = 0.0
    width, height = max(east - west, least), max(north - south, least)
    needed = max(width / rect[2], height / rect[3]) * 1000 * EDGE
    return View(frame, rect, ((west + east) / 2, (south + north) / 2), round_scale(needed))


def round_scale(least: float) -> int:
    """Choose a scale that can be said.

    Parameters
    ----------
    least : float
        Metres of ground in a metre of paper, at least.

    Returns
    -------
    int
        The next number with two figures.

    Examples
    --------
    >>> round_scale(83_200), round_scale(100_000.0)
    (84000, 100000)
    """
    unit = 10 ** max(math.floor(math.log10(least)) - 1, 0)
    return int(math.ceil(round(least / unit, 9)) * unit)


def bar_length(scale: int, most: float) -> float:
    """Choose how much ground the scale bar measures.

    Parameters
    ----------
    scale : int
        Metres of ground in a metre of paper.
    most : float
        Millimetres that it may be long.

    Returns
    -------
    float
        Metres: 1, 2 or 5 with zeros.

    Examples
    --------
    >>> bar_length(84_000, 50)  # 4,200 m would fit
    2000.0
    """
    longest = most * scale / 1000
    unit = 10.0 ** math.floor(math.log10(longest))
    return max(step * unit for step in STEPS if step * unit <= longest)


def north(view: View, x: float, y: float) -> float:
    """Say where true north lies at one point of the sheet.

    Parameters
    ----------
    view : View
        The map.
    x, y : float
        Millimetres of the sheet.

    Returns
    -------
    float
        Degrees from the sheet's up, clockwise: the direction of the meridian that passes there.
    """
    lon, lat = view.lonlat(x, y)
    (x0, x1), (y0, y1) = view.frame.xy(np.array([lon, lon]), np.array([lat - LITTLE, lat + LITTLE]))
    return math.degrees(math.atan2(x1 - x0, y1 - y0))


@dataclass(frozen=True, slots=True)
class Meridian:
    """One line of the graticule.

    Parameters
    ----------
    line : shapely geometry
        In the map, metres of the frame.
    degrees : float
        Its longitude or latitude.
    upright : bool
        True = a meridian.
    """

    line: LineString
    degrees: float
    upright: bool


def graticule(view: View) -> list[Meridian]:
    """Draw meridians and parallels in round degrees.

    Parameters
    ----------
    view : View
        The map.

    Returns
    -------
    list of Meridian
        At least two of each where there is room for them.
    """
    box = shapely.box(*view.box)
    west, south, east, north = seen(view)
    wide, high = view.rect[2:]
    made = []
    for upright, low, up, room in ((True, west, east, wide), (False, south, north, high)):
        step = _step(up - low, room)
        for degrees in np.arange(math.ceil(low / step), math.floor(up / step) + 1) * step:
            along = np.linspace(south, north, DENSE) if upright else np.linspace(west, east, DENSE)
            held = np.full(DENSE, degrees)
            places = (held, along) if upright else (along, held)
            line = shapely.linestrings(np.column_stack(view.frame.xy(*places)))
            inside = shapely.intersection(line, box)
            if inside.geom_type == "LineString" and not inside.is_empty:
                made.append(Meridian(inside, round(float(degrees), 6), upright))
    return made


def seen(view: View) -> Bounds:
    """Say which degrees a map shows.

    Parameters
    ----------
    view : View
        The map.

    Returns
    -------
    tuple of float
        West, south, east, north.
    """
    edge = shapely.segmentize(shapely.box(*view.box).exterior, (view.box[2] - view.box[0]) / DENSE)
    west, south, east, north = shapely.bounds(view.frame.lonlat(edge))
    return float(west), float(south), float(east), float(north)


def degrees_text(degrees: float, *, upright: bool) -> str:
    """Write a longitude or latitude.

    Parameters
    ----------
    degrees : float
        East and north are positive.
    upright : bool
        True = a longitude.

    Returns
    -------
    str
        With its side of the globe.

    Examples
    --------
    >>> degrees_text(111.75, upright=True), degrees_text(-30.0, upright=False)
    ('111.75°E', '30°S')
    """
    side = ("W" if degrees < 0 else "E") if upright else ("S" if degrees < 0 else "N")
    return f"{abs(degrees):.6f}".rstrip("0").rstrip(".") + f"°{side}"


def _step(span: float, room: float) -> float:
    return next((step for step in reversed(DEGREES) if room * step / span >= APART), DEGREES[0])
