"""Does each child stand rightly in the tree? Parents of children, and what is wrong with a child by itself."""

from __future__ import annotations

from collections.abc import Mapping
from typing import Any

import geopandas as gpd
import numpy as np
import pandas as pd
import shapely

from geo.crs import Frame, frame_of
from geo.grid.findings import findings, texts
from geo.grid.structure.codes import division_codes, grid_codes, used_twice
from geo.grid.structure.marks import marks
from geo.grid.structure.parts import separate_parts
from geo.grid.structure.sizes import sizes
from geo.grid.structure.standing import standing
from geo.parameters import SizeBand
from geo.place.index import polygonal
from geo.place.rings import Ids
from geo.tables.ground import LEVELS
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
    shapely.prepare(above)
    across = ~shapely.covers(above[parent], ground[child])  # most lie inside: only the others are cut
    shared = shapely.area(ground)[child]
    shared[across] = shapely.area(shapely.intersection(ground[child[across]], above[parent[across]]))
    shared = shared.round()
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
    level: str = "grid",
    excluded: gpd.GeoDataFrame | None = None,
    grid_code: str | None = None,
    size_bands: Mapping[str, SizeBand] | None = None,
    population: gpd.GeoDataFrame | None = None,
) -> gpd.GeoDataFrame:
    """Find what is wrong with children by themselves.

    Parameters
    ----------
    grids : geopandas.GeoDataFrame
        Children: ``grid_id``, ``division_id`` and geometry, EPSG:4326. Where the columns are there, ``named`` is
        what each names as its parent (else ``division_id``), ``own`` the known division that it names and
        ``of_large`` that of its large grid, as :mod:`geo.grid.levels` gives them.
    parents : geopandas.GeoDataFrame
        Rows of ``divisions``, or large grids as such: the level above them.
    pieces : geopandas.GeoDataFrame
        What :func:`geo.grid.partition.partition_findings` found for them.
    divisions : geopandas.GeoDataFrame or None
        All places of the tree, to tell a skipped level from a code that nobody knows; None = the parents alone.
    level : str
        Of the children. Divisions may be without polygon and in several parts.
    excluded : geopandas.GeoDataFrame or None
        Lakes and closed zones, which may lie between two parts of a grid.
    grid_code : str or None
        Pattern of grid codes; None = codes are not judged.
    size_bands : mapping of str to SizeBand, optional
        How large a grid of each kind may be.
    population : geopandas.GeoDataFrame or None
        Where people live; without it the grids' own counts are compared with the bands.

    Returns
    -------
    geopandas.GeoDataFrame
        One row a finding, as :func:`geo.grid.findings.findings` gives them; ``cause`` is ``real`` where nothing
        else is said, ``severity`` ``fail`` but for ``unparented``. ``kind``: ``empty`` (no ground), ``invalid``
        (``detail``: the reason and the place; measured as if made valid), ``orphan`` (``detail``: the parent it
        names, which nobody knows; or it names none and lies in none), ``skipped`` (names a place that is not of
        the level right above), ``unparented`` (its parent has no polygon to be compared with, though others have;
        a warning), ``outside`` (more than 0.1 % of its area lies outside its parent; geometry and area are that
        part), ``multipart`` (:mod:`geo.grid.structure.parts`), ``code`` and ``code_twice``
        (:mod:`geo.grid.structure.codes`), ``size`` (:mod:`geo.grid.structure.sizes`).
    """
    kin = parentage(grids, parents)
    given, ids, parent = np.asarray(grids.geometry), texts(grids["grid_id"]), kin["parent"].to_numpy()
    ground, above, frame = polygonal(given), polygonal(parents.geometry), frame_of(parents)
    table = pd.DataFrame(
        {
            "id": ids,
            "parent_id": pd.Series(texts(parents["division_id"])).reindex(parent).to_numpy(),
            "basis": kin["basis"],
            "geometry": ground,
        }
    )
    named = grids["named"] if "named" in grids else grids["division_id"]
    looped = grids["looped"].to_numpy(dtype=bool) if "looped" in grids else np.zeros(len(grids), dtype=bool)
    misplaced = standing(named, level, parents if divisions is None else divisions, (parent < 0) & ~looped)
    found = [
        misplaced,
        _shapes(given, ground, may_lack=level in LEVELS),
        _unparented(ground, above, parent, table["parent_id"]),
        used_twice(ids, table["parent_id"].fillna(""), ground),
        _outside(table, pieces),
    ]
    if level not in LEVELS:
        sound = np.where(_same(given, ground), ground, None)
        found += [separate_parts(sound, parent, above, _ground(excluded), frame)]
    if grid_code is not None:
        codes = _codes(grids, ids, level, grid_code)
        said = (codes["cause"] == "contradiction") & codes["row"].isin(misplaced["row"])
        found += [codes[~said]]  # a wrong parent is told once
    if size_bands:
        found += [sizes(grids, ground, frame, bands=size_bands, population=population)]
    return _told(pd.concat(found), table, frame)


