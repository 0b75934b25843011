"""A border line cut into segments at banner borders, with markers and posts; and the faults put in on purpose."""

from __future__ import annotations

from dataclasses import dataclass
from itertools import pairwise
from typing import Any

import geopandas as gpd
import numpy as np
import pandas as pd
import shapely
from numpy.typing import NDArray
from pyproj import Geod

Array = NDArray[np.float64]
GEODESIC = Geod(ellps="WGS84")
LONGEST_M = 23_000.0  # leaves room for the overlaps put in below 25 km
POST_KINDS = {
    "police_room": "戍边警务室",
    "yurt": "蒙古包哨所",
    "point110": "草原110",
    "herder_centre": "牧民中心户",
}


@dataclass(frozen=True)
class Line:
    """The whole border as one chain of vertices.

    Parameters
    ----------
    lonlat : ndarray, shape (n, 2)
        Vertices from west to east, no vertex twice in a row.
    measure : ndarray, shape (n,)
        Geodesic metres from the start.
    """

    lonlat: Array
    measure: Array

    @property
    def length(self) -> float:
        """Length in metres."""
        return float(self.measure[-1])

    def at(self, metres: Array) -> Array:
        """Find the places at some measures.

        Parameters
        ----------
        metres : ndarray, shape (k,)
            Measures between 0 and the length.

        Returns
        -------
        ndarray, shape (k, 2)
            Longitude and latitude, on the straight line between the two vertices around.
        """
        return np.column_stack([np.interp(metres, self.measure, self.lonlat[:, axis]) for axis in (0, 1)])


def chain(parts: list[shapely.LineString]) -> Line:
    """Join border parts that follow on each other.

    Parameters
    ----------
    parts : list of LineString
        In order; each starts where the one before ends.

    Returns
    -------
    Line
        The chain; parts that do not follow on are a ValueError.
    """
    xy = [shapely.get_coordinates(part) for part in parts]
    for before, after in pairwise(xy):
        if not np.array_equal(before[-1], after[0]):
            raise ValueError("the parts of the border do not follow on each other")
    lonlat = np.vstack([xy[0], *(part[1:] for part in xy[1:])])
    _, _, step = GEODESIC.inv(lonlat[:-1, 0], lonlat[:-1, 1], lonlat[1:, 0], lonlat[1:, 1])
    return Line(lonlat, np.concatenate([[0.0], np.cumsum(step)]))


def stretches(line: Line, banners: gpd.GeoDataFrame) -> pd.DataFrame:
    """Say along which banner each stretch of the border runs.

    Parameters
    ----------
    line : Line
        The border; banners share its vertices.
    banners : geopandas.GeoDataFrame
        ``adcode``, ``name``, outlines.

    Returns
    -------
    pandas.DataFrame
        adcode, name, start, end (metres), in the order of the line.
    """
    middle = shapely.points((line.lonlat[:-1] + line.lonlat[1:]) / 2)
    _, nearest = banners.sindex.nearest(middle, return_all=False)
    change = np.flatnonzero(np.diff(nearest)) + 1
    first = np.concatenate([[0], change])
    last = np.concatenate([change, [len(nearest)]])
    rows = banners.iloc[nearest[first]][["adcode", "name"]].reset_index(drop=True)
    return rows.assign(start=line.measure[first], end=line.measure[last])


def segments(runs: pd.DataFrame) -> pd.DataFrame:
    """Cut each stretch into equal segments of at most 23 km, measures rounded to a decimetre.

    Parameters
    ----------
    runs : pandas.DataFrame
        Result of :func:`stretches`.

    Returns
    -------
    pandas.DataFrame
        segment_id, adcode, banner, start_m, end_m: no gap, no overlap yet.
    """
    rows = []
    for run in runs.itertuples():
        count = int(np.ceil((run.end - run.start) / LONGEST_M))
        cuts = np.linspace(run.start, run.end, count + 1).round(1)
        if run.end == runs["end"].iloc[-1]:
            cuts[-1] = run.end  # rounded, it would leave two centimetres to nobody
        rows += [(run.adcode, run.name, a, b) for a, b in pairwise(cuts)]
    table = pd.DataFrame(rows, columns=["adcode", "banner", "start_m", "end_m"])
    table.insert(0, "segment_id", [f"synthetic_g{k:03d}" for k in range(1, len(table) + 1)])
    return table


