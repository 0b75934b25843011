"""Who holds a kilometre of the border, as one feature."""

from __future__ import annotations

from fastapi import APIRouter, Request, Response
from fastapi.concurrency import run_in_threadpool

from api import frontier
from api.answer import answer, ask, not_modified
from api.errors import NotThere
from api.negotiate import GEOJSON, JSON, Encoding
from api.ogc.served import Served
from api.query import number
from api.resource import Resource
from geo.errors import BadParameter

HOLDER = Resource(
    "holder",
    "Who holds a kilometre of the border, and how stale it is",
    (GEOJSON, Encoding("json", JSON.media)),
    ("km",),
    schema="featureGeoJSON",
    tags=("Data",),
)


def router(served: Served) -> APIRouter:
    """Route the question who holds a kilometre.

    Parameters
    ----------
    served : Served
        The workspace.

    Returns
    -------
    APIRouter
        ``/border/{borderId}/holder`` where the build says who holds the border.
    """
    routes = APIRouter()
    if frontier.missing(served.build):
        return routes

    @routes.get("/border/{borderId}/holder", **HOLDER.route())
    async def holder(request: Request) -> Response:
        asked = ask(request, HOLDER, served.edition)
        if "km" not in asked.given:
            raise BadParameter("km is missing: give kilometres along the border, as in ?km=12.5")
        km = number("km", asked.given["km"])
        opened = await run_in_threadpool(served.frontier)
        border_id = request.path_params["borderId"]
        if border_id not in opened.lines:
            raise NotThere(f"no border {border_id[:80]!r}; known: {', '.join(opened.lines)}")
        made = await run_in_threadpool(frontier.place, served.build, opened, border_id, km)
        if made is None:
            raise NotThere(f"{border_id} ends at km {opened.lines[border_id].length_m / 1000:.3f}")
        return not_modified(asked) if asked.unchanged else answer(asked, made)

    return routes
