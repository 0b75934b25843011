"""Where ground is held wrongly, and what lies there: all that a repair has to look at."""

from __future__ import annotations

from typing import Any, NamedTuple

import geopandas as gpd
import numpy as np
import pandas as pd
import shapely

from geo.crs import Frame, frame_of
from geo.grid.findings import texts
from geo.grid.mending.cells import KINDS
from geo.grid.mending.cutting import ZONE_DEGREES
from geo.grid.nesting import parentage
from geo.place.index import polygonal
from geo.place.rings import Ids

DATES = ("valid_from", "x_valid_from")  # since when a grid is drawn so, where its file says it


class Site(NamedTuple):
    """Where ground is held wrongly, and what lies there.

    Parameters
    ----------
    pieces : pandas.DataFrame
        The findings to be mended, in the order given: ``kind``, ``cause``, ``parent`` (position among
        ``parents``; -1 = one without a grid: nothing can be done), ``finding`` (row position) and ``geometry``.
    rows : numpy.ndarray
        Row positions of the grids at those places, shape (n,).
    grids : pandas.DataFrame
        Their ``grid_id``, ``households`` and ``since``; index 0…n-1.
    ground : numpy.ndarray
        Their polygons, valid, EPSG:4326.
    parent_of : numpy.ndarray
        Their parents, as positions among ``parents``; -1 = another or none.
    parents, excluded : numpy.ndarray
        Polygons of the parents concerned, and of excluded ground about them.
    zone : numpy.ndarray
        The places: polygons of the findings that can be mended, and what else was asked for.
    frame : geo.crs.Frame
        Where areas are measured.
    """

    pieces: pd.DataFrame
    rows: Ids
    grids: pd.DataFrame
    ground: Any
    parent_of: Ids
    parents: Any
    excluded: Any
    zone: Any
    frame: Frame


def site_of(
    grids: gpd.GeoDataFrame,
    ground: Any,
    parents: gpd.GeoDataFrame,
    findings: gpd.GeoDataFrame,
    excluded: gpd.GeoDataFrame | None,
    more: Any,
) -> Site:
    """Gather what lies at the findings.

    Parameters
    ----------
    grids, parents, excluded : geopandas.GeoDataFrame
        As given to :func:`geo.grid.partition.partition_findings`.
    ground : numpy.ndarray
        The grids' polygons, valid; missing ones hold nothing.
    findings : geopandas.GeoDataFrame
        What it returned.
    more : array of Polygon
        Further places to look at.

    Returns
    -------
    Site
        Findings of other kinds, without polygon, or of a parent that is not among ``parents``, are left out.
    """
    position = pd.Series(np.arange(len(parents)), index=texts(parents["division_id"]))
    position = position[~position.index.duplicated()]
    pieces = pd.DataFrame(findings[["kind", "cause", "geometry"]]).assign(
        finding=np.arange(len(findings)),
        parent=position.reindex(texts(findings["parent_id"])).fillna(-1).to_numpy(dtype=np.int64),
    )
    wanted = pieces["kind"].isin(KINDS) & (pieces["parent"] >= 0) & findings.geometry.notna()
    pieces = pieces[wanted].reset_index(drop=True)
    parent_of = parentage(grids, parents)["parent"].to_numpy()
    peopled = np.unique(parent_of[~shapely.is_missing(ground)])
    concerned = np.intersect1d(pieces["parent"], peopled)
    local = np.full(len(parents) + 1, -1)
    local[concerned] = np.arange(len(concerned))
    pieces["parent"] = local[pieces["parent"]]
    zone = np.concatenate([pieces["geometry"].to_numpy()[pieces["parent"] >= 0], more])
    rows = near(ground, zone)
    table = pd.DataFrame({"grid_id": texts(grids["grid_id"]), "households": np.nan, "since": pd.NaT})
    if "households" in grids:
        table["households"] = grids["households"].to_numpy(dtype=float, na_value=np.nan)
    dated = next((name for name in DATES if name in grids), None)
    if dated:
        table["since"] = pd.to_datetime(grids[dated].to_numpy(), errors="coerce")
    lakes = np.empty(0, dtype=object) if excluded is None else polygonal(excluded.geometry)
    return Site(
        pieces=pieces,
        rows=rows,
        grids=table.iloc[rows].reset_index(drop=True),
        ground=ground[rows],
        parent_of=local[parent_of[rows]],
        parents=polygonal(parents.geometry.iloc[concerned]),
        excluded=lakes[near(lakes, zone)],
        zone=zone,
        frame=frame_of(parents),
    )


def near(things: Any, zone: Any) -> Ids:
    """Find what lies at some places, or touches them.

    Parameters
    ----------
    things : array of geometry
        EPSG:4326; missing ones lie nowhere.
    zone : array of Polygon
        The places.

    Returns
    -------
    numpy.ndarray
        Positions, ascending.
    """
    found = shapely.STRtree(things).query(zone, predicate="dwithin", distance=ZONE_DEGREES)[1]
    return np.unique(found).astype(np.int64)
