"""Which encoding, language and compression a client gets (RFC 9110, section 12)."""

from __future__ import annotations

import re
from collections.abc import Iterator, Sequence
from dataclasses import dataclass

from api.errors import NotAcceptable
from geo.errors import BadParameter
from geo.words import LANGS, Lang

CODINGS = ("zstd", "br", "gzip")  # as preferred by the service: fastest first
_QUALITY = re.compile(r"(0(\.\d{0,3})?|1(\.0{0,3})?)", re.ASCII)


@dataclass(frozen=True, slots=True)
class Encoding:
    """One encoding of a resource.

    Parameters
    ----------
    f : str
        What ``?f=`` calls it.
    media : str
        Media type, as sent.
    name : str
        What people call it, where its media type says them nothing.
    packed : bool
        True = its bytes are compressed already.
    """

    f: str
    media: str
    name: str = ""
    packed: bool = False


JSON = Encoding("json", "application/json")
HTML = Encoding("html", "text/html; charset=utf-8")
GEOJSON = Encoding("json", "application/geo+json")
SCHEMA = Encoding("json", "application/schema+json")
OPENAPI_3_0 = Encoding("json", "application/vnd.oai.openapi+json;version=3.0")
OPENAPI_3_1 = Encoding("oas31", "application/vnd.oai.openapi+json;version=3.1")
MARKDOWN = Encoding("md", "text/markdown; charset=utf-8")
CSV = Encoding("csv", "text/csv; charset=utf-8", "CSV")
GPX = Encoding("gpx", "application/gpx+xml", "GPX")
PDF = Encoding("pdf", "application/pdf", "PDF", packed=True)
PNG = Encoding("png", "image/png", "PNG", packed=True)
XLSX = Encoding("xlsx", "application/vnd.openxmlformats-officedocument.spreadsheetml.sheet", "Excel", packed=True)


def encoding(offers: Sequence[Encoding], f: str | None, accept: str) -> Encoding:
    """Choose an encoding.

    Parameters
    ----------
    offers : sequence of Encoding
        What there is, best first.
    f : str or None
        ``?f=``; goes before ``Accept``.
    accept : str
        ``Accept`` header; without a media range anything is accepted, and what has one encoding is always sent.

    Returns
    -------
    Encoding
        The one with the highest quality; among equals the first.

    Raises
    ------
    BadParameter
        ``f`` names none of them.
    NotAcceptable
        ``Accept`` excludes all of them.
    """
    if f is not None:
        for offer in offers:
            if offer.f == f:
                return offer
        raise BadParameter(f"f must be {' or '.join(dict.fromkeys(offer.f for offer in offers))}")
    ranges = [(asked, weight) for asked, weight in _weighted(accept) if "/" in asked]
    if not ranges or len(offers) == 1:
        return offers[0]
    best = max(offers, key=lambda offer: _quality(offer.media, ranges))
    if _quality(best.media, ranges) == 0:
        raise NotAcceptable(f"there is {', '.join(offer.media for offer in offers)}")
    return best


def language(lang: str | None, accept_language: str) -> Lang:
    """Choose a language.

    Parameters
    ----------
    lang : str or None
        ``?lang=``; goes before ``Accept-Language``.
    accept_language : str
        ``Accept-Language`` header.

    Returns
    -------
    {"zh", "en"}
        Chinese when nothing is said.

    Raises
    ------
    BadParameter
        ``lang`` is neither.
    """
    if lang is not None:
        for known in LANGS:
            if known == lang:
                return known
        raise BadParameter(f"lang must be {' or '.join(LANGS)}")
    wanted = sorted(_weighted(accept_language), key=lambda item: -item[1])
    for tag, quality in wanted:
        for known in LANGS:
            if quality and tag.split("-")[0] in (known, "*"):
                return known
    return LANGS[0]


def coding(accept_encoding: str) -> str:
    """Choose a compression.

    Parameters
    ----------
    accept_encoding : str
        ``Accept-Encoding`` header.

    Returns
    -------
    str
        One of ``CODINGS``; empty = none.
    """
    weights = dict(_weighted(accept_encoding))
    best = max(CODINGS, key=lambda name: weights.get(name, weights.get("*", 0.0)))
    return best if weights.get(best, weights.get("*", 0.0)) > 0 else ""


def _weighted(header: str) -> Iterator[tuple[str, float]]:
    """Read a list with weights; what is malformed is passed over."""
    for part in header.lower().split(","):
        value, *parameters = (piece.strip() for piece in part.split(";"))
        weight = 1.0
        kept = [value]
        for parameter in parameters:
            name, _, text = (piece.strip() for piece in parameter.partition("="))
            if name != "q":
                kept.append(f"{name}={text.strip(chr(34))}")
            elif _QUALITY.fullmatch(text):
                weight = float(text)
        if value:
            yield ";".join(kept), weight


def _quality(media: str, ranges: Sequence[tuple[str, float]]) -> float:
    """Weigh a media type by the most specific range that takes it in."""
    offered, *parameters = media.replace(" ", "").split(";")
    best = (-1, 0.0)
    for asked, weight in ranges:
        kind, *wanted = asked.split(";")
        wanted = [one for one in wanted if not one.startswith("charset=")]
        if kind in (offered, f"{offered.split('/')[0]}/*", "*/*") and set(wanted) <= set(parameters):
            best = max(best, (2 * (kind == offered) + (kind != "*/*") + len(wanted), weight))
    return best[1]
