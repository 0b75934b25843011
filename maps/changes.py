"""What changed since an earlier build, as a board tells it: figures, and the rows of its coloured layers.

Only what differs is written: row numbers with what they were, and what is gone with its old shape.
"""

from __future__ import annotations

from collections.abc import Callable, Mapping
from dataclasses import replace
from functools import cache
from typing import TYPE_CHECKING, Any

import geopandas as gpd
import numpy as np
import pandas as pd
import shapely

from geo import catalogue
from geo.comparison import CHANGES, compare_figures, compare_rows, differing
from geo.layer import Layer
from maps import draw, legend, palette, popup, words

if TYPE_CHECKING:
    from geo.builds import Build
    from maps.board import Board, Theme

Cut = Callable[[str, gpd.GeoDataFrame], gpd.GeoDataFrame]
COMPARED = "changes"  # section of the words
OLD_VERTICES = (
    8_000  # of what moved or is gone, where the shapes of now have none; beyond, the lightest are not drawn
)
DASH = "4 3"  # of what is gone
COUNTED = ("people", "households")  # told of what is gone
GROUPED = ("level", "tree")  # by which rows are chosen for a view


def changes(
    build: Build,
    against: Build,
    board: Board,
    themes: list[dict[str, Any]],
    known: Mapping[str, Layer],
    frames: Mapping[str, gpd.GeoDataFrame],
    shapes: draw.Shapes,
    cut: Cut,
) -> dict[str, Any] | None:
    """Gather what changed.

    Parameters
    ----------
    build, against : Build
        A finished build, and an earlier one of the same workspace.
    board : Board
        Which board.
    themes : list of dict
        Its themes, as :func:`maps.themes.themes_of` makes them.
    known : mapping of str to Layer
        Layers of the board by id.
    frames : mapping of str to geopandas.GeoDataFrame
        Their rows as the board has them.
    shapes : Shapes
        Of the page; old ones are added.
    cut : callable
        ``(layer id, frame) -> frame`` as the board draws it: what did not move is then drawn by the same lines.

    Returns
    -------
    dict or None
        ``against`` (version, as_of, published), ``differ`` (parameters: name, before, after), ``figures`` (by id,
        those that are not the same: ``change``, ``before``, ``why``), ``classes`` (of the legend, in the order of
        :data:`geo.comparison.CHANGES`) and ``layers``: by layer id, or layer id, blank and theme id where a theme
        has a colouring of its own, those with rows that differ; ``differ`` alone where parameters make them
        incomparable. None for a board that does not compare.
    """
    if not board.compared:
        return None
    layers = {}
    pair = _Pair(build, against)
    shown = {(view["layer"], theme["id"]) for theme in themes if not theme["hourly"] for view in theme["views"]}
    coloured = ((theme, id) for theme in board.themes for id in theme.layers if (id, theme.id) in shown)
    for theme, id in coloured:
        name = f"{id} {theme.id}" if theme.colouring else id
        if name not in layers and (one := _layer(pair, known[id], theme, cut)):
            told = _written(one, frames[id], shapes) if isinstance(one, _Compared) else one
            if "rows" not in told or told["rows"] or told["gone"]["rows"]:
                layers[name] = told
    return {
        "against": {
            "version": against.version,
            "as_of": against.report["as_of"],
            "published": against.published.isoformat(timespec="seconds") if against.published else None,
        },
        "differ": _parameters(build, against),
        "figures": _figures(build, against),
        "classes": [_class(code).record() for code in CHANGES],
        "layers": layers,
    }


class _Pair:
    """Two builds, each layer of them read once."""

    def __init__(self, build: Build, against: Build) -> None:
        self.build, self.against = build, against
        self.now, self.then = cache(build.frame), cache(against.frame)


class _Compared:
    """The rows of one layer, compared."""

    def __init__(self, layer: Layer, pair: _Pair, cut: Cut) -> None:
        self.layer = layer
        then, now = pair.then(layer.id), pair.now(layer.id)
        self.old = cut(layer.id, then).set_index(layer.key, drop=False)
        rows = compare_rows(layer, then, now)
        rows = rows.sort_values(["score", "key"], ascending=[False, True], kind="stable")
        self.rows = rows[(rows["change"] != "same") | rows["moved"]]
        _, classes = legend.classify(layer, self.old, pair.build.workspace.parameters)
        self.was = pd.Series(classes, self.old.index)


