"""What would divide the ground rightly? The grids that a repair would change, and its ledger."""

from __future__ import annotations

from typing import Any

import geopandas as gpd
import pandas as pd

from geo.crs import LONLAT
from geo.grid.fields import AREA, DIVISION_ID, GRID_ID, NAME, declared
from geo.grid.levels import pairs
from geo.grid.mending.site import DATES
from geo.grid.partition_layers import FINDING_WORDS
from geo.grid.repair import changed_grids, propose_repair
from geo.layer import Field, Figure, Layer, Tables, Title
from geo.parameters import Parameters

CHANGE_WORDS = {
    "gains": Title("划入", "Gains"),
    "loses": Title("划出", "Loses"),
    "both": Title("有进有出", "Both"),
    "reshaped": Title("仅修整边线", "Reshaped"),
}
RULE_WORDS = {
    "inside_parent": Title("裁至上级边界", "Cut off at the parent's edge"),
    "wrong_parent": Title("大半在上级之外，先核对代码", "Mostly outside its parent: check its code first"),
    "older": Title("归较早的网格", "To the older"),
    "larger": Title("归较大的网格", "To the larger"),
    "lowest_id": Title("相同，归编码小的", "The same: to the lowest id"),
    "only_ground": Title("归否则无地可管的网格", "To the one that would be left with nothing"),
    "longest_edge": Title("归共边最长的邻格", "To the longest shared edge"),
    "fewest_households": Title("归户数最少的邻格", "To the neighbour with fewest households"),
    "missing_grid": Title("缺少网格，暂归邻格", "A grid is missing: to a neighbour for now"),
    "no_neighbour": Title("无邻格，未能修补", "No neighbour: stays"),
}
HOUSEHOLDS_MOVED = Title(
    "有人口点则计点（不足10人不公布），否则划出的按面积折算；空白处无从得知",
    "Counted where it is known who lives where (not told below 10 people), else by share of area for what is "
    "given up; nobody's count tells of a gap",
)
REPAIR = (
    GRID_ID,
    NAME,
    DIVISION_ID,
    Field("change", "string", Title("变化", "Change"), values=CHANGE_WORDS),
    Field(
        "area_m2",
        "number",
        Title("修补后面积", "Area after"),
        unit="m²",
        meaning=Title("0为全部划出：与另一网格重复", "0: it gave up all, being the double of another"),
    ),
    Field("area_before_m2", "number", Title("原面积", "Area before"), unit="m²"),
    Field("gained_m2", "number", Title("划入面积", "Gained"), unit="m²"),
    Field("lost_m2", "number", Title("划出面积", "Lost"), unit="m²"),
    Field(
        "households",
        "integer",
        Title("修补后户数", "Households after"),
        unit="households",
        meaning=Title(
            "原户数加划入减划出；有一处户数不明则缺，细缝与精度误差按无户计",
            "Those before, plus and less what moves; missing where that is not known of some ground, slivers and "
            "noise left aside",
        ),
    ),
    Field("households_before", "integer", Title("原户数", "Households before"), unit="households"),
    Field("finding_ids", "list", Title("所修补的问题", "Findings mended")),
)
LEDGER = (
    Field("entry_id", "string", Title("编号", "Entry")),
    Field("finding_id", "string", Title("问题编号", "Finding")),
    Field(
        "kind",
        "string",
        Title("问题", "Kind"),
        values={kind: FINDING_WORDS[kind] for kind in ("gap", "overlap", "spill")},
    ),
    Field(
        "grid_id",
        "string",
        Title("网格编码", "Grid"),
        meaning=Title("缺：无人可划入", "Missing: nobody can get it"),
    ),
    Field(
        "change", "string", Title("变化", "Change"), values={one: CHANGE_WORDS[one] for one in ("gains", "loses")}
    ),
    AREA,
    Field("households", "integer", Title("户数", "Households"), unit="households", meaning=HOUSEHOLDS_MOVED),
    Field("people", "integer", Title("人口", "People"), unit="people", meaning=HOUSEHOLDS_MOVED),
    Field(
        "other_id",
        "string",
        Title("归谁", "To whom"),
        meaning=Title("划出后由谁管；缺：无人", "Who keeps what this grid gives up; missing: nobody"),
    ),
    Field("rule", "string", Title("依据", "Rule"), values=RULE_WORDS),
)


def _proposals(tables: Tables, parameters: Parameters) -> Any:
    """Propose a repair of the small grids of each scheme within what lies above them."""
    found, table = tables["grid-findings"], tables["grids"]
    dates = table.set_index("grid_id")[[name for name in DATES if name in table]]
    for pair in pairs(tables["divisions"], table):
        if pair.level != "grid":
            continue
        children = pair.children.join(dates, on="grid_id")
        mine = found[(found["level"] == "grid") & (found["scheme"] == pair.scheme)].reset_index(drop=True)
        proposed, ledger = propose_repair(
            children,
            pair.parents,
            mine,
            excluded=tables.get("excluded"),
            by=parameters.repair_by,
            population=tables.get("population"),
        )
        yield children, proposed, ledger, mine