def _told(marked: pd.DataFrame, table: pd.DataFrame, frame: Frame) -> gpd.GeoDataFrame:
    """Turn marks into findings; a mark without a place of its own is about all the ground of its row."""
    row = marked["row"].to_numpy(dtype=np.int64)
    whole = table.iloc[row].reset_index(drop=True)
    place = marked["geometry"].reset_index(drop=True)
    ground = place.where(place.notna(), whole["geometry"]).to_numpy(dtype=object)
    made = marked.reset_index(drop=True).assign(
        parent_id=whole["parent_id"],
        basis=whole["basis"],
        grid_ids=[[one] for one in whole["id"]],
        geometry=ground,
        area_m2=np.where(shapely.is_missing(ground), np.nan, shapely.area(frame.metres(ground))),
    )
    return findings(made)


def _shapes(given: Any, ground: Any, *, may_lack: bool) -> pd.DataFrame:
    """Mark what has no ground, and what was drawn wrongly."""
    lost = np.flatnonzero(shapely.is_missing(ground) & ~(may_lack & shapely.is_missing(given)))
    broken = np.flatnonzero(~shapely.is_missing(ground) & ~_same(given, ground))
    reasons = pd.Series(shapely.is_valid_reason(given[broken]), dtype="object")
    said = reasons.str.replace(r"\[(\S+) (\S+)\]", r" \1, \2", regex=True)
    return pd.concat([marks(lost, "empty"), marks(broken, "invalid", detail=said.to_numpy(dtype=object))])


def _same(given: Any, ground: Any) -> Any:
    """Tell which polygons needed no mending: those are passed on as they are."""
    return np.fromiter((one is other for one, other in zip(given, ground, strict=True)), bool, len(given))


def _unparented(ground: Any, above: Any, parent: Ids, ids: pd.Series) -> pd.DataFrame:
    bare = np.append(shapely.is_missing(above), False)
    rows = np.flatnonzero(bare[parent] & ~shapely.is_missing(ground) & ~bare[:-1].all())
    return marks(rows, "unparented", severity="warning", detail=ids.to_numpy(dtype=object)[rows])


def _codes(grids: gpd.GeoDataFrame, ids: Any, level: str, pattern: str) -> pd.DataFrame:
    own, of_large = (_known(grids, column) for column in ("own", "of_large"))
    return division_codes(ids, level, own) if level in LEVELS else grid_codes(ids, pattern, own, of_large)


def _known(grids: gpd.GeoDataFrame, column: str) -> Any:
    if column not in grids:
        return np.full(len(grids), None, dtype=object)
    return grids[column].astype("object").where(grids[column].notna(), None).to_numpy(dtype=object)


def _ground(excluded: gpd.GeoDataFrame | None) -> Any:
    if excluded is None:
        return np.empty(0, dtype=object)
    ground = polygonal(excluded.geometry)
    return ground[~shapely.is_missing(ground)]


def _outside(table: pd.DataFrame, pieces: gpd.GeoDataFrame) -> pd.DataFrame:
    """Add up what each child spills."""
    spills = pieces.loc[pieces["kind"] == "spill", ["grid_ids", "parent_id", "geometry"]]
    if spills.empty:
        return marks(np.empty(0, dtype=np.int64), "outside")
    spilt = pd.DataFrame(spills.explode("grid_ids", ignore_index=True)).rename(columns={"geometry": "piece"})
    mine = table[table["id"].isin(spilt["grid_ids"])].reset_index(names="row")
    part = spilt.merge(mine, left_on=["grid_ids", "parent_id"], right_on=["id", "parent_id"])
    pieces_of, ground = (part[column].to_numpy(dtype=object) for column in ("piece", "geometry"))
    frame = frame_of(ground)
    part["mine"] = shapely.intersection(frame.metres(pieces_of), frame.metres(ground))
    part["spilt"], part["whole"] = shapely.area(part["mine"]), shapely.area(frame.metres(ground))
    sums = part.groupby("row").agg(spilt=("spilt", "sum"), whole=("whole", "first"), mine=("mine", list))
    sums = sums[sums["spilt"] > CHILD_OUTSIDE_SHARE * sums["whole"]]
    together = polygonal(
        frame.lonlat(np.array([shapely.union_all(parts) for parts in sums["mine"]], dtype=object))
    )
    share = (sums["spilt"] / sums["whole"]).map("{:.1%}".format).tolist()
    return marks(sums.index, "outside", detail=share, geometry=together)
