"""Into which pieces is the border cut to be timed, and which place stands for each?"""

from __future__ import annotations

import geopandas as gpd
import numpy as np
import pandas as pd
from numpy.typing import NDArray

from geo.border.chainage import Lines, parts_in_order
from geo.border.intervals import breaks_of, members, snapped
from geo.border.naming import list_column
from geo.border.terrain import accessible, closed_stretches
from geo.crs import Floats

Ints = NDArray[np.int64]
BANKS = ("river", "lake")  # kinds of border that are reached on their bank


def timed_cells(border: gpd.GeoDataFrame, lines: Lines, segments: pd.DataFrame, *, step_m: float) -> pd.DataFrame:
    """Cut every border at the bounds of parts and segments, and between them evenly into short pieces.

    Parameters
    ----------
    border : geopandas.GeoDataFrame
        The ``border`` table.
    lines : mapping of str to Chainage
        The same, measured.
    segments : pandas.DataFrame
        From :func:`geo.border.placing.place_segments`.
    step_m : float
        Length that no piece exceeds, metres.

    Returns
    -------
    pandas.DataFrame
        A row a piece by border and measure: ``border_id start_m end_m segment_ids`` (a list) ``accessible``,
        ``on_bank`` (a river or lake stretch), and ``lon lat`` of its middle, which stands for it. No row for a
        border without length.
    """
    parts = parts_in_order(border)
    made = [_cells(parts, key, lines, segments, step_m) for key in sorted(lines)]
    columns = {
        "border_id": "str",
        "start_m": float,
        "end_m": float,
        "segment_ids": object,
        "accessible": bool,
        "on_bank": bool,
        "lon": float,
        "lat": float,
    }
    rows = pd.concat(made, ignore_index=True) if made else pd.DataFrame({name: [] for name in columns})
    return rows.astype(columns)


def _cells(
    parts: gpd.GeoDataFrame, border_id: str, lines: Lines, segments: pd.DataFrame, step_m: float
) -> pd.DataFrame:
    line = lines[border_id]
    own = parts[parts["border_id"] == border_id]
    held = segments[(segments["border_id"] == border_id) & segments["from_m"].notna()]
    start, end = held["from_m"].to_numpy(), held["to_m"].to_numpy()
    joints = snapped(own["end_m"].to_numpy(), line.length_m)
    closed = closed_stretches(parts, border_id, line.length_m)
    bounds = breaks_of(line.length_m, start, end, joints, *closed)
    low, high, stretch = _evenly(bounds, step_m)
    middle = (low + high) / 2
    inside = members(start, end, bounds)
    kind = own["kind"].to_numpy(dtype=object)[np.minimum(np.searchsorted(joints, middle), len(own) - 1)]
    ids = held["segment_id"].to_numpy(dtype=object)
    lonlat = line.point_at(middle)
    return pd.DataFrame(
        {
            "border_id": border_id,
            "start_m": low,
            "end_m": high,
            "segment_ids": list_column([ids[row] for row in inside[one]] for one in stretch),
            "accessible": accessible(closed, held, bounds)[stretch],
            "on_bank": np.isin(kind, BANKS),
            "lon": lonlat[:, 0],
            "lat": lonlat[:, 1],
        }
    )


def _evenly(bounds: Floats, step_m: float) -> tuple[Floats, Floats, Ints]:
    """Cut each stretch between bounds into equal pieces; their ends, and the stretch of each."""
    length = np.diff(bounds)
    many = np.maximum(np.ceil(length / step_m).astype(np.int64), 1)
    stretch = np.repeat(np.arange(len(length)), many)
    number = np.arange(len(stretch)) - np.repeat(np.cumsum(many) - many, many)
    low = bounds[:-1][stretch] + length[stretch] * number / many[stretch]
    last = number + 1 == many[stretch]
    high = np.where(last, bounds[1:][stretch], np.append(low[1:], 0.0)[: len(low)])
    return low, high, stretch