def posts(line: Line, cut: pd.DataFrame, banners: gpd.GeoDataFrame, rng: np.random.Generator) -> gpd.GeoDataFrame:
    """Place a police station for every two or three segments of a banner, and smaller posts nearer to the line.

    Parameters
    ----------
    line : Line
        The border.
    cut : pandas.DataFrame
        Result of :func:`segments`.
    banners : geopandas.GeoDataFrame
        Outlines: a post lies in the banner it serves.
    rng : numpy.random.Generator
        Distances and kinds.

    Returns
    -------
    geopandas.GeoDataFrame
        post_id, kind, name, division_id, opening_hours, ``first`` and ``last`` (rows of ``cut`` a station holds).
    """
    rows: list[dict[str, Any]] = []
    home = dict(zip(banners["adcode"], banners.geometry, strict=True))
    for (adcode, _), mine in cut.groupby(["adcode", (cut["adcode"] != cut["adcode"].shift()).cumsum()]):
        stations = np.array_split(mine.index.to_numpy(), int(np.ceil(len(mine) / 3)))
        for k, held in enumerate(stations, start=1):
            spot = (cut["start_m"][held[0]] + cut["end_m"][held[-1]]) / 2
            rows.append(
                {
                    "kind": "police_station",
                    "name": f"模拟·{mine['banner'].iloc[0]}第{k}边境派出所",
                    "division_id": adcode,
                    "opening_hours": None,
                    "first": held[0],
                    "last": held[-1],
                    "at": spot,
                    "geometry": inland(line, spot, rng.uniform(1_500, 9_000), home[adcode]),
                }
            )
        for k, row in enumerate(mine.index[rng.random(len(mine)) < 0.4], start=1):
            kind = list(POST_KINDS)[int(rng.integers(4))]
            spot = rng.uniform(cut["start_m"][row], cut["end_m"][row])
            rows.append(
                {
                    "kind": kind,
                    "name": f"模拟·{mine['banner'].iloc[0]}{k}号{POST_KINDS[kind]}",
                    "division_id": adcode,
                    "opening_hours": "08:00-20:00" if kind == "herder_centre" else None,
                    "first": -1,
                    "last": -1,
                    "at": spot,
                    "geometry": inland(line, spot, rng.uniform(300, 3_000), home[adcode]),
                }
            )
    table = pd.DataFrame(rows).sort_values("at", kind="stable").reset_index(drop=True)
    table.insert(0, "post_id", [f"synthetic_p{k:03d}" for k in range(1, len(table) + 1)])
    return gpd.GeoDataFrame(table.drop(columns="at"), geometry="geometry", crs=banners.crs)


def inland(line: Line, spot: float, distance_m: float, banner: shapely.Geometry) -> shapely.Point:
    """Go from a place on the line into the banner; nearer to the line where the banner is narrow there.

    Parameters
    ----------
    line : Line
        The border.
    spot : float
        Measure, metres.
    distance_m : float
        How far, metres.
    banner : shapely.Geometry
        Outline.

    Returns
    -------
    shapely.Point
        A place in the banner; a ValueError where there is none.
    """
    ahead = line.at(np.array([max(spot - 400.0, 0.0), spot, min(spot + 400.0, line.length)]))
    course, _, _ = GEODESIC.inv(*ahead[0], *ahead[2])
    for part in (1.0, 0.6, 0.35, 0.2, 0.1, 0.05):
        for turn in (90.0, -90.0, 60.0, -60.0, 120.0, -120.0):
            lon, lat, _ = GEODESIC.fwd(*ahead[1], course + turn, distance_m * part)
            point = shapely.Point(round(lon, 6), round(lat, 6))
            if banner.contains(point):
                return point
    raise ValueError(f"no place inland of {spot:.0f} m")


