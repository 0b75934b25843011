"""A layer, ready to be cut into tiles: projected once, with an index of where its rows are."""

from __future__ import annotations

from collections.abc import Iterator, Sequence
from typing import Any

import geopandas as gpd
import numpy as np
import shapely
from numpy.typing import NDArray

from geo.io.geojson import plain
from geo.layer import Layer
from geo.place.rings import valid
from maps import popup
from maps.clipped import clipped
from maps.tiles import mvt, quad
from maps.tiles.paths import (
    KINDS,
    POINT,
    POLYGON,
    Ids,
    Paths,
    begins_of,
    invalid,
    joined,
    marked,
    paths_of,
    snapped,
)
from maps.tiles.quad import BUFFER, DEEPEST, EXTENT, PIXELS, WORLD_M, Grid, Limits, Tile

FINEST = 14  # zoom of the last tiles that are listed: a unit is 0.6 m at the equator, and clients enlarge these
MOST = 20_000  # features that a tile holds whole
SMALL = EXTENT / PIXELS / 2  # units: half a pixel
LEVEL = "level"


class TileSource:
    """Tiles of one layer.

    Parameters
    ----------
    layer : Layer
        Of areas, lines or points; its id names the layer in the tiles.
    frame : geopandas.GeoDataFrame
        Its fields and geometry, EPSG:4326. Rows without geometry, or with geometry of another kind than the layer
        draws, are in no tile. Invalid polygons are made valid.
    fields : sequence of str or None
        Fields that are properties in the tiles; None = :func:`tile_fields`.
    """

    def __init__(self, layer: Layer, frame: gpd.GeoDataFrame, fields: Sequence[str] | None = None) -> None:
        self.layer = layer
        self.fields = tuple(fields if fields is not None else tile_fields(layer))
        self._kind = KINDS[layer.draw]
        self._shapes = _projected(np.asarray(frame.geometry.array), self._kind)
        self._paths = paths_of(self._shapes, self._kind)
        self._begins = begins_of(self._paths, len(frame))
        self._shapes[self._begins[1:] == self._begins[:-1]] = None
        self._tree = shapely.STRtree(self._shapes)
        self._bounds = shapely.bounds(self._shapes)
        columns = {name: plain(frame[name], layer.field(name)) for name in self.fields}
        self._said = mvt.properties(columns, len(frame))
        self.whole_from = self._first_whole_zoom()

    @property
    def box(self) -> quad.Box | None:
        """West, south, east, north of all rows, degrees; None = nothing is anywhere."""
        here = self._box()
        return None if here is None else (*quad.degrees(*here[:2]), *quad.degrees(*here[2:]))

    @property
    def zooms(self) -> range:
        """Zooms at which the tiles hold every row that is not too small to be drawn."""
        return range(self.whole_from, max(self.whole_from, FINEST) + 1)

    def limits(self, zoom: int) -> Limits | None:
        """Tell which tiles may hold something.

        Parameters
        ----------
        zoom : int
            Tile matrix.

        Returns
        -------
        Limits or None
            Of the box of all rows; None = no tile holds anything.
        """
        here = self._box()
        return None if here is None else quad.limits(here, zoom)

    def pyramid(self) -> Iterator[tuple[int, NDArray[np.int64]]]:
        """List the tiles that hold something, zoom after zoom.

        Yields
        ------
        tuple of int and numpy.ndarray
            Zoom, from 0 on, and row and column of each tile, shape (t, 2), ascending: those whose own ground,
            without buffer, touches a row.
        """
        at = np.zeros((1, 2), dtype=np.int64)
        for zoom in range(DEEPEST + 1):
            side = 2 * WORLD_M / 2**zoom
            north, west = WORLD_M - at[:, 0] * side, at[:, 1] * side - WORLD_M
            boxes = shapely.box(west, north - side, west + side, north)
            at = at[np.unique(self._tree.query(boxes, predicate="intersects")[0])]
            yield zoom, at[np.lexsort((at[:, 1], at[:, 0]))]
            at = (2 * at[:, None] + np.array([(0, 0), (0, 1), (1, 0), (1, 1)])).reshape(-1, 2)

    def tiles(self, zoom: int) -> NDArray[np.int64]:
        """List the tiles of one zoom that hold something.

        Parameters
        ----------
        zoom : int
            Tile matrix.

        Returns
        -------
        numpy.ndarray
            As :meth:`pyramid` says.
        """
        return next(at for here, at in self.pyramid() if here == zoom)

    def tile(self, zoom: int, row: int, column: int) -> bytes:
        """Make one tile.

        Parameters
        ----------
        zoom, row, column : int
            Tile matrix, row from the north, column from the west.

        Returns
        -------
        bytes
            Mapbox Vector Tile 2.1 with one layer; feature ids are row numbers of the frame, and features come in
            their order. No bytes when nothing is there. Below :attr:`whole_from` rows smaller than half a pixel
            are left out, and of points that are in the same half of a pixel all but the first.
        """
        here = Tile(zoom, row, column)
        own = self._near(here)
        beyond = [(there, self._near(there)) for there in _over_the_rim(here)]
        rows = np.unique(np.concatenate([own, *(those for _, those in beyond)]))
        west, south, east, north = here.box(BUFFER)
        bounds = self._bounds[rows]
        out = (bounds[:, 0] < west) | (bounds[:, 1] < south) | (bounds[:, 2] > east) | (bounds[:, 3] > north)
        for _, those in beyond:
            out |= np.isin(rows, those)
        parts = [self._snapped(self._paths, self._begins, rows, ~out, here, self._shapes)]
        if out.any():
            cut = np.full(len(rows), None, dtype=object)
            cut[out] = clipped(self._shapes[rows[out]], here.box(BUFFER))
            for there, those in beyond:
                at = np.searchsorted(rows, those)
                cut[at] = shapely.union(cut[at], self._from_beyond(those, there, here))
            paths = paths_of(cut, self._kind)
            every = np.arange(len(rows))
            parts.append(self._snapped(paths, begins_of(paths, len(rows)), every, out, here, cut))
        return mvt.encode(self.layer.id, joined(parts), rows, self._kind, self._said)

    def _near(self, tile: Tile) -> Ids:
        """Choose the rows of a tile with its buffer, ascending."""
        rows = np.sort(self._tree.query(shapely.box(*tile.box(BUFFER)))).astype(np.int64)
        return rows if tile.zoom >= self.whole_from else self._large_enough(rows, tile)

    def _from_beyond(self, rows: Ids, there: Tile, here: Tile) -> Any:
        """Cut rows to a place beyond the 180th meridian and bring them where the tile has them."""
        shift = [here.grid.west - there.grid.west, 0.0]
        return shapely.transform(clipped(self._shapes[rows], there.box(BUFFER)), lambda xy: xy + shift)

    def _snapped(
        self, paths: Paths, begins: Ids, rows: Ids, chosen: NDArray[np.bool_], tile: Tile, shapes: Any
    ) -> Paths:
        """Snap those chosen of some rows; owners are positions among all of these rows."""
        at = np.flatnonzero(chosen)
        made = snapped(paths, begins, rows[at], self._kind, tile.grid)
        if self._kind == POLYGON and len(bad := invalid(made, len(at))):
            kept = ~marked(bad, len(at))[made.owner]
            mended = _mended(shapes[rows[at[bad]]], bad, tile)
            made = joined([Paths(made.xy, *(part[kept] for part in made[1:])), mended])
        return made._replace(owner=at[made.owner])

    def _large_enough(self, rows: Ids, tile: Tile) -> Ids:
        west, south, east, north = self._bounds[rows].T
        half = SMALL * tile.grid.unit
        if self._kind != POINT:
            return np.asarray(rows[np.maximum(east - west, north - south) >= half])
        cells = np.floor((np.column_stack([west, north]) + WORLD_M) / half).astype(np.int64)
        _, first = np.unique(cells[:, 0] * 2**31 + cells[:, 1], return_index=True)
        return np.asarray(rows[np.sort(first)])

    def _box(self) -> quad.Box | None:
        if np.isnan(self._bounds).all():
            return None
        west, south = np.nanmin(self._bounds[:, :2], axis=0)
        east, north = np.nanmax(self._bounds[:, 2:], axis=0)
        return float(west), float(south), float(east), float(north)

    def _first_whole_zoom(self) -> int:
        """Find the first zoom of which no tile has the middles of too many boxes."""
        boxes = self._bounds[~np.isnan(self._bounds[:, 0])]
        middle = (boxes[:, :2] + boxes[:, 2:]) / 2 + WORLD_M
        for zoom in range(DEEPEST):
            at = np.floor(middle / (2 * WORLD_M / 2**zoom)).astype(np.int64)
            if len(boxes) <= MOST or np.unique(at[:, 0] * 2**zoom + at[:, 1], return_counts=True)[1].max() <= MOST:
                return zoom
        return DEEPEST


