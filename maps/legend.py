"""Which class a row is in, and what the class is called: made from the layer's own measure and breaks."""

from __future__ import annotations

from dataclasses import dataclass, replace
from itertools import pairwise
from typing import Any

import geopandas as gpd
import numpy as np

from geo.crs import area_m2
from geo.layer import Field, Layer, Title
from geo.parameters import Parameters
from maps import palette, words

COUNTED = frozenset({"people", "households"})  # units that the heading of a legend says
EMPTY_TO_DENSE = (0.02, 0.10, 0.30)  # where the people live: shares of all people at which a step of tone ends


@dataclass(frozen=True, slots=True)
class Class:
    """One line of a legend.

    Parameters
    ----------
    label : Title
        What it stands for.
    fills : tuple of str
        One colour for each step of tone, from empty to dense; a single one where tone says nothing.
    ink : str
        What can be read on the last of the fills.
    dash, gap : str
        Of lines: lengths on and off in widths (empty = solid), and the colour between.
    letter : Title or None
        Of states.
    """

    label: Title
    fills: tuple[str, ...]
    ink: str
    dash: str = ""
    gap: str = palette.PAPER
    letter: Title | None = None

    def record(self) -> dict[str, Any]:
        """Turn the class into plain values for JSON.

        Returns
        -------
        dict
            The fields; titles by language.
        """
        return {
            "label": self.label.record(),
            "fills": self.fills,
            "ink": self.ink,
            "dash": self.dash,
            "gap": self.gap,
            "letter": self.letter.record() if self.letter else None,
        }


@dataclass(frozen=True, slots=True)
class Legend:
    """The key to one coloured layer, best class first.

    Parameters
    ----------
    title : Title
        Heading: the measure.
    classes : tuple of Class
        At most five of a measure; as many as there are states.
    limit_after : int or None
        The break that decides is drawn under this class.
    limit : Title or None
        What that break is called.
    """

    title: Title
    classes: tuple[Class, ...]
    limit_after: int | None = None
    limit: Title | None = None

    def record(self) -> dict[str, Any]:
        """Turn the legend into plain values for JSON.

        Returns
        -------
        dict
            The fields; titles by language.
        """
        return {
            "title": self.title.record(),
            "classes": [one.record() for one in self.classes],
            "limit_after": self.limit_after,
            "limit": self.limit.record() if self.limit else None,
        }


def classify(layer: Layer, frame: gpd.GeoDataFrame, parameters: Parameters) -> tuple[Legend, list[int]]:
    """Put every row of a layer into its class.

    Parameters
    ----------
    layer : Layer
        With a ``measure``: a number with ``breaks``, or a string with ``values``.
    frame : geopandas.GeoDataFrame
        What it built.
    parameters : Parameters
        With what it was built.

    Returns
    -------
    Legend
        Best class first (for a string, in the order of its values).
    list of int
        Class of each row; -1 where the measure is missing. A value on a break is on the better side of it;
        an infinite time is in the worst class.
    """
    if layer.measure is None:
        raise ValueError(f"layer {layer.id!r} has no measure to colour by")
    field = layer.field(layer.measure)
    if field.values:
        return _of_codes(field, frame[field.name])
    return _of_numbers(layer, field, frame[field.name], parameters)


def tones(frame: gpd.GeoDataFrame, weight: str, group: str | None = None) -> list[int] | None:
    """Say how densely each area is lived in, so that huge empty ones do not outshout the town.

    Parameters
    ----------
    frame : geopandas.GeoDataFrame
        Areas.
    weight : str
        Column with people or households; missing counts as none.
    group : str or None
        Column; areas are compared within one value of it (places of one level).

    Returns
    -------
    list of int or None
        Step 0 (the 2 % of the people who live most thinly, and empty ground) to 3 (the densest 70 %), from
        which :data:`maps.palette.TONES` makes the colour; None where nobody is known of.
    """
    people = frame[weight].astype(float).fillna(0.0).to_numpy() if weight in frame else np.zeros(len(frame))
    if not people.any():
        return None
    density = people / np.maximum(np.nan_to_num(area_m2(frame.geometry)), 1.0)
    step = np.zeros(len(frame), dtype=int)
    groups = frame[group].to_numpy() if group else np.zeros(len(frame))
    for value in dict.fromkeys(groups):
        rows = np.flatnonzero(groups == value)
        order = rows[np.argsort(density[rows], kind="stable")]
        below = np.cumsum(people[order]) / max(people[order].sum(), 1.0)
        step[order] = np.searchsorted(EMPTY_TO_DENSE, below, side="left")
    step[people == 0] = 0
    return [int(value) for value in step]


