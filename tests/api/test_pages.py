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

import numpy as np
import pytest
from axe_playwright_python.sync_playwright import Axe
from playwright.sync_api import Browser, sync_playwright
from starlette.testclient import TestClient

import api
from api.app import create_app
from api.background import TIANDITU
from api.ogc.served import Served
from api.pages.index import KEY_FIGURES, entry
from api.pages.picture import MOST_BYTES, picture
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


def pictures(made: Build) -> dict[str, bytes]:
    """The small picture of every board of a build."""
    client = TestClient(create_app(Settings(), [made]))
    found = {}
    for board in Served(made, Settings()).boards():
        response = client.get(f"/{made.workspace.id}/pictures/{board.id}.svg")
        assert (response.status_code, response.headers["content-type"]) == (200, "image/svg+xml"), board.id
        found[board.id] = response.content
    return found


@pytest.mark.parametrize("name", SAMPLES)
def test_every_board_has_a_small_picture_in_its_colours(built: Callable[[str], Build], name: str) -> None:
    made = built(name)
    for id, drawn in pictures(made).items():
        assert len(drawn) < MOST_BYTES
        paths = list(ET.fromstring(drawn))  # noqa: S314 (our own)
        colours = {path.get(what) for path in paths for what in ("fill", "stroke")} - {"none", None}
        assert len(colours) > 1, id
        for path in paths:
            for line in str(path.get("d")).split("M")[1:]:
                places = np.array(
                    [int(number) for number in re.findall(r"-?\d+", line.replace("h0", ""))]
                ).reshape(-1, 2)
                walked = places.cumsum(axis=0)
                assert (walked >= 0).all()
                assert (walked <= (3600, 2000)).all()


def test_a_picture_is_told_in_words_with_the_count_of_each_class(built: Callable[[str], Build]) -> None:
    made = built("porto-alegre")
    one = picture(Served(made, Settings()), "planner")
    assert one is not None
    rows = made.frame("grid-walk")
    drawn = int(rows.geometry.notna().sum())
    assert f"{drawn:,}." in one.words.en
    counts = [int(count.replace(",", "")) for count in re.findall(r" ([\d,]+)(?=[;.])", one.words.en)]
    assert counts[0] == sum(counts[1:]) == drawn
    assert one.words.zh.startswith("规划图：")


def test_a_picture_of_what_is_no_board_is_not_there(client: TestClient) -> None:
    assert client.get("/town/pictures/planner.svg").status_code == 200
    for name in ("patrol", "none", "..%2f..%2fworkspace.toml"):
        assert client.get(f"/town/pictures/{name}.svg").status_code == 404


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
    named |= set(KEY_FIGURES) | {"prev", "next"} | {f"tianditu_{name}" for name in TIANDITU}
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


SEVERE = {"serious", "critical"}


@pytest.mark.browser
@pytest.mark.parametrize(("width", "lang"), [(1280, "zh"), (390, "en")])
def test_axe_finds_nothing_serious_on_any_page(browser: Browser, server: str, width: int, lang: str) -> None:
    page = browser.new_page(viewport={"width": width, "height": 844})
    for path in PAGES:
        page.goto(f"{server}{path}{'&' if '?' in path else '?'}f=html&lang={lang}")
        page.evaluate("for (const fold of document.querySelectorAll('details')) fold.open = true")
        found = [one for one in Axe().run(page).response["violations"] if one["impact"] in SEVERE]
        assert [(one["id"], node["html"][:120]) for one in found for node in one["nodes"]] == [], path
    page.evaluate("document.querySelector('main').append(document.createElement('button'))")
    assert "button-name" in {one["id"] for one in Axe().run(page).response["violations"]}  # it does look
    page.close()


@pytest.mark.browser
def test_a_keyboard_goes_through_the_index_and_sees_where_it_is(browser: Browser, server: str) -> None:
    page = browser.new_page()
    page.goto(f"{server}/?f=html&lang=en")
    seen: list[str] = []
    while len(seen) < 50:
        page.keyboard.press("Tab")
        if page.evaluate("document.activeElement === document.body"):
            break  # through
        seen.append(page.evaluate("document.activeElement.textContent.trim()"))
        assert page.evaluate("getComputedStyle(document.activeElement).outlineStyle") != "none", seen[-1]
    assert seen[0] == words("en")["skip"]
    order = [seen.index(text) for text in (words("en")["other_language"], "Town")]
    assert order == sorted(order)
    assert len(set(seen)) > 8
    page.close()


@pytest.mark.browser
def test_the_index_on_paper_has_its_pictures_and_no_buttons(browser: Browser, server: str) -> None:
    page = browser.new_page()
    page.goto(f"{server}/?f=html&lang=en")
    page.emulate_media(media="print")
    assert page.locator(".picture").first.is_visible()
    assert page.locator("table.overview").is_visible()
    for hidden in (".switch", "details", ".boards small", ".formats"):
        assert not page.locator(hidden).first.is_visible(), hidden
    page.close()


def with_style(client: TestClient, path: str, lang: str) -> str:
    """A page with its style sheet inside, for a browser without a server."""
    css = client.get("/static/page.css").text
    return re.sub(r'<link rel="stylesheet"[^>]*>', lambda _: f"<style>{css}</style>", html(client, path, lang))


@pytest.mark.browser
@pytest.mark.parametrize("path", ["/", "/town/", "/town/report"])
def test_a_title_without_blanks_pushes_nothing_off_the_page(browser: Browser, tmp_path: Path, path: str) -> None:
    long = {"zh": "长" * 300, "en": "T" * 300}
    client = TestClient(create_app(Settings(), [small_build(tmp_path, title=long, notice=long)]))
    page = browser.new_page(viewport={"width": 390, "height": 844})
    page.set_content(with_style(client, path, "en"))
    assert page.evaluate("getComputedStyle(document.body).margin") == "0px"
    assert page.evaluate("document.documentElement.scrollWidth") == 390
    page.close()


@pytest.mark.browser
@pytest.mark.parametrize("lang", ["zh", "en"])
def test_the_key_figures_fit_on_paper(browser: Browser, built: Callable[[str], Build], lang: str) -> None:
    client = TestClient(create_app(Settings(), [built(name) for name in SAMPLES]))
    page = browser.new_page(viewport={"width": 794, "height": 1123})  # A4
    page.emulate_media(media="print")
    page.set_content(with_style(client, "/", lang))
    page.evaluate("document.body.style.width = '182mm'")  # what its margins leave
    table = page.locator("table.overview")
    assert table.evaluate("(table) => table.scrollWidth <= table.parentElement.clientWidth")
    first = table.locator("tbody th").first
    assert first.evaluate("(cell) => cell.clientWidth > 100")  # not one letter a line
    page.close()
