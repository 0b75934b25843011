"""Is each geometry what its table needs: there, of the right type, finite, valid, on the globe?"""

from __future__ import annotations

import re
from collections.abc import Callable
from typing import Any

import numpy as np
import shapely
from numpy.typing import NDArray

from geo.io.raw import Geometries, Ledger
from geo.tables.contract import Table

BASE_TYPE = {
    0: "Point",
    1: "LineString",
    2: "LinearRing",
    3: "Polygon",
    4: "Point",
    5: "LineString",
    6: "Polygon",
    7: "GeometryCollection",
}
REASON = re.compile(r"^(?P<what>[^\[]+?)\s*(?:\[(?P<place>[^\]]*)\])?$")
REASONS_ZH = {
    "Self-intersection": "边界自相交",
    "Ring Self-intersection": "环自相交",
    "Hole lies outside shell": "洞在外环之外",
    "Holes are nested": "洞套着洞",
    "Nested holes": "洞套着洞",
    "Nested shells": "外环套着外环",
    "Interior is disconnected": "内部不连通",
    "Duplicate Rings": "环重复",
    "Too few points in geometry component": "点太少",
    "Invalid Coordinate": "坐标无效",
}
HALF_GLOBE_DEG = 180.0


def check_shapes(geometry: Geometries, table: Table, ledger: Ledger) -> None:
    """Check geometry in the file's own coordinates.

    Parameters
    ----------
    geometry : numpy.ndarray of shapely geometry
        Shape (n,); rows that are bad already are not checked again.
    table : Table
        The contract.
    ledger : Ledger
        Is told about each row that cannot be used: missing, of another type, empty, not finite, or invalid.
    """
    good = ~ledger.bad(len(geometry), "geometry")
    missing = shapely.is_missing(geometry)
    if table.geometry_required:
        ledger.reject(np.flatnonzero(good & missing), "geometry_missing", "geometry")
    good &= ~missing
    allowed = [number for number, kind in BASE_TYPE.items() if kind in table.shapes]
    kinds = shapely.get_type_id(geometry)
    for at in np.flatnonzero(good & ~np.isin(kinds, allowed)):
        found = BASE_TYPE[int(kinds[at])]
        ledger.reject([at], "geometry_type", "geometry", found=found, expected=" / ".join(table.shapes))
        good[at] = False
    finite = _finite(geometry)
    ledger.reject(np.flatnonzero(good & ~finite), "coordinate_not_finite", "geometry")
    good &= finite
    empty = shapely.is_empty(geometry)
    ledger.reject(np.flatnonzero(good & empty), "geometry_empty", "geometry")
    check_valid(geometry, good & ~empty, ledger)


def _finite(geometry: Geometries) -> NDArray[np.bool_]:
    coords, owner = shapely.get_coordinates(geometry, return_index=True)
    bad = np.unique(owner[~np.isfinite(coords).all(axis=1)])
    finite = np.ones(len(geometry), dtype=bool)
    finite[bad] = False
    return finite


def check_valid(geometry: Geometries, which: NDArray[np.bool_], ledger: Ledger) -> None:
    """Report invalid geometries with the reason and the place.

    Parameters
    ----------
    geometry : numpy.ndarray of shapely geometry
        Shape (n,).
    which : numpy.ndarray of bool
        Rows to check.
    ledger : Ledger
        Is told.
    """
    rows = np.flatnonzero(which)
    rows = rows[~shapely.is_valid(geometry[rows])]
    for at, reason in zip(rows, shapely.is_valid_reason(geometry[rows]), strict=True):
        found = REASON.match(str(reason))
        what, place = (found["what"], found["place"] or "") if found else (str(reason), "")
        ledger.reject(
            [at], "geometry_invalid", "geometry", reason=what, reason_zh=REASONS_ZH.get(what, what), place=place
        )


def tell_places(ledger: Ledger, lonlat: Callable[[Geometries], Geometries]) -> None:
    """Add where on the globe geometries are invalid, for the map.

    Parameters
    ----------
    ledger : Ledger
        With faults of :func:`check_valid`; those that do not know their place get ``at``, degrees to six decimals,
        unless it is no place on the globe.
    lonlat : callable
        Turns points in the system that was checked into EPSG:4326.
    """
    places = [
        (values, place)
        for _, code, _, _, values in ledger.rows
        if code == "geometry_invalid" and "at" not in values and (place := _numbers(values["place"]))
    ]
    if not places:
        return
    made = shapely.get_coordinates(lonlat(np.asarray(shapely.points([place for _, place in places]))))
    for (values, _), (lon, lat) in zip(places, made, strict=True):
        if abs(lon) <= HALF_GLOBE_DEG and abs(lat) <= HALF_GLOBE_DEG / 2:
            values["at"] = [round(float(lon), 6), round(float(lat), 6)]


def _numbers(place: str) -> tuple[float, float] | None:
    try:
        x, y = map(float, place.split()[:2])
    except ValueError:  # GEOS knows no place, or it is not a number
        return None
    return (x, y)


def check_lonlat(geometry: Geometries, ledger: Ledger) -> None:
    """Check that converted geometry lies on the globe and does not run around it.

    Parameters
    ----------
    geometry : numpy.ndarray of shapely geometry
        EPSG:4326, shape (n,).
    ledger : Ledger
        Is told.
    """
    good = ~ledger.bad(len(geometry), "geometry") & ~shapely.is_missing(geometry)
    west, south, east, north = shapely.bounds(geometry).T
    with np.errstate(invalid="ignore"):
        inside = (west >= -180) & (east <= 180) & (south >= -90) & (north <= 90)
        wide = (east - west) > HALF_GLOBE_DEG
    for at in np.flatnonzero(good & ~inside):
        x, y = shapely.get_coordinates(geometry[at])[0]
        ledger.reject([at], "out_of_range", "geometry", x=_short(x), y=_short(y))
    ledger.reject(np.flatnonzero(good & inside & wide), "round_the_globe", "geometry")


def _short(value: Any) -> str:
    return f"{float(value):.6g}"
