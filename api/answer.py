"""From a request to a response: what is asked for, whether the client has it already, and the bytes."""

from __future__ import annotations

import hashlib
from collections.abc import Mapping
from dataclasses import dataclass, replace
from functools import cache
from importlib.resources import files
from pathlib import Path
from typing import Any

import orjson
import pyarrow as pa
from starlette.requests import Request
from starlette.responses import Response

from api import negotiate
from api.headers import PAGE_POLICY
from api.links import Link, address, base, link
from api.negotiate import HTML, Encoding
from api.query import once
from api.resource import Resource
from api.words import words
from geo.words import LANGS, Lang

VARY = "Accept, Accept-Encoding, Accept-Language"
WORTH_PACKING = 1_000  # bytes; what is smaller travels in one packet anyway
_CODECS = {"zstd": "zstd", "br": "brotli", "gzip": "gzip"}


@dataclass(frozen=True, slots=True)
class Edition:
    """What caches may rely on.

    Parameters
    ----------
    version : str
        Changes whenever the same request would be answered differently.
    private : bool
        True = only the one who asked may keep answers.
    """

    version: str
    private: bool


@dataclass(frozen=True, slots=True)
class Asked:
    """One request, understood: its parameters are known ones and its representation is chosen.

    Parameters
    ----------
    request : Request
        As it came.
    resource : Resource
        What it asks for.
    given : dict of str to str
        Parameters, each once; ``f`` and ``lang`` among them.
    encoding : Encoding
        Chosen encoding.
    lang : {"zh", "en"}
        Chosen language.
    coding : str
        Chosen compression, empty = none.
    edition : Edition
        Of what is asked for.
    """

    request: Request
    resource: Resource
    given: dict[str, str]
    encoding: Encoding
    lang: Lang
    coding: str
    edition: Edition

    @property
    def html(self) -> bool:
        """Whether a page for people is asked for."""
        return self.encoding is HTML

    @property
    def words(self) -> Mapping[str, str]:
        """Words of pages in the chosen language."""
        return words(self.lang)

    @property
    def etag(self) -> str:
        """Strong validator of the data version and the request; only ``timeStamp`` differs under it."""
        scope = self.request.scope
        parts = (base(self.request), scope["path"], scope["query_string"].decode("latin-1"))
        chosen = (self.encoding.media, self.lang, self.coding, self.edition.version)
        return f'"{hashlib.blake2b(repr((parts, chosen)).encode(), digest_size=12).hexdigest()}"'

    @property
    def unchanged(self) -> bool:
        """Whether the client says that it has just this."""
        known = self.request.headers.get("if-none-match", "")
        etags = {one.strip().removeprefix("W/") for one in known.split(",")}
        return bool(etags & {self.etag, "*"})

    def here(self, **changed: str) -> str:
        """Address this resource with some parameters changed.

        Parameters
        ----------
        **changed : str
            New values; an empty one takes the parameter away.

        Returns
        -------
        str
            The address.
        """
        path = str(self.request.scope["path"]).removeprefix(self.request.scope.get("root_path", ""))
        query = {name: value for name, value in {**self.given, **changed}.items() if value}
        return address(base(self.request), *path.split("/")[1:], query=query)

    def self_links(self) -> list[Link]:
        """Link this document, its other encodings and its other language.

        Returns
        -------
        list of dict
            ``self`` and ``alternate`` links.
        """
        others = {offer.f: offer for offer in reversed(self.resource.offers) if offer.f != self.encoding.f}
        return [
            link("self", self.here(), self.encoding.media, hreflang=self.lang),
            *(
                link("alternate", self.here(f=f), offer.media, offer.name, hreflang=self.lang)
                for f, offer in others.items()
            ),
            *(
                link("alternate", self.here(lang=lang), self.encoding.media, hreflang=lang)
                for lang in LANGS
                if lang != self.lang
            ),
        ]


def ask(request: Request, resource: Resource, edition: Edition) -> Asked:
    """Understand a request.

    Parameters
    ----------
    request : Request
        As it came.
    resource : Resource
        What its path names.
    edition : Edition
        Of what is asked for.

    Returns
    -------
    Asked
        The request, understood.

    Raises
    ------
    BadParameter
        A parameter is unknown, given twice or wrong.
    NotAcceptable
        No encoding fits.
    """
    given = once(request.query_params.multi_items(), resource.known)
    headers = request.headers
    return Asked(
        request,
        resource,
        given,
        negotiate.encoding(resource.offers, given.get("f"), headers.get("accept", "")),
        negotiate.language(given.get("lang"), headers.get("accept-language", "")),
        negotiate.coding(headers.get("accept-encoding", "")),
        edition,
    )


def answer(asked: Asked, body: bytes | Mapping[str, Any], headers: Mapping[str, str] | None = None) -> Response:
    """Send a document.

    Parameters
    ----------
    asked : Asked
        What it answers.
    body : bytes or mapping
        A mapping becomes JSON.
    headers : mapping or None
        More headers.

    Returns
    -------
    Response
        Compressed when the client takes that and it is worth it.
    """
    content = body if isinstance(body, bytes) else orjson.dumps(body)
    made = {**_common(asked), "Content-Type": asked.encoding.media, **(headers or {})}
    if asked.html:
        made.setdefault("Content-Security-Policy", PAGE_POLICY)
    if asked.coding and not asked.encoding.packed and len(content) >= WORTH_PACKING:
        content = packed(content, asked.coding)
        made["Content-Encoding"] = asked.coding
    return Response(content, headers=made)


def packed(content: bytes, coding: str) -> bytes:
    """Compress a body.

    Parameters
    ----------
    content : bytes
        As it is.
    coding : {"zstd", "br", "gzip"}
        How, as HTTP calls it.

    Returns
    -------
    bytes
        Smaller, fast rather than smallest.
    """
    return bytes(pa.Codec(_CODECS[coding], compression_level=1).compress(content, asbytes=True))


def not_modified(asked: Asked) -> Response:
    """Say that the client has it already.

    Parameters
    ----------
    asked : Asked
        With ``unchanged``.

    Returns
    -------
    Response
        304 without a body.
    """
    return Response(status_code=304, headers=_common(asked))


def nothing(asked: Asked) -> Response:
    """Say that there is nothing here, and that this is no mistake.

    Parameters
    ----------
    asked : Asked
        What it answers.

    Returns
    -------
    Response
        204 without a body.
    """
    return Response(status_code=204, headers=_common(asked))


def as_written(edition: Edition, path: Path) -> Edition:
    """Bind an edition to a file: it is put in place as a whole, at a time of its own.

    Parameters
    ----------
    edition : Edition
        Of the workspace.
    path : Path
        A file that is there.

    Returns
    -------
    Edition
        Another one whenever the file is.
    """
    facts = path.stat()
    return replace(edition, version=f"{edition.version}-{facts.st_mtime_ns}-{facts.st_size}")


@cache
def code_version() -> str:
    """Hash the code, templates and words that answers are made with.

    Returns
    -------
    str
        32 hexadecimal digits.
    """
    roots = [Path(str(files(package))) for package in ("api", "geo", "maps")]
    made = sorted(
        path for root in roots for path in root.rglob("*") if path.suffix in {".py", ".html", ".toml", ".css"}
    )
    return hashlib.sha256(b"".join(path.read_bytes() for path in made)).hexdigest()[:32]


def _common(asked: Asked) -> dict[str, str]:
    return {
        "ETag": asked.etag,
        "Cache-Control": "private, no-cache" if asked.edition.private else "no-cache",
        "Vary": VARY,
        "Content-Language": asked.lang,
    }
