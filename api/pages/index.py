"""The index of workspaces: data problems first, then key figures, then boards, layers and files."""

from __future__ import annotations

from collections import Counter
from collections.abc import Mapping, Sequence
from typing import Any

from fastapi import APIRouter, Request, Response

from api.answer import answer, ask, not_modified
from api.files import DOWNLOADS
from api.links import address, base, link
from api.negotiate import HTML, JSON
from api.ogc.served import Served, edition
from api.pages.render import page
from api.resource import Resource
from api.settings import Settings

INDEX = Resource("index", "Workspaces", (HTML, JSON))
LEVELS = ("error", "warning", "info")
FIRST = 3  # problems shown of a workspace; all are in its report
NAMES = {"geojson": "GeoJSON", "csv": "CSV", "parquet": "Parquet"}
KEY_FIGURES: Mapping[str, tuple[str, ...]] = {  # column: figures, the first that a workspace has
    "covered": ("division-walk.people_covered", "grid-walk.people_covered"),
    "findings": ("grid-findings.fails",),
    "vacancies": ("grid-staffing.vacant",),
    "unassigned": ("border-findings.unassigned",),
    "overdue": ("border-status.overdue",),
}


def router(served: Sequence[Served], settings: Settings, made_by: str) -> APIRouter:
    """Route the index page.

    Parameters
    ----------
    served : sequence of Served
        All workspaces.
    settings : Settings
        How the service runs.
    made_by : str
        Name and version of the software.

    Returns
    -------
    APIRouter
        ``/``.
    """
    routes = APIRouter()
    together = edition([one.build for one in served], settings)

    @routes.get("/", **INDEX.route())
    async def index(request: Request) -> Response:
        asked = ask(request, INDEX, together)
        if asked.unchanged:
            return not_modified(asked)
        if asked.html:
            return answer(
                asked,
                page(
                    "index",
                    asked,
                    entries=[entry(one) for one in served],
                    columns=tuple(KEY_FIGURES),
                    downloads=[(ending, NAMES[ending]) for ending in DOWNLOADS],
                    open=not settings.api_key_hashes,
                    made_by=made_by,
                ),
            )
        children = [
            link("child", address(base(request), one.id) + "/", JSON.media, one.report["title"][asked.lang])
            for one in served
        ]
        return answer(asked, {"title": "gridwalk", "links": [*asked.self_links(), *children]})

    return routes


def entry(served: Served) -> dict[str, Any]:
    """Sum one workspace up for the index.

    Parameters
    ----------
    served : Served
        The workspace.

    Returns
    -------
    dict
        What the template shows; a key figure that the workspace does not have is None.
    """
    report = served.report
    levels = Counter(fault["level"] for fault in report["faults"])
    problems = _problems(report["faults"])
    found = {figure["id"]: figure for made in report["layers"] for figure in made["figures"]}
    figures = {column: next((found[id] for id in ids if id in found), None) for column, ids in KEY_FIGURES.items()}
    return {
        "id": served.id,
        "title": report["title"],
        "notice": report["notice"],
        "as_of": report["as_of"],
        "verdict": report["verdict"],
        "counts": {level: levels[level] for level in LEVELS if levels[level]},
        "first": problems[:FIRST],
        "more": sum(problem["count"] for problem in problems[FIRST:]),
        "figures": figures,
        "bad": {column: bad(figure) for column, figure in figures.items()},
        "boards": served.boards(),
        "layers": [served.records[id] for id in served.layers],
    }


def bad(figure: Mapping[str, Any] | None) -> bool:
    """Tell whether a figure calls for somebody: anything where none is best, less than all where all is.

    Parameters
    ----------
    figure : mapping or None
        A figure's record.

    Returns
    -------
    bool
        False also when it has no value or no good direction.

    Examples
    --------
    >>> bad({"value": 3.0, "good": "low"}), bad({"value": 1.0, "good": "high", "unit": "share"})
    (True, False)
    """
    if figure is None or figure["value"] is None:
        return False
    if figure["good"] == "low":
        return bool(figure["value"] > 0)
    return bool(figure["good"] == "high" and figure["unit"] == "share" and figure["value"] < 1)


def _problems(faults: Sequence[Mapping[str, Any]]) -> list[dict[str, Any]]:
    """Put like faults together, the gravest and most frequent first."""
    counts = Counter((fault["level"], fault["code"], fault["table"]) for fault in faults)
    texts: dict[tuple[str, str, str], Mapping[str, str]] = {}
    for fault in faults:
        texts.setdefault((fault["level"], fault["code"], fault["table"]), fault["problem"])
    ordered = sorted(counts, key=lambda kind: (LEVELS.index(kind[0]), -counts[kind]))
    return [
        {
            "level": kind[0],
            "text": {lang: f"{kind[2]}: {text}" for lang, text in texts[kind].items()},
            "count": counts[kind],
        }
        for kind in ordered
    ]
