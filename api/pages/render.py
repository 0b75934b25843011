"""Templates become pages; every text is escaped."""

from __future__ import annotations

import hashlib
from collections.abc import Mapping
from functools import cache
from importlib.resources import files
from pathlib import Path
from typing import Any

from jinja2 import Environment, FileSystemLoader, StrictUndefined

from api.answer import Asked
from api.links import address
from geo.layer import Title
from geo.report import show_share, show_value
from geo.words import LANGS, Lang, say, unit_word

HERE = Path(str(files(__package__)))
STYLE = "page.css"


def page(name: str, asked: Asked, **context: Any) -> bytes:
    """Make a page.

    Parameters
    ----------
    name : str
        Template, without its ending.
    asked : Asked
        The request; gives language and links to the other encodings.
    **context : Any
        What the template shows.

    Returns
    -------
    bytes
        HTML, UTF-8.
    """
    root = _root(asked)
    if "served" in context:
        context["home"] = f"{root}{context['served'].id}/"
    template = _templates().get_template(f"{name}.html")
    return template.render(
        asked=asked,
        lang=asked.lang,
        words=asked.words,
        other=next(lang for lang in LANGS if lang != asked.lang),
        root=root,
        style=f"{STYLE}?v={style_version()}",
        **context,
    ).encode()


@cache
def style() -> bytes:
    """Read the style sheet of all pages.

    Returns
    -------
    bytes
        CSS.
    """
    return (HERE / STYLE).read_bytes()


@cache
def style_version() -> str:
    """Name the content of the style sheet.

    Returns
    -------
    str
        12 hexadecimal digits, in the address that pages ask for.
    """
    return hashlib.sha256(style()).hexdigest()[:12]


@cache
def _templates() -> Environment:
    made = Environment(
        loader=FileSystemLoader(HERE / "templates"),
        autoescape=True,
        undefined=StrictUndefined,
        trim_blocks=True,
        lstrip_blocks=True,
        auto_reload=False,
    )
    made.globals.update(say=say, show_value=show_value, address=address)
    made.filters.update(number=_number, quantity=_quantity, unit=unit_word, in_=_in)
    return made


def _root(asked: Asked) -> str:
    """Give the way from this page up to ``/``, so that pages work behind any prefix."""
    depth = asked.request.scope["raw_path"].count(b"/") - 1
    return "../" * depth or "./"


def _in(text: Title | Mapping[str, str] | str, lang: Lang) -> str:
    if isinstance(text, Title):
        return text.zh if lang == "zh" else text.en
    return text if isinstance(text, str) else text[lang]


def _number(value: float) -> str:
    return f"{value:,.0f}" if value == int(value) or abs(value) >= 1000 else f"{value:,.2f}"


def _quantity(value: float, unit: str) -> str:
    if unit == "share":
        return show_share(value)
    return f"{value:,}" if isinstance(value, int) else f"{value:,.4g}" if abs(value) < 1000 else f"{value:,.0f}"
