"""Pages that need no network: everything a page declares is put into it, or the page is not made.

Folium and its plugins declare scripts and stylesheets by a name and an address in a foreign network. Our
:class:`Figure` looks only at the name: what is in :data:`MANIFEST` is put into the page from our own files, what
is in :data:`UNUSED` is left out, and a name that is in neither is an error, so that an upgrade of folium cannot
bring a foreign address back. A content security policy in the page says the same to the browser.
"""

from __future__ import annotations

import base64
import hashlib
import html
import re
from collections.abc import Mapping
from dataclasses import dataclass
from functools import cache
from importlib.resources import files
from types import MappingProxyType
from typing import Any, Literal

from branca import element

MANIFEST: Mapping[str, str] = MappingProxyType(
    {
        "leaflet": "leaflet.js",
        "leaflet_css": "leaflet.css",
        "gridwalk_css": "board.css",
        "gridwalk_data": "data.js",
        "gridwalk_words": "words.js",
        "gridwalk_dom": "dom.js",
        "gridwalk_state": "state.js",
        "gridwalk_ground": "ground.js",
        "gridwalk_drawing": "drawing.js",
        "gridwalk_symbols": "symbols.js",
        "gridwalk_card": "card.js",
        "gridwalk_legend": "legend.js",
        "gridwalk_search": "search.js",
        "gridwalk_lists": "lists.js",
        "gridwalk_panel": "panel.js",
        "gridwalk_printing": "printing.js",
        "gridwalk_app": "app.js",
        "gridwalk_planner_week": "week.js",
        "gridwalk_planner_finding": "finding.js",
        "gridwalk_planner": "planner.js",
        "gridwalk_patrol_css": "patrol.css",
        "gridwalk_patrol_signs": "signs.js",
        "gridwalk_patrol_chainage": "chainage.js",
        "gridwalk_patrol_work": "work.js",
        "gridwalk_patrol_finder": "finder.js",
        "gridwalk_patrol_gpx": "gpx.js",
        "gridwalk_patrol_stretch": "stretch.js",
        "gridwalk_patrol_paper": "paper.js",
        "gridwalk_patrol": "patrol.js",
    }
)
UNUSED = frozenset(
    {
        "jquery",
        "bootstrap",
        "bootstrap_css",
        "glyphicons_css",
        "awesome_markers",
        "awesome_markers_css",
        "awesome_markers_font_css",
        "awesome_rotate_css",
    }
)
MEDIA = {"js": "text/javascript", "css": "text/css"}
_NOT_OURS = re.compile(
    r"<script(?!>|\s+type=\"application/json\"|\s+id=\"[a-z-]+\"\s+type=\"application/json\")[^>]*>"
    r"|<(?:link|img|iframe|object|embed|audio|video|source|base)\b[^>]*?(?:href|src|data)\s*=\s*[\"']?+(?!data:)[^>]*>",
    re.IGNORECASE,
)
_LOADED = re.compile(r"url\((?!data:)[^)]*\)")
_SOURCE_MAP = re.compile(r"\n//# sourceMappingURL=\S*")
_SCRIPT = re.compile(r"<script>(.*?)</script>", re.DOTALL)


class NotOffline(Exception):
    """A page asks for something that is not among our own files."""


@dataclass(frozen=True, slots=True)
class Asset:
    """One file that a page needs.

    Parameters
    ----------
    name : str
        As pages declare it.
    file : str
        File name, also the last part of its address where it is served.
    media : str
        Media type.
    content : bytes
        Exactly as vendored or written.
    sha256 : str
        Of the content, hexadecimal; goes into the address so that browsers may keep the file for ever.
    """

    name: str
    file: str
    media: str
    content: bytes
    sha256: str


@cache
def assets() -> Mapping[str, Asset]:
    """Read every file of the manifest.

    Returns
    -------
    mapping of str to Asset
        By name, read-only. A missing file is a :class:`FileNotFoundError`.
    """
    folder = files("maps") / "assets"
    read = {}
    for name, file in MANIFEST.items():
        content = (folder / file).read_bytes()
        media = MEDIA[file.rpartition(".")[2]]
        read[name] = Asset(name, file, media, content, hashlib.sha256(content).hexdigest())
    return MappingProxyType(read)


