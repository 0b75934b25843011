"""The landing page of a workspace, what it conforms to, and its API definition."""

from __future__ import annotations

from fastapi import APIRouter, Request, Response
from fastapi.concurrency import run_in_threadpool

from api.answer import Asked, answer, ask, not_modified
from api.links import Link, address, base, link
from api.negotiate import HTML, JSON, MARKDOWN, OPENAPI_3_0, OPENAPI_3_1, Encoding
from api.ogc import tiles
from api.ogc.definition import definition, to_3_0
from api.ogc.served import Served
from api.pages.render import page
from api.resource import Resource

CONFORMS_TO = (
    *(
        f"http://www.opengis.net/spec/ogcapi-features-1/1.0/conf/{name}"
        for name in ("core", "oas30", "html", "geojson")
    ),
    *tiles.CONFORMS_TO,
)
LANDING = Resource("landing", "Landing page", (JSON, HTML), schema="landingPage")
CONFORMANCE = Resource("conformance", "Conformance classes", (JSON, HTML), schema="confClasses")
DEFINITION = Resource(
    "api", "API definition", (OPENAPI_3_0, OPENAPI_3_1, Encoding("json", "application/json"), HTML)
)


def router(served: Served) -> APIRouter:
    """Route the resources that describe the service itself.

    Parameters
    ----------
    served : Served
        The workspace.

    Returns
    -------
    APIRouter
        ``/``, ``/conformance``, ``/api``.
    """
    routes = APIRouter()

    @routes.get("/", **LANDING.route())
    async def landing(request: Request) -> Response:
        asked = ask(request, LANDING, served.edition)
        if asked.unchanged:
            return not_modified(asked)
        links = landing_links(asked, served)
        if asked.html:
            return answer(asked, await run_in_threadpool(page, "landing", asked, served=served, links=links))
        return answer(asked, {**served.about(asked.lang), "links": links})

    @routes.get("/conformance", **CONFORMANCE.route())
    async def conformance(request: Request) -> Response:
        asked = ask(request, CONFORMANCE, served.edition)
        if asked.unchanged:
            return not_modified(asked)
        if asked.html:
            return answer(asked, page("conformance", asked, served=served, conforms_to=CONFORMS_TO))
        return answer(asked, {"conformsTo": list(CONFORMS_TO), "links": asked.self_links()})

    @routes.get("/api", **DEFINITION.route())
    async def api(request: Request) -> Response:
        asked = ask(request, DEFINITION, served.edition)
        if asked.unchanged:
            return not_modified(asked)
        document = await run_in_threadpool(definition, request.app, served, base(request))
        if asked.html:
            return answer(asked, page("definition", asked, served=served, document=document))
        return answer(asked, document if asked.encoding is OPENAPI_3_1 else to_3_0(document))

    return routes


def landing_links(asked: Asked, served: Served) -> list[Link]:
    """Link everything that a workspace offers.

    Parameters
    ----------
    asked : Asked
        The request.
    served : Served
        The workspace.

    Returns
    -------
    list of dict
        Links: this document, the API definition, conformance, collections, tile matrix sets, boards, report.
    """
    here = base(asked.request)
    say = asked.words
    doc = address(here, "api", query={"f": "html"})
    newer = address(here, "api", query={"f": OPENAPI_3_1.f})
    boards = [
        link("related", address(here, "boards", board.id), HTML.media, getattr(board.title, asked.lang))
        for board in served.boards()
    ]
    return [
        *asked.self_links(),
        link("service-desc", address(here, "api"), OPENAPI_3_0.media, say["definition"]),
        link("service-desc", newer, OPENAPI_3_1.media, say["definition"]),
        link("service-doc", doc, HTML.media, say["definition"]),
        link("conformance", address(here, "conformance"), JSON.media, say["conformance"]),
        link("data", address(here, "collections"), JSON.media, say["collections"]),
        link(tiles.SCHEMES, address(here, "tileMatrixSets"), JSON.media, say["tile_sets"]),
        *boards,
        link("related", address(here, "report"), JSON.media, say["report"]),
        link("related", address(here, "report", query={"f": MARKDOWN.f}), MARKDOWN.media, say["report"]),
    ]
