"""What sums a workspace up: its report, and small pictures of its boards."""

from __future__ import annotations

from fastapi import APIRouter, Request, Response
from fastapi.concurrency import run_in_threadpool

from api.answer import answer, ask, not_modified
from api.errors import NotThere
from api.negotiate import HTML, JSON, MARKDOWN, Encoding
from api.ogc.served import Served
from api.pages.picture import picture
from api.pages.render import page
from api.resource import Resource

PICTURE = Resource("picture", "Small picture of a board", (Encoding("svg", "image/svg+xml"),), tags=("Files",))
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
        ``/report``, ``/pictures/{board}.svg``.
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
            return answer(asked, await run_in_threadpool(served.file("report.md").read_bytes))
        return answer(asked, served.report)

    @routes.get("/pictures/{board}.svg", **PICTURE.route())
    async def small_picture(request: Request) -> Response:
        name = request.path_params["board"]
        drawn = None
        if name in {board.id for board in served.boards()}:
            drawn = await run_in_threadpool(picture, served, name)
        if drawn is None:
            raise NotThere(f"no picture of a board {name[:80]!r}")
        asked = ask(request, PICTURE, served.edition)
        return not_modified(asked) if asked.unchanged else answer(asked, drawn.svg)

    return routes
