"""Files of tiles: the right tile for a place, and nothing from a hostile file but a message."""

from __future__ import annotations

import gzip
import sqlite3
import struct
import time
import zlib
from pathlib import Path

import pytest
from hypothesis import given
from hypothesis import strategies as st
from pmtiles.tile import Compression, TileType

from geo.io import tile_files
from geo.io.tile_files import MVT, BadTiles, inflate, open_tiles
from tests.tile_worlds import JPEG, WEBP, changed, every, mbtiles, pmtiles, png

VECTOR = b"\x1a\x02\x78\x02"  # a layer of two bytes: version 2
ROOT_LENGTH, DIRECTORY, INTERNAL, PACKING, KIND = 16, 127, 97, 98, 99  # places in the header of PMTiles


def four(content: bytes = b"") -> dict[tuple[int, int, int], bytes]:
    """The four tiles of zoom 1, each its own: north-west, north-east, south-west, south-east."""
    return {(1, x, y): (content or png(x * 100, y * 100, 7, size=1)) for x in (0, 1) for y in (0, 1)}


@pytest.mark.parametrize("make", [mbtiles, pmtiles])
def test_each_place_has_its_tile(tmp_path: Path, make: object) -> None:
    ending = "mbtiles" if make is mbtiles else "pmtiles"
    file = open_tiles(make(tmp_path / f"t.{ending}", four()))  # type: ignore[operator]
    for (z, x, y), content in four().items():
        found = file.tile(z, x, y)
        assert found is not None
        assert (found.media, found.content) == ("image/png", content)
    assert file.tile(0, 0, 0) is None
    assert file.tile(2, 3, 3) is None
    assert (file.about.kind, file.about.min_zoom, file.about.max_zoom) == ("raster", 1, 1)


def test_the_file_says_where_and_at_which_zooms_it_has_tiles(tmp_path: Path) -> None:
    said = {"minzoom": "0", "maxzoom": "14", "bounds": "111.5,40.6,112.0,41.0"}
    about = open_tiles(mbtiles(tmp_path / "a.mbtiles", four(), **said)).about
    assert (about.min_zoom, about.max_zoom, about.bounds) == (0, 14, (111.5, 40.6, 112.0, 41.0))
    for number, wrong in enumerate(("", "1,2,3", "x,0,1,1", "5,0,1,1", "nan,0,1,1", "0,0,999,1")):
        assert open_tiles(mbtiles(tmp_path / f"b{number}.mbtiles", four(), bounds=wrong)).about.bounds is None


def test_vector_tiles_come_unpacked(tmp_path: Path) -> None:
    one = open_tiles(mbtiles(tmp_path / "a.mbtiles", four(gzip.compress(VECTOR)), format="pbf"))
    two = open_tiles(pmtiles(tmp_path / "b.pmtiles", four(VECTOR), TileType.MVT, Compression.GZIP))
    for file in (one, two):
        assert file.about.kind == "vector"
        found = file.tile(1, 0, 0)
        assert found is not None
        assert (found.media, found.content) == (MVT, VECTOR)


@pytest.mark.parametrize(("content", "media"), [(JPEG, "image/jpeg"), (WEBP, "image/webp")])
def test_a_picture_is_what_its_first_bytes_say(tmp_path: Path, content: bytes, media: str) -> None:
    found = open_tiles(mbtiles(tmp_path / "t.mbtiles", four(content))).tile(1, 1, 1)  # the file says png
    assert found is not None
    assert found.media == media


@pytest.mark.parametrize("format", ["png", "pbf"])
@pytest.mark.parametrize(
    "content", [b"<svg onload=alert(1)>", b"<!doctype html><script>alert(1)</script>", b"GIF89a", "text", 5]
)
def test_what_is_no_tile_is_not_handed_on(tmp_path: Path, content: object, format: str) -> None:
    file = open_tiles(mbtiles(tmp_path / "t.mbtiles", four(content), format=format))  # type: ignore[arg-type]
    with pytest.raises(BadTiles):
        file.tile(1, 0, 0)


@pytest.mark.parametrize(("format", "content"), [("png", VECTOR), ("pbf", png(size=1))])
def test_pictures_and_vectors_do_not_mix(tmp_path: Path, format: str, content: bytes) -> None:
    with pytest.raises(BadTiles):
        open_tiles(mbtiles(tmp_path / "t.mbtiles", four(content), format=format)).tile(1, 0, 0)


def test_a_file_that_has_changed_is_opened_anew(tmp_path: Path) -> None:
    path = mbtiles(tmp_path / "t.mbtiles", four())
    assert open_tiles(path) is open_tiles(path)
    before = open_tiles(path).tile(1, 0, 0)
    path.unlink()
    mbtiles(path, four(JPEG), maxzoom="3")
    after = open_tiles(path).tile(1, 0, 0)
    assert before is not None
    assert after is not None
    assert before.content != after.content == JPEG


