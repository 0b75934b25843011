"""Pages for people: what the index puts first, both languages, pictures, and all of it in a real browser."""

from __future__ import annotations

import re
import shutil
import string
from collections.abc import Callable, Iterator
from html.parser import HTMLParser
from pathlib import Path
from typing import Any
from urllib.parse import urljoin, urlsplit
from xml.etree import ElementTree as ET

import pytest
from playwright.sync_api import Browser, sync_playwright
from starlette.testclient import TestClient

import api
from api.app import create_app
from api.ogc.served import Served
from api.pages.index import KEY_FIGURES, entry
from api.settings import Settings
from api.words import words
from geo.service import Build
from tests.api.live import serving
from tests.api.small import HOSTILE, SmallBuild, small_build
from tests.conftest import SAMPLES

PAGES = (
    "/",
    "/town/",
    "/town/conformance",
    "/town/api",
    "/town/collections",
    "/town/collections/plots",
    "/town/collections/plots/schema",
    "/town/collections/plots/items",
    "/town/collections/plots/items?limit=2",
    "/town/collections/empty/items",
    "/town/collections/plots/items/p%2F3%20%C3%BC",
    "/town/report",
)
FLAGS = (
    "--headless",
    "--no-sandbox",
    "--disable-gpu",
    "--disable-quic",
    "--no-first-run",
    "--disable-background-networking",
    "--disable-component-update",
    "--disable-sync",
)
BROWSERS = ("chromium", "chromium-browser", "google-chrome")


class Links(HTMLParser):
    """Collect what a page refers to."""

    def __init__(self) -> None:
        super().__init__()
        self.found: list[str] = []

    def handle_starttag(self, tag: str, attrs: list[tuple[str, str | None]]) -> None:  # noqa: ARG002 (of the parser)
        self.found += [value for name, value in attrs if name in ("href", "src") and value]


def links(page: str) -> list[str]:
    parser = Links()
    parser.feed(page)
    return parser.found


def html(client: TestClient, path: str, lang: str = "zh") -> str:
    response = client.get(path, headers={"Accept": "text/html", "Accept-Language": lang})
    assert response.status_code == 200
    assert response.headers["content-type"] == "text/html; charset=utf-8"
    assert response.headers["content-language"] == lang
    return str(response.text)


@pytest.mark.parametrize("lang", ["zh", "en"])
@pytest.mark.parametrize("path", PAGES)
def test_pages_say_what_they_mean_in_both_languages(client: TestClient, path: str, lang: str) -> None:
    page = html(client, path, lang)
    assert f'<html lang="{"zh-CN" if lang == "zh" else "en"}">' in page
    assert "built-in method" not in page
    assert "{'" not in page
    chinese = re.search(r"[一-鿿]", re.sub(r'<a class="switch".*?</a>|东街|日界线|（中）', "", page))
    assert bool(chinese) == (lang == "zh"), chinese


@pytest.mark.parametrize("path", PAGES)
def test_every_link_of_every_page_leads_somewhere_here(client: TestClient, path: str) -> None:
    for href in links(html(client, path)):
        if href.startswith(("#", "data:")):
            continue
        target = urljoin(f"http://testserver{path}", href)
        assert urlsplit(target).netloc == "testserver"
        assert client.get(target).status_code == 200, (path, href)


def test_the_index_puts_data_problems_first(client: TestClient) -> None:
    page = html(client, "/", "en")
    order = [page.index(f'id="{part}"') for part in ("problems", "overview", "boards")]
    assert order == sorted(order)
    assert page.index("is not a count") < page.index('id="overview"')
    assert "{{1111*1111}}&lt;img" in page
    assert HOSTILE not in page


def test_like_problems_stand_together(small: SmallBuild) -> None:
    summed = entry(Served(small, Settings()))
    assert summed["counts"] == {"error": 3}
    (problem,) = summed["first"]
    assert (problem["count"], problem["where"]) == (3, {"zh": "地块", "en": "Plots"})
    assert summed["more"] == 0


def test_the_gravest_problems_are_shown_and_the_others_counted(tmp_path: Path) -> None:
    def fault(level: str, code: str) -> dict[str, Any]:
        text = {"zh": code, "en": code}
        return {"level": level, "code": code, "table": "t", "problem": text, "remedy": text}

    many = [fault("info", "a")] * 9 + [fault("warning", code) for code in "bcdd"] + [fault("error", "e")]
    summed = entry(Served(small_build(tmp_path, faults=many), Settings()))
    assert summed["counts"] == {"error": 1, "warning": 4, "info": 9}
    assert [problem["text"]["en"] for problem in summed["first"]] == ["e", "d", "b"]
    assert summed["more"] == 1  # c; notes are only counted


def test_the_index_links_boards_files_and_api(client: TestClient) -> None:
    found = {
        urljoin("http://testserver/", href).removeprefix("http://testserver") for href in links(html(client, "/"))
    }
    wanted = {
        "/town/boards/planner",
        "/town/files/layers/plots.geojson",
        "/town/files/layers/plots.csv",
        "/town/files/layers/plots.xlsx?lang=zh",
        "/town/files/layers/plots.parquet",
        "/town/collections/plots/items?f=json",
        "/town/report?f=md",
    }
    assert wanted <= found


