"""The boards of a workspace, each in two forms: a page that works with this server, and one file to take away."""

from __future__ import annotations

from collections.abc import Mapping
from dataclasses import replace
from pathlib import Path

from fastapi import APIRouter, Request, Response
from fastapi.concurrency import run_in_threadpool

from api.answer import answer, as_written, ask, not_modified
from api.background import origins
from api.errors import NotNow, NotThere
from api.headers import BOARD_POLICY, served_policy
from api.negotiate import HTML
from api.ogc.served import Served
from api.publishing import board_file, has_boards, is_drawn
from api.resource import Resource
from geo.store.files import digest

BOARD = Resource("board", "Board", (HTML,), tags=("Boards",))
FILE = Resource("board-file", "Board as one file that needs no network", (HTML,), tags=("Boards",))


def router(served: Served) -> APIRouter:
    """Route boards.

    Parameters
    ----------
    served : Served
        The workspace.

    Returns
    -------
    APIRouter
        ``/boards/{board}.html``, ``/boards/{board}``.
    """
    routes = APIRouter()

    @routes.get("/boards/{board}.html", **FILE.route())
    async def file(request: Request) -> Response:
        name = _known(served, request)
        headers = {"Content-Security-Policy": BOARD_POLICY}
        headers |= {"Content-Disposition": f'attachment; filename="{served.id}-{name}.html"'}
        return await _sent(request, FILE, served, served.board_file(name), headers)

    @routes.get("/boards/{board}", **BOARD.route())
    async def board(request: Request) -> Response:
        path, policy = _to_show(served, _known(served, request))
        return await _sent(request, BOARD, served, path, {"Content-Security-Policy": policy})

    return routes


def _known(served: Served, request: Request) -> str:
    name = str(request.path_params["board"])
    known = [board.id for board in served.boards()]
    if name not in known:
        raise NotThere(f"no board {name[:80]!r}; known: {', '.join(known)}")
    if not has_boards(served.build):
        raise NotNow("the boards are being drawn anew, or are of another build: try again in a minute")
    return name


def _to_show(served: Served, name: str) -> tuple[Path, str]:
    """Choose the served form where it fits the scripts that this server has, else the one that needs none."""
    page = board_file(served.build, name, "served")
    if page.is_file() and is_drawn(served.build):
        return page, served_policy(origins(served))
    return served.board_file(name), BOARD_POLICY


async def _sent(
    request: Request, resource: Resource, served: Served, path: Path, headers: Mapping[str, str]
) -> Response:
    written = as_written(served.edition, path)  # what a browser keeps, it keeps with the policy that came with it
    policy = digest([headers["Content-Security-Policy"]])
    asked = ask(request, resource, replace(written, version=f"{written.version}-{policy}"))
    if asked.unchanged:
        return not_modified(asked)
    return answer(asked, await run_in_threadpool(path.read_bytes), headers)
