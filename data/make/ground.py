"""The invented ground under the real outline: a plane to draw on, a gentle bend, a river, a railway, a lake.

Two planes are used. *Map* metres are EPSG:4546. *Drawing* metres are straight: streets and borders are drawn
there with a ruler and then bent by a smooth, invertible displacement, so that they look surveyed, not ruled.
"""

from __future__ import annotations

from dataclasses import dataclass

import numpy as np
import shapely
from shapely.geometry import LineString, Polygon
from shapely.geometry.base import BaseGeometry

from bending import Array, displacement, smooth, smooth_ring, undone

CRS = "EPSG:4546"  # CGCS2000 / 3-degree Gauss-Kruger CM 111E, what the district's survey office would use
CENTRE = np.array([563_000.0, 4_519_000.0])  # the town, map metres
TURN = np.deg2rad(16.0)  # the town's avenues rise to the east-north-east, as in Hohhot
TOWN_RADIUS_M = 9_000.0
_ROTATION = np.array([[np.cos(TURN), -np.sin(TURN)], [np.sin(TURN), np.cos(TURN)]])

# waves of the bend, see bending.py
_BROAD = ((150.0, 9_000.0, 0.4, 0.3), (130.0, 7_300.0, 1.9, 1.7), (60.0, 3_900.0, 1.1, 4.0))
_FINE = ((38.0, 2_300.0, 2.6, 0.9), (20.0, 1_250.0, 0.9, 2.2), (11.0, 620.0, 1.7, 5.1), (7.0, 410.0, 0.2, 3.3))


def _displacement(drawn: Array) -> Array:
    distance = np.hypot(drawn[:, 0], drawn[:, 1])
    # streets of the town bend little; field tracks in the hills wriggle
    wild = np.clip((distance - 0.6 * TOWN_RADIUS_M) / TOWN_RADIUS_M, 0.0, 1.0) * 0.9 + 0.1
    return displacement(drawn, ((_BROAD, np.ones_like(wild)), (_FINE, wild)))


def bend(drawn: Array) -> Array:
    """Take points from the drawing to the map.

    Parameters
    ----------
    drawn : ndarray, shape (n, 2)
        Drawing metres.

    Returns
    -------
    ndarray, shape (n, 2)
        Map metres.
    """
    return CENTRE + (drawn + _displacement(drawn)) @ _ROTATION.T


def straighten(mapped: Array) -> Array:
    """Undo :func:`bend` (fixed-point iteration, to well below a millimetre).

    Parameters
    ----------
    mapped : ndarray, shape (n, 2)
        Map metres.

    Returns
    -------
    ndarray, shape (n, 2)
        Drawing metres.
    """
    return undone((mapped - CENTRE) @ _ROTATION, _displacement)


def to_map(shape: BaseGeometry, step_m: float = 140.0) -> BaseGeometry:
    """Bend a drawn shape onto the map.

    Parameters
    ----------
    shape : geometry
        In drawing metres.
    step_m : float
        Longest straight piece left.

    Returns
    -------
    geometry
        In map metres.
    """
    return shapely.transform(shapely.segmentize(shape, step_m), bend)


def to_drawing(shape: BaseGeometry, step_m: float = 60.0) -> BaseGeometry:
    """Straighten a shape of the map into the drawing.

    Parameters
    ----------
    shape : geometry
        In map metres.
    step_m : float
        Longest straight piece left.

    Returns
    -------
    geometry
        In drawing metres.
    """
    return shapely.transform(shapely.segmentize(shape, step_m), straighten)


