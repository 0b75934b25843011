"""What a board says: its layers, themes, lists and figures as plain values for JSON."""

from __future__ import annotations

from collections.abc import Iterable, Mapping
from dataclasses import replace
from functools import partial
from typing import TYPE_CHECKING, Any

import geopandas as gpd
import numpy as np
import pandas as pd

from geo.layer import Layer
from maps import draw, joined, large, legend, popup, words
from maps.boards import BOARDS
from maps.changes import COMPARED, changes
from maps.spans import marker_spans
from maps.themes import themes_of
from maps.week import moment, week

if TYPE_CHECKING:
    from geo.service import Build
    from maps.board import Board, Theme, Toggle

HEADLINE = 4
PAPER = "sheet"  # section of words that only printed sheets say
FAULTS = 50
ROWS = {  # a list is to be read
    "unserved-areas": 300,
    "grid-findings": 2_000,
    "border-findings": 2_000,
    "rule-findings": 1_000,
    "scheme-conflicts": 1_000,
}
PARTS = {"border-staleness": ("segment", "no_segment")}  # kinds of row that do not lie on each other
NAMED = ("divisions", "posts")  # so that cards can say names where rows have ids
FINE = ("grid-findings", "repair-ledger")  # pieces of ground that may be two metres wide
WRITTEN = ("divisions", "grids", "grid-findings")  # with a name or a letter on them, besides areas of a theme
DIVISION_IDS = ("division_id", "parent_id")
BACKGROUND = ("kind", "name", "rank")
HOURS = ("station-hours", "grid-hours")  # for the hour of the week
SPANNED = ("border-status", "border-segments")  # named in the field by the markers between which they lie
POINTS = ("stations", "hubs", "posts")  # styles of toggles
URGENCY = ("critical", "overdue", "never", "unassigned", "due")  # what else there is comes after
VERTICES = {"station-catchments": 24_000, "walk-bands": 24_000, "unserved-areas": 15_000, "background": 40_000}


def content(build: Build, board: Board, against: Build | None = None) -> dict[str, Any]:
    """Gather everything that one board shows.

    Parameters
    ----------
    build : Build
        A finished build.
    board : Board
        Which board.
    against : Build or None
        An earlier build that the board compares it with, where that is among what the board does.

    Returns
    -------
    dict
        Plain values; the keys are those that the scripts in ``assets/`` read.
    """
    published, build = build, board.seen(build)
    known = joined.layers({layer.id: _told(layer, board) for layer in build.layers()})
    cut = partial(_cut, rows={} if board.view else ROWS)  # a view of its own has as many as it wants
    frames = joined.frames(known, {id: cut(id, build.frame(id)) for id in _shown(board) if id in known})
    if "divisions" in frames:
        frames["divisions"] = _spoken_of(frames["divisions"], frames)
    hours = week(known, frames, build.workspace.parameters)
    themes, missing = themes_of(build, board, known, frames, hourly=bool(hours and hours["grids"]))
    near = _large(build, board, known, frames)
    if near:
        frames, themes = large.lighter(frames), large.with_parents(themes, near)
    toggles = [one for one in board.toggles if _has(one, frames) and not (one.alone and themes)]
    toggles = [one for one in toggles if one.layer not in near]  # they draw shapes
    searched = [found for among in board.searched if (found := next((id for id in among if id in frames), None))]
    work = next((id for id in board.work if id in frames), None)
    used = _used(themes, toggles, [*searched, *([work] if work else [])], frames)
    bounds = _bounds(build, used)
    shapes = draw.Shapes(draw.scale_of(bounds))
    listed = _listed(themes)
    layers = {
        id: _large_layer(known[id], frames[id], shapes.scale, build, board, listed.get(id, ()))
        if id in near
        else _layer(known[id], frames[id], shapes, build, board)
        for id in used
    }
    figures = [figure for made in build.report["layers"] for figure in made["figures"]]
    changed = changes(published, against, board, themes, known, frames, shapes, cut) if against else None
    written, arcs = shapes.records()
    return {
        **_imprint(build),
        "board": board.id,
        "board_title": board.title.record(),
        "words": words.both(without=_unused(board, compared=changed is not None)),
        "bounds": bounds,
        "scale": shapes.scale,
        "layers": popup.written_once(layers),
        "shapes": written,
        "arcs": arcs,
        "themes": themes,
        "missing": missing,
        "week": hours,
        "changes": changed,
        "toggles": [_toggle(toggle, themes) for toggle in toggles],
        "searched": searched,
        "figures": figures if board.headline else [],
        "headline": headline(board, figures),
        "work": {"layer": work, "rows": urgent_first(frames[work])} if work else None,
    }


