"""Streets as two tables: nodes with places, and edges that only name their two ends."""

from __future__ import annotations

from dataclasses import dataclass, field

import numpy as np
import shapely

from geo.io import cells
from geo.io.heights import HEIGHT_HEADINGS, Floats, plausible, read_heights
from geo.io.position import CRS84, locate
from geo.io.raw import Ledger, Raw
from geo.place.polyline import Ids
from geo.workspace import Source

NODE_HEADINGS = ("node_id", "osmid", "节点编号", "节点", "id")


@dataclass
class Nodes:
    """Where the nodes of streets are.

    Parameters
    ----------
    number : dict of str to int
        Id → row of ``place``; of an id that comes twice, the last.
    place : numpy.ndarray
        Lon, lat and height in metres (NaN = unknown), shape (n, 3).
    """

    number: dict[str, int] = field(default_factory=dict)
    place: Floats = field(default_factory=lambda: np.zeros((0, 3)))

    def add(self, names: list[str], place: Floats) -> None:
        """Add nodes.

        Parameters
        ----------
        names : list of str
            Ids.
        place : numpy.ndarray
            Shape (n, 3).
        """
        start = len(self.place)
        self.number.update((name, start + at) for at, name in enumerate(names))
        self.place = np.concatenate([self.place, place])

    def find(self, names: list[object]) -> Ids:
        """Find nodes by their ids.

        Parameters
        ----------
        names : list
            Cells.

        Returns
        -------
        numpy.ndarray of int
            Rows of ``place``, -1 for what is unknown or missing.
        """
        return np.array(
            [-1 if cells.is_missing(name) else self.number.get(cells.plain_text(name), -1) for name in names],
            dtype=np.int64,
        )


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


def read_nodes(raw: Raw, heading: str, source: Source, ledger: Ledger, nodes: Nodes) -> None:
    """Read where nodes are, and how high: the points' third coordinate, else a column of heights.

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
    nodes : Nodes
        Is added to.
    """
    position = locate(raw, source, ledger)
    if position is None or raw.geometry is None:
        return
    height = plausible(shapely.get_z(raw.geometry))
    column = next((name for name in HEIGHT_HEADINGS if name in raw.frame.columns), None)
    if column is not None:
        height = np.where(np.isnan(height), read_heights(raw.frame[column]), height)
    placed = position.lonlat(position.straighten(shapely.force_2d(raw.geometry)))
    names = raw.frame[heading].tolist()
    there = ~shapely.is_missing(placed) & np.array([not cells.is_missing(name) for name in names], dtype=bool)
    lonlat = np.column_stack([shapely.get_x(placed), shapely.get_y(placed), height])
    rows = np.flatnonzero(there)
    nodes.add([cells.plain_text(names[at]) for at in rows], lonlat[rows])


def connect(raw: Raw, found: dict[str, str], nodes: Nodes) -> None:
    """Lean edges on their nodes: a straight line for edges without one, and how far each rises.

    Parameters
    ----------
    raw : Raw
        Edges; changed in place. A file that has geometry keeps it; else lines are in lon/lat, and an edge with an
        unknown node is a problem of its row.
    found : dict of str to str
        Our column → the file's heading; ``u`` and ``v`` are needed.
    nodes : Nodes
        The nodes of the files named before.
    """
    heading = [found[end] for end in ("u", "v")]
    end = np.stack([nodes.find(raw.frame[name].tolist()) for name in heading], axis=1)
    place = np.vstack([nodes.place, np.full((1, 3), np.nan)])[end]
    if np.isfinite(place[:, :, 2]).any():
        raw.rise = place[:, 1, 2] - place[:, 0, 2]
    if raw.geometry is not None:
        return
    known = (end >= 0).all(axis=1)
    for at in np.flatnonzero(~known):
        cell = raw.frame[heading[int(np.argmin(end[at]))]].iloc[at]
        name = "" if cells.is_missing(cell) else cells.plain_text(cell)[:60]
        raw.problems.append((int(at), "edge_without_node", "geometry", {"node": name}))
    raw.geometry = np.full(len(raw.frame), None, dtype=object)
    raw.geometry[known] = shapely.linestrings(place[known][:, :, :2])
    raw.crs = CRS84
