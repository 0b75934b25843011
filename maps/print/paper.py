"""The sheet that is drawn on, in millimetres from its lower left corner."""

from __future__ import annotations

from collections.abc import Sequence
from dataclasses import dataclass
from typing import Any, Literal

from matplotlib.artist import Artist
from matplotlib.axes import Axes
from matplotlib.figure import Figure
from matplotlib.lines import Line2D
from matplotlib.patches import Circle, FancyBboxPatch, Rectangle
from matplotlib.patheffects import Stroke
from matplotlib.text import Text

from geo.errors import BadParameter
from maps.palette import INK, PAPER
from maps.print.fonts import MM, Typeface

INCH = 25.4
SOFT = "#56626d"  # 6.3:1 on white
ALARM = "#a63603"
RULE = "#c3cad0"
Align = Literal["left", "center", "right"]


@dataclass(frozen=True, slots=True)
class Sizes:
    """What belongs to a size of paper.

    Parameters
    ----------
    name : str
        What it is called.
    short, long : float
        Sides, millimetres.
    margin, panel, gap : float
        White edge, width of the panel beside the map, and the distance between parts, millimetres.
    title, head, body, small : float
        Sizes of text, points; none below 7.
    dpi : int
        Of its picture as PNG.
    """

    name: str
    short: float
    long: float
    margin: float
    panel: float
    gap: float
    title: float
    head: float
    body: float
    small: float
    dpi: int


PAPERS = {
    "A3": Sizes("A3", 297.0, 420.0, 9.0, 100.0, 5.0, 19.0, 10.0, 8.6, 7.4, 200),
    "A4": Sizes("A4", 210.0, 297.0, 7.0, 79.0, 3.6, 14.0, 8.4, 7.4, 7.0, 300),
}


def sizes_of(paper: str) -> Sizes:
    """Look a paper up.

    Parameters
    ----------
    paper : str
        ``A3`` or ``A4``.

    Returns
    -------
    Sizes
        Its measures; any other is a :class:`~geo.errors.BadParameter`.
    """
    if paper not in PAPERS:
        raise BadParameter.said("bad_choice", name="paper", given=paper[:40], known=", ".join(PAPERS))
    return PAPERS[paper]


