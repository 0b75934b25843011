"""Pages that need no foreign network: everything a page declares is one of our own files, or the page is not made.

Folium and its plugins declare scripts and stylesheets by a name and an address in a foreign network. Our
:class:`Figure` looks only at the name: what is in :data:`PARTS` is put into the page from our own files (or, in a
served page, its whole part is linked where our own server has it), what is in :data:`UNUSED` is left out, and a
name that is in neither is an error, so that an upgrade of folium cannot bring a foreign address back. A content
security policy in the page says the same to the browser.
"""

from __future__ import annotations

import base64
import hashlib
import html
import re
from collections.abc import Mapping
from dataclasses import dataclass
from functools import cache, cached_property
from importlib.resources import files
from types import MappingProxyType
from typing import Any, Literal

from branca import element

PARTS: Mapping[str, Mapping[str, str]] = MappingProxyType(
    {
        "common": {
            "leaflet": "leaflet.js",
            "leaflet_css": "leaflet.css",
            "gridwalk_css": "board.css",
            "gridwalk_data": "data.js",
            "gridwalk_words": "words.js",
            "gridwalk_dom": "dom.js",
            "gridwalk_state": "state.js",
            "gridwalk_ground": "ground.js",
            "gridwalk_drawing": "drawing.js",
            "gridwalk_areas": "areas.js",
            "gridwalk_symbols": "symbols.js",
            "gridwalk_card": "card.js",
            "gridwalk_legend": "legend.js",
            "gridwalk_search": "search.js",
            "gridwalk_geojson": "geojson.js",
            "gridwalk_lists": "lists.js",
            "gridwalk_panel": "panel.js",
            "gridwalk_printing": "printing.js",
            "gridwalk_app": "app.js",
        },
        "served": {  # not in one file: they fetch
            "vector_tile": "vector-tile.js",
            "gridwalk_tiles": "tiles.js",
            "gridwalk_background": "background.js",
        },
        "planner": {
            "gridwalk_planner_week": "week.js",
            "gridwalk_planner_finding": "finding.js",
            "gridwalk_planner": "planner.js",
        },
        "planner_changes": {
            "gridwalk_planner_changes_css": "changes.css",
            "gridwalk_planner_changes": "changes.js",
        },
        "problems": {
            "gridwalk_problems_css": "problems.css",
            "gridwalk_problems_rows": "problems_rows.js",
            "gridwalk_problems_map": "problems_map.js",
            "gridwalk_problems_card": "problems_card.js",
            "gridwalk_problems_files": "problems_files.js",
            "gridwalk_problems_list": "problems_list.js",
            "gridwalk_problems_sketch": "problems_sketch.js",
            "gridwalk_problems_paper": "problems_paper.js",
            "gridwalk_problems": "problems.js",
        },
        "patrol": {
            "gridwalk_patrol_css": "patrol.css",
            "gridwalk_patrol_signs": "signs.js",
            "gridwalk_patrol_chainage": "chainage.js",
            "gridwalk_patrol_work": "work.js",
            "gridwalk_patrol_holder": "holder.js",
            "gridwalk_patrol_finder": "finder.js",
            "gridwalk_patrol_gpx": "gpx.js",
            "gridwalk_patrol_field": "field.js",
            "gridwalk_patrol_stretch": "stretch.js",
            "gridwalk_patrol_paper": "paper.js",
            "gridwalk_patrol": "patrol.js",
        },
    }
)
SERVED_ONLY = "served"
STATIC = "../../static/"  # from a served board; relative, so that it works behind any prefix
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
Kind = Literal["js", "css"]
Form = Literal["file", "served"]
FORMS: tuple[Form, ...] = ("file", "served")
MEDIA: Mapping[Kind, str] = {"js": "text/javascript", "css": "text/css"}
_NOT_OURS = re.compile(
    r"<script(?!>|\s+type=\"application/json\"|\s+id=\"[a-z-]+\"\s+type=\"application/json\")[^>]*>"
    r"|<(?:link|img|iframe|object|embed|audio|video|source|base)\b[^>]*?(?:href|src|data)\s*=\s*[\"']?+(?!data:)[^>]*>",
    re.IGNORECASE,
)
_LOADED = re.compile(r"url\((?!data:)[^)]*\)")
_ASIDES = re.compile(
    r"^[ \t]*(?:/\*\*[^*](?:[^*]|\*(?!/))*\*/[ \t]*\n|//.*\n)|^[ \t]+", re.MULTILINE
)  # for who reads the code
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
    part : str
        Which of :data:`PARTS` it belongs to.
    file : str
        File name.
    kind : {"js", "css"}
        What it is.
    content : bytes
        Exactly as vendored or written.
    sent : bytes
        What a browser gets: style sheets load nothing, scripts have no asides.
    """

    name: str
    part: str
    file: str
    kind: Kind
    content: bytes
    sent: bytes


@cache
def assets() -> Mapping[str, Asset]:
    """Read every file of the parts.

    Returns
    -------
    mapping of str to Asset
        By name, read-only. A missing file is a :class:`FileNotFoundError`.
    """
    folder = files("maps") / "assets"
    return MappingProxyType(
        {
            name: _asset(name, part, file, (folder / file).read_bytes())
            for part, named in PARTS.items()
            for name, file in named.items()
        }
    )


def _asset(name: str, part: str, file: str, content: bytes) -> Asset:
    asides = _ASIDES if name.startswith("gridwalk_") else _SOURCE_MAP
    kind: Kind = "css" if file.endswith(".css") else "js"
    # pictures of controls that our boards do not have; a stylesheet here may not load anything
    sent = _LOADED.sub("none", content.decode()) if kind == "css" else asides.sub("", content.decode())
    return Asset(name, part, file, kind, content, sent.encode())


@dataclass(frozen=True)
class Bundle:
    """The scripts, or the style sheets, of one part as a served page gets them: one request instead of twenty.

    Parameters
    ----------
    file : str
        Last part of its address.
    kind : {"js", "css"}
        What it is.
    sent : bytes
        Its assets one after another.
    """

    file: str
    kind: Kind
    sent: bytes

    @cached_property
    def tag(self) -> str:
        """Part of the address that changes with the content, so that browsers may keep the file for ever."""
        return hashlib.sha256(self.sent).hexdigest()[:8]

    @property
    def link(self) -> str:
        """What loads it into a served board."""
        address = f"{STATIC}{self.file}?v={self.tag}"
        if self.kind == "js":
            return f'<script src="{address}"></script>'
        return f'<link rel="stylesheet" href="{address}">'


@cache
def bundles() -> Mapping[str, Bundle]:
    """Put the assets of each part together.

    Returns
    -------
    mapping of str to Bundle
        By file name, ``<part>.js`` and ``<part>.css``, read-only.
    """
    gathered: dict[tuple[str, Kind], list[bytes]] = {}
    for asset in assets().values():
        gathered.setdefault((asset.part, asset.kind), []).append(asset.sent)
    between: Mapping[Kind, bytes] = {"js": b"\n;\n", "css": b"\n"}  # a script may end without its semicolon
    made = (Bundle(f"{part}.{kind}", kind, between[kind].join(sent)) for (part, kind), sent in gathered.items())
    return MappingProxyType({bundle.file: bundle for bundle in made})


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


def taken(name: str, kind: Kind, form: Form = "file") -> Raw | None:
    """Turn one declared name into our own file.

    Parameters
    ----------
    name : str
        As folium, a plugin or a board declares it.
    kind : {"js", "css"}
        What it was declared as.
    form : {"file", "served"}
        Whether the page holds the content or says where our own server has it, with the rest of its part.

    Returns
    -------
    Raw or None
        The element; None for what we leave out. An unknown name is :class:`NotOffline`, and so is one in a page of
        one file that works only where it is served.
    """
    if name in UNUSED:
        return None
    asset = assets().get(name)
    if asset is None or asset.kind != kind:
        raise NotOffline(f"no file for {kind} {name!r}; known: {', '.join(assets())}")
    if form == "served":
        return Raw(bundles()[f"{asset.part}.{kind}"].link)
    if asset.part == SERVED_ONLY:
        raise NotOffline(f"{name!r} works only where it is served")
    text = asset.sent.decode()
    if kind == "css":
        return Raw(f"<style>{text}</style>")
    if "</script" in text.lower():
        raise NotOffline(f"{name!r} holds the end of a script")
    return Raw(f"<script>{text}</script>")


class Figure(element.Figure):  # type: ignore[misc]  # branca ships no types
    """A page in one file, or one whose scripts and style sheets our own server has.

    Parameters
    ----------
    title : str
        Title of the page, plain text.
    lang : str
        Language of the page, as in HTML.
    form : {"file", "served"}
        Which of the two; scripts read it from the body's ``data-form``.
    """

    def __init__(self, title: str, lang: str, form: Form = "file") -> None:
        super().__init__(title=title)
        self.lang = lang
        self.form: Form = form

    def render(self, **kwargs: Any) -> str:
        """Make the page.

        Parameters
        ----------
        **kwargs : Any
            Handed on to the elements.

        Returns
        -------
        str
            HTML with every declared file inside, or linked. What is declared without being ours, by name or by a
            tag that an element wrote itself, is :class:`NotOffline`.
        """
        for child in self._children.values():
            child.render(**kwargs)
        parts = filter(None, map(self._part, self.header._children.items()))
        head = "\n".join(dict.fromkeys(parts))  # files of one bundle are linked once
        body = "\n".join(child.render(**kwargs) for child in self.html._children.values())
        script = "\n".join(child.render(**kwargs) for child in self.script._children.values())
        opened = f'{head}\n</head>\n<body data-form="{self.form}">'
        page = f"{opened}\n{body}\n<script>\n{script}\n</script>\n</body>\n</html>\n"
        if stray := _NOT_OURS.search(page if self.form == "file" else _own_links().sub("", page)):
            raise NotOffline(f"the page asks for something of its own: {stray.group()[:120]}")
        return (
            f'<!DOCTYPE html>\n<html lang="{html.escape(self.lang)}">\n<head>\n'
            f'<meta http-equiv="Content-Security-Policy" content="{policy(page, self.form)}">\n'
            f"<title>{html.escape(self.title)}</title>\n{page}"
        )

    def _part(self, item: tuple[str, Any]) -> str:
        name, child = item
        if isinstance(child, element.JavascriptLink):
            child = taken(name, "js", self.form)
        elif isinstance(child, element.CssLink):
            child = taken(name, "css", self.form)
        return str(child.render()) if child else ""


@cache
def _own_links() -> re.Pattern[str]:
    """Exactly the tags that :func:`taken` writes into a served page."""
    return re.compile("|".join(re.escape(bundle.link) for bundle in bundles().values()))


def policy(page: str, form: Form = "file") -> str:
    """Tell the browser what a page may do: run exactly its own scripts, and in one file ask nobody for anything.

    Parameters
    ----------
    page : str
        HTML with its scripts inside.
    form : {"file", "served"}
        Of a served page the server's own header says whom it may ask for pictures and data; a browser keeps to
        both.

    Returns
    -------
    str
        A content security policy.
    """
    sums = (hashlib.sha256(script.encode()).digest() for script in _SCRIPT.findall(page))
    scripts = " ".join(f"'sha256-{base64.b64encode(value).decode()}'" for value in sums)
    common = "base-uri 'none'; form-action 'none'"
    if form == "served":
        return f"script-src 'self' {scripts}; style-src 'self' 'unsafe-inline'; object-src 'none'; {common}"
    return f"default-src 'none'; script-src {scripts}; style-src 'unsafe-inline'; img-src data:; {common}"
