"""One board as HTML, in one file or served: the data as JSON, the frame by folium, the rest from our own files."""

from __future__ import annotations

import re
from collections.abc import Mapping
from importlib.resources import files
from typing import TYPE_CHECKING, Any

import folium
import orjson
from branca.element import MacroElement
from folium.elements import JSCSSMixin
from folium.template import Template

from maps import words
from maps.boards import board
from maps.content import content
from maps.large import in_form
from maps.offline import FORMS, SERVED_ONLY, Figure, Form, Kind, Raw, assets

if TYPE_CHECKING:
    from geo.service import Build

Bounds = tuple[float, float, float, float]


def _ours(kind: Kind, data: Mapping[str, Any], form: Form) -> list[tuple[str, str]]:
    """Our own files, by the parts that this board has in this form."""
    parts = ["common", data["board"]]
    parts += [SERVED_ONLY] if form == "served" else []
    parts += [f"{data['board']}_changes"] if data.get("changes") else []
    return [(one.name, one.file) for one in assets().values() if one.part in parts and one.kind == kind]


class Map(folium.Map):  # type: ignore[misc]  # folium ships no types
    """A folium map that finds its place in our page and has the same name each time it is made.

    Parameters
    ----------
    bounds : tuple of float
        West, south, east, north, degrees.
    """

    _template = Template(
        """
        {% macro header(this, kwargs) %}
        <meta name="viewport" content="width=device-width, initial-scale=1">
        <link rel="icon" href="data:,">
        {% endmacro %}
        {% macro html(this, kwargs) %}{% endmacro %}
        {% macro script(this, kwargs) %}
        var {{ this.get_name() }} = L.map({{ this.get_name()|tojson }},
          {center: {{ this.location|tojson }}, ...{{ this.options|tojavascript }},
           ...(matchMedia("(prefers-reduced-motion: reduce)").matches && {zoomAnimation: false, inertia: false})});
        {% endmacro %}
        """
    )

    def __init__(self, bounds: Bounds) -> None:
        west, south, east, north = bounds
        super().__init__(
            location=[(south + north) / 2, (west + east) / 2],
            tiles=None,
            zoom_start=8,
            zoom_control=False,
            attribution_control=False,
            zoom_snap=0.1,
            zoom_delta=0.5,
            min_zoom=3,
            max_zoom=18,
        )
        self._id = "board"


class Contents(JSCSSMixin, MacroElement):  # type: ignore[misc]  # folium ships no types
    """What fills the page: the body, its data, and the call that brings it to life.

    Parameters
    ----------
    body : str
        HTML of ours.
    data : dict
        Of the board; nothing in it is ever read as a template or as HTML.
    form : {"file", "served"}
        Which files the page may have.
    """

    def __init__(self, body: str, data: Mapping[str, Any], form: Form) -> None:
        super().__init__()
        self._id = "contents"
        self.default_js = _ours("js", data, form)
        self.default_css = _ours("css", data, form)
        self.body = body
        self.data = data

    def render(self, **kwargs: Any) -> None:
        """Put everything where it belongs.

        Parameters
        ----------
        **kwargs : Any
            Handed on.
        """
        super().render(**kwargs)
        page = self.get_root()
        page.html.add_child(Raw(self.body), name="body")
        page.html.add_child(Raw(embedded("board-data", self.data)), name="data")
        page.script.add_child(Raw(f"gridwalk.start({self._parent.get_name()});"), name="start")


def embedded(id: str, data: Any) -> str:
    """Write data into a page so that neither HTML nor a template can see anything in it but text.

    Parameters
    ----------
    id : str
        Of the element.
    data : Any
        What JSON can hold.

    Returns
    -------
    str
        A ``<script type="application/json">``; ``<`` and a ``{`` before ``{ % #`` are written as escapes, which
        JSON reads back as the same characters.

    Examples
    --------
    >>> embedded("x", "</script>{{7*7}}")
    '<script id="x" type="application/json">"\\\\u003c/script>\\\\u007b{7*7}}"</script>'
    """
    text = orjson.dumps(data).decode().replace("<", "\\u003c")
    text = re.sub(r"\{(?=[{%#])", r"\\u007b", text)
    return f'<script id="{id}" type="application/json">{text}</script>'


def render(build: Build, board_id: str, *, form: Form = "file", against: Build | None = None) -> str:
    """Make a board.

    Parameters
    ----------
    build : Build
        A finished build.
    board_id : str
        One of :func:`maps.boards.available`.
    form : {"file", "served"}
        A page in one file that needs nothing else, or one that has scripts and large layers from the server.
    against : Build or None
        An earlier build that it is compared with; None = with none.

    Returns
    -------
    str
        HTML. The same builds give the same bytes.
    """
    return written(content(build, board(board_id), against), form)


def both_forms(build: Build, board_id: str, *, against: Build | None = None) -> dict[Form, str]:
    """Make a board in both forms; what it says is gathered once.

    Parameters
    ----------
    build, board_id, against
        As in :func:`render`.

    Returns
    -------
    dict of str to str
        HTML by form.
    """
    data = content(build, board(board_id), against)
    return {form: written(data, form) for form in FORMS}


def written(data: Mapping[str, Any], form: Form) -> str:
    """Write a page around what a board says.

    Parameters
    ----------
    data : mapping
        As :func:`maps.content.content` gathers it.
    form : {"file", "served"}
        As in :func:`render`.

    Returns
    -------
    str
        HTML.
    """
    data = in_form(data, form, words.title("large.only_served").record())
    title, about = data["title"], data["board_title"]
    body = (files("maps") / "assets" / f"{data['board']}.html").read_text(encoding="utf-8")
    figure = Figure(f"{title['zh']} · {about['zh']} | {title['en']} · {about['en']}", "zh-CN", form)
    ground = Map(data["bounds"])
    ground.add_child(Contents(body, data, form))
    figure.add_child(ground)
    return figure.render()
