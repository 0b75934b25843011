"""What must hold between tables: every id that is named somewhere exists where it belongs."""

from __future__ import annotations

from collections.abc import Iterator, Mapping
from dataclasses import dataclass
from typing import Any

import pandas as pd

from geo.errors import Fault
from geo.tables import TABLES
from geo.tables.frontier import TARGET_KINDS

Tables = Mapping[str, Any]


@dataclass(frozen=True, slots=True)
class Reference:
    """A column whose values are ids of another table.

    Parameters
    ----------
    table, column : str
        Where they are named.
    target : str
        The table where they must exist.
    names : tuple of str
        Its columns that count as ids.
    """

    table: str
    column: str
    target: str
    names: tuple[str, ...]


REFERENCES = (
    Reference("divisions", "parent_id", "divisions", ("division_id",)),
    Reference("grids", "division_id", "divisions", ("division_id",)),
    Reference("grids", "parent_grid_id", "grids", ("grid_id",)),
    Reference("staff", "division_id", "divisions", ("division_id",)),
    Reference("staff", "post_id", "posts", ("post_id",)),
    Reference("assignments", "staff_id", "staff", ("staff_id",)),
    Reference("assignments", "border_id", "border", ("border_id",)),
    Reference("units", "grid_id", "grids", ("grid_id",)),
    Reference("stations", "hub_id", "stations", ("station_id",)),
    Reference("markers", "border_id", "border", ("border_id",)),
    Reference("segments", "border_id", "border", ("border_id",)),
    Reference("segments", "post_id", "posts", ("post_id",)),
    Reference("segments", "start_marker", "markers", ("number", "marker_id")),
    Reference("segments", "end_marker", "markers", ("number", "marker_id")),
    Reference("fences", "border_id", "border", ("border_id",)),
    Reference("fences", "post_id", "posts", ("post_id",)),
    Reference("fences", "start_marker", "markers", ("number", "marker_id")),
    Reference("fences", "end_marker", "markers", ("number", "marker_id")),
    Reference("defects", "border_id", "border", ("border_id",)),
    Reference("defects", "marker", "markers", ("number", "marker_id")),
    Reference("defects", "patrol_id", "patrols", ("patrol_id",)),
    Reference("targets", "border_id", "border", ("border_id",)),
    Reference("targets", "post_id", "posts", ("post_id",)),
    Reference("targets", "division_id", "divisions", ("division_id",)),
    Reference("posts", "division_id", "divisions", ("division_id",)),
    Reference("patrols", "staff_id", "staff", ("staff_id",)),
    Reference("patrols", "post_id", "posts", ("post_id",)),
    Reference("patrols", "border_id", "border", ("border_id",)),
    Reference("patrols", "start_marker", "markers", ("number", "marker_id")),
    Reference("patrols", "end_marker", "markers", ("number", "marker_id")),
    Reference("tracks", "patrol_id", "patrols", ("patrol_id",)),
    Reference("visits", "patrol_id", "patrols", ("patrol_id",)),
    Reference("visits", "staff_id", "staff", ("staff_id",)),
    Reference("visits", "post_id", "posts", ("post_id",)),
    Reference("visits", "border_id", "border", ("border_id",)),
)
TARGETS = {  # of rows that name what they are about: its kind, and where its id is
    "assignments": {
        "grid": ("grids", "grid_id"),
        "segment": ("segments", "segment_id"),
        "station": ("stations", "station_id"),
        "unit": ("units", "unit_id"),
    },
    "visits": {
        "marker": ("markers", "marker_id"),
        "fence": ("fences", "fence_id"),
        **dict.fromkeys(TARGET_KINDS, ("targets", "target_id")),
    },
}


def check_relations(tables: Tables) -> tuple[Fault, ...]:
    """Find ids that are named in one table and exist in no other.

    Parameters
    ----------
    tables : mapping of str to DataFrame
        As :func:`geo.tables.conform.conform` gives them.

    Returns
    -------
    tuple of Fault
        A warning for each row that names an unknown id, table by table in row order. A missing id is none; ids of
        a table that is not there are not asked about.
    """
    return (*_unknown(tables), *_unknown_targets(tables))


def _unknown(tables: Tables) -> Iterator[Fault]:
    for reference in REFERENCES:
        if reference.table not in tables or reference.target not in tables:
            continue
        frame, target = tables[reference.table], tables[reference.target]
        known: set[str] = set()
        for name in reference.names:
            known |= set(target[name].dropna())
        named = frame[reference.column]
        yield from _report(frame, reference.table, reference.column, reference.target, named, known)


def _unknown_targets(tables: Tables) -> Iterator[Fault]:
    for table, kinds in TARGETS.items():
        if table not in tables:
            continue
        frame = tables[table]
        for kind, (target, name) in kinds.items():
            if target in tables:
                named = frame["target_id"].where(frame["target_type"] == kind)
                yield from _report(frame, table, "target_id", target, named, set(tables[target][name].dropna()))


def _report(
    frame: Any, table: str, column: str, target: str, named: pd.Series, known: set[str]
) -> Iterator[Fault]:
    lost = named.notna() & ~named.isin(known)
    keys = frame[TABLES[table].key]
    for at in lost.to_numpy().nonzero()[0]:
        values = {"id": str(named.iloc[at]), "target": target}
        yield Fault("reference_unknown", table, str(keys.iloc[at]), column, "warning", "", values)
