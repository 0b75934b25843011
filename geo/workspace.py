"""A workspace: a folder with a ``workspace.toml`` that says where the tables are and what is assumed."""

from __future__ import annotations

import re
import tomllib
from collections.abc import Iterator, Mapping
from dataclasses import dataclass
from datetime import date, datetime
from pathlib import Path
from typing import Annotated, Any, Literal
from zoneinfo import ZoneInfo, available_timezones

from pydantic import Field, ValidationError

from geo.background import Background, faults_of
from geo.errors import DataFault, Fault
from geo.layer import Title
from geo.parameters import Parameters, Rule
from geo.sections import Section, Words
from geo.tables import TABLES
from geo.tables.people import ROLES
from geo.tables.places import PLACES

MANIFEST = "workspace.toml"
SCHEMA = 1
Datum = Literal["wgs84", "cgcs2000", "gcj02", "bd09"]
ELSEWHERE = frozenset(
    {"as_of", "time_zone", "study_area", "roles", "rules"}
)  # Parameters that have a place of their own


class Source(Section):
    """One file of a table, as ``[tables.X]`` describes it.

    Parameters
    ----------
    file : str
        Path relative to the workspace, with ``/``; a folder is a shapefile's.
    layer, sheet : str
        Which part of a file that has several; empty = the only or first one.
    crs : str
        What PROJ understands (``EPSG:4546``, WKT, ``+proj=…``); empty = as the file says.
    datum : {"wgs84", "cgcs2000", "gcj02", "bd09"} or None
        What lon/lat means.
    lon, lat, wkt : str
        Headings of the columns that hold the place.
    encoding : str
        Of text; empty = found out.
    columns : dict of str to str
        Our column name → the file's heading.
    values : dict of str to dict
        Our column name → {what the file says: our code}.
    towgs84 : tuple of float
        3 or 7 parameters (m, arc seconds, ppm) of a Beijing 54 or Xian 80 source to WGS 84.
    accuracy_m : float or None
        The error that is accepted instead of such parameters, metres.
    source, licence : str
        Where the data come from.
    """

    file: Annotated[str, Field(min_length=1)]
    layer: str = ""
    sheet: str = ""
    crs: str = ""
    datum: Datum | None = None
    lon: str = ""
    lat: str = ""
    wkt: str = ""
    encoding: str = ""
    columns: dict[str, str] = Field(default_factory=dict)
    values: dict[str, dict[str, str]] = Field(default_factory=dict)
    towgs84: tuple[float, ...] = ()
    accuracy_m: Annotated[float, Field(gt=0)] | None = None
    source: str = ""
    licence: str = ""


class _Manifest(Section):
    schema_: Annotated[Literal[1], Field(alias="schema")]
    id: Annotated[str, Field(pattern=r"^[a-z][a-z0-9-]{0,62}$")]
    title: Words
    time_zone: str = "Asia/Shanghai"
    as_of: date | None = None
    study_area: Annotated[str, Field(pattern=r"^$|^[a-z]+:[^:]+$")] = ""
    notice: Words | None = None
    map_review_number: str = ""
    attribution: Words | None = None
    parameters: dict[str, Any] = Field(default_factory=dict)
    roles: dict[str, tuple[str, ...]] = Field(default_factory=dict)
    rules: tuple[Rule, ...] = ()
    tables: dict[str, tuple[Source, ...]] = Field(default_factory=dict)
    background: tuple[Background, ...] = ()


@dataclass(frozen=True, slots=True)
class Workspace:
    """A folder of tables with what is assumed about them.

    Parameters
    ----------
    root : Path
        The folder, absolute.
    id : str
        Name in addresses.
    title : Title
        Name for people.
    parameters : Parameters
        What answers depend on besides tables.
    sources : dict of str to tuple of Source
        The files of each table, in the manifest's order.
    notice : Title or None
        A banner for every page.
    map_review_number : str
        审图号; empty = not for publication.
    attribution : Title or None
        Who made the data.
    backgrounds : tuple of Background
        Tiles that served boards may show instead of the drawn background.
    """

    root: Path
    id: str
    title: Title
    parameters: Parameters
    sources: Mapping[str, tuple[Source, ...]]
    notice: Title | None = None
    map_review_number: str = ""
    attribution: Title | None = None
    backgrounds: tuple[Background, ...] = ()

    def path(self, source: Source) -> Path:
        """Locate a source's file.

        Parameters
        ----------
        source : Source
            One of this workspace's.

        Returns
        -------
        Path
            Absolute.
        """
        return self.root / source.file