def _repair(tables: Tables, parameters: Parameters) -> gpd.GeoDataFrame:
    none = tables["grids"].iloc[:0]
    named = tables["grids"][["grid_id", "name", "division_id"]]
    made = [changed_grids(none, none, _no_ledger(), tables["grid-findings"].iloc[:0])]
    made += [changed_grids(*proposal) for proposal in _proposals(tables, parameters)]
    rows = pd.concat([one for one in made if len(one)] or made, ignore_index=True)
    whole = gpd.GeoDataFrame(rows.merge(named, on="grid_id"), geometry="geometry", crs=LONLAT)
    return declared(whole.sort_values("grid_id"), REPAIR)


def _ledger(tables: Tables, parameters: Parameters) -> gpd.GeoDataFrame:
    made = [_no_ledger(), *(ledger for _, _, ledger, _ in _proposals(tables, parameters))]
    rows = pd.concat([one for one in made if len(one)] or made[:1], ignore_index=True)
    return declared(gpd.GeoDataFrame(rows, geometry="geometry", crs=LONLAT), LEDGER)


def _no_ledger() -> gpd.GeoDataFrame:
    none = gpd.GeoDataFrame({"grid_id": [], "division_id": [], "geometry": []}, crs=LONLAT)
    found = none.assign(finding_id=[], kind=[], cause=[], parent_id=[], severity=[], area_m2=[])
    return propose_repair(none, none, found)[1]


def _repair_figures(frame: gpd.GeoDataFrame, parameters: Parameters) -> tuple[Figure, ...]:  # noqa: ARG001 (Figures)
    def grids(name: str, title: Title, rows: Any) -> Figure:
        return Figure(f"grid-repair.{name}", title, int(rows.sum()), "grids")

    change = frame["change"]
    return (
        grids(
            "moved", Title("修补后面积变化的网格", "Grids that gain or lose by the repair"), change != "reshaped"
        ),
        grids("reshaped", Title("仅修整边线的网格", "Grids only reshaped by the repair"), change == "reshaped"),
        grids("emptied", Title("全部划出的网格", "Grids that give up all their ground"), frame["area_m2"] == 0),
    )


def _ledger_figures(frame: gpd.GeoDataFrame, parameters: Parameters) -> tuple[Figure, ...]:  # noqa: ARG001 (Figures)
    gains, loses, stays = (frame["change"] == "gains", frame["change"] == "loses", frame["change"].isna())

    def area(name: str, title: Title, rows: Any) -> Figure:
        return Figure(f"repair-ledger.{name}", title, float(frame["area_m2"][rows].sum()), "m²")

    return (
        area("filled", Title("补上的空白面积", "Area of gaps filled"), gains),
        area("settled", Title("理清的重叠面积", "Area of overlaps settled"), loses & (frame["kind"] == "overlap")),
        area("cut_off", Title("裁去的越界面积", "Area of spills cut off"), loses & (frame["kind"] == "spill")),
        Figure(
            "repair-ledger.households",
            Title("修补涉及户数", "Households moved by the repair"),
            int(frame["households"].sum()),
            "households",
            method=HOUSEHOLDS_MOVED,
        ),
        Figure(
            "repair-ledger.missing_grids",
            Title("疑缺网格处", "Places where a grid is missing"),
            int((frame["rule"] == "missing_grid").sum()),
            "findings",
            good="low",
        ),
        Figure(
            "repair-ledger.gaps_left",
            Title("未能修补的空白", "Gaps that stay"),
            int(stays.sum()),
            "findings",
            good="low",
        ),
    )


NEEDS = ("divisions", "grids", "grid-findings")
OPTIONAL = ("excluded", "population")
LAYERS = (
    Layer(
        id="grid-repair",
        title=Title("网格修补建议", "Proposed grids"),
        description=Title(
            "每行一个按建议会变的网格，图形为建议的边界；建议不改动原数据，区划边界不变。",
            "One row a grid that the proposal changes, with its proposed polygon. Your files stay as they are; so "
            "do the edges of divisions.",
        ),
        needs=NEEDS,
        optional=OPTIONAL,
        params=("repair_by",),
        fields=REPAIR,
        build=_repair,
        draw="area",
        measure="change",
        figures=_repair_figures,
    ),
    Layer(
        id="repair-ledger",
        title=Title("修补清单", "Repair ledger"),
        description=Title(
            "每行一块地：哪个网格划入或划出，依据何在。",
            "One row a piece of ground: which grid gains or gives it up, and why.",
        ),
        needs=NEEDS,
        optional=OPTIONAL,
        params=("repair_by",),
        fields=LEDGER,
        build=_ledger,
        draw="area",
        measure="rule",
        figures=_ledger_figures,
    ),
)
