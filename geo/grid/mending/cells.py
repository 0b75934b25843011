"""What is wrong with each face: ground of a parent that nobody holds, or several, and ground beyond it."""

from __future__ import annotations

from typing import Any

import numpy as np
import pandas as pd
import shapely
from scipy.sparse import coo_array
from scipy.sparse.csgraph import connected_components

from geo.grid.mending.cutting import ZONE_DEGREES, Cut
from geo.grid.mending.outline import Outline
from geo.place.index import holders
from geo.place.rings import Ids, Mask

KINDS = ("gap", "overlap", "spill")


def held(faces: Any, grids: Any, parent_of: Ids) -> tuple[Any, pd.DataFrame]:
    """Find who holds each face.

    Parameters
    ----------
    faces : array of Polygon
        Shape (f,).
    grids : array of Polygon or MultiPolygon
        Each face lies within one of them or outside, shape (n,).
    parent_of : numpy.ndarray
        Parent of each grid, -1 = none that is looked at, shape (n,).

    Returns
    -------
    tuple of numpy.ndarray and pandas.DataFrame
        A point inside each face, and one row a face and grid of a parent: ``face, grid, parent``.
    """
    marks = shapely.point_on_surface(faces)
    face, grid = holders(grids, marks)
    holding = pd.DataFrame({"face": face, "grid": grid, "parent": parent_of[grid]})
    return marks, holding[holding["parent"] >= 0].reset_index(drop=True)


def cells_of(holding: pd.DataFrame, marks: Any, parents: Any, excluded: Any) -> pd.DataFrame:
    """Find the faces that are held wrongly.

    Parameters
    ----------
    holding : pandas.DataFrame
        As :func:`held` gives it.
    marks : array of Point
        A point inside each face.
    parents, excluded : array of Polygon or MultiPolygon
        Each face lies within one of them or outside.

    Returns
    -------
    pandas.DataFrame
        One row a face and parent: ``face, parent, kind`` (``gap``: within the parent and held by none of its
        grids; ``overlap``: by several; ``spill``: outside and held) and ``dry`` (false for gaps and overlaps on
        excluded ground, which are nobody's business).
    """
    face, parent = holders(parents, marks)
    dry = np.ones(len(marks), dtype=bool)
    dry[holders(excluded, marks)[0]] = False
    inside = pd.DataFrame({"face": face, "parent": parent, "inside": True})
    count = holding.groupby(["face", "parent"], as_index=False).size()
    both = inside.merge(count, on=["face", "parent"], how="outer").sort_values(["face", "parent"])
    within, size = both["inside"].notna().to_numpy(), both["size"].fillna(0).to_numpy()
    kind = np.select([within & (size == 0), within & (size > 1), ~within], KINDS, "")
    cells = both[["face", "parent"]].astype(np.int64).assign(kind=kind)
    cells["dry"] = ~within | dry[cells["face"].to_numpy()]
    return cells[kind != ""].reset_index(drop=True)


def beyond(faces: Any, zone: Any) -> Mask:
    """Mark faces that reach out of some places: what was not looked at may run through them.

    Parameters
    ----------
    faces : array of Polygon
        Shape (n,).
    zone : array of Polygon
        The places.

    Returns
    -------
    numpy.ndarray
        False for a face that lies within one of them, shape (n,).
    """
    wide = shapely.buffer(zone, ZONE_DEGREES, quad_segs=1)
    made = np.ones(len(faces), dtype=bool)
    made[shapely.STRtree(faces).query(wide, predicate="covers")[1]] = False
    return made


def found(cells: pd.DataFrame, cut: Cut, marks: Any, pieces: pd.DataFrame, size: Any) -> pd.DataFrame:
    """Join cells to connected pieces, and find the finding that each is a part of.

    Parameters
    ----------
    cells : pandas.DataFrame
        As :func:`cells_of` gives them.
    cut : Cut
        The ground.
    marks : array of Point
        A point inside each face.
    pieces : pandas.DataFrame
        The findings, worst first: ``kind``, ``parent`` (position) and ``geometry``.
    size : numpy.ndarray
        Area of each face, m².

    Returns
    -------
    pandas.DataFrame
        The cells with ``piece`` (cells of one kind and parent that share an edge) and ``finding`` (row position).
        A piece that nobody found is mended with the finding of its parent that it touches, if only by way of
        others (where two edges cross, a gap on one side and an overlap on the other may have been told as one or
        be too narrow to be told); else it is left out: it is below the resolution.
    """
    cell, finding, same = _touched(cells, cut.faces, marks, pieces)
    made = cells.assign(piece=_joined(cells, cut.rims), size=size[cells["face"]])
    made["finding"] = pd.Series(finding[same], index=cell[same])
    best = made.dropna(subset="finding").sort_values(["size", "face"], ascending=[False, True])
    main = best.drop_duplicates("piece").set_index("piece")["finding"]
    made["finding"] = made["finding"].fillna(made["piece"].map(main)).fillna(pd.Series(finding, index=cell))
    cluster = _clusters(cells, cut.rims)
    made["finding"] = made["finding"].fillna(made["finding"].groupby(cluster).transform("min"))
    left = made.dropna(subset="finding").astype({"finding": np.int64})
    return left.drop(columns="size").reset_index(drop=True)


def _touched(cells: pd.DataFrame, faces: Any, marks: Any, pieces: pd.DataFrame) -> tuple[Ids, Ids, Mask]:
    """Find the finding of its parent that a cell lies in or touches, and whether it is of the same kind, too."""
    face, ground = cells["face"].to_numpy(), np.asarray(pieces["geometry"])
    finding, cell = shapely.STRtree(faces[face]).query(ground, predicate="dwithin", distance=ZONE_DEGREES)
    own = cells["parent"].to_numpy()[cell] == pieces["parent"].to_numpy()[finding]
    cell, finding = cell[own], finding[own]
    same = cells["kind"].to_numpy()[cell] == pieces["kind"].to_numpy()[finding]
    off = shapely.distance(marks[face[cell]], ground[finding])
    order = np.lexsort((finding, off, ~same, cell))
    cell, first = np.unique(cell[order], return_index=True)
    return cell, finding[order][first], same[order][first]


def _joined(cells: pd.DataFrame, rims: Outline) -> Ids:
    """Number the pieces that cells of one kind and parent make by sharing edges."""
    edges = pd.DataFrame({"face": rims.owner, "start": rims.start, "end": rims.end})
    mine = edges.merge(cells.assign(cell=np.arange(len(cells))), on="face")
    other = mine.rename(columns={"start": "end", "end": "start", "cell": "next"}).drop(columns="face")
    beside = mine.merge(other, on=["start", "end", "kind", "parent"])
    return _connected(beside["cell"], beside["next"], len(cells))


def _clusters(cells: pd.DataFrame, rims: Outline) -> Ids:
    """Number the clusters that cells of one parent make by sharing corners."""
    corners = pd.DataFrame({"face": rims.owner, "vertex": rims.start})
    mine = corners.merge(cells.assign(cell=np.arange(len(cells))), on="face")
    first = mine.groupby(["parent", "vertex"])["cell"].transform("min")
    return _connected(mine["cell"], first, len(cells))


def _connected(left: pd.Series, right: pd.Series, count: int) -> Ids:
    ends = left.to_numpy(dtype=np.int64), right.to_numpy(dtype=np.int64)
    graph = coo_array((np.ones(len(left), dtype=np.int8), ends), shape=(count, count))
    return np.asarray(connected_components(graph, directed=False)[1], dtype=np.int64)
