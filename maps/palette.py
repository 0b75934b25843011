"""What good and bad look like: colours that everybody can tell apart, on a screen and on paper.

Blue is good, orange is not. Every set of classes keeps CIEDE2000 ΔE ≥ 12 between any two of its colours for
normal sight, protanopia, deuteranopia and tritanopia (Machado, Oliveira & Fernandes 2009); a test proves it.
Opacity carries how many people live there (value by alpha): a class is blended towards the ground in steps, and
blue stays ΔE ≥ 12 away from orange at every step.
"""

from __future__ import annotations

from collections.abc import Mapping
from dataclasses import dataclass
from types import MappingProxyType

GROUND = "#f4f6f5"
INK = "#1b2530"
PAPER = "#ffffff"
MISSING = "#b4b0aa"
TONES = (0.45, 0.65, 0.85, 1.0)  # share of the class colour, from empty to dense ground

GOOD = MappingProxyType(
    {
        0: (),
        1: ("#5b9bd0",),
        2: ("#b5d5ee", "#4a8fc7"),
        3: ("#dcebf7", "#8fbde3", "#3f85c0"),
        4: ("#dcebf7", "#93c0e6", "#4a8fc7", "#1d4f8c"),
        5: ("#e9f2fa", "#a3c9e8", "#5c9dd2", "#2c69a8", "#10305a"),
    }
)
BAD = MappingProxyType(
    {
        0: (),
        1: ("#e8821e",),
        2: ("#f7a94a", "#b8430a"),
        3: ("#fbc274", "#e0751a", "#94320a"),
        4: ("#ffd9a0", "#f3a03c", "#c95a10", "#7c2a06"),
    }
)
CATEGORIES = ("#3f85c0", "#f7a94a", "#93c0e6", "#94320a", "#2d2a32")

NAMED: Mapping[str, str] = MappingProxyType(
    {
        "PASS": "#dcebf7",
        "WARN": "#f7a94a",
        "FAIL": "#b8430a",
        "info": "#dcebf7",
        "warning": "#f7a94a",
        "fail": "#b8430a",
        "vacant": "#b8430a",
        "short": "#f7a94a",
        "met": "#8fbde3",
        "surplus": "#3f85c0",
        "not_needed": "#dcebf7",
        "good": "#3f85c0",  # condition of a fence
        "worn": "#93c0e6",
        "unknown": MISSING,
        "broken": "#f7a94a",
        "missing": "#94320a",
        "none": PAPER,
        "within": "#dcebf7",  # balance of large grids
        "over": "#b8430a",
        "under": "#f7a94a",
        "too_few": "#b8430a",  # what a rule asks for
        "too_many": "#f7a94a",
        "same": "#dcebf7",  # what a proposal changes
        "moved": "#3f85c0",
        "emptied": "#94320a",
        "joint": "#93c0e6",
        "closed": MISSING,
        "unplaced": "#2d2a32",
    }
)


@dataclass(frozen=True, slots=True)
class Stroke:
    """How a stretch of the border is drawn.

    Parameters
    ----------
    colour : str
        Hexadecimal.
    dash : str
        Lengths on and off in widths of the line, empty = solid.
    gap : str
        Colour between the dashes.
    """

    colour: str
    dash: str
    gap: str = PAPER


CHANGES: Mapping[str, str] = MappingProxyType(  # between two builds; what is gone is dashed, too
    {
        "better": "#3f85c0",
        "worse": "#e0751a",
        "changed": "#5b4a7a",
        "new": "#0f6b5c",
        "gone": "#f7ecc0",
        "same": "#e2e6e9",
    }
)
CHANGE_TONES = (0.65, 0.65, 0.85, 1.0)  # never as pale as what is the same


# M6: not the four colours of matters; each has its own dash too, and its letter in maps/words
STATES: Mapping[str, Stroke] = MappingProxyType(
    {
        "ok": Stroke("#2f6fb5", ""),
        "due": Stroke("#8cc0ea", "6 1"),
        "overdue": Stroke("#f6a13f", "3 1"),
        "critical": Stroke("#a63603", "1.5 1"),
        "never": Stroke("#2d2a32", "1 1.5"),
        "unassigned": Stroke(PAPER, "2.5 0.5", INK),
    }
)


def ramp(good: int, bad: int) -> tuple[str, ...]:
    """Choose colours for classes in order from best to worst.

    Parameters
    ----------
    good, bad : int
        Classes on either side of the break that decides; at most five together. Without a good side the
        scale is orange, without a bad one blue.

    Returns
    -------
    tuple of str
        ``good + bad`` colours; the two nearest to the break differ most.
    """
    if good + bad > len(TONES) + 1:
        raise ValueError(f"{good + bad} classes; at most {len(TONES) + 1} can be told apart")
    return GOOD[good] + BAD[bad]


def blend(colour: str, share: float, ground: str = GROUND) -> str:
    """Mix a colour with the ground it lies on.

    Parameters
    ----------
    colour, ground : str
        ``#rrggbb``.
    share : float
        Of the colour, 0 to 1.

    Returns
    -------
    str
        ``#rrggbb``: what a fill of that opacity looks like, so that legend and map match exactly.

    Examples
    --------
    >>> blend("#000000", 0.5, "#ffffff")
    '#808080'
    """
    mixed = (round(c * share + g * (1 - share)) for c, g in zip(_rgb(colour), _rgb(ground), strict=True))
    return "#" + "".join(f"{value:02x}" for value in mixed)


def contrast(one: str, other: str) -> float:
    """Measure how well one colour can be read on another (WCAG 2.2 contrast ratio).

    Parameters
    ----------
    one, other : str
        ``#rrggbb``, in either order.

    Returns
    -------
    float
        From 1 to 21; text needs 4.5.

    Examples
    --------
    >>> contrast("#000000", "#ffffff")
    21.0
    """
    dark, light = sorted((_luminance(one), _luminance(other)))
    return (light + 0.05) / (dark + 0.05)


def ink_on(colour: str) -> str:
    """Choose the text colour that reads better on a fill.

    Parameters
    ----------
    colour : str
        ``#rrggbb``.

    Returns
    -------
    str
        White or near black.
    """
    return max((INK, PAPER), key=lambda ink: contrast(ink, colour))


def _rgb(colour: str) -> tuple[int, int, int]:
    return int(colour[1:3], 16), int(colour[3:5], 16), int(colour[5:7], 16)


def _luminance(colour: str) -> float:
    linear = [c / 12.92 if c <= 0.04045 else ((c + 0.055) / 1.055) ** 2.4 for c in (v / 255 for v in _rgb(colour))]
    return 0.2126 * linear[0] + 0.7152 * linear[1] + 0.0722 * linear[2]
