"""Where do people live whom no station reaches in time, and how much longer do they walk?

An unserved area is what a planner would circle on the map: homes that no open station reaches within the budget,
each less than a large block (150 m) from the next, with no river, railway or wall between them.
"""

from __future__ import annotations

from collections.abc import Iterator

import geopandas as gpd
import numpy as np
import pandas as pd
import shapely
from numpy.typing import NDArray
from scipy.sparse import coo_array
from scipy.sparse.csgraph import connected_components
from scipy.spatial import Delaunay, cKDTree

from geo import units
from geo.crs import LONLAT, Floats, Frame, frame_of
from geo.errors import finding_id
from geo.layer import Tables
from geo.parameters import Parameters
from geo.stations.coverage import in_order, timed
from geo.walk.barriers import Barriers

SCATTERED = "scattered"  # the row of people in areas too small to show
METRES_A_DEGREE = 100_000  # coarse: names a place to about a metre, the same in every data set
QUADRANT_CHORDS = 4
CHUNK = 4_096  # points near barriers whose neighbours are held at once


def unserved_areas(tables: Tables, parameters: Parameters) -> gpd.GeoDataFrame:
    """Build the layer ``unserved-areas``: one row an area, most people first.

    Parameters
    ----------
    tables : mapping
        ``place-walk``; ``barriers`` where they are there.
    parameters : Parameters
        ``budget_minutes``.

    Returns
    -------
    geopandas.GeoDataFrame
        By rank (people, ties by id): people and households not reached, their median walk (missing = most have no
        way on foot), how much that is over the budget, the nearest station of most of them, the grids they are in;
        the polygon is 60 m around their homes. Areas of fewer than ``units.PUBLISHED_PEOPLE_MIN`` people are one
        last row ``scattered`` without geometry, so that people add up to all who are not reached.
    """
    places = in_order(tables["place-walk"])
    lost = places[(places["stations_reached"] == 0) & (places["people"] > 0)].reset_index(drop=True)
    frame = frame_of(lost)
    xy = np.column_stack(frame.xy(lost.geometry.x, lost.geometry.y)) if len(lost) else np.zeros((0, 2))
    label = neighbourhoods(xy, Barriers.of(tables.get("barriers"), frame))
    count = int(label.max(initial=-1)) + 1
    people = np.bincount(label, weights=lost["people"], minlength=count)
    shown = people >= units.PUBLISHED_PEOPLE_MIN
    rows = _summed(lost, np.where(shown[label], label, -1), count, parameters)[shown]
    rows["geometry"] = _around(xy, label, count, frame)[shown]
    rows = rows.sort_values(["people", "area_id"], ascending=[False, True]).reset_index(drop=True)
    rest = lost[~shown[label]]
    if len(rest):
        one = _summed(rest, np.zeros(len(rest), dtype=np.int64), 1, parameters).assign(area_id=SCATTERED)
        if one["people"].iloc[0] < units.PUBLISHED_PEOPLE_MIN:
            one[["minutes", "extra_minutes", "station_id"]] = np.nan
        rows = pd.concat([rows, one.assign(geometry=None)], ignore_index=True)
    rows.insert(1, "rank", np.arange(1, len(rows) + 1))
    return gpd.GeoDataFrame(rows, geometry="geometry", crs=LONLAT)


def neighbourhoods(xy: Floats, barriers: Barriers, *, apart_m: float = units.NEIGHBOURS_M) -> NDArray[np.int64]:
    """Group points that are near each other, directly or through others, on the same side of every barrier.

    Neighbours are two points at most ``apart_m`` apart with no barrier between. Where one of them has no barrier
    within that distance, only edges of the Delaunay triangulation are looked at: of all ways to go from point to
    point, those with the shortest longest step run along it (it holds the minimum spanning tree; Toussaint 1980,
    The relative neighbourhood graph of a finite planar set). That is six steps a point, however dense a town is.

    Parameters
    ----------
    xy : numpy.ndarray
        Metres, shape (n, 2).
    barriers : Barriers
        In the same frame.
    apart_m : float
        How far neighbours may be apart, metres, inclusive.

    Returns
    -------
    numpy.ndarray
        Group of each point, 0…, by first point; shape (n,).
    """
    if not len(xy):
        return np.zeros(0, dtype=np.int64)
    spot, of = np.unique(xy[:, 0] + 1j * xy[:, 1], return_inverse=True)
    place = np.column_stack([spot.real, spot.imag])
    steps = _triangulated(place)
    steps = steps[np.hypot(*(place[steps[:, 0]] - place[steps[:, 1]]).T) <= apart_m]
    near = np.zeros(len(place), dtype=bool)
    if len(barriers.line):
        near[barriers.tree.query(shapely.points(place), predicate="dwithin", distance=apart_m)[0]] = True
    joined = steps[_together(place, steps, near, barriers)]
    label = _joined(joined, len(place))
    joined = np.concatenate([joined, *_past_barriers(place, np.flatnonzero(near), label, barriers, apart_m)])
    label = _joined(joined, len(place))[of]
    first, code = np.unique(label, return_index=True, return_inverse=True)[1:]
    return np.argsort(np.argsort(first))[code].astype(np.int64)


