"""In which colours a theme shows a layer: its own, those of the theme, or those of an hour of the week."""

from __future__ import annotations

from collections.abc import Mapping, Sequence
from dataclasses import dataclass
from typing import Any

from maps.palette import MISSING
from maps.print.book import Book
from maps.print.rows import Rows

DAY = 24
OUT = "out"
STATES = {"1": "open", "0": "closed", "?": "unknown"}


@dataclass(frozen=True, slots=True)
class Dress:
    """What a layer is coloured by.

    Parameters
    ----------
    legend : mapping
        As of :class:`maps.legend.Legend`.
    classes : sequence of int
        Class of each row; -1 = none.
    tones : sequence of int or None
        Step of tone of each row.
    hour : str
        Name of the hour that it holds for; empty = any.
    missing : str
        Key of the word for rows without a class.
    """

    legend: Mapping[str, Any]
    classes: Sequence[int]
    tones: Sequence[int] | None
    hour: str = ""
    missing: str = "legend.missing"

    def fill(self, row: int) -> str:
        """Colour a row.

        Parameters
        ----------
        row : int
            Row number.

        Returns
        -------
        str
            ``#rrggbb``.
        """
        at = self.classes[row]
        if at < 0:
            return MISSING
        fills = self.legend["classes"][at]["fills"]
        return str(fills[-1] if self.tones is None else fills[min(self.tones[row], len(fills) - 1)])


def dressed(book: Book, theme: Mapping[str, Any], layer: Rows) -> Dress:
    """Dress the layer of a theme.

    Parameters
    ----------
    book : Book
        The board.
    theme : mapping
        One of its themes.
    layer : Rows
        With a legend.

    Returns
    -------
    Dress
        What the board opens with: an hourly theme at the hour that was asked for, else the worst.
    """
    week = book.content["week"]
    if theme["hourly"] and week and week["grids"]:
        return _hourly(book, week, layer)
    record = layer.record
    own = record.get("colourings", {}).get(theme["id"], record)
    return Dress(own["legend"], own["class"], own["tone"])


def hour_of(book: Book) -> int | None:
    """Say in which hour of the week a board opens.

    Parameters
    ----------
    book : Book
        The board.

    Returns
    -------
    int or None
        From Monday 0:00; None where it tells nothing of hours.
    """
    week = book.content["week"]
    if not week:
        return None
    return int(week["asked"] if week["asked"] is not None else week["worst"] or 0)


def hour_name(book: Book) -> str:
    """Name the hour in which a board opens.

    Parameters
    ----------
    book : Book
        With hours.

    Returns
    -------
    str
        Day and hour.
    """
    hour = hour_of(book) or 0
    days = list(book.content["week"]["days"].values())
    return book.say("week.hour", day=book.title(days[hour // DAY]), hour=hour % DAY)


def station_state(book: Book, theme: Mapping[str, Any], stations: Rows, row: int) -> str:
    """Say how a station is drawn.

    Parameters
    ----------
    book : Book
        The board.
    theme : mapping
        Where it has hours, the station is as in the hour of the board.
    stations : Rows
        The layer.
    row : int
        Row number.

    Returns
    -------
    {"open", "closed", "unknown", "out"}
        ``out`` = not counted.
    """
    counted = stations.get(row, "counted") is not False
    hour = hour_of(book) if theme["week"] else None
    if hour is None:
        return "open" if counted and stations.get(row, "open") != "no" else "closed"
    signs = (stations.get(row, "week") if stations.has("week") else None) or "?"
    return STATES[signs[hour] if hour < len(signs) else "?"] if counted else OUT


def _hourly(book: Book, week: Mapping[str, Any], layer: Rows) -> Dress:
    grids, hour = week["grids"], hour_of(book) or 0
    of_set = week["sets"][hour]
    shares = [text.split(",")[of_set] for text in grids["of"]]
    told = ["" if at < 0 else shares[at] for at in grids["at"]]
    classes = [-1 if share == "" else grids["class"][int(share)] for share in told]
    return Dress(grids["legend"], classes, layer.record["tone"], hour_name(book), "week.hidden")
