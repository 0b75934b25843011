"""Which kilometres are nobody's, held twice, overdue, and who holds km 1,234: by command and by request."""

from __future__ import annotations

import tomllib
from collections.abc import Callable, Sequence
from itertools import pairwise
from typing import Any

import orjson
import pandas as pd
import pytest
from openapi_spec_validator import OpenAPIV30SpecValidator
from starlette.testclient import TestClient
from typer.testing import CliRunner

from api.app import create_app
from api.cli import app
from api.settings import Settings
from geo.service import Build

RUN = CliRunner()
BORDER = "inner-mongolia"


@pytest.fixture(scope="module")
def build(built: Callable[[str], Build]) -> Build:
    """The sample with a border."""
    return built(BORDER)


@pytest.fixture(scope="module")
def client(build: Build) -> TestClient:
    """A service of that sample."""
    return TestClient(create_app(Settings(), [build]))


@pytest.fixture(scope="module")
def answer(build: Build) -> dict[str, Any]:
    """What the command says as JSON."""
    made: dict[str, Any] = ask(build, "--km", "1234", "--json")
    return made


def ask(build: Build, *arguments: str) -> Any:
    result = RUN.invoke(app, ["border", str(build.workspace.root), *arguments], env={"GRIDWALK_LANG": "en"})
    assert result.exit_code == 0, result.output
    return orjson.loads(result.stdout) if "--json" in arguments else result.stdout


def planted(build: Build) -> dict[str, Any]:
    return tomllib.loads((build.workspace.root / "planted.toml").read_text(encoding="utf-8"))


def segments(build: Build) -> pd.DataFrame:
    return pd.read_csv(build.workspace.root / "segments.csv", encoding="utf-8-sig").set_index("segment_id")


def spans(rows: Sequence[dict[str, Any]]) -> list[tuple[float, float]]:
    return sorted((row["start_m"], row["end_m"]) for row in rows)


def noted(build: Build, kind: str) -> list[tuple[float, float]]:
    return sorted((row["start_m"], row["end_m"]) for row in planted(build)["fault"] if row["kind"] == kind)


def close(found: Sequence[tuple[float, float]], expected: Sequence[tuple[float, float]]) -> bool:
    return [value for pair in found for value in pair] == pytest.approx(
        [value for pair in expected for value in pair], abs=0.1
    )


def test_what_is_nobodys_is_what_was_planted(build: Build, answer: dict[str, Any]) -> None:
    cut = segments(build)
    bare = noted(build, "gap") + [
        (cut.loc[id, "start_m"], cut.loc[id, "end_m"]) for id in planted(build)["segments"]["unassigned"]
    ]
    assert close(spans(answer["unassigned"]), sorted(bare))
    gap = next(row for row in answer["unassigned"] if abs(row["start_m"] - 2845308.0) < 1)
    assert (gap["segment_before"], gap["segment_after"]) == ("synthetic_g131", "synthetic_g133")
    assert gap["post_before"] == cut.loc["synthetic_g131", "post_id"]
    assert gap["length_m"] == pytest.approx(22_318.2, abs=0.1)
    assert gap["staff_ids"] == []


def test_what_is_held_twice_or_jointly_is_what_was_planted(build: Build, answer: dict[str, Any]) -> None:
    for kind in ("overlap", "joint"):
        assert close(spans(answer[kind]), noted(build, kind)), kind
        ids = [row["segment_ids"] for row in planted(build)["fault"] if row["kind"] == kind]
        assert sorted(row["segment_ids"] for row in answer[kind]) == sorted(ids)


def test_what_is_overdue_is_what_the_state_of_the_border_says(build: Build, answer: dict[str, Any]) -> None:
    frame = build.frame("border-status")
    late = frame[frame["accessible"] & frame["state"].isin(["overdue", "critical", "never"])]
    assert sum(row["length_m"] for row in answer["late"]) == pytest.approx(late["length_m"].sum())
    within = spans(answer["late"])
    for start, end in zip(late["start_m"], late["end_m"], strict=True):
        assert any(low - 0.001 <= start and end <= high + 0.001 for low, high in within)
    assert all(end < start for (_, end), (start, _) in pairwise(within))  # maximal
    cut, never = segments(build), [row for row in answer["late"] if row["state"] == "never"]
    for id in planted(build)["segments"]["never"]:
        middle = (cut.loc[id, "start_m"] + cut.loc[id, "end_m"]) / 2
        assert any(row["start_m"] <= middle <= row["end_m"] for row in never), id


