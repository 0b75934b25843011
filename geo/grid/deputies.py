"""Which deputy is embedded in which large grid? By nearness, and none without one where there are enough."""

from __future__ import annotations

import heapq

import geopandas as gpd
import numpy as np
import pandas as pd
import shapely
from scipy.optimize import linear_sum_assignment

from geo.crs import frame_of, geodesic_steps
from geo.errors import BadParameter
from geo.place.rings import Floats, Ids

IDLE_M = 1e9  # further than any way on earth: what it is worth that no deputy is without a large grid
COLUMNS = ["staff_id", "district_id", "distance_m", "kept"]


def assign_deputies(
    deputies: gpd.GeoDataFrame,
    districts: gpd.GeoDataFrame,
    *,
    most: int = 1,
    load: str = "households",
    kept: pd.DataFrame | None = None,
) -> pd.DataFrame:
    """Assign deputies to large grids by nearness.

    How many deputies each large grid gets comes first: one each, the heaviest first where they do not suffice;
    then, while a deputy has none, one more where the load per deputy is highest. Who goes where is then the
    assignment with the least sum of distances, exact (Jonker and Volgenant's algorithm as in
    ``scipy.optimize.linear_sum_assignment``: a min-cost flow in which places are units).

    Parameters
    ----------
    deputies : geopandas.GeoDataFrame
        ``staff_id`` and the point where each is based, EPSG:4326; a missing point is as far as the furthest known
        one from everywhere.
    districts : geopandas.GeoDataFrame
        ``district_id``, ``load`` and polygon: a deputy's distance is that to a point inside it.
    most : int
        Large grids that one deputy may have.
    load : str
        Column; missing counts 0.
    kept : pandas.DataFrame or None
        ``staff_id, district_id`` of assignments that stay, even beyond ``most``; those of people or large grids
        that are not there are passed over.

    Returns
    -------
    pandas.DataFrame
        One row an assignment, by district, then deputy: ``staff_id, district_id, distance_m`` (geodesic; missing
        without a base) and ``kept``. Independent of row order. Memory grows with deputies times large grids.

    Raises
    ------
    BadParameter
        ``most`` is less than 1, or an id is not unique.
    """
    if most < 1:
        raise BadParameter(f"a deputy has at least one large grid, not {most}")
    people = deputies.sort_values("staff_id", ignore_index=True)
    places = districts.sort_values("district_id", ignore_index=True)
    for table, key in ((people, "staff_id"), (places, "district_id")):
        if not table[key].is_unique:
            raise BadParameter(f"{key} is not unique")
    held = _held(people, places, kept)
    used = np.bincount(held[:, 0], minlength=len(people))
    free = np.maximum(most - used, 0)
    weight = places[load].astype("Float64").fillna(0.0).to_numpy(dtype=float)
    seats = _seats(weight, np.bincount(held[:, 1], minlength=len(places)), used, free)
    chosen = _nearest(_metres(people, places), seats, used, free)
    pairs = np.concatenate([held, chosen])
    made = pd.DataFrame(
        {
            "staff_id": people["staff_id"].to_numpy()[pairs[:, 0]],
            "district_id": places["district_id"].to_numpy()[pairs[:, 1]],
            "distance_m": _geodesic(people, places, pairs),
            "kept": np.arange(len(pairs)) < len(held),
        },
        columns=COLUMNS,
    )
    return made.sort_values(["district_id", "staff_id"], ignore_index=True)


def _held(people: gpd.GeoDataFrame, places: gpd.GeoDataFrame, kept: pd.DataFrame | None) -> Ids:
    if kept is None:
        return np.zeros((0, 2), dtype=np.int64)
    person = pd.Index(people["staff_id"]).get_indexer(kept["staff_id"])
    place = pd.Index(places["district_id"]).get_indexer(kept["district_id"])
    pairs = np.column_stack([person, place])[(person >= 0) & (place >= 0)]
    return np.unique(pairs, axis=0).astype(np.int64)


def _seats(weight: Floats, taken: Ids, used: Ids, free: Ids) -> Ids:
    """List the large grids that get a deputy more, one entry each."""
    idle, bare = int((used == 0).sum()), int((taken == 0).sum())
    count = min(max(idle, bare), int(free.sum())) if len(weight) else 0
    has = taken.astype(np.int64).copy()

    def rank(place: int) -> tuple[bool, float, int]:
        return bool(has[place]), -weight[place] / max(int(has[place]), 1), place

    heap = [rank(place) for place in range(len(weight))]
    heapq.heapify(heap)
    chosen = []
    for _ in range(count):
        place = heapq.heappop(heap)[2]
        chosen.append(place)
        has[place] += 1
        heapq.heappush(heap, rank(place))
    return np.array(chosen, dtype=np.int64)


def _nearest(metres: Floats, seats: Ids, used: Ids, free: Ids) -> Ids:
    """Fill the seats with the least sum of distances, deputies who have nothing first."""
    person = np.repeat(np.arange(len(free)), free)
    first = np.ones(len(person), dtype=bool)
    first[1:] = person[1:] != person[:-1]
    cost = metres[person][:, seats].T
    cost = cost - IDLE_M * (first & (used[person] == 0))
    seat, place = linear_sum_assignment(cost)
    return np.column_stack([person[place], seats[seat]]).astype(np.int64)


def _metres(people: gpd.GeoDataFrame, places: gpd.GeoDataFrame) -> Floats:
    """Measure from every deputy to every large grid in one metric frame, whole metres."""
    points = shapely.point_on_surface(np.asarray(places.geometry))
    frame = frame_of(points)
    there = shapely.get_coordinates(frame.metres(points)) if len(points) else np.zeros((0, 2))
    metres = np.full((len(people), len(places)), np.nan)
    based = np.flatnonzero(~shapely.is_missing(np.asarray(people.geometry)))
    here = shapely.get_coordinates(frame.metres(np.asarray(people.geometry)[based]))
    metres[based] = np.hypot(*(here[:, None, :] - there[None, :, :]).transpose(2, 0, 1)).round()
    furthest = np.nanmax(metres) if len(based) and len(places) else 0.0
    return np.where(np.isnan(metres), furthest, metres)


def _geodesic(people: gpd.GeoDataFrame, places: gpd.GeoDataFrame, pairs: Ids) -> Floats:
    ends = shapely.point_on_surface(np.asarray(places.geometry))[pairs[:, 1]]
    starts = np.asarray(people.geometry)[pairs[:, 0]]
    made = np.full(len(pairs), np.nan)
    known = np.flatnonzero(~shapely.is_missing(starts))
    made[known] = geodesic_steps(shapely.get_coordinates(starts[known]), shapely.get_coordinates(ends[known]))
    return made
