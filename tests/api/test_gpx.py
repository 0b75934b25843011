"""Lines and points for receivers: from the service, and as files for each holder."""

from __future__ import annotations

from datetime import date
from pathlib import Path
from types import SimpleNamespace
from typing import Any

import geopandas as gpd
import gpxpy
import numpy as np
import pandas as pd
import pytest
import shapely
from starlette.testclient import TestClient

from api.publishing import export
from geo.border.due_layers import LAYERS
from geo.errors import BadParameter
from geo.io.gpx_out import gpx
from geo.layer import Field, Layer, Title
from geo.parameters import Parameters
from tests.api.small import FRAMES
from tests.asking import ask
from tests.worlds import hundred_km

REPORT = {
    "title": {"zh": "边", "en": "Border & co"},
    "made_by": "gridwalk",
    "as_of": "2026-01-10",
    "time_zone": "Asia/Shanghai",
    "notice": None,
    "attribution": {"zh": "来源", "en": "<source>"},
}
(DUE,) = LAYERS


def due_list() -> Any:
    world = hundred_km()
    world["markers"]["interval_days"] = [0.5, None, None, None, None, None]
    return ask("due-list", world, Parameters(as_of=date(2026, 1, 10)))


def test_a_due_list_for_a_receiver() -> None:
    frame = due_list()
    read = gpxpy.parse(gpx(frame, DUE, REPORT, "en").decode())
    assert (read.creator, read.name, read.description) == (
        "gridwalk",
        "Border & co · Due list · 2026-01-10",
        "<source>",
    )
    assert read.time == pd.Timestamp("2026-01-09T16:00Z")
    (marker,) = read.waypoints
    assert (marker.longitude, marker.latitude, marker.name) == (100.0, 0.0, "1")
    lines = marker.description.split("\n")
    assert "State: Overdue" in lines
    assert "Due at: 2026-01-10 12:00" in lines  # as the clock there says
    assert "Last visit: 2026-01-10 00:00" in lines
    assert "Days late: 0.5 days" in lines
    assert not any(line.startswith("Guards") for line in lines)  # missing cells are left out
    stretches = frame[frame["kind"] == "stretch"]
    assert [track.name for track in read.tracks] == stretches["name"].tolist()
    for track, line in zip(read.tracks, stretches.geometry, strict=True):
        points = [(point.longitude, point.latitude) for segment in track.segments for point in segment.points]
        assert np.array(points) == pytest.approx(shapely.get_coordinates(line), abs=1e-7)
    assert gpx(frame, DUE, REPORT, "en") == gpx(frame, DUE, REPORT, "en")


def test_parts_ids_and_odd_cells() -> None:
    fields = (
        Field("piece_id", "string", Title("编号", "Piece")),
        Field("share", "number", Title("比例", "Share"), unit="share"),
        Field("open", "boolean", Title("开", "Open")),
        Field("who", "list", Title("谁", "Who")),
    )
    layer = Layer(
        "pieces", Title("段", "Pieces"), Title("段", "Pieces"), (), fields, build=lambda *_: None, draw="line"
    )
    shapes = [
        shapely.MultiLineString([[(0, 0), (1, 1)], [(2, 2), (3, 3)]]),
        None,
        shapely.MultiPoint([(5, 6), (7, 8)]),
        shapely.LineString(),
    ]
    frame = gpd.GeoDataFrame(
        {
            "piece_id": ["a<b", "none", "points", "empty"],
            "share": [0.5, None, None, None],
            "open": [True, False, False, False],
            "who": [["x", "y"], [], [], []],
        },
        geometry=shapes,
        crs="EPSG:4326",
    )
    read = gpxpy.parse(gpx(frame, layer, REPORT, "zh").decode())
    assert [track.name for track in read.tracks] == ["a<b"]
    assert [len(segment.points) for segment in read.tracks[0].segments] == [2, 2]
    assert read.tracks[0].description.split("\n") == ["比例：50%", "开：是", "谁：x、y"]
    assert [(point.longitude, point.latitude) for point in read.waypoints] == [(5, 6), (7, 8)]


def test_points_of_the_service(client: TestClient) -> None:
    response = client.get("/town/collections/dots/items", params={"f": "gpx", "limit": "3"})
    assert response.headers["content-type"] == "application/gpx+xml"
    assert response.headers["content-disposition"] == 'attachment; filename="town-dots.gpx"'
    read = gpxpy.parse(response.text)
    dots = FRAMES["dots"][1]().iloc[:3]
    assert [point.name for point in read.waypoints] == dots["dot_id"][~dots.geometry.isna()].tolist()
    links = client.get("/town/collections/dots", params={"lang": "en"}).json()["links"]
    (found,) = (one for one in links if one["type"] == "application/gpx+xml")
    assert client.get(found["href"]).status_code == 200


@pytest.mark.parametrize("layer", ["plots", "days"])
def test_areas_are_refused_and_not_offered(client: TestClient, layer: str) -> None:
    refused = client.get(f"/town/collections/{layer}/items", params={"f": "gpx"})
    assert refused.status_code == 400
    assert refused.json()["detail"] == "f must be json or html or csv or xlsx"
    links = client.get(f"/town/collections/{layer}").json()["links"]
    assert not [one for one in links if one["type"] == "application/gpx+xml"]


class Built:
    """As much of a build as an export looks at."""

    def __init__(self) -> None:
        self.report = {**REPORT, "layers": [{"id": "due-list", "rows": 8}, {"id": "plots", "rows": 1}]}
        self.workspace = SimpleNamespace(id="town")

    def layers(self) -> tuple[Layer, ...]:
        return (DUE, FRAMES["plots"][0])

    def frame(self, id: str) -> Any:
        assert id == "due-list"
        frame = due_list()
        return frame.assign(post_id=frame["post_id"].replace({"p3": "所/3"}))


def test_everybody_who_holds_something_gets_a_file(tmp_path: Path) -> None:
    written = export(Built(), ["due-list"], tmp_path, "gpx", "zh")  # type: ignore[arg-type]  # a stand-in
    names = ["town-due-list", "town-due-list-p1", "town-due-list-p2", "town-due-list-所%2F3"]
    assert [path.name for path in written] == [f"{name}.gpx" for name in names]
    read = {path.stem: gpxpy.parse(path.read_text(encoding="utf-8")) for path in written}
    count = {name: len(one.tracks) + len(one.waypoints) for name, one in read.items()}
    assert list(count.values()) == [8, 1, 5, 1]  # nobody's stretch is in the whole list alone
    assert [track.name for track in read["town-due-list-所%2F3"].tracks] == ["s4"]
    everything = export(Built(), [], tmp_path / "all", "gpx", "zh")  # type: ignore[arg-type]
    assert len(everything) == 4  # areas are left out where nobody names them
    with pytest.raises(BadParameter, match="plots: GPX holds lines and points"):
        export(Built(), ["due-list", "plots"], tmp_path / "new", "gpx", "zh")  # type: ignore[arg-type]
    assert not (tmp_path / "new").exists()
