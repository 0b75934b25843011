"""What changed between two builds of a workspace, as an answer for programs and as lines for people."""

from __future__ import annotations

from collections import Counter
from collections.abc import Collection, Mapping, Sequence
from pathlib import Path
from typing import Any

import pandas as pd

from geo import catalogue, service
from geo.comparison import CHANGES, INCOMPARABLE, compare_figures, compare_rows, differing
from geo.errors import BadParameter
from geo.layer import Layer
from geo.report import show_value
from geo.service import Build
from geo.words import Lang, say
from geo.workspace import Workspace
from maps import popup

WORST = 5  # rows told of a layer
SIDES = ("worse", "better")
TOLD = ("better", "worse", "changed", "new", INCOMPARABLE)  # of figures, as boards count them
FIGURES = ("worse", "better", "changed", "new", "gone", INCOMPARABLE)


def other_build(workspace: Workspace, out: Path | None, wanted: str | None) -> Build:
    """Find the build that the published one is compared with.

    Parameters
    ----------
    workspace : Workspace
        What was built.
    out : Path or None
        Its results folder, None = the workspace's own.
    wanted : str or None
        How a version begins, or a results folder, or a workspace folder with results; None = as
        :func:`geo.builds.build_before` chooses.

    Returns
    -------
    Build
        Of the same workspace.

    Raises
    ------
    BadParameter
        There is no such build, or it is of another workspace.
    """
    if wanted is None:
        now = service.open_build(workspace, out)
        before = service.build_before(now) if now else None
        if before is None:
            raise BadParameter.said("no_build_before")
        return before
    folder = Path(wanted)
    if folder.is_dir():
        folder = folder if (folder / "report.json").is_file() else folder / "out"
        found = service.open_build(workspace, folder.resolve())
    else:
        found = service.open_build(workspace, out, version=wanted)
    if found is None:
        kept = ", ".join(one.version[:8] for one in service.builds(workspace, out))
        raise BadParameter.said("no_build", given=wanted, known=kept or "-")
    if found.report["workspace"] != workspace.id:
        raise BadParameter.said("other_workspace", given=wanted, workspace=found.report["workspace"])
    return found


def figures_changed(before: Build, after: Build) -> dict[str, int]:
    """Count the figures that changed.

    Parameters
    ----------
    before, after : Build
        Of one workspace.

    Returns
    -------
    dict of str to int
        Figures by change, better and worse first; empty when all are the same.
    """
    compared = Counter(one["change"] for one in compare_figures(before.report, after.report, _depends()))
    return {change: compared[change] for change in TOLD if compared[change]}


def kept(workspace: Workspace, out: Path | None) -> list[dict[str, Any]]:
    """List the builds that can be compared.

    Parameters
    ----------
    workspace, out
        As of :func:`other_build`.

    Returns
    -------
    list of dict
        ``version as_of published now``, the published one first.
    """
    now = service.open_build(workspace, out)
    return [
        {
            "version": one.version,
            "as_of": one.report["as_of"],
            "published": one.published.isoformat(timespec="seconds") if one.published else None,
            "now": bool(now and one.version == now.version),
        }
        for one in service.builds(workspace, out)
    ]


def summary(before: Build, after: Build) -> dict[str, Any]:
    """Compare two builds.

    Parameters
    ----------
    before, after : Build
        Of one workspace.

    Returns
    -------
    dict
        ``before`` and ``after`` (version, as_of), ``parameters`` (those that differ: name, before, after),
        ``figures`` (records of :func:`geo.comparison.compare_figures`) and ``layers``: of each that both have and
        that has a measure ``id title why counts worse better``: why it cannot be compared, how many rows changed
        how, and the first few rows by weight × change.
    """
    one, other = (build.report["parameters"] for build in (before, after))
    return {
        "before": {"version": before.version, "as_of": before.report["as_of"]},
        "after": {"version": after.version, "as_of": after.report["as_of"]},
        "parameters": [
            {"name": name, "before": one.get(name), "after": other.get(name)} for name in differing(one, other)
        ],
        "figures": compare_figures(before.report, after.report, _depends()),
        "layers": [_layer(layer, before, after) for layer in _measured(before, after)],
    }


def lines_of(answer: Mapping[str, Any], lang: Lang) -> list[str]:
    """Write a comparison for people.

    Parameters
    ----------
    answer : mapping
        Of :func:`summary`.
    lang : {"zh", "en"}
        The language.

    Returns
    -------
    list of str
        Lines: what is compared, what cannot be, figures that differ, then layers whose rows do.
    """
    lines = [
        say(
            "compare.head",
            lang,
            **{
                f"{name}_{part}": answer[name][part][:10]
                for name in ("before", "after")
                for part in ("version", "as_of")
            },
        )
    ]
    if answer["parameters"]:
        listed = [
            f"{one['name']} {_short(one['before'])} → {_short(one['after'])}" for one in answer["parameters"]
        ]
        lines.append(say("compare.parameters", lang, list="; ".join(listed)))
    figures = [one for change in FIGURES for one in answer["figures"] if one["change"] == change]
    titles = {one["id"]: one["title"][lang] for one in answer["layers"]}
    lines += ["", say("compare.figures", lang, same=len(answer["figures"]) - len(figures))]
    lines += [f"  {_figure(one, titles.get(one['layer'], one['layer']), lang)}" for one in figures]
    changed = [one for one in answer["layers"] if one["why"] or any(one["counts"][code] for code in CHANGES[:-1])]
    lines += ["", say("compare.layers", lang, same=len(answer["layers"]) - len(changed))]
    for one in changed:
        lines += _lines_of_layer(one, lang)
    return lines


