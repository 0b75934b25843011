"""What the command prints: in the reader's language, with bars where somebody is looking."""

from __future__ import annotations

import locale
import os
import sys
from collections import Counter
from collections.abc import Iterator, Mapping, Sequence
from contextlib import contextmanager
from typing import Any, Literal

import typer

from geo.errors import DataFault, GridwalkError
from geo.progress import Progress, silent
from geo.words import LANGS, Lang, say

SHOWN = 40  # a screen of faults; all of them are in the JSON and the report
Format = Literal["csv", "xlsx", "geojson", "gpx", "pmtiles"]  # of files that are handed on
LEVELS = ("error", "warning", "info")


def language() -> Lang:
    """Choose the language of what is printed.

    Returns
    -------
    {"zh", "en"}
        From ``GRIDWALK_LANG``, else the system's locale; English when it is neither.
    """
    wanted = os.environ.get("GRIDWALK_LANG") or os.environ.get("LC_ALL") or os.environ.get("LANG") or ""
    return "zh" if (wanted or locale.getlocale()[0] or "").lower().startswith(("zh", "chinese")) else "en"


def tell(key: str, **values: Any) -> None:
    """Print one message.

    Parameters
    ----------
    key : str
        Key of the message in section ``cli``.
    **values : Any
        What its placeholders stand for.
    """
    typer.echo(say(f"cli.{key}", language(), **values))


def both(key: str, **values: Any) -> str:
    """Say one message in both languages, for what cannot be undone.

    Parameters
    ----------
    key : str
        Key of the message in section ``cli``.
    **values : Any
        What its placeholders stand for.

    Returns
    -------
    str
        Two lines.
    """
    return "\n".join(say(f"cli.{key}", lang, **values) for lang in LANGS)


@contextmanager
def told() -> Iterator[None]:
    """Turn an error that the user can mend into its text and exit code 1.

    Yields
    ------
    None
        Run the work inside.
    """
    try:
        yield
    except DataFault as error:
        show_faults([fault.record() for fault in error.faults], err=True)
        raise typer.Exit(1) from error
    except (GridwalkError, OSError) as error:
        problem = error.problem(language()) if isinstance(error, GridwalkError) else error
        typer.echo(say("cli.failed", language(), problem=problem), err=True)
        raise typer.Exit(1) from error


@contextmanager
def bars() -> Iterator[Progress]:
    """Show progress bars on a terminal, nothing elsewhere.

    Yields
    ------
    callable
        To be told of each step.
    """
    if not sys.stderr.isatty():
        yield silent
        return
    from rich.console import Console
    from rich.progress import BarColumn, MofNCompleteColumn, TextColumn, TimeElapsedColumn
    from rich.progress import Progress as Bars

    columns = (TextColumn("{task.description:<22}"), BarColumn(), MofNCompleteColumn(), TimeElapsedColumn())
    with Bars(*columns, console=Console(stderr=True), transient=True) as shown:
        task = shown.add_task("", total=None)

        def progress(step: str, done: int, total: int) -> None:
            shown.update(task, description=step, completed=done, total=total)

        yield progress


def show_faults(faults: Sequence[Mapping[str, Any]], *, err: bool = False) -> None:
    """Print faults, the gravest first, each with where, what and what to do.

    Parameters
    ----------
    faults : sequence of mapping
        Records of :class:`geo.errors.Fault`.
    err : bool
        True = to standard error.
    """
    lang = language()
    ordered = sorted(faults, key=lambda fault: LEVELS.index(fault["level"]))
    for fault in ordered[:SHOWN]:
        where = [fault["file"] or fault["table"]]
        where += [say("cli.row", lang, row=fault["row"])] if fault["row"] is not None else []
        where += [fault["column"]] if fault["column"] else []
        level = say(f"level.{fault['level']}", lang)
        typer.echo(f"{level}: {', '.join(where)}: {fault['problem'][lang]} → {fault['remedy'][lang]}", err=err)
    if len(ordered) > SHOWN:
        typer.echo(say("cli.more", lang, count=len(ordered) - SHOWN), err=err)
    counts = Counter(fault["level"] for fault in faults)
    if counts:
        parts = [f"{say(f'level.{level}', lang)} {counts[level]}" for level in LEVELS if counts[level]]
        typer.echo(" · ".join(parts), err=err)


def show_findings(findings: Mapping[str, Sequence[Mapping[str, Any]]]) -> None:
    """Print how many findings there are, by layer, severity and kind.

    Parameters
    ----------
    findings : mapping of str to sequence of mapping
        Rows by layer id.
    """
    from geo.catalogue import layer

    lang = language()
    for id, rows in findings.items():
        one = layer(id)
        counts = Counter((row["severity"], row["kind"], row.get("cause")) for row in rows)
        typer.echo(f"{getattr(one.title, lang)}: {len(rows)}")
        for (severity, kind, cause), count in sorted(counts.items(), key=str):
            words = [_word(one, name, value, lang) for name, value in (("severity", severity), ("kind", kind))]
            words += [_word(one, "cause", cause, lang)] if cause else []
            typer.echo(f"  {count:>5}  {' · '.join(words)}")


def _word(layer: Any, field: str, value: str, lang: Lang) -> str:
    title = layer.field(field).values.get(value)
    return str(getattr(title, lang)) if title else str(value)
