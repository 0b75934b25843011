"""What people quote about several divisions of the same ground: how well they match, and what is left out."""

from __future__ import annotations

from collections.abc import Callable

import geopandas as gpd
import pandas as pd

from geo.grid.fields import TREE_WORDS
from geo.layer import Figure, Title, share
from geo.parameters import Parameters

BOTH_SIDES = Title(
    "每个取重合度最高的对应者，没有的计0；两个体系的都计",
    "Of each the match that overlaps most, 0 where there is none; those of both sides count",
)


def best_matches(frame: gpd.GeoDataFrame, whose: str) -> pd.DataFrame:
    """Find how well each grid, or division, is matched in every comparison.

    Parameters
    ----------
    frame : geopandas.GeoDataFrame
        A correspondence.
    whose : {"scheme", "tree"}
        What sides are called.

    Returns
    -------
    pandas.DataFrame
        One row a grid and comparison: ``left``, ``right`` (what is compared), ``iou`` (of its best match, 0 where
        it shares no ground), ``households`` (told on all of its ground), ``area_m2`` (its own), ``alone_m2`` (in
        none of the other side) and ``held_m2`` (of all rows that tell of it).
    """
    levels = [name for name in ("left_level", "right_level") if name in frame]
    sides = []
    for side, other in (("left", "right"), ("right", "left")):
        told = pd.DataFrame(
            {
                "left": frame[f"left_{whose}"],
                "right": frame[f"right_{whose}"],
                **{name: frame[name] for name in levels},
                "id": frame[f"{side}_id"],
                "iou": frame["iou"].fillna(0.0),
                "households": frame["households"].astype("Float64").fillna(0.0).astype(float),
                "area_m2": frame[f"{side}_area_m2"],
                "alone_m2": frame["area_m2"].where(frame[f"{other}_id"].isna(), 0.0),
                "held_m2": frame["area_m2"],
            }
        )
        sides.append(
            told[told["id"].notna()]
            .groupby(["left", "right", *levels, "id"], as_index=False)
            .agg({"iou": "max", "households": "sum", "area_m2": "first", "alone_m2": "sum", "held_m2": "sum"})
        )
    return pd.concat(sides, ignore_index=True)


def correspondence_figures(
    layer: str, whose: str, of: str
) -> Callable[[gpd.GeoDataFrame, Parameters], tuple[Figure, ...]]:
    """Make the figures of a correspondence: over all comparisons and, where there are several, of each.

    Parameters
    ----------
    layer : str
        Layer id.
    whose : {"scheme", "tree"}
        What sides are called.
    of : {"grids", "divisions"}
        What is compared.

    Returns
    -------
    callable
        ``(frame, parameters) -> figures``; without rows their values are missing.
    """

    def figures(frame: gpd.GeoDataFrame, parameters: Parameters) -> tuple[Figure, ...]:
        best = best_matches(frame, whose)
        made = [*_jaccard(layer, best, of, Title("", "")), *_ground(layer, best, parameters.sliver_m)]
        each = best.groupby(["left", "right"])
        if len(each) > 1:
            for (left, right), rows in each:
                one, other = (TREE_WORDS.get(name, Title(name, name)) for name in (left, right))
                between = Title(f"（{one.zh}与{other.zh}）", f" ({one.en} and {other.en})")
                made += _jaccard(f"{layer}.{left}-{right}", rows, of, between)
        return tuple(made)

    return figures


def _jaccard(name: str, best: pd.DataFrame, of: str, between: Title) -> tuple[Figure, ...]:
    households = best["households"]
    return (
        share(
            f"{name}.jaccard",
            Title(f"与最佳对应的平均重合度{between.zh}", f"Mean overlap with the best match{between.en}"),
            float(best["iou"].sum()),
            len(best),
            good="high",
            of=of,
            method=BOTH_SIDES,
        ),
        share(
            f"{name}.jaccard_households",
            Title(
                f"与最佳对应的平均重合度，按户数加权{between.zh}",
                f"Mean overlap with the best match, by households{between.en}",
            ),
            float((best["iou"] * households).sum()),
            float(households.sum()),
            good="high",
            of="households",
            method=BOTH_SIDES,
        ),
    )


def _ground(layer: str, best: pd.DataFrame, sliver_m: float) -> tuple[Figure, ...]:
    whole = float(best["area_m2"].sum())
    slivers = (best["area_m2"] - best["held_m2"]).clip(lower=0.0)
    return (
        share(
            f"{layer}.alone",
            Title("只属于一个体系的面积", "Ground that only one of two holds"),
            float(best["alone_m2"].sum()),
            whole,
            good="low",
            of="m²",
        ),
        share(
            f"{layer}.slivers",
            Title("作为细缝不计的面积", "Ground left out as slivers"),
            float(slivers.sum()),
            whole,
            good="low",
            of="m²",
            method=Title(f"窄于{sliver_m:g}米", f"Narrower than {sliver_m:g} m"),
        ),
    )


def conflict_figures(frame: gpd.GeoDataFrame, parameters: Parameters) -> tuple[Figure, ...]:
    """Say how much border conflicts, and how many grids it cuts.

    Parameters
    ----------
    frame : geopandas.GeoDataFrame
        The conflicts.
    parameters : geo.parameters.Parameters
        With the width that is tolerated.

    Returns
    -------
    tuple of Figure
        Values are missing without rows: nothing may have been compared.
    """
    cut = frame[["scheme", "cut_id"]].drop_duplicates()
    width = Title(
        f"距另一体系各边界超过{parameters.sliver_m:g}米的部分",
        f"Where it runs further than {parameters.sliver_m:g} m from every border of the other scheme",
    )
    return (
        Figure(
            "scheme-conflicts.length",
            Title("冲突的边界长度", "Length of conflicting borders"),
            float(frame["length_m"].sum()) if len(frame) else None,
            "m",
            method=width,
            good="low",
        ),
        Figure(
            "scheme-conflicts.cut",
            Title("被另一体系边界切开的网格", "Grids cut by a border of another scheme"),
            len(cut) if len(frame) else None,
            "grids",
            good="low",
        ),
    )


def match_figures(frame: gpd.GeoDataFrame, parameters: Parameters) -> tuple[Figure, ...]:
    """Say how many grids could be one.

    Parameters
    ----------
    frame : geopandas.GeoDataFrame
        The matches.
    parameters : geo.parameters.Parameters
        With the overlap that is enough.

    Returns
    -------
    tuple of Figure
        Values are missing without rows: nothing may have been compared.
    """
    enough = Title(
        f"互为最佳对应且重合度不低于{parameters.scheme_match:.0%}",
        f"Each the other's best match, intersection over union at least {parameters.scheme_match:.0%}",
    )
    households = frame["households"].dropna()
    return (
        Figure(
            "scheme-matches.pairs",
            Title("可合并的网格对", "Pairs of grids that could be one"),
            len(frame) or None,
            "",
            method=enough,
        ),
        Figure(
            "scheme-matches.households",
            Title("可合并网格共有的户数", "Households that both grids of such pairs hold"),
            float(households.sum()) if len(households) else None,
            "households",
            method=enough,
        ),
    )
