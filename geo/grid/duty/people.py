"""Who is on duty on a day, where, as what, and for how much of their time?"""

from __future__ import annotations

from collections.abc import Iterable
from datetime import date
from typing import Any

import numpy as np
import pandas as pd

from geo.tables.people import FULL_TIME_ROLES
from geo.tables.validity import valid_on

PARTS = 720_720_000  # of a full-time worker: whole numbers for everybody on up to 16 grids, so that sums are exact


def on_duty(staff: pd.DataFrame, assignments: pd.DataFrame, as_of: date) -> pd.DataFrame:
    """List the assignments that hold on a day.

    Parameters
    ----------
    staff, assignments : pandas.DataFrame
        The tables. Only people that ``staff`` knows count.
    as_of : datetime.date
        The day; ``valid_from`` ≤ day < ``valid_to``, a missing bound is open.

    Returns
    -------
    pandas.DataFrame
        One row an assignment in the order given, index 0…n-1: ``person`` (a number for each), ``target_type,
        target_id, role`` (the assignment's, else the person's own), ``share`` (as stated, may be missing), ``fte``
        of the person (1 where missing), and ``border_id start_m end_m`` of an interval.
    """
    person = staff.drop_duplicates("staff_id")
    valid = assignments[valid_on(assignments, as_of)]
    at = pd.Index(person["staff_id"]).get_indexer(valid["staff_id"])
    rows, known = valid[at >= 0].reset_index(drop=True), at[at >= 0]
    who = person[["role", "fte"]].iloc[known].reset_index(drop=True)
    kept = rows[["target_type", "target_id", "share", "border_id", "start_m", "end_m"]]
    role = rows["role"].where(rows["role"].notna(), who["role"])
    return kept.assign(person=known, role=role, fte=who["fte"].astype(float).fillna(1.0))


def shares(duties: pd.DataFrame, *, elsewhere: Iterable[Any] = ()) -> pd.DataFrame:
    """Share each person's working time among their grids.

    Parameters
    ----------
    duties : pandas.DataFrame
        As :func:`on_duty` gives them. Only assignments to grids in a role that is full-time count (grid worker,
        border guard, auxiliary policeman).
    elsewhere : iterable of str
        Grids of other schemes: they lie upon the same ground, so that whoever works there works here too.

    Returns
    -------
    pandas.DataFrame
        One row a person and grid: ``person``, ``target_id`` and ``parts`` (``PARTS`` make a full-time worker). A
        person on n grids gives each 1/n of themselves, or the ``share`` that the assignment states; grids without
        a stated share get no more than what the others leave, and stated shares of more than 1 together are scaled
        down to 1. Two assignments of one person to one grid count once, with the larger stated share.
    """
    works = (duties["target_type"] == "grid") & duties["role"].isin(FULL_TIME_ROLES)
    others = pd.Index(elsewhere)
    rows = duties[works & ~duties["target_id"].isin(others)] if len(others) else duties[works]
    grid, named = pd.factorize(rows["target_id"])
    columns = rows[["person", "share", "fte"]].astype({"share": float}).assign(grid=grid)
    each = columns.groupby(["person", "grid"], as_index=False).max()
    silent = each["share"].isna()
    of_person = each.assign(silent=silent, one=1).groupby("person")[["share", "silent", "one"]].transform("sum")
    left = (1.0 - of_person["share"]).clip(lower=0.0) / of_person["silent"].where(of_person["silent"] > 0)
    part = each["share"].fillna(np.minimum(1.0 / of_person["one"], left)) / of_person["share"].clip(lower=1.0)
    parts = (part * each["fte"] * PARTS).round().astype(np.int64)
    return pd.DataFrame({"person": each["person"], "target_id": named[each["grid"]], "parts": parts})
