"""Where should the limits of segments lie so that every holder can keep the interval? A proposal.

Each accessible metre is given to one segment. The order of the segments stays, and so does what is held jointly
on purpose; no segment becomes longer than its guards can keep (:func:`geo.border.balance.work.work_of`, at its own
mode and interval), and the ends move as little as possible. Where all guards in a row together cannot keep it,
the worst use of their hours is made as small as can be, and the guards that are lacking are counted.
"""

from __future__ import annotations

from dataclasses import dataclass
from typing import Any

import numpy as np
import pandas as pd

from geo.border.balance import limits
from geo.border.balance.limits import Row
from geo.border.balance.openings import Open
from geo.border.balance.sharing import Hanging, hanging, inside_others
from geo.border.balance.work import states
from geo.border.chainage import Ints
from geo.border.holding import Holdings, cells
from geo.border.intervals import runs

CHANGES = ("same", "moved", "emptied", "joint", "closed", "unplaced")
STATUSES = ("fits", "short", "nobody")
MM = 1000.0
BOUNDS = (
    "_start",
    "_end",
    "_new_start",
    "_new_end",
    "_free_start",
    "_free_end",
    "_at_start",
    "_at_end",
    "_missing",
    "_aside",
)
ROWS = (
    "border_id",
    "segments",
    "length_m",
    "reach_m",
    "status",
    "worst",
    "moved_m",
    "extra_m",
    "off_markers",
    "guards_missing",
)


@dataclass(frozen=True, eq=False)
class Proposal:
    """New limits.

    Parameters
    ----------
    segments : pandas.DataFrame
        A row a segment, index as ``Holdings.segments``. ``new_start_m new_end_m`` on the border, missing for one
        that is not on it; ``length_m new_length_m`` accessible metres today and then; ``used new_used`` of the
        hours of its guards (missing without guards), ``new_state``; ``start_moved_m end_moved_m`` accessible
        metres, positive = further along the border; ``extra_m`` how much further its ends move than if they
        need not lie at markers; ``guards_missing``; and ``change``: ``same``, ``moved``, ``emptied`` (no length
        is left, others can keep it), ``joint`` (lies wholly in others by intention, is left out of the
        proposal), ``closed`` (not accessible) or ``unplaced``. ``_start _end _new_start _new_end`` are the bounds
        counted in accessible millimetres, equal to each other where there are none.
    rows : pandas.DataFrame
        A row for each row of holders whose limits hang together: ``border_id segments length_m reach_m status
        worst moved_m extra_m off_markers guards_missing``. ``length_m`` is what they have to keep together.
        ``status`` is ``fits`` (all can keep up), ``short`` (not even together) or ``nobody`` (without a single
        guard); ``worst`` is the greatest use then, missing for ``nobody``; ``moved_m`` how far all ends move
        together, which is the least possible for the least ``worst`` where ``extra_m`` is 0; ``extra_m`` is what
        limits at markers cost above that; ``off_markers`` are limits that lie neither at a marker nor where they
        are today.
    """

    segments: pd.DataFrame
    rows: pd.DataFrame


def redraw(holdings: Holdings, work: pd.DataFrame, *, to_markers: bool = True) -> Proposal:
    """Propose limits with which every holder can keep the interval.

    Parameters
    ----------
    holdings : Holdings
        What holds the border. A stretch that two neighbours hold jointly stays where it is, with both, if they can
        keep it (:func:`geo.border.balance.sharing.hanging`); gaps, and any other overlap, are resolved.
    work : pandas.DataFrame
        From :func:`geo.border.balance.work.work_of`. Ground that changes hands is kept at the interval and in the
        mode of its new holder.
    to_markers : bool
        Whether limits shall lie at markers where that leaves everybody able to keep the interval, see
        :func:`geo.border.balance.limits.at_markers`.

    Returns
    -------
    Proposal
        A border without any segment on accessible ground has no row, and nothing is proposed for it.
    """
    made = [_border(holdings, work, key, to_markers) for key in holdings.lines]
    placed = pd.concat([pd.DataFrame(columns=BOUNDS, dtype="int64"), *(bounds for bounds, _ in made)])
    rows = pd.DataFrame([row for _, found in made for row in found], columns=ROWS)
    return Proposal(_told(holdings, work, placed), rows)


def _border(
    holdings: Holdings, work: pd.DataFrame, key: str, to_markers: bool
) -> tuple[pd.DataFrame, list[tuple[Any, ...]]]:
    """Bounds of the segments of one border, today and as proposed, and its rows of holders."""
    own = holdings.segments[(holdings.segments["border_id"] == key) & (work["open_m"] > 0)]
    ground = _ground(holdings, key)
    raw = np.rint(own[["from_m", "to_m"]].to_numpy() * MM).astype(np.int64)
    today = ground.squeeze(raw)
    joint = own["joint"].to_numpy(dtype=bool)
    stakes = _stakes(holdings, key)
    open_stakes = np.unique(ground.squeeze(stakes))
    reach, keeps = _whole(today, work.loc[own.index])
    aside = inside_others(today, joint)
    new, free = today.copy(), today.copy()
    missing = np.zeros(len(own), dtype=np.int64)
    rows = []
    for part in hanging(today, joint, np.flatnonzero(~aside), reach, int(ground.squeeze(ground.length))):
        best, last, guards = _solved(part.row, keeps[part.who], open_stakes if to_markers else None)
        free[part.who], new[part.who], missing[part.who] = _ends(part, best), _ends(part, last), guards
        rows.append((key, *_summary(part.row, best, last, sum(guards), open_stakes)))
    placed = _on_border(ground, raw, today, new, stakes)
    bounds = np.column_stack([today, new, free, placed, missing, aside])
    return pd.DataFrame(bounds, index=own.index, columns=BOUNDS), rows


