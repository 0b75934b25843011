"""The one place that knows HTTP: errors become problem documents (RFC 9457).

::

    GridwalkError
    ├── BadSetting      the service cannot start like this
    ├── NotThere        no such workspace, feature, board or file
    ├── NotAcceptable   no encoding that the client accepts
    ├── DataChanged     the page asked for belongs to an earlier version of the data
    └── NotNow          what is asked for is being made anew

What :mod:`geo` raises is in :mod:`geo.errors`; of :mod:`maps.print` comes ``NoFont``: the machine lacks a font.
"""

from __future__ import annotations

from http import HTTPStatus
from typing import Any

import orjson
from fastapi import FastAPI
from fastapi.exceptions import RequestValidationError
from starlette.exceptions import HTTPException
from starlette.requests import Request
from starlette.responses import Response

from geo.errors import BadParameter, GridwalkError, LayerUnavailable, UnknownLayer
from maps.print.missing import NoFont

RETRY_S = 30
PROBLEM = "application/problem+json"


class BadSetting(GridwalkError):
    """The service cannot start like this."""


class NotThere(GridwalkError):
    """No such workspace, feature, board or file."""


class NotAcceptable(GridwalkError):
    """No encoding that the client accepts."""


class DataChanged(GridwalkError):
    """The page asked for belongs to an earlier version of the data."""


class NotNow(GridwalkError):
    """What is asked for is being made anew; soon it will be there."""


STATUS: dict[type[GridwalkError], HTTPStatus] = {
    BadParameter: HTTPStatus.BAD_REQUEST,
    UnknownLayer: HTTPStatus.NOT_FOUND,
    LayerUnavailable: HTTPStatus.NOT_FOUND,
    NotThere: HTTPStatus.NOT_FOUND,
    NotAcceptable: HTTPStatus.NOT_ACCEPTABLE,
    NoFont: HTTPStatus.SERVICE_UNAVAILABLE,
    DataChanged: HTTPStatus.GONE,
    NotNow: HTTPStatus.SERVICE_UNAVAILABLE,
}


def problem(status: int, detail: str = "", headers: dict[str, str] | None = None) -> Response:
    """Say what is wrong.

    Parameters
    ----------
    status : int
        HTTP status.
    detail : str
        What is wrong and what would be right.
    headers : dict or None
        More headers.

    Returns
    -------
    Response
        ``application/problem+json``, never stored by caches.
    """
    body: dict[str, Any] = {"type": "about:blank", "title": HTTPStatus(status).phrase, "status": status}
    if detail:
        body["detail"] = detail
    return Response(
        orjson.dumps(body), status, {"Cache-Control": "no-store", **(headers or {})}, media_type=PROBLEM
    )


def install(app: FastAPI) -> None:
    """Turn every error of an application into a problem document.

    Parameters
    ----------
    app : FastAPI
        The application; changed in place.
    """
    app.add_exception_handler(GridwalkError, _known)
    app.add_exception_handler(HTTPException, _http)
    app.add_exception_handler(RequestValidationError, _invalid)
    app.add_exception_handler(Exception, _unforeseen)


async def _known(request: Request, error: Exception) -> Response:
    for kind, status in STATUS.items():
        if isinstance(error, kind):
            return problem(status, str(error), {"Retry-After": str(RETRY_S)} if kind is NotNow else None)
    return await _unforeseen(request, error)


async def _http(request: Request, error: Exception) -> Response:  # noqa: ARG001 (the framework's signature)
    assert isinstance(error, HTTPException)  # noqa: S101 (registered for it)
    headers = dict(error.headers or {})
    if "Allow" in headers:
        headers["Allow"] = ", ".join(sorted({*headers["Allow"].split(", "), "HEAD"}))
    detail = "" if error.detail == HTTPStatus(error.status_code).phrase else str(error.detail)
    return problem(error.status_code, detail, headers)


async def _invalid(request: Request, error: Exception) -> Response:  # noqa: ARG001 (the framework's signature)
    assert isinstance(error, RequestValidationError)  # noqa: S101 (registered for it)
    wrong = error.errors()[0]
    return problem(400, f"{'.'.join(map(str, wrong['loc'][1:]))}: {wrong['msg']}")


async def _unforeseen(request: Request, error: Exception) -> Response:  # noqa: ARG001 (the framework's signature)
    return problem(500, "this is a fault of the service; its log says more")
