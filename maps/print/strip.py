"""A part of the sheet that is laid out before its place is known: its depth grows with what is written in it."""

from __future__ import annotations

from collections.abc import Callable, Iterable

from maps.palette import INK
from maps.print.fonts import MM, wrapped
from maps.print.paper import RULE, Align, Sheet, leading

Mark = Callable[[float, float], None]  # told the left and the top of the strip, millimetres of the sheet


class Strip:
    """A strip of given width.

    Parameters
    ----------
    sheet : Sheet
        Where it will be.
    width : float
        Millimetres.
    """

    def __init__(self, sheet: Sheet, width: float) -> None:
        self.sheet = sheet
        self.width = width
        self.depth = 0.0
        self._marks: list[Mark] = []

    def draw(self, mark: Mark) -> None:
        """Add anything that draws itself.

        Parameters
        ----------
        mark : callable
            Told the left and the top of the strip.
        """
        self._marks.append(mark)

    def skip(self, millimetres: float) -> None:
        """Leave some room.

        Parameters
        ----------
        millimetres : float
            How much.
        """
        self.depth += millimetres

    def rule(self) -> None:
        """Draw a fine line across."""
        down = self.depth
        self.draw(lambda x, top: self.sheet.line([x, x + self.width], [top - down] * 2, color=RULE, linewidth=0.5))

    def at(
        self,
        x: float,
        down: float,
        text: str,
        size: float,
        *,
        bold: bool = False,
        colour: str = INK,
        align: Align = "left",
    ) -> None:
        """Write one line anywhere in it.

        Parameters
        ----------
        x, down : float
            From its left and its top to the baseline, millimetres.
        text : str
            Not broken.
        size : float
            Points.
        bold, colour, align
            As of :meth:`~maps.print.paper.Sheet.text`.
        """
        self.draw(
            lambda left, top: self.sheet.text(
                left + x, top - down, text, size, bold=bold, colour=colour, align=align
            )
        )

    def paragraph(
        self,
        text: str,
        size: float,
        *,
        bold: bool = False,
        colour: str = INK,
        indent: float = 0.0,
        width: float | None = None,
        most: int = 0,
    ) -> None:
        """Write a text from here down, broken into lines.

        Parameters
        ----------
        text : str
            The text.
        size : float
            Points.
        bold : bool
            Heavy.
        colour : str
            ``#rrggbb``.
        indent : float
            From its left, millimetres.
        width : float or None
            Of the lines; None = to the right edge.
        most : int
            Lines at most; the last one then ends with ``…``; 0 = as many as it takes.
        """
        face = self.sheet.face
        room = (self.width if width is None else width) - indent
        for line in wrapped(face, face.clean(text), size, room, bold=bold, most=most):
            self.at(indent, self.depth + size * MM, line, size, bold=bold, colour=colour)
            self.depth += leading(size)

    def onto(self, x: float, top: float) -> None:
        """Draw it.

        Parameters
        ----------
        x, top : float
            Its upper left corner, millimetres of the sheet.
        """
        for mark in self._marks:
            mark(x, top)


def stacked(strips: Iterable[Strip], x: float, top: float, gap: float) -> float:
    """Draw strips one below the other.

    Parameters
    ----------
    strips : iterable of Strip
        From the top; those without depth are passed over.
    x, top : float
        Upper left corner, millimetres of the sheet.
    gap : float
        Between two, millimetres.

    Returns
    -------
    float
        Where the next one would begin.
    """
    for strip in strips:
        if strip.depth:
            strip.onto(x, top)
            top -= strip.depth + gap
    return top