def _unused(board: Board, *, compared: bool) -> set[str]:
    """Sections of words that nothing on the page says."""
    return {PAPER, *(one.id for one in BOARDS if one.id != board.id)} | (set() if compared else {COMPARED})


def _large(
    build: Build, board: Board, known: Mapping[str, Layer], frames: Mapping[str, gpd.GeoDataFrame]
) -> dict[str, float]:
    """Layers whose shapes are not in the page, with the zoom from which they are drawn; only whole collections."""
    whole = {made["id"]: made["rows"] for made in build.report["layers"]}
    ids = dict.fromkeys([*(id for theme in board.themes for id in theme.layers), "grids"])
    there = [id for id in ids if id in frames and len(frames[id]) == whole.get(id) and id not in VERTICES]
    of_divisions = [id for id in there if known[id].key == DIVISION_IDS[0]]
    return {
        id: large.near_zoom(frames[id])
        for id in there
        if id not in of_divisions and large.is_large(known[id], frames[id])
    }


def _listed(themes: Iterable[Mapping[str, Any]]) -> dict[str, set[int]]:
    rows: dict[str, set[int]] = {}
    for theme in themes:
        for one in theme["lists"]:
            rows.setdefault(one["layer"], set()).update(one["rows"])
    return rows


def headline(board: Board, figures: Iterable[Mapping[str, Any]]) -> list[dict[str, str | None]]:
    """Choose the figures that a reader sees first.

    Parameters
    ----------
    board : Board
        With the order of importance.
    figures : iterable of mapping
        Records of the report.

    Returns
    -------
    list of dict
        At most four ``figure`` ids, each with the id that stands ``beside`` it or None; figures of the board's
        layers fill up where the board's own choice is not there.
    """
    known = {figure["id"] for figure in figures if figure["value"] is not None}
    chosen = [
        {"figure": one, "beside": other if other in known else None}
        for one, other in board.headline
        if one in known
    ]
    taken = {id for one in chosen for id in one.values()}
    layers = {id for theme in board.themes for id in theme.layers}
    others = (
        figure["id"]
        for figure in figures
        if figure["id"] in known - taken and figure["id"].rpartition(".")[0] in layers
    )
    return [*chosen, *({"figure": id, "beside": None} for id in others)][:HEADLINE]


def _imprint(build: Build) -> dict[str, Any]:
    report = build.report
    taken = ("workspace", "title", "as_of", "time_zone", "made_by", "version", "notice", "verdict")
    parameters = {name: report["parameters"].get(name) for name in ("budget_minutes", "speed_kmh")}
    parameters["at"] = moment(report["parameters"]["at"]).record()
    worst_first = sorted(report["faults"], key=lambda fault: ("error", "warning", "info").index(fault["level"]))
    return {
        **{name: report[name] for name in taken},
        "map_review_number": report["map_review_number"],
        "attribution": report["attribution"],
        "parameters": parameters,
        "faults": worst_first[:FAULTS],
        "faults_total": len(report["faults"]),
        "sources": [{name: table[name] for name in ("title", "source", "licence")} for table in report["tables"]],
    }


def _shown(board: Board) -> list[str]:
    ids = [id for theme in board.themes for id in (*theme.layers, *(one.layer for one in theme.lists))]
    ids += [*(one.layer for one in board.toggles), *(id for among in board.searched for id in among)]
    ids += [*board.work, *NAMED]
    ids += joined.others(ids)
    return list(dict.fromkeys([*ids, *(HOURS if any(theme.week for theme in board.themes) else ())]))


def _told(layer: Layer, board: Board) -> Layer:
    """The layer with the fields that a board's reader is told."""
    wanted = board.told.get(layer.id)
    fields = (one for one in layer.fields if wanted is None or one.name in wanted)
    return replace(layer, fields=tuple(one for one in fields if one.name not in board.without))