def shade(legend: Legend) -> Legend:
    """Give each class of a legend its colour at every step of tone.

    Parameters
    ----------
    legend : Legend
        With one colour a class.

    Returns
    -------
    Legend
        With as many as there are tones, palest first.
    """
    classes = tuple(
        replace(one, fills=tuple(palette.blend(one.fills[-1], tone) for tone in palette.TONES))
        for one in legend.classes
    )
    return replace(legend, classes=classes)


def _of_codes(field: Field, column: Any) -> tuple[Legend, list[int]]:
    codes = list(field.values)
    known = set(codes) <= set(palette.STATES)
    classes = []
    for number, (code, label) in enumerate(field.values.items()):
        if known:
            stroke = palette.STATES[code]
            letter = words.title(f"letter.{code}")
            classes.append(
                Class(label, (stroke.colour,), palette.ink_on(stroke.colour), stroke.dash, stroke.gap, letter)
            )
        else:
            other = palette.CATEGORIES[number] if number < len(palette.CATEGORIES) else palette.MISSING
            colour = palette.NAMED.get(code, other)
            classes.append(Class(label, (colour,), palette.ink_on(colour)))
    place = {code: number for number, code in enumerate(codes)}
    return Legend(field.title, tuple(classes)), [place.get(value, -1) for value in column]


def _of_numbers(layer: Layer, field: Field, column: Any, parameters: Parameters) -> tuple[Legend, list[int]]:
    breaks = layer.breaks(parameters) if layer.breaks else ()
    limit = layer.limit(parameters) if layer.limit else None
    values = column.astype(float).to_numpy(dtype=float, na_value=np.nan)
    high = layer.good == "high"
    at = np.searchsorted(np.asarray(breaks, dtype=float), values, side="right" if high else "left")
    at = np.where(np.isnan(values), -1, (len(breaks) - at) if high else at)
    labels = _labels(breaks, field, high=high)
    split = _split(breaks, limit, layer.good)
    good = len(labels) if layer.good is None else split + 1
    colours = palette.ramp(good, len(labels) - good)
    classes = tuple(
        Class(label, (colour,), palette.ink_on(colour)) for label, colour in zip(labels, colours, strict=True)
    )
    if limit is None or limit not in breaks:
        return Legend(field.title, classes), [int(value) for value in at]
    return Legend(field.title, classes, split, _quantity(limit, field)), [int(value) for value in at]


def _split(breaks: tuple[float, ...], limit: float | None, good: str | None) -> int:
    """Number of the last good class, counted from the best; without a limit the middle."""
    if limit is None or limit not in breaks:
        return len(breaks) // 2
    below = breaks.index(limit)
    return len(breaks) - 1 - below if good == "high" else below


def _labels(breaks: tuple[float, ...], field: Field, *, high: bool) -> list[Title]:
    if not breaks:
        return [field.title]
    first, last = ("below", "from") if high else ("up_to", "above")
    nobody = breaks[0] == 0 and not high  # of what cannot be less
    bare = replace(field, unit="") if field.unit in COUNTED else field
    labels = [words.title("class.nobody" if nobody else f"class.{first}", limit=_quantity(breaks[0], bare))]
    labels += [
        words.title("class.between", low=_number(low, bare), high=_quantity(up, bare))
        for low, up in pairwise(breaks)
    ]
    labels.append(words.title(f"class.{last}", limit=_quantity(breaks[-1], bare)))
    return labels[::-1] if high else labels


def _number(value: float, field: Field) -> str:
    return f"{value * 100:g}" if field.unit == "share" else f"{value:,g}"


def _quantity(value: float, field: Field) -> Title:
    number = _number(value, field)
    if field.unit == "share":
        return Title(f"{number}%", f"{number}%")
    if f"unit.{field.unit}" not in words.book("zh"):
        return Title(number, number)
    return words.title("class.quantity", number=number, unit=words.title(f"unit.{field.unit}"))
