"""GeoJSON from strangers: parsed as JSON first, then only the six simple geometry types."""

from __future__ import annotations

import json
from collections.abc import Iterator
from typing import Any

import numpy as np
import orjson
import pandas as pd
import shapely
from numpy.typing import NDArray

from geo.io.formats import Request
from geo.io.formats.text import decode
from geo.io.limits import Limits
from geo.io.raw import Raw, Unreadable

DEPTH = {"Point": 0, "MultiPoint": 1, "LineString": 1, "MultiLineString": 2, "Polygon": 2, "MultiPolygon": 3}
RING_MIN = 4


class _Bad(Exception):
    """One geometry cannot be used; its argument is the fault's code."""


def read_geojson(request: Request) -> Raw:
    """Read a GeoJSON file.

    Parameters
    ----------
    request : Request
        The file and what is known about it.

    Returns
    -------
    Raw
        Properties as columns (nested ones left as they are), in CRS84 unless the file names another system.
    """
    text, encoding = decode(request.path.read_bytes(), request.source.encoding)
    document = _parse(text)
    features = _features(document)
    if len(features) > request.limits.rows:
        raise Unreadable("too_many_rows", count=len(features), limit=request.limits.rows)
    raw = Raw(frame=_frame(features), crs=_crs(document), implied=document.get("crs") is None, encoding=encoding)
    raw.geometry = _geometry(features, raw, request.limits)
    return raw


def _parse(text: str) -> Any:
    """Parse JSON; both parsers refuse to nest deeper than about a thousand, long before a stack ends."""
    try:
        document = orjson.loads(text)
    except orjson.JSONDecodeError as error:
        if "recursion" in str(error):
            raise Unreadable("json_depth") from None
        document = None
    repeated: set[str] = set()

    def note_repeated(pairs: list[tuple[str, Any]]) -> None:
        names = [name for name, _ in pairs]
        repeated.update(name for name in names if names.count(name) > 1)

    try:
        json.loads(text, object_pairs_hook=note_repeated)
        if document is None:
            document = json.loads(text)  # NaN is no JSON, but one bad place must not sink the file
    except RecursionError:
        raise Unreadable("json_depth") from None
    except ValueError as error:
        raise Unreadable("broken_file", reason=str(error)) from None
    if repeated:
        raise Unreadable("json_duplicate_key", names=", ".join(sorted(repeated))[:200])
    return document


def _features(document: Any) -> list[dict[str, Any]]:
    kind = document.get("type") if isinstance(document, dict) else None
    features = document.get("features") if kind == "FeatureCollection" else [document]
    if kind not in ("FeatureCollection", "Feature") or not isinstance(features, list):
        raise Unreadable("not_geojson")
    return [feature if isinstance(feature, dict) else {} for feature in features]


def _crs(document: dict[str, Any]) -> str:
    """Read the ``crs`` member of the format's first edition; RFC 7946 has none, and lon/lat is implied."""
    named = document.get("crs")
    properties = named.get("properties") if isinstance(named, dict) else None
    return str(properties.get("name", "")) if isinstance(properties, dict) else ""


def _frame(features: list[dict[str, Any]]) -> pd.DataFrame:
    properties = [feature.get("properties") for feature in features]
    rows = [row if isinstance(row, dict) else {} for row in properties]
    names = list(dict.fromkeys(name for row in rows for name in row))
    columns = {name: pd.Series([row.get(name) for row in rows], dtype="object") for name in names}
    if "id" not in columns and any("id" in feature for feature in features):
        columns["id"] = pd.Series([feature.get("id") for feature in features], dtype="object")
    return pd.DataFrame(columns, index=range(len(features)))


def _geometry(features: list[dict[str, Any]], raw: Raw, limits: Limits) -> NDArray[Any]:
    """Build the geometries that are sound; note the others."""
    safe: NDArray[Any] = np.empty(len(features), dtype=object)
    total = 0
    for i, feature in enumerate(features):
        geometry = feature.get("geometry")
        if geometry is None:
            continue
        try:
            vertices = _check(geometry, limits)
        except _Bad as bad:
            raw.problems.append((i, str(bad), "geometry", {}))
            continue
        total += vertices
        if vertices > limits.vertices_feature:
            values = {"count": vertices, "limit": limits.vertices_feature}
            raw.problems.append((i, "too_many_vertices", "geometry", values))
        else:
            safe[i] = orjson.dumps({"type": geometry["type"], "coordinates": geometry["coordinates"]}).decode()
    if total > limits.vertices_file:
        raise Unreadable("file_too_many_vertices", count=total, limit=limits.vertices_file)
    made = shapely.from_geojson(safe, on_invalid="ignore")
    lost = np.array([text is not None for text in safe], dtype=bool) & shapely.is_missing(made)
    raw.problems += [(int(i), "geometry_ring", "geometry", {}) for i in np.flatnonzero(lost)]
    return np.asarray(made)


def _check(geometry: Any, limits: Limits) -> int:
    """Count the vertices of a geometry whose coordinates nest as its type says and are all numbers."""
    kind = geometry.get("type") if isinstance(geometry, dict) else None
    if kind not in DEPTH:
        raise _Bad("geometry_kind")
    count = 0
    for place in _places(geometry.get("coordinates"), DEPTH[kind], kind.endswith("Polygon")):
        if not np.isfinite(place).all():
            raise _Bad("coordinate_not_finite")
        count += len(place)
        if count > limits.vertices_feature:
            break
    return count


def _places(coordinates: Any, depth: int, rings: bool) -> Iterator[NDArray[np.float64]]:
    """Give the coordinates of each part as an array of shape (n, 2 or more)."""
    if not isinstance(coordinates, list):
        raise _Bad("geometry_truncated")
    if depth > 1:
        for part in coordinates:
            yield from _places(part, depth - 1, rings)
        return
    if not coordinates:
        return  # an empty geometry is somebody else's question
    try:
        array = np.asarray(coordinates if depth else [coordinates], dtype=np.float64)
    except (TypeError, ValueError, OverflowError):
        raise _Bad("geometry_truncated") from None
    if array.ndim != 2 or array.shape[1] < 2:
        raise _Bad("geometry_truncated")
    if rings and (len(array) < RING_MIN or (array[0] != array[-1]).any()):
        raise _Bad("geometry_ring" if np.isfinite(array).all() else "coordinate_not_finite")
    yield array
