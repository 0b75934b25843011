"""A whole table of grids with the proposed polygons, and its ledger: files to hand on, beside what people have."""

from __future__ import annotations

from io import BytesIO
from pathlib import Path
from typing import TYPE_CHECKING, NamedTuple

import numpy as np

from geo import catalogue, service
from geo.engine.local import Engine
from geo.errors import GridwalkError
from geo.io.table_text import safe_csv
from geo.progress import Progress, silent
from geo.store.files import replace
from geo.words import Lang, say
from geo.workspace import Workspace

if TYPE_CHECKING:
    from geopandas import GeoDataFrame


class Mended(NamedTuple):
    """What was written.

    Parameters
    ----------
    grids, ledger : Path
        The files.
    total, changed, stays : int
        Grids in all, grids with another polygon, and gaps that nobody could get.
    """

    grids: Path
    ledger: Path
    total: int
    changed: int
    stays: int


def write_repair(workspace: Workspace, folder: Path, lang: Lang, progress: Progress = silent) -> Mended:
    """Write the grids as a repair would have them, and who gains and loses what.

    Parameters
    ----------
    workspace : Workspace
        Its files are only read.
    folder : Path
        Where to; made when missing.
    lang : {"zh", "en"}
        Of an error.
    progress : callable
        Told of each step.

    Returns
    -------
    Mended
        ``<workspace>-grids-repaired.gpkg``: every grid in the order of the table with all its columns, EPSG:4326;
        and ``<workspace>-repair-ledger.csv``.

    Raises
    ------
    GridwalkError
        One of the files is there already: nothing is written over.
    LayerUnavailable, DataFault
        As of :func:`geo.service.ask`.
    """
    files = [folder / f"{workspace.id}-{name}" for name in ("grids-repaired.gpkg", "repair-ledger.csv")]
    for file in files:
        if file.exists():
            raise GridwalkError(say("cli.is_there", lang, file=file))
    layers = [catalogue.layer(id) for id in ("grid-repair", "repair-ledger")]
    out = service.store_of(workspace.root / "out")
    engine = Engine(workspace, workspace.parameters, out, progress)
    service.refuse(engine.read_for(layers).faults)
    changed, ledger = (engine.frame(layer) for layer in layers)
    grids = with_polygons(engine.inputs(layers[0])["grids"], changed)
    replace(_geopackage(grids), files[0])
    replace(safe_csv(ledger, layers[1]), files[1])
    return Mended(files[0], files[1], len(grids), len(changed), int(ledger["change"].isna().sum()))


def with_polygons(grids: GeoDataFrame, changed: GeoDataFrame) -> GeoDataFrame:
    """Give some grids other polygons.

    Parameters
    ----------
    grids : geopandas.GeoDataFrame
        ``grid_id`` and geometry.
    changed : geopandas.GeoDataFrame
        ``grid_id`` and geometry, missing for a grid that has no ground left.

    Returns
    -------
    geopandas.GeoDataFrame
        The rows of ``grids`` in their order.
    """
    new = dict(zip(changed["grid_id"], np.asarray(changed.geometry), strict=True))
    ground = [new.get(id, old) for id, old in zip(grids["grid_id"], np.asarray(grids.geometry), strict=True)]
    return grids.set_geometry(type(grids.geometry)(ground, index=grids.index, crs=grids.crs))


def _geopackage(grids: GeoDataFrame) -> bytes:
    held = BytesIO()
    grids.to_file(held, driver="GPKG", layer="grids", engine="pyogrio")
    return held.getvalue()
