"""The process that opens foreign files: ``python -m geo.io.child``, limited and killed when it takes too long.

A job comes as JSON on standard input; lines of JSON go to standard output: ``{"at": [tables]}`` before something
that may take long or crash, ``{"done": table}`` when a table's results are in the folder.
"""

from __future__ import annotations

import os
import sys
from collections.abc import Callable
from pathlib import Path
from typing import Any

import orjson

from geo.io.job import Job
from geo.io.limits import Limits
from geo.io.process import GDAL_DRIVERS

try:
    import resource
except ImportError:  # Windows has none; the clock still holds there
    resource = None  # type: ignore[assignment]

Say = Callable[[dict[str, Any]], None]


def main() -> None:
    """Read the tables of the job on standard input."""
    out = os.fdopen(os.dup(1), "wb", buffering=0)
    os.dup2(2, 1)  # whatever a library prints is not ours to say
    payload = sys.stdin.buffer.read()
    _guard_drivers()

    def say(event: dict[str, Any]) -> None:
        out.write(orjson.dumps(event) + b"\n")

    if b'"peek"' in payload[:10]:
        _peek(payload, say)
    else:
        _import(Job.load(payload), say)


def _guard_drivers() -> None:
    """Refuse to go on with a GDAL that knows more than it needs: others read files and addresses named inside."""
    if not os.environ.get("GDAL_SKIP"):
        sys.modules["pyogrio"] = None  # type: ignore[assignment]  # not needed, so it cannot be imported
        return
    import pyogrio

    known = set(pyogrio.list_drivers()) - GDAL_DRIVERS
    if known:
        raise RuntimeError(f"GDAL still has {sorted(known)}")


def _peek(payload: bytes, say: Say) -> None:
    asked = orjson.loads(payload)
    limits = Limits(**asked["limits"])
    _limit(limits)
    from geo.io.peek import peek

    for path in asked["peek"]:
        _start([path], limits, say)
        say({"done": path, "found": peek(Path(path), limits, Path(asked["scratch"]))})


def _import(job: Job, say: Say) -> None:
    _limit(job.limits)
    from geo.io.reading import read_job  # the heavy imports come after the limits

    read_job(
        job,
        start=lambda tables, begins: _start(tables, job.limits, say, begins=begins),
        done=lambda table: say({"done": table}),
    )


def _limit(limits: Limits) -> None:
    if resource is not None:
        resource.setrlimit(resource.RLIMIT_AS, (limits.memory_bytes, limits.memory_bytes))
        resource.setrlimit(resource.RLIMIT_FSIZE, (limits.written_bytes, limits.written_bytes))
        resource.setrlimit(resource.RLIMIT_CORE, (0, 0))


def _start(tables: list[str], limits: Limits, say: Say, *, begins: bool = False) -> None:
    """Announce what comes next and give it its share of processor time."""
    if resource is not None:
        used = resource.getrusage(resource.RUSAGE_SELF)
        _, most = resource.getrlimit(resource.RLIMIT_CPU)
        allowed = int(used.ru_utime + used.ru_stime + limits.cpu_s) + 1
        resource.setrlimit(resource.RLIMIT_CPU, (allowed, most))
    say({"at": tables, "begins": begins})


if __name__ == "__main__":
    main()
