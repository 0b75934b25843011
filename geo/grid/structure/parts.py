"""Is a grid in one piece? Separate parts are expected across water, and where the parent is in parts itself."""

from __future__ import annotations

from typing import Any

import numpy as np
import pandas as pd
import shapely
from scipy.sparse import coo_array
from scipy.sparse.csgraph import connected_components

from geo.crs import Frame
from geo.grid.multiplicity import RESOLUTION_M
from geo.grid.structure.marks import marks
from geo.place.index import shared_edge_m
from geo.place.rings import Ids
from geo.units import NOISE_M

TOUCHING_M = 0.01  # parts that share less of an edge meet in a corner


def separate_parts(ground: Any, parent_of: Ids, parents: Any, excluded: Any, frame: Frame) -> pd.DataFrame:
    """Mark grids of which several parts lie in one part of their parent and are not joined.

    Parts are joined where they touch along an edge, and through one stretch of excluded ground that both lie at
    (to within 1 m). What lies outside the parent does not count, nor do parts that are on average no wider than 1
    mm.

    Parameters
    ----------
    ground : array of Polygon or MultiPolygon
        EPSG:4326, valid or missing, shape (n,).
    parent_of : numpy.ndarray
        Position of each grid's parent, -1 = none, shape (n,).
    parents : array of Polygon or MultiPolygon
        EPSG:4326, valid or missing, shape (p,); where it is missing nothing is unexpected.
    excluded : array of Polygon or MultiPolygon
        EPSG:4326 and valid.
    frame : geo.crs.Frame
        Where areas are measured.

    Returns
    -------
    pandas.DataFrame
        Marks of kind ``multipart``. ``geometry``: all parts but the largest in each part of the parent;
        ``detail``: how many parts there are, and the area of those.
    """
    drawn = np.append(~shapely.is_missing(parents), False)
    several = np.flatnonzero((shapely.get_num_geometries(ground) > 1) & drawn[parent_of])
    lonlat, at = shapely.get_parts(ground[several], return_index=True)
    metres = frame.metres(lonlat)
    wide = shapely.area(metres) > RESOLUTION_M * shapely.length(metres)
    lonlat, metres, row = lonlat[wide], metres[wide], several[at[wide]]
    within = _parts_of_parents(metres, parent_of[row], parents, frame)
    joined = _joined(lonlat, metres, row, within, frame.metres(excluded))
    corner = shapely.bounds(lonlat)
    table = pd.DataFrame(
        {"row": row, "within": within, "joined": joined, "area": shapely.area(metres), "part": np.arange(len(row))}
    ).assign(x=corner[:, 0], y=corner[:, 1])
    return _marked(table[within >= 0], lonlat)


def _parts_of_parents(parts: Any, parent: Ids, parents: Any, frame: Frame) -> Ids:
    """Find the part of the parent that holds most of each part; -1 = it lies outside."""
    kept = np.unique(parent)
    pieces, of = shapely.get_parts(frame.metres(parents[kept]), return_index=True)
    part, piece = shapely.STRtree(pieces).query(parts, predicate="intersects")
    own = kept[of[piece]] == parent[part]
    part, piece = part[own], piece[own]
    shared = shapely.area(shapely.intersection(parts[part], pieces[piece]))
    order = np.lexsort((piece, shared))
    found = np.full(len(parts), -1, dtype=np.int64)
    some = order[shared[order] > 0]
    found[part[some]] = piece[some]  # the last one written holds most
    return found


def _joined(lonlat: Any, metres: Any, row: Ids, within: Ids, excluded: Any) -> Ids:
    """Number parts so that those that are joined have one number."""
    left, right = shapely.STRtree(metres).query(metres, predicate="dwithin", distance=TOUCHING_M)
    mine = (left < right) & (row[left] == row[right]) & (within[left] == within[right])
    left, right = left[mine], right[mine]
    along = shared_edge_m(lonlat[left], lonlat[right]) > TOUCHING_M
    water = _stretches(excluded)
    part, lake = shapely.STRtree(excluded).query(metres, predicate="dwithin", distance=NOISE_M)
    _, shore = np.unique(row[part] * np.int64(len(excluded) + 1) + water[lake], return_inverse=True)
    size = len(metres) + len(part)  # shores come after parts
    start = np.concatenate([left[along], part])
    end = np.concatenate([right[along], len(metres) + shore])
    links = coo_array((np.ones(len(start)), (start, end)), shape=(size, size))
    return np.asarray(connected_components(links, directed=False)[1][: len(metres)], dtype=np.int64)


def _stretches(excluded: Any) -> Ids:
    """Number excluded areas so that those that meet have one number."""
    left, right = shapely.STRtree(excluded).query(excluded, predicate="dwithin", distance=NOISE_M)
    links = coo_array((np.ones(len(left)), (left, right)), shape=(len(excluded), len(excluded)))
    return np.asarray(connected_components(links, directed=False)[1], dtype=np.int64)


def _marked(table: pd.DataFrame, lonlat: Any) -> pd.DataFrame:
    """Leave the largest of several joined parts where it is, and tell the others."""
    area = table.groupby(["row", "within", "joined"])["area"].transform("sum").round(2)
    ordered = table.assign(whole=area).sort_values(
        ["row", "within", "whole", "x", "y"], ascending=[True, True, False, True, True]
    )
    kept = ordered.groupby(["row", "within"])["joined"].transform("first")
    many = ordered.groupby(["row", "within"])["joined"].transform("nunique") > 1
    count = ordered[many].groupby("row")["joined"].nunique()
    smaller = ordered[ordered["joined"] != kept].groupby("row")
    rows = np.array(list(smaller.groups), dtype=np.int64)
    size = smaller["area"].sum()
    ground = [shapely.normalize(shapely.multipolygons(lonlat[parts])) for parts in smaller["part"].agg(list)]
    detail = [f"{count[row]}: {size[row]:.0f} m²" for row in rows]
    return marks(rows, "multipart", detail=detail, geometry=ground)
