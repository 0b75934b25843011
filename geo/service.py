"""The one way from a question to its answer: read what it needs, build, keep, answer."""

from __future__ import annotations

import dataclasses
import importlib.metadata
from collections.abc import Iterable, Mapping, Sequence
from contextlib import nullcontext
from pathlib import Path
from typing import Any

import geopandas as gpd
import orjson
from pydantic import ValidationError

from geo import catalogue, report
from geo.builds import Build, build_before, builds, earlier_builds, folders, history_of, open_build, store_of
from geo.engine.dask import cluster as connect
from geo.engine.local import DATA, Engine, here
from geo.engine.tables import TableSnapshots
from geo.errors import BadParameter, DataFault, Fault
from geo.io.geojson import feature_collection, features
from geo.io.importer import fingerprint
from geo.io.table_text import safe_csv
from geo.layer import Layer
from geo.parameters import Parameters
from geo.progress import Progress, silent
from geo.store.files import digest, replace
from geo.store.history import KEPT_BUILDS
from geo.tables import TABLES
from geo.workspace import Workspace, open_workspace

SCHEMA = 1
__all__ = [
    "Build",
    "ask",
    "build",
    "build_before",
    "builds",
    "check",
    "earlier_builds",
    "is_current",
    "open_build",
    "refuse",
    "store_of",
    "write_rejected",
]
CELLS = frozenset({"given", "x", "y", "place"})  # values of a fault that are what the file has


def ask(workspace: Workspace | str | Path, id: str, **parameters: Any) -> gpd.GeoDataFrame:
    """Answer one question about a workspace.

    Parameters
    ----------
    workspace : Workspace or path
        The workspace, or the folder it is in.
    id : str
        Layer id.
    **parameters : Any
        Values that shall differ from the workspace's own (``budget_minutes=10``).

    Returns
    -------
    geopandas.GeoDataFrame
        The layer's fields and geometry, EPSG:4326. Kept in ``out/.store``: asked again, it is read.

    Raises
    ------
    UnknownLayer
        No layer has that id.
    LayerUnavailable
        A table that it needs is missing.
    BadParameter
        A parameter's name or value is wrong.
    DataFault
        A table that it needs has errors.
    """
    workspace = workspace if isinstance(workspace, Workspace) else open_workspace(workspace)
    layer = catalogue.layer(id)
    engine = Engine(workspace, _parameters(workspace, parameters), store_of(workspace.root / "out"))
    refuse(engine.read_for([layer]).faults)
    return engine.frame(layer)


def check(workspace: Workspace, *, out: Path | None = None, progress: Progress = silent) -> dict[str, Any]:
    """Find everything that is wrong with the data and with the division of the ground.

    Parameters
    ----------
    workspace : Workspace
        What to check.
    out : Path or None
        Results folder, default ``<workspace>/out``; only rows set aside are written there.
    progress : callable
        Told of each step.

    Returns
    -------
    dict
        ``workspace``, ``verdict``, ``faults`` (records) and ``findings`` (records by layer id, without geometry).
        With an error among the faults the ground is not judged: ``findings`` is empty.
    """
    out = out or workspace.root / "out"
    engine = Engine(workspace, workspace.parameters, store_of(out), progress)
    read = engine.read_all()
    write_rejected(read, out)
    judges = [] if _errors(read.faults) else [layer for layer in engine.available() if _judges(layer)]
    frames = engine.frames(judges)
    return {
        "workspace": workspace.id,
        "verdict": report.verdict(read.faults, frames),
        "faults": [fault.record() for fault in read.faults],
        "findings": {
            id: orjson.loads(frame.drop(columns="geometry").to_json(orient="records", date_format="iso"))
            for id, frame in frames.items()
        },
    }


