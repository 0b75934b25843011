"""Is a grid neither too large nor too small for its kind?"""

from __future__ import annotations

from collections.abc import Mapping
from typing import Any

import geopandas as gpd
import numpy as np
import pandas as pd
import shapely

from geo.crs import Frame
from geo.grid.staffing import demand
from geo.grid.structure.marks import marks
from geo.parameters import SizeBand
from geo.units import PUBLISHED_PEOPLE_MIN

M2_PER_KM2 = 1e6
MEASURES = ("households", "people", "area_km2")
UNTOLD = f"< {PUBLISHED_PEOPLE_MIN}"


def sizes(
    grids: gpd.GeoDataFrame,
    ground: Any,
    frame: Frame,
    *,
    bands: Mapping[str, SizeBand],
    population: gpd.GeoDataFrame | None = None,
) -> pd.DataFrame:
    """Mark grids that are larger or smaller than the workspace allows for their kind.

    Parameters
    ----------
    grids : geopandas.GeoDataFrame
        Grids that lie beside each other: ``kind``, ``households``, ``people``.
    ground : array of Polygon or MultiPolygon
        Theirs, EPSG:4326, valid or missing.
    frame : geo.crs.Frame
        Where areas are measured.
    bands : mapping of str to SizeBand
        By kind; a kind without one is not judged.
    population : geopandas.GeoDataFrame or None
        Where people live; without it the grids' own counts are used, as they are for households where the table
        has none.

    Returns
    -------
    pandas.DataFrame
        Marks of kind ``size``, one a measure that is out of its band: the cause is the measure, ``detail`` the
        number and the band. Unknown counts are not judged. A count of ``population`` from fewer than 10 people is
        not told: it is below a band that begins at 10 or more, and not judged by any other.
    """
    kind = grids["kind"].astype("object").to_numpy()
    judged = np.flatnonzero(np.isin(kind, list(bands)))
    if not len(judged):
        return marks(judged, "size")
    counts = _counts(grids, population).iloc[judged]
    values = {name: counts[name].to_numpy(dtype=float) for name in ("households", "people")}
    told = {name: counts["told"].to_numpy(dtype=bool) | counts[f"own_{name}"].to_numpy() for name in values}
    if any(band.area_km2 for band in bands.values()):
        values["area_km2"] = shapely.area(frame.metres(ground[judged])) / M2_PER_KM2
        told["area_km2"] = np.ones(len(judged), dtype=bool)
    limits = {one: {measure: getattr(band, measure) for measure in MEASURES} for one, band in bands.items()}
    found = [
        _outside(measure, values[measure], told[measure], [limits[one][measure] for one in kind[judged]])
        for measure in values
    ]
    made = pd.concat(found)
    return made.assign(row=judged[made["row"].to_numpy(dtype=np.int64)])


def _counts(grids: gpd.GeoDataFrame, population: gpd.GeoDataFrame | None) -> pd.DataFrame:
    """Take what is counted, and the grids' own where nothing is; say which is which."""
    asked = demand(grids, population).reset_index(drop=True)
    own = grids[["households", "people"]].astype("Float64").astype(float).reset_index(drop=True)
    mine = asked["people"].isna()
    return asked.assign(people=asked["people"].fillna(own["people"]), own_households=mine, own_people=mine)


def _outside(measure: str, values: Any, told: Any, bands: list[tuple[float, float] | None]) -> pd.DataFrame:
    least = np.array([band[0] if band else -np.inf for band in bands], dtype=float)
    most = np.array([band[1] if band else np.inf for band in bands], dtype=float)
    rows = np.flatnonzero(np.where(told, (values < least) | (values > most), least >= PUBLISHED_PEOPLE_MIN))
    detail = [
        f"{_plain(values[row]) if told[row] else UNTOLD} ({_plain(least[row])}–{_plain(most[row])})"
        for row in rows
    ]
    return marks(rows, "size", cause=measure, detail=detail)


def _plain(number: float) -> str:
    return f"{round(float(number), 3):.12g}"
