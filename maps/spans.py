"""Between which markers: the way people in the field name a stretch of the border."""

from __future__ import annotations

import geopandas as gpd
import numpy as np


def marker_spans(stretches: gpd.GeoDataFrame, markers: gpd.GeoDataFrame | None) -> list[tuple[str, str] | None]:
    """Name the first and the last marker on each stretch.

    Parameters
    ----------
    stretches : geopandas.GeoDataFrame
        With ``border_id``, ``start_m`` and ``end_m``.
    markers : geopandas.GeoDataFrame or None
        With ``border_id``, ``measure_m`` and ``number``.

    Returns
    -------
    list of (str, str) or None
        Numbers of the markers, ends of the stretch included (twice the same where there is one); None where no
        marker stands, or none is known.
    """
    if markers is None or not len(markers):
        return [None] * len(stretches)
    placed = markers[markers["measure_m"].notna()].sort_values(["border_id", "measure_m"], kind="stable")
    lines = dict(tuple(placed.groupby("border_id", sort=False)))
    return [
        _span(lines.get(border), start, end)
        for border, start, end in zip(
            stretches["border_id"], stretches["start_m"], stretches["end_m"], strict=True
        )
    ]


def _span(line: gpd.GeoDataFrame | None, start: float, end: float) -> tuple[str, str] | None:
    if line is None:
        return None
    measures = line["measure_m"].to_numpy(dtype=float)
    first = int(np.searchsorted(measures, start, side="left"))
    last = int(np.searchsorted(measures, end, side="right")) - 1
    if first > last:
        return None
    return str(line["number"].iloc[first]), str(line["number"].iloc[last])