def _ground(holdings: Holdings, key: str) -> Open:
    held = cells(holdings, key)
    closed = np.rint(runs(~held.accessible, held.breaks) * MM).astype(np.int64)
    return Open(closed[:, 0], closed[:, 1], int(np.rint(held.breaks[-1] * MM)))


def _stakes(holdings: Holdings, key: str) -> Ints:
    """Where the markers of a border stand, millimetres, ascending, each once."""
    here = holdings.markers["measure_m"][holdings.markers["border_id"] == key].dropna()
    return np.unique(np.rint(here.to_numpy() * MM).astype(np.int64))


def _whole(today: Ints, work: pd.DataFrame) -> tuple[Ints, Ints]:
    """Millimetres that the guards of each segment keep, and one guard more.

    One less than they could, so that a length that is read back from two rounded limits is never too much; but who
    can keep today's length today can.
    """
    length = today[:, 1] - today[:, 0]
    reach, keeps = (np.floor(work[name].to_numpy() * MM).astype(np.int64) - 1 for name in ("reach_m", "keeps_m"))
    fits = length <= work["reach_m"].to_numpy() * MM + 1e-3
    return np.where(fits, np.maximum(reach, length), np.maximum(reach, 0)), np.maximum(keeps, 1)


def _solved(row: Row, keeps: Ints, stakes: Ints | None) -> tuple[list[int], list[int], list[int]]:
    """Best limits of a row, limits at markers, and the guards that are lacking."""
    allowed = limits.fitting(row)
    best = limits.least_movement(row, allowed)
    last = best if stakes is None else limits.at_markers(row, allowed, best, stakes.tolist())
    return best, last, limits.fewest_guards(row, keeps.tolist())


def _ends(part: Hanging, places: list[int]) -> Ints:
    """Bounds of all holders, with what the outer ones share with others."""
    ends = np.column_stack([places[:-1], places[1:]])
    ends[0, 0] -= part.before
    ends[-1, 1] += part.after
    return ends


def _summary(row: Row, best: list[int], last: list[int], guards: int, stakes: Ints) -> tuple[Any, ...]:
    reach, total = np.array(row.reach), sum(row.reach)
    burden = np.diff(last) + np.array(row.besides)
    status = STATUSES[0] if total >= row.burden else STATUSES[1] if total else STATUSES[2]
    worst = float((burden[reach > 0] / reach[reach > 0]).max()) if total else np.nan
    known = set(stakes.tolist())
    off = sum(
        at not in known and at != end and at != start
        for at, (_, end), (start, _) in zip(last[1:-1], row.today, row.today[1:], strict=False)
    )
    moved, least = limits.movement(row, last), limits.movement(row, best)
    return len(reach), row.burden / MM, total / MM, status, worst, moved / MM, (moved - least) / MM, off, guards


def _on_border(ground: Open, raw: Ints, today: Ints, new: Ints, stakes: Ints) -> Ints:
    """Places of limits on the border; in a closed stretch at the marker it moved to, else as near as can be."""
    near = raw
    if len(stakes):
        after = np.searchsorted(stakes, ground.stretch(new, raw)).clip(max=len(stakes) - 1)
        rivals = np.stack([stakes[after], stakes[np.maximum(after - 1, 0)]])
        there = ground.squeeze(rivals) == new
        nearest = np.where(there[0], rivals[0], np.where(there[1], rivals[1], raw))
        near = np.where(new == today, raw, nearest)
    return ground.stretch(new, near)


def _told(holdings: Holdings, work: pd.DataFrame, placed: pd.DataFrame) -> pd.DataFrame:
    """Turn bounds in millimetres into what a proposal says of every segment."""
    segments = holdings.segments
    lengths = {key: line.length_m for key, line in holdings.lines.items()}
    bounds = placed.reindex(segments.index, fill_value=0).astype("int64")
    works, line = segments.index.isin(placed.index), segments["border_id"].map(lengths).astype(float)
    length = (bounds["_end"] - bounds["_start"]) / MM
    new_length = (bounds["_new_end"] - bounds["_new_start"]) / MM
    moves = {side: bounds[f"_new_{side}"] - bounds[f"_{side}"] for side in ("start", "end")}
    moved = moves["start"].abs() + moves["end"].abs()
    free = sum((bounds[f"_free_{side}"] - bounds[f"_{side}"]).abs() for side in ("start", "end"))
    reach = work["reach_m"]
    used = (new_length / reach).where(works & (reach > 0))
    state = pd.Series(states(used), index=segments.index).where(works & (new_length > 0))
    told = pd.DataFrame({"segment_id": segments["segment_id"], "border_id": segments["border_id"]})
    for side, other in (("start", "from_m"), ("end", "to_m")):
        place = (bounds[f"_at_{side}"] / MM).where(works, segments[other])
        told[f"new_{side}_m"] = line.where(works & (place > line - 1 / MM), place)
        told[f"{side}_moved_m"] = moves[side] / MM
    change = np.select(
        [segments["from_m"].isna(), ~works, bounds["_aside"] == 1, new_length == 0, moved > 0],
        ["unplaced", "closed", "joint", "emptied", "moved"],
        "same",
    )
    return told.assign(
        length_m=length,
        new_length_m=new_length,
        used=work["used"].where(works),
        new_used=used,
        new_state=state.astype("str"),
        extra_m=(moved - free) / MM,
        guards_missing=bounds["_missing"],
        change=pd.Series(change, index=segments.index, dtype="str"),
        **{name: bounds[name] for name in BOUNDS[:4]},
    )
