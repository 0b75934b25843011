"""The report of one build: figures, findings and faults as plain values, and as a text that people read."""

from __future__ import annotations

from collections import Counter
from collections.abc import Iterable, Mapping, Sequence
from typing import Any, Literal

import geopandas as gpd

from geo.errors import Fault
from geo.layer import Layer
from geo.parameters import Parameters
from geo.tables import TABLES
from geo.words import LANGS, Lang, say, unit_word

Verdict = Literal["PASS", "WARN", "FAIL"]
SEVERITY = "severity"


def layer_record(layer: Layer, frame: gpd.GeoDataFrame, parameters: Parameters) -> dict[str, Any]:
    """Sum one built layer up.

    Parameters
    ----------
    layer : Layer
        The layer.
    frame : geopandas.GeoDataFrame
        What it built.
    parameters : Parameters
        With what it was built.

    Returns
    -------
    dict
        ``id title rows bbox figures``; ``bbox`` is None without geometry.
    """
    bounds = frame.total_bounds if len(frame) else []
    return {
        "id": layer.id,
        "title": layer.title.record(),
        "rows": len(frame),
        "bbox": [round(float(v), 7) for v in bounds] if len(bounds) and bounds[0] == bounds[0] else None,
        "figures": [figure.record() for figure in layer.figures(frame, parameters)],
    }


def unavailable_record(layer: Layer, missing: Sequence[str]) -> dict[str, Any]:
    """Say why a layer is not available.

    Parameters
    ----------
    layer : Layer
        The layer.
    missing : sequence of str
        Tables it lacks.

    Returns
    -------
    dict
        ``id title reason``; tables are called by their titles in Chinese, by their names in English.
    """
    tables = {"zh": "、".join(TABLES[name].title_zh for name in missing), "en": ", ".join(missing)}
    return {
        "id": layer.id,
        "title": layer.title.record(),
        "reason": {lang: say("report.needs", lang, tables=tables[lang]) for lang in LANGS},
    }


def verdict(faults: Iterable[Fault], frames: Mapping[str, gpd.GeoDataFrame]) -> Verdict:
    """Judge data and ground together.

    Parameters
    ----------
    faults : iterable of Fault
        Of the data.
    frames : mapping of str to GeoDataFrame
        Built layers; those with a ``severity`` column count.

    Returns
    -------
    {"PASS", "WARN", "FAIL"}
        FAIL with any error or any finding of severity ``fail``; WARN with any warning; else PASS.
    """
    levels = {fault.level for fault in faults}
    severities = {s for frame in frames.values() if SEVERITY in frame for s in frame[SEVERITY]}
    if "error" in levels or "fail" in severities:
        return "FAIL"
    return "WARN" if "warning" in levels | severities else "PASS"


def markdown(report: Mapping[str, Any]) -> str:
    """Write the report as a text, Chinese first and English after it.

    Parameters
    ----------
    report : mapping
        As in ``report.json``.

    Returns
    -------
    str
        Markdown.
    """
    return "\n\n---\n\n".join(_chapter(report, lang) for lang in LANGS) + "\n"


def _chapter(report: Mapping[str, Any], lang: Lang) -> str:
    sections = (
        f"# {report['title'][lang]}",
        _notes(report, lang),
        _faults(report, lang),
        *(_figures(layer, lang) for layer in report["layers"] if _says_something(layer)),
        _layers(report, lang),
        _tables(report, lang),
    )
    return "\n\n".join(section for section in sections if section)


def _notes(report: Mapping[str, Any], lang: Lang) -> str:
    notice = report["notice"]
    lines = [
        f"**{notice[lang]}**" if notice else "",
        say("report.verdict", lang, verdict=say(f"verdict.{report['verdict']}", lang)),
        say("report.as_of", lang, as_of=report["as_of"], time_zone=report["time_zone"], by=report["made_by"]),
        report["attribution"][lang] if report["attribution"] else "",
        say("report.map_review", lang, number=report["map_review_number"] or "—"),
    ]
    return "  \n".join(line for line in lines if line)


