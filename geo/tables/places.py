"""Places that people are assigned to or based at: which table has them, and what kinds there are."""

from __future__ import annotations

from dataclasses import dataclass

from geo.tables import TABLES


@dataclass(frozen=True, slots=True)
class Place:
    """A sort of place that a rule may be about.

    Parameters
    ----------
    table : str
        Where they are.
    kind : str
        The column that says their kind.
    target_type : str
        What assignments call them; empty = nobody is assigned, people are based there.
    """

    table: str
    kind: str
    target_type: str

    @property
    def key(self) -> str:
        """Name of the id column."""
        return TABLES[self.table].key

    @property
    def kinds(self) -> tuple[str, ...]:
        """The kinds there are; empty = any text."""
        return TABLES[self.table].column(self.kind).values


PLACES = {
    "grids": Place("grids", "kind", "grid"),
    "large_grids": Place("grids", "kind", "grid"),
    "stations": Place("stations", "category", "station"),
    "segments": Place("segments", "class", "segment"),
    "units": Place("units", "kind", "unit"),
    "posts": Place("posts", "kind", ""),
}
