"""What a table looks like once it has been read: one :class:`Table` each, made of :class:`Column`."""

from __future__ import annotations

from dataclasses import dataclass
from typing import Literal

Dtype = Literal["string", "count", "float", "bool", "date", "datetime", "list", "wkb"]
Shape = Literal["Point", "LineString", "Polygon"]


@dataclass(frozen=True, slots=True)
class Column:
    """One column of a table.

    Parameters
    ----------
    name : str
        Name inside gridwalk.
    dtype : {"string", "count", "float", "bool", "date", "datetime", "list", "wkb"}
        ``count`` is a whole number ≥ 0 that may be missing; ``list`` a set of strings, ``;``-joined in files;
        ``wkb`` a second geometry.
    required : bool
        True = the column must be there and no value may be missing.
    zh : tuple of str
        Headings that people's files have, recognised without being declared.
    values : tuple of str
        The codes allowed; empty = any.
    minimum, maximum : float or None
        Closed limits of a number.
    default : str or float or bool or None
        What a missing value means.
    title_zh : str
        Heading in a blank spreadsheet; the first of ``zh`` when empty.
    """

    name: str
    dtype: Dtype = "string"
    required: bool = False
    zh: tuple[str, ...] = ()
    values: tuple[str, ...] = ()
    minimum: float | None = None
    maximum: float | None = None
    default: str | float | bool | None = None
    title_zh: str = ""

    @property
    def heading(self) -> str:
        """Heading of a blank spreadsheet."""
        return self.title_zh or (self.zh[0] if self.zh else self.name)


@dataclass(frozen=True, slots=True)
class Table:
    """The contract of one table.

    Parameters
    ----------
    name : str
        As in ``[tables.<name>]``.
    title_zh, title_en : str
        What people call it.
    columns : tuple of Column
        The first is the id; ids are unique.
    shapes : tuple of {"Point", "LineString", "Polygon"}
        Geometry types allowed, their multi-part forms included; empty = a table without geometry.
    geometry_required : bool
        False = rows without geometry are fine.
    key_unique : bool
        False = the first column may repeat (fixes of a patrol, edges given by their ends).
    published : bool
        False = never served, in no form.
    """

    name: str
    title_zh: str
    title_en: str
    columns: tuple[Column, ...]
    shapes: tuple[Shape, ...] = ()
    geometry_required: bool = True
    key_unique: bool = True
    published: bool = True

    @property
    def key(self) -> str:
        """Name of the id column."""
        return self.columns[0].name

    def column(self, name: str) -> Column:
        """Find a column by its name.

        Parameters
        ----------
        name : str
            Column name.

        Returns
        -------
        Column
            The column; an unknown name is a :class:`KeyError`.
        """
        return {column.name: column for column in self.columns}[name]
