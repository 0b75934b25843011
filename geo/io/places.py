"""Places written in the cells of a table: degrees, degrees-minutes-seconds, metres, or WKT."""

from __future__ import annotations

import re
from typing import Any

import numpy as np
import pandas as pd
import shapely
from numpy.typing import NDArray

from geo.io import cells
from geo.io.limits import Limits
from geo.io.position import Position
from geo.io.raw import Geometries, Ledger
from geo.io.wkb import read_wkb
from geo.tables.contract import Table

NUMBER = r"[+-]?\d+(?:\.\d+)?"
DMS = re.compile(
    rf"^\s*(?P<before>[NSEWnsew东西南北])?\s*(?P<d>{NUMBER})\s*[°度:d]\s*"
    r"(?:(?P<m>\d+(?:\.\d+)?)\s*['′’分:m]\s*)?"
    r"(?:(?P<s>\d+(?:\.\d+)?)\s*(?:[\"″”秒s]|'')?\s*)?(?P<after>[NSEWnsew东西南北])?\s*$"
)
BEHIND_ZERO = frozenset("SWsw南西")
SIMPLE_WKT = re.compile(
    r"^\s*(?:SRID=\d+;)?\s*(?:MULTI)?(?:POINT|LINESTRING|POLYGON)\s*(?:Z|M|ZM)?\s*(?:EMPTY|\()", re.IGNORECASE
)
NESTING_MAX = 4  # a multipolygon's parts, rings and places


def degrees(cell: Any) -> float | None:
    """Read one coordinate: a number, or degrees, minutes and seconds.

    Parameters
    ----------
    cell : object
        Number or text.

    Returns
    -------
    float or None
        None = the cell is empty. Anything else raises :class:`geo.io.cells.BadCell`.

    Examples
    --------
    >>> round(degrees("111°40′12″E"), 6), degrees("40.5"), round(degrees("北纬40度30分"), 6)
    (111.67, 40.5, 40.5)
    """
    if cells.is_missing(cell):
        return None
    if isinstance(cell, str):
        found = DMS.match(
            cell.replace("北纬", "北").replace("东经", "东").replace("南纬", "南").replace("西经", "西")
        )
        if found:
            return _sexagesimal(found)
    try:
        return float(cell)
    except (TypeError, ValueError, OverflowError):
        raise cells.BadCell("bad_coordinate") from None


def _sexagesimal(found: re.Match[str]) -> float:
    whole, minutes, seconds = float(found["d"]), float(found["m"] or 0), float(found["s"] or 0)
    if minutes >= 60 or seconds >= 60:
        raise cells.BadCell("bad_coordinate")
    size = abs(whole) + minutes / 60 + seconds / 3600
    negative = found["d"].startswith("-") or bool({found["before"], found["after"]} & BEHIND_ZERO)
    return -size if negative else size


def _has_degree_sign(cell: Any) -> bool:
    return isinstance(cell, str) and ("°" in cell or "度" in cell)


def points_from_columns(lon: pd.Series, lat: pd.Series, ledger: Ledger) -> Geometries:
    """Make points of two columns.

    Parameters
    ----------
    lon, lat : pandas.Series
        As the file has them.
    ledger : Ledger
        Is told about cells that are no coordinate, halves of places, and how many were in minutes and seconds.

    Returns
    -------
    numpy.ndarray of shapely geometry
        Missing where both cells are empty or one cannot be read.
    """
    xy = np.full((len(lon), 2), np.nan)
    readable = np.ones(len(lon), dtype=bool)
    there = np.zeros((len(lon), 2), dtype=bool)
    for axis, values in enumerate((lon, lat)):
        cells_ = values.to_numpy(dtype=object)
        xy[:, axis], rest = _plain_numbers(cells_)
        there[:, axis] = ~np.isnan(xy[:, axis])
        for at in rest:
            try:
                value = degrees(cells_[at])
            except cells.BadCell as bad:
                ledger.reject([at], str(bad), "geometry", given=str(cells_[at])[:60])
                readable[at] = False
                continue
            if value is not None:
                xy[at, axis], there[at, axis] = value, True
    sexagesimal = sum(_has_degree_sign(x) or _has_degree_sign(y) for x, y in zip(lon, lat, strict=True))
    if sexagesimal:
        ledger.note("degrees_minutes", "geometry", "info", count=sexagesimal)
    ledger.reject(np.flatnonzero(readable & (there[:, 0] ^ there[:, 1])), "half_a_point", "geometry")
    both = there.all(axis=1)
    wild = both & ~np.isfinite(xy).all(axis=1)
    ledger.reject(np.flatnonzero(wild), "coordinate_not_finite", "geometry")
    points: NDArray[Any] = np.empty(len(lon), dtype=object)
    points[both & ~wild] = shapely.points(xy[both & ~wild])
    return points


