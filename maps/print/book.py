"""What a board says, read back from its content: the same rows, classes, tones and words as on the screen."""

from __future__ import annotations

import math
from collections.abc import Mapping, Sequence
from datetime import datetime
from typing import TYPE_CHECKING, Any
from zoneinfo import ZoneInfo

from geo.report import show_share
from geo.words import Lang
from maps.print.rows import Rows

if TYPE_CHECKING:
    from geo.service import Build

REFERRED = {"grids": ("grids", "divisions"), "divisions": ("divisions", "grids")}  # each may be the other's parent
POSTS = {"refers": "posts"}  # as a field of ids of posts says it
MARKER = "marker"  # kind of what is told by a number
SHOWN = 4  # of a list in a cell


class Book:
    """A board in one language.

    Parameters
    ----------
    content : mapping
        As of :func:`maps.content.content`.
    build : Build
        Of which it was made.
    words : mapping of str to str
        Every word of the language.
    lang : {"zh", "en"}
        The language.
    """

    def __init__(self, content: Mapping[str, Any], build: Build, words: Mapping[str, str], lang: Lang) -> None:
        self.content = content
        self._build = build
        self.words = words
        self.lang = lang
        self._layers: dict[str, Rows] = {}

    def layer(self, id: str) -> Rows:
        """Open a layer.

        Parameters
        ----------
        id : str
            Layer id, one of the board's.

        Returns
        -------
        Rows
            Its rows.
        """
        if id not in self._layers:
            self._layers[id] = Rows(id, self.content["layers"][id], self._build, self.layer)
        return self._layers[id]

    def headline(self) -> list[tuple[Mapping[str, Any], Mapping[str, Any] | None]]:
        """List the main figures.

        Returns
        -------
        list of (mapping, mapping or None)
            Each with the figure that stands beside it; those that the build does not have are passed over.
        """
        known = {one["id"]: one for one in self.content["figures"]}
        named = self.content["headline"]
        return [(known[one["figure"]], known.get(one["beside"])) for one in named if one["figure"] in known]

    def there(self, id: str) -> bool:
        """Say whether the board has rows of a layer.

        Parameters
        ----------
        id : str
            Layer id.

        Returns
        -------
        bool
            False = it has none.
        """
        return id in self.content["layers"] and self.content["layers"][id]["rows"] > 0

    def say(self, key: str, **values: object) -> str:
        """Say one text.

        Parameters
        ----------
        key : str
            Key of the word; an unknown one is a :class:`KeyError`.
        **values : object
            What its placeholders stand for.

        Returns
        -------
        str
            In the language of the board.
        """
        text = self.words[key]
        for name, value in values.items():
            text = text.replace("{" + name + "}", str(value))
        return text

    def title(self, both: Mapping[str, str] | None) -> str:
        """Choose from a text in both languages.

        Parameters
        ----------
        both : mapping or None
            By language.

        Returns
        -------
        str
            The other language's where this one has none; nothing for None.
        """
        if not both:
            return ""
        return both.get(self.lang) or both["en" if self.lang == "zh" else "zh"] or ""

    def number(self, value: float | None, digits: int = 1) -> str:
        """Write a number.

        Parameters
        ----------
        value : float or None
            Missing and infinite ones are words.
        digits : int
            Decimals at most.

        Returns
        -------
        str
            Thousands separated, without zeros at the end.
        """
        if value is None:
            return self.say("value.missing")
        if not math.isfinite(value):
            return self.say("value.unreached")
        text = f"{value:,.{digits}f}"
        return text.rstrip("0").rstrip(".") if "." in text else text

    def day(self, text: str) -> str:
        """Write a date.

        Parameters
        ----------
        text : str
            A date, or a moment in UTC.

        Returns
        -------
        str
            The day there, with its year.
        """
        date = self.moment(text)
        month = date.strftime("%b") if self.lang == "en" else ""
        return (
            f"{date.day} {month} {date.year}" if self.lang == "en" else f"{date.year}年{date.month}月{date.day}日"
        )

    def moment(self, text: str) -> datetime:
        """Read a date or a moment.

        Parameters
        ----------
        text : str
            As in the content.

        Returns
        -------
        datetime
            In the workspace's time zone; a date as it is.
        """
        if "T" not in text:
            return datetime.fromisoformat(text)
        return datetime.fromisoformat(text).astimezone(ZoneInfo(self.content["time_zone"]))

    def measure(self, value: float | None, unit: str, like: float | None = None) -> tuple[str, str]:
        """Write a number and its unit, lengths and areas in the unit that reads best.

        Parameters
        ----------
        value : float or None
            The number.
        unit : str
            As of a field or figure.
        like : float or None
            The number whose size decides, so that a part reads like its whole.

        Returns
        -------
        tuple of str and str
            Number and name of the unit, which may be empty.
        """
        if value is None or not math.isfinite(value):
            return self.number(value), ""
        size = abs(value if like is None else like)
        if unit == "share":
            return show_share(value), ""
        if unit == "m" and size >= 1000:
            return self.number(value / 1000, 0 if size >= 1e5 else 1), self.say("unit.km")
        if unit == "m²" and size >= 1e5:
            return self.number(value / 1e6, 2 if size < 1e7 else 0), self.say("unit.km²")
        small = size < 10 if unit in ("m", "m²") else size < 1000
        digits = 0 if not small else 1 if unit else 2
        return self.number(value, digits), self.words.get(f"unit.{unit}", unit) if unit else ""

    def quantity(self, value: float | None, unit: str) -> str:
        """Write a number with its unit.

        Parameters
        ----------
        value : float or None
            The number.
        unit : str
            As of a field or figure.

        Returns
        -------
        str
            Both, or the number alone.
        """
        number, name = self.measure(value, unit)
        return self.say("unit.with", number=number, unit=name) if name else number

    def name(self, rows: Rows, row: int) -> str:
        """Say what people call a row.

        Parameters
        ----------
        rows : Rows
            The layer.
        row : int
            Row number.

        Returns
        -------
        str
            Its name or number, else what it is, else its id; a boundary marker's number says that it is one.
        """
        value = rows.get(row, rows.heading)
        if isinstance(value, list):
            return " + ".join(map(str, value)) if value else self.say("value.nobody")
        if value is None or value == "":
            return rows.keys[row]
        if isinstance(value, int | float) and not isinstance(value, bool):
            return f"№ {value:g}"
        name = self.named(rows.fields[rows.heading], value)
        marker = rows.has("kind") and rows.get(row, "kind") == MARKER and name[:1].isdigit()
        return self.say("patrol.marker", **{"from": name}) if marker else name

    def value(self, rows: Rows, row: int, name: str) -> str:
        """Write the value of a row.

        Parameters
        ----------
        rows : Rows
            The layer.
        row : int
            Row number.
        name : str
            Of the field.

        Returns
        -------
        str
            As the board writes it.
        """
        field, raw = rows.fields[name], rows.get(row, name)
        if raw is None or raw == "" or raw == []:
            return self.say("value.missing")
        if isinstance(raw, list):
            return self._listed([self.named(field, one) for one in raw])
        if isinstance(raw, bool):
            return self.say("value.yes" if raw else "value.no")
        if isinstance(raw, int | float):
            return self.quantity(raw, field["unit"])
        return self.day(raw) if field["kind"] in {"date", "date-time"} else self.named(field, raw)

    def named(self, field: Mapping[str, Any], raw: str) -> str:
        """Say what an id or a code stands for.

        Parameters
        ----------
        field : mapping
            Description of the field.
        raw : str
            The id or code.

        Returns
        -------
        str
            A name, or the id itself.
        """
        refers: str = field.get("refers", "")
        for id in REFERRED.get(refers, (refers,)) if refers else ():
            if self.there(id) and (row := self.layer(id).find(str(raw))) >= 0:
                return self.name(self.layer(id), row)
        values = field.get("values") or {}
        return self.title(values[raw]) if raw in values else str(raw)

    def _listed(self, texts: Sequence[str]) -> str:
        shown = self.say("value.comma").join(texts[:SHOWN])
        return self.say("value.more", list=shown, count=len(texts)) if len(texts) > SHOWN else shown
