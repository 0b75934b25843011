"""Streets as two tables: nodes with places, and edges that only name their two ends."""

from __future__ import annotations

from typing import Any

import numpy as np
import shapely
from numpy.typing import NDArray

from geo.io import cells
from geo.io.position import CRS84, locate
from geo.io.raw import Ledger, Raw
from geo.workspace import Source

NODE_HEADINGS = ("node_id", "osmid", "节点编号", "节点", "id")
Nodes = dict[str, tuple[float, float]]


def node_heading(raw: Raw) -> str:
    """Find the column that names nodes, where a file of streets is a table of nodes.

    Parameters
    ----------
    raw : Raw
        The file, its geometry made of lon/lat columns if it had none.

    Returns
    -------
    str
        Empty when it is none: not all points, or without such a column.
    """
    if raw.geometry is None or not len(raw.geometry):
        return ""
    kinds = shapely.get_type_id(raw.geometry[~shapely.is_missing(raw.geometry)])
    if not (kinds == shapely.GeometryType.POINT.value).all():
        return ""
    return next((name for name in NODE_HEADINGS if name in raw.frame.columns), "")


def read_nodes(raw: Raw, heading: str, source: Source, ledger: Ledger) -> Nodes:
    """Read where nodes are.

    Parameters
    ----------
    raw : Raw
        A table of nodes.
    heading : str
        The column that names them.
    source : Source
        Its entry in the manifest.
    ledger : Ledger
        Is told when its coordinates cannot be understood.

    Returns
    -------
    dict of str to (float, float)
        Node → lon, lat.
    """
    position = locate(raw, source, ledger)
    if position is None or raw.geometry is None:
        return {}
    placed = position.lonlat(position.straighten(raw.geometry))
    names = raw.frame[heading].tolist()
    return {
        cells.plain_text(name): (float(point.x), float(point.y))
        for name, point in zip(names, placed, strict=True)
        if point is not None and not cells.is_missing(name)
    }


def lines_between(raw: Raw, found: dict[str, str], nodes: Nodes) -> Raw:
    """Draw each edge straight from one of its nodes to the other.

    Parameters
    ----------
    raw : Raw
        Edges without geometry.
    found : dict of str to str
        Our column → the file's heading; ``u`` and ``v`` are needed.
    nodes : dict of str to (float, float)
        Node → lon, lat.

    Returns
    -------
    Raw
        The same with lines in lon/lat; an edge with an unknown node is a problem of its row.
    """
    lines: NDArray[Any] = np.empty(len(raw.frame), dtype=object)
    pairs = zip(raw.frame[found["u"]].tolist(), raw.frame[found["v"]].tolist(), strict=True)
    for at, ends in enumerate(pairs):
        places = [None if cells.is_missing(end) else nodes.get(cells.plain_text(end)) for end in ends]
        if None in places:
            raw.problems.append((at, "edge_without_node", "geometry", {}))
        else:
            lines[at] = shapely.LineString(places)
    raw.geometry, raw.crs = lines, CRS84
    return raw