def files_of(path: Path) -> list[Path]:
    """List the files that a source is made of.

    Parameters
    ----------
    path : Path
        File or folder.

    Returns
    -------
    list of Path
        The file; of a folder all in it; of a ``.shp`` its companions too. By name.
    """
    if path.is_dir():
        return sorted(file for file in path.iterdir() if file.is_file())
    if path.suffix.lower() == ".shp":
        return sorted(file for file in path.parent.iterdir() if file.stem == path.stem and file.is_file())
    return [path]


def open_workspace(path: str | Path, *, today: date | None = None) -> Workspace:
    """Read a workspace's manifest and check that its files are there.

    Parameters
    ----------
    path : str or Path
        The folder, or its ``workspace.toml``.
    today : date or None
        The day that an omitted ``as_of`` means; None = today in the workspace's time zone.

    Returns
    -------
    Workspace
        With absolute paths. Anything wrong raises one :class:`DataFault` with all faults.
    """
    given = Path(path)
    file = given / MANIFEST if given.is_dir() else given
    root = file.parent.resolve()
    raw = _parse(file)
    faults = _shape_tables(raw)
    try:
        manifest = _Manifest.model_validate(raw)
    except ValidationError as error:
        raise DataFault([*faults, *_explain(error)]) from None
    faults += [*_table_faults(manifest, root), *_zone_faults(manifest.time_zone)]
    faults += [*_background_faults(manifest.background, root)]
    faults += [*_role_faults(manifest.roles), *_rule_faults(manifest)]
    parameters = _parameters(manifest, today, faults)
    if faults or parameters is None:
        raise DataFault(faults)
    return Workspace(
        root=root,
        id=manifest.id,
        title=manifest.title.title(),
        parameters=parameters,
        sources=manifest.tables,
        notice=manifest.notice.title() if manifest.notice else None,
        map_review_number=manifest.map_review_number,
        attribution=manifest.attribution.title() if manifest.attribution else None,
        backgrounds=manifest.background,
    )


def _fault(code: str, key: str | None = None, **values: Any) -> Fault:
    return Fault(code, MANIFEST, column=key, file=MANIFEST, values=values)


def _parse(file: Path) -> dict[str, Any]:
    try:
        return tomllib.loads(file.read_text(encoding="utf-8-sig"))
    except FileNotFoundError:
        raise DataFault([_fault("no_manifest", file=str(file))]) from None
    except (OSError, UnicodeDecodeError, tomllib.TOMLDecodeError) as error:
        raise DataFault([_fault("bad_manifest", reason=str(error))]) from None


def _shape_tables(raw: dict[str, Any]) -> list[Fault]:
    """Make every ``[tables.X]`` and ``[background]`` a list in place; report tables that no contract has."""
    if isinstance(raw.get("background"), dict):
        raw["background"] = [raw["background"]]
    tables = raw.get("tables")
    if not isinstance(tables, dict):
        return []
    unknown = [name for name in tables if name not in TABLES]
    raw["tables"] = {
        name: [entry] if isinstance(entry, dict) else entry
        for name, entry in tables.items()
        if name not in unknown
    }
    return [_fault("unknown_table", f"tables.{name}", name=name, known=", ".join(TABLES)) for name in unknown]


def _explain(error: ValidationError, prefix: tuple[str, ...] = ()) -> Iterator[Fault]:
    for problem in error.errors(include_url=False, include_context=False):
        key = ".".join((*prefix, *_readable(problem["loc"])))
        if problem["type"] == "extra_forbidden":
            yield _fault("unknown_key", key, name=str(problem["loc"][-1]))
        elif problem["type"] == "missing":
            yield _fault("missing_key", key, name=str(problem["loc"][-1]))
        else:
            yield _fault("bad_key", key, given=repr(problem["input"])[:80], reason=problem["msg"])


def _readable(loc: tuple[int | str, ...]) -> Iterator[str]:
    """Name a place in the manifest as its author wrote it: files of a table count from 1."""
    for i, part in enumerate(loc):
        if not isinstance(part, int):
            yield part
        elif part or loc[0] != "tables" or i != 2:
            yield str(part + 1)


def _zone_faults(time_zone: str) -> Iterator[Fault]:
    if time_zone not in available_timezones():
        yield _fault("unknown_time_zone", "time_zone", name=time_zone)


