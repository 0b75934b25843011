"""What a board is made of: themes that colour the map, what can be laid over them, and lists beside it."""

from __future__ import annotations

from collections.abc import Callable, Mapping
from dataclasses import dataclass, field, replace
from typing import TYPE_CHECKING, Literal

from geo.layer import Good, Layer, Title
from maps import words

if TYPE_CHECKING:
    from geo.service import Build

Style = Literal[
    "stations",
    "hubs",
    "posts",
    "outline",
    "divisions",
    "background",
    "names",
    "letters",
    "numbers",
    "defects",
    "dots",
]


@dataclass(frozen=True, slots=True)
class Ranking:
    """A list beside the map: rows of one layer, worst first.

    Parameters
    ----------
    id : str
        Its title is ``list.<id>`` in the words.
    layer : str
        Layer id.
    columns : tuple of str
        Fields shown after the name of the row.
    by : tuple of (str, bool)
        Fields to sort by, and whether downwards; a code sorts by its place among the field's values.
    keep : tuple of (str, tuple of str) or None
        Only rows with one of these codes in this field.
    filters : tuple of str
        Fields with codes by which the reader can narrow the list down, and the map with it.
    stepped : bool
        Whether the reader goes through it one by one, the map following.
    lacking : str or None
        Only rows where this share is known and not the whole.
    """

    id: str
    layer: str
    columns: tuple[str, ...]
    by: tuple[tuple[str, bool], ...]
    keep: tuple[str, tuple[str, ...]] | None = None
    filters: tuple[str, ...] = ()
    stepped: bool = False
    lacking: str | None = None


@dataclass(frozen=True, slots=True)
class Colouring:
    """What a theme colours layers by, where that is not their own measure.

    Parameters
    ----------
    measure : str
        Field with a number.
    breaks : mapping of str to tuple of float
        Class limits of each layer by its id, ascending, at most four: a town has more people than its grids.
    limit : float
        The one break that decides.
    good : {"low", "high"}
        Which way is good.
    """

    measure: str
    breaks: Mapping[str, tuple[float, ...]]
    limit: float
    good: Good

    def of(self, layer: Layer) -> Layer:
        """Give a layer this measure.

        Parameters
        ----------
        layer : Layer
            With the field; one that has no breaks here is a :class:`KeyError`.

        Returns
        -------
        Layer
            The same but for its measure, breaks, limit and good way.
        """
        breaks = self.breaks[layer.id]
        return replace(
            layer, measure=self.measure, breaks=lambda _: breaks, limit=lambda _: self.limit, good=self.good
        )


@dataclass(frozen=True, slots=True)
class Theme:
    """One question that a board answers.

    Parameters
    ----------
    id : str
        Its title is ``theme.<id>`` in the words.
    layers : tuple of str
        What may be coloured; those with a ``level`` field give one view a level.
    weight : str or None
        Field with the people whose density sets the tone of a colour.
    lists : tuple of Ranking
        Lists beside the map.
    counted : str or None
        Field whose sum the legend tells of each class; None = how many rows are in it.
    hourly : bool
        Grids are coloured by their share covered in the chosen hour of the week, which the layer holds.
    week : bool
        Whether the hour of the week can be chosen beside it; stations are then drawn as they are in that hour.
    extra : bool
        Few workspaces have it: where there is nothing to show, nothing is said of it.
    listed : bool
        Its rows are read one by one: all of a layer are one view, also those without ground of their own.
    colouring : Colouring or None
        What is coloured by; None = each layer's own measure.
    group : str
        Themes of one group stand together under ``group.<group>`` of the words; empty = none.
    """

    id: str
    layers: tuple[str, ...]
    weight: str | None = None
    lists: tuple[Ranking, ...] = ()
    counted: str | None = None
    hourly: bool = False
    week: bool = False
    extra: bool = False
    listed: bool = False
    colouring: Colouring | None = None
    group: str = ""

    @property
    def title(self) -> Title:
        """Its name."""
        return words.title(f"theme.{self.id}")


@dataclass(frozen=True, slots=True)
class Toggle:
    """Something that can be laid over the coloured layer.

    Parameters
    ----------
    id : str
        Its title is ``toggle.<id>`` in the words; of the background it is the kind.
    layer : str
        Layer id.
    style : str
        How it is drawn.
    on : bool
        Whether it is there when the board opens.
    themes : tuple of str
        Themes it belongs to; empty = all.
    alone : bool
        Only where nothing can be coloured.
    keep, drop : tuple of (str, tuple of str) or None
        Only rows with one of these codes in this field, or only those without.
    """

    id: str
    layer: str
    style: Style
    on: bool = True
    themes: tuple[str, ...] = ()
    alone: bool = False
    keep: tuple[str, tuple[str, ...]] | None = None
    drop: tuple[str, tuple[str, ...]] | None = None


@dataclass(frozen=True, slots=True)
class Board:
    """A named map for one kind of reader.

    Parameters
    ----------
    id : str
        Also its file name.
    title, audience : Title
        What it is called, and for whom it is made.
    themes : tuple of Theme
        What it answers; the board needs at least one layer of one of them, unless ``always``.
    toggles : tuple of Toggle
        What can be laid over.
    headline : tuple of (str, str or None)
        Ids of figures, most important first, each with the one that stands beside it (a ruler's answer beside
        the network's); the first four that the build has are shown.
    searched : tuple of tuple of str
        Layers whose rows can be found by name, besides the coloured one; of each group the first that is there.
    work : tuple of str
        Layers whose rows are a list of work, most urgent first; the first that is there is taken.
    without : frozenset of str
        Fields that the board never holds, whatever layer has them.
    told : mapping of str to tuple of str
        Of layers with more fields than this reader needs, those that the board holds.
    always : bool
        Whether every workspace has it.
    view : callable or None
        What the board sees in the place of a build: layers of its own, fewer rows, more facts; None = the build.
    compared : bool
        Whether it tells what changed since an earlier build.
    """

    id: str
    title: Title
    audience: Title
    themes: tuple[Theme, ...]
    toggles: tuple[Toggle, ...]
    headline: tuple[tuple[str, str | None], ...] = ()
    searched: tuple[tuple[str, ...], ...] = ()
    work: tuple[str, ...] = ()
    without: frozenset[str] = frozenset()
    told: Mapping[str, tuple[str, ...]] = field(default_factory=dict)
    always: bool = False
    compared: bool = False
    view: Callable[[Build], Build] | None = None

    def seen(self, build: Build) -> Build:
        """Take what the board shows of a build.

        Parameters
        ----------
        build : Build
            A finished build.

        Returns
        -------
        Build
            Something with the same ``workspace``, ``version``, ``report``, ``layers`` and ``frame``.
        """
        return self.view(build) if self.view else build


BORDER_FINDINGS = Ranking(
    "border_findings",
    "border-findings",
    ("length_m", "segment_ids", "marker_from"),
    (("severity", False), ("length_m", True)),
)
DEFECTS = Ranking(
    "defects",
    "fence-defects",
    ("severity", "days_open", "post_id"),
    (("severity", True), ("days_open", True)),
    ("state", ("open",)),
)
