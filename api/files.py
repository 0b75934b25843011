"""What a build wrote, as it is, and its layers as tables. Nothing else of a workspace is reachable."""

from __future__ import annotations

from fastapi import APIRouter, Request, Response
from fastapi.concurrency import run_in_threadpool

from api.answer import answer, as_written, ask, not_modified
from api.negotiate import CSV, XLSX, Encoding
from api.ogc.served import Served
from api.resource import Resource
from api.tables import TABLES, send_table

DOWNLOADS = {
    "geojson": Encoding("geojson", "application/geo+json", "GeoJSON"),
    "csv": CSV,
    "xlsx": XLSX,
    "parquet": Encoding("parquet", "application/vnd.apache.parquet", "Parquet", packed=True),
}
FILES = {
    ending: Resource(f"file-{ending}", f"Layer as {encoding.name}", (encoding,), tags=("Files",))
    for ending, encoding in DOWNLOADS.items()
}


def router(served: Served) -> APIRouter:
    """Route files.

    Parameters
    ----------
    served : Served
        The workspace.

    Returns
    -------
    APIRouter
        ``/files/layers/{file}``.
    """
    routes = APIRouter()

    for ending, resource in FILES.items():
        _route_file(routes, served, ending, resource)
    return routes


def _route_file(routes: APIRouter, served: Served, ending: str, resource: Resource) -> None:
    @routes.get(f"/files/layers/{{collectionId}}.{ending}", **resource.route())
    async def file(request: Request) -> Response:
        layer = served.layer(request.path_params["collectionId"])
        if resource.offers[0] in TABLES:
            asked = ask(request, resource, served.edition)
            return not_modified(asked) if asked.unchanged else await send_table(asked, served, layer)
        path = served.file(f"layers/{layer.id}.{ending}")
        asked = ask(request, resource, as_written(served.edition, path))
        if asked.unchanged:
            return not_modified(asked)
        body = await run_in_threadpool(path.read_bytes)
        name = f"{served.id}-{layer.id}.{ending}"
        return answer(asked, body, {"Content-Disposition": f'attachment; filename="{name}"'})