def test_who_holds_kilometre_1234(build: Build, answer: dict[str, Any]) -> None:
    cut = segments(build)
    here = cut[(cut["start_m"] <= 1_234_000) & (cut["end_m"] >= 1_234_000)]
    given = pd.read_csv(build.workspace.root / "assignments.csv", encoding="utf-8-sig")
    staff = pd.read_csv(build.workspace.root / "staff.csv", encoding="utf-8-sig").set_index("staff_id")
    (row,) = answer["holders"]
    assert [row["segment_id"]] == here.index.tolist()
    assert row["post_id"] == here["post_id"].iloc[0]
    people = sorted(given.loc[(given["target_id"] == row["segment_id"]) & given["valid_to"].isna(), "staff_id"])
    assert row["staff_ids"] == people
    assert row["roles"] == sorted(set(staff.loc[people, "role"]))
    assert row["interval_days"] == here["interval_days"].iloc[0]
    marks = build.frame("markers")
    before = marks[marks["measure_m"] <= 1_234_000].sort_values("measure_m")["number"].iloc[-1]
    assert row["marker_before"] == before
    assert int(row["marker_after"]) == int(before) + 1


def test_at_a_bound_both_sides_are_named(build: Build) -> None:
    cut = segments(build).sort_values("start_m")
    bound = next(end for end, start in zip(cut["end_m"], cut["start_m"].iloc[1:], strict=False) if end == start)
    rows = ask(build, "--km", f"{bound / 1000:.6f}", "--json")["holders"]
    met = cut[(cut["start_m"] - bound).abs().le(1e-3) | (cut["end_m"] - bound).abs().le(1e-3)]
    assert [row["segment_id"] for row in rows] == met.index.tolist()


@pytest.mark.parametrize(
    ("lang", "said"),
    [("en", ("Assigned twice: 2, 2.8 km", "km 1234.000")), ("zh", ("重复负责：2处，2.8公里", "第1234"))],
)
def test_people_read_it_in_their_language(build: Build, lang: str, said: tuple[str, ...]) -> None:
    arguments = ["border", str(build.workspace.root), "--km", "1234"]
    printed = RUN.invoke(app, arguments, env={"GRIDWALK_LANG": lang}).stdout
    assert all(text in printed for text in said)


@pytest.mark.parametrize(
    ("arguments", "said"),
    [
        (("--km", "5000"), "km must be between 0 and 4054.1"),
        (("--km", "-1"), "km must be between 0 and 4054.1"),
        (("--border", "x"), "no border 'x'; known: nm"),
    ],
)
def test_what_cannot_be_answered_says_why(build: Build, arguments: tuple[str, ...], said: str) -> None:
    result = RUN.invoke(app, ["border", str(build.workspace.root), *arguments], env={"GRIDWALK_LANG": "en"})
    assert result.exit_code == 1
    assert said in result.stderr


def test_a_workspace_without_a_border_says_so(built: Callable[[str], Build]) -> None:
    result = RUN.invoke(app, ["border", str(built("saihan").workspace.root)], env={"GRIDWALK_LANG": "en"})
    assert result.exit_code == 1
    assert "'border' is not in this build" in result.stderr


def test_the_same_answer_by_request(client: TestClient, answer: dict[str, Any]) -> None:
    response = client.get(f"/{BORDER}/border/nm/holder?km=1234")
    assert response.status_code == 200
    assert response.headers["content-type"] == "application/geo+json"
    feature = response.json()
    (row,), (holder,) = answer["holders"], feature["properties"]["holders"]
    assert {name: row[name] for name in holder} == holder
    assert feature["geometry"]["coordinates"] == [row["lon"], row["lat"]]
    assert feature["properties"]["marker_before"] == row["marker_before"]
    again = client.get(f"/{BORDER}/border/nm/holder?km=1234", headers={"If-None-Match": response.headers["etag"]})
    assert again.status_code == 304


@pytest.mark.parametrize(
    ("path", "status", "said"),
    [
        ("nm/holder", 400, "km is missing"),
        ("nm/holder?km=x", 400, "km: 'x' is not a number"),
        ("nm/holder?km=nan", 400, "is not a number"),
        ("nm/holder?km=1&limit=3", 400, "no parameter 'limit'"),
        ("nm/holder?km=4055", 404, "nm ends at km 4054.1"),
        ("nm/holder?km=-1", 404, "nm ends at km 4054.1"),
        ("x/holder?km=1", 404, "no border 'x'; known: nm"),
    ],
)
def test_wrong_requests_say_what_would_be_right(client: TestClient, path: str, status: int, said: str) -> None:
    response = client.get(f"/{BORDER}/border/{path}")
    assert (response.status_code, response.headers["content-type"]) == (status, "application/problem+json")
    assert said in response.json()["detail"]


def test_it_is_described_where_it_is_and_nowhere_else(client: TestClient, built: Callable[[str], Build]) -> None:
    document = client.get(f"/{BORDER}/api").json()
    described = document["paths"]["/border/{borderId}/holder"]["get"]
    assert [one["$ref"].rpartition("/")[2] for one in described["parameters"] if "$ref" in one][:2] == [
        "borderId",
        "km",
    ]
    OpenAPIV30SpecValidator(document).validate()
    other = TestClient(create_app(Settings(), [built("saihan")]))
    assert not any("holder" in path for path in other.get("/saihan/api").json()["paths"])
    assert other.get("/saihan/border/nm/holder?km=1").status_code == 404
