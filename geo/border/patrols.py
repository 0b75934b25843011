"""Patrols without a track as rows of the visits table: declared ones ("from marker 3 to marker 7, 08:10-11:40"),
and those that scanned the codes of markers.
"""

from __future__ import annotations

from dataclasses import dataclass

import geopandas as gpd
import numpy as np
import pandas as pd

from geo import units
from geo.border.markers import MarkerBook
from geo.tables.conform import conform

DECLARED, SCAN, MARKER = "declared", "scan", "marker"
REFUSALS = ("no_marker", "unknown_marker", "no_length", "time_order")


@dataclass(frozen=True, eq=False)
class Declared:
    """What declared patrols are credited with, and which are not.

    Parameters
    ----------
    visits : pandas.DataFrame
        Rows of the ``visits`` table with evidence ``declared``, by ``patrol_id``.
    refused : pandas.DataFrame
        ``patrol_id reason`` by ``patrol_id``; reason is ``no_marker`` (one is not named), ``unknown_marker``
        (not known, without a measure, or not both on one border), ``no_length`` (the same place twice) or
        ``time_order`` (a time is missing, or it ends before it starts).
    """

    visits: pd.DataFrame
    refused: pd.DataFrame


def declared_visits(patrols: pd.DataFrame, places: gpd.GeoDataFrame) -> Declared:
    """Credit declared patrols with the stretch between their two markers.

    Parameters
    ----------
    patrols : pandas.DataFrame
        The ``patrols`` table; rows with another evidence are left to their tracks and codes.
    places : geopandas.GeoDataFrame
        From :func:`geo.border.markers.marker_places`.

    Returns
    -------
    Declared
        Every declared patrol is in one of its two tables.
    """
    rows = patrols[patrols["evidence"] == DECLARED].sort_values("patrol_id", kind="stable", ignore_index=True)
    book = MarkerBook(places)
    between = [
        book.between(start, end, border)
        for start, end, border in rows[["start_marker", "end_marker", "border_id"]].itertuples(index=False)
    ]
    found = np.array([stretch is not None for stretch in between], dtype=bool)
    stretch = pd.DataFrame(
        [stretch or (None, np.nan, np.nan) for stretch in between],
        columns=["border_id", "start_m", "end_m"],
        index=rows.index,
    )
    unnamed = rows[["start_marker", "end_marker"]].isna().any(axis=1)
    reason = np.select(
        [unnamed, ~found, stretch["start_m"] == stretch["end_m"], ~(rows["start_time"] <= rows["end_time"])],
        REFUSALS,
        "",
    )
    visits = pd.DataFrame(
        {
            "visit_id": "declared-" + rows["patrol_id"],
            **{
                name: rows[name]
                for name in ("patrol_id", "start_time", "end_time", "evidence", "staff_id", "post_id")
            },
            **{name: stretch[name] for name in stretch.columns},
            "synthetic": rows["synthetic"],
        }
    )
    refused = pd.DataFrame({"patrol_id": rows["patrol_id"], "reason": reason})
    credited = reason == ""
    return Declared(conform("visits", visits[credited]), refused[~credited].reset_index(drop=True))


def scanned_visits(visits: pd.DataFrame, patrols: pd.DataFrame | None, places: gpd.GeoDataFrame) -> pd.DataFrame:
    """Credit the stretch between two markers whose codes one patrol scanned one after the other.

    A stretch counts when both markers are known on one border, the scans are at most two hours apart and nobody
    would have had to be faster than the patrol's mode allows. That somebody was at both ends is proved, that they
    kept to the line between is not: it errs high.

    Parameters
    ----------
    visits : pandas.DataFrame
        The ``visits`` table: scans are rows with evidence ``scan``, target type ``marker``, a patrol and a time.
    patrols : pandas.DataFrame or None
        The ``patrols`` table: mode and who; a patrol that is not in it goes on foot.
    places : geopandas.GeoDataFrame
        From :func:`geo.border.markers.marker_places`.

    Returns
    -------
    pandas.DataFrame
        Rows of the ``visits`` table with evidence ``scan``, by patrol and time. Two scans of one marker credit
        nothing between them.
    """
    scans = visits[(visits["evidence"] == SCAN) & (visits["target_type"] == MARKER)]
    known = places[places["measure_m"].notna()].set_index("marker_id")[["border_id", "measure_m"]]
    scans = scans[["patrol_id", "time", "target_id", "staff_id", "post_id", "joint", "synthetic"]]
    scans = scans.join(known, on="target_id").dropna(subset=["patrol_id", "time", "border_id"])
    scans = scans.sort_values(["patrol_id", "time", "measure_m"], kind="stable", ignore_index=True)
    before = scans.shift()
    lasted = (scans["time"] - before["time"]).dt.total_seconds()
    moved = (scans["measure_m"] - before["measure_m"]).abs()
    modes = {} if patrols is None else patrols.set_index("patrol_id")["mode"].to_dict()
    top = (
        scans["patrol_id"].map(lambda patrol: units.PATROL_TOP_SPEEDS_KMH[modes.get(patrol, "foot")]).astype(float)
    )
    same = (scans["patrol_id"] == before["patrol_id"]) & (scans["border_id"] == before["border_id"])
    counts = same & (moved > 0) & (lasted <= units.PATROL_SCAN_S) & (moved <= lasted * top / units.KMH_PER_MPS)
    ends = pd.DataFrame({"one": before["measure_m"].astype(float), "other": scans["measure_m"].astype(float)})
    rows = scans.drop(columns=["time", "target_id", "measure_m"]).assign(
        visit_id="scan-" + scans["patrol_id"] + "-" + scans.groupby("patrol_id").cumcount().astype("str"),
        start_m=ends.min(axis=1),
        end_m=ends.max(axis=1),
        start_time=before["time"],
        end_time=scans["time"],
        evidence=SCAN,
    )
    return conform("visits", rows[counts])
