"""Zip archives from strangers: looked through before anything is unpacked."""

from __future__ import annotations

import zipfile
import zlib
from pathlib import Path, PurePosixPath

from geo.io.limits import MIB, Limits
from geo.io.raw import Unreadable

SMALL_BYTES = 4 * MIB  # below this a high ratio is only an empty table
CHUNK_BYTES = MIB


def check_archive(path: Path, limits: Limits) -> list[zipfile.ZipInfo]:
    """Check an archive's list of contents: number, size, ratio, names, encryption.

    Parameters
    ----------
    path : Path
        The archive.
    limits : Limits
        What is allowed.

    Returns
    -------
    list of zipfile.ZipInfo
        Its files, folders left out. Anything wrong raises :class:`Unreadable`.
    """
    try:
        with zipfile.ZipFile(path) as archive:
            entries = archive.infolist()
    except (zipfile.BadZipFile, OSError, ValueError, NotImplementedError) as error:
        raise Unreadable("broken_archive", reason=str(error)) from None
    if len(entries) > limits.entries:
        raise Unreadable("archive_entries", count=len(entries), limit=limits.entries)
    size = sum(entry.file_size for entry in entries)
    if size > limits.expanded_bytes:
        raise Unreadable("archive_size", size=size, limit=limits.expanded_bytes)
    packed = max(path.stat().st_size, 1)
    if size > SMALL_BYTES and size / packed > limits.ratio:
        raise Unreadable("archive_ratio", ratio=round(size / packed), limit=limits.ratio)
    for entry in entries:
        name = PurePosixPath(entry.filename.replace("\\", "/"))
        if name.is_absolute() or ".." in name.parts or ":" in entry.filename:
            raise Unreadable("archive_path", name=entry.filename[:100])
        if entry.flag_bits & 0x1:
            raise Unreadable("archive_locked")
    return [entry for entry in entries if not entry.is_dir()]


def unpack(path: Path, entry: zipfile.ZipInfo, target: Path, limits: Limits) -> None:
    """Unpack one file and stop where it grows beyond what the archive's list promised.

    Parameters
    ----------
    path : Path
        The archive.
    entry : zipfile.ZipInfo
        One of its files.
    target : Path
        File to write.
    limits : Limits
        What is allowed.
    """
    written = 0
    try:
        with zipfile.ZipFile(path) as archive, archive.open(entry) as packed, target.open("wb") as out:
            while chunk := packed.read(CHUNK_BYTES):
                written += len(chunk)
                if written > min(entry.file_size, limits.expanded_bytes):
                    raise Unreadable("archive_size", size=written, limit=limits.expanded_bytes)
                out.write(chunk)
    except (zipfile.BadZipFile, zlib.error, EOFError, OSError, NotImplementedError) as error:
        raise Unreadable("broken_archive", reason=str(error)) from None