class Raw(element.Element):  # type: ignore[misc]  # branca ships no types
    """Text that goes into a page as it is: never read as a template.

    Parameters
    ----------
    text : str
        HTML, CSS or JavaScript.
    """

    def __init__(self, text: str) -> None:
        super().__init__()
        self.text = text

    def render(self, **_kwargs: Any) -> str:
        """Give the text.

        Returns
        -------
        str
            As it was given.
        """
        return self.text


def inline(name: str, kind: Literal["js", "css"]) -> Raw | None:
    """Turn one declared name into the content of our own file.

    Parameters
    ----------
    name : str
        As folium, a plugin or a board declares it.
    kind : {"js", "css"}
        What it was declared as.

    Returns
    -------
    Raw or None
        The element with the content; None for what we leave out. An unknown name is :class:`NotOffline`.
    """
    if name in UNUSED:
        return None
    if name not in MANIFEST or assets()[name].media != MEDIA[kind]:
        raise NotOffline(f"no file for {kind} {name!r}; known: {', '.join(MANIFEST)}")
    text = assets()[name].content.decode()
    if kind == "css":
        # pictures of controls that our boards do not have; a stylesheet here may not load anything
        return Raw(f"<style>{_LOADED.sub('none', text)}</style>")
    text = _SOURCE_MAP.sub("", text)
    if "</script" in text.lower():
        raise NotOffline(f"{name!r} holds the end of a script")
    return Raw(f"<script>{text}</script>")


class Figure(element.Figure):  # type: ignore[misc]  # branca ships no types
    """A page in one file.

    Parameters
    ----------
    title : str
        Title of the page, plain text.
    lang : str
        Language of the page, as in HTML.
    """

    def __init__(self, title: str, lang: str) -> None:
        super().__init__(title=title)
        self.lang = lang

    def render(self, **kwargs: Any) -> str:
        """Make the page.

        Parameters
        ----------
        **kwargs : Any
            Handed on to the elements.

        Returns
        -------
        str
            HTML with every declared file inside. What is declared without being ours, by name or by a tag that
            an element wrote itself, is :class:`NotOffline`.
        """
        for child in self._children.values():
            child.render(**kwargs)
        head = "\n".join(part for part in map(self._part, self.header._children.items()) if part)
        body = "\n".join(child.render(**kwargs) for child in self.html._children.values())
        script = "\n".join(child.render(**kwargs) for child in self.script._children.values())
        page = f"{head}\n</head>\n<body>\n{body}\n<script>\n{script}\n</script>\n</body>\n</html>\n"
        if stray := _NOT_OURS.search(page):
            raise NotOffline(f"the page asks for something of its own: {stray.group()[:120]}")
        return (
            f'<!DOCTYPE html>\n<html lang="{html.escape(self.lang)}">\n<head>\n'
            f'<meta http-equiv="Content-Security-Policy" content="{policy(page)}">\n'
            f"<title>{html.escape(self.title)}</title>\n{page}"
        )

    def _part(self, item: tuple[str, Any]) -> str:
        name, child = item
        if isinstance(child, element.JavascriptLink):
            child = inline(name, "js")
        elif isinstance(child, element.CssLink):
            child = inline(name, "css")
        return str(child.render()) if child else ""


def policy(page: str) -> str:
    """Tell the browser what a page may do: run exactly its own scripts, and ask nobody for anything.

    Parameters
    ----------
    page : str
        HTML with its scripts inside.

    Returns
    -------
    str
        A content security policy.
    """
    sums = (hashlib.sha256(script.encode()).digest() for script in _SCRIPT.findall(page))
    scripts = " ".join(f"'sha256-{base64.b64encode(value).decode()}'" for value in sums)
    return (
        f"default-src 'none'; script-src {scripts}; style-src 'unsafe-inline'; img-src data:; "
        "base-uri 'none'; form-action 'none'"
    )
