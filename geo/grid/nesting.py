"""Does each child stand rightly in the tree? Parents of children, and what is wrong with a child by itself."""

from __future__ import annotations

from typing import Any

import geopandas as gpd
import numpy as np
import pandas as pd
import shapely

from geo.crs import frame_of
from geo.grid.findings import findings, texts
from geo.place.edges import Ids
from geo.place.index import polygonal
from geo.units import CHILD_OUTSIDE_SHARE


def parentage(grids: gpd.GeoDataFrame, parents: gpd.GeoDataFrame) -> pd.DataFrame:
    """Find the parent of each child.

    Parameters
    ----------
    grids : geopandas.GeoDataFrame
        ``division_id`` and geometry, EPSG:4326.
    parents : geopandas.GeoDataFrame
        Rows of ``divisions``, with or without polygon.

    Returns
    -------
    pandas.DataFrame
        One row a child in the order given: ``parent`` (row position in ``parents``, -1 = none) and ``basis``:
        ``declared`` where ``division_id`` names one of them, ``overlap`` where the child was given to the parent
        that holds most of it (to 1 m²; the lowest id of two that hold as much), ``none`` where neither helps.
    """
    ids = texts(parents["division_id"])
    position = pd.Series(np.arange(len(ids)), index=ids)
    parent = position.reindex(texts(grids["division_id"])).fillna(-1).to_numpy(dtype=np.int64).copy()
    basis = np.where(parent >= 0, "declared", "none").astype(object)
    lost = np.flatnonzero(parent < 0)
    if len(lost):
        parent[lost] = _largest_overlap(np.asarray(grids.geometry)[lost], np.asarray(parents.geometry), ids)
        basis[lost[parent[lost] >= 0]] = "overlap"
    return pd.DataFrame({"parent": parent, "basis": basis})


def _largest_overlap(children: Any, parents: Any, ids: Any) -> Ids:
    made = np.full(len(children), -1, dtype=np.int64)
    frame = frame_of(parents)
    ground, above = frame.metres(polygonal(children)), frame.metres(polygonal(parents))
    child, parent = shapely.STRtree(above).query(ground, predicate="intersects")
    shared = shapely.area(shapely.intersection(ground[child], above[parent])).round()
    pairs = pd.DataFrame({"child": child, "parent": parent, "shared": shared, "id": ids[parent]})
    best = pairs[shared > 0].sort_values(["shared", "id"], ascending=[False, True]).drop_duplicates("child")
    made[best["child"]] = best["parent"]
    return made


def nesting_findings(
    grids: gpd.GeoDataFrame,
    parents: gpd.GeoDataFrame,
    pieces: gpd.GeoDataFrame,
    *,
    divisions: gpd.GeoDataFrame | None = None,
) -> gpd.GeoDataFrame:
    """Find what is wrong with children by themselves.

    Parameters
    ----------
    grids : geopandas.GeoDataFrame
        Children: ``grid_id``, ``division_id`` and geometry, EPSG:4326.
    parents : geopandas.GeoDataFrame
        Rows of ``divisions``: the level above them.
    pieces : geopandas.GeoDataFrame
        What :func:`geo.grid.partition.partition_findings` found for them.
    divisions : geopandas.GeoDataFrame or None
        All divisions, to tell a skipped level from a code that nobody knows.

    Returns
    -------
    geopandas.GeoDataFrame
        One row a finding, as :func:`geo.grid.findings.findings` gives them; ``cause`` is ``real``, ``severity``
        ``fail`` but for ``unparented``. ``kind``: ``empty`` (no ground), ``invalid`` (``detail``: the reason and
        the place; measured as if made valid), ``orphan`` (``detail``: the division it names, which nobody knows;
        or it names none and lies in none), ``skipped`` (names a division of another level), ``unparented`` (its
        parent has no polygon to be compared with; a warning), ``outside`` (more than 0.1 % of its area lies
        outside its parent; geometry and area are that part).
    """
    kin = parentage(grids, parents)
    given, declared = np.asarray(grids.geometry), texts(grids["division_id"])
    ground, parent = polygonal(given), kin["parent"].to_numpy()
    area = shapely.area(frame_of(parents).metres(ground))
    table = pd.DataFrame(
        {
            "id": texts(grids["grid_id"]),
            "parent_id": pd.Series(texts(parents["division_id"])).reindex(parent).to_numpy(),
            "basis": kin["basis"],
            "area_m2": area,
            "geometry": ground,
            "cause": "real",
            "severity": "fail",
            "detail": declared,
        }
    )
    here = ~shapely.is_missing(ground)
    lacking = np.append(shapely.is_missing(polygonal(parents.geometry)), False)[parent]
    unknown = (kin["basis"] != "declared").to_numpy() & ((declared != "") | (parent < 0))
    elsewhere = (
        np.isin(declared, texts(divisions["division_id"])) if divisions is not None else np.zeros_like(here)
    )
    broken = here & ~shapely.is_valid(given)
    reasons = pd.Series(shapely.is_valid_reason(given)).str.replace(r"\[(\S+) (\S+)\]", r" \1, \2", regex=True)
    rows = [
        table[~here].assign(kind="empty", detail=None),
        table[broken].assign(kind="invalid", detail=reasons[broken]),
        table[unknown & ~elsewhere].assign(kind="orphan"),
        table[unknown & elsewhere].assign(kind="skipped"),
        table[lacking & here].assign(kind="unparented", severity="warning"),
        _outside(table, pieces),
    ]
    return findings(pd.concat(rows).assign(grid_ids=lambda made: made["id"].map(lambda one: [one])))


def _outside(table: pd.DataFrame, pieces: gpd.GeoDataFrame) -> pd.DataFrame:
    """Add up what each child spills."""
    spills = pieces.loc[pieces["kind"] == "spill", ["grid_ids", "geometry"]].explode("grid_ids", ignore_index=True)
    part = pd.DataFrame(spills).merge(table, left_on="grid_ids", right_on="id", suffixes=("_spilt", ""))
    frame = frame_of(part["geometry"])
    mine = shapely.intersection(
        frame.metres(np.asarray(part["geometry_spilt"])), frame.metres(np.asarray(part["geometry"]))
    )
    part = part.assign(spilt=shapely.area(mine), geometry=part["geometry_spilt"])
    whole = part.groupby("id", as_index=False).agg(
        {**dict.fromkeys(table.columns.drop(["id", "geometry"]), "first"), "spilt": "sum", "geometry": _together}
    )
    whole = whole[whole["spilt"] > CHILD_OUTSIDE_SHARE * whole["area_m2"]]
    share = (whole["spilt"] / whole["area_m2"]).map("{:.1%}".format)
    return whole.assign(kind="outside", area_m2=whole["spilt"], detail=share).drop(columns="spilt")


def _together(parts: pd.Series) -> Any:
    return shapely.union_all(parts.to_numpy())
