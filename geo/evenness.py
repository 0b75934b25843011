"""How evenly is work shared (M7)? The same measures for households a worker, for hours a post, for anything."""

from __future__ import annotations

from dataclasses import dataclass
from typing import Any

import numpy as np
from numpy.typing import NDArray

from geo import units

SHAPE = ("mean", "variation", "peak", "gini")  # what nobody can say of no load at all
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
    rows = evenness_by(given, np.zeros(len(given), dtype=np.int64), 1, within=within)
    count, missing, near = (int(rows[name][0]) for name in ("count", "missing", "near"))
    shape = {name: float(rows[name][0]) if count else None for name in SHAPE}
    return Evenness(count, missing, near=near, **shape)


def evenness_by(
    loads: Any, group: Any, groups: int, *, within: float = units.EVEN_WITHIN
) -> dict[str, NDArray[Any]]:
    """Measure how evenly loads are spread within each of many groups, as :func:`evenness` does within one.

    Parameters
    ----------
    loads : array-like of float
        As for :func:`evenness`, shape (n,).
    group : array-like of int
        Group of each load, 0…groups-1, shape (n,).
    groups : int
        How many groups there are.
    within : float
        As for :func:`evenness`.

    Returns
    -------
    dict of str to numpy.ndarray
        The fields of :class:`Evenness`, each of shape (groups,); NaN where a group has no known load.

    Raises
    ------
    ValueError
        A load is negative or infinite.

    Examples
    --------
    >>> shared = evenness_by([1.0, 7.0, 1.0, 4.0], [0, 1, 0, 0], 3)
    >>> shared["count"].tolist(), shared["mean"].tolist(), shared["peak"].tolist()
    ([3, 1, 0], [2.0, 7.0, nan], [2.0, 1.0, nan])
    """
    given, where = np.asarray(loads, dtype=float), np.asarray(group, dtype=np.int64)
    known = ~np.isnan(given)
    missing = np.bincount(where[~known], minlength=groups)
    order = np.lexsort((given[known], where[known]))
    load, of = given[known][order], where[known][order]
    if not np.isfinite(load).all() or (load < 0).any():
        raise ValueError("loads must be finite and not negative")
    count = np.bincount(of, minlength=groups)

    def total(values: Any) -> NDArray[np.float64]:
        return np.bincount(of, weights=values, minlength=groups).astype(float)

    end = np.cumsum(count)
    top = np.full(groups, np.nan)
    top[count > 0] = load[end[count > 0] - 1]
    unit = np.where(top > 0, top, 1.0)  # in parts of the largest, so that no unit over- or underflows
    part, n = load / unit[of], np.where(count > 0, count, np.nan)
    mean = total(part) / n
    rank = 2.0 * (np.arange(len(of)) - (end - count)[of] + 1) - count[of] - 1
    size = np.where(mean > 0, mean, 1.0)
    gini = np.maximum(total(rank * part), 0.0) / (n * n * size)
    return {
        "count": count,
        "missing": missing,
        "mean": mean * unit,
        "variation": np.sqrt(total((part - mean[of]) ** 2) / n) / size,
        "peak": np.where(mean > 0, 1.0 / size, mean + 1.0),  # all loads 0: all are equal
        "gini": gini,
        "near": total(np.abs(part - mean[of]) <= (within + ROUNDING) * mean[of]).astype(np.int64),
    }
