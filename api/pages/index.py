"""The index of workspaces: data problems first, then key figures, then boards, layers and files."""

from __future__ import annotations

from collections import Counter
from collections.abc import Mapping, Sequence
from typing import Any

from fastapi import APIRouter, Request, Response
from fastapi.concurrency import run_in_threadpool

from api.answer import Asked, answer, ask, not_modified
from api.compared import figures_changed
from api.files import DOWNLOADS
from api.links import address, base, link
from api.negotiate import HTML, JSON
from api.ogc.served import Served, edition
from api.pages.picture import picture
from api.pages.render import page
from api.resource import Resource
from api.settings import Settings
from maps.board import Board
from maps.boards import address_of
from maps.print import PAPERS
from maps.words import title

INDEX = Resource("index", "Workspaces", (HTML, JSON))
LEVELS = ("error", "warning", "info")
NOTE = "info"
PROBLEMS = "problems"  # the board of what is wrong with the data
FIRST = 3  # problems shown of a workspace; all are in its report
GROUND = (  # figures that count what is wrong on the ground
    "grid-findings.fail",
    "rule-findings.too_few",
    "border-findings.unassigned_m",
    "border-findings.overlap_m",
)
KEY_FIGURES: Mapping[str, tuple[str, ...]] = {  # column: figures, the first that a workspace has
    "covered": ("grid-walk.people_covered", "division-walk.people_covered"),
    "findings": ("grid-findings.fail",),
    "vacancies": ("grid-staffing.vacant",),
    "held": ("border-status.assigned",),
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
    told = [build for one in served for build in (one.build, one.against) if build]
    together = edition(told, settings)

    @routes.get("/", **INDEX.route())
    async def index(request: Request) -> Response:
        asked = ask(request, INDEX, together)
        if asked.unchanged:
            return not_modified(asked)
        if asked.html:
            return answer(asked, await run_in_threadpool(_page, asked, served, settings, made_by))
        children = [
            link("child", address(base(request), one.id) + "/", JSON.media, one.report["title"][asked.lang])
            for one in served
        ]
        return answer(asked, {"title": "gridwalk", "links": [*asked.self_links(), *children]})

    return routes


def _page(asked: Asked, served: Sequence[Served], settings: Settings, made_by: str) -> bytes:
    return page(
        "index",
        asked,
        entries=[entry(one) for one in served],
        columns=tuple(KEY_FIGURES),
        downloads=[(ending, encoding.name) for ending, encoding in DOWNLOADS.items()],
        problems=PROBLEMS,
        open=not settings.api_key_hashes,
        made_by=made_by,
    )


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
    tables = {table["name"]: table["title"] for table in report["tables"]}
    problems = _problems(report["faults"], tables)
    filled = {made["id"] for made in report["layers"] if made["rows"]}
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
        "ground": [_on_ground(served, found[id]) for id in GROUND if bad(found.get(id))],
        "figures": figures,
        "bad": {column: bad(figure) for column, figure in figures.items()},
        "since": _since(served),
        "boards": [_on_index(served, board, filled) for board in served.boards()],
        "layers": [served.records[id] for id in served.layers],
    }


def bad(figure: Mapping[str, Any] | None) -> bool:
    """Tell whether a figure counts something that should not be there.

    Parameters
    ----------
    figure : mapping or None
        A figure's record.

    Returns
    -------
    bool
        False also when it has no value.

    Examples
    --------
    >>> bad({"value": 3.0, "good": "low"}), bad({"value": 0.9, "good": "high"})
    (True, False)
    """
    return figure is not None and figure["good"] == "low" and (figure["value"] or 0) > 0


def _on_index(served: Served, board: Board, filled: set[str]) -> dict[str, Any]:
    """A board with its small picture; what has no theme to show is not printed."""
    themed = any(filled.intersection(theme.layers) for theme in board.themes)
    return {
        "id": board.id,
        "title": board.title,
        "picture": picture(served, board.id),
        "papers": PAPERS if themed else (),
    }


def _since(served: Served) -> dict[str, Any] | None:
    """What the build before leaves to tell: how many figures changed how, and the board that compares; or None."""
    if served.against is None or not (counts := figures_changed(served.against, served.build)):
        return None
    date = served.against.report["as_of"]
    return {
        "as_of": date if date != served.report["as_of"] else None,
        "board": next((f"{served.id}/boards/{board.id}" for board in served.boards() if board.compared), None),
        "counts": [
            {
                "change": code,
                "sign": title(f"changes.sign_{code}"),
                "what": title(f"changes.{code}"),
                "count": count,
            }
            for code, count in counts.items()
        ],
    }


def _on_ground(served: Served, figure: Mapping[str, Any]) -> dict[str, Any]:
    """A figure about the ground, where to see it and as which table to have it."""
    layer = figure["id"].rpartition(".")[0]
    place = address_of(layer)
    drawn = place is not None and served.board_file(place[0]).is_file()
    return {
        "figure": figure,
        "table": f"{served.id}/files/layers/{layer}.xlsx",
        "board": f"{served.id}/boards/{place[0]}#{place[1].partition('&')[0]}" if place and drawn else None,
    }


def _problems(
    faults: Sequence[Mapping[str, Any]], tables: Mapping[str, Mapping[str, str]]
) -> list[dict[str, Any]]:
    """Put like faults together, the gravest and most frequent first; notes are only counted."""
    alike: dict[tuple[str, str, str], list[Mapping[str, Any]]] = {}
    for fault in (fault for fault in faults if fault["level"] != NOTE):
        alike.setdefault((fault["level"], fault["code"], fault["table"]), []).append(fault)
    ordered = sorted(alike.items(), key=lambda item: (LEVELS.index(item[0][0]), -len(item[1])))
    return [
        {"where": tables.get(table), "table": table, "text": members[0]["problem"], "count": len(members)}
        for (_, _, table), members in ordered
    ]
