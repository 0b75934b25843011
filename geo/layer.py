"""What can be asked for: a :class:`Layer` names its inputs, describes its output and builds it."""

from __future__ import annotations

from collections.abc import Callable, Mapping
from dataclasses import dataclass, field
from typing import Any, Literal, Protocol

import geopandas as gpd
from numpy.typing import NDArray

from geo.parameters import Parameters

Tables = Mapping[str, Any]  # tables and layers as frames, artifacts as what they are, by name
Kind = Literal["string", "integer", "number", "boolean", "date", "date-time", "list"]
Good = Literal["low", "high"]
Draw = Literal["area", "line", "point", "none"]


@dataclass(frozen=True, slots=True)
class Title:
    """A text in both languages."""

    zh: str
    en: str

    def record(self) -> dict[str, str]:
        """Turn the title into plain values for JSON.

        Returns
        -------
        dict
            ``{"zh": …, "en": …}``.
        """
        return {"zh": self.zh, "en": self.en}


@dataclass(frozen=True, slots=True)
class Field:
    """One column of a layer's output.

    Parameters
    ----------
    name : str
        Column name.
    kind : {"string", "integer", "number", "boolean", "date", "date-time", "list"}
        ``list`` is a list of strings, ``;``-joined on the wire.
    title : Title
        Heading for people.
    unit : str
        Unit, empty without one. Shares are 0–1 with unit ``share``.
    meaning : Title or None
        What it says beyond the heading; the data dictionary prints it.
    values : dict of str to Title
        The codes a string may take, in their order, with words for them; empty = free text.
    """

    name: str
    kind: Kind
    title: Title
    unit: str = ""
    meaning: Title | None = None
    values: Mapping[str, Title] = field(default_factory=dict)


def _plain(number: float | None) -> float | None:
    return None if number is None or number != number else float(number)  # numpy's own; NaN says "missing"


@dataclass(frozen=True, slots=True)
class Figure:
    """One number people quote, with what it is a share of.

    Parameters
    ----------
    id : str
        ``<layer id>.<name>``.
    title : Title
        What it is.
    value : float or None
        The number; None = not available.
    unit : str
        ``share``, ``people``, ``grids``, ``m``, ``m²``, …
    numerator, denominator : float or None
        Of a share; both or neither.
    method : Title or None
        How it was made and in which direction it errs.
    good : {"low", "high"} or None
        Which way is good.
    of : str
        Unit of numerator and denominator, where it is not ``unit``.
    """

    id: str
    title: Title
    value: float | None
    unit: str
    numerator: float | None = None
    denominator: float | None = None
    method: Title | None = None
    good: Good | None = None
    of: str = ""

    def record(self) -> dict[str, Any]:
        """Turn the figure into plain values for JSON.

        Returns
        -------
        dict
            The fields; titles by language.
        """
        return {
            "id": self.id,
            "title": self.title.record(),
            "value": _plain(self.value),
            "unit": self.unit,
            "numerator": _plain(self.numerator),
            "denominator": _plain(self.denominator),
            "of": self.of or (self.unit if self.unit != "share" else ""),
            "method": self.method.record() if self.method else None,
            "good": self.good,
        }


def share(
    id: str,
    title: Title,
    numerator: float,
    denominator: float,
    *,
    good: Good,
    method: Title | None = None,
    of: str = "",
) -> Figure:
    """Make a figure that is a share; without a denominator its value is missing.

    Parameters
    ----------
    id : str
        Figure id.
    title : Title
        What it is.
    numerator, denominator : float
        In one unit.
    good : {"low", "high"}
        Which way is good.
    method : Title or None
        How it was made.
    of : str
        Unit of numerator and denominator.

    Returns
    -------
    Figure
        With unit ``share``.

    Examples
    --------
    >>> share("a.b", Title("甲", "A"), 3, 4, good="high").value
    0.75
    >>> share("a.b", Title("甲", "A"), 0, 0, good="high").value is None
    True
    """
    value = numerator / denominator if denominator else None
    return Figure(id, title, value, "share", float(numerator), float(denominator), method, good, of)


