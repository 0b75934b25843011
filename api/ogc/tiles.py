"""OGC API - Tiles: each layer with geometry as vector tiles, cut when they are asked for."""

from __future__ import annotations

import re
from collections.abc import Mapping
from typing import Any

from fastapi import APIRouter, Request, Response
from fastapi.concurrency import run_in_threadpool

from api.answer import Asked, answer, ask, not_modified, nothing
from api.errors import NotThere
from api.links import address, base, link
from api.negotiate import JSON, Encoding
from api.ogc.collections import CRS84, SHAPES, fields_schema
from api.ogc.served import Served
from api.resource import Resource
from geo.layer import Layer
from maps.tiles import mvt
from maps.tiles.quad import DEEPEST, PIXELS, WORLD_M
from maps.tiles.source import TileSource

CONFORMS_TO = (
    *(
        f"http://www.opengis.net/spec/ogcapi-tiles-1/1.0/conf/{name}"
        for name in ("core", "tileset", "tilesets-list", "geodata-tilesets", "mvt", "oas30")
    ),
    *(
        f"http://www.opengis.net/spec/tms/2.0/conf/{name}"
        for name in ("tilematrixset", "json-tilematrixset", "json-tilematrixsetlimits", "json-tilesetmetadata")
    ),
)
RELATION = "http://www.opengis.net/def/rel/ogc/1.0"
SCHEME, SCHEMES = f"{RELATION}/tiling-scheme", f"{RELATION}/tiling-schemes"
QUAD = "WebMercatorQuad"
QUAD_URI = f"http://www.opengis.net/def/tilematrixset/OGC/1.0/{QUAD}"
WEB_MERCATOR = "http://www.opengis.net/def/crs/EPSG/0/3857"
PIXEL_M = 0.00028  # of the standard's screen, from which it makes scales
MVT = Encoding("mvt", mvt.MEDIA, "Mapbox Vector Tiles")
TILEJSON = Encoding("tilejson", "application/vnd.mapbox.tile+json", "TileJSON")
TAGS = ("Tiles",)
MATRIX_SETS = Resource("getTileMatrixSetsList", "Tile matrix sets", (JSON,), schema="tileMatrixSets", tags=TAGS)
MATRIX_SET = Resource("getTileMatrixSet", "Tile matrix set", (JSON,), schema="tileMatrixSet", tags=TAGS)
LIST = Resource(".collection.vector.getTileSetsList", "Tilesets", (JSON,), schema="tileSets", tags=TAGS)
TILESET = Resource(".collection.vector.getTileSet", "Tileset", (JSON, TILEJSON), schema="tileSet", tags=TAGS)
TILE = Resource(".collection.vector.getTile", "Vector tile; 204 when nothing is there", (MVT,), tags=TAGS)
KIND = {"area": "polygons", "line": "lines", "point": "points"}
DIMENSION = {"area": 2, "line": 1, "point": 0}
_NUMBER = re.compile(r"0|[1-9]\d{0,7}", re.ASCII)


def router(served: Served) -> APIRouter:
    """Route tiles and what describes them.

    Parameters
    ----------
    served : Served
        The workspace.

    Returns
    -------
    APIRouter
        ``/tileMatrixSets``, ``/tileMatrixSets/{tileMatrixSetId}``, ``/collections/{collectionId}/tiles``, its
        ``/{tileMatrixSetId}`` and ``/{tileMatrixSetId}/{tileMatrix}/{tileRow}/{tileCol}``.
    """
    routes = APIRouter()

    @routes.get("/tileMatrixSets", **MATRIX_SETS.route())
    async def matrix_sets(request: Request) -> Response:
        asked = ask(request, MATRIX_SETS, served.edition)
        if asked.unchanged:
            return not_modified(asked)
        links = [link("self", address(base(request), "tileMatrixSets", QUAD), JSON.media, QUAD)]
        known = {"id": QUAD, "title": matrix_set()["title"], "uri": QUAD_URI, "crs": WEB_MERCATOR, "links": links}
        return answer(asked, {"tileMatrixSets": [known], "links": asked.self_links()})

    @routes.get("/tileMatrixSets/{tileMatrixSetId}", **MATRIX_SET.route())
    async def one_matrix_set(request: Request) -> Response:
        _check_set(request)
        asked = ask(request, MATRIX_SET, served.edition)
        return not_modified(asked) if asked.unchanged else answer(asked, matrix_set())

    _route_tilesets(routes, served)

    @routes.get(
        "/collections/{collectionId}/tiles/{tileMatrixSetId}/{tileMatrix}/{tileRow}/{tileCol}", **TILE.route()
    )
    async def tile(request: Request) -> Response:
        layer = _tiled(request, served)
        zoom, row, column = tile_of(request.path_params)
        asked = ask(request, TILE, served.edition)
        if asked.unchanged:
            return not_modified(asked)
        source = await served.tiles(layer.id)
        body = await run_in_threadpool(source.tile, zoom, row, column)
        return answer(asked, body) if body else nothing(asked)

    return routes


