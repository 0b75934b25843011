"""Who may read: everyone on this machine by default, holders of a key when keys are set."""

from __future__ import annotations

import hashlib
import hmac
import ipaddress

from starlette.requests import Request
from starlette.types import ASGIApp, Receive, Scope, Send

from api.errors import BadSetting, problem
from api.settings import Settings

HEADER = "X-API-Key"
OPEN_PATHS = frozenset({"/livez", "/readyz"})  # supervisors hold no keys, and these tell no data
OPEN_FOLDER = "/static/"  # nor can a browser send one for a script that a page names


class Keys:
    """Let only requests with a known key through.

    A key is a random secret of 256 bits, so its plain sha256 is kept; all hashes are compared in constant time.

    Parameters
    ----------
    app : ASGIApp
        What comes next.
    hashes : tuple of str
        sha256 of each key, hex; empty = everyone may read.
    """

    def __init__(self, app: ASGIApp, hashes: tuple[str, ...]) -> None:
        self.app = app
        self.hashes = hashes

    async def __call__(self, scope: Scope, receive: Receive, send: Send) -> None:
        """Serve one request.

        Parameters
        ----------
        scope, receive, send : Scope, Receive, Send
            As ASGI says.
        """
        if scope["type"] == "http" and self.hashes and not is_open(scope["path"]):
            given = Request(scope).headers.get(HEADER, "")
            if not self.knows(given):
                challenge = {"WWW-Authenticate": f'ApiKey realm="gridwalk", header="{HEADER}"'}
                await problem(401, f"send your key in {HEADER}", challenge)(scope, receive, send)
                return
        await self.app(scope, receive, send)

    def knows(self, key: str) -> bool:
        """Tell whether a key is known.

        Parameters
        ----------
        key : str
            As the client sent it.

        Returns
        -------
        bool
            True when its hash is one of ours.
        """
        digest = hashlib.sha256(key.encode("utf-8", "surrogateescape")).hexdigest()
        return bool(key) and sum(hmac.compare_digest(digest, known) for known in self.hashes) > 0


def is_open(path: str) -> bool:
    """Tell whether a path may be read without a key.

    Parameters
    ----------
    path : str
        Of a request.

    Returns
    -------
    bool
        True for what tells no data; a path that climbs out of its folder is not open.
    """
    return path in OPEN_PATHS or (path.startswith(OPEN_FOLDER) and "/" not in path.removeprefix(OPEN_FOLDER))


def check_binding(settings: Settings) -> None:
    """Refuse to listen beyond this machine without keys.

    Parameters
    ----------
    settings : Settings
        With ``host`` and ``api_key_hashes``.

    Raises
    ------
    BadSetting
        Others could reach the service and no key is asked of them; the message says what to do.
    """
    if settings.api_key_hashes or is_local(settings.host):
        return
    raise BadSetting(
        f"{settings.host} can be reached from other machines and no API key is set: put the SHA-256 of each "
        'key into GRIDWALK_API_KEY_HASHES (["<64 hex digits>"]), or listen on 127.0.0.1'
    )


def is_local(host: str) -> bool:
    """Tell whether only this machine reaches an address.

    Parameters
    ----------
    host : str
        Name or address to listen on.

    Returns
    -------
    bool
        True for loopback addresses and ``localhost``; any other name counts as reachable.
    """
    if host == "localhost":
        return True
    try:
        return ipaddress.ip_address(host).is_loopback
    except ValueError:
        return False
