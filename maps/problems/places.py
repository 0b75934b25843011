"""Where a problem is, for people: a point on it, and the grid or division that it lies in."""

from __future__ import annotations

from itertools import takewhile
from typing import Any

import geopandas as gpd
import numpy as np
import pandas as pd
import shapely
from numpy.typing import NDArray

from geo.crs import frame_of
from geo.place.index import grid_of
from geo.tables.ground import LEVELS

Points = NDArray[Any]
TOUCH_M = 1.0  # of ends that only meet


def points_on(geometry: Any) -> Points:
    """Take a point on each geometry.

    Parameters
    ----------
    geometry : GeoSeries or array of geometry
        EPSG:4326, shape (n,).

    Returns
    -------
    numpy.ndarray
        Points, shape (n,); None where there is no geometry.
    """
    whole = np.asarray(geometry, dtype=object)
    there = ~(shapely.is_missing(whole) | shapely.is_empty(whole))
    made = np.full(len(whole), None, dtype=object)
    made[there] = shapely.point_on_surface(whole[there])
    return made


def within_segments(findings: gpd.GeoDataFrame, segments: gpd.GeoDataFrame | None) -> gpd.GeoDataFrame:
    """Leave of the segments that a stretch without anybody meets those that it lies in: the others have somebody.

    Parameters
    ----------
    findings : geopandas.GeoDataFrame
        With ``kind start_m end_m segment_ids``.
    segments : geopandas.GeoDataFrame or None
        With ``segment_id start_m end_m``.

    Returns
    -------
    geopandas.GeoDataFrame
        The findings; ``segment_ids`` of other kinds, and where no segment is known, are as they were.
    """
    if segments is None:
        return findings
    ends = {
        id: (start, end)
        for id, start, end in zip(segments["segment_id"], segments["start_m"], segments["end_m"], strict=True)
    }

    def lies_in(id: str, start: float, end: float) -> bool:
        first, last = ends.get(id, (start, end))
        return bool(min(last, end) - max(first, start) > TOUCH_M)

    names = ("kind", "segment_ids", "start_m", "end_m")
    left = [
        [id for id in ids if lies_in(id, start, end)] if kind == "unassigned" else ids
        for kind, ids, start, end in zip(*(findings[name] for name in names), strict=True)
    ]
    return findings.assign(segment_ids=pd.Series(left, index=findings.index, dtype="object"))


def degrees(points: Points) -> list[tuple[str, str]]:
    """Write longitude and latitude as people copy them.

    Parameters
    ----------
    points : numpy.ndarray
        EPSG:4326, None where nothing is known.

    Returns
    -------
    list of (str, str)
        Six decimals (0.1 m); empty where nothing is known.
    """
    return [("", "") if one is None else (f"{one.x:.6f}", f"{one.y:.6f}") for one in points]


def named(points: Points, grids: gpd.GeoDataFrame | None, divisions: gpd.GeoDataFrame | None) -> list[str]:
    """Name the ground that each point lies in.

    Parameters
    ----------
    points : numpy.ndarray
        EPSG:4326, None where nothing is known.
    grids : geopandas.GeoDataFrame or None
        With ``grid_id name scheme``; only those of the scheme ``main`` count.
    divisions : geopandas.GeoDataFrame or None
        With ``division_id name level``.

    Returns
    -------
    list of str
        The finest division that holds the point, and the grid where there is one (alone where half its name or
        more is the beginning of the division's); where no division holds it, the nearest one. Empty where nothing
        is known.
    """
    made = [""] * len(points)
    there = np.flatnonzero([one is not None for one in points])
    if not len(there):
        return made
    places = points[there]
    division = _division_names(places, divisions)
    grid = _grid_names(places, grids)
    for row, large, small in zip(there, division, grid, strict=True):
        alike = takewhile(lambda pair: pair[0] == pair[1], zip(large, small, strict=False))
        same = sum(1 for _ in alike) * 2 >= len(small)
        made[row] = small if small and same else " ".join(part for part in (large, small) if part)
    return made


def _grid_names(places: Points, grids: gpd.GeoDataFrame | None) -> list[str]:
    if grids is None:
        return [""] * len(places)
    main = grids[grids["scheme"] == "main"] if "scheme" in grids else grids
    names = main["name"].where(main["name"].notna(), main["grid_id"]) if "name" in main else main["grid_id"]
    at = grid_of(main, places)
    return ["" if row < 0 else str(names.iloc[row]) for row in at]


def _division_names(places: Points, divisions: gpd.GeoDataFrame | None) -> list[str]:
    if divisions is None or not divisions.geometry.notna().any():
        return [""] * len(places)
    drawn = divisions[divisions.geometry.notna()].reset_index(drop=True)
    held = np.full(len(places), -1)
    for level in reversed(LEVELS):
        rows = np.flatnonzero(drawn["level"] == level)
        open_ = np.flatnonzero(held < 0)
        if len(rows) and len(open_):
            found = grid_of(drawn.iloc[rows], places[open_], key="division_id")
            held[open_] = np.where(found >= 0, rows[found], -1)
    lost = np.flatnonzero(held < 0)
    if len(lost):
        held[lost] = _nearest(places[lost], drawn)
    return [str(drawn["name"].iloc[row]) for row in held]


def _nearest(places: Points, drawn: gpd.GeoDataFrame) -> NDArray[np.int64]:
    """The nearest of the finest level that is drawn."""
    finest = next((level for level in reversed(LEVELS) if (drawn["level"] == level).any()), None)
    rows = np.flatnonzero(drawn["level"] == finest) if finest else np.arange(len(drawn))
    shapes = drawn.geometry.to_numpy()[rows]
    frame = frame_of(shapes, places)
    tree = shapely.STRtree(frame.metres(shapes))
    nearest: NDArray[np.int64] = rows[tree.nearest(frame.metres(places))]
    return nearest