def _cut(id: str, frame: gpd.GeoDataFrame, rows: Mapping[str, int]) -> gpd.GeoDataFrame:
    frame = frame.head(rows[id]) if id in rows else frame
    if id == "grids":  # in the order of the layers about them, which leave the other schemes out
        frame = frame.iloc[np.argsort(frame["scheme"] != "main", kind="stable")].reset_index(drop=True)
    if id == "district-proposal":
        frame = frame[frame["moved"]].reset_index(drop=True)  # the others are as the map shows them
    if id in PARTS:
        frame = frame[frame["kind"].isin(PARTS[id])].reset_index(drop=True)
    return draw.lighter(frame, vertices=VERTICES[id]) if id in VERTICES else frame


def _spoken_of(divisions: gpd.GeoDataFrame, frames: Mapping[str, gpd.GeoDataFrame]) -> gpd.GeoDataFrame:
    """Divisions with an outline, and those that another layer names: a region lists 16,000 without either."""
    others = (frame for id, frame in frames.items() if id != "divisions")
    columns = [frame[name] for frame in others for name in DIVISION_IDS if name in frame]
    named = set().union(*columns) if columns else set()
    return divisions[divisions.geometry.notna() | divisions["division_id"].isin(named)].reset_index(drop=True)


def _has(toggle: Toggle, frames: Mapping[str, gpd.GeoDataFrame]) -> bool:
    frame = frames.get(toggle.layer)
    if toggle.style == "names":
        places = frame is not None and (frame["kind"] == "place").any()
        return bool(places) or len(frames.get("divisions", ())) > 0
    if frame is None or not len(frame):
        return False
    if toggle.keep and not frame[toggle.keep[0]].isin(toggle.keep[1]).any():
        return False
    if toggle.drop and frame[toggle.drop[0]].isin(toggle.drop[1]).all():
        return False
    return toggle.style != "background" or bool((frame["kind"] == toggle.id).any())


def _toggle(toggle: Toggle, themes: list[dict[str, Any]]) -> dict[str, Any]:
    here = {theme["id"] for theme in themes}
    bound = bool(toggle.themes) and (bool(themes) or toggle.style not in POINTS)  # else drawn by themselves
    return {
        "id": toggle.id,
        "title": words.title(f"toggle.{toggle.id}").record(),
        "layer": toggle.layer,
        "style": toggle.style,
        "on": toggle.on or not (themes or bound),
        "keep": toggle.keep,
        "drop": toggle.drop,
        "themes": [id for id in toggle.themes if id in here] or (["-"] if bound else []),
    }


def _used(
    themes: list[dict[str, Any]],
    toggles: list[Toggle],
    searched: list[str],
    frames: Mapping[str, gpd.GeoDataFrame],
) -> list[str]:
    ids = [view["layer"] for theme in themes for view in theme["views"]]
    ids += [one["layer"] for theme in themes for one in theme["lists"]]
    ids += [*(toggle.layer for toggle in toggles), *searched]
    ids += [id for id in NAMED if len(frames.get(id, ()))]
    return [id for id in dict.fromkeys(ids) if id in frames]


def _bounds(build: Build, used: list[str]) -> tuple[float, float, float, float]:
    """What the board is about; the background may reach further."""
    boxes = {made["id"]: made["bbox"] for made in build.report["layers"] if made["id"] in used and made["bbox"]}
    if len(boxes) > 1:
        boxes.pop("background", None)
    if not boxes:
        return (-180.0, -80.0, 180.0, 80.0)
    west, south = np.min(list(boxes.values()), axis=0)[:2]
    east, north = np.max(list(boxes.values()), axis=0)[2:]
    return (float(west), float(south), float(east), float(north))


def _about(layer: Layer, frame: gpd.GeoDataFrame) -> dict[str, Any]:
    return {
        "title": layer.title.record(),
        "draw": layer.draw,
        "key_field": layer.key,
        "heading": popup.heading(layer),
        "facts": popup.facts(layer),
        "fields": popup.describe(layer),
        "rows": len(frame),
        "small": layer.id in FINE,
    }


