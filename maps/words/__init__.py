"""Every word on a board, in Chinese and English: one string table for Python and for the browser."""

from __future__ import annotations

import tomllib
from collections.abc import Collection, Mapping
from functools import cache
from importlib.resources import files
from types import MappingProxyType

from geo.layer import Title
from geo.words import LANGS, Lang


@cache
def book(lang: Lang) -> Mapping[str, str]:
    """Read all words of one language.

    Parameters
    ----------
    lang : {"zh", "en"}
        The language.

    Returns
    -------
    mapping of str to str
        ``"section.name"`` → text, read-only; texts may hold ``{placeholders}``. A key that two files of the
        language have is a :class:`KeyError`.
    """
    words: dict[str, str] = {}
    for file in sorted(files(__name__).joinpath(lang).iterdir(), key=lambda file: file.name):
        sections = tomllib.loads(file.read_text(encoding="utf-8"))
        more = {f"{section}.{name}": text for section, names in sections.items() for name, text in names.items()}
        if twice := words.keys() & more:
            raise KeyError(f"{file.name} has {', '.join(sorted(twice))}, which another file has too")
        words |= more
    return MappingProxyType(words)


def title(key: str, **values: object) -> Title:
    """Say one text in both languages.

    Parameters
    ----------
    key : str
        ``"section.name"``; an unknown one is a :class:`KeyError`.
    **values : object
        What the placeholders stand for; a :class:`~geo.layer.Title` gives each language its own.

    Returns
    -------
    Title
        The text.
    """

    def filled(lang: Lang) -> str:
        own = {name: getattr(value, lang) if isinstance(value, Title) else value for name, value in values.items()}
        return book(lang)[key].format(**own)

    return Title(zh=filled("zh"), en=filled("en"))


def both(without: Collection[str] = ()) -> dict[str, dict[str, str]]:
    """Give the string table, for the browser.

    Parameters
    ----------
    without : collection of str
        Sections that are left out: a section that is named after a board is for that board alone.

    Returns
    -------
    dict
        ``{"zh": {"section.name": text}, "en": …}``.
    """
    return {
        lang: {key: text for key, text in book(lang).items() if key.partition(".")[0] not in without}
        for lang in LANGS
    }
