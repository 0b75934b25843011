"""Colours can be told apart by everybody: CIEDE2000 under three kinds of colour blindness."""

from __future__ import annotations

from itertools import combinations, product

import geopandas as gpd
import numpy as np
import pytest
from numpy.typing import NDArray

from geo import catalogue
from geo.parameters import Parameters
from maps import legend, palette
from maps.boards import BOARDS

Colour = NDArray[np.float64]
APART = 12.0

# Machado, Oliveira & Fernandes 2009, severity 1.0, on linear sRGB
SIGHT = {
    "normal": np.eye(3),
    "protan": np.array(
        [[0.152286, 1.052583, -0.204868], [0.114503, 0.786281, 0.099216], [-0.003882, -0.048116, 1.051998]]
    ),
    "deutan": np.array(
        [[0.367322, 0.860646, -0.227968], [0.280085, 0.672501, 0.047413], [-0.011820, 0.042940, 0.968881]]
    ),
    "tritan": np.array(
        [[1.255528, -0.076749, -0.178779], [-0.078411, 0.930809, 0.147602], [0.004733, 0.691367, 0.303900]]
    ),
}
XYZ = np.array(
    [[0.4124564, 0.3575761, 0.1804375], [0.2126729, 0.7151522, 0.0721750], [0.0193339, 0.1191920, 0.9503041]]
)
WHITE = np.array([0.95047, 1.0, 1.08883])


def lab(colour: str, sight: str = "normal") -> Colour:
    """CIE L*a*b* (D65) of a colour as it is seen."""
    channel = np.array([int(colour[i : i + 2], 16) for i in (1, 3, 5)]) / 255
    linear = np.where(channel <= 0.04045, channel / 12.92, ((channel + 0.055) / 1.055) ** 2.4)
    t = XYZ @ np.clip(SIGHT[sight] @ linear, 0, 1) / WHITE
    f = np.where(t > (6 / 29) ** 3, np.cbrt(t), t / (3 * (6 / 29) ** 2) + 4 / 29)
    return np.array([116 * f[1] - 16, 500 * (f[0] - f[1]), 200 * (f[1] - f[2])])


def delta_e(one: Colour, other: Colour) -> float:
    """CIEDE2000 (Sharma, Wu & Dalal 2005)."""
    (l1, a1, b1), (l2, a2, b2) = one, other
    mean = (np.hypot(a1, b1) + np.hypot(a2, b2)) / 2
    g = 0.5 * (1 - np.sqrt(mean**7 / (mean**7 + 25**7)))
    a1, a2 = a1 * (1 + g), a2 * (1 + g)
    c1, c2 = np.hypot(a1, b1), np.hypot(a2, b2)
    h1, h2 = np.degrees(np.arctan2(b1, a1)) % 360, np.degrees(np.arctan2(b2, a2)) % 360
    turn = 0.0 if c1 * c2 == 0 else (h2 - h1 + 180) % 360 - 180
    dh = 2 * np.sqrt(c1 * c2) * np.sin(np.radians(turn / 2))
    light, chroma = (l1 + l2) / 2, (c1 + c2) / 2
    hue = h1 + h2 if c1 * c2 == 0 else (h1 + turn / 2) % 360
    t = (
        1
        - 0.17 * np.cos(np.radians(hue - 30))
        + 0.24 * np.cos(np.radians(2 * hue))
        + 0.32 * np.cos(np.radians(3 * hue + 6))
        - 0.20 * np.cos(np.radians(4 * hue - 63))
    )
    sl = 1 + 0.015 * (light - 50) ** 2 / np.sqrt(20 + (light - 50) ** 2)
    sc, sh = 1 + 0.045 * chroma, 1 + 0.015 * chroma * t
    rotate = (
        -2 * np.sqrt(chroma**7 / (chroma**7 + 25**7)) * np.sin(np.radians(60 * np.exp(-(((hue - 275) / 25) ** 2))))
    )
    parts = (l2 - l1) / sl, (c2 - c1) / sc, dh / sh
    return float(np.sqrt(sum(p * p for p in parts) + rotate * parts[1] * parts[2]))


def nearest(colours: tuple[str, ...]) -> float:
    return min(delta_e(lab(a, sight), lab(b, sight)) for sight in SIGHT for a, b in combinations(colours, 2))


