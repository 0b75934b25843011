"""Which rows of a table hold on a day."""

from __future__ import annotations

from datetime import date

import pandas as pd


def valid_on(rows: pd.DataFrame, day: date) -> pd.Series:
    """Tell which rows are valid on a day.

    Parameters
    ----------
    rows : pandas.DataFrame
        With ``valid_from`` and ``valid_to``.
    day : datetime.date
        The day: ``valid_from`` ≤ day < ``valid_to``, a missing bound is open. A period that ends before it begins
        holds on no day.

    Returns
    -------
    pandas.Series of bool
        By the rows' index.

    Examples
    --------
    >>> rows = pd.DataFrame({"valid_from": ["2026-01-01", None], "valid_to": ["2026-06-01", "2026-05-01"]})
    >>> valid_on(rows.astype("datetime64[s]"), date(2026, 5, 1)).tolist()
    [True, False]
    """
    stamp = pd.Timestamp(day)
    return ~(rows["valid_from"] > stamp) & ~(rows["valid_to"] <= stamp)
