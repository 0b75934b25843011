"""Whom is the question about? Those inside the study area; streets count beyond it too.

Somebody at the edge may walk to a station on the other side. Where people live within one time budget of the edge
and no street is given beyond it, their walk may be shorter than it looks; they are counted, and said to be there.
"""

from __future__ import annotations

from typing import Any

import numpy as np
import shapely
from numpy.typing import NDArray

from geo.errors import BadParameter
from geo.layer import Tables
from geo.parameters import Parameters
from geo.place.index import polygonal
from geo.place.tree import lineage
from geo.stations.paces import main_speed
from geo.stations.serving import Service
from geo.units import metres_per_second

INSIDE, RIM, OUTSIDE = "inside", "rim", "outside"
KEYS = {"divisions": "division_id", "grids": "grid_id"}


def study_area(tables: Tables, parameters: Parameters) -> Any:
    """Find the ground that the question is about.

    Parameters
    ----------
    tables : mapping
        ``divisions`` or ``grids``, whichever ``study_area`` names.
    parameters : Parameters
        ``study_area``: ``divisions:<id>`` or ``grids:<id>``; empty = everywhere.

    Returns
    -------
    Polygon or MultiPolygon or None
        EPSG:4326. A division without a polygon is the ground of all below it. None = everywhere.

    Raises
    ------
    BadParameter
        There is no such row, or neither it nor anything below it has ground.
    """
    if not parameters.study_area:
        return None
    name, _, id = parameters.study_area.partition(":")
    table, key = tables.get(name), KEYS.get(name, "")
    if not key or table is None or not (table[key] == id).any():
        raise BadParameter(f"study_area: there is no {parameters.study_area!r} in the tables")
    ground = polygonal(table.geometry[table[key] == id])
    if shapely.is_missing(ground).all() and name == "divisions":
        parents = dict(zip(table[key], table["parent_id"], strict=True))
        below = [id in lineage(one, parents) for one in table[key]]
        ground = polygonal(table.geometry[below])
    if shapely.is_missing(ground).all():
        raise BadParameter(f"study_area: {parameters.study_area!r} has no polygon, nor has anything below it")
    return shapely.union_all(ground)


def parts_of(points: NDArray[Any], service: Service, tables: Tables, parameters: Parameters) -> NDArray[Any]:
    """Tell who belongs to the study area, and who lives at an edge beyond which no street is known.

    Parameters
    ----------
    points : numpy.ndarray of Point
        EPSG:4326, shape (n,); missing ones count as inside.
    service : Service
        Streets and budget.
    tables, parameters
        As for :func:`study_area`.

    Returns
    -------
    numpy.ndarray of str
        ``inside``, ``outside``, or ``rim``: inside, within budget × speed of the edge as the crow flies, and no
        street that is outside, even in part, is as near.
    """
    part = np.full(len(points), INSIDE, dtype="<U7")
    ground = study_area(tables, parameters)
    if ground is None or not len(points):
        return part
    area, place = service.network.frame.metres(ground), service.network.frame.metres(points)
    edge = shapely.boundary(area)
    shapely.prepare([area, edge])
    known = ~shapely.is_missing(points)
    part[known & ~shapely.intersects(area, place)] = OUTSIDE
    reach_m = service.budget_s * metres_per_second(main_speed(parameters))
    near = np.flatnonzero(known & (part == INSIDE) & shapely.dwithin(edge, place, reach_m))
    seen = shapely.STRtree(_beyond(service, area)).query(place[near], predicate="dwithin", distance=reach_m)[0]
    part[np.setdiff1d(near, near[seen])] = RIM
    return part


def _beyond(service: Service, area: Any) -> NDArray[Any]:
    """Streets outside an area, those that leave it cut at its edge."""
    network = service.network
    outside = ~shapely.intersects_xy(area, network.x, network.y)
    from_out, to_out = outside[network.u], outside[network.v]
    leaving = shapely.difference(network.line[from_out != to_out], area)
    return np.concatenate([network.line[from_out & to_out], leaving])
