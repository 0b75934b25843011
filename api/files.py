"""What a build wrote, as it is: boards and files of layers. Nothing else of a workspace is reachable."""

from __future__ import annotations

from dataclasses import replace
from pathlib import Path

import geopandas as gpd
from fastapi import APIRouter, Request, Response
from fastapi.concurrency import run_in_threadpool

from api.answer import Edition, answer, ask, not_modified
from api.errors import NotThere
from api.headers import BOARD_POLICY
from api.negotiate import HTML, Encoding
from api.ogc.served import Served
from api.resource import Resource
from geo.io.table_text import safe_csv
from geo.layer import Layer

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


def router(served: Served) -> APIRouter:
    """Route boards and files.

    Parameters
    ----------
    served : Served
        The workspace.

    Returns
    -------
    APIRouter
        ``/boards/{board}``, ``/files/layers/{file}``.
    """
    routes = APIRouter()

    @routes.get("/boards/{board}", **BOARD.route())
    async def board(request: Request) -> Response:
        name = request.path_params["board"]
        known = [board.id for board in served.boards()]
        if name not in known:
            raise NotThere(f"no board {name[:80]!r}; known: {', '.join(known)}")
        path = served.board_file(name)
        asked = ask(request, BOARD, _as_written(served.edition, path))
        if asked.unchanged:
            return not_modified(asked)
        body = await run_in_threadpool(path.read_bytes)
        return answer(asked, body, {"Content-Security-Policy": BOARD_POLICY})

    for ending, resource in FILES.items():
        _route_file(routes, served, ending, resource)
    return routes


def _route_file(routes: APIRouter, served: Served, ending: str, resource: Resource) -> None:
    @routes.get(f"/files/layers/{{collectionId}}.{ending}", **resource.route())
    async def file(request: Request) -> Response:
        id = served.layer(request.path_params["collectionId"]).id
        path = served.build.out / "layers" / f"{id}.{'parquet' if ending == 'csv' else ending}"
        if not path.is_file():
            raise NotThere(f"this build has no file {path.name}")
        asked = ask(request, resource, _as_written(served.edition, path))
        if asked.unchanged:
            return not_modified(asked)
        body = await run_in_threadpool(_read, served.layer(id), path, ending)
        name = f"{served.id}-{id}.{ending}"
        return answer(asked, body, {"Content-Disposition": f'attachment; filename="{name}"'})


def _as_written(edition: Edition, path: Path) -> Edition:
    """Bind an edition to a file: it is put in place as a whole, at a time of its own."""
    facts = path.stat()
    return replace(edition, version=f"{edition.version}-{facts.st_mtime_ns}-{facts.st_size}")


def _read(layer: Layer, path: Path, ending: str) -> bytes:
    return safe_csv(gpd.read_parquet(path), layer) if ending == "csv" else path.read_bytes()
