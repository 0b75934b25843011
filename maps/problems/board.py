"""The board of data problems: for whoever must get the files mended, and for whoever drew them."""

from __future__ import annotations

from maps import words
from maps.board import Board, Ranking, Theme, Toggle
from maps.problems.sources import FAULTS, THEMES
from maps.problems.view import seen

LIST_IDS = {
    FAULTS: "data_faults",
    "grid-findings": "tiling",
    "rule-findings": "broken_rules",
    "grid-staffing": "empty_grids",
    "border-findings": "stretches",
    "fence-defects": "misplaced_defects",
    "patrol-credits": "lost_patrols",
    "snap-verdicts": "off_streets",
    "grid-walk": "people_off_streets",
    "station-hubs": "wrong_hubs",
    "scheme-conflicts": "clashes",
}
COLUMNS = ("severity", "sort", "near", "problem", "remedy")


def _theme(id: str, layers: tuple[str, ...]) -> Theme:
    lists = tuple(Ranking(LIST_IDS[layer], layer, COLUMNS, (("line", False),)) for layer in layers)
    return Theme(id, layers, lists=lists, listed=True)


PROBLEMS = Board(
    id="problems",
    title=words.title("board.problems"),
    audience=words.title("board.problems_audience"),
    always=True,
    view=seen,
    themes=tuple(_theme(id, layers) for id, layers in THEMES.items()),
    toggles=(
        Toggle("grid_edges", "grids", "outline", keep=("scheme", ("main",))),
        Toggle("other_edges", "grids", "outline", on=False, drop=("scheme", ("main", "large"))),
        Toggle("numbers", "markers", "numbers", on=False),
        Toggle("divisions", "divisions", "divisions"),
        Toggle("road", "background", "background"),
        Toggle("water", "background", "background"),
        Toggle("names", "background", "names"),
    ),
    headline=(
        ("problems.fail", None),
        ("problems.warning", None),
        ("problems.rows", None),
        ("problems.checked", None),
    ),
    searched=(("grids",), ("divisions",), ("stations",), ("border-segments",), ("markers",), ("posts",)),
    without=frozenset({"staff_ids", "staff_id", "deputy_ids"}),  # the list goes to other offices
)
