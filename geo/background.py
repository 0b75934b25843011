"""Tiles that a workspace may show behind its maps: by address, or from a file of its own.

Boards draw their own background; nothing here is needed. An address goes into a page, and its hosts into the
page's security policy, so it is held to a narrow form.
"""

from __future__ import annotations

import ipaddress
import re
from collections.abc import Iterator
from typing import Annotated, Literal
from urllib.parse import urlsplit

from pydantic import Field

from geo.sections import Section, Words

ENDINGS = (".pmtiles", ".mbtiles")
FILLED = frozenset({"z", "x", "y", "-y", "s"})  # what a browser puts into an address
_PLACE = re.compile(r"\{([^{}]*)\}")
_HOST = re.compile(r"[a-z0-9]([a-z0-9-]*[a-z0-9])?(\.[a-z0-9]([a-z0-9-]*[a-z0-9])?)*(:[0-9]{1,5})?", re.ASCII)
_REST = re.compile(r"[A-Za-z0-9._~:/?&=%@!$*+,{}-]*", re.ASCII)

Zoom = Annotated[int, Field(ge=0, le=22)]
Label = Annotated[str, Field(pattern=r"^[a-z0-9]([a-z0-9-]*[a-z0-9])?$")]


class Background(Section):
    """One choice of tiles, as ``[[background]]`` describes it.

    Parameters
    ----------
    title : Words
        Name for people.
    url : str
        Address of tiles in EPSG:3857 with ``{z}``, ``{x}`` and ``{y}`` (or ``{-y}``, rows from the south); ``{s}``
        in the host stands for each of ``subdomains``.
    file : str
        Instead of an address: a ``.pmtiles`` or ``.mbtiles`` file, relative to the workspace.
    subdomains : tuple of str
        What ``{s}`` stands for.
    attribution : Words or None
        Who made the tiles; shown with them.
    min_zoom, max_zoom : int or None
        Zooms that there are; None = as the file says, else 0 and 18.
    datum : {"wgs84", "gcj02"}
        What the tiles are drawn in; GCJ-02 tiles are shifted back when they are shown.
    """

    title: Words
    url: str = ""
    file: str = ""
    subdomains: tuple[Label, ...] = ("a", "b", "c")
    attribution: Words | None = None
    min_zoom: Zoom | None = None
    max_zoom: Zoom | None = None
    datum: Literal["wgs84", "gcj02"] = "wgs84"

    def origins(self) -> tuple[str, ...]:
        """Name the servers that tiles come from.

        Returns
        -------
        tuple of str
            ``scheme://host[:port]``, one for each subdomain; nothing for a file. Only for a good address.

        Examples
        --------
        >>> words = Words(zh="图", en="Map")
        >>> Background(title=words, url="https://{s}.example.org/{z}/{x}/{y}.png", subdomains=["a", "b"]).origins()
        ('https://a.example.org', 'https://b.example.org')
        """
        if not self.url:
            return ()
        scheme, host, _ = _cut(self.url)
        return tuple(dict.fromkeys(f"{scheme}://{host.replace('{s}', one)}" for one in self.subdomains))


def faults_of(one: Background) -> Iterator[tuple[str, str]]:
    """Find what is wrong with an entry beyond the types of its values.

    Parameters
    ----------
    one : Background
        The entry; whether its file is there is not looked at.

    Yields
    ------
    tuple of str
        Key, and code of the fault.
    """
    if bool(one.url) == bool(one.file):
        yield "url", "background_source"
    if one.url and not _places_right(one.url):
        yield "url", "background_places"
    elif one.url and not _address_right(one):
        yield "url", "background_address"
    if one.file and not one.file.lower().endswith(ENDINGS):
        yield "file", "background_file"
    if one.min_zoom is not None and one.max_zoom is not None and one.min_zoom > one.max_zoom:
        yield "min_zoom", "background_zooms"


def _cut(url: str) -> tuple[str, str, str]:
    scheme, _, rest = url.partition("://")
    host, slash, path = rest.partition("/")
    return scheme, host, slash + path


def _places_right(url: str) -> bool:
    _, host, path = _cut(url)
    found = set(_PLACE.findall(path))
    rows = found & {"y", "-y"}
    return {"z", "x"} <= found <= FILLED - {"s"} and len(rows) == 1 and set(_PLACE.findall(host)) <= {"s"}


def _address_right(one: Background) -> bool:
    """Say whether an address may stand in a page, and its hosts in a policy."""
    scheme, host, path = _cut(one.url)
    if scheme not in ("https", "http") or not _REST.fullmatch(path):
        return False
    hosts = [host.replace("{s}", label) for label in one.subdomains]
    if not hosts or not all(_HOST.fullmatch(name) for name in hosts):
        return False
    return scheme == "https" or all(_near(name) for name in hosts)


def _near(host: str) -> bool:
    """Whether a server is on this machine or in a private network, where nobody has certificates."""
    name = urlsplit(f"//{host}").hostname or ""
    try:
        return ipaddress.ip_address(name).is_private
    except ValueError:
        return name == "localhost"
