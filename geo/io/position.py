"""Where a file's coordinates are: which system, whether swapped or with a zone number in front; then lon/lat."""

from __future__ import annotations

from dataclasses import dataclass
from functools import lru_cache
from typing import Any, Literal

import numpy as np
import shapely
from numpy.typing import NDArray
from pyproj import CRS, Transformer
from pyproj.crs import BoundCRS
from pyproj.crs.coordinate_operation import ToWGS84Transformation
from pyproj.exceptions import CRSError
from pyproj.transformer import TransformerGroup

from geo.crs import LONLAT
from geo.datum import wgs84_from
from geo.io.raw import Geometries, Ledger, Raw, Unreadable
from geo.workspace import Source

CRS84 = "OGC:CRS84"
SAME_AS_LONLAT = frozenset({4326, 4490})  # for this product WGS 84 and CGCS2000 lon/lat are one system
OLD_DATUMS = {"beijing": "Beijing 1954", "xian": "Xian 1980"}
OLD_ELLIPSOIDS = {6_378_245.0: "Beijing 1954", 6_378_140.0: "Xian 1980"}  # Krassowsky 1940, IAG 1975
BALLPARK_M = 200.0  # how far a Beijing 54 place can be off when its datum is ignored
ZONE_M = 1e6  # the zone number stands in front of the easting's six digits
NORTHINGS_M = (1.5e6, 6.5e6)  # China, 14 to 58 degrees north
EASTINGS_M = (1e5, 9e5)
SAME_PLACE_M = 1.0


@dataclass(frozen=True)
class Position:
    """How one file's coordinates become lon/lat.

    Parameters
    ----------
    crs : pyproj.CRS or None
        None = they are lon/lat already.
    shifted : {"gcj02", "bd09"} or None
        Shift to undo after that.
    swap : bool
        x and y change places first.
    add_x : float
        Metres added to x first: a zone number taken away, or put in front.
    operation : str
        What PROJ is to do, where it may not choose for itself.
    label : str
        The system, for people.
    """

    crs: CRS | None = None
    shifted: Literal["gcj02", "bd09"] | None = None
    swap: bool = False
    add_x: float = 0.0
    operation: str = ""
    label: str = LONLAT

    @property
    def projected(self) -> str:
        """WKT of the projected system; empty for lon/lat. Files that share it are noded together."""
        return self.crs.to_wkt() if self.crs is not None and self.crs.is_projected else ""

    def straighten(self, geometry: Geometries) -> Geometries:
        """Undo swapped axes and zone numbers.

        Parameters
        ----------
        geometry : numpy.ndarray of shapely geometry
            As the file has it.

        Returns
        -------
        numpy.ndarray of shapely geometry
            In the plain coordinates of ``crs``.
        """
        if not self.swap and not self.add_x:
            return geometry

        def move(x: Any, y: Any) -> tuple[Any, Any]:
            first, second = (y, x) if self.swap else (x, y)
            return first + self.add_x, second

        return np.asarray(shapely.transform(geometry, move, interleaved=False))

    def lonlat(self, geometry: Geometries) -> Geometries:
        """Turn straightened coordinates into lon/lat.

        Parameters
        ----------
        geometry : numpy.ndarray of shapely geometry
            In the plain coordinates of ``crs``.

        Returns
        -------
        numpy.ndarray of shapely geometry
            EPSG:4326, x = longitude; what has no place there has infinite coordinates.
        """
        if self.crs is not None:
            change = (
                Transformer.from_pipeline(self.operation)
                if self.operation
                else Transformer.from_crs(self.crs, LONLAT, always_xy=True)
            )
            geometry = shapely.transform(geometry, change.transform, interleaved=False)
        if self.shifted is not None:
            shift = self.shifted
            geometry = shapely.transform(geometry, lambda x, y: wgs84_from(shift, x, y), interleaved=False)
        return np.asarray(geometry)


def locate(raw: Raw, source: Source, ledger: Ledger) -> Position | None:
    """Decide what a file's coordinates mean.

    Parameters
    ----------
    raw : Raw
        The file, with geometry.
    source : Source
        Its entry in the manifest.
    ledger : Ledger
        Is told what was recognised, or why it cannot be decided.

    Returns
    -------
    Position or None
        None = it cannot be decided; the ledger has an error.
    """
    coords = shapely.get_coordinates(raw.geometry)
    coords = coords[np.isfinite(coords).all(axis=1)]
    try:
        crs = _declared(raw, source, coords, ledger)
        if crs is None:
            return None
        crs, operation = _old_datum(crs, source, ledger)
    except Unreadable as fault:
        ledger.note(fault.code, fault.column, **fault.values)
        return None
    shifted = source.datum if source.datum in ("gcj02", "bd09") else None
    if crs.is_geographic:
        return _geographic(crs, shifted, operation, coords, ledger)
    return _projected(crs, shifted, operation, coords, ledger)