def _meander(line: LineString, amplitude_m: float, length_m: float) -> LineString:
    """Let a line swing from side to side as a river of the plain does."""
    step = 90.0
    at = np.linspace(0.0, line.length, int(line.length // step))
    xy = shapely.get_coordinates(shapely.line_interpolate_point(line, at))
    tangent = np.gradient(xy, axis=0)
    tangent /= np.linalg.norm(tangent, axis=1)[:, None]
    wave = 2 * np.pi * at / length_m
    restless = 0.55 + 0.45 * np.sin(0.29 * wave + 2.0)  # straight reaches between winding ones
    swing = amplitude_m * restless * (np.sin(wave + 0.9 * np.sin(0.37 * wave)) + 0.5 * np.sin(wave / 0.61 + 1.0))
    return LineString(xy + swing[:, None] * np.column_stack([-tangent[:, 1], tangent[:, 0]]))


@dataclass(frozen=True)
class Ground:
    """What nature and the railway put on the map (map metres).

    Parameters
    ----------
    outline : Polygon
        The district's real outline, corners rounded to 1 mm.
    river, brook, railway : LineString
        Middle lines, running past the outline on both sides.
    water : Polygon or MultiPolygon
        The two rivers as areas.
    lake : Polygon
        A lake in a park; no grid covers it.
    town : Polygon
        Ground that is built up; runs past the outline into the neighbouring districts.
    seats : dict of str to Polygon
        Built-up ground of the rural towns by township code.
    """

    outline: Polygon
    river: LineString
    brook: LineString
    railway: LineString
    water: BaseGeometry
    lake: Polygon
    town: Polygon
    seats: dict[str, Polygon]


RIVER_WIDTH_M = 110.0
BROOK_WIDTH_M = 45.0
_RIVER = [
    (604_500, 4_527_500),
    (599_500, 4_525_500),
    (593_500, 4_524_000),
    (588_000, 4_520_500),
    (582_500, 4_518_600),
    (577_500, 4_516_000),
    (572_500, 4_514_900),
    (568_500, 4_512_600),
    (565_300, 4_509_200),
    (562_300, 4_508_300),
    (558_200, 4_506_300),
    (552_500, 4_504_500),
]
_BROOK = [
    (575_800, 4_535_800),
    (574_000, 4_530_500),
    (571_800, 4_526_200),
    (569_300, 4_521_600),
    (566_400, 4_518_200),
    (563_000, 4_515_900),
    (559_500, 4_515_100),
    (555_900, 4_513_300),
    (552_000, 4_512_000),
]
_RAILWAY = [
    (606_500, 4_537_500),
    (598_000, 4_533_000),
    (590_500, 4_529_800),
    (583_000, 4_526_900),
    (577_000, 4_525_200),
    (571_500, 4_523_900),
    (566_500, 4_522_400),
    (563_900, 4_520_000),
    (562_400, 4_515_500),
    (563_200, 4_510_000),
    (564_700, 4_503_500),
    (566_000, 4_495_000),
]
_TOWN = [
    (550_000, 4_523_500),
    (561_500, 4_532_000),
    (568_600, 4_530_600),
    (570_700, 4_527_600),
    (571_400, 4_525_200),
    (570_300, 4_523_300),
    (570_900, 4_520_900),
    (569_300, 4_518_700),
    (569_000, 4_516_900),
    (567_200, 4_515_900),
    (566_900, 4_513_900),
    (564_900, 4_513_000),
    (563_300, 4_511_100),
    (560_700, 4_511_900),
    (558_500, 4_511_300),
    (550_000, 4_513_000),
]
_SEATS = {
    "150105101": [
        (589_600, 4_527_250),
        (590_450, 4_526_980),
        (590_960, 4_527_420),
        (590_800, 4_528_150),
        (589_700, 4_528_020),
    ],
    "150105103": [
        (576_950, 4_508_450),
        (577_700, 4_508_150),
        (578_750, 4_508_420),
        (578_950, 4_509_250),
        (578_300, 4_509_700),
        (577_050, 4_509_420),
    ],
}


def ground(outline: Polygon) -> Ground:
    """Lay the invented ground under an outline.

    Parameters
    ----------
    outline : Polygon
        The district in map metres.

    Returns
    -------
    Ground
        Rivers, railway, lake and built-up ground.
    """
    river = _meander(smooth(_RIVER), 210.0, 2_700.0)
    brook = _meander(smooth(_BROOK), 60.0, 1_900.0)
    turn = np.linspace(0.0, 2 * np.pi, 40, endpoint=False)
    shore = 1.0 + 0.16 * np.sin(2 * turn + 0.6) + 0.09 * np.sin(3 * turn + 2.0) + 0.04 * np.sin(7 * turn)
    lake = np.column_stack([570_050 + 430 * shore * np.cos(turn), 4_516_150 + 250 * shore * np.sin(turn)])
    return Ground(
        outline=outline,
        river=river,
        brook=brook,
        railway=smooth(_RAILWAY),
        water=shapely.union(river.buffer(RIVER_WIDTH_M / 2), brook.buffer(BROOK_WIDTH_M / 2)),
        lake=Polygon(np.round(lake, 3)),
        town=smooth_ring(_TOWN),
        seats={code: Polygon(corners) for code, corners in _SEATS.items()},
    )
