"""One table on its way in: files → columns of the contract → lon/lat → checked rows and rows set aside."""

from __future__ import annotations

import hashlib
from dataclasses import dataclass, field, replace
from pathlib import Path
from typing import Any

import numpy as np
import pandas as pd
import shapely
from numpy.typing import NDArray

from geo.errors import Fault
from geo.io import cells, headings
from geo.io.edges import Nodes, connect, node_heading, read_nodes
from geo.io.fill import default_parents, fill
from geo.io.formats import Request, read
from geo.io.heights import fill_rise, flatten
from geo.io.limits import Limits
from geo.io.places import points_from_columns, second_geometry, shapes_from_text
from geo.io.position import Position, locate
from geo.io.raw import Geometries, Ledger, Raw, Unreadable
from geo.io.rules import check_rows, is_personal
from geo.io.shapes import check_lonlat, check_shapes, check_valid, tell_places
from geo.io.synonyms import SYNONYMS
from geo.tables import TABLES
from geo.workspace import Source, files_of

ROW, FILE = "row", "file"
PERSONAL_SHARE = 0.5
NAMELESS = ("id_repeated", "personal_id")  # rows told by number: their id says nothing, or too much


@dataclass(frozen=True)
class Task:
    """What is to be read.

    Parameters
    ----------
    table : str
        Which contract.
    sources : tuple of (Path, Source)
        Its files.
    limits : Limits
        What it may cost.
    scratch : Path
        A private folder.
    time_zone : str
        What a time without a zone is in.
    """

    table: str
    sources: tuple[tuple[Path, Source], ...]
    limits: Limits
    scratch: Path
    time_zone: str


@dataclass
class Part:
    """One file of a table, half way in: columns are the contract's, geometry is in the file's own system."""

    ledger: Ledger
    frame: pd.DataFrame
    given: pd.DataFrame
    geometry: Geometries | None
    position: Position | None
    facts: dict[str, Any] = field(default_factory=dict)


def read_part(task: Task, path: Path, source: Source, nodes: Nodes) -> Part:
    """Read one file up to its columns and its place.

    Parameters
    ----------
    task : Task
        What is read, and how.
    path : Path
        The file.
    source : Source
        Its entry in the manifest.
    nodes : Nodes
        Where the nodes of streets are. A file of nodes adds to it and has no rows of its own; edges without
        geometry, in a file that the manifest names after it, are drawn between them.

    Returns
    -------
    Part
        A file that cannot be used gives one without rows and an error in its ledger.
    """
    table, ledger = TABLES[task.table], Ledger(task.table, source.file)
    facts = {"file": source.file, "sha256": sha256(path), "rows_read": 0, "crs": "", "encoding": ""}
    try:
        raw = _opened(Request(path, source, table, task.limits, task.scratch), ledger)
        found = _headings(raw, source, ledger)
        ends = bool(nodes.number) and {"u", "v"} <= set(found)
        places = _place(raw, source, ledger, found, between_nodes=ends)
        if ends:
            connect(raw, found, nodes)
        _blame_rows(raw, ledger)
        frame = _columns(raw, found, places, ledger)
        if task.table == "streets" and (heading := node_heading(raw)):
            read_nodes(raw, heading, source, ledger, nodes)
            return Part(ledger, *_no_rows(), None, None, facts | {"rows_read": len(raw.frame)})
        flatten(raw)
    except Unreadable as fault:
        ledger.note(fault.code, fault.column, **fault.values)
        return Part(ledger, *_no_rows(), None, None, facts)
    facts |= {"rows_read": len(raw.frame), "encoding": raw.encoding}
    given = frame.copy(deep=False)
    frame = _parsed(frame, source, ledger, task)
    frame = fill(task.table, frame, ledger, found)
    if task.table == "streets":
        frame = fill_rise(frame, raw.rise)
    position = None
    if raw.geometry is not None and table.shapes and not ledger.failed:
        position = locate(raw, source, ledger)
        if position is not None:
            facts["crs"] = position.label
            raw.geometry = position.straighten(raw.geometry)
    if table.shapes and raw.geometry is not None and not ledger.failed:
        if not table.geometry_required:
            raw.geometry = _without_empty(raw.geometry)
        check_shapes(raw.geometry, table, ledger)
    frame = second_geometry(frame, table, position, ledger, task.limits)
    return Part(ledger, frame, given, raw.geometry if table.shapes else None, position, facts)


