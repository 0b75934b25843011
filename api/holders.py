"""The patrol board of one post, made when somebody asks for it: a file for that post's phones."""

from __future__ import annotations

from functools import lru_cache
from threading import Lock
from urllib.parse import quote

from fastapi import APIRouter, Request, Response
from fastapi.concurrency import run_in_threadpool
from geopandas import GeoDataFrame

from api.answer import answer, ask, not_modified
from api.board_files import OF_HOLDERS
from api.errors import NotThere
from api.headers import BOARD_POLICY
from api.negotiate import HTML
from api.ogc.served import Served
from api.resource import Resource
from maps import boards

HOLDER_FILE = Resource(
    "holder-file",
    "Patrol board of one post as one file that needs no network",
    (HTML,),
    tags=("Boards",),
)
KEPT = 16  # files of less than half a megabyte


def router(served: Served) -> APIRouter:
    """Route the files of posts.

    Parameters
    ----------
    served : Served
        The workspace.

    Returns
    -------
    APIRouter
        ``/boards/patrol/holders/{postId}.html`` where the build has a patrol board: of posts alone, so that nobody
        can find out by asking who works there.
    """
    routes = APIRouter()
    if OF_HOLDERS not in boards.available(served.build):
        return routes
    files = _Files(served)

    @routes.get("/boards/" + OF_HOLDERS + "/holders/{postId:path}.html", **HOLDER_FILE.route())
    async def file(request: Request) -> Response:
        post = str(request.path_params["postId"])
        known = await run_in_threadpool(files.posts)
        if post not in known:
            raise NotThere(f"no post {post[:80]!r} holds anything here")
        asked = ask(request, HOLDER_FILE, served.edition)
        if asked.unchanged:
            return not_modified(asked)
        name, body = await run_in_threadpool(files.of, post)
        headers = {
            "Content-Security-Policy": BOARD_POLICY,
            "Content-Disposition": f"attachment; filename*=UTF-8''{quote(name)}",
        }
        return answer(asked, body, headers)

    return routes


class _Files:
    """The files of one build; the tables are read once, and one file is made at a time."""

    def __init__(self, served: Served) -> None:
        self._served = served
        self._lock = Lock()
        self._frames: dict[str, GeoDataFrame] = {}
        self._page = lru_cache(KEPT)(self._made)

    def posts(self) -> frozenset[str]:
        from maps import holder

        return frozenset(holder.holders(self._read()))

    def of(self, post: str) -> tuple[str, bytes]:
        from maps import holder

        with self._lock:
            return holder.file_name(self._served.id, post), self._page(post)

    def _made(self, post: str) -> bytes:
        from maps import holder

        return holder.page(self._served.build, self._frames, holder.find(self._frames, post)).encode()

    def _read(self) -> dict[str, GeoDataFrame]:
        from maps import holder

        with self._lock:
            if not self._frames:
                self._frames = holder.read(self._served.build)
            return self._frames
