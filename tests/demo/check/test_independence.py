"""The oracle stands on nothing of ours: what it shares with the product it could not judge."""

import ast
import sys
from pathlib import Path

import pytest

CHECK = Path(__file__).resolve().parents[3] / "demo" / "check"
OUTSIDE = {"httpx", "psycopg", "temporalio"}
EACH_OTHER = {"demo.check.ledger", "demo.check.wanted"}


@pytest.mark.parametrize(
    "module", ["oracle", "issued", "ledger", "wanted", "leaks", "kept", "standing", "notices", "previews"]
)
def test_the_oracle_imports_nothing_of_ours(module: str) -> None:
    tree = ast.parse((CHECK / f"{module}.py").read_text())
    imported = {alias.name for node in ast.walk(tree) if isinstance(node, ast.Import) for alias in node.names}
    imported |= {node.module or "" for node in ast.walk(tree) if isinstance(node, ast.ImportFrom)}
    assert imported
    ours = {
        name
        for name in imported
        if name not in EACH_OTHER and name.split(".")[0] not in OUTSIDE | set(sys.stdlib_module_names)
    }
    assert ours == set()
