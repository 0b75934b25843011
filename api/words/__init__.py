"""Every word that pages of the service show, in Chinese and English."""

from __future__ import annotations

import tomllib
from collections.abc import Mapping
from functools import cache
from importlib.resources import files

from geo.words import Lang


@cache
def words(lang: Lang) -> Mapping[str, str]:
    """Open the book of one language.

    Parameters
    ----------
    lang : {"zh", "en"}
        The language.

    Returns
    -------
    mapping of str to str
        Word by key; an unknown key is a :class:`KeyError`.
    """
    return tomllib.loads(files(__name__).joinpath(f"{lang}.toml").read_text(encoding="utf-8"))
