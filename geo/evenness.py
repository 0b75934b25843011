"""How evenly is work shared (M7)? The same measures for households a worker, for hours a post, for anything."""

from __future__ import annotations

from dataclasses import dataclass
from typing import Any

import numpy as np

from geo import units

ROUNDING = 1e-9  # a load that is exactly a tenth off the mean is within a tenth, whatever the last bit says


@dataclass(frozen=True, slots=True)
class Evenness:
    """How evenly some loads are spread.

    Parameters
    ----------
    count : int
        Loads that are known.
    missing : int
        Loads that are not, and are left out.
    mean : float or None
        Their mean μ; None without a load, as all that follows.
    variation : float or None
        Coefficient of variation σ/μ, σ over the population; 0 = all equal.
    peak : float or None
        Largest load / μ; 1 = all equal.
    gini : float or None
        Σ|wᵢ - wⱼ| / 2n²μ; 0 = all equal, (n-1)/n = one has everything.
    near : int
        Loads within ±10 % of μ.
    """

    count: int
    missing: int
    mean: float | None
    variation: float | None
    peak: float | None
    gini: float | None
    near: int


def evenness(loads: Any, *, within: float = units.EVEN_WITHIN) -> Evenness:
    """Measure how evenly some loads are spread.

    The sum over all pairs in the Gini coefficient is taken from the sorted loads, Σ|wᵢ - wⱼ| = 2·Σ(2i - n - 1)·wᵢ
    for i = 1…n (Sen, On Economic Inequality, 1973), so that n loads cost n·log n.

    Parameters
    ----------
    loads : array-like of float
        Loads ≥ 0 in any unit, shape (n,); NaN = missing.
    within : float
        Which share of the mean a load may be off and still count as near.

    Returns
    -------
    Evenness
        Neither the order nor the unit of the loads matters. Loads that are all 0 are all equal; a single load is
        even.

    Raises
    ------
    ValueError
        A load is negative or infinite.

    Examples
    --------
    >>> shared = evenness([1.0, 1.0, 4.0])  # mean 2, σ² = (1 + 1 + 4) / 3 = 2, pairs |1 - 4| four times = 12
    >>> round(shared.variation, 4), shared.peak, round(shared.gini, 4), shared.near
    (0.7071, 2.0, 0.3333, 0)
    >>> evenness([]).gini is None
    True
    """
    given = np.asarray(loads, dtype=float).reshape(-1)
    known = given[~np.isnan(given)]
    count, missing = len(known), len(given) - len(known)
    if not count:
        return Evenness(0, missing, None, None, None, None, 0)
    if not np.isfinite(known).all() or (known < 0).any():
        raise ValueError("loads must be finite and not negative")
    top = float(known.max())
    if top == 0.0:
        return Evenness(count, missing, 0.0, 0.0, 1.0, 0.0, count)
    part = np.sort(known) / top  # in parts of the largest, so that no unit over- or underflows
    mean = float(part.mean())
    rank = 2.0 * np.arange(1, count + 1) - count - 1
    return Evenness(
        count,
        missing,
        mean * top,
        float(part.std()) / mean,
        1.0 / mean,
        max(float(rank @ part), 0.0) / (count * count * mean),
        int((np.abs(part - mean) <= within * mean + ROUNDING * mean).sum()),
    )
