"""Two builds of one workspace: what got better, what got worse, what is new, and what cannot be compared.

A figure or a row is compared by its own measure. ``better`` and ``worse`` need a way that is good: the ``good`` of
a number, or the order of a code (:data:`ORDERS`). What differs by less than what is published is the same.
"""

from __future__ import annotations

import re
from collections.abc import Collection, Iterable, Mapping
from typing import Any, Literal

import geopandas as gpd
import numpy as np
import pandas as pd
import shapely
from numpy.typing import NDArray

from geo.layer import Good, Layer
from geo.parameters import Parameters

Change = Literal["better", "worse", "same", "changed", "new", "gone"]
CHANGES: tuple[Change, ...] = ("better", "worse", "changed", "new", "gone", "same")
INCOMPARABLE = "incomparable"  # of a figure

DECIMALS: Mapping[str, int] = {"share": 4, "minutes": 1, "m": 1, "m²": 1, "days": 2, "h": 1, "FTE": 2, "°": 5}
OTHER_DECIMALS = 2  # of units that are not named
TENTH = 0.001  # of a percent
MOMENTS = frozenset({"as_of"})  # builds are compared because the day differs
WEIGHTS = ("people", "households", "length_m")  # by what a change counts: the first that the layer has
SAME_PLACE_DEGREES = 1e-6  # 0.1 m, as finely as boards draw
_NEARLY = 1e-9  # 3.1 - 3.0 is a hair more than 0.1

# Best first; codes in one group are equally good. A layer's codes are compared by the first order that has them
# all, but for those that say nothing.
ORDERS: tuple[tuple[frozenset[str], ...], ...] = tuple(
    tuple(frozenset(group.split()) for group in order)
    for order in (
        ("PASS", "WARN", "FAIL"),
        ("info", "warning", "fail"),
        ("ok", "due", "overdue", "critical", "never", "unassigned"),
        ("met surplus not_needed", "short", "vacant"),
        ("good", "worn", "broken", "missing"),
        ("within", "over under"),
        ("ok", "strained", "overloaded", "nobody"),
        ("ok", "no_hub unknown_hub wrong_hub far unreachable"),
        ("ok", "barrier_detour far", "island unsnapped"),
        ("mended", "open"),
    )
)
SILENT = frozenset({"unknown", "none"})  # nobody knows how good that is


def order_of(codes: Collection[str]) -> dict[str, int] | None:
    """Find how good codes are.

    Parameters
    ----------
    codes : collection of str
        All codes that a field may take.

    Returns
    -------
    dict of str to int or None
        Steps from the best one, 0 first, without those that say nothing; None where the codes have no order.

    Examples
    --------
    >>> order_of(["vacant", "short", "met"])
    {'vacant': 2, 'short': 1, 'met': 0}
    >>> order_of(["land", "river"]) is None
    True
    """
    wanted = [code for code in codes if code not in SILENT]
    for order in ORDERS:
        place = {code: step for step, group in enumerate(order) for code in group}
        if wanted and all(code in place for code in wanted):
            return {code: place[code] for code in wanted}
    return None


def differing(
    before: Mapping[str, Any], after: Mapping[str, Any], names: Collection[str] | None = None
) -> tuple[str, ...]:
    """Name the parameters that make answers of two builds incomparable.

    Parameters
    ----------
    before, after : mapping
        ``parameters`` of the two reports; what one does not have is at its default.
    names : collection of str or None
        Those that the answer depends on; None = all.

    Returns
    -------
    tuple of str
        Sorted. The day never counts.
    """
    usual = Parameters().model_dump(mode="json")
    one, other = ({**usual, **given} for given in (before, after))
    asked = ({*one, *other} if names is None else {*names}) - MOMENTS
    return tuple(sorted(name for name in asked if one.get(name) != other.get(name)))


