"""Shapefiles: a folder, the files beside a ``.shp``, or zipped; text in GBK or UTF-8."""

from __future__ import annotations

import shutil
import struct
from pathlib import Path, PurePosixPath

import numpy as np

from geo.io.formats import Request
from geo.io.formats.archive import check_archive, unpack
from geo.io.formats.gdal import read_layer
from geo.io.formats.text import CHINESE, fitting, known_encoding
from geo.io.raw import Raw, Unreadable

PARTS = (".shp", ".shx", ".dbf", ".prj", ".cpg")
LANGUAGE_IDS = {0x4D: CHINESE, 0x7A: CHINESE, 0x03: "cp1252", 0x57: "", 0x00: ""}
HEADER_BYTES, FIELD_BYTES = 32, 32


def read_shapefile(request: Request, kind: str) -> Raw:
    """Read a shapefile.

    Parameters
    ----------
    request : Request
        The file and what is known about it.
    kind : str
        ``folder``, ``shapefile`` or ``zip``.

    Returns
    -------
    Raw
        Rows in the file's order, headings as the ``.dbf`` has them (cut at ten bytes).
    """
    parts = _staged(request, kind)
    for needed in (".shp", ".dbf"):
        if needed not in parts:
            raise Unreadable("shapefile_part", part=needed)
    table = parts[".dbf"].read_bytes()
    encoding, reason = _encoding(table, parts.get(".cpg"), request.source.encoding)
    headings = [name for name, _, _ in _fields(table, encoding)]
    parts[".dbf"].write_bytes(_renamed(table))
    raw = read_layer(parts[".shp"], request, parts[".shp"].stem, encoding=encoding)
    raw.frame.columns = [headings[int(name)] for name in raw.frame.columns]
    raw.encoding = encoding
    raw.notes.append(("encoding_used", "info", {"encoding": encoding, "reason": reason}))
    return raw


def _staged(request: Request, kind: str) -> dict[str, Path]:
    """Lay the parts of one shapefile side by side under plain names."""
    folder = request.scratch / "shapefile"
    shutil.rmtree(folder, ignore_errors=True)
    folder.mkdir(parents=True)
    found: dict[str, Path] = {}
    if kind == "zip":
        entries = check_archive(request.path, request.limits)
        names = {entry.filename: entry for entry in entries}
        for part, name in _chosen(list(names), request).items():
            found[part] = folder / f"layer{part}"
            unpack(request.path, names[name], found[part], request.limits)
        return found
    home = request.path if kind == "folder" else request.path.parent
    files = [file.name for file in home.iterdir() if file.is_file() and not file.is_symlink()]
    if kind == "shapefile":
        files = [name for name in files if Path(name).stem == request.path.stem]
    for part, name in _chosen(files, request).items():
        if (home / name).stat().st_size > request.limits.file_bytes:
            raise Unreadable("file_too_large", size=(home / name).stat().st_size, limit=request.limits.file_bytes)
        found[part] = folder / f"layer{part}"
        shutil.copyfile(home / name, found[part])
    return found


def _chosen(names: list[str], request: Request) -> dict[str, str]:
    """Choose the files of one shapefile among those there; endings may be in any case."""
    plain = [name for name in names if not name.startswith("__MACOSX")]
    shapes = [name for name in plain if name.lower().endswith(".shp")]
    stems = {PurePosixPath(name).stem: name for name in shapes}
    wanted = request.source.layer
    if not shapes:
        raise Unreadable("no_shapefile")
    if wanted and wanted not in stems:
        raise Unreadable("no_layer", name=wanted, known=", ".join(stems))
    if not wanted and len(shapes) > 1:
        raise Unreadable("which_layer", known=", ".join(stems))
    base = (stems[wanted] if wanted else shapes[0])[: -len(".shp")]
    return {
        part: name
        for part in PARTS
        for name in plain
        if name[: -len(part)] == base and name.lower().endswith(part)
    }


def _encoding(table: bytes, cpg: Path | None, declared: str) -> tuple[str, str]:
    """Find out how the text is encoded, and say how that was found out."""
    if declared:
        encoding = known_encoding(declared)
        if not encoding:
            raise Unreadable("unknown_encoding", name=declared)
        return encoding, "workspace.toml"
    if cpg:
        encoding = known_encoding(cpg.read_bytes()[:64].decode("ascii", errors="replace"))
        if encoding:
            return encoding, ".cpg"
    language = LANGUAGE_IDS.get(table[29], "") if len(table) > HEADER_BYTES else ""
    if language == CHINESE:
        return language, "language id"
    return fitting(_texts(table)), "content"


def _fields(table: bytes, encoding: str) -> list[tuple[str, str, int]]:
    """Read the headings: name, type, width."""
    if len(table) < HEADER_BYTES:
        raise Unreadable("broken_file", reason=".dbf")
    (end,) = struct.unpack_from("<H", table, 8)
    fields = []
    for at in range(HEADER_BYTES, min(end, len(table)) - 1, FIELD_BYTES):
        if table[at] == 0x0D or at + FIELD_BYTES > len(table):
            break
        name = table[at : at + 11].split(b"\0")[0]
        fields.append((name.decode(encoding, errors="ignore").strip(), chr(table[at + 11]), table[at + 16]))
    return fields


def _renamed(table: bytes) -> bytes:
    """Number our copy's headings: one that was cut in the middle of a letter stops GDAL from reading."""
    made = bytearray(table)
    for number in range(len(_fields(table, "latin-1"))):
        at = HEADER_BYTES + number * FIELD_BYTES
        made[at : at + 11] = str(number).encode().ljust(11, b"\0")
    return bytes(made)


def _texts(table: bytes) -> set[bytes]:
    """Collect the headings and the different cells of text."""
    rows, start, width = struct.unpack_from("<IHH", table, 4) if len(table) >= HEADER_BYTES else (0, 0, 0)
    texts = set()
    for at in range(HEADER_BYTES, max(start - 1, HEADER_BYTES), FIELD_BYTES):
        texts.add(table[at : at + 11].split(b"\0")[0])
    rows = min(rows, (len(table) - start) // width if width else 0)
    cells = np.frombuffer(table, dtype=np.uint8, count=rows * width, offset=start).reshape(rows, width)
    left = 1
    for _, kind, size in _fields(table, "latin-1"):
        if kind == "C" and rows:
            texts.update(bytes(cell).strip() for cell in cells[:, left : left + size])
        left += size
    return texts
