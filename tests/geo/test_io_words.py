"""Every fault that reading can raise has its words."""

from __future__ import annotations

import ast
from pathlib import Path

import geo
from geo.words import keys

RAISED_BY = {
    "Unreadable": 0,
    "note": 0,
    "_fault": 0,
    "Fault": 0,
    "BadCell": 0,
    "_Bad": 0,
    "ValueError": 0,
    "reject": 1,
}


def raised(file: Path) -> set[str]:
    """List the codes that stand as plain text where faults are made."""
    found = set()
    for node in ast.walk(ast.parse(file.read_text(encoding="utf-8"))):
        if not isinstance(node, ast.Call):
            continue
        name = node.func.attr if isinstance(node.func, ast.Attribute) else getattr(node.func, "id", "")
        at = RAISED_BY.get(name)
        if at is not None and len(node.args) > at:
            code = node.args[at]
            if isinstance(code, ast.Constant) and isinstance(code.value, str):
                found.add(code.value)
    return found


def test_every_code_has_words() -> None:
    root = Path(geo.__path__[0])
    files = [*(root / "io").rglob("*.py"), *(root / "tables").glob("*.py"), root / "workspace.py"]
    codes = set().union(*(raised(file) for file in files))
    assert len(codes) > 70
    assert {code for code in codes if f"fault.{code}" not in keys("zh")} == set()
