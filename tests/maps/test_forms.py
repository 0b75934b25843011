"""A board in two forms: one file that needs nothing, and a page that has its scripts from our own server."""

from __future__ import annotations

import re
from pathlib import Path
from typing import Any

import pytest
from starlette.testclient import TestClient

from api import publishing
from api.app import create_app
from api.settings import Settings
from maps import offline, page
from maps.offline import Figure, NotOffline, Raw
from tests.api.small import small_build
from tests.maps.fake_build import town_build

SCRIPT = re.compile(r'<script src="\.\./\.\./static/([\w.-]+)\?v=([0-9a-f]{8})"></script>')
STYLE = re.compile(r'<link rel="stylesheet" href="\.\./\.\./static/([\w.-]+)\?v=([0-9a-f]{8})">')


@pytest.fixture(scope="module")
def forms() -> dict[str, str]:
    town: Any = town_build()
    return {str(form): html for form, html in page.both_forms(town, "planner").items()}


def policy(html: str) -> str:
    found = re.search(r'http-equiv="Content-Security-Policy" content="([^"]+)"', html)
    assert found
    return found[1]


def test_both_forms_say_the_same(forms: dict[str, str]) -> None:
    data = [re.search(r'<script id="board-data".*?</script>', html, re.DOTALL) for html in forms.values()]
    assert data[0]
    assert data[1]
    assert data[0].group() == data[1].group()
    assert '<body data-form="file">' in forms["file"]
    assert '<body data-form="served">' in forms["served"]


def test_one_form_alone_is_the_same_as_of_both(forms: dict[str, str]) -> None:
    town: Any = town_build()
    assert page.render(town, "planner") == forms["file"]
    assert page.render(town, "planner", form="served") == forms["served"]


def test_the_file_links_nothing_and_the_served_page_our_own_files_only(forms: dict[str, str]) -> None:
    assert not re.search(r"<script[^>]+src=|<link[^>]+stylesheet", forms["file"])
    linked = [*SCRIPT.findall(forms["served"]), *STYLE.findall(forms["served"])]
    assert len(linked) == len(re.findall(r"<script[^>]+src=|<link[^>]+stylesheet", forms["served"]))
    assert [file for file, _ in linked] == ["common.js", "served.js", "planner.js", "common.css"]
    assert all(offline.bundles()[file].tag == tag for file, tag in linked)


def test_a_bundle_is_the_files_of_its_part_in_their_order() -> None:
    assert {bundle.rpartition(".")[0] for bundle in offline.bundles()} == offline.PARTS.keys()
    for file, bundle in offline.bundles().items():
        part, _, kind = file.rpartition(".")
        sent = [one.sent for one in offline.assets().values() if (one.part, one.kind) == (part, kind)]
        assert bundle.sent == (b"\n;\n" if kind == "js" else b"\n").join(sent)


def test_what_fetches_is_not_in_the_file(forms: dict[str, str]) -> None:
    assert "WebMercatorQuad" not in forms["file"]
    for name in offline.PARTS[offline.SERVED_ONLY]:
        with pytest.raises(NotOffline, match="only where it is served"):
            offline.taken(name, "js", "file")


def test_each_form_has_its_policy(forms: dict[str, str]) -> None:
    assert policy(forms["file"]).startswith("default-src 'none'; script-src 'sha256-")
    assert "'self'" not in policy(forms["file"])
    served = policy(forms["served"])
    assert served.startswith("script-src 'self' 'sha256-")
    assert "unsafe-inline" not in served.split(";")[0]
    assert "http" not in served


@pytest.mark.parametrize("form", ["file", "served"])
@pytest.mark.parametrize(
    "tag",
    [
        '<script src="https://elsewhere.example/x.js"></script>',
        '<script src="../../static/common.js?v=00000000"></script>',
        '<link rel="stylesheet" href="../../static/other.css">',
        "<img src='https://elsewhere.example/x.png'>",
    ],
)
def test_either_form_fails_closed(form: offline.Form, tag: str) -> None:
    figure = Figure("x", "en", form)
    figure.html.add_child(Raw(tag))
    with pytest.raises(NotOffline, match="something of its own"):
        figure.render()


