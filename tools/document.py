"""Write the pages that follow from the code: ``docs/layers.md`` and ``docs/tables.md``.

Run ``python tools/document.py``; a test compares the pages with what this would write.
"""

from __future__ import annotations

from collections.abc import Iterable, Sequence
from pathlib import Path

from geo.catalogue import LAYERS
from geo.layer import Field, Layer
from geo.tables import TABLES, Column, Table

DOCS = Path(__file__).parent.parent / "docs"


def layers_page() -> str:
    """Write the data dictionary of all public layers."""
    head = "# Layers · 图层\n\nWritten by `tools/document.py` from the catalogue."
    return "\n\n".join([head, *(_layer(layer) for layer in LAYERS if not layer.private)]) + "\n"


def tables_page() -> str:
    """Write the contracts of all tables."""
    head = (
        "# Tables · 数据表\n\nWritten by `tools/document.py` from the contracts. `*` = required. "
        "The headings in the last column are recognised without being declared."
    )
    return "\n\n".join([head, *(_table_contract(table) for table in TABLES.values())]) + "\n"


def _layer(layer: Layer) -> str:
    needs = ", ".join(f"`{name}`" for name in layer.needs)
    optional = ", ".join(f"`{name}`" for name in layer.optional)
    params = ", ".join(f"`{name}`" for name in layer.params)
    facts = (
        [f"Needs {needs}"]
        + ([f"uses {optional}"] if optional else [])
        + ([f"depends on {params}"] if params else [])
    )
    return "\n\n".join(
        (
            f"## `{layer.id}` · {layer.title.zh} · {layer.title.en}",
            f"{layer.description.zh}\n\n{layer.description.en}",
            "; ".join(facts) + ".",
            _rows(("field", "kind", "unit", "zh", "en"), (_field(field) for field in layer.fields)),
        )
    )


def _field(field: Field) -> Sequence[str]:
    codes = ", ".join(f"`{code}` {title.en}" for code, title in field.values.items())
    meaning = "; ".join(
        part for part in (field.title.en, field.meaning.en if field.meaning else "", codes) if part
    )
    zh = "；".join(part for part in (field.title.zh, field.meaning.zh if field.meaning else "") if part)
    return (f"`{field.name}`", field.kind, field.unit, zh, meaning)


def _table_contract(table: Table) -> str:
    shapes = " or ".join(table.shapes) or "no geometry"
    return "\n\n".join(
        (
            f"## `{table.name}` · {table.title_zh} · {table.title_en}",
            f"Geometry: {shapes}{'' if table.geometry_required else ', may be missing'}."
            + ("" if table.published else " Never published."),
            _rows(("column", "type", "values", "default", "zh"), (_column(column) for column in table.columns)),
        )
    )


def _column(column: Column) -> Sequence[str]:
    limits = [f"≥ {column.minimum:g}"] if column.minimum is not None else []
    limits += [f"≤ {column.maximum:g}"] if column.maximum is not None else []
    allowed = ", ".join(column.values) or " ".join(limits)
    default = "" if column.default is None else str(column.default)
    return (
        f"`{column.name}`{'*' if column.required else ''}",
        column.dtype,
        allowed,
        default,
        " ".join(column.zh),
    )


def _rows(heads: Sequence[str], rows: Iterable[Sequence[str]]) -> str:
    lines = [heads, ["---"] * len(heads), *rows]
    return "\n".join("| " + " | ".join(cell.replace("|", "\\|") for cell in line) + " |" for line in lines)


if __name__ == "__main__":
    (DOCS / "layers.md").write_text(layers_page(), encoding="utf-8")
    (DOCS / "tables.md").write_text(tables_page(), encoding="utf-8")
