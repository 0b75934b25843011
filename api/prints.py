"""Boards on paper: PDF and PNG, drawn when first asked for and kept beside the build."""

from __future__ import annotations

from collections.abc import Mapping
from contextlib import suppress
from dataclasses import replace
from pathlib import Path

from fastapi import APIRouter, Request, Response
from fastapi.concurrency import run_in_threadpool

from api.answer import Asked, answer, ask, not_modified
from api.errors import NotThere
from api.links import base
from api.negotiate import PDF, PNG
from api.ogc.served import Served
from api.publishing import drawing_version
from api.resource import Resource
from geo.errors import BadParameter
from geo.store import files
from maps.print import PAPERS, Format, sheets

PARAMETERS = ("paper", "theme", "view")
PRINTS: dict[Format, Resource] = {
    "pdf": Resource("board-pdf", "Board on paper, one sheet a theme", (PDF,), PARAMETERS, tags=("Boards",)),
    "png": Resource("board-png", "One sheet of a board as a picture", (PNG,), PARAMETERS, tags=("Boards",)),
}
FOLDER = "prints"
KEPT = 300_000_000  # bytes of a workspace's prints; the oldest go first


def router(served: Served) -> APIRouter:
    """Route prints; before the boards, whose route would take the ending for a part of the name.

    Parameters
    ----------
    served : Served
        The workspace.

    Returns
    -------
    APIRouter
        ``/boards/{board}.pdf`` and ``/boards/{board}.png``.
    """
    routes = APIRouter()
    for format, resource in PRINTS.items():
        _route(routes, served, format, resource)
    return routes


def kept(folder: Path, name: str, most: int = KEPT) -> Path:
    """Make room for one more print.

    Parameters
    ----------
    folder : Path
        With prints; need not be there.
    name : str
        Of the file that is to come.
    most : int
        Bytes that the others may have together; the oldest are deleted until they do.

    Returns
    -------
    Path
        Where it goes.
    """
    there = [(path.stat(), path) for path in folder.glob("*.p*")]
    there.sort(key=lambda one: (one[0].st_mtime_ns, one[1].name))
    size = sum(facts.st_size for facts, _ in there)
    for facts, path in there:
        if size <= most:
            break
        path.unlink(missing_ok=True)
        size -= facts.st_size
    return folder / name


def _route(routes: APIRouter, served: Served, format: Format, resource: Resource) -> None:
    @routes.get(f"/boards/{{board}}.{format}", **resource.route())
    async def printed(request: Request) -> Response:
        board = str(request.path_params["board"])
        known = [one.id for one in served.boards()]
        if board not in known:
            raise NotThere(f"no board {board[:80]!r}; known: {', '.join(known)}")
        edition = replace(served.edition, version=f"{served.edition.version}-{drawing_version()}")
        asked = ask(request, resource, edition)
        paper = asked.given.get("paper", PAPERS[0])
        if paper not in PAPERS:
            raise BadParameter.said("bad_choice", name="paper", given=paper[:40], known=", ".join(PAPERS))
        if asked.unchanged:
            return not_modified(asked)
        body = await run_in_threadpool(_content, served, asked, board, format, paper)
        name = f"{served.id}-{board}-{paper}-{asked.lang}.{format}"
        return answer(asked, body, {"Content-Disposition": f'inline; filename="{name}"'})


def _content(served: Served, asked: Asked, board: str, format: Format, paper: str) -> bytes:
    """Read it where it was drawn before; else draw it, in a thread, one at a time."""
    service = base(asked.request).removesuffix(f"/{served.id}")
    given = {**asked.given, "paper": paper, "lang": asked.lang}
    question = {
        "build": served.build.version,
        "code": drawing_version(),
        "board": board,
        "service": service,
        **given,
    }
    path = served.build.out / FOLDER / f"{files.digest(question)}.{format}"
    if path.is_file():
        return path.read_bytes()
    theme, view = (asked.given.get(name, "") for name in ("theme", "view"))
    made = sheets(
        served.build,
        board,
        paper=paper,
        lang=asked.lang,
        themes=[theme] if theme else [],
        view=view,
        format=format,
        service=service,
        first=format == "png",
    )
    return _keep(path, made)


def _keep(path: Path, made: Mapping[str, bytes]) -> bytes:
    body = next(iter(made.values()))
    with suppress(OSError):  # a folder that cannot be written to: the next one is drawn anew
        files.replace(body, kept(path.parent, path.name))
    return body
