"""How tests ask what walks are credited with, and how far that is from the truth."""

from __future__ import annotations

from typing import Any

import numpy as np
import pandas as pd

from geo.border.chainage import Chainage
from geo.border.tracks import Credit, credit
from tests.tracks import START, Stretches, Walk, table

ONE = "p"


def credit_of(line: Chainage, walk: Walk, **how: Any) -> Credit:
    """Credit one walk as a patrol of its own."""
    return credit(table({ONE: walk}), line, **{"mode": walk.mode} | how)


def stretches_of(visits: pd.DataFrame) -> Stretches:
    """List credited intervals in order."""
    return sorted(zip(visits["start_m"].tolist(), visits["end_m"].tolist(), strict=True))


def credited(line: Chainage, walk: Walk, **how: Any) -> Stretches:
    """List what one walk is credited with."""
    return stretches_of(credit_of(line, walk, **how).visits)


def seconds_of(times: Any) -> list[float]:
    """Turn times into seconds since the start of all walks."""
    return [float(gone) for gone in (pd.Series(times) - START).dt.total_seconds()]


def metres(stretches: Stretches) -> float:
    """Add up some stretches that do not overlap."""
    return float(sum(end - start for start, end in stretches))


def wrong_m(found: Stretches, truth: Stretches) -> float:
    """Metres that are credited and were not walked, or walked and not credited."""
    ends = np.unique([bound for stretch in (*found, *truth) for bound in stretch])
    middles = (ends[:-1] + ends[1:]) / 2
    inside = [[any(start < middle < end for start, end in some) for middle in middles] for some in (found, truth)]
    differs = np.not_equal(np.array(inside[0]), np.array(inside[1]))
    return float(np.diff(ends)[differs].sum()) if len(middles) else 0.0
