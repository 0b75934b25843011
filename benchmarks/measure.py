"""How candidates are timed beside each other, and how their memory is measured."""

from __future__ import annotations

import ctypes
import gc
import importlib.metadata
import os
import platform
import re
import statistics
import sys
import time
from collections.abc import Callable, Iterator, Mapping, Sequence
from contextlib import contextmanager
from pathlib import Path
from typing import Any, NamedTuple

# numpy's arrays then go back to the system when they are freed, and the peak is what was held at once
MALLOC = {"MALLOC_MMAP_THRESHOLD_": "65536", "MALLOC_TRIM_THRESHOLD_": "65536"}

# pandana's threads otherwise spin at their barriers, and on a busy machine its build does not come to an end
os.environ.setdefault("OMP_WAIT_POLICY", "passive")


class Timing(NamedTuple):
    """Seconds of every run of one candidate."""

    wall: list[float]
    cpu: list[float]

    @property
    def median(self) -> float:
        """Median wall seconds."""
        return statistics.median(self.wall)

    @property
    def median_cpu(self) -> float:
        """Median CPU seconds of all threads."""
        return statistics.median(self.cpu)


def once(job: Callable[[], Any]) -> tuple[Any, float, float]:
    """Run a job: its result, wall seconds, CPU seconds of all threads."""
    gc.collect()
    cpu, start = time.process_time(), time.perf_counter()
    made = job()
    return made, time.perf_counter() - start, time.process_time() - cpu


def interleaved(jobs: Mapping[str, Callable[[], Any]], *, repeats: int, patience_s: float) -> dict[str, Timing]:
    """Run the jobs in turn, round after round, so that a busy machine is busy for all of them.

    A job that has already taken ``patience_s`` in all sits out the further rounds: slow ones have fewer repeats.
    """
    made = {name: Timing([], []) for name in jobs}
    gc.freeze()  # nobody pays for walking through the others' graphs
    for _ in range(repeats):
        for name, job in jobs.items():
            if sum(made[name].wall) < patience_s:
                _, wall, cpu = once(job)
                made[name].wall.append(wall)
                made[name].cpu.append(cpu)
    gc.unfreeze()
    return made


def machine(*packages: str) -> str:
    """Say in one line what this ran on and with which versions."""
    cores = len(os.sched_getaffinity(0)) if hasattr(os, "sched_getaffinity") else os.cpu_count()
    names = [f"{name} {importlib.metadata.version(name)}" for name in ("gridwalk", "numpy", "numba", *packages)]
    busy = f", load {os.getloadavg()[0]:.1f}" if hasattr(os, "getloadavg") else ""
    return f"{cores} cores ({platform.machine()}{busy}), Python {platform.python_version()}, {', '.join(names)}"


def installed(package: str) -> bool:
    """Tell whether a package is installed."""
    try:
        importlib.metadata.version(package)
    except importlib.metadata.PackageNotFoundError:
        return False
    return True


@contextmanager
def quiet() -> Iterator[None]:
    """Keep what a C library prints off the standard output."""
    sys.stdout.flush()
    shown, nowhere = os.dup(1), os.open(os.devnull, os.O_WRONLY)
    os.dup2(nowhere, 1)
    try:
        yield
    finally:
        ctypes.CDLL(None).fflush(None)
        os.dup2(shown, 1)
        os.close(shown)
        os.close(nowhere)


def table(head: Sequence[str], rows: Sequence[Sequence[str]]) -> str:
    """Lay out a Markdown table; the first column to the left, the others to the right."""
    width = [max(len(row[at]) for row in (head, *rows)) for at in range(len(head))]
    lines = [
        "| " + " | ".join(f"{cell:{'<' if not at else '>'}{width[at]}}" for at, cell in enumerate(row)) + " |"
        for row in (head, *rows)
    ]
    rule = "| " + " | ".join("-" * w if not at else "-" * (w - 1) + ":" for at, w in enumerate(width)) + " |"
    return "\n".join([lines[0], rule, *lines[1:]])


def seconds(value: float) -> str:
    """Write a duration so that three digits of it are seen."""
    return f"{value * 1e3:,.3g} ms" if value < 1 else f"{value:,.3g} s"


def peak_of(job: Callable[[], Any]) -> tuple[Any, int | None]:
    """Run a job: its result, and how far the process grew above what it held before, in bytes.

    The kernel's high-water mark of resident memory (``VmHWM``) is set back to now, and read afterwards; None where
    the system has none. What the job returns is part of its peak.
    """
    gc.collect()
    try:
        Path("/proc/self/clear_refs").write_text("5")
    except OSError:
        return job(), None
    before = status("VmRSS")
    made = job()
    return made, status("VmHWM") - before


def status(name: str) -> int:
    """Read a line of ``/proc/self/status``, bytes."""
    found = re.search(rf"^{name}:\s+(\d+) kB", Path("/proc/self/status").read_text(), re.MULTILINE)
    if not found:
        raise OSError(f"/proc/self/status has no {name}")
    return int(found[1]) * 1024
