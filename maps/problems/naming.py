"""How things are called and lengths are written in a sentence: names for ids, units that read best."""

from __future__ import annotations

from collections import Counter
from collections.abc import Mapping, Sequence
from dataclasses import dataclass

import geopandas as gpd
import numpy as np

from geo.layer import Title
from maps import words

NAMED = 4  # of several ids


@dataclass(frozen=True, slots=True)
class Names:
    """What ids stand for.

    Parameters
    ----------
    known : mapping of str to mapping
        By layer: name by id.
    """

    known: Mapping[str, Mapping[str, str]]

    def of(self, layer_id: str, id: str) -> str:
        """Name a thing.

        Parameters
        ----------
        layer_id : str
            Layer that it is a row of.
        id : str
            Its id.

        Returns
        -------
        str
            Its name; the id where it has none.
        """
        return self.known.get(layer_id, {}).get(id) or id

    def all(self, layer_id: str, ids: Sequence[str]) -> Title:
        """Name several things.

        Parameters
        ----------
        layer_id : str
            Layer that they are rows of.
        ids : sequence of str
            Their ids.

        Returns
        -------
        Title
            The first four, and how many there are; where several have one name, with their ids.
        """
        plain = [self.of(layer_id, id) for id in ids]
        twice = {name for name, count in Counter(plain).items() if count > 1}
        names = [f"{name} ({id})" if name in twice else name for name, id in zip(plain, ids, strict=True)]
        told = joined("value.comma", [Title(name, name) for name in names[:NAMED]])
        return words.title("value.more", list=told, count=len(names)) if len(names) > NAMED else told


def names_of(frames: Mapping[str, gpd.GeoDataFrame], keys: Mapping[str, str]) -> Names:
    """Collect what ids stand for.

    Parameters
    ----------
    frames : mapping of str to geopandas.GeoDataFrame
        Rows by layer id.
    keys : mapping of str to str
        Field with the id, by layer id.

    Returns
    -------
    Names
        Of the layers that have a ``name``.
    """
    named = ((id, frame.dropna(subset=["name"])) for id, frame in frames.items() if "name" in frame)
    return Names({id: dict(zip(frame[keys[id]], frame["name"], strict=True)) for id, frame in named})


def measured(value: float, unit: str) -> Title:
    """Write a length or an area in the unit that reads best, as the boards do.

    Parameters
    ----------
    value : float
        Metres or square metres.
    unit : {"m", "m²"}
        Which.

    Returns
    -------
    Title
        Number and unit; a dash where the value is missing.
    """
    if np.isnan(value):
        return words.title("value.missing")
    size = abs(value)
    if unit == "m" and size >= 1_000:
        return _with_unit(value / 1_000, 1, "km")
    if unit == "m²" and size >= 100_000:
        return _with_unit(value / 1_000_000, 2 if size < 10_000_000 else 0, "km²")
    return _with_unit(value, 1 if size < 10 else 0, unit)


def _with_unit(value: float, digits: int, unit: str) -> Title:
    return words.title("unit.with", number=_plain(value, digits), unit=words.title(f"unit.{unit}"))


def _plain(value: float, digits: int) -> str:
    written = f"{value:,.{digits}f}"
    return written.rstrip("0").rstrip(".") if "." in written else written


def joined(key: str, parts: Sequence[Title]) -> Title:
    """Put titles behind each other.

    Parameters
    ----------
    key : str
        Word between them.
    parts : sequence of Title
        In their order.

    Returns
    -------
    Title
        A dash for none.
    """
    if not parts:
        return words.title("value.missing")
    between = words.title(key)
    return Title(between.zh.join(part.zh for part in parts), between.en.join(part.en for part in parts))
