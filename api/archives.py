"""Layers of a build as PMTiles, to hand on: vector tiles in one file that needs no server."""

from __future__ import annotations

import tempfile
from collections.abc import Sequence
from pathlib import Path

from geo.errors import BadParameter
from geo.layer import Layer
from geo.progress import Progress
from geo.service import Build
from geo.store.files import replace
from geo.words import Lang
from maps.tiles.archive import write_archive
from maps.tiles.paths import KINDS
from maps.tiles.source import TileSource


def check_placed(made: Build, layer: Layer) -> None:
    """Make sure that there is something to see of a layer.

    Parameters
    ----------
    made : Build
        A published build.
    layer : Layer
        A layer of it.

    Raises
    ------
    BadParameter
        No row of it is anywhere.
    """
    if not is_placed(made, layer):
        raise BadParameter.said("nowhere", layer=layer.id)


def is_placed(made: Build, layer: Layer) -> bool:
    """Tell whether there is something to see of a layer.

    Parameters
    ----------
    made : Build
        A published build.
    layer : Layer
        A layer of it.

    Returns
    -------
    bool
        False when no row of it is anywhere.
    """
    boxes = {record["id"]: record["bbox"] for record in made.report["layers"]}
    return layer.draw in KINDS and bool(boxes[layer.id])


def write_tiles(made: Build, layers: Sequence[Layer], folder: Path, lang: Lang, progress: Progress) -> list[Path]:
    """Write layers as PMTiles.

    Parameters
    ----------
    made : Build
        A published build.
    layers : sequence of Layer
        Layers of it that are somewhere.
    folder : Path
        Where to; made when missing. Each file is written aside and put in place at once.
    lang : {"zh", "en"}
        Of names in the files.
    progress : callable
        Told of the tiles done.

    Returns
    -------
    list of Path
        The files, ``<workspace>-<layer>.pmtiles``; every field of a layer is in its tiles.

    Raises
    ------
    BadParameter
        All rows of a layer are smaller than the units of its tiles.
    """
    written = []
    for layer in layers:
        tiles = TileSource(layer, made.frame(layer.id), [field.name for field in layer.fields])
        about = {"name": getattr(layer.title, lang), "description": getattr(layer.description, lang)}
        attribution = made.report["attribution"]
        about |= {"attribution": attribution[lang]} if attribution else {}
        written.append(folder / f"{made.workspace.id}-{layer.id}.pmtiles")
        with tempfile.TemporaryDirectory() as aside:
            write_archive(tiles, Path(aside) / written[-1].name, about, progress)
            replace(Path(aside) / written[-1].name, written[-1])
    return written
