"""Changing a manifest that a person wrote, comments and order kept."""

from __future__ import annotations

import tomllib
from collections.abc import Mapping
from typing import Any

import tomlkit
from tomlkit.exceptions import TOMLKitError
from tomlkit.items import AoT, Table

from geo.errors import DataFault, Fault
from geo.workspace import MANIFEST


def exchange_tables(text: str, drop: str, into: str, entry: Mapping[str, str]) -> str:
    """Take all files of one table out of a manifest and give another table one more file.

    Parameters
    ----------
    text : str
        Content of ``workspace.toml``.
    drop : str
        Table whose entries go.
    into : str
        Table that gets one more, as its last.
    entry : mapping of str to str
        Keys of the new entry.

    Returns
    -------
    str
        The same manifest otherwise, with its comments. A manifest in a form that cannot be changed so is a
        :class:`DataFault`.
    """
    meant = _plainly(tomllib.loads(text), drop, into, entry)
    try:
        document: Any = tomlkit.parse(text)
        tables = document["tables"]
        del tables[drop]
        _append(tables, into, entry)
        made = tomlkit.dumps(document)
        if tomllib.loads(made) != meant:
            raise ValueError(into)
    except (TOMLKitError, tomllib.TOMLDecodeError, TypeError, ValueError) as error:
        values = {"drop": drop, "into": into, "reason": str(error)}
        raise DataFault([Fault("manifest_form", MANIFEST, file=MANIFEST, values=values)]) from None
    return made


def _plainly(plain: dict[str, Any], drop: str, into: str, entry: Mapping[str, str]) -> dict[str, Any]:
    tables = {name: files for name, files in plain["tables"].items() if name != drop}
    before = tables.get(into, [])
    tables[into] = [*(before if isinstance(before, list) else [before]), dict(entry)]
    return {**plain, "tables": tables}


def _append(tables: Any, name: str, entry: Mapping[str, str]) -> None:
    """Add a ``[[tables.X]]``; one that is alone, ``[tables.X]``, becomes the first of two."""
    new = tomlkit.table()
    new.update(entry)
    new.add(tomlkit.nl())
    before = tables.get(name)
    if isinstance(before, AoT):
        before.append(new)
        return
    files = tomlkit.aot()
    if before is not None:
        if not isinstance(before, Table):
            alone, before = before.unwrap(), tomlkit.table()
            before.update(alone)
        files.append(before)
    files.append(new)
    tables[name] = files
