"""Immutable snapshots in folders named by the hash of what they were made from.

A snapshot is written aside, flushed to disk and renamed into place: whoever reads sees a whole one or none,
whenever the power goes.
"""

from __future__ import annotations

import hashlib
import os
import shutil
import tempfile
import time
from collections.abc import Collection, Iterator
from contextlib import contextmanager
from pathlib import Path
from typing import Any

import orjson
from filelock import FileLock

ASIDE = ".aside-"
ABANDONED_S = 3_600


def digest(value: Any) -> str:
    """Hash plain values.

    Parameters
    ----------
    value : Any
        Anything that JSON can say; the order of mappings does not matter.

    Returns
    -------
    str
        32 hexadecimal digits.
    """
    return hashlib.sha256(orjson.dumps(value, option=orjson.OPT_SORT_KEYS, default=str)).hexdigest()[:32]


class Snapshots:
    """A folder of snapshots, ``<root>/<name>/<key>/``; a name is ``<plane>/<what>``, such as ``tables/grids``.

    Parameters
    ----------
    root : Path
        Made on the first write.
    """

    def __init__(self, root: Path) -> None:
        self.root = root

    def find(self, name: str, key: str) -> Path | None:
        """Find a snapshot.

        Parameters
        ----------
        name : str
            What it is a snapshot of.
        key : str
            Hash of what it was made from.

        Returns
        -------
        Path or None
            Its folder; None when it was never finished.
        """
        folder = self.root / name / key
        return folder if folder.is_dir() else None

    @contextmanager
    def new(self, name: str, key: str) -> Iterator[Path]:
        """Write a snapshot aside and put it in place at the end.

        Parameters
        ----------
        name : str
            What it is a snapshot of.
        key : str
            Hash of what it was made from.

        Yields
        ------
        Path
            An empty folder to write into. An error inside leaves nothing behind. When the same snapshot came
            into place meanwhile, that one stays.
        """
        shelf = self.root / name
        shelf.mkdir(parents=True, exist_ok=True)
        aside = Path(tempfile.mkdtemp(prefix=ASIDE, dir=shelf))
        try:
            yield aside
            for path in aside.iterdir():
                flush(path)
            flush(aside)
            if not (shelf / key).exists():
                aside.rename(shelf / key)
                flush(shelf)
        finally:
            shutil.rmtree(aside, ignore_errors=True)

    def alone(self) -> FileLock:
        """Lock the store against others who would delete snapshots.

        Returns
        -------
        FileLock
            A context manager that waits until nobody else, in any process, holds it.
        """
        self.root.mkdir(parents=True, exist_ok=True)
        return FileLock(self.root / "lock")

    def keep(self, wanted: Collection[tuple[str, str]]) -> None:
        """Delete all snapshots but some, and what interrupted writers left more than an hour ago.

        Parameters
        ----------
        wanted : collection of (str, str)
            Name and key of those that stay.
        """
        for folder in self.root.glob("*/*/*"):
            if folder.name.startswith(ASIDE) and time.time() - folder.stat().st_mtime < ABANDONED_S:
                continue  # somebody may be writing it now
            if (folder.parent.relative_to(self.root).as_posix(), folder.name) not in wanted:
                shutil.rmtree(folder, ignore_errors=True)


def flush(path: Path) -> None:
    """Make sure that a file or folder is on the disk.

    Parameters
    ----------
    path : Path
        File, or folder where the system can flush folders.
    """
    if path.is_dir() and os.name == "nt":
        return
    handle = os.open(path, os.O_RDONLY)
    try:
        os.fsync(handle)
    finally:
        os.close(handle)


def replace(source: Path | bytes, target: Path) -> None:
    """Put a file in place at once: readers see the old one or the new one, never half of one.

    Parameters
    ----------
    source : Path or bytes
        File to copy, or its content.
    target : Path
        Where it shall be; its folder is made.
    """
    target.parent.mkdir(parents=True, exist_ok=True)
    handle, aside = tempfile.mkstemp(prefix=ASIDE, dir=target.parent)
    try:
        with os.fdopen(handle, "wb") as stream:
            if isinstance(source, bytes):
                stream.write(source)
            else:
                with source.open("rb") as given:
                    shutil.copyfileobj(given, stream)
            stream.flush()
            os.fsync(stream.fileno())
        Path(aside).chmod(0o644)
        Path(aside).replace(target)
        flush(target.parent)
    finally:
        Path(aside).unlink(missing_ok=True)
