"""Is every place in exactly one grid? Gaps, overlaps and spills, each explained, and the health of each parent."""

from __future__ import annotations

from typing import Any

import geopandas as gpd
import numpy as np
import pandas as pd
import shapely

from geo.crs import Frame, frame_of
from geo.grid.causes import areas_m2, causes_of, severity_of, usual_areas, width_m
from geo.grid.concern import around, counted, estimated, holding, nearest_neighbour, of_pieces
from geo.grid.findings import findings, texts
from geo.grid.multiplicity import SNAPPED_DEGREES, STEP_DEGREES, pieces
from geo.grid.nesting import parentage
from geo.place.index import polygonal
from geo.place.nearby import near
from geo.units import NOISE_M, SLIVER_M

COUNTY_DIGITS = 6
OUTWARDS = np.array([-1, -1, 1, 1]) * 2 * SNAPPED_DEGREES
BELOW_COUNTY = ("township", "community")
LARGE_GRID = "large_grid"  # as a level; its county is that of its division


def partition_findings(
    grids: gpd.GeoDataFrame,
    parents: gpd.GeoDataFrame,
    *,
    excluded: gpd.GeoDataFrame | None = None,
    noise_m: float = NOISE_M,
    sliver_m: float = SLIVER_M,
    population: gpd.GeoDataFrame | None = None,
) -> gpd.GeoDataFrame:
    """Find where grids do not tile their parents.

    With μ(x) the number of a parent's grids that hold x: a gap is a connected piece of the parent, off excluded
    ground, where μ = 0; an overlap one where μ ≥ 2; a spill one outside the parent where μ ≥ 1. Corners of
    neighbours are first put into shared edges and everything is snapped to 1 mm in an equal-area frame; pieces on
    average no wider than 2 mm are left out.

    Parameters
    ----------
    grids : geopandas.GeoDataFrame
        Children of one scheme: ``grid_id``, ``division_id`` and geometry, EPSG:4326; ``households`` and ``people``
        where known. Divisions are checked the same way, with their own id as ``grid_id``. A missing or empty
        polygon holds nothing, an invalid one what it holds once made valid.
    parents : geopandas.GeoDataFrame
        Rows of ``divisions``, one level. Looked at are those with a polygon that have a grid, or a sibling that
        has (divisions below a county: any other in the county; else of the same parent).
    excluded : geopandas.GeoDataFrame or None
        Lakes and closed zones, which nobody needs to hold.
    noise_m, sliver_m : float
        Narrower pieces are noise, slivers.
    population : geopandas.GeoDataFrame or None
        Where people live; without it their number is estimated from the grids' own counts.

    Returns
    -------
    geopandas.GeoDataFrame
        One row a piece: ``finding_id, kind, cause, severity, grid_ids, parent_id, neighbour_id, area_m2, width_m,
        households, people, basis, detail, geometry``. ``grid_ids`` are the grids that hold it, around a gap those
        of the parent along its edge; ``neighbour_id`` is the one with the longest shared edge (beside a spill, of
        another parent); ``basis`` is ``overlap`` when a grid concerned names no known parent and was given to the
        one that holds most of it; ``detail`` is missing. Worst first.
    """
    kin = parentage(grids, parents)
    parent_of = kin["parent"].to_numpy()
    children, above = polygonal(grids.geometry), polygonal(parents.geometry)
    above[~_looked_at(parents, above, parent_of[~shapely.is_missing(children)])] = None
    frame = frame_of(parents)
    found = pieces(children, parent_of, above, _ground(excluded), frame)
    if not len(found):
        return findings(found.drop(columns="parent"))
    parent = found["parent"].to_numpy(dtype=np.int64)
    geometry, gap = found["geometry"].to_numpy(), (found["kind"] == "gap").to_numpy()
    lonlat, area, width = frame.lonlat(geometry), shapely.area(geometry), width_m(geometry)
    rows = np.flatnonzero(near(shapely.bounds(lonlat) + OUTWARDS, shapely.bounds(children)))
    usual = usual_areas(children, parent_of, np.unique(parent[gap & (width >= sliver_m)]), len(above), frame)
    about = grids.iloc[rows]  # all grids that have to do with a piece
    children, parent_of, overlap = children[rows], parent_of[rows], (kin["basis"] == "overlap").to_numpy()[rows]
    members = holding(found, lonlat, children, parent_of)
    cause = causes_of(found, width, members, children, above, usual, frame, noise_m=noise_m, sliver_m=sliver_m)
    beside = around(found, lonlat, children, parent_of)
    along = of_pieces(beside["piece"], beside["child"], len(found))
    concerned = along.where(gap, members)
    ids = texts(about["grid_id"])
    counts = _inhabitants(members, lonlat, area, about, areas_m2(children, frame), population)
    return findings(
        found.assign(
            cause=cause,
            severity=severity_of(cause),
            grid_ids=[ids[these].tolist() for these in concerned],
            parent_id=texts(parents["division_id"])[parent],
            neighbour_id=nearest_neighbour(beside, ids, len(found)),
            area_m2=area,
            width_m=width,
            households=counts["households"],
            people=counts["people"],
            basis=["overlap" if overlap[these].any() else "declared" for these in concerned],
            geometry=lonlat,
        )
    )


