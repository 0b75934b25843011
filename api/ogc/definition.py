"""The OpenAPI document of one workspace: from the routes, self-contained, in 3.1 and in 3.0."""

from __future__ import annotations

import re
from collections.abc import Iterable, Mapping, Sequence
from typing import Any

from fastapi import FastAPI
from fastapi.openapi.utils import get_openapi

from api.auth import HEADER
from api.errors import PROBLEM
from api.ogc.served import Served
from api.ogc.tiles import QUAD, has_tiles
from geo.layer import Layer

JsonObject = dict[str, Any]
COLLECTION = "{collectionId}"


def definition(app: FastAPI, served: Served, base: str) -> JsonObject:
    """Write the OpenAPI 3.1 document.

    Parameters
    ----------
    app : FastAPI
        The workspace's application.
    served : Served
        The workspace.
    base : str
        Its address.

    Returns
    -------
    dict
        The document. Each collection has paths of its own: clients look up page sizes under them.
    """
    title = served.report["title"]
    document = get_openapi(
        title=f"{title['zh']} · {title['en']}",
        version=served.version,
        openapi_version="3.1.0",
        description=f"OGC API - Features. {served.report['made_by']}",
        routes=app.routes,
        servers=[{"url": base}],
    )
    document["paths"] = dict(_expanded(document["paths"], served))
    document["components"] = {
        "parameters": _parameters(served),
        "responses": _errors(),
        "schemas": _schemas(),
    }
    if served.edition.private:
        document["components"]["securitySchemes"] = {"key": {"type": "apiKey", "in": "header", "name": HEADER}}
        document["security"] = [{"key": []}]
    return document


def to_3_0(document: Any) -> Any:
    """Say an OpenAPI 3.1 document in the words of 3.0.

    Parameters
    ----------
    document : Any
        The document or a part of it; not changed.

    Returns
    -------
    Any
        The same with ``nullable`` for null types, ``enum`` for ``const`` and version 3.0.3.
    """
    if isinstance(document, list):
        return [to_3_0(part) for part in document]
    if not isinstance(document, dict):
        return document
    said = {name: to_3_0(part) for name, part in document.items()}
    if "openapi" in said:
        said["openapi"] = "3.0.3"
    if isinstance(said.get("type"), list):
        kinds = [kind for kind in said["type"] if kind != "null"]
        said.update(type=kinds[0], **({"nullable": True} if len(kinds) < len(said["type"]) else {}))
    if "const" in said:
        said["enum"] = [said.pop("const")]
    return said


def _expanded(paths: Mapping[str, JsonObject], served: Served) -> Iterable[tuple[str, JsonObject]]:
    for path, operations in paths.items():
        if COLLECTION not in path:
            yield path, _with_path_parameters(path, operations)
            continue
        for layer in served.layers.values():
            if f"{COLLECTION}/tiles" in path and not has_tiles(layer):
                continue
            own = {
                method: {
                    **operation,
                    "operationId": _operation_id(operation["operationId"], layer),
                    "description": f"{layer.title.zh} · {layer.title.en}",
                }
                for method, operation in operations.items()
            }
            filled = path.replace(COLLECTION, layer.id)
            yield filled, _with_path_parameters(filled, own)


def _operation_id(id: str, layer: Layer) -> str:
    """Name an operation on one layer; where a standard lays down how the name ends, that begins with a dot."""
    return f"{layer.id}{id}" if id.startswith(".") else f"{id}.{layer.id}"


def _with_path_parameters(path: str, operations: JsonObject) -> JsonObject:
    named = [{"$ref": f"#/components/parameters/{name}"} for name in re.findall(r"\{(\w+)\}", path)]
    return {
        method: {**operation, "parameters": [*named, *operation["parameters"]]}
        for method, operation in operations.items()
    }


TEXT = {"type": "string"}


def _path(name: str, description: str, schema: JsonObject) -> JsonObject:
    return {"name": name, "in": "path", "required": True, "description": description, "schema": schema}