Build = Callable[[Tables, Parameters], gpd.GeoDataFrame]
Figures = Callable[[gpd.GeoDataFrame, Parameters], tuple[Figure, ...]]
Breaks = Callable[[Parameters], tuple[float, ...]]


def _no_figures(frame: gpd.GeoDataFrame, parameters: Parameters) -> tuple[Figure, ...]:  # noqa: ARG001 (Figures)
    return ()


@dataclass(frozen=True, slots=True)
class Layer:
    """One thing that can be asked for, from tables to a GeoDataFrame.

    Parameters
    ----------
    id : str
        Kebab-case noun; never renamed.
    title, description : Title
        Name, and one or two sentences that say what a row is.
    needs : tuple of str
        Tables, or ids of other layers, without which it is not available. A name that is both is the table.
    fields : tuple of Field
        Output columns in order; the first is the feature id. Geometry comes beside them.
    build : callable
        Pure: ``(tables, parameters) -> GeoDataFrame`` in EPSG:4326.
    draw : {"area", "line", "point", "none"}
        What the geometry is.
    optional : tuple of str
        Tables or layers that are used where they are there.
    params : tuple of str
        Names of the :class:`Parameters` that the answer depends on.
    measure : str or None
        Field to colour by: a number (classed by ``breaks``) or a string with ``values``.
    good : {"low", "high"} or None
        Which way of the measure is good.
    breaks : callable or None
        ``parameters -> class limits``, ascending, at most four.
    limit : callable or None
        ``parameters -> the one break that decides`` (the 15 minutes), drawn as a line.
    private : bool
        True = kept in ``out/private`` as an input of other layers; never published, served or drawn.
    figures : callable
        ``(frame, parameters) -> figures`` of this layer.
    halo_m : float
        How far beyond a division its rows depend on ground, metres.
    """

    id: str
    title: Title
    description: Title
    needs: tuple[str, ...]
    fields: tuple[Field, ...]
    build: Build
    draw: Draw
    optional: tuple[str, ...] = ()
    params: tuple[str, ...] = ()
    measure: str | None = None
    good: Good | None = None
    breaks: Breaks | None = None
    limit: Callable[[Parameters], float] | None = None
    private: bool = False
    figures: Figures = _no_figures
    halo_m: float = 0.0

    def field(self, name: str) -> Field:
        """Find a field by its name.

        Parameters
        ----------
        name : str
            Column name.

        Returns
        -------
        Field
            The field; an unknown name is a :class:`KeyError`.
        """
        return {field.name: field for field in self.fields}[name]

    @property
    def key(self) -> str:
        """Name of the feature id."""
        return self.fields[0].name


class Arrays(Protocol):
    """What can be laid down as arrays."""

    def arrays(self) -> dict[str, NDArray[Any]]:
        """Lay it down.

        Returns
        -------
        dict of str to numpy.ndarray
            By name; none holds objects.
        """


@dataclass(frozen=True, slots=True)
class Artifact:
    """Something that layers are built from and that is no table: kept as arrays, never published.

    Parameters
    ----------
    id : str
        Kebab-case noun.
    needs : tuple of str
        As of a :class:`Layer`.
    build : callable
        Pure: ``(tables, parameters) -> something with arrays()``.
    load : callable
        ``arrays -> the same thing``.
    optional, params : tuple of str
        As of a :class:`Layer`.
    """

    id: str
    needs: tuple[str, ...]
    build: Callable[[Tables, Parameters], Arrays]
    load: Callable[[Mapping[str, NDArray[Any]]], Any]
    optional: tuple[str, ...] = ()
    params: tuple[str, ...] = ()

    @property
    def private(self) -> bool:
        """Always."""
        return True
