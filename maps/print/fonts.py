"""Which installed fonts have the characters of a text: asked before it is printed, so that no box stays empty.

The first family is the one that everything is set in; a character that it lacks is looked for in the others.
Widths are the advances of the glyphs, which is what lines are broken by.
"""

from __future__ import annotations

import logging
import unicodedata
from collections.abc import Iterator
from functools import cache

from matplotlib import font_manager
from matplotlib.ft2font import FT2Font, LoadFlags

from maps.print.missing import NoFont

FAMILIES = (  # sans serif, simplified Chinese; Linux, Windows, macOS
    "Noto Sans CJK SC",
    "Noto Sans SC",
    "Source Han Sans SC",
    "Source Han Sans CN",
    "Microsoft YaHei",
    "PingFang SC",
    "Hiragino Sans GB",
    "DengXian",
    "WenQuanYi Micro Hei",
    "WenQuanYi Zen Hei",
    "SimHei",
    "Heiti SC",
    "Noto Serif CJK SC",
    "SimSun",
    "Droid Sans Fallback",
)
OWN = "DejaVu Sans"  # comes with matplotlib
LAST_RESORT = "Last Resort"  # families whose glyphs are boxes
INSTEAD = "\ufffd"
MM = 25.4 / 72  # of a point
logging.getLogger(font_manager.__name__).setLevel(logging.ERROR)  # which faces lack bold is no news: all are asked


def installed() -> frozenset[str]:
    """Name the font families of this machine.

    Returns
    -------
    frozenset of str
        As matplotlib knows them, faces of collections among them.
    """
    names = {entry.name for entry in font_manager.fontManager.ttflist}
    return frozenset(name for name in names if not name.startswith(LAST_RESORT))


class Typeface:
    """What texts are set in on this machine.

    Parameters
    ----------
    families : frozenset of str
        Installed families, as of :func:`installed`.
    """

    def __init__(self, families: frozenset[str]) -> None:
        first = [name for name in (*FAMILIES, OWN) if name in families]
        self._order = [*first, *sorted(families.difference(first))]
        self._family: dict[str, str | None] = {}
        self._advance: dict[tuple[str, bool], float] = {}

    def families(self, text: str) -> list[str]:
        """Choose the families for a text.

        Parameters
        ----------
        text : str
            One line, as of :meth:`clean`.

        Returns
        -------
        list of str
            The first one always, then those that are needed for what it lacks.

        Raises
        ------
        NoFont
            No installed font has some of the characters.
        """
        self._check(text)
        return list(dict.fromkeys([self._order[0], *(str(self._family_of(one)) for one in text)]))

    def clean(self, text: str) -> str:
        """Make one printable line of any text.

        Parameters
        ----------
        text : str
            Anything, as found in the data.

        Returns
        -------
        str
            White space and what cannot be seen as single blanks; characters that no font can have (private,
            unassigned) and pictures that none has as ``\\ufffd``.
        """
        seen = (" " if unicodedata.category(one) in {"Cc", "Zl", "Zp", "Zs"} else one for one in text)
        kept = (one for one in seen if unicodedata.category(one) != "Cf")
        return " ".join("".join(self._shown(one) for one in kept).split())

    def width(self, text: str, size: float, *, bold: bool = False) -> float:
        """Measure a line.

        Parameters
        ----------
        text : str
            One line, as of :meth:`clean`.
        size : float
            Points.
        bold : bool
            Whether it is set in bold.

        Returns
        -------
        float
            Millimetres; a character that no font has is a :class:`NoFont` here too.
        """
        self._check(text)
        return sum(self._advance_of(one, bold=bold) for one in text) * size * MM

    def _check(self, text: str) -> None:
        lacking = {one for one in text if self._family_of(one) is None}
        if lacking:
            raise NoFont(lacking)

    def _shown(self, character: str) -> str:
        kind = unicodedata.category(character)
        if kind in {"Cn", "Co", "Cs"} or (kind in {"So", "Sk", "Mn"} and self._family_of(character) is None):
            return INSTEAD
        return character

    def _family_of(self, character: str) -> str | None:
        if character not in self._family:
            both = ((name, _face(name, bold=False), _face(name, bold=True)) for name in self._order)
            has = (name for name, plain, bold in both if _in(plain, character) and _in(bold, character))
            self._family[character] = next(has, None)
        return self._family[character]

    def _advance_of(self, character: str, *, bold: bool) -> float:
        key = (character, bold)
        if key not in self._advance:
            face = _face(self._family_of(character) or self._order[0], bold=bold)
            glyph = face.load_char(ord(character), flags=LoadFlags.NO_SCALE | LoadFlags.NO_HINTING)
            self._advance[key] = glyph.horiAdvance / face.units_per_EM
        return self._advance[key]


