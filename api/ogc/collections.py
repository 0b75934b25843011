"""The collections of a workspace: one for each public layer."""

from __future__ import annotations

from typing import Any

from fastapi import APIRouter, Request, Response

from api.answer import Asked, answer, ask, not_modified
from api.files import DOWNLOADS
from api.links import Link, address, base, link
from api.negotiate import GEOJSON, GPX, HTML, JSON, SCHEMA, XLSX
from api.ogc.ready import time_field
from api.ogc.served import Served
from api.pages.render import page
from api.resource import Resource
from geo.io.gpx_out import DRAWN
from geo.layer import Field, Layer
from geo.words import Lang

CRS84 = "http://www.opengis.net/def/crs/OGC/1.3/CRS84"
GREGORIAN = "http://www.opengis.net/def/uom/ISO-8601/0/Gregorian"
COLLECTIONS = Resource("collections", "Collections", (JSON, HTML), schema="collections", tags=("Data",))
COLLECTION = Resource("collection", "Collection", (JSON, HTML), schema="collection", tags=("Data",))
FIELDS = Resource("schema", "Fields of a collection (JSON Schema)", (SCHEMA, HTML), tags=("Data",))
FEATURE = Resource("feature-schema", "A feature as GeoJSON (JSON Schema)", (SCHEMA,), tags=("Data",))
SCHEMA_RELATION = "http://www.opengis.net/def/rel/ogc/1.0/schema"
TILES_RELATION = "http://www.opengis.net/def/rel/ogc/1.0/tilesets-vector"
KINDS: dict[str, dict[str, Any]] = {
    "date": {"type": "string", "format": "date"},
    "date-time": {"type": "string", "format": "date-time"},
    "list": {"type": "array", "items": {"type": "string"}},
}
SHAPES = {"area": "multipolygon", "line": "multilinestring", "point": "point"}


def router(served: Served) -> APIRouter:
    """Route the descriptions of collections.

    Parameters
    ----------
    served : Served
        The workspace.

    Returns
    -------
    APIRouter
        ``/collections``, ``/collections/{collectionId}``, its ``/schema`` and ``/schemas/feature``.
    """
    routes = APIRouter()

    @routes.get("/collections", **COLLECTIONS.route())
    async def collections(request: Request) -> Response:
        asked = ask(request, COLLECTIONS, served.edition)
        if asked.unchanged:
            return not_modified(asked)
        described = [await describe(asked, served, layer) for layer in served.layers.values()]
        if asked.html:
            return answer(asked, page("collections", asked, served=served, collections=described))
        return answer(asked, {"links": asked.self_links(), "crs": [CRS84], "collections": described})

    @routes.get("/collections/{collectionId}", **COLLECTION.route())
    async def collection(request: Request) -> Response:
        asked = ask(request, COLLECTION, served.edition)
        layer = served.layer(request.path_params["collectionId"])
        if asked.unchanged:
            return not_modified(asked)
        described = await describe(asked, served, layer)
        if asked.html:
            return answer(asked, page("collection", asked, served=served, collection=described, layer=layer))
        return answer(asked, {**described, "links": [*asked.self_links(), *described["links"][1:]]})

    _route_schemas(routes, served)
    return routes


def _route_schemas(routes: APIRouter, served: Served) -> None:
    @routes.get("/collections/{collectionId}/schema", **FIELDS.route())
    async def schema(request: Request) -> Response:
        asked = ask(request, FIELDS, served.edition)
        layer = served.layer(request.path_params["collectionId"])
        if asked.unchanged:
            return not_modified(asked)
        fields = fields_schema(layer, asked.lang)
        if asked.html:
            return answer(asked, page("schema", asked, served=served, layer=layer))
        return answer(asked, {"$id": asked.here(), **fields})

    @routes.get("/collections/{collectionId}/schemas/feature", **FEATURE.route())
    async def feature(request: Request) -> Response:
        asked = ask(request, FEATURE, served.edition)
        layer = served.layer(request.path_params["collectionId"])
        if asked.unchanged:
            return not_modified(asked)
        return answer(asked, {"$id": asked.here(), **feature_schema(layer, asked.lang)})