def test_reading_leaves_nothing_behind(tmp_path: Path) -> None:
    path = mbtiles(tmp_path / "t.mbtiles", four())
    path.chmod(0o400)
    open_tiles(path).tile(1, 0, 0)
    assert [one.name for one in tmp_path.iterdir()] == ["t.mbtiles"]


def test_names_of_files_are_no_parameters_of_the_database(tmp_path: Path) -> None:
    assert open_tiles(mbtiles(tmp_path / "a?mode=rwc&x=#%41.mbtiles", four())).tile(1, 0, 0) is not None


# --- hostile ---


@pytest.mark.parametrize("ending", ["mbtiles", "pmtiles"])
@pytest.mark.parametrize(
    "content",
    [b"", b"x", b"PMTiles", b"SQLite format 3\x00" + bytes(200), bytes(5000), b"PMTiles\x03" + b"\xff" * 200],
)
def test_garbage_is_no_file_of_tiles(tmp_path: Path, ending: str, content: bytes) -> None:
    path = tmp_path / f"t.{ending}"
    path.write_bytes(content)
    with pytest.raises(BadTiles, match=r"t\.(mb|pm)tiles"):
        open_tiles(path)


def test_a_missing_file_is_a_message(tmp_path: Path) -> None:
    with pytest.raises(BadTiles):
        open_tiles(tmp_path / "gone.pmtiles")


@pytest.mark.parametrize(
    "said", [{"format": "exe"}, {"maxzoom": "31"}, {"minzoom": "-1"}, {"maxzoom": "²"}, {"maxzoom": "9" * 5000}]
)
def test_what_a_file_says_of_itself_is_checked(tmp_path: Path, said: dict[str, str]) -> None:
    with pytest.raises(BadTiles):
        open_tiles(mbtiles(tmp_path / "t.mbtiles", four(), **said))


def test_a_database_without_tiles_is_named(tmp_path: Path) -> None:
    with sqlite3.connect(tmp_path / "t.mbtiles") as database:
        database.execute("CREATE TABLE metadata (name text, value text)")
    with pytest.raises(BadTiles, match="tiles"):
        open_tiles(tmp_path / "t.mbtiles")


def with_view(path: Path, body: str) -> Path:
    """A database whose tiles are the answer to a query of its author."""
    with sqlite3.connect(path) as database:
        database.execute("CREATE TABLE metadata (name text, value text)")
        database.executemany(
            "INSERT INTO metadata VALUES (?, ?)", [("format", "png"), ("minzoom", "0"), ("maxzoom", "9")]
        )
        database.execute("CREATE TABLE images (id integer, tile_data blob)")
        database.execute(
            "CREATE TABLE map (zoom_level integer, tile_column integer, tile_row integer, id integer)"
        )
        database.execute("INSERT INTO images VALUES (1, ?)", (png(size=1),))
        database.execute("INSERT INTO map VALUES (0, 0, 0, 1)")
        database.execute(f"CREATE VIEW tiles AS {body}")
    database.close()
    return path


JOINED = "SELECT zoom_level, tile_column, tile_row, tile_data FROM map JOIN images USING (id)"


def test_tiles_may_be_a_view_that_joins_places_to_pictures(tmp_path: Path) -> None:
    found = open_tiles(with_view(tmp_path / "t.mbtiles", JOINED)).tile(0, 0, 0)
    assert found is not None
    assert found.content == png(size=1)


@pytest.mark.parametrize(
    "body",
    [
        "WITH RECURSIVE n(i) AS (SELECT 0 UNION ALL SELECT i + 1 FROM n) "
        "SELECT i AS zoom_level, i AS tile_column, i AS tile_row, x'00' AS tile_data FROM n WHERE i < 0",
        "SELECT 0 AS zoom_level, 0 AS tile_column, 0 AS tile_row, readfile('/etc/passwd') AS tile_data",
        "SELECT 0 AS zoom_level, 0 AS tile_column, 0 AS tile_row, zeroblob(2000000000) AS tile_data",
        "SELECT 0 AS zoom_level, 0 AS tile_column, 0 AS tile_row, load_extension('/tmp/x.so') AS tile_data",
    ],
)
def test_a_view_that_does_more_than_join_is_refused_in_time(tmp_path: Path, body: str) -> None:
    began = time.monotonic()
    with pytest.raises(BadTiles):
        open_tiles(with_view(tmp_path / "t.mbtiles", body)).tile(0, 0, 0)
    assert time.monotonic() - began < 3


