"""What can go wrong, as one tree.

::

    GridwalkError
    ├── DataFault         files or tables cannot be used; carries every Fault found
    ├── UnknownLayer      no layer has that id
    ├── LayerUnavailable  a table that the layer needs is missing
    └── BadParameter      a parameter's name or value is wrong

A **Fault** is something wrong with data. Something wrong with the ground (a gap between grids,
an unassigned stretch) is a *finding*: a row of a result, never an error.
"""

from __future__ import annotations

import hashlib
from collections.abc import Iterable
from dataclasses import dataclass, field
from typing import Any, Literal, Self

from geo.words import Lang, say

Level = Literal["error", "warning", "info"]


@dataclass(frozen=True, slots=True)
class Fault:
    """Say what is wrong with one place in the data, and what to do.

    Parameters
    ----------
    code : str
        Key of the message: ``fault.<code>`` says the problem, ``remedy.<code>`` the remedy.
    table : str
        Table name, or ``workspace.toml``.
    row : str or int or None
        The row's id where it has one, else its number in the file counted from 1; None = whole table.
    column : str or None
        Column as the contract names it.
    level : {"error", "warning", "info"}
        An error sets the row (or, without a row, the table) aside.
    file : str
        File the row came from, relative to the workspace.
    values : dict
        What the placeholders of the two messages stand for; ``at``, where it is known, is the place as [longitude,
        latitude].
    """

    code: str
    table: str
    row: str | int | None = None
    column: str | None = None
    level: Level = "error"
    file: str = ""
    values: dict[str, Any] = field(default_factory=dict, hash=False)

    def problem(self, lang: Lang = "en") -> str:
        """Say what is wrong.

        Parameters
        ----------
        lang : {"zh", "en"}
            The language.

        Returns
        -------
        str
            One sentence.
        """
        return say(f"fault.{self.code}", lang, **self.values)

    def remedy(self, lang: Lang = "en") -> str:
        """Say what to do about it.

        Parameters
        ----------
        lang : {"zh", "en"}
            The language.

        Returns
        -------
        str
            One sentence.
        """
        return say(f"remedy.{self.code}", lang, **self.values)

    def record(self) -> dict[str, Any]:
        """Turn the fault into plain values for JSON.

        Returns
        -------
        dict
            Keys ``level code file table row column problem remedy``; the last two by language. Where the place is
            known, also ``at``: longitude and latitude.
        """
        record = {
            "level": self.level,
            "code": self.code,
            "file": self.file,
            "table": self.table,
            "row": self.row,
            "column": self.column,
            "problem": {"zh": self.problem("zh"), "en": self.problem("en")},
            "remedy": {"zh": self.remedy("zh"), "en": self.remedy("en")},
        }
        return record | {"at": self.values["at"]} if "at" in self.values else record

    def __str__(self) -> str:
        place = ", ".join(
            part
            for part in (
                self.file or self.table,
                f"row {self.row}" if self.row is not None else "",
                self.column or "",
            )
            if part
        )
        return f"{place}: {self.problem('en')}; {self.remedy('en')}"


class GridwalkError(Exception):
    """Something that the caller can understand and mend."""

    _said: tuple[str, dict[str, Any]] | None = None

    @classmethod
    def said(cls, key: str, **values: Any) -> Self:
        """Make an error of a message that there is in both languages.

        Parameters
        ----------
        key : str
            Key of the message in section ``error``.
        **values : Any
            What its placeholders stand for.

        Returns
        -------
        Self
            Its text is the English one.
        """
        error = cls(say(f"error.{key}", "en", **values))
        error._said = (key, values)
        return error

    def problem(self, lang: Lang = "en") -> str:
        """Say what is wrong and what would be right.

        Parameters
        ----------
        lang : {"zh", "en"}
            The language.

        Returns
        -------
        str
            The message; one that there is only in English, in English.
        """
        if self._said is None:
            return str(self)
        key, values = self._said
        return say(f"error.{key}", lang, **values)


class DataFault(GridwalkError):
    """Files or tables cannot be used; carries every fault found.

    Parameters
    ----------
    faults : iterable of Fault
        At least one of level ``error``.
    """

    def __init__(self, faults: Iterable[Fault]) -> None:
        self.faults = tuple(faults)
        first = next((fault for fault in self.faults if fault.level == "error"), self.faults[0])
        super().__init__(f"{len(self.faults)} faults; first: {first}")


class UnknownLayer(GridwalkError):
    """No layer has that id."""


class LayerUnavailable(GridwalkError):
    """A table that the layer needs is missing."""


class BadParameter(GridwalkError):
    """A parameter's name or value is wrong."""


def finding_id(kind: str, members: Iterable[str], parent: str, x_m: float, y_m: float) -> str:
    """Name a finding so that the same finding has the same name in every run and row order.

    Parameters
    ----------
    kind : str
        What was found.
    members : iterable of str
        Ids of the grids, segments or markers concerned, in any order.
    parent : str
        Id of the division or border it lies in.
    x_m, y_m : float
        Its place, metres; only whole metres matter.

    Returns
    -------
    str
        Twelve hexadecimal digits.
    """
    text = "|".join((kind, ";".join(sorted(members)), parent, f"{x_m:.0f}", f"{y_m:.0f}"))
    return hashlib.blake2b(text.encode(), digest_size=6).hexdigest()
