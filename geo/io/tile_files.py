"""Tiles in a file: MBTiles and PMTiles, read only, and trusted in nothing.

Such files come from anywhere. What a file says about itself is believed within the limits below: sizes before
reading, sizes after unpacking, time for a query; and a tile is what its first bytes say, not what the file says.
"""

from __future__ import annotations

import gzip
import re
import sqlite3
import time
import zlib
from collections.abc import Iterator
from contextlib import contextmanager
from dataclasses import dataclass
from functools import lru_cache
from pathlib import Path
from typing import Any, Literal, Protocol

from pmtiles.tile import Compression, Entry, TileType, deserialize_directory, deserialize_header, find_tile
from pmtiles.tile import zxy_to_tileid as tile_id

from geo.errors import GridwalkError

TILE_BYTES = 4 * 2**20  # of a tile, packed and unpacked
DIRECTORY_BYTES = 2**20  # of a directory of a PMTiles file, packed and unpacked; real ones have a tenth
DEPTH = 4  # of directories in each other, as the format says
QUERY_S = 1.0  # a tile is one look into an index
DEEPEST = 22
HEADER_BYTES = 127
SIGNS = (  # first bytes of a picture
    (re.compile(rb"\x89PNG\r\n\x1a\n"), "image/png"),
    (re.compile(rb"\xff\xd8\xff"), "image/jpeg"),
    (re.compile(rb"RIFF....WEBP", re.DOTALL), "image/webp"),
)
MVT = "application/vnd.mapbox-vector-tile"
RASTER = frozenset({"png", "jpg", "jpeg", "webp"})
_ENDLESS = re.compile(rb"[\x80-\xff]{10}")  # a number of more than 64 bits
_READS = frozenset({sqlite3.SQLITE_SELECT, sqlite3.SQLITE_READ})
_FUNCTIONS = frozenset({"min", "max"})

Kind = Literal["raster", "vector"]
Bounds = tuple[float, float, float, float]


class BadTiles(GridwalkError):
    """A file of tiles cannot be read; says why."""


@dataclass(frozen=True, slots=True)
class About:
    """What a file of tiles says about itself.

    Parameters
    ----------
    kind : {"raster", "vector"}
        Pictures, or Mapbox vector tiles.
    min_zoom, max_zoom : int
        Zooms that there are.
    bounds : tuple of float or None
        West, south, east, north in degrees; outside there is nothing.
    """

    kind: Kind
    min_zoom: int
    max_zoom: int
    bounds: Bounds | None


@dataclass(frozen=True, slots=True)
class Tile:
    """One tile.

    Parameters
    ----------
    media : str
        Media type, by its first bytes.
    content : bytes
        Unpacked.
    """

    media: str
    content: bytes


class TileFile(Protocol):
    """A file of tiles."""

    about: About

    def tile(self, z: int, x: int, y: int) -> Tile | None:
        """Read one tile; None where there is none. Rows count from the north."""


def open_tiles(path: Path) -> TileFile:
    """Open a file of tiles.

    Parameters
    ----------
    path : Path
        A ``.mbtiles`` or ``.pmtiles`` file. It is opened anew when it has changed.

    Returns
    -------
    TileFile
        Anything wrong with the file is :class:`BadTiles`.
    """
    try:
        facts = path.stat()
    except OSError as error:
        raise BadTiles(f"{path.name}: {error.strerror}") from error
    return _opened(path, facts.st_mtime_ns, facts.st_size)


@lru_cache(maxsize=32)
def _opened(path: Path, _changed: int, size: int) -> TileFile:
    try:
        return PMTiles(path, size) if path.suffix.lower() == ".pmtiles" else MBTiles(path)
    except BadTiles:
        raise
    except (ValueError, TypeError, LookupError, EOFError, OSError, zlib.error, ArithmeticError) as error:
        raise BadTiles(f"{path.name}: {type(error).__name__}") from error
    except Exception as error:  # the library's own, which have no common base
        raise BadTiles(f"{path.name}: not a PMTiles file of version 3") from error


