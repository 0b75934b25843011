"""Where on the line do the markers stand, and which measure does a marker's number mean?"""

from __future__ import annotations

from collections import defaultdict
from typing import Any

import geopandas as gpd
import numpy as np
import pandas as pd
import shapely

from geo import units
from geo.border.chainage import Lines, locate_on
from geo.crs import LONLAT, Array, Floats, geodesic_steps


def marker_places(markers: gpd.GeoDataFrame, lines: Lines, *, noise_m: float = units.NOISE_M) -> gpd.GeoDataFrame:
    """Give every marker its measure.

    Parameters
    ----------
    markers : geopandas.GeoDataFrame
        The ``markers`` table. A ``measure_m`` that is given holds; else the marker is located on its border,
        or on the nearest one where it names none.
    lines : mapping of str to Chainage
        The borders.
    noise_m : float
        A measure that overruns the border by no more than this is its end, metres.

    Returns
    -------
    geopandas.GeoDataFrame
        ``marker_id number border_id measure_m offset_m`` and geometry by ``marker_id``, index 0…n-1;
        ``offset_m`` is the geodesic distance from the marker to its place on the line. A marker without a
        point stands at its measure. Missing where there is neither measure nor point, or no such border or
        measure.
    """
    rows = markers.sort_values("marker_id", kind="stable", ignore_index=True)
    lonlat = _lonlat(rows)
    border_id, measure, offset = locate_on(lines, rows["border_id"], lonlat)
    given = rows["measure_m"].to_numpy(dtype=float)
    said = ~np.isnan(given)
    if len(lines) == 1:
        border_id[said & rows["border_id"].isna().to_numpy()] = next(iter(lines))
    border_id = np.where(rows["border_id"].notna(), rows["border_id"].to_numpy(dtype=object), border_id)
    for key, line in lines.items():
        here = np.flatnonzero(said & (border_id == key))
        beyond = given[here] > line.length_m + noise_m
        measure[here] = np.where(beyond, np.nan, np.minimum(given[here], line.length_m))
        place = line.point_at(measure[here])
        offset[here] = _apart(lonlat[here], place)
        bare = np.isnan(lonlat[here, 0])
        lonlat[here[bare]] = place[bare]
    points = np.full(len(rows), None, dtype=object)
    stands = ~np.isnan(lonlat).any(axis=1)
    points[stands] = shapely.points(lonlat[stands])
    return gpd.GeoDataFrame(
        {
            "marker_id": rows["marker_id"],
            "number": rows["number"],
            "border_id": pd.Series(border_id, dtype="str"),
            "measure_m": measure,
            "offset_m": offset,
        },
        geometry=gpd.GeoSeries(points, index=rows.index, crs=LONLAT),
    )


class MarkerBook:
    """Look measures up by what people call a marker.

    Parameters
    ----------
    places : geopandas.GeoDataFrame
        From :func:`marker_places`.
    """

    def __init__(self, places: gpd.GeoDataFrame) -> None:
        numbers: dict[str, dict[str, set[float]]] = defaultdict(lambda: defaultdict(set))
        known = places[places["border_id"].notna() & places["measure_m"].notna()]
        for number, border_id, measure in zip(
            known["number"], known["border_id"], known["measure_m"], strict=True
        ):
            numbers[number][border_id].add(measure)
        self._measures: dict[str, dict[str, float]] = {
            number: {border: min(found) for border, found in borders.items() if len(found) == 1}
            for number, borders in numbers.items()
        }
        for marker_id, border_id, measure in zip(
            known["marker_id"], known["border_id"], known["measure_m"], strict=True
        ):
            self._measures[marker_id] = {border_id: measure}

    def between(self, start: Any, end: Any, border_id: Any = None) -> tuple[str, float, float] | None:
        """Find the stretch between two markers.

        Parameters
        ----------
        start, end : str or missing
            ``marker_id`` or ``number`` of two markers of one border, in either order.
        border_id : str or missing
            Their border; missing = the one that has both.

        Returns
        -------
        tuple of str and float, or None
            Border, lower and higher measure, metres. None where a marker is missing, not known or without a
            measure, where its number stands at two places, or where more than one border has both.
        """
        first, second = self._measures.get(start, {}), self._measures.get(end, {})
        borders = first.keys() & second.keys()
        if not pd.isna(border_id):
            borders &= {border_id}
        if len(borders) != 1:
            return None
        (border,) = borders
        low, high = sorted((first[border], second[border]))
        return border, low, high


def nearest_markers(
    places: gpd.GeoDataFrame, border_id: Any, start_m: Floats, end_m: Floats
) -> tuple[Array, Array]:
    """Name the markers between which some stretches of one border lie.

    Parameters
    ----------
    places : geopandas.GeoDataFrame
        From :func:`marker_places`.
    border_id : str
        The border.
    start_m, end_m : numpy.ndarray
        The stretches, metres, shape (n,).

    Returns
    -------
    tuple of numpy.ndarray
        ``number`` of the last marker at or before each start, and of the first at or after each end, shape
        (n,); None without one. Of several at one measure the first by ``marker_id``.
    """
    here = places[(places["border_id"] == border_id) & places["measure_m"].notna()]
    here = here.sort_values("measure_m", kind="stable")
    measure, number = here["measure_m"].to_numpy(), np.array([*here["number"], None], dtype=object)
    last = np.searchsorted(measure, start_m, side="right") - 1
    before = np.where(last >= 0, np.searchsorted(measure, measure[last]) if len(measure) else -1, -1)
    return number[before], number[np.searchsorted(measure, end_m)]


def _lonlat(points: gpd.GeoDataFrame) -> Floats:
    shapes = points.geometry.to_numpy()
    return np.stack([shapely.get_x(shapes), shapely.get_y(shapes)], axis=1)


def _apart(one: Floats, other: Floats) -> Floats:
    apart = np.full(len(one), np.nan)
    known = ~np.isnan(one).any(axis=1) & ~np.isnan(other).any(axis=1)
    apart[known] = geodesic_steps(one[known], other[known])
    return apart
