"""One layer of a board, read back from its content: rows by number, fields by name.

Shapes are those of the build, whole: the content's own are written for a screen.
"""

from __future__ import annotations

import math
from collections.abc import Callable, Mapping
from functools import cached_property
from typing import TYPE_CHECKING, Any

import numpy as np
import shapely
from numpy.typing import NDArray

from maps import popup

if TYPE_CHECKING:
    from geo.service import Build

Shapes = NDArray[Any]


class Rows:
    """One layer of a board.

    Parameters
    ----------
    id : str
        Layer id.
    record : mapping
        Its part of :func:`maps.content.content`.
    build : Build
        Of which the board was made.
    other : callable
        Opens another layer of the board by its id.
    """

    def __init__(self, id: str, record: Mapping[str, Any], build: Build, other: Callable[[str], Rows]) -> None:
        self.id = id
        self._build = build
        self._other = other
        self.record = record
        self.rows: int = record["rows"]
        self.heading: str = record["heading"]
        self.key_field: str = record["key_field"]
        self.draw: str = record["draw"]
        self.fields = {field["name"]: field for field in record["fields"]}
        self._columns: dict[str, list[Any]] = {}

    def has(self, name: str) -> bool:
        """Say whether it has a field.

        Parameters
        ----------
        name : str
            Of the field.

        Returns
        -------
        bool
            Also where no row has a value.
        """
        return name in self.fields

    def values(self, name: str) -> list[Any]:
        """Read one field of all rows.

        Parameters
        ----------
        name : str
            Of the field; one that the board does not hold is read from the build.

        Returns
        -------
        list
            One a row; None where it is missing or there is no such field, infinite where there is no way.
        """
        if name not in self._columns:
            column = self.record["columns"].get(name)
            made = self._of_build(name) if column is None else self._read(name, column)
            self._columns[name] = [math.inf if value == "inf" else value for value in made]
        return self._columns[name]

    def get(self, row: int, name: str) -> Any:
        """Read one value.

        Parameters
        ----------
        row : int
            Row number.
        name : str
            Of the field.

        Returns
        -------
        Any
            As in :meth:`values`.
        """
        return self.values(name)[row]

    @cached_property
    def keys(self) -> list[str]:
        """Ids of all rows."""
        return [str(value) for value in self.values(self.key_field)]

    @cached_property
    def _places(self) -> dict[str, int]:
        return {key: row for row, key in enumerate(self.keys)}

    def find(self, key: str) -> int:
        """Find a row by its id.

        Parameters
        ----------
        key : str
            The id.

        Returns
        -------
        int
            Row number; -1 where there is none.
        """
        return self._places.get(key, -1)

    @cached_property
    def shapes(self) -> Shapes:
        """Geometry of all rows, EPSG:4326; None where there is none."""
        frame = self._build.frame(self.id)
        places = {str(value): at for at, value in enumerate(frame[self.key_field])}
        whole = np.array([*frame.geometry, None], dtype=object)
        taken: Shapes = whole[[places.get(key, len(frame)) for key in self.keys]]
        taken[shapely.is_empty(taken)] = None
        return taken

    def at(self, level: str | None, tree: str | None = None) -> list[int]:
        """List the rows of a view that have a shape.

        Parameters
        ----------
        level : str or None
            None = all.
        tree : str or None
            None = all.

        Returns
        -------
        list of int
            Row numbers.
        """
        there = [row for row in range(self.rows) if self.shapes[row] is not None]
        if level is not None:
            there = [row for row in there if self.get(row, "level") == level]
        return there if tree is None else [row for row in there if self.get(row, "tree") == tree]

    def _read(self, name: str, column: Mapping[str, Any]) -> list[Any]:
        if "like" in column:
            other = self._other(column["like"]).values(name)
            return [*other[: column["rows"]], *column["then"]] if "then" in column else other[: self.rows]
        return [column["all"]] * self.rows if "all" in column else popup.values_of(column)

    def _of_build(self, name: str) -> list[Any]:
        layer = next(one for one in self._build.layers() if one.id == self.id)
        if name not in {field.name for field in layer.fields}:
            return [None] * self.rows
        frame = self._build.frame(self.id)
        column = popup.columns(layer, frame, (name,))[name]
        values = [column["all"]] * len(frame) if "all" in column else popup.values_of(column)
        if name == layer.key:
            return values
        places = {str(value): at for at, value in enumerate(frame[layer.key])}
        return [values[places[key]] for key in self.keys]