def tile_fields(layer: Layer) -> tuple[str, ...]:
    """Choose what a feature of a tile says.

    Parameters
    ----------
    layer : Layer
        Any layer.

    Returns
    -------
    tuple of str
        Its id, what a card is headed with, its measure, and the level where there is one; all else is asked for by
        the id when somebody wants to know.
    """
    names = {field.name for field in layer.fields}
    wanted = (layer.key, popup.heading(layer), layer.measure, LEVEL)
    return tuple(dict.fromkeys(name for name in wanted if name in names))


def _projected(shapes: Any, kind: int) -> Any:
    """Project shapes to Web Mercator; what is empty is missing."""
    made = quad.in_the_square(shapely.force_2d(shapes))
    made[shapely.is_empty(made)] = None
    made = shapely.transform(made, quad.mercator)
    if kind == POLYGON:
        wrong = np.flatnonzero(~(valid(made) | shapely.is_missing(made)))
        made[wrong] = shapely.make_valid(made[wrong], method="structure", keep_collapsed=False)
        mixed = shapely.get_type_id(made) == shapely.GeometryType.GEOMETRYCOLLECTION
        made[mixed] = shapely.buffer(made[mixed], 0)  # one area: of a collection GEOS snaps each for itself
    return made


def _over_the_rim(tile: Tile) -> list[Tile]:
    """Where else the buffer of a tile at the 180th meridian lies: it stands beyond the other rim too."""
    around = 2**tile.zoom
    turns = [around] * (tile.column == 0) + [-around] * (tile.column == around - 1)
    return [tile._replace(column=tile.column + turn) for turn in turns]


def _mended(shapes: Any, owners: Ids, tile: Tile) -> Paths:
    """Snap polygons so that they stay valid: where lines meet on the grid they get a vertex or become one."""
    west, north, unit = tile.grid
    inside = shapely.transform(shapes, lambda xy: (xy - [west, north]) / unit)
    paths = paths_of(shapely.set_precision(inside, 1.0), POLYGON)
    every = np.arange(len(shapes))
    made = snapped(paths, begins_of(paths, len(shapes)), every, POLYGON, Grid(0.0, 0.0, 1.0))
    return made._replace(owner=owners[made.owner])
