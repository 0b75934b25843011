"""What tracks earn and what becomes of each of their fixes and steps, as entries of one account."""

from __future__ import annotations

import geopandas as gpd
import numpy as np
import pandas as pd

from geo import units
from geo.border.alongside import patrol_lines
from geo.border.chainage import Lines
from geo.border.course import course_of
from geo.border.fixes import clean
from geo.border.tracks import Credit, credit_fixes
from geo.tables.conform import conform

STRETCH, CREDITED, REFUSED, USED, DROPPED, REORDERED = ENTRIES = (
    "stretch",
    "credited",
    "refused",
    "used",
    "dropped",
    "reordered",
)
ON_FOOT = "foot"


def track_entries(
    tracks: gpd.GeoDataFrame,
    patrols: pd.DataFrame | None,
    placed: pd.DataFrame,
    lines: Lines,
    *,
    tolerance_m: float = units.PATROL_TOLERANCE_M,
    max_step_s: float = units.PATROL_STEP_S,
) -> pd.DataFrame:
    """Credit every track on all borders and the patrol lines beside them.

    Parameters
    ----------
    tracks : geopandas.GeoDataFrame
        The ``tracks`` table.
    patrols : pandas.DataFrame or None
        The ``patrols`` table: times and mode of a patrol; one that is not in it goes on foot.
    placed : pandas.DataFrame
        From :func:`geo.border.holding.place_segments`: its patrol lines count for the border beside them.
    lines : mapping of str to Chainage
        The borders.
    tolerance_m, max_step_s : float
        See :func:`geo.border.tracks.credit`.

    Returns
    -------
    pandas.DataFrame
        ``entry_id entry patrol_id border_id start_m end_m start_time end_time reason count length_m``; an entry
        is a credited ``stretch``, the steps ``credited`` (how many, metres walked) or ``refused`` for a reason,
        the fixes ``used``, ``dropped`` for a reason or ``reordered``. By patrol, entry and place. Fixes used and
        dropped are those read; steps credited and refused are all.
    """
    tops = {mode: units.metres_per_second(speed) for mode, speed in units.PATROL_TOP_SPEEDS_KMH.items()}
    fixes = clean(tracks, patrols)
    modes = {} if patrols is None else dict(zip(patrols["patrol_id"], patrols["mode"], strict=True))
    top = np.array([tops[modes.get(patrol, ON_FOOT)] for patrol in fixes.patrol_ids], dtype=float)
    border = dict(zip(placed["segment_id"], placed["border_id"], strict=True))
    roads = patrol_lines(placed, lines, reach_m=tolerance_m)
    course = course_of(lines, [(border[id], roads[id]) for id in sorted(roads)])
    credit = credit_fixes(fixes, course, top, tolerance_m=tolerance_m, max_step_s=max_step_s)
    return _numbered(pd.concat([*_of_steps(credit), *_of_fixes(credit, fixes.reordered)], ignore_index=True))


def gps_visits(entries: pd.DataFrame, patrols: pd.DataFrame | None) -> pd.DataFrame:
    """Turn credited stretches into visits of who walked them.

    Parameters
    ----------
    entries : pandas.DataFrame
        From :func:`track_entries`.
    patrols : pandas.DataFrame or None
        The ``patrols`` table: who walked.

    Returns
    -------
    pandas.DataFrame
        Rows of the ``visits`` table with evidence ``gps``.
    """
    rows = entries[entries["entry"] == STRETCH].drop(columns=["entry", "reason", "count", "length_m"])
    rows = rows.rename(columns={"entry_id": "visit_id"}).assign(evidence="gps").reset_index(drop=True)
    if patrols is None:
        return conform("visits", rows)
    who = patrols.set_index("patrol_id")[["staff_id", "post_id", "synthetic"]]
    return conform("visits", rows.join(who, on="patrol_id"))


def _of_steps(credit: Credit) -> list[pd.DataFrame]:
    visits, walked = credit.visits, credit.walked
    bounds = ["patrol_id", "border_id", "start_m", "end_m", "start_time", "end_time"]
    stretches = visits[bounds].assign(entry=STRETCH, count=1, length_m=visits["end_m"] - visits["start_m"])
    refused = credit.refused.rename(columns={"steps": "count"}).assign(entry=REFUSED)
    lost = credit.refused.groupby("patrol_id")["length_m"].sum()
    length = walked["length_m"] - walked["patrol_id"].map(lost).fillna(0.0).astype(float)
    steps = pd.DataFrame(
        {"patrol_id": walked["patrol_id"], "count": walked["credited_steps"], "length_m": length.clip(lower=0.0)}
    )
    return [stretches, steps.assign(entry=CREDITED), refused]


def _of_fixes(credit: Credit, reordered: pd.DataFrame) -> list[pd.DataFrame]:
    used = credit.walked[["patrol_id", "fixes"]].assign(entry=USED)
    tables = (used, credit.dropped.assign(entry=DROPPED), reordered.assign(entry=REORDERED))
    return [table.rename(columns={"fixes": "count"}) for table in tables]


def _numbered(entries: pd.DataFrame) -> pd.DataFrame:
    """Put the columns and rows in order, with an id that is the same in every run."""
    text, number = ["entry", "patrol_id", "border_id", "reason"], ["start_m", "end_m", "length_m"]
    rows = entries.reindex(columns=[*text, *number, "start_time", "end_time", "count"])
    rows = rows.astype(dict.fromkeys(text, "str") | dict.fromkeys(number, float) | {"count": "int64"})
    rows = rows.astype(dict.fromkeys(("start_time", "end_time"), "datetime64[us, UTC]"))
    rank = rows["entry"].map({entry: at for at, entry in enumerate(ENTRIES)})
    rows = rows.assign(_rank=rank).sort_values(
        ["patrol_id", "_rank", "border_id", "start_m", "reason"], kind="stable", ignore_index=True
    )
    again = rows.groupby(["patrol_id", "_rank"]).cumcount().astype("str")
    id = rows["entry"] + "-" + rows["patrol_id"] + "-" + again
    rows.insert(0, "entry_id", id.where(rows["entry"] != STRETCH, "gps-" + rows["patrol_id"] + "-" + again))
    return rows.drop(columns="_rank")
