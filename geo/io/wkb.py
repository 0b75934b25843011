"""Well-known binary from strangers: looked through before GEOS sees it.

GEOS reads nested collections recursively and dies on deep ones, so only the six simple types pass, each part of
the type it must be, with no more vertices than allowed.
"""

from __future__ import annotations

import struct
from collections.abc import Sequence
from typing import Any

import numpy as np
import shapely
from numpy.typing import NDArray

from geo.io.limits import Limits
from geo.io.raw import Geometries, Unreadable

POINT, LINE, POLYGON = 1, 2, 3
PART_OF = {4: POINT, 5: LINE, 6: POLYGON}
EWKB_Z, EWKB_M, EWKB_SRID = 0x80000000, 0x40000000, 0x20000000


def count_vertices(data: bytes) -> int:
    """Walk through one geometry and count its vertices.

    Parameters
    ----------
    data : bytes
        WKB, ISO or extended.

    Returns
    -------
    int
        Vertices; anything but the six simple types, or bytes missing, is a :class:`ValueError`.

    Examples
    --------
    >>> count_vertices(shapely.to_wkb(shapely.box(0, 0, 1, 1)))
    5
    """
    try:
        end, vertices = _walk(data, 0, None)
    except (struct.error, IndexError):
        raise ValueError("geometry_truncated") from None
    if end > len(data):
        raise ValueError("geometry_truncated")
    return vertices


def _walk(data: bytes, at: int, expected: int | None) -> tuple[int, int]:
    order = "<" if data[at] == 1 else ">"
    (code,) = struct.unpack_from(f"{order}I", data, at + 1)
    at += 5 + (4 if code & EWKB_SRID else 0)
    plain = code & 0x0FFFFFFF
    kind, dimensions = plain % 1000, plain // 1000
    if dimensions > 3 or (expected is not None and kind != expected):
        raise ValueError("geometry_kind")
    extra = 2 if dimensions == 3 else int(dimensions > 0)
    size = 8 * (2 + max(extra, bool(code & EWKB_Z) + bool(code & EWKB_M)))
    if kind == POINT:
        return at + size, 1
    (count,) = struct.unpack_from(f"{order}I", data, at)
    at += 4
    if kind == LINE:
        return at + count * size, count
    if kind == POLYGON:
        return _rings(data, at, count, size, order)
    if kind not in PART_OF or expected is not None:
        raise ValueError("geometry_kind")
    vertices = 0
    for _ in range(count):
        at, more = _walk(data, at, PART_OF[kind])
        vertices += more
    return at, vertices


def _rings(data: bytes, at: int, rings: int, size: int, order: str) -> tuple[int, int]:
    vertices = 0
    for _ in range(rings):
        (count,) = struct.unpack_from(f"{order}I", data, at)
        at += 4 + count * size
        vertices += count
    return at, vertices


def read_wkb(
    values: Sequence[Any] | Geometries, limits: Limits
) -> tuple[Geometries, list[tuple[int, str, dict[str, Any]]]]:
    """Turn WKB into geometry, one by one where it must be.

    Parameters
    ----------
    values : sequence of bytes or None
        Shape (n,).
    limits : Limits
        Of vertices. A file with more in all is refused.

    Returns
    -------
    tuple
        Geometry, shape (n,), missing where there was none or it cannot be read; and ``(position, code, values)``
        of what cannot be read.
    """
    problems: list[tuple[int, str, dict[str, Any]]] = []
    safe: NDArray[Any] = np.empty(len(values), dtype=object)
    total = 0
    for i, value in enumerate(values):
        if value is None:
            continue
        data = bytes(value)
        try:
            vertices = count_vertices(data)
        except ValueError as error:
            problems.append((i, str(error), {}))
            continue
        total += vertices
        if vertices > limits.vertices_feature:
            problems.append((i, "too_many_vertices", {"count": vertices, "limit": limits.vertices_feature}))
        else:
            safe[i] = data
    if total > limits.vertices_file:
        raise Unreadable("file_too_many_vertices", count=total, limit=limits.vertices_file)
    made = shapely.from_wkb(safe, on_invalid="ignore")
    given = np.array([value is not None for value in safe], dtype=bool)
    problems += [(int(i), "geometry_ring", {}) for i in np.flatnonzero(given & shapely.is_missing(made))]
    return made, problems
