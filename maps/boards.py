"""The boards: each a title, an audience and the ids of the layers it shows, by theme."""

from __future__ import annotations

from collections.abc import Mapping
from dataclasses import dataclass, field
from typing import TYPE_CHECKING, Literal

from geo.layer import Title
from maps import words

if TYPE_CHECKING:
    from geo.service import Build

Style = Literal[
    "stations", "hubs", "posts", "outline", "divisions", "background", "names", "letters", "numbers", "defects"
]


@dataclass(frozen=True, slots=True)
class Ranking:
    """A list beside the map: rows of one layer, worst first.

    Parameters
    ----------
    id : str
        Its title is ``list.<id>`` in the words.
    layer : str
        Layer id.
    columns : tuple of str
        Fields shown after the name of the row.
    by : tuple of (str, bool)
        Fields to sort by, and whether downwards; a code sorts by its place among the field's values.
    keep : tuple of (str, tuple of str) or None
        Only rows with one of these codes in this field.
    """

    id: str
    layer: str
    columns: tuple[str, ...]
    by: tuple[tuple[str, bool], ...]
    keep: tuple[str, tuple[str, ...]] | None = None


@dataclass(frozen=True, slots=True)
class Theme:
    """One question that a board answers.

    Parameters
    ----------
    id : str
        Its title is ``theme.<id>`` in the words.
    layers : tuple of str
        What may be coloured; those with a ``level`` field give one view a level.
    weight : str or None
        Field with the people whose density sets the tone of a colour.
    lists : tuple of Ranking
        Lists beside the map.
    counted : str or None
        Field whose sum the legend tells of each class; None = how many rows are in it.
    hourly : bool
        Grids are coloured by their share covered in the chosen hour of the week, which the layer holds.
    week : bool
        Whether the hour of the week can be chosen beside it; stations are then drawn as they are in that hour.
    """

    id: str
    layers: tuple[str, ...]
    weight: str | None = None
    lists: tuple[Ranking, ...] = ()
    counted: str | None = None
    hourly: bool = False
    week: bool = False

    @property
    def title(self) -> Title:
        """Its name."""
        return words.title(f"theme.{self.id}")


@dataclass(frozen=True, slots=True)
class Toggle:
    """Something that can be laid over the coloured layer.

    Parameters
    ----------
    id : str
        Its title is ``toggle.<id>`` in the words; of the background it is the kind.
    layer : str
        Layer id.
    style : str
        How it is drawn.
    on : bool
        Whether it is there when the board opens.
    themes : tuple of str
        Themes it belongs to; empty = all.
    alone : bool
        Only where nothing can be coloured.
    """

    id: str
    layer: str
    style: Style
    on: bool = True
    themes: tuple[str, ...] = ()
    alone: bool = False


@dataclass(frozen=True, slots=True)
class Board:
    """A named map for one kind of reader.

    Parameters
    ----------
    id : str
        Also its file name.
    title, audience : Title
        What it is called, and for whom it is made.
    themes : tuple of Theme
        What it answers; the board needs at least one layer of one of them, unless ``always``.
    toggles : tuple of Toggle
        What can be laid over.
    headline : tuple of (str, str or None)
        Ids of figures, most important first, each with the one that stands beside it (a ruler's answer beside
        the network's); the first four that the build has are shown.
    searched : tuple of tuple of str
        Layers whose rows can be found by name, besides the coloured one; of each group the first that is there.
    work : tuple of str
        Layers whose rows are a list of work, most urgent first; the first that is there is taken.
    without : frozenset of str
        Fields that the board never holds, whatever layer has them.
    told : mapping of str to tuple of str
        Of layers with more fields than this reader needs, those that the board holds.
    always : bool
        Whether every workspace has it.
    """

    id: str
    title: Title
    audience: Title
    themes: tuple[Theme, ...]
    toggles: tuple[Toggle, ...]
    headline: tuple[tuple[str, str | None], ...] = ()
    searched: tuple[tuple[str, ...], ...] = ()
    work: tuple[str, ...] = ()
    without: frozenset[str] = frozenset()
    told: Mapping[str, tuple[str, ...]] = field(default_factory=dict)
    always: bool = False


