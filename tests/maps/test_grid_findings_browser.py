"""Findings of a partition, gone through as a planner would: narrowed down, one by one, on screen and phone."""

from __future__ import annotations

from collections.abc import Callable
from pathlib import Path
from typing import Any

import pytest
from playwright.sync_api import Page, expect

from maps.page import render
from tests.maps.browsing import PHONE, Open, address
from tests.maps.fake_grids import SLIVER, grids_build

pytestmark = pytest.mark.browser

LIST = '[data-list="findings"]'
INSIDE = """(id) => {
  const { app, map } = { app: gridwalk.running, map: gridwalk.running.map };
  const layer = app.page.layer["grid-findings"];
  return map.getBounds().contains(layer.bounds(layer.find(id)));
}"""


@pytest.fixture(scope="module")
def file(tmp_path_factory: pytest.TempPathFactory) -> Path:
    path = tmp_path_factory.mktemp("boards") / "planner.html"
    build: Any = grids_build()
    path.write_text(render(build, "planner"), encoding="utf-8")
    return path


@pytest.fixture
def show(visit: Open, file: Path) -> Callable[..., Page]:
    def showing(hash: str, **options: Any) -> Page:
        return visit(file, hash, **options)

    return showing


Show = Callable[..., Page]


def picked(page: Page) -> str:
    return str(page.evaluate("gridwalk.running.state.now.pick")).partition(":")[2]


def test_the_map_follows_whoever_goes_through_the_findings(show: Show) -> None:
    page = show("#theme=partition")
    steps = page.locator(f"{LIST} .steps")
    expect(steps).to_contain_text("第 – / 6 条")
    seen = []
    for number in range(1, 7):
        steps.locator('[data-step="1"]').click()
        expect(steps).to_contain_text(f"第 {number} / 6 条")
        expect(page.locator("#card .steps")).to_contain_text(f"第 {number} / 6 条")
        expect(page.locator(f"{LIST} tr[aria-current]")).to_have_count(1)
        seen.append(picked(page))
        if seen[-1] != "e1":
            assert page.evaluate(INSIDE, seen[-1])
            assert page.locator(".leaflet-pick-pane path").count() >= 2
    assert seen == ["g1", "z1", "o1", "e1", SLIVER, "n1"]
    steps.locator('[data-step="1"]').click()
    expect(steps).to_contain_text("第 1 / 6 条")  # round again
    page.locator('#card [data-step="-1"]').click()
    expect(steps).to_contain_text("第 6 / 6 条")


def test_keys_go_on_and_back_but_not_while_somebody_types(show: Show) -> None:
    page = show("#theme=partition")
    page.keyboard.press("n")
    page.keyboard.press("n")
    assert picked(page) == "z1"
    page.keyboard.press("p")
    assert picked(page) == "g1"
    page.locator("#search").fill("n")
    page.keyboard.press("n")
    assert picked(page) == "g1"
    page.keyboard.press("Control+n")
    assert picked(page) == "g1"


def test_two_metres_can_be_seen(show: Show) -> None:
    page = show(f"#theme=partition&pick=grid-findings:{SLIVER}")
    assert page.evaluate("gridwalk.running.map.getZoom()") == 18
    ring = page.locator(".leaflet-pick-pane path").evaluate_all(
        "all => Math.max(...all.map((one) => one.getBBox().width))"
    )
    assert ring >= 40
    page.locator("#whole").click()  # and from afar, too
    ring = page.locator(".leaflet-pick-pane path").evaluate_all(
        "all => Math.max(...all.map((one) => one.getBBox().width))"
    )
    assert ring >= 40


def test_the_card_says_what_is_wrong_whom_it_concerns_what_to_do_and_what_a_repair_would(show: Show) -> None:
    page = show("#theme=partition&pick=grid-findings:o1")
    card = page.locator("#card")
    for said in ("都占有这块地（9,230 平方米）", "几乎完全相同", "35 户，72 人。", "只保留其中一个"):
        expect(card).to_contain_text(said)
    expect(card).to_contain_text("模拟第5网格让给<img src=x onerror=window.hacked=1> 9,230 平方米、35 户")
    expect(card).to_contain_text("归较大的网格")
    expect(card.locator("dl")).to_be_hidden()
    card.locator("summary").click()
    expect(card.locator("dl")).to_contain_text("38 米")
    page.locator("#lang").click()
    expect(card).to_contain_text("Compare the codes and keep one of them.")
    expect(card).to_contain_text("Households: 35; people: 72.")
    assert page.evaluate("window.hacked") is None


def test_what_a_repair_leaves_is_said(show: Show) -> None:
    page = show("#theme=partition&lang=en&pick=grid-findings:g1")
    expect(page.locator("#card")).to_contain_text("0.23 km² stay as they are. No neighbour: stays")
    page = show("#theme=partition&lang=en&pick=grid-findings:n1")
    expect(page.locator("#card")).to_contain_text("The proposed repair leaves this as it is.")
    expect(page.locator("#card")).to_contain_text("Not known, or fewer than 10 people and not told.")


