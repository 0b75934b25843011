"""Starting the process that opens foreign files, listening to it, and ending it when it takes too long."""

from __future__ import annotations

import os
import queue
import signal
import subprocess
import sys
import threading
from collections.abc import Callable, Iterable
from dataclasses import dataclass
from functools import cache
from pathlib import Path
from typing import Any, Literal

import orjson

import geo
from geo.io.limits import Limits

GDAL_DRIVERS = frozenset({"ESRI Shapefile", "FlatGeobuf", "GPKG"})  # all that a child may know
GDAL_SUFFIXES = frozenset({".gpkg", ".fgb", ".shp", ".zip", ""})
HELD_BY_CHILD = ("PATH", "SYSTEMROOT", "LD_LIBRARY_PATH")
STDERR = "stderr.txt"
REASON_CHARACTERS = 200
LAST_WORDS_S = 10.0
Event = dict[str, Any]


@dataclass(frozen=True, slots=True)
class Ending:
    """How a child ended.

    Parameters
    ----------
    why : {"done", "slow", "memory", "failed"}
        ``done`` = it did everything.
    reason : str
        The signal, or the last line it wrote to standard error.
    """

    why: Literal["done", "slow", "memory", "failed"]
    reason: str = ""


def run_child(
    payload: bytes, scratch: Path, limits: Limits, files: Iterable[Path], hear: Callable[[Event], None]
) -> Ending:
    """Run one child until it ends, or is silent for longer than allowed.

    Parameters
    ----------
    payload : bytes
        What it reads on standard input.
    scratch : Path
        The private folder it works in.
    limits : Limits
        ``wall_s`` is the longest silence.
    files : iterable of Path
        What it will open; tells whether it needs GDAL.
    hear : callable
        Is called with each event it reports.

    Returns
    -------
    Ending
        Never raises for what the child does.
    """
    lines: queue.Queue[bytes | None] = queue.Queue()
    slow = False
    with (scratch / STDERR).open("wb") as errors:
        child = subprocess.Popen(
            [sys.executable, "-m", "geo.io.child"],
            stdin=subprocess.PIPE,
            stdout=subprocess.PIPE,
            stderr=errors,
            cwd=scratch,
            env=_environment(scratch, files),
        )
        try:
            threading.Thread(target=_pump, args=(child.stdout, lines), daemon=True).start()
            _feed(child, payload)
            while line := lines.get(timeout=limits.wall_s):
                hear(orjson.loads(line))
            child.wait(timeout=LAST_WORDS_S)
        except (queue.Empty, subprocess.TimeoutExpired):
            slow = True
        finally:
            child.kill()
            code = child.wait()
    return _ending(code, slow, scratch)


def _feed(child: subprocess.Popen[bytes], payload: bytes) -> None:
    if child.stdin is None:
        return
    try:
        child.stdin.write(payload)
        child.stdin.close()
    except BrokenPipeError:
        return  # it is dead already; its exit says why


def _pump(pipe: Any, lines: queue.Queue[bytes | None]) -> None:
    for line in pipe:
        lines.put(line)
    lines.put(None)


def _ending(code: int, slow: bool, scratch: Path) -> Ending:
    if slow or code == -getattr(signal, "SIGXCPU", 0):
        return Ending("slow")
    if code == 0:
        return Ending("done")
    said = (scratch / STDERR).read_text(encoding="utf-8", errors="replace").strip().splitlines()
    if any("MemoryError" in line or "bad_alloc" in line for line in said[-3:]):
        return Ending("memory")
    if code < 0:
        return Ending("failed", signal.Signals(-code).name)
    return Ending("failed", said[-1][:REASON_CHARACTERS] if said else str(code))


def _environment(scratch: Path, files: Iterable[Path]) -> dict[str, str]:
    """Give the child no more than it needs: no credentials, no network drivers, one thread."""
    needs_gdal = any(file.suffix.lower() in GDAL_SUFFIXES for file in files)
    return {
        **{name: os.environ[name] for name in HELD_BY_CHILD if name in os.environ},
        "PYTHONPATH": str(Path(geo.__path__[0]).resolve().parent),
        "PYTHONSAFEPATH": "1",  # the folder it works in holds foreign files
        "PYTHONUTF8": "1",
        "HOME": str(scratch),
        "TMPDIR": str(scratch),
        "GDAL_SKIP": ",".join(_other_drivers()) if needs_gdal else "",
        "GDAL_DRIVER_PATH": "disable",
        "CPL_VSIL_CURL_ALLOWED_EXTENSIONS": ".none",
        "OGR_SQLITE_ALLOW_EXTERNAL_ACCESS": "NO",
        "PROJ_NETWORK": "OFF",
        "OMP_NUM_THREADS": "1",
        "OPENBLAS_NUM_THREADS": "1",
    }


@cache
def _other_drivers() -> tuple[str, ...]:
    import pyogrio  # only where a file needs GDAL at all

    return tuple(sorted(set(pyogrio.list_drivers()) - GDAL_DRIVERS))