# --- as they are served ---


@pytest.fixture
def drawn(tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> tuple[TestClient, Any]:
    """A service whose planner board was drawn in both forms."""
    build = small_build(tmp_path)
    folder = build.out / "boards"
    (folder / "served").mkdir()
    (folder / "served" / "planner.html").write_text("<title>served</title>")
    monkeypatch.setattr(publishing, "drawing_version", lambda: "now")
    (folder / publishing.STAMP).write_bytes(publishing.stamp_of(build))
    return TestClient(create_app(Settings(), [build])), build


def test_a_board_is_served_and_its_file_is_handed_out(drawn: tuple[TestClient, Any]) -> None:
    client, _ = drawn
    shown, file = client.get("/town/boards/planner"), client.get("/town/boards/planner.html")
    assert shown.text == "<title>served</title>"
    assert "content-disposition" not in shown.headers
    assert "script-src 'self'" in shown.headers["content-security-policy"]
    assert "connect-src 'self'" in shown.headers["content-security-policy"]
    assert "规划" in file.text
    assert file.headers["content-disposition"] == 'attachment; filename="town-planner.html"'
    assert "connect-src" not in file.headers["content-security-policy"]
    assert client.get("/town/boards/nothing.html").status_code == 404


def test_a_board_that_a_browser_has_kept_keeps_its_policy(drawn: tuple[TestClient, Any]) -> None:
    client, _ = drawn
    for path in ("/town/boards/planner", "/town/boards/planner.html", "/"):
        etag = client.get(path, headers={"Accept": "text/html"}).headers["etag"]
        again = client.get(path, headers={"Accept": "text/html", "If-None-Match": etag})
        assert again.status_code == 304
        assert "content-security-policy" not in again.headers  # it would take the place of the one that was kept


def test_a_board_drawn_by_other_code_is_shown_as_a_file(
    drawn: tuple[TestClient, Any], monkeypatch: pytest.MonkeyPatch
) -> None:
    client, _ = drawn
    monkeypatch.setattr(publishing, "drawing_version", lambda: "later")  # its scripts would not fit the page
    shown = client.get("/town/boards/planner")
    assert "规划" in shown.text
    assert "connect-src" not in shown.headers["content-security-policy"]


def test_scripts_are_kept_for_ever_under_the_address_of_their_content(drawn: tuple[TestClient, Any]) -> None:
    client, _ = drawn
    for name, media in (("common.js", "text/javascript"), ("patrol.css", "text/css")):
        bundle = offline.bundles()[name]
        response = client.get(f"/static/{name}?v={bundle.tag}")
        assert response.content == bundle.sent
        assert response.headers["content-type"].partition(";")[0] == media
        assert response.headers["cache-control"] == "public, max-age=31536000, immutable"
        assert client.get(f"/static/{name}?v=00000000").headers["cache-control"] == "no-cache"
        assert client.get(f"/static/{name}").headers["cache-control"] == "no-cache"
    packed = client.get("/static/common.js", headers={"Accept-Encoding": "gzip"})
    assert packed.headers["content-encoding"] == "gzip"
    assert packed.headers["vary"] == "Accept-Encoding"
    assert "url(" not in client.get("/static/common.css").text


@pytest.mark.parametrize(
    "name",
    [
        "nothing.js",
        "leaflet.js",
        "planner.html",
        "vendor.lock",
        "..%2Fpage.py",
        "%2e%2e/page.py",
        "leaflet.LICENSE.txt",
    ],
)
def test_nothing_but_the_manifest_is_static(drawn: tuple[TestClient, Any], name: str) -> None:
    assert drawn[0].get(f"/static/{name}").status_code == 404


def test_a_wrong_parameter_of_a_script_is_refused(drawn: tuple[TestClient, Any]) -> None:
    assert drawn[0].get("/static/common.js?x=1").status_code == 400