class MBTiles:
    """Tiles in an SQLite file (MBTiles 1.3).

    Parameters
    ----------
    path : Path
        The file; it is never written to, nor is anything beside it.
    """

    def __init__(self, path: Path) -> None:
        self.path = path
        with self._reading() as database:
            database.execute("SELECT zoom_level, tile_column, tile_row, tile_data FROM tiles LIMIT 0")
            rows = database.execute("SELECT name, value FROM metadata LIMIT 100").fetchall()
            zooms = [
                database.execute(f"SELECT {which}(zoom_level) FROM tiles").fetchone()[0]  # noqa: S608 (ours)
                for which in ("min", "max")
            ]
        said = {str(name): str(value) for name, value in rows}
        self.about = About(
            kind=_kind_of(said.get("format", ""), path.name),
            min_zoom=_zoom(said.get("minzoom", zooms[0]), path.name),
            max_zoom=_zoom(said.get("maxzoom", zooms[1]), path.name),
            bounds=_bounds(said.get("bounds", "").split(",")),
        )

    def tile(self, z: int, x: int, y: int) -> Tile | None:
        """Read one tile.

        Parameters
        ----------
        z, x, y : int
            Zoom, column, and row from the north; the file counts rows from the south.

        Returns
        -------
        Tile or None
            None where there is none.
        """
        where = (z, x, 2**z - 1 - y)
        query = "SELECT tile_data FROM tiles WHERE zoom_level = ? AND tile_column = ? AND tile_row = ? LIMIT 1"
        with self._reading() as database:
            found = database.execute(query, where).fetchone()
        if found is None or found[0] is None:
            return None
        if not isinstance(found[0], bytes):
            raise BadTiles(f"{self.path.name}: a tile is no blob")
        return _recognised(found[0], self.about.kind, self.path.name)

    @contextmanager
    def _reading(self) -> Iterator[sqlite3.Connection]:
        """Open for one query: nothing but reading is possible, and not for long."""
        address = f"{self.path.resolve().as_uri()}?mode=ro&immutable=1"
        late = time.monotonic() + QUERY_S
        try:
            database = sqlite3.connect(address, uri=True, check_same_thread=False)
            try:
                database.setlimit(sqlite3.SQLITE_LIMIT_LENGTH, TILE_BYTES)
                database.setlimit(sqlite3.SQLITE_LIMIT_ATTACHED, 0)
                database.execute("PRAGMA trusted_schema = OFF")
                database.set_progress_handler(lambda: time.monotonic() > late, 10_000)
                database.set_authorizer(_only_reading)
                yield database
            finally:
                database.close()
        except sqlite3.Error as error:
            raise BadTiles(f"{self.path.name}: {error}") from error


def _only_reading(action: int, _one: str | None, name: str | None, *_: Any) -> int:
    harmless = action in _READS or (action == sqlite3.SQLITE_FUNCTION and name in _FUNCTIONS)
    return sqlite3.SQLITE_OK if harmless else sqlite3.SQLITE_DENY


class PMTiles:
    """Tiles in a PMTiles file of version 3.

    Parameters
    ----------
    path : Path
        The file.
    size : int
        Its size, bytes.
    """

    def __init__(self, path: Path, size: int) -> None:
        self.path = path
        self.size = size
        self.header = header = deserialize_header(self._read(0, HEADER_BYTES))
        for name in ("internal_compression", "tile_compression"):
            if header[name] not in (Compression.NONE, Compression.GZIP):
                raise BadTiles(f"{path.name}: {name} is {header[name].name}; gzip and none are read")
        kinds: dict[TileType, Kind] = {
            TileType.MVT: "vector",
            TileType.PNG: "raster",
            TileType.JPEG: "raster",
            TileType.WEBP: "raster",
        }
        if header["tile_type"] not in kinds:
            raise BadTiles(f"{path.name}: tiles are {header['tile_type'].name}; MVT, PNG, JPEG and WEBP are read")
        self._root = self._directory(header["root_offset"], header["root_length"])
        corners = (header[f"{end}_{axis}_e7"] / 1e7 for end in ("min", "max") for axis in ("lon", "lat"))
        self.about = About(
            kind=kinds[header["tile_type"]],
            min_zoom=_zoom(header["min_zoom"], path.name),
            max_zoom=_zoom(header["max_zoom"], path.name),
            bounds=_bounds(list(corners)),
        )
        self._leaf = lru_cache(maxsize=16)(self._directory)

    def tile(self, z: int, x: int, y: int) -> Tile | None:
        """Read one tile.

        Parameters
        ----------
        z, x, y : int
            Zoom, column, and row from the north.

        Returns
        -------
        Tile or None
            None where there is none.
        """
        wanted, directory = tile_id(z, x, y), self._root
        for _ in range(DEPTH):
            found = find_tile(directory, wanted)
            if found is None:
                return None
            if found.run_length:
                packed = self._read(self.header["tile_data_offset"] + found.offset, found.length, TILE_BYTES)
                plain = self._unpacked(packed, self.header["tile_compression"], TILE_BYTES)
                return _recognised(plain, self.about.kind, self.path.name)
            directory = self._leaf(self.header["leaf_directory_offset"] + found.offset, found.length)
        raise BadTiles(f"{self.path.name}: directories are deeper than {DEPTH}")

    def _read(self, offset: int, length: int, most: int = DIRECTORY_BYTES) -> bytes:
        if not (offset >= 0 and 0 < length <= most and offset + length <= self.size):
            raise BadTiles(f"{self.path.name}: {length} bytes at {offset} are not there, or too many")
        with self.path.open("rb") as file:
            file.seek(offset)
            return file.read(length)

    def _unpacked(self, content: bytes, how: Compression, most: int) -> bytes:
        return inflate(content, most, self.path.name) if how is Compression.GZIP else content

    def _directory(self, offset: int, length: int) -> list[Entry]:
        """Read a directory; an entry has four numbers, each of a byte or more."""
        packed = self._read(offset, length)
        plain = self._unpacked(packed, self.header["internal_compression"], DIRECTORY_BYTES)
        if _ENDLESS.search(plain):
            raise BadTiles(f"{self.path.name}: a number in a directory has no end")
        count = sum((byte & 0x7F) << (7 * place) for place, byte in enumerate(_first_number(plain)))
        if 4 * count > len(plain):
            raise BadTiles(f"{self.path.name}: a directory is shorter than it says")
        entries: list[Entry] = deserialize_directory(gzip.compress(plain, compresslevel=0))  # it reads packed ones
        return entries


