"""Going over to a new build while the service runs, and never mixing two in one page."""

from __future__ import annotations

import logging
from collections.abc import Callable
from pathlib import Path
from threading import Lock

from starlette.concurrency import run_in_threadpool
from starlette.requests import Request
from starlette.types import ASGIApp, Receive, Scope, Send

from api.errors import problem
from api.publishing import STAMP
from geo.errors import GridwalkError

HEADER = "X-Gridwalk-Build"  # which build the asking page shows
Mark = tuple[int, int]
_LOG = logging.getLogger("uvicorn.error")


class Latest:
    """Serve what is published; when a workspace is built anew, serve that from then on.

    A new build is taken once its boards are drawn, so that layers, boards and figures change together. When it
    cannot be opened, the one before is served on, and the log says why.

    Parameters
    ----------
    folders : tuple of Path
        Of the workspaces.
    make : callable
        Opens the published builds and makes the service of them; whatever it raises now, is raised.
    """

    def __init__(self, folders: tuple[Path, ...], make: Callable[[], ASGIApp]) -> None:
        self._folders = folders
        self._make = make
        self._lock = Lock()
        self._seen: tuple[Mark | None, ...] = (None,) * len(folders)
        self._seen = self._marks()
        self._app = make()

    async def __call__(self, scope: Scope, receive: Receive, send: Send) -> None:
        """Serve one request.

        Parameters
        ----------
        scope, receive, send : Scope, Receive, Send
            As ASGI says.
        """
        if scope["type"] == "http" and self._marks() != self._seen:
            await run_in_threadpool(self._renew)
        await self._app(scope, receive, send)

    def _marks(self) -> tuple[Mark | None, ...]:
        """What changes with every publication; while boards are drawn, what it was before."""
        return tuple(_mark(folder) or old for folder, old in zip(self._folders, self._seen, strict=True))

    def _renew(self) -> None:
        with self._lock:
            marks = self._marks()
            if marks == self._seen:
                return  # somebody else did
            self._seen = marks
            try:
                self._app = self._make()
            except (GridwalkError, OSError, ValueError) as error:
                _LOG.warning("the new build is not served: %s", error)


def _mark(folder: Path) -> Mark | None:
    """When and as which file boards were stamped, the last step of a publication; None while they are drawn."""
    try:
        facts = (folder / "out" / "boards" / STAMP).stat()
    except FileNotFoundError:
        return None
    return facts.st_ino, facts.st_mtime_ns


class SameBuild:
    """Refuse what a page asks for that shows another build: its numbers would not fit.

    Parameters
    ----------
    app : ASGIApp
        What comes next.
    version : str
        Of the build that is served.
    """

    def __init__(self, app: ASGIApp, version: str) -> None:
        self.app = app
        self.version = version

    async def __call__(self, scope: Scope, receive: Receive, send: Send) -> None:
        """Serve one request.

        Parameters
        ----------
        scope, receive, send : Scope, Receive, Send
            As ASGI says.
        """
        if scope["type"] == "http" and Request(scope).headers.get(HEADER, self.version) != self.version:
            refused = problem(410, f"this page shows another build than {self.version}: load the page again")
            await refused(scope, receive, send)
            return
        await self.app(scope, receive, send)
