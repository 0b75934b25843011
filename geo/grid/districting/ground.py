"""From grids to arrays: who lies beside whom, along how long an edge, and what each grid weighs."""

from __future__ import annotations

from dataclasses import dataclass
from typing import Any

import geopandas as gpd
import numpy as np
import pandas as pd
import shapely

from geo.crs import area_m2, geodesic_length
from geo.errors import BadParameter
from geo.grid.districting.block import Block, indptr_of
from geo.grid.districting.bridges import bridges
from geo.place.index import neighbours, polygonal
from geo.place.rings import Floats, Ids


@dataclass(frozen=True, slots=True)
class Ground:
    """Grids in an order that does not depend on that of their rows: by parent, then along a Hilbert curve.

    Parameters
    ----------
    rows : numpy.ndarray of int
        Row of each node in the grids given; rows without ground are none.
    ids : numpy.ndarray of str
        Id of each node.
    parent : numpy.ndarray of int
        Parent of each node, ascending.
    parents : numpy.ndarray of str
        Ids of the parents, ascending; "" stands for no parent.
    block : Block
        The nodes, without edges from one parent to another, and without cores and homes. A load that is
        unknown is 0.
    bridges : numpy.ndarray of int
        Pairs of nodes that share no edge and are joined all the same, since nothing else joins their ground,
        shape (b, 2).
    """

    rows: Ids
    ids: Any
    parent: Ids
    parents: Any
    block: Block
    bridges: Ids

    def limits(self) -> Ids:
        """Find where each parent's nodes begin.

        Returns
        -------
        numpy.ndarray of int
            Shape (parents + 1,).
        """
        return np.searchsorted(self.parent, np.arange(len(self.parents) + 1)).astype(np.int64)


def ground_of(grids: gpd.GeoDataFrame, *, load: str, parents: Any = None, joined: bool = True) -> Ground:
    """Lay grids out as arrays.

    Parameters
    ----------
    grids : geopandas.GeoDataFrame
        ``grid_id`` and polygons, EPSG:4326.
    load : str
        Column of the loads, ≥ 0; missing counts 0.
    parents : str, Series or None
        Column, or value by index of ``grids``, within which districts stay; None = no such limit. Grids
        without one have a parent of their own together.
    joined : bool
        False = without bridges.

    Returns
    -------
    Ground
        Grids without ground are left out.
    """
    ids = grids["grid_id"].astype(str).to_numpy(dtype=object)
    if len(set(ids)) < len(ids):
        again = pd.Series(ids)[pd.Series(ids).duplicated()].iloc[0]
        raise BadParameter(f"grid_id is not unique: {again} stands there twice")
    ground = polygonal(grids.geometry)
    above = names_of(grids, parents)
    here = np.flatnonzero(~shapely.is_missing(ground))
    along = np.zeros(len(ids), dtype=np.int64)
    if len(here):
        along[here] = gpd.GeoSeries(ground[here], crs=grids.crs).hilbert_distance()
    rows = here[np.lexsort((ids[here], along[here], above[here]))]
    names, parent = np.unique(above[rows].astype(object), return_inverse=True)
    polygons = ground[rows]
    block, isolated = _block(polygons, _loads(grids, load)[rows], parent, joined=joined)
    return Ground(rows, ids[rows], parent.astype(np.int64), names, block, isolated)


def names_of(grids: gpd.GeoDataFrame, given: Any) -> Any:
    """Read names that are given by column or by index.

    Parameters
    ----------
    grids : geopandas.GeoDataFrame
        The grids.
    given : str, Series or None
        Column, or value by index of ``grids``; None = nobody has one.

    Returns
    -------
    numpy.ndarray of object
        Text for each row; "" where missing.
    """
    if given is None:
        return np.full(len(grids), "", dtype=object)
    if isinstance(given, str) and given not in grids:
        raise BadParameter(f"grids have no column {given!r}")
    names = grids[given] if isinstance(given, str) else given.reindex(grids.index)
    return names.astype("object").where(names.notna(), "").astype(str).to_numpy(dtype=object)


def _loads(grids: gpd.GeoDataFrame, load: str) -> Floats:
    if load not in grids:
        raise BadParameter(f"grids have no column {load!r} to balance")
    given = pd.to_numeric(grids[load]).astype("Float64").to_numpy(dtype=float, na_value=0.0)
    loads: Floats = np.nan_to_num(given, posinf=np.inf)
    if (loads < 0).any() or np.isinf(loads).any():
        raise BadParameter(f"{load} must be finite and not negative")
    return loads


def _block(polygons: Any, load: Floats, parent: Any, *, joined: bool) -> tuple[Block, Ids]:
    pairs = neighbours(polygons)
    left, right = pairs["left"].to_numpy(dtype=np.int64), pairs["right"].to_numpy(dtype=np.int64)
    inside = parent[left] == parent[right]
    left, right, shared = left[inside], right[inside], pairs["shared_m"].to_numpy(dtype=float)[inside]
    extra = bridges(polygons, parent, left, right) if joined else np.zeros((0, 2), dtype=np.int64)
    left, right = np.concatenate([left, extra[:, 0]]), np.concatenate([right, extra[:, 1]])
    shared = np.concatenate([shared, np.zeros(len(extra))])
    rows, other = np.concatenate([left, right]), np.concatenate([right, left])
    order = np.lexsort((other, rows))
    nodes = len(polygons)
    block = Block(
        indptr=indptr_of(rows, nodes),
        indices=other[order],
        shared=np.concatenate([shared, shared])[order],
        load=load,
        area=area_m2(polygons) if nodes else np.zeros(0),
        length=geodesic_length(shapely.boundary(polygons)) if nodes else np.zeros(0),
        core=np.full(nodes, -1, dtype=np.int64),
        leads=np.ones(nodes, dtype=np.bool_),
        fixed=np.zeros(nodes, dtype=np.bool_),
        home=np.full(nodes, -1, dtype=np.int64),
    )
    return block, extra
