"""Every message is there in both languages, with the same placeholders."""

from __future__ import annotations

import re
import string
from pathlib import Path

import pytest

from geo.errors import BadParameter, GridwalkError
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


def test_every_error_in_both_languages_is_raised_somewhere() -> None:
    root = Path(__file__).parent.parent
    code = "".join(path.read_text() for part in ("geo", "maps", "api") for path in (root / part).rglob("*.py"))
    assert set(re.findall(r'\.said\(\s*"(\w+)"', code)) == {
        key.removeprefix("error.") for key in keys("en") if key.startswith("error.")
    }


def test_an_error_says_what_is_wrong_in_both_languages() -> None:
    error = BadParameter.said("bad_choice", name="paper", given="A5", known="A3, A4")
    assert str(error) == error.problem() == "paper must be one of A3, A4, not 'A5'"
    assert error.problem("zh") == "paper 只能是 A3, A4，不能是“A5”"
    assert GridwalkError("only in English").problem("zh") == "only in English"
