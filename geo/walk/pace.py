"""How fast one walks: metres become whole costs, once, before any search."""

from __future__ import annotations

from typing import TYPE_CHECKING, NamedTuple

import numpy as np

from geo import units
from geo.crs import Floats
from geo.errors import BadParameter
from geo.walk.graph import Ints

if TYPE_CHECKING:
    from geo.walk.network import WalkNetwork

MOST = 2**31 - 2  # whole costs stop here: 248 days, or 21,474 km


class Costs(NamedTuple):
    """Whole cost of each edge from u to v, and from v to u, int32; one array where there is no slope."""

    forward: Ints
    backward: Ints


class Pace(NamedTuple):
    """How metres become integer costs, and how many of them are allowed.

    In time: centiseconds, an edge's factor and slope count. In distance: centimetres, they do not.
    """

    per_m: float
    limit: int
    in_time: bool
    seconds_per_unit: float


def pace_of(
    *,
    limit_s: float | None = None,
    limit_m: float | None = None,
    profile: str = "adult",
    speed_kmh: float | None = None,
) -> Pace:
    """Choose the costs of a search: by time or by distance.

    Parameters
    ----------
    limit_s, limit_m : float or None
        Exactly one: how long, or how far, one may walk; more than 248 days, or 21,474 km, count as that.
    profile : {"adult", "old", "child", "winter"}
        Whose speed; a name in ``units.SPEEDS_KMH``.
    speed_kmh : float or None
        Speed, km/h, instead of the profile's.

    Returns
    -------
    Pace
        Costs are whole centiseconds, or whole centimetres.

    Raises
    ------
    BadParameter
        Not exactly one limit, a negative one, an unknown profile, or a speed that is not positive.

    Examples
    --------
    >>> pace_of(limit_s=900, speed_kmh=4.8).per_m
    75.0
    >>> pace_of(limit_m=1200).limit
    120000
    """
    if (limit_s is None) == (limit_m is None):
        raise BadParameter("give exactly one of limit_s and limit_m")
    if speed_kmh is None and profile not in units.SPEEDS_KMH:
        raise BadParameter(f"no profile {profile!r}; known: {', '.join(units.SPEEDS_KMH)}")
    speed = units.SPEEDS_KMH[profile] if speed_kmh is None else speed_kmh
    if not speed > 0:
        raise BadParameter(f"speed_kmh: {speed} is not a speed")
    limit = limit_s if limit_m is None else limit_m
    if limit is None or not limit >= 0:
        raise BadParameter(f"{'limit_s' if limit_m is None else 'limit_m'}: {limit} is no limit")
    whole = round(min(limit * 100, MOST - 1))
    if limit_m is not None:
        return Pace(100.0, whole, False, 0.036 / speed)
    return Pace(360.0 / speed, whole, True, 0.01)


def edge_costs(network: WalkNetwork, pace: Pace) -> Costs:
    """Round what each edge costs, once, before any search.

    On a slope s people walk by Tobler's hiking function, 6·exp(-3.5·abs(s + 0.05)) km/h, here relative to level
    ground: slower uphill and steep downhill, a little faster on a gentle descent.

    Parameters
    ----------
    network : WalkNetwork
        Its ``length_m``, ``factor`` and ``rise_m`` matter.
    pace : Pace
        Time or distance.

    Returns
    -------
    Costs
        int32, shape (m,) each.

    References
    ----------
    Tobler, W. (1993). Three presentations on geographical analysis and modeling. NCGIA Technical Report 93-1.
    """
    metres = network.length_m * network.factor if pace.in_time else network.length_m
    if not pace.in_time or not network.rise_m.any():
        level = _whole(metres * pace.per_m)
        return Costs(level, level)
    slope = network.rise_m / np.maximum(network.length_m, 1e-9)
    return Costs(*(_whole(metres * _tobler(way * slope) * pace.per_m) for way in (1.0, -1.0)))


def _tobler(slope: Floats) -> Floats:
    """How many times slower than level ground."""
    return np.exp(np.minimum(3.5 * (np.abs(slope + 0.05) - 0.05), 10.0))


def _whole(cost: Floats) -> Ints:
    whole: Ints = np.rint(np.minimum(cost, MOST)).astype(np.int32)
    return whole
