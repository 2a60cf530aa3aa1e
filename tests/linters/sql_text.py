"""SQL is never put together from text: values travel as parameters."""

import ast
from collections.abc import Iterator

from tests.linters.source import Offence, SourceFile
from tests.linters.tenancy import OTHER_QUERY_LANGUAGES, RAW_SQL

# A migration's statements carry names of its own tables, never a value from outside; DDL takes no parameters.
WITHOUT_PARAMETERS = ("migrations/versions/",)
TAKES_SQL = frozenset({"text", "exec", "execute", "executemany", "scalar", "scalars", "exec_driver_sql"})


def offences(source: SourceFile) -> Iterator[Offence]:
    if source.is_under(*WITHOUT_PARAMETERS):
        return
    for node in ast.walk(source.tree):
        if isinstance(node, ast.Call) and node.args and _called(node) in TAKES_SQL and _is_composed(node.args[0]):
            yield _offence(source, node.args[0])
        elif not source.is_under(*OTHER_QUERY_LANGUAGES) and _is_composed(node) and RAW_SQL.match(_opening(node)):
            yield _offence(source, node)


def _offence(source: SourceFile, node: ast.AST) -> Offence:
    return source.offence(
        node, "SQL made by an f-string, +, % or format lets a value become code; use SQLAlchemy's select or a parameter"
    )


def _called(call: ast.Call) -> str:
    return call.func.attr if isinstance(call.func, ast.Attribute) else getattr(call.func, "id", "")


def _is_composed(node: ast.AST) -> bool:
    if isinstance(node, ast.JoinedStr):
        return any(isinstance(part, ast.FormattedValue) for part in node.values)
    if isinstance(node, ast.BinOp) and isinstance(node.op, ast.Add | ast.Mod):
        return _is_text(node.left) or _is_text(node.right)
    return isinstance(node, ast.Call) and _called(node) in {"format", "join"} and _is_text(_receiver(node))


def _receiver(call: ast.Call) -> ast.AST:
    return call.func.value if isinstance(call.func, ast.Attribute) else call.func


def _is_text(node: ast.AST) -> bool:
    return isinstance(node, ast.JoinedStr) or (isinstance(node, ast.Constant) and isinstance(node.value, str))


def _opening(node: ast.AST) -> str:
    """The text a composed expression begins with, a placeholder standing for each value."""
    if isinstance(node, ast.JoinedStr):
        return "".join(str(part.value) if isinstance(part, ast.Constant) else "x" for part in node.values)
    if isinstance(node, ast.BinOp):
        return _opening(node.left) + _opening(node.right)
    if isinstance(node, ast.Call):
        return _opening(_receiver(node))
    return str(node.value) if isinstance(node, ast.Constant) else "x"