def compare_figures(
    before: Mapping[str, Any], after: Mapping[str, Any], depends: Mapping[str, Collection[str]] | None = None
) -> list[dict[str, Any]]:
    """Compare the figures of two reports.

    Parameters
    ----------
    before, after : mapping
        Reports of two builds of one workspace.
    depends : mapping of str to collection of str or None
        Parameters that a layer depends on, by its id; a layer that is not named, or None, depends on all.

    Returns
    -------
    list of dict
        One a figure in the order of ``after``, then those that only ``before`` has: ``id layer title unit good of
        before after delta change why``. ``change`` is ``incomparable`` where ``why`` names parameters that differ,
        or ``unit`` or ``method``: the figure counts something else, or a share is made in another way (numbers in
        the text of a method do not count). A value that was missing is ``new``, one that is missing now ``gone``;
        missing in both is ``same``. ``delta`` is None unless both are there and can be compared.
    """
    old = {figure["id"]: (layer, figure) for layer, figure in _figures(before)}
    now = {figure["id"]: (layer, figure) for layer, figure in _figures(after)}
    made = []
    for id in dict.fromkeys([*now, *old]):
        layer = (now.get(id) or old[id])[0]
        names = None if depends is None else depends.get(layer)
        parameters = differing(before["parameters"], after["parameters"], names)
        one, other = (known[id][1] if id in known else None for known in (old, now))
        made.append(_compared(layer, one, other, parameters))
    return made


def _figures(report: Mapping[str, Any]) -> Iterable[tuple[str, Mapping[str, Any]]]:
    return ((layer["id"], figure) for layer in report["layers"] for figure in layer["figures"])


def _compared(
    layer: str, before: Mapping[str, Any] | None, after: Mapping[str, Any] | None, parameters: tuple[str, ...]
) -> dict[str, Any]:
    known: Any = after or before
    old, new = (figure["value"] if figure else None for figure in (before, after))
    why = [*parameters, *(_otherwise(before, after) if before and after else ())]
    delta = None
    if old is None or new is None:
        change = "same" if old is new else "new" if old is None else "gone"
        why = []
    elif why:
        change = INCOMPARABLE
    else:
        delta = new - old
        change = _better_or_worse(delta, float(step_of(known["unit"], "number", old, new)), known["good"])
    return {
        **{name: known[name] for name in ("id", "title", "unit", "good", "of")},
        "layer": layer,
        "before": old,
        "after": new,
        "delta": delta,
        "change": change,
        "why": why,
    }


def _otherwise(before: Mapping[str, Any], after: Mapping[str, Any]) -> list[str]:
    """What makes two figures of one name different things."""
    units = any(before[name] != after[name] for name in ("unit", "of"))
    methods = after["unit"] == "share" and _method(before) != _method(after)
    return [name for name, differs in (("unit", units), ("method", methods)) if differs]


def _method(figure: Mapping[str, Any]) -> str:
    return re.sub(r"[\d.,]+", "#", figure["method"]["en"]) if figure["method"] else ""


def step_of(unit: str, kind: str = "number", *values: Any) -> Any:
    """Say how finely numbers are published.

    Parameters
    ----------
    unit : str
        Of the numbers.
    kind : str
        Of their field; whole numbers are published as they are.
    *values : float or numpy.ndarray
        The numbers: a share is told in tenths of a percent, but so that nearly all is never all.

    Returns
    -------
    float or numpy.ndarray
        The smallest difference that is one.

    Examples
    --------
    >>> step_of("minutes"), step_of("people", "integer")
    (0.1, 1.0)
    >>> float(step_of("share", "number", 0.5, 0.6)), float(step_of("share", "number", 0.9998, 1.0))
    (0.001, 0.0001)
    """
    finest = 1.0 if kind == "integer" else float(10.0 ** -DECIMALS.get(unit, OTHER_DECIMALS))
    if unit != "share" or not values:
        return finest
    nearly = np.logical_or.reduce([(value < TENTH) | (value > 1 - TENTH) for value in values])
    return np.where(nearly, finest, TENTH)


