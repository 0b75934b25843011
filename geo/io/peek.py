"""A first look at a person's file, in the child: which table it may be, and what its manifest entry must say."""

from __future__ import annotations

import zipfile
from dataclasses import dataclass, field
from pathlib import Path
from typing import Any

import shapely

from geo.io import cells, headings
from geo.io.formats import Request, kind_of, read
from geo.io.limits import Limits
from geo.io.position import label, read_crs, suggest_line
from geo.io.raw import Ledger, Raw, Unreadable
from geo.io.shapes import BASE_TYPE
from geo.io.synonyms import SYNONYMS
from geo.tables import TABLES
from geo.tables.contract import Column, Table
from geo.workspace import Source

NAMED, REQUIRED, KNOWN, PLACED = 3.0, 2.0, 1.0, 0.5  # how much a sign says about which table it is
ENOUGH = 2.5
FEW_WORDS = 20


@dataclass(frozen=True)
class Part:
    """One layer, sheet or whole file, and what was found out about it.

    Parameters
    ----------
    file, layer, sheet : str
        Where it is.
    table : str
        The likeliest table; empty = cannot be told.
    columns : dict of str to str
        Our column → its heading, where they differ.
    lon, lat, wkt : str
        Headings of the place.
    line : str
        The line about coordinates that the manifest needs; empty = the file says it.
    crs, encoding : str
        As found in the file.
    words : dict of str to list of str
        By column, words that stand for no known code.
    unused : list of str
        Headings that mean nothing to the table.
    problem : str
        Code of the fault that made it unreadable.
    """

    file: str
    layer: str = ""
    sheet: str = ""
    table: str = ""
    columns: dict[str, str] = field(default_factory=dict)
    lon: str = ""
    lat: str = ""
    wkt: str = ""
    line: str = ""
    crs: str = ""
    encoding: str = ""
    words: dict[str, list[str]] = field(default_factory=dict)
    unused: list[str] = field(default_factory=list)
    problem: str = ""


def peek(path: Path, limits: Limits, scratch: Path) -> list[dict[str, Any]]:
    """Look at every layer or sheet of a file.

    Parameters
    ----------
    path : Path
        A file, or a shapefile's folder.
    limits : Limits
        What it may cost.
    scratch : Path
        A private folder.

    Returns
    -------
    list of dict
        The fields of a :class:`Part` each.
    """
    found = []
    for layer, sheet in _parts(path):
        source = Source(file=path.name, layer=layer, sheet=sheet)
        try:
            # streets take every kind of file, GraphML and extracts among them
            raw = read(Request(path, source, TABLES["streets"], limits, scratch))
            found.append(_describe(raw, source))
        except Unreadable as fault:
            found.append(Part(path.name, layer, sheet, problem=fault.code))
    return [vars(part) for part in found]


def _parts(path: Path) -> list[tuple[str, str]]:
    """List layers and sheets; a file without any is one part."""
    try:
        kind = kind_of(path)
        if kind == "gpkg":
            import pyogrio

            return [(str(name), "") for name, _ in pyogrio.list_layers(path)] or [("", "")]
        if kind == "xls" or path.suffix.lower() == ".xlsx":
            from python_calamine import load_workbook

            return [("", str(name)) for name in load_workbook(str(path)).sheet_names][:1]
        if kind == "zip":
            with zipfile.ZipFile(path) as archive:
                names = [Path(name).stem for name in archive.namelist() if name.lower().endswith(".shp")]
            return [(name, "") for name in names] or [("", "")]
    except (OSError, ValueError, RuntimeError, zipfile.BadZipFile):
        pass  # reading it will say what is wrong
    return [("", "")]


def _describe(raw: Raw, source: Source) -> Part:
    raw.frame.columns = [str(name).strip() for name in raw.frame.columns]
    raw.frame = raw.frame.loc[:, ~raw.frame.columns.duplicated()]
    lon, lat, wkt = headings.place_headings(raw.frame.columns) if raw.geometry is None else ("", "", "")
    shape = _shape(raw)
    table, columns = _likeliest(raw, source, shape, placed=bool(lon or wkt))
    if table is None:
        return Part(source.file, source.layer, source.sheet, unused=list(raw.frame.columns), encoding=raw.encoding)
    if not table.shapes:
        lon = lat = wkt = ""
    used = {*columns.values(), lon, lat, wkt}
    return Part(
        source.file,
        source.layer,
        source.sheet,
        table.name,
        {name: heading for name, heading in columns.items() if name != heading},
        lon,
        lat,
        wkt,
        _line(raw, table, lon, lat, wkt),
        label(read_crs(raw.crs)) if raw.crs else "",
        raw.encoding,
        _words(raw, table, columns),
        [name for name in raw.frame.columns if name not in used],
    )


def _shape(raw: Raw) -> str:
    if raw.geometry is None:
        return ""
    kinds = shapely.get_type_id(raw.geometry[~shapely.is_missing(raw.geometry)])
    return BASE_TYPE[int(kinds[0])] if len(kinds) else ""


def _likeliest(raw: Raw, source: Source, shape: str, *, placed: bool) -> tuple[Table | None, dict[str, str]]:
    """Weigh every contract against headings, kind of geometry and names."""
    best: tuple[float, Table | None, dict[str, str]] = (ENOUGH, None, {})
    called = f"{source.file} {source.layer} {source.sheet}".lower()
    for table in TABLES.values():
        if (shape and shape not in table.shapes) or (
            table.shapes and table.geometry_required and not (shape or placed)
        ):
            continue
        columns = headings.match(raw.frame.columns, table, source, Ledger(table.name, source.file), raw.encoding)
        score = NAMED * (table.name in called or table.title_zh in called) + PLACED * bool(shape)
        score += sum(_weight(table.column(name)) for name in columns) - 0.01 * len(table.columns)
        lacking = [c for c in table.columns if c.required and c.name not in columns]
        score -= REQUIRED * len(lacking)
        if score > best[0]:
            best = (score, table, columns)
    return best[1], best[2]


def _weight(column: Column) -> float:
    return REQUIRED if column.required else KNOWN


def _line(raw: Raw, table: Table, lon: str, lat: str, wkt: str) -> str:
    """Suggest what the manifest must say of the coordinates when the file does not."""
    if not table.shapes or raw.crs or not (raw.geometry is not None or lon or wkt):
        return ""
    from geo.io.places import points_from_columns, shapes_from_text

    quiet = Ledger(table.name, "")
    if raw.geometry is None:
        raw.geometry = (
            shapes_from_text(raw.frame[wkt], quiet)
            if wkt
            else points_from_columns(raw.frame[lon], raw.frame[lat], quiet)
        )
    elif raw.implied:
        return ""
    coords = shapely.get_coordinates(raw.geometry)
    return suggest_line(coords) if len(coords) else 'datum = "wgs84"'


def _words(raw: Raw, table: Table, columns: dict[str, str]) -> dict[str, list[str]]:
    """Collect words of coded columns that nobody knows; numbers and long texts are none."""
    unknown = {}
    for name, heading in columns.items():
        allowed = table.column(name).values
        if allowed:
            known = {*allowed, *SYNONYMS.get((table.name, name), {})}
            there = {cells.plain_text(cell).strip() for cell in raw.frame[heading] if not cells.is_missing(cell)}
            if lost := sorted(there - known):
                unknown[name] = lost[:FEW_WORDS]
    return unknown
