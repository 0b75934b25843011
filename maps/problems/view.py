"""What the board of data problems sees of a build: its problems alone, each with a number and two sentences."""

from __future__ import annotations

from collections import Counter
from collections.abc import Mapping, Sequence
from dataclasses import dataclass, replace
from typing import TYPE_CHECKING, Any, cast

import geopandas as gpd
import numpy as np
import pandas as pd

from geo.layer import Field, Layer, Title
from maps import words
from maps.problems import faults, places, sentences
from maps.problems.naming import Names, names_of
from maps.problems.sources import FAULTS, SEVERITIES, SOURCES, THEMES, Source

if TYPE_CHECKING:
    from geo.service import Build

LISTED = 5_000  # more than that nobody mends one by one
NAMED = ("divisions", "grids", "stations", "posts", "border-segments", "markers")
CODES = ("severity", "sort", "file", "table", "of")
TEXTS = ("near", "lon", "lat")
LINE = "line"  # in place of a table: a row that has no id of its own is told by its number


@dataclass(frozen=True, slots=True)
class View:
    """A build as one board sees it; everything that it does not change is the build's own.

    Parameters
    ----------
    build : Build
        The build.
    report : mapping
        Its report, as the board tells it.
    made : mapping of str to (Layer, geopandas.GeoDataFrame)
        Layers that are not as the build has them.
    """

    build: Build
    report: Mapping[str, Any]
    made: Mapping[str, tuple[Layer, gpd.GeoDataFrame]]

    @property
    def workspace(self) -> Any:
        """What was built."""
        return self.build.workspace

    @property
    def version(self) -> str:
        """Version of the build."""
        return self.build.version

    def layers(self) -> tuple[Layer, ...]:
        """List the layers that the board can show.

        Returns
        -------
        tuple of Layer
            Those of the build, and the faults; of those that may have problems the ones that do.
        """
        others = [layer for layer in self.build.layers() if layer.id not in self.made]
        return (*others, *(layer for layer, frame in self.made.values() if len(frame)))

    def frame(self, id: str) -> gpd.GeoDataFrame:
        """Read the rows of a layer.

        Parameters
        ----------
        id : str
            Layer id.

        Returns
        -------
        geopandas.GeoDataFrame
            Of a layer with problems only those that are, in the order of their numbers.
        """
        return self.made[id][1] if id in self.made else self.build.frame(id)


def seen(build: Build) -> Build:
    """Take the problems out of a build.

    Parameters
    ----------
    build : Build
        A finished build.

    Returns
    -------
    Build
        A :class:`View`: layers of problems have only the rows that are problems, numbered through in ``line``
        (by file, the one with most to be mended first; then severity, topic, kind and the layer's own order), with
        ``severity sort file table ids near lon lat problem remedy``. Beyond 5,000 the least grave are left out.
    """
    known = {layer.id: layer for layer in build.layers()}
    ground = {id: build.frame(id) for id in NAMED if id in known}
    found = _found(build, known, ground)
    everything = _numbered(found, build.report["tables"])
    listed = _gravest(everything)
    made = {id: (layer, _rows_of(id, frame, listed)) for id, (layer, frame) in found.items()}
    _place(made, ground)
    dressed = {id: _dressed(layer, frame, build.report["tables"], listed) for id, (layer, frame) in made.items()}
    report = _report(build, dressed, everything, len(ground.get("grids", ())))
    return cast("Build", View(build, report, dressed))


def _found(
    build: Build, known: Mapping[str, Layer], ground: Mapping[str, gpd.GeoDataFrame]
) -> dict[str, tuple[Layer, gpd.GeoDataFrame]]:
    """Rows that are problems, by layer, with severity, sort, table, ids and the two sentences."""
    names = names_of(ground, {id: layer.key for id, layer in known.items()})
    made = {FAULTS: (faults.layer(), _told_faults(build, ground))}
    for id, source in SOURCES.items():
        if id in known:
            frame = build.frame(id)
            if id == "border-findings":
                frame = places.within_segments(frame, ground.get("border-segments"))
            made[id] = (known[id], _told(known[id], source, frame, names))
    return made


def _told_faults(build: Build, ground: Mapping[str, gpd.GeoDataFrame]) -> gpd.GeoDataFrame:
    records = build.report["faults"]
    made = faults.frame(records, ground)
    made["ids"] = [[row] if row else [] for row in made["row"]]
    made["of"] = [LINE if isinstance(one["row"], int) else one["table"] for one in records]
    made["column"] = [faults.heading(one, build.workspace.sources.get(one["table"], ())) for one in records]
    for name in ("problem", "remedy"):
        made[name] = [Title(one[name]["zh"], one[name]["en"]) for one in records]
    return made