def _large_layer(
    layer: Layer, frame: gpd.GeoDataFrame, scale: int, build: Build, board: Board, listed: Iterable[int]
) -> dict[str, Any]:
    themes = [theme for theme in board.themes if layer.id in theme.layers]
    colours = _colours(layer, frame, build, themes)
    return _about(layer, frame) | large.record(layer, frame, scale, listed) | large.short(colours)


def _layer(
    layer: Layer, frame: gpd.GeoDataFrame, shapes: draw.Shapes, build: Build, board: Board
) -> dict[str, Any]:
    record: dict[str, Any] = _about(layer, frame) | {
        "columns": popup.columns(layer, frame, BACKGROUND if layer.id == "background" else None),
        "shape_of": shapes.add(frame.geometry, "fine" if layer.id in FINE else layer.draw),
    }
    themes = [theme for theme in board.themes if layer.id in theme.layers]
    theme = next((theme for theme in themes if theme.colouring is None), None)
    if layer.draw == "area" and (theme or layer.id in WRITTEN):
        record["inside"] = draw.inside(frame.geometry, shapes.scale)
    if theme:
        record |= _colours(layer, frame, build, themes)
    elif layer.id == "grid-findings":
        record |= _classes(replace(layer, measure="severity"), frame, build)
    if layer.id == "walk-bands":  # no ground is worse than the worst band
        record["legend"]["classes"] = record["legend"]["classes"][: max(record["class"], default=-1) + 1]
    if layer.id == "stations":
        record["hubs"] = _hubs(frame)
    if layer.id in SPANNED:
        markers = build.frame("markers") if any(one.id == "markers" for one in build.layers()) else None
        record["spans"] = marker_spans(frame, markers)
    return record


def _colours(layer: Layer, frame: gpd.GeoDataFrame, build: Build, themes: Iterable[Theme]) -> dict[str, Any]:
    """Classes in the themes of a board; nothing of a layer that none of them colours by its own measure."""
    theme = next((theme for theme in themes if theme.colouring is None), None)
    if theme is None:
        return {}
    counted = {"counted": theme.counted} if theme.counted else {}
    return _classes(layer, frame, build, theme.weight) | counted | _colourings(layer, frame, build, themes)


def _classes(layer: Layer, frame: gpd.GeoDataFrame, build: Build, weight: str | None = None) -> dict[str, Any]:
    key, at = legend.classify(layer, frame, build.workspace.parameters)
    tone = legend.tones(frame, weight, "level" if "level" in frame else None) if weight else None
    return {
        "measure": layer.measure,
        "legend": (legend.shade(key) if tone else key).record(),
        "class": at,
        "tone": tone,
    }


def _colourings(
    layer: Layer, frame: gpd.GeoDataFrame, build: Build, themes: Iterable[Theme]
) -> dict[str, dict[str, Any]]:
    """What differs in themes that colour the layer by something else than its own measure."""
    made = {
        theme.id: _classes(theme.colouring.of(layer), frame, build, theme.weight)
        for theme in themes
        if theme.colouring
    }
    return {"colourings": made} if made else {}


def _hubs(frame: gpd.GeoDataFrame) -> list[int]:
    of_others = set(frame["hub_id"].dropna())
    hub = frame["station_id"].isin(of_others) | (frame["category"] == "courier_hub")
    return [int(row) for row in np.flatnonzero(hub.to_numpy())]


def urgent_first(frame: gpd.GeoDataFrame) -> list[int]:
    """Put work in order: what a patrol leader reads down.

    Parameters
    ----------
    frame : geopandas.GeoDataFrame
        With ``rank``; without it ``state idle_days interval_days length_m``.

    Returns
    -------
    list of int
        Row numbers, by rank; else the most urgent state first, in it the most days late (unknown ones last), then
        the longest.
    """
    if "rank" in frame:
        return [int(row) for row in np.argsort(frame["rank"].to_numpy(dtype=float), kind="stable")]
    urgency = {state: rank for rank, state in enumerate(URGENCY)}
    keys = pd.DataFrame(
        {
            "urgency": [urgency.get(state, len(urgency)) for state in frame["state"]],
            "late": (frame["idle_days"] - frame["interval_days"]).astype(float).to_numpy(),
            "length": frame["length_m"].astype(float).to_numpy(),
        }
    )
    ordered = keys.sort_values(["urgency", "late", "length"], ascending=[True, False, False])
    return [int(row) for row in ordered.index]
