"""The patrol leader's board: a phone in the field."""

from __future__ import annotations

from maps import words
from maps.board import BORDER_FINDINGS, DEFECTS, Board, Theme, Toggle

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