def _without_empty(geometry: Geometries) -> Geometries:
    """Take what is empty as missing, where a row may be without a place."""
    made = geometry.copy()
    made[shapely.is_empty(geometry)] = None
    return made


def _opened(request: Request, ledger: Ledger) -> Raw:
    raw = read(request)
    raw.frame.columns = [str(name).strip() for name in raw.frame.columns]
    names = raw.frame.columns
    if names.has_duplicates:
        raise Unreadable("heading_repeated", heading=", ".join(sorted(set(names[names.duplicated()]))))
    ledger.numbers = raw.numbers
    for code, level, values in raw.notes:
        ledger.note(code, None, level, **values)
    return raw


def _blame_rows(raw: Raw, ledger: Ledger) -> None:
    ledger.rows += [(at, code, column, "error", values) for at, code, column, values in raw.problems]


def _no_rows() -> tuple[pd.DataFrame, pd.DataFrame]:
    return pd.DataFrame(index=pd.RangeIndex(0)), pd.DataFrame(index=pd.RangeIndex(0))


def sha256(path: Path) -> str:
    """Hash the bytes of a file, or of all files in a shapefile's folder.

    Parameters
    ----------
    path : Path
        File or folder; of a ``.shp``, its companions count too.

    Returns
    -------
    str
        Hexadecimal.
    """
    files = files_of(path)
    total = hashlib.sha256()
    for file in files:
        if len(files) > 1:
            total.update(file.name.encode())
        with file.open("rb") as content:
            total.update(hashlib.file_digest(content, "sha256").digest())
    return total.hexdigest()


def _headings(raw: Raw, source: Source, ledger: Ledger) -> dict[str, str]:
    found = headings.match(raw.frame.columns, TABLES[ledger.table], source, ledger, raw.encoding)
    for name, heading in source.columns.items():
        if headings.is_private(heading, ledger.table) and name in found:
            ledger.note("private_declared", name, heading=heading)
            found.pop(name)
    if ("u" in found) != ("v" in found):
        found = {name: heading for name, heading in found.items() if name not in ("u", "v")}  # a data source, say
    return found


def _columns(raw: Raw, found: dict[str, str], places: set[str], ledger: Ledger) -> pd.DataFrame:
    """Choose the columns: the contract's under our names, the others with a prefix, private ones not at all."""
    used = {*found.values(), *places}
    columns = {name: raw.frame[heading] for name, heading in found.items()}
    for heading in raw.frame.columns:
        if heading in used:
            continue
        if headings.is_private(heading, ledger.table) or _holds_personal(raw.frame[heading]):
            ledger.note("private_heading", None, "warning", heading=heading)
        elif TABLES[ledger.table].published:  # of what is never published, no more is kept than is needed
            columns[headings.EXTRA + heading.removeprefix(headings.EXTRA)] = raw.frame[heading]
    return pd.DataFrame(columns, index=raw.frame.index)


def _holds_personal(values: pd.Series) -> bool:
    cells_ = values.dropna().head(1000).map(lambda cell: cell if isinstance(cell, str) else None).dropna()
    return bool(len(cells_)) and bool(cells_.map(is_personal).mean() > PERSONAL_SHARE)


