"""Bytes of vector tiles: Mapbox Vector Tile specification 2.1, as protocol buffers, written by compiled loops.

A tile holds one layer here. A feature is its id, pairs of numbers of keys and values, its type, and its geometry
as commands with zigzag differences. https://github.com/mapbox/vector-tile-spec/tree/master/2.1
"""

from __future__ import annotations

import struct
from collections.abc import Iterable, Mapping, Sequence
from typing import Any, NamedTuple

import numpy as np
from numba import njit
from numpy.typing import NDArray

from geo.place.rings import JIT
from maps.tiles.paths import LINE, POINT, POLYGON, Ids, Paths
from maps.tiles.quad import EXTENT

MEDIA = "application/vnd.mapbox-vector-tile"
VERSION = 2
_MOVE, _DRAW, _CLOSE = 1, 2, 7  # commands
_VARINT, _EIGHT, _SIZED = 0, 1, 2  # wire types
_TILE_LAYERS = 3
_NAME, _FEATURES, _KEYS, _VALUES, _EXTENT, _VERSION = 1, 2, 3, 4, 5, 15  # fields of a layer
_TEXT, _DOUBLE, _UNSIGNED, _SIGNED, _BOOL = 1, 3, 5, 6, 7  # fields of a value
_LONGEST = 10  # bytes of a number


class Properties(NamedTuple):
    """What the rows of a layer say, each value once.

    Parameters
    ----------
    names : tuple of str
        Names, shape (f,).
    values : numpy.ndarray
        Values as they stand in a tile, one after the other, bytes.
    start : numpy.ndarray
        Where each value begins, and where the last one ends, shape (v + 1,).
    codes : numpy.ndarray
        Number of each row's value, shape (n, f); -1 = missing.
    """

    names: tuple[str, ...]
    values: NDArray[np.uint8]
    start: Ids
    codes: NDArray[np.int32]


def properties(columns: Mapping[str, Sequence[Any]], rows: int) -> Properties:
    """Number the values of columns.

    Parameters
    ----------
    columns : mapping of str to sequence
        Strings, numbers, booleans and lists of strings by name, one a row; None, and numbers that are not
        finite, are missing. A list becomes a string with ``;`` between, an empty one is missing.
    rows : int
        How many rows there are.

    Returns
    -------
    Properties
        Equal values of one type have one number.
    """
    known: dict[tuple[type, Any], int] = {}
    codes = np.full((rows, len(columns)), -1, dtype=np.int32)
    for at, column in enumerate(columns.values()):
        codes[:, at] = [_code(_single(value), known) for value in column]
    values = [_field(_VALUES, _value(value)) for _, value in known]
    start = np.cumsum([0, *map(len, values)])
    return Properties(tuple(columns), np.frombuffer(b"".join(values), dtype=np.uint8), start, codes)


def encode(name: str, paths: Paths, ids: Ids, kind: int, said: Properties) -> bytes:
    """Write a tile of one layer.

    Parameters
    ----------
    name : str
        Name of the layer.
    paths : Paths
        Snapped, ordered by owner.
    ids : numpy.ndarray
        Row of each owner: it is the feature's id and says which properties it has, shape (k,).
    kind : int
        Geometry type.
    said : Properties
        Of all rows.

    Returns
    -------
    bytes
        The tile; owners without paths are not in it, and nothing at all makes an empty tile, no bytes.
    """
    if not len(paths.owner):
        return b""
    begins = np.flatnonzero(np.diff(paths.owner, prepend=-1))
    rows = ids[paths.owner[begins]]
    numbers, used = _numbered(said.codes[rows], len(said.start) - 1)
    features = _features(paths, np.append(begins, len(paths.owner)), rows, numbers, kind)
    layer = [
        _number_field(_VERSION, VERSION),
        _field(_NAME, name.encode()),
        features.data,
        *(_field(_KEYS, key.encode()) for key in said.names),
        _gathered(said.values, said.start, used).data,
        _number_field(_EXTENT, EXTENT),
    ]
    return _field(_TILE_LAYERS, b"".join(layer))


def _single(value: Any) -> Any:
    if isinstance(value, (list, tuple)):
        return ";".join(value) or None
    return None if isinstance(value, float) and not np.isfinite(value) else value


def _code(value: Any, known: dict[tuple[type, Any], int]) -> int:
    return -1 if value is None else known.setdefault((type(value), value), len(known))


def _value(value: Any) -> bytes:
    if isinstance(value, bool):
        return _number_field(_BOOL, int(value))
    if isinstance(value, int):
        return _number_field(_UNSIGNED, value) if value >= 0 else _number_field(_SIGNED, -2 * value - 1)
    if isinstance(value, float):
        return _varint(_DOUBLE << 3 | _EIGHT) + struct.pack("<d", value)
    return _field(_TEXT, str(value).encode())