def test_the_yardstick_against_published_pairs() -> None:
    """Three of the pairs that Sharma et al. publish to check an implementation."""
    pairs = [
        ((50.0, 2.6772, -79.7751), (50.0, 0.0, -82.7485), 2.0425),
        ((50.0, 2.4900, -0.0010), (50.0, -2.4900, 0.0009), 7.1792),
        ((22.7233, 20.0904, -46.6940), (23.0331, 14.9730, -42.5619), 2.0373),
    ]
    for one, other, expected in pairs:
        assert delta_e(np.array(one), np.array(other)) == pytest.approx(expected, abs=1e-4)


def test_the_yardstick_condemns_red_to_green() -> None:
    assert nearest(("#d7191c", "#fdae61", "#ffffbf", "#a6d96a", "#1a9641")) < APART  # RdYlGn


@pytest.mark.parametrize(("good", "bad"), [(g, b) for g, b in product(range(6), range(5)) if 2 <= g + b <= 5])
def test_classes_can_be_told_apart(good: int, bad: int) -> None:
    colours = palette.ramp(good, bad)
    assert len(colours) == good + bad
    assert nearest((*colours, palette.MISSING)) >= APART


def test_more_than_five_classes_are_refused() -> None:
    with pytest.raises(ValueError, match="6 classes"):
        palette.ramp(3, 3)


@pytest.mark.parametrize(("good", "bad"), [(g, b) for g, b in product(range(1, 5), range(1, 5)) if g + b <= 5])
def test_served_and_unserved_differ_at_every_tone(good: int, bad: int) -> None:
    """The pale blue of an empty good grid is never the pale orange of an empty bad one."""
    colours = palette.ramp(good, bad)
    blues, oranges = (
        [palette.blend(colour, tone) for colour in side for tone in palette.TONES]
        for side in (colours[:good], colours[good:])
    )
    worst = min(delta_e(lab(a, sight), lab(b, sight)) for sight in SIGHT for a, b in product(blues, oranges))
    assert worst >= APART


def test_named_classes_can_be_told_apart() -> None:
    for codes in (
        ("PASS", "WARN", "FAIL"),
        ("info", "warning", "fail"),
        ("vacant", "short", "met", "surplus", "not_needed"),
        ("good", "worn", "unknown", "broken", "missing", "none"),
        ("same", "moved", "emptied", "joint", "closed", "unplaced"),
    ):
        assert nearest(tuple(palette.NAMED[code] for code in codes)) >= APART
    assert nearest(palette.CATEGORIES) >= APART


def test_what_changed_can_be_told_apart() -> None:
    assert nearest(tuple(palette.CHANGES.values())) >= APART


def test_better_and_worse_differ_at_every_tone() -> None:
    for tone in palette.CHANGE_TONES:
        assert nearest(tuple(palette.blend(palette.CHANGES[code], tone) for code in ("better", "worse"))) >= APART


def test_a_theme_with_limits_of_its_own_has_classes_that_can_be_told_apart() -> None:
    themes = [theme for board in BOARDS for theme in board.themes]
    dressed = [(theme.colouring, id) for theme in themes if theme.colouring for id in theme.layers]
    assert dressed
    for colouring, id in dressed:
        made = colouring.of(catalogue.layer(id))
        frame = gpd.GeoDataFrame({made.measure: [0.0]}, geometry=[None])
        key, _ = legend.classify(made, frame, Parameters())
        assert 2 <= len(key.classes) <= 5
        assert key.limit_after is not None
        assert nearest((*(one.fills[-1] for one in key.classes), palette.MISSING)) >= APART


def test_states_differ_by_colour_and_by_dash() -> None:
    states = palette.STATES.values()
    assert nearest(tuple(one.colour for one in states)) >= APART
    assert len({one.dash for one in states}) == len(states)


def test_states_are_not_the_four_colours_of_matters() -> None:
    matters = ("#d55e00", "#f0e442", "#0072b2", "#009e73")  # Okabe-Ito red, yellow, blue, green
    assert not {one.colour for one in palette.STATES.values()} & set(matters)


def test_letters_on_states_can_be_read_in_sunlight() -> None:
    for one in palette.STATES.values():
        assert palette.contrast(palette.ink_on(one.colour), one.colour) >= 4.5


def test_text_can_be_read_on_paper() -> None:
    assert palette.contrast(palette.INK, palette.PAPER) >= 4.5
    assert palette.contrast("#55616d", "#f3f5f7") >= 4.5  # --soft on --wash
    assert palette.contrast("#a63603", "#f3f5f7") >= 4.5  # --alarm on --wash
    assert palette.contrast("#0b4f94", palette.PAPER) >= 4.5  # --accent


def test_blending_ends_where_it_should() -> None:
    assert palette.blend("#102030", 1.0) == "#102030"
    assert palette.blend("#102030", 0.0) == palette.GROUND