@cache
def typeface() -> Typeface:
    """Give what this process prints in.

    Returns
    -------
    Typeface
        Of the fonts that are installed now.
    """
    return Typeface(installed())


def wrapped(
    face: Typeface, text: str, size: float, width: float, *, bold: bool = False, most: int = 0
) -> list[str]:
    """Break a text into lines.

    Parameters
    ----------
    face : Typeface
        What it is set in.
    text : str
        As of :meth:`Typeface.clean`.
    size : float
        Points.
    width : float
        Of the lines, millimetres.
    bold : bool
        Whether it is set in bold.
    most : int
        Lines at most, the last of which then ends with ``…``; 0 = as many as it takes.

    Returns
    -------
    list of str
        Broken at blanks, and between characters that are written without; what is longer than a line is cut
        where the line ends. Nothing for nothing.
    """
    face.families(text)  # so that a message names all that is lacking
    lines: list[str] = []
    line = ""
    for part in _parts(text):
        if line and face.width((line + part).rstrip(), size, bold=bold) > width:
            lines.append(line.rstrip())
            line = ""
        line += part if line else part.lstrip()
        while face.width(line.rstrip(), size, bold=bold) > width and len(line) > 1:
            cut = next(
                n for n in range(len(line) - 1, 0, -1) if n == 1 or face.width(line[:n], size, bold=bold) <= width
            )
            lines.append(line[:cut])
            line = line[cut:]
    lines += [line.rstrip()] if line.strip() else []
    if not most or len(lines) <= most:
        return lines
    at = 0
    for line in lines[: most - 1]:
        at = text.index(line, at) + len(line)
    return [*lines[: most - 1], shortened(face, text[at:].lstrip(), size, width, bold=bold)]


def shortened(face: Typeface, text: str, size: float, width: float, *, bold: bool = False) -> str:
    """Cut a line that is too long.

    Parameters
    ----------
    face, text, size, width, bold
        As of :func:`wrapped`.

    Returns
    -------
    str
        The text, or its beginning with ``…``.
    """
    if face.width(text, size, bold=bold) <= width:
        return text
    for end in range(len(text) - 1, 0, -1):
        if face.width(text[:end].rstrip() + "…", size, bold=bold) <= width:
            return text[:end].rstrip() + "…"
    return "…"


def _parts(text: str) -> Iterator[str]:
    """Pieces between which a line may end: words with the blank behind them, Chinese characters one by one."""
    part = ""
    for one in text:
        if _alone(one):
            if _closing(one) or not part or _opening(part[-1]):
                part += one
            else:
                yield part
                part = one
        elif part and _alone(part[-1]) and not _opening(part[-1]):
            yield part
            part = one
        else:
            part += one
        if one == " ":
            yield part
            part = ""
    if part:
        yield part


def _alone(character: str) -> bool:
    return unicodedata.east_asian_width(character) in {"W", "F"}


def _closing(character: str) -> bool:
    return character in "，。；：、！？）】》”’％" or unicodedata.category(character) in {"Pe", "Pf"}


def _opening(character: str) -> bool:
    return character in "（【《“‘" or unicodedata.category(character) in {"Ps", "Pi"}


@cache
def _face(family: str, *, bold: bool) -> FT2Font:
    wanted = font_manager.FontProperties(family=family, weight="bold" if bold else "normal")
    return font_manager.get_font(font_manager.findfont(wanted, fallback_to_default=False))


def _in(face: FT2Font, character: str) -> bool:
    return bool(face.get_char_index(ord(character)))
