"""Every message that people read from :mod:`geo`, in Chinese and English."""

from __future__ import annotations

import tomllib
from functools import cache
from importlib.resources import files
from typing import Any, Literal

Lang = Literal["zh", "en"]
LANGS: tuple[Lang, ...] = ("zh", "en")


@cache
def _book(lang: Lang) -> dict[str, dict[str, str]]:
    return tomllib.loads(files(__name__).joinpath(f"{lang}.toml").read_text(encoding="utf-8"))


def say(key: str, lang: Lang = "en", **values: Any) -> str:
    """Say one message in one language.

    Parameters
    ----------
    key : str
        ``"section.name"`` as it stands in ``zh.toml`` and ``en.toml``.
    lang : {"zh", "en"}
        The language.
    **values : Any
        What the message's ``{placeholders}`` stand for.

    Returns
    -------
    str
        The message. An unknown key is a :class:`KeyError`: a test walks all keys of both books.
    """
    section, _, name = key.partition(".")
    return _book(lang)[section][name].format(**values)


@cache
def keys(lang: Lang) -> frozenset[str]:
    """List the keys of one book.

    Parameters
    ----------
    lang : {"zh", "en"}
        The language.

    Returns
    -------
    frozenset of str
        ``"section.name"`` for each message.
    """
    return frozenset(f"{section}.{name}" for section, words in _book(lang).items() for name in words)


def unit_word(unit: str, lang: Lang) -> str:
    """Say a unit in one language.

    Parameters
    ----------
    unit : str
        Unit of a field or a figure.
    lang : {"zh", "en"}
        The language.

    Returns
    -------
    str
        Its word; a unit without one (``FTE``, ``°``) is its own.
    """
    return say(f"unit.{unit}", lang) if f"unit.{unit}" in keys(lang) else unit