async def describe(asked: Asked, served: Served, layer: Layer) -> dict[str, Any]:
    """Describe one collection.

    Parameters
    ----------
    asked : Asked
        The request.
    served : Served
        The workspace.
    layer : Layer
        The layer.

    Returns
    -------
    dict
        As OGC API - Features says, with the layer's figures from the report.
    """
    lang, made = asked.lang, served.records[layer.id]
    extent: dict[str, Any] = {}
    if made["bbox"]:
        extent["spatial"] = {"bbox": [made["bbox"]], "crs": CRS84}
    if time_field(layer) and (times := (await served.ready(layer.id)).time_extent()):
        extent["temporal"] = {"interval": [list(times)], "trs": GREGORIAN}
    about = served.about(lang)
    return {
        "id": layer.id,
        "title": getattr(layer.title, lang),
        "description": getattr(layer.description, lang),
        **({"attribution": about["attribution"]} if "attribution" in about else {}),
        **({"notice": about["notice"]} if "notice" in about else {}),
        **({"extent": extent} if extent else {}),
        "itemType": "feature",
        "crs": [CRS84],
        "itemCount": made["rows"],
        "figures": [_in_one_language(figure, lang) for figure in made["figures"]],
        "links": collection_links(asked, layer),
    }


def collection_links(asked: Asked, layer: Layer) -> list[Link]:
    """Link one collection, its items, its fields, its tiles and its files.

    Parameters
    ----------
    asked : Asked
        The request.
    layer : Layer
        The layer.

    Returns
    -------
    list of dict
        Links; the first is the collection itself.
    """
    root, say = base(asked.request), asked.words
    here = address(root, "collections", layer.id)
    items = address(here, "items")
    path = (root, "files", "layers")
    files = [
        link("enclosure", address(*path, f"{layer.id}.{ending}", query=speaks), encoding.media, encoding.name)
        for ending, encoding in DOWNLOADS.items()
        for speaks in [{"lang": asked.lang} if encoding is XLSX else None]
    ]
    if layer.draw in DRAWN:
        files.append(
            link("enclosure", address(items, query={"f": GPX.f, "lang": asked.lang}), GPX.media, GPX.name)
        )
    return [
        link("self", here, JSON.media, getattr(layer.title, asked.lang)),
        link("items", items, GEOJSON.media, say["features"]),
        link("items", address(items, query={"f": "html"}), HTML.media, say["features"]),
        link(SCHEMA_RELATION, address(here, "schema"), SCHEMA.media, say["schema"]),
        link("describedby", address(here, "schemas", "feature"), SCHEMA.media, say["schema"]),
        *(
            [link(TILES_RELATION, address(here, "tiles"), JSON.media, say["tiles"])]
            if layer.draw in SHAPES
            else []
        ),
        *files,
    ]


def fields_schema(layer: Layer, lang: Lang) -> dict[str, Any]:
    """Describe the fields of a layer as a JSON Schema.

    Parameters
    ----------
    layer : Layer
        The layer.
    lang : {"zh", "en"}
        Of titles.

    Returns
    -------
    dict
        JSON Schema of the properties and, where it has one, the geometry of a feature.
    """
    properties = {field.name: _field(field, lang) for field in layer.fields}
    properties[layer.key]["x-ogc-role"] = "id"
    if layer.draw in SHAPES:
        properties["geometry"] = {"format": f"geometry-{SHAPES[layer.draw]}", "x-ogc-role": "primary-geometry"}
    return {**_schema_of(layer, lang), "properties": properties, "additionalProperties": False}


def feature_schema(layer: Layer, lang: Lang) -> dict[str, Any]:
    """Describe a feature of a layer, as GeoJSON, as a JSON Schema; GDAL takes its column types from it.

    Parameters
    ----------
    layer : Layer
        The layer.
    lang : {"zh", "en"}
        Of titles.

    Returns
    -------
    dict
        JSON Schema. Types are those of known values; what is missing is null.
    """
    properties = {field.name: _field(field, lang) for field in layer.fields}
    return {
        **_schema_of(layer, lang),
        "required": ["type", "geometry", "properties"],
        "properties": {
            "type": {"type": "string", "enum": ["Feature"]},
            "id": {"type": "string"},
            "geometry": {"type": ["object", "null"] if layer.draw in SHAPES else "null"},
            "properties": {"type": "object", "properties": properties},
        },
    }


def _schema_of(layer: Layer, lang: Lang) -> dict[str, Any]:
    return {
        "$schema": "https://json-schema.org/draft/2020-12/schema",
        "type": "object",
        "title": getattr(layer.title, lang),
        "description": getattr(layer.description, lang),
    }


def _field(field: Field, lang: Lang) -> dict[str, Any]:
    said: dict[str, Any] = {"title": getattr(field.title, lang), **KINDS.get(field.kind, {"type": field.kind})}
    if field.meaning:
        said["description"] = getattr(field.meaning, lang)
    if field.unit:
        said["x-ogc-unit"] = field.unit
    if field.values and field.kind == "string":
        said["enum"] = list(field.values)
    return said


def _in_one_language(figure: dict[str, Any], lang: Lang) -> dict[str, Any]:
    method = figure["method"]
    return {**figure, "title": figure["title"][lang], "method": method[lang] if method else None}