def _route_tilesets(routes: APIRouter, served: Served) -> None:
    @routes.get("/collections/{collectionId}/tiles", **LIST.route())
    async def tilesets(request: Request) -> Response:
        layer = _tiled(request, served)
        asked = ask(request, LIST, served.edition)
        if asked.unchanged:
            return not_modified(asked)
        root = base(asked.request)
        here = address(root, "collections", layer.id, "tiles", QUAD)
        links = [link("self", here, JSON.media), link(SCHEME, address(root, "tileMatrixSets", QUAD), JSON.media)]
        known = {**_about(asked, layer), "links": links}
        return answer(asked, {"tilesets": [known], "links": asked.self_links()})

    @routes.get("/collections/{collectionId}/tiles/{tileMatrixSetId}", **TILESET.route())
    async def tileset(request: Request) -> Response:
        layer = _tiled(request, served)
        asked = ask(request, TILESET, served.edition)
        if asked.unchanged:
            return not_modified(asked)
        source = await served.tiles(layer.id)
        if asked.encoding is TILEJSON:
            return answer(asked, tilejson(asked, served, source))
        return answer(asked, describe_tileset(asked, source))


def has_tiles(layer: Layer) -> bool:
    """Tell whether a layer has tiles.

    Parameters
    ----------
    layer : Layer
        Any layer.

    Returns
    -------
    bool
        False for layers without geometry.
    """
    return layer.draw in SHAPES


def tile_of(path: Mapping[str, str]) -> tuple[int, int, int]:
    """Read which tile is asked for.

    Parameters
    ----------
    path : mapping of str to str
        With ``tileMatrix``, ``tileRow`` and ``tileCol``.

    Returns
    -------
    tuple of int
        Zoom, row from the north, column from the west.

    Raises
    ------
    NotThere
        One of them is no number, or beyond those of the tile matrix set.
    """
    matrix = path["tileMatrix"]
    zoom = int(matrix) if _NUMBER.fullmatch(matrix) else DEEPEST + 1
    if zoom > DEEPEST:
        raise NotThere(f"no tile matrix {matrix[:40]!r}; there are 0 to {DEEPEST}")
    numbers = []
    for name, said in (("tileRow", "row"), ("tileCol", "column")):
        number = int(path[name]) if _NUMBER.fullmatch(path[name]) else 2**zoom
        if number >= 2**zoom:
            raise NotThere(f"no {said} {path[name][:40]!r} in tile matrix {zoom}; there are 0 to {2**zoom - 1}")
        numbers.append(number)
    return zoom, numbers[0], numbers[1]


def matrix_set() -> dict[str, Any]:
    """Write down the tile matrix set.

    Returns
    -------
    dict
        The definition registered at OGC (17-083r4, annex D.1), 25 matrices.
    """
    world = 2 * WORLD_M
    return {
        "id": QUAD,
        "title": "Google Maps Compatible for the World",
        "uri": QUAD_URI,
        "crs": WEB_MERCATOR,
        "orderedAxes": ["X", "Y"],
        "wellKnownScaleSet": "http://www.opengis.net/def/wkss/OGC/1.0/GoogleMapsCompatible",
        "tileMatrices": [
            {
                "id": str(zoom),
                "scaleDenominator": world / PIXELS / 2**zoom / PIXEL_M,
                "cellSize": world / PIXELS / 2**zoom,
                "cornerOfOrigin": "topLeft",
                "pointOfOrigin": [-WORLD_M, WORLD_M],
                "tileWidth": PIXELS,
                "tileHeight": PIXELS,
                "matrixWidth": 2**zoom,
                "matrixHeight": 2**zoom,
            }
            for zoom in range(DEEPEST + 1)
        ],
    }