def _place(
    raw: Raw, source: Source, ledger: Ledger, found: dict[str, str], *, between_nodes: bool = False
) -> set[str]:
    """Make geometry from the columns of a table that has none of its own; give the headings used."""
    table = TABLES[ledger.table]
    if raw.geometry is not None or not table.shapes:
        return set()
    lon, lat, wkt = source.lon, source.lat, source.wkt
    if not (lon or wkt):
        free = [name for name in raw.frame.columns if name not in found.values()]
        lon, lat, wkt = headings.place_headings(free)
    if between_nodes:
        lon, lat = "", ""  # an edge is no point
    for heading in (lon, lat, wkt):
        if heading and heading not in raw.frame.columns:
            raise Unreadable("no_heading", "geometry", heading=heading, known=", ".join(raw.frame.columns))
    if wkt:
        raw.geometry = shapes_from_text(raw.frame[wkt], ledger)
    elif lon:
        raw.geometry = points_from_columns(raw.frame[lon], raw.frame[lat], ledger)
    elif table.geometry_required and not between_nodes:
        raise Unreadable("no_place", "geometry", known=", ".join(raw.frame.columns))
    return {wkt} if wkt else {lon, lat} - {""}


def _parsed(frame: pd.DataFrame, source: Source, ledger: Ledger, task: Task) -> pd.DataFrame:
    table = TABLES[task.table]
    made: dict[str, Any] = {}
    contract = {column.name: column for column in table.columns}
    for name in frame.columns:
        values = frame[name]
        column = contract.get(name)
        if column is None:
            made[name] = _extra(values)
            continue
        words = {**SYNONYMS.get((table.name, name), {}), **source.values.get(name, {})}
        if words:
            mapped = [words.get(_key(cell), cell) for cell in values.tolist()]
            values = pd.Series(mapped, index=values.index, dtype="object")
        made[name] = cells.parse(values, column, ledger, task.time_zone)
    return pd.DataFrame(made, index=frame.index)


def _key(cell: Any) -> Any:
    if isinstance(cell, float) and cell.is_integer():
        return str(int(cell))
    return cell.strip() if isinstance(cell, str) else str(cell)


def _extra(values: pd.Series) -> pd.Series:
    """Keep a column that no contract knows as text, so that every file of a table gives the same type."""
    text = [None if cells.is_missing(cell) else cells.plain_text(cell) for cell in values.tolist()]
    return pd.Series(text, index=values.index, dtype="object")


@dataclass
class Outcome:
    """One table, read: its rows, the rows set aside, what was wrong, and what is known of each file."""

    frame: pd.DataFrame | None
    geometry: Geometries | None
    rejected: pd.DataFrame
    faults: list[Fault]
    facts: list[dict[str, Any]]


def finish(task: Task, parts: list[Part]) -> Outcome:
    """Check the parts of a table together and part the good rows from the others.

    Parameters
    ----------
    task : Task
        What is read.
    parts : list of Part
        Its files; geometry still in their own systems, noded where it had to be.

    Returns
    -------
    Outcome
        ``frame`` is None when the table as a whole cannot be used.
    """
    from geo.io.door import check_columns  # pandera takes most of a second: only once rows are there

    table = TABLES[task.table]
    for part in parts:
        if part.geometry is not None and part.position is not None:
            part.geometry = _to_lonlat(part)
    joined, frame, geometry, starts = _together(task.table, parts)
    check_rows(task.table, frame, joined, ~_missing(geometry))
    if not any(part.ledger.failed for part in parts):
        check_columns(frame, table, joined)
    faults, bad = _settle(table.key, frame, joined, parts, starts)
    facts = [part.facts for part in parts]
    for part, start in zip(parts, starts, strict=True):
        part.facts["rows_used"] = int((~bad[start : start + len(part.frame)]).sum())
    rejected = _rejected(parts, bad, starts, faults)
    if any(fault.level == "error" and fault.row is None for fault, _ in faults):
        for fact in facts:
            fact["rows_used"] = 0
        return Outcome(None, None, rejected, [fault for fault, _ in faults], facts)
    good = ~bad
    kept = frame[good].reset_index(drop=True)
    if task.table == "divisions":
        kept = kept.assign(parent_id=default_parents(kept))
    extras = {name: "str" for name in kept.columns if name.startswith(headings.EXTRA)}
    return Outcome(kept.astype(extras), geometry[good], rejected, [fault for fault, _ in faults], facts)


