"""The whole service: an index of workspaces, and one OGC API for each."""

from __future__ import annotations

import importlib.metadata
from collections.abc import Sequence
from functools import cache
from pathlib import Path

from fastapi import APIRouter, FastAPI, Request, Response
from fastapi.responses import JSONResponse
from starlette.middleware import Middleware
from starlette.middleware.cors import CORSMiddleware
from starlette.types import ASGIApp

from api import background, boards, files, holders, negotiate, prints
from api.answer import packed
from api.auth import HEADER, Keys
from api.errors import BadSetting, NotThere, install
from api.headers import Heads, SecurityHeaders
from api.latest import Latest, SameBuild
from api.links import Hosts, address, base
from api.ogc import collections, holder, items, landing, tiles
from api.ogc.served import Served
from api.pages import index, report
from api.pages.render import style, style_version
from api.query import once
from api.settings import Settings, read_settings
from geo.service import Build, open_build
from geo.workspace import open_workspace
from maps.offline import MEDIA, bundles

OWN_PATHS = frozenset({"static", "livez", "readyz", "metrics", "api", "docs", "index"})
A_YEAR = "public, max-age=31536000, immutable"


def create_app(settings: Settings, builds: Sequence[Build]) -> FastAPI:
    """Build the service.

    Parameters
    ----------
    settings : Settings
        How it runs.
    builds : sequence of Build
        What it serves, in this order; each under its workspace's id.

    Returns
    -------
    FastAPI
        The application.

    Raises
    ------
    BadSetting
        Two workspaces have one id, or an id is a path of the service's own.
    """
    served = [Served(build, settings) for build in builds]
    _check_ids([one.id for one in served])
    app = _application(settings)
    made_by = f"gridwalk {importlib.metadata.version('gridwalk')}"
    app.include_router(index.router(served, settings, made_by))
    app.include_router(_own(served))
    for one in served:
        app.mount(f"/{one.id}", workspace_app(one))
    return app


def workspace_app(served: Served) -> FastAPI:
    """Build the API of one workspace.

    Parameters
    ----------
    served : Served
        The workspace.

    Returns
    -------
    FastAPI
        An application of its own, with its own OpenAPI document.
    """
    same = Middleware(SameBuild, version=served.build.version)
    app = FastAPI(openapi_url=None, docs_url=None, redoc_url=None, redirect_slashes=False, middleware=[same])
    install(app)
    for part in (landing, collections, items, tiles, holder, holders, prints, boards, background, files, report):
        app.include_router(part.router(served))
    return app


def from_environment() -> ASGIApp:
    """Build the service in a server process, from the environment.

    Returns
    -------
    ASGIApp
        Serving the published builds of ``GRIDWALK_WORKSPACES``, always the latest ones.

    Raises
    ------
    BadSetting
        A setting is wrong, or a workspace has no published build.
    """
    settings = read_settings()
    folders = settings.workspaces
    return Latest(folders, lambda: create_app(settings, [_published(folder) for folder in folders]))


def _published(folder: Path) -> Build:
    build = open_build(open_workspace(folder))
    if build is None:
        raise BadSetting(f"{folder} has no build yet: run `gridwalk build {folder}`")
    return build


def _check_ids(ids: Sequence[str]) -> None:
    for id in ids:
        if id in OWN_PATHS:
            raise BadSetting(f"a workspace cannot be called {id!r}: that is a path of the service; change its id")
        if ids.count(id) > 1:
            raise BadSetting(f"two workspaces are called {id!r}: change the id of one")


def _application(settings: Settings) -> FastAPI:
    layers = [
        Middleware(SecurityHeaders),
        Middleware(Heads),
        Middleware(Hosts, settings=settings),
    ]
    if settings.cors_origins:
        layers.append(
            Middleware(
                CORSMiddleware,
                allow_origins=settings.cors_origins,
                allow_methods=("GET", "HEAD"),
                allow_headers=(HEADER,),
            )
        )
    layers.append(Middleware(Keys, hashes=settings.api_key_hashes))
    app = FastAPI(openapi_url=None, docs_url=None, redoc_url=None, redirect_slashes=False, middleware=layers)
    install(app)
    return app


def _own(served: Sequence[Served]) -> APIRouter:
    routes = APIRouter()
    known = {one.id for one in served}

    @routes.get("/livez")
    async def livez(request: Request) -> Response:
        once(request.query_params.multi_items(), ())
        return JSONResponse({"status": "alive"})

    @routes.get("/readyz")
    async def readyz(request: Request) -> Response:
        once(request.query_params.multi_items(), ())
        lacking = [f"{one.id}: {reason}" for one in served for reason in one.lacks()]
        status = 503 if lacking else 200
        return JSONResponse({"status": "not ready" if lacking else "ready", "reasons": lacking}, status)

    @routes.get("/static/page.css")
    async def css(request: Request) -> Response:
        asked = once(request.query_params.multi_items(), ("v",))
        return Response(style(), media_type="text/css", headers=_kept(asked.get("v") == style_version()))

    @routes.get("/static/{file}")
    async def asset(request: Request) -> Response:
        return _asset(request)

    @routes.get("/{workspace}")
    async def without_slash(request: Request) -> Response:
        id = request.path_params["workspace"]
        if id not in known:
            raise NotThere(f"no workspace {id[:80]!r}; known: {', '.join(sorted(known))}")
        query = request.scope["query_string"].decode("latin-1")
        target = address(base(request), id) + "/" + (f"?{query}" if query else "")
        return Response(status_code=308, headers={"Location": target})

    return routes


def _asset(request: Request) -> Response:
    """Send the scripts or style sheets of a part of the boards; kept for ever under the address that names it."""
    asked = once(request.query_params.multi_items(), ("v",))
    name = request.path_params["file"]
    if name not in bundles():
        raise NotThere(f"no file {name[:80]!r}")
    one = bundles()[name]
    coding = negotiate.coding(request.headers.get("accept-encoding", ""))
    content = _packed(name, coding) if coding else one.sent
    headers = {**_kept(asked.get("v") == one.tag), "Vary": "Accept-Encoding"}
    headers |= {"Content-Encoding": coding} if coding else {}
    return Response(content, media_type=MEDIA[one.kind], headers=headers)


def _kept(named: bool) -> dict[str, str]:
    """How long a file may be kept: for ever where the address names just this content."""
    return {"Cache-Control": A_YEAR if named else "no-cache"}


@cache
def _packed(file: str, coding: str) -> bytes:
    """Content of one of our own files, compressed once."""
    return packed(bundles()[file].sent, coding)
