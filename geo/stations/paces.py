"""How fast does everybody walk?

The old and children walk at their own speed, everybody else at one that the planner chooses; beside it stand the
slowest and the fastest that one may believe in.
"""

from __future__ import annotations

import numpy as np
import pandas as pd

from geo.crs import Floats
from geo.parameters import Parameters

EVERYBODY = "all"
GROUPS = ("old", "child")  # they walk at a speed of their own


def main_speed(parameters: Parameters) -> float:
    """Choose the speed of everybody who has no speed of their own.

    Parameters
    ----------
    parameters : Parameters
        ``profile``: ``adult`` walks at ``speed_kmh``, any other as ``profiles`` says.

    Returns
    -------
    float
        km/h.

    Examples
    --------
    >>> main_speed(Parameters()), main_speed(Parameters(profile="winter"))
    (4.8, 4.0)
    """
    if parameters.profile == "adult":
        return parameters.speed_kmh
    return parameters.profiles[parameters.profile]


def own_speeds(group: pd.Series, parameters: Parameters) -> Floats:
    """Find the speed at which each row's people walk.

    Parameters
    ----------
    group : pandas.Series of str
        ``all``, ``old`` or ``child``.
    parameters : Parameters
        ``speed_kmh``, ``profile``, ``profiles``.

    Returns
    -------
    numpy.ndarray
        km/h, shape (n,); who is of no known group walks as everybody.

    Examples
    --------
    >>> own_speeds(pd.Series(["all", "old"]), Parameters()).tolist()
    [4.8, 3.6]
    """
    own = {name: speed for name, speed in parameters.profiles.items() if name in GROUPS}
    return np.asarray(group.map(own).fillna(main_speed(parameters)), dtype=float)


def speed_band(parameters: Parameters) -> tuple[float, float]:
    """Tell between which speeds the truth may lie.

    Parameters
    ----------
    parameters : Parameters
        ``speed_band`` and all that :func:`own_speeds` reads.

    Returns
    -------
    tuple of float
        Slow and fast, km/h: the ends of the band, moved apart where somebody walks outside it, so that who is
        reached slowly is always reached, and who is reached is always reached fast.

    Examples
    --------
    >>> speed_band(Parameters())
    (3.6, 5.1)
    """
    walked = [main_speed(parameters), *own_speeds(pd.Series(GROUPS), parameters).tolist()]
    return min(*parameters.speed_band, *walked), max(*parameters.speed_band, *walked)


def asked_speeds(parameters: Parameters) -> tuple[float, ...]:
    """List the speeds at which coverage is told for everybody.

    Parameters
    ----------
    parameters : Parameters
        ``speed_kmh``, ``profile``, ``profiles``, ``speed_band``.

    Returns
    -------
    tuple of float
        km/h, ascending, each once: the band and every profile.

    Examples
    --------
    >>> asked_speeds(Parameters())
    (3.6, 4.0, 4.8, 5.1)
    """
    return tuple(sorted({*speed_band(parameters), parameters.speed_kmh, *parameters.profiles.values()}))
