"""All tables of one job: read file by file, polygons that share edges noded together, results left in folders."""

from __future__ import annotations

from collections.abc import Callable, Iterable
from pathlib import Path

import numpy as np
import shapely

from geo.io.draft import Outcome, Part, Task, finish, read_part
from geo.io.edges import Nodes
from geo.io.job import PARTITION, REJECTED, REPORT, TABLE, Job, dump_report
from geo.place.noding import insert_shared_vertices
from geo.tables.conform import conform

SNAP_M = 0.001
Start = Callable[[list[str], bool], None]


def read_job(job: Job, *, start: Start, done: Callable[[str], None]) -> None:
    """Read the tables of a job.

    Parameters
    ----------
    job : Job
        What is wanted, and where results go.
    start : callable
        Is told before each step which tables it is about, and whether one is begun.
    done : callable
        Is told each table whose results are in its folder.
    """
    for group in _groups(job.tables):
        tasks = {name: _task(job, name) for name in group}
        parts = {name: _read(tasks[name], start) for name in group}
        start(group, False)
        if group[0] in PARTITION:
            _node([part for some in parts.values() for part in some])
        for name in group:
            start([name], False)
            _write(Path(job.folder) / name, name, finish(tasks[name], parts[name]))
            done(name)


def _groups(tables: Iterable[str]) -> list[list[str]]:
    names = list(tables)
    together = [name for name in PARTITION if name in names]
    return [group for group in [together, *([name] for name in names if name not in PARTITION)] if group]


def _task(job: Job, name: str) -> Task:
    return Task(name, job.sources(name), job.limits, Path(job.scratch), job.time_zone)


def _read(task: Task, start: Start) -> list[Part]:
    start([task.table], True)
    nodes = Nodes()
    return [read_part(task, path, source, nodes) for path, source in task.sources]


def _node(parts: list[Part]) -> None:
    """Put the vertices of neighbours into shared edges, in each projected system that files share."""
    systems = {part.position.projected for part in parts if part.position is not None} - {""}
    for system in sorted(systems):
        mine = [part for part in parts if part.position is not None and part.position.projected == system]
        usable = [
            ~part.ledger.bad(len(part.frame), "geometry") & ~shapely.is_missing(part.geometry) for part in mine
        ]
        chosen = [part.geometry[use] for part, use in zip(mine, usable, strict=True) if part.geometry is not None]
        noded = insert_shared_vertices(np.concatenate(chosen), tolerance=SNAP_M)
        ends = np.cumsum([int(use.sum()) for use in usable])[:-1]
        for part, use, shapes in zip(mine, usable, np.split(noded, ends), strict=True):
            geometry = np.array(part.geometry, dtype=object)
            geometry[use] = shapes
            part.geometry = geometry


def _write(folder: Path, name: str, outcome: Outcome) -> None:
    """Leave the results of one table in its folder; the report comes last and says that they are whole."""
    folder.mkdir(parents=True, exist_ok=True)
    columns: list[str] = []
    if outcome.frame is not None:
        frame = outcome.frame
        if outcome.geometry is not None:
            frame = frame.assign(geometry=outcome.geometry)
        made = conform(name, frame)
        columns = [str(column) for column in made.columns]
        made.to_parquet(folder / TABLE)
    outcome.rejected.to_parquet(folder / REJECTED)
    (folder / REPORT).write_bytes(dump_report(outcome.faults, outcome.facts, columns))