def _field(number: int, content: bytes) -> bytes:
    return _varint(number << 3 | _SIZED) + _varint(len(content)) + content


def _number_field(number: int, value: int) -> bytes:
    return _varint(number << 3 | _VARINT) + _varint(value)


def _varint(value: int) -> bytes:
    return bytes(_sevens(value))


def _sevens(value: int) -> Iterable[int]:
    while value > 127:
        yield value & 127 | 128
        value >>= 7
    yield value


@njit(**JIT)
def _numbered(codes: Any, known: int) -> Any:
    """Number the values that are used in the order in which they come."""
    number = np.full(known, -1, dtype=np.int32)
    numbers = np.full(codes.shape, -1, dtype=np.int32)
    used = np.empty(codes.size, dtype=np.int32)
    count = 0
    for row in range(codes.shape[0]):
        for at in range(codes.shape[1]):
            code = codes[row, at]
            if code < 0:
                continue
            if number[code] < 0:
                number[code] = count
                used[count] = code
                count += 1
            numbers[row, at] = number[code]
    return numbers, used[:count]


@njit(**JIT)
def _gathered(values: Any, start: Any, used: Any) -> Any:
    size = 0
    for code in used:
        size += start[code + 1] - start[code]
    out = np.empty(size, dtype=np.uint8)
    at = 0
    for code in used:
        for i in range(start[code], start[code + 1]):
            out[at] = values[i]
            at += 1
    return out


@njit(**JIT)
def _put(out: Any, at: int, value: int) -> int:
    while value > 127:
        out[at] = value & 127 | 128
        value >>= 7
        at += 1
    out[at] = value
    return at + 1


@njit(**JIT)
def _size(value: int) -> int:
    size = 1
    while value > 127:
        value >>= 7
        size += 1
    return size


@njit(**JIT)
def _steps(out: Any, at: int, xy: Any, start: int, stop: int, before: Any) -> int:
    """Write vertices as differences from the one before, zigzag."""
    for i in range(start, stop):
        for axis in range(2):
            step = np.int64(xy[i, axis]) - before[axis]
            before[axis] = xy[i, axis]
            at = _put(out, at, (step << 1) ^ (step >> 63))
    return at


@njit(**JIT)
def _geometry(out: Any, paths: Any, first: int, last: int, kind: int) -> int:
    """Write the commands of one feature from the beginning of ``out``; tell how long they are."""
    at = 0
    before = np.zeros(2, dtype=np.int64)
    for path in range(first, last):
        start, end = paths.start[path], paths.stop[path]
        end -= 1 if kind == POLYGON else 0  # a ring's first vertex is not repeated
        moved = end if kind == POINT else start + 1
        at = _put(out, at, (moved - start) << 3 | _MOVE)
        at = _steps(out, at, paths.xy, start, moved, before)
        if kind >= LINE:
            at = _put(out, at, (end - moved) << 3 | _DRAW)
            at = _steps(out, at, paths.xy, moved, end, before)
        if kind == POLYGON:
            at = _put(out, at, 1 << 3 | _CLOSE)
    return at


@njit(**JIT)
def _features(paths: Any, begins: Any, rows: Any, numbers: Any, kind: int) -> Any:
    """Write the features of a layer, one after the other."""
    tags_of = numbers.shape[1]
    most = 2 * _LONGEST * len(paths.xy) + 3 * _LONGEST * len(paths.start)
    body = np.empty(most + 2 * _LONGEST * tags_of, dtype=np.uint8)
    out = np.empty(most + (6 + 2 * tags_of) * _LONGEST * len(rows), dtype=np.uint8)
    at = 0
    for f in range(len(rows)):
        drawn = _geometry(body, paths, begins[f], begins[f + 1], kind)
        end = drawn
        for name in range(tags_of):
            if numbers[f, name] >= 0:
                end = _put(body, end, name)
                end = _put(body, end, numbers[f, name])
        said = end - drawn
        size = 1 + _size(rows[f]) + 1 + _size(said) + said + 2 + 1 + _size(drawn) + drawn
        at = _put(out, at, _FEATURES << 3 | _SIZED)
        at = _put(out, at, size)
        at = _put(out, at, 1 << 3 | _VARINT)
        at = _put(out, at, rows[f])
        at = _put(out, at, 2 << 3 | _SIZED)
        at = _put(out, at, said)
        for i in range(drawn, end):
            out[at] = body[i]
            at += 1
        at = _put(out, at, 3 << 3 | _VARINT)
        at = _put(out, at, kind)
        at = _put(out, at, 4 << 3 | _SIZED)
        at = _put(out, at, drawn)
        for i in range(drawn):
            out[at] = body[i]
            at += 1
    return out[:at]
