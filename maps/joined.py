"""Facts that a row is told with though another layer holds them: a grid's week, a station's way to its hub."""

from __future__ import annotations

from collections.abc import Collection, Mapping
from dataclasses import replace

import geopandas as gpd

from geo.layer import Field, Layer
from maps import words

JOINED = (  # layer, the layer with one row for each of some of its rows, by the same id, and what is taken
    ("grid-walk", "grid-hours", ("hours",)),
    ("stations", "station-hubs", ("verdict", "walk_m")),
    ("posts", "holder-load", ("guards", "used")),
    ("posts", "post-backup", ("first_m", "lost_m")),
)
TITLES = {("station-hubs", "verdict"): "fact.hub"}  # what needs another heading away from its layer


def others(ids: Collection[str]) -> list[str]:
    """Name the layers that hold facts for some layers.

    Parameters
    ----------
    ids : collection of str
        Layer ids.

    Returns
    -------
    list of str
        Layer ids, whether or not anybody has them.
    """
    return [other for id, other, _ in JOINED if id in ids]


def layers(known: Mapping[str, Layer]) -> dict[str, Layer]:
    """Give layers the fields that others hold for them.

    Parameters
    ----------
    known : mapping of str to Layer
        By id.

    Returns
    -------
    dict of str to Layer
        The same, with more fields where the layer that holds them is known too.
    """
    told = dict(known)
    for id, other, names in JOINED:
        if id in known and other in known:
            taken = (_field(known[other], name) for name in names)
            told[id] = replace(told[id], fields=(*told[id].fields, *taken))
    return told


def frames(known: Mapping[str, Layer], made: Mapping[str, gpd.GeoDataFrame]) -> dict[str, gpd.GeoDataFrame]:
    """Give the rows of layers the values that others hold for them.

    Parameters
    ----------
    known : mapping of str to Layer
        By id.
    made : mapping of str to geopandas.GeoDataFrame
        Rows by layer id, those of the layers that hold the values among them.

    Returns
    -------
    dict of str to geopandas.GeoDataFrame
        The same rows in the same order; a row of which the other layer says nothing has missing values.
    """
    told = dict(made)
    for id, other, names in JOINED:
        if id in made and other in made:
            values = made[other].set_index(known[other].key)[[*names]]
            told[id] = told[id].join(values, on=known[id].key)
    return told


def _field(layer: Layer, name: str) -> Field:
    field, key = layer.field(name), TITLES.get((layer.id, name))
    return replace(field, title=words.title(key)) if key else field