@lru_cache(maxsize=64)
def read_crs(text: str) -> CRS:
    """Understand the name or definition of a system.

    Parameters
    ----------
    text : str
        ``EPSG:4546``, WKT, PROJJSON, a PROJ string or an OGC name.

    Returns
    -------
    pyproj.CRS
        Without its vertical part. What PROJ does not know raises :class:`Unreadable`.
    """
    try:
        crs = CRS.from_user_input(text)
    except CRSError:
        raise Unreadable("crs_unknown", crs=text[:80]) from None
    crs = crs.sub_crs_list[0] if crs.is_compound else crs
    if not (crs.is_geographic or crs.is_projected):
        raise Unreadable("crs_unknown", crs=crs.name)
    return crs


def _declared(raw: Raw, source: Source, coords: NDArray[Any], ledger: Ledger) -> CRS | None:
    in_file = read_crs(raw.crs) if raw.crs else None
    if source.crs:
        declared = read_crs(source.crs)
        if in_file is not None and not _same(in_file, declared, coords):
            ledger.note("crs_conflict", "crs", in_file=label(in_file), declared=source.crs)
            return None
        return declared
    if in_file is not None:
        return in_file
    if source.datum:
        return read_crs(CRS84)
    if raw.implied and _like_degrees(coords):
        return read_crs(CRS84)
    ledger.note("crs_missing", "crs", line=suggest_line(coords), table=ledger.table)
    return None


def label(crs: CRS) -> str:
    """Name a system for people.

    Parameters
    ----------
    crs : pyproj.CRS
        Any.

    Returns
    -------
    str
        Its EPSG code where it has one, else its name.

    Examples
    --------
    >>> label(CRS.from_epsg(4546))
    'EPSG:4546'
    """
    code = crs.to_epsg()
    return f"EPSG:{code}" if code else crs.name


def _same(one: CRS, other: CRS, coords: NDArray[Any]) -> bool:
    """Tell whether two definitions put the same coordinates at the same place."""
    if one.equals(other, ignore_axis_order=True) or not len(coords):
        return True
    corners = np.array([coords.min(axis=0), coords.max(axis=0)])
    places = [
        Transformer.from_crs(crs, LONLAT, always_xy=True).transform(corners[:, 0], corners[:, 1])
        for crs in (one, other)
    ]
    gap = np.abs(np.array(places[0]) - np.array(places[1])).max()
    return bool(gap * 111_000 < SAME_PLACE_M)


def _like_degrees(coords: NDArray[Any]) -> bool:
    return not len(coords) or bool((np.abs(np.median(coords, axis=0)) <= (180, 180)).all())