def test_codes_shares_and_missing_values_are_written_for_people(client: TestClient) -> None:
    page = html(client, "/town/collections/plots/items", "en")
    assert "<td>Urban</td>" in page
    assert "<td>yes</td>" in page
    assert '<td class="number"><span class="none">—</span></td>' in page
    assert "1–6 of 6" in page


def test_a_picture_has_every_colour_of_the_layer(built: Callable[[str], Build]) -> None:
    made = built("porto-alegre")
    client = TestClient(create_app(Settings(), [made]))
    response = client.get("/porto-alegre/picture.svg")
    assert response.headers["content-type"] == "image/svg+xml"
    drawn = ET.fromstring(response.content)  # noqa: S314 (our own)
    paths = list(drawn)
    assert 2 <= len(paths) <= 6
    numbers = [float(one) for one in re.findall(r"-?\d+\.\d", " ".join(str(path.get("d")) for path in paths))]
    assert min(numbers) >= 0
    assert max(numbers[0::2]) <= 360
    assert max(numbers[1::2]) <= 200


def test_a_workspace_without_ground_has_no_picture(client: TestClient) -> None:
    assert client.get("/town/picture.svg").status_code == 404


def test_every_key_figure_is_in_a_sample(built: Callable[[str], Build]) -> None:
    known = {
        figure["id"] for name in SAMPLES for made in built(name).report["layers"] for figure in made["figures"]
    }
    assert {id for ids in KEY_FIGURES.values() for id in ids} <= known


def test_both_books_have_the_same_words() -> None:
    zh, en = words("zh"), words("en")
    assert zh.keys() == en.keys()
    for key in zh:
        fields = [{name for _, name, _, _ in string.Formatter().parse(book[key]) if name} for book in (zh, en)]
        assert fields[0] == fields[1], key


def test_every_word_is_used_and_every_word_used_is_known() -> None:
    root = Path(next(iter(api.__path__)))
    code = " ".join(path.read_text() for path in root.rglob("*") if path.suffix in (".py", ".html"))
    used = set(re.findall(r'words\.(\w+)|words\(\w+\)\["(\w+)"\]|say\["(\w+)"\]', code))
    named = {name for names in used for name in names if name} - {"get", "keys"}
    named |= set(KEY_FIGURES) | {"prev", "next"}
    assert named == set(words("en"))


# --- in a real browser ---


@pytest.fixture(scope="module")
def browser() -> Iterator[Browser]:
    """Open Chromium."""
    found = next(
        (path for name in ("chromium", "chromium-browser", "google-chrome") if (path := shutil.which(name))), None
    )
    assert found, "no Chromium: apt install chromium"
    with sync_playwright() as playwright:
        opened = playwright.chromium.launch(executable_path=found, args=list(FLAGS))
        yield opened
        opened.close()


@pytest.fixture(scope="module")
def server(tmp_path_factory: pytest.TempPathFactory) -> Iterator[str]:
    """Address of a server process."""
    with serving(tmp_path_factory.mktemp("pages")) as address:
        yield address


@pytest.mark.browser
@pytest.mark.parametrize("script", [True, False])
@pytest.mark.parametrize("width", [1280, 390])
def test_pages_open_without_foreign_requests(browser: Browser, server: str, width: int, script: bool) -> None:
    context = browser.new_context(viewport={"width": width, "height": 844}, java_script_enabled=script)
    page = context.new_page()
    asked: list[str] = []
    wrong: list[str] = []
    page.on("request", lambda request: asked.append(request.url))
    page.on("requestfailed", lambda request: wrong.append(request.url))
    page.on("console", lambda message: wrong.append(message.text))
    page.on("pageerror", lambda error: wrong.append(str(error)))
    page.on("dialog", lambda dialog: wrong.append(dialog.message))
    for path in PAGES:
        page.goto(f"{server}{path}{'&' if '?' in path else '?'}f=html&lang=zh")
        assert page.locator("h1").count() == 1
        if script:
            assert page.evaluate("document.documentElement.scrollWidth") <= width, path
            assert page.evaluate("getComputedStyle(document.body).margin") == "0px"  # the style sheet is there
    assert {urlsplit(url).scheme for url in asked} <= {"http", "data"}
    assert {urlsplit(url).netloc for url in asked} <= {urlsplit(server).netloc, ""}
    assert wrong == []
    context.close()


@pytest.mark.browser
def test_a_board_may_run_its_own_script_only(browser: Browser, server: str) -> None:
    page = browser.new_page()
    page.goto(f"{server}/town/boards/planner")
    assert page.title() == "drawn"
    assert page.evaluate("fetch('/town/').then(() => 'sent', () => 'refused')") == "refused"
    page.close()


@pytest.mark.browser
def test_the_language_is_switched_by_a_link(browser: Browser, server: str) -> None:
    context = browser.new_context(locale="zh-CN", java_script_enabled=False)
    page = context.new_page()
    page.goto(server)
    assert page.locator("h1").inner_text() == words("zh")["question"]
    page.get_by_role("link", name="English").click()
    assert page.locator("h1").inner_text() == words("en")["question"]
    context.close()