def _query(name: str, description: str, schema: JsonObject) -> JsonObject:
    return {
        "name": name,
        "in": "query",
        "required": False,
        "description": description,
        "schema": schema,
        "style": "form",
        "explode": False,
    }


def _parameters(served: Served) -> JsonObject:
    most = served.settings.limit_max
    default = min(served.settings.limit_default, most)
    four_or_six = [{"minItems": 4, "maxItems": 4}, {"minItems": 6, "maxItems": 6}]
    return {
        "limit": _query(
            "limit",
            "Features in a page; more than the maximum means the maximum. CSV, XLSX and GPX hold all features "
            "unless it is given, and then as many as it says.",
            {"type": "integer", "minimum": 1, "maximum": most, "default": default},
        ),
        "bbox": _query(
            "bbox",
            "west,south,east,north in degrees (CRS84), or with heights third and sixth. West may be east of east "
            "across the 180th meridian. Features without geometry are always included.",
            {"type": "array", "oneOf": four_or_six, "items": {"type": "number"}},
        ),
        "datetime": _query(
            "datetime",
            "An RFC 3339 time or a date, or an interval of two with / between; .. opens one end. "
            "Features without time are always included.",
            {"type": "string"},
        ),
        "offset": _query(
            "offset",
            "Features to skip. Links to the next page use after instead, which costs nothing.",
            {"type": "integer", "minimum": 0, "default": 0},
        ),
        "after": _query(
            "after",
            "From a link to the next page. Bound to one version of the data: 410 when that has changed.",
            {"type": "string"},
        ),
        "lang": _query("lang", "Language; goes before Accept-Language.", {"type": "string", "enum": ["zh", "en"]}),
        "km": {
            **_query("km", "Kilometres along the border from its start.", {"type": "number", "minimum": 0}),
            "required": True,
        },
        "borderId": _path("borderId", "Id of a border.", {"type": "string"}),
        "tileMatrixSetId": _path(
            "tileMatrixSetId", "Id of a tile matrix set.", {"type": "string", "enum": [QUAD]}
        ),
        "tileMatrix": _path("tileMatrix", "Zoom, 0 to 24.", {"type": "string"}),
        "tileRow": _path("tileRow", "Row of tiles from the north.", {"type": "integer", "minimum": 0}),
        "tileCol": _path("tileCol", "Column of tiles from the west.", {"type": "integer", "minimum": 0}),
        "featureId": _path("featureId", "Feature id.", {"type": "string"}),
        "paper": _query("paper", "Size of the sheets.", {"type": "string", "enum": ["A3", "A4"], "default": "A3"}),
        "theme": _query(
            "theme",
            "Theme of the board, or list for the patrol list. Without it a PDF has all, a PNG the first.",
            {"type": "string"},
        ),
        "view": _query(
            "view",
            "What is coloured where a theme has several views: a level, a layer id, or its number from 1.",
            {"type": "string"},
        ),
        "board": _path("board", "Name of a board.", {"type": "string"}),
        "postId": _path("postId", "Id of a post.", {"type": "string"}),
        "background": _path("background", "Id of a background, as the list of them says.", {"type": "string"}),
        **{
            name: _path(name, f"{said} of a tile.", {"type": "integer", "minimum": 0})
            for name, said in (("z", "Zoom"), ("x", "Column"), ("y", "Row from the north"))
        },
        "v": _query("v", "Version of a file, as a link says it; with it, the answer may be kept for ever.", TEXT),
    }


def _errors() -> JsonObject:
    content = {PROBLEM: {"schema": {"$ref": "#/components/schemas/problem"}}}
    said = {
        "400": "A parameter is unknown, given twice or wrong.",
        "404": "There is no such thing.",
        "406": "There is no encoding that the client accepts.",
        "410": "The page belongs to an earlier version of the data.",
    }
    return {status: {"description": text, "content": content} for status, text in said.items()}


def _object(required: Sequence[str], **properties: JsonObject) -> JsonObject:
    made = {"type": "object", "properties": properties}
    return {**made, "required": list(required)} if required else made


def _list(items: JsonObject) -> JsonObject:
    return {"type": "array", "items": items}


