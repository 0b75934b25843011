"""A finished build with something wrong of every sort, and one with nothing wrong."""

from __future__ import annotations

from dataclasses import replace
from typing import Any

from tests.maps.fake_build import HOSTILE, FakeBuild, border_build, report, town_build
from tests.maps.fake_grids import grids_build, rows

RTL = "\u202egnorw\u202c"
NASTY_FILE = "</script><img src=x onerror=window.hacked=1>{{7*7}}.geojson"


def fault(code: str, level: str = "error", **told: Any) -> dict[str, Any]:
    """One record as the report has it."""
    return {
        "level": level,
        "code": code,
        "file": "grids.gpkg",
        "table": "grids",
        "row": None,
        "column": None,
        "problem": {"zh": f"{code}（中）", "en": code},
        "remedy": {"zh": "请改正", "en": "mend it"},
        **told,
    }


def faults(grid_id: str) -> list[dict[str, Any]]:
    """A place of its own, the place of a row that is there, two alike, a note, and a hostile one."""
    return [
        fault("geometry_invalid", row="150105001999", column="geometry", at=[111.7, 40.8]),
        fault("reference_unknown", "warning", row=grid_id, column="division_id"),
        fault("value_missing", row="4", column="name"),
        fault("value_missing", row="4", column="name"),
        fault("encoding_used", "info", file="units.csv", table="units"),
        fault(
            "bad_cell",
            file=NASTY_FILE,
            row=HOSTILE[3],
            column=HOSTILE[0],
            problem={"zh": f"“{HOSTILE[2]}{HOSTILE[1]}{RTL}”不对", "en": f"{HOSTILE[2]} {'long ' * 60}"},
        ),
    ]


def problems_build(count: int = 40) -> FakeBuild:
    """The town of :func:`grids_build` with faults, broken rules, and stations and people off the streets."""
    base = grids_build(count)
    town, stations = base.frame("grid-walk"), base.frame("stations")
    ids = town["grid_id"].tolist()
    values = {
        "finding_id": ["r1", "r2"],
        "each": "grids",
        "role": ["grid_worker", "deputy"],
        "target_id": [ids[6], ids[5]],
        "count": [0, 3],
        "least": [1, 1],
        "most": [None, 2],
        "state": ["too_few", "too_many"],
    }
    places = [town.geometry.iloc[at].representative_point() for at in (6, 5)]
    rules = rows("rule-findings", values, places)
    verdicts = {
        "verdict_id": ["station:S000", "station:S001", "station:S002", "people:far"],
        "subject": ["station", "station", "station", "people"],
        "subject_id": ["S000", "S001", "S002", None],
        "verdict": ["ok", "unsnapped", "far", "far"],
        "reason": ["", "no_geometry", "distance", ""],
        "leg_m": [3.0, None, 412.6, None],
        "people": [None, None, None, 31.0],
    }
    snaps = rows("snap-verdicts", verdicts, [stations.geometry.iloc[0], None, stations.geometry.iloc[2], None])
    made = {**base.made, **{one.id: (one, frame) for one, frame in (rules, snaps)}}
    told = {**report(base.workspace, made, []), "faults": faults(ids[4])}
    told["tables"] = [
        *told["tables"],
        *(
            {**told["tables"][0], "name": name, "title": {"zh": name, "en": name}, "files": files}
            for name, files in (("assignments", ["a.csv", "b.csv"]), ("stations", ["stations.xlsx"]))
        ),
    ]
    return replace(base, made=made, report=told)


def frontier_build() -> FakeBuild:
    """A border with a stretch that is nobody's and a marker in no segment; no faults."""
    base = border_build()
    return replace(base, report={**base.report, "faults": []})


def clean_build() -> FakeBuild:
    """A town in which everything that was looked at is as it should be."""
    base = town_build(20)
    staffing, frame = base.made["grid-staffing"]
    fine = frame.assign(status="met", roles_missing=[[] for _ in range(len(frame))])
    findings, found = base.made["grid-findings"]
    made = {**base.made, "grid-staffing": (staffing, fine), "grid-findings": (findings, found.iloc[:0])}
    return replace(base, made=made, report={**report(base.workspace, made, []), "faults": []})
