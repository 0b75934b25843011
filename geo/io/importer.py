"""Reading the tables of a workspace: foreign files are opened in a child process that may be killed."""

from __future__ import annotations

import hashlib
import tempfile
from collections.abc import Callable, Mapping, Sequence
from dataclasses import dataclass, field
from functools import cache
from pathlib import Path
from typing import Any

import geopandas as gpd
import orjson
import pandas as pd

import geo
from geo.errors import Fault
from geo.io.job import PARTITION, REJECTED, REPORT, TABLE, Job, load_report
from geo.io.limits import Limits
from geo.io.process import Ending, run_child
from geo.tables import TABLES
from geo.tables.conform import conform
from geo.workspace import Workspace

Progress = Callable[[str], None]


@dataclass(frozen=True)
class Reading:
    """What came of reading tables.

    Parameters
    ----------
    tables : dict of str to GeoDataFrame or DataFrame
        As :func:`geo.tables.conform.conform` gives them; a table that cannot be used is not there.
    faults : tuple of Fault
        Everything wrong, table by table.
    rejected : dict of str to DataFrame
        Rows set aside: ``file``, ``row``, the cells as the file has them, ``problem_zh``, ``problem_en``.
    files : dict of str to list of dict
        For each file of a table: ``file sha256 crs encoding rows_read rows_used``.
    """

    tables: Mapping[str, Any]
    faults: tuple[Fault, ...]
    rejected: Mapping[str, pd.DataFrame]
    files: Mapping[str, list[dict[str, Any]]]


@dataclass
class _Run:
    """How far reading has come."""

    done: list[str] = field(default_factory=list)
    failed: dict[str, Fault] = field(default_factory=dict)


def read_tables(
    workspace: Workspace,
    wanted: Sequence[str] | None,
    folder: Path,
    *,
    limits: Limits | None = None,
    progress: Progress | None = None,
) -> Reading:
    """Read tables of a workspace; nothing that their files do can harm this process.

    Parameters
    ----------
    workspace : Workspace
        Where the files are.
    wanted : sequence of str or None
        Tables to read; None = all that the workspace has. Polygons that share edges are read together, so one of
        divisions, grids and excluded brings the others into the child, though not into the answer.
    folder : Path
        Where the child leaves its results, a folder for each table; what is there is replaced.
    limits : Limits or None
        What reading may cost.
    progress : callable or None
        Is told the name of each table as it is begun.

    Returns
    -------
    Reading
        Tables, faults, rows set aside and facts about the files. A crash, a limit or a timeout is a fault of the
        table that was being read; the others are read all the same.
    """
    limits = limits or Limits()
    names = [name for name in workspace.sources if wanted is None or name in wanted]
    needed = [
        name for name in workspace.sources if name in names or (name in PARTITION and set(names) & set(PARTITION))
    ]
    folder.mkdir(parents=True, exist_ok=True)
    run = _Run()
    while remaining := [name for name in needed if name not in run.done and name not in run.failed]:
        with tempfile.TemporaryDirectory(prefix="gridwalk-") as scratch:
            job = _job(workspace, remaining, folder, Path(scratch), limits)
            _run_child(job, run, progress or (lambda _: None))
    return _gather(names, folder, run)


def _job(workspace: Workspace, tables: list[str], folder: Path, scratch: Path, limits: Limits) -> Job:
    entries = {
        name: [(str(workspace.path(source)), source.model_dump()) for source in workspace.sources[name]]
        for name in tables
    }
    return Job(entries, str(folder.resolve()), str(scratch), limits, workspace.parameters.time_zone)


def _run_child(job: Job, run: _Run, progress: Progress) -> None:
    """Let one child read as far as it comes; whatever it was at when it ended has failed."""
    at: list[str] = []

    def hear(event: dict[str, Any]) -> None:
        if "done" in event:
            run.done.append(event["done"])
        else:
            at[:] = event["at"]
            if event.get("begins"):
                progress(at[0])

    files = [Path(path) for entries in job.tables.values() for path, _ in entries]
    ending = run_child(job.dump(), Path(job.scratch), job.limits, files, hear)
    if ending.why != "done":
        blamed = [name for name in at if name not in run.done] or [n for n in job.tables if n not in run.done][:1]
        run.failed |= {name: _failure(name, job, ending) for name in blamed}


def _failure(name: str, job: Job, ending: Ending) -> Fault:
    file = ", ".join(entry["file"] for _, entry in job.tables[name])
    values: dict[str, Any] = {"reason": ending.reason}
    if ending.why == "slow":
        values = {"seconds": f"{job.limits.wall_s:g}"}
    elif ending.why == "memory":
        values = {"mib": job.limits.memory_bytes >> 20}
    return Fault(f"import_{ending.why}", name, file=file, values=values)


def _gather(names: list[str], folder: Path, run: _Run) -> Reading:
    tables: dict[str, Any] = {}
    rejected: dict[str, pd.DataFrame] = {}
    files: dict[str, list[dict[str, Any]]] = {}
    faults: list[Fault] = []
    for name in names:
        if name in run.failed:
            faults.append(run.failed[name])
            continue
        found, files[name], columns = load_report((folder / name / REPORT).read_bytes())
        faults += found
        if columns:
            read = gpd.read_parquet if TABLES[name].shapes else pd.read_parquet
            tables[name] = conform(name, read(folder / name / TABLE))
        aside = pd.read_parquet(folder / name / REJECTED)
        if len(aside):
            rejected[name] = aside
    return Reading(tables, tuple(faults), rejected, files)


def fingerprint(workspace: Workspace, table: str) -> str:
    """Name the state of everything that a read table depends on.

    Parameters
    ----------
    workspace : Workspace
        Where the files are.
    table : str
        One that the workspace has.

    Returns
    -------
    str
        sha256 over the bytes of its files, their entries in the manifest, the time zone and grid pattern, the
        contract and the reading code. Divisions, grids and excluded areas share edges: each depends on all three.
    """
    from geo.io.draft import sha256

    together = PARTITION if table in PARTITION else (table,)
    state = [
        table,
        _code(),
        workspace.parameters.time_zone,
        *(
            [name, source.model_dump(mode="json"), sha256(workspace.path(source))]
            for name in together
            for source in workspace.sources.get(name, ())
        ),
    ]
    return hashlib.sha256(orjson.dumps(state)).hexdigest()


@cache
def _code() -> str:
    """Hash the code that reading depends on: contracts, readers, datums, noding."""
    root = Path(geo.__path__[0])
    total = hashlib.sha256()
    for part in ("io", "tables", "datum.py", "crs.py", "place", "walk/onfoot.py"):
        for file in sorted((root / part).rglob("*.py")) if (root / part).is_dir() else [root / part]:
            total.update(file.relative_to(root).as_posix().encode())
            total.update(file.read_bytes())
    return total.hexdigest()