def _plain_numbers(cells_: NDArray[Any]) -> tuple[NDArray[np.float64], NDArray[np.int64]]:
    """Read a column of numbers at once; give the rows that are still to be looked at, too."""
    made = np.full(len(cells_), np.nan)
    filled = np.array([cell is not None and cell != "" for cell in cells_], dtype=bool)
    try:
        made[filled] = cells_[filled].astype(np.float64)
    except (TypeError, ValueError, OverflowError):
        return np.full(len(cells_), np.nan), np.arange(len(cells_))
    return made, np.flatnonzero(filled & np.isnan(made))


def shapes_from_text(texts: pd.Series, ledger: Ledger) -> Geometries:
    """Make geometry of a column of WKT; only the six simple types, never nested deeper than they are.

    Parameters
    ----------
    texts : pandas.Series
        WKT or empty.
    ledger : Ledger
        Is told about each cell that is none.

    Returns
    -------
    numpy.ndarray of shapely geometry
        Missing where the cell is empty or cannot be read.
    """
    safe: NDArray[Any] = np.empty(len(texts), dtype=object)
    for at, cell in enumerate(texts.tolist()):
        if cells.is_missing(cell):
            continue
        if is_simple_wkt(cell):
            safe[at] = str(cell).split(";", 1)[-1]
        else:
            ledger.reject([at], "bad_wkt", "geometry", given=str(cell)[:40])
    made = shapely.from_wkt(safe, on_invalid="ignore")
    given = np.array([text is not None for text in safe], dtype=bool)
    for lost in np.flatnonzero(given & shapely.is_missing(made)):
        ledger.reject([lost], "bad_wkt", "geometry", given=str(safe[lost])[:40])
    return np.asarray(made)


def is_simple_wkt(cell: Any) -> bool:
    """Tell whether a text begins like one of the six simple types and nests no deeper than they do.

    Parameters
    ----------
    cell : object
        A cell.

    Returns
    -------
    bool
        False for collections, curves, and anything that is not text.
    """
    if not isinstance(cell, str) or not SIMPLE_WKT.match(cell):
        return False
    depth = 0
    for mark in re.findall(r"[()]", cell):
        depth += 1 if mark == "(" else -1
        if not 0 <= depth <= NESTING_MAX:
            return False
    return depth == 0


def second_geometry(
    frame: pd.DataFrame, table: Table, position: Position | None, ledger: Ledger, limits: Limits
) -> pd.DataFrame:
    """Bring geometry columns beside the main one (a segment's patrol line) to lon/lat, as WKB.

    Parameters
    ----------
    frame : pandas.DataFrame
        With WKB or WKT in them.
    table : Table
        The contract.
    position : Position or None
        Of the file; None = lon/lat.
    ledger : Ledger
        Is told what cannot be read.
    limits : Limits
        Of vertices.

    Returns
    -------
    pandas.DataFrame
        A new frame.
    """
    made = frame.copy(deep=False)
    for column in table.columns:
        if column.dtype != "wkb" or column.name not in frame:
            continue
        values = frame[column.name].tolist()
        text = pd.Series([cell if isinstance(cell, str) else None for cell in values], dtype="object")
        written = shapes_from_text(text, ledger)
        binary, problems = read_wkb([cell if isinstance(cell, bytes) else None for cell in values], limits)
        for at, code, more in problems:
            ledger.reject([at], code, column.name, **more)
        both = shapely.force_2d(np.where(shapely.is_missing(binary), written, binary))
        place = position or Position()
        made[column.name] = pd.Series(
            shapely.to_wkb(place.lonlat(place.straighten(both))), index=frame.index, dtype="object"
        )
    return made
