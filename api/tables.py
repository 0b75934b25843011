"""Rows of a layer as a file to keep: CSV for programs, a workbook for people, GPX for receivers."""

from __future__ import annotations

from collections.abc import Sequence

from fastapi import Response
from fastapi.concurrency import run_in_threadpool

from api.answer import Asked, answer
from api.links import Link, address, base
from api.negotiate import CSV, GPX, XLSX
from api.ogc.ready import Rows
from api.ogc.served import Served
from geo.io.gpx_out import gpx
from geo.io.table_text import safe_csv
from geo.io.workbook import check_rows, workbook
from geo.layer import Layer
from maps.boards import address_of

TABLES = (CSV, XLSX, GPX)


async def send_table(
    asked: Asked, served: Served, layer: Layer, rows: Rows | None = None, links: Sequence[Link] = ()
) -> Response:
    """Answer with a table, to be kept as a file.

    Parameters
    ----------
    asked : Asked
        The request; its encoding is one of :data:`TABLES`.
    served : Served
        The workspace.
    layer : Layer
        One of its layers.
    rows : numpy.ndarray or range or None
        Which rows; None = all.
    links : sequence of dict
        What a document would link to; a table has it in the header ``Link``.

    Returns
    -------
    Response
        ``<workspace>-<layer>.csv``, ``.xlsx`` or ``.gpx``.

    Raises
    ------
    BadParameter
        There are more rows than a worksheet holds.
    """
    body = await run_in_threadpool(_table, asked, served, layer, rows)
    headers = {"Content-Disposition": f'attachment; filename="{served.id}-{layer.id}.{asked.encoding.f}"'}
    if links:
        headers["Link"] = ", ".join(f'<{one["href"]}>; rel="{one["rel"]}"; type="{one["type"]}"' for one in links)
    return answer(asked, body, headers)


def _table(asked: Asked, served: Served, layer: Layer, rows: Rows | None) -> bytes:
    if asked.encoding is XLSX:
        check_rows(layer, served.records[layer.id]["rows"] if rows is None else len(rows))
    frame = served.build.frame(layer.id)
    chosen = frame if rows is None else frame.iloc[rows]
    if asked.encoding is CSV:
        return safe_csv(chosen, layer)
    if asked.encoding is GPX:
        return gpx(chosen, layer, served.report, asked.lang)
    return workbook(chosen, layer, served.report, asked.lang, _on_board(asked, served, layer))


def _on_board(asked: Asked, served: Served, layer: Layer) -> str:
    """The address of a row on the first board that has it, up to its id; empty where none has."""
    place = address_of(layer.id)
    if place is None or not served.board_file(place[0]).is_file():
        return ""
    return f"{address(base(asked.request), 'boards', place[0])}#{place[1]}"