def _layer(pair: _Pair, layer: Layer, theme: Theme, cut: Cut) -> _Compared | dict[str, Any] | None:
    """Compare a layer as a theme colours it; None where nothing can have changed."""
    build, against = pair.build, pair.against
    made, old = ({one["id"]: one for one in each.report["layers"]}.get(layer.id) for each in (build, against))
    if not made or not old:
        return {"absent": True}
    parameters = [each.report["parameters"] for each in (against, build)]
    if why := differing(parameters[0], parameters[1], catalogue.params_of(layer)):
        return {"differ": why}
    if made.get("key") and made.get("key") == old.get("key"):
        return None
    dressed = theme.colouring.of(layer) if theme.colouring else layer
    if dressed.measure not in pair.then(layer.id):
        return {"absent": True}  # made before there was such a field
    return _Compared(dressed, pair, cut)


def _written(one: _Compared, frame: gpd.GeoDataFrame, shapes: draw.Shapes) -> dict[str, Any]:
    """Write rows that changed or moved, and what is gone, the heaviest first."""
    layer, old = one.layer, one.old
    place = {key: row for row, key in enumerate(frame[layer.key])}
    here = one.rows[one.rows["key"].isin(list(place))]
    gone = one.rows[(one.rows["change"] == "gone") & one.rows["key"].isin(list(old.index))]
    drawn = _drawn_as_they_were(pd.concat([gone, here[here["moved"]]])["key"], old, frame)
    keys = list(here["key"])
    return {
        "rows": [place[key] for key in keys],
        "change": [CHANGES.index(code) for code in here["change"]],
        **_then(layer, old, keys, one.was),
        "shape_of": _shapes(layer, drawn.reindex(keys), shapes),
        "gone": {
            "rows": len(gone),
            "columns": _told(layer, old.loc[list(gone["key"])]),
            **_then(layer, old, list(gone["key"]), one.was),
            "shape_of": _shapes(layer, drawn.reindex(list(gone["key"])), shapes),
        },
    }


def _then(layer: Layer, old: gpd.GeoDataFrame, keys: list[str], was: pd.Series) -> dict[str, Any]:
    """The measure as it was, and its class in the legend of now (-1 where there was none)."""
    measure = layer.field(str(layer.measure))
    column = old[measure.name] if measure.name in old else pd.Series(None, old.index, dtype=object)
    return {
        "before": popup.plain(measure, column.reindex(keys)),
        "was": [int(value) for value in was.reindex(keys, fill_value=-1)],
    }


def _drawn_as_they_were(keys: pd.Series, old: gpd.GeoDataFrame, now: gpd.GeoDataFrame) -> gpd.GeoSeries:
    """Old shapes, until there are too many vertices that the shapes of now do not have."""
    there = old.geometry.loc[[key for key in keys if key in old.index]]
    places, row = shapely.get_coordinates(there.to_numpy(), return_index=True)
    known = shapely.get_coordinates(now.geometry.to_numpy())
    fresh = ~np.isin(places @ (1, 1j), known @ (1, 1j))
    total = np.cumsum(np.bincount(row[fresh], minlength=len(there)))
    return there[total <= OLD_VERTICES]


def _shapes(layer: Layer, geometries: gpd.GeoSeries, shapes: draw.Shapes) -> list[int]:
    return shapes.add(geometries.to_numpy(), layer.draw)


def _told(layer: Layer, gone: gpd.GeoDataFrame) -> dict[str, list[Any]]:
    """What is said of rows that are gone: what they were called, where they belonged, who lived there."""
    names = {layer.key, popup.heading(layer), *COUNTED, *GROUPED}
    fields = [field for field in layer.fields if field.name in names and field.name in gone]
    return {field.name: popup.plain(field, gone[field.name]) for field in fields}


def _class(code: str) -> legend.Class:
    colour = palette.CHANGES[code]
    toned = code in ("better", "worse")
    fills = tuple(palette.blend(colour, tone) for tone in palette.CHANGE_TONES) if toned else (colour,)
    one = legend.Class(words.title(f"{COMPARED}.{code}"), fills, palette.ink_on(colour))
    return replace(one, dash=DASH if code == "gone" else "", letter=words.title(f"{COMPARED}.sign_{code}"))


def _figures(build: Build, against: Build) -> dict[str, dict[str, Any]]:
    depends = {layer.id: catalogue.params_of(layer) for layer in catalogue.LAYERS}
    compared = compare_figures(against.report, build.report, depends)
    return {
        one["id"]: {name: one[name] for name in ("change", "before", "why") if one[name] or name == "before"}
        for one in compared
        if one["change"] not in ("same", "gone")
    }


def _parameters(build: Build, against: Build) -> list[dict[str, Any]]:
    """Parameters that differ, with both values; of long ones only that they do."""
    one, other = (each.report["parameters"] for each in (against, build))
    values = {name: [_short(given.get(name)) for given in (one, other)] for name in differing(one, other)}
    return [{"name": name, "before": pair[0], "after": pair[1]} for name, pair in values.items()]


def _short(value: Any) -> Any:
    return value if isinstance(value, str | int | float) else None
