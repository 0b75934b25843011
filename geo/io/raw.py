"""What a reader hands on: the rows of one file as the file has them, and what was wrong with them."""

from __future__ import annotations

from collections.abc import Iterable
from dataclasses import dataclass, field
from typing import Any

import numpy as np
import pandas as pd
from numpy.typing import NDArray

from geo.errors import Fault, Level

Geometries = NDArray[Any]


class Unreadable(Exception):
    """A file, or a table, cannot be used; ``code`` and ``values`` are those of the fault to report.

    Parameters
    ----------
    code : str
        Key of the message.
    column : str or None
        Column concerned.
    **values : Any
        What the message's placeholders stand for.
    """

    def __init__(self, code: str, column: str | None = None, **values: Any) -> None:
        super().__init__(code)
        self.code = code
        self.column = column
        self.values = values


@dataclass
class Raw:
    """The rows of one file, headings and values as the file has them.

    Parameters
    ----------
    frame : pandas.DataFrame
        One row a record, index 0…n-1.
    geometry : numpy.ndarray of shapely geometry or None
        In the file's coordinates; None = the file has none.
    crs : str
        What the file says about its coordinates, for PROJ; empty = nothing.
    numbers : numpy.ndarray of int or None
        Number of each record for a person who looks at the file; None = 1…n.
    implied : bool
        True = the file says nothing, but its format implies lon/lat (GeoJSON, GeoParquet).
    encoding : str
        How text was decoded.
    rise : numpy.ndarray of float or None
        Metres that each line's end lies above its start, NaN = unknown; None = the file has no heights.
    problems : list
        ``(position, code, column, values)`` of rows that cannot be used.
    notes : list
        ``(code, level, values)`` about the whole file.
    """

    frame: pd.DataFrame
    geometry: Geometries | None = None
    crs: str = ""
    numbers: NDArray[Any] | None = None
    implied: bool = False
    encoding: str = ""
    rise: NDArray[Any] | None = None
    problems: list[tuple[int, str, str | None, dict[str, Any]]] = field(default_factory=list)
    notes: list[tuple[str, Level, dict[str, Any]]] = field(default_factory=list)


@dataclass
class Ledger:
    """Collects what is wrong with the rows of one file until their ids are known.

    Parameters
    ----------
    table, file : str
        Named in every fault.
    numbers : numpy.ndarray of int or None
        Number of each row in the file; None = 1…n.
    """

    table: str
    file: str
    numbers: NDArray[Any] | None = None
    whole: list[Fault] = field(default_factory=list)
    rows: list[tuple[int, str, str | None, Level, dict[str, Any]]] = field(default_factory=list)

    def note(self, code: str, column: str | None = None, level: Level = "error", **values: Any) -> None:
        """Report something about the whole file.

        Parameters
        ----------
        code : str
            Key of the message.
        column : str or None
            Column concerned.
        level : {"error", "warning", "info"}
            An error sets the whole table aside.
        **values : Any
            What the message's placeholders stand for.
        """
        self.whole.append(Fault(code, self.table, None, column, level, self.file, values))

    def reject(
        self, positions: Iterable[Any], code: str, column: str | None = None, level: Level = "error", **values: Any
    ) -> None:
        """Report something about rows.

        Parameters
        ----------
        positions : iterable of int
            Which rows, from 0.
        code : str
            Key of the message.
        column : str or None
            Column concerned.
        level : {"error", "warning", "info"}
            An error sets the rows aside.
        **values : Any
            What the message's placeholders stand for.
        """
        self.rows.extend((int(at), code, column, level, values) for at in positions)

    @property
    def failed(self) -> bool:
        """True once the whole table has an error."""
        return any(fault.level == "error" for fault in self.whole)

    def bad(self, length: int, column: str | None = None) -> NDArray[np.bool_]:
        """Mark the rows that are set aside.

        Parameters
        ----------
        length : int
            Number of rows.
        column : str or None
            Only for what is wrong in this column; None = in any.

        Returns
        -------
        numpy.ndarray of bool
            Shape (length,).
        """
        mask = np.zeros(length, dtype=bool)
        mask[[at for at, _, where, level, _ in self.rows if level == "error" and column in (None, where)]] = True
        return mask

    def row_name(self, at: Any, id: Any) -> str | int:
        """Name a row for people.

        Parameters
        ----------
        at : int
            Which row, from 0.
        id : object
            Its id, if it has one.

        Returns
        -------
        str or int
            The id, else its number in the file.
        """
        if isinstance(id, str) and id:
            return id
        return int(at) + 1 if self.numbers is None else int(self.numbers[at])
