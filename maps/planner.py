"""The planner's board: what a county's planner asks, on a large screen and on paper."""

from __future__ import annotations

from maps import words
from maps.board import BORDER_FINDINGS, DEFECTS, Board, Colouring, Ranking, Theme, Toggle

NOT_OK = ("critical", "overdue", "never", "unassigned")
MAIN, LARGE = ("main",), ("large",)  # schemes of grids
LATE_LOADS = ("nobody", "overloaded", "strained")
UNSERVED = Ranking("unserved", "unserved-areas", ("people", "extra_minutes", "station_id"), (("rank", False),))
LOAD = Ranking(
    "load", "holder-load", ("used", "guards", "length_m"), (("state", True), ("used", True)), ("state", LATE_LOADS)
)
PROPOSAL = Ranking(
    "proposal",
    "segment-proposal",
    ("change", "new_length_m", "new_used"),
    (("guards_missing", True), ("gained_m", True), ("lost_m", True)),
    ("change", ("moved", "emptied")),
)
GAP = Colouring(
    "people_unserved", {"grid-walk": (0, 50, 200, 500), "division-walk": (0, 200, 1_000, 5_000)}, 0, "low"
)
PLANNER = Board(
    id="planner",
    title=words.title("board.planner"),
    audience=words.title("board.planner_audience"),
    always=True,
    compared=True,
    themes=(
        Theme(
            "walk",
            ("grid-walk", "division-walk"),
            weight="people",
            lists=(UNSERVED,),
            week=True,
            group="walk",
        ),
        Theme(
            "gap",
            ("grid-walk", "division-walk"),
            weight="people",
            lists=(UNSERVED,),
            colouring=GAP,
            group="walk",
        ),
        Theme("bands", ("walk-bands",), lists=(UNSERVED,), counted="people", week=True, group="walk"),
        Theme(
            "hours",
            ("grid-hours",),
            weight="people",
            lists=(Ranking("hours", "grid-walk", ("hours", "people"), (("hours", False), ("people", True))),),
            hourly=True,
            week=True,
            group="walk",
        ),
        Theme(
            "staffing",
            ("grid-staffing", "division-staffing", "unit-heads"),
            weight="households",
            lists=(
                Ranking(
                    "staffing",
                    "grid-staffing",
                    ("deficit", "households", "load"),
                    (("deficit", True), ("households", True)),
                    ("status", ("vacant", "short")),
                ),
                Ranking(
                    "rules",
                    "rule-findings",
                    ("target_id", "count"),
                    (("state", False), ("role", False)),
                    filters=("each", "role", "state"),
                    stepped=True,
                ),
                Ranking(
                    "coverage",
                    "division-staffing",
                    ("coverage", "vacant", "deficit"),
                    (("coverage", False), ("deficit", True)),
                    filters=("level", "tree"),
                ),
                Ranking(
                    "heads",
                    "unit-heads",
                    ("share", "unheaded_households"),
                    (("unheaded_households", True), ("share", False)),
                    lacking="share",
                ),
            ),
            group="people",
        ),
        Theme(
            "border",
            ("border-status", "post-reach", "segment-proposal", "border-fence"),
            lists=(
                Ranking("due", "due-list", ("state", "late_days", "length_m"), (("rank", False),)),
                Ranking(
                    "border",
                    "border-status",
                    ("state", "idle_days", "length_m"),
                    (("state", True), ("idle_days", True)),
                    ("state", NOT_OK),
                ),
                BORDER_FINDINGS,
                LOAD,
                PROPOSAL,
                DEFECTS,
            ),
            group="border",
        ),
        Theme(
            "partition",
            ("grid-health",),
            lists=(
                Ranking(
                    "findings",
                    "grid-findings",
                    ("cause", "area_m2", "people"),
                    (("severity", False), ("area_m2", True)),
                    filters=("kind", "cause", "severity", "level"),
                    stepped=True,
                ),
                Ranking("ledger", "repair-ledger", ("change", "area_m2", "households"), (("area_m2", True),)),
            ),
            group="ground",
        ),
        Theme(
            "districts",
            ("districts",),
            lists=(
                Ranking(
                    "districts",
                    "districts",
                    ("off_mean", "households", "grids"),
                    (("off_mean", True),),
                    ("state", ("over", "under")),
                    stepped=True,
                ),
                Ranking(
                    "moved",
                    "district-proposal",
                    ("district_id", "households"),
                    (("households", True),),
                    stepped=True,
                ),
            ),
            extra=True,
            group="people",
        ),
        Theme(
            "schemes",
            ("scheme-conflicts", "scheme-matches"),
            lists=(
                Ranking(
                    "scheme_conflicts",
                    "scheme-conflicts",
                    ("length_m", "households"),
                    (("length_m", True),),
                    stepped=True,
                ),
                Ranking(
                    "scheme_matches",
                    "scheme-matches",
                    ("iou", "differing_m2"),
                    (("rank", False),),
                    stepped=True,
                ),
            ),
            extra=True,
            group="ground",
        ),
    ),
    toggles=(
        Toggle("rules", "rule-findings", "dots", on=False, themes=("staffing",)),
        Toggle("grid_lines", "grid-walk", "outline", themes=("bands",)),
        Toggle("stations", "stations", "stations", themes=("walk", "gap", "bands", "hours", "staffing")),
        Toggle("hubs", "stations", "hubs", themes=("walk", "gap", "bands", "hours", "staffing")),
        Toggle("catchments", "station-catchments", "outline", on=False, themes=("walk", "gap", "bands", "hours")),
        Toggle("unserved", "unserved-areas", "outline", on=False, themes=("walk", "gap", "hours")),
        Toggle("beyond", "unserved-areas", "outline", themes=("bands",)),
        Toggle("findings", "grid-findings", "outline", themes=("partition",)),
        Toggle("letters", "grid-findings", "letters", themes=("partition",)),
        Toggle("repair", "grid-repair", "outline", on=False, themes=("partition",)),
        Toggle("moved", "district-proposal", "dots", themes=("districts",)),
        Toggle("large_edges", "grids", "outline", themes=("districts",), keep=("scheme", LARGE)),
        Toggle("grid_edges", "grids", "outline", themes=("partition", "schemes"), keep=("scheme", MAIN)),
        Toggle("small_edges", "grids", "outline", on=False, themes=("districts",), keep=("scheme", MAIN)),
        Toggle("other_edges", "grids", "outline", themes=("schemes",), drop=("scheme", (*MAIN, *LARGE))),
        Toggle("posts", "posts", "posts", on=False, themes=("border",)),
        Toggle("numbers", "markers", "numbers", themes=("border",)),
        Toggle("grids", "grids", "outline", alone=True),
        Toggle("divisions", "divisions", "divisions"),
        Toggle("road", "background", "background"),
        Toggle("water", "background", "background"),
        Toggle("names", "background", "names"),
    ),
    headline=(
        ("grid-walk.people_covered", "grid-walk.straight_line"),
        ("grid-walk.grids_unserved", None),
        ("grid-walk.people_unserved", None),
        ("grid-staffing.vacant", None),
        ("border-status.assigned", None),
        ("border-status.overdue", None),
        ("border-status.never", None),
        ("border-findings.overlap_m", None),
        ("grid-health.covered", None),
        ("grid-findings.fail", None),
        ("district-proposal.within_today", None),
    ),
    searched=(
        ("grid-walk", "unit-heads", "grid-staffing", "grids"),
        ("divisions",),
        ("stations",),
        ("border-segments",),
        ("posts",),
    ),
    told={"district-proposal": ("grid_id", "district_id", "today_id", "households")},  # of those that move
    without=frozenset({"staff_ids", "staff_id", "deputy_ids"}),
)
