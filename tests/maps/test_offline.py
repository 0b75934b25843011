"""Pages ask nobody for anything: names come from the manifest, unknown ones stop the page."""

from __future__ import annotations

import base64
import hashlib
import io
import json
import re
import tarfile
from pathlib import Path

import folium
import pytest
from branca.element import CssLink, JavascriptLink
from folium.plugins import MarkerCluster

from maps import offline, vendor
from maps.offline import Figure, NotOffline, Raw, assets

ASSETS = Path(offline.__file__).parent / "assets"


def stock(figure: Figure) -> folium.Map:
    ground = folium.Map(location=[41, 112], tiles=None)
    figure.add_child(ground)
    return ground


def test_a_stock_folium_map_becomes_one_file() -> None:
    figure = Figure("map", "en")
    stock(figure)
    page = figure.render()
    assert "L.map(" in page
    assert offline.assets()["leaflet"].content.decode()[:2000] in page
    assert not re.search(r"<(script|link)[^>]+(src|href)=", page)
    assert "bootstrap" not in page.replace(offline.assets()["leaflet"].content.decode(), "")


def test_a_plugin_that_is_not_vendored_stops_the_page() -> None:
    figure = Figure("map", "en")
    MarkerCluster().add_to(stock(figure))
    with pytest.raises(NotOffline, match="no file for js 'markerclusterjs'"):
        figure.render()


@pytest.mark.parametrize(
    "link", [JavascriptLink("https://elsewhere.example/x.js"), CssLink("https://elsewhere.example/x.css")]
)
def test_a_link_by_hand_stops_the_page(link: object) -> None:
    figure = Figure("map", "en")
    figure.header.add_child(link, name="elsewhere")
    with pytest.raises(NotOffline, match="elsewhere"):
        figure.render()


def test_a_script_declared_as_a_stylesheet_stops_the_page() -> None:
    with pytest.raises(NotOffline):
        offline.taken("leaflet", "css")


@pytest.mark.parametrize(
    "tag",
    [
        '<script src="https://elsewhere.example/x.js"></script>',
        "<script async src=//elsewhere.example/x.js></script>",
        '<link rel="stylesheet" href="//elsewhere.example/x.css">',
        "<img src='https://elsewhere.example/x.png'>",
        '<IFRAME SRC="https://elsewhere.example">',
        '<base href="https://elsewhere.example/">',
    ],
)
def test_a_tag_that_a_template_wrote_itself_stops_the_page(tag: str) -> None:
    figure = Figure("map", "en")
    figure.html.add_child(Raw(tag))
    with pytest.raises(NotOffline, match="something of its own"):
        figure.render()


def test_pictures_within_the_page_are_welcome() -> None:
    figure = Figure("map", "en")
    figure.html.add_child(Raw('<img src="data:image/png;base64,AAAA">'))
    assert "data:image/png" in figure.render()


def test_nothing_is_kept_for_the_next_page() -> None:
    before = list(folium.Map.default_js), list(folium.Map.default_css)
    figure = Figure("map", "en")
    stock(figure)
    first = figure.render()
    assert figure.render() == first
    assert (list(folium.Map.default_js), list(folium.Map.default_css)) == before
    assert "https://cdn.jsdelivr.net" in folium.Map(tiles=None).get_root().render()  # a stock map is as it was


def test_the_policy_lets_exactly_our_own_scripts_run() -> None:
    figure = Figure("</title><script>alert(1)</script>", "en")
    stock(figure)
    page = figure.render()
    assert "<title>&lt;/title&gt;" in page
    policy = re.search(r'Content-Security-Policy" content="([^"]+)"', page)
    assert policy
    assert "default-src 'none'" in policy[1]
    assert "unsafe-inline'; img-src" in policy[1]  # styles only
    for script in re.findall(r"<script>(.*?)</script>", page, re.DOTALL):
        assert base64.b64encode(hashlib.sha256(script.encode()).digest()).decode() in policy[1]


def test_a_stylesheet_loads_nothing() -> None:
    style = offline.taken("leaflet_css", "css")
    assert style
    assert "url(" not in style.render()
    assert "url(images/layers.png)" in offline.assets()["leaflet_css"].content.decode()  # kept as vendored


def test_every_asset_is_named_and_hashed() -> None:
    for name, asset in offline.assets().items():
        assert asset.name == name
        assert asset.content == (ASSETS / asset.file).read_bytes()
    ours = {file.name for file in ASSETS.iterdir() if file.suffix in {".js", ".css"}}
    assert ours == {asset.file for asset in offline.assets().values()}


def test_vendored_files_are_those_of_the_lock() -> None:
    rows = json.loads(vendor.LOCK.read_text())
    single = {file for package in vendor.PACKAGES for file in package.files.values()}
    assert {row["file"] for row in rows} == single | {
        file for one in vendor.BUNDLES for file in (one.file, one.licences)
    }
    for row in rows:
        assert row["sha256"] == hashlib.sha256((ASSETS / row["file"]).read_bytes()).hexdigest(), row["file"]
        assert row["licence"]
    assert "BSD" in (ASSETS / "leaflet.LICENSE.txt").read_text()


def test_vendoring_takes_only_what_is_named() -> None:
    package = vendor.Package("x", "1.0.0", "MIT", {"dist/x.js": "x.js"})
    buffer = io.BytesIO()
    with tarfile.open(fileobj=buffer, mode="w:gz") as tar:
        for path, content in (("package/dist/x.js", b"var x;"), ("package/install.js", b"harm")):
            entry = tarfile.TarInfo(path)
            entry.size = len(content)
            tar.addfile(entry, io.BytesIO(content))
    made = vendor.pick(package, buffer.getvalue())
    assert made == {"x.js": b"var x;"}
    assert json.loads(vendor.lock([(package, made)]))[0]["sha256"] == hashlib.sha256(b"var x;").hexdigest()
    with pytest.raises(KeyError):
        vendor.pick(vendor.Package("x", "1.0.0", "MIT", {"dist/y.js": "y.js"}), buffer.getvalue())


def test_our_own_scripts_set_text_and_ask_nobody() -> None:
    banned = re.compile(
        r"innerHTML|outerHTML|insertAdjacentHTML|document\.write|\beval\(|new Function|fetch\(|XMLHttpRequest|import\(|https?://(?!www\.w3\.org/2000/svg|www\.topografix\.com/GPX/1/1)"
    )
    for asset in offline.assets().values():
        if asset.name.startswith("gridwalk_") and asset.part != offline.SERVED_ONLY:
            assert not banned.search(asset.content.decode()), (asset.file, banned.search(asset.content.decode()))


def test_scripts_are_sent_without_what_is_only_for_their_readers() -> None:
    ours = {
        name: asset
        for name, asset in assets().items()
        if name.startswith("gridwalk") and asset.file.endswith(".js")
    }
    for asset in ours.values():
        lines = asset.sent.decode().splitlines()
        assert not [line for line in lines if line.startswith((" ", "//", "/**"))]
        kept = [line.strip() for line in asset.content.decode().splitlines()]
        assert set(lines) <= set(kept)
        assert len(asset.sent) < len(asset.content)
    assert b"@preserve" in assets()["leaflet"].sent  # a licence stays