def kept_lines(builds: Sequence[Mapping[str, Any]], lang: Lang) -> list[str]:
    """Write the list of builds for people.

    Parameters
    ----------
    builds : sequence of mapping
        Of :func:`kept`.
    lang : {"zh", "en"}
        The language.

    Returns
    -------
    list of str
        One line a build.
    """
    return [
        say(
            "compare.kept_now" if one["now"] else "compare.kept",
            lang,
            version=one["version"][:8],
            as_of=one["as_of"],
            made=(one["published"] or "")[:16].replace("T", " "),
        )
        for one in builds
    ]


def _depends() -> dict[str, Collection[str]]:
    """Parameters that each layer depends on, by its id."""
    return {layer.id: catalogue.params_of(layer) for layer in catalogue.LAYERS}


def _measured(before: Build, after: Build) -> list[Layer]:
    there = {layer.id for layer in before.layers()}
    return [layer for layer in after.layers() if layer.measure and layer.id in there]


def _layer(layer: Layer, before: Build, after: Build) -> dict[str, Any]:
    why = differing(before.report["parameters"], after.report["parameters"], catalogue.params_of(layer))
    made: dict[str, Any] = {"id": layer.id, "title": layer.title.record(), "why": list(why)}
    keys = [next(one for one in build.report["layers"] if one["id"] == layer.id) for build in (before, after)]
    if why or keys[0]["key"] == keys[1]["key"]:
        same = {"same": 0 if why else keys[1]["rows"]}
        return {**made, "counts": {**dict.fromkeys(CHANGES, 0), **same}, "worse": [], "better": []}
    frames = [build.frame(layer.id) for build in (before, after)]
    rows = compare_rows(layer, *frames).sort_values(["score", "key"], ascending=[False, True])
    counts = rows["change"].value_counts()
    name = popup.heading(layer)
    known = {key: value for frame in frames for key, value in zip(frame[layer.key], frame[name], strict=True)}
    first = {code: rows[rows["change"] == code].head(WORST) for code in SIDES}
    return {
        **made,
        "counts": {code: int(counts.get(code, 0)) for code in CHANGES},
        **{code: [_row(layer, row, known) for row in some.to_dict("records")] for code, some in first.items()},
    }


def _row(layer: Layer, row: Mapping[str, Any], known: Mapping[str, Any]) -> dict[str, Any]:
    field = layer.field(str(layer.measure))
    values = {name: popup.plain(field, pd.Series([row[name]]))[0] for name in ("before", "after")}
    weight = row["weight"]
    name = known[row["key"]]
    return {
        "id": row["key"],
        "name": row["key"] if not isinstance(name, str) else name,
        **values,
        "weight": None if weight is None or pd.isna(weight) else float(weight),
    }


def _figure(one: Mapping[str, Any], layer: str, lang: Lang) -> str:
    sign = say(f"compare.{one['change']}", lang)
    before, after = (show_value({**one, "value": one[name]}, lang) for name in ("before", "after"))
    because = f" ({', '.join(one['why'])})" if one["why"] else ""
    return f"{sign} {layer} · {one['title'][lang]}: {before} → {after}{because}"


def _lines_of_layer(one: Mapping[str, Any], lang: Lang) -> list[str]:
    title = one["title"][lang]
    if one["why"]:
        return [f"  {title}: {say('compare.incomparable', lang)} ({', '.join(one['why'])})"]
    counts = [f"{say(f'compare.{code}', lang)} {one['counts'][code]:,}" for code in CHANGES if one["counts"][code]]
    lines = [f"  {title}: {' · '.join(counts)}"]
    layer = catalogue.layer(one["id"])
    told = (
        (code, row, *(_value(layer, row[name], lang) for name in ("before", "after")))
        for code in SIDES
        for row in one[code]
    )
    return [
        *lines,
        *(f"      {say(f'compare.{code}', lang)}: {row['name']} {old} → {new}" for code, row, old, new in told),
    ]


def _value(layer: Layer, value: Any, lang: Lang) -> str:
    field = layer.field(str(layer.measure))
    if value == "inf":
        return say("compare.no_way", lang)
    if field.values and value in field.values:
        return str(getattr(field.values[value], lang))
    if value is None or isinstance(value, str):
        return str(value or say("report.missing", lang))
    return show_value({"value": value, "unit": field.unit}, lang)


def _short(value: Any) -> str:
    text = str(value)
    return text if len(text) <= 30 else f"{text[:29]}…"