def _table_faults(manifest: _Manifest, root: Path) -> Iterator[Fault]:
    for table, sources in manifest.tables.items():
        for number, source in enumerate(sources, start=1):
            key = f"tables.{table}" if len(sources) == 1 else f"tables.{table}.{number}"
            yield from _file_faults(source.file, root, f"{key}.file")
            yield from _source_faults(table, source, key)


def _background_faults(backgrounds: tuple[Background, ...], root: Path) -> Iterator[Fault]:
    for number, one in enumerate(backgrounds, start=1):
        if one.file:
            yield from _file_faults(one.file, root, f"background.{number}.file")
        for name, code in faults_of(one):
            yield _fault(code, f"background.{number}.{name}")


def _file_faults(name: str, root: Path, key: str) -> Iterator[Fault]:
    try:
        inside = (root / name).resolve().is_relative_to(root)
    except (OSError, ValueError, RuntimeError):  # NUL in the name, a loop of links
        inside = False
    if not inside:
        yield _fault("outside_workspace", key, file=name)
    elif not (root / name).exists():
        yield _fault("no_file", key, file=name)


def _source_faults(table: str, source: Source, key: str) -> Iterator[Fault]:
    known = {column.name for column in TABLES[table].columns}
    for part, names in (("columns", source.columns), ("values", source.values)):
        for name in names:
            if name not in known:
                yield _fault("unknown_column", f"{key}.{part}.{name}", name=name, known=", ".join(sorted(known)))
    if bool(source.lon) != bool(source.lat):
        yield _fault("half_a_place", key)
    if source.crs and source.datum:
        yield _fault("crs_and_datum", key)
    if len(source.towgs84) not in (0, 3, 7):
        yield _fault("bad_towgs84", f"{key}.towgs84", count=len(source.towgs84))


def _role_faults(roles: Mapping[str, tuple[str, ...]]) -> Iterator[Fault]:
    kinds = PLACES["grids"].kinds
    for kind, named in roles.items():
        if kind not in kinds:
            yield _fault("rule_kind", f"roles.{kind}", name=kind, each="grids", known=", ".join(kinds))
        for role in named:
            if role not in ROLES:
                yield _fault("rule_role", f"roles.{kind}", name=role, known=", ".join(ROLES))


def _rule_faults(manifest: _Manifest) -> Iterator[Fault]:
    """Rules that cannot be judged, or that nothing can break."""
    for number, rule in enumerate(manifest.rules, start=1):
        key, place, (least, most) = f"rules.{number}", PLACES[rule.each], rule.bounds
        if rule.has not in ROLES:
            yield _fault("rule_role", f"{key}.has", name=rule.has, known=", ".join(ROLES))
        if rule.kind and place.kinds and rule.kind not in place.kinds:
            known = ", ".join(place.kinds)
            yield _fault("rule_kind", f"{key}.kind", name=rule.kind, each=rule.each, known=known)
        if place.table not in manifest.tables:
            yield _fault("rule_without_table", f"{key}.each", each=rule.each, name=place.table)
        if not least and most is None:
            yield _fault("rule_unbreakable", f"{key}.count", count=rule.count)
        elif least is not None and most is not None and least > most:
            yield _fault("rule_impossible", f"{key}.count", count=rule.count, least=least, most=most)


def _parameters(manifest: _Manifest, today: date | None, faults: list[Fault]) -> Parameters | None:
    """Bring the manifest's assumptions together; what is wrong with them is added to ``faults``."""
    if any(fault.column == "time_zone" for fault in faults):
        return None
    faults += [
        _fault("misplaced_key", f"parameters.{name}", name=name)
        for name in manifest.parameters
        if name in ELSEWHERE
    ]
    given = {name: value for name, value in manifest.parameters.items() if name not in ELSEWHERE}
    try:
        re.compile(str(given.get("grid_code", "")))
    except re.error as error:
        faults.append(_fault("bad_key", "parameters.grid_code", given=given["grid_code"], reason=str(error)))
    try:
        return Parameters(
            **given,
            as_of=manifest.as_of or today or datetime.now(ZoneInfo(manifest.time_zone)).date(),
            time_zone=manifest.time_zone,
            study_area=manifest.study_area,
            roles=manifest.roles,
            rules=manifest.rules,
        )
    except ValidationError as error:
        faults += _explain(error, prefix=("parameters",))
        return None
