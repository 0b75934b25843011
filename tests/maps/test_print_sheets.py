"""Whole sheets: what is on them agrees with the board, whatever names the data have."""

from __future__ import annotations

import io
import re
import subprocess
import sys
import warnings
from collections.abc import Mapping
from typing import Any

import matplotlib
import matplotlib.image
import numpy as np
import pypdfium2
import pytest
import shapely
from matplotlib.figure import Figure
from pyproj import Proj

from geo.errors import BadParameter
from geo.words import Lang
from maps import boards, words
from maps.content import content
from maps.print import NoFont, output, sheets
from maps.print.code import code_text, modules
from maps.print.fonts import MM, OWN, Typeface
from tests.maps.fake_build import FakeBuild, border_build
from tests.maps.printed import (
    TOWN,
    book,
    by_gid,
    figure,
    map_of,
    placed,
    said,
    texts,
)


@pytest.fixture(autouse=True)
def _no_missing_glyph() -> Any:
    """What matplotlib would print as an empty box, it warns of."""
    with warnings.catch_warnings():
        warnings.simplefilter("error")
        yield


@pytest.fixture(scope="module")
def zh() -> Figure:
    return figure(book(TOWN, "planner", "zh"))


@pytest.fixture(scope="module")
def en() -> Figure:
    return figure(book(TOWN, "planner", "en"), paper="A3")


@pytest.fixture(scope="module")
def pdf() -> tuple[str, bytes]:
    return next(iter(sheets(TOWN, "planner", paper="A3", lang="zh", service="https://grids.example").items()))  # type: ignore[arg-type]


def test_scale_bar_is_as_long_as_it_says_and_the_scale_too(zh: Figure, en: Figure) -> None:
    for drawn in (zh, en):
        _, scale = map_of(drawn)
        parts = by_gid(drawn, "bar")
        length = sum(part.get_width() for part in parts)  # millimetres
        (label,) = [text for text in said(drawn) if re.fullmatch(r"[\d.]+ (km|m|公里|米)", text)]
        number, unit = label.split(" ")
        metres = float(number) * (1000 if unit in ("km", "公里") else 1)
        assert length * scale / 1000 == pytest.approx(metres, rel=0.01)
        (numeric,) = [text for text in said(drawn) if text.startswith("1:")]
        assert int(re.findall(r"1:([\d,]+)", numeric)[0].replace(",", "")) == pytest.approx(scale, rel=1e-6)


def test_the_arrow_points_along_the_meridian() -> None:
    drawn = figure(book(border_build(), "planner", "en"))
    dark, light = (np.asarray(one.get_xy()) for one in by_gid(drawn, "north"))
    tip, foot = dark[0], (dark[1] + light[1]) / 2
    turned = np.degrees(np.arctan2(*(tip - foot)))
    view_box, scale = map_of(drawn)
    (axes,) = by_gid(drawn, "map")
    corner = axes.get_position().p0 * drawn.get_size_inches() * 25.4
    x, y = ((tip + foot) / 2 - corner) * scale / 1000 + view_box[:2]
    frame = fitted_frame(border_build())
    place = frame.lonlat(shapely.Point(x, y))
    convergence = Proj(frame.crs).get_factors(place.x, place.y).meridian_convergence
    assert turned == pytest.approx(-convergence, abs=0.02)
    assert abs(turned) > 0.1  # the border is long enough for it to matter


def fitted_frame(build: FakeBuild) -> Any:
    from geo.crs import frame_of

    return frame_of(np.asarray(build.frame("border-status").geometry))


@pytest.mark.parametrize("theme", range(4))
@pytest.mark.parametrize("lang", ["zh", "en"])
def test_legend_has_every_class_with_its_count_and_the_break(theme: int, lang: Lang) -> None:
    made = book(TOWN, "planner", lang)
    one = made.content["themes"][theme]
    layer = made.content["layers"][one["views"][0]["layer"]]
    drawn = said(figure(made, theme))
    dress = layer.get("colourings", {}).get(one["id"], layer)
    if one["hourly"]:
        return  # its classes are of an hour; see below
    rows = made.layer(one["views"][0]["layer"]).at(one["views"][0]["level"])
    for at, part in enumerate(dress["legend"]["classes"]):
        if layer.get("counted"):
            values = made.layer(one["views"][0]["layer"]).values(layer["counted"])
            count = sum(values[row] for row in rows if dress["class"][row] == at)
        else:
            count = sum(1 for row in rows if dress["class"][row] == at)
        assert made.number(count, 0) in drawn
        assert "".join(part["label"][lang].split()) in "".join(drawn).replace(" ", "")
    if dress["legend"]["limit"]:
        assert dress["legend"]["limit"][lang] in drawn


