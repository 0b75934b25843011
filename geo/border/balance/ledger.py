"""Who gains and who loses ground when limits are redrawn?"""

from __future__ import annotations

import numpy as np
import pandas as pd

from geo.border.balance.redraw import MM, Proposal
from geo.border.chainage import Ints

BOUNDS = ["_start", "_end", "_new_start", "_new_end"]
LEDGER = ("length_m", "new_length_m", "gained_m", "claimed_m", "lost_m")


def ledger(proposal: Proposal, holder: pd.Series) -> pd.DataFrame:
    """Say what each holder gains and loses.

    Parameters
    ----------
    proposal : Proposal
        The proposal.
    holder : pandas.Series
        Whose each segment is (its own id, its post), index as ``Proposal.segments``.

    Returns
    -------
    pandas.DataFrame
        By holder: ``length_m`` and ``new_length_m`` of ground (what two of its segments share counts once),
        ``gained_m`` from others, ``claimed_m`` that was nobody's, ``lost_m``; accessible metres. New length =
        length + gained + claimed - lost.
    """
    rows = proposal.segments.assign(holder=holder)
    total = pd.DataFrame(0.0, index=sorted(holder.unique()), columns=list(LEDGER))
    for _, own in rows.groupby("border_id"):
        total = total.add(_ledger(own), fill_value=0.0)
    return (total / MM).rename_axis("holder").reset_index()


def slackened(proposal: Proposal, interval_days: pd.Series) -> pd.Series:
    """Measure the ground that goes to a holder with a longer interval than is required there today.

    Parameters
    ----------
    proposal : Proposal
        The proposal.
    interval_days : pandas.Series
        Required interval of each segment, index as ``Proposal.segments``.

    Returns
    -------
    pandas.Series
        Accessible metres of each segment as proposed; same index.
    """
    found = pd.Series(0.0, index=proposal.segments.index)
    days = interval_days.to_numpy(dtype=float)
    for index in proposal.segments.groupby("border_id").groups.values():
        own = proposal.segments.loc[index]
        breaks, before, after = _cells(own)
        at = found.index.get_indexer(index)
        today = np.full(len(breaks), np.inf)
        np.minimum.at(today, before[1], days[at[before[0]]])
        slower = np.isfinite(today[after[1]]) & (days[at[after[0]]] > today[after[1]])
        metres = np.diff(breaks)[after[1][slower]] / MM
        found.iloc[at] += np.bincount(after[0][slower], metres, minlength=len(own))
    return found


def _cells(own: pd.DataFrame) -> tuple[Ints, tuple[Ints, Ints], tuple[Ints, Ints]]:
    """Cut at every bound; then which row holds which cell, today and as proposed."""
    bounds = own[BOUNDS].to_numpy()
    breaks = np.unique(bounds)
    low, high = (np.searchsorted(breaks, bounds[:, side::2]) for side in (0, 1))
    made = []
    for start, end in zip(low.T, high.T, strict=True):
        count = end - start
        row = np.repeat(np.arange(len(own)), count)
        first = np.repeat(start - np.cumsum(count) + count, count)
        made.append((row, first + np.arange(len(row))))
    return breaks, made[0], made[1]


def _ledger(own: pd.DataFrame) -> pd.DataFrame:
    """The ledger of one border, millimetres."""
    names, code = np.unique(own["holder"].to_numpy(dtype=object), return_inverse=True)
    breaks, before, after = _cells(own)
    width = np.append(np.diff(breaks), 0)
    had, has = (np.unique(code[row] * len(width) + cell) for row, cell in (before, after))
    taken = np.setdiff1d(has, had)
    bare = ~np.isin(taken % len(width), had % len(width))
    parts = (had, has, taken[~bare], taken[bare], np.setdiff1d(had, has))
    sums = [np.bincount(part // len(width), width[part % len(width)], minlength=len(names)) for part in parts]
    return pd.DataFrame(dict(zip(LEDGER, sums, strict=True)), index=names)
