"""The process that opens foreign files: ``python -m geo.io.child``, limited and killed when it takes too long.

A job comes as JSON on standard input; lines of JSON go to standard output: ``{"at": [tables]}`` before something
that may take long or crash, ``{"done": table}`` when a table's results are in the folder.
"""

from __future__ import annotations

import os
import sys
from collections.abc import Callable, Iterable
from pathlib import Path
from typing import TYPE_CHECKING, Any

import orjson

from geo.io.job import PARTITION, REJECTED, REPORT, TABLE, Job, dump_report
from geo.io.limits import Limits

if TYPE_CHECKING:
    from geo.io.draft import Outcome, Part, Task

try:
    import resource
except ImportError:  # Windows has none; the clock still holds there
    resource = None  # type: ignore[assignment]

SNAP_M = 0.001
Say = Callable[[dict[str, Any]], None]


def main() -> None:
    """Read the tables of the job on standard input."""
    out = os.fdopen(os.dup(1), "wb", buffering=0)
    os.dup2(2, 1)  # whatever a library prints is not ours to say
    job = Job.load(sys.stdin.buffer.read())
    _limit(job.limits)

    def say(event: dict[str, Any]) -> None:
        out.write(orjson.dumps(event) + b"\n")

    from geo.io.draft import finish  # the heavy imports come after the limits

    for group in _groups(job.tables):
        tasks = {name: _task(job, name) for name in group}
        parts = {name: _read(job, tasks[name], say) for name in group}
        _start(group, job.limits, say)
        if group[0] in PARTITION:
            _node([part for some in parts.values() for part in some])
        for name in group:
            _start([name], job.limits, say)
            _write(Path(job.folder) / name, name, finish(tasks[name], parts[name]))
            say({"done": name})


def _limit(limits: Limits) -> None:
    if resource is not None:
        resource.setrlimit(resource.RLIMIT_AS, (limits.memory_bytes, limits.memory_bytes))
        resource.setrlimit(resource.RLIMIT_FSIZE, (limits.written_bytes, limits.written_bytes))
        resource.setrlimit(resource.RLIMIT_CORE, (0, 0))


def _start(tables: list[str], limits: Limits, say: Say) -> None:
    """Announce what comes next and give it its share of processor time."""
    if resource is not None:
        used = resource.getrusage(resource.RUSAGE_SELF)
        _, most = resource.getrlimit(resource.RLIMIT_CPU)
        allowed = int(used.ru_utime + used.ru_stime + limits.cpu_s) + 1
        resource.setrlimit(resource.RLIMIT_CPU, (allowed, most))
    say({"at": tables})


def _groups(tables: Iterable[str]) -> list[list[str]]:
    names = list(tables)
    together = [name for name in PARTITION if name in names]
    return [group for group in [together, *([name] for name in names if name not in PARTITION)] if group]


def _task(job: Job, name: str) -> Task:
    from geo.io.draft import Task

    return Task(name, job.sources(name), job.limits, Path(job.scratch), job.time_zone, job.grid_code)


def _read(job: Job, task: Task, say: Say) -> list[Part]:
    from geo.io.draft import read_part

    _start([task.table], job.limits, say)
    return [read_part(task, path, source) for path, source in task.sources]


def _node(parts: list[Part]) -> None:
    """Put the vertices of neighbours into shared edges, in each projected system that files share."""
    import numpy as np
    import shapely

    from geo.place.noding import insert_shared_vertices

    systems = {part.position.projected for part in parts if part.position is not None} - {""}
    for system in sorted(systems):
        mine = [part for part in parts if part.position is not None and part.position.projected == system]
        usable = [~part.ledger.bad(len(part.frame), "geometry") & ~shapely.is_missing(part.geometry) for part in mine]
        chosen = [part.geometry[use] for part, use in zip(mine, usable, strict=True) if part.geometry is not None]
        noded = insert_shared_vertices(np.concatenate(chosen), tolerance=SNAP_M)
        ends = np.cumsum([int(use.sum()) for use in usable])[:-1]
        for part, use, shapes in zip(mine, usable, np.split(noded, ends), strict=True):
            geometry = np.array(part.geometry, dtype=object)
            geometry[use] = shapes
            part.geometry = geometry


def _write(folder: Path, name: str, outcome: Outcome) -> None:
    """Leave the results of one table in its folder; the report comes last and says that they are whole."""
    from geo.tables.conform import conform

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


if __name__ == "__main__":
    main()