def markers(line: Line, cut: pd.DataFrame) -> gpd.GeoDataFrame:
    """Set a marker at every end of a segment and in the middle of those longer than 14 km.

    Parameters
    ----------
    line : Line
        The border.
    cut : pandas.DataFrame
        Clean segments.

    Returns
    -------
    geopandas.GeoDataFrame
        marker_id, number (from 1 in the west), border_id, measure_m, interval_days, point.
    """
    long = cut[cut["end_m"] - cut["start_m"] > 14_000.0]
    middle = ((long["start_m"] + long["end_m"]) / 2).round(1)
    places = np.unique(np.concatenate([cut["start_m"], cut["end_m"], middle]))
    number = np.arange(1, len(places) + 1)
    return gpd.GeoDataFrame(
        {
            "marker_id": [f"synthetic_m{k:03d}" for k in number],
            "number": number.astype(str),
            "border_id": "nm",
            "measure_m": places,
            "interval_days": np.where(number % 5 == 0, 14.0, 30.0),
            "synthetic": True,
        },
        geometry=shapely.points(line.at(places).round(7)),
        crs="EPSG:4490",
    )


def plant(cut: pd.DataFrame) -> tuple[pd.DataFrame, list[dict[str, Any]]]:
    """Put gaps, overlaps, joint stretches and false lengths into clean segments.

    Parameters
    ----------
    cut : pandas.DataFrame
        Clean segments in order, with ``length_declared_m`` and ``joint``.

    Returns
    -------
    (pandas.DataFrame, list of dict)
        The segments as published and what was done, in metres along the border.
    """
    out = cut.copy()
    records: list[dict[str, Any]] = []

    def note(kind: str, start: float, end: float, ids: list[str]) -> None:
        length = round(end - start, 1)
        records.append(
            {
                "kind": kind,
                "segment_ids": ids,
                "start_m": round(start, 1),
                "end_m": round(end, 1),
                "length_m": length,
            }
        )

    rows = [int(len(cut) * share) for share in (0.08, 0.21, 0.34, 0.47, 0.55, 0.63, 0.71, 0.80, 0.88, 0.94)]
    for row, metres in ((rows[0], 1_300.0), (rows[3], 3_200.0)):
        out.loc[row, "end_m"] = round(cut["end_m"][row] - metres, 1)
        note("gap", out["end_m"][row], cut["end_m"][row], [cut["segment_id"][row]])
    note("gap", cut["start_m"][rows[6]], cut["end_m"][rows[6]], [cut["segment_id"][rows[6]]])
    records[-1]["missing_segment"] = True
    for row, metres in ((rows[1], 900.0), (rows[8], 1_900.0)):
        out.loc[row, "end_m"] = round(cut["end_m"][row] + metres, 1)
        note("overlap", cut["end_m"][row], out["end_m"][row], list(cut["segment_id"][row : row + 2]))
    for row, metres in ((rows[2], 1_500.0), (rows[7], 1_200.0)):
        out.loc[row, "end_m"] = round(cut["end_m"][row] + metres, 1)
        out.loc[[row, row + 1], "joint"] = True
        note("joint", cut["end_m"][row], out["end_m"][row], list(cut["segment_id"][row : row + 2]))
    moved = out["end_m"] != cut["end_m"]
    out["length_declared_m"] = out["length_declared_m"].where(~moved)  # one fault each
    for row in (rows[4], rows[9]):
        out.loc[row, "length_declared_m"] = round((cut["end_m"][row] - cut["start_m"][row]) * 1.09, -1)
        note("declared_length", cut["start_m"][row], cut["end_m"][row], [cut["segment_id"][row]])
    return out.drop(index=rows[6]).reset_index(drop=True), records