def inflate(content: bytes, most: int, name: str) -> bytes:
    """Unpack gzip up to a size.

    Parameters
    ----------
    content : bytes
        One gzip member; what follows it is left.
    most : int
        Bytes that may come out.
    name : str
        Of the file, for the message.

    Returns
    -------
    bytes
        Unpacked. More than ``most``, or no gzip, is :class:`BadTiles`.
    """
    stream = zlib.decompressobj(wbits=31)
    try:
        plain = stream.decompress(content, most)
    except zlib.error as error:
        raise BadTiles(f"{name}: {error}") from error
    if not stream.eof:
        raise BadTiles(f"{name}: unpacks to more than {most} bytes, or ends early")
    return plain


def _first_number(plain: bytes) -> bytes:
    end = next((place for place, byte in enumerate(plain[:10]) if byte < 0x80), -1)
    return plain[: end + 1]


def _recognised(content: bytes, kind: Kind, name: str) -> Tile | None:
    """Say what a tile is; a picture among vectors, a page or a script are nothing that is handed on."""
    if not content:
        return None
    if len(content) > TILE_BYTES:
        raise BadTiles(f"{name}: a tile has more than {TILE_BYTES} bytes")
    if kind == "raster":
        media = next((media for sign, media in SIGNS if sign.match(content)), None)
        if media is None:
            raise BadTiles(f"{name}: a tile is no PNG, JPEG or WEBP")
        return Tile(media, content)
    plain = inflate(content, TILE_BYTES, name) if content.startswith(b"\x1f\x8b") else content
    if plain and plain[0] != 0x1A:  # field 3, a layer: a vector tile has nothing else
        raise BadTiles(f"{name}: a tile is no vector tile")
    return Tile(MVT, plain) if plain else None


def _kind_of(format: str, name: str) -> Kind:
    if format.lower() in RASTER:
        return "raster"
    if format.lower() in ("pbf", "mvt"):
        return "vector"
    raise BadTiles(f"{name}: format is {format[:20]!r}; png, jpg, webp and pbf are read")


def _zoom(value: Any, name: str) -> int:
    text = str(value)
    if not text.isascii() or not text.isdigit() or int(text[:4]) > DEEPEST:
        raise BadTiles(f"{name}: {text[:20]!r} is no zoom from 0 to {DEEPEST}")
    return int(text)


def _bounds(corners: list[Any]) -> Bounds | None:
    """Take bounds that make sense; without them tiles are asked for everywhere."""
    try:
        west, south, east, north = (float(one) for one in corners)
    except ValueError:
        return None
    return (west, south, east, north) if -180 <= west < east <= 180 and -90 <= south < north <= 90 else None
