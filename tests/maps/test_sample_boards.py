"""The boards of the samples: what is on them, and that nothing on them asks the network."""

from __future__ import annotations

from collections.abc import Callable

import pytest
from playwright.sync_api import expect

from geo import catalogue
from geo.report import show_share
from geo.service import Build
from maps import joined
from maps.board import Board
from maps.boards import BOARDS, available
from tests.conftest import SAMPLES
from tests.maps.browsing import PHONE, Open

OF_THE_BUILD = [board for board in BOARDS if board.view is None]  # another has layers of its own: test_problems.py


@pytest.mark.parametrize("board", OF_THE_BUILD, ids=lambda board: board.id)
def test_boards_name_layers_and_fields_that_there_are(board: Board) -> None:
    known = joined.layers({layer.id: layer for layer in catalogue.LAYERS})
    for theme in board.themes:
        for id in theme.layers:
            layer = catalogue.layer(id)
            assert layer.measure
        assert theme.weight is None or catalogue.layer(theme.layers[0]).field(theme.weight)
        for ranking in theme.lists:
            layer = known[ranking.layer]
            kept = [ranking.keep[0]] if ranking.keep else []
            for name in (*ranking.columns, *(name for name, _ in ranking.by), *kept):
                assert layer.field(name)
            for code in ranking.keep[1] if ranking.keep else ():
                assert code in layer.field(kept[0]).values
            assert all(layer.field(name).values for name in ranking.filters)
    for id in (*(toggle.layer for toggle in board.toggles), *(id for among in board.searched for id in among)):
        assert not catalogue.layer(id).private


def test_each_headline_figure_is_in_a_report(built: Callable[[str], Build]) -> None:
    for board in BOARDS:
        reports = [board.seen(built(name)).report for name in SAMPLES]
        figures = {figure["id"] for report in reports for made in report["layers"] for figure in made["figures"]}
        assert {id for pair in board.headline for id in pair if id} <= figures


@pytest.mark.browser
@pytest.mark.parametrize("name", SAMPLES)
@pytest.mark.parametrize("size", [None, PHONE], ids=["desk", "phone"])
def test_no_request_leaves_the_machine(
    built: Callable[[str], Build], visit: Open, name: str, size: dict[str, int] | None
) -> None:
    made = built(name)
    boards = available(made)
    assert "planner" in boards
    for board in boards:
        page = visit(made.out / "boards" / f"{board}.html", size=size)
        themes = page.locator("#themes button")
        for number in range(themes.count()):
            themes.nth(number).click()
            panes = (
                ("points", "outline", "over") if board == "problems" else ("fill", "over")
            )  # some have no place
            assert page.locator(", ".join(f".leaflet-{pane}-pane path" for pane in panes)).count() > 0
        page.locator("#lang").click()
        expect(page.locator("h1")).to_have_text(made.report["title"]["en"])


@pytest.mark.browser
@pytest.mark.parametrize("name", SAMPLES)
def test_every_figure_of_the_report_can_be_read_on_the_board(
    built: Callable[[str], Build], visit: Open, name: str
) -> None:
    made = built(name)
    figures = [figure for layer in made.report["layers"] for figure in layer["figures"]]
    page = visit(made.out / "boards" / "planner.html", "#lang=en")
    page.locator("#all-figures summary").click()
    expect(page.locator("#all-figures tbody tr")).to_have_count(len(figures))
    for figure in figures:
        row = page.locator(f'#all-figures [data-figure="{figure["id"]}"]')
        expect(row).to_contain_text(figure["title"]["en"])
        if figure["unit"] == "share" and figure["value"] is not None:
            expect(row).to_contain_text(show_share(figure["value"]))


@pytest.mark.parametrize("name", ["saihan", "chayouzhong"])
def test_the_board_of_a_county_is_small_enough_to_mail(built: Callable[[str], Build], name: str) -> None:
    assert (built(name).out / "boards" / "planner.html").stat().st_size < 1_200_000