def test_a_query_that_takes_too_long_is_stopped(tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> None:
    columns = "a.zoom_level + b.tile_row + c.id + d.id + e.id - 4 AS zoom_level, 0 AS tile_column, 0 AS tile_row"
    joined = f"SELECT {columns}, x'' AS tile_data FROM map a, map b, map c, map d, map e"  # noqa: S608 (401 to the fifth)
    path = with_view(tmp_path / "t.mbtiles", joined)
    with sqlite3.connect(path) as database:
        database.executemany("INSERT INTO map VALUES (0, 0, 0, 1)", [()] * 400)
    monkeypatch.setattr(tile_files, "QUERY_S", 0.2)
    began = time.monotonic()
    with pytest.raises(BadTiles, match="interrupted"):
        open_tiles(path)
    assert time.monotonic() - began < 2


def test_a_tile_that_is_too_large_is_refused(tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setattr(tile_files, "TILE_BYTES", 2000)
    large = png(size=1) + bytes(3000)
    one = open_tiles(mbtiles(tmp_path / "t.mbtiles", four(large)))
    two = open_tiles(pmtiles(tmp_path / "t.pmtiles", four(large)))
    for file in (one, two):
        with pytest.raises(BadTiles, match=r"too (big|many|large)|more than"):
            file.tile(1, 0, 0)


@pytest.mark.parametrize("kind", ["mbtiles", "pmtiles"])
def test_a_packed_bomb_is_not_unpacked(tmp_path: Path, kind: str) -> None:
    bomb = VECTOR + bytes(50 * 2**20)
    path = tmp_path / f"t.{kind}"
    if kind == "mbtiles":
        mbtiles(path, four(gzip.compress(bomb)), format="pbf")
    else:
        pmtiles(path, {(1, 0, 0): bomb}, TileType.MVT, Compression.GZIP)
    with pytest.raises(BadTiles, match="more than"):
        open_tiles(path).tile(1, 0, 0)


@pytest.mark.parametrize(
    ("at", "value"),
    [
        (INTERNAL, 3),
        (INTERNAL, 0),
        (PACKING, 3),
        (PACKING, 4),
        (PACKING, 99),
        (KIND, 0),
        (KIND, 5),
        (KIND, 6),
        (7, 2),
        (100, 99),
        (101, 99),
    ],
)
def test_headers_beyond_what_is_read_are_refused(tmp_path: Path, at: int, value: int) -> None:
    with pytest.raises(BadTiles):
        open_tiles(changed(pmtiles(tmp_path / "t.pmtiles", four()), at, bytes([value])))


@pytest.mark.parametrize("at", range(8, 72, 8))
@pytest.mark.parametrize("value", [0, 2**64 - 1, 2**63, 10**9])
def test_offsets_and_lengths_that_lead_outside_are_refused(tmp_path: Path, at: int, value: int) -> None:
    path = changed(pmtiles(tmp_path / "t.pmtiles", every(range(3), png(size=1))), at, struct.pack("<Q", value))
    try:
        open_tiles(path).tile(2, 1, 1)
    except BadTiles:
        return
    assert at >= 24  # metadata, leaves and lengths that this file does not need may be anything


def with_root(path: Path, plain: bytes) -> Path:
    """A PMTiles file whose root directory is this."""
    packed = gzip.compress(plain, mtime=0)
    whole = bytearray(pmtiles(path, four()).read_bytes()) + packed
    struct.pack_into("<QQ", whole, 8, len(whole) - len(packed), len(packed))
    path.write_bytes(whole)
    return path


@pytest.mark.parametrize(
    "plain",
    [
        b"",
        b"\x05",  # five entries, none there
        b"\xff\xff\xff\xff\x0f",  # four thousand million
        b"\x80" * 100_000,  # a number that never ends
        b"\xff" * 900_000 + b"\x01",
        bytes(2 * 2**20),  # larger than a directory may be
        bytes([1, 200, 1, 1, 1, 1]),
    ],
)
def test_directories_that_lie_are_refused_in_time(tmp_path: Path, plain: bytes) -> None:
    began = time.monotonic()
    with pytest.raises(BadTiles):
        found = open_tiles(with_root(tmp_path / "t.pmtiles", plain)).tile(1, 0, 0)
        raise BadTiles("nothing there") if found is None else AssertionError(found)
    assert time.monotonic() - began < 1


def test_directories_that_name_themselves_end(tmp_path: Path) -> None:
    path = with_root(tmp_path / "t.pmtiles", bytes([1, 0, 0, 40, 1]))  # one leaf for everything: 40 bytes at 0
    whole = bytearray(path.read_bytes())
    offset, length = struct.unpack_from("<QQ", whole, 8)
    struct.pack_into("<Q", whole, 40, offset)  # leaves begin where the root is
    leaf = gzip.compress(bytes([1, 0, 0, length, 1]), mtime=0)
    assert len(leaf) == length
    path.write_bytes(bytes(whole[:offset]) + leaf)
    with pytest.raises(BadTiles, match="deeper"):
        open_tiles(path).tile(1, 0, 0)


@given(st.binary(max_size=300))
def test_unpacking_gives_back_what_was_packed_or_a_message(content: bytes) -> None:
    assert inflate(gzip.compress(content), 300, "x") == content
    if len(content) > 1:
        with pytest.raises(BadTiles):
            inflate(gzip.compress(content), len(content) - 1, "x")
        with pytest.raises(BadTiles):
            inflate(gzip.compress(content)[:-1], 300, "x")
    with pytest.raises(BadTiles):
        inflate(b"\x00" + zlib.compress(content), 300, "x")
