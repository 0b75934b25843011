"""Declared patrols ("from marker 3 to marker 7, 08:10-11:40") as rows of the visits table."""

from __future__ import annotations

from dataclasses import dataclass

import geopandas as gpd
import numpy as np
import pandas as pd

from geo.border.markers import MarkerBook
from geo.tables.conform import conform

DECLARED = "declared"
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