def test_an_hourly_theme_is_printed_as_it_is_at_the_hour_asked_for() -> None:
    made = book(TOWN, "planner", "en")
    themes = [one["id"] for one in made.content["themes"]]
    drawn = said(figure(made, themes.index("hours")))
    week = made.content["week"]
    hour = week["asked"] if week["asked"] is not None else week["worst"]
    day = list(week["days"].values())[hour // 24]["en"]
    assert any(text.startswith(f"{day} {hour % 24}:00") for text in drawn)


def test_figures_have_their_denominator_and_their_engine(en: Figure) -> None:
    drawn = " ".join(said(en))
    told = book(TOWN, "planner", "en").content
    shown = {one["figure"] for one in told["headline"]}
    methods = {one["method"]["en"] for one in told["figures"] if one["id"] in shown and one["method"]}
    assert methods and all(drawn.count(method) == 1 for method in methods)
    for part in ("76.8%", "24,100 / 31,400 people", "network: ", "straight line: 84.2%", "7,300", "14 / 40 grids"):
        assert part in drawn


def test_heading_and_imprint(zh: Figure) -> None:
    drawn = "".join(said(zh))
    for part in (
        "示例区网格（模拟）",
        "规划图",
        "2026年11月20日",
        "合成数据",
        "兰勃特等积方位投影",
        "111.7°E",
        "审图号",
        "未经地图审核",
        "gridwalk 0.1.0",
        "0f1e2d3c4b5a",
        "© OpenStreetMap 贡献者",
        "CC0",
    ):
        assert part in drawn
    assert "北" in said(zh)


def test_nothing_is_read_as_mathematics_and_hostile_names_are_text(en: Figure) -> None:
    assert all(not one.get_parse_math() and not one.get_usetex() for one in texts(en))
    made = book(TOWN, "planner", "en")
    theme = [one["id"] for one in made.content["themes"]].index("staffing")
    drawn = "\n".join(said(figure(made, theme, paper="A3")))
    assert any(
        part in drawn for part in ("$x^2$ \\frac{1}{2}", "{{7*7}}", "{% raw %}{# x #}", "50% _under_ #1 &co")
    )


def test_no_text_is_too_small_or_leaves_the_sheet(zh: Figure, en: Figure) -> None:
    upright = figure(book(TOWN, "planner", "en"), paper="A4", portrait=True)
    for drawn in (zh, en, upright):
        width, height = drawn.get_size_inches() * 25.4
        for one in texts(drawn):
            if one.get_rotation():
                continue
            left, wide, y, size = placed(one)
            assert size >= 7
            assert left >= 4 and left + wide <= width - 4, one.get_text()
            assert 4 <= y <= height - 4, one.get_text()


def test_texts_of_the_panel_do_not_meet() -> None:
    for portrait in (False, True):
        drawn = figure(book(TOWN, "planner", "en"), paper="A4", portrait=portrait)
        canvas_boxes = []
        for one in texts(drawn):
            if one.get_rotation() or one.get_path_effects():
                continue
            left, wide, y, size = placed(one)
            half = size * MM * 0.32
            middle = y if "center" in one.get_verticalalignment() else y + half
            canvas_boxes.append((left, middle - half, left + wide, middle + half, one.get_text()))
        meeting = [
            (one[4], other[4])
            for at, one in enumerate(canvas_boxes)
            for other in canvas_boxes[at + 1 :]
            if one[0] < other[2] and other[0] < one[2] and one[1] < other[3] and other[1] < one[3]
        ]
        assert meeting == []


def test_the_pdf_has_one_page_a_theme_of_exactly_the_paper(pdf: tuple[str, bytes]) -> None:
    name, body = pdf
    assert name == "fake-town-planner-A3-zh.pdf"
    opened = pypdfium2.PdfDocument(body)
    assert len(opened) == len(output.themes_of(TOWN, "planner"))  # type: ignore[arg-type]
    for page in opened:
        assert sorted(page.get_size()) == pytest.approx([297 / 25.4 * 72, 420 / 25.4 * 72], abs=0.01)


def test_the_pdf_can_be_searched_and_says_when_and_how(pdf: tuple[str, bytes]) -> None:
    text = "".join(pypdfium2.PdfDocument(pdf[1])[0].get_textpage().get_text_bounded().split())  # lines are broken
    for part in ("示例区网格（模拟）", "2026年11月20日", "CGCS2000/WGS84", "1:", "审图号"):
        assert part in text


def test_fonts_are_in_the_pdf_as_far_as_they_are_used(pdf: tuple[str, bytes]) -> None:
    body = pdf[1]
    used = body.count(b"/Subtype /Type3") + body.count(b"/FontFile")
    assert used >= 2 and body.count(b"/Subtype /Type1") == body.count(b"/Subtype /TrueType") == 0
    assert len(body) < 3_000_000


def test_the_same_build_gives_the_same_bytes_in_another_process(pdf: tuple[str, bytes]) -> None:
    again = sheets(TOWN, "planner", paper="A3", lang="zh", themes=("walk",))  # type: ignore[arg-type]
    code = (
        "import hashlib; from maps.print import sheets; from tests.maps.printed import TOWN;"
        "made = sheets(TOWN, 'planner', paper='A3', lang='zh', themes=('walk',)).values();"
        "print(hashlib.sha256(*made).hexdigest())"
    )
    other = subprocess.run([sys.executable, "-c", code], capture_output=True, text=True, check=True)
    import hashlib

    assert other.stdout.strip() == hashlib.sha256(*again.values()).hexdigest()
    assert b"CreationDate" not in pdf[1]


def test_the_code_on_the_paper_holds_workspace_version_and_address() -> None:
    (body,) = sheets(TOWN, "planner", paper="A4", lang="en", format="png", themes=("walk",)).values()  # type: ignore[arg-type]
    picture = matplotlib.image.imread(io.BytesIO(body))[..., :3].mean(axis=2)
    assert picture.shape in {(2480, 3508), (3508, 2480), (2480, 3507), (3507, 2480)}
    drawn = figure(book(TOWN, "planner", "en"), portrait=picture.shape[0] > picture.shape[1])
    text = code_text(content(TOWN, boards.board("planner")), "walk", "en", "")  # type: ignore[arg-type]
    assert "fake-town" in text and FakeBuild.version in text
    (patch,) = by_gid(drawn, "code")
    rows = np.array(modules(text))
    box = patch.get_path().get_extents()  # without the quiet zone
    each = box.width / (len(rows) - 8)
    pixels = 300 / 25.4
    at = np.arange(4, len(rows) - 4)
    xs = (box.x0 + (at - 4 + 0.5) * each) * pixels
    ys = picture.shape[0] - (box.y1 - (at - 4 + 0.5) * each) * pixels
    seen = picture[np.rint(ys).astype(int)[:, None], np.rint(xs).astype(int)[None, :]] < 0.5
    assert (seen == rows[4:-4, 4:-4].astype(bool)).all()


def test_without_a_chinese_font_english_sheets_of_english_data_are_printed(
    monkeypatch: pytest.MonkeyPatch,
) -> None:
    monkeypatch.setattr(output, "typeface", lambda: Typeface(frozenset({OWN})))
    with pytest.raises(NoFont, match="fonts-noto-cjk"):
        sheets(TOWN, "planner", lang="zh", themes=("walk",))  # type: ignore[arg-type]
    build = border_build()
    build.frame("posts")["name"] = ["Post A", "Post B"]
    build.report["tables"][0]["source"] = "synthetic"
    made = sheets(build, "planner", lang="en", themes=("border",))  # type: ignore[arg-type]
    text = pypdfium2.PdfDocument(*made.values())[0].get_textpage().get_text_bounded()
    assert "Sample border" in text


@pytest.mark.parametrize(
    ("given", "message"),
    [
        ({"paper": "A5"}, "A3, A4"),
        ({"themes": ("nope",)}, "known: walk"),
        ({"view": "nope"}, "known: "),
        ({"format": "svg"}, "pdf, png"),
        ({"lang": "fr"}, "zh, en"),
        ({"holder": "P0"}, "list of work"),
        ({"service": "grids.example"}, "https://"),
    ],
)
def test_what_is_not_there_is_refused_with_what_is(given: Mapping[str, Any], message: str) -> None:
    with pytest.raises(BadParameter, match=message):
        sheets(TOWN, "planner", **given)  # type: ignore[arg-type]


def test_a_board_that_is_not_there() -> None:
    with pytest.raises(BadParameter, match="known: planner"):
        sheets(TOWN, "nope")  # type: ignore[arg-type]


def test_a_view_is_chosen_by_level_layer_or_number() -> None:
    made = book(TOWN, "planner", "en")
    view = {
        name: output._views(made, ["partition", "walk"], name)["partition"]["level"]
        for name in ("", "community", "county", "1", "2")
    }
    assert view["community"] == view["1"] == view[""]
    assert view["county"] == view["2"] != view["1"]


def test_a_png_a_sheet() -> None:
    made = sheets(border_build(), "patrol", paper="A4", lang="en", format="png")  # type: ignore[arg-type]
    assert sorted(made) == ["fake-border-patrol-list-A4-en.png", "fake-border-patrol-state-A4-en.png"]
    assert all(body.startswith(b"\x89PNG") for body in made.values())


def test_what_the_book_reads_is_what_the_build_has() -> None:
    made = book(TOWN, "planner", "en")
    for id in ("grid-walk", "grid-staffing", "divisions", "unserved-areas"):
        rows, frame = made.layer(id), TOWN.frame(id)
        assert rows.keys == frame.iloc[:, 0].astype(str).tolist()
        for name in ("name", "people", "minutes"):
            if name in frame and name in rows.record["columns"]:
                told = [None if value is None else value for value in rows.values(name)]
                assert (
                    told == pytest.approx(frame[name].round(1).tolist())
                    if name != "name"
                    else frame[name].tolist()
                )
        assert all(one.equals(other) for one, other in zip(rows.shapes, frame.geometry, strict=True))


def test_words_of_sheets_are_in_no_page() -> None:
    page = content(TOWN, boards.board("planner"))["words"]  # type: ignore[arg-type]
    assert not [key for table in page.values() for key in table if key.startswith("sheet.")]
    assert {key for key in words.book("zh") if key.startswith("sheet.")} == {
        key for key in words.book("en") if key.startswith("sheet.")
    }
