"""Encoding, language and compression by what a client says."""

from __future__ import annotations

import pytest
from hypothesis import given
from hypothesis import strategies as st

from api import negotiate
from api.errors import NotAcceptable
from api.negotiate import CODINGS, GEOJSON, HTML, JSON, OPENAPI_3_0, OPENAPI_3_1, Encoding
from geo.errors import BadParameter

OFFERS = (GEOJSON, Encoding("json", JSON.media), HTML)


@pytest.mark.parametrize(
    ("accept", "media"),
    [
        ("", "application/geo+json"),
        ("*/*", "application/geo+json"),
        ("application/json", "application/json"),
        ("application/geo+json, application/json", "application/geo+json"),
        ("application/*", "application/geo+json"),
        ("text/html,application/xhtml+xml,application/xml;q=0.9,*/*;q=0.8", "text/html; charset=utf-8"),
        ("text/html;q=0.2, application/json;q=0.4", "application/json"),
        ("*/*, application/geo+json;q=0", "application/json"),
        ("TEXT/HTML ; Q=1", "text/html; charset=utf-8"),
        ("application/geo+json;charset=utf-8", "application/geo+json"),
        (";;,,q=1", "application/geo+json"),
    ],
)
def test_accept(accept: str, media: str) -> None:
    assert negotiate.encoding(OFFERS, None, accept).media == media


@pytest.mark.parametrize("accept", ["image/png", "text/html;q=0", "application/json;version=9"])
def test_impossible_accept(accept: str) -> None:
    with pytest.raises(NotAcceptable, match="application/geo\\+json"):
        negotiate.encoding(OFFERS, None, accept)


def test_parameters_of_a_media_type_count() -> None:
    offers = (OPENAPI_3_0, OPENAPI_3_1)
    wanted = "application/vnd.oai.openapi+json; version=3.1"
    assert negotiate.encoding(offers, None, wanted) is OPENAPI_3_1
    assert negotiate.encoding(offers, None, "application/vnd.oai.openapi+json") is OPENAPI_3_0


def test_f_goes_before_accept() -> None:
    assert negotiate.encoding(OFFERS, "html", "application/json") is HTML
    with pytest.raises(BadParameter, match="f must be json or html"):
        negotiate.encoding(OFFERS, "xml", "")


def test_what_has_one_encoding_is_sent_whatever_is_accepted() -> None:
    assert negotiate.encoding((HTML,), None, "image/png") is HTML


@pytest.mark.parametrize(
    ("header", "lang"),
    [
        *(("", "zh"), ("en", "en"), ("zh-CN,zh;q=0.9,en;q=0.8", "zh"), ("en-GB,zh;q=0.5", "en"), ("fr", "zh")),
        *(("fr, en;q=0.3", "en"), ("en;q=0", "zh"), ("*", "zh")),
    ],
)
def test_languages(header: str, lang: str) -> None:
    assert negotiate.language(None, header) == lang
    assert negotiate.language("en", header) == "en"


def test_an_unknown_language_is_refused() -> None:
    with pytest.raises(BadParameter, match="zh or en"):
        negotiate.language("fr", "")


@pytest.mark.parametrize(
    ("header", "coding"),
    [
        *(("", ""), ("gzip, deflate, br, zstd", "zstd"), ("gzip, br", "br"), ("gzip", "gzip"), ("*", "zstd")),
        *(("identity", ""), ("gzip;q=1, zstd;q=0.5", "gzip"), ("gzip;q=0", ""), ("zstd;q=0, *;q=0.1", "br")),
    ],
)
def test_codings(header: str, coding: str) -> None:
    assert negotiate.coding(header) == coding


@given(st.text())
def test_no_header_breaks_negotiation(header: str) -> None:
    assert negotiate.language(None, header) in ("zh", "en")
    assert negotiate.coding(header) in (*CODINGS, "")
    try:
        assert negotiate.encoding(OFFERS, None, header) in OFFERS
    except NotAcceptable:
        assert "/" in header
