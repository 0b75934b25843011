"""Backgrounds in a workspace's manifest: what may be written, and that what is wrong is named all at once."""

from __future__ import annotations

from pathlib import Path

import pytest

from geo.background import Background, faults_of
from geo.errors import DataFault, Fault
from geo.sections import Words
from geo.workspace import open_workspace

HEAD = 'schema = 1\nid = "w"\ntitle = { zh = "区", en = "District" }\n'
TITLE = 'title = { zh = "图", en = "Map" }\n'
TILES = "https://tiles.example.org/{z}/{x}/{y}.png"


def entry(**more: object) -> Background:
    return Background.model_validate({"title": {"zh": "图", "en": "Map"}, **more})


def written(folder: Path, text: str) -> dict[str, Fault]:
    (folder / "workspace.toml").write_text(HEAD + text, encoding="utf-8")
    with pytest.raises(DataFault) as caught:
        open_workspace(folder)
    return {str(fault.column): fault for fault in caught.value.faults}


def test_backgrounds_keep_the_order_of_the_manifest(tmp_path: Path) -> None:
    (tmp_path / "town.mbtiles").write_bytes(b"")
    text = (
        f'[[background]]\n{TITLE}url = "{TILES}"\n[[background]]\n{TITLE}file = "town.mbtiles"\ndatum = "gcj02"\n'
    )
    (tmp_path / "workspace.toml").write_text(HEAD + text, encoding="utf-8")
    one, two = open_workspace(tmp_path).backgrounds
    assert (one.url, one.file, one.datum, one.title) == (TILES, "", "wgs84", Words(zh="图", en="Map"))
    assert (two.url, two.file, two.datum) == ("", "town.mbtiles", "gcj02")
    assert one.origins() == ("https://tiles.example.org",)
    assert two.origins() == ()


def test_a_single_background_needs_no_second_bracket(tmp_path: Path) -> None:
    (tmp_path / "workspace.toml").write_text(f'{HEAD}[background]\n{TITLE}url = "{TILES}"\n', encoding="utf-8")
    assert [one.url for one in open_workspace(tmp_path).backgrounds] == [TILES]


def test_everything_wrong_is_named_at_once(tmp_path: Path) -> None:
    (tmp_path / "plan.pdf").write_bytes(b"")
    found = written(
        tmp_path,
        f'[[background]]\n{TITLE}url = "{TILES}"\nfile = "gone.pmtiles"\n'
        f"[[background]]\n{TITLE}\n"
        f'[[background]]\n{TITLE}file = "plan.pdf"\nmin_zoom = 9\nmax_zoom = 8\n'
        f'[[background]]\n{TITLE}url = "ftp://example.org/{{z}}/{{x}}/{{y}}"\n'
        f'[[background]]\n{TITLE}url = "https://example.org/tiles.png"\n'
        '[tables.grids]\nfile = "gone.csv"\n',
    )
    assert {key: fault.code for key, fault in found.items()} == {
        "background.1.file": "no_file",
        "background.1.url": "background_source",
        "background.2.url": "background_source",
        "background.3.file": "background_file",
        "background.3.min_zoom": "background_zooms",
        "background.4.url": "background_address",
        "background.5.url": "background_places",
        "tables.grids.file": "no_file",
    }
    for fault in found.values():
        assert fault.file == "workspace.toml"
        for lang in ("zh", "en"):
            assert fault.problem(lang)
            assert fault.remedy(lang)


def test_types_and_keys_are_checked_where_they_stand(tmp_path: Path) -> None:
    found = written(
        tmp_path,
        '[[background]]\ntitle = { zh = "图" }\nurl = 5\n'
        f'[[background]]\n{TITLE}url = "{TILES}"\ndatum = "bd09"\n'
        'max_zoom = 40\nkey = "x"\nsubdomains = ["a.b"]\n',
    )
    assert {key: fault.code for key, fault in found.items()} == {
        "background.1.title.en": "missing_key",
        "background.1.url": "bad_key",
        "background.2.datum": "bad_key",
        "background.2.max_zoom": "bad_key",
        "background.2.key": "unknown_key",
        "background.2.subdomains.1": "bad_key",
    }


