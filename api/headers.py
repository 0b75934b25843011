"""What every response carries, and HEAD for whatever has GET."""

from __future__ import annotations

from collections.abc import Sequence

from starlette.datastructures import MutableHeaders
from starlette.types import ASGIApp, Message, Receive, Scope, Send

PAGE_POLICY = (
    "default-src 'none'; style-src 'self'; img-src 'self' data:; "
    "base-uri 'none'; form-action 'self'; frame-ancestors 'self'"
)
BOARD_POLICY = (  # a board is one file: its own script, style and pictures are inside, and it fetches nothing
    "default-src 'none'; script-src 'unsafe-inline'; style-src 'unsafe-inline'; img-src data: blob:; "
    "font-src data:; base-uri 'none'; form-action 'none'; frame-ancestors 'self'"
)
DATA_POLICY = "default-src 'none'; frame-ancestors 'none'"
CONSTANT = {
    "X-Content-Type-Options": "nosniff",
    "Referrer-Policy": "same-origin",
    "Cross-Origin-Opener-Policy": "same-origin",
    "Permissions-Policy": "camera=(), microphone=(), geolocation=(self)",
}


def served_policy(origins: Sequence[str] = ()) -> str:
    """Tell the browser what a served board may do: work with its own server, and show pictures from named ones.

    Parameters
    ----------
    origins : sequence of str
        Servers of background tiles, ``scheme://host[:port]``, checked before (:mod:`geo.background`).

    Returns
    -------
    str
        A content security policy; which inline script may run, the page says itself, by hash.

    Examples
    --------
    >>> "img-src 'self' data: blob: https://t0.example.org;" in served_policy(["https://t0.example.org"])
    True
    """
    pictures = " ".join(("'self'", "data:", "blob:", *origins))
    return (
        "default-src 'none'; script-src 'self' 'unsafe-inline'; style-src 'self' 'unsafe-inline'; "
        f"img-src {pictures}; connect-src 'self'; base-uri 'none'; form-action 'none'; frame-ancestors 'self'"
    )


class SecurityHeaders:
    """Put the security headers on every response; a policy that a response brings itself stays.

    Parameters
    ----------
    app : ASGIApp
        What comes next.
    """

    def __init__(self, app: ASGIApp) -> None:
        self.app = app

    async def __call__(self, scope: Scope, receive: Receive, send: Send) -> None:
        """Serve one request.

        Parameters
        ----------
        scope, receive, send : Scope, Receive, Send
            As ASGI says.
        """

        async def with_headers(message: Message) -> None:
            if message["type"] == "http.response.start":
                headers = MutableHeaders(scope=message)
                for name, value in CONSTANT.items():
                    headers[name] = value
                if message["status"] != 304:  # a browser would put it in place of that of the page it has kept
                    headers.setdefault("Content-Security-Policy", DATA_POLICY)
            await send(message)

        await self.app(scope, receive, with_headers)


class Heads:
    """Answer HEAD as GET without the body.

    Parameters
    ----------
    app : ASGIApp
        What comes next.
    """

    def __init__(self, app: ASGIApp) -> None:
        self.app = app

    async def __call__(self, scope: Scope, receive: Receive, send: Send) -> None:
        """Serve one request.

        Parameters
        ----------
        scope, receive, send : Scope, Receive, Send
            As ASGI says.
        """
        if scope["type"] != "http" or scope["method"] != "HEAD":
            await self.app(scope, receive, send)
            return

        async def without_body(message: Message) -> None:
            if message["type"] == "http.response.body":
                message = {**message, "body": b""}
            await send(message)

        await self.app({**scope, "method": "GET"}, receive, without_body)
