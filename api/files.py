"""What a build wrote, as it is: boards, files of layers, the report. Nothing else of a workspace is reachable."""

from __future__ import annotations

from pathlib import Path

from fastapi import APIRouter, Request, Response
from fastapi.concurrency import run_in_threadpool
from geo.io.geojson import safe_csv

from api.answer import answer, ask, not_modified
from api.errors import NotThere
from api.headers import BOARD_POLICY
from api.negotiate import HTML, JSON, MARKDOWN, Encoding
from api.ogc.served import Served
from api.pages.render import page
from api.resource import Resource

DOWNLOADS = {
    "geojson": "application/geo+json",
    "csv": "text/csv; charset=utf-8",
    "parquet": "application/vnd.apache.parquet",
}
BOARD = Resource("board", "Board", (HTML,), tags=("Files",))
FILES = {
    ending: Resource(f"file-{ending}", f"Layer as {ending}", (Encoding(ending, media),), tags=("Files",))
    for ending, media in DOWNLOADS.items()
}
REPORT = Resource("report", "Report: figures, findings, faults, sources", (JSON, HTML, MARKDOWN), tags=("Files",))


def router(served: Served) -> APIRouter:
    """Route boards, files and the report.

    Parameters
    ----------
    served : Served
        The workspace.

    Returns
    -------
    APIRouter
        ``/boards/{board}``, ``/files/layers/{file}``, ``/report``.
    """
    routes = APIRouter()

    @routes.get("/boards/{board}", **BOARD.route())
    async def board(request: Request) -> Response:
        asked = ask(request, BOARD, served.edition)
        name = request.path_params["board"]
        if name not in served.boards():
            raise NotThere(f"no board {name[:80]!r}; known: {', '.join(served.boards())}")
        if asked.unchanged:
            return not_modified(asked)
        body = await run_in_threadpool((served.build.out / "boards" / f"{name}.html").read_bytes)
        return answer(asked, body, {"Content-Security-Policy": BOARD_POLICY})

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

    for ending, resource in FILES.items():
        _route_file(routes, served, ending, resource)
    return routes


def _route_file(routes: APIRouter, served: Served, ending: str, resource: Resource) -> None:
    @routes.get(f"/files/layers/{{collectionId}}.{ending}", **resource.route())
    async def file(request: Request) -> Response:
        asked = ask(request, resource, served.edition)
        id = served.layer(request.path_params["collectionId"]).id
        if asked.unchanged:
            return not_modified(asked)
        body = await run_in_threadpool(_read, served, id, ending)
        name = f"{served.id}-{id}.{ending}"
        return answer(asked, body, {"Content-Disposition": f'attachment; filename="{name}"'})


def _read(served: Served, id: str, ending: str) -> bytes:
    if ending == "csv":
        return safe_csv(served.build.frame(id), served.layer(id))
    path: Path = served.build.out / "layers" / f"{id}.{ending}"
    if not path.is_file():
        raise NotThere(f"this build has no file {path.name}")
    return path.read_bytes()