def _told(layer: Layer, source: Source, frame: gpd.GeoDataFrame, names: Names) -> gpd.GeoDataFrame:
    records = frame.drop(columns="geometry").to_dict("records")
    kept = [at for at, row in enumerate(records) if source.is_problem(row)]
    rows = [records[at] for at in kept]
    told = [sentences.TELLERS[layer.id](layer, row, names) for row in rows]
    made = frame.iloc[kept].reset_index(drop=True)
    columns = {
        "severity": [source.severity(row) for row in rows],
        "sort": [source.kind(row) for row in rows],
        "table": [source.table(row) for row in rows],
        "of": [(source.of or source.table)(row) for row in rows],
        "ids": [source.ids(row) for row in rows],
        "problem": [what for what, _ in told],
        "remedy": [todo for _, todo in told],
    }
    for name, values in columns.items():
        made[name] = pd.Series(values, index=made.index, dtype="object")
    return made.assign(file="")


def _numbered(
    found: Mapping[str, tuple[Layer, gpd.GeoDataFrame]], tables: Sequence[Mapping[str, Any]]
) -> pd.DataFrame:
    """All problems in the order of their numbers: ``layer row file severity``."""
    files = {table["name"]: "; ".join(dict.fromkeys(table["files"])) for table in tables}
    parts: list[pd.DataFrame] = []
    for theme, ids in enumerate(THEMES.values()):
        for id in ids:
            if id not in found:
                continue
            frame = found[id][1]
            given = (
                own or files.get(table) or table for own, table in zip(frame["file"], frame["table"], strict=True)
            )
            part = pd.DataFrame({"file": list(given), "severity": list(frame["severity"])}, dtype="object")
            kinds = pd.factorize(frame["sort"])[0]  # what is alike stands together
            parts.append(
                part.assign(layer=id, row=np.arange(len(frame)), theme=theme, place=len(parts), kind=kinds)
            )
    whole = pd.concat(parts, ignore_index=True)
    whole["grave"] = [SEVERITIES.index(one) for one in whole["severity"]]
    counts = whole.groupby(["file", "grave"]).size().unstack(fill_value=0).reindex(columns=range(3), fill_value=0)
    order = counts.reset_index().sort_values([0, 1, "file"], ascending=[False, False, True], kind="stable")
    rank = {file: place for place, file in enumerate(order["file"])}
    whole["file_rank"] = [rank[file] for file in whole["file"]]
    order_by = ["file_rank", "grave", "theme", "place", "kind"]
    return whole.sort_values(order_by, kind="stable").reset_index(drop=True)


def _gravest(everything: pd.DataFrame) -> pd.DataFrame:
    """Those that are listed, with their numbers from 1."""
    kept = everything.sort_values("grave", kind="stable").head(LISTED).sort_index()
    return kept.assign(line=np.arange(1, len(kept) + 1))


def _rows_of(id: str, frame: gpd.GeoDataFrame, listed: pd.DataFrame) -> gpd.GeoDataFrame:
    """Rows of a layer that are listed, in the order of their numbers."""
    mine = listed[listed["layer"] == id]
    made = frame.iloc[mine["row"].to_numpy()].reset_index(drop=True)
    return made.assign(line=mine["line"].to_numpy(), file=mine["file_rank"].to_numpy())


def _place(made: dict[str, tuple[Layer, gpd.GeoDataFrame]], ground: Mapping[str, gpd.GeoDataFrame]) -> None:
    """Add to the rows of all layers at once where they are."""
    points = {id: places.points_on(frame.geometry) for id, (_, frame) in made.items()}
    every = np.concatenate(list(points.values()))
    near = places.named(every, ground.get("grids"), ground.get("divisions"))
    degrees = places.degrees(every)
    start = 0
    for id, (layer, frame) in made.items():
        end = start + len(frame)
        here = {
            "near": near[start:end],
            "lon": [lon for lon, _ in degrees[start:end]],
            "lat": [lat for _, lat in degrees[start:end]],
        }
        told = {name: [value or None for value in values] for name, values in here.items()}
        made[id] = (layer, frame.assign(**told))
        start = end


