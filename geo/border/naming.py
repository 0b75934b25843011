"""Ids of findings and stretches, and columns of lists."""

from __future__ import annotations

from collections.abc import Iterable, Sequence
from typing import Any

import pandas as pd

from geo.errors import finding_id


def list_column(lists: Iterable[Sequence[str]], index: Any = None) -> pd.Series:
    """Make a column of lists.

    Parameters
    ----------
    lists : iterable of sequence of str
        One a row.
    index : pandas.Index, optional
        Index of the column, default 0…n-1.

    Returns
    -------
    pandas.Series
        Of ``list[str]``, dtype object, also when there is no row.
    """
    return pd.Series([list(one) for one in lists], dtype=object, index=index)


def with_ids(frame: pd.DataFrame, name: str, kinds: pd.Series, members: pd.Series) -> pd.DataFrame:
    """Put an id before each row that is the same in every run and row order.

    Parameters
    ----------
    frame : pandas.DataFrame
        With ``border_id start_m end_m`` (metres; missing ones count as 0), in its final order.
    name : str
        Name of the id column.
    kinds : pandas.Series
        What each row is.
    members : pandas.Series
        Ids concerned, a list a row.

    Returns
    -------
    pandas.DataFrame
        With the id as first column, unique: rows that only differ within a metre are told apart by their
        order.
    """
    borders = frame["border_id"].fillna("")
    places = frame[["start_m", "end_m"]].fillna(0.0)
    ids = pd.Series(
        [
            finding_id(kind, ids, border, start, end)
            for kind, ids, border, start, end in zip(
                kinds, members, borders, places["start_m"], places["end_m"], strict=True
            )
        ],
        dtype="str",
        index=frame.index,
    )
    again = ids.groupby(ids).cumcount()
    ids = ids.where(again == 0, ids + "-" + again.astype("str"))
    return pd.concat([ids.rename(name), frame], axis=1)