@pytest.mark.parametrize("name", ["../secret.mbtiles", "/etc/passwd.mbtiles", "link.mbtiles", "folder/x.pmtiles"])
def test_no_file_outside_of_the_workspace_is_reached(tmp_path: Path, name: str) -> None:
    inside = tmp_path / "w"
    inside.mkdir()
    (tmp_path / "secret.mbtiles").write_text("x")
    (inside / "link.mbtiles").symlink_to(tmp_path / "secret.mbtiles")
    (inside / "folder").symlink_to(tmp_path)
    found = written(inside, f'[[background]]\n{TITLE}file = "{name}"\n')
    assert found["background.1.file"].code == "outside_workspace"


@pytest.mark.parametrize(
    "url",
    [
        TILES,
        "https://{s}.example.org:8443/a/{z}/{x}/{-y}.png?style=winter&tk=0123abcd",
        "https://tiles{s}.example.org/wmts?TILEMATRIX={z}&TILEROW={y}&TILECOL={x}",
        "http://localhost:8080/{z}/{x}/{y}.png",
        "http://127.0.0.1:8080/{z}/{x}/{y}.png",
        "http://10.20.30.40/{z}/{x}/{y}.png",
    ],
)
def test_addresses_that_pages_may_ask(url: str) -> None:
    assert list(faults_of(entry(url=url))) == []


@pytest.mark.parametrize(
    "url",
    [
        "http://tiles.example.org/{z}/{x}/{y}.png",  # not private: others could exchange the pictures
        "https://user:secret@example.org/{z}/{x}/{y}.png",
        "https://example.org; script-src */{z}/{x}/{y}.png",  # would end the policy's directive
        "https://*/{z}/{x}/{y}.png",
        "https://'unsafe-eval'/{z}/{x}/{y}.png",
        "https://例子.cn/{z}/{x}/{y}.png",
        'https://example.org/{z}/{x}/{y}.png"onload=alert(1)',
        "https://example.org/{z}/{x}/{y}.png\n",
        "https://[::1]/{z}/{x}/{y}.png",
        "https:///{z}/{x}/{y}.png",
        "javascript:alert(1)//{z}/{x}/{y}",
        "data:image/png;base64,{z}{x}{y}",
    ],
)
def test_addresses_that_pages_may_not_ask(url: str) -> None:
    assert [key for key, _ in faults_of(entry(url=url))] == ["url"]


@pytest.mark.parametrize(
    "path",
    ["", "{z}/{x}", "{z}/{y}", "{x}/{y}", "{z}/{x}/{y}/{-y}", "{z}/{x}/{y}/{q}", "{z}/{x}/{y}/{s}", "{z}/{x}/{}"],
)
def test_places_of_an_address_are_exactly_those_of_a_tile(path: str) -> None:
    assert list(faults_of(entry(url=f"https://example.org/{path}"))) == [("url", "background_places")]


def test_an_address_needs_a_host() -> None:
    assert list(faults_of(entry(url="https://{s}/{z}/{x}/{y}", subdomains=[]))) == [("url", "background_address")]


def test_a_host_does_not_follow_the_reader() -> None:
    assert list(faults_of(entry(url="https://{x}.example.org/{z}/{x}/{y}"))) == [("url", "background_places")]


def test_a_fault_does_not_repeat_an_address_that_may_hold_a_key(tmp_path: Path) -> None:
    found = written(tmp_path, f'[[background]]\n{TITLE}url = "ftp://e.org/{{z}}/{{x}}/{{y}}?tk=SECRET"\n')
    assert "SECRET" not in str(found["background.1.url"].record())
