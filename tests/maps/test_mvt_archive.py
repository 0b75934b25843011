"""All tiles of a layer in one file, read by the PMTiles reader and by GDAL."""

from __future__ import annotations

import gzip
from pathlib import Path
from typing import Any

import geopandas as gpd
import mapbox_vector_tile
import numpy as np
import pyogrio
import pytest
import shapely
from pmtiles.reader import MmapSource, Reader, all_tiles

from api import publishing
from geo.errors import BadParameter
from geo.layer import Draw, Field, Layer, Title
from maps.tiles import archive, source
from maps.tiles.archive import write_archive
from maps.tiles.quad import mercator
from maps.tiles.source import TileSource
from tests.api.small import FRAMES, small_build

ABOUT = {"name": "甲", "description": "乙", "attribution": "丙"}


def made(shapes: list[Any], draw: Draw = "area") -> TileSource:
    title = Title("层", "Layer")
    fields = (Field("id", "string", title), Field("n", "integer", title))
    layer = Layer("cells", title, title, (), fields, lambda *_: gpd.GeoDataFrame(), draw)
    n = np.arange(len(shapes))
    frame = gpd.GeoDataFrame({"id": [f"c{i}" for i in n], "n": n}, geometry=shapes, crs="EPSG:4326")
    return TileSource(layer, frame, ["id", "n"])


def cells() -> list[Any]:
    return [shapely.box(110 + x, 40 + y, 111 + x, 41 + y) for x in (0, 0.1) for y in (0, 0.2)]


def test_every_tile_is_in_the_archive(tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setattr(archive, "FINEST", 8)
    tiles, told = made(cells()), []
    path = tmp_path / "cells.pmtiles"
    assert write_archive(tiles, path, ABOUT, lambda *step: told.append(step)) == (0, 8)
    with path.open("rb") as file:
        get = MmapSource(file)
        found = {(z, y, x): gzip.decompress(data) for (z, x, y), data in all_tiles(get)}
        header, metadata = Reader(get).header(), Reader(get).metadata()
    wanted = {(z, y, x) for z in range(9) for y, x in tiles.tiles(z).tolist() if tiles.tile(z, y, x)}
    assert set(found) == wanted
    assert all(data == tiles.tile(*at) for at, data in found.items())
    assert (header["min_zoom"], header["max_zoom"], header["clustered"]) == (0, 8, True)
    assert (header["min_lon_e7"], header["max_lat_e7"]) == (1_100_000_000, 412_000_000)
    assert {name: metadata[name] for name in ABOUT} == ABOUT
    assert metadata["vector_layers"] == [
        {"id": "cells", "fields": {"id": "String", "n": "Number"}, "minzoom": 0, "maxzoom": 8}
    ]
    assert told[0] == ("cells", 0, told[0][2])
    assert [done for _, done, _ in told] == list(range(told[0][2]))


def test_gdal_reads_the_archive(tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setattr(archive, "FINEST", 9)
    write_archive(made(cells()), tmp_path / "cells.pmtiles", ABOUT)
    read = pyogrio.read_dataframe(tmp_path / "cells.pmtiles", layer="cells")
    assert set(read["id"]) == {f"c{i}" for i in range(4)}
    together = read.dissolve("n").geometry
    unit = 2 * 20_037_508.34 / 2**9 / 4096
    for row, cell in enumerate(shapely.transform(np.array(cells()), mercator)):
        assert together[row].buffer(unit).covers(cell)
        assert cell.buffer(unit).covers(together[row])


def test_an_archive_ends_before_it_has_too_many_tiles(tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setattr(archive, "MANY", 30)
    tiles = made(cells())
    first, last = write_archive(tiles, tmp_path / "cells.pmtiles", ABOUT)
    assert (first, len(tiles.tiles(last)) <= 30, len(tiles.tiles(last + 1)) <= 30) == (0, True, False)


def test_an_archive_begins_where_tiles_hold_every_row(tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setattr(source, "MOST", 2)
    tiles = made(cells())
    monkeypatch.setattr(archive, "FINEST", tiles.whole_from + 1)
    assert tiles.whole_from > 0
    assert write_archive(tiles, tmp_path / "x.pmtiles", ABOUT) == (tiles.whole_from, tiles.whole_from + 1)


def test_what_is_too_small_for_any_tile_is_refused(tmp_path: Path) -> None:
    with pytest.raises(BadParameter, match="smaller than a unit of zoom 14"):
        write_archive(made([shapely.box(110, 40, 110 + 1e-7, 40 + 1e-7)]), tmp_path / "x.pmtiles", ABOUT)


def test_layers_of_a_build_are_handed_on(tmp_path: Path) -> None:
    build = small_build(tmp_path)
    written = publishing.export(build, ("visits", "dots"), tmp_path / "to", "pmtiles", "en")
    assert [path.name for path in written] == ["town-visits.pmtiles", "town-dots.pmtiles"]
    assert sorted(path.name for path in (tmp_path / "to").iterdir()) == [
        "town-dots.pmtiles",
        "town-visits.pmtiles",
    ]
    with written[0].open("rb") as file:
        reader = Reader(MmapSource(file))
        assert (reader.metadata()["name"], reader.metadata()["attribution"]) == ("Visits", "Source: tests")
        data = reader.get(0, 0, 0)
        assert data is not None
        features = mapbox_vector_tile.decode(gzip.decompress(data))["visits"]["features"]
    assert [feature["id"] for feature in features] == [0, 1, 2, 3, 4, 5]  # v6 is nowhere
    assert features[0]["properties"] == {"visit_id": "v0", "seen": "2026-11-16T12:00:00Z"}


def test_by_default_all_that_is_somewhere(tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setattr(archive, "FINEST", 2)
    written = publishing.export(small_build(tmp_path), (), tmp_path / "to", "pmtiles", "zh")
    somewhere = [name for name, (layer, _) in FRAMES.items() if layer.draw != "none" and not layer.private]
    assert [path.name for path in written] == [f"town-{name}.pmtiles" for name in somewhere if name != "empty"]


@pytest.mark.parametrize("name", ["days", "empty"])
def test_layers_that_are_nowhere_are_refused(tmp_path: Path, name: str) -> None:
    build = small_build(tmp_path)
    with pytest.raises(BadParameter, match=f"{name} has nothing on the map"):
        publishing.export(build, ("visits", name), tmp_path / "to", "pmtiles", "zh")
    assert not (tmp_path / "to").exists()
