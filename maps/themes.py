"""The themes of a board as the browser reads them: what can be coloured, level by level, and lists beside it."""

from __future__ import annotations

from collections.abc import Mapping
from typing import TYPE_CHECKING, Any

import geopandas as gpd
import numpy as np
import pandas as pd

from geo.layer import Layer, Title
from maps import popup, words
from maps.week import GRIDS

if TYPE_CHECKING:
    from geo.service import Build
    from maps.board import Board, Ranking


def themes_of(
    build: Build, board: Board, known: Mapping[str, Layer], frames: Mapping[str, gpd.GeoDataFrame], *, hourly: bool
) -> tuple[list[dict[str, Any]], list[dict[str, Any]]]:
    """Say what each theme of a board shows, and what the others lack.

    Parameters
    ----------
    build : Build
        A finished build.
    board : Board
        Which board.
    known : mapping of str to Layer
        Layers by id.
    frames : mapping of str to geopandas.GeoDataFrame
        Rows of those that the build has.
    hourly : bool
        Whether grids can be coloured by the hour of the week.

    Returns
    -------
    list of dict
        Themes that have something to colour: ``id title group views hourly week lists``.
    list of dict
        ``title`` and ``reason`` of the others, but for those that few workspaces have.
    """
    made, missing = [], []
    reasons = {one["id"]: one["reason"] for one in build.report["unavailable"]}
    for theme in board.themes:
        here = [known[id] for id in theme.layers if id in frames]
        views = [view for layer in here for view in _views(layer, frames[layer.id])]
        if theme.listed:
            views = [_whole(layer) for layer in here if len(frames[layer.id])]
        if theme.hourly:
            views = [view for layer in here if hourly for view in _views(known[GRIDS], frames[GRIDS])]
        if views:
            made.append(
                {
                    "id": theme.id,
                    "title": theme.title.record(),
                    "group": words.title(f"group.{theme.group}").record() if theme.group else None,
                    "views": views,
                    "hourly": theme.hourly,
                    "week": theme.week,
                    "lists": [
                        _ranked(one, known[one.layer], frames[one.layer])
                        for one in theme.lists
                        if one.layer in frames
                    ],
                }
            )
        elif not theme.extra:
            reason = next(
                (reasons[id] for id in theme.layers if id in reasons), words.title("panel.empty").record()
            )
            missing.append({"title": theme.title.record(), "reason": reason})
    return made, missing


def _whole(layer: Layer) -> dict[str, Any]:
    return {"layer": layer.id, "level": None, "tree": None, "title": layer.title.record()}


def _views(layer: Layer, frame: gpd.GeoDataFrame) -> list[dict[str, Any]]:
    """One view a level and tree, the finest of the first tree first; one alone where rows have no level."""
    drawn = frame[frame.geometry.notna()]
    if not len(drawn):
        return []
    names = {field.name for field in layer.fields}
    if "level" not in names:
        title = words.title("view.grids") if layer.key == "grid_id" else layer.title
        return [{"layer": layer.id, "level": None, "tree": None, "title": title.record()}]
    trees = _in_order(layer, drawn, "tree") if "tree" in names else []
    made = []
    for tree in trees if len(trees) > 1 else [None]:
        rows = drawn if tree is None else drawn[drawn["tree"] == tree]
        counts = rows["level"].value_counts()
        levels = [level for level in _in_order(layer, rows, "level") if level in counts]
        for level in sorted(levels, key=lambda level: -int(counts[level])):
            title = layer.field("level").values.get(level, Title(level, level))
            if tree is not None and tree != trees[0]:
                kind = layer.field("tree").values.get(tree, Title(tree, tree))
                title = words.title("view.tree", level=title, tree=kind)
            made.append({"layer": layer.id, "level": level, "tree": tree, "title": title.record()})
    return made


def _in_order(layer: Layer, frame: gpd.GeoDataFrame, name: str) -> list[str]:
    """Codes that there are, in the order of the field's values, unknown ones last."""
    there = dict.fromkeys(frame[name].dropna())
    return [code for code in dict.fromkeys([*layer.field(name).values, *there]) if code in there]


def _ranked(ranking: Ranking, layer: Layer, frame: gpd.GeoDataFrame) -> dict[str, Any]:
    rows = np.ones(len(frame), dtype=bool)
    if ranking.keep:
        rows = frame[ranking.keep[0]].isin(ranking.keep[1]).to_numpy()
    if ranking.lacking:
        rows &= (frame[ranking.lacking].astype(float) < 1).to_numpy()
    keys = pd.DataFrame({name: _sortable(layer, frame, name) for name, _ in ranking.by})[rows]
    ordered = keys.sort_values(
        [name for name, _ in ranking.by], ascending=[not down for _, down in ranking.by], kind="stable"
    )
    return {
        "id": ranking.id,
        "layer": ranking.layer,
        "title": words.title(f"list.{ranking.id}").record(),
        "columns": [popup.heading(layer), *ranking.columns],
        "rows": [int(row) for row in ordered.index],
        "filters": [name for name in ranking.filters if frame[name][rows].nunique() > 1],
        "stepped": ranking.stepped,
    }


def _sortable(layer: Layer, frame: gpd.GeoDataFrame, name: str) -> list[float]:
    values = layer.field(name).values
    if not values:
        return [float(value) for value in frame[name].astype(float)]
    place = {code: float(number) for number, code in enumerate(values)}
    return [place.get(code, -1.0) for code in frame[name]]
