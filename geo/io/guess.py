"""From a person's files to a workspace: which table each is, and a manifest with comments to correct."""

from __future__ import annotations

import re
import shutil
import tempfile
from collections.abc import Iterable, Sequence
from pathlib import Path
from typing import Any

import orjson

from geo.errors import DataFault, Fault
from geo.io.cells import CONTROL
from geo.io.limits import Limits
from geo.io.peek import Part
from geo.io.process import run_child
from geo.tables import TABLES
from geo.words import LANGS, say
from geo.workspace import MANIFEST

SHAPEFILE_SUFFIXES = frozenset({".shp", ".shx", ".dbf", ".prj", ".cpg"})


def init_workspace(folder: Path, files: Sequence[Path]) -> Path:
    """Make a workspace of files: copy them and write a manifest that says what was guessed.

    Parameters
    ----------
    folder : Path
        Made when missing; a manifest already there is a fault.
    files : sequence of Path
        Files, or shapefiles' folders. Of a ``.shp`` the companions come along. One that is in the folder already
        stays where it is.

    Returns
    -------
    Path
        The manifest.
    """
    manifest = folder / MANIFEST
    lost = [file for file in files if not file.exists()]
    faults = [Fault("no_file", MANIFEST, values={"file": str(file)}) for file in lost]
    if manifest.exists():
        faults.append(Fault("folder_taken", MANIFEST, values={"folder": str(folder)}))
    if faults:
        raise DataFault(faults)
    folder.mkdir(parents=True, exist_ok=True)
    names = [_copied(file, folder) for file in files]
    manifest.write_text(guess_workspace(folder, names), encoding="utf-8")
    return manifest


def _copied(file: Path, folder: Path) -> str:
    target = folder / file.name
    if file.resolve() == target.resolve():
        return file.name
    if target.exists():
        raise DataFault([Fault("folder_taken", MANIFEST, values={"folder": str(target)})])
    if file.is_dir():
        shutil.copytree(file, target)
    elif file.suffix.lower() == ".shp":
        for part in file.parent.iterdir():
            if part.stem == file.stem and part.suffix.lower() in SHAPEFILE_SUFFIXES:
                shutil.copyfile(part, folder / part.name)
    else:
        shutil.copyfile(file, target)
    return file.name


def guess_workspace(folder: Path, files: Iterable[str], *, limits: Limits | None = None) -> str:
    """Write the manifest for files of a folder, as far as they tell.

    Parameters
    ----------
    folder : Path
        The workspace.
    files : iterable of str
        Names inside of it; opened in a child process as at reading.
    limits : Limits or None
        What looking may cost.

    Returns
    -------
    str
        TOML with comments. What cannot be told stands there as a comment.
    """
    parts = _peek([folder / name for name in files], limits or Limits())
    tables: dict[str, list[Part]] = {}
    for part in parts:
        tables.setdefault(part.table, []).append(part)
    unknown = tables.pop("", [])
    sections = [_head(folder)]
    for name in TABLES:
        several = len(tables.get(name, [])) > 1
        sections += [_section(part, several=several) for part in tables.get(name, [])]
    return "\n".join([*sections, *(_unknown(part) for part in unknown)])


def _peek(paths: list[Path], limits: Limits) -> list[Part]:
    """Look at files in a child; one that kills it cannot be told, and the next child goes on."""
    found: dict[str, list[dict[str, Any]]] = {}
    waiting = [str(path.resolve()) for path in paths]

    def hear(event: dict[str, Any]) -> None:
        if "done" in event:
            found[event["done"]] = event["found"]

    while waiting:
        with tempfile.TemporaryDirectory(prefix="gridwalk-") as scratch:
            asked = {"peek": waiting, "limits": _plain(limits), "scratch": scratch}
            ending = run_child(orjson.dumps(asked), Path(scratch), limits, map(Path, waiting), hear)
        waiting = [path for path in waiting if path not in found]
        if waiting and ending.why != "done":
            found[waiting[0]] = [{"file": Path(waiting[0]).name, "problem": f"import_{ending.why}"}]
            waiting = waiting[1:]
    return [Part(**part) for path in paths for part in found.get(str(path.resolve()), [])]


def _plain(limits: Limits) -> dict[str, Any]:
    return {name: getattr(limits, name) for name in Limits.__slots__}


def _quote(text: str) -> str:
    return orjson.dumps(text).decode()  # a JSON string is a TOML string


def _both(key: str, **values: Any) -> str:
    """Say something as comments; a heading with a line break must not become a line of its own."""
    return "\n".join("# " + " ".join(CONTROL.sub(" ", say(key, lang, **values)).split()) for lang in LANGS)


def _head(folder: Path) -> str:
    name = folder.resolve().name
    slug = re.sub(r"[^a-z0-9]+", "-", name.lower()).strip("-")
    slug = slug if slug[:1].isalpha() else f"w-{slug}".rstrip("-")
    return (
        f"{_both('init.head')}\n"
        "schema = 1\n"
        f'id = "{slug[:60]}"\n'
        f"title = {{ zh = {_quote(name)}, en = {_quote(name)} }}\n"
        'time_zone = "Asia/Shanghai"\n'
        '# as_of = 2026-11-20\n# study_area = "divisions:150105"\n'
        'map_review_number = ""\n\n'
        "[parameters]\n# budget_minutes = 15\n# speed_kmh = 4.8\n# households_per_worker = 500\n"
    )


def _section(part: Part, *, several: bool) -> str:
    title = TABLES[part.table]
    lines = [
        f"# {title.title_zh} / {title.title_en}",
        f"[[tables.{part.table}]]" if several else f"[tables.{part.table}]",
        f"file = {_quote(part.file)}",
    ]
    lines += [
        f"{key} = {_quote(getattr(part, key))}"
        for key in ("layer", "sheet", "lon", "lat", "wkt")
        if getattr(part, key)
    ]
    if part.crs:
        lines.append(f"# crs = {_quote(part.crs)}")
    if part.line:
        lines += [_both("init.place"), part.line]
    if part.encoding not in ("", "utf-8", "utf-8-sig"):
        lines.append(f"encoding = {_quote(part.encoding)}")
    if part.columns:
        pairs = ", ".join(f"{name} = {_quote(heading)}" for name, heading in part.columns.items())
        lines.append(f"columns = {{ {pairs} }}")
    for name, words in part.words.items():
        codes = " | ".join(title.column(name).values)
        pairs = ", ".join(f'{_quote(word)} = "…"' for word in words)
        lines += [_both("init.words", codes=codes), f"# values.{name} = {{ {pairs} }}"]
    if part.unused:
        lines.append(_both("init.unused", headings=", ".join(part.unused)))
    lines += ['source = ""', 'licence = ""', ""]
    return "\n".join(lines)


def _unknown(part: Part) -> str:
    where = " / ".join(text for text in (part.file, part.layer, part.sheet) if text)
    if part.problem:
        return _both("init.unreadable", file=where) + "\n"
    return (
        _both("init.unknown", file=where, headings=", ".join(part.unused))
        + f"\n# [tables.…]\n# file = {_quote(part.file)}\n"
    )