def partition_health(
    grids: gpd.GeoDataFrame,
    parents: gpd.GeoDataFrame,
    findings: gpd.GeoDataFrame,
    *,
    excluded: gpd.GeoDataFrame | None = None,
) -> gpd.GeoDataFrame:
    """Judge each parent by its findings.

    Parameters
    ----------
    grids, parents, excluded : geopandas.GeoDataFrame
        As given to :func:`partition_findings`.
    findings : geopandas.GeoDataFrame
        What it returned; findings about single grids may be among them.

    Returns
    -------
    geopandas.GeoDataFrame
        One row a parent that was looked at, by id: ``parent_id, name, level, children`` (grids with a polygon),
        ``area_m2`` (without excluded ground), ``covered_area_m2`` (that less the gaps), ``covered`` (their
        ratio; missing when all ground is excluded), ``gap_area_m2, overlap_area_m2, spill_area_m2, fails,
        warnings, grade`` (FAIL with any finding of severity fail, WARN with any warning, else PASS), ``basis``
        (``declared``, ``overlap`` or ``mixed``: how its grids were given to it; missing without grids), and the
        parent's polygon.
    """
    kin = parentage(grids, parents)
    parent_of = kin["parent"].to_numpy()
    held = ~shapely.is_missing(polygonal(grids.geometry))
    above = polygonal(parents.geometry)
    rows = np.flatnonzero(_looked_at(parents, above, parent_of[held]))
    order = rows[np.argsort(texts(parents["division_id"])[rows], kind="stable")]
    looked_at = parents.iloc[order]
    ids = pd.Series(texts(looked_at["division_id"]))
    area = _net_area(above[order], _ground(excluded), frame_of(parents))
    areas = findings.groupby(["parent_id", "kind"])["area_m2"].sum().unstack()
    sums = areas.reindex(index=ids, columns=["gap", "overlap", "spill"]).fillna(0.0)
    count = findings.groupby(["parent_id", "severity"]).size().unstack()
    counts = count.reindex(index=ids, columns=["fail", "warning"]).fillna(0).astype(np.int64)
    covered = np.clip(area - sums["gap"].to_numpy(), 0.0, None)
    declared = (kin["basis"] == "declared")[held].groupby(parent_of[held]).mean()
    basis = declared.map({1.0: "declared", 0.0: "overlap"}).where(declared.isin([0, 1]), "mixed")
    grade = np.select([counts["fail"] > 0, counts["warning"] > 0], ["FAIL", "WARN"], "PASS")
    return gpd.GeoDataFrame(
        {
            "parent_id": ids,
            "name": looked_at["name"].to_numpy(),
            "level": looked_at["level"].to_numpy(),
            "children": np.bincount(parent_of[held & (parent_of >= 0)], minlength=len(parents))[order],
            "area_m2": area.round(2),
            "covered_area_m2": covered.round(2),
            "covered": np.divide(covered, area, out=np.full(len(area), np.nan), where=area > 0),
            "gap_area_m2": sums["gap"].to_numpy(),
            "overlap_area_m2": sums["overlap"].to_numpy(),
            "spill_area_m2": sums["spill"].to_numpy(),
            "fails": counts["fail"].to_numpy(),
            "warnings": counts["warning"].to_numpy(),
            "grade": grade,
            "basis": basis.reindex(order).to_numpy(),
        },
        geometry=looked_at.geometry.to_numpy(),
        crs=parents.crs,
    )


def _looked_at(parents: gpd.GeoDataFrame, above: Any, parent_of: Any) -> Any:
    """Mark parents with a polygon that have a child, or a sibling that has."""
    above_it = parents["parent_id"].astype("object")
    code = parents["division_id"].astype("object").where(parents["level"] != LARGE_GRID, above_it)
    below = parents["level"].isin((*BELOW_COUNTY, LARGE_GRID))
    family = code.str[:COUNTY_DIGITS].where(below, above_it).fillna("").to_numpy()
    with_children = np.unique(family[np.unique(parent_of[parent_of >= 0])])
    return ~shapely.is_missing(above) & np.isin(family, with_children)


def _ground(excluded: gpd.GeoDataFrame | None) -> Any:
    if excluded is None:
        return np.empty(0, dtype=object)
    ground = polygonal(excluded.geometry)
    return ground[~shapely.is_missing(ground)]


def _net_area(parents: Any, excluded: Any, frame: Frame) -> Any:
    """Measure parents less excluded ground, m²; long edges are cut before projecting, as they are for pieces."""
    area = areas_m2(shapely.segmentize(parents, STEP_DEGREES), frame)
    wet = np.unique(shapely.STRtree(excluded).query(parents, predicate="intersects")[0])
    if len(wet):
        ground, lakes = (frame.metres(shapely.segmentize(one, STEP_DEGREES)) for one in (parents[wet], excluded))
        area[wet] = shapely.area(shapely.difference(ground, shapely.union_all(lakes)))
    return area


def _inhabitants(
    members: pd.Series,
    lonlat: Any,
    area: Any,
    grids: gpd.GeoDataFrame,
    child_area: Any,
    population: gpd.GeoDataFrame | None,
) -> pd.DataFrame:
    """Count where it is known who lives where; estimate the rest."""
    unknown = pd.Series(np.nan, index=grids.index)
    own = pd.DataFrame({name: grids.get(name, unknown) for name in ("people", "households")})
    guess = estimated(members, area, own.astype("Float64"), child_area)
    if population is None:
        return guess
    known = counted(lonlat, population)
    if not population["households"].notna().any():
        known["households"] = guess["households"]
    return known