def _dressed(
    layer: Layer, frame: gpd.GeoDataFrame, tables: Sequence[Mapping[str, Any]], listed: pd.DataFrame
) -> tuple[Layer, gpd.GeoDataFrame]:
    """The layer with fields for what was told; texts in two languages are codes with their titles."""
    files = dict(zip(listed["file_rank"], listed["file"], strict=True))
    titles = {table["name"]: Title(**table["title"]) for table in tables}
    titles[LINE] = words.title("problems.line")
    values = {
        "severity": {one: words.title(f"sheet.problem_severity_{one}") for one in SEVERITIES},
        "sort": {code: _sort_title(layer, code) for code in dict.fromkeys(frame["sort"])},
        "file": {str(rank): Title(files[rank], files[rank]) for rank in sorted(set(frame["file"]))},
        **{
            name: {code: titles.get(code, Title(code, code)) for code in dict.fromkeys(frame[name])}
            for name in ("table", "of")
        },
    }
    columns: dict[str, list[Any]] = {"file": [str(rank) for rank in frame["file"]]}
    told = (*(["column"] if layer.id == FAULTS else []), "problem", "remedy")
    for name in told:
        codes = {title: str(number) for number, title in enumerate(dict.fromkeys(frame[name])) if title}
        values[name] = {code: title for title, code in codes.items()}
        columns[name] = [codes.get(title) for title in frame[name]]
    more = (
        Field("line", "integer", _title("line")),
        *(Field(name, "string", _title(name), values=values[name]) for name in CODES),
        Field("ids", "list", _title("ids")),
        *(Field(name, "string", _title(name)) for name in TEXTS),
        *(Field(name, "string", _title(name), values=values[name]) for name in told),
    )
    own = tuple(
        field for field in layer.fields if field.name not in {one.name for one in more} and _has(field, frame)
    )
    made = replace(layer, fields=(*own, *more), measure="severity", breaks=None, limit=None)
    return made, frame.assign(**columns)


def _title(name: str) -> Title:
    return words.title(f"sheet.problem_field_{name}")


def _has(field: Field, frame: gpd.GeoDataFrame) -> bool:
    """Whether any row has it; faults name rows of many layers, each a column."""
    return field.name in frame and bool(frame[field.name].notna().any())


def _sort_title(layer: Layer, code: str) -> Title:
    kinds = SOURCES[layer.id].kinds if layer.id in SOURCES else ""
    known = layer.field(kinds).values if kinds else {}
    key = f"sheet.problem_sort_{code}"
    if code in known:
        return known[code]
    return words.title(key) if key in words.book("zh") else Title(code, code)


def _report(
    build: Build, dressed: Mapping[str, tuple[Layer, gpd.GeoDataFrame]], everything: pd.DataFrame, grids: int
) -> dict[str, Any]:
    """The report with the figures of this board, and with what was looked at and found clean."""
    report = build.report
    bounds = dressed[FAULTS][1].geometry
    own = {
        "id": FAULTS,
        "title": dressed[FAULTS][0].title.record(),
        "rows": len(bounds),
        "bbox": [float(value) for value in bounds.total_bounds] if bounds.notna().any() else None,
        "figures": _figures(report, everything, grids),
    }
    clean = [
        {"id": id, "title": layer.title.record(), "reason": _clean(id, report).record()}
        for id, (layer, frame) in dressed.items()
        if not len(frame)
    ]
    return {
        **report,
        "faults": [],  # they are rows here
        "layers": [*({**made, "figures": []} for made in report["layers"]), own],
        "unavailable": [*report["unavailable"], *clean],
    }


def _clean(id: str, report: Mapping[str, Any]) -> Title:
    """Say how many rows were looked at; faults are looked for in all."""
    tables = report["tables"]
    checked = SOURCES[id].checked if id in SOURCES else [table["name"] for table in tables]
    return words.title(
        "sheet.problem_clean", count=f"{sum(int(one['rows_read']) for one in tables if one['name'] in checked):,}"
    )


def _figures(report: Mapping[str, Any], everything: pd.DataFrame, grids: int) -> list[dict[str, Any]]:
    counts = Counter(everything["severity"])
    read, used = (sum(int(table[name]) for table in report["tables"]) for name in ("rows_read", "rows_used"))
    made = [
        _figure("fail", counts["fail"], "problems", good="low"),
        _figure("warning", counts["warning"], "problems"),
        _figure("rows", used / read if read else None, "share", (used, read), of="rows"),
    ]
    if grids:
        made.append(_figure("checked", grids, "grids"))
    if len(everything) > LISTED:
        made.append(_figure("listed", LISTED, "problems", (LISTED, len(everything)), of="problems"))
    return made


def _figure(
    id: str,
    value: float | None,
    unit: str,
    parts: tuple[int, int] | None = None,
    *,
    of: str = "",
    good: str | None = None,
) -> dict[str, Any]:
    return {
        "id": f"problems.{id}",
        "title": words.title(f"sheet.problem_figure_{id}").record(),
        "value": value,
        "unit": unit,
        "numerator": parts[0] if parts else None,
        "denominator": parts[1] if parts else None,
        "of": of or unit,
        "method": None,
        "good": good,
    }