def build(
    workspace: Workspace,
    *,
    out: Path | None = None,
    only: Sequence[str] = (),
    set_aside: bool = False,
    cluster: str | None = None,
    progress: Progress = silent,
) -> Build:
    """Build the layers of a workspace and publish them.

    Parameters
    ----------
    workspace : Workspace
        What to build.
    out : Path or None
        Results folder, default ``<workspace>/out``.
    only : sequence of str
        Layer ids; empty = all that are available. The folder then holds just those.
    set_aside : bool
        True = go on without the rows that have errors; the report says rows used of rows read.
    cluster : str or None
        Address of a dask scheduler to build on, ``tcp://host:8786``; None = build in this process. The results are
        the same.
    progress : callable
        Told of each step.

    Returns
    -------
    Build
        The published build. What had not changed was taken from the store. Two builds into one folder wait for
        each other.

    Raises
    ------
    DataFault
        A row has an error and ``set_aside`` is false, or a whole table cannot be read. Rows with errors are in
        ``out/rejected``; earlier results stay as they were.
    UnknownLayer, LayerUnavailable
        An id in ``only`` is wrong, or a table that it needs is missing.
    GridwalkError
        There is no building on that cluster; :func:`geo.engine.dask.cluster` says why.
    """
    out = out or workspace.root / "out"
    wanted = [catalogue.layer(id) for id in only]
    with connect(cluster) if cluster else nullcontext(here) as run, store_of(out).alone():
        engine = Engine(workspace, workspace.parameters, store_of(out), progress, run)
        read = engine.read_for(wanted) if only else engine.read_all()
        write_rejected(read, out)
        refuse(read.faults, whole_tables_only=set_aside)
        frames = engine.frames(wanted or engine.available())
        finished = Build(workspace, out, _report(engine, frames))
        before, history = open_build(workspace, out), history_of(out)
        if before:
            history.remember(before.report, before.published)  # where an interruption or an older gridwalk did not
        if before is None or before.version != finished.version or not _whole(before):
            _publish(finished, frames)
        history.remember(finished.report)  # once it is published: one that never was is nobody's past
        _prune(finished, engine, before)
        return finished


def is_current(made: Build) -> bool:
    """Tell whether a workspace would still be built as it was.

    Parameters
    ----------
    made : Build
        A published build.

    Returns
    -------
    bool
        True where its files, its parameters (also the day, where that is today) and the code that makes its layers
        are as they were then.
    """
    workspace, store = made.workspace, store_of(made.out)
    engine = Engine(workspace, workspace.parameters, store)
    engine.read = TableSnapshots(store, {name: fingerprint(workspace, name) for name in workspace.sources})
    there = {layer.id: layer for layer in engine.available()}
    return all(one["id"] in there and engine.key(there[one["id"]]) == one["key"] for one in made.report["layers"])


def write_rejected(read: TableSnapshots, out: Path) -> None:
    """Write the rows that were set aside, each with its faults.

    Parameters
    ----------
    read : TableSnapshots
        What was read.
    out : Path
        Results folder: ``rejected/<table>.csv`` is written, or deleted where nothing is set aside.
    """
    for name in read.keys:
        rows, target = read.rejected(name), out / "rejected" / f"{name}.csv"
        if len(rows):
            replace(safe_csv(rows), target)
        else:
            target.unlink(missing_ok=True)


def refuse(faults: Sequence[Fault], *, whole_tables_only: bool = False) -> None:
    """Go no further with tables that have errors.

    Parameters
    ----------
    faults : sequence of Fault
        All that is wrong with them.
    whole_tables_only : bool
        True = rows with errors are given up; only a table that cannot be used is refused.

    Raises
    ------
    DataFault
        With all the faults.
    """
    if any(fault.row is None or not whole_tables_only for fault in _errors(faults)):
        raise DataFault(faults)


def _parameters(workspace: Workspace, changed: Mapping[str, Any]) -> Parameters:
    unknown = sorted(set(changed) - set(Parameters.model_fields))
    if unknown:
        raise BadParameter(f"no parameter {unknown[0]!r}; known: {', '.join(Parameters.model_fields)}")
    try:
        return Parameters(**{**workspace.parameters.model_dump(), **changed})
    except ValidationError as error:
        first = error.errors()[0]
        raise BadParameter(f"{'.'.join(map(str, first['loc']))}: {first['msg']}") from error


def _errors(faults: Iterable[Fault]) -> list[Fault]:
    return [fault for fault in faults if fault.level == "error"]


