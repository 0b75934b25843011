"""One board as one HTML file: the data as JSON, the frame by folium, everything else from our own files."""

from __future__ import annotations

import re
from importlib.resources import files
from typing import TYPE_CHECKING, Any

import folium
import orjson
from branca.element import MacroElement
from folium.elements import JSCSSMixin
from folium.template import Template

from maps.boards import BOARDS, board
from maps.content import content
from maps.offline import MANIFEST, Figure, Raw

if TYPE_CHECKING:
    from geo.service import Build

Bounds = tuple[float, float, float, float]


def _ours(ending: str, board_id: str) -> list[tuple[str, str]]:
    """Our own files; one whose name begins with that of a board is for that board alone."""
    others = tuple(f"gridwalk_{one.id}" for one in BOARDS if one.id != board_id)
    ours = (item for item in MANIFEST.items() if item[0].startswith("gridwalk_") and item[1].endswith(ending))
    return [item for item in ours if not item[0].startswith(others)]


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
          {center: {{ this.location|tojson }}, ...{{ this.options|tojavascript }}});
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
    """

    def __init__(self, body: str, data: dict[str, Any]) -> None:
        super().__init__()
        self._id = "contents"
        self.default_js = _ours(".js", data["board"])
        self.default_css = _ours(".css", data["board"])
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


def render(build: Build, board_id: str) -> str:
    """Make a board as one file that needs nothing else.

    Parameters
    ----------
    build : Build
        A finished build.
    board_id : str
        One of :func:`maps.boards.available`.

    Returns
    -------
    str
        HTML. The same build gives the same bytes.
    """
    one = board(board_id)
    data = content(build, one)
    title = build.workspace.title
    body = (files("maps") / "assets" / f"{one.id}.html").read_text(encoding="utf-8")
    figure = Figure(f"{title.zh} · {one.title.zh} | {title.en} · {one.title.en}", "zh-CN")
    ground = Map(data["bounds"])
    ground.add_child(Contents(body, data))
    figure.add_child(ground)
    return figure.render()
