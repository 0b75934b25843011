"""All tiles of a layer in one file: PMTiles 3, which browsers and GIS read piece by piece."""

from __future__ import annotations

import gzip
from collections.abc import Mapping
from pathlib import Path
from typing import Any, BinaryIO

from pmtiles.tile import Compression, TileType, zxy_to_tileid
from pmtiles.writer import Writer

from geo.errors import BadParameter
from geo.progress import Progress, silent
from maps.tiles.source import FINEST, TileSource

MANY = 50_000  # tiles of one zoom; an archive ends before there would be more, as clients enlarge the last ones
PACKED = 6  # level of gzip
TYPES = {"integer": "Number", "number": "Number", "boolean": "Boolean"}


def write_archive(
    tiles: TileSource, path: Path, about: Mapping[str, str], progress: Progress = silent
) -> tuple[int, int]:
    """Write all tiles of a layer.

    Parameters
    ----------
    tiles : TileSource
        The layer, with at least one row somewhere.
    path : Path
        New file.
    about : mapping of str to str
        ``name``, ``description`` and, where there is one, ``attribution``.
    progress : callable
        Told of the tiles done.

    Returns
    -------
    tuple of int
        First and last zoom: from the first whose tiles hold every row, to 14 or the last of at most 50,000 tiles.

    Raises
    ------
    BadParameter
        Every row is smaller than a unit of the last zoom, so there is no tile.
    """
    wanted = _wanted(tiles)
    total, done = sum(map(len, wanted.values())), 0
    with path.open("wb") as file:
        archive = Writer(file)
        for zoom, order in wanted.items():
            for id, row, column in order:
                progress(tiles.layer.id, done, total)
                if made := tiles.tile(zoom, row, column):
                    archive.write_tile(id, gzip.compress(made, PACKED, mtime=0))
                done += 1
        if not archive.addressed_tiles:
            raise BadParameter.said("too_small", layer=tiles.layer.id, zoom=max(wanted))
        _finish(archive, file, tiles, about, (min(wanted), max(wanted)))
    return min(wanted), max(wanted)


def _wanted(tiles: TileSource) -> dict[int, list[tuple[int, int, int]]]:
    """List tile ids (along a Hilbert curve), rows and columns by zoom."""
    made: dict[int, list[tuple[int, int, int]]] = {}
    for zoom, at in tiles.pyramid():
        if zoom > max(FINEST, tiles.whole_from) or (made and len(at) > MANY):
            break
        if zoom >= tiles.whole_from:
            made[zoom] = sorted((zxy_to_tileid(zoom, column, row), row, column) for row, column in at.tolist())
    return made


def _finish(
    archive: Writer, file: BinaryIO, tiles: TileSource, about: Mapping[str, str], zooms: tuple[int, int]
) -> None:
    box = tiles.box or (-180.0, -90.0, 180.0, 90.0)
    west, south, east, north = (round(degree * 1e7) for degree in box)
    layer = {
        "id": tiles.layer.id,
        "fields": {name: TYPES.get(tiles.layer.field(name).kind, "String") for name in tiles.fields},
        "minzoom": zooms[0],
        "maxzoom": zooms[1],
    }
    header: dict[str, Any] = {
        "tile_type": TileType.MVT,
        "tile_compression": Compression.GZIP,
        "min_lon_e7": west,
        "min_lat_e7": south,
        "max_lon_e7": east,
        "max_lat_e7": north,
        "center_zoom": zooms[0],
        "center_lon_e7": (west + east) // 2,
        "center_lat_e7": (south + north) // 2,
    }
    archive.finalize(header, {**about, "type": "overlay", "vector_layers": [layer]})
    file.flush()