def describe_tileset(asked: Asked, source: TileSource) -> dict[str, Any]:
    """Describe the tiles of a layer.

    Parameters
    ----------
    asked : Asked
        The request.
    source : TileSource
        The tiles.

    Returns
    -------
    dict
        Tileset metadata (17-083r4): the matrices listed hold all rows; those above hold fewer, and those below are
        not listed as the last ones can be enlarged.
    """
    layer, root = source.layer, base(asked.request)
    box = source.box
    bounds = {"boundingBox": {"lowerLeft": box[:2], "upperRight": box[2:], "crs": CRS84}} if box else {}
    schema = fields_schema(layer, asked.lang)["properties"]
    said = {
        "id": layer.id,
        "title": getattr(layer.title, asked.lang),
        "dataType": "vector",
        "geometryDimension": DIMENSION[layer.draw],
        "geometryType": KIND[layer.draw],
        "minTileMatrix": str(source.zooms[0]),
        "maxTileMatrix": str(source.zooms[-1]),
        **bounds,
        "propertiesSchema": {"type": "object", "properties": {name: schema[name] for name in source.fields}},
    }
    found = {zoom: source.limits(zoom) for zoom in source.zooms}
    return {
        **_about(asked, layer),
        "tileMatrixSetLimits": [
            {
                "tileMatrix": str(zoom),
                "minTileRow": limits.first_row,
                "maxTileRow": limits.last_row,
                "minTileCol": limits.first_column,
                "maxTileCol": limits.last_column,
            }
            for zoom, limits in found.items()
            if limits
        ],
        **bounds,
        "layers": [said],
        "mediaTypes": [MVT.media],
        "links": [
            *asked.self_links(),
            {
                **link("item", _template(root, layer, "{tileMatrix}/{tileRow}/{tileCol}"), MVT.media),
                "templated": True,
            },
            link(SCHEME, address(root, "tileMatrixSets", QUAD), JSON.media),
            link("collection", address(root, "collections", layer.id), JSON.media),
        ],
    }


def tilejson(asked: Asked, served: Served, source: TileSource) -> dict[str, Any]:
    """Describe the tiles of a layer as TileJSON 3.0.0.

    Parameters
    ----------
    asked : Asked
        The request.
    served : Served
        The workspace.
    source : TileSource
        The tiles.

    Returns
    -------
    dict
        The document.
    """
    layer, lang = source.layer, asked.lang
    about = served.about(lang)
    scope = {"minzoom": source.zooms[0], "maxzoom": source.zooms[-1]}
    fields = {name: getattr(layer.field(name).title, lang) for name in source.fields}
    return {
        "tilejson": "3.0.0",
        "name": getattr(layer.title, lang),
        "description": getattr(layer.description, lang),
        **({"attribution": about["attribution"]} if "attribution" in about else {}),
        "version": f"1.0.0+{served.version}",
        "scheme": "xyz",
        "tiles": [_template(base(asked.request), layer, "{z}/{y}/{x}")],
        **scope,
        **({"bounds": source.box} if source.box else {}),
        "vector_layers": [{"id": layer.id, "fields": fields, **scope}],
    }


def _template(root: str, layer: Layer, numbers: str) -> str:
    return f"{address(root, 'collections', layer.id, 'tiles', QUAD)}/{numbers}"


def _about(asked: Asked, layer: Layer) -> dict[str, Any]:
    return {
        "title": getattr(layer.title, asked.lang),
        "description": getattr(layer.description, asked.lang),
        "dataType": "vector",
        "crs": WEB_MERCATOR,
        "tileMatrixSetURI": QUAD_URI,
    }


def _tiled(request: Request, served: Served) -> Layer:
    layer = served.layer(request.path_params["collectionId"])
    if not has_tiles(layer):
        raise NotThere(f"{layer.id} has no geometry, so it has no tiles")
    if "tileMatrixSetId" in request.path_params:
        _check_set(request)
    return layer


def _check_set(request: Request) -> None:
    id = request.path_params["tileMatrixSetId"]
    if id != QUAD:
        raise NotThere(f"no tile matrix set {id[:80]!r}; known: {QUAD}")
