"""Links to our own resources, from an address that we know to be ours."""

from __future__ import annotations

from collections.abc import Mapping
from typing import Any
from urllib.parse import quote, urlencode, urlsplit

from starlette.requests import Request
from starlette.types import ASGIApp, Receive, Scope, Send

from api.errors import problem
from api.settings import Settings

LOCAL = frozenset({"localhost", "127.0.0.1", "::1"})
_BASE = "gridwalk.base"
Link = dict[str, str]


class Hosts:
    """Refuse requests that name a host which is not ours; keep the address that links begin with.

    A ``Host`` header is the client's word. It is taken only when it names this machine, the address that the
    connection came in on, or a host from the settings; with ``base_url`` links come from there alone.

    Parameters
    ----------
    app : ASGIApp
        What comes next.
    settings : Settings
        With ``base_url`` and ``allowed_hosts``.
    """

    def __init__(self, app: ASGIApp, settings: Settings) -> None:
        self.app = app
        self.base = settings.base_url
        own = {urlsplit(settings.base_url).hostname} if settings.base_url else set()
        self.known = LOCAL | {host.lower() for host in settings.allowed_hosts} | own

    async def __call__(self, scope: Scope, receive: Receive, send: Send) -> None:
        """Serve one request.

        Parameters
        ----------
        scope, receive, send : Scope, Receive, Send
            As ASGI says.
        """
        if scope["type"] == "http":
            host = Request(scope).headers.get("host", "")
            if not self._ours(host, scope):
                hint = "name it in GRIDWALK_ALLOWED_HOSTS or set GRIDWALK_BASE_URL"
                await problem(400, f"this service is not {host[:80]!r}; {hint}")(scope, receive, send)
                return
            scope[_BASE] = self.base or f"{scope['scheme']}://{host}"
        await self.app(scope, receive, send)

    def _ours(self, host: str, scope: Scope) -> bool:
        try:
            parts = urlsplit(f"//{host}")
            name, _ = parts.hostname, parts.port
        except ValueError:
            return False
        plain = parts.netloc == host and not parts.username and parts.password is None
        return plain and (name in self.known or name == (scope.get("server") or ("",))[0])


def base(request: Request) -> str:
    """Tell the address that links begin with.

    Parameters
    ----------
    request : Request
        A request that came through :class:`Hosts`.

    Returns
    -------
    str
        ``scheme://host[:port][/prefix][/workspace]``, without a slash at the end.
    """
    return str(request.scope[_BASE]) + str(request.scope.get("root_path", ""))


def address(*parts: str, query: Mapping[str, Any] | None = None) -> str:
    """Put an address together.

    Parameters
    ----------
    *parts : str
        A base, then path segments; segments are percent-encoded.
    query : mapping or None
        Parameters.

    Returns
    -------
    str
        The address.

    Examples
    --------
    >>> address("http://x/ws", "collections", "a/b", query={"f": "json"})
    'http://x/ws/collections/a%2Fb?f=json'
    """
    first, *segments = parts
    path = "/".join((first, *(quote(segment, safe="") for segment in segments)))
    return f"{path}?{urlencode(query, safe='/:,')}" if query else path


def link(rel: str, href: str, media: str, title: str = "", **more: str) -> Link:
    """Make one link.

    Parameters
    ----------
    rel : str
        Relation.
    href : str
        Address.
    media : str
        Media type of what is there; a charset is left out.
    title : str
        Title, left out when empty.
    **more : str
        Further members, such as ``hreflang``.

    Returns
    -------
    dict of str to str
        The link.
    """
    made = {"rel": rel, "href": href, "type": media.partition("; charset")[0], **more}
    return {**made, "title": title} if title else made