NOT_OK = ("critical", "overdue", "never", "unassigned")
LATE_LOADS = ("nobody", "overloaded", "strained")
UNSERVED = Ranking("unserved", "unserved-areas", ("people", "extra_minutes", "station_id"), (("rank", False),))
BORDER_FINDINGS = Ranking(
    "border_findings",
    "border-findings",
    ("length_m", "segment_ids", "marker_from"),
    (("severity", False), ("length_m", True)),
)
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
DEFECTS = Ranking(
    "defects",
    "fence-defects",
    ("severity", "days_open", "post_id"),
    (("severity", True), ("days_open", True)),
    ("state", ("open",)),
)
PLANNER = Board(
    id="planner",
    title=words.title("board.planner"),
    audience=words.title("board.planner_audience"),
    always=True,
    themes=(
        Theme(
            "walk",
            ("grid-walk", "division-walk"),
            weight="people",
            lists=(UNSERVED,),
            week=True,
        ),
        Theme("bands", ("walk-bands",), lists=(UNSERVED,), counted="people", week=True),
        Theme(
            "hours",
            ("grid-hours",),
            weight="people",
            lists=(Ranking("hours", "grid-walk", ("hours", "people"), (("hours", False), ("people", True))),),
            hourly=True,
            week=True,
        ),
        Theme(
            "staffing",
            ("grid-staffing",),
            weight="households",
            lists=(
                Ranking(
                    "staffing",
                    "grid-staffing",
                    ("deficit", "households", "load"),
                    (("deficit", True), ("households", True)),
                    ("status", ("vacant", "short")),
                ),
            ),
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
        ),
        Theme(
            "partition",
            ("grid-health",),
            lists=(
                Ranking(
                    "findings",
                    "grid-findings",
                    ("severity", "area_m2", "people"),
                    (("severity", False), ("area_m2", True)),
                ),
            ),
        ),
    ),
    toggles=(
        Toggle("grid_lines", "grid-walk", "outline", themes=("bands",)),
        Toggle("stations", "stations", "stations", themes=("walk", "bands", "hours", "staffing")),
        Toggle("hubs", "stations", "hubs", themes=("walk", "bands", "hours", "staffing")),
        Toggle("catchments", "station-catchments", "outline", on=False, themes=("walk", "bands", "hours")),
        Toggle("unserved", "unserved-areas", "outline", on=False, themes=("walk", "hours")),
        Toggle("beyond", "unserved-areas", "outline", themes=("bands",)),
        Toggle("findings", "grid-findings", "outline", themes=("partition",)),
        Toggle("letters", "grid-findings", "letters", themes=("partition",)),
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
    ),
    searched=(
        ("grid-walk", "grid-staffing", "grids"),
        ("divisions",),
        ("stations",),
        ("border-segments",),
        ("posts",),
    ),
)
PLACE = ("border_id", "start_m", "end_m", "length_m", "segment_ids", "post_id", "marker_from", "marker_to")
VISIT = ("state", "last_visit", "idle_days", "interval_days", "evidence")
TOLD = {
    "border-segments": ("segment_id", *PLACE, "guards", "mode", *VISIT),
    "border-staleness": ("staleness_id", "kind", *PLACE[:6], "covered", "gps", "scan", "declared", "visits"),
    "post-reach": ("stretch_id", *PLACE, "minutes", "second_post_id", "second_minutes"),
    "visited-points": ("point_id", "kind", "name", "measure_m", *PLACE, *VISIT, "mobile_timetable"),
    "border-fence": ("stretch_id", *PLACE, "condition", "open_defects"),
    "fence-defects": ("defect_id", "kind", "severity", "state", "found_at", "days_open", *PLACE),
}
PATROL = Board(
    id="patrol",
    title=words.title("board.patrol"),
    audience=words.title("board.patrol_audience"),
    themes=(
        Theme("state", ("border-status",), lists=(BORDER_FINDINGS,)),
        Theme("covered", ("border-staleness",)),
        Theme("reach", ("post-reach",)),
        Theme("places", ("visited-points",)),
        Theme("fence", ("border-fence",), lists=(DEFECTS,)),
    ),
    toggles=(
        Toggle("defects", "fence-defects", "defects", themes=("fence",)),
        Toggle("posts", "posts", "posts"),
        Toggle("numbers", "markers", "numbers"),
        Toggle("divisions", "divisions", "divisions"),
        Toggle("water", "background", "background"),
        Toggle("names", "background", "names"),
    ),
    searched=(("border-segments",), ("markers",), ("posts",)),
    work=("due-list", "border-status"),
    without=frozenset({"staff_ids"}),  # a phone is easily lost
    told=TOLD,
)
BOARDS: tuple[Board, ...] = (PLANNER, PATROL)


def board(id: str) -> Board:
    """Find a board by its id.

    Parameters
    ----------
    id : str
        Board id.

    Returns
    -------
    Board
        The board; an unknown id is a :class:`KeyError` that lists those that are.
    """
    known = {one.id: one for one in BOARDS}
    if id not in known:
        raise KeyError(f"no board {id!r}; known: {', '.join(known)}")
    return known[id]


def available(build: Build) -> list[str]:
    """List the boards that can be made of a build.

    Parameters
    ----------
    build : Build
        A finished build.

    Returns
    -------
    list of str
        Board ids; a board without any row to colour is left out, unless every workspace has it.
    """
    filled = {made["id"] for made in build.report["layers"] if made["rows"]}
    return [
        one.id for one in BOARDS if one.always or any(filled.intersection(theme.layers) for theme in one.themes)
    ]