def _ref(name: str) -> JsonObject:
    return {"$ref": f"#/components/schemas/{name}"}


def _schemas() -> JsonObject:
    text = {"type": "string"}
    number = {"type": "number"}
    links = _list(_ref("link"))
    moment = {"type": ["string", "null"], "format": "date-time"}
    spatial = _object([], bbox=_list(_list(number)), crs=text)
    temporal = _object([], interval=_list(_list(moment)), trs=text)
    geometry = {**_object(["type"], type=text), "type": ["object", "null"]}
    return {
        "link": _object(["href", "rel"], href=text, rel=text, type=text, hreflang=text, title=text),
        "problem": _object(["status"], type=text, title=text, status={"type": "integer"}, detail=text),
        "landingPage": _object(["links"], title=text, description=text, attribution=text, links=links),
        "confClasses": _object(["conformsTo"], conformsTo=_list(text)),
        "extent": _object([], spatial=spatial, temporal=temporal),
        "figure": _object(["id"], id=text, title=text, value={"type": ["number", "null"]}, unit=text),
        "collection": _object(
            ["id", "links"],
            id=text,
            title=text,
            description=text,
            attribution=text,
            itemType=text,
            crs=_list(text),
            extent=_ref("extent"),
            figures=_list(_ref("figure")),
            links=links,
        ),
        "collections": _object(["links", "collections"], links=links, collections=_list(_ref("collection"))),
        "featureGeoJSON": _object(
            ["type", "geometry", "properties"],
            type={"type": "string", "const": "Feature"},
            id=text,
            geometry=geometry,
            properties={"type": ["object", "null"]},
            links=links,
        ),
        "featureCollectionGeoJSON": _object(
            ["type", "features"],
            type={"type": "string", "const": "FeatureCollection"},
            features=_list(_ref("featureGeoJSON")),
            links=links,
            timeStamp={"type": "string", "format": "date-time"},
            numberMatched={"type": "integer", "minimum": 0},
            numberReturned={"type": "integer", "minimum": 0},
        ),
        **_tile_schemas(links),
    }


def _tile_schemas(links: JsonObject) -> JsonObject:
    text, count, number = {"type": "string"}, {"type": "integer", "minimum": 0}, {"type": "number"}
    corner = {"type": "array", "items": number, "minItems": 2, "maxItems": 2}
    limits = ("minTileRow", "maxTileRow", "minTileCol", "maxTileCol")
    matrix = ("tileWidth", "tileHeight", "matrixWidth", "matrixHeight")
    tileset = {"title": text, "description": text, "dataType": text, "crs": text, "tileMatrixSetURI": text}
    return {
        "tileMatrixLimits": _object(["tileMatrix", *limits], tileMatrix=text, **dict.fromkeys(limits, count)),
        "tileMatrix": _object(
            ["id", "scaleDenominator", "cellSize", "pointOfOrigin", *matrix],
            id=text,
            scaleDenominator=number,
            cellSize=number,
            cornerOfOrigin=text,
            pointOfOrigin=corner,
            **dict.fromkeys(matrix, count),
        ),
        "tileMatrixSet": _object(
            ["crs", "tileMatrices"],
            id=text,
            title=text,
            uri=text,
            crs=text,
            orderedAxes=_list(text),
            wellKnownScaleSet=text,
            tileMatrices=_list(_ref("tileMatrix")),
        ),
        "tileMatrixSets": _object(["tileMatrixSets"], links=links, tileMatrixSets=_list({"type": "object"})),
        "tileSets": _object(
            ["tilesets"], links=links, tilesets=_list(_object(["dataType"], **tileset, links=links))
        ),
        "tileSet": _object(
            ["dataType", "crs", "links"],
            **tileset,
            tileMatrixSetLimits=_list(_ref("tileMatrixLimits")),
            boundingBox=_object(["lowerLeft", "upperRight"], lowerLeft=corner, upperRight=corner, crs=text),
            layers=_list({"type": "object"}),
            mediaTypes=_list(text),
            links=links,
        ),
    }
