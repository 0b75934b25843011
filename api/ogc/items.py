"""The features of a collection: pages of them, and one by its id."""

from __future__ import annotations

from dataclasses import replace
from datetime import UTC, datetime
from functools import partial
from typing import Any

import numpy as np
import orjson
from fastapi import APIRouter, Request, Response
from fastapi.concurrency import run_in_threadpool

from api.answer import Asked, answer, ask, not_modified
from api.errors import NotThere
from api.links import Link, address, base, link
from api.negotiate import GEOJSON, GPX, HTML, JSON, Encoding
from api.ogc.collections import CRS84
from api.ogc.ready import Rows
from api.ogc.served import Served
from api.pages.render import page
from api.query import Query, items_query, token
from api.resource import Resource
from api.tables import TABLES, send_table
from geo.io.geojson import feature_collection
from geo.io.gpx_out import DRAWN
from geo.layer import Layer

ENCODINGS = (GEOJSON, Encoding("json", JSON.media), HTML)
ALL = 10**18  # features: a table has no pages unless they are asked for
CRS = {"Content-Crs": f"<{CRS84}>"}
SAID = {"Content-Crs": "Coordinate reference system of the geometries."}
ITEMS = Resource(
    "items",
    "Features",
    (*ENCODINGS, *TABLES),
    ("limit", "bbox", "datetime", "offset", "after"),
    schema="featureCollectionGeoJSON",
    tags=("Data",),
    headers=SAID,
)
AREAS = replace(ITEMS, offers=tuple(one for one in ITEMS.offers if one is not GPX))  # GPX has no form for them
ITEM = Resource("item", "Feature", ENCODINGS, schema="featureGeoJSON", tags=("Data",), headers=SAID)


def router(served: Served) -> APIRouter:
    """Route features.

    Parameters
    ----------
    served : Served
        The workspace.

    Returns
    -------
    APIRouter
        ``/collections/{collectionId}/items`` and ``…/items/{featureId}``.
    """
    routes = APIRouter()
    settings = served.settings

    @routes.get("/collections/{collectionId}/items", **ITEMS.route())
    async def items(request: Request) -> Response:
        layer = served.layer(request.path_params["collectionId"])
        asked = ask(request, ITEMS if layer.draw in DRAWN else AREAS, served.edition)
        tabular = asked.encoding in TABLES
        default, most = (ALL, ALL) if tabular else (settings.limit_default, settings.limit_max)
        query = items_query(asked.given, default=default, most=most, version=served.version)
        if asked.unchanged:
            return not_modified(asked)
        ready = await served.ready(layer.id)
        rows = ready.rows(query.boxes, query.interval)
        start = first_row(rows, query)
        shown = rows[start : start + query.limit]
        links = [*asked.self_links(), *page_links(asked, served, rows, start, query.limit)]
        if tabular:
            return await send_table(asked, served, layer, shown, links)
        if asked.html:
            told = {"start": start, "matched": len(rows), "links": links}
            page = partial(_items_page, asked, served, layer, ready.page(shown), **told)
            return answer(asked, await run_in_threadpool(page))
        body = feature_collection(
            [ready.page(shown)],
            timeStamp=_now(),
            numberMatched=len(rows),
            numberReturned=len(shown),
            links=links,
        )
        return answer(asked, body, CRS)

    @routes.get("/collections/{collectionId}/items/{featureId:path}", **ITEM.route())
    async def item(request: Request) -> Response:
        asked = ask(request, ITEM, served.edition)
        layer = served.layer(request.path_params["collectionId"])
        ready = await served.ready(layer.id)
        row = ready.find(request.path_params["featureId"])
        if row is None:
            raise NotThere(f"{layer.id} has no feature {request.path_params['featureId'][:80]!r}")
        if asked.unchanged:
            return not_modified(asked)
        feature = ready.feature(row)
        collection = address(base(request), "collections", layer.id)
        links = [*asked.self_links(), link("collection", collection, JSON.media)]
        if asked.html:
            made = orjson.loads(feature)
            return answer(asked, page("item", asked, served=served, layer=layer, feature=made, links=links))
        return answer(asked, b'%b,"links":%b}' % (feature[:-1], orjson.dumps(links)), CRS)

    return routes


def first_row(rows: Rows, query: Query) -> int:
    """Tell where among the rows found a page begins.

    Parameters
    ----------
    rows : numpy.ndarray or range
        Rows found, ascending.
    query : Query
        With ``offset`` or ``after``.

    Returns
    -------
    int
        Position in ``rows``; beyond the end gives an empty page.
    """
    if query.after is None:
        return min(query.offset, len(rows))
    if isinstance(rows, range):
        return min(query.after, len(rows))
    return int(np.searchsorted(rows, query.after))


def page_links(asked: Asked, served: Served, rows: Rows, start: int, limit: int) -> list[Link]:
    """Link the pages before and after, and the collection.

    Parameters
    ----------
    asked : Asked
        The request.
    served : Served
        The workspace.
    rows : numpy.ndarray or range
        Rows found, ascending.
    start, limit : int
        Where in them this page begins, and how long a page is.

    Returns
    -------
    list of dict
        ``next`` while there is more, ``prev`` while there was some, and ``collection``.
    """
    media = asked.encoding.media
    collection = address(base(asked.request), "collections", asked.request.path_params["collectionId"])
    links = [link("collection", collection, JSON.media)]
    if start + limit < len(rows):
        following = token(served.version, int(rows[start + limit]))
        links.append(link("next", asked.here(after=following, offset=""), media))
    if start > 0 and len(rows):
        before = token(served.version, int(rows[max(0, start - limit)]))
        links.append(link("prev", asked.here(after=before, offset=""), media))
    return links


def _items_page(asked: Asked, served: Served, layer: Layer, features: bytes, **facts: Any) -> bytes:
    shown = orjson.loads(b"[%b]" % features)
    return page("items", asked, served=served, layer=layer, features=shown, **facts)


def _now() -> str:
    return datetime.now(UTC).isoformat(timespec="microseconds").replace("+00:00", "Z")