def _joined(pairs: NDArray[np.int64], count: int) -> NDArray[np.int32]:
    graph = coo_array((np.ones(len(pairs), dtype=np.int8), (pairs[:, 0], pairs[:, 1])), shape=(count, count))
    return np.asarray(connected_components(graph, directed=False)[1])


def _together(
    place: Floats, pairs: NDArray[np.int64], near: NDArray[np.bool_], barriers: Barriers
) -> NDArray[np.bool_]:
    """Which pairs have no barrier between them; only those with both near one are looked at."""
    together = np.ones(len(pairs), dtype=bool)
    asked = np.flatnonzero(near[pairs].all(axis=1))
    together[asked] = ~barriers.crossed(shapely.linestrings(place[pairs[asked]]))
    return together


def _past_barriers(
    place: Floats, near: NDArray[np.int64], label: NDArray[np.int32], barriers: Barriers, apart_m: float
) -> Iterator[NDArray[np.int64]]:
    """Neighbours near barriers that hang together in no other way: there every pair is looked at."""
    tree = cKDTree(place[near])
    for start in range(0, len(near), CHUNK):
        some = near[start : start + CHUNK]
        found = cKDTree(place[some]).sparse_distance_matrix(tree, apart_m, output_type="coo_matrix")
        pairs = np.column_stack([some[found.row], near[found.col]])
        pairs = pairs[label[pairs[:, 0]] < label[pairs[:, 1]]]
        yield pairs[~barriers.crossed(shapely.linestrings(place[pairs]))]


def _triangulated(xy: Floats) -> NDArray[np.int64]:
    """Edges of the Delaunay triangulation of different points, each once or twice, shape (m, 2).

    A wide frame of four more points lets points on one line be triangulated too. Points so close that the
    triangulation leaves them out are joined to their nearest vertex.
    """
    low, high = xy.min(axis=0), xy.max(axis=0)
    away = 10.0 * (high - low).max() + 1_000.0
    frame = np.array(
        [[low[0] - away, low[1]], [high[0] + away, high[1]], [low[0], low[1] - away], [high[0], high[1] + away]]
    )
    made = Delaunay(np.vstack([xy, frame]))
    sides = made.simplices[:, [0, 1, 1, 2, 2, 0]].reshape(-1, 2)
    edges = np.concatenate([sides, made.coplanar[:, [0, 2]]])
    return edges[(edges < len(xy)).all(axis=1)].astype(np.int64)


def _summed(lost: gpd.GeoDataFrame, label: NDArray[np.int64], count: int, parameters: Parameters) -> pd.DataFrame:
    people = lost["people"].to_numpy(dtype=float)
    walk = timed(label, count, people, lost["seconds"].to_numpy(dtype=float), lost["station_id"])
    groups = (
        pd.DataFrame(lost.drop(columns="geometry"))
        .assign(x=lost.geometry.x * lost["people"], y=lost.geometry.y * lost["people"])[label >= 0]
        .groupby(label[label >= 0])
    )
    sums = groups[["people", "x", "y"]].sum().reindex(range(count))
    grid_ids = groups["grid_id"].agg(lambda ids: sorted(ids.dropna().unique())).reindex(range(count))
    grid_ids = grid_ids.map(lambda ids: ids if isinstance(ids, list) else [])
    place = sums[["x", "y"]].div(sums["people"], axis=0).fillna(0.0) * METRES_A_DEGREE
    names = [
        finding_id("unserved", ids, "", x, y) for ids, x, y in zip(grid_ids, place["x"], place["y"], strict=True)
    ]
    return pd.DataFrame(
        {
            "area_id": pd.array(names, dtype="str"),
            "people": sums["people"],
            "households": groups["households"].sum(min_count=1).reindex(range(count)),
            "minutes": walk["minutes"],
            "extra_minutes": walk["minutes"] - parameters.budget_minutes,
            "station_id": walk["station_id"],
            "grid_ids": grid_ids,
        }
    )


def _around(xy: Floats, label: NDArray[np.int64], count: int, frame: Frame) -> NDArray[np.object_]:
    """The ground 60 m around the points of each group."""
    made = np.full(count, None, dtype=object)
    order = np.argsort(label, kind="stable")
    discs = shapely.buffer(shapely.points(xy[order]), units.STRIP_HALF_WIDTH_M, quad_segs=QUADRANT_CHORDS)
    for group, some in enumerate(np.split(discs, np.searchsorted(label[order], np.arange(1, count)))[:count]):
        made[group] = shapely.union_all(some)
    return np.asarray(frame.lonlat(made), dtype=object)
