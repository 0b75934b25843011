"""Which column of a person's file is which column of the contract."""

from __future__ import annotations

import re
from collections.abc import Iterable, Mapping

from geo.io.raw import Ledger
from geo.tables.contract import Column, Table
from geo.workspace import Source

DBF_BYTES = 10
EXTRA = "x_"
LON = ("lon", "lng", "longitude", "经度", "x", "坐标x", "x坐标", "东经")
LAT = ("lat", "latitude", "纬度", "y", "坐标y", "y坐标", "北纬")
WKT = ("wkt", "geometry", "geom", "the_geom", "几何")
PRIVATE_ZH = re.compile(
    r"姓名|名字|电话|手机|联系方式|联系人|负责人|户主|身份证|证件号|住址|家庭地址|微信|邮箱|银行卡"
)
PRIVATE_EN = re.compile(
    r"(full|real|first|last|middle|family|given|person|people|staff|worker|contact|holder|owner)(s)?name"
    r"|.*phone.*|mobile(no|number)?|tel(no|number)?|e?mail.*|(national|resident)?id(card|number|no).*|passport.*"
    r"|wechat.*|dateofbirth|birthday|surname"
)
TABLES_OF_PEOPLE = frozenset({"staff", "assignments", "patrols", "tracks", "visits"})
PEOPLES_NAME = frozenset({"name", "名称", "人员"})
PEOPLE = frozenset(
    {"网格员", "网格长", "网格管理员", "楼栋长", "单元长", "护边员", "民警", "包联干部", "社区书记"}
)  # who, not how many


def is_private(heading: str, table: str = "") -> bool:
    """Tell whether a heading looks like a person's name, telephone or identity number.

    Parameters
    ----------
    heading : str
        As the file has it.
    table : str
        Where it stands: a ``name`` is a place's name, except in a table of people.

    Returns
    -------
    bool
        True = its values are never read.

    Examples
    --------
    >>> [is_private(h) for h in ("网格员姓名", "联系电话", "phoneNumber", "网格名称", "name")]
    [True, True, True, False, False]
    >>> is_private("name", "staff"), is_private("网格员", "grids"), is_private("网格员数", "grids")
    (True, True, False)
    """
    compact = re.sub(r"[^0-9a-z]+", "", heading.lower())
    named = table in TABLES_OF_PEOPLE and _plain(heading) in PEOPLES_NAME
    named = named or _plain(heading) in PEOPLE
    return named or bool(PRIVATE_ZH.search(heading)) or bool(PRIVATE_EN.fullmatch(compact))


def match(
    headings: Iterable[str], table: Table, source: Source, ledger: Ledger, encoding: str = ""
) -> dict[str, str]:
    """Find the heading of each column: the manifest's word, else the contract's name, else a usual one.

    Parameters
    ----------
    headings : iterable of str
        As the file has them.
    table : Table
        The contract.
    source : Source
        The file's entry in the manifest.
    ledger : Ledger
        Is told about headings that were declared but are not there.
    encoding : str
        How a ``.dbf`` was decoded: its headings are cut at ten bytes.

    Returns
    -------
    dict of str to str
        Our column → the file's heading; columns without one are left out.
    """
    there = list(headings)
    by_name = {_plain(name): name for name in reversed(there)}
    found: dict[str, str] = {}
    for name, heading in source.columns.items():
        actual = heading if heading in there else by_name.get(_plain(heading)) or _cut(heading, there, encoding)
        if actual is None:
            ledger.note("no_heading", name, heading=heading, known=", ".join(there))
        else:
            found[name] = actual
    taken = set(found.values())
    for find in (_by_own_name, _by_usual_heading):
        for column in table.columns:
            free = None if column.name in found else find(column, by_name, there, encoding)
            if free is not None and free not in taken:
                found[column.name] = free
                taken.add(free)
    return found


def _by_own_name(column: Column, by_name: Mapping[str, str], there: list[str], encoding: str) -> str | None:
    return by_name.get(column.name) or _cut(column.name, there, encoding)


def _by_usual_heading(column: Column, by_name: Mapping[str, str], there: list[str], encoding: str) -> str | None:
    for usual in (*column.zh, column.title_zh):
        heading = (by_name.get(usual) or _cut(usual, there, encoding)) if usual else None
        if heading is not None:
            return heading
    return None


def _plain(heading: str) -> str:
    """Compare headings without case, spaces, a unit in brackets or a star for "required"."""
    return re.sub(r"[\s*＊]|[（(].*?[)）]", "", heading).lower()


def _cut(heading: str, there: list[str], encoding: str) -> str | None:
    """Find a heading that a ``.dbf`` cut at ten bytes."""
    if not encoding:
        return None
    whole = heading.encode(encoding, errors="ignore")
    if len(whole) <= DBF_BYTES:
        return None
    short = whole[:DBF_BYTES].decode(encoding, errors="ignore")
    return next((name for name in there if name.lower() == short.lower()), None)


def place_headings(headings: Iterable[str]) -> tuple[str, str, str]:
    """Find the columns that hold the place.

    Parameters
    ----------
    headings : iterable of str
        As the file has them.

    Returns
    -------
    tuple of str
        Headings of lon, lat and WKT; empty where there is none.

    Examples
    --------
    >>> place_headings(["编号", "经度", "纬度"])
    ('经度', '纬度', '')
    """
    by_name = {_plain(name): name for name in headings}
    lon, lat, wkt = (
        next((by_name[usual] for usual in names if usual in by_name), "") for names in (LON, LAT, WKT)
    )
    return (lon, lat, wkt) if lon and lat else ("", "", wkt)
