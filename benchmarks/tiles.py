"""Vector tiles of divided ground, beside mapbox-vector-tile and GDAL: `python benchmarks/tiles.py [GRIDS …]`.

Grids of 21 coordinates, clean; the frame and, for the first two, the projection and the index are there already.

- gridwalk: ``TileSource.tile``, id and two properties a feature.
- mapbox-vector-tile: what its users write: an STRtree of projected grids, ``clip_by_rect`` for all that the tree
  finds, ``mapbox_vector_tile.encode`` with ``quantize_bounds``.
- GDAL: all tiles of zoom 8 to 14 as PMTiles by ``pyogrio``, beside ``maps.tiles.archive``; from the frame, index
  included. ``--archive N`` says up to how many grids (it is slow).

Tiles are sampled over the ground, zoom by zoom. Times are a tile's.
"""

from __future__ import annotations

import argparse
import tempfile
from pathlib import Path
from typing import Any

import geopandas as gpd
import mapbox_vector_tile
import numpy as np
import pyogrio
import shapely

from divided import divided
from geo.layer import Field, Layer, Title
from maps.tiles import archive
from maps.tiles.quad import BUFFER, EXTENT, Tile, mercator
from maps.tiles.source import TileSource
from measure import interleaved, machine, seconds, table

SIZES = (10_000, 100_000)
ZOOMS = (10, 11, 12, 14)  # at 11 a grid is 4 to 6 pixels wide: from there on boards ask for tiles
SAMPLED = 12
FIRST = 8  # zoom of the archives
OURS, THEIRS, GDAL = "gridwalk", "mapbox-vector-tile", "GDAL, PMTiles"


def layer() -> Layer:
    """Describe the grids."""
    title = Title("网格", "Grid")
    fields = (Field("grid_id", "string", title), Field("households", "integer", title))
    return Layer("grids", title, title, (), fields, lambda *_: gpd.GeoDataFrame(), "area", measure="households")


class Peer:
    """Tiles by mapbox-vector-tile."""

    def __init__(self, grids: gpd.GeoDataFrame) -> None:
        self.shapes = shapely.transform(np.asarray(grids.geometry), mercator)
        self.tree = shapely.STRtree(self.shapes)
        self.rows = grids[["grid_id", "households"]].to_dict("records")

    def tile(self, zoom: int, row: int, column: int) -> bytes:
        """Make one tile."""
        here = Tile(zoom, row, column)
        wide = here.box(BUFFER)
        found = np.sort(self.tree.query(shapely.box(*wide)))
        cut = shapely.clip_by_rect(self.shapes[found], *wide)
        features = [
            {"geometry": shape, "properties": self.rows[row], "id": int(row)}
            for row, shape in zip(found, cut, strict=True)
            if not shape.is_empty
        ]
        options = {"quantize_bounds": here.box(), "extents": EXTENT}
        made: bytes = mapbox_vector_tile.encode({"name": "grids", "features": features}, default_options=options)
        return made


def features_in(tiles: list[bytes]) -> int:
    """Count features by the peer's decoder."""
    return sum(len(mapbox_vector_tile.decode(tile)["grids"]["features"]) for tile in tiles if tile)


def compare(grids: gpd.GeoDataFrame, ours: TileSource) -> list[list[str]]:
    """Time both on the same tiles."""
    peer, rows = Peer(grids), []
    rng = np.random.default_rng(11)
    for zoom in ZOOMS:
        at = ours.tiles(zoom)
        chosen = [tuple(map(int, one)) for one in rng.permutation(at)[:SAMPLED]]
        jobs: dict[str, Any] = {
            OURS: lambda zoom=zoom, chosen=chosen: [ours.tile(zoom, *one) for one in chosen],
            THEIRS: lambda zoom=zoom, chosen=chosen: [peer.tile(zoom, *one) for one in chosen],
        }
        made = {name: job() for name, job in jobs.items()}  # compiling is not timed
        timed = interleaved(jobs, repeats=7, patience_s=60)
        for name, timing in timed.items():
            ratio = timing.median_cpu / timed[OURS].median_cpu
            rows.append(
                [
                    name,
                    f"{len(grids):,}",
                    str(zoom),
                    f"{features_in(made[name]) / len(chosen):,.0f}",
                    f"{sum(map(len, made[name])) / len(chosen) / 1000:,.1f}",
                    seconds(timing.median / len(chosen)),
                    seconds(timing.median_cpu / len(chosen)),
                    f"{ratio:.1f}",
                ]
            )
    return rows


def compare_archives(grids: gpd.GeoDataFrame, folder: Path) -> list[list[str]]:
    """Time ours and GDAL's, each from the frame to the file."""
    paths = {name: folder / f"{n}.pmtiles" for n, name in enumerate((OURS, GDAL))}

    def ours() -> None:
        tiles = TileSource(layer(), grids)
        tiles.whole_from = FIRST  # the same zooms for both
        archive.write_archive(tiles, paths[OURS], {"name": "grids", "description": ""})

    def gdal() -> None:
        paths[GDAL].unlink(missing_ok=True)
        given = grids[["grid_id", "households", "geometry"]]
        pyogrio.write_dataframe(given, paths[GDAL], driver="PMTiles", layer="grids", MINZOOM=FIRST, MAXZOOM=14)

    timed = interleaved({OURS: ours, GDAL: gdal}, repeats=3, patience_s=120)
    return [
        [
            name,
            f"{len(grids):,}",
            f"{paths[name].stat().st_size / 1e6:.1f}",
            seconds(timing.median),
            seconds(timing.median_cpu),
            f"{timing.median_cpu / timed[OURS].median_cpu:.1f}",
        ]
        for name, timing in timed.items()
    ]


def main() -> None:
    parser = argparse.ArgumentParser(description=__doc__, formatter_class=argparse.RawDescriptionHelpFormatter)
    parser.add_argument("grids", nargs="*", type=int, default=SIZES)
    parser.add_argument("--archive", type=int, default=SIZES[0], help="largest number of grids written as PMTiles")
    arguments = parser.parse_args()
    print(machine("shapely", "mapbox-vector-tile", "pyogrio", "pmtiles"))
    rows, built, archives = [], [], []
    for size in arguments.grids:
        grids = divided(size, faulty=0).grids
        ours = TileSource(layer(), grids)
        ours.tile(0, 0, 0)
        rows += compare(grids, ours)
        timing = interleaved({OURS: lambda grids=grids: TileSource(layer(), grids)}, repeats=3, patience_s=60)[
            OURS
        ]
        built.append([f"{len(grids):,}", seconds(timing.median), seconds(timing.median_cpu)])
        if size <= arguments.archive:
            with tempfile.TemporaryDirectory() as folder:
                archives += compare_archives(grids, Path(folder))
    head = ["", "grids", "zoom", "features", "kB", "a tile", "CPU", "ratio"]
    print(f"\n{table(head, rows)}")
    print(f"\nIndex, once:\n\n{table(['grids', 'median', 'CPU'], built)}")
    print(f"\nZoom {FIRST} to 14 as PMTiles:\n\n{table(['', 'grids', 'MB', 'median', 'CPU', 'ratio'], archives)}")


if __name__ == "__main__":
    main()