def _missing(geometry: Geometries) -> NDArray[np.bool_]:
    return np.asarray(shapely.is_missing(geometry), dtype=bool)


def _to_lonlat(part: Part) -> Geometries:
    assert part.geometry is not None and part.position is not None  # noqa: S101 (the caller has looked)
    good = ~part.ledger.bad(len(part.geometry), "geometry")
    geometry = part.geometry.copy()
    geometry[~good] = None
    made = part.position.lonlat(geometry)
    check_lonlat(made, part.ledger)
    tell_places(part.ledger, part.position.lonlat)
    if part.position.crs is not None or part.position.shifted:
        check_valid(made, good & ~part.ledger.bad(len(made), "geometry") & ~_missing(made), part.ledger)
        tell_places(part.ledger, lambda places: places)
    return made


def _together(name: str, parts: list[Part]) -> tuple[Ledger, pd.DataFrame, Geometries, list[int]]:
    """Put the files of a table below each other; rows already bad stay bad."""
    starts = list(np.cumsum([0, *(len(part.frame) for part in parts)])[:-1])
    joined = Ledger(name, "")
    for part, start in zip(parts, starts, strict=True):
        joined.rows += [
            (at + start, code, column, level, more) for at, code, column, level, more in part.ledger.rows
        ]
    frame = pd.concat([part.frame.astype("object") for part in parts], ignore_index=True)
    nothing = [np.empty(len(part.frame), dtype=object) for part in parts]
    shapes = [none if part.geometry is None else part.geometry for part, none in zip(parts, nothing, strict=True)]
    return joined, frame, np.concatenate(shapes), [int(start) for start in starts]


def _settle(
    key: str, frame: pd.DataFrame, joined: Ledger, parts: list[Part], starts: list[int]
) -> tuple[list[tuple[Fault, int]], NDArray[np.bool_]]:
    """Give every fault the file and the row it belongs to; with each comes its position, -1 for a whole file."""
    bad = joined.bad(len(frame))
    ids = frame[key] if key in frame else pd.Series([None] * len(frame), dtype="object")
    ends = [*starts[1:], len(frame)]
    faults: list[tuple[Fault, int]] = []
    faults += [(fault, -1) for part in parts for fault in part.ledger.whole]
    file = ", ".join(part.ledger.file for part in parts)
    faults += [(replace(fault, file=file), -1) for fault in joined.whole]
    for at, code, column, level, values in sorted(joined.rows, key=lambda entry: entry[0]):
        number = int(np.searchsorted(ends, at, side="right"))
        part = parts[number]
        row = part.ledger.row_name(at - starts[number], None if code in NAMELESS else ids.iloc[at])
        faults.append((Fault(code, joined.table, row, column, level, part.ledger.file, values), at))
    return faults, bad


def _rejected(
    parts: list[Part], bad: NDArray[np.bool_], starts: list[int], faults: list[tuple[Fault, int]]
) -> pd.DataFrame:
    """List the rows set aside as their files have them, with what is wrong in both languages."""
    reasons: dict[int, list[Fault]] = {}
    for fault, at in faults:
        if fault.level == "error" and at >= 0:
            reasons.setdefault(at, []).append(fault)
    frames = []
    for part, start in zip(parts, starts, strict=True):
        mine = np.flatnonzero(bad[start : start + len(part.frame)])
        rows = part.given.iloc[mine].apply(_extra)
        rows.insert(0, FILE, part.ledger.file)
        rows.insert(1, ROW, [str(part.ledger.row_name(at, None)) for at in mine])
        for lang in ("zh", "en"):
            rows[f"problem_{lang}"] = [
                "; ".join(fault.problem(lang) for fault in reasons.get(int(at) + start, [])) for at in mine
            ]
        frames.append(rows.astype("object"))
    return pd.concat(frames, ignore_index=True)
