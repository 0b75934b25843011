"""What each grid gains and loses by a repair: one entry for each finding, grid and other side."""

from __future__ import annotations

from typing import Any

import geopandas as gpd
import numpy as np
import pandas as pd
import shapely

from geo.crs import LONLAT, Frame
from geo.errors import finding_id
from geo.grid.concern import counted
from geo.grid.findings import METRES_PER_DEGREE, texts
from geo.grid.mending.cutting import Cut
from geo.grid.mending.outline import drawn, summed
from geo.place.index import named
from geo.place.rings import Floats, Ids
from geo.tables.conform import PANDAS_DTYPES

COLUMNS = {
    "entry_id": "string",
    "finding_id": "string",
    "kind": "string",
    "grid_id": "string",
    "change": "string",
    "area_m2": "float",
    "households": "count",
    "people": "count",
    "other_id": "string",
    "rule": "string",
}
STEP_DEGREES = 0.0005  # a vertex put into an edge then changes an area by less than 0.01 m²
COUNTS = ["households", "people"]
GROUP = ["finding", "kind", "grid", "change", "other", "rule"]


def measured(polygons: Any, frame: Frame) -> Floats:
    """Measure areas so that a vertex put into a straight edge changes nothing.

    Parameters
    ----------
    polygons : array of Polygon or MultiPolygon
        EPSG:4326, shape (n,).
    frame : geo.crs.Frame
        Equal-area frame.

    Returns
    -------
    numpy.ndarray
        m², shape (n,); 0 for missing ones.
    """
    exact = shapely.set_precision(polygons, 0.0)  # else new vertices are put on the lattice a polygon came from
    area: Floats = shapely.area(frame.metres(shapely.segmentize(exact, STEP_DEGREES)))
    return np.nan_to_num(area)


def entries(moves: pd.DataFrame, cut: Cut) -> pd.DataFrame:
    """Unite the faces that a grid gains or loses by one finding.

    Parameters
    ----------
    moves : pandas.DataFrame
        ``face, kind, finding, grid, change, other, rule``; -1 = nobody.
    cut : Cut
        The ground.

    Returns
    -------
    pandas.DataFrame
        ``finding, kind, grid, change, other, rule`` and ``geometry``, EPSG:4326.
    """
    number = moves.groupby(GROUP, dropna=False, sort=True).ngroup().to_numpy(dtype=np.int64)
    rows = moves.assign(number=number).drop_duplicates("number").sort_values("number")
    outline = summed(cut.rims.given_to(moves["face"].to_numpy(dtype=np.int64), number))
    return rows[GROUP].reset_index(drop=True).assign(geometry=drawn(cut.xy, outline, len(rows)))


def ledger_of(
    made: pd.DataFrame,
    findings: gpd.GeoDataFrame,
    grids: gpd.GeoDataFrame,
    area: Floats,
    frame: Frame,
    population: gpd.GeoDataFrame | None,
) -> gpd.GeoDataFrame:
    """Write the entries down.

    Parameters
    ----------
    made : pandas.DataFrame
        As :func:`entries` gives them; ``finding`` and ``grid`` are row positions.
    findings : geopandas.GeoDataFrame
        ``finding_id``.
    grids : geopandas.GeoDataFrame
        ``grid_id``; ``households`` and ``people`` where known.
    area : numpy.ndarray
        Of each grid before, m².
    frame : geo.crs.Frame
        Where areas are measured.
    population : geopandas.GeoDataFrame or None
        Where people live.

    Returns
    -------
    geopandas.GeoDataFrame
        One row an entry, findings in the order given, then by grid and by the other side.
    """
    ids = texts(grids["grid_id"])
    ground = made["geometry"].to_numpy()
    size = measured(ground, frame)
    counts = _inhabitants(made["grid"].to_numpy(dtype=np.int64), made["change"], size, grids, area)
    if population is not None:
        known = counted(ground, population)
        has = population["households"].notna().any()
        counts = known if has else known.assign(households=counts["households"])
    rows = pd.DataFrame(
        {
            "finding": made["finding"],
            "finding_id": findings["finding_id"].to_numpy()[made["finding"]],
            "kind": made["kind"].to_numpy(),
            "grid_id": named(ids, made["grid"].to_numpy()),
            "change": made["change"],
            "area_m2": size.round(2),
            "households": counts["households"].to_numpy(),
            "people": counts["people"].to_numpy(),
            "other_id": named(ids, made["other"].to_numpy()),
            "rule": made["rule"],
            "geometry": ground,
        }
    )
    rows = rows.sort_values(
        ["finding", "kind", "grid_id", "other_id", "rule", "area_m2"], kind="stable", ignore_index=True
    )
    rows["entry_id"] = _names(rows)
    rows = rows[[*COLUMNS, "geometry"]]
    typed = rows.astype({name: PANDAS_DTYPES[dtype] for name, dtype in COLUMNS.items()})
    return gpd.GeoDataFrame(typed, geometry="geometry", crs=LONLAT)


def _inhabitants(
    grid: Ids, change: pd.Series, size: Floats, grids: gpd.GeoDataFrame, area: Floats
) -> pd.DataFrame:
    """Estimate who leaves a grid, from its own counts spread evenly; nobody's count tells who lives in a gap."""
    loses = (change == "loses").to_numpy()
    share = np.divide(size, area[grid], out=np.full(len(size), np.nan), where=loses & (area[grid] > 0))
    unknown = pd.Series(np.nan, index=grids.index)
    own = {name: grids.get(name, unknown).to_numpy(dtype=float, na_value=np.nan) for name in COUNTS}
    return pd.DataFrame({name: (count[grid] * share).round() for name, count in own.items()})


def _names(rows: pd.DataFrame) -> Any:
    """Name entries by what they are and where, to 1 m; those that agree in all that are counted."""
    centre = shapely.centroid(rows["geometry"].to_numpy())
    x, y = shapely.get_x(centre), shapely.get_y(centre)
    east, north = x * METRES_PER_DEGREE * np.cos(np.radians(y)), y * METRES_PER_DEGREE
    sides = [texts(rows[name]) for name in ("grid_id", "other_id")]
    parts = zip(rows["rule"], *sides, rows["finding_id"], east, north, strict=True)
    made = [finding_id(rule, [f"{grid}>{other}"], of, e, n) for rule, grid, other, of, e, n in parts]
    names = pd.Series(made, dtype="object")
    again = names.groupby(names).cumcount()
    return names.where(again == 0, names + "-" + (again + 1).astype(str)).to_numpy()
