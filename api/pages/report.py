"""What sums a workspace up: its report, and its small picture."""

from __future__ import annotations

from fastapi import APIRouter, Request, Response
from fastapi.concurrency import run_in_threadpool

from api.answer import answer, ask, not_modified
from api.negotiate import HTML, JSON, MARKDOWN, Encoding
from api.ogc.served import Served
from api.pages.picture import picture, shown
from api.pages.render import page
from api.resource import Resource

PICTURE = Resource("picture", "Picture for the index", (Encoding("svg", "image/svg+xml"),), tags=("Files",))
REPORT = Resource("report", "Report: figures, findings, faults, sources", (JSON, HTML, MARKDOWN), tags=("Files",))


def router(served: Served) -> APIRouter:
    """Route the report and the picture.

    Parameters
    ----------
    served : Served
        The workspace.

    Returns
    -------
    APIRouter
        ``/report``, and ``/picture.svg`` where there is something to draw.
    """
    routes = APIRouter()

    @routes.get("/report", **REPORT.route())
    async def report(request: Request) -> Response:
        asked = ask(request, REPORT, served.edition)
        if asked.unchanged:
            return not_modified(asked)
        if asked.html:
            return answer(asked, await run_in_threadpool(page, "report", asked, served=served))
        if asked.encoding is MARKDOWN:
            return answer(asked, await run_in_threadpool((served.build.out / "report.md").read_bytes))
        return answer(asked, served.report)

    layer = shown(served)
    if layer is not None:
        _route_picture(routes, served, layer.id)
    return routes


def _route_picture(routes: APIRouter, served: Served, id: str) -> None:
    @routes.get("/picture.svg", **PICTURE.route())
    async def small_picture(request: Request) -> Response:
        asked = ask(request, PICTURE, served.edition)
        if asked.unchanged:
            return not_modified(asked)
        return answer(asked, await run_in_threadpool(picture, served, id))
