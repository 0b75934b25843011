"""Lines as flat arrays: the vertices of all of them below each other, and cutting there."""

from __future__ import annotations

from typing import Any

import numpy as np
import shapely
from numpy.typing import NDArray

Ids = NDArray[np.int64]


def pieces_between(line: Ids, cut: NDArray[np.bool_]) -> tuple[Ids, Ids]:
    """Find the pieces of lines between one cut and the next.

    Parameters
    ----------
    line : numpy.ndarray of int
        Which line each vertex belongs to, shape (n,); vertices of a line stand together, in its order.
    cut : numpy.ndarray of bool
        Vertices to cut at, shape (n,); a line's ends are cut anyway.

    Returns
    -------
    tuple of numpy.ndarray
        First and last vertex of each piece, in order. A line of one vertex has none.

    Examples
    --------
    >>> pieces_between(np.array([0, 0, 0, 1, 1]), np.array([False, True, False, False, False]))
    (array([0, 1, 3]), array([1, 2, 4]))
    """
    if not len(line):
        return np.zeros(0, dtype=np.int64), np.zeros(0, dtype=np.int64)
    change = line[1:] != line[:-1]
    stops = np.flatnonzero(cut | np.r_[True, change] | np.r_[change, True]).astype(np.int64)
    same = line[stops[1:]] == line[stops[:-1]]
    return stops[:-1][same], stops[1:][same]


def draw_pieces(xy: NDArray[np.float64], start: Ids, end: Ids) -> NDArray[Any]:
    """Draw pieces of lines.

    Parameters
    ----------
    xy : numpy.ndarray
        Vertices, shape (n, 2).
    start, end : numpy.ndarray of int
        First and last vertex of each piece, shape (m,), ``start < end``; both belong to it.

    Returns
    -------
    numpy.ndarray of LineString
        Shape (m,).
    """
    size = end - start + 1
    piece = np.repeat(np.arange(len(size)), size)
    first = np.cumsum(size) - size
    vertex = np.arange(len(piece)) - first[piece] + start[piece]
    return np.asarray(shapely.linestrings(xy[vertex], indices=piece), dtype=object)


def counted(group: Ids) -> Ids:
    """Number the members of each group from 0, in order.

    Parameters
    ----------
    group : numpy.ndarray of int
        Groups, each standing together, shape (n,).

    Returns
    -------
    numpy.ndarray of int
        Shape (n,).

    Examples
    --------
    >>> counted(np.array([4, 4, 9, 9, 9]))
    array([0, 1, 0, 1, 2])
    """
    if not len(group):
        return np.zeros(0, dtype=np.int64)
    begins = np.flatnonzero(np.r_[True, group[1:] != group[:-1]])
    return np.arange(len(group)) - np.repeat(begins, np.diff(np.r_[begins, len(group)]))