def _better_or_worse(delta: float, step: float, good: Good | None) -> Change:
    if abs(delta) < step * (1 - _NEARLY):
        return "same"
    if good is None:
        return "changed"
    return "better" if (delta < 0) == (good == "low") else "worse"


def weight_of(layer: Layer) -> str | None:
    """Choose by what a change of a row counts.

    Parameters
    ----------
    layer : Layer
        Any layer.

    Returns
    -------
    str or None
        Field with people, households or metres; None where it has none of them.
    """
    names = {field.name for field in layer.fields}
    return next((name for name in WEIGHTS if name in names), None)


def compare_rows(layer: Layer, before: gpd.GeoDataFrame, after: gpd.GeoDataFrame) -> pd.DataFrame:
    """Compare the rows of a layer in two builds, by their ids.

    Parameters
    ----------
    layer : Layer
        With a ``measure``: a number with its good way, or a code.
    before, after : geopandas.GeoDataFrame
        What it built then and now, EPSG:4326.

    Returns
    -------
    pandas.DataFrame
        One row for each id in either, sorted by id:

        ``key``; ``change``: ``new`` and ``gone`` for ids in one of them; ``same`` where the measure differs by
        less than a step of what is published, or is the same code, or missing in both; ``better`` and ``worse`` by
        the good way of the number or the order of the code; ``changed`` where neither says which way is good,
        where codes are equally good, and where the value is missing in one of the two;

        ``before``, ``after``: the measure; ``delta``: after less before, of codes the steps that it got worse by;
        missing where there is none. A way that cannot be gone is infinitely long: getting one is better;

        ``weight``: people, households or metres of now, of what is gone those of then (:func:`weight_of`; missing
        where unknown); ``score``: weight × size of the change, to rank by. What is not known to weigh anything
        scores 0, rows of a layer without weights weigh 1 each, an infinite way counts as the longest one there is;

        ``moved``: whether the shape differs by more than 0.1 m somewhere; a vertex more on a straight edge moves
        nothing.
    """
    if layer.measure is None:
        raise ValueError(f"layer {layer.id!r} has no measure to compare")
    old, now = (_by_key(layer, frame) for frame in (before, after))
    keys = np.array(sorted({*old.index, *now.index}), dtype=object)
    ids = pd.Index(keys, dtype=object)
    there, here = (frame.index.get_indexer(ids) >= 0 for frame in (old, now))  # np.isin compares each with each
    old, now = old.reindex(keys), now.reindex(keys)
    weights = _weights(layer, old, now, here)
    ranks = order_of(layer.field(layer.measure).values)
    coded = bool(layer.field(layer.measure).values)
    judged = _codes(layer.measure, old, now, ranks) if coded else _numbers(layer, old, now)
    change = np.where(here & there, judged["change"], np.where(here, "new", "gone"))
    both = here & there
    return pd.DataFrame(
        {
            "key": pd.array(keys, dtype="string"),
            "change": pd.array(change, dtype="string"),
            "before": judged["before"],
            "after": judged["after"],
            "delta": np.where(both, judged["delta"], np.nan),
            "weight": weights,
            "score": np.where(both, judged["size"], 1.0) * (1.0 if weights is None else np.nan_to_num(weights)),
            "moved": both & _moved(old.geometry.to_numpy(), now.geometry.to_numpy()),
        }
    )


def _by_key(layer: Layer, frame: gpd.GeoDataFrame) -> gpd.GeoDataFrame:
    return frame.set_index(frame[layer.key].astype(object))


def _weights(
    layer: Layer, old: gpd.GeoDataFrame, now: gpd.GeoDataFrame, here: NDArray[np.bool_]
) -> NDArray[np.float64] | None:
    name = weight_of(layer)
    if name is None:
        return None
    return np.where(here, _floats(now, name), _floats(old, name))


