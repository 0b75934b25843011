"""Every slice's layers, and what each of them needs."""

from __future__ import annotations

from collections.abc import Collection, Iterable

import geo.border.layers
import geo.grid.layers
import geo.stations.layers
import geo.walk.layers
from geo.errors import UnknownLayer
from geo.layer import Artifact, Layer
from geo.tables import TABLES

LAYERS: tuple[Layer, ...] = (
    *geo.grid.layers.LAYERS,
    *geo.walk.layers.LAYERS,
    *geo.stations.layers.LAYERS,
    *geo.border.layers.LAYERS,
)
ARTIFACTS: tuple[Artifact, ...] = geo.walk.layers.ARTIFACTS
Made = Layer | Artifact
_BY_ID = {layer.id: layer for layer in LAYERS}
_MADE: dict[str, Made] = {**_BY_ID, **{artifact.id: artifact for artifact in ARTIFACTS}}


def layer(id: str) -> Layer:
    """Find a layer by its id.

    Parameters
    ----------
    id : str
        Layer id.

    Returns
    -------
    Layer
        The layer.

    Raises
    ------
    UnknownLayer
        No layer has that id; the message lists those that do.
    """
    if id not in _BY_ID:
        raise UnknownLayer(f"no layer {id!r}; known: {', '.join(sorted(_BY_ID))}")
    return _BY_ID[id]


def made(id: str) -> Made:
    """Find what a name stands for that is no table.

    Parameters
    ----------
    id : str
        Id of a layer or of an artifact.

    Returns
    -------
    Layer or Artifact
        What has that id; an unknown one is a :class:`KeyError`.
    """
    return _MADE[id]


def missing_tables(wanted: Made, present: Collection[str]) -> tuple[str, ...]:
    """List the tables without which a layer is not available.

    Parameters
    ----------
    wanted : Layer or Artifact
        What is wanted.
    present : collection of str
        Names of the tables that are there.

    Returns
    -------
    tuple of str
        Missing table names, sorted; empty = the layer is available. Needs of needed layers count.
    """
    missing: set[str] = set()
    for need in wanted.needs:
        if need not in TABLES:
            missing.update(missing_tables(made(need), present))
        elif need not in present:
            missing.add(need)
    return tuple(sorted(missing))


def inputs(wanted: Made, present: Collection[str]) -> tuple[str, ...]:
    """List the tables and layers that a layer is built from.

    Parameters
    ----------
    wanted : Layer or Artifact
        An available one.
    present : collection of str
        Names of the tables that are there.

    Returns
    -------
    tuple of str
        What it needs, then those of its optional inputs that can be had.
    """
    return (*wanted.needs, *(name for name in wanted.optional if _can_be_had(name, present)))


def tables_of(wanted: Iterable[Made], present: Collection[str]) -> frozenset[str]:
    """Collect the tables that some layers are built from, directly or through other layers.

    Parameters
    ----------
    wanted : iterable of Layer or Artifact
        Available layers.
    present : collection of str
        Names of the tables that are there.

    Returns
    -------
    frozenset of str
        Table names.
    """
    found: set[str] = set()
    for one in wanted:
        names = inputs(one, present)
        found.update(name for name in names if name in TABLES)
        found.update(tables_of((made(name) for name in names if name not in TABLES), present))
    return frozenset(found)


def params_of(wanted: Made) -> frozenset[str]:
    """Collect the parameters that an answer depends on, directly or through other layers.

    Parameters
    ----------
    wanted : Layer or Artifact
        Any.

    Returns
    -------
    frozenset of str
        Names of :class:`geo.parameters.Parameters`; those of optional inputs count, whether or not they are there.
    """
    names = (name for name in (*wanted.needs, *wanted.optional) if name not in TABLES)
    return frozenset(wanted.params).union(*(params_of(made(name)) for name in names))


def _can_be_had(name: str, present: Collection[str]) -> bool:
    return name in present if name in TABLES else not missing_tables(made(name), present)
