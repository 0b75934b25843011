"""Every message is there in both languages, with the same placeholders."""

from __future__ import annotations

import string

import pytest

from geo.words import LANGS, Lang, keys, say
from geo.words import _book as book


def placeholders(key: str, lang: Lang) -> set[str]:
    section, _, name = key.partition(".")
    return {field for _, field, _, _ in string.Formatter().parse(book(lang)[section][name]) if field}


def same_in_any_language(fields: set[str]) -> set[str]:
    return {field.removesuffix("_zh").removesuffix("_en") for field in fields}


def test_both_books_have_the_same_keys() -> None:
    assert keys("zh") == keys("en")


@pytest.mark.parametrize("key", sorted(keys("en")))
def test_both_languages_say_the_same_things(key: str) -> None:
    assert same_in_any_language(placeholders(key, "zh")) == same_in_any_language(placeholders(key, "en"))


@pytest.mark.parametrize("key", sorted(keys("en")))
def test_every_message_can_be_said(key: str) -> None:
    values = dict.fromkeys(placeholders(key, "en") | placeholders(key, "zh"), "…")
    assert all(say(key, lang, **values) for lang in LANGS)


def test_every_fault_has_a_remedy() -> None:
    problems = {key.removeprefix("fault.") for key in keys("en") if key.startswith("fault.")}
    remedies = {key.removeprefix("remedy.") for key in keys("en") if key.startswith("remedy.")}
    assert problems == remedies