def _faults(report: Mapping[str, Any], lang: Lang) -> str:
    faults = report["faults"]
    if not faults:
        return f"## {say('report.faults', lang)}\n\n{say('report.no_faults', lang)}"
    counts = Counter((f["level"], f["table"], f["problem"][lang]) for f in faults)
    rows = [
        (say(f"level.{level}", lang), table, _cell(problem), str(count))
        for (level, table, problem), count in sorted(counts.items(), key=lambda item: -item[1])
    ]
    heads = [say(f"report.{word}", lang) for word in ("level", "table", "problem", "count")]
    return f"## {say('report.faults', lang)}\n\n" + _table(heads, rows)


def _says_something(layer: Mapping[str, Any]) -> bool:
    """Tell a layer that has figures from one that had nothing to look at, as where one scheme is the only one."""
    return any(figure["value"] is not None for figure in layer["figures"])


def _figures(layer: Mapping[str, Any], lang: Lang) -> str:
    rows = [
        (
            _cell(figure["title"][lang]),
            show_value(figure, lang),
            _ratio(figure, lang),
            _cell(figure["method"][lang]) if figure["method"] else "",
        )
        for figure in layer["figures"]
    ]
    heads = [say(f"report.{word}", lang) for word in ("figure", "value", "ratio", "method")]
    return f"## {layer['title'][lang]}\n\n" + _table(heads, rows)


def _layers(report: Mapping[str, Any], lang: Lang) -> str:
    rows = [(f"`{one['id']}`", one["title"][lang], f"{one['rows']:,}") for one in report["layers"]]
    rows += [(f"`{one['id']}`", one["title"][lang], one["reason"][lang]) for one in report["unavailable"]]
    heads = [say(f"report.{word}", lang) for word in ("layer", "title", "rows")]
    return f"## {say('report.layers', lang)}\n\n" + _table(heads, rows)


def _tables(report: Mapping[str, Any], lang: Lang) -> str:
    rows = [
        (
            one["title"][lang],
            ", ".join(one["files"]),
            f"{one['rows_used']:,} / {one['rows_read']:,}",
            _cell(one["source"]),
            _cell(one["licence"]),
        )
        for one in report["tables"]
    ]
    heads = [say(f"report.{word}", lang) for word in ("table", "files", "rows_used", "source", "licence")]
    return f"## {say('report.tables', lang)}\n\n" + _table(heads, rows)


def show_value(figure: Mapping[str, Any], lang: Lang) -> str:
    """Write a figure's value for people.

    Parameters
    ----------
    figure : mapping
        A :meth:`geo.layer.Figure.record`.
    lang : {"zh", "en"}
        The language.

    Returns
    -------
    str
        A share as :func:`show_share` writes it, thousands separated otherwise; a word when it is missing.
    """
    value = figure["value"]
    if value is None:
        return say("report.missing", lang)
    if figure["unit"] == "share":
        return show_share(value)
    return f"{_number(value)} {unit_word(figure['unit'], lang)}".strip()


def show_share(value: float) -> str:
    """Write a share as percent, never as all or nothing while it is neither.

    Parameters
    ----------
    value : float
        0–1; above 1 where more is done than there is time for.

    Returns
    -------
    str
        With one decimal; with more where one would round to 0 or 100 %, at most to six.

    Examples
    --------
    >>> show_share(0.755), show_share(0.99977), show_share(0.00001), show_share(1.0), show_share(1.638)
    ('75.5%', '99.98%', '0.001%', '100.0%', '163.8%')
    """
    for digits in range(1, 6):
        text = f"{value:.{digits}%}"
        if value in (0, 1) or float(text.rstrip("%")) not in (0.0, 100.0):
            return text
    return f"{value:.6%}"


def _ratio(figure: Mapping[str, Any], lang: Lang) -> str:
    if figure["denominator"] is None:
        return ""
    parts = f"{_number(figure['numerator'])} / {_number(figure['denominator'])}"
    return f"{parts} {unit_word(figure['of'], lang)}".strip()


def _number(value: float) -> str:
    return f"{value:,.0f}" if value == int(value) or abs(value) >= 1000 else f"{value:,.2f}"


def _cell(text: str) -> str:
    return str(text).replace("|", "\\|").replace("\n", " ")


def _table(heads: Sequence[str], rows: Iterable[Sequence[str]]) -> str:
    lines = [heads, ["---"] * len(heads), *rows]
    return "\n".join("| " + " | ".join(line) + " |" for line in lines)
