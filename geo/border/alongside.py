"""Which metre of the border does a metre of the patrol line beside it stand for?

People rarely walk on the legal line: the road runs hundreds of metres behind it. What they walk there counts for
the border beside it, by measure.
"""

from __future__ import annotations

from dataclasses import dataclass
from typing import Any

import numpy as np
import pandas as pd
import shapely
from scipy.optimize import isotonic_regression

from geo import units
from geo.border.chainage import Chainage, Lines, chainage_of
from geo.border.placing import FAR_M
from geo.crs import Floats

SAMPLE_M = 50.0  # between two places of a patrol line that are located: as far as a fix may lie off its line


@dataclass(frozen=True, eq=False)
class Alongside:
    """A patrol line, and how its measures answer to those of the border.

    Parameters
    ----------
    line : Chainage
        The patrol line.
    patrol_m : numpy.ndarray
        Measures on it, metres, strictly ascending from 0 to its length, shape (n,), n ≥ 2.
    border_m : numpy.ndarray
        What they are on the border, metres, shape (n,): never descending, or never ascending where the line
        is drawn against the border. Straight between two of them.
    """

    line: Chainage
    patrol_m: Floats
    border_m: Floats

    def to_border(self, measure_m: Floats) -> Floats:
        """Turn measures of the patrol line into measures of the border.

        Parameters
        ----------
        measure_m : numpy.ndarray
            On the patrol line, metres, shape (n,); beyond its ends stands for the end.

        Returns
        -------
        numpy.ndarray
            On the border, metres, shape (n,); missing stays missing.
        """
        return np.asarray(np.interp(np.asarray(measure_m, dtype=float), self.patrol_m, self.border_m))

    def to_patrol(self, measure_m: Floats) -> Floats:
        """Turn measures of the border into measures of the patrol line.

        Parameters
        ----------
        measure_m : numpy.ndarray
            On the border, metres, shape (n,).

        Returns
        -------
        numpy.ndarray
            On the patrol line, metres, shape (n,); NaN where the line does not reach. Where a stretch of the
            patrol line stands for one place of the border, the end of that stretch that lies towards the
            border's start.
        """
        wanted = np.asarray(measure_m, dtype=float).reshape(-1)
        against = self.border_m[0] > self.border_m[-1]
        border, patrol = (each[::-1] if against else each for each in (self.border_m, self.patrol_m))
        after = np.clip(np.searchsorted(border, wanted), 1, len(border) - 1)
        low, high = border[after - 1], border[after]
        share = np.where(wanted <= low, 0.0, (wanted - low) / np.where(high > low, high - low, 1.0))
        found = patrol[after - 1] + share * (patrol[after] - patrol[after - 1])
        return np.asarray(np.where((wanted >= border[0]) & (wanted <= border[-1]), found, np.nan))


def patrol_lines(
    placed: pd.DataFrame, lines: Lines, *, reach_m: float = units.PATROL_TOLERANCE_M
) -> dict[str, Alongside]:
    """Lay every patrol line beside its segment.

    Parameters
    ----------
    placed : pandas.DataFrame
        From :func:`geo.border.holding.place_segments`: ``segment_id border_id from_m to_m patrol_line`` (WKB of
        a line, EPSG:4326).
    lines : mapping of str to Chainage
        The borders.
    reach_m : float
        A patrol line that ends no further than this before its segment does reaches the segment's end, metres.

    Returns
    -------
    dict of str to Alongside
        By ``segment_id``. A segment without a place or a patrol line has none, nor has one whose patrol line
        has no length or is nowhere within 2 km of it: that is another segment's.
    """
    wanted = placed[placed["patrol_line"].notna() & placed["from_m"].notna()]
    shapes = shapely.from_wkb(wanted["patrol_line"].to_numpy(dtype=object), on_invalid="ignore")
    found = {}
    for shape, (id, border_id, start, end) in zip(
        shapes, wanted[["segment_id", "border_id", "from_m", "to_m"]].itertuples(index=False), strict=True
    ):
        beside = alongside(shape, lines[border_id], start, end, reach_m=reach_m)
        if beside is not None:
            found[str(id)] = beside
    return found


def alongside(
    shape: Any, border: Chainage, start_m: float, end_m: float, *, reach_m: float = units.PATROL_TOLERANCE_M
) -> Alongside | None:
    """Lay one patrol line beside a stretch of the border.

    Each vertex of the patrol line, and a place every 50 m between, is located on the nearest metre of the
    stretch. Where these measures run one way they hold as they are; where they do not (the border meanders, the
    road does not) they are replaced by the nearest ones that do, in the least-squares sense (isotonic
    regression), in the direction that fits better.

    Parameters
    ----------
    shape : shapely geometry or None
        LineString or MultiLineString, EPSG:4326, drawn either way.
    border : Chainage
        The border.
    start_m, end_m : float
        The stretch, metres, start < end.
    reach_m : float
        As in :func:`patrol_lines`.

    Returns
    -------
    Alongside or None
        None for a line without length, and for one that is nowhere within 2 km of the stretch.
    """
    line = chainage_of(np.array([shape], dtype=object))
    if line.length_m <= 0:
        return None
    patrol_m = _sampled(line)
    stretch = chainage_of(border.cut(np.array([start_m]), np.array([end_m])))
    measure, offset = stretch.locate(line.point_at(patrol_m))
    if not (offset <= FAR_M).any():
        return None
    located = start_m + measure * ((end_m - start_m) / stretch.length_m)
    return Alongside(line, patrol_m, _reaching(_monotone(located), start_m, end_m, reach_m))


def _sampled(line: Chainage) -> Floats:
    """Measures of all vertices, and of places between them."""
    regular = np.linspace(0.0, line.length_m, int(np.ceil(line.length_m / SAMPLE_M)) + 1)
    return np.unique(np.concatenate([line.measure_m, regular]))


def _monotone(measure_m: Floats) -> Floats:
    """The nearest measures that run one way, up or down, whichever fits better; up where both do."""
    up, down = (isotonic_regression(measure_m, increasing=way).x for way in (True, False))
    falls = ((down - measure_m) ** 2).sum() < ((up - measure_m) ** 2).sum()
    # pooled means of equal measures may differ by a rounding error
    return np.asarray(np.minimum.accumulate(down) if falls else np.maximum.accumulate(up))


def _reaching(border_m: Floats, start_m: float, end_m: float, reach_m: float) -> Floats:
    """Let ends that lie within reach of the stretch's ends be these."""
    reached = np.clip(border_m, start_m, end_m)  # means of equal measures are theirs but for a rounding error
    ends = np.array([0, len(border_m) - 1])
    low, high = ends if border_m[0] <= border_m[-1] else ends[::-1]
    if reached[low] - start_m <= reach_m:
        reached[low] = start_m
    if end_m - reached[high] <= reach_m:
        reached[high] = end_m
    return reached