def suggest_line(coords: NDArray[Any]) -> str:
    """Write the line that a manifest lacks, as well as the coordinates tell.

    Parameters
    ----------
    coords : numpy.ndarray
        Shape (n, 2).

    Returns
    -------
    str
        A line of TOML.

    Examples
    --------
    >>> suggest_line(np.array([[111.7, 40.8]]))
    'datum = "wgs84"'
    >>> suggest_line(np.array([[37_500_000.0, 4_520_000.0]]))
    'crs = "EPSG:4525"'
    """
    if _like_degrees(coords):
        return 'datum = "wgs84"'
    largest = float(np.median(coords, axis=0).max())
    zone = int(largest // ZONE_M)
    if 25 <= zone <= 45:
        return f'crs = "EPSG:{4513 + zone - 25}"'
    if 13 <= zone <= 23:
        return f'crs = "EPSG:{4491 + zone - 13}"'
    return 'crs = "EPSG:4546"'


def _old_datum(crs: CRS, source: Source, ledger: Ledger) -> tuple[CRS, str]:
    """Refuse the old Chinese datums unless it is said how they lie to WGS 84: PROJ silently ignores that."""
    if crs.is_bound:
        return crs, ""
    geodetic = crs.geodetic_crs
    name = _old_name(geodetic)
    if not name:
        return crs, ""
    if source.towgs84:
        return BoundCRS(crs, read_crs(LONLAT), ToWGS84Transformation(geodetic, *source.towgs84)), ""
    if source.accuracy_m is None:
        raise Unreadable("old_datum", "crs", name=name)
    best = TransformerGroup(crs, LONLAT, always_xy=True).transformers
    for one in best:
        if 0 <= one.accuracy <= source.accuracy_m:
            ledger.note("old_datum_accuracy", "crs", "warning", name=name, accuracy=one.accuracy)
            return crs, one.to_proj4()
    if source.accuracy_m < BALLPARK_M:
        raise Unreadable("old_datum_worse", "accuracy_m", name=name, accuracy=BALLPARK_M)
    ledger.note("old_datum_accuracy", "crs", "warning", name=name, accuracy=BALLPARK_M)
    return crs, ""


def _old_name(geodetic: CRS) -> str:
    words = f"{geodetic.name} {geodetic.datum.name if geodetic.datum else ''}".lower()
    named = next((name for part, name in OLD_DATUMS.items() if part in words), "")
    axis = geodetic.ellipsoid.semi_major_metre if geodetic.ellipsoid else 0.0
    return named or ("" if "wgs" in words else OLD_ELLIPSOIDS.get(axis, ""))


def _geographic(crs: CRS, shifted: Any, operation: str, coords: NDArray[Any], ledger: Ledger) -> Position | None:
    if len(coords):
        x, y = np.abs(coords).T
        if np.median(np.maximum(x, y)) > 360:
            ledger.note("degrees_expected", "crs", crs=label(crs), line=suggest_line(coords))
            return None
        if np.mean((y > 90) & (x <= 90)) > 0.5:
            ledger.note("swapped", "geometry", x=float(coords[0, 0]), y=float(coords[0, 1]))
            return None
    known = crs.to_epsg() in SAME_AS_LONLAT or _same_as_lonlat(crs)
    return Position(None if known else crs, shifted, operation=operation, label=shifted or label(crs))


def _same_as_lonlat(crs: CRS) -> bool:
    """Recognise WGS 84 and CGCS2000 lon/lat under any name, whatever the order of their axes."""
    if crs.is_bound:
        return False
    words = f"{crs.name} {crs.datum.name if crs.datum else ''}".lower().replace("_", " ")
    return any(
        word in words
        for word in (
            "wgs 84",
            "wgs84",
            "wgs 1984",
            "world geodetic system 1984",
            "cgcs2000",
            "china 2000",
            "china geodetic coordinate system 2000",
            "cgcs 2000",
        )
    )


def _projected(crs: CRS, shifted: Any, operation: str, coords: NDArray[Any], ledger: Ledger) -> Position | None:
    name = label(crs)
    if not len(coords):
        return Position(crs, shifted, operation=operation, label=name)
    if (np.abs(coords) <= (180, 90)).all():
        ledger.note("degrees_found", "crs", "warning", crs=name)
        return Position(None, shifted, label=CRS84)
    swap, add_x = False, 0.0
    bare = crs.source_crs if crs.is_bound else crs
    if "Transverse Mercator" in bare.coordinate_operation.method_name:
        x, y = (float(value) for value in np.median(coords, axis=0))
        if _is_northing(x) and _is_easting(y):
            ledger.note("projected_swapped", "geometry", "warning", crs=name)
            swap, x = True, y
        found = _zone_shift(bare, x, ledger)
        if found is None:
            return None
        add_x = found
    return Position(crs, shifted, swap, add_x, operation, name)


def _is_northing(value: float) -> bool:
    return NORTHINGS_M[0] <= value <= NORTHINGS_M[1]


def _is_easting(value: float) -> bool:
    return EASTINGS_M[0] <= value % ZONE_M <= EASTINGS_M[1] and (value < ZONE_M or 13 <= value // ZONE_M <= 45)


def _zone_shift(crs: CRS, easting: float, ledger: Ledger) -> float | None:
    """Compare the zone number in front of the easting with the one that the system has there."""
    parameters = {item.name: item.value for item in crs.coordinate_operation.params}
    has, wants = int(easting // ZONE_M), int(parameters.get("False easting", 0.0) // ZONE_M)
    if has == wants:
        return 0.0
    meridian = parameters.get("Longitude of natural origin", 0.0)
    zone = has or wants
    if meridian not in (zone * 3.0, zone * 6.0 - 3.0):
        ledger.note(
            "zone_conflict", "crs", crs=label(crs), zone=has, line=suggest_line(np.array([[easting, 0.0]]))
        )
        return None
    ledger.note("zone_number", "crs", "warning", crs=label(crs), zone=zone)
    return (wants - has) * ZONE_M