class Sheet:
    """One page: a figure with axes in millimetres over all of it.

    Parameters
    ----------
    sizes : Sizes
        Paper.
    portrait : bool
        Whether it stands upright.
    face : Typeface
        What texts are set in.
    """

    def __init__(self, sizes: Sizes, *, portrait: bool, face: Typeface) -> None:
        self.sizes = sizes
        self.face = face
        self.portrait = portrait
        self.width, self.height = (sizes.short, sizes.long) if portrait else (sizes.long, sizes.short)
        self.figure = Figure(figsize=(self.width / INCH, self.height / INCH), facecolor=PAPER)
        self.axes = self.figure.add_axes((0.0, 0.0, 1.0, 1.0), zorder=10)
        self.axes.set_xlim(0, self.width)
        self.axes.set_ylim(0, self.height)
        self.axes.axis("off")
        self.axes.patch.set_visible(False)

    def map_axes(self, rect: tuple[float, float, float, float], box: tuple[float, float, float, float]) -> Axes:
        """Open axes in the metres of a map, under everything else.

        Parameters
        ----------
        rect : tuple of float
            Left, bottom, width, height, millimetres.
        box : tuple of float
            Left, bottom, right, top, metres of the map.

        Returns
        -------
        matplotlib.axes.Axes
            Without ticks; what is drawn beyond is clipped.
        """
        left, bottom, width, height = rect
        place = (left / self.width, bottom / self.height, width / self.width, height / self.height)
        axes = self.figure.add_axes(place, zorder=1)
        axes.set_xlim(box[0], box[2])
        axes.set_ylim(box[1], box[3])
        axes.set_xticks([])
        axes.set_yticks([])
        return axes

    def add(self, artist: Artist) -> None:
        """Put anything on the sheet.

        Parameters
        ----------
        artist : matplotlib.artist.Artist
            In millimetres.
        """
        artist.set_clip_on(False)
        self.axes.add_artist(artist)

    def text(
        self,
        x: float,
        y: float,
        text: str,
        size: float,
        *,
        bold: bool = False,
        colour: str = INK,
        align: Align = "left",
        middle: bool = False,
        turn: float = 0.0,
        halo: bool = False,
        order: float = 5.0,
    ) -> None:
        """Write one line; nothing in it is ever read as mathematics.

        Parameters
        ----------
        x, y : float
            Where it begins, is centred or ends, millimetres; its baseline, or its middle.
        text : str
            Cleaned here.
        size : float
            Points.
        bold : bool
            Heavy.
        colour : str
            ``#rrggbb``.
        align : {"left", "center", "right"}
            What of it stands at ``x``.
        middle : bool
            Whether ``y`` is its middle.
        turn : float
            Degrees, anticlockwise.
        halo : bool
            Whether a white edge keeps it apart from what lies under it.
        order : float
            What is higher lies above.
        """
        clean = self.face.clean(text)
        if not clean:
            return
        given: dict[str, Any] = {
            "fontfamily": self.face.families(clean),
            "fontsize": size,
            "fontweight": "bold" if bold else "normal",
            "horizontalalignment": align,
            "verticalalignment": "center_baseline" if middle else "baseline",
            "rotation": turn,
            "rotation_mode": "anchor",
            "parse_math": False,
        }
        if halo:
            edge = Text(x, y, clean, color=PAPER, zorder=order - 0.01, **given)
            edge.set_path_effects([Stroke(linewidth=size * 0.24, foreground=PAPER, joinstyle="round")])
            self.add(edge)
        self.add(Text(x, y, clean, color=colour, zorder=order, **given))

    def line(self, xs: Sequence[float], ys: Sequence[float], *, order: float = 3.0, **style: Any) -> None:
        """Draw a line.

        Parameters
        ----------
        xs, ys : sequence of float
            Millimetres.
        order : float
            What is higher lies above.
        **style : Any
            As :class:`matplotlib.lines.Line2D` takes it.
        """
        self.add(Line2D(xs, ys, zorder=order, **style))

    def box(
        self,
        x: float,
        y: float,
        width: float,
        height: float,
        *,
        fill: str = "none",
        edge: str = "none",
        line: float = 0.0,
        round: float = 0.0,
        order: float = 2.0,
        **style: Any,
    ) -> None:
        """Draw a rectangle.

        Parameters
        ----------
        x, y, width, height : float
            Lower left corner and size, millimetres.
        fill, edge : str
            Colours or ``none``.
        line : float
            Width of the edge, points.
        round : float
            Radius of its corners, millimetres.
        order : float
            What is higher lies above.
        **style : Any
            As :class:`matplotlib.patches.Patch` takes it.
        """
        given: dict[str, Any] = {"facecolor": fill, "edgecolor": edge, "linewidth": line, "zorder": order, **style}
        if round:
            self.add(FancyBboxPatch((x, y), width, height, boxstyle=f"round,pad=0,rounding_size={round}", **given))
        else:
            self.add(Rectangle((x, y), width, height, **given))

    def disc(
        self,
        x: float,
        y: float,
        radius: float,
        *,
        fill: str,
        edge: str = PAPER,
        line: float = 0.5,
        order: float = 6.0,
    ) -> None:
        """Draw a disc.

        Parameters
        ----------
        x, y, radius : float
            Millimetres.
        fill, edge : str
            Colours.
        line : float
            Width of the edge, points.
        order : float
            What is higher lies above.
        """
        self.add(Circle((x, y), radius, facecolor=fill, edgecolor=edge, linewidth=line, zorder=order))


def leading(size: float) -> float:
    """Give the distance from one line to the next.

    Parameters
    ----------
    size : float
        Points.

    Returns
    -------
    float
        Millimetres.
    """
    return size * MM * 1.34