def test_a_finding_without_ground_shows_where_it_belongs(show: Show) -> None:
    page = show("#theme=partition&pick=grid-findings:e1")
    expect(page.locator("#card")).to_contain_text("模拟第8网格有记录，没有图形。")
    page.locator("#whole").click()
    far = page.evaluate("gridwalk.running.map.getZoom()")
    page.locator("#card").get_by_role("button", name="放大到此处").click()
    assert page.evaluate("gridwalk.running.map.getZoom()") > far
    middle = """() => { const { map, page } = gridwalk.running; const grids = page.layer.grids;
      return grids.bounds(grids.find("150105001000007")).contains(map.getCenter()); }"""
    assert page.evaluate(middle)
    expect(page.locator("#card")).not_to_contain_text("修复建议")


def test_a_size_is_told_with_its_band(show: Show) -> None:
    page = show("#theme=partition&pick=grid-findings:z1")
    expect(page.locator("#card")).to_contain_text("户数 174 (4–120)，括号里是规定的范围。")
    expect(page.locator("#card")).not_to_contain_text("涉及谁")


def test_filters_narrow_down_list_map_and_steps_and_the_address_keeps_them(show: Show) -> None:
    page = show("#theme=partition")
    letters = page.locator(".label.state")
    assert letters.count() > 0
    page.locator(f'{LIST} [data-filter="kind"]').focus()
    page.locator(f'{LIST} [data-filter="kind"]').select_option("gap")
    expect(page.locator(f"{LIST} tbody tr")).to_have_count(2)
    expect(page.locator(f"{LIST} .steps")).to_contain_text("/ 2 条")
    assert page.evaluate("document.activeElement.dataset.filter") == "kind"
    expect(letters.first).to_have_text("空")
    page.locator(f'{LIST} [data-filter="severity"]').select_option("warning")
    expect(page.locator(f"{LIST} tbody tr")).to_have_count(1)
    page.keyboard.press("Escape")
    page.evaluate("document.activeElement.blur()")
    page.keyboard.press("n")
    assert picked(page) == SLIVER
    told = address(page)
    again = show(told)
    expect(again.locator(f"{LIST} tbody tr")).to_have_count(1)
    expect(again.locator(f'{LIST} [data-filter="kind"]')).to_have_value("gap")
    again.locator(f'{LIST} [data-filter="severity"]').select_option("")
    expect(again.locator(f"{LIST} tbody tr")).to_have_count(2)
    nonsense = show("#theme=partition&only=findings.kind.nothing,x.y.z,,findings.nofield.gap")
    expect(nonsense.locator(f"{LIST} .quiet")).to_have_text("没有。")
    expect(nonsense.locator(f'{LIST} [data-step="1"]')).to_be_disabled()


def test_the_repaired_outlines_are_laid_over_todays(show: Show) -> None:
    page = show("#theme=partition&pick=grid-findings:o1")
    dashed = '.leaflet-over-pane path[stroke-dasharray="7 4"]'
    expect(page.locator(dashed)).to_have_count(0)
    page.get_by_role("button", name="在图上显示修复后的界线").click()
    expect(page.locator(dashed)).to_have_count(2)
    expect(page.get_by_label("修复后的网格界线")).to_be_checked()
    page.get_by_label("修复后的网格界线").click()
    expect(page.locator(dashed)).to_have_count(0)


def test_grids_named_on_the_card_lead_to_them(show: Show) -> None:
    page = show(f"#theme=partition&pick=grid-findings:{SLIVER}")
    page.locator("#card summary").click()
    page.locator("#card dd button.link", has_text="模拟第6网格").first.click()
    expect(page.locator("#card h2")).to_contain_text("模拟第6网格")


def test_large_grids_out_of_balance_and_what_moves(show: Show) -> None:
    page = show("#theme=districts")
    expect(page.locator("#legend")).to_contain_text("偏多")
    rows = page.locator('[data-list="districts"] tbody tr')
    expect(rows).to_have_count(2)
    expect(rows.first).to_contain_text("大一")
    expect(page.locator('[data-list="moved"] .steps')).to_contain_text("10")
    expect(page.locator(".leaflet-points-pane path")).to_have_count(10)
    expect(page.locator('.leaflet-over-pane path[stroke-dasharray="8 4"]')).to_have_count(2)
    page.keyboard.press("n")
    assert picked(page) == "D1"  # of several lists the first


@pytest.mark.parametrize("lang", ["zh", "en"])
def test_findings_fit_a_phone(show: Show, lang: str) -> None:
    page = show(f"#theme=partition&lang={lang}&pick=grid-findings:o1", size=PHONE, has_touch=True)
    wide = page.evaluate("document.documentElement.scrollWidth")
    assert wide <= PHONE["width"]
    assert page.evaluate(INSIDE, "o1")
    step = page.locator('#card [data-step="1"]')
    expect(step).to_be_in_viewport()
    box = step.bounding_box()
    assert box is not None
    assert box["height"] >= 44
    step.tap()
    assert picked(page) == "e1"
    for place in page.locator(f"{LIST} select").all():
        box = place.bounding_box()
        assert box is not None
        assert box["height"] >= 44
        assert box["x"] + box["width"] <= PHONE["width"]
