"""What everything that draws the map needs to know."""

from __future__ import annotations

from collections.abc import Mapping
from dataclasses import dataclass, field
from typing import Any

import numpy as np
from matplotlib.axes import Axes
from matplotlib.lines import Line2D
from matplotlib.path import Path
from numpy.typing import NDArray

from maps.palette import PAPER
from maps.print.book import Book
from maps.print.dress import Dress
from maps.print.labels import Label, Room
from maps.print.paper import Sheet
from maps.print.projection import View
from maps.print.rows import Rows
from maps.print.shapes import Shapes, on_map

REGION, COUNTY = 1_500_000, 150_000  # scales at which a map shows less
BESIDE = ((0, 1), (0, -1), (1, 0), (-1, 0), (1, 1), (-1, 1), (1, -1), (-1, -1))
HOUSE = Path([(-0.9, -1), (0.9, -1), (0.9, 0.15), (0, 1), (-0.9, 0.15), (-0.9, -1)], closed=True)


@dataclass
class Scene:
    """One map on one sheet.

    Parameters
    ----------
    sheet : Sheet
        Paper.
    book : Book
        What the board says.
    theme : mapping
        The theme.
    rows : Rows
        The coloured layer.
    shown : list of int
        Its rows in the view.
    dress : Dress
        Its colours.
    view : View
        How the ground lies on the paper.
    axes : matplotlib.axes.Axes
        In metres of the map.
    room : Room
        Where something can be written.
    own : frozenset of int or None
        Of a holder's sheet, the rows that are theirs; None = all.
    """

    sheet: Sheet
    book: Book
    theme: Mapping[str, Any]
    rows: Rows
    shown: list[int]
    dress: Dress
    view: View
    axes: Axes
    room: Room
    own: frozenset[int] | None = None
    _ready: dict[str, Shapes] = field(default_factory=dict)

    @property
    def stroke(self) -> float:
        """Widths of lines and signs: 1 on A3, a little less on A4."""
        return self.sheet.sizes.body / 8.6

    def is_own(self, row: int) -> bool:
        """Say whether a row of the coloured layer is the holder's.

        Parameters
        ----------
        row : int
            Row number.

        Returns
        -------
        bool
            True on a sheet for everybody.
        """
        return self.own is None or row in self.own

    def ready(self, rows: Rows) -> Shapes:
        """Cut a layer to the map, once.

        Parameters
        ----------
        rows : Rows
            The layer.

        Returns
        -------
        numpy.ndarray
            As of :func:`maps.print.shapes.on_map`, one a row.
        """
        if rows.id not in self._ready:
            self._ready[rows.id] = on_map(self.view, rows.shapes)
        return self._ready[rows.id]

    def points(self, places: NDArray[np.float64], order: float, **style: Any) -> None:
        """Draw signs at places.

        Parameters
        ----------
        places : numpy.ndarray
            Metres, shape (n, 2).
        order : float
            What is higher lies above.
        **style : Any
            As :class:`matplotlib.lines.Line2D` takes it.
        """
        if len(places):
            self.axes.add_line(Line2D(places[:, 0], places[:, 1], linestyle="none", zorder=order, **style))

    def badge(self, at: NDArray[np.float64], text: str, fill: str, ink: str, *, away: bool = False) -> Label:
        """Make a letter on its colour.

        Parameters
        ----------
        at : numpy.ndarray
            Where, metres.
        text : str
            The letter.
        fill, ink : str
            Its colours.
        away : bool
            Whether it stands beside the place, which it would hide.

        Returns
        -------
        Label
            To be placed.
        """
        size = max(self.sheet.sizes.small, 7.0)
        side = max(3.4 * self.stroke, 3.1)
        wide = max(side, self.sheet.face.width(text, size, bold=True) + 1.2)
        x, y = self.view.mm(at[None, :])[0]

        def write(cx: float, cy: float) -> None:
            if away:
                self.sheet.line([x, cx], [y, cy], color="#1b2530", linewidth=0.5, order=5.4)
            self.sheet.box(
                cx - wide / 2,
                cy - side / 2,
                wide,
                side,
                fill=fill,
                edge=ink if fill == PAPER else PAPER,
                line=0.6,
                round=0.6,
                order=5.5,
            )
            self.sheet.text(cx, cy, text, size, bold=True, colour=ink, align="center", middle=True, order=5.6)

        reach = side / 2 + 3.0 * self.stroke
        moves = tuple((right * reach, up * reach) for right, up in BESIDE) if away else ((0.0, 0.0),)
        return Label((float(x), float(y)), wide + 0.4, side + 0.4, write, moves)