def _judges(layer: Layer) -> bool:
    return any(field.name == report.SEVERITY for field in layer.fields)


def _report(engine: Engine, frames: Mapping[str, gpd.GeoDataFrame]) -> dict[str, Any]:
    workspace, parameters, read = engine.workspace, engine.parameters, engine.read
    public = [layer for layer in catalogue.LAYERS if layer.id in frames and not layer.private]
    missing = [
        (layer, tables)
        for layer in catalogue.LAYERS
        if not layer.private and (tables := catalogue.missing_tables(layer, engine.present))
    ]
    content = {
        "schema": SCHEMA,
        "workspace": workspace.id,
        "title": workspace.title.record(),
        "as_of": parameters.as_of.isoformat(),
        "time_zone": parameters.time_zone,
        "made_by": f"gridwalk {importlib.metadata.version('gridwalk')}",
        "notice": workspace.notice.record() if workspace.notice else None,
        "map_review_number": workspace.map_review_number,
        "attribution": workspace.attribution.record() if workspace.attribution else None,
        "parameters": parameters.model_dump(mode="json"),
        "verdict": report.verdict(read.faults, frames),
        "layers": [
            {**report.layer_record(layer, frames[layer.id], parameters), "key": engine.key(layer)}
            for layer in public
        ],
        "unavailable": [report.unavailable_record(layer, tables) for layer, tables in missing],
        "faults": [_published(fault).record() for fault in read.faults],
        "tables": [_table_record(name, read, workspace) for name in read.keys],
    }
    return {**content, "version": digest(content)}


def _published(fault: Fault) -> Fault:
    """Keep the cells of a table that is never published out of what is wrong with it."""
    if fault.table not in TABLES or TABLES[fault.table].published:
        return fault
    told = {name: value for name, value in fault.values.items() if name != "at"}
    return dataclasses.replace(fault, values={**told, **dict.fromkeys(CELLS & set(told), "…")})


def _table_record(name: str, read: TableSnapshots, workspace: Workspace) -> dict[str, Any]:
    contract, sources, files = TABLES[name], workspace.sources[name], read.files(name)
    return {
        "name": name,
        "title": {"zh": contract.title_zh, "en": contract.title_en},
        "files": [source.file for source in sources],
        "rows_read": sum(file["rows_read"] for file in files),
        "rows_used": sum(file["rows_used"] for file in files),
        "crs": "; ".join(dict.fromkeys(file["crs"] for file in files if file["crs"])),
        "source": "; ".join(dict.fromkeys(source.source for source in sources if source.source)),
        "licence": "; ".join(dict.fromkeys(source.licence for source in sources if source.licence)),
    }


def _files(finished: Build) -> list[Path]:
    folder = finished.out / "layers"
    layers = [folder / f"{id}{ending}" for id in finished.snapshots for ending in (".parquet", ".geojson")]
    return [*layers, finished.out / "report.md"]


def _whole(finished: Build) -> bool:
    return all(path.is_file() for path in _files(finished))


def _publish(finished: Build, frames: Mapping[str, gpd.GeoDataFrame]) -> None:
    folder = finished.out / "layers"
    for id, snapshot in finished.snapshots.items():
        replace(snapshot / DATA, folder / f"{id}.parquet")
        replace(feature_collection(features(frames[id], catalogue.layer(id))), folder / f"{id}.geojson")
    replace(report.markdown(finished.report).encode(), finished.out / "report.md")
    replace(orjson.dumps(finished.report, option=orjson.OPT_INDENT_2), finished.out / "report.json")
    for stale in set(folder.iterdir()) - set(_files(finished)):
        stale.unlink()


def _prune(finished: Build, engine: Engine, before: Build | None) -> None:
    """Delete the snapshots that no kept build needs; the record of a build goes before its snapshots do."""
    out, root = finished.out, engine.store.root
    reports = [finished.report, *(record.report for record in history_of(out).keep(KEPT_BUILDS))]
    reports += [before.report] if before else []  # somebody may be reading it now
    kept = {folder.relative_to(root) for report in reports for folder in folders(report, out)}
    engine.store.keep({(folder.parent.as_posix(), folder.name) for folder in kept} | engine.used())
