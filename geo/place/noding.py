"""Give neighbours the same vertices along the edges they share.

A T-junction is a corner of one polygon that lies on a straight edge of another. It does no harm until the ground
is projected: then the straight edge bends away from the corner (1.7 m for 10 km at 41° N) and a gap opens that
nobody drew. So corners are put into the neighbour's edge in the system they were drawn in.
"""

from __future__ import annotations

from typing import Any

import numpy as np
import shapely
from numpy.typing import NDArray

from geo.place.edges import Edges, edges_of, node_edges
from geo.place.rings import Floats, Ids

MULTIPOLYGON = 6

LONLAT_TOLERANCE = 1e-8  # degrees: about 1 mm on the ground


def insert_shared_vertices(geometries: Any, *, tolerance: float) -> Any:
    """Put the vertices of polygons into the edges of others on which they lie.

    Parameters
    ----------
    geometries : array of Polygon or MultiPolygon
        All tables together, in one system, shape (n,).
    tolerance : float
        In the units of the system: a vertex this near to an edge lies on it, two vertices this near are one (the
        one with the lower x, then y, stays).

    Returns
    -------
    numpy.ndarray
        Shape (n,), in the order given. Nothing moves further than the tolerance. Rows that need no change are the
        very objects given; so are missing and empty ones, other geometry, polygons with coordinates that are
        not finite, and those that would collapse or become invalid. Changed rows are two-dimensional.

    Examples
    --------
    >>> tall, low, high = shapely.box(0, 0, 1, 2), shapely.box(1, 0, 2, 1), shapely.box(1, 1, 2, 2)
    >>> made = insert_shared_vertices([tall, low, high], tolerance=0.001)
    >>> made[0].wkt, made[1] is low
    ('POLYGON ((1 0, 1 1, 1 2, 0 2, 0 0, 1 0))', True)
    """
    given = np.asarray(geometries, dtype=object)
    made = given.copy()
    coords, row = shapely.get_coordinates(given, return_index=True)
    finite = given.copy()
    finite[row[~np.isfinite(coords).all(axis=1)]] = None
    edges = edges_of(finite)
    if not len(edges.start):
        return made
    start, end, source = node_edges(edges.xy, edges.start, edges.end, tolerance=tolerance)
    changed = _changed(edges, start, end, source, len(given))
    mine = changed[edges.owner[source]]
    if not mine.any():
        return made
    rows = np.flatnonzero(changed)
    rebuilt = _rebuilt(given[rows], edges.xy[start[mine]], edges.ring[source[mine]])
    fine = shapely.is_valid(rebuilt) | ~shapely.is_valid(given[rows])
    made[rows[fine]] = rebuilt[fine]
    return made


def node(*tables: Any, tolerance: float = LONLAT_TOLERANCE) -> list[Any]:
    """Put the vertices of several arrays of polygons into each other's edges.

    Parameters
    ----------
    *tables : array of Polygon or MultiPolygon
        In one system.
    tolerance : float
        As in :func:`insert_shared_vertices`.

    Returns
    -------
    list of numpy.ndarray
        The arrays in the order given.
    """
    arrays = [np.asarray(table, dtype=object) for table in tables]
    together = insert_shared_vertices(np.concatenate(arrays), tolerance=tolerance)
    return list(np.split(together, np.cumsum([len(array) for array in arrays])[:-1]))


def _changed(edges: Edges, start: Ids, end: Ids, source: Ids, rows: int) -> NDArray[np.bool_]:
    """Mark the rows that got or moved a vertex, without those of which a ring would vanish."""
    cut = np.bincount(source, minlength=len(edges.start)) != 1
    moved = np.zeros(len(cut), dtype=bool)
    moved[source[(start != edges.start[source]) | (end != edges.end[source])]] = True
    changed = np.zeros(rows, dtype=bool)
    changed[edges.owner[cut | moved]] = True
    left = np.bincount(edges.ring[source], minlength=edges.ring.max() + 1)
    changed[edges.owner[left[edges.ring] < 3]] = False
    return changed


def _rebuilt(given: Any, coords: Floats, ring: Ids) -> Any:
    parts, row_of_part = shapely.get_parts(shapely.orient_polygons(given), return_index=True)
    _, part_of_ring = shapely.get_rings(parts, return_index=True)
    rings = shapely.linearrings(coords, indices=np.unique(ring, return_inverse=True)[1])
    polygons = shapely.polygons(rings, indices=part_of_ring)
    several = shapely.get_type_id(given) == MULTIPOLYGON
    made = np.empty(len(given), dtype=object)
    made[row_of_part] = polygons
    many = several[row_of_part]
    if many.any():
        made[several] = shapely.multipolygons(
            polygons[many], indices=np.unique(row_of_part[many], return_inverse=True)[1]
        )
    return made
