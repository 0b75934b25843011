"""Small files of background tiles, made by hand: pictures of one colour, and what a hostile file might hold."""

from __future__ import annotations

import gzip
import sqlite3
import struct
import zlib
from collections.abc import Mapping
from pathlib import Path
from typing import Any

from pmtiles.tile import Compression, TileType, zxy_to_tileid
from pmtiles.writer import Writer

Place = tuple[int, int, int]
JPEG = b"\xff\xd8\xff\xe0" + bytes(16)
WEBP = b"RIFF\x10\x00\x00\x00WEBPVP8 " + bytes(8)


def png(red: int = 200, green: int = 30, blue: int = 30, *, size: int = 256) -> bytes:
    """Make a picture of one colour."""

    def chunk(kind: bytes, data: bytes) -> bytes:
        return struct.pack(">I", len(data)) + kind + data + struct.pack(">I", zlib.crc32(kind + data))

    rows = (b"\x00" + bytes((red, green, blue)) * size) * size
    head = struct.pack(">IIBBBBB", size, size, 8, 2, 0, 0, 0)
    return b"\x89PNG\r\n\x1a\n" + chunk(b"IHDR", head) + chunk(b"IDAT", zlib.compress(rows)) + chunk(b"IEND", b"")


def every(zooms: range, content: bytes) -> dict[Place, bytes]:
    """Give one content to every tile of some zooms."""
    return {(z, x, y): content for z in zooms for x in range(2**z) for y in range(2**z)}


def mbtiles(path: Path, tiles: Mapping[Place, Any], **metadata: str) -> Path:
    """Write an MBTiles file; rows are given from the north, as everywhere but in such files."""
    with sqlite3.connect(path) as database:
        database.execute("CREATE TABLE metadata (name text, value text)")
        database.execute(
            "CREATE TABLE tiles (zoom_level integer, tile_column integer, tile_row integer, tile_data blob)"
        )
        database.execute("CREATE UNIQUE INDEX tile_index ON tiles (zoom_level, tile_column, tile_row)")
        database.executemany("INSERT INTO metadata VALUES (?, ?)", {"format": "png", **metadata}.items())
        rows = [(z, x, 2**z - 1 - y, content) for (z, x, y), content in tiles.items()]
        database.executemany("INSERT INTO tiles VALUES (?, ?, ?, ?)", rows)
    database.close()
    return path


def pmtiles(
    path: Path,
    tiles: Mapping[Place, bytes],
    kind: TileType = TileType.PNG,
    compression: Compression = Compression.NONE,
) -> Path:
    """Write a PMTiles file."""
    with path.open("wb") as file:
        writer = Writer(file)
        for place, content in sorted(tiles.items(), key=lambda item: zxy_to_tileid(*item[0])):
            packed = gzip.compress(content) if compression is Compression.GZIP else content
            writer.write_tile(zxy_to_tileid(*place), packed)
        world = {"min_lon_e7": -1_800_000_000, "max_lon_e7": 1_800_000_000}
        world |= {"min_lat_e7": -850_000_000, "max_lat_e7": 850_000_000}
        head = {"tile_type": kind, "tile_compression": compression, **world}
        head |= {"center_zoom": 0, "center_lon_e7": 0, "center_lat_e7": 0}
        writer.finalize(head, {})
    return path


def changed(path: Path, at: int, content: bytes) -> Path:
    """Write over some bytes of a file."""
    whole = bytearray(path.read_bytes())
    whole[at : at + len(content)] = content
    path.write_bytes(whole)
    return path