def _floats(frame: pd.DataFrame, name: str) -> NDArray[np.float64]:
    """Values of a column as numbers; missing, or a column that an older gridwalk did not have, is NaN."""
    if name not in frame:
        return np.full(len(frame), np.nan)
    return np.asarray(pd.to_numeric(frame[name]).astype("Float64").to_numpy(dtype=float, na_value=np.nan))


def _numbers(layer: Layer, old: pd.DataFrame, now: pd.DataFrame) -> dict[str, NDArray[Any]]:
    field = layer.field(str(layer.measure))
    before, after = _floats(old, field.name), _floats(now, field.name)
    step = step_of(field.unit, field.kind, before, after)
    with np.errstate(invalid="ignore"):
        delta = after - before  # of two infinite ones NaN
    unknown = np.isnan(before) | np.isnan(after)
    same = (np.isnan(before) & np.isnan(after)) | (before == after) | (np.abs(delta) < step * (1 - _NEARLY))
    good = "changed" if layer.good is None else "better"
    bad = "changed" if layer.good is None else "worse"
    down = delta < 0
    change = np.where(down == (layer.good == "low"), good, bad)
    change = np.where(same, "same", np.where(unknown, "changed", change))
    known = np.concatenate([before, after])
    longest = float(np.max(np.abs(known[np.isfinite(known)]), initial=0.0))
    capped = [np.clip(values, -longest, longest) for values in (before, after)]
    size = np.where(same, 0.0, np.maximum(np.abs(capped[1] - capped[0]), step))
    size = np.where(unknown & ~same, 1.0, size)
    return {"change": change, "before": before, "after": after, "delta": np.where(same, 0.0, delta), "size": size}


def _codes(
    measure: str, old: pd.DataFrame, now: pd.DataFrame, ranks: Mapping[str, int] | None
) -> dict[str, NDArray[Any]]:
    before, after = (_texts(frame, measure) for frame in (old, now))
    place = [np.array([(ranks or {}).get(code, np.nan) for code in codes]) for codes in (before, after)]
    delta = place[1] - place[0]
    same = np.array([one == other for one, other in zip(before, after, strict=True)], dtype=bool)
    change = np.where(delta < 0, "better", np.where(delta > 0, "worse", "changed"))
    size = np.where(same, 0.0, np.maximum(np.abs(np.nan_to_num(delta)), 1.0))
    return {
        "change": np.where(same, "same", change),
        "before": before,
        "after": after,
        "delta": np.where(same, 0.0, delta),
        "size": size,
    }


def _texts(frame: pd.DataFrame, name: str) -> NDArray[Any]:
    column = frame[name] if name in frame else pd.Series(pd.NA, frame.index)
    return np.array([None if pd.isna(code) else str(code) for code in column], dtype=object)


def _moved(old: NDArray[Any], now: NDArray[Any]) -> NDArray[np.bool_]:
    """Whether shapes differ; a vertex that a neighbour put into a straight edge moves nothing."""
    gone = [shapely.is_missing(shapes) | shapely.is_empty(shapes) for shapes in (old, now)]
    moved: NDArray[np.bool_] = gone[0] != gone[1]
    asked = np.flatnonzero(~gone[0] & ~gone[1] & ~shapely.equals_identical(old, now))
    apart = np.abs(shapely.bounds(old[asked]) - shapely.bounds(now[asked])).max(axis=1, initial=0.0)
    moved[asked] = apart > SAME_PLACE_DEGREES
    for row in asked[apart <= SAME_PLACE_DEGREES]:
        moved[row] = _away(old[row], now[row]) or _away(now[row], old[row])
    return moved


def _away(one: Any, other: Any) -> bool:
    """Whether a vertex of one lies off the lines of the other."""
    lines = shapely.boundary(other) if shapely.get_dimensions(other) == 2 else other
    shapely.prepare(lines)
    places = np.unique(shapely.get_coordinates(one), axis=0)
    return not shapely.dwithin(lines, shapely.points(places), SAME_PLACE_DEGREES).all()
